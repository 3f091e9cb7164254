/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/prefix: text both ways, canonical form, order, containment, the packed form. */
#include "lib/prefix.h"

#include <string.h>

#include "tests/unit/unit.h"

static struct prefix
pfx(const char *text)
{
	struct prefix p;
	CU_ASSERT_FATAL(prefix_parse(text, true, &p));
	return p;
}

static void
addresses_round_trip(void)
{
	static const char *const texts[] = {"0.0.0.0", "255.255.255.255", "10.0.20.3", "1.2.3.4",
		"::", "::1", "2001:db8::1", "fe80::1:2", "2001:db8:0:1:1:1:1:1", "::ffff:1.2.3.4"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ipaddr a;
		char buf[IPADDR_STRLEN];
		CU_ASSERT_FATAL(ipaddr_parse(texts[i], &a));
		CU_ASSERT_STRING_EQUAL(ipaddr_print(&a, buf), texts[i]);
	}
	struct ipaddr none = {.afi = AFI_NONE};
	char buf[IPADDR_STRLEN] = "x";
	CU_ASSERT_STRING_EQUAL(ipaddr_print(&none, buf), "");
}

static void
bad_addresses_are_refused(void)
{
	static const char *const texts[] = {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4",
		"1.2.3.04", "1..2.3", "1.2.3.", " 1.2.3.4", "1.2.3.4 ", "1.2.3.1000", "::1::",
		"2001:db8::g", "12345::", ":", "-1.2.3.4", "+1.2.3.4", "1.2.3.4294967297"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ipaddr a = {.afi = 77};
		CU_ASSERT_FALSE(ipaddr_parse(texts[i], &a));
		CU_ASSERT_EQUAL(a.afi, 77);
	}
}

static void
prefixes_round_trip(void)
{
	static const char *const texts[] = {"0.0.0.0/0", "10.0.0.0/8", "192.0.2.128/25",
		"1.2.3.4/32", "::/0", "2001:db8::/32", "fe80::/10", "2001:db8::1/128"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char buf[PREFIX_STRLEN];
		struct prefix p = pfx(texts[i]);
		CU_ASSERT_STRING_EQUAL(prefix_print(&p, buf), texts[i]);
	}
	char longest[PREFIX_STRLEN];
	struct prefix p = pfx("1111:2222:3333:4444:5555:6666:7777:8888/128");
	CU_ASSERT_EQUAL(strlen(prefix_print(&p, longest)), 43);
}

static void
bad_prefixes_are_refused(void)
{
	static const char *const texts[] = {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1",
		"10.0.0.0/8x", "/8", "10.0.0.0/8/8", "::/129", "2001:db8::/4294967296", "10/8",
		"10.0.0.1/8", "2001:db8::1/64",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/12"};
	struct prefix p;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CU_ASSERT_FALSE(prefix_parse(texts[i], true, &p));
}

static void
loose_parse_makes_canonical(void)
{
	struct prefix p, want = pfx("10.20.0.0/15");
	CU_ASSERT_TRUE(prefix_parse("10.21.2.3/15", false, &p));
	CU_ASSERT_TRUE(prefix_equal(&p, &want));
	CU_ASSERT_EQUAL(memcmp(&p, &want, sizeof(p)), 0);
	CU_ASSERT_TRUE(prefix_parse("10.1.1.1", true, &p));
	CU_ASSERT_EQUAL(p.len, 32);
	CU_ASSERT_TRUE(prefix_parse("2001:db8::5", true, &p));
	CU_ASSERT_EQUAL(p.len, 128);
}

static void
make_cuts_and_caps(void)
{
	struct ipaddr a = ipaddr_from_ip4(0xffffffff);
	for (unsigned len = 0; len <= 32; len++) {
		struct prefix p = prefix_make(&a, len);
		CU_ASSERT_EQUAL(prefix_ip4(&p), ip4_mask(len));
		struct prefix q = prefix_from_ip4(0xffffffff, len);
		CU_ASSERT_TRUE(prefix_equal(&p, &q));
	}
	struct prefix host = prefix_host(&a);
	CU_ASSERT_EQUAL(host.len, 32);
	struct prefix capped = prefix_make(&a, 200);
	CU_ASSERT_EQUAL(capped.len, 32);
	struct ipaddr back = prefix_addr(&host);
	CU_ASSERT_EQUAL(ipaddr_cmp(&a, &back), 0);
}

static void
order_puts_the_container_first(void)
{
	static const char *const sorted[] = {"0.0.0.0/0", "9.255.0.0/16", "10.0.0.0/8", "10.0.0.0/16",
		"10.0.0.0/32", "10.0.0.1/32", "10.128.0.0/9", "11.0.0.0/8", "::/0", "2001:db8::/32"};
	size_t n = sizeof(sorted) / sizeof(sorted[0]);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			struct prefix a = pfx(sorted[i]), b = pfx(sorted[j]);
			int d = prefix_cmp(&a, &b);
			CU_ASSERT_EQUAL((d > 0) - (d < 0), (i > j) - (i < j));
		}
	}
}

static void
containment_is_by_bits_and_family(void)
{
	static const struct {
		const char *outer, *inner;
		bool yes;
	} cases[] = {{"0.0.0.0/0", "1.2.3.4/32", true}, {"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.0.0.0/8", "11.0.0.0/8", false}, {"10.0.0.0/9", "10.128.0.0/9", false},
		{"10.0.0.0/16", "10.0.0.0/8", false}, {"0.0.0.0/0", "::/0", false},
		{"2001:db8::/33", "2001:db8:7fff::/48", true},
		{"2001:db8::/33", "2001:db8:8000::/48", false}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix outer = pfx(cases[i].outer), inner = pfx(cases[i].inner);
		CU_ASSERT_EQUAL(prefix_contains(&outer, &inner), cases[i].yes);
		struct ipaddr a = prefix_addr(&inner);
		if (inner.len >= outer.len)
			CU_ASSERT_EQUAL(prefix_contains_addr(&outer, &a), cases[i].yes);
	}
}

static void
classes_of_addresses(void)
{
	static const struct {
		const char *text;
		bool zero, link, mcast, loop;
	} cases[] = {{"0.0.0.0", 1, 0, 0, 0}, {"::", 1, 0, 0, 0}, {"169.254.1.1", 0, 1, 0, 0},
		{"fe80::1", 0, 1, 0, 0}, {"febf::1", 0, 1, 0, 0}, {"fec0::1", 0, 0, 0, 0},
		{"224.0.0.5", 0, 0, 1, 0}, {"239.255.255.255", 0, 0, 1, 0}, {"240.0.0.1", 0, 0, 0, 0},
		{"ff02::5", 0, 0, 1, 0}, {"127.0.0.1", 0, 0, 0, 1}, {"::1", 0, 0, 0, 1},
		{"10.0.0.1", 0, 0, 0, 0}, {"2001:db8::", 0, 0, 0, 0}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ipaddr a;
		CU_ASSERT_FATAL(ipaddr_parse(cases[i].text, &a));
		CU_ASSERT_EQUAL(ipaddr_is_zero(&a), cases[i].zero);
		CU_ASSERT_EQUAL(ipaddr_is_link_local(&a), cases[i].link);
		CU_ASSERT_EQUAL(ipaddr_is_multicast(&a), cases[i].mcast);
		CU_ASSERT_EQUAL(ipaddr_is_loopback(&a), cases[i].loop);
	}
	CU_ASSERT_TRUE(ipaddr_is_zero(&(struct ipaddr){.afi = AFI_NONE}));
}

static void
masks(void)
{
	unsigned len = 99;
	for (unsigned want = 0; want <= 32; want++) {
		CU_ASSERT_TRUE(ip4_mask_len(ip4_mask(want), &len));
		CU_ASSERT_EQUAL(len, want);
	}
	CU_ASSERT_FALSE(ip4_mask_len(0xff00ff00, &len));
	CU_ASSERT_FALSE(ip4_mask_len(0x00ffffff, &len));
}

static void
packed_form_round_trips(void)
{
	struct ipaddr six;
	CU_ASSERT_FATAL(ipaddr_parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &six));
	for (unsigned len = 0; len <= 128; len++) {
		struct prefix p = prefix_make(&six, len), q;
		uint8_t bytes[17];
		size_t n = prefix_pack(&p, bytes);
		CU_ASSERT_EQUAL(n, 1 + (len + 7) / 8);
		CU_ASSERT_EQUAL(prefix_unpack(AFI_IP6, bytes, n, &q), n);
		CU_ASSERT_EQUAL(memcmp(&p, &q, sizeof(p)), 0);
		CU_ASSERT_EQUAL(prefix_unpack(AFI_IP6, bytes, n - 1, &q), 0);
	}
}

static void
packed_form_refuses_nonsense(void)
{
	struct prefix p;
	CU_ASSERT_EQUAL(prefix_unpack(AFI_IP4, (const uint8_t[]){33, 1, 2, 3, 4, 0}, 6, &p), 0);
	CU_ASSERT_EQUAL(prefix_unpack(AFI_IP6, (const uint8_t[]){129}, 1, &p), 0);
	CU_ASSERT_EQUAL(prefix_unpack(AFI_IP4, (const uint8_t[]){9, 10, 1}, 3, &p), 0);
	CU_ASSERT_EQUAL(prefix_unpack(AFI_IP4, (const uint8_t[]){9, 10, 0x80}, 3, &p), 3);
	CU_ASSERT_EQUAL(prefix_unpack(AFI_NONE, (const uint8_t[]){0}, 1, &p), 0);
	CU_ASSERT_EQUAL(prefix_unpack(AFI_IP4, NULL, 0, &p), 0);
}

UNIT_TESTS("prefix",
	{"addresses round trip", addresses_round_trip},
	{"bad addresses are refused", bad_addresses_are_refused},
	{"prefixes round trip", prefixes_round_trip},
	{"bad prefixes are refused", bad_prefixes_are_refused},
	{"loose parse makes canonical", loose_parse_makes_canonical},
	{"make cuts and caps", make_cuts_and_caps},
	{"order puts the container first", order_puts_the_container_first},
	{"containment is by bits and family", containment_is_by_bits_and_family},
	{"classes of addresses", classes_of_addresses},
	{"masks", masks},
	{"packed form round trips", packed_form_round_trips},
	{"packed form refuses nonsense", packed_form_refuses_nonsense})
