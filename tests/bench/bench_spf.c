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
#include "ospfd/spf.h"

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

int
main(void)
{
	bench(1000);
	bench(10000);
	return 0;
}
