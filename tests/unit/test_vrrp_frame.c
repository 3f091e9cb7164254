/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VRRP's frames: what is sent, octet by octet, and who is heard. */
#include <string.h>

#include "lib/cksum.h"
#include "tests/unit/unit.h"
#include "vrrpd/frame.h"

static struct ipaddr
addr(const char *text)
{
	struct ipaddr a;
	CU_ASSERT_FATAL(ipaddr_parse(text, &a));
	return a;
}

static void
an_ip4_advert_is_a_whole_frame(void)
{
	static const uint8_t want[] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0x00, 0x00, 0x5e, 0x00, 0x01, 0x05, 0x08, 0x00,
		0x45, 0xc0, 0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0xff, 0x70, 0x90, 0x9a, 10, 0, 0, 1, 224, 0, 0, 18,
		0x31, 0x05, 0x64, 0x01, 0x00, 0x64, 0xab, 0xcd, 10, 0, 0, 254};
	struct vrrp_tx tx = {.src = addr("10.0.0.1"), .dst = addr("224.0.0.18"), .virtual_mac = true,
		.mac = {0, 0, 0x5e, 0, 1, 5}, .bytes = want + 34, .len = 12};
	uint8_t out[VRRP_FRAME_MAX];

	CU_ASSERT_EQUAL(vrrp_frame_advert(&tx, out, sizeof(out)), sizeof(want));
	CU_ASSERT_EQUAL(cksum_inet(out + 14, 20), 0); /* the header's sum fits */
	CU_ASSERT(!memcmp(out, want, sizeof(want)));
	CU_ASSERT_EQUAL(vrrp_frame_advert(&tx, out, sizeof(want) - 1), 0);
	tx.dst = addr("10.0.0.2"); /* unicast is the kernel's to resolve */
	CU_ASSERT_EQUAL(vrrp_frame_advert(&tx, out, sizeof(out)), 0);
	tx.dst = addr("ff02::12");
	CU_ASSERT_EQUAL(vrrp_frame_advert(&tx, out, sizeof(out)), 0);
}

static void
an_ip6_advert_is_a_whole_frame(void)
{
	static const uint8_t head[] = {0x33, 0x33, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x5e, 0x00, 0x02, 0x05, 0x86, 0xdd,
		0x6c, 0x00, 0x00, 0x00, 0x00, 0x18, 0x70, 0xff, 0xfe, 0x80};
	uint8_t bytes[24] = {0x31, 0x05}, out[VRRP_FRAME_MAX];
	struct vrrp_tx tx = {.src = addr("fe80::1"), .dst = addr("ff02::12"), .virtual_mac = true,
		.mac = {0, 0, 0x5e, 0, 2, 5}, .bytes = bytes, .len = sizeof(bytes)};

	CU_ASSERT_EQUAL(vrrp_frame_advert(&tx, out, sizeof(out)), 14 + 40 + sizeof(bytes));
	CU_ASSERT(!memcmp(out, head, sizeof(head)));
	CU_ASSERT_EQUAL(out[53], 0x12);
	CU_ASSERT_EQUAL(out[54], 0x31);
}

/* The header's sum over what stands there now. */
static void
sum_ip4(uint8_t *f, size_t header)
{
	f[24] = f[25] = 0;
	uint16_t sum = cksum_inet(f + 14, header);
	f[24] = (uint8_t)(sum >> 8);
	f[25] = (uint8_t)sum;
}

static void
an_ip4_packet_is_measured(void)
{
	uint8_t f[60] = {1, 0, 0x5e, 0, 0, 0x12, 0, 0, 0x5e, 0, 1, 5, 8, 0, 0x46, 0xc0, 0, 36, 0, 0, 0, 0, 254, 112, 0, 0,
		10, 0, 0, 2, 224, 0, 0, 18, 1, 1, 1, 1, 0x31};
	struct vrrp_rx rx = {.ifindex = 3};

	sum_ip4(f, 24);
	CU_ASSERT(vrrp_frame_received(f, sizeof(f), &rx)); /* with an option, and padded */
	CU_ASSERT_EQUAL(rx.len, 12);
	CU_ASSERT_EQUAL(rx.bytes[0], 0x31);
	CU_ASSERT_EQUAL(rx.ttl, 254);
	CU_ASSERT_EQUAL(ipaddr_to_ip4(&rx.src), 0x0a000002);
	for (size_t len = 0; len < 50; len++)
		CU_ASSERT(!vrrp_frame_received(f, len, &rx));
	f[25] ^= 1;
	CU_ASSERT(!vrrp_frame_received(f, sizeof(f), &rx)); /* the header's sum */
	f[20] = 0x20, sum_ip4(f, 24);
	CU_ASSERT(!vrrp_frame_received(f, sizeof(f), &rx)); /* a fragment */
	f[20] = 0, f[14] = 0x44, sum_ip4(f, 16);
	CU_ASSERT(!vrrp_frame_received(f, sizeof(f), &rx)); /* a header shorter than one */
	f[14] = 0x4f, sum_ip4(f, 36);
	CU_ASSERT(!vrrp_frame_received(f, sizeof(f), &rx)); /* a header longer than the packet */
	f[14] = 0x46, f[17] = 47, sum_ip4(f, 24);
	CU_ASSERT(!vrrp_frame_received(f, sizeof(f), &rx)); /* longer than the frame */
	f[14] = 0x65;
	CU_ASSERT(!vrrp_frame_received(f, sizeof(f), &rx));
}

static void
an_ip6_packet_is_measured(void)
{
	uint8_t f[14 + 40 + 24 + 6] = {0x33, 0x33, 0, 0, 0, 0x12, 0, 0, 0x5e, 0, 2, 5, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 24, 112, 255,
		0xfe, 0x80, [37] = 2, [38] = 0xff, 2, [53] = 0x12, 0x31, 5};
	struct vrrp_rx rx = {.ifindex = 3};

	CU_ASSERT(vrrp_frame_received(f, sizeof(f), &rx));
	CU_ASSERT_EQUAL(rx.len, 24);
	CU_ASSERT_EQUAL(rx.bytes[1], 5);
	CU_ASSERT_EQUAL(rx.ttl, 255);
	CU_ASSERT_EQUAL(rx.src.b[15], 2);
	CU_ASSERT_EQUAL(rx.dst.b[15], 0x12);
	for (size_t len = 0; len < 14 + 40 + 24; len++)
		CU_ASSERT(!vrrp_frame_received(f, len, &rx));
	f[20] = 0; /* a hop-by-hop header before it */
	CU_ASSERT(!vrrp_frame_received(f, sizeof(f), &rx));
}

static void
arp_names_its_sender(void)
{
	uint8_t f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9,
		10, 0, 0, 100, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
	struct vrrp_heard h;

	CU_ASSERT(vrrp_frame_heard(f, sizeof(f), &h));
	CU_ASSERT_EQUAL(ipaddr_to_ip4(&h.host), 0x0a000064);
	CU_ASSERT_EQUAL(h.mac[5], 9); /* whom it speaks for, not who forwarded it */
	CU_ASSERT(!h.answer);
	f[21] = 2;
	CU_ASSERT(vrrp_frame_heard(f, sizeof(f), &h));
	CU_ASSERT(!h.answer); /* to everybody: gratuitous */
	memcpy(f, (uint8_t[]){2, 0, 0, 0, 0, 7}, 6);
	CU_ASSERT(vrrp_frame_heard(f, sizeof(f), &h));
	CU_ASSERT(h.answer);
	for (size_t len = 0; len < 42; len++)
		CU_ASSERT(!vrrp_frame_heard(f, len, &h));
	memset(f + 28, 0, 4); /* a probe: nobody's address yet */
	CU_ASSERT(!vrrp_frame_heard(f, sizeof(f), &h));
	f[28] = 10;
	f[21] = 3; /* RARP's */
	CU_ASSERT(!vrrp_frame_heard(f, sizeof(f), &h));
	f[21] = 1;
	f[6] = 3; /* a group as sender */
	CU_ASSERT(!vrrp_frame_heard(f, sizeof(f), &h));
}

static void
neighbour_discovery_names_its_sender(void)
{
	uint8_t f[86] = {2, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 32, 58, 255, 0xfe, 0x80};
	struct vrrp_heard h;

	f[37] = 1;             /* fe80::1 */
	f[38] = 0xff;          /* to some group */
	f[54] = 136;
	f[58] = 0x60;          /* solicited, override */
	f[62] = 0x20, f[77] = 5;
	CU_ASSERT(vrrp_frame_heard(f, sizeof(f), &h));
	CU_ASSERT(h.answer);
	CU_ASSERT_EQUAL(h.host.b[15], 5); /* the target */
	CU_ASSERT_EQUAL(h.mac[5], 1);
	f[58] = 0x20;
	CU_ASSERT(vrrp_frame_heard(f, sizeof(f), &h));
	CU_ASSERT(!h.answer);
	f[54] = 135;
	CU_ASSERT(vrrp_frame_heard(f, sizeof(f), &h));
	CU_ASSERT_EQUAL(h.host.b[15], 1);
	CU_ASSERT_EQUAL(h.host.b[0], 0xfe);
	for (size_t len = 0; len < 78; len++)
		CU_ASSERT(!vrrp_frame_heard(f, len, &h));
	f[54] = 133; /* a router's solicitation: ports of switches send them */
	CU_ASSERT(!vrrp_frame_heard(f, sizeof(f), &h));
	f[54] = 128; /* an echo request */
	CU_ASSERT(!vrrp_frame_heard(f, sizeof(f), &h));
	f[54] = 135;
	f[21] = 64; /* from beyond the link */
	CU_ASSERT(!vrrp_frame_heard(f, sizeof(f), &h));
	f[21] = 255;
	memset(f + 22, 0, 16); /* duplicate address detection */
	CU_ASSERT(!vrrp_frame_heard(f, sizeof(f), &h));
}

UNIT_TESTS("vrrp_frame", {"an IPv4 advertisement is a whole frame", an_ip4_advert_is_a_whole_frame},
	{"an IPv6 advertisement is a whole frame", an_ip6_advert_is_a_whole_frame},
	{"an IPv4 packet is measured", an_ip4_packet_is_measured},
	{"an IPv6 packet is measured", an_ip6_packet_is_measured},
	{"ARP names its sender", arp_names_its_sender},
	{"neighbour discovery names its sender", neighbour_discovery_names_its_sender})
