/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trials of gateways, each in a network at rest: something breaks at the master of a LAN of hosts, and packets of hosts
 * flow again in both directions when the contract (docs/dev/availability.md) says so; it is mended, and none is lost
 * in any millisecond of the return.
 *
 * Loops for a moment, while routers calculate one after the other, are the IGP's and not a loss (RFC 5715); one that
 * lasts is.
 */
#include "tests/sim/gateways.h"

#include <string.h>

#include "lib/mem.h"
#include "tests/sim/bfd.h"
#include "tests/sim/gate.h"
#include "tests/sim/hosts.h"
#include "tests/sim/kernel.h"
#include "tests/sim/kernel_dev.h"
#include "vrrpd/read.h"

#define DEAD_INTERVAL (40 * TIME_SEC)
#define MOMENT        (1500 * TIME_MS)
#define SLACK         (50 * TIME_MS)
#define SUSPECTED     (150 * TIME_MS) /* a BFD session fails: so long hosts are asked (vrrpd/lan.c) */
#define LOOP_MAX      (300 * TIME_MS)
#define REST          (60 * TIME_SEC) /* the longest that anything of a gateway waits: for routing */

struct rest { /* the network before something happens to it */
	struct oracle *oracle;
	struct targets *targets; /* by segment */
	bool *reach; /* by prefix and router */
	bool *came_in; /* by segment and router: to its hosts */
};

/* What every gateway of the LAN can reach: whoever takes over must not lose it. */
static void
common_targets(struct sim *s, const struct segment *g, struct targets *t)
{
	size_t kept = 0;
	for (size_t i = 0; i < t->count; i++) {
		bool all = true;
		for (size_t k = 0; k < g->port_count; k++)
			all &= !g->ports[k]->node->gate || hosts_from_router(s, g->ports[k]->node, &t->to[i]) == FATE_DELIVERED;
		if (all)
			t->to[kept++] = t->to[i];
	}
	t->count = kept;
}

/* Announced always, and by somebody who has none: two of these are each other's way by configuration (RFC 2328 16.4). */
static bool
empty_default(const struct sim *s, const struct prefix *p)
{
	for (size_t k = 0; k < s->node_count && !p->len; k++)
		for (size_t i = 0; i < s->nodes[k].ext_count; i++) {
			const struct ext *x = &s->nodes[k].exts[i];
			if (!x->prefix.len && !x->present && node_ext_active(&s->nodes[k], x))
				return true;
		}
	return false;
}

static void
rest_take(struct sim *s, struct rest *r)
{
	r->oracle = oracle_new(s);
	r->targets = mem_array(s->seg_count, sizeof(*r->targets));
	r->reach = mem_array(oracle_prefixes(r->oracle) * s->node_count, sizeof(bool));
	for (size_t i = 0; i < oracle_prefixes(r->oracle); i++)
		for (size_t k = 0; k < s->node_count; k++) {
			struct oracle_route to;
			struct ipaddr a = prefix_addr(oracle_prefix(r->oracle, i));
			if (empty_default(s, oracle_prefix(r->oracle, i)))
				continue;
			r->reach[i * s->node_count + k] = s->nodes[k].o && oracle_route(r->oracle, &s->nodes[k], i, &to) &&
				!to.direct && hosts_from_router(s, &s->nodes[k], &a) == FATE_DELIVERED;
		}
	r->came_in = mem_array(s->seg_count * s->node_count, sizeof(bool));
	for (size_t i = 0; i < s->seg_count; i++) {
		size_t count;
		for (size_t k = 0; s->segs[i].hosts && k < s->node_count; k++)
			r->came_in[i * s->node_count + k] =
				hosts_from_router(s, &s->nodes[k], &s->segs[i].hosts->hosts[0]) == FATE_DELIVERED;
		const struct port *master = s->segs[i].hosts ? hosts_master(&s->segs[i], &count) : NULL;
		if (!master)
			continue;
		hosts_targets(r->oracle, master->node, &r->targets[i]);
		common_targets(s, &s->segs[i], &r->targets[i]);
	}
}

static void
rest_free(struct rest *r)
{
	oracle_free(r->oracle);
	mem_free(r->targets);
	mem_free(r->reach);
	mem_free(r->came_in);
}

void
gateways_run(struct sim *s, int64_t until)
{
	while (s->now < until && !s->why[0]) {
		clock_run(s, s->now + TIME_MS < until ? s->now + TIME_MS : until);
		hosts_watch(s);
	}
}

static bool
settled(struct sim *s, int64_t wait)
{
	gateways_run(s, s->now + wait);
	return check_routes(s) && check_databases(s) && check_gateways(s);
}

/* In no millisecond until then is a packet of hosts lost that could go before. back: a router that has just started. */
static bool
nothing_lost(struct sim *s, const struct rest *r, const struct node *back, int64_t time)
{
	const struct walk w = { .targets = r->targets, .came_in = r->came_in, .out = true, .in = true };
	struct walk loops = w;
	int64_t end = s->now + time, loop_since = 0;
	uint64_t moved = s->moved - 1;
	loops.loops = true;
	while (s->now < end && !s->why[0]) {
		gateways_run(s, s->now + TIME_MS);
		if ((s->moved == moved && !loop_since) || s->why[0])
			continue;
		moved = s->moved;
		if (back && !check_forwards(s, back))
			break;
		if (hosts_deliver(s, r->oracle, &w) && routers_deliver(s, r->oracle, r->reach, false)) {
			loop_since = 0;
			continue;
		}
		char why[sizeof(s->why)];
		memcpy(why, s->why, sizeof(why));
		s->why[0] = '\0';
		if (!hosts_deliver(s, r->oracle, &loops) || !routers_deliver(s, r->oracle, r->reach, true))
			break;
		if (!loop_since)
			loop_since = s->now;
		if (s->now - loop_since > LOOP_MAX)
			return check_fail(s, "%s, for %lld ms", why, (long long)(s->now - loop_since) / TIME_MS);
	}
	return !s->why[0];
}

/* At that moment after the fault packets flow in the directions asked for. */
static bool
flows(struct sim *s, const struct segment *g, bool out, bool in)
{
	struct oracle *o = oracle_new(s);
	bool ok = hosts_deliver(s, o, &(struct walk){ .only = g, .out = out, .in = in });
	oracle_free(o);
	return ok && !s->why[0];
}

/* --- whom it strikes ------------------------------------------------------------------------------------ */

/* A LAN at rest with a backup, which of them by the seed; NULL: none. */
static struct port *
some_master(struct sim *s)
{
	for (size_t i = 0; i < s->seg_count; i++) {
		struct segment *g = &s->segs[(i + s->seed) % s->seg_count];
		size_t count, alive = 0;
		struct port *master = g->hosts ? hosts_master(g, &count) : NULL;
		for (size_t k = 0; k < g->port_count; k++)
			alive += hosts_on_air(g->ports[k]) && g->ports[k]->node->gate;
		if (master && count == 1 && alive > 1)
			return master;
	}
	return NULL;
}

/* 3 intervals and the longest skew of those who may take over. */
static int64_t
master_down(const struct hostlan *l)
{
	return 4 * (int64_t)l->interval_ms * TIME_MS;
}

static int64_t
takeover(const struct port *master)
{
	int64_t longest = 0;
	for (size_t i = 0; i < master->seg->port_count; i++) {
		struct vrrp_view v;
		const struct port *p = master->seg->ports[i];
		if (gate_view(p->node, p, &v) && v.master_down_interval > longest)
			longest = v.master_down_interval;
	}
	return longest;
}

static int64_t
longest_skew(const struct port *master)
{
	int64_t longest = 0;
	for (size_t i = 0; i < master->seg->port_count; i++) {
		struct vrrp_view v;
		const struct port *p = master->seg->ports[i];
		if (gate_view(p->node, p, &v) && v.skew > longest)
			longest = v.skew;
	}
	return longest;
}

/* --- trials ------------------------------------------------------------------------------------------------- */

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Frames vanish while the carrier stays. */
static bool
port_cut(struct sim *s, const char **what)
{
	struct port *p = some_master(s);
	if (!p)
		return true;
	*what = "the LAN port of a master cut silently";
	int64_t out = takeover(p), in = out, fault = s->now;
	if (p->seg->bfd) {
		out = sooner(out, SIM_BFD_DETECTION);
		/* as long as the session is up, the LAN is alive */
		in = sooner(in > SIM_BFD_DETECTION ? in : SIM_BFD_DETECTION, SIM_BFD_DETECTION + SUSPECTED);
	}
	p->silent = true;
	s->moved++;
	gateways_run(s, fault + out + SLACK);
	if (!flows(s, p->seg, true, false))
		return false;
	gateways_run(s, fault + in + SLACK);
	if (!flows(s, p->seg, true, true))
		return false;
	if (!p->dead)
		return check_fail(s, "r%u has not noticed that its LAN is dead", p->node->index);
	*what = "the LAN port of a master mended";
	struct rest r;
	rest_take(s, &r);
	p->silent = false;
	s->moved++;
	bool ok = nothing_lost(s, &r, NULL, 5 * TIME_SEC);
	rest_free(&r);
	return ok && settled(s, REST);
}

/* The switch forgets where the virtual MAC was and floods: the backup forwards at once. */
static bool
port_unplugged(struct sim *s, const char **what)
{
	struct port *p = some_master(s);
	if (!p)
		return true;
	*what = "the LAN port of a master without carrier";
	p->up = false;
	node_port_changed(p->node, p);
	if (!flows(s, p->seg, true, false))
		return false;
	gateways_run(s, s->now + 2 * SLACK);
	if (!flows(s, p->seg, true, true))
		return false;
	gateways_run(s, s->now + master_down(p->seg->hosts));
	*what = "the carrier of a master's LAN port is back";
	struct rest r;
	rest_take(s, &r);
	p->up = true;
	node_port_changed(p->node, p);
	bool ok = nothing_lost(s, &r, NULL, 5 * TIME_SEC);
	rest_free(&r);
	return ok && settled(s, REST);
}

static void
cables_of(struct node *n, bool up)
{
	for (size_t i = 0; i < n->port_count; i++) {
		struct segment *g = n->ports[i].seg;
		for (size_t k = 0; g && g->kind == SEG_P2P && k < g->port_count; k++) {
			if (g->ports[k]->node == n)
				continue;
			g->ports[k]->up = up;
			node_port_changed(g->ports[k]->node, g->ports[k]);
		}
	}
}

/* Its neighbours on LANs notice by BFD or by the dead interval, others by their carrier. */
static int64_t
noticed_after(const struct sim *s, const struct node *n)
{
	int64_t after = 0;
	for (size_t i = 0; i < n->port_count; i++) {
		const struct segment *g = n->ports[i].seg;
		if (!g || g->kind != SEG_LAN)
			continue;
		int64_t here = s->bfd && g->bfd ? SIM_BFD_DETECTION : DEAD_INTERVAL;
		if (here > after)
			after = here;
	}
	return after;
}

static bool
router_off(struct sim *s, const char **what)
{
	struct port *p = some_master(s);
	if (!p)
		return true;
	*what = "the master switched off";
	struct node *n = p->node;
	int64_t down = takeover(p), notice = noticed_after(s, n), fault = s->now;
	node_kill(n);
	cables_of(n, false);
	gateways_run(s, s->now + down + SLACK);
	if (!hosts_master(p->seg, &(size_t){ 0 }))
		return check_fail(s, "vrid %u: nobody has taken over", p->seg->hosts->vrid);
	gateways_run(s, fault + (notice > down ? notice : down) + MOMENT);
	if (!flows(s, NULL, true, true))
		return false;
	if (!settled(s, REST))
		return false;
	*what = "the master switched on again";
	struct rest r;
	rest_take(s, &r);
	cables_of(n, true);
	node_start(n);
	bool ok = nothing_lost(s, &r, n, 70 * TIME_SEC);
	rest_free(&r);
	return ok && settled(s, REST);
}

static void
uplinks(struct node *n, bool up)
{
	for (size_t i = 0; i < n->port_count; i++)
		if (n->ports[i].kind == PORT_SEGMENT) {
			n->ports[i].up = up;
			node_port_changed(n, &n->ports[i]);
		}
}

/* Another gateway there still has the route that it tracks. */
static bool
other_has_uplink(struct sim *s, const struct port *p)
{
	struct oracle *o = oracle_new(s);
	bool any = false;
	for (size_t i = 0; i < p->seg->port_count; i++) {
		const struct port *q = p->seg->ports[i];
		if (q == p || !hosts_on_air(q) || !q->node->gate || !q->node->tracked.afi)
			continue;
		struct oracle_route r;
		for (size_t k = 0; k < oracle_prefixes(o); k++)
			any |= oracle_route(o, q->node, k, &r) && prefix_equal(&r.route.prefix, &q->node->tracked);
	}
	oracle_free(o);
	return any;
}

static bool
uplink_lost(struct sim *s, const char **what)
{
	struct port *p = some_master(s);
	if (!p || !p->node->tracked.afi)
		return true;
	*what = "the uplinks of a master lost";
	int64_t skew = longest_skew(p);
	uplinks(p->node, false);
	if (other_has_uplink(s, p)) {
		gateways_run(s, s->now + skew + SLACK);
		struct port *now = hosts_master(p->seg, &(size_t){ 0 });
		if (!now || now == p)
			return check_fail(s, "vrid %u: r%u has no uplink, and is still master", p->seg->hosts->vrid,
				p->node->index);
	}
	gateways_run(s, s->now + DEAD_INTERVAL + MOMENT);
	if (!flows(s, p->seg, true, true))
		return false;
	*what = "the uplinks of a former master back";
	struct rest r;
	rest_take(s, &r);
	uplinks(p->node, true);
	bool ok = nothing_lost(s, &r, NULL, 70 * TIME_SEC);
	rest_free(&r);
	return ok && settled(s, REST);
}

static uint64_t
route_changes(const struct sim *s)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < s->node_count; i++)
		sum += s->nodes[i].route_changes;
	return sum;
}

/* Milliseconds: younger than its master-down interval the last advert has to be, on each of its LANs. */
static unsigned
back_in_time(const struct node *n)
{
	unsigned longest = 50;
	for (size_t i = 0; i < n->port_count; i++) {
		const struct hostlan *l = n->ports[i].seg ? n->ports[i].seg->hosts : NULL;
		if (l && 2 * l->interval_ms - 5 < longest)
			longest = 2 * l->interval_ms - 5;
	}
	return longest;
}

/* kill -9, back at once: nobody notices. Then for good: one router holds the address. */
static bool
vrrpd_dies(struct sim *s, const char **what)
{
	struct port *p = some_master(s);
	if (!p)
		return true;
	*what = "vrrpd of a master restarted";
	struct node *n = p->node;
	struct rest r;
	uint64_t changes = route_changes(s);
	int64_t down = takeover(p);
	size_t count;
	rest_take(s, &r);
	node_gate_kill(n);
	bool ok = nothing_lost(s, &r, NULL, (int64_t)(s->seed % back_in_time(n)) * TIME_MS);
	node_gate_start(n);
	ok = ok && nothing_lost(s, &r, NULL, 5 * TIME_SEC);
	if (ok && (hosts_master(p->seg, &count) != p || count != 1))
		ok = check_fail(s, "r%u is not the only master any more", n->index);
	if (ok && route_changes(s) != changes)
		ok = check_fail(s, "routes changed by a restart of r%u's vrrpd", n->index);
	if (ok) {
		*what = "vrrpd of a master dead";
		node_gate_kill(n);
		ok = nothing_lost(s, &r, NULL, (down > 100 * TIME_MS ? down : 100 * TIME_MS) + SLACK);
	}
	if (ok && (!hosts_master(p->seg, &count) || count != 1 || vdevs_hold(vkernel_devs(n->kernel), &p->seg->hosts->gateway)))
		ok = check_fail(s, "vrid %u: %zu routers hold its address after the death of a vrrpd", p->seg->hosts->vrid,
			count);
	ok = ok && nothing_lost(s, &r, NULL, 5 * TIME_SEC);
	if (ok)
		*what = "vrrpd of a former master back";
	node_gate_start(n);
	ok = ok && nothing_lost(s, &r, NULL, 5 * TIME_SEC);
	rest_free(&r);
	return ok && settled(s, REST);
}

static bool
routing_dies(struct sim *s, const char **what)
{
	struct port *p = some_master(s);
	if (!p)
		return true;
	*what = "zebra and ospfd of a master restarted";
	struct node *n = p->node;
	struct rest r;
	rest_take(s, &r);
	node_zebra_kill(n);
	node_ospf_kill(n);
	bool ok = nothing_lost(s, &r, NULL, (int64_t)(100 + s->seed % 400) * TIME_MS);
	node_zebra_start(n);
	node_ospf_start(n);
	ok = ok && nothing_lost(s, &r, NULL, 20 * TIME_SEC);
	if (ok && hosts_master(p->seg, &(size_t){ 0 }) != p)
		ok = check_fail(s, "r%u is not master any more", n->index);
	rest_free(&r);
	return ok && settled(s, REST);
}

bool
gateways_trials(struct sim *s, const char **what)
{
	static bool (*const trials[])(struct sim *, const char **) = { vrrpd_dies, routing_dies, port_cut, port_unplugged,
		router_off, uplink_lost };
	*what = "start of gateways";
	if (!settled(s, REST))
		return false;
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++)
		if (!trials[i](s, what) || s->why[0])
			return false;
	return true;
}
