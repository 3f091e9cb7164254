/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keeper: a leg that keeps a group of next hops, and so its routes, alive when the kernel takes
 * the last real leg out of it (dplane.h tells why).
 *
 * It is a next hop per family on a link of our own, with a gateway (RFC 7600's dummy address, a
 * link-local one) whose neighbour entry says "failed" and is exempt from ageing. The kernel passes
 * over legs whose gateway has failed as long as another is good. What the keeper's weight would
 * take falls to another leg, so the real weights are scaled up to make that next to nothing.
 */
#ifndef GREVY_ZEBRA_KEEPER_LEGS_H
#define GREVY_ZEBRA_KEEPER_LEGS_H

#include "zebra/dplane.h"

struct kernel_nexthop;

#define KEEPER_LINK "grevy-keep"
#define KEEPER_PEER "grevy-keep-p"
#define KEEPER_ID4  (DPLANE_ID_RESERVED + 4)
#define KEEPER_ID6  (DPLANE_ID_RESERVED + 6)

/* Which keepers there are, and where in a group they stand. */
struct keeper {
	bool ip4, ip6;
	bool first; /* kernels before 6.5 */
};

/* The group of `op` with its keeper in `out`, its legs in `legs`; false: it wants or has none. */
bool keeper_join(const struct keeper *k, const struct dplane_op *op, struct dplane_op *out,
	struct dplane_leg legs[DPLANE_LEGS_MAX + 1]);
bool keeper_owns_link(const char *name);
/* What was asked for: without the keeper, weights in lowest terms. */
void keeper_leave(struct kernel_nexthop *nh);

#endif
