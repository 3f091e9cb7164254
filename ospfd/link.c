/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links and their addresses as zebra tells them, whether OSPF runs there or not. */
#include "ospfd/nbr.h"

#include <string.h>

#include "lib/mem.h"

struct link *
ospf_link_find(const struct ospf *o, uint32_t ifindex)
{
	struct link *l;
	TAILQ_FOREACH(l, &o->links, entry)
		if (l->info.ifindex == ifindex)
			return l;
	return NULL;
}

struct link *
ospf_link_get(struct ospf *o, uint32_t ifindex)
{
	struct link *l = ospf_link_find(o, ifindex), *at;
	if (l)
		return l;
	l = mem_zalloc(sizeof(*l));
	l->info.ifindex = ifindex;
	TAILQ_INIT(&l->addrs);
	TAILQ_FOREACH(at, &o->links, entry)
		if (at->info.ifindex > ifindex)
			break;
	if (at)
		TAILQ_INSERT_BEFORE(at, l, entry);
	else
		TAILQ_INSERT_TAIL(&o->links, l, entry);
	return l;
}

void
link_free(struct ospf *o, struct link *l)
{
	struct linkaddr *la;
	while ((la = TAILQ_FIRST(&l->addrs)) != NULL) {
		TAILQ_REMOVE(&l->addrs, la, entry);
		mem_free(la);
	}
	TAILQ_REMOVE(&o->links, l, entry);
	mem_free(l);
}

void
ospf_link_changed(struct ospf *o, const struct ospf_link *info, int64_t now)
{
	struct link *l = ospf_link_get(o, info->ifindex);
	l->info = *info;
	l->info.name[sizeof(l->info.name) - 1] = '\0';
	if (info->gone)
		l->info.up = false;
	for (struct iface *i = iface_next(o, NULL); i; i = iface_next(o, i))
		if (i->link == l)
			iface_reconfigure(i, now);
	iface_match_link(o, l, now);
	area_drop_empty(o, now);
	if (info->gone)
		link_free(o, l);
	ospf_turn_end(o, now);
}

static const struct linkaddr *
addr_add(struct link *l, const struct ipaddr *addr, unsigned plen, const struct ipaddr *peer)
{
	struct linkaddr *la = mem_zalloc(sizeof(*la));
	la->addr = *addr;
	la->plen = (uint8_t)plen;
	if (peer && peer->afi != AFI_NONE && ipaddr_cmp(peer, addr) != 0)
		la->peer = *peer;
	TAILQ_INSERT_TAIL(&l->addrs, la, entry);
	return la;
}

/* A host address that came first may be an alias now. */
static void
drop_aliases(struct ospf *o, struct link *l, unsigned plen, int64_t now)
{
	const struct linkaddr *first = TAILQ_FIRST(&l->addrs);
	if (plen == afi_bits(first->addr.afi) || first->plen != afi_bits(first->addr.afi))
		return;
	iface_match_link(o, l, now);
	area_drop_empty(o, now);
}

void
ospf_address_changed(struct ospf *o, uint32_t ifindex, const struct ipaddr *addr, unsigned plen,
	const struct ipaddr *peer, bool add, int64_t now)
{
	struct link *l = ospf_link_get(o, ifindex);
	struct linkaddr *la;
	/* RFC 1122 3.2.1.3 (g): 127/8 never leaves a host */
	if (plen > afi_bits(addr->afi) || ipaddr_is_loopback(addr))
		return;
	TAILQ_FOREACH(la, &l->addrs, entry)
		if (ipaddr_cmp(&la->addr, addr) == 0 && la->plen == plen)
			break;
	if (add && !la) {
		iface_match_address(o, l, addr_add(l, addr, plen, peer), now);
		drop_aliases(o, l, plen, now);
	} else if (!add && la) {
		TAILQ_REMOVE(&l->addrs, la, entry);
		mem_free(la);
		iface_match_link(o, l, now);
		area_drop_empty(o, now);
	}
	ospf_turn_end(o, now);
}
