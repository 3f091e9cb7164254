/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links and LANs: a packet takes the segment's delay, and may be lost, come twice, or be late, so that
 * others overtake it.
 * Every packet sent enters the run's hash: equal seeds must send equal octets at equal times.
 */
#include "tests/sim/bfd.h"
#include "tests/sim/gate.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define OVERTAKE (30 * TIME_MS) /* a reordered packet is late by up to this */

static bool
on_air(const struct port *p)
{
	return p->up && !p->silent;
}

static bool
alive(const struct port *p)
{
	return p->node->o && on_air(p);
}

bool
net_hears(const struct port *a, const struct port *b)
{
	return a->seg && a->seg == b->seg && !a->seg->cut && alive(a) && alive(b);
}

static void
deliver(struct sim *s, struct event *e)
{
	struct port *to = e->port;
	struct node *n = to->node;
	if (!n->o || n->births != e->born || !alive(to) || to->seg->cut)
		return;
	if (ipaddr_is_multicast(&e->dst)) {
		bool all_d = (ipaddr_to_ip4(&e->dst) & 0xff) == 6; /* 224.0.0.6 */
		if (all_d ? !to->in_all_d : !to->in_all_spf)
			return;
	} else if (ipaddr_cmp(&e->dst, &to->addr)) {
		return;
	}
	ospf_packet_received(n->o, to->ifindex, &e->src, &e->dst, e->bytes, e->len, s->now);
	node_wake(n);
}

static void
deliver_bfd(struct sim *s, struct event *e)
{
	struct port *to = e->port;
	(void)s;
	if (on_air(to) && !to->seg->cut && !ipaddr_cmp(&e->dst, &to->addr) && e->born == to->node->bfd_births)
		vbfd_received(to->node, to, &e->src, &e->dst, e->bytes, e->len);
}

static void
deliver_vrrp(struct sim *s, struct event *e)
{
	struct port *to = e->port;
	(void)s;
	if (on_air(to) && !to->seg->cut && e->born == to->node->gate_births)
		gate_packet(to->node, to, &e->src, &e->dst, e->bytes, e->len);
}

static const struct {
	void (*deliver)(struct sim *s, struct event *e);
} protos[] = { [NET_OSPF] = { deliver }, [NET_BFD] = { deliver_bfd }, [NET_VRRP] = { deliver_vrrp } };

static uint32_t
births(const struct node *n, enum net_proto proto)
{
	return proto == NET_OSPF ? n->births : proto == NET_BFD ? n->bfd_births : n->gate_births;
}

static void
transmit(struct sim *s, struct port *to, enum net_proto proto, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	int64_t at = s->now + to->seg->delay;
	if (s->reorder && prng_below(&s->rng, 1000) < s->reorder)
		at += prng_below(&s->rng, OVERTAKE);
	struct event *e = event_new(s, at, protos[proto].deliver, bytes, len);
	e->port = to;
	e->born = births(to->node, proto);
	e->src = *src;
	e->dst = *dst;
	clock_push(s, e);
}

static void
hash_packet(struct sim *s, const struct port *from, const uint8_t *bytes, size_t len)
{
	uint64_t head[3] = { (uint64_t)s->now, from->node->index, from->ifindex };
	s->hash = XXH3_64bits_withSeed(head, sizeof(head), s->hash);
	s->hash = XXH3_64bits_withSeed(bytes, len, s->hash);
	s->packets++;
	s->octets += len;
}

/* With --trace: the LSAs of an update. */
static void
trace_update(const struct sim *s, const struct port *from, const uint8_t *b, size_t len)
{
	char id[IPADDR_STRLEN], adv[IPADDR_STRLEN];
	if (len < 28 || b[1] != 4)
		return;
	for (size_t at = 28; at + 20 <= len; at += (size_t)(b[at + 18] << 8 | b[at + 19])) {
		struct ipaddr i = ipaddr_from_bytes(AFI_IP4, b + at + 4), a = ipaddr_from_bytes(AFI_IP4, b + at + 8);
		printf("  %.6f r%u p%u sends type %u %s of %s seq %02x%02x%02x%02x age %u len %u\n",
			(double)s->now / 1e6, from->node->index, from->ifindex, b[at + 3], ipaddr_print(&i, id),
			ipaddr_print(&a, adv), b[at + 12], b[at + 13], b[at + 14], b[at + 15],
			b[at] << 8 | b[at + 1], b[at + 18] << 8 | b[at + 19]);
		if (!(b[at + 18] | b[at + 19]))
			return;
	}
}

void
net_send(struct port *from, enum net_proto proto, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	struct sim *s = from->node->sim;
	hash_packet(s, from, bytes, len);
	if (s->trace && proto == NET_OSPF)
		trace_update(s, from, bytes, len);
	if (!from->seg)
		return;
	for (size_t i = 0; i < from->seg->port_count; i++) {
		struct port *to = from->seg->ports[i];
		/* a dead ospfd hears nothing, the box does */
		if (to == from || from->seg->cut || !on_air(from) || !on_air(to))
			continue;
		if (s->loss && prng_below(&s->rng, 1000) < s->loss)
			continue;
		transmit(s, to, proto, src, dst, bytes, len);
		if (s->dup && prng_below(&s->rng, 1000) < s->dup)
			transmit(s, to, proto, src, dst, bytes, len);
	}
}
