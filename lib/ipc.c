/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Framed protobuf-c messages over UNIX stream sockets, on the loop.
 * A hub per loop owns the receive arena, the spare output chunk and the list of connections with
 * work left; a server owns its listening socket and connections; a connection its descriptor, its
 * input buffer and its output chunks.
 * Invariants: output leaves in the loop's last phase, one sendmsg for all messages of a turn;
 * nothing is freed while one of its handlers runs: a connection that ends is marked and reaped in
 * that phase; a connection that is ending delivers no message.
 */
#include "lib/ipc.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/priv.h"

#define IPC_READ_START 16384u  /* first size of an input buffer */
#define IPC_READ_MAX   262144u /* read at once, unless a frame is longer */
#define IPC_CHUNK      65536u
#define IPC_IOV        64
#define IPC_CONNS_MAX  256u    /* of one server */
#define IPC_RETRY_MIN  (10 * TIME_MS)
#define IPC_RETRY_MAX  (200 * TIME_MS)

struct ipc_chunk {
	TAILQ_ENTRY(ipc_chunk) next;
	size_t start, end, cap;
	uint8_t data[];
};

TAILQ_HEAD(ipc_chunks, ipc_chunk);

struct ipc_hub {
	struct loop *loop;
	struct loop_phase *phase;
	struct arena *arena;
	ProtobufCAllocator allocator;
	struct ipc_chunk *spare;
	TAILQ_HEAD(, ipc_conn) work;
};

struct ipc_conn {
	TAILQ_ENTRY(ipc_conn) next; /* of its server */
	TAILQ_ENTRY(ipc_conn) work;
	struct ipc_hub *hub;
	struct ipc_server *server; /* NULL: a client connection */
	const struct ipc_ops *ops;
	void *arg, *data;
	char *path; /* client */
	struct timer retry;
	int64_t retry_wait, opened_at;
	int fd;
	struct loop_fd *io;
	bool up;      /* opened() was called, closed() not yet */
	bool ending;  /* to be reaped */
	bool final;   /* client: closed by its owner */
	bool working; /* in the hub's list */
	bool handling;
	bool held, congested, want_write;
	uint8_t *in;
	size_t in_len, in_cap;
	struct ipc_chunks out;
	size_t queued;
	struct ucred peer;
	uint64_t frames_in, frames_out;
};

struct ipc_server {
	struct ipc_hub *hub;
	const struct ipc_ops *ops;
	void *arg;
	char *path;
	int fd;
	struct loop_fd *io;
	TAILQ_HEAD(, ipc_conn) conns;
	unsigned conn_count;
};

static void ipc_fd_ready(void *arg, unsigned what, int64_t now);
static void ipc_reap(struct ipc_conn *c, int64_t now);
static void ipc_retry(void *arg, int64_t now);
static bool ipc_work(void *arg, int64_t now);

/* --- the hub ----------------------------------------------------------------------------------- */

static const char ipc_key;
static struct log_event ev_bad = {.name = "ipc.bad-peer", .level = LOG_LVL_WARNING, .per_minute = 20};
static struct log_event ev_accept = {.name = "ipc.accept", .level = LOG_LVL_WARNING, .per_minute = 5};

static void *
ipc_arena_alloc(void *data, size_t size)
{
	return arena_alloc(data, size);
}

static void
ipc_arena_free(void *data, void *p)
{
	(void)data; /* all at once, when the handler has returned */
	(void)p;
}

static void
ipc_hub_free(void *arg)
{
	struct ipc_hub *h = arg;
	struct ipc_conn *c;
	/* Client connections that their owners closed after the last turn. */
	while ((c = TAILQ_FIRST(&h->work))) {
		TAILQ_REMOVE(&h->work, c, work);
		c->working = false;
		if (c->final)
			ipc_reap(c, loop_now(h->loop));
	}
	arena_free(h->arena);
	mem_free(h->spare);
	mem_free(h);
}

static struct ipc_hub *
ipc_hub(struct loop *l)
{
	struct ipc_hub *h = loop_attached(l, &ipc_key);
	if (h)
		return h;
	h = mem_zalloc(sizeof(*h));
	h->loop = l;
	h->arena = arena_new(65536);
	h->allocator = (ProtobufCAllocator){ipc_arena_alloc, ipc_arena_free, h->arena};
	TAILQ_INIT(&h->work);
	h->phase = loop_phase_add_ranked(l, LOOP_RANK_IPC, "ipc", ipc_work, h);
	loop_attach(l, &ipc_key, h, ipc_hub_free);
	return h;
}

/* Something is left to do for c when the turn ends: flush, reap, or frames that were held. */
static void
ipc_conn_work(struct ipc_conn *c)
{
	if (!c->working)
		TAILQ_INSERT_TAIL(&c->hub->work, c, work);
	c->working = true;
	loop_phase_wake(c->hub->phase);
}

/* --- output ------------------------------------------------------------------------------------ */

static void
ipc_chunk_put(struct ipc_hub *h, struct ipc_chunk *k)
{
	if (!h->spare && k->cap == IPC_CHUNK)
		h->spare = k;
	else
		mem_free(k);
}

static struct ipc_chunk *
ipc_chunk_get(struct ipc_conn *c, size_t room)
{
	struct ipc_chunk *k = TAILQ_LAST(&c->out, ipc_chunks);
	if (k && k->cap - k->end >= room)
		return k;
	if (room <= IPC_CHUNK && c->hub->spare) {
		k = c->hub->spare;
		c->hub->spare = NULL;
	} else {
		size_t cap = room < IPC_CHUNK ? IPC_CHUNK : room;
		k = mem_alloc(sizeof(*k) + cap);
		k->cap = cap;
	}
	k->start = k->end = 0;
	TAILQ_INSERT_TAIL(&c->out, k, next);
	return k;
}

static void
ipc_out_drop(struct ipc_conn *c)
{
	while (!TAILQ_EMPTY(&c->out)) {
		struct ipc_chunk *k = TAILQ_FIRST(&c->out);
		TAILQ_REMOVE(&c->out, k, next);
		ipc_chunk_put(c->hub, k);
	}
	c->queued = 0;
	c->congested = false;
}

static void
ipc_out_sent(struct ipc_conn *c, size_t sent)
{
	c->queued -= sent;
	while (sent) {
		struct ipc_chunk *k = TAILQ_FIRST(&c->out);
		size_t part = k->end - k->start;
		if (part > sent) {
			k->start += sent;
			return;
		}
		sent -= part;
		TAILQ_REMOVE(&c->out, k, next);
		ipc_chunk_put(c->hub, k);
	}
}

static void
ipc_want(struct ipc_conn *c)
{
	loop_fd_want(c->io, (c->held ? 0 : LOOP_READ) | (c->want_write ? LOOP_WRITE : 0));
}

static void
ipc_conn_end(struct ipc_conn *c)
{
	if (c->ending)
		return;
	c->ending = true;
	ipc_conn_work(c);
}

void
ipc_flush(struct ipc_conn *c)
{
	while (c->queued && c->up) {
		struct iovec iov[IPC_IOV];
		struct msghdr msg = {.msg_iov = iov};
		struct ipc_chunk *k;
		TAILQ_FOREACH(k, &c->out, next) {
			if (msg.msg_iovlen == IPC_IOV)
				break;
			iov[msg.msg_iovlen++] = (struct iovec){k->data + k->start, k->end - k->start};
		}
		ssize_t n = sendmsg(c->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			ipc_out_sent(c, (size_t)n);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN) {
			ipc_out_drop(c);
			ipc_conn_end(c);
		}
		break;
	}
	bool want = c->queued && !c->ending;
	if (c->up && want != c->want_write) {
		c->want_write = want;
		ipc_want(c);
	}
}

static void
ipc_tell_writable(struct ipc_conn *c, int64_t now)
{
	if (!c->congested || c->queued > IPC_LOW_MARK || c->ending)
		return;
	c->congested = false;
	if (c->ops->writable)
		c->ops->writable(c->arg, c, now);
}

void
ipc_send(struct ipc_conn *c, unsigned type, const ProtobufCMessage *msg)
{
	if (!c->up || c->ending)
		return;
	size_t len = protobuf_c_message_get_packed_size(msg);
	if (len > IPC_FRAME_MAX - 2) {
		log_error("ipc.frame-too-long", "type=%u octets=%zu", type, len);
		ipc_conn_end(c);
		return;
	}
	if (c->queued + len > IPC_HARD_MARK) {
		log_event(&ev_bad, "pid=%d what=\"reads nothing\" queued=%zu", (int)c->peer.pid, c->queued);
		ipc_out_drop(c);
		ipc_conn_end(c);
		return;
	}
	struct ipc_chunk *k = ipc_chunk_get(c, IPC_FRAME_HEAD + len);
	ipc_frame_head(k->data + k->end, type, len);
	protobuf_c_message_pack(msg, k->data + k->end + IPC_FRAME_HEAD);
	k->end += IPC_FRAME_HEAD + len;
	c->queued += IPC_FRAME_HEAD + len;
	c->frames_out++;
	if (c->queued > IPC_HIGH_MARK)
		c->congested = true;
	ipc_conn_work(c);
}

/* --- input ------------------------------------------------------------------------------------- */

void *
ipc_unpack(struct ipc_conn *c, const ProtobufCMessageDescriptor *d, const uint8_t *bytes, size_t len)
{
	return protobuf_c_message_unpack(d, &c->hub->allocator, len, bytes);
}

/* Delivers the whole frames of the input buffer. */
static void
ipc_deliver(struct ipc_conn *c, int64_t now)
{
	size_t at = 0;
	if (c->handling)
		return;
	c->handling = true;
	while (!c->ending && !c->held) {
		unsigned type;
		const uint8_t *payload;
		size_t len, used;
		enum ipc_frame_fate fate =
			ipc_frame_parse(c->in + at, c->in_len - at, &type, &payload, &len, &used);
		if (fate == IPC_FRAME_SHORT)
			break;
		if (fate == IPC_FRAME_BAD) {
			log_event(&ev_bad, "pid=%d what=frame", (int)c->peer.pid);
			ipc_conn_end(c);
			break;
		}
		at += used;
		c->frames_in++;
		bool good = c->ops->message(c->arg, c, type, payload, len, now);
		arena_reset(c->hub->arena);
		if (!good && !c->ending) {
			log_event(&ev_bad, "pid=%d what=message type=%u", (int)c->peer.pid, type);
			ipc_flush(c);
			ipc_conn_end(c);
		}
	}
	c->handling = false;
	c->in_len -= at;
	if (c->in_len && at)
		memmove(c->in, c->in + at, c->in_len);
}

/* Room for more input; an idle connection holds no buffer worth speaking of. */
static void
ipc_in_room(struct ipc_conn *c)
{
	if (!c->in_cap) {
		c->in_cap = IPC_READ_START;
		c->in = mem_alloc(c->in_cap);
	} else if (c->in_len == c->in_cap) {
		c->in_cap *= 2; /* bounded: the frame in it is at most IPC_FRAME_MAX */
		c->in = mem_realloc(c->in, c->in_cap);
	}
}

static void
ipc_in_shrink(struct ipc_conn *c)
{
	if (c->in_len || c->in_cap <= IPC_READ_START)
		return;
	mem_free(c->in);
	c->in = NULL;
	c->in_cap = 0;
}

static void
ipc_read(struct ipc_conn *c, int64_t now)
{
	for (size_t total = 0; total < IPC_READ_MAX && !c->ending && !c->held;) {
		ipc_in_room(c);
		size_t room = c->in_cap - c->in_len;
		ssize_t n = recv(c->fd, c->in + c->in_len, room, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			ipc_conn_end(c);
			break;
		}
		c->in_len += (size_t)n;
		total += (size_t)n;
		ipc_deliver(c, now);
		if ((size_t)n < room)
			break;
		if (c->in_len < c->in_cap && c->in_cap < IPC_READ_MAX) {
			c->in_cap *= 2; /* much is coming: fewer, longer reads */
			c->in = mem_realloc(c->in, c->in_cap);
		}
	}
	ipc_in_shrink(c);
}

static void
ipc_fd_ready(void *arg, unsigned what, int64_t now)
{
	struct ipc_conn *c = arg;
	if (c->ending)
		return;
	if (what & LOOP_WRITE) {
		ipc_flush(c);
		ipc_tell_writable(c, now);
	}
	if (what & LOOP_READ)
		ipc_read(c, now);
}

/* --- the life of a connection ------------------------------------------------------------------ */

static void
ipc_conn_open(struct ipc_conn *c, int fd, int64_t now)
{
	socklen_t len = sizeof(c->peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c->peer, &len) < 0)
		c->peer = (struct ucred){0, (uid_t)-1, (gid_t)-1};
	c->fd = fd;
	c->up = true;
	c->ending = c->held = c->congested = c->want_write = false;
	c->frames_in = c->frames_out = 0;
	c->opened_at = now;
	c->io = loop_fd_add(c->hub->loop, fd, LOOP_READ, ipc_fd_ready, c);
	if (c->ops->opened)
		c->ops->opened(c->arg, c, now);
}

/* Descriptor and buffers go, closed() is told. */
static void
ipc_conn_down(struct ipc_conn *c, int64_t now)
{
	if (!c->up)
		return;
	c->up = false;
	loop_fd_del(c->io);
	c->io = NULL;
	close(c->fd);
	c->fd = -1;
	ipc_out_drop(c);
	mem_free(c->in);
	c->in = NULL;
	c->in_len = c->in_cap = 0;
	if (!c->final && c->ops->closed)
		c->ops->closed(c->arg, c, now);
}

static void
ipc_conn_free(struct ipc_conn *c)
{
	if (c->working)
		TAILQ_REMOVE(&c->hub->work, c, work);
	timer_cancel(loop_timers(c->hub->loop), &c->retry);
	mem_free(c->path);
	mem_free(c);
}

static void
ipc_retry_later(struct ipc_conn *c, int64_t now)
{
	timer_set(loop_timers(c->hub->loop), &c->retry, now + c->retry_wait, ipc_retry, c);
	c->retry_wait = c->retry_wait * 2 < IPC_RETRY_MAX ? c->retry_wait * 2 : IPC_RETRY_MAX;
}

static void
ipc_reap(struct ipc_conn *c, int64_t now)
{
	if (c->server) {
		TAILQ_REMOVE(&c->server->conns, c, next);
		c->server->conn_count--;
		ipc_conn_down(c, now);
		ipc_conn_free(c);
		return;
	}
	ipc_conn_down(c, now);
	if (c->final) {
		ipc_conn_free(c);
		return;
	}
	c->ending = false;
	if (now - c->opened_at > TIME_SEC)
		c->retry_wait = IPC_RETRY_MIN;
	ipc_retry_later(c, now); /* one that is thrown out at once backs off, too */
}

/* The loop's last phase: once over those that had work when it began. */
static bool
ipc_work(void *arg, int64_t now)
{
	struct ipc_hub *h = arg;
	struct ipc_conn *c;
	size_t count = 0;
	TAILQ_FOREACH(c, &h->work, work)
		count++;
	while (count-- && (c = TAILQ_FIRST(&h->work))) {
		TAILQ_REMOVE(&h->work, c, work);
		c->working = false;
		if (!c->ending) {
			ipc_flush(c);
			ipc_tell_writable(c, now);
		}
		if (!c->ending && !c->held && c->in_len)
			ipc_deliver(c, now);
		if (c->ending)
			ipc_reap(c, now);
	}
	return !TAILQ_EMPTY(&h->work);
}

void
ipc_close(struct ipc_conn *c)
{
	if (!c || c->final)
		return;
	ipc_flush(c);
	c->final = !c->server;
	timer_cancel(loop_timers(c->hub->loop), &c->retry);
	ipc_conn_end(c);
}

void
ipc_drop(struct ipc_conn *c)
{
	if (c->up)
		ipc_conn_end(c);
}

bool
ipc_up(const struct ipc_conn *c)
{
	return c->up && !c->ending;
}

bool
ipc_congested(const struct ipc_conn *c)
{
	return c->congested;
}

void
ipc_hold(struct ipc_conn *c, bool hold)
{
	if (c->held == hold || !c->up)
		return;
	c->held = hold;
	ipc_want(c);
	if (!hold)
		ipc_conn_work(c); /* frames that came before the hold */
}

void
ipc_set_data(struct ipc_conn *c, void *data)
{
	c->data = data;
}

void *
ipc_data(const struct ipc_conn *c)
{
	return c->data;
}

uid_t
ipc_peer_uid(const struct ipc_conn *c)
{
	return c->peer.uid;
}

gid_t
ipc_peer_gid(const struct ipc_conn *c)
{
	return c->peer.gid;
}

pid_t
ipc_peer_pid(const struct ipc_conn *c)
{
	return c->peer.pid;
}

uint64_t
ipc_frames_in(const struct ipc_conn *c)
{
	return c->frames_in;
}

uint64_t
ipc_frames_out(const struct ipc_conn *c)
{
	return c->frames_out;
}

/* --- clients ----------------------------------------------------------------------------------- */

static bool
ipc_address(const char *path, struct sockaddr_un *sa)
{
	*sa = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(sa->sun_path)) {
		log_error("ipc.path-too-long", "path=%s", path);
		return false;
	}
	memcpy(sa->sun_path, path, strlen(path));
	return true;
}

static void
ipc_retry(void *arg, int64_t now)
{
	struct ipc_conn *c = arg;
	struct sockaddr_un sa;
	if (!ipc_address(c->path, &sa))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0) {
		ipc_conn_open(c, fd, now);
		return;
	}
	if (fd >= 0)
		close(fd);
	ipc_retry_later(c, now);
}

static struct ipc_conn *
ipc_conn_new(struct ipc_hub *h, const struct ipc_ops *ops, void *arg)
{
	struct ipc_conn *c = mem_zalloc(sizeof(*c));
	c->hub = h;
	c->ops = ops;
	c->arg = arg;
	c->fd = -1;
	c->retry_wait = IPC_RETRY_MIN;
	TAILQ_INIT(&c->out);
	return c;
}

struct ipc_conn *
ipc_connect(struct loop *l, const char *path, const struct ipc_ops *ops, void *arg)
{
	struct ipc_conn *c = ipc_conn_new(ipc_hub(l), ops, arg);
	c->path = mem_strdup(path);
	timer_set(loop_timers(l), &c->retry, loop_now(l), ipc_retry, c);
	return c;
}

/* --- servers ----------------------------------------------------------------------------------- */

static void
ipc_accept(void *arg, unsigned what, int64_t now)
{
	struct ipc_server *s = arg;
	(void)what;
	for (int i = 0; i < 64; i++) {
		int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && errno != EAGAIN && errno != EINTR)
			log_event(&ev_accept, "path=%s error=\"%s\"", s->path, strerror(errno));
		if (fd < 0)
			return;
		if (s->conn_count == IPC_CONNS_MAX) {
			log_event(&ev_accept, "path=%s error=\"too many connections\"", s->path);
			close(fd);
			continue;
		}
		s->conn_count++;
		struct ipc_conn *c = ipc_conn_new(s->hub, s->ops, s->arg);
		c->server = s;
		TAILQ_INSERT_TAIL(&s->conns, c, next);
		ipc_conn_open(c, fd, now);
	}
}

static bool
ipc_bind(int fd, const char *path)
{
	struct sockaddr_un sa;
	struct priv_ids ids = priv_ids();
	if (!ipc_address(path, &sa))
		return false;
	unlink(path);
	mode_t mask = umask(0117);
	bool good = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0;
	umask(mask);
	/* Without root the socket stays ours: only our own uid can connect. */
	if (good && lchown(path, ids.uid, ids.socket_gid) < 0 && errno != EPERM)
		log_warning("ipc.chown", "path=%s error=%s", path, strerror(errno));
	return good && listen(fd, 128) == 0;
}

struct ipc_server *
ipc_listen(struct loop *l, const char *path, const struct ipc_ops *ops, void *arg)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || !ipc_bind(fd, path)) {
		log_error("ipc.listen", "path=%s error=%s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	struct ipc_server *s = mem_zalloc(sizeof(*s));
	s->hub = ipc_hub(l);
	s->ops = ops;
	s->arg = arg;
	s->path = mem_strdup(path);
	s->fd = fd;
	TAILQ_INIT(&s->conns);
	s->io = loop_fd_add(l, fd, LOOP_READ, ipc_accept, s);
	return s;
}

void
ipc_server_free(struct ipc_server *s)
{
	struct ipc_conn *c;
	if (!s)
		return;
	unlink(s->path);
	loop_fd_del(s->io);
	close(s->fd);
	while ((c = TAILQ_FIRST(&s->conns))) {
		ipc_flush(c);
		ipc_reap(c, loop_now(s->hub->loop));
	}
	mem_free(s->path);
	mem_free(s);
}

struct ipc_conn *
ipc_next(struct ipc_server *s, struct ipc_conn *after)
{
	struct ipc_conn *c = after ? TAILQ_NEXT(after, next) : TAILQ_FIRST(&s->conns);
	while (c && c->ending)
		c = TAILQ_NEXT(c, next);
	return c;
}
