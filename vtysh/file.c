/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtysh -f, -b, -C -f, -m. Lines become edits; an exec line between them sends what has gathered.
 * A wrong line is reported with file, line and what was expected; the rest applies. What mgmtd (or,
 * for -C, libyang here) refuses is traced back to its line, left out, and the rest tried again.
 */
#include "vtysh/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "vtysh/exec.h"

#define ROUNDS_MAX 64

struct file_run {
	struct shell *sh;
	const char *path;
	const struct file_options *o;
	struct session *mgmt;
	struct mode_stack modes;
	struct edits edits;
	struct file_report *rep;
	bool execs;             /* exec lines are run */
	bool applied;           /* a transaction was sent: the next one does not replace */
	bool fresh;
	unsigned indent;        /* blanks before the line at hand */
	unsigned wrong_indent, wrong_line; /* of a wrong line: what is deeper belongs to it; line 0: none */
	bool indented;          /* the mode's lines are indented */
	struct hash *seen;      /* entries that lines of this file have made */
	char **text;            /* the lines, for messages */
	unsigned text_n;
};

static void __attribute__((format(printf, 3, 4)))
wrong(struct file_run *f, unsigned line, const char *fmt, ...)
{
	char buf[2048];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	text_tame(buf);
	fflush(stdout);
	fprintf(stderr, "%s:%u: %s\n", f->path, line, buf);
	f->rep->wrong++;
	f->sh->status = 1;
}

struct emit_at {
	struct file_run *f;
	unsigned line, n;
};

static void
emit_fault(void *arg, const char *text)
{
	struct emit_at *e = arg;
	if (!e->n++)
		wrong(e->f, e->line, "%s", text);
	else /* the caret stays below its place */
		fprintf(stderr, "%*s%s\n", (int)strlen(e->f->path) + snprintf(NULL, 0, ":%u: ", e->line), "", text);
}

/* --- refusals back to lines ---------------------------------------------------------------------- */
static size_t
common(const char *a, const char *b)
{
	size_t n = 0;
	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/* The line whose edit the path is about: the same, above, or below; the closest. 0: none. */
static unsigned
line_of_path(const struct edits *e, const char *path)
{
	unsigned line = 0;
	size_t best = 0, want = strlen(path);
	for (unsigned i = 0; want && i < e->n; i++) {
		size_t have = strlen(e->e[i].path), n = common(path, e->e[i].path);
		if ((n == want || n == have) && n > best) {
			best = n;
			line = e->e[i].line;
		}
	}
	return line;
}

static void
drop_line(struct edits *e, unsigned line)
{
	unsigned k = 0;
	for (unsigned i = 0; i < e->n; i++) {
		if (e->e[i].line == line) {
			mem_free(e->e[i].path);
			mem_free(e->e[i].value);
		} else {
			e->e[k++] = e->e[i];
		}
	}
	e->n = k;
}

static const char *
text_of(const struct file_run *f, unsigned line)
{
	return line && line <= f->text_n && f->text[line - 1] ? f->text[line - 1] : "";
}

/* Reports and removes the line behind a refusal; false: it cannot be found. */
static bool
refused(struct file_run *f, unsigned edit, const char *path, const char *message)
{
	unsigned line = edit && edit <= f->edits.n ? f->edits.e[edit - 1].line : line_of_path(&f->edits, path);
	if (!line)
		return false;
	wrong(f, line, "%% %s: %s", message, text_of(f, line) + strspn(text_of(f, line), " "));
	drop_line(&f->edits, line);
	return true;
}

static bool
handle_errors(struct file_run *f, const struct mgmt_reply *r)
{
	unsigned *lines = mem_array(r->error_n + 1, sizeof(*lines)), traced = 0;
	for (unsigned i = 0; i < r->error_n; i++) /* before anything is removed: indices count */
		lines[i] = r->errors[i].edit && r->errors[i].edit <= f->edits.n
			? f->edits.e[r->errors[i].edit - 1].line : line_of_path(&f->edits, r->errors[i].path);
	for (unsigned i = 0; i < r->error_n; i++) {
		bool again = false;
		for (unsigned k = 0; k < i; k++)
			again |= lines[k] && lines[k] == lines[i];
		if (!lines[i]) {
			fprintf(stderr, "%s: %% %s%s%s%s\n", f->path, r->errors[i].message, *r->errors[i].path ? " (" : "",
				r->errors[i].path, *r->errors[i].path ? ")" : "");
			f->sh->status = 1;
			continue;
		}
		if (!again) {
			wrong(f, lines[i], "%% %s: %s", r->errors[i].message,
				text_of(f, lines[i]) + strspn(text_of(f, lines[i]), " "));
			drop_line(&f->edits, lines[i]);
		}
		traced++;
	}
	mem_free(lines);
	return traced > 0;
}

/* --- judging without a daemon -------------------------------------------------------------------- */
/* True: some line was removed, try again. */
static bool
check_round(struct file_run *f)
{
	const struct schema *s = f->sh->schema;
	struct lyd_node *tree = NULL;
	bool again = false;
	uint32_t old = ly_log_options(LY_LOSTORE);
	for (unsigned i = 0; i < f->edits.n && !again; i++) {
		const char *why = edit_apply(s, &tree, &f->edits.e[i]);
		if (why)
			again = refused(f, i + 1, "", why);
	}
	ly_err_clean(s->ctx, NULL);
	if (!again && lyd_validate_all(&tree, s->ctx, LYD_VALIDATE_NO_STATE, NULL) != LY_SUCCESS) {
		for (struct ly_err_item *e = ly_err_first(s->ctx); e; e = e->next) {
			if (refused(f, 0, e->path ? e->path : "", e->msg))
				again = true;
			else if (!e->next && !again)
				wrong(f, 0, "%% %s (%s)", e->msg, e->path ? e->path : "");
		}
	}
	ly_err_clean(s->ctx, NULL);
	ly_log_options(old);
	lyd_free_all(tree);
	return again;
}

/* --- sending -------------------------------------------------------------------------------------- */
static bool
mgmt_ready(struct file_run *f)
{
	char err[256], client[64];
	struct mgmt_reply r;
	for (unsigned tries = f->o->wait ? 100 : 1; !f->mgmt && tries; tries--) {
		f->mgmt = session_open(f->sh->run_dir, "mgmtd", err, sizeof(err));
		if (!f->mgmt && tries > 1)
			usleep(100000);
	}
	if (!f->mgmt) {
		fprintf(stderr, "%% %s\n", err);
		f->sh->status = 1;
		return false;
	}
	snprintf(client, sizeof(client), "vtysh -f %.40s", f->path);
	bool ok = mgmt_open(f->mgmt, MGMT__OPEN__KIND__LINE, client, &r) && !r.error_n;
	mgmt_reply_free(&r);
	return ok;
}

/* What has gathered, as one transaction. */
static void
flush(struct file_run *f)
{
	unsigned round = 0;
	if (f->o->check) {
		while (check_round(f) && round++ < ROUNDS_MAX)
			;
		return; /* all of the file is judged as one */
	}
	bool replace = f->o->replace && !f->applied;
	if (!f->edits.n && !replace)
		return;
	for (; round < ROUNDS_MAX && (f->mgmt || mgmt_ready(f)); round++) {
		struct mgmt_reply r;
		struct mgmt_edit_options o = {.commit = true, .replace = replace,
			.mark_startup = f->o->startup, .comment = f->path};
		if (!mgmt_edit(f->mgmt, f->edits.e, f->edits.n, &o, &r)) {
			fprintf(stderr, "%s: %% mgmtd does not answer\n", f->path);
			f->sh->status = 1;
			break;
		}
		for (unsigned i = 0; i < r.warning_n; i++)
			fprintf(stderr, "%s: %% Warning: %s\n", f->path, r.warnings[i]);
		bool again = r.error_n && handle_errors(f, &r);
		if (!r.error_n)
			f->applied = true;
		mgmt_reply_free(&r);
		if (!again)
			break;
	}
	edits_truncate(&f->edits, 0);
}

/* --- reading -------------------------------------------------------------------------------------- */
static bool
is_frame(const struct cli_line *l)
{
	static const char *const frames[] = {"configure", "end", "exit", "enable", "Building", "Current", NULL};
	for (unsigned i = 0; frames[i]; i++)
		if (!strcmp(l->w[0].text, frames[i]))
			return true;
	return l->n == 2 && !strcmp(l->w[0].text, "conf");
}

/*
 * What is indented below a wrong line was meant for the mode that it did not open: reported, not
 * read, or `network` of an unknown protocol would reach the one before it.
 */
static bool
below_wrong(struct file_run *f, const struct cli_line *l, unsigned lineno)
{
	if (!l->n || l->w[0].text[0] == '!' || l->w[0].text[0] == '#')
		return !l->n;
	f->indent = l->w[0].col;
	if (f->wrong_line && f->indent > f->wrong_indent) {
		if (strncmp(l->w[0].text, "exit", 4))
			wrong(f, lineno, "%% Left out with line %u: %s", f->wrong_line, l->raw + l->w[0].col);
		return true;
	}
	f->wrong_line = 0;
	return false;
}

static bool
same_path(const void *item, const void *key)
{
	return !strcmp(item, key);
}

/* A fresh entry needs no removal of what its line leaves out, unless an earlier line made it. */
static void
read_config_line(struct file_run *f, struct cli_line *l, unsigned lineno, struct line_result *res)
{
	unsigned before = f->edits.n;
	line_edits(&f->modes, l, lineno, f->fresh, &f->edits, res);
	if (!f->fresh || f->edits.n == before || f->edits.e[before].del || f->edits.e[before].value)
		return;
	const char *path = f->edits.e[before].path;
	uint32_t h = hash_bytes(0, path, strlen(path));
	if (!f->seen)
		f->seen = hash_new(same_path);
	if (!hash_find(f->seen, h, path)) {
		hash_insert(f->seen, h, mem_strdup(path));
		return;
	}
	edits_truncate(&f->edits, before);
	line_edits(&f->modes, l, lineno, false, &f->edits, res);
}

static void
line_was_wrong(struct file_run *f, unsigned lineno)
{
	f->wrong_line = lineno;
	f->wrong_indent = f->indent;
	if (!f->indent && f->indented) /* not of the mode before it */
		modes_pop(&f->modes, 1);
}

static void
one_line(struct file_run *f, const char *text, unsigned lineno)
{
	static struct cli_line l;
	struct line_result res;
	if (!line_split(&l, text)) {
		wrong(f, lineno, "%% Line too long");
		return;
	}
	if (below_wrong(f, &l, lineno))
		return;
	read_config_line(f, &l, lineno, &res);
	struct emit_at at = {f, lineno, 0};
	switch (res.fate) {
	case LINE_EDITS:
		f->rep->lines += l.w[0].text[0] != '!';
		f->indented |= f->indent > 0;
		break;
	case LINE_NOTICE:
		if (f->o->check)
			fprintf(stderr, "%s:%u: %% Accepted and ignored (%s): %s\n", f->path, lineno, res.notice, l.raw);
		break;
	case LINE_EXIT:
	case LINE_END:
		break;
	case LINE_DO:
	case LINE_WRONG:
		if (is_frame(&l))
			break;
		if (f->execs && exec_fits(&l, res.fault.word)) {
			flush(f);
			shell_exec(f->sh, res.fate == LINE_DO ? l.raw + l.w[1].col : l.raw);
		} else {
			fault_print(&res.fault, &l, emit_fault, &at);
			line_was_wrong(f, lineno);
		}
		break;
	}
}

static void
read_lines(struct file_run *f, FILE *in)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, in)) >= 0) {
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		f->text = (f->text_n & (f->text_n + 1)) ? f->text
			: mem_realloc(f->text, 2 * (f->text_n + 1) * sizeof(char *));
		f->text[f->text_n++] = mem_strdup(line);
		if (strlen(line) != (size_t)n)
			wrong(f, f->text_n, "%% A NUL in the line");
		else
			one_line(f, line, f->text_n);
	}
	free(line);
}

static bool
file_run(struct file_run *f)
{
	bool standard = !strcmp(f->path, "-");
	FILE *in = standard ? stdin : fopen(f->path, "re");
	if (!in || !shell_schema(f->sh)) {
		if (!in)
			fprintf(stderr, "%s: cannot be read\n", f->path);
		if (in && !standard)
			fclose(in);
		f->sh->status = 1;
		return false;
	}
	modes_init(&f->modes, f->sh->schema);
	read_lines(f, in);
	if (!standard)
		fclose(in);
	return true;
}

static void
file_free(struct file_run *f)
{
	for (unsigned i = 0; i < f->text_n; i++)
		mem_free(f->text[i]);
	mem_free(f->text);
	char *path;
	for (size_t pos = 0; f->seen && (path = hash_next(f->seen, &pos));)
		mem_free(path);
	if (f->seen)
		hash_free(f->seen);
	modes_free(&f->modes);
	session_close(f->mgmt);
}

/* Nothing runs yet: no line needs to say what it does not set. */
static bool
running_is_empty(struct shell *sh)
{
	char err[256];
	struct session *s = shell_session(sh, "mgmtd", err, sizeof(err));
	char *json = s ? mgmt_get(s, MGMT__GET__STORE__RUNNING, 0, err, sizeof(err)) : NULL;
	bool empty = json && strlen(json) < 8;
	mem_free(json);
	return empty;
}

bool
file_apply(struct shell *sh, const char *path, const struct file_options *o)
{
	struct file_report rep = {0};
	struct file_run f = {.sh = sh, .path = path, .o = o, .rep = &rep, .execs = !o->check};
	f.fresh = o->replace || o->check || running_is_empty(sh);
	bool ok = file_run(&f);
	if (ok)
		flush(&f);
	edits_free(&f.edits);
	file_free(&f);
	return ok && !rep.wrong;
}

bool
file_read_edits(struct shell *sh, const char *path, bool fresh, struct edits *out, struct file_report *rep)
{
	struct file_options o = {0};
	struct file_run f = {.sh = sh, .path = path, .o = &o, .rep = rep, .fresh = fresh};
	bool ok = file_run(&f);
	*out = f.edits;
	file_free(&f);
	return ok && !rep->wrong;
}

/* --- marking -------------------------------------------------------------------------------------- */
bool
file_mark(struct shell *sh, const char *path)
{
	static struct cli_line l;
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
	struct mode_stack modes;
	struct edits e = {0};
	char *line = NULL;
	size_t cap = 0;
	if (!in || !shell_schema(sh)) {
		sh->status = 1;
		return false;
	}
	modes_init(&modes, sh->schema);
	while (getline(&line, &cap, in) >= 0) {
		struct line_result res;
		line[strcspn(line, "\r\n")] = '\0';
		unsigned depth = modes.n;
		if (line_split(&l, line)) {
			line_edits(&modes, &l, 0, true, &e, &res);
			for (unsigned d = depth; res.fate == LINE_EDITS && l.n && d > res.depth + 1; d--)
				printf("%*sexit\n", (int)d - 2, "");
		}
		edits_truncate(&e, 0);
		puts(line);
	}
	for (unsigned d = modes.n; d > 1; d--)
		printf("%*sexit\n", (int)d - 2, "");
	puts("end");
	free(line);
	edits_free(&e);
	modes_free(&modes);
	if (in != stdin)
		fclose(in);
	return true;
}
