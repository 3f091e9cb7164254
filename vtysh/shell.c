/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shell's state and the way of a line: configuration by the phrases of the mode it is in,
 * everything else by the table of exec commands. Owns the sessions to the daemons.
 */
#include "vtysh/shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "lib/mem.h"
#include "vtysh/exec.h"

void
shell_error(struct shell *sh, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	sh->status = 1;
	out_text(sh->out, buf);
	out_text(sh->out, "\n");
}

static void
emit_line(void *arg, const char *line)
{
	struct shell *sh = arg;
	out_text(sh->out, line);
	out_text(sh->out, "\n");
}

void
shell_fault(struct shell *sh, const struct cli_fault *f, const struct cli_line *l)
{
	sh->status = 1;
	fault_print(f, l, emit_line, sh);
}

/* <prefix>/share/grevy/yang beside the program; in the source tree when run from there. */
const char *
shell_yang_dir(void)
{
	static char dir[512];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	dir[n > 0 ? n : 0] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(dir, '/');
		if (slash)
			*slash = '\0';
	}
	size_t len = strlen(dir);
	snprintf(dir + len, sizeof(dir) - len, "/share/grevy/yang");
	return dir;
}

const struct schema *
shell_schema(struct shell *sh)
{
	char err[512];
	if (!sh->schema && !(sh->schema = schema_get(shell_yang_dir(), err, sizeof(err))))
		shell_error(sh, "%% %s", err);
	return sh->schema;
}

struct session *
shell_session(struct shell *sh, const char *daemon, char *err, size_t size)
{
	unsigned free_slot = 0;
	for (unsigned i = 0; i < SHELL_DAEMONS; i++) {
		struct session *s = sh->daemon[i];
		if (s && !strcmp(session_daemon(s), daemon)) {
			if (!session_gone(s))
				return s;
			session_close(s);
			sh->daemon[i] = NULL;
		}
		if (!sh->daemon[i])
			free_slot = i;
	}
	struct session *s = session_open(sh->run_dir, daemon, err, size);
	if (s) {
		session_close(sh->daemon[free_slot]);
		sh->daemon[free_slot] = s;
	}
	return s;
}

bool
shell_config(struct shell *sh, Mgmt__Get__Store store, unsigned commit, struct lyd_node **tree, char *err,
	size_t size)
{
	*tree = NULL;
	const struct schema *schema = shell_schema(sh);
	if (!schema) {
		err[0] = '\0';
		return false;
	}
	/* what belongs to a configuration session (a private candidate) is asked there */
	bool own = sh->mgmt && session_alive(sh->mgmt) && store == MGMT__GET__STORE__CANDIDATE;
	struct session *s = own ? sh->mgmt : shell_session(sh, "mgmtd", err, size);
	char *json = s ? mgmt_get(s, store, commit, err, size) : NULL;
	if (!json)
		return false;
	bool ok = lyd_parse_data_mem(schema->ctx, json, LYD_JSON, LYD_PARSE_ONLY | LYD_PARSE_STRICT, 0, tree) ==
		LY_SUCCESS;
	mem_free(json);
	if (!ok)
		snprintf(err, size, "the configuration does not fit the schema: %s", ly_errmsg(schema->ctx));
	return ok;
}

void
shell_print_reply(struct shell *sh, const struct mgmt_reply *r)
{
	for (unsigned i = 0; i < r->warning_n; i++)
		out_printf(sh->out, "%% Warning: %s\n", r->warnings[i]);
	for (unsigned i = 0; i < r->error_n; i++) {
		if (r->errors[i].path[0])
			shell_error(sh, "%% %s (%s)", r->errors[i].message, r->errors[i].path);
		else
			shell_error(sh, "%% %s", r->errors[i].message);
	}
}

void
shell_config_file(const struct shell *sh, char *out, size_t size)
{
	char path[256];
	if (sh->config_path) {
		snprintf(out, size, "%s", sh->config_path);
		return;
	}
	snprintf(path, sizeof(path), "%s/config-file", sh->run_dir);
	FILE *f = fopen(path, "re");
	out[0] = '\0';
	if (f) {
		if (!fgets(out, (int)size, f))
			out[0] = '\0';
		out[strcspn(out, "\n")] = '\0';
		fclose(f);
	}
	if (!out[0])
		snprintf(out, size, "/etc/grevy/grevy.conf");
}

void
shell_prompt(const struct shell *sh, char *out, size_t size)
{
	if (!sh->in_config)
		snprintf(out, size, "%s# ", sh->host);
	else
		snprintf(out, size, "%s(%s)# ", sh->host, sh->modes.m[sh->modes.n - 1].mode->prompt);
}

void
shell_leave_config(struct shell *sh)
{
	if (!sh->in_config)
		return;
	sh->in_config = false;
	modes_free(&sh->modes);
	session_close(sh->mgmt);
	sh->mgmt = NULL;
}

void
shell_hostname(struct shell *sh)
{
	char err[256];
	struct session *s = shell_session(sh, "mgmtd", err, sizeof(err));
	char *text = s ? mgmt_get(s, MGMT__GET__STORE__RUNNING, 0, err, sizeof(err)) : NULL;
	json_t *tree = text ? json_loads(text, 0, NULL) : NULL;
	const char *name = json_string_value(json_object_get(json_object_get(tree, "grevy-system:system"), "hostname"));
	if (name)
		snprintf(sh->host, sizeof(sh->host), "%s", name);
	json_decref(tree);
	mem_free(text);
}

/* --- configuration lines ------------------------------------------------------------------------ */
/* The prompt follows `hostname X`. */
static void
follow_hostname(struct shell *sh, const struct edits *e)
{
	for (unsigned i = 0; i < e->n; i++) {
		if (strcmp(e->e[i].path, "/grevy-system:system/hostname"))
			continue;
		if (e->e[i].del)
			gethostname(sh->host, sizeof(sh->host) - 1);
		else if (e->e[i].value)
			snprintf(sh->host, sizeof(sh->host), "%s", e->e[i].value);
	}
}

/*
 * mgmtd was restarted: a line is sent again, since setting twice is setting once. A candidate died
 * with the session.
 */
static bool
config_again(struct shell *sh, const struct edits *e, const struct mgmt_edit_options *o, struct mgmt_reply *r)
{
	char err[256];
	if (sh->kind != MGMT__OPEN__KIND__LINE)
		return false;
	session_close(sh->mgmt);
	sh->mgmt = NULL;
	for (unsigned tries = 30; !sh->mgmt && tries; tries--) {
		usleep(100000);
		sh->mgmt = session_open(sh->run_dir, "mgmtd", err, sizeof(err));
	}
	if (!sh->mgmt)
		return false;
	bool ok = mgmt_open(sh->mgmt, sh->kind, "vtysh", r) && !r->error_n;
	mgmt_reply_free(r);
	return ok && mgmt_edit(sh->mgmt, e->e, e->n, o, r);
}

/* False: refused, so the mode is not entered either. */
static bool
send_edits(struct shell *sh, const struct edits *e)
{
	struct mgmt_reply r;
	struct mgmt_edit_options o = {.commit = sh->kind == MGMT__OPEN__KIND__LINE};
	if (!e->n)
		return true;
	if (!mgmt_edit(sh->mgmt, e->e, e->n, &o, &r) && !config_again(sh, e, &o, &r)) {
		shell_error(sh, "%% mgmtd does not answer");
		shell_leave_config(sh);
		return true;
	}
	shell_print_reply(sh, &r);
	bool ok = !r.error_n;
	mgmt_reply_free(&r);
	if (ok)
		follow_hostname(sh, e);
	return ok;
}

static void
config_apply(struct shell *sh, struct mode_stack *before, const struct line_result *res, struct edits *e)
{
	if (!send_edits(sh, e) && sh->in_config) {
		modes_free(&sh->modes);
		modes_copy(&sh->modes, before);
	}
	(void)res;
}

static void
config_line(struct shell *sh, struct cli_line *l)
{
	struct edits edits = {0};
	struct line_result res;
	struct mode_stack before;
	modes_copy(&before, &sh->modes);
	line_edits(&sh->modes, l, 0, false, &edits, &res);
	switch (res.fate) {
	case LINE_EDITS:
		config_apply(sh, &before, &res, &edits);
		break;
	case LINE_NOTICE:
		out_printf(sh->out, "%% Accepted and ignored: %s\n", res.notice);
		break;
	case LINE_EXIT:
	case LINE_END:
		shell_leave_config(sh);
		break;
	case LINE_DO:
		shell_exec(sh, l->raw + l->w[1].col);
		break;
	case LINE_WRONG:
		if (exec_fits(l, res.fault.word))
			shell_exec(sh, l->raw);
		else
			shell_fault(sh, &res.fault, l);
		break;
	}
	edits_free(&edits);
	modes_free(&before);
}

void
shell_line(struct shell *sh, const char *text)
{
	static struct cli_line l;
	if (!line_split(&l, text)) {
		shell_error(sh, "%% Line too long");
		return;
	}
	if (!l.n || l.w[0].text[0] == '!' || l.w[0].text[0] == '#')
		return;
	if (sh->in_config)
		config_line(sh, &l);
	else
		shell_exec(sh, text);
	out_end(sh->out);
}
