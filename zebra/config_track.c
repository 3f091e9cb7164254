/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Track objects' configuration as values, and what YANG cannot refuse: families, lists in circles. Pure. */
#include "zebra/config.h"

#include <stddef.h>
#include <stdio.h>

#define FIELD(p, t, m) {.path = p, .type = t, .offset = offsetof(struct zconf_track, m), .effect = ZCONF_TRACK}
#define TEXT(p, m) \
	{.path = p, .type = CONF_STRING, .offset = offsetof(struct zconf_track, m), \
		.size = sizeof(((struct zconf_track *)0)->m), .effect = ZCONF_TRACK}

#define VISITS_MAX 10000 /* of one walk through lists of lists */

/* --- lists ---------------------------------------------------------------------------------------- */

/* Does `from` lead to `to`? NULL: no. */
static const char *
leads_to(const struct conf_object *root, const struct conf_object *from, uint32_t to, unsigned depth, unsigned *visits)
{
	const struct conf_object *o = NULL;
	if (depth > 32 || ++*visits > VISITS_MAX)
		return "lists of lists of track objects, too many to follow";
	while ((o = conf_next(from, &zconf_track_object_class, o))) {
		const struct zconf_track_object *m = conf_data(o);
		if (m->id == to)
			return "the list would depend on itself";
		const struct conf_object *next = conf_child(root, &zconf_track_class, conf_key(o));
		const char *why = next ? leads_to(root, next, to, depth + 1, visits) : NULL;
		if (why)
			return why;
	}
	return NULL;
}

/* --- one object ----------------------------------------------------------------------------------- */

static const char *
bfd_check(const struct zconf_track *c)
{
	const struct ipaddr *local = c->bfd_local.afi ? &c->bfd_local : &c->source;
	if (ipaddr_is_zero(&c->bfd_peer) || ipaddr_is_multicast(&c->bfd_peer))
		return "the BFD peer's address is not a host's";
	if (local->afi && local->afi != c->bfd_peer.afi)
		return "our address of the BFD session is of another family than the peer's";
	if (c->bfd_local.afi && c->source.afi && ipaddr_cmp(&c->bfd_local, &c->source))
		return "source and local-address name different addresses";
	if (c->bfd_multihop && c->bfd_interface[0])
		return "a multihop session is not bound to an interface";
	if (ipaddr_is_link_local(&c->bfd_peer) && c->bfd_peer.afi == AFI_IP6 && !c->bfd_interface[0])
		return "a link-local peer needs an interface";
	return NULL;
}

static const char *
probe_check(const struct zconf_track *c)
{
	if (c->tcp_address.afi && (ipaddr_is_zero(&c->tcp_address) || ipaddr_is_multicast(&c->tcp_address)))
		return "the address is not a host's";
	if (c->tcp_address.afi && !c->tcp_port)
		return "tcp needs a port";
	if (c->tcp_address.afi && c->source.afi && c->source.afi != c->tcp_address.afi)
		return "the source is of another family than the address";
	if (c->http_url[0] && c->source.afi && c->source.afi != (c->http_url[7] == '[' ? AFI_IP6 : AFI_IP4))
		return "the source is of another family than the URL's host";
	return NULL;
}

static bool
track_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct zconf_track *c = conf_data(self);
	const char *why = c->bfd_peer.afi ? bfd_check(c) : probe_check(c);
	unsigned visits = 0;
	if (!why && (c->route4.afi == AFI_IP6 || c->route6.afi == AFI_IP4))
		why = "the prefix is of the other family";
	if (!why && c->is_list)
		why = leads_to(root, self, c->id, 0, &visits);
	if (why)
		snprintf(err->message, sizeof(err->message), "%s", why);
	return !why;
}

/* --- tables --------------------------------------------------------------------------------------- */

static const struct conf_field object_fields[] = {
	{.path = "id", .type = CONF_U32, .offset = offsetof(struct zconf_track_object, id), .effect = ZCONF_TRACK},
	{.path = "negated", .type = CONF_BOOL, .offset = offsetof(struct zconf_track_object, negated),
		.effect = ZCONF_TRACK},
	{0},
};
static const char *const id_key[] = {"id", NULL};
const struct conf_class zconf_track_object_class = {
	.path = "object",
	.size = sizeof(struct zconf_track_object),
	.fields = object_fields,
	.keys = id_key,
	.effect = ZCONF_TRACK,
};

static const char *const operators[] = {"and", "or", NULL}; /* ZCONF_LIST_* */
static const struct conf_field track_fields[] = {
	FIELD("id", CONF_U32, id),
	TEXT("interface", interface),
	FIELD("ipv4-route", CONF_PREFIX, route4),
	FIELD("ipv6-route", CONF_PREFIX, route6),
	TEXT("through", through),
	FIELD("bfd-peer", CONF_ADDR, bfd_peer),
	FIELD("bfd-local-address", CONF_ADDR, bfd_local),
	TEXT("bfd-interface", bfd_interface),
	FIELD("bfd-multihop", CONF_BOOL, bfd_multihop),
	TEXT("bfd-profile", bfd_profile),
	TEXT("http-url", http_url),
	FIELD("http-status", CONF_U16, http_status),
	FIELD("tcp-address", CONF_ADDR, tcp_address),
	FIELD("tcp-port", CONF_U16, tcp_port),
	{.path = "list-operator", .type = CONF_ENUM, .offset = offsetof(struct zconf_track, list_operator),
		.names = operators, .effect = ZCONF_TRACK},
	FIELD("list-operator", CONF_SET, is_list),
	FIELD("source", CONF_ADDR, source),
	FIELD("delay/up", CONF_U32, delay_up),
	FIELD("delay/down", CONF_U32, delay_down),
	{0},
};
static const struct conf_class *const track_lists[] = {&zconf_track_object_class, NULL};
const struct conf_class zconf_track_class = {
	.path = "tracks/track",
	.size = sizeof(struct zconf_track),
	.fields = track_fields,
	.lists = track_lists,
	.keys = id_key,
	.effect = ZCONF_TRACK,
	.check = track_check,
};
