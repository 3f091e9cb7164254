/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The echo function (RFC 5880 6.8.8, 6.8.9; RFC 5881 4): packets to ourselves, which the peer's
 * forwarding plane sends back.
 *
 *	discriminator 4 | sequence 4 | time sent 8 | keyed hash of these 16
 *
 * Only who knows this process's secret can make one, and one that is not newer than the last one
 * that came back is a replay.
 *
 * ours: echo takes part in detection once an echo has come back ("proven"), and only then control packets
 * become few. A peer that offers echo but whose kernel does not forward does not make the session flap;
 * control packets at their full rate watch it as before. And since a session that failed by echoes comes Up
 * again at once by control packets, its liveness stays DOWN until an echo has come back ("failed").
 */
#include "bfdd/core.h"

#include <string.h>

#include "lib/auth.h"

#define ECHO_SIGNED 16
#define ECHO_MAC    16
#define ECHO_LEN    (ECHO_SIGNED + ECHO_MAC)

static void echo_tx_due(void *arg, int64_t now);

static void
echo_mac(const struct bfd *b, const uint8_t *bytes, uint8_t out[ECHO_MAC])
{
	uint8_t digest[AUTH_DIGEST_MAX];

	auth_digest(AUTH_HMAC_SHA256, b->echo_key, sizeof(b->echo_key), bytes, ECHO_SIGNED, NULL, digest);
	memcpy(out, digest, ECHO_MAC);
}

static void
echo_send(struct bfd_session *s, int64_t now)
{
	uint8_t bytes[ECHO_LEN], mac[ECHO_MAC];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u32(&w, s->discr);
	wire_put_u32(&w, ++s->echo.sent);
	wire_put_u64(&w, (uint64_t)now);
	echo_mac(s->b, bytes, mac);
	wire_put_bytes(&w, mac, sizeof(mac));
	struct bfd_tx tx = {.session = s->discr, .key = s->key, .dst_port = BFD_PORT_ECHO, .ttl = 255, .echo = true,
		.bytes = bytes, .len = w.len};
	s->b->ops->send(s->b->arg, &tx);
	s->count.echo_tx++;
	s->b->total.echo_tx++;
}

static void
echo_tx_due(void *arg, int64_t now)
{
	struct bfd_session *s = arg;
	int64_t next = s->echo.tx.due + bfd_session_jitter(s, s->echo.interval);

	echo_send(s, now);
	s->echo.last_tx = now;
	if (next <= now)
		next = now + bfd_session_jitter(s, s->echo.interval);
	timer_set(s->b->timers, &s->echo.tx, next, echo_tx_due, s);
}

int64_t
bfd_echo_detection(const struct bfd_session *s)
{
	return s->echo.active ? s->p.detect_multiplier * s->echo.interval : 0;
}

static void
echo_detect_due(void *arg, int64_t now)
{
	struct bfd_session *s = arg;
	int64_t deadline = s->echo.last_arrival + bfd_echo_detection(s);

	if (now >= deadline) {
		s->echo.failed = true;
		bfd_fsm_event(s, BFD_EV_ECHO_FAILED, deadline, now);
		bfd_session_settle(s, now);
		return;
	}
	timer_set(s->b->timers, &s->echo.detect, deadline, echo_detect_due, s);
}

static void
echo_stop(struct bfd_session *s)
{
	timer_cancel(s->b->timers, &s->echo.tx);
	timer_cancel(s->b->timers, &s->echo.detect);
	s->echo.active = s->echo.proven = false;
	bfd_poll_update(s);
}

static bool
is_offered(const struct bfd_session *s)
{
	return s->p.echo && !s->key.multihop && s->remote.echo_rx_us;
}

bool
bfd_echo_holds(const struct bfd_session *s)
{
	return s->echo.failed && (s->restored || is_offered(s)); /* restored: who wants echo is not known yet */
}

/* An echo is back, or there are no echoes any more: the state alone counts. */
static void
echo_forgive(struct bfd_session *s, int64_t at, int64_t now)
{
	s->echo.failed = false;
	if (s->fsm.state != BFD_UP)
		return;
	s->event_at = at;
	bfd_session_set_liveness(s, BFD_LIVE_UP, now);
	bfd_fsm_tell(s, BFD_UP);
}

void
bfd_echo_update(struct bfd_session *s, int64_t now)
{
	struct bfd_echo_state *e = &s->echo;
	/* 6.8.9: only when Up, and never when the peer does not offer it (6.8.6) */
	bool wanted = s->fsm.state == BFD_UP && is_offered(s);

	if (s->fsm.state == BFD_UP && e->failed && !bfd_echo_holds(s))
		echo_forgive(s, now, now);
	if (!wanted) {
		if (e->active)
			echo_stop(s);
		return;
	}
	int64_t interval = s->p.echo_tx_us > s->remote.echo_rx_us ? s->p.echo_tx_us : s->remote.echo_rx_us;
	bool shorter = interval < e->interval;
	e->interval = interval;
	if (!e->active) {
		e->active = true;
		e->proven = false;
		e->began = now;
		timer_set(s->b->timers, &e->tx, now + bfd_session_jitter(s, interval), echo_tx_due, s);
	} else if (shorter) {
		int64_t due = e->last_tx + bfd_session_jitter(s, interval);
		if (due < e->tx.due)
			timer_set(s->b->timers, &e->tx, due > now ? due : now, echo_tx_due, s);
		if (timer_armed(&e->detect))
			timer_set(s->b->timers, &e->detect, now, echo_detect_due, s);
	}
}

static void
echo_returned(struct bfd_session *s, uint32_t sequence, int64_t sent, const struct bfd_rx *rx)
{
	struct bfd_echo_state *e = &s->echo;
	int64_t rtt = rx->arrived > sent ? rx->arrived - sent : 0;
	uint32_t us = rtt < UINT32_MAX ? (uint32_t)rtt : UINT32_MAX;

	e->heard = sequence;
	if (rx->arrived > e->last_arrival)
		e->last_arrival = rx->arrived;
	e->rtt_min = !e->rtt_count || us < e->rtt_min ? us : e->rtt_min;
	e->rtt_max = us > e->rtt_max ? us : e->rtt_max;
	e->rtt_sum += us;
	e->rtt_count++;
	s->count.echo_rx++;
	s->b->total.echo_rx++;
}

static enum bfd_drop
echo_check(struct bfd *b, const struct bfd_rx *rx, struct bfd_session **out, uint32_t *sequence, int64_t *sent)
{
	struct wire_reader r = wire_reader(rx->bytes, rx->len);
	uint8_t mac[ECHO_MAC];

	*out = NULL;
	if (rx->len != ECHO_LEN)
		return BFD_DROP_ECHO_MALFORMED;
	uint32_t discr = wire_get_u32(&r);
	*sequence = wire_get_u32(&r);
	*sent = (int64_t)wire_get_u64(&r);
	echo_mac(b, rx->bytes, mac);
	if (!auth_equal(mac, rx->bytes + ECHO_SIGNED, ECHO_MAC))
		return BFD_DROP_ECHO_FORGED;
	struct bfd_session *s = *out = bfd_table_by_discr(b, discr);
	if (!s)
		return BFD_DROP_ECHO_UNKNOWN;
	if (s->key.ifindex && s->key.ifindex != rx->ifindex)
		return BFD_DROP_INTERFACE;
	if (!s->echo.active)
		return BFD_DROP_ECHO_INACTIVE;
	uint32_t ahead = *sequence - s->echo.heard; /* circular */
	if (!ahead || ahead > s->echo.sent - s->echo.heard)
		return BFD_DROP_ECHO_REPLAY;
	return BFD_DROP_NONE;
}

void
bfd_echo_received(struct bfd *b, const struct bfd_rx *rx, int64_t now)
{
	struct bfd_session *s;
	uint32_t sequence;
	int64_t sent;
	enum bfd_drop why = echo_check(b, rx, &s, &sequence, &sent);

	if (why != BFD_DROP_NONE) {
		bfd_drop(b, s, why, rx);
		return;
	}
	echo_returned(s, sequence, sent, rx);
	if (!s->echo.proven && sent >= s->echo.began) {
		s->echo.proven = true;
		if (s->echo.failed)
			echo_forgive(s, rx->arrived, now);
		timer_set(b->timers, &s->echo.detect, s->echo.last_arrival + bfd_echo_detection(s), echo_detect_due, s);
		bfd_poll_update(s);
		bfd_session_settle(s, now);
	}
}
