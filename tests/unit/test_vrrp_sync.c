/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sync groups: all members are master, or none. */
#include "tests/unit/vrrp_world.h"

static void
member(struct node *n, const char *ifname, const char *priority)
{
	char address[64];
	node_set(n, ifname, 5, "group", "G");
	node_set(n, ifname, 5, "priority", priority);
	node_set(n, ifname, 5, "advertisement-interval", "100");
	snprintf(address, sizeof(address), "virtual-ipv4-address[address='10.0.%c.254']", ifname[3]);
	node_set(n, ifname, 5, address, NULL);
}

/* VRID 5 on eth1 and eth2 of both; node 0 is master of both */
static struct world *
world_grouped(void)
{
	struct world *w = world_new(2);
	for (unsigned i = 0; i < 2; i++) {
		member(&w->nodes[i], "eth1", i ? "100" : "200");
		member(&w->nodes[i], "eth2", i ? "100" : "200");
	}
	world_run(w, 5 * SEC);
	CU_ASSERT(master_of(w, 1) == 0 && master_of(w, 2) == 0);
	world_mark(w);
	return w;
}

static bool
both(const struct world *w, unsigned who)
{
	return master_of(w, 1) == who && master_of(w, 2) == who;
}

static void
one_falls_all_fall(void)
{
	struct world *w = world_grouped();
	/* a carrier is lost on one of two LANs */
	node_link(&w->nodes[0], 1, false, false);
	struct vrrp_view v;
	CU_ASSERT(node_view(&w->nodes[0], 2, 5, AFI_IP4, &v) && v.state == VRRP_BACKUP && v.block == VRRP_BLOCK_GROUP);
	CU_ASSERT(v.reason == VRRP_WHY_SYNC && v.handing_over && w->nodes[0].held == 1);
	world_run(w, 70 * MS);
	/* the priority 0 on the other LAN counts for the whole group: a skew time, not 3 intervals */
	CU_ASSERT(both(w, 1) && w->nodes[1].held == 2 && w->nodes[0].held == 0);
	world_run(w, 20 * SEC);
	CU_ASSERT(both(w, 1));
	node_link(&w->nodes[0], 1, true, false);
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 0));
	world_free(w);
}

static void
a_silent_lan_moves_both(void)
{
	struct world *w = world_grouped();
	w->hosts[1] = w->hosts[2] = true;
	world_answer(&w->nodes[0], 1);
	world_answer(&w->nodes[0], 2);
	world_answer(&w->nodes[1], 1);
	world_answer(&w->nodes[1], 2);
	world_run(w, SEC);
	CU_ASSERT(both(w, 0));
	int64_t start = w->now;
	w->cut[0][1] = true;
	while (master_of(w, 2) != 1 && w->now < start + 2 * SEC)
		world_run(w, 10 * MS);
	CU_ASSERT(w->now - start <= 3 * 100 * MS + 2 * 100 * MS);
	struct vrrp_view v;
	CU_ASSERT(node_view(&w->nodes[1], 1, 5, AFI_IP4, &v) && v.state == VRRP_MASTER);
	CU_ASSERT(w->nodes[0].lan[1].dead && !w->nodes[0].lan[2].dead);
	unsigned changes = w->nodes[0].changes + w->nodes[1].changes;
	world_run(w, 20 * SEC);
	CU_ASSERT(w->nodes[0].changes + w->nodes[1].changes == changes && master_of(w, 2) == 1);
	CU_ASSERT(node_view(&w->nodes[0], 2, 5, AFI_IP4, &v) && v.hold == VRRP_HOLD_GROUP);
	w->cut[0][1] = false;
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 0));
	world_free(w);
}

static void
two_groups_do_not_chase_each_other(void)
{
	struct world *w = world_grouped();
	/* nobody but the routers was ever heard: the silent LAN tells the master nothing */
	w->cut[0][1] = true;
	world_run(w, SEC);
	unsigned changes = w->nodes[0].changes + w->nodes[1].changes;
	struct vrrp_view v;
	CU_ASSERT(master_of(w, 2) == 0);
	CU_ASSERT(node_view(&w->nodes[1], 1, 5, AFI_IP4, &v) && v.state == VRRP_BACKUP && v.hold == VRRP_HOLD_GROUP);
	world_run(w, 60 * SEC);
	CU_ASSERT(w->nodes[0].changes + w->nodes[1].changes == changes);
	/* the other LAN goes, too: now both move, in one turn */
	w->cut[0][2] = true;
	world_run(w, SEC);
	CU_ASSERT(w->nodes[1].held == 2);
	w->cut[0][1] = w->cut[0][2] = false;
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 0));
	world_free(w);
}

static void
tracking_of_a_member(void)
{
	struct world *w = world_grouped();
	node_set(&w->nodes[0], "eth1", 5, "track[id='4']", NULL);
	node_set(&w->nodes[0], "eth2", 5, "track[id='6']/decrement", "150");
	vrrp_track_changed(w->nodes[0].v, 4, false, false, w->now);
	world_run(w, 200 * MS);
	CU_ASSERT(both(w, 1));
	vrrp_track_changed(w->nodes[0].v, 4, true, false, w->now);
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 0));
	/* a decrement of one: both are offered, both are taken */
	vrrp_track_changed(w->nodes[0].v, 6, false, false, w->now);
	world_run(w, 200 * MS);
	CU_ASSERT(both(w, 1));
	world_run(w, 10 * SEC);
	CU_ASSERT(both(w, 1)); /* 200 on eth1, but 50 on eth2 */
	vrrp_track_changed(w->nodes[0].v, 6, true, false, w->now);
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 0));
	world_free(w);
}

static void
an_offer_that_nobody_takes(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	member(n, "eth1", "200");
	member(n, "eth2", "200");
	node_set(n, "eth1", 5, "track[id='4']/decrement", "150");
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 0));
	vrrp_track_changed(n->v, 4, false, false, w->now);
	CU_ASSERT(both(w, NOBODY) && n->held == 2);
	int64_t start = w->now;
	while (!both(w, 0) && w->now < start + SEC) {
		CU_ASSERT(n->held == 2);
		world_run(w, MS);
	}
	CU_ASSERT(both(w, 0) && w->now - start < 130 * MS && n->held == 2);
	world_free(w);
}

static void
who_is_no_member(void)
{
	struct world *w = world_grouped();
	/* shut down, removed, without addresses: the others do not care */
	node_set(&w->nodes[0], "eth1", 5, "shutdown", "true");
	node_set(&w->nodes[1], "eth1", 5, "shutdown", "true");
	world_run(w, 10 * SEC);
	CU_ASSERT(master_of(w, 2) == 0);
	node_set(&w->nodes[0], "eth1", 5, "shutdown", "false");
	node_set(&w->nodes[1], "eth1", 5, "shutdown", "false");
	world_run(w, 10 * SEC);
	CU_ASSERT(both(w, 0));
	node_set(&w->nodes[0], "eth1", 5, "-group", NULL);
	node_link(&w->nodes[0], 1, false, false);
	world_run(w, SEC);
	CU_ASSERT(master_of(w, 2) == 0);
	world_free(w);
}

static void
no_flapping_in_a_minute_of_trouble(void)
{
	struct world *w = world_grouped();
	/* each LAN of each router is cut and healed by turns; after each healing both are where they belong */
	for (unsigned i = 0; i < 16; i++) {
		bool *cut = &w->cut[i & 1][1 + (i >> 1 & 1)];
		*cut = true;
		world_run(w, (int64_t)(i + 1) * 77 * MS);
		*cut = false;
		world_run(w, 3 * SEC);
		unsigned changes = w->nodes[0].changes + w->nodes[1].changes;
		CU_ASSERT(both(w, 0));
		world_run(w, 10 * SEC);
		CU_ASSERT(w->nodes[0].changes + w->nodes[1].changes == changes);
	}
	world_free(w);
}

static void
a_restart_in_time_moves_nobody(void)
{
	struct world *w = world_grouped();
	struct vrrp_record record[16];
	unsigned count = w->nodes[0].record_count, changes = w->nodes[1].changes;
	memcpy(record, w->nodes[0].record, sizeof(record));
	CU_ASSERT(count == 2);
	node_kill(w, 0);
	world_run(w, 150 * MS);
	node_start(w, 0);
	vrrp_restore(w->nodes[0].v, record, count, w->now);
	member(&w->nodes[0], "eth1", "200");
	member(&w->nodes[0], "eth2", "200");
	/* one interface after the other, as zebra tells: what is not told yet is no failure */
	node_link(&w->nodes[0], 1, true, false);
	node_address(&w->nodes[0], 1, "10.0.1.1/24", false);
	CU_ASSERT(master_of(w, 1) == 0);
	world_run(w, 5 * MS);
	node_links(&w->nodes[0]);
	CU_ASSERT(both(w, 0));
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 0) && w->nodes[1].changes == changes);
	world_free(w);
}

static void
bfd_counts_for_all(void)
{
	struct world *w = world_grouped();
	struct ipaddr peer = addr("10.0.1.1");
	node_set(&w->nodes[1], "eth1", 5, "bfd[peer='10.0.1.1']", NULL);
	vrrp_bfd_changed(w->nodes[1].v, 1, &peer, 1, w->now, w->now);
	w->cut[0][1] = w->cut[0][2] = true;
	vrrp_bfd_changed(w->nodes[1].v, 1, &peer, 2, w->now, w->now);
	CU_ASSERT(w->nodes[1].held == 2);
	struct vrrp_view v;
	CU_ASSERT(node_view(&w->nodes[1], 1, 5, AFI_IP4, &v) && v.state == VRRP_MASTER && v.reason == VRRP_WHY_BFD);
	CU_ASSERT(node_view(&w->nodes[1], 2, 5, AFI_IP4, &v) && v.state == VRRP_MASTER && v.reason == VRRP_WHY_SYNC);
	world_free(w);
}

static void
owners_go_together(void)
{
	struct world *w = world_grouped();
	struct node *n = &w->nodes[1];
	/* node 1 owns both addresses: it takes both, in one turn; and again after a carrier loss */
	node_address(n, 1, "10.0.1.254/24", false);
	node_address(n, 2, "10.0.2.254/24", false);
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 1));
	node_link(n, 2, false, false);
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 0));
	node_link(n, 2, true, false);
	CU_ASSERT(n->change.reason == VRRP_WHY_OWNER || n->change.reason == VRRP_WHY_SYNC);
	world_run(w, 5 * SEC);
	CU_ASSERT(both(w, 1));
	world_free(w);
}

static void
shutdown_of_all(void)
{
	struct world *w = world_grouped();
	vrrp_shutdown(w->nodes[0].v, w->now);
	world_run(w, 100 * MS);
	CU_ASSERT(both(w, 1) && w->nodes[1].held == 2);
	world_run(w, 100 * MS);
	CU_ASSERT(vrrp_is_idle(w->nodes[0].v) && w->nodes[0].held == 0);
	world_free(w);
}

UNIT_TESTS("vrrp sync",
	{"a restart in time moves nobody", a_restart_in_time_moves_nobody},
	{"BFD on one LAN counts for all", bfd_counts_for_all},
	{"owners go together", owners_go_together},
	{"shutdown of all", shutdown_of_all},
	{"one falls, all fall", one_falls_all_fall},
	{"a silent LAN with hosts moves both", a_silent_lan_moves_both},
	{"two groups do not chase each other", two_groups_do_not_chase_each_other},
	{"tracking of one member moves all", tracking_of_a_member},
	{"an offer that nobody takes", an_offer_that_nobody_takes},
	{"who is no member", who_is_no_member},
	{"no flapping", no_flapping_in_a_minute_of_trouble})
