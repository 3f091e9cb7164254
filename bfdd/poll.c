/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Poll sequences (RFC 5880 6.5) and when a changed interval counts (6.8.3).
 *
 *	wanted by params and state -> said in our packets at once, with P until F comes
 *	                           -> in use at once, except while Up: slower sending and faster
 *	                              receiving wait for F, or the peer would take the change for a failure
 */
#include "bfdd/core.h"

static uint32_t
slowed(uint32_t us)
{
	return us < BFD_SLOW_US ? BFD_SLOW_US : us;
}

static uint32_t
wanted_tx(const struct bfd_session *s)
{
	return s->fsm.state == BFD_UP ? s->p.tx_us : slowed(s->p.tx_us);
}

/* 6.8.3: with the echo function active, control packets may be few. */
static uint32_t
wanted_rx(const struct bfd_session *s)
{
	return s->echo.active && s->echo.proven ? slowed(s->p.rx_us) : s->p.rx_us;
}

static void
count_all(struct bfd_session *s)
{
	s->poll.tx_us = s->poll.desired_tx_us;
	s->poll.rx_us = s->poll.required_rx_us;
}

void
bfd_poll_init(struct bfd_session *s)
{
	s->poll = (struct bfd_poll_state){.desired_tx_us = wanted_tx(s), .required_rx_us = wanted_rx(s)};
	count_all(s);
}

void
bfd_poll_update(struct bfd_session *s)
{
	struct bfd_poll_state *q = &s->poll;
	uint32_t tx = wanted_tx(s), rx = wanted_rx(s);

	if (tx == q->desired_tx_us && rx == q->required_rx_us)
		return;
	q->desired_tx_us = tx;
	q->required_rx_us = rx;
	bool up = s->fsm.state == BFD_UP;
	if (!up || tx < q->tx_us)
		q->tx_us = tx;
	if (!up || rx > q->rx_us)
		q->rx_us = rx;
	if (s->remote.discr) { /* else there is nobody to ask */
		q->again = q->active;
		q->active = true;
	}
	s->tx.soon = true; /* 6.8.7: its contents differ from the last packet's */
}

void
bfd_poll_answered(struct bfd_session *s)
{
	if (!s->poll.active)
		return;
	if (s->poll.again) { /* the answer may have been to the values before */
		s->poll.again = false;
		return;
	}
	s->poll.active = false;
	count_all(s);
}

void
bfd_poll_abandon(struct bfd_session *s)
{
	s->poll.active = s->poll.again = false;
	count_all(s);
}
