/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/rows: the exact text of rows, escapes, and what becomes of octets that are no UTF-8. */
#include "lib/rows.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

static bool
reads(struct rows *r, const char *want)
{
	bool same = r->len == strlen(want) && !memcmp(r->buf, want, r->len);
	if (!same)
		printf("# got %.*s\n", (int)r->len, r->buf);
	rows_clear(r);
	return same;
}

static void
members_and_containers(void)
{
	struct rows r;
	rows_init(&r, 0);
	row_begin(&r);
	row_end(&r);
	CU_ASSERT_TRUE(reads(&r, "{}\n"));
	row_begin(&r);
	row_str(&r, "name", "eth0");
	row_str(&r, "absent", NULL);
	row_object(&r, "o");
	row_uint(&r, "a", 1);
	row_array(&r, "l");
	row_uint(&r, NULL, 1);
	row_object(&r, NULL);
	row_close(&r);
	row_object(&r, NULL);
	row_bool(&r, "t", true);
	row_bool(&r, "f", false);
	row_close(&r);
	row_str(&r, NULL, "x");
	row_close(&r);
	row_close(&r);
	row_array(&r, "empty");
	row_close(&r);
	row_printf(&r, "p", "%d-%s", 7, "q\"");
	row_end(&r);
	CU_ASSERT_TRUE(reads(&r, "{\"name\":\"eth0\",\"o\":{\"a\":1,\"l\":[1,{},{\"t\":true,\"f\":false},"
				 "\"x\"]},\"empty\":[],\"p\":\"7-q\\\"\"}\n"));
	rows_free(&r);
}

static void
numbers(void)
{
	static const struct {
		uint64_t u;
		const char *text;
	} cases[] = {{0, "0"}, {9, "9"}, {10, "10"}, {99, "99"}, {100, "100"}, {101, "101"},
		{12345, "12345"}, {4294967295, "4294967295"}, {UINT64_MAX, "18446744073709551615"}};
	struct rows r;
	char want[100];
	rows_init(&r, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		row_begin(&r);
		row_uint(&r, "u", cases[i].u);
		row_end(&r);
		snprintf(want, sizeof(want), "{\"u\":%s}\n", cases[i].text);
		CU_ASSERT_TRUE(reads(&r, want));
	}
	row_begin(&r);
	row_int(&r, "a", INT64_MIN);
	row_int(&r, "b", -1);
	row_int(&r, "c", INT64_MAX);
	row_end(&r);
	CU_ASSERT_TRUE(reads(&r, "{\"a\":-9223372036854775808,\"b\":-1,\"c\":9223372036854775807}\n"));
	rows_free(&r);
}

static void
strings_are_escaped(void)
{
#define BAD "\xef\xbf\xbd"
	static const struct {
		const char *in, *out;
	} cases[] = {{"", ""}, {"plain", "plain"}, {"a\"b\\c/d", "a\\\"b\\\\c/d"},
		{"\b\f\n\r\t", "\\b\\f\\n\\r\\t"}, {"\x01\x1f\x7f", "\\u0001\\u001f\\u007f"},
		{"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb4", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb4"},
		{"\xff", BAD}, {"\x80x", BAD "x"}, {"\xc3", BAD}, {"\xc3(", BAD "("},
		{"\xe2\x82", BAD BAD}, {"\xf0\x9f\x90", BAD BAD BAD},
		{"\xc0\xaf", BAD BAD},                                 /* overlong */
		{"\xe0\x80\xaf", BAD BAD BAD}, {"\xed\xa0\x80", BAD BAD BAD}, /* surrogate */
		{"\xf4\x90\x80\x80", BAD BAD BAD BAD},                 /* above U+10FFFF */
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"}, {"\xee\x80\x80", "\xee\x80\x80"}};
	struct rows r;
	char want[100];
	rows_init(&r, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		row_begin(&r);
		row_str(&r, "s", cases[i].in);
		row_end(&r);
		snprintf(want, sizeof(want), "{\"s\":\"%s\"}\n", cases[i].out);
		CU_ASSERT_TRUE(reads(&r, want));
	}
	rows_free(&r);
}

static void
addresses(void)
{
	struct rows r;
	struct ipaddr none = {.afi = AFI_NONE}, six;
	struct prefix p = prefix_from_ip4(0x0a000000, 8), nothing = {.afi = AFI_NONE};
	CU_ASSERT_TRUE(ipaddr_parse("2001:db8::1", &six));
	rows_init(&r, 0);
	row_begin(&r);
	row_addr(&r, "none", &none);
	row_prefix(&r, "nothing", &nothing);
	row_addr(&r, "six", &six);
	row_ip4(&r, "ip", 0xc0000201);
	row_prefix(&r, "p", &p);
	row_end(&r);
	CU_ASSERT_TRUE(reads(&r, "{\"six\":\"2001:db8::1\",\"ip\":\"192.0.2.1\",\"p\":\"10.0.0.0/8\"}\n"));
	rows_free(&r);
}

struct thing {
	uint8_t u8;
	uint16_t u16;
	uint32_t u32, ip;
	uint64_t u64;
	int32_t s32;
	int64_t s64;
	bool flag;
	char name[8];
	const char *text, *no_text;
	unsigned state;
	struct ipaddr addr;
	struct prefix prefix;
};

static void
tables_of_fields(void)
{
	static const char *const states[] = {"down", "up"};
#define FIELD(type, member) {#member, type, offsetof(struct thing, member), NULL}
	static const struct row_field fields[] = {FIELD(ROW_U8, u8), FIELD(ROW_U16, u16),
		FIELD(ROW_U32, u32), FIELD(ROW_U64, u64), FIELD(ROW_S32, s32), FIELD(ROW_S64, s64),
		FIELD(ROW_BOOL, flag), FIELD(ROW_STR, name), FIELD(ROW_STRP, text),
		FIELD(ROW_STRP, no_text), FIELD(ROW_IP4, ip), FIELD(ROW_ADDR, addr),
		FIELD(ROW_PREFIX, prefix), {"state", ROW_ENUM, offsetof(struct thing, state), states},
		{NULL, ROW_U8, 0, NULL}};
	struct thing t = {255, 65535, 4294967295, 0x01020304, 1, -5, -6, true, "lo", "t\n", NULL, 1,
		ipaddr_from_ip4(0x05060708), prefix_from_ip4(0, 0)};
	struct rows r;
	rows_init(&r, 0);
	row_begin(&r);
	row_fields(&r, fields, &t);
	row_end(&r);
	CU_ASSERT_TRUE(reads(&r, "{\"u8\":255,\"u16\":65535,\"u32\":4294967295,\"u64\":1,\"s32\":-5,"
				 "\"s64\":-6,\"flag\":true,\"name\":\"lo\",\"text\":\"t\\n\","
				 "\"ip\":\"1.2.3.4\",\"addr\":\"5.6.7.8\",\"prefix\":\"0.0.0.0/0\","
				 "\"state\":\"up\"}\n"));
	rows_free(&r);
}

static void
grows_and_says_when_it_is_full(void)
{
	struct rows r;
	static char longest[100001];
	memset(longest, 'x', sizeof(longest) - 1);
	rows_init(&r, 10000);
	size_t n = 0;
	for (; !rows_full(&r); n++) {
		row_begin(&r);
		row_uint(&r, "n", n);
		row_end(&r);
	}
	CU_ASSERT(r.len >= 10000 && r.len < 10020);
	rows_clear(&r);
	CU_ASSERT_FALSE(rows_full(&r));
	row_begin(&r);
	row_printf(&r, "s", "%s", longest);
	row_end(&r);
	CU_ASSERT_EQUAL(r.len, sizeof(longest) - 1 + strlen("{\"s\":\"\"}\n"));
	rows_free(&r);
	rows_init(&r, 0);
	CU_ASSERT_FALSE(rows_full(&r)); /* no limit */
	rows_free(&r);
}

UNIT_TESTS("rows",
	{"members and containers", members_and_containers},
	{"numbers", numbers},
	{"strings are escaped", strings_are_escaped},
	{"addresses", addresses},
	{"tables of fields", tables_of_fields},
	{"grows and says when it is full", grows_and_says_when_it_is_full})
