/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Static routes: from configuration entries to routes of source `static`; see statics.h. */
#include "zebra/statics.h"

#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "zebra/config.h"
#include "zebra/core.h"
#include "zebra/gate.h"
#include "zebra/iface.h"
#include "zebra/nhg.h"
#include "zebra/source.h"

#define IFINDEX_NONE UINT32_MAX /* an interface that does not exist: a leg that is never usable */

struct static_key {
	uint32_t table;
	uint8_t distance;
	struct prefix prefix;
};

struct static_set {
	struct static_key key;
	unsigned count, named; /* next hops; those that name an interface */
	struct conf_object **hops;     /* a reference each */
	bool dirty, listed;
	TAILQ_ENTRY(static_set) dirty_link;
	LIST_ENTRY(static_set) named_link;
};

struct statics {
	struct hash *sets;
	TAILQ_HEAD(, static_set) dirty;
	LIST_HEAD(, static_set) named;
};

static bool
set_equal(const void *item, const void *key)
{
	return !memcmp(&((const struct static_set *)item)->key, key, sizeof(struct static_key));
}

struct statics *
statics_new(void)
{
	struct statics *s = mem_zalloc(sizeof(*s));
	s->sets = hash_new(set_equal);
	TAILQ_INIT(&s->dirty);
	return s;
}

void
statics_free(struct statics *s)
{
	struct static_set *set;
	for (size_t pos = 0; (set = hash_next(s->sets, &pos));) {
		for (unsigned i = 0; i < set->count; i++)
			conf_unref(set->hops[i]);
		mem_free(set->hops);
		mem_free(set);
	}
	hash_free(s->sets);
	mem_free(s);
}

static struct static_set *
set_get(struct zebra *z, const struct zconf_static *c)
{
	struct static_key k;
	memset(&k, 0, sizeof(k));
	k.table = c->table == 254 ? 0 : c->table;
	k.distance = c->distance;
	k.prefix = c->prefix;
	uint32_t hash = hash_bytes(z->seed, &k, sizeof(k));
	struct static_set *set = hash_find(z->statics->sets, hash, &k);
	if (!set) {
		set = mem_zalloc(sizeof(*set));
		memcpy(&set->key, &k, sizeof(k));
		hash_insert(z->statics->sets, hash, set);
	}
	return set;
}

static void
set_mark(struct zebra *z, struct static_set *set)
{
	if (set->dirty)
		return;
	set->dirty = true;
	TAILQ_INSERT_TAIL(&z->statics->dirty, set, dirty_link);
}

static bool
hop_leg(const struct zebra *z, const struct conf_object *hop, struct zebra_leg *leg, bool *named)
{
	const struct zconf_static *c = conf_data(hop);
	struct zconf_next_hop nh;
	const char *why;
	if (!zconf_next_hop_parse(c->next_hop, c->prefix.afi, &nh, &why))
		return false;
	*leg = (struct zebra_leg){.gateway = nh.gateway, .special = nh.special, .onlink = c->onlink,
		.weight = c->weight, .backup_rank = c->backup};
	*named = nh.ifname[0] != '\0';
	if (*named) {
		const struct iface *i = iface_by_name(z, nh.ifname);
		leg->ifindex = i && i->present ? i->k.ifindex : IFINDEX_NONE;
	}
	return true;
}

/* A session with the gateway, as FRR asks for it: bound to an interface only where one is named. */
static void
hop_gates(struct zebra *z, const struct conf_object *hop, struct zebra_leg *leg)
{
	const struct zconf_static *c = conf_data(hop);
	if (c->bfd && leg->ifindex != IFINDEX_NONE) {
		struct bfdclient_want want = {.peer = leg->gateway, .local = c->bfd_source,
			.ifindex = c->bfd_multihop ? 0 : leg->ifindex, .multihop = c->bfd_multihop};
		snprintf(want.profile, sizeof(want.profile), "%s", c->bfd_profile);
		leg->gates[0] = gate_bfd(z, &want);
	}
	if (c->track)
		leg->gates[1] = gate_track(z, c->track);
}

static void
set_apply(struct zebra *z, struct static_set *set)
{
	struct source *s = source_own(z, PROTO_STATIC);
	struct zebra_leg legs[ZEBRA_LEGS_MAX];
	unsigned count = 0;
	uint32_t tag = 0;
	set->named = 0;
	for (unsigned i = 0; i < set->count && count < ZEBRA_LEGS_MAX; i++) {
		bool named;
		if (!hop_leg(z, set->hops[i], &legs[count], &named))
			continue;
		hop_gates(z, set->hops[i], &legs[count]);
		count++;
		set->named += named;
		const struct zconf_static *c = conf_data(set->hops[i]);
		tag = c->tag ? c->tag : tag;
	}
	if (!!set->named != set->listed) {
		if (set->named)
			LIST_INSERT_HEAD(&z->statics->named, set, named_link);
		else
			LIST_REMOVE(set, named_link);
		set->listed = set->named;
	}
	if (!count) {
		rib_route_del(z, s, set->key.table, &set->key.prefix, set->key.distance);
		return;
	}
	struct nhg *g = nhg_get(s, set->key.prefix.afi, legs, count);
	struct route_attrs a = {.nhg = g, .table = set->key.table, .tag = tag, .distance = set->key.distance};
	if (!rib_route_set(z, s, &set->key.prefix, set->key.distance, &a))
		core_log(z, "zebra.too-many-tables", "table=%u", set->key.table);
	nhg_put(g);
	for (unsigned i = 0; i < count; i++) { /* the group has them now */
		gate_put(z, legs[i].gates[0]);
		gate_put(z, legs[i].gates[1]);
	}
}

static void
sets_apply(struct zebra *z)
{
	struct static_set *set;
	while ((set = TAILQ_FIRST(&z->statics->dirty))) {
		TAILQ_REMOVE(&z->statics->dirty, set, dirty_link);
		set->dirty = false;
		set_apply(z, set);
		if (set->count)
			continue;
		hash_remove(z->statics->sets, hash_bytes(z->seed, &set->key, sizeof(set->key)), &set->key);
		mem_free(set->hops);
		mem_free(set);
	}
}

/* The set's next hops stay in the order of the configuration, whatever the order of the edits. */
static void
hop_put(struct static_set *set, const struct conf_object *hop)
{
	unsigned at = 0;
	while (at < set->count && strcmp(conf_key(set->hops[at]), conf_key(hop)) < 0)
		at++;
	if (at < set->count && !strcmp(conf_key(set->hops[at]), conf_key(hop))) {
		conf_unref(set->hops[at]);
		set->hops[at] = conf_ref(hop);
		return;
	}
	set->hops = mem_realloc(set->hops, (set->count + 1) * sizeof(*set->hops));
	memmove(set->hops + at + 1, set->hops + at, (set->count - at) * sizeof(*set->hops));
	set->hops[at] = conf_ref(hop);
	set->count++;
}

static void
hop_take(struct static_set *set, const struct conf_object *hop)
{
	for (unsigned i = 0; i < set->count; i++) {
		if (strcmp(conf_key(set->hops[i]), conf_key(hop)))
			continue;
		conf_unref(set->hops[i]);
		memmove(set->hops + i, set->hops + i + 1, (set->count - i - 1) * sizeof(*set->hops));
		set->count--;
		return;
	}
}

static void
one_change(void *arg, const struct conf_class *cls, const struct conf_object *old,
	const struct conf_object *new, const struct conf_object *old_parent,
	const struct conf_object *new_parent, uint32_t effects)
{
	struct zebra *z = arg;
	(void)old_parent;
	(void)new_parent;
	(void)effects;
	if (cls != &zconf_static4_class && cls != &zconf_static6_class)
		return;
	struct static_set *set = set_get(z, conf_data(new ? new : old));
	if (new)
		hop_put(set, new);
	else
		hop_take(set, old);
	set_mark(z, set);
}

void
statics_reconfigure(struct zebra *z, const struct conf_object *old, const struct conf_object *new)
{
	conf_diff(old, new, one_change, z);
	sets_apply(z);
}

void
statics_iface_changed(struct zebra *z)
{
	struct static_set *set;
	LIST_FOREACH(set, &z->statics->named, named_link)
		set_mark(z, set);
	sets_apply(z);
}
