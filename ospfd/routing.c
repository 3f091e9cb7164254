/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of the route calculation, and its tables for show. */
#include "lib/intern.h"
#include "lib/mem.h"
#include "lib/rtable.h"
#include "ospfd/area.h"
#include "ospfd/asbr.h"
#include "ospfd/lfa.h"
#include "ospfd/redist.h"
#include "ospfd/routes.h"

void
routing_new(struct ospf *o)
{
	struct routing *r = mem_zalloc(sizeof(*r));
	r->o = o;
	r->sets = intern_new(prng_u64(&o->prng), NULL, NULL);
	r->prefixes = rtable_new(o->v->afi);
	r->internal = rtable_new(o->v->afi);
	r->forwards = rtable_new(o->v->afi);
	r->externals.seed = r->asbrs.seed = prng_u64(&o->prng);
	r->scratch = spf_scratch_new();
	r->lfa = lfa_new(r);
	TAILQ_INIT(&r->dirty);
	spfdelay_init(&r->delay);
	redist_init(r);
	o->routing = r;
}

void
routing_stop(struct ospf *o, int64_t now)
{
	struct routing *r = o->routing;
	struct area *a;
	timer_cancel(o->timers, &r->timer);
	timer_cancel(o->timers, &r->redist_timer);
	announce_withdraw_all(r);
	TAILQ_FOREACH(a, &o->areas, entry)
		routing_area_gone(a, now);
	lfa_stop(r);
	asbr_clear(r);
	redist_reset(r);
	pfx_mark_all(r); /* nothing holds them now: the calculation frees them */
	routes_calculate(r);
	r->want_full = r->want_partial = r->event = r->redist_check = false;
	spfdelay_init(&r->delay);
}

void
routing_free(struct ospf *o)
{
	struct routing *r = o->routing;
	struct rtable_iter it;
	struct area *a;
	void **slot;
	if (!r)
		return;
	timer_cancel(o->timers, &r->timer);
	timer_cancel(o->timers, &r->redist_timer);
	TAILQ_FOREACH(a, &o->areas, entry)
		routing_area_gone(a, 0);
	lfa_free(r);
	asbr_clear(r);
	redist_free(r);
	rtable_iter_init(&it, r->prefixes, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL)
		mem_free(*slot);
	rtable_free(r->prefixes);
	rtable_free(r->internal);
	rtable_free(r->forwards);
	mem_free(r->changed);
	spf_scratch_free(r->scratch);
	intern_free(r->sets);
	mem_free(r);
	o->routing = NULL;
}

void
routing_started(struct ospf *o, int64_t now)
{
	redist_refresh_all(o->routing, now);
}

void
routing_reconfigured(struct ospf *o, const struct ospf_config *old, unsigned effects, int64_t now)
{
	struct routing *r = o->routing;
	(void)old;
	if (effects & OSPF_EFFECT_SPF)
		spfdelay_local_event(o, NULL, now);
	/* maximum-paths and distances change what is told of routes that do not move */
	if (effects & (OSPF_EFFECT_ANNOUNCE | OSPF_EFFECT_SPF)) {
		pfx_mark_all(r);
		r->want_partial = true;
	}
	if (effects & (OSPF_EFFECT_ANNOUNCE | OSPF_EFFECT_LFA))
		lfa_changed(r, now);
	if (effects & OSPF_EFFECT_EXTERNALS)
		redist_refresh_all(r, now);
}

/* --- for show --------------------------------------------------------------------------------------- */
bool
routes_next(const struct ospf *o, const struct prefix *after, struct route_view *out)
{
	struct rtable_iter it;
	struct prefix key;
	void **slot;
	rtable_iter_init(&it, o->routing->prefixes, NULL);
	if (after)
		rtable_iter_after(&it, after);
	while ((slot = rtable_next(&it, &key)) != NULL) {
		const struct pfx *p = *slot;
		if (p->path.type == PATH_NONE)
			continue;
		*out = (struct route_view){ .prefix = p->prefix, .path_type = p->path.type,
			.cost = p->path.cost, .type2_metric = p->path.type2_metric,
			.tag = p->path.tag, .area = p->path.area, .adv_router = p->path.adv,
			.transit = p->path.transit, .legs = p->path.legs, .cover = p->cover, .alt = p->alt,
			.leg_count = legs_count(p->path.legs) };
		return true;
	}
	return false;
}

size_t
routes_count(const struct ospf *o)
{
	struct route_view v;
	size_t n = 0;
	for (const struct prefix *after = NULL; routes_next(o, after, &v); after = &v.prefix)
		n++;
	return n;
}

static bool
router_after(const struct router_view *after, uint32_t id, uint32_t area)
{
	return !after || id > after->router_id || (id == after->router_id && area > after->area);
}

/* Few are border routers: a pass over the vertices finds the next one. */
bool
routers_next(const struct ospf *o, const struct router_view *after, struct router_view *out)
{
	struct router_view best = { 0 };
	const struct area *a;
	bool found = false;
	TAILQ_FOREACH(a, &o->areas, entry) {
		for (uint32_t v = 0; a->graph && v < a->graph->count; v++) {
			const struct vertex *x = &a->graph->vertices[v];
			if (!x->used || x->key.kind != VERTEX_ROUTER || !x->legs ||
			    !(x->flags & (RTR_B | RTR_E)) || !router_after(after, x->key.id, a->id))
				continue;
			if (found && (x->key.id > best.router_id ||
				(x->key.id == best.router_id && a->id >= best.area)))
				continue;
			found = true;
			best = (struct router_view){ .router_id = x->key.id, .area = a->id,
				.cost = x->dist, .abr = x->flags & RTR_B, .asbr = x->flags & RTR_E,
				.legs = x->legs, .leg_count = legs_count(x->legs) };
		}
	}
	*out = best;
	return found;
}
