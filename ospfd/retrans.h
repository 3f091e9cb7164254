/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Retransmission lists (RFC 2328 13.6), which are also the transmit marks: an entry that waits in
 * nbr->unsent leaves with the next flooding of its interface.
 */
#ifndef GREVY_OSPFD_RETRANS_H
#define GREVY_OSPFD_RETRANS_H

#include "ospfd/nbr.h"

/* send: flood it at the end of the turn; else somebody else has (13.3 (3), (4)): only wait. */
void retrans_add(struct nbr *n, struct lsa *l, bool send, int64_t now);
struct retrans *retrans_find(const struct nbr *n, const struct lsa *l);
void retrans_acked(struct retrans *r, int64_t now); /* frees it */
/* It has just been put into a packet. */
void retrans_sent(struct retrans *r, int64_t now);
void retrans_forget_lsa(struct lsa *l);
void retrans_forget_nbr(struct nbr *n);

#endif
