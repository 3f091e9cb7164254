/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The supervisor of one router, `grevy`: starts the daemons, watches and restarts them, loads the
 * config file once, stops everything in order. Its own death takes nothing with it.
 *
 *   child.c   one daemon: start or adopt, pidfd, restart with back-off, the watchdog's counter
 *   boot.c    from started to ready: every daemon says hello, vtysh loads the config, tell who waits
 *   state.c   rows and commands on grevy.sock
 *   main.c    options, the order of starting and stopping
 */
#ifndef GREVY_SUPERVISOR_H
#define GREVY_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/northbound.h"
#include "lib/timer.h"

struct daemon;
struct ipc_conn;
struct loop;
struct loop_fd;
struct supervisor;

enum child_state { CHILD_DOWN, CHILD_WAITING /* to be restarted */, CHILD_STARTING, CHILD_RUNNING };

struct child {
	struct supervisor *supervisor;
	const char *name;
	char *program;             /* NULL: not installed */
	bool urgent;               /* repair waits for it: it runs before what is not */
	enum child_state state;
	pid_t pid;
	int pidfd;                 /* -1: none */
	struct loop_fd *io;
	bool adopted;              /* not our child: no exit status */
	bool stopping;             /* it is to end and to stay down */
	unsigned restarts, failures;
	int64_t started;
	int64_t died;              /* 0: not since it was ready the last time */
	char last_exit[96];
	struct ipc_conn *probe;    /* until it has said hello */
	uint64_t beat;
	unsigned still;            /* ticks for which the beat has not moved */
	struct timer restart;
};

#define CHILD_COUNT 6

struct boot {
	pid_t shell;               /* the vtysh that loads the config, 0: none */
	int shell_fd;
	struct loop_fd *shell_io;
	bool load;                 /* the config file is to be loaded */
	bool loading, done;
	unsigned mgmtd_restarts;   /* when the loading began */
	unsigned attempts;
	int64_t started;
	struct timer patience;
};

struct supervisor {
	struct daemon *daemon;
	struct loop *loop;
	struct child children[CHILD_COUNT];
	struct boot boot;
	char config_file[256];     /* to load, "" if there is none */
	char bin_dir[512];
	int ready_fd;
	bool stopping;
	int stop_at;               /* index into the order of stopping */
	struct timer tick, stop_timer;
	int64_t notify_interval;   /* systemd's watchdog, 0: none */
	int64_t notify_due;
};

/* child.c */
int child_spawn(const char *const argv[], bool urgent, pid_t *pid); /* an errno value, 0: done */
void child_session_nice(pid_t pid, int nice);
void child_init(struct child *c, struct supervisor *s, const char *name, bool urgent);
bool child_adopt(struct child *c, int64_t now);
void child_start(struct child *c, int64_t now);
void child_tick(struct child *c, int64_t now); /* each second: the watchdog */
void child_stop(struct child *c, int signo);
void child_release(struct child *c);           /* lets it live on without us */
bool child_ready(const struct child *c);       /* or not worth waiting for: not installed, keeps failing */

/* boot.c */
void boot_begin(struct supervisor *s, bool adopted, int64_t now);
void boot_child_ready(struct supervisor *s, int64_t now);
void boot_end(struct supervisor *s);           /* the router stops while it boots */

/* notify.c: what systemd is told, if it wants to know */
void notify_send(const char *text);
int64_t notify_watchdog(void); /* microseconds between signs of life that it asks for, 0: none */

/* main.c */
void supervisor_child_gone(struct supervisor *s, struct child *c, int64_t now);

/* state.c */
extern const struct northbound_def supervisor_northbound;

#endif
