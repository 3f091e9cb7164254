/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exec commands about configurations. */
#ifndef GREVY_VTYSH_EXEC_CONFIG_H
#define GREVY_VTYSH_EXEC_CONFIG_H

#include "vtysh/exec.h"
#include "vtysh/unparse.h"

exec_fn exec_configure;      /* arg: line, candidate, private, exclusive */
exec_fn exec_commit;         /* arg: "", check, confirmed, comment */
exec_fn exec_confirm, exec_discard, exec_rollback, exec_load /* arg: merge, replace */;
exec_fn exec_show_config;    /* arg: running, candidate, startup */
exec_fn exec_show_compare, exec_show_pending /* show | compare */;
exec_fn exec_write, exec_reload, exec_history;

/* The header, the text of the tree, `end`; what show running-config prints. */
void config_text(struct shell *sh, const struct lyd_node *tree, const char *owner, bool header, struct text *out);
/* Atomically; keeps mode and owner. NULL or an error text (static). */
const char *config_file_write(const char *path, const char *text, size_t len);

#endif
