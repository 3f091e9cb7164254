/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router id: configured, else the highest address of a loopback, else the highest of any
 * interface; sticky: once chosen it stays while its address exists and nothing is configured.
 */
#ifndef GREVY_ZEBRA_ROUTERID_H
#define GREVY_ZEBRA_ROUTERID_H

#include <stdbool.h>
#include <stdint.h>

struct zebra;

struct routerid {
	uint32_t configured, current; /* host order; 0: none */
	bool from_loopback;
};

void routerid_configure(struct zebra *z, uint32_t id);
void routerid_changed(struct zebra *z); /* addresses came or went */

#endif
