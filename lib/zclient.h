/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a protocol daemon needs to talk to zebra. Connects, reconnects, says hello, tells the
 * daemon to replay its routes after each (re)connection, then ends the replay; batches routes of one kind.
 */
#ifndef GREVY_LIB_ZCLIENT_H
#define GREVY_LIB_ZCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct loop;
struct zclient;

struct zclient_interface {
	uint32_t ifindex;
	char name[16];
	bool admin_up, carrier, loopback, broadcast, multicast, point_to_point;
	uint32_t mtu;
	uint64_t bandwidth_kbit;
	uint8_t hwaddr[6];
};
struct zclient_address {
	uint32_t ifindex;
	struct prefix address; /* host bits kept */
	struct ipaddr peer;
	bool secondary;
};
struct zclient_leg {
	struct ipaddr gateway;
	uint32_t ifindex;
	uint32_t weight;
	uint8_t backup_rank;
	uint8_t special;
	bool onlink;
	uint64_t bfd_sequence;
};
struct zclient_redistributed {
	const char *protocol;
	struct prefix prefix;
	uint32_t metric, tag, ifindex;
	struct ipaddr gateway;
};
struct zclient_nht {
	struct ipaddr address;
	bool reachable, connected;
	uint32_t metric;
};

struct zclient_lan { /* rib.proto, Lan */
	uint32_t ifindex;
	uint8_t role; /* enum zclient_role */
	bool dead, withdraw;
	uint32_t added_cost;
};
enum zclient_role { ZCLIENT_ROLE_NONE, ZCLIENT_ROLE_MASTER, ZCLIENT_ROLE_BACKUP, ZCLIENT_ROLE_INITIALIZE };
struct zclient_track { /* rib.proto, Track */
	uint32_t id;
	bool up, gone;
	const char *cause;
	int64_t at;
};

struct zclient_ops { /* any may be NULL */
	/* (Re)connected: interfaces and addresses follow, then synced. Forget older ones at synced. */
	void (*connected)(void *arg, int64_t now);
	void (*interface)(void *arg, const struct zclient_interface *i, bool gone, int64_t now);
	void (*address)(void *arg, const struct zclient_address *a, bool gone, int64_t now);
	void (*synced)(void *arg, int64_t now);
	void (*router_id)(void *arg, uint32_t router_id, int64_t now);
	void (*redistributed)(void *arg, const struct zclient_redistributed *r, bool withdraw, int64_t now);
	void (*redistribute_synced)(void *arg, const char *protocol, int64_t now);
	void (*nht)(void *arg, const struct zclient_nht *n, int64_t now);
	void (*route_failed)(void *arg, const struct prefix *p, int errno_value, int64_t now);
	/* After synced: send every route again (zclient_route...); call zclient_replay_end when done. */
	void (*replay)(void *arg, int64_t now);
	void (*disconnected)(void *arg, int64_t now);
	void (*writable)(void *arg, int64_t now); /* after zclient_congested() */
	void (*vlink)(void *arg, uint32_t id, uint32_t ifindex, bool up, const char *error, int64_t now);
	void (*lan)(void *arg, const struct zclient_lan *lan, int64_t now);
	void (*ready)(void *arg, bool ready, const char *waiting_for, int64_t now); /* all of routing */
	void (*track)(void *arg, const struct zclient_track *t, int64_t now);
	void (*track_synced)(void *arg, int64_t now);
};

struct zclient *zclient_new(struct loop *l, const char *rib_socket, const char *protocol,
	uint32_t grace_seconds, const struct zclient_ops *ops, void *arg);
void zclient_free(struct zclient *z);
bool zclient_up(const struct zclient *z);
bool zclient_congested(const struct zclient *z);
/* As of the last connection: the kernel forwards by routes that a former life of this daemon has left. */
bool zclient_forwarding(const struct zclient *z);

/* The id of an equal set of legs (interned, counted); zclient_group_put gives it back. */
uint32_t zclient_group_get(struct zclient *z, const struct zclient_leg *legs, size_t count);
void zclient_group_put(struct zclient *z, uint32_t id);

struct zclient_route {
	uint8_t afi;
	uint8_t distance; /* 0: default */
	uint8_t kind;
	uint32_t table, metric, tag, group;
};
/* Batches as long as `r` stays equal; sent at the end of the turn or when a frame is full. */
void zclient_route_add(struct zclient *z, const struct zclient_route *r, const struct prefix *p);
void zclient_route_del(struct zclient *z, uint32_t table, const struct prefix *p);
void zclient_replay_end(struct zclient *z);
void zclient_flush(struct zclient *z);

/* Standing wishes: repeated by themselves after a reconnection. */
void zclient_redistribute(struct zclient *z, const char *protocol, uint8_t afi, bool on);
void zclient_default_origin(struct zclient *z, uint8_t afi, bool on);
void zclient_nht_register(struct zclient *z, const struct ipaddr *a, bool on);

/*
 * Virtual links and addresses (zclient_ha.c), standing wishes too; ids are the caller's, calling again changes them.
 * zebra keeps them for `linger` microseconds when this process vanishes.
 */
struct zclient_vlink {
	uint32_t id, parent_ifindex;
	uint8_t mac[6];
	char name[16];
	int64_t linger;
};
struct zclient_vaddress {
	uint32_t id, ifindex, vlink; /* vlink 0: on the interface itself */
	struct prefix address;       /* with the length it has on the device */
	bool accept;
	int64_t linger;
};
void zclient_vlink(struct zclient *z, const struct zclient_vlink *v);
void zclient_vlink_remove(struct zclient *z, uint32_t id);
void zclient_vaddress(struct zclient *z, const struct zclient_vaddress *v);
void zclient_vaddress_remove(struct zclient *z, uint32_t id);
/* This router's role on a LAN; role NONE, not dead: forgotten. */
void zclient_lan(struct zclient *z, const struct zclient_lan *lan);
/* Is this daemon's part of routing complete? Until it says so the first time, it is not. */
void zclient_ready(struct zclient *z, bool ready, const char *waiting_for);
void zclient_track_want(struct zclient *z);
/* A health check's result; the last one of each id is repeated after a reconnection. */
void zclient_track_report(struct zclient *z, uint32_t id, bool up, const char *cause, int64_t at);
void zclient_track_forget(struct zclient *z, uint32_t id); /* the check is not configured any more: nothing is repeated */

#endif
