/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start and end of mgmtd's parts, and what happens when one of them has finished something. */
#include "mgmtd/core.h"

#include <time.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "mgmtd/backends.h"
#include "mgmtd/confirm.h"
#include "mgmtd/crash.h"
#include "mgmtd/frontends.h"
#include "mgmtd/self.h"
#include "mgmtd/store.h"
#include "mgmtd/txn.h"

int64_t
mgmtd_wall(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * TIME_SEC + ts.tv_nsec / 1000;
}

void
mgmtd_continue(struct mgmtd *m, int64_t now)
{
	if (m->active || !m->frontends || backends_serve(m->backends, now))
		return;
	if (m->confirm_due && confirm_revert(m, now))
		return;
	frontends_serve(m->frontends, now);
}

/* --fresh: a commit like any other, so that what was running before can be brought back. */
static bool
core_empty(struct mgmtd *m)
{
	struct store *empty = store_new(m->db);
	struct changes *c = changes_new();
	struct past who = {.user = NULL};
	char *why = NULL;
	who.client = mem_strdup("mgmtd --fresh");
	store_diff(m->running, empty, c);
	if (c->count) {
		why = history_commit(m->history, m->next_txn, &who, c, (struct pending){0, 0}, mgmtd_wall());
		store_free(m->running);
		m->running = empty;
		m->txn = m->next_txn++;
	} else {
		store_free(empty);
		if (history_pending(m->history).by)
			why = history_confirm(m->history, m->txn, mgmtd_wall());
	}
	changes_free(c);
	mem_free(who.client);
	if (why)
		log_error("mgmtd.fresh", "error=\"%s\"", why);
	mem_free(why);
	return !why;
}

static void
core_progress(void *arg)
{
	loop_progress(arg);
}

struct mgmtd *
core_new(const struct core_setup *setup)
{
	struct mgmtd *m = mem_zalloc(sizeof(*m));
	char *error = NULL;
	crash_init();
	m->loop = setup->loop;
	m->northbound = setup->northbound;
	m->run_dir = setup->run_dir;
	m->log_target = setup->log_target;
	m->log_level = log_level_get();
	m->db = yangdb_new(setup->yang_dir, &error);
	if (m->db) {
		yangdb_progress_to(m->db, core_progress, m->loop);
		m->history = history_open(m->db, setup->state_dir, &m->running, &m->txn, &error);
	}
	m->next_txn = m->txn + 1;
	if (!m->history || (setup->fresh && !core_empty(m))) {
		log_error("mgmtd.start", "error=\"%s\"", error ? error : "the state cannot be written");
		mem_free(error);
		core_free(m);
		return NULL;
	}
	m->lost = history_was_lost(m->history) && !setup->fresh;
	if (m->lost)
		log_error("mgmtd.state-lost", "daemons=\"keep what they have\" advice=\"load the configuration again\"");
	if (!store_is_empty(m->running))
		self_apply(m);
	history_tidy(m->history, m->running, m->txn, mgmtd_wall(), history_is_long(m->history));
	backends_new(m);
	frontends_new(m);
	confirm_arm(m, loop_now(m->loop));
	log_notice("mgmtd.start", "txn=%llu history=%zu", (unsigned long long)m->txn, history_count(m->history));
	return m;
}

void
core_free(struct mgmtd *m)
{
	if (m->history)
		timer_cancel(loop_timers(m->loop), &m->confirm_timer);
	txn_free(m);
	frontends_free(m->frontends);
	backends_free(m->backends);
	store_free(m->running);
	history_close(m->history);
	yangdb_free(m->db);
	mem_free(m);
}
