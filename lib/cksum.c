/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums of headers and LSAs. Owns nothing; works on host-order sums of network-order words. */
#include "lib/cksum.h"

#include <assert.h>

/* RFC 1071 1: the sum of 16-bit words; carries stay in the upper half until folded. */
uint32_t
cksum_add(uint32_t sum, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t total = sum;
	for (; len >= 2; p += 2, len -= 2)
		total += (uint32_t)p[0] << 8 | p[1];
	if (len)
		total += (uint32_t)p[0] << 8;
	while (total >> 32)
		total = (total & UINT32_MAX) + (total >> 32);
	/* one's complement: folding early does not change the result, and leaves room to go on */
	return (uint32_t)((total & 0xffff) + (total >> 16 & 0xffff));
}

uint16_t
cksum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t
cksum_inet(const void *bytes, size_t len)
{
	return cksum_fold(cksum_add(0, bytes, len));
}

/* RFC 905 B.4: C0 and C1, the running sums modulo 255, with two octets at skip read as zero. */
static void
fletcher_sums(const uint8_t *bytes, size_t len, size_t skip, uint32_t *c0, uint32_t *c1)
{
	uint32_t a = 0, b = 0;
	for (size_t i = 0; i < len;) {
		/* 4102 is the most octets whose sums fit 32 bits */
		size_t end = len - i > 4102 ? i + 4102 : len;
		for (; i < end; i++) {
			a += i == skip || i == skip + 1 ? 0 : bytes[i];
			b += a;
		}
		a %= 255;
		b %= 255;
	}
	*c0 = a;
	*c1 = b;
}

uint16_t
cksum_fletcher(const uint8_t *bytes, size_t len, size_t at)
{
	assert(len >= 2 && at <= len - 2);
	uint32_t c0, c1;
	fletcher_sums(bytes, len, at, &c0, &c1);
	/* RFC 905 B.5: X = -C1 + (L-n)C0 and Y = C1 - (L-n+1)C0, n counted from one */
	int64_t after = (int64_t)((len - at - 1) % 255);
	int64_t x = (after * (int64_t)c0 - (int64_t)c1) % 255;
	int64_t y = ((int64_t)c1 - (after + 1) * (int64_t)c0) % 255;
	/* zero is written as 255, so that 0 can mean "no checksum" */
	if (x <= 0)
		x += 255;
	if (y <= 0)
		y += 255;
	return (uint16_t)(x << 8 | y);
}

bool
cksum_fletcher_ok(const uint8_t *bytes, size_t len)
{
	uint32_t c0, c1;
	fletcher_sums(bytes, len, SIZE_MAX - 1, &c0, &c1);
	return c0 == 0 && c1 == 0;
}
