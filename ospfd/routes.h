/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OSPF's routing table (RFC 2328 11, 16.1 second stage): every prefix that anybody announces, the best
 * path to it, and what zebra was told. A run recalculates only prefixes that are marked: those on
 * vertices that moved, those whose LSA changed, externals whose boundary router or forwarding
 * address moved.
 *
 * The first half is for show (state.c); the second is shared by routes.c, announce.c, asbr.c,
 * redist.c and spfdelay.c.
 */
#ifndef GREVY_OSPFD_ROUTES_H
#define GREVY_OSPFD_ROUTES_H

#include "ospfd/instance.h"
#include "ospfd/spf.h"
#include "ospfd/spfdelay.h"

/* --- for show ----------------------------------------------------------------------------------- */
struct route_view {
	struct prefix prefix;
	uint8_t path_type;    /* enum ospf_path_type */
	uint32_t cost;        /* to the prefix; EXT2: to the boundary router or forwarding address */
	uint32_t type2_metric;
	uint32_t tag;
	uint32_t area;        /* intra and inter area */
	uint32_t adv_router;  /* whose LSA it is (of several equal ones: the lowest) */
	bool transit;         /* hangs off a network that routers share */
	uint8_t cover;        /* enum lfa_cover */
	const struct ospf_leg *alt; /* the alternate, NULL: none */
	const struct ospf_leg *legs; /* gateway AFI_NONE: directly attached */
	size_t leg_count;
};
struct router_view { /* a border or boundary router */
	uint32_t router_id, area;
	uint32_t cost;
	bool abr, asbr, inter_area;
	const struct ospf_leg *legs;
	size_t leg_count;
};
/* The next one after a key, in order (prefix; router ID, then area). after == NULL: the first. */
bool routes_next(const struct ospf *o, const struct prefix *after, struct route_view *out);
bool routers_next(const struct ospf *o, const struct router_view *after, struct router_view *out);
size_t routes_count(const struct ospf *o);

/* --- inside the route calculation ----------------------------------------------------------------- */
#define PATH_NONE 0xff

struct path { /* all zero but type: none */
	uint8_t type; /* enum ospf_path_type or PATH_NONE */
	bool transit;
	uint32_t cost, type2_metric, tag, area, adv;
	const struct ospf_leg *legs; /* one reference */
};

struct external;
struct summary;
struct source { /* a prefix on a vertex */
	LIST_ENTRY(source) in_prefix;
	struct pfx *pfx;
	struct area *area;
	uint32_t vertex, metric;
};

struct pfx { /* a prefix: lives while it has a source, an external, or was announced */
	struct prefix prefix;
	LIST_HEAD(, source) sources;
	LIST_HEAD(, external) externals;
	TAILQ_ENTRY(pfx) dirty;
	bool is_dirty, changed;
	struct path internal; /* intra or inter area */
	struct path path;     /* the best of all */
	const struct ospf_leg *alt; /* its alternate (lfa.c), one reference; NULL: none */
	uint8_t cover;              /* enum lfa_cover */
	struct { /* what zebra knows; legs NULL: nothing */
		const struct ospf_leg *legs;
		uint32_t metric, tag;
		uint8_t type, distance;
	} told;
};

struct routing {
	struct ospf *o;
	struct intern_table *sets; /* of legs */
	struct rtable *prefixes;   /* struct pfx */
	struct rtable *internal;   /* those with an intra- or inter-area path: same struct pfx */
	TAILQ_HEAD(, pfx) dirty;
	size_t dirty_count;
	bool internal_changed;
	struct spf_scratch *scratch;
	struct pfx **changed; /* of this run */
	size_t changed_count, changed_cap;

	struct keytree externals; /* asbr.c: struct external by LSA key */
	struct keytree asbrs;     /* struct asbr by router ID */
	struct rtable *forwards;  /* struct forward by address */

	struct rtable *redist;    /* redist.c: struct redist by prefix */
	bool redist_check;        /* some external that equals one of ours came or went */

	struct spfdelay delay;
	struct timer timer;       /* the end of the delay */
	struct timer redist_timer;
	struct lfa *lfa;
	bool event;               /* of this turn: the topology has changed */
	bool want_full, want_partial;
	uint64_t runs, partial_runs;
	uint32_t vertices, reached;
};

struct pfx *pfx_get(struct routing *r, const struct prefix *p); /* found or new */
void pfx_mark(struct routing *r, struct pfx *p);
void pfx_mark_all(struct routing *r);
void path_clear(struct routing *r, struct path *p);
/* Same path, whatever the LSA. */
bool path_equal(const struct path *a, const struct path *b);

/* Shortest paths of one area, then marks the prefixes of vertices that moved. */
void routes_area_run(struct routing *r, struct area *a);
/* Links and prefixes of the area's marked vertices, see graph_sync. */
void routes_area_sync(struct routing *r, struct area *a, bool links_too);
/* Recalculates what is marked and tells the difference; returns how many routes that were. */
size_t routes_calculate(struct routing *r);
/* A way onto the network that contains an address: direct legs get that gateway. NULL: none.
 * One reference for the caller. */
const struct ospf_leg *routes_to_address(struct routing *r, const struct ipaddr *addr,
	struct path *path);

/* The leg over a link of our own (RFC 2328 16.1.1); false: it cannot be used at present. */
bool routes_way_out(struct area *a, const struct edge *link, struct ospf_leg *leg);
/* The address of a router on a network that we are attached to by ifindex. */
bool routes_gateway_on(struct area *a, uint32_t ifindex, uint32_t network, uint32_t router,
	struct ipaddr *gateway);

/* announce.c */
void announce_prefix(struct routing *r, struct pfx *p); /* marks it changed if zebra must be told */
void announce_flush(struct routing *r);                 /* batches of what is changed */
void announce_withdraw_all(struct routing *r);

#endif
