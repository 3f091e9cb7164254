/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One operation after the other; see step.h. */
#include "zebra/step.h"

#include "zebra/core.h"
#include "zebra/dplane.h"

bool
step_push(struct zebra *z, struct step *s, struct dplane_op *op, timer_fn *again, void *arg)
{
	op->cookie = s->serial;
	if (!z->ops->write(z->arg, op)) {
		timer_set(z->timers, &s->retry, z->now + STEP_RETRY_MIN, again, arg);
		return false;
	}
	s->pending++;
	s->news = false;
	return true;
}

bool
step_done(struct zebra *z, struct step *s, int err, timer_fn *again, void *arg)
{
	if (s->pending)
		s->pending--;
	if (err) {
		s->error = err;
		s->delay = s->delay ? s->delay * 2 : STEP_RETRY_MIN;
		s->delay = s->delay < STEP_RETRY_MAX ? s->delay : STEP_RETRY_MAX;
		timer_set(z->timers, &s->retry, z->now + s->delay, again, arg);
		return true; /* to tell */
	}
	if (s->pending)
		return false;
	if (!s->error)
		s->delay = 0;
	s->awaiting = !s->news;
	if (s->awaiting) /* what changed nothing has no event */
		timer_set(z->timers, &s->retry, z->now + STEP_RETRY_MIN, again, arg);
	return !s->awaiting;
}

void
step_event(struct zebra *z, struct step *s)
{
	s->news = true;
	s->awaiting = false;
	s->error = 0;
	timer_cancel(z->timers, &s->retry);
}

void
step_again(struct step *s)
{
	s->error = 0;
	s->awaiting = false;
}
