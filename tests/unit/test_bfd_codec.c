/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD control packets against vectors laid out by hand from RFC 5880 4.1 (python struct): decode is the
 * struct, encode is the vector; every way of being wrong has its reason, in the order of 6.8.6.
 */
#include <string.h>

#include "bfdd/packet.h"
#include "tests/unit/unit.h"

static const char down_hex[] = "2160031811223344556677880000c3500000ea6000011170";
static const char final_hex[] = "20da031811223344556677880000c3500000ea6000000000";
static const char simple_hex[] = "20c4032111223344556677880000c3500000ea6000000000010907736563726574";

struct bytes {
	uint8_t b[256];
	size_t len;
};

static struct bytes
from_hex(const char *hex)
{
	struct bytes out = {.len = strlen(hex) / 2};
	for (size_t i = 0; i < 2 * out.len; i++) {
		char c = hex[i];
		out.b[i / 2] = (uint8_t)(out.b[i / 2] << 4 | (c <= '9' ? c - '0' : c - 'a' + 10));
	}
	return out;
}

static bool
encodes_to(const struct bfd_packet *p, const struct bytes *v)
{
	uint8_t out[64];
	struct wire_writer w = wire_writer(out, sizeof(out));
	bfd_packet_put(p, &w);
	return !w.bad && w.len == BFD_HEADER_LEN && !memcmp(out, v->b, w.len);
}

static void
down_both_ways(void)
{
	struct bytes v = from_hex(down_hex);
	struct bfd_packet p;
	CU_ASSERT(bfd_packet_get(v.b, v.len, &p) == BFD_DROP_NONE);
	CU_ASSERT(p.diag == BFD_DIAG_EXPIRED && p.state == BFD_DOWN && p.poll && !p.final && !p.cpi);
	CU_ASSERT(!p.auth && !p.demand && p.multiplier == 3 && p.length == 24);
	CU_ASSERT(p.my_discr == 0x11223344 && p.your_discr == 0x55667788);
	CU_ASSERT(p.desired_tx_us == 50000 && p.required_rx_us == 60000 && p.echo_rx_us == 70000);
	CU_ASSERT(encodes_to(&p, &v));
}

static void
flags_both_ways(void)
{
	struct bytes v = from_hex(final_hex);
	struct bfd_packet p;
	CU_ASSERT(bfd_packet_get(v.b, v.len, &p) == BFD_DROP_NONE);
	CU_ASSERT(p.state == BFD_UP && !p.poll && p.final && p.cpi && p.demand && !p.auth);
	CU_ASSERT(encodes_to(&p, &v));
	v = from_hex(simple_hex);
	CU_ASSERT(bfd_packet_get(v.b, v.len, &p) == BFD_DROP_NONE && p.auth && p.length == 33);
	CU_ASSERT(encodes_to(&p, &v));
}

static enum bfd_drop
with(const char *hex, size_t at, uint8_t value, size_t len)
{
	struct bytes v = from_hex(hex);
	struct bfd_packet p;
	v.b[at] = value;
	return bfd_packet_get(v.b, len ? len : v.len, &p);
}

static void
each_fault_has_its_reason(void)
{
	for (size_t len = 1; len < 24; len++)
		CU_ASSERT(with(down_hex, 0, 0x21, len) == BFD_DROP_SHORT);
	CU_ASSERT(with(down_hex, 0, 0x01, 0) == BFD_DROP_VERSION);
	CU_ASSERT(with(down_hex, 0, 0x41, 0) == BFD_DROP_VERSION);
	CU_ASSERT(with(down_hex, 3, 23, 0) == BFD_DROP_LENGTH_SMALL);
	CU_ASSERT(with(down_hex, 3, 0, 0) == BFD_DROP_LENGTH_SMALL);
	CU_ASSERT(with(simple_hex, 3, 25, 0) == BFD_DROP_LENGTH_SMALL); /* with authentication at least 26 */
	CU_ASSERT(with(down_hex, 3, 25, 0) == BFD_DROP_LENGTH_LARGE);
	CU_ASSERT(with(down_hex, 3, 255, 0) == BFD_DROP_LENGTH_LARGE);
	CU_ASSERT(with(down_hex, 2, 0, 0) == BFD_DROP_MULTIPLIER);
	CU_ASSERT(with(down_hex, 1, 0x61, 0) == BFD_DROP_MULTIPOINT);
	CU_ASSERT(with(down_hex, 1, 0x70, 0) == BFD_DROP_POLL_FINAL);
	struct bytes v = from_hex(down_hex);
	struct bfd_packet p;
	memset(v.b + 4, 0, 4);
	CU_ASSERT(bfd_packet_get(v.b, v.len, &p) == BFD_DROP_MY_DISCR);
	/* the first fault in the RFC's order is the one that is told */
	v.b[0] = 0x01;
	v.b[2] = 0;
	CU_ASSERT(bfd_packet_get(v.b, v.len, &p) == BFD_DROP_VERSION);
	v.b[0] = 0x21;
	CU_ASSERT(bfd_packet_get(v.b, v.len, &p) == BFD_DROP_MULTIPLIER);
	/* octets behind the packet's length are nobody's business */
	v = from_hex(down_hex);
	CU_ASSERT(bfd_packet_get(v.b, v.len + 10, &p) == BFD_DROP_NONE);
}

static void
section_of_a_password(void)
{
	struct bytes v = from_hex(simple_hex);
	struct bfd_auth_section s;
	uint8_t out[64];
	CU_ASSERT(bfd_auth_section_get(v.b + 24, v.len - 24, &s) == BFD_DROP_NONE);
	CU_ASSERT(s.type == BFD_AUTH_SIMPLE && s.len == 9 && s.key_id == 7 && s.data_len == 6);
	CU_ASSERT(!memcmp(s.data, "secret", 6));
	struct wire_writer w = wire_writer(out, sizeof(out));
	bfd_auth_section_put(&s, &w);
	CU_ASSERT(w.len == 9 && !memcmp(out, v.b + 24, 9));
	/* the section says how long it is, and it ends the packet */
	for (size_t len = 0; len < 9; len++)
		CU_ASSERT(bfd_auth_section_get(v.b + 24, len, &s) == BFD_DROP_AUTH_LENGTH);
	CU_ASSERT(bfd_auth_section_get(v.b + 24, 10, &s) == BFD_DROP_AUTH_LENGTH);
	v.b[24] = 6;
	CU_ASSERT(bfd_auth_section_get(v.b + 24, 9, &s) == BFD_DROP_AUTH_TYPE);
	v.b[24] = 0;
	CU_ASSERT(bfd_auth_section_get(v.b + 24, 9, &s) == BFD_DROP_AUTH_TYPE);
	uint8_t empty[] = {1, 3, 7}, full[20] = {1, 20, 7};
	CU_ASSERT(bfd_auth_section_get(empty, 3, &s) == BFD_DROP_AUTH_LENGTH);
	CU_ASSERT(bfd_auth_section_get(full, 20, &s) == BFD_DROP_AUTH_LENGTH); /* 17 characters */
	full[1] = 19;
	CU_ASSERT(bfd_auth_section_get(full, 19, &s) == BFD_DROP_NONE && s.data_len == 16);
}

static void
every_reason_has_a_name(void)
{
	for (unsigned i = 0; i < BFD_DROP_COUNT; i++) {
		const char *name = bfd_drop_name(i);
		CU_ASSERT(name && *name && bfd_drop_explain(i) && *bfd_drop_explain(i));
		for (unsigned j = 0; name && j < i; j++)
			CU_ASSERT(strcmp(name, bfd_drop_name(j)) != 0);
	}
	CU_ASSERT_STRING_EQUAL(bfd_drop_name(BFD_DROP_COUNT), "?");
}

UNIT_TESTS("bfd codec", {"a Down packet, both ways", down_both_ways}, {"flags, both ways", flags_both_ways},
	{"5880-6.8.6 each fault has its reason", each_fault_has_its_reason},
	{"5880-4.2 a password section, both ways", section_of_a_password},
	{"every reason has a name of its own", every_reason_has_a_name})
