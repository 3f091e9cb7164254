/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/northbound: prepare, apply, abort; state in slices; commands; log lines. A client speaks raw messages. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gen/northbound.pb-c.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/northbound.h"
#include "tests/unit/looping.h"
#include "tests/unit/unit.h"

struct settings {
	uint32_t cost, limit;
};
static bool
settings_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct settings *s = conf_data(self);
	(void)root;
	if (!s->limit || s->cost <= s->limit)
		return true;
	snprintf(err->path, sizeof(err->path), "/m:cost");
	snprintf(err->message, sizeof(err->message), "cost above limit");
	return false;
}
static const struct conf_field settings_fields[] = {
	{"cost", CONF_U32, offsetof(struct settings, cost), 0, NULL, 1},
	{"limit", CONF_U32, offsetof(struct settings, limit), 0, NULL, 2},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const struct conf_class settings_class = {
	.path = "", .size = sizeof(struct settings), .fields = settings_fields, .check = settings_check};

struct stage {
	struct loop *l;
	char dir[32], path[64];
	struct northbound *nb;
	struct ipc_conn *c;
	/* what the core saw */
	unsigned applies;
	uint32_t old_cost, new_cost;
	unsigned slices;
	/* what the client saw */
	unsigned hellos, prepared, applied, chunks, dones, rpcs, lines, closed;
	uint64_t hello_txn, txn;
	size_t errors;
	uint32_t error_edit;
	char error[128], text[64], row[128];
	uint64_t octets;
	uint32_t last_id; /* of those done */
};

static void
core_apply(void *core, const struct conf_object *old, const struct conf_object *new, int64_t now)
{
	struct stage *s = core;
	(void)now;
	s->applies++;
	s->old_cost = old ? ((const struct settings *)conf_data(old))->cost : 0;
	s->new_cost = ((const struct settings *)conf_data(new))->cost;
}

/* As many rows as asked for, in slices. */
static bool
core_rows(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	struct stage *s = core;
	const char *count = nb_arg(args, "count");
	(void)now;
	s->slices++;
	if (!resume->heap)
		resume->heap = mem_alloc(16);
	for (; resume->n < (count ? strtoull(count, NULL, 10) : 1); resume->n++) {
		if (rows_full(out))
			return false;
		row_begin(out);
		row_uint(out, "n", resume->n);
		row_end(out);
	}
	return true;
}

static const char *
core_rpc(void *core, const struct nb_args *args, struct rows *out, int64_t now)
{
	(void)core;
	(void)now;
	if (!nb_arg(args, "who"))
		return "who?";
	row_begin(out);
	row_str(out, "hello", nb_arg(args, "who"));
	row_end(out);
	return NULL;
}

static const struct state_producer producers[] = {{"test/rows", core_rows}, {NULL, NULL}};
static const struct rpc_row rpcs[] = {{"greet", core_rpc}, {NULL, NULL}};
static const struct northbound_def def = {"testd", &settings_class, core_apply, producers, rpcs};

static bool
client_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	if (type == NB__NB_TYPE__NB_HELLO) {
		const Nb__Hello *m = ipc_unpack(c, &nb__hello__descriptor, bytes, len);
		s->hellos++;
		s->hello_txn = m->applied_txn;
	} else if (type == NB__NB_TYPE__NB_PREPARE_REPLY) {
		const Nb__PrepareReply *m = ipc_unpack(c, &nb__prepare_reply__descriptor, bytes, len);
		s->prepared++;
		s->txn = m->txn;
		s->errors = m->n_errors;
		if (m->n_errors)
			snprintf(s->error, sizeof(s->error), "%s: %s", m->errors[0]->path, m->errors[0]->message);
		s->error_edit = m->n_errors ? m->errors[0]->edit : 0;
	} else if (type == NB__NB_TYPE__NB_APPLY_REPLY) {
		s->applied++;
	} else if (type == NB__NB_TYPE__NB_STATE_CHUNK) {
		const Nb__StateChunk *m = ipc_unpack(c, &nb__state_chunk__descriptor, bytes, len);
		s->chunks++;
		s->dones += m->done != 0;
		s->octets += m->rows.len;
		if (m->done) {
			s->last_id = m->id;
			snprintf(s->error, sizeof(s->error), "%s", m->error);
		}
		if (m->rows.len)
			snprintf(s->row, sizeof(s->row), "%.*s", (int)(m->rows.len < 120 ? m->rows.len : 120),
				(const char *)m->rows.data);
	} else if (type == NB__NB_TYPE__NB_RPC_REPLY) {
		const Nb__RpcReply *m = ipc_unpack(c, &nb__rpc_reply__descriptor, bytes, len);
		s->rpcs++;
		snprintf(s->error, sizeof(s->error), "%s", m->error);
		snprintf(s->text, sizeof(s->text), "%.*s", (int)m->text.len, (const char *)m->text.data);
	} else if (type == NB__NB_TYPE__NB_LOG_LINE) {
		const Nb__LogLine *m = ipc_unpack(c, &nb__log_line__descriptor, bytes, len);
		s->lines++;
		snprintf(s->row, sizeof(s->row), "%.120s", m->line);
	}
	return true;
}

static void
client_closed(void *arg, struct ipc_conn *c, int64_t now)
{
	(void)c;
	(void)now;
	((struct stage *)arg)->closed++;
}

static const struct ipc_ops client_ops = {.message = client_message, .closed = client_closed};

static bool
said_hello(void *arg)
{
	return ((struct stage *)arg)->hellos > 0;
}

static void
stage_begin(struct stage *s)
{
	*s = (struct stage){.dir = "/tmp/grevy-nb-XXXXXX"};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->dir));
	log_level_set(LOG_LVL_ERROR);
	snprintf(s->path, sizeof(s->path), "%s/testd.sock", s->dir);
	s->l = loop_new();
	s->nb = northbound_new(s->l, s->path, &def, s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s->nb);
	s->c = ipc_connect(s->l, s->path, &client_ops, s);
	CU_ASSERT(loop_until(s->l, said_hello, s));
}

static void
stage_end(struct stage *s)
{
	ipc_close(s->c);
	northbound_free(s->nb);
	loop_free(s->l);
	rmdir(s->dir);
}

static void
prepare(struct stage *s, uint64_t txn, bool full, bool more, const char *path, const char *value)
{
	Nb__Prepare m = NB__PREPARE__INIT;
	Nb__Edit e = NB__EDIT__INIT, *edits[] = {&e};
	e.op = value ? NB__EDIT__OP__SET : NB__EDIT__OP__DELETE;
	e.path = mem_strdup(path);
	e.value = mem_strdup(value ? value : "");
	m.txn = txn;
	m.full = full;
	m.more = more;
	m.n_edits = 1;
	m.edits = edits;
	ipc_send(s->c, NB__NB_TYPE__NB_PREPARE, &m.base);
	mem_free(e.path);
	mem_free(e.value);
}

static bool
was_prepared(void *arg)
{
	return ((struct stage *)arg)->prepared > 0;
}

static bool
was_applied(void *arg)
{
	return ((struct stage *)arg)->applied > 0;
}

static bool
was_closed(void *arg)
{
	return ((struct stage *)arg)->closed > 0;
}

static void
apply(struct stage *s, uint64_t txn)
{
	Nb__Apply m = NB__APPLY__INIT;
	m.txn = txn;
	ipc_send(s->c, NB__NB_TYPE__NB_APPLY, &m.base);
}

static void
commit_cost(struct stage *s, uint64_t txn, const char *cost)
{
	s->prepared = s->applied = 0;
	prepare(s, txn, false, false, "/m:cost", cost);
	CU_ASSERT(loop_until(s->l, was_prepared, s));
	CU_ASSERT_EQUAL(s->errors, 0);
	apply(s, txn);
	CU_ASSERT(loop_until(s->l, was_applied, s));
}

static void
a_config_is_prepared_and_applied(void)
{
	struct stage s;
	stage_begin(&s);
	CU_ASSERT_EQUAL(s.hello_txn, 0);
	CU_ASSERT_PTR_NULL(northbound_config(s.nb));
	prepare(&s, 5, true, true, "/m:limit", "100");
	prepare(&s, 5, true, false, "/m:cost", "7");
	CU_ASSERT(loop_until(s.l, was_prepared, &s));
	CU_ASSERT_EQUAL(s.prepared, 1); /* one answer for both pieces */
	CU_ASSERT_EQUAL(s.applies, 0);
	apply(&s, 5);
	CU_ASSERT(loop_until(s.l, was_applied, &s));
	CU_ASSERT_EQUAL(s.new_cost, 7);
	commit_cost(&s, 6, "8");
	CU_ASSERT_EQUAL(s.old_cost, 7);
	CU_ASSERT_EQUAL(s.new_cost, 8);
	CU_ASSERT_EQUAL(((const struct settings *)conf_data(northbound_config(s.nb)))->limit, 100);
	s.hellos = 0;
	ipc_drop(s.c);
	CU_ASSERT(loop_until(s.l, said_hello, &s));
	CU_ASSERT_EQUAL(s.hello_txn, 6);
	stage_end(&s);
}

static void
one_no_changes_nothing(void)
{
	struct stage s;
	stage_begin(&s);
	commit_cost(&s, 1, "9");
	s.prepared = 0;
	prepare(&s, 2, false, true, "/m:limit", "5");
	prepare(&s, 2, false, false, "/m:cost", "x");
	CU_ASSERT(loop_until(s.l, was_prepared, &s));
	CU_ASSERT_EQUAL(s.errors, 1);
	CU_ASSERT_EQUAL(s.error_edit, 2);
	CU_ASSERT_STRING_EQUAL(s.error, "/m:cost: 'x' is not a number up to 4294967295");
	s.prepared = 0;
	prepare(&s, 3, false, false, "/m:limit", "5"); /* the check of the class */
	CU_ASSERT(loop_until(s.l, was_prepared, &s));
	CU_ASSERT_STRING_EQUAL(s.error, "/m:cost: cost above limit");
	CU_ASSERT_EQUAL(((const struct settings *)conf_data(northbound_config(s.nb)))->cost, 9);
	CU_ASSERT_EQUAL(s.applies, 1);
	log_level_set(LOG_LVL_ERROR);
	apply(&s, 3); /* refused: cannot be applied */
	CU_ASSERT(loop_until(s.l, was_closed, &s));
	CU_ASSERT_EQUAL(s.applies, 1);
	stage_end(&s);
}

static void
abort_and_disconnection_drop_what_was_prepared(void)
{
	struct stage s;
	Nb__Abort abort_msg = NB__ABORT__INIT;
	stage_begin(&s);
	prepare(&s, 1, false, false, "/m:cost", "1");
	CU_ASSERT(loop_until(s.l, was_prepared, &s));
	ipc_send(s.c, NB__NB_TYPE__NB_ABORT, &abort_msg.base);
	apply(&s, 1);
	CU_ASSERT(loop_until(s.l, was_closed, &s));
	CU_ASSERT_EQUAL(s.applies, 0);
	s.hellos = s.prepared = s.closed = 0;
	CU_ASSERT(loop_until(s.l, said_hello, &s));
	prepare(&s, 2, false, false, "/m:cost", "1");
	CU_ASSERT(loop_until(s.l, was_prepared, &s));
	s.hellos = s.closed = 0;
	ipc_drop(s.c);
	CU_ASSERT(loop_until(s.l, said_hello, &s));
	s.closed = 0;
	apply(&s, 2);
	CU_ASSERT(loop_until(s.l, was_closed, &s));
	CU_ASSERT_EQUAL(s.applies, 0);
	stage_end(&s);
}

static void
ask(struct stage *s, uint32_t id, const char *path, const char *count, bool cancel)
{
	Nb__StateRequest m = NB__STATE_REQUEST__INIT;
	Nb__KeyValue f = NB__KEY_VALUE__INIT, *filter[] = {&f};
	f.key = mem_strdup("count");
	f.value = mem_strdup(count);
	m.id = id;
	m.path = mem_strdup(path);
	m.n_filter = 1;
	m.filter = filter;
	m.cancel = cancel;
	ipc_send(s->c, NB__NB_TYPE__NB_STATE, &m.base);
	mem_free(f.key);
	mem_free(f.value);
	mem_free(m.path);
}

static bool
query_done(void *arg)
{
	return ((struct stage *)arg)->dones > 0;
}

static void
state_comes_in_slices(void)
{
	struct stage s;
	stage_begin(&s);
	ask(&s, 77, "test/rows", "100000", false);
	CU_ASSERT(loop_until(s.l, query_done, &s));
	CU_ASSERT_EQUAL(s.last_id, 77);
	CU_ASSERT(s.chunks > 20);
	CU_ASSERT_EQUAL(s.slices, s.chunks);
	CU_ASSERT_EQUAL(s.octets, 1188890); /* {"n":0}\n and so on */
	s.dones = s.chunks = 0;
	ask(&s, 78, "test/rows", "0", false);
	CU_ASSERT(loop_until(s.l, query_done, &s));
	CU_ASSERT_EQUAL(s.chunks, 1);
	s.dones = 0;
	ask(&s, 79, "test/none", "1", false);
	CU_ASSERT(loop_until(s.l, query_done, &s));
	CU_ASSERT_STRING_EQUAL(s.error, "no such state");
	stage_end(&s);
}

static void
queries_can_be_cancelled_and_are_bounded(void)
{
	struct stage s;
	stage_begin(&s);
	ask(&s, 1, "test/rows", "1000000000", false);
	loop_for(s.l, 5000);
	CU_ASSERT_EQUAL(s.dones, 0);
	ask(&s, 1, "", "", true);
	CU_ASSERT(loop_until(s.l, query_done, &s));
	CU_ASSERT_STRING_EQUAL(s.error, "cancelled");
	unsigned slices = s.slices;
	loop_for(s.l, 5000);
	CU_ASSERT_EQUAL(s.slices, slices);
	s.dones = 0;
	for (uint32_t i = 0; i < 33; i++)
		ask(&s, i, "test/rows", "1000000000", false);
	CU_ASSERT(loop_until(s.l, query_done, &s));
	CU_ASSERT_EQUAL(s.last_id, 32);
	CU_ASSERT_STRING_EQUAL(s.error, "too many queries at once");
	stage_end(&s); /* a client that goes takes its queries along */
}

static void
a_reader_that_stops_stops_the_walk(void)
{
	struct stage s;
	stage_begin(&s);
	ipc_hold(s.c, true);
	ask(&s, 1, "test/rows", "1000000000", false);
	loop_for(s.l, 200000);
	unsigned slices = s.slices;
	CU_ASSERT(slices < 1000);
	loop_for(s.l, 20000);
	CU_ASSERT_EQUAL(s.slices, slices);
	ipc_hold(s.c, false);
	loop_for(s.l, 20000);
	CU_ASSERT(s.slices > slices);
	stage_end(&s);
}

static bool
rpc_answered(void *arg)
{
	return ((struct stage *)arg)->rpcs > 0;
}

static void
call(struct stage *s, const char *name, const char *key, const char *value)
{
	Nb__RpcRequest m = NB__RPC_REQUEST__INIT;
	Nb__KeyValue a = NB__KEY_VALUE__INIT, *args[] = {&a};
	a.key = mem_strdup(key);
	a.value = mem_strdup(value);
	m.name = mem_strdup(name);
	m.n_args = 1;
	m.args = args;
	s->rpcs = 0;
	ipc_send(s->c, NB__NB_TYPE__NB_RPC, &m.base);
	CU_ASSERT(loop_until(s->l, rpc_answered, s));
	mem_free(a.key);
	mem_free(a.value);
	mem_free(m.name);
}

static void
commands_answer_text_or_error(void)
{
	struct stage s;
	stage_begin(&s);
	call(&s, "greet", "who", "you");
	CU_ASSERT_STRING_EQUAL(s.error, "");
	CU_ASSERT_STRING_EQUAL(s.text, "{\"hello\":\"you\"}\n");
	call(&s, "greet", "x", "y");
	CU_ASSERT_STRING_EQUAL(s.error, "who?");
	call(&s, "fly", "x", "y");
	CU_ASSERT_STRING_EQUAL(s.error, "no such command: fly");
	call(&s, "log-level", "level", "debugging");
	CU_ASSERT_STRING_EQUAL(s.error, "");
	CU_ASSERT_EQUAL(log_level_get(), LOG_LVL_DEBUG);
	log_level_set(LOG_LVL_ERROR);
	stage_end(&s);
}

static bool
line_came(void *arg)
{
	return ((struct stage *)arg)->lines > 0;
}

static void
log_lines_go_to_who_asked(void)
{
	struct stage s;
	Nb__LogSubscribe m = NB__LOG_SUBSCRIBE__INIT;
	char dir[] = "file:/dev/null";
	stage_begin(&s);
	CU_ASSERT(log_open("testd", dir, LOG_LVL_NOTICE));
	log_notice("test.before", "x=%d", 0);
	ipc_send(s.c, NB__NB_TYPE__NB_LOG_SUBSCRIBE, &m.base);
	loop_for(s.l, 3000);
	log_notice("test.line", "x=%d", 1);
	CU_ASSERT(loop_until(s.l, line_came, &s));
	CU_ASSERT_EQUAL(s.lines, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(s.row, " notice test.line x=1"));
	m.off = true;
	ipc_send(s.c, NB__NB_TYPE__NB_LOG_SUBSCRIBE, &m.base);
	loop_for(s.l, 3000);
	log_notice("test.line", "x=%d", 2);
	loop_for(s.l, 3000);
	CU_ASSERT_EQUAL(s.lines, 1);
	stage_end(&s);
}

static void
every_daemon_tells_about_itself(void)
{
	static const char *const paths[] = {"daemon/status", "daemon/loop", "daemon/memory", "daemon/log"};
	struct stage s;
	stage_begin(&s);
	log_error("test.something", "x=%d", 1);
	for (size_t i = 0; i < 4; i++) {
		s.dones = 0;
		s.row[0] = '\0';
		ask(&s, 1, paths[i], "1", false);
		CU_ASSERT(loop_until(s.l, query_done, &s));
		CU_ASSERT_STRING_EQUAL(s.error, "");
		CU_ASSERT_EQUAL(s.row[0], '{');
	}
	stage_end(&s);
}

UNIT_TESTS("northbound", {"a config is prepared and applied", a_config_is_prepared_and_applied},
	{"one no changes nothing", one_no_changes_nothing},
	{"abort and disconnection drop what was prepared", abort_and_disconnection_drop_what_was_prepared},
	{"state comes in slices", state_comes_in_slices},
	{"queries can be cancelled and are bounded", queries_can_be_cancelled_and_are_bounded},
	{"a reader that stops stops the walk", a_reader_that_stops_stops_the_walk},
	{"commands answer text or error", commands_answer_text_or_error},
	{"log lines go to who asked", log_lines_go_to_who_asked},
	{"every daemon tells about itself", every_daemon_tells_about_itself})
