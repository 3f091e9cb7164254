/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line against phrases. FRR's rules: an exact word wins over an abbreviation, abbreviations must
 * be unique, at every place. Optional groups that stand side by side come in any order. Matching
 * and "what could come here" are the same walk: the latter notes the tokens it tries at one place.
 */
#include "vtysh/cli.h"

#include <stdio.h>
#include <string.h>

struct walk {
	const struct cli_line *l;
	const struct cli_phrase *p;
	unsigned end;                /* words to match: [from, end) */
	bool negated;
	struct cli_match *m;         /* being filled */
	struct cli_match *best;      /* NULL while only collecting */
	bool have_best, ambiguous;
	struct cli_expect *expect;   /* collects at word expect->at */
	bool *exact;                 /* by word: some phrase has it exactly, so abbreviations do not count */
	bool prune;
	unsigned furthest;           /* of a failed match, in words */
};

static const char *
unescape(const char *s, char *out, const char **end)
{
	for (; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1]) {
			s++;
			*out++ = *s == 'n' ? '\n' : *s == 't' ? '\t' : *s == 'r' ? '\r' : *s;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
	if (*s != '"')
		return NULL;
	*end = s + 1;
	return out + 1;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
line_split(struct cli_line *l, const char *text)
{
	size_t len = strlen(text);
	l->n = l->end = 0;
	l->blank_end = true;
	if (len > CLI_LINE_MAX)
		return false;
	memcpy(l->raw, text, len + 1);
	char *out = l->store;
	const char *s = l->raw;
	for (;;) {
		while (is_blank(*s))
			s++;
		if (!*s)
			break;
		if (l->n == CLI_WORDS_MAX)
			return false;
		struct cli_word *w = &l->w[l->n++];
		const char *after = NULL;
		char *start = out;
		w->col = (unsigned)(s - l->raw);
		w->text = start;
		w->quoted = *s == '"';
		const char *next = w->quoted ? unescape(s + 1, out, &after) : NULL;
		if (next && (!*after || is_blank(*after))) {
			out = start + (next - start);
			s = after;
		} else { /* a plain word, or a quotation mark that nothing closes */
			w->quoted = false;
			while (*s && !is_blank(*s))
				*out++ = *s++;
			*out++ = '\0';
		}
		l->end = (unsigned)(s - l->raw);
		l->blank_end = *s != '\0';
	}
	return true;
}

const char *
match_bind(const struct cli_match *m, unsigned i)
{
	return m->store + m->b[i].off;
}

const char *
match_value(const struct cli_match *m, const char *name)
{
	for (unsigned i = 0; i < m->n; i++)
		if (!strcmp(m->b[i].tok->name, name))
			return match_bind(m, i);
	return NULL;
}

/* How well a word fits: literals beat free words, typed values beat abbreviations (as in FRR). */
enum { RANK_NONE, RANK_FREE, RANK_SHORT, RANK_TYPED, RANK_EXACT };

/* RANK_NONE, RANK_SHORT or RANK_EXACT */
static unsigned
literal_rank(const char *lit, const struct cli_word *w)
{
	if (w->quoted || !*w->text)
		return 0;
	size_t n = strlen(w->text);
	if (strncmp(lit, w->text, n))
		return 0;
	return lit[n] ? RANK_SHORT : RANK_EXACT;
}

static bool
expect_same(const struct cli_token *a, const struct cli_token *b)
{
	if (a->word && b->word)
		return !strcmp(a->word, b->word);
	if (a->word || b->word || a->type == b->type)
		return a->type == b->type && !a->word == !b->word;
	return !strcmp(a->type->shown, b->type->shown) && a->type->choices == b->type->choices;
}

static void
note(struct walk *w, const struct cli_token *t, unsigned at)
{
	struct cli_expect *e = w->expect;
	if (at > w->furthest)
		w->furthest = at;
	if (!e || e->at != at)
		return;
	for (unsigned i = 0; i < e->n; i++)
		if (expect_same(e->tok[i], t))
			return;
	if (e->n < sizeof(e->tok) / sizeof(e->tok[0]))
		e->tok[e->n++] = t;
}

static bool
bind(struct walk *w, const struct cli_token *t, const char *value)
{
	size_t len = strlen(value) + 1;
	if (w->m->n == CLI_BINDS_MAX || w->m->used + len > sizeof(w->m->store))
		return false;
	memcpy(w->m->store + w->m->used, value, len);
	w->m->b[w->m->n].tok = t;
	w->m->b[w->m->n++].off = w->m->used;
	w->m->used += (unsigned)len;
	return true;
}

/* One token that is no group: words taken, 0 = it does not fit. */
static unsigned
take(struct walk *w, const struct cli_token *t, unsigned at)
{
	note(w, t, at);
	if (at >= w->end)
		return 0;
	if (t->kind != CLI_VALUE) {
		unsigned rank = literal_rank(t->word, &w->l->w[at]);
		if (!rank || (w->prune && rank == RANK_SHORT && w->exact[at]))
			return 0;
		if (w->exact && rank == RANK_EXACT)
			w->exact[at] = true;
		w->m->rank[at] = (uint8_t)rank;
		w->m->lit[at] = t->word;
		if (t->kind == CLI_FLAG && !bind(w, t, "true"))
			return 0;
		return 1;
	}
	char value[CLI_LINE_MAX + 1];
	unsigned n = t->type->take(t->type, w->l, at, value, sizeof(value));
	if (!n || at + n > w->end || !bind(w, t, value))
		return 0;
	for (unsigned i = 0; i < n; i++) {
		w->m->rank[at + i] = t->type->free ? RANK_FREE : RANK_TYPED;
		w->m->lit[at + i] = NULL;
	}
	return n;
}

/* -1: a is better, 1: b is better, 0: equal; *differ: they read an abbreviation differently */
static int
compare(const struct cli_match *a, const struct cli_match *b, unsigned from, unsigned end, bool *differ)
{
	for (unsigned i = from; i < end; i++) {
		if (a->rank[i] != b->rank[i])
			return a->rank[i] > b->rank[i] ? -1 : 1;
		if (a->rank[i] != RANK_SHORT || !strcmp(a->lit[i], b->lit[i]))
			continue;
		/* `show ip ro`: a word that begins the other one is meant, as people of FRR expect */
		size_t la = strlen(a->lit[i]), lb = strlen(b->lit[i]);
		if (!strncmp(a->lit[i], b->lit[i], la < lb ? la : lb))
			return la < lb ? -1 : 1;
		*differ = true;
	}
	return 0;
}

static void
accept(struct walk *w, unsigned from)
{
	if (w->expect && w->expect->at == w->end)
		w->expect->cr = true;
	if (!w->best)
		return;
	w->m->p = w->p;
	if (w->have_best) {
		bool differ = false;
		int c = compare(w->best, w->m, from, w->end, &differ);
		if (c < 0 || (c == 0 && w->best->p == w->p))
			return;
		if (c == 0 && !(w->p->negative && !w->best->p->negative)) {
			w->ambiguous |= differ;
			return; /* the same words: the first phrase has it, a `no` phrase before any */
		}
	}
	w->ambiguous = false;
	w->have_best = true;
	/* only what is filled */
	w->best->p = w->m->p;
	w->best->n = w->m->n;
	w->best->used = w->m->used;
	memcpy(w->best->b, w->m->b, w->m->n * sizeof(w->m->b[0]));
	memcpy(w->best->rank, w->m->rank, sizeof(w->m->rank));
	memcpy(w->best->lit, w->m->lit, sizeof(w->m->lit));
	memcpy(w->best->store, w->m->store, w->m->used);
}

/* After `no`: may the rest of the phrase be left out from token i on? A list around says nothing of the node yet. */
static bool
may_cut(const struct walk *w, unsigned i)
{
	const struct cli_phrase *p = w->p;
	bool value_before = false;
	if (!w->negated || p->negative)
		return false;
	for (unsigned k = i; k < p->n; k++)
		if (p->tok[k].kind == CLI_VALUE && p->tok[k].key)
			return false;
	for (unsigned k = 0; k < i; k++)
		value_before |= p->tok[k].kind == CLI_VALUE && !p->tok[k].up;
	return value_before || p->tok[i].kind != CLI_WORD;
}

static unsigned
take_group(struct walk *w, const struct cli_token *g, unsigned at)
{
	unsigned start = at;
	for (unsigned k = 0; k < g->group_n; k++) {
		unsigned n = take(w, &g->group[k], at);
		if (!n && !(g->group[k].omitted && bind(w, &g->group[k], g->group[k].omitted)))
			return 0;
		at += n;
	}
	return at - start;
}

/* Tokens [i, n) against words [at, end); used: bits of the groups of this run already taken. */
static void
walk_from(struct walk *w, unsigned i, unsigned at, uint32_t used, unsigned from)
{
	const struct cli_phrase *p = w->p;
	unsigned n = w->m->n, bytes = w->m->used;
	if (i == p->n) {
		if (at > w->furthest)
			w->furthest = at;
		if (at == w->end)
			accept(w, from);
		return;
	}
	if (at == w->end && may_cut(w, i))
		accept(w, from);
	if (p->tok[i].kind != CLI_GROUP) {
		unsigned k = take(w, &p->tok[i], at);
		if (k)
			walk_from(w, i + 1, at + k, 0, from);
	} else {
		unsigned end = i;
		while (end < p->n && p->tok[end].kind == CLI_GROUP)
			end++;
		for (unsigned g = i; g < end; g++) {
			if (used & (1u << (g - i)))
				continue;
			unsigned k = take_group(w, &p->tok[g], at);
			if (k)
				walk_from(w, i, at + k, used | (1u << (g - i)), from);
			w->m->n = n;
			w->m->used = bytes;
		}
		walk_from(w, end, at, 0, from);
	}
	w->m->n = n;
	w->m->used = bytes;
}

static bool
wanted(const struct cli_phrase *p, bool negated)
{
	return negated || !p->negative;
}

static void
expect_walk(struct walk *w, const struct cli_phrase *const *p, unsigned n, unsigned from, bool alias)
{
	for (unsigned i = 0; i < n; i++) {
		if (!wanted(p[i], w->negated) || p[i]->alias != alias)
			continue;
		w->p = p[i];
		w->m->n = w->m->used = 0;
		walk_from(w, 0, from, 0, from);
	}
}

void
phrases_expect(const struct cli_phrase *const *p, unsigned n, const struct cli_line *l, unsigned from,
	unsigned at, bool negated, struct cli_expect *out)
{
	static struct cli_match scratch;
	bool exact[CLI_WORDS_MAX] = {false};
	struct cli_expect first = {.at = at};
	struct walk w = {.l = l, .end = at, .negated = negated, .m = &scratch, .expect = &first, .exact = exact};
	expect_walk(&w, p, n, from, false);
	expect_walk(&w, p, n, from, true);
	unsigned before = out->n;
	w.prune = true;
	w.expect = out;
	out->at = at;
	expect_walk(&w, p, n, from, false);
	if (out->n == before && !out->cr) /* other forms only where nothing else fits */
		expect_walk(&w, p, n, from, true);
}

static void
expected_append(struct cli_fault *f, const char *text)
{
	size_t have = strlen(f->expected);
	if (have + strlen(text) + 6 > sizeof(f->expected)) {
		if (have + 6 < sizeof(f->expected) && (have < 3 || strcmp(f->expected + have - 3, "...")))
			memcpy(f->expected + have, ", ...", sizeof(", ..."));
		return;
	}
	snprintf(f->expected + have, sizeof(f->expected) - have, "%s%s", have ? ", " : "", text);
}

void
fault_from_expect(struct cli_fault *f, const struct cli_line *l, const struct cli_expect *e)
{
	f->word = e->at;
	f->col = e->at < l->n ? l->w[e->at].col : l->end + 1;
	f->expected[0] = '\0';
	for (unsigned i = 0; i < e->n; i++) {
		const struct cli_token *t = e->tok[i];
		if (t->kind == CLI_VALUE && t->type->choices)
			for (const struct cli_choice *c = t->type->choices; c->name; c++)
				expected_append(f, c->name);
		else
			expected_append(f, t->kind == CLI_VALUE ? t->type->shown : t->word);
	}
	if (e->cr)
		expected_append(f, "<cr>");
}

/* An abbreviation where another phrase has the very word: `ip route 1.2.3.4` sets no router id. */
static bool
hides_exact(const struct cli_phrase *const *p, unsigned n, const struct cli_line *l, unsigned from, bool negated,
	const struct cli_match *best, unsigned *at)
{
	static struct cli_match scratch;
	bool exact[CLI_WORDS_MAX] = {false}, any = false;
	for (unsigned i = from; i < l->n && !any; i++)
		any = best->rank[i] == RANK_SHORT;
	if (!any)
		return false;
	struct walk w = {.l = l, .end = l->n, .negated = negated, .m = &scratch, .exact = exact};
	expect_walk(&w, p, n, from, false);
	for (unsigned i = from; i < l->n; i++)
		if (best->rank[i] == RANK_SHORT && exact[i]) {
			*at = i + 1;
			return true;
		}
	return false;
}

enum cli_fate
phrases_match(const struct cli_phrase *const *p, unsigned n, const struct cli_line *l, unsigned from,
	bool negated, struct cli_match *out, struct cli_fault *fault)
{
	static struct cli_match scratch;
	struct walk w = {.l = l, .end = l->n, .negated = negated, .m = &scratch, .best = out};
	w.furthest = from;
	for (unsigned i = 0; i < n; i++) {
		if (!wanted(p[i], negated))
			continue;
		/* the common case by far: the first word is another one */
		if (p[i]->tok[0].kind == CLI_WORD && from < l->n && !literal_rank(p[i]->tok[0].word, &l->w[from]))
			continue;
		w.p = p[i];
		scratch.n = scratch.used = 0;
		walk_from(&w, 0, from, 0, from);
	}
	struct cli_expect e = {.n = 0};
	if (w.have_best && !w.ambiguous) {
		unsigned at;
		if (!hides_exact(p, n, l, from, negated, out, &at))
			return CLI_OK;
		phrases_expect(p, n, l, from, at, negated, &e);
		fault_from_expect(fault, l, &e);
		return fault->fate = at >= l->n ? CLI_INCOMPLETE : CLI_UNKNOWN;
	}
	phrases_expect(p, n, l, from, w.furthest, negated, &e);
	fault_from_expect(fault, l, &e);
	return fault->fate = w.have_best ? CLI_AMBIGUOUS : w.furthest >= l->n ? CLI_INCOMPLETE : CLI_UNKNOWN;
}

/* What is shown of a wrong line: its control characters are nobody's commands to a terminal. */
void
text_tame(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = *s == '\t' ? ' ' : '?';
}

void
fault_print(const struct cli_fault *f, const struct cli_line *l, void (*emit)(void *, const char *), void *arg)
{
	char buf[CLI_LINE_MAX + 1024];
	const char *head = "% Unknown command: ";
	switch (f->fate) {
	case CLI_OK:
		return;
	case CLI_AMBIGUOUS:
		emit(arg, "% Ambiguous command.");
		return;
	case CLI_INCOMPLETE:
		emit(arg, "% Command incomplete.");
		if (f->expected[0]) {
			snprintf(buf, sizeof(buf), "%%   expected: %s", f->expected);
			emit(arg, buf);
		}
		return;
	case CLI_UNKNOWN:
		break;
	}
	snprintf(buf, sizeof(buf), "%s%s", head, l->raw);
	text_tame(buf);
	emit(arg, buf);
	if (f->expected[0]) {
		snprintf(buf, sizeof(buf), "%%%*s^ expected: %s", (int)(strlen(head) - 1 + f->col), "", f->expected);
		emit(arg, buf);
	}
}
