/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of a repair: one event (a leg died, a link came back) rewrites some groups, and when
 * the kernel has said yes to the last of them an event tells how many, why, and how long it took.
 *
 *	repair_cause -> groups written while the entry point settles -> core_leave: repair_settled
 *	                       '-- kgroup's result --> repair_acked --> all: zebra.groups-repaired
 *
 * Invariant: a kernel group counts for one repair at most, the newest; a repair lives while groups wait.
 */
#ifndef GREVY_ZEBRA_REPAIR_H
#define GREVY_ZEBRA_REPAIR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct kgroup;
struct zebra;

struct repair {
	char object[64], cause[96];
	int64_t at;                /* of the event itself */
	unsigned groups, backups, failed, waiting;
	uint64_t routes;
	bool loss;                 /* or return */
	TAILQ_ENTRY(repair) link;
};
struct repairs {
	struct repair *current;    /* of the entry point that runs */
	TAILQ_HEAD(, repair) waiting;
	uint64_t count, last_us, worst_us;
};

struct repairs *repairs_new(void);
void repairs_free(struct repairs *s);
/*
 * What happened, before its effects; the first one of an entry point counts. at: the time of the
 * event where it is known better than "now", or 0.
 */
void repair_cause(struct zebra *z, int64_t at, const char *object, const char *cause);
/* Something was lost, or is back: told at once. name: "zebra.leg-down" ... */
void repair_tell(struct zebra *z, bool loss, const char *name, const char *object, const char *cause);
/* The group is written, or waits for room, on behalf of the event that runs. */
void repair_takes(struct zebra *z, struct kgroup *kg);
/* Its result, or its end (err -1: it did not come to that). */
void repair_acked(struct zebra *z, struct kgroup *kg, int err);
void repair_settled(struct zebra *z);

#endif
