/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The availability part of a client of zebra: virtual links and addresses, roles on LANs,
 * readiness, track objects. Owns what is to be said again after a reconnection, one table per kind;
 * a wish that is made while zebra is away is said when it is back.
 * Invariant: links are said before the addresses that lie on them.
 */
#include "lib/zclient_priv.h"

#include <stdio.h>
#include <string.h>

#include "gen/rib.pb-c.h"
#include "lib/hash.h"
#include "lib/mem.h"

#define CAUSE_MAX 128

enum want_kind { WANT_VLINK, WANT_VADDRESS, WANT_LAN, WANT_REPORT, WANT_KINDS }; /* said in this order */

struct report {
	bool up;
	int64_t at;
	char cause[CAUSE_MAX];
};
struct want {
	uint32_t id; /* a LAN's: its ifindex */
	union {
		struct zclient_vlink vlink;
		struct zclient_vaddress vaddress;
		struct zclient_lan lan;
		struct report report;
	};
};

struct zha {
	struct hash *wants[WANT_KINDS];
	bool ready_said, ready, tracks;
	char waiting_for[CAUSE_MAX];
};

static bool
want_equal(const void *item, const void *key)
{
	return ((const struct want *)item)->id == *(const uint32_t *)key;
}

struct zha *
zha_new(void)
{
	struct zha *h = mem_zalloc(sizeof(*h));
	for (unsigned k = 0; k < WANT_KINDS; k++)
		h->wants[k] = hash_new(want_equal);
	return h;
}

void
zha_free(struct zha *h)
{
	struct want *w;
	for (unsigned k = 0; k < WANT_KINDS; k++) {
		for (size_t pos = 0; (w = hash_next(h->wants[k], &pos));)
			mem_free(w);
		hash_free(h->wants[k]);
	}
	mem_free(h);
}

/* --- out ---------------------------------------------------------------------------------------- */

static void
send_vlink(struct zclient *z, const struct want *w, bool remove)
{
	Rib__VirtualLink m = RIB__VIRTUAL_LINK__INIT;
	struct zclient_vlink v = w->vlink;
	m.id = w->id;
	m.remove = remove;
	m.parent_ifindex = v.parent_ifindex;
	m.mac.data = v.mac;
	m.mac.len = sizeof(v.mac);
	m.name = v.name;
	m.linger_us = (uint64_t)v.linger;
	zclient_tell(z, RIB__RIB_TYPE__RIB_VLINK, &m.base);
}

static void
send_vaddress(struct zclient *z, const struct want *w, bool remove)
{
	Rib__VirtualAddress m = RIB__VIRTUAL_ADDRESS__INIT;
	struct zclient_vaddress v = w->vaddress;
	m.id = w->id;
	m.remove = remove;
	m.ifindex = v.ifindex;
	m.vlink = v.vlink;
	m.address.data = v.address.b;
	m.address.len = afi_bytes(v.address.afi);
	m.prefix_len = v.address.len;
	m.accept = v.accept;
	m.linger_us = (uint64_t)v.linger;
	zclient_tell(z, RIB__RIB_TYPE__RIB_VADDRESS, &m.base);
}

static void
send_lan(struct zclient *z, const struct want *w, bool remove)
{
	Rib__Lan m = RIB__LAN__INIT;
	m.ifindex = w->id;
	if (!remove) {
		m.role = (Rib__Lan__Role)w->lan.role;
		m.dead = w->lan.dead;
		m.added_cost = w->lan.added_cost;
		m.withdraw = w->lan.withdraw;
	}
	zclient_tell(z, RIB__RIB_TYPE__RIB_LAN, &m.base);
}

static void
send_report(struct zclient *z, const struct want *w, bool remove)
{
	Rib__TrackReport m = RIB__TRACK_REPORT__INIT;
	struct report r = w->report;
	if (remove)
		return; /* who removed the object knows */
	m.id = w->id;
	m.up = r.up;
	m.cause = r.cause;
	m.at_us = r.at;
	zclient_tell(z, RIB__RIB_TYPE__RIB_TRACK_REPORT, &m.base);
}

static void (*const want_send[WANT_KINDS])(struct zclient *z, const struct want *w, bool remove) = {
	[WANT_VLINK] = send_vlink,
	[WANT_VADDRESS] = send_vaddress,
	[WANT_LAN] = send_lan,
	[WANT_REPORT] = send_report,
};

static void
want_set(struct zclient *z, enum want_kind kind, const struct want *want)
{
	struct hash *h = zclient_ha(z)->wants[kind];
	uint32_t hash = hash_bytes(0, &want->id, sizeof(want->id));
	struct want *held = hash_find(h, hash, &want->id);

	if (!held) {
		held = mem_alloc(sizeof(*held));
		held->id = want->id;
		hash_insert(h, hash, held);
	}
	*held = *want;
	want_send[kind](z, held, false);
}

static void
want_drop(struct zclient *z, enum want_kind kind, uint32_t id)
{
	struct want *held = hash_remove(zclient_ha(z)->wants[kind], hash_bytes(0, &id, sizeof(id)), &id);

	if (!held)
		return;
	want_send[kind](z, held, true);
	mem_free(held);
}

void
zclient_vlink(struct zclient *z, const struct zclient_vlink *v)
{
	want_set(z, WANT_VLINK, &(struct want){.id = v->id, .vlink = *v});
}

void
zclient_vlink_remove(struct zclient *z, uint32_t id)
{
	want_drop(z, WANT_VLINK, id);
}

void
zclient_vaddress(struct zclient *z, const struct zclient_vaddress *v)
{
	want_set(z, WANT_VADDRESS, &(struct want){.id = v->id, .vaddress = *v});
}

void
zclient_vaddress_remove(struct zclient *z, uint32_t id)
{
	want_drop(z, WANT_VADDRESS, id);
}

void
zclient_lan(struct zclient *z, const struct zclient_lan *lan)
{
	if (lan->role == ZCLIENT_ROLE_NONE && !lan->dead)
		want_drop(z, WANT_LAN, lan->ifindex);
	else
		want_set(z, WANT_LAN, &(struct want){.id = lan->ifindex, .lan = *lan});
}

void
zclient_track_report(struct zclient *z, uint32_t id, bool up, const char *cause, int64_t at)
{
	struct want w = {.id = id, .report = {.up = up, .at = at}};
	snprintf(w.report.cause, sizeof(w.report.cause), "%s", cause ? cause : "");
	want_set(z, WANT_REPORT, &w);
}

void
zclient_track_forget(struct zclient *z, uint32_t id)
{
	want_drop(z, WANT_REPORT, id);
}

static void
say_ready(struct zclient *z, struct zha *h)
{
	Rib__Ready m = RIB__READY__INIT;
	m.ready = h->ready;
	m.waiting_for = h->waiting_for;
	zclient_tell(z, RIB__RIB_TYPE__RIB_READY, &m.base);
}

void
zclient_ready(struct zclient *z, bool ready, const char *waiting_for)
{
	struct zha *h = zclient_ha(z);
	char text[CAUSE_MAX];

	snprintf(text, sizeof(text), "%s", waiting_for && !ready ? waiting_for : "");
	if (h->ready_said && h->ready == ready && !strcmp(h->waiting_for, text))
		return;
	h->ready_said = true;
	h->ready = ready;
	memcpy(h->waiting_for, text, sizeof(text));
	say_ready(z, h);
}

static void
say_tracks(struct zclient *z)
{
	Rib__TrackWant m = RIB__TRACK_WANT__INIT;
	zclient_tell(z, RIB__RIB_TYPE__RIB_TRACK_WANT, &m.base);
}

void
zclient_track_want(struct zclient *z)
{
	struct zha *h = zclient_ha(z);
	if (h->tracks)
		return;
	h->tracks = true;
	say_tracks(z);
}

void
zha_replay(struct zclient *z, struct zha *h)
{
	struct want *w;
	for (unsigned k = 0; k < WANT_KINDS; k++)
		for (size_t pos = 0; (w = hash_next(h->wants[k], &pos));)
			want_send[k](z, w, false);
	if (h->ready_said)
		say_ready(z, h);
	if (h->tracks)
		say_tracks(z);
}

/* --- in ----------------------------------------------------------------------------------------- */

static bool
on_vlink_state(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__VirtualLinkState *m = msg;
	void *arg;
	const struct zclient_ops *ops = zclient_told(z, &arg);
	if (ops->vlink)
		ops->vlink(arg, m->id, m->ifindex, m->up, m->error, now);
	return true;
}

static bool
on_lan(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__Lan *m = msg;
	void *arg;
	const struct zclient_ops *ops = zclient_told(z, &arg);
	struct zclient_lan lan = {.ifindex = m->ifindex, .role = (uint8_t)m->role, .dead = m->dead,
		.withdraw = m->withdraw, .added_cost = m->added_cost};
	if ((unsigned)m->role > ZCLIENT_ROLE_INITIALIZE)
		return false;
	if (ops->lan)
		ops->lan(arg, &lan, now);
	return true;
}

static bool
on_ready(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__Ready *m = msg;
	void *arg;
	const struct zclient_ops *ops = zclient_told(z, &arg);
	if (ops->ready)
		ops->ready(arg, m->ready, m->waiting_for, now);
	return true;
}

static bool
on_track(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__Track *m = msg;
	void *arg;
	const struct zclient_ops *ops = zclient_told(z, &arg);
	struct zclient_track t = {.id = m->id, .up = m->up, .gone = m->gone, .cause = m->cause, .at = m->at_us};
	if (m->id && ops->track)
		ops->track(arg, &t, now);
	if (m->synced && ops->track_synced)
		ops->track_synced(arg, now);
	return true;
}

static const struct zclient_message zha_messages[] = {
	[RIB__RIB_TYPE__RIB_VLINK_STATE] = {&rib__virtual_link_state__descriptor, on_vlink_state},
	[RIB__RIB_TYPE__RIB_LAN] = {&rib__lan__descriptor, on_lan},
	[RIB__RIB_TYPE__RIB_READY] = {&rib__ready__descriptor, on_ready},
	[RIB__RIB_TYPE__RIB_TRACK] = {&rib__track__descriptor, on_track},
};

const struct zclient_message *
zha_message(unsigned type)
{
	if (type >= sizeof(zha_messages) / sizeof(zha_messages[0]) || !zha_messages[type].handle)
		return NULL;
	return &zha_messages[type];
}
