/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codec of links: ifinfomsg and its attributes <-> struct kernel_link. Pure. */
#include "zebra/nl_link.h"

#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "zebra/dplane.h"

/* What the attributes are decoded into: the data of a kind makes sense only once the kind is known. */
struct link_parse {
	struct kernel_link *link;
	struct nl_attr info_data;
};

static bool
get_name(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_text(a, p->link->name, sizeof(p->link->name));
}

static bool
get_mtu(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_u32(a, &p->link->mtu);
}

static bool
get_hwaddr(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_hwaddr(
		a, p->link->hwaddr, sizeof(p->link->hwaddr), &p->link->hwaddr_len);
}

static bool
get_master(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_u32(a, &p->link->master);
}

static bool
get_parent(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_u32(a, &p->link->parent);
}

static bool
get_group(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_u32(a, &p->link->group);
}

static bool
get_carrier_changes(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_u32(a, &p->link->carrier_changes);
}

static bool
get_operstate(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_u8(a, &p->link->operstate);
}

static bool
get_kind(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	/* a kind too long for us is no kind that we know */
	nl_attr_text(a, p->link->kind, sizeof(p->link->kind));
	return true;
}

static bool
get_info_data(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	p->info_data = *a;
	return true;
}

static bool
get_vrf_table(const struct nl_attr *a, void *out)
{
	struct link_parse *p = out;
	return nl_attr_u32(a, &p->link->vrf_table);
}

static bool
get_linkinfo(const struct nl_attr *a, void *out)
{
	static const struct nl_attr_row rows[] = {
		{IFLA_INFO_KIND, get_kind},
		{IFLA_INFO_DATA, get_info_data},
	};
	static const struct nl_attr_row vrf_rows[] = {{IFLA_VRF_TABLE, get_vrf_table}};
	struct link_parse *p = out;
	if (!nl_attrs_decode(nl_reader(a->data, a->len), rows, 2, p))
		return false;
	if (strcmp(p->link->kind, "vrf") != 0 || !p->info_data.data)
		return true;
	return nl_attrs_decode(nl_reader(p->info_data.data, p->info_data.len), vrf_rows, 1, p);
}

static const struct nl_attr_row link_rows[] = {
	{IFLA_IFNAME, get_name},
	{IFLA_MTU, get_mtu},
	{IFLA_ADDRESS, get_hwaddr},
	{IFLA_MASTER, get_master},
	{IFLA_LINK, get_parent},
	{IFLA_GROUP, get_group},
	{IFLA_OPERSTATE, get_operstate},
	{IFLA_CARRIER_CHANGES, get_carrier_changes},
	{IFLA_LINKINFO, get_linkinfo},
};

enum nl_fate
nl_link_decode(const uint8_t *payload, size_t len, struct kernel_link *out)
{
	struct ifinfomsg ifi;
	*out = (struct kernel_link){0};
	if (len < sizeof(ifi))
		return NL_REFUSED;
	memcpy(&ifi, payload, sizeof(ifi));
	if (ifi.ifi_family != AF_UNSPEC)
		return NL_SKIPPED;
	if (ifi.ifi_index <= 0)
		return NL_REFUSED;
	out->ifindex = (uint32_t) ifi.ifi_index;
	out->flags = ifi.ifi_flags;
	out->type = ifi.ifi_type;
	struct link_parse p = {.link = out};
	struct nl_reader r = nl_reader(payload + sizeof(ifi), len - sizeof(ifi));
	if (!nl_attrs_decode(r, link_rows, sizeof(link_rows) / sizeof(link_rows[0]), &p))
		return NL_REFUSED;
	return out->name[0] ? NL_TAKEN : NL_REFUSED;
}

static void
put_macvlan(struct nl_writer *w, const struct dplane_op *op)
{
	nl_put(w, IFLA_IFNAME, op->u.vlink.name, strlen(op->u.vlink.name) + 1);
	nl_put_u32(w, IFLA_LINK, op->u.vlink.parent);
	nl_put(w, IFLA_ADDRESS, op->u.vlink.mac, sizeof(op->u.vlink.mac));
	nl_put_u32(w, IFLA_MTU, op->u.vlink.mtu);
	nl_put_u32(w, IFLA_GROUP, KERNEL_VLINK_GROUP);
	size_t info = nl_nest_begin(w, IFLA_LINKINFO);
	nl_put(w, IFLA_INFO_KIND, "macvlan", sizeof("macvlan"));
	size_t data = nl_nest_begin(w, IFLA_INFO_DATA);
	/* those on one parent do not talk to each other: two virtual routers of one box are strangers */
	nl_put_u32(w, IFLA_MACVLAN_MODE, MACVLAN_MODE_PRIVATE);
	nl_nest_end(w, data);
	nl_nest_end(w, info);
}

/* A message of its own: in the one that makes a link the kernel refuses it (EAFNOSUPPORT). */
static void
put_silence(struct nl_writer *w)
{
	size_t spec = nl_nest_begin(w, IFLA_AF_SPEC);
	size_t inet6 = nl_nest_begin(w, AF_INET6);
	nl_put_u8(w, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nl_nest_end(w, inet6);
	nl_nest_end(w, spec);
}

bool
nl_link_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags)
{
	bool make = op->kind == DPLANE_VLINK, set_mac = op->kind == DPLANE_LINK_MAC;
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC};
	ifi.ifi_index = make ? 0 : (int) (set_mac ? op->u.vlink.ifindex : op->u.link.ifindex);
	if (op->kind == DPLANE_LINK_UP || op->kind == DPLANE_LINK_DOWN) {
		ifi.ifi_change = IFF_UP;
		ifi.ifi_flags = op->kind == DPLANE_LINK_UP ? IFF_UP : 0;
	}
	bool del = op->kind == DPLANE_LINK_DEL || op->kind == DPLANE_LINKS_DEL;
	nl_msg_begin(w, del ? RTM_DELLINK : RTM_NEWLINK,
		(uint16_t) (NLM_F_REQUEST | flags | (make ? NLM_F_CREATE | NLM_F_EXCL : 0)), seq, &ifi,
		sizeof(ifi));
	if (op->kind == DPLANE_LINK_MTU)
		nl_put_u32(w, IFLA_MTU, op->u.link.value);
	if (set_mac)
		nl_put(w, IFLA_ADDRESS, op->u.vlink.mac, sizeof(op->u.vlink.mac));
	if (make)
		put_macvlan(w, op);
	if (op->kind == DPLANE_LINK_DOOM || op->kind == DPLANE_LINKS_DEL)
		nl_put_u32(w, IFLA_GROUP, KERNEL_VLINK_DOOMED);
	if (op->kind == DPLANE_LINK_SILENT)
		put_silence(w);
	return nl_msg_end(w);
}

bool
nl_qdisc_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags)
{
	bool quiet = op->kind == DPLANE_LINK_QUIET;
	const struct tcmsg tc = {.tcm_ifindex = (int) op->u.link.ifindex, .tcm_parent = TC_H_ROOT};
	nl_msg_begin(w, quiet ? RTM_NEWQDISC : RTM_DELQDISC,
		(uint16_t) (NLM_F_REQUEST | flags | (quiet ? NLM_F_CREATE | NLM_F_REPLACE : 0)), seq, &tc,
		sizeof(tc));
	if (quiet)
		nl_put(w, TCA_KIND, "blackhole", sizeof("blackhole"));
	return nl_msg_end(w);
}

bool
nl_link_dump(struct nl_writer *w, uint8_t family, uint32_t seq)
{
	const struct ifinfomsg ifi = {.ifi_family = family};
	nl_msg_begin(w, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, seq, &ifi, sizeof(ifi));
	nl_put_u32(w, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nl_msg_end(w);
}
