/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib/rtable on a full table: random prefixes with the mix of lengths of a real one, each operation
 * in random order; beside it a sorted array with binary search, the least that finds could cost.
 * Prints one line per figure: NAME VALUE UNIT.
 */
#include "lib/rtable.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/mem.h"
#include "lib/prng.h"

#define LOOKUPS 2000000u

/* Shares of a full table's prefix lengths, per ten thousand, by increasing length. */
struct share {
	unsigned len, parts;
};

static const struct share mix4[] = {{12, 3}, {13, 6}, {14, 12}, {15, 21}, {16, 138}, {17, 84},
	{18, 141}, {19, 255}, {20, 450}, {21, 535}, {22, 1150}, {23, 1055}, {24, 6120}, {32, 30}};
static const struct share mix6[] = {{28, 30}, {29, 350}, {30, 50}, {32, 1150}, {36, 300}, {40, 750},
	{44, 850}, {46, 220}, {47, 200}, {48, 6050}, {64, 50}};

static double
seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct ipaddr
draw_addr(struct prng *r, uint8_t afi)
{
	struct ipaddr a = {.afi = afi};
	for (size_t i = 0; i < afi_bytes(afi); i++)
		a.b[i] = (uint8_t)prng_u64(r);
	if (afi == AFI_IP4)
		a.b[0] = (uint8_t)(1 + a.b[0] % 223);
	else /* what registries hand out: few distinct beginnings of 16 bits */
		a.b[0] = (uint8_t)(0x20 + prng_below(r, 11)), a.b[1] &= 0x0f;
	return a;
}

static struct prefix
draw_prefix(struct prng *r, uint8_t afi)
{
	struct ipaddr a = draw_addr(r, afi);
	const struct share *s = afi == AFI_IP4 ? mix4 : mix6;
	unsigned ticket = prng_below(r, 10000);
	for (; ticket >= s->parts; s++)
		ticket -= s->parts;
	return prefix_make(&a, s->len);
}

static void
shuffle(struct prng *r, struct prefix *p, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = prng_below(r, (uint32_t)i);
		struct prefix swap = p[i - 1];
		p[i - 1] = p[j];
		p[j] = swap;
	}
}

static void
say_rate(const char *family, const char *what, size_t n, double from)
{
	double took = seconds() - from;
	printf("rtable-%s-%s %.2f M/s (%.0f ns)\n", family, what, (double)n / took / 1e6,
		took / (double)n * 1e9);
}

static int
order_of(const void *a, const void *b)
{
	return prefix_cmp(a, b);
}

/* The baseline: the last element that is not greater. */
static const struct prefix *
array_find(const struct prefix *sorted, size_t n, const struct prefix *p)
{
	size_t low = 0;
	while (n > 1) {
		size_t half = n / 2;
		low = prefix_cmp(&sorted[low + half], p) <= 0 ? low + half : low;
		n -= half;
	}
	return &sorted[low];
}

static void
measure_baseline(const char *family, struct prefix *sorted, const struct prefix *p, size_t n)
{
	qsort(sorted, n, sizeof(*sorted), order_of);
	size_t hits = 0;
	double from = seconds();
	for (size_t i = 0; i < n; i++)
		hits += prefix_equal(array_find(sorted, n, &p[i]), &p[i]);
	say_rate(family, "find-in-sorted-array", hits, from);
}

static void
measure_reads(const char *family, const struct rtable *t, const struct prefix *p, size_t n,
	struct prng *r)
{
	size_t hits = 0;
	double from = seconds();
	for (size_t i = 0; i < n; i++)
		hits += rtable_find(t, &p[i]) != NULL;
	say_rate(family, "find", hits, from);

	struct ipaddr *a = mem_array(LOOKUPS, sizeof(*a));
	for (size_t i = 0; i < LOOKUPS; i++) /* half of them anywhere, half inside some prefix */
		a[i] = i & 1 ? draw_addr(r, p->afi) : prefix_addr(&p[prng_below(r, (uint32_t)n)]);
	struct prefix found;
	from = seconds();
	for (size_t i = 0; i < LOOKUPS; i++)
		hits += rtable_match(t, &a[i], &found) != NULL;
	say_rate(family, "longest-match", LOOKUPS, from);
	mem_free(a);

	struct rtable_iter it;
	rtable_iter_init(&it, t, NULL);
	from = seconds();
	size_t walked = 0;
	while (rtable_next(&it, &found))
		walked++;
	say_rate(family, "walk", walked, from);
}

static void
measure(const char *family, uint8_t afi, size_t want)
{
	struct prng r;
	prng_seed(&r, 1);
	struct prefix *p = mem_array(want, sizeof(*p));
	struct rtable *t = rtable_new(afi);
	size_t n = 0;
	while (n < want) {
		bool created;
		p[n] = draw_prefix(&r, afi);
		rtable_insert(t, &p[n], &created);
		n += created;
	}
	rtable_free(t);
	shuffle(&r, p, n);

	t = rtable_new(afi);
	double from = seconds();
	for (size_t i = 0; i < n; i++)
		*rtable_insert(t, &p[i], NULL) = t;
	say_rate(family, "insert", n, from);
	double bytes = (double)rtable_bytes(t) / (double)n;
	printf("rtable-%s-bytes %.1f per prefix, %.1f without the value's 8\n", family, bytes,
		bytes - 8);
	shuffle(&r, p, n);
	measure_reads(family, t, p, n, &r);
	struct prefix *sorted = mem_dup(p, n * sizeof(*p));
	measure_baseline(family, sorted, p, n);
	mem_free(sorted);
	shuffle(&r, p, n);
	from = seconds();
	for (size_t i = 0; i < n; i++)
		rtable_remove(t, &p[i]);
	say_rate(family, "remove", n, from);
	rtable_free(t);
	mem_free(p);
}

int
main(void)
{
	measure("ipv4", AFI_IP4, 1000000);
	measure("ipv6", AFI_IP6, 200000);
	return 0;
}
