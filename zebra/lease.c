/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long what a client wanted is kept without the client; see lease.h. */
#include "zebra/lease.h"

#include "zebra/core.h"
#include "zebra/source.h"

void
lease_claim(struct zebra *z, struct lease *l, const struct source *s, int64_t linger)
{
	l->proto = s->proto;
	l->instance = s->instance;
	l->claimed = true;
	l->linger = linger < 0 ? 0 : linger > LEASE_MAX ? LEASE_MAX : linger;
	timer_cancel(z->timers, &l->timer);
}

bool
lease_of(const struct lease *l, const struct source *s)
{
	return l->proto == s->proto && l->instance == s->instance;
}

struct source *
lease_source(const struct zebra *z, const struct lease *l)
{
	for (unsigned i = PROTO_OWN; i < z->source_count; i++)
		if (z->sources[i]->connected && lease_of(l, z->sources[i]))
			return z->sources[i];
	return NULL;
}

void
lease_closed(struct zebra *z, struct lease *l, timer_fn *over, void *arg)
{
	l->claimed = false;
	timer_set(z->timers, &l->timer, z->now + l->linger, over, arg);
}

void
lease_found(struct zebra *z, struct lease *l, timer_fn *over, void *arg)
{
	l->proto = PROTO_MAX;
	l->linger = LEASE_DEFAULT;
	lease_closed(z, l, over, arg);
}
