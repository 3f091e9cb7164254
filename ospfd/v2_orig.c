/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What OSPFv2 puts into its own LSAs (RFC 2328 12.4). */
#include "ospfd/lan.h"
#include "ospfd/nbr.h"
#include "ospfd/v2.h"

#define MAX_LINK_METRIC 0xffff /* RFC 6987: the links of a stub router */

uint32_t
v2_options(const struct area *a)
{
	return (a->type == OSPF_AREA_NORMAL ? OPT_E : 0) | (a->o->conf->opaque ? OPT_O : 0);
}

static uint8_t
lsa_options(const struct area *a)
{
	return (uint8_t)(v2_options(a) & ~(uint32_t)OPT_O);
}

bool
v2_is_ours(const struct ospf *o, const struct lsa_hdr *h)
{
	/* RFC 2328 13.4 */
	if (h->key.adv == o->router_id)
		return true;
	if (h->key.type != V2_NETWORK)
		return false;
	for (const struct iface *i = iface_next(o, NULL); i; i = iface_next(o, i))
		if (ipaddr_to_ip4(&i->addr) == h->key.id)
			return true; /* made under an earlier router ID of ours */
	return false;
}

/* --- router LSA, 12.4.1
 * --------------------------------------------------------------------------- */
struct router_lsa {
	struct wire_writer *w;
	const struct ospf_lan *lan; /* of the link whose entries are written */
	uint16_t links;
	bool stub_router, starting;
};

static void
add_link(struct router_lsa *r, uint8_t type, uint32_t id, uint32_t data, uint32_t metric)
{
	bool gone = ospf_lan_fate(r->lan) == LAN_WITHDRAWN;
	if (gone && type == V2_LINK_STUB)
		return;
	if (type == V2_LINK_STUB || type == V2_LINK_TRANSIT)
		metric = gone ? MAX_LINK_METRIC : ospf_lan_cost(r->lan, metric, MAX_LINK_METRIC);
	if (r->starting || (r->stub_router && type != V2_LINK_STUB))
		metric = MAX_LINK_METRIC;
	v2_link_put(
		&(struct v2_link){.id = id, .data = data, .type = type, .metric = (uint16_t)metric},
		r->w);
	r->links++;
}

static void
add_stub(struct router_lsa *r, const struct ipaddr *addr, unsigned plen, uint32_t metric)
{
	uint32_t mask = ip4_mask(plen);
	add_link(r, V2_LINK_STUB, ipaddr_to_ip4(addr) & mask, mask, metric);
}

/* 12.4.1.1 */
static void
point_to_point_links(struct router_lsa *r, const struct iface *i)
{
	const struct nbr *n;
	uint32_t data = i->unnumbered ? iface_ifindex(i) : ipaddr_to_ip4(&i->addr);
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (nbr_is_advertised(n))
			add_link(r, V2_LINK_P2P, n->router_id, data, i->p.cost);
	if (i->p.net_type == OSPF_NET_P2MP)
		add_stub(r, &i->addr, 32, 0); /* 12.4.1.4 */
	else if (i->peer.afi == AFI_IP4)
		add_stub(r, &i->peer, i->plen, i->p.cost);
	else if (!i->unnumbered)
		add_stub(r, &i->addr, i->plen, i->p.cost);
}

static bool
full_with_dr(const struct iface *i)
{
	const struct nbr *n;
	if (iface_state(i) == ISM_DR)
		return iface_network_lsa_nbrs(i) > 0;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (nbr_is_advertised(n) && ipaddr_to_ip4(&n->addr) == i->dr)
			return true;
	return false;
}

/* 12.4.1.2 */
static void
broadcast_links(struct router_lsa *r, const struct iface *i)
{
	if (iface_state(i) != ISM_WAITING && i->dr && full_with_dr(i))
		add_link(r, V2_LINK_TRANSIT, i->dr, ipaddr_to_ip4(&i->addr), i->p.cost);
	else
		add_stub(r, &i->addr, i->plen, i->p.cost);
}

static void
iface_links(struct router_lsa *r, const struct iface *i)
{
	switch (iface_state(i)) {
	case ISM_DOWN:
	case ISM_STATES:
		break;
	case ISM_LOOPBACK: /* 12.4.1.3 */
		add_stub(r, &i->addr, 32, i->p.cost);
		break;
	case ISM_P2P:
		point_to_point_links(r, i);
		break;
	case ISM_WAITING:
	case ISM_DROTHER:
	case ISM_BACKUP:
	case ISM_DR:
		broadcast_links(r, i);
		break;
	}
}

void
v2_router_put(const struct area *a, struct own_lsa *out)
{
	const struct ospf *o = a->o;
	struct router_lsa r = { .w = &out->w, .stub_router = o->stub_router, .starting = o->stub_networks };
	out->key = (struct lsa_key){ .type = V2_ROUTER, .id = o->router_id, .adv = o->router_id };
	out->options = lsa_options(a);
	wire_put_u8(&out->w, o->asbr ? RTR_E : 0);
	wire_put_u8(&out->w, 0);
	wire_put_u16(&out->w, 0);
	const struct iface *i;
	TAILQ_FOREACH(i, &a->ifaces, entry) {
		r.lan = &i->link->lan;
		iface_links(&r, i);
	}
	wire_patch_u16(&out->w, 2, r.links);
}

/* 12.4.2 */
void
v2_network_put(const struct iface *i, struct own_lsa *out)
{
	const struct ospf *o = iface_ospf(i);
	const struct nbr *n;
	out->key = (struct lsa_key){ .type = V2_NETWORK, .id = ipaddr_to_ip4(&i->addr),
		.adv = o->router_id };
	out->options = lsa_options(i->area);
	wire_put_u32(&out->w, ip4_mask(i->plen));
	wire_put_u32(&out->w, o->router_id);
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (nbr_is_advertised(n))
			wire_put_u32(&out->w, n->router_id);
}

/* 12.4.4 */
void
v2_external_put(
	const struct ospf *o, uint32_t lsid, const struct orig_external *e, struct own_lsa *out)
{
	out->key = (struct lsa_key){ .type = V2_EXTERNAL, .id = lsid, .adv = o->router_id };
	out->options = OPT_E;
	wire_put_u32(&out->w, ip4_mask(e->prefix.len));
	wire_put_u8(&out->w, e->type2 ? 0x80 : 0);
	wire_put_u24(&out->w, e->metric > LSA_INFINITY ? LSA_INFINITY : e->metric);
	wire_put_u32(&out->w, ipaddr_to_ip4(&e->forward));
	wire_put_u32(&out->w, e->tag);
}
