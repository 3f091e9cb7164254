/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VRRP in virtual time: who takes over, when to the microsecond, and what nobody notices. */
#include "tests/unit/vrrp_world.h"

/* RFC 9568 6.1: Active_Down_Interval = 3 * interval + ((256 - priority) * interval) / 256 */
static int64_t
down_interval(int64_t interval, int64_t priority)
{
	return 3 * interval + (256 - priority) * interval / 256;
}

static void
a_router_alone_becomes_master(void)
{
	struct world *w = world_new(1);
	int64_t start = w->now;
	node_vrrp(&w->nodes[0], "200", "1000");
	CU_ASSERT(state(&w->nodes[0]) == VRRP_BACKUP);
	CU_ASSERT(w->nodes[0].vlinks == 1 && w->nodes[0].held == 0 && w->nodes[0].joined == 1);
	world_run(w, 4 * SEC);
	CU_ASSERT(w->nodes[0].first_advert == start + down_interval(SEC, 200));
	CU_ASSERT(state(&w->nodes[0]) == VRRP_MASTER && w->nodes[0].held == 1);
	CU_ASSERT(w->nodes[0].change.reason == VRRP_WHY_MASTER_DOWN);
	CU_ASSERT(w->nodes[0].announced == 5);
	world_run(w, 5 * SEC);
	CU_ASSERT(w->nodes[0].announced == 10);
	world_free(w);
}

static void
takes_over_exactly(void)
{
	static const struct {
		const char *interval;
		int64_t us;
	} rows[] = {{"1000", SEC}, {"100", 100 * MS}, {"10", 10 * MS}};
	for (unsigned i = 0; i < 3; i++) {
		struct world *w = world_pair(rows[i].interval);
		int64_t last = w->nodes[0].sent.at + DELAY;
		w->cut[0][1] = true;
		world_run(w, 10 * SEC);
		CU_ASSERT(w->nodes[1].first_advert >= last);
		/* the last one may have come after the look at it: count back from the cut */
		CU_ASSERT(view(&w->nodes[1]).state == VRRP_MASTER);
		CU_ASSERT(w->nodes[1].first_advert == last + down_interval(rows[i].us, 100));
		CU_ASSERT(w->nodes[1].held == 1);
		world_free(w);
	}
}

UNIT_TESTS("vrrp timing",
	{"a router alone listens for a master-down interval, then is master", a_router_alone_becomes_master},
	{"a silent master is replaced 3 intervals and a skew after its last advert", takes_over_exactly})
