/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LANs of hosts behind gateways, and the ways of packets: see hosts.c. */
#ifndef GREVY_TESTS_SIM_HOSTS_H
#define GREVY_TESTS_SIM_HOSTS_H

#include "tests/sim/sim.h"

#define HOSTS_DECREMENT 50 /* of a gateway's priority, while what it tracks is down */
#define HOSTS_MAX       2

struct hostlan {
	uint8_t vrid;
	unsigned interval_ms;
	uint32_t backup_cost;    /* what the prefix costs more while a router is Backup; 0: nothing */
	struct ipaddr gateway;   /* the virtual address */
	struct port *learnt;     /* the switch: where the virtual MAC was seen last; NULL: it floods */
	int64_t both_since;      /* two that hear each other hold the address; 0: not now */
	size_t host_count;
	struct ipaddr hosts[HOSTS_MAX];
};

void hosts_topology(struct sim *s); /* adds one or two, with their gateways */
void hosts_start(struct sim *s);    /* hosts begin to speak */
unsigned hosts_priority(const struct port *p);
void hosts_port_mac(const struct port *p, uint8_t mac[6]);
bool hosts_on_air(const struct port *p); /* what it sends reaches the switch */

/* The switch: a frame from that MAC, or a whole one (ARP). */
void hosts_frame_from(struct port *p, const uint8_t mac[6]);
void hosts_frame(struct port *p, const uint8_t *bytes, size_t len);
void hosts_port_off(struct port *p); /* it lost its carrier: the switch forgets it */

/* Who holds the virtual address in its kernel; NULL: nobody that the hosts reach. *count: how many such. */
struct port *hosts_master(const struct segment *g, size_t *count);
void hosts_watch(struct sim *s); /* two holders that hear each other: for how long? */

/* --- packets --- */
enum fate { FATE_DELIVERED, FATE_LOST, FATE_LOOP };
/* From a router, and from the hosts of a LAN by their gateway, to an address. */
enum fate hosts_from_router(struct sim *s, const struct node *n, const struct ipaddr *to);
enum fate hosts_from_host(struct sim *s, const struct segment *g, const struct ipaddr *to);
/*
 * All traffic of hosts: from each LAN to each prefix that its master can reach by the oracle, and from each
 * router to the hosts. out, in: which directions. loops: a moment of loops is allowed.
 */
#define TARGETS_MAX 160
struct targets { /* of one LAN's hosts */
	size_t count;
	struct ipaddr to[TARGETS_MAX];
};
struct walk {
	const struct segment *only; /* NULL: all LANs */
	const struct targets *targets; /* by segment; NULL: what the oracle says now */
	const bool *came_in; /* by segment and router: who reached the hosts before; NULL: does not matter */
	bool out, in, loops;
};
void hosts_targets(const struct oracle *o, const struct node *from, struct targets *out);
bool hosts_deliver(struct sim *s, const struct oracle *o, const struct walk *w);
/* From each router to each prefix i of the oracle with reach[i * routers + router]: hosts may be anywhere. */
bool routers_deliver(struct sim *s, const struct oracle *o, const bool *reach, bool loops);
bool check_gateways(struct sim *s); /* settled: one master each, and everything is delivered */

#endif
