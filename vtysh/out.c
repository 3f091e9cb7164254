/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output line by line: a chain of filters, then stdout, a pager or a file. A line is passed on as soon
 * as it is whole, so large tables stream. Owns the filters of the command that runs.
 */
#include "vtysh/out.h"

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "lib/mem.h"

enum filter_kind { F_INCLUDE, F_EXCLUDE, F_BEGIN, F_SECTION, F_COUNT, F_LAST, F_NO_MORE, F_JSON, F_REDIRECT, F_COMPARE };

struct filter {
	enum filter_kind kind;
	regex_t re;
	bool on;            /* begin: found; section: inside */
	unsigned indent;    /* section: of its head */
	unsigned long count;
	char **ring;        /* last: lines kept */
	unsigned last, at;
};

#define FILTERS_MAX 8
struct out {
	struct filter f[FILTERS_MAX];
	unsigned n;
	char *line;
	size_t len, cap;
	FILE *base;         /* stdout */
	FILE *file;         /* base, or what redirect opened */
	FILE *pager;
	unsigned page, shown;
	bool stopped;
};

static const struct {
	const char *name;
	enum filter_kind kind;
	bool arg;
} kinds[] = {
	{"include", F_INCLUDE, true}, {"exclude", F_EXCLUDE, true}, {"begin", F_BEGIN, true},
	{"section", F_SECTION, true}, {"count", F_COUNT, false}, {"last", F_LAST, true},
	{"no-more", F_NO_MORE, false}, {"json", F_JSON, false}, {"redirect", F_REDIRECT, true},
	{"compare", F_COMPARE, false},
};

struct out *
out_new(void)
{
	struct out *o = mem_zalloc(sizeof(*o));
	o->base = o->file = stdout;
	return o;
}

void
out_to(struct out *o, FILE *f)
{
	o->base = o->file = f;
}

static bool
filter_open(struct out *o, struct filter *f, const char *arg, char *err, size_t size)
{
	int bad = 0;
	switch (f->kind) {
	case F_INCLUDE:
	case F_EXCLUDE:
	case F_BEGIN:
	case F_SECTION:
		bad = regcomp(&f->re, arg, REG_EXTENDED | REG_NOSUB);
		if (bad)
			regerror(bad, &f->re, err, size);
		return !bad;
	case F_LAST:
		f->last = (unsigned)strtoul(arg, NULL, 10);
		if (!f->last || f->last > 100000) {
			snprintf(err, size, "last: expected (1-100000)");
			return false;
		}
		f->ring = mem_array(f->last, sizeof(char *));
		return true;
	case F_REDIRECT:
		o->file = fopen(arg, "we");
		if (!o->file) {
			o->file = o->base;
			snprintf(err, size, "%s: cannot be written", arg);
			return false;
		}
		return true;
	case F_COUNT:
	case F_NO_MORE:
	case F_JSON:
	case F_COMPARE:
		break;
	}
	return true;
}

/* One "include X" of the chain. */
static bool
filter_add(struct out *o, char *text, char *err, size_t size)
{
	while (*text == ' ')
		text++;
	for (size_t n = strlen(text); n && text[n - 1] == ' ';)
		text[--n] = '\0';
	size_t word = strcspn(text, " ");
	char *arg = text + word + strspn(text + word, " ");
	unsigned found = 0, which = 0;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!word || strncmp(kinds[i].name, text, word))
			continue;
		which = i;
		found++;
		if (!kinds[i].name[word]) {
			found = 1;
			break;
		}
	}
	if (found != 1 || o->n == FILTERS_MAX || (!*arg) == kinds[which].arg) {
		snprintf(err, size, found > 1 ? "%% Ambiguous filter: %s" : found ? "%% Filter needs %s argument: %s"
			: "%% Unknown filter: %s (include|exclude|begin|section|count|last|no-more|json|redirect)",
			found == 1 ? (kinds[which].arg ? "an" : "no") : text, text);
		return false;
	}
	size_t n = strlen(arg); /* "quoted text" */
	if (n > 1 && arg[0] == '"' && arg[n - 1] == '"') {
		arg[n - 1] = '\0';
		arg++;
	}
	struct filter *f = &o->f[o->n];
	memset(f, 0, sizeof(*f));
	f->kind = kinds[which].kind;
	if (!filter_open(o, f, arg, err, size))
		return false;
	o->n++;
	return true;
}

/* The | that begins the next filter: not inside quotes, and before a word. */
static char *
next_bar(char *s)
{
	bool quoted = false;
	for (; *s; s++) {
		if (*s == '"')
			quoted = !quoted;
		if (*s == '|' && !quoted && s[1] == ' ')
			return s;
	}
	return NULL;
}

bool
out_begin(struct out *o, const char *pipes, unsigned page, bool *json, bool *compare, char *err, size_t size)
{
	char *copy = mem_strdup(pipes ? pipes : ""), *p = copy;
	bool ok = true;
	o->n = 0;
	o->len = 0;
	o->stopped = false;
	o->file = o->base;
	o->page = page;
	o->shown = 0;
	o->pager = NULL;
	err[0] = '\0';
	while (ok && *p) {
		char *bar = next_bar(p);
		if (bar)
			*bar = '\0';
		ok = filter_add(o, p, err, size);
		p = bar ? bar + 1 : p + strlen(p);
	}
	mem_free(copy);
	for (unsigned i = 0; i < o->n; i++) {
		*json |= o->f[i].kind == F_JSON;
		*compare |= o->f[i].kind == F_COMPARE;
		if (o->f[i].kind == F_NO_MORE || o->f[i].kind == F_REDIRECT)
			o->page = 0;
	}
	const char *cmd = getenv("VTYSH_PAGER");
	if (ok && o->page && cmd && *cmd) {
		o->pager = popen(cmd, "we");
		if (o->pager)
			o->file = o->pager;
		o->page = 0;
	}
	return ok;
}

/* --- the pager ---------------------------------------------------------------------------------- */
static void
more(struct out *o)
{
	struct termios old, raw;
	char c = 'q';
	if (tcgetattr(STDIN_FILENO, &old) < 0)
		return;
	raw = old;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	fputs("--More--", stdout);
	fflush(stdout);
	if (read(STDIN_FILENO, &c, 1) != 1)
		c = 'q';
	tcsetattr(STDIN_FILENO, TCSANOW, &old);
	fputs("\r        \r", stdout);
	if (c == 'q' || c == 'Q' || c == 3)
		o->stopped = true;
	o->shown = c == '\n' || c == '\r' ? o->page - 1 : 0;
}

static void
emit(struct out *o, const char *line)
{
	if (o->stopped)
		return;
	if (o->page > 1 && o->shown + 1 >= o->page) {
		more(o);
		if (o->stopped)
			return;
	}
	fputs(line, o->file);
	if (fputc('\n', o->file) == EOF)
		o->stopped = true;
	o->shown++;
}

/* --- the chain ---------------------------------------------------------------------------------- */
static unsigned
indent_of(const char *s)
{
	return (unsigned)strspn(s, " ");
}

/* A head that matches and what is indented below it. */
static bool
section_wants(struct filter *f, const char *line)
{
	if (f->on && *line && indent_of(line) > f->indent)
		return true;
	f->on = !regexec(&f->re, line, 0, NULL, 0);
	f->indent = indent_of(line);
	return f->on;
}

static void
ring_put(struct filter *f, const char *line)
{
	mem_free(f->ring[f->at]);
	f->ring[f->at] = mem_strdup(line);
	f->at = (f->at + 1) % f->last;
}

static void
pass(struct out *o, unsigned i, const char *line)
{
	for (; i < o->n; i++) {
		struct filter *f = &o->f[i];
		switch (f->kind) {
		case F_INCLUDE:
			if (regexec(&f->re, line, 0, NULL, 0))
				return;
			break;
		case F_EXCLUDE:
			if (!regexec(&f->re, line, 0, NULL, 0))
				return;
			break;
		case F_BEGIN:
			f->on |= !regexec(&f->re, line, 0, NULL, 0);
			if (!f->on)
				return;
			break;
		case F_SECTION:
			if (!section_wants(f, line))
				return;
			break;
		case F_COUNT:
			f->count++;
			return;
		case F_LAST:
			ring_put(f, line);
			return;
		case F_NO_MORE:
		case F_JSON:
		case F_REDIRECT:
		case F_COMPARE:
			break;
		}
	}
	emit(o, line);
}

static void
filter_end(struct out *o, unsigned i)
{
	struct filter *f = &o->f[i];
	char text[64];
	if (f->kind == F_COUNT) {
		snprintf(text, sizeof(text), "Count: %lu lines", f->count);
		pass(o, i + 1, text);
	}
	for (unsigned k = 0; f->kind == F_LAST && k < f->last; k++) {
		unsigned at = (f->at + k) % f->last;
		if (f->ring[at])
			pass(o, i + 1, f->ring[at]);
		mem_free(f->ring[at]);
	}
	if (f->kind == F_LAST)
		mem_free(f->ring);
	if (f->kind <= F_SECTION)
		regfree(&f->re);
}

void
out_end(struct out *o)
{
	if (o->len) {
		o->line[o->len] = '\0';
		o->len = 0;
		pass(o, 0, o->line);
	}
	for (unsigned i = 0; i < o->n; i++)
		filter_end(o, i);
	o->n = 0;
	if (o->pager)
		pclose(o->pager);
	else if (o->file != o->base)
		fclose(o->file);
	o->pager = NULL;
	o->file = o->base;
	fflush(o->base);
}

void
out_free(struct out *o)
{
	mem_free(o->line);
	mem_free(o);
}

bool
out_stopped(const struct out *o)
{
	return o->stopped;
}

void
out_bytes(struct out *o, const char *text, size_t len)
{
	while (len) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl ? (size_t)(nl - text) : len;
		if (o->len + n + 1 > o->cap) {
			o->cap = 2 * (o->len + n + 1);
			o->line = mem_realloc(o->line, o->cap);
		}
		memcpy(o->line + o->len, text, n);
		o->len += n;
		if (!nl)
			return;
		o->line[o->len] = '\0';
		o->len = 0;
		pass(o, 0, o->line);
		text += n + 1;
		len -= n + 1;
	}
}

void
out_text(struct out *o, const char *text)
{
	out_bytes(o, text, strlen(text));
}

void
out_printf(struct out *o, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < sizeof(buf)) {
		out_bytes(o, buf, (size_t)n);
		return;
	}
	char *big = mem_alloc((size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, ap);
	va_end(ap);
	out_bytes(o, big, (size_t)n);
	mem_free(big);
}
