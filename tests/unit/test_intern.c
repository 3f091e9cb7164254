/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/intern: equal contents have one address, references are counted, ids come back. */
#include "lib/intern.h"

#include <string.h>

#include "tests/unit/unit.h"

static void
equal_contents_have_one_address(void)
{
	struct intern_table *t = intern_new(1, NULL, NULL);
	const void *a = intern_get(t, "hello", 5), *b = intern_get(t, "hello", 5);
	const void *c = intern_get(t, "hell", 4), *none = intern_get(t, "", 0);
	CU_ASSERT_PTR_EQUAL(a, b);
	CU_ASSERT_PTR_NOT_EQUAL(a, c);
	CU_ASSERT_EQUAL(intern_refs(a), 2);
	CU_ASSERT_EQUAL(intern_len(a), 5);
	CU_ASSERT_EQUAL(intern_len(none), 0);
	CU_ASSERT_EQUAL(memcmp(a, "hello", 5), 0);
	CU_ASSERT_EQUAL((uintptr_t)a % 16, 0);
	CU_ASSERT_EQUAL(intern_count(t), 3);
	intern_unref(t, NULL);
	intern_unref(t, a);
	CU_ASSERT_EQUAL(intern_count(t), 3);
	intern_unref(t, b);
	CU_ASSERT_EQUAL(intern_count(t), 2);
	intern_free(t); /* with what is left */
}

static void
ids_are_small_and_unique(void)
{
	enum { N = 500 };
	struct intern_table *t = intern_new(2, NULL, NULL);
	const void *v[N];
	static uint8_t used[2 * N];
	for (unsigned round = 0; round < 5; round++) {
		memset(used, 0, sizeof(used));
		for (unsigned i = 0; i < N; i++) {
			unsigned key = round * 10000 + i;
			v[i] = intern_get(t, &key, sizeof(key));
			CU_ASSERT_FATAL(intern_id(v[i]) <= N);
			CU_ASSERT_EQUAL(used[intern_id(v[i])]++, 0);
		}
		for (unsigned i = 0; i < N; i++)
			intern_unref(t, v[(i * 7 + round) % N]);
		CU_ASSERT_EQUAL(intern_count(t), 0);
	}
	intern_free(t);
}

struct owner {
	struct intern_table *t;
	unsigned released;
};

struct pair {
	const void *left, *right;
};

/* Values of 16 octets are pairs that hold references to values of the same table. */
static void
release_pair(void *owner, const void *value)
{
	struct owner *o = owner;
	o->released++;
	if (intern_len(value) != sizeof(struct pair))
		return;
	const struct pair *p = value;
	intern_unref(o->t, p->left);
	intern_unref(o->t, p->right);
}

static void
releases_cascade(void)
{
	struct owner o = {0};
	o.t = intern_new(3, release_pair, &o);
	const void *a = intern_get(o.t, "a", 1), *b = intern_get(o.t, "b", 1);
	struct pair p = {a, b};
	const void *pair = intern_get(o.t, &p, sizeof(p));
	CU_ASSERT_EQUAL(intern_count(o.t), 3);
	intern_unref(o.t, pair);
	CU_ASSERT_EQUAL(o.released, 3);
	CU_ASSERT_EQUAL(intern_count(o.t), 0);

	p.left = intern_get(o.t, "a", 1);
	p.right = intern_ref(p.left);
	intern_get(o.t, &p, sizeof(p));
	o.released = 0;
	intern_free(o.t); /* each value is released once, in any order */
	CU_ASSERT_EQUAL(o.released, 2);
}

UNIT_TESTS("intern",
	{"equal contents have one address", equal_contents_have_one_address},
	{"ids are small and unique", ids_are_small_and_unique},
	{"releases cascade", releases_cascade})
