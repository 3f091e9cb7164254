/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a Backup that hears a master of lower priority leaves it alone: preemption is off, delayed, or
 * routing is not ready and traffic would fall into a hole (FRR with keepalived lose seconds there).
 * Only preemption waits: when there is no master at all, nobody does.
 *
 * While it is held, the adverts of the lower master count as if Preempt_Mode were off (RFC 9568 6.4.2).
 * When the last reason goes it takes over at once, if it has listened for one Active_Down_Interval since
 * it became Backup (or since its priority rose): a router that has just come does not know yet who is there.
 */
#include "vrrpd/core.h"

static const char *const hold_names[VRRP_HOLD_COUNT] = {
	[VRRP_HOLD_NONE] = "", [VRRP_HOLD_NO_PREEMPT] = "no-preempt", [VRRP_HOLD_PREEMPT_DELAY] = "preempt-delay",
	[VRRP_HOLD_START_DELAY] = "start-delay", [VRRP_HOLD_ROUTING] = "routing", [VRRP_HOLD_GROUP] = "sync-group",
};
static const char *const hold_texts[VRRP_HOLD_COUNT] = {
	[VRRP_HOLD_NONE] = "nothing", [VRRP_HOLD_NO_PREEMPT] = "preemption is off",
	[VRRP_HOLD_PREEMPT_DELAY] = "the preempt delay", [VRRP_HOLD_START_DELAY] = "the start delay",
	[VRRP_HOLD_ROUTING] = "routing to be ready", [VRRP_HOLD_GROUP] = "the other members of the sync group",
};

const char *
vrrp_hold_name(unsigned hold)
{
	return hold < VRRP_HOLD_COUNT ? hold_names[hold] : "?";
}

uint8_t
vrrp_hold_why(const struct vrrp_router *r, int64_t now, int64_t *until)
{
	const struct vrrp_settings *s = r->s;
	const struct vrrp *v = r->v;
	int64_t since = r->w.since ? r->w.since : now;

	*until = 0;
	if (r->owner) /* RFC 9568 6.1: Preempt_Mode does not hold the owner; the address is its own anyway */
		return vrrp_sync_lan_dead(r) ? VRRP_HOLD_GROUP : VRRP_HOLD_NONE;
	if (!s->preempt)
		return VRRP_HOLD_NO_PREEMPT;
	*until = v->started + s->start_delay;
	if (now < *until)
		return VRRP_HOLD_START_DELAY;
	*until = since + s->preempt_delay;
	if (now < *until)
		return VRRP_HOLD_PREEMPT_DELAY;
	*until = since + s->wait_routing_max;
	if (s->wait_routing && !v->ready && now < *until)
		return VRRP_HOLD_ROUTING;
	*until = 0;
	return vrrp_sync_lan_dead(r) ? VRRP_HOLD_GROUP : VRRP_HOLD_NONE;
}

static void
hold_over(void *arg, int64_t now)
{
	struct vrrp_router *r = arg;

	vrrp_hold_consider(r, now);
	vrrp_settle(r->v, now);
}

void
vrrp_hold_set(struct vrrp_router *r, uint8_t hold, int64_t until, int64_t now)
{
	uint8_t before = r->w.hold;

	r->w.hold = hold;
	r->w.until = until;
	if (until)
		timer_set(r->v->timers, &r->w.timer, until, hold_over, r);
	else
		timer_cancel(r->v->timers, &r->w.timer);
	if (hold != before)
		vrrp_log_text(r->ifc, r, VRRP_LOG_HOLD, hold != VRRP_HOLD_NONE, now, hold_texts[hold ? hold : before]);
}

void
vrrp_hold_clear(struct vrrp_router *r, int64_t now)
{
	r->w.since = 0;
	vrrp_hold_set(r, VRRP_HOLD_NONE, 0, now);
}

void
vrrp_hold_consider(struct vrrp_router *r, int64_t now)
{
	int64_t until;

	if (vrrp_router_state(r) != VRRP_BACKUP)
		return;
	if (!r->m.address.afi || r->m.zero || r->m.priority >= r->priority || r->block != VRRP_BLOCK_NONE) {
		if (!r->expired)
			vrrp_hold_clear(r, now);
		return;
	}
	if (!r->w.since)
		r->w.since = now;
	uint8_t hold = vrrp_hold_why(r, now, &until);
	vrrp_hold_set(r, hold, until, now);
	if (hold != VRRP_HOLD_NONE)
		return;
	int64_t due = r->listening + vrrp_router_down_interval(r);
	if (due < now)
		due = now;
	if (r->expired)
		vrrp_sync_mark(r);
	else if (!timer_armed(&r->timer) || due < r->timer.due)
		vrrp_router_overdue_at(r, due);
}
