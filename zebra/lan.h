/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This router's role on its LANs: vrrpd says it (RIB_LAN), all clients are told, ospfd makes of it
 * what the prefix costs. One entry per interface; who spoke last is right.
 */
#ifndef GREVY_ZEBRA_LAN_H
#define GREVY_ZEBRA_LAN_H

#include "zebra/lease.h"
#include "zebra/zebra.h"

struct lan {
	struct lease lease;
	struct zebra *z;
	struct zebra_lan said;
};

struct lans {
	struct lan **items; /* by ifindex */
	unsigned count;
};

struct lans *lans_new(void);
void lans_free(struct zebra *z);
bool lan_is_dead(const struct zebra *z, uint32_t ifindex);
void lan_tell_client(struct zebra *z, uint32_t client);
void lan_client_closed(struct zebra *z, const struct source *s);
void lan_replay_ended(struct zebra *z, const struct source *s);

#endif
