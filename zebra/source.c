/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources: sessions of clients, epochs, grace and sweeping; see source.h. */
#include "zebra/source.h"

#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/kid.h"
#include "zebra/nhg.h"
#include "zebra/sweep.h"

static bool
group_equal(const void *item, const void *key)
{
	return ((const struct source_group *)item)->id == *(const uint32_t *)key;
}

static uint32_t
group_hash(const struct source *s, uint32_t id)
{
	return hash_bytes(s->z->seed, &id, sizeof(id));
}

struct source *
source_new(struct zebra *z, enum protocol_id proto, uint32_t instance)
{
	if (z->source_count == SOURCES_MAX)
		return NULL;
	struct source *s = mem_zalloc(sizeof(*s));
	s->z = z;
	s->proto = proto;
	s->instance = instance;
	s->row = protocol_row(proto);
	s->by_legs = hash_new(nhg_equal);
	s->groups = hash_new(group_equal);
	TAILQ_INIT(&s->nhgs);
	z->sources[z->source_count++] = s;
	s->id = z->source_count;
	return s;
}

/* Only with the whole instance: groups go without telling anybody. */
void
source_free(struct source *s)
{
	struct source_group *d;
	timer_cancel(s->z->timers, &s->grace);
	for (size_t pos = 0; (d = hash_next(s->groups, &pos));)
		mem_free(d);
	nhgs_forget(s);
	hash_free(s->groups);
	hash_free(s->by_legs);
	mem_free(s);
}

struct source *
source_own(struct zebra *z, enum protocol_id proto)
{
	return z->sources[proto];
}

struct source *
source_client(struct zebra *z, uint32_t id)
{
	if (id <= PROTO_OWN || id > z->source_count)
		return NULL;
	struct source *s = z->sources[id - 1];
	return s->connected ? s : NULL;
}

bool
zebra_client_congests(const struct zebra *z, uint32_t client)
{
	return client > PROTO_OWN && client <= z->source_count
		&& z->sources[client - 1]->row->distance != DISTANCE_NEVER;
}

/* --- stale routes --------------------------------------------------------------------------------- */

void
source_new_epoch(struct source *s)
{
	s->epoch++;
}

bool
source_sweep(struct source *s, unsigned *budget)
{
	struct nhg *g;
	if (!s->sweeping)
		return true;
	TAILQ_FOREACH(g, &s->nhgs, of_source) {
		struct rib_route *r;
		/* renewed routes are put at the head, so the stale ones are the tail */
		while ((r = TAILQ_LAST(&g->routes, route_list)) && r->epoch != s->epoch) {
			if (!*budget)
				return false;
			--*budget;
			s->z->stats.swept++;
			rib_route_remove(s->z, r);
		}
	}
	s->sweeping = false;
	return true;
}

bool
source_sweep_all(struct zebra *z, unsigned *budget)
{
	for (unsigned i = 0; i < z->source_count; i++)
		if (!source_sweep(z->sources[i], budget))
			return false;
	return true;
}

/* --- groups of clients ---------------------------------------------------------------------------- */

static void
definition_free(struct source *s, struct source_group *d)
{
	hash_remove(s->groups, group_hash(s, d->id), &d->id);
	for (unsigned afi = 0; afi < 3; afi++)
		if (d->nhg[afi])
			nhg_put(d->nhg[afi]);
	mem_free(d);
}

struct nhg *
source_group_nhg(struct source *s, uint32_t id, uint8_t afi)
{
	struct source_group *d = hash_find(s->groups, group_hash(s, id), &id);
	if (!d)
		return NULL;
	if (!d->nhg[afi])
		d->nhg[afi] = nhg_get(s, afi, d->legs, d->count);
	return d->nhg[afi];
}

static bool
legs_valid(const struct zebra_leg *legs, size_t count)
{
	if (!count || count > ZEBRA_LEGS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (legs[i].special >= LEG_SPECIALS || legs[i].gateway.afi > AFI_IP6
			|| (!legs[i].special && !legs[i].ifindex && !legs[i].gateway.afi))
			return false;
	return true;
}

bool
zebra_group_changed(struct zebra *z, uint32_t client, uint32_t id, const struct zebra_leg *legs,
	size_t count, int64_t now)
{
	struct source *s = source_client(z, client);
	if (!s || !legs_valid(legs, count))
		return false;
	core_enter(z, now);
	struct source_group *old = hash_find(s->groups, group_hash(s, id), &id);
	struct source_group *d = mem_zalloc(sizeof(*d) + count * sizeof(*legs));
	d->id = id;
	d->count = (unsigned)count;
	memcpy(d->legs, legs, count * sizeof(*legs));
	if (old) {
		hash_remove(s->groups, group_hash(s, id), &id);
		for (unsigned afi = 0; afi < 3; afi++) {
			d->nhg[afi] = old->nhg[afi];
			if (d->nhg[afi])
				nhg_redefine(d->nhg[afi], legs, count);
		}
		mem_free(old);
	}
	hash_insert(s->groups, group_hash(s, id), d);
	for (size_t i = 0; i < count; i++)
		if (legs[i].ifindex)
			nh_leg_claimed(z, legs[i].ifindex, &legs[i].gateway, legs[i].bfd_sequence);
	core_leave(z);
	return true;
}

void
zebra_group_deleted(struct zebra *z, uint32_t client, uint32_t id, int64_t now)
{
	struct source *s = source_client(z, client);
	struct source_group *d = s ? hash_find(s->groups, group_hash(s, id), &id) : NULL;
	if (!d)
		return;
	core_enter(z, now);
	definition_free(s, d);
	core_leave(z);
}

/* --- sessions ------------------------------------------------------------------------------------- */

static void
grace_over(void *arg, int64_t now)
{
	struct source *s = arg;
	core_enter(s->z, now);
	source_new_epoch(s);
	s->sweeping = true;
	ready_client_gone(s->z, s);
	core_log(s->z, "zebra.client-gone", "protocol=%s routes=%lu", s->row->name, (unsigned long)s->routes);
	core_leave(s->z);
}

uint32_t
zebra_client_opened(struct zebra *z, const struct zebra_hello *h, const char **error, int64_t now)
{
	enum protocol_id proto = protocol_by_name(h->protocol);
	struct source *s = NULL;
	*error = NULL;
	if (proto == PROTO_MAX || proto < PROTO_OWN) {
		*error = "unknown protocol";
		return 0;
	}
	for (unsigned i = PROTO_OWN; i < z->source_count; i++)
		if (z->sources[i]->proto == proto && z->sources[i]->instance == h->instance)
			s = z->sources[i];
	if (s && s->connected) {
		*error = "this protocol has a client already";
		return 0;
	}
	if (!s && !(s = source_new(z, proto, h->instance))) {
		*error = "too many clients";
		return 0;
	}
	core_enter(z, now);
	timer_cancel(z->timers, &s->grace);
	s->connected = s->replaying = true;
	s->want_results = h->want_results;
	s->grace_seconds = h->grace_seconds;
	s->opened = s->last_read = now;
	s->seq_wanted = s->seq_pushed = 0;
	source_new_epoch(s);
	core_leave(z);
	return s->id;
}

bool
zebra_client_forwards(const struct zebra *z, uint32_t client)
{
	const struct source *s = z->sources[client - 1];
	const uint64_t *in_kernel = z->rib->fib_count[s->row->rtproto];
	return !z->synced || in_kernel[AFI_IP4] || in_kernel[AFI_IP6];
}

void
zebra_client_closed(struct zebra *z, uint32_t client, int64_t now)
{
	struct source *s = source_client(z, client);
	struct source_group *d;
	if (!s)
		return;
	core_enter(z, now);
	s->connected = s->replaying = false;
	for (size_t pos = 0; (d = hash_next(s->groups, &pos));)
		definition_free(s, d);
	core_client_gone(z, s);
	timer_set(z->timers, &s->grace, now + (int64_t)s->grace_seconds * TIME_SEC, grace_over, s);
	core_leave(z);
}

void
zebra_replay_ended(struct zebra *z, uint32_t client, int64_t now)
{
	struct source *s = source_client(z, client);
	if (!s)
		return;
	core_enter(z, now);
	s->replaying = false;
	s->sweeping = true;
	core_replay_ended(z, s);
	sweep_claimed(z, s->row->rtproto);
	core_leave(z);
}
