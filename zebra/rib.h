/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The RIB. Per table and family an rtable of destinations; per destination a list of candidate
 * routes, best first (distance, metric, protocol's row), of which the first whose group is active
 * is selected; and what the kernel was told (rib_fib.c).
 *
 *	destination:  candidates --best--> selected --wanted--> [fib: group, protocol] --op--> kernel
 *	                                                            ^ generation      result --/
 *
 * Invariants: a destination has at most one selected route; `fib` is what the last written
 * operation says; INSTALLED is set only by the result of that very operation (generation), so a
 * stale result never makes anything installed. A destination lives while it has candidates, a fib,
 * or is named in a queue.
 */
#ifndef GREVY_ZEBRA_RIB_H
#define GREVY_ZEBRA_RIB_H

#include <sys/queue.h>

#include "lib/prefix.h"
#include "zebra/protocol.h"

struct dplane_op;
struct kgroup;
struct nhg;
struct pool;
struct rib_dest;
struct rtable;
struct source;
struct zebra;

#define ROUTE_SELECTED 0x01

struct rib_route {
	struct rib_route *next;          /* of the destination, best first */
	TAILQ_ENTRY(rib_route) of_group; /* nhg->routes; the newest epoch first */
	struct rib_dest *dest;
	struct nhg *nhg;                 /* and through it the source */
	uint32_t metric;
	uint32_t tag;                    /* connected, local: the ifindex */
	uint32_t since;                  /* seconds */
	uint8_t distance, kind, epoch, flags;
};

#define DEST_QUEUED    0x01 /* in rib->dirty: what the kernel has must be looked at */
#define DEST_PENDING   0x02 /* an operation is on its way */
#define DEST_INSTALLED 0x04 /* the kernel said yes to the last one */
#define DEST_FAILED    0x08 /* it said no; in rib->failed until tried again */
#define DEST_ADOPTED   0x10 /* left by an earlier zebra, nobody's yet; in sweep's list */
#define DEST_SEEN      0x20 /* equal to rib->seen_phase: reported by, or written since, the last dump */
#define DEST_CLAIMED   0x80 /* adopted, and somebody had a route for it since */
#define DEST_CHANGED   0x40 /* in rib->changed: next-hop tracking has to look */

struct rib_dest {
	struct rib_route *routes;
	struct kgroup *fib; /* what the kernel was told last; NULL: nothing of ours */
	uint16_t generation;
	uint8_t table;      /* index in rib->tables */
	uint8_t flags;
	uint8_t fib_proto;  /* rtproto of fib */
	uint8_t error;      /* errno of the last result */
	uint8_t afi, len;
	uint8_t b[];        /* 4 or 16 */
};

struct rib_table {
	uint32_t id; /* 0: main */
	struct rtable *dests[3];
	uint64_t selected[3];
};

#define RIB_TABLES_MAX 255
#define RIB_CHANGED_MAX 256

struct dest_list {
	struct rib_dest **items;
	size_t count, cap;
	size_t head; /* dirty: consumed up to here */
};

struct rib {
	struct rib_table tables[RIB_TABLES_MAX];
	unsigned table_count;
	struct pool *routes, *dests[3];
	struct dest_list dirty, failed;
	struct rib_dest *changed[RIB_CHANGED_MAX];
	unsigned changed_count;
	bool changed_many;   /* more than the list holds */
	TAILQ_HEAD(, nhg) walks; /* groups whose routes must be selected anew */
	uint64_t route_count, installed;
	uint64_t fib_count[256][3]; /* installed in the main table, by rtproto and afi */
	bool stalled;        /* the dplane had no room */
	struct { /* the walk after a dump, for what was not in it */
		bool active;
		unsigned table;
		uint8_t afi;
		struct prefix at;
	} missing;
	uint8_t seen_phase;  /* 0 or DEST_SEEN; turned when a dump begins: all are unseen */
};

struct route_attrs {
	struct nhg *nhg;
	uint32_t table, metric, tag;
	uint8_t distance, kind;
};

struct rib *rib_new(void);
void rib_free(struct rib *r);
int rib_table_index(struct zebra *z, uint32_t id, bool create); /* -1: absent, or too many */
struct rib_dest *rib_dest_find(const struct zebra *z, uint32_t table, const struct prefix *p);
struct rib_dest *rib_dest_get(struct zebra *z, unsigned table_index, const struct prefix *p);
struct prefix rib_dest_prefix(const struct rib_dest *d);
/* Forgets it if nothing needs it any more. */
void rib_dest_release(struct zebra *z, struct rib_dest *d);
struct rib_route *rib_dest_selected(const struct rib_dest *d);

static inline void
rib_dest_seen(const struct rib *rib, struct rib_dest *d)
{
	d->flags = (uint8_t)((d->flags & ~DEST_SEEN) | rib->seen_phase);
}

/* What distinguishes candidates of one source: interface, kernel metric or distance; 0 for clients. */
uint32_t rib_route_key(const struct rib_route *r);
struct rib_route *rib_route_find(const struct rib_dest *d, const struct source *s, uint32_t key);
/* False: too many tables. */
bool rib_route_set(struct zebra *z, struct source *s, const struct prefix *p, uint32_t key,
	const struct route_attrs *a);
void rib_route_del(struct zebra *z, struct source *s, uint32_t table, const struct prefix *p,
	uint32_t key);
void rib_route_remove(struct zebra *z, struct rib_route *r);
/* The group became active or not: its routes are selected anew, in slices. */
void rib_group_walk(struct zebra *z, struct nhg *g);
bool rib_walks_run(struct zebra *z, unsigned *budget); /* true: done */
/* Selects anew and tells what follows from it. */
void rib_dest_reselect(struct zebra *z, struct rib_dest *d);

#endif
