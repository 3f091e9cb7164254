/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health checks over non-blocking sockets: see health.h. Owns the checks and their sockets.
 *
 *	waiting --start--> connecting --(tcp)--> result
 *	                       '--(http)--> asking --status line--> result
 *
 * A check has one try open at a time; the next starts an interval after the last started, or
 * at once when that took longer. What an answer says beyond its first 13 octets is not even read.
 */
#include "vrrpd/health.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/rows.h"
#include "lib/zclient.h"
#include "vrrpd/config.h"
#include "vrrpd/probe.h"

struct check {
	TAILQ_ENTRY(check) next;
	struct vrrp_health *health;
	struct vrrp_conf_check conf;
	struct ipaddr address;
	uint16_t port;
	bool http, seen;                 /* seen: in the config that is being applied */
	struct vrrp_streak streak;
	struct timer start, timeout;
	int64_t started;
	int fd;                          /* -1: no try is open */
	struct loop_fd *io;
	char request[512];
	size_t request_len, request_sent;
	uint8_t answer[VRRP_PROBE_BYTES];
	size_t answer_len;
	char cause[64];                  /* of the last result */
	uint64_t good, bad;
	int64_t took;                    /* the last try, microseconds */
};

struct vrrp_health {
	struct loop *loop;
	struct zclient *zclient;
	TAILQ_HEAD(, check) checks;
};

static struct log_event ev_check = {.name = "vrrp.health-check", .level = LOG_LVL_NOTICE, .per_minute = 120};

static void
check_start(void *arg, int64_t now);

/* --- the end of a try ------------------------------------------------------------------------------------- */

static void
try_close(struct check *c)
{
	timer_cancel(loop_timers(c->health->loop), &c->timeout);
	if (c->fd < 0)
		return;
	loop_fd_del(c->io);
	close(c->fd);
	c->io = NULL;
	c->fd = -1;
}

static void
check_result(struct check *c, bool good, const char *cause)
{
	int64_t now = loop_clock(), next = c->started + (int64_t)c->conf.interval_ms * TIME_MS;

	try_close(c);
	c->took = now - c->started;
	snprintf(c->cause, sizeof(c->cause), "%s", cause);
	*(good ? &c->good : &c->bad) += 1;
	if (vrrp_probe_result(&c->streak, good, c->conf.rise, c->conf.fall)) {
		log_event(&ev_check, "track=%u state=%s cause=\"%s\"", c->conf.id, good ? "up" : "down", cause);
		zclient_track_report(c->health->zclient, c->conf.id, good, cause, now);
	}
	timer_set(loop_timers(c->health->loop), &c->start, next > now ? next : now, check_start, c);
}

static void
check_errno(struct check *c, int error)
{
	check_result(c, false, strerror(error));
}

static void
check_late(void *arg, int64_t now)
{
	struct check *c = arg;

	(void)now;
	check_result(c, false, c->http && c->request_sent ? "no answer in time" : "no connection in time");
}

/* --- a try -------------------------------------------------------------------------------------------------- */

static void
http_read(struct check *c)
{
	unsigned status, want = c->conf.http_status ? c->conf.http_status : 200;
	char cause[64];
	ssize_t n = recv(c->fd, c->answer + c->answer_len, sizeof(c->answer) - c->answer_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		check_errno(c, errno);
		return;
	}
	c->answer_len += (size_t)n;
	switch (vrrp_probe_status(c->answer, c->answer_len, &status)) {
	case VRRP_PROBE_MORE:
		if (!n)
			check_result(c, false, "closed without an answer");
		return;
	case VRRP_PROBE_BAD:
		check_result(c, false, "not an answer of HTTP");
		return;
	case VRRP_PROBE_STATUS:
		break;
	}
	snprintf(cause, sizeof(cause), "status %u", status);
	check_result(c, status == want, cause);
}

static void
http_write(struct check *c)
{
	ssize_t n = send(c->fd, c->request + c->request_sent, c->request_len - c->request_sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		check_errno(c, errno);
		return;
	}
	c->request_sent += n > 0 ? (size_t)n : 0;
	if (c->request_sent == c->request_len)
		loop_fd_want(c->io, LOOP_READ);
}

static void
check_ready(void *arg, unsigned what, int64_t now)
{
	struct check *c = arg;
	int error = 0;
	socklen_t len = sizeof(error);

	(void)what, (void)now;
	if (c->http && c->request_sent == c->request_len) {
		http_read(c);
		return;
	}
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error)
		check_errno(c, error);
	else if (c->http)
		http_write(c);
	else
		check_result(c, true, "connected");
}

static socklen_t
sockaddr_make(const struct ipaddr *a, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in s4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 s6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	memset(out, 0, sizeof(*out));
	memcpy(&s4.sin_addr, a->b, 4);
	memcpy(&s6.sin6_addr, a->b, 16);
	if (a->afi == AFI_IP4)
		memcpy(out, &s4, sizeof(s4));
	else
		memcpy(out, &s6, sizeof(s6));
	return a->afi == AFI_IP4 ? sizeof(s4) : sizeof(s6);
}

/* False, with errno. A connection that is made at once is told as one that is made later. */
static bool
try_open(struct check *c)
{
	struct sockaddr_storage to, from;
	socklen_t to_len = sockaddr_make(&c->address, c->port, &to);
	int one = 1;

	c->fd = socket(c->address.afi == AFI_IP4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return false;
	c->io = loop_fd_add(c->health->loop, c->fd, LOOP_WRITE, check_ready, c);
	setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (c->conf.source.afi == c->address.afi) {
		socklen_t from_len = sockaddr_make(&c->conf.source, 0, &from);
		if (bind(c->fd, (struct sockaddr *)&from, from_len) < 0)
			return false;
	}
	return connect(c->fd, (struct sockaddr *)&to, to_len) == 0 || errno == EINPROGRESS;
}

static void
check_start(void *arg, int64_t now)
{
	struct check *c = arg;

	(void)now;
	c->started = loop_clock();
	c->request_sent = c->answer_len = 0;
	if (!try_open(c)) {
		check_errno(c, errno);
		return;
	}
	timer_set(loop_timers(c->health->loop), &c->timeout, c->started + (int64_t)c->conf.timeout_ms * TIME_MS, check_late, c);
}

/* --- configuration ---------------------------------------------------------------------------------------- */

static void
check_free(struct check *c)
{
	try_close(c);
	timer_cancel(loop_timers(c->health->loop), &c->start);
	TAILQ_REMOVE(&c->health->checks, c, next);
	mem_free(c);
}

static void
check_new(struct vrrp_health *h, const struct vrrp_conf_check *conf)
{
	struct vrrp_url url;
	struct check *c = mem_zalloc(sizeof(*c));

	c->health = h;
	c->conf = *conf;
	c->seen = true;
	c->fd = -1;
	c->http = conf->http_url[0];
	c->address = conf->tcp_address;
	c->port = conf->tcp_port;
	TAILQ_INSERT_TAIL(&h->checks, c, next);
	if (c->http && vrrp_probe_url(conf->http_url, &url)) {
		c->address = url.address;
		c->port = url.port;
		c->request_len = vrrp_probe_request(&url, c->request, sizeof(c->request));
	}
	if (c->http && !c->request_len) { /* what the schema's pattern lets through and is no URL all the same */
		snprintf(c->cause, sizeof(c->cause), "not a URL that can be asked");
		zclient_track_report(h->zclient, conf->id, false, c->cause, loop_clock());
		return;
	}
	timer_set(loop_timers(h->loop), &c->start, loop_clock(), check_start, c);
}

static bool
conf_same(const struct vrrp_conf_check *a, const struct vrrp_conf_check *b)
{
	return !strcmp(a->http_url, b->http_url) && a->http_status == b->http_status &&
	       !ipaddr_cmp(&a->tcp_address, &b->tcp_address) && !ipaddr_cmp(&a->source, &b->source) &&
	       a->tcp_port == b->tcp_port && a->interval_ms == b->interval_ms && a->timeout_ms == b->timeout_ms &&
	       a->rise == b->rise && a->fall == b->fall;
}

static struct check *
check_find(const struct vrrp_health *h, uint32_t id)
{
	struct check *c;

	TAILQ_FOREACH(c, &h->checks, next)
		if (c->conf.id == id)
			return c;
	return NULL;
}

/* A check whose words have not changed goes on where it is. */
void
vrrp_health_configure(struct vrrp_health *h, const struct conf_object *config)
{
	const struct conf_object *o = NULL;
	struct check *c, *next;

	TAILQ_FOREACH(c, &h->checks, next)
		c->seen = false;
	while ((o = conf_next(config, &vrrp_conf_check_class, o))) {
		const struct vrrp_conf_check *conf = conf_data(o);
		if (!conf->http_url[0] && conf->tcp_address.afi == AFI_NONE)
			continue;
		c = check_find(h, conf->id);
		if (c && conf_same(&c->conf, conf)) {
			c->seen = true;
			continue;
		}
		if (c)
			check_free(c);
		check_new(h, conf);
	}
	for (c = TAILQ_FIRST(&h->checks); c; c = next) {
		next = TAILQ_NEXT(c, next);
		if (c->seen)
			continue;
		zclient_track_forget(h->zclient, c->conf.id);
		check_free(c);
	}
}

/* --- life -------------------------------------------------------------------------------------------------- */

struct vrrp_health *
vrrp_health_new(struct loop *l, struct zclient *z)
{
	struct vrrp_health *h = mem_zalloc(sizeof(*h));

	h->loop = l;
	h->zclient = z;
	TAILQ_INIT(&h->checks);
	return h;
}

void
vrrp_health_free(struct vrrp_health *h)
{
	struct check *c;

	while ((c = TAILQ_FIRST(&h->checks)))
		check_free(c);
	mem_free(h);
}

void
vrrp_health_rows(const struct vrrp_health *h, struct rows *out)
{
	const struct check *c;

	TAILQ_FOREACH(c, &h->checks, next) {
		row_begin(out);
		row_uint(out, "track", c->conf.id);
		row_str(out, "kind", c->http ? "http" : "tcp");
		row_bool(out, "known", c->streak.known);
		row_bool(out, "up", c->streak.up);
		row_uint(out, "against", c->streak.in_row);
		row_uint(out, "good", c->good);
		row_uint(out, "bad", c->bad);
		row_uint(out, "took-us", (uint64_t)c->took);
		row_str(out, "cause", c->cause);
		row_end(out);
	}
}
