/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer (zebra/dplane.h) against a real kernel: exact results, order, both rings, keepers. */
#include <errno.h>
#include <unistd.h>

#include "tests/unit/nl_world.h"
#include "zebra/keeper.h"

static struct dplane_op
route_op(uint32_t ip, uint32_t id, uint64_t cookie)
{
	struct dplane_op op = {.kind = DPLANE_ROUTE,
		.protocol = 188,
		.metric = DPLANE_METRIC,
		.id = id,
		.cookie = cookie};
	op.u.route.prefix = prefix_from_ip4(ip, 32);
	return op;
}

static void
push(const struct dplane_op *op)
{
	while (!dplane_push(world.d, op))
		turn(1000);
}

static void
push_leg(uint32_t id, const char *gateway, const char *link)
{
	struct dplane_op op = {.kind = DPLANE_NEXTHOP, .protocol = 11, .id = id};
	op.u.nexthop.oif = if_nametoindex(link);
	CU_ASSERT(ipaddr_parse(gateway, &op.u.nexthop.gateway));
	push(&op);
}

static void
push_group(uint32_t id, uint32_t leg, uint32_t leg2, uint8_t keep)
{
	const struct dplane_leg legs[] = {{leg, 2}, {leg2, 1}};
	struct dplane_op op = {.kind = DPLANE_GROUP, .protocol = 11, .id = id, .keep = keep};
	op.u.group.legs = legs;
	op.u.group.count = leg2 ? 2 : 1;
	push(&op);
}

static void
push_del(uint32_t id)
{
	struct dplane_op op = {.kind = DPLANE_NEXTHOP_DEL, .id = id};
	push(&op);
}

static bool
all_done(void)
{
	return dplane_pending(world.d) == 0;
}

static bool
shows(const char *cmd, const char *text)
{
	char line[512];
	ask(line, sizeof(line), cmd);
	if (strstr(line, text))
		return true;
	printf("# %s: \"%s\" lacks \"%s\"\n", cmd, line, text);
	return false;
}

static bool
shows_nothing(const char *cmd)
{
	char line[512];
	ask(line, sizeof(line), cmd);
	if (line[0])
		printf("# %s: \"%s\"\n", cmd, line);
	return line[0] == '\0';
}

static void
open_world(void)
{
	world_new();
	world_open_kernel();
	CU_ASSERT(UNTIL(world.count[END] == KERNEL_KINDS));
	world_open_dplane(0);
	push_leg(101, "192.0.2.2", "v0");
	push_leg(102, "192.0.2.3", "v0");
	push_group(201, 101, 0, 0);
	push_group(202, 102, 0, 0);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(world.done == 4 && world.failed == 0);
	settle();
	forget();
}

static void
writes_what_it_is_told(void)
{
	open_world();
	struct dplane_op op = route_op(0x0a000001, 201, 1);
	push(&op);
	op = route_op(0x0a000002, 201, 2);
	op.table = 1000;
	push(&op);
	op = route_op(0x0a000003, 0, 3);
	op.type = RTN_BLACKHOLE;
	push(&op);
	op = route_op(0x0a000004, 202, 4);
	op.u.route.src = ipaddr_from_ip4(0xc0000201);
	push(&op);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(world.done == 4 && world.failed == 0 && world.out_of_order == 0);
	CU_ASSERT(shows("ip route show 10.0.0.1", "nhid 201"));
	CU_ASSERT(shows("ip route show 10.0.0.1", "metric 20"));
	CU_ASSERT(shows("ip route show 10.0.0.2 table 1000", "nhid 201"));
	CU_ASSERT(shows("ip route show 10.0.0.3", "blackhole"));
	CU_ASSERT(shows("ip route show 10.0.0.4", "src 192.0.2.1"));
	op = route_op(0x0a000001, 202, 5);
	push(&op);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(shows("ip route show 10.0.0.1", "nhid 202"));
	op.kind = DPLANE_ROUTE_DEL;
	op.cookie = 0;
	push(&op);
	push(&op); /* the second time it is gone already: that is what was wanted */
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(world.failed == 0);
	CU_ASSERT(shows_nothing("ip route show 10.0.0.1"));
	/* a route of somebody else with the same key is left alone */
	run("ip route add 10.0.0.9 dev v0 metric 20 proto static");
	op = route_op(0x0a000009, 0, 0);
	op.kind = DPLANE_ROUTE_DEL;
	push(&op);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(shows("ip route show 10.0.0.9", "proto static"));
}

static void
writes_ipv6(void)
{
	forget();
	push_leg(111, "2001:db8::2", "v0");
	push_group(211, 111, 0, 0);
	struct dplane_op op = {
		.kind = DPLANE_ROUTE, .protocol = 186, .metric = DPLANE_METRIC, .id = 211};
	CU_ASSERT(prefix_parse("2001:db8:7::/48", true, &op.u.route.prefix));
	push(&op);
	op.type = RTN_UNREACHABLE;
	CU_ASSERT(prefix_parse("2001:db8:8::/48", true, &op.u.route.prefix));
	push(&op);
	op = route_op(0x0a000601, 211, 0); /* IPv4 by an IPv6 gateway */
	push(&op);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(world.failed == 0);
	CU_ASSERT(shows("ip -6 route show 2001:db8:7::/48", "nhid 211"));
	CU_ASSERT(shows("ip -6 route show 2001:db8:8::/48", "unreachable"));
	CU_ASSERT(shows("ip route get 10.0.6.1", "via inet6 2001:db8::2"));
}

static void
a_failure_is_told_of_the_right_one(void)
{
	enum { N = 1000 };
	forget();
	for (unsigned i = 0; i < N; i++) {
		struct dplane_op op = route_op(0x0b000000 + i, i == 617 ? 999999 : 201, 1 + i);
		push(&op);
	}
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT_EQUAL(world.done, N);
	CU_ASSERT_EQUAL(world.failed, 1);
	CU_ASSERT_EQUAL(world.failed_cookie, 618);
	CU_ASSERT_EQUAL(world.out_of_order, 0);
	CU_ASSERT(shows("ip route show 11.0.3.231", "nhid 201")); /* the 1000th */
	CU_ASSERT(shows_nothing("ip route show 11.0.2.105"));
	/* the first, the last, and all of a batch */
	forget();
	for (unsigned i = 0; i < 128; i++) {
		struct dplane_op op = route_op(0x0b100000 + i, 999999, 1 + i);
		push(&op);
	}
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(world.done == 128 && world.failed == 128);
}

static void
a_full_ring_refuses_and_calls_back(void)
{
	forget();
	size_t room = dplane_room(world.d);
	CU_ASSERT_EQUAL(room, DPLANE_RING_DEFAULT);
	unsigned pushed = 0;
	for (;;) {
		struct dplane_op op = route_op(0x0c000000 + pushed, 201, 1 + pushed);
		if (!dplane_push(world.d, &op))
			break;
		pushed++;
	}
	/* nothing was handed back meanwhile, so it took exactly what it has room for */
	CU_ASSERT_EQUAL(pushed, room);
	CU_ASSERT_EQUAL(world.writable, 0);
	CU_ASSERT(UNTIL(world.writable == 1));
	CU_ASSERT(dplane_room(world.d) >= room / 2);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(world.done == pushed && world.failed == 0 && world.out_of_order == 0);
}

static void
a_group_overtakes_routes(void)
{
	forget();
	for (unsigned i = 0; i < 16000; i++) {
		struct dplane_op op = route_op(0x0d000000 + i, 201, 1 + i);
		push(&op);
	}
	push_group(201, 102, 0, 0);
	unsigned routes_before = 0;
	while (!all_done()) {
		struct pollfd p = {.fd = dplane_fd(world.d), .events = POLLIN};
		poll(&p, 1, 1000);
		unsigned before = world.done;
		dplane_run(world.d, 1); /* urgent results come first */
		if (world.done > before && world.last_kind == DPLANE_GROUP) {
			routes_before = world.done - 1;
			break;
		}
	}
	CU_ASSERT(routes_before < 16000);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(world.failed == 0);
	CU_ASSERT(shows("ip nexthop show id 201", "group 102"));
}

static void
a_new_next_hop_is_there_before_its_routes(void)
{
	forget();
	for (unsigned i = 0; i < 500; i++) {
		push_leg(3000 + i, "192.0.2.4", "v0");
		push_group(4000 + i, 3000 + i, 0, 0);
		struct dplane_op op = route_op(0x0e000000 + i, 4000 + i, 1 + i);
		push(&op);
	}
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT_EQUAL(world.failed, 0);
}

static void
a_deletion_does_not_overtake_routes(void)
{
	forget();
	/* routes move to another group, the old group and its leg are deleted at once */
	for (unsigned i = 0; i < 500; i++) {
		struct dplane_op op = route_op(0x0e000000 + i, 201, 1 + i);
		push(&op);
		push_del(4000 + i);
		push_del(3000 + i);
	}
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT_EQUAL(world.failed, 0);
	CU_ASSERT(shows("ip route show 14.0.0.0", "nhid 201"));
	CU_ASSERT(shows("ip route show 14.0.1.243", "nhid 201"));
	CU_ASSERT(shows_nothing("ip nexthop show id 4000 2>/dev/null"));
	push_del(4000); /* gone already */
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT_EQUAL(world.failed, 0);
}

static void
an_id_that_is_being_deleted_can_be_used_again(void)
{
	forget();
	for (unsigned i = 0; i < 2000; i++) { /* so that the deletion waits for a while */
		struct dplane_op op = route_op(0x0f000000 + i, 201, 1 + i);
		push(&op);
	}
	push_leg(5001, "192.0.2.5", "v0");
	push_group(5002, 5001, 0, 0);
	push_del(5002);
	push_del(5001);
	push_leg(5001, "192.0.2.6", "v0");
	push_group(5002, 5001, 102, 0); /* names a held id */
	push_group(5003, 5001, 0, 0);   /* likewise, though new itself */
	struct dplane_op op = route_op(0x0f010000, 5003, 5000);
	push(&op);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT_EQUAL(world.failed, 0);
	CU_ASSERT(shows("ip nexthop show id 5001", "via 192.0.2.6"));
	CU_ASSERT(shows("ip nexthop show id 5002", "group 5001,2/102"));
	CU_ASSERT(shows("ip route show 15.1.0.0", "nhid 5003"));
	/* and then the ids are free to overtake again */
	struct dplane_counters before = dplane_counters(world.d);
	push_group(5002, 102, 0, 0);
	CU_ASSERT_EQUAL(dplane_counters(world.d).urgent, before.urgent + 1);
	CU_ASSERT(UNTIL(all_done()));
}

static void
addresses_and_links(void)
{
	forget();
	struct dplane_op op = {.kind = DPLANE_ADDR};
	op.u.addr.ifindex = if_nametoindex("v1");
	op.u.addr.local = ipaddr_from_ip4(0xc6336401);
	op.u.addr.prefixlen = 24;
	push(&op);
	CU_ASSERT(UNTIL(last(ADDR) != NULL && all_done()));
	CU_ASSERT(last(ADDR) && is_addr(&last(ADDR)->u.addr.broadcast, "198.51.100.255"));
	op.kind = DPLANE_ADDR_DEL;
	push(&op);
	push(&op);
	CU_ASSERT(UNTIL(last(ADDR_GONE) != NULL && all_done()));
	struct dplane_op link = {.kind = DPLANE_LINK_MTU};
	link.u.link.ifindex = if_nametoindex("v1");
	link.u.link.value = 1300;
	push(&link);
	link.kind = DPLANE_LINK_DOWN;
	push(&link);
	CU_ASSERT(UNTIL(last_link("v1") && !kernel_link_up(last_link("v1")) && all_done()));
	CU_ASSERT_EQUAL(last_link("v1")->mtu, 1300);
	link.kind = DPLANE_LINK_UP;
	push(&link);
	CU_ASSERT(UNTIL(kernel_link_running(last_link("v1")) && all_done()));
	CU_ASSERT_EQUAL(world.failed, 0);
	link.u.link.ifindex = 99999;
	push(&link);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(world.failed == 1 && world.last_error == ENODEV);
}

static void
own_changes_are_not_events(void)
{
	settle();
	forget();
	push_leg(6001, "192.0.2.7", "v0");
	struct dplane_op op = route_op(0x10000001, 6001, 1);
	push(&op);
	CU_ASSERT(UNTIL(all_done()));
	run("ip route add 16.0.0.2 dev v0");
	CU_ASSERT(UNTIL(last_route("16.0.0.2/32", ROUTE)));
	CU_ASSERT_EQUAL(world.count[ROUTE], 1);
	CU_ASSERT_EQUAL(world.count[NH], 0);
	run("ip route del 16.0.0.1"); /* somebody takes away what is ours */
	CU_ASSERT(UNTIL(last_route("16.0.0.1/32", ROUTE_GONE)));
	CU_ASSERT(last_route("16.0.0.1/32", ROUTE_GONE)->nhid == 6001);
	world_close();
}

static void
a_kept_group_outlives_the_carrier(void)
{
	char text[256];
	open_world();
	run("ip link add w0 type veth peer name w1");
	run("ip link set w0 up && ip link set w1 up && ip addr add 192.0.3.1/24 dev w0");
	CU_ASSERT(dplane_has_keeper(world.d, AFI_IP4) && dplane_has_keeper(world.d, AFI_IP6));
	push_leg(120, "192.0.3.2", "w0");
	push_group(220, 101, 0, AFI_IP4);
	push_group(221, 101, 102, AFI_IP4);
	push_leg(111, "2001:db8::2", "v0");
	push_group(222, 111, 0, AFI_IP6);
	struct dplane_op op = route_op(0x0a000001, 220, 1);
	push(&op);
	op = route_op(0x0a000002, 201, 2); /* without a keeper */
	push(&op);
	op = (struct dplane_op){
		.kind = DPLANE_ROUTE, .protocol = 186, .metric = DPLANE_METRIC, .id = 222};
	CU_ASSERT(prefix_parse("2001:db8:7::/48", true, &op.u.route.prefix));
	push(&op);
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT_EQUAL(world.failed, 0);
	/* the keeper gets nothing, whatever the flow */
	run("ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent");
	run("for i in $(seq 64); do ip route get 10.0.0.1 from 10.9.9.$i iif v0; done 2>/dev/null | "
	    "grep -c grevy-keep | grep -qx 0");
	CU_ASSERT(kernel_sysctl_set("net/ipv4/fib_multipath_hash_policy", "1") == 0);
	run("for i in $(seq 64); do ip route get 10.0.0.1 ipproto udp sport $i dport 9; done | "
	    "grep -c grevy-keep | grep -qx 0");
	settle();
	forget();
	kernel_resync(world.k, KERNEL_NEXTHOP);
	kernel_resync(world.k, KERNEL_LINK);
	CU_ASSERT(UNTIL(world.count[END] == 4));
	const struct kernel_nexthop *g = NULL;
	for (unsigned i = 0; i < world.logged; i++) {
		if (world.log[i].what == NH && world.log[i].u.nh.id == 221)
			g = &world.log[i].u.nh;
		CU_ASSERT(world.log[i].what != NH || world.log[i].u.nh.id < DPLANE_ID_RESERVED);
	}
	/* the listener shows what was asked for */
	CU_ASSERT_FATAL(g != NULL);
	CU_ASSERT(g->leg_count == 2 && g->legs[0].id == 101 && g->legs[0].weight == 2);
	CU_ASSERT(g->legs[1].id == 102 && g->legs[1].weight == 1);
	CU_ASSERT(last_link("grevy-keep") == NULL && last_link("v0") != NULL);
	run("ip link set v1 down"); /* the carrier goes */
	CU_ASSERT(UNTIL(last_link("v0") && !kernel_link_running(last_link("v0"))));
	CU_ASSERT(shows("ip route show 10.0.0.1", "nhid 220"));
	CU_ASSERT(shows("ip -6 route show 2001:db8:7::/48", "nhid 222"));
	CU_ASSERT(shows_nothing("ip route show 10.0.0.2"));
	push_group(220, 120, 0, AFI_IP4); /* one message repairs it */
	CU_ASSERT(UNTIL(all_done()));
	CU_ASSERT(shows("ip route get 10.0.0.1", "via 192.0.3.2 dev w0"));
	ask(text, sizeof(text), "ip route show dev grevy-keep; ip -6 route show dev grevy-keep");
	CU_ASSERT_STRING_EQUAL(text, "");
	/* a second writer adopts the keepers of the first */
	world_close();
	world_open_kernel();
	world_open_dplane(0);
	CU_ASSERT(dplane_has_keeper(world.d, AFI_IP4) && dplane_has_keeper(world.d, AFI_IP6));
	world_close();
	CU_ASSERT(keeper_remove() == 0);
	CU_ASSERT(if_nametoindex("grevy-keep") == 0 && if_nametoindex("grevy-keep-p") == 0);
	CU_ASSERT(keeper_remove() == 0); /* nothing to remove is no error */
}

UNIT_TESTS("dplane_live", {"writes what it is told", writes_what_it_is_told},
	{"writes IPv6", writes_ipv6},
	{"a failure is told of the right one", a_failure_is_told_of_the_right_one},
	{"a full ring refuses and calls back", a_full_ring_refuses_and_calls_back},
	{"a group overtakes routes", a_group_overtakes_routes},
	{"a new next hop is there before its routes", a_new_next_hop_is_there_before_its_routes},
	{"a deletion does not overtake routes", a_deletion_does_not_overtake_routes},
	{"an id that is being deleted can be used again",
		an_id_that_is_being_deleted_can_be_used_again},
	{"addresses and links", addresses_and_links},
	{"own changes are not events", own_changes_are_not_events},
	{"a kept group outlives the carrier", a_kept_group_outlives_the_carrier})
