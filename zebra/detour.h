/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way around a dead LAN (lan.h). Its connected route becomes the worst candidate, so that a route of
 * the same prefix by another router is selected. IPv6 needs no more: our metric is better than that of the
 * kernel's own connected route. IPv4's has metric 0 and beats every route of the same prefix; so the two
 * halves of the prefix are routed the selected way, as routes of a source of our own:
 *
 *	10.0.0.0/24  connected, kernel       stays as it is: who binds to the interface still goes out there
 *	10.0.0.0/25, 10.0.0.128/25           as the selected route of 10.0.0.0/24, e.g. OSPF's
 *
 * They are routes like all others: repaired, adopted after kill -9, swept when nobody renews them. A real
 * route of a half wins by its distance. A prefix longer than /30 has no halves that would help.
 */
#ifndef GREVY_ZEBRA_DETOUR_H
#define GREVY_ZEBRA_DETOUR_H

#include <stdbool.h>
#include <stdint.h>

#define DETOUR_DISTANCE 254 /* of a connected route of a dead LAN, and of detours */

struct zebra;

struct detours *detours_new(void);
void detours_free(struct zebra *z);
/* The LAN turned: its connected routes change places. */
void detour_lan_turned(struct zebra *z, uint32_t ifindex);
/* In settling: follows what is selected; true: nothing moved. */
bool detours_run(struct zebra *z);

#endif
