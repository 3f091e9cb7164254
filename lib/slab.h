/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slabs: many items of one size, addressed by 32-bit indices (half a pointer, and they survive the
 * first chunk's growth, which pointers do not). Index 0 is never given out. Items are
 * not zeroed; chunks begin at a cache line.
 */
#ifndef GREVY_LIB_SLAB_H
#define GREVY_LIB_SLAB_H

#include <stddef.h>
#include <stdint.h>

#define SLAB_CHUNK_BITS 11
#define SLAB_CHUNK      (1u << SLAB_CHUNK_BITS) /* items; the first chunk grows up to it */

struct slab {
	char **chunks;
	uint32_t size;       /* of an item, at least 4 */
	uint32_t used, room; /* items ever used (with the one of index 0), items there is memory for */
	uint32_t free;       /* list through the items' first word; 0: empty */
};

static inline void *
slab_at(const struct slab *s, uint32_t index)
{
	return s->chunks[index >> SLAB_CHUNK_BITS] + (size_t)(index & (SLAB_CHUNK - 1)) * s->size;
}

/* Makes sure that the next slab_get needs no memory, so that pointers to items stay good. */
void slab_reserve(struct slab *s);
uint32_t slab_get(struct slab *s); /* after slab_reserve */
void slab_put(struct slab *s, uint32_t index);
size_t slab_bytes(const struct slab *s);
void slab_clear(struct slab *s); /* gives all memory back */

#endif
