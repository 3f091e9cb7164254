/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/hash: against a plain array, with colliding hashes, and removal during a walk. */
#include "lib/hash.h"

#include <string.h>

#include "lib/prng.h"
#include "tests/unit/unit.h"

#define ITEMS 2000

struct item {
	unsigned key;
	bool in;
};

static bool
item_equal(const void *item, const void *key)
{
	return ((const struct item *)item)->key == *(const unsigned *)key;
}

/* Few distinct hashes make long runs; zero must be as good as any. */
static uint32_t
weak(unsigned key, unsigned classes)
{
	return key % classes * 0x10000000u;
}

static void
play(unsigned classes, uint64_t seed)
{
	static struct item items[ITEMS];
	struct hash *h = hash_new(item_equal);
	struct prng r;
	size_t count = 0;
	bool good = true;
	prng_seed(&r, seed);
	memset(items, 0, sizeof(items));
	for (unsigned n = 0; n < 20000 && good; n++) {
		struct item *it = &items[prng_below(&r, classes < 16 ? 200 : ITEMS)];
		it->key = (unsigned)(it - items);
		uint32_t hash = weak(it->key, classes);
		good = hash_find(h, hash, &it->key) == (it->in ? it : NULL);
		if (it->in)
			good = good && hash_remove(h, hash, &it->key) == it;
		else
			hash_insert(h, hash, it);
		it->in = !it->in;
		count = it->in ? count + 1 : count - 1;
		good = good && hash_count(h) == count;
	}
	for (unsigned i = 0; i < ITEMS && good; i++)
		good = hash_find(h, weak(i, classes), &i) == (items[i].in ? &items[i] : NULL);
	CU_ASSERT_TRUE(good);
	hash_free(h);
}

static void
follows_the_model(void)
{
	play(1000003, 1);
	play(7, 2);
	play(1, 3);
}

/* Each item is met exactly once, whatever is removed on the way. */
static void
removal_during_a_walk(void)
{
	static struct item items[ITEMS];
	static unsigned met[ITEMS];
	for (unsigned round = 0; round < 40; round++) {
		struct hash *h = hash_new(item_equal);
		struct prng r;
		prng_seed(&r, round);
		unsigned n = 1 + prng_below(&r, ITEMS), classes = round % 2 ? 50 : 100003, kept = 0;
		memset(met, 0, sizeof(met));
		for (unsigned i = 0; i < n; i++) {
			items[i] = (struct item){i, true};
			hash_insert(h, weak(i, classes), &items[i]);
		}
		struct item *it;
		for (size_t pos = 0; (it = hash_next(h, &pos));) {
			met[it->key]++;
			if (prng_below(&r, 3))
				hash_remove(h, weak(it->key, classes), &it->key);
			else
				kept++;
		}
		bool once = true;
		for (unsigned i = 0; i < n; i++)
			once = once && met[i] == 1;
		CU_ASSERT_TRUE(once);
		CU_ASSERT_EQUAL(hash_count(h), kept);
		hash_free(h);
	}
}

static void
an_empty_table_walks_nowhere(void)
{
	struct hash *h = hash_new(item_equal);
	size_t pos = 0;
	CU_ASSERT_PTR_NULL(hash_next(h, &pos));
	CU_ASSERT_PTR_NULL(hash_next(h, &pos));
	hash_free(h);
	hash_free(NULL);
}

static void
bytes_hash_by_content_and_seed(void)
{
	CU_ASSERT_EQUAL(hash_bytes(1, "abcdef", 6), hash_bytes(1, "abcdefg", 6));
	CU_ASSERT_NOT_EQUAL(hash_bytes(1, "abcdef", 6), hash_bytes(2, "abcdef", 6));
	CU_ASSERT_NOT_EQUAL(hash_bytes(1, "abcdef", 6), hash_bytes(1, "abcdeg", 6));
}

UNIT_TESTS("hash",
	{"follows the model", follows_the_model},
	{"removal during a walk", removal_during_a_walk},
	{"an empty table walks nowhere", an_empty_table_walks_nowhere},
	{"bytes hash by content and seed", bytes_hash_by_content_and_seed})
