/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/prng: the published sequence, and fair draws below a limit. */
#include "lib/prng.h"

#include "tests/unit/unit.h"

static void
xoshiro_from_a_known_state(void)
{
	/* state 1, 2, 3, 4: the outputs of the authors' own test */
	struct prng r = {{1, 2, 3, 4}};
	static const uint64_t want[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(prng_u64(&r), want[i]);
}

static void
splitmix_fills_the_state(void)
{
	/* splitmix64 from seed 1234567 */
	static const uint64_t want[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
		UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)};
	struct prng r;
	prng_seed(&r, 1234567);
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(r.s[i], want[i]);
}

static void
same_seed_same_run(void)
{
	struct prng a, b, c;
	prng_seed(&a, 5);
	prng_seed(&b, 5);
	prng_seed(&c, 6);
	unsigned differ = 0;
	for (unsigned i = 0; i < 100; i++) {
		uint64_t x = prng_u64(&a);
		CU_ASSERT_EQUAL(x, prng_u64(&b));
		differ += x != prng_u64(&c);
	}
	CU_ASSERT(differ > 95);
}

static void
draws_are_below_the_limit_and_even(void)
{
	struct prng r;
	unsigned seen[10] = {0};
	prng_seed(&r, 7);
	for (unsigned i = 0; i < 100000; i++) {
		uint32_t x = prng_below(&r, 10);
		CU_ASSERT_FATAL(x < 10);
		seen[x]++;
	}
	for (unsigned i = 0; i < 10; i++)
		CU_ASSERT(seen[i] > 9500 && seen[i] < 10500);
	CU_ASSERT_EQUAL(prng_below(&r, 0), 0);
	CU_ASSERT_EQUAL(prng_below(&r, 1), 0);
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT(prng_below(&r, 0xc0000001) < 0xc0000001);
}

UNIT_TESTS("prng",
	{"xoshiro from a known state", xoshiro_from_a_known_state},
	{"splitmix fills the state", splitmix_fills_the_state},
	{"same seed same run", same_seed_same_run},
	{"draws are below the limit and even", draws_are_below_the_limit_and_even})
