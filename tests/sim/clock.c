/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual clock: a heap of events by (time, order of birth). */
#include "tests/sim/sim.h"

#include <string.h>

#include "lib/mem.h"

static bool
before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->serial < b->serial;
}

struct event *
event_new(struct sim *s, int64_t at, void (*fn)(struct sim *, struct event *), const uint8_t *bytes,
	size_t len)
{
	struct event *e = mem_alloc(sizeof(*e) + len);
	memset(e, 0, sizeof(*e));
	e->at = at;
	e->serial = s->serial++;
	e->fn = fn;
	e->len = len;
	if (len)
		memcpy(e->bytes, bytes, len);
	return e;
}

void
clock_push(struct sim *s, struct event *e)
{
	if (s->heap_count == s->heap_cap) {
		s->heap_cap = s->heap_cap ? 2 * s->heap_cap : 1024;
		s->heap = mem_realloc(s->heap, s->heap_cap * sizeof(*s->heap));
	}
	size_t at = s->heap_count++;
	while (at > 0 && before(e, s->heap[(at - 1) / 2])) {
		s->heap[at] = s->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->heap[at] = e;
}

static struct event *
clock_pop(struct sim *s)
{
	struct event *top = s->heap[0], *last = s->heap[--s->heap_count];
	size_t at = 0;
	for (;;) {
		size_t c = 2 * at + 1;
		if (c >= s->heap_count)
			break;
		if (c + 1 < s->heap_count && before(s->heap[c + 1], s->heap[c]))
			c++;
		if (!before(s->heap[c], last))
			break;
		s->heap[at] = s->heap[c];
		at = c;
	}
	if (s->heap_count)
		s->heap[at] = last;
	return top;
}

void
clock_run(struct sim *s, int64_t until)
{
	while (s->heap_count && s->heap[0]->at <= until) {
		struct event *e = clock_pop(s);
		s->now = e->at;
		s->events++;
		e->fn(s, e);
		mem_free(e);
	}
	s->now = until;
}

void
clock_clear(struct sim *s)
{
	for (size_t i = 0; i < s->heap_count; i++)
		mem_free(s->heap[i]);
	mem_free(s->heap);
	s->heap = NULL;
	s->heap_count = s->heap_cap = 0;
}
