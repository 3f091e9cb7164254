/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits on a tree, their net changes, taking them back, comparing trees, the daemons' edits. */
#include "lib/prng.h"
#include "tests/unit/mgmtd_world.h"

static void
sets_and_defaults(void)
{
	struct world w;
	world_open(&w);
	CU_ASSERT(store_is_empty(w.s));
	CU_ASSERT(world_set(&w, TOP "/name", "abc"));
	CU_ASSERT(world_set(&w, TOP "/high", "50"));
	CU_ASSERT(world_set(&w, TOP "/high", "10")); /* its default: as if it had not been set */
	CU_ASSERT(world_is(&w, "{\"grevy-test:top\":{\"name\":\"abc\"}}"));
	CU_ASSERT_EQUAL(changes_net(w.log), 1);
	CU_ASSERT(world_delete(&w, TOP "/name"));
	CU_ASSERT_EQUAL(changes_net(w.log), 0);
	CU_ASSERT(store_is_empty(w.s));
	CU_ASSERT_STRING_EQUAL(world_value(&w, TOP "/high"), "10");
	world_close(&w);
}

static void
refuses_with_words(void)
{
	static const struct {
		const char *path, *value, *words;
	} bad[] = {
		{TOP "/low", "200", "expected: a number from 1 to 100"},
		{TOP "/low", "many", "expected: a number from 1 to 100"},
		{TOP "/kind", "green", "expected: one of red, blue"},
		{TOP "/name", "", "expected: 1 to 8 characters"},
		{TOP "/group[id='a']/rank", "300", "expected: a number from 0 to 255"},
		{TOP "/group[id='a']/beta/part[n='x']/w", "1", ""},
		{TOP "/nothing", "1", ""},
		{TOP "/name", "a\xc4", "no UTF-8"},
		{TOP "/name", "a\xed\xa0\x80", "no UTF-8"},
		{TOP "/name", "\xc0\x80", "no UTF-8"},
		{TOP "/name", "a\x01", "control character"},
		{TOP "/group[id='\xff']", "", "no UTF-8"},
		{"top/low", "1", "not a data path"},
		{TOP "/group[id=", "", "not a data path"},
		{TOP "/group[id='a]", "", "not a data path"},
		{TOP "/group[1]/rank", "1", "not a data path"},
		{TOP "//low", "1", "not a data path"},
		{TOP "/low/", "1", "not a data path"},
		{TOP "/group[id='a'", "", ""},
		{TOP "/group", "", ""},
		{"", "", ""},
	};
	struct world w;
	world_open(&w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *why = store_set(w.s, bad[i].path, bad[i].value, w.log, 1);
		CU_ASSERT_PTR_NOT_NULL(why);
		if (!why || !strstr(why, bad[i].words)) {
			fprintf(stderr, "# %s: %s\n", bad[i].path, why ? why : "taken");
			CU_ASSERT(why && strstr(why, bad[i].words));
		}
		mem_free(why);
	}
	CU_ASSERT(store_is_empty(w.s));
	CU_ASSERT_EQUAL(changes_net(w.log), 0);
	world_close(&w);
}

static void
entries_and_what_is_below(void)
{
	struct world w;
	world_open(&w);
	CU_ASSERT(world_set(&w, TOP "/group[id='a']/beta/part[n='3']/w", "9"));
	CU_ASSERT_EQUAL(changes_net(w.log), 3); /* group, part, w */
	CU_ASSERT_STRING_EQUAL(world_value(&w, TOP "/group[id='a']/beta/cost"), "20");
	CU_ASSERT(world_set(&w, TOP "/group[id='a']/id", "a"));
	CU_ASSERT_FALSE(world_set(&w, TOP "/group[id='a']/id", "b"));
	CU_ASSERT_FALSE(world_delete(&w, TOP "/group[id='a']/id"));
	CU_ASSERT(world_set(&w, TOP "/group[id='b']/id", "b"));
	CU_ASSERT(world_delete(&w, TOP "/group"));
	CU_ASSERT(store_is_empty(w.s));
	CU_ASSERT_EQUAL(changes_net(w.log), 0);
	char *why = store_delete(w.s, TOP "/group[id='a']", true, w.log, 1);
	CU_ASSERT_PTR_NOT_NULL(why);
	mem_free(why);
	world_close(&w);
}

static void
containers_are_emptied(void)
{
	struct world w;
	world_open(&w);
	CU_ASSERT(world_set(&w, TOP "/box/inside", "5"));
	CU_ASSERT(world_set(&w, TOP "/box/free", "x"));
	CU_ASSERT(world_delete(&w, TOP "/box"));
	CU_ASSERT(store_is_empty(w.s));
	CU_ASSERT_STRING_EQUAL(world_value(&w, TOP "/box/inside"), "99");
	CU_ASSERT(world_set(&w, TOP "/tag[.='x y']", "x y"));
	CU_ASSERT(world_set(&w, TOP "/tag[.='z']", NULL));
	CU_ASSERT(world_is(&w, "{\"grevy-test:top\":{\"tag\":[\"x y\",\"z\"]}}"));
	CU_ASSERT(world_delete(&w, TOP "/tag[.='x y']"));
	CU_ASSERT(world_is(&w, "{\"grevy-test:top\":{\"tag\":[\"z\"]}}"));
	world_close(&w);
}

static void
cases_drive_each_other_out(void)
{
	struct world w;
	world_open(&w);
	CU_ASSERT_STRING_EQUAL(world_value(&w, TOP "/speed"), "3");
	CU_ASSERT(world_set(&w, TOP "/speed", "8"));
	CU_ASSERT(world_set(&w, TOP "/colour", "red"));
	CU_ASSERT_PTR_NULL(world_value(&w, TOP "/speed"));
	CU_ASSERT(world_is(&w, "{\"grevy-test:top\":{\"colour\":\"red\"}}"));
	CU_ASSERT_EQUAL(changes_net(w.log), 1); /* speed came and went */
	struct store *copy = store_dup(w.s);
	CU_ASSERT(store_apply(copy, w.log, false));
	CU_ASSERT(store_is_empty(copy));
	store_free(copy);
	world_close(&w);
}

/* --- random edits against a fresh tree -------------------------------------------------------------- */

static void
random_edit(struct prng *r, struct world *w)
{
	static const char *const groups[] = {"a", "b", "c"};
	const char *g = groups[prng_below(r, 3)];
	char path[128], value[16];
	snprintf(value, sizeof(value), "%u", (unsigned)prng_below(r, 12) + 1);
	switch (prng_below(r, 8)) {
	case 0:
		snprintf(path, sizeof(path), TOP "/group[id='%s']", g);
		break;
	case 1:
		snprintf(path, sizeof(path), TOP "/group[id='%s']/rank", g);
		break;
	case 2:
		snprintf(path, sizeof(path), TOP "/group[id='%s']/beta/part[n='%u']/w", g, (unsigned)prng_below(r, 3));
		break;
	case 3:
		snprintf(path, sizeof(path), TOP "/group[id='%s']/beta", g);
		break;
	case 4:
		snprintf(path, sizeof(path), "%s", prng_below(r, 2) ? TOP "/speed" : TOP "/depth");
		break;
	case 5:
		snprintf(path, sizeof(path), "%s", prng_below(r, 2) ? TOP "/on" : TOP "/on/level");
		break;
	case 6:
		snprintf(path, sizeof(path), TOP "/tag[.='%s']", g);
		break;
	default:
		snprintf(path, sizeof(path), "%s", prng_below(r, 2) ? TOP "/low" : TOP "/box/inside");
		break;
	}
	bool good = prng_below(r, 3) ? world_set(w, path, value) : world_delete(w, path);
	CU_ASSERT(good);
}

static char *
sorted_content(const struct store *s)
{
	struct changes *c = changes_new();
	char *text = mem_strdup("");
	store_content(s, c);
	for (const char *last = "";;) { /* in order of path: trees may differ in the order of entries */
		const struct change *best = NULL;
		for (size_t i = 0; i < c->count; i++)
			if (strcmp(c->rows[i]->path, last) > 0 && (!best || strcmp(c->rows[i]->path, best->path) < 0))
				best = c->rows[i];
		if (!best)
			break;
		char *more = mem_printf("%s%s=%s\n", text, best->path, best->new);
		mem_free(text);
		text = more;
		last = best->path;
	}
	changes_free(c);
	return text;
}

/* For any edits: back by the changes gives the old tree, forward by them or by a diff the new one. */
static void
changes_go_both_ways(void)
{
	struct prng r;
	prng_seed(&r, 20261122);
	for (unsigned round = 0; round < 200; round++) {
		struct world w;
		world_open(&w);
		for (unsigned i = 0; i < 15; i++)
			random_edit(&r, &w);
		struct store *old = store_dup(w.s);
		char *was = sorted_content(old);
		changes_clear(w.log);
		for (unsigned i = 0; i < 15; i++)
			random_edit(&r, &w);
		char *is = sorted_content(w.s);

		struct store *forward = store_dup(old), *back = store_dup(w.s), *by_diff = store_dup(old);
		struct changes *diff = changes_new();
		CU_ASSERT(store_apply(forward, w.log, true));
		CU_ASSERT(store_apply(back, w.log, false));
		store_diff(old, w.s, diff);
		CU_ASSERT_EQUAL(changes_net(diff), changes_net(w.log));
		CU_ASSERT(store_apply(by_diff, diff, true));
		char *f = sorted_content(forward), *b = sorted_content(back), *d = sorted_content(by_diff);
		CU_ASSERT_STRING_EQUAL(f, is);
		CU_ASSERT_STRING_EQUAL(b, was);
		CU_ASSERT_STRING_EQUAL(d, is);

		/* printed and parsed it is the same tree, with the same defaults */
		char *json = store_print(w.s, false), *all = store_print(w.s, true), *error = NULL;
		struct store *parsed = store_parse(w.db, json, &error);
		CU_ASSERT_PTR_NOT_NULL_FATAL(parsed);
		char *json2 = store_print(parsed, false);
		CU_ASSERT_STRING_EQUAL(json, json2);
		struct changes *none = changes_new();
		store_diff(parsed, w.s, none);
		CU_ASSERT_EQUAL(changes_net(none), 0);
		changes_free(none);
		store_free(parsed);
		mem_free(json);
		mem_free(json2);
		mem_free(all);
		changes_free(diff);
		store_free(forward);
		store_free(back);
		store_free(by_diff);
		store_free(old);
		mem_free(f);
		mem_free(b);
		mem_free(d);
		mem_free(is);
		mem_free(was);
		world_close(&w);
	}
}

/* --- effects ------------------------------------------------------------------------------------ */

static bool
has_effect(const struct effects *e, struct yangdb *db, const char *owner, bool set, const char *path,
	const char *value)
{
	unsigned o = yangdb_owner(db, owner);
	for (size_t i = 0; i < e->of[o].count; i++)
		if (e->of[o].rows[i].set == set && !strcmp(e->of[o].rows[i].path, path) &&
			!strcmp(e->of[o].rows[i].value, value))
			return true;
	return false;
}

static void
effects_spell_defaults_out(void)
{
	struct world w;
	struct effects e;
	world_open(&w);
	unsigned alpha = yangdb_owner(w.db, "alpha"), beta = yangdb_owner(w.db, "beta");
	world_set(&w, TOP "/group[id='a']/rank", "2");
	effects_init(&e);
	effects_of_changes(&e, w.s, w.log);
	CU_ASSERT_EQUAL(e.of[alpha].count, 2);
	CU_ASSERT(has_effect(&e, w.db, "alpha", true, TOP "/group[id='a']", ""));
	CU_ASSERT(has_effect(&e, w.db, "alpha", true, TOP "/group[id='a']/rank", "2"));
	CU_ASSERT_EQUAL(e.of[beta].count, 1);
	CU_ASSERT(has_effect(&e, w.db, "beta", true, TOP "/group[id='a']/beta/cost", "20"));
	effects_free(&e);

	changes_clear(w.log);
	world_delete(&w, TOP "/group[id='a']/rank");
	effects_init(&e);
	effects_of_changes(&e, w.s, w.log);
	CU_ASSERT_EQUAL(e.of[alpha].count, 1);
	CU_ASSERT(has_effect(&e, w.db, "alpha", true, TOP "/group[id='a']/rank", "1"));
	CU_ASSERT_EQUAL(e.of[beta].count, 0);
	effects_free(&e);

	world_set(&w, TOP "/group[id='a']/beta/part[n='1']/w", "3");
	changes_clear(w.log);
	world_delete(&w, TOP "/group[id='a']");
	effects_init(&e);
	effects_of_changes(&e, w.s, w.log);
	CU_ASSERT_EQUAL(e.of[alpha].count, 1); /* not one for each thing below */
	CU_ASSERT_EQUAL(e.of[beta].count, 1);
	CU_ASSERT(has_effect(&e, w.db, "beta", false, TOP "/group[id='a']", ""));
	effects_free(&e);
	world_close(&w);
}

/* What a daemon holds after the edits of a change equals a full sync: the property that counts. */
struct held {
	char *rows[512];
	size_t count;
};

static void
held_make(struct held *h, const struct effect *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(rows[i].path), keep = 0;
		for (size_t k = 0; k < h->count; k++) {
			char *eq = strstr(h->rows[k], "\t");
			size_t plen = (size_t)(eq - h->rows[k]);
			bool same = plen == len && !strncmp(h->rows[k], rows[i].path, len);
			bool below = plen > len && !strncmp(h->rows[k], rows[i].path, len) && h->rows[k][len] == '/';
			if (same || (below && !rows[i].set))
				mem_free(h->rows[k]);
			else
				h->rows[keep++] = h->rows[k];
		}
		h->count = keep;
		if (rows[i].set && h->count < 512)
			h->rows[h->count++] = mem_printf("%s\t%s", rows[i].path, rows[i].value);
	}
}

static int
held_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
held_equal(struct held *a, struct held *b)
{
	qsort(a->rows, a->count, sizeof(a->rows[0]), held_order);
	qsort(b->rows, b->count, sizeof(b->rows[0]), held_order);
	bool same = a->count == b->count;
	for (size_t i = 0; same && i < a->count; i++)
		same = !strcmp(a->rows[i], b->rows[i]);
	for (size_t i = 0; !same && i < a->count; i++)
		fprintf(stderr, "# has  %s\n", a->rows[i]);
	for (size_t i = 0; !same && i < b->count; i++)
		fprintf(stderr, "# want %s\n", b->rows[i]);
	return same;
}

static void
held_free(struct held *h)
{
	for (size_t i = 0; i < h->count; i++)
		mem_free(h->rows[i]);
	h->count = 0;
}

static void
effects_add_up_to_a_full_sync(void)
{
	struct prng r;
	prng_seed(&r, 7);
	for (unsigned round = 0; round < 60; round++) {
		struct world w;
		world_open(&w);
		static struct held daemon[2], want[2];
		const char *const names[] = {"alpha", "beta"};
		unsigned owner[2] = {yangdb_owner(w.db, "alpha"), yangdb_owner(w.db, "beta")};
		struct effects e;
		(void)names;
		effects_init(&e);
		effects_full(&e, w.s, ~0u);
		for (unsigned d = 0; d < 2; d++)
			held_make(&daemon[d], e.of[owner[d]].rows, e.of[owner[d]].count);
		effects_free(&e);
		for (unsigned step = 0; step < 12; step++) {
			changes_clear(w.log);
			for (unsigned i = 0; i < 4; i++)
				random_edit(&r, &w);
			effects_init(&e);
			effects_of_changes(&e, w.s, w.log);
			for (unsigned d = 0; d < 2; d++)
				held_make(&daemon[d], e.of[owner[d]].rows, e.of[owner[d]].count);
			effects_free(&e);
		}
		effects_init(&e);
		effects_full(&e, w.s, ~0u);
		for (unsigned d = 0; d < 2; d++) {
			held_make(&want[d], e.of[owner[d]].rows, e.of[owner[d]].count);
			CU_ASSERT(held_equal(&daemon[d], &want[d]));
			held_free(&daemon[d]);
			held_free(&want[d]);
		}
		effects_free(&e);
		world_close(&w);
	}
}

UNIT_TESTS("mgmtd store", {"sets and defaults", sets_and_defaults}, {"refuses with words", refuses_with_words},
	{"entries and what is below", entries_and_what_is_below},
	{"containers are emptied", containers_are_emptied},
	{"cases drive each other out", cases_drive_each_other_out},
	{"changes go both ways", changes_go_both_ways},
	{"effects spell defaults out", effects_spell_defaults_out},
	{"effects add up to a full sync", effects_add_up_to_a_full_sync})
