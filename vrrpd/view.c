/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others may read of the core (read.h). Owns nothing, changes nothing but counters when asked to. */
#include "vrrpd/core.h"

#include <stdio.h>
#include <string.h>

static const char *const block_names[VRRP_BLOCK_COUNT] = {
	[VRRP_BLOCK_NONE] = "", [VRRP_BLOCK_SHUTDOWN] = "shutdown", [VRRP_BLOCK_NO_ADDRESS] = "no-virtual-address",
	[VRRP_BLOCK_NO_INTERFACE] = "no-interface", [VRRP_BLOCK_INTERFACE_DOWN] = "interface-down",
	[VRRP_BLOCK_NO_PRIMARY] = "no-primary-address", [VRRP_BLOCK_NO_VLINK] = "no-virtual-link",
	[VRRP_BLOCK_TRACK] = "track", [VRRP_BLOCK_GROUP] = "sync-group",
};

const char *
vrrp_block_name(unsigned block)
{
	return block < VRRP_BLOCK_COUNT ? block_names[block] : "?";
}

static void
fill_settings(const struct vrrp_settings *s, struct vrrp_view *out)
{
	out->version = s->version;
	out->priority = s->priority;
	out->shutdown = s->shutdown;
	out->preempt = s->preempt;
	out->accept = s->accept;
	out->virtual_mac = s->virtual_mac;
	out->wait_routing = s->wait_routing;
	out->lan_liveness = s->lan_liveness;
	out->backup_withdraw = s->backup_withdraw;
	out->backup_cost = s->backup_cost;
	out->interval = s->interval;
	out->preempt_delay = s->preempt_delay;
	out->start_delay = s->start_delay;
	out->wait_routing_max = s->wait_routing_max;
	out->group = s->group;
	out->notify = s->notify;
	out->addresses = s->addresses;
	out->address_count = s->address_count;
	out->peers = s->peers;
	out->peer_count = s->peer_count;
}

static void
fill_state(const struct vrrp_router *r, struct vrrp_view *out)
{
	bool running = vrrp_router_state(r) != VRRP_INITIALIZE, master = vrrp_router_state(r) == VRRP_MASTER;

	out->state = vrrp_router_state(r);
	out->reason = r->reason;
	out->block = r->block;
	out->hold = r->w.hold;
	out->hold_until = r->w.until;
	out->owner = r->owner;
	out->handing_over = r->h.active;
	out->effective_priority = r->priority;
	out->since = r->fsm.since;
	out->primary = vrrp_router_primary(r);
	out->master = master ? out->primary : r->m.address;
	out->master_priority = master ? r->priority : r->m.address.afi ? r->m.priority : 0;
	out->master_interval = master ? r->s->interval : r->m.interval;
	out->master_interval_used = master ? r->s->interval : r->m.used;
	out->skew = running ? vrrp_router_skew(r) : 0;
	out->master_down_interval = running ? vrrp_router_down_interval(r) : 0;
	out->last_advert = master ? r->last_sent : r->m.heard;
	out->due = timer_armed(&r->timer) ? r->timer.due : 0;
	out->address_mismatch = r->mismatch;
	out->stats = r->stats;
}

static void
fill(const struct vrrp_router *r, struct vrrp_view *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->key.ifname, r->ifc->name, sizeof(out->key.ifname));
	out->key.vrid = r->vrid;
	out->key.afi = r->afi;
	out->ifindex = r->ifc->ifindex;
	out->vlink_ifindex = r->vlink.ifindex;
	vrrp_virtual_mac(r->afi, r->vrid, out->mac);
	fill_settings(r->s, out);
	out->pseudo_header = vrrp_active_is_pseudo(r, r->s);
	fill_state(r, out);
}

/* The first interface whose name is not before (or, after: comes after) this one. */
static struct vrrp_iface *
iface_from(const struct vrrp *v, const char *name, bool after)
{
	struct vrrp_iface *ifc = name ? vrrp_iface_named(v, name) : TAILQ_FIRST(&v->ifaces);

	if (!name)
		return ifc;
	if (ifc)
		return after ? TAILQ_NEXT(ifc, entry) : ifc;
	TAILQ_FOREACH(ifc, &v->ifaces, entry) /* it went meanwhile */
		if (strcmp(ifc->name, name) > 0)
			return ifc;
	return NULL;
}

static bool
is_after(const struct vrrp_router *r, const struct vrrp_view_key *k)
{
	return r->vrid > k->vrid || (r->vrid == k->vrid && r->afi > k->afi);
}

bool
vrrp_view_next(const struct vrrp *v, const struct vrrp_view_key *after, struct vrrp_view *out)
{
	struct vrrp_iface *ifc = iface_from(v, after ? after->ifname : NULL, false);
	const struct vrrp_router *r;

	if (after && ifc && strcmp(ifc->name, after->ifname) != 0)
		after = NULL; /* another interface than asked for begins at its start */
	for (; ifc; ifc = TAILQ_NEXT(ifc, entry), after = NULL) {
		r = after ? vrrp_router_find(ifc, after->vrid, after->afi) : NULL;
		r = r ? TAILQ_NEXT(r, iface_entry) : TAILQ_FIRST(&ifc->routers);
		for (; r; r = TAILQ_NEXT(r, iface_entry)) {
			if (r->removed || (after && !is_after(r, after)))
				continue;
			fill(r, out);
			return true;
		}
	}
	return false;
}

static const struct vrrp_router *
by_key(const struct vrrp *v, const struct vrrp_view_key *key)
{
	const struct vrrp_iface *ifc = vrrp_iface_named(v, key->ifname);

	return ifc ? vrrp_router_find(ifc, key->vrid, key->afi) : NULL;
}

size_t
vrrp_view_tracks(const struct vrrp *v, const struct vrrp_view_key *key, struct vrrp_view_track *out, size_t max)
{
	const struct vrrp_router *r = by_key(v, key);

	for (size_t i = 0; r && i < r->s->track_count && i < max; i++) {
		const struct vrrp_setting_track *t = &r->s->tracks[i];
		out[i] = (struct vrrp_view_track){.interface = t->name[0] != '\0', .decrement = t->decrement};
		if (t->name[0])
			snprintf(out[i].name, sizeof(out[i].name), "%s", t->name);
		else
			snprintf(out[i].name, sizeof(out[i].name), "%u", t->id);
		out[i].up = vrrp_track_state(v, t, &out[i].known);
	}
	return r ? r->s->track_count : 0;
}

size_t
vrrp_view_bfd(const struct vrrp *v, const struct vrrp_view_key *key, struct vrrp_view_bfd *out, size_t max)
{
	const struct vrrp_router *r = by_key(v, key);

	for (size_t i = 0; r && i < r->s->bfd_count && i < max; i++) {
		const struct vrrp_bfd *b = vrrp_iface_bfd(r->ifc, &r->s->bfd[i].peer);
		out[i] = (struct vrrp_view_bfd){r->s->bfd[i].peer, r->s->bfd[i].profile, b ? b->liveness : (uint8_t)0};
	}
	return r ? r->s->bfd_count : 0;
}

bool
vrrp_view_iface_next(const struct vrrp *v, const char *after, struct vrrp_view_iface *out)
{
	const struct vrrp_iface *ifc = iface_from(v, after, true);

	while (ifc && !ifc->router_count)
		ifc = TAILQ_NEXT(ifc, entry);
	if (!ifc)
		return false;
	*out = (struct vrrp_view_iface){.ifindex = ifc->ifindex, .up = ifc->up, .role = ifc->told.role,
		.withdraw = ifc->told.withdraw, .added_cost = ifc->told.added_cost, .lan = vrrp_lan_state(ifc),
		.lan_hosts = ifc->lan.count, .lan_heard = ifc->lan.heard, .routers = ifc->router_count, .stats = ifc->stats};
	memcpy(out->name, ifc->name, sizeof(out->name));
	return true;
}

void
vrrp_view_instance(const struct vrrp *v, struct vrrp_view_instance *out)
{
	const struct vrrp_router *r;

	*out = (struct vrrp_view_instance){.ready = v->ready, .stopping = v->stopping, .no_interface = v->no_interface};
	TAILQ_FOREACH(r, &v->routers, entry) {
		out->routers++;
		out->masters += vrrp_router_state(r) == VRRP_MASTER;
		out->backups += vrrp_router_state(r) == VRRP_BACKUP;
	}
}

void
vrrp_clear_counters(struct vrrp *v)
{
	struct vrrp_iface *ifc;
	struct vrrp_router *r;

	v->no_interface = 0;
	TAILQ_FOREACH(ifc, &v->ifaces, entry)
		ifc->stats = (struct vrrp_iface_stats){0};
	TAILQ_FOREACH(r, &v->routers, entry)
		r->stats = (struct vrrp_stats){0};
}
