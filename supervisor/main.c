/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `grevy`: options, the config file's name, the order of starting and of stopping.
 * Owns the children's table. Stopping is one at a time, the protocols before what carries them, and
 * each gets 5 s to withdraw what it announced.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "supervisor/supervisor.h"

#define SUPERVISOR_TICK TIME_SEC
#define STOP_PATIENCE   (5 * TIME_SEC)
#define DEFAULT_CONFIG  "/etc/grevy/grevy.conf"
#define FRR_CONFIG      "/etc/frr/frr.conf"

#define URGENT_NICE     (-10)

/* Urgent: a failure is repaired only after they had a processor. The timely threads of bfdd and vrrpd are
   real-time, their first steps are not; mgmtd and a bgpd that reads a full table must not be in zebra's way. */
static const struct {
	const char *name;
	bool urgent;
} start_order[CHILD_COUNT] = {
	{"zebra", true}, {"mgmtd", false}, {"bfdd", true}, {"ospfd", true}, {"bgpd", false}, {"vrrpd", true},
};
static const char *const stop_order[CHILD_COUNT] = {"vrrpd", "bgpd", "ospfd", "bfdd", "mgmtd", "zebra"};

static struct child *
supervisor_child(struct supervisor *s, const char *name)
{
	for (size_t i = 0; i < CHILD_COUNT; i++)
		if (!strcmp(s->children[i].name, name))
			return &s->children[i];
	return NULL;
}

/* --- the config file --------------------------------------------------------------------------- */

/* <run-dir>/config-file: where `write memory` writes to. */
static void
supervisor_record_file(struct supervisor *s, const char *path)
{
	int fd = open(daemon_path(s->daemon, "config-file"),
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || dprintf(fd, "%s\n", path) < 0)
		log_warning("grevy.config-file", "error=\"%s\"", strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void
supervisor_find_config(struct supervisor *s)
{
	const char *given = daemon_option(s->daemon, "file");
	char cwd[128], path[256];
	snprintf(path, sizeof(path), "%s", given ? given : DEFAULT_CONFIG);
	if (path[0] != '/' && getcwd(cwd, sizeof(cwd)))
		snprintf(path, sizeof(path), "%s/%.120s", cwd, given);
	supervisor_record_file(s, path);
	if (!given && access(path, F_OK) != 0 && access(FRR_CONFIG, F_OK) == 0) {
		/* FRR's file is read, never written: `write memory` makes our own. */
		snprintf(path, sizeof(path), "%s", FRR_CONFIG);
		log_notice("grevy.config", "file=%s", path);
	}
	if (access(path, R_OK) == 0)
		snprintf(s->config_file, sizeof(s->config_file), "%s", path);
	else
		log_notice("grevy.config", "file=%s error=\"%s: starting empty\"", path, strerror(errno));
}

static void
supervisor_find_programs(struct supervisor *s)
{
	ssize_t n = readlink("/proc/self/exe", s->bin_dir, sizeof(s->bin_dir) - 1);
	if (n > 0)
		s->bin_dir[n] = '\0';
	char *slash = strrchr(s->bin_dir, '/');
	if (slash)
		*slash = '\0';
}

/* --- running ----------------------------------------------------------------------------------- */

static void
supervisor_tick(void *arg, int64_t now)
{
	struct supervisor *s = arg;
	for (size_t i = 0; i < CHILD_COUNT; i++)
		child_tick(&s->children[i], now);
	if (s->notify_interval && now >= s->notify_due) {
		notify_send("WATCHDOG=1\n");
		s->notify_due = now + s->notify_interval;
	}
	int64_t next = SUPERVISOR_TICK;
	if (s->notify_interval && s->notify_interval < next)
		next = s->notify_interval;
	timer_set(loop_timers(s->loop), &s->tick, now + next, supervisor_tick, s);
}

/* Logs are rotated for everybody at once. */
static void
supervisor_hangup(void *arg, int signo)
{
	struct supervisor *s = arg;
	for (size_t i = 0; i < CHILD_COUNT; i++)
		if (s->children[i].pidfd >= 0)
			child_stop(&s->children[i], signo);
}

/* As pid 1 of a container we inherit whatever loses its parent; our own are reaped by their pidfds. */
static void
supervisor_orphan(void *arg, int signo)
{
	struct supervisor *s = arg;
	(void)signo;
	for (;;) {
		siginfo_t info = {0};
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
			return;
		bool own = info.si_pid == s->boot.shell;
		for (size_t i = 0; i < CHILD_COUNT; i++)
			own = own || info.si_pid == s->children[i].pid;
		if (own)
			return;
		waitpid(info.si_pid, NULL, 0);
	}
}

/* Whoever started us with a priority has decided; a busy machine is to wait for a repair, not the other way round. */
static void
supervisor_hurry(void)
{
	if (getpriority(PRIO_PROCESS, 0) != 0)
		return;
	if (setpriority(PRIO_PROCESS, 0, URGENT_NICE) < 0)
		log_notice("grevy.priority", "nice=%d error=\"%s\"", URGENT_NICE, strerror(errno));
	else if (getsid(0) == getpid())
		child_session_nice(getpid(), URGENT_NICE); /* a shell's session is not ours */
}

static void *
supervisor_start(struct daemon *d)
{
	static struct supervisor s; /* one per process */
	const char *fd = daemon_option(d, "ready-fd");
	s = (struct supervisor){.daemon = d, .loop = daemon_loop(d)};
	s.ready_fd = fd ? atoi(fd) : -1;
	if (s.ready_fd >= 0)
		fcntl(s.ready_fd, F_SETFD, FD_CLOEXEC); /* not the daemons' */
	s.notify_interval = notify_watchdog();
	supervisor_hurry();
	supervisor_find_programs(&s);
	supervisor_find_config(&s);
	int64_t now = loop_now(s.loop);
	bool adopted = false;
	for (size_t i = 0; i < CHILD_COUNT; i++) {
		child_init(&s.children[i], &s, start_order[i].name, start_order[i].urgent);
		if (child_adopt(&s.children[i], now))
			adopted = true;
	}
	boot_begin(&s, adopted, now);
	for (size_t i = 0; i < CHILD_COUNT; i++)
		if (s.children[i].pidfd < 0)
			child_start(&s.children[i], now);
	loop_signal(s.loop, SIGHUP, supervisor_hangup, &s);
	if (getpid() == 1)
		loop_signal(s.loop, SIGCHLD, supervisor_orphan, &s);
	timer_set(loop_timers(s.loop), &s.tick, now + SUPERVISOR_TICK, supervisor_tick, &s);
	boot_child_ready(&s, now); /* nothing is installed: nothing to wait for */
	return &s;
}

/* --- stopping ---------------------------------------------------------------------------------- */

static void supervisor_stop_next(struct supervisor *s, int64_t now);

static void
supervisor_stop_hard(void *arg, int64_t now)
{
	struct supervisor *s = arg;
	struct child *c = supervisor_child(s, stop_order[s->stop_at]);
	(void)now;
	log_warning("grevy.stop", "daemon=%s error=\"does not end, killed\"", c->name);
	child_stop(c, SIGKILL);
}

static void
supervisor_clean(struct supervisor *s)
{
	static const char *const left[] = {"sock", "pid", "beat", "vty"};
	char path[320];
	for (size_t i = 0; i < CHILD_COUNT; i++)
		for (size_t j = 0; j < sizeof(left) / sizeof(left[0]); j++) {
			snprintf(path, sizeof(path), "%s/%s.%s", daemon_run_dir(s->daemon),
				s->children[i].name, left[j]);
			unlink(path);
		}
	static const char *const shared[] = {"rib.sock", "bfd.sock", "bfdd.sessions", "vrrpd.state", "vrrpd.lans", "booted", "config-file"};
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		unlink(daemon_path(s->daemon, shared[i]));
}

static void
supervisor_stop_next(struct supervisor *s, int64_t now)
{
	while (s->stop_at < CHILD_COUNT) {
		struct child *c = supervisor_child(s, stop_order[s->stop_at]);
		if (c->pidfd >= 0) {
			child_stop(c, SIGTERM);
			timer_set(loop_timers(s->loop), &s->stop_timer, now + STOP_PATIENCE,
				supervisor_stop_hard, s);
			return;
		}
		child_stop(c, 0); /* it may wait to be restarted */
		s->stop_at++;
	}
	timer_cancel(loop_timers(s->loop), &s->stop_timer);
	supervisor_clean(s);
	loop_stop(s->loop, 0);
}

void
supervisor_child_gone(struct supervisor *s, struct child *c, int64_t now)
{
	if (s->stopping && !strcmp(stop_order[s->stop_at], c->name))
		supervisor_stop_next(s, now);
}

static void
supervisor_stop(void *core, int64_t now)
{
	struct supervisor *s = core;
	s->stopping = true;
	notify_send("STOPPING=1\n");
	boot_end(s);
	supervisor_stop_next(s, now);
}

static void
supervisor_free(void *core)
{
	struct supervisor *s = core;
	for (size_t i = 0; i < CHILD_COUNT; i++)
		child_release(&s->children[i]);
}

int
main(int argc, char **argv)
{
	static const struct daemon_option options[] = {
		{"file", "FILE    config to load; default " DEFAULT_CONFIG, false, 'f'},
		{"ready-fd", "N     write \"ready\" there when the router is up", false, 0},
		{NULL, NULL, false, 0},
	};
	static const struct daemon_def def = {
		.name = "grevy",
		.start = supervisor_start,
		.stop = supervisor_stop,
		.free = supervisor_free,
		.northbound = &supervisor_northbound,
		.options = options,
		.stop_time = CHILD_COUNT * 6 * TIME_SEC,
	};
	return daemon_main(argc, argv, &def);
}
