/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration: the tables that bind YANG leaves to fields, and the building of the immutable
 * struct ospf_config that ospf_reconfigure compares with the running one. Pure: no YANG library,
 * no files. What a change means is decided by settings.c's own comparison, so rows carry no effects.
 */
#include "ospfd/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "ospfd/settings.h"

static const char *const protocol_names[] = {"connected", "kernel", "local", "static", "ospf", "bgp", NULL};
static const char *const log_adjacency_names[] = {"none", "changes", "detail", NULL};
static const char *const net_type_names[] = {
	"broadcast", "point-to-point", "point-to-multipoint", "non-broadcast", NULL};
static const char *const auth_names[] = {"null", "simple", "message-digest", NULL};

struct root_row {
	bool ospf, throttle, passive_default, max_metric, opaque, originate, originate_always;
	bool originate_metric_set, default_metric_set, lfa, until_ready;
	uint32_t router_id, reference, originate_metric, default_metric, min_arrival, min_interval, max_lsa;
	uint32_t startup, spf_initial, spf_hold, spf_maximum;
	uint16_t paths;
	uint8_t originate_type, distance, intra, inter, external;
	unsigned log_adjacency;
	char bfd_profile[64];
};
struct redist_row {
	unsigned protocol;
	bool metric_set;
	uint32_t metric, tag;
	uint8_t type;
};
struct network_row {
	struct prefix prefix;
	char area[16];
};
struct passive_row {
	char name[16];
	bool passive;
};
struct iface_row {
	char name[16], area[16], key[9], bfd_profile[64];
	bool net_type_set, auth_set, passive, passive_set, mtu_ignore, bfd, lfa_exclude;
	unsigned net_type, auth;
	uint16_t cost, hello, dead, retransmit, delay;
	uint8_t priority, multiplier;
	uint16_t bfd_multiplier, bfd_rx, bfd_tx;
};
struct key_row {
	uint8_t id;
	char key[17];
};

#define OSPF "routing/ospf/"
#define ROW(p, t, s, f) {.path = p, .type = t, .offset = offsetof(struct s, f)}
#define TEXT(p, s, f) {.path = p, .type = CONF_STRING, .offset = offsetof(struct s, f), .size = sizeof(((struct s *)0)->f)}
#define ENUM(p, s, f, n) {.path = p, .type = CONF_ENUM, .offset = offsetof(struct s, f), .names = n}

static const struct conf_field root_fields[] = {
	ROW("routing/ospf", CONF_PRESENCE, root_row, ospf),
	ROW(OSPF "explicit-router-id", CONF_IP4, root_row, router_id),
	ENUM(OSPF "log-adjacency-changes", root_row, log_adjacency, log_adjacency_names),
	ROW(OSPF "auto-cost/reference-bandwidth", CONF_U32, root_row, reference),
	ROW(OSPF "spf-control/paths", CONF_U16, root_row, paths),
	ROW(OSPF "spf-control/throttle", CONF_PRESENCE, root_row, throttle),
	ROW(OSPF "spf-control/throttle/initial-delay", CONF_U32, root_row, spf_initial),
	ROW(OSPF "spf-control/throttle/hold", CONF_U32, root_row, spf_hold),
	ROW(OSPF "spf-control/throttle/maximum", CONF_U32, root_row, spf_maximum),
	ROW(OSPF "lsa-control/min-arrival", CONF_U32, root_row, min_arrival),
	ROW(OSPF "lsa-control/min-interval", CONF_U32, root_row, min_interval),
	ROW(OSPF "lsa-control/max-lsa", CONF_U32, root_row, max_lsa),
	ROW(OSPF "stub-router/always", CONF_BOOL, root_row, max_metric),
	ROW(OSPF "stub-router/on-startup", CONF_U32, root_row, startup),
	ROW(OSPF "stub-router/until-ready", CONF_BOOL, root_row, until_ready),
	ROW(OSPF "default-metric", CONF_U32, root_row, default_metric),
	ROW(OSPF "default-metric", CONF_SET, root_row, default_metric_set),
	ROW(OSPF "default-information-originate", CONF_PRESENCE, root_row, originate),
	ROW(OSPF "default-information-originate/always", CONF_BOOL, root_row, originate_always),
	ROW(OSPF "default-information-originate/metric", CONF_U32, root_row, originate_metric),
	ROW(OSPF "default-information-originate/metric", CONF_SET, root_row, originate_metric_set),
	ROW(OSPF "default-information-originate/metric-type", CONF_U8, root_row, originate_type),
	ROW(OSPF "passive-default", CONF_BOOL, root_row, passive_default),
	ROW(OSPF "preference/all", CONF_U8, root_row, distance),
	ROW(OSPF "preference/kinds/intra-area", CONF_U8, root_row, intra),
	ROW(OSPF "preference/kinds/inter-area", CONF_U8, root_row, inter),
	ROW(OSPF "preference/kinds/external", CONF_U8, root_row, external),
	ROW(OSPF "opaque", CONF_BOOL, root_row, opaque),
	TEXT(OSPF "bfd/profile", root_row, bfd_profile),
	ROW(OSPF "fast-reroute/lfa", CONF_BOOL, root_row, lfa),
	{0},
};
static const struct conf_field redist_fields[] = {
	ENUM("protocol", redist_row, protocol, protocol_names),
	ROW("metric", CONF_U32, redist_row, metric),
	ROW("metric", CONF_SET, redist_row, metric_set),
	ROW("metric-type", CONF_U8, redist_row, type),
	ROW("tag", CONF_U32, redist_row, tag),
	{0},
};
static const struct conf_field network_fields[] = {
	ROW("prefix", CONF_PREFIX, network_row, prefix),
	TEXT("area-id", network_row, area),
	{0},
};
static const struct conf_field passive_fields[] = {
	TEXT("name", passive_row, name),
	ROW("passive", CONF_BOOL, passive_row, passive),
	{0},
};
static const struct conf_field iface_fields[] = {
	TEXT("name", iface_row, name),
	TEXT("ospf/area-id", iface_row, area),
	ROW("ospf/cost", CONF_U16, iface_row, cost),
	ENUM("ospf/interface-type", iface_row, net_type, net_type_names),
	ROW("ospf/interface-type", CONF_SET, iface_row, net_type_set),
	ROW("ospf/hello-interval", CONF_U16, iface_row, hello),
	ROW("ospf/dead-interval", CONF_U16, iface_row, dead),
	ROW("ospf/hello-multiplier", CONF_U8, iface_row, multiplier),
	ROW("ospf/retransmit-interval", CONF_U16, iface_row, retransmit),
	ROW("ospf/transmit-delay", CONF_U16, iface_row, delay),
	ROW("ospf/priority", CONF_U8, iface_row, priority),
	ROW("ospf/passive", CONF_BOOL, iface_row, passive),
	ROW("ospf/passive", CONF_SET, iface_row, passive_set),
	ROW("ospf/mtu-ignore", CONF_BOOL, iface_row, mtu_ignore),
	ENUM("ospf/authentication", iface_row, auth, auth_names),
	ROW("ospf/authentication", CONF_SET, iface_row, auth_set),
	TEXT("ospf/authentication-key", iface_row, key),
	ROW("ospf/fast-reroute/exclude", CONF_BOOL, iface_row, lfa_exclude),
	ROW("ospf/bfd", CONF_PRESENCE, iface_row, bfd),
	TEXT("ospf/bfd/profile", iface_row, bfd_profile),
	ROW("ospf/bfd/intervals/detect-multiplier", CONF_U16, iface_row, bfd_multiplier),
	ROW("ospf/bfd/intervals/receive", CONF_U16, iface_row, bfd_rx),
	ROW("ospf/bfd/intervals/transmit", CONF_U16, iface_row, bfd_tx),
	{0},
};
static const struct conf_field key_fields[] = {
	ROW("key-id", CONF_U8, key_row, id),
	TEXT("key", key_row, key),
	{0},
};

static const char *const protocol_key[] = {"protocol", NULL};
static const char *const prefix_key[] = {"prefix", NULL};
static const char *const name_key[] = {"name", NULL};
static const char *const id_key[] = {"key-id", NULL};

static bool
area_parse(const char *text, uint32_t *area)
{
	char *end;

	if (ip4_parse(text, area))
		return true;
	unsigned long long n = strtoull(text, &end, 10);
	*area = (uint32_t)n;
	return *text && !*end && n <= UINT32_MAX;
}

static bool
area_refuse(struct conf_error *err, const char *text)
{
	snprintf(err->message, sizeof(err->message), "'%s' is not an area: expected A.B.C.D or 0..4294967295",
		text);
	return false;
}

static bool
network_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct network_row *n = conf_data(self);
	uint32_t area;

	(void)root;
	return area_parse(n->area, &area) || area_refuse(err, n->area);
}

static bool
iface_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct iface_row *i = conf_data(self);
	uint32_t area;

	(void)root;
	if (i->area[0] && !area_parse(i->area, &area))
		return area_refuse(err, i->area);
	return true;
}

static const struct conf_class redist_class = {
	.path = OSPF "redistribute", .size = sizeof(struct redist_row), .fields = redist_fields, .keys = protocol_key};
static const struct conf_class network_class = {
	.path = OSPF "network", .size = sizeof(struct network_row), .fields = network_fields, .keys = prefix_key,
	.check = network_check};
static const struct conf_class passive_class = {
	.path = OSPF "passive-interface", .size = sizeof(struct passive_row), .fields = passive_fields, .keys = name_key};
static const struct conf_class key_class = {
	.path = "ospf/message-digest-key", .size = sizeof(struct key_row), .fields = key_fields, .keys = id_key};
static const struct conf_class *const iface_lists[] = {&key_class, NULL};
static const struct conf_class iface_class = {
	.path = "interfaces/interface", .size = sizeof(struct iface_row), .fields = iface_fields, .keys = name_key,
	.lists = iface_lists, .check = iface_check};
static const struct conf_class *const root_lists[] = {
	&redist_class, &network_class, &passive_class, &iface_class, NULL};
const struct conf_class config_root = {
	.path = "", .size = sizeof(struct root_row), .fields = root_fields, .lists = root_lists};

static const uint8_t source_of_protocol[] = { /* by protocol_names; OSPF_SRC_COUNT: nothing to announce */
	OSPF_SRC_CONNECTED, OSPF_SRC_KERNEL, OSPF_SRC_COUNT, OSPF_SRC_STATIC, OSPF_SRC_COUNT, OSPF_SRC_BGP};

static void
build_redistribution(struct ospf_config *c, const struct conf_object *root, const struct root_row *r)
{
	const struct conf_object *o = NULL;

	while ((o = conf_next(root, &redist_class, o))) {
		const struct redist_row *row = conf_data(o);
		if (source_of_protocol[row->protocol] == OSPF_SRC_COUNT)
			continue;
		struct ospf_conf_redist *d = ospf_config_add_redist(c, source_of_protocol[row->protocol]);
		d->metric = row->metric_set ? (int64_t)row->metric : -1;
		d->metric_type = row->type ? row->type : 2;
		d->tag = row->tag;
	}
	if (r->originate) {
		struct ospf_conf_redist *d = ospf_config_add_redist(c, OSPF_SRC_DEFAULT);
		d->always = r->originate_always;
		d->metric = r->originate_metric_set ? (int64_t)r->originate_metric : -1;
		d->metric_type = r->originate_type ? r->originate_type : 2;
	}
	c->default_metric = r->default_metric_set ? (int64_t)r->default_metric : -1;
}

static void
build_iface(struct ospf_config *c, const struct conf_object *o)
{
	static const uint8_t net_types[] = {OSPF_NET_BROADCAST, OSPF_NET_P2P, OSPF_NET_P2MP, OSPF_NET_NBMA};
	static const uint8_t auth_types[] = {OSPF_AUTH_NONE, OSPF_AUTH_SIMPLE, OSPF_AUTH_MD5};
	const struct iface_row *row = conf_data(o);
	struct ospf_conf_iface *i = ospf_config_add_iface(c, row->name);

	i->area_set = row->area[0] && area_parse(row->area, &i->area);
	i->cost = row->cost;
	if (row->hello)
		i->hello_s = row->hello;
	i->dead_s = row->dead;
	i->minimal_hellos = row->multiplier;
	if (row->retransmit)
		i->retransmit_s = row->retransmit;
	if (row->delay)
		i->transmit_delay_s = row->delay;
	i->priority = row->priority;
	i->net_type = row->net_type_set ? net_types[row->net_type] : OSPF_NET_AUTO;
	i->passive = !row->passive_set ? OSPF_UNSET : row->passive ? OSPF_YES : OSPF_NO;
	i->mtu_ignore = row->mtu_ignore;
	i->auth = row->auth_set ? auth_types[row->auth] : OSPF_AUTH_UNSET;
	memcpy(i->auth_key, row->key, sizeof(i->auth_key));
	i->lfa_exclude = row->lfa_exclude;
	i->bfd = row->bfd || row->bfd_profile[0] || row->bfd_multiplier;
	memcpy(i->bfd_params.profile, row->bfd_profile, sizeof(row->bfd_profile));
	i->bfd_params.detect_multiplier = row->bfd_multiplier;
	i->bfd_params.min_rx_ms = row->bfd_rx;
	i->bfd_params.min_tx_ms = row->bfd_tx;
	const struct conf_object *k = NULL;
	while ((k = conf_next(o, &key_class, k))) {
		const struct key_row *key = conf_data(k);
		ospf_conf_iface_add_key(i, key->id, key->key);
	}
}

static void
build_passive(struct ospf_config *c, const struct conf_object *root)
{
	const struct conf_object *o = NULL;

	while ((o = conf_next(root, &passive_class, o))) {
		const struct passive_row *row = conf_data(o);
		struct ospf_conf_iface *i = NULL;
		for (size_t n = 0; n < c->iface_count && !i; n++)
			if (!strcmp(c->ifaces[n].name, row->name))
				i = &c->ifaces[n];
		if (!i)
			i = ospf_config_add_iface(c, row->name);
		if (i->passive == OSPF_UNSET)
			i->passive = row->passive ? OSPF_YES : OSPF_NO;
	}
}

static void
build_instance(struct ospf_config *c, const struct root_row *r)
{
	c->router_id = r->router_id;
	c->passive_default = r->passive_default;
	c->log_adjacency = r->log_adjacency != 0;
	c->log_adjacency_detail = r->log_adjacency == 2;
	c->reference_mbit = r->reference;
	c->maximum_paths = r->paths;
	c->distance = r->distance;
	c->distance_intra = r->intra;
	c->distance_inter = r->inter;
	c->distance_external = r->external;
	c->max_metric_admin = r->max_metric;
	c->max_metric_startup_s = r->startup;
	c->max_metric_until_ready = r->until_ready;
	c->min_ls_interval_ms = r->min_interval;
	c->min_ls_arrival_ms = r->min_arrival;
	c->max_lsa = r->max_lsa;
	c->opaque = r->opaque;
	c->lfa = r->lfa;
	memcpy(c->bfd_profile, r->bfd_profile, sizeof(c->bfd_profile));
	c->spf.throttle = r->throttle; /* FRR's three numbers in place of RFC 8405's machine */
	c->spf.throttle_delay_ms = r->spf_initial;
	c->spf.throttle_hold_ms = r->spf_hold;
	c->spf.throttle_max_ms = r->spf_maximum;
}

struct ospf_config *
config_build(const struct conf_object *root)
{
	const struct root_row *r = conf_data(root);

	if (!r->ospf)
		return NULL;
	struct ospf_config *c = ospf_config_new();
	build_instance(c, r);
	build_redistribution(c, root, r);
	const struct conf_object *o = NULL;
	while ((o = conf_next(root, &network_class, o))) {
		const struct network_row *row = conf_data(o);
		struct ospf_conf_network *n = ospf_config_add_network(c);
		n->prefix = row->prefix;
		area_parse(row->area, &n->area);
	}
	o = NULL;
	while ((o = conf_next(root, &iface_class, o)))
		build_iface(c, o);
	build_passive(c, root);
	ospf_config_sort(c);
	return c;
}
