/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Track objects: their states, delays, and who is told; see track.h. */
#include "zebra/track.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "zebra/config.h"
#include "zebra/core.h"
#include "zebra/gate.h"
#include "zebra/iface.h"
#include "zebra/repair.h"
#include "zebra/track_judge.h"

#define FLAPS_MAX 20 /* changes in a second */

_Static_assert(TRACK_CLIENTS > SOURCES_MAX, "a flag per client, from 1");

struct tracks *
tracks_new(void)
{
	return mem_zalloc(sizeof(struct tracks));
}

static void
track_free(struct zebra *z, struct track *t)
{
	timer_cancel(z->timers, &t->delay);
	conf_unref(t->config);
	mem_free(t);
}

void
tracks_free(struct zebra *z)
{
	for (unsigned i = 0; i < z->tracks->count; i++)
		track_free(z, z->tracks->items[i]);
	mem_free(z->tracks->items);
	mem_free(z->tracks);
	z->tracks = NULL;
}

/* Where id is, or would be put. */
static unsigned
track_position(const struct tracks *s, uint32_t id)
{
	unsigned lo = 0, hi = s->count;
	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		if (s->items[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct track *
track_find(const struct zebra *z, uint32_t id)
{
	const struct tracks *s = z->tracks;
	unsigned at = track_position(s, id);
	return at < s->count && s->items[at]->id == id ? s->items[at] : NULL;
}

static void
mark(struct zebra *z, unsigned kinds)
{
	for (unsigned i = 0; i < z->tracks->count; i++)
		z->tracks->items[i]->dirty |= kinds >> z->tracks->items[i]->kind & 1;
}

/* --- telling -------------------------------------------------------------------------------------- */

static void
tell(struct zebra *z, const struct track *t, uint32_t client, bool gone)
{
	const struct zebra_track out = {.id = t->id, .up = t->up && !gone, .gone = gone, .cause = t->cause,
		.at = t->since};
	for (uint32_t c = 1; c <= SOURCES_MAX; c++)
		if (z->tracks->wanted[c] && (!client || client == c))
			z->ops->track(z->arg, c, &out);
}

void
zebra_tracks_wanted(struct zebra *z, uint32_t client, int64_t now)
{
	const struct zebra_track synced = {.synced = true, .cause = "", .at = now};
	if (client > SOURCES_MAX)
		return;
	core_enter(z, now);
	z->tracks->wanted[client] = true;
	for (unsigned i = 0; i < z->tracks->count; i++)
		if (z->tracks->items[i]->decided)
			tell(z, z->tracks->items[i], client, false);
	z->ops->track(z->arg, client, &synced);
	core_leave(z);
}

void
tracks_client_gone(struct zebra *z, uint32_t client)
{
	z->tracks->wanted[client] = false; /* what it reported stays */
}

void
track_tell_gate(struct zebra *z, uint32_t id)
{
	const struct track *t = track_find(z, id);
	gate_track_set(z, id, t && t->up, !t || t->decided);
}

/* --- states --------------------------------------------------------------------------------------- */

static void
track_change(struct zebra *z, struct track *t, bool up, const char *why)
{
	char object[32];
	bool first = !t->decided, changed = t->up != up;
	t->waiting = false;
	timer_cancel(z->timers, &t->delay);
	t->fresh = false;
	t->decided = true;
	snprintf(t->cause, sizeof(t->cause), "%s", why);
	if (!first && !changed)
		return;
	t->up = up;
	t->since = t->at ? t->at : z->now;
	t->changes += !first;
	if (t->second != z->now / TIME_SEC)
		t->in_second = 0;
	t->second = z->now / TIME_SEC;
	t->in_second++;
	if (!first) {
		snprintf(object, sizeof(object), "track %u", t->id);
		repair_cause(z, t->since, object, why);
		repair_tell(z, !up, up ? "track.up" : "track.down", object, why);
	}
	tell(z, t, 0, false);
	gate_track_set(z, t->id, up, true);
	mark(z, 1u << TRACK_LIST);
}

static void
delay_over(void *arg, int64_t now)
{
	struct track *t = arg;
	core_enter(t->z, now);
	t->dirty = true;
	t->fresh = true; /* it has waited: what is true now counts */
	core_leave(t->z);
}

static void
track_consider(struct zebra *z, struct track *t)
{
	char why[sizeof(t->cause)];
	enum verdict v = track_judge(z, t, why, sizeof(why));
	const struct zconf_track *c = conf_data(t->config);
	t->dirty = false;
	if (v == VERDICT_UNKNOWN && !z->gates->started)
		return; /* what was known before the restart holds */
	bool up = v == VERDICT_YES;
	bool flaps = t->second == z->now / TIME_SEC && t->in_second >= FLAPS_MAX;
	int64_t delay = (int64_t)(up ? c->delay_up : c->delay_down) * TIME_MS;
	if (t->decided && up == t->up) {
		timer_cancel(z->timers, &t->delay);
		t->waiting = t->fresh = false;
		snprintf(t->cause, sizeof(t->cause), "%s", why);
	} else if (flaps && t->decided) {
		if (!t->waiting)
			core_log(z, "track.flapping", "track=%u: it changes too often, and waits", t->id);
		t->waiting = true;
		if (!timer_armed(&t->delay))
			timer_set(z->timers, &t->delay, z->now + TIME_SEC, delay_over, t);
	} else if (!t->decided || t->fresh || !delay) {
		track_change(z, t, up, why);
	} else if (!t->waiting) {
		t->waiting = true;
		timer_set(z->timers, &t->delay, z->now + delay, delay_over, t);
	}
	t->at = 0;
}

bool
tracks_run(struct zebra *z)
{
	struct tracks *s = z->tracks;
	bool still = true;
	s->fib_changed = false;
	for (unsigned i = 0; i < s->count; i++) {
		struct track *t = s->items[i];
		uint32_t changes = t->changes;
		bool decided = t->decided;
		if (!t->dirty && t->kind != TRACK_ROUTE)
			continue;
		track_consider(z, t);
		still = still && changes == t->changes && decided == t->decided;
	}
	return still;
}

void
tracks_iface_changed(struct zebra *z)
{
	mark(z, 1u << TRACK_INTERFACE);
}

void
tracks_bfd_changed(struct zebra *z)
{
	mark(z, 1u << TRACK_BFD);
}

/* Results come a million times and settle nothing: one settling for all that are at hand. */
void
tracks_fib_note(struct zebra *z)
{
	if (!z->tracks->routes || z->tracks->fib_changed)
		return;
	z->tracks->fib_changed = true;
	z->ops->work(z->arg);
}

void
tracks_start_over(struct zebra *z)
{
	mark(z, ~0u);
}

void
zebra_track_reported(struct zebra *z, uint32_t id, bool up, const char *cause, int64_t at, int64_t now)
{
	struct track *t = track_find(z, id);
	if (!t || t->kind != TRACK_PROBE)
		return;
	core_enter(z, now);
	t->reported = true;
	t->report_up = up;
	t->at = at > 0 && at < now ? at : now;
	snprintf(t->report, sizeof(t->report), "%s", cause[0] ? cause : up ? "the check succeeds" : "the check fails");
	t->dirty = true;
	core_leave(z);
}

/* --- configuration -------------------------------------------------------------------------------- */

static enum track_kind
kind_of(const struct zconf_track *c)
{
	if (c->interface[0])
		return TRACK_INTERFACE;
	if (c->route4.afi || c->route6.afi)
		return TRACK_ROUTE;
	if (c->bfd_peer.afi)
		return TRACK_BFD;
	return c->is_list ? TRACK_LIST : TRACK_PROBE; /* http, tcp */
}

/* The session it watches; none while its interface is not there. */
static void
bfd_bind(struct zebra *z, struct track *t)
{
	const struct zconf_track *c = conf_data(t->config);
	const struct iface *i = c->bfd_interface[0] ? iface_by_name(z, c->bfd_interface) : NULL;
	struct gate *old = t->gate;
	struct bfdclient_want want = {.peer = c->bfd_peer, .ifindex = i && i->present ? i->k.ifindex : 0,
		.local = c->bfd_local.afi ? c->bfd_local : c->source, .multihop = c->bfd_multihop};
	snprintf(want.profile, sizeof(want.profile), "%s", c->bfd_profile);
	t->gate = t->kind == TRACK_BFD && (!c->bfd_interface[0] || want.ifindex) ? gate_bfd(z, &want) : NULL;
	gate_put(z, old);
	t->dirty = true;
}

void
tracks_links_changed(struct zebra *z)
{
	for (unsigned i = 0; i < z->tracks->count; i++)
		if (z->tracks->items[i]->kind == TRACK_BFD)
			bfd_bind(z, z->tracks->items[i]);
	tracks_iface_changed(z);
}

static bool
same_thing(const struct zconf_track *a, const struct zconf_track *b)
{
	struct zconf_track x = *a, y = *b;
	x.delay_up = y.delay_up = x.delay_down = y.delay_down = 0;
	return !memcmp(&x, &y, sizeof(x));
}

static void
track_delete(struct zebra *z, struct track *t)
{
	struct tracks *s = z->tracks;
	unsigned at = track_position(s, t->id);
	memmove(s->items + at, s->items + at + 1, (s->count - at - 1) * sizeof(*s->items));
	s->count--;
	s->routes -= t->kind == TRACK_ROUTE;
	gate_put(z, t->gate);
	tell(z, t, 0, true);
	track_tell_gate(z, t->id);
	track_free(z, t);
	mark(z, 1u << TRACK_LIST);
}

static struct track *
track_add(struct zebra *z, uint32_t id)
{
	struct tracks *s = z->tracks;
	unsigned at = track_position(s, id);
	struct track *t = mem_zalloc(sizeof(*t));
	t->z = z;
	t->id = id;
	s->items = mem_realloc(s->items, (s->count + 1) * sizeof(struct track *));
	memmove(s->items + at + 1, s->items + at, (s->count - at) * sizeof(struct track *));
	s->items[at] = t;
	s->count++;
	return t;
}

static void
track_configure(struct zebra *z, const struct conf_object *o)
{
	const struct zconf_track *c = conf_data(o);
	struct track *t = track_find(z, c->id);
	bool added = !t;
	if (added)
		t = track_add(z, c->id);
	bool same = !added && same_thing(c, conf_data(t->config));
	if (!added)
		z->tracks->routes -= t->kind == TRACK_ROUTE;
	t->kind = kind_of(c);
	z->tracks->routes += t->kind == TRACK_ROUTE;
	conf_unref(t->config);
	t->config = conf_ref(o);
	t->dirty = true;
	if (same)
		return;
	t->fresh = true;
	t->reported = false;
	bfd_bind(z, t);
}

static void
one_change(void *arg, const struct conf_class *cls, const struct conf_object *old,
	const struct conf_object *new, const struct conf_object *old_parent,
	const struct conf_object *new_parent, uint32_t effects)
{
	struct zebra *z = arg;
	(void)old_parent;
	(void)effects;
	if (cls == &zconf_track_object_class && new_parent)
		track_configure(z, new_parent);
	if (cls != &zconf_track_class)
		return;
	struct track *t = new ? NULL : track_find(z, ((const struct zconf_track *)conf_data(old))->id);
	if (new)
		track_configure(z, new);
	else if (t)
		track_delete(z, t);
}

void
tracks_reconfigure(struct zebra *z, const struct conf_object *old, const struct conf_object *new)
{
	conf_diff(old, new, one_change, z);
	/* before the routes that depend on them; lists may name each other in any order */
	for (unsigned i = 0; i <= z->tracks->count && !tracks_run(z); i++)
		continue;
}
