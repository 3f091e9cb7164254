/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open addressing with linear probing over two arrays: 32-bit hashes (0 = empty) and items.
 * Owns the arrays, not the items. A removal closes the gap by moving later members of the run
 * back, so there are no tombstones; at most 3/4 of the slots are taken.
 */
#include "lib/hash.h"

#include <assert.h>

#include <xxhash.h>

#include "lib/mem.h"

#define HASH_MIN_BITS 3

struct hash {
	hash_equal_fn *equal;
	uint32_t *hashes;
	void **items;
	size_t count;
	unsigned bits; /* 2^bits slots */
};

static uint32_t
stored(uint32_t hash)
{
	return hash ? hash : 1;
}

/* Fibonacci's multiplier spreads hashes that differ in a few bits only. */
static size_t
home_of(const struct hash *h, uint32_t hash)
{
	return (uint32_t)(hash * UINT32_C(0x9e3779b1)) >> (32 - h->bits);
}

static size_t
mask_of(const struct hash *h)
{
	return ((size_t)1 << h->bits) - 1;
}

static void
hash_make_slots(struct hash *h, unsigned bits)
{
	assert(bits < 32);
	h->bits = bits;
	h->hashes = mem_array((size_t)1 << bits, sizeof(*h->hashes));
	h->items = mem_array((size_t)1 << bits, sizeof(*h->items));
}

struct hash *
hash_new(hash_equal_fn *equal)
{
	struct hash *h = mem_zalloc(sizeof(*h));
	h->equal = equal;
	hash_make_slots(h, HASH_MIN_BITS);
	return h;
}

void
hash_free(struct hash *h)
{
	if (!h)
		return;
	mem_free(h->hashes);
	mem_free(h->items);
	mem_free(h);
}

size_t
hash_count(const struct hash *h)
{
	return h->count;
}

/* The slot of key, or the empty slot where its run ends. */
static size_t
hash_seek(const struct hash *h, uint32_t hash, const void *key)
{
	size_t i = home_of(h, hash);
	while (h->hashes[i] && !(h->hashes[i] == hash && h->equal(h->items[i], key)))
		i = (i + 1) & mask_of(h);
	return i;
}

void *
hash_find(const struct hash *h, uint32_t hash, const void *key)
{
	return h->items[hash_seek(h, stored(hash), key)];
}

static void
hash_place(struct hash *h, uint32_t hash, void *item)
{
	size_t i = home_of(h, hash);
	while (h->hashes[i])
		i = (i + 1) & mask_of(h);
	h->hashes[i] = hash;
	h->items[i] = item;
}

static void
hash_resize(struct hash *h, unsigned bits)
{
	struct hash old = *h;
	hash_make_slots(h, bits);
	for (size_t i = 0; i <= mask_of(&old); i++)
		if (old.hashes[i])
			hash_place(h, old.hashes[i], old.items[i]);
	mem_free(old.hashes);
	mem_free(old.items);
}

void
hash_insert(struct hash *h, uint32_t hash, void *item)
{
	assert(item);
	if ((h->count + 1) * 4 > ((size_t)3 << h->bits))
		hash_resize(h, h->bits + 1);
	hash_place(h, stored(hash), item);
	h->count++;
}

void *
hash_remove(struct hash *h, uint32_t hash, const void *key)
{
	size_t hole = hash_seek(h, stored(hash), key), mask = mask_of(h);
	void *item = h->items[hole];
	if (!item)
		return NULL;
	for (size_t i = (hole + 1) & mask; h->hashes[i]; i = (i + 1) & mask) {
		size_t home = home_of(h, h->hashes[i]);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue; /* its home lies behind the hole: it may not go there */
		h->hashes[hole] = h->hashes[i];
		h->items[hole] = h->items[i];
		hole = i;
	}
	h->hashes[hole] = 0;
	h->items[hole] = NULL;
	h->count--;
	return item;
}

/*
 * Walks downwards from an empty slot, once around. A removal of the current item moves only items
 * of the same run from above, which were visited, so none is missed or seen twice. pos holds the
 * start in its upper half and the steps done in its lower half.
 */
void *
hash_next(const struct hash *h, size_t *pos)
{
	size_t mask = mask_of(h);
	size_t start = *pos >> 32, steps = *pos & UINT32_MAX;
	if (!steps)
		while (h->hashes[start])
			start++;
	while (steps++ < mask) {
		size_t i = (start - steps) & mask;
		if (!h->hashes[i])
			continue;
		*pos = start << 32 | steps;
		return h->items[i];
	}
	*pos = start << 32 | (mask + 1);
	return NULL;
}

uint32_t
hash_bytes(uint64_t seed, const void *bytes, size_t len)
{
	return (uint32_t)XXH3_64bits_withSeed(bytes, len, seed);
}
