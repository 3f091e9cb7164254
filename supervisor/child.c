/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One daemon under watch. Owns its pidfd, its probe connection and its restart timer, not its life:
 * a daemon runs in its own session and outlives us.
 *
 *            start            hello                dies
 *   DOWN ---------> STARTING -------> RUNNING ------------> WAITING ---> STARTING ...
 *
 * It dies and is started again at once; only one that keeps dying by itself within seconds, or
 * before its hello, is started later and later. A daemon that is killed from outside is no such one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gen/northbound.pb-c.h"
#include "lib/daemon.h"
#include "lib/ha.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "supervisor/supervisor.h"

#define CHILD_YOUNG    (5 * TIME_SEC)
#define CHILD_WAIT_MIN (100 * TIME_MS)
#define CHILD_WAIT_MAX (10 * TIME_SEC)
#define CHILD_HOPELESS 4  /* failures after which the router is ready without it */
#define CHILD_PATIENCE 10 /* ticks without a beat */

static void child_died(void *arg, unsigned what, int64_t now);

void
child_init(struct child *c, struct supervisor *s, const char *name, bool urgent)
{
	char *path = mem_printf("%s/../sbin/%s", s->bin_dir, name);
	c->supervisor = s;
	c->name = name;
	c->urgent = urgent;
	c->pidfd = -1;
	if (access(path, X_OK) == 0)
		c->program = path;
	else
		mem_free(path);
}

static const char *
child_file(const struct child *c, const char *suffix, char buf[320])
{
	snprintf(buf, 320, "%s/%s.%s", daemon_run_dir(c->supervisor->daemon), c->name, suffix);
	return buf;
}

bool
child_ready(const struct child *c)
{
	return !c->program || c->state == CHILD_RUNNING || c->failures >= CHILD_HOPELESS;
}

/* --- its hello --------------------------------------------------------------------------------- */

static bool
child_hello(void *arg, struct ipc_conn *conn, unsigned type, const uint8_t *bytes, size_t len,
	int64_t now)
{
	struct child *c = arg;
	(void)bytes;
	(void)len;
	if (type != NB__NB_TYPE__NB_HELLO)
		return false;
	if (ipc_peer_pid(conn) != c->pid)
		return false; /* the last words of the one before */
	ipc_close(conn);
	c->probe = NULL;
	c->state = CHILD_RUNNING;
	log_info("child.ready", "daemon=%s pid=%d ms=%lld", c->name, (int)c->pid,
		(long long)((now - c->started) / TIME_MS));
	if (c->died)
		ha_event(HA_REPAIR, "supervisor.daemon-back", c->name, 0, "pid %d, ready %lld ms after the death",
			(int)c->pid, (long long)((now - c->died) / TIME_MS));
	c->died = 0;
	boot_child_ready(c->supervisor, now);
	return true;
}

static const struct ipc_ops child_probe = {.message = child_hello};

static bool
child_watch(struct child *c, int64_t now)
{
	char path[320];
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0) {
		log_error("child.pidfd", "daemon=%s error=\"%s\"", c->name, strerror(errno));
		return false;
	}
	c->io = loop_fd_add(c->supervisor->loop, c->pidfd, LOOP_READ, child_died, c);
	c->state = CHILD_STARTING;
	c->started = now;
	c->still = 0;
	c->probe = ipc_connect(c->supervisor->loop, child_file(c, "sock", path), &child_probe, c);
	return true;
}

static void
child_unwatch(struct child *c)
{
	loop_fd_del(c->io);
	c->io = NULL;
	if (c->pidfd >= 0)
		close(c->pidfd);
	c->pidfd = -1;
	ipc_close(c->probe);
	c->probe = NULL;
}

/* --- start, adopt ------------------------------------------------------------------------------ */

/* When an adopted daemon was born, on our clock (field 22 of its stat: ticks since boot). */
static int64_t
child_birth(pid_t pid, int64_t now)
{
	char path[64], text[1024];
	unsigned long long ticks = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	const char *at = strrchr(text, ')'); /* its name may hold anything */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, "%llu", &ticks) != 1)
		return now;
	int64_t birth = (int64_t)(ticks * (unsigned long long)TIME_SEC / (unsigned long long)sysconf(_SC_CLK_TCK));
	return birth < now ? birth : now;
}

/* Whoever holds the lock of its pid file is the daemon, whatever pids say. */
bool
child_adopt(struct child *c, int64_t now)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[320];
	int fd = open(child_file(c, "pid", path), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	bool lives = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
	close(fd);
	if (!lives)
		return false;
	c->pid = lock.l_pid;
	c->adopted = true;
	if (!child_watch(c, now))
		return false;
	c->started = child_birth(c->pid, now);
	log_notice("child.adopted", "daemon=%s pid=%d", c->name, (int)c->pid);
	return true;
}

static size_t
child_arguments(const struct child *c, const char *argv[16], bool fresh)
{
	const struct daemon *d = c->supervisor->daemon;
	size_t n = 0;
	argv[n++] = c->program;
	if (*daemon_instance(d)) {
		argv[n++] = "-N";
		argv[n++] = daemon_instance(d);
	}
	argv[n++] = "--run-dir";
	argv[n++] = daemon_run_dir(d);
	argv[n++] = "--state-dir";
	argv[n++] = daemon_state_dir(d);
	argv[n++] = "--log";
	argv[n++] = daemon_log_target(d);
	argv[n++] = "--log-level";
	argv[n++] = log_level_name(log_level_get());
	if (fresh)
		argv[n++] = "--fresh";
	argv[n] = NULL;
	return n;
}

/*
 * Where the kernel groups tasks by session (autogroup), nice counts inside the session only, of which a
 * daemon is alone; there the session's own value counts.
 */
void
child_session_nice(pid_t pid, int nice)
{
	char path[64], text[16];
	snprintf(path, sizeof(path), "/proc/%d/autogroup", (int)pid);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return; /* not that kernel */
	int n = snprintf(text, sizeof(text), "%d", nice);
	if (write(fd, text, (size_t)n) < 0)
		log_notice("child.autogroup", "pid=%d error=\"%s\"", (int)pid, strerror(errno));
	close(fd);
}

/*
 * A daemon begins with our own priority (main.c raised it): what is urgent has it from its first
 * instruction, the others lose it here.
 */
static void
child_priority(pid_t pid, bool urgent)
{
	int nice = getpriority(PRIO_PROCESS, 0);
	if (nice >= 0)
		return; /* no permission, or somebody else decided */
	if (urgent)
		child_session_nice(pid, nice);
	else
		setpriority(PRIO_PROCESS, (id_t)pid, 0);
}

/* Its own session, stdin from nowhere, signals as they were born. */
int
child_spawn(const char *const argv[], bool urgent, pid_t *pid)
{
	extern char **environ;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	union {
		const char *const *in;
		char *const *out;
	} args = {.in = argv};
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr,
		POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawn(pid, argv[0], &files, &attr, args.out, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	if (!error)
		child_priority(*pid, urgent);
	return error;
}

static void
child_restart_due(void *arg, int64_t now)
{
	child_start(arg, now);
}

static void
child_start_later(struct child *c, int64_t now)
{
	int64_t wait = 0;
	if (c->failures) {
		unsigned shift = c->failures < 8 ? c->failures - 1 : 7;
		wait = CHILD_WAIT_MIN << shift;
		wait = wait < CHILD_WAIT_MAX ? wait : CHILD_WAIT_MAX;
	}
	c->state = CHILD_WAITING;
	if (!wait) {
		child_start(c, now);
		return;
	}
	log_warning("child.back-off", "daemon=%s ms=%lld failures=%u", c->name,
		(long long)(wait / TIME_MS), c->failures);
	timer_set(loop_timers(c->supervisor->loop), &c->restart, now + wait, child_restart_due, c);
}

void
child_start(struct child *c, int64_t now)
{
	const char *argv[16];
	struct supervisor *s = c->supervisor;
	if (!c->program || s->stopping)
		return;
	/* Forget the config of an earlier life only when the whole router starts with it. */
	bool fresh = s->boot.load && !s->boot.done && !strcmp(c->name, "mgmtd");
	child_arguments(c, argv, fresh);
	int error = child_spawn(argv, c->urgent, &c->pid);
	c->adopted = false;
	if (error) {
		log_error("child.spawn", "daemon=%s error=\"%s\"", c->name, strerror(error));
		c->failures++;
		child_start_later(c, now);
		return;
	}
	if (!child_watch(c, now)) { /* without a pidfd nobody would see it die */
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		c->failures++;
		child_start_later(c, now);
		return;
	}
	log_info("child.started", "daemon=%s pid=%d", c->name, (int)c->pid);
}

/* --- death ------------------------------------------------------------------------------------- */

/* True: it died by itself, not by somebody's SIGKILL or SIGTERM. */
static bool
child_reap(struct child *c)
{
	siginfo_t info = {0};
	if (c->adopted || waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG) < 0) {
		snprintf(c->last_exit, sizeof(c->last_exit), "died (adopted: no status)");
		return false;
	}
	if (info.si_code == CLD_EXITED) {
		snprintf(c->last_exit, sizeof(c->last_exit), "exit status %d", info.si_status);
		return true;
	}
	snprintf(c->last_exit, sizeof(c->last_exit), "%s%s",
		c->still >= CHILD_PATIENCE ? "hung, killed: " : "", strsignal(info.si_status));
	return info.si_status != SIGKILL && info.si_status != SIGTERM;
}

static void
child_died(void *arg, unsigned what, int64_t now)
{
	struct child *c = arg;
	(void)what;
	bool was_ready = c->state == CHILD_RUNNING;
	bool by_itself = child_reap(c);
	child_unwatch(c);
	c->state = CHILD_DOWN;
	pid_t pid = c->pid;
	c->pid = 0;
	if (c->stopping || c->supervisor->stopping) {
		log_info("child.ended", "daemon=%s pid=%d reason=\"%s\"", c->name, (int)pid, c->last_exit);
		supervisor_child_gone(c->supervisor, c, now);
		return;
	}
	c->died = now;
	ha_event(HA_FAULT, "supervisor.daemon-died", c->name, now, "%s, pid %d%s", c->last_exit, (int)pid,
		was_ready ? "" : ", before it was ready");
	if (was_ready && (!by_itself || now - c->started >= CHILD_YOUNG))
		c->failures = 0;
	else
		c->failures++;
	c->restarts++;
	if (c->failures <= 1) /* the first time at once */
		child_start(c, now);
	else
		child_start_later(c, now);
	if (c->failures == CHILD_HOPELESS)
		boot_child_ready(c->supervisor, now);
}

/* --- the watchdog ------------------------------------------------------------------------------ */

static uint64_t
child_read_beat(const struct child *c)
{
	char path[320];
	uint64_t beat = 0;
	int fd = open(child_file(c, "beat", path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return 0;
	if (pread(fd, &beat, sizeof(beat), 0) != sizeof(beat))
		beat = 0;
	close(fd);
	return beat;
}

/*
 * Ticks are counted, not time: when the whole machine stands still, so do our ticks. A daemon that
 * is busy advances its counter and is left alone.
 */
void
child_tick(struct child *c, int64_t now)
{
	(void)now;
	if (c->pidfd < 0)
		return;
	uint64_t beat = child_read_beat(c);
	c->still = beat == c->beat ? c->still + 1 : 0;
	c->beat = beat;
	if (c->still != CHILD_PATIENCE)
		return;
	log_error("child.hangs", "daemon=%s pid=%d seconds=%d", c->name, (int)c->pid, CHILD_PATIENCE);
	syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
}

void
child_stop(struct child *c, int signo)
{
	timer_cancel(loop_timers(c->supervisor->loop), &c->restart);
	if (c->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, c->pidfd, signo, NULL, 0);
}

void
child_release(struct child *c)
{
	timer_cancel(loop_timers(c->supervisor->loop), &c->restart);
	child_unwatch(c);
	mem_free(c->program);
	c->program = NULL;
}
