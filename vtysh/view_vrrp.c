/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show vrrp [summary|counters|lan]: FRR's layout and keys, then what FRR does not know. FRR has one
 * router per VRID with two families, vrrpd has one per family: neighbouring rows are put together here.
 */
#include "vtysh/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "vtysh/views.h"

/* One VRID of an interface; a family that has no row is one that is not configured. */
struct pair {
	json_t *v4, *v6;
};

struct vrrp_call {
	struct out *o;
	struct jw w;
	bool json;
	struct pair *pairs;
	size_t n;
};

static bool
is_v4(const json_t *row)
{
	return !strcmp(json_text(row, "family"), "ipv4");
}

static const json_t *
either(const struct pair *p)
{
	return p->v4 ? p->v4 : p->v6;
}

static bool
pair_row(void *arg, json_t *row)
{
	struct vrrp_call *v = arg;
	struct pair *p = v->n ? &v->pairs[v->n - 1] : NULL;
	if (!p || json_uint(either(p), "vrid") != json_uint(row, "vrid") ||
	    strcmp(json_text(either(p), "interface"), json_text(row, "interface")) || (is_v4(row) ? p->v4 : p->v6)) {
		v->pairs = mem_realloc(v->pairs, (v->n + 1) * sizeof(*v->pairs));
		p = &v->pairs[v->n++];
		*p = (struct pair){NULL, NULL};
	}
	*(is_v4(row) ? &p->v4 : &p->v6) = json_incref(row);
	return true;
}

static bool
gather(const struct exec_call *c, const char *path, struct vrrp_call *v)
{
	struct key_value kv[2];
	unsigned n = 0;
	const char *ifname = call_value(c, "interface"), *vrid = call_value(c, "vrid");
	if (ifname)
		kv[n++] = (struct key_value){"interface", ifname};
	if (vrid)
		kv[n++] = (struct key_value){"vrid", vrid};
	*v = (struct vrrp_call){.o = c->sh->out, .json = c->json};
	return view_rows(c->sh, "vrrpd", path, kv, n, pair_row, v);
}

static void
gathered_free(struct vrrp_call *v)
{
	for (size_t i = 0; i < v->n; i++) {
		json_decref(v->pairs[i].v4);
		json_decref(v->pairs[i].v6);
	}
	mem_free(v->pairs);
}

static const char *
state_of(const json_t *row)
{
	return row ? json_text(row, "state") : "Initialize";
}

static size_t
addresses(const json_t *row)
{
	return json_array_size(json_object_get(row, "addresses"));
}

/* The virtual MAC of RFC 9568 7.3, also of a family that is not configured. */
static const char *
mac_of(const struct pair *p, bool v4, char out[18])
{
	snprintf(out, 18, "00:00:5e:00:0%d:%02x", v4 ? 1 : 2, (unsigned)json_uint(either(p), "vrid"));
	return out;
}

static const char *
primary_of(const json_t *row, bool v4)
{
	const char *text = row ? json_text(row, "primary-address") : "";
	return *text || v4 ? text : "::"; /* as FRR prints none */
}

/* --- a table of two columns --------------------------------------------------------------------------- */

struct line {
	char label[64], value[192];
};
struct table {
	struct line *line;
	size_t n;
};

static void __attribute__((format(printf, 3, 4)))
say(struct table *t, const char *label, const char *fmt, ...)
{
	va_list ap;
	t->line = mem_realloc(t->line, (t->n + 1) * sizeof(*t->line));
	struct line *l = &t->line[t->n++];
	snprintf(l->label, sizeof(l->label), "%s", label);
	va_start(ap, fmt);
	vsnprintf(l->value, sizeof(l->value), fmt, ap);
	va_end(ap);
}

/* Two families of one thing. */
static void
say_both(struct table *t, const char *fmt, const char *v4, const char *v6)
{
	char label[64];
	snprintf(label, sizeof(label), fmt, "v4");
	say(t, label, "%s", v4);
	snprintf(label, sizeof(label), fmt, "v6");
	say(t, label, "%s", v6);
}

static void
say_numbers(struct table *t, const char *fmt, const struct pair *p, const char *key, unsigned divide, const char *unit)
{
	char v4[32], v6[32];
	snprintf(v4, sizeof(v4), "%llu%s", (unsigned long long)json_uint(p->v4, key) / divide, unit);
	snprintf(v6, sizeof(v6), "%llu%s", (unsigned long long)json_uint(p->v6, key) / divide, unit);
	say_both(t, fmt, v4, v6);
}

static void
table_print(struct table *t, struct out *o)
{
	size_t left = 0, right = 0;
	for (size_t i = 0; i < t->n; i++) {
		size_t a = strlen(t->line[i].label), b = strlen(t->line[i].value);
		left = a > left ? a : left;
		right = b > right ? b : right;
	}
	for (size_t i = 0; i < t->n; i++)
		out_printf(o, " %-*s%-*s\n", (int)left + 3, t->line[i].label, (int)right + 3, t->line[i].value);
	mem_free(t->line);
}

/* --- show vrrp, text ------------------------------------------------------------------------------------ */

static const char *
yes(bool on)
{
	return on ? "Yes" : "No";
}

static void
text_interval(struct table *t, const struct pair *p)
{
	char text[2][48];
	const json_t *rows[] = {p->v4, p->v6};
	for (unsigned i = 0; i < 2; i++)
		snprintf(text[i], sizeof(text[i]), "%llu ms%s",
			(unsigned long long)json_uint(rows[i], "master-advertisement-interval-ms"),
			strcmp(state_of(rows[i]), "Backup") ? " (stale)" : "");
	say_both(t, "Master Advertisement Interval (%s) Rx", text[0], text[1]);
}

static void
text_addresses(struct table *t, const char *label, const json_t *list)
{
	size_t i;
	json_t *a;
	say(t, label, "%zu", json_array_size(list));
	json_array_foreach(list, i, a)
		say(t, "..................................", "%s", json_string_value(a));
}

/* FRR's lines, in its order. */
static void
text_frr(struct table *t, const struct pair *p)
{
	const json_t *r = either(p);
	char mac[2][18];
	const char *i4 = p->v4 ? json_text(p->v4, "virtual-interface") : "", *i6 = p->v6 ? json_text(p->v6, "virtual-interface") : "";
	say(t, "Virtual Router ID", "%llu", (unsigned long long)json_uint(r, "vrid"));
	say(t, "Protocol Version", "%llu", (unsigned long long)json_uint(r, "version"));
	say(t, "Autoconfigured", "No");
	say(t, "Shutdown", "%s", yes(json_bool(r, "shutdown")));
	say(t, "Interface", "%s", json_text(r, "interface"));
	say_both(t, "VRRP interface (%s)", *i4 ? i4 : "None", *i6 ? i6 : "None");
	say_both(t, "Primary IP (%s)", primary_of(p->v4, true), primary_of(p->v6, false));
	say_both(t, "Virtual MAC (%s)", mac_of(p, true, mac[0]), mac_of(p, false, mac[1]));
	say_both(t, "Status (%s)", state_of(p->v4), state_of(p->v6));
	say(t, "Priority", "%llu", (unsigned long long)json_uint(r, "priority"));
	say_both(t, "Effective Priority (%s)", p->v4 ? "" : "-", p->v6 ? "" : "-");
	for (unsigned k = 0; k < 2; k++) { /* a family that is not there has the configured one, as in FRR */
		const json_t *row = k ? p->v6 : p->v4;
		snprintf(t->line[t->n - 2 + k].value, sizeof(t->line[0].value), "%llu",
			(unsigned long long)json_uint(row ? row : r, row ? "effective-priority" : "priority"));
	}
	say(t, "Preempt Mode", "%s", yes(json_bool(r, "preempt")));
	say(t, "Accept Mode", "%s", yes(json_bool(r, "accept-mode")));
	say(t, "Checksum with IPv4 Pseudoheader", "%s", yes(json_bool(r, "checksum-with-ipv4-pseudoheader")));
	say(t, "Advertisement Interval", "%llu ms", (unsigned long long)json_uint(r, "advertisement-interval-ms"));
	text_interval(t, p);
	say_numbers(t, "Advertisements Tx (%s)", p, "adverts-tx", 1, "");
	say_numbers(t, "Advertisements Rx (%s)", p, "adverts-rx", 1, "");
	say(t, "Gratuitous ARP Tx (v4)", "%llu", (unsigned long long)json_uint(p->v4, "announced"));
	say(t, "Neigh. Adverts Tx (v6)", "%llu", (unsigned long long)json_uint(p->v6, "announced"));
	say_numbers(t, "State transitions (%s)", p, "transitions", 1, "");
	say_numbers(t, "Skew Time (%s)", p, "skew-us", 1000, " ms");
	say_numbers(t, "Master Down Interval (%s)", p, "master-down-us", 1000, " ms");
	text_addresses(t, "IPv4 Addresses", json_object_get(p->v4, "addresses"));
	text_addresses(t, "IPv6 Addresses", json_object_get(p->v6, "addresses"));
}

static void
text_tracks(struct table *t, const json_t *row)
{
	size_t i;
	json_t *e;
	char name[80], effect[48];
	json_array_foreach(json_object_get(row, "tracks"), i, e) {
		snprintf(name, sizeof(name), "%s %s", strcmp(json_text(e, "kind"), "interface") ? "Track" : "Track interface",
			json_text(e, "name"));
		if (json_uint(e, "decrement"))
			snprintf(effect, sizeof(effect), "priority -%llu while down", (unsigned long long)json_uint(e, "decrement"));
		else
			snprintf(effect, sizeof(effect), "backup while down");
		say(t, name, "%s (%s)", !json_bool(e, "known") ? "unknown" : json_bool(e, "up") ? "up" : "down", effect);
	}
	json_array_foreach(json_object_get(row, "bfd"), i, e) {
		snprintf(name, sizeof(name), "BFD %s", json_text(e, "peer"));
		say(t, name, "%s", json_text(e, "liveness"));
	}
}

/* Ours: why it is what it is. Said of families that have addresses. */
static void
text_ours(struct table *t, const json_t *row, const char *family)
{
	char label[64], since[32];
	if (!row || !addresses(row))
		return;
	snprintf(label, sizeof(label), "Last change (%s)", family);
	if (json_uint(row, "transitions"))
		say(t, label, "%s, %s ago", json_text(row, "reason"), time_ms(json_uint(row, "since-ms"), since));
	snprintf(label, sizeof(label), "Master (%s)", family);
	if (*json_text(row, "master"))
		say(t, label, "%s%s", json_text(row, "master"), strcmp(state_of(row), "Master") ? "" : " (this router)");
	snprintf(label, sizeof(label), "Kept from being master (%s)", family);
	if (*json_text(row, "blocked"))
		say(t, label, "%s", json_text(row, "blocked"));
	snprintf(label, sizeof(label), "Held back (%s)", family);
	if (*json_text(row, "held") && json_uint(row, "held-for-ms"))
		say(t, label, "%s, %s more at most", json_text(row, "held"), time_ms(json_uint(row, "held-for-ms"), since));
	else if (*json_text(row, "held"))
		say(t, label, "%s", json_text(row, "held"));
	snprintf(label, sizeof(label), "Address mismatch (%s)", family);
	if (json_bool(row, "address-mismatch"))
		say(t, label, "the master advertises other addresses");
	snprintf(label, sizeof(label), "Advertisements dropped (%s)", family);
	if (json_uint(row, "dropped"))
		say(t, label, "%llu", (unsigned long long)json_uint(row, "dropped"));
}

static void
pair_text(struct vrrp_call *v, const struct pair *p)
{
	struct table t = {NULL, 0};
	const json_t *r = either(p);
	text_frr(&t, p);
	text_ours(&t, p->v4, "v4");
	text_ours(&t, p->v6, "v6");
	if (*json_text(r, "group"))
		say(&t, "Group", "%s", json_text(r, "group"));
	text_tracks(&t, r);
	out_text(v->o, "\n");
	table_print(&t, v->o);
}

/* --- show vrrp, JSON ------------------------------------------------------------------------------------- */

static void
family_json(struct jw *w, const struct pair *p, bool v4)
{
	static const struct jw_map ours[] = {{"reason", "reason", NULL}, {"sinceMsec", "since-ms", NULL}, {"master", "master", NULL},
		{"masterPriority", "master-priority", NULL}, {"owner", "owner", NULL}, {"handingOver", "handing-over", NULL},
		{"blocked", "blocked", NULL}, {"held", "held", NULL}, {"heldForMsec", "held-for-ms", NULL},
		{"addressMismatch", "address-mismatch", NULL}, {"dropped", "dropped", NULL}, {"unicastPeers", "unicast-peers", NULL},
		{"lastAdvertMsec", "last-advert-ms", NULL}, {NULL, NULL, NULL}};
	const json_t *row = v4 ? p->v4 : p->v6, *a;
	char mac[18];
	size_t i;
	jw_object(w, v4 ? "v4" : "v6");
	jw_str(w, "interface", row ? json_text(row, "virtual-interface") : "");
	jw_str(w, "vmac", mac_of(p, v4, mac));
	jw_str(w, "primaryAddress", primary_of(row, v4));
	jw_str(w, "status", state_of(row));
	jw_uint(w, "effectivePriority", json_uint(row ? row : either(p), row ? "effective-priority" : "priority"));
	jw_uint(w, "masterAdverInterval", json_uint(row, "master-advertisement-interval-ms"));
	jw_uint(w, "skewTime", json_uint(row, "skew-us") / 1000);
	jw_uint(w, "masterDownInterval", json_uint(row, "master-down-us") / 1000);
	jw_object(w, "stats");
	jw_uint(w, "adverTx", json_uint(row, "adverts-tx"));
	jw_uint(w, "adverRx", json_uint(row, "adverts-rx"));
	jw_uint(w, v4 ? "garpTx" : "neighborAdverTx", json_uint(row, "announced"));
	jw_uint(w, "transitions", json_uint(row, "transitions"));
	jw_close(w, '}');
	jw_array(w, "addresses");
	json_array_foreach(json_object_get(row, "addresses"), i, a)
		jw_str(w, NULL, json_string_value(a));
	jw_close(w, ']');
	if (row)
		jw_fields(w, ours, row);
	jw_close(w, '}');
}

static void
pair_json(struct jw *w, const struct pair *p)
{
	static const struct jw_map map[] = {{"preemptMode", "preempt", NULL}, {"acceptMode", "accept-mode", NULL},
		{"checksumWithIpv4Pseudoheader", "checksum-with-ipv4-pseudoheader", NULL}, {"interface", "interface", NULL},
		{"advertisementInterval", "advertisement-interval-ms", NULL}, {"priority", "priority", NULL},
		{"virtualMac", "virtual-mac", NULL}, {"group", "group", NULL}, {"tracks", "tracks", NULL}, {"bfd", "bfd", NULL},
		{NULL, NULL, NULL}};
	const json_t *r = either(p);
	jw_object(w, NULL);
	jw_field(w, "vrid", r, "vrid");
	jw_field(w, "version", r, "version");
	jw_bool(w, "autoconfigured", false);
	jw_field(w, "shutdown", r, "shutdown");
	jw_fields(w, map, r);
	family_json(w, p, true);
	family_json(w, p, false);
	jw_close(w, '}');
}

void
show_vrrp(const struct exec_call *c)
{
	struct vrrp_call v;
	if (gather(c, "vrrp/instances", &v) || v.n) {
		if (v.json)
			jw_start_list(&v.w, v.o);
		for (size_t i = 0; i < v.n && !out_stopped(v.o); i++) {
			if (v.json)
				pair_json(&v.w, &v.pairs[i]);
			else
				pair_text(&v, &v.pairs[i]);
		}
		if (v.json)
			jw_end_list(&v.w);
		else
			out_text(v.o, "\n");
	}
	gathered_free(&v);
}

/* --- show vrrp summary -------------------------------------------------------------------------------------- */

static void
summary_json(struct vrrp_call *v)
{
	jw_start_list(&v->w, v->o);
	for (size_t i = 0; i < v->n; i++) {
		const struct pair *p = &v->pairs[i];
		jw_object(&v->w, NULL);
		jw_field(&v->w, "interface", either(p), "interface");
		jw_field(&v->w, "vrid", either(p), "vrid");
		jw_field(&v->w, "priority", either(p), "priority");
		jw_uint(&v->w, "ipv4Addresses", addresses(p->v4));
		jw_uint(&v->w, "ipv6Addresses", addresses(p->v6));
		jw_str(&v->w, "statusV4", state_of(p->v4));
		jw_str(&v->w, "statusV6", state_of(p->v6));
		jw_close(&v->w, '}');
	}
	jw_end_list(&v->w);
}

static void
summary_text(struct vrrp_call *v)
{
	size_t wide = strlen("Interface");
	for (size_t i = 0; i < v->n; i++) {
		size_t len = strlen(json_text(either(&v->pairs[i]), "interface"));
		wide = len > wide ? len : wide;
	}
	int at = (int)wide + 3;
	out_printf(v->o, "\n %-*s%-7s%-11s%-7s%-7s%-13s%-13s\n ", at, "Interface", "VRID", "Priority", "IPv4", "IPv6",
		"State (v4)", "State (v6)");
	for (int i = 0; i < at + 58; i++)
		out_text(v->o, "-");
	out_text(v->o, "\n");
	for (size_t i = 0; i < v->n && !out_stopped(v->o); i++) {
		const struct pair *p = &v->pairs[i];
		out_printf(v->o, " %-*s%-7llu%-11llu%-7zu%-7zu%-13s%-13s\n", at, json_text(either(p), "interface"),
			(unsigned long long)json_uint(either(p), "vrid"), (unsigned long long)json_uint(either(p), "priority"),
			addresses(p->v4), addresses(p->v6), state_of(p->v4), state_of(p->v6));
	}
	out_text(v->o, "\n");
}

void
show_vrrp_summary(const struct exec_call *c)
{
	struct vrrp_call v;
	if (gather(c, "vrrp/instances", &v) || v.n) {
		if (v.json)
			summary_json(&v);
		else
			summary_text(&v);
	}
	gathered_free(&v);
}

/* --- show vrrp counters, lan ---------------------------------------------------------------------------------- */

static void
row_text(struct out *o, const json_t *row)
{
	const char *key, *drop;
	json_t *v, *count;
	out_printf(o, "%s", json_text(row, "interface"));
	if (json_has(row, "vrid"))
		out_printf(o, " vrid %llu %s", (unsigned long long)json_uint(row, "vrid"), json_text(row, "family"));
	out_text(o, "\n");
	json_object_foreach((json_t *)(uintptr_t)row, key, v) { /* jansson's iterator is not const */
		if (!strcmp(key, "interface") || !strcmp(key, "vrid") || !strcmp(key, "family"))
			continue;
		if (json_is_object(v)) {
			json_object_foreach(v, drop, count)
				if (json_integer_value(count))
					out_printf(o, "  dropped: %-25s %12lld\n", drop, (long long)json_integer_value(count));
		} else if (json_is_string(v)) {
			out_printf(o, "  %-34s %12s\n", key, json_string_value(v));
		} else if (json_is_boolean(v)) {
			out_printf(o, "  %-34s %12s\n", key, json_is_true(v) ? "yes" : "no");
		} else {
			out_printf(o, "  %-34s %12lld\n", key, (long long)json_integer_value(v));
		}
	}
}

static bool
row_show(void *arg, json_t *row)
{
	struct vrrp_call *v = arg;
	json_t *holder;
	if (!v->json) {
		row_text(v->o, row);
		return !out_stopped(v->o);
	}
	holder = json_object();
	json_object_set(holder, "row", row);
	jw_field(&v->w, NULL, holder, "row");
	json_decref(holder);
	return !out_stopped(v->o);
}

static void
rows_show(const struct exec_call *c, const char *path)
{
	struct vrrp_call v = {.o = c->sh->out, .json = c->json};
	struct key_value kv[2];
	unsigned n = 0;
	if (call_value(c, "interface"))
		kv[n++] = (struct key_value){"interface", call_value(c, "interface")};
	if (call_value(c, "vrid"))
		kv[n++] = (struct key_value){"vrid", call_value(c, "vrid")};
	if (v.json)
		jw_start_list(&v.w, v.o);
	view_rows(c->sh, "vrrpd", path, kv, n, row_show, &v);
	if (v.json)
		jw_end_list(&v.w);
}

void
show_vrrp_counters(const struct exec_call *c)
{
	rows_show(c, "vrrp/counters");
}

void
show_vrrp_interfaces(const struct exec_call *c)
{
	rows_show(c, "vrrp/interfaces");
}
