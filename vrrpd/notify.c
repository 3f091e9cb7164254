/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our end of the notifier: jobs out, results into the log. Owns the socket. */
#include "vrrpd/notify.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "vrrpd/read.h"

struct vrrp_notify {
	int fd;
	struct loop_fd *io;
	struct vrrp_notify_counters count;
};

static struct log_event ev_output = {.name = "vrrp.notify-output", .level = LOG_LVL_INFO, .per_minute = 120};
static struct log_event ev_failed = {.name = "vrrp.notify-failed", .level = LOG_LVL_WARNING, .per_minute = 60};
static struct log_event ev_lost = {.name = "vrrp.notify-lost", .level = LOG_LVL_WARNING, .per_minute = 10};

static void
result_log(struct vrrp_notify *n, const struct vrrp_notify_result *r)
{
	const char *why = "";
	switch ((enum vrrp_notify_kind)r->kind) {
	case VRRP_NOTIFY_OUTPUT:
		log_event(&ev_output, "interface=%s vrid=%s family=%s line=\"%s\"", r->ifname, r->vrid, r->family, r->text);
		return;
	case VRRP_NOTIFY_ENDED:
		n->count.run++;
		if (!r->status)
			return;
		n->count.failed++;
		why = "it failed";
		break;
	case VRRP_NOTIFY_KILLED:
		n->count.killed++;
		why = "it took longer than 10 s";
		break;
	case VRRP_NOTIFY_SKIPPED:
		n->count.skipped++;
		why = "newer changes overtook it";
		break;
	}
	log_event(&ev_failed, "interface=%s vrid=%s family=%s command=\"%s\" status=%d error=\"%s\"", r->ifname, r->vrid,
		r->family, r->text, (int)r->status, why);
}

static void
notifier_gone(struct vrrp_notify *n)
{
	loop_fd_del(n->io);
	close(n->fd);
	n->io = NULL;
	n->fd = -1;
	log_error("vrrp.notifier", "error=\"it ended: notify commands are not run until vrrpd starts again\"");
}

static void
notifier_readable(void *arg, unsigned what, int64_t now)
{
	struct vrrp_notify *n = arg;
	struct vrrp_notify_result r;

	(void)what, (void)now;
	for (unsigned i = 0; i < 64; i++) {
		ssize_t got = recv(n->fd, &r, sizeof(r), MSG_DONTWAIT);
		if (got < 0 && errno != ECONNRESET)
			return;
		if (got <= 0) {
			notifier_gone(n);
			return;
		}
		r.ifname[sizeof(r.ifname) - 1] = r.vrid[sizeof(r.vrid) - 1] = r.family[sizeof(r.family) - 1] = '\0';
		r.text[sizeof(r.text) - 1] = '\0';
		if (got == sizeof(r) && r.kind <= VRRP_NOTIFY_SKIPPED)
			result_log(n, &r);
	}
}

struct vrrp_notify *
vrrp_notify_new(struct loop *l)
{
	int fds[2], room = 2 << 20;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		log_error("vrrp.notifier", "error=\"%s\"", strerror(errno));
		return NULL;
	}
	pid_t pid = fork();
	if (pid == 0)
		vrrp_notifier_run(fds[1]);
	close(fds[1]);
	if (pid < 0) {
		log_error("vrrp.notifier", "error=\"%s\"", strerror(errno));
		close(fds[0]);
		return NULL;
	}
	struct vrrp_notify *n = mem_zalloc(sizeof(*n));
	n->fd = fds[0];
	/* every virtual router may change at once; what does not fit is lost, and told */
	if (setsockopt(n->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0)
		setsockopt(n->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	n->io = loop_fd_add(l, n->fd, LOOP_READ, notifier_readable, n);
	return n;
}

void
vrrp_notify_free(struct vrrp_notify *n)
{
	if (!n)
		return;
	if (n->fd >= 0) {
		loop_fd_del(n->io);
		close(n->fd);
	}
	mem_free(n);
}

void
vrrp_notify_change(struct vrrp_notify *n, const struct vrrp_change *c)
{
	struct vrrp_notify_job job;

	if (!n || !c->notify[0])
		return;
	memset(&job, 0, sizeof(job));
	snprintf(job.ifname, sizeof(job.ifname), "%s", c->ifname);
	snprintf(job.vrid, sizeof(job.vrid), "%u", c->key.vrid);
	snprintf(job.family, sizeof(job.family), "%s", c->key.afi == AFI_IP4 ? "ipv4" : "ipv6");
	snprintf(job.state, sizeof(job.state), "%s", vrrp_state_name(c->new_state));
	job.state[0] = (char)tolower((unsigned char)job.state[0]); /* master, backup, initialize: as scripts like it */
	snprintf(job.priority, sizeof(job.priority), "%u", c->priority);
	snprintf(job.reason, sizeof(job.reason), "%s", vrrp_reason_name(c->reason));
	snprintf(job.command, sizeof(job.command), "%s", c->notify);
	if (n->fd >= 0 && send(n->fd, &job, sizeof(job), MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(job))
		return;
	n->count.lost++;
	log_event(&ev_lost, "interface=%s vrid=%u state=%s", c->ifname, c->key.vrid, job.state);
}

const struct vrrp_notify_counters *
vrrp_notify_counters(const struct vrrp_notify *n)
{
	static const struct vrrp_notify_counters none;
	return n ? &n->count : &none;
}
