/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zebra on one page: interfaces, the RIB, next-hop groups and tracking, static routes. The core is
 * pure: kernel events, client batches and configs come in as calls, what is to be written and told
 * leaves through struct zebra_ops. A daemon wires it to kernel.c, dplane.c and rib.sock, the
 * simulator to a virtual kernel.
 *
 *	kernel ---- link, addr, neigh ----> iface ---> legs (nhg) ---> group objects --\
 *	        \-- route, nexthop -> rib_import, sweep                                 +-> ops->write
 *	clients --- groups, routes -------> rib: candidates -> best -> routes ---------/
 *	config ---- static, addresses ----/       \-> nht, redist -> ops->nht, ops->redistributed
 *
 * Sources (source.h) bring routes: clients by connection, and zebra's own connected, local, kernel
 * and static. Every entry point settles what it caused before it returns; only work over many
 * routes is cut in slices, and zebra_run() goes on with it.
 */
#ifndef GREVY_ZEBRA_ZEBRA_H
#define GREVY_ZEBRA_ZEBRA_H

#include "lib/prefix.h"
#include "zebra/kernel.h"

struct zebra;
struct bfdclient_state;
struct bfdclient_want;
struct conf_object;
struct dplane_op;
struct gate;
struct timers;

enum leg_special { LEG_FORWARD, LEG_BLACKHOLE, LEG_UNREACHABLE, LEG_PROHIBIT, LEG_SPECIALS };

struct zebra_leg {
	struct ipaddr gateway;  /* AFI_NONE: directly on ifindex */
	uint8_t special;        /* enum leg_special */
	uint8_t backup_rank;    /* 0 primary */
	bool onlink;
	uint32_t ifindex;       /* 0: the gateway is resolved through the RIB */
	uint32_t weight;        /* 1..255; 0 counts as 1 */
	uint64_t bfd_sequence;  /* newest leg event its sender knew of */
	struct gate *gates[2];  /* static routes: what must hold for it to count (gate.h) */
};
#define ZEBRA_LEGS_MAX 64

struct zebra_hello {
	const char *protocol;
	uint32_t instance, grace_seconds;
	bool want_results;
};
struct zebra_batch { /* routes of one kind; prefixes packed as in lib/prefix.h */
	bool withdraw;
	uint8_t afi, safi, distance, kind;
	uint32_t table, metric, tag, group;
	uint64_t sequence;
	const uint8_t *prefixes;
	size_t len;
};

struct zebra_interface {
	uint32_t ifindex, mtu, vrf_ifindex;
	const char *name;
	bool admin_up, operative, loopback, broadcast, multicast, point_to_point;
	uint64_t bandwidth_kbit;
	uint8_t hwaddr_len;
	const uint8_t *hwaddr;
};
struct zebra_address {
	uint32_t ifindex;
	uint8_t prefixlen;
	struct ipaddr local, peer;
	bool secondary;
};
struct zebra_redistributed {
	const char *protocol; /* "default" for a default-origin subscription */
	bool withdraw, synced;
	uint8_t afi;
	uint32_t metric, tag, ifindex;
	struct ipaddr gateway;
	const uint8_t *prefixes;
	size_t len;
};
struct zebra_nht {
	struct ipaddr address;
	bool reachable, connected;
	uint32_t metric;
	uint8_t distance;
	const char *protocol;
	struct prefix resolved_by;
	const struct zebra_leg *legs;
	size_t count;
};
enum zebra_role { ZEBRA_ROLE_NONE, ZEBRA_ROLE_MASTER, ZEBRA_ROLE_BACKUP, ZEBRA_ROLE_INITIALIZE };
struct zebra_lan { /* this router on a LAN; role NONE, not dead: nobody says anything of it (any more) */
	uint32_t ifindex;
	uint8_t role; /* enum zebra_role */
	bool dead, withdraw;
	uint32_t added_cost;
};
struct zebra_vlink { /* rib.proto, VirtualLink */
	uint32_t id, parent;
	uint8_t mac[6];
	const char *name;
	int64_t linger;
};
struct zebra_vlink_state {
	uint32_t id, ifindex;
	bool up;
	const char *error; /* "": none */
};
struct zebra_vaddress { /* rib.proto, VirtualAddress */
	uint32_t id, ifindex, vlink;
	struct ipaddr address;
	uint8_t len;
	bool accept;
	int64_t linger;
};
struct zebra_results {
	uint64_t sequence; /* 0: only a failure is told */
	struct prefix failed; /* afi AFI_NONE: none */
	int error;
};

struct zebra_track {
	uint32_t id;
	bool up, gone, synced; /* synced: the initial states are complete; id 0 */
	const char *cause;
	int64_t at;
};
enum zebra_event { ZEBRA_FAULT, ZEBRA_SWITCH, ZEBRA_REPAIR, ZEBRA_NOTE }; /* as enum ha_kind */

/*
 * All return void but `write`, whose answer is the ring's credit: false = no room, nothing was
 * taken, zebra_dplane_writable() will be called. None calls back. client 0: all clients.
 */
struct zebra_ops {
	bool (*write)(void *arg, const struct dplane_op *op);
	void (*interface)(void *arg, uint32_t client, const struct zebra_interface *i, bool gone);
	void (*address)(void *arg, uint32_t client, const struct zebra_address *a, bool gone);
	void (*router_id)(void *arg, uint32_t client, uint32_t router_id);
	void (*redistributed)(void *arg, uint32_t client, const struct zebra_redistributed *r);
	void (*nht)(void *arg, uint32_t client, const struct zebra_nht *n);
	void (*results)(void *arg, uint32_t client, const struct zebra_results *r);
	void (*lan)(void *arg, uint32_t client, const struct zebra_lan *l);
	void (*ready)(void *arg, uint32_t client, bool ready, const char *waiting_for); /* all of routing */
	void (*vlink)(void *arg, uint32_t client, const struct zebra_vlink_state *v);
	/* A virtual link is in the kernel, not yet up: its and its parent's settings (vlink_sys.h). */
	void (*vlink_made)(void *arg, const char *name, const char *parent);
	void (*vlink_parent_free)(void *arg, const char *parent); /* the last one on it has gone */
	/* What is sent to the address itself is dropped (accept mode off), or is not. */
	void (*filter)(void *arg, const struct ipaddr *address, bool drop);
	void (*track)(void *arg, uint32_t client, const struct zebra_track *t);
	/*
	 * zebra's own sessions; an id again: other parameters; NULL: not any more. Their states come by
	 * zebra_bfd_changed().
	 */
	void (*bfd_want)(void *arg, uint32_t id, const struct bfdclient_want *want);
	/* name and object as ha_event() has them; at 0: now */
	void (*event)(void *arg, enum zebra_event kind, const char *name, const char *object, int64_t at,
		const char *text);
	void (*resync)(void *arg, enum kernel_kind kind);      /* dump that kind again */
	void (*forwarding)(void *arg, uint8_t afi, bool on);   /* as configured */
	void (*work)(void *arg);                               /* zebra_run() is wanted */
	void (*log)(void *arg, const char *event, const char *text);
};

struct zebra *zebra_new(const struct zebra_ops *ops, void *arg, struct timers *timers, uint64_t seed);
void zebra_free(struct zebra *z);
/* Groups of routes of that family outlive their last leg (dplane.h, keepers). Before any event. */
void zebra_keeper_known(struct zebra *z, uint8_t afi);

/* States of BFD sessions are coming: nothing is written before zebra_bfd_synced(). Before any event. */
void zebra_bfd_expected(struct zebra *z);

/* --- input: what happened ----------------------------------------------------------------------- */

/* object: the struct kernel_* of its kind; link_gone and nexthop_gone: only ifindex or id counts. */
void zebra_kernel_changed(struct zebra *z, enum kernel_kind kind, const void *object, bool gone,
	int64_t now);
/* The link went down and the kernel dropped other programs' IPv4 routes by it; in order with routes. */
void zebra_routes_flushed(struct zebra *z, uint32_t ifindex, int64_t now);
void zebra_kernel_resync(struct zebra *z, enum kernel_kind kind, bool begin, int64_t now);
/* True once every kind was dumped: clients may come. */
bool zebra_synced(const struct zebra *z);
void zebra_dplane_done(struct zebra *z, const struct dplane_op *op, int err, int64_t now);
void zebra_dplane_writable(struct zebra *z, int64_t now);
/* Clients should be held: there is more in the RIB than the dplane takes. */
bool zebra_congested(const struct zebra *z);
/* Not those that never bring routes: what vrrpd wants overtakes all routes. */
bool zebra_client_congests(const struct zebra *z, uint32_t client);
/* The client's id, 0 when refused with a static text in *error. */
uint32_t zebra_client_opened(struct zebra *z, const struct zebra_hello *h, const char **error, int64_t now);
void zebra_client_closed(struct zebra *z, uint32_t client, int64_t now);
/* Does the kernel forward by routes of an earlier connection of its protocol? Not read yet: it may. */
bool zebra_client_forwards(const struct zebra *z, uint32_t client);
/* Tells one client all interfaces, addresses, the router id, roles of LANs and readiness. */
void zebra_client_sync(struct zebra *z, uint32_t client, int64_t now);
/* These are false when the client broke the rules (unknown group, malformed prefixes). */
bool zebra_group_changed(struct zebra *z, uint32_t client, uint32_t id, const struct zebra_leg *legs,
	size_t count, int64_t now);
void zebra_group_deleted(struct zebra *z, uint32_t client, uint32_t id, int64_t now);
bool zebra_routes_changed(struct zebra *z, uint32_t client, const struct zebra_batch *b, int64_t now);
void zebra_replay_ended(struct zebra *z, uint32_t client, int64_t now);
void zebra_nht_wanted(struct zebra *z, uint32_t client, const struct ipaddr *a, bool via_default,
	bool on, int64_t now);
/* protocol "default": tell when a default route of another protocol comes or goes. */
bool zebra_redistribute_wanted(struct zebra *z, uint32_t client, const char *protocol, uint8_t afi,
	bool on, int64_t now);
/* False: malformed. What cannot be made is told by ops->vlink. The same id again: changed. */
bool zebra_vlink_wanted(struct zebra *z, uint32_t client, const struct zebra_vlink *v, int64_t now);
void zebra_vlink_unwanted(struct zebra *z, uint32_t client, uint32_t id, int64_t now);
bool zebra_vaddress_wanted(struct zebra *z, uint32_t client, const struct zebra_vaddress *a, int64_t now);
void zebra_vaddress_unwanted(struct zebra *z, uint32_t client, uint32_t id, int64_t now);
/* id 0: any session, by watching; else that of a wish by ops->bfd_want. */
void zebra_bfd_changed(struct zebra *z, const struct bfdclient_state *s, int64_t now);
void zebra_bfd_synced(struct zebra *z, int64_t now); /* what is known has been told, or nobody is there to tell */
void zebra_tracks_wanted(struct zebra *z, uint32_t client, int64_t now);
/* What a health check found; what is none of ours any more is ignored. */
void zebra_track_reported(struct zebra *z, uint32_t id, bool up, const char *cause, int64_t at, int64_t now);
/* False: no such interface index or role. */
bool zebra_lan_changed(struct zebra *z, uint32_t client, const struct zebra_lan *lan, int64_t now);
/* The client's part of routing is complete, or what it waits for. */
void zebra_client_ready(struct zebra *z, uint32_t client, bool ready, const char *waiting_for, int64_t now);
void zebra_reconfigure(struct zebra *z, const struct conf_object *old, const struct conf_object *new,
	int64_t now);
/* Withdraws all routes, then all next hops; done when zebra_run() has nothing left. */
void zebra_withdraw_all(struct zebra *z, int64_t now);
/* Goes on with sliced work; true: there is more that needs no event to go on. */
bool zebra_run(struct zebra *z, int64_t now);

/* Reading: state.h. Configuration: config.h. */


#endif
