/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xoshiro256** (Blackman and Vigna), its state filled by splitmix64. Owns nothing. Good for
 * jitter, ids and simulations; not for secrets.
 */
#include "lib/prng.h"

static uint64_t
rotate_left(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

void
prng_seed(struct prng *r, uint64_t seed)
{
	for (unsigned i = 0; i < 4; i++) {
		seed += UINT64_C(0x9e3779b97f4a7c15);
		uint64_t z = seed;
		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		r->s[i] = z ^ z >> 31;
	}
}

uint64_t
prng_u64(struct prng *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint32_t
prng_below(struct prng *r, uint32_t limit)
{
	if (!limit)
		return 0;
	/* multiply and shift (Lemire); the low part tells when a draw would be unfair */
	uint32_t unfair = -limit % limit;
	uint64_t m;
	do {
		m = (prng_u64(r) >> 32) * limit;
	} while ((uint32_t)m < unfair);
	return (uint32_t)(m >> 32);
}
