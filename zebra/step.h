/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps of something that is reconciled with the kernel (a virtual link, a virtual address):
 *
 *	[idle] -- push --> [pending] -- done --> [awaiting the event that shows it] -- event --> [idle]
 *	   ^                   | refused                          | none came
 *	   +---- later --------+<---------------------------------+
 *
 * Results and events come by different ways: an event that was seen before its result spares the
 * waiting (news).
 */
#ifndef GREVY_ZEBRA_STEP_H
#define GREVY_ZEBRA_STEP_H

#include "lib/timer.h"

struct dplane_op;
struct zebra;

#define STEP_RETRY_MIN (200 * TIME_MS)
#define STEP_RETRY_MAX (30 * TIME_SEC)

struct step {
	uint64_t serial;  /* in the operation's cookie; never 32 bits, which are others' */
	unsigned pending;
	bool news, awaiting;
	int error;        /* of the last one: nothing more until the timer or an event */
	int64_t delay;
	struct timer retry;
};

/* Pushes it with the step's serial; what has no room is tried again by the timer. */
bool step_push(struct zebra *z, struct step *s, struct dplane_op *op, timer_fn *again, void *arg);
/* True: there is something to look at now; else the event, or the timer, will tell. */
bool step_done(struct zebra *z, struct step *s, int err, timer_fn *again, void *arg);
/* An event of its object. */
void step_event(struct zebra *z, struct step *s);
/* The timer: as if nothing had been tried. */
void step_again(struct step *s);

static inline bool
step_idle(const struct step *s)
{
	return !s->pending && !s->awaiting && !s->error;
}

#endif
