/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell at a terminal: readline, `?`, Tab, log lines above the prompt. */
#ifndef GREVY_VTYSH_TERM_H
#define GREVY_VTYSH_TERM_H

#include "vtysh/shell.h"

void term_run(struct shell *sh);
/* Choices for what stands at the line's end: "word  help" lines to emit (complete.c). */
struct choice {
	char *word;
	const char *help;
	bool insert;   /* can be completed to (no placeholder) */
};
struct choices {
	struct choice *c;
	unsigned n;
	bool cr;
};
/* partial: what has been typed of the last word; only what fits it. names: existing names too. */
void choices_for(struct shell *sh, const char *line, bool names, struct choices *out);
void choices_free(struct choices *c);

#endif
