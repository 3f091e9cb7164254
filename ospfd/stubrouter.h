/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 6987: a router that advertises its links as a last resort only. */
#ifndef GREVY_OSPFD_STUBROUTER_H
#define GREVY_OSPFD_STUBROUTER_H

#include "ospfd/instance.h"

/* Config or time may have changed whether we are one. */
void stubrouter_update(struct ospf *o, int64_t now);
/* The instance starts, or its last adjacency is lost: its routes have to be learnt first. */
void stubrouter_start(struct ospf *o, int64_t now);
void stubrouter_first_full(struct ospf *o, int64_t now);
/* Are we one because our routes are not in the kernel yet? */
bool stubrouter_starting(const struct ospf *o);

#endif
