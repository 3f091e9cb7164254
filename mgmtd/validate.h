/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GREVY_MGMTD_VALIDATE_H
#define GREVY_MGMTD_VALIDATE_H

#include <stdbool.h>

#include "mgmtd/errors.h"
#include "mgmtd/store.h"

/*
 * Judges a tree after the changes were made. Not full: what the changes touched, what is around
 * it and what refers to it; the cost follows the change. Full: everything, and libyang's own
 * opinion last. True if nothing is wrong; else all errors are in `out`, with the edits to blame.
 */
bool validate(struct store *s, const struct changes *c, bool full, struct errors *out);

#endif
