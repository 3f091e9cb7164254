/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/arena: what is allocated stays apart and in place, and a release gives back what came after. */
#include "lib/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/prng.h"
#include "tests/unit/unit.h"

static void
pieces_stay_apart(void)
{
	enum { N = 500 };
	struct arena *a = arena_new(1000);
	struct prng r;
	uint8_t *piece[N];
	size_t size[N];
	prng_seed(&r, 1);
	for (unsigned i = 0; i < N; i++) {
		size[i] = prng_below(&r, i % 50 ? 60 : 5000);
		piece[i] = arena_alloc(a, size[i]);
		CU_ASSERT_EQUAL((uintptr_t)piece[i] % 16, 0);
		memset(piece[i], (int)i, size[i]);
	}
	bool whole = true;
	for (unsigned i = 0; i < N; i++)
		for (size_t k = 0; k < size[i]; k++)
			whole = whole && piece[i][k] == (uint8_t)i;
	CU_ASSERT_TRUE(whole);
	arena_free(a);
}

static void
release_goes_back_to_the_mark(void)
{
	struct arena *a = arena_new(256);
	char *kept = arena_strdup(a, "kept");
	struct arena_mark mark = arena_mark(a);
	void *first = arena_alloc(a, 32);
	for (unsigned i = 0; i < 100; i++)
		arena_alloc(a, 100);
	arena_release(a, mark);
	CU_ASSERT_PTR_EQUAL(arena_alloc(a, 32), first);
	CU_ASSERT_STRING_EQUAL(kept, "kept");
	arena_release(a, mark);
	arena_alloc(a, 10000); /* larger than a chunk */
	arena_release(a, mark);
	CU_ASSERT_PTR_EQUAL(arena_alloc(a, 32), first);
	arena_reset(a);
	struct arena_mark empty = arena_mark(a);
	CU_ASSERT_PTR_NULL(empty.chunk);
	uint8_t *z = arena_zalloc(a, 200);
	CU_ASSERT_EQUAL(z[0] | z[199], 0);
	arena_release(a, empty);
	arena_free(a);
	arena_free(NULL);
}

static void
memory_helpers(void)
{
	char *s = mem_printf("%s-%d", "abc", 42);
	CU_ASSERT_STRING_EQUAL(s, "abc-42");
	mem_free(s);
	s = mem_printf("%s", "");
	CU_ASSERT_STRING_EQUAL(s, "");
	mem_free(s);
	uint32_t *v = mem_array(10, sizeof(*v));
	CU_ASSERT_EQUAL(v[0] | v[9], 0);
	v = mem_realloc(v, 20 * sizeof(*v));
	mem_free(v);
	s = mem_dup("xyz", 4);
	CU_ASSERT_STRING_EQUAL(s, "xyz");
	mem_free(s);
	mem_free(mem_alloc(0));
	mem_free(mem_array(0, 8));
	mem_free(mem_dup(NULL, 0));
	mem_free(NULL);
}

UNIT_TESTS("arena",
	{"pieces stay apart", pieces_stay_apart},
	{"release goes back to the mark", release_goes_back_to_the_mark},
	{"memory helpers", memory_helpers})
