/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of routes: one per candidate, in table order, in slices. */
#include <stdlib.h>
#include <string.h>

#include "lib/rtable.h"
#include "zebra/core.h"
#include "zebra/gate.h"
#include "zebra/iface.h"
#include "zebra/nhg.h"
#include "zebra/nht.h"
#include "zebra/source.h"
#include "zebra/state.h"
#include "zebra/state_legs.h"

/* --- next hops ------------------------------------------------------------------------------------ */

static void
leg_special(struct rows *out, uint8_t special, bool fib)
{
	row_object(out, NULL);
	row_bool(out, "fib", fib);
	row_bool(out, "unreachable", true);
	row_bool(out, special == LEG_BLACKHOLE ? "blackhole" : special == LEG_PROHIBIT ? "prohibited" : "reject",
		true);
	row_bool(out, "active", true);
	row_uint(out, "weight", 1);
	row_close(out);
}

static void
leg_gateway(struct rows *out, const struct ipaddr *a)
{
	if (!a->afi) {
		row_bool(out, "directlyConnected", true);
		return;
	}
	row_addr(out, "gateway", a);
	row_str(out, "afi", a->afi == AFI_IP4 ? "ipv4" : "ipv6");
}

static void
leg_rank(struct rows *out, uint8_t rank)
{
	if (!rank)
		return;
	row_bool(out, "backup", true);
	row_uint(out, "rank", rank);
}

/* On a session of BFD, a track object; "down" says which of them does not hold. */
static void
leg_depends(struct rows *out, const struct zebra_leg *l)
{
	if (l->gates[0])
		row_bool(out, "bfd", true);
	if (l->gates[1])
		row_uint(out, "track", l->gates[1]->key.track);
}

static bool
member_is_duplicate(const struct nhg *g, unsigned at)
{
	for (unsigned i = 0; i < at; i++)
		if (g->members[i].leg == g->members[at].leg && g->members[i].rank == g->members[at].rank)
			return true;
	return false;
}

static void
leg_member(struct rows *out, const struct zebra *z, const struct nhg *g, unsigned at, bool installed)
{
	const struct nhg_member *m = &g->members[at];
	const struct iface *i = iface_find(z, m->leg->ifindex);
	bool used = nhg_member_used(g, m);
	char gate[24];
	row_object(out, NULL);
	row_bool(out, "fib", installed && used);
	leg_gateway(out, &m->leg->gateway);
	row_uint(out, "interfaceIndex", i ? m->leg->ifindex : 0);
	row_str(out, "interfaceName", i ? i->k.name : "unknown");
	row_bool(out, "active", nhg_member_usable(g, m));
	if (m->via)
		row_bool(out, "resolver", true);
	if (m->leg->onlink)
		row_bool(out, "onLink", true);
	leg_rank(out, m->rank);
	if (member_is_duplicate(g, at))
		row_bool(out, "duplicate", true);
	leg_depends(out, &g->legs[m->source_leg]);
	if (gates_closed_by(&g->legs[m->source_leg], gate, sizeof(gate))[0])
		row_str(out, "down", gate);
	else if (m->leg->bfd_down)
		row_str(out, "down", "bfd");
	else if (m->leg->neigh_failed)
		row_str(out, "down", "neighbor");
	else if (m->leg->lan_dead)
		row_str(out, "down", "lan");
	else if (m->leg->error)
		row_str(out, "down", strerror(m->leg->error));
	row_uint(out, "weight", m->weight);
	row_close(out);
}

static void
leg_recursive(struct rows *out, const struct zebra_leg *l, bool active)
{
	char gate[24];
	row_object(out, NULL);
	leg_gateway(out, &l->gateway);
	row_bool(out, "active", active);
	row_bool(out, "recursive", true);
	leg_rank(out, l->backup_rank);
	leg_depends(out, l);
	if (gates_closed_by(l, gate, sizeof(gate))[0])
		row_str(out, "down", gate);
	row_uint(out, "weight", l->weight);
	row_close(out);
}

void
state_legs(struct rows *out, const struct zebra *z, const struct nhg *g, bool installed)
{
	row_array(out, "nexthops");
	for (unsigned i = 0; i < g->leg_count; i++) {
		const struct zebra_leg *l = &g->legs[i];
		if (l->special) {
			leg_special(out, l->special, installed);
			continue;
		}
		if (!l->ifindex) {
			bool active = g->special != 0;
			for (unsigned k = 0; k < g->member_count; k++)
				active = active || (g->members[k].source_leg == i && nhg_member_usable(g, &g->members[k]));
			leg_recursive(out, l, active);
		}
		for (unsigned k = 0; k < g->member_count; k++)
			if (g->members[k].source_leg == i)
				leg_member(out, z, g, k, installed);
	}
	row_close(out);
}

/* --- routes --------------------------------------------------------------------------------------- */

struct route_filter {
	uint32_t table;
	bool has_prefix, is_address, longer;
	struct prefix prefix;
	const char *protocol;
};

static void
route_reason(struct rows *out, const struct rib_route *r, const struct rib_route *sel)
{
	const struct source *s = sel ? sel->nhg->source : NULL;
	if (r->flags & ROUTE_SELECTED)
		return;
	if (r->distance == DISTANCE_NEVER)
		row_str(out, "reason", "distance 255 is never used");
	else if (!r->nhg->active)
		row_str(out, "reason", "no next hop is usable");
	else if (sel && r->distance != sel->distance)
		row_printf(out, "reason", "distance %u is worse than %u of %s", r->distance, sel->distance, s->row->name);
	else if (sel && r->metric != sel->metric)
		row_printf(out, "reason", "metric %u is worse than %u", r->metric, sel->metric);
	else if (sel)
		row_printf(out, "reason", "%s goes first when all else is equal", s->row->name);
}

static void
route_row(struct rows *out, const struct zebra *z, const struct rib_dest *d, const struct rib_route *r,
	int64_t now)
{
	const struct rib_route *sel = rib_dest_selected(d);
	const struct source *s = r->nhg->source;
	const struct kgroup *kg = r->nhg->kg;
	struct prefix p = rib_dest_prefix(d);
	bool selected = r->flags & ROUTE_SELECTED;
	bool installed = s->row->kernel_owned ? r->nhg->active : selected && d->flags & DEST_INSTALLED;
	uint32_t table = z->rib->tables[d->table].id;
	row_begin(out);
	row_prefix(out, "prefix", &p);
	row_uint(out, "prefixLen", d->len);
	row_str(out, "protocol", s->row->name);
	row_uint(out, "instance", s->instance);
	row_uint(out, "kind", r->kind);
	row_bool(out, "selected", selected);
	row_bool(out, "destSelected", selected);
	row_uint(out, "distance", r->distance);
	row_uint(out, "metric", r->metric);
	if (r->tag && !s->row->kernel_owned)
		row_uint(out, "tag", r->tag);
	row_bool(out, "installed", installed);
	row_bool(out, "queued", selected && !s->row->kernel_owned && d->flags & (DEST_QUEUED | DEST_PENDING));
	if (selected && d->error)
		row_str(out, "failed", strerror(d->error));
	row_bool(out, "stale", r->epoch != s->epoch);
	row_uint(out, "table", table ? table : 254);
	row_uint(out, "uptime", (uint64_t)(now / TIME_SEC) - r->since);
	row_uint(out, "nexthopGroupId", kg ? kg->id : 0);
	row_uint(out, "installedNexthopGroupId", installed && kg ? kg->id : 0);
	state_legs(out, z, r->nhg, installed);
	route_reason(out, r, sel);
	row_end(out);
}

static bool
filter_parse(const struct nb_args *args, struct route_filter *f)
{
	const char *prefix = nb_arg(args, "prefix"), *table = nb_arg(args, "table");
	memset(f, 0, sizeof(*f));
	f->protocol = nb_arg(args, "protocol");
	f->longer = nb_arg(args, "longer") != NULL;
	f->table = table ? (uint32_t)strtoul(table, NULL, 10) : 0;
	if (f->table == 254)
		f->table = 0;
	if (!prefix)
		return true;
	f->has_prefix = true;
	f->is_address = !strchr(prefix, '/');
	return prefix_parse(prefix, false, &f->prefix);
}

static void
dest_rows(struct rows *out, const struct zebra *z, const struct rib_dest *d, const struct route_filter *f,
	int64_t now)
{
	for (const struct rib_route *r = d->routes; r; r = r->next)
		if (!f->protocol || !strcmp(f->protocol, r->nhg->source->row->name))
			route_row(out, z, d, r, now);
}

/* One destination: an address by its longest match that has routes, a prefix exactly. */
static void
one_dest(struct rows *out, const struct zebra *z, const struct rtable *t, const struct route_filter *f,
	int64_t now)
{
	struct prefix found = f->prefix;
	if (!f->is_address) {
		void **slot = rtable_find(t, &f->prefix);
		if (slot)
			dest_rows(out, z, *slot, f, now);
		return;
	}
	for (void **slot = rtable_match_prefix(t, &f->prefix, false, &found); slot;) {
		const struct rib_dest *d = *slot;
		if (d->routes) {
			dest_rows(out, z, d, f, now);
			return;
		}
		struct prefix at = found;
		slot = rtable_match_prefix(t, &at, true, &found);
	}
}

static bool
walk_dests(struct rows *out, const struct zebra *z, const struct rtable *t, const struct route_filter *f,
	struct state_resume *resume, int64_t now)
{
	struct rtable_iter it;
	struct prefix p;
	void **slot;
	unsigned looked = 0;
	memcpy(&p, resume->key, sizeof(p));
	rtable_iter_init(&it, t, f->has_prefix ? &f->prefix : NULL);
	if (p.afi)
		rtable_iter_after(&it, &p);
	while ((slot = rtable_next(&it, &p))) {
		dest_rows(out, z, *slot, f, now);
		memcpy(resume->key, &p, sizeof(p));
		/* a filter may let nothing through for long: a slice ends all the same */
		if (rows_full(out) || ++looked == 10000)
			return false;
	}
	return true;
}

bool
state_routes(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	struct zebra *z = core;
	struct route_filter f;
	const char *afi_text = nb_arg(args, "afi");
	uint8_t afi = afi_text && afi_text[0] == '6' ? AFI_IP6 : AFI_IP4;
	if (!filter_parse(args, &f))
		return true;
	if (f.has_prefix)
		afi = f.prefix.afi;
	int table = rib_table_index(z, f.table, false);
	if (table < 0)
		return true;
	const struct rtable *t = z->rib->tables[table].dests[afi];
	if (f.has_prefix && !f.longer) {
		one_dest(out, z, t, &f, now);
		return true;
	}
	return walk_dests(out, z, t, &f, resume, now);
}

/* --- summary -------------------------------------------------------------------------------------- */

bool
state_route_summary(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct zebra *z = core;
	const char *afi_text = nb_arg(args, "afi");
	uint8_t afi = afi_text && afi_text[0] == '6' ? AFI_IP6 : AFI_IP4;
	(void)now;
	(void)resume;
	for (unsigned i = 0; i < z->source_count; i++) {
		const struct source *s = z->sources[i];
		if (!s->rib_count[afi])
			continue;
		row_begin(out);
		row_str(out, "protocol", s->row->name);
		row_uint(out, "instance", s->instance);
		row_uint(out, "rib", s->rib_count[afi]);
		row_uint(out, "fib",
			s->row->kernel_owned ? s->rib_count[afi] : z->rib->fib_count[s->row->rtproto][afi]);
		row_end(out);
	}
	return true;
}
