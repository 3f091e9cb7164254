/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ours: restarts without a change of routes, between routers of this suite and without the
 * signalling of RFC 3623 (which comes on top). Kernel routes survive a killed daemon, so for some
 * seconds the old LSAs say the truth.
 *
 *   neighbour:  a Hello that does not list us is answered at once; only if the neighbour still does
 *               not list us ONEWAY later is it 1-WayReceived. Its Database Description then takes
 * the adjacency from Full to ExStart, but our router and network LSAs go on advertising it for
 * RESYNC; normally it is Full again within milliseconds. ourselves:  for STARTUP after the start,
 * LSAs of our former life are taken into the database as they are. Where what we want is the same,
 * the old instance is adopted; what differs is originated when no exchange is going on; what is not
 * wanted at the end is flushed. A role as DR or Backup that neighbours still see in us is taken up
 * again (hello.c).
 */
#include "ospfd/hitless.h"

#include "ospfd/age.h"
#include "ospfd/hello.h"
#include "ospfd/orig.h"

#define ONEWAY  (1 * TIME_SEC)
#define RESYNC  (3 * TIME_SEC)
#define STARTUP (15 * TIME_SEC)

/* --- a neighbour has restarted
 * --------------------------------------------------------------------- */
static void
oneway_over(void *arg, int64_t now)
{
	struct nbr *n = arg;
	n->oneway = false;
	nsm_event(n, NSM_EV_1WAY_RECEIVED, now);
}

bool
hitless_oneway(struct nbr *n, int64_t now)
{
	struct timers *ts = iface_ospf(n->iface)->timers;
	if (n->oneway && timer_armed(&n->oneway_timer))
		return true;
	if (!nbr_is_adjacent(n) || n->oneway)
		return false;
	/* once per restart: a link that works in one direction only is found out a second later */
	n->oneway = true;
	timer_set(ts, &n->oneway_timer, now + ONEWAY, oneway_over, n);
	hello_send(n->iface, now);
	return true;
}

void
hitless_twoway(struct nbr *n)
{
	n->oneway = false;
	timer_cancel(iface_ospf(n->iface)->timers, &n->oneway_timer);
}

static void
resync_over(void *arg, int64_t now)
{
	struct nbr *n = arg;
	const struct iface *i = n->iface;
	n->resync = false;
	ospf_notify(iface_ospf(i), &(struct ospf_event){ .kind = OSPF_EV_NBR_STATE,
		.old = (uint8_t)nbr_state(n), .new = (uint8_t)nbr_state(n), .ifindex = iface_ifindex(i),
		.ifname = iface_name(i), .router_id = n->router_id, .addr = n->addr, .got = true,
		.area = i->area->id, .text = "its restart takes too long" });
	readiness_check(iface_ospf(i));
	area_router_lsa_wanted(n->iface->area);
	spfdelay_local_event(iface_ospf(n->iface), n->iface->area, now);
}

void
hitless_resync(struct nbr *n, int64_t now)
{
	n->resync = true;
	timer_set(iface_ospf(n->iface)->timers, &n->resync_timer, now + RESYNC, resync_over, n);
}

void
hitless_forget(struct nbr *n)
{
	hitless_twoway(n);
	n->resync = false;
	timer_cancel(iface_ospf(n->iface)->timers, &n->resync_timer);
}

/* --- we have restarted
 * ------------------------------------------------------------------------------ */
bool
hitless_starting(const struct ospf *o, int64_t now)
{
	return now - o->started < STARTUP;
}

/* What is left of our former life and not wanted in this one. */
static void
flush_leftovers(struct lsdb *db, int64_t now)
{
	struct lsa *l = lsdb_next(db, NULL);
	for (; l; l = lsdb_next(db, &l->hdr.key))
		if (!l->own && !l->maxage && db->o->v->is_ours(db->o, &l->hdr))
			age_flush(l, now);
}

static void
startup_over(void *arg, int64_t now)
{
	struct ospf *o = arg;
	struct area *a;
	struct iface *i;
	o->want_settle = true;
	flush_leftovers(&o->as_db, now);
	TAILQ_FOREACH(a, &o->areas, entry)
		flush_leftovers(&a->db, now);
	for (i = iface_next(o, NULL); i; i = iface_next(o, i))
		flush_leftovers(&i->db, now);
}

void
hitless_started(struct ospf *o, int64_t now)
{
	timer_set(o->timers, &o->startup_timer, now + STARTUP, startup_over, o);
}

void
hitless_stop(struct ospf *o)
{
	timer_cancel(o->timers, &o->startup_timer);
}
