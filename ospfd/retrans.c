/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Retransmission lists. Per neighbour two queues: unsent, and unacked in order of sending, so that
 * what is due is always at the head. Per LSA the list of its entries: an instance that is replaced
 * leaves all lists at once.
 */
#include "ospfd/retrans.h"

#include "lib/mem.h"
#include "ospfd/age.h"
#include "ospfd/lsupd.h"

#define RXMT_BURST 256 /* LSAs of one neighbour resent in one go */

static void
entry_free(struct retrans *r)
{
	struct nbr *n = r->nbr;
	LIST_REMOVE(r, in_lsa);
	TAILQ_REMOVE(r->sent ? &n->unacked : &n->unsent, r, in_nbr);
	n->retrans_count--;
	mem_free(r);
}

static void
rxmt_due(void *arg, int64_t now)
{
	struct nbr *n = arg;
	struct lsupd_builder b;
	struct retrans *r;
	unsigned burst = 0;
	lsupd_begin(&b, n->iface, n);
	while ((r = TAILQ_FIRST(&n->unacked)) != NULL && r->sent + n->iface->p.rxmt <= now &&
		burst++ < RXMT_BURST) {
		lsupd_add(&b, r->lsa, now);
		retrans_sent(r, now);
		n->retransmissions++;
		iface_ospf(n->iface)->stats.lsa_retransmitted++;
	}
	lsupd_end(&b, now);
	r = TAILQ_FIRST(&n->unacked);
	if (!r)
		return;
	int64_t due = r->sent + n->iface->p.rxmt;
	if (due <= now) /* the burst is over, the rest goes a little later */
		due = now + 100 * TIME_MS;
	timer_set(iface_ospf(n->iface)->timers, &n->rxmt_timer, due, rxmt_due, n);
}

static void
rxmt_watch(struct nbr *n, int64_t now)
{
	if (!timer_armed(&n->rxmt_timer))
		timer_set(iface_ospf(n->iface)->timers, &n->rxmt_timer, now + n->iface->p.rxmt,
			rxmt_due, n);
}

void
retrans_sent(struct retrans *r, int64_t now)
{
	struct nbr *n = r->nbr;
	TAILQ_REMOVE(r->sent ? &n->unacked : &n->unsent, r, in_nbr);
	r->sent = now ? now : 1;
	TAILQ_INSERT_TAIL(&n->unacked, r, in_nbr);
	rxmt_watch(n, now);
}

void
retrans_add(struct nbr *n, struct lsa *l, bool send, int64_t now)
{
	struct retrans *r = retrans_find(n, l);
	if (r) { /* flooded again: it has become MaxAge */
		TAILQ_REMOVE(r->sent ? &n->unacked : &n->unsent, r, in_nbr);
	} else {
		r = mem_zalloc(sizeof(*r));
		r->nbr = n;
		r->lsa = l;
		LIST_INSERT_HEAD(&l->retrans, r, in_lsa);
		n->retrans_count++;
	}
	r->sent = 0;
	TAILQ_INSERT_TAIL(&n->unsent, r, in_nbr);
	if (!send)
		retrans_sent(r, now);
}

struct retrans *
retrans_find(const struct nbr *n, const struct lsa *l)
{
	struct retrans *r;
	LIST_FOREACH(r, &l->retrans, in_lsa)
		if (r->nbr == n)
			return r;
	return NULL;
}

void
retrans_acked(struct retrans *r, int64_t now)
{
	struct lsa *l = r->lsa;
	struct nbr *n = r->nbr;
	(void)now;
	entry_free(r);
	age_reapable(l);
	if (TAILQ_EMPTY(&n->unacked))
		timer_cancel(iface_ospf(n->iface)->timers, &n->rxmt_timer);
}

void
retrans_forget_lsa(struct lsa *l)
{
	struct retrans *r;
	while ((r = LIST_FIRST(&l->retrans)) != NULL)
		entry_free(r);
}

void
retrans_forget_nbr(struct nbr *n)
{
	struct retrans_list *lists[] = { &n->unsent, &n->unacked };
	struct retrans *r;
	for (unsigned i = 0; i < 2; i++) {
		while ((r = TAILQ_FIRST(lists[i])) != NULL) {
			struct lsa *l = r->lsa;
			entry_free(r);
			age_reapable(l);
		}
	}
	timer_cancel(iface_ospf(n->iface)->timers, &n->rxmt_timer);
}
