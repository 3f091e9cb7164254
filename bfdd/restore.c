/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session's record, and a session from a record: so that a bfdd that was killed goes on where it was.
 *
 * A record that is older than its detection time allows says nothing of now: the session starts Down with
 * its old discriminator. Was it Up, its path gets BFD_VERDICT to show life before it counts as
 * failed: else a path that died while bfdd was away would stay unnoticed for ever.
 * Nobody has asked for a restored session yet; one that nobody asks for in BFD_RESTORE_GRACE ends.
 */
#include "bfdd/core.h"

#include <string.h>

void
bfd_session_record(const struct bfd_session *s, struct bfd_record *r)
{
	memset(r, 0, sizeof(*r));
	r->key = s->key;
	r->local_discr = s->discr;
	r->remote_discr = s->remote.discr;
	r->state = s->fsm.state;
	r->diag = s->diag;
	r->liveness = s->liveness;
	r->remote_state = s->remote.state;
	r->remote_multiplier = s->remote.multiplier;
	r->detect_multiplier = s->p.detect_multiplier;
	r->min_ttl = s->p.min_ttl;
	r->auth_type = s->p.auth.type;
	r->auth_key_id = s->p.auth.key_id;
	r->tx_us = s->poll.tx_us;
	r->rx_us = s->poll.rx_us;
	r->desired_tx_us = s->poll.desired_tx_us;
	r->required_rx_us = s->poll.required_rx_us;
	r->remote_min_rx_us = s->remote.required_rx_us;
	r->remote_desired_tx_us = s->remote.desired_tx_us;
	r->remote_echo_rx_us = s->remote.echo_rx_us;
	r->xmit_auth_seq = s->auth.xmit_seq;
	r->rcv_auth_seq = s->auth.rcv_seq;
	r->auth_seq_known = s->auth.known;
	r->remote_demand = s->remote.demand;
	r->sequence = s->sequence;
	r->last_arrival = s->detect.last_arrival;
	r->source_port = s->source_port;
}

static void
verdict_due(void *arg, int64_t now)
{
	struct bfd_session *s = arg;

	if (s->liveness != BFD_LIVE_UNKNOWN || s->remote.state == BFD_ADMIN_DOWN)
		return;
	s->event_at = now;
	bfd_session_set_liveness(s, BFD_LIVE_DOWN, now);
	bfd_fsm_tell(s, s->fsm.state);
	bfd_session_checkpoint(s);
}

/*
 * As it was, as if no time had passed. What came while nobody listened is lost, so the peer gets a whole
 * detection time from now: what it sent in the last one may have been that.
 */
static void
resume(struct bfd_session *s, const struct bfd_record *r, int64_t now)
{
	s->fsm.state = r->state;
	s->remote = (struct bfd_remote){.discr = r->remote_discr, .state = r->remote_state,
		.multiplier = r->remote_multiplier, .desired_tx_us = r->remote_desired_tx_us,
		.required_rx_us = r->remote_min_rx_us, .echo_rx_us = r->remote_echo_rx_us,
		.demand = r->remote_demand};
	s->poll = (struct bfd_poll_state){.desired_tx_us = r->desired_tx_us, .tx_us = r->tx_us,
		.required_rx_us = r->required_rx_us, .rx_us = r->rx_us};
	s->poll.active = r->desired_tx_us != r->tx_us || r->required_rx_us != r->rx_us;
	s->detect.last_arrival = now;
	s->liveness = r->liveness;
	s->echo.failed = r->state == BFD_UP && r->liveness == BFD_LIVE_DOWN;
}

static bool
is_plausible(const struct bfd_record *r, int64_t now)
{
	return r->local_discr && r->state <= BFD_UP && r->remote_state <= BFD_UP && r->liveness <= BFD_LIVE_DOWN &&
		r->detect_multiplier && r->auth_type < BFD_AUTH_TYPES && afi_bytes(r->key.peer.afi) &&
		r->tx_us && r->rx_us && r->desired_tx_us && r->required_rx_us && r->last_arrival <= now;
}

static void
restore_one(struct bfd *b, const struct bfd_record *r, int64_t now)
{
	int64_t interval = r->rx_us > r->remote_desired_tx_us ? r->rx_us : r->remote_desired_tx_us;
	int64_t detection = r->remote_multiplier * interval;
	const struct bfd_session *twin = bfd_table_serving(b, &r->key);

	if (!is_plausible(r, now) || twin || bfd_table_by_discr(b, r->local_discr))
		return;
	struct bfd_session *s = bfd_session_new(b, &r->key, r->local_discr, now);
	s->started = s->restored = true;
	s->source_port = r->source_port;
	s->diag = r->diag;
	s->p.detect_multiplier = r->detect_multiplier;
	s->p.min_ttl = r->min_ttl;
	s->p.tx_us = r->desired_tx_us;
	s->p.rx_us = r->required_rx_us;
	s->p.echo_tx_us = BFD_DEFAULT_ECHO_US;
	s->p.auth.type = r->auth_type; /* the key comes with the configuration: silent until then */
	s->p.auth.key_id = r->auth_key_id;
	s->p.shutdown = r->state == BFD_ADMIN_DOWN;
	s->auth.xmit_seq = r->xmit_auth_seq;
	s->auth.rcv_seq = r->rcv_auth_seq;
	s->auth.known = r->auth_seq_known && now - r->last_arrival < 2 * detection;
	if (r->sequence > b->sequence)
		b->sequence = r->sequence;
	bfd_poll_init(s);
	if (r->state == BFD_ADMIN_DOWN || (r->last_arrival && now - r->last_arrival < detection)) {
		resume(s, r, now);
		s->sequence = r->sequence;
		bfd_session_arm_detection(s);
	} else if (r->liveness == BFD_LIVE_UP) {
		s->diag = BFD_DIAG_EXPIRED;
		timer_set(b->timers, &s->end, now + BFD_VERDICT, verdict_due, s);
	} else {
		s->liveness = r->liveness;
		s->sequence = r->sequence;
	}
	s->tx.soon = true; /* the peer has not heard of us for a while */
	bfd_session_settle(s, now);
}

static void
restore_ended(void *arg, int64_t now)
{
	struct bfd *b = arg;

	for (size_t i = b->count; i-- > 0;) { /* ends may remove the entry, nothing before it */
		struct bfd_session *s = b->order[i];
		if (s->restored && TAILQ_EMPTY(&s->claims))
			bfd_session_end(s, now);
		else
			s->restored = false;
	}
}

void
bfd_restore(struct bfd *b, const struct bfd_record *records, size_t count, int64_t now)
{
	for (size_t i = 0; i < count; i++)
		restore_one(b, &records[i], now);
	timer_set(b->timers, &b->restore_end, now + BFD_RESTORE_GRACE, restore_ended, b);
}
