/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One judge per kind of track object; see track_judge.h. */
#include "zebra/track_judge.h"

#include <stdio.h>

#include "zebra/config.h"
#include "zebra/core.h"
#include "zebra/gate.h"
#include "zebra/iface.h"
#include "zebra/nhg.h"
#include "zebra/source.h"
#include "zebra/track.h"

static enum verdict
judge_interface(const struct zebra *z, const struct track *t, char *why, size_t size)
{
	const struct zconf_track *c = conf_data(t->config);
	const struct iface *i = iface_by_name(z, c->interface);
	const char *what = "is up";
	if (!z->synced)
		return VERDICT_UNKNOWN;
	if (!i || !i->present)
		what = "does not exist";
	else if (!kernel_link_up(&i->k))
		what = "is down";
	else if (!kernel_link_running(&i->k))
		what = "has no carrier";
	else
		return snprintf(why, size, "interface %s is up", c->interface), VERDICT_YES;
	snprintf(why, size, "interface %s %s", c->interface, what);
	return VERDICT_NO;
}

static bool
nhg_leads_through(const struct nhg *g, uint32_t ifindex)
{
	for (unsigned i = 0; i < g->member_count; i++)
		if (nhg_member_used(g, &g->members[i]) && g->members[i].leg->ifindex == ifindex)
			return true;
	return false;
}

static bool
kgroup_leads_through(const struct kgroup *kg, uint32_t ifindex)
{
	for (unsigned i = 0; i < kg->count; i++)
		if (kg->members[i].leg->ifindex == ifindex)
			return true;
	return false;
}

/* On its way counts for who was there before: a route that is replaced is not gone. */
static bool
in_fib(const struct rib_dest *d, const struct rib_route *sel, bool was)
{
	if (sel->nhg->source->row->kernel_owned)
		return true;
	if (d->flags & DEST_INSTALLED)
		return true;
	return was && !d->error && d->flags & (DEST_PENDING | DEST_QUEUED);
}

static enum verdict
judge_route(const struct zebra *z, const struct track *t, char *why, size_t size)
{
	const struct zconf_track *c = conf_data(t->config);
	const struct prefix *p = c->route4.afi ? &c->route4 : &c->route6;
	const struct rib_dest *d = rib_dest_find(z, 0, p);
	const struct rib_route *sel = d ? rib_dest_selected(d) : NULL;
	const struct iface *through = c->through[0] ? iface_by_name(z, c->through) : NULL;
	bool left = d && !sel && d->fib && (d->flags & (DEST_ADOPTED | DEST_INSTALLED | DEST_CLAIMED)) == (DEST_ADOPTED | DEST_INSTALLED);
	char text[PREFIX_STRLEN];
	prefix_print(p, text);
	if (!z->synced)
		return VERDICT_UNKNOWN;
	if (!sel && !left)
		return snprintf(why, size, "no route to %s", text), VERDICT_NO;
	if (sel && !in_fib(d, sel, t->up && t->decided))
		return snprintf(why, size, "the route to %s is not in the kernel", text), VERDICT_NO;
	if (c->through[0] && (!through || !(sel ? nhg_leads_through(sel->nhg, through->k.ifindex)
						: kgroup_leads_through(d->fib, through->k.ifindex))))
		return snprintf(why, size, "the route to %s does not lead through %s", text, c->through), VERDICT_NO;
	snprintf(why, size, "the route to %s is in use, by %s", text,
		sel ? sel->nhg->source->row->name : "who had it before the restart");
	return VERDICT_YES;
}

static enum verdict
judge_bfd(const struct zebra *z, const struct track *t, char *why, size_t size)
{
	const struct zconf_track *c = conf_data(t->config);
	char peer[IPADDR_STRLEN];
	if (!t->gate)
		return snprintf(why, size, "interface %s does not exist", c->bfd_interface),
			z->synced ? VERDICT_NO : VERDICT_UNKNOWN;
	if (!t->gate->decided)
		return VERDICT_UNKNOWN;
	snprintf(why, size, "the BFD session with %s is %s", ipaddr_print(&c->bfd_peer, peer),
		t->gate->open ? "up" : "down");
	return t->gate->open ? VERDICT_YES : VERDICT_NO;
}

static enum verdict
judge_probe(const struct zebra *z, const struct track *t, char *why, size_t size)
{
	(void)z;
	snprintf(why, size, "%s", t->reported ? t->report : "no check has been reported yet");
	if (!t->reported)
		return VERDICT_UNKNOWN;
	return t->report_up ? VERDICT_YES : VERDICT_NO;
}

/* Up, down (also: missing) or not known, as the list counts it. */
static enum verdict
member_verdict(const struct zebra *z, const struct zconf_track_object *o)
{
	const struct track *t = track_find(z, o->id);
	if (t && !t->decided)
		return VERDICT_UNKNOWN;
	return (t && t->up) != o->negated ? VERDICT_YES : VERDICT_NO;
}

static enum verdict
judge_list(const struct zebra *z, const struct track *t, char *why, size_t size)
{
	const struct zconf_track *c = conf_data(t->config);
	bool all = c->list_operator == ZCONF_LIST_AND;
	const enum verdict decisive = all ? VERDICT_NO : VERDICT_YES;
	const struct conf_object *o = NULL;
	unsigned unknown = 0, count = 0;
	while ((o = conf_next(t->config, &zconf_track_object_class, o))) {
		const struct zconf_track_object *m = conf_data(o);
		enum verdict v = member_verdict(z, m);
		count++;
		unknown += v == VERDICT_UNKNOWN;
		if (v != decisive)
			continue;
		snprintf(why, size, "object %u is %s", m->id, (v == VERDICT_YES) != m->negated ? "up" : "down");
		return v;
	}
	if (unknown)
		return VERDICT_UNKNOWN;
	if (!count)
		return snprintf(why, size, "the list is empty"), VERDICT_NO;
	snprintf(why, size, all ? "all objects are as they should be" : "no object is as it should be");
	return all ? VERDICT_YES : VERDICT_NO;
}

enum verdict
track_judge(const struct zebra *z, const struct track *t, char *why, size_t size)
{
	static enum verdict (*const judges[])(const struct zebra *, const struct track *, char *, size_t) = {
		[TRACK_INTERFACE] = judge_interface,
		[TRACK_ROUTE] = judge_route,
		[TRACK_BFD] = judge_bfd,
		[TRACK_PROBE] = judge_probe,
		[TRACK_LIST] = judge_list,
	};
	why[0] = '\0';
	return judges[t->kind](z, t, why, size);
}
