/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OSPFv2 as a value of the version seam; the few identities that need no file of their own. */
#include "ospfd/v2.h"

#include "ospfd/nbr.h"

static uint32_t
iface_ident(const struct iface *i)
{
	return ipaddr_to_ip4(&i->addr);
}

static uint32_t
nbr_ident(const struct nbr *n)
{
	return ipaddr_to_ip4(&n->addr);
}

static bool
nbr_matches(
	const struct iface *i, const struct nbr *n, const struct ipaddr *src, uint32_t router_id)
{
	/* RFC 2328 8.2: by address on networks, by router ID on point-to-point links */
	if (i->p.net_type == OSPF_NET_P2P)
		return n->router_id == router_id;
	return ipaddr_cmp(&n->addr, src) == 0;
}

static bool
src_ok(const struct iface *i, const struct ipaddr *src)
{
	/* RFC 2328 8.2: on networks with masks the source must be of the interface's network */
	if (i->p.net_type == OSPF_NET_P2P || i->p.net_type == OSPF_NET_P2MP)
		return src->afi == AFI_IP4 && !ipaddr_is_multicast(src);
	struct prefix net = prefix_make(&i->addr, i->plen);
	return prefix_contains_addr(&net, src);
}

static bool
mask_ok(const struct iface *i, const struct hello *h, uint32_t *want)
{
	*want = ip4_mask(i->plen);
	return i->p.net_type == OSPF_NET_P2P || h->mask == *want;
}

const struct ospf_version ospf_v2 = {
	.name = "OSPFv2",
	.afi = AFI_IP4,
	.hdr_len = V2_HDR_LEN,
	.all_spf_routers = { .afi = AFI_IP4, .b = { 224, 0, 0, 5 } },
	.all_d_routers = { .afi = AFI_IP4, .b = { 224, 0, 0, 6 } },
	.router_lsa = V2_ROUTER,
	.network_lsa = V2_NETWORK,
	.summary_lsa = V2_SUMMARY,
	.asbr_lsa = V2_ASBR,
	.external_lsa = V2_EXTERNAL,
	.lsa_desc = v2_lsa_desc,
	.hdr_get = v2_hdr_get,
	.auth_check = v2_auth_check,
	.hello_get = v2_hello_get,
	.dbdesc_get = v2_dbdesc_get,
	.lsreq_get = v2_lsreq_get,
	.lsa_hdr_get = v2_lsa_hdr_get,
	.hdr_put = v2_hdr_put,
	.auth_room = v2_auth_room,
	.finish = v2_finish,
	.hello_put = v2_hello_put,
	.dbdesc_put = v2_dbdesc_put,
	.lsreq_put = v2_lsreq_put,
	.lsa_hdr_put = v2_lsa_hdr_put,
	.iface_ident = iface_ident,
	.nbr_ident = nbr_ident,
	.nbr_matches = nbr_matches,
	.src_ok = src_ok,
	.mask_ok = mask_ok,
	.options = v2_options,
	.is_ours = v2_is_ours,
	.router_put = v2_router_put,
	.network_put = v2_network_put,
	.external_put = v2_external_put,
	.vertex_get = v2_vertex_get,
	.vertex_lsa = v2_vertex_lsa,
	.link_iface = v2_link_iface,
	.link_gateway = v2_link_gateway,
	.router_flags = v2_router_flags,
	.links_begin = v2_links_begin,
	.link_next = v2_link_next,
	.prefixes_begin = v2_prefixes_begin,
	.prefix_next = v2_prefix_next,
	.external_get = v2_external_get,
	.summary_get = v2_summary_get,
};
