/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flooding. A received LSA goes through the steps of RFC 2328 13 (3) to (8), one function each;
 * 13.3 puts it onto the retransmission lists of everybody who should have it.
 */
#include "ospfd/flood.h"

#include "ospfd/age.h"
#include "ospfd/limits.h"
#include "ospfd/lsack.h"
#include "ospfd/lsreq.h"
#include "ospfd/lsupd.h"
#include "ospfd/opaque.h"
#include "ospfd/orig.h"

struct flood { /* one LSA on its way through the steps */
	struct ospf *o;
	struct iface *in;
	struct nbr *from;
	const struct lsa_hdr *h;
	const struct lsa_desc *desc;
	const uint8_t *raw;
	struct lsdb *db;
	struct lsa *cur; /* database copy, may be NULL */
	int64_t now;
};

struct lsdb *
flood_db(struct iface *i, enum lsa_scope scope)
{
	switch (scope) {
	case SCOPE_LINK:
		return &i->db;
	case SCOPE_AREA:
		return &i->area->db;
	case SCOPE_AS:
		break;
	}
	return &iface_ospf(i)->as_db;
}

bool
flood_allowed(const struct nbr *n, const struct lsa_desc *d)
{
	if (d->scope == SCOPE_AS && n->iface->area->type != OSPF_AREA_NORMAL)
		return false;
	return opaque_allowed(n, d);
}

/* --- 13.3: where it goes --------------------------------------------------------------------- */
/* Step (1) for one neighbour; true: it was put onto its retransmission list. */
static bool
flood_nbr(struct nbr *n, struct lsa *l, struct nbr *from, bool send, int64_t now)
{
	/* (a) */
	if (nbr_state(n) < NSM_EXCHANGE || !flood_allowed(n, l->desc))
		return false;
	/* (b) not yet Full: what it has told us of this LSA */
	struct request *r = nbr_state(n) < NSM_FULL ? lsreq_find(n, &l->hdr.key) : NULL;
	if (r) {
		struct lsa_hdr h = lsa_hdr_now(l, now);
		int c = lsa_compare(&h, &r->hdr);
		if (c < 0)
			return false;
		lsreq_satisfied(n, r);
		if (c == 0)
			return false;
	}
	/* (c) */
	if (n == from)
		return false;
	/* (d) */
	retrans_add(n, l, send, now);
	return true;
}

/* Steps (1) to (5) for one interface; true: it goes out here. */
static bool
flood_iface(struct iface *i, struct lsa *l, struct iface *in, struct nbr *from, int64_t now)
{
	bool added = false, send = true;
	struct nbr *n;
	if (i == in && from && iface_is_multiaccess(i)) {
		/* (3) the DR or Backup has told everybody; (4) as Backup we leave it to the DR */
		uint32_t ident = iface_ospf(i)->v->nbr_ident(from);
		send = ident != i->dr && ident != i->bdr && iface_state(i) != ISM_BACKUP;
	}
	TAILQ_FOREACH(n, &i->nbrs, entry)
		added |= flood_nbr(n, l, from, send, now);
	/* (2), (5) */
	if (added && send)
		lsupd_mark(i);
	return added && send;
}

static bool
flood_area(struct area *a, struct lsa *l, struct iface *in, struct nbr *from, int64_t now)
{
	struct iface *i;
	bool back = false;
	TAILQ_FOREACH(i, &a->ifaces, entry)
		back |= flood_iface(i, l, in, from, now) && i == in;
	return back;
}

bool
flood_lsa(struct lsa *l, struct iface *in, struct nbr *from, int64_t now)
{
	struct lsdb *db = l->db;
	struct area *a;
	bool back = false;
	if (db->scope == SCOPE_LINK)
		return flood_iface(db->iface, l, in, from, now) && db->iface == in;
	if (db->scope == SCOPE_AREA)
		return flood_area(db->area, l, in, from, now);
	TAILQ_FOREACH(a, &db->o->areas, entry)
		back |= a->type == OSPF_AREA_NORMAL && flood_area(a, l, in, from, now);
	return back;
}

/* --- 13: what to do with one that was received
 * ---------------------------------------------------- */
static void
drop(const struct flood *f, enum ospf_drop d)
{
	stats_drop(f->o, f->in, iface_ifindex(f->in), d, &f->from->addr, f->from->router_id, 0,
		f->h->key.type, f->raw, f->h->len);
}

/* 13.5, table 19: a new LSA that does not go back out. */
static void
ack_new(const struct flood *f)
{
	uint32_t ident = f->o->v->nbr_ident(f->from);
	if (iface_state(f->in) == ISM_BACKUP && ident != f->in->dr)
		return;
	lsack_delayed(f->in, f->h, f->now);
}

/* 13 (5), having passed (a): take it. */
static void
install(const struct flood *f)
{
	struct lsa *l = lsa_new(f->h, f->desc, f->raw, f->now);
	l->from_net = true;
	/* what we had asked for is not "received via flooding" in the sense of (5) (a) */
	l->arrived = lsreq_find(f->from, &f->h->key) ? 0 : f->now;
	f->o->stats.lsa_new++;
	/* (c) and (d): the old copy leaves all lists when it is replaced */
	lsdb_install(f->db, l, f->now);
	/* (b), after (d) so that lists refer to the new instance; nothing is sent before the turn
	 * ends */
	bool back = flood_lsa(l, f->in, f->from, f->now);
	/* (e) */
	if (!back)
		ack_new(f);
	age_reapable(l);
	if (!l->maxage && f->o->v->is_ours(f->o, f->h))
		orig_taken_back(l, f->now);
}

static bool
step_5_newer(const struct flood *f)
{
	/* (a) MinLSArrival; ours: what we have asked for is always welcome, and so is a MaxAge
	 * instance: refused, it would chase the live one around a ring of routers for ever */
	if (f->cur && f->cur->from_net && f->cur->arrived && f->h->age < LSA_MAX_AGE &&
		f->now - f->cur->arrived < f->o->conf->min_ls_arrival_ms * TIME_MS &&
		!f->cur->maxage && !lsreq_find(f->from, &f->h->key)) {
		drop(f, DROP_LSA_MIN_ARRIVAL);
		return true;
	}
	if (!limits_lsa_allowed(f->o, f->h, f->cur != NULL)) {
		drop(f, DROP_LSA_LIMIT);
		return true;
	}
	/* (f) ours: before (b) to (d), so that our own instance never leaves the database */
	if (f->o->v->is_ours(f->o, f->h) &&
		orig_received_own(f->db, f->h, f->desc, f->raw, f->now)) {
		struct request *r = lsreq_find(f->from, &f->h->key);
		if (r)
			lsreq_satisfied(f->from, r);
		lsack_direct(f->from, f->h);
		return true;
	}
	install(f);
	return true;
}

static bool
step_7_same(const struct flood *f)
{
	f->o->stats.lsa_dup++;
	/* (a) an implied acknowledgment */
	struct retrans *r = retrans_find(f->from, f->cur);
	if (r) {
		retrans_acked(r, f->now);
		/* (b), table 19: only a Backup acknowledges it, to the DR */
		if (iface_state(f->in) == ISM_BACKUP && f->o->v->nbr_ident(f->from) == f->in->dr)
			lsack_delayed(f->in, f->h, f->now);
	} else {
		lsack_direct(f->from, f->h);
	}
	return true;
}

static bool
step_8_older(const struct flood *f)
{
	f->o->stats.lsa_older++;
	/* a wrapping sequence number: the sender will learn (12.1.6) */
	if (f->cur->maxage && f->cur->hdr.seq == LSA_SEQ_MAX)
		return true;
	/* answered with our copy, at most once in MinLSArrival */
	if (f->cur->answered && f->now - f->cur->answered < f->o->conf->min_ls_arrival_ms * TIME_MS)
		return true;
	f->cur->answered = f->now ? f->now : 1;
	struct lsupd_builder b;
	lsupd_begin(&b, f->in, f->from);
	lsupd_add(&b, f->cur, f->now);
	lsupd_end(&b, f->now);
	return true;
}

/* Ours: a flush of what we do not have stays for a moment (age.c), for the live copy may be late. */
static void
remember(const struct flood *f)
{
	if (!limits_lsa_allowed(f->o, f->h, false))
		return;
	struct lsa *l = lsa_new(f->h, f->desc, f->raw, f->now);
	l->from_net = true;
	l->arrived = f->now;
	lsdb_install(f->db, l, f->now);
	age_reapable(l);
}

bool
flood_received(struct nbr *from, const struct lsa_hdr *h, const struct lsa_desc *d,
	const uint8_t *raw, int64_t now)
{
	struct flood f = { .o = iface_ospf(from->iface), .in = from->iface, .from = from, .h = h,
		.desc = d, .raw = raw, .now = now };
	/* (3) and RFC 5250 3.1 */
	if (d->scope == SCOPE_AS && f.in->area->type != OSPF_AREA_NORMAL) {
		drop(&f, DROP_LSA_SCOPE);
		return true;
	}
	f.db = flood_db(f.in, (enum lsa_scope)d->scope);
	f.cur = lsdb_find(f.db, &h->key);
	/* (4) */
	if (h->age >= LSA_MAX_AGE && !f.cur && f.o->exchanging == 0) {
		lsack_direct(from, h);
		remember(&f);
		return true;
	}
	struct lsa_hdr have;
	int c = 1;
	if (f.cur) {
		have = lsa_hdr_now(f.cur, now);
		c = lsa_compare(h, &have);
	}
	if (c > 0)
		return step_5_newer(&f);
	/* (6) still on the sender's request list although ours is not older: the exchange went
	 * wrong */
	if (lsreq_find(from, &h->key)) {
		nsm_event(from, NSM_EV_BAD_LSREQ, now);
		return false;
	}
	return c == 0 ? step_7_same(&f) : step_8_older(&f);
}
