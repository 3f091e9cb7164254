/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Track objects of every kind, their delays, lists and clients, and static routes with bfd, backup and
 * track: what decides over them, what stays after a restart, and that no route is touched when a gate moves.
 */
#include "tests/unit/zebra_world.h"

#include "zebra/core.h"
#include "zebra/track.h"

#define ROUTE(p, nh, leaf) "+/grevy-routing:routing/static-routes/ipv4/route[prefix='" p "'][next-hop='" nh \
	"'][distance='1'][table='0']" leaf
#define ROUTE200(p, nh) "+/grevy-routing:routing/static-routes/ipv4/route[prefix='" p "'][next-hop='" nh \
	"'][distance='200'][table='0']"
#define NO_ROUTE(p, nh) "-/grevy-routing:routing/static-routes/ipv4/route[prefix='" p "'][next-hop='" nh \
	"'][distance='1'][table='0']"
#define ROUTE6(p, nh, leaf) "+/grevy-routing:routing/static-routes/ipv6/route[prefix='" p "'][next-hop='" nh \
	"'][distance='1'][table='0']" leaf
#define TRACK(n, leaf) "+/grevy-track:tracks/track[id='" n "']/" leaf
#define NO_TRACK(n) "-/grevy-track:tracks/track[id='" n "']"

static bool
up(const struct world *w, uint32_t id)
{
	const struct track *t = track_find(w->z, id);
	return t && t->decided && t->up;
}

/* Past the time in which what nobody tells is not known yet. */
static struct world *
world_settled(void)
{
	struct world *w = world_up();
	CU_ASSERT(COMMIT(w, "+/grevy-routing:routing/nht-resolve-via-default=true"));
	world_advance(w, 3 * TIME_SEC);
	return w;
}

static void
interface(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, TRACK("1", "interface=eth0"), TRACK("2", "interface=eth7")));
	CU_ASSERT(up(w, 1) && !up(w, 2));
	w->events[0] = '\0';
	world_link(w, 2, "eth0", DARK);
	CU_ASSERT_FALSE(up(w, 1));
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "track.down track 1: interface eth0 has no carrier"));
	world_link(w, 2, "eth0", UP);
	CU_ASSERT(up(w, 1));
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "track.up track 1: interface eth0 is up"));
	world_link(w, 9, "eth7", UP);
	CU_ASSERT(up(w, 2));
	struct kernel_link gone = {.ifindex = 9};
	zebra_kernel_changed(w->z, KERNEL_LINK, &gone, true, w->now);
	CU_ASSERT_FALSE(up(w, 2));
	CU_ASSERT_STRING_EQUAL(track_find(w->z, 2)->cause, "interface eth7 does not exist");
	CU_ASSERT(COMMIT(w, NO_TRACK("1")));
	CU_ASSERT_PTR_NULL(track_find(w->z, 1));
	world_free(w);
}

/* This very prefix, selected, and the kernel has said yes; where asked, through that interface. */
static void
route(void)
{
	struct world *w = world_settled();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	CU_ASSERT(COMMIT(w, TRACK("1", "ipv4-route=192.0.2.0/24"), TRACK("2", "ipv4-route=192.0.2.0/24"),
		TRACK("2", "through=eth1"), TRACK("3", "ipv4-route=10.0.0.0/24"), TRACK("4", "ipv6-route=2001:db8::/64")));
	CU_ASSERT(!up(w, 1) && !up(w, 2));
	CU_ASSERT(up(w, 3) && up(w, 4)); /* connected: the kernel's own */
	CU_ASSERT(world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2/1"));
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "192.0.0.0/16")); /* a longest match is not enough */
	world_run(w);
	CU_ASSERT_FALSE(up(w, 1));
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "192.0.2.0/24"));
	CU_ASSERT_FALSE(up(w, 1)); /* on its way to the kernel */
	world_run(w);
	CU_ASSERT(up(w, 1) && !up(w, 2));
	/* the group moves to its backup: the route stays, and leads through eth1 now */
	world_bfd(w, 0, 2, "10.0.0.2", BFD_LIVE_DOWN, 5);
	CU_ASSERT(up(w, 1) && up(w, 2));
	world_run(w);
	CU_ASSERT(up(w, 1) && up(w, 2));
	/* another route for it: replaced in the kernel, at no moment gone */
	unsigned told = track_find(w->z, 1)->changes;
	CU_ASSERT(COMMIT(w, ROUTE("192.0.2.0/24", "10.0.1.9", "")));
	world_run(w);
	CU_ASSERT(up(w, 1) && track_find(w->z, 1)->changes == told);
	CU_ASSERT(COMMIT(w, NO_ROUTE("192.0.2.0/24", "10.0.1.9")));
	CU_ASSERT(world_announce(w, ospf, 0, 0, true, "192.0.2.0/24"));
	CU_ASSERT(!up(w, 1) && !up(w, 2));
	/* the kernel refuses it: not there */
	w->fail_kind = DPLANE_ROUTE;
	w->fail_errno = EINVAL;
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "192.0.2.0/24"));
	world_run(w);
	CU_ASSERT_FALSE(up(w, 1));
	world_advance(w, TIME_SEC);
	CU_ASSERT(up(w, 1));
	world_free(w);
}

static void
bfd(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, TRACK("3", "bfd-peer=10.0.0.2"), TRACK("3", "bfd-local-address=10.0.0.1"),
		TRACK("3", "bfd-multihop=true"), TRACK("3", "bfd-profile=fast")));
	CU_ASSERT_EQUAL(w->wishes, 1);
	CU_ASSERT(w->wanted[1] && w->wants[1].multihop && !strcmp(w->wants[1].profile, "fast"));
	CU_ASSERT_FALSE(up(w, 3));
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 5);
	CU_ASSERT(up(w, 3));
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UNKNOWN, 6); /* administratively down: it is as it was */
	CU_ASSERT(up(w, 3));
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_DOWN, 7);
	CU_ASSERT_FALSE(up(w, 3));
	/* on an interface that is not there yet */
	CU_ASSERT(COMMIT(w, NO_TRACK("3"), TRACK("4", "bfd-peer=fe80::2"), TRACK("4", "bfd-interface=eth7")));
	CU_ASSERT(!w->wanted[1] && w->wishes == 1);
	world_link(w, 9, "eth7", UP);
	CU_ASSERT(w->wanted[2] && w->wants[2].ifindex == 9);
	world_bfd(w, 2, 9, "fe80::2", BFD_LIVE_UP, 8);
	CU_ASSERT(up(w, 4));
	world_free(w);
}

static void
probes(void)
{
	struct world *w = world_settled();
	uint32_t vrrp = world_client(w, "vrrp", 10, false);
	CU_ASSERT(COMMIT(w, TRACK("5", "tcp-address=10.0.0.9"), TRACK("5", "tcp-port=80"), TRACK("6", "http-url=http://10.0.0.9/"),
		ROUTE("192.0.2.0/24", "10.0.0.2", "/track=5")));
	CU_ASSERT(!up(w, 5) && !up(w, 6));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "none");
	zebra_tracks_wanted(w->z, vrrp, w->now);
	CU_ASSERT(w->tracks == 2 && w->tracks_synced == 1);
	zebra_track_reported(w->z, 5, true, "connected in 2 ms", w->now, w->now);
	world_run(w);
	CU_ASSERT(up(w, 5) && w->track.id == 5 && w->track.up);
	CU_ASSERT_STRING_EQUAL(w->track_cause, "connected in 2 ms");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	/* the prober dies: what it said last holds */
	zebra_client_closed(w->z, vrrp, w->now);
	world_advance(w, 60 * TIME_SEC);
	CU_ASSERT(up(w, 5));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	zebra_track_reported(w->z, 5, false, "connection refused", w->now, w->now);
	world_run(w);
	CU_ASSERT_FALSE(up(w, 5));
	CU_ASSERT_EQUAL(w->tracks, 3); /* who has gone is not told */
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "none");
	/* reports of what is no check are nothing */
	zebra_track_reported(w->z, 99, true, "", w->now, w->now);
	/* another address: what was said of the old one does not count */
	zebra_track_reported(w->z, 5, true, "", w->now, w->now);
	CU_ASSERT(up(w, 5));
	CU_ASSERT(COMMIT(w, TRACK("5", "tcp-address=10.0.0.10")));
	CU_ASSERT_FALSE(up(w, 5));
	world_free(w);
}

static void
lists(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, TRACK("1", "interface=eth0"), TRACK("2", "interface=eth1"), TRACK("10", "list-operator=and"),
		TRACK("10", "object[id='1']/negated=false"), TRACK("10", "object[id='2']/negated=false"),
		TRACK("11", "list-operator=or"), TRACK("11", "object[id='1']/negated=false"),
		TRACK("11", "object[id='2']/negated=false"), TRACK("12", "list-operator=and"),
		TRACK("12", "object[id='10']/negated=true"), TRACK("12", "object[id='11']/negated=false"),
		TRACK("13", "list-operator=or"), TRACK("13", "object[id='77']/negated=false"), TRACK("14", "list-operator=and")));
	CU_ASSERT(up(w, 10) && up(w, 11) && !up(w, 12));
	CU_ASSERT(!up(w, 13) && !up(w, 14)); /* an object that is missing, and none at all */
	world_link(w, 2, "eth0", DARK);
	CU_ASSERT(!up(w, 10) && up(w, 11) && up(w, 12)); /* in the same settling, through two lists */
	CU_ASSERT_STRING_EQUAL(track_find(w->z, 10)->cause, "object 1 is down");
	world_link(w, 3, "eth1", DARK);
	CU_ASSERT(!up(w, 11) && !up(w, 12));
	/* no circles, however long */
	w->quiet = true;
	CU_ASSERT_FALSE(COMMIT(w, TRACK("10", "object[id='10']/negated=false")));
	CU_ASSERT_FALSE(COMMIT(w, TRACK("10", "object[id='12']/negated=true")));
	CU_ASSERT_FALSE(COMMIT(w, TRACK("20", "list-operator=and"), TRACK("20", "object[id='21']/negated=false"),
		TRACK("21", "list-operator=and"), TRACK("21", "object[id='22']/negated=false"), TRACK("22", "list-operator=or"),
		TRACK("22", "object[id='20']/negated=false")));
	world_free(w);
}

static void
refusals(void)
{
	struct world *w = world_settled();
	w->quiet = true;
	CU_ASSERT_FALSE(COMMIT(w, TRACK("1", "bfd-peer=10.0.0.2"), TRACK("1", "source=2001:db8::1")));
	CU_ASSERT_FALSE(COMMIT(w, TRACK("1", "bfd-peer=fe80::2")));
	CU_ASSERT_FALSE(COMMIT(w, TRACK("1", "bfd-peer=10.0.0.2"), TRACK("1", "bfd-interface=eth0"), TRACK("1", "bfd-multihop=true")));
	CU_ASSERT_FALSE(COMMIT(w, TRACK("1", "tcp-address=10.0.0.2"), TRACK("1", "tcp-port=1"), TRACK("1", "source=::1")));
	CU_ASSERT_FALSE(COMMIT(w, TRACK("1", "http-url=http://10.0.0.9/"), TRACK("1", "source=::1")));
	CU_ASSERT_FALSE(COMMIT(w, ROUTE("192.0.2.0/24", "eth0", "/bfd=true")));
	CU_ASSERT_FALSE(COMMIT(w, ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd-profile=x")));
	CU_ASSERT_FALSE(COMMIT(w, ROUTE("192.0.2.0/24", "Null0", "/backup=1")));
	CU_ASSERT_FALSE(COMMIT(w, ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd=true"),
		ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd-source=2001:db8::1")));
	world_free(w);
}

static void
delays(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, TRACK("1", "interface=eth0"), TRACK("1", "delay/up=5000"), TRACK("1", "delay/down=1000")));
	CU_ASSERT(up(w, 1)); /* its first state is not a change */
	world_link(w, 2, "eth0", DARK);
	world_advance(w, 900 * TIME_MS);
	CU_ASSERT(up(w, 1));
	world_link(w, 2, "eth0", UP); /* back in time */
	world_advance(w, 2 * TIME_SEC);
	CU_ASSERT(up(w, 1) && !track_find(w->z, 1)->changes);
	world_link(w, 2, "eth0", DARK);
	world_advance(w, 1100 * TIME_MS);
	CU_ASSERT_FALSE(up(w, 1));
	world_link(w, 2, "eth0", UP);
	world_advance(w, 4 * TIME_SEC);
	CU_ASSERT_FALSE(up(w, 1));
	world_advance(w, 2 * TIME_SEC);
	CU_ASSERT(up(w, 1));
	world_free(w);
}

/* A route that is there only while it is not: it does not spin, and the rest lives. */
static void
contradiction(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, TRACK("1", "ipv4-route=192.0.2.0/24"), TRACK("2", "list-operator=and"),
		TRACK("2", "object[id='1']/negated=true"), ROUTE("192.0.2.0/24", "10.0.0.2", "/track=2"),
		ROUTE("198.51.100.0/24", "10.0.0.2", "")));
	unsigned before = w->written[DPLANE_ROUTE];
	world_advance(w, 10 * TIME_MS);
	CU_ASSERT(w->written[DPLANE_ROUTE] - before < 25);
	CU_ASSERT(track_find(w->z, 1)->changes < 25);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

/* --- static routes --------------------------------------------------------------------------------- */

/* FRR's habit: not before the session has been up; gone with it; what says nothing changes nothing. */
static void
static_bfd(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd=true"), ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd-profile=x"),
		ROUTE200("192.0.2.0/24", "10.0.1.2"), ROUTE("198.51.100.0/24", "10.0.0.2", "/bfd=true"),
		ROUTE("198.51.100.0/24", "10.0.0.2", "/bfd-profile=x")));
	CU_ASSERT_EQUAL(w->wishes, 1); /* one session for both */
	CU_ASSERT(!w->wants[1].ifindex && !strcmp(w->wants[1].profile, "x"));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1"); /* the floating one */
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "none");
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UNKNOWN, 1);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "none");
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 2);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "2:10.0.0.2*1");
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UNKNOWN, 3); /* shut down by an administrator */
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_DOWN, 4);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "none");
	/* other parameters: the same session, and nothing moves */
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 5);
	world_run(w);
	memset(w->written, 0, sizeof(w->written));
	CU_ASSERT(COMMIT(w, ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd-profile=y"), ROUTE("198.51.100.0/24", "10.0.0.2", "/bfd-profile=y")));
	CU_ASSERT(!strcmp(w->wants[1].profile, "y") && w->wanted[1] && !w->wanted[2]);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE] + w->written[DPLANE_ROUTE_DEL] + w->written[DPLANE_GROUP], 0);
	CU_ASSERT(COMMIT(w, NO_ROUTE("192.0.2.0/24", "10.0.0.2"), NO_ROUTE("198.51.100.0/24", "10.0.0.2")));
	CU_ASSERT_FALSE(w->wanted[1]);
	world_free(w);
}

static void
static_bfd_forms(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, ROUTE("172.16.0.0/16", "10.0.0.2", ""), ROUTE("192.0.2.0/24", "172.16.0.1", "/bfd=true"),
		ROUTE("192.0.2.0/24", "172.16.0.1", "/bfd-multi-hop=true"), ROUTE("192.0.2.0/24", "172.16.0.1", "/bfd-source=10.0.0.1"),
		ROUTE6("2001:db8:1::/48", "fe80::2 eth1", "/bfd=true")));
	CU_ASSERT_EQUAL(w->wishes, 2);
	unsigned multi = w->wants[1].multihop ? 1 : 2, single = 3 - multi;
	char text[IPADDR_STRLEN];
	CU_ASSERT_STRING_EQUAL(ipaddr_print(&w->wants[multi].local, text), "10.0.0.1");
	CU_ASSERT_EQUAL(w->wants[single].ifindex, 3); /* bound where an interface is named */
	world_bfd(w, multi, 0, "172.16.0.1", BFD_LIVE_UP, 1);
	world_bfd(w, single, 3, "fe80::2", BFD_LIVE_UP, 1);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "2001:db8:1::/48"), "3:fe80::2*1");
	world_bfd(w, multi, 0, "172.16.0.1", BFD_LIVE_DOWN, 2); /* the recursive gateway is dead, the way to it is not */
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "none");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "172.16.0.0/16"), "2:10.0.0.2*1");
	world_free(w);
}

/* Ranks in order; a failure is one message per group whatever the number of routes. */
static void
static_backup(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd=true"), ROUTE("192.0.2.0/24", "10.0.1.2", "/backup=1"),
		ROUTE("192.0.2.0/24", "10.0.1.3", "/backup=2"), ROUTE("198.51.100.0/24", "10.0.0.2", "/bfd=true"),
		ROUTE("198.51.100.0/24", "10.0.1.2", "/backup=1"), ROUTE("198.51.100.0/24", "10.0.1.3", "/backup=2")));
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 1);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	memset(w->written, 0, sizeof(w->written));
	w->events[0] = '\0';
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_DOWN, 2);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 1);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE] + w->written[DPLANE_ROUTE_DEL] + w->written[DPLANE_NEXTHOP], 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(w->events, "zebra.groups-repaired 10.0.0.2: groups=1 routes=2 backups=1"));
	world_bfd(w, 0, 3, "10.0.1.2", BFD_LIVE_DOWN, 3);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.3*1");
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 4);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

/* The session's leg dies by watching first, then its wish says the same: nothing more is written. */
static void
static_bfd_told_twice(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd=true"), ROUTE("192.0.2.0/24", "10.0.1.2", "/backup=1")));
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 1);
	world_bfd(w, 0, 0, "10.0.0.2", BFD_LIVE_UP, 1);
	world_run(w);
	memset(w->written, 0, sizeof(w->written));
	world_bfd(w, 0, 0, "10.0.0.2", BFD_LIVE_DOWN, 2);
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_DOWN, 2);
	world_run(w);
	CU_ASSERT_EQUAL(w->written[DPLANE_GROUP], 1);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	world_free(w);
}

static void
static_track(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, ROUTE("192.0.2.0/24", "10.0.0.2", "/track=1"), ROUTE("192.0.2.0/24", "10.0.1.2", "/backup=1"),
		ROUTE("203.0.113.0/24", "Null0", "/track=1")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1"); /* no such object: down */
	CU_ASSERT_STRING_EQUAL(world_legs(w, "203.0.113.0/24"), "none");
	CU_ASSERT(COMMIT(w, TRACK("1", "interface=eth1")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "203.0.113.0/24"), "blackhole");
	/* a route that comes to depend on what is up already is not taken away for it */
	memset(w->written, 0, sizeof(w->written));
	CU_ASSERT(COMMIT(w, ROUTE("198.51.100.0/24", "10.0.0.2", "")));
	CU_ASSERT(COMMIT(w, TRACK("2", "interface=eth0"), ROUTE("198.51.100.0/24", "10.0.0.2", "/track=2")));
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE_DEL], 0);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "2:10.0.0.2*1");
	/* both conditions must hold */
	CU_ASSERT(COMMIT(w, ROUTE("198.51.100.0/24", "10.0.0.2", "/bfd=true")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "none");
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 1);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "2:10.0.0.2*1");
	CU_ASSERT(COMMIT(w, NO_TRACK("2")));
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "none");
	world_free(w);
}

/* --- restarts ---------------------------------------------------------------------------------------- */

static unsigned
changes_written(const struct world *w)
{
	return w->written[DPLANE_ROUTE] + w->written[DPLANE_ROUTE_DEL] + w->written[DPLANE_GROUP];
}

/* What depends on a session, a check, another daemon's route stays until somebody says otherwise. */
static void
restart_changes_nothing(void)
{
	struct world *w = world_settled();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	CU_ASSERT(world_define(w, ospf, 1, "3:10.0.1.2"));
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "100.64.0.0/24"));
	CU_ASSERT(COMMIT(w, TRACK("1", "tcp-address=10.0.0.9"), TRACK("1", "tcp-port=80"), TRACK("2", "ipv4-route=100.64.0.0/24"),
		TRACK("2", "through=eth1"), ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd=true"), ROUTE200("192.0.2.0/24", "10.0.1.2"),
		ROUTE("198.51.100.0/24", "10.0.0.2", "/track=1"), ROUTE("198.51.100.0/24", "10.0.1.2", "/backup=1"),
		ROUTE("203.0.113.0/24", "10.0.0.2", "/track=2")));
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 1);
	zebra_track_reported(w->z, 1, true, "", w->now, w->now);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "203.0.113.0/24"), "2:10.0.0.2*1");
	world_restart(w);
	memset(w->wanted, 0, sizeof(w->wanted));
	zebra_reconfigure(w->z, NULL, w->config, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(changes_written(w), 0);
	ospf = world_client(w, "ospf", 10, false);
	CU_ASSERT(world_define(w, ospf, 1, "3:10.0.1.2"));
	CU_ASSERT(world_announce(w, ospf, 1, 0, false, "100.64.0.0/24"));
	zebra_replay_ended(w->z, ospf, w->now);
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 1);
	zebra_track_reported(w->z, 1, true, "", w->now, w->now);
	world_run(w);
	world_advance(w, 5 * TIME_SEC);
	CU_ASSERT_EQUAL(changes_written(w), 0);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "203.0.113.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

/* Nobody comes back to say anything: after two seconds it is down, and the others take over. */
static void
restart_nobody_tells(void)
{
	struct world *w = world_settled();
	CU_ASSERT(COMMIT(w, TRACK("1", "tcp-address=10.0.0.9"), TRACK("1", "tcp-port=80"),
		ROUTE("192.0.2.0/24", "10.0.0.2", "/bfd=true"), ROUTE200("192.0.2.0/24", "10.0.1.2"),
		ROUTE("198.51.100.0/24", "10.0.0.2", "/track=1"), ROUTE("198.51.100.0/24", "10.0.1.2", "/backup=1"),
		ROUTE("203.0.113.0/24", "10.0.0.2", "/bfd=true")));
	world_bfd(w, 1, 0, "10.0.0.2", BFD_LIVE_UP, 1);
	zebra_track_reported(w->z, 1, true, "", w->now, w->now);
	world_run(w);
	world_restart(w);
	world_advance(w, 30 * TIME_SEC); /* the configuration is long in coming: the two seconds have not begun */
	zebra_reconfigure(w->z, NULL, w->config, w->now);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "203.0.113.0/24"), "2:10.0.0.2*1");
	world_advance(w, 1900 * TIME_MS);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "203.0.113.0/24"), "2:10.0.0.2*1");
	world_advance(w, 200 * TIME_MS);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "198.51.100.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_STRING_EQUAL(world_legs(w, "203.0.113.0/24"), "none");
	world_free(w);
}

int
main(void)
{
	static const struct unit_case cases[] = {
		{"an interface", interface},
		{"a route", route},
		{"a BFD session", bfd},
		{"checks of the prober", probes},
		{"lists, and no circles", lists},
		{"what does not go together", refusals},
		{"delays", delays},
		{"a contradiction does not spin", contradiction},
		{"static routes with BFD", static_bfd},
		{"static routes with BFD: multi-hop, source, interface, IPv6", static_bfd_forms},
		{"static routes with backups", static_backup},
		{"a session told twice is written once", static_bfd_told_twice},
		{"static routes with track", static_track},
		{"a restart changes nothing", restart_changes_nothing},
		{"a restart after which nobody tells", restart_nobody_tells},
	};
	return unit_main("zebra_track", cases, sizeof(cases) / sizeof(cases[0]));
}
