/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a daemon: directories, the lock, the log, the loop, its start, the northbound socket,
 * privileges dropped, the loop until a signal ends it, and everything taken down again.
 * Owns the pid file (its fcntl lock says that a daemon lives, and whose pid it is: the supervisor
 * asks F_GETLK), the beat file and the loop.
 */
#include "lib/daemon_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ha.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/priv.h"
#include "lib/trim.h"

#define DAEMON_TICK      TIME_SEC         /* an idle loop still shows that it lives */
#define DAEMON_STOP_TIME (4 * TIME_SEC)   /* the supervisor waits 5 s before it kills */
#define DAEMON_BEAT_SIZE 4096u

/* --- what start() asks for --------------------------------------------------------------------- */

struct loop *
daemon_loop(struct daemon *d)
{
	return d->loop;
}

struct northbound *
daemon_northbound(struct daemon *d)
{
	return d->northbound;
}

const char *
daemon_run_dir(const struct daemon *d)
{
	return d->run_dir;
}

const char *
daemon_state_dir(const struct daemon *d)
{
	return d->state_dir;
}

const char *
daemon_instance(const struct daemon *d)
{
	return d->instance;
}

const char *
daemon_path(struct daemon *d, const char *file)
{
	size_t size = strlen(d->run_dir) + strlen(file) + 2;
	struct daemon_path *p = mem_alloc(sizeof(*p) + size);
	snprintf(p->path, size, "%s/%s", d->run_dir, file);
	p->next = d->paths;
	d->paths = p;
	return p->path;
}

static const char *
daemon_file(struct daemon *d, const char *suffix)
{
	char file[64];
	snprintf(file, sizeof(file), "%s.%s", d->def->name, suffix);
	return daemon_path(d, file);
}

uint64_t
daemon_seed(void)
{
	uint64_t seed;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
		fprintf(stderr, "getrandom: %s\n", strerror(errno));
		abort(); /* hash keys that can be guessed are no keys */
	}
	return seed;
}

/* --- lock, beat, background -------------------------------------------------------------------- */

static bool
daemon_lock(struct daemon *d)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	const char *path = daemon_file(d, "pid");
	/* The directory belongs to the user that daemons run as: a link there leads root nowhere. */
	d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (d->lock_fd < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	if (fcntl(d->lock_fd, F_SETLK, &lock) == 0)
		return true;
	fcntl(d->lock_fd, F_GETLK, &lock);
	fprintf(stderr, "%s is already running in %s (pid %d)\n", d->def->name, d->run_dir,
		(int)lock.l_pid);
	return false;
}

static bool
daemon_write_pid(int fd)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

static bool
daemon_write_pids(struct daemon *d)
{
	if (!daemon_write_pid(d->lock_fd))
		return false;
	if (!d->pid_file[0])
		return true;
	int fd = open(d->pid_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	bool good = fd >= 0 && daemon_write_pid(fd);
	if (!good)
		log_error("daemon.pid-file", "path=%s error=\"%s\"", d->pid_file, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

static void
daemon_make_beat(struct daemon *d)
{
	const char *path = daemon_file(d, "beat");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	void *cell = MAP_FAILED;
	if (fd >= 0 && ftruncate(fd, DAEMON_BEAT_SIZE) == 0)
		cell = mmap(NULL, DAEMON_BEAT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (cell == MAP_FAILED) {
		log_warning("daemon.beat", "path=%s error=\"%s\"", path, strerror(errno));
		return;
	}
	d->beat = cell;
	loop_progress_cell(d->loop, d->beat);
}

/* The parent returns when the child is ready or dead; its status says which. */
static int
daemon_fork(struct daemon *d)
{
	int fds[2];
	char byte;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return 1;
	pid_t pid = fork();
	if (pid < 0)
		return 1;
	if (pid > 0) {
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(fds[0]);
	d->ready_fd = fds[1];
	setsid();
	return -1;
}

/* No terminal is held from here on: what is to say goes to the log. */
static void
daemon_detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

static void
daemon_ready(struct daemon *d)
{
	if (d->ready_fd < 0)
		return;
	ssize_t done = write(d->ready_fd, "", 1);
	(void)done;
	close(d->ready_fd);
	d->ready_fd = -1;
}

/* --- signals ----------------------------------------------------------------------------------- */

static void
daemon_deadline(void *arg, int64_t now)
{
	struct daemon *d = arg;
	(void)now;
	log_warning("daemon.stop", "error=\"took too long\"");
	loop_stop(d->loop, 0);
}

static void
daemon_stop_signal(void *arg, int signo)
{
	struct daemon *d = arg;
	log_notice("daemon.stop", "signal=%d", signo);
	if (d->stopping || !d->def->stop) {
		loop_stop(d->loop, 0);
		return;
	}
	d->stopping = true;
	int64_t patience = d->def->stop_time ? d->def->stop_time : DAEMON_STOP_TIME;
	timer_set(loop_timers(d->loop), &d->deadline, loop_now(d->loop) + patience, daemon_deadline, d);
	d->def->stop(d->core, loop_now(d->loop));
}

static void
daemon_reopen_signal(void *arg, int signo)
{
	(void)arg;
	(void)signo;
	log_reopen();
}

static void
daemon_tick(void *arg, int64_t now)
{
	struct daemon *d = arg;
	timer_set(loop_timers(d->loop), &d->tick, now + DAEMON_TICK, daemon_tick, d);
}

/* --- start and end ----------------------------------------------------------------------------- */

static bool
daemon_start(struct daemon *d)
{
	d->loop = loop_new();
	if (!d->loop)
		return false;
	daemon_make_beat(d);
	loop_signal(d->loop, SIGTERM, daemon_stop_signal, d);
	loop_signal(d->loop, SIGINT, daemon_stop_signal, d);
	loop_signal(d->loop, SIGHUP, daemon_reopen_signal, d);
	daemon_tick(d, loop_now(d->loop));
	d->northbound = northbound_new(d->loop, daemon_file(d, "sock"), d->def->northbound, NULL);
	if (!d->northbound)
		return false;
	northbound_log(d->northbound, d->log_target, d->log_level);
	d->core = d->def->start(d);
	if (!d->core)
		return false;
	northbound_set_core(d->northbound, d->core);
	if (!daemon_write_pids(d) || (d->def->priv && !priv_drop(d->def->priv, d->def->name)))
		return false;
	if (d->def->ready)
		d->def->ready(d->core, loop_now(d->loop));
	return true;
}

static void
daemon_end(struct daemon *d)
{
	northbound_free(d->northbound);
	if (d->core && d->def->free)
		d->def->free(d->core);
	loop_free(d->loop);
	if (d->beat) {
		munmap(d->beat, DAEMON_BEAT_SIZE);
		unlink(daemon_file(d, "beat"));
	}
	if (d->pid_file[0])
		unlink(d->pid_file);
	unlink(daemon_file(d, "pid"));
	ha_close();
	if (d->own_run_dir)
		rmdir(d->run_dir);
	while (d->paths) {
		struct daemon_path *p = d->paths;
		d->paths = p->next;
		mem_free(p);
	}
}

int
daemon_main(int argc, char **argv, const struct daemon_def *def)
{
	static struct daemon d; /* of this process; in static memory so that a leak checker sees it */
	d = (struct daemon){.def = def, .lock_fd = -1, .ready_fd = -1, .log_level = LOG_LVL_INFO};
	int status = daemon_parse(&d, argc, argv);
	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	if (def->priv)
		priv_prepare();
	if (!daemon_make_dirs(&d) || (d.background && daemon_fork(&d) >= 0) || !daemon_lock(&d))
		return 1;
	if (!log_open(def->name, d.log_target, d.log_level)) {
		fprintf(stderr, "%s: cannot log to %s: %s\n", def->name, d.log_target, strerror(errno));
		return 1;
	}
	log_crash_to(daemon_file(&d, "crash"));
	ha_open(def->name, daemon_file(&d, HA_SUFFIX));
	if (d.background)
		daemon_detach();
	status = 1;
	if (daemon_start(&d)) {
		daemon_ready(&d);
		log_notice("daemon.start", "version=%s instance=%s", GREVY_VERSION, d.instance);
		trim_text();
		loop_run(d.loop);
		status = loop_exit_code(d.loop);
		log_notice("daemon.end", "status=%d", status);
	} else {
		log_error("daemon.start", "error=\"could not start\"");
	}
	daemon_end(&d);
	return status;
}
