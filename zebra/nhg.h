/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Next-hop groups.
 *
 *	source's legs --resolve.c--> members --best rank that lives--> kernel group object
 *	   (nhg)                    (nhg_member)                         (kgroup)
 *	                                 |
 *	                                 v            one per (interface, gateway, onlink):
 *	                              nh_leg          usable or not, and its kernel next hop
 *
 * A leg's users are linked to it, so leg_changed() reaches every group at once, and each affected
 * group is rewritten in place by one kernel message on the urgent lane, however many routes use
 * it. A kernel group belongs to one nhg (not to a resolved set): when a recursive next hop moves,
 * the group is rewritten and no route is touched (prefix-independent convergence).
 *
 * A client's group of which the last leg has died is held for NHG_HOLD before its routes leave the
 * kernel: the protocol is about to say where they go now. As soon as it moves one of them to another
 * group, the held one borrows the legs of that group, by one message, and all its routes flow again
 * while they are moved one by one.
 *
 * Invariants: members of rank 0 are used while one of them is usable, then rank 1, and so on; a static
 * route's leg counts only while its gates are open (gate.h). A leg whose neighbour failed, or
 * whose LAN is dead, is avoided while there is another one. A kgroup has a route or an nhg.
 */
#ifndef GREVY_ZEBRA_NHG_H
#define GREVY_ZEBRA_NHG_H

#include <sys/queue.h>

#include "lib/timer.h"
#include "zebra/rib.h"
#include "zebra/zebra.h"

#define NHG_HOLD (500 * TIME_MS)

struct gate_use;
struct hash;
struct nht_entry;
struct repair;

/* --- legs (nh_leg.c) ------------------------------------------------------------------------------ */

struct nh_leg {
	struct zebra *z;
	struct ipaddr gateway;
	uint8_t afi;      /* without gateway: of the routes */
	bool onlink;
	uint32_t ifindex;
	uint32_t id;      /* kernel next hop */
	uint32_t generation;
	bool usable;      /* interface, address and BFD allow it */
	bool neigh_failed;
	bool lan_dead;    /* nobody on its LAN answers (lan.h) */
	bool bfd_down;
	bool written;     /* pushed, and not known to be gone */
	bool touched;     /* pushed, and not deleted by us: it may be there whatever we heard */
	uint8_t error;    /* errno: the kernel refused it */
	uint32_t kernel_refs; /* by kgroups */
	uint64_t bfd_sequence;
	struct timer forget; /* BFD has fallen silent after a failure: believed until then */
	LIST_HEAD(, nhg_member) users;
	LIST_ENTRY(nh_leg) on_iface;
	bool unused;
	TAILQ_ENTRY(nh_leg) unused_link;
};
LIST_HEAD(nh_leg_list, nh_leg);

struct nhg_member {
	struct nh_leg *leg;
	struct nhg *nhg;
	LIST_ENTRY(nhg_member) of_leg;
	const struct nht_entry *via; /* recursive: through this */
	uint16_t weight;
	uint8_t rank;
	uint8_t source_leg;    /* index in nhg->legs */
};

struct nh_leg *nh_leg_get(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, uint8_t afi,
	bool onlink);
void nh_leg_release(struct zebra *z, struct nh_leg *l); /* it may be unused now */
bool nh_legs_run(struct zebra *z); /* forgets unused ones; true: nothing waits */
bool nh_leg_write(struct zebra *z, struct nh_leg *l);   /* false: no room */
void nh_leg_done(struct zebra *z, const struct dplane_op *op, int err);
/* The interface's state or addresses changed. killed: the kernel (may have) deleted its next hops. */
void nh_leg_iface_changed(struct zebra *z, uint32_t ifindex, bool killed);
/* The LAN is dead, as vrrpd says, or alive. */
void nh_leg_lan_changed(struct zebra *z, uint32_t ifindex, bool dead);
/* Used only when there is nothing else. */
static inline bool
nh_leg_doubted(const struct nh_leg *l)
{
	return l->neigh_failed || l->lan_dead;
}
void nh_leg_neigh_changed(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, bool failed);
struct leg_event {
	bool up;
	bool silent;       /* up, because nothing is said any more: no sign of life */
	uint64_t sequence;
	int64_t at;        /* 0: now */
	const char *cause;
};
void nh_leg_bfd_changed(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway,
	const struct leg_event *e);
/* An update that knows of event `sequence` names this leg as good. */
void nh_leg_claimed(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, uint64_t sequence);
/* The kernel's next hop `id` is gone though we did not ask. */
void nh_leg_lost(struct zebra *z, struct nh_leg *l);
void nh_leg_retry(struct zebra *z); /* forget the kernel's refusals */

/* --- kernel groups (kgroup.c) --------------------------------------------------------------------- */

struct kmember {
	struct nh_leg *leg;
	uint16_t weight;
};

struct kgroup {
	uint32_t id;
	uint32_t dests;       /* destinations whose fib it is */
	struct nhg *owner;    /* NULL: adopted, or its nhg has gone */
	uint8_t special;      /* enum leg_special: no object in the kernel, routes carry it */
	uint8_t rtproto;
	uint8_t error;
	bool written, pending, lost, hashed, dirty, idle;
	bool keeper;          /* it survives the loss of all its members */
	bool repair_backup;   /* counted as moved to a backup */
	struct repair *repair; /* on whose behalf it is being written (repair.h) */
	uint32_t generation;
	unsigned count;
	struct kmember *members; /* as last written */
	TAILQ_ENTRY(kgroup) link; /* all */
	TAILQ_ENTRY(kgroup) dirty_link, idle_link;
};
TAILQ_HEAD(kgroup_list, kgroup);

struct kgroup *kgroup_special(struct zebra *z, uint8_t special);
/*
 * The group's object, made or adopted when needed, best the one that the route at hand has already.
 * Not yet written: see kgroup_ready.
 */
struct kgroup *kgroup_of(struct zebra *z, struct nhg *g, struct kgroup *at_hand);
/* Pushes what is missing so that a route may name it; false: no room. */
bool kgroup_ready(struct zebra *z, struct kgroup *kg);
/* Writes another group's legs into it; false: no room. */
bool kgroup_borrow(struct zebra *z, struct kgroup *kg, const struct nhg *from);
/* Its nhg's members changed: rewrite in place. */
void kgroup_refresh(struct zebra *z, struct kgroup *kg);
void kgroup_done(struct zebra *z, const struct dplane_op *op, int err);
void kgroup_ref(struct kgroup *kg);
void kgroup_unref(struct zebra *z, struct kgroup *kg);
void kgroup_disown(struct zebra *z, struct nhg *g);
/* The kernel has deleted it, and all routes on it. */
void kgroup_lost(struct zebra *z, struct kgroup *kg);
/*
 * The same for all: a group may have legs of which its nhg is no user any more (borrowed ones, or those
 * of a recursive next hop that is not resolved now).
 */
void kgroups_shrunk(struct zebra *z);
/* The kernel took members out by itself; a group that became empty is lost. */
void kgroup_shrunk(struct zebra *z, struct kgroup *kg);
bool kgroups_run(struct zebra *z); /* writes dirty ones, deletes idle ones; true: nothing waits */
void kgroups_retry(struct zebra *z);
/* Somebody else wrote an object with our id. */
void kgroup_check(struct zebra *z, struct kgroup *kg, const struct kernel_nexthop *nh);
/* From the first dump: one of ours. */
void kgroup_adopt(struct zebra *z, const struct kernel_nexthop *nh);
void nh_leg_adopt(struct zebra *z, const struct kernel_nexthop *nh);
struct kgroup *kgroup_by_id(struct zebra *z, uint32_t id);
struct nh_leg *nh_leg_by_id(struct zebra *z, uint32_t id);

/* --- groups (nhg.c) ------------------------------------------------------------------------------- */

struct nhg {
	struct source *source;
	uint32_t id;          /* for show, until it has a kernel group */
	uint32_t refs;        /* definitions that name it; it also lives while it has routes */
	uint32_t hash;
	uint8_t afi;
	uint8_t special;      /* enum leg_special it stands for */
	bool hashed, active, dirty, walking, idle;
	bool holding;         /* not active, but its routes stay a while */
	bool lent;            /* holding, with the legs of another group */
	struct timer hold;
	bool last_resort;     /* only legs that are avoided are left: they are used */
	bool undecided;       /* a gate's state is still to be told: not active, and nothing instead of it */
	uint8_t rank;         /* that is used */
	unsigned leg_count, member_count;
	struct zebra_leg *legs;
	struct nhg_member *members;
	struct kgroup *kg;
	uint32_t route_count;
	int64_t since;
	TAILQ_HEAD(route_list, rib_route) routes;
	struct rib_route *cursor; /* of the walk */
	LIST_HEAD(, nht_entry) watchers; /* entries that are resolved through it */
	LIST_HEAD(, nhg_via) vias;       /* entries its recursive legs wait for */
	LIST_HEAD(, gate_use) gates;     /* what its legs depend on */
	TAILQ_ENTRY(nhg) of_source, dirty_link, walk_link, idle_link;
};
TAILQ_HEAD(nhg_list, nhg);

struct nhg_via { /* one per distinct recursive gateway */
	struct nht_entry *entry;
	struct nhg *nhg;
	LIST_ENTRY(nhg_via) of_nhg, of_entry;
};

struct nhgs {
	struct hash *legs;        /* nh_leg by contents */
	struct hash *by_id;       /* kernel objects: struct kid */
	struct hash *adoptable;   /* kgroups nobody claimed, by contents */
	struct hash *ifaces;      /* struct leg_iface: lists by ifindex */
	struct kgroup_list kgroups, dirty_kgroups, idle_kgroups;
	struct nhg_list dirty, idle;
	TAILQ_HEAD(, nh_leg) unused;
	struct kgroup special[LEG_SPECIALS];
	struct timer retry;
	int64_t retry_delay;
	uint32_t next_id;
	size_t nhg_count, leg_count;
	size_t failures;
	unsigned keeper_refused;  /* groups with a keeper that the kernel did not take, lately */
	int64_t keeper_refused_at;
};

struct nhgs *nhgs_new(struct zebra *z);
void nhgs_free(struct zebra *z);
/*
 * The source's group with these legs; the caller holds a reference. zebra's own sources share
 * equal ones; a client's definition gets its own, or takes over one whose definition has gone
 * (a replay after a restart), so that it can be redefined in place.
 */
struct nhg *nhg_get(struct source *s, uint8_t afi, const struct zebra_leg *legs, size_t count);
void nhg_put(struct nhg *g);
void nhgs_forget(struct source *s); /* only with the whole instance: nobody is told */
/* Other legs for the same group, in place: its routes do not move. */
void nhg_redefine(struct nhg *g, const struct zebra_leg *legs, size_t count);
/* Routes of the held group `dead` are moving to `to`: all of them may use its legs until then. */
void nhg_lend(struct zebra *z, struct nhg *dead, struct nhg *to);
void nhg_mark(struct zebra *z, struct nhg *g);    /* resolve it again when settling */
void nhg_refresh(struct zebra *z, struct nhg *g); /* legs' states changed: choose, rewrite */
void nhg_route_added(struct nhg *g, struct rib_route *r);
void nhg_route_removed(struct nhg *g, struct rib_route *r);
bool nhgs_run(struct zebra *z); /* resolves what is marked; true: nothing left */
/* Could it carry traffic, whatever the others do? */
bool nhg_member_usable(const struct nhg *g, const struct nhg_member *m);
/* Is this member used now? */
bool nhg_member_used(const struct nhg *g, const struct nhg_member *m);
void nhgs_failed(struct zebra *z); /* the kernel refused something: try again later */
void nhgs_hope(struct zebra *z);   /* something changed that may help: try again now */
uint32_t nhgs_id_new(struct zebra *z);

/* resolve.c: legs to members. */
void resolve_group(struct zebra *z, struct nhg *g);
/* Would resolving `e` through g come back to e? */
bool resolve_depends(const struct nhg *g, const struct nht_entry *e, unsigned depth);

#endif
