/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling hosts and switches where the virtual addresses are (RFC 9568 6.4.2 (395), 8.1.2, 8.2.2): `repeat` rounds
 * over all addresses, once more after `delay` (keepalived's habit: switches that were not forwarding yet),
 * then each `refresh`.
 *
 * Paced: an interface sends at most BURST frames a tick, and a virtual router one round. So 255 of them that become
 * master at once take turns, and all have had their first round before any has its second.
 */
#include "vrrpd/core.h"
#include "vrrpd/garp.h"

#include <string.h>

#define BURST 64
#define TICK  TIME_MS

static void tick(void *arg, int64_t now);

static void
enqueue(struct vrrp_router *r, uint8_t rounds, int64_t now)
{
	struct vrrp_iface *ifc = r->ifc;

	r->a.rounds = rounds;
	r->a.next = 0;
	if (!r->a.queued)
		TAILQ_INSERT_TAIL(&ifc->announcing, r, a.entry);
	r->a.queued = true;
	if (!timer_armed(&ifc->announce_timer))
		timer_set(ifc->v->timers, &ifc->announce_timer, now, tick, ifc);
}

static void
send_one(struct vrrp_router *r, const struct ipaddr *a)
{
	uint8_t frame[VRRP_FRAME_MAX], mac[6];

	if (r->s->virtual_mac)
		vrrp_virtual_mac(r->afi, r->vrid, mac);
	else
		memcpy(mac, r->ifc->mac, sizeof(mac));
	size_t len = vrrp_frame_announce(a, mac, frame);
	r->stats.announced++;
	r->v->ops->send_frame(r->v->arg, r->ifc->ifindex, frame, len);
}

/* Goes on with its round; true: the round is complete. */
static bool
send_some(struct vrrp_router *r, unsigned *budget)
{
	while (*budget && r->a.next < r->s->address_count) {
		send_one(r, &r->s->addresses[r->a.next++]);
		--*budget;
	}
	return r->a.next >= r->s->address_count;
}

static void
tick(void *arg, int64_t now)
{
	struct vrrp_iface *ifc = arg;
	struct vrrp_router *r, *last = TAILQ_LAST(&ifc->announcing, vrrp_routers);
	unsigned budget = BURST;

	while (budget && (r = TAILQ_FIRST(&ifc->announcing))) {
		bool was_last = r == last;
		if (!send_some(r, &budget))
			break;
		TAILQ_REMOVE(&ifc->announcing, r, a.entry);
		r->a.next = 0;
		r->a.queued = --r->a.rounds != 0;
		if (r->a.queued)
			TAILQ_INSERT_TAIL(&ifc->announcing, r, a.entry);
		if (was_last)
			break;
	}
	if (!TAILQ_EMPTY(&ifc->announcing))
		timer_set(ifc->v->timers, &ifc->announce_timer, now + TICK, tick, ifc);
}

static void
again(void *arg, int64_t now)
{
	struct vrrp_router *r = arg;
	bool second = r->a.again;

	r->a.again = false;
	enqueue(r, second ? r->s->garp_repeat : 1, now);
	vrrp_announce_rearm(r, now);
}

void
vrrp_announce_rearm(struct vrrp_router *r, int64_t now)
{
	if (vrrp_router_state(r) != VRRP_MASTER || r->a.again)
		return;
	if (r->s->garp_refresh)
		timer_set(r->v->timers, &r->a.timer, now + r->s->garp_refresh, again, r);
	else
		timer_cancel(r->v->timers, &r->a.timer);
}

/* once: who was master all the time only reminds. */
void
vrrp_announce(struct vrrp_router *r, bool once, int64_t now)
{
	r->last_announced = now;
	enqueue(r, once ? 1 : r->s->garp_repeat, now);
	r->a.again = !once && r->s->garp_delay;
	if (r->a.again)
		timer_set(r->v->timers, &r->a.timer, now + r->s->garp_delay, again, r);
	else
		vrrp_announce_rearm(r, now);
}

void
vrrp_announce_stop(struct vrrp_router *r)
{
	timer_cancel(r->v->timers, &r->a.timer);
	r->a.again = false;
	if (r->a.queued)
		TAILQ_REMOVE(&r->ifc->announcing, r, a.entry);
	r->a.queued = false;
}
