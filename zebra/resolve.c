/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From legs as a source names them to legs the kernel can use: those with an interface are taken as
 * they are, those without are replaced by the legs of the route that reaches their gateway
 * (nht.h), which are flat already. Weights multiply.
 */
#include <string.h>

#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/gate.h"
#include "zebra/nhg.h"
#include "zebra/nht.h"

#define MEMBERS_MAX 256

bool
resolve_depends(const struct nhg *g, const struct nht_entry *e, unsigned depth)
{
	const struct nhg_via *v;
	LIST_FOREACH(v, &g->vias, of_nhg) {
		if (v->entry == e)
			return true;
		if (v->entry->via && (!depth || resolve_depends(v->entry->via, e, depth - 1)))
			return true; /* deeper than we follow: as bad as a loop */
	}
	return false;
}

static const struct nht_entry *
via_of(const struct nhg *g, const struct ipaddr *gateway)
{
	const struct nhg_via *v;
	LIST_FOREACH(v, &g->vias, of_nhg)
		if (!memcmp(&v->entry->address, gateway, sizeof(*gateway)))
			return v->entry;
	return NULL;
}

struct member_list {
	struct nhg_member items[MEMBERS_MAX];
	unsigned count;
	uint8_t special;
};

static void
member_add(struct zebra *z, struct member_list *l, const struct nhg *g, unsigned leg,
	const struct nht_entry *via, const struct nht_leg *resolved)
{
	const struct zebra_leg *in = &g->legs[leg];
	uint32_t weight = in->weight * (resolved ? resolved->weight : 1u);
	if (l->count == MEMBERS_MAX)
		return;
	struct nhg_member *m = &l->items[l->count++];
	*m = (struct nhg_member){
		.rank = in->backup_rank,
		.weight = (uint16_t)(weight > 255 ? 255 : weight),
		.source_leg = (uint8_t)leg,
		.via = via,
	};
	if (resolved)
		m->leg = nh_leg_get(z, resolved->ifindex, &resolved->gateway, g->afi, resolved->onlink);
	else
		m->leg = nh_leg_get(z, in->ifindex, &in->gateway, g->afi, in->onlink);
}

static void
members_collect(struct zebra *z, const struct nhg *g, struct member_list *l)
{
	l->count = 0;
	l->special = LEG_FORWARD;
	for (unsigned i = 0; i < g->leg_count; i++) {
		const struct zebra_leg *in = &g->legs[i];
		if (in->special) {
			l->special = gates_open(in) ? in->special : l->special;
		} else if (in->ifindex || !in->gateway.afi) {
			member_add(z, l, g, i, NULL, NULL);
		} else {
			const struct nht_entry *e = via_of(g, &in->gateway);
			if (!e || !e->reachable || e->local)
				continue;
			if (e->special)
				l->special = e->special;
			for (unsigned k = 0; k < e->leg_count; k++)
				member_add(z, l, g, i, e, &e->legs[k]);
		}
	}
	if (l->count)
		l->special = LEG_FORWARD; /* what forwards goes before what drops */
}

static bool
members_same(const struct nhg *g, const struct member_list *l)
{
	if (g->member_count != l->count || g->special != l->special)
		return false;
	for (unsigned i = 0; i < l->count; i++) {
		const struct nhg_member *a = &g->members[i], *b = &l->items[i];
		if (a->leg != b->leg || a->rank != b->rank || a->weight != b->weight
			|| a->source_leg != b->source_leg || a->via != b->via)
			return false;
	}
	return true;
}

void
resolve_group(struct zebra *z, struct nhg *g)
{
	struct member_list l;
	members_collect(z, g, &l);
	if (members_same(g, &l) && g->active) {
		nhg_refresh(z, g);
		return;
	}
	struct nhg_member *old = g->members;
	unsigned old_count = g->member_count;
	bool special_changed = g->special != l.special;
	for (unsigned i = 0; i < old_count; i++)
		LIST_REMOVE(&old[i], of_leg);
	g->members = l.count ? mem_dup(l.items, l.count * sizeof(l.items[0])) : NULL;
	g->member_count = l.count;
	g->special = l.special;
	for (unsigned i = 0; i < l.count; i++) {
		g->members[i].nhg = g;
		LIST_INSERT_HEAD(&g->members[i].leg->users, &g->members[i], of_leg);
	}
	for (unsigned i = 0; i < old_count; i++)
		nh_leg_release(z, old[i].leg);
	mem_free(old);
	nhg_refresh(z, g);
	if (special_changed)
		rib_group_walk(z, g);
}
