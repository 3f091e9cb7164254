/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guards against what a broken or hostile neighbour can make us store. */
#ifndef GREVY_OSPFD_LIMITS_H
#define GREVY_OSPFD_LIMITS_H

#include "ospfd/lsdb.h"

#define LIMIT_NBRS_PER_IFACE 1024
#define LIMIT_ACKS           4096  /* delayed acknowledgments of an interface */

void limits_lsa_counted(struct ospf *o, const struct lsa *l, int sign); /* came, went */
bool limits_lsa_allowed(struct ospf *o, const struct lsa_hdr *h, bool replaces);

#endif
