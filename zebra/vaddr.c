/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual addresses; see vaddr.h. */
#include "zebra/vaddr.h"

#include <errno.h>
#include <string.h>

#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/iface.h"
#include "zebra/source.h"
#include "zebra/vlink.h"

#define VADDRS_MAX 16384 /* no client makes zebra hold more */

struct vaddrs *
vaddrs_new(void)
{
	struct vaddrs *s = mem_zalloc(sizeof(*s));
	TAILQ_INIT(&s->list);
	return s;
}

/* Forgets it; what is in the kernel stays. */
static void
vaddr_free(struct zebra *z, struct vaddr *a)
{
	timer_cancel(z->timers, &a->lease.timer);
	timer_cancel(z->timers, &a->step.retry);
	TAILQ_REMOVE(&z->vaddrs->list, a, link);
	z->vaddrs->count--;
	mem_free(a);
}

void
vaddrs_free(struct zebra *z)
{
	struct vaddr *a;
	while ((a = TAILQ_FIRST(&z->vaddrs->list)))
		vaddr_free(z, a);
	mem_free(z->vaddrs);
}

/* --- finding -------------------------------------------------------------------------------------- */

static struct vaddr *
vaddr_by_id(const struct zebra *z, const struct source *s, uint32_t id)
{
	struct vaddr *a;
	TAILQ_FOREACH(a, &z->vaddrs->list, link)
		if (a->lease.claimed && !a->removing && a->id == id && lease_of(&a->lease, s))
			return a;
	return NULL;
}

static bool
vaddr_is(const struct vaddr *a, uint32_t device, const struct ipaddr *address, uint8_t len)
{
	return a->device == device && a->len == len && !ipaddr_cmp(&a->address, address);
}

/* Somebody else's with the same contents. */
static struct vaddr *
vaddr_twin(const struct zebra *z, const struct vaddr *of)
{
	struct vaddr *a;
	TAILQ_FOREACH(a, &z->vaddrs->list, link)
		if (a != of && !a->removing && vaddr_is(a, of->device, &of->address, of->len))
			return a;
	return NULL;
}

static const struct kernel_addr *
vaddr_kernel(const struct zebra *z, const struct vaddr *a)
{
	const struct iface *i = a->device ? iface_find(z, a->device) : NULL;
	for (unsigned k = 0; i && i->present && k < i->addr_count; k++) {
		const struct kernel_addr *n = &i->addrs[k]->k;
		if (n->prefixlen == a->len && !n->peer.afi
			&& !ipaddr_cmp(&n->local, &a->address))
			return n;
	}
	return NULL;
}

bool
vaddr_present(const struct zebra *z, const struct vaddr *a)
{
	return vaddr_kernel(z, a) != NULL;
}

bool
vaddrs_on(const struct zebra *z, uint32_t device)
{
	const struct vaddr *a;
	TAILQ_FOREACH(a, &z->vaddrs->list, link)
		if (a->device == device && !a->removing)
			return true;
	return false;
}

int64_t
vaddr_longest_linger(const struct zebra *z, const struct source *s, int64_t least)
{
	const struct vaddr *a;
	int64_t longest = 0;
	TAILQ_FOREACH(a, &z->vaddrs->list, link)
		if (lease_of(&a->lease, s) && a->lease.linger > longest)
			longest = a->lease.linger;
	return longest ? longest : least;
}

/* --- accept mode ---------------------------------------------------------------------------------- */

/* What is sent to the address itself is dropped while one of those that hold it says so. */
static void
vaddr_filter(struct zebra *z, struct vaddr *a, bool drop)
{
	const struct vaddr *b;
	if (a->filtered == drop)
		return;
	a->filtered = drop;
	TAILQ_FOREACH(b, &z->vaddrs->list, link)
		if (b != a && b->filtered && !ipaddr_cmp(&b->address, &a->address))
			return;
	z->ops->filter(z->arg, &a->address, drop);
}

/* --- reconciling ---------------------------------------------------------------------------------- */

static void vaddr_again(void *arg, int64_t now);
static void vaddr_over(void *arg, int64_t now);

static uint8_t
vaddr_proto(const struct vaddr *a)
{
	return a->accept ? KERNEL_VADDR_PROTO : KERNEL_VADDR_DROP;
}

static bool
vaddr_push(struct zebra *z, struct vaddr *a, bool add)
{
	struct dplane_op op = {
		.kind = add ? DPLANE_ADDR : DPLANE_ADDR_DEL,
		.u.addr = {.ifindex = a->device, .local = a->address, .prefixlen = a->len, .virtual = true,
			.proto = vaddr_proto(a)},
	};
	return step_push(z, &a->step, &op, vaddr_again, a);
}

/* It lives until the kernel has taken the address away, or somebody else wants the same. */
static void
vaddr_remove(struct zebra *z, struct vaddr *a)
{
	const struct kernel_addr *k = vaddr_kernel(z, a);
	struct step *s = &a->step;
	bool ours = k ? kernel_addr_virtual(k) : s->pending || s->awaiting;
	if (!a->removing) {
		a->removing = true;
		a->lease.claimed = false;
		timer_cancel(z->timers, &a->lease.timer);
		vaddr_filter(z, a, false);
		s->error = 0;
	}
	if (!a->device || !ours || vaddr_twin(z, a)) {
		vaddr_free(z, a);
		return;
	}
	if (a->deleting || s->error)
		return; /* the result, or the timer, brings us back */
	if (!vaddrs_on(z, a->device))
		vlink_voice(z, a->device, false); /* before: leaving a group is told to the LAN */
	a->deleting = vaddr_push(z, a, false);
}

static uint32_t
vaddr_device(const struct zebra *z, const struct vaddr *a)
{
	return a->vlink ? vlink_ifindex(z, &a->lease, a->vlink) : a->parent;
}

/*
 * What an earlier client, or an earlier zebra, left is this one's from now on. The old entry is
 * only emptied (somebody may be walking over the list); its timer buries it.
 */
static void
vaddr_inherit(struct zebra *z, struct vaddr *a)
{
	struct vaddr *twin = a->device ? vaddr_twin(z, a) : NULL;
	if (!twin || twin->lease.claimed)
		return;
	a->since = twin->since;
	a->filtered = a->filtered || twin->filtered; /* so that it does not open in between */
	twin->filtered = false;
	twin->removing = true;
	twin->device = 0;
	timer_set(z->timers, &twin->lease.timer, z->now, vaddr_over, twin);
}

static void
vaddr_reconcile(struct zebra *z, struct vaddr *a)
{
	if (a->removing) {
		vaddr_remove(z, a);
		return;
	}
	if (!z->synced || z->stopping || !a->lease.claimed)
		return;
	uint32_t device = vaddr_device(z, a);
	if (device != a->device) {
		a->device = device;
		step_again(&a->step);
	}
	vaddr_inherit(z, a);
	const struct iface *i = device ? iface_find(z, device) : NULL;
	/* the kernel takes an IPv6 address on a link that is down, but flushes it when it goes down */
	if (!i || !i->present || (a->address.afi == AFI_IP6 && !kernel_link_up(&i->k)))
		return;
	const struct kernel_addr *k = vaddr_kernel(z, a);
	if (step_idle(&a->step) && (!k || (kernel_addr_virtual(k) && k->proto != vaddr_proto(a)))) {
		vlink_voice(z, device, true);
		if (!vaddr_push(z, a, true))
			return;
		a->repaired += !k && a->since;
		a->since = a->since ? a->since : z->now;
	}
	vaddr_filter(z, a, !a->accept);
}

static void
vaddr_again(void *arg, int64_t now)
{
	struct vaddr *a = arg;
	struct zebra *z = a->z;
	core_enter(z, now);
	step_again(&a->step);
	vaddr_reconcile(z, a);
	core_leave(z);
}

void
vaddr_done(struct zebra *z, const struct dplane_op *op, int err)
{
	struct vaddr *a;
	char text[IPADDR_STRLEN];
	TAILQ_FOREACH(a, &z->vaddrs->list, link)
		if (a->step.serial == op->cookie)
			break;
	if (err && err != ENODEV)
		core_log(z, "zebra.address-refused", "address=%s ifindex=%u error=\"%s\"",
			ipaddr_print(&op->u.addr.local, text), op->u.addr.ifindex, strerror(err));
	if (!a)
		return;
	bool look = step_done(z, &a->step, err, vaddr_again, a);
	if (a->removing && op->kind == DPLANE_ADDR_DEL) {
		a->deleting = false;
		if (err && err != ENODEV)
			return;
		core_log(z, "zebra.vaddress-removed", "address=%s ifindex=%u",
			ipaddr_print(&a->address, text), a->device);
		vaddr_free(z, a);
	} else if (look && !a->removing) {
		vaddr_reconcile(z, a);
	}
}

/* --- the kernel ----------------------------------------------------------------------------------- */

void
vaddrs_vlink_moved(struct zebra *z, const struct lease *of, uint32_t vlink)
{
	struct vaddr *a, *next;
	for (a = TAILQ_FIRST(&z->vaddrs->list); a; a = next) {
		next = TAILQ_NEXT(a, link);
		if (a->vlink == vlink && a->lease.claimed && a->lease.proto == of->proto
			&& a->lease.instance == of->instance)
			vaddr_reconcile(z, a);
	}
}

void
vaddrs_link_event(struct zebra *z, uint32_t ifindex)
{
	struct vaddr *a, *next;
	for (a = TAILQ_FIRST(&z->vaddrs->list); a; a = next) {
		next = TAILQ_NEXT(a, link);
		if (a->device == ifindex)
			vaddr_reconcile(z, a);
	}
}

static struct vaddr *
vaddr_add(struct zebra *z)
{
	struct vaddr *a = mem_zalloc(sizeof(*a));
	a->z = z;
	a->step.serial = vlinks_serial(z);
	TAILQ_INSERT_TAIL(&z->vaddrs->list, a, link);
	z->vaddrs->count++;
	return a;
}

static void
vaddr_over(void *arg, int64_t now)
{
	struct vaddr *a = arg;
	struct zebra *z = a->z;
	core_enter(z, now);
	vaddr_remove(z, a);
	core_leave(z);
}

/* Ours by its mark, and nobody's. */
static void
vaddr_found(struct zebra *z, const struct kernel_addr *k)
{
	struct vaddr *a = vaddr_add(z);
	a->device = k->ifindex;
	a->address = k->local;
	a->len = k->prefixlen;
	a->accept = k->proto != KERNEL_VADDR_DROP;
	a->since = z->now;
	lease_found(z, &a->lease, vaddr_over, a);
	vaddr_filter(z, a, !a->accept);
}

static bool
vaddr_orphan(const struct zebra *z, const struct kernel_addr *k)
{
	const struct vaddr *a;
	if (!kernel_addr_virtual(k))
		return false;
	TAILQ_FOREACH(a, &z->vaddrs->list, link)
		if (vaddr_is(a, k->ifindex, &k->local, k->prefixlen))
			return false;
	return true;
}

void
vaddrs_addr_event(struct zebra *z, const struct kernel_addr *k, bool gone)
{
	struct vaddr *a, *next;
	for (a = TAILQ_FIRST(&z->vaddrs->list); a; a = next) {
		next = TAILQ_NEXT(a, link);
		if (!vaddr_is(a, k->ifindex, &k->local, k->prefixlen))
			continue;
		step_event(z, &a->step);
		vaddr_reconcile(z, a);
	}
	if (z->synced && !gone && vaddr_orphan(z, k))
		vaddr_found(z, k);
}

void
vaddrs_resynced(struct zebra *z)
{
	struct vaddr *a, *next;
	for (a = TAILQ_FIRST(&z->vaddrs->list); a; a = next) {
		next = TAILQ_NEXT(a, link);
		step_again(&a->step);
		vaddr_reconcile(z, a);
	}
}

void
vaddrs_start(struct zebra *z)
{
	for (unsigned n = 0; n < z->ifaces->count; n++) {
		const struct iface *i = z->ifaces->items[n];
		for (unsigned k = 0; i->present && k < i->addr_count; k++)
			if (vaddr_orphan(z, &i->addrs[k]->k))
				vaddr_found(z, &i->addrs[k]->k);
	}
	vaddrs_resynced(z);
}

/* --- clients -------------------------------------------------------------------------------------- */

static void
vaddr_want(struct zebra *z, const struct source *s, const struct zebra_vaddress *want)
{
	struct vaddr *a = vaddr_by_id(z, s, want->id);
	if (a && (a->vlink != want->vlink || a->parent != want->ifindex || a->len != want->len
			 || ipaddr_cmp(&a->address, &want->address))) {
		vaddr_remove(z, a);
		a = NULL;
	}
	if (!a)
		a = vaddr_add(z);
	a->id = want->id;
	a->vlink = want->vlink;
	a->parent = want->ifindex;
	a->address = want->address;
	a->len = want->len;
	a->accept = want->accept;
	lease_claim(z, &a->lease, s, want->linger);
	vaddr_reconcile(z, a);
}

bool
zebra_vaddress_wanted(struct zebra *z, uint32_t client, const struct zebra_vaddress *want, int64_t now)
{
	const struct source *s = source_client(z, client);
	if (!s || !want->address.afi || want->len > afi_bits(want->address.afi) || ipaddr_is_zero(&want->address) || ipaddr_is_loopback(&want->address)
		|| ipaddr_is_multicast(&want->address)
		|| (!want->vlink && !want->ifindex) || z->vaddrs->count >= VADDRS_MAX)
		return false;
	core_enter(z, now);
	vaddr_want(z, s, want);
	core_leave(z);
	return true;
}

void
zebra_vaddress_unwanted(struct zebra *z, uint32_t client, uint32_t id, int64_t now)
{
	const struct source *s = source_client(z, client);
	struct vaddr *a = s ? vaddr_by_id(z, s, id) : NULL;
	if (!a)
		return;
	core_enter(z, now);
	vaddr_remove(z, a);
	core_leave(z);
}

void
vaddr_client_closed(struct zebra *z, const struct source *s)
{
	struct vaddr *a;
	TAILQ_FOREACH(a, &z->vaddrs->list, link)
		if (a->lease.claimed && lease_of(&a->lease, s))
			lease_closed(z, &a->lease, vaddr_over, a);
}

void
vaddr_replay_ended(struct zebra *z, const struct source *s)
{
	struct vaddr *a, *next;
	for (a = TAILQ_FIRST(&z->vaddrs->list); a; a = next) {
		next = TAILQ_NEXT(a, link);
		if (!a->removing && !a->lease.claimed && lease_of(&a->lease, s))
			vaddr_remove(z, a);
	}
}

void
vaddrs_withdraw(struct zebra *z)
{
	struct vaddr *a, *next;
	for (a = TAILQ_FIRST(&z->vaddrs->list); a; a = next) {
		next = TAILQ_NEXT(a, link);
		vaddr_remove(z, a);
	}
}
