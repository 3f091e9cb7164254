/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces as the kernel reports them, and what follows: connected routes, legs, clients. The
 * configuration's side is in iface_conf.c.
 */
#include "zebra/iface.h"

#include <net/if.h>
#include <linux/if_addr.h>
#include <string.h>

#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/iface_conf.h"
#include "zebra/nhg.h"
#include "zebra/repair.h"
#include "zebra/rib_import.h"
#include "zebra/routerid.h"
#include "zebra/track.h"

struct ifaces *
ifaces_new(void)
{
	return mem_zalloc(sizeof(struct ifaces));
}

static void
iface_free(struct iface *i)
{
	for (unsigned k = 0; k < i->addr_count; k++)
		mem_free(i->addrs[k]);
	mem_free(i->addrs);
	mem_free(i);
}

void
ifaces_free(struct ifaces *s)
{
	for (unsigned i = 0; i < s->count; i++)
		iface_free(s->items[i]);
	mem_free(s->items);
	conf_unref(s->config);
	mem_free(s);
}

/* Where ifindex is, or would be put. */
static unsigned
iface_position(const struct ifaces *s, uint32_t ifindex)
{
	unsigned lo = 0, hi = s->count;
	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		if (s->items[mid]->k.ifindex < ifindex)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct iface *
iface_find(const struct zebra *z, uint32_t ifindex)
{
	const struct ifaces *s = z->ifaces;
	unsigned at = iface_position(s, ifindex);
	return at < s->count && s->items[at]->k.ifindex == ifindex ? s->items[at] : NULL;
}

struct iface *
iface_by_name(const struct zebra *z, const char *name)
{
	for (unsigned i = 0; i < z->ifaces->count; i++)
		if (!strcmp(z->ifaces->items[i]->k.name, name))
			return z->ifaces->items[i];
	return NULL;
}

bool
iface_operative(const struct iface *i)
{
	return i->present && (i->link_detect ? kernel_link_running(&i->k) : kernel_link_up(&i->k));
}

bool
iface_covers(const struct iface *i, const struct ipaddr *gateway)
{
	for (unsigned k = 0; k < i->addr_count; k++) {
		const struct kernel_addr *a = &i->addrs[k]->k;
		struct prefix p = prefix_make(a->peer.afi ? &a->peer : &a->local, a->prefixlen);
		if (i->addrs[k]->seen && prefix_contains_addr(&p, gateway))
			return true;
	}
	return false;
}

/* --- telling clients ------------------------------------------------------------------------------ */

/* Virtual links and addresses are no business of routing (vlink.h). */
void
iface_tell(struct zebra *z, const struct iface *i, uint32_t client, bool gone)
{
	if (kernel_link_virtual(&i->k))
		return;
	struct zebra_interface out = {
		.ifindex = i->k.ifindex,
		.mtu = i->k.mtu,
		.name = i->k.name,
		.admin_up = kernel_link_up(&i->k),
		.operative = iface_operative(i),
		.loopback = i->k.flags & IFF_LOOPBACK,
		.broadcast = i->k.flags & IFF_BROADCAST,
		.multicast = i->k.flags & IFF_MULTICAST,
		.point_to_point = i->k.flags & IFF_POINTOPOINT,
		.bandwidth_kbit = (uint64_t)(i->config_mbps ? i->config_mbps : i->k.speed_mbps) * 1000,
		.hwaddr_len = i->k.hwaddr_len,
		.hwaddr = i->k.hwaddr,
	};
	z->ops->interface(z->arg, client, &out, gone);
}

static void
addr_tell(struct zebra *z, const struct iface *i, const struct iface_addr *a, uint32_t client, bool gone)
{
	struct zebra_address out = {
		.ifindex = i->k.ifindex,
		.prefixlen = a->k.prefixlen,
		.local = a->k.local,
		.peer = a->k.peer,
		.secondary = a->k.flags & IFA_F_SECONDARY && a->k.local.afi == AFI_IP4,
	};
	if (!kernel_link_virtual(&i->k) && !kernel_addr_virtual(&a->k))
		z->ops->address(z->arg, client, &out, gone);
}

void
iface_tell_client(struct zebra *z, uint32_t client)
{
	for (unsigned n = 0; n < z->ifaces->count; n++) {
		const struct iface *i = z->ifaces->items[n];
		iface_tell(z, i, client, false);
		for (unsigned k = 0; k < i->addr_count; k++)
			if (i->addrs[k]->announced)
				addr_tell(z, i, i->addrs[k], client, false);
	}
}

/* --- links ---------------------------------------------------------------------------------------- */

/*
 * The kernel deletes the next hops on an interface when it goes down, and when it loses its carrier
 * (neither IFF_RUNNING nor IFF_LOWER_UP). IPv4 routes of others it flushes when it goes down only.
 */
static bool
link_carries_next_hops(const struct kernel_link *l)
{
	return kernel_link_up(l) && (l->flags & 0x10040); /* IFF_RUNNING, IFF_LOWER_UP */
}

/*
 * The carrier went and came again while we looked away (coalesced or lost events, or it was back before the
 * kernel described the loss): the flags are the same, but the next hops may be gone.
 */
static bool
link_flapped_unseen(const struct kernel_link *was, const struct kernel_link *is)
{
	return was->carrier_changes != is->carrier_changes && link_carries_next_hops(was) && link_carries_next_hops(is);
}

static const char *
link_cause(const struct iface *i, bool flapped)
{
	if (flapped)
		return "the carrier was lost and is back";
	if (!i->present)
		return "the interface is gone";
	if (!kernel_link_up(&i->k))
		return "the interface is down";
	return iface_operative(i) ? "the interface is up and has a carrier" : "the carrier is lost";
}

static void
iface_state_changed(struct zebra *z, struct iface *i, bool killed, bool flapped)
{
	bool up = iface_operative(i);
	bool was = i->operative;
	i->operative = up;
	if (up != was && i->counted) {
		*(up ? &i->ups : &i->downs) += 1;
		*(up ? &i->last_up : &i->last_down) = z->now;
	}
	bool told = !kernel_link_virtual(&i->k);
	if (told && (killed || up != was))
		repair_cause(z, 0, i->k.name, link_cause(i, flapped));
	if (told && up != was && i->counted)
		repair_tell(z, !up, up ? "zebra.link-up" : "zebra.link-down", i->k.name, link_cause(i, false));
	else if (flapped)
		repair_tell(z, true, "zebra.link-flap", i->k.name, link_cause(i, true));
	i->counted = true; /* its first state is not a change */
	/* the legs first: this is what repairs forwarding (DESIGN 7) */
	nh_leg_iface_changed(z, i->k.ifindex, killed);
	if (killed && !(i->present && kernel_link_up(&i->k)))
		import_iface_down(z, i->k.ifindex);
	import_connected(z, i);
	tracks_iface_changed(z);
	if (up)
		nhgs_hope(z);
}

static struct iface *
iface_add(struct zebra *z, uint32_t ifindex)
{
	struct ifaces *s = z->ifaces;
	unsigned at = iface_position(s, ifindex);
	struct iface *i = mem_zalloc(sizeof(*i));
	i->k.ifindex = ifindex;
	i->link_detect = true;
	s->items = mem_realloc(s->items, (s->count + 1) * sizeof(struct iface *));
	memmove(s->items + at + 1, s->items + at, (s->count - at) * sizeof(struct iface *));
	s->items[at] = i;
	s->count++;
	return i;
}

void
iface_link_changed(struct zebra *z, const struct kernel_link *l)
{
	struct iface *i = iface_find(z, l->ifindex);
	bool added = !i;
	if (added)
		i = iface_add(z, l->ifindex);
	bool renamed = added || strncmp(i->k.name, l->name, sizeof(l->name)) != 0;
	bool was_up = i->present && kernel_link_up(&i->k);
	bool had_next_hops = i->present && link_carries_next_hops(&i->k);
	bool same = !added && i->present && !memcmp(&i->k, l, sizeof(*l));
	bool flapped = i->present && link_flapped_unseen(&i->k, l);
	i->k = *l;
	i->present = i->seen = true;
	if (same)
		return;
	if (renamed)
		iface_conf_bind(z, i);
	iface_state_changed(z, i, flapped || (had_next_hops && !link_carries_next_hops(l)), flapped);
	iface_tell(z, i, 0, false);
	/* IPv6 addresses went when it was down, and the kernel does not bring them back */
	if (renamed || (!was_up && kernel_link_up(l)))
		iface_conf_apply(z, i);
	core_link_changed(z, i, renamed);
}

static void
addr_forget(struct zebra *z, struct iface *i, unsigned at)
{
	struct iface_addr *a = i->addrs[at];
	a->seen = false;
	import_connected(z, i); /* takes its routes away */
	if (a->announced)
		addr_tell(z, i, a, 0, true);
	memmove(i->addrs + at, i->addrs + at + 1, (i->addr_count - at - 1) * sizeof(*i->addrs));
	i->addr_count--;
	mem_free(a);
}

void
iface_link_gone(struct zebra *z, uint32_t ifindex)
{
	struct iface *i = iface_find(z, ifindex);
	if (!i)
		return;
	i->present = false;
	iface_state_changed(z, i, true, false);
	while (i->addr_count)
		addr_forget(z, i, i->addr_count - 1);
	iface_tell(z, i, 0, true);
	core_link_changed(z, i, true);
	unsigned at = iface_position(z->ifaces, ifindex);
	struct ifaces *s = z->ifaces;
	memmove(s->items + at, s->items + at + 1, (s->count - at - 1) * sizeof(struct iface *));
	s->count--;
	iface_free(i);
	routerid_changed(z);
}

/* --- addresses ------------------------------------------------------------------------------------ */

static int
addr_position(const struct iface *i, const struct kernel_addr *a)
{
	for (unsigned k = 0; k < i->addr_count; k++) {
		const struct kernel_addr *b = &i->addrs[k]->k;
		if (b->prefixlen == a->prefixlen && !ipaddr_cmp(&b->local, &a->local)
			&& !ipaddr_cmp(&b->peer, &a->peer))
			return (int)k;
	}
	return -1;
}

void
iface_addr_changed(struct zebra *z, const struct kernel_addr *k)
{
	struct iface *i = iface_find(z, k->ifindex);
	if (!i)
		return; /* its link is not known: the next dump brings both */
	int at = addr_position(i, k);
	struct iface_addr *a = at >= 0 ? i->addrs[at] : NULL;
	if (!a) {
		a = mem_zalloc(sizeof(*a));
		i->addrs = mem_realloc(i->addrs, (i->addr_count + 1) * sizeof(*i->addrs));
		i->addrs[i->addr_count++] = a;
	}
	bool tentative = k->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED);
	bool news = at < 0 || a->k.flags != k->flags;
	a->k = *k;
	a->seen = true;
	if (!news)
		return;
	nh_leg_iface_changed(z, i->k.ifindex, false);
	import_connected(z, i);
	if (a->announced == tentative) {
		a->announced = !tentative;
		addr_tell(z, i, a, 0, tentative);
	}
	routerid_changed(z);
	nhgs_hope(z);
}

void
iface_addr_gone(struct zebra *z, const struct kernel_addr *k)
{
	struct iface *i = iface_find(z, k->ifindex);
	int at = i ? addr_position(i, k) : -1;
	if (at < 0)
		return;
	addr_forget(z, i, (unsigned)at);
	nh_leg_iface_changed(z, i->k.ifindex, false);
	routerid_changed(z);
}

/* --- dumps ---------------------------------------------------------------------------------------- */

static void
links_resync(struct zebra *z, bool begin)
{
	struct ifaces *s = z->ifaces;
	for (unsigned n = 0; n < s->count;) {
		struct iface *i = s->items[n];
		if (begin) {
			i->seen = false;
		} else if (!i->seen) {
			iface_link_gone(z, i->k.ifindex);
			continue;
		}
		n++;
	}
	if (!begin && z->synced) {
		/* a link may have been down and up unseen: ask what is left of next hops and routes */
		z->ops->resync(z->arg, KERNEL_NEXTHOP);
		z->ops->resync(z->arg, KERNEL_ROUTE);
	}
}

void
iface_resync(struct zebra *z, bool addresses, bool begin)
{
	if (!addresses) {
		links_resync(z, begin);
		return;
	}
	for (unsigned n = 0; n < z->ifaces->count; n++) {
		struct iface *i = z->ifaces->items[n];
		for (unsigned k = i->addr_count; k-- > 0;) {
			if (begin) {
				i->addrs[k]->seen = false;
			} else if (!i->addrs[k]->seen) {
				struct kernel_addr gone = i->addrs[k]->k;
				iface_addr_gone(z, &gone);
			}
		}
		if (!begin)
			iface_conf_apply(z, i);
	}
}
