/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces: what zebra tells of them, their own addresses, the BFD sessions and sockets that their
 * virtual routers want, and the role of this router on their LAN. Owns its virtual routers.
 *
 * An address with the length of a host (/32, /128) is taken for a virtual one, which zebra puts on the
 * interface that way when there is no virtual MAC: it makes nobody owner, and nothing is sent from it.
 */
#include "vrrpd/core.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bfdclient.h"
#include "lib/hash.h"
#include "lib/mem.h"

/* --- finding -------------------------------------------------------------------------------------- */

static uint32_t
hash_name(const char *name)
{
	return hash_bytes(0, name, strlen(name));
}

static uint32_t
hash_index(uint32_t ifindex)
{
	return hash_bytes(0, &ifindex, sizeof(ifindex));
}

struct vrrp_iface *
vrrp_iface_find(const struct vrrp *v, uint32_t ifindex)
{
	return ifindex ? hash_find(v->by_index, hash_index(ifindex), &ifindex) : NULL;
}

struct vrrp_iface *
vrrp_iface_named(const struct vrrp *v, const char *name)
{
	return hash_find(v->by_name, hash_name(name), name);
}

struct vrrp_iface *
vrrp_iface_need(struct vrrp *v, const char *name)
{
	struct vrrp_iface *ifc = vrrp_iface_named(v, name), *other;

	if (ifc)
		return ifc;
	ifc = mem_zalloc(sizeof(*ifc));
	ifc->v = v;
	memcpy(ifc->name, name, strnlen(name, sizeof(ifc->name) - 1));
	TAILQ_INIT(&ifc->announcing);
	TAILQ_INIT(&ifc->routers);
	TAILQ_FOREACH(other, &v->ifaces, entry)
		if (strcmp(other->name, ifc->name) > 0)
			break;
	if (other)
		TAILQ_INSERT_BEFORE(other, ifc, entry);
	else
		TAILQ_INSERT_TAIL(&v->ifaces, ifc, entry);
	hash_insert(v->by_name, hash_name(ifc->name), ifc);
	vrrp_lan_restore(ifc);
	return ifc;
}

/* Its virtual routers are gone. */
void
vrrp_iface_free(struct vrrp_iface *ifc)
{
	struct vrrp *v = ifc->v;

	timer_cancel(v->timers, &ifc->lan.timer);
	timer_cancel(v->timers, &ifc->announce_timer);
	if (ifc->ifindex)
		hash_remove(v->by_index, hash_index(ifc->ifindex), &ifc->ifindex);
	hash_remove(v->by_name, hash_name(ifc->name), ifc->name);
	TAILQ_REMOVE(&v->ifaces, ifc, entry);
	mem_free(ifc->table[0]);
	mem_free(ifc->table[1]);
	mem_free(ifc->addresses);
	mem_free(ifc->bfd);
	mem_free(ifc);
}

/* --- addresses ------------------------------------------------------------------------------------ */

static bool
is_host_length(const struct prefix *p)
{
	return p->len == afi_bits(p->afi);
}

bool
vrrp_iface_owns(const struct vrrp_iface *ifc, const struct ipaddr *a)
{
	for (size_t i = 0; i < ifc->address_count; i++) {
		struct ipaddr own = prefix_addr(&ifc->addresses[i]);
		if (!is_host_length(&ifc->addresses[i]) && !ipaddr_cmp(&own, a))
			return true;
	}
	return false;
}

static struct prefix
network_of(const struct prefix *own)
{
	struct ipaddr a = prefix_addr(own);

	return prefix_make(&a, own->len);
}

bool
vrrp_iface_reaches(const struct vrrp_iface *ifc, const struct ipaddr *a)
{
	for (size_t i = 0; i < ifc->address_count; i++) {
		struct prefix net = network_of(&ifc->addresses[i]);
		if (!is_host_length(&ifc->addresses[i]) && prefix_contains_addr(&net, a))
			return true;
	}
	return false;
}

static bool
covers_one(const struct prefix *own, const struct vrrp_settings *s, const struct ipaddr *dst)
{
	struct prefix net = network_of(own);

	if (!ipaddr_is_multicast(dst))
		return prefix_contains_addr(&net, dst);
	for (size_t i = 0; s && i < s->address_count; i++)
		if (prefix_contains_addr(&net, &s->addresses[i]))
			return true;
	return false;
}

/*
 * The address to send from: the lowest one of the network that a virtual address (or a unicast peer) is in, otherwise
 * the lowest. IPv6: to the group and to link-local addresses from a link-local one (RFC 9568 5.1.2.1).
 */
struct ipaddr
vrrp_iface_source(const struct vrrp_iface *ifc, const struct vrrp_settings *s, const struct ipaddr *dst)
{
	struct ipaddr best = {0};
	bool local = ipaddr_is_multicast(dst) || ipaddr_is_link_local(dst);

	for (size_t i = 0; i < ifc->address_count; i++) {
		const struct prefix *p = &ifc->addresses[i];
		struct ipaddr a = prefix_addr(p);
		if (p->afi != dst->afi || is_host_length(p))
			continue;
		if (p->afi == AFI_IP6 && ipaddr_is_link_local(&a) != local)
			continue;
		if (covers_one(p, s, dst))
			return a;
		if (!best.afi)
			best = a;
	}
	return best;
}

static int
prefix_order(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	struct ipaddr i = prefix_addr(x), j = prefix_addr(y);
	int order = ipaddr_cmp(&i, &j);

	return order ? order : x->len - y->len;
}

/* Own addresses have changed: who is owner, who can run, what is on the interface. */
static void
addresses_changed(struct vrrp_iface *ifc, int64_t now)
{
	struct vrrp_router *r;

	TAILQ_FOREACH(r, &ifc->routers, iface_entry) {
		vrrp_router_check(r, now);
		if (vrrp_router_state(r) != VRRP_INITIALIZE)
			vrrp_track_judge(r, VRRP_WHY_CONFIG, now);
	}
}

void
vrrp_address_changed(struct vrrp *v, uint32_t ifindex, const struct prefix *address, bool gone, int64_t now)
{
	struct vrrp_iface *ifc = vrrp_iface_find(v, ifindex);
	size_t at = 0;

	if (!ifc)
		return;
	while (at < ifc->address_count && prefix_order(&ifc->addresses[at], address) < 0)
		at++;
	bool known = at < ifc->address_count && !prefix_order(&ifc->addresses[at], address);
	if (known != gone)
		return;
	if (gone) {
		ifc->address_count--;
		memmove(ifc->addresses + at, ifc->addresses + at + 1, (ifc->address_count - at) * sizeof(*address));
	} else {
		ifc->addresses = mem_realloc(ifc->addresses, (ifc->address_count + 1) * sizeof(*address));
		memmove(ifc->addresses + at + 1, ifc->addresses + at, (ifc->address_count - at) * sizeof(*address));
		ifc->addresses[at] = *address;
		ifc->address_count++;
	}
	if (!is_host_length(address))
		addresses_changed(ifc, now);
	vrrp_settle(v, now);
}

/* --- what its virtual routers want ------------------------------------------------------------------ */

void
vrrp_iface_join(struct vrrp_iface *ifc)
{
	const struct vrrp_ops *ops = ifc->v->ops;
	const struct vrrp_router *r;

	for (uint8_t afi = AFI_IP4; afi <= AFI_IP6; afi++) {
		bool want = false;
		TAILQ_FOREACH(r, &ifc->routers, iface_entry)
			if (ifc->ifindex && r->afi == afi && (want = vrrp_router_counts(r)))
				break;
		if (want == ifc->joined[afi - 1])
			continue;
		ifc->joined[afi - 1] = want;
		if (want)
			ifc->joined_ifindex = ifc->ifindex;
		ops->membership(ifc->v->arg, ifc->joined_ifindex, afi, want);
	}
}

struct vrrp_bfd *
vrrp_iface_bfd(const struct vrrp_iface *ifc, const struct ipaddr *peer)
{
	for (size_t i = 0; i < ifc->bfd_count; i++)
		if (!ipaddr_cmp(&ifc->bfd[i].want.peer, peer))
			return &ifc->bfd[i];
	return NULL;
}

static void
bfd_op(const struct vrrp_iface *ifc, const struct vrrp_setting_bfd *b, bool want)
{
	struct vrrp_bfd_want w = {.ifindex = ifc->ifindex, .peer = b->peer, .want = want};

	memcpy(w.profile, b->profile, sizeof(w.profile));
	if (ifc->ifindex)
		ifc->v->ops->bfd(ifc->v->arg, &w);
}

void
vrrp_iface_bfd_want(struct vrrp_iface *ifc, const struct vrrp_setting_bfd *want, bool on)
{
	struct vrrp_bfd *b = NULL;

	for (size_t i = 0; i < ifc->bfd_count && !b; i++)
		if (!memcmp(&ifc->bfd[i].want, want, sizeof(*want)))
			b = &ifc->bfd[i];
	if (on && b) {
		b->refs++;
	} else if (on) {
		const struct vrrp_bfd *same = vrrp_iface_bfd(ifc, &want->peer);
		uint8_t liveness = same ? same->liveness : BFD_LIVE_UNKNOWN;
		ifc->bfd = mem_realloc(ifc->bfd, (ifc->bfd_count + 1) * sizeof(*b));
		ifc->bfd[ifc->bfd_count++] = (struct vrrp_bfd){*want, 1, liveness};
		bfd_op(ifc, want, true);
	} else if (b && !--b->refs) {
		bfd_op(ifc, want, false);
		*b = ifc->bfd[--ifc->bfd_count];
	}
}

/* RFC 8347 has one role per virtual router; a LAN has that of the best of them, while its addresses are here. */
void
vrrp_iface_role(struct vrrp_iface *ifc)
{
	struct vrrp_lan l = {.ifindex = ifc->ifindex, .role = VRRP_ROLE_NONE, .dead = ifc->lan.dead};
	const struct vrrp_router *r;

	TAILQ_FOREACH(r, &ifc->routers, iface_entry) {
		if (!vrrp_router_counts(r) && !r->h.active)
			continue;
		uint8_t role = vrrp_router_holds(r) ? VRRP_ROLE_MASTER :
			vrrp_router_state(r) == VRRP_BACKUP ? VRRP_ROLE_BACKUP : VRRP_ROLE_INITIALIZE;
		if (l.role == VRRP_ROLE_NONE || role < l.role)
			l.role = role;
		if (r->s->backup_cost > l.added_cost)
			l.added_cost = r->s->backup_cost;
		l.withdraw |= r->s->backup_withdraw;
	}
	if (l.role == VRRP_ROLE_MASTER || l.role == VRRP_ROLE_NONE) {
		l.added_cost = 0;
		l.withdraw = false;
	}
	bool same = l.ifindex == ifc->told.ifindex && l.role == ifc->told.role && l.dead == ifc->told.dead &&
		l.withdraw == ifc->told.withdraw && l.added_cost == ifc->told.added_cost;
	/* Ours: who does not know its addresses yet says nothing; zebra still has the word of the former life. */
	if (same || !l.ifindex || (l.role == VRRP_ROLE_INITIALIZE && !ifc->v->synced))
		return;
	ifc->told = l;
	ifc->v->ops->lan(ifc->v->arg, &l);
}

/* --- what happened -------------------------------------------------------------------------------- */

static void
check_all(struct vrrp_iface *ifc, int64_t now)
{
	struct vrrp_router *r;

	TAILQ_FOREACH(r, &ifc->routers, iface_entry)
		vrrp_router_check(r, now);
}

/* The interface has another MAC, and with it the addresses that have no virtual one. */
static void
tell_hosts(struct vrrp_iface *ifc, int64_t now)
{
	struct vrrp_router *r;

	TAILQ_FOREACH(r, &ifc->routers, iface_entry)
		if (vrrp_router_state(r) == VRRP_MASTER && !r->s->virtual_mac)
			vrrp_announce(r, false, now);
}

/* The interface is there under this index: its routers' wishes are made. */
static void
appear(struct vrrp_iface *ifc, uint32_t ifindex)
{
	ifc->ifindex = ifindex;
	ifc->told = (struct vrrp_lan){.ifindex = ifindex};
	hash_insert(ifc->v->by_index, hash_index(ifindex), ifc);
	for (size_t i = 0; i < ifc->bfd_count; i++)
		bfd_op(ifc, &ifc->bfd[i].want, true);
	ifc->lan_dirty = ifc->v->dirty = true;
}

static void
disappear(struct vrrp_iface *ifc, int64_t now)
{
	struct vrrp_lan none = {.ifindex = ifc->ifindex, .role = VRRP_ROLE_NONE};

	ifc->up = false;
	check_all(ifc, now);
	for (size_t i = 0; i < ifc->bfd_count; i++) {
		bfd_op(ifc, &ifc->bfd[i].want, false);
		ifc->bfd[i].liveness = BFD_LIVE_UNKNOWN;
	}
	if (ifc->told.role != VRRP_ROLE_NONE || ifc->told.dead)
		ifc->v->ops->lan(ifc->v->arg, &none);
	ifc->told = none;
	hash_remove(ifc->v->by_index, hash_index(ifc->ifindex), &ifc->ifindex);
	ifc->ifindex = 0;
	ifc->address_count = 0;
	vrrp_lan_reset(ifc, now);
	check_all(ifc, now);
}

void
vrrp_link_changed(struct vrrp *v, const struct vrrp_link *l, int64_t now)
{
	struct vrrp_iface *old = vrrp_iface_find(v, l->ifindex);
	bool renamed = old && !l->gone && strcmp(old->name, l->name);
	size_t kept = renamed ? old->address_count : 0;

	if (old && (l->gone || renamed)) {
		disappear(old, now);
		vrrp_track_interface_changed(old, now);
	}
	if (l->gone) {
		v->burial = v->dirty = true;
		vrrp_settle(v, now);
		return;
	}
	struct vrrp_iface *ifc = vrrp_iface_need(v, l->name);
	bool changed = !ifc->known || ifc->up != l->up;
	if (ifc->ifindex && ifc->ifindex != l->ifindex)
		disappear(ifc, now);
	bool moved = ifc->known && memcmp(ifc->mac, l->mac, sizeof(ifc->mac)) != 0;
	memcpy(ifc->mac, l->mac, sizeof(ifc->mac));
	ifc->known = true;
	if (!ifc->ifindex)
		appear(ifc, l->ifindex);
	if (kept) { /* addresses are told by index: nobody will tell them again */
		ifc->addresses = mem_realloc(ifc->addresses, kept * sizeof(*old->addresses));
		memcpy(ifc->addresses, old->addresses, kept * sizeof(*old->addresses));
		ifc->address_count = kept;
	}
	if (ifc->up && !l->up)
		vrrp_lan_reset(ifc, now);
	ifc->up = l->up;
	check_all(ifc, now);
	if (moved)
		tell_hosts(ifc, now);
	if (changed)
		vrrp_track_interface_changed(ifc, now);
	vrrp_settle(v, now);
}
