/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is an alternate (RFC 5286) what it claims to be? Not by its inequalities but by walking: a packet handed
 * to the neighbour follows every equal path of every router, and must never come back, nor cross the shared
 * network or the neighbour that it is to survive. And where none was given, no neighbour would have done.
 */
#include <string.h>

#include "lib/mem.h"
#include "tests/sim/sim.h"

enum { LINK = 2, NODE = 1 }; /* survived; the sum is the merit */

#define NO_TRANSIT 65535 /* RFC 5286 3.5 */

struct walk {
	const struct oracle *o;
	size_t prefix;
	const struct node *source;
	bool *seen;    /* by node */
	bool returned; /* to the source */
	const struct segment *network;
	bool crossed;  /* the network */
};

struct shared { /* what all primary legs have in common */
	const struct port *port;      /* NULL: nothing */
	const struct node *neighbour; /* NULL: nothing, or not known */
};

static struct port *
port_of(const struct node *n, uint32_t ifindex)
{
	for (size_t i = 0; i < n->port_count; i++)
		if (n->ports[i].ifindex == ifindex)
			return (struct port *)(uintptr_t)&n->ports[i];
	return NULL;
}

/* Who has this address on the other side; NULL: nobody of the model. */
static const struct node *
behind(const struct port *p, const struct ipaddr *gateway)
{
	for (size_t i = 0; p && p->seg && i < p->seg->port_count; i++)
		if (p->seg->ports[i] != p && !ipaddr_cmp(&p->seg->ports[i]->addr, gateway))
			return p->seg->ports[i]->node;
	return NULL;
}

/* It has a static or kernel route of its own, which its zebra prefers. */
static bool
redistributes(const struct node *n, const struct prefix *p)
{
	for (size_t i = 0; i < n->ext_count; i++)
		if (node_ext_active(n, &n->exts[i]) && prefix_equal(&n->exts[i].prefix, p))
			return true;
	return false;
}

static void
visit(struct walk *w, const struct node *n)
{
	struct oracle_route r;
	w->returned |= n == w->source;
	if (n == w->source || w->seen[n->index])
		return;
	w->seen[n->index] = true;
	if (!oracle_route_uncut(w->o, n, w->prefix, &r) || redistributes(n, &r.route.prefix))
		return;
	for (size_t i = 0; i < r.leg_count; i++) {
		const struct port *p = port_of(n, r.legs[i].ifindex);
		const struct node *next = behind(p, &r.legs[i].gateway);
		w->crossed |= w->network && p->seg == w->network;
		if (next)
			visit(w, next);
	}
}

static struct shared
shared_by(const struct node *n, const struct oracle_route *primary)
{
	struct shared s = { port_of(n, primary->legs[0].ifindex), NULL };
	s.neighbour = behind(s.port, &primary->legs[0].gateway);
	for (size_t i = 1; i < primary->leg_count; i++) {
		if (s.neighbour != behind(port_of(n, primary->legs[i].ifindex), &primary->legs[i].gateway))
			s.neighbour = NULL;
		if (s.port != port_of(n, primary->legs[i].ifindex))
			s.port = NULL;
	}
	return s;
}

static bool
costed_out(const struct port *p, const struct port *far)
{
	uint32_t back = oracle_link_cost(far);
	/* the far end's links to us are not told apart */
	for (size_t i = 0; p->seg->kind == SEG_P2P && i < far->node->port_count; i++) {
		const struct port *q = &far->node->ports[i];
		for (size_t k = 0; q->seg && q->seg->kind == SEG_P2P && oracle_on_air(q) && k < q->seg->port_count; k++)
			if (q->seg->ports[k]->node == p->node && oracle_on_air(q->seg->ports[k]) &&
			    oracle_link_cost(q) < back)
				back = oracle_link_cost(q);
	}
	return oracle_link_cost(p) >= NO_TRANSIT || back >= NO_TRANSIT;
}

/* What a neighbour survives as an alternate; 0: it is none. */
static int
merit(const struct oracle *o, size_t prefix, const struct shared *s, const struct port *p, const struct port *far)
{
	const struct sim *sim = p->node->sim;
	struct walk w = { .o = o, .prefix = prefix, .source = p->node,
		.network = s->port && s->port->seg->kind == SEG_LAN ? s->port->seg : NULL };
	int out = 0;
	if (costed_out(p, far))
		return 0;
	w.seen = mem_array(sim->node_count, sizeof(bool));
	visit(&w, far->node);
	if (!w.returned && s->port && s->port != p && !w.crossed)
		out |= LINK;
	if (!w.returned && s->neighbour && !w.seen[s->neighbour->index])
		out |= NODE;
	mem_free(w.seen);
	return out;
}

static bool
is_primary(const struct oracle_route *primary, const struct port *p, const struct port *far)
{
	for (size_t i = 0; i < primary->leg_count; i++)
		if (primary->legs[i].ifindex == p->ifindex && !ipaddr_cmp(&primary->legs[i].gateway, &far->addr))
			return true;
	return false;
}

/* The best merit of all neighbours; of `alt` alone if it is given. */
static int
best_merit(const struct oracle *o, const struct node *n, size_t prefix, const struct oracle_route *primary,
	const struct ospf_leg *alt)
{
	struct shared s = shared_by(n, primary);
	int best = 0;
	for (size_t i = 0; i < n->port_count; i++) {
		const struct port *p = &n->ports[i];
		if (p->kind != PORT_SEGMENT || !oracle_on_air(p) ||
		    (p->seg->kind == SEG_LAN && !oracle_transit(o, p->seg)))
			continue;
		for (size_t k = 0; k < p->seg->port_count; k++) {
			const struct port *far = p->seg->ports[k];
			bool other = alt && (alt->ifindex != p->ifindex || ipaddr_cmp(&alt->gateway, &far->addr));
			if (far == p || !oracle_on_air(far) || other || is_primary(primary, p, far))
				continue;
			int m = merit(o, prefix, &s, p, far);
			best = m > best ? m : best;
		}
	}
	return best;
}

bool
alternates_check(struct sim *s, const struct oracle *o, const struct node *n, size_t prefix,
	const struct oracle_route *primary, const struct ospf_leg *alt)
{
	char p[PREFIX_STRLEN], a[IPADDR_STRLEN];
	const struct prefix *name = &primary->route.prefix;
	if (alt && !s->lfa)
		return check_fail(s, "r%u: %s has an alternate", n->index, prefix_print(name, p));
	if (!s->lfa || redistributes(n, name))
		return true;
	int have = alt ? best_merit(o, n, prefix, primary, alt) : 0;
	if (alt && !have)
		return check_fail(s, "r%u: the alternate of %s via p%u/%s protects nothing", n->index,
			prefix_print(name, p), alt->ifindex, ipaddr_print(&alt->gateway, a));
	/* where a static route of some router may divert the walk, more is possible than OSPF can know */
	if (primary->route.path_type != OSPF_PATH_INTRA || oracle_places(o, prefix) > 16)
		return true;
	for (size_t i = 0; i < s->node_count; i++)
		if (redistributes(&s->nodes[i], name))
			return true;
	int best = best_merit(o, n, prefix, primary, NULL);
	if (have == best)
		return true;
	return check_fail(s, "r%u: the alternate of %s via p%u/%s has merit %d, one has %d", n->index,
		prefix_print(name, p), alt ? alt->ifindex : 0, alt ? ipaddr_print(&alt->gateway, a) : "-", have, best);
}
