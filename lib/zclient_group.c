/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Next-hop groups by content and by id. Pure. Owns the groups; one without references waits in
 * `dead` (so that routes that leave it in this turn still go out before it does) and may come back.
 * Invariant: by_id[g->id - 1] == g for each group in the hash, NULL for free ids.
 */
#include "lib/zclient_group.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"

struct zgroups {
	uint64_t seed;
	struct hash *by_legs;
	struct zgroup **by_id;
	size_t ids; /* slots of by_id */
	uint32_t *free_ids, *dead;
	size_t free_count, dead_count, cap;
};

struct zgroup_key {
	const struct zclient_leg *legs;
	size_t count;
};

static bool
zgroup_equal(const void *item, const void *key)
{
	const struct zgroup *g = item;
	const struct zgroup_key *k = key;
	return g->count == k->count && !memcmp(g->legs, k->legs, k->count * sizeof(g->legs[0]));
}

struct zgroups *
zgroups_new(uint64_t seed)
{
	struct zgroups *g = mem_zalloc(sizeof(*g));
	g->seed = seed;
	g->by_legs = hash_new(zgroup_equal);
	return g;
}

void
zgroups_free(struct zgroups *g)
{
	for (size_t i = 0; i < g->ids; i++)
		mem_free(g->by_id[i]);
	hash_free(g->by_legs);
	mem_free(g->by_id);
	mem_free(g->free_ids);
	mem_free(g->dead);
	mem_free(g);
}

static int
zleg_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct zclient_leg));
}

/* Field by field into zeroed memory, so that padding does not tell equal legs apart; sorted. */
static struct zclient_leg *
zlegs_canonical(const struct zclient_leg *legs, size_t count)
{
	struct zclient_leg *out = mem_array(count ? count : 1, sizeof(*out));
	for (size_t i = 0; i < count; i++) {
		const struct zclient_leg *l = &legs[i];
		out[i].gateway.afi = l->gateway.afi;
		memcpy(out[i].gateway.b, l->gateway.b, afi_bytes(l->gateway.afi));
		out[i].ifindex = l->ifindex;
		out[i].weight = l->weight ? l->weight : 1;
		out[i].backup_rank = l->backup_rank;
		out[i].special = l->special;
		out[i].onlink = l->onlink;
		out[i].bfd_sequence = l->bfd_sequence;
	}
	qsort(out, count, sizeof(*out), zleg_cmp);
	return out;
}

static uint32_t
zgroups_new_id(struct zgroups *g)
{
	if (g->free_count)
		return g->free_ids[--g->free_count];
	if (g->ids == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 64;
		g->by_id = mem_realloc(g->by_id, g->cap * sizeof(g->by_id[0]));
		g->free_ids = mem_realloc(g->free_ids, g->cap * sizeof(g->free_ids[0]));
		g->dead = mem_realloc(g->dead, g->cap * sizeof(g->dead[0]));
	}
	g->by_id[g->ids] = NULL;
	return (uint32_t)++g->ids;
}

struct zgroup *
zgroups_get(struct zgroups *g, const struct zclient_leg *legs, size_t count)
{
	struct zclient_leg *own = zlegs_canonical(legs, count);
	struct zgroup_key key = {own, count};
	uint32_t hash = hash_bytes(g->seed, own, count * sizeof(key.legs[0]));
	struct zgroup *group = hash_find(g->by_legs, hash, &key);
	if (!group) {
		group = mem_zalloc(sizeof(*group) + count * sizeof(group->legs[0]));
		group->count = count;
		memcpy(group->legs, own, count * sizeof(group->legs[0]));
		group->id = zgroups_new_id(g);
		g->by_id[group->id - 1] = group;
		hash_insert(g->by_legs, hash, group);
	}
	group->refs++;
	mem_free(own);
	return group;
}

struct zgroup *
zgroups_find(struct zgroups *g, uint32_t id)
{
	return id && id <= g->ids ? g->by_id[id - 1] : NULL;
}

void
zgroups_put(struct zgroups *g, uint32_t id)
{
	struct zgroup *group = zgroups_find(g, id);
	if (!group || !group->refs || --group->refs)
		return;
	if (!group->dying) /* else it died, came back and died again */
		g->dead[g->dead_count++] = id;
	group->dying = true;
}

void
zgroups_forget_sent(struct zgroups *g)
{
	for (size_t i = 0; i < g->ids; i++)
		if (g->by_id[i])
			g->by_id[i]->sent = false;
}

uint32_t
zgroups_bury(struct zgroups *g, bool *sent)
{
	while (g->dead_count) {
		uint32_t id = g->dead[--g->dead_count];
		struct zgroup *group = g->by_id[id - 1];
		group->dying = false;
		if (group->refs)
			continue; /* came back */
		struct zgroup_key key = {group->legs, group->count};
		hash_remove(g->by_legs,
			hash_bytes(g->seed, group->legs, group->count * sizeof(group->legs[0])), &key);
		*sent = group->sent;
		g->by_id[id - 1] = NULL;
		g->free_ids[g->free_count++] = id;
		mem_free(group);
		return id;
	}
	return 0;
}
