/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two configurations say differently, as text: `-` lines only the old has, `+` lines only the
 * new has, below the heads of their modes. Printed configs are sorted alike, so a merge by the set
 * of (mode, line) is enough and cheap for any size.
 */
#include "vtysh/unparse.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"

struct stmt {
	char *key;         /* mode heads and line, joined */
	const char *line;
	unsigned indent;
};
struct stmts {
	struct stmt *s;
	size_t n, cap;
	struct hash *by_key;
};

static bool
key_equal(const void *item, const void *key)
{
	return !strcmp(((const struct stmt *)item)->key, key);
}

static bool
is_frame(const char *line)
{
	line += strspn(line, " ");
	return !strcmp(line, "exit") || !strcmp(line, "!") || !*line;
}

/* copy is cut into lines. Mode heads are known by what follows them, deeper. */
static void
stmts_read(struct stmts *out, char *copy)
{
	char *head[16] = {NULL};
	for (char *save = NULL, *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		unsigned indent = (unsigned)strspn(l, " ");
		if (is_frame(l) || indent >= 15)
			continue;
		if (out->n == out->cap) {
			out->cap = out->cap ? 2 * out->cap : 64;
			out->s = mem_realloc(out->s, out->cap * sizeof(*out->s));
		}
		struct stmt *s = &out->s[out->n++];
		memset(s, 0, sizeof(*s));
		s->line = l;
		s->indent = indent;
		s->key = mem_printf("%s\n%s", indent && head[indent - 1] ? head[indent - 1] : "", l);
		mem_free(head[indent]);
		head[indent] = mem_strdup(s->key);
	}
	for (unsigned i = 0; i < 16; i++)
		mem_free(head[i]);
	out->by_key = hash_new(key_equal);
	for (size_t i = 0; i < out->n; i++) {
		uint32_t h = hash_bytes(0, out->s[i].key, strlen(out->s[i].key));
		if (!hash_find(out->by_key, h, out->s[i].key))
			hash_insert(out->by_key, h, &out->s[i]);
	}
}

static void
stmts_free(struct stmts *s)
{
	for (size_t i = 0; i < s->n; i++)
		mem_free(s->s[i].key);
	mem_free(s->s);
	hash_free(s->by_key);
}

static bool
has(const struct stmts *s, const struct stmt *what)
{
	return hash_find(s->by_key, hash_bytes(0, what->key, strlen(what->key)), what->key) != NULL;
}

struct merge {
	struct text *out;
	const char *head[16]; /* key of the head printed last, by its depth */
};

/* A statement with its sign, below the heads it stands under. */
static void
show(struct merge *m, const struct stmts *in, size_t i, const struct stmts *other, char sign)
{
	const struct stmt *s = &in->s[i];
	size_t heads[16], n = 0;
	unsigned indent = s->indent;
	for (size_t k = i; k-- > 0 && indent && n < 16;)
		if (in->s[k].indent < indent) {
			indent = in->s[k].indent;
			heads[n++] = k;
		}
	while (n--) {
		const struct stmt *h = &in->s[heads[n]];
		if (m->head[h->indent] && !strcmp(m->head[h->indent], h->key))
			continue;
		text_add(m->out, "%c%s\n", has(other, h) ? ' ' : sign, h->line);
		m->head[h->indent] = h->key;
		memset(&m->head[h->indent + 1], 0, (15 - h->indent) * sizeof(m->head[0]));
	}
	text_add(m->out, "%c%s\n", sign, s->line);
	m->head[s->indent] = s->key;
	memset(&m->head[s->indent + 1], 0, (15 - s->indent) * sizeof(m->head[0]));
}

void
unparse_diff(const struct text *old, const struct text *new, struct text *out)
{
	struct stmts a = {0}, b = {0};
	char *x = mem_strdup(old->buf ? old->buf : ""), *y = mem_strdup(new->buf ? new->buf : "");
	stmts_read(&a, x);
	stmts_read(&b, y);
	text_add(out, "%s", "");
	struct merge m = {.out = out};
	size_t i = 0, j = 0;
	while (i < a.n || j < b.n) {
		if (i < a.n && !has(&b, &a.s[i])) {
			show(&m, &a, i, &b, '-');
			i++;
		} else if (j < b.n && !has(&a, &b.s[j])) {
			show(&m, &b, j, &a, '+');
			j++;
		} else { /* both have it; printed in one order, so they stand side by side */
			i += i < a.n;
			j += j < b.n;
		}
	}
	stmts_free(&a);
	stmts_free(&b);
	mem_free(x);
	mem_free(y);
}
