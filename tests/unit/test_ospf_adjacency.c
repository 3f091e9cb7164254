/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OSPF cores in memory: from the first Hello to Full, on each kind of network, with and without
 * loss. */
#include "tests/unit/ospf_net.h"
#include "tests/unit/unit.h"

static struct ospf_config *
p2p_config(unsigned router)
{
	struct ospf_config *c = net_config(router);
	ospf_config_add_iface(c, "eth0")->net_type = OSPF_NET_P2P;
	return c;
}

static struct net *
pair(struct ospf_config *(*conf)(unsigned))
{
	struct net *n = net_new(7);
	for (unsigned i = 0; i < 2; i++) {
		net_router(n);
		net_attach(n, i, 0);
		net_configure(n, i, conf(i));
	}
	return n;
}

/* RFC 2328 10: two routers on a point-to-point link need no waiting */
static void
p2p_full_at_once(void)
{
	struct net *n = pair(p2p_config);
	net_run(n, TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	CU_ASSERT(net_state(n, 1, 0) == NSM_FULL);
	net_run(n, 5 * TIME_SEC);
	CU_ASSERT(net_settled(n));
	const struct area *a = ospf_area_find(n->routers[0].o, 0);
	CU_ASSERT(lsdb_count(&a->db) == 2);
	/* each router LSA: one point-to-point link and its subnet */
	const struct lsa *l = lsdb_next(&a->db, NULL);
	CU_ASSERT(l && l->hdr.len == 20 + 4 + 2 * 12);
	net_free(n);
}

/* RFC 2328 9.4: highest router ID wins when all start together; the others are not adjacent */
static void
broadcast_roles(void)
{
	struct net *n = net_new(7);
	for (unsigned i = 0; i < 4; i++) {
		net_router(n);
		net_attach(n, i, 0);
		net_configure(n, i, net_config(i));
	}
	net_run(n, 60 * TIME_SEC);
	const struct iface *i = iface_next(n->routers[0].o, NULL);
	CU_ASSERT(i->dr_id == 0x04040404 && i->bdr_id == 0x03030303);
	CU_ASSERT(iface_state(i) == ISM_DROTHER);
	CU_ASSERT(net_state(n, 0, 3) == NSM_FULL && net_state(n, 0, 2) == NSM_FULL);
	CU_ASSERT(net_state(n, 0, 1) == NSM_2WAY);
	CU_ASSERT(net_state(n, 3, 2) == NSM_FULL);
	CU_ASSERT(net_settled(n));
	const struct area *a = ospf_area_find(n->routers[1].o, 0);
	const struct lsa *net = lsdb_next_of_type(&a->db, ospf_v2.network_lsa, NULL);
	CU_ASSERT(net && net->hdr.key.adv == 0x04040404 && lsa_body_len(net) == 4 + 4 * 4);
	CU_ASSERT(lsdb_count(&a->db) == 5);
	net_free(n);
}

/* RFC 2328 9.1: the DR dies, its Backup takes over and a new Backup is elected */
static void
dr_failover(void)
{
	struct net *n = net_new(7);
	for (unsigned i = 0; i < 4; i++) {
		net_router(n);
		net_attach(n, i, 0);
		net_configure(n, i, net_config(i));
	}
	net_run(n, 60 * TIME_SEC);
	net_link_set(n, 3, 0, false);
	net_run(n, 60 * TIME_SEC);
	const struct iface *i = iface_next(n->routers[0].o, NULL);
	CU_ASSERT(i->dr_id == 0x03030303 && i->bdr_id == 0x02020202);
	CU_ASSERT(net_state(n, 0, 2) == NSM_FULL && net_state(n, 0, 1) == NSM_FULL);
	net_link_set(n, 3, 0, true);
	net_run(n, 60 * TIME_SEC);
	/* it comes back and must not take the role away */
	CU_ASSERT(i->dr_id == 0x03030303 && i->bdr_id == 0x02020202);
	CU_ASSERT(net_state(n, 3, 2) == NSM_FULL);
	CU_ASSERT(net_settled(n));
	net_free(n);
}

static void
full_in_spite_of_loss(void)
{
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct net *n = net_new(seed);
		n->loss_percent = 25;
		for (unsigned i = 0; i < 4; i++) {
			net_router(n);
			net_attach(n, i, 0);
			net_configure(n, i, net_config(i));
		}
		net_run(n, 300 * TIME_SEC);
		n->loss_percent = 0;
		net_run(n, 60 * TIME_SEC);
		CU_ASSERT(net_settled(n));
		const struct iface *i = iface_next(n->routers[0].o, NULL);
		for (unsigned r = 0; r < 4; r++) {
			const struct iface *x = iface_next(n->routers[r].o, NULL);
			CU_ASSERT(x->dr_id == i->dr_id && x->bdr_id == i->bdr_id);
		}
		net_free(n);
	}
}

static struct ospf_config *
fast_config(unsigned router)
{
	struct ospf_config *c = p2p_config(router);
	c->ifaces[0].minimal_hellos = 5;
	return c;
}

/* dead-interval minimal: one second to find out */
static void
sub_second_hellos(void)
{
	struct net *n = pair(fast_config);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	CU_ASSERT(n->routers[0].sent[PKT_HELLO] >= 50);
	n->cut[0] = true;
	net_run(n, TIME_SEC + 250 * TIME_MS);
	CU_ASSERT(net_state(n, 0, 1) == NSM_DOWN);
	net_free(n);
}

static struct ospf_config *
md5_config(unsigned router)
{
	struct ospf_config *c = p2p_config(router);
	c->ifaces[0].auth = OSPF_AUTH_MD5;
	ospf_conf_iface_add_key(&c->ifaces[0], 1, "secret");
	return c;
}

/* RFC 2328 D.3, D.5 */
static void
md5_and_rollover(void)
{
	struct net *n = pair(md5_config);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	/* a second key on one side only: both go on, since packets leave with either */
	struct ospf_config *c = md5_config(0);
	ospf_conf_iface_add_key(&c->ifaces[0], 2, "newer");
	net_configure(n, 0, c);
	net_run(n, 100 * TIME_SEC);
	c = md5_config(1);
	ospf_conf_iface_add_key(&c->ifaces[0], 2, "newer");
	net_configure(n, 1, c);
	net_run(n, 100 * TIME_SEC);
	CU_ASSERT(n->routers[0].full_losses == 0 && n->routers[1].full_losses == 0);
	/* everybody has it: only the new one is used */
	uint64_t before = n->routers[0].sent[PKT_HELLO];
	net_run(n, 100 * TIME_SEC);
	CU_ASSERT(n->routers[0].sent[PKT_HELLO] - before <= 11);
	/* a wrong key is found out and counted */
	c = p2p_config(1);
	c->ifaces[0].auth = OSPF_AUTH_MD5;
	ospf_conf_iface_add_key(&c->ifaces[0], 2, "wrong");
	net_configure(n, 1, c);
	net_run(n, 100 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_DOWN);
	CU_ASSERT(n->routers[0].o->stats.drops[DROP_AUTH_DIGEST] > 0);
	net_free(n);
}

static uint8_t replayed[2000];
static size_t replayed_len;
static bool
keep_hello(struct net *n, struct net_packet *p)
{
	(void)n;
	if (p->router == 0 && p->bytes[1] == PKT_HELLO && !replayed_len) {
		memcpy(replayed, p->bytes, p->len);
		replayed_len = p->len;
	}
	return true;
}

/* RFC 2328 D.5.3: an old packet is not accepted again */
static void
md5_replay(void)
{
	struct net *n = pair(md5_config);
	replayed_len = 0;
	n->meddle = keep_hello;
	net_run(n, 30 * TIME_SEC);
	struct ipaddr src = n->ports[1].addr, dst = ospf_v2.all_spf_routers;
	CU_ASSERT(replayed_len > 0);
	ospf_packet_received(n->routers[0].o, 1, &src, &dst, replayed, replayed_len, n->now);
	CU_ASSERT(n->routers[0].o->stats.drops[DROP_AUTH_REPLAY] == 1);
	net_free(n);
}

static struct ospf_config *
odd_hello(unsigned router)
{
	struct ospf_config *c = p2p_config(router);
	c->ifaces[0].hello_s = router ? 5 : 10;
	c->ifaces[0].dead_s = 40;
	return c;
}

static struct ospf_config *
odd_dead(unsigned router)
{
	struct ospf_config *c = p2p_config(router);
	c->ifaces[0].dead_s = router ? 41 : 40;
	return c;
}

static struct ospf_config *
odd_auth(unsigned router)
{
	struct ospf_config *c = p2p_config(router);
	if (router) {
		c->ifaces[0].auth = OSPF_AUTH_SIMPLE;
		memcpy(c->ifaces[0].auth_key, "abc", 4);
	}
	return c;
}

static struct ospf_config *
odd_area(unsigned router)
{
	struct ospf_config *c = p2p_config(router);
	c->networks[0].area = router;
	return c;
}

/* What does not fit is dropped, counted by its reason, and told with both values. */
static void
mismatches_explained(void)
{
	static const struct {
		struct ospf_config *(*conf)(unsigned);
		enum ospf_drop reason;
		int64_t want, got;
	} cases[] = {
		{ odd_hello, DROP_HELLO_INTERVAL, 10, 5 },
		{ odd_dead, DROP_DEAD_INTERVAL, 40, 41 },
		{ odd_auth, DROP_AUTH_TYPE, 0, 1 },
		{ odd_area, DROP_AREA, 0, 1 },
	};
	for (unsigned k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct net *n = pair(cases[k].conf);
		net_run(n, 30 * TIME_SEC);
		const struct net_router *r = &n->routers[0];
		CU_ASSERT(r->o->stats.drops[cases[k].reason] >= 3);
		CU_ASSERT(r->last_drop.reason == cases[k].reason);
		CU_ASSERT(r->last_drop.want == cases[k].want && r->last_drop.got == cases[k].got);
		CU_ASSERT(net_state(n, 0, 1) == NSM_DOWN);
		net_free(n);
	}
}

/* RFC 2328 10.6: the greater MTU is refused by the smaller; mtu-ignore accepts it */
static void
mtu_mismatch(void)
{
	struct net *n = pair(p2p_config);
	struct ospf_link l = { .ifindex = 1, .name = "eth0", .up = true, .mtu = 9000 };
	ospf_link_changed(n->routers[1].o, &l, n->now);
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_EXSTART);
	CU_ASSERT(n->routers[0].o->stats.drops[DROP_DD_MTU] > 0);
	CU_ASSERT(n->routers[0].last_drop.want == 1500 && n->routers[0].last_drop.got == 9000);
	struct ospf_config *c = p2p_config(0);
	c->ifaces[0].mtu_ignore = true;
	net_configure(n, 0, c);
	net_run(n, 30 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	net_free(n);
}

/* ours: a neighbour that begins anew with a greater MTU is not Full any more, as it knows itself */
static void
mtu_mismatch_after_restart(void)
{
	struct net *n = pair(p2p_config);
	struct ospf_link l = { .ifindex = 1, .name = "eth0", .up = true, .mtu = 9000 };
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	ospf_link_changed(n->routers[1].o, &l, n->now);
	ospf_clear_neighbor(n->routers[1].o, 0, n->now);
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_EXSTART);
	CU_ASSERT(net_state(n, 1, 0) < NSM_FULL);
	net_free(n);
}

/* DESIGN 5: an unchanged neighbour never flaps */
static void
reconfigure_keeps_neighbours(void)
{
	struct net *n = pair(p2p_config);
	net_run(n, 10 * TIME_SEC);
	struct ospf_config *c = p2p_config(0);
	c->ifaces[0].cost = 77;
	c->ifaces[0].priority = 9;
	c->distance = 99;
	ospf_config_add_area(c, 0)->default_cost = 3;
	net_configure(n, 0, c);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(n->routers[0].full_losses == 0 && n->routers[1].full_losses == 0);
	const struct area *a = ospf_area_find(n->routers[1].o, 0);
	const struct lsa *l = lsdb_next(&a->db, NULL); /* 1.1.1.1's */
	struct wire_reader r = ospf_v2.links_begin(l);
	struct spf_link k;
	CU_ASSERT(ospf_v2.link_next(l, &r, &k) && k.cost == 77);
	net_free(n);
}

static struct ospf_config *
unnumbered_config(unsigned router)
{
	return p2p_config(router);
}

/* RFC 2328 12.4.1.1: borrowed /32 addresses; link data is the interface's index, no stub link */
static void
unnumbered_link(void)
{
	struct net *n = pair(unnumbered_config);
	for (unsigned i = 0; i < 2; i++) {
		struct ospf *o = n->routers[i].o;
		ospf_address_changed(o, 1, &n->ports[i].addr, 24, NULL, false, n->now);
		n->ports[i].addr = ipaddr_from_ip4(0xc0a80000 + (i << 8) + 1);
		ospf_address_changed(o, 1, &n->ports[i].addr, 32, NULL, true, n->now);
	}
	net_run(n, 30 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	const struct area *a = ospf_area_find(n->routers[1].o, 0);
	const struct lsa *l = lsdb_next(&a->db, NULL);
	struct wire_reader r = ospf_v2.links_begin(l);
	struct spf_link k;
	CU_ASSERT(l && l->hdr.len == 20 + 4 + 12);
	CU_ASSERT(ospf_v2.link_next(l, &r, &k) && k.data == 1 && k.to_id == 0x02020202);
	net_free(n);
}

static struct ospf_config *
passive_config(unsigned router)
{
	struct ospf_config *c = p2p_config(router);
	c->passive_default = router == 0;
	return c;
}

static void
passive_is_silent(void)
{
	struct net *n = pair(passive_config);
	net_run(n, 30 * TIME_SEC);
	CU_ASSERT(n->routers[0].sent[PKT_HELLO] == 0);
	CU_ASSERT(n->routers[0].o->stats.drops[DROP_PASSIVE] > 0);
	const struct area *a = ospf_area_find(n->routers[0].o, 0);
	CU_ASSERT(a && lsdb_count(&a->db) == 1); /* still a stub network of ours */
	net_free(n);
}

UNIT_TESTS("ospf adjacency",
	{ "point-to-point is Full at once", p2p_full_at_once },
	{ "broadcast elects DR and Backup", broadcast_roles },
	{ "the Backup takes over", dr_failover },
	{ "Full in spite of 25 % loss", full_in_spite_of_loss },
	{ "sub-second hellos", sub_second_hellos },
	{ "MD5 and a key rollover", md5_and_rollover },
	{ "MD5 replay is refused", md5_replay },
	{ "mismatches are explained", mismatches_explained },
	{ "MTU mismatch", mtu_mismatch },
	{ "MTU mismatch after a restart", mtu_mismatch_after_restart },
	{ "a new config keeps neighbours", reconfigure_keeps_neighbours },
	{ "unnumbered link", unnumbered_link },
	{ "passive interface is silent", passive_is_silent })
