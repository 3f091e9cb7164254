/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AS-external routes. What an LSA says is copied when it is installed, so that a calculation never
 * parses; what an external depends on (its originator, its forwarding address) is shared between
 * all externals with the same dependency and resolved once.
 * RFC1583Compatibility is disabled, as in FRR: 16.4.1 decides between ways to a boundary router.
 */
#include "ospfd/asbr.h"

#include "lib/intern.h"
#include "lib/mem.h"
#include "lib/rtable.h"
#include "ospfd/area.h"

/* --- reach ----------------------------------------------------------------------------------------- */
static void
reach_clear(struct routing *r, struct reach *x)
{
	intern_unref(r->sets, x->legs);
	*x = (struct reach){ .ok = false };
}

/* Takes over `now`; true: it differs. */
static bool
reach_replace(struct routing *r, struct reach *x, struct reach now)
{
	bool same = x->ok == now.ok && x->cost == now.cost && x->area == now.area &&
		x->legs == now.legs && x->preferred == now.preferred;
	intern_unref(r->sets, x->legs);
	*x = now;
	return !same;
}

/* RFC 2328 16.4 (3): of several areas the preferred, then the cheapest, then the highest area. */
static bool
reach_better(const struct reach *a, const struct reach *b)
{
	if (!b->ok)
		return true;
	if (a->preferred != b->preferred)
		return a->preferred;
	if (a->cost != b->cost)
		return a->cost < b->cost;
	return a->area > b->area;
}

static struct reach
asbr_reach(const struct routing *r, uint32_t router_id)
{
	struct spf_vertex key = { .kind = VERTEX_ROUTER, .id = router_id };
	struct reach best = { .ok = false };
	const struct area *a;
	TAILQ_FOREACH(a, &r->o->areas, entry) {
		uint32_t v = a->graph ? graph_find(a->graph, &key) : GRAPH_NONE;
		if (v == GRAPH_NONE)
			continue;
		const struct vertex *x = &a->graph->vertices[v];
		/* only a router that says so (bit E) is an AS boundary router */
		if (x->dist == SPF_UNREACHABLE || !x->legs || !(x->flags & RTR_E))
			continue;
		struct reach here = { .ok = true, .preferred = a->id != 0, .cost = x->dist,
			.area = a->id, .legs = x->legs };
		if (reach_better(&here, &best))
			best = here;
	}
	if (best.ok)
		intern_ref(best.legs);
	return best;
}

static struct reach
forward_reach(struct routing *r, const struct ipaddr *addr)
{
	struct path p;
	const struct ospf_leg *legs = routes_to_address(r, addr, &p);
	if (!legs)
		return (struct reach){ .ok = false };
	return (struct reach){ .ok = true, .cost = p.cost, .area = p.area, .legs = legs,
		.preferred = p.type == OSPF_PATH_INTRA && p.area != 0 };
}

void
asbr_routers_moved(struct routing *r)
{
	for (struct keynode *n = keytree_first(&r->asbrs); n; n = keytree_next(&r->asbrs, &n->key)) {
		struct asbr *a = (struct asbr *)n;
		struct external *e;
		if (reach_replace(r, &a->reach, asbr_reach(r, n->key.id)))
			LIST_FOREACH(e, &a->externals, in_asbr)
				pfx_mark(r, e->pfx);
	}
}

void
asbr_forwards_moved(struct routing *r)
{
	struct rtable_iter it;
	struct prefix p;
	void **slot;
	rtable_iter_init(&it, r->forwards, NULL);
	while ((slot = rtable_next(&it, &p)) != NULL) {
		struct forward *f = *slot;
		struct external *e;
		if (reach_replace(r, &f->reach, forward_reach(r, &f->addr)))
			LIST_FOREACH(e, &f->externals, in_forward)
				pfx_mark(r, e->pfx);
	}
}

/* --- externals ------------------------------------------------------------------------------------- */
static struct asbr *
asbr_get(struct routing *r, uint32_t router_id)
{
	struct lsa_key key = { .id = router_id };
	struct asbr *a = (struct asbr *)keytree_find(&r->asbrs, &key);
	if (!a) {
		a = mem_zalloc(sizeof(*a));
		a->node.key = key;
		a->reach = asbr_reach(r, router_id);
		keytree_insert(&r->asbrs, &a->node);
	}
	return a;
}

static struct forward *
forward_get(struct routing *r, const struct ipaddr *addr)
{
	struct prefix host = prefix_host(addr);
	void **slot = rtable_insert(r->forwards, &host, NULL);
	if (!*slot) {
		struct forward *f = mem_zalloc(sizeof(*f));
		f->addr = *addr;
		*slot = f;
		f->reach = forward_reach(r, addr);
	}
	return *slot;
}

static void
external_add(struct routing *r, const struct lsa_key *key, const struct spf_external *x)
{
	struct external *e = mem_zalloc(sizeof(*e));
	e->node.key = *key;
	e->metric = x->metric;
	e->tag = x->tag;
	e->type2 = x->type2;
	e->pfx = pfx_get(r, &x->prefix);
	LIST_INSERT_HEAD(&e->pfx->externals, e, in_prefix);
	e->asbr = asbr_get(r, key->adv);
	LIST_INSERT_HEAD(&e->asbr->externals, e, in_asbr);
	if (x->forward.afi != AFI_NONE) {
		e->forward = forward_get(r, &x->forward);
		LIST_INSERT_HEAD(&e->forward->externals, e, in_forward);
	}
	keytree_insert(&r->externals, &e->node);
	pfx_mark(r, e->pfx);
}

static void
external_remove(struct routing *r, struct external *e)
{
	keytree_remove(&r->externals, &e->node.key);
	pfx_mark(r, e->pfx);
	LIST_REMOVE(e, in_prefix);
	LIST_REMOVE(e, in_asbr);
	if (LIST_EMPTY(&e->asbr->externals)) {
		reach_clear(r, &e->asbr->reach);
		keytree_remove(&r->asbrs, &e->asbr->node.key);
		mem_free(e->asbr);
	}
	if (e->forward) {
		LIST_REMOVE(e, in_forward);
		if (LIST_EMPTY(&e->forward->externals)) {
			struct prefix host = prefix_host(&e->forward->addr);
			reach_clear(r, &e->forward->reach);
			rtable_remove(r->forwards, &host);
			mem_free(e->forward);
		}
	}
	mem_free(e);
}

void
asbr_lsa_changed(struct routing *r, const struct lsa *old, const struct lsa *new)
{
	const struct lsa_key *key = &(new ? new : old)->hdr.key;
	struct external *e = (struct external *)keytree_find(&r->externals, key);
	struct spf_external x;
	bool forwards = e && e->forward;
	if (e)
		external_remove(r, e);
	/* RFC 2328 16.4 (1), (2): not ours, not LSInfinity; MaxAge ones are not told as new */
	if (new && key->adv != r->o->router_id && r->o->v->external_get(new, &x) &&
	    x.metric < LSA_INFINITY) {
		external_add(r, key, &x);
		forwards |= x.forward.afi != AFI_NONE;
	}
	r->redist_check |= forwards; /* 12.4.4.1 looks only at those with a forwarding address */
}

/* --- the best path ----------------------------------------------------------------------------------- */
struct candidate {
	const struct external *e;
	const struct reach *reach;
};

/* RFC 2328 16.4 (6): < 0 a is better, 0 equally good. */
static int
candidate_cmp(const struct candidate *a, const struct candidate *b)
{
	if (a->e->type2 != b->e->type2)
		return a->e->type2 ? 1 : -1;
	if (a->e->type2 && a->e->metric != b->e->metric)
		return a->e->metric < b->e->metric ? -1 : 1;
	if (a->reach->preferred != b->reach->preferred)
		return a->reach->preferred ? -1 : 1;
	uint64_t ca = a->reach->cost + (a->e->type2 ? 0 : (uint64_t)a->e->metric);
	uint64_t cb = b->reach->cost + (b->e->type2 ? 0 : (uint64_t)b->e->metric);
	return ca < cb ? -1 : ca > cb;
}

static void
path_from(struct path *out, const struct candidate *c)
{
	*out = (struct path){
		.type = c->e->type2 ? OSPF_PATH_EXT2 : OSPF_PATH_EXT1,
		.cost = c->reach->cost + (c->e->type2 ? 0 : c->e->metric),
		.type2_metric = c->e->type2 ? c->e->metric : 0,
		.tag = c->e->tag,
		.adv = c->e->node.key.adv,
		.legs = intern_ref(c->reach->legs),
	};
}

void
asbr_path(struct routing *r, const struct pfx *p, struct path *out)
{
	struct candidate best = { NULL, NULL };
	const struct external *e;
	*out = (struct path){ .type = PATH_NONE };
	LIST_FOREACH(e, &p->externals, in_prefix) {
		/* (3): the boundary router must be reachable, and the forwarding address if there is one */
		struct candidate c = { e, e->forward ? &e->forward->reach : &e->asbr->reach };
		if (!e->asbr->reach.ok || !c.reach->ok)
			continue;
		int cmp = best.e ? candidate_cmp(&c, &best) : -1;
		if (cmp > 0)
			continue;
		if (cmp < 0) {
			path_clear(r, out);
			path_from(out, &c);
			best = c;
			continue;
		}
		out->legs = legs_union(r->sets, out->legs, intern_ref(c.reach->legs));
		if (e->node.key.adv < out->adv) { /* the tag of the same LSA on every run */
			out->adv = e->node.key.adv;
			out->tag = e->tag;
		}
	}
}

bool
asbr_equivalent(const struct routing *r, const struct orig_external *want)
{
	void **slot = rtable_find(r->prefixes, &want->prefix);
	const struct external *e;
	if (!slot || want->forward.afi == AFI_NONE)
		return false;
	const struct pfx *p = *slot;
	LIST_FOREACH(e, &p->externals, in_prefix)
		if (e->type2 == want->type2 && e->metric == want->metric && e->forward &&
		    !ipaddr_cmp(&e->forward->addr, &want->forward) && e->asbr->reach.ok &&
		    e->node.key.adv > r->o->router_id)
			return true;
	return false;
}

void
asbr_clear(struct routing *r)
{
	struct keynode *n;
	while ((n = keytree_first(&r->externals)) != NULL)
		external_remove(r, (struct external *)n);
}
