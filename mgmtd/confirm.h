/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commits that must be confirmed: without a confirmation in time the config from before comes
 * back by itself, also after a restart. What lines changed meanwhile goes with it.
 */
#ifndef GREVY_MGMTD_CONFIRM_H
#define GREVY_MGMTD_CONFIRM_H

#include <stdbool.h>
#include <stdint.h>

#include "mgmtd/history.h"
#include "mgmtd/mgmtd.h"

/* What is pending after a commit that needs confirmation (minutes), confirms, or does neither. */
struct pending confirm_after(const struct mgmtd *m, unsigned minutes, bool confirms, int64_t wall);
void confirm_arm(struct mgmtd *m, int64_t now); /* after a change of history_pending() */
char *confirm_given(struct mgmtd *m, int64_t now); /* NULL, or why it cannot be noted */
/* Starts the revert that is due; true if it began a transaction. */
bool confirm_revert(struct mgmtd *m, int64_t now);

#endif
