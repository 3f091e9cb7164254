/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logging. A line is
 *
 *   2026-11-22T20:56:33.123456Z ospfd[4711] notice ospf.neighbor-state nbr=10.0.0.1 from=Init to=2-Way
 *
 * Owns the target's descriptor, the ring of the last lines and the table of sinks. Any thread may
 * log; sinks run in the thread that called log_open, so lines of other threads reach them with the
 * next line of that thread. The signal handler of a crash only reads the ring and calls write().
 */
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/priv.h"

#define LOG_RING  1000u
#define LOG_LINE  2048u
#define LOG_SINKS 8
#define LOG_MINUTE INT64_C(60000000)

enum log_kind { LOG_TO_STDOUT, LOG_TO_SYSLOG, LOG_TO_FILE };

static struct {
	pthread_mutex_t lock;
	pthread_t owner; /* the thread of the sinks */
	bool owned;
	char daemon[32];
	enum log_kind kind;
	char path[256];
	int fd; /* LOG_TO_FILE */
	enum log_level level;
	char *ring[LOG_RING]; /* line n is at n % LOG_RING, with its newline */
	uint64_t lines;
	uint64_t told; /* lines that the sinks have had */
	bool telling;
	struct {
		log_sink_fn *fn;
		void *arg;
	} sinks[LOG_SINKS];
	char crash_path[256];
} lg = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .level = LOG_LVL_INFO};

static const char *const level_names[] = {"error", "warning", "notice", "info", "debug"};
static const int level_syslog[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};

/* --- levels and targets ------------------------------------------------------------------------ */

bool
log_level_parse(const char *text, enum log_level *level)
{
	static const struct {
		const char *name;
		enum log_level level;
	} names[] = {
		{"error", LOG_LVL_ERROR}, {"errors", LOG_LVL_ERROR}, {"emergencies", LOG_LVL_ERROR},
		{"alerts", LOG_LVL_ERROR}, {"critical", LOG_LVL_ERROR}, {"warning", LOG_LVL_WARNING},
		{"warnings", LOG_LVL_WARNING}, {"notice", LOG_LVL_NOTICE},
		{"notifications", LOG_LVL_NOTICE}, {"info", LOG_LVL_INFO},
		{"informational", LOG_LVL_INFO}, {"debug", LOG_LVL_DEBUG},
		{"debugging", LOG_LVL_DEBUG},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i].name)) {
			*level = names[i].level;
			return true;
		}
	return false;
}

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

void
log_level_set(enum log_level level)
{
	lg.level = level;
}

enum log_level
log_level_get(void)
{
	return lg.level;
}

static int
log_file_open(const char *path)
{
	struct priv_ids ids = priv_ids();
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	/* Ours after the drop, too, so that it can be opened again after a rotation. */
	if (fd >= 0 && ids.uid != (uid_t)-1 && fchown(fd, ids.uid, ids.gid) < 0)
		errno = 0;
	return fd;
}

bool
log_open(const char *daemon, const char *target, enum log_level level)
{
	enum log_kind kind = LOG_TO_STDOUT;
	int fd = -1;
	if (!strncmp(target, "file:", 5)) {
		if (strlen(target + 5) >= sizeof(lg.path))
			return false;
		fd = log_file_open(target + 5);
		if (fd < 0)
			return false;
		kind = LOG_TO_FILE;
	} else if (!strcmp(target, "syslog")) {
		kind = LOG_TO_SYSLOG;
	} else if (strcmp(target, "stdout") != 0) {
		return false;
	}
	pthread_mutex_lock(&lg.lock);
	snprintf(lg.daemon, sizeof(lg.daemon), "%s", daemon);
	if (kind == LOG_TO_SYSLOG)
		openlog(lg.daemon, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	if (kind == LOG_TO_FILE)
		snprintf(lg.path, sizeof(lg.path), "%s", target + 5);
	if (lg.fd >= 0)
		close(lg.fd);
	lg.fd = fd;
	lg.kind = kind;
	lg.level = level;
	lg.owner = pthread_self();
	lg.owned = true;
	pthread_mutex_unlock(&lg.lock);
	return true;
}

void
log_reopen(void)
{
	if (lg.kind != LOG_TO_FILE)
		return;
	int fd = log_file_open(lg.path);
	if (fd < 0) { /* without privileges any more: the old file goes on */
		log_warning("log.reopen", "path=%s error=%s", lg.path, strerror(errno));
		return;
	}
	pthread_mutex_lock(&lg.lock);
	close(lg.fd);
	lg.fd = fd;
	pthread_mutex_unlock(&lg.lock);
}

/* --- one line ---------------------------------------------------------------------------------- */

/* Control octets would let a field forge another line. */
static void
log_clean(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

static size_t
log_format(char *line, enum log_level level, const char *name, const char *fmt, va_list ap)
{
	struct timespec ts;
	struct tm tm;
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	size_t at = strftime(line, LOG_LINE, "%Y-%m-%dT%H:%M:%S", &tm);
	at += (size_t)snprintf(line + at, LOG_LINE - at, ".%06ldZ %s[%d] %s %s ",
		ts.tv_nsec / 1000, lg.daemon, (int)getpid(), level_names[level], name);
	if (at > LOG_LINE / 2)
		at = LOG_LINE / 2; /* an absurd event name */
	int n = vsnprintf(line + at, LOG_LINE - at - 1, fmt, ap);
	if (n < 0)
		n = 0;
	log_clean(line);
	at = strlen(line);
	while (at && line[at - 1] == ' ')
		at--;
	line[at++] = '\n';
	line[at] = '\0';
	return at;
}

/* A pipe that nobody reads must not stop a router either: its lines are in the ring only. */
static bool
log_stdout_takes(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
	return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT);
}

static void
log_emit(enum log_level level, const char *line, size_t len)
{
	ssize_t done = 0;
	if (lg.kind == LOG_TO_SYSLOG)
		syslog(level_syslog[level], "%s", strchr(line, ']') ? strchr(line, ']') + 2 : line);
	else if (lg.kind == LOG_TO_FILE || log_stdout_takes())
		done = write(lg.kind == LOG_TO_FILE ? lg.fd : STDOUT_FILENO, line, len);
	(void)done; /* a full disk must not stop a router */
}

static void
log_keep(const char *line, size_t len)
{
	char **slot = &lg.ring[lg.lines % LOG_RING];
	char *old = *slot;
	*slot = mem_dup(line, len + 1);
	lg.lines++;
	mem_free(old);
}

/*
 * Gives the sinks what they have not had; only in their thread. What a sink itself logs goes to the
 * ring and the target only, or it would never end.
 */
static void
log_tell(void)
{
	if (lg.telling || !lg.owned || !pthread_equal(lg.owner, pthread_self()))
		return;
	lg.telling = true;
	uint64_t end = lg.lines;
	for (const char *line; lg.told < end && (line = log_ring_next(&lg.told));)
		for (int i = 0; i < LOG_SINKS; i++)
			if (lg.sinks[i].fn)
				lg.sinks[i].fn(lg.sinks[i].arg, line);
	lg.told = lg.lines;
	lg.telling = false;
}

static void
log_vline(enum log_level level, const char *name, const char *fmt, va_list ap)
{
	char line[LOG_LINE];
	if (level > lg.level)
		return;
	pthread_mutex_lock(&lg.lock);
	size_t len = log_format(line, level, name, fmt, ap);
	log_emit(level, line, len);
	log_keep(line, len);
	pthread_mutex_unlock(&lg.lock);
	log_tell();
}

void
log_line(enum log_level level, const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	log_vline(level, name, fmt, ap);
	va_end(ap);
}

/* True: this one may be written. A new minute tells how many the last one swallowed. */
static bool
log_allowed(struct log_event *ev)
{
	struct timespec ts;
	uint64_t swallowed = 0;
	ev->count++;
	if (!ev->per_minute)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	int64_t now = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	if (!ev->window || now - ev->window >= LOG_MINUTE) {
		ev->window = now;
		ev->in_window = 0;
		swallowed = ev->suppressed;
		ev->suppressed = 0;
	}
	if (ev->in_window >= ev->per_minute) {
		ev->suppressed++;
		return false;
	}
	ev->in_window++;
	if (swallowed)
		log_line(ev->level, ev->name, "suppressed=%llu", (unsigned long long)swallowed);
	return true;
}

void
log_event(struct log_event *ev, const char *fmt, ...)
{
	va_list ap;
	if (ev->level > lg.level) {
		ev->count++;
		return;
	}
	if (!log_allowed(ev))
		return;
	va_start(ap, fmt);
	log_vline(ev->level, ev->name, fmt, ap);
	va_end(ap);
}

/* --- ring and sinks ---------------------------------------------------------------------------- */

const char *
log_ring_next(uint64_t *pos)
{
	const char *line = NULL;
	pthread_mutex_lock(&lg.lock);
	if (lg.lines > LOG_RING && *pos < lg.lines - LOG_RING)
		*pos = lg.lines - LOG_RING;
	if (*pos < lg.lines)
		line = lg.ring[(*pos)++ % LOG_RING];
	pthread_mutex_unlock(&lg.lock);
	return line;
}

void
log_sink_add(log_sink_fn *fn, void *arg)
{
	bool first = true;
	for (int i = 0; i < LOG_SINKS; i++)
		first = first && !lg.sinks[i].fn;
	if (first)
		lg.told = lg.lines; /* from now on */
	for (int i = 0; i < LOG_SINKS; i++)
		if (!lg.sinks[i].fn) {
			lg.sinks[i].arg = arg;
			lg.sinks[i].fn = fn;
			return;
		}
}

void
log_sink_del(log_sink_fn *fn, void *arg)
{
	for (int i = 0; i < LOG_SINKS; i++)
		if (lg.sinks[i].fn == fn && lg.sinks[i].arg == arg)
			lg.sinks[i].fn = NULL;
}

/* --- the last words ---------------------------------------------------------------------------- */

static void
log_crash_write(int fd, const char *text)
{
	ssize_t done = write(fd, text, strlen(text));
	(void)done;
}

/* Async-signal-safe: a number in decimal. */
static const char *
log_crash_number(char buf[24], unsigned long n)
{
	char *p = buf + 23;
	*p = '\0';
	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	return p;
}

void
log_crash(const char *what, unsigned long number)
{
	char buf[24];
	int fd = open(lg.crash_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	int out = lg.kind == LOG_TO_FILE ? lg.fd : STDOUT_FILENO;
	int to[2] = {out, fd};
	for (int i = 0; i < 2; i++) {
		if (to[i] < 0)
			continue;
		log_crash_write(to[i], lg.daemon);
		log_crash_write(to[i], ": ");
		log_crash_write(to[i], what);
		log_crash_write(to[i], " ");
		log_crash_write(to[i], log_crash_number(buf, number));
		log_crash_write(to[i], "\n");
	}
	if (fd < 0)
		return;
	for (uint64_t n = lg.lines > LOG_RING ? lg.lines - LOG_RING : 0; n < lg.lines; n++)
		if (lg.ring[n % LOG_RING])
			log_crash_write(fd, lg.ring[n % LOG_RING]);
	close(fd);
}

static void
log_crashed(int signo)
{
	log_crash("died of signal", (unsigned long)signo);
	raise(signo); /* SA_RESETHAND: this time for real, with a core */
}

void
log_crash_to(const char *path)
{
	static char stack[16384];
	snprintf(lg.crash_path, sizeof(lg.crash_path), "%s", path);
#ifndef __SANITIZE_ADDRESS__
	static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
	stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack)};
	sigaltstack(&alt, NULL);
	struct sigaction sa = {.sa_handler = log_crashed, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK)};
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, NULL);
#else
	(void)stack;
	(void)log_crashed;
#endif
}
