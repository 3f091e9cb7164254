/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets in general: the door they come in by (RFC 2328 8.2) and the common way out (8.1). */
#ifndef GREVY_OSPFD_PACKET_H
#define GREVY_OSPFD_PACKET_H

#include "ospfd/nbr.h"

#define PACKET_MAX 65515 /* what an IPv4 header leaves */

struct packet { /* one that is being built in o->txbuf; only one at a time */
	struct iface *iface;
	uint8_t type;
	size_t limit; /* octets that fit the MTU, without what authentication appends */
	struct wire_writer w;
};

void packet_begin(struct packet *p, struct iface *i, enum packet_type type);
bool packet_fits(const struct packet *p, size_t octets); /* into one MTU */
void packet_send(struct packet *p, const struct ipaddr *dst, int64_t now);
/* Where packets to one neighbour go, and those to all. */
const struct ipaddr *packet_dst_nbr(const struct nbr *n);
const struct ipaddr *packet_dst_flood(const struct iface *i);

#endif
