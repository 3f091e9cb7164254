/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OSPF's share of availability: BFD of neighbours, readiness, VRRP's word on a LAN. */
#include "tests/unit/ospf_net.h"
#include "tests/unit/unit.h"

/* --- BFD --------------------------------------------------------------------------------------------- */
struct wishes {
	unsigned wants, unwants;
	struct ospf_bfd_params params;
	struct ipaddr local, peer;
};

static void
wish(struct net_router *r, const struct ipaddr *local, const struct ipaddr *peer, const struct ospf_bfd_params *params,
	bool want)
{
	struct wishes *w = r->test;
	*(want ? &w->wants : &w->unwants) += 1;
	w->params = *params;
	w->local = *local;
	w->peer = *peer;
}

static struct ospf_config *
with_bfd(unsigned router)
{
	struct ospf_config *c = net_p2p_config(router);
	c->ifaces[0].bfd = true;
	snprintf(c->ifaces[0].bfd_params.profile, sizeof(c->ifaces[0].bfd_params.profile), "fast");
	return c;
}

static struct net *
bfd_pair(struct wishes *w)
{
	struct net *n = net_chain(2, net_p2p_config);
	*w = (struct wishes){ 0 };
	n->routers[0].test = w;
	n->routers[0].bfd_want = wish;
	return n;
}

static void
bfd_is_wanted_from_two_way(void)
{
	struct wishes w;
	struct net *n = bfd_pair(&w);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && w.wants == 0);
	net_configure(n, 0, with_bfd(0));
	CU_ASSERT(w.wants == 1 && strcmp(w.params.profile, "fast") == 0);
	CU_ASSERT(ipaddr_cmp(&w.peer, &n->ports[1].addr) == 0 && w.local.afi == AFI_NONE);
	struct ospf_config *c = with_bfd(0);
	snprintf(c->ifaces[0].bfd_params.profile, sizeof(c->ifaces[0].bfd_params.profile), "slow");
	net_configure(n, 0, c);
	CU_ASSERT(w.wants == 2 && w.unwants == 0 && strcmp(w.params.profile, "slow") == 0);
	net_configure(n, 0, net_p2p_config(0));
	CU_ASSERT(w.unwants == 1 && net_state(n, 0, 1) == NSM_FULL);
	/* a neighbour that is not heard both ways is not worth a session */
	net_configure(n, 0, with_bfd(0));
	CU_ASSERT(w.wants == 3);
	net_link_set(n, 0, 0, false);
	CU_ASSERT(w.unwants == 2);
	net_link_set(n, 0, 0, true);
	CU_ASSERT(w.wants == 3);
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(w.wants == 4);
	net_free(n);
}

/* The interface's own words go before the instance's; who runs no BFD is not touched by them. */
static void
bfd_profile_of_the_instance(void)
{
	struct wishes w;
	struct net *n = bfd_pair(&w);
	net_run(n, 20 * TIME_SEC);
	struct ospf_config *c = net_p2p_config(0);
	snprintf(c->bfd_profile, sizeof(c->bfd_profile), "all");
	net_configure(n, 0, c);
	CU_ASSERT(w.wants == 0);
	c = net_p2p_config(0);
	c->ifaces[0].bfd = true;
	snprintf(c->bfd_profile, sizeof(c->bfd_profile), "all");
	net_configure(n, 0, c);
	CU_ASSERT(w.wants == 1 && strcmp(w.params.profile, "all") == 0 && w.params.detect_multiplier == 0);
	c = with_bfd(0);
	snprintf(c->bfd_profile, sizeof(c->bfd_profile), "all");
	net_configure(n, 0, c);
	CU_ASSERT(w.wants == 2 && strcmp(w.params.profile, "fast") == 0);
	c = with_bfd(0);
	snprintf(c->bfd_profile, sizeof(c->bfd_profile), "other");
	net_configure(n, 0, c);
	CU_ASSERT(w.wants == 2 && w.unwants == 0); /* not asked for again: it has its own */
	c = net_p2p_config(0);
	c->ifaces[0].bfd = true;
	c->ifaces[0].bfd_params.detect_multiplier = 4;
	c->ifaces[0].bfd_params.min_rx_ms = 100;
	c->ifaces[0].bfd_params.min_tx_ms = 200;
	net_configure(n, 0, c);
	CU_ASSERT(w.wants == 3 && w.params.profile[0] == '\0' && w.params.detect_multiplier == 4);
	CU_ASSERT(w.params.min_rx_ms == 100 && w.params.min_tx_ms == 200);
	net_free(n);
}

static bool
links_anywhere(struct ospf *o)
{
	struct lsa_key key = { .type = 1, .id = o->router_id, .adv = o->router_id };
	struct wire_reader r = ospf_v2.links_begin(lsdb_find(&ospf_area_find(o, 0)->db, &key));
	struct spf_link k;
	return ospf_v2.link_next(lsdb_find(&ospf_area_find(o, 0)->db, &key), &r, &k);
}

/* RFC 5882 4: only a session that was up and failed says that the path is dead. */
static void
bfd_down_ends_the_neighbour(void)
{
	struct wishes w;
	struct net *n = bfd_pair(&w);
	struct ospf *o = n->routers[0].o;
	const struct ipaddr *peer = &n->ports[1].addr;
	net_configure(n, 0, with_bfd(0));
	net_run(n, 20 * TIME_SEC);
	ospf_bfd_changed(o, 1, peer, OSPF_BFD_DOWN, n->now); /* never up, as far as we know */
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	ospf_bfd_changed(o, 1, peer, OSPF_BFD_UP, n->now);
	ospf_bfd_changed(o, 1, peer, OSPF_BFD_UNKNOWN, n->now); /* AdminDown, or bfdd has stopped */
	ospf_bfd_changed(o, 1, peer, OSPF_BFD_DOWN, n->now);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	ospf_bfd_changed(o, 1, peer, OSPF_BFD_UP, n->now);
	CU_ASSERT(links_anywhere(o));
	n->cut[0] = true;
	ospf_bfd_changed(o, 1, peer, OSPF_BFD_DOWN, n->now);
	/* in the same turn: neighbour, LSA, session */
	CU_ASSERT(net_state(n, 0, 1) == NSM_DOWN && !links_anywhere(o) && w.unwants == 1);
	CU_ASSERT(strcmp(n->routers[0].last_loss, "BFDDown") == 0);
	net_free(n);
}

/* Without a session of ours, news of one between others change nothing. */
static void
bfd_of_others(void)
{
	struct wishes w;
	struct net *n = bfd_pair(&w);
	net_run(n, 20 * TIME_SEC);
	ospf_bfd_changed(n->routers[0].o, 1, &n->ports[1].addr, OSPF_BFD_UP, n->now);
	ospf_bfd_changed(n->routers[0].o, 1, &n->ports[1].addr, OSPF_BFD_DOWN, n->now);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	net_free(n);
}

/* A point-to-point neighbour that changes its address takes its session along. */
static void
bfd_follows_the_address(void)
{
	struct wishes w;
	struct net *n = bfd_pair(&w);
	struct ipaddr old = n->ports[1].addr, next = ipaddr_from_ip4(0x0a000063);
	net_configure(n, 0, with_bfd(0));
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(w.wants == 1);
	n->ports[1].addr = next;
	ospf_address_changed(n->routers[1].o, 1, &next, 24, NULL, true, n->now);
	ospf_address_changed(n->routers[1].o, 1, &old, 24, NULL, false, n->now);
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && w.wants == w.unwants + 1);
	CU_ASSERT(ipaddr_cmp(&w.peer, &next) == 0);
	net_free(n);
}

/* --- readiness ----------------------------------------------------------------------------------------- */
static bool
ready(struct net *n, unsigned router)
{
	const char *why;
	bool on = ospf_is_ready(n->routers[router].o, &why);
	CU_ASSERT(on == (why[0] == '\0'));
	return on;
}

static bool
waits_for(struct net *n, unsigned router, const char *what)
{
	const char *why;
	return !ospf_is_ready(n->routers[router].o, &why) && strstr(why, what);
}

static void
ready_without_config(void)
{
	struct net *n = net_new(1);
	net_router(n);
	ospf_reconfigure(n->routers[0].o, NULL, n->now);
	CU_ASSERT(ready(n, 0));
	struct ospf_config *c = net_config(0);
	c->router_id = 0;
	net_configure(n, 0, c);
	CU_ASSERT(waits_for(n, 0, "no router ID"));
	ospf_router_id_changed(n->routers[0].o, 0x01010101, n->now);
	CU_ASSERT(waits_for(n, 0, "no interface yet")); /* zebra gives them addresses after us our configuration */
	net_run(n, 3 * TIME_SEC);
	CU_ASSERT(ready(n, 0)); /* no interface to wait for */
	net_free(n);
}

/* Two Hello intervals and a second for an interface on which nobody is. */
static void
ready_when_nobody_is_there(void)
{
	struct net *n = net_new(1);
	net_router(n);
	net_attach(n, 0, 0);
	net_configure(n, 0, net_p2p_config(0));
	CU_ASSERT(waits_for(n, 0, "interface eth0: listening"));
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(waits_for(n, 0, "interface eth0: listening"));
	net_run(n, 2 * TIME_SEC);
	CU_ASSERT(ready(n, 0));
	/* a passive one has nobody to hear */
	net_attach(n, 0, 1);
	struct ospf_config *c = net_p2p_config(0);
	c->passive_default = true;
	net_configure(n, 0, c);
	ospf_clear_process(n->routers[0].o, n->now);
	CU_ASSERT(ready(n, 0));
	net_free(n);
}

static bool
drop_lsupd(struct net *n, struct net_packet *p)
{
	return p->bytes[1] != PKT_LSUPD || n->now > 160 * TIME_SEC;
}

static void
ready_after_loading(void)
{
	struct net *n = net_chain(3, net_p2p_config);
	n->meddle = drop_lsupd;
	net_run(n, 30 * TIME_SEC);
	CU_ASSERT(waits_for(n, 1, "neighbor 10.0.0.1 on eth0: Loading"));
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(ready(n, 0) && ready(n, 1) && ready(n, 2));
	CU_ASSERT(n->routers[1].events[OSPF_EV_READY] >= 2);
	net_free(n);
}

/* Full on our side, but what the neighbour says of it is still on its way: nothing goes through it yet. */
static void
ready_needs_both_directions(void)
{
	struct net *n = net_chain(2, net_p2p_config);
	bool seen = false;
	for (unsigned step = 0; step < 20000 && !seen; step++) {
		net_run(n, TIME_MS / 2);
		for (unsigned i = 0; i < 2; i++)
			seen |= waits_for(n, i, "its LSA does not list us yet") &&
				net_state(n, i, 1 - i) == NSM_FULL;
	}
	CU_ASSERT(seen);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(ready(n, 0) && ready(n, 1));
	net_free(n);
}

/* On a LAN others that are neither DR nor Backup stay in 2-Way, rightly. */
static void
ready_among_others(void)
{
	struct net *n = net_new(9);
	for (unsigned i = 0; i < 5; i++) {
		net_router(n);
		net_attach(n, i, 0);
		net_configure(n, i, net_config(i));
	}
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(waits_for(n, 0, "2-Way")); /* Waiting: nobody knows yet who wants whom */
	net_run(n, 60 * TIME_SEC);
	unsigned two_way = 0;
	for (unsigned i = 0; i < 5; i++) {
		CU_ASSERT(ready(n, i));
		for (unsigned k = 0; k < 5; k++)
			two_way += i != k && net_state(n, i, k) == NSM_2WAY;
	}
	CU_ASSERT(two_way > 0);
	net_free(n);
}

static void
ready_until_the_last_is_lost(void)
{
	struct net *n = net_chain(3, net_p2p_config);
	net_run(n, 40 * TIME_SEC);
	CU_ASSERT(ready(n, 1));
	net_link_set(n, 1, 0, false);
	CU_ASSERT(ready(n, 1)); /* one is left */
	net_link_set(n, 1, 1, false);
	CU_ASSERT(waits_for(n, 1, "all neighbors are lost"));
	net_run(n, 100 * TIME_SEC);
	CU_ASSERT(waits_for(n, 1, "all neighbors are lost"));
	net_link_set(n, 1, 1, true);
	CU_ASSERT(!ready(n, 1));
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 1, 2) == NSM_FULL && ready(n, 1));
	/* the instance begins anew */
	ospf_clear_process(n->routers[1].o, n->now);
	CU_ASSERT(waits_for(n, 1, "listening"));
	net_run(n, 40 * TIME_SEC);
	CU_ASSERT(ready(n, 1));
	net_free(n);
}

/* A neighbour whose ospfd restarts is advertised meanwhile (hitless.c): nothing is lost. */
static void
ready_while_a_neighbour_restarts(void)
{
	struct net *n = net_chain(2, net_p2p_config);
	net_run(n, 40 * TIME_SEC);
	uint64_t told = n->routers[0].events[OSPF_EV_READY];
	ospf_free(n->routers[1].o);
	n->routers[1].o = ospf_new(&ospf_v2, &net_ops, &n->routers[1], 77, n->now);
	net_link_set(n, 1, 0, true);
	ospf_address_changed(n->routers[1].o, 1, &n->ports[1].addr, 24, NULL, true, n->now);
	net_configure(n, 1, net_p2p_config(1));
	net_run(n, 30 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && n->routers[0].full_losses == 1);
	CU_ASSERT(ready(n, 0) && n->routers[0].events[OSPF_EV_READY] == told && ready(n, 1));
	net_free(n);
}

/* --- VRRP's word on a LAN ---------------------------------------------------------------------------------- */
/* The metric of a stub network in a router's LSA; -1: not in it. */
static int64_t
stub_metric(struct ospf *o, const char *prefix)
{
	struct lsa_key key = { .type = 1, .id = o->router_id, .adv = o->router_id };
	const struct lsa *l = lsdb_find(&ospf_area_find(o, 0)->db, &key);
	struct wire_reader r = ospf_v2.prefixes_begin(l);
	struct spf_prefix p;
	struct prefix want;
	prefix_parse(prefix, false, &want);
	while (ospf_v2.prefix_next(l, &r, &p))
		if (prefix_equal(&p.prefix, &want))
			return p.metric;
	return -1;
}

static int64_t
transit_metric(struct ospf *o)
{
	struct lsa_key key = { .type = 1, .id = o->router_id, .adv = o->router_id };
	const struct lsa *l = lsdb_find(&ospf_area_find(o, 0)->db, &key);
	struct wire_reader r = ospf_v2.links_begin(l);
	struct spf_link k;
	while (ospf_v2.link_next(l, &r, &k))
		if (k.to == VERTEX_NETWORK)
			return k.cost;
	return -1;
}

static struct ospf_config *
with_lan(unsigned router)
{
	struct ospf_config *c = net_p2p_config(router);
	struct ospf_conf_iface *lan = ospf_config_add_iface(c, "eth5");
	lan->passive = OSPF_YES;
	lan->cost = 7;
	return c;
}

/* r0 - r1, and r0 has the LAN 10.0.5.0/24 on eth5 (ifindex 6) */
static struct net *
lan_pair(void)
{
	struct net *n = net_chain(2, with_lan);
	net_attach(n, 0, 5);
	net_run(n, 40 * TIME_SEC);
	CU_ASSERT(stub_metric(n->routers[0].o, "10.0.5.0/24") == 7);
	return n;
}

static void
lan_stub_follows_its_role(void)
{
	struct net *n = lan_pair();
	struct ospf *o = n->routers[0].o;
	ospf_lan_changed(o, 6, &(struct ospf_lan){ .role = OSPF_LAN_BACKUP, .added_cost = 100 }, n->now);
	CU_ASSERT(stub_metric(o, "10.0.5.0/24") == 107); /* in the same turn */
	net_run(n, 3 * TIME_SEC);
	ospf_lan_changed(o, 6, &(struct ospf_lan){ .role = OSPF_LAN_MASTER }, n->now);
	CU_ASSERT(stub_metric(o, "10.0.5.0/24") == 7);
	net_run(n, 3 * TIME_SEC);
	ospf_lan_changed(o, 6, &(struct ospf_lan){ .role = OSPF_LAN_MASTER, .dead = true }, n->now);
	CU_ASSERT(stub_metric(o, "10.0.5.0/24") == -1 && links_anywhere(o));
	CU_ASSERT(n->routers[0].events[OSPF_EV_LAN] == 3);
	net_run(n, 3 * TIME_SEC);
	ospf_lan_changed(o, 6, &(struct ospf_lan){ .role = OSPF_LAN_BACKUP, .added_cost = 0xffffffff }, n->now);
	CU_ASSERT(stub_metric(o, "10.0.5.0/24") == 0xffff);
	/* it outlives a restart of the instance and the address */
	net_run(n, 3 * TIME_SEC);
	ospf_lan_changed(o, 6, &(struct ospf_lan){ .role = OSPF_LAN_BACKUP, .withdraw = true }, n->now);
	ospf_clear_process(o, n->now);
	CU_ASSERT(stub_metric(o, "10.0.5.0/24") == -1);
	net_run(n, 60 * TIME_SEC);
	ospf_lan_changed(o, 6, &(struct ospf_lan){ 0 }, n->now);
	CU_ASSERT(stub_metric(o, "10.0.5.0/24") == 7);
	net_free(n);
}

/* VRRP may speak before zebra has told of the interface. */
static void
lan_known_before_its_link(void)
{
	struct net *n = net_chain(2, with_lan);
	ospf_lan_changed(n->routers[0].o, 6, &(struct ospf_lan){ .dead = true }, n->now);
	net_attach(n, 0, 5);
	net_run(n, 40 * TIME_SEC);
	CU_ASSERT(stub_metric(n->routers[0].o, "10.0.5.0/24") == -1);
	net_free(n);
}

/* The DR's LSA announces a network that several routers share: only our way onto it can cost more. */
static void
lan_with_neighbours(void)
{
	struct net *n = net_new(3);
	for (unsigned i = 0; i < 2; i++) {
		net_router(n);
		net_attach(n, i, 0);
		struct ospf_config *c = net_config(i);
		ospf_config_add_iface(c, "eth0")->cost = 10;
		net_configure(n, i, c);
	}
	net_run(n, 60 * TIME_SEC);
	struct ospf *o = n->routers[0].o;
	CU_ASSERT(transit_metric(o) == 10);
	ospf_lan_changed(o, 1, &(struct ospf_lan){ .added_cost = 5 }, n->now);
	CU_ASSERT(transit_metric(o) == 15);
	net_run(n, 3 * TIME_SEC);
	ospf_lan_changed(o, 1, &(struct ospf_lan){ .dead = true }, n->now);
	CU_ASSERT(transit_metric(o) == 0xffff && net_state(n, 0, 1) == NSM_FULL);
	/* the neighbours die by themselves; then it is a stub link and not announced */
	n->cut[0] = true;
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(transit_metric(o) == -1 && stub_metric(o, "10.0.0.0/24") == -1);
	CU_ASSERT(stub_metric(n->routers[1].o, "10.0.0.0/24") == 10);
	net_free(n);
}

static const struct lsa *
external(struct ospf *o)
{
	const struct lsa *l = lsdb_next(&o->as_db, NULL);
	return l && !l->maxage ? l : NULL;
}

static void
lan_that_is_redistributed(void)
{
	struct net *n = net_chain(2, net_p2p_config);
	struct ospf *o = n->routers[0].o;
	struct ospf_config *c = net_p2p_config(0);
	ospf_config_add_redist(c, OSPF_SRC_CONNECTED);
	net_configure(n, 0, c);
	net_run(n, 40 * TIME_SEC);
	struct ospf_redist_route row = { .source = OSPF_SRC_CONNECTED, .ifindex = 9 };
	prefix_parse("192.0.2.0/24", false, &row.prefix);
	ospf_routes_redistributed(o, &row, 1, n->now);
	struct spf_external x;
	CU_ASSERT_FATAL(external(o) && ospf_v2.external_get(external(o), &x) && x.metric == 20);
	net_run(n, 3 * TIME_SEC);
	ospf_lan_changed(o, 9, &(struct ospf_lan){ .added_cost = 100 }, n->now);
	CU_ASSERT_FATAL(external(o) && ospf_v2.external_get(external(o), &x) && x.metric == 120);
	net_run(n, 3 * TIME_SEC);
	ospf_lan_changed(o, 9, &(struct ospf_lan){ .dead = true }, n->now);
	CU_ASSERT(!external(o));
	net_run(n, 3 * TIME_SEC);
	ospf_lan_changed(o, 9, &(struct ospf_lan){ .role = OSPF_LAN_MASTER }, n->now);
	CU_ASSERT_FATAL(external(o) && ospf_v2.external_get(external(o), &x) && x.metric == 20);
	net_free(n);
}

static unsigned
ifaces(const struct ospf *o)
{
	unsigned count = 0;
	for (const struct iface *i = NULL; (i = iface_next(o, i)) != NULL;)
		count++;
	return count;
}

/* Virtual addresses are no networks of their own, in whatever order they come. */
static void
virtual_addresses_are_aliases(void)
{
	struct net *n = net_new(2);
	net_router(n);
	net_configure(n, 0, net_config(0));
	struct ospf *o = n->routers[0].o;
	struct ipaddr vip = ipaddr_from_ip4(0x0a0000fe), other = ipaddr_from_ip4(0x0a0900fe);
	net_link_set(n, 0, 0, true);
	ospf_address_changed(o, 1, &vip, 32, NULL, true, n->now);
	CU_ASSERT(ifaces(o) == 1); /* nothing else is known of it yet */
	net_attach(n, 0, 0);
	CU_ASSERT(ifaces(o) == 1 && iface_next(o, NULL)->plen == 24);
	ospf_address_changed(o, 1, &vip, 32, NULL, false, n->now);
	ospf_address_changed(o, 1, &vip, 32, NULL, true, n->now);
	CU_ASSERT(ifaces(o) == 1);
	ospf_address_changed(o, 1, &other, 32, NULL, true, n->now);
	CU_ASSERT(ifaces(o) == 2); /* not in the network: an address like any other */
	struct ospf_link l = { .ifindex = 7, .name = "vrrp4-1-5", .up = true, .virtual_router = true };
	ospf_link_changed(o, &l, n->now);
	ospf_address_changed(o, 7, &vip, 32, NULL, true, n->now);
	CU_ASSERT(ifaces(o) == 2);
	net_free(n);
}

UNIT_TESTS("ospf availability",
	{ "BFD is wanted from 2-Way on", bfd_is_wanted_from_two_way },
	{ "BFD by the instance's profile or by numbers", bfd_profile_of_the_instance },
	{ "BFD down ends the neighbour in the same turn", bfd_down_ends_the_neighbour },
	{ "BFD between others", bfd_of_others },
	{ "BFD follows the neighbour's address", bfd_follows_the_address },
	{ "ready without configuration", ready_without_config },
	{ "ready when nobody is there", ready_when_nobody_is_there },
	{ "ready after loading", ready_after_loading },
	{ "ready needs both directions", ready_needs_both_directions },
	{ "ready among routers that are no DR", ready_among_others },
	{ "ready until the last neighbour is lost", ready_until_the_last_is_lost },
	{ "ready while a neighbour restarts", ready_while_a_neighbour_restarts },
	{ "a LAN's stub link follows its role", lan_stub_follows_its_role },
	{ "a LAN known before its link", lan_known_before_its_link },
	{ "a LAN with neighbours", lan_with_neighbours },
	{ "a LAN that is redistributed", lan_that_is_redistributed },
	{ "virtual addresses are aliases", virtual_addresses_are_aliases })
