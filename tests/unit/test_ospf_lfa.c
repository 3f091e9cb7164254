/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loop-free alternates in small networks drawn by hand. S is router 0, and asks for the way to the prefixes of
 * the others: 10.0.(40 + i).0/24 hangs off router i.
 */
#include "ospfd/lfa.h"
#include "tests/unit/ospf_net.h"
#include "tests/unit/unit.h"

enum { S, E, N, D, M, R5 };
#define STUB(router) (40u + (router))

struct wire { /* a link, cost in both directions; or a router on a LAN */
	unsigned segment, router, cost;
};

struct told { /* what S has told of a prefix */
	struct prefix prefix;
	struct ospf_leg legs[8];
	size_t count;
	struct told *next;
};

struct drawing {
	struct net *n;
	struct wire wires[32];
	size_t wire_count;
	unsigned p2p; /* bits: segments that are point-to-point */
	bool stub_router[8];
	unsigned exclude; /* segment of S, 0: none */
	unsigned asbrs;   /* bits */
	uint32_t asbr_metric[8];
	uint8_t asbr_type;
	uint32_t max_paths;
	bool lfa;
	struct told *told;
	size_t batches;
	int64_t last_told;
};

static struct told *
told_find(struct drawing *d, const struct prefix *p)
{
	struct told *t = d->told;
	while (t && !prefix_equal(&t->prefix, p))
		t = t->next;
	return t;
}

static void
routes(struct net_router *r, const struct ospf_route_batch *b)
{
	struct drawing *d = r->test;
	d->batches++;
	d->last_told = r->net->now;
	for (size_t i = 0; i < b->count; i++) {
		struct told *t = told_find(d, &b->routes[i].prefix);
		if (!t) {
			t = mem_zalloc(sizeof(*t));
			t->prefix = b->routes[i].prefix;
			t->next = d->told;
			d->told = t;
		}
		t->count = b->leg_count < 8 ? b->leg_count : 8;
		for (size_t k = 0; k < t->count; k++)
			t->legs[k] = b->legs[k];
	}
}

static struct ospf_config *
config(const struct drawing *d, unsigned router)
{
	struct ospf_config *c = net_config(router);
	c->lfa = d->lfa;
	c->maximum_paths = d->max_paths ? d->max_paths : 64;
	c->max_metric_admin = d->stub_router[router];
	if (d->asbrs & 1u << router) {
		struct ospf_conf_redist *k = ospf_config_add_redist(c, OSPF_SRC_STATIC);
		k->metric = d->asbr_metric[router];
		k->metric_type = d->asbr_type;
	}
	for (size_t i = 0; i < d->wire_count; i++) {
		const struct wire *w = &d->wires[i];
		char name[16];
		if (w->router != router)
			continue;
		snprintf(name, sizeof(name), "eth%u", w->segment);
		struct ospf_conf_iface *k = ospf_config_add_iface(c, name);
		k->cost = w->cost;
		k->net_type = d->p2p & 1u << w->segment ? OSPF_NET_P2P : OSPF_NET_BROADCAST;
		k->hello_s = 1;
		k->lfa_exclude = router == S && d->exclude == w->segment && d->exclude;
	}
	char name[16];
	snprintf(name, sizeof(name), "eth%u", STUB(router));
	struct ospf_conf_iface *stub = ospf_config_add_iface(c, name);
	stub->passive = OSPF_YES;
	stub->cost = 1;
	ospf_config_sort(c);
	return c;
}

static void
join(struct drawing *d, unsigned segment, unsigned router, unsigned cost)
{
	d->wires[d->wire_count++] = (struct wire){ segment, router, cost };
}

static void
link_(struct drawing *d, unsigned a, unsigned b, unsigned cost)
{
	unsigned segment = 1;
	for (size_t i = 0; i < d->wire_count; i++)
		if (d->wires[i].segment >= segment)
			segment = d->wires[i].segment + 1;
	d->p2p |= 1u << segment;
	join(d, segment, a, cost);
	join(d, segment, b, cost);
}

static void
build(struct drawing *d)
{
	unsigned routers = 0;
	d->n = net_new(11);
	d->lfa = true;
	for (size_t i = 0; i < d->wire_count; i++)
		if (d->wires[i].router >= routers)
			routers = d->wires[i].router + 1;
	for (unsigned i = 0; i < routers; i++)
		net_router(d->n);
	d->n->routers[S].test = d;
	d->n->routers[S].routes = routes;
	for (unsigned i = 0; i < routers; i++) {
		for (size_t k = 0; k < d->wire_count; k++)
			if (d->wires[k].router == i)
				net_attach(d->n, i, d->wires[k].segment);
		net_attach(d->n, i, STUB(i));
		ospf_reconfigure(d->n->routers[i].o, config(d, i), d->n->now);
	}
	net_run(d->n, 30 * TIME_SEC);
}

static void
done(struct drawing *d)
{
	struct told *t;
	net_free(d->n); /* withdraws all */
	while ((t = d->told) != NULL) {
		d->told = t->next;
		mem_free(t);
	}
}

/* The router behind a leg. */
static int
behind(const struct drawing *d, const struct ospf_leg *leg)
{
	for (unsigned i = 0; i < d->n->port_count; i++)
		if (!ipaddr_cmp(&d->n->ports[i].addr, &leg->gateway))
			return (int)d->n->ports[i].router;
	return -1;
}

static struct prefix
prefix_of(unsigned router)
{
	return prefix_from_ip4(0x0a000000 | STUB(router) << 8, 24);
}

/* The router whose leg is the alternate to p; -1: none. primaries: how many others there are. */
static int
alternate(struct drawing *d, const struct prefix *p, size_t *primaries)
{
	const struct told *t = told_find(d, p);
	int found = -1;
	size_t others = 0;
	for (size_t i = 0; t && i < t->count; i++) {
		if (!t->legs[i].backup_rank) {
			others++;
			CU_ASSERT(found < 0); /* primaries come first */
			continue;
		}
		CU_ASSERT(found < 0);
		found = behind(d, &t->legs[i]);
	}
	if (primaries)
		*primaries = others;
	return found;
}

static int
alternate_to(struct drawing *d, unsigned router)
{
	struct prefix p = prefix_of(router);
	size_t primaries;
	int found = alternate(d, &p, &primaries);
	CU_ASSERT(primaries > 0);
	return found;
}

static uint8_t
cover(struct drawing *d, const struct prefix *p)
{
	struct route_view v;
	for (const struct prefix *after = NULL; routes_next(d->n->routers[S].o, after, &v); after = &v.prefix)
		if (prefix_equal(&v.prefix, p))
			return v.cover;
	return LFA_COVER_UNTOLD;
}

static uint8_t
cover_to(struct drawing *d, unsigned router)
{
	struct prefix p = prefix_of(router);
	return cover(d, &p);
}

/* --- the inequalities ---------------------------------------------------------------------------------- */
/* 1 and not 3: N would go to D through E. */
static void
link_protecting(void)
{
	struct drawing d = { .n = NULL };
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 1);
	link_(&d, N, E, 1);
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == N && cover_to(&d, D) == LFA_COVER_LINK);
	/* E itself may be reached another way, but not be survived */
	CU_ASSERT(alternate_to(&d, E) == N && cover_to(&d, E) == LFA_COVER_LINK);
	done(&d);
}

/* 1 and 3 */
static void
node_protecting(void)
{
	struct drawing d = { .n = NULL };
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 1);
	link_(&d, N, E, 1);
	link_(&d, N, D, 2); /* as dear as through E: not good enough */
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == N && cover_to(&d, D) == LFA_COVER_LINK);
	d.wires[8].cost = d.wires[9].cost = 1;
	ospf_reconfigure(d.n->routers[N].o, config(&d, N), d.n->now);
	d.wires[6].cost = 3; /* and S prefers E */
	d.wires[4].cost = 2;
	ospf_reconfigure(d.n->routers[S].o, config(&d, S), d.n->now);
	net_run(d.n, 10 * TIME_SEC);
	CU_ASSERT(alternate_to(&d, D) == N && cover_to(&d, D) == LFA_COVER_BOTH);
	done(&d);
}

/* Not 1: N would send it back. */
static void
not_loop_free(void)
{
	struct drawing d = { .n = NULL };
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 1);
	link_(&d, N, D, 3); /* D(N,D) = 3 = D(N,S) + D(S,D) */
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == -1 && cover_to(&d, D) == LFA_COVER_NONE);
	/* but when S and D are dearer, it is */
	d.wires[2].cost = d.wires[3].cost = 2;
	ospf_reconfigure(d.n->routers[E].o, config(&d, E), d.n->now);
	net_run(d.n, 10 * TIME_SEC);
	CU_ASSERT(alternate_to(&d, D) == N);
	done(&d);
}

/* RFC 5286 3.3: S, E and N on a LAN; over the same LAN only the neighbour can be survived. */
static void
same_lan(void)
{
	struct drawing d = { .n = NULL };
	join(&d, 1, S, 1);
	join(&d, 1, E, 1);
	join(&d, 1, N, 1);
	link_(&d, E, D, 1);
	link_(&d, N, D, 3);
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == -1); /* N would go back over the LAN to E */
	d.wires[5].cost = d.wires[6].cost = 1;
	d.wires[3].cost = d.wires[4].cost = 1;
	d.wires[1].cost = 1;
	ospf_reconfigure(d.n->routers[N].o, config(&d, N), d.n->now);
	net_run(d.n, 10 * TIME_SEC);
	/* now both are equally good: each protects the other against its own failure, not the LAN's */
	CU_ASSERT(alternate_to(&d, D) == -1 && cover_to(&d, D) == LFA_COVER_EQUAL);
	d.wires[3].cost = 3; /* E is the dearer one by 2, N node-protecting the other way round */
	ospf_reconfigure(d.n->routers[E].o, config(&d, E), d.n->now);
	net_run(d.n, 10 * TIME_SEC);
	CU_ASSERT(alternate_to(&d, D) == -1); /* E would go to N */
	done(&d);
}

static void
same_lan_node(void)
{
	struct drawing d = { .n = NULL };
	join(&d, 1, S, 5);
	join(&d, 1, E, 5);
	join(&d, 1, N, 5);
	link_(&d, E, D, 1);
	link_(&d, N, D, 3); /* less than 5 + 1 over the LAN */
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == N && cover_to(&d, D) == LFA_COVER_NODE);
	done(&d);
}

/* Inequality 4: an alternate over another link must not come back to the LAN. */
static void
broadcast_link_protecting(void)
{
	struct drawing d = { .n = NULL };
	join(&d, 1, S, 1);
	join(&d, 1, E, 1);
	join(&d, 1, M, 1);
	link_(&d, E, D, 1);
	link_(&d, S, M, 3);
	link_(&d, M, D, 5); /* M goes over the LAN */
	join(&d, 9, N, 1);
	join(&d, 9, D, 1);
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == -1);
	d.wires[7].cost = d.wires[8].cost = 1; /* M - D */
	d.wires[0].cost = 1;
	for (unsigned r = S; r <= M; r++)
		ospf_reconfigure(d.n->routers[r].o, config(&d, r), d.n->now);
	net_run(d.n, 10 * TIME_SEC);
	/* both E and M over the LAN are primaries: the LAN is what they share, M over the link survives it */
	size_t primaries;
	struct prefix p = prefix_of(D);
	CU_ASSERT(alternate(&d, &p, &primaries) == M && primaries == 2 && cover(&d, &p) == LFA_COVER_LINK);
	done(&d);
}

/* Several primary legs over links and neighbours of their own: each is the others' alternate. */
static void
equal_paths(void)
{
	struct drawing d = { .n = NULL };
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, M, 1);
	link_(&d, M, D, 1);
	link_(&d, S, N, 1);
	link_(&d, N, D, 2);
	build(&d);
	size_t primaries;
	struct prefix p = prefix_of(D);
	CU_ASSERT(alternate(&d, &p, &primaries) == -1 && primaries == 2 && cover(&d, &p) == LFA_COVER_EQUAL);
	/* one that maximum-paths leaves out is as good as any */
	d.max_paths = 1;
	ospf_reconfigure(d.n->routers[S].o, config(&d, S), d.n->now);
	net_run(d.n, TIME_SEC);
	CU_ASSERT(alternate(&d, &p, &primaries) == M && primaries == 1 && cover(&d, &p) == LFA_COVER_BOTH);
	done(&d);
}

/* Parallel links protect each other, but only another neighbour survives theirs. */
static void
parallel_links(void)
{
	struct drawing d = { .n = NULL };
	link_(&d, S, E, 1);
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 1);
	link_(&d, N, E, 1);
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == -1 && cover_to(&d, D) == LFA_COVER_EQUAL);
	CU_ASSERT(alternate_to(&d, E) == -1);
	done(&d);
	d = (struct drawing){ .n = NULL };
	link_(&d, S, E, 2);
	link_(&d, S, E, 2);
	link_(&d, E, D, 1);
	link_(&d, S, N, 3);
	link_(&d, N, D, 1);
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == N && cover_to(&d, D) == LFA_COVER_NODE);
	done(&d);
}

/* RFC 5286 3.5: nothing is sent to a stub router but for itself. */
static void
costed_out(void)
{
	struct drawing d = { .stub_router = { [N] = true } };
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 1);
	link_(&d, N, D, 1);
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == -1);
	struct lfa_view v;
	bool seen = false;
	for (size_t i = 0; lfa_view_get(d.n->routers[S].o, i, &v); i++)
		if (v.router_id == 0x01010101 * (N + 1))
			seen = strstr(v.unusable, "stub router") != NULL;
	CU_ASSERT(seen);
	d.stub_router[N] = false;
	d.wires[4].cost = 3;
	ospf_reconfigure(d.n->routers[N].o, config(&d, N), d.n->now);
	ospf_reconfigure(d.n->routers[S].o, config(&d, S), d.n->now);
	net_run(d.n, 10 * TIME_SEC);
	CU_ASSERT(alternate_to(&d, D) == N && cover_to(&d, D) == LFA_COVER_BOTH);
	done(&d);
}

static void
excluded_and_off(void)
{
	struct drawing d = { .n = NULL };
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 2);
	link_(&d, N, D, 1);
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == N);
	d.exclude = d.wires[4].segment;
	ospf_reconfigure(d.n->routers[S].o, config(&d, S), d.n->now);
	net_run(d.n, TIME_SEC);
	CU_ASSERT(alternate_to(&d, D) == -1);
	d.exclude = 0;
	ospf_reconfigure(d.n->routers[S].o, config(&d, S), d.n->now);
	net_run(d.n, TIME_SEC);
	CU_ASSERT(alternate_to(&d, D) == N);
	d.lfa = false;
	ospf_reconfigure(d.n->routers[S].o, config(&d, S), d.n->now);
	net_run(d.n, TIME_SEC);
	CU_ASSERT(alternate_to(&d, D) == -1);
	struct lfa_view v;
	CU_ASSERT(!lfa_view_get(d.n->routers[S].o, 0, &v));
	done(&d);
}

/* --- when ------------------------------------------------------------------------------------------------- */
/* The routes leave first; a route that moves loses its alternate in the same turn. */
static void
after_the_routes(void)
{
	struct drawing d = { .n = NULL };
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 2);
	link_(&d, N, D, 1);
	build(&d);
	CU_ASSERT(alternate_to(&d, D) == N);
	int64_t cut = d.n->now;
	net_link_set(d.n, S, d.wires[0].segment, false);
	struct prefix p = prefix_of(D);
	const struct told *t = told_find(&d, &p);
	CU_ASSERT(d.last_told == cut && t->count == 1 && behind(&d, &t->legs[0]) == N && !t->legs[0].backup_rank);
	net_link_set(d.n, S, d.wires[0].segment, true);
	net_run(d.n, 10 * TIME_SEC);
	CU_ASSERT(alternate_to(&d, D) == N);
	done(&d);
}

static struct prefix
outside(void)
{
	return prefix_from_ip4(0xc6336400, 24); /* 198.51.100.0/24 */
}

static void
announce(struct drawing *d, unsigned router)
{
	struct ospf_redist_route row = { .source = OSPF_SRC_STATIC, .prefix = outside() };
	ospf_routes_redistributed(d->n->routers[router].o, &row, 1, d->n->now);
}

/* 6.3: through the boundary router; what comes between two runs has its alternate from the start. */
static void
external(void)
{
	struct drawing d = { .asbrs = 1u << D, .asbr_metric = { [D] = 20 }, .asbr_type = 2 };
	struct prefix p = outside();
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 2);
	link_(&d, N, D, 1);
	build(&d);
	announce(&d, D);
	size_t before = d.batches;
	net_run(d.n, 10 * TIME_SEC);
	CU_ASSERT(alternate(&d, &p, NULL) == N && cover(&d, &p) == LFA_COVER_BOTH);
	CU_ASSERT(d.batches == before + 1);
	done(&d);
}

/* Two boundary routers: N's own choice counts, whatever ours is. */
static void
two_boundary_routers(void)
{
	struct drawing d = { .asbrs = 1u << D | 1u << E, .asbr_metric = { [D] = 20, [E] = 20 }, .asbr_type = 2 };
	struct prefix p = outside();
	link_(&d, S, E, 1);
	link_(&d, S, N, 1);
	link_(&d, N, E, 4);
	link_(&d, N, D, 3);
	link_(&d, E, D, 9);
	build(&d);
	announce(&d, D);
	announce(&d, E);
	net_run(d.n, 10 * TIME_SEC);
	/* S goes to E (1); N would go to E through S (2), D is 3 away: it sends it back */
	CU_ASSERT(alternate(&d, &p, NULL) == -1);
	d.wires[4].cost = d.wires[5].cost = 1; /* N - E: to E directly, and D does not help against E's death */
	ospf_reconfigure(d.n->routers[N].o, config(&d, N), d.n->now);
	net_run(d.n, 10 * TIME_SEC);
	CU_ASSERT(alternate(&d, &p, NULL) == N && cover(&d, &p) == LFA_COVER_LINK);
	d.wires[6].cost = d.wires[7].cost = 1; /* N - D: its own boundary router, nearer than through E */
	d.wires[4].cost = d.wires[5].cost = 4;
	ospf_reconfigure(d.n->routers[N].o, config(&d, N), d.n->now);
	net_run(d.n, 10 * TIME_SEC);
	CU_ASSERT(alternate(&d, &p, NULL) == N && cover(&d, &p) == LFA_COVER_BOTH);
	done(&d);
}

/* Externals are calculated in the very turn in which their boundary router's path has moved. */
static void
externals_in_the_same_run(void)
{
	struct drawing d = { .asbrs = 1u << D, .asbr_metric = { [D] = 20 }, .asbr_type = 1 };
	struct prefix p = outside(), in = prefix_of(D);
	link_(&d, S, E, 1);
	link_(&d, E, D, 1);
	link_(&d, S, N, 2);
	link_(&d, N, D, 2);
	build(&d);
	announce(&d, D);
	net_run(d.n, 10 * TIME_SEC);
	struct ospf *o = d.n->routers[S].o;
	struct ospf_config *c = config(&d, S);
	for (size_t i = 0; i < c->iface_count; i++)
		c->ifaces[i].bfd = true;
	d.lfa = false;
	ospf_reconfigure(o, c, d.n->now);
	net_run(d.n, TIME_SEC);
	const struct ipaddr *peer = &net_nbr(d.n, S, E)->addr;
	uint32_t ifindex = d.wires[0].segment + 1;
	d.n->routers[S].bfd_want = NULL;
	ospf_bfd_changed(o, ifindex, peer, OSPF_BFD_UP, d.n->now);
	CU_ASSERT(behind(&d, &told_find(&d, &p)->legs[0]) == E && behind(&d, &told_find(&d, &in)->legs[0]) == E);
	struct ipaddr gone = *peer;
	ospf_bfd_changed(o, ifindex, &gone, OSPF_BFD_DOWN, d.n->now);
	/* no time has passed */
	CU_ASSERT(behind(&d, &told_find(&d, &p)->legs[0]) == N && behind(&d, &told_find(&d, &in)->legs[0]) == N);
	done(&d);
}

UNIT_TESTS("ospf alternates",
	{ "link-protecting, RFC 5286 inequality 1", link_protecting },
	{ "node-protecting, inequality 3", node_protecting },
	{ "not loop-free", not_loop_free },
	{ "over the same LAN", same_lan },
	{ "over the same LAN, node-protecting", same_lan_node },
	{ "around a LAN, inequality 4", broadcast_link_protecting },
	{ "equal paths protect each other", equal_paths },
	{ "parallel links", parallel_links },
	{ "costed out, 3.5", costed_out },
	{ "excluded, switched off", excluded_and_off },
	{ "after the routes", after_the_routes },
	{ "externals, 6.3", external },
	{ "two boundary routers", two_boundary_routers },
	{ "externals move in the same turn as their boundary router", externals_in_the_same_run })
