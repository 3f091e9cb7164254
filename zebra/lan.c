/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Roles of LANs; see lan.h. */
#include "zebra/lan.h"

#include <string.h>

#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/detour.h"
#include "zebra/iface.h"
#include "zebra/nhg.h"
#include "zebra/repair.h"
#include "zebra/source.h"
#include "zebra/vaddr.h"

#define LANS_MAX 4096 /* no client makes zebra hold more */

struct lans *
lans_new(void)
{
	return mem_zalloc(sizeof(struct lans));
}

void
lans_free(struct zebra *z)
{
	for (unsigned i = 0; i < z->lans->count; i++) {
		timer_cancel(z->timers, &z->lans->items[i]->lease.timer);
		mem_free(z->lans->items[i]);
	}
	mem_free(z->lans->items);
	mem_free(z->lans);
}

/* Where ifindex is, or would be put. */
static unsigned
lan_position(const struct lans *s, uint32_t ifindex)
{
	unsigned lo = 0, hi = s->count;
	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		if (s->items[mid]->said.ifindex < ifindex)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct lan *
lan_find(const struct zebra *z, uint32_t ifindex)
{
	unsigned at = lan_position(z->lans, ifindex);
	return at < z->lans->count && z->lans->items[at]->said.ifindex == ifindex ? z->lans->items[at] : NULL;
}

bool
lan_is_dead(const struct zebra *z, uint32_t ifindex)
{
	const struct lan *l = lan_find(z, ifindex);
	return l && l->said.dead;
}

static struct lan *
lan_add(struct zebra *z, uint32_t ifindex)
{
	struct lans *s = z->lans;
	unsigned at = lan_position(s, ifindex);
	struct lan *l = mem_zalloc(sizeof(*l));
	l->z = z;
	l->said.ifindex = ifindex;
	s->items = mem_realloc(s->items, (s->count + 1) * sizeof(struct lan *));
	memmove(s->items + at + 1, s->items + at, (s->count - at) * sizeof(struct lan *));
	s->items[at] = l;
	s->count++;
	return l;
}

static bool
lan_same(const struct zebra_lan *a, const struct zebra_lan *b)
{
	return a->role == b->role && a->dead == b->dead && a->withdraw == b->withdraw
		&& a->added_cost == b->added_cost;
}

/* Before anybody is told: what can flow by another way than this is not lost. */
static void
lan_turned(struct zebra *z, const struct lan *l)
{
	const struct iface *i = iface_find(z, l->said.ifindex);
	if (i)
		repair_cause(z, 0, i->k.name, l->said.dead ? "nobody on the LAN answers" : "the LAN answers");
	nh_leg_lan_changed(z, l->said.ifindex, l->said.dead);
	detour_lan_turned(z, l->said.ifindex);
}

static void
lan_set(struct zebra *z, struct lan *l, const struct zebra_lan *new)
{
	if (lan_same(&l->said, new))
		return;
	bool turned = l->said.dead != new->dead;
	l->said = *new;
	if (turned)
		lan_turned(z, l);
	z->ops->lan(z->arg, 0, &l->said);
}

static void
lan_forget(struct zebra *z, struct lan *l)
{
	struct lans *s = z->lans;
	unsigned at = lan_position(s, l->said.ifindex);
	struct zebra_lan nothing = {.ifindex = l->said.ifindex};
	timer_cancel(z->timers, &l->lease.timer);
	lan_set(z, l, &nothing);
	memmove(s->items + at, s->items + at + 1, (s->count - at - 1) * sizeof(struct lan *));
	s->count--;
	mem_free(l);
}

bool
zebra_lan_changed(struct zebra *z, uint32_t client, const struct zebra_lan *lan, int64_t now)
{
	const struct source *s = source_client(z, client);
	struct lan *l = s ? lan_find(z, lan->ifindex) : NULL;
	bool nothing = lan->role == ZEBRA_ROLE_NONE && !lan->dead && !lan->withdraw && !lan->added_cost;
	if (!s || !lan->ifindex || lan->role > ZEBRA_ROLE_INITIALIZE)
		return false;
	if (!l && !nothing && z->lans->count == LANS_MAX)
		return false;
	core_enter(z, now);
	if (nothing && l) {
		lan_forget(z, l);
	} else if (!nothing) {
		l = l ? l : lan_add(z, lan->ifindex);
		lease_claim(z, &l->lease, s, LEASE_DEFAULT);
		lan_set(z, l, lan);
	}
	core_leave(z);
	return true;
}

void
lan_tell_client(struct zebra *z, uint32_t client)
{
	for (unsigned i = 0; i < z->lans->count; i++)
		z->ops->lan(z->arg, client, &z->lans->items[i]->said);
}

/* --- without its client --------------------------------------------------------------------------- */

static void
lan_over(void *arg, int64_t now)
{
	struct lan *l = arg;
	struct zebra *z = l->z;
	core_enter(z, now);
	core_log(z, "zebra.lan-forgotten", "ifindex=%u", l->said.ifindex);
	lan_forget(z, l);
	core_leave(z);
}

void
lan_client_closed(struct zebra *z, const struct source *s)
{
	for (unsigned i = 0; i < z->lans->count; i++) {
		struct lan *l = z->lans->items[i];
		if (!lease_of(&l->lease, s) || !l->lease.claimed)
			continue;
		l->lease.linger = vaddr_longest_linger(z, s, LEASE_DEFAULT);
		lease_closed(z, &l->lease, lan_over, l);
	}
}

void
lan_replay_ended(struct zebra *z, const struct source *s)
{
	for (unsigned i = z->lans->count; i-- > 0;) {
		struct lan *l = z->lans->items[i];
		if (lease_of(&l->lease, s) && !l->lease.claimed)
			lan_forget(z, l);
	}
}
