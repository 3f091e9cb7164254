/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions and the one queue of requests. A request that comes while nothing is under way and
 * nobody waits is served at once, from the receive buffer; else its bytes are copied. A client
 * that fills the queue is not read from until it has been served.
 */
#include "mgmtd/frontends.h"

#include <string.h>

#include "lib/ipc.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/northbound.h"
#include "mgmtd/backends.h"
#include "mgmtd/candidate.h"

#define QUEUE_HIGH  (4u << 20)  /* octets of one session that wait before it is held */
#define SERVE_SLICE (5 * TIME_MS)

struct request {
	TAILQ_ENTRY(request) next;
	struct session *session;
	unsigned type;
	size_t len;
	uint8_t bytes[];
};
struct frontends {
	struct mgmtd *m;
	TAILQ_HEAD(, session) sessions;
	TAILQ_HEAD(, request) queue;
	struct nb_extension ext;
	struct loop_phase *phase;
	bool serving;
};

static struct session *
session_of(struct frontends *f, struct ipc_conn *c)
{
	struct session *s;
	TAILQ_FOREACH(s, &f->sessions, next)
		if (s->conn == c)
			return s;
	s = mem_zalloc(sizeof(*s));
	s->m = f->m;
	s->conn = c;
	s->uid = ipc_peer_uid(c);
	s->user = mem_printf("uid %d", (int)s->uid);
	s->client = mem_strdup("unknown");
	TAILQ_INSERT_HEAD(&f->sessions, s, next);
	return s;
}

static void
session_free(struct frontends *f, struct session *s)
{
	TAILQ_REMOVE(&f->sessions, s, next);
	edits_free(&s->incoming);
	errors_free(&s->early);
	mem_free(s->load);
	mem_free(s->user);
	mem_free(s->client);
	mem_free(s);
}

/* False: malformed; the connection is to be closed. */
static bool
request_serve(struct session *s, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	const struct request_row *row = request_row(type);
	const void *msg = row ? ipc_unpack(s->conn, row->descriptor, bytes, len) : NULL;
	if (msg)
		row->handle(s, msg, now);
	return msg != NULL;
}

static bool
frontends_busy(const struct frontends *f)
{
	return f->m->active || f->serving;
}

/* Those that nobody speaks for any more, once their transaction has ended. */
static void
sessions_reap(struct frontends *f)
{
	for (struct session *s = TAILQ_FIRST(&f->sessions), *next; s; s = next) {
		next = TAILQ_NEXT(s, next);
		if (!s->conn && !s->in_txn)
			session_free(f, s);
	}
}

static void
queue_take(struct frontends *f, struct request *q)
{
	TAILQ_REMOVE(&f->queue, q, next);
	q->session->queued -= q->len;
	if (q->session->conn && q->session->queued < QUEUE_HIGH / 2)
		ipc_hold(q->session->conn, false);
}

void
frontends_serve(struct frontends *f, int64_t now)
{
	int64_t end = loop_clock() + SERVE_SLICE;
	struct request *q;
	if (f->serving)
		return;
	f->serving = true;
	while (!f->m->active && (q = TAILQ_FIRST(&f->queue)) && loop_clock() < end) {
		queue_take(f, q);
		if (!request_serve(q->session, q->type, q->bytes, q->len, now))
			ipc_close(q->session->conn);
		mem_free(q);
		/* a daemon that came meanwhile goes first */
		if (!f->m->active && backends_serve(f->m->backends, now))
			break;
	}
	f->serving = false;
	sessions_reap(f);
	if (!TAILQ_EMPTY(&f->queue))
		loop_phase_wake(f->phase);
}

static bool
frontends_phase(void *arg, int64_t now)
{
	struct frontends *f = arg;
	mgmtd_continue(f->m, now);
	return false;
}

static bool
frontends_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct frontends *f = arg;
	struct session *s = session_of(f, c);
	if (!frontends_busy(f) && TAILQ_EMPTY(&f->queue) && !backends_serve(f->m->backends, now))
		return request_serve(s, type, bytes, len, now);
	struct request *q = mem_alloc(sizeof(*q) + len);
	q->session = s;
	q->type = type;
	q->len = len;
	memcpy(q->bytes, bytes, len);
	TAILQ_INSERT_TAIL(&f->queue, q, next);
	s->queued += len;
	if (s->queued > QUEUE_HIGH)
		ipc_hold(c, true);
	return true;
}

static void
frontends_closed(void *arg, struct ipc_conn *c, int64_t now)
{
	struct frontends *f = arg;
	struct session *s;
	TAILQ_FOREACH(s, &f->sessions, next)
		if (s->conn == c)
			break;
	if (!s)
		return;
	for (struct request *q = TAILQ_FIRST(&f->queue), *next; q; q = next) {
		next = TAILQ_NEXT(q, next);
		if (q->session == s) {
			TAILQ_REMOVE(&f->queue, q, next);
			mem_free(q);
		}
	}
	s->conn = NULL;
	session_end(s, now);
	if (!s->in_txn)
		session_free(f, s);
}

struct frontends *
frontends_new(struct mgmtd *m)
{
	struct frontends *f = mem_zalloc(sizeof(*f));
	f->m = m;
	TAILQ_INIT(&f->sessions);
	TAILQ_INIT(&f->queue);
	f->ext = (struct nb_extension){frontends_message, frontends_closed, f, NULL};
	f->phase = loop_phase_add(m->loop, "requests", frontends_phase, f);
	m->frontends = f;
	northbound_extend(m->northbound, &f->ext);
	return f;
}

void
frontends_free(struct frontends *f)
{
	if (!f)
		return;
	struct request *q;
	while ((q = TAILQ_FIRST(&f->queue))) {
		TAILQ_REMOVE(&f->queue, q, next);
		mem_free(q);
	}
	while (!TAILQ_EMPTY(&f->sessions)) {
		struct session *s = TAILQ_FIRST(&f->sessions);
		session_end(s, 0);
		session_free(f, s);
	}
	candidate_free(f->m->shared);
	f->m->shared = NULL;
	loop_phase_del(f->phase);
	mem_free(f);
}
