/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a loop until a condition holds (5 s at most), for tests of what lives on it. */
#ifndef GREVY_TESTS_LOOPING_H
#define GREVY_TESTS_LOOPING_H

#include <stdlib.h>

#include "lib/loop.h"

struct looping {
	struct loop *loop;
	bool (*until)(void *arg);
	void *arg;
	int64_t end;
	bool met;
	struct timer timer;
};

static inline void
looping_check(void *arg, int64_t now)
{
	struct looping *w = arg;
	w->met = w->until && w->until(w->arg);
	if (w->met || now >= w->end)
		loop_stop(w->loop, 0);
	else
		timer_set(loop_timers(w->loop), &w->timer, now + 200, looping_check, w);
}

static inline bool
loop_until(struct loop *l, bool (*until)(void *arg), void *arg)
{
	struct looping w = {.loop = l, .until = until, .arg = arg, .end = loop_clock() + 5 * TIME_SEC};
	timer_set(loop_timers(l), &w.timer, loop_clock(), looping_check, &w);
	loop_run(l);
	timer_cancel(loop_timers(l), &w.timer);
	return w.met;
}

static inline void
loop_for(struct loop *l, int64_t us)
{
	struct looping w = {.loop = l, .end = loop_clock() + us};
	timer_set(loop_timers(l), &w.timer, loop_clock(), looping_check, &w);
	loop_run(l);
	timer_cancel(loop_timers(l), &w.timer);
}

#endif
