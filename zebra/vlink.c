/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual links; see vlink.h. */
#include "zebra/vlink.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/iface.h"
#include "zebra/source.h"
#include "zebra/vaddr.h"

#define VLINKS_MAX 4096 /* no client makes zebra hold more */

struct vlinks *
vlinks_new(void)
{
	struct vlinks *s = mem_zalloc(sizeof(*s));
	TAILQ_INIT(&s->list);
	return s;
}

uint64_t
vlinks_serial(struct zebra *z)
{
	return UINT64_C(1) << 32 | ++z->vlinks->serials;
}

/* Forgets it; what is in the kernel stays. */
static void
vlink_free(struct zebra *z, struct vlink *v)
{
	timer_cancel(z->timers, &v->lease.timer);
	timer_cancel(z->timers, &v->step.retry);
	TAILQ_REMOVE(&z->vlinks->list, v, link);
	z->vlinks->count--;
	mem_free(v);
}

void
vlinks_free(struct zebra *z)
{
	struct vlink *v;
	while ((v = TAILQ_FIRST(&z->vlinks->list)))
		vlink_free(z, v);
	timer_cancel(z->timers, &z->vlinks->retry);
	mem_free(z->vlinks);
}

/* --- finding -------------------------------------------------------------------------------------- */

static struct vlink *
vlink_by_id(const struct zebra *z, const struct source *s, uint32_t id)
{
	struct vlink *v;
	TAILQ_FOREACH(v, &z->vlinks->list, link)
		if (v->lease.claimed && !v->removing && v->id == id && lease_of(&v->lease, s))
			return v;
	return NULL;
}

static struct vlink *
vlink_by_name(const struct zebra *z, const char *name)
{
	struct vlink *v;
	TAILQ_FOREACH(v, &z->vlinks->list, link)
		if (!v->removing && !strcmp(v->name, name))
			return v;
	return NULL;
}

static struct iface *
vlink_iface(const struct zebra *z, const struct vlink *v)
{
	struct iface *i = iface_by_name(z, v->name);
	return i && i->present ? i : NULL;
}

/* By index while it is there, then by name: it may come back with another index. */
static struct iface *
vlink_parent(const struct zebra *z, struct vlink *v)
{
	struct iface *p = v->parent ? iface_find(z, v->parent) : NULL;
	if ((!p || !p->present) && v->parent_name[0])
		p = iface_by_name(z, v->parent_name);
	if (!p || !p->present)
		return NULL;
	v->parent = p->k.ifindex;
	snprintf(v->parent_name, sizeof(v->parent_name), "%s", p->k.name);
	return p;
}

uint32_t
vlink_ifindex(const struct zebra *z, const struct lease *of, uint32_t id)
{
	const struct vlink *v;
	TAILQ_FOREACH(v, &z->vlinks->list, link)
		if (!v->removing && v->lease.claimed && v->id == id && v->lease.proto == of->proto
			&& v->lease.instance == of->instance)
			return v->told_ifindex;
	return 0;
}

/* --- telling -------------------------------------------------------------------------------------- */

static void __attribute__((format(printf, 2, 3)))
vlink_trouble(struct vlink *v, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(v->error, sizeof(v->error), fmt, ap);
	va_end(ap);
}

/* usable: the link in the kernel, if it is as wanted. */
static void
vlink_tell(struct zebra *z, struct vlink *v, const struct iface *usable, const struct iface *parent)
{
	uint32_t ifindex = usable ? usable->k.ifindex : 0;
	bool up = usable && parent && kernel_link_running(&usable->k) && iface_operative(parent);
	bool moved = ifindex != v->told_ifindex;
	if (v->told && !moved && up == v->told_up && !strcmp(v->error, v->told_error))
		return;
	v->told = true;
	v->told_ifindex = ifindex;
	v->told_up = up;
	memcpy(v->told_error, v->error, sizeof(v->told_error));
	if (v->error[0])
		core_log(z, "zebra.vlink-error", "name=%s error=\"%s\"", v->name, v->error);
	const struct source *s = v->lease.claimed ? lease_source(z, &v->lease) : NULL;
	struct zebra_vlink_state out = {.id = v->id, .ifindex = ifindex, .up = up, .error = v->error};
	if (s)
		z->ops->vlink(z->arg, s->id, &out);
	if (moved)
		vaddrs_vlink_moved(z, &v->lease, v->id);
}

/* The kernel makes a macvlan of a macvlan on the device under it (drivers/net/macvlan.c). */
static bool
vlink_is_on(const struct iface *i, const struct iface *parent)
{
	return i->k.parent == parent->k.ifindex ||
		(!strcmp(parent->k.kind, "macvlan") && i->k.parent == parent->k.parent);
}

/* --- reconciling ---------------------------------------------------------------------------------- */

static void vlink_again(void *arg, int64_t now);

static void
vlink_push(struct zebra *z, struct vlink *v, uint8_t kind, uint32_t ifindex, uint32_t value)
{
	struct dplane_op op = {.kind = kind, .u.link = {.ifindex = ifindex, .value = value}};
	step_push(z, &v->step, &op, vlink_again, v);
}

static void
vlink_make(struct zebra *z, struct vlink *v, const struct iface *parent)
{
	struct dplane_op op = {.kind = DPLANE_VLINK,
		.u.vlink = {.parent = parent->k.ifindex, .mtu = parent->k.mtu}};
	memcpy(op.u.vlink.mac, v->mac, sizeof(v->mac));
	memcpy(op.u.vlink.name, v->name, sizeof(v->name));
	if (!step_push(z, &v->step, &op, vlink_again, v))
		return;
	v->tuned = 0;
	v->voice = VLINK_UNKNOWN;
	v->made++;
	core_log(z, "zebra.vlink-made", "name=%s parent=%s", v->name, parent->k.name);
}

static void
vlink_set_mac(struct zebra *z, struct vlink *v, const struct iface *i)
{
	struct dplane_op op = {.kind = DPLANE_LINK_MAC, .u.vlink.ifindex = i->k.ifindex};
	memcpy(op.u.vlink.mac, v->mac, sizeof(v->mac));
	v->repaired++;
	step_push(z, &v->step, &op, vlink_again, v);
}

/* For what has no event to wait for; without room the timer looks again. */
static bool
vlink_setting(struct zebra *z, struct vlink *v, uint8_t kind)
{
	struct dplane_op op = {.kind = kind, .u.link.ifindex = v->tuned};
	if (z->ops->write(z->arg, &op))
		return true;
	timer_set(z->timers, &v->step.retry, z->now + STEP_RETRY_MIN, vlink_again, v);
	return false;
}

static void
vlink_set_voice(struct zebra *z, struct vlink *v, bool loud)
{
	uint8_t voice = loud ? VLINK_LOUD : VLINK_QUIET;
	if (v->voice != voice && vlink_setting(z, v, loud ? DPLANE_LINK_LOUD : DPLANE_LINK_QUIET))
		v->voice = voice;
}

/* False: no room. */
static bool
vlink_tune(struct zebra *z, struct vlink *v, const struct iface *i, const struct iface *parent)
{
	v->tuned = i->k.ifindex;
	v->voice = VLINK_UNKNOWN;
	if (!vlink_setting(z, v, DPLANE_LINK_SILENT)) {
		v->tuned = 0;
		return false;
	}
	z->ops->vlink_made(z->arg, v->name, parent->k.name);
	return true;
}

static void
vlink_fix(struct zebra *z, struct vlink *v, const struct iface *i, const struct iface *parent)
{
	bool up = kernel_link_up(&i->k);
	if (v->tuned != i->k.ifindex && !vlink_tune(z, v, i, parent))
		return;
	vlink_set_voice(z, v, vaddrs_on(z, i->k.ifindex));
	if (v->voice == VLINK_UNKNOWN)
		return; /* it must not come up before */
	if (i->k.hwaddr_len != 6 || memcmp(i->k.hwaddr, v->mac, 6))
		vlink_set_mac(z, v, i);
	if (i->k.mtu != parent->k.mtu)
		vlink_push(z, v, DPLANE_LINK_MTU, i->k.ifindex, parent->k.mtu);
	if (!up)
		vlink_push(z, v, DPLANE_LINK_UP, i->k.ifindex, 0);
}

static bool
parent_used(const struct zebra *z, const char *name)
{
	const struct vlink *v;
	TAILQ_FOREACH(v, &z->vlinks->list, link)
		if (!strcmp(v->parent_name, name))
			return true;
	return false;
}

static void
vlink_finish(struct zebra *z, struct vlink *v)
{
	char parent[KERNEL_NAME_LEN];
	memcpy(parent, v->parent_name, sizeof(parent));
	core_log(z, "zebra.vlink-removed", "name=%s", v->name);
	vlink_free(z, v);
	if (parent[0] && !parent_used(z, parent))
		z->ops->vlink_parent_free(z->arg, parent);
}

/* It lives until the kernel has removed the device (vlinks_run). */
static void
vlink_remove(struct zebra *z, struct vlink *v)
{
	const struct iface *i = vlink_iface(z, v);
	struct step *s = &v->step;
	bool ours = i && kernel_link_virtual(&i->k);
	if (!v->removing) {
		v->removing = true;
		v->lease.claimed = false;
		timer_cancel(z->timers, &v->lease.timer);
		s->error = 0;
		s->awaiting = s->awaiting && !ours; /* made, and not seen yet */
	}
	if (v->doomed && ours)
		return;
	if (ours && step_idle(s))
		vlink_push(z, v, DPLANE_LINK_DOOM, i->k.ifindex, 0);
	else if (step_idle(s) || v->doomed)
		vlink_finish(z, v);
	/* else the result, the event or the timer brings us back */
}

static void
vlink_reconcile(struct zebra *z, struct vlink *v)
{
	if (v->removing) {
		vlink_remove(z, v);
		return;
	}
	if (!z->synced || z->stopping || !v->lease.claimed)
		return;
	struct iface *parent = vlink_parent(z, v), *i = vlink_iface(z, v);
	struct step *s = &v->step;
	bool foreign = i && !kernel_link_virtual(&i->k);
	bool doomed = i && kernel_link_doomed(&i->k);
	bool right = i && !foreign && !doomed && parent && vlink_is_on(i, parent);
	v->error[0] = '\0';
	if (foreign)
		vlink_trouble(v, "there is a device %s that zebra did not make", v->name);
	else if (!parent)
		vlink_trouble(v, "there is no interface %s",
			v->parent_name[0] ? v->parent_name : "of that index");
	else if (s->error)
		vlink_trouble(v, "it cannot be made on %s: %s", parent->k.name, strerror(s->error));
	if (foreign || doomed || !step_idle(s))
		; /* nothing that we may do, now */
	else if (i && !right)
		vlink_push(z, v, DPLANE_LINK_DEL, i->k.ifindex, 0);
	else if (parent && !i)
		vlink_make(z, v, parent);
	else if (right)
		vlink_fix(z, v, i, parent);
	/* usable once it is silenced: nothing of ours is put on it before */
	vlink_tell(z, v, right && v->tuned == i->k.ifindex ? i : NULL, parent);
}

static void
vlink_again(void *arg, int64_t now)
{
	struct vlink *v = arg;
	struct zebra *z = v->z;
	core_enter(z, now);
	step_again(&v->step);
	vlink_reconcile(z, v);
	core_leave(z);
}

static void
doom_again(void *arg, int64_t now)
{
	struct zebra *z = arg;
	core_enter(z, now);
	z->vlinks->doomed = true;
	core_leave(z);
}

void
vlinks_run(struct zebra *z)
{
	struct dplane_op op = {.kind = DPLANE_LINKS_DEL};
	if (!z->vlinks->doomed || z->vlinks->deleting)
		return;
	z->vlinks->doomed = false;
	z->vlinks->deleting = z->ops->write(z->arg, &op);
	if (!z->vlinks->deleting)
		timer_set(z->timers, &z->vlinks->retry, z->now + STEP_RETRY_MIN, doom_again, z);
}

/* All that were marked before have gone. */
static void
doomed_gone(struct zebra *z, int err)
{
	struct vlink *v, *next;
	z->vlinks->deleting = false;
	if (err) {
		core_log(z, "zebra.vlink-error", "error=\"they cannot be deleted: %s\"", strerror(err));
		timer_set(z->timers, &z->vlinks->retry, z->now + TIME_SEC, doom_again, z);
		return;
	}
	for (v = TAILQ_FIRST(&z->vlinks->list); v; v = next) {
		next = TAILQ_NEXT(v, link);
		if (v->doomed)
			vlink_finish(z, v);
	}
}

void
vlink_done(struct zebra *z, const struct dplane_op *op, int err)
{
	struct vlink *v;
	if (op->kind == DPLANE_LINKS_DEL) {
		doomed_gone(z, err);
		return;
	}
	TAILQ_FOREACH(v, &z->vlinks->list, link)
		if (v->step.serial == op->cookie)
			break;
	if (!op->cookie || !v) {
		if (err)
			core_log(z, "zebra.write-failed", "kind=%u ifindex=%u error=\"%s\"", op->kind,
				op->u.link.ifindex, strerror(err));
		return;
	}
	/* somebody was faster: the event says what is there */
	bool raced = (op->kind == DPLANE_VLINK && err == EEXIST) || err == ENODEV;
	bool look = step_done(z, &v->step, raced ? 0 : err, vlink_again, v);
	if (v->removing && op->kind == DPLANE_LINK_DOOM && (!err || raced))
		v->doomed = z->vlinks->doomed = true;
	else if (look)
		vlink_reconcile(z, v);
}

void
vlink_voice(struct zebra *z, uint32_t ifindex, bool loud)
{
	struct vlink *v;
	TAILQ_FOREACH(v, &z->vlinks->list, link)
		if (v->tuned == ifindex && ifindex)
			break;
	if (v)
		vlink_set_voice(z, v, loud);
}

/* --- the kernel ----------------------------------------------------------------------------------- */

static struct vlink *
vlink_add(struct zebra *z, const char *name)
{
	struct vlink *v = mem_zalloc(sizeof(*v));
	v->z = z;
	v->step.serial = vlinks_serial(z);
	snprintf(v->name, sizeof(v->name), "%s", name);
	TAILQ_INSERT_TAIL(&z->vlinks->list, v, link);
	z->vlinks->count++;
	return v;
}

static void
vlink_over(void *arg, int64_t now)
{
	struct vlink *v = arg;
	struct zebra *z = v->z;
	core_enter(z, now);
	vlink_remove(z, v);
	core_leave(z);
}

/* Ours by its mark, and nobody's: its client has as long as it takes to come back. */
static void
vlink_found(struct zebra *z, const struct iface *i)
{
	struct vlink *v = vlink_add(z, i->k.name);
	v->parent = i->k.parent;
	memcpy(v->mac, i->k.hwaddr, sizeof(v->mac));
	vlink_parent(z, v);
	lease_found(z, &v->lease, vlink_over, v);
}

static bool
vlink_orphan(const struct zebra *z, const struct iface *i)
{
	const struct vlink *v;
	if (!i->present || !kernel_link_virtual(&i->k) || kernel_link_doomed(&i->k))
		return false;
	TAILQ_FOREACH(v, &z->vlinks->list, link)
		if (!strcmp(v->name, i->k.name))
			return false;
	return true;
}

void
vlinks_link_event(struct zebra *z, const struct iface *i)
{
	struct vlink *v, *next;
	for (v = TAILQ_FIRST(&z->vlinks->list); v; v = next) {
		next = TAILQ_NEXT(v, link);
		bool itself = !strcmp(v->name, i->k.name) || v->told_ifindex == i->k.ifindex
			|| v->tuned == i->k.ifindex;
		bool parent = v->parent == i->k.ifindex || !strcmp(v->parent_name, i->k.name);
		if (!itself && !parent)
			continue;
		if (itself)
			step_event(z, &v->step);
		else
			v->step.error = 0; /* what the parent did not allow it may allow now */
		vlink_reconcile(z, v);
	}
	if (z->synced && vlink_orphan(z, i)) /* made for somebody who did not wait for it */
		vlink_found(z, i);
}

void
vlinks_resynced(struct zebra *z)
{
	struct vlink *v, *next;
	for (v = TAILQ_FIRST(&z->vlinks->list); v; v = next) {
		next = TAILQ_NEXT(v, link);
		step_again(&v->step);
		vlink_reconcile(z, v);
	}
}

void
vlinks_start(struct zebra *z)
{
	for (unsigned n = 0; n < z->ifaces->count; n++)
		z->vlinks->doomed = z->vlinks->doomed || kernel_link_doomed(&z->ifaces->items[n]->k);
	for (unsigned n = 0; n < z->ifaces->count; n++)
		if (vlink_orphan(z, z->ifaces->items[n]))
			vlink_found(z, z->ifaces->items[n]);
	vlinks_resynced(z);
}

/* --- clients -------------------------------------------------------------------------------------- */

/* A device name as the kernel takes it. */
static bool
name_valid(const char *name)
{
	size_t len = strlen(name);
	if (!len || len >= KERNEL_NAME_LEN || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/' || name[i] == ':' || name[i] == '%')
			return false;
	return true;
}

static void
vlink_refuse(struct zebra *z, const struct source *s, uint32_t id, const char *error)
{
	struct zebra_vlink_state out = {.id = id, .error = error};
	z->ops->vlink(z->arg, s->id, &out);
}

static void
vlink_want(struct zebra *z, const struct source *s, const struct zebra_vlink *want)
{
	struct vlink *v = vlink_by_id(z, s, want->id);
	if (v && strcmp(v->name, want->name)) {
		vlink_remove(z, v);
		v = NULL;
	}
	if (!v && (v = vlink_by_name(z, want->name)) && v->lease.claimed) {
		vlink_refuse(z, s, want->id, "another virtual link has that name");
		return;
	}
	if (!v && z->vlinks->count >= VLINKS_MAX) {
		vlink_refuse(z, s, want->id, "too many virtual links");
		return;
	}
	if (!v)
		v = vlink_add(z, want->name);
	if (v->parent != want->parent)
		v->parent_name[0] = '\0';
	v->parent = want->parent;
	v->id = want->id;
	v->told = false; /* it asked: it is answered, whatever it is */
	memcpy(v->mac, want->mac, sizeof(v->mac));
	lease_claim(z, &v->lease, s, want->linger);
	vlink_reconcile(z, v);
}

bool
zebra_vlink_wanted(struct zebra *z, uint32_t client, const struct zebra_vlink *want, int64_t now)
{
	const struct source *s = source_client(z, client);
	if (!s || !name_valid(want->name) || want->mac[0] & 1 || !want->parent)
		return false;
	core_enter(z, now);
	vlink_want(z, s, want);
	core_leave(z);
	return true;
}

void
zebra_vlink_unwanted(struct zebra *z, uint32_t client, uint32_t id, int64_t now)
{
	const struct source *s = source_client(z, client);
	struct vlink *v = s ? vlink_by_id(z, s, id) : NULL;
	if (!v)
		return;
	core_enter(z, now);
	vlink_remove(z, v);
	core_leave(z);
}

void
vlink_client_closed(struct zebra *z, const struct source *s)
{
	struct vlink *v;
	TAILQ_FOREACH(v, &z->vlinks->list, link)
		if (v->lease.claimed && lease_of(&v->lease, s))
			lease_closed(z, &v->lease, vlink_over, v);
}

void
vlink_replay_ended(struct zebra *z, const struct source *s)
{
	struct vlink *v, *next;
	for (v = TAILQ_FIRST(&z->vlinks->list); v; v = next) {
		next = TAILQ_NEXT(v, link);
		if (!v->removing && !v->lease.claimed && lease_of(&v->lease, s))
			vlink_remove(z, v);
	}
}

void
vlinks_withdraw(struct zebra *z)
{
	struct vlink *v, *next;
	for (v = TAILQ_FIRST(&z->vlinks->list); v; v = next) {
		next = TAILQ_NEXT(v, link);
		vlink_remove(z, v);
	}
}
