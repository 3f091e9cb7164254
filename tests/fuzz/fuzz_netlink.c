/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink bytes into every decoder of zebra, and what was taken back through the encoders.
 * fuzz-links: zebra/nl.c zebra/nl_link.c zebra/nl_addr.c zebra/nl_neigh.c zebra/nl_nexthop.c
 * fuzz-links: zebra/nl_route.c zebra/keeper_legs.c zebra/dplane_kinds.c zebra/nl_nft.c
 */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "zebra/keeper_legs.h"
#include "zebra/nl_addr.h"
#include "zebra/nl_link.h"
#include "zebra/nl_neigh.h"
#include "zebra/nl_nexthop.h"
#include "zebra/nl_nft.h"
#include "zebra/nl_route.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_text(const char *text, size_t size)
{
	check(memchr(text, '\0', size) != NULL);
}

static void
check_addr(const struct ipaddr *a)
{
	check(a->afi == AFI_NONE || a->afi == AFI_IP4 || a->afi == AFI_IP6);
}

/* What an encoder has written, with the header's fields checked; a short buffer takes it back. */
static struct nl_msg
encoded(bool (*encode)(struct nl_writer *, const struct dplane_op *, uint32_t, uint16_t),
	const struct dplane_op *op, uint8_t *buf, size_t cap)
{
	struct nl_writer w = nl_writer(buf, cap);
	struct nl_msg msg;
	check(encode(&w, op, 7, NLM_F_ACK) && w.len % 4 == 0);
	struct nl_reader r = nl_reader(buf, w.len);
	check(nl_next_msg(&r, &msg) && msg.seq == 7 && msg.flags & NLM_F_ACK);
	struct nl_writer tight = nl_writer(buf + w.len, w.len - 4);
	check(!encode(&tight, op, 7, 0) && tight.len == 0);
	return msg;
}

static void
fuzz_link(const uint8_t *p, size_t len)
{
	struct kernel_link link;
	if (nl_link_decode(p, len, &link) != NL_TAKEN)
		return;
	check_text(link.name, sizeof(link.name));
	check_text(link.kind, sizeof(link.kind));
	check(link.hwaddr_len <= sizeof(link.hwaddr) && link.ifindex != 0);
	(void) keeper_owns_link(link.name);
	struct kernel_link again;
	uint8_t buf[512];
	struct dplane_op op = {.kind = DPLANE_VLINK, .u.vlink = {.parent = link.parent, .mtu = link.mtu}};
	memcpy(op.u.vlink.mac, link.hwaddr, sizeof(op.u.vlink.mac));
	memcpy(op.u.vlink.name, link.name, sizeof(op.u.vlink.name));
	struct nl_msg msg = encoded(nl_link_encode, &op, buf, sizeof(buf));
	buf[20] = 1; /* the kernel says an index, the request none */
	check(nl_link_decode(msg.payload, msg.len, &again) == NL_TAKEN && kernel_link_virtual(&again));
	check(!strcmp(again.name, link.name) && again.parent == link.parent && again.mtu == link.mtu);
}

static void
fuzz_addr(const uint8_t *p, size_t len)
{
	struct kernel_addr addr, again;
	uint8_t buf[512];
	if (nl_addr_decode(p, len, &addr) != NL_TAKEN)
		return;
	check_text(addr.label, sizeof(addr.label));
	check_addr(&addr.peer);
	check(addr.local.afi != AFI_NONE && addr.prefixlen <= afi_bits(addr.local.afi));
	struct dplane_op op = {.kind = DPLANE_ADDR};
	op.u.addr.ifindex = addr.ifindex;
	op.u.addr.local = addr.local;
	op.u.addr.peer = addr.peer;
	op.u.addr.prefixlen = addr.prefixlen;
	op.u.addr.virtual = addr.scope & 1;
	op.u.addr.proto = addr.proto;
	struct nl_msg msg = encoded(nl_addr_encode, &op, buf, sizeof(buf));
	check(nl_addr_decode(msg.payload, msg.len, &again) == NL_TAKEN);
	check(ipaddr_cmp(&again.local, &addr.local) == 0 && again.prefixlen == addr.prefixlen);
	check(again.proto == addr.proto);
	check(ipaddr_cmp(&again.peer, &addr.peer) == 0 && again.ifindex == addr.ifindex);
}

static void
fuzz_neigh(const uint8_t *p, size_t len)
{
	struct kernel_neigh neigh;
	if (nl_neigh_decode(p, len, &neigh) != NL_TAKEN)
		return;
	check(neigh.hwaddr_len <= sizeof(neigh.hwaddr) && neigh.addr.afi != AFI_NONE);
}

static void
encode_group(const struct kernel_nexthop *nh, const struct keeper *keeper)
{
	static struct kernel_nexthop again;
	uint8_t buf[8192];
	struct dplane_leg legs[KERNEL_LEGS_MAX], with[DPLANE_LEGS_MAX + 1];
	struct dplane_op op = {.kind = DPLANE_GROUP, .id = nh->id, .keep = AFI_IP4}, kept;
	for (unsigned i = 0; i < nh->leg_count; i++)
		legs[i] = (struct dplane_leg){nh->legs[i].id, nh->legs[i].weight};
	op.u.group.legs = legs;
	op.u.group.count = nh->leg_count;
	check(keeper_join(keeper, &op, &kept, with));
	struct nl_msg msg = encoded(nl_nexthop_encode, &kept, buf, sizeof(buf));
	check(nl_nexthop_decode(msg.payload, msg.len, &again) == NL_TAKEN);
	if (again.legs_cut)
		return;
	keeper_leave(&again);
	check(again.leg_count == nh->leg_count);
	for (unsigned i = 0; i < nh->leg_count; i++)
		check(again.legs[i].id == nh->legs[i].id);
}

static void
fuzz_nexthop(const uint8_t *p, size_t len)
{
	static const struct keeper first = {true, true, true}, behind = {true, true, false};
	static struct kernel_nexthop nh, again;
	uint8_t buf[512];
	if (nl_nexthop_decode(p, len, &nh) != NL_TAKEN)
		return;
	check(nh.id != 0 && nh.leg_count <= KERNEL_LEGS_MAX);
	for (unsigned i = 0; i < nh.leg_count; i++)
		check_addr(&nh.legs[i].gateway);
	keeper_leave(&nh);
	if (nh.group) {
		if (nh.leg_count == 0)
			return;
		encode_group(&nh, &first);
		encode_group(&nh, &behind);
		return;
	}
	struct dplane_op op = {.kind = DPLANE_NEXTHOP, .id = nh.id, .protocol = nh.protocol};
	op.u.nexthop.blackhole = nh.blackhole;
	op.u.nexthop.afi = nh.afi;
	if (nh.leg_count == 1) {
		op.u.nexthop.oif = nh.legs[0].oif;
		op.u.nexthop.gateway = nh.legs[0].gateway;
	}
	struct nl_msg msg = encoded(nl_nexthop_encode, &op, buf, sizeof(buf));
	check(nl_nexthop_decode(msg.payload, msg.len, &again) == NL_TAKEN);
	check(again.id == nh.id && again.protocol == nh.protocol && again.afi == nh.afi);
	check(again.leg_count == nh.leg_count && again.blackhole == nh.blackhole);
}

static void
fuzz_route(const uint8_t *p, size_t len)
{
	static struct kernel_route route, again;
	uint8_t buf[512];
	if (nl_route_decode(p, len, &route) != NL_TAKEN)
		return;
	check(route.leg_count <= KERNEL_LEGS_MAX && route.prefix.len <= afi_bits(route.prefix.afi));
	for (unsigned i = 0; i < route.leg_count; i++)
		check_addr(&route.legs[i].gateway);
	struct ipaddr a = prefix_addr(&route.prefix);
	struct prefix canonical = prefix_make(&a, route.prefix.len);
	check(prefix_equal(&canonical, &route.prefix));
	struct dplane_op op = {.kind = DPLANE_ROUTE,
		.protocol = route.protocol,
		.type = route.type,
		.table = route.table,
		.metric = route.metric,
		.id = route.nhid};
	op.u.route.prefix = route.prefix;
	op.u.route.src = route.src;
	struct nl_msg msg = encoded(nl_route_encode, &op, buf, sizeof(buf));
	check(nl_route_decode(msg.payload, msg.len, &again) == NL_TAKEN);
	check(prefix_equal(&again.prefix, &route.prefix) && again.metric == route.metric);
	check(again.table == (route.table ? route.table : RT_TABLE_MAIN));
	check(again.protocol == route.protocol);
	if (again.type == RTN_UNICAST)
		check(again.nhid == route.nhid);
	op.kind = DPLANE_ROUTE_DEL;
	encoded(nl_route_encode, &op, buf, sizeof(buf));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct nl_reader r = nl_reader(bytes, len);
	struct nl_msg msg;
	char text[KERNEL_MSG_LEN];
	int error;
	while (nl_next_msg(&r, &msg)) {
		check(msg.payload >= bytes && msg.payload + msg.len <= bytes + len);
		if (nl_error_decode(&msg, &error, text, sizeof(text)))
			check_text(text, sizeof(text));
		/* a payload of one kind must not hurt the decoder of another either */
		fuzz_link(msg.payload, msg.len);
		(void) nl_nft_deleted(&msg);
		fuzz_addr(msg.payload, msg.len);
		fuzz_neigh(msg.payload, msg.len);
		fuzz_nexthop(msg.payload, msg.len);
		fuzz_route(msg.payload, msg.len);
	}
	return 0;
}
