/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions of bfdd: watched, and wished for; see bfd.h. */
#include "zebra/avail.h"

#include <sys/queue.h>
#include <unistd.h>

#include "lib/bfdclient.h"
#include "lib/ha.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"

#define BFD_GRACE    60               /* seconds that our sessions outlive us */
#define BFD_BOOT     (60 * TIME_SEC)  /* a router that starts asks for sessions then, ready or not */
#define BFD_LOOK     (50 * TIME_MS)   /* until then, how often it looks whether it is ready */
#define BFD_PATIENCE (300 * TIME_MS)  /* for bfdd's answer before the first write */

struct wish {
	uint32_t id, client_id;           /* the core's, and bfdclient's */
	struct bfdclient_want want;
	LIST_ENTRY(wish) link;
};
struct avail {
	struct loop *loop;
	struct zebra *z;
	struct bfdclient *client;
	char *path, *booted;
	LIST_HEAD(, wish) wishes;
	struct timer patience, boot;
	int64_t give_up;                  /* of waiting, held */
	bool complete, told, ready;
	bool held;                        /* the router starts: no wish is told yet */
};

static struct log_event ev_state = {.name = "zebra.bfd", .level = LOG_LVL_INFO, .per_minute = 120};

static void
told(struct avail *b, int64_t now)
{
	timer_cancel(loop_timers(b->loop), &b->patience);
	if (!b->told)
		zebra_bfd_synced(b->z, now);
	b->told = true;
}

static void
patience_over(void *arg, int64_t now)
{
	struct avail *b = arg;
	log_warning("zebra.bfd-silent", "bfdd does not answer: going on without its states");
	told(b, now);
}

static void
on_state(void *arg, const struct bfdclient_state *s, int64_t now)
{
	struct avail *b = arg;
	struct bfdclient_state own = *s;
	struct wish *w;
	if (!s->id) {
		zebra_bfd_changed(b->z, s, now);
		return;
	}
	LIST_FOREACH(w, &b->wishes, link) {
		if (w->client_id != s->id)
			continue;
		log_event(&ev_state, "wish=%u liveness=%d gone=%d", w->id, (int)s->liveness, s->gone);
		own.id = w->id;
		zebra_bfd_changed(b->z, &own, now);
		return;
	}
}

static void
on_synced(void *arg, int64_t now)
{
	told(arg, now);
}

static const struct bfdclient_ops ops = {.state = on_state, .synced = on_synced};

/* --- wishes ------------------------------------------------------------------------------------------ */

static void
release(struct avail *b)
{
	struct wish *w;
	if (!b->held || !b->client)
		return;
	b->held = false;
	timer_cancel(loop_timers(b->loop), &b->boot);
	LIST_FOREACH(w, &b->wishes, link)
		w->client_id = bfdclient_want(b->client, &w->want);
}

/*
 * Ready before the router's config was loaded means nothing: no protocol has been asked for yet. The
 * supervisor leaves its mark when it was.
 */
static void
boot_look(void *arg, int64_t now)
{
	struct avail *b = arg;
	bool ready = b->ready && access(b->booted, F_OK) == 0;
	if (!ready && now < b->give_up) {
		timer_set(loop_timers(b->loop), &b->boot, now + BFD_LOOK, boot_look, b);
		return;
	}
	if (!ready)
		log_notice("zebra.bfd-not-ready", "sessions are asked for though routing is not ready");
	release(b);
}

void
avail_ready(struct avail *b, bool ready)
{
	b->ready = ready;
}

struct avail *
avail_new(struct loop *l, const char *path, const char *booted)
{
	struct avail *b = mem_zalloc(sizeof(*b));
	b->loop = l;
	b->path = mem_strdup(path);
	if (booted)
		b->booted = mem_strdup(booted);
	b->held = booted != NULL;
	return b;
}

void
avail_free(struct avail *b)
{
	struct wish *w;
	if (!b)
		return;
	timer_cancel(loop_timers(b->loop), &b->patience);
	timer_cancel(loop_timers(b->loop), &b->boot);
	if (b->client)
		bfdclient_free(b->client);
	while ((w = LIST_FIRST(&b->wishes))) {
		LIST_REMOVE(w, link);
		mem_free(w);
	}
	mem_free(b->path);
	mem_free(b->booted);
	mem_free(b);
}

void
avail_start(struct avail *b, struct zebra *z)
{
	struct wish *w;
	b->z = z;
	b->give_up = loop_now(b->loop) + BFD_BOOT;
	if (b->held)
		timer_set(loop_timers(b->loop), &b->boot, loop_now(b->loop), boot_look, b);
	b->client = bfdclient_new(b->loop, b->path, "zebra", BFD_GRACE, &ops, b);
	bfdclient_watch(b->client);
	LIST_FOREACH(w, &b->wishes, link)
		if (!b->held)
			w->client_id = bfdclient_want(b->client, &w->want);
	if (b->complete)
		bfdclient_replay_end(b->client);
	if (access(b->path, F_OK)) /* bfdd has never run: nobody knows of anything dead */
		told(b, loop_now(b->loop));
	else
		timer_set(loop_timers(b->loop), &b->patience, loop_now(b->loop) + BFD_PATIENCE, patience_over, b);
}

void
avail_wishes_complete(struct avail *b)
{
	if (b->complete)
		return;
	b->complete = true;
	if (b->client)
		bfdclient_replay_end(b->client);
}

static struct wish *
wish_find(const struct avail *b, uint32_t id)
{
	struct wish *w;
	LIST_FOREACH(w, &b->wishes, link)
		if (w->id == id)
			return w;
	return NULL;
}

void
avail_want(struct avail *b, uint32_t id, const struct bfdclient_want *want)
{
	struct wish *w = wish_find(b, id);
	uint32_t old = w ? w->client_id : 0;
	if (want && !w) {
		w = mem_zalloc(sizeof(*w));
		w->id = id;
		LIST_INSERT_HEAD(&b->wishes, w, link);
	}
	if (want) {
		w->want = *want;
		w->client_id = b->client && !b->held ? bfdclient_want(b->client, want) : 0;
	} else if (w) {
		LIST_REMOVE(w, link);
		mem_free(w);
	}
	/* behind the new one: the session goes on */
	if (old)
		bfdclient_unwant(b->client, old);
}

void
avail_event(void *arg, enum zebra_event kind, const char *name, const char *object, int64_t at, const char *text)
{
	static const enum ha_kind kinds[] = {
		[ZEBRA_FAULT] = HA_FAULT,
		[ZEBRA_SWITCH] = HA_SWITCH,
		[ZEBRA_REPAIR] = HA_REPAIR,
		[ZEBRA_NOTE] = HA_NOTE,
	};
	(void)arg;
	ha_event(kinds[kind], name, object, at, "%s", text);
}
