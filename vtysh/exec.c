/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs exec commands: pipes are cut off, the rest is matched against the table's phrases, which are
 * compiled at the first use (no schema is needed, so show commands start at once).
 */
#include "vtysh/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static struct cli_phrase *compiled;
static const struct cli_phrase **list;
static unsigned count;

static bool
resolve(void *arg, struct cli_token *t)
{
	(void)arg;
	if (t->word)
		t->help = exec_word_help(t->word);
	if (t->kind != CLI_VALUE)
		return true;
	t->type = exec_type(t->name);
	if (t->type)
		t->help = t->type->help;
	return t->type != NULL;
}

static void
table_compile(void)
{
	char err[256];
	if (list)
		return;
	while (exec_rows[count].grammar)
		count++;
	compiled = mem_array(count, sizeof(*compiled));
	list = mem_array(count, sizeof(struct cli_phrase *));
	for (unsigned i = 0; i < count; i++) {
		struct cli_phrase *p = &compiled[i];
		if (!phrase_compile(exec_rows[i].grammar, p, resolve, NULL, err, sizeof(err))) {
			fprintf(stderr, "vtysh: %s: %s\n", exec_rows[i].grammar, err);
			abort();
		}
		p->negative = false;
		p->owner = &exec_rows[i];
		unsigned k = 0;
		while (k < p->n && p->tok[k].kind == CLI_WORD)
			k++;
		if (k && exec_rows[i].help)
			p->tok[k - 1].help = exec_rows[i].help;
		for (k = p->n; k-- > 0;)
			if (p->tok[k].kind == CLI_WORD) {
				if (!p->tok[k].help)
					p->tok[k].help = exec_rows[i].help;
				break;
			}
		list[i] = p;
	}
}

const struct exec_row *
exec_row_of(const struct cli_match *m)
{
	return m->p->owner;
}

const char *
call_value(const struct exec_call *c, const char *name)
{
	return match_value(c->m, name);
}

bool
call_flag(const struct exec_call *c, const char *name)
{
	return match_value(c->m, name) != NULL;
}

void
exec_expect(const struct cli_line *l, unsigned at, struct cli_expect *out)
{
	table_compile();
	phrases_expect(list, count, l, 0, at, false, out);
}

/* The first | outside quotes; "show | compare" is a command of its own with a filter. */
static char *
first_bar(char *s)
{
	bool quoted = false;
	for (; *s; s++) {
		if (*s == '"')
			quoted = !quoted;
		if (*s == '|' && !quoted)
			return s;
	}
	return NULL;
}

bool
exec_fits(const struct cli_line *l, unsigned words)
{
	static struct cli_match m;
	static struct cli_line cut;
	struct cli_fault f = {.fate = CLI_OK};
	table_compile();
	char *copy = mem_strdup(l->raw), *bar = first_bar(copy);
	if (bar)
		*bar = '\0';
	bool split = line_split(&cut, copy);
	mem_free(copy);
	if (!split || !cut.n)
		return false;
	return phrases_match(list, count, &cut, 0, false, &m, &f) == CLI_OK || (f.word > words && f.word > 1);
}

/* `json` as a word, where the command knows it, is the same as `| json`. */
static void
call_run(struct shell *sh, const struct cli_match *m, const char *raw, bool json, bool compare)
{
	struct exec_call c = {.sh = sh, .m = m, .row = exec_row_of(m), .compare = compare, .raw = raw};
	c.json = json || call_flag(&c, "json");
	c.row->fn(&c);
}

void
shell_exec(struct shell *sh, const char *text)
{
	static struct cli_line l;
	struct cli_match *m = mem_alloc(sizeof(*m));
	struct cli_fault f;
	char err[256];
	bool json = false, compare = false;
	char *copy = mem_strdup(text), *bar = first_bar(copy);
	if (bar)
		*bar = '\0';
	table_compile();
	if (!out_begin(sh->out, bar ? bar + 1 : NULL, sh->interactive ? sh->page : 0, &json, &compare, err, sizeof(err)))
		shell_error(sh, "%s", err);
	else if (!line_split(&l, copy))
		shell_error(sh, "%% Line too long");
	else if (l.n && phrases_match(list, count, &l, 0, false, m, &f) != CLI_OK)
		shell_fault(sh, &f, &l);
	else if (l.n)
		call_run(sh, m, copy, json, compare);
	out_end(sh->out);
	mem_free(copy);
	mem_free(m);
}
