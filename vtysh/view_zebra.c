/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show nexthop-group rib, ip nht, router-id, zebra client|dplane, from zebra's rows. */
#include "vtysh/view_route.h"

#include <stdio.h>
#include <string.h>

#include "vtysh/views.h"

static unsigned
num(const json_t *row, const char *key)
{
	return (unsigned)json_uint(row, key);
}

struct zebra_call {
	struct out *o;
	struct jw w;
	bool json, any;
};

/* --- groups ------------------------------------------------------------------------------------------ */
/* Of the legs that have one; a group of both, or of none, has no family. */
static const char *
group_afi(const json_t *g)
{
	const char *afi = "";
	size_t i;
	json_t *n;
	json_array_foreach(json_object_get(g, "nexthops"), i, n)
		if (*json_text(n, "afi"))
			afi = json_text(n, "afi");
	return !strcmp(afi, "ipv4") ? "IPv4" : !strcmp(afi, "ipv6") ? "IPv6" : "No AFI";
}

static unsigned
group_flags(const json_t *g)
{
	return (json_bool(g, "valid") ? 1u : 0) | (json_bool(g, "installed") ? 2u : 0) | (json_bool(g, "queued") ? 4u : 0);
}

static void
group_text(struct out *o, const json_t *g)
{
	char up[32], text[256];
	size_t i;
	json_t *n;
	const json_t *depends = json_object_get(g, "depends");
	out_printf(o, "ID: %u (%s)\n     RefCnt: %u\n     Uptime: %s\n     VRF: default(%s)\n", num(g, "id"),
		json_text(g, "type"), num(g, "refCount"), time_uptime(json_uint(g, "uptime"), up), group_afi(g));
	out_printf(o, "     Nexthop Count: %zu\n     Flags: 0x%x\n", json_array_size(json_object_get(g, "nexthops")),
		group_flags(g));
	out_printf(o, "     %s%s%s%s\n", json_bool(g, "valid") ? "Valid" : "Invalid",
		json_bool(g, "installed") ? ", Installed" : "", json_bool(g, "queued") ? ", Queued" : "",
		json_has(g, "failed") ? ", Failed" : "");
	if (num(g, "activeRank"))
		out_printf(o, "     Backup legs of rank %u carry the traffic\n", num(g, "activeRank"));
	if (json_array_size(depends)) {
		out_text(o, "     Depends:");
		json_array_foreach(depends, i, n)
			out_printf(o, " (%lld)", (long long)json_integer_value(n));
		out_text(o, "\n");
	}
	json_array_foreach(json_object_get(g, "nexthops"), i, n) {
		nexthop_text(n, !json_bool(n, "unreachable"), text, sizeof(text));
		out_printf(o, "        %s%s\n", json_bool(n, "resolver") ? "  " : "", text);
	}
}

static void
group_json(struct jw *w, const json_t *g)
{
	char id[24], up[32];
	size_t i;
	json_t *n;
	const json_t *nexthops = json_object_get(g, "nexthops"), *depends = json_object_get(g, "depends");
	snprintf(id, sizeof(id), "%u", num(g, "id"));
	jw_object(w, id);
	jw_field(w, "type", g, "type");
	jw_field(w, "refCount", g, "refCount");
	jw_str(w, "uptime", time_uptime(json_uint(g, "uptime"), up));
	jw_str(w, "vrf", "default");
	jw_str(w, "afi", group_afi(g));
	jw_uint(w, "nexthopCount", json_array_size(nexthops));
	jw_uint(w, "flags", group_flags(g));
	if (json_bool(g, "valid"))
		jw_bool(w, "valid", true);
	if (json_bool(g, "installed"))
		jw_bool(w, "installed", true);
	if (json_bool(g, "queued"))
		jw_bool(w, "queued", true);
	jw_field(w, "failed", g, "failed");
	if (json_array_size(nexthops) == 1)
		jw_field(w, "interfaceIndex", json_array_get(nexthops, 0), "interfaceIndex");
	jw_field(w, "activeRank", g, "activeRank");
	jw_field(w, "routes", g, "routes");
	if (json_array_size(depends))
		jw_field(w, "depends", g, "depends");
	jw_array(w, "nexthops");
	json_array_foreach(nexthops, i, n)
		nexthop_json(w, n, 0, true);
	jw_close(w, ']');
	jw_close(w, '}');
}

static bool
group_row(void *arg, json_t *g)
{
	struct zebra_call *z = arg;
	if (!num(g, "id"))
		return true; /* not an object of the kernel's (connected, blackhole) */
	z->any = true;
	nexthops_collapse(g);
	if (z->json)
		group_json(&z->w, g);
	else
		group_text(z->o, g);
	return !out_stopped(z->o);
}

void
show_nexthop_groups(const struct exec_call *c)
{
	struct zebra_call z = {.o = c->sh->out, .json = c->json};
	struct key_value kv = {"id", call_value(c, "number")};
	if (c->json) {
		jw_start(&z.w, z.o);
		if (!kv.value)
			jw_object(&z.w, "default");
	}
	bool up = view_rows(c->sh, "zebra", "zebra/nexthop-groups", &kv, kv.value ? 1 : 0, group_row, &z);
	if (c->json) {
		if (!kv.value)
			jw_close(&z.w, '}');
		jw_end(&z.w);
	} else if (up && kv.value && !z.any) {
		shell_error(c->sh, "%% Nexthop Group ID: %s does not exist", kv.value);
	}
}

/* --- next-hop tracking --------------------------------------------------------------------------------- */
static void
nht_text(struct zebra_call *z, const json_t *e)
{
	size_t i;
	json_t *n;
	if (!z->any)
		out_printf(z->o, " Resolve via default: %s\n", json_bool(e, "resolveViaDefault") ? "on" : "off");
	out_printf(z->o, "%s\n", json_text(e, "address"));
	if (!json_bool(e, "reachable"))
		out_text(z->o, " unresolved\n");
	else
		out_printf(z->o, " resolved via %s, prefix %s\n", json_text(e, "protocol"), json_text(e, "prefix"));
	json_array_foreach(json_object_get(e, "nexthops"), i, n) {
		if (*json_text(n, "gateway"))
			out_printf(z->o, " via %s, %s (vrf default), weight %u\n", json_text(n, "gateway"),
				json_text(n, "interfaceName"), num(n, "weight"));
		else
			out_printf(z->o, " is directly connected, %s (vrf default), weight %u\n", json_text(n, "interfaceName"),
				num(n, "weight"));
	}
	out_text(z->o, " Client list:");
	json_array_foreach(json_object_get(e, "clients"), i, n)
		out_printf(z->o, "%s %s", i ? "," : "", json_string_value(n) ? json_string_value(n) : "");
	if (num(e, "groups"))
		out_printf(z->o, "%s static routes (%u groups)", json_array_size(json_object_get(e, "clients")) ? "," : "",
			num(e, "groups"));
	out_text(z->o, "\n");
}

static void
nht_json(struct jw *w, const json_t *e)
{
	size_t i;
	json_t *n;
	jw_object(w, json_text(e, "address"));
	jw_bool(w, "nhtConnected", json_bool(e, "connected"));
	if (json_bool(e, "reachable")) {
		jw_field(w, "resolvedProtocol", e, "protocol");
		jw_field(w, "prefix", e, "prefix");
	} else {
		jw_bool(w, "unresolved", true);
	}
	jw_array(w, "clientList");
	json_array_foreach(json_object_get(e, "clients"), i, n) {
		jw_object(w, NULL);
		jw_str(w, "protocol", json_string_value(n) ? json_string_value(n) : "");
		jw_close(w, '}');
	}
	jw_close(w, ']');
	jw_array(w, "nexthops");
	json_array_foreach(json_object_get(e, "nexthops"), i, n) {
		jw_object(w, NULL);
		jw_field(w, "ip", n, "gateway");
		if (!*json_text(n, "gateway"))
			jw_bool(w, "directlyConnected", true);
		jw_field(w, "interfaceIndex", n, "interfaceIndex");
		jw_field(w, "interfaceName", n, "interfaceName");
		jw_str(w, "vrf", "default");
		jw_field(w, "weight", n, "weight");
		jw_close(w, '}');
	}
	jw_close(w, ']');
	jw_close(w, '}');
}

static bool
nht_row(void *arg, json_t *e)
{
	struct zebra_call *z = arg;
	if (z->json)
		nht_json(&z->w, e);
	else
		nht_text(z, e);
	z->any = true;
	return !out_stopped(z->o);
}

void
show_nht(const struct exec_call *c)
{
	struct zebra_call z = {.o = c->sh->out, .json = c->json};
	bool v6 = !strcmp(c->row->arg, "ipv6");
	struct key_value kv = {"afi", v6 ? "6" : "4"};
	if (c->json) {
		jw_start(&z.w, z.o);
		jw_object(&z.w, "default");
		jw_object(&z.w, v6 ? "ipv6" : "ipv4");
	} else {
		out_text(z.o, "VRF default:\n");
	}
	view_rows(c->sh, "zebra", "zebra/nht", &kv, 1, nht_row, &z);
	if (c->json) {
		jw_close(&z.w, '}');
		jw_close(&z.w, '}');
		jw_end(&z.w);
	}
}

/* --- router id, clients, dplane ------------------------------------------------------------------------- */
void
show_router_id(const struct exec_call *c)
{
	struct jw w;
	json_t *r = view_row(c->sh, "zebra", "zebra/router-id", NULL, 0);
	if (c->json) {
		jw_start(&w, c->sh->out);
		jw_str(&w, "vrf", "default");
		jw_field(&w, "routerId", r, "routerId");
		jw_end(&w);
	} else if (r) {
		out_printf(c->sh->out, "router-id %s vrf default\n",
			*json_text(r, "routerId") ? json_text(r, "routerId") : "0.0.0.0");
	}
	json_decref(r);
}

static bool
client_line(void *arg, json_t *r)
{
	struct zebra_call *z = arg;
	char open[32], read[32];
	out_printf(z->o, "%-10s %11s %12s %10s %12llu/%llu\n", json_text(r, "name"), time_uptime(json_uint(r, "connectTime"), open),
		time_uptime(json_uint(r, "lastRead"), read), json_bool(r, "connected") ? "up" : "gone",
		(unsigned long long)json_uint(r, "added"), (unsigned long long)json_uint(r, "deleted"));
	return true;
}

static bool
client_text(void *arg, json_t *r)
{
	struct zebra_call *z = arg;
	char t[32];
	out_printf(z->o, "Client: %s%s\n------------------------\n", json_text(r, "name"),
		json_bool(r, "connected") ? "" : " (gone)");
	out_printf(z->o, "Connect Time: %s\n", time_uptime(json_uint(r, "connectTime"), t));
	out_printf(z->o, "Last Msg Rx Time: %s\n", time_uptime(json_uint(r, "lastRead"), t));
	out_printf(z->o, "Routes: %llu (added %llu, deleted %llu, in %llu batches)\n",
		(unsigned long long)json_uint(r, "routes"), (unsigned long long)json_uint(r, "added"),
		(unsigned long long)json_uint(r, "deleted"), (unsigned long long)json_uint(r, "batches"));
	if (json_bool(r, "replaying"))
		out_text(z->o, "Replaying its routes\n");
	if (json_has(r, "graceLeft"))
		out_printf(z->o, "Its routes stay for %u more seconds\n", num(r, "graceLeft"));
	out_text(z->o, "\n");
	return true;
}

void
show_zebra_clients(const struct exec_call *c)
{
	struct zebra_call z = {.o = c->sh->out};
	if (c->json) {
		view_raw_json(c->sh, "zebra", "zebra/clients", "clients");
		return;
	}
	if (!call_flag(c, "summary")) {
		view_rows(c->sh, "zebra", "zebra/clients", NULL, 0, client_text, &z);
		return;
	}
	out_text(z.o, "Name      Connect Time    Last Read      State         Routes\n"
		      "------------------------------------------------------------------\n");
	view_rows(c->sh, "zebra", "zebra/clients", NULL, 0, client_line, &z);
	out_text(z.o, "Routes column shows (added+updated)/deleted\n");
}

static bool
counter_row(void *arg, json_t *r)
{
	struct out *o = arg;
	const char *key;
	json_t *v;
	out_printf(o, "Zebra %s:\n", json_text(r, "part"));
	json_object_foreach(r, key, v)
		if (json_is_integer(v))
			out_printf(o, "  %-20s %12lld\n", key, (long long)json_integer_value(v));
	return true;
}

void
show_zebra_dplane(const struct exec_call *c)
{
	if (c->json)
		view_raw_json(c->sh, "zebra", "zebra/dplane", "dplane");
	else
		view_rows(c->sh, "zebra", "zebra/dplane", NULL, 0, counter_row, c->sh->out);
}
