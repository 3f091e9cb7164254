/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show ip ospf database: the list by area and type, and LSAs in full. Both are one table of types
 * walked in the order of the rows (areas first, then AS scope).
 */
#include "vtysh/view_ospf.h"

#include <stdio.h>
#include <string.h>

#include "lib/prefix.h"

static const struct lsa_view {
	const char *type, *head, *lsa, *id_note, *json, *columns;
	bool as_scope;
} views[] = {
	{"router", "Router Link States", "router-LSA", "", "routerLinkStates", "  Link count", false},
	{"network", "Net Link States", "network-LSA", "(address of Designated Router)", "networkLinkStates", "", false},
	{"summary", "Summary Link States", "summary-LSA", "(summary Network Number)", "summaryLinkStates", "  Route", false},
	{"asbr-summary", "ASBR-Summary Link States", "summary-LSA", "(AS Boundary Router address)",
		"asbrSummaryLinkStates", "", false},
	{"nssa-external", "NSSA-external Link States", "NSSA-LSA", "(External Network Number for NSSA)",
		"nssaExternalLinkStates", "  Route", false},
	{"opaque-link", "Link-Local Opaque-LSA", "Link-Local Opaque-LSA", "", "linkLocalOpaqueLsa", "", false},
	{"opaque-area", "Area-Local Opaque-LSA", "Area-Local Opaque-LSA", "", "areaLocalOpaqueLsa", "", false},
	{"external", "AS External Link States", "AS-external-LSA", "(External Network Number)", "asExternalLinkStates",
		"  Route", true},
	{"opaque-as", "AS-Global Opaque-LSA", "AS-Global Opaque-LSA", "", "asExternalOpaqueLsa", "", true},
};
#define VIEWS (sizeof(views) / sizeof(views[0]))

static unsigned
num(const json_t *row, const char *key)
{
	return (unsigned)json_uint(row, key);
}

static bool
is_type(const json_t *l, const struct lsa_view *v)
{
	return !strcmp(json_text(l, "type"), v->type);
}

static unsigned
metric_type(const json_t *l)
{
	const char *t = json_text(l, "metric-type");
	if (*t)
		return strchr(t, '1') ? 1 : 2;
	return num(l, "metric-type") == 1 ? 1 : 2;
}

static unsigned
mask_len(const json_t *l)
{
	const char *slash = strchr(json_text(l, "prefix"), '/');
	uint32_t mask;
	unsigned len = 0;
	if (slash)
		sscanf(slash + 1, "%u", &len);
	else if (ip4_parse(json_text(l, "mask"), &mask))
		ip4_mask_len(mask, &len);
	else
		len = num(l, "mask");
	return len;
}

/* Each area named in the rows, in their order. i is kept by the caller. */
static const char *
next_area(const json_t *rows, size_t *i, const char *last)
{
	for (; *i < json_array_size(rows); (*i)++) {
		const char *area = json_text(json_array_get(rows, *i), "area");
		if (*area && strcmp(area, last))
			return area;
	}
	return NULL;
}

static bool
belongs(const json_t *l, const struct lsa_view *v, const char *area)
{
	return is_type(l, v) && (v->as_scope || !strcmp(json_text(l, "area"), area));
}

static unsigned
count_of(const json_t *rows, const struct lsa_view *v, const char *area)
{
	unsigned n = 0;
	size_t i;
	json_t *l;
	json_array_foreach(rows, i, l)
		n += belongs(l, v, area);
	return n;
}

/* --- the list --------------------------------------------------------------------------------------- */
static void
list_line(struct out *o, const json_t *l, const struct lsa_view *v)
{
	out_printf(o, "%-15s%-15s %4u 0x%s 0x%s", json_text(l, "id"), json_text(l, "adv-router"), num(l, "age"),
		json_text(l, "sequence"), json_text(l, "checksum"));
	if (!strcmp(v->type, "router"))
		out_printf(o, " %u", num(l, "links-count"));
	else if (!strcmp(v->type, "summary"))
		out_printf(o, " %s", json_text(l, "prefix"));
	else if (!strcmp(v->type, "external") || !strcmp(v->type, "nssa-external"))
		out_printf(o, " E%u %s [0x%x]", metric_type(l), json_text(l, "prefix"), num(l, "tag"));
	out_text(o, "\n");
}

static void
list_type(struct out *o, const json_t *rows, const struct lsa_view *v, const char *area)
{
	size_t i;
	json_t *l;
	if (!count_of(rows, v, area))
		return;
	if (v->as_scope)
		out_printf(o, "                %s\n\n", v->head);
	else
		out_printf(o, "                %s (Area %s)\n\n", v->head, area);
	out_printf(o, "Link ID         ADV Router      Age  Seq#       CkSum%s\n", v->columns);
	json_array_foreach(rows, i, l)
		if (belongs(l, v, area))
			list_line(o, l, v);
	out_text(o, "\n");
}

static void
list_text(struct out *o, const json_t *instance, const json_t *rows)
{
	size_t i = 0;
	const char *area = "";
	out_printf(o, "\n       OSPF Router with ID (%s)\n\n", json_text(instance, "router-id"));
	while ((area = next_area(rows, &i, area)))
		for (unsigned v = 0; v < VIEWS; v++)
			if (!views[v].as_scope)
				list_type(o, rows, &views[v], area);
	for (unsigned v = 0; v < VIEWS; v++)
		if (views[v].as_scope)
			list_type(o, rows, &views[v], "");
	out_text(o, "\n");
}

static void
list_json_lsa(struct jw *w, const json_t *l, const struct lsa_view *v)
{
	static const struct jw_map common[] = {
		{"lsId", "id", NULL}, {"advertisedRouter", "adv-router", NULL}, {"lsaAge", "age", NULL},
		{"sequenceNumber", "sequence", NULL}, {"checksum", "checksum", NULL}, {NULL, NULL, NULL},
	};
	jw_object(w, NULL);
	jw_fields(w, common, l);
	if (!strcmp(v->type, "router")) {
		jw_field(w, "numOfRouterLinks", l, "links-count");
	} else if (!strcmp(v->type, "summary")) {
		jw_field(w, "summaryAddress", l, "prefix");
	} else if (!strcmp(v->type, "external") || !strcmp(v->type, "nssa-external")) {
		jw_printf(w, "metricType", "E%u", metric_type(l));
		jw_field(w, "route", l, "prefix");
		jw_uint(w, "tag", json_uint(l, "tag"));
	}
	jw_close(w, '}');
}

static void
list_json_type(struct jw *w, const json_t *rows, const struct lsa_view *v, const char *area)
{
	char name[64];
	size_t i;
	json_t *l;
	unsigned n = count_of(rows, v, area);
	if (!n)
		return;
	jw_array(w, v->json);
	json_array_foreach(rows, i, l)
		if (belongs(l, v, area))
			list_json_lsa(w, l, v);
	jw_close(w, ']');
	snprintf(name, sizeof(name), "%sCount", v->json);
	jw_uint(w, name, n);
}

static void
list_json(struct jw *w, const json_t *instance, const json_t *rows)
{
	size_t i = 0;
	const char *area = "";
	jw_field(w, "routerId", instance, "router-id");
	jw_object(w, "areas");
	while ((area = next_area(rows, &i, area))) {
		jw_object(w, area);
		for (unsigned v = 0; v < VIEWS; v++)
			if (!views[v].as_scope)
				list_json_type(w, rows, &views[v], area);
		jw_close(w, '}');
	}
	jw_close(w, '}');
	for (unsigned v = 0; v < VIEWS; v++)
		if (views[v].as_scope)
			list_json_type(w, rows, &views[v], "");
}

static void
max_age(const struct exec_call *c, const json_t *rows)
{
	struct jw w;
	size_t i;
	json_t *l;
	if (!c->json) {
		out_text(c->sh->out, "\n                MaxAge Link States:\n\n");
		json_array_foreach(rows, i, l)
			out_printf(c->sh->out, "Link type: %u\nLink State ID: %s\nAdvertising Router: %s\n\n", num(l, "type-number"),
				json_text(l, "id"), json_text(l, "adv-router"));
		return;
	}
	ospf_json_start(c, &w);
	jw_object(&w, "maxAgeLinkStates");
	json_array_foreach(rows, i, l) {
		static const struct jw_map map[] = {{"linkType", "type-number", NULL}, {"linkStateId", "id", NULL},
			{"advertisingRouter", "adv-router", NULL}, {NULL, NULL, NULL}};
		jw_object(&w, json_text(l, "id"));
		jw_fields(&w, map, l);
		jw_close(&w, '}');
	}
	jw_close(&w, '}');
	ospf_json_end(c, &w);
}

void
show_ospf_database(const struct exec_call *c)
{
	struct jw w;
	struct key_value kv = {"type", c->row->arg};
	json_t *instance = ospf_instance(c);
	if (!instance)
		return;
	json_t *rows = ospf_rows(c, "ospf/database", &kv, kv.value ? 1 : 0);
	if (kv.value && !strcmp(kv.value, "max-age")) {
		max_age(c, rows);
	} else if (c->json) {
		ospf_json_start(c, &w);
		list_json(&w, instance, rows);
		ospf_json_end(c, &w);
	} else {
		list_text(c->sh->out, instance, rows);
	}
	json_decref(rows);
	json_decref(instance);
}

/* --- in full ---------------------------------------------------------------------------------------- */
static const struct {
	const char *text, *id, *data, *id_json, *data_json;
} links[] = {
	{"another Router (point-to-point)", "Neighboring Router ID", "Router Interface address", "neighborRouterId",
		"routerInterfaceAddress"},
	{"a Transit Network", "Designated Router address", "Router Interface address", "designatedRouterAddress",
		"routerInterfaceAddress"},
	{"Stub Network", "Net", "Network Mask", "networkAddress", "networkMask"},
	{"a Virtual Link", "Neighboring Router ID", "Router Interface address", "neighborRouterId",
		"routerInterfaceAddress"},
};

static unsigned
link_kind(const json_t *k)
{
	unsigned t = num(k, "type");
	return t >= 1 && t <= 4 ? t - 1 : 2;
}

static unsigned
router_flags(const json_t *l)
{
	return (json_bool(l, "abr") ? 1u : 0) | (json_bool(l, "asbr") ? 2u : 0) | (json_bool(l, "virtual") ? 4u : 0);
}

static unsigned
lsa_flags(const json_t *l, const struct lsa_view *v)
{
	if (json_bool(l, "max-age"))
		return 0x86;
	return json_bool(l, "self") ? (v->as_scope ? 0xb : 0x3) : 0x6;
}

static void
router_body(struct out *o, const json_t *l)
{
	size_t i;
	json_t *k;
	out_printf(o, "   Number of Links: %u\n\n", num(l, "links-count"));
	json_array_foreach(json_object_get(l, "links"), i, k) {
		unsigned t = link_kind(k);
		out_printf(o, "    Link connected to: %s\n", links[t].text);
		out_printf(o, "     (Link ID) %s: %s\n", links[t].id, json_text(k, "id"));
		out_printf(o, "     (Link Data) %s: %s\n", links[t].data, json_text(k, "data"));
		out_printf(o, "      Number of TOS metrics: 0\n       TOS 0 Metric: %u\n\n", num(k, "metric"));
	}
}

static void
lsa_text(struct out *o, const json_t *l, const struct lsa_view *v)
{
	char opt[32];
	size_t i;
	json_t *r;
	bool router = !strcmp(v->type, "router"), network = !strcmp(v->type, "network");
	out_printf(o, "  LS age: %u\n  Options: 0x%x  : %s\n  LS Flags: 0x%-4x \n", num(l, "age"), num(l, "options"),
		ospf_options(num(l, "options"), opt), lsa_flags(l, v));
	if (router)
		out_printf(o, "  Flags: 0x%x%s%s%s%s\n", router_flags(l), router_flags(l) ? " :" : "", json_bool(l, "abr") ? " ABR" : "",
			json_bool(l, "asbr") ? " ASBR" : "", json_bool(l, "virtual") ? " VL-endpoint" : "");
	out_printf(o, "  LS Type: %s\n  Link State ID: %s %s\n", v->lsa, json_text(l, "id"), v->id_note);
	out_printf(o, "  Advertising Router: %s\n  LS Seq Number: %s\n  Checksum: 0x%s\n  Length: %u\n\n",
		json_text(l, "adv-router"), json_text(l, "sequence"), json_text(l, "checksum"), num(l, "length"));
	if (router) {
		router_body(o, l);
	} else if (network) {
		out_printf(o, "  Network Mask: /%u\n", mask_len(l));
		json_array_foreach(json_object_get(l, "routers"), i, r)
			out_printf(o, "        Attached Router: %s\n\n", json_string_value(r) ? json_string_value(r) : "");
	} else if (!strcmp(v->type, "external") || !strcmp(v->type, "nssa-external")) {
		out_printf(o, "  Network Mask: /%u\n        Metric Type: %u%s\n        TOS: 0\n        Metric: %u\n", mask_len(l),
			metric_type(l), metric_type(l) == 2 ? " (Larger than any link state path)" : "", num(l, "metric"));
		out_printf(o, "        Forward Address: %s\n        External Route Tag: %u\n",
			*json_text(l, "forward") ? json_text(l, "forward") : "0.0.0.0", num(l, "tag"));
	} else if (strstr(v->type, "summary")) {
		out_printf(o, "  Network Mask: /%u\n        TOS: 0  Metric: %u\n", mask_len(l), num(l, "metric"));
	} else {
		out_printf(o, "  Opaque-Type: %u\n  Opaque-ID: 0x%x\n", num(l, "opaque-type"), num(l, "opaque-id"));
	}
	out_text(o, "\n");
}

static void
router_links_json(struct jw *w, const json_t *l)
{
	size_t i;
	json_t *k;
	char name[32];
	jw_field(w, "numOfLinks", l, "links-count");
	jw_object(w, "routerLinks");
	json_array_foreach(json_object_get(l, "links"), i, k) {
		unsigned t = link_kind(k);
		snprintf(name, sizeof(name), "link%zu", i);
		jw_object(w, name);
		jw_str(w, "linkType", links[t].text);
		jw_field(w, links[t].id_json, k, "id");
		jw_field(w, links[t].data_json, k, "data");
		jw_uint(w, "numOfTosMetrics", 0);
		jw_field(w, "tos0Metric", k, "metric");
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

static void
lsa_json_body(struct jw *w, const json_t *l, const struct lsa_view *v)
{
	size_t i;
	json_t *r;
	if (!strcmp(v->type, "router")) {
		router_links_json(w, l);
	} else if (!strcmp(v->type, "network")) {
		jw_uint(w, "networkMask", mask_len(l));
		jw_object(w, "attchedRouters"); /* FRR's spelling */
		json_array_foreach(json_object_get(l, "routers"), i, r) {
			jw_object(w, json_string_value(r) ? json_string_value(r) : "");
			jw_str(w, "attachedRouterId", json_string_value(r) ? json_string_value(r) : "");
			jw_close(w, '}');
		}
		jw_close(w, '}');
	} else if (!strcmp(v->type, "external") || !strcmp(v->type, "nssa-external")) {
		jw_uint(w, "networkMask", mask_len(l));
		jw_str(w, "metricType", metric_type(l) == 2 ? "E2 (Larger than any link state path)" : "E1");
		jw_uint(w, "tos", 0);
		jw_field(w, "metric", l, "metric");
		jw_str(w, "forwardAddress", *json_text(l, "forward") ? json_text(l, "forward") : "0.0.0.0");
		jw_uint(w, "externalRouteTag", json_uint(l, "tag"));
	} else if (strstr(v->type, "summary")) {
		jw_uint(w, "networkMask", mask_len(l));
		jw_field(w, "tos0Metric", l, "metric");
	}
}

static void
lsa_json(struct jw *w, const json_t *l, const struct lsa_view *v)
{
	char opt[32];
	static const struct jw_map common[] = {
		{"linkStateId", "id", NULL}, {"advertisingRouter", "adv-router", NULL}, {"lsaSeqNumber", "sequence", NULL},
		{"checksum", "checksum", NULL}, {"length", "length", NULL}, {NULL, NULL, NULL},
	};
	jw_object(w, NULL);
	jw_field(w, "lsaAge", l, "age");
	jw_str(w, "options", ospf_options(num(l, "options"), opt));
	jw_uint(w, "lsaFlags", lsa_flags(l, v));
	if (!strcmp(v->type, "router")) {
		jw_uint(w, "flags", router_flags(l));
		if (json_bool(l, "abr"))
			jw_bool(w, "abr", true);
		if (json_bool(l, "asbr"))
			jw_bool(w, "asbr", true);
	}
	jw_str(w, "lsaType", v->lsa);
	jw_fields(w, common, l);
	lsa_json_body(w, l, v);
	jw_close(w, '}');
}

static void
detail_text(struct out *o, const json_t *rows, const struct lsa_view *v)
{
	size_t i = 0, k;
	json_t *l;
	const char *area = "";
	if (v->as_scope) {
		out_printf(o, "                %s \n\n", v->head);
		json_array_foreach(rows, k, l)
			if (is_type(l, v))
				lsa_text(o, l, v);
		return;
	}
	while ((area = next_area(rows, &i, area))) {
		out_printf(o, "\n                %s (Area %s)\n\n", v->head, area);
		json_array_foreach(rows, k, l)
			if (belongs(l, v, area))
				lsa_text(o, l, v);
	}
}

static void
detail_json(struct jw *w, const json_t *rows, const struct lsa_view *v)
{
	size_t i = 0, k;
	json_t *l;
	const char *area = "";
	if (v->as_scope) {
		jw_array(w, v->json);
		json_array_foreach(rows, k, l)
			if (is_type(l, v))
				lsa_json(w, l, v);
		jw_close(w, ']');
		return;
	}
	jw_object(w, v->json);
	jw_object(w, "areas");
	while ((area = next_area(rows, &i, area))) {
		jw_array(w, area);
		json_array_foreach(rows, k, l)
			if (belongs(l, v, area))
				lsa_json(w, l, v);
		jw_close(w, ']');
	}
	jw_close(w, '}');
	jw_close(w, '}');
}

static unsigned
detail_filter(const struct exec_call *c, struct key_value *kv)
{
	unsigned n = 0;
	kv[n++] = (struct key_value){"detail", "1"};
	if (call_value(c, "lsa-type"))
		kv[n++] = (struct key_value){"type", call_value(c, "lsa-type")};
	if (call_value(c, "lsid"))
		kv[n++] = (struct key_value){"id", call_value(c, "lsid")};
	if (call_value(c, "addr"))
		kv[n++] = (struct key_value){"adv-router", call_value(c, "addr")};
	if (call_flag(c, "self-originate"))
		kv[n++] = (struct key_value){"self", "1"};
	return n;
}

void
show_ospf_database_detail(const struct exec_call *c)
{
	struct jw w;
	struct key_value kv[5];
	const char *type = call_value(c, "lsa-type");
	json_t *instance = ospf_instance(c);
	if (!instance)
		return;
	json_t *rows = ospf_rows(c, "ospf/database", kv, detail_filter(c, kv));
	if (c->json) {
		ospf_json_start(c, &w);
		jw_field(&w, "routerId", instance, "router-id");
	} else {
		out_printf(c->sh->out, "\n       OSPF Router with ID (%s)\n\n", json_text(instance, "router-id"));
	}
	for (unsigned v = 0; v < VIEWS; v++) {
		if (type ? strcmp(type, views[v].type) : !json_array_size(rows))
			continue;
		if (c->json)
			detail_json(&w, rows, &views[v]);
		else
			detail_text(c->sh->out, rows, &views[v]);
	}
	if (c->json)
		ospf_json_end(c, &w);
	json_decref(rows);
	json_decref(instance);
}
