/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection to one daemon: frames out and in, state queries, RPCs. Blocking with time limits,
 * so that a daemon that hangs costs seconds, not the shell. Owns the socket and its buffer.
 */
#include "vtysh/session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gen/northbound.pb-c.h"
#include "lib/ipc.h"
#include "lib/mem.h"

#define CONNECT_MS 2000
#define STATE_MS   20000

struct session {
	int fd;
	char daemon[32];
	uint8_t *buf;
	size_t len, cap, done; /* done: octets of the frame handed out last */
	uint32_t next_id;
};

volatile int session_interrupted;

bool
session_alive(const struct session *s)
{
	return s && s->fd >= 0;
}

/* The daemon's end is closed: it died since we spoke last. */
bool
session_gone(const struct session *s)
{
	char c;
	return s->fd < 0 || recv(s->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

int
session_fd(const struct session *s)
{
	return s->fd;
}

const char *
session_daemon(const struct session *s)
{
	return s->daemon;
}

void
session_close(struct session *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	mem_free(s->buf);
	mem_free(s);
}

static void
session_drop(struct session *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static bool
send_all(struct session *s, struct iovec *iov, int n)
{
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = (size_t)n};
	while (m.msg_iovlen) {
		ssize_t k = sendmsg(s->fd, &m, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0) {
			session_drop(s);
			return false;
		}
		while (m.msg_iovlen && (size_t)k >= m.msg_iov->iov_len) {
			k -= (ssize_t)m.msg_iov->iov_len;
			m.msg_iov++;
			m.msg_iovlen--;
		}
		if (m.msg_iovlen) {
			m.msg_iov->iov_base = (uint8_t *)m.msg_iov->iov_base + k;
			m.msg_iov->iov_len -= (size_t)k;
		}
	}
	return true;
}

bool
session_send(struct session *s, unsigned type, const ProtobufCMessage *msg)
{
	if (!session_alive(s))
		return false;
	uint8_t head[IPC_FRAME_HEAD];
	size_t n = protobuf_c_message_get_packed_size(msg);
	uint8_t *body = mem_alloc(n + 1);
	protobuf_c_message_pack(msg, body);
	ipc_frame_head(head, type, n);
	struct iovec iov[2] = {{head, sizeof(head)}, {body, n}};
	bool ok = send_all(s, iov, n ? 2 : 1);
	mem_free(body);
	return ok;
}

static bool
fill(struct session *s)
{
	if (s->cap - s->len < 65536) {
		s->cap = s->cap ? 2 * s->cap : 131072;
		s->buf = mem_realloc(s->buf, s->cap);
	}
	ssize_t k;
	do
		k = recv(s->fd, s->buf + s->len, s->cap - s->len, 0);
	while (k < 0 && errno == EINTR && !session_interrupted);
	if (k <= 0)
		return false;
	s->len += (size_t)k;
	return true;
}

int
session_recv(struct session *s, unsigned *type, const uint8_t **p, size_t *len, int timeout_ms)
{
	if (!session_alive(s))
		return -1;
	if (s->done) {
		s->len -= s->done;
		memmove(s->buf, s->buf + s->done, s->len);
		s->done = 0;
	}
	for (;;) {
		enum ipc_frame_fate fate = s->len ? ipc_frame_parse(s->buf, s->len, type, p, len, &s->done)
						  : IPC_FRAME_SHORT;
		if (fate == IPC_FRAME_OK)
			return 1;
		s->done = 0;
		struct pollfd pfd = {s->fd, POLLIN, 0};
		int k = fate == IPC_FRAME_BAD ? -1 : poll(&pfd, 1, timeout_ms);
		if (k == 0)
			return 0;
		if ((k < 0 && (errno != EINTR || session_interrupted || fate == IPC_FRAME_BAD)) || (k > 0 && !fill(s))) {
			session_drop(s);
			return -1;
		}
	}
}

void *
session_await(struct session *s, unsigned type, const ProtobufCMessageDescriptor *d, int timeout_ms)
{
	unsigned got;
	const uint8_t *p;
	size_t len;
	while (session_recv(s, &got, &p, &len, timeout_ms) == 1)
		if (got == type)
			return protobuf_c_message_unpack(d, NULL, len, p);
	session_drop(s);
	return NULL;
}

struct session *
session_open(const char *run_dir, const char *daemon, char *err, size_t size)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct session *s = mem_zalloc(sizeof(*s));
	snprintf(s->daemon, sizeof(s->daemon), "%s", daemon);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool fits = (size_t)snprintf(un.sun_path, sizeof(un.sun_path), "%s/%s.sock", run_dir, daemon) <
		sizeof(un.sun_path);
	int failed = !fits ? ENAMETOOLONG : 0;
	if (!failed && (s->fd < 0 || connect(s->fd, (struct sockaddr *)&un, sizeof(un)) < 0))
		failed = errno;
	if (failed) {
		if (failed == EACCES)
			snprintf(err, size, "%s: no permission (group grevyvty)", daemon);
		else
			snprintf(err, size, "%s is not running", daemon);
		session_close(s);
		return NULL;
	}
	Nb__Hello *h = session_await(s, NB__NB_TYPE__NB_HELLO, &nb__hello__descriptor, CONNECT_MS);
	if (!h) {
		snprintf(err, size, "%s does not answer", daemon);
		session_close(s);
		return NULL;
	}
	nb__hello__free_unpacked(h, NULL);
	return s;
}

static Nb__KeyValue *
pack_values(const struct key_value *kv, unsigned n, Nb__KeyValue ***list)
{
	Nb__KeyValue *all = mem_array(n + 1, sizeof(*all));
	*list = mem_array(n + 1, sizeof(Nb__KeyValue *));
	for (unsigned i = 0; i < n; i++) {
		nb__key_value__init(&all[i]);
		all[i].key = (char *)(uintptr_t)kv[i].key;
		all[i].value = (char *)(uintptr_t)kv[i].value;
		(*list)[i] = &all[i];
	}
	return all;
}

/* The rows of one chunk; false: the receiver wants no more. */
static bool
chunk_rows(const Nb__StateChunk *c, session_row_fn *row, void *arg)
{
	char *p = (char *)c->rows.data, *end = p + c->rows.len;
	while (p && p < end) {
		char *nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			return true;
		*nl = '\0';
		if (nl > p && !row(arg, p, (size_t)(nl - p)))
			return false;
		p = nl + 1;
	}
	return true;
}

static void
state_cancel(struct session *s, uint32_t id)
{
	Nb__StateRequest cancel = NB__STATE_REQUEST__INIT;
	cancel.id = id;
	cancel.cancel = true;
	session_send(s, NB__NB_TYPE__NB_STATE, &cancel.base);
}

bool
session_state(struct session *s, const char *path, const struct key_value *kv, unsigned n,
	session_row_fn *row, void *arg, char *err, size_t size)
{
	Nb__StateRequest rq = NB__STATE_REQUEST__INIT;
	Nb__KeyValue **list, *all = pack_values(kv, n, &list);
	rq.id = ++s->next_id;
	rq.path = (char *)(uintptr_t)path;
	rq.n_filter = n;
	rq.filter = list;
	bool ok = session_send(s, NB__NB_TYPE__NB_STATE, &rq.base), wanted = true, done = false;
	mem_free(all);
	mem_free(list);
	err[0] = '\0';
	while (ok && !done) {
		Nb__StateChunk *c =
			session_await(s, NB__NB_TYPE__NB_STATE_CHUNK, &nb__state_chunk__descriptor, STATE_MS);
		if (!c) {
			ok = false;
			break;
		}
		if (c->id == rq.id) {
			if (wanted && !chunk_rows(c, row, arg)) {
				wanted = false;
				state_cancel(s, rq.id);
				done = true;
			}
			done |= c->done;
			if (c->error && *c->error) {
				snprintf(err, size, "%s: %s", s->daemon, c->error);
				done = true;
			}
		}
		nb__state_chunk__free_unpacked(c, NULL);
	}
	if (!ok)
		snprintf(err, size, session_interrupted ? "interrupted" : "%s does not answer", s->daemon);
	return ok && !err[0];
}

bool
session_rpc(struct session *s, const char *name, const struct key_value *kv, unsigned n, char **text,
	char *err, size_t size)
{
	Nb__RpcRequest rq = NB__RPC_REQUEST__INIT;
	Nb__KeyValue **list, *all = pack_values(kv, n, &list);
	rq.id = ++s->next_id;
	rq.name = (char *)(uintptr_t)name;
	rq.n_args = n;
	rq.args = list;
	bool ok = session_send(s, NB__NB_TYPE__NB_RPC, &rq.base);
	mem_free(all);
	mem_free(list);
	Nb__RpcReply *r = ok ? session_await(s, NB__NB_TYPE__NB_RPC_REPLY, &nb__rpc_reply__descriptor, STATE_MS)
			     : NULL;
	if (!r) {
		snprintf(err, size, "%s does not answer", s->daemon);
		return false;
	}
	ok = !r->error || !*r->error;
	if (!ok)
		snprintf(err, size, "%s", r->error);
	if (text) {
		*text = mem_zalloc(r->text.len + 1);
		if (r->text.len)
			memcpy(*text, r->text.data, r->text.len);
	}
	nb__rpc_reply__free_unpacked(r, NULL);
	return ok;
}
