/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections to the daemons. States of one: down -> (Hello) wanting -> serving (Prepare full,
 * Apply) -> ready. One that refuses its whole config stays ready but `apart`: it keeps what it
 * has, and the next transaction that concerns it carries the whole config again.
 * A daemon that does not answer within BACKEND_WAIT is dropped: it is asked again from the start.
 */
#include "mgmtd/backends.h"

#include <string.h>

#include "gen/northbound.pb-c.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/rows.h"
#include "mgmtd/txn.h"

#define PREPARE_OCTETS (512u << 10) /* a frame's worth of edits */
#define PREPARE_EDITS  8192u

enum backend_state { BACKEND_DOWN, BACKEND_WANTING, BACKEND_PREPARING, BACKEND_APPLYING, BACKEND_READY };
static const char *const state_names[] = {"down", "waiting", "preparing", "applying", "ready"};

struct backend {
	struct mgmtd *m;
	unsigned owner;
	const char *name;
	char *path;
	struct ipc_conn *conn;
	enum backend_state state;
	bool apart;
	uint64_t serving; /* number of the transaction that brings the whole config */
	uint32_t pid;
	struct timer timer;
};
struct backends {
	struct mgmtd *m;
	struct backend *rows[YANGDB_OWNERS]; /* NULL: we ourselves */
	unsigned count;
};

static const char *const known_daemons[] = {"zebra", "ospfd", "bgpd", "vrrpd", "bfdd"};

uint32_t
backends_ready(const struct backends *b)
{
	uint32_t mask = 0;
	for (unsigned i = 0; i < b->count; i++)
		if (b->rows[i] && b->rows[i]->state == BACKEND_READY)
			mask |= 1u << i;
	return mask;
}

/* --- what is sent ------------------------------------------------------------------------------- */

static void
prepare_send(struct backend *b, uint64_t txn, bool full, const struct effect *rows, size_t count)
{
	Nb__Edit *edits = mem_array(PREPARE_EDITS, sizeof(*edits));
	Nb__Edit **pointers = mem_array(PREPARE_EDITS, sizeof(*pointers));
	union {
		const char *in;
		char *out;
	} text;
	size_t at = 0;
	do {
		Nb__Prepare msg = NB__PREPARE__INIT;
		size_t n = 0, octets = 0;
		for (; at < count && n < PREPARE_EDITS && octets < PREPARE_OCTETS; at++, n++) {
			nb__edit__init(&edits[n]);
			edits[n].op = rows[at].set ? NB__EDIT__OP__SET : NB__EDIT__OP__DELETE;
			text.in = rows[at].path;
			edits[n].path = text.out;
			text.in = rows[at].value;
			edits[n].value = text.out;
			octets += strlen(rows[at].path) + strlen(rows[at].value) + 16;
			pointers[n] = &edits[n];
		}
		msg.txn = txn;
		msg.full = full;
		msg.more = at < count;
		msg.n_edits = n;
		msg.edits = pointers;
		ipc_send(b->conn, NB__NB_TYPE__NB_PREPARE, &msg.base);
	} while (at < count);
	mem_free(edits);
	mem_free(pointers);
}

static void
prepare_full(struct backend *b, uint64_t txn)
{
	struct effects e;
	effects_init(&e);
	effects_full(&e, b->m->running, 1u << b->owner);
	prepare_send(b, txn, true, e.of[b->owner].rows, e.of[b->owner].count);
	effects_free(&e);
}

void
backend_prepare(struct backends *bs, unsigned owner, uint64_t txn, const struct effects *e)
{
	struct backend *b = bs->rows[owner];
	if (b->apart)
		prepare_full(b, txn);
	else
		prepare_send(b, txn, false, e->of[owner].rows, e->of[owner].count);
}

static void
apply_send(struct backend *b, uint64_t txn)
{
	Nb__Apply msg = NB__APPLY__INIT;
	msg.txn = txn;
	ipc_send(b->conn, NB__NB_TYPE__NB_APPLY, &msg.base);
}

void
backend_apply(struct backends *bs, unsigned owner, uint64_t txn, bool at_once)
{
	struct backend *b = bs->rows[owner];
	b->apart = false;
	apply_send(b, txn);
	if (at_once)
		ipc_flush(b->conn);
}

void
backend_abort(struct backends *bs, unsigned owner, uint64_t txn)
{
	Nb__Abort msg = NB__ABORT__INIT;
	msg.txn = txn;
	ipc_send(bs->rows[owner]->conn, NB__NB_TYPE__NB_ABORT, &msg.base);
}

void
backend_drop(struct backends *bs, unsigned owner)
{
	log_warning("mgmtd.backend-hangs", "daemon=%s", bs->rows[owner]->name);
	ipc_drop(bs->rows[owner]->conn);
}

/* --- the whole config ----------------------------------------------------------------------------- */

static void
backend_served(struct backend *b, int64_t now)
{
	timer_cancel(loop_timers(b->m->loop), &b->timer);
	b->state = BACKEND_READY;
	b->serving = 0;
	mgmtd_continue(b->m, now);
}

static void
serve_timeout(void *arg, int64_t now)
{
	struct backend *b = arg;
	(void)now;
	log_warning("mgmtd.backend-hangs", "daemon=%s", b->name);
	ipc_drop(b->conn); /* closed() goes on */
}

static void
serve_start(struct backend *b, int64_t now)
{
	b->state = BACKEND_PREPARING;
	b->serving = b->m->txn;
	prepare_full(b, b->serving);
	timer_set(loop_timers(b->m->loop), &b->timer, now + BACKEND_WAIT, serve_timeout, b);
}

bool
backends_serve(struct backends *bs, int64_t now)
{
	bool serving = false;
	for (unsigned i = 0; i < bs->count; i++) {
		struct backend *b = bs->rows[i];
		if (!b)
			continue;
		if (b->state == BACKEND_WANTING)
			serve_start(b, now);
		serving = serving || b->state == BACKEND_PREPARING || b->state == BACKEND_APPLYING;
	}
	return serving;
}

/* --- what is received ----------------------------------------------------------------------------- */

static void
hello_received(struct backend *b, const void *msg, int64_t now)
{
	const Nb__Hello *hello = msg;
	if (b->state != BACKEND_DOWN)
		return;
	b->pid = hello->pid;
	/* with our state lost, a daemon that has a config knows better what should run */
	b->apart = b->m->lost && hello->applied_txn;
	b->state = b->apart ? BACKEND_READY : BACKEND_WANTING;
	log_info("mgmtd.backend-up", "daemon=%s pid=%u applied=%llu", b->name, hello->pid,
		(unsigned long long)hello->applied_txn);
	mgmtd_continue(b->m, now);
}

static void
prepare_replied(struct backend *b, const void *msg, int64_t now)
{
	const Nb__PrepareReply *reply = msg;
	if (b->state == BACKEND_READY) {
		struct errors errors = {0};
		for (size_t i = 0; i < reply->n_errors; i++)
			errors_add(&errors, reply->errors[i]->path, reply->errors[i]->message,
				b->apart ? 0 : reply->errors[i]->edit);
		txn_prepared(b->m, b->owner, reply->txn, &errors, now);
		errors_free(&errors);
		return;
	}
	if (b->state != BACKEND_PREPARING || reply->txn != b->serving)
		return;
	if (!reply->n_errors) {
		b->state = BACKEND_APPLYING;
		apply_send(b, b->serving);
		return;
	}
	for (size_t i = 0; i < reply->n_errors; i++)
		log_error("mgmtd.backend-refuses", "daemon=%s path=%s error=\"%s\"", b->name,
			reply->errors[i]->path, reply->errors[i]->message);
	b->apart = true;
	backend_served(b, now);
}

static void
apply_replied(struct backend *b, const void *msg, int64_t now)
{
	const Nb__ApplyReply *reply = msg;
	if (b->state == BACKEND_READY)
		txn_applied(b->m, b->owner, reply->txn, now);
	else if (b->state == BACKEND_APPLYING && reply->txn == b->serving)
		backend_served(b, now);
}

static const struct {
	const ProtobufCMessageDescriptor *descriptor;
	void (*handle)(struct backend *b, const void *msg, int64_t now);
} backend_messages[] = {
	[NB__NB_TYPE__NB_HELLO] = {&nb__hello__descriptor, hello_received},
	[NB__NB_TYPE__NB_PREPARE_REPLY] = {&nb__prepare_reply__descriptor, prepare_replied},
	[NB__NB_TYPE__NB_APPLY_REPLY] = {&nb__apply_reply__descriptor, apply_replied},
};

static bool
backend_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct backend *b = arg;
	if (type >= sizeof(backend_messages) / sizeof(backend_messages[0]) || !backend_messages[type].handle)
		return false;
	const void *msg = ipc_unpack(c, backend_messages[type].descriptor, bytes, len);
	if (msg)
		backend_messages[type].handle(b, msg, now);
	return msg != NULL;
}

static void
backend_opened(void *arg, struct ipc_conn *c, int64_t now)
{
	(void)arg;
	(void)c;
	(void)now; /* its Hello says that it is there: a hanging daemon's socket opens, too */
}

static void
backend_closed(void *arg, struct ipc_conn *c, int64_t now)
{
	struct backend *b = arg;
	enum backend_state was = b->state;
	(void)c;
	b->state = BACKEND_DOWN;
	b->serving = 0;
	timer_cancel(loop_timers(b->m->loop), &b->timer);
	if (was != BACKEND_DOWN)
		log_warning("mgmtd.backend-down", "daemon=%s pid=%u", b->name, b->pid);
	if (was == BACKEND_READY)
		txn_backend_lost(b->m, b->owner, now);
	else if (was != BACKEND_DOWN)
		mgmtd_continue(b->m, now);
}

static const struct ipc_ops backend_ops = {backend_opened, backend_message, backend_closed, NULL};

struct backends *
backends_new(struct mgmtd *m)
{
	struct backends *bs = mem_zalloc(sizeof(*bs));
	bs->m = m;
	m->backends = bs;
	for (size_t i = 0; i < sizeof(known_daemons) / sizeof(known_daemons[0]); i++)
		yangdb_owner(m->db, known_daemons[i]);
	bs->count = yangdb_owner_count(m->db);
	for (unsigned i = 0; i < bs->count; i++) {
		const char *name = yangdb_owner_name(m->db, i);
		if (!strcmp(name, "mgmtd"))
			continue;
		struct backend *b = mem_zalloc(sizeof(*b));
		b->m = m;
		b->owner = i;
		b->name = name;
		b->path = mem_printf("%s/%s.sock", m->run_dir, name);
		bs->rows[i] = b;
		b->conn = ipc_connect(m->loop, b->path, &backend_ops, b);
	}
	return bs;
}

void
backends_free(struct backends *bs)
{
	if (!bs)
		return;
	for (unsigned i = 0; i < bs->count; i++) {
		struct backend *b = bs->rows[i];
		if (!b)
			continue;
		timer_cancel(loop_timers(b->m->loop), &b->timer);
		ipc_close(b->conn);
		mem_free(b->path);
		mem_free(b);
	}
	mem_free(bs);
}

bool
backends_rows(const struct backends *bs, struct rows *out)
{
	for (unsigned i = 0; i < bs->count; i++) {
		const struct backend *b = bs->rows[i];
		if (!b)
			continue;
		row_begin(out);
		row_str(out, "daemon", b->name);
		row_str(out, "state", b->apart ? "refused" : state_names[b->state]);
		if (b->state != BACKEND_DOWN)
			row_uint(out, "pid", b->pid);
		row_end(out);
	}
	return true;
}
