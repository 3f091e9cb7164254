/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A config line -> edits of the datastore, and the modes that lines are read in. */
#ifndef GREVY_VTYSH_EDIT_H
#define GREVY_VTYSH_EDIT_H

#include "vtysh/cli.h"
#include "vtysh/schema.h"

struct edit {
	bool del;
	char *path;
	char *value;       /* NULL: none */
	unsigned line;     /* where it came from */
};
struct edits {
	struct edit *e;
	unsigned n, cap;
};
void edits_add(struct edits *s, bool del, char *path /* owned */, const char *value, unsigned line);
void edits_free(struct edits *s);
void edits_truncate(struct edits *s, unsigned n);

#define MODE_DEPTH 6
struct mode_stack {
	struct { const struct cli_mode *mode; char *path; } m[MODE_DEPTH];
	unsigned n; /* 1: top of the config */
};
void modes_init(struct mode_stack *s, const struct schema *schema);
void modes_free(struct mode_stack *s);
void modes_pop(struct mode_stack *s, unsigned n); /* to depth n */
void modes_copy(struct mode_stack *to, const struct mode_stack *from);

enum line_fate {
	LINE_EDITS,   /* its edits are in the list (none: a comment, exit, a mode that was left) */
	LINE_NOTICE,  /* means nothing to us; accepted, `notice` says so */
	LINE_EXIT,    /* `exit`, `quit` at the top of the config */
	LINE_END,     /* `end`, Ctrl-Z */
	LINE_DO,      /* an exec command follows at word l->w[1] */
	LINE_WRONG,   /* fault says where */
};
struct line_result {
	enum line_fate fate;
	unsigned depth;          /* the mode that took it (modes above were left) */
	const char *notice;
	struct cli_fault fault;
};
/* keep_optional: leave out the deletes of what the line does not mention (the node is new). */
void line_edits(struct mode_stack *s, struct cli_line *l, unsigned lineno, bool keep_optional,
	struct edits *out, struct line_result *res);
/* Collects for `?` and Tab what may stand after `at` words. *from: words before the phrase (`no`). */
void line_expect(const struct mode_stack *s, const struct cli_line *l, unsigned at, struct cli_expect *out);

/* Edits into a tree (the shell's own: checks without a daemon, tests). NULL or an error text. */
const char *edit_apply(const struct schema *s, struct lyd_node **tree, const struct edit *e);
char *path_key(const char *name, const char *value); /* [name='value'] */

#endif
