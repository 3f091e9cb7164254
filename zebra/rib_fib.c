/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wanted and actual. fib_sync writes the difference at once; a full ring leaves the destination in
 * the dirty queue, which goes on when there is room and is never longer than the table. A refused
 * operation puts it in the failed list, tried again when something changed or by a timer.
 */
#include "zebra/rib_fib.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/nhg.h"
#include "zebra/redist.h"
#include "zebra/source.h"
#include "zebra/track.h"

static const uint8_t special_type[LEG_SPECIALS] = {
	[LEG_FORWARD] = RTN_UNICAST,
	[LEG_BLACKHOLE] = RTN_BLACKHOLE,
	[LEG_UNREACHABLE] = RTN_UNREACHABLE,
	[LEG_PROHIBIT] = RTN_PROHIBIT,
};

void
dest_list_push(struct dest_list *l, struct rib_dest *d)
{
	if (l->count == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 256;
		l->items = mem_realloc(l->items, l->cap * sizeof(struct rib_dest *));
	}
	l->items[l->count++] = d;
}

void
fib_queue(struct zebra *z, struct rib_dest *d)
{
	if (d->flags & DEST_QUEUED)
		return;
	d->flags |= DEST_QUEUED;
	dest_list_push(&z->rib->dirty, d);
}

static void
fib_set_installed(struct zebra *z, struct rib_dest *d, bool yes)
{
	if (yes == !!(d->flags & DEST_INSTALLED))
		return;
	d->flags ^= DEST_INSTALLED;
	z->rib->installed += yes ? 1 : (uint64_t)-1;
	if (!d->table)
		z->rib->fib_count[d->fib_proto][d->afi] += yes ? 1 : (uint64_t)-1;
}

void
fib_set(struct zebra *z, struct rib_dest *d, struct kgroup *kg, uint8_t rtproto)
{
	struct kgroup *old = d->fib;
	if (kg)
		kgroup_ref(kg);
	d->fib = kg;
	d->fib_proto = rtproto;
	if (old)
		kgroup_unref(z, old);
}

static bool
fib_push(struct zebra *z, struct rib_dest *d, struct kgroup *kg, uint8_t rtproto)
{
	struct dplane_op op = {
		.kind = kg ? DPLANE_ROUTE : DPLANE_ROUTE_DEL,
		.protocol = rtproto,
		.type = kg ? special_type[kg->special] : 0,
		.table = z->rib->tables[d->table].id,
		.metric = DPLANE_METRIC,
		.id = kg && !kg->special ? kg->id : 0,
		.cookie = (uintptr_t)d,
		.generation = (uint16_t)(d->generation + 1),
		.u.route.prefix = rib_dest_prefix(d),
	};
	if (!z->ops->write(z->arg, &op)) {
		z->rib->stalled = true;
		z->stats.stalls++;
		return false;
	}
	d->generation++;
	d->flags |= DEST_PENDING;
	rib_dest_seen(z->rib, d);
	fib_set_installed(z, d, false);
	if (kg)
		z->stats.routes_written++;
	else
		z->stats.routes_deleted++;
	return true;
}

/* Its only hope is a group that is held: what is in the kernel stays for the moment. */
static bool
fib_held(const struct zebra *z, const struct rib_dest *d)
{
	const struct rib_route *r;
	if (!d->fib || d->fib->lost || !d->fib->owner || !d->fib->owner->holding || z->stopping)
		return false;
	for (r = d->routes; r; r = r->next)
		if (r->nhg == d->fib->owner)
			return true;
	return false;
}

/* False: no room, it stays to be done. */
static bool
fib_try(struct zebra *z, struct rib_dest *d)
{
	struct rib_route *sel = z->stopping ? NULL : rib_dest_selected(d);
	if (d->flags & DEST_ADOPTED && !z->stopping) {
		if (sel)
			d->flags |= DEST_CLAIMED;
		else if (!(d->flags & DEST_CLAIMED))
			return true; /* sweep.c decides about it */
	}
	if (!sel && fib_held(z, d))
		return true;
	if (!sel || sel->nhg->source->row->kernel_owned || !sel->nhg->source->row->rtproto) {
		if (!d->fib && !d->error)
			return true;
		if ((!d->fib || !d->fib->lost) && !fib_push(z, d, NULL, d->fib_proto))
			return false;
		d->error = 0;
		fib_set(z, d, NULL, 0);
		return true;
	}
	struct kgroup *kg = kgroup_of(z, sel->nhg, d->fib);
	uint8_t rtproto = sel->nhg->source->row->rtproto;
	if (d->fib == kg && d->fib_proto == rtproto)
		return true;
	if (!kgroup_ready(z, kg))
		return false;
	if (!fib_push(z, d, kg, rtproto))
		return false;
	fib_set(z, d, kg, rtproto);
	return true;
}

void
fib_sync(struct zebra *z, struct rib_dest *d)
{
	if (d->flags & DEST_QUEUED)
		return; /* its turn comes */
	/* before the first dump is complete we do not know what is there already, before BFD's what is dead */
	if (!z->synced || z->writes_held || z->rib->stalled || !fib_try(z, d))
		fib_queue(z, d);
}

void
fib_lost(struct zebra *z, struct rib_dest *d)
{
	fib_set_installed(z, d, false);
	if (d->fib)
		fib_set(z, d, NULL, 0);
	fib_sync(z, d);
	rib_dest_release(z, d);
}

bool
fib_run(struct zebra *z, unsigned *budget)
{
	struct dest_list *l = &z->rib->dirty;
	while (z->synced && !z->writes_held && !z->rib->stalled && l->head < l->count) {
		if (!*budget)
			return false;
		--*budget;
		struct rib_dest *d = l->items[l->head];
		if (!fib_try(z, d))
			break;
		l->head++;
		d->flags &= (uint8_t)~DEST_QUEUED;
		rib_dest_release(z, d);
	}
	if (l->head == l->count) {
		l->head = l->count = 0;
		if (l->cap > 65536) {
			mem_free(l->items);
			l->items = NULL;
			l->cap = 0;
		}
	}
	return true;
}

static void
fib_failed(struct zebra *z, struct rib_dest *d, int err)
{
	z->stats.routes_failed++;
	tracks_fib_note(z);
	d->error = err > 255 ? EIO : (uint8_t)err;
	/* what the kernel has now is unknown: next time it is written, or deleted, all the same */
	if (d->fib)
		fib_set(z, d, NULL, d->fib_proto);
	if (!(d->flags & DEST_FAILED)) {
		d->flags |= DEST_FAILED;
		dest_list_push(&z->rib->failed, d);
	}
	struct rib_route *sel = rib_dest_selected(d);
	if (sel && sel->nhg->source->connected && sel->nhg->source->want_results) {
		struct zebra_results res = {.failed = rib_dest_prefix(d), .error = err};
		z->ops->results(z->arg, sel->nhg->source->id, &res);
	}
	nhgs_failed(z);
}

void
fib_done(struct zebra *z, const struct dplane_op *op, int err)
{
	struct rib_dest *d = (struct rib_dest *)(uintptr_t)op->cookie;
	if ((uint16_t)op->generation != d->generation || !(d->flags & DEST_PENDING)) {
		z->stats.results_stale++; /* a newer operation is on its way and will tell */
		return;
	}
	d->flags &= (uint8_t)~DEST_PENDING;
	if (err) {
		fib_failed(z, d, err);
		return;
	}
	d->error = 0;
	if (d->fib)
		fib_set_installed(z, d, true);
	tracks_fib_note(z);
	rib_dest_release(z, d);
}

void
fib_retry_failed(struct zebra *z)
{
	struct dest_list *l = &z->rib->failed;
	for (size_t i = 0; i < l->count; i++) {
		struct rib_dest *d = l->items[i];
		d->flags &= (uint8_t)~DEST_FAILED;
		fib_queue(z, d);
	}
	l->count = 0;
}
