/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SPF on synthetic areas: a ring with random chords (mean degree about 4), some LANs, 1,000 and 10,000
 * routers. Measures a full run from the graph (shortest paths with all next-hop sets) when nothing and
 * when one link changed, and the build of the graph. Prints the median of the runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/intern.h"
#include "lib/mem.h"
#include "lib/prng.h"
#include "ospfd/nbr.h"
#include "ospfd/spf.h"
#include "ospfd/v2.h"

#define RUNS 31

static int64_t
clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static bool
hop_out(void *arg, const struct edge *link, const struct vertex *to, struct ospf_leg *leg)
{
	(void)arg;
	leg->ifindex = link->data;
	if (to->key.kind == VERTEX_ROUTER)
		leg->gateway = ipaddr_from_ip4(to->key.id);
	return true;
}

static bool
hop_on_network(void *arg, uint32_t ifindex, const struct vertex *router, const struct edge *back,
	struct ipaddr *gateway)
{
	(void)arg, (void)ifindex, (void)back;
	*gateway = ipaddr_from_ip4(router->key.id);
	return true;
}

struct wire_end {
	uint32_t a, b;
	uint32_t cost_ab, cost_ba;
};

struct topo {
	uint32_t routers, lans;
	struct wire_end *links;
	size_t link_count;
	struct wire_end *lan_ports; /* a: router, b: LAN, cost_ab */
	size_t port_count;
};

static struct topo
topo_make(uint32_t routers, struct prng *rng)
{
	struct topo t = { .routers = routers, .lans = routers / 10 };
	t.links = mem_array(routers * 2, sizeof(*t.links));
	t.lan_ports = mem_array(t.lans * 4, sizeof(*t.lan_ports));
	for (uint32_t i = 0; i < routers; i++) {
		uint32_t far = prng_below(rng, routers);
		t.links[t.link_count++] = (struct wire_end){ i, (i + 1) % routers,
			1 + prng_below(rng, 20), 1 + prng_below(rng, 20) };
		if (far != i)
			t.links[t.link_count++] = (struct wire_end){ i, far, 1 + prng_below(rng, 20),
				1 + prng_below(rng, 20) };
	}
	for (uint32_t i = 0; i < t.lans * 4; i++)
		t.lan_ports[t.port_count++] = (struct wire_end){ .a = prng_below(rng, routers),
			.b = i % t.lans, .cost_ab = 1 + prng_below(rng, 20) };
	return t;
}

static size_t
links_of(const struct topo *t, uint32_t router, struct spf_link *out)
{
	size_t n = 0;
	for (size_t i = 0; i < t->link_count; i++) {
		const struct wire_end *w = &t->links[i];
		if (w->a == router || w->b == router)
			out[n++] = (struct spf_link){ .to = VERTEX_ROUTER, .point_to_point = true,
				.to_id = 1 + (w->a == router ? w->b : w->a), .data = (uint32_t)i + 1,
				.cost = w->a == router ? w->cost_ab : w->cost_ba };
	}
	for (size_t i = 0; i < t->port_count; i++)
		if (t->lan_ports[i].a == router)
			out[n++] = (struct spf_link){ .to = VERTEX_NETWORK, .to_id = 1 + t->lan_ports[i].b,
				.cost = t->lan_ports[i].cost_ab, .data = (uint32_t)(t->link_count + i) };
	return n;
}

static size_t
routers_of(const struct topo *t, uint32_t lan, struct spf_link *out)
{
	size_t n = 0;
	for (size_t i = 0; i < t->port_count; i++)
		if (t->lan_ports[i].b == lan)
			out[n++] = (struct spf_link){ .to = VERTEX_ROUTER, .to_id = 1 + t->lan_ports[i].a };
	return n;
}

static int
cmp_ns(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static int64_t
median(int64_t *v, size_t n)
{
	qsort(v, n, sizeof(*v), cmp_ns);
	return v[n / 2];
}

static void
bench(uint32_t routers)
{
	struct prng rng;
	prng_seed(&rng, 7);
	struct topo t = topo_make(routers, &rng);
	struct graph *g = graph_new(1);
	struct spf_link buf[256];
	int64_t build = clock_ns();
	int64_t spent = 0;
	for (uint32_t i = 0; i < routers; i++) {
		size_t n = links_of(&t, i, buf);
		int64_t at = clock_ns();
		uint32_t v = graph_make(g, &(struct spf_vertex){ .id = i + 1, .kind = VERTEX_ROUTER });
		graph_set_links(g, v, true, 0, buf, n);
		spent += clock_ns() - at;
	}
	for (uint32_t i = 0; i < t.lans; i++) {
		size_t n = routers_of(&t, i, buf);
		uint32_t v = graph_make(g, &(struct spf_vertex){ .id = i + 1, .kind = VERTEX_NETWORK });
		graph_set_links(g, v, true, 0, buf, n);
	}
	(void)build;
	struct intern_table *sets = intern_new(1, NULL, NULL);
	struct spf_scratch *s = spf_scratch_new();
	struct spf_hops hops = { NULL, hop_out, hop_on_network };
	uint32_t root = graph_find(g, &(struct spf_vertex){ .id = 1, .kind = VERTEX_ROUTER });
	int64_t first = clock_ns();
	struct spf_result res = spf_run(g, root, &hops, sets, s);
	first = clock_ns() - first;
	int64_t same[RUNS], moved[RUNS];
	size_t changed = 0;
	for (int i = 0; i < RUNS; i++) {
		int64_t at = clock_ns();
		spf_run(g, root, &hops, sets, s);
		same[i] = clock_ns() - at;
		uint32_t victim = prng_below(&rng, routers);
		size_t n = links_of(&t, victim, buf);
		uint32_t v = graph_find(g, &(struct spf_vertex){ .id = victim + 1, .kind = VERTEX_ROUTER });
		buf[0].cost = 1 + prng_below(&rng, 20);
		at = clock_ns();
		graph_set_links(g, v, true, 0, buf, n);
		changed += spf_run(g, root, &hops, sets, s).count;
		moved[i] = clock_ns() - at;
	}
	printf("bench spf: %u routers, %u reached: full run %.3f ms, after one changed LSA %.3f ms "
	       "(%zu vertices moved on average), first run %.3f ms, graph built in %.3f ms\n",
		routers, res.reached, (double)median(same, RUNS) / 1e6, (double)median(moved, RUNS) / 1e6,
		changed / RUNS, (double)first / 1e6, (double)spent / 1e6);
	for (uint32_t v = 0; v < g->count; v++)
		intern_unref(sets, g->vertices[v].legs);
	intern_free(sets);
	spf_scratch_free(s);
	graph_free(g);
	mem_free(t.links);
	mem_free(t.lan_ports);
}

/* --- through the engine ------------------------------------------------------------------------------ */
struct engine {
	struct ospf *o;
	struct area *a;
	struct topo t;
	uint64_t told, backups; /* routes, and those of them with an alternate */
	int32_t *seq;
	bool lfa;
};

static void
want_routes(void *arg, const struct ospf_route_batch *b)
{
	struct engine *e = arg;
	e->told += b->count;
	if (b->leg_count && b->legs[b->leg_count - 1].backup_rank)
		e->backups += b->count;
}

static void
want_send(void *arg, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	(void)arg, (void)ifindex, (void)src, (void)dst, (void)bytes, (void)len;
}

static void
want_membership(void *arg, uint32_t ifindex, const struct ipaddr *group, bool join)
{
	(void)arg, (void)ifindex, (void)group, (void)join;
}

static void
want_bfd(void *arg, uint32_t ifindex, const struct ipaddr *local, const struct ipaddr *peer,
	const struct ospf_bfd_params *params, bool want)
{
	(void)arg, (void)ifindex, (void)local, (void)peer, (void)params, (void)want;
}

static const struct ospf_ops engine_ops = { .send = want_send, .membership = want_membership,
	.routes = want_routes, .bfd_want = want_bfd };

/* Router LSA of a router of the topology; stub: its host route's metric. */
static void
lsa_install(struct engine *e, uint32_t router, uint32_t first_cost, uint32_t stub, int64_t now)
{
	uint8_t raw[4096];
	struct spf_link links[256];
	struct wire_writer w = wire_writer(raw + LSA_HDR_LEN, sizeof(raw) - LSA_HDR_LEN);
	size_t n = links_of(&e->t, router, links), put = 0;
	wire_put_u32(&w, RTR_E << 24);
	for (size_t i = 0; i < n; i++) {
		if (links[i].to != VERTEX_ROUTER)
			continue; /* no LANs here */
		uint32_t cost = i == 0 && first_cost ? first_cost : links[i].cost;
		v2_link_put(&(struct v2_link){ .id = links[i].to_id, .type = V2_LINK_P2P, .metric = (uint16_t)cost,
			/* ours: our addresses; others: anything */
			.data = router == 0 ? 0x0a000001u + (links[i].data << 8) : 0x0b000000u + links[i].data }, &w);
		put++;
	}
	v2_link_put(&(struct v2_link){ .id = 0xac100000u + router, .data = UINT32_MAX, .type = V2_LINK_STUB,
		.metric = (uint16_t)stub }, &w);
	wire_patch_u16(&w, 2, (uint16_t)(put + 1));
	struct lsa_hdr h = { .key = { .type = V2_ROUTER, .id = router + 1, .adv = router + 1 },
		.seq = LSA_SEQ_INITIAL + e->seq[router]++, .len = (uint16_t)(LSA_HDR_LEN + w.len) };
	lsdb_install(&e->a->db, lsa_new(&h, v2_lsa_desc(V2_ROUTER), raw, now), now);
}

static void
engine_start(struct engine *e, uint32_t routers, int64_t now)
{
	struct prng rng;
	prng_seed(&rng, 11);
	e->t = topo_make(routers, &rng);
	e->seq = mem_array(routers, sizeof(*e->seq));
	e->o = ospf_new(&ospf_v2, &engine_ops, e, 5, now);
	struct ospf_config *c = ospf_config_new();
	struct spf_link links[256];
	size_t n = links_of(&e->t, 0, links);
	c->router_id = 1;
	c->lfa = e->lfa;
	c->spf = (struct ospf_conf_spf){ .hold_ms = 10000, .learn_ms = 500 }; /* no delays */
	for (size_t i = 0; i < n; i++) {
		char name[32];
		snprintf(name, sizeof(name), "p%u", links[i].data);
		struct ospf_conf_iface *k = ospf_config_add_iface(c, name);
		k->area_set = true;
		k->net_type = OSPF_NET_P2P;
	}
	ospf_reconfigure(e->o, c, now);
	for (size_t i = 0; i < n && links[i].to == VERTEX_ROUTER; i++) {
		struct ospf_link l = { .ifindex = links[i].data, .up = true, .multicast = true, .mtu = 1500 };
		struct ipaddr us = ipaddr_from_ip4(0x0a000001u + (links[i].data << 8));
		struct ipaddr them = ipaddr_from_ip4(0x0a000002u + (links[i].data << 8));
		snprintf(l.name, sizeof(l.name), "p%u", links[i].data);
		ospf_link_changed(e->o, &l, now);
		ospf_address_changed(e->o, l.ifindex, &us, 30, &(struct ipaddr){ 0 }, true, now);
		struct nbr *nb = nbr_new(iface_find(e->o, l.ifindex, &them), &them, links[i].to_id, now);
		nb->fsm.state = NSM_FULL;
	}
	e->a = ospf_area_find(e->o, 0);
	e->seq[0] = 100; /* above what the engine has made of our own by now */
}

static int64_t
timed_turn(struct engine *e, uint32_t router, uint32_t cost, uint32_t stub, int64_t now)
{
	int64_t at = clock_ns();
	lsa_install(e, router, cost, stub, now);
	spfdelay_turn_end(e->o, now);
	return clock_ns() - at;
}

static void
external_install(struct engine *e, uint32_t index, uint32_t router, uint32_t metric, int64_t now)
{
	uint8_t raw[64];
	struct wire_writer w = wire_writer(raw + LSA_HDR_LEN, sizeof(raw) - LSA_HDR_LEN);
	wire_put_u32(&w, 0xffffff00u);
	wire_put_u32(&w, 0x80000000u | metric);
	wire_put_u32(&w, 0);
	wire_put_u32(&w, 0);
	struct lsa_hdr h = { .key = { .type = V2_EXTERNAL, .id = 0x20000000u + (index << 8), .adv = router + 1 },
		.seq = LSA_SEQ_INITIAL, .len = (uint16_t)(LSA_HDR_LEN + w.len) };
	lsdb_install(&e->o->as_db, lsa_new(&h, v2_lsa_desc(V2_EXTERNAL), raw, now), now);
}

#define EXTERNALS 100000

/* A full table of externals arrives as updates bring it, 40 at a time; then the way to their router moves. */
static void
bench_externals(void)
{
	struct engine e = { .o = NULL };
	int64_t now = 1000 * TIME_SEC;
	engine_start(&e, 100, now);
	for (uint32_t i = 0; i < 100; i++)
		lsa_install(&e, i, 0, 1, now);
	spfdelay_turn_end(e.o, now += 100 * TIME_SEC);
	struct spf_link links[256];
	links_of(&e.t, 0, links); /* the neighbour on our first link is the boundary router */
	int64_t at = clock_ns();
	for (uint32_t i = 0; i < EXTERNALS; i++) {
		external_install(&e, i, links[0].to_id - 1, 20, now);
		if (i % 40 == 39)
			spfdelay_turn_end(e.o, now += TIME_MS);
	}
	double took = (double)(clock_ns() - at) / 1e9;
	uint64_t told = e.told;
	e.told = 0;
	int64_t moved[5];
	for (int i = 0; i < 5; i++)
		moved[i] = timed_turn(&e, 0, i % 2 ? 1 : 60000, 1, now += 100 * TIME_SEC);
	printf("bench spf: engine, %u externals in updates of 40: %.0f LSAs/s (%llu routes); our link moves, all "
	       "of it %.3f ms (%llu routes on average)\n", EXTERNALS, EXTERNALS / took,
		(unsigned long long)told, (double)median(moved, 5) / 1e6, (unsigned long long)(e.told / 5));
	ospf_free(e.o);
	mem_free(e.t.links);
	mem_free(e.t.lan_ports);
	mem_free(e.seq);
}

static void
bench_engine(uint32_t routers)
{
	struct engine e = { .o = NULL };
	int64_t now = 1000 * TIME_SEC, cost[RUNS], stub[RUNS], ours[RUNS];
	uint64_t told[3] = { 0 };
	struct prng rng;
	prng_seed(&rng, 3);
	engine_start(&e, routers, now);
	for (uint32_t i = 0; i < routers; i++)
		lsa_install(&e, i, 0, 1, now);
	now += 100 * TIME_SEC;
	int64_t first = clock_ns();
	spfdelay_turn_end(e.o, now);
	first = clock_ns() - first;
	uint64_t all = e.told;
	for (int i = 0; i < RUNS; i++) {
		uint32_t victim = 1 + prng_below(&rng, routers - 1);
		e.told = 0;
		cost[i] = timed_turn(&e, victim, 1 + prng_below(&rng, 60), 1, now += 100 * TIME_SEC);
		told[0] += e.told;
		e.told = 0;
		stub[i] = timed_turn(&e, victim, 0, 2, now += 100 * TIME_SEC);
		stub[i] = timed_turn(&e, victim, 0, 3 + (uint32_t)i, now += 100 * TIME_SEC);
		told[1] += e.told;
		e.told = 0;
		ours[i] = timed_turn(&e, 0, i % 2 ? 1 : 60, 1, now += 100 * TIME_SEC);
		told[2] += e.told;
	}
	printf("bench spf: engine, %u routers, %llu routes: first calculation %.3f ms; from an installed LSA to "
	       "the last batch: a far link's cost %.3f ms (%llu routes), a stub network %.3f ms (%llu), a "
	       "link of our own %.3f ms (%llu)\n", routers, (unsigned long long)all, (double)first / 1e6,
		(double)median(cost, RUNS) / 1e6, (unsigned long long)(told[0] / RUNS),
		(double)median(stub, RUNS) / 1e6, (unsigned long long)(told[1] / RUNS),
		(double)median(ours, RUNS) / 1e6, (unsigned long long)(told[2] / RUNS));
	ospf_free(e.o);
	mem_free(e.t.links);
	mem_free(e.t.lan_ports);
	mem_free(e.seq);
}

/* The alternates of all routes, after one link cost has changed: the turn that follows the routes. */
static void
bench_alternates(uint32_t routers, uint32_t externals)
{
	struct engine e = { .lfa = true };
	int64_t now = 1000 * TIME_SEC, took[RUNS], before[RUNS];
	struct spf_link links[256];
	engine_start(&e, routers, now);
	size_t neighbours = links_of(&e.t, 0, links);
	for (uint32_t i = 0; i < routers; i++)
		lsa_install(&e, i, 0, 1, now);
	for (uint32_t i = 0; i < externals; i++)
		external_install(&e, i, 1 + i % 2, 20, now); /* two boundary routers */
	spfdelay_turn_end(e.o, now += 100 * TIME_SEC);
	for (int i = 0; i < RUNS; i++) {
		e.backups = 0;
		before[i] = timed_turn(&e, routers / 2, 1 + (uint32_t)i % 2 * 40, 1, now += 100 * TIME_SEC);
		int64_t at = clock_ns();
		ospf_run_timers(e.o, now += TIME_SEC);
		took[i] = clock_ns() - at;
	}
	printf("bench spf: alternates, %u routers, %zu neighbours, %u externals: %.3f ms for all, after the routes "
	       "have left in %.3f ms (the last run changed %llu)\n", routers, neighbours, externals,
		(double)median(took, RUNS) / 1e6, (double)median(before, RUNS) / 1e6,
		(unsigned long long)e.backups);
	ospf_free(e.o);
	mem_free(e.t.links);
	mem_free(e.t.lan_ports);
	mem_free(e.seq);
}

int
main(void)
{
	bench(1000);
	bench(10000);
	bench_engine(1000);
	bench_engine(10000);
	bench_externals();
	bench_alternates(1000, 0);
	bench_alternates(10000, 0);
	bench_alternates(100, EXTERNALS);
	return 0;
}
