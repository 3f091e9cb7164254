/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong, in words: libyang's message and what the node's type would have taken. Owns nothing.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "mgmtd/yangdb.h"

#define TEXT_MAX 1024
#define YANG_PATH_STEPS 32u

struct text {
	char buf[TEXT_MAX];
	size_t len;
};

static void __attribute__((format(printf, 2, 3)))
text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(t->buf + t->len, sizeof(t->buf) - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n < sizeof(t->buf) - t->len ? (size_t)n : sizeof(t->buf) - t->len - 1;
}

static const struct {
	LY_DATA_TYPE type;
	bool is_signed;
	int64_t min;
	uint64_t max;
} number_types[] = {
	{LY_TYPE_UINT8, false, 0, UINT8_MAX},
	{LY_TYPE_UINT16, false, 0, UINT16_MAX},
	{LY_TYPE_UINT32, false, 0, UINT32_MAX},
	{LY_TYPE_UINT64, false, 0, UINT64_MAX},
	{LY_TYPE_INT8, true, INT8_MIN, INT8_MAX},
	{LY_TYPE_INT16, true, INT16_MIN, INT16_MAX},
	{LY_TYPE_INT32, true, INT32_MIN, INT32_MAX},
	{LY_TYPE_INT64, true, INT64_MIN, INT64_MAX},
};

static void
text_number(struct text *t, const struct lysc_type *type)
{
	for (size_t i = 0; i < sizeof(number_types) / sizeof(number_types[0]); i++) {
		if (number_types[i].type != type->basetype)
			continue;
		const struct lysc_range *r = ((const struct lysc_type_num *)(const void *)type)->range;
		text_add(t, "a number from");
		if (!r) {
			text_add(t, " %" PRId64 " to %" PRIu64, number_types[i].min, number_types[i].max);
			return;
		}
		LY_ARRAY_COUNT_TYPE p;
		LY_ARRAY_FOR(r->parts, p) {
			if (number_types[i].is_signed)
				text_add(t, "%s %" PRId64 " to %" PRId64, p ? " or" : "", r->parts[p].min_64,
					r->parts[p].max_64);
			else
				text_add(t, "%s %" PRIu64 " to %" PRIu64, p ? " or" : "", r->parts[p].min_u64,
					r->parts[p].max_u64);
		}
	}
}

static void
text_enum(struct text *t, const struct lysc_type *type)
{
	const struct lysc_type_enum *e = (const struct lysc_type_enum *)(const void *)type;
	text_add(t, "one of");
	LY_ARRAY_COUNT_TYPE i;
	LY_ARRAY_FOR(e->enums, i)
		text_add(t, "%s %s", i ? "," : "", e->enums[i].name);
}

static void
text_string(struct text *t, const struct lysc_type *type, const struct lysc_node *n)
{
	const struct lysc_type_str *s = (const struct lysc_type_str *)(const void *)type;
	if (s->patterns && n->dsc)
		text_add(t, "%s", n->dsc);
	if (!s->length)
		return;
	LY_ARRAY_COUNT_TYPE p;
	LY_ARRAY_FOR(s->length->parts, p)
		text_add(t, "%s%" PRIu64 " to %" PRIu64 " characters", p ? " or " : t->len ? ", " : "",
			s->length->parts[p].min_u64, s->length->parts[p].max_u64);
}

/* One UTF-8 character; its length, 0 if it is none. */
static unsigned
utf8_cut(const uint8_t *s, uint32_t *out)
{
	unsigned more = s[0] < 0x80 ? 0 : s[0] < 0xc2 ? 4 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : s[0] < 0xf5 ? 3 : 4;
	uint32_t c = more ? s[0] & (0x3fu >> more) : s[0];
	if (more == 4)
		return 0;
	for (unsigned i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80) /* the NUL at the end, too */
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if ((more == 2 && c < 0x800) || (more == 3 && c < 0x10000))
		return 0;
	*out = c;
	return more + 1;
}

bool
yang_text_is_good(const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	uint32_t c = 0;
	for (unsigned n; *s; s += n) {
		n = utf8_cut(s, &c);
		bool control = c < 0x20 && c != '\t' && c != '\n' && c != '\r';
		bool surrogate = c >= 0xd800 && c < 0xe000;
		bool nothing = (c >= 0xfdd0 && c < 0xfdf0) || (c & 0xfffe) == 0xfffe || c > 0x10ffff;
		if (!n || control || surrogate || nothing)
			return false;
	}
	return true;
}

/* RFC 7950 14, identifier. */
static const char *
name_skip(const char *s)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char later[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.";
	return *s && strchr(first, *s) ? s + strspn(s, later) : NULL;
}

static const char *
qualified_skip(const char *s)
{
	s = name_skip(s);
	return s && *s == ':' ? name_skip(s + 1) : s;
}

/* [name='value'] or [.="value"]; NULL: something else. */
static const char *
predicate_skip(const char *s)
{
	s = s[1] == '.' ? s + 2 : qualified_skip(s + 1);
	if (!s || s[0] != '=' || (s[1] != '\'' && s[1] != '"'))
		return NULL;
	const char *end = strchr(s + 2, s[1]);
	return end && end[1] == ']' ? end + 2 : NULL;
}

bool
yang_path_is_good(const char *path)
{
	const char *s = path;
	unsigned steps = 0;
	do {
		if (*s != '/' || ++steps > YANG_PATH_STEPS)
			return false;
		s = qualified_skip(s + 1);
		while (s && *s == '[')
			s = predicate_skip(s);
	} while (s && *s);
	return s != NULL;
}

char *
yang_expected(const struct lysc_node *n)
{
	if (!n || !(n->nodetype & (LYS_LEAF | LYS_LEAFLIST)))
		return NULL;
	const struct lysc_type *type = ((const struct lysc_node_leaf *)(const void *)n)->type;
	struct text t = {.len = 0};
	if (type->basetype == LY_TYPE_ENUM)
		text_enum(&t, type);
	else if (type->basetype == LY_TYPE_BOOL)
		text_add(&t, "true or false");
	else if (type->basetype == LY_TYPE_STRING)
		text_string(&t, type, n);
	else if (type->basetype == LY_TYPE_UNION)
		text_add(&t, "%s", n->dsc ? n->dsc : "");
	else
		text_number(&t, type);
	return t.len ? mem_strdup(t.buf) : NULL;
}

char *
yang_error_take(const struct yangdb *db, const struct lysc_node *n)
{
	const struct ly_err_item *e = ly_err_last(yangdb_ctx(db));
	const char *msg = e && e->msg ? e->msg : "refused";
	size_t len = strlen(msg);
	while (len && msg[len - 1] == '.')
		len--;
	char *expected = yang_expected(n);
	char *out = expected ? mem_printf("%.*s; expected: %s", (int)len, msg, expected)
			     : mem_printf("%.*s", (int)len, msg);
	mem_free(expected);
	ly_err_clean(yangdb_ctx(db), NULL);
	return out;
}
