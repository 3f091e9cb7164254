/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next-hop groups of one client of zebra: equal sets of legs are one group with one id. Private
 * to lib/zclient*.c.
 */
#ifndef GREVY_LIB_ZCLIENT_GROUP_H
#define GREVY_LIB_ZCLIENT_GROUP_H

#include "lib/zclient.h"

struct zgroups;
struct zgroup {
	uint32_t id; /* from 1 on; re-used after zgroups_bury */
	uint32_t refs;
	bool sent;   /* zebra of this connection knows it */
	bool dying;  /* waits to be buried */
	size_t count;
	struct zclient_leg legs[];
};

struct zgroups *zgroups_new(uint64_t seed);
void zgroups_free(struct zgroups *g);
struct zgroup *zgroups_get(struct zgroups *g, const struct zclient_leg *legs, size_t count);
struct zgroup *zgroups_find(struct zgroups *g, uint32_t id); /* NULL: no such group */
void zgroups_put(struct zgroups *g, uint32_t id);
void zgroups_forget_sent(struct zgroups *g);
/* The id of a group that nobody refers to, 0 if none; then it is gone. *sent: zebra knew it. */
uint32_t zgroups_bury(struct zgroups *g, bool *sent);

#endif
