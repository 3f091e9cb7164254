/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client has zebra hold beyond its connection: virtual links and addresses, roles of LANs.
 *
 *	wanted -> [claimed] -- client closed --> [lingering] -- linger over, or the next session's
 *	              ^                               |           replay ended without it --> gone
 *	              +------- wanted again ----------+
 *
 * An owner of PROTO_MAX: left by an earlier zebra, nobody has claimed it yet.
 */
#ifndef GREVY_ZEBRA_LEASE_H
#define GREVY_ZEBRA_LEASE_H

#include "lib/timer.h"
#include "zebra/protocol.h"

struct source;
struct zebra;

#define LEASE_DEFAULT TIME_SEC        /* of what an earlier zebra left, and where nothing was said */
#define LEASE_MAX     (3600 * TIME_SEC)

struct lease {
	enum protocol_id proto;
	uint32_t instance;
	bool claimed;
	int64_t linger;
	struct timer timer;
};

/* The client wants it (again), and after its end for `linger` longer. */
void lease_claim(struct zebra *z, struct lease *l, const struct source *s, int64_t linger);
/* Its client, if it is connected. */
struct source *lease_source(const struct zebra *z, const struct lease *l);
bool lease_of(const struct lease *l, const struct source *s);
/* Its client's connection ended: over() is called with `arg` when the linger is. */
void lease_closed(struct zebra *z, struct lease *l, timer_fn *over, void *arg);
/* An earlier zebra's. */
void lease_found(struct zebra *z, struct lease *l, timer_fn *over, void *arg);

#endif
