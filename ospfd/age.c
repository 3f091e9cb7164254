/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ageing of LSAs (RFC 2328 14). Each LSA of others has a timer for MaxAge; own ones are refreshed
 * by orig.c before that. A MaxAge LSA leaves the database when it is on no retransmission list and
 * no neighbour is in Exchange or Loading, and MAXAGE_HOLD is over; until then it waits on o->reap.
 */
#include "ospfd/age.h"

#include "ospfd/flood.h"
#include "ospfd/instance.h"

#define MAXAGE_HOLD TIME_SEC /* longer than a packet can be late */

static void
max_age_reached(void *arg, int64_t now)
{
	age_flush(arg, now);
}

void
age_start(struct lsa *l, int64_t now)
{
	(void)now;
	if (l->maxage)
		return;
	int64_t due = l->born + (LSA_MAX_AGE - l->hdr.age) * TIME_SEC;
	timer_set(l->db->o->timers, &l->timer, due, max_age_reached, l);
}

void
age_flush(struct lsa *l, int64_t now)
{
	if (l->maxage)
		return;
	struct ospf *o = l->db->o;
	lsdb_aged_out(l, now);
	o->stats.lsa_flushed++;
	/* RFC 2328 14: flooded although the contents are the old ones */
	flood_lsa(l, NULL, NULL, now);
	age_reapable(l);
}

void
age_reapable(struct lsa *l)
{
	if (!l->maxage || l->reaping || !LIST_EMPTY(&l->retrans))
		return;
	TAILQ_INSERT_TAIL(&l->db->o->reap, l, reap);
	l->reaping = true;
}

/* Opens the turn at whose end the LSA may go. */
static void
hold_over(void *arg, int64_t now)
{
	(void)arg, (void)now;
}

void
age_turn_end(struct ospf *o, int64_t now)
{
	struct lsa *l;
	if (o->exchanging > 0)
		return;
	while ((l = TAILQ_FIRST(&o->reap)) != NULL) {
		/* ours: kept for a moment, or a live copy that was overtaken by its flush would come to stay */
		if (LIST_EMPTY(&l->retrans) && now < l->maxage_since + MAXAGE_HOLD) {
			timer_set(o->timers, &l->timer, l->maxage_since + MAXAGE_HOLD, hold_over, l);
			return;
		}
		TAILQ_REMOVE(&o->reap, l, reap);
		l->reaping = false;
		/* flooded once more since it was put here: its turn comes when it is acknowledged */
		if (LIST_EMPTY(&l->retrans))
			lsdb_remove(l, now);
	}
}
