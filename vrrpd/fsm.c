/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of a virtual router (RFC 9568 6.4) as a table.
 *
 *	Initialize --Startup--> Backup <--TakeOver / Yield, HandOver, Force--> Master
 *	     ^--- Stop, Shutdown ---'                                             |
 *	     ^--------------------- Stop, Shutdown -------------------------------'
 *
 * The actions are how a master leaves: at once, or making before breaking (active.c). What a state means
 * for everybody else happens once, in changed().
 */
#include "vrrpd/core.h"

#include <string.h>

static const char *const state_names[VRRP_STATES] = {"Initialize", "Backup", "Master"};
static const char *const event_names[VRRP_EV_COUNT] = {
	[VRRP_EV_STARTUP] = "Startup", [VRRP_EV_STOP] = "Stop", [VRRP_EV_SHUTDOWN] = "Shutdown",
	[VRRP_EV_TAKE_OVER] = "TakeOver", [VRRP_EV_YIELD] = "Yield", [VRRP_EV_HAND_OVER] = "HandOver",
	[VRRP_EV_FORCE] = "Force",
};
static const char *const reason_names[VRRP_WHY_COUNT] = {
	[VRRP_WHY_NONE] = "none", [VRRP_WHY_STARTUP] = "startup", [VRRP_WHY_MASTER_DOWN] = "master-down",
	[VRRP_WHY_PREEMPTED] = "preempted", [VRRP_WHY_PRIORITY_ZERO] = "priority-zero",
	[VRRP_WHY_HIGHER_PRIORITY] = "higher-priority", [VRRP_WHY_OWNER] = "owner", [VRRP_WHY_BFD] = "bfd",
	[VRRP_WHY_TRACK] = "track", [VRRP_WHY_INTERFACE] = "interface", [VRRP_WHY_SHUTDOWN] = "shutdown",
	[VRRP_WHY_CONFIG] = "config", [VRRP_WHY_SYNC] = "sync-group", [VRRP_WHY_RESTORED] = "restored",
};

const char *
vrrp_state_name(unsigned state)
{
	return state < VRRP_STATES ? state_names[state] : "?";
}

const char *
vrrp_reason_name(unsigned reason)
{
	return reason < VRRP_WHY_COUNT ? reason_names[reason] : "?";
}

/* --- actions -------------------------------------------------------------------------------------- */

/* RFC 9568 6.4.1: the owner is master at once; ours: so is who was it a moment ago, unless others have noticed. */
static unsigned
startup(void *arg, unsigned next, int64_t now)
{
	struct vrrp_router *r = arg;
	const struct vrrp_record *k = r->restored ? vrrp_router_record(r) : NULL;
	int64_t until;

	r->m = (struct vrrp_master){.used = r->s->interval};
	r->restored = false;
	r->reason = VRRP_WHY_STARTUP;
	if (k && k->state == VRRP_BACKUP && k->master.afi) {
		r->m.address = k->master;
		r->m.priority = r->peer_priority = k->master_priority;
		r->m.interval = r->m.used = k->master_adver_interval;
	}
	if (r->block != VRRP_BLOCK_NONE)
		return next;
	if (k && k->state == VRRP_MASTER && now - k->last_advert < 3 * r->s->interval + vrrp_router_skew(r)) {
		r->peer_priority = k->master_priority;
		r->reason = VRRP_WHY_RESTORED;
		return VRRP_MASTER;
	}
	if (r->priority == 255 && !r->group && (r->owner || vrrp_hold_why(r, now, &until) == VRRP_HOLD_NONE)) {
		r->reason = VRRP_WHY_OWNER;
		return VRRP_MASTER;
	}
	return next;
}

static unsigned
release(void *arg, unsigned next, int64_t now)
{
	(void)now;
	vrrp_active_release(arg);
	return next;
}

static unsigned
yield(void *arg, unsigned next, int64_t now)
{
	vrrp_active_farewell(arg, now);
	vrrp_active_release(arg);
	return next;
}

static unsigned
hand_over(void *arg, unsigned next, int64_t now)
{
	vrrp_active_hand_over(arg, false, now);
	return next;
}

static unsigned
offer(void *arg, unsigned next, int64_t now)
{
	vrrp_active_hand_over(arg, true, now);
	return next;
}

#define CELL(s, e) [(s) * VRRP_EV_COUNT + (e)]
static const struct fsm_cell cells[VRRP_STATES * VRRP_EV_COUNT] = {
	CELL(VRRP_INITIALIZE, VRRP_EV_STARTUP) = {startup, VRRP_BACKUP, true},
	CELL(VRRP_BACKUP, VRRP_EV_STOP) = {NULL, VRRP_INITIALIZE, true},
	CELL(VRRP_BACKUP, VRRP_EV_SHUTDOWN) = {NULL, VRRP_INITIALIZE, true},
	CELL(VRRP_BACKUP, VRRP_EV_TAKE_OVER) = {NULL, VRRP_MASTER, true},
	CELL(VRRP_MASTER, VRRP_EV_STOP) = {release, VRRP_INITIALIZE, true},
	CELL(VRRP_MASTER, VRRP_EV_SHUTDOWN) = {hand_over, VRRP_INITIALIZE, true},
	CELL(VRRP_MASTER, VRRP_EV_YIELD) = {yield, VRRP_BACKUP, true},
	CELL(VRRP_MASTER, VRRP_EV_HAND_OVER) = {offer, VRRP_BACKUP, true},
	CELL(VRRP_MASTER, VRRP_EV_FORCE) = {hand_over, VRRP_BACKUP, true},
};

/* --- what a state means --------------------------------------------------------------------------- */

/* RFC 9568 6.4.1 (120), 6.4.3 (725): the time without adverts begins; with the better master's, if one was heard. */
static void
backup_enter(struct vrrp_router *r, unsigned event, int64_t now)
{
	r->expired = r->strong = false;
	r->listening = now;
	if (event == VRRP_EV_YIELD) {
		vrrp_router_listen(r, r->m.heard);
		return;
	}
	if (event != VRRP_EV_STARTUP)
		r->m.address.afi = AFI_NONE;
	vrrp_router_listen(r, now);
}

static void
tell(struct vrrp_router *r, unsigned from, unsigned to, int64_t now)
{
	struct vrrp_change c = {.key = vrrp_router_key(r), .old_state = (uint8_t)from, .new_state = (uint8_t)to,
		.reason = r->reason, .priority = r->priority, .at = now};

	memcpy(c.ifname, r->ifc->name, sizeof(c.ifname));
	memcpy(c.notify, r->s->notify, sizeof(c.notify));
	c.master = to == VRRP_MASTER ? vrrp_router_primary(r) : r->m.address;
	r->v->ops->changed(r->v->arg, &c);
}

static void
changed(void *arg, unsigned from, unsigned to, unsigned event, int64_t now)
{
	struct vrrp_router *r = arg;

	r->stats.transitions++;
	timer_cancel(r->v->timers, &r->timer);
	if (from != VRRP_MASTER || to != VRRP_BACKUP)
		vrrp_hold_clear(r, now);
	if (to == VRRP_MASTER) {
		r->stats.became_master++;
		vrrp_active_enter(r, now);
	} else if (to == VRRP_BACKUP) {
		backup_enter(r, event, now);
	} else {
		r->m = (struct vrrp_master){0};
		r->expired = r->strong = false;
	}
	if (from == VRRP_MASTER && r->group && r->reason != VRRP_WHY_SYNC) {
		r->group->offered |= event == VRRP_EV_HAND_OVER;
		r->group->fallen |= event != VRRP_EV_HAND_OVER;
	}
	tell(r, from, to, now);
	if (to == VRRP_INITIALIZE)
		r->v->ops->checkpoint(r->v->arg, &(struct vrrp_key){r->ifindex, r->vrid, r->afi}, NULL);
	else
		vrrp_router_checkpoint(r, to == VRRP_MASTER ? now : r->m.heard);
	r->ifc->lan_dirty = r->v->dirty = true;
	vrrp_sync_mark(r);
}

const struct fsm_table vrrp_fsm = {
	.name = "vrrp", .states = VRRP_STATES, .events = VRRP_EV_COUNT, .state_names = state_names,
	.event_names = event_names, .cells = cells, .changed = changed};
