/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes wrong, and what is put right again: one table of things that can happen. */
#include "tests/sim/sim.h"

#include <string.h>

#define LONG_SETTLE (150 * TIME_SEC) /* dead interval, then databases are exchanged anew */

struct happening {
	const char *name;
	uint32_t weight;
	/* Does it; false: it does not apply here. *settle: raised to the time it may take. */
	bool (*happen)(struct sim *s, int64_t *settle);
};

static struct node *
some_node(struct sim *s)
{
	return &s->nodes[prng_below(&s->rng, (uint32_t)s->node_count)];
}

static struct segment *
some_segment(struct sim *s)
{
	return s->seg_count ? &s->segs[prng_below(&s->rng, (uint32_t)s->seg_count)] : NULL;
}

static void
carrier(struct segment *g, bool up)
{
	for (size_t i = 0; i < g->port_count; i++) {
		if (g->ports[i]->up == up)
			continue;
		g->ports[i]->up = up;
		node_port_changed(g->ports[i]->node, g->ports[i]);
	}
}

static bool
cable_pulled(struct sim *s, int64_t *settle)
{
	struct segment *g = some_segment(s);
	if (!g || !g->ports[0]->up)
		return false;
	carrier(g, false);
	(void)settle;
	return true;
}

static bool
cables_back(struct sim *s, int64_t *settle)
{
	bool any = false;
	for (size_t i = 0; i < s->seg_count; i++)
		for (size_t k = 0; k < s->segs[i].port_count; k++)
			if (!s->segs[i].ports[k]->up) {
				carrier(&s->segs[i], true);
				any = true;
			}
	*settle = LONG_SETTLE;
	return any;
}

static bool
one_port_down(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	struct port *p = &n->ports[prng_below(&s->rng, (uint32_t)n->port_count)];
	if (!p->up || p->kind == PORT_LOOPBACK)
		return false;
	p->up = false;
	node_port_changed(n, p);
	*settle = LONG_SETTLE;
	return true;
}

static bool
flapping(struct sim *s, int64_t *settle)
{
	struct segment *g = some_segment(s);
	if (!g || !g->ports[0]->up)
		return false;
	for (int i = 0; i < 4; i++) {
		carrier(g, false);
		clock_run(s, s->now + prng_below(&s->rng, 3000) * TIME_MS);
		carrier(g, true);
		clock_run(s, s->now + prng_below(&s->rng, 3000) * TIME_MS);
	}
	*settle = LONG_SETTLE;
	return true;
}

static bool
silent_cut(struct sim *s, int64_t *settle)
{
	struct segment *g = some_segment(s);
	if (!g || g->cut)
		return false;
	g->cut = true;
	*settle = LONG_SETTLE;
	return true;
}

static bool
silent_port(struct sim *s, int64_t *settle)
{
	struct segment *g = some_segment(s);
	if (!g)
		return false;
	struct port *p = g->ports[prng_below(&s->rng, (uint32_t)g->port_count)];
	p->silent = !p->silent;
	*settle = LONG_SETTLE;
	return true;
}

/* Everything between two random halves, at once. */
static bool
partition(struct sim *s, int64_t *settle)
{
	if (s->node_count < 3)
		return false;
	uint64_t side = prng_u64(&s->rng);
	for (size_t i = 0; i < s->seg_count; i++) {
		struct segment *g = &s->segs[i];
		bool left = false, right = false;
		for (size_t k = 0; k < g->port_count; k++) {
			bool r = side >> (g->ports[k]->node->index % 64) & 1;
			left |= !r;
			right |= r;
		}
		g->cut |= left && right;
	}
	*settle = LONG_SETTLE;
	return true;
}

static bool
cuts_mended(struct sim *s, int64_t *settle)
{
	bool any = false;
	for (size_t i = 0; i < s->seg_count; i++) {
		any |= s->segs[i].cut;
		s->segs[i].cut = false;
		for (size_t k = 0; k < s->segs[i].port_count; k++) {
			any |= s->segs[i].ports[k]->silent;
			s->segs[i].ports[k]->silent = false;
		}
	}
	*settle = LONG_SETTLE;
	return any;
}

static bool
power_cut(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	if (!n->o)
		return false;
	node_kill(n);
	*settle = LONG_SETTLE;
	return true;
}

static bool
power_cycle(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	if (!n->o)
		return false;
	node_kill(n);
	clock_run(s, s->now + prng_below(&s->rng, 60) * TIME_SEC);
	node_start(n);
	*settle = LONG_SETTLE;
	return true;
}

static bool
orderly_stop(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	if (!n->o)
		return false;
	node_shutdown(n);
	*settle = LONG_SETTLE; /* on a LAN the others' DR may have gone with it */
	return true;
}

static bool
power_back(struct sim *s, int64_t *settle)
{
	bool any = false;
	for (size_t i = 0; i < s->node_count; i++)
		if (!s->nodes[i].o) {
			node_start(&s->nodes[i]);
			any = true;
		}
	*settle = LONG_SETTLE;
	return any;
}

static bool
ospfd_killed(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	if (!n->o)
		return false;
	node_ospf_kill(n);
	clock_run(s, s->now + prng_below(&s->rng, 30000) * TIME_MS);
	node_ospf_start(n);
	*settle = LONG_SETTLE;
	return true;
}

static bool
zebra_killed(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	if (!n->rib)
		return false;
	node_zebra_kill(n);
	clock_run(s, s->now + prng_below(&s->rng, 5000) * TIME_MS);
	node_zebra_start(n);
	*settle = LONG_SETTLE;
	return true;
}

/* Nobody notices: it goes on where it was. */
static bool
bfdd_killed(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	(void)settle;
	if (!n->bfd)
		return false;
	node_bfd_restart(n);
	return true;
}

static bool
vrrpd_killed(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	(void)settle;
	if (!n->gate)
		return false;
	node_gate_kill(n);
	clock_run(s, s->now + prng_below(&s->rng, 3000) * TIME_MS);
	node_gate_start(n);
	return true;
}

/* A switch of hosts, or a port of it; silent or not. */
static bool
host_lan_cut(struct sim *s, int64_t *settle)
{
	for (uint32_t tries = 0; tries < 10; tries++) {
		struct segment *g = some_segment(s);
		if (!g || !g->hosts)
			continue;
		struct port *p = g->ports[prng_below(&s->rng, (uint32_t)g->port_count)];
		uint32_t how = prng_below(&s->rng, 3);
		s->moved++;
		*settle = LONG_SETTLE;
		if (how == 0)
			g->cut = !g->cut;
		else if (how == 1)
			p->silent = !p->silent;
		else
			p->up = !p->up;
		if (how == 2)
			node_port_changed(p->node, p);
		return true;
	}
	return false;
}

static bool
cleared(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	if (!n->o)
		return false;
	if (prng_below(&s->rng, 2))
		ospf_clear_process(n->o, s->now);
	else
		ospf_clear_neighbor(n->o, 0, s->now);
	node_wake(n);
	*settle = LONG_SETTLE;
	return true;
}

static bool
cost_changed(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	(void)settle;
	for (size_t i = 1; i < n->port_count; i++)
		n->ports[i].cost = 1 + prng_below(&s->rng, 30);
	n->stub_router = prng_below(&s->rng, 8) == 0;
	n->max_paths = prng_below(&s->rng, 4) ? 64 : 1 + prng_below(&s->rng, 4);
	node_reconfigure(n);
	return true;
}

static bool
externals_changed(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	if (!n->ext_count)
		return false;
	struct ext *x = &n->exts[prng_below(&s->rng, (uint32_t)n->ext_count)];
	x->present = !x->present;
	node_ext_changed(n, x);
	(void)settle;
	return true;
}

static bool
redistribution_changed(struct sim *s, int64_t *settle)
{
	struct node *n = some_node(s);
	struct ext_conf *c = &n->redist[OSPF_SRC_STATIC + prng_below(&s->rng, 2)];
	c->on = !c->on;
	c->type = (uint8_t)(1 + prng_below(&s->rng, 2));
	c->metric = 1 + prng_below(&s->rng, 50);
	node_reconfigure(n);
	(void)settle;
	return true;
}

/* LSAs are refreshed, and those of routers that are gone reach MaxAge. */
static bool
hours_pass(struct sim *s, int64_t *settle)
{
	if (s->node_count > 12 || s->bfd)
		return false; /* too many packets */
	clock_run(s, s->now + (3700 + prng_below(&s->rng, 4000)) * TIME_SEC);
	(void)settle;
	return true;
}

static bool
bad_weather(struct sim *s, int64_t *settle)
{
	s->loss = 50 + prng_below(&s->rng, 300);
	s->dup = prng_below(&s->rng, 100);
	s->reorder = prng_below(&s->rng, 300);
	clock_run(s, s->now + (10 + prng_below(&s->rng, 60)) * TIME_SEC);
	*settle = LONG_SETTLE;
	return true;
}

static const struct happening happenings[] = {
	{ "cable pulled", 6, cable_pulled },
	{ "cables back", 4, cables_back },
	{ "one port down", 3, one_port_down },
	{ "flapping", 2, flapping },
	{ "silent cut", 4, silent_cut },
	{ "silent port", 3, silent_port },
	{ "partition", 2, partition },
	{ "cuts mended", 4, cuts_mended },
	{ "power cut", 3, power_cut },
	{ "power cycle", 4, power_cycle },
	{ "orderly stop", 3, orderly_stop },
	{ "power back", 4, power_back },
	{ "ospfd killed", 3, ospfd_killed },
	{ "zebra killed", 3, zebra_killed },
	{ "bfdd killed", 4, bfdd_killed },
	{ "vrrpd killed", 4, vrrpd_killed },
	{ "LAN of hosts cut", 4, host_lan_cut },
	{ "cleared", 2, cleared },
	{ "cost changed", 3, cost_changed },
	{ "externals changed", 4, externals_changed },
	{ "redistribution changed", 2, redistribution_changed },
	{ "bad weather", 3, bad_weather },
	{ "hours pass", 2, hours_pass },
};
#define HAPPENINGS (sizeof(happenings) / sizeof(happenings[0]))

static const struct happening *
some_happening(struct sim *s)
{
	uint32_t total = 0;
	for (size_t i = 0; i < HAPPENINGS; i++)
		total += happenings[i].weight;
	uint32_t at = prng_below(&s->rng, total);
	size_t i = 0;
	while (at >= happenings[i].weight)
		at -= happenings[i++].weight;
	return &happenings[i];
}

int64_t
chaos_step(struct sim *s, char *what, size_t size)
{
	int64_t settle = 40 * TIME_SEC;
	uint32_t count = 1 + prng_below(&s->rng, 3);
	what[0] = 0;
	for (uint32_t done = 0, tries = 0; done < count && tries < 40; tries++) {
		const struct happening *h = some_happening(s);
		if (!h->happen(s, &settle))
			continue;
		size_t len = strlen(what);
		snprintf(what + len, size - len, "%s%s", done ? ", " : "", h->name);
		done++;
		clock_run(s, s->now + prng_below(&s->rng, 4) * prng_below(&s->rng, 2000) * TIME_MS);
	}
	return settle;
}

void
chaos_calm(struct sim *s)
{
	s->loss = s->dup = s->reorder = 0;
}
