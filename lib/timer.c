/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 4-ary heap of (due, timer), the due times kept in the heap's own array so that sifting touches
 * no timer but to tell it its place. Owns the array, not the timers.
 * Invariants: entry i is not due before its parent (i - 1) / 4; entry i's timer has pos == i + 1.
 * Among equal due times the order follows from the operations alone, so a run is reproducible.
 */
#include "lib/timer.h"

#include <assert.h>

#include "lib/mem.h"
#include "lib/prng.h"

struct timer_entry {
	int64_t due;
	struct timer *timer;
};

struct timers {
	struct timer_entry *heap;
	size_t count, cap;
};

struct timers *
timers_new(void)
{
	return mem_zalloc(sizeof(struct timers));
}

void
timers_free(struct timers *ts)
{
	if (!ts)
		return;
	for (size_t i = 0; i < ts->count; i++)
		ts->heap[i].timer->pos = 0;
	mem_free(ts->heap);
	mem_free(ts);
}

static void
heap_put(struct timers *ts, size_t i, struct timer_entry e)
{
	ts->heap[i] = e;
	e.timer->pos = i + 1;
}

/* Moves e up from the hole i to where it belongs. */
static void
heap_up(struct timers *ts, size_t i, struct timer_entry e)
{
	while (i) {
		size_t parent = (i - 1) / 4;
		if (ts->heap[parent].due <= e.due)
			break;
		heap_put(ts, i, ts->heap[parent]);
		i = parent;
	}
	heap_put(ts, i, e);
}

/* Moves e down from the hole i to where it belongs. */
static void
heap_down(struct timers *ts, size_t i, struct timer_entry e)
{
	for (;;) {
		size_t first = 4 * i + 1, best = first;
		if (first >= ts->count)
			break;
		size_t last = first + 4 < ts->count ? first + 4 : ts->count;
		for (size_t c = first + 1; c < last; c++)
			if (ts->heap[c].due < ts->heap[best].due)
				best = c;
		if (ts->heap[best].due >= e.due)
			break;
		heap_put(ts, i, ts->heap[best]);
		i = best;
	}
	heap_put(ts, i, e);
}

static void
heap_place(struct timers *ts, size_t i, struct timer_entry e)
{
	if (i && ts->heap[(i - 1) / 4].due > e.due)
		heap_up(ts, i, e);
	else
		heap_down(ts, i, e);
}

void
timer_set(struct timers *ts, struct timer *t, int64_t due, timer_fn *fn, void *arg)
{
	t->due = due;
	t->fn = fn;
	t->arg = arg;
	if (t->pos) {
		assert(t->pos <= ts->count && ts->heap[t->pos - 1].timer == t);
		heap_place(ts, t->pos - 1, (struct timer_entry){due, t});
		return;
	}
	if (ts->count == ts->cap) {
		ts->cap = ts->cap ? ts->cap * 2 : 64;
		ts->heap = mem_realloc(ts->heap, ts->cap * sizeof(*ts->heap));
	}
	heap_up(ts, ts->count++, (struct timer_entry){due, t});
}

void
timer_cancel(struct timers *ts, struct timer *t)
{
	if (!t->pos)
		return;
	size_t i = t->pos - 1;
	assert(i < ts->count && ts->heap[i].timer == t);
	t->pos = 0;
	struct timer_entry last = ts->heap[--ts->count];
	if (i < ts->count)
		heap_place(ts, i, last);
}

bool
timer_armed(const struct timer *t)
{
	return t->pos != 0;
}

int64_t
timers_next(const struct timers *ts)
{
	return ts->count ? ts->heap[0].due : TIME_NEVER;
}

size_t
timers_run(struct timers *ts, int64_t now, size_t budget)
{
	size_t ran = 0;
	while (ran < budget && ts->count && ts->heap[0].due <= now) {
		struct timer *t = ts->heap[0].timer;
		timer_fn *fn = t->fn;
		void *arg = t->arg;
		timer_cancel(ts, t);
		fn(arg, now); /* t may be gone now */
		ran++;
	}
	return ran;
}

size_t
timers_count(const struct timers *ts)
{
	return ts->count;
}

int64_t
timer_jitter(struct prng *r, int64_t interval, unsigned percent_less, unsigned percent_more)
{
	if (interval <= 0)
		return interval;
	int64_t low = interval / 100 * percent_less + interval % 100 * percent_less / 100;
	int64_t high = interval / 100 * percent_more + interval % 100 * percent_more / 100;
	uint64_t span = (uint64_t)(low + high);
	if (!span)
		return interval;
	uint64_t draw = span < UINT32_MAX ? prng_below(r, (uint32_t)span + 1)
					  : prng_u64(r) % (span + 1);
	int64_t t = interval - low + (int64_t)draw;
	return t > 0 ? t : 1;
}
