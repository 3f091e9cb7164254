/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A router that has come back: a stub router until its routes are in the kernel, and nothing of before misleads anybody. */
#include "tests/unit/ospf_net.h"
#include "tests/unit/unit.h"

static bool
ready(struct net *n, unsigned router)
{
	const char *why;
	bool on = ospf_is_ready(n->routers[router].o, &why);
	CU_ASSERT(on == (why[0] == '\0'));
	return on;
}

static struct ospf_config *
until_ready(unsigned router)
{
	struct ospf_config *c = net_p2p_config(router);
	c->max_metric_until_ready = true;
	c->ifaces[0].cost = c->ifaces[1].cost = 10;
	return c;
}

/* The dearest link in a router's LSA as `where` has it; -1: no link, or no LSA. */
static int64_t
dearest(const struct ospf *where, uint32_t router_id)
{
	struct lsa_key key = { .type = 1, .id = router_id, .adv = router_id };
	const struct area *a = ospf_area_find(where, 0);
	const struct lsa *l = a ? lsdb_find(&a->db, &key) : NULL;
	int64_t most = -1;
	if (!l || l->maxage)
		return -1;
	struct wire_reader r = ospf_v2.links_begin(l);
	struct spf_link k;
	while (ospf_v2.link_next(l, &r, &k))
		most = k.cost > most ? k.cost : most;
	return most;
}

/* The cheapest stub network in a router's own LSA; -1: none. */
static int64_t
cheapest_stub(const struct ospf *o)
{
	struct lsa_key key = { .type = 1, .id = o->router_id, .adv = o->router_id };
	const struct lsa *l = lsdb_find(&ospf_area_find(o, 0)->db, &key);
	struct wire_reader r = ospf_v2.prefixes_begin(l);
	struct spf_prefix p;
	int64_t least = -1;
	while (ospf_v2.prefix_next(l, &r, &p))
		least = least < 0 || p.metric < least ? p.metric : least;
	return least;
}

/*
 * Found by the simulator: a shared network is a stub until its designated router is known, and the others sent what has a
 * forwarding address there. RFC 6987's own cases leave stub networks alone.
 */
static void
stub_networks_while_it_starts(void)
{
	struct net *n = net_chain(2, until_ready);
	struct ospf *o = n->routers[0].o;
	struct ospf_config *c = until_ready(0);
	c->max_metric_admin = true;
	net_run(n, 5 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && cheapest_stub(o) == 0xffff);
	net_run(n, 10 * TIME_SEC);
	ospf_routes_installed(o, n->now);
	CU_ASSERT(ready(n, 0) && cheapest_stub(o) == 10 && dearest(o, o->router_id) == 10);
	/* for maintenance as well: only that stays when it is ready */
	ospf_clear_process(o, n->now);
	net_configure(n, 0, c);
	net_run(n, 15 * TIME_SEC);
	CU_ASSERT(ready(n, 0) && cheapest_stub(o) == 0xffff && dearest(o, o->router_id) == 0xffff);
	ospf_routes_installed(o, n->now);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(cheapest_stub(o) == 10 && dearest(o, o->router_id) == 0xffff);
	net_free(n);
}

static void
stub_until_the_routes_are_installed(void)
{
	struct net *n = net_chain(2, until_ready);
	struct ospf *o = n->routers[0].o;
	net_run(n, 5 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && dearest(o, o->router_id) == 0xffff);
	ospf_routes_installed(n->routers[1].o, n->now); /* of the other: nothing to us */
	/* a word of zebra before we are ready is about something else */
	ospf_clear_process(o, n->now);
	CU_ASSERT(!ready(n, 0));
	ospf_routes_installed(o, n->now);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(ready(n, 0) && dearest(o, o->router_id) == 0xffff);
	ospf_routes_installed(o, n->now);
	CU_ASSERT(dearest(o, o->router_id) == 10);
	/* all neighbours lost: the same again, and it ends by itself 30 s after the first is back */
	net_link_set(n, 0, 0, false);
	net_run(n, 100 * TIME_SEC);
	net_link_set(n, 0, 0, true);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && dearest(o, o->router_id) == 0xffff);
	net_run(n, 31 * TIME_SEC);
	CU_ASSERT(dearest(o, o->router_id) == 10);
	/* switched off: at once */
	ospf_clear_process(o, n->now);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(dearest(o, o->router_id) == 0xffff);
	net_configure(n, 0, net_p2p_config(0));
	CU_ASSERT(!o->stub_router);
	net_free(n);
}

/* kill -9 of a router, and its core is made anew; warm: the kernel has kept its routes. */
static void
born_again(struct net *n, unsigned router, bool warm)
{
	ospf_free(n->routers[router].o);
	n->routers[router].o = ospf_new(&ospf_v2, &net_ops, &n->routers[router], 99 + (uint64_t)n->now, n->now);
	ospf_set_forwarding(n->routers[router].o, warm, n->now);
	for (unsigned i = 0; i < n->port_count; i++) {
		const struct net_port *p = &n->ports[i];
		if (p->router != router)
			continue;
		net_link_set(n, router, p->segment, true);
		ospf_address_changed(n->routers[router].o, p->ifindex, &p->addr, 24, NULL, true, n->now);
	}
	net_configure(n, router, until_ready(router));
}

/* The neighbours have its LSA of before: they must have the new one when they are Full. Both as master and slave. */
static void
stub_before_a_neighbour_is_full(void)
{
	for (unsigned who = 0; who < 3; who += 2) {
		struct net *n = net_chain(3, until_ready);
		net_run(n, 100 * TIME_SEC);
		uint32_t id = n->routers[who].o->router_id;
		const struct ospf *beside = n->routers[1].o;
		CU_ASSERT(dearest(beside, id) == 10);
		n->cut[who ? 1 : 0] = true; /* its neighbour loses it */
		net_run(n, 60 * TIME_SEC);
		CU_ASSERT(net_state(n, 1, who) == NSM_DOWN && dearest(beside, id) == 10);
		n->cut[who ? 1 : 0] = false;
		born_again(n, who, false);
		bool full = false;
		for (unsigned step = 0; step < 40000; step++) {
			net_run(n, TIME_MS / 2);
			bool now_full = net_state(n, 1, who) == NSM_FULL;
			CU_ASSERT(!now_full || dearest(beside, id) == 0xffff);
			full |= now_full;
		}
		CU_ASSERT(full && ready(n, who));
		ospf_routes_installed(n->routers[who].o, n->now);
		net_run(n, TIME_SEC);
		CU_ASSERT(dearest(beside, id) == 10);
		net_free(n);
	}
}

static void
announce(struct net *n, unsigned router, uint32_t addr)
{
	struct orig_external e = { .prefix = prefix_from_ip4(addr, 24), .metric = 10 };
	orig_external(n->routers[router].o, &e, n->now);
	ospf_turn_end(n->routers[router].o, n->now);
}

/* An external of `id` as `where` has it: its sequence number; 0: none that counts. */
static int32_t
external_of(const struct ospf *where, uint32_t id, uint32_t addr)
{
	struct lsa_key key = { .type = 5, .id = addr, .adv = id };
	const struct lsa *l = lsdb_find(&where->as_db, &key);
	return l && !l->maxage ? l->hdr.seq : 0;
}

/* Seen in labs/ha-pair: a default route of before was used while the new one waited for its BFD session. */
static void
externals_of_before_are_gone_before_a_neighbour_is_full(void)
{
	const uint32_t later = 0xac100000, at_once = 0xac100100;
	for (unsigned who = 0; who < 3; who += 2) {
		struct net *n = net_chain(3, until_ready);
		net_run(n, 100 * TIME_SEC);
		uint32_t id = n->routers[who].o->router_id;
		const struct ospf *beside = n->routers[1].o;
		announce(n, who, later);
		announce(n, who, at_once);
		net_run(n, 10 * TIME_SEC);
		int32_t seq = external_of(beside, id, at_once);
		CU_ASSERT(seq && external_of(beside, id, later));
		n->cut[who ? 1 : 0] = true;
		net_run(n, 60 * TIME_SEC);
		CU_ASSERT(external_of(beside, id, later) && net_state(n, 1, who) == NSM_DOWN);
		n->cut[who ? 1 : 0] = false;
		born_again(n, who, false);
		announce(n, who, at_once);
		bool full = false;
		for (unsigned step = 0; step < 20000; step++) {
			net_run(n, TIME_MS / 2);
			full |= net_state(n, 1, who) == NSM_FULL;
			CU_ASSERT(!full || !external_of(beside, id, later));
		}
		CU_ASSERT(full && external_of(beside, id, at_once) == seq); /* taken back as it was */
		announce(n, who, later);
		net_run(n, 10 * TIME_SEC);
		CU_ASSERT(external_of(beside, id, later) && external_of(n->routers[2 - who].o, id, later));
		net_free(n);
	}
	/* warm: the kernel has the routes, so what is left stays for a while */
	struct net *n = net_chain(2, until_ready);
	announce(n, 0, later);
	net_run(n, 100 * TIME_SEC);
	uint32_t id = n->routers[0].o->router_id;
	int32_t seq = external_of(n->routers[1].o, id, later);
	born_again(n, 0, true);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(seq && external_of(n->routers[1].o, id, later) == seq);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(!external_of(n->routers[1].o, id, later));
	net_free(n);
}

/* Found by the simulator: announced always, it drew packets to who had no default route yet. */
static void
no_default_before_it_is_ready(void)
{
	struct net *n = net_chain(2, until_ready);
	struct ospf *o = n->routers[0].o;
	struct ospf_config *c = until_ready(0);
	ospf_config_add_redist(c, OSPF_SRC_DEFAULT)->always = true;
	net_configure(n, 0, c);
	net_run(n, 15 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && ready(n, 0) && !external_of(o, o->router_id, 0));
	ospf_routes_installed(o, n->now);
	net_run(n, 5 * TIME_SEC);
	CU_ASSERT(external_of(n->routers[1].o, o->router_id, 0));
	/* one that it has is told at once */
	struct ospf_redist_route row = { .source = OSPF_SRC_DEFAULT, .prefix = { .afi = AFI_IP4 } };
	ospf_clear_process(o, n->now);
	net_run(n, 5 * TIME_SEC);
	CU_ASSERT(!external_of(o, o->router_id, 0));
	ospf_routes_redistributed(o, &row, 1, n->now);
	net_run(n, 5 * TIME_SEC);
	CU_ASSERT(external_of(n->routers[1].o, o->router_id, 0) && o->stub_networks);
	net_free(n);
}

static void
warm_start_changes_nothing(void)
{
	struct net *n = net_chain(2, until_ready);
	net_run(n, 100 * TIME_SEC);
	uint32_t id = n->routers[1].o->router_id;
	struct lsa_key key = { .type = 1, .id = id, .adv = id };
	const struct lsa *l = lsdb_find(&ospf_area_find(n->routers[0].o, 0)->db, &key);
	int32_t seq = l->hdr.seq;
	born_again(n, 1, true);
	net_run(n, 30 * TIME_SEC);
	l = lsdb_find(&ospf_area_find(n->routers[0].o, 0)->db, &key);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && l->hdr.seq == seq && dearest(n->routers[0].o, id) == 10);
	net_free(n);
}

UNIT_TESTS("ospf coming back",
	{ "externals of before are gone before a neighbour is Full", externals_of_before_are_gone_before_a_neighbour_is_full },
	{ "no default before it is ready", no_default_before_it_is_ready },
	{ "stub networks while it starts", stub_networks_while_it_starts },
	{ "a stub router until the routes are installed", stub_until_the_routes_are_installed },
	{ "a stub router before a neighbour is Full", stub_before_a_neighbour_is_full },
	{ "a warm start changes nothing", warm_start_changes_nothing })
