/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last commits and the running config they lead to, on disk. The file begins with the past
 * commits and the whole config (BASE); what came later follows as commits. Recovery = BASE and the
 * commits behind it. An older config is the running one with commits taken back.
 */
#ifndef GREVY_MGMTD_HISTORY_H
#define GREVY_MGMTD_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mgmtd/persist.h"
#include "mgmtd/store.h"

#define HISTORY_MAX 100

struct history;
struct past { /* a commit; [0] is the last one */
	uint64_t txn;
	int64_t time_us; /* wall clock */
	uint32_t uid;
	char *user, *client, *comment;
	size_t edits;
	struct persist_at at;
};
struct pending { /* a commit that must be confirmed; by == 0: none */
	int64_t by;      /* wall clock, microseconds */
	uint64_t base;   /* commit whose config comes back */
};

/*
 * Opens the state and recovers *running (new, defaults in place) and *txn. What cannot be read is
 * moved aside and said in the log; NULL only if nothing can be written (then *error).
 */
struct history *history_open(struct yangdb *db, const char *dir, struct store **running, uint64_t *txn,
	char **error);
bool history_was_lost(const struct history *h); /* there was a state, and it could not be used */
void history_close(struct history *h);

size_t history_count(const struct history *h);
const struct past *history_past(const struct history *h, size_t n);
struct pending history_pending(const struct history *h);

/* Writes a commit down; NULL when it is on disk. `who` gives uid, user, client and comment. */
char *history_commit(struct history *h, uint64_t txn, const struct past *who, const struct changes *c,
	struct pending pending, int64_t wall);
char *history_confirm(struct history *h, uint64_t txn, int64_t wall);
char *history_mark_startup(struct history *h, const struct store *running, int64_t wall);
char *history_startup(const struct history *h); /* JSON, mem_free; NULL: never saved */
/* Shrinks the file when it has grown; a failure is logged, the old file stays in use. */
bool history_is_long(const struct history *h); /* the next start would take a while with it */
void history_tidy(struct history *h, const struct store *running, uint64_t txn, int64_t wall, bool now);

/* What commit n changed, NULL if it cannot be read. No schema in it. */
struct changes *history_changes(const struct history *h, size_t n);
/* running with commits 0..n taken back; NULL: not that many, or unreadable. */
struct store *history_store(const struct history *h, const struct store *running, size_t n);
/* The config right after commit txn (or before all that is kept, when it is older than that). */
struct store *history_store_at(const struct history *h, const struct store *running, uint64_t txn);

#endif
