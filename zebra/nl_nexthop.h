/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Next-hop objects as rtnetlink carries them (RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP). */
#ifndef GREVY_ZEBRA_NL_NEXTHOP_H
#define GREVY_ZEBRA_NL_NEXTHOP_H

#include "zebra/kernel.h"
#include "zebra/nl.h"

struct dplane_op;

enum nl_fate nl_nexthop_decode(const uint8_t *payload, size_t len, struct kernel_nexthop *out);
/* DPLANE_NEXTHOP, DPLANE_GROUP, DPLANE_NEXTHOP_DEL. */
bool nl_nexthop_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags);
bool nl_nexthop_dump(struct nl_writer *w, uint8_t family, uint32_t seq);

#endif
