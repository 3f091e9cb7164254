/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loop-free alternates (RFC 5286): for each route a leg of backup rank 1 that zebra uses when no other
 * leg of the group lives, found before anything fails. See lfa.c.
 */
#ifndef GREVY_OSPFD_LFA_H
#define GREVY_OSPFD_LFA_H

#include "ospfd/routes.h"

enum lfa_protects { /* what an alternate survives */
	LFA_LINK = 1,       /* the link to the primary neighbour, a shared network as a whole */
	LFA_NODE = 2,       /* the primary neighbour itself */
	LFA_DOWNSTREAM = 4, /* it is nearer to the destination than we are: safe whatever fails */
};

struct lfa *lfa_new(struct routing *r);
void lfa_free(struct routing *r);
/* The tree or the configuration changes: what was found is forgotten, and found again a moment later. */
void lfa_changed(struct routing *r, int64_t now);
/* Last step of a turn, after the routes have left. */
void lfa_turn_end(struct routing *r);
/* The instance stops, or an area's graph is about to go. */
void lfa_stop(struct routing *r);
/* The alternate of a prefix whose primary legs these are (NULL: none are told): sets p->alt. */
void lfa_prefix(struct routing *r, struct pfx *p, const struct ospf_leg *primary);
/* Its primary legs have changed: an alternate found for others may lead into a loop. */
void lfa_path_moved(struct routing *r, struct pfx *p);
void lfa_prefix_gone(struct routing *r, struct pfx *p);

/* --- for show -------------------------------------------------------------------------------------- */
enum lfa_cover { /* of a prefix that was told */
	LFA_COVER_UNTOLD, LFA_COVER_NONE, LFA_COVER_EQUAL /* by its equal paths */, LFA_COVER_NODE,
	LFA_COVER_LINK, LFA_COVER_BOTH, LFA_COVERS
};
struct lfa_summary {
	uint64_t runs;
	bool current; /* false: not on, or the tree has just changed */
	size_t covers[LFA_COVERS];
};
void lfa_summary_get(const struct ospf *o, struct lfa_summary *out);

struct lfa_view { /* a neighbour that could carry for others */
	uint32_t router_id, area;
	struct ospf_leg leg;
	uint32_t cost;
	const char *unusable; /* why it is no candidate, "": it is one */
	size_t protects;      /* prefixes whose alternate it is */
};
/* The i-th; false: no more, or alternates are not calculated. */
bool lfa_view_get(const struct ospf *o, size_t i, struct lfa_view *out);

#endif
