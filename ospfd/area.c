/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Areas: made with their first interface, kept in order of their IDs. */
#include "ospfd/iface.h"

#include "lib/mem.h"
#include "ospfd/orig.h"

/*
 * Ours: a link that comes up is told with what comes up on it. Told alone, it would use up the
 * origination that MinLSArrival allows, and the adjacency had to wait for the next.
 */
#define GOOD_NEWS_DELAY (500 * TIME_MS)

struct area *
ospf_area_find(const struct ospf *o, uint32_t id)
{
	struct area *a;
	TAILQ_FOREACH(a, &o->areas, entry)
		if (a->id == id)
			return a;
	return NULL;
}

void
area_configure(struct area *a)
{
	const struct ospf_conf_area *c = ospf_config_area(a->o->conf, a->id);
	a->type = c ? c->type : OSPF_AREA_NORMAL;
	a->auth = c && c->auth != OSPF_AUTH_UNSET ? c->auth : OSPF_AUTH_NONE;
}

struct area *
area_get(struct ospf *o, uint32_t id)
{
	struct area *a = ospf_area_find(o, id), *at;
	if (a)
		return a;
	a = mem_zalloc(sizeof(*a));
	a->o = o;
	a->id = id;
	TAILQ_INIT(&a->ifaces);
	lsdb_init(&a->db, o, SCOPE_AREA, a, NULL);
	area_configure(a);
	TAILQ_FOREACH(at, &o->areas, entry)
		if (at->id > id)
			break;
	if (at)
		TAILQ_INSERT_BEFORE(at, a, entry);
	else
		TAILQ_INSERT_TAIL(&o->areas, a, entry);
	return a;
}

void
area_free(struct area *a, int64_t now)
{
	struct iface *i;
	while ((i = TAILQ_FIRST(&a->ifaces)) != NULL)
		iface_free(i, now);
	lsdb_clear(&a->db, now);
	routing_area_gone(a, now);
	timer_cancel(a->o->timers, &a->later);
	TAILQ_REMOVE(&a->o->areas, a, entry);
	mem_free(a);
}

void
area_drop_empty(struct ospf *o, int64_t now)
{
	struct area *a, *next;
	for (a = TAILQ_FIRST(&o->areas); a; a = next) {
		next = TAILQ_NEXT(a, entry);
		if (TAILQ_EMPTY(&a->ifaces))
			area_free(a, now);
	}
}

void
area_router_lsa_wanted(struct area *a)
{
	a->want_router = true;
	a->o->want_router_lsas = true;
}

static void
later_due(void *arg, int64_t now)
{
	(void)now;
	area_router_lsa_wanted(arg);
}

void
area_router_lsa_later(struct area *a, int64_t now)
{
	if (!a->want_router && !timer_armed(&a->later))
		timer_set(a->o->timers, &a->later, now + GOOD_NEWS_DELAY, later_due, a);
}

unsigned
area_active_ifaces(const struct area *a)
{
	const struct iface *i;
	unsigned count = 0;
	TAILQ_FOREACH(i, &a->ifaces, entry)
		count += iface_state(i) != ISM_DOWN;
	return count;
}
