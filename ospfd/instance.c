/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instance: birth and death, the entry points that are about links, addresses, config and time,
 * and the end of each turn.
 */
#include "ospfd/nbr.h"

#include <string.h>

#include "lib/mem.h"
#include "ospfd/age.h"
#include "ospfd/extid.h"
#include "ospfd/hello.h"
#include "ospfd/hitless.h"
#include "ospfd/lsreq.h"
#include "ospfd/lsupd.h"
#include "ospfd/orig.h"
#include "ospfd/stubrouter.h"

#define TIMER_BUDGET 4096 /* timers run in one turn */

void
ospf_notify(struct ospf *o, const struct ospf_event *ev)
{
	if (o->ops->notify)
		o->ops->notify(o->ops_arg, ev);
}

uint32_t
ospf_router_id(const struct ospf *o)
{
	return o->router_id;
}

struct nbr *
ospf_nbr_next(const struct ospf *o, const struct nbr *after)
{
	struct nbr *n = after ? TAILQ_NEXT(after, entry) : NULL;
	struct iface *i = after ? iface_next(o, after->iface) : iface_next(o, NULL);
	while (!n && i) {
		n = TAILQ_FIRST(&i->nbrs);
		i = iface_next(o, i);
	}
	return n;
}

/* --- the end of a turn
 * ----------------------------------------------------------------------------- */
static void
run_elections(struct ospf *o, int64_t now)
{
	if (!o->want_elections)
		return;
	o->want_elections = false;
	for (struct iface *i = iface_next(o, NULL); i; i = iface_next(o, i)) {
		if (!i->elect_wanted)
			continue;
		i->elect_wanted = false;
		ism_event(i, ISM_EV_NEIGHBOR_CHANGE, now);
	}
}

static void
bury(struct ospf *o)
{
	struct nbr *next;
	if (!o->want_burial)
		return;
	o->want_burial = false;
	for (struct nbr *n = ospf_nbr_next(o, NULL); n; n = next) {
		next = ospf_nbr_next(o, n);
		if (n->dead)
			nbr_free(n);
	}
}

void
ospf_turn_end(struct ospf *o, int64_t now)
{
	do {
		run_elections(o, now);
		lsreq_turn_end(o, now);
		age_turn_end(o, now);
		orig_turn_end(o, now);
	} while (o->want_elections || o->want_requests);
	bury(o);
	/* what was learnt leaves before anything is calculated */
	lsupd_turn_end(o, now);
	spfdelay_turn_end(o, now);
	orig_turn_end(o, now);
	lsupd_turn_end(o, now);
	readiness_turn_end(o, now);
}

/* --- birth and death
 * ------------------------------------------------------------------------------- */
struct ospf *
ospf_new(const struct ospf_version *v, const struct ospf_ops *ops, void *ops_arg, uint64_t seed,
	int64_t now)
{
	struct ospf *o = mem_zalloc(sizeof(*o));
	o->v = v;
	o->ops = ops;
	o->ops_arg = ops_arg;
	o->conf = ospf_config_new();
	o->started = now;
	o->timers = timers_new();
	o->txbuf = mem_alloc(PACKET_MAX);
	o->extids = extids_new();
	prng_seed(&o->prng, seed);
	TAILQ_INIT(&o->links);
	TAILQ_INIT(&o->areas);
	TAILQ_INIT(&o->flood_marks);
	TAILQ_INIT(&o->reap);
	lsdb_init(&o->as_db, o, SCOPE_AS, NULL, NULL);
	routing_new(o);
	return o;
}

void
ospf_set_wallclock(struct ospf *o, uint32_t seconds, int64_t now)
{
	o->wallclock = (int64_t)seconds - now / TIME_SEC;
}

/* Everything that runs goes; links and config stay. tell: the neighbours hear of it. */
static void
stop(struct ospf *o, bool tell, int64_t now)
{
	struct area *a;
	struct iface *i;
	if (tell && o->running) {
		orig_unwant_all(&o->as_db, now);
		TAILQ_FOREACH(a, &o->areas, entry)
			orig_unwant_all(&a->db, now);
		lsupd_turn_end(o, now);
		for (i = iface_next(o, NULL); i; i = iface_next(o, i))
			hello_send_empty(i, now);
	}
	o->running = false;
	while ((a = TAILQ_FIRST(&o->areas)) != NULL)
		area_free(a, now);
	extids_clear(o->extids);
	lsdb_clear(&o->as_db, now);
	timer_cancel(o->timers, &o->stub_timer);
	hitless_stop(o);
	readiness_stop(o);
	o->want_elections = o->want_requests = o->want_burial = o->want_router_lsas = false;
	o->want_settle = false;
	o->asbr = o->stub_router = o->stub_networks = o->limit_hit = false;
	routing_stop(o, now);
}

static void
start(struct ospf *o, int64_t now)
{
	o->running = o->configured && o->router_id && !o->stopping;
	if (!o->running)
		return;
	o->started = now;
	hitless_started(o, now);
	stubrouter_start(o, now);
	iface_match_all(o, now);
	routing_started(o, now);
}

void
ospf_free(struct ospf *o)
{
	struct link *l;
	if (!o)
		return;
	o->stopping = true;
	stop(o, false, o->started);
	routing_free(o);
	while ((l = TAILQ_FIRST(&o->links)) != NULL)
		link_free(o, l);
	extids_free(o->extids);
	ospf_config_free(o->conf);
	timers_free(o->timers);
	mem_free(o->txbuf);
	mem_free(o);
}

void
ospf_shutdown(struct ospf *o, int64_t now)
{
	o->stopping = true;
	stop(o, true, now);
}

/* --- config and identity
 * --------------------------------------------------------------------------- */
static uint32_t
wanted_router_id(const struct ospf *o)
{
	return o->conf->router_id ? o->conf->router_id : o->zebra_router_id;
}

static void
restart(struct ospf *o, int64_t now)
{
	stop(o, true, now);
	uint32_t id = wanted_router_id(o);
	if (id != o->router_id)
		ospf_notify(o, &(struct ospf_event){.kind = OSPF_EV_ROUTER_ID,
				       .ifname = "",
				       .want = id,
				       .got = o->router_id,
				       .text = "the router ID has changed"});
	o->router_id = id;
	start(o, now);
}

/* `no router ospf`: the neighbours hear of it, routes go, links are remembered. */
static void
unconfigure(struct ospf *o, int64_t now)
{
	if (!o->configured)
		return;
	stop(o, true, now);
	ospf_config_free(o->conf);
	o->conf = ospf_config_new();
	o->configured = false;
	o->router_id = 0;
}

void
ospf_reconfigure(struct ospf *o, struct ospf_config *conf, int64_t now)
{
	if (!conf) {
		unconfigure(o, now);
		readiness_check(o);
		readiness_turn_end(o, now);
		return;
	}
	struct ospf_config *old = o->conf;
	ospf_config_sort(conf);
	unsigned effects = ospf_config_compare(old, conf);
	bool first = !o->configured;
	struct area *a;
	o->conf = conf;
	o->configured = true;
	if (first || wanted_router_id(o) != o->router_id || (effects & OSPF_EFFECT_INSTANCE)) {
		restart(o, now);
	} else if (o->running) {
		TAILQ_FOREACH(a, &o->areas, entry)
			area_configure(a);
		for (struct iface *i = iface_next(o, NULL); i; i = iface_next(o, i))
			iface_reconfigure(i, now);
		iface_match_all(o, now);
		if (effects & OSPF_EFFECT_STUBROUTER)
			stubrouter_update(o, now);
		routing_reconfigured(o, old, effects, now);
	}
	ospf_config_free(old);
	ospf_turn_end(o, now);
}

void
ospf_router_id_changed(struct ospf *o, uint32_t zebra_id, int64_t now)
{
	o->zebra_router_id = zebra_id;
	/* a running instance keeps its identity as long as zebra has one to offer */
	if (!o->running && o->configured && wanted_router_id(o) != o->router_id)
		restart(o, now);
	ospf_turn_end(o, now);
}

void
ospf_clear_process(struct ospf *o, int64_t now)
{
	if (o->configured && !o->stopping)
		restart(o, now);
	ospf_turn_end(o, now);
}

void
ospf_clear_neighbor(struct ospf *o, uint32_t router_id, int64_t now)
{
	for (struct nbr *n = ospf_nbr_next(o, NULL); n; n = ospf_nbr_next(o, n))
		if (!n->dead && (!router_id || n->router_id == router_id))
			nsm_event(n, NSM_EV_KILL_NBR, now);
	ospf_turn_end(o, now);
}

void
ospf_routes_redistributed(struct ospf *o, const struct ospf_redist_route *rows, size_t count,
	int64_t now)
{
	redist_routes_changed(o, rows, count, now);
	ospf_turn_end(o, now);
}

/* --- time
 * ------------------------------------------------------------------------------------------- */
void
ospf_run_timers(struct ospf *o, int64_t now)
{
	timers_run(o->timers, now, TIMER_BUDGET);
	ospf_turn_end(o, now);
}

int64_t
ospf_next_deadline(const struct ospf *o)
{
	return timers_next(o->timers);
}
