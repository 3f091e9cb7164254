/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells us: links, addresses, neighbours, next-hop objects and routes as plain
 * values, and the listener that follows them. The values are what the codecs nl_*.c decode to and
 * what the core is given; this header is pure (no socket type in it), kernel.c is shell.
 *
 * The listener keeps three feeds, each with a socket for events and one for dumps, so that a flood
 * of one kind neither delays nor overflows another:
 *
 *	feed 0: link, addr      feed 1: neigh      feed 2: nexthop, route
 *
 *	 start / ENOBUFS
 *	       |           resync_begin(kind)                          resync_end(kind)
 *	       v                  v                                          v
 *	   [pending] --timer--> [dumping: events wait in their socket] --> [following]
 *
 * - At the start the feeds are dumped in the order above, each to its end before the next begins.
 * - An overflow (ENOBUFS) re-dumps that feed only: at most one dump at a time runs per feed, the
 *   next one starts 50 ms to 1 s after the last began.
 * - Between resync_begin(kind) and resync_end(kind) only objects of the dump are reported (link,
 *   addr, ...; never a `_gone`): what was not reported in between does not exist any more. What
 *   dplane wrote in between may be reported in its old or in its new state.
 * - After resync_end the waiting events follow in the kernel's order. An event older than the dump
 *   may so be seen once more; the last word on each object is right.
 * - A route dump is not restarted when routes change under it: each change has its event.
 * - Known of the kernel (6.x): when a link goes down **or loses its carrier**, the kernel deletes the
 *   next-hop objects on it, takes them out of groups, and deletes groups that become empty together
 *   with all their routes. It tells nothing of that: only the link event comes. Who gets a link event
 *   without kernel_link_running() must take its next hops on that link as gone. (A group with a
 *   keeper, dplane.h, never becomes empty, so its routes stay.) A next hop can be added only on a
 *   link that is up and has a carrier.
 * - Also silent: when a next hop goes (nexthop_gone), the routes that use it go; when a link goes
 *   down, IPv4 routes that leave by it alone go (routes_flushed says it, in order with the routes,
 *   so that one added just before is not taken for alive); when an address goes, IPv4 routes that
 *   prefer it as source go.
 * - The keeper's link and next hops are not reported, and left out of the groups reported.
 * - Routes of table 255 (local) and cached ones are not reported.
 * - Routes and next hops that our own dplane writes are not reported as events (they carry its port
 *   id); in dumps they are.
 */
#ifndef GREVY_ZEBRA_KERNEL_H
#define GREVY_ZEBRA_KERNEL_H

#include "lib/prefix.h"

#define KERNEL_NAME_LEN  16 /* IFNAMSIZ */
#define KERNEL_HW_LEN    32 /* MAX_ADDR_LEN */
#define KERNEL_LEGS_MAX  128
#define KERNEL_MSG_LEN   100

enum kernel_kind { KERNEL_LINK, KERNEL_ADDR, KERNEL_NEIGH, KERNEL_NEXTHOP, KERNEL_ROUTE, KERNEL_KINDS };

struct kernel_link {
	uint32_t ifindex;
	char name[KERNEL_NAME_LEN];
	char kind[KERNEL_NAME_LEN]; /* "veth", "bridge", "vrf", "macvlan", ...; "" for hardware */
	uint32_t flags;             /* IFF_*: IFF_UP, IFF_RUNNING, IFF_LOWER_UP, IFF_LOOPBACK, ... */
	uint32_t mtu;
	uint32_t master;          /* ifindex of bridge, bond or VRF; 0: none */
	uint32_t parent;          /* IFLA_LINK of a vlan, macvlan, veth; 0: none */
	uint32_t vrf_table;       /* kind "vrf": its table */
	uint32_t group;           /* of devices, 0: default; zebra's virtual links have their own */
	uint32_t carrier_changes; /* counts both ways: a flap that no event told shows here */
	uint32_t speed_mbps;      /* by ethtool; 0: unknown. Not from netlink: kernel.c adds it */
	uint16_t type;            /* ARPHRD_* */
	uint8_t operstate;        /* IF_OPER_* */
	uint8_t hwaddr_len;
	uint8_t hwaddr[KERNEL_HW_LEN];
};

struct kernel_addr {
	uint32_t ifindex;
	uint32_t flags; /* IFA_F_*: SECONDARY, TENTATIVE, DADFAILED, PERMANENT, ... */
	struct ipaddr local;
	struct ipaddr peer;      /* AFI_NONE unless point-to-point */
	struct ipaddr broadcast; /* AFI_NONE: none */
	uint8_t prefixlen;       /* of peer if there is one, else of local */
	uint8_t scope;           /* RT_SCOPE_* */
	uint8_t proto;           /* IFA_PROTO: who made it; 0 unless somebody said */
	char label[KERNEL_NAME_LEN];
};

struct kernel_neigh {
	uint32_t ifindex;
	struct ipaddr addr;
	uint16_t state; /* NUD_* */
	uint8_t flags;  /* NTF_* */
	uint8_t hwaddr_len;
	uint8_t hwaddr[KERNEL_HW_LEN];
};

struct kernel_leg {
	uint32_t oif;
	uint32_t id; /* in a group: the member's next-hop id */
	struct ipaddr gateway;
	uint8_t flags;   /* RTNH_F_*: ONLINK, DEAD, LINKDOWN, ... */
	uint16_t weight; /* >= 1 */
};

/* legs[] is filled up to leg_count only. */
struct kernel_nexthop {
	uint32_t id;
	uint8_t protocol; /* RTPROT_* */
	uint8_t afi;      /* AFI_NONE for a group */
	bool group, blackhole, fdb;
	bool legs_cut; /* it has more than KERNEL_LEGS_MAX legs */
	uint16_t leg_count;
	struct kernel_leg legs[KERNEL_LEGS_MAX]; /* single: legs[0] unless blackhole */
};

struct kernel_route {
	struct prefix prefix;
	uint32_t table;
	uint32_t metric;
	uint32_t nhid;    /* 0: own legs */
	uint32_t flags;   /* RTM_F_* and, if single, RTNH_F_*: OFFLOAD, TRAP, DEAD, LINKDOWN */
	struct ipaddr src; /* preferred source; AFI_NONE: none */
	uint8_t protocol; /* RTPROT_* */
	uint8_t type;     /* RTN_*: UNICAST, LOCAL, BLACKHOLE, ... */
	uint8_t scope;
	uint8_t tos;
	bool legs_cut;
	uint16_t leg_count;
	struct kernel_leg legs[KERNEL_LEGS_MAX];
};

/* Called from kernel_run only; values are borrowed for the call. May not call kernel_close. */
struct kernel_ops {
	void (*link)(void *arg, const struct kernel_link *link); /* new or changed */
	void (*link_gone)(void *arg, uint32_t ifindex);
	void (*addr)(void *arg, const struct kernel_addr *addr);
	void (*addr_gone)(void *arg, const struct kernel_addr *addr);
	void (*neigh)(void *arg, const struct kernel_neigh *neigh);
	void (*neigh_gone)(void *arg, const struct kernel_neigh *neigh);
	void (*nexthop)(void *arg, const struct kernel_nexthop *nh); /* new or replaced */
	void (*nexthop_gone)(void *arg, uint32_t id);
	void (*route)(void *arg, const struct kernel_route *route); /* added, replaced or appended */
	void (*route_gone)(void *arg, const struct kernel_route *route);
	/* IPv4 routes told before this, other than by next-hop id, whose only legs are on this link are
	 * gone: it went down. Comes with the routes, apart from link() and link_gone(). May be NULL. */
	void (*routes_flushed)(void *arg, uint32_t ifindex);
	void (*resync_begin)(void *arg, enum kernel_kind kind);
	void (*resync_end)(void *arg, enum kernel_kind kind); /* at the start: KERNEL_ROUTE's is the last */
	/* Something for the log: `error` an errno or 0. May be NULL. */
	void (*trouble)(void *arg, const char *what, int error);
};

/* Counters, for show and the tests. */
struct kernel_counters {
	uint64_t events, dumped, refused, overruns, resyncs, interrupted;
};

struct kernel;

/*
 * Opens the sockets in the caller's network namespace and asks for the first dumps; needs
 * CAP_NET_ADMIN only for its receive buffers (32 MB for routes by SO_RCVBUFFORCE; without it the
 * system's limit). NULL with errno set on failure.
 */
struct kernel *kernel_open(const struct kernel_ops *ops, void *arg);
void kernel_close(struct kernel *k);
/* Events caused by this netlink port (dplane_port()) are dropped inside the kernel. */
void kernel_ignore_port(struct kernel *k, uint32_t port);
/* Readable whenever kernel_run has something to do (sockets and timers in one epoll descriptor). */
int kernel_fd(const struct kernel *k);
/* One turn: handles at most `budget` messages, links first. now: monotonic microseconds. */
void kernel_run(struct kernel *k, int64_t now, unsigned budget);
/* Ask for a fresh dump of this kind's feed, as after an overflow (a background check, or `clear`). */
void kernel_resync(struct kernel *k, enum kernel_kind kind);
/* For tests: receive buffers of that size, so that overflows come early. */
void kernel_shrink(struct kernel *k, int rcvbuf);
const struct kernel_counters *kernel_counters(const struct kernel *k);

/* Writes "value" to /proc/sys/PATH; 0 or an errno. For start-up and configuration. */
int kernel_sysctl_set(const char *path, const char *value);
/* The integer there; -1 if it cannot be read. */
int kernel_sysctl_get(const char *path);
/* net.ipv4.nexthop_compat_mode = 0 in this namespace (rules both families). 0 or an errno. */
int kernel_nexthop_objects_only(void);
int kernel_forwarding_set(uint8_t afi, bool on); /* 0 or an errno */
int kernel_forwarding_get(uint8_t afi);          /* 1, 0, -1 unknown */

#define KERNEL_VLINK_GROUP 5798 /* the mark of virtual links that a zebra made (RFC 5798: VRRP) */
#define KERNEL_VLINK_DOOMED 5799 /* of those that are about to be deleted, all at once */
#define KERNEL_VADDR_PROTO 112  /* and of its virtual addresses (VRRP's protocol number); */
#define KERNEL_VADDR_DROP  113  /* those that accept nothing */

static inline bool
kernel_link_virtual(const struct kernel_link *link)
{
	return (link->group == KERNEL_VLINK_GROUP || link->group == KERNEL_VLINK_DOOMED)
		&& !__builtin_strcmp(link->kind, "macvlan");
}
static inline bool
kernel_link_doomed(const struct kernel_link *link)
{
	return kernel_link_virtual(link) && link->group == KERNEL_VLINK_DOOMED;
}
static inline bool
kernel_addr_virtual(const struct kernel_addr *a)
{
	return a->proto == KERNEL_VADDR_PROTO || a->proto == KERNEL_VADDR_DROP;
}

static inline bool
kernel_link_up(const struct kernel_link *link)
{
	return (link->flags & 0x1) != 0; /* IFF_UP */
}
/* Administratively up, with a carrier (IFF_LOWER_UP) and not dormant (IFF_RUNNING). */
static inline bool
kernel_link_running(const struct kernel_link *link)
{
	return (link->flags & 0x10041) == 0x10041;
}

#endif
