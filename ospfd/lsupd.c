/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link State Updates. Received: every LSA of the packet goes through flood.c, its acknowledgments
 * leave at the end. Sent: marks of the turn are drained per interface, packets filled to the MTU;
 * an interface sends a bounded burst per turn, the rest follows at a pace of some packets a
 * millisecond, so that neither socket buffers nor slow neighbours are overrun.
 */
#include "ospfd/lsupd.h"

#include "ospfd/flood.h"
#include "ospfd/lsack.h"
#include "ospfd/lsreq.h"

#define FLOOD_BURST 64 /* packets of one interface in one turn */
#define FLOOD_PACE  (5 * TIME_MS)

/* --- building -------------------------------------------------------------------------------- */
static void
open_packet(struct lsupd_builder *b)
{
	packet_begin(&b->p, b->iface, PKT_LSUPD);
	wire_put_u32(&b->p.w, 0); /* number of LSAs: close_packet */
	b->count = 0;
}

static void
close_packet(struct lsupd_builder *b, int64_t now)
{
	if (!b->count)
		return;
	wire_patch_u32(&b->p.w, iface_ospf(b->iface)->v->hdr_len, b->count);
	packet_send(&b->p, b->to ? packet_dst_nbr(b->to) : packet_dst_flood(b->iface), now);
	b->packets++;
}

void
lsupd_begin(struct lsupd_builder *b, struct iface *i, struct nbr *to)
{
	*b = (struct lsupd_builder){ .iface = i, .to = to };
	open_packet(b);
}

void
lsupd_add(struct lsupd_builder *b, const struct lsa *l, int64_t now)
{
	/* an LSA greater than the MTU travels alone and is fragmented */
	if (b->count && !packet_fits(&b->p, l->hdr.len)) {
		close_packet(b, now);
		open_packet(b);
	}
	/* RFC 2328 13.3 (5): the age grows by InfTransDelay, up to MaxAge */
	unsigned age = lsa_age(l, now) + b->iface->p.delay_s;
	wire_put_u16(&b->p.w, (uint16_t)(age > LSA_MAX_AGE ? LSA_MAX_AGE : age));
	wire_put_bytes(&b->p.w, l->raw + 2, l->hdr.len - (size_t)2);
	b->count++;
}

void
lsupd_end(struct lsupd_builder *b, int64_t now)
{
	close_packet(b, now);
	b->count = 0;
}

/* --- flooding -------------------------------------------------------------------------------- */
void
lsupd_mark(struct iface *i)
{
	if (i->flood_marked)
		return;
	i->flood_marked = true;
	TAILQ_INSERT_TAIL(&iface_ospf(i)->flood_marks, i, flood_mark);
}

static struct retrans *
first_unsent(const struct iface *i)
{
	const struct nbr *n;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (!TAILQ_EMPTY(&n->unsent))
			return TAILQ_FIRST(&n->unsent);
	return NULL;
}

/* One multicast serves all neighbours of the interface that wait for this LSA. */
static void
sent_on(struct iface *i, struct lsa *l, int64_t now)
{
	struct retrans *r, *next;
	for (r = LIST_FIRST(&l->retrans); r; r = next) {
		next = LIST_NEXT(r, in_lsa);
		if (r->nbr->iface == i && !r->sent)
			retrans_sent(r, now);
	}
}

static void
pace_due(void *arg, int64_t now)
{
	(void)now;
	lsupd_mark(arg);
}

static void
drain(struct iface *i, int64_t now)
{
	struct lsupd_builder b;
	struct retrans *r;
	if (timer_armed(&i->pace_timer))
		return; /* its burst is used up */
	lsupd_begin(&b, i, NULL);
	while ((r = first_unsent(i)) != NULL && b.packets < FLOOD_BURST) {
		struct lsa *l = r->lsa;
		lsupd_add(&b, l, now);
		sent_on(i, l, now);
	}
	lsupd_end(&b, now);
	if (r)
		timer_set(iface_ospf(i)->timers, &i->pace_timer, now + FLOOD_PACE, pace_due, i);
}

void
lsupd_turn_end(struct ospf *o, int64_t now)
{
	struct iface *i;
	while ((i = TAILQ_FIRST(&o->flood_marks)) != NULL) {
		TAILQ_REMOVE(&o->flood_marks, i, flood_mark);
		i->flood_marked = false;
		drain(i, now);
	}
}

/* --- receiving ------------------------------------------------------------------------------- */
/* An LSA that cannot be stored: it must not be waited for either. */
static void
refuse(struct nbr *n, enum ospf_drop d, const struct lsa_hdr *h, const uint8_t *raw)
{
	struct iface *i = n->iface;
	struct request *r =
		d == DROP_LSA_MALFORMED || d == DROP_LSA_TYPE ? lsreq_find(n, &h->key) : NULL;
	if (r)
		lsreq_satisfied(n, r);
	stats_drop(iface_ospf(i), i, iface_ifindex(i), d, &n->addr, n->router_id, 0, h->key.type,
		raw, raw ? h->len : 0);
}

void
lsupd_received(struct nbr *n, const struct pkt_hdr *h, int64_t now)
{
	struct ospf *o = iface_ospf(n->iface);
	struct wire_reader r = wire_reader(h->body, h->body_len);
	uint32_t count = wire_get_u32(&r);
	bool go_on = true;
	while (count-- > 0 && !r.bad && go_on) {
		struct lsa_hdr lh = { 0 };
		const struct lsa_desc *d = NULL;
		const uint8_t *raw = NULL;
		enum ospf_drop drop = lsa_decode(o->v, &r, &lh, &d, &raw);
		o->stats.lsa_rx++;
		if (drop == DROP_NONE)
			go_on = flood_received(n, &lh, d, raw, now);
		else
			refuse(n, drop, &lh, raw);
	}
	if (go_on && !r.bad && wire_left(&r) > 0) /* more octets than LSAs were promised */
		refuse(n, DROP_MALFORMED, &(struct lsa_hdr){ 0 }, NULL);
	lsack_direct_flush(n, now);
}
