/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link State Acknowledgments (RFC 2328 13.5, 13.7). */
#ifndef GREVY_OSPFD_LSACK_H
#define GREVY_OSPFD_LSACK_H

#include "ospfd/packet.h"

void lsack_received(struct nbr *n, const struct pkt_hdr *h, int64_t now);
void lsack_delayed(struct iface *i, const struct lsa_hdr *h, int64_t now); /* with others, soon */
void lsack_direct(struct nbr *n, const struct lsa_hdr *h); /* at the end of this packet */
void lsack_direct_flush(struct nbr *n, int64_t now);
void lsack_stop(struct iface *i);

#endif
