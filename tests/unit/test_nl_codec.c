/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink codecs by vectors: what is encoded, what is decoded, what is refused. No kernel. */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/unit.h"
#include "zebra/keeper_legs.h"
#include "zebra/nl_addr.h"
#include "zebra/nl_link.h"
#include "zebra/nl_nexthop.h"
#include "zebra/nl_nft.h"
#include "zebra/nl_route.h"

static size_t
unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	for (; *text; text++) {
		if (*text == ' ')
			continue;
		unsigned v = 0;
		if (sscanf(text, "%2x", &v) != 1)
			return 0;
		out[n++] = (uint8_t) v;
		text++;
	}
	return n;
}

static bool
is_hex(const struct nl_writer *w, const char *text)
{
	uint8_t want[512];
	size_t n = unhex(text, want);
	if (w->len == n && memcmp(w->buf, want, n) == 0)
		return true;
	printf("# got ");
	for (size_t i = 0; i < w->len; i++)
		printf("%02x%s", w->buf[i], i % 4 == 3 ? " " : "");
	printf("\n");
	return false;
}

static bool
is_addr(const struct ipaddr *a, const char *text)
{
	struct ipaddr b;
	return ipaddr_parse(text, &b) && ipaddr_cmp(a, &b) == 0;
}

/* nlmsghdr | rtmsg | RTA_DST | RTA_PRIORITY | RTA_NH_ID */
#define ROUTE4                                                                                     \
	"34000000 1800 0505 07000000 00000000 02180000 febc0001 00000000 "                         \
	"08000100 0a010200 08000600 14000000 08001e00 d1070000"

static struct dplane_op
route4(void)
{
	struct dplane_op op = {
		.kind = DPLANE_ROUTE, .protocol = RTPROTO_OSPF, .metric = DPLANE_METRIC, .id = 2001};
	op.u.route.prefix = prefix_from_ip4(0x0a010200, 24);
	return op;
}

static void
a_route_is_52_octets(void)
{
	uint8_t buf[256];
	struct nl_writer w = nl_writer(buf, sizeof(buf));
	struct dplane_op op = route4();
	CU_ASSERT(nl_route_encode(&w, &op, 7, NLM_F_ACK));
	CU_ASSERT(is_hex(&w, ROUTE4));
	op.kind = DPLANE_ROUTE_DEL;
	op.table = 1000;
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_route_encode(&w, &op, 8, 0));
	CU_ASSERT(is_hex(&w,
		"34000000 1900 0100 08000000 00000000 02180000 00bcff00 00000000 "
		"08000100 0a010200 08000600 14000000 08000f00 e8030000"));
}

static void
a_route_is_read_back(void)
{
	static struct kernel_route r;
	uint8_t buf[256];
	size_t n = unhex(ROUTE4, buf);
	struct nl_reader in = nl_reader(buf, n);
	struct nl_msg msg;
	CU_ASSERT_FATAL(nl_next_msg(&in, &msg));
	CU_ASSERT(msg.type == RTM_NEWROUTE && msg.seq == 7 && msg.len == n - 16);
	CU_ASSERT(nl_route_decode(msg.payload, msg.len, &r) == NL_TAKEN);
	char text[PREFIX_STRLEN];
	CU_ASSERT_STRING_EQUAL(prefix_print(&r.prefix, text), "10.1.2.0/24");
	CU_ASSERT(r.table == 254 && r.metric == 20 && r.nhid == 2001 && r.protocol == 188);
	CU_ASSERT(r.type == RTN_UNICAST && r.leg_count == 0 && r.src.afi == AFI_NONE);
	CU_ASSERT(!nl_next_msg(&in, &msg) && !in.bad);
}

/* Cut at every length: refused, or still a route whose later attributes are simply not there. */
static void
a_cut_route_is_refused(void)
{
	static struct kernel_route r;
	uint8_t buf[256];
	size_t n = unhex(ROUTE4, buf);
	for (size_t len = 0; len < n - 16; len++) {
		enum nl_fate fate = nl_route_decode(buf + 16, len, &r);
		bool whole = len == 20 || len == 28; /* after RTA_DST, after RTA_PRIORITY */
		CU_ASSERT_EQUAL(fate, whole ? NL_TAKEN : NL_REFUSED);
	}
	for (size_t len = 0; len < n; len++) {
		struct nl_reader in = nl_reader(buf, len);
		struct nl_msg msg;
		CU_ASSERT(!nl_next_msg(&in, &msg));
		CU_ASSERT(in.bad == (len > 0));
	}
}

static void
hostile_routes_are_refused(void)
{
	static const struct {
		const char *hex;
		enum nl_fate fate;
	} rows[] = {
		/* prefix longer than the family has bits */
		{"02210000 fe000001 00000000 08000100 0a010200", NL_REFUSED},
		/* a length without its address */
		{"02180000 fe000001 00000000", NL_REFUSED},
		/* default route: no address is right */
		{"02000000 fe000001 00000000", NL_TAKEN},
		/* an IPv6 address in an IPv4 route */
		{"02180000 fe000001 00000000 14000100 20010db8000000000000000000000001", NL_REFUSED},
		/* attribute shorter than its header, and of length zero: must not loop */
		{"02180000 fe000001 00000000 03000100 0a010200", NL_REFUSED},
		{"02180000 fe000001 00000000 00000100 0a010200", NL_REFUSED},
		/* rtnexthop of length zero, too long, shorter than itself */
		{"02000000 fe000001 00000000 0c000900 00000000 02000000", NL_REFUSED},
		{"02000000 fe000001 00000000 0c000900 ff000000 02000000", NL_REFUSED},
		{"02000000 fe000001 00000000 08000900 08000000", NL_REFUSED},
		/* one leg without gateway */
		{"02000000 fe000001 00000000 0c000900 08000002 02000000", NL_TAKEN},
		/* RTA_VIA without a family, of an unknown one */
		{"02000000 fe000001 00000000 05001200 02000000", NL_REFUSED},
		{"02000000 fe000001 00000000 0a001200 6300 01020304 0000", NL_REFUSED},
		/* not ours: cloned, MPLS, source-specific */
		{"02000000 fe000001 00020000", NL_SKIPPED},
		{"1c140000 fe000001 00000000", NL_SKIPPED},
		{"0a004000 fe000001 00000000", NL_SKIPPED},
	};
	static struct kernel_route r;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t buf[256];
		size_t n = unhex(rows[i].hex, buf);
		enum nl_fate fate = nl_route_decode(buf, n, &r);
		if (fate != rows[i].fate)
			printf("# row %zu: %d\n", i, fate);
		CU_ASSERT_EQUAL(fate, rows[i].fate);
	}
}

static void
a_group_and_its_legs(void)
{
	static struct kernel_nexthop nh;
	uint8_t buf[512];
	const struct dplane_leg legs[] = {{11, 0}, {12, 3}, {13, 999}};
	struct dplane_op op = {.kind = DPLANE_GROUP, .protocol = RTPROTO_ZEBRA, .id = 2001};
	op.u.group.legs = legs;
	op.u.group.count = 3;
	struct nl_writer w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_nexthop_encode(&w, &op, 7, 0));
	CU_ASSERT(is_hex(&w,
		"3c000000 6800 0105 07000000 00000000 00000b00 00000000 08000100 d1070000 "
		"1c000200 0b000000 00000000 0c000000 02000000 0d000000 fe000000"));
	CU_ASSERT(nl_nexthop_decode(buf + 16, w.len - 16, &nh) == NL_TAKEN);
	CU_ASSERT(nh.group && nh.leg_count == 3 && nh.id == 2001);
	CU_ASSERT(nh.legs[0].weight == 1 && nh.legs[1].weight == 3 && nh.legs[2].weight == 255);
	op.u.group.count = 0;
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(!nl_nexthop_encode(&w, &op, 7, 0) && w.len == 0);
	/* a member cut in the middle; no id */
	size_t n = unhex("00000b00 00000000 08000100 d1070000 0b000200 0b000000 000000", buf);
	CU_ASSERT(nl_nexthop_decode(buf, n, &nh) == NL_REFUSED);
	n = unhex("00000b00 00000000 0c000200 0b000000 00000000", buf);
	CU_ASSERT(nl_nexthop_decode(buf, n, &nh) == NL_REFUSED);
}

static void
a_vrf_knows_its_table(void)
{
	uint8_t buf[512];
	const struct ifinfomsg ifi = {.ifi_index = 9, .ifi_flags = IFF_UP};
	struct kernel_link link;
	struct nl_writer w = nl_writer(buf, sizeof(buf));
	nl_msg_begin(&w, RTM_NEWLINK, 0, 1, &ifi, sizeof(ifi));
	nl_put(&w, IFLA_IFNAME, "red", 4);
	size_t info = nl_nest_begin(&w, IFLA_LINKINFO);
	size_t data = nl_nest_begin(&w, IFLA_INFO_DATA); /* before the kind: order must not matter */
	nl_put_u32(&w, IFLA_VRF_TABLE, 1007);
	nl_nest_end(&w, data);
	nl_put(&w, IFLA_INFO_KIND, "vrf", 4);
	nl_nest_end(&w, info);
	CU_ASSERT(nl_msg_end(&w));
	CU_ASSERT(nl_link_decode(buf + 16, w.len - 16, &link) == NL_TAKEN);
	CU_ASSERT(link.vrf_table == 1007 && strcmp(link.kind, "vrf") == 0 && link.ifindex == 9);
	CU_ASSERT(kernel_link_up(&link) && !kernel_link_running(&link));
	/* a bridge's view of its port is another thing */
	buf[16] = AF_BRIDGE;
	CU_ASSERT(nl_link_decode(buf + 16, w.len - 16, &link) == NL_SKIPPED);
	buf[16] = AF_UNSPEC;
	for (size_t len = 0; len < w.len - 16; len++) /* no length hurts; without a name none is taken */
		CU_ASSERT(nl_link_decode(buf + 16, len, &link) == NL_REFUSED || len >= 24);
}

static void
a_long_name_is_refused(void)
{
	uint8_t buf[256];
	const struct ifinfomsg ifi = {.ifi_index = 9};
	struct kernel_link link;
	struct nl_writer w = nl_writer(buf, sizeof(buf));
	nl_msg_begin(&w, RTM_NEWLINK, 0, 1, &ifi, sizeof(ifi));
	nl_put(&w, IFLA_IFNAME, "sixteen-letters!", 16); /* and no zero at its end */
	CU_ASSERT(nl_msg_end(&w));
	CU_ASSERT(nl_link_decode(buf + 16, w.len - 16, &link) == NL_REFUSED);
}

static void
a_peer_address_is_told_apart(void)
{
	struct kernel_addr a;
	uint8_t buf[256];
	size_t n = unhex("02208000 03000000 08000100 0a090002 08000200 0a090001 08000800 80000000", buf);
	CU_ASSERT(nl_addr_decode(buf, n, &a) == NL_TAKEN);
	CU_ASSERT(is_addr(&a.local, "10.9.0.1") && is_addr(&a.peer, "10.9.0.2"));
	n = unhex("0a408000 03000000 14000100 20010db8000000000000000000000001", buf);
	CU_ASSERT(nl_addr_decode(buf, n, &a) == NL_TAKEN);
	CU_ASSERT(is_addr(&a.local, "2001:db8::1") && a.peer.afi == AFI_NONE && a.prefixlen == 64);
	n = unhex("02218000 03000000 08000200 0a090001", buf);
	CU_ASSERT(nl_addr_decode(buf, n, &a) == NL_REFUSED);
	n = unhex("02188000 03000000", buf);
	CU_ASSERT(nl_addr_decode(buf, n, &a) == NL_REFUSED);
}

static void
a_writer_does_not_overflow(void)
{
	uint8_t buf[120];
	struct dplane_op op = route4();
	struct nl_writer w = nl_writer(buf, 107);
	memset(buf, 0xee, sizeof(buf));
	CU_ASSERT(nl_route_encode(&w, &op, 1, 0) && nl_route_encode(&w, &op, 2, 0));
	CU_ASSERT(!nl_route_encode(&w, &op, 3, 0));
	CU_ASSERT(w.len == 104 && !w.bad); /* what fitted stays, and the writer is good for it */
	for (size_t i = 107; i < sizeof(buf); i++)
		CU_ASSERT(buf[i] == 0xee);
}

static void
an_error_and_its_text(void)
{
	uint8_t buf[256];
	char text[32];
	int error;
	struct nl_msg msg;
	/* capped: nlmsgerr with the request's header only, then NLMSGERR_ATTR_MSG "Nexthop id" */
	size_t n = unhex("34000000 0200 0003 05000000 00000000 eaffffff 34000000 1800 0504 05000000 "
			 "00000000 0f000100 4e657874686f7020696400 00",
		buf);
	struct nl_reader r = nl_reader(buf, n);
	CU_ASSERT_FATAL(nl_next_msg(&r, &msg));
	CU_ASSERT(nl_error_decode(&msg, &error, text, sizeof(text)));
	CU_ASSERT(error == -22 && strcmp(text, "Nexthop id") == 0);
	CU_ASSERT(nl_error_decode(&msg, &error, text, 5) && strcmp(text, "Next") == 0);
	msg.len = 19;
	CU_ASSERT(!nl_error_decode(&msg, &error, text, sizeof(text)));
}

static void
a_keeper_joins_and_leaves(void)
{
	static struct kernel_nexthop nh;
	const struct dplane_leg legs[] = {{11, 2}, {12, 1}};
	const struct keeper behind = {.ip4 = true}, first = {.ip4 = true, .first = true};
	struct dplane_leg with[DPLANE_LEGS_MAX + 1];
	struct dplane_op kept, op = {.kind = DPLANE_GROUP, .id = 5, .keep = AFI_IP4};
	op.u.group.legs = legs;
	op.u.group.count = 2;
	CU_ASSERT(keeper_join(&behind, &op, &kept, with) && kept.u.group.count == 3);
	CU_ASSERT(with[0].id == 11 && with[0].weight == 254 && with[1].weight == 127);
	CU_ASSERT(with[2].id == KEEPER_ID4 && with[2].weight == 1);
	CU_ASSERT(keeper_join(&first, &op, &kept, with) && with[0].id == KEEPER_ID4);
	nh.group = true;
	nh.leg_count = 3;
	for (unsigned i = 0; i < 3; i++)
		nh.legs[i] = (struct kernel_leg){.id = with[i].id, .weight = with[i].weight};
	keeper_leave(&nh);
	CU_ASSERT(nh.leg_count == 2 && nh.legs[0].id == 11 && nh.legs[0].weight == 2);
	CU_ASSERT(nh.legs[1].id == 12 && nh.legs[1].weight == 1);
	/* a group of others keeps its weights as they are */
	nh.legs[0].weight = 4;
	nh.legs[1].weight = 2;
	keeper_leave(&nh);
	CU_ASSERT(nh.legs[0].weight == 4 && nh.legs[1].weight == 2);
	op.keep = AFI_IP6;
	CU_ASSERT(!keeper_join(&behind, &op, &kept, with)); /* there is none */
	op.keep = 0;
	CU_ASSERT(!keeper_join(&behind, &op, &kept, with));
}

static void
protocols_have_names(void)
{
	CU_ASSERT_FATAL(rtproto_by_name("ospf") && rtproto_by_number(196) && rtproto_by_number(2));
	CU_ASSERT_EQUAL(rtproto_by_name("ospf")->number, 188);
	CU_ASSERT_STRING_EQUAL(rtproto_by_number(196)->name, "static");
	CU_ASSERT(rtproto_by_number(186)->ours && !rtproto_by_number(2)->ours);
	CU_ASSERT(rtproto_by_name("no such") == NULL && rtproto_by_number(250) == NULL);
}

/* nlmsghdr | ifinfomsg | IFLA_IFNAME | _LINK | _ADDRESS | _MTU | _GROUP | _LINKINFO{_KIND, _DATA{_MODE}} */
#define MACVLAN                                                                                    \
	"70000000 10000506 09000000 00000000 00000000 00000000 00000000 00000000 "                 \
	"0e000300 76727270 342d322d 35000000 08000500 02000000 0a000100 00005e00 01050000 "        \
	"08000400 dc050000 08001b00 a6160000 "                                                     \
	"1c001280 0c000100 6d616376 6c616e00 0c000280 08000100 01000000"

static void
a_virtual_link_is_made(void)
{
	uint8_t buf[512];
	struct nl_writer w = nl_writer(buf, sizeof(buf));
	struct dplane_op op = {.kind = DPLANE_VLINK,
		.u.vlink = {.parent = 2, .mtu = 1500, .mac = {0, 0, 0x5e, 0, 1, 5}, .name = "vrrp4-2-5"}};
	CU_ASSERT(nl_link_encode(&w, &op, 9, NLM_F_ACK));
	CU_ASSERT(is_hex(&w, MACVLAN));
	/* read back, as the kernel would say it of index 8 */
	struct kernel_link link;
	buf[20] = 8;
	CU_ASSERT(nl_link_decode(buf + 16, w.len - 16, &link) == NL_TAKEN);
	CU_ASSERT(kernel_link_virtual(&link) && link.parent == 2 && link.hwaddr[5] == 5);
	link.group = 0;
	CU_ASSERT(!kernel_link_virtual(&link));
}

static void
a_virtual_link_is_kept(void)
{
	uint8_t buf[512];
	struct dplane_op op = {.kind = DPLANE_LINK_DEL, .u.link.ifindex = 8};
	struct nl_writer w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_link_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w, "20000000 11000100 01000000 00000000 00000000 08000000 00000000 00000000"));
	op.kind = DPLANE_LINK_DOOM;
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_link_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w,
		"28000000 10000100 01000000 00000000 00000000 08000000 00000000 00000000 08001b00 a7160000"));
	op = (struct dplane_op){.kind = DPLANE_LINKS_DEL};
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_link_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w,
		"28000000 11000100 01000000 00000000 00000000 00000000 00000000 00000000 08001b00 a7160000"));
	op = (struct dplane_op){.kind = DPLANE_LINK_SILENT, .u.link.ifindex = 8};
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_link_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w,
		"30000000 10000100 01000000 00000000 00000000 08000000 00000000 00000000 "
		"10001a80 0c000a80 05000800 01000000"));
	op.kind = DPLANE_LINK_QUIET;
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_qdisc_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w,
		"34000000 24000105 01000000 00000000 00000000 08000000 00000000 ffffffff 00000000 "
		"0e000100 626c6163 6b686f6c 65000000"));
	op.kind = DPLANE_LINK_LOUD;
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_qdisc_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w, "24000000 25000100 01000000 00000000 00000000 08000000 00000000 ffffffff 00000000"));
	op = (struct dplane_op){.kind = DPLANE_LINK_MAC, .u.vlink = {.ifindex = 8, .mac = {0, 0, 0x5e, 0, 1, 5}}};
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_link_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w,
		"2c000000 10000100 01000000 00000000 00000000 08000000 00000000 00000000 "
		"0a000100 00005e00 01050000"));
}

static void
a_virtual_address_is_written(void)
{
	uint8_t buf[512];
	struct dplane_op op = {.kind = DPLANE_ADDR,
		.u.addr = {.ifindex = 8, .prefixlen = 32, .virtual = true, .proto = KERNEL_VADDR_PROTO}};
	CU_ASSERT(ipaddr_parse("10.0.0.254", &op.u.addr.local));
	struct nl_writer w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_addr_encode(&w, &op, 1, 0));
	/* IFA_LOCAL, IFA_ADDRESS, IFA_FLAGS (no prefix route), IFA_PROTO */
	CU_ASSERT(is_hex(&w,
		"38000000 14000105 01000000 00000000 02200000 08000000 "
		"08000200 0a0000fe 08000100 0a0000fe 08000800 00020000 05000b00 70000000"));
	struct kernel_addr a;
	CU_ASSERT(nl_addr_decode(buf + 16, w.len - 16, &a) == NL_TAKEN);
	CU_ASSERT(kernel_addr_virtual(&a) && is_addr(&a.local, "10.0.0.254") && a.flags == 0x200);
	/* IPv6: no detection of duplicates, never preferred */
	CU_ASSERT(ipaddr_parse("fe80::fe", &op.u.addr.local));
	op.u.addr.prefixlen = 128;
	op.u.addr.proto = KERNEL_VADDR_DROP;
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_addr_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w,
		"64000000 14000105 01000000 00000000 0a800000 08000000 "
		"14000200 fe800000 00000000 00000000 000000fe 14000100 fe800000 00000000 00000000 000000fe "
		"08000800 02020000 14000600 00000000 ffffffff 00000000 00000000 05000b00 71000000"));
	/* with its link's prefix: then that has its route */
	op.u.addr.prefixlen = 64;
	w = nl_writer(buf, sizeof(buf));
	CU_ASSERT(nl_addr_encode(&w, &op, 1, 0));
	CU_ASSERT(is_hex(&w,
		"64000000 14000105 01000000 00000000 0a400000 08000000 "
		"14000200 fe800000 00000000 00000000 000000fe 14000100 fe800000 00000000 00000000 000000fe "
		"08000800 02000000 14000600 00000000 ffffffff 00000000 00000000 05000b00 71000000"));
}

/* What a batch consists of: the message types in order; the addresses stand in it once. */
static void
accept_mode_is_one_transaction(void)
{
	static const uint16_t with[] = {0x10, 0xa00, 0xa02, 0xa00, 0xa03, 0xa09, 0xa09, 0xa0c, 0xa0c, 0xa06,
		0xa06, 0xa06, 0x11};
	static const uint16_t without[] = {0x10, 0xa00, 0xa02, 0x11};
	struct ipaddr addresses[2];
	uint8_t buf[NL_NFT_ROOM(2)];
	uint32_t last;
	CU_ASSERT(ipaddr_parse("10.0.0.254", &addresses[0]) && ipaddr_parse("fe80::fe", &addresses[1]));
	for (unsigned count = 0; count <= 2; count += 2) {
		const uint16_t *types = count ? with : without;
		size_t n = count ? sizeof(with) / 2 : sizeof(without) / 2, i = 0;
		struct nl_writer w = nl_writer(buf, sizeof(buf));
		struct nl_msg msg;
		CU_ASSERT(nl_nft_encode(&w, addresses, count, 100, &last));
		struct nl_reader r = nl_reader(buf, w.len);
		for (; nl_next_msg(&r, &msg); i++) {
			CU_ASSERT_FATAL(i < n);
			CU_ASSERT_EQUAL(msg.type, types[i]);
			CU_ASSERT_EQUAL(msg.seq, 100 + i);
			/* only the deletion is answered: it comes back however the rest ends */
			CU_ASSERT_EQUAL(!!(msg.flags & NLM_F_ACK), msg.seq == last);
		}
		CU_ASSERT(!r.bad);
		CU_ASSERT_EQUAL(i, n);
		CU_ASSERT_EQUAL(!!memmem(buf, w.len, addresses[1].b, 16), count > 0);
	}
	uint8_t small[200];
	struct nl_writer w = nl_writer(small, sizeof(small));
	CU_ASSERT(!nl_nft_encode(&w, addresses, 2, 1, &last));
	/* the event of a deletion: ours, another's, cut */
	size_t n = unhex("18000000 020a0000 00000000 00000000 01000001 0a000100 67726576 79000000", buf);
	struct nl_reader r;
	struct nl_msg msg;
	buf[0] = (uint8_t) n;
	r = nl_reader(buf, n);
	CU_ASSERT_FATAL(nl_next_msg(&r, &msg));
	CU_ASSERT(nl_nft_deleted(&msg));
	buf[24] = 'x';
	CU_ASSERT(!nl_nft_deleted(&msg));
	msg.len = 3;
	CU_ASSERT(!nl_nft_deleted(&msg));
}

UNIT_TESTS("nl_codec", {"a route is 52 octets", a_route_is_52_octets},
	{"a route is read back", a_route_is_read_back},
	{"a cut route is refused", a_cut_route_is_refused},
	{"hostile routes are refused", hostile_routes_are_refused},
	{"a group and its legs", a_group_and_its_legs},
	{"a vrf knows its table", a_vrf_knows_its_table},
	{"a long name is refused", a_long_name_is_refused},
	{"a peer address is told apart", a_peer_address_is_told_apart},
	{"a writer does not overflow", a_writer_does_not_overflow},
	{"an error and its text", an_error_and_its_text},
	{"a keeper joins and leaves", a_keeper_joins_and_leaves},
	{"protocols have names", protocols_have_names},
	{"a macvlan with a MAC, a mark and its mode", a_virtual_link_is_made},
	{"a link is silenced, made quiet and loud, deleted", a_virtual_link_is_kept},
	{"a virtual address: flags, mark, lifetime", a_virtual_address_is_written},
	{"accept mode is one transaction", accept_mode_is_one_transaction})
