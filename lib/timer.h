/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers by the hundred thousand: an intrusive 4-ary heap on a clock the caller brings.
 * In a daemon one libevent timer drives it; in the simulator the virtual clock does.
 * All times are int64_t microseconds of a monotonic clock.
 */
#ifndef GREVY_LIB_TIMER_H
#define GREVY_LIB_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_MS    INT64_C(1000)
#define TIME_SEC   INT64_C(1000000)
#define TIME_NEVER INT64_MAX

struct timers;
struct prng;

typedef void timer_fn(void *arg, int64_t now);

/* Embedded in what it times; all zero = not armed. The owner cancels it before it goes. */
struct timer {
	int64_t due;
	timer_fn *fn;
	void *arg;
	size_t pos; /* private: heap index + 1, 0 = not armed */
};

struct timers *timers_new(void);
void timers_free(struct timers *ts);
/* Arm or re-arm. fn runs from timers_run when now >= due; it may arm, cancel and free timers. */
void timer_set(struct timers *ts, struct timer *t, int64_t due, timer_fn *fn, void *arg);
void timer_cancel(struct timers *ts, struct timer *t); /* harmless if not armed */
bool timer_armed(const struct timer *t);
int64_t timers_next(const struct timers *ts); /* earliest due, TIME_NEVER if none */
/* Runs what is due, in order of due time, at most `budget` of them; returns how many ran. */
size_t timers_run(struct timers *ts, int64_t now, size_t budget);
size_t timers_count(const struct timers *ts);
/* interval changed by a random share of +-percent (RFC 2328's refresh, RFC 5880 6.8.7's jitter). */
int64_t timer_jitter(struct prng *r, int64_t interval, unsigned percent_less, unsigned percent_more);

#endif
