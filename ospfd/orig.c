/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Origination of own LSAs. For each there is a `struct own`: what is wanted. Every path ends in
 * own_try(), which brings the database in line or arms the timer for when it may.
 *
 * Ours: RFC 2328's MinLSInterval (5 s) is the ceiling of a back-off. The first change after quiet
 * leaves at once, the next ones after what the neighbours' MinLSArrival lets pass, doubling under
 * churn.
 */
#include "ospfd/orig.h"

#include <string.h>

#include "lib/cksum.h"
#include "lib/mem.h"
#include "ospfd/age.h"
#include "ospfd/flood.h"
#include "ospfd/hitless.h"
#include "ospfd/seq.h"
#include "ospfd/stubrouter.h"

#define QUICK    3 /* originations in a row before the back-off grows */
#define BODY_MAX (LSA_MAX_LEN - LSA_HDR_LEN)

static struct own *
own_find(const struct lsdb *db, const struct lsa_key *key)
{
	return (struct own *)keytree_find(&db->own, key);
}

static struct own *
own_new(struct lsdb *db, const struct lsa_key *key)
{
	struct own *own = mem_zalloc(sizeof(*own));
	own->node.key = *key;
	own->db = db;
	keytree_insert(&db->own, &own->node);
	return own;
}

static void
own_free(struct own *own)
{
	timer_cancel(own->db->o->timers, &own->timer);
	keytree_remove(&own->db->own, &own->node.key);
	if (own->lsa)
		own->lsa->own = NULL;
	mem_free(own->body);
	mem_free(own);
}

/* --- one origination
 * ------------------------------------------------------------------------------ */
static int64_t
hold_min(const struct ospf *o)
{
	/* a little more than the neighbours insist on */
	int64_t t = (o->conf->min_ls_arrival_ms + INT64_C(50)) * TIME_MS;
	int64_t max = o->conf->min_ls_interval_ms * TIME_MS;
	return t < max ? t : max;
}

static void
hold_update(struct own *own, int64_t now)
{
	const struct ospf *o = own->db->o;
	int64_t max = o->conf->min_ls_interval_ms * TIME_MS;
	if (!own->last || now - own->last > 2 * own->hold) {
		own->hold = hold_min(o);
		own->quick = 0;
	} else if (own->quick++ >= QUICK) {
		own->quick = QUICK;
		own->hold = 2 * own->hold < max ? 2 * own->hold : max;
	}
	own->last = now ? now : 1;
}

static void own_due(void *arg, int64_t now);

static struct lsa *
build(struct own *own, int32_t seq, int64_t now)
{
	struct ospf *o = own->db->o;
	uint16_t len = (uint16_t)(LSA_HDR_LEN + own->len);
	struct lsa_hdr h = {.options = own->options, .key = own->node.key, .seq = seq, .len = len};
	uint8_t *raw = mem_zalloc(len);
	struct wire_writer w = wire_writer(raw, len);
	o->v->lsa_hdr_put(&h, &w);
	wire_put_bytes(&w, own->body, own->len);
	/* RFC 2328 12.1.7: without the age; the field is 14 octets behind it */
	h.cksum = cksum_fletcher(raw + 2, len - (size_t)2, 14);
	wire_patch_u16(&w, 16, h.cksum);
	struct lsa *l = lsa_new(&h, o->v->lsa_desc(h.key.type), raw, now);
	mem_free(raw);
	return l;
}

static void
originate(struct own *own, int64_t now)
{
	struct ospf *o = own->db->o;
	const struct lsa *cur = lsdb_find(own->db, &own->node.key);
	int32_t base = own->floor;
	if (cur && (!base || cur->hdr.seq > base))
		base = cur->hdr.seq;
	int32_t seq = cur || own->floor ? seq_next(base) : LSA_SEQ_INITIAL;
	if (seq == 0 && cur) {
		/* RFC 2328 12.1.6: the number wraps; the present instance must go first */
		own->wrapping = true;
		o->stats.wraps++;
		ospf_notify(o, &(struct ospf_event){ .kind = OSPF_EV_SEQUENCE_WRAP, .ifname = "",
			.want = own->node.key.type, .got = own->node.key.id,
			.text = "sequence number exhausted, LSA is flushed and started again" });
		age_flush(own->lsa, now);
		return;
	}
	struct lsa *l = build(own, seq ? seq : LSA_SEQ_INITIAL, now);
	l->own = own;
	own->floor = 0;
	own->former = false;
	o->stats.lsa_originated++;
	hold_update(own, now);
	lsdb_install(own->db, l, now);
	flood_lsa(l, NULL, NULL, now);
	timer_set(o->timers, &own->timer,
		now + timer_jitter(&o->prng, o->conf->refresh_s * TIME_SEC, 10, 0), own_due, own);
}

static void
own_due(void *arg, int64_t now)
{
	struct own *own = arg;
	if (!own->body || own->wrapping)
		return;
	if (own->lsa && !own->lsa->maxage && now - own->last > 2 * own->hold)
		own->db->o->stats.lsa_refreshed++;
	originate(own, now);
}

static bool
in_database(const struct own *own)
{
	const struct lsa *l = own->lsa;
	return l && !l->maxage && l->hdr.options == own->options && lsa_body_len(l) == own->len &&
		memcmp(lsa_body(l), own->body, own->len) == 0;
}

static bool
same_as_wanted(const struct own *own, const struct lsa_hdr *h, const uint8_t *raw)
{
	return h->options == own->options && h->len == LSA_HDR_LEN + own->len &&
		memcmp(raw + LSA_HDR_LEN, own->body, own->len) == 0;
}

static void
own_try(struct own *own, int64_t now)
{
	if (!own->body) {
		timer_cancel(own->db->o->timers, &own->timer);
		if (own->lsa)
			age_flush(own->lsa, now);
		else
			own_free(own);
		return;
	}
	const struct ospf *o = own->db->o;
	if (own->wrapping || (in_database(own) && !own->floor))
		return;
	if (own->former && own->lsa && o->exchanging > 0 && hitless_starting(o, now))
		return; /* settle() comes back to it */
	if (own->last && now < own->last + own->hold)
		timer_set(o->timers, &own->timer, own->last + own->hold, own_due, own);
	else
		originate(own, now);
}

/* --- instances of a former life
 * ------------------------------------------------------------------- */
/* This instance is ours although this life has not made it. */
static void
adopt(struct own *own, struct lsa *l, int64_t now)
{
	struct ospf *o = own->db->o;
	if (!l || l->maxage)
		return;
	own->lsa = l;
	own->former = true;
	l->own = own;
	int64_t due = now + o->conf->refresh_s * TIME_SEC - lsa_age(l, now) * TIME_SEC;
	timer_set(o->timers, &own->timer, due > now ? due : now, own_due, own);
}

void
orig_taken_back(struct lsa *l, int64_t now)
{
	struct own *own = own_find(l->db, &l->hdr.key);
	if (own && own->body)
		adopt(own, l, now);
	l->db->o->want_settle = true;
}

static void
settle(struct lsdb *db, int64_t now)
{
	struct keynode *k = keytree_first(&db->own);
	for (; k; k = keytree_next(&db->own, &k->key)) {
		struct own *own = (struct own *)k;
		if (own->body && !in_database(own))
			own_try(own, now);
	}
}

/* Part of orig_turn_end: the exchanges are over, what differs is put right. */
static void
settle_all(struct ospf *o, int64_t now)
{
	struct area *a;
	if (!o->want_settle || (o->exchanging > 0 && hitless_starting(o, now)))
		return;
	o->want_settle = false;
	settle(&o->as_db, now);
	TAILQ_FOREACH(a, &o->areas, entry)
		settle(&a->db, now);
}

/* --- what is wanted
 * ------------------------------------------------------------------------------- */
static void
own_set(struct own *own, const struct own_lsa *l)
{
	mem_free(own->body);
	own->body = mem_dup(l->w.buf, l->w.len ? l->w.len : 1);
	own->len = (uint16_t)l->w.len;
	own->options = l->options;
}

void
orig_want(struct lsdb *db, const struct own_lsa *l, int64_t now)
{
	if (l->w.bad)
		return;
	struct own *own = own_find(db, &l->key);
	if (!own) {
		own = own_new(db, &l->key);
		adopt(own, lsdb_find(db, &l->key), now);
	}
	bool same = own->body && own->options == l->options && own->len == l->w.len &&
		memcmp(own->body, l->w.buf, own->len) == 0;
	if (!same)
		own_set(own, l);
	if (!same || !timer_armed(&own->timer))
		own_try(own, now);
}

void
orig_unwant(struct lsdb *db, const struct lsa_key *key, int64_t now)
{
	struct own *own = own_find(db, key);
	if (!own || !own->body)
		return;
	mem_free(own->body);
	own->body = NULL;
	own_try(own, now);
}

void
orig_unwant_all(struct lsdb *db, int64_t now)
{
	struct keynode *k = keytree_first(&db->own);
	while (k) {
		struct lsa_key key = k->key;
		orig_unwant(db, &key, now);
		k = keytree_next(&db->own, &key);
	}
}

void
orig_db_clear(struct lsdb *db)
{
	struct keynode *k;
	while ((k = keytree_first(&db->own)) != NULL)
		own_free((struct own *)k);
}

void
orig_lsa_gone(struct own *own, int64_t now)
{
	own->wrapping = false;
	own->floor = 0;
	own_try(own, now);
}

bool
orig_received_own(struct lsdb *db, const struct lsa_hdr *h, const struct lsa_desc *d,
	const uint8_t *raw, int64_t now)
{
	struct own *own = own_find(db, &h->key);
	bool flushing = h->age >= LSA_MAX_AGE;
	const struct ospf_version *v = db->o->v;
	bool starting = hitless_starting(db->o, now) && !(stubrouter_starting(db->o) &&
		(h->key.type == v->router_lsa || (h->key.type == v->external_lsa && !own)));
	if (!flushing && h->seq != LSA_SEQ_MAX && !(own && own->wrapping) &&
		(!own ? starting : own->body && (starting || same_as_wanted(own, h, raw))))
		return false; /* into the database as it is: orig_taken_back */
	if (own && own->body && !own->wrapping && h->seq != LSA_SEQ_MAX) {
		/* RFC 2328 13.4: a newer one than we have made; ours: our contents stay in the
		 * database, and the next instance leaves at once, unless somebody keeps on fighting
		 */
		own->floor = h->seq;
		if (!own->fought || now - own->fought > db->o->conf->min_ls_interval_ms * TIME_MS) {
			own->fought = now ? now : 1;
			originate(own, now);
		} else {
			own_try(own, now);
		}
		return true;
	}
	if (flushing)
		return false;
	/* not wanted (any longer), or at the last sequence number: flushed as it is */
	struct lsa *l = lsa_new(h, d, raw, now);
	l->own = own;
	if (own && own->body)
		own->wrapping = true;
	lsdb_install(db, l, now);
	age_flush(l, now);
	return true;
}

/* --- router and network LSAs
 * ---------------------------------------------------------------------- */
void
iface_network_lsa_unwanted(struct iface *i, int64_t now)
{
	if (!i->network_lsa)
		return;
	i->network_lsa = false;
	orig_unwant(&i->area->db, &i->network_key, now);
}

static void
network_lsa(struct iface *i, uint8_t *buf, int64_t now)
{
	/* RFC 2328 12.4.2: the DR's, while it is adjacent to somebody */
	if (iface_network_lsa_nbrs(i) == 0) {
		iface_network_lsa_unwanted(i, now);
		return;
	}
	struct own_lsa l = { .w = wire_writer(buf, BODY_MAX) };
	i->area->o->v->network_put(i, &l);
	i->network_lsa = true;
	i->network_key = l.key;
	orig_want(&i->area->db, &l, now);
}

void
orig_turn_end(struct ospf *o, int64_t now)
{
	struct area *a;
	struct iface *i;
	if (!o->want_router_lsas) {
		settle_all(o, now);
		return;
	}
	o->want_router_lsas = false;
	uint8_t *buf = mem_alloc(BODY_MAX);
	TAILQ_FOREACH(a, &o->areas, entry) {
		if (!a->want_router || !o->running || o->stopping)
			continue;
		a->want_router = false;
		struct own_lsa l = { .w = wire_writer(buf, BODY_MAX) };
		o->v->router_put(a, &l);
		orig_want(&a->db, &l, now);
		TAILQ_FOREACH(i, &a->ifaces, entry)
			network_lsa(i, buf, now);
	}
	mem_free(buf);
	settle_all(o, now);
}

void
orig_outrun(struct area *a, const struct lsa_hdr *h, int64_t now)
{
	struct own *own = own_find(&a->db, &h->key);
	if (!own || !own->body || own->wrapping || h->seq == LSA_SEQ_MAX)
		return;
	own->floor = h->seq;
	own->last = 0;
	area_router_lsa_wanted(a);
	orig_turn_end(a->o, now);
	if (own->floor) /* its contents have not changed */
		own_try(own, now);
}

/* Only its header is known, so what is flushed is an instance of our own that says as much: LSInfinity. */
bool
orig_disown(struct ospf *o, const struct lsa_hdr *h, int64_t now)
{
	struct own *own = own_find(&o->as_db, &h->key);
	struct orig_external nothing = { .metric = LSA_INFINITY };
	uint8_t buf[64];
	struct own_lsa l = { .w = wire_writer(buf, sizeof(buf)) };
	if (own || h->seq == LSA_SEQ_MAX)
		return false;
	o->v->external_put(o, h->key.id, &nothing, &l);
	own = own_new(&o->as_db, &h->key);
	own_set(own, &l);
	own->floor = h->seq;
	originate(own, now);
	orig_unwant(&o->as_db, &h->key, now);
	return true;
}

void
orig_unseen(struct area *a, int64_t now)
{
	struct keynode *k = keytree_first(&a->db.own);
	for (; k; k = keytree_next(&a->db.own, &k->key))
		((struct own *)k)->last = 0;
	orig_turn_end(a->o, now);
}

void
orig_set_asbr(struct ospf *o, bool asbr, int64_t now)
{
	struct area *a;
	(void)now;
	if (o->asbr == asbr)
		return;
	o->asbr = asbr;
	TAILQ_FOREACH(a, &o->areas, entry)
		area_router_lsa_wanted(a);
}
