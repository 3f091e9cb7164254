/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zebra's core: readiness of routing, roles of LANs. */
#include "tests/unit/zebra_world.h"

static bool
lan(struct world *w, uint32_t client, uint32_t ifindex, uint8_t role, bool dead)
{
	struct zebra_lan l = {.ifindex = ifindex, .role = role, .dead = dead, .added_cost = 10 * (uint32_t)role};
	return zebra_lan_changed(w->z, client, &l, w->now);
}

static void
ready_after_the_dump(void)
{
	struct world *w = world_new();
	CU_ASSERT_FALSE(w->ready);
	world_dumps(w);
	CU_ASSERT_FALSE(w->ready); /* the barrier is on its way */
	world_run(w);
	CU_ASSERT_TRUE(w->ready);
	CU_ASSERT_STRING_EQUAL(w->waiting_for, "");
	world_free(w);
}

static void
only_clients_that_say_it_count(void)
{
	struct world *w = world_up();
	uint32_t bgp = world_client(w, "bgp", 10, false);
	world_define(w, bgp, 1, "2:10.0.0.2");
	world_run(w);
	CU_ASSERT_TRUE(w->ready);
	uint32_t ospf = world_client(w, "ospf", 10, false);
	zebra_client_ready(w->z, ospf, false, "10.0.0.2 is Loading", w->now);
	CU_ASSERT_FALSE(w->ready);
	CU_ASSERT_STRING_EQUAL(w->waiting_for, "ospf: 10.0.0.2 is Loading");
	zebra_client_ready(w->z, ospf, false, "SPF", w->now);
	CU_ASSERT_STRING_EQUAL(w->waiting_for, "ospf: SPF");
	zebra_client_ready(w->z, ospf, true, "", w->now);
	world_run(w);
	CU_ASSERT_TRUE(w->ready);
	world_free(w);
}

static void
routes_in_the_ring_are_waited_for(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	zebra_client_ready(w->z, ospf, false, "x", w->now);
	world_run(w);
	world_define(w, ospf, 1, "2:10.0.0.2");
	w->room = w->queued + 3; /* next hop, group, one route: the others wait in the RIB */
	world_announce(w, ospf, 1, 10, false, "100.64.0.0/24 100.64.1.0/24 100.64.2.0/24");
	zebra_client_ready(w->z, ospf, true, "", w->now);
	CU_ASSERT_FALSE(w->ready);
	w->room = WORLD_MAX;
	zebra_dplane_writable(w->z, w->now);
	CU_ASSERT_FALSE(w->ready);
	world_run(w);
	CU_ASSERT_TRUE(w->ready);
	CU_ASSERT_EQUAL(w->route_count, 3);
	/* routes in motion do not undo it */
	world_announce(w, ospf, 1, 10, true, "100.64.0.0/24");
	CU_ASSERT_TRUE(w->ready);
	world_free(w);
}

static void
an_old_barrier_says_nothing(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	zebra_client_ready(w->z, ospf, false, "x", w->now);
	zebra_client_ready(w->z, ospf, true, "", w->now); /* a barrier is in the ring */
	zebra_client_ready(w->z, ospf, false, "y", w->now);
	world_run(w);
	CU_ASSERT_FALSE(w->ready);
	CU_ASSERT_STRING_EQUAL(w->waiting_for, "ospf: y");
	world_free(w);
}

static void
a_vanished_client_keeps_its_word(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	zebra_client_ready(w->z, ospf, false, "x", w->now);
	zebra_client_closed(w->z, ospf, w->now);
	world_advance(w, 9 * TIME_SEC);
	CU_ASSERT_FALSE(w->ready);
	world_advance(w, 2 * TIME_SEC);
	CU_ASSERT_TRUE(w->ready);
	world_free(w);
}

static void
roles_are_told_and_forgotten(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false);
	CU_ASSERT_TRUE(lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, false));
	CU_ASSERT_EQUAL(w->lan.role, ZEBRA_ROLE_BACKUP);
	CU_ASSERT_EQUAL(w->lan.added_cost, 20);
	CU_ASSERT_TRUE(lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, false));
	CU_ASSERT_EQUAL(w->lans, 1); /* nothing new: nothing told */
	CU_ASSERT_FALSE(lan(w, vrrp, 0, ZEBRA_ROLE_BACKUP, false));
	CU_ASSERT_FALSE(lan(w, vrrp, 2, 4, false));
	/* who comes later hears it */
	uint32_t ospf = world_client(w, "ospf", 10, false);
	zebra_client_sync(w->z, ospf, w->now);
	CU_ASSERT_EQUAL(w->lans, 2);
	CU_ASSERT_TRUE(lan(w, vrrp, 2, ZEBRA_ROLE_NONE, false));
	CU_ASSERT_EQUAL(w->lans, 3);
	zebra_client_sync(w->z, ospf, w->now);
	CU_ASSERT_EQUAL(w->lans, 3);
	world_free(w);
}

static void
a_role_outlives_a_quick_restart(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false);
	lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, true);
	lan(w, vrrp, 3, ZEBRA_ROLE_MASTER, false);
	zebra_client_closed(w->z, vrrp, w->now);
	world_advance(w, 900 * TIME_MS);
	vrrp = world_client(w, "vrrp", 0, false);
	lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, true);
	CU_ASSERT_EQUAL(w->lans, 2);
	zebra_replay_ended(w->z, vrrp, w->now); /* 3 is not wanted any more */
	CU_ASSERT_EQUAL(w->lans, 3);
	CU_ASSERT_EQUAL(w->lan.ifindex, 3);
	CU_ASSERT_EQUAL(w->lan.role, ZEBRA_ROLE_NONE);
	zebra_client_closed(w->z, vrrp, w->now);
	world_advance(w, 999 * TIME_MS);
	CU_ASSERT_EQUAL(w->lans, 3);
	world_advance(w, 2 * TIME_MS);
	CU_ASSERT_EQUAL(w->lans, 4);
	CU_ASSERT_EQUAL(w->lan.ifindex, 2);
	CU_ASSERT_FALSE(w->lan.dead);
	world_free(w);
}

static void
a_dead_lan_is_avoided(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false), ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2");
	world_define(w, ospf, 2, "2:10.0.0.2 3:10.0.1.2/1");
	world_define(w, ospf, 3, "2:10.0.0.2");
	world_announce(w, ospf, 1, 10, false, "100.64.1.0/24");
	world_announce(w, ospf, 2, 10, false, "100.64.2.0/24");
	world_announce(w, ospf, 3, 10, false, "100.64.3.0/24");
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.2.0/24"), "2:10.0.0.2*1");
	unsigned routes = w->written[DPLANE_ROUTE];
	lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, true);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.1.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.3.0/24"), "2:10.0.0.2*1"); /* there is no other */
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], routes); /* groups only */
	/* a group that comes while it is dead */
	world_define(w, ospf, 4, "2:10.0.0.9 3:10.0.1.2");
	world_announce(w, ospf, 4, 10, false, "100.64.4.0/24");
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.4.0/24"), "3:10.0.1.2*1");
	lan(w, vrrp, 2, ZEBRA_ROLE_MASTER, false);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.1.0/24"), "2:10.0.0.2*1 3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.2.0/24"), "2:10.0.0.2*1");
	/* who said it vanishes: nobody says anything of the LAN any more */
	lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, true);
	zebra_client_closed(w->z, vrrp, w->now);
	world_advance(w, 2 * TIME_SEC);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

#define LOW  "10.0.0.0/25"
#define HIGH "10.0.0.128/25"

static void
a_dead_lan_s_prefix_goes_around(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false), ospf = world_client(w, "ospf", 10, false);
	uint32_t bgp = world_client(w, "bgp", 10, false);
	zebra_redistribute_wanted(w->z, bgp, "connected", AFI_IP4, true, w->now);
	world_run(w);
	world_define(w, ospf, 1, "3:10.0.1.2");
	world_announce(w, ospf, 1, 10, false, "10.0.0.0/24");
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 0); /* connected wins */
	w->redist_dels = 0;
	lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, true);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, HIGH), "3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->redist_dels, 1); /* a dead LAN is not redistributed */
	/* OSPF finds another way */
	world_define(w, ospf, 1, "3:10.0.1.9");
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, HIGH), "3:10.0.1.9*1");
	/* a real route of a half wins */
	world_define(w, bgp, 1, "3:10.0.1.7");
	world_announce(w, bgp, 1, 0, false, LOW);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "3:10.0.1.7*1");
	world_announce(w, bgp, 1, 0, true, LOW);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "3:10.0.1.9*1");
	/* a way that leads over the dead LAN is none */
	world_define(w, ospf, 1, "2:10.0.0.2");
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "none");
	world_define(w, ospf, 1, "3:10.0.1.2");
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "3:10.0.1.2*1");
	/* alive: all as before */
	lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, false);
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 0);
	CU_ASSERT_EQUAL(w->redist_adds, 3); /* two at first, one again */
	world_free(w);
}

static void
a_detour_does_not_outlive_its_cause(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false), ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "3:10.0.1.2");
	world_announce(w, ospf, 1, 10, false, "10.0.0.0/24");
	lan(w, vrrp, 2, ZEBRA_ROLE_BACKUP, true);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "3:10.0.1.2*1");
	/* the address goes, and comes back */
	world_addr(w, 2, "10.0.0.1/24", true);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "none");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "10.0.0.0/24"), "3:10.0.1.2*1");
	world_addr(w, 2, "10.0.0.1/24", false);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "3:10.0.1.2*1");
	/* kill -9: adopted, and swept when the config is there and nobody says that the LAN is dead */
	world_restart(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "3:10.0.1.2*1");
	ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "3:10.0.1.2");
	world_announce(w, ospf, 1, 10, false, "10.0.0.0/24");
	zebra_replay_ended(w->z, ospf, w->now);
	COMMIT(w, "+/grevy-routing:routing/static-routes/ipv4/route[prefix='192.0.2.0/24'][next-hop='10.0.1.2'][distance='1'][table='0']");
	world_advance(w, 10 * TIME_SEC);
	CU_ASSERT_STRING_EQUAL(world_legs(w, LOW), "none");
	CU_ASSERT_STRING_EQUAL(world_legs(w, HIGH), "none");
	world_free(w);
}

UNIT_TESTS("zebra_ready", {"ready when the kernel was read and a barrier is back", ready_after_the_dump},
	{"only clients that say it count", only_clients_that_say_it_count},
	{"routes in the ring are waited for", routes_in_the_ring_are_waited_for},
	{"an old barrier says nothing", an_old_barrier_says_nothing},
	{"a vanished client keeps its word for its grace", a_vanished_client_keeps_its_word},
	{"roles of LANs are told and forgotten", roles_are_told_and_forgotten},
	{"a dead LAN is avoided while there is another way", a_dead_lan_is_avoided},
	{"the prefix of a dead LAN goes around, by its halves", a_dead_lan_s_prefix_goes_around},
	{"a detour does not outlive its cause", a_detour_does_not_outlive_its_cause},
	{"a role outlives a quick restart", a_role_outlives_a_quick_restart})
