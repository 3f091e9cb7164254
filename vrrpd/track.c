/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is tracked -> the effective priority, or forced Backup. States of track objects are zebra's; what
 * nobody has told counts as up: a restarted vrrpd must not give its routers away because zebra has not spoken yet.
 *
 * A lower priority alone changes nothing before the next failure. So a master whose priority falls
 * offers its place by priority 0, if the other router could be better; if nobody takes it, it stays.
 */
#include "vrrpd/core.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

static struct vrrp_track *
find(const struct vrrp *v, uint32_t id, size_t *at)
{
	size_t low = 0, high = v->track_count;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (v->tracks[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	*at = low;
	return low < v->track_count && v->tracks[low].id == id ? &v->tracks[low] : NULL;
}

bool
vrrp_track_state(const struct vrrp *v, const struct vrrp_setting_track *t, bool *known)
{
	size_t at;

	if (t->name[0]) {
		const struct vrrp_iface *ifc = vrrp_iface_named(v, t->name);
		*known = (ifc && ifc->known) || v->synced;
		return *known ? ifc && ifc->up : true;
	}
	const struct vrrp_track *found = find(v, t->id, &at);
	*known = found != NULL;
	return found ? found->up : true;
}

uint8_t
vrrp_track_priority(const struct vrrp_router *r, bool *owner, bool *forced)
{
	const struct vrrp_settings *s = r->s;
	bool known;

	*owner = *forced = false;
	/* RFC 9568 6.1: who has the addresses as its own is the owner */
	for (size_t i = 0; i < s->address_count && !*owner; i++)
		*owner = vrrp_iface_owns(r->ifc, &s->addresses[i]);
	int priority = *owner ? 255 : s->priority;
	for (size_t i = 0; i < s->track_count; i++) {
		if (vrrp_track_state(r->v, &s->tracks[i], &known))
			continue;
		priority -= s->tracks[i].decrement;
		*forced |= !s->tracks[i].decrement;
	}
	*owner &= priority == 255;
	return (uint8_t)(priority < 1 ? 1 : priority);
}

static void
tell(const struct vrrp_router *r, uint8_t before, bool forced, int64_t now)
{
	char text[96];

	if (forced)
		snprintf(text, sizeof(text), "forced to be backup");
	else
		snprintf(text, sizeof(text), "priority %u -> %u", before, r->priority);
	vrrp_log_text(r->ifc, r, VRRP_LOG_TRACK, forced || r->priority < before, now, text);
}

/* As master: a lower priority is an offer, if it can be to anybody's advantage. */
static void
lowered(struct vrrp_router *r, enum vrrp_reason why, int64_t now)
{
	if (!r->peer_priority || r->peer_priority >= r->priority)
		vrrp_router_event(r, VRRP_EV_HAND_OVER, why, now);
	else
		vrrp_active_send(r, r->s, r->priority, now);
}

static void
priority_changed(struct vrrp_router *r, uint8_t before, enum vrrp_reason why, int64_t now)
{
	if (vrrp_router_state(r) == VRRP_MASTER && r->priority < before) {
		lowered(r, why, now);
	} else if (vrrp_router_state(r) == VRRP_BACKUP) {
		/* RFC 9568 6.1: Skew_Time follows the priority */
		if (r->priority > before)
			r->listening = now;
		if (!r->expired && !r->m.zero)
			vrrp_router_overdue_at(r, r->base + vrrp_router_down_interval(r));
		vrrp_hold_consider(r, now);
	}
}

void
vrrp_track_judge(struct vrrp_router *r, enum vrrp_reason why, int64_t now)
{
	uint8_t before = r->priority;
	bool forced, was_owner = r->owner, was_forced = r->block == VRRP_BLOCK_TRACK;

	r->priority = vrrp_track_priority(r, &r->owner, &forced);
	if (vrrp_router_state(r) == VRRP_INITIALIZE)
		return;
	if (forced != was_forced || before != r->priority)
		tell(r, before, forced, now);
	if (was_owner != r->owner && vrrp_router_state(r) == VRRP_MASTER)
		vrrp_active_addresses(r);
	if (forced) {
		r->block = VRRP_BLOCK_TRACK;
		vrrp_router_event(r, VRRP_EV_FORCE, why, now);
		vrrp_hold_clear(r, now);
	} else if (before != r->priority) {
		priority_changed(r, before, why, now);
	}
	if (!forced && was_forced) {
		r->listening = now;
		vrrp_router_unblocked(r, now);
	}
	vrrp_sync_mark(r);
}

/* --- what happened -------------------------------------------------------------------------------- */

static bool
depends(const struct vrrp_settings *s, uint32_t id, const char *name)
{
	for (size_t i = 0; i < s->track_count; i++)
		if (name ? !strcmp(s->tracks[i].name, name) : !s->tracks[i].name[0] && s->tracks[i].id == id)
			return true;
	return false;
}

static void
judge_all(struct vrrp *v, uint32_t id, const char *name, int64_t now)
{
	struct vrrp_router *r;

	TAILQ_FOREACH(r, &v->routers, entry)
		if (depends(r->s, id, name))
			vrrp_track_judge(r, VRRP_WHY_TRACK, now);
}

void
vrrp_track_changed(struct vrrp *v, uint32_t track, bool up, bool gone, int64_t now)
{
	size_t at;
	struct vrrp_track *t = find(v, track, &at);

	if (!t && gone)
		return;
	if (gone) {
		memmove(t, t + 1, (v->track_count - at - 1) * sizeof(*t));
		v->track_count--;
	} else if (!t) {
		v->tracks = mem_realloc(v->tracks, (v->track_count + 1) * sizeof(*t));
		memmove(v->tracks + at + 1, v->tracks + at, (v->track_count - at) * sizeof(*t));
		v->tracks[at] = (struct vrrp_track){track, up};
		v->track_count++;
	} else if (t->up == up) {
		return;
	} else {
		t->up = up;
	}
	judge_all(v, track, NULL, now);
	vrrp_settle(v, now);
}

void
vrrp_track_interface_changed(struct vrrp_iface *ifc, int64_t now)
{
	judge_all(ifc->v, 0, ifc->name, now);
}

void
vrrp_synced(struct vrrp *v, int64_t now)
{
	struct vrrp_router *r;

	v->synced = true;
	TAILQ_FOREACH(r, &v->routers, entry) {
		r->ifc->lan_dirty = v->dirty = true;
		if (r->s->track_count)
			vrrp_track_judge(r, VRRP_WHY_TRACK, now);
		vrrp_sync_mark(r);
	}
	vrrp_settle(v, now);
}
