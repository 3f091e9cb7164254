/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ageing (RFC 2328 14): MaxAge, flushing, and the moment when a dead LSA may leave the database. */
#ifndef GREVY_OSPFD_AGE_H
#define GREVY_OSPFD_AGE_H

#include "ospfd/lsdb.h"

/* The LSA has been installed: watch its age. */
void age_start(struct lsa *l, int64_t now);
/* Premature ageing (14.1): set to MaxAge and flood. */
void age_flush(struct lsa *l, int64_t now);
/* A MaxAge LSA nobody owes an acknowledgment for: remove it at the end of the turn. */
void age_reapable(struct lsa *l);
/* Part of ospf_turn_end. */
void age_turn_end(struct ospf *o, int64_t now);

#endif
