/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VRRP core on one page (RFC 9568, RFC 5798; version 2: RFC 3768).
 *
 *	main.c io.c zebra.c health.c notify.c checkpoint.c config.c state.c     (shell)
 *	    | entry points, all told `now`            ^ struct vrrp_ops
 *	    v                                         |
 *	instance (vrrp.c): interfaces (iface.c), virtual routers by (interface, VRID, family)
 *	    router.c   one virtual router: can it run, when is its master overdue, its settings (settings.c)
 *	    fsm.c      Initialize, Backup, Master (6.4) as a table      sync.c    groups that move together
 *	    receive.c  adverts heard (7.1, 6.4.2, 6.4.3)                active.c  adverts sent, addresses, handing over
 *	    track.c    what is tracked -> priority or forced Backup     lan.c     is anybody there? (below)
 *	    hold.c     why a router that could preempt does not yet: delays, routing not ready
 *	    packet.c   octets <-> struct vrrp_advert, both versions, both checksums
 *	    announce.c when hosts are told, garp.c ARP and NA frames    view.c    read.h
 *
 * The core runs under the lock of lib/timely.h and is pure; timers live in the `struct timers`
 * that it is given.
 *
 * What it adds to the RFCs:
 * - A router preempts only when zebra says that routing is ready (with a maximum wait); nobody waits
 *   when there is no master at all.
 * - Make before break: a master that hands over (tracking, shutdown) sends priority 0, yet keeps
 *   addresses and forwarding until it hears the new master, or the longest skew time has passed.
 * - A Backup takes over at once when BFD to the master's address fails.
 * - LAN liveness: a master whose LAN port is dead though it has a carrier hears nothing. It knows the
 *   hosts and routers that it has heard (ARP, ND, adverts, BFD); when nothing has come for an interval it
 *   asks some of them, and when for 3 intervals + skew nobody has answered, the LAN is dead: the prefix is withdrawn.
 * - Version 3 over IPv4 has two checksums, and most implementations drop the other one than theirs: two
 *   masters. Ours are RFC 9568's, until an old router is heard; then it is sent what it understands.
 * - A bad advert changes nothing but a counter. An interval that is learnt is capped.
 */
#ifndef GREVY_VRRPD_VRRPD_H
#define GREVY_VRRPD_VRRPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct conf_object;
struct timers;
struct vrrp;

enum vrrp_state { VRRP_INITIALIZE, VRRP_BACKUP, VRRP_MASTER };
enum vrrp_role { VRRP_ROLE_NONE, VRRP_ROLE_MASTER, VRRP_ROLE_BACKUP, VRRP_ROLE_INITIALIZE }; /* rib.proto, Lan */

#define VRRP_PROTO 112
#define VRRP_VIPS_MAX 255

struct vrrp_key {
	uint32_t ifindex;
	uint8_t vrid;
	uint8_t afi;
};

struct vrrp_tx { /* an advertisement; bytes borrowed */
	struct vrrp_key key;
	struct ipaddr src, dst;  /* dst: the group, or a unicast peer */
	bool virtual_mac;        /* frame from `mac`; only to the group */
	uint8_t mac[6];
	const uint8_t *bytes;
	size_t len;
};
struct vrrp_rx {
	uint32_t ifindex;
	struct ipaddr src, dst;
	uint8_t ttl;
	int64_t arrived;         /* by the kernel's timestamp; <= now */
	const uint8_t *bytes;    /* from the VRRP header on */
	size_t len;
};

struct vrrp_vlink_want {     /* zclient_vlink() */
	struct vrrp_key key;
	bool want;
	uint8_t mac[6];
	int64_t linger;
};
struct vrrp_address_want {   /* zclient_vaddress() */
	struct vrrp_key key;
	struct ipaddr address;
	bool want, virtual_mac, accept;
	uint8_t prefix_len;
	int64_t linger;
};
struct vrrp_lan {            /* zclient_lan() */
	uint32_t ifindex;
	uint8_t role;            /* enum vrrp_role */
	bool dead, withdraw;
	uint32_t added_cost;
};
struct vrrp_bfd_want {
	uint32_t ifindex;
	struct ipaddr peer, local;
	char profile[64];
	bool want;
};

/* Why a virtual router is in its state; names for show, events and notify in fsm.c. */
enum vrrp_reason { VRRP_WHY_NONE, VRRP_WHY_STARTUP, VRRP_WHY_MASTER_DOWN, VRRP_WHY_PREEMPTED /* it did */,
	VRRP_WHY_PRIORITY_ZERO, VRRP_WHY_HIGHER_PRIORITY /* it heard */, VRRP_WHY_OWNER, VRRP_WHY_BFD, VRRP_WHY_TRACK,
	VRRP_WHY_INTERFACE, VRRP_WHY_SHUTDOWN, VRRP_WHY_CONFIG, VRRP_WHY_SYNC, VRRP_WHY_RESTORED, VRRP_WHY_COUNT };

struct vrrp_change {         /* a plain value */
	struct vrrp_key key;
	char ifname[16];
	uint8_t old_state, new_state, reason, priority; /* priority: effective */
	struct ipaddr master;    /* who is it now; AFI_NONE: nobody known */
	int64_t at;
	char notify[256];        /* the command that is configured, "" if none */
};

struct vrrp_record {         /* what a restarted vrrpd needs to stay what it was */
	struct vrrp_key key;
	char ifname[16];
	uint8_t state, priority, master_priority, heard_checksums;
	struct ipaddr master;
	int64_t master_adver_interval;
	int64_t last_advert;     /* sent (Master) or heard (Backup) */
	uint64_t sequence;
};

#define VRRP_LAN_HOSTS 16
struct vrrp_host {           /* somebody who was heard on a LAN */
	struct ipaddr address;
	uint8_t mac[6];
	bool has_mac, router;
};
struct vrrp_lan_record {     /* what a restarted vrrpd needs to notice that a LAN is dead, or to know that it is still */
	char ifname[16];
	bool dead;
	uint8_t count;           /* 0: nobody is known, forget it */
	struct vrrp_host hosts[VRRP_LAN_HOSTS]; /* the last heard first */
};

enum vrrp_log_kind { VRRP_LOG_DROPPED, VRRP_LOG_MISMATCH, VRRP_LOG_HOLD, VRRP_LOG_LAN, VRRP_LOG_TRACK, VRRP_LOG_SPLIT };
struct vrrp_log {            /* a plain value */
	uint8_t kind;
	uint8_t reason;          /* enum vrrp_drop (stats.h), when dropped */
	struct vrrp_key key;     /* vrid 0: of the interface */
	char ifname[16];
	struct ipaddr src;
	uint32_t want, got;
	bool on;                 /* HOLD: begins; LAN: dead */
	char text[96];
	uint8_t len, bytes[64];
	int64_t at;
};

struct vrrp_ops { /* called under the lock; none blocks or calls back */
	void (*send)(void *arg, const struct vrrp_tx *tx);                               /* at once */
	void (*send_frame)(void *arg, uint32_t ifindex, const uint8_t *bytes, size_t len); /* ARP, NA, NS; at once */
	void (*membership)(void *arg, uint32_t ifindex, uint8_t afi, bool join);         /* sockets are wanted on it */
	void (*vlink)(void *arg, const struct vrrp_vlink_want *w);
	void (*address)(void *arg, const struct vrrp_address_want *w);
	void (*lan)(void *arg, const struct vrrp_lan *l);
	void (*bfd)(void *arg, const struct vrrp_bfd_want *w);
	void (*changed)(void *arg, const struct vrrp_change *c);
	void (*checkpoint)(void *arg, const struct vrrp_key *key, const struct vrrp_record *r); /* NULL: forget */
	void (*lan_checkpoint)(void *arg, const struct vrrp_lan_record *r);
	void (*log)(void *arg, const struct vrrp_log *l);
};

struct vrrp *vrrp_new(const struct vrrp_ops *ops, void *arg, struct timers *timers, uint64_t seed, int64_t now);
void vrrp_free(struct vrrp *v); /* only forgets */
/* Every master sends priority 0 and hands over; done: nothing is master any more, at the latest after `skew` of the longest interval. */
void vrrp_shutdown(struct vrrp *v, int64_t now);
bool vrrp_is_idle(const struct vrrp *v);

/* --- what happened --- */
void vrrp_restore(struct vrrp *v, const struct vrrp_record *records, size_t count, int64_t now); /* first of all */
void vrrp_restore_lans(struct vrrp *v, const struct vrrp_lan_record *records, size_t count); /* with it */
/* The router (not this daemon) was started then; without it: at vrrp_new. What start-delay counts from. */
void vrrp_router_started(struct vrrp *v, int64_t at, int64_t now);
/* zebra has told all interfaces, addresses and track objects there are: what is not known by now does not exist. */
void vrrp_synced(struct vrrp *v, int64_t now);
void vrrp_reconfigure(struct vrrp *v, const struct conf_object *old, const struct conf_object *new, int64_t now);
struct vrrp_link {
	uint32_t ifindex;
	char name[16];
	bool up, gone;           /* administratively up and carrier */
	uint8_t mac[6];
};
void vrrp_link_changed(struct vrrp *v, const struct vrrp_link *l, int64_t now);
void vrrp_address_changed(struct vrrp *v, uint32_t ifindex, const struct prefix *address, bool gone, int64_t now);
void vrrp_vlink_changed(struct vrrp *v, const struct vrrp_key *key, uint32_t ifindex, bool up, int64_t now);
void vrrp_packet_received(struct vrrp *v, const struct vrrp_rx *rx, int64_t now);
/* Somebody on the LAN is alive: the sender of an ARP or ND message (answer: to a question of ours). */
void vrrp_host_heard(struct vrrp *v, uint32_t ifindex, const struct ipaddr *host, const uint8_t mac[6], bool answer,
	int64_t arrived, int64_t now);
void vrrp_bfd_changed(struct vrrp *v, uint32_t ifindex, const struct ipaddr *peer, unsigned liveness, int64_t at, int64_t now);
void vrrp_track_changed(struct vrrp *v, uint32_t track, bool up, bool gone, int64_t now);
void vrrp_ready_changed(struct vrrp *v, bool ready, int64_t now);

#endif
