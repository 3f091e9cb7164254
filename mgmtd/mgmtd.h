/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mgmtd on one page. One running store, edited by one transaction at a time; clients' requests
 * wait in one queue (frontends.c), daemons that need their config are served in between
 * (backends.c). What changes running goes through txn.c and nowhere else:
 *
 *   edits -> tree (store, edit) -> validate -> Prepare to the daemons concerned -> file (history)
 *         -> Apply -> answer
 *
 * Invariants: running is not looked at by a request while a transaction is under way (it may be
 * taken back); txn is the number of the last commit in running, and on disk.
 */
#ifndef GREVY_MGMTD_MGMTD_H
#define GREVY_MGMTD_MGMTD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/timer.h"

struct mgmtd {
	struct loop *loop;
	struct northbound *northbound;
	const char *run_dir;
	const char *log_target;    /* where the log goes unless the config says otherwise */
	unsigned log_level;        /* enum log_level, likewise */
	struct yangdb *db;
	struct store *running;
	struct history *history;
	uint64_t txn;
	uint64_t next_txn;         /* numbers are not used twice, not even by refused ones */
	struct txn *active;        /* NULL: none */
	struct backends *backends;
	struct frontends *frontends;
	struct candidate *shared;  /* the shared candidate, NULL: the same as running */
	const struct session *lock_holder;
	struct timer confirm_timer;
	bool lost;                 /* the state was unusable: daemons keep what they have until a commit */
	bool confirm_due;          /* nobody confirmed in time */
};

int64_t mgmtd_wall(void); /* wall clock, microseconds */
/* Something has ended: daemons to be served, a revert that is due, then requests that wait. */
void mgmtd_continue(struct mgmtd *m, int64_t now);

#endif
