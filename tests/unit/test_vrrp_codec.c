/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VRRP packets: vectors made by hand (and read back by Wireshark), and everything that a packet can lack. */
#include "tests/unit/unit.h"

#include <string.h>

#include "lib/timer.h"
#include "vrrpd/packet.h"

struct vector {
	const char *src, *dst;
	struct vrrp_advert a;
	const char *addresses[2];
	size_t len;
	uint8_t bytes[48];
};

static const struct vector vectors[] = {
	/* RFC 9568: no pseudo-header over IPv4 */
	{"10.0.1.1", "224.0.0.18", {.version = 3, .vrid = 5, .priority = 200, .count = 1, .interval = TIME_SEC}, {"10.0.1.254"}, 12,
		{0x31, 5, 200, 1, 0, 100, 0xfa, 0x96, 10, 0, 1, 254}},
	/* RFC 5798 as it was understood */
	{"10.0.1.1", "224.0.0.18",
		{.version = 3, .vrid = 5, .priority = 200, .count = 1, .interval = TIME_SEC, .pseudo_header = true}, {"10.0.1.254"},
		12, {0x31, 5, 200, 1, 0, 100, 0x0f, 0x07, 10, 0, 1, 254}},
	{"10.0.1.1", "224.0.0.18", {.version = 2, .vrid = 5, .priority = 100, .count = 2, .interval = TIME_SEC},
		{"10.0.1.253", "10.0.1.254"}, 24, {0x21, 5, 100, 2, 0, 1, 0x62, 0xfc, 10, 0, 1, 253, 10, 0, 1, 254}},
	{"10.0.1.1", "224.0.0.18",
		{.version = 2, .vrid = 5, .priority = 100, .count = 1, .auth_type = 1, .auth = "secret", .interval = TIME_SEC},
		{"10.0.1.254"}, 20, {0x21, 5, 100, 1, 1, 1, 0x31, 0xae, 10, 0, 1, 254, 's', 'e', 'c', 'r', 'e', 't'}},
	{"fe80::1", "ff02::12", {.version = 3, .vrid = 5, .priority = 200, .count = 2, .interval = TIME_SEC},
		{"fe80::254", "2001:db8::254"}, 40, {0x31, 5, 200, 2, 0, 100, 0xd7, 0x82, 0xfe, 0x80, [22] = 0x02, 0x54, 0x20, 0x01,
			0x0d, 0xb8, [38] = 0x02, 0x54}},
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static struct ipaddr
addr(const char *text)
{
	struct ipaddr a = {0};
	CU_ASSERT_FATAL(ipaddr_parse(text, &a));
	return a;
}

static void
vectors_both_ways(void)
{
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];
		struct ipaddr src = addr(v->src), dst = addr(v->dst);
		struct vrrp_advert out, in = v->a;
		uint8_t buf[VRRP_PACKET_MAX], list[32];
		size_t size = afi_bytes(src.afi);
		for (unsigned n = 0; n < v->a.count; n++) {
			struct ipaddr a = addr(v->addresses[n]);
			memcpy(list + n * size, a.b, size);
		}
		in.addresses = list;
		CU_ASSERT(vrrp_packet_put(&in, &src, &dst, buf, sizeof(buf)) == v->len);
		CU_ASSERT(memcmp(buf, v->bytes, v->len) == 0);
		CU_ASSERT(vrrp_packet_get(&src, &dst, v->bytes, v->len, &out) == VRRP_DROP_NONE);
		CU_ASSERT(out.version == in.version && out.vrid == in.vrid && out.priority == in.priority && out.count == in.count);
		CU_ASSERT(out.interval == in.interval && out.auth_type == in.auth_type);
		CU_ASSERT(out.pseudo_header == in.pseudo_header && memcmp(out.auth, in.auth, 8) == 0);
		CU_ASSERT(memcmp(out.addresses, list, in.count * size) == 0);
	}
}

static void
every_octet_counts(void)
{
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];
		struct ipaddr src = addr(v->src), dst = addr(v->dst);
		struct vrrp_advert out;
		uint8_t buf[64];
		for (size_t at = 0; at < v->len; at++)
			for (unsigned bit = 0; bit < 8; bit++) {
				memcpy(buf, v->bytes, v->len);
				buf[at] ^= (uint8_t)(1 << bit);
				CU_ASSERT(vrrp_packet_get(&src, &dst, buf, v->len, &out) != VRRP_DROP_NONE);
			}
		for (size_t len = 0; len < v->len; len++)
			CU_ASSERT(vrrp_packet_get(&src, &dst, v->bytes, len, &out) == (len < 8 ? VRRP_DROP_SHORT : VRRP_DROP_LENGTH));
	}
}

static void
reasons(void)
{
	struct ipaddr v4 = addr("10.0.1.1"), group4 = addr("224.0.0.18"), v6 = addr("fe80::1"), group6 = addr("ff02::12");
	struct vrrp_advert out;
	uint8_t buf[64];
	memcpy(buf, vectors[0].bytes, 12);
	buf[0] = 0x41;
	CU_ASSERT(vrrp_packet_get(&v4, &group4, buf, 12, &out) == VRRP_DROP_VERSION);
	buf[0] = 0x32;
	CU_ASSERT(vrrp_packet_get(&v4, &group4, buf, 12, &out) == VRRP_DROP_TYPE);
	buf[0] = 0x31;
	buf[3] = 0;
	CU_ASSERT(vrrp_packet_get(&v4, &group4, buf, 8, &out) == VRRP_DROP_NO_ADDRESS);
	buf[3] = 2;
	CU_ASSERT(vrrp_packet_get(&v4, &group4, buf, 12, &out) == VRRP_DROP_LENGTH);
	/* RFC 9568 5: version 2 does not know IPv6 */
	CU_ASSERT(vrrp_packet_get(&v6, &group6, vectors[2].bytes, 24, &out) == VRRP_DROP_VERSION);
	/* the pseudo-header is no choice over IPv6 */
	memcpy(buf, vectors[4].bytes, 40);
	buf[6] = buf[7] = 0;
	struct vrrp_advert a = {.version = 3, .vrid = 5, .priority = 200, .count = 2, .interval = TIME_SEC, .addresses = buf + 8};
	uint8_t again[64];
	CU_ASSERT(vrrp_packet_put(&a, &v4, &group4, again, sizeof(again)) == 16);
	CU_ASSERT(vrrp_packet_get(&v6, &group6, again, 16, &out) == VRRP_DROP_LENGTH);
}

static void
reserved_bits_are_ignored(void)
{
	struct ipaddr src = addr("10.0.1.1"), dst = addr("224.0.0.18");
	struct vrrp_advert out;
	uint8_t buf[12];
	memcpy(buf, vectors[0].bytes, 12);
	buf[4] = 0xf0; /* RFC 9568 5.2.6 */
	buf[6] = 0x0a;
	buf[7] = 0x96;
	CU_ASSERT(vrrp_packet_get(&src, &dst, buf, 12, &out) == VRRP_DROP_NONE);
	CU_ASSERT(out.interval == TIME_SEC);
}

static void
the_longest_fits(void)
{
	static uint8_t list[255 * 16], buf[VRRP_PACKET_MAX];
	struct ipaddr src = addr("fe80::1"), dst = addr("ff02::12");
	struct vrrp_advert out, a = {.version = 3, .vrid = 255, .priority = 254, .count = 255, .interval = 40950 * TIME_MS,
		.addresses = list};
	memset(list, 0xff, sizeof(list));
	size_t len = vrrp_packet_put(&a, &src, &dst, buf, sizeof(buf));
	CU_ASSERT(len == 8 + 255 * 16);
	CU_ASSERT(vrrp_packet_get(&src, &dst, buf, len, &out) == VRRP_DROP_NONE);
	CU_ASSERT(out.interval == 40950 * TIME_MS && out.count == 255);
	CU_ASSERT(vrrp_packet_put(&a, &src, &dst, buf, 100) == 0);
}

static void
names(void)
{
	for (unsigned i = 0; i < VRRP_DROP_COUNT; i++) {
		CU_ASSERT(vrrp_drop_name(i) && vrrp_drop_name(i)[0] && strcmp(vrrp_drop_name(i), "?"));
		CU_ASSERT(vrrp_drop_explain(i)[0] && strcmp(vrrp_drop_explain(i), "?"));
		for (unsigned j = 0; j < i; j++)
			CU_ASSERT(strcmp(vrrp_drop_name(i), vrrp_drop_name(j)) != 0);
	}
	CU_ASSERT(!strcmp(vrrp_drop_name(VRRP_DROP_COUNT), "?"));
	uint8_t mac[6];
	vrrp_virtual_mac(AFI_IP6, 5, mac);
	CU_ASSERT(!memcmp(mac, "\x00\x00\x5e\x00\x02\x05", 6));
	vrrp_virtual_mac(AFI_IP4, 255, mac);
	CU_ASSERT(!memcmp(mac, "\x00\x00\x5e\x00\x01\xff", 6));
}

UNIT_TESTS("vrrp codec",
	{"vectors, both ways", vectors_both_ways},
	{"no bit may change, no octet be missing", every_octet_counts},
	{"the reason of a refusal", reasons},
	{"reserved bits are ignored", reserved_bits_are_ignored},
	{"255 addresses", the_longest_fits},
	{"names of reasons, virtual MACs", names})
