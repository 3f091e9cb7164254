/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine (RFC 5880 6.2, 6.8.6) as a table.
 *
 *	             rx Down, expired, echo failed, AdminDown
 *	       +--------------------------------------------------+
 *	       v        rx Down            rx Init, Up            |
 *	     Down ----------------> Init ------------------> Up --+
 *	       |  ^ expired, AdminDown |                     ^
 *	       |  +--------------------+                     |
 *	       +-------------------- rx Init ----------------+          AdminDown from anywhere
 *
 * What a change means to everybody else happens once, in changed(): liveness, intervals, echo, clients.
 */
#include "bfdd/core.h"

static const char *const state_names[] = {"AdminDown", "Down", "Init", "Up"};
static const char *const event_names[BFD_EVENTS] = {"peer AdminDown", "peer Down", "peer Init", "peer Up",
	"detection time expired", "echo failed", "path down", "disabled", "enabled"};

const char *
bfd_state_name(uint8_t state)
{
	return state <= BFD_UP ? state_names[state] : "?";
}

const char *
bfd_event_name(uint8_t event)
{
	return event < BFD_EVENTS ? event_names[event] : "?";
}

const char *
bfd_diag_name(uint8_t diag)
{
	static const char *const names[] = {"No Diagnostic", "Control Detection Time Expired", "Echo Function Failed",
		"Neighbor Signaled Session Down", "Forwarding Plane Reset", "Path Down",
		"Concatenated Path Down", "Administratively Down", "Reverse Concatenated Path Down"};

	return diag < sizeof(names) / sizeof(names[0]) ? names[diag] : "Reserved";
}

/* --- actions: the diagnostic is the reason of the last change (6.8.1) ---------------------------- */
static unsigned
because(void *arg, unsigned next, enum bfd_diag diag)
{
	struct bfd_session *s = arg;

	s->diag = (uint8_t)diag;
	return next;
}

static unsigned
no_reason(void *arg, unsigned next, int64_t now)
{
	(void)now;
	return because(arg, next, BFD_DIAG_NONE);
}

static unsigned
expired(void *arg, unsigned next, int64_t now)
{
	(void)now;
	return because(arg, next, BFD_DIAG_EXPIRED);
}

static unsigned
echo_failed(void *arg, unsigned next, int64_t now)
{
	(void)now;
	return because(arg, next, BFD_DIAG_ECHO_FAILED);
}

static unsigned
neighbor_down(void *arg, unsigned next, int64_t now)
{
	(void)now;
	return because(arg, next, BFD_DIAG_NEIGHBOR_DOWN);
}

static unsigned
path_down(void *arg, unsigned next, int64_t now)
{
	(void)now;
	return because(arg, next, BFD_DIAG_PATH_DOWN);
}

static unsigned
admin_down(void *arg, unsigned next, int64_t now)
{
	(void)now;
	return because(arg, next, BFD_DIAG_ADMIN_DOWN);
}

#define CELL(s, e) [(s) * BFD_EVENTS + (e)]

static const struct fsm_cell cells[(BFD_UP + 1) * BFD_EVENTS] = {
	CELL(BFD_ADMIN_DOWN, BFD_EV_ADMIN_ENABLE) = {no_reason, BFD_DOWN, true},

	CELL(BFD_DOWN, BFD_EV_RX_DOWN) = {NULL, BFD_INIT, true},
	CELL(BFD_DOWN, BFD_EV_RX_INIT) = {no_reason, BFD_UP, true},
	CELL(BFD_DOWN, BFD_EV_ADMIN_DISABLE) = {admin_down, BFD_ADMIN_DOWN, true},

	CELL(BFD_INIT, BFD_EV_RX_ADMIN_DOWN) = {neighbor_down, BFD_DOWN, true},
	CELL(BFD_INIT, BFD_EV_RX_INIT) = {no_reason, BFD_UP, true},
	CELL(BFD_INIT, BFD_EV_RX_UP) = {no_reason, BFD_UP, true},
	CELL(BFD_INIT, BFD_EV_EXPIRED) = {expired, BFD_DOWN, true},
	CELL(BFD_INIT, BFD_EV_PATH_DOWN) = {path_down, BFD_DOWN, true},
	CELL(BFD_INIT, BFD_EV_ADMIN_DISABLE) = {admin_down, BFD_ADMIN_DOWN, true},

	CELL(BFD_UP, BFD_EV_RX_ADMIN_DOWN) = {neighbor_down, BFD_DOWN, true},
	CELL(BFD_UP, BFD_EV_RX_DOWN) = {neighbor_down, BFD_DOWN, true},
	CELL(BFD_UP, BFD_EV_EXPIRED) = {expired, BFD_DOWN, true},
	CELL(BFD_UP, BFD_EV_ECHO_FAILED) = {echo_failed, BFD_DOWN, true},
	CELL(BFD_UP, BFD_EV_PATH_DOWN) = {path_down, BFD_DOWN, true},
	CELL(BFD_UP, BFD_EV_ADMIN_DISABLE) = {admin_down, BFD_ADMIN_DOWN, true},
};

/* --- consequences -------------------------------------------------------------------------------- */
/* RFC 5882 4: only a session that was up and failed says that the path is dead. */
static uint8_t
liveness_after(const struct bfd_session *s, unsigned from, unsigned to, unsigned event)
{
	if (to == BFD_UP) /* control packets alone do not take back what echoes have found */
		return bfd_echo_holds(s) ? BFD_LIVE_DOWN : BFD_LIVE_UP;
	if (to == BFD_ADMIN_DOWN || event == BFD_EV_RX_ADMIN_DOWN)
		return BFD_LIVE_UNKNOWN;
	return from == BFD_UP ? BFD_LIVE_DOWN : s->liveness;
}

void
bfd_fsm_tell(struct bfd_session *s, uint8_t from)
{
	struct bfd_change c;

	if (s->ending)
		return; /* it is gone for everybody already */
	bfd_session_change(s, &c);
	c.old_state = from;
	s->b->ops->changed(s->b->arg, &c);
	if (!s->p.log_changes || from == s->fsm.state)
		return;
	struct bfd_log l = {.kind = BFD_LOG_STATE, .key = s->key, .src = s->key.peer, .old_state = from,
		.new_state = s->fsm.state, .diag = s->diag, .at = s->event_at};
	s->b->ops->log(s->b->arg, &l);
}

static void
changed(void *arg, unsigned from, unsigned to, unsigned event, int64_t now)
{
	struct bfd_session *s = arg;

	if (to == BFD_UP)
		s->count.ups++, s->b->total.ups++;
	if (from == BFD_UP)
		s->count.downs++, s->b->total.downs++;
	s->fsm.since = s->event_at;
	if (to == BFD_UP || to == BFD_ADMIN_DOWN)
		timer_cancel(s->b->timers, &s->end); /* no verdict is needed any more */
	bfd_session_set_liveness(s, liveness_after(s, from, to, event), now);
	bfd_fsm_tell(s, (uint8_t)from);
	s->tx.soon = true; /* 6.8.7 */
	s->tx.farewell = 0;
	if (to == BFD_ADMIN_DOWN && s->remote.discr && bfd_auth_usable(s)) {
		/* ours: one lost farewell would look like a failure over there */
		int64_t us = bfd_session_interval(s);
		s->tx.farewell = s->p.detect_multiplier;
		s->tx.farewell_us = us < BFD_SLOW_US ? us : BFD_SLOW_US;
	}
	if (from == BFD_UP)
		bfd_poll_abandon(s);
	bfd_echo_update(s, now);
	bfd_poll_update(s);
}

static const struct fsm_table table = {.name = "bfd", .states = BFD_UP + 1, .events = BFD_EVENTS,
	.state_names = state_names, .event_names = event_names, .cells = cells, .changed = changed};

void
bfd_fsm_event(struct bfd_session *s, enum bfd_event ev, int64_t at, int64_t now)
{
	s->event_at = at;
	fsm_event(&table, &s->fsm, ev, s, now);
	/* the peer is administratively down, whatever our state was: that is no failure */
	if (ev == BFD_EV_RX_ADMIN_DOWN && s->liveness == BFD_LIVE_DOWN) {
		bfd_session_set_liveness(s, BFD_LIVE_UNKNOWN, now);
		bfd_fsm_tell(s, s->fsm.state);
	}
}
