/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream of high-availability events: what failed, who noticed, what took over, why. Each
 * daemon writes into a ring file of its own in the run directory, which outlives kill -9; every
 * daemon's northbound serves it as rows ("ha/events"), `show ha events` merges them by time. An event is logged, too.
 *
 * Main thread only: a timely thread defers (lib/timely.h) and hands the time of the event along.
 */
#ifndef GREVY_LIB_HA_H
#define GREVY_LIB_HA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rows;

#define HA_SUFFIX "ha" /* <run-dir>/<daemon>.ha */

enum ha_kind {
	HA_FAULT,    /* something was lost: a leg, a peer, a daemon, a check */
	HA_SWITCH,   /* a role moved: master, backup leg, group rewritten */
	HA_REPAIR,   /* it is back */
	HA_NOTE,     /* worth knowing: held back, waiting for, refused */
};

/*
 * Maps the file, made when it is not there; what is damaged begins anew. Privileged or not.
 * False (said in the log): no such file can be had, the events are kept in memory only.
 */
bool ha_open(const char *daemon, const char *path);
void ha_close(void); /* the file stays */
/*
 * name: "bfd.session-down", "vrrp.master", "zebra.groups-repaired" (a literal); object: what it is
 * about ("10.0.0.2 eth1", "eth0 vrid 5"); at: loop_clock() of the event, 0: now; fmt: the cause and fields in words.
 */
void ha_event(enum ha_kind kind, const char *name, const char *object, int64_t at, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* --- reading: one's own ring (r == NULL), or the file of a daemon that cannot be asked -------------- */
struct ha_ring;
struct ha_ring *ha_map(const char *path); /* NULL: no such file, or none of ours */
void ha_unmap(struct ha_ring *r);
/*
 * Rows of the events not before `since` (loop_clock(); INT64_MIN: all), the last `limit` of them (0: all),
 * oldest first. False: rows_full, call again with the same *pos (0 at first). Torn slots are left out.
 */
bool ha_rows(const struct ha_ring *r, int64_t since, uint64_t limit, struct rows *out, uint64_t *pos);

#endif
