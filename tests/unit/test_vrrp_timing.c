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


static void
adverts_keep_their_schedule(void)
{
	struct world *w = world_pair("100");
	int64_t first = w->nodes[0].sent.at;
	unsigned count = w->nodes[0].sent.count;
	world_run(w, 5 * SEC);
	CU_ASSERT(w->nodes[0].sent.count == count + 50);
	CU_ASSERT(w->nodes[0].sent.at == first + 50 * 100 * MS);
	/* a thread that sleeps 250 ms too long sends one, and then keeps to the old schedule */
	w->nodes[0].paused = true;
	world_run(w, 250 * MS);
	w->nodes[0].paused = false;
	world_wake(&w->nodes[0]);
	CU_ASSERT(w->nodes[0].sent.count == count + 51);
	world_run(w, 1 * SEC);
	CU_ASSERT((w->nodes[0].sent.at - first) % (100 * MS) == 0);
	CU_ASSERT(view(&w->nodes[0]).stats.late_adverts >= 1);
	CU_ASSERT(master(w) == 0 && w->nodes[1].changes == 1);
	world_free(w);
}

static void
late_wake_up_is_no_death(void)
{
	struct world *w = world_pair("100");
	unsigned changes = w->nodes[1].changes;
	/* the Backup is stopped for 2 s: the adverts wait in its socket, and count by their arrival */
	w->nodes[1].paused = true;
	world_run(w, 2 * SEC);
	w->nodes[1].paused = false;
	world_run(w, 1 * SEC);
	CU_ASSERT(master(w) == 0 && w->nodes[1].changes == changes);
	/* the master died meanwhile: that is overdue by the last arrival, but a queue may have run over: an interval more */
	int64_t last = w->nodes[0].sent.at;
	w->nodes[1].paused = true;
	w->cut[0][1] = true;
	world_run(w, 2 * SEC);
	w->nodes[1].paused = false;
	int64_t woke = w->now;
	world_wake(&w->nodes[1]);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_BACKUP && last < woke - down_interval(100 * MS, 100));
	world_run(w, SEC);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER && w->nodes[1].first_advert == woke + 112500);
	/* the same with a master that lives, whose adverts were lost with the queue */
	w->cut[0][1] = false;
	world_run(w, SEC);
	changes = w->nodes[1].changes;
	w->nodes[1].paused = true;
	world_run(w, 2 * SEC);
	w->count = 0;
	w->nodes[1].paused = false;
	world_run(w, SEC);
	CU_ASSERT(master(w) == 0 && w->nodes[1].changes == changes);
	/* a little late is not asleep */
	last = w->nodes[0].sent.at + DELAY;
	w->cut[0][1] = w->nodes[1].paused = true;
	world_mark(w);
	world_run(w, last + 400 * MS - w->now);
	w->nodes[1].paused = false;
	world_wake(&w->nodes[1]);
	CU_ASSERT(w->nodes[1].first_advert == w->now && w->now > last + down_interval(100 * MS, 100));
	world_free(w);
}

static void
a_stopped_master_comes_back(void)
{
	struct world *w = world_pair("100");
	w->nodes[0].paused = true;
	world_run(w, 2 * SEC);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER);
	unsigned announced = w->nodes[0].announced;
	w->nodes[0].paused = false;
	world_run(w, 50 * MS);
	/* it reads what came, answers, and the other one yields: no interval is waited for */
	CU_ASSERT(master(w) == 0);
	CU_ASSERT(w->nodes[0].announced > announced);
	CU_ASSERT(w->nodes[1].change.reason == VRRP_WHY_HIGHER_PRIORITY && w->nodes[1].held == 0);
	world_free(w);
}

static void
shutdown_breaks_after_it_makes(void)
{
	struct world *w = world_pair("1000");
	int64_t start = w->now;
	vrrp_shutdown(w->nodes[0].v, w->now);
	CU_ASSERT(w->nodes[0].sent.zeros == 1 && state(&w->nodes[0]) == VRRP_INITIALIZE);
	CU_ASSERT(w->nodes[0].held == 1 && w->nodes[0].vlinks == 1 && !vrrp_is_idle(w->nodes[0].v));
	/* RFC 9568 6.4.2: the Backup's skew time */
	world_run(w, SEC / 2);
	CU_ASSERT(w->nodes[0].held == 1 && w->nodes[1].first_advert == 0);
	CU_ASSERT(w->nodes[0].sent.zeros == 3);
	world_run(w, SEC / 4);
	CU_ASSERT(w->nodes[1].first_advert == start + DELAY + 156 * SEC / 256);
	CU_ASSERT(w->nodes[1].change.reason == VRRP_WHY_PRIORITY_ZERO);
	CU_ASSERT(w->nodes[0].held == 0 && vrrp_is_idle(w->nodes[0].v) && w->nodes[0].vlinks == 0);
	CU_ASSERT(w->nodes[0].joined == 0 && w->nodes[0].record_count == 0);
	world_free(w);
}

static void
shutdown_without_a_backup_ends(void)
{
	struct world *w = world_pair("1000");
	w->cut[1][1] = true;
	vrrp_shutdown(w->nodes[0].v, w->now);
	world_run(w, 1 * SEC);
	CU_ASSERT(!vrrp_is_idle(w->nodes[0].v) && w->nodes[0].held == 1);
	world_run(w, 20 * MS);
	CU_ASSERT(vrrp_is_idle(w->nodes[0].v) && w->nodes[0].held == 0);
	world_free(w);
}

static void
a_removed_router_hands_over(void)
{
	struct world *w = world_pair("100");
	struct vrrp_view v;
	node_set(&w->nodes[0], "eth1", 5, "-", NULL);
	CU_ASSERT(!node_view(&w->nodes[0], 1, 5, AFI_IP4, &v));
	CU_ASSERT(w->nodes[0].sent.zeros == 1 && w->nodes[0].held == 1 && w->nodes[0].vlinks == 1);
	world_run(w, 100 * MS);
	CU_ASSERT(master(w) == 1 && w->nodes[0].held == 0 && w->nodes[0].vlinks == 0);
	CU_ASSERT(w->nodes[0].change.reason == VRRP_WHY_CONFIG);
	CU_ASSERT(w->nodes[0].lan[1].role == VRRP_ROLE_NONE);
	/* configured again while it hands over */
	node_vrrp(&w->nodes[0], "200", "100");
	world_run(w, 10 * SEC);
	CU_ASSERT(master(w) == 0);
	node_set(&w->nodes[0], "eth1", 5, "-", NULL);
	node_vrrp(&w->nodes[0], "200", "100");
	CU_ASSERT(state(&w->nodes[0]) == VRRP_BACKUP && w->nodes[0].held == 1);
	world_run(w, 10 * SEC);
	CU_ASSERT(master(w) == 0 && w->nodes[0].held == 1 && w->nodes[1].held == 0);
	world_free(w);
}

static void
preempts_or_not(void)
{
	static const char *const values[] = {"true", "false"};
	for (unsigned i = 0; i < 2; i++) {
		struct world *w = world_new(2);
		node_vrrp(&w->nodes[1], "100", "100");
		world_run(w, 2 * SEC);
		CU_ASSERT(master(w) == 1);
		node_vrrp(&w->nodes[0], "200", "100");
		node_set(&w->nodes[0], "eth1", 5, "preempt/enabled", values[i]);
		world_mark(w);
		int64_t start = w->now;
		world_run(w, 5 * SEC);
		CU_ASSERT(master(w) == i);
		/* a router that has just come listens for a master-down interval */
		if (i == 0) {
			CU_ASSERT(w->nodes[0].first_advert == start + down_interval(100 * MS, 200));
			CU_ASSERT(w->nodes[0].change.reason == VRRP_WHY_PREEMPTED);
		} else {
			CU_ASSERT(view(&w->nodes[0]).hold == VRRP_HOLD_NO_PREEMPT);
			w->cut[1][1] = true;
			world_run(w, SEC);
			CU_ASSERT(state(&w->nodes[0]) == VRRP_MASTER);
		}
		world_free(w);
	}
}

static void
preempt_delay_is_kept(void)
{
	struct world *w = world_new(2);
	node_vrrp(&w->nodes[1], "100", "100");
	node_vrrp(&w->nodes[0], "200", "100");
	node_set(&w->nodes[0], "eth1", 5, "preempt/hold-time", "30");
	/* without any master nobody waits */
	world_run(w, SEC);
	CU_ASSERT(master(w) == 0);
	node_link(&w->nodes[0], 1, false, false);
	CU_ASSERT(w->nodes[0].change.reason == VRRP_WHY_INTERFACE && w->nodes[0].held == 0);
	world_run(w, 5 * SEC);
	CU_ASSERT(master(w) == 1);
	node_link(&w->nodes[0], 1, true, false);
	world_mark(w);
	world_run(w, 29 * SEC);
	CU_ASSERT(master(w) == 1 && view(&w->nodes[0]).hold == VRRP_HOLD_PREEMPT_DELAY);
	CU_ASSERT(view(&w->nodes[0]).hold_until > w->now);
	world_run(w, 1200 * MS);
	CU_ASSERT(master(w) == 0);
	world_free(w);
}

static void
start_delay_counts_from_the_router(void)
{
	struct world *w = world_new(2);
	node_vrrp(&w->nodes[1], "100", "100");
	world_run(w, 2 * SEC);
	node_vrrp(&w->nodes[0], "200", "100");
	node_set(&w->nodes[0], "eth1", 5, "start-delay", "60");
	world_run(w, 30 * SEC);
	CU_ASSERT(master(w) == 1 && view(&w->nodes[0]).hold == VRRP_HOLD_START_DELAY);
	/* only this daemon is young */
	vrrp_router_started(w->nodes[0].v, w->now - 100 * SEC, w->now);
	world_run(w, 100 * MS);
	CU_ASSERT(master(w) == 0);
	world_free(w);
}

static void
waits_for_routing(void)
{
	struct world *w = world_new(2);
	vrrp_ready_changed(w->nodes[0].v, false, w->now);
	node_vrrp(&w->nodes[1], "100", "100");
	world_run(w, 2 * SEC);
	node_vrrp(&w->nodes[0], "200", "100");
	world_run(w, 20 * SEC);
	CU_ASSERT(master(w) == 1 && view(&w->nodes[0]).hold == VRRP_HOLD_ROUTING);
	CU_ASSERT(w->nodes[0].logs[VRRP_LOG_HOLD] == 1);
	world_mark(w);
	int64_t start = w->now;
	vrrp_ready_changed(w->nodes[0].v, true, w->now);
	world_run(w, SEC);
	CU_ASSERT(master(w) == 0 && w->nodes[0].first_advert == start);
	CU_ASSERT(w->nodes[0].logs[VRRP_LOG_HOLD] == 2);
	/* not longer than the maximum */
	vrrp_ready_changed(w->nodes[0].v, false, w->now);
	node_set(&w->nodes[0], "eth1", 5, "wait-for-routing/maximum", "10");
	node_link(&w->nodes[0], 1, false, false);
	world_run(w, SEC);
	node_link(&w->nodes[0], 1, true, false);
	world_run(w, 9 * SEC);
	CU_ASSERT(master(w) == 1);
	world_run(w, 2 * SEC);
	CU_ASSERT(master(w) == 0);
	world_free(w);
}

static void
nobody_waits_for_routing_without_a_master(void)
{
	struct world *w = world_pair("100");
	vrrp_ready_changed(w->nodes[1].v, false, w->now);
	w->cut[0][1] = true;
	world_run(w, SEC);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER);
	world_free(w);
}

static void
equal_priorities_are_settled_by_address(void)
{
	struct world *w = world_new(2);
	node_vrrp(&w->nodes[0], "100", "100");
	node_vrrp(&w->nodes[1], "100", "100");
	w->cut[0][1] = true;
	world_run(w, 5 * SEC);
	CU_ASSERT(state(&w->nodes[0]) == VRRP_MASTER && state(&w->nodes[1]) == VRRP_MASTER);
	w->cut[0][1] = false;
	world_run(w, 200 * MS);
	CU_ASSERT(master(w) == 1); /* 10.0.1.2 */
	world_run(w, 5 * SEC);
	CU_ASSERT(master(w) == 1);
	world_free(w);
}

static void
a_split_heals_and_is_told(void)
{
	struct world *w = world_pair("100");
	w->cut[0][1] = true;
	world_run(w, 5 * SEC);
	CU_ASSERT(master(w) == 102);
	unsigned announced = w->nodes[0].announced;
	/* whoever hears the other one first */
	world_run(w, 33 * MS);
	w->cut[0][1] = false;
	world_run(w, 101 * MS);
	CU_ASSERT(master(w) == 0 && w->nodes[1].held == 0);
	CU_ASSERT(w->nodes[0].announced > announced);
	CU_ASSERT(w->nodes[0].logs[VRRP_LOG_SPLIT] == 1);
	CU_ASSERT(view(&w->nodes[0]).stats.splits == 1);
	world_run(w, 10 * SEC);
	CU_ASSERT(w->nodes[0].logs[VRRP_LOG_SPLIT] == 1);
	world_free(w);
}

static void
the_learnt_interval_is_capped(void)
{
	struct world *w = world_pair("100");
	/* RFC 9568 6.4.2: the interval is the master's */
	node_set(&w->nodes[0], "eth1", 5, "advertisement-interval", "500");
	world_run(w, 5 * SEC);
	CU_ASSERT(view(&w->nodes[1]).master_interval == 500 * MS && w->nodes[1].changes == 1);
	node_set(&w->nodes[0], "eth1", 5, "advertisement-interval", "20000");
	world_run(w, 600 * MS);
	CU_ASSERT(view(&w->nodes[1]).master_interval == 20 * SEC);
	CU_ASSERT(view(&w->nodes[1]).master_interval_used == SEC);
	CU_ASSERT(view(&w->nodes[1]).stats.interval_capped == 1);
	CU_ASSERT(w->nodes[1].logs[VRRP_LOG_MISMATCH] == 1);
	w->cut[0][1] = true;
	world_run(w, 4 * SEC);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER);
	world_free(w);
}

static void
restored_in_time_nobody_notices(void)
{
	struct world *w = world_pair("1000");
	struct vrrp_record record[16];
	for (unsigned late = 0; late < 2; late++) {
		memcpy(record, w->nodes[0].record, sizeof(record));
		unsigned count = w->nodes[0].record_count, changes = w->nodes[1].changes;
		CU_ASSERT(count == 1);
		node_kill(w, 0);
		world_run(w, late ? 3700 * MS : 2 * SEC);
		node_start(w, 0);
		vrrp_restore(w->nodes[0].v, record, count, w->now);
		w->nodes[0].no_vlink = true; /* zebra has not spoken yet */
		w->nodes[0].announced = 0;
		world_mark(w);
		node_vrrp(&w->nodes[0], "200", "1000");
		node_links(&w->nodes[0]);
		if (!late) {
			CU_ASSERT(state(&w->nodes[0]) == VRRP_MASTER && w->nodes[0].first_advert == w->now);
			CU_ASSERT(w->nodes[0].change.reason == VRRP_WHY_RESTORED);
		} else {
			CU_ASSERT(state(&w->nodes[0]) != VRRP_MASTER);
		}
		w->nodes[0].no_vlink = false;
		world_run(w, late ? 0 : 10 * SEC);
		CU_ASSERT(w->nodes[1].changes == changes + late);
		CU_ASSERT(w->nodes[0].announced == !late);
	}
	world_free(w);
}

static void
a_restored_backup_listens_first(void)
{
	struct world *w = world_pair("1000");
	struct vrrp_record record[16];
	memcpy(record, w->nodes[1].record, sizeof(record));
	unsigned count = w->nodes[1].record_count;
	node_kill(w, 1);
	world_run(w, 3500 * MS);
	node_start(w, 1);
	vrrp_restore(w->nodes[1].v, record, count, w->now);
	node_vrrp(&w->nodes[1], "100", "1000");
	node_links(&w->nodes[1]);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_BACKUP);
	struct vrrp_view v = view(&w->nodes[1]);
	struct ipaddr a = addr("10.0.1.1");
	CU_ASSERT(!ipaddr_cmp(&v.master, &a));
	unsigned changes = w->nodes[1].changes;
	world_run(w, 10 * SEC);
	CU_ASSERT(master(w) == 0 && w->nodes[1].changes == changes);
	world_free(w);
}

static void
bfd_makes_it_at_once(void)
{
	struct world *w = world_pair("1000");
	struct ipaddr peer = addr("10.0.1.1"), other = addr("10.0.1.77");
	node_set(&w->nodes[1], "eth1", 5, "bfd[peer='10.0.1.1']/profile", "fast");
	node_set(&w->nodes[1], "eth1", 5, "bfd[peer='10.0.1.77']", NULL);
	CU_ASSERT(w->nodes[1].bfd.want && w->nodes[1].bfd.ifindex == 1);
	vrrp_bfd_changed(w->nodes[1].v, 1, &peer, 1, w->now, w->now);
	vrrp_bfd_changed(w->nodes[1].v, 1, &other, 1, w->now, w->now);
	vrrp_bfd_changed(w->nodes[1].v, 1, &other, 2, w->now, w->now);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_BACKUP);
	w->cut[0][1] = true;
	vrrp_bfd_changed(w->nodes[1].v, 1, &peer, 2, w->now, w->now);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER && w->nodes[1].first_advert == w->now);
	CU_ASSERT(w->nodes[1].change.reason == VRRP_WHY_BFD);
	/* a session that is down while the master lives makes no flapping */
	w->cut[0][1] = false;
	world_run(w, 2 * SEC);
	unsigned changes = w->nodes[1].changes;
	CU_ASSERT(master(w) == 0);
	world_run(w, 20 * SEC);
	CU_ASSERT(w->nodes[1].changes == changes);
	world_free(w);
}

static void
the_owner_is_master_at_once(void)
{
	struct world *w = world_pair("1000");
	/* 10.0.1.254 becomes node 1's own: RFC 9568 6.1, priority 255; it does not wait for anything */
	vrrp_ready_changed(w->nodes[1].v, false, w->now);
	node_set(&w->nodes[1], "eth1", 5, "preempt/enabled", "false");
	node_address(&w->nodes[1], 1, "10.0.1.254/24", false);
	world_run(w, 4 * SEC);
	CU_ASSERT(master(w) == 1 && view(&w->nodes[1]).effective_priority == 255 && view(&w->nodes[1]).owner);
	CU_ASSERT(w->nodes[1].held == 0); /* its own address is not touched */
	CU_ASSERT(w->nodes[0].held == 0);
	/* after a carrier loss it does not listen first */
	node_link(&w->nodes[1], 1, false, false);
	world_run(w, 5 * SEC);
	CU_ASSERT(master(w) == 0);
	node_link(&w->nodes[1], 1, true, false);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER && w->nodes[1].change.reason == VRRP_WHY_OWNER);
	world_run(w, SEC);
	CU_ASSERT(master(w) == 1);
	/* a virtual address of host length on the interface makes nobody owner */
	node_address(&w->nodes[1], 1, "10.0.1.254/24", true);
	node_address(&w->nodes[1], 1, "10.0.1.254/32", false);
	CU_ASSERT(!view(&w->nodes[1]).owner);
	world_free(w);
}

static void
many_fail_over_together(void)
{
	struct world *w = world_new(2);
	char address[64];
	for (unsigned n = 0; n < 2; n++)
		for (unsigned vrid = 1; vrid < 50; vrid++) {
			node_set(&w->nodes[n], "eth1", vrid, "priority", n ? "100" : "200");
			node_set(&w->nodes[n], "eth1", vrid, "advertisement-interval", "100");
			snprintf(address, sizeof(address), "virtual-ipv4-address[address='10.0.1.%u']", 100 + vrid);
			node_set(&w->nodes[n], "eth1", vrid, address, NULL);
		}
	world_run(w, 5 * SEC);
	CU_ASSERT(w->nodes[0].held == 49 && w->nodes[1].held == 0);
	int64_t last = w->nodes[0].sent.at + DELAY;
	w->cut[0][1] = true;
	w->nodes[1].announced = 0;
	world_run(w, 365 * MS);
	CU_ASSERT(w->nodes[1].held == 49);
	CU_ASSERT(w->nodes[1].announced >= 49);
	world_run(w, 50 * MS);
	CU_ASSERT(w->nodes[1].announced == 49 * 5);
	CU_ASSERT(w->nodes[1].announced_at - last < down_interval(100 * MS, 100) + 110 * MS);
	world_free(w);
}

static void
of_three_the_second_best(void)
{
	struct world *w = world_new(3);
	static const char *const priorities[] = {"200", "150", "100"};
	for (unsigned i = 0; i < 3; i++)
		node_vrrp(&w->nodes[i], priorities[i], "100");
	world_run(w, 5 * SEC);
	CU_ASSERT(master(w) == 0);
	unsigned third = w->nodes[2].changes;
	/* silently, in order, and by BFD that the third has, too: it gives way to the second at once */
	w->cut[0][1] = true;
	world_run(w, SEC);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER && w->nodes[2].changes == third);
	w->cut[0][1] = false;
	world_run(w, SEC);
	CU_ASSERT(master(w) == 0);
	vrrp_shutdown(w->nodes[0].v, w->now);
	world_run(w, SEC);
	CU_ASSERT(master(w) == 1 && w->nodes[2].changes == third);
	struct ipaddr peer = addr("10.0.1.2");
	node_set(&w->nodes[2], "eth1", 5, "bfd[peer='10.0.1.2']", NULL);
	vrrp_bfd_changed(w->nodes[2].v, 1, &peer, 1, w->now, w->now);
	vrrp_bfd_changed(w->nodes[2].v, 1, &peer, 2, w->now, w->now);
	world_run(w, 200 * MS);
	CU_ASSERT(master(w) == 1 && w->nodes[2].changes == third + 2);
	world_free(w);
}

static void
version_two_counts_in_seconds(void)
{
	struct world *w = world_new(2);
	for (unsigned i = 0; i < 2; i++) {
		node_set(&w->nodes[i], "eth1", 5, "version", "2");
		node_vrrp(&w->nodes[i], i ? "100" : "200", "2000");
	}
	world_run(w, 20 * SEC);
	CU_ASSERT(master(w) == 0);
	int64_t last = w->nodes[0].sent.at + DELAY;
	w->cut[0][1] = true;
	world_mark(w);
	world_run(w, 10 * SEC);
	/* RFC 3768 6.1: the skew is a part of a second, whatever the interval */
	CU_ASSERT(w->nodes[1].first_advert == last + 6 * SEC + 156 * SEC / 256);
	CU_ASSERT(w->nodes[1].sent.version == 2);
	world_free(w);
}

UNIT_TESTS("vrrp timing",
	{"a router alone listens for a master-down interval, then is master", a_router_alone_becomes_master},
	{"a silent master is replaced 3 intervals and a skew after its last advert", takes_over_exactly},
	{"adverts are on an absolute schedule", adverts_keep_their_schedule},
	{"a late wake-up reads first, and judges by arrival", late_wake_up_is_no_death},
	{"a master that was stopped comes back without a wait", a_stopped_master_comes_back},
	{"shutdown: priority 0, addresses until the new master is there", shutdown_breaks_after_it_makes},
	{"shutdown with nobody there ends after an interval", shutdown_without_a_backup_ends},
	{"a virtual router removed from the config hands over", a_removed_router_hands_over},
	{"preemption, and none", preempts_or_not},
	{"preempt delay", preempt_delay_is_kept},
	{"start delay counts from the router's start", start_delay_counts_from_the_router},
	{"preemption waits for routing, at most the maximum", waits_for_routing},
	{"without a master nobody waits for routing", nobody_waits_for_routing_without_a_master},
	{"equal priority: the higher address", equal_priorities_are_settled_by_address},
	{"a split heals: the winner announces, and tells once", a_split_heals_and_is_told},
	{"the interval is the master's, capped", the_learnt_interval_is_capped},
	{"kill -9: back in time it is master, too late it is not", restored_in_time_nobody_notices},
	{"kill -9 of a Backup: it listens first", a_restored_backup_listens_first},
	{"BFD to the master fails: at once", bfd_makes_it_at_once},
	{"the owner of the address is master at once", the_owner_is_master_at_once},
	{"many virtual routers fail over together, announcements paced", many_fail_over_together},
	{"of three the second best takes over, the third keeps still", of_three_the_second_best},
	{"version 2 counts in seconds", version_two_counts_in_seconds})
