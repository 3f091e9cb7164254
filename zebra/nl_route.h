/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes as rtnetlink carries them (RTM_NEWROUTE, RTM_DELROUTE), and the table of protocol numbers.
 */
#ifndef GREVY_ZEBRA_NL_ROUTE_H
#define GREVY_ZEBRA_NL_ROUTE_H

#include "zebra/kernel.h"
#include "zebra/nl.h"

struct dplane_op;

/* One row per protocol: its name (FRR's words) and its number in the kernel (rt_protos). */
struct rtproto {
	const char *name;
	uint8_t number;
	bool ours; /* written by zebra for a client or a static route: swept after a restart */
};
#define RTPROTO_ZEBRA  11  /* next-hop objects */
#define RTPROTO_BGP    186
#define RTPROTO_OSPF   188
#define RTPROTO_STATIC 196
const struct rtproto *rtproto_by_name(const char *name);   /* NULL: unknown */
const struct rtproto *rtproto_by_number(uint8_t number);   /* NULL: unknown */

/* A route message's payload (after nlmsghdr). Skipped: cloned, source-specific, other families. */
enum nl_fate nl_route_decode(const uint8_t *payload, size_t len, struct kernel_route *out);
/* DPLANE_ROUTE and DPLANE_ROUTE_DEL; appends one message, false when it does not fit. */
bool nl_route_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags);
bool nl_route_dump(struct nl_writer *w, uint8_t family, uint32_t seq);

#endif
