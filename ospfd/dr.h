/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Election of the Designated Router and its Backup (RFC 2328 9.4). */
#ifndef GREVY_OSPFD_DR_H
#define GREVY_OSPFD_DR_H

#include "ospfd/nbr.h"

/* Sets dr, bdr and their IDs on the interface; returns the state that follows for us. */
enum ism_state dr_elect(struct iface *i);

#endif
