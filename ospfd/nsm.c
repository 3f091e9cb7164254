/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The neighbour state machine (RFC 2328 10.1 - 10.4) as a table.
 *
 *   Down - Attempt - Init - 2-Way - ExStart - Exchange - Loading - Full
 *
 * An action decides the next state; what a state means for everybody else (lists cleared, Database
 * Description begun, router LSA, election) happens once, in nsm_changed().
 */
#include "ospfd/nbr_bfd.h"
#include "ospfd/dbdesc.h"
#include "ospfd/hitless.h"
#include "ospfd/lsreq.h"
#include "ospfd/orig.h"
#include "ospfd/retrans.h"
#include "ospfd/stubrouter.h"

static const char *const state_names[] = {
	[NSM_DOWN] = "Down", [NSM_ATTEMPT] = "Attempt", [NSM_INIT] = "Init", [NSM_2WAY] = "2-Way",
	[NSM_EXSTART] = "ExStart", [NSM_EXCHANGE] = "Exchange", [NSM_LOADING] = "Loading",
	[NSM_FULL] = "Full",
};
static const char *const event_names[] = {
	[NSM_EV_START] = "Start", [NSM_EV_HELLO_RECEIVED] = "HelloReceived",
	[NSM_EV_2WAY_RECEIVED] = "2-WayReceived", [NSM_EV_NEGOTIATION_DONE] = "NegotiationDone",
	[NSM_EV_EXCHANGE_DONE] = "ExchangeDone", [NSM_EV_LOADING_DONE] = "LoadingDone",
	[NSM_EV_BAD_LSREQ] = "BadLSReq", [NSM_EV_ADJ_OK] = "AdjOK?",
	[NSM_EV_SEQ_MISMATCH] = "SeqNumberMismatch", [NSM_EV_1WAY_RECEIVED] = "1-WayReceived",
	[NSM_EV_KILL_NBR] = "KillNbr", [NSM_EV_INACTIVITY] = "InactivityTimer",
	[NSM_EV_LL_DOWN] = "LLDown", [NSM_EV_BFD_DOWN] = "BFDDown",
};

const char *
nsm_state_name(enum nsm_state s)
{
	return s < NSM_STATES ? state_names[s] : "?";
}

const char *
nsm_event_name(enum nsm_event e)
{
	return e < NSM_EVENTS ? event_names[e] : "?";
}

bool
nsm_adjacency_wanted(const struct nbr *n)
{
	/* RFC 2328 10.4 */
	const struct iface *i = n->iface;
	if (!iface_is_multiaccess(i))
		return true;
	enum ism_state s = iface_state(i);
	if (s == ISM_DR || s == ISM_BACKUP)
		return true;
	uint32_t ident = iface_ospf(i)->v->nbr_ident(n);
	return ident == i->dr || ident == i->bdr;
}

static void
inactivity_due(void *arg, int64_t now)
{
	nsm_event(arg, NSM_EV_INACTIVITY, now);
}

/* --- actions --------------------------------------------------------------------------------- */
static unsigned
hello_heard(void *arg, unsigned next, int64_t now)
{
	struct nbr *n = arg;
	timer_set(iface_ospf(n->iface)->timers, &n->inactivity, now + n->iface->p.dead,
		inactivity_due, n);
	return next;
}

static unsigned
two_way(void *arg, unsigned next, int64_t now)
{
	(void)next;
	(void)now;
	return nsm_adjacency_wanted(arg) ? NSM_EXSTART : NSM_2WAY;
}

/* AdjOK? in ExStart or above: back to 2-Way if the adjacency is not wanted any longer. */
static unsigned
still_wanted(void *arg, unsigned next, int64_t now)
{
	(void)now;
	return nsm_adjacency_wanted(arg) ? next : NSM_2WAY;
}

static unsigned
exchange_done(void *arg, unsigned next, int64_t now)
{
	struct nbr *n = arg;
	(void)next;
	(void)now;
	return n->requests.count ? NSM_LOADING : NSM_FULL;
}

/* SeqNumberMismatch, BadLSReq: torn down and tried again from the start. */
static unsigned
again(void *arg, unsigned next, int64_t now)
{
	struct nbr *n = arg;
	(void)now;
	n->last_regress_why = "database exchange failed";
	return next;
}

static unsigned
go_down(void *arg, unsigned next, int64_t now)
{
	struct nbr *n = arg;
	(void)now;
	timer_cancel(iface_ospf(n->iface)->timers, &n->inactivity);
	return next;
}

#define CELL(s, e) [(s) * NSM_EVENTS + (e)]
#define DOWN_FROM(s)                                                                               \
	CELL(s, NSM_EV_KILL_NBR) = { go_down, NSM_DOWN, true },                                    \
	CELL(s, NSM_EV_LL_DOWN) = { go_down, NSM_DOWN, true },                                     \
	CELL(s, NSM_EV_INACTIVITY) = { go_down, NSM_DOWN, true },                                  \
	CELL(s, NSM_EV_BFD_DOWN) = { go_down, NSM_DOWN, true } /* ours */
#define HEARD_IN(s) CELL(s, NSM_EV_HELLO_RECEIVED) = { hello_heard, FSM_STAY, true }
#define ADJACENT(s)                                                                                \
	HEARD_IN(s), CELL(s, NSM_EV_2WAY_RECEIVED) = { NULL, FSM_STAY, true },                     \
	CELL(s, NSM_EV_1WAY_RECEIVED) = { NULL, NSM_INIT, true },                                  \
	CELL(s, NSM_EV_ADJ_OK) = { still_wanted, FSM_STAY, true }, DOWN_FROM(s)
#define EXCHANGING(s)                                                                              \
	ADJACENT(s), CELL(s, NSM_EV_SEQ_MISMATCH) = { again, NSM_EXSTART, true },                  \
	CELL(s, NSM_EV_BAD_LSREQ) = { again, NSM_EXSTART, true }

/* RFC 2328 10.3; what is not in the table has no meaning in that state */
static const struct fsm_cell cells[NSM_STATES * NSM_EVENTS] = {
	CELL(NSM_DOWN, NSM_EV_START) = { NULL, NSM_ATTEMPT, true },
	CELL(NSM_DOWN, NSM_EV_HELLO_RECEIVED) = { hello_heard, NSM_INIT, true },
	CELL(NSM_ATTEMPT, NSM_EV_HELLO_RECEIVED) = { hello_heard, NSM_INIT, true },
	DOWN_FROM(NSM_ATTEMPT),
	HEARD_IN(NSM_INIT),
	CELL(NSM_INIT, NSM_EV_2WAY_RECEIVED) = { two_way, NSM_2WAY, true },
	CELL(NSM_INIT, NSM_EV_1WAY_RECEIVED) = { NULL, FSM_STAY, true },
	DOWN_FROM(NSM_INIT),
	HEARD_IN(NSM_2WAY),
	CELL(NSM_2WAY, NSM_EV_2WAY_RECEIVED) = { NULL, FSM_STAY, true },
	CELL(NSM_2WAY, NSM_EV_1WAY_RECEIVED) = { NULL, NSM_INIT, true },
	CELL(NSM_2WAY, NSM_EV_ADJ_OK) = { two_way, NSM_2WAY, true },
	DOWN_FROM(NSM_2WAY),
	ADJACENT(NSM_EXSTART),
	CELL(NSM_EXSTART, NSM_EV_NEGOTIATION_DONE) = { NULL, NSM_EXCHANGE, true },
	EXCHANGING(NSM_EXCHANGE),
	CELL(NSM_EXCHANGE, NSM_EV_EXCHANGE_DONE) = { exchange_done, NSM_LOADING, true },
	EXCHANGING(NSM_LOADING),
	CELL(NSM_LOADING, NSM_EV_LOADING_DONE) = { NULL, NSM_FULL, true },
	EXCHANGING(NSM_FULL),
};

/* --- consequences ---------------------------------------------------------------------------- */
static bool
is_exchanging(unsigned s)
{
	return s == NSM_EXCHANGE || s == NSM_LOADING;
}

static void
count_states(struct nbr *n, unsigned from, unsigned to)
{
	struct iface *i = n->iface;
	struct ospf *o = iface_ospf(i);
	o->exchanging += (unsigned)is_exchanging(to) - (unsigned)is_exchanging(from);
	if ((from == NSM_FULL) == (to == NSM_FULL))
		return;
	unsigned one = to == NSM_FULL ? 1u : (unsigned)-1;
	i->full_nbrs += one;
	i->area->full_nbrs += one;
	o->full_nbrs += one;
	if (from == NSM_FULL)
		o->stats.adjacencies_lost++;
}

static void
tell(const struct nbr *n, unsigned from, unsigned to, unsigned event, bool advertised)
{
	struct iface *i = n->iface;
	ospf_notify(iface_ospf(i), &(struct ospf_event){ .kind = OSPF_EV_NBR_STATE,
		.old = (uint8_t)from, .new = (uint8_t)to, .ifindex = iface_ifindex(i),
		.ifname = iface_name(i), .router_id = n->router_id, .addr = n->addr,
		.area = i->area->id, .text = event_names[event], .want = nbr_is_adjacent(n),
		.got = advertised });
}

static void
nsm_changed(void *arg, unsigned from, unsigned to, unsigned event, int64_t now)
{
	struct nbr *n = arg;
	struct iface *i = n->iface;
	struct ospf *o = iface_ospf(i);
	if (to > from)
		n->last_progress = now;
	else
		n->last_regress = now;
	if (to < from && to != NSM_EXSTART)
		n->last_regress_why = event_names[event];
	bool advertised = from == NSM_FULL || (n->resync && from >= NSM_EXSTART);
	count_states(n, from, to);
	readiness_check(o);
	/* RFC 2328 10.3: whoever leaves the exchange forgets its lists */
	if (from >= NSM_EXSTART && to <= NSM_EXSTART) {
		dbdesc_stop(n);
		lsreq_clear(n);
		retrans_forget_nbr(n);
	}
	if (to == NSM_EXSTART && from == NSM_FULL && event == NSM_EV_SEQ_MISMATCH)
		hitless_resync(n, now);
	tell(n, from, to, event, advertised);
	if ((from < NSM_2WAY) != (to < NSM_2WAY)) {
		iface_elect_wanted(i);
		nbr_bfd_changed(n, to >= NSM_2WAY);
	}
	if (to == NSM_FULL || to < NSM_EXSTART)
		hitless_forget(n);
	if ((from == NSM_FULL) != (to == NSM_FULL) || to < NSM_EXSTART) {
		/* RFC 2328 12.4: adjacency changes show in the router LSA, and in the DR's network
		 * LSA */
		area_router_lsa_wanted(i->area);
		spfdelay_local_event(o, i->area, now);
	}
	n->early = n->early ? to >= NSM_EXCHANGE : to == NSM_EXCHANGE && stubrouter_starting(o);
	if (n->early && to == NSM_EXCHANGE) {
		area_router_lsa_wanted(i->area);
		if (o->exchanging + o->full_nbrs == 1)
			orig_unseen(i->area, now);
	}
	if (to == NSM_EXSTART)
		dbdesc_start(n, now);
	if (to == NSM_EXCHANGE)
		dbdesc_exchange(n, now);
	if (to == NSM_DOWN) {
		n->dead = true;
		o->want_burial = true;
	}
}

static const struct fsm_table table = {
	.name = "nsm",
	.states = NSM_STATES,
	.events = NSM_EVENTS,
	.state_names = state_names,
	.event_names = event_names,
	.cells = cells,
	.changed = nsm_changed,
};

void
nsm_event(struct nbr *n, enum nsm_event ev, int64_t now)
{
	fsm_event(&table, &n->fsm, ev, n, now);
}
