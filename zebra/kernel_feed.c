/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listener's tables. Shell (asks for a link's speed). */
#include "zebra/kernel_feed.h"

#include <linux/rtnetlink.h>
#include <net/if.h>

#include "zebra/keeper_legs.h"
#include "zebra/kernel_sys.h"
#include "zebra/nl_addr.h"
#include "zebra/nl_link.h"
#include "zebra/nl_neigh.h"
#include "zebra/nl_nexthop.h"
#include "zebra/nl_route.h"

#define MIB (1 << 20)

const struct feed_row feed_rows[FEEDS] = {
	{.overrun = "link or address events were lost: reading them all again",
		.groups = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR},
		.steps = {{KERNEL_LINK, nl_link_dump, AF_UNSPEC, true},
			{KERNEL_ADDR, nl_addr_dump, AF_UNSPEC, true}},
		.step_count = 2,
		.rcvbuf = 8 * MIB},
	{.overrun = "neighbour events were lost: reading them all again",
		.groups = {RTNLGRP_NEIGH},
		.steps = {{KERNEL_NEIGH, nl_neigh_dump, AF_UNSPEC, false}},
		.step_count = 1,
		.rcvbuf = 4 * MIB},
	/* together: a next hop that goes takes its routes along, and the order with them tells which */
	{.overrun = "next-hop or route events were lost: reading them all again",
		.groups = {RTNLGRP_NEXTHOP, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_LINK},
		.steps = {{KERNEL_NEXTHOP, nl_nexthop_dump, AF_UNSPEC, true},
			{KERNEL_ROUTE, nl_route_dump, AF_INET, false},
			{KERNEL_ROUTE, nl_route_dump, AF_INET6, false}},
		.step_count = 3,
		.rcvbuf = 32 * MIB,
		.drops_own = true,
		.link_marks = true},
};

/* A link event among the routes: after it, the IPv4 routes by a link that is not up are gone. */
static enum nl_fate
on_link_mark(struct kernel_handler *h, const struct nl_msg *msg)
{
	struct kernel_link link;
	enum nl_fate fate = nl_link_decode(msg->payload, msg->len, &link);
	if (fate == NL_TAKEN && h->ops->routes_flushed &&
		(msg->type == RTM_DELLINK || !kernel_link_up(&link)))
		h->ops->routes_flushed(h->arg, link.ifindex);
	return fate;
}

static enum nl_fate
on_link(struct kernel_handler *h, const struct nl_msg *msg)
{
	struct kernel_link link;
	enum nl_fate fate = nl_link_decode(msg->payload, msg->len, &link);
	if (fate != NL_TAKEN)
		return fate;
	if (keeper_owns_link(link.name))
		return NL_SKIPPED;
	if (msg->type == RTM_DELLINK) {
		h->ops->link_gone(h->arg, link.ifindex);
		return fate;
	}
	if (link.flags & IFF_RUNNING && !(link.flags & IFF_LOOPBACK))
		link.speed_mbps = kernel_link_speed(link.name);
	h->ops->link(h->arg, &link);
	return fate;
}

static enum nl_fate
on_addr(struct kernel_handler *h, const struct nl_msg *msg)
{
	struct kernel_addr addr;
	enum nl_fate fate = nl_addr_decode(msg->payload, msg->len, &addr);
	if (fate != NL_TAKEN)
		return fate;
	if (msg->type == RTM_NEWADDR)
		h->ops->addr(h->arg, &addr);
	else
		h->ops->addr_gone(h->arg, &addr);
	return fate;
}

static enum nl_fate
on_neigh(struct kernel_handler *h, const struct nl_msg *msg)
{
	struct kernel_neigh neigh;
	enum nl_fate fate = nl_neigh_decode(msg->payload, msg->len, &neigh);
	if (fate != NL_TAKEN)
		return fate;
	if (msg->type == RTM_NEWNEIGH)
		h->ops->neigh(h->arg, &neigh);
	else
		h->ops->neigh_gone(h->arg, &neigh);
	return fate;
}

static enum nl_fate
on_nexthop(struct kernel_handler *h, const struct nl_msg *msg)
{
	enum nl_fate fate = nl_nexthop_decode(msg->payload, msg->len, &h->nexthop);
	if (fate != NL_TAKEN)
		return fate;
	if (h->nexthop.id >= DPLANE_ID_RESERVED)
		return NL_SKIPPED;
	keeper_leave(&h->nexthop);
	if (msg->type == RTM_NEWNEXTHOP)
		h->ops->nexthop(h->arg, &h->nexthop);
	else
		h->ops->nexthop_gone(h->arg, h->nexthop.id);
	return fate;
}

static enum nl_fate
on_route(struct kernel_handler *h, const struct nl_msg *msg)
{
	enum nl_fate fate = nl_route_decode(msg->payload, msg->len, &h->route);
	if (fate != NL_TAKEN)
		return fate;
	if (h->route.table == RT_TABLE_LOCAL)
		return NL_SKIPPED;
	if (msg->type == RTM_NEWROUTE)
		h->ops->route(h->arg, &h->route);
	else
		h->ops->route_gone(h->arg, &h->route);
	return fate;
}

static const struct {
	uint16_t type;
	enum nl_fate (*handle)(struct kernel_handler *h, const struct nl_msg *msg);
} message_rows[] = {
	{RTM_NEWROUTE, on_route},
	{RTM_DELROUTE, on_route},
	{RTM_NEWNEIGH, on_neigh},
	{RTM_DELNEIGH, on_neigh},
	{RTM_NEWLINK, on_link},
	{RTM_DELLINK, on_link},
	{RTM_NEWADDR, on_addr},
	{RTM_DELADDR, on_addr},
	{RTM_NEWNEXTHOP, on_nexthop},
	{RTM_DELNEXTHOP, on_nexthop},
};

enum nl_fate
kernel_handle(struct kernel_handler *h, const struct feed_row *row, const struct nl_msg *msg)
{
	if (row->link_marks && (msg->type == RTM_NEWLINK || msg->type == RTM_DELLINK))
		return on_link_mark(h, msg);
	for (unsigned i = 0; i < sizeof(message_rows) / sizeof(message_rows[0]); i++)
		if (message_rows[i].type == msg->type)
			return message_rows[i].handle(h, msg);
	return NL_SKIPPED;
}
