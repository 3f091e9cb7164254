/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Acknowledgments. Delayed ones collect on the interface and leave together, full packets at once;
 * direct ones leave when the update that caused them has been read.
 */
#include "ospfd/lsack.h"

#include "lib/mem.h"
#include "ospfd/flood.h"
#include "ospfd/limits.h"

#define ACK_DELAY_MAX (500 * TIME_MS)

static void
send_acks(struct iface *i, const struct iface_ack *acks, size_t count, const struct ipaddr *dst,
	int64_t now)
{
	struct packet p;
	for (size_t at = 0; at < count;) {
		packet_begin(&p, i, PKT_LSACK);
		do
			iface_ospf(i)->v->lsa_hdr_put(&acks[at++].hdr, &p.w);
		while (at < count && packet_fits(&p, LSA_HDR_LEN));
		packet_send(&p, dst, now);
	}
}

static void
push(struct iface_ack **acks, size_t *count, size_t *cap, const struct lsa_hdr *h)
{
	if (*count == *cap) {
		*cap = *cap ? 2 * *cap : 16;
		*acks = mem_realloc(*acks, *cap * sizeof(**acks));
	}
	(*acks)[(*count)++].hdr = *h;
}

static void
delayed_flush(struct iface *i, int64_t now)
{
	/* RFC 2328 13.5: where they go depends on what we are */
	send_acks(i, i->acks, i->ack_count, packet_dst_flood(i), now);
	i->ack_count = 0;
	timer_cancel(iface_ospf(i)->timers, &i->ack_timer);
}

static void
delayed_due(void *arg, int64_t now)
{
	delayed_flush(arg, now);
}

void
lsack_delayed(struct iface *i, const struct lsa_hdr *h, int64_t now)
{
	push(&i->acks, &i->ack_count, &i->ack_cap, h);
	size_t full = (i->link->info.mtu > 576 ? i->link->info.mtu : 576) / LSA_HDR_LEN;
	if (i->ack_count >= (full < LIMIT_ACKS ? full : LIMIT_ACKS)) {
		delayed_flush(i, now);
		return;
	}
	/* must be less than the neighbour's RxmtInterval */
	int64_t delay = i->p.rxmt / 4 < ACK_DELAY_MAX ? i->p.rxmt / 4 : ACK_DELAY_MAX;
	if (!timer_armed(&i->ack_timer))
		timer_set(iface_ospf(i)->timers, &i->ack_timer, now + delay, delayed_due, i);
}

void
lsack_direct(struct nbr *n, const struct lsa_hdr *h)
{
	push(&n->acks, &n->ack_count, &n->ack_cap, h);
}

void
lsack_direct_flush(struct nbr *n, int64_t now)
{
	send_acks(n->iface, n->acks, n->ack_count, packet_dst_nbr(n), now);
	mem_free(n->acks);
	n->acks = NULL;
	n->ack_count = n->ack_cap = 0;
}

void
lsack_stop(struct iface *i)
{
	timer_cancel(iface_ospf(i)->timers, &i->ack_timer);
	mem_free(i->acks);
	i->acks = NULL;
	i->ack_count = i->ack_cap = 0;
}

void
lsack_received(struct nbr *n, const struct pkt_hdr *h, int64_t now)
{
	/* RFC 2328 13.7 */
	struct iface *i = n->iface;
	struct ospf *o = iface_ospf(i);
	struct wire_reader r = wire_reader(h->body, h->body_len);
	struct lsa_hdr a;
	while (wire_left(&r) >= LSA_HDR_LEN && o->v->lsa_hdr_get(&r, &a)) {
		const struct lsa_desc *d = o->v->lsa_desc(a.key.type);
		struct lsa *l = d ? lsdb_find(flood_db(i, (enum lsa_scope)d->scope), &a.key) : NULL;
		struct retrans *e = l ? retrans_find(n, l) : NULL;
		if (!e)
			continue;
		struct lsa_hdr have = lsa_hdr_now(l, now);
		o->stats.acks_rx++;
		if (lsa_compare(&a, &have) == 0)
			retrans_acked(e, now);
		else
			o->stats.acks_bad++;
	}
	if (wire_left(&r) > 0)
		stats_drop(o, i, iface_ifindex(i), DROP_MALFORMED, &n->addr, n->router_id, 0, 0,
			h->body, h->body_len);
}
