/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second stage of RFC 2328 16.1 as bookkeeping by prefix. Each vertex knows its prefixes, each
 * prefix its sources; a calculation looks only at marked prefixes, compares the sources of each, and
 * hands what differs to announce.c. A prefix that lies unmarked is right.
 */
#include "ospfd/routes.h"

#include <string.h>

#include "lib/intern.h"
#include "lib/mem.h"
#include "lib/rtable.h"
#include "ospfd/asbr.h"
#include "ospfd/iface.h"
#include "ospfd/lfa.h"

struct vertex_prefixes {
	size_t count;
	struct source *list[];
};

/* --- prefixes ------------------------------------------------------------------------------------ */
struct pfx *
pfx_get(struct routing *r, const struct prefix *p)
{
	void **slot = rtable_insert(r->prefixes, p, NULL);
	if (!*slot) {
		struct pfx *x = mem_zalloc(sizeof(*x));
		x->prefix = *p;
		x->internal.type = x->path.type = PATH_NONE;
		*slot = x;
	}
	return *slot;
}

void
pfx_mark(struct routing *r, struct pfx *p)
{
	if (p->is_dirty)
		return;
	p->is_dirty = true;
	TAILQ_INSERT_TAIL(&r->dirty, p, dirty);
	r->dirty_count++;
}

void
pfx_mark_all(struct routing *r)
{
	struct rtable_iter it;
	void **slot;
	rtable_iter_init(&it, r->prefixes, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL)
		pfx_mark(r, *slot);
}

void
path_clear(struct routing *r, struct path *p)
{
	intern_unref(r->sets, p->legs);
	*p = (struct path){ .type = PATH_NONE };
}

bool
path_equal(const struct path *a, const struct path *b)
{
	return a->type == b->type && a->legs == b->legs && a->cost == b->cost &&
		a->type2_metric == b->type2_metric && a->tag == b->tag && a->area == b->area &&
		a->adv == b->adv && a->transit == b->transit;
}

/* --- which prefixes hang off a vertex --------------------------------------------------------------- */
static struct source *
source_new(struct routing *r, struct area *a, uint32_t vertex, const struct spf_prefix *p)
{
	struct source *s = mem_zalloc(sizeof(*s));
	*s = (struct source){ .pfx = pfx_get(r, &p->prefix), .area = a, .vertex = vertex,
		.metric = p->metric };
	LIST_INSERT_HEAD(&s->pfx->sources, s, in_prefix);
	pfx_mark(r, s->pfx);
	return s;
}

static void
source_free(struct routing *r, struct source *s)
{
	pfx_mark(r, s->pfx);
	LIST_REMOVE(s, in_prefix);
	mem_free(s);
}

static bool
source_same(const struct source *s, const struct spf_prefix *p)
{
	return s->metric == p->metric && prefix_equal(&s->pfx->prefix, &p->prefix);
}

struct sync_arg {
	struct routing *r;
	struct area *area;
};

/* graph_sync's callback: what stands at both ends of the old and the new list stays as it is. */
static void
prefixes_read(void *arg, uint32_t vertex, const struct spf_prefix *p, size_t count)
{
	const struct sync_arg *sa = arg;
	struct vertex *x = &sa->area->graph->vertices[vertex];
	struct vertex_prefixes *old = x->prefixes;
	size_t old_count = old ? old->count : 0, head = 0, tail = 0;
	while (head < old_count && head < count && source_same(old->list[head], &p[head]))
		head++;
	while (tail < old_count - head && tail < count - head &&
	       source_same(old->list[old_count - 1 - tail], &p[count - 1 - tail]))
		tail++;
	struct vertex_prefixes *fresh = NULL;
	if (count) {
		fresh = mem_alloc(sizeof(*fresh) + count * sizeof(fresh->list[0]));
		fresh->count = count;
		for (size_t i = 0; i < count; i++)
			fresh->list[i] = i < head ? old->list[i]
				: i >= count - tail ? old->list[old_count - (count - i)]
				: source_new(sa->r, sa->area, vertex, &p[i]);
	}
	for (size_t i = head; i < old_count - tail; i++)
		source_free(sa->r, old->list[i]);
	mem_free(old);
	x->prefixes = fresh;
}

void
routes_area_sync(struct routing *r, struct area *a, bool links_too)
{
	struct sync_arg arg = { r, a };
	if (a->graph)
		graph_sync(a->graph, r->o->v, &a->db, links_too, prefixes_read, &arg);
}

/* --- shortest paths ---------------------------------------------------------------------------------- */
static bool
hop_out(void *arg, const struct edge *link, const struct vertex *to, struct ospf_leg *leg)
{
	const struct area *a = arg;
	const struct ospf_version *v = a->o->v;
	if (link->flags & EDGE_VIRTUAL)
		return false;
	bool p2p = link->flags & EDGE_P2P;
	const struct iface *i = v->link_iface(a, link->data, p2p);
	if (!i)
		return false;
	leg->ifindex = iface_ifindex(i);
	if (!p2p)
		return true;
	if (!v->link_gateway(i, to->key.id, 0, &leg->gateway))
		return false;
	/* unnumbered, or numbered from another network than the neighbour */
	struct prefix net = prefix_make(i->peer.afi ? &i->peer : &i->addr, i->plen);
	leg->onlink = !prefix_contains_addr(&net, &leg->gateway);
	return true;
}

static bool
hop_on_network(void *arg, uint32_t ifindex, const struct vertex *router, const struct edge *back,
	struct ipaddr *gateway)
{
	const struct area *a = arg;
	const struct iface *i;
	TAILQ_FOREACH(i, &a->ifaces, entry)
		if (iface_ifindex(i) == ifindex && iface_is_multiaccess(i) &&
		    a->o->v->link_gateway(i, router->key.id, back->data, gateway))
			return true;
	return false;
}

bool
routes_way_out(struct area *a, const struct edge *link, struct ospf_leg *leg)
{
	return hop_out(a, link, &a->graph->vertices[link->to], leg);
}

bool
routes_gateway_on(struct area *a, uint32_t ifindex, uint32_t network, uint32_t router,
	struct ipaddr *gateway)
{
	const struct vertex *x = &a->graph->vertices[router];
	const struct edge *back = graph_edges(a->graph, router);
	for (uint32_t i = 0; i < x->count; i++)
		if (back[i].to == network)
			return hop_on_network(a, ifindex, x, &back[i], gateway);
	return false;
}

static void
vertex_moved(struct routing *r, const struct vertex *x)
{
	for (size_t i = 0; x->prefixes && i < x->prefixes->count; i++)
		pfx_mark(r, x->prefixes->list[i]->pfx);
}

void
routes_area_run(struct routing *r, struct area *a)
{
	struct graph *g = a->graph;
	if (!g)
		return;
	struct spf_vertex us = { .kind = VERTEX_ROUTER, .id = r->o->router_id };
	struct spf_hops hops = { .arg = a, .out = hop_out, .on_network = hop_on_network };
	uint32_t root = graph_find(g, &us);
	/* our own prefixes depend on interfaces, which no distance shows */
	if (root != GRAPH_NONE)
		vertex_moved(r, &g->vertices[root]);
	struct spf_result res = spf_run(g, root, &hops, r->sets, r->scratch);
	for (size_t i = 0; i < res.count; i++)
		vertex_moved(r, &g->vertices[res.changed[i]]);
	r->vertices += g->present;
	r->reached += res.reached;
	a->spf_runs++;
	graph_sweep(g);
}

/* --- intra-area routes --------------------------------------------------------------------------------- */
/* A prefix of our own: on the interface that has an address in it. */
static const struct ospf_leg *
legs_of_own(struct routing *r, const struct area *a, const struct prefix *p)
{
	const struct iface *i;
	TAILQ_FOREACH(i, &a->ifaces, entry) {
		struct prefix net = prefix_make(&i->addr, p->len);
		if (iface_state(i) == ISM_DOWN || p->len < i->plen || !prefix_equal(&net, p))
			continue;
		struct ospf_leg leg = leg_make(iface_ifindex(i), NULL);
		return legs_one(r->sets, &leg);
	}
	return NULL;
}

static void
internal_path(struct routing *r, const struct pfx *p, struct path *best)
{
	const struct source *s;
	*best = (struct path){ .type = PATH_NONE };
	LIST_FOREACH(s, &p->sources, in_prefix) {
		const struct graph *g = s->area->graph;
		const struct vertex *x = &g->vertices[s->vertex];
		if (x->dist == SPF_UNREACHABLE)
			continue;
		uint32_t cost = x->dist + s->metric;
		if (best->type != PATH_NONE && cost > best->cost)
			continue;
		const struct ospf_leg *legs = s->vertex == g->root
			? legs_of_own(r, s->area, &p->prefix) : intern_ref(x->legs);
		if (!legs)
			continue;
		if (best->type == PATH_NONE || cost < best->cost) {
			path_clear(r, best);
			*best = (struct path){ .type = OSPF_PATH_INTRA, .cost = cost, .legs = legs,
				.area = s->area->id, .adv = x->adv };
		} else {
			best->legs = legs_union(r->sets, best->legs, legs);
			if (x->adv < best->adv)
				best->adv = x->adv;
			if (s->area->id < best->area)
				best->area = s->area->id;
		}
		best->transit |= x->key.kind == VERTEX_NETWORK;
	}
}

static void
internal_calculate(struct routing *r, struct pfx *p)
{
	struct path now;
	internal_path(r, p, &now);
	if (path_equal(&now, &p->internal)) {
		path_clear(r, &now);
		return;
	}
	bool was = p->internal.type != PATH_NONE;
	path_clear(r, &p->internal);
	p->internal = now;
	r->internal_changed = true;
	if (now.type != PATH_NONE && !was)
		*rtable_insert(r->internal, &p->prefix, NULL) = p;
	else if (now.type == PATH_NONE && was)
		rtable_remove(r->internal, &p->prefix);
}

const struct ospf_leg *
routes_to_address(struct routing *r, const struct ipaddr *addr, struct path *path)
{
	for (const struct iface *i = NULL; (i = iface_next(r->o, i)) != NULL;)
		if (!ipaddr_cmp(&i->addr, addr))
			return NULL; /* that is us */
	void **slot = rtable_match(r->internal, addr, NULL);
	if (!slot)
		return NULL;
	const struct pfx *p = *slot;
	*path = p->internal;
	return legs_via(r->sets, p->internal.legs, addr);
}

/* --- the calculation -------------------------------------------------------------------------------------- */
static void
best_calculate(struct routing *r, struct pfx *p)
{
	struct path now;
	/* RFC 2328 11: intra- and inter-area paths before external ones, whatever they cost */
	if (p->internal.type != PATH_NONE) {
		now = p->internal;
		intern_ref(now.legs);
	} else {
		asbr_path(r, p, &now);
	}
	if (now.legs != p->path.legs)
		lfa_path_moved(r, p);
	path_clear(r, &p->path);
	p->path = now;
	announce_prefix(r, p);
}

static void
pfx_release(struct routing *r, struct pfx *p)
{
	if (p->told.legs || p->changed || !LIST_EMPTY(&p->sources) || !LIST_EMPTY(&p->externals))
		return;
	path_clear(r, &p->path);
	lfa_prefix_gone(r, p);
	rtable_remove(r->prefixes, &p->prefix);
	mem_free(p);
}

size_t
routes_calculate(struct routing *r)
{
	struct pfx *p;
	r->internal_changed = false;
	TAILQ_FOREACH(p, &r->dirty, dirty)
		internal_calculate(r, p);
	if (r->internal_changed)
		asbr_forwards_moved(r);
	r->changed_count = 0;
	while ((p = TAILQ_FIRST(&r->dirty)) != NULL) {
		TAILQ_REMOVE(&r->dirty, p, dirty);
		p->is_dirty = false;
		best_calculate(r, p);
		pfx_release(r, p);
	}
	r->dirty_count = 0;
	announce_flush(r);
	size_t told = r->changed_count;
	for (size_t i = 0; i < told; i++)
		pfx_release(r, r->changed[i]);
	r->changed_count = 0;
	return told;
}

/* --- an area goes ----------------------------------------------------------------------------------------- */
void
routing_area_gone(struct area *a, int64_t now)
{
	struct graph *g = a->graph;
	struct routing *r = a->o->routing;
	if (!g)
		return;
	lfa_changed(r, now);
	for (uint32_t v = 0; v < g->count; v++) {
		struct vertex *x = &g->vertices[v];
		for (size_t i = 0; x->prefixes && i < x->prefixes->count; i++)
			source_free(r, x->prefixes->list[i]);
		mem_free(x->prefixes);
		intern_unref(r->sets, x->legs);
	}
	graph_free(g);
	a->graph = NULL;
	r->want_partial = true; /* its prefixes are marked */
}
