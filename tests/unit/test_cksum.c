/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/cksum: vectors, every offset of the field, and that a damaged octet is noticed. */
#include "lib/cksum.h"

#include <string.h>

#include "lib/prng.h"
#include "tests/unit/unit.h"

static void
internet_vectors(void)
{
	/* RFC 1071 3: 00 01 f2 03 f4 f5 f6 f7 sums to ddf2 */
	static const uint8_t rfc[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	CU_ASSERT_EQUAL(cksum_inet(rfc, sizeof(rfc)), (uint16_t)~0xddf2);
	static const uint8_t ip[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00,
		0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
	CU_ASSERT_EQUAL(cksum_inet(ip, sizeof(ip)), 0xb861);
	CU_ASSERT_EQUAL(cksum_inet(ip, 0), 0xffff);
	static const uint8_t odd[] = {0xff};
	CU_ASSERT_EQUAL(cksum_inet(odd, 1), 0x00ff);
}

static void
pieces_sum_like_the_whole(void)
{
	static uint8_t bytes[70000];
	struct prng r;
	prng_seed(&r, 1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)prng_u64(&r);
	uint16_t whole = cksum_inet(bytes, sizeof(bytes));
	for (size_t cut = 0; cut < sizeof(bytes); cut += 4998) {
		uint32_t sum = cksum_add(0, bytes, cut);
		CU_ASSERT_EQUAL(cksum_fold(cksum_add(sum, bytes + cut, sizeof(bytes) - cut)), whole);
	}
	memset(bytes, 0xff, sizeof(bytes));
	CU_ASSERT_EQUAL(cksum_inet(bytes, sizeof(bytes)), 0);
}

static void
fletcher_checks_at_every_offset(void)
{
	struct prng r;
	uint8_t bytes[300];
	prng_seed(&r, 2);
	bool good = true;
	for (unsigned n = 0; n < 3000 && good; n++) {
		size_t len = 2 + prng_below(&r, 299);
		size_t at = prng_below(&r, (uint32_t)len - 1);
		for (size_t i = 0; i < len; i++)
			bytes[i] = n % 5 ? (uint8_t)prng_u64(&r) : (uint8_t)(n & 1 ? 0xff : 0);
		uint16_t sum = cksum_fletcher(bytes, len, at);
		bytes[at] = (uint8_t)(sum >> 8);
		bytes[at + 1] = (uint8_t)sum;
		good = cksum_fletcher_ok(bytes, len) && bytes[at] && bytes[at + 1];
		good = good && cksum_fletcher(bytes, len, at) == sum; /* the field does not count */
		size_t hit = prng_below(&r, (uint32_t)len);
		bytes[hit] = (uint8_t)(bytes[hit] + 1 + prng_below(&r, 253));
		/* 0 and 255 are the same to Fletcher */
		if (bytes[hit] != 0 && bytes[hit] != 255)
			good = good && !cksum_fletcher_ok(bytes, len);
	}
	CU_ASSERT_TRUE(good);
}

static void
fletcher_is_the_sum_by_definition(void)
{
	/* plain sums modulo 255 over a long buffer, as RFC 905 B.4 words it */
	static uint8_t bytes[20000];
	struct prng r;
	prng_seed(&r, 3);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(prng_u64(&r) | 0xf0);
	uint16_t sum = cksum_fletcher(bytes, sizeof(bytes), 14);
	bytes[14] = (uint8_t)(sum >> 8);
	bytes[15] = (uint8_t)sum;
	uint32_t c0 = 0, c1 = 0;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		c0 = (c0 + bytes[i]) % 255;
		c1 = (c1 + c0) % 255;
	}
	CU_ASSERT_EQUAL(c0, 0);
	CU_ASSERT_EQUAL(c1, 0);
}

UNIT_TESTS("cksum",
	{"Internet vectors", internet_vectors},
	{"pieces sum like the whole", pieces_sum_like_the_whole},
	{"Fletcher checks at every offset", fletcher_checks_at_every_offset},
	{"Fletcher is the sum by definition", fletcher_is_the_sum_by_definition})
