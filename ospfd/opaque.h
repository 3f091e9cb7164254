/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opaque LSAs (RFC 5250): flooded and kept, not interpreted. */
#ifndef GREVY_OSPFD_OPAQUE_H
#define GREVY_OSPFD_OPAQUE_H

#include "ospfd/nbr.h"

bool opaque_allowed(const struct nbr *n, const struct lsa_desc *d);

#endif
