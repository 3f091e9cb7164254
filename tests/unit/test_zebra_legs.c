/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A leg dies: by BFD, carrier, address, neighbour. Every group with it is rewritten by one message,
 * backups take over, no flap is lost, and no late word of a protocol brings a dead leg back.
 */
#include "tests/unit/zebra_world.h"

#define ROUTE4(p, nh) "/grevy-routing:routing/static-routes/ipv4/route[prefix='" p "'][next-hop='" nh \
	"'][distance='1'][table='0']"
#define ROUTE6(p, nh) "/grevy-routing:routing/static-routes/ipv6/route[prefix='" p "'][next-hop='" nh \
	"'][distance='1'][table='0']"

/* Three groups of OSPF's: a backup, two legs of equal rank, and one leg only. */
static uint32_t
three_groups(struct world *w)
{
	uint32_t ospf = world_client(w, "ospf", 10, false);
	CU_ASSERT(world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2/1"));
	CU_ASSERT(world_define(w, ospf, 2, "2:10.0.0.2 3:10.0.1.2"));
	CU_ASSERT(world_define(w, ospf, 3, "3:10.0.1.3"));
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24"));
	CU_ASSERT(world_announce(w, ospf, 2, 0, false, "172.20.0.0/16"));
	CU_ASSERT(world_announce(w, ospf, 3, 0, false, "172.21.0.0/16"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.20.0.0/16"), "2:10.0.0.2*1 3:10.0.1.2*1");
	memset(w->written, 0, sizeof(w->written));
	w->events[0] = '\0';
	return ospf;
}

static void
moved_to_backup(struct world *w, unsigned messages)
{
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.20.0.0/16"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.21.0.0/16"), "3:10.0.1.3*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], messages); /* one per group that had it */
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE] + w->written[DPLANE_ROUTE_DEL], 0);
}

static void
bfd_down_and_up(void)
{
	struct world *w = world_up();
	three_groups(w);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UP, 10);
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 0);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 11);
	world_run(w);
	moved_to_backup(w, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.leg-down 10.0.0.2 eth0: BFD down"));
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.groups-repaired 10.0.0.2 eth0: groups=2 routes=4 backups=1"));
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UP, 12);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.20.0.0/16"), "2:10.0.0.2*1 3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.leg-up 10.0.0.2 eth0: BFD up"));
	world_free(w);
}

/* RFC 5882 4.2: administratively down, or gone, says nothing of the path. */
static void
bfd_unknown_kills_nothing(void)
{
	struct world *w = world_up();
	three_groups(w);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UNKNOWN, 10);
	world_run(w);
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 0);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 11);
	world_run(w);
	moved_to_backup(w, 2);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UNKNOWN, 12); /* `shutdown` on the peer that had failed */
	world_advance(w, 4 * TIME_SEC);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	/* of several hops away: no leg's */
	struct bfdclient_state s = {.ifindex = 2, .multihop = true, .liveness = BFD_LIVE_DOWN, .sequence = 20};
	ipaddr_parse("10.0.0.2", &s.peer);
	zebra_bfd_changed(w->z, &s, w->now);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

/* Its protocol lost the neighbour and gave the session back: no reason to send traffic there again. */
static void
bfd_given_back_revives_nothing(void)
{
	struct world *w = world_up();
	three_groups(w);
	struct bfdclient_state gone = {.ifindex = 2, .gone = true, .sequence = 12};
	ipaddr_parse("10.0.0.2", &gone.peer);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 11);
	world_run(w);
	moved_to_backup(w, 2);
	zebra_bfd_changed(w->z, &gone, w->now);
	world_advance(w, 2 * TIME_SEC);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	/* a new session that comes up says so at once, and an old silence does not speak against it */
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UP, 13);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 14);
	gone.sequence = 15;
	zebra_bfd_changed(w->z, &gone, w->now);
	world_advance(w, 2 * TIME_SEC);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	world_advance(w, 2 * TIME_SEC); /* nobody has said anything since */
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

static void
bfd_without_interface(void)
{
	struct world *w = world_up();
	three_groups(w);
	world_bfd(w, 0, 0, "10.0.0.2", BFD_LIVE_DOWN, 11);
	world_run(w);
	moved_to_backup(w, 2);
	world_bfd(w, 0, 0, "10.0.0.2", BFD_LIVE_UP, 12);
	world_bfd(w, 0, 0, "10.9.9.9", BFD_LIVE_DOWN, 13); /* on no link of ours */
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

static void
late_update_does_not_resurrect(void)
{
	struct world *w = world_up();
	uint32_t ospf = three_groups(w);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 100);
	world_run(w);
	moved_to_backup(w, 2);
	/* an update that was on its way: it knows of nothing, or of something older */
	struct zebra_leg late = {.ifindex = 2, .bfd_sequence = 99};
	ipaddr_parse("10.0.0.2", &late.gateway);
	CU_ASSERT(zebra_group_changed(w->z, ospf, 4, &late, 1, w->now));
	CU_ASSERT(world_announce(w, ospf, 4, 0, false, "172.22.0.0/16"));
	CU_ASSERT(world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2/1"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.22.0.0/16"), "none");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	/* an old state of BFD does not, either; one that knows of the failure does */
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UP, 98);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	late.bfd_sequence = 100;
	CU_ASSERT(zebra_group_changed(w->z, ospf, 4, &late, 1, w->now));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.22.0.0/16"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

/* Told before anybody has named the leg, as after a restart: it is dead from its first moment on. */
static void
dead_before_it_is_named(void)
{
	struct world *w = world_up();
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 11);
	uint32_t ospf = world_client(w, "ospf", 10, false);
	CU_ASSERT(world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2/1"));
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "192.0.2.0/24"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	/* the same gateway found another way */
	struct zebra_leg onlink = {.ifindex = 2, .onlink = true};
	ipaddr_parse("10.0.0.2", &onlink.gateway);
	CU_ASSERT(zebra_group_changed(w->z, ospf, 2, &onlink, 1, w->now));
	CU_ASSERT(world_announce(w, ospf, 2, 0, false, "198.51.100.0/24"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "none");
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UP, 12);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

/* Down and up between two looks at the clock: both are written. */
static void
bfd_flap_is_not_coalesced(void)
{
	struct world *w = world_up();
	three_groups(w);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 11);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UP, 12);
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 4);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.20.0.0/16"), "2:10.0.0.2*1 3:10.0.1.2*1");
	world_free(w);
}

static void
carrier_lost(void)
{
	struct world *w = world_up();
	three_groups(w);
	world_link(w, 2, "eth0", DARK);
	world_run(w);
	moved_to_backup(w, 1); /* the other one the kernel has shortened by itself */
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.link-down eth0: the carrier is lost"));
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.groups-repaired eth0: groups=1"));
	world_link(w, 2, "eth0", UP);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

/* In one burst of netlink: each is an event of its own. */
static void
carrier_flap_in_one_burst(void)
{
	struct world *w = world_up();
	three_groups(w);
	world_link(w, 2, "eth0", DARK);
	world_link(w, 2, "eth0", UP);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.20.0.0/16"), "2:10.0.0.2*1 3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE_DEL], 0);
	world_free(w);
}

/* Only the counter moved; the kernel has deleted the next hops and shortened or emptied the groups. */
static void
carrier_flap_unseen(void)
{
	struct world *w = world_up();
	three_groups(w);
	world_flap_unseen(w, 2, "eth0");
	CU_ASSERT_EQUAL(w->written[DPLANE_NEXTHOP], 1);
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 2);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.20.0.0/16"), "2:10.0.0.2*1 3:10.0.1.2*1");
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.link-flap eth0"));
	/* and the same event once more says nothing new */
	world_link(w, 2, "eth0", UP);
	CU_ASSERT_EQUAL(w->queued, 0);
	world_free(w);
}

static void
address_removed(void)
{
	struct world *w = world_up();
	three_groups(w);
	world_addr(w, 2, "10.0.0.1/24", true);
	world_run(w);
	moved_to_backup(w, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.leg-down 10.0.0.2 eth0: no address"));
	world_addr(w, 2, "10.0.0.1/24", false);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

static void
neighbour(struct world *w, uint32_t ifindex, const char *text, uint16_t state)
{
	struct kernel_neigh n = {.ifindex = ifindex, .state = state};
	CU_ASSERT(ipaddr_parse(text, &n.addr));
	zebra_kernel_changed(w->z, KERNEL_NEIGH, &n, false, w->now);
	world_run(w);
}

static void
neighbour_failed(void)
{
	struct world *w = world_up();
	three_groups(w);
	neighbour(w, 2, "10.0.0.2", 0x20);
	moved_to_backup(w, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.leg-down 10.0.0.2 eth0: the neighbour does not answer"));
	neighbour(w, 3, "10.0.1.2", 0x20); /* all failed: used all the same, or nobody would ask again */
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	neighbour(w, 2, "10.0.0.2", 0x02);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.20.0.0/16"), "2:10.0.0.2*1");
	world_free(w);
}

/* vrrpd says that nobody on the LAN answers: avoided, but used when nothing else is left. */
static void
lan_dead(void)
{
	struct world *w = world_up();
	three_groups(w);
	uint32_t vrrp = world_client(w, "vrrp", 10, false);
	struct zebra_lan lan = {.ifindex = 2, .role = ZEBRA_ROLE_BACKUP, .dead = true};
	CU_ASSERT(zebra_lan_changed(w->z, vrrp, &lan, w->now));
	world_run(w);
	moved_to_backup(w, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.groups-repaired eth0: groups=2"));
	uint32_t bgp = world_client(w, "bgp", 10, false);
	CU_ASSERT(world_define(w, bgp, 1, "2:10.0.0.9 3:10.0.1.9/1")); /* one that is made while it is dead */
	CU_ASSERT(world_define(w, bgp, 2, "2:10.0.0.9"));
	CU_ASSERT(world_announce(w, bgp, 1, 0, false, "100.64.0.0/24"));
	CU_ASSERT(world_announce(w, bgp, 2, 0, false, "100.65.0.0/24"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.0.0/24"), "3:10.0.1.9*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.65.0.0/24"), "2:10.0.0.9*1");
	lan.dead = false;
	CU_ASSERT(zebra_lan_changed(w->z, vrrp, &lan, w->now));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.0.0/24"), "2:10.0.0.9*1");
	world_free(w);
}

static void
ipv6_legs(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf6", 10, false);
	CU_ASSERT(world_define(w, ospf, 1, "2:fe80::2 3:fe80::3/1"));
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "2001:db8:1::/48"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:1::/48"), "2:fe80::2*1");
	neighbour(w, 2, "fe80::2", 0x20);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:1::/48"), "3:fe80::3*1");
	neighbour(w, 2, "fe80::2", 0x02);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:1::/48"), "2:fe80::2*1");
	world_bfd(w, 0, 2, "fe80::2", BFD_LIVE_DOWN, 5);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:1::/48"), "3:fe80::3*1");
	world_bfd(w, 0, 3, "fe80::2", BFD_LIVE_UP, 6); /* that address on another link is somebody else */
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:1::/48"), "3:fe80::3*1");
	world_bfd(w, 0, 2, "fe80::2", BFD_LIVE_UP, 7);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:1::/48"), "2:fe80::2*1");
	world_free(w);
}

/* The legs a recursive gateway resolves to die, too, each group by one message. */
static void
recursive_and_weighted(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+" ROUTE4("172.16.0.0/16", "10.0.0.2"), "+" ROUTE4("172.16.0.0/16", "10.0.0.2") "/weight=3",
		"+" ROUTE4("172.16.0.0/16", "10.0.1.2")));
	uint32_t bgp = world_client(w, "bgp", 10, false);
	CU_ASSERT(world_define(w, bgp, 1, ":172.16.0.1"));
	CU_ASSERT(world_announce(w, bgp, 1, 0, false, "192.0.2.0/24 198.51.100.0/24"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*3 3:10.0.1.2*1");
	memset(w->written, 0, sizeof(w->written));
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 5);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.16.0.0/16"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 2);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 0);
	world_free(w);
}

/* The ring is full at the moment of the failure: written as soon as there is room, and counted then. */
static void
repair_waits_for_room(void)
{
	struct world *w = world_up();
	three_groups(w);
	w->room = 0;
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 11);
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 0);
	CU_ASSERT_PTR_NULL(strstr(w->events, "zebra.groups-repaired"));
	w->room = WORLD_MAX;
	zebra_dplane_writable(w->z, w->now);
	world_run(w);
	moved_to_backup(w, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.groups-repaired 10.0.0.2 eth0: groups=2"));
	world_free(w);
}

/* What is dead is asked before anything is written: a restart does not put it back for a moment. */
static void
restart_while_a_leg_is_down(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.2.0/24", "10.0.0.2"), "+" ROUTE4("192.0.2.0/24", "10.0.1.2"),
		"+" ROUTE4("192.0.2.0/24", "10.0.1.2") "/backup=1"));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 5);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	zebra_free(w->z);
	w->queued = 0;
	memset(w->written, 0, sizeof(w->written));
	w->z = zebra_new(&world_ops, w, w->timers, 2);
	zebra_keeper_known(w->z, AFI_IP4);
	zebra_bfd_expected(w->z);
	world_dumps(w);
	zebra_reconfigure(w->z, NULL, w->config, w->now);
	uint32_t ospf = world_client(w, "ospf", 10, false);
	CU_ASSERT(world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2/1"));
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "198.51.100.0/24"));
	world_run(w);
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP] + w->written[DPLANE_ROUTE] + w->written[DPLANE_ROUTE_DEL], 0);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 5);
	zebra_bfd_synced(w->z, w->now);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 1); /* OSPF's; the static one was adopted as it was */
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 1);
	world_free(w);
}

/* Stopped before bfdd has said anything: what an earlier zebra left is withdrawn all the same. */
static void
stopped_while_held(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.2.0/24", "10.0.0.2")));
	zebra_free(w->z);
	w->queued = 0;
	w->z = zebra_new(&world_ops, w, w->timers, 2);
	zebra_keeper_known(w->z, AFI_IP4);
	zebra_bfd_expected(w->z);
	world_dumps(w);
	zebra_reconfigure(w->z, NULL, w->config, w->now);
	world_run(w);
	zebra_withdraw_all(w->z, w->now);
	w->work = true;
	world_run(w);
	CU_ASSERT(!w->route_count && !w->group_count && !w->hop_count);
	world_free(w);
}

int
main(void)
{
	static const struct unit_case cases[] = {
		{"BFD down, BFD up", bfd_down_and_up},
		{"RFC 5882 4.2: what says nothing kills nothing", bfd_unknown_kills_nothing},
	{"a session given back after a failure revives nothing", bfd_given_back_revives_nothing},
		{"a session without an interface", bfd_without_interface},
		{"a late update does not resurrect a leg", late_update_does_not_resurrect},
		{"a leg that is dead before it is named", dead_before_it_is_named},
		{"a BFD flap is written both ways", bfd_flap_is_not_coalesced},
		{"the carrier is lost", carrier_lost},
		{"a carrier flap in one burst", carrier_flap_in_one_burst},
		{"a carrier flap that only its counter shows", carrier_flap_unseen},
		{"the address is removed", address_removed},
		{"the neighbour fails", neighbour_failed},
		{"a LAN on which nobody answers", lan_dead},
		{"IPv6: neighbour and BFD by link-local address", ipv6_legs},
		{"recursive and weighted groups", recursive_and_weighted},
		{"a repair that waits for room", repair_waits_for_room},
		{"a restart while a leg is down", restart_while_a_leg_is_down},
		{"stopped while writes are held", stopped_while_held},
	};
	return unit_main("zebra_legs", cases, sizeof(cases) / sizeof(cases[0]));
}
