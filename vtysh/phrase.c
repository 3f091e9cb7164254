/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of a phrase (yang/grevy-cli.yang describes the language) -> tokens. Owns nothing: what it
 * makes lives as long as the program, like the schema it was read from.
 */
#include "vtysh/cli.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

struct compiler {
	const char *p;
	cli_resolve_fn *resolve;
	void *arg;
	char *err;
	size_t size;
};

static bool
fail(struct compiler *c, const char *why)
{
	snprintf(c->err, c->size, "%s at \"%s\"", why, c->p);
	return false;
}

static char *
cut(const char *from, size_t n)
{
	char *s = mem_alloc(n + 1);
	memcpy(s, from, n);
	s[n] = '\0';
	return s;
}

static struct cli_token *
token_add(struct cli_token **tok, unsigned *n)
{
	*tok = mem_realloc(*tok, (*n + 1) * sizeof(**tok));
	struct cli_token *t = &(*tok)[(*n)++];
	memset(t, 0, sizeof(*t));
	return t;
}

/* <x>, <x=V>, <x?V>, <.> */
static bool
parse_value(struct compiler *c, struct cli_token *t)
{
	const char *end = strchr(c->p, '>');
	if (!end)
		return fail(c, "no > after <");
	const char *sign = c->p + strcspn(c->p, "=?>");
	t->kind = CLI_VALUE;
	t->name = cut(c->p + 1, (size_t)(sign - c->p - 1));
	if (*sign == '=')
		t->fallback = cut(sign + 1, (size_t)(end - sign - 1));
	else if (*sign == '?')
		t->omitted = cut(sign + 1, (size_t)(end - sign - 1));
	if (!c->resolve(c->arg, t))
		return fail(c, "no such leaf");
	c->p = end + 1;
	return true;
}

/* {x}, {x:word} */
static bool
parse_flag(struct compiler *c, struct cli_token *t)
{
	const char *end = strchr(c->p, '}');
	if (!end)
		return fail(c, "no } after {");
	const char *colon = memchr(c->p, ':', (size_t)(end - c->p));
	t->kind = CLI_FLAG;
	t->name = cut(c->p + 1, (size_t)((colon ? colon : end) - c->p - 1));
	t->word = colon ? cut(colon + 1, (size_t)(end - colon - 1)) : t->name;
	if (!c->resolve(c->arg, t))
		return fail(c, "no such leaf");
	if (t->key)
		t->fallback = "false"; /* an entry has all its keys */
	c->p = end + 1;
	return true;
}

static bool parse_row(struct compiler *c, struct cli_token **tok, unsigned *n, bool in_group);

static bool
parse_one(struct compiler *c, struct cli_token **tok, unsigned *n, bool in_group)
{
	struct cli_token *t = token_add(tok, n);
	if (*c->p == '<')
		return parse_value(c, t);
	if (*c->p == '{')
		return parse_flag(c, t);
	if (*c->p == '[') {
		if (in_group)
			return fail(c, "groups do not nest");
		t->kind = CLI_GROUP;
		c->p++;
		if (!parse_row(c, &t->group, &t->group_n, true))
			return false;
		if (*c->p != ']' || !t->group_n)
			return fail(c, "no ] after [");
		c->p++;
		return true;
	}
	size_t len = strcspn(c->p, " []<>{}");
	if (!len)
		return fail(c, "stray sign");
	t->kind = CLI_WORD;
	t->word = cut(c->p, len);
	c->p += len;
	return c->resolve(c->arg, t);
}

static bool
parse_row(struct compiler *c, struct cli_token **tok, unsigned *n, bool in_group)
{
	for (;;) {
		while (*c->p == ' ')
			c->p++;
		if (!*c->p || *c->p == ']')
			return true;
		if (!strncmp(c->p, "=> ", 3))
			return in_group ? fail(c, "=> in a group") : true;
		if (!parse_one(c, tok, n, in_group))
			return false;
	}
}

bool
phrase_compile(const char *text, struct cli_phrase *out, cli_resolve_fn *resolve, void *arg,
	char *err, size_t size)
{
	struct compiler c = {text, resolve, arg, err, size};
	memset(out, 0, sizeof(*out));
	out->text = text;
	if (!strncmp(text, "no ", 3)) {
		out->negative = true;
		c.p += 3;
	}
	if (!parse_row(&c, &out->tok, &out->n, false))
		return false;
	if (*c.p == ']')
		return fail(&c, "] without [");
	if (!strncmp(c.p, "=> ", 3))
		out->value = c.p + 3;
	return out->n ? true : fail(&c, "empty phrase");
}
