/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What no phrase can express, in tables. */
#ifndef GREVY_VTYSH_HOOKS_H
#define GREVY_VTYSH_HOOKS_H

#include "vtysh/edit.h"

/* Lines of FRR's that mean nothing to us: NULL, or why the line is left aside. */
const char *hook_ignored(const struct cli_line *l, unsigned from);
/* Setting (or removing) `node` removes these siblings too; a list of names up to NULL. */
const char *const *hook_excludes(const struct cli_node *n);
/* `no passive-interface X`: the leaf that is set to false instead of removing the entry; NULL: none. */
const char *hook_negated_leaf(const struct cli_node *n);
/* A node that is printed as `no PHRASE` because of that leaf. */
bool hook_prints_negated(const struct cli_node *n, const struct lyd_node *d);
/* Nothing depends on it in this config: not printed. */
bool hook_hidden(const struct cli_node *n, const struct lyd_node *d);

#endif
