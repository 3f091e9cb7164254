/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Announced routes by prefix, with the id of their next-hop group at zclient. One reference on
 * the group per route; a route that did not change is not sent again.
 */
#include "ospfd/rib_out.h"

#include "lib/mem.h"
#include "lib/rtable.h"
#include "lib/zclient.h"
#include "ospfd/ospfd.h"

struct announced {
	uint32_t metric, tag, group;
	uint8_t kind, distance;
};

struct rib_out {
	struct rtable *table;
	struct zclient *zclient;
};

struct rib_out *
rib_out_new(void)
{
	struct rib_out *r = mem_zalloc(sizeof(*r));

	r->table = rtable_new(AFI_IP4);
	return r;
}

void
rib_out_attach(struct rib_out *r, struct zclient *z)
{
	r->zclient = z;
}

void
rib_out_free(struct rib_out *r)
{
	struct rtable_iter it;
	void **slot;
	struct prefix p;

	rtable_iter_init(&it, r->table, NULL);
	while ((slot = rtable_next(&it, &p)))
		mem_free(*slot);
	rtable_free(r->table);
	mem_free(r);
}

static void
route_send(struct rib_out *r, const struct prefix *p, const struct announced *a)
{
	struct zclient_route route = {.afi = p->afi, .distance = a->distance, .kind = a->kind,
		.metric = a->metric, .tag = a->tag, .group = a->group};

	zclient_route_add(r->zclient, &route, p);
}

static void
route_withdraw(struct rib_out *r, const struct prefix *p)
{
	struct announced *a = rtable_remove(r->table, p);

	if (!a)
		return;
	zclient_route_del(r->zclient, 0, p);
	zclient_group_put(r->zclient, a->group);
	mem_free(a);
}

static void
route_announce(struct rib_out *r, const struct ospf_route *route, const struct zclient_leg *legs, size_t count)
{
	struct announced next = {.metric = route->metric, .tag = route->tag, .kind = route->path_type,
		.distance = route->distance, .group = zclient_group_get(r->zclient, legs, count)};
	void **slot = rtable_insert(r->table, &route->prefix, NULL);
	struct announced *a = *slot;

	if (!a)
		a = *slot = mem_zalloc(sizeof(*a));
	else
		zclient_group_put(r->zclient, a->group);
	if (a->group == next.group && a->metric == next.metric && a->tag == next.tag && a->kind == next.kind &&
		a->distance == next.distance)
		return;
	*a = next;
	route_send(r, &route->prefix, a);
}

void
rib_out_batch(struct rib_out *r, const struct ospf_route_batch *batch)
{
	struct zclient_leg *legs = mem_array(batch->leg_count, sizeof(*legs));

	for (size_t i = 0; i < batch->leg_count; i++) {
		legs[i].gateway = batch->legs[i].gateway;
		legs[i].ifindex = batch->legs[i].ifindex;
		legs[i].onlink = batch->legs[i].onlink;
		legs[i].weight = 1;
		legs[i].backup_rank = batch->legs[i].backup_rank;
	}
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->leg_count)
			route_announce(r, &batch->routes[i], legs, batch->leg_count);
		else
			route_withdraw(r, &batch->routes[i].prefix);
		/* the first of many tells zebra where a dead group's routes are going: it need not wait for all */
		if (!i && batch->count > 100)
			zclient_flush(r->zclient);
	}
	mem_free(legs);
}

void
rib_out_replay(struct rib_out *r)
{
	struct rtable_iter it;
	struct prefix p;
	void **slot;

	rtable_iter_init(&it, r->table, NULL);
	while ((slot = rtable_next(&it, &p)))
		route_send(r, &p, *slot);
}

size_t
rib_out_count(const struct rib_out *r)
{
	return rtable_count(r->table);
}
