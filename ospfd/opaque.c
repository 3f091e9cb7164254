/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opaque LSAs: who may have them. */
#include "ospfd/opaque.h"

#include "ospfd/instance.h"

bool
opaque_allowed(const struct nbr *n, const struct lsa_desc *d)
{
	/* RFC 5250 3: only neighbours that set the O bit in their Database Description packets */
	return !d->opaque || ((n->options & OPT_O) && n->iface->area->o->conf->opaque);
}
