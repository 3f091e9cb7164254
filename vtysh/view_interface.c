/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show interface [X] [brief]: FRR's text and JSON from zebra's rows. */
#include "vtysh/view.h"
#include "vtysh/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vtysh/unparse.h"

struct ifs {
	json_t **row;
	size_t n;
};

/* IPv4 addresses first, as FRR lists them. */
static void
addresses_sort(json_t *row)
{
	json_t *all = json_object_get(row, "addresses"), *sorted = json_array(), *a;
	size_t k;
	for (int v6 = 0; v6 < 2; v6++)
		json_array_foreach(all, k, a)
			if (v6 == !strcmp(json_text(a, "afi"), "ipv6"))
				json_array_append(sorted, a);
	json_object_set_new(row, "addresses", sorted);
}

static bool
add_row(void *arg, json_t *row)
{
	struct ifs *s = arg;
	addresses_sort(row);
	json_t **more = realloc(s->row, (s->n + 1) * sizeof(*more));
	if (!more)
		return false;
	s->row = more;
	s->row[s->n++] = json_incref(row);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return natural_cmp(json_text(*(json_t *const *)a, "name"), json_text(*(json_t *const *)b, "name"));
}

static bool
ifs_read(const struct exec_call *c, struct ifs *s)
{
	struct key_value kv = {"name", call_value(c, "interface")};
	memset(s, 0, sizeof(*s));
	bool up = view_rows(c->sh, "zebra", "zebra/interfaces", &kv, kv.value ? 1 : 0, add_row, s);
	if (s->n)
		qsort(s->row, s->n, sizeof(*s->row), by_name);
	return up;
}

static void
ifs_free(struct ifs *s)
{
	for (size_t i = 0; i < s->n; i++)
		json_decref(s->row[i]);
	free(s->row);
}

static bool
link_local(const char *address)
{
	return !strncmp(address, "fe80:", 5);
}

static unsigned
num(const json_t *row, const char *key)
{
	return (unsigned)json_uint(row, key);
}

/* --- brief ------------------------------------------------------------------------------------------- */
static const char *
short_status(const json_t *i)
{
	return json_bool(i, "adminUp") ? "up" : "down";
}

static void
brief_line(struct out *o, const json_t *i)
{
	size_t k;
	json_t *a;
	bool first = true;
	out_printf(o, "%-16s%-8s%-16s", json_text(i, "name"), short_status(i), "default");
	json_array_foreach(json_object_get(i, "addresses"), k, a) {
		if (link_local(json_text(a, "address")))
			continue;
		if (first)
			out_printf(o, "%s\n", json_text(a, "address"));
		else
			out_printf(o, "%40s+ %s\n", "", json_text(a, "address"));
		first = false;
	}
	if (first)
		out_text(o, "\n");
}

void
show_interface_brief(const struct exec_call *c)
{
	struct ifs s;
	struct jw w;
	size_t k;
	json_t *a;
	ifs_read(c, &s);
	if (!c->json) {
		out_printf(c->sh->out, "%-16s%-8s%-16s%s\n%-16s%-8s%-16s%s\n", "Interface", "Status", "VRF", "Addresses",
			"---------", "------", "---", "---------");
		for (size_t i = 0; i < s.n; i++)
			brief_line(c->sh->out, s.row[i]);
		out_text(c->sh->out, "\n");
		ifs_free(&s);
		return;
	}
	jw_start(&w, c->sh->out);
	for (size_t i = 0; i < s.n; i++) {
		jw_object(&w, json_text(s.row[i], "name"));
		jw_str(&w, "status", short_status(s.row[i]));
		jw_str(&w, "vrfName", "default");
		jw_array(&w, "addresses");
		json_array_foreach(json_object_get(s.row[i], "addresses"), k, a)
			jw_str(&w, NULL, json_text(a, "address"));
		jw_close(&w, ']');
		jw_close(&w, '}');
	}
	jw_end(&w);
	ifs_free(&s);
}

/* --- in full ------------------------------------------------------------------------------------------ */
static const char *
when(const json_t *i, const char *key, char out[40])
{
	if (!json_has(i, key)) {
		snprintf(out, 40, "(never)");
		return out;
	}
	time_t t = time(NULL) - (time_t)json_uint(i, key);
	struct tm tm;
	localtime_r(&t, &tm);
	strftime(out, 40, "%Y/%m/%d %H:%M:%S.00", &tm);
	return out;
}

static const char *
flags_of(const json_t *i, char out[160])
{
	size_t k, n = 1;
	json_t *f;
	out[0] = '<';
	json_array_foreach(json_object_get(i, "flags"), k, f) {
		const char *word = json_string_value(f);
		if (word && n + strlen(word) + 3 < 160)
			n += (size_t)snprintf(out + n, 160 - n, "%s%s", k ? "," : "", word);
	}
	out[n++] = '>';
	out[n] = '\0';
	return out;
}

static const char *
kind_of(const json_t *i)
{
	static const char *const kinds[][2] = {{"veth", "VETH"}, {"bridge", "Bridge"}, {"vlan", "Vlan"}, {"vrf", "VRF"},
		{"macvlan", "macvlan"}, {"bond", "bond"}, {"vxlan", "Vxlan"}, {"dummy", "Other"}};
	for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (!strcmp(kinds[k][0], json_text(i, "kind")))
			return kinds[k][1];
	return "Other";
}

static void
full_text(struct out *o, const json_t *i)
{
	char t[40], flags[160];
	size_t k;
	json_t *a;
	bool admin = json_bool(i, "adminUp"), oper = json_bool(i, "operative");
	if (admin)
		out_printf(o, "Interface %s is up, line protocol is %s\n", json_text(i, "name"), oper ? "up" : "down");
	else
		out_printf(o, "Interface %s is down\n", json_text(i, "name"));
	out_printf(o, "  Link ups:       %-5ulast: %s\n", num(i, "linkUps"), when(i, "lastUpSeconds", t));
	out_printf(o, "  Link downs:     %-5ulast: %s\n", num(i, "linkDowns"), when(i, "lastDownSeconds", t));
	out_printf(o, "  Total Carrier Changes: %u\n  vrf: default\n", num(i, "carrierChanges"));
	if (*json_text(i, "description"))
		out_printf(o, "  Description: %s\n", json_text(i, "description"));
	out_printf(o, "  index %u metric 0 mtu %u speed %u\n", num(i, "index"), num(i, "mtu"), num(i, "speed"));
	out_printf(o, "  flags: %s\n", flags_of(i, flags));
	if (num(i, "bandwidth"))
		out_printf(o, "  bandwidth %u Mbps\n", num(i, "bandwidth"));
	out_printf(o, "  Type: %s\n", json_text(i, "type"));
	if (*json_text(i, "hardwareAddress"))
		out_printf(o, "  HWaddr: %s\n", json_text(i, "hardwareAddress"));
	json_array_foreach(json_object_get(i, "addresses"), k, a) {
		bool v6 = !strcmp(json_text(a, "afi"), "ipv6");
		out_printf(o, "  %s %s", v6 ? "inet6" : "inet", json_text(a, "address"));
		if (*json_text(a, "peer"))
			out_printf(o, " peer %s", json_text(a, "peer"));
		out_printf(o, "%s%s\n", json_bool(a, "secondary") ? " secondary" : "", json_bool(a, "tentative") ? " tentative" : "");
	}
	out_printf(o, "  Interface Type %s\n  Interface Slave Type None\n  protodown: off \n", kind_of(i));
	if (*json_text(i, "parent"))
		out_printf(o, "  Parent interface: %s\n", json_text(i, "parent"));
	if (*json_text(i, "master"))
		out_printf(o, "  Master interface: %s\n", json_text(i, "master"));
}

static void
addresses_json(struct jw *w, const json_t *i)
{
	size_t k;
	json_t *a;
	jw_array(w, "ipAddresses");
	json_array_foreach(json_object_get(i, "addresses"), k, a) {
		jw_object(w, NULL);
		jw_field(w, "address", a, "address");
		jw_field(w, "peer", a, "peer");
		jw_bool(w, "secondary", json_bool(a, "secondary"));
		jw_bool(w, "noPrefixRoute", false);
		jw_bool(w, "unnumbered", false);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void
full_json(struct jw *w, const json_t *i)
{
	char flags[160];
	static const struct jw_map first[] = {
		{"linkDetection", "linkDetection", NULL}, {"linkUps", "linkUps", NULL}, {"linkDowns", "linkDowns", NULL},
		{"vrfName", NULL, "default"}, {"description", "description", NULL}, {NULL, NULL, NULL},
	};
	static const struct jw_map second[] = {
		{"mtu", "mtu", NULL}, {"speed", "speed", NULL}, {NULL, NULL, NULL},
	};
	static const struct jw_map third[] = {
		{"type", "type", NULL}, {"hardwareAddress", "hardwareAddress", NULL}, {NULL, NULL, NULL},
	};
	jw_object(w, json_text(i, "name"));
	jw_str(w, "administrativeStatus", json_bool(i, "adminUp") ? "up" : "down");
	jw_str(w, "operationalStatus", json_bool(i, "operative") ? "up" : "down");
	jw_fields(w, first, i);
	jw_bool(w, "mplsEnabled", false);
	jw_bool(w, "linkDown", !json_bool(i, "operative"));
	jw_bool(w, "linkDownV6", !json_bool(i, "operative"));
	jw_bool(w, "pseudoInterface", !strcmp(json_text(i, "type"), "Loopback"));
	jw_field(w, "index", i, "index");
	jw_uint(w, "metric", 0);
	jw_fields(w, second, i);
	jw_str(w, "flags", flags_of(i, flags));
	if (num(i, "bandwidth"))
		jw_field(w, "bandwidth", i, "bandwidth");
	jw_fields(w, third, i);
	addresses_json(w, i);
	jw_str(w, "interfaceType", kind_of(i));
	jw_str(w, "interfaceSlaveType", "None");
	jw_str(w, "protodown", "off");
	jw_field(w, "parentInterface", i, "parent");
	jw_field(w, "masterInterface", i, "master");
	jw_field(w, "carrierChanges", i, "carrierChanges");
	jw_close(w, '}');
}

void
show_interface(const struct exec_call *c)
{
	struct ifs s;
	struct jw w;
	bool up = ifs_read(c, &s);
	if (c->json) {
		jw_start(&w, c->sh->out);
		for (size_t i = 0; i < s.n; i++)
			full_json(&w, s.row[i]);
		jw_end(&w);
	} else if (up && !s.n && call_value(c, "interface")) {
		shell_error(c->sh, "%% Can't find interface %s", call_value(c, "interface"));
	} else {
		for (size_t i = 0; i < s.n; i++)
			full_text(c->sh->out, s.row[i]);
	}
	ifs_free(&s);
}
