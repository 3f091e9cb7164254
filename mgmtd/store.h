/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A datastore: one libyang tree, edited in place.
 *
 * Invariants: the tree carries every default (nodes with LYD_DEFAULT) and every non-presence
 * container; a leaf that is set to its default value is the default node: "explicit" and "differs
 * from the default" are the same thing.
 */
#ifndef GREVY_MGMTD_STORE_H
#define GREVY_MGMTD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mgmtd/changes.h"
#include "mgmtd/yangdb.h"

struct store {
	struct yangdb *db;
	struct lyd_node *tree; /* the first top-level node */
};

struct store *store_new(struct yangdb *db);
struct store *store_dup(const struct store *s);
void store_free(struct store *s); /* NULL is harmless */
bool store_is_empty(const struct store *s);

/* RFC 7951 JSON; mem_free it. NULL if libyang could not. */
char *store_print(const struct store *s, bool with_defaults);
/* NULL and *error (mem_free) if the text is not a config; not yet validated. */
struct store *store_parse(struct yangdb *db, const char *json, char **error);

struct lyd_node *store_find(const struct store *s, const char *path); /* NULL: absent */

/* What edit.c offers. Each returns NULL, or why it cannot be (mem_free). `log` may be NULL. */
char *store_set(struct store *s, const char *path, const char *value, struct changes *log, uint32_t origin);
/* Deleting what is not there is an error only with strict. */
char *store_delete(struct store *s, const char *path, bool strict, struct changes *log, uint32_t origin);
/* Makes (forward) or takes back the net changes. False if a step failed (the tree is not the one expected). */
bool store_apply(struct store *s, const struct changes *c, bool forward);
/* What turns a into b, as changes; a merge walk whose cost is linear in both. */
void store_diff(const struct store *a, const struct store *b, struct changes *out);
/* Every explicit node of s as a change that makes it. */
void store_content(const struct store *s, struct changes *out);

#endif
