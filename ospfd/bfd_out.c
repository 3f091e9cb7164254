/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions of neighbours at bfdd. One that went down outlives its neighbour by LINGER: zebra holds the leg
 * dead as long as bfdd says so, and were the session gone at once, traffic would return to the dead leg until
 * our routes have changed. A neighbour that is heard again before begins with a new session: its
 * Hellos say that the path is alive, which the old one, if the peer has stopped to run BFD, never will.
 */
#include "ospfd/bfd_out.h"

#include <string.h>
#include <sys/queue.h>

#include "lib/bfdclient.h"
#include "lib/loop.h"
#include "lib/mem.h"

#define LINGER (5 * TIME_SEC)

struct session {
	TAILQ_ENTRY(session) entry;
	struct bfd_out *out;
	uint32_t id, ifindex;
	struct ipaddr peer;
	struct timer linger; /* armed: nobody wants it any more */
};

struct bfd_out {
	struct loop *loop;
	struct bfdclient *client;
	TAILQ_HEAD(, session) sessions;
	bfd_out_changed_fn *changed;
	void *arg;
};

static void
session_end(struct session *s)
{
	timer_cancel(loop_timers(s->out->loop), &s->linger);
	bfdclient_unwant(s->out->client, s->id);
	TAILQ_REMOVE(&s->out->sessions, s, entry);
	mem_free(s);
}

static void
linger_over(void *arg, int64_t now)
{
	(void)now;
	session_end(arg);
}

static void
state_told(void *arg, const struct bfdclient_state *told, int64_t now)
{
	static const enum ospf_bfd liveness[] = {[BFD_LIVE_UNKNOWN] = OSPF_BFD_UNKNOWN,
		[BFD_LIVE_UP] = OSPF_BFD_UP, [BFD_LIVE_DOWN] = OSPF_BFD_DOWN};
	struct bfd_out *b = arg;
	struct session *s;

	TAILQ_FOREACH(s, &b->sessions, entry)
		if (s->id == told->id)
			break;
	if (s && !timer_armed(&s->linger))
		b->changed(b->arg, s->ifindex, &s->peer, liveness[told->liveness], now);
}

static const struct bfdclient_ops client_ops = {.state = state_told};

struct bfd_out *
bfd_out_new(struct loop *l, const char *bfd_socket, uint32_t grace_seconds, bfd_out_changed_fn *changed, void *arg)
{
	struct bfd_out *b = mem_zalloc(sizeof(*b));

	b->loop = l;
	b->changed = changed;
	b->arg = arg;
	TAILQ_INIT(&b->sessions);
	b->client = bfdclient_new(l, bfd_socket, "ospf", grace_seconds, &client_ops, b);
	return b;
}

void
bfd_out_free(struct bfd_out *b)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&b->sessions)) != NULL)
		session_end(s);
	bfdclient_free(b->client);
	mem_free(b);
}

void
bfd_out_want(struct bfd_out *b, uint32_t ifindex, const struct ipaddr *local, const struct ipaddr *peer,
	const struct ospf_bfd_params *params, bool want)
{
	struct bfdclient_want w = {.peer = *peer, .local = *local, .ifindex = ifindex};
	struct bfdclient_state state;
	struct session *s;

	TAILQ_FOREACH(s, &b->sessions, entry)
		if (s->ifindex == ifindex && !ipaddr_cmp(&s->peer, peer))
			break;
	if (s && !want && bfdclient_state(b->client, s->id, &state) && state.liveness == BFD_LIVE_DOWN) {
		timer_set(loop_timers(b->loop), &s->linger, loop_now(b->loop) + LINGER, linger_over, s);
		return;
	}
	if (s)
		session_end(s); /* again: other parameters, or a neighbour that is back */
	if (!want)
		return;
	s = mem_zalloc(sizeof(*s));
	s->out = b;
	s->ifindex = ifindex;
	s->peer = *peer;
	memcpy(w.profile, params->profile, sizeof(w.profile));
	w.detect_multiplier = (uint8_t)params->detect_multiplier;
	w.min_rx_us = params->min_rx_ms * 1000U;
	w.min_tx_us = params->min_tx_ms * 1000U;
	TAILQ_INSERT_TAIL(&b->sessions, s, entry);
	s->id = bfdclient_want(b->client, &w);
}

void
bfd_out_settled(struct bfd_out *b)
{
	bfdclient_replay_end(b->client);
}
