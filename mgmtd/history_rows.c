/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State of mgmtd as rows; producers in slices. */
#include "mgmtd/history_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/mem.h"
#include "mgmtd/backends.h"
#include "mgmtd/mgmtd.h"

/* RFC 3339, UTC. */
static void
row_time(struct rows *out, const char *name, int64_t wall)
{
	time_t seconds = (time_t)(wall / TIME_SEC);
	struct tm tm;
	char day[32];
	if (!gmtime_r(&seconds, &tm) || !strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm))
		return;
	row_printf(out, name, "%s.%06" PRId64 "Z", day, wall % TIME_SEC);
}

static void
past_row(const struct history *h, size_t n, struct rows *out)
{
	const struct past *p = history_past(h, n);
	struct pending pending = history_pending(h);
	row_begin(out);
	row_uint(out, "n", n);
	row_uint(out, "txn", p->txn);
	row_time(out, "time", p->time_us);
	row_str(out, "user", p->user);
	row_uint(out, "uid", p->uid);
	row_str(out, "client", p->client);
	row_str(out, "comment", *p->comment ? p->comment : NULL);
	row_uint(out, "edits", p->edits);
	if (!n && pending.by)
		row_time(out, "confirm-by", pending.by);
	row_end(out);
}

void
history_rows(const struct history *h, struct rows *out)
{
	for (size_t n = 0; n < history_count(h); n++)
		past_row(h, n, out);
}

static bool
produce_history(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct mgmtd *m = core;
	(void)args;
	(void)now;
	for (; resume->n < history_count(m->history); resume->n++) {
		if (rows_full(out))
			return false;
		past_row(m->history, resume->n, out);
	}
	return true;
}

/* n=N: what commit N (0: the last) changed. The commit is remembered by its number: n may move. */
static bool
produce_diff(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct mgmtd *m = core;
	const char *text = nb_arg(args, "n");
	size_t n = text ? strtoul(text, NULL, 10) : 0;
	uint64_t txn;
	(void)now;
	memcpy(&txn, resume->key, sizeof(txn));
	if (!txn && history_past(m->history, n)) {
		txn = history_past(m->history, n)->txn;
		memcpy(resume->key, &txn, sizeof(txn));
	}
	for (n = 0; n < history_count(m->history) && history_past(m->history, n)->txn != txn; n++)
		;
	struct changes *c = history_changes(m->history, n);
	bool done = true;
	for (; c && resume->n < c->count; resume->n++) {
		if (rows_full(out)) {
			done = false;
			break;
		}
		const struct change *row = c->rows[resume->n];
		row_begin(out);
		row_str(out, "path", row->path);
		row_str(out, "old", row->old);
		row_str(out, "new", row->new);
		row_end(out);
	}
	changes_free(c);
	return done;
}

static bool
produce_backends(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct mgmtd *m = core;
	(void)args;
	(void)resume;
	(void)now;
	return backends_rows(m->backends, out);
}

const struct state_producer mgmtd_producers[] = {
	{"mgmtd/history", produce_history},
	{"mgmtd/commit-diff", produce_diff},
	{"mgmtd/backends", produce_backends},
	{NULL, NULL},
};
