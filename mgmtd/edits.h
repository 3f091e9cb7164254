/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of edits as a client sent them, copied into an arena of its own. */
#ifndef GREVY_MGMTD_EDITS_H
#define GREVY_MGMTD_EDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mgmtd/errors.h"
#include "mgmtd/store.h"

#define EDITS_OCTETS_MAX (64u << 20) /* of one request */

struct edit_row {
	bool set;
	bool dropped; /* best effort: left out, its error has been noted */
	const char *path, *value;
};
struct edits {
	struct arena *arena; /* NULL: empty */
	struct edit_row *rows;
	size_t count, cap, octets;
};

void edits_add(struct edits *e, bool set, const char *path, const char *value);
void edits_free(struct edits *e); /* to empty, usable again */
void edits_of_changes(struct edits *e, const struct changes *c); /* what makes the net changes */

/*
 * Makes the edits that are not dropped. What cannot be made is an error; with best_effort it is
 * dropped, too. False if there were errors and not best_effort.
 */
bool edits_make(struct edits *e, struct store *s, bool strict, bool best_effort, struct changes *log,
	struct errors *errors);
/* Drops the edits that the errors blame; false if one blames none (nothing is dropped then). */
bool edits_drop(struct edits *e, const struct errors *blame);

#endif
