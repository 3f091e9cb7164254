/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may stand at the end of a line: for `?` and Tab, from the same walk that matches. */
#include "vtysh/term.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "vtysh/exec.h"
#include "vtysh/view.h"

static void
choice_add(struct choices *out, const char *word, const char *help, bool insert)
{
	for (unsigned i = 0; i < out->n; i++)
		if (!strcmp(out->c[i].word, word))
			return;
	out->c = mem_realloc(out->c, (out->n + 1) * sizeof(*out->c));
	out->c[out->n++] = (struct choice){mem_strdup(word), help ? help : "", insert};
}

static bool
begins(const char *word, const char *partial)
{
	return !strncmp(word, partial, strlen(partial));
}

struct name_call {
	struct choices *out;
	const char *partial;
};

static bool
name_row(void *arg, json_t *row)
{
	struct name_call *c = arg;
	const char *name = json_text(row, "name");
	if (*name && begins(name, c->partial))
		choice_add(c->out, name, "", true);
	return true;
}

/* Names that exist: in the daemons, and in the running configuration. */
static void
names_add(struct shell *sh, const char *kind, const char *partial, struct choices *out)
{
	char err[256];
	struct name_call c = {out, partial};
	if (strcmp(kind, "interface"))
		return;
	view_rows_quiet(sh, "zebra", "zebra/interfaces", NULL, 0, name_row, &c, err, sizeof(err));
	struct lyd_node *tree = NULL, *list, *n;
	if (sh->in_config && shell_config(sh, MGMT__GET__STORE__RUNNING, 0, &tree, err, sizeof(err)) && tree &&
		lyd_find_path(tree, "/grevy-interface:interfaces", 0, &list) == LY_SUCCESS)
		for (n = lyd_child(list); n; n = n->next)
			if (lyd_child(n) && begins(lyd_get_value(lyd_child(n)), partial))
				choice_add(out, lyd_get_value(lyd_child(n)), "", true);
	lyd_free_all(tree);
}

/* Whether what is typed could be a value of the type (a half address counts: nobody can say no). */
static bool
value_fits(const struct cli_type *t, const struct cli_line *l, unsigned at, const char *partial)
{
	char out[CLI_LINE_MAX + 1];
	if (!*partial || t->take(t, l, at, out, sizeof(out)))
		return true;
	return strpbrk(t->shown, "./:") && strspn(partial, "0123456789abcdefABCDEF.:/") == strlen(partial);
}

static void
token_add(struct shell *sh, const struct cli_token *t, const struct cli_line *l, unsigned at, const char *partial,
	bool names, struct choices *out)
{
	if (t->kind != CLI_VALUE) {
		if (begins(t->word, partial))
			choice_add(out, t->word, t->help, true);
		return;
	}
	if (t->type->choices) {
		for (const struct cli_choice *c = t->type->choices; c->name; c++)
			if (begins(c->name, partial))
				choice_add(out, c->name, c->help, true);
		return;
	}
	if (value_fits(t->type, l, at, partial))
		choice_add(out, t->type->shown, t->help ? t->help : t->type->help, false);
	if (names && t->type->names)
		names_add(sh, t->type->names, partial, out);
}

static int
choice_cmp(const void *a, const void *b)
{
	return strcmp(((const struct choice *)a)->word, ((const struct choice *)b)->word);
}

void
choices_for(struct shell *sh, const char *line, bool names, struct choices *out)
{
	static struct cli_line l;
	struct cli_expect e = {.n = 0};
	memset(out, 0, sizeof(*out));
	if (!line_split(&l, line))
		return;
	unsigned at = l.n && !l.blank_end ? l.n - 1 : l.n;
	const char *partial = at < l.n ? l.w[at].text : "";
	bool as_do = sh->in_config && at > 0 && !strcmp(l.w[0].text, "do");
	if (as_do) { /* the exec command behind `do` */
		choices_for(sh, l.n > 1 ? line + l.w[1].col : "", names, out);
		return;
	}
	if (sh->in_config) {
		e.at = at;
		line_expect(&sh->modes, &l, at, &e);
	}
	bool candidate = sh->in_config && sh->kind != MGMT__OPEN__KIND__LINE;
	if (!sh->in_config || (!e.n && !e.cr) || (!at && (candidate || *partial)))
		exec_expect(&l, at, &e);
	for (unsigned i = 0; i < e.n; i++)
		token_add(sh, e.tok[i], &l, at, partial, names, out);
	out->cr = e.cr && !*partial;
	if (out->n)
		qsort(out->c, out->n, sizeof(*out->c), choice_cmp);
}

void
choices_free(struct choices *c)
{
	for (unsigned i = 0; i < c->n; i++)
		mem_free(c->c[i].word);
	mem_free(c->c);
	memset(c, 0, sizeof(*c));
}
