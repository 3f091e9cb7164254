/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a set of edits has changed in a tree, net: per data path what was there before and what is
 * there now. The same value is a transaction's undo log, a commit's record on disk, the diff that
 * `show` prints, and what the daemons' edits are made from.
 */
#ifndef GREVY_MGMTD_CHANGES_H
#define GREVY_MGMTD_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lysc_node;

struct change {
	const char *path;
	const struct lysc_node *schema;
	const char *old, *new; /* NULL: absent (a leaf: at its default); list entries: "" */
	uint32_t origin;       /* index + 1 of the edit that came here last, 0: nobody's */
	uint32_t hash;
};
struct changes {
	struct change **rows; /* in the order of first touch; rows with old == new in them */
	size_t count, cap;
	struct arena *arena;
	struct hash *index;
};

struct changes *changes_new(void);
void changes_free(struct changes *c); /* NULL is harmless */
void changes_clear(struct changes *c);
/* Adds a step: the first `old` of a path stays, the last `new` counts. Strings are copied. */
void changes_note(struct changes *c, const char *path, const struct lysc_node *schema,
	const char *old, const char *new, uint32_t origin);
struct change *changes_find(const struct changes *c, const char *path);
bool change_is_net(const struct change *c); /* old and new differ */
size_t changes_net(const struct changes *c); /* how many do */

/* Cuts the last step off a data path, in place; false when nothing is left. */
bool path_cut(char *path);

#endif
