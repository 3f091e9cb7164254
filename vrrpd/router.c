/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One virtual router: whether it can run, its device, the time after which its master is overdue, its
 * settings and their change. Owns its settings.
 *
 * Invariant: its addresses are with zebra exactly while it is Master or hands over (active.c).
 */
#include "vrrpd/core.h"

#include <string.h>

#include "lib/mem.h"

#define LINGER_MIN (100 * TIME_MS)

struct vrrp_router *
vrrp_router_find(const struct vrrp_iface *ifc, uint8_t vrid, uint8_t afi)
{
	struct vrrp_router **table = afi == AFI_IP4 || afi == AFI_IP6 ? ifc->table[afi - 1] : NULL;

	return table ? table[vrid] : NULL;
}

/* What a former life of this process has left about it. */
const struct vrrp_record *
vrrp_router_record(const struct vrrp_router *r)
{
	const struct vrrp *v = r->v;

	for (size_t i = 0; i < v->record_count; i++) {
		const struct vrrp_record *k = &v->records[i];
		if (k->key.vrid == r->vrid && k->key.afi == r->afi && !strcmp(k->ifname, r->ifc->name))
			return k;
	}
	return NULL;
}

static void
enlist(struct vrrp_iface *ifc, struct vrrp_router *r)
{
	struct vrrp_router *next;

	if (!ifc->table[r->afi - 1])
		ifc->table[r->afi - 1] = mem_array(256, sizeof(struct vrrp_router *));
	ifc->table[r->afi - 1][r->vrid] = r;
	ifc->router_count++;
	TAILQ_FOREACH(next, &ifc->routers, iface_entry)
		if (next->vrid > r->vrid || (next->vrid == r->vrid && next->afi > r->afi))
			break;
	if (next)
		TAILQ_INSERT_BEFORE(next, r, iface_entry);
	else
		TAILQ_INSERT_TAIL(&ifc->routers, r, iface_entry);
}

struct vrrp_router *
vrrp_router_new(struct vrrp_iface *ifc, struct vrrp_settings *s, int64_t now)
{
	struct vrrp_router *r = mem_zalloc(sizeof(*r));
	struct vrrp *v = ifc->v;

	r->v = v;
	r->ifc = ifc;
	r->s = s;
	r->vrid = s->vrid;
	r->afi = s->afi;
	const struct vrrp_record *record = vrrp_router_record(r);
	r->restored = r->vlink.trusted = record != NULL;
	r->heard_checksums = record ? record->heard_checksums : 0;
	r->block = VRRP_BLOCK_NO_INTERFACE;
	r->priority = s->priority;
	enlist(ifc, r);
	TAILQ_INSERT_TAIL(&v->routers, r, entry);
	vrrp_sync_join(r, s->group);
	for (size_t i = 0; i < s->bfd_count; i++)
		vrrp_iface_bfd_want(ifc, &s->bfd[i], true);
	vrrp_router_check(r, now);
	return r;
}

void
vrrp_router_free(struct vrrp_router *r)
{
	struct vrrp *v = r->v;

	timer_cancel(v->timers, &r->timer);
	timer_cancel(v->timers, &r->h.timer);
	timer_cancel(v->timers, &r->w.timer);
	vrrp_announce_stop(r);
	vrrp_sync_leave(r);
	TAILQ_REMOVE(&v->routers, r, entry);
	TAILQ_REMOVE(&r->ifc->routers, r, iface_entry);
	r->ifc->table[r->afi - 1][r->vrid] = NULL;
	r->ifc->router_count--;
	vrrp_settings_free(r->h.old);
	vrrp_settings_free(r->s);
	mem_free(r->held);
	mem_free(r);
}

struct vrrp_key
vrrp_router_key(const struct vrrp_router *r)
{
	return (struct vrrp_key){r->ifc->ifindex ? r->ifc->ifindex : r->ifindex, r->vrid, r->afi};
}

const struct vrrp_settings *
vrrp_router_active(const struct vrrp_router *r)
{
	return r->h.active && r->h.old ? r->h.old : r->s;
}

bool
vrrp_router_holds(const struct vrrp_router *r)
{
	return vrrp_router_state(r) == VRRP_MASTER || r->h.active;
}

struct ipaddr
vrrp_router_primary(const struct vrrp_router *r)
{
	struct ipaddr group = vrrp_group_address(r->afi);

	return vrrp_iface_source(r->ifc, r->s, &group);
}

void
vrrp_router_event(struct vrrp_router *r, enum vrrp_event e, enum vrrp_reason why, int64_t now)
{
	uint8_t before = r->reason;

	r->reason = (uint8_t)why;
	if (!fsm_event(&vrrp_fsm, &r->fsm, e, r, now))
		r->reason = before;
}

/* --- time ----------------------------------------------------------------------------------------- */

/* RFC 9568 6.1: Skew_Time; RFC 3768 6.1 counts it in seconds, whatever the interval. */
int64_t
vrrp_router_skew(const struct vrrp_router *r)
{
	int64_t unit = r->s->version == 2 ? TIME_SEC : r->m.used ? r->m.used : r->s->interval;

	return unit * (256 - r->priority) / 256;
}

int64_t
vrrp_router_down_interval(const struct vrrp_router *r)
{
	int64_t interval = r->s->version == 2 || !r->m.used ? r->s->interval : r->m.used;

	return 3 * interval + vrrp_router_skew(r);
}

int64_t
vrrp_router_linger(const struct vrrp_router *r)
{
	int64_t unit = r->s->version == 2 ? TIME_SEC : r->s->interval;
	int64_t linger = 3 * r->s->interval + unit * (256 - r->s->priority) / 256;

	return linger > LINGER_MIN ? linger : LINGER_MIN;
}

static void
overdue(void *arg, int64_t now)
{
	struct vrrp_router *r = arg;
	bool preempts = r->m.address.afi && r->w.since && r->w.hold == VRRP_HOLD_NONE;
	int64_t interval = r->m.used ? r->m.used : r->s->interval;

	/* Ours: who slept for more than an interval may have lost adverts with its socket's queue; a master that lives
	 * is heard within one more. */
	if (!r->m.zero && !preempts && !r->drowsy && now - r->timer.due > interval) {
		r->drowsy = true;
		vrrp_router_overdue_at(r, now + interval + interval / 8);
		return;
	}
	if (r->m.zero)
		vrrp_router_master_lost(r, VRRP_WHY_PRIORITY_ZERO, true, now);
	else
		vrrp_router_master_lost(r, preempts ? VRRP_WHY_PREEMPTED : VRRP_WHY_MASTER_DOWN, false, now);
	vrrp_settle(r->v, now);
}

void
vrrp_router_overdue_at(struct vrrp_router *r, int64_t due)
{
	timer_set(r->v->timers, &r->timer, due, overdue, r);
}

void
vrrp_router_listen(struct vrrp_router *r, int64_t from)
{
	r->base = from;
	r->expired = r->strong = r->drowsy = false;
	vrrp_router_overdue_at(r, from + vrrp_router_down_interval(r));
}

void
vrrp_router_master_lost(struct vrrp_router *r, enum vrrp_reason why, bool strong, int64_t now)
{
	if (vrrp_router_state(r) != VRRP_BACKUP)
		return;
	timer_cancel(r->v->timers, &r->timer);
	r->m.address.afi = AFI_NONE;
	r->m.zero = false;
	r->expired = true;
	r->strong |= strong;
	r->why = (uint8_t)why;
	/* who may not be master, or has just given it away, stays ready */
	if (r->block != VRRP_BLOCK_NONE || r->h.active)
		return;
	if (r->group)
		vrrp_sync_mark(r);
	else
		vrrp_router_event(r, VRRP_EV_TAKE_OVER, why, now);
}

/* Nothing forces it to stay Backup any more. */
void
vrrp_router_unblocked(struct vrrp_router *r, int64_t now)
{
	r->block = VRRP_BLOCK_NONE;
	if (vrrp_router_state(r) != VRRP_BACKUP)
		return;
	r->strong = false; /* that was long ago */
	if (r->expired)
		vrrp_router_master_lost(r, VRRP_WHY_MASTER_DOWN, false, now);
	else
		vrrp_hold_consider(r, now);
}

void
vrrp_router_checkpoint(struct vrrp_router *r, int64_t last)
{
	struct vrrp *v = r->v;
	struct vrrp_record k = {.key = vrrp_router_key(r), .state = vrrp_router_state(r), .priority = r->priority,
		.heard_checksums = r->heard_checksums, .last_advert = last, .sequence = ++v->sequence};
	bool master = k.state == VRRP_MASTER;

	memcpy(k.ifname, r->ifc->name, sizeof(k.ifname));
	if (!master)
		k.master = r->m.address;
	k.master_priority = master ? r->peer_priority : r->m.priority;
	k.master_adver_interval = master ? r->s->interval : r->m.used;
	v->ops->checkpoint(v->arg, &k.key, &k);
}

/* --- whether it can run --------------------------------------------------------------------------- */

bool
vrrp_router_counts(const struct vrrp_router *r)
{
	return !r->removed && !r->s->shutdown && !r->v->stopping && r->s->address_count;
}

static enum vrrp_block
why_not(const struct vrrp_router *r)
{
	const struct vrrp_iface *ifc = r->ifc;

	if (r->removed || r->s->shutdown || r->v->stopping)
		return VRRP_BLOCK_SHUTDOWN;
	if (!r->s->address_count)
		return VRRP_BLOCK_NO_ADDRESS;
	if (!ifc->ifindex)
		return VRRP_BLOCK_NO_INTERFACE;
	if (!ifc->up)
		return VRRP_BLOCK_INTERFACE_DOWN;
	if (!vrrp_router_primary(r).afi)
		return VRRP_BLOCK_NO_PRIMARY;
	if (r->s->virtual_mac && !(r->vlink.known ? r->vlink.up : r->vlink.trusted))
		return VRRP_BLOCK_NO_VLINK;
	return VRRP_BLOCK_NONE;
}

void
vrrp_router_vlink(struct vrrp_router *r)
{
	struct vrrp_vlink_want w = {.key = vrrp_router_key(r), .linger = vrrp_router_linger(r)};
	uint32_t parent = r->ifc->ifindex;

	w.want = vrrp_router_counts(r) && r->s->virtual_mac && parent;
	if (!w.want && vrrp_router_holds(r) && r->vlink.parent == parent)
		return; /* the addresses are still on it */
	if (r->vlink.asked && (!w.want || r->vlink.parent != parent)) {
		struct vrrp_vlink_want gone = {.key = {r->vlink.parent, r->vrid, r->afi}};
		r->vlink = (struct vrrp_vlink){0};
		r->v->ops->vlink(r->v->arg, &gone);
	}
	if (!w.want || (r->vlink.asked && r->vlink.linger == w.linger))
		return;
	r->vlink.asked = true;
	r->vlink.parent = parent;
	r->vlink.linger = w.linger;
	vrrp_virtual_mac(r->afi, r->vrid, w.mac);
	r->v->ops->vlink(r->v->arg, &w);
}

void
vrrp_router_check(struct vrrp_router *r, int64_t now)
{
	static const uint8_t reasons[VRRP_BLOCK_COUNT] = {
		[VRRP_BLOCK_SHUTDOWN] = VRRP_WHY_SHUTDOWN, [VRRP_BLOCK_NO_ADDRESS] = VRRP_WHY_CONFIG,
		[VRRP_BLOCK_NO_INTERFACE] = VRRP_WHY_INTERFACE, [VRRP_BLOCK_INTERFACE_DOWN] = VRRP_WHY_INTERFACE,
		[VRRP_BLOCK_NO_PRIMARY] = VRRP_WHY_INTERFACE, [VRRP_BLOCK_NO_VLINK] = VRRP_WHY_INTERFACE,
	};

	if (r->ifc->ifindex)
		r->ifindex = r->ifc->ifindex;
	vrrp_router_vlink(r);
	vrrp_iface_join(r->ifc);
	enum vrrp_block block = why_not(r);
	if (block != VRRP_BLOCK_NONE) {
		bool in_order = block == VRRP_BLOCK_SHUTDOWN || block == VRRP_BLOCK_NO_ADDRESS;
		if (vrrp_router_state(r) != VRRP_INITIALIZE)
			vrrp_router_event(r, in_order ? VRRP_EV_SHUTDOWN : VRRP_EV_STOP, r->removed ? VRRP_WHY_CONFIG : reasons[block],
				now);
		if (!in_order && r->h.active)
			vrrp_handover_end(r, now);
		if (r->block != (uint8_t)block) {
			r->block = (uint8_t)block;
			vrrp_sync_mark(r);
			r->ifc->lan_dirty = r->v->dirty = true;
		}
		vrrp_router_vlink(r);
		return;
	}
	if (vrrp_router_state(r) != VRRP_INITIALIZE)
		return;
	bool forced;
	r->priority = vrrp_track_priority(r, &r->owner, &forced);
	r->block = forced ? VRRP_BLOCK_TRACK : VRRP_BLOCK_NONE;
	vrrp_router_event(r, VRRP_EV_STARTUP, VRRP_WHY_STARTUP, now);
	/* a group's owner does not go alone */
	if (vrrp_router_state(r) == VRRP_BACKUP && r->owner && r->group && !forced)
		vrrp_router_master_lost(r, VRRP_WHY_OWNER, true, now);
}

/* --- configuration -------------------------------------------------------------------------------- */

static void
bfd_changed(struct vrrp_router *r, const struct vrrp_settings *old)
{
	for (size_t i = 0; i < r->s->bfd_count; i++)
		vrrp_iface_bfd_want(r->ifc, &r->s->bfd[i], true);
	for (size_t i = 0; i < old->bfd_count; i++)
		vrrp_iface_bfd_want(r->ifc, &old->bfd[i], false);
}

static void
timing_changed(struct vrrp_router *r, int64_t now)
{
	if (vrrp_router_state(r) == VRRP_MASTER) {
		vrrp_active_reschedule(r, now);
	} else if (vrrp_router_state(r) == VRRP_BACKUP && !r->expired && !r->m.zero) {
		if (!r->m.address.afi)
			r->m.used = r->s->interval;
		vrrp_router_listen(r, r->base);
	}
	vrrp_router_vlink(r);
	vrrp_active_addresses(r);
	r->ifc->lan_dirty = r->v->dirty = true;
}

/* One run per effect, whatever the number of fields that asked for it. */
void
vrrp_router_settings_changed(struct vrrp_router *r, struct vrrp_settings *s, int64_t now)
{
	struct vrrp_settings *old = r->s;
	uint32_t effects = vrrp_settings_compare(old, s);
	bool revived = r->removed;

	if (effects & VRRP_EFFECT_RESTART && vrrp_router_state(r) != VRRP_INITIALIZE)
		vrrp_router_event(r, VRRP_EV_SHUTDOWN, s->shutdown ? VRRP_WHY_SHUTDOWN : VRRP_WHY_CONFIG, now);
	r->s = s;
	r->removed = false;
	if (effects & VRRP_EFFECT_BFD || revived)
		bfd_changed(r, revived ? &(struct vrrp_settings){0} : old);
	if (effects & VRRP_EFFECT_GROUP || revived) {
		vrrp_sync_leave(r);
		vrrp_sync_join(r, s->group);
	}
	if (effects & VRRP_EFFECT_TIMING)
		timing_changed(r, now);
	if (effects & VRRP_EFFECT_PRIORITY)
		vrrp_track_judge(r, VRRP_WHY_CONFIG, now);
	if (effects & VRRP_EFFECT_ADDRESSES && vrrp_router_state(r) == VRRP_MASTER) {
		vrrp_active_addresses(r);
		vrrp_announce(r, false, now);
		vrrp_active_send(r, r->s, r->priority, now);
	}
	if (effects & VRRP_EFFECT_HOLD)
		vrrp_hold_consider(r, now);
	if (effects & VRRP_EFFECT_ANNOUNCE)
		vrrp_announce_rearm(r, now);
	if (effects & VRRP_EFFECT_LAN)
		r->ifc->lan_dirty = r->v->dirty = true;
	if (r->h.active && !r->h.old)
		r->h.old = old;
	else
		vrrp_settings_free(old);
	vrrp_router_check(r, now);
}

void
vrrp_router_remove(struct vrrp_router *r, int64_t now)
{
	if (r->removed)
		return;
	r->removed = true;
	for (size_t i = 0; i < r->s->bfd_count; i++)
		vrrp_iface_bfd_want(r->ifc, &r->s->bfd[i], false);
	vrrp_router_check(r, now);
	vrrp_sync_leave(r);
	r->v->burial = r->v->dirty = true;
	r->ifc->lan_dirty = true;
}
