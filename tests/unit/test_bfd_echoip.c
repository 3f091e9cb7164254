/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bfdd/echoip.c: an echo's headers both ways, with the checksums that another machine's kernel wants to see. */
#include <string.h>

#include "bfdd/echoip.h"
#include "tests/unit/unit.h"

static const uint8_t payload[] = {0xde, 0xad, 0xbe, 0xef, 0x01};

/* 192.0.2.1 to itself, port 50000 to 3785, TTL 255; sums worked out by hand */
static const uint8_t v4[] = {0x45, 0xc0, 0x00, 0x21, 0x00, 0x00, 0x00, 0x00, 0xff, 0x11, 0x37, 0x09, 192, 0, 2, 1, 192, 0, 2, 1,
	0xc3, 0x50, 0x0e, 0xc9, 0x00, 0x0d, 0x00, 0x00, 0xde, 0xad, 0xbe, 0xef, 0x01};
static const uint8_t v6_head[] = {0x6c, 0x00, 0x00, 0x00, 0x00, 0x0d, 0x11, 0xff};

/* RFC 1071, the plain way */
static uint16_t
sum_of(const uint8_t *b, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? b[i] : (uint32_t)b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static struct bfd_echoip
echo_of(const struct ipaddr *own)
{
	return (struct bfd_echoip){*own, 255, 50000, payload, sizeof(payload)};
}

static void
ipv4_is_written_as_it_should_be(void)
{
	uint8_t out[64];
	struct ipaddr own = {AFI_IP4, {192, 0, 2, 1}};
	struct bfd_echoip e = echo_of(&own);
	CU_ASSERT_EQUAL_FATAL(bfd_echoip_encode(&e, out, sizeof(out)), sizeof(v4));
	CU_ASSERT_EQUAL(memcmp(out, v4, 26), 0); /* up to UDP's checksum */
	CU_ASSERT_EQUAL(memcmp(out + 28, payload, sizeof(payload)), 0);
	CU_ASSERT_EQUAL(sum_of(out, 20, 0), 0xffff);
	CU_ASSERT_EQUAL(sum_of(out + 12, sizeof(v4) - 12, 17 + 13), 0xffff); /* both addresses, UDP */
}

static void
ipv6_is_written_as_it_should_be(void)
{
	uint8_t out[64];
	struct ipaddr own = {AFI_IP6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	struct bfd_echoip e = echo_of(&own);
	CU_ASSERT_EQUAL_FATAL(bfd_echoip_encode(&e, out, sizeof(out)), 53);
	CU_ASSERT_EQUAL(memcmp(out, v6_head, sizeof(v6_head)), 0);
	CU_ASSERT_EQUAL(memcmp(out + 8, own.b, 16), 0);
	CU_ASSERT_EQUAL(memcmp(out + 24, own.b, 16), 0);
	CU_ASSERT_EQUAL(sum_of(out + 8, 45, 17 + 13), 0xffff);
}

static void
a_sum_of_zero_is_written_as_ones(void)
{
	uint8_t out[64], two[2] = {0, 0};
	struct ipaddr own = {AFI_IP4, {192, 0, 2, 1}};
	struct bfd_echoip e = {own, 255, 50000, two, sizeof(two)};
	CU_ASSERT_EQUAL_FATAL(bfd_echoip_encode(&e, out, sizeof(out)), 30);
	two[0] = out[26]; /* what is missing to all ones */
	two[1] = out[27];
	CU_ASSERT_EQUAL_FATAL(bfd_echoip_encode(&e, out, sizeof(out)), 30);
	CU_ASSERT(out[26] == 0xff && out[27] == 0xff); /* 0 would say: no checksum (RFC 768) */
}

static void
what_was_written_is_read(void)
{
	static const struct ipaddr owns[] = {{AFI_IP4, {10, 0, 0, 1}}, {AFI_IP6, {0xfd, [15] = 9}}};
	uint8_t out[80];
	for (unsigned i = 0; i < 2; i++) {
		struct bfd_echoip e = echo_of(&owns[i]), back;
		size_t n = bfd_echoip_encode(&e, out, sizeof(out));
		memset(out + n, 0, sizeof(out) - n); /* a short frame is padded */
		out[owns[i].afi == AFI_IP4 ? 8 : 7] = 254;
		CU_ASSERT_FATAL(bfd_echoip_decode(owns[i].afi, out, sizeof(out), &back));
		CU_ASSERT(!ipaddr_cmp(&back.own, &owns[i]) && back.ttl == 254 && back.src_port == 50000);
		CU_ASSERT(back.payload_len == sizeof(payload) && !memcmp(back.payload, payload, sizeof(payload)));
		CU_ASSERT(!bfd_echoip_decode(owns[1 - i].afi, out, n, &back));
		for (size_t cut = 0; cut < n; cut++)
			CU_ASSERT(!bfd_echoip_decode(owns[i].afi, out, cut, &back));
		CU_ASSERT_EQUAL(bfd_echoip_encode(&e, out, n - 1), 0);
	}
}

static void
what_is_none_is_not_taken(void)
{
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {{0, 0x46}, {0, 0x55}, {9, 6}, {12, 193}, {19, 2}, {22, 0x0f}, {23, 0xc8}, {25, 7}, {25, 14}, {24, 1}};
	struct bfd_echoip back;
	CU_ASSERT(bfd_echoip_decode(AFI_IP4, v4, sizeof(v4), &back));
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t bytes[sizeof(v4)];
		memcpy(bytes, v4, sizeof(v4));
		bytes[wrong[i].at] = wrong[i].value;
		CU_ASSERT(!bfd_echoip_decode(AFI_IP4, bytes, sizeof(bytes), &back));
	}
	struct bfd_echoip none = {.payload = payload, .payload_len = 1};
	uint8_t out[64];
	CU_ASSERT_EQUAL(bfd_echoip_encode(&none, out, sizeof(out)), 0); /* no address */
}

UNIT_TESTS("bfd_echoip", {"IPv4 is written as it should be", ipv4_is_written_as_it_should_be},
	{"IPv6 is written as it should be", ipv6_is_written_as_it_should_be},
	{"a sum of zero is written as ones", a_sum_of_zero_is_written_as_ones},
	{"what was written is read", what_was_written_is_read}, {"what is none is not taken", what_is_none_is_not_taken})
