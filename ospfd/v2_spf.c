/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What OSPFv2 LSAs mean to the route calculation: vertices, links, prefixes, externals, summaries,
 * and the next hops behind our own links (RFC 2328 16.1.1).
 */
#include "lib/prefix.h"
#include "ospfd/nbr.h"
#include "ospfd/v2.h"

uint8_t
v2_router_flags(const struct lsa *l)
{
	return lsa_body(l)[0] & (RTR_B | RTR_E | RTR_V);
}

struct wire_reader
v2_links_begin(const struct lsa *l)
{
	/* a router's links follow flags and count; a network's routers follow the mask */
	return wire_reader(lsa_body(l) + 4, lsa_body_len(l) - 4);
}

static bool
router_link_next(struct wire_reader *r, struct spf_link *out)
{
	struct v2_link l;
	while (v2_link_get(r, &l)) {
		if (l.type == V2_LINK_STUB || l.type < V2_LINK_P2P || l.type > V2_LINK_VIRTUAL)
			continue;
		*out = (struct spf_link){
			.to = l.type == V2_LINK_TRANSIT ? VERTEX_NETWORK : VERTEX_ROUTER,
			.to_id = l.id,
			.cost = l.metric,
			.data = l.data,
			.virtual_link = l.type == V2_LINK_VIRTUAL,
			.point_to_point = l.type != V2_LINK_TRANSIT,
		};
		return true;
	}
	return false;
}

bool
v2_link_next(const struct lsa *l, struct wire_reader *r, struct spf_link *out)
{
	if (l->hdr.key.type == V2_ROUTER)
		return router_link_next(r, out);
	if (l->hdr.key.type != V2_NETWORK || wire_left(r) < 4)
		return false;
	*out = (struct spf_link){ .to = VERTEX_ROUTER, .to_id = wire_get_u32(r) };
	return true;
}

struct wire_reader
v2_prefixes_begin(const struct lsa *l)
{
	if (l->hdr.key.type == V2_ROUTER)
		return v2_links_begin(l);
	return wire_reader(lsa_body(l), 4); /* a network's own mask */
}

bool
v2_prefix_next(const struct lsa *l, struct wire_reader *r, struct spf_prefix *out)
{
	unsigned len;
	if (l->hdr.key.type == V2_NETWORK) {
		if (wire_left(r) < 4 || !ip4_mask_len(wire_get_u32(r), &len))
			return false;
		*out = (struct spf_prefix){ .prefix = prefix_from_ip4(l->hdr.key.id, len) };
		return true;
	}
	struct v2_link k;
	while (l->hdr.key.type == V2_ROUTER && v2_link_get(r, &k)) {
		if (k.type != V2_LINK_STUB || !ip4_mask_len(k.data, &len))
			continue;
		*out = (struct spf_prefix){
			.prefix = prefix_from_ip4(k.id, len), .metric = k.metric};
		return true;
	}
	return false;
}

bool
v2_external_get(const struct lsa *l, struct spf_external *out)
{
	/* RFC 2328 A.4.5; only TOS 0 */
	struct wire_reader r = wire_reader(lsa_body(l), lsa_body_len(l));
	unsigned len;
	if (!ip4_mask_len(wire_get_u32(&r), &len))
		return false;
	uint8_t e = wire_get_u8(&r);
	*out = (struct spf_external){
		.prefix = prefix_from_ip4(l->hdr.key.id, len),
		.metric = wire_get_u24(&r),
		.type2 = (e & 0x80) != 0,
	};
	uint32_t forward = wire_get_u32(&r);
	if (forward)
		out->forward = ipaddr_from_ip4(forward);
	out->tag = wire_get_u32(&r);
	return !r.bad;
}

bool
v2_summary_get(const struct lsa *l, struct spf_summary *out)
{
	struct wire_reader r = wire_reader(lsa_body(l), lsa_body_len(l));
	unsigned len;
	*out = (struct spf_summary){ 0 };
	uint32_t mask = wire_get_u32(&r);
	if (l->hdr.key.type == V2_ASBR)
		out->asbr = l->hdr.key.id;
	else if (ip4_mask_len(mask, &len))
		out->prefix = prefix_from_ip4(l->hdr.key.id, len);
	else
		return false;
	wire_skip(&r, 1);
	out->metric = wire_get_u24(&r);
	return !r.bad;
}

/* --- vertices -------------------------------------------------------------------------------- */
bool
v2_vertex_get(const struct lsa *l, struct spf_vertex *out)
{
	if (l->hdr.key.type != V2_ROUTER && l->hdr.key.type != V2_NETWORK)
		return false;
	*out = (struct spf_vertex){ .id = l->hdr.key.id,
		.kind = l->hdr.key.type == V2_ROUTER ? VERTEX_ROUTER : VERTEX_NETWORK };
	/* a router LSA whose ID is not its originator describes nobody */
	return out->kind == VERTEX_NETWORK || l->hdr.key.adv == l->hdr.key.id;
}

/*
 * A router has one LSA. A network is found by its link state ID alone; were there two (its router
 * has changed its ID), the one with the higher originator counts, on every router alike.
 */
const struct lsa *
v2_vertex_lsa(const struct lsdb *db, const struct spf_vertex *v, const struct lsa *after)
{
	if (after)
		return NULL;
	struct lsa_key key = { .type = V2_ROUTER, .id = v->id, .adv = v->id };
	if (v->kind == VERTEX_ROUTER) {
		const struct lsa *l = lsdb_find(db, &key);
		return lsa_usable(l) ? l : NULL;
	}
	const struct lsa *best = NULL;
	key = (struct lsa_key){ .type = V2_NETWORK, .id = v->id };
	for (const struct lsa *l = lsdb_find(db, &key); ; ) {
		if (lsa_usable(l))
			best = l;
		l = lsdb_next(db, l ? &l->hdr.key : &key);
		if (!l || l->hdr.key.type != V2_NETWORK || l->hdr.key.id != v->id)
			return best;
	}
}

#define UNNUMBERED_BELOW 0x01000000 /* link data: an ifindex, not an address (RFC 2328 A.4.2) */

const struct iface *
v2_link_iface(const struct area *a, uint32_t data, bool p2p)
{
	const struct iface *i;
	TAILQ_FOREACH(i, &a->ifaces, entry) {
		if (iface_state(i) == ISM_DOWN || iface_is_multiaccess(i) == p2p)
			continue;
		if (i->unnumbered && p2p ? iface_ifindex(i) == data
					 : ipaddr_to_ip4(&i->addr) == data)
			return i;
	}
	return NULL;
}

bool
v2_link_gateway(const struct iface *i, uint32_t router_id, uint32_t data, struct ipaddr *out)
{
	if (!iface_is_multiaccess(i)) {
		/* the neighbour itself knows best where it is, numbered or not */
		const struct nbr *n = nbr_find_id(i, router_id);
		if (!n || !nbr_is_advertised(n))
			return false;
		*out = n->addr;
		return true;
	}
	*out = ipaddr_from_ip4(data);
	struct prefix net = prefix_make(&i->addr, i->plen);
	return data >= UNNUMBERED_BELOW && prefix_contains_addr(&net, out);
}
