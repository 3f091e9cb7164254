/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One session: its life, transmission (RFC 5880 6.8.7) and detection (6.8.4).
 *
 * Transmission: timer -> packet -> the next one an interval (with jitter) after this one was due, not
 * after it left. What was missed while the process slept is skipped. Changes are sent at once.
 * Detection: one timer that is looked at when it runs out: an arrival only notes its time. So a
 * thousand sessions cost no heap operation per packet, and what decides is when packets arrived.
 */
#include "bfdd/core.h"

#include <string.h>

#include "lib/mem.h"

#define FIRST_REMOTE_RX_US 1 /* 6.8.1: bfd.RemoteMinRxInterval */
#define MISSED_AT_MOST     8 /* intervals that are skipped one by one */

static void tx_due(void *arg, int64_t now);

static void
remote_forget(struct bfd_session *s)
{
	s->remote = (struct bfd_remote){.state = BFD_DOWN, .required_rx_us = FIRST_REMOTE_RX_US};
}

struct bfd_session *
bfd_session_new(struct bfd *b, const struct bfd_key *key, uint32_t discr, int64_t now)
{
	struct bfd_session *s = mem_zalloc(sizeof(*s));

	s->b = b;
	s->key = *key;
	s->discr = discr ? discr : bfd_table_discr(b);
	s->fsm.state = BFD_DOWN; /* 6.8.1 */
	s->fsm.since = now;
	s->event_at = now;
	s->liveness = BFD_LIVE_UNKNOWN;
	s->sequence = b->sequence = now > (int64_t)b->sequence ? (uint64_t)now : b->sequence + 1;
	TAILQ_INIT(&s->claims);
	remote_forget(s);
	bfd_auth_init(s);
	bfd_table_add(s);
	b->ops->opened(b->arg, s->discr, &s->key);
	return s;
}

void
bfd_session_start(struct bfd_session *s, const struct bfd_params *p, int64_t now)
{
	struct bfd_change c;

	s->p = *p;
	s->started = true;
	bfd_poll_init(s);
	bfd_session_change(s, &c);
	s->b->ops->changed(s->b->arg, &c);
	if (s->p.shutdown)
		bfd_fsm_event(s, BFD_EV_ADMIN_DISABLE, now, now);
	s->tx.soon = true;
	bfd_session_settle(s, now);
}

void
bfd_session_forget(struct bfd_session *s)
{
	struct bfd *b = s->b;

	timer_cancel(b->timers, &s->tx.timer);
	timer_cancel(b->timers, &s->detect.timer);
	timer_cancel(b->timers, &s->echo.tx);
	timer_cancel(b->timers, &s->echo.detect);
	timer_cancel(b->timers, &s->end);
	b->ops->closed(b->arg, s->discr);
	bfd_table_remove(s);
	explicit_bzero(&s->p, sizeof(s->p));
	mem_free(s);
}

static void
end_due(void *arg, int64_t now)
{
	(void)now;
	bfd_session_forget(arg);
}

void
bfd_session_end(struct bfd_session *s, int64_t now)
{
	struct bfd *b = s->b;
	struct bfd_change c;

	bfd_session_set_liveness(s, BFD_LIVE_UNKNOWN, now);
	s->event_at = now;
	bfd_session_change(s, &c);
	c.gone = true;
	c.sequence = s->sequence = ++b->sequence;
	b->ops->changed(b->arg, &c);
	b->ops->checkpoint(b->arg, s->discr, NULL);
	s->restored = false;
	s->ending = true;
	bfd_fsm_event(s, BFD_EV_ADMIN_DISABLE, now, now);
	bfd_session_settle(s, now);
	if (!s->tx.farewell) { /* nobody knows it, or everybody knows that it is down */
		bfd_session_forget(s);
		return;
	}
	timer_set(b->timers, &s->end, now + s->tx.farewell_us * (s->tx.farewell + 1), end_due, s);
}

void
bfd_session_revive(struct bfd_session *s)
{
	timer_cancel(s->b->timers, &s->end);
	timer_cancel(s->b->timers, &s->tx.timer);
	s->ending = false;
	s->tx.farewell = 0;
	s->tx.soon = true;
}

/* Windows belong to a key; the key of a restored session comes only with the configuration. */
static bool
is_same_key(const struct bfd_auth *old, const struct bfd_auth *new)
{
	return old->type == new->type && old->key_id == new->key_id &&
		(!old->key_len || (old->key_len == new->key_len && !memcmp(old->key, new->key, old->key_len)));
}

void
bfd_session_set_params(struct bfd_session *s, const struct bfd_params *p, int64_t now)
{
	struct bfd_params old = s->p;

	if (memcmp(&old, p, sizeof(old)) != 0) {
		s->p = *p;
		if (!is_same_key(&old.auth, &p->auth))
			s->auth.known = false;
		s->tx.soon |= !old.auth.key_len && p->auth.key_len;
		s->tx.soon |= old.detect_multiplier != p->detect_multiplier || old.echo_rx_us != p->echo_rx_us;
	}
	explicit_bzero(&old, sizeof(old));
	if (p->shutdown)
		bfd_fsm_event(s, BFD_EV_ADMIN_DISABLE, now, now);
	else if (s->fsm.state == BFD_ADMIN_DOWN)
		bfd_fsm_event(s, BFD_EV_ADMIN_ENABLE, now, now);
	bfd_echo_update(s, now);
	bfd_poll_update(s);
	bfd_session_arm_detection(s);
	bfd_session_settle(s, now);
}

/* --- what others hear of it ------------------------------------------------------------------------ */
void
bfd_session_set_liveness(struct bfd_session *s, uint8_t liveness, int64_t now)
{
	struct bfd *b = s->b;

	if (liveness == s->liveness)
		return;
	s->liveness = liveness;
	s->sequence = b->sequence = now > (int64_t)b->sequence ? (uint64_t)now : b->sequence + 1;
}

void
bfd_session_change(const struct bfd_session *s, struct bfd_change *out)
{
	memset(out, 0, sizeof(*out));
	out->key = s->key;
	out->discriminator = s->discr;
	out->liveness = s->liveness;
	out->state = out->old_state = s->fsm.state;
	out->remote_state = s->remote.state;
	out->diag = s->diag;
	out->remote_diag = s->remote.diag;
	out->sequence = s->sequence;
	out->at = s->event_at;
	out->detection_us = (uint32_t)(s->detect.us < UINT32_MAX ? s->detect.us : UINT32_MAX);
}

void
bfd_session_checkpoint(const struct bfd_session *s)
{
	struct bfd_record r;

	if (s->ending)
		return;
	bfd_session_record(s, &r);
	s->b->ops->checkpoint(s->b->arg, s->discr, &r);
}

/* --- transmission ---------------------------------------------------------------------------------- */
int64_t
bfd_session_interval(const struct bfd_session *s)
{
	return s->poll.tx_us > s->remote.required_rx_us ? s->poll.tx_us : s->remote.required_rx_us;
}

/* 6.8.7: 75 to 100 %, with a multiplier of 1 at most 90 %. */
int64_t
bfd_session_jitter(struct bfd_session *s, int64_t interval)
{
	int64_t low = interval / 4 * 3, span = interval / 100 * (s->p.detect_multiplier == 1 ? 15 : 25);

	return low + prng_below(&s->b->prng, (uint32_t)span + 1);
}

static bool
may_send(const struct bfd_session *s)
{
	/* 6.8.7: a passive system begins nothing */
	return bfd_auth_usable(s) && (!s->p.passive || s->remote.discr);
}

bool
bfd_session_sends(const struct bfd_session *s)
{
	if (!may_send(s) || s->ending || !s->remote.required_rx_us)
		return false;
	/* 6.6, 6.8.7: the peer is in demand mode, and both are Up */
	return !s->remote.demand || s->fsm.state != BFD_UP || s->remote.state != BFD_UP || s->poll.active;
}

void
bfd_session_send(struct bfd_session *s, bool final, int64_t now)
{
	struct bfd_packet p = {.diag = s->diag, .state = s->fsm.state, .multiplier = s->p.detect_multiplier,
		.poll = s->poll.active && !final, .final = final, .auth = s->p.auth.type != BFD_AUTH_NONE,
		.length = (uint8_t)(BFD_HEADER_LEN + bfd_auth_len(s)), .my_discr = s->discr,
		.your_discr = s->remote.discr, .desired_tx_us = s->poll.desired_tx_us,
		.required_rx_us = s->poll.required_rx_us, .echo_rx_us = s->p.echo_rx_us};
	uint8_t bytes[BFD_HEADER_LEN + BFD_AUTH_LEN_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	(void)now;
	bfd_packet_put(&p, &w);
	bfd_auth_append(s, &w);
	struct bfd_tx tx = {.session = s->discr, .key = s->key,
		.dst_port = s->key.multihop ? BFD_PORT_MULTI : BFD_PORT_SINGLE, .ttl = 255, .bytes = bytes, .len = w.len};
	s->b->ops->send(s->b->arg, &tx);
	s->count.control_tx++;
	s->b->total.control_tx++;
}

/* An absolute schedule: the next one counts from when this one was due. */
static int64_t
next_due(struct bfd_session *s, int64_t due, int64_t interval, int64_t now)
{
	int64_t next = due + bfd_session_jitter(s, interval);

	if (next <= now - MISSED_AT_MOST * interval)
		return now + bfd_session_jitter(s, interval);
	while (next <= now)
		next += bfd_session_jitter(s, interval);
	return next;
}

static void
farewell_due(struct bfd_session *s, int64_t now)
{
	struct bfd *b = s->b;

	bfd_session_send(s, false, now);
	s->tx.last = now;
	if (--s->tx.farewell)
		timer_set(b->timers, &s->tx.timer, now + s->tx.farewell_us, tx_due, s);
	else
		bfd_session_settle(s, now);
}

static void
tx_due(void *arg, int64_t now)
{
	struct bfd_session *s = arg;
	int64_t due = s->tx.timer.due;

	if (s->tx.farewell) {
		farewell_due(s, now);
		return;
	}
	bfd_session_send(s, false, now);
	s->tx.gap = s->tx.last ? due - s->tx.last : 0;
	s->tx.last = due;
	s->tx.interval = bfd_session_interval(s);
	timer_set(s->b->timers, &s->tx.timer, next_due(s, due, s->tx.interval, now), tx_due, s);
	if (bfd_auth_has_sequence(s->p.auth.type))
		bfd_session_checkpoint(s);
}

/* The timer as it has to be now. 6.8.3: a shorter interval counts from the last packet on, at once. */
static void
schedule(struct bfd_session *s, int64_t now)
{
	struct timers *ts = s->b->timers;
	int64_t interval = bfd_session_interval(s);

	if (s->tx.farewell) {
		if (!timer_armed(&s->tx.timer))
			timer_set(ts, &s->tx.timer, now + s->tx.farewell_us, tx_due, s);
		return;
	}
	if (!bfd_session_sends(s)) {
		timer_cancel(ts, &s->tx.timer);
		return;
	}
	bool armed = timer_armed(&s->tx.timer);
	if (armed && interval >= s->tx.interval)
		return;
	int64_t due = s->tx.last ? s->tx.last + bfd_session_jitter(s, interval) : now;
	if (due < now)
		due = now;
	s->tx.interval = interval;
	if (!armed || due < s->tx.timer.due)
		timer_set(ts, &s->tx.timer, due, tx_due, s);
}

void
bfd_session_settle(struct bfd_session *s, int64_t now)
{
	if (s->tx.soon) {
		s->tx.soon = false;
		if (may_send(s)) {
			bfd_session_send(s, false, now);
			s->tx.last = now;
			timer_cancel(s->b->timers, &s->tx.timer); /* the schedule begins anew here */
		}
	}
	schedule(s, now);
	bfd_session_checkpoint(s);
}

/* --- detection ------------------------------------------------------------------------------------- */
static void
detect_due(void *arg, int64_t now)
{
	struct bfd_session *s = arg;
	int64_t deadline = s->detect.last_arrival + s->detect.us;

	if (!s->detect.lapsed && now >= deadline) {
		s->detect.lapsed = true;
		bfd_fsm_event(s, BFD_EV_EXPIRED, deadline, now);
		bfd_session_settle(s, now); /* the last word goes to the peer we knew */
		remote_forget(s);           /* 6.8.1: bfd.RemoteDiscr */
		bfd_poll_abandon(s);
		bfd_session_settle(s, now);
	} else if (s->detect.lapsed && now >= deadline + s->detect.us) {
		s->auth.known = false;      /* 6.8.1: bfd.AuthSeqKnown, after twice the detection time */
		bfd_session_checkpoint(s);
		return;
	}
	bfd_session_arm_detection(s);
}

void
bfd_session_arm_detection(struct bfd_session *s)
{
	if (s->remote.discr) { /* 6.8.4: asynchronous mode */
		int64_t interval = s->poll.rx_us > s->remote.desired_tx_us ? s->poll.rx_us : s->remote.desired_tx_us;
		s->detect.us = s->remote.multiplier * interval;
	}
	if (!s->detect.us)
		return;
	int64_t due = s->detect.last_arrival + s->detect.us * (s->detect.lapsed ? 2 : 1);
	/* one that runs out too early looks again */
	if (!timer_armed(&s->detect.timer) || s->detect.timer.due > due)
		timer_set(s->b->timers, &s->detect.timer, due, detect_due, s);
}

void
bfd_session_heard(struct bfd_session *s, int64_t arrived)
{
	if (arrived > s->detect.last_arrival)
		s->detect.last_arrival = arrived;
	s->detect.lapsed = false;
}
