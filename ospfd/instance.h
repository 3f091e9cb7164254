/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One OSPF instance: owns links, areas (which own interfaces, which own neighbours), databases,
 * timers, and the hooks between the engine and the route calculation.
 */
#ifndef GREVY_OSPFD_INSTANCE_H
#define GREVY_OSPFD_INSTANCE_H

#include "lib/prng.h"
#include "ospfd/lsdb.h"
#include "ospfd/ospfd.h"
#include "ospfd/stats.h"
#include "ospfd/version.h"

struct routing; /* private to routes.c and friends */
struct extids;

struct linkaddr { /* an address of a link */
	TAILQ_ENTRY(linkaddr) entry; /* in order of addition: the first is primary */
	struct ipaddr addr, peer;
	uint8_t plen;
};
struct link { /* an interface of the system, whether OSPF runs on it or not */
	TAILQ_ENTRY(link) entry; /* by ifindex */
	struct ospf_link info;
	TAILQ_HEAD(, linkaddr) addrs;
	struct ospf_lan lan; /* as vrrpd says, lan.c */
};
TAILQ_HEAD(link_list, link);
TAILQ_HEAD(area_list, area);
TAILQ_HEAD(iface_marks, iface);
TAILQ_HEAD(lsa_list, lsa);

struct stub_start { /* stubrouter.c: until the routes are in the kernel */
	bool warm;     /* they are: those of a former life */
	bool pending;  /* they are not */
	int64_t bound; /* pending for no longer, 0: no adjacency yet */
};
struct ready { /* ready.c */
	bool on, check;  /* complete; mark of this turn: look again */
	bool had_nbr;    /* there was an adjacency since the start */
	int64_t since;   /* the instance runs, 0: it does not */
	struct timer timer;
	char why[96];    /* what is missing, "": nothing */
};

struct ospf {
	const struct ospf_version *v;
	const struct ospf_ops *ops;
	void *ops_arg;
	struct ospf_config *conf; /* never NULL; running == false until the first reconfigure */
	bool configured;
	bool running;             /* a config is there and a router ID is known */
	bool stopping;            /* ospf_shutdown was called */
	uint32_t router_id, zebra_router_id;
	int64_t started;
	struct timers *timers;
	struct prng prng;

	struct link_list links;
	struct area_list areas; /* by id */
	struct lsdb as_db;      /* AS-external, opaque 11 */

	/* marks of this turn */
	struct iface_marks flood_marks; /* interfaces with LSAs to send */
	struct lsa_list reap;           /* MaxAge and acknowledged */
	bool want_router_lsas;          /* some area->want_router is set */
	bool want_elections;            /* some iface->elect_wanted is set */
	bool want_requests;             /* some nbr->req_wanted is set */
	bool want_settle;               /* old LSAs of ours were taken back, orig.c */
	bool want_burial;               /* some nbr->dead is set */
	unsigned exchanging;            /* neighbours in Exchange or Loading */
	unsigned full_nbrs;

	/* origination */
	bool asbr;         /* router LSAs carry E: set by asbr.c through orig_set_asbr */
	bool stub_router;  /* max-metric is on, stubrouter.c */
	bool stub_networks; /* for stub networks as well */
	struct stub_start stub_start;
	struct timer stub_timer, startup_timer;
	struct extids *extids; /* link state IDs of own externals, extid.c */

	int64_t wallclock; /* seconds to add to now for cryptographic sequence numbers */
	uint32_t foreign_lsas; /* LSAs of others, for max-lsa */
	bool limit_hit;
	struct ready ready;
	uint8_t *txbuf;      /* packets are built here */
	struct ospf_stats stats;
	struct routing *routing; /* owned by the route calculation */
};

struct area *ospf_area_find(const struct ospf *o, uint32_t id);
struct link *ospf_link_find(const struct ospf *o, uint32_t ifindex);
struct link *ospf_link_get(struct ospf *o, uint32_t ifindex); /* found or new */
void link_free(struct ospf *o, struct link *l);
struct nbr *ospf_nbr_next(const struct ospf *o, const struct nbr *after); /* walks all, in order */
/* The end of each turn, see ospfd.h. */
void ospf_turn_end(struct ospf *o, int64_t now);
void ospf_notify(struct ospf *o, const struct ospf_event *ev);

/* ready.c: something that readiness depends on has changed; judged at the end of the turn. */
void readiness_check(struct ospf *o);
void readiness_turn_end(struct ospf *o, int64_t now);
void readiness_stop(struct ospf *o); /* the instance ends: the next one begins anew */

/*
 * The route calculation (graph, spf, spfdelay, routes, asbr, redist) as the engine calls it.
 *
 * routing_new/free: with the instance. routing_stop withdraws every route that was announced and
 * forgets all state (instance reset, shutdown); the databases are empty when it is called.
 */
void routing_new(struct ospf *o);
void routing_free(struct ospf *o);
void routing_stop(struct ospf *o, int64_t now);
/* An area is going away; its database is already empty. Frees a->graph. */
void routing_area_gone(struct area *a, int64_t now);
/* After the new config is in o->conf; effects: ORed enum ospf_effect (SPF, ANNOUNCE, EXTERNALS). */
void routing_reconfigured(
	struct ospf *o, const struct ospf_config *old, unsigned effects, int64_t now);
/* The instance has (re)started with a router ID: originate the externals. */
void routing_started(struct ospf *o, int64_t now);
/*
 * An LSA changed. a: its area, NULL for AS scope. old == NULL: was not usable before;
 * new == NULL: gone or MaxAge. old is freed after the call. Called for CHANGE_NONE too
 * (refresh: the LSA pointer changes), so that the graph can follow.
 */
void spfdelay_event(struct ospf *o, enum ospf_change kind, struct area *a, const struct lsa *old,
	const struct lsa *new, int64_t now);
/* Something that LSAs do not tell changed what next hops look like (interface, adjacency, address).
 */
void spfdelay_local_event(struct ospf *o, struct area *a, int64_t now);
/* Last phase of a turn: runs what may run now. */
void spfdelay_turn_end(struct ospf *o, int64_t now);
void redist_routes_changed(struct ospf *o, const struct ospf_redist_route *rows, size_t count,
	int64_t now);

#endif
