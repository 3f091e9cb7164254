/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib/pmap: versions against an array of strings each; values are counted, so that a reference too
 * many or too few shows.
 */
#include "lib/pmap.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/prng.h"
#include "tests/unit/unit.h"

#define KEYS     300
#define VERSIONS 6

struct value {
	int refs;
	unsigned number;
};

static void
value_ref(void *v)
{
	((struct value *)v)->refs++;
}

static void
value_unref(void *v)
{
	struct value *value = v;
	if (--value->refs == 0)
		mem_free(value);
}

static const struct pmap_class counted = {value_ref, value_unref};

static struct value *
value_new(unsigned number)
{
	struct value *v = mem_zalloc(sizeof(*v));
	v->refs = 1;
	v->number = number;
	return v;
}

struct version {
	struct pmap map;
	struct value *model[KEYS];
	size_t count;
};

static char names[KEYS][16];

static void
make_names(void)
{
	for (unsigned i = 0; i < KEYS; i++)
		snprintf(names[i], sizeof(names[i]), "key-%03u", i);
}

static bool
holds_the_model(const struct version *v)
{
	size_t next = 0;
	const char *key = NULL;
	void *value;
	for (unsigned i = 0; i < KEYS; i++)
		if (pmap_get(&v->map, names[i]) != v->model[i])
			return false;
	while ((value = pmap_next(&v->map, key, &key))) {
		while (next < KEYS && !v->model[next])
			next++;
		if (next == KEYS || value != v->model[next] || strcmp(key, names[next]))
			return false;
		next++;
	}
	while (next < KEYS && !v->model[next])
		next++;
	return next == KEYS && v->map.count == v->count && !key;
}

struct diff_check {
	const struct version *a, *b;
	size_t next;
	bool good;
};

static void
diff_skip_equal(struct diff_check *d)
{
	while (d->next < KEYS && d->a->model[d->next] == d->b->model[d->next])
		d->next++;
}

static void
diff_row(void *arg, const char *key, void *a, void *b)
{
	struct diff_check *d = arg;
	diff_skip_equal(d);
	d->good = d->good && d->next < KEYS && !strcmp(key, names[d->next]) &&
		a == d->a->model[d->next] && b == d->b->model[d->next];
	d->next++;
}

static bool
differ_as_the_models(const struct version *a, const struct version *b)
{
	struct diff_check d = {a, b, 0, true};
	pmap_diff(&a->map, &b->map, diff_row, &d);
	diff_skip_equal(&d);
	return d.good && d.next == KEYS;
}

static void
step(struct version *v, struct prng *r, unsigned n)
{
	unsigned i = prng_below(r, KEYS);
	if (prng_below(r, 5) < 3) {
		struct value *value = value_new(n);
		if (!prng_below(r, 8) && v->model[i]) { /* the value it has already */
			mem_free(value);
			value = v->model[i];
			value_ref(value);
		}
		pmap_put(&v->map, names[i], value);
		v->count += !v->model[i];
		v->model[i] = value;
	} else {
		CU_ASSERT_EQUAL(pmap_del(&v->map, names[i]), v->model[i] != NULL);
		v->count -= v->model[i] != NULL;
		v->model[i] = NULL;
	}
}

static void
versions_follow_their_models(void)
{
	static struct version v[VERSIONS];
	struct prng r;
	bool good = true;
	make_names();
	prng_seed(&r, 1);
	for (unsigned i = 0; i < VERSIONS; i++)
		v[i].map = pmap_empty(&counted);
	for (unsigned n = 0; n < 20000 && good; n++) {
		unsigned i = prng_below(&r, VERSIONS);
		step(&v[i], &r, n);
		if (n % 50 == 0) {
			unsigned j = prng_below(&r, VERSIONS);
			good = differ_as_the_models(&v[i], &v[j]) && holds_the_model(&v[i]);
			if (i != j) {
				pmap_drop(&v[j].map);
				v[j] = v[i];
				v[j].map = pmap_copy(&v[i].map);
			}
		}
		if (n % 500 == 0)
			for (unsigned k = 0; k < VERSIONS; k++)
				good = good && holds_the_model(&v[k]);
	}
	CU_ASSERT_TRUE(good);
	for (unsigned i = 0; i < VERSIONS; i++)
		pmap_drop(&v[i].map);
	CU_ASSERT_EQUAL(v[0].map.count, 0);
}

/* The only references are the map's own: none leaks, none is dropped twice. */
static void
references_are_counted(void)
{
	struct pmap a = pmap_empty(&counted);
	struct value *v = value_new(1), *w = value_new(2);
	value_ref(v); /* ours */
	value_ref(w);
	pmap_put(&a, "x", v);
	CU_ASSERT_EQUAL(v->refs, 2);
	struct pmap b = pmap_copy(&a);
	CU_ASSERT_EQUAL(v->refs, 2); /* the node is shared */
	value_ref(v);
	pmap_put(&a, "x", v); /* the same again: still shared */
	CU_ASSERT_EQUAL(v->refs, 2);
	CU_ASSERT_PTR_EQUAL(a.root, b.root);
	pmap_put(&a, "x", w);
	CU_ASSERT_EQUAL(v->refs, 2);
	CU_ASSERT_EQUAL(w->refs, 2);
	pmap_drop(&b);
	CU_ASSERT_EQUAL(v->refs, 1);
	pmap_del(&a, "x");
	CU_ASSERT_EQUAL(w->refs, 1);
	pmap_drop(&a);
	value_unref(v);
	value_unref(w);
}

static void
count_row(void *arg, const char *key, void *a, void *b)
{
	(void)key;
	(void)a;
	(void)b;
	++*(size_t *)arg;
}

/* How many keys differ after one key was put. */
static size_t
rows_of_one_change(const struct pmap *m, unsigned n)
{
	struct pmap b = pmap_copy(m);
	char key[16];
	static int other;
	snprintf(key, sizeof(key), "k%06u", n);
	pmap_put(&b, key, &other);
	size_t calls = 0;
	pmap_diff(m, &b, count_row, &calls);
	pmap_drop(&b);
	return calls;
}

static void
equal_contents_have_equal_shape(void)
{
	/* put in two orders, with removals between: the diff finds nothing although nothing is shared */
	struct pmap a = pmap_empty(NULL), b = pmap_empty(NULL);
	static int value;
	char key[16];
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "k%06u", i);
		pmap_put(&a, key, &value);
		snprintf(key, sizeof(key), "k%06u", 19999 - i);
		pmap_put(&b, key, &value);
		snprintf(key, sizeof(key), "x%06u", i);
		pmap_put(&b, key, &value);
	}
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "x%06u", i);
		CU_ASSERT_TRUE(pmap_del(&b, key));
	}
	size_t calls = 0;
	pmap_diff(&a, &b, count_row, &calls);
	CU_ASSERT_EQUAL(calls, 0);
	CU_ASSERT_EQUAL(rows_of_one_change(&a, 777), 1);
	CU_ASSERT_EQUAL(rows_of_one_change(&a, 777777), 1);
	pmap_drop(&a);
	pmap_drop(&b);
}

UNIT_TESTS("pmap",
	{"versions follow their models", versions_follow_their_models},
	{"references are counted", references_are_counted},
	{"equal contents have equal shape", equal_contents_have_equal_shape})
