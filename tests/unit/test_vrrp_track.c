/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tracking: priority decrement, forced Backup, and the handover that nobody notices. */
#include "tests/unit/vrrp_world.h"

static void
a_decrement_hands_over(void)
{
	struct world *w = world_new(2);
	node_vrrp(&w->nodes[1], "100", "1000");
	world_run(w, 5 * SEC); /* so that node 0 hears the other's priority */
	node_vrrp(&w->nodes[0], "200", "1000");
	node_set(&w->nodes[0], "eth1", 5, "track[id='7']/decrement", "150");
	vrrp_track_changed(w->nodes[0].v, 7, true, false, w->now);
	world_run(w, 10 * SEC);
	CU_ASSERT(master(w) == 0);
	world_mark(w);
	int64_t start = w->now;
	vrrp_track_changed(w->nodes[0].v, 7, false, false, w->now);
	CU_ASSERT(state(&w->nodes[0]) == VRRP_BACKUP && w->nodes[0].change.reason == VRRP_WHY_TRACK);
	CU_ASSERT(w->nodes[0].sent.zeros == 1 && w->nodes[0].held == 1 && view(&w->nodes[0]).handing_over);
	CU_ASSERT(w->nodes[0].lan[1].role == VRRP_ROLE_MASTER); /* the addresses are still here */
	CU_ASSERT(view(&w->nodes[0]).effective_priority == 50);
	world_run(w, SEC);
	CU_ASSERT(master(w) == 1 && w->nodes[0].held == 0 && w->nodes[0].lan[1].role == VRRP_ROLE_BACKUP);
	CU_ASSERT(w->nodes[1].first_advert == start + DELAY + 156 * SEC / 256);
	/* repaired: it takes over again, when a master-down interval after the last advert that counted is over */
	start = w->now;
	world_mark(w);
	vrrp_track_changed(w->nodes[0].v, 7, true, false, w->now);
	world_run(w, 10 * SEC);
	CU_ASSERT(master(w) == 0 && w->nodes[0].first_advert >= start + 2 * SEC);
	world_free(w);
}

static void
nobody_better_keeps_it(void)
{
	struct world *w = world_new(2);
	node_vrrp(&w->nodes[1], "100", "100");
	world_run(w, 2 * SEC);
	node_vrrp(&w->nodes[0], "200", "100");
	node_set(&w->nodes[0], "eth1", 5, "track[id='7']/decrement", "50");
	world_run(w, 2 * SEC);
	unsigned changes = w->nodes[0].changes;
	vrrp_track_changed(w->nodes[0].v, 7, false, false, w->now);
	world_run(w, 5 * SEC);
	/* 150 against 100: it only advertises less */
	CU_ASSERT(master(w) == 0 && w->nodes[0].changes == changes && w->nodes[0].sent.zeros == 0);
	CU_ASSERT(w->nodes[0].sent.priority == 150);
	world_free(w);
}

static void
an_offer_that_nobody_takes(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	node_vrrp(n, "200", "100");
	node_set(n, "eth1", 5, "track[id='7']/decrement", "150");
	world_run(w, 2 * SEC);
	int64_t start = w->now;
	vrrp_track_changed(n->v, 7, false, false, w->now);
	CU_ASSERT(state(n) == VRRP_BACKUP && n->held == 1);
	n->announced = 0;
	while (state(n) != VRRP_MASTER && w->now < start + SEC) {
		CU_ASSERT(n->held == 1); /* at no time it is without its address */
		world_run(w, MS);
	}
	CU_ASSERT(state(n) == VRRP_MASTER && w->now <= start + 120 * MS && n->held == 1 && n->announced == 0);
	CU_ASSERT(n->sent.priority == 50);
	world_free(w);
}

static void
forced_backup(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	node_set(n, "eth1", 5, "track[id='9']", NULL);
	CU_ASSERT(state(n) == VRRP_MASTER); /* nobody has told: up */
	struct vrrp_view_key key = {.ifname = "eth1", .vrid = 5, .afi = AFI_IP4};
	struct vrrp_view_track t[2];
	CU_ASSERT(vrrp_view_tracks(n->v, &key, t, 2) == 1 && !t[0].known && t[0].up && !t[0].interface);
	vrrp_track_changed(n->v, 9, false, false, w->now);
	CU_ASSERT(state(n) == VRRP_BACKUP && view(n).block == VRRP_BLOCK_TRACK);
	CU_ASSERT(vrrp_view_tracks(n->v, &key, t, 2) == 1 && t[0].known && !t[0].up && !t[0].decrement);
	world_run(w, SEC);
	CU_ASSERT(master(w) == 1);
	/* never master while it is down, also when there is no other */
	w->cut[1][1] = true;
	world_run(w, 20 * SEC);
	CU_ASSERT(state(n) == VRRP_BACKUP && n->held == 0);
	int64_t start = w->now;
	world_mark(w);
	vrrp_track_changed(n->v, 9, true, false, w->now);
	CU_ASSERT(state(n) == VRRP_MASTER && n->first_advert == start);
	/* gone from zebra's configuration: it counts as up */
	vrrp_track_changed(n->v, 9, false, false, w->now);
	world_run(w, SEC);
	CU_ASSERT(state(n) == VRRP_BACKUP);
	vrrp_track_changed(n->v, 9, false, true, w->now);
	CU_ASSERT(state(n) == VRRP_MASTER);
	world_free(w);
}

static void
interfaces(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	node_set(n, "eth1", 5, "track-interface[name='eth2']/decrement", "120");
	CU_ASSERT(state(n) == VRRP_MASTER);
	node_link(n, 2, false, false);
	CU_ASSERT(state(n) == VRRP_BACKUP && view(n).effective_priority == 80);
	world_run(w, SEC);
	CU_ASSERT(master(w) == 1);
	node_link(n, 2, true, false);
	world_run(w, 2 * SEC);
	CU_ASSERT(master(w) == 0);
	/* an interface that does not exist is down, once zebra has told all there are */
	node_set(n, "eth1", 5, "track-interface[name='ppp0']/decrement", "120");
	CU_ASSERT(view(n).effective_priority == 80);
	node_set(n, "eth1", 5, "-track-interface[name='ppp0']", NULL);
	world_run(w, 5 * SEC);
	CU_ASSERT(master(w) == 0);
	node_link(n, 2, false, true);
	world_run(w, SEC);
	CU_ASSERT(master(w) == 1);
	/* several: the sum, at least 1 is left */
	node_set(n, "eth1", 5, "track[id='1']/decrement", "254");
	vrrp_track_changed(n->v, 1, false, false, w->now);
	CU_ASSERT(view(n).effective_priority == 1);
	world_free(w);
}

static void
a_restart_does_not_count_what_it_does_not_know(void)
{
	struct world *w = world_new(2);
	node_vrrp(&w->nodes[0], "200", "100");
	world_run(w, 2 * SEC);
	struct vrrp_record record[16];
	memcpy(record, w->nodes[0].record, sizeof(record));
	node_kill(w, 0);
	world_run(w, 50 * MS);
	node_start(w, 0);
	struct node *n = &w->nodes[0];
	vrrp_restore(n->v, record, 1, w->now);
	n->held = 0;
	node_vrrp(n, "200", "100");
	node_set(n, "eth1", 5, "track[id='3']", NULL);
	node_set(n, "eth1", 5, "track-interface[name='eth3']", NULL);
	node_link(n, 1, true, false);
	node_address(n, 1, "10.0.1.1/24", false);
	CU_ASSERT(state(n) == VRRP_MASTER);
	node_link(n, 3, true, false);
	vrrp_track_changed(n->v, 3, true, false, w->now);
	vrrp_synced(n->v, w->now);
	CU_ASSERT(state(n) == VRRP_MASTER && n->sent.zeros == 0);
	world_free(w);
}

UNIT_TESTS("vrrp track",
	{"a decrement below the peer hands over before it breaks", a_decrement_hands_over},
	{"a decrement that leaves it the better one only lowers the priority", nobody_better_keeps_it},
	{"an offer that nobody takes: never without its addresses", an_offer_that_nobody_takes},
	{"without decrement: forced Backup", forced_backup},
	{"interfaces", interfaces},
	{"after a restart what nobody has told counts as up", a_restart_does_not_count_what_it_does_not_know})
