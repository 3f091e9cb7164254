/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The election, step by step as RFC 2328 9.4 has it. Pure arithmetic over the neighbours. */
#include "ospfd/dr.h"

struct candidate {
	uint32_t ident, router_id, dr, bdr; /* dr, bdr: whom it declares */
	uint8_t priority;
};

static bool
candidate_of_nbr(const struct nbr *n, struct candidate *c)
{
	/* only those with two-way communication and a priority above 0 */
	if (n->dead || nbr_state(n) < NSM_2WAY || n->priority == 0)
		return false;
	*c = (struct candidate){ .ident = iface_ospf(n->iface)->v->nbr_ident(n),
		.router_id = n->router_id, .dr = n->dr, .bdr = n->bdr, .priority = n->priority };
	return true;
}

static bool
better(const struct candidate *a, const struct candidate *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->router_id > b->router_id;
}

/* Step (2): c into the running choice of the Backup. */
static void
choose_bdr(const struct candidate *c, struct candidate *best, bool *declared)
{
	if (c->dr == c->ident)
		return; /* declares itself DR */
	bool d = c->bdr == c->ident;
	if (!best->ident || (d && !*declared) || (d == *declared && better(c, best))) {
		*best = *c;
		*declared = d;
	}
}

/* Step (3) */
static void
choose_dr(const struct candidate *c, struct candidate *best)
{
	if (c->dr == c->ident && (!best->ident || better(c, best)))
		*best = *c;
}

static void
steps_2_3(struct iface *i, const struct candidate *self)
{
	struct candidate dr = { 0 }, bdr = { 0 }, c;
	bool declared = false;
	const struct nbr *n;
	if (self->priority) {
		choose_bdr(self, &bdr, &declared);
		choose_dr(self, &dr);
	}
	TAILQ_FOREACH(n, &i->nbrs, entry) {
		if (!candidate_of_nbr(n, &c))
			continue;
		choose_bdr(&c, &bdr, &declared);
		choose_dr(&c, &dr);
	}
	if (!dr.ident)
		dr = bdr; /* nobody declares itself DR: the Backup is promoted */
	i->dr = dr.ident;
	i->dr_id = dr.router_id;
	i->bdr = bdr.ident;
	i->bdr_id = bdr.router_id;
}

enum ism_state
dr_elect(struct iface *i)
{
	const struct ospf *o = iface_ospf(i);
	uint32_t me = o->v->iface_ident(i);
	/* (1) */
	bool was_dr = i->dr == me, was_bdr = i->bdr == me;
	struct candidate self = {.ident = me,
		.router_id = o->router_id,
		.dr = i->dr,
		.bdr = i->bdr,
		.priority = i->p.priority};
	steps_2_3(i, &self);
	/* (4) our own role has changed: once more with what we now declare */
	if (was_dr != (i->dr == me) || was_bdr != (i->bdr == me)) {
		self.dr = i->dr;
		self.bdr = i->bdr;
		steps_2_3(i, &self);
	}
	/* (5) */
	return i->dr == me ? ISM_DR : i->bdr == me ? ISM_BACKUP : ISM_DROTHER;
}
