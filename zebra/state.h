/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operational state as rows; docs/dev/state-zebra.md names them. `core` is the struct zebra. */
#ifndef GREVY_ZEBRA_STATE_H
#define GREVY_ZEBRA_STATE_H

#include "lib/northbound.h"

state_fn state_routes, state_route_summary, state_interfaces, state_nexthop_groups, state_nht, state_clients,
	state_router_id, state_core, state_tracks, state_virtual_links, state_virtual_addresses, state_lans, state_ready;

#endif
