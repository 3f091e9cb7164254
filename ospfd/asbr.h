/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AS-external routes (RFC 2328 16.4). Owns one struct external per usable AS-external LSA, one struct
 * asbr per originator and one struct forward per forwarding address; the latter two know their
 * externals, so that when they move just those are calculated again, in the same run.
 */
#ifndef GREVY_OSPFD_ASBR_H
#define GREVY_OSPFD_ASBR_H

#include "ospfd/routes.h"

struct reach { /* how an originator or a forwarding address is reached */
	bool ok;
	bool preferred; /* intra-area through a non-backbone area: 16.4.1 */
	uint32_t cost, area;
	const struct ospf_leg *legs; /* one reference */
};

struct asbr {
	struct keynode node; /* first member; key.id: router ID */
	LIST_HEAD(, external) externals;
	struct reach reach;
};

struct forward {
	struct ipaddr addr;
	LIST_HEAD(, external) externals;
	struct reach reach;
};

struct external {
	struct keynode node; /* first member; the LSA's key */
	LIST_ENTRY(external) in_prefix, in_asbr, in_forward;
	struct pfx *pfx;
	struct asbr *asbr;
	struct forward *forward; /* NULL: none */
	uint32_t metric, tag;
	bool type2;
};

/* An AS-external LSA came, went or changed. */
void asbr_lsa_changed(struct routing *r, const struct lsa *old, const struct lsa *new);
/* Shortest paths were calculated: finds the boundary routers again. */
void asbr_routers_moved(struct routing *r);
/* Internal routes have changed: resolves the forwarding addresses again. */
void asbr_forwards_moved(struct routing *r);
/* The best external path to p (16.4 (6)); type PATH_NONE: none. */
void asbr_path(struct routing *r, const struct pfx *p, struct path *out);
/* RFC 2328 12.4.4.1: somebody with a higher router ID announces the same thing, reachably. */
bool asbr_equivalent(const struct routing *r, const struct orig_external *e);
void asbr_clear(struct routing *r); /* forgets all externals */

#endif
