/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine does beside adjacencies and flooding: opaque LSAs, areas, identities, BFD, costs.
 */
#include "tests/unit/ospf_net.h"
#include "tests/unit/unit.h"

static void
opaque(struct lsdb *db, uint16_t type, uint32_t router_id, int64_t now)
{
	uint8_t body[8] = { 1, 2, 3, 4 };
	struct own_lsa l = { .key = { .type = type, .id = 0x04000001, .adv = router_id },
		.options = OPT_E, .w = wire_writer(body, sizeof(body)) };
	l.w.len = sizeof(body);
	orig_want(db, &l, now);
}

static size_t
count_of(const struct lsdb *db, uint16_t type)
{
	return lsdb_next_of_type(db, type, NULL) != NULL;
}

/* RFC 5250 3: types 9, 10, 11 within link, area, AS */
static void
opaque_scopes(void)
{
	struct net *n = net_chain(3, net_p2p_config);
	net_run(n, 20 * TIME_SEC);
	struct ospf *o = n->routers[0].o;
	struct iface *i = iface_next(o, NULL);
	opaque(&i->db, 9, o->router_id, n->now);
	opaque(&i->area->db, 10, o->router_id, n->now);
	opaque(&o->as_db, 11, o->router_id, n->now);
	ospf_turn_end(o, n->now);
	net_run(n, 5 * TIME_SEC);
	struct ospf *far = n->routers[2].o, *near = n->routers[1].o;
	CU_ASSERT(count_of(&ospf_area_find(far, 0)->db, 10) == 1 && count_of(&far->as_db, 11) == 1);
	size_t links = 0;
	for (struct iface *x = iface_next(near, NULL); x; x = iface_next(near, x))
		links += count_of(&x->db, 9);
	CU_ASSERT(links == 1);
	for (struct iface *x = iface_next(far, NULL); x; x = iface_next(far, x))
		CU_ASSERT(count_of(&x->db, 9) == 0);
	net_free(n);
}

static struct ospf_config *
p2mp_config(unsigned router)
{
	struct ospf_config *c = net_config(router);
	ospf_config_add_iface(c, "eth0")->net_type = OSPF_NET_P2MP;
	return c;
}

/* RFC 2328 12.4.1.4: everybody adjacent with everybody, host routes instead of a network */
static void
point_to_multipoint(void)
{
	struct net *n = net_new(5);
	for (unsigned i = 0; i < 3; i++) {
		net_router(n);
		net_attach(n, i, 0);
		net_configure(n, i, p2mp_config(i));
	}
	net_run(n, 30 * TIME_SEC);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT(net_state(n, i, (i + 1) % 3) == NSM_FULL);
	CU_ASSERT(net_settled(n));
	const struct lsa *l = lsdb_next(&ospf_area_find(n->routers[0].o, 0)->db, NULL);
	struct wire_reader r = ospf_v2.prefixes_begin(l);
	struct spf_prefix p;
	CU_ASSERT(ospf_v2.prefix_next(l, &r, &p) && p.prefix.len == 32 && p.metric == 0);
	CU_ASSERT(!ospf_v2.prefix_next(l, &r, &p));
	net_free(n);
}

static struct ospf_config *
two_areas(unsigned router)
{
	struct ospf_config *c = net_p2p_config(router);
	c->ifaces[0].area_set = c->ifaces[1].area_set = true;
	c->ifaces[1].area = 1;
	return c;
}

static void
areas_keep_apart(void)
{
	struct net *n = net_chain(3, two_areas);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && net_state(n, 2, 1) == NSM_FULL);
	const struct area *a0 = ospf_area_find(n->routers[1].o, 0),
			  *a1 = ospf_area_find(n->routers[1].o, 1);
	CU_ASSERT(a0 && a1 && lsdb_count(&a0->db) == 2 && lsdb_count(&a1->db) == 2);
	/* moved to the other area: the empty one goes */
	struct ospf_config *c = two_areas(2);
	c->ifaces[1].area = 0;
	net_configure(n, 2, c);
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(ospf_area_find(n->routers[2].o, 1) == NULL);
	CU_ASSERT(net_state(n, 1, 2) == NSM_DOWN && n->routers[1].o->stats.drops[DROP_AREA] > 0);
	net_free(n);
}

static struct ospf_config *
zebra_id(unsigned router)
{
	struct ospf_config *c = net_p2p_config(router);
	if (router == 0)
		c->router_id = 0;
	return c;
}

static void
router_id_from_zebra(void)
{
	struct net *n = net_chain(2, zebra_id);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(ospf_router_id(n->routers[0].o) == 0 && n->routers[0].sent[PKT_HELLO] == 0);
	ospf_router_id_changed(n->routers[0].o, 0x0a0a0a0a, n->now);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(n->routers[1].o->full_nbrs == 1);
	/* a better one does not disturb what runs */
	ospf_router_id_changed(n->routers[0].o, 0x0b0b0b0b, n->now);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(ospf_router_id(n->routers[0].o) == 0x0a0a0a0a && n->routers[1].full_losses == 0);
	/* configured: restarted under the new identity, the old LSAs are gone everywhere */
	net_configure(n, 0, net_p2p_config(0));
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 1, 0) == NSM_FULL && net_settled(n));
	CU_ASSERT(lsdb_count(&ospf_area_find(n->routers[1].o, 0)->db) == 2);
	net_free(n);
}

static void
same_id_twice(void)
{
	struct net *n = net_new(5);
	for (unsigned i = 0; i < 2; i++) {
		net_router(n);
		net_attach(n, i, 0);
		net_configure(n, i, net_p2p_config(0));
	}
	net_run(n, 30 * TIME_SEC);
	CU_ASSERT(n->routers[0].events[OSPF_EV_DUPLICATE_ID] > 0);
	CU_ASSERT(n->routers[0].o->stats.drops[DROP_DUPLICATE_ID] > 0);
	CU_ASSERT(ospf_nbr_next(n->routers[0].o, NULL) == NULL);
	net_free(n);
}

/* RFC 2328 A.1: an LSA greater than the MTU travels alone, fragmented by IP */
static void
router_lsa_above_mtu(void)
{
	struct net *n = net_chain(3, net_p2p_config);
	for (uint32_t k = 0; k < 400; k++) {
		struct ospf_link l = { .ifindex = 100 + k, .up = true, .mtu = 1500 };
		struct ipaddr a = ipaddr_from_ip4(0x0a800001 + (k << 8));
		snprintf(l.name, sizeof(l.name), "lan%u", k);
		ospf_link_changed(n->routers[0].o, &l, n->now);
		ospf_address_changed(n->routers[0].o, l.ifindex, &a, 24, NULL, true, n->now);
	}
	net_run(n, 100 * TIME_SEC);
	CU_ASSERT(net_settled(n));
	const struct lsa *l = lsdb_next(&ospf_area_find(n->routers[2].o, 0)->db, NULL);
	CU_ASSERT(l && l->hdr.key.adv == 0x01010101 && l->hdr.len == 24 + 402 * 12);
	net_free(n);
}

static void
costs(void)
{
	struct net *n = net_chain(2, net_p2p_config);
	struct iface *i = iface_next(n->routers[0].o, NULL);
	CU_ASSERT(i->p.cost == 100); /* 1 Gbit/s of 100 */
	struct ospf_config *c = net_p2p_config(0);
	c->reference_mbit = 1000;
	net_configure(n, 0, c);
	CU_ASSERT(i->p.cost == 1);
	struct ospf_link l = { .ifindex = 1, .name = "eth0", .up = true, .mtu = 1500,
		.bandwidth_kbit = 10000 };
	ospf_link_changed(n->routers[0].o, &l, n->now);
	CU_ASSERT(i->p.cost == 100);
	c = net_p2p_config(0);
	c->ifaces[0].cost = 7;
	net_configure(n, 0, c);
	CU_ASSERT(i->p.cost == 7);
	net_free(n);
}

/* no router ospf: everything is told and gone; configured again it comes back */
static void
unconfigured(void)
{
	struct net *n = net_chain(2, net_p2p_config);
	net_run(n, 20 * TIME_SEC);
	ospf_reconfigure(n->routers[0].o, NULL, n->now);
	net_run(n, 5 * TIME_SEC);
	CU_ASSERT(net_state(n, 1, 0) <= NSM_INIT);
	CU_ASSERT(TAILQ_EMPTY(&n->routers[0].o->areas));
	uint64_t sent = n->routers[0].sent[PKT_HELLO];
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(n->routers[0].sent[PKT_HELLO] == sent);
	net_configure(n, 0, net_p2p_config(0));
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 1, 0) == NSM_FULL && net_settled(n));
	net_free(n);
}

/* A carrier loss is in the router LSA within the turn, and at the other end of the area in a few
 * ms. */
static void
carrier_loss_is_told_at_once(void)
{
	struct net *n = net_chain(5, net_p2p_config);
	for (unsigned k = 0; k < 5; k++) {
		struct ospf_config *c = net_config(k);
		for (unsigned e = 0; e < 4; e++) {
			char name[8];
			snprintf(name, sizeof(name), "eth%u", e);
			ospf_config_add_iface(c, name)->net_type = OSPF_NET_P2P;
		}
		net_configure(n, k, c);
	}
	net_run(n, 100 * TIME_SEC);
	struct lsa_key key = { .type = 1, .id = 0x01010101 * 2, .adv = 0x01010101 * 2 };
	const struct lsdb *db = &ospf_area_find(n->routers[4].o, 0)->db;
	int32_t seq = lsdb_find(db, &key)->hdr.seq;
	net_link_set(n, 1, 0, false);
	net_run(n, 4 * TIME_MS);
	CU_ASSERT(lsdb_find(db, &key)->hdr.seq == seq + 1);
	net_free(n);
}

UNIT_TESTS("ospf engine",
	{ "opaque LSAs by scope", opaque_scopes },
	{ "point-to-multipoint", point_to_multipoint },
	{ "areas keep apart", areas_keep_apart },
	{ "router ID from zebra", router_id_from_zebra },
	{ "the same router ID twice", same_id_twice },
	{ "router LSA greater than the MTU", router_lsa_above_mtu },
	{ "costs", costs },
	{ "unconfigured and configured again", unconfigured },
	{ "carrier loss is told at once", carrier_loss_is_told_at_once })
