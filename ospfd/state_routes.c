/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the routing table, of border routers, and of the calculation itself. Read only. */
#include "ospfd/state.h"

#include <string.h>

#include "ospfd/lfa.h"

void
state_spf_fields(const struct ospf *o, struct rows *out, int64_t now)
{
	struct spf_view v;

	spf_view_get(o, &v);
	row_uint(out, "spf-runs", v.runs);
	row_uint(out, "spf-partial-runs", v.partial_runs);
	row_uint(out, "spf-vertices", v.vertices);
	row_str(out, "spf-state", v.state);
	row_uint(out, "spf-hold-multiplier", v.hold_multiplier);
	if (v.last_run)
		row_uint(out, "spf-last-run-ms", (uint64_t)((now - v.last_run) / TIME_MS));
	if (v.due)
		row_uint(out, "spf-due-ms", v.due > now ? (uint64_t)((v.due - now) / TIME_MS) : 0);
}

static const char *
link_name(const struct ospf *o, uint32_t ifindex)
{
	const struct link *l = ospf_link_find(o, ifindex);

	return l ? l->info.name : "";
}

static void
legs_array(const struct ospf *o, const char *name, const struct ospf_leg *legs, size_t count, uint32_t adv,
	struct rows *out)
{
	row_array(out, name);
	for (size_t i = 0; i < count; i++) {
		row_object(out, NULL);
		if (legs[i].gateway.afi)
			row_addr(out, "address", &legs[i].gateway);
		row_str(out, "interface", link_name(o, legs[i].ifindex));
		row_uint(out, "ifindex", legs[i].ifindex);
		row_bool(out, "direct", !legs[i].gateway.afi);
		if (adv && legs[i].gateway.afi)
			row_ip4(out, "advertising-router", adv);
		row_close(out);
	}
	row_close(out);
}

static const char *const cover_names[LFA_COVERS] = {
	[LFA_COVER_UNTOLD] = "", [LFA_COVER_NONE] = "none", [LFA_COVER_EQUAL] = "equal-paths",
	[LFA_COVER_NODE] = "node", [LFA_COVER_LINK] = "link", [LFA_COVER_BOTH] = "link-and-node"};

static void
route_row(const struct ospf *o, const struct route_view *v, struct rows *out)
{
	static const char *const paths[] = {"intra", "inter", "ext1", "ext2"};
	bool external = v->path_type >= OSPF_PATH_EXT1;

	row_begin(out);
	row_prefix(out, "prefix", &v->prefix);
	row_str(out, "path", paths[v->path_type]);
	row_uint(out, "cost", v->cost);
	if (v->path_type == OSPF_PATH_EXT2)
		row_uint(out, "type2-cost", v->type2_metric);
	if (external)
		row_uint(out, "tag", v->tag);
	else
		row_ip4(out, "area", v->area);
	row_bool(out, "transit", v->transit);
	legs_array(o, "nexthops", v->legs, v->leg_count, v->adv_router, out);
	if (v->alt)
		legs_array(o, "backups", v->alt, 1, v->adv_router, out);
	if (v->cover != LFA_COVER_UNTOLD)
		row_str(out, "protection", cover_names[v->cover]);
	row_end(out);
}

bool
state_routes(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct ospf *o = state_core(core);
	const char *text = nb_arg(args, "prefix");
	struct prefix want, after;
	struct route_view v;
	bool started = resume->n > 0;

	(void)now;
	if (text && !prefix_parse(text, false, &want))
		return true;
	memcpy(&after, resume->key, sizeof(after));
	while (routes_next(o, started ? &after : NULL, &v)) {
		if (rows_full(out)) {
			memcpy(resume->key, &after, sizeof(after));
			resume->n = started;
			return false;
		}
		if (!text || prefix_equal(&v.prefix, &want))
			route_row(o, &v, out);
		after = v.prefix;
		started = true;
	}
	return true;
}

static void
router_row(const struct ospf *o, const struct router_view *v, struct rows *out)
{
	row_begin(out);
	row_ip4(out, "router-id", v->router_id);
	row_ip4(out, "area", v->area);
	row_uint(out, "cost", v->cost);
	row_bool(out, "abr", v->abr);
	row_bool(out, "asbr", v->asbr);
	row_bool(out, "inter-area", v->inter_area);
	legs_array(o, "nexthops", v->legs, v->leg_count, 0, out);
	row_end(out);
}

bool
state_border_routers(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct ospf *o = state_core(core);
	struct router_view v = {.router_id = (uint32_t)resume->n, .area = (uint32_t)(resume->n >> 32)};
	bool started = resume->key[0];

	(void)args, (void)now;
	for (struct router_view next; routers_next(o, started ? &v : NULL, &next); v = next) {
		if (rows_full(out)) {
			resume->n = v.router_id | (uint64_t)v.area << 32;
			resume->key[0] = started;
			return false;
		}
		router_row(o, &next, out);
		started = true;
	}
	return true;
}

/* A row of totals, then one per neighbour and link. */
bool
state_fast_reroute(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct ospf *o = state_core(core);
	struct lfa_summary sum;
	struct lfa_view v;

	(void)args, (void)now;
	if (!o->running)
		return true;
	if (!resume->n) {
		lfa_summary_get(o, &sum);
		row_begin(out);
		row_bool(out, "totals", true);
		row_bool(out, "enabled", o->conf->lfa);
		row_bool(out, "current", sum.current);
		row_uint(out, "runs", sum.runs);
		for (unsigned c = LFA_COVER_NONE; c < LFA_COVERS; c++)
			row_uint(out, cover_names[c], sum.covers[c]);
		row_end(out);
		resume->n = 1;
	}
	for (; lfa_view_get(o, resume->n - 1, &v); resume->n++) {
		if (rows_full(out))
			return false;
		row_begin(out);
		row_ip4(out, "router-id", v.router_id);
		row_ip4(out, "area", v.area);
		row_addr(out, "address", &v.leg.gateway);
		row_str(out, "interface", link_name(o, v.leg.ifindex));
		row_uint(out, "cost", v.cost);
		row_bool(out, "candidate", !*v.unusable);
		if (*v.unusable)
			row_str(out, "why-not", v.unusable);
		row_uint(out, "protects", v.protects);
		row_end(out);
	}
	return true;
}
