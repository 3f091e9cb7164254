/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GREVY_OSPFD_LAN_H
#define GREVY_OSPFD_LAN_H

#include "ospfd/iface.h"

enum lan_fate { LAN_AS_CONFIGURED, LAN_COSTS_MORE, LAN_WITHDRAWN };

enum lan_fate ospf_lan_fate(const struct ospf_lan *lan);
/* A metric to the network with what its role adds; at most the given. */
uint32_t ospf_lan_cost(const struct ospf_lan *lan, uint32_t cost, uint32_t max);
const char *ospf_lan_role_name(uint8_t role);
const char *ospf_lan_fate_name(enum lan_fate a);

#endif
