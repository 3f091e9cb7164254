/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of config (and exec) lines: applied as one transaction, checked, or marked. */
#ifndef GREVY_VTYSH_FILE_H
#define GREVY_VTYSH_FILE_H

#include "vtysh/shell.h"

struct file_report {
	unsigned lines;  /* config lines that were understood */
	unsigned wrong;  /* lines that were not, each reported */
};
struct file_options {
	bool replace;    /* the file is the whole config (boot) */
	bool startup;    /* it is the startup config */
	bool check;      /* only judge it */
	bool wait;       /* mgmtd may still be starting */
};
/* Path "-" is standard input. False: something was wrong (all of it was reported, status is set). */
bool file_apply(struct shell *sh, const char *path, const struct file_options *o);
/* Config lines to edits, nothing applied; exec lines are wrong here. */
bool file_read_edits(struct shell *sh, const char *path, bool fresh, struct edits *out, struct file_report *rep);
/* Echoes it with the `exit` lines that are implied (FRR's vtysh -m, for frr-reload). */
bool file_mark(struct shell *sh, const char *path);

#endif
