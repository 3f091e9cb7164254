/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NDJSON writer: appends to one growing buffer, so a row costs no allocation once the buffer
 * has its size. Owns the buffer.
 * Invariants: depth counts open objects and arrays (1 = the row's own object); bit d of comma says
 * that the container at depth d has a member already; bit d of `arrays` that it is an array.
 */
#include "lib/rows.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

#define ROWS_MAX_DEPTH 63

void
rows_init(struct rows *r, size_t soft_limit)
{
	*r = (struct rows){.soft_limit = soft_limit};
}

void
rows_free(struct rows *r)
{
	mem_free(r->buf);
	*r = (struct rows){.soft_limit = r->soft_limit};
}

void
rows_clear(struct rows *r)
{
	r->len = 0;
	r->depth = 0;
}

bool
rows_full(const struct rows *r)
{
	return r->soft_limit && r->len >= r->soft_limit;
}

/* Room for n octets more; the caller advances len by what it used. */
static char *
rows_room(struct rows *r, size_t n)
{
	if (r->cap - r->len < n) {
		size_t cap = r->cap ? r->cap * 2 : 4096;
		while (cap - r->len < n)
			cap *= 2;
		r->buf = mem_realloc(r->buf, cap);
		r->cap = cap;
	}
	return r->buf + r->len;
}

static void
put_bytes(struct rows *r, const char *s, size_t n)
{
	memcpy(rows_room(r, n), s, n);
	r->len += n;
}

static void
put_char(struct rows *r, char c)
{
	*rows_room(r, 1) = c;
	r->len++;
}

static void
put_uint(struct rows *r, uint64_t v)
{
	static const char digits[201] = "0001020304050607080910111213141516171819"
					"2021222324252627282930313233343536373839"
					"4041424344454647484950515253545556575859"
					"6061626364656667686970717273747576777879"
					"8081828384858687888990919293949596979899";
	char text[20];
	size_t at = sizeof(text);
	for (; v >= 100; v /= 100) {
		at -= 2;
		memcpy(text + at, digits + v % 100 * 2, 2);
	}
	if (v >= 10) {
		at -= 2;
		memcpy(text + at, digits + v * 2, 2);
	} else {
		text[--at] = (char)('0' + v);
	}
	put_bytes(r, text + at, sizeof(text) - at);
}

/*
 * The length of the well-formed UTF-8 sequence at s (RFC 3629 4), 0 if it is none. Never looks
 * behind a NUL, since NUL is no continuation octet.
 */
static size_t
utf8_len(const uint8_t *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return (s[1] & 0xc0) == 0x80 ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		uint8_t low = s[0] == 0xe0 ? 0xa0 : 0x80, high = s[0] == 0xed ? 0x9f : 0xbf;
		if (s[1] < low || s[1] > high)
			return 0;
		return (s[2] & 0xc0) == 0x80 ? 3 : 0;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		uint8_t low = s[0] == 0xf0 ? 0x90 : 0x80, high = s[0] == 0xf4 ? 0x8f : 0xbf;
		if (s[1] < low || s[1] > high || (s[2] & 0xc0) != 0x80)
			return 0;
		return (s[3] & 0xc0) == 0x80 ? 4 : 0;
	}
	return 0;
}

/* One character that may not stand in a string as it is (RFC 8259 7). */
static void
put_escape(struct rows *r, uint8_t c)
{
	static const char hex[] = "0123456789abcdef";
	static const char named[128] = {['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
		['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
	char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
	if (named[c]) {
		text[1] = named[c];
		put_bytes(r, text, 2);
	} else {
		put_bytes(r, text, 6);
	}
}

static void
put_string(struct rows *r, const char *value)
{
	const uint8_t *s = (const uint8_t *)value;
	put_char(r, '"');
	while (*s) {
		const uint8_t *start = s;
		size_t n = 1;
		while (*s >= 0x20 && *s != '"' && *s != '\\' && *s != 0x7f && (n = utf8_len(s)))
			s += n;
		if (s > start)
			put_bytes(r, (const char *)start, (size_t)(s - start));
		if (!*s)
			break;
		if (*s < 0x80)
			put_escape(r, *s);
		else
			put_bytes(r, "\xef\xbf\xbd", 3); /* U+FFFD for each octet that is no UTF-8 */
		s++;
	}
	put_char(r, '"');
}

static void
put_comma(struct rows *r)
{
	uint64_t bit = UINT64_C(1) << r->depth;
	if (r->comma & bit)
		put_char(r, ',');
	r->comma |= bit;
}

/* The comma, and "name": unless inside an array. Names are ours and need no escaping. */
static void
put_name(struct rows *r, const char *name)
{
	assert(r->depth && !name == !!(r->arrays >> r->depth & 1));
	put_comma(r);
	if (!name)
		return;
	size_t n = strlen(name);
	char *s = rows_room(r, n + 3);
	s[0] = '"';
	memcpy(s + 1, name, n);
	s[n + 1] = '"';
	s[n + 2] = ':';
	r->len += n + 3;
}

static void
row_open(struct rows *r, bool array)
{
	assert(r->depth < ROWS_MAX_DEPTH);
	put_char(r, array ? '[' : '{');
	r->depth++;
	uint64_t bit = UINT64_C(1) << r->depth;
	r->comma &= ~bit;
	r->arrays = array ? r->arrays | bit : r->arrays & ~bit;
}

void
row_begin(struct rows *r)
{
	assert(!r->depth);
	row_open(r, false);
}

void
row_end(struct rows *r)
{
	assert(r->depth == 1);
	row_close(r);
	put_char(r, '\n');
}

void
row_object(struct rows *r, const char *name)
{
	put_name(r, name);
	row_open(r, false);
}

void
row_array(struct rows *r, const char *name)
{
	put_name(r, name);
	row_open(r, true);
}

void
row_close(struct rows *r)
{
	assert(r->depth);
	put_char(r, r->arrays >> r->depth & 1 ? ']' : '}');
	r->depth--;
}

void
row_str(struct rows *r, const char *name, const char *value)
{
	if (!value)
		return;
	put_name(r, name);
	put_string(r, value);
}

void
row_printf(struct rows *r, const char *name, const char *fmt, ...)
{
	char text[512], *longer = NULL;
	va_list ap;
	va_start(ap, fmt);
	int len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(text)) {
		longer = mem_alloc((size_t)len + 1);
		va_start(ap, fmt);
		vsnprintf(longer, (size_t)len + 1, fmt, ap);
		va_end(ap);
	}
	if (len >= 0)
		row_str(r, name, longer ? longer : text);
	mem_free(longer);
}

void
row_uint(struct rows *r, const char *name, uint64_t value)
{
	put_name(r, name);
	put_uint(r, value);
}

void
row_int(struct rows *r, const char *name, int64_t value)
{
	put_name(r, name);
	if (value < 0)
		put_char(r, '-');
	put_uint(r, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void
row_bool(struct rows *r, const char *name, bool value)
{
	put_name(r, name);
	put_bytes(r, value ? "true" : "false", value ? 4 : 5);
}

static void
put_plain(struct rows *r, const char *name, const char *text)
{
	put_name(r, name);
	put_char(r, '"');
	put_bytes(r, text, strlen(text));
	put_char(r, '"');
}

void
row_addr(struct rows *r, const char *name, const struct ipaddr *a)
{
	char text[IPADDR_STRLEN];
	if (a->afi != AFI_NONE)
		put_plain(r, name, ipaddr_print(a, text));
}

void
row_ip4(struct rows *r, const char *name, uint32_t host_order)
{
	char text[IPADDR_STRLEN];
	put_plain(r, name, ip4_print(host_order, text));
}

void
row_prefix(struct rows *r, const char *name, const struct prefix *p)
{
	char text[PREFIX_STRLEN];
	if (p->afi != AFI_NONE)
		put_plain(r, name, prefix_print(p, text));
}

static void
row_enum(struct rows *r, const struct row_field *f, const void *at)
{
	row_str(r, f->name, f->names[*(const unsigned *)at]);
}

static void
row_field(struct rows *r, const struct row_field *f, const void *at)
{
	switch (f->type) {
	case ROW_U8:
		row_uint(r, f->name, *(const uint8_t *)at);
		return;
	case ROW_U16:
		row_uint(r, f->name, *(const uint16_t *)at);
		return;
	case ROW_U32:
		row_uint(r, f->name, *(const uint32_t *)at);
		return;
	case ROW_U64:
		row_uint(r, f->name, *(const uint64_t *)at);
		return;
	case ROW_S32:
		row_int(r, f->name, *(const int32_t *)at);
		return;
	case ROW_S64:
		row_int(r, f->name, *(const int64_t *)at);
		return;
	case ROW_BOOL:
		row_bool(r, f->name, *(const bool *)at);
		return;
	case ROW_STR:
		row_str(r, f->name, at);
		return;
	case ROW_STRP:
		row_str(r, f->name, *(const char *const *)at);
		return;
	case ROW_IP4:
		row_ip4(r, f->name, *(const uint32_t *)at);
		return;
	case ROW_ADDR:
		row_addr(r, f->name, at);
		return;
	case ROW_PREFIX:
		row_prefix(r, f->name, at);
		return;
	case ROW_ENUM:
		row_enum(r, f, at);
		return;
	}
}

void
row_fields(struct rows *r, const struct row_field *fields, const void *obj)
{
	for (; fields->name; fields++)
		row_field(r, fields, (const char *)obj + fields->offset);
}
