/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Legs: one (interface, gateway) however many groups use it. Here is decided whether it can carry
 * traffic, and here its single next hop in the kernel is written. See nhg.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/iface.h"
#include "zebra/kid.h"
#include "zebra/lan.h"
#include "zebra/nhg.h"
#include "zebra/repair.h"

#define LEG_FORGET (3 * TIME_SEC)
#define RTPROTO_NEXTHOPS 11 /* all single next hops, whoever uses them */
#define TELL_MAX         8  /* legs told of one by one, of those that share an address */

struct leg_key {
	struct ipaddr gateway;
	uint8_t afi, onlink;
	uint32_t ifindex;
};

struct leg_iface {
	uint32_t ifindex;
	struct nh_leg_list legs;
};

static struct leg_key
leg_key(uint32_t ifindex, const struct ipaddr *gateway, uint8_t afi, bool onlink)
{
	struct leg_key k;
	memset(&k, 0, sizeof(k));
	k.gateway = *gateway;
	k.afi = gateway->afi ? gateway->afi : afi;
	k.onlink = onlink;
	k.ifindex = ifindex;
	return k;
}

static uint32_t
leg_hash(const struct zebra *z, const struct leg_key *k)
{
	return hash_bytes(z->seed, k, sizeof(*k));
}

bool
nh_leg_equal(const void *item, const void *key)
{
	const struct nh_leg *l = item;
	const struct leg_key *k = key;
	return l->ifindex == k->ifindex && l->onlink == k->onlink && l->afi == k->afi
		&& !memcmp(&l->gateway, &k->gateway, sizeof(k->gateway));
}

bool
leg_iface_equal(const void *item, const void *key)
{
	return ((const struct leg_iface *)item)->ifindex == *(const uint32_t *)key;
}

static struct leg_iface *
leg_iface(struct zebra *z, uint32_t ifindex, bool create)
{
	uint32_t hash = hash_bytes(z->seed, &ifindex, sizeof(ifindex));
	struct leg_iface *li = hash_find(z->nhgs->ifaces, hash, &ifindex);
	if (!li && create) {
		li = mem_zalloc(sizeof(*li));
		li->ifindex = ifindex;
		hash_insert(z->nhgs->ifaces, hash, li);
	}
	return li;
}

static struct nh_leg *
leg_find(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, bool onlink)
{
	struct leg_key k = leg_key(ifindex, gateway, gateway->afi, onlink);
	return hash_find(z->nhgs->legs, leg_hash(z, &k), &k);
}

/* Can it carry traffic, as far as we can know? */
static bool
leg_usable(const struct zebra *z, const struct nh_leg *l)
{
	if (l->bfd_down || l->error)
		return false;
	const struct iface *i = iface_find(z, l->ifindex);
	if (!i || !iface_operative(i))
		return false;
	return !l->gateway.afi || l->onlink || ipaddr_is_link_local(&l->gateway)
		|| iface_covers(i, &l->gateway);
}

struct nh_leg *
nh_leg_get(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, uint8_t afi, bool onlink)
{
	struct leg_key k = leg_key(ifindex, gateway, afi, onlink);
	uint32_t hash = leg_hash(z, &k);
	struct nh_leg *l = hash_find(z->nhgs->legs, hash, &k);
	if (l)
		return l;
	l = mem_zalloc(sizeof(*l));
	l->z = z;
	l->gateway = k.gateway;
	l->afi = k.afi;
	l->onlink = onlink;
	l->ifindex = ifindex;
	LIST_INIT(&l->users);
	/* what is known of the neighbour does not depend on how the gateway is found */
	const struct nh_leg *twin = gateway->afi ? leg_find(z, ifindex, gateway, !onlink) : NULL;
	if (twin) {
		l->bfd_down = twin->bfd_down;
		l->bfd_sequence = twin->bfd_sequence;
		l->neigh_failed = twin->neigh_failed;
	}
	l->lan_dead = lan_is_dead(z, ifindex);
	l->usable = leg_usable(z, l);
	hash_insert(z->nhgs->legs, hash, l);
	LIST_INSERT_HEAD(&leg_iface(z, ifindex, true)->legs, l, on_iface);
	z->nhgs->leg_count++;
	return l;
}

/* In a group, or ready to be put into one (a backup). Connected routes need none of it. */
static bool
leg_wanted_in_kernel(const struct nh_leg *l)
{
	const struct nhg_member *m;
	if (l->kernel_refs)
		return true;
	LIST_FOREACH(m, &l->users, of_leg)
		if (m->nhg->kg)
			return true;
	return false;
}

/* Only notes it: the caller may be walking over legs. nh_legs_run() does it. */
void
nh_leg_release(struct zebra *z, struct nh_leg *l)
{
	if (l->unused || l->kernel_refs)
		return;
	l->unused = true;
	TAILQ_INSERT_TAIL(&z->nhgs->unused, l, unused_link);
}

bool
nh_legs_run(struct zebra *z)
{
	struct nhgs *n = z->nhgs;
	struct nh_leg *l;
	while ((l = TAILQ_FIRST(&n->unused))) {
		/* one that BFD holds down is remembered: who names it again must not revive it */
		bool keep = !LIST_EMPTY(&l->users) || l->kernel_refs || l->bfd_down;
		struct dplane_op op = {.kind = DPLANE_NEXTHOP_DEL, .protocol = RTPROTO_NEXTHOPS, .id = l->id};
		if ((l->written || (l->touched && !keep)) && !leg_wanted_in_kernel(l)) {
			if (!z->ops->write(z->arg, &op)) {
				z->rib->stalled = true;
				return false;
			}
			l->written = l->touched = false;
			l->generation++;
		}
		TAILQ_REMOVE(&n->unused, l, unused_link);
		l->unused = false;
		if (keep)
			continue;
		struct leg_key k = leg_key(l->ifindex, &l->gateway, l->afi, l->onlink);
		hash_remove(n->legs, leg_hash(z, &k), &k);
		LIST_REMOVE(l, on_iface);
		if (l->id)
			kid_remove(z, l->id);
		n->leg_count--;
		timer_cancel(z->timers, &l->forget);
		mem_free(l);
	}
	return true;
}

bool
nh_leg_write(struct zebra *z, struct nh_leg *l)
{
	if (l->written)
		return true;
	if (!l->id) {
		l->id = nhgs_id_new(z);
		kid_add(z, l->id, KID_LEG, l);
	}
	struct dplane_op op = {
		.kind = DPLANE_NEXTHOP,
		.protocol = RTPROTO_NEXTHOPS,
		.onlink = l->onlink,
		.id = l->id,
		.generation = l->generation + 1,
		.u.nexthop = {.oif = l->ifindex, .gateway = l->gateway, .afi = l->afi},
	};
	if (!z->ops->write(z->arg, &op)) {
		z->rib->stalled = true;
		return false;
	}
	l->generation++;
	l->written = l->touched = true;
	kid_seen(z, l->id);
	z->stats.nexthops_written++;
	return true;
}

static void
leg_refresh_users(struct zebra *z, struct nh_leg *l)
{
	struct nhg_member *m, *next;
	for (m = LIST_FIRST(&l->users); m; m = next) {
		next = LIST_NEXT(m, of_leg);
		nhg_refresh(z, m->nhg);
	}
}

void
nh_leg_done(struct zebra *z, const struct dplane_op *op, int err)
{
	struct nh_leg *l = nh_leg_by_id(z, op->id);
	if (!l || l->generation != op->generation || !err)
		return;
	l->written = false;
	core_log(z, "zebra.next-hop-refused", "id=%u ifindex=%u error=\"%s\"", l->id, l->ifindex, strerror(err));
	if (err != ENOBUFS) /* outcome unknown: just write again */
		l->error = err > 255 ? EIO : (uint8_t)err;
	l->usable = leg_usable(z, l);
	leg_refresh_users(z, l);
	nhgs_failed(z);
}

/* The kernel removed these next hops from its groups, and groups that became empty with routes. */
static void
leg_iface_killed(struct zebra *z, struct leg_iface *li)
{
	struct nh_leg *l;
	LIST_FOREACH(l, &li->legs, on_iface) {
		l->written = false;
		l->generation++;
	}
	LIST_FOREACH(l, &li->legs, on_iface) {
		struct nhg_member *m;
		LIST_FOREACH(m, &l->users, of_leg)
			if (m->nhg->kg)
				kgroup_shrunk(z, m->nhg->kg);
	}
}

/* Somebody would notice: "10.0.0.2 eth0" and why. */
static void
leg_tell(struct zebra *z, const struct nh_leg *l, bool lost, int64_t at, const char *cause)
{
	char object[64], gateway[IPADDR_STRLEN];
	const struct iface *i = iface_find(z, l->ifindex);
	snprintf(object, sizeof(object), "%s %s", ipaddr_print(&l->gateway, gateway), i ? i->k.name : "?");
	repair_cause(z, at, object, cause);
	if (!LIST_EMPTY(&l->users))
		repair_tell(z, lost, lost ? "zebra.leg-down" : "zebra.leg-up", object, cause);
}

void
nh_leg_iface_changed(struct zebra *z, uint32_t ifindex, bool killed)
{
	struct leg_iface *li = leg_iface(z, ifindex, false);
	const struct iface *i = iface_find(z, ifindex);
	unsigned told = 0;
	if (!li)
		return;
	struct nh_leg *l, *next;
	if (killed)
		leg_iface_killed(z, li);
	if (killed && i && iface_operative(i))
		kgroups_shrunk(z); /* before its legs are written again: who is nobody's has lost them, too */
	for (l = LIST_FIRST(&li->legs); l; l = next) {
		next = LIST_NEXT(l, on_iface);
		l->error = 0;
		bool usable = leg_usable(z, l);
		if (usable == l->usable && !killed)
			continue;
		/* of a link its own event tells */
		if (usable != l->usable && i && iface_operative(i) && !killed && told++ < TELL_MAX)
			leg_tell(z, l, !usable, 0, usable ? "an address of the interface reaches it"
				: "no address of the interface reaches it any more");
		l->usable = usable;
		leg_refresh_users(z, l);
		nh_leg_release(z, l);
	}
	if (killed)
		kgroups_shrunk(z); /* what is in use has been repaired by now */
}

void
nh_leg_neigh_changed(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, bool failed)
{
	for (int onlink = 0; onlink < 2; onlink++) {
		struct nh_leg *l = leg_find(z, ifindex, gateway, onlink);
		if (!l || l->neigh_failed == failed)
			continue;
		l->neigh_failed = failed;
		leg_tell(z, l, failed, 0, failed ? "the neighbour does not answer" : "the neighbour answers");
		leg_refresh_users(z, l);
	}
}

void
nh_leg_lan_changed(struct zebra *z, uint32_t ifindex, bool dead)
{
	struct leg_iface *li = leg_iface(z, ifindex, false);
	struct nh_leg *l;
	if (!li)
		return;
	LIST_FOREACH(l, &li->legs, on_iface) {
		l->lan_dead = dead;
		leg_refresh_users(z, l);
	}
}

static void forget_due(void *arg, int64_t now);

/*
 * A session that failed is often given back at once: its protocol has lost the neighbour. The path is no
 * better for it, and until the protocol's routes have moved the leg must not take traffic again.
 */
static bool
leg_stays_down(struct zebra *z, struct nh_leg *l, const struct leg_event *e)
{
	if (!e->up || !e->silent || !l->bfd_down) {
		timer_cancel(z->timers, &l->forget);
		return false;
	}
	if (!timer_armed(&l->forget))
		timer_set(z->timers, &l->forget, z->now + LEG_FORGET, forget_due, l);
	return true;
}

static void
leg_bfd(struct zebra *z, struct nh_leg *l, const struct leg_event *e)
{
	if (e->sequence < l->bfd_sequence)
		return;
	l->bfd_sequence = e->sequence;
	if (leg_stays_down(z, l, e))
		return;
	l->bfd_down = !e->up;
	bool usable = leg_usable(z, l);
	if (usable != l->usable) {
		l->usable = usable;
		leg_tell(z, l, !e->up, e->at, e->cause);
		leg_refresh_users(z, l);
	}
	nh_leg_release(z, l);
}

static void
forget_due(void *arg, int64_t now)
{
	struct nh_leg *l = arg;
	const struct leg_event e = {.up = true, .sequence = l->bfd_sequence, .at = now,
		.cause = "BFD says nothing any more"};
	core_enter(l->z, now);
	leg_bfd(l->z, l, &e);
	core_leave(l->z);
}

void
nh_leg_bfd_changed(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, const struct leg_event *e)
{
	if (!gateway->afi)
		return;
	/* remembered also where nobody names it yet: who comes with a replay must not revive it */
	if (!e->up)
		nh_leg_get(z, ifindex, gateway, gateway->afi, false);
	for (int onlink = 0; onlink < 2; onlink++) {
		struct nh_leg *l = leg_find(z, ifindex, gateway, onlink);
		if (l)
			leg_bfd(z, l, e);
	}
}

void
nh_leg_claimed(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, uint64_t sequence)
{
	const struct leg_event e = {.up = true, .sequence = sequence, .cause = "its protocol says so"};
	for (int onlink = 0; onlink < 2; onlink++) {
		struct nh_leg *l = leg_find(z, ifindex, gateway, onlink);
		if (l && l->bfd_down)
			leg_bfd(z, l, &e);
	}
}

void
nh_leg_lost(struct zebra *z, struct nh_leg *l)
{
	l->written = false;
	l->generation++;
	kgroups_shrunk(z);
	leg_refresh_users(z, l);
}

void
nh_leg_retry(struct zebra *z)
{
	struct nh_leg *l;
	for (size_t pos = 0; (l = hash_next(z->nhgs->legs, &pos));) {
		if (!l->error)
			continue;
		l->error = 0;
		l->usable = leg_usable(z, l);
		leg_refresh_users(z, l);
	}
}

void
nh_leg_adopt(struct zebra *z, const struct kernel_nexthop *nh)
{
	const struct kernel_leg *k = &nh->legs[0];
	struct nh_leg *l = nh_leg_get(z, k->oif, &k->gateway, nh->afi, k->flags & 0x4); /* RTNH_F_ONLINK */
	if (l->id)
		return; /* a second one of the same: left to the sweep */
	l->id = nh->id;
	l->written = l->touched = true;
	kid_add(z, l->id, KID_LEG, l);
	z->stats.adopted++;
}
