/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/wire: nothing is read or written beyond the bounds, and an error sticks. */
#include "lib/wire.h"

#include <string.h>

#include "tests/unit/unit.h"

static void
reads_what_was_written(void)
{
	uint8_t buf[64];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	wire_put_u8(&w, 0x12);
	wire_put_u16(&w, 0x3456);
	wire_put_u24(&w, 0x789abc);
	wire_put_u32(&w, 0xdef01234);
	wire_put_u64(&w, UINT64_C(0x56789abcdef01234));
	wire_put_bytes(&w, "abc", 3);
	wire_put_zero(&w, 2);
	CU_ASSERT_FALSE(w.bad);
	CU_ASSERT_EQUAL(w.len, 23);
	CU_ASSERT_EQUAL(memcmp(buf, "\x12\x34\x56\x78\x9a\xbc", 6), 0);
	struct wire_reader r = wire_reader(buf, w.len);
	char text[3];
	CU_ASSERT_EQUAL(wire_get_u8(&r), 0x12);
	CU_ASSERT_EQUAL(wire_get_u16(&r), 0x3456);
	CU_ASSERT_EQUAL(wire_get_u24(&r), 0x789abc);
	CU_ASSERT_EQUAL(wire_get_u32(&r), 0xdef01234);
	CU_ASSERT_EQUAL(wire_get_u64(&r), UINT64_C(0x56789abcdef01234));
	wire_copy(&r, text, 3);
	CU_ASSERT_EQUAL(memcmp(text, "abc", 3), 0);
	CU_ASSERT_EQUAL(wire_left(&r), 2);
	wire_skip(&r, 2);
	CU_ASSERT_EQUAL(wire_left(&r), 0);
	CU_ASSERT_FALSE(r.bad);
}

static void
a_short_read_is_bad_and_stays_bad(void)
{
	static const uint8_t bytes[] = {1, 2, 3};
	for (size_t len = 0; len < 4; len++) {
		struct wire_reader r = wire_reader(bytes, len < 3 ? len : 3);
		CU_ASSERT_EQUAL(wire_get_u32(&r), 0);
		CU_ASSERT_TRUE(r.bad);
		CU_ASSERT_EQUAL(wire_get_u8(&r), 0); /* although there would be one */
		CU_ASSERT_EQUAL(wire_left(&r), 0);
		CU_ASSERT_PTR_NULL(wire_get_bytes(&r, 0));
		uint8_t out[2] = {9, 9};
		wire_copy(&r, out, 2);
		CU_ASSERT_EQUAL(out[0] | out[1], 0);
	}
}

static void
huge_lengths_do_not_wrap(void)
{
	static const uint8_t bytes[] = {1, 2, 3, 4};
	struct wire_reader r = wire_reader(bytes, sizeof(bytes));
	wire_get_u8(&r);
	CU_ASSERT_PTR_NULL(wire_get_bytes(&r, SIZE_MAX));
	CU_ASSERT_TRUE(r.bad);
	r = wire_reader(bytes, sizeof(bytes));
	wire_skip(&r, SIZE_MAX - 1);
	CU_ASSERT_TRUE(r.bad);
	uint8_t buf[4];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	wire_put_u8(&w, 1);
	wire_put_zero(&w, SIZE_MAX);
	CU_ASSERT_TRUE(w.bad);
	CU_ASSERT_EQUAL(w.len, 1);
}

static void
a_sub_reader_sees_its_part_only(void)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5};
	struct wire_reader r = wire_reader(bytes, sizeof(bytes));
	struct wire_reader sub = wire_sub(&r, 2);
	CU_ASSERT_EQUAL(wire_left(&sub), 2);
	CU_ASSERT_EQUAL(wire_get_u16(&sub), 0x0102);
	CU_ASSERT_EQUAL(wire_get_u8(&sub), 0);
	CU_ASSERT_TRUE(sub.bad);
	CU_ASSERT_FALSE(r.bad);
	CU_ASSERT_EQUAL(wire_get_u8(&r), 3);
	sub = wire_sub(&r, 3);
	CU_ASSERT_TRUE(sub.bad);
	CU_ASSERT_TRUE(r.bad);
	CU_ASSERT_EQUAL(wire_left(&sub), 0);
}

static void
nothing_can_be_read_from_nothing(void)
{
	struct wire_reader r = wire_reader(NULL, 10);
	CU_ASSERT_EQUAL(wire_left(&r), 0);
	CU_ASSERT_PTR_NOT_NULL(wire_get_bytes(&r, 0));
	CU_ASSERT_FALSE(r.bad);
	CU_ASSERT_EQUAL(wire_get_u8(&r), 0);
	CU_ASSERT_TRUE(r.bad);
}

static void
a_full_writer_writes_no_part(void)
{
	uint8_t buf[5] = {0, 0, 0, 0xee, 0xee};
	struct wire_writer w = wire_writer(buf, 3);
	wire_put_u16(&w, 0x0102);
	wire_put_u16(&w, 0x0304);
	CU_ASSERT_TRUE(w.bad);
	CU_ASSERT_EQUAL(w.len, 2);
	wire_put_u8(&w, 5); /* would fit */
	CU_ASSERT_EQUAL(w.len, 2);
	CU_ASSERT_EQUAL(memcmp(buf, "\x01\x02\x00\xee\xee", 5), 0);
}

static void
patches_stay_inside(void)
{
	uint8_t buf[8] = {0};
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	wire_put_zero(&w, 6);
	wire_patch_u16(&w, 4, 0xabcd);
	wire_patch_u32(&w, 0, 0x01020304);
	CU_ASSERT_FALSE(w.bad);
	CU_ASSERT_EQUAL(memcmp(buf, "\x01\x02\x03\x04\xab\xcd\0\0", 8), 0);
	wire_patch_u16(&w, 5, 1);
	CU_ASSERT_TRUE(w.bad);
	w.bad = false;
	wire_patch_u32(&w, SIZE_MAX, 1);
	CU_ASSERT_TRUE(w.bad);
	CU_ASSERT_EQUAL(buf[5], 0xcd);
}

UNIT_TESTS("wire",
	{"reads what was written", reads_what_was_written},
	{"a short read is bad and stays bad", a_short_read_is_bad_and_stays_bad},
	{"huge lengths do not wrap", huge_lengths_do_not_wrap},
	{"a sub reader sees its part only", a_sub_reader_sees_its_part_only},
	{"nothing can be read from nothing", nothing_can_be_read_from_nothing},
	{"a full writer writes no part", a_full_writer_writes_no_part},
	{"patches stay inside", patches_stay_inside})
