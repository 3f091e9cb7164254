/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the keepers: a veth pair, neighbours that have failed, a next hop per family. Shell. */
#include "zebra/keeper.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "lib/mem.h"
#include "zebra/nl_nexthop.h"

/* One request; its errno. */
static int
request(struct nl_batch *b, struct nl_sock *s)
{
	nl_batch_added(b);
	nl_batch_run(b, s);
	return b->errors[0];
}

static int
link_make(struct nl_batch *b, struct nl_sock *s)
{
	const struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC};
	nl_batch_start(b, s);
	nl_msg_begin(&b->w, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL,
		nl_batch_seq(b), &ifi, sizeof(ifi));
	nl_put(&b->w, IFLA_IFNAME, KEEPER_LINK, sizeof(KEEPER_LINK));
	size_t info = nl_nest_begin(&b->w, IFLA_LINKINFO);
	nl_put(&b->w, IFLA_INFO_KIND, "veth", sizeof("veth"));
	size_t data = nl_nest_begin(&b->w, IFLA_INFO_DATA);
	/* the peer: an ifinfomsg, then its attributes */
	size_t peer = nl_nest_begin(&b->w, VETH_INFO_PEER);
	nl_put_raw(&b->w, &ifi, sizeof(ifi));
	nl_put(&b->w, IFLA_IFNAME, KEEPER_PEER, sizeof(KEEPER_PEER));
	nl_nest_end(&b->w, peer);
	nl_nest_end(&b->w, data);
	nl_nest_end(&b->w, info);
	return nl_msg_end(&b->w) ? request(b, s) : EMSGSIZE;
}

/* No link-local address: nothing talks here. Fails where IPv6 is off, which is as good. */
static int
link_silence(struct nl_batch *b, struct nl_sock *s, unsigned ifindex)
{
	const struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = (int) ifindex};
	nl_batch_start(b, s);
	nl_msg_begin(&b->w, RTM_NEWLINK, NLM_F_REQUEST, nl_batch_seq(b), &ifi, sizeof(ifi));
	size_t spec = nl_nest_begin(&b->w, IFLA_AF_SPEC);
	size_t inet6 = nl_nest_begin(&b->w, AF_INET6);
	nl_put_u8(&b->w, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nl_nest_end(&b->w, inet6);
	nl_nest_end(&b->w, spec);
	return nl_msg_end(&b->w) ? request(b, s) : EMSGSIZE;
}

static int
link_up(struct nl_batch *b, struct nl_sock *s, unsigned ifindex)
{
	const struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC,
		.ifi_index = (int) ifindex,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP};
	nl_batch_start(b, s);
	nl_msg_begin(&b->w, RTM_NEWLINK, NLM_F_REQUEST, nl_batch_seq(b), &ifi, sizeof(ifi));
	return nl_msg_end(&b->w) ? request(b, s) : EMSGSIZE;
}

/* A neighbour that has failed and stays so: entries learned from outside are not aged out. */
static int
neigh_fail(struct nl_batch *b, struct nl_sock *s, unsigned ifindex, const struct ipaddr *gateway)
{
	const struct ndmsg nd = {.ndm_family = nl_family(gateway->afi),
		.ndm_ifindex = (int) ifindex,
		.ndm_state = NUD_FAILED,
		.ndm_flags = NTF_EXT_LEARNED};
	nl_batch_start(b, s);
	nl_msg_begin(&b->w, RTM_NEWNEIGH, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE,
		nl_batch_seq(b), &nd, sizeof(nd));
	nl_put_addr(&b->w, NDA_DST, gateway);
	return nl_msg_end(&b->w) ? request(b, s) : EMSGSIZE;
}

static bool
keeper_make(struct nl_batch *b, struct nl_sock *s, unsigned ifindex, uint32_t id, const char *text)
{
	struct dplane_op op = {
		.kind = DPLANE_NEXTHOP, .protocol = RTPROT_ZEBRA, .onlink = 1, .id = id};
	op.u.nexthop.oif = ifindex;
	if (!ipaddr_parse(text, &op.u.nexthop.gateway))
		return false;
	if (neigh_fail(b, s, ifindex, &op.u.nexthop.gateway) != 0)
		return false;
	nl_batch_start(b, s);
	return nl_nexthop_encode(&b->w, &op, nl_batch_seq(b), 0) && request(b, s) == 0;
}

/*
 * How the kernel chooses in a group, for a hash value:
 * since 6.5: legs that are not good are passed over, the first good one takes what is left; if none
 *	is good, the first leg of all. So the keeper stands last.
 * before: legs below the hash are passed over, then those that are not good; if none is good, the
 *	first one seen. So the keeper stands first, and its share falls to the next.
 */
static bool
keeper_stands_first(void)
{
	struct utsname u;
	unsigned major = 0, minor = 0;
	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major < 6 || (major == 6 && minor < 5);
}

struct keeper
keeper_setup(struct nl_sock *s)
{
	struct keeper k = {.first = keeper_stands_first()};
	struct nl_batch *b = mem_alloc(sizeof(*b));
	link_make(b, s); /* it may be there already: then it is adopted */
	unsigned a = if_nametoindex(KEEPER_LINK), p = if_nametoindex(KEEPER_PEER);
	if (a != 0 && p != 0) {
		link_silence(b, s, a);
		link_silence(b, s, p);
		link_up(b, s, p);
		link_up(b, s, a);
		k.ip4 = keeper_make(b, s, a, KEEPER_ID4, "192.0.0.8"); /* RFC 7600 */
		k.ip6 = keeper_make(b, s, a, KEEPER_ID6, "fe80::8");
	}
	mem_free(b);
	return k;
}

int
keeper_remove(void)
{
	const struct ifinfomsg ifi = {
		.ifi_family = AF_UNSPEC, .ifi_index = (int) if_nametoindex(KEEPER_LINK)};
	struct nl_sock s;
	if (ifi.ifi_index == 0)
		return 0;
	int error = nl_sock_open(&s, 0);
	if (error)
		return error;
	struct nl_batch *b = mem_alloc(sizeof(*b));
	nl_batch_start(b, &s);
	nl_msg_begin(&b->w, RTM_DELLINK, NLM_F_REQUEST, nl_batch_seq(b), &ifi, sizeof(ifi));
	error = nl_msg_end(&b->w) ? request(b, &s) : EMSGSIZE;
	mem_free(b);
	nl_sock_close(&s);
	return error;
}
