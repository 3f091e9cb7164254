/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of protocols: names as FRR's users know them, kernel numbers as in nl_route.h. */
#include "zebra/protocol.h"

#include <string.h>

#define RTPROTO_NEXTHOPS 11 /* single next hops, shared by all */

static const struct protocol rows[PROTO_MAX] = {
	[PROTO_CONNECTED] = {"connected", 0, 0, true},
	[PROTO_LOCAL] = {"local", 0, 0, true},
	[PROTO_KERNEL] = {"kernel", 0, 0, true},
	[PROTO_STATIC] = {"static", 196, 1, false},
	[PROTO_DETOUR] = {"detour", 199, 254, false},
	[PROTO_OSPF] = {"ospf", 188, 110, false},
	[PROTO_OSPF6] = {"ospf6", 188, 110, false},
	[PROTO_BGP] = {"bgp", 186, 20, false},
	[PROTO_VRRP] = {"vrrp", 0, DISTANCE_NEVER, false},
	[PROTO_BFD] = {"bfd", 0, DISTANCE_NEVER, false},
	[PROTO_BENCH] = {"bench", 194, 150, false},
};

const struct protocol *
protocol_row(enum protocol_id id)
{
	return &rows[id];
}

enum protocol_id
protocol_by_name(const char *name)
{
	for (unsigned i = 0; name && i < PROTO_MAX; i++)
		if (!strcmp(rows[i].name, name))
			return (enum protocol_id)i;
	return PROTO_MAX;
}

bool
protocol_is_ours(uint8_t rtproto)
{
	if (rtproto == RTPROTO_NEXTHOPS)
		return true;
	for (unsigned i = 0; rtproto && i < PROTO_MAX; i++)
		if (rows[i].rtproto == rtproto)
			return true;
	return false;
}
