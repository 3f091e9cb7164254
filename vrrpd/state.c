/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of state: see state.h. Read only; the resume key is the last row's identity. */
#include "vrrpd/state.h"

#include <stdlib.h>
#include <string.h>

#include "lib/timer.h"
#include "vrrpd/frame.h"

#define TRACKS_MAX 64

static const char *const live_names[] = {"unknown", "up", "down"}; /* enum bfd_liveness */
static const char *const role_names[] = {"none", "master", "backup", "initialize"};

static uint64_t
ms_since(int64_t then, int64_t now)
{
	return then && now > then ? (uint64_t)((now - then) / TIME_MS) : 0;
}

static uint64_t
ms_until(int64_t due, int64_t now)
{
	return due > now ? (uint64_t)((due - now) / TIME_MS) : 0;
}

static void
row_mac(struct rows *out, const char *name, const uint8_t mac[6])
{
	row_printf(out, name, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void
row_addresses(struct rows *out, const char *name, const struct ipaddr *a, size_t count)
{
	row_array(out, name);
	for (size_t i = 0; i < count; i++)
		row_addr(out, NULL, &a[i]);
	row_close(out);
}

/* --- which ------------------------------------------------------------------------------------------------ */

static bool
matches(const struct nb_args *args, const char *ifname, unsigned vrid)
{
	const char *name = nb_arg(args, "interface"), *id = nb_arg(args, "vrid");
	return (!name || !strcmp(name, ifname)) && (!id || !vrid || strtoul(id, NULL, 10) == vrid);
}

typedef void view_row_fn(const struct vrrp *core, const struct vrrp_view *v, struct rows *out, int64_t now);

static bool
views_walk(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now,
	view_row_fn *row)
{
	const struct vrrp_state_source *src = core;
	struct vrrp_view v;
	struct vrrp_view_key at;

	memcpy(&at, resume->key, sizeof(at));
	while (vrrp_view_next(src->core, resume->n ? &at : NULL, &v)) {
		if (rows_full(out)) {
			memcpy(resume->key, &at, sizeof(at));
			return false;
		}
		at = v.key;
		resume->n = 1;
		if (matches(args, v.key.ifname, v.key.vrid))
			row(src->core, &v, out, now);
	}
	return true;
}

static void
row_key(struct rows *out, const struct vrrp_view *v)
{
	row_str(out, "interface", v->key.ifname);
	row_uint(out, "vrid", v->key.vrid);
	row_str(out, "family", v->key.afi == AFI_IP4 ? "ipv4" : "ipv6");
}

/* --- virtual routers --------------------------------------------------------------------------------------- */

static void
row_config(struct rows *out, const struct vrrp_view *v)
{
	row_uint(out, "version", v->version);
	row_bool(out, "shutdown", v->shutdown);
	row_uint(out, "priority", v->priority);
	row_bool(out, "preempt", v->preempt);
	row_bool(out, "accept-mode", v->accept);
	row_bool(out, "virtual-mac", v->virtual_mac);
	row_bool(out, "checksum-with-ipv4-pseudoheader", v->pseudo_header);
	row_bool(out, "wait-for-routing", v->wait_routing);
	row_bool(out, "lan-liveness", v->lan_liveness);
	row_uint(out, "advertisement-interval-ms", (uint64_t)(v->interval / TIME_MS));
	row_uint(out, "preempt-delay-s", (uint64_t)(v->preempt_delay / TIME_SEC));
	row_uint(out, "start-delay-s", (uint64_t)(v->start_delay / TIME_SEC));
	row_uint(out, "wait-for-routing-maximum-s", (uint64_t)(v->wait_routing_max / TIME_SEC));
	row_uint(out, "backup-cost", v->backup_cost);
	row_bool(out, "backup-withdraw", v->backup_withdraw);
	row_str(out, "group", v->group && *v->group ? v->group : NULL);
	row_str(out, "notify", v->notify && *v->notify ? v->notify : NULL);
	row_addresses(out, "addresses", v->addresses, v->address_count);
	row_addresses(out, "unicast-peers", v->peers, v->peer_count);
}

static void
row_state(struct rows *out, const struct vrrp_view *v, int64_t now)
{
	struct vrrp_key key = {.ifindex = v->ifindex, .vrid = v->key.vrid, .afi = v->key.afi};
	char vlink[16] = "";

	if (v->vlink_ifindex)
		vrrp_vlink_name(&key, vlink);
	row_uint(out, "ifindex", v->ifindex);
	row_str(out, "virtual-interface", vlink);
	row_mac(out, "mac", v->mac);
	row_str(out, "state", vrrp_state_name(v->state));
	row_str(out, "reason", vrrp_reason_name(v->reason));
	row_uint(out, "since-ms", ms_since(v->since, now));
	row_str(out, "blocked", vrrp_block_name(v->block));
	row_str(out, "held", vrrp_hold_name(v->hold));
	row_uint(out, "held-for-ms", ms_until(v->hold_until, now));
	row_bool(out, "owner", v->owner);
	row_bool(out, "handing-over", v->handing_over);
	row_uint(out, "effective-priority", v->effective_priority);
	row_addr(out, "primary-address", &v->primary);
	row_addr(out, "master", &v->master);
	row_uint(out, "master-priority", v->master_priority);
	row_uint(out, "master-advertisement-interval-ms", (uint64_t)(v->master_interval / TIME_MS));
	row_uint(out, "master-advertisement-interval-used-ms", (uint64_t)(v->master_interval_used / TIME_MS));
	row_uint(out, "skew-us", (uint64_t)v->skew);
	row_uint(out, "master-down-us", (uint64_t)v->master_down_interval);
	row_uint(out, "last-advert-ms", ms_since(v->last_advert, now));
	row_uint(out, "due-ms", ms_until(v->due, now));
	row_bool(out, "address-mismatch", v->address_mismatch);
}

static void
row_tracks(const struct vrrp *core, struct rows *out, const struct vrrp_view *v)
{
	struct vrrp_view_track tracks[TRACKS_MAX];
	struct vrrp_view_bfd bfd[TRACKS_MAX];
	size_t n = vrrp_view_tracks(core, &v->key, tracks, TRACKS_MAX);

	row_array(out, "tracks");
	for (size_t i = 0; i < n && i < TRACKS_MAX; i++) {
		row_object(out, NULL);
		row_str(out, "name", tracks[i].name);
		row_str(out, "kind", tracks[i].interface ? "interface" : "object");
		row_bool(out, "known", tracks[i].known);
		row_bool(out, "up", tracks[i].up);
		row_uint(out, "decrement", tracks[i].decrement);
		row_close(out);
	}
	row_close(out);
	n = vrrp_view_bfd(core, &v->key, bfd, TRACKS_MAX);
	row_array(out, "bfd");
	for (size_t i = 0; i < n && i < TRACKS_MAX; i++) {
		row_object(out, NULL);
		row_addr(out, "peer", &bfd[i].peer);
		row_str(out, "profile", bfd[i].profile && *bfd[i].profile ? bfd[i].profile : NULL);
		row_str(out, "liveness", live_names[bfd[i].liveness < 3 ? bfd[i].liveness : 0]);
		row_close(out);
	}
	row_close(out);
}

static uint64_t
drops_sum(const uint64_t drops[VRRP_DROP_COUNT])
{
	uint64_t sum = 0;
	for (unsigned i = 1; i < VRRP_DROP_COUNT; i++)
		sum += drops[i];
	return sum;
}

static void
row_counts(struct rows *out, const struct vrrp_stats *s)
{
	row_uint(out, "adverts-tx", s->adverts_tx);
	row_uint(out, "adverts-rx", s->adverts_rx);
	row_uint(out, "priority-zero-tx", s->zero_tx);
	row_uint(out, "priority-zero-rx", s->zero_rx);
	row_uint(out, "announced", s->announced);
	row_uint(out, "transitions", s->transitions);
	row_uint(out, "became-master", s->became_master);
	row_uint(out, "dropped", drops_sum(s->drops));
}

static void
instance_row(const struct vrrp *core, const struct vrrp_view *v, struct rows *out, int64_t now)
{
	row_begin(out);
	row_key(out, v);
	row_config(out, v);
	row_state(out, v, now);
	row_counts(out, &v->stats);
	row_tracks(core, out, v);
	row_end(out);
}

bool
vrrp_state_instances(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	return views_walk(core, args, out, resume, now, instance_row);
}

/* --- counters ----------------------------------------------------------------------------------------------- */

static void
row_drops(struct rows *out, const uint64_t drops[VRRP_DROP_COUNT])
{
	row_object(out, "drops");
	for (unsigned i = 1; i < VRRP_DROP_COUNT; i++)
		row_uint(out, vrrp_drop_name(i), drops[i]);
	row_close(out);
}

static void
counters_row(const struct vrrp *core, const struct vrrp_view *v, struct rows *out, int64_t now)
{
	const struct vrrp_stats *s = &v->stats;

	(void)core, (void)now;
	row_begin(out);
	row_key(out, v);
	row_counts(out, s);
	row_uint(out, "answered", s->answered);
	row_uint(out, "address-mismatch", s->address_mismatch);
	row_uint(out, "interval-capped", s->interval_capped);
	row_uint(out, "splits", s->splits);
	row_uint(out, "late-adverts", s->late_adverts);
	row_drops(out, s->drops);
	row_end(out);
}

bool
vrrp_state_counters(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	return views_walk(core, args, out, resume, now, counters_row);
}

/* --- interfaces ---------------------------------------------------------------------------------------------- */

static void
interface_row(const struct vrrp_view_iface *i, struct rows *out, int64_t now)
{
	row_begin(out);
	row_str(out, "interface", i->name);
	row_uint(out, "ifindex", i->ifindex);
	row_bool(out, "up", i->up);
	row_str(out, "role", role_names[i->role < 4 ? i->role : 0]);
	row_bool(out, "prefix-withdrawn", i->withdraw);
	row_uint(out, "prefix-added-cost", i->added_cost);
	row_str(out, "lan", vrrp_lan_state_name(i->lan));
	row_uint(out, "lan-hosts", i->lan_hosts);
	row_uint(out, "lan-heard-ms", ms_since(i->lan_heard, now));
	row_uint(out, "routers", i->routers);
	row_uint(out, "asked", i->stats.asked);
	row_uint(out, "answers", i->stats.answers);
	row_uint(out, "heard", i->stats.heard);
	row_uint(out, "lan-deaths", i->stats.lan_deaths);
	row_uint(out, "dropped", drops_sum(i->stats.drops));
	row_drops(out, i->stats.drops);
	row_end(out);
}

bool
vrrp_state_interfaces(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct vrrp_state_source *src = core;
	struct vrrp_view_iface i;
	char at[16];

	memcpy(at, resume->key, sizeof(at));
	while (vrrp_view_iface_next(src->core, resume->n ? at : NULL, &i)) {
		if (rows_full(out)) {
			memcpy(resume->key, at, sizeof(at));
			return false;
		}
		memcpy(at, i.name, sizeof(at));
		resume->n = 1;
		if (matches(args, i.name, 0))
			interface_row(&i, out, now);
	}
	return true;
}
