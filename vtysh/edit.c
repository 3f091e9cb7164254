/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A config line in its mode -> (path, operation, value). A line that only parses in an outer mode
 * leaves the inner ones, as FRR does. A statement stands for its whole entry: what it could say
 * and does not is removed.
 */
#include "vtysh/edit.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "vtysh/hooks.h"

/* --- lists of edits ----------------------------------------------------------------------------- */
void
edits_add(struct edits *s, bool del, char *path, const char *value, unsigned line)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 16;
		s->e = mem_realloc(s->e, s->cap * sizeof(*s->e));
	}
	s->e[s->n++] = (struct edit){del, path, value ? mem_strdup(value) : NULL, line};
}

void
edits_truncate(struct edits *s, unsigned n)
{
	while (s->n > n) {
		s->n--;
		mem_free(s->e[s->n].path);
		mem_free(s->e[s->n].value);
	}
}

void
edits_free(struct edits *s)
{
	edits_truncate(s, 0);
	mem_free(s->e);
	memset(s, 0, sizeof(*s));
}

/* --- modes -------------------------------------------------------------------------------------- */
void
modes_init(struct mode_stack *s, const struct schema *schema)
{
	memset(s, 0, sizeof(*s));
	s->m[0].mode = schema->top;
	s->m[0].path = mem_strdup("");
	s->n = 1;
}

void
modes_pop(struct mode_stack *s, unsigned n)
{
	while (s->n > n) {
		s->n--;
		mem_free(s->m[s->n].path);
		s->m[s->n].path = NULL;
	}
}

void
modes_free(struct mode_stack *s)
{
	modes_pop(s, 0);
}

void
modes_copy(struct mode_stack *to, const struct mode_stack *from)
{
	*to = *from;
	for (unsigned i = 0; i < to->n; i++)
		to->m[i].path = mem_strdup(from->m[i].path);
}

/* --- one statement ------------------------------------------------------------------------------ */
char *
path_key(const char *name, const char *value)
{
	char q = strchr(value, '\'') ? '"' : '\'';
	return mem_printf("[%s=%c%s%c]", name, q, value, q);
}

static const struct cli_bind *
bind_of(const struct cli_match *m, const struct lysc_node *leaf)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->b[i].tok->node == leaf)
			return &m->b[i];
	return NULL;
}

/* The token for the leaf anywhere in the phrase. */
static const struct cli_token *
token_of(const struct cli_token *t, unsigned n, const struct lysc_node *leaf)
{
	for (unsigned i = 0; i < n; i++) {
		const struct cli_token *in = t[i].kind == CLI_GROUP ? token_of(t[i].group, t[i].group_n, leaf) : &t[i];
		if (in && in->kind != CLI_WORD && in->node == leaf)
			return in;
	}
	return NULL;
}

static const char *
bound_value(const struct cli_match *m, const struct lysc_node *leaf)
{
	const struct cli_bind *b = bind_of(m, leaf);
	if (b)
		return m->store + b->off;
	const struct cli_token *t = token_of(m->p->tok, m->p->n, leaf);
	return t ? t->fallback : NULL;
}

/* Takes path; with the keys of a list, the value of a leaf-list. NULL: one is missing. */
static char *
keys_append(char *path, const struct lysc_node *s, const struct cli_match *m)
{
	const struct lysc_node *k = s->nodetype == LYS_LEAFLIST ? s : s->nodetype == LYS_LIST ? lysc_node_child(s) : NULL;
	for (; path && k && (k == s || (k->flags & LYS_KEY)); k = k == s ? NULL : k->next) {
		const char *v = bound_value(m, k);
		char *pred = v ? path_key(k == s ? "." : k->name, v) : NULL;
		char *longer = pred ? mem_printf("%s%s", path, pred) : NULL;
		mem_free(path);
		mem_free(pred);
		path = longer;
	}
	return path;
}

/* Path of the node below the mode's, lists on the way with their keys. NULL: a key is missing. */
static char *
node_path(const char *base, const struct cli_mode *mode, const struct lysc_node *s, const struct cli_match *m)
{
	if (mode->node && s == mode->node->s)
		return mem_strdup(base);
	char *up = s->parent ? node_path(base, mode, s->parent, m) : mem_strdup(base);
	if (!up)
		return NULL;
	bool same = s->parent && s->parent->module == s->module;
	char *path = same ? mem_printf("%s/%s", up, s->name) : mem_printf("%s/%s:%s", up, s->module->name, s->name);
	mem_free(up);
	return keys_append(path, s, m);
}

static char *
child_path(const char *path, const struct lysc_node *leaf, const struct cli_node *n)
{
	if (leaf->module == n->s->module)
		return mem_printf("%s/%s", path, leaf->name);
	return mem_printf("%s/%s:%s", path, leaf->module->name, leaf->name);
}

/* A value that is the default is not set but left to the schema. */
static void
set_leaf(struct edits *out, char *path, const struct lysc_node *leaf, const char *value, bool fresh, unsigned line)
{
	const char *deflt = schema_default(leaf);
	if (deflt && !strcmp(deflt, value)) {
		if (fresh)
			mem_free(path);
		else
			edits_add(out, true, path, NULL, line);
		return;
	}
	edits_add(out, false, path, value, line);
}

static void
leaf_edit(const char *path, const struct cli_node *n, const struct cli_match *m, bool negated, bool fresh,
	struct edits *out, unsigned line)
{
	bool is_bool = ((const struct lysc_node_leaf *)n->s)->type->basetype == LY_TYPE_BOOL;
	const char *value = m->p->value ? m->p->value : bound_value(m, n->s);
	if (negated && !m->p->negative)
		value = is_bool && !value ? "false" : NULL;
	else if (!value && is_bool)
		value = "true";
	if (n->s->nodetype == LYS_LEAFLIST)
		edits_add(out, negated, mem_strdup(path), NULL, line);
	else if (value)
		set_leaf(out, mem_strdup(path), n->s, value, fresh, line);
	else
		edits_add(out, true, mem_strdup(path), NULL, line);
}

/* In the phrase, or in another canonical form of the statement: it stands for the whole entry. */
static bool
may_say(const struct cli_node *n, const struct cli_phrase *p, const struct lysc_node *leaf)
{
	bool said = token_of(p->tok, p->n, leaf) != NULL;
	for (unsigned i = 0; !said && !p->alias && i < n->n; i++)
		said = !n->phrase[i].alias && token_of(n->phrase[i].tok, n->phrase[i].n, leaf);
	return said;
}

static void
children_set(const char *path, const struct cli_node *n, const struct cli_match *m, bool fresh,
	struct edits *out, unsigned line)
{
	for (const struct lysc_node *c = lysc_node_child(n->s); c; c = c->next) {
		if (c->nodetype != LYS_LEAF || (c->flags & LYS_KEY) || !may_say(n, m->p, c))
			continue;
		const char *v = bound_value(m, c);
		if (v)
			set_leaf(out, child_path(path, c, n), c, v, fresh, line);
		else if (!fresh)
			edits_add(out, true, child_path(path, c, n), NULL, line);
	}
}

/* `no` of a container that has no presence: the leaves named, or all of the phrase. */
static void
children_delete(const char *path, const struct cli_node *n, const struct cli_match *m, struct edits *out,
	unsigned line)
{
	bool named = m->n > 0;
	for (const struct lysc_node *c = lysc_node_child(n->s); c; c = c->next)
		if (c->nodetype == LYS_LEAF && token_of(m->p->tok, m->p->n, c) && (!named || bind_of(m, c)))
			edits_add(out, true, child_path(path, c, n), NULL, line);
}

static bool
has_presence(const struct lysc_node *s)
{
	return s->nodetype == LYS_LIST || (s->nodetype == LYS_CONTAINER && (s->flags & LYS_PRESENCE));
}

static void
node_edit(const char *path, const struct cli_node *n, const struct cli_match *m, bool negated, bool fresh,
	struct edits *out, unsigned line)
{
	const char *leaf = negated ? hook_negated_leaf(n) : NULL;
	if (n->s->nodetype & (LYS_LEAF | LYS_LEAFLIST)) {
		leaf_edit(path, n, m, negated, fresh, out, line);
		return;
	}
	if (leaf) {
		edits_add(out, false, mem_strdup(path), NULL, line);
		edits_add(out, false, mem_printf("%s/%s", path, leaf), "false", line);
		return;
	}
	if (negated) {
		if (has_presence(n->s))
			edits_add(out, true, mem_strdup(path), NULL, line);
		else
			children_delete(path, n, m, out, line);
		return;
	}
	if (has_presence(n->s))
		edits_add(out, false, mem_strdup(path), NULL, line);
	children_set(path, n, m, fresh, out, line);
	if (!fresh && hook_negated_leaf(n))
		edits_add(out, true, mem_printf("%s/%s", path, hook_negated_leaf(n)), NULL, line);
}

static void
excluded_edit(const char *path, const struct cli_node *n, struct edits *out, unsigned line)
{
	const char *const *other = hook_excludes(n);
	const char *slash = strrchr(path, '/');
	for (; other && *other; other++)
		edits_add(out, true, mem_printf("%.*s/%s", (int)(slash - path), path, *other), NULL, line);
}

/* False: a key is missing (only after `no`). */
static bool
statement_edits(struct mode_stack *s, unsigned depth, const struct cli_match *m, bool negated, bool fresh,
	unsigned line, struct edits *out)
{
	const struct cli_node *n = m->p->owner;
	char *path = node_path(s->m[depth].path, n->mode, n->s, m);
	if (!path)
		return false;
	modes_pop(s, depth + 1);
	node_edit(path, n, m, negated, fresh, out, line);
	excluded_edit(path, n, out, line);
	if (n->opens && !negated && s->n < MODE_DEPTH) {
		s->m[s->n].mode = n->opens;
		s->m[s->n++].path = path;
		return true;
	}
	mem_free(path);
	return true;
}

/* --- one line ----------------------------------------------------------------------------------- */
static bool
word_is(const struct cli_line *l, unsigned i, const char *word, unsigned least)
{
	if (i >= l->n || l->w[i].quoted)
		return false;
	size_t n = strlen(l->w[i].text);
	return n >= least && !strncmp(l->w[i].text, word, n);
}

static bool
line_special(struct mode_stack *s, const struct cli_line *l, struct line_result *res)
{
	if (!l->n || l->w[0].text[0] == '!' || l->w[0].text[0] == '#') {
		res->fate = LINE_EDITS;
		return true;
	}
	if (word_is(l, 0, "do", 2) && l->n > 1) {
		res->fate = LINE_DO;
		return true;
	}
	if (l->n != 1)
		return false;
	if (word_is(l, 0, "end", 2)) {
		modes_pop(s, 1);
		res->fate = LINE_END;
		return true;
	}
	if (word_is(l, 0, "exit", 2) || word_is(l, 0, "quit", 1)) {
		res->fate = s->n > 1 ? LINE_EDITS : LINE_EXIT;
		if (s->n > 1)
			modes_pop(s, s->n - 1);
		return true;
	}
	if (word_is(l, 0, "exit-address-family", 5)) {
		res->fate = LINE_EDITS;
		return true;
	}
	return false;
}

void
line_edits(struct mode_stack *s, struct cli_line *l, unsigned lineno, bool fresh, struct edits *out,
	struct line_result *res)
{
	static struct cli_match m;
	struct cli_fault f;
	memset(res, 0, sizeof(*res));
	res->depth = s->n - 1;
	if (line_special(s, l, res))
		return;
	bool negated = l->n > 1 && !l->w[0].quoted && !strcmp(l->w[0].text, "no");
	unsigned from = negated ? 1 : 0;
	res->fate = LINE_WRONG;
	for (unsigned depth = s->n; depth-- > 0;) {
		const struct cli_mode *mode = s->m[depth].mode;
		enum cli_fate fate = phrases_match(mode->phrase, mode->n, l, from, negated, &m, &f);
		if (fate == CLI_OK && statement_edits(s, depth, &m, negated, fresh, lineno, out)) {
			res->fate = LINE_EDITS;
			res->depth = depth;
			return;
		}
		if (fate != CLI_OK && (depth == s->n - 1 || f.word > res->fault.word))
			res->fault = f;
	}
	res->notice = hook_ignored(l, from);
	if (res->notice)
		res->fate = LINE_NOTICE;
}

/* --- `?` ---------------------------------------------------------------------------------------- */
static const struct cli_token shell_words[] = {
	{.kind = CLI_WORD, .word = "no", .help = "Negate a statement or set its default"},
	{.kind = CLI_WORD, .word = "do", .help = "Run an exec command from here"},
	{.kind = CLI_WORD, .word = "exit", .help = "Leave this mode"},
	{.kind = CLI_WORD, .word = "quit", .help = "Leave this mode"},
	{.kind = CLI_WORD, .word = "end", .help = "Leave the configuration"},
};

void
line_expect(const struct mode_stack *s, const struct cli_line *l, unsigned at, struct cli_expect *out)
{
	bool negated = at > 0 && !strcmp(l->w[0].text, "no");
	const struct cli_mode *mode = s->m[s->n - 1].mode;
	phrases_expect(mode->phrase, mode->n, l, negated ? 1 : 0, at, negated, out);
	for (unsigned i = 0; !at && i < sizeof(shell_words) / sizeof(shell_words[0]); i++)
		out->tok[out->n++] = &shell_words[i];
	for (unsigned depth = s->n - 1; !out->n && !out->cr && depth-- > 0;)
		phrases_expect(s->m[depth].mode->phrase, s->m[depth].mode->n, l, negated ? 1 : 0, at, negated, out);
}

/* --- on a tree of our own ------------------------------------------------------------------------ */
const char *
edit_apply(const struct schema *s, struct lyd_node **tree, const struct edit *e)
{
	struct lyd_node *found = NULL;
	if (e->del) {
		if (*tree && lyd_find_path(*tree, e->path, 0, &found) == LY_SUCCESS && found) {
			if (found == *tree)
				*tree = (*tree)->next;
			lyd_free_tree(found);
		}
		ly_err_clean(s->ctx, NULL);
		return NULL;
	}
	struct lyd_node *parent = *tree, *made = NULL;
	if (lyd_new_path(parent, s->ctx, e->path, e->value, LYD_NEW_PATH_UPDATE, &made) != LY_SUCCESS) {
		const char *why = ly_errmsg(s->ctx);
		return why ? why : "not possible";
	}
	if (!*tree)
		for (*tree = made; *tree && lyd_parent(*tree);)
			*tree = lyd_parent(*tree);
	if (*tree)
		*tree = lyd_first_sibling(*tree);
	return NULL;
}
