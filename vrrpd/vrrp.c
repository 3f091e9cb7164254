/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instance: what owns everything, the entry points that concern more than one interface, and the end of
 * a turn.
 */
#include "vrrpd/core.h"

#include <stdio.h>
#include <string.h>

#include "lib/bfdclient.h"
#include "lib/hash.h"
#include "lib/mem.h"
#include "vrrpd/config.h"

#define SETTLE_ROUNDS 8 /* groups and LANs answer each other; they come to rest in two */

static bool
name_equal(const void *item, const void *key)
{
	return !strcmp(((const struct vrrp_iface *)item)->name, key);
}

static bool
index_equal(const void *item, const void *key)
{
	return ((const struct vrrp_iface *)item)->ifindex == *(const uint32_t *)key;
}

struct vrrp *
vrrp_new(const struct vrrp_ops *ops, void *arg, struct timers *timers, uint64_t seed, int64_t now)
{
	struct vrrp *v = mem_zalloc(sizeof(*v));

	v->ops = ops;
	v->arg = arg;
	v->timers = timers;
	v->started = now;
	prng_seed(&v->prng, seed);
	v->by_index = hash_new(index_equal);
	v->by_name = hash_new(name_equal);
	TAILQ_INIT(&v->ifaces);
	TAILQ_INIT(&v->routers);
	TAILQ_INIT(&v->groups);
	return v;
}

void
vrrp_free(struct vrrp *v)
{
	struct vrrp_router *r;
	struct vrrp_iface *ifc;
	struct vrrp_group *g;

	if (!v)
		return;
	while ((r = TAILQ_FIRST(&v->routers)))
		vrrp_router_free(r);
	while ((ifc = TAILQ_FIRST(&v->ifaces)))
		vrrp_iface_free(ifc);
	while ((g = TAILQ_FIRST(&v->groups))) {
		TAILQ_REMOVE(&v->groups, g, entry);
		mem_free(g);
	}
	hash_free(v->by_index);
	hash_free(v->by_name);
	mem_free(v->tracks);
	mem_free(v->records);
	mem_free(v->lan_records);
	mem_free(v);
}

void
vrrp_log_text(const struct vrrp_iface *ifc, const struct vrrp_router *r, uint8_t kind, bool on, int64_t now, const char *text)
{
	struct vrrp_log l = {.kind = kind, .on = on, .at = now};

	l.key = r ? vrrp_router_key(r) : (struct vrrp_key){.ifindex = ifc->ifindex};
	memcpy(l.ifname, ifc->name, sizeof(l.ifname));
	snprintf(l.text, sizeof(l.text), "%s", text);
	ifc->v->ops->log(ifc->v->arg, &l);
}

/* --- the end of a turn ---------------------------------------------------------------------------- */

/* What is out of the configuration and hands over no more; what is empty. Nothing else frees a virtual router. */
static void
bury(struct vrrp *v)
{
	struct vrrp_router *r, *next_router;
	struct vrrp_group *g, *next_group;
	struct vrrp_iface *ifc, *next_iface;

	for (r = TAILQ_FIRST(&v->routers); r; r = next_router) {
		next_router = TAILQ_NEXT(r, entry);
		if (!r->removed || r->h.active)
			continue;
		r->ifc->lan_dirty = true;
		vrrp_router_free(r);
	}
	for (g = TAILQ_FIRST(&v->groups); g; g = next_group) {
		next_group = TAILQ_NEXT(g, entry);
		if (!TAILQ_EMPTY(&g->members))
			continue;
		TAILQ_REMOVE(&v->groups, g, entry);
		mem_free(g);
	}
	for (ifc = TAILQ_FIRST(&v->ifaces); ifc; ifc = next_iface) {
		next_iface = TAILQ_NEXT(ifc, entry);
		if (!ifc->router_count && !ifc->ifindex)
			vrrp_iface_free(ifc);
	}
}

void
vrrp_settle(struct vrrp *v, int64_t now)
{
	struct vrrp_iface *ifc;
	struct vrrp_group *g;

	for (unsigned round = 0; v->dirty && round < SETTLE_ROUNDS; round++) {
		v->dirty = false;
		TAILQ_FOREACH(g, &v->groups, entry) {
			if (!g->dirty)
				continue;
			g->dirty = false;
			vrrp_sync_settle(g, now);
		}
		if (v->burial)
			bury(v);
		v->burial = false;
		TAILQ_FOREACH(ifc, &v->ifaces, entry) {
			if (!ifc->lan_dirty)
				continue;
			ifc->lan_dirty = false;
			vrrp_lan_update(ifc, now);
			vrrp_iface_role(ifc);
		}
	}
}

/* --- what happened -------------------------------------------------------------------------------- */

void
vrrp_restore(struct vrrp *v, const struct vrrp_record *records, size_t count, int64_t now)
{
	(void)now;
	mem_free(v->records);
	v->records = count ? mem_dup(records, count * sizeof(*records)) : NULL;
	v->record_count = count;
}

void
vrrp_restore_lans(struct vrrp *v, const struct vrrp_lan_record *records, size_t count)
{
	mem_free(v->lan_records);
	v->lan_records = count ? mem_dup(records, count * sizeof(*records)) : NULL;
	v->lan_record_count = count;
}

void
vrrp_router_started(struct vrrp *v, int64_t at, int64_t now)
{
	struct vrrp_router *r;

	v->started = at;
	TAILQ_FOREACH(r, &v->routers, entry)
		vrrp_hold_consider(r, now);
	vrrp_settle(v, now);
}

void
vrrp_shutdown(struct vrrp *v, int64_t now)
{
	struct vrrp_router *r;

	v->stopping = true;
	TAILQ_FOREACH(r, &v->routers, entry)
		vrrp_router_check(r, now);
	vrrp_settle(v, now);
}

bool
vrrp_is_idle(const struct vrrp *v)
{
	const struct vrrp_router *r;

	TAILQ_FOREACH(r, &v->routers, entry)
		if (vrrp_router_holds(r))
			return false;
	return true;
}

void
vrrp_ready_changed(struct vrrp *v, bool ready, int64_t now)
{
	struct vrrp_router *r;

	if (v->ready == ready)
		return;
	v->ready = ready;
	TAILQ_FOREACH(r, &v->routers, entry)
		vrrp_hold_consider(r, now);
	vrrp_settle(v, now);
}

void
vrrp_vlink_changed(struct vrrp *v, const struct vrrp_key *key, uint32_t ifindex, bool up, int64_t now)
{
	struct vrrp_iface *ifc = vrrp_iface_find(v, key->ifindex);
	struct vrrp_router *r = ifc ? vrrp_router_find(ifc, key->vrid, key->afi) : NULL;

	if (!r || !r->vlink.asked)
		return;
	r->vlink.known = true;
	r->vlink.up = up && ifindex;
	r->vlink.ifindex = ifindex;
	vrrp_router_check(r, now);
	vrrp_settle(v, now);
}

static void
bfd_down(struct vrrp_iface *ifc, const struct ipaddr *peer, int64_t now)
{
	struct vrrp_router *r;
	bool master = false;

	TAILQ_FOREACH(r, &ifc->routers, iface_entry) {
		master |= vrrp_router_state(r) == VRRP_MASTER;
		bool is_masters = vrrp_router_state(r) == VRRP_BACKUP && r->m.address.afi && !ipaddr_cmp(&r->m.address, peer);
		for (size_t i = 0; is_masters && i < r->s->bfd_count; i++)
			if (!ipaddr_cmp(&r->s->bfd[i].peer, peer)) {
				vrrp_router_master_lost(r, VRRP_WHY_BFD, true, now);
				break;
			}
	}
	if (master)
		vrrp_lan_suspect(ifc, now);
}

/* Only its edges count: a session that stays down while the master's adverts go on would make us try for ever. */
void
vrrp_bfd_changed(struct vrrp *v, uint32_t ifindex, const struct ipaddr *peer, unsigned liveness, int64_t at, int64_t now)
{
	struct vrrp_iface *ifc = vrrp_iface_find(v, ifindex);
	bool went_down = false;

	(void)at;
	if (!ifc)
		return;
	for (size_t i = 0; i < ifc->bfd_count; i++) {
		struct vrrp_bfd *b = &ifc->bfd[i];
		if (ipaddr_cmp(&b->want.peer, peer))
			continue;
		went_down |= liveness == BFD_LIVE_DOWN && b->liveness != BFD_LIVE_DOWN;
		b->liveness = (uint8_t)liveness;
	}
	if (went_down)
		bfd_down(ifc, peer, now);
	else if (liveness == BFD_LIVE_UP)
		vrrp_lan_proved(ifc, now);
	vrrp_settle(v, now);
}

/* --- configuration -------------------------------------------------------------------------------- */

static void
instance_changed(struct vrrp *v, const char *ifname, const struct conf_object *old, const struct conf_object *new,
	const struct vrrp_conf_defaults *d, int64_t now)
{
	const struct vrrp_conf_instance *c = conf_data(new ? new : old);
	struct vrrp_iface *ifc = new ? vrrp_iface_need(v, ifname) : vrrp_iface_named(v, ifname);

	for (uint8_t afi = AFI_IP4; ifc && afi <= AFI_IP6; afi++) {
		struct vrrp_router *r = vrrp_router_find(ifc, c->vrid, afi);
		if (!new && r)
			vrrp_router_remove(r, now);
		else if (new && r)
			vrrp_router_settings_changed(r, vrrp_settings_new(d, new, afi), now);
		else if (new)
			vrrp_router_new(ifc, vrrp_settings_new(d, new, afi), now);
	}
	if (ifc)
		ifc->lan_dirty = v->dirty = true;
}

/* Versions of a config share what did not change: equal pointers are equal contents. all: what is behind them differs. */
static void
iface_changed(struct vrrp *v, const struct conf_object *old, const struct conf_object *new,
	const struct vrrp_conf_defaults *d, bool all, int64_t now)
{
	const char *ifname = conf_key(new ? new : old);
	const struct conf_object *o = NULL;

	while (old && (o = conf_next(old, &vrrp_conf_instance_class, o)))
		if (!new || !conf_child(new, &vrrp_conf_instance_class, conf_key(o)))
			instance_changed(v, ifname, o, NULL, d, now);
	while (new && (o = conf_next(new, &vrrp_conf_instance_class, o))) {
		const struct conf_object *before = old ? conf_child(old, &vrrp_conf_instance_class, conf_key(o)) : NULL;
		if (all || before != o)
			instance_changed(v, ifname, before, o, d, now);
	}
}

void
vrrp_reconfigure(struct vrrp *v, const struct conf_object *old, const struct conf_object *new, int64_t now)
{
	const struct vrrp_conf_defaults *d = new ? conf_data(new) : NULL;
	bool all = old && new && memcmp(conf_data(old), d, sizeof(*d)) != 0;
	const struct conf_object *o = NULL;

	while (old && (o = conf_next(old, &vrrp_conf_iface_class, o)))
		if (!new || !conf_child(new, &vrrp_conf_iface_class, conf_key(o)))
			iface_changed(v, o, NULL, d, false, now);
	while (new && (o = conf_next(new, &vrrp_conf_iface_class, o))) {
		const struct conf_object *before = old ? conf_child(old, &vrrp_conf_iface_class, conf_key(o)) : NULL;
		if (all || before != o)
			iface_changed(v, before, o, d, all, now);
	}
	vrrp_settle(v, now);
}
