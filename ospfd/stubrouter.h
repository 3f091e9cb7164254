/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stub router advertisement (RFC 6987): max-metric administratively or for a while after start. */
#ifndef GREVY_OSPFD_STUBROUTER_H
#define GREVY_OSPFD_STUBROUTER_H

#include "ospfd/instance.h"

/* Config or run state has changed. */
void stubrouter_update(struct ospf *o, int64_t now);

#endif
