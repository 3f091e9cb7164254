/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arenas: a stack of chunks, the newest first. Owns its chunks and nothing that lies in them.
 * Invariants: every pointer handed out is aligned to 16; a release goes back to a mark taken on
 * the same arena, and marks are released newest first; at most one spare chunk is kept.
 */
#include "lib/arena.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/mem.h"

#define ARENA_ALIGN 16

struct arena_chunk {
	struct arena_chunk *older;
	size_t size; /* octets of data */
	_Alignas(ARENA_ALIGN) uint8_t data[];
};

struct arena {
	struct arena_chunk *top, *spare;
	size_t used; /* of the top chunk */
	size_t chunk_size;
};

struct arena *
arena_new(size_t chunk_size)
{
	struct arena *a = mem_zalloc(sizeof(*a));
	a->chunk_size = chunk_size ? chunk_size : 16384;
	return a;
}

/* Drops the top chunk; keeps it as the spare if it is of the ordinary size. */
static void
arena_pop(struct arena *a)
{
	struct arena_chunk *c = a->top;
	a->top = c->older;
	if (!a->spare && c->size == a->chunk_size)
		a->spare = c;
	else
		mem_free(c);
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	mem_free(a->spare);
	mem_free(a);
}

static void
arena_push(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->spare;
	if (c && size <= c->size) {
		a->spare = NULL;
	} else {
		if (size < a->chunk_size)
			size = a->chunk_size;
		c = mem_alloc(sizeof(*c) + size);
		c->size = size;
	}
	c->older = a->top;
	a->top = c;
	a->used = 0;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	assert(size <= SIZE_MAX / 2);
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (!size)
		size = ARENA_ALIGN;
	if (!a->top || a->top->size < size || a->used > a->top->size - size)
		arena_push(a, size);
	void *p = a->top->data + a->used;
	a->used += size;
	return p;
}

void *
arena_zalloc(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

char *
arena_strdup(struct arena *a, const char *s)
{
	size_t size = strlen(s) + 1;
	return memcpy(arena_alloc(a, size), s, size);
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->top, a->used};
}

void
arena_release(struct arena *a, struct arena_mark mark)
{
	while (a->top && a->top != mark.chunk)
		arena_pop(a);
	a->used = mark.used;
}

void
arena_reset(struct arena *a)
{
	arena_release(a, (struct arena_mark){NULL, 0});
}
