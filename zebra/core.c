/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instance, its entry points, and the settling that ends each of them:
 *
 *	while something moves:  next-hop tracking -> groups -> walks over their routes
 *	then:  groups and routes that waited for room -> sweeps -> redistribution -> barriers
 */
#include "zebra/core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "zebra/config.h"
#include "zebra/core_parts.h"

#define SLICE     2500  /* routes worked on in one go: a ms or two */
#define CONGESTED 20000 /* destinations that wait for room */

struct zebra *
zebra_new(const struct zebra_ops *ops, void *arg, struct timers *timers, uint64_t seed)
{
	struct zebra *z = mem_zalloc(sizeof(*z));
	z->ops = ops;
	z->arg = arg;
	z->timers = timers;
	z->seed = seed;
	z->rib = rib_new();
	nhgs_new(z);
	z->nht = nht_new();
	z->redist = redist_new();
	z->ifaces = ifaces_new();
	z->gates = gates_new();
	z->tracks = tracks_new();
	z->repairs = repairs_new();
	z->statics = statics_new();
	z->routerid = mem_zalloc(sizeof(*z->routerid));
	z->sweep = sweep_new();
	z->lans = lans_new();
	z->detours = detours_new();
	z->vlinks = vlinks_new();
	z->vaddrs = vaddrs_new();
	for (unsigned i = 0; i < PROTO_OWN; i++)
		source_new(z, (enum protocol_id)i, 0);
	rib_table_index(z, 0, true);
	return z;
}

void
zebra_free(struct zebra *z)
{
	if (!z)
		return;
	for (unsigned i = 0; i < z->source_count; i++)
		source_free(z->sources[i]);
	vaddrs_free(z);
	vlinks_free(z);
	detours_free(z);
	lans_free(z);
	sweep_free(z);
	tracks_free(z);
	gates_free(z);
	repairs_free(z->repairs);
	mem_free(z->routerid);
	statics_free(z->statics);
	ifaces_free(z->ifaces);
	redist_free(z->redist);
	nhgs_free(z);
	nht_free(z->nht);
	rib_free(z->rib);
	mem_free(z);
}

void
zebra_keeper_known(struct zebra *z, uint8_t afi)
{
	z->keeper[afi] = true;
}

void
zebra_bfd_expected(struct zebra *z)
{
	z->writes_held = true;
}

void
core_log(struct zebra *z, const char *event, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	z->ops->log(z->arg, event, text);
}

/* --- settling ------------------------------------------------------------------------------------- */

/* What was taken from clients that want results is done when this barrier comes back. */
static void
push_barriers(struct zebra *z)
{
	if (z->rib->dirty.count || z->rib->stalled)
		return; /* not all of it is in the ring yet */
	for (unsigned i = PROTO_OWN; i < z->source_count; i++) {
		struct source *s = z->sources[i];
		if (!s->connected || !s->want_results || s->seq_pushed == s->seq_wanted)
			continue;
		struct dplane_op op = {.kind = DPLANE_NOP, .id = s->id, .cookie = s->seq_wanted,
			.generation = s->epoch};
		if (!z->ops->write(z->arg, &op)) {
			z->rib->stalled = true;
			return;
		}
		s->seq_pushed = s->seq_wanted;
	}
}

/* True: nothing is left that needs no event. */
static bool
settle(struct zebra *z)
{
	unsigned budget = SLICE;
	bool done;
	nht_settled(z);
	do {
		done = nht_run(z);
		done = nhgs_run(z) && done && TAILQ_EMPTY(&z->nht->dirty);
		done = rib_walks_run(z, &budget) && done && !z->rib->changed_count;
		done = tracks_run(z) && done;
		done = detours_run(z) && done;
	} while (!done && budget);
	if (!z->rib->stalled)
		kgroups_run(z);
	done = fib_run(z, &budget) && done;
	done = source_sweep_all(z, &budget) && done && !z->rib->changed_count;
	done = import_run(z, &budget) && done;
	done = sweep_run(z, &budget) && done;
	done = redist_run(z, &budget) && done;
	redist_flush(z);
	if (!z->rib->stalled)
		done = kgroups_run(z) && nh_legs_run(z) && done && TAILQ_EMPTY(&z->nhgs->idle);
	push_barriers(z);
	ready_run(z, done);
	vlinks_run(z);
	return done;
}

void
core_enter(struct zebra *z, int64_t now)
{
	z->now = now;
	z->settling++;
}

void
core_leave(struct zebra *z)
{
	if (--z->settling)
		return;
	z->settling++;
	bool done = settle(z);
	repair_settled(z);
	z->settling--;
	if (!done)
		z->ops->work(z->arg);
}

bool
zebra_run(struct zebra *z, int64_t now)
{
	z->now = now;
	z->settling++;
	bool done = settle(z);
	z->settling--;
	return !done;
}

bool
zebra_synced(const struct zebra *z)
{
	return z->synced;
}

bool
zebra_congested(const struct zebra *z)
{
	return z->rib->stalled || z->rib->dirty.count - z->rib->dirty.head > CONGESTED;
}

/* --- the kernel ----------------------------------------------------------------------------------- */

/* NUD_FAILED of <linux/neighbour.h>; NUD_NOARP and the valid states mean that it answers. */
#define NEIGH_FAILED 0x20

static void
neigh_changed(struct zebra *z, const struct kernel_neigh *n, bool gone)
{
	nh_leg_neigh_changed(z, n->ifindex, &n->addr, !gone && n->state & NEIGH_FAILED);
}

static void
link_event(struct zebra *z, const void *object, bool gone)
{
	const struct kernel_link *l = object;
	if (gone)
		iface_link_gone(z, l->ifindex);
	else
		iface_link_changed(z, l);
}

static void
addr_event(struct zebra *z, const void *object, bool gone)
{
	if (gone)
		iface_addr_gone(z, object);
	else
		iface_addr_changed(z, object);
	vaddrs_addr_event(z, object, gone);
}

static void
neigh_event(struct zebra *z, const void *object, bool gone)
{
	neigh_changed(z, object, gone);
}

static void
nexthop_event(struct zebra *z, const void *object, bool gone)
{
	const struct kernel_nexthop *nh = object;
	if (gone)
		sweep_nexthop_gone(z, nh->id);
	else
		sweep_nexthop(z, nh);
}

static void
route_event(struct zebra *z, const void *object, bool gone)
{
	import_route(z, object, gone);
}

static void (*const kernel_events[KERNEL_KINDS])(struct zebra *z, const void *object, bool gone) = {
	[KERNEL_LINK] = link_event,
	[KERNEL_ADDR] = addr_event,
	[KERNEL_NEIGH] = neigh_event,
	[KERNEL_NEXTHOP] = nexthop_event,
	[KERNEL_ROUTE] = route_event,
};

void
zebra_kernel_changed(struct zebra *z, enum kernel_kind kind, const void *object, bool gone, int64_t now)
{
	core_enter(z, now);
	kernel_events[kind](z, object, gone);
	core_leave(z);
}

void
zebra_routes_flushed(struct zebra *z, uint32_t ifindex, int64_t now)
{
	core_enter(z, now);
	import_iface_down(z, ifindex);
	core_leave(z);
}

static void
first_dump_complete(struct zebra *z)
{
	z->synced = true;
	routerid_changed(z);
	sweep_start(z);
	vlinks_start(z);
	vaddrs_start(z);
	gates_start(z);
	ready_changed(z);
	for (unsigned i = 0; i < z->ifaces->count; i++)
		iface_conf_apply(z, z->ifaces->items[i]);
}

void
zebra_kernel_resync(struct zebra *z, enum kernel_kind kind, bool begin, int64_t now)
{
	core_enter(z, now);
	if (kind == KERNEL_LINK || kind == KERNEL_ADDR)
		iface_resync(z, kind == KERNEL_ADDR, begin);
	if (kind == KERNEL_LINK && !begin)
		vlinks_resynced(z);
	if (kind == KERNEL_ADDR && !begin)
		vaddrs_resynced(z);
	if (kind == KERNEL_NEXTHOP)
		sweep_nexthop_resync(z, begin);
	else if (kind == KERNEL_ROUTE && z->synced)
		import_resync(z, begin);
	else if (kind == KERNEL_ROUTE && !begin)
		first_dump_complete(z);
	core_leave(z);
}

static void
barrier_done(struct zebra *z, const struct dplane_op *op)
{
	if (!op->id) {
		ready_barrier_done(z, op->cookie);
		return;
	}
	struct source *s = source_client(z, op->id);
	struct zebra_results r = {.sequence = op->cookie};
	if (s && s->epoch == (uint8_t)op->generation)
		z->ops->results(z->arg, s->id, &r);
}

void
zebra_dplane_done(struct zebra *z, const struct dplane_op *op, int err, int64_t now)
{
	z->now = now;
	if (op->kind == DPLANE_ROUTE || op->kind == DPLANE_ROUTE_DEL) {
		fib_done(z, op, err); /* a million times: nothing to settle */
		return;
	}
	core_enter(z, now);
	if (op->kind == DPLANE_NOP)
		barrier_done(z, op);
	else if (op->kind == DPLANE_NEXTHOP)
		nh_leg_done(z, op, err);
	else if (op->kind == DPLANE_GROUP)
		kgroup_done(z, op, err);
	else if (op->kind == DPLANE_ADDR || op->kind == DPLANE_ADDR_DEL)
		vaddr_done(z, op, err);
	else
		vlink_done(z, op, err);
	core_leave(z);
}

void
zebra_dplane_writable(struct zebra *z, int64_t now)
{
	core_enter(z, now);
	z->rib->stalled = false;
	core_leave(z);
}

/* --- what concerns many parts --------------------------------------------------------------------- */

void
core_client_gone(struct zebra *z, struct source *s)
{
	nht_client_gone(z, s->id);
	redist_client_gone(z, s->id);
	lan_client_closed(z, s);
	vaddr_client_closed(z, s);
	vlink_client_closed(z, s);
	tracks_client_gone(z, s->id);
}

void
core_replay_ended(struct zebra *z, struct source *s)
{
	lan_replay_ended(z, s);
	vaddr_replay_ended(z, s);
	vlink_replay_ended(z, s);
}

void
core_link_changed(struct zebra *z, struct iface *i, bool came_or_went)
{
	if (came_or_went) {
		statics_iface_changed(z);
		tracks_links_changed(z);
	}
	vlinks_link_event(z, i);
	if (i->present)
		vaddrs_link_event(z, i->k.ifindex);
}

/* --- clients (sessions and groups are in source.c) -------------------------------------------------- */

void
zebra_client_sync(struct zebra *z, uint32_t client, int64_t now)
{
	z->now = now;
	iface_tell_client(z, client);
	z->ops->router_id(z->arg, client, z->routerid->current);
	lan_tell_client(z, client);
	ready_tell_client(z, client);
}

bool
zebra_routes_changed(struct zebra *z, uint32_t client, const struct zebra_batch *b, int64_t now)
{
	struct source *s = source_client(z, client);
	if (!s || (b->afi != AFI_IP4 && b->afi != AFI_IP6) || b->safi > 1)
		return false;
	bool ok = true;
	core_enter(z, now);
	struct route_attrs a = {
		.nhg = b->withdraw ? NULL : source_group_nhg(s, b->group, b->afi),
		.table = b->table,
		.metric = b->metric,
		.tag = b->tag,
		.distance = b->distance ? b->distance : s->row->distance,
		.kind = b->kind,
	};
	s->last_read = now;
	s->batches++;
	if (b->sequence)
		s->seq_wanted = b->sequence;
	for (size_t at = 0; ok && (b->withdraw || a.nhg) && at < b->len;) {
		struct prefix p;
		size_t n = prefix_unpack(b->afi, b->prefixes + at, b->len - at, &p);
		ok = n > 0;
		at += n;
		if (ok && b->withdraw)
			rib_route_del(z, s, b->table, &p, 0);
		else if (ok)
			ok = rib_route_set(z, s, &p, 0, &a);
	}
	core_leave(z);
	return ok && (b->withdraw || a.nhg);
}

void
zebra_nht_wanted(struct zebra *z, uint32_t client, const struct ipaddr *a, bool via_default, bool on,
	int64_t now)
{
	if (!source_client(z, client) || !a->afi)
		return;
	core_enter(z, now);
	nht_want(z, client, a, via_default, on);
	core_leave(z);
}

bool
zebra_redistribute_wanted(struct zebra *z, uint32_t client, const char *protocol, uint8_t afi, bool on,
	int64_t now)
{
	if (!source_client(z, client))
		return false;
	core_enter(z, now);
	bool ok = redist_want(z, client, protocol, afi, on);
	core_leave(z);
	return ok;
}

/* --- BFD ------------------------------------------------------------------------------------------ */

/* A session without an interface is on each whose addresses cover the peer. */
static void
leg_changed(struct zebra *z, uint32_t ifindex, const struct ipaddr *gateway, const struct leg_event *e)
{
	if (ifindex) {
		nh_leg_bfd_changed(z, ifindex, gateway, e);
		return;
	}
	for (unsigned n = 0; n < z->ifaces->count; n++)
		if (iface_covers(z->ifaces->items[n], gateway))
			nh_leg_bfd_changed(z, z->ifaces->items[n]->k.ifindex, gateway, e);
}

void
zebra_bfd_changed(struct zebra *z, const struct bfdclient_state *s, int64_t now)
{
	bool down = s->liveness == BFD_LIVE_DOWN && !s->gone;
	bool silent = s->gone || s->liveness == BFD_LIVE_UNKNOWN;
	const struct leg_event e = {.up = !down, .silent = silent, .sequence = s->sequence, .at = s->at,
		.cause = down ? "BFD down" : s->liveness == BFD_LIVE_UP ? "BFD up" : "BFD says nothing any more"};
	core_enter(z, now);
	if (s->id)
		gates_bfd_told(z, s);
	else if (!s->multihop)
		leg_changed(z, s->ifindex, &s->peer, &e);
	core_leave(z);
}

void
zebra_bfd_synced(struct zebra *z, int64_t now)
{
	core_enter(z, now);
	z->writes_held = false;
	core_leave(z);
}

/* --- configuration -------------------------------------------------------------------------------- */

static void
forwarding_apply(struct zebra *z, const struct zconf_root *old, const struct zconf_root *new)
{
	/* left as the kernel has it until somebody says something */
	if (new->forwarding4_set || old->forwarding4_set)
		z->ops->forwarding(z->arg, AFI_IP4, new->forwarding4);
	if (new->forwarding6_set || old->forwarding6_set)
		z->ops->forwarding(z->arg, AFI_IP6, new->forwarding6);
}

void
zebra_reconfigure(struct zebra *z, const struct conf_object *old, const struct conf_object *new, int64_t now)
{
	static const struct zconf_root nothing;
	const struct zconf_root *o = old ? conf_data(old) : &nothing;
	const struct zconf_root *n = new ? conf_data(new) : &nothing;
	core_enter(z, now);
	if (memcmp(o, n, sizeof(*o)))
		forwarding_apply(z, o, n);
	nht_set_via_default(z, n->via_default_set ? n->via_default : true);
	iface_reconfigure(z, old, new);
	tracks_reconfigure(z, old, new);
	bool held = z->writes_held;
	z->writes_held |= !old; /* all routes of the first one are weighed before any is written */
	statics_reconfigure(z, old, new);
	z->writes_held = held;
	routerid_configure(z, n->router_id);
	core_leave(z);
	if (!old) { /* the first one: what it does not claim is not ours any more */
		core_enter(z, now);
		gates_claim_statics(z);
		sweep_claimed(z, source_own(z, PROTO_DETOUR)->row->rtproto);
		core_leave(z);
	}
}

/* --- the end -------------------------------------------------------------------------------------- */

void
zebra_withdraw_all(struct zebra *z, int64_t now)
{
	core_enter(z, now);
	z->stopping = true;
	z->writes_held = false; /* nothing is revived any more */
	for (unsigned i = 0; i < z->source_count; i++) {
		struct source *s = z->sources[i];
		struct nhg *g;
		if (s->row->kernel_owned)
			continue;
		source_new_epoch(s);
		s->sweeping = true;
		TAILQ_FOREACH(g, &s->nhgs, of_source)
			rib_group_walk(z, g);
	}
	sweep_claimed_all(z);
	vaddrs_withdraw(z);
	vlinks_withdraw(z);
	core_leave(z);
}
