/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listener (zebra/kernel.h) against a real kernel: the first dump, events of every kind, overflow. */
#include "tests/unit/nl_world.h"

#include <unistd.h>

static void
first_dump_comes_in_order(void)
{
	static const enum kernel_kind order[] = {
		KERNEL_LINK, KERNEL_ADDR, KERNEL_NEIGH, KERNEL_NEXTHOP, KERNEL_ROUTE};
	world_new();
	run("ip link add name mv7 link v0 type macvlan mode bridge");
	run("ip neigh add 192.0.2.77 lladdr 02:00:00:00:00:77 dev v0");
	run("ip nexthop add id 5 via 192.0.2.77 dev v0 proto 11");
	run("ip route add 198.51.100.0/24 nhid 5 metric 20 proto 188");
	world_open_kernel();
	CU_ASSERT(UNTIL(world.count[END] == KERNEL_KINDS));
	unsigned at = 0;
	bool inside = false;
	for (unsigned i = 0; i < world.logged; i++) {
		const struct seen *s = &world.log[i];
		if (s->what == BEGIN) {
			CU_ASSERT_EQUAL(s->u.kind, order[at]);
			inside = true;
		} else if (s->what == END) {
			CU_ASSERT_EQUAL(s->u.kind, order[at]);
			at++;
			inside = false;
		} else {
			CU_ASSERT(inside);
		}
	}
	CU_ASSERT_EQUAL(at, KERNEL_KINDS);
	const struct kernel_link *lo = last_link("lo"), *v0 = last_link("v0"), *child = last_link("mv7");
	CU_ASSERT_FATAL(lo && v0 && child);
	CU_ASSERT(lo->flags & IFF_LOOPBACK);
	CU_ASSERT_STRING_EQUAL(v0->kind, "veth");
	CU_ASSERT_EQUAL(v0->hwaddr_len, 6);
	CU_ASSERT_EQUAL(v0->mtu, 1500);
	CU_ASSERT_EQUAL(v0->speed_mbps, 10000); /* what the veth driver says */
	CU_ASSERT(kernel_link_up(v0) && kernel_link_running(v0));
	CU_ASSERT_EQUAL(child->parent, v0->ifindex);
	CU_ASSERT(!kernel_link_up(child));
	CU_ASSERT(last(NEIGH) != NULL);
	const struct kernel_route *r = last_route("198.51.100.0/24", ROUTE);
	CU_ASSERT_FATAL(r != NULL);
	CU_ASSERT(r->nhid == 5 && r->metric == 20 && r->protocol == 188 && r->table == 254);
	CU_ASSERT(last_route("192.0.2.0/24", ROUTE) != NULL);
	CU_ASSERT(last_route("192.0.2.1/32", ROUTE) == NULL); /* table local */
	CU_ASSERT_EQUAL(kernel_counters(world.k)->refused, 0);
}

static void
links_come_change_and_go(void)
{
	settle();
	forget();
	run("ip link add d0 address 02:00:00:00:00:d0 mtu 1400 type bridge");
	CU_ASSERT(UNTIL(last_link("d0")));
	const struct kernel_link *d0 = last_link("d0");
	CU_ASSERT_FATAL(d0 != NULL);
	uint32_t id = d0->ifindex;
	CU_ASSERT(d0->mtu == 1400 && !kernel_link_up(d0));
	CU_ASSERT(memcmp(d0->hwaddr, "\2\0\0\0\0\xd0", 6) == 0);
	run("ip link set d0 up");
	CU_ASSERT(UNTIL(kernel_link_up(last_link("d0"))));
	run("ip link set d0 down && ip link set d0 name d1");
	CU_ASSERT(UNTIL(last_link("d1")));
	CU_ASSERT(last_link("d1") && last_link("d1")->ifindex == id);
	run("ip link del d1");
	CU_ASSERT(UNTIL(last(LINK_GONE)));
	CU_ASSERT(last(LINK_GONE) && last(LINK_GONE)->u.id == id);
}

static void
lost_carrier_is_not_down(void)
{
	settle();
	forget();
	run("ip link set v1 down");
	CU_ASSERT(UNTIL(last_link("v0") && !kernel_link_running(last_link("v0"))));
	const struct kernel_link *v0 = last_link("v0");
	CU_ASSERT_FATAL(v0 != NULL);
	CU_ASSERT(kernel_link_up(v0));
	uint32_t changes = v0->carrier_changes;
	run("ip link set v1 up");
	CU_ASSERT(UNTIL(kernel_link_running(last_link("v0"))));
	CU_ASSERT(last_link("v0")->carrier_changes == changes + 1);
}

static void
leaving_a_bridge_is_not_going(void)
{
	settle();
	forget();
	run("ip link add b0 type bridge");
	run("ip link add d2 type veth peer name d3 && ip link set d2 master b0");
	CU_ASSERT(UNTIL(last_link("d2") && last_link("d2")->master != 0));
	CU_ASSERT(last_link("b0") && last_link("d2")->master == last_link("b0")->ifindex);
	run("ip link set d2 nomaster");
	CU_ASSERT(UNTIL(last_link("d2")->master == 0));
	settle();
	CU_ASSERT_EQUAL(world.count[LINK_GONE], 0);
	run("ip link del d2 && ip link del b0");
	CU_ASSERT(UNTIL(world.count[LINK_GONE] == 3));
}

static void
addresses_come_and_go(void)
{
	settle();
	forget();
	run("ip addr add 203.0.113.1/25 brd + dev v0 label v0:x");
	CU_ASSERT(UNTIL(last(ADDR)));
	const struct kernel_addr *a = &last(ADDR)->u.addr;
	CU_ASSERT(is_addr(&a->local, "203.0.113.1") && a->prefixlen == 25);
	CU_ASSERT(is_addr(&a->broadcast, "203.0.113.127") && a->peer.afi == AFI_NONE);
	CU_ASSERT_STRING_EQUAL(a->label, "v0:x");
	run("ip addr del 203.0.113.1/25 dev v0");
	CU_ASSERT(UNTIL(last(ADDR_GONE)));
	CU_ASSERT(is_addr(&last(ADDR_GONE)->u.addr.local, "203.0.113.1"));
	run("ip addr add 10.9.0.1 peer 10.9.0.2/32 dev v0");
	CU_ASSERT(UNTIL(world.count[ADDR] == 2));
	a = &last(ADDR)->u.addr;
	CU_ASSERT(is_addr(&a->local, "10.9.0.1") && is_addr(&a->peer, "10.9.0.2"));
	run("ip addr del 10.9.0.1 peer 10.9.0.2/32 dev v0");
	run("ip addr add 2001:db8:1::1 peer 2001:db8:1::2/128 dev v0 nodad");
	CU_ASSERT(UNTIL(world.count[ADDR] == 3));
	a = &last(ADDR)->u.addr;
	CU_ASSERT(is_addr(&a->local, "2001:db8:1::1") && is_addr(&a->peer, "2001:db8:1::2"));
	CU_ASSERT(a->flags & 0x80); /* IFA_F_PERMANENT */
}

static void
neighbours_come_and_go(void)
{
	settle();
	forget();
	run("ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 nud reachable dev v0");
	CU_ASSERT(UNTIL(last(NEIGH)));
	const struct kernel_neigh *n = &last(NEIGH)->u.neigh;
	CU_ASSERT(is_addr(&n->addr, "192.0.2.9") && n->hwaddr_len == 6 && n->hwaddr[5] == 9);
	CU_ASSERT(n->ifindex == if_nametoindex("v0"));
	run("ip neigh del 192.0.2.9 dev v0");
	CU_ASSERT(UNTIL(last(NEIGH_GONE)));
	CU_ASSERT(is_addr(&last(NEIGH_GONE)->u.neigh.addr, "192.0.2.9"));
}

static void
next_hops_come_and_go(void)
{
	settle();
	forget();
	run("ip nexthop add id 11 via 192.0.2.2 dev v0 proto 11 onlink");
	run("ip nexthop add id 12 via 2001:db8::2 dev v0");
	run("ip nexthop add id 13 blackhole");
	run("ip nexthop add id 14 group 11,200/12,3 proto 11");
	CU_ASSERT(UNTIL(world.count[NH] == 4));
	const struct kernel_nexthop *n = &world.log[0].u.nh;
	CU_ASSERT(n->id == 11 && !n->group && n->leg_count == 1 && n->protocol == 11);
	CU_ASSERT(is_addr(&n->legs[0].gateway, "192.0.2.2") && n->legs[0].flags & RTNH_F_ONLINK);
	CU_ASSERT(n->legs[0].oif == if_nametoindex("v0"));
	CU_ASSERT(is_addr(&world.log[1].u.nh.legs[0].gateway, "2001:db8::2"));
	CU_ASSERT(world.log[2].u.nh.blackhole && world.log[2].u.nh.leg_count == 0);
	n = &world.log[3].u.nh;
	CU_ASSERT(n->group && n->leg_count == 2);
	CU_ASSERT(n->legs[0].id == 11 && n->legs[0].weight == 200);
	CU_ASSERT(n->legs[1].id == 12 && n->legs[1].weight == 3);
	run("ip nexthop del id 14");
	CU_ASSERT(UNTIL(last(NH_GONE) && last(NH_GONE)->u.id == 14));
}

static void
routes_come_and_go(void)
{
	settle();
	forget();
	run("ip route add 10.1.0.0/16 nexthop via 192.0.2.2 weight 3 nexthop via 192.0.2.3 dev v0");
	run("ip route add 10.2.0.0/16 via inet6 2001:db8::9 dev v0");
	run("ip route add blackhole 10.3.0.0/16 metric 7");
	run("ip route add 10.4.0.0/16 dev v0 src 192.0.2.1 table 1000 proto 186");
	run("ip -6 route add 2001:db8:5::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3");
	run("ip route add default via 192.0.2.254");
	CU_ASSERT(UNTIL(last_route("0.0.0.0/0", ROUTE)));
	const struct kernel_route *r = last_route("10.1.0.0/16", ROUTE);
	CU_ASSERT_FATAL(r != NULL);
	CU_ASSERT(r->leg_count == 2 && r->legs[0].weight == 3 && r->legs[1].weight == 1);
	CU_ASSERT(is_addr(&r->legs[1].gateway, "192.0.2.3") && r->type == RTN_UNICAST);
	r = last_route("10.2.0.0/16", ROUTE);
	CU_ASSERT(r && r->leg_count == 1 && is_addr(&r->legs[0].gateway, "2001:db8::9"));
	r = last_route("10.3.0.0/16", ROUTE);
	CU_ASSERT(r && r->type == RTN_BLACKHOLE && r->metric == 7 && r->leg_count == 0);
	r = last_route("10.4.0.0/16", ROUTE);
	CU_ASSERT(r && r->table == 1000 && r->protocol == 186 && is_addr(&r->src, "192.0.2.1"));
	r = last_route("2001:db8:5::/48", ROUTE);
	CU_ASSERT(r && r->leg_count == 2 && is_addr(&r->legs[1].gateway, "2001:db8::3"));
	run("ip route del 10.1.0.0/16");
	CU_ASSERT(UNTIL(last_route("10.1.0.0/16", ROUTE_GONE)));
	run("ip -6 route del 2001:db8:5::/48");
	CU_ASSERT(UNTIL(last_route("2001:db8:5::/48", ROUTE_GONE)));
	CU_ASSERT_EQUAL(kernel_counters(world.k)->refused, 0);
}

static void
write_batch(const char *path, const char *fmt, unsigned count)
{
	FILE *f = fopen(path, "w");
	CU_ASSERT_FATAL(f != NULL);
	for (unsigned i = 0; i < count; i++) {
		fprintf(f, fmt, i >> 16 & 255, i >> 8 & 255, i & 255);
		fputc('\n', f);
	}
	fclose(f);
}

/* More events than 32 MB of buffer hold, then reading: a new dump tells it all. */
static void
overflow_of_routes_ends_in_the_truth(void)
{
	enum { ROUTES = 150000 };
	char path[] = "/tmp/grevy-nl-XXXXXX";
	settle();
	forget();
	int fd = mkstemp(path);
	CU_ASSERT_FATAL(fd >= 0);
	close(fd);
	write_batch(path, "route add 11.%u.%u.%u/32 dev v0", ROUTES);
	run("ip -batch %s", path);
	run("ip link set v1 mtu 1450"); /* another feed: not disturbed */
	CU_ASSERT(UNTIL(world.count[END] == 2)); /* next hops and routes are one feed */
	CU_ASSERT(world.count[LINK] >= 1 && world.begun[KERNEL_LINK] == 0);
	const struct kernel_counters *c = kernel_counters(world.k);
	CU_ASSERT(c->overruns >= 1);
	CU_ASSERT(world.count[BEGIN] == 2 && world.begun[KERNEL_ROUTE] == 1);
	CU_ASSERT(world.count[ROUTE] >= ROUTES);
	CU_ASSERT_EQUAL(c->refused, 0);
	unlink(path);
	/* and it follows again */
	settle();
	run("ip route del 11.0.0.5/32");
	CU_ASSERT(UNTIL(last_route("11.0.0.5/32", ROUTE_GONE)));
	run("ip link set v0 down");
	run("ip link set v0 up");
	settle();
}

static void
resync_can_be_asked_for(void)
{
	settle();
	forget();
	kernel_resync(world.k, KERNEL_ADDR);
	kernel_resync(world.k, KERNEL_ADDR);
	CU_ASSERT(UNTIL(world.count[END] == 2)); /* links and addresses are one feed */
	settle();
	CU_ASSERT_EQUAL(world.count[END], 2); /* asked twice, done once */
	CU_ASSERT(last_link("lo") != NULL && world.count[ADDR] >= 2);
	world_close();
}

/* What zebra builds on: the kernel does this by itself, and tells only of the link. */
static void
a_lost_carrier_takes_next_hops_silently(void)
{
	char text[256];
	world_new();
	run("ip nexthop add id 21 via 192.0.2.2 dev v0 proto 11");
	run("ip nexthop add id 22 group 21 proto 11");
	run("ip route add 198.51.100.0/24 nhid 22 metric 20 proto 188");
	world_open_kernel();
	CU_ASSERT(UNTIL(world.count[END] == KERNEL_KINDS));
	ask(text, sizeof(text), "ip route show 198.51.100.0/24");
	CU_ASSERT(strstr(text, "nhid 22") != NULL);
	forget();
	run("ip link set v1 down");
	CU_ASSERT(UNTIL(last_link("v0")));
	settle();
	ask(text, sizeof(text), "ip route show 198.51.100.0/24");
	CU_ASSERT_STRING_EQUAL(text, "");
	ask(text, sizeof(text), "ip nexthop show");
	CU_ASSERT_STRING_EQUAL(text, "");
	CU_ASSERT_EQUAL(world.count[NH_GONE], 0);
	CU_ASSERT(last_route("198.51.100.0/24", ROUTE_GONE) == NULL);
	world_close();
}

UNIT_TESTS("nl_live", {"first dump comes in order", first_dump_comes_in_order},
	{"links come, change and go", links_come_change_and_go},
	{"a lost carrier is not down", lost_carrier_is_not_down},
	{"leaving a bridge is not going", leaving_a_bridge_is_not_going},
	{"addresses come and go", addresses_come_and_go},
	{"neighbours come and go", neighbours_come_and_go},
	{"next hops come and go", next_hops_come_and_go},
	{"routes come and go", routes_come_and_go},
	{"an overflow of routes ends in the truth", overflow_of_routes_ends_in_the_truth},
	{"a resync can be asked for", resync_can_be_asked_for},
	{"a lost carrier takes next hops silently", a_lost_carrier_takes_next_hops_silently})
