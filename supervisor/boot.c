/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From started to ready: every installed daemon says hello, vtysh loads the config file in one
 * transaction, then whoever waits is told (systemd, --ready-fd, the log). Owns the vtysh process.
 * A daemon that does not come, or wrong lines in the file, delay or spoil nothing for the others.
 * The marker <run-dir>/booted says that a config was loaded: a later `grevy` that adopts these
 * daemons does not load the file again.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "supervisor/supervisor.h"

#define BOOT_PATIENCE (15 * TIME_SEC)
#define BOOT_ATTEMPTS 5 /* at the config, when mgmtd dies meanwhile */

static void
boot_ready(struct supervisor *s, int64_t now)
{
	const char *marker = daemon_path(s->daemon, "booted");
	int fd = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0)
		close(fd);
	timer_cancel(loop_timers(s->loop), &s->boot.patience);
	s->boot.loading = false;
	s->boot.done = true;
	notify_send("READY=1\n");
	if (s->ready_fd >= 0) {
		if (write(s->ready_fd, "ready\n", 6) < 0)
			log_warning("boot.ready-fd", "error=\"%s\"", strerror(errno));
		close(s->ready_fd);
		s->ready_fd = -1;
	}
	log_notice("grevy.ready", "ms=%lld", (long long)((now - s->boot.started) / TIME_MS));
}

/* mgmtd died while the config was being loaded. */
static bool
boot_lost_mgmtd(const struct supervisor *s)
{
	for (size_t i = 0; i < CHILD_COUNT; i++)
		if (!strcmp(s->children[i].name, "mgmtd"))
			return s->children[i].restarts != s->boot.mgmtd_restarts ||
			       s->children[i].state != CHILD_RUNNING;
	return false;
}

static void
boot_shell_done(void *arg, unsigned what, int64_t now)
{
	struct supervisor *s = arg;
	siginfo_t info = {0};
	(void)what;
	waitid(P_PID, (id_t)s->boot.shell, &info, WEXITED | WNOHANG);
	loop_fd_del(s->boot.shell_io);
	s->boot.shell_io = NULL;
	close(s->boot.shell_fd);
	s->boot.shell = 0;
	bool good = info.si_code == CLD_EXITED && !info.si_status;
	if (!good)
		log_error("boot.config", "file=%s status=%d error=\"not all of it was taken\"",
			s->config_file, info.si_status);
	if (!good && boot_lost_mgmtd(s) && s->boot.attempts < BOOT_ATTEMPTS) {
		s->boot.loading = false; /* again, with the new mgmtd */
		boot_child_ready(s, now);
		return;
	}
	boot_ready(s, now);
}

/* vtysh -b -f FILE; its complaints go to our stderr. */
static bool
boot_run_shell(struct supervisor *s)
{
	char program[600];
	const char *argv[12];
	size_t n = 0;
	snprintf(program, sizeof(program), "%s/vtysh", s->bin_dir);
	argv[n++] = program;
	if (*daemon_instance(s->daemon)) {
		argv[n++] = "-N";
		argv[n++] = daemon_instance(s->daemon);
	}
	argv[n++] = "--run-dir";
	argv[n++] = daemon_run_dir(s->daemon);
	argv[n++] = "-b";
	argv[n++] = "-f";
	argv[n++] = s->config_file;
	argv[n] = NULL;
	int error = child_spawn(argv, false, &s->boot.shell);
	if (error) {
		log_error("boot.vtysh", "program=%s error=\"%s\"", program, strerror(error));
		return false;
	}
	s->boot.shell_fd = (int)syscall(SYS_pidfd_open, s->boot.shell, 0);
	s->boot.shell_io = loop_fd_add(s->loop, s->boot.shell_fd, LOOP_READ, boot_shell_done, s);
	return true;
}

static void
boot_load(struct supervisor *s, int64_t now)
{
	if (s->boot.loading || s->boot.done || s->stopping)
		return;
	s->boot.loading = true;
	s->boot.attempts++;
	for (size_t i = 0; i < CHILD_COUNT; i++)
		if (!strcmp(s->children[i].name, "mgmtd"))
			s->boot.mgmtd_restarts = s->children[i].restarts;
	if (!s->boot.load || !s->config_file[0] || !boot_run_shell(s))
		boot_ready(s, now);
}

void
boot_child_ready(struct supervisor *s, int64_t now)
{
	for (size_t i = 0; i < CHILD_COUNT; i++)
		if (!child_ready(&s->children[i]))
			return;
	boot_load(s, now);
}

static void
boot_impatient(void *arg, int64_t now)
{
	struct supervisor *s = arg;
	for (size_t i = 0; i < CHILD_COUNT; i++)
		if (!child_ready(&s->children[i]))
			log_error("boot.missing", "daemon=%s", s->children[i].name);
	boot_load(s, now);
}

void
boot_begin(struct supervisor *s, bool adopted, int64_t now)
{
	const char *marker = daemon_path(s->daemon, "booted");
	s->boot.started = now;
	s->boot.load = !adopted || access(marker, F_OK) != 0;
	if (s->boot.load)
		unlink(marker);
	timer_set(loop_timers(s->loop), &s->boot.patience, now + BOOT_PATIENCE, boot_impatient, s);
}

void
boot_end(struct supervisor *s)
{
	timer_cancel(loop_timers(s->loop), &s->boot.patience);
	if (!s->boot.shell)
		return;
	syscall(SYS_pidfd_send_signal, s->boot.shell_fd, SIGKILL, NULL, 0);
	waitpid(s->boot.shell, NULL, 0);
	loop_fd_del(s->boot.shell_io);
	close(s->boot.shell_fd);
	s->boot.shell = 0;
}
