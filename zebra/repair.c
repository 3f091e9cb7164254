/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who was repaired, why, and how fast; see repair.h. */
#include "zebra/repair.h"

#include <stdio.h>

#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/nhg.h"

struct repairs *
repairs_new(void)
{
	struct repairs *s = mem_zalloc(sizeof(*s));
	TAILQ_INIT(&s->waiting);
	return s;
}

void
repairs_free(struct repairs *s)
{
	struct repair *r;
	while ((r = TAILQ_FIRST(&s->waiting))) {
		TAILQ_REMOVE(&s->waiting, r, link);
		mem_free(r);
	}
	mem_free(s->current);
	mem_free(s);
}

void
repair_cause(struct zebra *z, int64_t at, const char *object, const char *cause)
{
	if (z->repairs->current)
		return;
	struct repair *r = z->repairs->current = mem_zalloc(sizeof(*r));
	snprintf(r->object, sizeof(r->object), "%s", object);
	snprintf(r->cause, sizeof(r->cause), "%s", cause);
	r->at = at && at < z->now ? at : z->now;
}

void
repair_tell(struct zebra *z, bool loss, const char *name, const char *object, const char *cause)
{
	const struct repair *r = z->repairs->current;
	if (z->repairs->current)
		z->repairs->current->loss |= loss;
	z->ops->event(z->arg, loss ? ZEBRA_FAULT : ZEBRA_REPAIR, name, object, r ? r->at : z->now, cause);
}

void
repair_takes(struct zebra *z, struct kgroup *kg)
{
	struct repair *r = z->repairs->current;
	if (!r || kg->repair == r)
		return;
	repair_acked(z, kg, -1);
	kg->repair = r;
	r->waiting++;
	r->groups++;
	kg->repair_backup = kg->owner && kg->owner->rank;
	r->backups += kg->repair_backup;
	r->routes += kg->owner ? kg->owner->route_count : 0;
}

static void
repair_done(struct zebra *z, struct repair *r)
{
	struct repairs *s = z->repairs;
	char text[256];
	int64_t us = z->now > r->at ? z->now - r->at : 0;
	TAILQ_REMOVE(&s->waiting, r, link);
	if (r->groups) {
		s->count++;
		s->last_us = (uint64_t)us;
		if (s->last_us > s->worst_us)
			s->worst_us = s->last_us;
		snprintf(text, sizeof(text), "groups=%u routes=%llu backups=%u failed=%u us=%lld: %s", r->groups,
			(unsigned long long)r->routes, r->backups, r->failed, (long long)us, r->cause);
		z->ops->event(z->arg, r->loss ? ZEBRA_SWITCH : ZEBRA_REPAIR, "zebra.groups-repaired", r->object, z->now,
			text);
	}
	mem_free(r);
}

void
repair_acked(struct zebra *z, struct kgroup *kg, int err)
{
	struct repair *r = kg->repair;
	if (!r)
		return;
	kg->repair = NULL;
	r->waiting--;
	if (err < 0) {
		/* a newer event has it now, or it went away: not repaired by this one */
		r->groups--;
		r->backups -= kg->repair_backup;
	}
	r->failed += err > 0;
	if (!r->waiting && r != z->repairs->current)
		repair_done(z, r);
}

void
repair_settled(struct zebra *z)
{
	struct repair *r = z->repairs->current;
	if (!r)
		return;
	z->repairs->current = NULL;
	TAILQ_INSERT_TAIL(&z->repairs->waiting, r, link);
	if (!r->waiting)
		repair_done(z, r);
}
