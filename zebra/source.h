/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources of routes: zebra's own (connected, local, kernel, static) and one per client protocol
 * and instance. A source owns its next-hop groups, and through them its routes; it outlives its
 * connection by the grace time:
 *
 *	hello -> [replaying] -- REPLAY_END --> [fresh]
 *	  ^          | closed                    | closed
 *	  |          v                           v
 *	  +------ [vanished: routes stay] -- grace over --> routes swept
 *
 * Each hello, and the end of the grace, begins a new epoch; a route of an older epoch is stale,
 * and the sweep takes the stale ones only.
 */
#ifndef GREVY_ZEBRA_SOURCE_H
#define GREVY_ZEBRA_SOURCE_H

#include <sys/queue.h>

#include "lib/timer.h"
#include "zebra/protocol.h"
#include "zebra/zebra.h"

struct hash;
struct nhg;
struct zebra;

struct source {
	struct zebra *z;
	uint32_t id, instance;
	enum protocol_id proto;
	const struct protocol *row;
	bool connected, replaying, want_results, sweeping;
	uint8_t epoch;
	uint32_t grace_seconds;
	struct timer grace;
	TAILQ_HEAD(, nhg) nhgs;
	struct hash *by_legs;  /* nhgs that may be shared, by contents */
	struct hash *groups;   /* clients: struct source_group by the client's id */
	uint64_t batches, added, deleted, routes;
	uint64_t rib_count[3]; /* routes in the main table, by afi */
	uint64_t seq_wanted, seq_pushed; /* results: newest batch taken, newest barrier written */
	int64_t opened, last_read;
	bool ready_said, ready; /* ready.h */
	char waiting_for[96];
};

/* A client's definition; routes of either family use it. */
struct source_group {
	uint32_t id;
	unsigned count;
	struct nhg *nhg[3]; /* by afi, made when first used */
	struct zebra_leg legs[];
};

struct source *source_new(struct zebra *z, enum protocol_id proto, uint32_t instance);
void source_free(struct source *s);
struct source *source_own(struct zebra *z, enum protocol_id proto);
struct source *source_client(struct zebra *z, uint32_t id); /* NULL: unknown or not connected */
/* Routes older than this are stale from now on. */
void source_new_epoch(struct source *s);
/* Deletes stale routes, `budget` at most; true: done. */
bool source_sweep(struct source *s, unsigned *budget);
/* Stale routes wait for sweeping somewhere. */
bool source_sweep_all(struct zebra *z, unsigned *budget);
/* The group of a batch in that family; NULL: not defined. */
struct nhg *source_group_nhg(struct source *s, uint32_t id, uint8_t afi);

#endif
