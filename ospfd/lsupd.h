/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link State Update packets (RFC 2328 A.3.5): received, and sent packed full. */
#ifndef GREVY_OSPFD_LSUPD_H
#define GREVY_OSPFD_LSUPD_H

#include "ospfd/packet.h"

struct lsupd_builder {
	struct packet p;
	struct iface *iface;
	struct nbr *to; /* NULL: multicast */
	uint32_t count; /* in the present packet */
	unsigned packets;
};

void lsupd_begin(struct lsupd_builder *b, struct iface *i, struct nbr *to);
void lsupd_add(
	struct lsupd_builder *b, const struct lsa *l, int64_t now); /* may send a full packet */
void lsupd_end(struct lsupd_builder *b, int64_t now);

void lsupd_received(struct nbr *n, const struct pkt_hdr *h, int64_t now);
void lsupd_mark(struct iface *i);                    /* there are unsent LSAs */
void lsupd_turn_end(struct ospf *o, int64_t now);    /* drains the marks */

#endif
