/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zebra's core on a fake kernel: static routes, selection, clients, results, redistribution. */
#include "tests/unit/zebra_world.h"

#define ROUTE4(p, nh) "/grevy-routing:routing/static-routes/ipv4/route[prefix='" p "'][next-hop='" nh \
	"'][distance='1'][table='0']"
#define ROUTE4D(p, nh, d) "/grevy-routing:routing/static-routes/ipv4/route[prefix='" p "'][next-hop='" nh \
	"'][distance='" d "'][table='0']"
#define ROUTE6(p, nh) "/grevy-routing:routing/static-routes/ipv6/route[prefix='" p "'][next-hop='" nh \
	"'][distance='1'][table='0']"

static void
static_gateway(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.2.0/24", "10.0.0.2")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_EQUAL(world_route(w, "192.0.2.0/24")->protocol, 196);
	CU_ASSERT(COMMIT(w, "-" ROUTE4("192.0.2.0/24", "10.0.0.2")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "none");
	CU_ASSERT_EQUAL(w->group_count, 0);
	CU_ASSERT_EQUAL(w->hop_count, 0);
	world_free(w);
}

static void
static_forms(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.2.0/25", "eth1"), "+" ROUTE4("192.0.2.128/25", "Null0"),
		"+" ROUTE4("198.51.100.0/24", "reject"), "+" ROUTE4("203.0.113.0/24", "10.0.0.2"),
		"+" ROUTE4("203.0.113.0/24", "10.0.1.2 eth1"), "+" ROUTE6("2001:db8:1::/48", "2001:db8::2"),
		"+" ROUTE6("2001:db8:2::/48", "fe80::2 eth1")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/25"), "3:*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.128/25"), "blackhole");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "unreachable");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "203.0.113.0/24"), "2:10.0.0.2*1 3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:1::/48"), "2:2001:db8::2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:2::/48"), "3:fe80::2*1");
	CU_ASSERT_FALSE(COMMIT(w, "+" ROUTE4("192.0.2.0/24", "2001:db8::x y z")));
	CU_ASSERT_FALSE(COMMIT(w, "+" ROUTE6("2001:db8:3::/48", "fe80::2")));
	world_free(w);
}

static void
static_interface_comes_later(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.2.0/24", "eth7"), "+" ROUTE4("192.0.3.0/24", "10.7.0.2 eth7")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "none");
	world_link(w, 9, "eth7", UP);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "9:*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "none");
	world_addr(w, 9, "10.7.0.1/24", false);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "9:10.7.0.2*1");
	world_addr(w, 9, "10.7.0.1/24", true);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "none");
	world_addr(w, 9, "10.7.0.1/24", false);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "9:10.7.0.2*1");
	world_free(w);
}

static void
static_floating(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.2.0/24", "10.0.0.2"), "+" ROUTE4D("192.0.2.0/24", "10.0.1.2", "200")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_link(w, 2, "eth0", DARK);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	world_link(w, 2, "eth0", UP);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

static void
static_recursive(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.2.0/24", "172.16.0.1"), "+" ROUTE4("172.16.0.0/16", "10.0.0.2")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	unsigned routes = w->written[DPLANE_ROUTE];
	/* the path to the gateway moves: one group is rewritten, no route */
	CU_ASSERT(COMMIT(w, "+" ROUTE4("172.16.0.1/32", "10.0.1.2")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], routes + 1);
	CU_ASSERT(COMMIT(w, "-" ROUTE4("172.16.0.1/32", "10.0.1.2"), "-" ROUTE4("172.16.0.0/16", "10.0.0.2")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "none");
	world_free(w);
}

static void
recursion_never_through_itself(void)
{
	struct world *w = world_up();
	/* the gateway is inside its own prefix, with a covering route below; and two that lean on each other */
	CU_ASSERT(COMMIT(w, "+" ROUTE4("172.16.0.0/16", "10.0.0.2"), "+" ROUTE4("172.16.1.0/24", "172.16.1.1"),
		"+" ROUTE4("20.0.0.0/8", "30.0.0.1"), "+" ROUTE4("30.0.0.0/8", "20.0.0.1")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.16.1.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "20.0.0.0/8"), "none");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "30.0.0.0/8"), "none");
	unsigned before = w->written[DPLANE_GROUP] + w->written[DPLANE_ROUTE] + w->written[DPLANE_ROUTE_DEL];
	for (int i = 0; i < 20; i++)
		world_advance(w, TIME_SEC);
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP] + w->written[DPLANE_ROUTE] + w->written[DPLANE_ROUTE_DEL], before);
	world_free(w);
}

static void
best_by_distance(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false), bgp = world_client(w, "bgp", 10, false);
	CU_ASSERT(world_define(w, ospf, 1, "2:10.0.0.2"));
	CU_ASSERT(world_define(w, bgp, 1, "3:10.0.1.2"));
	CU_ASSERT(world_announce(w, ospf, 1, 10, false, "192.0.2.0/24 10.0.0.0/24"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "10.0.0.0/24"), "none"); /* connected wins, and is the kernel's */
	CU_ASSERT(world_announce(w, bgp, 1, 0, false, "192.0.2.0/24"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_EQUAL(world_route(w, "192.0.2.0/24")->protocol, 186);
	CU_ASSERT(world_announce(w, bgp, 0, 0, true, "192.0.2.0/24"));
	world_run(w);
	CU_ASSERT_EQUAL(world_route(w, "192.0.2.0/24")->protocol, 188);
	/* an undefined group, malformed prefixes, another's routes */
	CU_ASSERT_FALSE(world_announce(w, ospf, 99, 0, false, "192.0.3.0/24"));
	CU_ASSERT(world_announce(w, bgp, 0, 0, true, "192.0.2.0/24"));
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	struct zebra_batch bad = {.afi = 1, .group = 1, .prefixes = (const uint8_t *)"\x21xxxxx", .len = 6};
	CU_ASSERT_FALSE(zebra_routes_changed(w->z, ospf, &bad, w->now));
	world_free(w);
}

static void
one_message_repairs_a_group(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2/1");
	char text[2048] = "";
	for (int i = 0; i < 100; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "100.64.%d.0/24 ", i);
	world_announce(w, ospf, 1, 10, false, text);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.5.0/24"), "2:10.0.0.2*1");
	unsigned total = 0;
	for (unsigned k = 0; k < DPLANE_KINDS; k++)
		total += w->written[k];
	world_link(w, 2, "eth0", DARK); /* the carrier is lost */
	unsigned now = 0;
	for (unsigned k = 0; k < DPLANE_KINDS; k++)
		now += w->written[k];
	CU_ASSERT_EQUAL(now, total + 1); /* the backup's next hop is there already */
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.5.0/24"), "3:10.0.1.2*1");
	world_link(w, 2, "eth0", UP);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.5.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 100);
	world_free(w);
}

static void
a_dead_group_borrows_legs(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "2:10.0.0.2");
	char text[2048] = "";
	for (int i = 0; i < 100; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "100.64.%d.0/24 ", i);
	world_announce(w, ospf, 1, 10, false, text);
	world_run(w);
	world_link(w, 2, "eth0", DARK);
	world_run(w);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE_DEL], 0);
	CU_ASSERT_EQUAL(w->route_count, 100);
	/* the protocol moves the first of them: all flow */
	world_define(w, ospf, 2, "3:10.0.1.2");
	world_announce(w, ospf, 2, 20, false, "100.64.7.0/24");
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.99.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 101);
	/* one is withdrawn: it goes at once. What is not moved goes when the hold is over */
	world_announce(w, ospf, 0, 0, true, "100.64.8.0/24");
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.8.0/24"), "none");
	world_advance(w, TIME_SEC);
	CU_ASSERT_EQUAL(w->route_count, 1);
	/* the link is back within the hold: nothing is written but the group */
	world_link(w, 2, "eth0", UP);
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 99);
	unsigned routes = w->written[DPLANE_ROUTE];
	world_link(w, 2, "eth0", DARK);
	world_run(w);
	world_link(w, 2, "eth0", UP);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.99.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], routes);
	world_free(w);
}

static void
bfd_down_stays_down(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2");
	world_announce(w, ospf, 1, 10, false, "192.0.2.0/24");
	world_run(w);
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 5);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	/* an update that was on its way before the event */
	world_define(w, ospf, 2, "2:10.0.0.2 3:10.0.1.2");
	world_announce(w, ospf, 2, 11, false, "192.0.2.0/24");
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UP, 4); /* older than the failure */
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_UP, 6);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1 3:10.0.1.2*1");
	world_free(w);
}

static void
neighbour_failed_is_avoided(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	struct kernel_neigh n = {.ifindex = 2, .state = 0x20};
	ipaddr_parse("10.0.0.2", &n.addr);
	world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2");
	world_define(w, ospf, 2, "2:10.0.0.2");
	world_announce(w, ospf, 1, 10, false, "192.0.2.0/24");
	world_announce(w, ospf, 2, 10, false, "192.0.3.0/24");
	world_run(w);
	zebra_kernel_changed(w->z, KERNEL_NEIGH, &n, false, w->now);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "2:10.0.0.2*1"); /* the only one: kept */
	n.state = 0x02;
	zebra_kernel_changed(w->z, KERNEL_NEIGH, &n, false, w->now);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1 3:10.0.1.2*1");
	world_free(w);
}

static void
admin_down_and_back(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "2:10.0.0.2");
	world_define(w, ospf, 2, "2:10.0.0.2 3:10.0.1.2");
	world_announce(w, ospf, 1, 10, false, "192.0.2.0/24");
	world_announce(w, ospf, 2, 10, false, "192.0.3.0/24");
	world_run(w);
	world_link(w, 2, "eth0", DOWN);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), ""); /* kept by the keeper alone */
	world_advance(w, TIME_SEC);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "none");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "3:10.0.1.2*1");
	world_link(w, 2, "eth0", UP);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "2:10.0.0.2*1 3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->group_count, 2);
	world_free(w);
}

static void
results_come_in_order(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, true);
	world_define(w, ospf, 1, "2:10.0.0.2");
	world_announce(w, ospf, 1, 10, false, "192.0.2.0/24");
	CU_ASSERT_EQUAL(w->results, 0);
	world_run(w);
	CU_ASSERT_EQUAL(w->results, 1);
	CU_ASSERT_EQUAL(w->result_sequence, 7);
	w->fail_kind = DPLANE_ROUTE;
	w->fail_errno = ENETUNREACH;
	world_announce(w, ospf, 1, 10, false, "192.0.3.0/24");
	world_run(w);
	CU_ASSERT_EQUAL(w->failed, 1);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "none");
	world_advance(w, TIME_SEC); /* tried again */
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.3.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

static void
full_ring_waits(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, true);
	w->room = 10;
	world_define(w, ospf, 1, "2:10.0.0.2");
	char text[2048] = "";
	for (int i = 0; i < 100; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "100.64.%d.0/24 ", i);
	world_announce(w, ospf, 1, 10, false, text);
	CU_ASSERT(zebra_congested(w->z));
	CU_ASSERT_EQUAL(w->queued, 10);
	world_announce(w, ospf, 1, 0, true, "100.64.99.0/24");
	world_run(w);
	CU_ASSERT_FALSE(zebra_congested(w->z));
	CU_ASSERT_EQUAL(w->route_count, 99);
	CU_ASSERT_EQUAL(w->result_sequence, 7);
	world_free(w);
}

static void
redistribution(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.2.0/24", "10.0.0.2")));
	CU_ASSERT(zebra_redistribute_wanted(w->z, ospf, "static", 1, true, w->now));
	world_run(w);
	CU_ASSERT_EQUAL(w->redist_synced, 1);
	CU_ASSERT_STRING_EQUAL(w->redist_text, "+192.0.2.0/24 ");
	CU_ASSERT(COMMIT(w, "+" ROUTE4("192.0.3.0/24", "10.0.0.2"), "-" ROUTE4("192.0.2.0/24", "10.0.0.2")));
	CU_ASSERT_STRING_EQUAL(w->redist_text, "+192.0.2.0/24 -192.0.2.0/24 +192.0.3.0/24 ");
	world_link(w, 2, "eth0", DARK);
	world_run(w);
	CU_ASSERT_EQUAL(w->redist_dels, 2);
	CU_ASSERT_FALSE(zebra_redistribute_wanted(w->z, ospf, "nonsense", 1, true, w->now));
	w->redist_text[0] = '\0';
	CU_ASSERT(zebra_redistribute_wanted(w->z, ospf, "default", 1, true, w->now));
	CU_ASSERT(COMMIT(w, "+" ROUTE4("0.0.0.0/0", "10.0.1.2")));
	CU_ASSERT_PTR_NOT_NULL(strstr(w->redist_text, "+0.0.0.0/0"));
	world_free(w);
}

static void
next_hop_tracking(void)
{
	struct world *w = world_up();
	uint32_t bgp = world_client(w, "bgp", 10, false);
	struct ipaddr a;
	ipaddr_parse("172.16.0.1", &a);
	zebra_nht_wanted(w->z, bgp, &a, false, true, w->now);
	CU_ASSERT_EQUAL(w->nht_count, 1);
	CU_ASSERT_FALSE(w->nht.reachable);
	COMMIT(w, "+" ROUTE4("172.16.0.0/16", "10.0.0.2"));
	CU_ASSERT(w->nht.reachable);
	CU_ASSERT_EQUAL(w->nht.count, 1);
	unsigned told = w->nht_count;
	COMMIT(w, "+" ROUTE4("172.17.0.0/16", "10.0.0.2")); /* has nothing to do with it */
	CU_ASSERT_EQUAL(w->nht_count, told);
	world_link(w, 2, "eth0", DARK);
	CU_ASSERT_FALSE(w->nht.reachable);
	world_free(w);
}

static void
router_id(void)
{
	struct world *w = world_up();
	CU_ASSERT_EQUAL(w->router_id, 0x0a000101);
	world_addr(w, 2, "10.200.0.1/24", false); /* higher, but the choice is sticky */
	CU_ASSERT_EQUAL(w->router_id, 0x0a000101);
	COMMIT(w, "+/grevy-routing:routing/router-id=1.2.3.4");
	CU_ASSERT_EQUAL(w->router_id, 0x01020304);
	COMMIT(w, "-/grevy-routing:routing/router-id");
	CU_ASSERT_EQUAL(w->router_id, 0x0ac80001);
	world_free(w);
}

UNIT_TESTS("zebra_rib", {"a static route by gateway", static_gateway},
	{"all forms of static next hops", static_forms},
	{"a static route's interface and address come later", static_interface_comes_later},
	{"a floating static route takes over and gives back", static_floating},
	{"a recursive route follows its gateway by one group", static_recursive},
	{"nothing is resolved through itself", recursion_never_through_itself},
	{"the best by distance, and only one's own routes", best_by_distance},
	{"a lost carrier is repaired by one message", one_message_repairs_a_group},
	{"a dead group is held, and borrows the legs its routes move to", a_dead_group_borrows_legs},
	{"a leg that BFD put down is not resurrected by late news", bfd_down_stays_down},
	{"a failed neighbour is avoided while there is another", neighbour_failed_is_avoided},
	{"an interface goes down and comes back", admin_down_and_back},
	{"results come after the kernel's answer, failures are told and tried again", results_come_in_order},
	{"a full ring makes routes wait, none is lost", full_ring_waits},
	{"redistribution: walk, changes, default route", redistribution},
	{"next-hop tracking tells changes only", next_hop_tracking},
	{"the router id is chosen, sticky, configured", router_id})
