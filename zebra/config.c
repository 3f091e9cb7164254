/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of zebra's configuration, and what YANG cannot refuse. Pure. */
#include "zebra/config.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "zebra/zebra.h"

#define FIELD(p, t, s, m, e) {.path = p, .type = t, .offset = offsetof(struct s, m), .effect = e}
#define TEXT(p, s, m, e) \
	{.path = p, .type = CONF_STRING, .offset = offsetof(struct s, m), \
		.size = sizeof(((struct s *)0)->m), .effect = e}

/* --- next hops of static routes ------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint8_t special;
} special_words[] = {
	{"blackhole", LEG_BLACKHOLE},
	{"Null0", LEG_BLACKHOLE},
	{"null0", LEG_BLACKHOLE},
	{"reject", LEG_UNREACHABLE},
};

bool
zconf_next_hop_parse(const char *text, uint8_t afi, struct zconf_next_hop *out, const char **why)
{
	char first[64];
	const char *space = strchr(text, ' ');
	size_t len = space ? (size_t)(space - text) : strlen(text);
	memset(out, 0, sizeof(*out));
	*why = "a next hop is an address, an address and an interface, an interface, Null0, blackhole or reject";
	if (!len || len >= sizeof(first))
		return false;
	memcpy(first, text, len);
	first[len] = '\0';
	for (size_t i = 0; !space && i < sizeof(special_words) / sizeof(special_words[0]); i++)
		if (!strcmp(first, special_words[i].word)) {
			out->special = special_words[i].special;
			return true;
		}
	const char *ifname = space ? space + 1 : NULL;
	if (!ipaddr_parse(first, &out->gateway)) {
		if (ifname)
			return false;
		ifname = first;
	} else if (out->gateway.afi != afi && !(afi == AFI_IP4 && out->gateway.afi == AFI_IP6)) {
		*why = "the next hop's address is of the other family";
		return false;
	} else if (ipaddr_is_zero(&out->gateway) || ipaddr_is_multicast(&out->gateway)) {
		*why = "the next hop's address is not a host's";
		return false;
	} else if (!ifname && ipaddr_is_link_local(&out->gateway) && out->gateway.afi == AFI_IP6) {
		*why = "a link-local next hop needs an interface";
		return false;
	}
	if (ifname && (!*ifname || strlen(ifname) >= sizeof(out->ifname) || strchr(ifname, ' ')))
		return false;
	if (ifname)
		snprintf(out->ifname, sizeof(out->ifname), "%s", ifname);
	return true;
}

/* What of the words behind the next hop does not go together. */
static const char *
static_extras_check(const struct zconf_static *s, const struct zconf_next_hop *nh)
{
	if (!s->bfd && (s->bfd_multihop || s->bfd_source.afi || s->bfd_profile[0]))
		return "multi-hop, source and profile go with bfd";
	if (s->bfd && !nh->gateway.afi)
		return "bfd needs a gateway's address";
	if (s->bfd_source.afi && s->bfd_source.afi != nh->gateway.afi)
		return "bfd's source is of another family than the gateway";
	if (s->bfd_source.afi && (ipaddr_is_zero(&s->bfd_source) || ipaddr_is_multicast(&s->bfd_source)))
		return "bfd's source is not a host's address";
	if (s->bfd_multihop && ipaddr_is_link_local(&nh->gateway))
		return "a link-local gateway is one hop away: no multi-hop";
	if (s->backup && nh->special)
		return "backup goes with a gateway or an interface; give the dropping route a higher distance";
	return NULL;
}

static bool
static_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct zconf_static *s = conf_data(self);
	struct zconf_next_hop nh;
	const char *why;
	(void)root;
	uint8_t afi = conf_class_of(self) == &zconf_static4_class ? AFI_IP4 : AFI_IP6;
	if (s->prefix.afi != afi)
		why = "the prefix is of the other family";
	else if (zconf_next_hop_parse(s->next_hop, afi, &nh, &why))
		why = static_extras_check(s, &nh);
	if (!why)
		return true;
	snprintf(err->message, sizeof(err->message), "%s", why);
	return false;
}

static bool
address_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct zconf_address *a = conf_data(self);
	struct ipaddr addr = prefix_addr(&a->address);
	const char *why = NULL;
	(void)root;
	uint8_t afi = conf_class_of(self) == &zconf_address4_class ? AFI_IP4 : AFI_IP6;
	if (a->address.afi != afi)
		why = "the address is of the other family";
	else if (ipaddr_is_zero(&addr) || ipaddr_is_multicast(&addr))
		why = "not an address that an interface can have";
	else if (a->peer.afi && a->peer.afi != afi)
		why = "the peer is of the other family";
	if (why)
		snprintf(err->message, sizeof(err->message), "%s", why);
	return !why;
}

/* --- tables --------------------------------------------------------------------------------------- */

static const struct conf_field address_fields[] = {
	FIELD("address", CONF_IFADDR, zconf_address, address, ZCONF_ADDRESS),
	FIELD("peer", CONF_IFADDR, zconf_address, peer, ZCONF_ADDRESS),
	TEXT("label", zconf_address, label, ZCONF_ADDRESS),
	{0},
};
static const char *const address_keys[] = {"address", NULL};
const struct conf_class zconf_address4_class = {
	.path = "ipv4/address",
	.size = sizeof(struct zconf_address),
	.fields = address_fields,
	.keys = address_keys,
	.effect = ZCONF_ADDRESS,
	.check = address_check,
};
const struct conf_class zconf_address6_class = {
	.path = "ipv6/address",
	.size = sizeof(struct zconf_address),
	.fields = address_fields,
	.keys = address_keys,
	.effect = ZCONF_ADDRESS,
	.check = address_check,
};

static const struct conf_field iface_fields[] = {
	TEXT("name", zconf_iface, name, 0),
	TEXT("description", zconf_iface, description, ZCONF_IFACE),
	FIELD("enabled", CONF_BOOL, zconf_iface, enabled, ZCONF_IFACE),
	FIELD("link-detect", CONF_BOOL, zconf_iface, link_detect, ZCONF_IFACE),
	FIELD("bandwidth", CONF_U32, zconf_iface, bandwidth, ZCONF_IFACE | ZCONF_IFACE_BW),
	{0},
};
static const char *const iface_keys[] = {"name", NULL};
static const struct conf_class *const iface_lists[] = {&zconf_address4_class, &zconf_address6_class, NULL};
const struct conf_class zconf_iface_class = {
	.path = "interfaces/interface",
	.size = sizeof(struct zconf_iface),
	.fields = iface_fields,
	.lists = iface_lists,
	.keys = iface_keys,
	.effect = ZCONF_IFACE,
};

static const struct conf_field static_fields[] = {
	FIELD("prefix", CONF_PREFIX, zconf_static, prefix, ZCONF_STATIC),
	TEXT("next-hop", zconf_static, next_hop, ZCONF_STATIC),
	FIELD("distance", CONF_U8, zconf_static, distance, ZCONF_STATIC),
	FIELD("table", CONF_U32, zconf_static, table, ZCONF_STATIC),
	FIELD("tag", CONF_U32, zconf_static, tag, ZCONF_STATIC),
	FIELD("weight", CONF_U16, zconf_static, weight, ZCONF_STATIC),
	FIELD("onlink", CONF_BOOL, zconf_static, onlink, ZCONF_STATIC),
	FIELD("bfd", CONF_BOOL, zconf_static, bfd, ZCONF_STATIC),
	FIELD("bfd-multi-hop", CONF_BOOL, zconf_static, bfd_multihop, ZCONF_STATIC),
	FIELD("bfd-source", CONF_ADDR, zconf_static, bfd_source, ZCONF_STATIC),
	TEXT("bfd-profile", zconf_static, bfd_profile, ZCONF_STATIC),
	FIELD("backup", CONF_U8, zconf_static, backup, ZCONF_STATIC),
	FIELD("track", CONF_U32, zconf_static, track, ZCONF_STATIC),
	{0},
};
static const char *const static_keys[] = {"prefix", "next-hop", "distance", "table", NULL};
const struct conf_class zconf_static4_class = {
	.path = "routing/static-routes/ipv4/route",
	.size = sizeof(struct zconf_static),
	.fields = static_fields,
	.keys = static_keys,
	.effect = ZCONF_STATIC,
	.check = static_check,
};
const struct conf_class zconf_static6_class = {
	.path = "routing/static-routes/ipv6/route",
	.size = sizeof(struct zconf_static),
	.fields = static_fields,
	.keys = static_keys,
	.effect = ZCONF_STATIC,
	.check = static_check,
};

static const struct conf_field root_fields[] = {
	FIELD("routing/router-id", CONF_IP4, zconf_root, router_id, ZCONF_ROUTER_ID),
	FIELD("routing/ipv4-forwarding", CONF_BOOL, zconf_root, forwarding4, ZCONF_GLOBAL),
	FIELD("routing/ipv4-forwarding", CONF_SET, zconf_root, forwarding4_set, ZCONF_GLOBAL),
	FIELD("routing/ipv6-forwarding", CONF_BOOL, zconf_root, forwarding6, ZCONF_GLOBAL),
	FIELD("routing/ipv6-forwarding", CONF_SET, zconf_root, forwarding6_set, ZCONF_GLOBAL),
	FIELD("routing/nht-resolve-via-default", CONF_BOOL, zconf_root, via_default, ZCONF_GLOBAL),
	FIELD("routing/nht-resolve-via-default", CONF_SET, zconf_root, via_default_set, ZCONF_GLOBAL),
	{0},
};
static const struct conf_class *const root_lists[] = {
	&zconf_iface_class, &zconf_static4_class, &zconf_static6_class, &zconf_track_class, NULL};
const struct conf_class zconf_root_class = {
	.path = "",
	.size = sizeof(struct zconf_root),
	.fields = root_fields,
	.lists = root_lists,
};
