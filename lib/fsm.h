/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State machines as data: a matrix [state][event] of (action, next state), run by one function
 * that keeps the last transitions, so that `show` can tell how a state was reached (STYLE rule 10).
 *
 *     static const struct fsm_cell nsm_cells[NSM_STATES * NSM_EVENTS] = {
 *             [NSM_DOWN * NSM_EVENTS + NSM_START] = {nsm_start, NSM_ATTEMPT}, ...
 *     };
 *
 * A cell that is all zero has no meaning in that state: the event is ignored and counted. A cell
 * with FSM_STAY keeps the state; an action may also choose by returning another state than `next`.
 */
#ifndef GREVY_LIB_FSM_H
#define GREVY_LIB_FSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FSM_HISTORY 8
#define FSM_STAY    0xff

/* Does the work and returns the new state; `next` is the cell's (the present one for FSM_STAY). */
typedef unsigned fsm_action_fn(void *arg, unsigned next, int64_t now);

struct fsm_cell {
	fsm_action_fn *action; /* may be NULL if defined */
	uint8_t next;
	bool defined; /* set it in a cell without action whose next state is 0 */
};

struct fsm_table {
	const char *name;
	unsigned states, events;
	const char *const *state_names, *const *event_names;
	const struct fsm_cell *cells; /* [state * events + event] */
	/* after each change of state; may be NULL */
	void (*changed)(void *arg, unsigned from, unsigned to, unsigned event, int64_t now);
};

struct fsm_step {
	int64_t when;
	uint8_t from, to, event;
};

/* Embedded in what has the state; all zero = state 0, no history. */
struct fsm {
	uint8_t state, head; /* head: where the next step goes */
	bool running;
	uint32_t changes, ignored;
	int64_t since; /* the last change of state */
	struct fsm_step history[FSM_HISTORY];
};

/*
 * Runs one event; returns whether the state has a cell for it. `arg` must outlive the call. An
 * action may not run events of the same fsm: it returns the state, or its caller queues the event.
 */
bool fsm_event(const struct fsm_table *t, struct fsm *f, unsigned event, void *arg, int64_t now);
/* The i-th newest change, NULL if there were fewer. */
const struct fsm_step *fsm_past(const struct fsm *f, unsigned i);
const char *fsm_state_name(const struct fsm_table *t, unsigned state);
const char *fsm_event_name(const struct fsm_table *t, unsigned event);

#endif
