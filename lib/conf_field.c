/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row of a configuration table: a leaf's text into its field, a field back to zero, two fields
 * compared. Pure. A type is a row of field_types[].
 */
#include "lib/conf_field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/prefix.h"

typedef bool conf_parse_fn(const struct conf_field *f, const char *value, void *out);

static bool
conf_parse_unsigned(const char *text, uint64_t limit, uint64_t *out)
{
	uint64_t n = 0;
	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)(*text - '0');
		if (digit > 9 || n > (limit - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return n <= limit;
}

static bool
conf_parse_bool(const struct conf_field *f, const char *value, void *out)
{
	(void)f;
	bool yes = !strcmp(value, "true");
	if (!yes && strcmp(value, "false") != 0)
		return false;
	*(bool *)out = yes;
	return true;
}

static bool
conf_parse_present(const struct conf_field *f, const char *value, void *out)
{
	(void)f;
	(void)value;
	*(bool *)out = true;
	return true;
}

static bool
conf_parse_u8(const struct conf_field *f, const char *value, void *out)
{
	uint64_t n;
	(void)f;
	if (!conf_parse_unsigned(value, UINT8_MAX, &n))
		return false;
	*(uint8_t *)out = (uint8_t)n;
	return true;
}

static bool
conf_parse_u16(const struct conf_field *f, const char *value, void *out)
{
	uint64_t n;
	(void)f;
	if (!conf_parse_unsigned(value, UINT16_MAX, &n))
		return false;
	*(uint16_t *)out = (uint16_t)n;
	return true;
}

static bool
conf_parse_u32(const struct conf_field *f, const char *value, void *out)
{
	uint64_t n;
	(void)f;
	if (!conf_parse_unsigned(value, UINT32_MAX, &n))
		return false;
	*(uint32_t *)out = (uint32_t)n;
	return true;
}

static bool
conf_parse_u64(const struct conf_field *f, const char *value, void *out)
{
	(void)f;
	return conf_parse_unsigned(value, UINT64_MAX, out);
}

static bool
conf_parse_s32(const struct conf_field *f, const char *value, void *out)
{
	uint64_t n;
	bool minus = *value == '-';
	(void)f;
	if (!conf_parse_unsigned(value + minus, (uint64_t)INT32_MAX + minus, &n))
		return false;
	*(int32_t *)out = (int32_t)(minus ? -(int64_t)n : (int64_t)n);
	return true;
}

static bool
conf_parse_string(const struct conf_field *f, const char *value, void *out)
{
	size_t len = strlen(value);
	if (len >= f->size)
		return false;
	memset(out, 0, f->size); /* so that equal strings are equal octets */
	memcpy(out, value, len);
	return true;
}

/* Router ids and area ids: YANG has them dotted or as a number. */
static bool
conf_parse_ip4(const struct conf_field *f, const char *value, void *out)
{
	return ip4_parse(value, out) || conf_parse_u32(f, value, out);
}

static bool
conf_parse_addr(const struct conf_field *f, const char *value, void *out)
{
	(void)f;
	if (!*value) { /* gt:optional-ip-address */
		*(struct ipaddr *)out = (struct ipaddr){.afi = AFI_NONE};
		return true;
	}
	return ipaddr_parse(value, out);
}

static bool
conf_parse_prefix(const struct conf_field *f, const char *value, void *out)
{
	(void)f;
	return prefix_parse(value, false, out);
}

static bool
conf_parse_ifaddr(const struct conf_field *f, const char *value, void *out)
{
	struct prefix p;
	struct ipaddr a;
	char text[IPADDR_STRLEN];
	size_t len = strcspn(value, "/");
	(void)f;
	if (len >= sizeof(text) || !prefix_parse(value, false, &p))
		return false;
	memcpy(text, value, len);
	text[len] = '\0';
	if (!ipaddr_parse(text, &a))
		return false;
	memcpy(p.b, a.b, sizeof(p.b));
	*(struct prefix *)out = p;
	return true;
}

static bool
conf_parse_enum(const struct conf_field *f, const char *value, void *out)
{
	const char *bare = strchr(value, ':'); /* an identity carries its module */
	for (unsigned i = 0; f->names[i]; i++)
		if (!strcmp(f->names[i], value) || (bare && !strcmp(f->names[i], bare + 1))) {
			*(unsigned *)out = i;
			return true;
		}
	return false;
}

static const struct {
	size_t size; /* 0: the field's own */
	conf_parse_fn *parse;
	const char *what;
} field_types[] = {
	[CONF_BOOL] = {sizeof(bool), conf_parse_bool, "true or false"},
	[CONF_PRESENCE] = {sizeof(bool), conf_parse_present, ""},
	[CONF_SET] = {sizeof(bool), conf_parse_present, ""},
	[CONF_U8] = {sizeof(uint8_t), conf_parse_u8, "a number up to 255"},
	[CONF_U16] = {sizeof(uint16_t), conf_parse_u16, "a number up to 65535"},
	[CONF_U32] = {sizeof(uint32_t), conf_parse_u32, "a number up to 4294967295"},
	[CONF_U64] = {sizeof(uint64_t), conf_parse_u64, "a number"},
	[CONF_S32] = {sizeof(int32_t), conf_parse_s32, "a number of 32 bits"},
	[CONF_STRING] = {0, conf_parse_string, "a shorter text"},
	[CONF_IP4] = {sizeof(uint32_t), conf_parse_ip4, "a dotted quad"},
	[CONF_ADDR] = {sizeof(struct ipaddr), conf_parse_addr, "an address"},
	[CONF_PREFIX] = {sizeof(struct prefix), conf_parse_prefix, "a prefix"},
	[CONF_IFADDR] = {sizeof(struct prefix), conf_parse_ifaddr, "an address with its prefix length"},
	[CONF_ENUM] = {sizeof(unsigned), conf_parse_enum, "a name known here"},
};

static size_t
conf_field_size(const struct conf_field *f)
{
	return field_types[f->type].size ? field_types[f->type].size : f->size;
}

bool
conf_field_set(const struct conf_field *f, unsigned char *data, const char *value,
	struct conf_error *err)
{
	if (field_types[f->type].parse(f, value, data + f->offset))
		return true;
	snprintf(err->message, sizeof(err->message), "'%.100s' is not %s", value,
		field_types[f->type].what);
	return false;
}

void
conf_field_clear(const struct conf_field *f, unsigned char *data)
{
	memset(data + f->offset, 0, conf_field_size(f));
}

bool
conf_field_equal(const struct conf_field *f, const unsigned char *a, const unsigned char *b)
{
	return !memcmp(a + f->offset, b + f->offset, conf_field_size(f));
}
