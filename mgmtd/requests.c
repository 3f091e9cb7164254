/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What clients may ask: one handler per message, in a table. A handler answers at once, or starts
 * the one transaction and answers when that has ended.
 */
#include <string.h>

#include "gen/mgmt.pb-c.h"
#include "lib/ipc.h"
#include "lib/mem.h"
#include "lib/rows.h"
#include "mgmtd/candidate.h"
#include "mgmtd/confirm.h"
#include "mgmtd/frontends.h"
#include "mgmtd/history_rows.h"
#include "mgmtd/txn.h"

#define LOAD_MAX (128u << 20)

/* --- sessions, locks, candidates ---------------------------------------------------------------- */

static bool
session_has_candidate(const struct session *s)
{
	return s->kind != MGMT__OPEN__KIND__LINE;
}

static struct candidate **
session_candidate(struct session *s)
{
	struct candidate **c = s->kind == MGMT__OPEN__KIND__PRIVATE ? &s->private : &s->m->shared;
	if (!*c)
		*c = candidate_new();
	return c;
}

static void
candidate_forget(struct candidate **c)
{
	candidate_free(*c);
	*c = NULL;
}

/* NULL: nobody else holds the lock. Else who does, in words (mem_free). */
static char *
session_locked_out(const struct session *s)
{
	const struct session *by = s->m->lock_holder;
	if (!by || by == s)
		return NULL;
	return mem_printf("the configuration is locked by %s (%s)", by->user, by->client);
}

static void
session_unlock(struct session *s)
{
	if (s->m->lock_holder != s)
		return;
	s->m->lock_holder = NULL;
	candidate_forget(&s->m->shared); /* RFC 6241 7.5: what was not committed is discarded */
}

void
session_end(struct session *s, int64_t now)
{
	(void)now;
	session_unlock(s);
	candidate_forget(&s->private);
}

static void
handle_open(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Open *m = msg;
	(void)now;
	char *why = m->kind == MGMT__OPEN__KIND__EXCLUSIVE ? session_locked_out(s) : NULL;
	if (!why && m->kind == MGMT__OPEN__KIND__EXCLUSIVE && !s->m->lock_holder &&
		candidate_is_changed(s->m->shared))
		why = mem_strdup("the shared candidate has changes that are not committed");
	if (why) {
		reply_text(s, m->id, why);
		return;
	}
	if (s->kind == MGMT__OPEN__KIND__EXCLUSIVE && m->kind != MGMT__OPEN__KIND__EXCLUSIVE)
		session_unlock(s);
	if (m->kind != MGMT__OPEN__KIND__PRIVATE)
		candidate_forget(&s->private);
	s->kind = m->kind;
	if (m->kind == MGMT__OPEN__KIND__EXCLUSIVE)
		s->m->lock_holder = s;
	if (*m->user) {
		mem_free(s->user);
		s->user = mem_printf("%.64s", m->user);
	}
	if (*m->client) {
		mem_free(s->client);
		s->client = mem_printf("%.200s", m->client);
	}
	reply_ok(s, m->id);
}

static void
handle_lock(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Lock *m = msg;
	(void)now;
	char *why = session_locked_out(s);
	if (!why && m->unlock && s->m->lock_holder != s)
		why = mem_strdup("the configuration is not locked");
	if (!why && m->unlock)
		session_unlock(s);
	else if (!why)
		s->m->lock_holder = s;
	reply_text(s, m->id, why);
}

/* --- transactions -------------------------------------------------------------------------------- */

static void
session_txn_done(void *arg, const struct txn_result *result, int64_t now)
{
	struct session *s = arg;
	(void)now;
	s->in_txn = false;
	if (!result->failed && result->txn && s->commits_candidate)
		candidate_forget(session_candidate(s));
	struct errors all = {0};
	errors_move(&all, &s->early);
	errors_copy(&all, result->errors);
	reply_send(s, &(struct reply){s->reply_id, &all, !s->own_edits, result->warnings,
		result->warning_count, result->txn});
	errors_free(&all);
	s->commits_candidate = false;
	s->own_edits = false;
}

static void
session_txn(struct session *s, uint32_t id, struct txn_request *r, int64_t now)
{
	s->in_txn = true;
	s->reply_id = id;
	r->uid = s->uid;
	r->user = s->user;
	r->client = s->client;
	r->done = session_txn_done;
	r->arg = s;
	txn_start(s->m, r, now);
}

/* --- edits --------------------------------------------------------------------------------------- */

static void
edits_take(struct session *s, const Mgmt__EditRequest *m)
{
	for (size_t i = 0; i < m->n_edits && !s->incoming_too_large; i++) {
		const Nb__Edit *e = m->edits[i];
		edits_add(&s->incoming, e->op == NB__EDIT__OP__SET, e->path, e->value);
		s->incoming_too_large = s->incoming.octets > EDITS_OCTETS_MAX;
	}
}

static void
candidate_commit(struct session *s, uint32_t id, struct txn_request *r, int64_t now)
{
	struct errors errors = {0};
	struct candidate *c = *session_candidate(s);
	r->full = true;
	r->confirms = true;
	if (!candidate_edits(c, s->m->running, s->m->txn, &r->edits, &errors)) {
		errors_move(&s->early, &errors);
		reply_send(s, &(struct reply){.id = id, .errors = &s->early});
		errors_free(&s->early);
		edits_free(&r->edits);
		return;
	}
	s->commits_candidate = !r->check;
	session_txn(s, id, r, now);
}

static void
edit_candidate(struct session *s, const Mgmt__EditRequest *m, int64_t now)
{
	struct errors errors = {0};
	bool good = candidate_edit(*session_candidate(s), s->m->running, s->m->txn, &s->incoming, m->replace,
		m->strict, m->best_effort, &errors);
	edits_free(&s->incoming);
	if (m->commit && good) {
		struct txn_request r = {.comment = m->comment, .mark_startup = m->mark_startup};
		errors_move(&s->early, &errors);
		candidate_commit(s, m->id, &r, now);
	} else {
		reply_send(s, &(struct reply){.id = m->id, .errors = &errors});
	}
	errors_free(&errors);
}

/* `write memory`: nothing changes, but what is running is what was saved. */
static void
edit_mark_startup(struct session *s, uint32_t id)
{
	reply_text(s, id, history_mark_startup(s->m->history, s->m->running, mgmtd_wall()));
}

static void
handle_edit(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__EditRequest *m = msg;
	edits_take(s, m);
	if (m->more)
		return;
	char *why = session_locked_out(s);
	if (!why && s->incoming_too_large)
		why = mem_printf("more than %u MiB of edits at once", EDITS_OCTETS_MAX >> 20);
	s->incoming_too_large = false;
	if (why) {
		edits_free(&s->incoming);
		reply_text(s, m->id, why);
		return;
	}
	if (!s->incoming.count && !m->replace && m->mark_startup) {
		edit_mark_startup(s, m->id);
		return;
	}
	if (session_has_candidate(s)) {
		edit_candidate(s, m, now);
		return;
	}
	struct txn_request r = {.edits = s->incoming, .replace = m->replace, .best_effort = m->best_effort,
		.strict = m->strict, .comment = m->comment, .mark_startup = m->mark_startup};
	memset(&s->incoming, 0, sizeof(s->incoming));
	s->own_edits = true;
	session_txn(s, m->id, &r, now);
}

static void
handle_commit(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Commit *m = msg;
	char *why = session_locked_out(s);
	if (why) {
		reply_text(s, m->id, why);
		return;
	}
	bool changed = session_has_candidate(s) && candidate_is_changed(*session_candidate(s));
	if (!changed && !m->check && !m->confirmed_minutes && history_pending(s->m->history).by) {
		reply_text(s, m->id, confirm_given(s->m, now));
		return;
	}
	if (!changed) {
		reply_ok(s, m->id);
		return;
	}
	struct txn_request r = {.check = m->check, .confirm_minutes = m->check ? 0 : m->confirmed_minutes,
		.comment = m->comment};
	candidate_commit(s, m->id, &r, now);
}

static void
handle_discard(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Discard *m = msg;
	(void)now;
	char *why = s->kind == MGMT__OPEN__KIND__PRIVATE ? NULL : session_locked_out(s);
	if (!why && session_has_candidate(s))
		candidate_forget(session_candidate(s));
	reply_text(s, m->id, why);
}

static void
handle_confirm(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Confirm *m = msg;
	reply_text(s, m->id, confirm_given(s->m, now));
}

/* --- whole configs ------------------------------------------------------------------------------- */

/* Brings the session's target (candidate, or running by a transaction) to the given config. */
static void
config_take(struct session *s, uint32_t id, const struct store *target, bool commit, const char *comment,
	int64_t now)
{
	struct txn_request r = {.comment = comment};
	if (session_has_candidate(s)) {
		candidate_become(*session_candidate(s), s->m->running, s->m->txn, target);
		if (commit)
			candidate_commit(s, id, &r, now);
		else
			reply_ok(s, id);
		return;
	}
	struct changes *c = changes_new();
	store_diff(s->m->running, target, c);
	edits_of_changes(&r.edits, c);
	changes_free(c);
	r.full = true;
	session_txn(s, id, &r, now);
}

static void
handle_rollback(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Rollback *m = msg;
	char *why = session_locked_out(s);
	struct store *target = why ? NULL : history_store(s->m->history, s->m->running, m->commit);
	if (!why && !target)
		why = mem_printf("there are only %zu commits to take back", history_count(s->m->history));
	if (why) {
		reply_text(s, m->id, why);
		return;
	}
	char *comment = *m->comment ? mem_strdup(m->comment) : mem_printf("rollback of %u", m->commit + 1);
	config_take(s, m->id, target, m->commit_now, comment, now);
	mem_free(comment);
	store_free(target);
}

static void
load_merge(struct session *s, uint32_t id, const struct store *loaded, int64_t now)
{
	struct changes *c = changes_new();
	struct edits e = {0};
	struct errors errors = {0};
	store_content(loaded, c);
	edits_of_changes(&e, c);
	changes_free(c);
	if (session_has_candidate(s)) {
		candidate_edit(*session_candidate(s), s->m->running, s->m->txn, &e, false, false, false, &errors);
		reply_send(s, &(struct reply){.id = id, .errors = &errors, .unnumbered = true});
		edits_free(&e);
	} else {
		struct txn_request r = {.edits = e, .full = true, .comment = "load merge"};
		session_txn(s, id, &r, now);
	}
	errors_free(&errors);
}

static void
load_finish(struct session *s, const Mgmt__Load *m, int64_t now)
{
	char *why = session_locked_out(s), *error = NULL;
	struct store *loaded = why ? NULL : store_parse(s->m->db, s->load ? s->load : "{}", &error);
	if (!why && !loaded)
		why = error;
	if (why)
		reply_text(s, m->id, why);
	else if (m->replace)
		config_take(s, m->id, loaded, false, "load replace", now);
	else
		load_merge(s, m->id, loaded, now);
	store_free(loaded);
}

static void
handle_load(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Load *m = msg;
	bool fits = s->load_len + m->json.len <= LOAD_MAX;
	if (fits) {
		s->load = mem_realloc(s->load, s->load_len + m->json.len + 1);
		if (m->json.len)
			memcpy(s->load + s->load_len, m->json.data, m->json.len);
		s->load_len += m->json.len;
		s->load[s->load_len] = '\0';
	}
	if (m->more && fits)
		return;
	if (fits)
		load_finish(s, m, now);
	else if (!m->more)
		reply_text(s, m->id, mem_strdup("the config is too large"));
	if (!m->more) {
		mem_free(s->load);
		s->load = NULL;
		s->load_len = 0;
	}
}

/* --- reading ------------------------------------------------------------------------------------- */

static char *
get_text(struct session *s, const Mgmt__Get *m, const char **error)
{
	struct mgmtd *core = s->m;
	struct store *past = NULL;
	const struct store *from = core->running;
	if (m->store == MGMT__GET__STORE__STARTUP) {
		char *json = history_startup(core->history);
		*error = json ? NULL : "nothing has been saved yet";
		return json;
	}
	if (m->store == MGMT__GET__STORE__CANDIDATE) {
		struct candidate *c = s->kind == MGMT__OPEN__KIND__PRIVATE ? s->private : core->shared;
		from = candidate_is_changed(c) ? candidate_tree(c, core->running, core->txn) : core->running;
	} else if (m->store == MGMT__GET__STORE__COMMIT) {
		from = past = history_store(core->history, core->running, m->commit);
	}
	char *json = from ? store_print(from, m->with_defaults) : NULL;
	*error = json ? NULL : from ? "it cannot be printed" : "there is no such commit";
	store_free(past);
	return json;
}

static void
handle_get(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Get *m = msg;
	const char *error = NULL;
	(void)now;
	char *json = get_text(s, m, &error);
	reply_data(s, m->id, json ? json : "", json ? strlen(json) : 0, error);
	mem_free(json);
}

static void
handle_history(struct session *s, const void *msg, int64_t now)
{
	const Mgmt__Discard *m = msg; /* an id and nothing else */
	struct rows out;
	(void)now;
	rows_init(&out, 1 << 20);
	history_rows(s->m->history, &out);
	reply_data(s, m->id, out.buf, out.len, NULL);
	rows_free(&out);
}

static const struct request_row rows[] = {
	[MGMT__MGMT_TYPE__MGMT_OPEN] = {&mgmt__open__descriptor, handle_open},
	[MGMT__MGMT_TYPE__MGMT_EDIT] = {&mgmt__edit_request__descriptor, handle_edit},
	[MGMT__MGMT_TYPE__MGMT_COMMIT] = {&mgmt__commit__descriptor, handle_commit},
	[MGMT__MGMT_TYPE__MGMT_DISCARD] = {&mgmt__discard__descriptor, handle_discard},
	[MGMT__MGMT_TYPE__MGMT_GET] = {&mgmt__get__descriptor, handle_get},
	[MGMT__MGMT_TYPE__MGMT_ROLLBACK] = {&mgmt__rollback__descriptor, handle_rollback},
	[MGMT__MGMT_TYPE__MGMT_LOAD] = {&mgmt__load__descriptor, handle_load},
	[MGMT__MGMT_TYPE__MGMT_LOCK] = {&mgmt__lock__descriptor, handle_lock},
	[MGMT__MGMT_TYPE__MGMT_HISTORY] = {&mgmt__discard__descriptor, handle_history},
	[MGMT__MGMT_TYPE__MGMT_CONFIRM] = {&mgmt__confirm__descriptor, handle_confirm},
};

const struct request_row *
request_row(unsigned type)
{
	if (type >= sizeof(rows) / sizeof(rows[0]) || !rows[type].handle)
		return NULL;
	return &rows[type];
}
