/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advertisements received: the checks of RFC 9568 7.1 (RFC 3768 7.1), then what they mean to a Backup
 * (6.4.2) and to a Master (6.4.3). A packet that is dropped changes a counter and nothing else.
 *
 * Where we are more careful than the RFC:
 * - priority 0 counts for a Backup only from the master that it knows;
 * - an advert of lower priority does not count while a better master is alive;
 * - an interval is believed up to ten times our own (at least a second): a forged one cannot put a takeover
 *   off for a minute;
 * - another list of addresses is accepted, counted and told: dropping it would make two masters of a typing error.
 * Accepted as RFC 9568 7.1 has it: any source address that a router can have, on the link or not, link-local or not.
 */
#include "vrrpd/core.h"

#include <stdio.h>
#include <string.h>

#define INTERVAL_CAP_TIMES 10
#define INTERVAL_CAP_MIN   TIME_SEC
#define LOG_EVERY          TIME_SEC

/* --- drops ---------------------------------------------------------------------------------------- */

static bool
worth_a_line(enum vrrp_drop d)
{
	/* other groups on the LAN are none of our business */
	return d != VRRP_DROP_VRID && d != VRRP_DROP_NOT_RUNNING && d != VRRP_DROP_NO_INTERFACE;
}

/* A flood must not become a flood of records: one a second of each kind. */
static bool
told_lately(int64_t *last, int64_t now)
{
	if (*last && now - *last < LOG_EVERY)
		return true;
	*last = now;
	return false;
}

static void
drop(struct vrrp_iface *ifc, struct vrrp_router *r, enum vrrp_drop d, const struct vrrp_rx *rx, uint32_t want, uint32_t got,
	int64_t now)
{
	if (r)
		r->stats.drops[d]++;
	else
		ifc->stats.drops[d]++;
	if (!worth_a_line(d) || told_lately(&ifc->logged[d], now))
		return;
	struct vrrp_log l = {.kind = VRRP_LOG_DROPPED, .reason = (uint8_t)d, .key = {ifc->ifindex, r ? r->vrid : 0, rx->src.afi},
		.src = rx->src, .want = want, .got = got, .at = now};
	memcpy(l.ifname, ifc->name, sizeof(l.ifname));
	l.len = (uint8_t)(rx->len < sizeof(l.bytes) ? rx->len : sizeof(l.bytes));
	if (l.len)
		memcpy(l.bytes, rx->bytes, l.len);
	ifc->v->ops->log(ifc->v->arg, &l);
}

/* --- checks --------------------------------------------------------------------------------------- */

static enum vrrp_drop
check_addressing(const struct vrrp_router *r, const struct vrrp_rx *rx)
{
	struct ipaddr group = vrrp_group_address(r->afi), own = vrrp_router_primary(r);

	if (ipaddr_is_zero(&rx->src) || ipaddr_is_multicast(&rx->src) || ipaddr_is_loopback(&rx->src))
		return VRRP_DROP_SOURCE;
	/* a virtual address that we hold is no loop: its owner sends from it */
	if (vrrp_iface_owns(r->ifc, &rx->src) || !ipaddr_cmp(&rx->src, &own))
		return VRRP_DROP_OWN;
	if (!r->s->peer_count)
		return ipaddr_cmp(&rx->dst, &group) ? VRRP_DROP_DESTINATION : VRRP_DROP_NONE;
	for (size_t i = 0; i < r->s->peer_count; i++)
		if (!ipaddr_cmp(&rx->src, &r->s->peers[i]))
			return VRRP_DROP_NONE;
	return VRRP_DROP_PEER;
}

/* RFC 3768 7.1, RFC 2338 7.1 */
static enum vrrp_drop
check_v2(const struct vrrp_settings *s, const struct vrrp_advert *a)
{
	if (a->auth_type != (s->auth ? VRRP_AUTH_TEXT : VRRP_AUTH_NONE))
		return VRRP_DROP_AUTH_TYPE;
	if (s->auth && memcmp(a->auth, s->password, sizeof(a->auth)) != 0)
		return VRRP_DROP_AUTH;
	return a->interval != s->interval ? VRRP_DROP_INTERVAL : VRRP_DROP_NONE;
}

static enum vrrp_drop
check(const struct vrrp_router *r, const struct vrrp_rx *rx, struct vrrp_advert *a)
{
	if (a->version != r->s->version)
		return VRRP_DROP_VERSION_MISMATCH;
	enum vrrp_drop d = vrrp_packet_get(&rx->src, &rx->dst, rx->bytes, rx->len, a);
	if (d != VRRP_DROP_NONE)
		return d;
	if (!a->interval)
		return VRRP_DROP_INTERVAL_ZERO;
	if (a->version == 2 && (d = check_v2(r->s, a)) != VRRP_DROP_NONE)
		return d;
	if ((d = check_addressing(r, rx)) != VRRP_DROP_NONE)
		return d;
	return vrrp_router_state(r) == VRRP_INITIALIZE && !r->h.active ? VRRP_DROP_NOT_RUNNING : VRRP_DROP_NONE;
}

/* --- what is remarkable about an advert that counts ------------------------------------------------- */

static bool
same_addresses(const struct vrrp_settings *s, const struct vrrp_advert *a)
{
	size_t size = afi_bytes(s->afi), same = 0;

	if (a->count != s->address_count)
		return false;
	while (same < a->count && !memcmp(a->addresses + same * size, s->addresses[same].b, size))
		same++; /* in our order, mostly */
	for (; same < a->count; same++) {
		struct ipaddr other = ipaddr_from_bytes(s->afi, a->addresses + same * size);
		if (!vrrp_settings_has(s, &other))
			return false;
	}
	return true;
}

static void
mismatch(struct vrrp_router *r, const struct vrrp_rx *rx, bool on, uint32_t want, uint32_t got, const char *what, int64_t now)
{
	struct vrrp_log l = {.kind = VRRP_LOG_MISMATCH, .key = vrrp_router_key(r), .src = rx->src, .on = on, .want = want,
		.got = got, .at = now};

	memcpy(l.ifname, r->ifc->name, sizeof(l.ifname));
	snprintf(l.text, sizeof(l.text), "%s", what);
	r->v->ops->log(r->v->arg, &l);
}

static void
remark(struct vrrp_router *r, const struct vrrp_rx *rx, const struct vrrp_advert *a, int64_t now)
{
	bool differs = !same_addresses(r->s, a), interval = a->interval != r->s->interval;

	r->stats.address_mismatch += differs;
	if (differs != r->mismatch && !told_lately(&r->told_list, now))
		mismatch(r, rx, differs, (uint32_t)r->s->address_count, a->count,
			differs ? "its list of virtual addresses differs from ours" : "its list of virtual addresses is ours again", now);
	r->mismatch = differs;
	if (interval && !r->interval_mismatch && !told_lately(&r->told_interval, now))
		mismatch(r, rx, true, (uint32_t)(r->s->interval / TIME_MS), (uint32_t)(a->interval / TIME_MS),
			"its advertisement interval (ms) differs from ours", now);
	r->interval_mismatch = interval;
}

/* --- meaning -------------------------------------------------------------------------------------- */

static bool
is_master(const struct vrrp_router *r, const struct ipaddr *src)
{
	return r->m.address.afi && !ipaddr_cmp(&r->m.address, src);
}

/* RFC 9568 6.4.2 (430): the interval is the master's, as far as we believe it. */
static void
learn(struct vrrp_router *r, const struct vrrp_rx *rx, const struct vrrp_advert *a)
{
	int64_t cap = r->s->interval * INTERVAL_CAP_TIMES;

	if (cap < INTERVAL_CAP_MIN)
		cap = INTERVAL_CAP_MIN;
	r->stats.interval_capped += a->interval > cap;
	r->m = (struct vrrp_master){.address = rx->src, .priority = a->priority, .interval = a->interval,
		.used = a->interval < cap ? a->interval : cap, .heard = rx->arrived};
}

/* The advert counts: whoever sent it is master, and not overdue. */
static void
accept_master(struct vrrp_router *r, const struct vrrp_rx *rx, const struct vrrp_advert *a, int64_t now)
{
	bool lower = a->priority < r->priority;

	learn(r, rx, a);
	vrrp_router_listen(r, rx->arrived);
	vrrp_router_checkpoint(r, rx->arrived);
	if (!lower && (r->w.since || r->w.hold != VRRP_HOLD_NONE))
		vrrp_hold_clear(r, now);
}

static void
heard_zero_as_backup(struct vrrp_router *r, const struct vrrp_rx *rx)
{
	if (r->m.address.afi && !is_master(r, &rx->src))
		return;
	if (r->h.active || r->expired)
		return;
	r->m.address = rx->src;
	r->m.zero = true;
	/* RFC 9568 6.4.2 (420); ours: a repeated one does not put it off */
	int64_t due = rx->arrived + vrrp_router_skew(r);
	if (!timer_armed(&r->timer) || due < r->timer.due)
		vrrp_router_overdue_at(r, due);
}

static void
heard_as_backup(struct vrrp_router *r, const struct vrrp_rx *rx, const struct vrrp_advert *a, int64_t now)
{
	if (!a->priority) {
		heard_zero_as_backup(r, rx);
		return;
	}
	if (rx->arrived < r->m.heard)
		return; /* read late and out of order */
	bool lower = a->priority < r->priority && r->block == VRRP_BLOCK_NONE;
	if (lower && r->m.address.afi && !is_master(r, &rx->src) && r->m.priority >= r->priority &&
		(r->s->preempt || r->owner))
		return;
	if (!lower) {
		accept_master(r, rx, a, now);
		return;
	}
	/* RFC 9568 6.4.2 (450): with Preempt_Mode it is discarded, and the takeover comes when it comes */
	r->m.address = rx->src;
	r->m.priority = a->priority;
	r->m.heard = rx->arrived;
	r->m.zero = false;
	vrrp_hold_consider(r, now);
	if (r->w.hold != VRRP_HOLD_NONE)
		accept_master(r, rx, a, now);
}

/* Two masters hear each other: they were apart. A router that has just been relieved is not meant. */
static void
note_split(struct vrrp_router *r, const struct vrrp_rx *rx, int64_t now)
{
	char text[96], other[IPADDR_STRLEN];
	bool news = !r->last_lower || rx->arrived - r->last_lower > 3 * r->s->interval;

	r->last_lower = rx->arrived;
	if (!news || now - r->fsm.since <= r->s->interval)
		return;
	r->stats.splits++;
	snprintf(text, sizeof(text), "another master was heard: %s", ipaddr_print(&rx->src, other));
	vrrp_log_text(r->ifc, r, VRRP_LOG_SPLIT, true, now, text);
}

static void
heard_as_master(struct vrrp_router *r, const struct vrrp_rx *rx, const struct vrrp_advert *a, int64_t now)
{
	struct ipaddr own = vrrp_router_primary(r);

	if (!a->priority) { /* RFC 9568 6.4.3 (705) */
		vrrp_active_answer(r, false, now);
		return;
	}
	if (a->priority > r->priority || (a->priority == r->priority && ipaddr_cmp(&rx->src, &own) > 0)) {
		learn(r, rx, a);
		vrrp_router_event(r, VRRP_EV_YIELD, VRRP_WHY_HIGHER_PRIORITY, now);
		return;
	}
	note_split(r, rx, now);
	vrrp_active_answer(r, true, now);
}

static void
meaning(struct vrrp_router *r, const struct vrrp_rx *rx, const struct vrrp_advert *a, int64_t now)
{
	if (a->priority) {
		r->stats.adverts_rx++;
		r->peer_priority = a->priority;
		if (a->version == 3 && r->afi == AFI_IP4)
			r->heard_checksums |= a->pseudo_header ? VRRP_CHECKSUM_PSEUDO : VRRP_CHECKSUM_PLAIN;
		remark(r, rx, a, now);
	} else {
		r->stats.zero_rx++;
	}
	/* the new master is there: now it may be broken */
	bool relieved = r->h.active && a->priority && rx->arrived >= r->h.since;
	switch ((enum vrrp_state)vrrp_router_state(r)) {
	case VRRP_INITIALIZE:
		break;
	case VRRP_BACKUP:
		heard_as_backup(r, rx, a, now);
		break;
	case VRRP_MASTER:
		heard_as_master(r, rx, a, now);
		break;
	}
	if (relieved && r->h.active)
		vrrp_handover_end(r, now);
}

void
vrrp_packet_received(struct vrrp *v, const struct vrrp_rx *rx, int64_t now)
{
	struct vrrp_iface *ifc = vrrp_iface_find(v, rx->ifindex);
	struct vrrp_advert a;

	if (!ifc || !ifc->router_count) {
		v->no_interface++;
		return;
	}
	enum vrrp_drop d = vrrp_packet_peek(rx->bytes, rx->len, rx->src.afi, &a);
	struct vrrp_router *r = d == VRRP_DROP_SHORT ? NULL : vrrp_router_find(ifc, a.vrid, rx->src.afi);
	uint32_t want = r ? r->s->version : 3, got = a.version;
	if (rx->ttl != 255) {
		d = VRRP_DROP_TTL;
		want = 255;
		got = rx->ttl;
	} else if (d == VRRP_DROP_NONE && !r) {
		d = VRRP_DROP_VRID;
	} else if (d == VRRP_DROP_NONE) {
		d = check(r, rx, &a);
		if (d == VRRP_DROP_INTERVAL) {
			want = (uint32_t)(r->s->interval / TIME_SEC);
			got = (uint32_t)(a.interval / TIME_SEC);
		}
	}
	if (d != VRRP_DROP_NONE) {
		drop(ifc, r, d, rx, want, got, now);
		return;
	}
	vrrp_lan_heard(ifc, &rx->src, NULL, true, rx->arrived, now);
	meaning(r, rx, &a, now);
	vrrp_settle(v, now);
}
