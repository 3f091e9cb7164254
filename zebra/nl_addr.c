/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codec of interface addresses: ifaddrmsg and its attributes <-> struct kernel_addr. Pure. */
#include "zebra/nl_addr.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "zebra/dplane.h"

struct addr_parse {
	struct kernel_addr *addr;
	struct ipaddr address; /* IFA_ADDRESS: the peer's where there is one, else the local one */
	uint8_t afi;
};

static bool
get_address(const struct nl_attr *a, void *out)
{
	struct addr_parse *p = out;
	return nl_attr_addr(a, p->afi, &p->address);
}

static bool
get_local(const struct nl_attr *a, void *out)
{
	struct addr_parse *p = out;
	return nl_attr_addr(a, p->afi, &p->addr->local);
}

static bool
get_broadcast(const struct nl_attr *a, void *out)
{
	struct addr_parse *p = out;
	return nl_attr_addr(a, p->afi, &p->addr->broadcast);
}

static bool
get_label(const struct nl_attr *a, void *out)
{
	struct addr_parse *p = out;
	return nl_attr_text(a, p->addr->label, sizeof(p->addr->label));
}

static bool
get_flags(const struct nl_attr *a, void *out)
{
	struct addr_parse *p = out;
	return nl_attr_u32(a, &p->addr->flags);
}

static bool
get_proto(const struct nl_attr *a, void *out)
{
	struct addr_parse *p = out;
	return nl_attr_u8(a, &p->addr->proto);
}

static const struct nl_attr_row addr_rows[] = {
	{IFA_ADDRESS, get_address},
	{IFA_LOCAL, get_local},
	{IFA_BROADCAST, get_broadcast},
	{IFA_LABEL, get_label},
	{IFA_PROTO, get_proto},
	{IFA_FLAGS, get_flags}, /* all 32 bits; the header has only 8 */
};

enum nl_fate
nl_addr_decode(const uint8_t *payload, size_t len, struct kernel_addr *out)
{
	struct ifaddrmsg ifa;
	*out = (struct kernel_addr){0};
	if (len < sizeof(ifa))
		return NL_REFUSED;
	memcpy(&ifa, payload, sizeof(ifa));
	struct addr_parse p = {.addr = out, .afi = nl_afi(ifa.ifa_family)};
	if (p.afi == AFI_NONE)
		return NL_SKIPPED;
	if (ifa.ifa_index == 0 || ifa.ifa_index > INT32_MAX || ifa.ifa_prefixlen > afi_bits(p.afi))
		return NL_REFUSED;
	out->ifindex = ifa.ifa_index;
	out->prefixlen = ifa.ifa_prefixlen;
	out->scope = ifa.ifa_scope;
	out->flags = ifa.ifa_flags;
	struct nl_reader r = nl_reader(payload + sizeof(ifa), len - sizeof(ifa));
	if (!nl_attrs_decode(r, addr_rows, sizeof(addr_rows) / sizeof(addr_rows[0]), &p))
		return NL_REFUSED;
	if (out->local.afi == AFI_NONE)
		out->local = p.address;
	else if (p.address.afi != AFI_NONE && ipaddr_cmp(&out->local, &p.address) != 0)
		out->peer = p.address;
	return out->local.afi == AFI_NONE ? NL_REFUSED : NL_TAKEN;
}

/* As `ip addr add A/L brd +`: the last address of the subnet, where it has room for one. */
static bool
broadcast_of(const struct dplane_op *op, struct ipaddr *out)
{
	if (op->u.addr.local.afi != AFI_IP4 || op->u.addr.peer.afi != AFI_NONE ||
		op->u.addr.prefixlen > 30)
		return false;
	uint32_t a = ipaddr_to_ip4(&op->u.addr.local);
	*out = ipaddr_from_ip4(a | ~ip4_mask(op->u.addr.prefixlen));
	return true;
}

/*
 * RFC 9568 announces by itself: duplicate address detection would only delay it. A preferred lifetime
 * of 0 keeps IPv6 from choosing the address as source of what the router itself sends.
 */
static void
put_virtual(struct nl_writer *w, const struct dplane_op *op)
{
	const struct ifa_cacheinfo not_preferred = {.ifa_prefered = 0, .ifa_valid = UINT32_MAX};
	bool ip6 = op->u.addr.local.afi == AFI_IP6;
	/* the link's own prefix is on every link: without it nothing that is sent from there finds its way (RFC 4007 6) */
	bool link = ip6 && op->u.addr.prefixlen < 128 && ipaddr_is_link_local(&op->u.addr.local);
	nl_put_u32(w, IFA_FLAGS, (link ? 0 : IFA_F_NOPREFIXROUTE) | (ip6 ? IFA_F_NODAD : 0));
	if (ip6)
		nl_put(w, IFA_CACHEINFO, &not_preferred, sizeof(not_preferred));
}

bool
nl_addr_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags)
{
	bool add = op->kind == DPLANE_ADDR;
	const struct ifaddrmsg ifa = {.ifa_family = nl_family(op->u.addr.local.afi),
		.ifa_prefixlen = op->u.addr.prefixlen,
		.ifa_index = op->u.addr.ifindex};
	nl_msg_begin(w, add ? RTM_NEWADDR : RTM_DELADDR,
		(uint16_t) (NLM_F_REQUEST | flags | (add ? NLM_F_CREATE | NLM_F_REPLACE : 0)), seq,
		&ifa, sizeof(ifa));
	bool peer = op->u.addr.peer.afi != AFI_NONE;
	nl_put_addr(w, IFA_LOCAL, &op->u.addr.local);
	nl_put_addr(w, IFA_ADDRESS, peer ? &op->u.addr.peer : &op->u.addr.local);
	struct ipaddr broadcast;
	if (add && !op->u.addr.virtual && broadcast_of(op, &broadcast))
		nl_put_addr(w, IFA_BROADCAST, &broadcast);
	if (add && op->u.addr.virtual)
		put_virtual(w, op);
	if (add && op->u.addr.proto)
		nl_put_u8(w, IFA_PROTO, op->u.addr.proto);
	return nl_msg_end(w);
}

bool
nl_addr_dump(struct nl_writer *w, uint8_t family, uint32_t seq)
{
	const struct ifaddrmsg ifa = {.ifa_family = family};
	nl_msg_begin(w, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, seq, &ifa, sizeof(ifa));
	return nl_msg_end(w);
}
