/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SPF: a 4-ary heap of vertex indices, keyed by (distance, networks before routers), as RFC 2328 16.1
 * (3) wants it, so that a router behind a network sees all paths to the network. The set of legs of a
 * vertex is complete when it leaves the heap, since every link out of a router costs something.
 * (Ours: a link that claims cost 0 and closes a ring of equal cost adds no second path.)
 *
 * A scratch holds what a run needs; its arrays grow to the largest graph seen and stay.
 */
#include "ospfd/spf.h"

#include <assert.h>
#include <string.h>

#include "lib/intern.h"
#include "lib/mem.h"

#define HEAP_DONE UINT32_MAX /* settled */

struct heap_item {
	uint64_t key;
	uint32_t v;
};

struct spf_scratch {
	uint32_t cap, heap_count, changed_count;
	struct heap_item *heap;
	uint32_t *pos; /* heap index + 1, 0: never seen, HEAP_DONE: settled */
	uint32_t *dist;
	const struct ospf_leg **legs;
	uint32_t *changed;
};

/* --- sets of legs ------------------------------------------------------------------------------- */
size_t
legs_count(const struct ospf_leg *set)
{
	return set ? intern_len(set) / sizeof(*set) : 0;
}

struct ospf_leg
leg_make(uint32_t ifindex, const struct ipaddr *gateway)
{
	struct ospf_leg l;
	memset(&l, 0, sizeof(l)); /* interned by its octets: no garbage between the fields */
	l.ifindex = ifindex;
	if (gateway)
		memcpy(&l.gateway, gateway, sizeof(*gateway));
	return l;
}

static int
leg_cmp(const struct ospf_leg *a, const struct ospf_leg *b)
{
	if (a->backup_rank != b->backup_rank)
		return a->backup_rank < b->backup_rank ? -1 : 1;
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return ipaddr_cmp(&a->gateway, &b->gateway);
}

const struct ospf_leg *
legs_one(struct intern_table *t, const struct ospf_leg *leg)
{
	return intern_get(t, leg, sizeof(*leg));
}

/* Merges two ordered arrays; returns the count, at most SPF_MAX_LEGS. */
static size_t
legs_merge(const struct ospf_leg *a, size_t na, const struct ospf_leg *b, size_t nb,
	struct ospf_leg *out)
{
	size_t n = 0, i = 0, j = 0;
	while (n < SPF_MAX_LEGS && (i < na || j < nb)) {
		int c = i == na ? 1 : j == nb ? -1 : leg_cmp(&a[i], &b[j]);
		memcpy(&out[n++], c <= 0 ? &a[i] : &b[j], sizeof(*out));
		i += c <= 0;
		j += c >= 0;
	}
	return n;
}

const struct ospf_leg *
legs_union(struct intern_table *t, const struct ospf_leg *a, const struct ospf_leg *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a == b) {
		intern_unref(t, b);
		return a;
	}
	struct ospf_leg out[SPF_MAX_LEGS];
	size_t n = legs_merge(a, legs_count(a), b, legs_count(b), out);
	const struct ospf_leg *both = intern_get(t, out, n * sizeof(*out));
	intern_unref(t, a);
	intern_unref(t, b);
	return both;
}

const struct ospf_leg *
legs_cut(struct intern_table *t, const struct ospf_leg *set, size_t max)
{
	if (!set)
		return NULL;
	size_t n = legs_count(set);
	return n <= max ? intern_ref(set) : intern_get(t, set, max * sizeof(*set));
}

bool
legs_direct(const struct ospf_leg *set)
{
	for (size_t i = 0; i < legs_count(set); i++)
		if (set[i].gateway.afi == AFI_NONE)
			return true;
	return false;
}

const struct ospf_leg *
legs_via(struct intern_table *t, const struct ospf_leg *set, const struct ipaddr *gateway)
{
	if (!legs_direct(set))
		return set ? intern_ref(set) : NULL;
	const struct ospf_leg *out = NULL;
	for (size_t i = 0; i < legs_count(set); i++) {
		struct ospf_leg l;
		memcpy(&l, &set[i], sizeof(l));
		if (l.gateway.afi == AFI_NONE)
			l = leg_make(l.ifindex, gateway);
		out = legs_union(t, out, legs_one(t, &l));
	}
	return out;
}

/* --- heap --------------------------------------------------------------------------------------- */
static void
heap_up(struct spf_scratch *s, uint32_t at, struct heap_item item)
{
	while (at > 0) {
		uint32_t parent = (at - 1) / 4;
		if (s->heap[parent].key <= item.key)
			break;
		s->heap[at] = s->heap[parent];
		s->pos[s->heap[at].v] = at + 1;
		at = parent;
	}
	s->heap[at] = item;
	s->pos[item.v] = at + 1;
}

static uint32_t
heap_pop(struct spf_scratch *s)
{
	uint32_t top = s->heap[0].v;
	struct heap_item last = s->heap[--s->heap_count];
	uint32_t at = 0;
	for (;;) {
		uint32_t best = 4 * at + 1, end = best + 4;
		if (best >= s->heap_count)
			break;
		if (end > s->heap_count)
			end = s->heap_count;
		for (uint32_t c = best + 1; c < end; c++)
			if (s->heap[c].key < s->heap[best].key)
				best = c;
		if (s->heap[best].key >= last.key)
			break;
		s->heap[at] = s->heap[best];
		s->pos[s->heap[at].v] = at + 1;
		at = best;
	}
	if (s->heap_count) {
		s->heap[at] = last;
		s->pos[last.v] = at + 1;
	}
	s->pos[top] = HEAP_DONE;
	return top;
}

/* --- the run ------------------------------------------------------------------------------------ */
struct spf_scratch *
spf_scratch_new(void)
{
	return mem_zalloc(sizeof(struct spf_scratch));
}

void
spf_scratch_free(struct spf_scratch *s)
{
	if (!s)
		return;
	mem_free(s->heap);
	mem_free(s->pos);
	mem_free(s->dist);
	mem_free(s->legs);
	mem_free(s->changed);
	mem_free(s);
}

static void
scratch_reset(struct spf_scratch *s, uint32_t count)
{
	if (count > s->cap) {
		s->cap = count + count / 2;
		s->heap = mem_realloc(s->heap, s->cap * sizeof(*s->heap));
		s->pos = mem_realloc(s->pos, s->cap * sizeof(*s->pos));
		s->dist = mem_realloc(s->dist, s->cap * sizeof(*s->dist));
		s->legs = mem_realloc(s->legs, s->cap * sizeof(*s->legs));
		s->changed = mem_realloc(s->changed, s->cap * sizeof(*s->changed));
	}
	s->heap_count = s->changed_count = 0;
	if (!count)
		return;
	memset(s->pos, 0, count * sizeof(*s->pos));
	memset(s->dist, 0xff, count * sizeof(*s->dist)); /* SPF_UNREACHABLE */
	memset(s->legs, 0, count * sizeof(*s->legs));
}

struct run {
	struct graph *g;
	struct spf_scratch *s;
	const struct spf_hops *hops;
	struct intern_table *sets;
};

/* RFC 2328 16.1.1, to a neighbour or an attached network. */
static const struct ospf_leg *
legs_from_root(const struct run *r, const struct edge *e)
{
	struct ospf_leg leg = leg_make(0, NULL);
	if (!r->hops->out(r->hops->arg, e, &r->g->vertices[e->to], &leg))
		return NULL;
	return legs_one(r->sets, &leg);
}

/* The router w behind an attached network u: legs onto the network get w's address there. */
static const struct ospf_leg *
legs_over_network(const struct run *r, uint32_t u, uint32_t w)
{
	const struct ospf_leg *set = r->s->legs[u], *out = NULL;
	const struct vertex *router = &r->g->vertices[w];
	const struct edge *back = graph_edges(r->g, w), *end = back + router->count;
	while (back < end && back->to != u)
		back++;
	for (size_t i = 0; i < legs_count(set); i++) {
		struct ospf_leg leg;
		struct ipaddr gateway;
		memcpy(&leg, &set[i], sizeof(leg));
		if (leg.gateway.afi == AFI_NONE) {
			if (back == end ||
			    !r->hops->on_network(r->hops->arg, leg.ifindex, router, back, &gateway))
				continue;
			leg = leg_make(leg.ifindex, &gateway);
		}
		out = legs_union(r->sets, out, legs_one(r->sets, &leg));
	}
	return out;
}

static const struct ospf_leg *
legs_for(const struct run *r, uint32_t u, const struct edge *e)
{
	if (u == r->g->root)
		return legs_from_root(r, e);
	if (r->g->vertices[u].key.kind == VERTEX_NETWORK && legs_direct(r->s->legs[u]))
		return legs_over_network(r, u, e->to);
	return intern_ref(r->s->legs[u]); /* behind another router: as the way to that one */
}

static void
relax(const struct run *r, uint32_t u, const struct edge *e)
{
	struct spf_scratch *s = r->s;
	uint32_t w = e->to;
	if (!(e->flags & EDGE_TWO_WAY) || s->pos[w] == HEAP_DONE)
		return;
	uint64_t far = (uint64_t)s->dist[u] + e->cost;
	if (far >= SPF_UNREACHABLE || far > s->dist[w])
		return;
	const struct ospf_leg *legs = legs_for(r, u, e);
	if (!legs)
		return;
	if (far == s->dist[w]) {
		s->legs[w] = legs_union(r->sets, s->legs[w], legs);
		return;
	}
	intern_unref(r->sets, s->legs[w]);
	s->legs[w] = legs;
	s->dist[w] = (uint32_t)far;
	/* networks before routers at the same distance */
	struct heap_item item = { .key = far << 1 | (r->g->vertices[w].key.kind == VERTEX_ROUTER), .v = w };
	heap_up(s, s->pos[w] ? s->pos[w] - 1 : s->heap_count++, item);
}

static uint32_t
settle_all(const struct run *r)
{
	struct spf_scratch *s = r->s;
	uint32_t reached = 0;
	s->dist[r->g->root] = 0;
	heap_up(s, s->heap_count++, (struct heap_item){ .key = 1, .v = r->g->root });
	while (s->heap_count) {
		uint32_t u = heap_pop(s);
		const struct vertex *x = &r->g->vertices[u];
		reached++;
		for (uint32_t i = 0; i < x->count; i++)
			relax(r, u, &r->g->edges[x->first + i]);
	}
	return reached;
}

struct spf_result
spf_run(struct graph *g, uint32_t root, const struct spf_hops *hops, struct intern_table *sets,
	struct spf_scratch *s)
{
	struct run r = { g, s, hops, sets };
	uint32_t reached = 0;
	scratch_reset(s, g->count);
	g->root = root;
	if (root != GRAPH_NONE && g->vertices[root].present)
		reached = settle_all(&r);
	for (uint32_t v = 0; v < g->count; v++) {
		struct vertex *x = &g->vertices[v];
		if (!x->used)
			continue;
		if (x->dist == s->dist[v] && x->legs == s->legs[v]) {
			intern_unref(sets, s->legs[v]);
			continue;
		}
		intern_unref(sets, x->legs);
		x->dist = s->dist[v];
		x->legs = s->legs[v];
		s->changed[s->changed_count++] = v;
	}
	return (struct spf_result){ s->changed, s->changed_count, reached };
}

void
spf_distances(const struct graph *g, uint32_t root, struct spf_scratch *s, uint32_t *dist)
{
	scratch_reset(s, g->count);
	memset(dist, 0xff, g->count * sizeof(*dist)); /* SPF_UNREACHABLE */
	dist[root] = 0;
	heap_up(s, s->heap_count++, (struct heap_item){ .key = 0, .v = root });
	while (s->heap_count) {
		uint32_t u = heap_pop(s);
		const struct vertex *x = &g->vertices[u];
		for (uint32_t i = 0; i < x->count; i++) {
			const struct edge *e = &g->edges[x->first + i];
			uint64_t far = (uint64_t)dist[u] + e->cost;
			if (!(e->flags & EDGE_TWO_WAY) || far >= dist[e->to])
				continue;
			dist[e->to] = (uint32_t)far;
			heap_up(s, s->pos[e->to] ? s->pos[e->to] - 1 : s->heap_count++,
				(struct heap_item){ .key = far, .v = e->to });
		}
	}
}
