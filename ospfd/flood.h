/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flooding (RFC 2328 13): what to do with a received LSA, and where an LSA must go. */
#ifndef GREVY_OSPFD_FLOOD_H
#define GREVY_OSPFD_FLOOD_H

#include "ospfd/retrans.h"

/* The database that LSAs of this scope belong to, seen from an interface. */
struct lsdb *flood_db(struct iface *i, enum lsa_scope scope);
/* An LSA of an update from this neighbour, decoded and checked; true: go on with the next one. */
bool flood_received(struct nbr *from, const struct lsa_hdr *h, const struct lsa_desc *d,
	const uint8_t *raw, int64_t now);
/* 13.3: onto retransmission lists, interfaces marked. Returns whether it goes out where it came
 * from. */
bool flood_lsa(struct lsa *l, struct iface *in, struct nbr *from, int64_t now);
/* May this LSA be told to this neighbour at all (stub areas, opaque capability)? */
bool flood_allowed(const struct nbr *n, const struct lsa_desc *d);

#endif
