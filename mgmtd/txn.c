/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transaction. Steps, each a function:
 *
 *   attempt: edits -> running -> validate          errors: taken back, answered (best effort: the
 *   prepare: to every daemon concerned             edits to blame are dropped, attempt again)
 *   decide:  all have answered, or are taken for down
 *   commit:  on disk, then Apply to all
 *   finish:  all have applied, or are taken for down; answer
 *
 * Best effort ends after TXN_ATTEMPTS: then what is left is refused as a whole.
 */
#include "mgmtd/txn.h"

#include <malloc.h>
#include <string.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "mgmtd/backends.h"
#include "mgmtd/confirm.h"
#include "mgmtd/crash.h"
#include "mgmtd/history.h"
#include "mgmtd/self.h"
#include "mgmtd/validate.h"

#define TXN_ATTEMPTS 100
#define TXN_LARGE    5000u /* changes; after such a one memory goes back to the system */

enum txn_phase { TXN_PREPARE, TXN_APPLY };

struct txn {
	struct mgmtd *m;
	struct txn_request r;
	enum txn_phase phase;
	unsigned attempts;
	uint64_t number;
	struct changes *changes;
	struct effects effects;
	struct errors errors;   /* to be answered */
	struct errors refusals; /* of the daemons, in this attempt */
	char **warnings;
	size_t warning_count;
	uint32_t waiting;       /* owners that have not answered */
	uint32_t prepared;      /* owners that said yes */
	struct timer timer;
};

static void txn_attempt(struct txn *t, int64_t now);

static void
txn_warn(struct txn *t, char *text)
{
	for (size_t i = 0; i < t->warning_count; i++)
		if (!strcmp(t->warnings[i], text)) {
			mem_free(text);
			return;
		}
	t->warnings = mem_realloc(t->warnings, (t->warning_count + 1) * sizeof(*t->warnings));
	t->warnings[t->warning_count++] = text;
}

static void
txn_warn_down(struct txn *t, unsigned owner)
{
	txn_warn(t, mem_printf("%s is down: it gets its config when it is back",
		yangdb_owner_name(t->m->db, owner)));
}

static void
txn_destroy(struct txn *t)
{
	timer_cancel(loop_timers(t->m->loop), &t->timer);
	for (size_t i = 0; i < t->warning_count; i++)
		mem_free(t->warnings[i]);
	mem_free(t->warnings);
	errors_free(&t->errors);
	errors_free(&t->refusals);
	effects_free(&t->effects);
	changes_free(t->changes);
	edits_free(&t->r.edits);
	union {
		const char *in;
		char *out;
	} own[] = {{.in = t->r.user}, {.in = t->r.client}, {.in = t->r.comment}};
	for (size_t i = 0; i < 3; i++)
		mem_free(own[i].out);
	mem_free(t);
}

static void
txn_finish(struct txn *t, bool failed, uint64_t number, int64_t now)
{
	struct mgmtd *m = t->m;
	struct txn_result result = {&t->errors, t->warnings, t->warning_count, failed, number};
	m->active = NULL;
	crash_at("before-reply");
	t->r.done(t->r.arg, &result, now);
	if (number)
		history_tidy(m->history, m->running, m->txn, mgmtd_wall(), false);
	bool large = t->changes->count > TXN_LARGE;
	txn_destroy(t);
	if (large)
		malloc_trim(0);
	mgmtd_continue(m, now);
}

/* --- attempt ------------------------------------------------------------------------------------ */

/* The edits make a new config; what differs from running becomes the change. */
static bool
edits_replace(struct txn *t)
{
	struct store *target = store_new(t->m->db);
	struct changes *log = changes_new();
	bool good = edits_make(&t->r.edits, target, t->r.strict, t->r.best_effort, log, &t->errors);
	if (good) {
		store_diff(t->m->running, target, t->changes);
		for (size_t i = 0; i < t->changes->count; i++) {
			const struct change *by = changes_find(log, t->changes->rows[i]->path);
			t->changes->rows[i]->origin = by ? by->origin : 0;
		}
		store_apply(t->m->running, t->changes, true);
	}
	changes_free(log);
	store_free(target);
	return good;
}

static void
txn_take_back(struct txn *t)
{
	if (!store_apply(t->m->running, t->changes, false))
		log_error("mgmtd.undo", "txn=%llu error=\"a change could not be taken back\"",
			(unsigned long long)t->number);
	changes_clear(t->changes);
}

/* It cannot be as it is: again without the edits to blame, or refused. */
static void
txn_refuse(struct txn *t, struct errors *why, int64_t now)
{
	txn_take_back(t);
	bool again = t->r.best_effort && ++t->attempts < TXN_ATTEMPTS && edits_drop(&t->r.edits, why);
	errors_move(&t->errors, why);
	if (again)
		txn_attempt(t, now);
	else
		txn_finish(t, true, 0, now);
}

static void
txn_timeout(void *arg, int64_t now)
{
	struct txn *t = arg;
	uint32_t late = t->waiting;
	(void)now;
	for (unsigned i = 0; i < YANGDB_OWNERS; i++)
		if (late & (1u << i))
			backend_drop(t->m->backends, i); /* its end is told by txn_backend_lost */
}

static void txn_decide(struct txn *t, int64_t now);

static void
txn_prepare(struct txn *t, int64_t now)
{
	struct mgmtd *m = t->m;
	effects_free(&t->effects);
	effects_init(&t->effects);
	effects_of_changes(&t->effects, m->running, t->changes);
	uint32_t concerned = effects_owners(&t->effects) & ~self_owner(m);
	uint32_t ready = backends_ready(m->backends);
	for (unsigned i = 0; i < YANGDB_OWNERS; i++)
		if (concerned & ~ready & (1u << i))
			txn_warn_down(t, i);
	crash_at("before-prepare");
	t->phase = TXN_PREPARE;
	t->number = m->next_txn++;
	t->prepared = 0;
	t->waiting = concerned & ready;
	for (unsigned i = 0; i < YANGDB_OWNERS; i++)
		if (t->waiting & (1u << i))
			backend_prepare(m->backends, i, t->number, &t->effects);
	if (t->waiting)
		timer_set(loop_timers(m->loop), &t->timer, now + BACKEND_WAIT, txn_timeout, t);
	else
		txn_decide(t, now);
}

static void
txn_attempt(struct txn *t, int64_t now)
{
	struct mgmtd *m = t->m;
	struct errors wrong = {0};
	bool made = t->r.replace ? edits_replace(t)
				 : edits_make(&t->r.edits, m->running, t->r.strict, t->r.best_effort,
					   t->changes, &t->errors);
	if (!made) {
		txn_take_back(t);
		txn_finish(t, true, 0, now);
		return;
	}
	if (!changes_net(t->changes)) {
		txn_finish(t, false, 0, now);
		return;
	}
	if (validate(m->running, t->changes, t->r.full || t->r.replace, &wrong))
		txn_prepare(t, now);
	else
		txn_refuse(t, &wrong, now);
}

/* --- decide and commit -------------------------------------------------------------------------- */

static void
txn_abort(struct txn *t)
{
	for (unsigned i = 0; i < YANGDB_OWNERS; i++)
		if (t->prepared & backends_ready(t->m->backends) & (1u << i))
			backend_abort(t->m->backends, i, t->number);
	t->prepared = 0;
}

static char *
txn_write(struct txn *t)
{
	struct mgmtd *m = t->m;
	struct past who = {.uid = t->r.uid};
	union {
		const char *in;
		char *out;
	} user = {.in = t->r.user}, client = {.in = t->r.client}, comment = {.in = t->r.comment};
	who.user = user.out;
	who.client = client.out;
	who.comment = comment.out;
	int64_t wall = mgmtd_wall();
	struct pending pending = confirm_after(m, t->r.confirm_minutes, t->r.confirms, wall);
	return history_commit(m->history, t->number, &who, t->changes, pending, wall);
}

static void
txn_apply(struct txn *t, int64_t now)
{
	struct mgmtd *m = t->m;
	t->phase = TXN_APPLY;
	t->waiting = t->prepared & backends_ready(m->backends);
	if (effects_owners(&t->effects) & self_owner(m))
		self_apply(m);
	for (unsigned i = 0; i < YANGDB_OWNERS; i++) {
		if (!(t->waiting & (1u << i)))
			continue;
		bool die = crash_wanted("mid-apply");
		backend_apply(m->backends, i, t->number, die);
		if (die)
			crash_now();
	}
	if (t->waiting)
		timer_set(loop_timers(m->loop), &t->timer, now + BACKEND_WAIT, txn_timeout, t);
	else
		txn_finish(t, false, t->number, now);
}

static void
txn_commit(struct txn *t, int64_t now)
{
	struct mgmtd *m = t->m;
	char *why = txn_write(t);
	if (why) {
		log_error("mgmtd.commit", "error=\"%s\"", why);
		errors_take(&t->errors, "", why, 0);
		txn_abort(t);
		txn_take_back(t);
		txn_finish(t, true, 0, now);
		return;
	}
	m->txn = t->number;
	m->lost = false;
	confirm_arm(m, now);
	if (t->r.mark_startup) {
		why = history_mark_startup(m->history, m->running, mgmtd_wall());
		if (why)
			txn_warn(t, why);
	}
	crash_at("after-persist");
	txn_apply(t, now);
}

static void
txn_decide(struct txn *t, int64_t now)
{
	timer_cancel(loop_timers(t->m->loop), &t->timer);
	crash_at("after-prepare");
	if (t->refusals.count) {
		txn_abort(t);
		txn_refuse(t, &t->refusals, now);
		return;
	}
	if (t->r.check) {
		txn_abort(t);
		txn_take_back(t);
		txn_finish(t, false, 0, now);
		return;
	}
	txn_commit(t, now);
}

/* --- the daemons' answers ------------------------------------------------------------------------- */

void
txn_prepared(struct mgmtd *m, unsigned owner, uint64_t txn, struct errors *errors, int64_t now)
{
	struct txn *t = m->active;
	uint32_t bit = 1u << owner;
	if (!t || t->phase != TXN_PREPARE || t->number != txn || !(t->waiting & bit))
		return;
	t->waiting &= ~bit;
	if (!errors->count)
		t->prepared |= bit;
	for (size_t i = 0; i < errors->count; i++) {
		struct error_row *e = &errors->rows[i];
		bool known = e->origin && e->origin <= t->effects.of[owner].count;
		const struct change *by = known ? NULL : changes_find(t->changes, e->path);
		e->origin = known ? t->effects.of[owner].rows[e->origin - 1].origin : by ? by->origin : 0;
	}
	errors_move(&t->refusals, errors);
	if (!t->waiting)
		txn_decide(t, now);
}

void
txn_applied(struct mgmtd *m, unsigned owner, uint64_t txn, int64_t now)
{
	struct txn *t = m->active;
	uint32_t bit = 1u << owner;
	if (!t || t->phase != TXN_APPLY || t->number != txn || !(t->waiting & bit))
		return;
	t->waiting &= ~bit;
	if (!t->waiting)
		txn_finish(t, false, t->number, now);
}

void
txn_backend_lost(struct mgmtd *m, unsigned owner, int64_t now)
{
	struct txn *t = m->active;
	uint32_t bit = 1u << owner;
	if (!t || !((t->waiting | t->prepared) & bit))
		return;
	bool waited = t->waiting & bit;
	t->waiting &= ~bit;
	t->prepared &= ~bit;
	txn_warn_down(t, owner);
	if (!waited || t->waiting)
		return;
	if (t->phase == TXN_PREPARE)
		txn_decide(t, now);
	else
		txn_finish(t, false, t->number, now);
}

void
txn_start(struct mgmtd *m, struct txn_request *r, int64_t now)
{
	struct txn *t = mem_zalloc(sizeof(*t));
	t->m = m;
	t->r = *r;
	memset(&r->edits, 0, sizeof(r->edits));
	t->r.user = mem_strdup(r->user ? r->user : "");
	t->r.client = mem_strdup(r->client ? r->client : "");
	t->r.comment = mem_strdup(r->comment ? r->comment : "");
	t->changes = changes_new();
	m->active = t;
	txn_attempt(t, now);
}

void
txn_free(struct mgmtd *m)
{
	if (!m->active)
		return;
	txn_destroy(m->active);
	m->active = NULL;
}
