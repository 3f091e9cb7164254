/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates and the choice among them; see rib.h. What follows in the kernel is in rib_fib.c. */
#include "zebra/rib.h"

#include <stddef.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/rtable.h"
#include "zebra/core.h"
#include "zebra/nhg.h"
#include "zebra/pool.h"
#include "zebra/redist.h"
#include "zebra/rib_fib.h"
#include "zebra/source.h"

struct rib *
rib_new(void)
{
	struct rib *r = mem_zalloc(sizeof(*r));
	r->routes = pool_new(sizeof(struct rib_route));
	r->dests[AFI_IP4] = pool_new(sizeof(struct rib_dest) + 4);
	r->dests[AFI_IP6] = pool_new(sizeof(struct rib_dest) + 16);
	TAILQ_INIT(&r->walks);
	return r;
}

void
rib_free(struct rib *r)
{
	for (unsigned i = 0; i < r->table_count; i++)
		for (unsigned afi = AFI_IP4; afi <= AFI_IP6; afi++)
			rtable_free(r->tables[i].dests[afi]);
	pool_free(r->routes);
	pool_free(r->dests[AFI_IP4]);
	pool_free(r->dests[AFI_IP6]);
	mem_free(r->dirty.items);
	mem_free(r->failed.items);
	mem_free(r);
}

/* --- tables and destinations ---------------------------------------------------------------------- */

int
rib_table_index(struct zebra *z, uint32_t id, bool create)
{
	struct rib *r = z->rib;
	if (id == 254) /* RT_TABLE_MAIN */
		id = 0;
	for (unsigned i = 0; i < r->table_count; i++)
		if (r->tables[i].id == id)
			return (int)i;
	if (!create || r->table_count == RIB_TABLES_MAX)
		return -1;
	struct rib_table *t = &r->tables[r->table_count];
	t->id = id;
	t->dests[AFI_IP4] = rtable_new(AFI_IP4);
	t->dests[AFI_IP6] = rtable_new(AFI_IP6);
	return (int)r->table_count++;
}

struct prefix
rib_dest_prefix(const struct rib_dest *d)
{
	struct prefix p = {.afi = d->afi, .len = d->len};
	memcpy(p.b, d->b, d->afi == AFI_IP4 ? 4 : 16);
	return p;
}

struct rib_dest *
rib_dest_find(const struct zebra *z, uint32_t table, const struct prefix *p)
{
	const struct rib *r = z->rib;
	if (table == 254)
		table = 0;
	for (unsigned i = 0; i < r->table_count; i++) {
		if (r->tables[i].id != table)
			continue;
		void **slot = rtable_find(r->tables[i].dests[p->afi], p);
		return slot ? *slot : NULL;
	}
	return NULL;
}

struct rib_dest *
rib_dest_get(struct zebra *z, unsigned table_index, const struct prefix *p)
{
	struct rib *r = z->rib;
	bool created;
	void **slot = rtable_insert(r->tables[table_index].dests[p->afi], p, &created);
	if (!created)
		return *slot;
	struct rib_dest *d = pool_get(r->dests[p->afi]);
	d->table = (uint8_t)table_index;
	d->afi = p->afi;
	d->len = p->len;
	memcpy(d->b, p->b, p->afi == AFI_IP4 ? 4 : 16);
	*slot = d;
	return d;
}

void
rib_dest_release(struct zebra *z, struct rib_dest *d)
{
	struct rib *r = z->rib;
	const uint8_t held = DEST_QUEUED | DEST_PENDING | DEST_FAILED | DEST_ADOPTED | DEST_CHANGED;
	if (d->routes || d->fib || (d->flags & held))
		return;
	struct prefix p = rib_dest_prefix(d);
	rtable_remove(r->tables[d->table].dests[d->afi], &p);
	pool_put(r->dests[d->afi], d);
}

struct rib_route *
rib_dest_selected(const struct rib_dest *d)
{
	for (struct rib_route *r = d->routes; r; r = r->next)
		if (r->flags & ROUTE_SELECTED)
			return r;
	return NULL;
}

/* --- candidates ----------------------------------------------------------------------------------- */

uint32_t
rib_route_key(const struct rib_route *r)
{
	switch (r->nhg->source->proto) {
	case PROTO_CONNECTED:
	case PROTO_LOCAL:
		return r->tag;
	case PROTO_KERNEL:
		return r->metric;
	case PROTO_STATIC:
		return r->distance;
	case PROTO_DETOUR:
	case PROTO_OSPF:
	case PROTO_OSPF6:
	case PROTO_BGP:
	case PROTO_VRRP:
	case PROTO_BFD:
	case PROTO_BENCH:
	case PROTO_MAX:
		break;
	}
	return 0;
}

struct rib_route *
rib_route_find(const struct rib_dest *d, const struct source *s, uint32_t key)
{
	for (struct rib_route *r = d->routes; r; r = r->next)
		if (r->nhg->source == s && rib_route_key(r) == key)
			return r;
	return NULL;
}

/* Lower is better. Total, so that the choice does not depend on who came first. */
static bool
route_better(const struct rib_route *a, const struct rib_route *b)
{
	if (a->distance != b->distance)
		return a->distance < b->distance;
	const struct source *sa = a->nhg->source, *sb = b->nhg->source;
	if (sa->row->kernel_owned != sb->row->kernel_owned)
		return sa->row->kernel_owned;
	if (a->metric != b->metric)
		return a->metric < b->metric;
	if (sa != sb)
		return sa->proto != sb->proto ? sa->proto < sb->proto : sa->instance < sb->instance;
	return a->tag < b->tag;
}

static void
dest_insert_sorted(struct rib_dest *d, struct rib_route *r)
{
	struct rib_route **at = &d->routes;
	while (*at && !route_better(r, *at))
		at = &(*at)->next;
	r->next = *at;
	*at = r;
}

static void
dest_unlink(struct rib_dest *d, struct rib_route *r)
{
	struct rib_route **at = &d->routes;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
}

/* Next-hop tracking looks at the changed ones, or at all its entries when they are many. */
static void
dest_mark_changed(struct rib *rib, struct rib_dest *d)
{
	if (d->flags & DEST_CHANGED || d->table)
		return;
	if (rib->changed_count == RIB_CHANGED_MAX) {
		rib->changed_many = true;
		return;
	}
	d->flags |= DEST_CHANGED;
	rib->changed[rib->changed_count++] = d;
}

static void
dest_select(struct zebra *z, struct rib_dest *d, const struct redist_route *old)
{
	struct rib_route *best = NULL;
	/* an earlier zebra knew whether a route counts: no worse one takes its place before we know it, too */
	bool adopted = (d->flags & (DEST_ADOPTED | DEST_CLAIMED)) == DEST_ADOPTED, wait = false;
	for (struct rib_route *r = d->routes; r; r = r->next) {
		wait |= adopted && !best && r->nhg->undecided;
		if (!best && !wait && r->nhg->active && r->distance != DISTANCE_NEVER) {
			best = r;
			r->flags |= ROUTE_SELECTED;
		} else {
			r->flags &= (uint8_t)~ROUTE_SELECTED;
		}
	}
	struct redist_route new = redist_snapshot(best);
	if (!redist_same(old, &new)) {
		z->rib->tables[d->table].selected[d->afi] += (uint64_t)(!!new.source) - !!old->source;
		dest_mark_changed(z->rib, d);
		if (!d->table && !redist_idle(z->redist))
			redist_changed(z, d, old, &new);
	}
	fib_sync(z, d);
}

void
rib_dest_reselect(struct zebra *z, struct rib_dest *d)
{
	struct redist_route old = redist_snapshot(rib_dest_selected(d));
	dest_select(z, d, &old);
	rib_dest_release(z, d);
}

/* The same route again, as in a replay: only its epoch is new. */
static bool
route_renew(struct rib_route *r, const struct route_attrs *a)
{
	if (r->nhg != a->nhg || r->metric != a->metric || r->tag != a->tag
		|| r->distance != a->distance || r->kind != a->kind)
		return false;
	uint8_t epoch = a->nhg->source->epoch;
	if (r->epoch != epoch) {
		nhg_route_removed(a->nhg, r);
		r->epoch = epoch;
		nhg_route_added(a->nhg, r);
	}
	return true;
}

bool
rib_route_set(struct zebra *z, struct source *s, const struct prefix *p, uint32_t key,
	const struct route_attrs *a)
{
	int table = rib_table_index(z, a->table, true);
	if (table < 0)
		return false;
	struct rib_dest *d = rib_dest_get(z, (unsigned)table, p);
	struct rib_route *r = d->routes ? rib_route_find(d, s, key) : NULL;
	if (r && route_renew(r, a))
		return true;
	struct redist_route old = redist_snapshot(rib_dest_selected(d));
	if (r) {
		if (r->nhg->holding)
			nhg_lend(z, r->nhg, a->nhg);
		dest_unlink(d, r);
		nhg_route_removed(r->nhg, r);
	} else {
		r = pool_get(z->rib->routes);
		r->dest = d;
		r->since = (uint32_t)(z->now / TIME_SEC);
		z->rib->route_count++;
		s->routes++;
		if (!d->table)
			s->rib_count[d->afi]++;
	}
	r->nhg = a->nhg;
	r->metric = a->metric;
	r->tag = a->tag;
	r->distance = a->distance;
	r->kind = a->kind;
	r->epoch = s->epoch;
	nhg_route_added(r->nhg, r);
	dest_insert_sorted(d, r);
	s->added++;
	dest_select(z, d, &old);
	return true;
}

void
rib_route_remove(struct zebra *z, struct rib_route *r)
{
	struct rib_dest *d = r->dest;
	struct source *s = r->nhg->source;
	struct redist_route old = redist_snapshot(rib_dest_selected(d));
	dest_unlink(d, r);
	nhg_route_removed(r->nhg, r);
	pool_put(z->rib->routes, r);
	z->rib->route_count--;
	s->routes--;
	if (!d->table)
		s->rib_count[d->afi]--;
	s->deleted++;
	dest_select(z, d, &old);
	rib_dest_release(z, d);
}

void
rib_route_del(struct zebra *z, struct source *s, uint32_t table, const struct prefix *p, uint32_t key)
{
	struct rib_dest *d = rib_dest_find(z, table, p);
	struct rib_route *r = d ? rib_route_find(d, s, key) : NULL;
	if (r)
		rib_route_remove(z, r);
}

/* --- walks over a group's routes ------------------------------------------------------------------ */

void
rib_group_walk(struct zebra *z, struct nhg *g)
{
	g->cursor = TAILQ_FIRST(&g->routes);
	if (!g->cursor || g->walking)
		return;
	g->walking = true;
	TAILQ_INSERT_TAIL(&z->rib->walks, g, walk_link);
}

bool
rib_walks_run(struct zebra *z, unsigned *budget)
{
	struct nhg *g;
	while ((g = TAILQ_FIRST(&z->rib->walks))) {
		struct rib_route *r;
		while ((r = g->cursor)) {
			if (!*budget)
				return false;
			--*budget;
			g->cursor = TAILQ_NEXT(r, of_group);
			rib_dest_reselect(z, r->dest);
		}
		TAILQ_REMOVE(&z->rib->walks, g, walk_link);
		g->walking = false;
	}
	return true;
}
