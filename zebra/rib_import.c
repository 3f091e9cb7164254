/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Import: other programs' routes as candidates of source kernel (connected.c has ours); and what the
 * kernel says about ours: somebody deleted or replaced one, then it is written again.
 */
#include "zebra/rib_import.h"

#include <linux/rtnetlink.h>

#include "lib/rtable.h"
#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/iface.h"
#include "zebra/kid.h"
#include "zebra/rib_fib.h"
#include "zebra/source.h"
#include "zebra/sweep.h"
#include "zebra/nhg.h"

/* --- other programs' ------------------------------------------------------------------------------ */

static const uint8_t type_special[] = {
	[RTN_BLACKHOLE] = LEG_BLACKHOLE,
	[RTN_UNREACHABLE] = LEG_UNREACHABLE,
	[RTN_PROHIBIT] = LEG_PROHIBIT,
};

static bool
route_foreign(const struct kernel_route *r)
{
	if (r->flags & RTM_F_CLONED || r->protocol == RTPROT_KERNEL || r->protocol == RTPROT_REDIRECT)
		return false;
	if (r->table != 0 && r->table != RT_TABLE_MAIN)
		return false;
	return r->type == RTN_UNICAST || r->type == RTN_BLACKHOLE || r->type == RTN_UNREACHABLE
		|| r->type == RTN_PROHIBIT;
}

static unsigned
legs_from(struct zebra *z, const struct kernel_leg *in, unsigned count, struct zebra_leg *out)
{
	unsigned n = 0;
	for (unsigned i = 0; i < count && n < ZEBRA_LEGS_MAX; i++) {
		const struct iface *ifc = iface_find(z, in[i].oif);
		if (!in[i].oif)
			continue;
		/* the kernel took it: if our addresses do not vouch for the gateway, something else did */
		bool covered = !in[i].gateway.afi || (ifc && iface_covers(ifc, &in[i].gateway));
		out[n++] = (struct zebra_leg){.gateway = in[i].gateway, .ifindex = in[i].oif,
			.weight = in[i].weight, .onlink = !covered};
	}
	return n;
}

static unsigned
legs_of_nexthop(struct zebra *z, uint32_t id, struct zebra_leg *out)
{
	const struct kid *k = kid_find(z, id);
	const struct kernel_nexthop *nh = k && k->type == KID_FOREIGN ? k->object : NULL;
	unsigned n = 0;
	if (!nh)
		return 0;
	if (!nh->group)
		return legs_from(z, nh->legs, nh->leg_count, out);
	for (unsigned i = 0; i < nh->leg_count && n < ZEBRA_LEGS_MAX; i++) {
		const struct kid *m = kid_find(z, nh->legs[i].id);
		const struct kernel_nexthop *single = m && m->type == KID_FOREIGN ? m->object : NULL;
		if (single && !single->group)
			n += legs_from(z, single->legs, single->leg_count ? 1 : 0, out + n);
	}
	return n;
}

static void
import_foreign(struct zebra *z, const struct kernel_route *r)
{
	struct zebra_leg legs[ZEBRA_LEGS_MAX] = {0};
	unsigned count = 1;
	struct source *s = source_own(z, PROTO_KERNEL);
	if (r->type != RTN_UNICAST)
		legs[0].special = type_special[r->type];
	else if (r->nhid && !r->leg_count)
		count = legs_of_nexthop(z, r->nhid, legs);
	else
		count = legs_from(z, r->legs, r->leg_count, legs);
	if (!count)
		return;
	struct nhg *g = nhg_get(s, r->prefix.afi, legs, count);
	struct route_attrs a = {.nhg = g, .metric = r->metric};
	rib_route_set(z, s, &r->prefix, r->metric, &a);
	nhg_put(g);
}

/* --- ours ----------------------------------------------------------------------------------------- */

static bool
route_as_written(const struct rib_dest *d, const struct kernel_route *r)
{
	if (!d->fib || d->fib_proto != r->protocol)
		return false;
	return d->fib->special ? r->type != RTN_UNICAST : r->nhid == d->fib->id;
}

static void
import_ours(struct zebra *z, const struct kernel_route *r, bool gone)
{
	struct rib_dest *d = rib_dest_find(z, r->table, &r->prefix);
	if (r->tos || r->metric != DPLANE_METRIC)
		return;
	if (!z->synced) {
		if (!gone)
			sweep_adopt_route(z, r);
		return;
	}
	if (!d || !d->fib)
		return;
	rib_dest_seen(z->rib, d);
	if (gone ? d->fib_proto != r->protocol : d->flags & DEST_PENDING || route_as_written(d, r))
		return;
	z->stats.routes_repaired++;
	fib_lost(z, d);
}

/* Another program's route with our metric in our place: ours is gone. */
static bool
replaced_ours(struct zebra *z, const struct kernel_route *r)
{
	struct rib_dest *d = rib_dest_find(z, r->table, &r->prefix);
	if (r->metric != DPLANE_METRIC || r->tos || !d || !d->fib || d->flags & DEST_ADOPTED)
		return false;
	z->stats.routes_repaired++;
	fib_lost(z, d);
	return true;
}

void
import_route(struct zebra *z, const struct kernel_route *r, bool gone)
{
	if (protocol_is_ours(r->protocol)) {
		import_ours(z, r, gone);
		return;
	}
	if (!route_foreign(r))
		return;
	if (gone)
		rib_route_del(z, source_own(z, PROTO_KERNEL), 0, &r->prefix, r->metric);
	else if (!replaced_ours(z, r))
		import_foreign(z, r);
}

/* After a dump: what was not in it is not in the kernel. */
static bool
find_missing(struct zebra *z, struct rtable *t, struct prefix *at, unsigned *budget)
{
	struct rtable_iter it;
	void **slot;
	rtable_iter_init(&it, t, NULL);
	if (at->afi)
		rtable_iter_after(&it, at);
	for (; *budget && (slot = rtable_next(&it, at)); --*budget) {
		struct rib_dest *d = *slot;
		if ((d->flags & DEST_SEEN) == z->rib->seen_phase || !d->fib || d->flags & DEST_PENDING)
			continue;
		z->stats.routes_repaired++;
		fib_lost(z, d);
	}
	return *budget > 0;
}

bool
import_run(struct zebra *z, unsigned *budget)
{
	struct rib *r = z->rib;
	while (r->missing.active) {
		struct prefix at = r->missing.at;
		if (!find_missing(z, r->tables[r->missing.table].dests[r->missing.afi], &at, budget)) {
			r->missing.at = at;
			return false;
		}
		r->missing.at = (struct prefix){0};
		if (++r->missing.afi > AFI_IP6) {
			r->missing.afi = AFI_IP4;
			r->missing.active = ++r->missing.table < r->table_count;
		}
	}
	return true;
}

void
import_resync(struct zebra *z, bool begin)
{
	struct source *s = source_own(z, PROTO_KERNEL);
	struct rib *r = z->rib;
	r->missing.active = !begin;
	r->missing.table = 0;
	r->missing.afi = AFI_IP4;
	r->missing.at = (struct prefix){0};
	if (begin) {
		source_new_epoch(s);
		r->seen_phase ^= DEST_SEEN;
		return;
	}
	s->sweeping = true;
}

void
import_iface_down(struct zebra *z, uint32_t ifindex)
{
	struct source *s = source_own(z, PROTO_KERNEL);
	struct nhg *g;
	TAILQ_FOREACH(g, &s->nhgs, of_source) {
		struct rib_route *r, *next;
		bool all = g->leg_count > 0;
		for (unsigned i = 0; i < g->leg_count; i++)
			all = all && g->legs[i].ifindex == ifindex;
		for (r = all ? TAILQ_FIRST(&g->routes) : NULL; r; r = next) {
			next = TAILQ_NEXT(r, of_group);
			if (r->dest->afi == AFI_IP4)
				rib_route_remove(z, r);
		}
	}
}
