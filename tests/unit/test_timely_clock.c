/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/timely: when a datagram arrived, whatever was done to the wall clock. */
#include <time.h>

#include "lib/loop.h"
#include "lib/prng.h"
#include "lib/timely.h"
#include "tests/unit/unit.h"

#define WALL (INT64_C(1795881507) * TIME_SEC) /* the wall clock when the monotonic one is 0 */

static void
a_stamp_is_believed_while_the_clock_runs(void)
{
	struct timely_wall w = {.offset = WALL};
	int64_t now = 1000 * TIME_SEC;
	CU_ASSERT_EQUAL(timely_arrival_by(&w, WALL + now - 30000, WALL + now, now, now), now - 30000);
	/* read a little after the turn's time, so the stamp may be ahead of it */
	CU_ASSERT_EQUAL(timely_arrival_by(&w, WALL + now + 400, WALL + now + 900, now + 900, now), now);
	/* slewed by 500 ppm for a second */
	CU_ASSERT_EQUAL(timely_arrival_by(&w, WALL + now + TIME_SEC - 400, WALL + now + TIME_SEC + 500,
		now + TIME_SEC, now + TIME_SEC), now + TIME_SEC - 900);
	CU_ASSERT_EQUAL(timely_arrival_by(&w, 0, WALL + now, now, now), now);
}

/*
 * Datagrams every 10 ms, each stamped when it came; they are read in batches of five, so that some were stamped
 * before the clock was set and are read after it.
 */
static void
no_step_makes_silence(void)
{
	static const int64_t steps[] = {3 * TIME_MS, 40 * TIME_MS, 500 * TIME_MS, 999 * TIME_MS, TIME_SEC,
		3600 * TIME_SEC, INT64_C(86400) * 365 * TIME_SEC};
	for (size_t i = 0; i < 2 * sizeof(steps) / sizeof(steps[0]); i++) {
		int64_t step = i % 2 ? -steps[i / 2] : steps[i / 2];
		struct timely_wall w = {.offset = WALL};
		unsigned exact = 0;
		for (int n = 1; n <= 300; n++) {
			int64_t came = n * 10 * TIME_MS, read = (n + 4) / 5 * 50 * TIME_MS + TIME_MS;
			int64_t stamp = came + WALL + (n > 123 ? step : 0), wall = read + WALL + (read > 123 * 10 * TIME_MS ? step : 0);
			int64_t at = timely_arrival_by(&w, stamp, wall, read, read);
			CU_ASSERT(at >= came && at <= read); /* never earlier than the truth */
			exact += at == came;
		}
		CU_ASSERT(exact >= 190); /* all but those of one second */
	}
}

static void
wild_stamps_stay_within_a_second(void)
{
	struct timely_wall w = {.offset = WALL};
	struct prng r;
	int64_t now = 5000 * TIME_SEC;
	prng_seed(&r, 9);
	for (int i = 0; i < 100000; i++) {
		int64_t stamp = (int64_t)(prng_u64(&r) >> 2), wall = i % 2 ? (int64_t)(prng_u64(&r) >> 2) : WALL + now;
		int64_t at = timely_arrival_by(&w, stamp, wall, now, now);
		CU_ASSERT_FATAL(at <= now && at >= now - TIME_SEC);
	}
}

static void
now_is_now(void)
{
	struct timespec ts;
	int64_t last = 0;
	for (int i = 0; i < 3; i++) { /* the first one learns how far the clocks are apart */
		int64_t now = loop_clock();
		clock_gettime(CLOCK_REALTIME, &ts);
		last = now - timely_arrival((int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec - 20000000, now);
	}
	CU_ASSERT(last > 15000 && last < 25000);
	CU_ASSERT_EQUAL(timely_arrival(0, 5), 5);
}

UNIT_TESTS("timely_clock", {"a stamp is believed while the clock runs", a_stamp_is_believed_while_the_clock_runs},
	{"no step of the clock makes silence", no_step_makes_silence},
	{"wild stamps stay within a second", wild_stamps_stay_within_a_second}, {"now is now", now_is_now})
