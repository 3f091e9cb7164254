/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP's word on a LAN (RIB_LAN), kept with the link. What our LSAs make of it:
 *
 *                        withdrawn (dead, or by role)      costs more
 *   stub link            leaves the router LSA             metric + added
 *   transit network      largest metric: the prefix is in  metric + added
 *                        the DR's LSA, which is of all
 *   redistributed        flushed                           metric + added (type 1 and 2)
 *     connected prefix
 *
 * so the way back does not end at a port behind which nobody is. A dead LAN's neighbours die by
 * themselves: by BFD or their dead interval.
 */
#include "ospfd/lan.h"

#include <string.h>

#include "ospfd/redist.h"

enum lan_fate
ospf_lan_fate(const struct ospf_lan *lan)
{
	return lan->dead || lan->withdraw ? LAN_WITHDRAWN : lan->added_cost ? LAN_COSTS_MORE
		: LAN_AS_CONFIGURED;
}

uint32_t
ospf_lan_cost(const struct ospf_lan *lan, uint32_t cost, uint32_t max)
{
	uint64_t sum = (uint64_t)cost + lan->added_cost;
	return sum < max ? (uint32_t)sum : max;
}

const char *
ospf_lan_role_name(uint8_t role)
{
	static const char *const names[] = { "none", "master", "backup", "initialize" };
	return role < sizeof(names) / sizeof(names[0]) ? names[role] : "?";
}

const char *
ospf_lan_fate_name(enum lan_fate a)
{
	static const char *const names[] = { [LAN_AS_CONFIGURED] = "as configured",
		[LAN_COSTS_MORE] = "costs more", [LAN_WITHDRAWN] = "withdrawn" };
	return names[a];
}

void
ospf_lan_changed(struct ospf *o, uint32_t ifindex, const struct ospf_lan *lan, int64_t now)
{
	struct link *l = ospf_link_get(o, ifindex);
	struct ospf_lan old = l->lan;
	l->lan = *lan;
	if (ospf_lan_fate(&old) != ospf_lan_fate(lan) || old.added_cost != lan->added_cost) {
		ospf_notify(o, &(struct ospf_event){ .kind = OSPF_EV_LAN, .ifname = l->info.name,
			.ifindex = ifindex, .new = (uint8_t)ospf_lan_fate(lan), .want = lan->added_cost,
			.text = lan->dead ? "the LAN is dead" : ospf_lan_role_name(lan->role) });
		for (struct iface *i = NULL; (i = iface_next(o, i)) != NULL;)
			if (i->link == l)
				area_router_lsa_wanted(i->area);
		redist_link_changed(o->routing, ifindex, now);
	}
	ospf_turn_end(o, now);
}
