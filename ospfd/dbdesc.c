/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Database Description (RFC 2328 10.6, 10.8). The master polls with rising sequence numbers and
 * repeats; the slave answers each number once and repeats its last answer to a duplicate. The
 * headers told come from a cursor over the databases, see nbr.h.
 */
#include "ospfd/dbdesc.h"

#include <string.h>

#include "lib/mem.h"
#include "ospfd/flood.h"
#include "ospfd/lsreq.h"
#include "ospfd/lsupd.h"
#include "ospfd/orig.h"
#include "ospfd/stubrouter.h"

/* --- the cursor ------------------------------------------------------------------------------ */
static struct lsdb *
summary_lsdb(const struct nbr *n, unsigned which)
{
	switch ((enum summary_db)which) {
	case SUMMARY_LINK:
		return &n->iface->db;
	case SUMMARY_AREA:
		return &n->iface->area->db;
	case SUMMARY_AS:
		return &iface_ospf(n->iface)->as_db;
	case SUMMARY_END:
		break;
	}
	return NULL;
}

/* The next LSA to tell after (db, key); NULL: none is left. */
static const struct lsa *
summary_next(const struct nbr *n, unsigned *which, const struct lsa_key *after)
{
	for (; *which < SUMMARY_END; (*which)++, after = NULL) {
		const struct lsdb *db = summary_lsdb(n, *which);
		const struct lsa *l = lsdb_next(db, after);
		/* RFC 2328 10.3: MaxAge LSAs are flooded instead */
		while (l && (l->maxage || !flood_allowed(n, l->desc)))
			l = lsdb_next(db, &l->hdr.key);
		if (l)
			return l;
	}
	return NULL;
}

static const struct lsa *
summary_peek(const struct nbr *n, unsigned *which)
{
	*which = n->summary_db;
	return summary_next(n, which, n->summary_started ? &n->summary_at : NULL);
}

static void
summary_advance(struct nbr *n, unsigned which, const struct lsa *l)
{
	n->summary_db = (uint8_t)which;
	n->summary_started = true;
	n->summary_at = l->hdr.key;
}

size_t
nbr_summary_left(const struct nbr *n)
{
	if (nbr_state(n) != NSM_EXCHANGE)
		return 0;
	unsigned which;
	size_t left = 0;
	const struct lsa *l = summary_peek(n, &which);
	for (; l; l = summary_next(n, &which, &l->hdr.key))
		left++;
	return left;
}

/* --- sending --------------------------------------------------------------------------------- */
static void
resend(struct nbr *n, int64_t now)
{
	struct packet p;
	if (!n->dd_sent)
		return;
	packet_begin(&p, n->iface, PKT_DBDESC);
	wire_put_bytes(&p.w, n->dd_sent, n->dd_sent_len);
	packet_send(&p, packet_dst_nbr(n), now);
}

static void
dd_due(void *arg, int64_t now)
{
	struct nbr *n = arg;
	resend(n, now);
	timer_set(iface_ospf(n->iface)->timers, &n->dd_timer, now + n->iface->p.rxmt, dd_due, n);
}

/* Starting, and master: the slave ends the exchange with its last headers, so we see these first. */
static bool
holds_end(const struct nbr *n)
{
	bool told = n->dd_last_valid && !(n->dd_last.flags & DD_M);
	return !n->master && !told && stubrouter_starting(iface_ospf(n->iface));
}

/* Builds the packet for n->dd_seq, keeps it for repetition, sends it. */
static void
send_dd(struct nbr *n, uint8_t flags, int64_t now)
{
	struct iface *i = n->iface;
	struct ospf *o = iface_ospf(i);
	struct packet p;
	packet_begin(&p, i, PKT_DBDESC);
	size_t start = p.w.len;
	struct dbdesc d = { .mtu = (uint16_t)(i->link->info.mtu > UINT16_MAX ? UINT16_MAX :
		i->link->info.mtu), .options = o->v->options(i->area), .seq = n->dd_seq };
	d.flags = (uint8_t)(flags | (n->master ? 0 : DD_MS));
	o->v->dbdesc_put(&d, &p.w);
	unsigned which;
	const struct lsa *l = NULL;
	if (!(flags & DD_I)) {
		while ((l = summary_peek(n, &which)) != NULL && packet_fits(&p, LSA_HDR_LEN)) {
			struct lsa_hdr h = lsa_hdr_now(l, now);
			o->v->lsa_hdr_put(&h, &p.w);
			summary_advance(n, which, l);
		}
	}
	n->dd_more = (flags & DD_I) || l || holds_end(n);
	if (n->dd_more) { /* written again over the first: all fields have fixed places */
		struct wire_writer again = wire_writer(p.w.buf + start, p.w.len - start);
		d.flags |= DD_M;
		o->v->dbdesc_put(&d, &again);
	}
	mem_free(n->dd_sent);
	n->dd_sent_len = p.w.len - start;
	n->dd_sent = mem_dup(p.w.buf + start, n->dd_sent_len);
	packet_send(&p, packet_dst_nbr(n), now);
	/* RFC 2328 10.8: only the master repeats by itself */
	if (!n->master)
		timer_set(o->timers, &n->dd_timer, now + i->p.rxmt, dd_due, n);
	else
		timer_cancel(o->timers, &n->dd_timer);
}

/*
 * Ours: RFC 2328 10.6 ignores Database Descriptions in 2-Way. Where elections of two routers end
 * some milliseconds apart that costs RxmtInterval, so a claim to be master is kept until ExStart.
 */
static void
keep_early(struct nbr *n, const struct dbdesc *d, int64_t now)
{
	n->dd_early = *d;
	n->dd_early.headers = wire_reader(NULL, 0);
	n->dd_early_at = d->flags == (DD_I | DD_M | DD_MS) && wire_left(&d->headers) == 0 ? now : 0;
}

static void negotiated(struct nbr *n, const struct dbdesc *d, int64_t now);

void
dbdesc_start(struct nbr *n, int64_t now)
{
	/* RFC 2328 10.3, ExStart */
	n->dd_seq++;
	n->master = false;
	n->dd_last_valid = false;
	bool early = n->dd_early_at && now - n->dd_early_at < n->iface->p.rxmt &&
		n->router_id > iface_ospf(n->iface)->router_id;
	n->dd_early_at = 0;
	if (early)
		negotiated(n, &n->dd_early, now);
	else
		send_dd(n, DD_I | DD_M, now);
}

void
dbdesc_exchange(struct nbr *n, int64_t now)
{
	n->summary_db = SUMMARY_LINK;
	n->summary_started = false;
	/* RFC 2328 10.3, NegotiationDone: MaxAge LSAs go onto the retransmission list instead */
	for (unsigned which = SUMMARY_LINK; which < SUMMARY_END; which++) {
		struct lsdb *db = summary_lsdb(n, which);
		struct lsa *l;
		for (l = lsdb_next(db, NULL); l; l = lsdb_next(db, &l->hdr.key)) {
			if (l->maxage && flood_allowed(n, l->desc)) {
				retrans_add(n, l, true, now);
				lsupd_mark(n->iface);
			}
		}
	}
}

void
dbdesc_stop(struct nbr *n)
{
	timer_cancel(iface_ospf(n->iface)->timers, &n->dd_timer);
	mem_free(n->dd_sent);
	n->dd_sent = NULL;
	n->dd_sent_len = 0;
	n->dd_last_valid = false;
}

/* --- receiving ------------------------------------------------------------------------------- */
static void
drop(struct nbr *n, enum ospf_drop d, int64_t want, int64_t got, const struct pkt_hdr *h)
{
	stats_drop(iface_ospf(n->iface), n->iface, iface_ifindex(n->iface), d, &n->addr,
		n->router_id, want, got, h->body, h->body_len);
}

static bool
is_duplicate(const struct nbr *n, const struct dbdesc *d)
{
	/* RFC 2328 10.6: I, M, MS, options and sequence number as in the last one */
	return n->dd_last_valid && n->dd_last.flags == d->flags &&
	       n->dd_last.options == d->options && n->dd_last.seq == d->seq;
}

/* RFC 2328 10.6, ExStart: who is master? */
static bool
negotiate(struct nbr *n, const struct dbdesc *d, int64_t now)
{
	uint32_t own = iface_ospf(n->iface)->router_id;
	if (d->flags == (DD_I | DD_M | DD_MS) && wire_left(&d->headers) == 0 &&
		n->router_id > own) {
		n->master = true;
		n->dd_seq = d->seq - 1; /* the number that makes this packet the next in sequence */
		n->dd_first = d->seq;
	} else if (!(d->flags & (DD_I | DD_MS)) && d->seq == n->dd_seq && n->router_id < own) {
		n->master = false;
	} else {
		return false;
	}
	n->options = d->options;
	nsm_event(n, NSM_EV_NEGOTIATION_DONE, now);
	return nbr_state(n) == NSM_EXCHANGE;
}

/* Our word must be with the neighbour before our answer lets it go to Full, see stubrouter.c. */
static bool
outrun(struct nbr *n, const struct lsa_hdr *h, int64_t now)
{
	struct ospf *o = iface_ospf(n->iface);
	if (!stubrouter_starting(o) || !o->v->is_ours(o, h))
		return false;
	if (h->key.type == o->v->external_lsa)
		return orig_disown(o, h, now);
	if (h->key.type != o->v->router_lsa)
		return false;
	orig_outrun(n->iface->area, h, now);
	return true;
}

/* The headers of an accepted packet: what is newer there is asked for. false: exchange failed. */
static bool
take_headers(struct nbr *n, struct wire_reader r, int64_t now)
{
	struct iface *i = n->iface;
	const struct ospf_version *v = iface_ospf(i)->v;
	struct lsa_hdr h;
	bool outran = false;
	while (wire_left(&r) >= LSA_HDR_LEN && v->lsa_hdr_get(&r, &h)) {
		const struct lsa_desc *d = v->lsa_desc(h.key.type);
		if (!d) { /* ours: not told apart from a broken exchange by the RFC; simply not
			     asked for */
			iface_ospf(i)->stats.drops[DROP_LSA_TYPE]++;
			continue;
		}
		if (d->scope == SCOPE_AS && i->area->type != OSPF_AREA_NORMAL)
			return false;
		const struct lsa *have = lsdb_find(flood_db(i, (enum lsa_scope)d->scope), &h.key);
		struct lsa_hdr ours = have ? lsa_hdr_now(have, now) : h;
		if (have && lsa_compare(&h, &ours) <= 0)
			continue;
		if (outrun(n, &h, now))
			outran = true;
		else
			lsreq_want(n, &h);
	}
	if (outran)
		lsupd_turn_end(iface_ospf(i), now);
	return true;
}

/* Next in sequence (10.6): take it, answer it, see whether both have told everything. */
static void
accept_dd(struct nbr *n, const struct dbdesc *d, int64_t now)
{
	if (!take_headers(n, d->headers, now)) {
		nsm_event(n, NSM_EV_SEQ_MISMATCH, now);
		return;
	}
	n->dd_last = *d;
	n->dd_last.headers = wire_reader(NULL, 0); /* borrowed */
	n->dd_last_valid = true;
	bool theirs_more = (d->flags & DD_M) != 0;
	if (n->master) {
		n->dd_seq = d->seq;
		send_dd(n, 0, now);
		if (!theirs_more && !n->dd_more)
			nsm_event(n, NSM_EV_EXCHANGE_DONE, now);
	} else {
		n->dd_seq++;
		if (!theirs_more && !n->dd_more) {
			timer_cancel(iface_ospf(n->iface)->timers, &n->dd_timer);
			nsm_event(n, NSM_EV_EXCHANGE_DONE, now);
		} else {
			send_dd(n, 0, now);
		}
	}
	lsreq_continue_mark(n);
}

static void
negotiated(struct nbr *n, const struct dbdesc *d, int64_t now)
{
	if (!negotiate(n, d, now))
		return;
	n->dd_last_valid = false;
	accept_dd(n, d, now);
}

static void
in_exchange(struct nbr *n, const struct dbdesc *d, const struct pkt_hdr *h, int64_t now)
{
	bool ms = (d->flags & DD_MS) != 0;
	uint32_t expected = n->master ? n->dd_seq + 1 : n->dd_seq;
	if (is_duplicate(n, d)) {
		drop(n, DROP_DD_DUPLICATE, 0, 0, h);
		if (n->master)
			resend(n, now);
		return;
	}
	if (nbr_state(n) != NSM_EXCHANGE || ms != n->master || (d->flags & DD_I) ||
		d->seq != expected || (n->dd_last_valid && d->options != n->dd_last.options)) {
		drop(n, DROP_DD_SEQUENCE, expected, d->seq, h);
		/* It has restarted: its claim need not be repeated. Unless it is the old claim, late: the
		 * neighbour takes our answer to that for a duplicate and we would wait for ever. */
		if (!n->master || d->seq != n->dd_first)
			keep_early(n, d, now);
		nsm_event(n, NSM_EV_SEQ_MISMATCH, now);
		return;
	}
	accept_dd(n, d, now);
}

void
dbdesc_received(struct nbr *n, const struct pkt_hdr *h, int64_t now)
{
	struct iface *i = n->iface;
	struct dbdesc d;
	if (!iface_ospf(i)->v->dbdesc_get(h, &d)) {
		drop(n, DROP_MALFORMED, 0, 0, h);
		return;
	}
	/* RFC 2328 10.6: a packet that could be greater than what we can receive */
	if (!i->p.mtu_ignore && d.mtu > i->link->info.mtu) {
		drop(n, DROP_DD_MTU, i->link->info.mtu, d.mtu, h);
		/* ours: it has begun anew, and its Hellos alone do not tell (hitless.c): were it ignored, we
		 * would stay Full with a neighbour that cannot get beyond ExStart */
		if (nbr_state(n) >= NSM_EXCHANGE && (d.flags & DD_I))
			nsm_event(n, NSM_EV_SEQ_MISMATCH, now);
		return;
	}
	if (nbr_state(n) == NSM_INIT)
		nsm_event(n, NSM_EV_2WAY_RECEIVED, now);
	if (nbr_state(n) < NSM_EXSTART) {
		keep_early(n, &d, now);
		drop(n, DROP_NBR_STATE, 0, 0, h);
	} else if (nbr_state(n) == NSM_EXSTART) {
		negotiated(n, &d, now);
	} else {
		in_exchange(n, &d, h, now);
	}
}
