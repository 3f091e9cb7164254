/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: libevent with a precise clock, lib/timer for the masses, named phases at the
 * end of every turn, time read once per turn, and counters of all of it (STYLE rule 18).
 */
#ifndef GREVY_LIB_LOOP_H
#define GREVY_LIB_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/timer.h"

struct loop;
struct loop_fd;
struct event_base;
struct rows;

#define LOOP_READ  1u
#define LOOP_WRITE 2u

struct loop *loop_new(void);
void loop_free(struct loop *l);
void loop_run(struct loop *l);  /* until loop_stop */
void loop_stop(struct loop *l, int exit_code);
int loop_exit_code(const struct loop *l);
int64_t loop_now(const struct loop *l);   /* the turn's time, microseconds, CLOCK_MONOTONIC */
int64_t loop_clock(void);                 /* the clock itself */
struct timers *loop_timers(struct loop *l);
struct event_base *loop_base(struct loop *l);

typedef void loop_fd_fn(void *arg, unsigned what, int64_t now);
/* The fd stays the caller's. */
struct loop_fd *loop_fd_add(struct loop *l, int fd, unsigned what, loop_fd_fn *fn, void *arg);
void loop_fd_want(struct loop_fd *f, unsigned what);
void loop_fd_del(struct loop_fd *f);
void loop_signal(struct loop *l, int signo, void (*fn)(void *arg, int signo), void *arg);

/*
 * A phase runs at the end of every turn in which loop_phase_wake was called, in order of
 * registration. It returns true when it has more to do (it is called again next turn, after
 * other events have had their chance): no phase works longer than a few ms.
 */
typedef bool loop_phase_fn(void *arg, int64_t now);
struct loop_phase;
struct loop_phase *loop_phase_add(struct loop *l, const char *name, loop_phase_fn *fn, void *arg);
void loop_phase_wake(struct loop_phase *p);
void loop_phase_del(struct loop_phase *p); /* not from inside a phase; NULL is harmless */

/* Phases of lib run behind the daemon's own, whenever they were added: first routes, then sockets. */
enum { LOOP_RANK_DAEMON, LOOP_RANK_STATE, LOOP_RANK_ZCLIENT, LOOP_RANK_IPC };
struct loop_phase *loop_phase_add_ranked(struct loop *l, unsigned rank, const char *name,
	loop_phase_fn *fn, void *arg);

/* Something of which there is one per loop; freed by loop_free, before the phases. */
void *loop_attached(const struct loop *l, const void *key); /* NULL if absent */
void loop_attach(struct loop *l, const void *key, void *value, void (*free_fn)(void *value));

/* A long job calls this so that the supervisor knows busy from dead; cheap. */
void loop_progress(struct loop *l);
void loop_progress_cell(struct loop *l, uint64_t *cell); /* shared with the supervisor, see daemon.c */
void loop_rows(const struct loop *l, struct rows *out); /* per phase: runs, total and longest us; longest turn */

#endif
