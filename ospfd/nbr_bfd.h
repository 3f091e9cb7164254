/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GREVY_OSPFD_NBR_BFD_H
#define GREVY_OSPFD_NBR_BFD_H

#include "ospfd/nbr.h"

/* The neighbour has reached 2-Way or fallen below it. */
void nbr_bfd_changed(struct nbr *n, bool two_way);
/* Its packets come from another address now (point-to-point links). */
void nbr_bfd_moved(struct nbr *n, const struct ipaddr *addr);
/* `ip ospf bfd` has changed, or its parameters. */
void iface_bfd_changed(struct iface *i);
const char *ospf_bfd_name(uint8_t liveness); /* FRR's words: "Up" */

#endif
