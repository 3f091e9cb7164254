/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sync groups: virtual routers that are all master or none. Judged at the end of a turn, so that its members
 * move within it; what each rule asks for stands in settle(), in order.
 *
 * - A member that cannot be master (no interface, tracking) forces all others to be Backup.
 * - A master that has ceased to be one takes the others along; one that offers its place makes them offer theirs.
 * - A member takes over only with all others. Certain news (priority 0, BFD) count for the whole group: the peers
 *   are in a group as well. Silence on one LAN does not, as long as another member hears a master that it could
 *   not win against: that would be two groups chasing each other.
 * - A member that is master of a dead LAN makes the others offer their place, once; who takes it keeps it until
 *   that LAN is alive again.
 * Ours: shut down or without addresses, a virtual router is no member. Before zebra has told everything, an
 * interface that it has not told of is no failure.
 */
#include "vrrpd/core.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

void
vrrp_sync_join(struct vrrp_router *r, const char *name)
{
	struct vrrp_group *g;

	if (!name[0])
		return;
	TAILQ_FOREACH(g, &r->v->groups, entry)
		if (!strcmp(g->name, name))
			break;
	if (!g) {
		g = mem_zalloc(sizeof(*g));
		snprintf(g->name, sizeof(g->name), "%s", name);
		TAILQ_INIT(&g->members);
		TAILQ_INSERT_TAIL(&r->v->groups, g, entry);
	}
	r->group = g;
	TAILQ_INSERT_TAIL(&g->members, r, group_entry);
	vrrp_sync_mark(r);
}

/* An empty group is buried at the end of the turn. */
void
vrrp_sync_leave(struct vrrp_router *r)
{
	struct vrrp_group *g = r->group;

	if (!g)
		return;
	vrrp_sync_mark(r);
	TAILQ_REMOVE(&g->members, r, group_entry);
	r->group = NULL;
	if (r->block == VRRP_BLOCK_GROUP)
		r->block = VRRP_BLOCK_NONE;
}

void
vrrp_sync_mark(struct vrrp_router *r)
{
	if (r->group)
		r->group->dirty = r->v->dirty = true;
}

static bool
is_lan_dead(const struct vrrp_router *r)
{
	return r->ifc->lan.dead && vrrp_router_state(r) == VRRP_MASTER;
}

bool
vrrp_sync_lan_dead(const struct vrrp_router *r)
{
	const struct vrrp_router *m;

	if (!r->group)
		return false;
	TAILQ_FOREACH(m, &r->group->members, group_entry)
		if (m != r && is_lan_dead(m))
			return true;
	return false;
}

void
vrrp_sync_lan_died(struct vrrp_iface *ifc)
{
	struct vrrp_router *r;

	TAILQ_FOREACH(r, &ifc->routers, iface_entry) {
		if (!r->group)
			continue;
		r->group->lan_died |= is_lan_dead(r);
		vrrp_sync_mark(r);
	}
}

static bool
is_faulty(const struct vrrp_router *r)
{
	if (r->block == VRRP_BLOCK_NONE || r->block == VRRP_BLOCK_GROUP)
		return false;
	return r->v->synced || r->block == VRRP_BLOCK_TRACK || (r->block == VRRP_BLOCK_INTERFACE_DOWN && r->ifc->known);
}

/* Whether it can be, and become, master now. */
static bool
is_able(const struct vrrp_router *r, bool certain, int64_t now)
{
	int64_t until;

	if (vrrp_router_state(r) == VRRP_MASTER)
		return true;
	if (vrrp_router_state(r) != VRRP_BACKUP || r->block != VRRP_BLOCK_NONE)
		return false;
	if (r->h.active)
		return r->h.may_return && !r->m.address.afi;
	if (r->expired || certain)
		return true;
	return r->m.address.afi && r->m.priority < r->priority && r->w.since &&
		vrrp_hold_why(r, now, &until) == VRRP_HOLD_NONE && now >= r->listening + vrrp_router_down_interval(r);
}

static void
force(struct vrrp_group *g, bool faulty, int64_t now)
{
	struct vrrp_router *r;

	TAILQ_FOREACH(r, &g->members, group_entry) {
		if (!vrrp_router_counts(r) || vrrp_router_state(r) == VRRP_INITIALIZE)
			continue;
		if (faulty && r->block == VRRP_BLOCK_NONE) {
			r->block = VRRP_BLOCK_GROUP;
			vrrp_router_event(r, VRRP_EV_FORCE, VRRP_WHY_SYNC, now);
			vrrp_hold_clear(r, now);
		} else if (!faulty && r->block == VRRP_BLOCK_GROUP) {
			r->listening = now;
			vrrp_router_unblocked(r, now);
		}
	}
}

static void
follow(struct vrrp_group *g, int64_t now)
{
	struct vrrp_router *r;

	TAILQ_FOREACH(r, &g->members, group_entry) {
		if (vrrp_router_state(r) != VRRP_MASTER)
			continue;
		if (g->fallen)
			vrrp_router_event(r, VRRP_EV_FORCE, VRRP_WHY_SYNC, now);
		else if (g->offered || (g->lan_died && !is_lan_dead(r)))
			vrrp_router_event(r, VRRP_EV_HAND_OVER, VRRP_WHY_SYNC, now);
	}
	g->fallen = g->offered = g->lan_died = false;
}

static void
take_over(struct vrrp_group *g, int64_t now)
{
	struct vrrp_router *r;
	bool wanted = false, certain = false, able = true;

	TAILQ_FOREACH(r, &g->members, group_entry) {
		wanted |= r->expired && vrrp_router_state(r) == VRRP_BACKUP && r->block == VRRP_BLOCK_NONE;
		certain |= r->expired && r->strong && r->block == VRRP_BLOCK_NONE;
	}
	if (!wanted)
		return;
	TAILQ_FOREACH(r, &g->members, group_entry)
		able &= !vrrp_router_counts(r) || is_able(r, certain, now);
	TAILQ_FOREACH(r, &g->members, group_entry) {
		if (vrrp_router_state(r) != VRRP_BACKUP || r->block != VRRP_BLOCK_NONE)
			continue;
		if (able)
			vrrp_router_event(r, VRRP_EV_TAKE_OVER, r->expired ? (enum vrrp_reason)r->why : VRRP_WHY_SYNC, now);
		else if (r->expired)
			vrrp_hold_set(r, VRRP_HOLD_GROUP, 0, now);
	}
}

void
vrrp_sync_settle(struct vrrp_group *g, int64_t now)
{
	struct vrrp_router *r;
	bool faulty = false;

	TAILQ_FOREACH(r, &g->members, group_entry)
		faulty |= vrrp_router_counts(r) && is_faulty(r);
	force(g, faulty, now);
	if (faulty)
		g->fallen = g->offered = false;
	follow(g, now);
	if (!faulty)
		take_over(g, now);
}
