/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show ip ospf, its neighbours, interfaces and statistics: FRR's text and FRR's JSON from ospfd's rows. */
#include "vtysh/view_ospf.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/prefix.h"

/* --- common -------------------------------------------------------------------------------------- */
static bool
add_row(void *arg, json_t *row)
{
	json_array_append(arg, row);
	return true;
}

json_t *
ospf_rows(const struct exec_call *c, const char *path, const struct key_value *kv, unsigned n)
{
	json_t *all = json_array();
	view_rows(c->sh, "ospfd", path, kv, n, add_row, all);
	return all;
}

void
ospf_json_start(const struct exec_call *c, struct jw *w)
{
	jw_start(w, c->sh->out);
	if (!call_flag(c, "vrf"))
		return;
	jw_object(w, "default");
	jw_str(w, "vrfName", "default");
	jw_uint(w, "vrfId", 0);
}

void
ospf_json_end(const struct exec_call *c, struct jw *w)
{
	if (call_flag(c, "vrf"))
		jw_close(w, '}');
	jw_end(w);
}

static bool
keep(void *arg, json_t *row)
{
	*(json_t **)arg = json_incref(row);
	return false;
}

json_t *
ospf_instance(const struct exec_call *c)
{
	json_t *row = NULL;
	bool up = view_rows(c->sh, "ospfd", "ospf/instance", NULL, 0, keep, &row);
	if (!row && c->json)
		out_text(c->sh->out, "{\n}\n");
	else if (!row && up && (!c->sh->only || !strcmp(c->sh->only, "ospfd")))
		out_text(c->sh->out, "% OSPF is not enabled in vrf default\n");
	else if (row && !c->json && call_flag(c, "vrf"))
		out_text(c->sh->out, "VRF Name: default\n");
	return row;
}

const char *
ospf_options(unsigned o, char out[32])
{
	snprintf(out, 32, "*|%s|%s|%s|%s|%s|%s|%s", o & 0x40 ? "O" : "-", o & 0x20 ? "DC" : "-", o & 0x10 ? "EA" : "-",
		o & 0x08 ? "N/P" : "-", o & 0x04 ? "MC" : "-", o & 0x02 ? "E" : "-", o & 0x01 ? "MT" : "-");
	return out;
}

static unsigned
num(const json_t *row, const char *key)
{
	return (unsigned)json_uint(row, key);
}

static const char *
ms_of(const json_t *row, const char *key, char out[32])
{
	return time_ms(json_uint(row, key), out);
}

/* --- show ip ospf --------------------------------------------------------------------------------- */
static const struct {
	const char *name, *lsas, *cksum, *json_count, *json_cksum;
} area_types[] = {
	{"router", "router-lsas", "router-checksum", "lsaRouterNumber", "lsaRouterChecksum"},
	{"network", "network-lsas", "network-checksum", "lsaNetworkNumber", "lsaNetworkChecksum"},
	{"summary", "summary-lsas", "summary-checksum", "lsaSummaryNumber", "lsaSummaryChecksum"},
	{"ASBR summary", "asbr-lsas", "asbr-checksum", "lsaAsbrNumber", "lsaAsbrChecksum"},
	{"NSSA", "nssa-lsas", "nssa-checksum", "lsaNssaNumber", "lsaNssaChecksum"},
	{"opaque link", "opaque-link-lsas", "opaque-link-checksum", "lsaOpaqueLinkNumber", "lsaOpaqueLinkChecksum"},
	{"opaque area", "opaque-area-lsas", "opaque-area-checksum", "lsaOpaqueAreaNumber", "lsaOpaqueAreaChecksum"},
};
#define AREA_TYPES (sizeof(area_types) / sizeof(area_types[0]))

static void
area_text(struct out *o, const json_t *a)
{
	bool backbone = json_bool(a, "backbone");
	out_printf(o, " Area ID: %s%s\n", json_text(a, "area"), backbone ? " (Backbone)" : "");
	if (!backbone)
		out_text(o, "   Shortcutting mode: Default, S-bit consensus: no\n");
	out_printf(o, "   Number of interfaces in this area: Total: %u, Active: %u\n", num(a, "interfaces"),
		num(a, "active-interfaces"));
	out_printf(o, "   Number of fully adjacent neighbors in this area: %u\n", num(a, "full-neighbors"));
	out_text(o, "   Area has no authentication\n");
	if (!backbone)
		out_text(o, "   Number of full virtual adjacencies going through this area: 0\n");
	out_printf(o, "   SPF algorithm executed %u times\n", num(a, "spf-runs"));
	out_printf(o, "   Number of LSA %u\n", num(a, "lsas"));
	for (unsigned i = 0; i < AREA_TYPES; i++)
		out_printf(o, "   Number of %s LSA %u. Checksum Sum 0x%08x\n", area_types[i].name, num(a, area_types[i].lsas),
			num(a, area_types[i].cksum));
	out_text(o, "\n");
}

static void
area_json(struct jw *w, const json_t *a)
{
	bool backbone = json_bool(a, "backbone");
	jw_object(w, json_text(a, "area"));
	if (backbone)
		jw_bool(w, "backbone", true);
	else
		jw_str(w, "shortcuttingMode", "Default");
	jw_field(w, "areaIfTotalCounter", a, "interfaces");
	jw_field(w, "areaIfActiveCounter", a, "active-interfaces");
	jw_field(w, "nbrFullAdjacentCounter", a, "full-neighbors");
	jw_str(w, "authentication", "authenticationNone");
	if (!backbone)
		jw_uint(w, "virtualAdjacenciesPassingCounter", 0);
	jw_field(w, "spfExecutedCounter", a, "spf-runs");
	jw_field(w, "lsaNumber", a, "lsas");
	for (unsigned i = 0; i < AREA_TYPES; i++) {
		jw_field(w, area_types[i].json_count, a, area_types[i].lsas);
		jw_field(w, area_types[i].json_cksum, a, area_types[i].cksum);
	}
	jw_close(w, '}');
}

static void
instance_text(struct out *o, const json_t *r)
{
	char t[32];
	bool abr = num(r, "areas") > 1, asbr = json_bool(r, "asbr");
	out_printf(o, " OSPF Routing Process, Router ID: %s\n", json_text(r, "router-id"));
	out_text(o, " Supports only single TOS (TOS0) routes\n This implementation conforms to RFC2328\n"
		    " RFC1583Compatibility flag is disabled\n");
	out_printf(o, " OpaqueCapability flag is %s\n", json_has(r, "opaque") && !json_bool(r, "opaque") ? "disabled" : "enabled");
	if (json_bool(r, "stub-router"))
		out_text(o, " Stub router advertisement is configured\n");
	if (json_has(r, "waiting-for"))
		out_printf(o, " Routing is not complete: %s\n", json_text(r, "waiting-for"));
	out_printf(o, " Initial SPF scheduling delay %u millisec(s)\n", num(r, "spf-initial-ms"));
	out_printf(o, " Minimum hold time between consecutive SPFs %u millisec(s)\n", num(r, "spf-hold-ms"));
	out_printf(o, " Maximum hold time between consecutive SPFs %u millisec(s)\n", num(r, "spf-max-ms"));
	out_printf(o, " Hold time multiplier is currently %u\n", json_has(r, "spf-hold-multiplier") ? num(r, "spf-hold-multiplier") : 1);
	if (json_has(r, "spf-last-run-ms"))
		out_printf(o, " SPF algorithm last executed %s ago\n Last SPF duration %u usecs\n",
			ms_of(r, "spf-last-run-ms", t), num(r, "spf-last-us"));
	else
		out_text(o, " SPF algorithm has not been run\n");
	if (json_has(r, "spf-due-ms"))
		out_printf(o, " SPF timer due in %s\n", ms_of(r, "spf-due-ms", t));
	else
		out_text(o, " SPF timer is inactive\n");
	out_printf(o, " LSA minimum interval %u msecs\n LSA minimum arrival %u msecs\n", num(r, "min-interval-ms"),
		num(r, "min-arrival-ms"));
	out_printf(o, " Refresh timer %u secs\n", num(r, "refresh-s"));
	out_printf(o, " Maximum multiple paths(ECMP) supported %u\n Administrative distance %u\n", num(r, "maximum-paths"),
		num(r, "distance"));
	if (abr)
		out_text(o, " This router is an ABR, ABR type is: Alternative Cisco\n");
	if (asbr)
		out_text(o, " This router is an ASBR (injecting external routing information)\n");
	out_printf(o, " Number of external LSA %u. Checksum Sum 0x%08x\n", num(r, "external-lsas"), num(r, "external-checksum"));
	out_printf(o, " Number of opaque AS LSA %u. Checksum Sum 0x%08x\n", num(r, "opaque-as-lsas"), num(r, "opaque-as-checksum"));
	out_printf(o, " Number of areas attached to this router: %u\n", num(r, "areas"));
}

static void
instance_json(struct jw *w, const json_t *r)
{
	static const struct jw_map first[] = {
		{"spfScheduleDelayMsecs", "spf-initial-ms", NULL}, {"holdtimeMinMsecs", "spf-hold-ms", NULL},
		{"holdtimeMaxMsecs", "spf-max-ms", NULL}, {"holdtimeMultplier", "spf-hold-multiplier", NULL},
		{"spfLastExecutedMsecs", "spf-last-run-ms", NULL}, {"lsaMinIntervalMsecs", "min-interval-ms", NULL},
		{"lsaMinArrivalMsecs", "min-arrival-ms", NULL}, {"maximumPaths", "maximum-paths", NULL},
		{"preference", "distance", NULL}, {NULL, NULL, NULL},
	};
	static const struct jw_map last[] = {
		{"lsaExternalCounter", "external-lsas", NULL}, {"lsaExternalChecksum", "external-checksum", NULL},
		{"lsaAsopaqueCounter", "opaque-as-lsas", NULL}, {"lsaAsOpaqueChecksum", "opaque-as-checksum", NULL},
		{"attachedAreaCounter", "areas", NULL}, {NULL, NULL, NULL},
	};
	jw_field(w, "routerId", r, "router-id");
	jw_bool(w, "tosRoutesOnly", true);
	jw_bool(w, "rfc2328Conform", true);
	jw_bool(w, "opaqueCapable", !json_has(r, "opaque") || json_bool(r, "opaque"));
	if (json_bool(r, "stub-router"))
		jw_bool(w, "stubAdvertisement", true);
	jw_fields(w, first, r);
	jw_uint(w, "spfLastDurationMsecs", json_uint(r, "spf-last-us") / 1000);
	jw_uint(w, "refreshTimerMsecs", 1000 * json_uint(r, "refresh-s"));
	jw_bool(w, "forwardingAddressSelf", false);
	jw_field(w, "routingReady", r, "ready");
	jw_field(w, "routingWaitsFor", r, "waiting-for");
	if (json_uint(r, "areas") > 1)
		jw_str(w, "abrType", "Alternative Cisco");
	if (json_bool(r, "asbr"))
		jw_str(w, "asbrRouter", "injectingExternalRoutingInformation");
	jw_fields(w, last, r);
}

void
show_ospf(const struct exec_call *c)
{
	struct jw w;
	size_t i;
	json_t *a, *r = ospf_instance(c);
	if (!r)
		return;
	json_t *areas = ospf_rows(c, "ospf/areas", NULL, 0);
	if (c->json) {
		ospf_json_start(c, &w);
		instance_json(&w, r);
		jw_object(&w, "areas");
		json_array_foreach(areas, i, a)
			area_json(&w, a);
		jw_close(&w, '}');
		ospf_json_end(c, &w);
	} else {
		instance_text(c->sh->out, r);
		json_array_foreach(areas, i, a)
			area_text(c->sh->out, a);
		out_text(c->sh->out, "\n");
	}
	json_decref(areas);
	json_decref(r);
}

/* --- neighbours ------------------------------------------------------------------------------------ */
static json_t *
neighbor_rows(const struct exec_call *c)
{
	struct key_value kv[2];
	unsigned n = 0;
	if (call_value(c, "interface"))
		kv[n++] = (struct key_value){"interface", call_value(c, "interface")};
	if (call_value(c, "addr"))
		kv[n++] = (struct key_value){"neighbor", call_value(c, "addr")};
	return ospf_rows(c, "ospf/neighbors", kv, n);
}

static void
neighbor_line(struct out *o, const json_t *n)
{
	char state[48], up[32], dead[32], where[96];
	snprintf(state, sizeof(state), "%s/%s", json_text(n, "state"), json_text(n, "role-shown"));
	snprintf(where, sizeof(where), "%s:%s", json_text(n, "interface"), json_text(n, "local-address"));
	out_printf(o, "%-15s %3u %-15s %-15s %9s %-15s %-32s %5u %5u %5u\n", json_text(n, "router-id"), num(n, "priority"),
		state, ms_of(n, "up-ms", up), ms_of(n, "dead-due-ms", dead), json_text(n, "address"), where,
		num(n, "retransmit-list"), num(n, "request-list"), num(n, "summary-list"));
}

static void
neighbor_json(struct jw *w, const json_t *n)
{
	char t[32];
	static const struct jw_map lists[] = {
		{"linkStateRetransmissionListCounter", "retransmit-list", NULL},
		{"linkStateRequestListCounter", "request-list", NULL},
		{"databaseSummaryListCounter", "summary-list", NULL}, {NULL, NULL, NULL},
	};
	jw_object(w, NULL);
	jw_printf(w, "nbrState", "%s/%s", json_text(n, "state"), json_text(n, "role-shown"));
	jw_field(w, "nbrPriority", n, "priority");
	jw_field(w, "converged", n, "state");
	jw_field(w, "role", n, "role");
	jw_field(w, "upTimeInMsec", n, "up-ms");
	jw_field(w, "routerDeadIntervalTimerDueMsec", n, "dead-due-ms");
	jw_str(w, "upTime", ms_of(n, "up-ms", t));
	jw_str(w, "deadTime", ms_of(n, "dead-due-ms", t));
	jw_field(w, "ifaceAddress", n, "address");
	jw_printf(w, "ifaceName", "%s:%s", json_text(n, "interface"), json_text(n, "local-address"));
	jw_fields(w, lists, n);
	jw_close(w, '}');
}

/* {"neighbors": {RID: [ ... ]}}: rows of a router stand together. */
static void
neighbors_json(const struct exec_call *c, const json_t *rows, void (*one)(struct jw *, const json_t *))
{
	struct jw w;
	size_t i, k;
	json_t *n, *m;
	ospf_json_start(c, &w);
	jw_object(&w, "neighbors");
	json_array_foreach(rows, i, n) {
		const char *rid = json_text(n, "router-id");
		bool seen = false;
		for (k = 0; k < i && !seen; k++)
			seen = !strcmp(json_text(json_array_get(rows, k), "router-id"), rid);
		if (seen)
			continue;
		jw_array(&w, rid);
		json_array_foreach(rows, k, m)
			if (!strcmp(json_text(m, "router-id"), rid))
				one(&w, m);
		jw_close(&w, ']');
	}
	jw_close(&w, '}');
	ospf_json_end(c, &w);
}

void
show_ospf_neighbors(const struct exec_call *c)
{
	size_t i;
	json_t *n, *r = ospf_instance(c);
	if (!r)
		return;
	json_decref(r);
	json_t *rows = neighbor_rows(c);
	if (c->json) {
		neighbors_json(c, rows, neighbor_json);
	} else {
		out_printf(c->sh->out, "\n%-15s %3s %-15s %-15s %-9s %-15s %-32s %5s %5s %5s\n", "Neighbor ID", "Pri", "State",
			"Up Time", "Dead Time", "Address", "Interface", "RXmtL", "RqstL", "DBsmL");
		json_array_foreach(rows, i, n)
			neighbor_line(c->sh->out, n);
		out_text(c->sh->out, "\n");
	}
	json_decref(rows);
}

static const char *
bfd_since(const json_t *n, char out[32])
{
	unsigned long long s = json_uint(n, "bfd-since-ms") / 1000;
	if (!json_has(n, "bfd-since-ms"))
		return "never";
	snprintf(out, 32, "%llu:%02llu:%02llu:%02llu", s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
	return out;
}

static void
neighbor_detail(struct out *o, const json_t *n)
{
	char t[32], opt[32];
	out_printf(o, " Neighbor %s, interface address %s\n", json_text(n, "router-id"), json_text(n, "address"));
	out_printf(o, "    In the area %s via interface %s local interface IP %s\n", json_text(n, "area"),
		json_text(n, "interface"), json_text(n, "local-address"));
	out_printf(o, "    Neighbor priority is %u, State is %s/%s, Role is %s,    %u state changes\n", num(n, "priority"),
		json_text(n, "state"), json_text(n, "role-shown"), json_text(n, "role"), num(n, "state-changes"));
	if (num(n, "retransmissions"))
		out_printf(o, "    %u LSA retransmissions\n", num(n, "retransmissions"));
	out_printf(o, "    Most recent state change statistics:\n      Progressive change %s ago\n", ms_of(n, "up-ms", t));
	if (json_has(n, "last-regress-ms"))
		out_printf(o, "      Regressive change %s ago, due to %s\n", ms_of(n, "last-regress-ms", t),
			json_text(n, "last-regress-why"));
	if (json_has(n, "dr"))
		out_printf(o, "    DR is %s, ", json_text(n, "dr"));
	else
		out_text(o, "    No designated router on this network\n");
	if (json_has(n, "bdr"))
		out_printf(o, "    BDR is %s\n", json_text(n, "bdr"));
	else
		out_printf(o, "    No backup designated router on this network\n");
	out_printf(o, "    Options %u %s\n", num(n, "options"), ospf_options(num(n, "options"), opt));
	out_printf(o, "    Dead timer due in %s\n    Non hello dead timer resets: 0\n", ms_of(n, "dead-due-ms", t));
	out_printf(o, "    Database Summary List %u\n    Link State Request List %u\n    Link State Retransmission List %u\n",
		num(n, "summary-list"), num(n, "request-list"), num(n, "retransmit-list"));
	out_printf(o, "    Thread Inactivity Timer on\n    Thread Database Description Retransmision %s\n",
		!strcmp(json_text(n, "state"), "ExStart") || !strcmp(json_text(n, "state"), "Exchange") ? "on" : "off");
	out_printf(o, "    Thread Link State Request Retransmission %s\n    Thread Link State Update Retransmission %s\n\n",
		num(n, "request-list") ? "on" : "off", num(n, "retransmit-list") ? "on" : "off");
	out_text(o, "    Graceful restart Helper info:\n      Graceful Restart HELPER Status : None\n\n");
	if (!json_has(n, "bfd-status"))
		return;
	out_text(o, "  BFD: Type: single hop\n");
	out_printf(o, "  Detect Multiplier: %u, Min Rx interval: %u, Min Tx interval: %u\n",
		num(n, "bfd-multiplier"), num(n, "bfd-receive-ms"), num(n, "bfd-transmit-ms"));
	out_printf(o, "  Status: %s, Last update: %s\n\n", json_text(n, "bfd-status"), bfd_since(n, t));
}

static void
neighbor_detail_json(struct jw *w, const json_t *n)
{
	char opt[32];
	static const struct jw_map first[] = {
		{"ifaceAddress", "address", NULL}, {"areaId", "area", NULL}, {"ifaceName", "interface", NULL},
		{"localIfaceAddress", "local-address", NULL}, {"nbrPriority", "priority", NULL}, {NULL, NULL, NULL},
	};
	static const struct jw_map second[] = {
		{"role", "role", NULL}, {"stateChangeCounter", "state-changes", NULL},
		{"lsaRetransmissions", "retransmissions", NULL}, {"lastPrgrsvChangeMsec", "up-ms", NULL},
		{"lastRegressiveChangeMsec", "last-regress-ms", NULL},
		{"lastRegressiveChangeReason", "last-regress-why", NULL}, {"routerDesignatedId", "dr", NULL},
		{"routerDesignatedBackupId", "bdr", NULL}, {"optionsCounter", "options", NULL}, {NULL, NULL, NULL},
	};
	static const struct jw_map third[] = {
		{"databaseSummaryListCounter", "summary-list", NULL}, {"linkStateRequestListCounter", "request-list", NULL},
		{"linkStateRetransmissionListCounter", "retransmit-list", NULL}, {"threadInactivityTimer", NULL, "on"},
		{NULL, NULL, NULL},
	};
	jw_object(w, NULL);
	jw_fields(w, first, n);
	jw_printf(w, "nbrState", "%s/%s", json_text(n, "state"), json_text(n, "role-shown"));
	jw_fields(w, second, n);
	jw_str(w, "optionsList", ospf_options(num(n, "options"), opt));
	jw_field(w, "routerDeadIntervalTimerDueMsec", n, "dead-due-ms");
	jw_uint(w, "nonHelloDeadTimerResets", 0);
	jw_fields(w, third, n);
	jw_str(w, "threadLinkStateRequestRetransmission", num(n, "request-list") ? "on" : "off");
	if (num(n, "retransmit-list"))
		jw_str(w, "threadLinkStateUpdateRetransmission", "on");
	jw_str(w, "grHelperStatus", "None");
	if (json_has(n, "bfd-status")) {
		char since[32];
		jw_object(w, "peerBfdInfo");
		jw_str(w, "type", "single hop");
		jw_field(w, "detectMultiplier", n, "bfd-multiplier");
		jw_field(w, "rxMinInterval", n, "bfd-receive-ms");
		jw_field(w, "txMinInterval", n, "bfd-transmit-ms");
		jw_field(w, "status", n, "bfd-status");
		jw_str(w, "lastUpdate", bfd_since(n, since));
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

void
show_ospf_neighbor_detail(const struct exec_call *c)
{
	size_t i;
	json_t *n, *r = ospf_instance(c);
	if (!r)
		return;
	json_decref(r);
	json_t *rows = neighbor_rows(c);
	if (c->json)
		neighbors_json(c, rows, neighbor_detail_json);
	else
		json_array_foreach(rows, i, n)
			neighbor_detail(c->sh->out, n);
	json_decref(rows);
}
