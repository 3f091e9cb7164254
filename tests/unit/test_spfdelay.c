/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 8405's delay machine and FRR's throttle, moment by moment. */
#include "tests/unit/unit.h"

#include "ospfd/spfdelay.h"

#define MS INT64_C(1000)
static const struct ospf_conf_spf backoff = { .initial_ms = 0, .short_ms = 200, .long_ms = 5000,
	.hold_ms = 10000, .learn_ms = 500 };
static const struct ospf_conf_spf throttle = { .throttle = true, .throttle_delay_ms = 10,
	.throttle_hold_ms = 100, .throttle_max_ms = 300 };

static void
first_event_runs_at_once(void)
{
	struct spfdelay d;
	spfdelay_init(&d);
	spfdelay_igp_event(&d, &backoff, 1000 * MS);
	CU_ASSERT_TRUE(spfdelay_is_due(&d, 1000 * MS));
	spfdelay_ran(&d, 1000 * MS);
	CU_ASSERT_FALSE(spfdelay_is_due(&d, 9000 * MS));
}

static void
short_then_long_then_quiet(void)
{
	struct spfdelay d;
	spfdelay_init(&d);
	spfdelay_igp_event(&d, &backoff, 0);
	spfdelay_ran(&d, 0);
	spfdelay_igp_event(&d, &backoff, 100 * MS); /* transition 2 */
	CU_ASSERT_EQUAL(d.state, SPFDELAY_SHORT_WAIT);
	CU_ASSERT_EQUAL(d.due, 200 * MS); /* counted from the last run */
	spfdelay_igp_event(&d, &backoff, 150 * MS); /* a running SPF timer is not restarted */
	CU_ASSERT_EQUAL(d.due, 200 * MS);
	spfdelay_ran(&d, 200 * MS);
	spfdelay_igp_event(&d, &backoff, 600 * MS); /* 3: TIME_TO_LEARN over, then 4 */
	CU_ASSERT_EQUAL(d.state, SPFDELAY_LONG_WAIT);
	CU_ASSERT_EQUAL(d.due, 5200 * MS);
	spfdelay_ran(&d, 5200 * MS);
	spfdelay_igp_event(&d, &backoff, 10400 * MS); /* alone, though LONG_WAIT is not over: at once */
	CU_ASSERT_EQUAL(d.state, SPFDELAY_LONG_WAIT);
	CU_ASSERT_EQUAL(d.due, 10400 * MS);
	spfdelay_ran(&d, 10400 * MS);
	spfdelay_advance(&d, 20399 * MS);
	CU_ASSERT_EQUAL(d.state, SPFDELAY_LONG_WAIT);
	spfdelay_advance(&d, 20400 * MS); /* 5: HOLDDOWN counts from the last event */
	CU_ASSERT_EQUAL(d.state, SPFDELAY_QUIET);
	spfdelay_igp_event(&d, &backoff, 30000 * MS);
	CU_ASSERT_TRUE(spfdelay_is_due(&d, 30000 * MS));
}

static void
quiet_from_short_wait(void)
{
	struct spfdelay d;
	struct ospf_conf_spf c = backoff;
	c.learn_ms = 60000; /* HOLDDOWN first: transition 6 */
	spfdelay_init(&d);
	spfdelay_igp_event(&d, &c, 0);
	spfdelay_ran(&d, 0);
	spfdelay_advance(&d, 10000 * MS);
	CU_ASSERT_EQUAL(d.state, SPFDELAY_QUIET);
	CU_ASSERT_EQUAL(d.learn_end, TIME_NEVER);
}

static void
throttle_grows_and_recovers(void)
{
	struct spfdelay d;
	spfdelay_init(&d);
	spfdelay_igp_event(&d, &throttle, 0);
	CU_ASSERT_EQUAL(d.due, 10 * MS);
	spfdelay_ran(&d, 10 * MS);
	spfdelay_igp_event(&d, &throttle, 20 * MS); /* hold 100 from the last run */
	CU_ASSERT_EQUAL(d.due, 110 * MS);
	spfdelay_ran(&d, 110 * MS);
	spfdelay_igp_event(&d, &throttle, 120 * MS); /* hold 200 */
	CU_ASSERT_EQUAL(d.due, 310 * MS);
	spfdelay_ran(&d, 310 * MS);
	spfdelay_igp_event(&d, &throttle, 320 * MS); /* 300, the maximum */
	CU_ASSERT_EQUAL(d.due, 610 * MS);
	spfdelay_ran(&d, 610 * MS);
	spfdelay_igp_event(&d, &throttle, 620 * MS);
	CU_ASSERT_EQUAL(d.due, 910 * MS);
	spfdelay_ran(&d, 910 * MS);
	spfdelay_igp_event(&d, &throttle, 2000 * MS); /* quiet for longer than the hold time */
	CU_ASSERT_EQUAL(d.due, 2010 * MS);
	CU_ASSERT_EQUAL(d.multiplier, 1);
}

UNIT_TESTS("spfdelay",
	{ "first event runs at once", first_event_runs_at_once },
	{ "short, long, quiet (RFC 8405 5.1)", short_then_long_then_quiet },
	{ "quiet again from short wait (transition 6)", quiet_from_short_wait },
	{ "throttle grows and recovers", throttle_grows_and_recovers })
