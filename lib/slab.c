/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slabs of items by index. Owns the chunks. Memory is given back by slab_clear only: a table that
 * was large once will be again.
 */
#include "lib/slab.h"

#include <assert.h>
#include <string.h>

#include "lib/mem.h"

#define SLAB_FIRST 4u  /* items at the beginning */
#define SLAB_ALIGN 64 /* a cache line */

/* The first chunk doubles until it is as large as the others. */
static void
slab_grow_first(struct slab *s)
{
	uint32_t room = s->room ? s->room * 2 : SLAB_FIRST;
	char *chunk = mem_aligned(SLAB_ALIGN, (size_t)room * s->size);
	if (s->room) {
		memcpy(chunk, s->chunks[0], (size_t)s->used * s->size);
		mem_free(s->chunks[0]);
	} else {
		s->chunks = mem_zalloc(sizeof(*s->chunks));
		s->used = 1;
	}
	s->chunks[0] = chunk;
	s->room = room;
}

void
slab_reserve(struct slab *s)
{
	if (s->free || s->used < s->room)
		return;
	assert(s->room <= UINT32_MAX / 2 - SLAB_CHUNK);
	if (s->room < SLAB_CHUNK) {
		slab_grow_first(s);
		return;
	}
	size_t chunk = s->room >> SLAB_CHUNK_BITS;
	s->chunks = mem_realloc(s->chunks, (chunk + 1) * sizeof(*s->chunks));
	s->chunks[chunk] = mem_aligned(SLAB_ALIGN, (size_t)SLAB_CHUNK * s->size);
	s->room += SLAB_CHUNK;
}

uint32_t
slab_get(struct slab *s)
{
	uint32_t index = s->free;
	if (!index) {
		assert(s->used < s->room);
		return s->used++;
	}
	memcpy(&s->free, slab_at(s, index), sizeof(s->free));
	return index;
}

void
slab_put(struct slab *s, uint32_t index)
{
	memcpy(slab_at(s, index), &s->free, sizeof(s->free));
	s->free = index;
}

static size_t
slab_chunks(const struct slab *s)
{
	return ((size_t)s->room + SLAB_CHUNK - 1) >> SLAB_CHUNK_BITS;
}

size_t
slab_bytes(const struct slab *s)
{
	return (size_t)s->room * s->size + slab_chunks(s) * sizeof(*s->chunks);
}

void
slab_clear(struct slab *s)
{
	for (size_t i = 0; i < slab_chunks(s); i++)
		mem_free(s->chunks[i]);
	mem_free(s->chunks);
	*s = (struct slab){.size = s->size};
}
