/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Validation: of what an edit touched, what refers to it, and of everything; both must agree. */
#include "lib/prng.h"
#include "tests/unit/mgmtd_world.h"

static void
expect(struct world *w, size_t count, const char *words)
{
	char first[512];
	size_t n = world_check(w, false, first, sizeof(first));
	CU_ASSERT_EQUAL(n, count);
	CU_ASSERT(!words || strstr(first, words));
	if (n != count || (words && !strstr(first, words)))
		fprintf(stderr, "# %zu errors, first %s\n", n, first);
	size_t all = world_check(w, true, NULL, 0);
	CU_ASSERT_EQUAL(all > 0, count > 0);
}

static void
musts_near_and_far(void)
{
	struct world w;
	world_open(&w);
	world_set(&w, TOP "/low", "9");
	expect(&w, 0, NULL);
	world_set(&w, TOP "/low", "11");
	expect(&w, 1, TOP "/low: low must not exceed high");
	world_set(&w, TOP "/high", "20");
	expect(&w, 0, NULL);
	changes_clear(w.log);
	world_set(&w, TOP "/high", "3"); /* looked at from low, which was not edited */
	expect(&w, 1, TOP "/low: low must not exceed high");
	world_close(&w);
}

static void
references(void)
{
	struct world w;
	world_open(&w);
	world_set(&w, TOP "/user[id='u']/in", "a");
	expect(&w, 1, "refers to 'a', which is not configured");
	world_set(&w, TOP "/group[id='a']", "");
	expect(&w, 0, NULL);
	changes_clear(w.log);
	world_delete(&w, TOP "/group[id='a']");
	expect(&w, 1, TOP "/user[id='u']/in: refers to 'a'");
	world_delete(&w, TOP "/user[id='u']");
	expect(&w, 0, NULL);
	world_close(&w);
}

static void
mandatory_nodes(void)
{
	struct world w;
	world_open(&w);
	world_set(&w, TOP "/on", "");
	expect(&w, 1, TOP "/on/level: is missing");
	world_set(&w, TOP "/on/level", "2");
	expect(&w, 0, NULL);
	changes_clear(w.log);
	world_delete(&w, TOP "/on/level");
	expect(&w, 1, TOP "/on/level: is missing");
	world_delete(&w, TOP "/on");
	world_set(&w, TOP "/group[id='a']/beta/part[n='1']", "");
	expect(&w, 1, "/part[n='1']/w: is missing");
	world_close(&w);
}

static void
unique_and_when_by_the_full_pass(void)
{
	struct world w;
	world_open(&w);
	world_set(&w, TOP "/port[n='1']/where", "x");
	expect(&w, 0, NULL);
	changes_clear(w.log);
	world_set(&w, TOP "/port[n='2']/where", "x");
	expect(&w, 1, NULL);
	world_delete(&w, TOP "/port[n='2']");
	world_set(&w, TOP "/kind", "blue");
	world_set(&w, TOP "/extra", "e");
	expect(&w, 0, NULL);
	changes_clear(w.log);
	world_set(&w, TOP "/kind", "red");
	expect(&w, 1, TOP "/extra: is only allowed when");
	CU_ASSERT_PTR_NOT_NULL(store_find(w.s, TOP "/extra"));
	world_close(&w);
}

static void
all_errors_at_once_with_the_edit_to_blame(void)
{
	struct world w;
	struct edits e = {0};
	struct errors errors = {0};
	world_open(&w);
	edits_add(&e, true, TOP "/low", "200");
	edits_add(&e, true, TOP "/name", "fine");
	edits_add(&e, true, TOP "/kind", "green");
	CU_ASSERT_FALSE(edits_make(&e, w.s, false, false, w.log, &errors));
	CU_ASSERT_EQUAL(errors.count, 2);
	CU_ASSERT_EQUAL(errors.rows[0].origin, 1);
	CU_ASSERT_EQUAL(errors.rows[1].origin, 3);
	errors_free(&errors);
	edits_free(&e);
	CU_ASSERT(store_apply(w.s, w.log, false));
	changes_clear(w.log);

	edits_add(&e, true, TOP "/name", "fine");
	edits_add(&e, true, TOP "/on", "");
	edits_add(&e, true, TOP "/low", "11");
	edits_add(&e, true, TOP "/user[id='u']/in", "nobody");
	CU_ASSERT(edits_make(&e, w.s, false, false, w.log, &errors));
	CU_ASSERT_FALSE(validate(w.s, w.log, false, &errors));
	CU_ASSERT_EQUAL(errors.count, 3);
	bool blamed[5] = {false};
	for (size_t i = 0; i < errors.count; i++)
		if (errors.rows[i].origin < 5)
			blamed[errors.rows[i].origin] = true;
	CU_ASSERT(blamed[2] && blamed[3] && blamed[4] && !blamed[1]);
	CU_ASSERT(edits_drop(&e, &errors));
	CU_ASSERT(!e.rows[0].dropped && e.rows[1].dropped && e.rows[2].dropped && e.rows[3].dropped);
	errors_free(&errors);
	edits_free(&e);
	world_close(&w);
}

/* On random changes of a good tree, the short way and libyang's full way say the same. */
static void
incremental_agrees_with_full(void)
{
	static const char *const edits[][2] = {
		{TOP "/low", "9"}, {TOP "/low", "12"}, {TOP "/high", "4"}, {TOP "/high", "30"}, {TOP "/on", ""},
		{TOP "/on/level", "3"}, {TOP "/group[id='a']", ""}, {TOP "/group[id='b']/rank", "4"},
		{TOP "/user[id='x']/in", "a"}, {TOP "/user[id='y']/in", "b"}, {TOP "/kind", "blue"},
		{TOP "/extra", "q"}, {TOP "/port[n='1']/where", "here"}, {TOP "/port[n='2']/where", "here"},
		{TOP "/group[id='a']/beta/part[n='1']/w", "2"}, {TOP "/group[id='a']/beta/part[n='1']", ""},
	};
	struct world w;
	struct prng r;
	unsigned good = 0, bad = 0;
	world_open(&w);
	prng_seed(&r, 99);
	for (unsigned round = 0; round < 3000; round++) {
		changes_clear(w.log);
		for (unsigned i = 0, n = 1 + prng_below(&r, 3); i < n; i++) {
			const char *const *e = edits[prng_below(&r, sizeof(edits) / sizeof(edits[0]))];
			if (prng_below(&r, 2))
				world_set(&w, e[0], e[1]);
			else
				world_delete(&w, e[0]);
		}
		struct errors errors = {0};
		bool quick = validate(w.s, w.log, false, &errors);
		errors_free(&errors);
		struct store *copy = store_dup(w.s);
		bool full = lyd_validate_all(&copy->tree, yangdb_ctx(w.db), LYD_VALIDATE_NO_STATE, NULL) == LY_SUCCESS &&
			!store_find(copy, TOP "/extra") == !store_find(w.s, TOP "/extra");
		ly_err_clean(yangdb_ctx(w.db), NULL);
		store_free(copy);
		CU_ASSERT_EQUAL(quick, full);
		if (quick != full)
			fprintf(stderr, "# round %u: %d %d, %s\n", round, quick, full,
				w.log->count ? w.log->rows[0]->path : "");
		good += quick;
		bad += !quick;
		if (!quick)
			CU_ASSERT(store_apply(w.s, w.log, false));
	}
	CU_ASSERT(good > 300 && bad > 300);
	world_close(&w);
}

UNIT_TESTS("mgmtd validate", {"musts near and far", musts_near_and_far}, {"references", references},
	{"mandatory nodes", mandatory_nodes}, {"unique and when by the full pass", unique_and_when_by_the_full_pass},
	{"all errors at once, with the edit to blame", all_errors_at_once_with_the_edit_to_blame},
	{"incremental agrees with full", incremental_agrees_with_full})
