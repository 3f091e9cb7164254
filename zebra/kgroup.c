/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel group objects: their members as last written, who uses them, and the next-hop ids. A group is
 * rewritten in place whenever its nhg chooses other legs. See nhg.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/kid.h"
#include "zebra/nhg.h"
#include "zebra/repair.h"
#include "zebra/source.h"

#define KEEPER_DOUBT (2 * TIME_SEC)

/* --- contents ------------------------------------------------------------------------------------- */

struct kgroup_key {
	uint8_t rtproto;
	unsigned count;
	const struct kmember *members;
};

static uint32_t
kgroup_hash(const struct zebra *z, const struct kgroup_key *k)
{
	uint64_t h = z->seed + k->rtproto;
	for (unsigned i = 0; i < k->count; i++) {
		uint32_t part[2] = {k->members[i].leg->id, k->members[i].weight};
		h = h * 31 + hash_bytes(h, part, sizeof(part));
	}
	return (uint32_t)(h ^ h >> 32);
}

static bool
members_equal(const struct kmember *a, const struct kmember *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (a[i].leg != b[i].leg || a[i].weight != b[i].weight)
			return false;
	return true;
}

bool
kgroup_equal(const void *item, const void *key)
{
	const struct kgroup *kg = item;
	const struct kgroup_key *k = key;
	return kg->rtproto == k->rtproto && kg->count == k->count
		&& members_equal(kg->members, k->members, k->count);
}

static int
member_cmp(const void *a, const void *b)
{
	const struct nh_leg *x = ((const struct kmember *)a)->leg, *y = ((const struct kmember *)b)->leg;
	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	if (x->onlink != y->onlink)
		return x->onlink ? 1 : -1;
	if (x->afi != y->afi)
		return x->afi < y->afi ? -1 : 1;
	return ipaddr_cmp(&x->gateway, &y->gateway);
}

/* Weights in lowest terms: as a dump of the kernel is told to us. */
static void
members_reduce(struct kmember *m, unsigned count)
{
	unsigned divisor = 0;
	for (unsigned i = 0; i < count; i++)
		for (unsigned a = m[i].weight, b = divisor;;) {
			divisor = a;
			if (!b)
				break;
			a = b;
			b = divisor % b;
		}
	for (unsigned i = 0; i < count && divisor > 1; i++)
		m[i].weight = (uint16_t)(m[i].weight / divisor);
}

/* The members the nhg wants now, each leg once, in order; at most DPLANE_LEGS_MAX. */
static unsigned
members_wanted(const struct nhg *g, struct kmember *out)
{
	unsigned n = 0;
	for (unsigned i = 0; i < g->member_count && n < DPLANE_LEGS_MAX; i++) {
		const struct nhg_member *m = &g->members[i];
		if (nhg_member_used(g, m))
			out[n++] = (struct kmember){m->leg, m->weight};
	}
	qsort(out, n, sizeof(*out), member_cmp);
	unsigned kept = 0;
	for (unsigned i = 0; i < n; i++) {
		if (kept && out[kept - 1].leg == out[i].leg) {
			unsigned sum = out[kept - 1].weight + out[i].weight;
			out[kept - 1].weight = (uint16_t)(sum > 255 ? 255 : sum);
		} else {
			out[kept++] = out[i];
		}
	}
	members_reduce(out, kept);
	return kept;
}

static void
kgroup_set_members(struct zebra *z, struct kgroup *kg, const struct kmember *members, unsigned count)
{
	struct kmember *old = kg->members;
	unsigned old_count = kg->count;
	kg->members = count ? mem_dup(members, count * sizeof(*members)) : NULL;
	kg->count = count;
	for (unsigned i = 0; i < count; i++)
		members[i].leg->kernel_refs++;
	for (unsigned i = 0; i < old_count; i++)
		old[i].leg->kernel_refs--;
	for (unsigned i = 0; i < old_count; i++)
		nh_leg_release(z, old[i].leg);
	mem_free(old);
}

/* --- life ----------------------------------------------------------------------------------------- */

static struct kgroup *
kgroup_new(struct zebra *z, uint32_t id, uint8_t rtproto)
{
	struct kgroup *kg = mem_zalloc(sizeof(*kg));
	kg->id = id;
	kg->rtproto = rtproto;
	kid_add(z, id, KID_GROUP, kg);
	TAILQ_INSERT_TAIL(&z->nhgs->kgroups, kg, link);
	return kg;
}

static void
kgroup_unhash(struct zebra *z, struct kgroup *kg)
{
	if (!kg->hashed)
		return;
	struct kgroup_key k = {kg->rtproto, kg->count, kg->members};
	hash_remove(z->nhgs->adoptable, kgroup_hash(z, &k), &k);
	kg->hashed = false;
}

static void
kgroup_set_dirty(struct zebra *z, struct kgroup *kg, bool dirty)
{
	if (dirty == kg->dirty)
		return;
	kg->dirty = dirty;
	if (dirty)
		TAILQ_INSERT_TAIL(&z->nhgs->dirty_kgroups, kg, dirty_link);
	else
		TAILQ_REMOVE(&z->nhgs->dirty_kgroups, kg, dirty_link);
}

static void
kgroup_set_idle(struct zebra *z, struct kgroup *kg, bool idle)
{
	if (idle == kg->idle || kg->special)
		return;
	kg->idle = idle;
	if (idle)
		TAILQ_INSERT_TAIL(&z->nhgs->idle_kgroups, kg, idle_link);
	else
		TAILQ_REMOVE(&z->nhgs->idle_kgroups, kg, idle_link);
}

/* Deletes it in the kernel too; false: no room, later. */
static bool
kgroup_free(struct zebra *z, struct kgroup *kg)
{
	/* also a lost one: it may have been written again while the bad news was on its way */
	if (kg->written) {
		struct dplane_op op = {.kind = DPLANE_NEXTHOP_DEL, .protocol = kg->rtproto, .id = kg->id};
		if (!z->ops->write(z->arg, &op)) {
			z->rib->stalled = true;
			return false;
		}
	}
	repair_acked(z, kg, -1);
	kgroup_unhash(z, kg);
	kgroup_set_dirty(z, kg, false);
	kgroup_set_idle(z, kg, false);
	kgroup_set_members(z, kg, NULL, 0);
	struct nhg *g = kg->owner;
	if (g)
		g->kg = NULL;
	for (unsigned i = 0; g && i < g->member_count; i++)
		nh_leg_release(z, g->members[i].leg);
	kid_remove(z, kg->id);
	TAILQ_REMOVE(&z->nhgs->kgroups, kg, link);
	mem_free(kg);
	return true;
}

void
kgroup_ref(struct kgroup *kg)
{
	kg->dests++;
}

void
kgroup_unref(struct zebra *z, struct kgroup *kg)
{
	if (!--kg->dests)
		kgroup_set_idle(z, kg, true);
}

struct kgroup *
kgroup_special(struct zebra *z, uint8_t special)
{
	return &z->nhgs->special[special];
}

/* One that an earlier zebra left, with these contents. */
static struct kgroup *
kgroup_adoptable(struct zebra *z, const struct kgroup_key *k, struct kgroup *at_hand)
{
	if (at_hand && !at_hand->owner && !at_hand->special && !at_hand->lost && kgroup_equal(at_hand, k))
		return at_hand;
	return hash_count(z->nhgs->adoptable) ? hash_find(z->nhgs->adoptable, kgroup_hash(z, k), k) : NULL;
}

struct kgroup *
kgroup_of(struct zebra *z, struct nhg *g, struct kgroup *at_hand)
{
	if (g->special)
		return kgroup_special(z, g->special);
	if (g->kg)
		return g->kg;
	struct kmember members[DPLANE_LEGS_MAX];
	struct kgroup_key k = {g->source->row->rtproto, members_wanted(g, members), members};
	struct kgroup *kg = kgroup_adoptable(z, &k, at_hand);
	if (kg) {
		kgroup_unhash(z, kg);
		z->stats.claimed++;
	} else {
		kg = kgroup_new(z, nhgs_id_new(z), k.rtproto);
	}
	kg->owner = g;
	g->kg = kg;
	kgroup_set_idle(z, kg, !kg->dests);
	return kg;
}

void
kgroup_disown(struct zebra *z, struct nhg *g)
{
	struct kgroup *kg = g->kg;
	if (!kg)
		return;
	g->kg = NULL;
	kg->owner = NULL;
	kgroup_set_dirty(z, kg, false);
	kgroup_set_idle(z, kg, !kg->dests);
}

/* --- writing -------------------------------------------------------------------------------------- */

/* Refused again and again just now: somebody deleted the keeper. Better without one than not at all. */
static bool
keeper_usable(const struct zebra *z)
{
	const struct nhgs *n = z->nhgs;
	return n->keeper_refused < 2 || z->now - n->keeper_refused_at > KEEPER_DOUBT;
}

static bool
kgroup_write(struct zebra *z, struct kgroup *kg, const struct kmember *members, unsigned count)
{
	struct dplane_leg legs[DPLANE_LEGS_MAX];
	for (unsigned i = 0; i < count; i++) {
		if (!nh_leg_write(z, members[i].leg))
			return false;
		legs[i] = (struct dplane_leg){members[i].leg->id, members[i].weight};
	}
	struct dplane_op op = {
		.kind = DPLANE_GROUP,
		.protocol = kg->rtproto,
		.id = kg->id,
		.keep = keeper_usable(z) ? members[0].leg->afi : AFI_NONE,
		.generation = kg->generation + 1,
		.u.group = {.legs = legs, .count = (uint16_t)count},
	};
	if (!z->ops->write(z->arg, &op)) {
		z->rib->stalled = true;
		return false;
	}
	repair_takes(z, kg);
	kg->generation++;
	kg->pending = true;
	kg->keeper = op.keep && z->keeper[op.keep];
	kg->written = true;
	kg->error = 0;
	kid_seen(z, kg->id);
	kgroup_set_members(z, kg, members, count);
	if (kg->keeper && z->now - z->nhgs->keeper_refused_at > KEEPER_DOUBT)
		z->nhgs->keeper_refused = 0;
	z->stats.groups_written++;
	return true;
}

/* Writes what differs; a group of which nothing lives is left as it is: its routes leave it. */
static bool
kgroup_try(struct zebra *z, struct kgroup *kg)
{
	struct kmember members[DPLANE_LEGS_MAX];
	unsigned count = members_wanted(kg->owner, members);
	if (!count)
		return true;
	if (kg->written && !kg->error && count == kg->count
		&& members_equal(kg->members, members, count))
		return true;
	return kgroup_write(z, kg, members, count);
}

/* Backups and others that may be needed are in the kernel before they are: then one message does. */
static void
kgroup_prepare_legs(struct zebra *z, const struct nhg *g)
{
	for (unsigned i = 0; i < g->member_count; i++)
		if (g->members[i].leg->usable && !g->members[i].leg->written)
			nh_leg_write(z, g->members[i].leg);
}

bool
kgroup_borrow(struct zebra *z, struct kgroup *kg, const struct nhg *from)
{
	struct kmember members[DPLANE_LEGS_MAX];
	unsigned count = members_wanted(from, members);
	return count && kgroup_write(z, kg, members, count);
}

bool
kgroup_ready(struct zebra *z, struct kgroup *kg)
{
	if (kg->special || (kg->written && !kg->dirty))
		return true;
	if (!kg->owner)
		return kg->written;
	bool done = kgroup_try(z, kg);
	kgroup_set_dirty(z, kg, !done);
	if (done)
		kgroup_prepare_legs(z, kg->owner);
	return done;
}

void
kgroup_refresh(struct zebra *z, struct kgroup *kg)
{
	if (kg->special || !kg->owner || !(kg->written || kg->dirty))
		return;
	bool done = kgroup_try(z, kg);
	if (!done)
		repair_takes(z, kg); /* when there is room */
	kgroup_set_dirty(z, kg, !done);
	kgroup_prepare_legs(z, kg->owner);
}

void
kgroup_done(struct zebra *z, const struct dplane_op *op, int err)
{
	struct kgroup *kg = kgroup_by_id(z, op->id);
	if (!kg || kg->generation != op->generation)
		return;
	kg->pending = false;
	repair_acked(z, kg, err);
	if (!err)
		return;
	z->stats.groups_failed++;
	core_log(z, "zebra.group-refused", "id=%u legs=%u keeper=%d error=\"%s\"", kg->id, kg->count, kg->keeper,
		strerror(err));
	if (kg->keeper) {
		z->nhgs->keeper_refused++;
		z->nhgs->keeper_refused_at = z->now;
	}
	kg->error = err > 255 ? EIO : (uint8_t)err;
	nhgs_failed(z);
}

bool
kgroups_run(struct zebra *z)
{
	struct nhgs *n = z->nhgs;
	struct kgroup *kg;
	while ((kg = TAILQ_FIRST(&n->dirty_kgroups))) {
		if (!kgroup_try(z, kg))
			return false;
		kgroup_set_dirty(z, kg, false);
	}
	while ((kg = TAILQ_FIRST(&n->idle_kgroups))) {
		kgroup_set_idle(z, kg, false);
		if (kg->dests || kg->hashed)
			continue; /* used again; adopted ones are the sweep's */
		if (!kgroup_free(z, kg)) {
			kgroup_set_idle(z, kg, true);
			return false;
		}
	}
	return true;
}

void
kgroups_retry(struct zebra *z)
{
	struct kgroup *kg;
	TAILQ_FOREACH(kg, &z->nhgs->kgroups, link)
		if (kg->error && kg->owner)
			kgroup_set_dirty(z, kg, true);
}

/* --- what the kernel does by itself --------------------------------------------------------------- */

void
kgroup_lost(struct zebra *z, struct kgroup *kg)
{
	struct nhg *g = kg->owner;
	repair_acked(z, kg, -1);
	kg->lost = true;
	kg->generation++;
	kgroup_unhash(z, kg);
	kgroup_set_dirty(z, kg, false);
	kgroup_set_members(z, kg, NULL, 0);
	if (!g) {
		kgroup_set_idle(z, kg, !kg->dests);
		return;
	}
	/* its routes went with it: they are written again, on a new object, as far as they are wanted */
	g->kg = NULL;
	kg->owner = NULL;
	kgroup_set_idle(z, kg, !kg->dests);
	rib_group_walk(z, g);
}

void
kgroup_shrunk(struct zebra *z, struct kgroup *kg)
{
	struct kmember left[DPLANE_LEGS_MAX];
	unsigned n = 0;
	if (!kg->count || !kg->written)
		return;
	for (unsigned i = 0; i < kg->count; i++)
		if (kg->members[i].leg->written)
			left[n++] = kg->members[i];
	if (n == kg->count)
		return;
	if (!n && !kg->keeper) {
		kgroup_lost(z, kg);
	} else {
		/* adopted and not claimed yet: its contents are not what they were, so nobody may find it
		 * by them; its routes are written on another group, then the sweep takes it */
		if (kg->hashed)
			kgroup_unhash(z, kg);
		kgroup_set_members(z, kg, left, n);
	}
}

void
kgroups_shrunk(struct zebra *z)
{
	struct kgroup *kg;
	TAILQ_FOREACH(kg, &z->nhgs->kgroups, link)
		kgroup_shrunk(z, kg);
}

void
kgroup_check(struct zebra *z, struct kgroup *kg, const struct kernel_nexthop *nh)
{
	if (kg->pending || !kg->owner)
		return;
	bool same = nh->group && nh->leg_count == kg->count;
	for (unsigned i = 0; same && i < kg->count; i++) {
		unsigned j = 0;
		while (j < nh->leg_count && nh->legs[j].id != kg->members[i].leg->id)
			j++;
		same = j < nh->leg_count && nh->legs[j].weight == kg->members[i].weight;
	}
	if (same)
		return;
	kg->error = ESTALE; /* not what we wrote: write again */
	kgroup_refresh(z, kg);
}

void
kgroup_adopt(struct zebra *z, const struct kernel_nexthop *nh)
{
	struct kmember members[KERNEL_LEGS_MAX];
	for (unsigned i = 0; i < nh->leg_count; i++) {
		struct nh_leg *l = nh_leg_by_id(z, nh->legs[i].id);
		if (!l)
			return; /* not of our making: left to the sweep */
		members[i] = (struct kmember){l, nh->legs[i].weight ? nh->legs[i].weight : 1};
	}
	if (!nh->leg_count || nh->legs_cut)
		return;
	qsort(members, nh->leg_count, sizeof(members[0]), member_cmp);
	struct kgroup *kg = kgroup_new(z, nh->id, nh->protocol);
	kg->written = true;
	kg->keeper = z->keeper[members[0].leg->afi];
	kgroup_set_members(z, kg, members, nh->leg_count);
	struct kgroup_key k = {kg->rtproto, kg->count, kg->members};
	uint32_t hash = kgroup_hash(z, &k);
	if (!hash_find(z->nhgs->adoptable, hash, &k)) {
		hash_insert(z->nhgs->adoptable, hash, kg);
		kg->hashed = true;
	}
	z->stats.adopted++;
}

/* --- ids ------------------------------------------------------------------------------------------ */

static uint32_t
kid_hash(const struct zebra *z, uint32_t id)
{
	return hash_bytes(z->seed, &id, sizeof(id));
}

bool
kid_equal(const void *item, const void *key)
{
	return ((const struct kid *)item)->id == *(const uint32_t *)key;
}

void
kid_add(struct zebra *z, uint32_t id, enum kid_type type, void *object)
{
	kid_remove(z, id);
	struct kid *k = mem_zalloc(sizeof(*k));
	*k = (struct kid){.id = id, .type = type, .seen = true, .object = object};
	hash_insert(z->nhgs->by_id, kid_hash(z, id), k);
}

struct kid *
kid_find(const struct zebra *z, uint32_t id)
{
	return hash_find(z->nhgs->by_id, kid_hash(z, id), &id);
}

void
kid_remove(struct zebra *z, uint32_t id)
{
	struct kid *k = hash_remove(z->nhgs->by_id, kid_hash(z, id), &id);
	if (k && k->type == KID_FOREIGN)
		mem_free(k->object);
	mem_free(k);
}

void
kid_seen(struct zebra *z, uint32_t id)
{
	struct kid *k = kid_find(z, id);
	if (k)
		k->seen = true;
}

struct kgroup *
kgroup_by_id(struct zebra *z, uint32_t id)
{
	struct kid *k = kid_find(z, id);
	return k && k->type == KID_GROUP ? k->object : NULL;
}

struct nh_leg *
nh_leg_by_id(struct zebra *z, uint32_t id)
{
	struct kid *k = kid_find(z, id);
	return k && k->type == KID_LEG ? k->object : NULL;
}
