/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The OSPF core on one page.
 *
 *        main.c io.c config.c rib_out.c log.c state.c          (shell: sockets, IPC, YANG)
 *            | entry points, all told `now`          ^ struct ospf_ops
 *            v                                       |
 *   instance  area  iface -- ism, dr      nbr -- nsm       stats, limits, opaque, stubrouter
 *      packet -> hello | dbdesc | lsreq | lsupd | lsack      (the RFC's chapters)
 *                        |                 |
 *                      lsdb <---------- flood -- retrans     age (refresh, MaxAge), orig, seq
 *                        | classified change
 *                      spfdelay -> spf(graph) -> routes, asbr -> ops->routes      redist -> orig
 *
 * Below the engine lies one `struct ospf_version` (version.h): codecs and LSA semantics of OSPFv2
 * (v2_*.c); the engine never asks which version it runs.
 *
 * A turn: an entry point changes state and only marks what must be sent or calculated. Before it
 * returns (ospf_turn_end): pending own LSAs are originated, marked LSAs leave packed full, then
 * SPF runs if it is due. Ops are called at any moment of a turn; they return void and must not call
 * back. Bytes and rows handed to an op are borrowed for the call.
 *
 * The core owns nothing outside the instance: no clock (int64_t now, monotonic microseconds), no
 * randomness (a generator seeded at birth), no global. Same seed, same calls: same output.
 */
#ifndef GREVY_OSPFD_OSPFD_H
#define GREVY_OSPFD_OSPFD_H

#include "lib/prefix.h"
#include "ospfd/settings.h"

struct ospf;
struct ospf_version;
extern const struct ospf_version ospf_v2;

enum ospf_path_type { OSPF_PATH_INTRA, OSPF_PATH_INTER, OSPF_PATH_EXT1, OSPF_PATH_EXT2 };

enum ospf_bfd { OSPF_BFD_UNKNOWN, OSPF_BFD_UP, OSPF_BFD_DOWN }; /* as bfd.proto's Liveness */

struct ospf_leg { /* one way out of a next-hop group */
	uint32_t ifindex;
	struct ipaddr gateway; /* AFI_NONE: on link */
	bool onlink; /* the gateway is there although no address of the interface covers it */
	uint8_t backup_rank; /* 0: primary; 1: used when no primary leg lives (RFC 5286) */
};

struct ospf_route {
	struct prefix prefix;
	uint32_t metric; /* what zebra compares: type 2 metric for EXT2, else the path cost */
	uint32_t tag;
	uint8_t path_type; /* enum ospf_path_type */
	uint8_t distance;
};

/* Routes with one set of legs. leg_count == 0: withdrawn (only prefix is meaningful). */
struct ospf_route_batch {
	const struct ospf_leg *legs;
	size_t leg_count;
	const struct ospf_route *routes;
	size_t count;
};

enum ospf_event_kind {
	OSPF_EV_NBR_STATE,	/* old, new: enum nsm_state; text: what happened; want, got: is and was advertised */
	OSPF_EV_IFACE_STATE,	/* old, new: enum ism_state */
	OSPF_EV_PACKET_DROPPED, /* reason: enum ospf_drop; want/got where there are two values */
	OSPF_EV_LSA_DROPPED,
	OSPF_EV_ROUTER_ID,    /* want: the new one */
	OSPF_EV_DUPLICATE_ID, /* somebody else runs with our router ID */
	OSPF_EV_LSDB_LIMIT,   /* max-lsa: want: limit, got: count */
	OSPF_EV_SEQUENCE_WRAP,
	OSPF_EV_SPF, /* new: enum ospf_change, want: vertices reached, got: routes changed */
	OSPF_EV_STUB_ROUTER, /* new: on or off */
	OSPF_EV_READY, /* new: complete or not; text: what is missing; told when either changes */
	OSPF_EV_LAN,   /* new: what is announced of it, enum lan_fate; want: added cost */
	OSPF_EV_COUNT
};

struct ospf_event {
	uint8_t kind;        /* enum ospf_event_kind */
	uint8_t reason;      /* enum ospf_drop (stats.h) */
	uint8_t old, new;
	uint32_t ifindex;    /* 0: none */
	const char *ifname;  /* "" if none */
	uint32_t router_id;  /* the neighbour's, 0: none */
	struct ipaddr addr;  /* the sender's */
	uint32_t area;
	int64_t want, got;
	const char *text;    /* an explanation, never NULL */
	const uint8_t *bytes; /* the offending packet, may be NULL */
	size_t len;
};

struct ospf_ops {
	/* An OSPF packet without IP header; TTL 1, precedence internetwork control. */
	void (*send)(void *arg, uint32_t ifindex, const struct ipaddr *src,
		const struct ipaddr *dst, const uint8_t *bytes, size_t len);
	void (*membership)(void *arg, uint32_t ifindex, const struct ipaddr *group, bool join);
	void (*routes)(void *arg, const struct ospf_route_batch *batch);
	void (*notify)(void *arg, const struct ospf_event *ev);
	/* A BFD session with a neighbour; again: other parameters. local AFI_NONE: by the interface. */
	void (*bfd_want)(void *arg, uint32_t ifindex, const struct ipaddr *local,
		const struct ipaddr *peer, const struct ospf_bfd_params *params, bool want);
};

struct ospf_link { /* what zebra says of an interface */
	uint32_t ifindex;
	char name[32];
	bool up;            /* administratively up and carrier; removed links are down first */
	bool gone;          /* the interface was deleted */
	bool loopback, pointopoint, multicast;
	bool virtual_router; /* made for VRRP: OSPF never runs there, whatever matches its address */
	uint32_t mtu;
	uint64_t bandwidth_kbit; /* 0: not known */
};

enum ospf_lan_role { OSPF_LAN_NONE, OSPF_LAN_MASTER, OSPF_LAN_BACKUP, OSPF_LAN_INITIALIZE };
struct ospf_lan { /* VRRP's word on the network of an interface; all zero: none */
	uint8_t role;        /* enum ospf_lan_role */
	bool dead;           /* nobody answers there though there is a carrier */
	bool withdraw;       /* not announced in this role */
	uint32_t added_cost; /* what it costs more in this role */
};

struct ospf_redist_route {
	uint8_t source; /* enum ospf_source */
	bool withdraw;
	struct prefix prefix;
	uint32_t metric, tag;
	uint32_t ifindex;        /* of the first next hop, for the forwarding address */
	struct ipaddr gateway;
};

/* Birth, death. ops must outlive the instance. ospf_free only forgets; ospf_shutdown first tells
 * the neighbours (own LSAs flushed, empty Hello) and withdraws the routes. */
struct ospf *ospf_new(const struct ospf_version *v, const struct ospf_ops *ops, void *ops_arg,
	uint64_t seed, int64_t now);
/* Wall-clock seconds at `now`: the base of cryptographic sequence numbers (RFC 2328 D.3), so that
 * they go on rising over a restart. Once, after ospf_new. */
void ospf_set_wallclock(struct ospf *o, uint32_t seconds, int64_t now);
/* Do routes of a former life of ours forward? Once, before the first link: if so, the start is not that
 * of a router that has to keep traffic away until it is complete (stubrouter.c). */
void ospf_set_forwarding(struct ospf *o, bool forwarding, int64_t now);
void ospf_free(struct ospf *o);
void ospf_shutdown(struct ospf *o, int64_t now);

/* What happened. */
/* Takes conf over; NULL: OSPF is not configured any more. */
void ospf_reconfigure(struct ospf *o, struct ospf_config *conf, int64_t now);
void ospf_router_id_changed(struct ospf *o, uint32_t zebra_id, int64_t now);
void ospf_link_changed(struct ospf *o, const struct ospf_link *link, int64_t now);
/* peer: the other end of a point-to-point address, AFI_NONE if there is none */
void ospf_address_changed(struct ospf *o, uint32_t ifindex, const struct ipaddr *addr,
	unsigned plen, const struct ipaddr *peer, bool add, int64_t now);
/* bytes: the OSPF packet without the IP header, as long as the IP header said */
void ospf_packet_received(struct ospf *o, uint32_t ifindex, const struct ipaddr *src,
	const struct ipaddr *dst, const uint8_t *bytes, size_t len, int64_t now);
void ospf_routes_redistributed(struct ospf *o, const struct ospf_redist_route *rows, size_t count,
	int64_t now);
void ospf_bfd_changed(struct ospf *o, uint32_t ifindex, const struct ipaddr *peer,
	enum ospf_bfd liveness, int64_t now);
/* Its prefix leaves our LSAs, or costs more, at once. Remembered while the link is known. */
void ospf_lan_changed(struct ospf *o, uint32_t ifindex, const struct ospf_lan *lan, int64_t now);
/* What was told up to OSPF_EV_READY is in the kernel. */
void ospf_routes_installed(struct ospf *o, int64_t now);
void ospf_clear_process(struct ospf *o, int64_t now);
void ospf_clear_neighbor(struct ospf *o, uint32_t router_id, int64_t now); /* 0: all */

/* Time. Runs what is due; call again at ospf_next_deadline (TIME_NEVER: nothing to do). */
void ospf_run_timers(struct ospf *o, int64_t now);
int64_t ospf_next_deadline(const struct ospf *o);

uint32_t ospf_router_id(const struct ospf *o); /* 0: none yet, nothing runs */
/* Are our routes complete (ready.c)? Not configured: yes. waiting_for: what is missing, "": nothing. */
bool ospf_is_ready(const struct ospf *o, const char **waiting_for);

#endif
