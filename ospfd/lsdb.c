/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link state databases. What is here is exactly what is told to the route calculation:
 * every change of a usable LSA passes through lsdb_changed(), classified by its type's row.
 */
#include "ospfd/lsdb.h"

#include <string.h>

#include "lib/mem.h"
#include "ospfd/age.h"
#include "ospfd/area.h"
#include "ospfd/limits.h"
#include "ospfd/orig.h"
#include "ospfd/retrans.h"

void
lsdb_init(struct lsdb *db, struct ospf *o, enum lsa_scope scope, struct area *a, struct iface *i)
{
	*db = (struct lsdb){ .scope = scope, .o = o, .area = a, .iface = i };
	db->tree.seed = db->own.seed = prng_u64(&o->prng);
}

struct lsa *
lsdb_find(const struct lsdb *db, const struct lsa_key *key)
{
	return (struct lsa *)keytree_find(&db->tree, key);
}

struct lsa *
lsdb_next(const struct lsdb *db, const struct lsa_key *after)
{
	return (struct lsa *)keytree_next(&db->tree, after);
}

struct lsa *
lsdb_next_of_type(const struct lsdb *db, uint16_t type, const struct lsa_key *after)
{
	/* before the first: the last key possible of the type below */
	struct lsa_key start = {.type = (uint16_t)(type - 1), .id = UINT32_MAX, .adv = UINT32_MAX};
	struct lsa *l = lsdb_next(db, after ? after : &start);
	return l && l->hdr.key.type == type ? l : NULL;
}

size_t
lsdb_count(const struct lsdb *db)
{
	return db->tree.count;
}

struct lsa *
lsa_new(const struct lsa_hdr *hdr, const struct lsa_desc *desc, const uint8_t *raw, int64_t now)
{
	struct lsa *l = mem_zalloc(sizeof(*l) + hdr->len);
	l->hdr = *hdr;
	l->node.key = hdr->key;
	l->desc = desc;
	l->born = now;
	LIST_INIT(&l->retrans);
	memcpy(l->raw, raw, hdr->len);
	return l;
}

unsigned
lsa_age(const struct lsa *l, int64_t now)
{
	if (l->maxage)
		return LSA_MAX_AGE;
	int64_t age = l->hdr.age + (now - l->born) / TIME_SEC;
	return age >= LSA_MAX_AGE ? LSA_MAX_AGE : (unsigned)age;
}

struct lsa_hdr
lsa_hdr_now(const struct lsa *l, int64_t now)
{
	struct lsa_hdr h = l->hdr;
	h.age = (uint16_t)lsa_age(l, now);
	return h;
}

/* RFC 2328 13.2: what differs, in terms of what must be calculated. */
static enum ospf_change
classify(const struct lsa *old, const struct lsa *new)
{
	if (!old || !new)
		return (old ? old : new)->desc->worth;
	size_t len = lsa_body_len(old);
	if (old->hdr.options == new->hdr.options && len == lsa_body_len(new) &&
	    memcmp(lsa_body(old), lsa_body(new), len) == 0)
		return CHANGE_NONE;
	return old->desc->changed(old, new);
}

static void
lsdb_changed(struct lsdb *db, const struct lsa *old, const struct lsa *new, int64_t now)
{
	db->generation++;
	if (!lsa_usable(old))
		old = NULL;
	if (!lsa_usable(new))
		new = NULL;
	if (old || new)
		spfdelay_event(db->o, classify(old, new), db->area, old, new, now);
}

static void
account(struct lsdb *db, const struct lsa *l, int sign)
{
	db->by_slot[l->desc->slot].count += (uint32_t)sign;
	db->by_slot[l->desc->slot].cksum_sum += (uint64_t)((int64_t)sign * l->hdr.cksum);
	limits_lsa_counted(db->o, l, sign);
}

/* Off every list; not yet freed, since others still compare it with its successor. */
static void
detach(struct lsa *l)
{
	struct ospf *o = l->db->o;
	retrans_forget_lsa(l);
	timer_cancel(o->timers, &l->timer);
	if (l->reaping)
		TAILQ_REMOVE(&o->reap, l, reap);
	l->reaping = false;
	keytree_remove(&l->db->tree, &l->hdr.key);
	account(l->db, l, -1);
}

void
lsdb_install(struct lsdb *db, struct lsa *l, int64_t now)
{
	struct lsa *old = lsdb_find(db, &l->hdr.key);
	if (old) {
		detach(old);
		if (old->own && old->own->lsa == old)
			old->own->lsa = NULL;
	}
	l->db = db;
	l->maxage = l->hdr.age >= LSA_MAX_AGE;
	l->maxage_since = now;
	keytree_insert(&db->tree, &l->node);
	account(db, l, 1);
	if (l->own)
		l->own->lsa = l;
	age_start(l, now);
	lsdb_changed(db, old, l, now);
	mem_free(old);
}

void
lsdb_remove(struct lsa *l, int64_t now)
{
	struct lsdb *db = l->db;
	struct own *own = l->own;
	detach(l);
	lsdb_changed(db, l, NULL, now);
	if (own && own->lsa == l) {
		own->lsa = NULL;
		orig_lsa_gone(own, now);
	}
	mem_free(l);
}

void
lsdb_aged_out(struct lsa *l, int64_t now)
{
	if (l->maxage)
		return;
	lsdb_changed(l->db, l, NULL, now);
	l->maxage = true;
	l->maxage_since = now;
	timer_cancel(l->db->o->timers, &l->timer);
}

void
lsdb_clear(struct lsdb *db, int64_t now)
{
	orig_db_clear(db);
	struct lsa *l;
	while ((l = lsdb_next(db, NULL)) != NULL) {
		l->own = NULL;
		lsdb_remove(l, now);
	}
}
