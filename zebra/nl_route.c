/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The codec of routes: rtmsg and its attributes <-> struct kernel_route, dplane_op; the table of
 * protocol numbers. Pure. A route that we write carries an id of a next hop and nothing of the path:
 * 52 octets for IPv4 in the main table.
 */
#include "zebra/nl_route.h"

#include <linux/rtnetlink.h>
#include <string.h>

#include "zebra/dplane.h"

static const struct rtproto rtprotos[] = {
	{"static", RTPROTO_STATIC, true},
	{"ospf", RTPROTO_OSPF, true},
	{"bgp", RTPROTO_BGP, true},
	{"zebra", RTPROTO_ZEBRA, true},
	{"redirect", RTPROT_REDIRECT, false},
	{"kernel", RTPROT_KERNEL, false},
	{"boot", RTPROT_BOOT, false},
	{"admin", RTPROT_STATIC, false}, /* `ip route add ... proto static` by hand */
	{"ra", RTPROT_RA, false},
	{"bird", RTPROT_BIRD, false},
	{"dhcp", RTPROT_DHCP, false},
	{"keepalived", 18, false},
	{"openr", 99, false},
	{"isis", 187, false},
	{"rip", 189, false},
	{"ripng", 190, false},
	{"eigrp", 192, false},
};
#define RTPROTO_COUNT (sizeof(rtprotos) / sizeof(rtprotos[0]))

const struct rtproto *
rtproto_by_name(const char *name)
{
	for (size_t i = 0; i < RTPROTO_COUNT; i++)
		if (strcmp(rtprotos[i].name, name) == 0)
			return &rtprotos[i];
	return NULL;
}

const struct rtproto *
rtproto_by_number(uint8_t number)
{
	for (size_t i = 0; i < RTPROTO_COUNT; i++)
		if (rtprotos[i].number == number)
			return &rtprotos[i];
	return NULL;
}

/* --- decoding ----------------------------------------------------------------------------------- */

struct route_parse {
	struct kernel_route *route;
	struct kernel_leg leg; /* RTA_OIF, RTA_GATEWAY, RTA_VIA: of the route, or of one rtnexthop */
	struct ipaddr dst;
	uint8_t afi;
	bool has_leg;
};

static bool
get_dst(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	return nl_attr_addr(a, p->afi, &p->dst);
}

static bool
get_table(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	return nl_attr_u32(a, &p->route->table);
}

static bool
get_priority(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	return nl_attr_u32(a, &p->route->metric);
}

static bool
get_nhid(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	return nl_attr_u32(a, &p->route->nhid);
}

static bool
get_prefsrc(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	return nl_attr_addr(a, p->afi, &p->route->src);
}

static bool
get_oif(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	p->has_leg = true;
	return nl_attr_u32(a, &p->leg.oif);
}

static bool
get_gateway(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	p->has_leg = true;
	return nl_attr_addr(a, p->afi, &p->leg.gateway);
}

/* RTA_VIA: a gateway of another family than the route's (RFC 8950): family(2), address. */
static bool
get_via(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	uint16_t family;
	if (a->len < sizeof(family))
		return false;
	memcpy(&family, a->data, sizeof(family));
	p->has_leg = true;
	if (family > UINT8_MAX)
		return false;
	struct nl_attr rest = {.data = a->data + sizeof(family), .len = a->len - sizeof(family)};
	return nl_attr_addr(&rest, nl_afi((uint8_t) family), &p->leg.gateway);
}

static const struct nl_attr_row leg_rows[] = {
	{RTA_GATEWAY, get_gateway},
	{RTA_VIA, get_via},
};

/* One rtnexthop: len(2) flags(1) weight-1(1) ifindex(4), attributes. */
static bool
multipath_leg(struct nl_reader *r, struct route_parse *p)
{
	struct rtnexthop nh;
	size_t left = (size_t) (r->end - r->pos);
	if (left < sizeof(nh))
		return false;
	memcpy(&nh, r->pos, sizeof(nh));
	if (nh.rtnh_len < sizeof(nh) || nh.rtnh_len > left || nh.rtnh_ifindex < 0)
		return false;
	struct route_parse one = {.route = p->route, .afi = p->afi};
	one.leg.oif = (uint32_t) nh.rtnh_ifindex;
	one.leg.flags = nh.rtnh_flags;
	one.leg.weight = (uint16_t) (nh.rtnh_hops + 1);
	struct nl_reader attrs = nl_reader(r->pos + sizeof(nh), nh.rtnh_len - sizeof(nh));
	if (!nl_attrs_decode(attrs, leg_rows, sizeof(leg_rows) / sizeof(leg_rows[0]), &one))
		return false;
	if (p->route->leg_count < KERNEL_LEGS_MAX)
		p->route->legs[p->route->leg_count++] = one.leg;
	else
		p->route->legs_cut = true;
	size_t step = RTNH_ALIGN(nh.rtnh_len);
	r->pos += step < left ? step : left;
	return true;
}

static bool
get_multipath(const struct nl_attr *a, void *out)
{
	struct route_parse *p = out;
	struct nl_reader r = nl_reader(a->data, a->len);
	while (r.pos < r.end)
		if (!multipath_leg(&r, p))
			return false;
	return true;
}

static const struct nl_attr_row route_rows[] = {
	{RTA_TABLE, get_table},
	{RTA_DST, get_dst},
	{RTA_PRIORITY, get_priority},
	{RTA_NH_ID, get_nhid},
	{RTA_OIF, get_oif},
	{RTA_GATEWAY, get_gateway},
	{RTA_PREFSRC, get_prefsrc},
	{RTA_MULTIPATH, get_multipath},
	{RTA_VIA, get_via},
};

enum nl_fate
nl_route_decode(const uint8_t *payload, size_t len, struct kernel_route *out)
{
	struct rtmsg rtm;
	memset(out, 0, offsetof(struct kernel_route, legs));
	if (len < sizeof(rtm))
		return NL_REFUSED;
	memcpy(&rtm, payload, sizeof(rtm));
	struct route_parse p = {.route = out, .afi = nl_afi(rtm.rtm_family)};
	if (p.afi == AFI_NONE || rtm.rtm_flags & RTM_F_CLONED || rtm.rtm_src_len != 0)
		return NL_SKIPPED;
	if (rtm.rtm_dst_len > afi_bits(p.afi))
		return NL_REFUSED;
	out->table = rtm.rtm_table;
	out->protocol = rtm.rtm_protocol;
	out->type = rtm.rtm_type;
	out->scope = rtm.rtm_scope;
	out->tos = rtm.rtm_tos;
	out->flags = rtm.rtm_flags;
	struct nl_reader r = nl_reader(payload + sizeof(rtm), len - sizeof(rtm));
	if (!nl_attrs_decode(r, route_rows, sizeof(route_rows) / sizeof(route_rows[0]), &p))
		return NL_REFUSED;
	if (p.dst.afi == AFI_NONE) {
		if (rtm.rtm_dst_len != 0)
			return NL_REFUSED;
		p.dst.afi = p.afi;
	}
	out->prefix = prefix_make(&p.dst, rtm.rtm_dst_len);
	if (out->leg_count == 0 && p.has_leg) {
		p.leg.flags = (uint8_t) rtm.rtm_flags;
		p.leg.weight = 1;
		out->legs[0] = p.leg;
		out->leg_count = 1;
	}
	return NL_TAKEN;
}

/* --- encoding ----------------------------------------------------------------------------------- */

bool
nl_route_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags)
{
	const struct prefix *prefix = &op->u.route.prefix;
	bool add = op->kind == DPLANE_ROUTE;
	uint8_t type = op->type != 0 ? op->type : RTN_UNICAST;
	struct rtmsg rtm = {.rtm_family = nl_family(prefix->afi),
		.rtm_dst_len = prefix->len,
		.rtm_protocol = op->protocol,
		.rtm_table = op->table == 0 ? RT_TABLE_MAIN
			     : op->table < 256 ? (uint8_t) op->table
					       : RT_TABLE_UNSPEC};
	if (add) {
		rtm.rtm_type = type;
		nl_msg_begin(w, RTM_NEWROUTE,
			NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE | flags, seq, &rtm, sizeof(rtm));
	} else {
		rtm.rtm_scope = RT_SCOPE_NOWHERE; /* any scope */
		nl_msg_begin(w, RTM_DELROUTE, NLM_F_REQUEST | flags, seq, &rtm, sizeof(rtm));
	}
	nl_put(w, RTA_DST, prefix->b, afi_bytes(prefix->afi));
	if (op->metric != 0)
		nl_put_u32(w, RTA_PRIORITY, op->metric);
	if (op->table >= 256)
		nl_put_u32(w, RTA_TABLE, op->table);
	if (add && type == RTN_UNICAST)
		nl_put_u32(w, RTA_NH_ID, op->id);
	if (add && op->u.route.src.afi != AFI_NONE)
		nl_put_addr(w, RTA_PREFSRC, &op->u.route.src);
	return nl_msg_end(w);
}

bool
nl_route_dump(struct nl_writer *w, uint8_t family, uint32_t seq)
{
	const struct rtmsg rtm = {.rtm_family = family};
	nl_msg_begin(w, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, seq, &rtm, sizeof(rtm));
	return nl_msg_end(w);
}
