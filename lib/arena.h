/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arenas: memory with one named owner that dies at once. A mark/release pair turns an
 * arena into the scratch space of one input (STYLE rule 7).
 */
#ifndef GREVY_LIB_ARENA_H
#define GREVY_LIB_ARENA_H

#include <stddef.h>

struct arena;
struct arena_mark {
	void *chunk;
	size_t used;
};

struct arena *arena_new(size_t chunk_size); /* 0: 16 KiB */
void arena_free(struct arena *a);
void *arena_alloc(struct arena *a, size_t size); /* aligned to 16, not zeroed */
void *arena_zalloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
struct arena_mark arena_mark(const struct arena *a);
void arena_release(struct arena *a, struct arena_mark mark); /* keeps one chunk for re-use */
void arena_reset(struct arena *a);

#endif
