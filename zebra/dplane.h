/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane's writer: a thread that owns the netlink socket which writes next hops, groups,
 * routes, addresses and link flags. The RIB (one producer thread) pushes operations and never
 * waits for the kernel; each operation comes back exactly once, with its result.
 *
 *	producer: dplane_push -> [ urgent ring ] --\
 *	                         [ route ring  ] ---+-> thread: encode, sendmsg, match errors by
 *	producer: done(op, err) <- dplane_run <-----/   sequence number, publish "completed up to N"
 *
 * A slot of a ring is free again when its result has been handed back by dplane_run, so the
 * rings bound everything: operations not sent, sent and not reported.
 *
 * Order:
 * - Routes go in the order they were pushed.
 * - Next-hop and group writes, addresses and link flags take the urgent ring: they overtake queued
 *   routes (never each other). So a next hop is always in the kernel before the routes pushed after
 *   it, and a group's replacement does not wait for a million routes.
 * - DPLANE_NEXTHOP_DEL takes the route ring: it never overtakes the routes that left it. While it is
 *   queued, writes that name its id, and writes that name such an id in turn, queue behind it.
 * - Results come back in order per ring.
 *
 * Keepers. When a link loses its carrier the kernel deletes its next hops, the groups that become
 * empty and all routes of those, before anybody can say a word. So a group may have one leg more,
 * the keeper: a next hop on a link of our own (grevy-keep) with a gateway that is known not to
 * answer. The kernel never chooses it while another leg is there; it only keeps the group, and so
 * the routes, alive until the group is replaced. Ask for it by op.keep. (A group whose legs are on
 * several links is shortened by the kernel itself and needs a keeper only if all go at once.)
 *
 * This header is pure: a simulator may fill and consume struct dplane_op without a kernel.
 */
#ifndef GREVY_ZEBRA_DPLANE_H
#define GREVY_ZEBRA_DPLANE_H

#include "lib/prefix.h"

#define DPLANE_LEGS_MAX 256
#define DPLANE_ID_RESERVED UINT32_C(0x7fffff00) /* ids from here on are the keepers' */
#define DPLANE_METRIC   20 /* of all our routes, as FRR's */

enum dplane_kind {
	DPLANE_NOP,         /* a barrier: comes back when all routes before it are done */
	DPLANE_NEXTHOP,     /* id, u.nexthop: add or replace a single next hop */
	DPLANE_GROUP,       /* id, u.group: add or replace a group, in place */
	DPLANE_NEXTHOP_DEL, /* id: either. Gone already (ENOENT) counts as done */
	DPLANE_ROUTE,       /* add or replace (table, prefix, metric) */
	DPLANE_ROUTE_DEL,   /* only if protocol and metric are as said; gone already (ESRCH) is done */
	DPLANE_ADDR,        /* u.addr: add or replace; IPv4 gets its broadcast address up to /30 */
	DPLANE_ADDR_DEL,
	DPLANE_LINK_UP,     /* u.link.ifindex */
	DPLANE_LINK_DOWN,
	DPLANE_LINK_MTU,    /* u.link.ifindex, .value */
	DPLANE_VLINK,       /* u.vlink: makes a macvlan on .parent, down; EEXIST when the name is taken */
	DPLANE_LINK_MAC,    /* u.vlink.ifindex, .mac */
	DPLANE_LINK_SILENT, /* u.link.ifindex: no link-local address of its own, where there is IPv6 */
	DPLANE_LINK_QUIET,  /* u.link.ifindex: the kernel sends nothing by it... */
	DPLANE_LINK_LOUD,   /* ...or sends again */
	DPLANE_LINK_DEL,    /* u.link.ifindex */
	DPLANE_LINK_DOOM,   /* u.link.ifindex: marks a virtual link for... */
	DPLANE_LINKS_DEL,   /* ...this: all marked ones, in the time of one (the kernel waits 15 ms for readers) */
	DPLANE_KINDS
};

struct dplane_leg {
	uint32_t id;     /* of a single next hop; a group may not contain groups */
	uint16_t weight; /* 1..255; 0 counts as 1, more as 255 */
};

struct dplane_op {
	uint8_t kind;     /* enum dplane_kind */
	uint8_t protocol; /* RTPROT_* of routes and next hops (nl_route.h: table of names) */
	uint8_t type;     /* DPLANE_ROUTE: 0 or RTN_UNICAST: by id; RTN_BLACKHOLE, _UNREACHABLE, _PROHIBIT */
	uint8_t onlink;   /* DPLANE_NEXTHOP: the gateway is on the link whatever the addresses say */
	uint32_t table;   /* 0: main */
	uint32_t metric;
	uint32_t id;      /* next hop or group; of a route: the one it uses */
	uint8_t keep;     /* DPLANE_GROUP: with a keeper for routes of this family (AFI_*); 0: none */
	uint64_t cookie;  /* the producer's own: handed back */
	uint32_t generation; /* likewise: a result of an older generation is nobody's success */
	union {
		struct {
			struct prefix prefix;
			struct ipaddr src; /* preferred source; AFI_NONE: none */
		} route;
		struct {
			uint32_t oif;
			struct ipaddr gateway; /* AFI_NONE: directly on oif */
			uint8_t afi;           /* without gateway: family of the routes */
			bool blackhole;
		} nexthop;
		struct {
			const struct dplane_leg *legs; /* push copies them; done() borrows the copy */
			uint16_t count;
		} group;
		struct {
			uint32_t ifindex;
			struct ipaddr local;
			struct ipaddr peer; /* AFI_NONE: none */
			uint8_t prefixlen;
			bool virtual; /* no connected route, no DAD, not preferred as a source */
			uint8_t proto; /* IFA_PROTO */
		} addr;
		struct {
			uint32_t ifindex, parent, mtu;
			uint8_t mac[6];
			char name[16];
		} vlink;
		struct {
			uint32_t ifindex;
			uint32_t value;
		} link;
	} u;
};

struct dplane_ops {
	/* Every pushed operation, once. err 0 or an errno. ENOBUFS: outcome unknown, write again. */
	void (*done)(void *arg, const struct dplane_op *op, int err);
	/* After a refused push: there is room again (at least half the ring). May push. */
	void (*writable)(void *arg);
};

struct dplane_counters {
	uint64_t pushed, done, failed, batches, urgent, refused;
};

struct dplane;

#define DPLANE_RING_DEFAULT 16384

/*
 * Opens its sockets in the caller's network namespace and starts the thread, which inherits the
 * caller's capabilities: call it after privileges were dropped to CAP_NET_ADMIN. NULL with errno.
 */
struct dplane *dplane_open(const struct dplane_ops *ops, void *arg, size_t ring_slots);
/* Waits for the running batch; what is queued is dropped without a result. The FIB stays. */
void dplane_close(struct dplane *d);
uint32_t dplane_port(const struct dplane *d); /* for kernel_ignore_port */
void dplane_keepers_remove(void); /* the link of the keepers, when no group needs it any more */
/* Whether groups for routes of this family can have a keeper; without one op.keep is ignored. */
bool dplane_has_keeper(const struct dplane *d, uint8_t afi);

/* False: the ring of this operation is full, nothing was taken; writable() will be called. */
bool dplane_push(struct dplane *d, const struct dplane_op *op);
size_t dplane_room(const struct dplane *d);    /* free slots for routes */
size_t dplane_pending(const struct dplane *d); /* pushed and not yet handed back by done() */

int dplane_fd(const struct dplane *d); /* readable when dplane_run has something to do */
/* Hands back at most `budget` results; true: there are more (the descriptor stays readable). */
bool dplane_run(struct dplane *d, unsigned budget);
struct dplane_counters dplane_counters(const struct dplane *d);

#endif
