/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history as rows: mgmtd/history, mgmtd/commit-diff, mgmtd/backends. */
#ifndef GREVY_MGMTD_HISTORY_ROWS_H
#define GREVY_MGMTD_HISTORY_ROWS_H

#include "lib/northbound.h"
#include "mgmtd/history.h"

void history_rows(const struct history *h, struct rows *out);
extern const struct state_producer mgmtd_producers[]; /* core: struct mgmtd */

#endif
