/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the keepers that keeper_legs.h explains. */
#ifndef GREVY_ZEBRA_KEEPER_H
#define GREVY_ZEBRA_KEEPER_H

#include "zebra/keeper_legs.h"
#include "zebra/nl_sock.h"

/* Makes or adopts the link, the neighbours and the next hops; what cannot be made is left out. */
struct keeper keeper_setup(struct nl_sock *s);
/* For a clean stop, when our groups are gone: takes the link away, and all with it. 0 or an errno. */
int keeper_remove(void);

#endif
