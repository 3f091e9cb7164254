/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timely thread: where bfdd and vrrpd send, receive and expire, so that neither a busy machine nor
 * a long `show` makes them late. The core lives under one lock with priority inheritance; two
 * threads enter it:
 *
 *	timely thread (SCHED_RR where permitted): sockets, then timers            \
 *	                                                                           lock -> core -> ops
 *	main thread (libevent): config, clients, zebra, show in short slices      /
 *
 * A turn of the timely thread: wait; take the lock; read all sockets that are ready until they are
 * empty; and only then run what is due. So a thread that wakes late first learns what had arrived
 * before it judges that nothing came.
 *
 * Ops that must not block or are not for this thread (log, IPC, files) are deferred: timely_defer
 * copies a record; the main loop calls it, without the lock, in order, soon. A send is direct.
 *
 *	void on_config(...)              { timely_lock(t); bfd_reconfigure(...); timely_unlock(t); }
 *	static void op_state(void *arg, const struct info *i)
 *	                                 { timely_defer(t, tell_clients, self, i, sizeof(*i)); }
 */
#ifndef GREVY_LIB_TIMELY_H
#define GREVY_LIB_TIMELY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/timer.h"

struct loop;
struct rows;
struct timely;

#define TIMELY_DEFER_MAX     512 /* octets of a deferred record */
#define TIMELY_PRIORITY_MOST 60

/* Runs nothing yet. The loop is the main thread's. */
struct timely *timely_new(struct loop *l);
/*
 * While privileged (daemon_def.start), after what is forked: the memory lock's limit is lifted and all pages are
 * locked as they are touched; this thread becomes a real-time one, so that timely_start needs no privilege.
 */
void timely_prepare(struct timely *t);
/*
 * Makes the thread (daemon_def.ready: capabilities are per thread), with SCHED_RR at `priority`
 * (1..TIMELY_PRIORITY_MOST), and the main thread at 1; without the permission both stay as they are, which is
 * said in the log once.
 */
void timely_start(struct timely *t, int priority);
/* Stops and joins it; then the caller frees its core. What was deferred is still called by timely_free. */
void timely_stop(struct timely *t);
void timely_free(struct timely *t);

void timely_lock(struct timely *t);   /* from the main thread; not recursive */
void timely_unlock(struct timely *t); /* re-arms the thread's clock if the first deadline has changed */
/* The core's timers: only under the lock, on loop_clock()'s time. */
struct timers *timely_timers(struct timely *t);

/*
 * fn is called in the timely thread under the lock when fd can be read. It reads a bounded number of
 * datagrams; what it leaves brings it back after the others had their turn, still before any timer.
 */
typedef void timely_fd_fn(void *arg, int fd, int64_t now);
struct timely_fd;
struct timely_fd *timely_fd_add(struct timely *t, int fd, timely_fd_fn *fn, void *arg); /* under the lock, or before start */
void timely_fd_del(struct timely *t, struct timely_fd *f); /* the fd stays the caller's; NULL is harmless */

/* fn(arg, copy, now) in the main loop, without the lock; from either thread, under the lock. */
typedef void timely_deferred_fn(void *arg, const void *record, int64_t now);
void timely_defer(struct timely *t, timely_deferred_fn *fn, void *arg, const void *record, size_t size);

/*
 * When a datagram with SCM_TIMESTAMPNS `realtime_ns` (0: none) arrived, on loop_clock()'s time:
 * never after `now`, and never more than a second before, whatever was done to the wall clock.
 */
int64_t timely_arrival(int64_t realtime_ns, int64_t now);
/*
 * Its judgement, with both clocks as read one after the other (microseconds). The stamp is believed only
 * while the wall clock runs with the monotonic one: a step of any size says `now`, for a stamp from
 * before it would look like silence, which is what protocols act on.
 */
struct timely_wall {
	int64_t offset;  /* wall less monotonic, when last seen; 0: never */
	int64_t stepped; /* monotonic time until which stamps may be from before a step */
};
int64_t timely_arrival_by(struct timely_wall *w, int64_t stamp, int64_t wall, int64_t monotonic, int64_t now);

/* Into an open row: wakeups, late-longest-us (since the last call), late-over-1ms, real-time, locked. */
void timely_rows(struct timely *t, struct rows *out);

#endif
