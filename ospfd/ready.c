/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this router's part of OSPF complete? Until it is, a router that has returned should not take its
 * virtual addresses back (vrrpd waits for it) nor attract transit (stubrouter.c).
 *
 * Ready: every interface that speaks has had time to hear its neighbours, all that were heard are Full
 * (or in 2-Way where no adjacency is wanted) and list us in turn, and the routes have been calculated
 * since and handed over.
 * Ready it stays, whatever single neighbours do, until the instance starts over or has lost the last of
 * its adjacencies: then it knows nothing of the network any more, and a track object that
 * rises with the uplink's carrier must not bring traffic here before OSPF is back. It is told with
 * what is missing, each time that changes.
 */

#include "ospfd/nbr.h"

#include <stdio.h>
#include <string.h>

#include "ospfd/routes.h"
#include "ospfd/stubrouter.h"

/* At the start of a router, zebra gives interfaces their addresses a moment after we have our configuration. */
#define IFACES_COME (2 * TIME_SEC)

void
readiness_check(struct ospf *o)
{
	o->ready.check = true;
}

void
readiness_stop(struct ospf *o)
{
	timer_cancel(o->timers, &o->ready.timer);
	o->ready.on = o->ready.had_nbr = false;
	o->ready.check = true;
}

static void
listened(void *arg, int64_t now)
{
	(void)now;
	readiness_check(arg);
}

static bool
speaks(const struct iface *i)
{
	return iface_state(i) > ISM_LOOPBACK && !i->p.passive;
}

/* Whoever is there sends a Hello per interval; one may be lost, but nobody is silent for longer than dead. */
static int64_t
listens_until(const struct iface *i)
{
	int64_t two = 2 * i->p.hello + TIME_SEC;
	return i->up_since + (two < i->p.dead ? two : i->p.dead);
}

static bool
nbr_complete(const struct nbr *n)
{
	if (nbr_is_adjacent(n))
		return true;
	return nbr_state(n) == NSM_2WAY && iface_state(n->iface) != ISM_WAITING &&
		!nsm_adjacency_wanted(n);
}

/* What an interface lacks into o->ready.why; true: nothing. *due: when to look again. */
static bool
iface_complete(struct ospf *o, const struct iface *i, int64_t *due, int64_t now)
{
	char addr[IPADDR_STRLEN];
	const struct nbr *n;
	bool heard = false;
	TAILQ_FOREACH(n, &i->nbrs, entry) {
		if (n->dead)
			continue;
		heard = true;
		if (nbr_complete(n))
			continue;
		snprintf(o->ready.why, sizeof(o->ready.why), "neighbor %s on %s: %s",
			ipaddr_print(&n->addr, addr), iface_name(i), nsm_state_name(nbr_state(n)));
		return false;
	}
	if (heard || now >= listens_until(i))
		return true;
	*due = listens_until(i);
	snprintf(o->ready.why, sizeof(o->ready.why), "interface %s: listening for neighbors",
		iface_name(i));
	return false;
}

/* An adjacency carries nothing before the other side's LSA has it too (RFC 2328 16.1 (2) (b)). */
static bool
nbr_in_tree(const struct nbr *n)
{
	const struct graph *g = n->iface->area->graph;
	uint32_t v = g ? graph_find(g, &(struct spf_vertex){ .kind = VERTEX_ROUTER, .id = n->router_id })
		: GRAPH_NONE;
	return v != GRAPH_NONE && g->vertices[v].dist != SPF_UNREACHABLE;
}

static bool
tree_complete(struct ospf *o)
{
	char addr[IPADDR_STRLEN];
	for (const struct nbr *n = NULL; (n = ospf_nbr_next(o, n)) != NULL;) {
		if (n->dead || !nbr_is_adjacent(n) || nbr_in_tree(n))
			continue;
		snprintf(o->ready.why, sizeof(o->ready.why), "neighbor %s on %s: its LSA does not list us yet",
			ipaddr_print(&n->addr, addr), iface_name(n->iface));
		return false;
	}
	return true;
}

/* Had adjacencies, has none, and there is an interface that could bring one back. */
static bool
is_cut_off(const struct ospf *o)
{
	for (const struct nbr *n = NULL; (n = ospf_nbr_next(o, n)) != NULL;)
		if (!n->dead && nbr_is_adjacent(n))
			return false;
	for (const struct iface *i = NULL; (i = iface_next(o, i)) != NULL;)
		if (!i->p.passive && i->p.net_type != OSPF_NET_LOOPBACK)
			return o->ready.had_nbr;
	return false;
}

static bool
complete(struct ospf *o, int64_t *due, int64_t now)
{
	const struct routing *r = o->routing;
	bool any = false;
	if (!o->running) {
		o->ready.since = 0;
		snprintf(o->ready.why, sizeof(o->ready.why), "%s", o->configured ? "no router ID" : "");
		return !o->configured;
	}
	if (!o->ready.since)
		o->ready.since = now;
	if (is_cut_off(o)) {
		snprintf(o->ready.why, sizeof(o->ready.why), "all neighbors are lost");
		return false;
	}
	if (o->ready.on)
		return true;
	for (const struct iface *i = NULL; (i = iface_next(o, i)) != NULL; any |= speaks(i))
		if (speaks(i) && !iface_complete(o, i, due, now))
			return false;
	if (!any && now < o->ready.since + IFACES_COME) {
		*due = o->ready.since + IFACES_COME;
		snprintf(o->ready.why, sizeof(o->ready.why), "no interface yet");
		return false;
	}
	if (r->want_full || r->want_partial || r->event) {
		snprintf(o->ready.why, sizeof(o->ready.why), "routes are being calculated");
		*due = r->delay.due;
		return false;
	}
	return tree_complete(o);
}

void
readiness_turn_end(struct ospf *o, int64_t now)
{
	struct ready *r = &o->ready;
	char before[sizeof(r->why)];
	int64_t due = TIME_NEVER;
	if (!r->check)
		return;
	r->check = false;
	memcpy(before, r->why, sizeof(before));
	r->why[0] = '\0';
	if (o->full_nbrs) {
		r->had_nbr = true;
		stubrouter_first_full(o, now);
	}
	bool on = complete(o, &due, now);
	if (due != TIME_NEVER)
		timer_set(o->timers, &r->timer, due > now ? due : now, listened, o);
	if (on == r->on && strcmp(before, r->why) == 0)
		return;
	ospf_notify(o, &(struct ospf_event){ .kind = OSPF_EV_READY, .ifname = "", .old = r->on,
		.new = on, .text = r->why });
	bool lost = r->on && !on;
	r->on = on;
	if (lost)
		stubrouter_start(o, now);
}

bool
ospf_is_ready(const struct ospf *o, const char **waiting_for)
{
	*waiting_for = o->ready.why;
	return o->ready.on;
}
