/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Hello protocol: what is sent (9.5), what is checked, and which events a Hello raises (10.5).
 * Ours: a Hello is answered at once when it shows a new neighbour, so that two-way communication
 * does not wait for the next interval.
 */
#include "ospfd/hello.h"

#include "ospfd/nbr_bfd.h"
#include "ospfd/hitless.h"
#include "ospfd/limits.h"

static void
hello_put(struct iface *i, bool with_nbrs, int64_t now)
{
	struct ospf *o = iface_ospf(i);
	struct packet p;
	packet_begin(&p, i, PKT_HELLO);
	struct hello h = {
		.mask = i->unnumbered ? 0 : ip4_mask(i->plen),
		.iface_id = iface_ifindex(i),
		.options = o->v->options(i->area),
		.priority = i->p.priority,
		.hello_s = i->p.hello_s,
		.dead_s = i->p.dead_s,
		.dr = i->dr,
		.bdr = i->bdr,
	};
	o->v->hello_put(&h, &p.w);
	const struct nbr *n;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (with_nbrs && nbr_state(n) >= NSM_INIT)
			wire_put_u32(&p.w, n->router_id);
	packet_send(&p, &o->v->all_spf_routers, now);
}

void
hello_send(struct iface *i, int64_t now)
{
	hello_put(i, true, now);
}

void
hello_send_empty(struct iface *i, int64_t now)
{
	if (iface_state(i) > ISM_LOOPBACK && !i->p.passive)
		hello_put(i, false, now);
}

static void
hello_due(void *arg, int64_t now)
{
	struct iface *i = arg;
	/* kept on its grid, unless the loop was held up for long */
	int64_t due = i->hello_timer.due + i->p.hello;
	if (due <= now)
		due = now + i->p.hello;
	hello_send(i, now);
	timer_set(iface_ospf(i)->timers, &i->hello_timer, due, hello_due, i);
}

void
hello_start(struct iface *i, int64_t now)
{
	if (i->p.passive)
		return;
	hello_send(i, now);
	timer_set(iface_ospf(i)->timers, &i->hello_timer, now + i->p.hello, hello_due, i);
}

void
hello_stop(struct iface *i)
{
	timer_cancel(iface_ospf(i)->timers, &i->hello_timer);
}

/* RFC 2328 10.5: what must agree before two routers can be neighbours. */
static enum ospf_drop
hello_check(const struct iface *i, const struct hello *h, int64_t *want, int64_t *got)
{
	const struct ospf_version *v = iface_ospf(i)->v;
	uint32_t mask;
	if (!v->mask_ok(i, h, &mask)) {
		*want = mask;
		*got = h->mask;
		return DROP_HELLO_MASK;
	}
	/* sub-second hellos say 0, and each side may have its own number of them */
	if (i->p.hello_s && h->hello_s != i->p.hello_s) {
		*want = i->p.hello_s;
		*got = h->hello_s;
		return DROP_HELLO_INTERVAL;
	}
	if (h->dead_s != i->p.dead_s) {
		*want = i->p.dead_s;
		*got = h->dead_s;
		return DROP_DEAD_INTERVAL;
	}
	*want = v->options(i->area) & (OPT_E | OPT_N);
	*got = h->options & (OPT_E | OPT_N);
	return ((*want ^ *got) & OPT_E) ? DROP_OPTIONS : DROP_NONE;
}

/* The neighbour of this Hello; a known address with a new router ID is a new neighbour. */
static struct nbr *
hello_neighbor(struct iface *i, const struct ipaddr *src, const struct pkt_hdr *h, int64_t now)
{
	struct nbr *n = nbr_find(i, src, h->router_id);
	if (n && n->router_id != h->router_id) {
		nsm_event(n, NSM_EV_KILL_NBR, now);
		n = NULL;
	}
	if (n && n->dead)
		n = NULL;
	if (n) {
		nbr_bfd_moved(n, src);
		return n;
	}
	if (i->nbr_count >= LIMIT_NBRS_PER_IFACE) {
		stats_drop(iface_ospf(i), i, iface_ifindex(i), DROP_NBR_LIMIT, src, h->router_id,
			LIMIT_NBRS_PER_IFACE, i->nbr_count, h->body, h->body_len);
		return NULL;
	}
	return nbr_new(i, src, h->router_id, now);
}

static bool
lists_us(const struct iface *i, struct wire_reader r)
{
	while (wire_left(&r) >= 4)
		if (wire_get_u32(&r) == iface_ospf(i)->router_id)
			return true;
	return false;
}

/* Nobody, us, or a neighbour that has listed us. */
static bool
role_heard(const struct iface *i, uint32_t ident)
{
	const struct ospf_version *v = iface_ospf(i)->v;
	const struct nbr *n;
	if (!ident || ident == v->iface_ident(i))
		return true;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (nbr_state(n) >= NSM_2WAY && v->nbr_ident(n) == ident)
			return true;
	return false;
}

/* RFC 2328 10.5, the part about the designated routers: what it declares, what has changed. */
static void
hello_roles(struct nbr *n, const struct hello *h, bool first, int64_t now)
{
	struct iface *i = n->iface;
	uint32_t ident = iface_ospf(i)->v->nbr_ident(n);
	bool was_dr = !first && n->dr == ident, was_bdr = !first && n->bdr == ident;
	bool changed = !first && n->priority != h->priority;
	n->priority = h->priority;
	n->dr = h->dr;
	n->bdr = h->bdr;
	if (!iface_is_multiaccess(i) || nbr_state(n) < NSM_2WAY)
		return;
	if (iface_state(i) == ISM_WAITING) {
		/* ours: we had this role a moment ago, before we were restarted (RFC 3623 2.2 (3))
		 */
		uint32_t me = iface_ospf(i)->v->iface_ident(i);
		if (i->p.priority && h->dr == me)
			i->dr = me;
		else if (i->p.priority && h->bdr == me)
			i->bdr = me;
		/* ours: not before we have heard of whom the Hello names, or we would elect without
		 * the DR */
		if (role_heard(i, h->dr) &&
			(h->bdr ? role_heard(i, h->bdr) : h->dr == ident || h->dr == me))
			ism_event(i, ISM_EV_BACKUP_SEEN, now);
		return;
	}
	if (changed || was_dr != (h->dr == ident) || was_bdr != (h->bdr == ident))
		iface_elect_wanted(i);
}

void
hello_received(struct iface *i, const struct ipaddr *src, const struct pkt_hdr *h,
	const struct auth_seen *auth, int64_t now)
{
	struct ospf *o = iface_ospf(i);
	struct hello hello;
	int64_t want = 0, got = 0;
	enum ospf_drop d = !o->v->hello_get(h, &hello) ? DROP_MALFORMED :
		hello_check(i, &hello, &want, &got);
	if (d != DROP_NONE) {
		stats_drop(o, i, iface_ifindex(i), d, src, h->router_id, want, got, h->body,
			h->body_len);
		return;
	}
	struct nbr *n = hello_neighbor(i, src, h, now);
	if (!n)
		return;
	bool first = nbr_state(n) == NSM_DOWN;
	if (auth->crypto) {
		n->crypto_seq = auth->seq;
		n->crypto_key_id = auth->key_id;
	}
	n->iface_id = hello.iface_id;
	if (nbr_state(n) <= NSM_2WAY)
		n->options = hello.options;
	nsm_event(n, NSM_EV_HELLO_RECEIVED, now);
	bool two_way = lists_us(i, hello.nbrs);
	if (!two_way && hitless_oneway(n, now))
		return;
	if (two_way)
		hitless_twoway(n);
	nsm_event(n, two_way ? NSM_EV_2WAY_RECEIVED : NSM_EV_1WAY_RECEIVED, now);
	hello_roles(n, &hello, first, now);
	if (first)
		hello_send(i, now);
}
