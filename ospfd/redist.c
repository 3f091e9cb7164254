/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Redistribution. One external per prefix: of several sources that have the prefix, the first in the
 * order of enum ospf_source that is configured. The default route is announced only by
 * default-information, as in FRR; a connected prefix that OSPF runs on is not external.
 */
#include "ospfd/redist.h"

#include "lib/mem.h"
#include "lib/rtable.h"
#include "ospfd/asbr.h"
#include "ospfd/lan.h"
#include "ospfd/orig.h"

#define METRIC_REDISTRIBUTED  20 /* FRR's defaults */
#define METRIC_DEFAULT        10
#define METRIC_DEFAULT_ALWAYS 1

struct redist_row {
	bool present;
	uint32_t metric, tag, ifindex;
	struct ipaddr gateway;
};

struct redist { /* a prefix that zebra redistributes, from whomever */
	struct redist_row rows[OSPF_SRC_COUNT];
	bool announced;
};

static struct prefix
default_prefix(const struct routing *r)
{
	return (struct prefix){ .afi = r->o->v->afi };
}

void
redist_init(struct routing *r)
{
	r->redist = rtable_new(r->o->v->afi);
}

void
redist_free(struct routing *r)
{
	struct rtable_iter it;
	void **slot;
	rtable_iter_init(&it, r->redist, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL)
		mem_free(*slot);
	rtable_free(r->redist);
}

/* --- what to announce -------------------------------------------------------------------------------- */
static bool
ospf_runs_on(const struct ospf *o, const struct prefix *p)
{
	for (const struct iface *i = NULL; (i = iface_next(o, i)) != NULL;) {
		struct prefix net = prefix_make(&i->addr, i->plen);
		if (iface_state(i) != ISM_DOWN && prefix_equal(&net, p))
			return true;
	}
	return false;
}

/* RFC 2328 12.4.4: a next hop on a network that others of the area reach too is told as such. */
static bool
forward_address(const struct ospf *o, const struct redist_row *row, struct ipaddr *out)
{
	if (row->gateway.afi != o->v->afi || ipaddr_is_zero(&row->gateway))
		return false;
	for (const struct iface *i = NULL; (i = iface_next(o, i)) != NULL;) {
		struct prefix net = prefix_make(&i->addr, i->plen);
		if (iface_state(i) == ISM_DOWN || !iface_is_multiaccess(i) || i->p.passive ||
		    iface_ifindex(i) != row->ifindex || !prefix_contains_addr(&net, &row->gateway) ||
		    !ipaddr_cmp(&i->addr, &row->gateway))
			continue;
		*out = row->gateway;
		return true;
	}
	return false;
}

static uint32_t
metric_of(const struct ospf_config *c, const struct ospf_conf_redist *k)
{
	if (k->metric >= 0)
		return (uint32_t)k->metric;
	if (k->source == OSPF_SRC_DEFAULT)
		return k->always ? METRIC_DEFAULT_ALWAYS : METRIC_DEFAULT;
	return c->default_metric >= 0 ? (uint32_t)c->default_metric : METRIC_REDISTRIBUTED;
}

/* VRRP's word on the network that a connected prefix is; NULL: none. */
static const struct ospf_lan *
lan_of(const struct ospf *o, unsigned source, const struct redist_row *row)
{
	const struct link *l = source == OSPF_SRC_CONNECTED ? ospf_link_find(o, row->ifindex) : NULL;
	return l ? &l->lan : NULL;
}

/* The row and the statement by which the prefix is announced; false: by none. */
static bool
source_choose(const struct routing *r, const struct prefix *p, const struct redist *x,
	const struct redist_row **row, const struct ospf_conf_redist **conf)
{
	const struct ospf *o = r->o;
	for (unsigned s = 0; s < OSPF_SRC_COUNT; s++) {
		*conf = ospf_config_redist(o->conf, s);
		*row = &x->rows[s];
		if (!*conf || (s == OSPF_SRC_DEFAULT) != (p->len == 0))
			continue;
		/* ours: who is starting has no way on yet, though it is to announce one always */
		bool always = s == OSPF_SRC_DEFAULT && (*conf)->always && !o->stub_networks;
		if (!x->rows[s].present && !always)
			continue;
		if (s == OSPF_SRC_CONNECTED && ospf_runs_on(o, p))
			continue;
		const struct ospf_lan *lan = lan_of(o, s, &x->rows[s]);
		if (lan && ospf_lan_fate(lan) == LAN_WITHDRAWN)
			continue;
		return true;
	}
	return false;
}

static void
redist_refresh(struct routing *r, const struct prefix *p, struct redist *x, int64_t now)
{
	const struct redist_row *row = NULL;
	const struct ospf_conf_redist *conf = NULL;
	struct ospf *o = r->o;
	bool want = o->running && !o->stopping && source_choose(r, p, x, &row, &conf);
	struct orig_external e = { .prefix = *p };
	if (want) {
		const struct ospf_lan *lan = lan_of(o, conf->source, row);
		e.metric = metric_of(o->conf, conf);
		if (lan)
			e.metric = ospf_lan_cost(lan, e.metric, LSA_INFINITY - 1);
		e.tag = conf->tag ? conf->tag : row->tag;
		e.type2 = conf->metric_type != 1;
		forward_address(o, row, &e.forward);
		/* RFC 2328 12.4.4.1 */
		want = !asbr_equivalent(r, &e);
	}
	if (want)
		orig_external(o, &e, now);
	else if (x->announced)
		orig_external_withdraw(o, p, now);
	x->announced = want;
}

static bool
redist_idle(const struct redist *x)
{
	for (unsigned s = 0; s < OSPF_SRC_COUNT; s++)
		if (x->rows[s].present)
			return false;
	return !x->announced;
}

static struct redist *
redist_get(struct routing *r, const struct prefix *p)
{
	void **slot = rtable_insert(r->redist, p, NULL);
	if (!*slot)
		*slot = mem_zalloc(sizeof(struct redist));
	return *slot;
}

static void
redist_release(struct routing *r, const struct prefix *p, struct redist *x)
{
	const struct ospf_conf_redist *def = ospf_config_redist(r->o->conf, OSPF_SRC_DEFAULT);
	if (!redist_idle(x) || (!p->len && def && def->always))
		return; /* the latter: it may only not be told yet */
	rtable_remove(r->redist, p);
	mem_free(x);
}

void
redist_refresh_all(struct routing *r, int64_t now)
{
	struct ospf *o = r->o;
	struct prefix zero = default_prefix(r), p;
	const struct ospf_conf_redist *def = ospf_config_redist(o->conf, OSPF_SRC_DEFAULT);
	struct rtable_iter it;
	void **slot;
	if (def && def->always)
		redist_get(r, &zero);
	if (o->running)
		orig_set_asbr(o, o->conf->redist_count > 0, now);
	rtable_iter_init(&it, r->redist, NULL);
	while ((slot = rtable_next(&it, &p)) != NULL) {
		struct redist *x = *slot;
		redist_refresh(r, &p, x, now);
		redist_release(r, &p, x);
	}
}

void
redist_link_changed(struct routing *r, uint32_t ifindex, int64_t now)
{
	struct rtable_iter it;
	struct prefix p;
	void **slot;
	rtable_iter_init(&it, r->redist, NULL);
	while ((slot = rtable_next(&it, &p)) != NULL) {
		struct redist *x = *slot;
		const struct redist_row *row = &x->rows[OSPF_SRC_CONNECTED];
		if (row->present && row->ifindex == ifindex)
			redist_refresh(r, &p, x, now);
	}
}

void
redist_reset(struct routing *r)
{
	struct rtable_iter it;
	void **slot;
	rtable_iter_init(&it, r->redist, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL) {
		struct redist *x = *slot;
		x->announced = false;
	}
}

/* --- what zebra says ------------------------------------------------------------------------------------ */
void
redist_routes_changed(struct ospf *o, const struct ospf_redist_route *rows, size_t count, int64_t now)
{
	struct routing *r = o->routing;
	for (size_t i = 0; i < count; i++) {
		const struct ospf_redist_route *in = &rows[i];
		if (in->source >= OSPF_SRC_COUNT || in->prefix.afi != o->v->afi)
			continue;
		struct redist *x = redist_get(r, &in->prefix);
		x->rows[in->source] = (struct redist_row){ .present = !in->withdraw,
			.metric = in->metric, .tag = in->tag, .ifindex = in->ifindex,
			.gateway = in->gateway };
		redist_refresh(r, &in->prefix, x, now);
		redist_release(r, &in->prefix, x);
	}
}
