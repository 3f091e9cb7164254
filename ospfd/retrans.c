/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Retransmission lists. Per neighbour three queues: unsent, sent once and sent again, the latter
 * two in order of sending, so that what is due is always at a head. Per LSA the list of its
 * entries: an instance that is replaced leaves all lists at once.
 *
 * Ours: the first repetition comes early. A neighbour that holds MinLSArrival against an LSA it has
 * just got in the database exchange drops the next instance without a word, which must not cost
 * RxmtInterval.
 */
#include "ospfd/retrans.h"

#include "lib/mem.h"
#include "ospfd/age.h"
#include "ospfd/lsupd.h"

#define RXMT_BURST 256 /* LSAs of one neighbour resent in one go */
#define RXMT_FIRST (1500 * TIME_MS) /* after MinLSArrival and the usual delay of acknowledgments */

static struct retrans_list *
list_of(const struct retrans *r)
{
	return !r->sent ? &r->nbr->unsent : r->again ? &r->nbr->resent : &r->nbr->unacked;
}

static void
entry_free(struct retrans *r)
{
	LIST_REMOVE(r, in_lsa);
	TAILQ_REMOVE(list_of(r), r, in_nbr);
	r->nbr->retrans_count--;
	mem_free(r);
}

static int64_t
due_at(const struct retrans *r)
{
	int64_t wait = r->nbr->iface->p.rxmt;
	return r->sent + (!r->again && RXMT_FIRST < wait ? RXMT_FIRST : wait);
}

/* What is due first, NULL: nothing is waited for. */
static struct retrans *
first_due(const struct nbr *n)
{
	struct retrans *a = TAILQ_FIRST(&n->unacked), *b = TAILQ_FIRST(&n->resent);
	return !a ? b : !b ? a : due_at(a) <= due_at(b) ? a : b;
}

static void
rxmt_due(void *arg, int64_t now)
{
	struct nbr *n = arg;
	struct lsupd_builder b;
	struct retrans *r;
	unsigned burst = 0;
	lsupd_begin(&b, n->iface, n);
	while ((r = first_due(n)) != NULL && due_at(r) <= now && burst++ < RXMT_BURST) {
		lsupd_add(&b, r->lsa, now);
		retrans_sent(r, now);
		n->retransmissions++;
		iface_ospf(n->iface)->stats.lsa_retransmitted++;
	}
	lsupd_end(&b, now);
	if (!r)
		return;
	int64_t due = due_at(r);
	if (due <= now) /* the burst is over, the rest goes a little later */
		due = now + 100 * TIME_MS;
	timer_set(iface_ospf(n->iface)->timers, &n->rxmt_timer, due, rxmt_due, n);
}

void
retrans_sent(struct retrans *r, int64_t now)
{
	struct nbr *n = r->nbr;
	TAILQ_REMOVE(list_of(r), r, in_nbr);
	r->again = r->sent != 0;
	r->sent = now ? now : 1;
	TAILQ_INSERT_TAIL(list_of(r), r, in_nbr);
	if (!timer_armed(&n->rxmt_timer) || n->rxmt_timer.due > due_at(r))
		timer_set(iface_ospf(n->iface)->timers, &n->rxmt_timer, due_at(r), rxmt_due, n);
}

void
retrans_add(struct nbr *n, struct lsa *l, bool send, int64_t now)
{
	struct retrans *r = retrans_find(n, l);
	if (r) { /* flooded again: it has become MaxAge */
		TAILQ_REMOVE(list_of(r), r, in_nbr);
	} else {
		r = mem_zalloc(sizeof(*r));
		r->nbr = n;
		r->lsa = l;
		LIST_INSERT_HEAD(&l->retrans, r, in_lsa);
		n->retrans_count++;
	}
	r->sent = 0;
	r->again = false;
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
	if (!first_due(n))
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
	struct retrans_list *lists[] = { &n->unsent, &n->unacked, &n->resent };
	struct retrans *r;
	for (unsigned i = 0; i < 3; i++) {
		while ((r = TAILQ_FIRST(lists[i])) != NULL) {
			struct lsa *l = r->lsa;
			entry_free(r);
			age_reapable(l);
		}
	}
	timer_cancel(iface_ospf(n->iface)->timers, &n->rxmt_timer);
}
