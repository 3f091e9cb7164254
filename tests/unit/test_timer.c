/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/timer: order, re-arming and cancelling from anywhere, budgets, jitter. */
#include "lib/timer.h"

#include <string.h>

#include "lib/mem.h"
#include "lib/prng.h"
#include "tests/unit/unit.h"

#define TIMERS 500

struct ticker {
	struct timers *ts;
	struct timer timer;
	int64_t want, ran_at;
	unsigned runs;
	struct ticker *victim; /* cancelled by the first run */
	int64_t again;         /* re-armed by the first run */
};

static void
tick(void *arg, int64_t now)
{
	struct ticker *k = arg;
	k->ran_at = now;
	k->runs++;
	if (k->victim)
		timer_cancel(k->ts, &k->victim->timer);
	if (k->again) {
		timer_set(k->ts, &k->timer, k->again, tick, k);
		k->again = 0;
	}
}

/* Against the plain rule: a timer runs at the first turn whose time has reached it. */
static void
random_arming_runs_in_order(void)
{
	static struct ticker k[TIMERS];
	struct timers *ts = timers_new();
	struct prng r;
	bool good = true;
	prng_seed(&r, 1);
	memset(k, 0, sizeof(k));
	for (int64_t now = 1; now < 3000 && good; now++) {
		for (unsigned n = 0; n < 5; n++) {
			struct ticker *t = &k[prng_below(&r, TIMERS)];
			t->ts = ts;
			if (prng_below(&r, 4)) {
				t->want = now + prng_below(&r, 100);
				timer_set(ts, &t->timer, t->want, tick, t);
			} else {
				timer_cancel(ts, &t->timer);
				t->want = 0;
			}
		}
		int64_t next = TIME_NEVER;
		size_t armed = 0;
		for (unsigned i = 0; i < TIMERS; i++) {
			armed += k[i].want != 0;
			next = k[i].want && k[i].want < next ? k[i].want : next;
			good = good && timer_armed(&k[i].timer) == (k[i].want != 0);
		}
		good = good && timers_next(ts) == next && timers_count(ts) == armed;
		timers_run(ts, now, SIZE_MAX);
		for (unsigned i = 0; i < TIMERS && good; i++) {
			bool due = k[i].want && k[i].want <= now;
			good = (k[i].ran_at == now) == due;
			k[i].want = due ? 0 : k[i].want;
		}
	}
	CU_ASSERT_TRUE(good);
	timers_free(ts);
	CU_ASSERT_FALSE(timer_armed(&k[0].timer));
}

struct log {
	int64_t due[TIMERS];
	size_t n;
};

struct logged {
	struct timer timer;
	struct log *log;
};

static void
log_it(void *arg, int64_t now)
{
	struct logged *l = arg;
	(void)now;
	l->log->due[l->log->n++] = l->timer.due;
}

static void
due_ones_run_by_due_time_within_the_budget(void)
{
	static struct logged l[TIMERS];
	static struct log log;
	struct timers *ts = timers_new();
	struct prng r;
	prng_seed(&r, 2);
	for (unsigned i = 0; i < TIMERS; i++) {
		l[i].log = &log;
		timer_set(ts, &l[i].timer, prng_below(&r, 100000), log_it, &l[i]);
	}
	CU_ASSERT_EQUAL(timers_run(ts, 100000, 7), 7);
	CU_ASSERT_EQUAL(log.n, 7);
	CU_ASSERT_EQUAL(timers_run(ts, 100000, SIZE_MAX), TIMERS - 7);
	bool sorted = true;
	for (size_t i = 1; i < log.n; i++)
		sorted = sorted && log.due[i - 1] <= log.due[i];
	CU_ASSERT_TRUE(sorted);
	CU_ASSERT_EQUAL(timers_next(ts), TIME_NEVER);
	timers_free(ts);
}

static void
a_run_may_cancel_and_rearm(void)
{
	struct timers *ts = timers_new();
	struct ticker a = {.ts = ts}, b = {.ts = ts};
	a.victim = &b;
	a.again = 50;
	timer_set(ts, &a.timer, 10, tick, &a);
	timer_set(ts, &b.timer, 11, tick, &b);
	CU_ASSERT_EQUAL(timers_run(ts, 20, SIZE_MAX), 1);
	CU_ASSERT_EQUAL(b.runs, 0);
	CU_ASSERT_EQUAL(timers_next(ts), 50);
	timer_set(ts, &a.timer, 30, tick, &a); /* earlier than it was */
	CU_ASSERT_EQUAL(timers_count(ts), 1);
	CU_ASSERT_EQUAL(timers_run(ts, 29, SIZE_MAX), 0);
	CU_ASSERT_EQUAL(timers_run(ts, 30, SIZE_MAX), 1);
	CU_ASSERT_EQUAL(a.runs, 2);
	timer_cancel(ts, &a.timer);
	timers_free(ts);
}

static void
free_it(void *arg, int64_t now)
{
	(void)now;
	mem_free(arg);
}

static void
a_run_may_free_its_timer(void)
{
	struct timers *ts = timers_new();
	for (unsigned i = 0; i < 10; i++) {
		struct timer *t = mem_zalloc(sizeof(*t));
		timer_set(ts, t, i, free_it, t);
	}
	CU_ASSERT_EQUAL(timers_run(ts, 10, SIZE_MAX), 10);
	timers_free(ts);
}

static void
jitter_stays_in_its_range_and_fills_it(void)
{
	struct prng r;
	prng_seed(&r, 3);
	int64_t low = INT64_MAX, high = 0;
	for (unsigned i = 0; i < 20000; i++) {
		int64_t t = timer_jitter(&r, TIME_SEC, 25, 10);
		low = t < low ? t : low;
		high = t > high ? t : high;
	}
	CU_ASSERT(low >= 750000 && low < 751000);
	CU_ASSERT(high <= 1100000 && high > 1099000);
	CU_ASSERT_EQUAL(timer_jitter(&r, 1000, 0, 0), 1000);
	CU_ASSERT_EQUAL(timer_jitter(&r, 0, 25, 25), 0);
	for (unsigned i = 0; i < 1000; i++)
		CU_ASSERT(timer_jitter(&r, INT64_C(1) << 50, 100, 0) > 0);
}

UNIT_TESTS("timer",
	{"random arming runs in order", random_arming_runs_in_order},
	{"due ones run by due time within the budget", due_ones_run_by_due_time_within_the_budget},
	{"a run may cancel and rearm", a_run_may_cancel_and_rearm},
	{"a run may free its timer", a_run_may_free_its_timer},
	{"jitter stays in its range and fills it", jitter_stays_in_its_range_and_fills_it})
