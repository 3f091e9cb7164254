/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions on next hops; see gate.h. */
#include "zebra/gate.h"

#include <stdio.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/nhg.h"
#include "zebra/repair.h"
#include "zebra/source.h"
#include "zebra/sweep.h"
#include "zebra/track.h"

static bool
key_equal(const void *item, const void *key)
{
	return !memcmp(&((const struct gate *)item)->key, key, sizeof(struct gate_key));
}

static bool
id_equal(const void *item, const void *key)
{
	return ((const struct gate *)item)->id == *(const uint32_t *)key;
}

static uint32_t
id_hash(const struct zebra *z, uint32_t id)
{
	return hash_bytes(z->seed, &id, sizeof(id));
}

struct gates *
gates_new(void)
{
	struct gates *s = mem_zalloc(sizeof(*s));
	s->by_key = hash_new(key_equal);
	s->by_id = hash_new(id_equal);
	return s;
}

/* Only with the whole instance, after the groups. */
void
gates_free(struct zebra *z)
{
	struct gate *g;
	timer_cancel(z->timers, &z->gates->start);
	for (size_t pos = 0; (g = hash_next(z->gates->by_key, &pos));)
		mem_free(g);
	hash_free(z->gates->by_key);
	hash_free(z->gates->by_id);
	mem_free(z->gates);
	z->gates = NULL;
}

/* --- life ----------------------------------------------------------------------------------------- */

static void
claim_if_decided(struct zebra *z)
{
	if (!z->gates->claim || z->gates->undecided)
		return;
	z->gates->claim = false;
	sweep_claimed(z, source_own(z, PROTO_STATIC)->row->rtproto);
}

static void
gate_wish(struct zebra *z, const struct gate *g)
{
	struct bfdclient_want w = {.peer = g->key.peer, .local = g->key.local, .ifindex = g->key.ifindex,
		.multihop = g->key.multihop};
	snprintf(w.profile, sizeof(w.profile), "%s", g->profile);
	z->ops->bfd_want(z->arg, g->id, &w);
}

static struct gate *
gate_get(struct zebra *z, const struct gate_key *k, const char *profile)
{
	uint32_t hash = hash_bytes(z->seed, k, sizeof(*k));
	struct gate *g = hash_find(z->gates->by_key, hash, k);
	if (g) {
		g->refs++;
		return g;
	}
	g = mem_zalloc(sizeof(*g));
	memcpy(&g->key, k, sizeof(*k));
	g->refs = 1;
	g->decided = z->gates->started;
	z->gates->undecided += !g->decided;
	hash_insert(z->gates->by_key, hash, g);
	if (k->kind == GATE_BFD) {
		g->id = ++z->gates->next_id;
		hash_insert(z->gates->by_id, id_hash(z, g->id), g);
		snprintf(g->profile, sizeof(g->profile), "%s", profile);
		gate_wish(z, g);
	}
	return g;
}

/* Bytes are compared: nothing of what does not count may differ. */
struct gate *
gate_bfd(struct zebra *z, const struct bfdclient_want *want)
{
	struct gate_key k;
	memset(&k, 0, sizeof(k));
	k.kind = GATE_BFD;
	k.peer = ipaddr_from_bytes(want->peer.afi, want->peer.b);
	k.local = ipaddr_from_bytes(want->local.afi, want->local.b);
	k.ifindex = want->ifindex;
	k.multihop = want->multihop;
	struct gate *g = gate_get(z, &k, want->profile);
	/* the session is one, whatever its parameters: with other ones it stays as it is */
	if (want->profile[0] && strcmp(g->profile, want->profile)) {
		snprintf(g->profile, sizeof(g->profile), "%s", want->profile);
		gate_wish(z, g);
	}
	return g;
}

struct gate *
gate_track(struct zebra *z, uint32_t track)
{
	struct gate_key k;
	memset(&k, 0, sizeof(k));
	k.kind = GATE_TRACK;
	k.track = track;
	struct gate *g = gate_get(z, &k, "");
	if (g->refs == 1)
		track_tell_gate(z, track);
	return g;
}

static void
decide(struct zebra *z, struct gate *g, bool decided)
{
	if (g->decided == decided)
		return;
	g->decided = decided;
	z->gates->undecided += decided ? -1u : 1u;
}

void
gate_put(struct zebra *z, struct gate *g)
{
	if (!g || --g->refs)
		return;
	hash_remove(z->gates->by_key, hash_bytes(z->seed, &g->key, sizeof(g->key)), &g->key);
	if (g->id) {
		hash_remove(z->gates->by_id, id_hash(z, g->id), &g->id);
		z->ops->bfd_want(z->arg, g->id, NULL);
	}
	decide(z, g, true);
	claim_if_decided(z);
	mem_free(g);
}

/* --- states --------------------------------------------------------------------------------------- */

static void
gate_set(struct zebra *z, struct gate *g, bool open, bool decided)
{
	struct gate_use *u;
	decided |= z->gates->started;
	if (g->open == open && g->decided == decided)
		return;
	g->open = open;
	decide(z, g, decided);
	LIST_FOREACH(u, &g->uses, of_gate) {
		nhg_refresh(z, u->nhg);
		nhg_mark(z, u->nhg); /* routes that drop have no member that could be chosen */
	}
	if (g->key.kind == GATE_BFD)
		tracks_bfd_changed(z);
	claim_if_decided(z);
}

void
gate_track_set(struct zebra *z, uint32_t track, bool open, bool decided)
{
	struct gate_key k;
	memset(&k, 0, sizeof(k));
	k.kind = GATE_TRACK;
	k.track = track;
	struct gate *g = hash_find(z->gates->by_key, hash_bytes(z->seed, &k, sizeof(k)), &k);
	if (g)
		gate_set(z, g, open, decided);
}

void
gates_bfd_told(struct zebra *z, const struct bfdclient_state *s)
{
	struct gate *g = hash_find(z->gates->by_id, id_hash(z, s->id), &s->id);
	char peer[IPADDR_STRLEN];
	/* RFC 5882 4.2: AdminDown, or never up, says nothing of the path */
	if (!g || s->liveness == BFD_LIVE_UNKNOWN)
		return;
	bool up = s->liveness == BFD_LIVE_UP;
	if (g->open != up)
		repair_cause(z, s->at, ipaddr_print(&g->key.peer, peer), up ? "BFD up" : "BFD down");
	gate_set(z, g, up, true);
}

static void
start_over(void *arg, int64_t now)
{
	struct zebra *z = arg;
	struct gate *g;
	core_enter(z, now);
	z->gates->started = true;
	for (size_t pos = 0; (g = hash_next(z->gates->by_key, &pos));)
		gate_set(z, g, g->open, true);
	tracks_start_over(z);
	core_leave(z);
}

void
gates_start(struct zebra *z)
{
	if (z->synced && z->gates->configured && !z->gates->started)
		timer_set(z->timers, &z->gates->start, z->now + GATE_START, start_over, z);
}

void
gates_claim_statics(struct zebra *z)
{
	z->gates->configured = z->gates->claim = true;
	gates_start(z);
	claim_if_decided(z);
}

/* --- of groups ------------------------------------------------------------------------------------ */

static void
use(struct nhg *g, struct gate *gate)
{
	struct gate_use *u;
	LIST_FOREACH(u, &g->gates, of_nhg)
		if (u->gate == gate)
			return;
	u = mem_zalloc(sizeof(*u));
	u->gate = gate;
	u->nhg = g;
	gate->refs++;
	LIST_INSERT_HEAD(&g->gates, u, of_nhg);
	LIST_INSERT_HEAD(&gate->uses, u, of_gate);
}

void
gates_use(struct zebra *z, struct nhg *g)
{
	(void)z;
	for (unsigned i = 0; i < g->leg_count; i++)
		for (unsigned k = 0; k < 2; k++)
			if (g->legs[i].gates[k])
				use(g, g->legs[i].gates[k]);
}

void
gates_unuse(struct zebra *z, struct nhg *g)
{
	struct gate_use *u;
	while ((u = LIST_FIRST(&g->gates))) {
		LIST_REMOVE(u, of_nhg);
		LIST_REMOVE(u, of_gate);
		gate_put(z, u->gate);
		mem_free(u);
	}
}

unsigned
gate_track_groups(const struct zebra *z, uint32_t track)
{
	struct gate_key k;
	const struct gate_use *u;
	unsigned n = 0;
	memset(&k, 0, sizeof(k));
	k.kind = GATE_TRACK;
	k.track = track;
	const struct gate *g = hash_find(z->gates->by_key, hash_bytes(z->seed, &k, sizeof(k)), &k);
	if (g)
		LIST_FOREACH(u, &g->uses, of_gate)
			n++;
	return n;
}

bool
gates_undecided(const struct nhg *g)
{
	const struct gate_use *u;
	LIST_FOREACH(u, &g->gates, of_nhg)
		if (!u->gate->decided)
			return true;
	return false;
}

bool
gates_open(const struct zebra_leg *l)
{
	return (!l->gates[0] || l->gates[0]->open) && (!l->gates[1] || l->gates[1]->open);
}

const char *
gates_closed_by(const struct zebra_leg *l, char *buf, unsigned size)
{
	buf[0] = '\0';
	for (unsigned i = 0; i < 2 && !buf[0]; i++) {
		const struct gate *g = l->gates[i];
		if (g && !g->open && g->key.kind == GATE_BFD)
			snprintf(buf, size, "bfd");
		else if (g && !g->open)
			snprintf(buf, size, "track %u", g->key.track);
	}
	return buf;
}
