/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib/rtable against a model that is too simple to be wrong: an array of prefixes searched from end
 * to end. Keys are drawn from few bits so that prefixes nest, part and meet everywhere.
 */
#include "lib/rtable.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/prng.h"
#include "tests/unit/unit.h"

#define MODEL_MAX 700

struct model {
	struct prefix p[MODEL_MAX];
	void *value[MODEL_MAX];
	size_t count;
	size_t others; /* prefixes in the table that the model does not know */
};

/* Few distinct bits, placed at `shift` bits from the left, so that the density is high. */
static struct prefix
draw(struct prng *r, uint8_t afi, unsigned shift, unsigned bits)
{
	struct ipaddr a = {.afi = afi};
	unsigned len = shift + prng_below(r, bits + 1);
	for (unsigned i = shift; i < shift + bits; i++)
		if (prng_u64(r) & 1)
			a.b[i / 8] |= (uint8_t)(0x80 >> i % 8);
	if (!prng_below(r, 8))
		len = prng_below(r, shift + 1);
	if (!prng_below(r, 16))
		len = afi_bits(afi);
	return prefix_make(&a, len);
}

static size_t
model_find(const struct model *m, const struct prefix *p)
{
	size_t i = 0;
	while (i < m->count && !prefix_equal(&m->p[i], p))
		i++;
	return i;
}

/* The longest of at most `max` bits that contains p; m->count if there is none. */
static size_t
model_match(const struct model *m, const struct prefix *p, int max)
{
	size_t best = m->count;
	for (size_t i = 0; i < m->count; i++)
		if (m->p[i].len <= max && prefix_contains(&m->p[i], p) &&
			(best == m->count || m->p[i].len > m->p[best].len))
			best = i;
	return best;
}

/* The least one after `last` (NULL: the first) within `within`; m->count at the end. */
static size_t
model_next(const struct model *m, const struct prefix *last, const struct prefix *within)
{
	size_t best = m->count;
	for (size_t i = 0; i < m->count; i++) {
		if (last && prefix_cmp(&m->p[i], last) <= 0)
			continue;
		if (within && !prefix_contains(within, &m->p[i]))
			continue;
		if (best == m->count || prefix_cmp(&m->p[i], &m->p[best]) < 0)
			best = i;
	}
	return best;
}

static bool
same(const struct model *m, size_t i, void **slot, const struct prefix *found)
{
	if (i == m->count)
		return !slot;
	return slot && *slot == m->value[i] && prefix_equal(found, &m->p[i]);
}

static bool
check_lookups(const struct model *m, const struct rtable *t, const struct prefix *p)
{
	struct prefix found = *p; /* what a find would say */
	if (!same(m, model_find(m, p), rtable_find(t, p), &found))
		return false;
	void **slot = rtable_match_prefix(t, p, false, &found);
	if (!same(m, model_match(m, p, p->len), slot, &found))
		return false;
	slot = rtable_match_prefix(t, p, true, &found);
	if (!same(m, model_match(m, p, (int)p->len - 1), slot, &found))
		return false;
	struct ipaddr a = prefix_addr(p);
	struct prefix host = prefix_host(&a);
	slot = rtable_match(t, &a, &found);
	return same(m, model_match(m, &host, host.len), slot, &found);
}

/* A whole walk, or one below `within`, possibly from a key on. */
static bool
check_walk(const struct model *m, const struct rtable *t, const struct prefix *within,
	const struct prefix *after)
{
	struct rtable_iter it;
	struct prefix p, last;
	rtable_iter_init(&it, t, within);
	if (after)
		rtable_iter_after(&it, after);
	const struct prefix *from = after;
	for (;;) {
		size_t i = model_next(m, from, within);
		void **slot = rtable_next(&it, &p);
		if (!same(m, i, slot, &p))
			return false;
		if (!slot)
			return !rtable_next(&it, &p); /* the end stays the end */
		last = p;
		from = &last;
	}
}

static bool
model_step(struct model *m, struct rtable *t, struct prng *r, const struct prefix *p, uintptr_t n)
{
	size_t i = model_find(m, p);
	bool want_remove = prng_below(r, 100) < (m->count > MODEL_MAX / 2 ? 60u : 35u);
	if (want_remove) {
		void *value = rtable_remove(t, p);
		if (value != (i < m->count ? m->value[i] : NULL))
			return false;
		if (i < m->count) {
			m->count--;
			m->p[i] = m->p[m->count];
			m->value[i] = m->value[m->count];
		}
		return rtable_count(t) == m->count + m->others;
	}
	if (i == MODEL_MAX)
		return true;
	bool created;
	void **slot = rtable_insert(t, p, &created);
	if (created != (i == m->count) || (created && *slot))
		return false;
	*slot = (void *)(n + 1);
	m->p[i] = *p;
	m->value[i] = *slot;
	m->count += created;
	return rtable_count(t) == m->count + m->others;
}

static void
play(uint8_t afi, unsigned shift, unsigned bits, uint64_t seed, unsigned steps)
{
	struct model *m = mem_zalloc(sizeof(*m));
	struct rtable *t = rtable_new(afi);
	struct prng r;
	prng_seed(&r, seed);
	bool good = true;
	for (unsigned n = 0; n < steps && good; n++) {
		struct prefix p = draw(&r, afi, shift, bits);
		good = model_step(m, t, &r, &p, n);
		p = draw(&r, afi, shift, bits);
		good = good && check_lookups(m, t, &p);
		if (n % 64 == 0) {
			struct prefix q = draw(&r, afi, shift, bits);
			good = good && check_walk(m, t, NULL, NULL) && check_walk(m, t, &p, NULL) &&
				check_walk(m, t, NULL, &q) && check_walk(m, t, &p, &p);
		}
	}
	CU_ASSERT_TRUE(good);
	while (m->count && good) {
		good = rtable_remove(t, &m->p[0]) == m->value[0];
		m->count--;
		m->p[0] = m->p[m->count];
		m->value[0] = m->value[m->count];
	}
	CU_ASSERT_TRUE(good);
	CU_ASSERT_EQUAL(rtable_count(t), 0);
	rtable_free(t);
	mem_free(m);
}

static void
ip4_follows_the_model(void)
{
	play(AFI_IP4, 0, 8, 1, 6000);
	play(AFI_IP4, 12, 9, 2, 6000);
	play(AFI_IP4, 22, 10, 3, 6000);
}

static void
ip6_follows_the_model(void)
{
	play(AFI_IP6, 0, 8, 4, 6000);
	play(AFI_IP6, 60, 9, 5, 6000);
	play(AFI_IP6, 119, 9, 6, 6000);
}

/* Enough fill for the jump table, in the upper half; the model then plays in the lower half. */
static void
a_full_table_follows_the_model(void)
{
	struct model *m = mem_zalloc(sizeof(*m));
	struct rtable *t = rtable_new(AFI_IP4);
	struct prng r;
	prng_seed(&r, 7);
	bool good = true;
	struct prefix p, low = prefix_from_ip4(0, 1);
	for (unsigned n = 0; n < 12000 && good; n++) {
		p = draw(&r, AFI_IP4, 11, 9);
		if (!p.len)
			p.len = 1;
		good = model_step(m, t, &r, &p, n);
		for (unsigned i = 0; i < 10; i++) {
			bool created;
			p = prefix_from_ip4(UINT32_C(0x80000000) | (uint32_t)prng_u64(&r), 24);
			*rtable_insert(t, &p, &created) = &r;
			m->others += created;
		}
		p = draw(&r, AFI_IP4, 11, 9);
		good = good && check_lookups(m, t, &p);
		if (n % 64 == 0)
			good = good && check_walk(m, t, &low, NULL) && check_walk(m, t, &low, &p);
	}
	CU_ASSERT_TRUE(good);
	rtable_free(t);
	mem_free(m);
}

static int
order_of(const void *a, const void *b)
{
	return prefix_cmp(a, b);
}

/* The walk gives exactly the sorted array, and each of it is found. */
static bool
holds_exactly(const struct rtable *t, const struct prefix *sorted, size_t n)
{
	struct rtable_iter it;
	struct prefix p;
	size_t i = 0;
	rtable_iter_init(&it, t, NULL);
	while (rtable_next(&it, &p)) {
		if (i == n || !prefix_equal(&p, &sorted[i]) || !rtable_find(t, &p))
			return false;
		i++;
	}
	return i == n && rtable_count(t) == n;
}

/* A longest match must be what the finds of every length say. */
static bool
matches_by_finds(const struct rtable *t, uint32_t ip)
{
	struct ipaddr a = ipaddr_from_ip4(ip);
	struct prefix p, found;
	void **want = NULL;
	for (unsigned len = 33; len-- > 0 && !want;) {
		p = prefix_from_ip4(ip, len);
		want = rtable_find(t, &p);
	}
	void **slot = rtable_match(t, &a, &found);
	return slot == want && (!slot || prefix_equal(&found, &p));
}

/* Many short prefixes come and go in a large table: what the jump table must follow. */
static void
a_large_table_stays_whole(void)
{
	enum { N = 60000 };
	struct prefix *all = mem_array(N, sizeof(*all));
	struct rtable *t = rtable_new(AFI_IP4);
	struct prng r;
	prng_seed(&r, 8);
	size_t n = 0;
	bool good = true, created;
	for (unsigned i = 0; i < N; i++) {
		unsigned len = i % 3 ? 8 + prng_below(&r, 10) : prng_below(&r, 33);
		struct prefix p = prefix_from_ip4((uint32_t)prng_u64(&r), len);
		*rtable_insert(t, &p, &created) = t;
		if (created)
			all[n++] = p;
	}
	for (unsigned round = 0; round < 4 && good; round++) {
		for (size_t i = 0; i < n; i++) { /* shuffle, then drop a third */
			size_t j = prng_below(&r, (uint32_t)n);
			struct prefix p = all[i];
			all[i] = all[j];
			all[j] = p;
		}
		size_t keep = n - n / 3;
		for (size_t i = keep; i < n; i++)
			good = good && rtable_remove(t, &all[i]) == t;
		n = keep;
		qsort(all, n, sizeof(*all), order_of);
		good = good && holds_exactly(t, all, n);
		for (unsigned i = 0; i < 20000 && good; i++)
			good = matches_by_finds(t, (uint32_t)prng_u64(&r));
		for (unsigned i = 0; i < 3000; i++) {
			struct prefix p = prefix_from_ip4((uint32_t)prng_u64(&r), 1 + i % 20);
			*rtable_insert(t, &p, &created) = t;
			if (created)
				all[n++] = p;
		}
	}
	CU_ASSERT_TRUE(good);
	rtable_free(t);
	mem_free(all);
}

/* A chain of 129 nested prefixes with a sibling each: deeper than an iterator's ring. */
static void
deep_walks_find_their_way_back(void)
{
	struct rtable *t = rtable_new(AFI_IP6);
	struct ipaddr zero = {.afi = AFI_IP6};
	struct prefix p, last = {.afi = AFI_NONE};
	for (unsigned len = 0; len <= 128; len++) {
		p = prefix_make(&zero, len);
		*rtable_insert(t, &p, NULL) = t;
		struct ipaddr a = zero;
		if (!len)
			continue;
		a.b[(len - 1) / 8] |= (uint8_t)(0x80 >> (len - 1) % 8);
		p = prefix_make(&a, len);
		*rtable_insert(t, &p, NULL) = t;
	}
	struct rtable_iter it;
	size_t n = 0;
	rtable_iter_init(&it, t, NULL);
	while (rtable_next(&it, &p)) {
		CU_ASSERT_TRUE(last.afi == AFI_NONE || prefix_cmp(&last, &p) < 0);
		last = p;
		n++;
	}
	CU_ASSERT_EQUAL(n, 257);
	rtable_free(t);
}

static void
walks_survive_changes(void)
{
	struct rtable *t = rtable_new(AFI_IP4);
	struct prefix p, q;
	for (uint32_t i = 0; i < 1000; i += 2) {
		p = prefix_from_ip4(i << 8, 24);
		*rtable_insert(t, &p, NULL) = t;
	}
	struct rtable_iter it;
	size_t seen = 0;
	rtable_iter_init(&it, t, NULL);
	while (rtable_next(&it, &p)) {
		/* what was seen goes, its upper neighbour comes: each even one is met once */
		uint32_t i = prefix_ip4(&p) >> 8;
		CU_ASSERT_PTR_EQUAL(rtable_remove(t, &p), t);
		if (i % 2 == 0) {
			q = prefix_from_ip4((i + 1) << 8, 24);
			*rtable_insert(t, &q, NULL) = t;
		}
		seen++;
	}
	CU_ASSERT_EQUAL(seen, 1000);
	CU_ASSERT_EQUAL(rtable_count(t), 0);
	rtable_free(t);
}

static void
other_family_and_stray_bits(void)
{
	struct rtable *t = rtable_new(AFI_IP4);
	struct prefix p = prefix_from_ip4(0x0a000000, 8), six = {.afi = AFI_IP6};
	struct ipaddr a6 = {.afi = AFI_IP6};
	*rtable_insert(t, &p, NULL) = t;
	p.b[3] = 9; /* not canonical */
	CU_ASSERT_PTR_NOT_NULL(rtable_find(t, &p));
	CU_ASSERT_PTR_NULL(rtable_find(t, &six));
	CU_ASSERT_PTR_NULL(rtable_match(t, &a6, NULL));
	CU_ASSERT_PTR_NULL(rtable_match_prefix(t, &six, false, NULL));
	CU_ASSERT_PTR_NULL(rtable_remove(t, &six));
	struct rtable_iter it;
	rtable_iter_init(&it, t, &six);
	CU_ASSERT_PTR_NULL(rtable_next(&it, NULL));
	CU_ASSERT_PTR_EQUAL(rtable_remove(t, &p), t);
	rtable_iter_init(&it, t, NULL);
	CU_ASSERT_PTR_NULL(rtable_next(&it, NULL));
	rtable_free(t);
}

static void
memory_follows_the_budget(void)
{
	struct rtable *t = rtable_new(AFI_IP4);
	struct prng r;
	prng_seed(&r, 9);
	CU_ASSERT(rtable_bytes(t) < 256);
	for (unsigned i = 0; i < 300000; i++) {
		struct prefix p = prefix_from_ip4((uint32_t)prng_u64(&r), 24);
		*rtable_insert(t, &p, NULL) = t;
	}
	/* < 40 octets of overhead beside the 8 of the value */
	CU_ASSERT(rtable_bytes(t) < rtable_count(t) * 48);
	rtable_free(t);
}

UNIT_TESTS("rtable",
	{"IPv4 follows the model", ip4_follows_the_model},
	{"IPv6 follows the model", ip6_follows_the_model},
	{"a full table follows the model", a_full_table_follows_the_model},
	{"a large table stays whole", a_large_table_stays_whole},
	{"deep walks find their way back", deep_walks_find_their_way_back},
	{"walks survive changes", walks_survive_changes},
	{"other family and stray bits", other_family_and_stray_bits},
	{"memory follows the budget", memory_follows_the_budget})
