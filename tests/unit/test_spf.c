/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPF over graphs: distances and next-hop sets against a Bellman-Ford of its own, and the graph's upkeep. */
#include "tests/unit/unit.h"

#include <string.h>

#include "lib/intern.h"
#include "lib/mem.h"
#include "lib/prng.h"
#include "ospfd/spf.h"

#define R(n) ((struct spf_vertex){ .id = (n), .kind = VERTEX_ROUTER })
#define N(n) ((struct spf_vertex){ .id = (n), .kind = VERTEX_NETWORK })

struct world {
	struct graph *g;
	struct intern_table *sets;
	struct spf_scratch *s;
	uint32_t broken; /* link data that cannot be used */
};

static bool
hop_out(void *arg, const struct edge *link, const struct vertex *to, struct ospf_leg *leg)
{
	const struct world *w = arg;
	leg->ifindex = link->data;
	if (to->key.kind == VERTEX_ROUTER)
		leg->gateway = ipaddr_from_ip4(to->key.id);
	return link->data != w->broken;
}

static bool
hop_on_network(void *arg, uint32_t ifindex, const struct vertex *router, const struct edge *back,
	struct ipaddr *gateway)
{
	(void)arg, (void)ifindex, (void)back;
	*gateway = ipaddr_from_ip4(router->key.id);
	return true;
}

static struct world
world_new(void)
{
	return (struct world){ graph_new(3), intern_new(3, NULL, NULL), spf_scratch_new(), 0 };
}

static void
world_free(struct world *w)
{
	for (uint32_t v = 0; v < w->g->count; v++)
		intern_unref(w->sets, w->g->vertices[v].legs);
	CU_ASSERT_EQUAL(intern_count(w->sets), 0);
	intern_free(w->sets);
	spf_scratch_free(w->s);
	graph_free(w->g);
}

static struct spf_result
run(struct world *w, uint32_t root)
{
	struct spf_hops hops = { w, hop_out, hop_on_network };
	return spf_run(w->g, graph_find(w->g, &R(root)), &hops, w->sets, w->s);
}

static void
links(struct world *w, struct spf_vertex key, const struct spf_link *l, size_t n)
{
	graph_set_links(w->g, graph_make(w->g, &key), true, 0, l, n);
}
#define LINKS(w, key, ...) do { \
	struct spf_link l_[] = { __VA_ARGS__ }; \
	links(w, key, l_, sizeof(l_) / sizeof(l_[0])); \
} while (0)
#define TO_R(n, c, d) { .to = VERTEX_ROUTER, .to_id = (n), .cost = (c), .data = (d), .point_to_point = true }
#define TO_N(n, c, d) { .to = VERTEX_NETWORK, .to_id = (n), .cost = (c), .data = (d) }
#define ON(n) { .to = VERTEX_ROUTER, .to_id = (n) }

static const struct vertex *
at(const struct world *w, struct spf_vertex key)
{
	return &w->g->vertices[graph_find(w->g, &key)];
}

static void
square_has_two_ways(void)
{
	struct world w = world_new();
	LINKS(&w, R(1), TO_R(2, 10, 12), TO_R(3, 10, 13));
	LINKS(&w, R(2), TO_R(1, 10, 21), TO_R(4, 10, 24));
	LINKS(&w, R(3), TO_R(1, 10, 31), TO_R(4, 10, 34));
	LINKS(&w, R(4), TO_R(2, 10, 42), TO_R(3, 10, 43));
	struct spf_result r = run(&w, 1);
	CU_ASSERT_EQUAL(r.reached, 4);
	const struct vertex *x = at(&w, R(4));
	CU_ASSERT_EQUAL(x->dist, 20);
	CU_ASSERT_EQUAL_FATAL(legs_count(x->legs), 2);
	CU_ASSERT_EQUAL(x->legs[0].ifindex, 12);
	CU_ASSERT_EQUAL(ipaddr_to_ip4(&x->legs[0].gateway), 2);
	CU_ASSERT_EQUAL(x->legs[1].ifindex, 13);
	CU_ASSERT_EQUAL(run(&w, 1).count, 0); /* nothing changed */
	w.broken = 12; /* our interface to 2 cannot be used although the LSAs still say so */
	CU_ASSERT_EQUAL(run(&w, 1).count, 2);
	CU_ASSERT_EQUAL(at(&w, R(2))->dist, 30);
	CU_ASSERT_EQUAL(legs_count(at(&w, R(4))->legs), 1);
	world_free(&w);
}

static void
one_way_links_do_not_count(void)
{
	struct world w = world_new();
	LINKS(&w, R(1), TO_R(2, 1, 12));
	links(&w, R(2), NULL, 0);
	run(&w, 1);
	CU_ASSERT_EQUAL(at(&w, R(2))->dist, SPF_UNREACHABLE);
	LINKS(&w, R(2), TO_R(1, 7, 21)); /* RFC 2328 16.1 (2) (b) */
	run(&w, 1);
	CU_ASSERT_EQUAL(at(&w, R(2))->dist, 1);
	graph_set_links(w.g, graph_find(w.g, &R(2)), false, 0, NULL, 0); /* its LSA is gone */
	run(&w, 1);
	CU_ASSERT_EQUAL(at(&w, R(2))->dist, SPF_UNREACHABLE);
	LINKS(&w, R(1), ON(9));
	run(&w, 1);
	graph_sweep(w.g);
	CU_ASSERT_EQUAL(graph_find(w.g, &R(2)), GRAPH_NONE); /* nobody speaks of it any more */
	world_free(&w);
}

static void
routers_behind_a_lan(void)
{
	struct world w = world_new();
	LINKS(&w, R(1), TO_N(100, 5, 1));
	LINKS(&w, R(2), TO_N(100, 5, 2), TO_R(3, 1, 23));
	LINKS(&w, R(3), TO_R(2, 1, 32));
	LINKS(&w, N(100), ON(1), ON(2));
	run(&w, 1);
	CU_ASSERT_EQUAL(at(&w, N(100))->dist, 5);
	CU_ASSERT_TRUE(legs_direct(at(&w, N(100))->legs));
	const struct vertex *x = at(&w, R(3));
	CU_ASSERT_EQUAL(x->dist, 6); /* nothing is paid for leaving a network */
	CU_ASSERT_EQUAL_FATAL(legs_count(x->legs), 1);
	CU_ASSERT_EQUAL(x->legs[0].ifindex, 1);
	CU_ASSERT_EQUAL(ipaddr_to_ip4(&x->legs[0].gateway), 2);
	world_free(&w);
}

static void
a_lan_reached_two_ways(void)
{
	/* 1 is on the LAN (cost 10) and reaches it over 2 for the same cost; 3 sits behind the LAN */
	struct world w = world_new();
	LINKS(&w, R(1), TO_N(100, 10, 1), TO_R(2, 4, 12));
	LINKS(&w, R(2), TO_R(1, 4, 21), TO_N(100, 6, 2));
	LINKS(&w, R(3), TO_N(100, 1, 3));
	LINKS(&w, N(100), ON(1), ON(2), ON(3));
	run(&w, 1);
	const struct vertex *x = at(&w, R(3));
	CU_ASSERT_EQUAL(x->dist, 10);
	CU_ASSERT_EQUAL_FATAL(legs_count(x->legs), 2);
	CU_ASSERT_EQUAL(ipaddr_to_ip4(&x->legs[0].gateway), 3);
	CU_ASSERT_EQUAL(x->legs[1].ifindex, 12);
	CU_ASSERT_EQUAL(ipaddr_to_ip4(&x->legs[1].gateway), 2);
	world_free(&w);
}

/* --- random graphs ------------------------------------------------------------------------------- */
#define MAXR 24
struct rand_net {
	uint32_t n;
	uint32_t cost[MAXR][MAXR]; /* 0: no link; data of i's link to j: i * MAXR + j + 1 */
};

static void
apply(struct world *w, const struct rand_net *net, uint32_t i)
{
	struct spf_link l[MAXR];
	size_t n = 0;
	for (uint32_t j = 0; j < net->n; j++)
		if (net->cost[i][j])
			l[n++] = (struct spf_link)TO_R(j + 1, net->cost[i][j], i * MAXR + j + 1);
	links(w, R(i + 1), l, n);
}

static bool
usable(const struct rand_net *net, uint32_t i, uint32_t j)
{
	return net->cost[i][j] && net->cost[j][i];
}

/* All-pairs distances; j is a first hop to k iff cost(root, j) + dist(j, k) == dist(root, k). */
static void
check(const struct world *w, const struct rand_net *net, uint32_t root)
{
	static uint64_t d[MAXR][MAXR];
	for (uint32_t i = 0; i < net->n; i++)
		for (uint32_t j = 0; j < net->n; j++)
			d[i][j] = i == j ? 0 : usable(net, i, j) ? net->cost[i][j] : UINT32_MAX;
	for (uint32_t k = 0; k < net->n; k++)
		for (uint32_t i = 0; i < net->n; i++)
			for (uint32_t j = 0; j < net->n; j++)
				if (d[i][k] + d[k][j] < d[i][j])
					d[i][j] = d[i][k] + d[k][j];
	for (uint32_t k = 0; k < net->n; k++) {
		const struct vertex *x = at(w, R(k + 1));
		CU_ASSERT_EQUAL_FATAL(x->dist, d[root][k]);
		size_t legs = 0;
		for (uint32_t j = 0; k != root && d[root][k] < UINT32_MAX && j < net->n; j++)
			legs += usable(net, root, j) && net->cost[root][j] + d[j][k] == d[root][k];
		CU_ASSERT_EQUAL_FATAL(legs_count(x->legs), legs);
	}
}

static void
random_graphs_follow_changes(void)
{
	struct prng rng;
	prng_seed(&rng, 42);
	for (int round = 0; round < 60; round++) {
		struct world w = world_new();
		struct rand_net net = { .n = 2 + prng_below(&rng, MAXR - 2) };
		for (uint32_t i = 0; i < net.n; i++)
			apply(&w, &net, i);
		for (int step = 0; step < 120; step++) {
			uint32_t i = prng_below(&rng, net.n), j = prng_below(&rng, net.n);
			if (i == j)
				continue;
			/* small costs make many equal paths; one direction at a time as LSAs arrive */
			net.cost[i][j] = prng_below(&rng, 4) ? 1 + prng_below(&rng, 4) : 0;
			apply(&w, &net, i);
			if (step % 3 == 0) {
				uint32_t root = prng_below(&rng, net.n);
				run(&w, root + 1);
				check(&w, &net, root);
			}
		}
		world_free(&w);
	}
}

static void
sets_are_ordered_and_shared(void)
{
	struct intern_table *t = intern_new(5, NULL, NULL);
	struct ipaddr g1 = ipaddr_from_ip4(1), g2 = ipaddr_from_ip4(2);
	struct ospf_leg a = leg_make(7, &g2), b = leg_make(7, &g1), c = leg_make(3, NULL);
	const struct ospf_leg *ab = legs_union(t, legs_one(t, &a), legs_one(t, &b));
	const struct ospf_leg *abc = legs_union(t, ab, legs_one(t, &c));
	CU_ASSERT_EQUAL_FATAL(legs_count(abc), 3);
	CU_ASSERT_EQUAL(abc[0].ifindex, 3);
	CU_ASSERT_EQUAL(ipaddr_to_ip4(&abc[1].gateway), 1);
	const struct ospf_leg *other = legs_union(t, legs_one(t, &c), legs_union(t, legs_one(t, &b),
		legs_one(t, &a)));
	CU_ASSERT_PTR_EQUAL(abc, other);
	const struct ospf_leg *cut = legs_cut(t, abc, 2);
	CU_ASSERT_EQUAL(legs_count(cut), 2);
	struct ipaddr fwd = ipaddr_from_ip4(9);
	const struct ospf_leg *via = legs_via(t, abc, &fwd);
	CU_ASSERT_FALSE(legs_direct(via));
	CU_ASSERT_EQUAL(ipaddr_to_ip4(&via[0].gateway), 9);
	intern_unref(t, cut);
	intern_unref(t, via);
	intern_unref(t, other);
	intern_unref(t, abc);
	CU_ASSERT_EQUAL(intern_count(t), 0);
	intern_free(t);
}

UNIT_TESTS("spf",
	{ "square has two ways", square_has_two_ways },
	{ "one-way links do not count (RFC 2328 16.1 (2) (b))", one_way_links_do_not_count },
	{ "routers behind a LAN (16.1.1)", routers_behind_a_lan },
	{ "a LAN reached two ways", a_lan_reached_two_ways },
	{ "random graphs follow every change", random_graphs_follow_changes },
	{ "sets of legs are ordered and shared", sets_are_ordered_and_shared })
