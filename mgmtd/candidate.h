/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A candidate: running with changes on top. It keeps the changes and a tree of its own; when
 * running has moved on, the changes are made again on the new one (the later edit wins), so a
 * commit never takes back what others have committed meanwhile.
 */
#ifndef GREVY_MGMTD_CANDIDATE_H
#define GREVY_MGMTD_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "mgmtd/edits.h"
#include "mgmtd/store.h"

struct candidate;

struct candidate *candidate_new(void);
void candidate_free(struct candidate *c); /* NULL is harmless */
bool candidate_is_changed(const struct candidate *c); /* c may be NULL */
/* Its tree on top of running as of txn. */
const struct store *candidate_tree(struct candidate *c, const struct store *running, uint64_t txn);
/* All edits or, without best_effort, none. */
bool candidate_edit(struct candidate *c, const struct store *running, uint64_t txn, struct edits *e,
	bool replace, bool strict, bool best_effort, struct errors *errors);
/* Makes it equal to the target. */
void candidate_become(struct candidate *c, const struct store *running, uint64_t txn,
	const struct store *target);
/*
 * The edits that a commit makes. What was changed below an entry that has vanished from running
 * since is an error.
 */
bool candidate_edits(struct candidate *c, const struct store *running, uint64_t txn, struct edits *out,
	struct errors *errors);

#endif
