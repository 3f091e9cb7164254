/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show ip|ipv6 route: zebra's rows, one per candidate in table order, streamed: what is kept is the
 * prefix at hand, so a table of any size goes through in constant memory.
 */
#include "vtysh/view_route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/prefix.h"
#include "vtysh/views.h"

static const struct {
	const char *name;
	char letter;
} protocols[] = {
	{"kernel", 'K'}, {"connected", 'C'}, {"local", 'L'}, {"static", 'S'}, {"ospf", 'O'}, {"ospf6", 'O'}, {"bgp", 'B'},
	{"table", 'T'}, {"detour", 'd'},
};

static char
letter_of(const char *protocol)
{
	for (unsigned i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!strcmp(protocols[i].name, protocol))
			return protocols[i].letter;
	return '?';
}

static unsigned
num(const json_t *row, const char *key)
{
	return (unsigned)json_uint(row, key);
}

static bool
attached(const json_t *row)
{
	const char *p = json_text(row, "protocol");
	return !strcmp(p, "connected") || !strcmp(p, "local");
}

/*
 * A gateway on a connected network resolves to itself: FRR does not call that recursive, so the one
 * leg stands for both. In place.
 */
void
nexthops_collapse(json_t *row)
{
	json_t *all = json_object_get(row, "nexthops");
	for (size_t i = 0; i + 1 < json_array_size(all); i++) {
		const json_t *r = json_array_get(all, i);
		json_t *n = json_array_get(all, i + 1);
		const json_t *after = json_array_get(all, i + 2);
		if (!json_bool(r, "recursive") || !json_bool(n, "resolver") || json_bool(after, "resolver") ||
			!*json_text(r, "gateway") || strcmp(json_text(r, "gateway"), json_text(n, "gateway")))
			continue;
		json_object_del(n, "resolver");
		json_array_remove(all, i);
	}
}

/* Backups behind the others, in an array of their own. In place. */
void
nexthops_split(json_t *row)
{
	json_t *all = json_object_get(row, "nexthops"), *first = json_array(), *backups = json_array(), *n;
	size_t i;
	bool backup = false;
	json_array_foreach(all, i, n) {
		if (!json_bool(n, "resolver"))
			backup = json_bool(n, "backup");
		json_array_append(backup ? backups : first, n);
	}
	json_object_set_new(row, "nexthops", first);
	json_object_set_new(row, "backups", backups);
}

/* --- next hops --------------------------------------------------------------------------------------- */
void
nexthop_text(const json_t *n, bool vrf, char *out, size_t size)
{
	char marks[160];
	const char *where = json_text(n, "interfaceName"), *down = json_text(n, "down");
	snprintf(marks, sizeof(marks), "%s%s%s%s%s%s%s%s", vrf ? " (vrf default)" : "",
		!json_bool(n, "active") ? " inactive" : "", *down ? " (" : "", down, *down ? ")" : "",
		json_bool(n, "onLink") ? " onlink" : "", json_bool(n, "duplicate") ? " (dup)" : "",
		json_bool(n, "recursive") ? " (recursive)" : "");
	if (json_bool(n, "unreachable"))
		snprintf(out, size, "unreachable (%s), weight %u", json_bool(n, "blackhole") ? "blackhole"
			: json_bool(n, "prohibited") ? "ICMP admin-prohibited" : "ICMP unreachable", num(n, "weight"));
	else if (json_bool(n, "directlyConnected"))
		snprintf(out, size, "is directly connected, %s%s, weight %u", where, marks, num(n, "weight"));
	else if (json_bool(n, "recursive"))
		snprintf(out, size, "via %s%s, weight %u", json_text(n, "gateway"), marks, num(n, "weight"));
	else
		snprintf(out, size, "via %s, %s%s, weight %u", json_text(n, "gateway"), where, marks, num(n, "weight"));
}

static unsigned
nexthop_flags(const json_t *n)
{
	return (json_bool(n, "active") ? 1u : 0) | (json_bool(n, "fib") ? 2u : 0) | (json_bool(n, "recursive") ? 4u : 0) |
		(json_bool(n, "onLink") ? 8u : 0) | (json_bool(n, "duplicate") ? 16u : 0);
}

/* FRR leaves out what is false. */
static void
field_true(struct jw *w, const char *name, const json_t *row, const char *key)
{
	if (json_bool(row, key))
		jw_bool(w, name, true);
}

void
nexthop_json(struct jw *w, const json_t *n, size_t backups, bool vrf)
{
	jw_object(w, NULL);
	jw_uint(w, "flags", nexthop_flags(n));
	field_true(w, "duplicate", n, "duplicate");
	field_true(w, "fib", n, "fib");
	field_true(w, "directlyConnected", n, "directlyConnected");
	jw_field(w, "ip", n, "gateway");
	jw_field(w, "afi", n, "afi");
	field_true(w, "unreachable", n, "unreachable");
	field_true(w, "blackhole", n, "blackhole");
	field_true(w, "reject", n, "reject");
	if (num(n, "interfaceIndex"))
		jw_field(w, "interfaceIndex", n, "interfaceIndex");
	jw_field(w, "interfaceName", n, "interfaceName");
	if (vrf)
		jw_str(w, "vrf", "default");
	field_true(w, "resolver", n, "resolver");
	field_true(w, "active", n, "active");
	field_true(w, "onLink", n, "onLink");
	field_true(w, "recursive", n, "recursive");
	field_true(w, "backup", n, "backup");
	jw_field(w, "rank", n, "rank");
	field_true(w, "bfd", n, "bfd");
	jw_field(w, "track", n, "track");
	jw_field(w, "down", n, "down");
	jw_field(w, "weight", n, "weight");
	if (backups)
		jw_array(w, "backupIndex");
	for (size_t i = 0; i < backups; i++)
		jw_uint(w, NULL, i);
	if (backups)
		jw_close(w, ']');
	jw_close(w, '}');
}

/* --- one route --------------------------------------------------------------------------------------- */
static char
status_of(const json_t *row, const json_t *nexthop)
{
	if (json_has(row, "failed"))
		return 'r';
	if (json_bool(row, "queued"))
		return 'q';
	if (!json_bool(row, "installed"))
		return ' ';
	return json_bool(nexthop, "fib") ? '*' : ' ';
}

static int
route_head(const json_t *row, char status, char *head, size_t size)
{
	int len = snprintf(head, size, "%c%c%c %s", letter_of(json_text(row, "protocol")),
		json_bool(row, "selected") ? '>' : ' ', status, json_text(row, "prefix"));
	if (!attached(row) || num(row, "distance") || num(row, "metric"))
		len += snprintf(head + len, size - (size_t)len, " [%u/%u]", num(row, "distance"), num(row, "metric"));
	return len;
}

static void
route_lines(struct out *o, const json_t *row)
{
	char text[256], up[32], head[128];
	size_t i;
	json_t *n;
	int len = 0;
	time_uptime(json_uint(row, "uptime"), up);
	json_array_foreach(json_object_get(row, "nexthops"), i, n) {
		nexthop_text(n, false, text, sizeof(text));
		if (!i) {
			len = route_head(row, status_of(row, n), head, sizeof(head));
			out_printf(o, "%s %s, %s\n", head, text, up);
		} else {
			out_printf(o, "  %c%*s%s%s, %s\n", status_of(row, n), len - 2, "", json_bool(n, "resolver") ? "  " : "",
				text, up);
		}
	}
	bool none = !i;
	json_array_foreach(json_object_get(row, "backups"), i, n) {
		nexthop_text(n, false, text, sizeof(text));
		if (none && !i) {
			len = route_head(row, json_bool(n, "fib") ? '*' : 'b', head, sizeof(head));
			out_printf(o, "%s %s, %s\n", head, text, up);
		} else {
			out_printf(o, "  b%c%*s%s%s, %s\n", status_of(row, n), len - 3, "", json_bool(n, "resolver") ? "  " : "",
				text, up);
		}
	}
	if (none && !i)
		out_printf(o, "%c%c  %s [%u/%u] no next hop, %s\n", letter_of(json_text(row, "protocol")),
			json_bool(row, "selected") ? '>' : ' ', json_text(row, "prefix"), num(row, "distance"), num(row, "metric"), up);
}

static void
detail_nexthop(struct out *o, const json_t *row, const json_t *n)
{
	char text[256], gateway[256];
	const char *shown = text;
	nexthop_text(n, false, text, sizeof(text));
	if (!strncmp(text, "is ", 3)) {
		shown = text + 3;
	} else if (!strncmp(text, "via ", 4) && *json_text(n, "gateway") && !json_bool(n, "recursive")) {
		snprintf(gateway, sizeof(gateway), "%s, via%s", json_text(n, "gateway"),
			text + 4 + strlen(json_text(n, "gateway")) + 1);
		shown = gateway;
	} else if (!strncmp(text, "via ", 4)) {
		shown = text + 4;
	}
	out_printf(o, "  %s%c %s%s\n", json_bool(n, "backup") ? "b" : "", status_of(row, n),
		json_bool(n, "resolver") ? "  " : "", shown);
}

static void
route_detail(struct out *o, const json_t *row)
{
	char up[32];
	size_t i;
	json_t *n;
	out_printf(o, "Routing entry for %s\n", json_text(row, "prefix"));
	out_printf(o, "  Known via \"%s\", distance %u, metric %u", json_text(row, "protocol"), num(row, "distance"),
		num(row, "metric"));
	if (num(row, "tag"))
		out_printf(o, ", tag %u", num(row, "tag"));
	out_printf(o, "%s\n  Last update %s ago\n", json_bool(row, "selected") ? ", best" : "",
		time_uptime(json_uint(row, "uptime"), up));
	out_printf(o, "  Status: %s\n", json_has(row, "failed") ? json_text(row, "failed") : json_bool(row, "queued") ? "Queued "
		: json_bool(row, "installed") ? "Installed " : "");
	if (*json_text(row, "reason"))
		out_printf(o, "  Not used: %s\n", json_text(row, "reason"));
	json_array_foreach(json_object_get(row, "nexthops"), i, n)
		detail_nexthop(o, row, n);
	json_array_foreach(json_object_get(row, "backups"), i, n)
		detail_nexthop(o, row, n);
	out_text(o, "\n");
}

static void
route_json(struct jw *w, const json_t *row)
{
	size_t i;
	json_t *n;
	unsigned all = 0, active = 0, fib = 0;
	char up[32];
	json_array_foreach(json_object_get(row, "nexthops"), i, n) {
		all += !json_bool(n, "resolver");
		active += json_bool(n, "active") && !json_bool(n, "recursive");
		fib += json_bool(n, "fib");
	}
	json_array_foreach(json_object_get(row, "backups"), i, n)
		fib += json_bool(n, "fib");
	jw_object(w, NULL);
	jw_field(w, "protocol", row, "protocol");
	if (num(row, "instance"))
		jw_field(w, "instance", row, "instance");
	field_true(w, "selected", row, "selected");
	field_true(w, "destSelected", row, "destSelected");
	jw_field(w, "distance", row, "distance");
	jw_field(w, "metric", row, "metric");
	field_true(w, "queued", row, "queued");
	field_true(w, "installed", row, "installed");
	if (json_has(row, "failed"))
		jw_bool(w, "failed", true);
	jw_field(w, "nexthopGroupId", row, "nexthopGroupId");
	jw_uint(w, "vrfId", 0);
	jw_str(w, "vrfName", "default");
	jw_str(w, "uptime", time_uptime(json_uint(row, "uptime"), up));
	jw_field(w, "prefix", row, "prefix");
	jw_field(w, "prefixLen", row, "prefixLen");
	if (num(row, "tag"))
		jw_field(w, "tag", row, "tag");
	jw_field(w, "table", row, "table");
	jw_uint(w, "internalNextHopNum", all);
	jw_uint(w, "internalNextHopActiveNum", active);
	jw_uint(w, "internalNextHopFibInstalledNum", fib);
	if (num(row, "installedNexthopGroupId"))
		jw_field(w, "installedNexthopGroupId", row, "installedNexthopGroupId");
	jw_field(w, "receivedNexthopGroupId", row, "nexthopGroupId");
	field_true(w, "stale", row, "stale");
	jw_field(w, "reason", row, "reason");
	const json_t *backups = json_object_get(row, "backups");
	jw_array(w, "nexthops");
	json_array_foreach(json_object_get(row, "nexthops"), i, n)
		nexthop_json(w, n, json_bool(n, "resolver") ? 0 : json_array_size(backups), false);
	jw_close(w, ']');
	if (json_array_size(backups)) {
		jw_array(w, "backupNexthops");
		json_array_foreach(backups, i, n)
			nexthop_json(w, n, 0, false);
		jw_close(w, ']');
	}
	jw_close(w, '}');
}

/* --- the table --------------------------------------------------------------------------------------- */
struct table_call {
	struct out *o;
	struct jw w;
	bool json, detail, fib, any;
	char head[1024];
	char last[PREFIX_STRLEN];
};

static bool
in_fib(const json_t *row)
{
	return json_bool(row, "installed");
}

static bool
table_row(void *arg, json_t *row)
{
	struct table_call *t = arg;
	if (t->fib && !in_fib(row))
		return true;
	nexthops_collapse(row);
	nexthops_split(row);
	if (!t->any && !t->json && !t->detail)
		out_text(t->o, t->head);
	if (t->json) {
		if (strcmp(t->last, json_text(row, "prefix"))) {
			if (t->any)
				jw_close(&t->w, ']');
			snprintf(t->last, sizeof(t->last), "%s", json_text(row, "prefix"));
			jw_array(&t->w, t->last);
		}
		route_json(&t->w, row);
	} else if (t->detail) {
		route_detail(t->o, row);
	} else {
		route_lines(t->o, row);
	}
	t->any = true;
	return !out_stopped(t->o);
}

static void
head_fill(struct table_call *t, bool v6, const char *table)
{
	snprintf(t->head, sizeof(t->head),
		"Codes: K - kernel route, C - connected, L - local, S - static,\n"
		"       O - %s, B - BGP, T - Table, t - Table-Direct, d - detour,\n"
		"       > - selected route, * - FIB route, q - queued, r - rejected, b - backup\n"
		"       t - trapped, o - offload failure\n\n%s unicast VRF default%s%s:\n",
		v6 ? "OSPFv3" : "OSPF", v6 ? "IPv6" : "IPv4", table ? " table " : "", table ? table : "");
}

static unsigned
table_filter(const struct exec_call *c, bool v6, struct key_value *kv)
{
	static const char *const keys[][2] = {{"prefix", "prefix"}, {"prefix6", "prefix"}, {"addr", "prefix"},
		{"addr6", "prefix"}, {"protocol", "protocol"}, {"table", "table"}};
	unsigned n = 0;
	kv[n++] = (struct key_value){"afi", v6 ? "6" : "4"};
	for (unsigned i = 0; i < 6; i++)
		if (call_value(c, keys[i][0]))
			kv[n++] = (struct key_value){keys[i][1], call_value(c, keys[i][0])};
	if (call_flag(c, "longer-prefixes"))
		kv[n++] = (struct key_value){"longer", "1"};
	return n;
}

static bool
all_vrfs(const struct exec_call *c)
{
	const char *vrf = call_value(c, "vrf");
	return vrf && !strcmp(vrf, "all");
}

void
show_routes(const struct exec_call *c)
{
	struct table_call t = {.o = c->sh->out, .json = c->json};
	struct key_value kv[8];
	bool v6 = !strcmp(c->row->arg, "ipv6");
	unsigned n = table_filter(c, v6, kv);
	bool one = call_value(c, "prefix") || call_value(c, "prefix6") || call_value(c, "addr") || call_value(c, "addr6");
	t.fib = strstr(c->row->grammar, " fib") != NULL;
	t.detail = one && !call_flag(c, "longer-prefixes");
	head_fill(&t, v6, call_value(c, "table"));
	if (c->json) {
		jw_start(&t.w, c->sh->out);
		if (all_vrfs(c))
			jw_object(&t.w, "default");
	}
	bool up = view_rows(c->sh, "zebra", "zebra/routes", kv, n, table_row, &t);
	if (c->json) {
		if (t.any)
			jw_close(&t.w, ']');
		if (all_vrfs(c))
			jw_close(&t.w, '}');
		jw_end(&t.w);
	} else if (up && t.detail && !t.any) {
		out_text(c->sh->out, "% Network not in table\n");
	}
}

/* --- summary ----------------------------------------------------------------------------------------- */
struct summary_call {
	struct out *o;
	struct jw *w;
	uint64_t rib, fib;
};

static bool
summary_row(void *arg, json_t *row)
{
	struct summary_call *s = arg;
	uint64_t rib = json_uint(row, "rib"), fib = json_uint(row, "fib");
	const char *type = json_text(row, "protocol");
	if (!strcmp(type, "bgp"))
		type = "ebgp";
	s->rib += rib;
	s->fib += fib;
	if (!s->w) {
		out_printf(s->o, "%-20s %-20llu %-20llu \n", type, (unsigned long long)rib, (unsigned long long)fib);
		return true;
	}
	jw_object(s->w, NULL);
	jw_uint(s->w, "fib", fib);
	jw_uint(s->w, "rib", rib);
	jw_uint(s->w, "fibOffLoaded", 0);
	jw_uint(s->w, "fibTrapped", 0);
	jw_str(s->w, "type", type);
	jw_close(s->w, '}');
	return true;
}

void
show_route_summary(const struct exec_call *c)
{
	struct jw w;
	struct summary_call s = {c->sh->out, c->json ? &w : NULL, 0, 0};
	struct key_value kv = {"afi", !strcmp(c->row->arg, "ipv6") ? "6" : "4"};
	if (c->json) {
		jw_start(&w, c->sh->out);
		if (all_vrfs(c))
			jw_object(&w, "default");
		jw_array(&w, "routes");
	} else {
		out_printf(c->sh->out, "%-20s %-20s %s  (vrf default)\n", "Route Source", "Routes", "FIB");
	}
	view_rows(c->sh, "zebra", "zebra/route-summary", &kv, 1, summary_row, &s);
	if (!c->json) {
		out_printf(c->sh->out, "------\n%-20s %-20llu %-20llu \n\n", "Totals", (unsigned long long)s.rib,
			(unsigned long long)s.fib);
		return;
	}
	jw_close(&w, ']');
	jw_uint(&w, "routesTotal", s.rib);
	jw_uint(&w, "routesTotalFib", s.fib);
	if (all_vrfs(c))
		jw_close(&w, '}');
	jw_end(&w);
}
