/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of the instance, areas, interfaces, neighbours and drop counters. Read only.
 */
#include "ospfd/state.h"

#include <string.h>

#include "ospfd/lan.h"
#include "ospfd/nbr_bfd.h"
#include "ospfd/stats.h"

struct ospf *
state_core(void *core)
{
	const struct state_source *src = core;

	return src->ospf;
}

static uint64_t
ms_since(int64_t then, int64_t now)
{
	return then && now > then ? (uint64_t)((now - then) / TIME_MS) : 0;
}

static uint64_t
ms_until(const struct timer *t, int64_t now)
{
	return timer_armed(t) && t->due > now ? (uint64_t)((t->due - now) / TIME_MS) : 0;
}

static void
row_slot(struct rows *out, const struct lsdb *db, const struct ospf *o, uint16_t type, const char *count,
	const char *checksum)
{
	const struct lsa_desc *d = o->v->lsa_desc(type);

	row_uint(out, count, d ? db->by_slot[d->slot].count : 0);
	row_uint(out, checksum, d ? db->by_slot[d->slot].cksum_sum : 0);
}

static bool
state_instance(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct ospf *o = state_core(core);
	const struct ospf_config *c = o->conf;
	unsigned areas = 0, neighbors = 0;

	(void)args, (void)resume;
	if (!o->running)
		return true;
	const struct area *a;
	TAILQ_FOREACH(a, &o->areas, entry)
		areas++;
	for (struct nbr *n = NULL; (n = ospf_nbr_next(o, n));)
		neighbors++;
	row_begin(out);
	row_ip4(out, "router-id", o->router_id);
	row_bool(out, "running", o->running);
	row_uint(out, "uptime-ms", ms_since(o->started, now));
	row_bool(out, "asbr", o->asbr);
	row_bool(out, "stub-router", o->stub_router);
	const char *waiting_for;
	row_bool(out, "ready", ospf_is_ready(o, &waiting_for));
	if (*waiting_for)
		row_str(out, "waiting-for", waiting_for);
	row_uint(out, "spf-initial-ms", c->spf.throttle ? c->spf.throttle_delay_ms : c->spf.initial_ms);
	row_uint(out, "spf-hold-ms", c->spf.throttle ? c->spf.throttle_hold_ms : c->spf.short_ms);
	row_uint(out, "spf-max-ms", c->spf.throttle ? c->spf.throttle_max_ms : c->spf.long_ms);
	state_spf_fields(o, out, now);
	row_uint(out, "spf-last-us", (uint64_t)((const struct state_source *)core)->spf_us);
	row_uint(out, "min-arrival-ms", c->min_ls_arrival_ms);
	row_uint(out, "min-interval-ms", c->min_ls_interval_ms);
	row_uint(out, "refresh-s", c->refresh_s);
	row_bool(out, "opaque", c->opaque);
	row_uint(out, "maximum-paths", c->maximum_paths);
	row_uint(out, "distance", c->distance ? c->distance : 110);
	row_uint(out, "reference-mbit", c->reference_mbit);
	row_slot(out, &o->as_db, o, o->v->external_lsa, "external-lsas", "external-checksum");
	row_slot(out, &o->as_db, o, 11, "opaque-as-lsas", "opaque-as-checksum");
	row_uint(out, "areas", areas);
	row_uint(out, "neighbors", neighbors);
	row_uint(out, "full-neighbors", o->full_nbrs);
	row_end(out);
	return true;
}

static void
area_row(const struct ospf *o, const struct area *a, struct rows *out)
{
	const struct iface *i;
	unsigned count = 0;

	TAILQ_FOREACH(i, &a->ifaces, entry)
		count++;
	row_begin(out);
	row_ip4(out, "area", a->id);
	row_bool(out, "backbone", a->id == 0);
	row_uint(out, "interfaces", count);
	row_uint(out, "active-interfaces", area_active_ifaces(a));
	row_uint(out, "full-neighbors", a->full_nbrs);
	row_uint(out, "spf-runs", a->spf_runs);
	row_uint(out, "lsas", lsdb_count(&a->db));
	row_slot(out, &a->db, o, o->v->router_lsa, "router-lsas", "router-checksum");
	row_slot(out, &a->db, o, o->v->network_lsa, "network-lsas", "network-checksum");
	row_slot(out, &a->db, o, o->v->summary_lsa, "summary-lsas", "summary-checksum");
	row_slot(out, &a->db, o, o->v->asbr_lsa, "asbr-lsas", "asbr-checksum");
	row_slot(out, &a->db, o, 7, "nssa-lsas", "nssa-checksum");
	row_slot(out, &a->db, o, 9, "opaque-link-lsas", "opaque-link-checksum");
	row_slot(out, &a->db, o, 10, "opaque-area-lsas", "opaque-area-checksum");
	row_end(out);
}

static bool
state_areas(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct ospf *o = state_core(core);
	const struct area *a;

	(void)args, (void)now;
	TAILQ_FOREACH(a, &o->areas, entry) {
		if (resume->n > a->id)
			continue;
		if (rows_full(out)) {
			resume->n = a->id;
			return false;
		}
		area_row(o, a, out);
	}
	return true;
}

static void
packets_object(struct rows *out, const char *name, const uint64_t *count)
{
	row_object(out, name);
	row_uint(out, "hello", count[PKT_HELLO]);
	row_uint(out, "dbdesc", count[PKT_DBDESC]);
	row_uint(out, "lsreq", count[PKT_LSREQ]);
	row_uint(out, "lsupd", count[PKT_LSUPD]);
	row_uint(out, "lsack", count[PKT_LSACK]);
	row_close(out);
}

static void
iface_dr_fields(const struct iface *i, struct rows *out)
{
	if (i->dr) {
		row_ip4(out, "dr-id", i->dr_id);
		row_ip4(out, "dr-address", i->dr);
	}
	if (i->bdr) {
		row_ip4(out, "bdr-id", i->bdr_id);
		row_ip4(out, "bdr-address", i->bdr);
	}
}

static void
iface_counter_fields(const struct iface *i, struct rows *out)
{
	uint64_t drops = 0, retransmissions = 0;
	const struct nbr *n;

	for (unsigned d = 0; d < DROP_COUNT; d++)
		drops += i->drops[d];
	TAILQ_FOREACH(n, &i->nbrs, entry)
		retransmissions += n->retransmissions;
	row_uint(out, "neighbors", i->nbr_count);
	row_uint(out, "full-neighbors", i->full_nbrs);
	row_uint(out, "retransmissions", retransmissions);
	row_uint(out, "state-changes", i->fsm.changes);
	packets_object(out, "rx", i->rx);
	packets_object(out, "tx", i->tx);
	row_uint(out, "drops", drops);
}

static void
iface_lan_fields(const struct ospf_lan *lan, struct rows *out)
{
	if (!lan->role && !lan->dead)
		return;
	row_str(out, "lan-role", ospf_lan_role_name(lan->role));
	row_bool(out, "lan-dead", lan->dead);
	row_str(out, "lan-announced", ospf_lan_fate_name(ospf_lan_fate(lan)));
	row_uint(out, "lan-added-cost", lan->added_cost);
}

/* As FRR's ospfd shows its sessions: its own wish, not what bfdd makes of it with a profile. */
static void
bfd_fields(const struct iface *i, struct rows *out)
{
	const struct ospf_bfd_params *p = &i->p.bfd_params;

	if (p->profile[0])
		row_str(out, "bfd-profile", p->profile);
	row_uint(out, "bfd-multiplier", p->detect_multiplier ? p->detect_multiplier : 3);
	row_uint(out, "bfd-receive-ms", p->min_rx_ms ? p->min_rx_ms : 300);
	row_uint(out, "bfd-transmit-ms", p->min_tx_ms ? p->min_tx_ms : 300);
}

static void
iface_row(const struct ospf *o, const struct iface *i, struct rows *out, int64_t now)
{
	static const char *const types[] = {"AUTO", "BROADCAST", "POINTOPOINT", "POINTOMULTIPOINT", "NBMA", "LOOPBACK"};
	static const char *const auths[] = {"none", "simple", "message-digest", "none"};

	row_begin(out);
	row_str(out, "name", iface_name(i));
	row_uint(out, "ifindex", iface_ifindex(i));
	row_bool(out, "up", i->link->info.up);
	row_uint(out, "mtu", i->link->info.mtu);
	row_uint(out, "bandwidth-mbit", i->link->info.bandwidth_kbit / 1000);
	row_addr(out, "address", &i->addr);
	row_uint(out, "prefix-length", i->plen);
	if (i->peer.afi)
		row_addr(out, "peer", &i->peer);
	row_bool(out, "unnumbered", i->unnumbered);
	row_ip4(out, "area", i->area->id);
	row_ip4(out, "router-id", o->router_id);
	row_str(out, "network-type", types[i->p.net_type]);
	row_uint(out, "cost", i->p.cost);
	row_uint(out, "transmit-delay-s", i->p.delay_s);
	row_str(out, "state", ism_state_name(iface_state(i)));
	row_uint(out, "priority", i->p.priority);
	iface_dr_fields(i, out);
	row_bool(out, "all-routers", i->in_all_spf);
	row_bool(out, "designated-routers", i->in_all_d);
	row_uint(out, "hello-ms", (uint64_t)(i->p.hello / TIME_MS));
	row_uint(out, "dead-s", i->p.dead_s);
	row_uint(out, "retransmit-s", (uint64_t)(i->p.rxmt / TIME_SEC));
	row_uint(out, "hello-due-ms", ms_until(&i->hello_timer, now));
	row_bool(out, "passive", i->p.passive);
	row_bool(out, "mtu-ignore", i->p.mtu_ignore);
	row_str(out, "authentication", auths[i->p.auth]);
	row_bool(out, "bfd", i->p.bfd);
	if (i->p.bfd)
		bfd_fields(i, out);
	iface_lan_fields(&i->link->lan, out);
	iface_counter_fields(i, out);
	row_end(out);
}

/* The walks below count rows: a resumed one skips as many as it has given. */
static bool
state_interfaces(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct ospf *o = state_core(core);
	const char *want = nb_arg(args, "interface");
	uint64_t seen = 0;

	for (struct iface *i = NULL; (i = iface_next(o, i));) {
		if (want && strcmp(want, iface_name(i)) != 0)
			continue;
		if (seen++ < resume->n)
			continue;
		if (rows_full(out))
			return false;
		iface_row(o, i, out, now);
		resume->n++;
	}
	return true;
}

static void
neighbor_row(const struct nbr *n, struct rows *out, int64_t now)
{
	const struct iface *i = n->iface;

	row_begin(out);
	row_ip4(out, "router-id", n->router_id);
	row_addr(out, "address", &n->addr);
	row_str(out, "interface", iface_name(i));
	row_addr(out, "local-address", &i->addr);
	row_ip4(out, "area", i->area->id);
	row_uint(out, "priority", n->priority);
	row_str(out, "state", nsm_state_name(nbr_state(n)));
	const char *role = nbr_role_name(n);
	row_str(out, "role", strcmp(role, "-") ? role : "DROther");
	row_str(out, "role-shown", role);
	row_uint(out, "state-changes", n->fsm.changes);
	row_uint(out, "up-ms", ms_since(n->last_progress, now));
	if (n->last_regress) {
		row_uint(out, "last-regress-ms", ms_since(n->last_regress, now));
		row_str(out, "last-regress-why", n->last_regress_why);
	}
	if (n->dr)
		row_ip4(out, "dr", n->dr);
	if (n->bdr)
		row_ip4(out, "bdr", n->bdr);
	row_uint(out, "options", n->options);
	row_uint(out, "dead-due-ms", ms_until(&n->inactivity, now));
	row_uint(out, "retransmit-list", n->retrans_count);
	row_uint(out, "request-list", n->requests.count);
	row_uint(out, "summary-list", nbr_summary_left(n));
	row_uint(out, "retransmissions", n->retransmissions);
	if (n->bfd_session) {
		bfd_fields(n->iface, out);
		row_str(out, "bfd-status", ospf_bfd_name(n->bfd));
		if (n->bfd_since)
			row_uint(out, "bfd-since-ms", ms_since(n->bfd_since, now));
	}
	row_end(out);
}

static bool
neighbor_wanted(const struct nbr *n, const char *interface, const char *neighbor)
{
	char id[IPADDR_STRLEN], addr[IPADDR_STRLEN];

	if (interface && strcmp(interface, iface_name(n->iface)) != 0)
		return false;
	return !neighbor || !strcmp(neighbor, ip4_print(n->router_id, id)) ||
	       !strcmp(neighbor, ipaddr_print(&n->addr, addr));
}

static bool
state_neighbors(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct ospf *o = state_core(core);
	const char *interface = nb_arg(args, "interface"), *neighbor = nb_arg(args, "neighbor");
	uint64_t seen = 0;

	for (struct nbr *n = NULL; (n = ospf_nbr_next(o, n));) {
		if (!neighbor_wanted(n, interface, neighbor) || seen++ < resume->n)
			continue;
		if (rows_full(out))
			return false;
		neighbor_row(n, out, now);
		resume->n++;
	}
	return true;
}

static const struct row_field totals[] = {
	{"received-octets", ROW_U64, offsetof(struct ospf_stats, rx_bytes), NULL},
	{"sent-octets", ROW_U64, offsetof(struct ospf_stats, tx_bytes), NULL},
	{"lsas-received", ROW_U64, offsetof(struct ospf_stats, lsa_rx), NULL},
	{"lsas-new", ROW_U64, offsetof(struct ospf_stats, lsa_new), NULL},
	{"lsas-duplicate", ROW_U64, offsetof(struct ospf_stats, lsa_dup), NULL},
	{"lsas-older", ROW_U64, offsetof(struct ospf_stats, lsa_older), NULL},
	{"lsas-originated", ROW_U64, offsetof(struct ospf_stats, lsa_originated), NULL},
	{"lsas-refreshed", ROW_U64, offsetof(struct ospf_stats, lsa_refreshed), NULL},
	{"lsas-flushed", ROW_U64, offsetof(struct ospf_stats, lsa_flushed), NULL},
	{"lsas-retransmitted", ROW_U64, offsetof(struct ospf_stats, lsa_retransmitted), NULL},
	{"acks-received", ROW_U64, offsetof(struct ospf_stats, acks_rx), NULL},
	{"acks-unexpected", ROW_U64, offsetof(struct ospf_stats, acks_bad), NULL},
	{"sequence-wraps", ROW_U64, offsetof(struct ospf_stats, wraps), NULL},
	{"elections", ROW_U64, offsetof(struct ospf_stats, elections), NULL},
	{"adjacencies-lost", ROW_U64, offsetof(struct ospf_stats, adjacencies_lost), NULL},
	{0},
};

static bool
state_statistics(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct ospf *o = state_core(core);

	(void)args, (void)resume, (void)now;
	for (enum ospf_drop d = DROP_NONE + 1; d < DROP_COUNT; d++) {
		row_begin(out);
		row_str(out, "reason", ospf_drop_name(d));
		row_uint(out, "count", o->stats.drops[d]);
		row_str(out, "explanation", ospf_drop_explain(d));
		row_end(out);
	}
	row_begin(out);
	row_bool(out, "totals", true);
	packets_object(out, "received", o->stats.rx);
	packets_object(out, "sent", o->stats.tx);
	row_fields(out, totals, &o->stats);
	row_end(out);
	return true;
}

const struct state_producer shell_producers[] = {
	{"ospf/instance", state_instance},
	{"ospf/areas", state_areas},
	{"ospf/interfaces", state_interfaces},
	{"ospf/neighbors", state_neighbors},
	{"ospf/database", state_database},
	{"ospf/routes", state_routes},
	{"ospf/border-routers", state_border_routers},
	{"ospf/fast-reroute", state_fast_reroute},
	{"ospf/statistics", state_statistics},
	{0},
};
