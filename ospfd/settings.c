/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The config value: defaults, construction, lookup, and the comparison as a table: one row per
 * field with what its change means.
 */
#include "ospfd/settings.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct ospf_config *
ospf_config_new(void)
{
	struct ospf_config *c = mem_zalloc(sizeof(*c));
	c->log_adjacency = true;
	c->reference_mbit = 100000;
	c->maximum_paths = 64;
	c->opaque = true;
	c->refresh_s = 1800;
	c->min_ls_interval_ms = 5000;
	c->min_ls_arrival_ms = 1000;
	c->default_metric = -1;
	/* RFC 8405's machine, ours: shorter than the 50/200/5000/10000 of its example. A run costs
	 * a few ms for thousands of routers, so a second failure need not wait seconds for the
	 * first. */
	c->spf = (struct ospf_conf_spf){ .initial_ms = 0, .short_ms = 20, .long_ms = 200,
		.hold_ms = 1000, .learn_ms = 500 };
	return c;
}

void
ospf_config_free(struct ospf_config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->iface_count; i++)
		mem_free(c->ifaces[i].keys);
	mem_free(c->ifaces);
	mem_free(c->networks);
	mem_free(c->areas);
	mem_free(c->redist);
	mem_free(c);
}

static int
iface_order(const void *a, const void *b)
{
	return strcmp(((const struct ospf_conf_iface *)a)->name,
		((const struct ospf_conf_iface *)b)->name);
}

static int
area_order(const void *a, const void *b)
{
	uint32_t x = ((const struct ospf_conf_area *)a)->id,
		 y = ((const struct ospf_conf_area *)b)->id;
	return x < y ? -1 : x > y;
}

static int
network_order(const void *a, const void *b)
{
	return prefix_cmp(&((const struct ospf_conf_network *)a)->prefix,
		&((const struct ospf_conf_network *)b)->prefix);
}

static int
redist_order(const void *a, const void *b)
{
	return ((const struct ospf_conf_redist *)a)->source -
	       ((const struct ospf_conf_redist *)b)->source;
}

static void
sort_rows(void *rows, size_t count, size_t size, int (*order)(const void *, const void *))
{
	if (count > 1)
		qsort(rows, count, size, order);
}

void
ospf_config_sort(struct ospf_config *c)
{
	sort_rows(c->ifaces, c->iface_count, sizeof(c->ifaces[0]), iface_order);
	sort_rows(c->areas, c->area_count, sizeof(c->areas[0]), area_order);
	sort_rows(c->networks, c->network_count, sizeof(c->networks[0]), network_order);
	sort_rows(c->redist, c->redist_count, sizeof(c->redist[0]), redist_order);
}

void
ospf_conf_iface_init(struct ospf_conf_iface *i, const char *name)
{
	memset(i, 0, sizeof(*i));
	memcpy(i->name, name, strnlen(name, sizeof(i->name) - 1));
	i->hello_s = 10;
	i->retransmit_s = 5;
	i->transmit_delay_s = 1;
	i->priority = 1;
	i->auth = OSPF_AUTH_UNSET;
}

/* Room for one more row; arrays grow by doubling (count is a power of two or the array is new). */
static void *
grown(void *rows, size_t count, size_t size)
{
	return count & (count - 1) ? rows : mem_realloc(rows, (count ? 2 * count : 1) * size);
}

struct ospf_conf_iface *
ospf_config_add_iface(struct ospf_config *c, const char *name)
{
	c->ifaces = grown(c->ifaces, c->iface_count, sizeof(c->ifaces[0]));
	struct ospf_conf_iface *i = &c->ifaces[c->iface_count++];
	ospf_conf_iface_init(i, name);
	return i;
}

struct ospf_conf_network *
ospf_config_add_network(struct ospf_config *c)
{
	c->networks = grown(c->networks, c->network_count, sizeof(c->networks[0]));
	struct ospf_conf_network *n = &c->networks[c->network_count++];
	memset(n, 0, sizeof(*n));
	return n;
}

struct ospf_conf_area *
ospf_config_add_area(struct ospf_config *c, uint32_t id)
{
	c->areas = grown(c->areas, c->area_count, sizeof(c->areas[0]));
	struct ospf_conf_area *a = &c->areas[c->area_count++];
	memset(a, 0, sizeof(*a));
	a->id = id;
	a->auth = OSPF_AUTH_UNSET;
	a->default_cost = 1;
	return a;
}

struct ospf_conf_redist *
ospf_config_add_redist(struct ospf_config *c, enum ospf_source source)
{
	c->redist = grown(c->redist, c->redist_count, sizeof(c->redist[0]));
	struct ospf_conf_redist *r = &c->redist[c->redist_count++];
	memset(r, 0, sizeof(*r));
	r->source = (uint8_t)source;
	r->metric = -1;
	r->metric_type = 2;
	return r;
}

struct ospf_conf_key *
ospf_conf_iface_add_key(struct ospf_conf_iface *i, uint8_t id, const char *key)
{
	i->keys = grown(i->keys, i->key_count, sizeof(i->keys[0]));
	struct ospf_conf_key *k = &i->keys[i->key_count++];
	memset(k, 0, sizeof(*k));
	k->id = id;
	memcpy(k->key, key, strnlen(key, sizeof(k->key) - 1));
	return k;
}

const struct ospf_conf_iface *
ospf_config_iface(const struct ospf_config *c, const char *name)
{
	struct ospf_conf_iface key = { .name = "" };
	memcpy(key.name, name, strnlen(name, sizeof(key.name) - 1));
	return c->iface_count ? bsearch(&key, c->ifaces, c->iface_count, sizeof(key), iface_order)
			      : NULL;
}

const struct ospf_conf_area *
ospf_config_area(const struct ospf_config *c, uint32_t id)
{
	struct ospf_conf_area key = { .id = id };
	return c->area_count ? bsearch(&key, c->areas, c->area_count, sizeof(key), area_order)
			     : NULL;
}

const struct ospf_conf_redist *
ospf_config_redist(const struct ospf_config *c, enum ospf_source s)
{
	for (size_t i = 0; i < c->redist_count; i++)
		if (c->redist[i].source == s)
			return &c->redist[i];
	return NULL;
}

/* --- comparison ------------------------------------------------------------------------------ */
struct field {
	size_t offset, size;
	unsigned effect;
};
#define FIELD(s, f, e) { offsetof(struct s, f), sizeof(((struct s *)0)->f), e }

/* The router ID is not here: what counts is whether the ID in use changes, see ospf_reconfigure. */
static const struct field config_fields[] = {
	FIELD(ospf_config, passive_default, OSPF_EFFECT_MATCH),
	FIELD(ospf_config, lfa, OSPF_EFFECT_LFA),
	FIELD(ospf_config, opaque, OSPF_EFFECT_INSTANCE),
	FIELD(ospf_config, reference_mbit, OSPF_EFFECT_REFRESH),
	FIELD(ospf_config, maximum_paths, OSPF_EFFECT_SPF),
	FIELD(ospf_config, distance, OSPF_EFFECT_ANNOUNCE),
	FIELD(ospf_config, distance_intra, OSPF_EFFECT_ANNOUNCE),
	FIELD(ospf_config, distance_inter, OSPF_EFFECT_ANNOUNCE),
	FIELD(ospf_config, distance_external, OSPF_EFFECT_ANNOUNCE),
	FIELD(ospf_config, max_metric_admin, OSPF_EFFECT_STUBROUTER),
	FIELD(ospf_config, max_metric_until_ready, OSPF_EFFECT_STUBROUTER),
	FIELD(ospf_config, max_metric_startup_s, OSPF_EFFECT_STUBROUTER),
	FIELD(ospf_config, default_metric, OSPF_EFFECT_EXTERNALS),
};

static const struct field area_fields[] = {
	FIELD(ospf_conf_area, type, OSPF_EFFECT_INSTANCE),
	FIELD(ospf_conf_area, auth, OSPF_EFFECT_MATCH),
	FIELD(ospf_conf_area, default_cost, OSPF_EFFECT_REFRESH),
};

static unsigned
compare(const struct field *f, size_t count, const void *a, const void *b)
{
	unsigned effects = 0;
	for (size_t i = 0; i < count; i++)
		if (memcmp((const char *)a + f[i].offset, (const char *)b + f[i].offset,
			    f[i].size) != 0)
			effects |= f[i].effect;
	return effects;
}

static bool
redist_equal(const struct ospf_config *a, const struct ospf_config *b)
{
	if (a->redist_count != b->redist_count)
		return false;
	for (size_t i = 0; i < a->redist_count; i++) {
		const struct ospf_conf_redist *x = &a->redist[i], *y = &b->redist[i];
		if (x->source != y->source || x->always != y->always || x->tag != y->tag ||
			x->metric != y->metric || x->metric_type != y->metric_type ||
			strcmp(x->route_map, y->route_map) != 0)
			return false;
	}
	return true;
}

static bool
networks_equal(const struct ospf_config *a, const struct ospf_config *b)
{
	if (a->network_count != b->network_count)
		return false;
	for (size_t i = 0; i < a->network_count; i++)
		if (!prefix_equal(&a->networks[i].prefix, &b->networks[i].prefix) ||
			a->networks[i].area != b->networks[i].area)
			return false;
	return true;
}

#define COUNT(t) (sizeof(t) / sizeof((t)[0]))

unsigned
ospf_config_compare(const struct ospf_config *a, const struct ospf_config *b)
{
	unsigned effects = compare(config_fields, COUNT(config_fields), a, b);
	if (!redist_equal(a, b))
		effects |= OSPF_EFFECT_EXTERNALS;
	if (!networks_equal(a, b))
		effects |= OSPF_EFFECT_MATCH;
	for (size_t i = 0; i < a->area_count; i++) {
		const struct ospf_conf_area *other = ospf_config_area(b, a->areas[i].id);
		if (other)
			effects |= compare(area_fields, COUNT(area_fields), &a->areas[i], other);
	}
	return effects;
}
