/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runner of transition tables. Owns nothing: state and history lie in the caller's struct fsm. */
#include "lib/fsm.h"

#include <assert.h>

static void
fsm_record(struct fsm *f, unsigned from, unsigned event, int64_t now)
{
	f->history[f->head] = (struct fsm_step){now, (uint8_t)from, f->state, (uint8_t)event};
	f->head = (uint8_t)((f->head + 1) % FSM_HISTORY);
	f->since = now;
	f->changes++;
}

bool
fsm_event(const struct fsm_table *t, struct fsm *f, unsigned event, void *arg, int64_t now)
{
	assert(!f->running && f->state < t->states && event < t->events);
	const struct fsm_cell *c = &t->cells[f->state * t->events + event];
	if (!c->action && !c->next && !c->defined) {
		f->ignored++;
		return false;
	}
	unsigned from = f->state, next = c->next == FSM_STAY ? from : c->next;
	if (c->action) {
		f->running = true;
		next = c->action(arg, next, now);
		f->running = false;
	}
	assert(next < t->states);
	f->state = (uint8_t)next;
	if (next != from) {
		fsm_record(f, from, event, now);
		if (t->changed)
			t->changed(arg, from, next, event, now);
	}
	return true;
}

const struct fsm_step *
fsm_past(const struct fsm *f, unsigned i)
{
	if (i >= FSM_HISTORY || i >= f->changes)
		return NULL;
	return &f->history[(f->head + 2 * FSM_HISTORY - 1 - i) % FSM_HISTORY];
}

const char *
fsm_state_name(const struct fsm_table *t, unsigned state)
{
	return state < t->states ? t->state_names[state] : "?";
}

const char *
fsm_event_name(const struct fsm_table *t, unsigned event)
{
	return event < t->events ? t->event_names[event] : "?";
}
