/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree as running-config. Per mode: the statements found below the mode's node, sorted by
 * g:order, schema and key; a statement that opens a mode is followed by its own, one blank deeper,
 * `exit` and `!`. Values that equal the default are left out (they are read back as the default).
 */
#include "vtysh/unparse.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/prefix.h"
#include "vtysh/hooks.h"
#include "vtysh/types.h"

void
text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	for (;;) {
		va_start(ap, fmt);
		int n = vsnprintf(t->buf ? t->buf + t->len : NULL, t->cap - t->len, fmt, ap);
		va_end(ap);
		if (n < 0)
			return;
		if ((size_t)n < t->cap - t->len) {
			t->len += (size_t)n;
			return;
		}
		t->cap = (t->cap ? 2 * t->cap : 4096) + (size_t)n;
		t->buf = mem_realloc(t->buf, t->cap);
	}
}

void
text_free(struct text *t)
{
	mem_free(t->buf);
	memset(t, 0, sizeof(*t));
}

/* --- order -------------------------------------------------------------------------------------- */
int
natural_cmp(const char *a, const char *b)
{
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			unsigned long long x = strtoull(a, NULL, 10), y = strtoull(b, NULL, 10);
			if (x != y)
				return x < y ? -1 : 1;
			size_t m = strspn(a, "0123456789"), n = strspn(b, "0123456789");
			if (m != n)
				return m < n ? -1 : 1;
			a += m;
			b += n;
			continue;
		}
		if (*a != *b)
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		a++;
		b++;
	}
	return *a ? 1 : *b ? -1 : 0;
}

struct item {
	const struct cli_node *n;
	const struct lyd_node *d;
	const struct lyd_node *group; /* the outermost list entry of this mode around it, or itself */
	bool has_prefix;
	struct prefix prefix;  /* the first key, when it is one */
};
struct items {
	struct item *i;
	size_t n, cap;
};

static int
keys_cmp(const struct lyd_node *a, const struct lyd_node *b)
{
	const struct lyd_node *x = lyd_child(a), *y = lyd_child(b);
	if (a->schema->nodetype == LYS_LEAFLIST)
		return natural_cmp(lyd_get_value(a), lyd_get_value(b));
	for (; x && y && (x->schema->flags & LYS_KEY); x = x->next, y = y->next) {
		int c = natural_cmp(lyd_get_value(x), lyd_get_value(y));
		if (c)
			return c;
	}
	return 0;
}

static int
item_cmp(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;
	if (a->n->order != b->n->order)
		return a->n->order < b->n->order ? -1 : 1;
	if (a->group && b->group && a->group->schema == b->group->schema && (a->group != a->d || b->group != b->d)) {
		int c = keys_cmp(a->group, b->group);
		if (c)
			return c;
	}
	if (a->n->seq != b->n->seq)
		return a->n->seq < b->n->seq ? -1 : 1;
	if (a->has_prefix && b->has_prefix) {
		int c = prefix_cmp(&a->prefix, &b->prefix);
		if (c)
			return c;
	}
	return keys_cmp(a->d, b->d);
}

static void
item_add(struct items *s, const struct cli_node *n, const struct lyd_node *d)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->i = mem_realloc(s->i, s->cap * sizeof(*s->i));
	}
	struct item *it = &s->i[s->n++];
	memset(it, 0, sizeof(*it));
	it->n = n;
	it->d = d;
	for (const struct lyd_node *g = d; g && (!n->mode->node || g->schema != n->mode->node->s); g = lyd_parent(g))
		if (g->schema->nodetype == LYS_LIST)
			it->group = g;
	const struct lyd_node *key = d->schema->nodetype == LYS_LIST ? lyd_child(d) : NULL;
	it->has_prefix = key && (key->schema->flags & LYS_KEY) && prefix_parse(lyd_get_value(key), false, &it->prefix);
}

/* The statements of one mode: d and its siblings, and what is below them outside deeper modes. */
static void
collect(const struct schema *s, const struct lyd_node *d, struct items *out)
{
	for (; d; d = d->next) {
		const struct cli_node *n = d->schema ? schema_node(s, d->schema) : NULL;
		if (!n)
			continue;
		if (n->n)
			item_add(out, n, d);
		if (!n->opens)
			collect(s, lyd_child(d), out);
	}
}

static bool
owned(const struct cli_node *n, const char *owner)
{
	if (!owner)
		return true;
	for (unsigned i = 0; n->owners[i]; i++)
		if (!strcmp(n->owners[i], owner))
			return true;
	return false;
}

/* --- one statement ------------------------------------------------------------------------------ */
static const struct lyd_node *
child_of(const struct lyd_node *d, const struct lysc_node *leaf)
{
	if (d->schema == leaf)
		return d;
	for (const struct lyd_node *c = lyd_child(d); c; c = c->next)
		if (c->schema == leaf)
			return c;
	return NULL;
}

static const char *
value_of(const struct lyd_node *d, const struct cli_token *t)
{
	for (unsigned i = 0; i < t->up; i++)
		d = lyd_parent(d);
	const struct lyd_node *c = child_of(d, t->node);
	return c ? lyd_get_value(c) : schema_default(t->node);
}

static bool
say(char *out, size_t size, const char *word)
{
	size_t have = strlen(out), n = strlen(word);
	if (have + n + 2 > size)
		return false;
	if (have)
		out[have++] = ' ';
	memcpy(out + have, word, n + 1);
	return true;
}

/* A token's text. False: it has nothing to say (its group is left out). */
static bool
say_token(const struct lyd_node *d, const struct cli_token *t, char *out, size_t size)
{
	char text[CLI_LINE_MAX + 1];
	if (t->kind == CLI_WORD)
		return say(out, size, t->word);
	const char *v = value_of(d, t);
	if (t->kind == CLI_FLAG)
		return v && !strcmp(v, "true") && say(out, size, t->word);
	if (!v)
		return false;
	value_write(t->type, v, t->contested ? schema_is_literal : NULL, text, sizeof(text));
	return say(out, size, text);
}

static void
say_group(const struct lyd_node *d, const struct cli_token *g, char *out, size_t size)
{
	char part[CLI_LINE_MAX + 1] = "";
	for (unsigned i = 0; i < g->group_n; i++) {
		const struct cli_token *t = &g->group[i];
		const char *v = t->kind == CLI_VALUE ? value_of(d, t) : NULL;
		if (v && t->fallback && !strcmp(v, t->fallback))
			return;
		if (v && t->omitted && !strcmp(v, t->omitted))
			continue;
		if (!say_token(d, t, part, sizeof(part)))
			return;
	}
	say(out, size, part);
}

static bool
say_phrase(const struct lyd_node *d, const struct cli_phrase *p, char *out, size_t size)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (p->tok[i].kind == CLI_GROUP)
			say_group(d, &p->tok[i], out, size);
		else if (!say_token(d, &p->tok[i], out, size))
			return false;
	}
	return true;
}

/* Which phrase says the leaf's value; *negated: it is the `no` form. NULL: nothing to print. */
static const struct cli_phrase *
leaf_phrase(const struct cli_node *n, const char *value, bool *negated)
{
	if (n->deflt && !strcmp(n->deflt, value))
		return NULL;
	for (unsigned i = 0; i < n->n; i++) {
		const struct cli_phrase *p = &n->phrase[i];
		if (p->alias || (p->value && strcmp(p->value, value)))
			continue;
		*negated = p->negative;
		if (p->value)
			return p;
		const struct cli_token *last = &p->tok[p->n - 1];
		if (last->kind != CLI_VALUE && !strcmp(value, "false"))
			*negated = true;
		return p;
	}
	return NULL;
}

/* The first form that has all its values; one that is only accepted where no printed form has. */
static bool
say_entry(const struct cli_node *n, const struct lyd_node *d, char *out, size_t size)
{
	size_t start = strlen(out);
	for (int alias = 0; alias < 2; alias++)
		for (unsigned i = 0; i < n->n; i++) {
			if (n->phrase[i].alias == alias && say_phrase(d, &n->phrase[i], out, size))
				return true;
			out[start] = '\0';
		}
	return false;
}

/* A container without presence is printed when one of its leaves differs from the default. */
static bool
container_speaks(const struct lyd_node *d)
{
	if (d->schema->flags & LYS_PRESENCE)
		return true;
	for (const struct lyd_node *c = lyd_child(d); c; c = c->next) {
		const char *deflt = c->schema->nodetype == LYS_LEAF ? schema_default(c->schema) : NULL;
		if (c->schema->nodetype == LYS_LEAF && (!deflt || strcmp(deflt, lyd_get_value(c))))
			return true;
	}
	return false;
}

static bool
statement(const struct cli_node *n, const struct lyd_node *d, char *out, size_t size)
{
	const struct cli_phrase *p = NULL;
	bool negated = false;
	out[0] = '\0';
	bool leaf = n->s->nodetype == LYS_LEAF;
	if (leaf)
		p = leaf_phrase(n, lyd_get_value(d), &negated);
	else if (n->s->nodetype == LYS_CONTAINER && !container_speaks(d))
		return false;
	if ((leaf && !p) || hook_hidden(n, d))
		return false;
	if (negated || hook_prints_negated(n, d))
		say(out, size, "no");
	return leaf ? say_phrase(d, p, out, size) : say_entry(n, d, out, size);
}

/* --- modes -------------------------------------------------------------------------------------- */
static void emit_mode(const struct schema *s, const struct lyd_node *first, unsigned depth, const char *owner,
	struct text *out);

static bool
below_owned(const struct schema *s, const struct lyd_node *d, const char *owner)
{
	for (; d; d = d->next) {
		const struct cli_node *n = d->schema ? schema_node(s, d->schema) : NULL;
		if (n && n->n && owned(n, owner))
			return true;
		if (below_owned(s, lyd_child(d), owner))
			return true;
	}
	return false;
}

static void
emit_item(const struct schema *s, const struct item *it, unsigned depth, const char *owner, bool *group,
	struct text *out)
{
	char line[CLI_LINE_MAX + 1];
	bool mine = owned(it->n, owner) || (it->n->opens && below_owned(s, lyd_child(it->d), owner));
	if (!mine || !statement(it->n, it->d, line, sizeof(line)))
		return;
	if (it->n->opens && *group && !depth) {
		text_add(out, "!\n");
		*group = false;
	}
	text_add(out, "%*s%s\n", (int)depth, "", line);
	if (!it->n->opens) {
		*group = true;
		return;
	}
	emit_mode(s, lyd_child(it->d), depth + 1, owner, out);
	text_add(out, "%*sexit\n%*s!\n", (int)depth, "", (int)depth, "");
}

static void
emit_mode(const struct schema *s, const struct lyd_node *first, unsigned depth, const char *owner, struct text *out)
{
	struct items items = {0};
	bool group = false;
	collect(s, first, &items);
	if (items.n)
		qsort(items.i, items.n, sizeof(*items.i), item_cmp);
	for (size_t i = 0; i < items.n; i++) {
		if (!depth && group && i && items.i[i].n->order / 100 != items.i[i - 1].n->order / 100) {
			text_add(out, "!\n");
			group = false;
		}
		emit_item(s, &items.i[i], depth, owner, &group, out);
	}
	if (!depth && group)
		text_add(out, "!\n");
	mem_free(items.i);
}

void
unparse(const struct schema *s, const struct lyd_node *tree, const char *owner, struct text *out)
{
	text_add(out, "%s", "");
	emit_mode(s, tree, 0, owner, out);
}
