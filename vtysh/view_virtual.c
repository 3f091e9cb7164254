/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show zebra virtual: virtual links and addresses that zebra holds, roles on LANs; show zebra ready. */
#include "vtysh/view.h"
#include "vtysh/views.h"

#include <string.h>

struct table {
	struct out *o;
	const char *head; /* before the first row */
};

static void
table_begin(struct table *t)
{
	if (t->head)
		out_text(t->o, t->head);
	t->head = NULL;
}

/* "held by vrrp", or how long it stays without its client. */
static void
holder(struct out *o, const json_t *r)
{
	const char *client = json_text(r, "client");
	if (json_bool(r, "claimed"))
		out_printf(o, "%s\n", client);
	else
		out_printf(o, "%s gone, %llu ms left\n", client[0] ? client : "earlier zebra",
			(unsigned long long)json_uint(r, "lingerLeftMs"));
}

static bool
link_row(void *arg, json_t *r)
{
	struct table *t = arg;
	table_begin(t);
	out_printf(t->o, "%-16s %-16s %-18s %-6s ", json_text(r, "name"), json_text(r, "parent"),
		json_text(r, "hardwareAddress"),
		json_bool(r, "up") ? json_bool(r, "quiet") ? "quiet" : "up" : "down");
	holder(t->o, r);
	if (json_has(r, "error"))
		out_printf(t->o, "  %s\n", json_text(r, "error"));
	return !out_stopped(t->o);
}

static bool
address_row(void *arg, json_t *r)
{
	struct table *t = arg;
	table_begin(t);
	out_printf(t->o, "%-33s %-16s %-9s %-6s ", json_text(r, "address"), json_text(r, "interface"),
		json_bool(r, "present") ? "installed" : "missing", json_bool(r, "accept") ? "accept" : "drop");
	holder(t->o, r);
	return !out_stopped(t->o);
}

static bool
lan_row(void *arg, json_t *r)
{
	struct table *t = arg;
	table_begin(t);
	out_printf(t->o, "%-16s %-10s %-5s ", json_text(r, "interface"), json_text(r, "role"),
		json_bool(r, "dead") ? "dead" : "alive");
	if (json_bool(r, "withdraw"))
		out_text(t->o, "prefix withdrawn\n");
	else
		out_printf(t->o, "cost +%llu\n", (unsigned long long)json_uint(r, "addedCost"));
	return !out_stopped(t->o);
}

static const struct {
	const char *path, *name, *head;
	view_row_fn *row;
} parts[] = {
	{"zebra/virtual-links", "links",
		"Virtual link     Parent           MAC                State  Held by\n", link_row},
	{"zebra/virtual-addresses", "addresses",
		"Virtual address                   Interface        State     Mode   Held by\n", address_row},
	{"zebra/lans", "lans", "LAN              Role       State Prefix\n", lan_row},
};

void
show_zebra_virtual(const struct exec_call *c)
{
	struct jw w;
	if (c->json)
		jw_start(&w, c->sh->out);
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct table t = {.o = c->sh->out, .head = parts[i].head};
		if (c->json)
			view_raw_array(c->sh, &w, "zebra", parts[i].path, parts[i].name);
		else if (!view_rows(c->sh, "zebra", parts[i].path, NULL, 0, parts[i].row, &t))
			return;
		if (!c->json && !t.head)
			out_text(c->sh->out, "\n");
	}
	if (c->json)
		jw_end(&w);
}

static bool
ready_row(void *arg, json_t *r)
{
	struct out *o = arg;
	char t[32];
	size_t i;
	json_t *client;
	time_uptime(json_uint(r, "sinceSeconds"), t);
	if (json_bool(r, "ready"))
		out_printf(o, "Routing is ready, for %s\n", t);
	else
		out_printf(o, "Routing is not ready, for %s: %s\n", t, json_text(r, "waitingFor"));
	json_array_foreach(json_object_get(r, "clients"), i, client)
		out_printf(o, "  %-8s %s%s\n", json_text(client, "name"),
			json_bool(client, "ready") ? "ready" : "waits for: ", json_text(client, "waitingFor"));
	return false;
}

void
show_zebra_ready(const struct exec_call *c)
{
	if (c->json)
		view_raw_json(c->sh, "zebra", "zebra/ready", "readiness");
	else
		view_rows(c->sh, "zebra", "zebra/ready", NULL, 0, ready_row, c->sh->out);
}
