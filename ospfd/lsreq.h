/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link State Requests (RFC 2328 10.7, 10.9) and the request list behind them. */
#ifndef GREVY_OSPFD_LSREQ_H
#define GREVY_OSPFD_LSREQ_H

#include "ospfd/packet.h"

void lsreq_received(struct nbr *n, const struct pkt_hdr *h, int64_t now);
/* The request list. */
void lsreq_want(struct nbr *n, const struct lsa_hdr *h);
struct request *lsreq_find(const struct nbr *n, const struct lsa_key *key);
void lsreq_satisfied(struct nbr *n, struct request *r); /* frees it */
void lsreq_clear(struct nbr *n);
/* Ask for the next, or be Full, at the end of the turn. */
void lsreq_continue_mark(struct nbr *n);
void lsreq_turn_end(struct ospf *o, int64_t now);

#endif
