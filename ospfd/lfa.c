/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loop-free alternates. S: this router, N: a neighbour, E: the neighbour of a primary leg, PN: a shared
 * network (pseudonode), D(a, b): the distance, p: the destination.
 *
 *	loop-free          D(N,p) < D(N,S) + D(S,p)          RFC 5286 inequality 1
 *	downstream         D(N,p) < D(S,p)                    2
 *	node-protecting    D(N,p) < D(N,E) + D(E,p)           3
 *	over a network     D(N,p) < D(N,PN) + D(PN,p)         4: it survives the whole network
 *
 * A run calculates the distances from every neighbour and attached network on the graph that SPF
 * has just used, a moment after the routes have left: a primary route never waits for its
 * alternate. The distances are kept until the tree changes, so that prefixes which come in between have their
 * alternate at once. D(N,p) is the least over all who announce p (RFC 5286 6.3), externals
 * through their boundary routers or forwarding addresses.
 *
 * A route with primary legs over several links and neighbours needs no alternate, the others protect
 * each. Otherwise the one alternate must survive what all primary legs share. Of those that
 * do: link and node before link before node alone, then downstream, then the least cost.
 */
#include "ospfd/lfa.h"

#include <string.h>

#include "lib/intern.h"
#include "lib/mem.h"
#include "lib/rtable.h"
#include "ospfd/asbr.h"
#include "ospfd/iface.h"

#define LFA_DELAY    (20 * TIME_MS) /* after the routes: several runs of SPF in a row need it once */
#define SOURCES_MAX  256    /* distance rows of an area; further neighbours are no candidates */
#define PLACES_MAX   16     /* who announces a prefix; one with more gets no alternate */
#define METRIC_MAX   0xffff /* RFC 5286 3.5, RFC 6987: not for transit */

struct row { /* distances from a vertex */
	uint32_t vertex;
	uint32_t *dist;
};
struct cand { /* a neighbour over one of our links */
	struct ospf_leg leg;
	uint32_t router, network;        /* vertices; network GRAPH_NONE: point-to-point */
	uint32_t cost;
	const uint32_t *dist, *net_dist; /* from the neighbour, from the network; NULL: not calculated */
	const char *unusable;            /* why it is no candidate, "": it is one */
};
struct known { /* the alternate of what hangs off a vertex */
	const struct ospf_leg *primary; /* if these are the primary legs; one reference */
	uint16_t cand; /* index and 1, 0: none */
	uint8_t flags; /* enum lfa_protects */
};
struct lfa_area {
	struct area *area;
	uint32_t count; /* vertices when the rows were made */
	struct row *rows;
	size_t row_count;
	struct cand *cands;
	size_t cand_count, cand_cap;
	struct known *known; /* by vertex */
};
struct lfa {
	struct routing *r;
	struct lfa_area *areas;
	size_t area_count; /* 0: nothing is known */
	struct timer timer;
	bool due;
	bool on; /* some prefix may have an alternate */
	uint64_t runs;
	size_t covers[LFA_COVERS]; /* prefixes by what protects them */
};

/* --- distances ------------------------------------------------------------------------------------- */
static const uint32_t *
row_get(struct lfa *l, struct lfa_area *la, uint32_t vertex)
{
	for (size_t i = 0; i < la->row_count; i++)
		if (la->rows[i].vertex == vertex)
			return la->rows[i].dist;
	if (la->row_count == SOURCES_MAX)
		return NULL;
	if (!la->rows)
		la->rows = mem_array(SOURCES_MAX, sizeof(*la->rows));
	struct row *row = &la->rows[la->row_count++];
	*row = (struct row){ .vertex = vertex, .dist = mem_array(la->count, sizeof(*row->dist)) };
	spf_distances(la->area->graph, vertex, l->r->scratch, row->dist);
	return row->dist;
}

static uint64_t
plus(uint32_t a, uint32_t b)
{
	return a == SPF_UNREACHABLE || b == SPF_UNREACHABLE ? UINT64_MAX : (uint64_t)a + b;
}

/* --- candidates ------------------------------------------------------------------------------------ */
/* The least cost of the links from one vertex to another. */
static uint32_t
link_cost(const struct graph *g, uint32_t from, uint32_t to)
{
	uint32_t best = SPF_UNREACHABLE;
	const struct edge *e = graph_edges(g, from);
	for (uint32_t i = 0; i < g->vertices[from].count; i++)
		if (e[i].to == to && (e[i].flags & EDGE_TWO_WAY) && e[i].cost < best)
			best = e[i].cost;
	return best;
}

static bool
is_excluded(const struct area *a, uint32_t ifindex)
{
	const struct iface *i;
	TAILQ_FOREACH(i, &a->ifaces, entry)
		if (iface_ifindex(i) == ifindex && i->p.lfa_exclude)
			return true;
	return false;
}

static void
cand_add(struct lfa *l, struct lfa_area *la, const struct ospf_leg *leg, uint32_t router, uint32_t network,
	uint32_t cost)
{
	const struct graph *g = la->area->graph;
	if (la->cand_count == la->cand_cap) {
		la->cand_cap = la->cand_cap ? 2 * la->cand_cap : 16;
		la->cands = mem_realloc(la->cands, la->cand_cap * sizeof(*la->cands));
	}
	struct cand *c = &la->cands[la->cand_count++];
	memset(c, 0, sizeof(*c));
	memcpy(&c->leg, leg, sizeof(*leg));
	c->router = router;
	c->network = network;
	c->cost = cost;
	c->dist = row_get(l, la, router);
	c->net_dist = network == GRAPH_NONE ? NULL : row_get(l, la, network);
	c->unusable = "";
	if (!c->dist || (network != GRAPH_NONE && !c->net_dist))
		c->unusable = "too many neighbors";
	else if (is_excluded(la->area, leg->ifindex))
		c->unusable = "excluded by configuration";
	/* RFC 5286 3.5: links that are costed out, in either direction, and stub routers */
	else if (cost >= METRIC_MAX || link_cost(g, router, network == GRAPH_NONE ? g->root : network) >= METRIC_MAX)
		c->unusable = "costed out, or a stub router";
}

static void
cands_on_network(struct lfa *l, struct lfa_area *la, const struct edge *to_net, uint32_t ifindex)
{
	const struct graph *g = la->area->graph;
	const struct edge *e = graph_edges(g, to_net->to);
	for (uint32_t i = 0; i < g->vertices[to_net->to].count; i++) {
		uint32_t n = e[i].to;
		struct ospf_leg leg = leg_make(ifindex, NULL);
		if (n == g->root || !(e[i].flags & EDGE_TWO_WAY) ||
			!routes_gateway_on(la->area, ifindex, to_net->to, n, &leg.gateway))
			continue;
		cand_add(l, la, &leg, n, to_net->to, to_net->cost);
	}
}

static void
cands_find(struct lfa *l, struct lfa_area *la)
{
	const struct graph *g = la->area->graph;
	for (uint32_t i = 0; i < g->vertices[g->root].count; i++) {
		const struct edge *e = graph_edges(g, g->root) + i;
		struct ospf_leg leg = leg_make(0, NULL);
		if (!(e->flags & EDGE_TWO_WAY) || !routes_way_out(la->area, e, &leg))
			continue;
		if (g->vertices[e->to].key.kind == VERTEX_NETWORK)
			cands_on_network(l, la, e, leg.ifindex);
		else
			cand_add(l, la, &leg, e->to, GRAPH_NONE, e->cost);
	}
}

/* --- destinations ---------------------------------------------------------------------------------- */
struct place {
	uint32_t vertex, metric;
};
struct dest {
	struct lfa_area *la;
	struct place at[PLACES_MAX];
	size_t count;
	bool bad; /* in several areas, or too many places */
};

static uint32_t
dest_dist(const struct dest *d, const uint32_t *row)
{
	uint64_t best = UINT64_MAX;
	for (size_t i = 0; i < d->count; i++) {
		uint64_t far = plus(row[d->at[i].vertex], d->at[i].metric);
		best = far < best ? far : best;
	}
	return best < SPF_UNREACHABLE ? (uint32_t)best : SPF_UNREACHABLE;
}

static uint32_t
dest_dist_from_us(const struct dest *d)
{
	uint64_t best = UINT64_MAX;
	for (size_t i = 0; i < d->count; i++) {
		uint64_t far = plus(d->la->area->graph->vertices[d->at[i].vertex].dist, d->at[i].metric);
		best = far < best ? far : best;
	}
	return best < SPF_UNREACHABLE ? (uint32_t)best : SPF_UNREACHABLE;
}

static struct lfa_area *
area_of(const struct lfa *l, uint32_t id)
{
	for (size_t i = 0; i < l->area_count; i++)
		if (l->areas[i].area->id == id)
			return &l->areas[i];
	return NULL;
}

static void
dest_add(const struct lfa *l, struct dest *d, uint32_t area, uint32_t vertex, uint32_t metric)
{
	struct lfa_area *la = area_of(l, area);
	d->bad |= !la || (d->la && d->la != la) || d->count == PLACES_MAX || vertex >= la->count;
	if (d->bad)
		return;
	d->la = la;
	d->at[d->count++] = (struct place){ vertex, metric };
}

static void
dest_add_internal(const struct lfa *l, struct dest *d, const struct pfx *p, uint32_t metric)
{
	const struct source *s;
	LIST_FOREACH(s, &p->sources, in_prefix)
		if (s->area->graph->vertices[s->vertex].dist != SPF_UNREACHABLE)
			dest_add(l, d, s->area->id, s->vertex, s->metric + metric);
}

/* Whatever any router could choose: the externals of the best kind (RFC 2328 16.4 (6)). */
static void
dest_add_externals(const struct lfa *l, struct dest *d, const struct pfx *p)
{
	const struct external *e;
	LIST_FOREACH(e, &p->externals, in_prefix) {
		const struct reach *reach = e->forward ? &e->forward->reach : &e->asbr->reach;
		bool type2 = p->path.type == OSPF_PATH_EXT2;
		if (!e->asbr->reach.ok || !reach->ok || e->type2 != type2 ||
			(type2 && e->metric != p->path.type2_metric))
			continue;
		uint32_t metric = type2 ? 0 : e->metric;
		if (e->forward) {
			void **slot = rtable_match(l->r->internal, &e->forward->addr, NULL);
			if (slot)
				dest_add_internal(l, d, *slot, metric);
			continue;
		}
		struct spf_vertex key = { .kind = VERTEX_ROUTER, .id = e->node.key.adv };
		const struct lfa_area *la = area_of(l, reach->area);
		uint32_t v = la ? graph_find(la->area->graph, &key) : GRAPH_NONE;
		if (v != GRAPH_NONE)
			dest_add(l, d, reach->area, v, metric);
	}
}

/* --- choosing -------------------------------------------------------------------------------------- */
struct hop { /* a primary leg */
	const struct cand *via; /* NULL: to no router (a forwarding address on a network of ours) */
	uint32_t ifindex;
};
struct choice {
	const struct dest *d;
	struct hop hops[SPF_MAX_LEGS];
	size_t hop_count;
	uint32_t ours; /* D(S,p) */
	bool need_link, need_node; /* shared by all primary legs */
};

static bool
leg_same(const struct ospf_leg *a, const struct ospf_leg *b)
{
	return a->ifindex == b->ifindex && ipaddr_cmp(&a->gateway, &b->gateway) == 0;
}

static struct hop
hop_of(const struct lfa_area *la, const struct ospf_leg *leg)
{
	struct hop h = { .ifindex = leg->ifindex };
	for (size_t k = 0; k < la->cand_count && !h.via; k++)
		if (leg_same(&la->cands[k].leg, leg))
			h.via = &la->cands[k];
	return h;
}

static void
hops_find(struct choice *ch, const struct ospf_leg *primary)
{
	bool links = false, nodes = false;
	ch->hop_count = legs_count(primary);
	for (size_t i = 0; i < ch->hop_count; i++) {
		struct hop *h = &ch->hops[i];
		*h = hop_of(ch->d->la, &primary[i]);
		links |= h->ifindex != ch->hops[0].ifindex;
		nodes |= i && (!h->via || !ch->hops[0].via || h->via->router != ch->hops[0].via->router);
	}
	ch->need_link = !links;
	ch->need_node = !nodes;
}

static bool
survives_link(const struct choice *ch, const struct cand *c, const struct hop *h, uint32_t theirs)
{
	/* a forwarding address on a network of ours, which may be no vertex: it fails with the network */
	if (c->leg.ifindex == h->ifindex || !h->via)
		return false;
	if (h->via->network == GRAPH_NONE)
		return true; /* it does not come back to us, so it does not cross our link */
	return h->via->net_dist && theirs < plus(c->dist[h->via->network], dest_dist(ch->d, h->via->net_dist)); /* 4 */
}

static bool
survives_node(const struct choice *ch, const struct cand *c, const struct hop *h, uint32_t theirs)
{
	return h->via && h->via->dist && h->via->router != c->router &&
		theirs < plus(c->dist[h->via->router], dest_dist(ch->d, h->via->dist)); /* 3 */
}

/* What the neighbour survives of what the primary legs share; 0: nothing, or it is no alternate. */
static uint8_t
cand_protects(const struct choice *ch, const struct cand *c, uint32_t theirs)
{
	uint32_t to_us = c->dist[ch->d->la->area->graph->root];
	bool link = ch->need_link, node = ch->need_node;
	if (theirs == SPF_UNREACHABLE || theirs >= plus(to_us, ch->ours))
		return 0; /* 1 */
	for (size_t i = 0; i < ch->hop_count; i++) {
		const struct hop *h = &ch->hops[i];
		if (h->via == c)
			return 0; /* a primary itself */
		link = link && survives_link(ch, c, h, theirs);
		node = node && survives_node(ch, c, h, theirs);
	}
	uint8_t flags = (uint8_t)((link ? LFA_LINK : 0) | (node ? LFA_NODE : 0));
	return flags && theirs < ch->ours ? flags | LFA_DOWNSTREAM : flags; /* 2 */
}

static unsigned
merit(uint8_t flags)
{
	return (flags & LFA_LINK ? 4u : 0) + (flags & LFA_NODE ? 2u : 0) + (flags & LFA_DOWNSTREAM ? 1u : 0);
}

/* The best alternate: its index in the area's candidates and 1; 0: there is none. */
static uint16_t
choose(const struct choice *ch, uint8_t *flags)
{
	const struct lfa_area *la = ch->d->la;
	uint64_t best_cost = UINT64_MAX;
	size_t best = 0;
	*flags = 0;
	for (size_t i = 0; i < la->cand_count && (ch->need_link || ch->need_node); i++) {
		const struct cand *c = &la->cands[i];
		if (*c->unusable)
			continue;
		uint32_t theirs = dest_dist(ch->d, c->dist);
		uint8_t f = cand_protects(ch, c, theirs);
		uint64_t cost = (uint64_t)c->cost + theirs;
		if (!f || merit(f) < merit(*flags) || (merit(f) == merit(*flags) && cost >= best_cost))
			continue;
		best = i + 1;
		best_cost = cost;
		*flags = f;
	}
	return (uint16_t)best;
}

static uint16_t
alternate_of(const struct dest *d, const struct ospf_leg *primary, uint8_t *flags)
{
	struct choice ch;
	ch.d = d;
	ch.ours = dest_dist_from_us(d);
	hops_find(&ch, primary);
	return choose(&ch, flags);
}

/* --- prefixes -------------------------------------------------------------------------------------- */
/* What hangs off one vertex alone has the vertex's alternate: its own metric is on both sides. */
static uint16_t
alternate_of_vertex(const struct dest *d, const struct ospf_leg *primary, uint8_t *flags)
{
	struct known *k = &d->la->known[d->at[0].vertex];
	if (k->primary != primary) {
		struct dest alone = { .la = d->la, .at = { { d->at[0].vertex, 0 } }, .count = 1 };
		struct intern_table *sets = d->la->area->o->routing->sets;
		intern_unref(sets, k->primary);
		k->primary = intern_ref(primary);
		k->cand = alternate_of(&alone, primary, &k->flags);
	}
	*flags = k->flags;
	return k->cand;
}

static void
alt_set(struct lfa *l, struct pfx *p, const struct cand *c, uint8_t cover)
{
	const struct ospf_leg *alt = NULL;
	if (c) {
		struct ospf_leg leg;
		memcpy(&leg, &c->leg, sizeof(leg));
		leg.backup_rank = 1;
		alt = legs_one(l->r->sets, &leg);
	}
	intern_unref(l->r->sets, p->alt);
	p->alt = alt;
	l->covers[p->cover]--;
	l->covers[cover]++;
	p->cover = cover;
}

static uint8_t
cover_of(const struct ospf_leg *primary, uint8_t flags)
{
	if ((flags & LFA_LINK) && (flags & LFA_NODE))
		return LFA_COVER_BOTH;
	return flags & LFA_NODE ? LFA_COVER_NODE : flags & LFA_LINK ? LFA_COVER_LINK
		: legs_count(primary) > 1 ? LFA_COVER_EQUAL : LFA_COVER_NONE;
}

void
lfa_prefix(struct routing *r, struct pfx *p, const struct ospf_leg *primary)
{
	struct lfa *l = r->lfa;
	struct dest d = { .count = 0 };
	uint8_t flags = 0;
	uint16_t cand = 0;
	if (!primary || !r->o->conf->lfa) {
		alt_set(l, p, NULL, LFA_COVER_UNTOLD);
		return;
	}
	if (!l->area_count) { /* it keeps what it had, unless that is primary now */
		for (size_t i = 0; p->alt && i < legs_count(primary); i++)
			if (leg_same(p->alt, &primary[i]))
				alt_set(l, p, NULL, LFA_COVER_NONE);
		return;
	}
	if (p->path.type == OSPF_PATH_INTRA)
		dest_add_internal(l, &d, p, 0);
	else if (p->path.type != OSPF_PATH_INTER)
		dest_add_externals(l, &d, p);
	if (d.count && !d.bad)
		cand = d.count == 1 ? alternate_of_vertex(&d, primary, &flags) : alternate_of(&d, primary, &flags);
	alt_set(l, p, cand ? &d.la->cands[cand - 1] : NULL, cover_of(primary, flags));
}

void
lfa_path_moved(struct routing *r, struct pfx *p)
{
	if (p->alt)
		alt_set(r->lfa, p, NULL, LFA_COVER_NONE);
}

void
lfa_prefix_gone(struct routing *r, struct pfx *p)
{
	alt_set(r->lfa, p, NULL, LFA_COVER_UNTOLD);
}

/* --- the run --------------------------------------------------------------------------------------- */
static void
forget(struct lfa *l)
{
	for (size_t i = 0; i < l->area_count; i++) {
		struct lfa_area *la = &l->areas[i];
		for (uint32_t v = 0; v < la->count; v++)
			intern_unref(l->r->sets, la->known[v].primary);
		for (size_t k = 0; k < la->row_count; k++)
			mem_free(la->rows[k].dist);
		mem_free(la->rows);
		mem_free(la->cands);
		mem_free(la->known);
	}
	mem_free(l->areas);
	l->areas = NULL;
	l->area_count = 0;
}

static void
due(void *arg, int64_t now)
{
	struct lfa *l = arg;
	(void)now;
	l->due = true;
}

void
lfa_changed(struct routing *r, int64_t now)
{
	struct lfa *l = r->lfa;
	forget(l);
	l->on |= r->o->conf->lfa;
	if (l->on && !timer_armed(&l->timer))
		timer_set(r->o->timers, &l->timer, now + LFA_DELAY, due, l);
}

static void
areas_read(struct lfa *l)
{
	const struct ospf *o = l->r->o;
	struct area *a;
	size_t count = 0;
	TAILQ_FOREACH(a, &o->areas, entry)
		count++;
	l->areas = mem_array(count, sizeof(*l->areas));
	TAILQ_FOREACH(a, &o->areas, entry) {
		struct graph *g = a->graph;
		if (!g || g->root == GRAPH_NONE)
			continue;
		struct lfa_area *la = &l->areas[l->area_count++];
		la->area = a;
		la->count = g->count;
		la->known = mem_array(g->count, sizeof(*la->known));
		cands_find(l, la);
	}
}

void
lfa_turn_end(struct routing *r)
{
	struct lfa *l = r->lfa;
	struct rtable_iter it;
	void **slot;
	/* a calculation that is due soon asks again */
	if (!l->due || r->want_full)
		return;
	l->due = false;
	l->on = r->o->conf->lfa;
	l->runs++;
	forget(l);
	if (l->on)
		areas_read(l);
	rtable_iter_init(&it, r->prefixes, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL)
		announce_prefix(r, *slot);
	announce_flush(r);
	r->changed_count = 0;
}

struct lfa *
lfa_new(struct routing *r)
{
	struct lfa *l = mem_zalloc(sizeof(*l));
	l->r = r;
	return l;
}

void
lfa_stop(struct routing *r)
{
	timer_cancel(r->o->timers, &r->lfa->timer);
	forget(r->lfa);
	r->lfa->due = false;
}

void
lfa_free(struct routing *r)
{
	lfa_stop(r);
	mem_free(r->lfa);
}

/* --- for show -------------------------------------------------------------------------------------- */
bool
lfa_view_get(const struct ospf *o, size_t i, struct lfa_view *out)
{
	const struct lfa *l = o->routing->lfa;
	for (size_t a = 0; a < l->area_count; a++) {
		const struct lfa_area *la = &l->areas[a];
		if (i >= la->cand_count) {
			i -= la->cand_count;
			continue;
		}
		const struct cand *c = &la->cands[i];
		*out = (struct lfa_view){ .area = la->area->id, .cost = c->cost, .unusable = c->unusable,
			.router_id = la->area->graph->vertices[c->router].key.id };
		memcpy(&out->leg, &c->leg, sizeof(out->leg));
		out->leg.backup_rank = 1;
		/* each prefix with this alternate holds a reference, and so do we here */
		const struct ospf_leg *set = legs_one(l->r->sets, &out->leg);
		out->protects = intern_refs(set) - 1;
		intern_unref(l->r->sets, set);
		out->leg.backup_rank = 0;
		return true;
	}
	return false;
}

void
lfa_summary_get(const struct ospf *o, struct lfa_summary *out)
{
	const struct lfa *l = o->routing->lfa;
	*out = (struct lfa_summary){ .runs = l->runs, .current = l->area_count > 0 };
	memcpy(out->covers, l->covers, sizeof(out->covers));
}
