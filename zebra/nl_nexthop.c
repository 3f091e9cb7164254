/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The codec of next-hop objects: nhmsg and its attributes <-> struct kernel_nexthop, dplane_op. Pure.
 * A group's member is 8 octets: id(4) weight-1(1) its high octet(1, newer kernels) zero(2).
 */
#include "zebra/nl_nexthop.h"

#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "zebra/dplane.h"

struct nexthop_parse {
	struct kernel_nexthop *nh;
	struct ipaddr gateway;
	uint32_t oif;
	uint8_t afi;
};

static bool
get_id(const struct nl_attr *a, void *out)
{
	struct nexthop_parse *p = out;
	return nl_attr_u32(a, &p->nh->id);
}

static bool
get_group(const struct nl_attr *a, void *out)
{
	struct nexthop_parse *p = out;
	struct nexthop_grp member;
	if (a->len == 0 || a->len % sizeof(member) != 0)
		return false;
	size_t count = a->len / sizeof(member);
	p->nh->group = true;
	p->nh->legs_cut = count > KERNEL_LEGS_MAX;
	count = count > KERNEL_LEGS_MAX ? KERNEL_LEGS_MAX : count;
	p->nh->leg_count = (uint16_t) count;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *at = a->data + i * sizeof(member);
		memcpy(&member, at, sizeof(member));
		p->nh->legs[i] = (struct kernel_leg){
			.id = member.id, .weight = (uint16_t) (1 + at[4] + (at[5] << 8))};
	}
	return true;
}

static bool
get_blackhole(const struct nl_attr *a, void *out)
{
	struct nexthop_parse *p = out;
	p->nh->blackhole = true;
	return a->len == 0;
}

static bool
get_fdb(const struct nl_attr *a, void *out)
{
	struct nexthop_parse *p = out;
	p->nh->fdb = true;
	return a->len == 0;
}

static bool
get_oif(const struct nl_attr *a, void *out)
{
	struct nexthop_parse *p = out;
	return nl_attr_u32(a, &p->oif);
}

static bool
get_gateway(const struct nl_attr *a, void *out)
{
	struct nexthop_parse *p = out;
	return nl_attr_addr(a, p->afi, &p->gateway);
}

static const struct nl_attr_row nexthop_rows[] = {
	{NHA_ID, get_id},
	{NHA_GROUP, get_group},
	{NHA_BLACKHOLE, get_blackhole},
	{NHA_OIF, get_oif},
	{NHA_GATEWAY, get_gateway},
	{NHA_FDB, get_fdb},
};

enum nl_fate
nl_nexthop_decode(const uint8_t *payload, size_t len, struct kernel_nexthop *out)
{
	struct nhmsg nhm;
	memset(out, 0, offsetof(struct kernel_nexthop, legs));
	if (len < sizeof(nhm))
		return NL_REFUSED;
	memcpy(&nhm, payload, sizeof(nhm));
	struct nexthop_parse p = {.nh = out, .afi = nl_afi(nhm.nh_family)};
	if (p.afi == AFI_NONE && nhm.nh_family != AF_UNSPEC)
		return NL_SKIPPED;
	out->protocol = nhm.nh_protocol;
	struct nl_reader r = nl_reader(payload + sizeof(nhm), len - sizeof(nhm));
	if (!nl_attrs_decode(r, nexthop_rows, sizeof(nexthop_rows) / sizeof(nexthop_rows[0]), &p))
		return NL_REFUSED;
	if (out->id == 0)
		return NL_REFUSED;
	if (out->group)
		return NL_TAKEN;
	out->afi = p.afi;
	if (!out->blackhole) {
		out->leg_count = 1;
		out->legs[0] = (struct kernel_leg){.oif = p.oif,
			.gateway = p.gateway,
			.flags = (uint8_t) nhm.nh_flags,
			.weight = 1};
	}
	return NL_TAKEN;
}

static void
put_group(struct nl_writer *w, const struct dplane_op *op)
{
	struct nexthop_grp members[DPLANE_LEGS_MAX + 1]; /* and a keeper */
	size_t count = op->u.group.count;
	if (count == 0 || count > DPLANE_LEGS_MAX + 1) {
		w->bad = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		unsigned weight = op->u.group.legs[i].weight;
		weight = weight == 0 ? 1 : weight > 255 ? 255 : weight; /* the kernel's limit */
		members[i] = (struct nexthop_grp){
			.id = op->u.group.legs[i].id, .weight = (uint8_t) (weight - 1)};
	}
	nl_put(w, NHA_GROUP, members, count * sizeof(members[0]));
}

static void
put_single(struct nl_writer *w, const struct dplane_op *op)
{
	if (op->u.nexthop.blackhole) {
		nl_put(w, NHA_BLACKHOLE, NULL, 0);
		return;
	}
	nl_put_u32(w, NHA_OIF, op->u.nexthop.oif);
	if (op->u.nexthop.gateway.afi != AFI_NONE)
		nl_put_addr(w, NHA_GATEWAY, &op->u.nexthop.gateway);
}

bool
nl_nexthop_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags)
{
	/* the kernel wants AF_UNSPEC, scope and protocol zero where it does not use them */
	struct nhmsg nhm = {.nh_family = AF_UNSPEC};
	if (op->kind == DPLANE_NEXTHOP_DEL) {
		nl_msg_begin(w, RTM_DELNEXTHOP, NLM_F_REQUEST | flags, seq, &nhm, sizeof(nhm));
		nl_put_u32(w, NHA_ID, op->id);
		return nl_msg_end(w);
	}
	nhm.nh_protocol = op->protocol;
	if (op->kind == DPLANE_NEXTHOP) {
		bool gateway = op->u.nexthop.gateway.afi != AFI_NONE;
		nhm.nh_family = nl_family(gateway ? op->u.nexthop.gateway.afi : op->u.nexthop.afi);
		nhm.nh_flags = gateway && op->onlink ? RTNH_F_ONLINK : 0;
	}
	nl_msg_begin(w, RTM_NEWNEXTHOP, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE | flags, seq,
		&nhm, sizeof(nhm));
	nl_put_u32(w, NHA_ID, op->id);
	if (op->kind == DPLANE_GROUP)
		put_group(w, op);
	else
		put_single(w, op);
	return nl_msg_end(w);
}

bool
nl_nexthop_dump(struct nl_writer *w, uint8_t family, uint32_t seq)
{
	const struct nhmsg nhm = {.nh_family = family};
	nl_msg_begin(w, RTM_GETNEXTHOP, NLM_F_REQUEST | NLM_F_DUMP, seq, &nhm, sizeof(nhm));
	return nl_msg_end(w);
}
