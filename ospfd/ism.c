/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface state machine (RFC 2328 9.1 - 9.3) as a table; what a new role means for groups,
 * neighbours and LSAs happens once, in role_changed().
 */
#include "ospfd/dr.h"
#include "ospfd/hello.h"
#include "ospfd/lsack.h"

static const char *const state_names[] = {
	[ISM_DOWN] = "Down", [ISM_LOOPBACK] = "Loopback", [ISM_WAITING] = "Waiting",
	[ISM_P2P] = "Point-To-Point", [ISM_DROTHER] = "DROther", [ISM_BACKUP] = "Backup",
	[ISM_DR] = "DR",
};
static const char *const event_names[] = {
	[ISM_EV_UP] = "InterfaceUp", [ISM_EV_WAIT_TIMER] = "WaitTimer",
	[ISM_EV_BACKUP_SEEN] = "BackupSeen", [ISM_EV_NEIGHBOR_CHANGE] = "NeighborChange",
	[ISM_EV_LOOP] = "LoopInd", [ISM_EV_UNLOOP] = "UnloopInd", [ISM_EV_DOWN] = "InterfaceDown",
};

const char *
ism_state_name(enum ism_state s)
{
	return s < ISM_STATES ? state_names[s] : "?";
}

bool
iface_is_multiaccess(const struct iface *i)
{
	return i->p.net_type == OSPF_NET_BROADCAST || i->p.net_type == OSPF_NET_NBMA;
}

static void
wait_due(void *arg, int64_t now)
{
	ism_event(arg, ISM_EV_WAIT_TIMER, now);
}

/* --- actions --------------------------------------------------------------------------------- */
static unsigned
go_up(void *arg, unsigned next, int64_t now)
{
	struct iface *i = arg;
	(void)next;
	i->dr = i->bdr = i->dr_id = i->bdr_id = 0;
	if (i->p.net_type == OSPF_NET_LOOPBACK)
		return ISM_LOOPBACK;
	if (!iface_is_multiaccess(i))
		return ISM_P2P;
	if (i->p.priority == 0)
		return ISM_DROTHER;
	timer_set(iface_ospf(i)->timers, &i->wait_timer, now + i->p.dead, wait_due, i);
	return ISM_WAITING;
}

static unsigned
elect(void *arg, unsigned next, int64_t now)
{
	struct iface *i = arg;
	(void)next;
	(void)now;
	timer_cancel(iface_ospf(i)->timers, &i->wait_timer);
	iface_ospf(i)->stats.elections++;
	return dr_elect(i);
}

static unsigned
go_down(void *arg, unsigned next, int64_t now)
{
	struct iface *i = arg;
	(void)now;
	struct timers *ts = iface_ospf(i)->timers;
	timer_cancel(ts, &i->wait_timer);
	timer_cancel(ts, &i->pace_timer);
	hello_stop(i);
	lsack_stop(i);
	i->dr = i->bdr = i->dr_id = i->bdr_id = 0;
	return next;
}

#define CELL(s, e) [(s) * ISM_EVENTS + (e)]
#define ENDS(s)                                                                                    \
	CELL(s, ISM_EV_DOWN) = { go_down, ISM_DOWN, true },                                        \
	CELL(s, ISM_EV_LOOP) = { go_down, ISM_LOOPBACK, true }
#define ELECTED(s) CELL(s, ISM_EV_NEIGHBOR_CHANGE) = { elect, FSM_STAY, true }, ENDS(s)

/* RFC 2328 9.3 */
static const struct fsm_cell cells[ISM_STATES * ISM_EVENTS] = {
	CELL(ISM_DOWN, ISM_EV_UP) = { go_up, FSM_STAY, true },
	CELL(ISM_LOOPBACK, ISM_EV_UNLOOP) = { go_down, ISM_DOWN, true },
	CELL(ISM_LOOPBACK, ISM_EV_DOWN) = { go_down, ISM_DOWN, true },
	CELL(ISM_WAITING, ISM_EV_BACKUP_SEEN) = { elect, FSM_STAY, true },
	CELL(ISM_WAITING, ISM_EV_WAIT_TIMER) = { elect, FSM_STAY, true },
	ENDS(ISM_WAITING),
	ENDS(ISM_P2P),
	ELECTED(ISM_DROTHER),
	ELECTED(ISM_BACKUP),
	ELECTED(ISM_DR),
};

/* --- consequences ---------------------------------------------------------------------------- */
/* A group is left only when no other interface on the same link needs it. */
static void
membership(struct iface *i, bool *have, size_t field, const struct ipaddr *group, bool want)
{
	struct ospf *o = iface_ospf(i);
	if (*have == want)
		return;
	*have = want;
	for (struct iface *x = iface_next(o, NULL); x; x = iface_next(o, x))
		if (x != i && x->link == i->link && *(const bool *)((const char *)x + field))
			return;
	o->ops->membership(o->ops_arg, iface_ifindex(i), group, want);
}

static void
join_groups(struct iface *i)
{
	const struct ospf_version *v = iface_ospf(i)->v;
	enum ism_state s = iface_state(i);
	bool speaks = s > ISM_LOOPBACK && !i->p.passive;
	membership(
		i, &i->in_all_spf, offsetof(struct iface, in_all_spf), &v->all_spf_routers, speaks);
	membership(i, &i->in_all_d, offsetof(struct iface, in_all_d), &v->all_d_routers,
		speaks && (s == ISM_DR || s == ISM_BACKUP));
}

static void
nbrs_event(struct iface *i, enum nsm_event ev, enum nsm_state from, int64_t now)
{
	struct nbr *n;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (!n->dead && nbr_state(n) >= from)
			nsm_event(n, ev, now);
}

static void
role_changed(struct iface *i, enum ism_state from, int64_t now)
{
	enum ism_state to = iface_state(i);
	join_groups(i);
	readiness_check(iface_ospf(i));
	if (from == ISM_DOWN)
		i->up_since = now;
	if (from == ISM_DOWN && to > ISM_LOOPBACK)
		hello_start(i, now);
	if (to <= ISM_LOOPBACK)
		nbrs_event(i, NSM_EV_LL_DOWN, NSM_DOWN, now);
	else
		nbrs_event(i, NSM_EV_ADJ_OK, NSM_2WAY, now); /* RFC 2328 9.4 (7) */
	if (from == ISM_DOWN && iface_ospf(i)->started != now)
		area_router_lsa_later(i->area, now);
	else
		area_router_lsa_wanted(i->area);
	spfdelay_local_event(iface_ospf(i), i->area, now);
}

static void
ism_changed(void *arg, unsigned from, unsigned to, unsigned event, int64_t now)
{
	struct iface *i = arg;
	(void)now;
	ospf_notify(iface_ospf(i), &(struct ospf_event){ .kind = OSPF_EV_IFACE_STATE,
		.old = (uint8_t)from, .new = (uint8_t)to, .ifindex = iface_ifindex(i),
		.ifname = iface_name(i), .addr = i->addr, .area = i->area->id,
		.text = event_names[event] });
}

static const struct fsm_table table = {
	.name = "ism",
	.states = ISM_STATES,
	.events = ISM_EVENTS,
	.state_names = state_names,
	.event_names = event_names,
	.cells = cells,
	.changed = ism_changed,
};

void
ism_event(struct iface *i, enum ism_event ev, int64_t now)
{
	uint32_t dr = i->dr, bdr = i->bdr;
	enum ism_state from = iface_state(i);
	fsm_event(&table, &i->fsm, ev, i, now);
	if (from != iface_state(i) || dr != i->dr || bdr != i->bdr)
		role_changed(i, from, now);
}
