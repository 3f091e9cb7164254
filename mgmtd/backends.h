/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemons: one connection to each <run-dir>/<daemon>.sock. A daemon that (re)connects gets
 * its whole config; between that it is told what changes.
 */
#ifndef GREVY_MGMTD_BACKENDS_H
#define GREVY_MGMTD_BACKENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mgmtd/effects.h"
#include "mgmtd/mgmtd.h"

#define BACKEND_WAIT (10 * TIME_SEC) /* for an answer; who is slower is treated as down */

struct rows;

struct backends *backends_new(struct mgmtd *m);
void backends_free(struct backends *b);
uint32_t backends_ready(const struct backends *b); /* owners that take part in transactions */
/* Starts what daemons wait for; true while one is being served (no transaction may begin). */
bool backends_serve(struct backends *b, int64_t now);

void backend_prepare(struct backends *b, unsigned owner, uint64_t txn, const struct effects *e);
void backend_apply(struct backends *b, unsigned owner, uint64_t txn, bool at_once);
void backend_abort(struct backends *b, unsigned owner, uint64_t txn);
void backend_drop(struct backends *b, unsigned owner); /* it does not answer: starts over */
bool backends_rows(const struct backends *b, struct rows *out);

#endif
