/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show track, and which static routes hang on BFD sessions (FRR's show bfd static route). */
#include "vtysh/view.h"
#include "vtysh/views.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct track_call {
	struct out *o;
	struct jw w;
	bool json, brief, any;
};

static void
track_json(struct jw *w, const json_t *row)
{
	static const struct jw_map map[] = {{"type", "type", NULL}, {"object", "object", NULL}, {"state", "state", NULL},
		{"cause", "cause", NULL}, {"changes", "changes", NULL}, {"lastChangeSeconds", "lastChange", NULL},
		{"changeWaits", "waiting", NULL}, {"delayUpMs", "delayUp", NULL}, {"delayDownMs", "delayDown", NULL},
		{"nexthopGroups", "groups", NULL}, {NULL, NULL, NULL}};
	const json_t *objects = json_object_get(row, "objects");
	json_t *m;
	size_t i;
	jw_object(w, NULL);
	jw_field(w, "id", row, "id");
	jw_fields(w, map, row);
	if (objects) {
		jw_array(w, "objects");
		json_array_foreach(objects, i, m) {
			jw_object(w, NULL);
			jw_field(w, "id", m, "id");
			jw_field(w, "not", m, "not");
			jw_field(w, "state", m, "state");
			jw_close(w, '}');
		}
		jw_close(w, ']');
	}
	jw_close(w, '}');
}

static void
track_brief(struct track_call *t, const json_t *row)
{
	char up[32];
	if (!t->any)
		out_printf(t->o, "%-6s %-10s %-8s %-8s %-9s %s\n", "Track", "Type", "State", "Changes", "Since", "Object");
	out_printf(t->o, "%-6llu %-10s %-8s %-8llu %-9s %s\n", (unsigned long long)json_uint(row, "id"),
		json_text(row, "type"), json_text(row, "state"), (unsigned long long)json_uint(row, "changes"),
		json_has(row, "lastChange") ? time_uptime(json_uint(row, "lastChange"), up) : "-", json_text(row, "object"));
}

static void
track_text(struct out *o, const json_t *row)
{
	char up[32];
	json_t *m;
	size_t i;
	const char *state = json_text(row, "state");
	out_printf(o, "Track %llu\n  %s %s\n", (unsigned long long)json_uint(row, "id"), json_text(row, "type"),
		json_text(row, "object"));
	json_array_foreach(json_object_get(row, "objects"), i, m)
		out_printf(o, "    object %llu%s: %s\n", (unsigned long long)json_uint(m, "id"), json_bool(m, "not") ? " not" : "",
			json_text(m, "state"));
	out_printf(o, "  %c%s%s%s%s\n", toupper((unsigned char)state[0]), state[0] ? state + 1 : "",
		*json_text(row, "cause") ? ": " : "", json_text(row, "cause"),
		json_bool(row, "waiting") ? " (a change waits for its delay)" : "");
	if (json_has(row, "lastChange"))
		out_printf(o, "  Since %s, %llu changes\n", time_uptime(json_uint(row, "lastChange"), up),
			(unsigned long long)json_uint(row, "changes"));
	if (json_uint(row, "delayUp") || json_uint(row, "delayDown"))
		out_printf(o, "  Delay up %llu ms, down %llu ms\n", (unsigned long long)json_uint(row, "delayUp"),
			(unsigned long long)json_uint(row, "delayDown"));
	if (json_uint(row, "groups"))
		out_printf(o, "  Next-hop groups of static routes that depend on it: %llu\n", (unsigned long long)json_uint(row, "groups"));
}

static bool
track_row(void *arg, json_t *row)
{
	struct track_call *t = arg;
	if (t->json)
		track_json(&t->w, row);
	else if (t->brief)
		track_brief(t, row);
	else
		track_text(t->o, row);
	t->any = true;
	return !out_stopped(t->o);
}

void
show_track(const struct exec_call *c)
{
	struct track_call t = {.o = c->sh->out, .json = c->json, .brief = call_flag(c, "brief")};
	struct key_value kv = {"id", call_value(c, "track")};
	if (c->json) {
		jw_start(&t.w, t.o);
		jw_array(&t.w, "tracks");
	}
	bool up = view_rows(c->sh, "zebra", "zebra/tracks", &kv, kv.value ? 1 : 0, track_row, &t);
	if (c->json) {
		jw_close(&t.w, ']');
		jw_end(&t.w);
	} else if (up && kv.value && !t.any) {
		shell_error(c->sh, "%% Track %s is not configured", kv.value);
	}
}

/* --- static routes with BFD -------------------------------------------------------------------------- */
struct static_call {
	struct out *o;
	struct jw *w; /* NULL: text */
};

static bool
static_row(void *arg, json_t *row)
{
	struct static_call *s = arg;
	json_t *n;
	size_t i;
	json_array_foreach(json_object_get(row, "nexthops"), i, n) {
		bool down = !strcmp(json_text(n, "down"), "bfd");
		if (!json_bool(n, "bfd") || json_bool(n, "resolver"))
			continue;
		if (!s->w) {
			out_printf(s->o, "        %s peer %s (status: %s)\n", json_text(row, "prefix"), json_text(n, "gateway"),
				down ? "uninstalled" : "installed");
			continue;
		}
		jw_object(s->w, NULL);
		jw_field(s->w, "prefix", row, "prefix");
		jw_str(s->w, "vrf", "default");
		jw_bool(s->w, "installed", !down);
		jw_field(s->w, "peer", n, "gateway");
		jw_close(s->w, '}');
	}
	return true;
}

void
show_bfd_static(const struct exec_call *c)
{
	static const struct {
		const char *afi, *key, *title;
	} families[] = {{"4", "ipv4-unicast", "IPv4 Unicast"}, {NULL, "ipv4-multicast", "IPv4 Multicast"},
		{"6", "ipv6-unicast", "IPv6 Unicast"}};
	struct jw w;
	struct static_call s = {c->sh->out, c->json ? &w : NULL};
	if (c->json) {
		jw_start(&w, c->sh->out);
		jw_object(&w, "path-list");
	} else {
		out_text(c->sh->out, "Showing BFD monitored static routes:\n\n  Next hops:\n");
	}
	for (unsigned i = 0; i < 3; i++) {
		struct key_value kv[] = {{"afi", families[i].afi}, {"protocol", "static"}};
		if (c->json)
			jw_array(&w, families[i].key);
		else
			out_printf(c->sh->out, "%s    VRF default %s:\n", i ? "\n" : "", families[i].title);
		if (families[i].afi && !view_rows(c->sh, "zebra", "zebra/routes", kv, 2, static_row, &s))
			i = 3;
		if (c->json)
			jw_close(&w, ']');
	}
	if (c->json) {
		jw_close(&w, '}');
		jw_end(&w);
	} else {
		out_text(c->sh->out, "\n");
	}
}
