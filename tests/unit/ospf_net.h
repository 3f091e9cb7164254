/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A few OSPF cores joined in memory, in virtual time: segments that carry every packet after a
 * millisecond to all other ports, may lose some of them by a seed, and can be cut.
 */
#ifndef GREVY_TESTS_OSPF_NET_H
#define GREVY_TESTS_OSPF_NET_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "ospfd/flood.h"
#include "ospfd/nbr.h"
#include "ospfd/orig.h"

#define NET_ROUTERS 12
#define NET_PORTS   40

struct net_packet {
	struct net_packet *next;
	int64_t due;
	unsigned router;
	uint32_t ifindex;
	struct ipaddr src, dst;
	size_t len;
	uint8_t bytes[];
};
struct net_port {
	unsigned router, segment;
	uint32_t ifindex;
	struct ipaddr addr;
};
struct net;
struct net_router {
	struct net *net;
	unsigned index;
	struct ospf *o;
	struct ospf_config *conf; /* template of what was last given */
	uint64_t events[OSPF_EV_COUNT];
	struct ospf_event last_drop;
	uint64_t sent[PKT_TYPES];
	size_t full_losses; /* neighbours that left Full */
	const char *last_loss; /* why */
	void (*bfd_want)(struct net_router *r, const struct ipaddr *local, const struct ipaddr *peer,
		const struct ospf_bfd_params *params, bool want); /* a test's own, may be NULL */
	void (*routes)(struct net_router *r, const struct ospf_route_batch *b); /* the same */
	void *test;
};
struct net {
	int64_t now;
	struct prng prng;
	unsigned loss_percent;
	struct net_router routers[NET_ROUTERS];
	unsigned router_count;
	struct net_port ports[NET_PORTS];
	unsigned port_count;
	bool cut[64]; /* by segment */
	struct net_packet *queue;
	/* may change or swallow a packet on the wire: returns false to drop it */
	bool (*meddle)(struct net *n, struct net_packet *p);
};

static void
net_send(void *arg, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	struct net_router *r = arg;
	struct net *n = r->net;
	const struct net_port *from = NULL;
	r->sent[bytes[1] < PKT_TYPES ? bytes[1] : 0]++;
	for (unsigned i = 0; i < n->port_count; i++)
		if (n->ports[i].router == r->index && n->ports[i].ifindex == ifindex)
			from = &n->ports[i];
	for (unsigned i = 0; from && i < n->port_count; i++) {
		const struct net_port *to = &n->ports[i];
		if (to == from || to->segment != from->segment || n->cut[from->segment] ||
			(!ipaddr_is_multicast(dst) && ipaddr_cmp(dst, &to->addr) != 0) ||
			prng_below(&n->prng, 100) < n->loss_percent)
			continue;
		struct net_packet *p = mem_zalloc(sizeof(*p) + len), **at = &n->queue;
		*p = (struct net_packet){ .due = n->now + TIME_MS, .router = to->router,
			.ifindex = to->ifindex, .src = *src, .dst = *dst, .len = len };
		memcpy(p->bytes, bytes, len);
		while (*at && (*at)->due <= p->due)
			at = &(*at)->next;
		p->next = *at;
		*at = p;
	}
}

static void
net_notify(void *arg, const struct ospf_event *ev)
{
	struct net_router *r = arg;
	r->events[ev->kind]++;
	if (ev->kind == OSPF_EV_PACKET_DROPPED || ev->kind == OSPF_EV_LSA_DROPPED)
		r->last_drop = *ev;
	if (ev->kind == OSPF_EV_NBR_STATE && ev->old == NSM_FULL) {
		r->full_losses++;
		r->last_loss = ev->text;
	}
}

static void
net_membership(void *arg, uint32_t ifindex, const struct ipaddr *group, bool join)
{
	(void)arg;
	(void)ifindex;
	(void)group;
	(void)join;
}

static void
net_routes(void *arg, const struct ospf_route_batch *batch)
{
	struct net_router *r = arg;
	if (r->routes)
		r->routes(r, batch);
}

static void
net_bfd_want(void *arg, uint32_t ifindex, const struct ipaddr *local, const struct ipaddr *peer,
	const struct ospf_bfd_params *params, bool want)
{
	struct net_router *r = arg;
	(void)ifindex;
	if (r->bfd_want)
		r->bfd_want(r, local, peer, params, want);
}

static const struct ospf_ops net_ops = { .send = net_send, .notify = net_notify,
	.membership = net_membership, .routes = net_routes, .bfd_want = net_bfd_want };

static inline struct net *
net_new(uint64_t seed)
{
	struct net *n = mem_zalloc(sizeof(*n));
	n->now = 100 * TIME_SEC;
	prng_seed(&n->prng, seed);
	return n;
}

static inline void
net_free(struct net *n)
{
	struct net_packet *p;
	for (unsigned i = 0; i < n->router_count; i++)
		ospf_free(n->routers[i].o);
	while ((p = n->queue) != NULL) {
		n->queue = p->next;
		mem_free(p);
	}
	mem_free(n);
}

/* A config that runs everything in area 0. */
static inline struct ospf_config *
net_config(unsigned router)
{
	struct ospf_config *c = ospf_config_new();
	c->router_id = 0x01010101 * (router + 1);
	struct ospf_conf_network *all = ospf_config_add_network(c);
	all->prefix = prefix_from_ip4(0, 0);
	return c;
}

static inline unsigned
net_router(struct net *n)
{
	struct net_router *r = &n->routers[n->router_count];
	r->net = n;
	r->index = n->router_count;
	r->o = ospf_new(&ospf_v2, &net_ops, r, 1000 + n->router_count, n->now);
	return n->router_count++;
}

/* eth<segment> of the router: 10.0.<segment>.<router + 1>/24 */
static inline void
net_link_set(struct net *n, unsigned router, unsigned segment, bool up)
{
	struct ospf_link l = { .ifindex = segment + 1, .up = up, .multicast = true, .mtu = 1500,
		.bandwidth_kbit = 1000000 };
	snprintf(l.name, sizeof(l.name), "eth%u", segment);
	ospf_link_changed(n->routers[router].o, &l, n->now);
}

static inline void
net_attach(struct net *n, unsigned router, unsigned segment)
{
	struct net_port *p = &n->ports[n->port_count++];
	*p = (struct net_port){ .router = router, .segment = segment, .ifindex = segment + 1 };
	p->addr = ipaddr_from_ip4(0x0a000000 | segment << 8 | (router + 1));
	net_link_set(n, router, segment, true);
	ospf_address_changed(n->routers[router].o, segment + 1, &p->addr, 24, NULL, true, n->now);
}

static inline void
net_configure(struct net *n, unsigned router, struct ospf_config *c)
{
	ospf_config_sort(c);
	ospf_reconfigure(n->routers[router].o, c, n->now);
}

static inline void
net_deliver(struct net *n)
{
	struct net_packet *p = n->queue;
	n->queue = p->next;
	if (!n->meddle || n->meddle(n, p))
		ospf_packet_received(n->routers[p->router].o, p->ifindex, &p->src, &p->dst,
			p->bytes, p->len, n->now);
	mem_free(p);
}

static inline void
net_run(struct net *n, int64_t duration)
{
	int64_t end = n->now + duration;
	for (;;) {
		int64_t next = n->queue ? n->queue->due : TIME_NEVER;
		for (unsigned i = 0; i < n->router_count; i++) {
			int64_t d = ospf_next_deadline(n->routers[i].o);
			next = d < next ? d : next;
		}
		if (next > end)
			break;
		n->now = next > n->now ? next : n->now;
		while (n->queue && n->queue->due <= n->now)
			net_deliver(n);
		for (unsigned i = 0; i < n->router_count; i++)
			if (ospf_next_deadline(n->routers[i].o) <= n->now)
				ospf_run_timers(n->routers[i].o, n->now);
	}
	n->now = end;
}

static inline struct nbr *
net_nbr(struct net *n, unsigned router, unsigned other)
{
	struct ospf *o = n->routers[router].o;
	for (struct nbr *x = ospf_nbr_next(o, NULL); x; x = ospf_nbr_next(o, x))
		if (x->router_id == 0x01010101 * (other + 1))
			return x;
	return NULL;
}

static inline enum nsm_state
net_state(struct net *n, unsigned router, unsigned other)
{
	const struct nbr *x = net_nbr(n, router, other);
	return x ? nbr_state(x) : NSM_DOWN;
}

static inline bool
net_db_equal(const struct lsdb *a, const struct lsdb *b)
{
	const struct lsa *x = lsdb_next(a, NULL), *y = lsdb_next(b, NULL);
	while (x && y) {
		if (lsa_key_cmp(&x->hdr.key, &y->hdr.key) != 0 || x->hdr.seq != y->hdr.seq ||
			x->hdr.cksum != y->hdr.cksum || x->maxage || y->maxage)
			return false;
		x = lsdb_next(a, &x->hdr.key);
		y = lsdb_next(b, &y->hdr.key);
	}
	return !x && !y;
}

/* All routers have the same databases (area 0 and AS scope) and owe each other nothing. */
static inline bool
net_settled(struct net *n)
{
	const struct ospf *first = n->routers[0].o;
	for (unsigned i = 0; i < n->router_count; i++) {
		const struct ospf *o = n->routers[i].o;
		const struct area *a = ospf_area_find(o, 0), *b = ospf_area_find(first, 0);
		if (!a || !b || !net_db_equal(&a->db, &b->db) ||
			!net_db_equal(&o->as_db, &first->as_db))
			return false;
		for (struct nbr *x = ospf_nbr_next(o, NULL); x; x = ospf_nbr_next(o, x))
			if (x->retrans_count || x->requests.count)
				return false;
	}
	return true;
}

/* Two point-to-point interfaces, eth0 and eth1. */
static inline struct ospf_config *
net_p2p_config(unsigned router)
{
	struct ospf_config *c = net_config(router);
	ospf_config_add_iface(c, "eth0")->net_type = OSPF_NET_P2P;
	ospf_config_add_iface(c, "eth1")->net_type = OSPF_NET_P2P;
	return c;
}

/* Routers in a row: each but the last shares a segment with the next. */
static inline struct net *
net_chain(unsigned routers, struct ospf_config *(*conf)(unsigned))
{
	struct net *n = net_new(7);
	for (unsigned i = 0; i < routers; i++) {
		net_router(n);
		if (i > 0)
			net_attach(n, i, i - 1);
		if (i + 1 < routers)
			net_attach(n, i, i);
		net_configure(n, i, conf(i));
	}
	return n;
}

#endif
