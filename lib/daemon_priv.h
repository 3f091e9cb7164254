/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What daemon.c (its life) and daemon_args.c (its arguments and folders) share. */
#ifndef GREVY_LIB_DAEMON_PRIV_H
#define GREVY_LIB_DAEMON_PRIV_H

#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/timer.h"

#define DAEMON_OPTIONS 8 /* of a daemon's own */

struct daemon_path { /* what daemon_path() gave out */
	struct daemon_path *next;
	char path[];
};

struct daemon {
	const struct daemon_def *def;
	struct loop *loop;
	struct northbound *northbound;
	void *core;
	char instance[64];
	char run_dir[192];
	char state_dir[192];
	bool own_run_dir;     /* made by its default name: goes with the last daemon in it */
	char pid_file[256];   /* of -i, "" if none */
	char log_target[256];
	enum log_level log_level;
	bool background;
	bool stopping;
	const char *values[DAEMON_OPTIONS];
	struct daemon_path *paths;
	int lock_fd;
	int ready_fd;         /* to the parent that waits in the foreground, -1 */
	uint64_t *beat;       /* shared with the supervisor */
	struct timer tick, deadline;
};

/* -1: go on; otherwise the exit status. */
int daemon_parse(struct daemon *d, int argc, char **argv);
/* Run and state directory; false: said on stderr. */
bool daemon_make_dirs(struct daemon *d);

#endif
