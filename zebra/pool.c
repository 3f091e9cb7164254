/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool: chunks of equal objects and a list of free ones threaded through them. Chunks are kept
 * until the pool goes; a table that shrank is expected to grow again.
 */
#include "zebra/pool.h"

#include <assert.h>
#include <string.h>

#include "lib/mem.h"

#define CHUNK_BYTES 65536

struct pool_chunk {
	struct pool_chunk *next;
	_Alignas(16) unsigned char bytes[];
};

struct pool_free {
	struct pool_free *next;
};

struct pool {
	size_t size, count, bytes;
	struct pool_chunk *chunks;
	struct pool_free *free;
	unsigned char *fresh, *fresh_end; /* never used part of the newest chunk */
};

struct pool *
pool_new(size_t object_size)
{
	struct pool *p = mem_zalloc(sizeof(*p));
	size_t align = _Alignof(void *);
	p->size = (object_size + align - 1) / align * align;
	assert(p->size >= sizeof(struct pool_free) && p->size <= CHUNK_BYTES / 16);
	return p;
}

void
pool_free(struct pool *p)
{
	if (!p)
		return;
	while (p->chunks) {
		struct pool_chunk *next = p->chunks->next;
		mem_free(p->chunks);
		p->chunks = next;
	}
	mem_free(p);
}

static void
pool_grow(struct pool *p)
{
	struct pool_chunk *c = mem_alloc(CHUNK_BYTES);
	size_t room = (CHUNK_BYTES - sizeof(*c)) / p->size * p->size;
	c->next = p->chunks;
	p->chunks = c;
	p->fresh = c->bytes;
	p->fresh_end = c->bytes + room;
	p->bytes += CHUNK_BYTES;
}

void *
pool_get(struct pool *p)
{
	void *o = p->free;
	p->count++;
	if (o) {
		p->free = p->free->next;
	} else {
		if (p->fresh == p->fresh_end)
			pool_grow(p);
		o = p->fresh;
		p->fresh += p->size;
	}
	memset(o, 0, p->size);
	return o;
}

void
pool_put(struct pool *p, void *object)
{
	struct pool_free *f = object;
	assert(p->count);
	p->count--;
	f->next = p->free;
	p->free = f;
}

size_t
pool_count(const struct pool *p)
{
	return p->count;
}

size_t
pool_bytes(const struct pool *p)
{
	return p->bytes;
}
