/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stub router: o->stub_router follows config and time; v2_orig.c writes the metrics.
 *
 * Ours: a router that has come back is one until its routes are in the kernel (RFC 6987 2.1, without
 * a guessed time). Its neighbours go to Full before it does: they have its old LSA, so they use it
 * while it is still loading, and all that they send is lost. So it
 *   - tells its LSA with the largest metrics as soon as a Database Description shows an older one of
 *     its own, before it answers (orig_outrun; as master it ends the exchange only after that),
 *   - flushes in the same way the externals that it does not announce (yet): the largest metrics keep nobody from
 *     an external route, for they count on the way out of here only, and not at all against type 1 before 2,
 *   - lists its neighbours from Exchange on, since the next LSA may leave a second later only:
 *     as a last resort that attracts nobody who has another way,
 *   - tells the largest metrics for its stub networks, too (RFC 6987 leaves them as they are): a shared network is
 *     one until its designated router is known, and whoever had a forwarding address there as the next
 *     hop of an external route would send here before we have that route,
 *   - tells the real metrics when readiness (ready.c) and zebra's barrier have come.
 * A restarted ospfd whose routes the kernel has kept is warm: nothing changes for anybody (hitless.c).
 */
#include "ospfd/stubrouter.h"

#include "ospfd/nbr.h"
#include "ospfd/routes.h"

#define BOUND (30 * TIME_SEC) /* from the first adjacency on: a neighbour that hangs must not hold it for ever */

static void
startup_over(void *arg, int64_t now)
{
	stubrouter_update(arg, now);
}

bool
stubrouter_starting(const struct ospf *o)
{
	return o->running && o->conf->max_metric_until_ready && o->stub_start.pending;
}

void
stubrouter_start(struct ospf *o, int64_t now)
{
	o->stub_start.pending = !o->stub_start.warm;
	o->stub_start.warm = false;
	o->stub_start.bound = 0;
	stubrouter_update(o, now);
}

void
stubrouter_first_full(struct ospf *o, int64_t now)
{
	if (!o->stub_start.pending || o->stub_start.bound)
		return;
	o->stub_start.bound = now + BOUND;
	stubrouter_update(o, now);
}

static void
start_over(struct ospf *o)
{
	struct nbr *n;
	o->stub_start.pending = false;
	for (n = ospf_nbr_next(o, NULL); n; n = ospf_nbr_next(o, n))
		n->early = false;
}

void
ospf_set_forwarding(struct ospf *o, bool forwarding, int64_t now)
{
	o->stub_start.warm = forwarding;
	if (forwarding && o->running)
		stubrouter_start(o, now);
	ospf_turn_end(o, now);
}

void
ospf_routes_installed(struct ospf *o, int64_t now)
{
	if (o->running && o->ready.on && o->stub_start.pending) {
		start_over(o);
		stubrouter_update(o, now);
	}
	ospf_turn_end(o, now);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
stubrouter_update(struct ospf *o, int64_t now)
{
	struct area *a;
	int64_t until = o->started + o->conf->max_metric_startup_s * TIME_SEC, due = TIME_NEVER;
	bool startup = o->running && o->conf->max_metric_startup_s && now < until;
	if (o->stub_start.pending && o->stub_start.bound && now >= o->stub_start.bound)
		start_over(o);
	bool networks = stubrouter_starting(o), on = o->conf->max_metric_admin || startup || networks;
	timer_cancel(o->timers, &o->stub_timer);
	if (startup)
		due = until;
	if (o->stub_start.pending && o->stub_start.bound)
		due = sooner(due, o->stub_start.bound);
	if (due != TIME_NEVER)
		timer_set(o->timers, &o->stub_timer, due, startup_over, o);
	if (on == o->stub_router && networks == o->stub_networks)
		return;
	if (on != o->stub_router)
		ospf_notify(o, &(struct ospf_event){ .kind = OSPF_EV_STUB_ROUTER, .ifname = "", .new = on,
			.text = on ? "stub router: links are advertised with the maximum metric" :
				"stub router: normal metrics again" });
	o->stub_router = on;
	if (networks != o->stub_networks)
		o->routing->redist_check = true; /* a default that is announced always */
	o->stub_networks = networks;
	TAILQ_FOREACH(a, &o->areas, entry)
		area_router_lsa_wanted(a);
}
