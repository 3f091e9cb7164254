/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the addresses of interfaces give: candidates of sources connected and local. */
#include <linux/if_addr.h>

#include "zebra/core.h"
#include "zebra/detour.h"
#include "zebra/iface.h"
#include "zebra/lan.h"
#include "zebra/nhg.h"
#include "zebra/rib_import.h"
#include "zebra/source.h"

static void
connected_set(struct zebra *z, enum protocol_id proto, uint32_t ifindex, const struct prefix *p, bool on)
{
	struct source *s = source_own(z, proto);
	if (!on) {
		rib_route_del(z, s, 0, p, ifindex);
		return;
	}
	struct zebra_leg leg = {.ifindex = ifindex};
	struct nhg *g = nhg_get(s, p->afi, &leg, 1);
	struct route_attrs a = {.nhg = g, .tag = ifindex};
	if (proto == PROTO_CONNECTED && lan_is_dead(z, ifindex))
		a.distance = DETOUR_DISTANCE;
	rib_route_set(z, s, p, ifindex, &a);
	nhg_put(g);
}

/* Another address of the interface that gives the same connected route keeps it. */
static bool
connected_shared(const struct iface *i, const struct iface_addr *a)
{
	for (unsigned k = 0; k < i->addr_count; k++)
		if (i->addrs[k] != a && i->addrs[k]->routed
			&& prefix_equal(&i->addrs[k]->connected, &a->connected))
			return true;
	return false;
}

static bool
addr_counts(const struct iface *i, const struct iface_addr *a)
{
	return i->present && i->operative && a->seen && !ipaddr_is_loopback(&a->k.local)
		&& !(a->k.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

void
import_connected(struct zebra *z, struct iface *i)
{
	for (unsigned k = 0; k < i->addr_count; k++) {
		struct iface_addr *a = i->addrs[k];
		bool want = addr_counts(i, a);
		if (want == a->routed)
			continue;
		const struct ipaddr *net = a->k.peer.afi ? &a->k.peer : &a->k.local;
		struct prefix host = prefix_host(&a->k.local);
		a->connected = prefix_make(net, a->k.prefixlen);
		a->routed = want;
		if (!connected_shared(i, a) && !(a->k.flags & IFA_F_NOPREFIXROUTE))
			connected_set(z, PROTO_CONNECTED, i->k.ifindex, &a->connected, want);
		if (!ipaddr_is_link_local(&a->k.local))
			connected_set(z, PROTO_LOCAL, i->k.ifindex, &host, want);
	}
}

void
import_connected_again(struct zebra *z, struct iface *i)
{
	for (unsigned k = 0; k < i->addr_count; k++) {
		const struct iface_addr *a = i->addrs[k];
		if (a->routed && !(a->k.flags & IFA_F_NOPREFIXROUTE))
			connected_set(z, PROTO_CONNECTED, i->k.ifindex, &a->connected, true);
	}
}
