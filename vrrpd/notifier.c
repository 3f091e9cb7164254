/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notifier: a process that runs notify commands and nothing else. It has the socket to vrrpd, no
 * capability, user grevy where that exists, a session of its own. It ends when vrrpd does and the last
 * command has.
 *
 * Of each virtual router one command runs at a time; what waits is a short queue of which the oldest
 * goes first when it is full: the last state always arrives.
 */
#include "vrrpd/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/priv.h"
#include "lib/trim.h"

#define TIME_LIMIT   (10 * TIME_SEC)
#define WAITING_MAX  8   /* per virtual router */
#define ROUTERS_MAX  512
#define LINES_MAX    50  /* of output per command */
#define WORDS_MAX    32

struct router {
	STAILQ_ENTRY(router) next;
	struct vrrp_notify_job job;          /* what runs, or its name when nothing does */
	struct vrrp_notify_job waiting[WAITING_MAX];
	unsigned waiting_count;
	pid_t pid;                           /* 0: nothing runs */
	int out;                             /* its output; -1: closed */
	int64_t deadline;
	bool killed;
	unsigned lines;
	char line[sizeof(((struct vrrp_notify_result *)0)->text)];
	size_t line_len;
};

struct notifier {
	int fd, signals;                     /* fd -1: vrrpd is gone */
	STAILQ_HEAD(, router) routers;
	unsigned count;
};

static void
tell(const struct notifier *n, const struct router *r, enum vrrp_notify_kind kind, int status, const char *text)
{
	struct vrrp_notify_result m;

	memset(&m, 0, sizeof(m));
	memcpy(m.ifname, r->job.ifname, sizeof(m.ifname));
	memcpy(m.vrid, r->job.vrid, sizeof(m.vrid));
	memcpy(m.family, r->job.family, sizeof(m.family));
	m.kind = (uint8_t)kind;
	m.status = status;
	snprintf(m.text, sizeof(m.text), "%s", text);
	if (n->fd >= 0 && send(n->fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return; /* vrrpd does not read just now: its log misses a line */
}

/* --- one command ---------------------------------------------------------------------------------------- */

/* In the child: nothing of ours stays but its output. */
static void
become(struct vrrp_notify_job *job, int out)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *env[] = {path, NULL}, *words[WORDS_MAX + 7], *save = NULL;
	unsigned n = 0;
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int null = open("/dev/null", O_RDONLY);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	close_range(3, ~0u, 0);
	for (char *w = strtok_r(job->command, " \t", &save); w && n < WORDS_MAX; w = strtok_r(NULL, " \t", &save))
		words[n++] = w;
	if (!n)
		_exit(127);
	words[n++] = job->ifname;
	words[n++] = job->vrid;
	words[n++] = job->family;
	words[n++] = job->state;
	words[n++] = job->priority;
	words[n++] = job->reason;
	words[n] = NULL;
	execvpe(words[0], words, env);
	dprintf(2, "%s: %s\n", words[0], strerror(errno));
	_exit(127);
}

static void
start(struct notifier *n, struct router *r, const struct vrrp_notify_job *job)
{
	int fds[2];

	r->job = *job;
	r->killed = false;
	r->lines = 0;
	r->line_len = 0;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		tell(n, r, VRRP_NOTIFY_ENDED, 126, job->command);
		return;
	}
	fcntl(fds[1], F_SETFL, 0); /* commands expect an output that waits */
	r->pid = fork();
	if (r->pid == 0)
		become(&r->job, fds[1]);
	close(fds[1]);
	r->out = fds[0];
	r->deadline = loop_clock() + TIME_LIMIT;
	if (r->pid > 0)
		return;
	close(r->out);
	r->out = -1;
	r->pid = 0;
	tell(n, r, VRRP_NOTIFY_ENDED, 126, job->command);
}

static void
line_end(struct notifier *n, struct router *r)
{
	r->line[r->line_len] = '\0';
	if (r->line_len && r->lines++ < LINES_MAX)
		tell(n, r, VRRP_NOTIFY_OUTPUT, 0, r->line);
	r->line_len = 0;
}

/* Whatever it writes is text of others: control characters and quotation marks do not reach the log. */
static void
output_read(struct notifier *n, struct router *r)
{
	char bytes[4096];
	ssize_t got = read(r->out, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < got; i++) {
		char c = bytes[i];
		if (c == '\n' || r->line_len == sizeof(r->line) - 1)
			line_end(n, r);
		if (c != '\n')
			r->line[r->line_len++] = (unsigned char)c < ' ' || c == '"' || c == 127 ? '.' : c;
	}
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	line_end(n, r);
	close(r->out);
	r->out = -1;
}

/* --- virtual routers ------------------------------------------------------------------------------------ */

/* NULL: too many run at once. */
static struct router *
router_get(struct notifier *n, const struct vrrp_notify_job *job)
{
	struct router *r;

	STAILQ_FOREACH(r, &n->routers, next)
		if (!strcmp(r->job.ifname, job->ifname) && !strcmp(r->job.vrid, job->vrid) &&
		    !strcmp(r->job.family, job->family))
			return r;
	if (n->count == ROUTERS_MAX) { /* those that are idle are only names */
		STAILQ_FOREACH(r, &n->routers, next)
			if (!r->pid)
				break;
		return r;
	}
	r = mem_zalloc(sizeof(*r));
	r->out = -1;
	r->job = *job;
	STAILQ_INSERT_TAIL(&n->routers, r, next);
	n->count++;
	return r;
}

static void
job_take(struct notifier *n, const struct vrrp_notify_job *job)
{
	struct router *r = router_get(n, job);

	if (!r) {
		tell(n, &(struct router){.job = *job}, VRRP_NOTIFY_SKIPPED, 0, job->command);
		return;
	}
	if (!r->pid) {
		start(n, r, job);
		return;
	}
	if (r->waiting_count == WAITING_MAX) {
		tell(n, r, VRRP_NOTIFY_SKIPPED, 0, r->waiting[0].command);
		memmove(&r->waiting[0], &r->waiting[1], sizeof(r->waiting) - sizeof(r->waiting[0]));
		r->waiting_count--;
	}
	r->waiting[r->waiting_count++] = *job;
}

static void
router_ended(struct notifier *n, struct router *r, int status)
{
	if (r->out >= 0) /* what it had written before */
		output_read(n, r);
	if (r->out >= 0) {
		line_end(n, r);
		close(r->out); /* a child of its own may hold the other end */
		r->out = -1;
	}
	r->pid = 0;
	tell(n, r, r->killed ? VRRP_NOTIFY_KILLED : VRRP_NOTIFY_ENDED,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), r->job.command);
	if (!r->waiting_count)
		return;
	struct vrrp_notify_job next = r->waiting[0];
	memmove(&r->waiting[0], &r->waiting[1], sizeof(r->waiting) - sizeof(r->waiting[0]));
	r->waiting_count--;
	start(n, r, &next);
}

static void
reap(struct notifier *n)
{
	struct signalfd_siginfo told;
	struct router *r;
	siginfo_t info;
	int status;

	while (read(n->signals, &told, sizeof(told)) > 0)
		continue;
	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
			return;
		kill(-info.si_pid, SIGKILL); /* what it left running in its session, while the number is still its own */
		waitpid(info.si_pid, &status, 0);
		STAILQ_FOREACH(r, &n->routers, next)
			if (r->pid == info.si_pid)
				break;
		if (r)
			router_ended(n, r, status);
	}
}

static void
vrrpd_read(struct notifier *n)
{
	struct vrrp_notify_job job;
	ssize_t got = recv(n->fd, &job, sizeof(job), MSG_DONTWAIT);

	if (got == sizeof(job) && memchr(job.command, '\0', sizeof(job.command))) {
		job_take(n, &job);
	} else if (!got || (got < 0 && errno != EAGAIN && errno != EINTR)) {
		close(n->fd);
		n->fd = -1;
	}
}

/* --- life ------------------------------------------------------------------------------------------------- */

/* Fills poll's array: the socket, the signals, then outputs; returns the milliseconds to the next deadline. */
static int
watch(struct notifier *n, struct pollfd *p, nfds_t *count, bool *busy)
{
	int64_t first = INT64_MAX;
	struct router *r;

	p[0] = (struct pollfd){n->fd, POLLIN, 0};
	p[1] = (struct pollfd){n->signals, POLLIN, 0};
	*count = 2;
	*busy = false;
	STAILQ_FOREACH(r, &n->routers, next) {
		if (!r->pid)
			continue;
		*busy = true;
		p[(*count)++] = (struct pollfd){r->out, POLLIN, 0};
		if (!r->killed && r->deadline < first)
			first = r->deadline;
	}
	int64_t left = first == INT64_MAX ? -1 : (first - loop_clock()) / TIME_MS + 1;
	return first != INT64_MAX && left < 0 ? 0 : (int)left;
}

static void
turn(struct notifier *n, const struct pollfd *p)
{
	int64_t now = loop_clock();
	struct router *r;
	nfds_t at = 2;

	STAILQ_FOREACH(r, &n->routers, next) {
		if (!r->pid)
			continue;
		if (p[at].fd == r->out && p[at].revents)
			output_read(n, r);
		at++;
		if (now >= r->deadline && !r->killed) {
			r->killed = true;
			kill(-r->pid, SIGKILL);
			kill(r->pid, SIGKILL); /* before it had its session */
		}
	}
	if (p[1].revents)
		reap(n);
	if (n->fd >= 0 && p[0].revents)
		vrrpd_read(n);
}

static void
become_nobody(int fd)
{
	static const struct priv_def nothing;
	const struct rlimit plain = {0, 0};

	for (int signo = 1; signo < 32; signo++)
		signal(signo, SIG_DFL); /* the loop's handlers, and SIGPIPE: commands inherit what is ignored */
	setsid();
	prctl(PR_SET_NAME, "vrrpd-notify", 0, 0, 0);
	if (!priv_shed(&nothing, "vrrpd"))
		_exit(1);
	setrlimit(RLIMIT_RTPRIO, &plain);
	setrlimit(RLIMIT_CORE, &plain);
	if (chdir("/") < 0)
		_exit(1);
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
}

void
vrrp_notifier_run(int fd)
{
	struct pollfd *p = mem_array(ROUTERS_MAX + 2, sizeof(*p));
	struct notifier n = {.fd = fd};
	sigset_t child;
	nfds_t count;
	bool busy;

	setpriority(PRIO_PROCESS, 0, 0); /* not the daemon's: commands are in no hurry */
	become_nobody(fd);
	STAILQ_INIT(&n.routers);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_SETMASK, &child, NULL);
	trim_text();
	n.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	for (;;) {
		int timeout = watch(&n, p, &count, &busy);
		if (n.fd < 0 && !busy)
			_exit(0);
		if (poll(p, count, timeout) >= 0)
			turn(&n, p);
	}
}
