/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups as their sources define them, and the choice of legs that are used. See nhg.h. */
#include "zebra/nhg.h"

#include <assert.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/gate.h"
#include "zebra/kid.h"
#include "zebra/nht.h"
#include "zebra/rib_fib.h"
#include "zebra/source.h"

#define FIRST_ID        1000001 /* far from what people type into `ip nexthop` */
#define RETRY_FIRST     (200 * TIME_MS)
#define RETRY_MAX       (60 * TIME_SEC)

struct nhgs *
nhgs_new(struct zebra *z)
{
	struct nhgs *n = mem_zalloc(sizeof(*n));
	n->legs = hash_new(nh_leg_equal);
	n->by_id = hash_new(kid_equal);
	n->adoptable = hash_new(kgroup_equal);
	n->ifaces = hash_new(leg_iface_equal);
	TAILQ_INIT(&n->kgroups);
	TAILQ_INIT(&n->dirty_kgroups);
	TAILQ_INIT(&n->idle_kgroups);
	TAILQ_INIT(&n->dirty);
	TAILQ_INIT(&n->idle);
	TAILQ_INIT(&n->unused);
	for (uint8_t i = 0; i < LEG_SPECIALS; i++)
		n->special[i] = (struct kgroup){.special = i, .written = true, .dests = 1};
	n->next_id = FIRST_ID;
	n->retry_delay = RETRY_FIRST;
	z->nhgs = n;
	return n;
}

static void
free_all(struct hash *h)
{
	void *item;
	for (size_t pos = 0; (item = hash_next(h, &pos));)
		mem_free(item);
	hash_free(h);
}

void
nhgs_free(struct zebra *z)
{
	struct nhgs *n = z->nhgs;
	struct kgroup *kg;
	struct nh_leg *l;
	struct kid *k;
	while ((kg = TAILQ_FIRST(&n->kgroups))) {
		TAILQ_REMOVE(&n->kgroups, kg, link);
		mem_free(kg->members);
		mem_free(kg);
	}
	for (size_t pos = 0; (k = hash_next(n->by_id, &pos));)
		if (k->type == KID_FOREIGN)
			mem_free(k->object);
	free_all(n->by_id);
	for (size_t pos = 0; (l = hash_next(n->legs, &pos));)
		timer_cancel(z->timers, &l->forget);
	free_all(n->legs);
	free_all(n->ifaces);
	hash_free(n->adoptable);
	timer_cancel(z->timers, &n->retry);
	mem_free(n);
	z->nhgs = NULL;
}

uint32_t
nhgs_id_new(struct zebra *z)
{
	while (!z->nhgs->next_id || kid_find(z, z->nhgs->next_id))
		z->nhgs->next_id++;
	return z->nhgs->next_id++;
}

static void
retry_due(void *arg, int64_t now)
{
	struct zebra *z = arg;
	core_enter(z, now);
	z->nhgs->failures = 0;
	nh_leg_retry(z);
	kgroups_retry(z);
	fib_retry_failed(z);
	core_leave(z);
}

void
nhgs_failed(struct zebra *z)
{
	struct nhgs *n = z->nhgs;
	n->failures++;
	if (timer_armed(&n->retry))
		return;
	timer_set(z->timers, &n->retry, z->now + n->retry_delay, retry_due, z);
	n->retry_delay = n->retry_delay * 2 > RETRY_MAX ? RETRY_MAX : n->retry_delay * 2;
}

void
nhgs_hope(struct zebra *z)
{
	struct nhgs *n = z->nhgs;
	n->retry_delay = RETRY_FIRST;
	if (n->failures)
		timer_set(z->timers, &n->retry, z->now, retry_due, z);
}

/* --- definitions ---------------------------------------------------------------------------------- */

/* Legs without anything that does not count, so that bytes can be compared. */
static void
legs_normalise(struct zebra_leg *out, const struct zebra_leg *in, size_t count)
{
	memset(out, 0, count * sizeof(*out));
	for (size_t i = 0; i < count; i++) {
		out[i].gateway.afi = in[i].gateway.afi;
		memcpy(out[i].gateway.b, in[i].gateway.b, afi_bytes(in[i].gateway.afi));
		out[i].special = in[i].special;
		out[i].backup_rank = in[i].backup_rank;
		out[i].onlink = in[i].onlink;
		out[i].ifindex = in[i].ifindex;
		out[i].weight = in[i].weight ? in[i].weight > 255 ? 255 : in[i].weight : 1;
		out[i].gates[0] = in[i].gates[0];
		out[i].gates[1] = in[i].gates[1];
	}
}

struct nhg_key {
	uint8_t afi;
	size_t count;
	const struct zebra_leg *legs;
};

bool
nhg_equal(const void *item, const void *key)
{
	const struct nhg *g = item;
	const struct nhg_key *k = key;
	return g->afi == k->afi && g->leg_count == k->count
		&& !memcmp(g->legs, k->legs, k->count * sizeof(*k->legs));
}

/* Legs that all have gateways carry routes of any family. */
static uint8_t
legs_afi(uint8_t afi, const struct zebra_leg *legs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!legs[i].gateway.afi)
			return afi;
	return AFI_NONE;
}

static void
nhg_hash_in(struct nhg *g)
{
	struct nhg_key k = {g->afi, g->leg_count, g->legs};
	g->hash = hash_bytes(g->source->z->seed + g->afi, g->legs, g->leg_count * sizeof(*g->legs));
	if (hash_find(g->source->by_legs, g->hash, &k))
		return; /* an equal one is there already: this one cannot be found, and need not */
	hash_insert(g->source->by_legs, g->hash, g);
	g->hashed = true;
}

static void
nhg_hash_out(struct nhg *g)
{
	struct nhg_key k = {g->afi, g->leg_count, g->legs};
	if (g->hashed)
		hash_remove(g->source->by_legs, g->hash, &k);
	g->hashed = false;
}

static void
nhg_drop_vias(struct nhg *g)
{
	struct nhg_via *v;
	while ((v = LIST_FIRST(&g->vias))) {
		struct nht_entry *e = v->entry;
		LIST_REMOVE(v, of_nhg);
		LIST_REMOVE(v, of_entry);
		mem_free(v);
		nht_release(g->source->z, e);
	}
}

static void
nhg_set_legs(struct nhg *g, const struct zebra_leg *legs, size_t count)
{
	struct zebra *z = g->source->z;
	mem_free(g->legs);
	g->legs = count ? mem_dup(legs, count * sizeof(*legs)) : NULL;
	g->leg_count = (unsigned)count;
	nhg_drop_vias(g);
	gates_unuse(z, g);
	gates_use(z, g);
	for (size_t i = 0; i < count; i++) {
		if (legs[i].special || legs[i].ifindex || !legs[i].gateway.afi)
			continue;
		struct nht_entry *e = nht_get(z, &legs[i].gateway);
		struct nhg_via *v;
		LIST_FOREACH(v, &g->vias, of_nhg)
			if (v->entry == e)
				break;
		if (v)
			continue;
		v = mem_zalloc(sizeof(*v));
		v->entry = e;
		v->nhg = g;
		LIST_INSERT_HEAD(&g->vias, v, of_nhg);
		LIST_INSERT_HEAD(&e->users, v, of_entry);
	}
}

struct nhg *
nhg_get(struct source *s, uint8_t afi, const struct zebra_leg *legs, size_t count)
{
	struct zebra *z = s->z;
	struct zebra_leg norm[ZEBRA_LEGS_MAX];
	assert(count <= ZEBRA_LEGS_MAX);
	legs_normalise(norm, legs, count);
	struct nhg_key k = {legs_afi(afi, norm, count), count, norm};
	uint32_t hash = hash_bytes(z->seed + k.afi, norm, count * sizeof(*norm));
	struct nhg *g = hash_find(s->by_legs, hash, &k);
	if (g && (s->proto < PROTO_OWN || !g->refs)) {
		g->refs++;
		return g;
	}
	g = mem_zalloc(sizeof(*g));
	g->source = s;
	g->afi = k.afi;
	g->refs = 1;
	g->since = z->now;
	TAILQ_INIT(&g->routes);
	TAILQ_INSERT_TAIL(&s->nhgs, g, of_source);
	z->nhgs->nhg_count++;
	nhg_set_legs(g, norm, count);
	nhg_hash_in(g);
	resolve_group(z, g);
	return g;
}

void
nhg_put(struct nhg *g)
{
	assert(g->refs);
	if (--g->refs || g->route_count || g->idle)
		return;
	g->idle = true;
	TAILQ_INSERT_TAIL(&g->source->z->nhgs->idle, g, idle_link);
}

void
nhg_redefine(struct nhg *g, const struct zebra_leg *legs, size_t count)
{
	struct zebra_leg norm[ZEBRA_LEGS_MAX];
	assert(count <= ZEBRA_LEGS_MAX);
	legs_normalise(norm, legs, count);
	if (g->leg_count == count && !memcmp(g->legs, norm, count * sizeof(*norm)))
		return;
	nhg_hash_out(g);
	nhg_set_legs(g, norm, count);
	nhg_hash_in(g);
	nhg_mark(g->source->z, g);
}

static void
nhg_free(struct zebra *z, struct nhg *g)
{
	struct nht_entry *e;
	nhg_hash_out(g);
	kgroup_disown(z, g);
	for (unsigned i = 0; i < g->member_count; i++) {
		LIST_REMOVE(&g->members[i], of_leg);
		nh_leg_release(z, g->members[i].leg);
	}
	nhg_drop_vias(g);
	gates_unuse(z, g);
	while ((e = LIST_FIRST(&g->watchers))) {
		LIST_REMOVE(e, of_via);
		e->via = NULL;
		nht_mark(z, e);
	}
	timer_cancel(z->timers, &g->hold);
	if (g->dirty)
		TAILQ_REMOVE(&z->nhgs->dirty, g, dirty_link);
	if (g->walking)
		TAILQ_REMOVE(&z->rib->walks, g, walk_link);
	TAILQ_REMOVE(&g->source->nhgs, g, of_source);
	z->nhgs->nhg_count--;
	mem_free(g->legs);
	mem_free(g->members);
	mem_free(g);
}

void
nhgs_forget(struct source *s)
{
	struct nhg *g;
	struct nhg_via *v;
	struct gate_use *u;
	while ((g = TAILQ_FIRST(&s->nhgs))) {
		TAILQ_REMOVE(&s->nhgs, g, of_source);
		timer_cancel(s->z->timers, &g->hold);
		while ((v = LIST_FIRST(&g->vias))) {
			LIST_REMOVE(v, of_nhg);
			mem_free(v);
		}
		while ((u = LIST_FIRST(&g->gates))) {
			LIST_REMOVE(u, of_nhg);
			mem_free(u);
		}
		mem_free(g->legs);
		mem_free(g->members);
		mem_free(g);
	}
}

void
nhg_route_added(struct nhg *g, struct rib_route *r)
{
	TAILQ_INSERT_HEAD(&g->routes, r, of_group);
	g->route_count++;
}

void
nhg_route_removed(struct nhg *g, struct rib_route *r)
{
	if (g->cursor == r)
		g->cursor = TAILQ_NEXT(r, of_group);
	TAILQ_REMOVE(&g->routes, r, of_group);
	if (--g->route_count || g->refs || g->idle)
		return;
	g->idle = true;
	TAILQ_INSERT_TAIL(&g->source->z->nhgs->idle, g, idle_link);
}

/* --- choice --------------------------------------------------------------------------------------- */

bool
nhg_member_usable(const struct nhg *g, const struct nhg_member *m)
{
	return m->leg->usable && gates_open(&g->legs[m->source_leg]);
}

bool
nhg_member_used(const struct nhg *g, const struct nhg_member *m)
{
	return m->rank == g->rank && nhg_member_usable(g, m) && (g->last_resort || !nh_leg_doubted(m->leg));
}

/* The lowest rank of a usable leg; failed neighbours and dead LANs count only when there is nothing else. */
static bool
nhg_choose(struct nhg *g)
{
	for (int last_resort = 0; last_resort < 2; last_resort++) {
		unsigned best = UINT8_MAX + 1;
		for (unsigned i = 0; i < g->member_count; i++) {
			const struct nhg_member *m = &g->members[i];
			if (m->rank < best && nhg_member_usable(g, m) && (last_resort || !nh_leg_doubted(m->leg)))
				best = m->rank;
		}
		if (best <= UINT8_MAX) {
			g->rank = (uint8_t)best;
			g->last_resort = last_resort;
			return true;
		}
	}
	return false;
}

static void
hold_over(void *arg, int64_t now)
{
	struct nhg *g = arg;
	struct zebra *z = g->source->z;
	core_enter(z, now);
	g->holding = false;
	rib_group_walk(z, g);
	core_leave(z);
}

static void
nhg_hold(struct zebra *z, struct nhg *g, bool on)
{
	g->holding = on;
	g->lent = false;
	if (on)
		timer_set(z->timers, &g->hold, z->now + NHG_HOLD, hold_over, g);
	else
		timer_cancel(z->timers, &g->hold);
}

void
nhg_lend(struct zebra *z, struct nhg *dead, struct nhg *to)
{
	if (!dead->holding || dead->lent || !dead->kg || !dead->kg->written || to->special || !to->active)
		return;
	dead->lent = kgroup_borrow(z, dead->kg, to);
}

void
nhg_refresh(struct zebra *z, struct nhg *g)
{
	bool was = g->active, was_undecided = g->undecided;
	g->undecided = gates_undecided(g);
	bool found = !g->undecided && nhg_choose(g);
	struct nht_entry *e;
	g->active = found || (g->special && !g->undecided);
	if (found && g->kg)
		kgroup_refresh(z, g->kg);
	if (g->active)
		nhg_hold(z, g, false);
	else if (was && g->kg && g->source->proto >= PROTO_OWN)
		nhg_hold(z, g, true);
	if (g->active != was || g->undecided != was_undecided)
		rib_group_walk(z, g);
	LIST_FOREACH(e, &g->watchers, of_via)
		nht_mark(z, e);
}

void
nhg_mark(struct zebra *z, struct nhg *g)
{
	if (g->dirty)
		return;
	g->dirty = true;
	TAILQ_INSERT_TAIL(&z->nhgs->dirty, g, dirty_link);
}

bool
nhgs_run(struct zebra *z)
{
	struct nhgs *n = z->nhgs;
	struct nhg *g;
	while ((g = TAILQ_FIRST(&n->dirty))) {
		TAILQ_REMOVE(&n->dirty, g, dirty_link);
		g->dirty = false;
		resolve_group(z, g);
	}
	while ((g = TAILQ_FIRST(&n->idle))) {
		TAILQ_REMOVE(&n->idle, g, idle_link);
		g->idle = false;
		if (!g->refs && !g->route_count)
			nhg_free(z, g);
	}
	return TAILQ_EMPTY(&n->dirty);
}
