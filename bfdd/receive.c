/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reception of control packets: RFC 5880 6.8.6 step by step. Whatever is discarded is counted by its
 * reason, told to the log, and changes nothing else.
 */
#include "bfdd/core.h"

#include <string.h>

void
bfd_drop(struct bfd *b, struct bfd_session *s, enum bfd_drop why, const struct bfd_rx *rx)
{
	struct bfd_log l = {.kind = BFD_LOG_DROPPED, .reason = (uint8_t)why, .src = rx->src, .ttl = rx->ttl,
		.at = rx->arrived};

	b->total.drops[why]++;
	l.key.ifindex = rx->ifindex;
	l.key.multihop = rx->dst_port == BFD_PORT_MULTI;
	if (s) {
		s->count.drops[why]++;
		s->last_drop = (uint8_t)why;
		s->last_drop_at = rx->arrived;
		l.key = s->key;
	}
	if (why == BFD_DROP_ADMIN_DOWN)
		return; /* the peer may well go on talking: nothing to shout about */
	l.len = (uint8_t)(rx->len < sizeof(l.bytes) ? rx->len : sizeof(l.bytes));
	if (l.len > BFD_HEADER_LEN && rx->bytes[BFD_HEADER_LEN] == BFD_AUTH_SIMPLE)
		l.len = BFD_HEADER_LEN; /* what follows may be a password */
	memcpy(l.bytes, rx->bytes, l.len);
	b->ops->log(b->arg, &l);
}

/* Is it from where this session's packets come? RFC 5881 3, 5; RFC 5883 3. */
static enum bfd_drop
check_path(const struct bfd_session *s, const struct bfd_rx *rx, bool multihop)
{
	if (s->key.multihop != multihop)
		return BFD_DROP_HOPS;
	if (ipaddr_cmp(&s->key.peer, &rx->src))
		return BFD_DROP_SOURCE; /* ours: a discriminator alone is no identity */
	if (s->key.ifindex && s->key.ifindex != rx->ifindex)
		return BFD_DROP_INTERFACE;
	if (s->key.local.afi && ipaddr_cmp(&s->key.local, &rx->dst))
		return BFD_DROP_DESTINATION;
	return rx->ttl < s->p.min_ttl ? BFD_DROP_TTL : BFD_DROP_NONE;
}

static enum bfd_drop
find_session(struct bfd *b, const struct bfd_rx *rx, const struct bfd_packet *p, struct bfd_session **out)
{
	bool multihop = rx->dst_port == BFD_PORT_MULTI;
	enum bfd_drop why;

	*out = NULL;
	if (rx->dst_port != BFD_PORT_SINGLE && !multihop)
		return BFD_DROP_PORT;
	if (!multihop && rx->ttl != 255) /* RFC 5881 5; before it costs anything */
		return BFD_DROP_TTL;
	if (p->your_discr) {
		*out = bfd_table_by_discr(b, p->your_discr);
		return *out ? check_path(*out, rx, multihop) : BFD_DROP_YOUR_DISCR_UNKNOWN;
	}
	if (p->state != BFD_DOWN && p->state != BFD_ADMIN_DOWN)
		return BFD_DROP_YOUR_DISCR_ZERO;
	*out = bfd_table_match(b, rx, multihop, &why);
	return *out ? check_path(*out, rx, multihop) : why;
}

/* What the packet says of the peer; what follows for our sending and detecting. */
static void
learn(struct bfd_session *s, const struct bfd_packet *p, const struct bfd_rx *rx)
{
	struct bfd_remote *r = &s->remote;

	r->discr = p->my_discr;
	r->state = p->state;
	r->diag = p->diag;
	r->demand = p->demand;
	r->required_rx_us = p->required_rx_us;
	r->echo_rx_us = p->echo_rx_us;
	r->desired_tx_us = p->desired_tx_us;
	r->multiplier = p->multiplier;
	bfd_session_heard(s, rx->arrived);
	if (p->final)
		bfd_poll_answered(s);
	bfd_session_arm_detection(s);
}

void
bfd_packet_received(struct bfd *b, const struct bfd_rx *rx, int64_t now)
{
	static const enum bfd_event events[] = {BFD_EV_RX_ADMIN_DOWN, BFD_EV_RX_DOWN, BFD_EV_RX_INIT, BFD_EV_RX_UP};
	struct bfd_packet p;
	struct bfd_session *s = NULL;

	if (rx->dst_port == BFD_PORT_ECHO) {
		bfd_echo_received(b, rx, now);
		return;
	}
	enum bfd_drop why = bfd_packet_get(rx->bytes, rx->len, &p);
	if (why == BFD_DROP_NONE)
		why = find_session(b, rx, &p, &s);
	if (why == BFD_DROP_NONE)
		why = bfd_auth_check(s, &p, rx->bytes);
	if (why != BFD_DROP_NONE) {
		bfd_drop(b, s, why, rx);
		return;
	}
	learn(s, &p, rx);
	if (s->fsm.state == BFD_ADMIN_DOWN) {
		bfd_drop(b, s, BFD_DROP_ADMIN_DOWN, rx);
	} else {
		s->count.control_rx++;
		b->total.control_rx++;
		bfd_fsm_event(s, events[p.state], rx->arrived, now);
	}
	bfd_echo_update(s, now);
	if (p.poll && s->fsm.state != BFD_ADMIN_DOWN) {
		bfd_session_send(s, true, now); /* at once, whatever the schedule says */
		s->tx.soon &= s->poll.active;   /* it has just told everything but our own poll */
	}
	bfd_session_settle(s, now);
}
