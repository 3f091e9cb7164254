/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the writer's operations. Pure. */
#include "zebra/dplane_kinds.h"

#include <errno.h>

#include "zebra/nl_addr.h"
#include "zebra/nl_link.h"
#include "zebra/nl_nexthop.h"
#include "zebra/nl_route.h"

const struct dplane_kind_row dplane_kind_rows[DPLANE_KINDS] = {
	[DPLANE_NOP] = {"nop", NULL, 0, false},
	[DPLANE_NEXTHOP] = {"nexthop", nl_nexthop_encode, 0, true},
	[DPLANE_GROUP] = {"group", nl_nexthop_encode, 0, true},
	[DPLANE_NEXTHOP_DEL] = {"nexthop-del", nl_nexthop_encode, ENOENT, false},
	[DPLANE_ROUTE] = {"route", nl_route_encode, 0, false},
	[DPLANE_ROUTE_DEL] = {"route-del", nl_route_encode, ESRCH, false},
	[DPLANE_ADDR] = {"addr", nl_addr_encode, 0, true},
	[DPLANE_ADDR_DEL] = {"addr-del", nl_addr_encode, EADDRNOTAVAIL, true},
	[DPLANE_LINK_UP] = {"link-up", nl_link_encode, 0, true},
	[DPLANE_LINK_DOWN] = {"link-down", nl_link_encode, 0, true},
	[DPLANE_LINK_MTU] = {"link-mtu", nl_link_encode, 0, true},
	[DPLANE_VLINK] = {"vlink", nl_link_encode, 0, true},
	[DPLANE_LINK_MAC] = {"link-mac", nl_link_encode, 0, true},
	[DPLANE_LINK_SILENT] = {"link-silent", nl_link_encode, EAFNOSUPPORT, true},
	[DPLANE_LINK_QUIET] = {"link-quiet", nl_qdisc_encode, 0, true},
	[DPLANE_LINK_LOUD] = {"link-loud", nl_qdisc_encode, ENOENT, true},
	[DPLANE_LINK_DEL] = {"link-del", nl_link_encode, ENODEV, true},
	[DPLANE_LINK_DOOM] = {"link-doom", nl_link_encode, ENODEV, true},
	[DPLANE_LINKS_DEL] = {"links-del", nl_link_encode, ENODEV, true},
};
