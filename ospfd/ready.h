/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GREVY_OSPFD_READY_H
#define GREVY_OSPFD_READY_H

#include "ospfd/instance.h"

/* A neighbour, an interface or the routes have changed: judged at the end of the turn. */
void ready_check(struct ospf *o);
void ready_turn_end(struct ospf *o, int64_t now);
void ready_stop(struct ospf *o); /* the instance ends: the next one begins anew */

#endif
