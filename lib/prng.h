/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deterministic random numbers: every core draws from the instance's own generator (xoshiro256**). */
#ifndef GREVY_LIB_PRNG_H
#define GREVY_LIB_PRNG_H

#include <stdint.h>

struct prng {
	uint64_t s[4];
};

void prng_seed(struct prng *r, uint64_t seed);
uint64_t prng_u64(struct prng *r);
uint32_t prng_below(struct prng *r, uint32_t limit); /* uniform in [0, limit); 0 if limit is 0 */

#endif
