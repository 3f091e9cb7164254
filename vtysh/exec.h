/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exec commands: one table of grammar, handler and argument. */
#ifndef GREVY_VTYSH_EXEC_H
#define GREVY_VTYSH_EXEC_H

#include "vtysh/shell.h"

struct exec_call {
	struct shell *sh;
	const struct cli_match *m;
	const struct exec_row *row;
	bool json, compare;
	const char *raw;         /* the command without its pipes */
};
typedef void exec_fn(const struct exec_call *c);
struct exec_row {
	const char *grammar;
	const char *help;        /* of the last leading word */
	exec_fn *fn;
	const char *arg;         /* the handler's: producer, daemon ... */
};
extern const struct exec_row exec_rows[];      /* exec_table.c, up to grammar == NULL */
const struct exec_row *exec_row_of(const struct cli_match *m);

/* Whether an exec command takes the line's first words further than `words`. */
bool exec_fits(const struct cli_line *l, unsigned words);
void exec_expect(const struct cli_line *l, unsigned at, struct cli_expect *out);
const char *exec_word_help(const char *word);
const struct cli_type *exec_type(const char *placeholder);

const char *call_value(const struct exec_call *c, const char *name); /* NULL: not given */
bool call_flag(const struct exec_call *c, const char *name);

#endif
