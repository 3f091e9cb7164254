/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readiness of routing as a whole; see ready.h. */
#include "zebra/ready.h"

#include <stdio.h>
#include <string.h>

#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/rib.h"
#include "zebra/source.h"

static void
ready_set(struct zebra *z, bool is, const char *waiting_for)
{
	struct ready *r = &z->ready;
	if (r->is == is && !strcmp(r->waiting_for, waiting_for))
		return;
	bool turned = r->is != is;
	if (turned)
		r->since = z->now;
	r->is = is;
	snprintf(r->waiting_for, sizeof(r->waiting_for), "%s", waiting_for);
	core_log(z, "zebra.ready", "ready=%s waiting-for=\"%s\"", is ? "yes" : "no", r->waiting_for);
	z->ops->ready(z->arg, 0, is, r->waiting_for);
	if (turned)
		z->ops->event(z->arg, is ? ZEBRA_REPAIR : ZEBRA_NOTE, "zebra.ready", "routing", z->now,
			is ? "all clients are ready, their routes are in the kernel" : r->waiting_for);
}

/* The first one that is missing; false: nobody is. */
static bool
somebody_missing(const struct zebra *z, char *text, size_t size)
{
	if (!z->synced) {
		snprintf(text, size, "zebra: reading the kernel's state");
		return true;
	}
	for (unsigned i = PROTO_OWN; i < z->source_count; i++) {
		const struct source *s = z->sources[i];
		if (!s->ready_said || s->ready)
			continue;
		snprintf(text, size, "%s: %s", s->row->name, s->waiting_for);
		return true;
	}
	return false;
}

void
ready_changed(struct zebra *z)
{
	struct ready *r = &z->ready;
	char text[READY_TEXT];
	if (somebody_missing(z, text, sizeof(text))) {
		r->draining = false;
		ready_set(z, false, text);
	} else if (!r->is && !r->draining) {
		r->draining = true;
		r->barrier = 0;
		ready_set(z, false, "zebra: routes on their way to the kernel");
	}
}

void
ready_run(struct zebra *z, bool settled)
{
	struct ready *r = &z->ready;
	if (!r->draining || r->barrier || !settled || z->writes_held || z->rib->dirty.count || z->rib->stalled)
		return;
	struct dplane_op op = {.kind = DPLANE_NOP, .cookie = r->barriers + 1};
	if (!z->ops->write(z->arg, &op)) {
		z->rib->stalled = true;
		return;
	}
	r->barrier = ++r->barriers;
}

void
ready_barrier_done(struct zebra *z, uint64_t barrier)
{
	struct ready *r = &z->ready;
	if (!r->draining || !r->barrier || barrier != r->barrier)
		return;
	r->draining = false;
	ready_set(z, true, "");
}

void
ready_tell_client(struct zebra *z, uint32_t client)
{
	z->ops->ready(z->arg, client, z->ready.is, z->ready.waiting_for);
}

void
ready_client_gone(struct zebra *z, struct source *s)
{
	s->ready_said = false;
	ready_changed(z);
}

void
zebra_client_ready(struct zebra *z, uint32_t client, bool ready, const char *waiting_for, int64_t now)
{
	struct source *s = source_client(z, client);
	if (!s)
		return;
	core_enter(z, now);
	s->ready_said = true;
	s->ready = ready;
	snprintf(s->waiting_for, sizeof(s->waiting_for), "%s", ready ? "" : waiting_for);
	ready_changed(z);
	core_leave(z);
}
