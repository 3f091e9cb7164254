/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of track objects. */
#include <stdio.h>
#include <stdlib.h>

#include "zebra/config.h"
#include "zebra/core.h"
#include "zebra/gate.h"
#include "zebra/state.h"
#include "zebra/track.h"

static const char *
bfd_object(const struct zconf_track *c, char *out, size_t size)
{
	char peer[IPADDR_STRLEN], local[IPADDR_STRLEN];
	const struct ipaddr *from = c->bfd_local.afi ? &c->bfd_local : &c->source;
	snprintf(out, size, "peer %s%s%s%s%s%s%s%s", ipaddr_print(&c->bfd_peer, peer), from->afi ? " local-address " : "",
		from->afi ? ipaddr_print(from, local) : "", c->bfd_interface[0] ? " interface " : "", c->bfd_interface,
		c->bfd_multihop ? " multihop" : "", c->bfd_profile[0] ? " profile " : "", c->bfd_profile);
	return "bfd";
}

static const char *
probe_object(const struct zconf_track *c, char *out, size_t size)
{
	char address[IPADDR_STRLEN];
	if (c->http_url[0]) {
		snprintf(out, size, "%s status %u", c->http_url, c->http_status ? c->http_status : 200);
		return "http";
	}
	snprintf(out, size, "%s port %u", ipaddr_print(&c->tcp_address, address), c->tcp_port);
	return "tcp";
}

/* The kind; what it watches, in the words of the configuration. */
static const char *
track_object(const struct track *t, char *out, size_t size)
{
	const struct zconf_track *c = conf_data(t->config);
	const struct prefix *p = c->route4.afi ? &c->route4 : &c->route6;
	char text[PREFIX_STRLEN];
	switch (t->kind) {
	case TRACK_INTERFACE:
		snprintf(out, size, "%s", c->interface);
		return "interface";
	case TRACK_ROUTE:
		snprintf(out, size, "%s%s%s", prefix_print(p, text), c->through[0] ? " through " : "", c->through);
		return p->afi == AFI_IP4 ? "ip route" : "ipv6 route";
	case TRACK_BFD:
		return bfd_object(c, out, size);
	case TRACK_PROBE:
		return probe_object(c, out, size);
	case TRACK_LIST:
		break;
	}
	snprintf(out, size, "boolean %s", c->list_operator == ZCONF_LIST_AND ? "and" : "or");
	return "list";
}

static const char *
track_state(const struct track *t)
{
	return !t ? "missing" : !t->decided ? "unknown" : t->up ? "up" : "down";
}

static void
track_members(struct rows *out, const struct zebra *z, const struct track *t)
{
	const struct conf_object *o = NULL;
	row_array(out, "objects");
	while ((o = conf_next(t->config, &zconf_track_object_class, o))) {
		const struct zconf_track_object *m = conf_data(o);
		row_object(out, NULL);
		row_uint(out, "id", m->id);
		row_bool(out, "not", m->negated);
		row_str(out, "state", track_state(track_find(z, m->id)));
		row_close(out);
	}
	row_close(out);
}

static void
track_row(struct rows *out, const struct zebra *z, const struct track *t, int64_t now)
{
	const struct zconf_track *c = conf_data(t->config);
	char object[320];
	const char *type = track_object(t, object, sizeof(object));
	row_begin(out);
	row_uint(out, "id", t->id);
	row_str(out, "type", type);
	row_str(out, "object", object);
	row_str(out, "state", track_state(t));
	row_str(out, "cause", t->cause);
	row_uint(out, "changes", t->changes);
	if (t->since)
		row_uint(out, "lastChange", (uint64_t)(now > t->since ? now - t->since : 0) / TIME_SEC);
	row_bool(out, "waiting", t->waiting);
	row_uint(out, "delayUp", c->delay_up);
	row_uint(out, "delayDown", c->delay_down);
	row_uint(out, "groups", gate_track_groups(z, t->id));
	if (t->kind == TRACK_LIST)
		track_members(out, z, t);
	row_end(out);
}

bool
state_tracks(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct zebra *z = core;
	const char *id = nb_arg(args, "id");
	for (unsigned i = 0; i < z->tracks->count; i++) {
		const struct track *t = z->tracks->items[i];
		if (t->id <= resume->n || (id && strtoul(id, NULL, 10) != t->id))
			continue;
		track_row(out, z, t, now);
		resume->n = t->id;
		if (rows_full(out))
			return false;
	}
	return true;
}
