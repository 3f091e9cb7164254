/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The common life of a daemon: arguments, run directory, pid file, signals, log, sockets,
 * privileges (lib/priv.h), readiness, the progress cell the supervisor watches.
 *
 *   NAME [-N INSTANCE] [--run-dir DIR] [--state-dir DIR] [-d] [-i PIDFILE] [--log TARGET] [--log-level L] [-v]
 */
#ifndef GREVY_LIB_DAEMON_H
#define GREVY_LIB_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/northbound.h"

struct loop;
struct daemon;
struct priv_def;

struct daemon_def {
	const char *name;
	const struct priv_def *priv;
	/* Opens sockets while still privileged, makes the core; returns it (the northbound's `core`), NULL = fail. */
	void *(*start)(struct daemon *d);
	/* Privileges are dropped: threads are made here (capabilities are per thread). May be NULL. */
	void (*ready)(void *core, int64_t now);
	/* SIGTERM: withdraw politely, then loop_stop(). NULL: stops at once. */
	void (*stop)(void *core, int64_t now);
	void (*free)(void *core);
	const struct northbound_def *northbound;
	const struct daemon_option { /* of its own, up to name == NULL */
		const char *name;  /* long option with a value */
		const char *help;
		bool flag;         /* takes no value; daemon_option() gives "" then */
		char letter;       /* the short form, 0: none */
	} *options;
	int64_t stop_time;         /* how long stop() may take; 0: 4 s (the supervisor waits 5) */
};

int daemon_main(int argc, char **argv, const struct daemon_def *def);

struct loop *daemon_loop(struct daemon *d);
struct northbound *daemon_northbound(struct daemon *d);
const char *daemon_run_dir(const struct daemon *d);
const char *daemon_state_dir(const struct daemon *d);
const char *daemon_instance(const struct daemon *d);    /* "" for the default one */
const char *daemon_option(const struct daemon *d, const char *name); /* NULL if not given */
const char *daemon_log_target(const struct daemon *d);
/* "<run-dir>/<file>", valid as long as the daemon. */
const char *daemon_path(struct daemon *d, const char *file);
uint64_t daemon_seed(void); /* from getrandom: for prng_seed and hash keys */
/* <prefix>/share/grevy/yang, found from /proc/self/exe; static buffer. */
const char *daemon_yang_dir(void);

#endif
