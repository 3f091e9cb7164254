/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A transaction on running, from edits to the answer; one at a time.
 */
#ifndef GREVY_MGMTD_TXN_H
#define GREVY_MGMTD_TXN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mgmtd/edits.h"
#include "mgmtd/errors.h"
#include "mgmtd/mgmtd.h"

struct txn_result {
	const struct errors *errors;    /* best effort: of what was left out */
	char *const *warnings;
	size_t warning_count;
	bool failed;
	uint64_t txn;                   /* 0: nothing was committed */
};
typedef void txn_done_fn(void *arg, const struct txn_result *result, int64_t now);

struct txn_request {
	struct edits edits;
	bool replace;      /* the edits make the whole config */
	bool best_effort;
	bool strict;
	bool check;        /* as far as Prepare, then back */
	bool full;         /* validate everything */
	bool confirms;     /* an explicit commit: ends the wait for a confirmation */
	unsigned confirm_minutes;
	bool mark_startup;
	uint32_t uid;
	const char *user, *client, *comment; /* copied */
	txn_done_fn *done;
	void *arg;
};

/* Takes the edits over. No transaction may be under way. done() is called once, maybe at once. */
void txn_start(struct mgmtd *m, struct txn_request *r, int64_t now);

/* From backends.c. Errors' origin is the index + 1 in the edits the daemon got. */
void txn_prepared(struct mgmtd *m, unsigned owner, uint64_t txn, struct errors *errors, int64_t now);
void txn_applied(struct mgmtd *m, unsigned owner, uint64_t txn, int64_t now);
void txn_backend_lost(struct mgmtd *m, unsigned owner, int64_t now);
void txn_free(struct mgmtd *m); /* at the end of the process */

#endif
