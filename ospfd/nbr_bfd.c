/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD sessions of neighbours (RFC 5882 4 and 10.1.1): wanted from 2-Way on, given back below. What bfdd says
 * ends a neighbour as its inactivity timer would; it never keeps one from coming up, since the other
 * side may not run BFD. UNKNOWN (never up, AdminDown on either side, bfdd stopped) is no failure.
 */
#include "ospfd/nbr_bfd.h"

static void
want(struct nbr *n, bool on)
{
	const struct iface *i = n->iface;
	const struct ospf *o = iface_ospf(i);
	/* The source follows from the interface, and the session is shared with whoever else wants it,
	 * unless the link is unnumbered or the neighbour is numbered from elsewhere. */
	struct prefix net = prefix_make(&i->addr, i->plen);
	struct ipaddr local = { 0 };
	if (!prefix_contains_addr(&net, &n->addr))
		local = i->addr;
	n->bfd_session = on;
	n->bfd = OSPF_BFD_UNKNOWN;
	n->bfd_since = 0;
	o->ops->bfd_want(o->ops_arg, iface_ifindex(i), &local, &n->addr, &i->p.bfd_params, on);
}

void
nbr_bfd_changed(struct nbr *n, bool two_way)
{
	bool on = two_way && n->iface->p.bfd;
	if (iface_ospf(n->iface)->ops->bfd_want && on != n->bfd_session)
		want(n, on);
}

void
nbr_bfd_moved(struct nbr *n, const struct ipaddr *addr)
{
	bool had = n->bfd_session;
	if (!ipaddr_cmp(&n->addr, addr))
		return;
	if (had)
		want(n, false);
	n->addr = *addr;
	if (had)
		want(n, true);
}

void
iface_bfd_changed(struct iface *i)
{
	struct nbr *n;
	TAILQ_FOREACH(n, &i->nbrs, entry) {
		bool on = i->p.bfd && nbr_state(n) >= NSM_2WAY;
		if (iface_ospf(i)->ops->bfd_want && (on || n->bfd_session))
			want(n, on); /* again with other parameters */
	}
}

void
ospf_bfd_changed(struct ospf *o, uint32_t ifindex, const struct ipaddr *peer, enum ospf_bfd liveness,
	int64_t now)
{
	for (struct nbr *n = ospf_nbr_next(o, NULL); n; n = ospf_nbr_next(o, n)) {
		if (n->dead || !n->bfd_session || iface_ifindex(n->iface) != ifindex ||
			ipaddr_cmp(&n->addr, peer) != 0 || n->bfd == liveness)
			continue;
		bool was_up = n->bfd == OSPF_BFD_UP;
		n->bfd = (uint8_t)liveness;
		n->bfd_since = now;
		/* one that was down before this neighbour was heard says nothing of its Hellos */
		if (was_up && liveness == OSPF_BFD_DOWN)
			nsm_event(n, NSM_EV_BFD_DOWN, now);
	}
	ospf_turn_end(o, now);
}

const char *
ospf_bfd_name(uint8_t liveness)
{
	static const char *const names[] = { [OSPF_BFD_UNKNOWN] = "Unknown", [OSPF_BFD_UP] = "Up",
		[OSPF_BFD_DOWN] = "Down" };
	return liveness < sizeof(names) / sizeof(names[0]) ? names[liveness] : "?";
}
