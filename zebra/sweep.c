/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adoption and sweeping of what an earlier zebra left; next-hop objects of others; see sweep.h. */
#include "zebra/sweep.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/kid.h"
#include "zebra/nhg.h"
#include "zebra/rib_fib.h"
#include "zebra/source.h"

struct id_list {
	uint32_t *items;
	size_t count, cap;
};

struct sweep {
	struct dest_list adopted;
	size_t cursor;
	bool said[256];         /* by rtproto: its sources have said all they have */
	bool running;           /* some protocol's wait has ended: walk the list */
	bool objects_done;      /* next hops of nobody have been deleted */
	struct kernel_nexthop **groups; /* of the running dump: their members come in any order */
	size_t group_count, group_cap;
	struct id_list orphans; /* next hops we cannot use */
	struct timer grace;
};

struct sweep *
sweep_new(void)
{
	struct sweep *s = mem_zalloc(sizeof(*s));
	return s;
}

static void
groups_clear(struct sweep *s)
{
	for (size_t i = 0; i < s->group_count; i++)
		mem_free(s->groups[i]);
	mem_free(s->groups);
	s->groups = NULL;
	s->group_count = s->group_cap = 0;
}

void
sweep_free(struct zebra *z)
{
	struct sweep *s = z->sweep;
	timer_cancel(z->timers, &s->grace);
	groups_clear(s);
	mem_free(s->adopted.items);
	mem_free(s->orphans.items);
	mem_free(s);
	z->sweep = NULL;
}

/* --- next-hop objects ----------------------------------------------------------------------------- */

static struct kernel_nexthop *
nexthop_dup(const struct kernel_nexthop *nh)
{
	return mem_dup(nh, offsetof(struct kernel_nexthop, legs) + nh->leg_count * sizeof(nh->legs[0]));
}

static void
orphan_add(struct sweep *s, uint32_t id)
{
	if (s->orphans.count == s->orphans.cap) {
		s->orphans.cap = s->orphans.cap ? s->orphans.cap * 2 : 16;
		s->orphans.items = mem_realloc(s->orphans.items, s->orphans.cap * sizeof(uint32_t));
	}
	s->orphans.items[s->orphans.count++] = id;
}

static void
adopt_single(struct zebra *z, const struct kernel_nexthop *nh)
{
	if (!nh->blackhole && !nh->fdb && nh->leg_count == 1)
		nh_leg_adopt(z, nh);
	if (!kid_find(z, nh->id)) {
		orphan_add(z->sweep, nh->id);
		kid_add(z, nh->id, KID_FOREIGN, nexthop_dup(nh));
	}
}

void
sweep_nexthop(struct zebra *z, const struct kernel_nexthop *nh)
{
	struct sweep *s = z->sweep;
	struct kid *k = kid_find(z, nh->id);
	if (k)
		k->seen = true;
	if (k && k->type == KID_GROUP) {
		kgroup_check(z, k->object, nh);
	} else if (k && k->type == KID_LEG) {
		struct nh_leg *l = k->object;
		if (l->written && (nh->group || nh->blackhole || nh->legs[0].oif != l->ifindex
			|| ipaddr_cmp(&nh->legs[0].gateway, &l->gateway)))
			nh_leg_lost(z, l);
	} else if (k || z->synced || !protocol_is_ours(nh->protocol)) {
		kid_add(z, nh->id, KID_FOREIGN, nexthop_dup(nh));
	} else if (!nh->group) {
		adopt_single(z, nh);
	} else {
		if (s->group_count == s->group_cap) {
			s->group_cap = s->group_cap ? s->group_cap * 2 : 64;
			s->groups = mem_realloc(s->groups, s->group_cap * sizeof(*s->groups));
		}
		s->groups[s->group_count++] = nexthop_dup(nh);
	}
}

void
sweep_nexthop_gone(struct zebra *z, uint32_t id)
{
	struct kid *k = kid_find(z, id);
	if (!k)
		return;
	if (k->type == KID_GROUP) {
		struct kgroup *kg = k->object;
		if (kg->written) /* a write on its way does not bring its routes back */
			kgroup_lost(z, kg);
	} else if (k->type == KID_LEG) {
		nh_leg_lost(z, k->object);
	} else {
		kid_remove(z, id);
	}
}

static void
adopt_groups(struct zebra *z)
{
	struct sweep *s = z->sweep;
	for (size_t i = 0; i < s->group_count; i++) {
		struct kernel_nexthop *nh = s->groups[i];
		if (!kid_find(z, nh->id))
			kgroup_adopt(z, nh);
		if (!kid_find(z, nh->id)) {
			orphan_add(s, nh->id);
			kid_add(z, nh->id, KID_FOREIGN, nexthop_dup(nh));
		}
	}
	groups_clear(s);
}

void
sweep_nexthop_resync(struct zebra *z, bool begin)
{
	struct kid *k;
	if (!begin && !z->synced) {
		adopt_groups(z);
		return;
	}
	uint32_t *gone = NULL;
	size_t count = 0;
	if (!begin)
		gone = mem_array(hash_count(z->nhgs->by_id) + 1, sizeof(*gone));
	for (size_t pos = 0; (k = hash_next(z->nhgs->by_id, &pos));) {
		if (begin)
			k->seen = false;
		else if (!k->seen)
			gone[count++] = k->id;
	}
	for (size_t i = 0; i < count; i++) {
		k = kid_find(z, gone[i]);
		/* one that was never written cannot be missing */
		if (k && k->type == KID_LEG && !((struct nh_leg *)k->object)->written)
			continue;
		if (k)
			sweep_nexthop_gone(z, gone[i]);
	}
	mem_free(gone);
}

/* --- routes --------------------------------------------------------------------------------------- */

/* A route of ours without a group, or with one that we cannot use, is rewritten when claimed. */
static struct kgroup *
route_kgroup(struct zebra *z, const struct kernel_route *r)
{
	switch (r->type) {
	case RTN_BLACKHOLE:
		return kgroup_special(z, LEG_BLACKHOLE);
	case RTN_UNREACHABLE:
		return kgroup_special(z, LEG_UNREACHABLE);
	case RTN_PROHIBIT:
		return kgroup_special(z, LEG_PROHIBIT);
	default:
		return r->nhid ? kgroup_by_id(z, r->nhid) : NULL;
	}
}

void
sweep_adopt_route(struct zebra *z, const struct kernel_route *r)
{
	int table = rib_table_index(z, r->table, true);
	if (table < 0)
		return;
	struct rib_dest *d = rib_dest_get(z, (unsigned)table, &r->prefix);
	struct kgroup *kg = route_kgroup(z, r);
	if (d->fib || d->flags & DEST_ADOPTED)
		return;
	fib_set(z, d, kg, r->protocol);
	d->fib_proto = r->protocol;
	if (!kg)
		d->error = ESTALE; /* there is something: delete it if nobody wants it */
	d->flags |= DEST_ADOPTED;
	rib_dest_seen(z->rib, d);
	if (kg) {
		d->flags |= DEST_INSTALLED;
		z->rib->installed++;
		if (!d->table)
			z->rib->fib_count[d->fib_proto][d->afi]++;
	}
	dest_list_push(&z->sweep->adopted, d);
	z->stats.adopted++;
}

void
sweep_claimed(struct zebra *z, uint8_t rtproto)
{
	struct sweep *s = z->sweep;
	/* several sources may write the same kernel protocol: the slowest counts */
	for (unsigned i = PROTO_OWN; i < z->source_count; i++)
		if (z->sources[i]->row->rtproto == rtproto && z->sources[i]->replaying)
			return;
	if (s->said[rtproto])
		return;
	s->said[rtproto] = true;
	s->running = true;
	s->cursor = 0;
}

void
sweep_claimed_all(struct zebra *z)
{
	memset(z->sweep->said, true, sizeof(z->sweep->said));
	z->sweep->running = true;
	z->sweep->cursor = 0;
}

static void
grace_over(void *arg, int64_t now)
{
	struct zebra *z = arg;
	core_enter(z, now);
	sweep_claimed_all(z);
	core_leave(z);
}

void
sweep_start(struct zebra *z)
{
	timer_set(z->timers, &z->sweep->grace, z->now + SWEEP_GRACE_SECONDS * TIME_SEC, grace_over, z);
	z->sweep->running = true;
}

/* Groups and next hops nobody claimed; legs go with the groups that used them. */
static bool
sweep_objects(struct zebra *z)
{
	struct sweep *s = z->sweep;
	struct kgroup *kg;
	struct nh_leg *l;
	hash_free(z->nhgs->adoptable);
	z->nhgs->adoptable = hash_new(kgroup_equal);
	TAILQ_FOREACH(kg, &z->nhgs->kgroups, link) {
		kg->hashed = false;
		if (kg->owner || kg->idle)
			continue;
		kgroup_ref(kg);
		kgroup_unref(z, kg); /* idle now, if no route uses it */
	}
	for (size_t pos = 0; (l = hash_next(z->nhgs->legs, &pos));)
		nh_leg_release(z, l);
	while (s->orphans.count) {
		uint32_t id = s->orphans.items[s->orphans.count - 1];
		struct dplane_op op = {.kind = DPLANE_NEXTHOP_DEL, .id = id};
		if (!z->ops->write(z->arg, &op)) {
			z->rib->stalled = true;
			return false;
		}
		kid_remove(z, id);
		s->orphans.count--;
	}
	return true;
}

bool
sweep_run(struct zebra *z, unsigned *budget)
{
	struct sweep *s = z->sweep;
	struct dest_list *l = &s->adopted;
	if (!s->running || !z->synced || z->writes_held)
		return true;
	while (s->cursor < l->count) {
		struct rib_dest *d = l->items[s->cursor];
		if (!*budget)
			return false;
		--*budget;
		if (!rib_dest_selected(d) && !(d->flags & DEST_CLAIMED) && !s->said[d->fib_proto]) {
			s->cursor++;
			continue;
		}
		l->items[s->cursor] = l->items[--l->count];
		d->flags &= (uint8_t)~(DEST_ADOPTED | DEST_CLAIMED);
		if (!rib_dest_selected(d))
			z->stats.swept++;
		fib_sync(z, d);
		rib_dest_release(z, d);
	}
	if (!l->count && !s->objects_done) {
		if (z->rib->stalled || !sweep_objects(z))
			return true; /* goes on when there is room */
		s->objects_done = true;
		timer_cancel(z->timers, &s->grace);
	}
	s->running = false;
	return true;
}
