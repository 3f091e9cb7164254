/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random topologies: a random tree of links and LANs, so that everything hangs together, then extra links;
 * costs from a small range, so that equal paths are common; stub networks, loopbacks, and routers
 * that redistribute, some of them the same prefix, some with a next hop on a LAN.
 */
#include <string.h>

#include "lib/mem.h"
#include "tests/sim/hosts.h"

static uint32_t
pick(struct sim *s, uint32_t limit)
{
	return prng_below(&s->rng, limit);
}

static uint32_t
random_cost(struct sim *s)
{
	static const uint32_t some[] = { 1, 1, 2, 5, 10, 10, 10, 20, 100, 1000, 65535 };
	return some[pick(s, pick(s, 8) ? 9 : 11)];
}

static void
segment_join(struct sim *s, struct segment *g, size_t seg_index, struct node *n)
{
	if (n->port_count >= PORTS_MAX - 4 || g->port_count >= 16)
		return;
	struct port *p = node_add_port(n, PORT_SEGMENT, g);
	uint32_t place = (uint32_t)g->port_count; /* 1.. */
	p->cost = random_cost(s);
	if (g->kind == SEG_LAN) {
		p->addr = ipaddr_from_ip4(0x0a800000u + ((uint32_t)seg_index << 8) + place);
		p->plen = 24;
		p->priority = (uint8_t)(pick(s, 4) ? 1 + pick(s, 2) : 0);
	} else {
		p->addr = ipaddr_from_ip4(0x0a000000u + ((uint32_t)seg_index << 2) + place);
		p->plen = 30;
	}
}

static struct segment *
segment_new(struct sim *s, uint8_t kind)
{
	struct segment *g = &s->segs[s->seg_count++];
	*g = (struct segment){ .kind = kind, .delay = 50 + pick(s, 3000),
		.auth = (uint8_t)(pick(s, 4) ? OSPF_AUTH_NONE : OSPF_AUTH_SIMPLE + pick(s, 2)),
		.fast = s->node_count < 30 && pick(s, 8) == 0, .bfd = s->bfd && pick(s, 4) };
	return g;
}

/* Parallel links too: r1 and r2 may have been joined already. */
static void
link_two(struct sim *s, struct node *a, struct node *b)
{
	if (a == b || a->port_count >= PORTS_MAX - 4 || b->port_count >= PORTS_MAX - 4)
		return;
	struct segment *g = segment_new(s, SEG_P2P);
	size_t index = (size_t)(g - s->segs);
	segment_join(s, g, index, a);
	segment_join(s, g, index, b);
	if (pick(s, 5) == 0) /* unnumbered: on the loopback's address */
		for (int i = 0; i < 2; i++) {
			g->ports[i]->unnumbered = true;
			g->ports[i]->addr = g->ports[i]->node->ports[0].addr;
			g->ports[i]->plen = 32;
		}
}

static void
lan_of(struct sim *s, struct node *first, struct node *second, uint32_t size)
{
	struct segment *g = segment_new(s, SEG_LAN);
	size_t index = (size_t)(g - s->segs);
	segment_join(s, g, index, first);
	segment_join(s, g, index, second);
	for (uint32_t i = 2; i < size; i++) {
		struct node *n = &s->nodes[pick(s, (uint32_t)s->node_count)];
		bool there = false;
		for (size_t k = 0; k < g->port_count; k++)
			there |= g->ports[k]->node == n;
		if (!there)
			segment_join(s, g, index, n);
	}
}

static void
add_stubs(struct sim *s, struct node *n)
{
	uint32_t count = pick(s, 3);
	for (uint32_t i = 0; i < count; i++) {
		struct port *p = node_add_port(n, PORT_STUB, NULL);
		/* sometimes an anycast network that several routers have */
		uint32_t net = pick(s, 6) ? (n->index << 4) + i : 0xff00 + pick(s, 3);
		p->addr = ipaddr_from_ip4(0xac000000u + (net << 8) + 1);
		p->plen = 24;
		p->cost = random_cost(s);
	}
}

static void
add_externals(struct sim *s, struct node *n)
{
	static const uint32_t metrics[] = { 1, 20, 20, 100 };
	if (pick(s, 3) == 0)
		return;
	for (unsigned src = OSPF_SRC_STATIC; src <= OSPF_SRC_KERNEL; src++)
		n->redist[src] = (struct ext_conf){ .on = pick(s, 4) != 0, .metric = metrics[pick(s, 4)],
			.tag = pick(s, 3), .type = (uint8_t)(src == OSPF_SRC_STATIC ? 2 : 1 + pick(s, 2)) };
	if (pick(s, 4) == 0) { /* default-information originate */
		n->redist[OSPF_SRC_DEFAULT] = (struct ext_conf){ .on = true, .always = pick(s, 2),
			.metric = metrics[pick(s, 4)], .type = (uint8_t)(1 + pick(s, 2)) };
		n->exts[n->ext_count++] = (struct ext){ .prefix = { .afi = AFI_IP4 },
			.source = OSPF_SRC_DEFAULT, .present = pick(s, 2) };
	}
	for (uint32_t count = pick(s, EXTS_MAX); count > 0; count--) {
		/* few networks and lengths: many meet, some with the same address (appendix E) */
		uint32_t net = pick(s, 12);
		unsigned len = pick(s, 3) ? 24 : 16 + pick(s, 8);
		struct prefix prefix = prefix_from_ip4((0xc0a80000u + (net << 8)) & ip4_mask(len), len);
		bool there = false; /* one route per prefix, as zebra would tell it */
		for (size_t k = 0; k < n->ext_count; k++)
			there |= prefix_equal(&n->exts[k].prefix, &prefix);
		if (there)
			continue;
		struct ext *x = &n->exts[n->ext_count++];
		x->prefix = prefix;
		x->source = (uint8_t)(OSPF_SRC_STATIC + pick(s, 2));
		x->present = true;
		struct port *p = &n->ports[pick(s, (uint32_t)n->port_count)];
		if (p->seg && p->seg->kind == SEG_LAN && pick(s, 2)) {
			x->port = p;
			x->gateway = ipaddr_from_ip4((ipaddr_to_ip4(&p->addr) & 0xffffff00u) + 250);
		}
	}
}

void
topo_random(struct sim *s, uint32_t max_routers)
{
	/* small ones are quick and find most; every size up to the largest comes */
	uint32_t n = 2 + pick(s, 2 + pick(s, max_routers - 1));
	if (n > max_routers)
		n = max_routers;
	s->lfa = s->seed % 2;
	s->until_ready = s->gateways || s->seed % 3 != 0;
	s->node_count = n;
	s->bfd = s->zebra && n <= 16 && pick(s, 2); /* many packets */
	s->nodes = mem_array(n, sizeof(*s->nodes));
	s->segs = mem_array(4 * (size_t)n + 8, sizeof(*s->segs));
	for (uint32_t i = 0; i < n; i++) {
		struct node *x = node_init(s, i);
		x->router_id = 0x01000001u + (i * 7919u % 65521u);
		x->max_paths = pick(s, 5) ? 64 : 1 + pick(s, 3);
		x->stub_router = pick(s, 15) == 0;
		struct port *lo = node_add_port(x, PORT_LOOPBACK, NULL);
		lo->addr = ipaddr_from_ip4(0x0aff0000u + i + 1);
		lo->plen = 32;
	}
	for (uint32_t i = 1; i < n; i++) {
		struct node *far = &s->nodes[pick(s, i)];
		if (pick(s, 4))
			link_two(s, &s->nodes[i], far);
		else
			lan_of(s, &s->nodes[i], far, 2 + pick(s, 4));
	}
	for (uint32_t i = pick(s, n + 1); i > 0; i--)
		link_two(s, &s->nodes[pick(s, n)], &s->nodes[pick(s, n)]);
	for (uint32_t i = 0; i < n; i++) {
		add_stubs(s, &s->nodes[i]);
		add_externals(s, &s->nodes[i]);
	}
	if (s->gateways)
		hosts_topology(s);
}

void
sim_free(struct sim *s)
{
	for (size_t i = 0; i < s->node_count; i++)
		node_kill(&s->nodes[i]);
	clock_clear(s);
	for (size_t i = 0; i < s->seg_count; i++)
		mem_free(s->segs[i].hosts);
	mem_free(s->nodes);
	mem_free(s->segs);
}
