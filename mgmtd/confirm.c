/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Confirmed commits: the deadline is on disk in wall-clock time, the timer is monotonic. */
#include "mgmtd/confirm.h"

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "mgmtd/crash.h"
#include "mgmtd/txn.h"

#define CONFIRM_RETRY  (10 * TIME_SEC)

struct pending
confirm_after(const struct mgmtd *m, unsigned minutes, bool confirms, int64_t wall)
{
	struct pending was = history_pending(m->history);
	if (minutes)
		return (struct pending){wall + (int64_t)minutes * crash_minute(), was.by ? was.base : m->txn};
	return confirms ? (struct pending){0, 0} : was;
}

static void
confirm_timeout(void *arg, int64_t now)
{
	struct mgmtd *m = arg;
	m->confirm_due = true;
	mgmtd_continue(m, now);
}

void
confirm_arm(struct mgmtd *m, int64_t now)
{
	struct pending p = history_pending(m->history);
	m->confirm_due = false;
	timer_cancel(loop_timers(m->loop), &m->confirm_timer);
	if (!p.by)
		return;
	int64_t left = p.by - mgmtd_wall();
	const struct past *last = history_past(m->history, 0);
	if (last && left > p.by - last->time_us) /* the wall clock was set back since */
		left = p.by - last->time_us;
	timer_set(loop_timers(m->loop), &m->confirm_timer, now + (left > 0 ? left : 0), confirm_timeout, m);
}

char *
confirm_given(struct mgmtd *m, int64_t now)
{
	if (!history_pending(m->history).by)
		return mem_strdup("no commit waits for a confirmation");
	char *why = history_confirm(m->history, m->txn, mgmtd_wall());
	confirm_arm(m, now);
	if (!why)
		log_notice("mgmtd.confirmed", "txn=%llu", (unsigned long long)m->txn);
	return why;
}

static void
revert_done(void *arg, const struct txn_result *result, int64_t now)
{
	struct mgmtd *m = arg;
	for (size_t i = 0; i < result->errors->count; i++)
		log_error("mgmtd.revert", "path=%s error=\"%s\"", result->errors->rows[i].path,
			result->errors->rows[i].message);
	if (result->failed) /* never given up: the operator may sit in front of a closed door */
		timer_set(loop_timers(m->loop), &m->confirm_timer, now + CONFIRM_RETRY, confirm_timeout, m);
	else
		log_notice("mgmtd.reverted", "txn=%llu", (unsigned long long)result->txn);
}

bool
confirm_revert(struct mgmtd *m, int64_t now)
{
	struct pending p = history_pending(m->history);
	if (!m->confirm_due || !p.by)
		return false;
	m->confirm_due = false;
	struct store *target = history_store_at(m->history, m->running, p.base);
	struct changes *c = changes_new();
	struct txn_request r = {.best_effort = true, .full = true, .confirms = true, .user = "grevy",
		.client = "mgmtd", .done = revert_done, .arg = m};
	store_diff(m->running, target, c);
	edits_of_changes(&r.edits, c);
	changes_free(c);
	store_free(target);
	if (!r.edits.count) {
		mem_free(confirm_given(m, now));
		return false;
	}
	char *comment = mem_printf("not confirmed in time: back to commit %llu", (unsigned long long)p.base);
	r.comment = comment;
	txn_start(m, &r, now);
	mem_free(comment);
	return true;
}
