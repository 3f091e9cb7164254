/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show ip ospf interface, route, border-routers, statistics: FRR's text and JSON from ospfd's rows. */
#include "vtysh/view_ospf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/prefix.h"
#include "vtysh/unparse.h"

static unsigned
num(const json_t *row, const char *key)
{
	return (unsigned)json_uint(row, key);
}

/* --- interfaces ------------------------------------------------------------------------------------ */
/* The kernel's flags are zebra's; the words that matter come from what ospfd knows. */
static const char *
flags_of(const json_t *i)
{
	const char *type = json_text(i, "network-type");
	if (!json_bool(i, "up"))
		return "<BROADCAST,MULTICAST>";
	return !strcmp(type, "LOOPBACK") ? "<UP,LOWER_UP,LOOPBACK,RUNNING>" : "<UP,LOWER_UP,BROADCAST,RUNNING,MULTICAST>";
}

static const char *
broadcast_of(const json_t *i, char out[IPADDR_STRLEN])
{
	uint32_t a = 0;
	ip4_parse(json_text(i, "address"), &a);
	return ip4_print(a | ~ip4_mask(num(i, "prefix-length")), out);
}

static void
interface_dr(struct out *o, const json_t *i)
{
	if (json_has(i, "dr-id"))
		out_printf(o, "  Designated Router (ID) %s Interface Address %s/%u\n", json_text(i, "dr-id"),
			json_text(i, "dr-address"), num(i, "prefix-length"));
	if (json_has(i, "bdr-id"))
		out_printf(o, "  Backup Designated Router (ID) %s, Interface Address %s\n", json_text(i, "bdr-id"),
			json_text(i, "bdr-address"));
	else
		out_text(o, "  No backup designated router on this network\n");
	bool all = json_bool(i, "all-routers"), dr = json_bool(i, "designated-routers");
	out_printf(o, "  Multicast group memberships:%s%s%s\n", all ? " OSPFAllRouters" : "",
		dr ? " OSPFDesignatedRouters" : "", all || dr ? "" : " <None>");
}

static void
interface_text(struct out *o, const json_t *i)
{
	char t[IPADDR_STRLEN], due[32];
	unsigned hello = num(i, "hello-ms"), dead = num(i, "dead-s");
	out_printf(o, "%s is %s\n", json_text(i, "name"), json_bool(i, "up") ? "up" : "down");
	out_printf(o, "  ifindex %u, MTU %u bytes, BW %u Mbit %s\n", num(i, "ifindex"), num(i, "mtu"), num(i, "bandwidth-mbit"),
		flags_of(i));
	if (json_has(i, "peer"))
		out_printf(o, "  Internet Address %s/%u, Peer %s, Area %s\n", json_text(i, "address"), num(i, "prefix-length"),
			json_text(i, "peer"), json_text(i, "area"));
	else
		out_printf(o, "  Internet Address %s/%u, Broadcast %s, Area %s\n", json_text(i, "address"),
			num(i, "prefix-length"), broadcast_of(i, t), json_text(i, "area"));
	out_printf(o, "  MTU mismatch detection: %s\n", json_bool(i, "mtu-ignore") ? "disabled" : "enabled");
	out_printf(o, "  Router ID %s, Network Type %s, Cost: %u\n", json_text(i, "router-id"), json_text(i, "network-type"),
		num(i, "cost"));
	out_printf(o, "  Transmit Delay is %u sec, State %s, Priority %u\n", num(i, "transmit-delay-s"), json_text(i, "state"),
		num(i, "priority"));
	interface_dr(o, i);
	if (hello % 1000)
		out_printf(o, "  Timer intervals configured, Hello %ums, Dead %us, Wait %us, Retransmit %u\n", hello, dead, dead,
			num(i, "retransmit-s"));
	else
		out_printf(o, "  Timer intervals configured, Hello %us, Dead %us, Wait %us, Retransmit %u\n", hello / 1000, dead,
			dead, num(i, "retransmit-s"));
	if (json_bool(i, "passive") || !strcmp(json_text(i, "network-type"), "LOOPBACK"))
		out_text(o, "    No Hellos (Passive interface)\n");
	else
		out_printf(o, "    Hello due in %s\n", time_ms(json_uint(i, "hello-due-ms"), due));
	out_printf(o, "  Neighbor Count is %u, Adjacent neighbor count is %u\n", num(i, "neighbors"), num(i, "full-neighbors"));
	if (json_bool(i, "bfd"))
		out_printf(o, "  BFD: Detect Multiplier: %u, Min Rx interval: %u, Min Tx interval: %u%s%s\n",
			num(i, "bfd-multiplier"), num(i, "bfd-receive-ms"), num(i, "bfd-transmit-ms"),
			json_has(i, "bfd-profile") ? ", Profile: " : "",
			json_text(i, "bfd-profile"));
	if (json_has(i, "lan-role"))
		out_printf(o, "  VRRP: %s%s, network %s, added cost %u\n", json_text(i, "lan-role"),
			json_bool(i, "lan-dead") ? " (LAN dead)" : "", json_text(i, "lan-announced"), num(i, "lan-added-cost"));
	out_printf(o, "  LSA retransmissions: %u\n", num(i, "retransmissions"));
}

/* An interface with several addresses has several entries: the names of the further ones differ. */
static void
interface_json(struct jw *w, const json_t *i, bool further)
{
	char t[IPADDR_STRLEN], name[80];
	static const struct jw_map first[] = {
		{"ifIndex", "ifindex", NULL}, {"mtuBytes", "mtu", NULL}, {"bandwidthMbit", "bandwidth-mbit", NULL},
		{NULL, NULL, NULL},
	};
	static const struct jw_map second[] = {
		{"area", "area", NULL}, {"routerId", "router-id", NULL}, {"networkType", "network-type", NULL},
		{"cost", "cost", NULL}, {"transmitDelaySecs", "transmit-delay-s", NULL}, {"state", "state", NULL},
		{"priority", "priority", NULL}, {NULL, NULL, NULL},
	};
	static const struct jw_map third[] = {
		{"drId", "dr-id", NULL}, {"drAddress", "dr-address", NULL}, {"bdrId", "bdr-id", NULL},
		{"bdrAddress", "bdr-address", NULL}, {NULL, NULL, NULL},
	};
	static const struct jw_map lan[] = {
		{"role", "lan-role", NULL}, {"dead", "lan-dead", NULL}, {"announced", "lan-announced", NULL},
		{"addedCost", "lan-added-cost", NULL}, {NULL, NULL, NULL},
	};
	snprintf(name, sizeof(name), further ? "%s:%s" : "%s", json_text(i, "name"), json_text(i, "address"));
	jw_object(w, name);
	jw_field(w, "ifUp", i, "up");
	jw_fields(w, first, i);
	jw_str(w, "ifFlags", flags_of(i));
	jw_bool(w, "ospfEnabled", true);
	jw_field(w, "ipAddress", i, "address");
	jw_field(w, "ipAddressPrefixlen", i, "prefix-length");
	jw_str(w, "ospfIfType", json_has(i, "peer") ? "Peer" : "Broadcast");
	jw_str(w, "localIfUsed", json_has(i, "peer") ? json_text(i, "peer") : broadcast_of(i, t));
	jw_fields(w, second, i);
	if (json_bool(i, "mtu-ignore"))
		jw_bool(w, "mtuMismatchDetect", false);
	jw_bool(w, "opaqueCapable", true);
	jw_fields(w, third, i);
	if (json_bool(i, "all-routers"))
		jw_bool(w, "mcastMemberOspfAllRouters", true);
	if (json_bool(i, "designated-routers"))
		jw_bool(w, "mcastMemberOspfDesignatedRouters", true);
	jw_field(w, "timerMsecs", i, "hello-ms");
	jw_field(w, "timerDeadSecs", i, "dead-s");
	jw_field(w, "timerWaitSecs", i, "dead-s");
	jw_field(w, "timerRetransmitSecs", i, "retransmit-s");
	if (json_bool(i, "passive"))
		jw_bool(w, "timerPassiveIface", true);
	else
		jw_field(w, "timerHelloInMsecs", i, "hello-due-ms");
	jw_field(w, "nbrCount", i, "neighbors");
	jw_field(w, "nbrAdjacentCount", i, "full-neighbors");
	if (json_bool(i, "bfd")) {
		jw_object(w, "peerBfdInfo");
		jw_field(w, "detectionMultiplier", i, "bfd-multiplier");
		jw_field(w, "rxMinInterval", i, "bfd-receive-ms");
		jw_field(w, "txMinInterval", i, "bfd-transmit-ms");
		jw_field(w, "profile", i, "bfd-profile");
		jw_close(w, '}');
	}
	if (json_has(i, "lan-role")) { /* ours */
		jw_object(w, "vrrpLan");
		jw_fields(w, lan, i);
		jw_close(w, '}');
	}
	jw_bool(w, "prefixSuppression", false);
	jw_str(w, "nbrFilterPrefixList", "N/A");
	jw_field(w, "lsaRetransmissions", i, "retransmissions");
	jw_close(w, '}');
}

static int
by_name(const void *a, const void *b)
{
	return natural_cmp(json_text(*(json_t *const *)a, "name"), json_text(*(json_t *const *)b, "name"));
}

static json_t *
interface_rows(const struct exec_call *c)
{
	struct key_value kv = {"interface", call_value(c, "interface")};
	json_t *rows = ospf_rows(c, "ospf/interfaces", &kv, kv.value ? 1 : 0), *sorted = json_array();
	size_t n = json_array_size(rows);
	json_t **list = calloc(n + 1, sizeof(*list));
	for (size_t i = 0; list && i < n; i++)
		list[i] = json_array_get(rows, i);
	if (list && n)
		qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 0; list && i < n; i++)
		json_array_append(sorted, list[i]);
	free(list);
	json_decref(rows);
	return sorted;
}

void
show_ospf_interfaces(const struct exec_call *c)
{
	struct jw w;
	size_t k;
	json_t *i, *r = ospf_instance(c);
	if (!r)
		return;
	json_decref(r);
	json_t *rows = interface_rows(c);
	if (c->json) {
		ospf_json_start(c, &w);
		jw_object(&w, "interfaces");
		json_array_foreach(rows, k, i)
			interface_json(&w, i, k && !strcmp(json_text(json_array_get(rows, k - 1), "name"), json_text(i, "name")));
		jw_close(&w, '}');
		ospf_json_end(c, &w);
	} else {
		json_array_foreach(rows, k, i)
			interface_text(c->sh->out, i);
		out_text(c->sh->out, "\n");
	}
	json_decref(rows);
}

/* --- traffic --------------------------------------------------------------------------------------- */
static const struct {
	const char *key, *in, *out;
} packets[] = {
	{"hello", "helloIn", "helloOut"}, {"dbdesc", "dbDescIn", "dbDescOut"}, {"lsreq", "lsReqIn", "lsReqOut"},
	{"lsupd", "lsUpdIn", "lsUpdOut"}, {"lsack", "lsAckIn", "lsAckOut"},
};

static void
traffic_line(struct out *o, const json_t *i)
{
	const json_t *rx = json_object_get(i, "rx"), *tx = json_object_get(i, "tx");
	out_printf(o, "%-14s", json_text(i, "name"));
	for (unsigned k = 0; k < 5; k++)
		out_printf(o, " %8u/%-8u", num(rx, packets[k].key), num(tx, packets[k].key));
	out_printf(o, " %8u\n", num(i, "drops"));
}

void
show_ospf_interface_traffic(const struct exec_call *c)
{
	struct jw w;
	size_t k;
	json_t *i, *r = ospf_instance(c);
	if (!r)
		return;
	json_decref(r);
	json_t *rows = interface_rows(c);
	if (!c->json) {
		out_text(c->sh->out, "\nInterface           HELLO            DB-Desc           LS-Req            LS-Update"
				     "         LS-Ack            Dropped\n");
		out_text(c->sh->out, "                     Rx/Tx            Rx/Tx             Rx/Tx             Rx/Tx"
				     "             Rx/Tx\n");
		json_array_foreach(rows, k, i)
			traffic_line(c->sh->out, i);
		out_text(c->sh->out, "\n");
	} else {
		ospf_json_start(c, &w);
		json_array_foreach(rows, k, i) {
			jw_object(&w, json_text(i, "name"));
			for (unsigned p = 0; p < 5; p++) {
				jw_field(&w, packets[p].in, json_object_get(i, "rx"), packets[p].key);
				jw_field(&w, packets[p].out, json_object_get(i, "tx"), packets[p].key);
			}
			jw_field(&w, "dropped", i, "drops");
			jw_close(&w, '}');
		}
		ospf_json_end(c, &w);
	}
	json_decref(rows);
}

/* --- routes ---------------------------------------------------------------------------------------- */
static void
nexthops_text(struct out *o, const json_t *row)
{
	size_t i;
	json_t *n;
	json_array_foreach(json_object_get(row, "nexthops"), i, n) {
		if (json_bool(n, "direct"))
			out_printf(o, "%27sdirectly attached to %s\n", "", json_text(n, "interface"));
		else
			out_printf(o, "%27svia %s, %s\n", "", json_text(n, "address"), json_text(n, "interface"));
	}
	json_array_foreach(json_object_get(row, "backups"), i, n)
		out_printf(o, "%27svia %s, %s, backup (%s)\n", "", json_text(n, "address"), json_text(n, "interface"),
			json_text(row, "protection"));
}

static void
nexthops_json(struct jw *w, const json_t *row, const char *from, const char *key)
{
	size_t i;
	json_t *n;
	jw_array(w, key);
	json_array_foreach(json_object_get(row, from), i, n) {
		jw_object(w, NULL);
		bool direct = json_bool(n, "direct");
		jw_str(w, "ip", direct ? " " : json_text(n, "address"));
		jw_field(w, direct ? "directlyAttachedTo" : "via", n, "interface");
		if (!direct)
			jw_field(w, "advertisedRouter", n, "advertising-router");
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static bool
is_external(const json_t *r)
{
	return !strncmp(json_text(r, "path"), "ext", 3);
}

static void
route_text(struct out *o, const json_t *r)
{
	const char *path = json_text(r, "path"), *prefix = json_text(r, "prefix");
	if (!strcmp(path, "ext1"))
		out_printf(o, "N E1 %-18s    [%u] tag: %u\n", prefix, num(r, "cost"), num(r, "tag"));
	else if (!strcmp(path, "ext2"))
		out_printf(o, "N E2 %-18s    [%u/%u] tag: %u\n", prefix, num(r, "cost"), num(r, "type2-cost"), num(r, "tag"));
	else
		out_printf(o, "N %s %-18s    [%u] area: %s\n", strcmp(path, "inter") ? "  " : "IA", prefix, num(r, "cost"),
			json_text(r, "area"));
	nexthops_text(o, r);
}

static void
route_json(struct jw *w, const json_t *r)
{
	const char *path = json_text(r, "path");
	jw_object(w, json_text(r, "prefix"));
	jw_str(w, "routeType", !strcmp(path, "ext1") ? "N E1" : !strcmp(path, "ext2") ? "N E2"
		: !strcmp(path, "inter") ? "N IA" : "N");
	if (!is_external(r))
		jw_field(w, "transit", r, "transit");
	jw_field(w, "cost", r, "cost");
	if (!is_external(r)) {
		jw_field(w, "area", r, "area");
	} else {
		jw_field(w, "type2cost", r, "type2-cost");
		jw_uint(w, "tag", json_uint(r, "tag"));
	}
	nexthops_json(w, r, "nexthops", "nexthops");
	if (json_has(r, "backups")) /* ours */
		nexthops_json(w, r, "backups", "backupNexthops");
	jw_field(w, "protection", r, "protection");
	jw_close(w, '}');
}

/* A router has an entry per area; the head is printed once. */
static void
routers_text(struct out *o, const json_t *rows)
{
	size_t i;
	json_t *r;
	const char *last = "";
	json_array_foreach(rows, i, r) {
		bool abr = json_bool(r, "abr"), asbr = json_bool(r, "asbr"), same = !strcmp(last, json_text(r, "router-id"));
		last = json_text(r, "router-id");
		out_printf(o, "%s    %-15s    %s [%u] area: %s%s%s\n", same ? " " : "R", same ? "" : last,
			json_bool(r, "inter-area") ? "IA" : "  ", num(r, "cost"), json_text(r, "area"), abr ? ", ABR" : "",
			asbr ? ", ASBR" : "");
		nexthops_text(o, r);
	}
}

static void
routers_json(struct jw *w, const json_t *rows)
{
	size_t i;
	json_t *r;
	json_array_foreach(rows, i, r) {
		const json_t *next = json_array_get(rows, i + 1);
		if (next && !strcmp(json_text(next, "router-id"), json_text(r, "router-id")))
			continue; /* of a router with several entries FRR shows the last */
		bool ia = json_bool(r, "inter-area");
		jw_object(w, json_text(r, "router-id"));
		jw_str(w, "routeType", "R ");
		jw_field(w, "cost", r, "cost");
		jw_field(w, "area", r, "area");
		if (ia) {
			jw_bool(w, "IA", true);
			jw_bool(w, "ia", true);
		}
		jw_str(w, "routerType", json_bool(r, "abr") ? "abr" : "asbr");
		nexthops_json(w, r, "nexthops", "nexthops");
		jw_close(w, '}');
	}
}

void
show_ospf_border_routers(const struct exec_call *c)
{
	struct jw w;
	json_t *r = ospf_instance(c);
	if (!r)
		return;
	json_decref(r);
	json_t *rows = ospf_rows(c, "ospf/border-routers", NULL, 0);
	if (c->json) {
		ospf_json_start(c, &w);
		jw_object(&w, "routers");
		routers_json(&w, rows);
		jw_close(&w, '}');
		ospf_json_end(c, &w);
	} else {
		out_text(c->sh->out, "============ OSPF router routing table =============\n");
		routers_text(c->sh->out, rows);
		out_text(c->sh->out, "\n");
	}
	json_decref(rows);
}

void
show_ospf_routes(const struct exec_call *c)
{
	struct jw w;
	size_t i;
	json_t *n, *r = ospf_instance(c);
	if (!r)
		return;
	json_decref(r);
	json_t *routes = ospf_rows(c, "ospf/routes", NULL, 0);
	json_t *routers = ospf_rows(c, "ospf/border-routers", NULL, 0);
	if (c->json) {
		ospf_json_start(c, &w);
		json_array_foreach(routes, i, n)
			if (!is_external(n))
				route_json(&w, n);
		routers_json(&w, routers);
		json_array_foreach(routes, i, n)
			if (is_external(n))
				route_json(&w, n);
		ospf_json_end(c, &w);
	} else {
		out_text(c->sh->out, "============ OSPF network routing table ============\n");
		json_array_foreach(routes, i, n)
			if (!is_external(n))
				route_text(c->sh->out, n);
		out_text(c->sh->out, "\n============ OSPF router routing table =============\n");
		routers_text(c->sh->out, routers);
		out_text(c->sh->out, "\n============ OSPF external routing table ===========\n");
		json_array_foreach(routes, i, n)
			if (is_external(n))
				route_text(c->sh->out, n);
		out_text(c->sh->out, "\n\n");
	}
	json_decref(routes);
	json_decref(routers);
}

/* --- alternates ------------------------------------------------------------------------------------ */
static const struct {
	const char *row, *key, *text;
} covers[] = {
	{"link-and-node", "linkAndNode", "an alternate that survives link and neighbor"},
	{"link", "linkOnly", "an alternate that survives the link"},
	{"node", "nodeOnly", "an alternate that survives the neighbor"},
	{"equal-paths", "equalPaths", "equal paths"},
	{"none", "unprotected", "nothing"},
};
#define COVERS (sizeof(covers) / sizeof(covers[0]))

static void
reroute_text(struct out *o, const json_t *rows)
{
	size_t i;
	const json_t *t = json_array_get(rows, 0);
	json_t *n;
	if (!json_bool(t, "enabled")) {
		out_text(o, "% Alternates are not calculated (router ospf, fast-reroute lfa)\n");
		return;
	}
	out_printf(o, "Loop-free alternates, calculated %u times%s. Routes protected by\n", num(t, "runs"),
		json_bool(t, "current") ? "" : ", at present anew");
	for (i = 0; i < COVERS; i++)
		out_printf(o, "  %-46s %8u\n", covers[i].text, num(t, covers[i].row));
	out_printf(o, "\n%-15s %-15s %-15s %6s %9s\n", "Neighbor ID", "Address", "Interface", "Cost", "Protects");
	json_array_foreach(rows, i, n)
		if (i)
			out_printf(o, "%-15s %-15s %-15s %6u %9u%s%s\n", json_text(n, "router-id"), json_text(n, "address"),
				json_text(n, "interface"), num(n, "cost"), num(n, "protects"), json_has(n, "why-not") ? "  " : "",
				json_text(n, "why-not"));
}

static void
reroute_json(const struct exec_call *c, const json_t *rows)
{
	static const struct jw_map map[] = {
		{"routerId", "router-id", NULL}, {"area", "area", NULL}, {"address", "address", NULL},
		{"interface", "interface", NULL}, {"cost", "cost", NULL}, {"candidate", "candidate", NULL},
		{"reason", "why-not", NULL}, {"protects", "protects", NULL}, {NULL, NULL, NULL},
	};
	struct jw w;
	size_t i;
	const json_t *t = json_array_get(rows, 0);
	json_t *n;
	ospf_json_start(c, &w);
	jw_field(&w, "enabled", t, "enabled");
	jw_field(&w, "current", t, "current");
	jw_field(&w, "runs", t, "runs");
	jw_object(&w, "routes");
	for (i = 0; i < COVERS; i++)
		jw_field(&w, covers[i].key, t, covers[i].row);
	jw_close(&w, '}');
	jw_array(&w, "neighbors");
	json_array_foreach(rows, i, n) {
		if (!i)
			continue;
		jw_object(&w, NULL);
		jw_fields(&w, map, n);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	ospf_json_end(c, &w);
}

void
show_ospf_fast_reroute(const struct exec_call *c)
{
	json_t *r = ospf_instance(c);
	if (!r)
		return;
	json_decref(r);
	json_t *rows = ospf_rows(c, "ospf/fast-reroute", NULL, 0);
	if (c->json)
		reroute_json(c, rows);
	else if (json_array_size(rows))
		reroute_text(c->sh->out, rows);
	json_decref(rows);
}

/* --- statistics ------------------------------------------------------------------------------------ */
struct statistics_call {
	struct out *o;
	bool all;
};

static bool
statistics_row(void *arg, json_t *row)
{
	struct statistics_call *s = arg;
	const char *key;
	json_t *v;
	if (!json_bool(row, "totals")) {
		if (s->all || json_uint(row, "count"))
			out_printf(s->o, "%-24s %10llu  %s\n", json_text(row, "reason"),
				(unsigned long long)json_uint(row, "count"), json_text(row, "explanation"));
		return true;
	}
	out_text(s->o, "\n");
	json_object_foreach(row, key, v)
		if (json_is_integer(v))
			out_printf(s->o, "%-24s %10lld\n", key, (long long)json_integer_value(v));
	return true;
}

/* {"drops": {reason: count}, counter: value ...} */
static void
statistics_json(const struct exec_call *c)
{
	json_t *rows = ospf_rows(c, "ospf/statistics", NULL, 0), *row, *v;
	struct jw w;
	const char *key;
	size_t i;
	ospf_json_start(c, &w);
	jw_object(&w, "drops");
	json_array_foreach(rows, i, row)
		if (!json_bool(row, "totals"))
			jw_uint(&w, json_text(row, "reason"), json_uint(row, "count"));
	jw_close(&w, '}');
	json_array_foreach(rows, i, row)
		if (json_bool(row, "totals"))
			json_object_foreach(row, key, v)
				if (json_is_integer(v))
					jw_uint(&w, key, (uint64_t)json_integer_value(v));
	ospf_json_end(c, &w);
	json_decref(rows);
}

void
show_ospf_statistics(const struct exec_call *c)
{
	struct statistics_call s = {c->sh->out, false};
	if (c->json) {
		statistics_json(c);
		return;
	}
	json_t *r = ospf_instance(c);
	if (!r)
		return;
	json_decref(r);
	out_text(s.o, "Packets dropped, by reason (reasons that never occurred are left out)\n");
	view_rows(c->sh, "ospfd", "ospf/statistics", NULL, 0, statistics_row, &s);
}

/* --- OSPF's neighbours on an interface ------------------------------------------------------------- */
struct rids {
	char rid[64][16];
	unsigned n;
};

static bool
rid_row(void *arg, json_t *row)
{
	struct rids *r = arg;
	if (r->n < 64)
		snprintf(r->rid[r->n++], sizeof(r->rid[0]), "%s", json_text(row, "router-id"));
	return r->n < 64;
}

/* Starting an interface over is starting its neighbours over. */
void
do_clear_ospf_interface(const struct exec_call *c)
{
	struct key_value kv = {"interface", call_value(c, "interface")};
	struct rids r = {.n = 0};
	char err[256];
	if (!view_rows(c->sh, "ospfd", "ospf/neighbors", &kv, kv.value ? 1 : 0, rid_row, &r))
		return;
	struct session *s = shell_session(c->sh, "ospfd", err, sizeof(err));
	for (unsigned i = 0; i < r.n; i++) {
		struct key_value arg = {"neighbor", r.rid[i]};
		if (!s || !session_rpc(s, "clear-ospf-neighbor", &arg, 1, NULL, err, sizeof(err)))
			shell_error(c->sh, "%% %s", err);
	}
}
