/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What zebra is told: each prefix remembers it, and only differences leave, one batch per set of legs,
 * prefixes in key order, withdrawals first. Directly attached prefixes are zebra's own and not told.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/intern.h"
#include "lib/mem.h"
#include "lib/rtable.h"
#include "ospfd/lfa.h"

#define DISTANCE_DEFAULT 110
#define PRIMARY_MAX      63 /* of a group, and an alternate: zebra takes no larger ones */

static uint8_t
distance_of(const struct ospf_config *c, uint8_t path_type)
{
	const uint8_t by_type[] = { [OSPF_PATH_INTRA] = c->distance_intra,
		[OSPF_PATH_INTER] = c->distance_inter, [OSPF_PATH_EXT1] = c->distance_external,
		[OSPF_PATH_EXT2] = c->distance_external };
	uint8_t d = by_type[path_type];
	return d ? d : c->distance ? c->distance : DISTANCE_DEFAULT;
}

static void
changed_push(struct routing *r, struct pfx *p)
{
	if (p->changed)
		return;
	p->changed = true;
	if (r->changed_count == r->changed_cap) {
		r->changed_cap = r->changed_cap ? 2 * r->changed_cap : 256;
		r->changed = mem_realloc(r->changed, r->changed_cap * sizeof(struct pfx *));
	}
	r->changed[r->changed_count++] = p;
}

void
announce_prefix(struct routing *r, struct pfx *p)
{
	const struct path *w = &p->path;
	const struct ospf_leg *legs = NULL;
	uint32_t most = r->o->conf->maximum_paths;
	if (w->type != PATH_NONE && !legs_direct(w->legs))
		legs = legs_cut(r->sets, w->legs, most < PRIMARY_MAX ? most : PRIMARY_MAX);
	lfa_prefix(r, p, legs);
	if (p->alt)
		legs = legs_union(r->sets, legs, intern_ref(p->alt));
	uint32_t metric = 0;
	uint8_t distance = 0;
	if (legs) {
		metric = w->type == OSPF_PATH_EXT2 ? w->type2_metric : w->cost;
		distance = distance_of(r->o->conf, w->type);
	}
	bool same = legs == p->told.legs && (!legs || (metric == p->told.metric &&
		w->tag == p->told.tag && w->type == p->told.type && distance == p->told.distance));
	intern_unref(r->sets, p->told.legs);
	p->told.legs = legs;
	p->told.metric = metric;
	p->told.tag = w->tag;
	p->told.type = w->type;
	p->told.distance = distance;
	if (!same)
		changed_push(r, p);
}

static int
pfx_cmp(const void *a, const void *b)
{
	const struct pfx *const *x = a, *const *y = b;
	return prefix_cmp(&(*x)->prefix, &(*y)->prefix);
}

/* Into key order: few are sorted, many are collected by a walk. */
static void
changed_order(struct routing *r)
{
	if (r->changed_count < rtable_count(r->prefixes) / 4) {
		qsort(r->changed, r->changed_count, sizeof(struct pfx *), pfx_cmp);
		return;
	}
	struct rtable_iter it;
	void **slot;
	size_t n = 0;
	rtable_iter_init(&it, r->prefixes, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL) {
		struct pfx *p = *slot;
		if (p->changed)
			r->changed[n++] = p;
	}
}

static uint32_t
group_of(const struct pfx *p)
{
	return p->told.legs ? intern_id(p->told.legs) : 0; /* 0: withdrawn */
}

static void
batch_send(const struct routing *r, const struct ospf_leg *legs, const struct ospf_route *rows,
	size_t count)
{
	struct ospf_route_batch b = { .legs = legs, .leg_count = legs_count(legs), .routes = rows,
		.count = count };
	if (count)
		r->o->ops->routes(r->o->ops_arg, &b);
}

static struct ospf_route
row_of(const struct pfx *p)
{
	if (!p->told.legs)
		return (struct ospf_route){ .prefix = p->prefix };
	return (struct ospf_route){ .prefix = p->prefix, .metric = p->told.metric, .tag = p->told.tag,
		.path_type = p->told.type, .distance = p->told.distance };
}

void
announce_flush(struct routing *r)
{
	size_t n = r->changed_count;
	uint32_t top = 0;
	if (!n)
		return;
	changed_order(r);
	for (size_t i = 0; i < n; i++)
		top = group_of(r->changed[i]) > top ? group_of(r->changed[i]) : top;
	/* counting sort by group: stable, so each group stays in key order */
	size_t *start = mem_array((size_t)top + 2, sizeof(*start));
	struct ospf_route *rows = mem_array(n, sizeof(*rows));
	const struct ospf_leg **legs = mem_array((size_t)top + 1, sizeof(*legs));
	for (size_t i = 0; i < n; i++)
		start[group_of(r->changed[i]) + 1]++;
	for (uint32_t g = 0; g <= top; g++)
		start[g + 1] += start[g];
	size_t *at = mem_dup(start, ((size_t)top + 2) * sizeof(*start));
	for (size_t i = 0; i < n; i++) {
		struct pfx *p = r->changed[i];
		rows[at[group_of(p)]++] = row_of(p);
		legs[group_of(p)] = p->told.legs;
		p->changed = false;
	}
	for (uint32_t g = 0; g <= top; g++)
		batch_send(r, legs[g], rows + start[g], start[g + 1] - start[g]);
	mem_free(at);
	mem_free(legs);
	mem_free(rows);
	mem_free(start);
}

void
announce_withdraw_all(struct routing *r)
{
	struct rtable_iter it;
	void **slot;
	r->changed_count = 0;
	rtable_iter_init(&it, r->prefixes, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL) {
		struct pfx *p = *slot;
		if (!p->told.legs)
			continue;
		intern_unref(r->sets, p->told.legs);
		p->told.legs = NULL;
		changed_push(r, p);
	}
	announce_flush(r);
	r->changed_count = 0;
}
