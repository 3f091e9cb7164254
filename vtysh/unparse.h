/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A config tree -> lines, from the same phrases that read it. */
#ifndef GREVY_VTYSH_UNPARSE_H
#define GREVY_VTYSH_UNPARSE_H

#include "vtysh/schema.h"

struct text { /* lines joined by \n */
	char *buf;
	size_t len, cap;
};
void text_add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *t);

/* owner: only what that daemon's config is (NULL: all). */
void unparse(const struct schema *s, const struct lyd_node *tree, const char *owner, struct text *out);
/* Order of list entries: prefixes by value, names with numbers by number. */
int natural_cmp(const char *a, const char *b);
/* Lines of new that old lacks with `+`, the others with `-`, with the modes they are in. */
void unparse_diff(const struct text *old, const struct text *new, struct text *out);

#endif
