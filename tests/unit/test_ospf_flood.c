/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flooding, ageing and origination between cores in memory: what the databases hold, and when. */
#include "ospfd/age.h"
#include "ospfd/extid.h"
#include "tests/unit/ospf_net.h"
#include "tests/unit/unit.h"

static struct ospf_config *
chain_config(unsigned router)
{
	struct ospf_config *c = net_config(router);
	char name[8];
	for (unsigned k = 0; k < 8; k++) {
		snprintf(name, sizeof(name), "eth%u", k);
		ospf_config_add_iface(c, name)->net_type = OSPF_NET_P2P;
	}
	return c;
}

static void
external(struct net *n, unsigned router, uint32_t addr, unsigned len, uint32_t metric)
{
	struct orig_external e = {
		.prefix = prefix_from_ip4(addr, len), .metric = metric, .type2 = true};
	orig_external(n->routers[router].o, &e, n->now);
	ospf_turn_end(n->routers[router].o, n->now);
}

static void
external_gone(struct net *n, unsigned router, uint32_t addr, unsigned len)
{
	struct prefix p = prefix_from_ip4(addr, len);
	orig_external_withdraw(n->routers[router].o, &p, n->now);
	ospf_turn_end(n->routers[router].o, n->now);
}

static struct lsa *
router_lsa(struct net *n, unsigned at, unsigned of)
{
	struct lsa_key k = { .type = 1, .id = 0x01010101 * (of + 1), .adv = 0x01010101 * (of + 1) };
	struct area *a = ospf_area_find(n->routers[at].o, 0);
	return a ? lsdb_find(&a->db, &k) : NULL;
}

static void
externals_come_and_go(void)
{
	struct net *n = net_chain(4, chain_config);
	net_run(n, 10 * TIME_SEC);
	struct orig_external e = { .metric = 20, .type2 = true };
	for (unsigned k = 0; k < 500; k++) { /* in one turn */
		e.prefix = prefix_from_ip4(0xac100000 + (k << 8), 24);
		orig_external(n->routers[0].o, &e, n->now);
	}
	ospf_turn_end(n->routers[0].o, n->now);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(lsdb_count(&n->routers[3].o->as_db) == 500);
	CU_ASSERT(net_settled(n));
	/* packed full: 500 x 36 octets in 13 packets, and little else */
	CU_ASSERT(n->routers[1].sent[PKT_LSUPD] < 30);
	for (unsigned k = 0; k < 500; k++)
		external_gone(n, 0, 0xac100000 + (k << 8), 24);
	net_run(n, 10 * TIME_SEC);
	for (unsigned r = 0; r < 4; r++)
		CU_ASSERT(lsdb_count(&n->routers[r].o->as_db) == 0);
	CU_ASSERT(net_settled(n));
	net_free(n);
}

/* A new neighbour of a router with a large database. */
static void
large_exchange(void)
{
	struct net *n = net_chain(2, chain_config);
	n->cut[0] = true;
	for (unsigned k = 0; k < 5000; k++)
		external(n, 0, 0xac000000 + (k << 8), 24, 20);
	for (unsigned k = 0; k < 3000; k++)
		external(n, 1, 0x0b000000 + (k << 8), 24, 20);
	net_run(n, 10 * TIME_SEC);
	n->cut[0] = false;
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL);
	CU_ASSERT(lsdb_count(&n->routers[1].o->as_db) == 8000);
	CU_ASSERT(net_settled(n));
	net_free(n);
}

static void
loss_is_made_good(void)
{
	struct net *n = net_chain(5, chain_config);
	net_run(n, 10 * TIME_SEC);
	n->loss_percent = 30;
	for (unsigned k = 0; k < 300; k++) {
		external(n, k % 5, 0xac100000 + (k << 8), 24, 20);
		net_run(n, 50 * TIME_MS);
	}
	net_run(n, 120 * TIME_SEC);
	n->loss_percent = 0;
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(lsdb_count(&n->routers[4].o->as_db) == 300);
	CU_ASSERT(net_settled(n));
	net_free(n);
}

/* RFC 2328 12.4: refreshed each half hour, and not more often */
static void
refresh(void)
{
	struct net *n = net_chain(2, chain_config);
	net_run(n, 60 * TIME_SEC);
	int32_t seq = router_lsa(n, 1, 0)->hdr.seq;
	external(n, 0, 0xac100000, 24, 20);
	net_run(n, 1900 * TIME_SEC);
	CU_ASSERT(router_lsa(n, 1, 0)->hdr.seq == seq + 1);
	CU_ASSERT(lsa_age(router_lsa(n, 1, 0), n->now) < 400);
	net_run(n, 10000 * TIME_SEC);
	CU_ASSERT(lsdb_count(&n->routers[1].o->as_db) == 1);
	CU_ASSERT(net_settled(n));
	CU_ASSERT(n->routers[0].full_losses == 0);
	net_free(n);
}

/* RFC 2328 14: what nobody refreshes leaves everywhere after MaxAge */
static void
max_age(void)
{
	struct net *n = net_chain(3, chain_config);
	external(n, 0, 0xac100000, 24, 20);
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(lsdb_count(&n->routers[2].o->as_db) == 1);
	n->cut[0] = true;
	net_run(n, 3500 * TIME_SEC);
	CU_ASSERT(lsdb_count(&n->routers[2].o->as_db) == 1);
	CU_ASSERT(router_lsa(n, 2, 0) != NULL);
	net_run(n, 1900 * TIME_SEC);
	CU_ASSERT(lsdb_count(&n->routers[2].o->as_db) == 0);
	CU_ASSERT(router_lsa(n, 2, 0) == NULL);
	n->cut[0] = false;
	net_run(n, 60 * TIME_SEC);
	CU_ASSERT(net_settled(n) && lsdb_count(&n->routers[2].o->as_db) == 1);
	net_free(n);
}

/* RFC 2328 13.4: after a restart the old LSAs come back: kept where still right, flushed if not
 * wanted */
static void
restart_fights_old_lsas(void)
{
	struct net *n = net_chain(3, chain_config);
	external(n, 0, 0xac100000, 24, 20);
	external(n, 0, 0xac100100, 24, 20);
	net_run(n, 60 * TIME_SEC);
	int32_t seq = router_lsa(n, 2, 0)->hdr.seq;
	ospf_free(n->routers[0].o);
	n->routers[0].o = ospf_new(&ospf_v2, &net_ops, &n->routers[0], 99, n->now);
	net_link_set(n, 0, 0, true);
	ospf_address_changed(n->routers[0].o, 1, &n->ports[0].addr, 24, NULL, true, n->now);
	net_configure(n, 0, chain_config(0));
	external(n, 0, 0xac100000, 24, 20); /* the second one is not wanted any longer */
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(net_settled(n));
	CU_ASSERT(router_lsa(n, 2, 0)->hdr.seq >= seq);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(lsdb_count(&n->routers[2].o->as_db) == 1);
	CU_ASSERT(net_settled(n));
	net_free(n);
}

static void
reborn(struct net *n, unsigned router, struct ospf_config *(*conf)(unsigned))
{
	struct net_router *r = &n->routers[router];
	ospf_free(r->o);
	r->o = ospf_new(&ospf_v2, &net_ops, r, 99, n->now);
	for (unsigned k = 0; k < n->port_count; k++) {
		struct net_port *p = &n->ports[k];
		if (p->router != router)
			continue;
		net_link_set(n, router, p->segment, true);
		ospf_address_changed(r->o, p->ifindex, &p->addr, 24, NULL, true, n->now);
	}
	net_configure(n, router, conf(router));
}

/* hitless.c: a killed and restarted daemon changes no LSA, also if it is the DR of a network */
static void
restart_without_a_trace(void)
{
	for (unsigned who = 0; who < 8; who++) {
		struct ospf_config *(*conf)(unsigned) = who < 4 ? chain_config : net_config;
		struct net *n;
		if (who < 4) {
			n = net_chain(4, conf);
		} else {
			n = net_new(11);
			for (unsigned i = 0; i < 4; i++) {
				net_router(n);
				net_attach(n, i, 0);
				net_configure(n, i, conf(i));
			}
		}
		external(n, who % 4, 0xac100000, 24, 20);
		net_run(n, 100 * TIME_SEC);
		CU_ASSERT(net_settled(n));
		unsigned at = (who + 1) % 4;
		const struct area *a = ospf_area_find(n->routers[at].o, 0);
		uint64_t sum = a->db.generation;
		uint64_t ext = n->routers[at].o->as_db.generation;
		CU_ASSERT(lsdb_count(&a->db) == (who < 4 ? 4 : 5));
		net_run(n, 300 * TIME_MS);
		reborn(n, who % 4, conf);
		net_run(n, 700 * TIME_MS);
		external(n, who % 4, 0xac100000, 24, 20); /* zebra has told it again */
		net_run(n, 40 * TIME_SEC);
		CU_ASSERT(net_settled(n));
		CU_ASSERT(a->db.generation == sum);
		CU_ASSERT(n->routers[at].o->as_db.generation == ext);
		for (struct nbr *x = ospf_nbr_next(n->routers[who % 4].o, NULL); x;
			x = ospf_nbr_next(n->routers[who % 4].o, x))
			CU_ASSERT(nbr_state(x) == NSM_FULL || nbr_state(x) == NSM_2WAY);
		net_free(n);
	}
}

/* RFC 2328 12.1.6: MaxSequenceNumber is flushed, then it starts again */
static void
sequence_wraps(void)
{
	struct net *n = net_chain(3, chain_config);
	external(n, 0, 0xac100000, 24, 20);
	net_run(n, 60 * TIME_SEC);
	struct lsdb *db = &n->routers[0].o->as_db;
	struct own *own = (struct own *)keytree_first(&db->own);
	CU_ASSERT(own != NULL);
	own->floor = LSA_SEQ_MAX - 1; /* as if it had been refreshed for 68,000 years */
	external(n, 0, 0xac100000, 24, 21);
	net_run(n, 20 * TIME_SEC);
	const struct lsa *l = lsdb_next(&n->routers[2].o->as_db, NULL);
	CU_ASSERT(l && l->hdr.seq == LSA_SEQ_MAX);
	external(n, 0, 0xac100000, 24, 22);
	net_run(n, 30 * TIME_SEC);
	l = lsdb_next(&n->routers[2].o->as_db, NULL);
	CU_ASSERT(l && l->hdr.seq == LSA_SEQ_INITIAL && n->routers[0].o->stats.wraps == 1);
	CU_ASSERT(net_settled(n));
	net_free(n);
}

/* Ours: the first change leaves at once, a stormy one is held back to MinLSInterval. */
static void
origination_backs_off(void)
{
	struct net *n = net_chain(2, chain_config);
	external(n, 0, 0xac100000, 24, 20);
	net_run(n, 60 * TIME_SEC);
	external(n, 0, 0xac100000, 24, 30);
	net_run(n, 5 * TIME_MS);
	const struct lsa *l = lsdb_next(&n->routers[1].o->as_db, NULL);
	struct spf_external e;
	CU_ASSERT(ospf_v2.external_get(l, &e) && e.metric == 30);
	int32_t seq = l->hdr.seq;
	for (unsigned k = 0; k < 600; k++) {
		external(n, 0, 0xac100000, 24, 100 + k);
		net_run(n, 100 * TIME_MS);
	}
	net_run(n, 10 * TIME_SEC);
	l = lsdb_next(&n->routers[1].o->as_db, NULL);
	CU_ASSERT(ospf_v2.external_get(l, &e) && e.metric == 699);
	CU_ASSERT(l->hdr.seq - seq <= 16);
	CU_ASSERT(net_settled(n));
	net_free(n);
}

/* RFC 2328 appendix E: one address, several masks */
static void
link_state_ids(void)
{
	struct net *n = net_chain(2, chain_config);
	net_run(n, 10 * TIME_SEC);
	static const uint8_t lens[] = { 24, 8, 16, 32, 0 };
	for (unsigned k = 0; k < 4; k++)
		external(n, 0, 0x0a000000, lens[k], k + 1);
	external(n, 0, 0, 0, 9);
	net_run(n, 10 * TIME_SEC);
	const struct lsdb *db = &n->routers[1].o->as_db;
	bool seen[33] = { false };
	CU_ASSERT(lsdb_count(db) == 5);
	for (const struct lsa *l = lsdb_next(db, NULL); l; l = lsdb_next(db, &l->hdr.key)) {
		struct spf_external e;
		CU_ASSERT(ospf_v2.external_get(l, &e));
		seen[e.prefix.len] = true;
	}
	for (unsigned k = 0; k < sizeof(lens); k++)
		CU_ASSERT(seen[lens[k]]);
	external_gone(n, 0, 0x0a000000, 16);
	net_run(n, 10 * TIME_SEC);
	CU_ASSERT(lsdb_count(db) == 4 && net_settled(n));
	net_free(n);
}

static unsigned refused;
static bool
corrupt_updates(struct net *n, struct net_packet *p)
{
	if (p->bytes[1] == PKT_LSUPD && p->len > 60 && prng_below(&n->prng, 2)) {
		p->bytes[52] ^=
			0x40; /* inside the LSA: the packet checksum no longer fits either */
		refused++;
	}
	return true;
}

static void
corruption_is_found(void)
{
	struct net *n = net_chain(3, chain_config);
	net_run(n, 10 * TIME_SEC);
	refused = 0;
	n->meddle = corrupt_updates;
	for (unsigned k = 0; k < 50; k++) {
		external(n, 0, 0xac100000 + (k << 8), 24, 20);
		net_run(n, 500 * TIME_MS);
	}
	net_run(n, 100 * TIME_SEC);
	n->meddle = NULL;
	net_run(n, 30 * TIME_SEC);
	CU_ASSERT(refused > 0 && net_settled(n));
	uint64_t dropped = 0;
	for (unsigned r = 0; r < 3; r++)
		dropped += n->routers[r].o->stats.drops[DROP_CHECKSUM];
	CU_ASSERT(dropped == refused);
	CU_ASSERT(lsdb_count(&n->routers[2].o->as_db) == 50);
	net_free(n);
}

static struct ospf_config *
guarded_config(unsigned router)
{
	struct ospf_config *c = chain_config(router);
	if (router == 1)
		c->max_lsa = 100;
	return c;
}

static void
max_lsa_guard(void)
{
	struct net *n = net_chain(2, guarded_config);
	net_run(n, 10 * TIME_SEC);
	for (unsigned k = 0; k < 500; k++)
		external(n, 0, 0xac100000 + (k << 8), 24, 20);
	net_run(n, 3 * TIME_SEC);
	CU_ASSERT(lsdb_count(&n->routers[1].o->as_db) <= 100);
	CU_ASSERT(n->routers[1].events[OSPF_EV_LSDB_LIMIT] == 1);
	CU_ASSERT(net_state(n, 1, 0) == NSM_FULL);
	net_free(n);
}

static struct ospf_config *
stub_router_config(unsigned router)
{
	struct ospf_config *c = chain_config(router);
	if (router == 1)
		c->max_metric_startup_s = 100;
	return c;
}

/* RFC 6987 */
static void
stub_router(void)
{
	struct net *n = net_chain(3, stub_router_config);
	net_run(n, 60 * TIME_SEC);
	const struct lsa *l = router_lsa(n, 0, 1);
	struct wire_reader r = ospf_v2.links_begin(l);
	struct spf_link k;
	CU_ASSERT(ospf_v2.link_next(l, &r, &k) && k.cost == 0xffff);
	net_run(n, 60 * TIME_SEC);
	l = router_lsa(n, 0, 1);
	r = ospf_v2.links_begin(l);
	CU_ASSERT(ospf_v2.link_next(l, &r, &k) && k.cost == 100);
	CU_ASSERT(net_settled(n));
	net_free(n);
}

/* clear ip ospf process: everything is forgotten, told, and found again */
static void
clear_process(void)
{
	struct net *n = net_chain(3, chain_config);
	net_run(n, 30 * TIME_SEC);
	ospf_clear_process(n->routers[1].o, n->now);
	net_run(n, 10 * TIME_MS);
	CU_ASSERT(n->routers[0].full_losses == 1 && n->routers[2].full_losses == 1);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && net_state(n, 2, 1) == NSM_FULL);
	CU_ASSERT(net_settled(n));
	ospf_clear_neighbor(n->routers[1].o, 0, n->now);
	net_run(n, 20 * TIME_SEC);
	CU_ASSERT(net_state(n, 0, 1) == NSM_FULL && net_state(n, 2, 1) == NSM_FULL);
	net_free(n);
}

/* ospf_shutdown: own LSAs flushed, neighbours know at once */
static void
shutdown_tells(void)
{
	struct net *n = net_chain(3, chain_config);
	external(n, 0, 0xac100000, 24, 20);
	net_run(n, 30 * TIME_SEC);
	ospf_shutdown(n->routers[0].o, n->now);
	net_run(n, 3 * TIME_SEC);
	CU_ASSERT(net_state(n, 1, 0) <= NSM_INIT);
	CU_ASSERT(lsdb_count(&n->routers[2].o->as_db) == 0);
	CU_ASSERT(router_lsa(n, 2, 0) == NULL);
	net_free(n);
}

/* The same seed and the same calls: the same packets. */
static void
deterministic(void)
{
	uint64_t sum[2] = { 0, 0 };
	for (unsigned run = 0; run < 2; run++) {
		struct net *n = net_chain(4, chain_config);
		n->loss_percent = 10;
		for (unsigned k = 0; k < 50; k++) {
			external(n, k % 4, 0xac100000 + (k << 8), 24, 20);
			net_run(n, TIME_SEC);
		}
		for (unsigned r = 0; r < 4; r++)
			sum[run] = sum[run] * 31 + n->routers[r].o->stats.tx_bytes +
				n->routers[r].o->stats.rx_bytes;
		net_free(n);
	}
	CU_ASSERT(sum[0] == sum[1]);
}

UNIT_TESTS("ospf flooding",
	{ "externals come and go", externals_come_and_go },
	{ "exchange of large databases", large_exchange },
	{ "loss is made good", loss_is_made_good },
	{ "refresh", refresh },
	{ "MaxAge", max_age },
	{ "old LSAs after a restart", restart_fights_old_lsas },
	{ "restart without a trace", restart_without_a_trace },
	{ "sequence number wraps", sequence_wraps },
	{ "origination backs off", origination_backs_off },
	{ "link state IDs by appendix E", link_state_ids },
	{ "corruption is found", corruption_is_found },
	{ "max-lsa", max_lsa_guard },
	{ "stub router at start", stub_router },
	{ "clear process and neighbour", clear_process },
	{ "shutdown tells", shutdown_tells },
	{ "same seed, same run", deterministic })
