/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a master does (RFC 9568 6.4.3): adverts on an absolute schedule, addresses, and how it ceases to
 * be one. Handing over is making before breaking: priority 0 goes out at once (and twice more, for one may
 * be lost), but addresses and forwarding stay until the new master is heard or every backup's skew time is over.
 */
#include "vrrpd/core.h"

#include <string.h>

#include "lib/mem.h"

#define ZERO_REPEATS    2
#define ZERO_FIRST      TIME_MS
#define ZERO_SECOND     (3 * TIME_MS)
#define HANDOVER_MARGIN (10 * TIME_MS)
#define ANSWER_PAUSE    (25 * TIME_MS)
#define ANSWER_ANNOUNCE TIME_SEC /* hosts are told again at most so often */

static void
adverts_due(void *arg, int64_t now)
{
	struct vrrp_router *r = arg;

	vrrp_active_advert_due(r, now);
	vrrp_settle(r->v, now);
}

/* --- adverts -------------------------------------------------------------------------------------- */

static void
send_to(struct vrrp_router *r, const struct vrrp_settings *s, const struct vrrp_advert *a, const struct ipaddr *dst)
{
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_tx tx = {.key = vrrp_router_key(r), .dst = *dst, .virtual_mac = s->virtual_mac, .bytes = buf};

	tx.src = vrrp_iface_source(r->ifc, s, dst);
	if (!tx.src.afi)
		return;
	vrrp_virtual_mac(r->afi, r->vrid, tx.mac);
	if (!s->virtual_mac)
		memcpy(tx.mac, r->ifc->mac, sizeof(tx.mac));
	tx.len = vrrp_packet_put(a, &tx.src, dst, buf, sizeof(buf));
	r->v->ops->send(r->v->arg, &tx);
}

/* What the others understand: RFC 9568's alone, unless old routers were heard; with both around, both. */
static uint8_t
checksums(const struct vrrp_router *r, const struct vrrp_settings *s)
{
	if (s->version != 3 || r->afi != AFI_IP4)
		return VRRP_CHECKSUM_PLAIN; /* there is one only */
	return s->checksums ? s->checksums : r->heard_checksums ? r->heard_checksums : VRRP_CHECKSUM_PLAIN;
}

bool
vrrp_active_is_pseudo(const struct vrrp_router *r, const struct vrrp_settings *s)
{
	return checksums(r, s) & VRRP_CHECKSUM_PSEUDO;
}

/* To the group, or to each peer. */
static void
send_all(struct vrrp_router *r, const struct vrrp_settings *s, const struct vrrp_advert *a)
{
	struct ipaddr group = vrrp_group_address(r->afi);
	if (!s->peer_count)
		send_to(r, s, a, &group);
	for (size_t i = 0; i < s->peer_count; i++)
		send_to(r, s, a, &s->peers[i]);
}

void
vrrp_active_send(struct vrrp_router *r, const struct vrrp_settings *s, uint8_t priority, int64_t now)
{
	uint8_t list[VRRP_VIPS_MAX * 16];
	size_t size = afi_bytes(r->afi);
	struct vrrp_advert a = {.version = s->version, .vrid = r->vrid, .priority = priority,
		.count = (uint8_t)s->address_count, .auth_type = s->auth ? VRRP_AUTH_TEXT : VRRP_AUTH_NONE,
		.interval = s->interval, .addresses = list};
	uint8_t kinds = checksums(r, s);

	memcpy(a.auth, s->password, sizeof(a.auth));
	for (size_t i = 0; i < s->address_count; i++)
		memcpy(list + i * size, s->addresses[i].b, size);
	for (unsigned kind = VRRP_CHECKSUM_PLAIN; kind <= VRRP_CHECKSUM_PSEUDO; kind <<= 1) {
		a.pseudo_header = kind == VRRP_CHECKSUM_PSEUDO;
		if (kinds & kind)
			send_all(r, s, &a);
	}
	if (!priority) {
		r->stats.zero_tx++;
		return;
	}
	r->stats.adverts_tx++;
	r->last_sent = now;
	vrrp_router_checkpoint(r, now);
}

void
vrrp_active_advert_due(struct vrrp_router *r, int64_t now)
{
	int64_t interval = r->s->interval, next = r->base + interval;

	vrrp_active_send(r, r->s, r->priority, now);
	if (next <= now) { /* late: what was missed is not made up for, and the schedule stays */
		int64_t missed = (now - next) / interval + 1;
		r->stats.late_adverts += (uint64_t)missed;
		next += missed * interval;
	}
	r->base = next;
	timer_set(r->v->timers, &r->timer, next, adverts_due, r);
}

/* Another interval: the next advert comes after it at the latest. */
void
vrrp_active_reschedule(struct vrrp_router *r, int64_t now)
{
	int64_t due = now + r->s->interval;

	r->base = r->base < due ? r->base : due;
	timer_set(r->v->timers, &r->timer, r->base, adverts_due, r);
}

/* RFC 9568 6.4.3 (745): who should not be master hears at once who is; ours: hosts and switches do, too. */
void
vrrp_active_answer(struct vrrp_router *r, bool announce, int64_t now)
{
	int64_t pause = r->s->interval / 4 < ANSWER_PAUSE ? r->s->interval / 4 : ANSWER_PAUSE;

	if (r->last_answer && now - r->last_answer < pause)
		return;
	r->last_answer = now;
	r->stats.answered++;
	vrrp_active_send(r, r->s, r->priority, now);
	if (announce && now - r->last_announced >= ANSWER_ANNOUNCE)
		vrrp_announce(r, false, now);
}

/* --- addresses ------------------------------------------------------------------------------------ */

/* Of host length, so that it makes no route; but a link-local one answers on its own device only by its link's prefix. */
static uint8_t
address_len(const struct vrrp_held *h)
{
	bool by_link = h->virtual_mac && h->address.afi == AFI_IP6 && ipaddr_is_link_local(&h->address);

	return by_link ? 64 : (uint8_t)afi_bits(h->address.afi);
}

static void
address_op(struct vrrp_router *r, const struct vrrp_held *h, bool want)
{
	struct vrrp_address_want w = {.key = vrrp_router_key(r), .address = h->address, .want = want,
		.virtual_mac = h->virtual_mac, .accept = h->accept, .prefix_len = address_len(h),
		.linger = h->linger};

	r->v->ops->address(r->v->arg, &w);
}

static struct vrrp_held *
held_find(struct vrrp_held *list, size_t count, const struct ipaddr *a)
{
	for (size_t i = 0; i < count; i++)
		if (!ipaddr_cmp(&list[i].address, a))
			return &list[i];
	return NULL;
}

/* RFC 9568 6.4.3; ours: an address that is the interface's own is not touched. */
void
vrrp_active_addresses(struct vrrp_router *r)
{
	bool master = vrrp_router_state(r) == VRRP_MASTER;
	size_t count = 0, wanted = master ? r->s->address_count : 0;

	if (!master && r->h.active)
		return;
	if (!wanted && !r->held_count)
		return;
	struct vrrp_held *held = mem_array(wanted + 1, sizeof(*held));
	for (size_t i = 0; i < wanted; i++) {
		struct vrrp_held h = {r->s->addresses[i], r->s->virtual_mac, r->s->accept, vrrp_router_linger(r)};
		if (!vrrp_iface_owns(r->ifc, &h.address))
			held[count++] = h;
	}
	for (size_t i = 0; i < r->held_count; i++) {
		const struct vrrp_held *kept = held_find(held, count, &r->held[i].address);
		if (!kept || kept->virtual_mac != r->held[i].virtual_mac)
			address_op(r, &r->held[i], false);
	}
	for (size_t i = 0; i < count; i++) {
		const struct vrrp_held *had = held_find(r->held, r->held_count, &held[i].address);
		if (!had || had->virtual_mac != held[i].virtual_mac || had->accept != held[i].accept ||
			had->linger != held[i].linger)
			address_op(r, &held[i], true);
	}
	mem_free(r->held);
	r->held = held;
	r->held_count = count;
}

/* --- becoming and ceasing ------------------------------------------------------------------------- */

/* RFC 9568 6.4.2 (395 on): the advert first, it stops the old master; then hosts are told. */
void
vrrp_active_enter(struct vrrp_router *r, int64_t now)
{
	bool restored = r->reason == VRRP_WHY_RESTORED, had = r->h.active;

	vrrp_handover_cancel(r);
	r->m = (struct vrrp_master){0};
	r->expired = r->strong = r->mismatch = r->interval_mismatch = false;
	r->last_lower = r->last_answer = 0;
	vrrp_active_addresses(r);
	r->base = now;
	vrrp_active_advert_due(r, now);
	if (!had) /* it never gave them away */
		vrrp_announce(r, restored, now);
	else
		vrrp_announce_rearm(r, now);
}

/*
 * Ours: who yields says so by one more advert, from its own MAC, so that no switch learns anything by it. Who heals a
 * split by being better hears of it, and tells the hosts again.
 */
void
vrrp_active_farewell(struct vrrp_router *r, int64_t now)
{
	struct vrrp_settings plain = *r->s;

	plain.virtual_mac = false;
	if (now - r->fsm.since > r->s->interval)
		vrrp_active_send(r, &plain, r->priority, now);
}

void
vrrp_active_release(struct vrrp_router *r)
{
	vrrp_announce_stop(r);
	vrrp_handover_cancel(r);
	r->ifc->lan_dirty = r->v->dirty = true;
	/* the state has not changed yet */
	for (size_t i = 0; i < r->held_count; i++)
		address_op(r, &r->held[i], false);
	r->held_count = 0;
}

static void
handover_due(void *arg, int64_t now)
{
	struct vrrp_router *r = arg;

	if (r->h.zeros) {
		vrrp_active_send(r, vrrp_router_active(r), 0, now);
		int64_t next = --r->h.zeros ? r->h.since + ZERO_FIRST + ZERO_SECOND : r->h.until;
		timer_set(r->v->timers, &r->h.timer, next < r->h.until ? next : r->h.until, handover_due, r);
	} else {
		vrrp_handover_end(r, now);
	}
	vrrp_settle(r->v, now);
}

void
vrrp_active_hand_over(struct vrrp_router *r, bool may_return, int64_t now)
{
	vrrp_announce_stop(r);
	vrrp_active_send(r, r->s, 0, now);
	r->h.active = true;
	r->h.may_return = may_return;
	r->h.zeros = ZERO_REPEATS;
	r->h.since = now;
	r->h.until = now + r->s->interval + HANDOVER_MARGIN; /* no skew time is longer than the interval */
	timer_set(r->v->timers, &r->h.timer, now + ZERO_FIRST, handover_due, r);
}

void
vrrp_handover_cancel(struct vrrp_router *r)
{
	timer_cancel(r->v->timers, &r->h.timer);
	vrrp_settings_free(r->h.old);
	r->h = (struct vrrp_handover){0};
}

void
vrrp_handover_end(struct vrrp_router *r, int64_t now)
{
	bool nobody = !r->m.address.afi && vrrp_router_state(r) == VRRP_BACKUP && r->block == VRRP_BLOCK_NONE;

	if (nobody && (r->h.may_return || r->expired)) {
		if (!r->group) {
			vrrp_router_event(r, VRRP_EV_TAKE_OVER, VRRP_WHY_MASTER_DOWN, now);
			return;
		}
		r->expired = true;
		r->why = VRRP_WHY_MASTER_DOWN;
		vrrp_sync_settle(r->group, now);
		if (vrrp_router_state(r) == VRRP_MASTER)
			return;
	}
	vrrp_handover_cancel(r);
	vrrp_active_addresses(r);
	vrrp_router_vlink(r);
	r->ifc->lan_dirty = r->v->dirty = true;
	r->v->burial |= r->removed;
}
