/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GREVY_OSPFD_LAN_H
#define GREVY_OSPFD_LAN_H

#include "ospfd/iface.h"

enum ospf_lan_announced { LAN_AS_CONFIGURED, LAN_COSTS_MORE, LAN_WITHDRAWN };

enum ospf_lan_announced lan_announced(const struct ospf_lan *lan);
/* A metric to the network with what its role adds; at most the given. */
uint32_t lan_cost(const struct ospf_lan *lan, uint32_t cost, uint32_t max);
const char *lan_role_name(uint8_t role);
const char *lan_announced_name(enum ospf_lan_announced a);

#endif
