/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands about configurations: entering a session, commit and its relatives, showing, comparing
 * and writing. The datastores are mgmtd's; the text is made here.
 */
#include "vtysh/exec_config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "vtysh/file.h"
#include "vtysh/view.h"

/* --- sessions ----------------------------------------------------------------------------------- */
void
exec_configure(const struct exec_call *c)
{
	static const char *const kinds[] = {"line", "candidate", "private", "exclusive"};
	struct shell *sh = c->sh;
	struct mgmt_reply r;
	char err[256];
	const struct schema *schema = shell_schema(sh);
	if (!schema)
		return;
	shell_leave_config(sh);
	sh->mgmt = session_open(sh->run_dir, "mgmtd", err, sizeof(err));
	if (!sh->mgmt) {
		shell_error(sh, "%% %s", err);
		return;
	}
	sh->kind = MGMT__OPEN__KIND__LINE;
	for (unsigned i = 0; i < 4; i++)
		if (!strcmp(kinds[i], c->row->arg))
			sh->kind = (Mgmt__Open__Kind)i;
	bool answered = mgmt_open(sh->mgmt, sh->kind, "vtysh", &r);
	if (!answered)
		shell_error(sh, "%% mgmtd does not answer");
	shell_print_reply(sh, &r);
	if (!answered || r.error_n) {
		session_close(sh->mgmt);
		sh->mgmt = NULL;
	} else {
		sh->in_config = true;
		modes_init(&sh->modes, schema);
	}
	mgmt_reply_free(&r);
}

/* Commands of a candidate: false and an error text where there is none. */
static bool
candidate(const struct exec_call *c)
{
	if (c->sh->in_config && c->sh->kind != MGMT__OPEN__KIND__LINE)
		return true;
	shell_error(c->sh, "%% No candidate is being edited: configure candidate|private|exclusive");
	return false;
}

static bool
answer(const struct exec_call *c, bool came, struct mgmt_reply *r)
{
	if (!came)
		shell_error(c->sh, "%% mgmtd does not answer");
	shell_print_reply(c->sh, r);
	bool ok = came && !r->error_n;
	mgmt_reply_free(r);
	if (!came)
		shell_leave_config(c->sh);
	return ok;
}

void
exec_commit(const struct exec_call *c)
{
	struct mgmt_reply r;
	const char *minutes = call_value(c, "minutes"), *text = call_value(c, "text");
	bool check = !strcmp(c->row->arg, "check");
	if (!candidate(c))
		return;
	bool came = mgmt_commit(c->sh->mgmt, check, minutes ? (unsigned)strtoul(minutes, NULL, 10) : 0, text, &r);
	uint64_t txn = came ? r.txn : 0;
	if (!answer(c, came, &r))
		return;
	if (check)
		out_text(c->sh->out, "The candidate is valid.\n");
	else if (!txn)
		out_text(c->sh->out, "Nothing to commit.\n");
	else
		out_printf(c->sh->out, "Commit %llu done.\n", (unsigned long long)txn);
	if (minutes && txn)
		out_printf(c->sh->out, "It is taken back in %s minutes unless confirmed by `commit` or `confirm`.\n", minutes);
}

/* Outside a candidate too: the one who comes back after the cut confirms from a new shell. */
void
exec_confirm(const struct exec_call *c)
{
	struct mgmt_reply r;
	char err[256];
	struct session *s = c->sh->mgmt ? c->sh->mgmt : shell_session(c->sh, "mgmtd", err, sizeof(err));
	if (!s)
		shell_error(c->sh, "%% %s", err);
	else if (answer(c, mgmt_confirm(s, &r), &r))
		out_text(c->sh->out, "Confirmed.\n");
}

void
exec_discard(const struct exec_call *c)
{
	struct mgmt_reply r;
	if (candidate(c) && answer(c, mgmt_discard(c->sh->mgmt, &r), &r))
		out_text(c->sh->out, "The candidate is the running configuration again.\n");
}

void
exec_rollback(const struct exec_call *c)
{
	struct mgmt_reply r;
	unsigned n = (unsigned)strtoul(call_value(c, "number"), NULL, 10);
	if (candidate(c) && answer(c, mgmt_rollback(c->sh->mgmt, n, &r), &r))
		out_printf(c->sh->out, "Loaded; see `show | compare`, then `commit`.\n");
}

void
exec_load(const struct exec_call *c)
{
	struct file_report rep = {0};
	struct mgmt_reply r;
	if (!candidate(c))
		return;
	struct edits e = {0};
	bool replace = !strcmp(c->row->arg, "replace");
	bool clean = file_read_edits(c->sh, call_value(c, "file"), replace, &e, &rep);
	if (rep.lines) {
		struct mgmt_edit_options o = {.replace = replace};
		bool came = mgmt_edit(c->sh->mgmt, e.e, e.n, &o, &r);
		if (answer(c, came, &r))
			out_printf(c->sh->out, "%u lines loaded%s.\n", rep.lines, clean ? "" : ", the wrong ones left out");
	}
	edits_free(&e);
}

/* --- showing ------------------------------------------------------------------------------------ */
void
config_text(struct shell *sh, const struct lyd_node *tree, const char *owner, bool header, struct text *out)
{
	if (header)
		text_add(out, "Building configuration...\n\nCurrent configuration:\n");
	text_add(out, "!\ngrevy version %s\n!\n", GREVY_VERSION);
	unparse(sh->schema, tree, owner, out);
	text_add(out, "end\n");
}

static Mgmt__Get__Store
store_of(const char *name)
{
	if (!strcmp(name, "candidate"))
		return MGMT__GET__STORE__CANDIDATE;
	return !strcmp(name, "startup") ? MGMT__GET__STORE__STARTUP : MGMT__GET__STORE__RUNNING;
}

static void
show_json(struct shell *sh, const struct lyd_node *tree)
{
	char *json = NULL;
	if (!tree)
		out_text(sh->out, "{}\n");
	else if (lyd_print_mem(&json, tree, LYD_JSON, LYD_PRINT_WITHSIBLINGS | LYD_PRINT_WD_EXPLICIT) == LY_SUCCESS)
		out_text(sh->out, json);
	free(json);
}

static void
config_failed(struct shell *sh, const char *err)
{
	if (err[0])
		shell_error(sh, "%% %s", err);
}

void
exec_show_config(const struct exec_call *c)
{
	struct lyd_node *tree;
	struct text t = {0};
	char err[512];
	if (!shell_config(c->sh, store_of(c->row->arg), 0, &tree, err, sizeof(err))) {
		config_failed(c->sh, err);
		return;
	}
	if (c->json) {
		show_json(c->sh, tree);
	} else {
		config_text(c->sh, tree, call_value(c, "daemon"), !call_flag(c, "no-header"), &t);
		out_bytes(c->sh->out, t.buf, t.len);
	}
	text_free(&t);
	lyd_free_all(tree);
}

static bool
store_text(struct shell *sh, Mgmt__Get__Store store, unsigned commit, struct text *out)
{
	struct lyd_node *tree;
	char err[512];
	if (!shell_config(sh, store, commit, &tree, err, sizeof(err))) {
		config_failed(sh, err);
		return false;
	}
	unparse(sh->schema, tree, NULL, out);
	lyd_free_all(tree);
	return true;
}

static void
compare(struct shell *sh, Mgmt__Get__Store a, unsigned commit, Mgmt__Get__Store b)
{
	struct text old = {0}, new = {0}, diff = {0};
	if (store_text(sh, a, commit, &old) && store_text(sh, b, 0, &new)) {
		unparse_diff(&old, &new, &diff);
		out_text(sh->out, diff.buf);
	}
	text_free(&old);
	text_free(&new);
	text_free(&diff);
}

/* `show | compare`: what a commit would change. */
void
exec_show_pending(const struct exec_call *c)
{
	if (!c->compare)
		shell_error(c->sh, "%% Command incomplete.");
	else if (candidate(c))
		compare(c->sh, MGMT__GET__STORE__RUNNING, 0, MGMT__GET__STORE__CANDIDATE);
}

/* From commit N's predecessor to what runs; without N: to what was saved. */
void
exec_show_compare(const struct exec_call *c)
{
	const char *n = call_value(c, "number");
	if (n)
		compare(c->sh, MGMT__GET__STORE__COMMIT, (unsigned)strtoul(n, NULL, 10), MGMT__GET__STORE__RUNNING);
	else if (c->sh->in_config && c->sh->kind != MGMT__OPEN__KIND__LINE)
		compare(c->sh, MGMT__GET__STORE__RUNNING, 0, MGMT__GET__STORE__CANDIDATE);
	else
		compare(c->sh, MGMT__GET__STORE__STARTUP, 0, MGMT__GET__STORE__RUNNING);
}

/* --- writing ------------------------------------------------------------------------------------ */
static bool
write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return !fsync(fd);
}

const char *
config_file_write(const char *path, const char *text, size_t len)
{
	char real[512], tmp[600];
	struct stat st;
	char *target = realpath(path, NULL); /* a symbolic link stays one */
	snprintf(real, sizeof(real), "%s", target ? target : path);
	free(target);
	bool existed = !stat(real, &st);
	snprintf(tmp, sizeof(tmp), "%s.XXXXXX", real);
	int fd = mkstemp(tmp);
	if (fd < 0)
		return "cannot be written";
	bool ok = !fchmod(fd, existed ? st.st_mode & 07777 : 0640);
	if (existed && (st.st_uid != geteuid() || st.st_gid != getegid()))
		ok &= !fchown(fd, st.st_uid, st.st_gid) || geteuid() != 0;
	ok &= write_all(fd, text, len);
	ok &= !close(fd);
	if (!ok || rename(tmp, real) < 0) {
		unlink(tmp);
		return "could not be written";
	}
	char *slash = strrchr(real, '/');
	if (slash && slash != real)
		*slash = '\0';
	int dir = open(slash ? real : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	return NULL;
}

/* mgmtd takes what runs now for the startup configuration. */
static void
mark_startup(struct shell *sh)
{
	char err[256];
	struct mgmt_reply r;
	struct mgmt_edit_options o = {.mark_startup = true, .commit = true};
	struct session *s = shell_session(sh, "mgmtd", err, sizeof(err));
	if (s && mgmt_edit(s, NULL, 0, &o, &r))
		mgmt_reply_free(&r);
}

void
exec_write(const struct exec_call *c)
{
	struct lyd_node *tree;
	struct text t = {0};
	char err[512], path[512];
	shell_config_file(c->sh, path, sizeof(path));
	if (!shell_config(c->sh, MGMT__GET__STORE__RUNNING, 0, &tree, err, sizeof(err))) {
		config_failed(c->sh, err);
		return;
	}
	config_text(c->sh, tree, NULL, false, &t);
	lyd_free_all(tree);
	const char *why = config_file_write(path, t.buf, t.len);
	text_free(&t);
	if (why) {
		shell_error(c->sh, "%% %s %s", path, why);
		return;
	}
	mark_startup(c->sh);
	out_printf(c->sh->out, "Configuration saved to %s\n[OK]\n", path);
}

void
exec_reload(const struct exec_call *c)
{
	char path[512];
	shell_config_file(c->sh, path, sizeof(path));
	struct file_options o = {.replace = true, .startup = true};
	if (file_apply(c->sh, path, &o))
		out_printf(c->sh->out, "%s loaded\n", path);
}

/* --- history ------------------------------------------------------------------------------------ */
static bool
history_row(void *arg, json_t *row)
{
	struct out *o = arg;
	out_printf(o, "%-4u %-8llu %-20.19s %-12s %-24s %s\n", (unsigned)json_uint(row, "n"),
		(unsigned long long)json_uint(row, "txn"), json_text(row, "time"), json_text(row, "user"),
		json_text(row, "client"), json_text(row, "comment"));
	return !out_stopped(o);
}

void
exec_history(const struct exec_call *c)
{
	if (!c->json)
		out_text(c->sh->out, "N    Commit   When (UTC)           User         Client                   Comment\n");
	if (c->json)
		view_raw_json(c->sh, "mgmtd", "mgmtd/history", "commits");
	else
		view_rows(c->sh, "mgmtd", "mgmtd/history", NULL, 0, history_row, c->sh->out);
}
