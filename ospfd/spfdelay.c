/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to calculate, and the run. Two kinds of work: a full run (shortest paths of all areas, then
 * what they moved) waits as RFC 8405 says; what concerns prefixes only (stub links, externals) uses the
 * paths of the last run, costs what it changes, and is done at the end of every turn.
 * With `initial 0` the first full run after a quiet time is in the same turn as its cause, after the
 * LSAs have left.
 */
#include "ospfd/spfdelay.h"

#include "lib/rtable.h"
#include "ospfd/area.h"
#include "ospfd/asbr.h"
#include "ospfd/lfa.h"
#include "ospfd/redist.h"
#include "ospfd/routes.h"

/* --- the machine ------------------------------------------------------------------------------------ */
void
spfdelay_init(struct spfdelay *d)
{
	*d = (struct spfdelay){ .state = SPFDELAY_QUIET, .learn_end = TIME_NEVER,
		.hold_end = TIME_NEVER, .last_run = TIME_NEVER, .multiplier = 1 };
}

void
spfdelay_advance(struct spfdelay *d, int64_t now)
{
	/* RFC 8405 5.1, transition 3: TIME_TO_LEARN is over */
	if (d->learn_end <= now) {
		d->learn_end = TIME_NEVER;
		if (d->state == SPFDELAY_SHORT_WAIT)
			d->state = SPFDELAY_LONG_WAIT;
	}
	/* transitions 5 and 6: no event for HOLDDOWN */
	if (d->hold_end <= now) {
		d->hold_end = d->learn_end = TIME_NEVER;
		d->state = SPFDELAY_QUIET;
	}
}

/* FRR's throttle: a hold time between runs that grows while events come before it is over. */
static int64_t
throttle_due(struct spfdelay *d, const struct ospf_conf_spf *c, int64_t now)
{
	int64_t delay = c->throttle_delay_ms * TIME_MS;
	int64_t hold = (int64_t)d->multiplier * c->throttle_hold_ms * TIME_MS;
	int64_t max = c->throttle_max_ms * TIME_MS;
	if (hold > max)
		hold = max;
	if (d->last_run == TIME_NEVER || now - d->last_run >= hold) {
		d->multiplier = 1;
		return now + delay;
	}
	if (hold < max)
		d->multiplier++;
	int64_t due = d->last_run + hold;
	return due < now + delay ? now + delay : due;
}

static int64_t
backoff_due(struct spfdelay *d, const struct ospf_conf_spf *c, int64_t now)
{
	const uint32_t wait_ms[] = { [SPFDELAY_QUIET] = c->initial_ms,
		[SPFDELAY_SHORT_WAIT] = c->short_ms, [SPFDELAY_LONG_WAIT] = c->long_ms };
	/* Ours: SHORT and LONG count from the last run, not from the event. They bound the load as well,
	 * and an event that comes alone, however soon after a storm, does not wait. */
	int64_t from = d->state == SPFDELAY_QUIET || d->last_run == TIME_NEVER ? now : d->last_run;
	int64_t due = from + wait_ms[d->state] * TIME_MS;
	if (due < now)
		due = now;
	if (d->state == SPFDELAY_QUIET) { /* transition 1 */
		d->state = SPFDELAY_SHORT_WAIT;
		d->learn_end = now + c->learn_ms * TIME_MS;
	}
	d->hold_end = now + c->hold_ms * TIME_MS; /* transitions 1, 2, 4 */
	return due;
}

void
spfdelay_igp_event(struct spfdelay *d, const struct ospf_conf_spf *c, int64_t now)
{
	spfdelay_advance(d, now);
	if (c->throttle) {
		if (!d->waiting)
			d->due = throttle_due(d, c, now);
	} else {
		int64_t due = backoff_due(d, c, now);
		if (!d->waiting)
			d->due = due;
	}
	d->waiting = true;
}

bool
spfdelay_is_due(const struct spfdelay *d, int64_t now)
{
	return d->waiting && d->due <= now;
}

void
spfdelay_ran(struct spfdelay *d, int64_t now)
{
	d->waiting = false;
	d->last_run = now;
}

const char *
spfdelay_state_name(enum spfdelay_state s)
{
	static const char *const names[] = { "quiet", "short-wait", "long-wait" };
	return names[s];
}

/* --- events --------------------------------------------------------------------------------------------- */
void
spfdelay_event(struct ospf *o, enum ospf_change kind, struct area *a, const struct lsa *old,
	const struct lsa *new, int64_t now)
{
	struct routing *r = o->routing;
	const struct lsa *l = new ? new : old;
	(void)now;
	if (kind == CHANGE_NONE || !r)
		return;
	if (l->hdr.key.type == o->v->external_lsa) {
		asbr_lsa_changed(r, old, new);
		r->want_partial = true;
		return;
	}
	if (!a)
		return;
	if (!a->graph)
		a->graph = graph_new(prng_u64(&o->prng));
	graph_lsa_changed(a->graph, o->v, l, kind);
	if (kind == CHANGE_TOPOLOGY)
		r->event = true;
	else
		r->want_partial = true;
}

void
spfdelay_local_event(struct ospf *o, struct area *a, int64_t now)
{
	(void)a, (void)now;
	o->routing->event = true;
	o->routing->redist_check = true; /* forwarding addresses, connected prefixes */
}

/* --- the run ---------------------------------------------------------------------------------------------- */
static void
run_full(struct ospf *o, int64_t now)
{
	struct routing *r = o->routing;
	struct area *a;
	r->vertices = r->reached = 0;
	lfa_changed(r, now);
	TAILQ_FOREACH(a, &o->areas, entry) {
		routes_area_sync(r, a, true);
		routes_area_run(r, a);
	}
	asbr_routers_moved(r);
	size_t told = routes_calculate(r);
	spfdelay_ran(&r->delay, now);
	r->want_full = r->want_partial = false;
	r->redist_check = true; /* reachability of equivalents, 12.4.4.1 */
	r->runs++;
	readiness_check(o);
	ospf_notify(o, &(struct ospf_event){ .kind = OSPF_EV_SPF, .ifname = "", .text = "",
		.new = CHANGE_TOPOLOGY, .want = r->reached, .got = (int64_t)told });
}

static void
run_partial(struct ospf *o)
{
	struct routing *r = o->routing;
	struct area *a;
	TAILQ_FOREACH(a, &o->areas, entry)
		routes_area_sync(r, a, false);
	size_t told = routes_calculate(r);
	r->want_partial = false;
	r->partial_runs++;
	ospf_notify(o, &(struct ospf_event){ .kind = OSPF_EV_SPF, .ifname = "", .text = "",
		.new = CHANGE_PREFIXES, .got = (int64_t)told });
}

/* Also what opens the next turn when the delay is over: the work is done at its end. */
static void
delay_over(void *arg, int64_t now)
{
	(void)arg, (void)now;
}

/* Our own externals may have to come or go: their LSAs belong to a turn of their own. */
static void
redist_due(void *arg, int64_t now)
{
	struct ospf *o = arg;
	if (o->running)
		redist_refresh_all(o->routing, now);
}

void
spfdelay_turn_end(struct ospf *o, int64_t now)
{
	struct routing *r = o->routing;
	if (!o->running || o->stopping)
		return;
	if (r->event) {
		r->event = false;
		r->want_full = true;
		spfdelay_igp_event(&r->delay, &o->conf->spf, now);
	}
	if (r->want_full && spfdelay_is_due(&r->delay, now))
		run_full(o, now);
	else if (r->want_full && !timer_armed(&r->timer))
		timer_set(o->timers, &r->timer, r->delay.due, delay_over, o);
	if (r->want_partial)
		run_partial(o);
	lfa_turn_end(r);
	if (r->redist_check) {
		r->redist_check = false;
		if (rtable_count(r->redist))
			timer_set(o->timers, &r->redist_timer, now, redist_due, o);
	}
}

void
spf_view_get(const struct ospf *o, struct spf_view *out)
{
	const struct routing *r = o->routing;
	*out = (struct spf_view){
		.last_run = r->delay.last_run == TIME_NEVER ? 0 : r->delay.last_run,
		.due = r->delay.waiting ? r->delay.due : 0,
		.runs = r->runs,
		.partial_runs = r->partial_runs,
		.vertices = r->vertices,
		.reached = r->reached,
		.state = spfdelay_state_name(r->delay.state),
		.hold_multiplier = r->delay.multiplier,
	};
}
