/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole Ethernet frames: the announcement of a virtual address (gratuitous ARP request, RFC 9568 8.1.2;
 * unsolicited neighbour advertisement, 8.2.2), and the question to a host whether it is there. Pure.
 */
#ifndef GREVY_VRRPD_GARP_H
#define GREVY_VRRPD_GARP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

#define VRRP_FRAME_MAX 96

/* Returns the length. Requests, not replies, for IPv4: every stack takes the sender's binding from them. */
size_t vrrp_frame_announce(const struct ipaddr *address, const uint8_t mac[6], uint8_t buf[VRRP_FRAME_MAX]);
/* to: the host's MAC as last heard, NULL: asked of all (broadcast, solicited-node group). */
size_t vrrp_frame_ask(const struct ipaddr *host, const uint8_t *to, const struct ipaddr *from, const uint8_t mac[6],
	uint8_t buf[VRRP_FRAME_MAX]);

#endif
