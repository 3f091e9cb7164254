/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbours: birth, lookup, death, words. What they do is nsm.c's. */
#include "ospfd/nbr.h"

#include "lib/mem.h"
#include "ospfd/dbdesc.h"
#include "ospfd/hitless.h"
#include "ospfd/lsreq.h"
#include "ospfd/retrans.h"

struct nbr *
nbr_find(const struct iface *i, const struct ipaddr *src, uint32_t router_id)
{
	struct nbr *n;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (!n->dead && iface_ospf(i)->v->nbr_matches(i, n, src, router_id))
			return n;
	return NULL;
}

struct nbr *
nbr_find_id(const struct iface *i, uint32_t router_id)
{
	struct nbr *n;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (!n->dead && n->router_id == router_id)
			return n;
	return NULL;
}

struct nbr *
nbr_new(struct iface *i, const struct ipaddr *src, uint32_t router_id, int64_t now)
{
	struct nbr *n = mem_zalloc(sizeof(*n)), *at;
	(void)now;
	n->iface = i;
	n->router_id = router_id;
	n->addr = *src;
	n->last_regress_why = "";
	n->requests.seed = prng_u64(&iface_ospf(i)->prng);
	n->dd_seq = (uint32_t)prng_u64(&iface_ospf(i)->prng);
	TAILQ_INIT(&n->unsent);
	TAILQ_INIT(&n->unacked);
	TAILQ_INIT(&n->resent);
	TAILQ_FOREACH(at, &i->nbrs, entry)
		if (at->router_id > router_id ||
			(at->router_id == router_id && ipaddr_cmp(&at->addr, src) > 0))
			break;
	if (at)
		TAILQ_INSERT_BEFORE(at, n, entry);
	else
		TAILQ_INSERT_TAIL(&i->nbrs, n, entry);
	i->nbr_count++;
	return n;
}

void
nbr_free(struct nbr *n)
{
	struct timers *ts = iface_ospf(n->iface)->timers;
	dbdesc_stop(n);
	lsreq_clear(n);
	retrans_forget_nbr(n);
	hitless_forget(n);
	timer_cancel(ts, &n->inactivity);
	TAILQ_REMOVE(&n->iface->nbrs, n, entry);
	n->iface->nbr_count--;
	mem_free(n->acks);
	mem_free(n);
}

const char *
nbr_role_name(const struct nbr *n)
{
	const struct iface *i = n->iface;
	uint32_t ident = iface_ospf(i)->v->nbr_ident(n);
	if (!iface_is_multiaccess(i))
		return "-";
	return ident == i->dr ? "DR" : ident == i->bdr ? "Backup" : "DROther";
}
