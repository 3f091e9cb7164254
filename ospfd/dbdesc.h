/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Database Description: the exchange of LSA headers (RFC 2328 10.6, 10.8). */
#ifndef GREVY_OSPFD_DBDESC_H
#define GREVY_OSPFD_DBDESC_H

#include "ospfd/packet.h"

enum summary_db { SUMMARY_LINK, SUMMARY_AREA, SUMMARY_AS, SUMMARY_END };

void dbdesc_received(struct nbr *n, const struct pkt_hdr *h, int64_t now);
void dbdesc_start(struct nbr *n, int64_t now);    /* ExStart: claim to be master, again and again */
void dbdesc_exchange(struct nbr *n, int64_t now); /* Exchange: put the cursor to the start */
void dbdesc_stop(struct nbr *n);

#endif
