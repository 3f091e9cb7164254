/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dijkstra over an area's graph (RFC 2328 16.1, first stage) with sets of equally good next hops.
 * Knows neither LSAs nor interfaces: ways out of this router are asked through struct spf_hops.
 */
#ifndef GREVY_OSPFD_SPF_H
#define GREVY_OSPFD_SPF_H

#include "ospfd/graph.h"
#include "ospfd/ospfd.h"

struct intern_table;

#define SPF_MAX_LEGS 256 /* per set; more are cut, the first in order stay */

struct spf_hops { /* RFC 2328 16.1.1 */
	void *arg;
	/* Over a link of our own: to a router (gateway set) or to a network (gateway AFI_NONE). *leg is
	 * all zero, padding too, and to be filled field by field. false: cannot be used at present. */
	bool (*out)(void *arg, const struct edge *link, const struct vertex *to, struct ospf_leg *leg);
	/* Gateway of a router on a network we are attached to by ifindex; back: its link to it. */
	bool (*on_network)(void *arg, uint32_t ifindex, const struct vertex *router,
		const struct edge *back, struct ipaddr *gateway);
};

struct spf_result {
	uint32_t *changed; /* vertices whose distance or legs differ from the last run */
	size_t count;
	uint32_t reached;
};

/*
 * Calculates distance and legs of every vertex of g. root == GRAPH_NONE: nothing is reachable.
 * The result's array is owned by the scratch and good until the next run with it.
 */
struct spf_scratch;
struct spf_scratch *spf_scratch_new(void);
void spf_scratch_free(struct spf_scratch *s);
struct spf_result spf_run(struct graph *g, uint32_t root, const struct spf_hops *hops,
	struct intern_table *sets, struct spf_scratch *s);

/* Distances from any vertex, without legs, into an array of g->count. */
void spf_distances(const struct graph *g, uint32_t root, struct spf_scratch *s, uint32_t *dist);

/* Sets of legs: interned arrays, ordered by rank, interface and gateway, no duplicates. */
size_t legs_count(const struct ospf_leg *set); /* 0 for NULL */
struct ospf_leg leg_make(uint32_t ifindex, const struct ipaddr *gateway); /* gateway may be NULL */
const struct ospf_leg *legs_one(struct intern_table *t, const struct ospf_leg *leg);
/* Takes over both references, returns one. Either may be NULL. */
const struct ospf_leg *legs_union(struct intern_table *t, const struct ospf_leg *a,
	const struct ospf_leg *b);
/* A set of its own reference with at most `max` legs. */
const struct ospf_leg *legs_cut(struct intern_table *t, const struct ospf_leg *set, size_t max);
/* A set in which legs without gateway go to `gateway`: for what lies behind a network. */
const struct ospf_leg *legs_via(struct intern_table *t, const struct ospf_leg *set,
	const struct ipaddr *gateway);
bool legs_direct(const struct ospf_leg *set); /* has a leg without gateway */

#endif
