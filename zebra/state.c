/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of interfaces, tracking, clients, groups and counters. Routes are in state_routes.c. */
#include "zebra/state.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "lib/rtable.h"
#include "zebra/core.h"
#include "zebra/iface.h"
#include "zebra/nht.h"
#include "zebra/repair.h"
#include "zebra/routerid.h"
#include "zebra/source.h"
#include "zebra/state_legs.h"

static uint64_t
seconds_since(int64_t then, int64_t now)
{
	return then && now > then ? (uint64_t)(now - then) / TIME_SEC : 0;
}

/* --- interfaces ----------------------------------------------------------------------------------- */

static const struct {
	uint32_t flag;
	const char *name;
} link_flags[] = {
	{IFF_UP, "UP"},
	{0x10000, "LOWER_UP"},
	{IFF_LOOPBACK, "LOOPBACK"},
	{IFF_BROADCAST, "BROADCAST"},
	{IFF_RUNNING, "RUNNING"},
	{IFF_MULTICAST, "MULTICAST"},
	{IFF_POINTOPOINT, "POINTOPOINT"},
	{IFF_NOARP, "NOARP"},
	{IFF_PROMISC, "PROMISC"},
	{IFF_ALLMULTI, "ALLMULTI"},
};

static void
iface_addresses(struct rows *out, const struct iface *i)
{
	row_array(out, "addresses");
	for (unsigned k = 0; k < i->addr_count; k++) {
		const struct kernel_addr *a = &i->addrs[k]->k;
		char text[IPADDR_STRLEN];
		row_object(out, NULL);
		row_printf(out, "address", "%s/%u", ipaddr_print(&a->local, text), a->prefixlen);
		row_str(out, "afi", a->local.afi == AFI_IP4 ? "ipv4" : "ipv6");
		if (a->peer.afi)
			row_addr(out, "peer", &a->peer);
		row_bool(out, "secondary", a->local.afi == AFI_IP4 && a->flags & 0x01);
		row_bool(out, "tentative", a->flags & 0x40);
		if (a->label[0] && strcmp(a->label, i->k.name))
			row_str(out, "label", a->label);
		row_close(out);
	}
	row_close(out);
}

static void
iface_row(struct rows *out, const struct zebra *z, const struct iface *i, int64_t now)
{
	row_begin(out);
	row_str(out, "name", i->k.name);
	row_uint(out, "index", i->k.ifindex);
	row_bool(out, "adminUp", kernel_link_up(&i->k));
	row_bool(out, "operative", kernel_link_running(&i->k));
	row_bool(out, "linkDetection", i->link_detect);
	row_uint(out, "linkUps", i->ups);
	row_uint(out, "linkDowns", i->downs);
	if (i->last_up)
		row_uint(out, "lastUpSeconds", seconds_since(i->last_up, now));
	if (i->last_down)
		row_uint(out, "lastDownSeconds", seconds_since(i->last_down, now));
	if (i->description[0])
		row_str(out, "description", i->description);
	row_uint(out, "mtu", i->k.mtu);
	row_uint(out, "speed", i->config_mbps ? i->config_mbps : i->k.speed_mbps);
	row_uint(out, "bandwidth", i->config_mbps);
	row_uint(out, "carrierChanges", i->k.carrier_changes);
	row_array(out, "flags");
	for (size_t f = 0; f < sizeof(link_flags) / sizeof(link_flags[0]); f++)
		if (i->k.flags & link_flags[f].flag)
			row_str(out, NULL, link_flags[f].name);
	row_close(out);
	row_str(out, "type", i->k.flags & IFF_LOOPBACK ? "Loopback" : i->k.hwaddr_len == 6 ? "Ethernet" : "Unknown");
	if (i->k.hwaddr_len == 6)
		row_printf(out, "hardwareAddress", "%02x:%02x:%02x:%02x:%02x:%02x", i->k.hwaddr[0], i->k.hwaddr[1],
			i->k.hwaddr[2], i->k.hwaddr[3], i->k.hwaddr[4], i->k.hwaddr[5]);
	row_str(out, "kind", i->k.kind);
	const struct iface *parent = i->k.parent ? iface_find(z, i->k.parent) : NULL;
	if (parent)
		row_str(out, "parent", parent->k.name);
	const struct iface *master = i->k.master ? iface_find(z, i->k.master) : NULL;
	if (master)
		row_str(out, "master", master->k.name);
	iface_addresses(out, i);
	row_end(out);
}

bool
state_interfaces(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct zebra *z = core;
	const char *name = nb_arg(args, "name");
	for (unsigned n = 0; n < z->ifaces->count; n++) {
		const struct iface *i = z->ifaces->items[n];
		if (i->k.ifindex <= resume->n || (name && strcmp(name, i->k.name)))
			continue;
		iface_row(out, z, i, now);
		resume->n = i->k.ifindex;
		if (rows_full(out))
			return false;
	}
	return true;
}

/* --- next-hop groups ------------------------------------------------------------------------------ */

static void
group_row(struct rows *out, const struct zebra *z, const struct nhg *g, int64_t now)
{
	const struct kgroup *kg = g->kg;
	row_begin(out);
	row_uint(out, "id", kg ? kg->id : 0);
	row_str(out, "type", g->source->row->name);
	row_uint(out, "refCount", g->refs + g->route_count);
	row_uint(out, "routes", g->route_count);
	row_uint(out, "uptime", seconds_since(g->since, now));
	row_bool(out, "valid", g->active);
	row_bool(out, "installed", kg && kg->written && !kg->pending && !kg->error);
	row_bool(out, "queued", kg && (kg->pending || kg->dirty));
	if (kg && kg->error)
		row_str(out, "failed", strerror(kg->error));
	row_uint(out, "activeRank", g->rank);
	row_array(out, "depends");
	for (unsigned i = 0; kg && i < kg->count; i++)
		row_uint(out, NULL, kg->members[i].leg->id);
	row_close(out);
	state_legs(out, z, g, kg && kg->written && !kg->error);
	row_end(out);
}

/* Sources in order, groups of each by position; a change in between may repeat or skip one. */
bool
state_nexthop_groups(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct zebra *z = core;
	const char *id = nb_arg(args, "id");
	uint64_t at = 0;
	for (unsigned i = 0; i < z->source_count; i++) {
		const struct nhg *g;
		char text[16];
		TAILQ_FOREACH(g, &z->sources[i]->nhgs, of_source) {
			if (at++ < resume->n)
				continue;
			resume->n = at;
			snprintf(text, sizeof(text), "%u", g->kg ? g->kg->id : 0);
			if (id && strcmp(id, text))
				continue;
			group_row(out, z, g, now);
			if (rows_full(out))
				return false;
		}
	}
	return true;
}

/* --- next-hop tracking ---------------------------------------------------------------------------- */

static void
nht_row(struct rows *out, const struct zebra *z, const struct nht_entry *e)
{
	const struct nht_client *c;
	const struct nhg_via *v;
	unsigned users = 0;
	row_begin(out);
	row_addr(out, "address", &e->address);
	row_str(out, "afi", e->address.afi == AFI_IP4 ? "ipv4" : "ipv6");
	row_bool(out, "reachable", e->reachable && !e->special);
	if (e->reachable) {
		row_str(out, "protocol", protocol_row(e->proto)->name);
		row_prefix(out, "prefix", &e->by);
		row_uint(out, "metric", e->metric);
		row_uint(out, "distance", e->distance);
		row_bool(out, "connected", e->connected);
	}
	row_array(out, "nexthops");
	for (unsigned i = 0; i < e->leg_count; i++) {
		const struct nht_leg *l = &e->legs[i];
		const struct iface *ifc = iface_find(z, l->ifindex);
		row_object(out, NULL);
		row_addr(out, "gateway", &l->gateway);
		row_uint(out, "interfaceIndex", l->ifindex);
		row_str(out, "interfaceName", ifc ? ifc->k.name : "?");
		row_uint(out, "weight", l->weight);
		row_close(out);
	}
	row_close(out);
	row_array(out, "clients");
	LIST_FOREACH(c, &e->clients, link)
		row_str(out, NULL, z->sources[c->client - 1]->row->name);
	row_close(out);
	LIST_FOREACH(v, &e->users, of_entry)
		users++;
	row_uint(out, "groups", users);
	row_bool(out, "resolveViaDefault", z->nht->via_default);
	row_end(out);
}

bool
state_nht(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct zebra *z = core;
	const char *want = nb_arg(args, "afi");
	(void)now;
	struct prefix last;
	memcpy(&last, resume->key, sizeof(last));
	for (uint8_t afi = AFI_IP4; afi <= AFI_IP6; afi++) {
		struct rtable_iter it;
		struct prefix p;
		void **slot;
		if (afi < last.afi || (want && strcmp(want, afi == AFI_IP4 ? "4" : "6")))
			continue;
		rtable_iter_init(&it, z->nht->entries[afi], NULL);
		if (last.afi == afi)
			rtable_iter_after(&it, &last);
		while ((slot = rtable_next(&it, &p))) {
			nht_row(out, z, *slot);
			memcpy(resume->key, &p, sizeof(p));
			if (rows_full(out))
				return false;
		}
	}
	return true;
}

/* --- clients, router id, counters ----------------------------------------------------------------- */

bool
state_clients(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct zebra *z = core;
	(void)args;
	(void)resume;
	for (unsigned i = PROTO_STATIC; i < z->source_count; i++) {
		const struct source *s = z->sources[i];
		if (s->proto == PROTO_DETOUR)
			continue;
		row_begin(out);
		row_str(out, "name", s->row->name);
		row_uint(out, "instance", s->instance);
		row_bool(out, "connected", s->connected || s->proto == PROTO_STATIC);
		row_bool(out, "replaying", s->replaying);
		row_uint(out, "connectTime", seconds_since(s->opened, now));
		row_uint(out, "lastRead", seconds_since(s->last_read, now));
		row_uint(out, "routes", s->routes);
		row_uint(out, "added", s->added);
		row_uint(out, "deleted", s->deleted);
		row_uint(out, "batches", s->batches);
		row_uint(out, "graceSeconds", s->grace_seconds);
		if (timer_armed(&s->grace))
			row_uint(out, "graceLeft", (uint64_t)(s->grace.due > now ? s->grace.due - now : 0) / TIME_SEC);
		row_end(out);
	}
	return true;
}

bool
state_router_id(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct zebra *z = core;
	(void)args;
	(void)resume;
	(void)now;
	row_begin(out);
	row_ip4(out, "routerId", z->routerid->current);
	row_bool(out, "configured", z->routerid->configured != 0);
	row_end(out);
	return true;
}

#define COUNTER(f) {#f, ROW_U64, offsetof(struct zebra_stats, f), NULL}
static const struct row_field stat_fields[] = {
	COUNTER(routes_written),
	COUNTER(routes_deleted),
	COUNTER(routes_failed),
	COUNTER(routes_repaired),
	COUNTER(groups_written),
	COUNTER(groups_failed),
	COUNTER(nexthops_written),
	COUNTER(stalls),
	COUNTER(adopted),
	COUNTER(claimed),
	COUNTER(swept),
	COUNTER(results_stale),
	{0},
};

bool
state_core(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct zebra *z = core;
	(void)args;
	(void)resume;
	(void)now;
	row_begin(out);
	row_str(out, "part", "rib");
	row_fields(out, stat_fields, &z->stats);
	row_uint(out, "routes", z->rib->route_count);
	row_uint(out, "installed", z->rib->installed);
	row_uint(out, "waiting", z->rib->dirty.count - z->rib->dirty.head);
	row_uint(out, "groups", z->nhgs->nhg_count);
	row_uint(out, "legs", z->nhgs->leg_count);
	row_uint(out, "lookups", z->nht->lookups);
	row_uint(out, "repairs", z->repairs->count);
	row_uint(out, "repairLastUs", z->repairs->last_us);
	row_uint(out, "repairWorstUs", z->repairs->worst_us);
	row_end(out);
	return true;
}
