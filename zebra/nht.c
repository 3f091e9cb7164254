/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How an address is reached; see nht.h. */
#include "zebra/nht.h"

#include <string.h>

#include "lib/mem.h"
#include "lib/rtable.h"
#include "zebra/core.h"
#include "zebra/source.h"

#define DEPTH_MAX 8
#define LEGS_MAX  64

struct nht *
nht_new(void)
{
	struct nht *n = mem_zalloc(sizeof(*n));
	n->entries[AFI_IP4] = rtable_new(AFI_IP4);
	n->entries[AFI_IP6] = rtable_new(AFI_IP6);
	TAILQ_INIT(&n->dirty);
	n->via_default = true;
	return n;
}

void
nht_free(struct nht *n)
{
	for (unsigned afi = AFI_IP4; afi <= AFI_IP6; afi++) {
		struct rtable_iter it;
		struct prefix p;
		void **slot;
		rtable_iter_init(&it, n->entries[afi], NULL);
		while ((slot = rtable_next(&it, &p))) {
			struct nht_entry *e = *slot;
			struct nht_client *c;
			while ((c = LIST_FIRST(&e->clients))) {
				LIST_REMOVE(c, link);
				mem_free(c);
			}
			mem_free(e->legs);
			mem_free(e);
		}
		rtable_free(n->entries[afi]);
	}
	mem_free(n);
}

/* --- lookup --------------------------------------------------------------------------------------- */

struct answer {
	struct rib_route *route;
	struct prefix by;
	struct nht_leg legs[LEGS_MAX];
	unsigned count;
	uint8_t special;
	bool local; /* our own address: nobody to forward to */
};

static bool
may_use_default(const struct zebra *z, const struct nht_entry *e)
{
	const struct nht_client *c;
	if (z->nht->via_default)
		return true;
	LIST_FOREACH(c, &e->clients, link)
		if (c->via_default)
			return true;
	return false;
}

/* The longest selected route that does not itself hang on this entry. */
static struct rib_route *
find_route(struct zebra *z, const struct nht_entry *e, struct answer *a)
{
	struct prefix at = prefix_host(&e->address);
	struct rtable *t = z->rib->table_count ? z->rib->tables[0].dests[e->address.afi] : NULL;
	if (!t)
		return NULL;
	for (void **slot = rtable_match_prefix(t, &at, false, &a->by); slot;
		slot = rtable_match_prefix(t, &at, true, &a->by)) {
		at = a->by;
		struct rib_route *r = rib_dest_selected(*slot);
		if (!r || !r->nhg->active || resolve_depends(r->nhg, e, DEPTH_MAX))
			continue;
		if (!at.len && !may_use_default(z, e))
			continue;
		for (const struct rib_route *c = r->dest->routes; c; c = c->next)
			if (c->nhg->source->proto == PROTO_LOCAL)
				a->local = true;
		return r;
	}
	return NULL;
}

static void
answer_legs(struct answer *a, const struct nht_entry *e)
{
	const struct nhg *g = a->route->nhg;
	a->count = 0;
	a->special = g->special;
	for (unsigned i = 0; i < g->member_count && a->count < LEGS_MAX; i++) {
		const struct nhg_member *m = &g->members[i];
		if (!nhg_member_used(g, m))
			continue;
		struct nht_leg *l = &a->legs[a->count++];
		memset(l, 0, sizeof(*l));
		l->ifindex = m->leg->ifindex;
		l->weight = m->weight;
		l->gateway = m->leg->gateway.afi ? m->leg->gateway : e->address;
		/* a route straight to an interface: no address there vouches for the gateway */
		l->onlink = m->leg->onlink
			|| (!m->leg->gateway.afi && g->source->proto != PROTO_CONNECTED);
	}
}

static bool
answer_differs(const struct nht_entry *e, const struct answer *a)
{
	const struct rib_route *r = a->route;
	if (e->reachable != !!r)
		return true;
	if (!r)
		return false;
	return e->via != r->nhg || e->metric != r->metric || e->distance != r->distance
		|| !prefix_equal(&e->by, &a->by) || e->local != a->local || e->special != a->special || e->leg_count != a->count
		|| (a->count && memcmp(e->legs, a->legs, a->count * sizeof(a->legs[0])));
}

static void
tell_clients(struct zebra *z, const struct nht_entry *e, uint32_t only)
{
	struct zebra_leg legs[LEGS_MAX];
	for (unsigned i = 0; i < e->leg_count; i++)
		legs[i] = (struct zebra_leg){.gateway = e->legs[i].gateway, .ifindex = e->legs[i].ifindex,
			.weight = e->legs[i].weight, .onlink = e->legs[i].onlink};
	struct zebra_nht n = {
		.address = e->address,
		.reachable = e->reachable && !e->special,
		.connected = e->connected,
		.metric = e->metric,
		.distance = e->distance,
		.protocol = e->reachable ? protocol_row(e->proto)->name : "",
		.resolved_by = e->by,
		.legs = legs,
		.count = e->leg_count,
	};
	const struct nht_client *c;
	LIST_FOREACH(c, &e->clients, link)
		if (!only || c->client == only)
			z->ops->nht(z->arg, c->client, &n);
}

static void
entry_watch(struct nht_entry *e, struct nhg *g)
{
	if (e->via)
		LIST_REMOVE(e, of_via);
	e->via = g;
	if (g)
		LIST_INSERT_HEAD(&g->watchers, e, of_via);
}

static void
entry_look_up(struct zebra *z, struct nht_entry *e)
{
	struct answer a = {0};
	struct nhg_via *v;
	z->nht->lookups++;
	a.route = find_route(z, e, &a);
	if (a.route)
		answer_legs(&a, e);
	if (!answer_differs(e, &a))
		return;
	if (e->settling != z->nht->settling) {
		e->settling = z->nht->settling;
		e->rounds = 0;
	}
	if (e->rounds++ >= NHT_ROUNDS_MAX) {
		core_log(z, "zebra.resolve-loop", "a next hop does not settle: given up until the next change");
		a.route = NULL;
		a.count = 0;
	}
	mem_free(e->legs);
	e->legs = a.count ? mem_dup(a.legs, a.count * sizeof(a.legs[0])) : NULL;
	e->leg_count = a.count;
	e->reachable = a.route != NULL;
	e->special = a.route ? a.special : 0;
	e->local = a.route && a.local;
	e->by = a.route ? a.by : (struct prefix){0};
	e->metric = a.route ? a.route->metric : 0;
	e->distance = a.route ? a.route->distance : 0;
	e->proto = a.route ? a.route->nhg->source->proto : PROTO_MAX;
	e->connected = e->proto == PROTO_CONNECTED || e->proto == PROTO_LOCAL;
	entry_watch(e, a.route ? a.route->nhg : NULL);
	LIST_FOREACH(v, &e->users, of_entry)
		nhg_mark(z, v->nhg);
	tell_clients(z, e, 0);
}

/* --- entries -------------------------------------------------------------------------------------- */

struct nht_entry *
nht_get(struct zebra *z, const struct ipaddr *a)
{
	struct prefix p = prefix_host(a);
	bool created;
	void **slot = rtable_insert(z->nht->entries[a->afi], &p, &created);
	if (!created)
		return *slot;
	struct nht_entry *e = mem_zalloc(sizeof(*e));
	e->address = prefix_addr(&p);
	e->proto = PROTO_MAX;
	*slot = e;
	entry_look_up(z, e);
	return e;
}

void
nht_release(struct zebra *z, struct nht_entry *e)
{
	if (!LIST_EMPTY(&e->users) || !LIST_EMPTY(&e->clients))
		return;
	struct prefix p = prefix_host(&e->address);
	rtable_remove(z->nht->entries[e->address.afi], &p);
	if (e->dirty)
		TAILQ_REMOVE(&z->nht->dirty, e, dirty_link);
	entry_watch(e, NULL);
	mem_free(e->legs);
	mem_free(e);
}

void
nht_mark(struct zebra *z, struct nht_entry *e)
{
	if (e->dirty)
		return;
	e->dirty = true;
	TAILQ_INSERT_TAIL(&z->nht->dirty, e, dirty_link);
}

static void
mark_within(struct zebra *z, struct rtable *t, const struct prefix *p)
{
	struct rtable_iter it;
	struct prefix at;
	void **slot;
	rtable_iter_init(&it, t, p);
	while ((slot = rtable_next(&it, &at))) {
		struct nht_entry *e = *slot;
		/* a longer route than this one keeps its word */
		if (!p || !e->reachable || e->by.len <= p->len)
			nht_mark(z, e);
	}
}

static void
mark_changed(struct zebra *z)
{
	struct rib *rib = z->rib;
	for (unsigned i = 0; i < rib->changed_count; i++) {
		struct rib_dest *d = rib->changed[i];
		struct prefix p = rib_dest_prefix(d);
		struct rtable *t = z->nht->entries[d->afi];
		d->flags &= (uint8_t)~DEST_CHANGED;
		if (rtable_count(t) && !rib->changed_many)
			mark_within(z, t, &p);
		rib_dest_release(z, d);
	}
	if (rib->changed_many) {
		mark_within(z, z->nht->entries[AFI_IP4], NULL);
		mark_within(z, z->nht->entries[AFI_IP6], NULL);
	}
	rib->changed_count = 0;
	rib->changed_many = false;
}

bool
nht_run(struct zebra *z)
{
	struct nht_entry *e;
	mark_changed(z);
	while ((e = TAILQ_FIRST(&z->nht->dirty))) {
		TAILQ_REMOVE(&z->nht->dirty, e, dirty_link);
		e->dirty = false;
		entry_look_up(z, e);
	}
	return !z->rib->changed_count && !z->rib->changed_many;
}

void
nht_settled(struct zebra *z)
{
	z->nht->settling++; /* the entries' rounds begin anew */
}

void
nht_set_via_default(struct zebra *z, bool on)
{
	if (z->nht->via_default == on)
		return;
	z->nht->via_default = on;
	z->rib->changed_many = true;
}

/* --- clients -------------------------------------------------------------------------------------- */

void
nht_want(struct zebra *z, uint32_t client, const struct ipaddr *a, bool via_default, bool on)
{
	struct nht_entry *e = nht_get(z, a);
	struct nht_client *c;
	LIST_FOREACH(c, &e->clients, link)
		if (c->client == client)
			break;
	if (on && !c) {
		c = mem_zalloc(sizeof(*c));
		c->client = client;
		LIST_INSERT_HEAD(&e->clients, c, link);
	} else if (!on && c) {
		LIST_REMOVE(c, link);
		mem_free(c);
		nht_release(z, e);
		return;
	} else if (!on) {
		nht_release(z, e);
		return;
	}
	c->via_default = via_default;
	if (via_default)
		nht_mark(z, e);
	tell_clients(z, e, client);
}

void
nht_client_gone(struct zebra *z, uint32_t client)
{
	for (unsigned afi = AFI_IP4; afi <= AFI_IP6; afi++) {
		struct rtable_iter it;
		struct prefix p;
		void **slot;
		rtable_iter_init(&it, z->nht->entries[afi], NULL);
		while ((slot = rtable_next(&it, &p)))
			nht_want(z, client, &((struct nht_entry *)*slot)->address, false, false);
	}
}
