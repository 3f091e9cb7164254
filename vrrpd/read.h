/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What state.c may read, under the lock: plain values, in the order of (interface name, VRID, family), each
 * found by the key of the one before it, so that a walk can stop and go on later. Arrays and names are borrowed
 * until the lock is given back.
 */
#ifndef GREVY_VRRPD_READ_H
#define GREVY_VRRPD_READ_H

#include "vrrpd/stats.h"
#include "vrrpd/vrrpd.h"

/* What keeps a virtual router from what its priority would allow. Names: vrrp_hold_name(). */
enum vrrp_hold {
	VRRP_HOLD_NONE,
	VRRP_HOLD_NO_PREEMPT,    /* a master of lower priority is left alone: `no preempt` */
	VRRP_HOLD_PREEMPT_DELAY,
	VRRP_HOLD_START_DELAY,
	VRRP_HOLD_ROUTING,       /* routing is not ready */
	VRRP_HOLD_GROUP,         /* another member of the sync group is not as far */
	VRRP_HOLD_COUNT
};
/* Why a virtual router cannot run (Initialize) or may not be master (forced Backup). vrrp_block_name(). */
enum vrrp_block {
	VRRP_BLOCK_NONE,
	VRRP_BLOCK_SHUTDOWN,     /* configured so, or vrrpd is stopping */
	VRRP_BLOCK_NO_ADDRESS,   /* no virtual address of this family */
	VRRP_BLOCK_NO_INTERFACE, /* it does not exist */
	VRRP_BLOCK_INTERFACE_DOWN,
	VRRP_BLOCK_NO_PRIMARY,   /* no address of our own to send from */
	VRRP_BLOCK_NO_VLINK,     /* the device with the virtual MAC is not there or not up */
	VRRP_BLOCK_TRACK,        /* forced Backup: what is tracked without decrement is down */
	VRRP_BLOCK_GROUP,        /* forced Backup: a member of the sync group cannot be master */
	VRRP_BLOCK_COUNT
};
enum vrrp_lan_state { VRRP_LAN_OFF, VRRP_LAN_UNKNOWN /* nobody was ever heard */, VRRP_LAN_ALIVE, VRRP_LAN_DEAD };

struct vrrp_view_key {
	char ifname[16];
	uint8_t vrid, afi;
};
struct vrrp_view_track {
	char name[24];           /* "7" of `track 7`, or the interface's name */
	bool interface, up, known; /* not known: nobody has told, counts as up */
	uint8_t decrement;       /* 0: forced backup */
};
struct vrrp_view_bfd {
	struct ipaddr peer;
	const char *profile;
	uint8_t liveness;        /* enum bfd_liveness */
};
struct vrrp_view {
	struct vrrp_view_key key;
	uint32_t ifindex, vlink_ifindex; /* 0: not there */
	uint8_t mac[6];          /* the virtual one (also when it is not used) */
	/* configuration in effect */
	uint8_t version, priority;
	bool shutdown, preempt, accept, virtual_mac, wait_routing, lan_liveness, backup_withdraw;
	uint32_t backup_cost;
	int64_t interval, preempt_delay, start_delay, wait_routing_max; /* microseconds, as all times here */
	const char *group, *notify; /* "": none */
	const struct ipaddr *addresses, *peers;
	size_t address_count, peer_count;
	bool pseudo_header;      /* adverts carry the checksum of old routers (also, or only) */
	/* state */
	uint8_t state, reason;   /* enum vrrp_state, enum vrrp_reason of the last change */
	uint8_t block, hold;     /* enum vrrp_block, enum vrrp_hold */
	int64_t hold_until;      /* 0: until what it waits for happens */
	bool owner, handing_over /* not master any more, the addresses still here */;
	uint8_t effective_priority;
	int64_t since;           /* of the state; 0: never changed */
	struct ipaddr primary;   /* adverts are sent from it */
	struct ipaddr master;    /* AFI_NONE: nobody known; ourselves while Master */
	uint8_t master_priority;
	int64_t master_interval; /* learnt, as it came (0: none); it counts as at most master_interval_used */
	int64_t master_interval_used, skew, master_down_interval;
	int64_t last_advert;     /* heard from the master, or sent while Master; 0: never */
	int64_t due;             /* the next advert, or the takeover; 0: none */
	bool address_mismatch;   /* the last advert accepted has another list than ours */
	struct vrrp_stats stats;
};
struct vrrp_view_iface {
	char name[16];
	uint32_t ifindex;
	bool up;
	uint8_t role;            /* enum vrrp_role, as told to zebra */
	bool withdraw;
	uint32_t added_cost;
	uint8_t lan;             /* enum vrrp_lan_state */
	size_t lan_hosts;        /* known, at most 16 */
	int64_t lan_heard;       /* somebody, last; 0: never */
	size_t routers;
	struct vrrp_iface_stats stats;
};
struct vrrp_view_instance {
	bool ready;              /* routing */
	bool stopping;
	size_t routers, masters, backups;
	uint64_t no_interface;   /* drops there */
};

/* The first virtual router after `after` (NULL: from the start); false: no more. */
bool vrrp_view_next(const struct vrrp *v, const struct vrrp_view_key *after, struct vrrp_view *out);
/* Up to max of what it tracks, in the order of configuration; returns how many there are. */
size_t vrrp_view_tracks(const struct vrrp *v, const struct vrrp_view_key *key, struct vrrp_view_track *out, size_t max);
size_t vrrp_view_bfd(const struct vrrp *v, const struct vrrp_view_key *key, struct vrrp_view_bfd *out, size_t max);
/* Interfaces with virtual routers, by name. */
bool vrrp_view_iface_next(const struct vrrp *v, const char *after, struct vrrp_view_iface *out);
void vrrp_view_instance(const struct vrrp *v, struct vrrp_view_instance *out);
void vrrp_clear_counters(struct vrrp *v);

const char *vrrp_state_name(unsigned state);   /* "Initialize", "Backup", "Master" */
const char *vrrp_reason_name(unsigned reason); /* "master-down", "track", ... */
const char *vrrp_hold_name(unsigned hold);     /* "" for none, "routing", ... */
const char *vrrp_block_name(unsigned block);   /* "" for none, "interface-down", ... */
const char *vrrp_lan_state_name(unsigned lan); /* "off", "unknown", "alive", "dead" */

#endif
