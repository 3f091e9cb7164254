/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every router's routes must be, from the model alone: all-pairs shortest paths by Floyd and Warshall
 * over routers and shared LANs, then for each prefix the cheapest of its sources, and a neighbour is a
 * next hop if and only if the way over it costs no more. Shares no code and no data with ospfd.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "tests/sim/sim.h"

#define FAR UINT32_MAX

struct where { /* a prefix hangs here */
	uint32_t vertex, metric;
};
struct known { /* a prefix of the model */
	struct prefix prefix;
	struct where *at;
	size_t at_count;
	struct outside { /* and who redistributes it */
		const struct node *node;
		const struct ext *ext;
	} *outside;
	size_t outside_count;
};

struct oracle {
	const struct sim *sim;
	uint32_t count;    /* vertices: routers, then segments */
	uint32_t *dist;    /* count x count */
	bool *transit;     /* by segment: a LAN with a designated router */
	struct known *known;
	size_t known_count, known_cap;
};

static uint32_t
d(const struct oracle *o, uint32_t a, uint32_t b)
{
	return o->dist[(size_t)a * o->count + b];
}

static uint32_t
seg_vertex(const struct oracle *o, const struct segment *g)
{
	return (uint32_t)(o->sim->node_count + (size_t)(g - o->sim->segs));
}

bool
oracle_on_air(const struct port *p) /* takes part in what its segment carries */
{
	return p->node->o && p->up && !p->silent && !p->seg->cut;
}

/* RFC 6987: a stub router offers its links for the largest metric. */
uint32_t
oracle_link_cost(const struct port *p)
{
	return p->node->stub_router ? 65535 : p->cost;
}

/* --- the graph ------------------------------------------------------------------------------------- */
static void
edge(struct oracle *o, uint32_t a, uint32_t b, uint32_t cost)
{
	uint32_t *at = &o->dist[(size_t)a * o->count + b];
	if (cost < *at)
		*at = cost;
}

static void
segment_edges(struct oracle *o, size_t index)
{
	const struct segment *g = &o->sim->segs[index];
	size_t members = 0, eligible = 0;
	if (g->kind == SEG_HOSTS)
		return;
	if (g->kind == SEG_P2P) {
		const struct port *a = g->ports[0], *b = g->ports[1];
		if (g->port_count == 2 && oracle_on_air(a) && oracle_on_air(b)) {
			edge(o, a->node->index, b->node->index, oracle_link_cost(a));
			edge(o, b->node->index, a->node->index, oracle_link_cost(b));
		}
		return;
	}
	for (size_t i = 0; i < g->port_count; i++) {
		members += oracle_on_air(g->ports[i]);
		eligible += oracle_on_air(g->ports[i]) && g->ports[i]->priority > 0;
	}
	o->transit[index] = members >= 2 && eligible > 0;
	for (size_t i = 0; o->transit[index] && i < g->port_count; i++) {
		const struct port *p = g->ports[i];
		if (!oracle_on_air(p))
			continue;
		edge(o, p->node->index, seg_vertex(o, g), oracle_link_cost(p));
		edge(o, seg_vertex(o, g), p->node->index, 0);
	}
}

static void
all_pairs(struct oracle *o)
{
	uint32_t n = o->count;
	for (uint32_t k = 0; k < n; k++)
		for (uint32_t i = 0; i < n; i++) {
			uint32_t ik = d(o, i, k), *row = &o->dist[(size_t)i * n];
			const uint32_t *via = &o->dist[(size_t)k * n];
			if (ik == FAR)
				continue;
			for (uint32_t j = 0; j < n; j++)
				if (via[j] != FAR && ik + via[j] < row[j])
					row[j] = ik + via[j];
		}
}

/* --- prefixes ---------------------------------------------------------------------------------------- */
static struct known *
known_get(struct oracle *o, const struct prefix *p)
{
	for (size_t i = 0; i < o->known_count; i++)
		if (prefix_equal(&o->known[i].prefix, p))
			return &o->known[i];
	if (o->known_count == o->known_cap) {
		o->known_cap = o->known_cap ? 2 * o->known_cap : 64;
		o->known = mem_realloc(o->known, o->known_cap * sizeof(*o->known));
	}
	struct known *k = &o->known[o->known_count++];
	*k = (struct known){ .prefix = *p };
	return k;
}

static void
put(struct oracle *o, const struct port *p, unsigned plen, uint32_t vertex, uint32_t metric)
{
	struct prefix net = prefix_make(&p->addr, plen);
	struct known *k = known_get(o, &net);
	k->at = mem_realloc(k->at, (k->at_count + 1) * sizeof(*k->at));
	k->at[k->at_count++] = (struct where){ vertex, metric };
}

static void
port_prefix(struct oracle *o, const struct port *p)
{
	uint32_t us = p->node->index;
	if (!p->node->o || !p->up)
		return;
	if (p->kind == PORT_SEGMENT && p->seg->kind == SEG_LAN &&
	    o->transit[p->seg - o->sim->segs] && oracle_on_air(p)) {
		put(o, p, p->plen, seg_vertex(o, p->seg), 0);
		return;
	}
	/* vrrpd's word counts while it lives: without it the network is as configured (a moment later) */
	bool word = p->node->gate != NULL;
	uint32_t cost = p->cost + (word ? p->added_cost : 0);
	if (!p->unnumbered && !(word && (p->dead || p->withdraw)))
		put(o, p, p->plen, us, cost < 65535 ? cost : 65535);
}

static void
node_prefixes(struct oracle *o, const struct node *n)
{
	for (size_t i = 0; i < n->port_count; i++)
		port_prefix(o, &n->ports[i]);
	for (size_t i = 0; i < n->ext_count; i++) {
		if (!node_ext_active(n, &n->exts[i]))
			continue;
		struct known *k = known_get(o, &n->exts[i].prefix);
		k->outside = mem_realloc(k->outside, (k->outside_count + 1) * sizeof(*k->outside));
		k->outside[k->outside_count++] = (struct outside){ n, &n->exts[i] };
	}
}

struct oracle *
oracle_new(const struct sim *s)
{
	struct oracle *o = mem_zalloc(sizeof(*o));
	o->sim = s;
	o->count = (uint32_t)(s->node_count + s->seg_count);
	o->dist = mem_alloc((size_t)o->count * o->count * sizeof(*o->dist));
	memset(o->dist, 0xff, (size_t)o->count * o->count * sizeof(*o->dist));
	o->transit = mem_array(s->seg_count + 1, sizeof(bool));
	for (uint32_t i = 0; i < o->count; i++)
		edge(o, i, i, 0);
	for (size_t i = 0; i < s->seg_count; i++)
		segment_edges(o, i);
	all_pairs(o);
	for (size_t i = 0; i < s->node_count; i++)
		node_prefixes(o, &s->nodes[i]);
	return o;
}

void
oracle_free(struct oracle *o)
{
	for (size_t i = 0; i < o->known_count; i++) {
		mem_free(o->known[i].at);
		mem_free(o->known[i].outside);
	}
	mem_free(o->known);
	mem_free(o->transit);
	mem_free(o->dist);
	mem_free(o);
}

size_t
oracle_prefixes(const struct oracle *o)
{
	return o->known_count;
}

const struct prefix *
oracle_prefix(const struct oracle *o, size_t i)
{
	return &o->known[i].prefix;
}

size_t
oracle_places(const struct oracle *o, size_t i)
{
	return o->known[i].at_count;
}

bool
oracle_transit(const struct oracle *o, const struct segment *g)
{
	return o->transit[g - o->sim->segs];
}

bool
oracle_connected(const struct oracle *o, const struct node *a, const struct node *b)
{
	return d(o, a->index, b->index) != FAR;
}

/* --- routes ------------------------------------------------------------------------------------------ */
static int
leg_cmp(const void *a, const void *b)
{
	const struct ospf_leg *x = a, *y = b;
	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	return ipaddr_cmp(&x->gateway, &y->gateway);
}

static void
leg_add(struct oracle_route *r, uint32_t ifindex, const struct ipaddr *gateway)
{
	for (size_t i = 0; i < r->leg_count; i++)
		if (r->legs[i].ifindex == ifindex && !ipaddr_cmp(&r->legs[i].gateway, gateway))
			return;
	if (r->leg_count == LEGS_MAX)
		abort();
	r->legs[r->leg_count++] = (struct ospf_leg){ .ifindex = ifindex, .gateway = *gateway };
}

/* All first steps from n on a shortest way to vertex v; direct ones (onto a LAN) without gateway. */
static void
first_steps(const struct oracle *o, const struct node *n, uint32_t v, struct oracle_route *r)
{
	static const struct ipaddr none;
	for (size_t i = 0; i < n->port_count; i++) {
		const struct port *p = &n->ports[i];
		if (p->kind != PORT_SEGMENT || !oracle_on_air(p))
			continue;
		bool lan = p->seg->kind == SEG_LAN;
		if (lan && !o->transit[p->seg - o->sim->segs])
			continue;
		if (lan && v == seg_vertex(o, p->seg) && oracle_link_cost(p) == d(o, n->index, v))
			leg_add(r, p->ifindex, &none);
		for (size_t k = 0; k < p->seg->port_count; k++) {
			const struct port *q = p->seg->ports[k];
			uint32_t rest = d(o, q->node->index, v);
			if (q != p && oracle_on_air(q) && rest != FAR && oracle_link_cost(p) + rest == d(o, n->index, v))
				leg_add(r, p->ifindex, &q->addr);
		}
	}
}

static bool
internal_route(const struct oracle *o, const struct node *n, const struct known *k,
	struct oracle_route *out)
{
	uint32_t best = FAR;
	for (size_t i = 0; i < k->at_count; i++) {
		uint32_t far = d(o, n->index, k->at[i].vertex);
		if (far != FAR && far + k->at[i].metric < best)
			best = far + k->at[i].metric;
	}
	if (best == FAR)
		return false;
	*out = (struct oracle_route){ .route = { .prefix = k->prefix, .metric = best,
		.path_type = OSPF_PATH_INTRA } };
	for (size_t i = 0; i < k->at_count; i++) {
		uint32_t far = d(o, n->index, k->at[i].vertex);
		if (far == FAR || far + k->at[i].metric != best)
			continue;
		if (k->at[i].vertex == n->index)
			out->direct = true;
		else
			first_steps(o, n, k->at[i].vertex, out);
	}
	return true;
}

/* The forwarding address that an LSA of this route carries. */
static bool
forwards(const struct outside *x)
{
	return x->ext->port && x->ext->port->up;
}

static const struct ext_conf *
conf_of(const struct outside *x)
{
	return &x->node->redist[x->ext->source];
}

/* RFC 2328 12.4.4.1: a reachable router with a higher ID announces the same. */
static bool
yields(const struct oracle *o, const struct known *k, const struct outside *x)
{
	if (!forwards(x))
		return false;
	for (size_t i = 0; i < k->outside_count; i++) {
		const struct outside *y = &k->outside[i];
		if (y->node->router_id > x->node->router_id && forwards(y) &&
		    !ipaddr_cmp(&y->ext->gateway, &x->ext->gateway) &&
		    conf_of(y)->type == conf_of(x)->type && conf_of(y)->metric == conf_of(x)->metric &&
		    d(o, x->node->index, y->node->index) != FAR)
			return true;
	}
	return false;
}

/* Cost and legs to an address inside the network: its longest known prefix. */
static bool
address_route(const struct oracle *o, const struct node *n, const struct ipaddr *a,
	struct oracle_route *out)
{
	struct oracle_route r;
	int best = -1;
	for (size_t i = 0; i < o->known_count; i++) {
		const struct known *k = &o->known[i];
		if ((int)k->prefix.len <= best || !prefix_contains_addr(&k->prefix, a) ||
		    !internal_route(o, n, k, &r))
			continue;
		best = k->prefix.len;
		*out = r;
		if (!r.direct)
			continue;
		/* one of our own ports leads there, with or without others on it */
		for (size_t p = 0; p < n->port_count; p++) {
			struct prefix net = prefix_make(&n->ports[p].addr, n->ports[p].plen);
			if (n->ports[p].up && prefix_equal(&net, &k->prefix))
				leg_add(out, n->ports[p].ifindex, &(struct ipaddr){ 0 });
		}
	}
	for (size_t i = 0; best >= 0 && i < out->leg_count; i++)
		if (out->legs[i].gateway.afi == AFI_NONE)
			out->legs[i].gateway = *a;
	return best >= 0;
}

static bool
outside_route(const struct oracle *o, const struct node *n, const struct known *k,
	const struct outside *x, struct oracle_route *out)
{
	const struct ext_conf *c = conf_of(x);
	if (x->node == n || d(o, n->index, x->node->index) == FAR || yields(o, k, x))
		return false;
	if (forwards(x)) {
		if (!address_route(o, n, &x->ext->gateway, out))
			return false;
	} else {
		*out = (struct oracle_route){ .route.metric = d(o, n->index, x->node->index) };
		first_steps(o, n, x->node->index, out);
	}
	out->direct = false;
	out->route.prefix = k->prefix;
	out->route.tag = c->tag;
	out->route.path_type = c->type == 1 ? OSPF_PATH_EXT1 : OSPF_PATH_EXT2;
	return true;
}

struct rank { /* RFC 2328 16.4 (6), smaller is better */
	uint32_t type, metric2;
	uint64_t cost;
};

static int
rank_cmp(const struct rank *a, const struct rank *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->metric2 != b->metric2)
		return a->metric2 < b->metric2 ? -1 : 1;
	return a->cost < b->cost ? -1 : a->cost > b->cost;
}

static bool
external_route(const struct oracle *o, const struct node *n, const struct known *k,
	struct oracle_route *out)
{
	struct rank best = { .type = 9 };
	uint32_t adv = 0;
	for (size_t i = 0; i < k->outside_count; i++) {
		const struct outside *x = &k->outside[i];
		const struct ext_conf *c = conf_of(x);
		struct oracle_route r;
		if (!outside_route(o, n, k, x, &r))
			continue;
		struct rank rank = { .type = c->type, .metric2 = c->type == 2 ? c->metric : 0,
			.cost = (uint64_t)r.route.metric + (c->type == 1 ? c->metric : 0) };
		int cmp = rank_cmp(&rank, &best);
		if (cmp > 0)
			continue;
		if (cmp < 0) {
			*out = r;
			out->route.metric = c->type == 1 ? (uint32_t)rank.cost : c->metric;
			best = rank;
			adv = x->node->router_id;
			continue;
		}
		for (size_t l = 0; l < r.leg_count; l++)
			leg_add(out, r.legs[l].ifindex, &r.legs[l].gateway);
		if (x->node->router_id < adv) {
			adv = x->node->router_id;
			out->route.tag = c->tag;
		}
	}
	return best.type != 9;
}

bool
oracle_route_uncut(const struct oracle *o, const struct node *n, size_t i, struct oracle_route *out)
{
	const struct known *k = &o->known[i];
	if (!internal_route(o, n, k, out) && !external_route(o, n, k, out))
		return false;
	for (size_t l = 0; l < out->leg_count; l++)
		out->direct |= out->legs[l].gateway.afi == AFI_NONE;
	qsort(out->legs, out->leg_count, sizeof(out->legs[0]), leg_cmp);
	return true;
}

bool
oracle_route(const struct oracle *o, const struct node *n, size_t i, struct oracle_route *out)
{
	if (!oracle_route_uncut(o, n, i, out))
		return false;
	if (out->leg_count > n->max_paths)
		out->leg_count = n->max_paths;
	return true;
}
