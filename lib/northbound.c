/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The northbound service of a daemon: the conversation on <run-dir>/<daemon>.sock.
 * Owns the running config, the prepared one (at most one, of one connection) and per connection its
 * queries and its log subscription. A connection's queries run in slices in a phase of their own and only
 * while its socket keeps pace; the producers themselves are in northbound_state.c and the daemon.
 */
#include "lib/northbound_priv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gen/northbound.pb-c.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"

#define NB_SLICE_US (2 * TIME_MS) /* a turn's share for all queries together */
#define NB_TEXT_MAX (900u << 10)  /* of an RPC's answer */

static struct log_event ev_rpc = {.name = "northbound.rpc", .level = LOG_LVL_INFO, .per_minute = 60};

/* --- config ------------------------------------------------------------------------------------ */

static void
nb_forget_prepared(struct northbound *nb)
{
	conf_unref(nb->prepared);
	conf_unref(nb->log_prepared);
	nb->prepared = nb->log_prepared = NULL;
	nb->preparing = false;
	nb->refused = false;
	nb->prepare_txn = 0;
	nb->edits_seen = 0;
	nb->preparer = NULL;
}

/* Only mgmtd changes configs: root, or the user that we are ourselves. */
static bool
nb_may_configure(const struct ipc_conn *c)
{
	uid_t uid = ipc_peer_uid(c);
	if (uid == 0 || uid == geteuid())
		return true;
	log_warning("northbound.forbidden", "uid=%d pid=%d", (int)uid, (int)ipc_peer_pid(c));
	return false;
}

static void
nb_refuse(struct northbound *nb, const struct conf_error *err, uint32_t edit)
{
	nb->refused = true;
	nb->error = *err;
	nb->error_edit = edit;
}

static void
nb_prepare_edits(struct northbound *nb, const Nb__Prepare *m)
{
	struct conf_edit *edits = mem_array(m->n_edits ? m->n_edits : 1, sizeof(*edits));
	struct conf_error err = {.path = "", .message = ""};
	for (size_t i = 0; i < m->n_edits; i++) {
		const Nb__Edit *e = m->edits[i];
		edits[i].op = e->op == NB__EDIT__OP__DELETE ? CONF_OP_DELETE : CONF_OP_SET;
		edits[i].path = e->path;
		edits[i].value = e->value;
		if (log_level_get() >= LOG_LVL_DEBUG && !conf_knows(nb->def->config, e->path))
			log_debug("northbound.ignored", "path=%s", e->path);
	}
	struct conf_object *next = conf_edit(nb->prepared, edits, m->n_edits, &err);
	if (next) {
		conf_unref(nb->prepared);
		nb->prepared = next;
	} else {
		uint32_t edit = 0;
		for (size_t i = 0; i < m->n_edits && !edit; i++)
			if (!strncmp(edits[i].path, err.path, sizeof(err.path) - 1))
				edit = (uint32_t)(nb->edits_seen + i + 1);
		nb_refuse(nb, &err, edit);
	}
	mem_free(edits);
}

static void
nb_prepare_log(struct northbound *nb, const Nb__Prepare *m)
{
	struct conf_error err;

	for (size_t i = 0; i < m->n_edits; i++) {
		const Nb__Edit *e = m->edits[i];
		if (!logconf_concerns(e->path))
			continue;
		struct conf_edit edit = {e->op == NB__EDIT__OP__DELETE ? CONF_OP_DELETE : CONF_OP_SET, e->path, e->value};
		struct conf_object *next = conf_edit(nb->log_prepared, &edit, 1, &err);
		if (!next) {
			nb_refuse(nb, &err, (uint32_t)(nb->edits_seen + i + 1));
			return;
		}
		conf_unref(nb->log_prepared);
		nb->log_prepared = next;
	}
}

static void
nb_prepare_reply(struct northbound *nb, struct ipc_conn *c)
{
	Nb__PrepareReply reply = NB__PREPARE_REPLY__INIT;
	Nb__Error error = NB__ERROR__INIT, *errors[] = {&error};
	reply.txn = nb->prepare_txn;
	if (nb->refused) {
		error.path = nb->error.path;
		error.message = nb->error.message;
		error.edit = nb->error_edit;
		reply.n_errors = 1;
		reply.errors = errors;
	}
	ipc_send(c, NB__NB_TYPE__NB_PREPARE_REPLY, &reply.base);
}

static bool
nb_prepare(struct northbound *nb, struct ipc_conn *c, const void *msg, int64_t now)
{
	const Nb__Prepare *m = msg;
	struct conf_error err;
	(void)now;
	if (!nb_may_configure(c))
		return false;
	if (!nb->preparing || nb->prepare_txn != m->txn || nb->preparer != c) {
		nb_forget_prepared(nb);
		nb->preparing = true;
		nb->prepare_txn = m->txn;
		nb->preparer = c;
		if (nb->def->config)
			nb->prepared = m->full || !nb->running ? conf_new(nb->def->config)
							       : conf_ref(nb->running);
		nb->log_prepared = m->full || !nb->log_running ? conf_new(&logconf_root) : conf_ref(nb->log_running);
	}
	if (nb->def->config && !nb->refused)
		nb_prepare_edits(nb, m);
	if (!nb->refused)
		nb_prepare_log(nb, m);
	nb->edits_seen += m->n_edits;
	if (m->more)
		return true;
	if (nb->def->config && !nb->refused && !conf_check(nb->running, nb->prepared, &err))
		nb_refuse(nb, &err, 0);
	nb->preparing = false; /* complete: another Prepare starts anew */
	nb_prepare_reply(nb, c);
	if (nb->refused)
		nb_forget_prepared(nb);
	return true;
}

static bool
nb_apply(struct northbound *nb, struct ipc_conn *c, const void *msg, int64_t now)
{
	const Nb__Apply *m = msg;
	Nb__ApplyReply reply = NB__APPLY_REPLY__INIT;
	if (!nb_may_configure(c))
		return false;
	if (nb->preparing || nb->preparer != c || nb->prepare_txn != m->txn) {
		log_error("northbound.apply", "txn=%llu error=\"not prepared\"", (unsigned long long)m->txn);
		return false;
	}
	struct conf_object *old = nb->running;
	if (nb->def->config) {
		nb->running = nb->prepared;
		nb->prepared = NULL;
		if (nb->def->apply)
			nb->def->apply(nb->core, old, nb->running, now);
		conf_unref(old);
	}
	old = nb->log_running;
	nb->log_running = nb->log_prepared;
	nb->log_prepared = NULL;
	if (nb->log.target)
		logconf_apply(&nb->log, old, nb->log_running);
	conf_unref(old);
	nb->applied_txn = m->txn;
	nb_forget_prepared(nb);
	reply.txn = m->txn;
	ipc_send(c, NB__NB_TYPE__NB_APPLY_REPLY, &reply.base);
	return true;
}

static bool
nb_abort(struct northbound *nb, struct ipc_conn *c, const void *msg, int64_t now)
{
	(void)msg;
	(void)now;
	if (!nb_may_configure(c))
		return false;
	if (nb->preparer == c)
		nb_forget_prepared(nb);
	return true;
}

/* --- state ------------------------------------------------------------------------------------- */

static void
nb_args_copy(struct nb_args *out, Nb__KeyValue **pairs, size_t count)
{
	const char **keys = mem_array(2 * count + 1, sizeof(*keys));
	for (size_t i = 0; i < count; i++) {
		keys[i] = mem_strdup(pairs[i]->key);
		keys[count + i] = mem_strdup(pairs[i]->value);
	}
	*out = (struct nb_args){count, keys, keys + count};
}

static void
nb_args_free(struct nb_args *a)
{
	union {
		const char *const *in;
		char **out;
	} own = {.in = a->keys}; /* nb_args_copy made them */
	for (size_t i = 0; own.out && i < 2 * a->count; i++)
		mem_free(own.out[i]);
	mem_free(own.out);
}

static void
nb_query_free(struct nb_client *client, struct nb_query *q)
{
	TAILQ_REMOVE(&client->queries, q, next);
	client->query_count--;
	nb_args_free(&q->args);
	mem_free(q->resume.heap);
	mem_free(q);
}

static void
nb_chunk(struct ipc_conn *c, uint32_t id, const struct rows *rows, bool done, const char *error)
{
	static char empty[1];
	Nb__StateChunk m = NB__STATE_CHUNK__INIT;
	union {
		const char *in;
		char *out;
	} text = {.in = error};
	m.id = id;
	if (rows) {
		m.rows.data = (uint8_t *)rows->buf;
		m.rows.len = rows->len;
	}
	m.done = done;
	m.error = error ? text.out : empty;
	ipc_send(c, NB__NB_TYPE__NB_STATE_CHUNK, &m.base);
}

static const struct state_producer *
nb_find_producer(const struct northbound *nb, const char *path)
{
	const struct state_producer *tables[] = {nb->def->producers, nb_common_producers};
	for (size_t i = 0; i < 2; i++)
		for (const struct state_producer *p = tables[i]; p && p->path; p++)
			if (!strcmp(p->path, path))
				return p;
	return NULL;
}

static bool
nb_state(struct northbound *nb, struct ipc_conn *c, const void *msg, int64_t now)
{
	const Nb__StateRequest *m = msg;
	struct nb_client *client = ipc_data(c);
	struct nb_query *q;
	(void)now;
	if (m->cancel) {
		TAILQ_FOREACH(q, &client->queries, next)
			if (q->id == m->id) {
				nb_chunk(c, q->id, NULL, true, "cancelled");
				nb_query_free(client, q);
				break;
			}
		return true;
	}
	const struct state_producer *p = nb_find_producer(nb, m->path);
	if (!p || client->query_count == NB_QUERIES_MAX) {
		nb_chunk(c, m->id, NULL, true, p ? "too many queries at once" : "no such state");
		return true;
	}
	q = mem_zalloc(sizeof(*q));
	q->id = m->id;
	q->producer = p;
	nb_args_copy(&q->args, m->filter, m->n_filter);
	TAILQ_INSERT_TAIL(&client->queries, q, next);
	client->query_count++;
	loop_phase_wake(nb->phase);
	return true;
}

/* One slice of a client's first query, which then goes to the end of its queue. */
static void
nb_slice(struct northbound *nb, struct nb_client *client, int64_t now)
{
	struct nb_query *q = TAILQ_FIRST(&client->queries);
	void *core = nb_is_common(q->producer) ? nb : nb->core;
	rows_clear(&nb->rows);
	bool done = q->producer->fn(core, &q->args, &nb->rows, &q->resume, now);
	nb_chunk(client->conn, q->id, &nb->rows, done, NULL);
	if (done) {
		nb_query_free(client, q);
		return;
	}
	TAILQ_REMOVE(&client->queries, q, next);
	TAILQ_INSERT_TAIL(&client->queries, q, next);
}

/* The phase: round robin over the clients; true while a client that keeps pace has queries left. */
static bool
nb_work(void *arg, int64_t now)
{
	struct northbound *nb = arg;
	int64_t end = loop_clock() + NB_SLICE_US;
	bool left;
	do {
		left = false;
		for (struct ipc_conn *c = NULL; (c = ipc_next(nb->server, c));) {
			struct nb_client *client = ipc_data(c);
			if (TAILQ_EMPTY(&client->queries) || ipc_congested(c))
				continue;
			nb_slice(nb, client, now);
			left = left || !TAILQ_EMPTY(&client->queries);
		}
	} while (left && loop_clock() < end);
	return left;
}

/* --- RPCs and log ------------------------------------------------------------------------------ */

static const struct rpc_row *
nb_find_rpc(const struct northbound *nb, const char *name, void **core)
{
	const struct rpc_row *tables[] = {nb->def->rpcs, nb_common_rpcs};
	for (size_t i = 0; i < 2; i++)
		for (const struct rpc_row *r = tables[i]; r && r->name; r++)
			if (!strcmp(r->name, name)) {
				*core = i ? (void *)nb->loop : nb->core;
				return r;
			}
	return NULL;
}

static bool
nb_rpc(struct northbound *nb, struct ipc_conn *c, const void *msg, int64_t now)
{
	const Nb__RpcRequest *m = msg;
	Nb__RpcReply reply = NB__RPC_REPLY__INIT;
	struct nb_args args;
	struct rows out;
	void *core;
	char error[128] = "";
	const struct rpc_row *row = nb_find_rpc(nb, m->name, &core);
	rows_init(&out, NB_TEXT_MAX);
	if (row) {
		nb_args_copy(&args, m->args, m->n_args);
		const char *why = row->fn(core, &args, &out, now);
		snprintf(error, sizeof(error), "%s", why ? why : "");
		nb_args_free(&args);
		log_event(&ev_rpc, "name=%s uid=%d error=\"%s\"", m->name, (int)ipc_peer_uid(c), error);
	} else {
		snprintf(error, sizeof(error), "no such command: %.64s", m->name);
	}
	reply.id = m->id;
	reply.error = error;
	reply.text.data = (uint8_t *)out.buf;
	reply.text.len = out.len > NB_TEXT_MAX ? NB_TEXT_MAX : out.len;
	ipc_send(c, NB__NB_TYPE__NB_RPC_REPLY, &reply.base);
	rows_free(&out);
	return true;
}

static void
nb_log_line(void *arg, const char *line)
{
	struct northbound *nb = arg;
	for (struct ipc_conn *c = NULL; (c = ipc_next(nb->server, c));) {
		struct nb_client *client = ipc_data(c);
		if (!client->monitor || ipc_congested(c))
			continue; /* a terminal that does not read misses lines, nobody else does */
		Nb__LogLine m = NB__LOG_LINE__INIT;
		m.line = mem_strdup(line);
		m.line[strcspn(m.line, "\n")] = '\0';
		ipc_send(c, NB__NB_TYPE__NB_LOG_LINE, &m.base);
		mem_free(m.line);
	}
}

static void
nb_monitor(struct northbound *nb, struct nb_client *client, bool on)
{
	if (client->monitor == on)
		return;
	client->monitor = on;
	nb->monitors += on ? 1 : -1;
	if (on && nb->monitors == 1)
		log_sink_add(nb_log_line, nb);
	if (!on && !nb->monitors)
		log_sink_del(nb_log_line, nb);
}

static bool
nb_log_subscribe(struct northbound *nb, struct ipc_conn *c, const void *msg, int64_t now)
{
	const Nb__LogSubscribe *m = msg;
	(void)now;
	nb_monitor(nb, ipc_data(c), !m->off);
	return true;
}

/* --- the connection ---------------------------------------------------------------------------- */

static const struct nb_message {
	const ProtobufCMessageDescriptor *descriptor;
	bool (*handle)(struct northbound *nb, struct ipc_conn *c, const void *msg, int64_t now);
} nb_messages[] = {
	[NB__NB_TYPE__NB_PREPARE] = {&nb__prepare__descriptor, nb_prepare},
	[NB__NB_TYPE__NB_APPLY] = {&nb__apply__descriptor, nb_apply},
	[NB__NB_TYPE__NB_ABORT] = {&nb__abort__descriptor, nb_abort},
	[NB__NB_TYPE__NB_STATE] = {&nb__state_request__descriptor, nb_state},
	[NB__NB_TYPE__NB_RPC] = {&nb__rpc_request__descriptor, nb_rpc},
	[NB__NB_TYPE__NB_LOG_SUBSCRIBE] = {&nb__log_subscribe__descriptor, nb_log_subscribe},
};

static bool
nb_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct northbound *nb = arg;
	if (type >= NB_EXTENSION_TYPE)
		return nb->ext && nb->ext->message(nb->ext->arg, c, type, bytes, len, now);
	if (type >= sizeof(nb_messages) / sizeof(nb_messages[0]) || !nb_messages[type].handle)
		return false;
	const void *msg = ipc_unpack(c, nb_messages[type].descriptor, bytes, len);
	return msg && nb_messages[type].handle(nb, c, msg, now);
}

static void
nb_opened(void *arg, struct ipc_conn *c, int64_t now)
{
	struct northbound *nb = arg;
	struct nb_client *client = mem_zalloc(sizeof(*client));
	Nb__Hello hello = NB__HELLO__INIT;
	char name[64], version[] = GREVY_VERSION;
	(void)now;
	client->conn = c;
	TAILQ_INIT(&client->queries);
	ipc_set_data(c, client);
	snprintf(name, sizeof(name), "%s", nb->def->daemon);
	hello.daemon = name;
	hello.version = version;
	hello.pid = (uint32_t)getpid();
	hello.applied_txn = nb->applied_txn;
	ipc_send(c, NB__NB_TYPE__NB_HELLO, &hello.base);
}

static void
nb_closed(void *arg, struct ipc_conn *c, int64_t now)
{
	struct northbound *nb = arg;
	struct nb_client *client = ipc_data(c);
	if (nb->ext && nb->ext->closed)
		nb->ext->closed(nb->ext->arg, c, now);
	if (nb->preparer == c)
		nb_forget_prepared(nb);
	nb_monitor(nb, client, false);
	while (!TAILQ_EMPTY(&client->queries))
		nb_query_free(client, TAILQ_FIRST(&client->queries));
	mem_free(client);
}

static void
nb_writable(void *arg, struct ipc_conn *c, int64_t now)
{
	struct northbound *nb = arg;
	struct nb_client *client = ipc_data(c);
	if (!TAILQ_EMPTY(&client->queries))
		loop_phase_wake(nb->phase);
	if (nb->ext && nb->ext->writable)
		nb->ext->writable(nb->ext->arg, c, now);
}

static const struct ipc_ops nb_ops = {nb_opened, nb_message, nb_closed, nb_writable};

struct northbound *
northbound_new(struct loop *l, const char *socket_path, const struct northbound_def *def, void *core)
{
	struct northbound *nb = mem_zalloc(sizeof(*nb));
	nb->loop = l;
	nb->def = def;
	nb->core = core;
	nb->started = loop_clock();
	rows_init(&nb->rows, NB_CHUNK_SOFT);
	nb->server = ipc_listen(l, socket_path, &nb_ops, nb);
	if (!nb->server) {
		rows_free(&nb->rows);
		mem_free(nb);
		return NULL;
	}
	nb->phase = loop_phase_add_ranked(l, LOOP_RANK_STATE, "state", nb_work, nb);
	return nb;
}

void
northbound_set_core(struct northbound *nb, void *core)
{
	nb->core = core;
}

void
northbound_log(struct northbound *nb, const char *target, enum log_level level)
{
	nb->log = (struct logconf_base){nb->def->daemon, target, level};
}

void
northbound_free(struct northbound *nb)
{
	if (!nb)
		return;
	ipc_server_free(nb->server);
	loop_phase_del(nb->phase);
	nb_forget_prepared(nb);
	conf_unref(nb->running);
	conf_unref(nb->log_running);
	rows_free(&nb->rows);
	mem_free(nb);
}

const struct conf_object *
northbound_config(const struct northbound *nb)
{
	return nb->running;
}

void
northbound_extend(struct northbound *nb, const struct nb_extension *ext)
{
	nb->ext = ext;
}
