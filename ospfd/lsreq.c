/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link State Requests. The list is a tree by key; one packet full of requests is outstanding; when
 * all of it has come, the next is sent, and when nothing is left in Loading, the adjacency is Full.
 */
#include "ospfd/lsreq.h"

#include "lib/mem.h"
#include "ospfd/flood.h"
#include "ospfd/lsupd.h"

#define LSREQ_ENTRY 12

/* --- the list -------------------------------------------------------------------------------- */
struct request *
lsreq_find(const struct nbr *n, const struct lsa_key *key)
{
	return (struct request *)keytree_find(&n->requests, key);
}

void
lsreq_want(struct nbr *n, const struct lsa_hdr *h)
{
	struct request *r = lsreq_find(n, &h->key);
	if (!r) {
		r = mem_zalloc(sizeof(*r));
		r->node.key = h->key;
		keytree_insert(&n->requests, &r->node);
	}
	r->hdr = *h;
}

void
lsreq_continue_mark(struct nbr *n)
{
	n->req_wanted = true;
	iface_ospf(n->iface)->want_requests = true;
}

void
lsreq_satisfied(struct nbr *n, struct request *r)
{
	if (r->asked)
		n->asked--;
	if (n->asked == 0)
		lsreq_continue_mark(n);
	keytree_remove(&n->requests, &r->node.key);
	mem_free(r);
}

void
lsreq_clear(struct nbr *n)
{
	struct keynode *k;
	while ((k = keytree_first(&n->requests)) != NULL) {
		keytree_remove(&n->requests, &k->key);
		mem_free(k);
	}
	n->asked = 0;
	n->req_wanted = false;
	timer_cancel(iface_ospf(n->iface)->timers, &n->req_timer);
}

/* --- sending --------------------------------------------------------------------------------- */
static void lsreq_due(void *arg, int64_t now);

/* RFC 2328 10.9: the head of the list, as much as fits one packet. */
static void
send_request(struct nbr *n, int64_t now)
{
	struct ospf *o = iface_ospf(n->iface);
	struct packet p;
	packet_begin(&p, n->iface, PKT_LSREQ);
	n->asked = 0;
	for (struct keynode *k = keytree_first(&n->requests); k;
		k = keytree_next(&n->requests, &k->key)) {
		struct request *r = (struct request *)k;
		r->asked = packet_fits(&p, LSREQ_ENTRY);
		if (!r->asked)
			break;
		o->v->lsreq_put(&k->key, &p.w);
		n->asked++;
	}
	packet_send(&p, packet_dst_nbr(n), now);
	timer_set(o->timers, &n->req_timer, now + n->iface->p.rxmt, lsreq_due, n);
}

static void
lsreq_due(void *arg, int64_t now)
{
	struct nbr *n = arg;
	if (n->requests.count)
		send_request(n, now);
}

static void
lsreq_continue(struct nbr *n, int64_t now)
{
	n->req_wanted = false;
	if (nbr_state(n) != NSM_EXCHANGE && nbr_state(n) != NSM_LOADING)
		return;
	if (n->requests.count) {
		if (n->asked == 0)
			send_request(n, now);
		return;
	}
	timer_cancel(iface_ospf(n->iface)->timers, &n->req_timer);
	if (nbr_state(n) == NSM_LOADING)
		nsm_event(n, NSM_EV_LOADING_DONE, now);
}

void
lsreq_turn_end(struct ospf *o, int64_t now)
{
	while (o->want_requests) {
		o->want_requests = false;
		for (struct nbr *n = ospf_nbr_next(o, NULL); n; n = ospf_nbr_next(o, n))
			if (n->req_wanted)
				lsreq_continue(n, now);
	}
}

/* --- receiving ------------------------------------------------------------------------------- */
void
lsreq_received(struct nbr *n, const struct pkt_hdr *h, int64_t now)
{
	/* RFC 2328 10.7 */
	struct iface *i = n->iface;
	struct ospf *o = iface_ospf(i);
	struct wire_reader r = wire_reader(h->body, h->body_len);
	struct lsupd_builder b;
	struct lsa_key key;
	const struct lsa *l = NULL;
	if (wire_left(&r) % LSREQ_ENTRY != 0) {
		stats_drop(o, i, iface_ifindex(i), DROP_MALFORMED, &n->addr, n->router_id, 0, 0,
			h->body, h->body_len);
		return;
	}
	lsupd_begin(&b, i, n);
	while (wire_left(&r) >= LSREQ_ENTRY && o->v->lsreq_get(&r, &key)) {
		const struct lsa_desc *d = o->v->lsa_desc(key.type);
		l = d ? lsdb_find(flood_db(i, (enum lsa_scope)d->scope), &key) : NULL;
		if (!l)
			break;
		lsupd_add(&b, l, now);
	}
	lsupd_end(&b, now);
	if (!l && h->body_len) {
		stats_drop(o, i, iface_ifindex(i), DROP_LSA_NOT_FOUND, &n->addr, n->router_id, 0, 0,
			h->body, h->body_len);
		nsm_event(n, NSM_EV_BAD_LSREQ, now);
	}
}
