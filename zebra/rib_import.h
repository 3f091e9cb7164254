/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes that the kernel has by itself: connected and local ones by addresses, and other programs'. */
#ifndef GREVY_ZEBRA_RIB_IMPORT_H
#define GREVY_ZEBRA_RIB_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

struct iface;
struct kernel_route;
struct zebra;

/* Brings the connected and local routes of all its addresses in line with its state. */
void import_connected(struct zebra *z, struct iface *i);
/* Those that are there change places: the LAN died, or lives (detour.h). */
void import_connected_again(struct zebra *z, struct iface *i);
void import_route(struct zebra *z, const struct kernel_route *r, bool gone);
void import_resync(struct zebra *z, bool begin);
bool import_run(struct zebra *z, unsigned *budget); /* what a dump did not have; true: done */
/* The kernel flushed IPv4 routes over an interface that went down, and says nothing about it. */
void import_iface_down(struct zebra *z, uint32_t ifindex);

#endif
