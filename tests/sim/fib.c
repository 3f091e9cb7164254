/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router's core has told zebra: a table of routes, as the kernel would have it. */
#include "tests/sim/sim.h"

#include <string.h>

#include "lib/mem.h"
#include "lib/rtable.h"

struct fib {
	struct rtable *t;
};

struct fib *
fib_new(void)
{
	struct fib *f = mem_zalloc(sizeof(*f));
	f->t = rtable_new(AFI_IP4);
	return f;
}

void
fib_free(struct fib *f)
{
	struct rtable_iter it;
	void **slot;
	if (!f)
		return;
	rtable_iter_init(&it, f->t, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL)
		mem_free(*slot);
	rtable_free(f->t);
	mem_free(f);
}

void
fib_batch(struct fib *f, const struct ospf_route_batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		if (!b->leg_count) {
			mem_free(rtable_remove(f->t, &b->routes[i].prefix));
			continue;
		}
		struct fib_entry *e = mem_alloc(sizeof(*e) + b->leg_count * sizeof(e->legs[0]));
		e->route = b->routes[i];
		e->leg_count = b->leg_count;
		memcpy(e->legs, b->legs, b->leg_count * sizeof(e->legs[0]));
		void **slot = rtable_insert(f->t, &e->route.prefix, NULL);
		mem_free(*slot);
		*slot = e;
	}
}

const struct fib_entry *
fib_next(const struct fib *f, const struct prefix *after)
{
	struct rtable_iter it;
	rtable_iter_init(&it, f->t, NULL);
	if (after)
		rtable_iter_after(&it, after);
	void **slot = rtable_next(&it, NULL);
	return slot ? *slot : NULL;
}

const struct fib_entry *
fib_find(const struct fib *f, const struct prefix *p)
{
	void **slot = rtable_find(f->t, p);
	return slot ? *slot : NULL;
}

size_t
fib_count(const struct fib *f)
{
	return rtable_count(f->t);
}
