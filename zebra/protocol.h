/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may bring routes: one row per protocol, in order of preference when all else is equal. */
#ifndef GREVY_ZEBRA_PROTOCOL_H
#define GREVY_ZEBRA_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

enum protocol_id {
	PROTO_CONNECTED,
	PROTO_LOCAL,
	PROTO_KERNEL,
	PROTO_STATIC,
	PROTO_DETOUR, /* detour.h */
	PROTO_OWN, /* how many are zebra's own; what follows are clients */
	PROTO_OSPF = PROTO_OWN,
	PROTO_OSPF6,
	PROTO_BGP,
	PROTO_VRRP,
	PROTO_BFD,
	PROTO_BENCH,
	PROTO_MAX
};

struct protocol {
	const char *name;
	uint8_t rtproto;    /* in the kernel; 0: writes nothing */
	uint8_t distance;
	bool kernel_owned;  /* the kernel has these routes by itself */
};

#define DISTANCE_NEVER 255 /* never selected */

const struct protocol *protocol_row(enum protocol_id id);
/* PROTO_MAX: unknown. */
enum protocol_id protocol_by_name(const char *name);
/* True if routes and next hops with this kernel protocol are ours. */
bool protocol_is_ours(uint8_t rtproto);

#endif
