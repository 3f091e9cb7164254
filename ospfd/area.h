/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An area: its interfaces and its database. Made when the first interface joins, gone with the
 * last. */
#ifndef GREVY_OSPFD_AREA_H
#define GREVY_OSPFD_AREA_H

#include "ospfd/instance.h"

struct graph;

struct area {
	TAILQ_ENTRY(area) entry; /* in o->areas, by id */
	struct ospf *o;
	uint32_t id;
	uint8_t type; /* enum ospf_area_type */
	uint8_t auth; /* enum ospf_auth_type */
	TAILQ_HEAD(, iface) ifaces; /* by ifindex, then address */
	struct lsdb db;
	unsigned full_nbrs;
	bool want_router; /* originate the router LSA at the end of the turn */
	struct timer later; /* the same for what is not urgent */
	bool transit;     /* RFC 2328 6: TransitCapability */
	/* route calculation */
	struct graph *graph;
	uint32_t spf_runs;
};

struct area *area_get(struct ospf *o, uint32_t id); /* made if need be */
void area_free(struct area *a, int64_t now);        /* no interfaces left in it */
void area_drop_empty(struct ospf *o, int64_t now);
void area_configure(struct area *a); /* type and authentication from o->conf */
void area_router_lsa_wanted(struct area *a);
void area_router_lsa_later(struct area *a, int64_t now); /* good news: may wait for more of it */
unsigned area_active_ifaces(const struct area *a);

#endif
