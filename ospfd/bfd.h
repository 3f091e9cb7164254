/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GREVY_OSPFD_BFD_H
#define GREVY_OSPFD_BFD_H

#include "ospfd/nbr.h"

/* The neighbour has reached 2-Way or fallen below it. */
void bfd_nbr_changed(struct nbr *n, bool two_way);
/* Its packets come from another address now (point-to-point links). */
void bfd_nbr_moved(struct nbr *n, const struct ipaddr *addr);
/* `ip ospf bfd` has changed, or its profile. */
void bfd_iface_changed(struct iface *i);
const char *bfd_liveness_name(uint8_t liveness); /* FRR's words: "Up" */

#endif
