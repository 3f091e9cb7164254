/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codec of neighbours: ndmsg and its attributes -> struct kernel_neigh. Pure. */
#include "zebra/nl_neigh.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

struct neigh_parse {
	struct kernel_neigh *neigh;
	uint8_t afi;
};

static bool
get_dst(const struct nl_attr *a, void *out)
{
	struct neigh_parse *p = out;
	return nl_attr_addr(a, p->afi, &p->neigh->addr);
}

static bool
get_lladdr(const struct nl_attr *a, void *out)
{
	struct neigh_parse *p = out;
	return nl_attr_hwaddr(
		a, p->neigh->hwaddr, sizeof(p->neigh->hwaddr), &p->neigh->hwaddr_len);
}

static const struct nl_attr_row neigh_rows[] = {
	{NDA_DST, get_dst},
	{NDA_LLADDR, get_lladdr},
};

enum nl_fate
nl_neigh_decode(const uint8_t *payload, size_t len, struct kernel_neigh *out)
{
	struct ndmsg nd;
	*out = (struct kernel_neigh){0};
	if (len < sizeof(nd))
		return NL_REFUSED;
	memcpy(&nd, payload, sizeof(nd));
	struct neigh_parse p = {.neigh = out, .afi = nl_afi(nd.ndm_family)};
	if (p.afi == AFI_NONE || nd.ndm_flags & NTF_PROXY)
		return NL_SKIPPED;
	if (nd.ndm_ifindex <= 0)
		return NL_REFUSED;
	out->ifindex = (uint32_t) nd.ndm_ifindex;
	out->state = nd.ndm_state;
	out->flags = nd.ndm_flags;
	struct nl_reader r = nl_reader(payload + sizeof(nd), len - sizeof(nd));
	if (!nl_attrs_decode(r, neigh_rows, sizeof(neigh_rows) / sizeof(neigh_rows[0]), &p))
		return NL_REFUSED;
	return out->addr.afi == AFI_NONE ? NL_REFUSED : NL_TAKEN;
}

bool
nl_neigh_dump(struct nl_writer *w, uint8_t family, uint32_t seq)
{
	const struct ndmsg nd = {.ndm_family = family};
	nl_msg_begin(w, RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, seq, &nd, sizeof(nd));
	return nl_msg_end(w);
}
