/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a BFD session sends, polls, detects and echoes, in virtual time: RFC 5880 6.5, 6.8.2 - 6.8.4, 6.8.7,
 * 6.8.9.
 */
#include "tests/unit/bfd_world.h"
#include "tests/unit/unit.h"

#define PEER0 BW_PEER("10.0.0.2") /* what side 0 configures */
#define PEER1 BW_PEER("10.0.0.1")
#define MS50  50000

static struct bw *
world_up(uint64_t seed, uint32_t us)
{
	struct bw *w = bw_new(seed);

	bw_wanted(w, 0, us);
	bw_wanted(w, 1, us);
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && !bw_view(w, 0).polling && !bw_view(w, 1).polling);
	return w;
}

/* The least, greatest and mean gap between what side n has sent since `from`. */
struct gaps {
	int64_t least, most, mean;
	unsigned count;
};
static struct gaps
gaps_since(const struct bw_side *s, unsigned from)
{
	struct gaps g = {.least = TIME_NEVER};

	for (unsigned i = from + 1; i < s->sent; i++) {
		int64_t gap = s->sent_at[i % BW_SENT] - s->sent_at[(i - 1) % BW_SENT];
		g.least = gap < g.least ? gap : g.least;
		g.most = gap > g.most ? gap : g.most;
		g.mean += gap;
		g.count++;
	}
	g.mean = g.count ? g.mean / g.count : 0;
	return g;
}

static void
slow_until_up(void)
{
	struct bw *w = bw_new(1);
	bw_wanted(w, 0, MS50);
	bw_run(w, 60 * TIME_SEC);
	struct gaps g = gaps_since(&w->side[0], 0);
	CU_ASSERT(g.least >= 750 * TIME_MS && g.most <= 1000 * TIME_MS && g.count > 55);
	CU_ASSERT(w->side[0].last_sent.desired_tx_us == 1000000 && w->side[0].last_sent.required_rx_us == MS50);
	CU_ASSERT(bw_view(w, 0).tx_us == 1000000);
	bw_wanted(w, 1, MS50);
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[0].last_sent.desired_tx_us == MS50);
	/* fallen, it is slow again */
	w->cut[0] = w->cut[1] = true;
	bw_run(w, TIME_SEC);
	unsigned from = w->side[0].sent;
	bw_run(w, 30 * TIME_SEC);
	g = gaps_since(&w->side[0], from);
	CU_ASSERT(g.least >= 750 * TIME_MS && w->side[0].last_sent.desired_tx_us == 1000000);
	bw_free(w);
}

static void
jitter(void)
{
	for (unsigned one = 0; one < 2; one++) {
		struct bw *w = bw_new(2 + one);
		CU_ASSERT(BW_EDIT(w, 0, one ? PEER0 "/detect-multiplier=1" : PEER0 "/detect-multiplier=3"));
		bw_wanted(w, 0, MS50);
		bw_wanted(w, 1, MS50);
		bw_run(w, 5 * TIME_SEC);
		unsigned from = w->side[0].sent;
		bw_run(w, 100 * TIME_SEC);
		struct gaps g = gaps_since(&w->side[0], from);
		CU_ASSERT(bw_both_up(w) && bw_view(w, 1).count.downs == 0);
		/* 6.8.7: 75 to 100 %, or 90 % with a multiplier of 1; all of the range is used */
		int64_t most = one ? 45000 : 50000, middle = (37500 + most) / 2;
		CU_ASSERT(g.least >= 37500 && g.most <= most && g.count > 2000);
		CU_ASSERT(g.least < 37700 && g.most > most - 200 && g.mean > middle - 200 && g.mean < middle + 200);
		uint32_t gap = bw_view(w, 0).last_gap_us;
		CU_ASSERT(gap >= 37500 && gap <= most);
		bw_free(w);
	}
}

static void
least_interval(void)
{
	struct bw *w = world_up(4, 3300);
	unsigned from = w->side[0].sent;
	bw_run(w, 10 * TIME_SEC);
	struct gaps g = gaps_since(&w->side[0], from);
	CU_ASSERT(bw_both_up(w) && g.least >= 2475 && g.most <= 3300 && g.count > 3000);
	CU_ASSERT(bw_view(w, 0).detection_us == 9900);
	w->cut[0] = true;
	bw_run(w, 11 * TIME_MS);
	CU_ASSERT(w->side[1].last.liveness == BFD_LIVE_DOWN);
	bw_free(w);
}

static void
lateness_shifts_nothing(void)
{
	struct bw *late = world_up(5, MS50), *exact = world_up(5, MS50);
	unsigned from = late->side[0].sent;
	CU_ASSERT(from == exact->side[0].sent);
	for (unsigned i = 0; i < 400; i++) { /* awake every 25 ms only */
		late->side[0].wakes = late->now + 25 * TIME_MS;
		bw_run(late, 25 * TIME_MS);
	}
	bw_run(exact, 10 * TIME_SEC);
	/* each packet is late by less than that, and none has moved those behind it */
	CU_ASSERT(late->side[0].sent - from >= 225 && late->side[0].sent <= exact->side[0].sent + 1 &&
		late->side[0].sent + 1 >= exact->side[0].sent);
	for (unsigned i = from; i < late->side[0].sent && i < exact->side[0].sent; i++)
		CU_ASSERT(late->side[0].sent_at[i] >= exact->side[0].sent_at[i] &&
			late->side[0].sent_at[i] <= exact->side[0].sent_at[i] + 25 * TIME_MS);
	/* a long sleep is no burst */
	late->side[0].wakes = late->now + 100 * TIME_SEC;
	bw_run(late, 100 * TIME_SEC - 1);
	unsigned before = late->side[0].sent;
	bw_run(late, 10 * TIME_MS);
	CU_ASSERT(late->side[0].sent - before < 6);
	bw_free(late);
	bw_free(exact);
}

static bool
lose_finals(struct bw *w, struct bw_packet *p)
{
	(void)w;
	return !(p->bytes[1] & 0x10);
}

static void
slower_sending_waits_for_the_answer(void)
{
	struct bw *w = world_up(6, MS50);
	unsigned finals = w->side[1].finals;
	w->meddle = lose_finals;
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/desired-min-tx-interval=500000"));
	CU_ASSERT(w->side[0].last_sent.poll && w->side[0].last_sent.desired_tx_us == 500000); /* said at once */
	unsigned from = w->side[0].sent;
	bw_run(w, 5 * TIME_SEC);
	struct gaps g = gaps_since(&w->side[0], from);
	/* 6.8.3: it MUST NOT change until the poll has ended */
	CU_ASSERT(g.most <= 50000 && bw_view(w, 0).polling && bw_view(w, 0).tx_us == MS50);
	CU_ASSERT(w->side[1].finals > finals + 90 && w->side[0].last_sent.poll);
	w->meddle = NULL;
	bw_run(w, TIME_SEC);
	CU_ASSERT(!bw_view(w, 0).polling && bw_view(w, 0).tx_us == 500000 && !w->side[0].last_sent.poll);
	CU_ASSERT(bw_view(w, 1).detection_us == 1500000);
	from = w->side[0].sent;
	bw_run(w, 60 * TIME_SEC);
	g = gaps_since(&w->side[0], from);
	CU_ASSERT(g.least >= 375 * TIME_MS && g.most <= 500 * TIME_MS && bw_both_up(w));
	CU_ASSERT(bw_view(w, 1).count.downs == 0 && w->side[0].malformed == 0 && w->side[1].malformed == 0);
	bw_free(w);
}

static void
faster_receiving_waits_for_the_answer(void)
{
	struct bw *w = bw_new(7);
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/required-min-rx-interval=400000", PEER0 "/desired-min-tx-interval=50000"));
	bw_wanted(w, 1, MS50);
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && bw_view(w, 0).detection_us == 1200000 && bw_view(w, 1).tx_us == 400000);
	w->cut[0] = true; /* the question is not heard for a while */
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/required-min-rx-interval=50000"));
	bw_run(w, 60 * TIME_MS);
	CU_ASSERT(bw_view(w, 0).detection_us == 1200000 && bw_view(w, 0).polling); /* 6.8.3: the previous value */
	w->cut[0] = false;
	bw_run(w, 100 * TIME_MS);
	CU_ASSERT(bw_view(w, 0).detection_us == 150000 && bw_view(w, 1).tx_us == MS50 && !bw_view(w, 0).polling);
	/* the other sends faster at once (6.8.3), it does not wait out its old interval */
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && bw_view(w, 0).count.downs == 0);
	bw_free(w);
}

static void
two_changes_need_two_answers(void)
{
	struct bw *w = world_up(8, MS50);
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/desired-min-tx-interval=300000"));
	bw_run(w, w->delay);
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/desired-min-tx-interval=600000"));
	unsigned finals = w->side[1].finals;
	bw_run(w, w->delay); /* the answer to the first is here */
	CU_ASSERT(w->side[1].finals == finals + 1 && bw_view(w, 0).polling && bw_view(w, 0).tx_us == MS50);
	bw_run(w, w->delay);
	CU_ASSERT(!bw_view(w, 0).polling && bw_view(w, 0).tx_us == 600000);
	bw_run(w, 20 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && bw_view(w, 1).count.downs == 0);
	bw_free(w);
}

static void
poll_is_answered_at_once(void)
{
	struct bw *w = world_up(9, 500000);
	struct bfd_view v = bw_view(w, 0);
	unsigned sent = w->side[0].sent, finals = w->side[0].finals;
	for (unsigned i = 0; i < 5; i++)
		bw_inject(w, 0, (struct bfd_packet){.state = BFD_UP, .my_discr = v.remote_discriminator, .poll = true,
			.your_discr = v.discriminator, .desired_tx_us = 500000, .required_rx_us = 500000},
			(struct bfd_rx){.ttl = 255});
	CU_ASSERT(w->side[0].sent == sent + 5 && w->side[0].finals == finals + 5 && !w->side[0].last_sent.poll);
	bw_free(w);
}

static void
detection_counts_arrivals(void)
{
	struct bw *w = bw_new(10);
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/detect-multiplier=50")); /* so that the other side is patient */
	bw_wanted(w, 0, MS50);
	bw_wanted(w, 1, MS50);
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && bw_view(w, 0).detection_us == 150000);
	/* a second asleep, while packets came: they are read first, and nobody is accused */
	for (unsigned i = 0; i < 10; i++) {
		w->side[0].wakes = w->now + TIME_SEC;
		bw_run(w, 3 * TIME_SEC);
	}
	CU_ASSERT(bw_both_up(w) && bw_view(w, 0).count.downs == 0);
	/* ours: a gap that had ended before anybody looked is no failure */
	w->side[0].wakes = w->now + TIME_SEC;
	w->cut[1] = true;
	bw_run(w, 300 * TIME_MS);
	w->cut[1] = false;
	bw_run(w, 3 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && bw_view(w, 0).count.downs == 0);
	/* asleep over a real failure, it still says when it happened */
	int64_t last = bw_view(w, 0).last_arrival;
	w->cut[1] = true;
	bw_run(w, TIME_MS);
	last = bw_view(w, 0).last_arrival;
	w->side[0].wakes = w->now + 400 * TIME_MS;
	bw_run(w, 500 * TIME_MS);
	CU_ASSERT(w->side[0].last.liveness == BFD_LIVE_DOWN && w->side[0].last.at == last + 150000);
	bw_free(w);
}

static void
detection_is_exact(void)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct bw *w = world_up(seed, MS50);
		bw_run(w, (int64_t)seed * TIME_MS);
		w->cut[0] = true;
		bw_run(w, 200 * TIME_MS);
		const struct bfd_change *c = &w->side[1].last;
		CU_ASSERT(c->liveness == BFD_LIVE_DOWN && c->diag == BFD_DIAG_EXPIRED);
		/* the last packet that was sent before the cut, its way, three intervals */
		int64_t last = bw_view(w, 1).last_arrival;
		CU_ASSERT(c->at == last + 150000 && c->at <= w->now && c->at - (w->now - 200 * TIME_MS) >= 99 * TIME_MS);
		bw_free(w);
	}
}

static void
peer_decides_too(void)
{
	struct bw *w = bw_new(11);
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/desired-min-tx-interval=20000", PEER0 "/required-min-rx-interval=70000",
		PEER0 "/detect-multiplier=4"));
	CU_ASSERT(BW_EDIT(w, 1, PEER1 "/desired-min-tx-interval=30000", PEER1 "/required-min-rx-interval=100000",
		PEER1 "/detect-multiplier=5"));
	bw_run(w, 5 * TIME_SEC);
	struct bfd_view a = bw_view(w, 0), b = bw_view(w, 1);
	/* 6.8.2, 6.8.4 */
	CU_ASSERT(a.tx_us == 100000 && b.tx_us == 70000);
	CU_ASSERT(a.detection_us == 5 * 70000 && b.detection_us == 4 * 100000);
	bw_free(w);
}

static void
demand_mode_of_the_peer(void)
{
	struct bw *w = bw_new(12);
	bw_wanted(w, 0, MS50);
	struct bfd_packet p = {.state = BFD_INIT, .my_discr = 77, .your_discr = bw_view(w, 0).discriminator,
		.desired_tx_us = MS50, .required_rx_us = MS50};
	struct bfd_rx rx = {.ttl = 255};
	bw_inject(w, 0, p, rx);
	CU_ASSERT(bw_view(w, 0).state == BFD_UP);
	p.state = BFD_UP;
	p.final = true; /* our poll about the new interval ends */
	bw_inject(w, 0, p, rx);
	p.final = false;
	for (unsigned i = 0; i < 40; i++) {
		p.demand = i >= 20;
		bw_run(w, MS50);
		unsigned sent = w->side[0].sent;
		bw_inject(w, 0, p, rx);
		bw_run(w, MS50);
		/* 6.6: no periodic packets for a peer in demand mode, while both are Up and nothing is polled */
		CU_ASSERT((w->side[0].sent == sent) == p.demand);
		CU_ASSERT(bw_view(w, 0).remote_demand == p.demand && (bw_view(w, 0).tx_us == 0) == p.demand);
	}
	p.poll = true; /* its question is answered */
	unsigned sent = w->side[0].sent;
	bw_inject(w, 0, p, rx);
	CU_ASSERT(w->side[0].sent == sent + 1 && w->side[0].last_sent.final);
	/* and ours is asked */
	p.poll = false;
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/desired-min-tx-interval=60000"));
	bw_run(w, 140 * TIME_MS);
	CU_ASSERT(w->side[0].sent >= sent + 4 && w->side[0].last_sent.poll);
	bw_run(w, 20 * TIME_MS); /* the peer is silent: detection goes on as ever, for we are in no demand mode */
	CU_ASSERT(w->side[0].last.diag == BFD_DIAG_EXPIRED);
	sent = w->side[0].sent;
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(w->side[0].sent > sent);
	bw_free(w);
}

static void
peer_wants_nothing(void)
{
	struct bw *w = world_up(13, MS50);
	struct bfd_view v = bw_view(w, 0);
	w->cut[1] = true;
	bw_inject(w, 0, (struct bfd_packet){.state = BFD_UP, .my_discr = v.remote_discriminator,
		.your_discr = v.discriminator, .desired_tx_us = MS50, .required_rx_us = 0}, (struct bfd_rx){.ttl = 255});
	unsigned sent = w->side[0].sent;
	bw_run(w, 140 * TIME_MS);
	CU_ASSERT(w->side[0].sent == sent && bw_view(w, 0).tx_us == 0); /* 6.8.7 */
	bw_free(w);
}

/* --- echo -------------------------------------------------------------------------------------------- */
static struct bw *
echo_world(uint64_t seed, bool loops)
{
	struct bw *w = bw_new(seed);

	w->loops_echo = loops;
	bw_wanted(w, 0, MS50);
	bw_wanted(w, 1, MS50);
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/echo-mode=true", PEER0 "/desired-min-echo-tx-interval=20000"));
	bw_run(w, 3 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[0].echoes == 0); /* 6.8.9: the peer does not offer it */
	CU_ASSERT(BW_EDIT(w, 1, PEER1 "/required-min-echo-rx-interval=30000"));
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[0].echoes > 100 && w->side[1].echoes == 0);
	return w;
}

static void
echo_detects(void)
{
	struct bw *w = echo_world(20, true);
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(v.echo_us == 30000 && v.echo_proven && v.echo_detection_us == 90000);
	CU_ASSERT(v.count.echo_rx + 2 >= v.count.echo_tx && v.rtt_count == v.count.echo_rx);
	CU_ASSERT(v.rtt_min_us == 1000 && v.rtt_max_us == 1000 && v.rtt_avg_us == 1000);
	/* 6.8.3: control packets have become few */
	CU_ASSERT(v.required_rx_us == 1000000 && bw_view(w, 1).tx_us == 1000000 && v.detection_us == 3000000);
	w->loops_echo = false;
	int64_t cut = w->now;
	unsigned before = w->side[0].change_count;
	bw_run(w, 150 * TIME_MS);
	const struct bfd_change *c = &w->side[0].changes[before];
	CU_ASSERT(c->liveness == BFD_LIVE_DOWN && c->diag == BFD_DIAG_ECHO_FAILED && c->state == BFD_DOWN);
	CU_ASSERT(c->at - cut <= 91 * TIME_MS && c->at - cut >= 60 * TIME_MS);
	CU_ASSERT(bw_view(w, 1).count.downs == 1);
	/* control packets bring it Up again at once, but the path stays dead as long as no echo comes back */
	bw_run(w, 10 * TIME_SEC);
	v = bw_view(w, 0);
	CU_ASSERT(bw_both_up(w) && v.count.downs == 1 && v.echo_failed && v.liveness == BFD_LIVE_DOWN);
	for (unsigned i = before; i < w->side[0].change_count; i++)
		CU_ASSERT(w->side[0].changes[i].liveness == BFD_LIVE_DOWN);
	w->loops_echo = true;
	bw_run(w, TIME_SEC);
	v = bw_view(w, 0);
	CU_ASSERT(w->side[0].last.liveness == BFD_LIVE_UP && !v.echo_failed && v.echo_proven && v.count.downs == 1);
	/* 6.8.9: not when it is not Up */
	w->cut[1] = true;
	bw_run(w, 4 * TIME_SEC);
	unsigned echoes = w->side[0].echoes;
	CU_ASSERT(bw_view(w, 0).state == BFD_DOWN);
	bw_run(w, 2 * TIME_SEC);
	CU_ASSERT(w->side[0].echoes == echoes);
	bw_free(w);
}

static void
echo_failure_ends_with_the_offer(void)
{
	struct bw *w = echo_world(24, true);
	w->loops_echo = false;
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[0].last.liveness == BFD_LIVE_DOWN);
	CU_ASSERT(BW_EDIT(w, 0, PEER0 "/echo-mode=false"));
	CU_ASSERT(w->side[0].last.liveness == BFD_LIVE_UP && bw_both_up(w));
	bw_free(w);
}

static void
echo_that_never_came_back_accuses_nobody(void)
{
	struct bw *w = echo_world(21, false);
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(!v.echo_proven && v.count.downs == 0 && v.count.echo_rx == 0 && v.detection_us == 150000);
	w->cut[1] = true;
	bw_run(w, 160 * TIME_MS);
	CU_ASSERT(w->side[0].last.liveness == BFD_LIVE_DOWN && w->side[0].last.diag == BFD_DIAG_EXPIRED);
	bw_free(w);
}

static void
echo_ceases_when_it_is_not_offered(void)
{
	struct bw *w = echo_world(22, true);
	CU_ASSERT(BW_EDIT(w, 1, PEER1 "/required-min-echo-rx-interval=0"));
	bw_run(w, TIME_SEC);
	unsigned echoes = w->side[0].echoes;
	bw_run(w, 5 * TIME_SEC);
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(w->side[0].echoes == echoes && bw_both_up(w) && v.count.downs == 0);
	CU_ASSERT(v.required_rx_us == MS50 && v.detection_us == 150000 && v.echo_us == 0);
	bw_free(w);
}

static bool keep_echo(struct bw *w, struct bw_packet *p);
static struct bw_packet kept;

static bool
keep_echo(struct bw *w, struct bw_packet *p)
{
	(void)w;
	if (p->rx.dst_port == BFD_PORT_ECHO)
		kept = *p;
	return true;
}

static void
echo_is_not_forged(void)
{
	struct bw *w = echo_world(23, true);
	struct bfd *b = w->side[0].b;
	const struct bfd_counters *c = bfd_total(b);
	w->meddle = keep_echo;
	bw_run(w, TIME_SEC);
	uint64_t heard = c->echo_rx;
	kept.rx.bytes = kept.bytes;
	kept.rx.arrived = w->now;
	while (c->echo_rx < c->echo_tx && heard + 10 > c->echo_rx)
		bw_run(w, TIME_MS); /* the kept one has certainly come back */
	heard = c->echo_rx;
	bfd_packet_received(b, &kept.rx, w->now);
	CU_ASSERT(c->drops[BFD_DROP_ECHO_REPLAY] == 1);
	for (size_t bit = 0; bit < kept.rx.len * 8; bit++) {
		kept.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		bfd_packet_received(b, &kept.rx, w->now);
		kept.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CU_ASSERT(c->drops[BFD_DROP_ECHO_FORGED] == kept.rx.len * 8 && c->echo_rx == heard);
	for (kept.rx.len = 0; kept.rx.len < 32; kept.rx.len++)
		bfd_packet_received(b, &kept.rx, w->now);
	CU_ASSERT(c->drops[BFD_DROP_ECHO_MALFORMED] == 32);
	/* another process's secret */
	bfd_packet_received(w->side[1].b, &kept.rx, w->now);
	CU_ASSERT(bfd_total(w->side[1].b)->drops[BFD_DROP_ECHO_FORGED] == 1);
	kept.rx.ifindex = 99;
	bfd_packet_received(b, &kept.rx, w->now);
	CU_ASSERT(c->drops[BFD_DROP_INTERFACE] == 1);
	bw_free(w);
}

static void
same_seed_same_run(void)
{
	struct bw *w[2];
	for (unsigned i = 0; i < 2; i++) {
		w[i] = bw_new(99);
		w[i]->loss_percent = 20;
		bw_wanted(w[i], 0, MS50);
		bw_wanted(w[i], 1, 20000);
		bw_run(w[i], 20 * TIME_SEC);
	}
	for (unsigned n = 0; n < 2; n++) {
		CU_ASSERT(w[0]->side[n].sent == w[1]->side[n].sent);
		CU_ASSERT(!memcmp(w[0]->side[n].sent_at, w[1]->side[n].sent_at, sizeof(w[0]->side[n].sent_at)));
		CU_ASSERT(w[0]->side[n].change_count == w[1]->side[n].change_count);
	}
	bw_free(w[0]);
	bw_free(w[1]);
}

UNIT_TESTS("bfd timing", {"5880-6.8.3 slow until Up", slow_until_up}, {"5880-6.8.7 jitter", jitter},
	{"3.3 ms", least_interval}, {"lateness shifts nothing", lateness_shifts_nothing},
	{"5880-6.8.3 slower sending waits for the answer", slower_sending_waits_for_the_answer},
	{"5880-6.8.3 faster receiving waits for the answer", faster_receiving_waits_for_the_answer},
	{"5880-6.5 two changes need two answers", two_changes_need_two_answers},
	{"5880-6.8.7 a poll is answered at once", poll_is_answered_at_once},
	{"detection counts arrivals", detection_counts_arrivals}, {"5880-6.8.4 detection is exact", detection_is_exact},
	{"5880-6.8.2 the peer decides, too", peer_decides_too}, {"5880-6.6 demand mode of the peer", demand_mode_of_the_peer},
	{"5880-6.8.7 a peer that wants nothing", peer_wants_nothing}, {"5880-6.8.9 echo detects", echo_detects},
	{"a failure by echo ends when echo does", echo_failure_ends_with_the_offer},
	{"echo that never came back accuses nobody", echo_that_never_came_back_accuses_nobody},
	{"5880-6.8.6 echo ceases when it is not offered", echo_ceases_when_it_is_not_offered},
	{"echo is not forged", echo_is_not_forged}, {"same seed, same run", same_seed_same_run})
