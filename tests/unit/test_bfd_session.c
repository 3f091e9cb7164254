/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a BFD session between two cores: coming up, failing, being disabled, wanted and unwanted,
 * killed and restored; what clients are told; what is refused.
 */
#include "tests/unit/bfd_world.h"
#include "tests/unit/unit.h"

#define MS50 50000

static struct bw *
world_up(uint64_t seed)
{
	struct bw *w = bw_new(seed);

	bw_wanted(w, 0, MS50);
	bw_wanted(w, 1, MS50);
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	return w;
}

static void
comes_up(void)
{
	struct bw *w = bw_new(1);
	struct bw_side *a = &w->side[0];
	bw_wanted(w, 0, MS50);
	CU_ASSERT(a->opened == 1 && a->sent == 1); /* at once */
	CU_ASSERT(a->change_count == 1 && a->last.liveness == BFD_LIVE_UNKNOWN && a->last.state == BFD_DOWN);
	CU_ASSERT(a->last_sent.your_discr == 0 && a->last_sent.desired_tx_us == 1000000);
	bw_run(w, 10 * TIME_SEC);
	CU_ASSERT(bw_view(w, 0).state == BFD_DOWN && a->change_count == 1);
	bw_wanted(w, 1, MS50);
	bw_run(w, 2 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && a->last.liveness == BFD_LIVE_UP && w->side[1].last.liveness == BFD_LIVE_UP);
	struct bfd_view v = bw_view(w, 0), u = bw_view(w, 1);
	CU_ASSERT(v.discriminator != u.discriminator && v.remote_discriminator == u.discriminator);
	CU_ASSERT(v.remote_state == BFD_UP && v.diag == BFD_DIAG_NONE && v.count.ups == 1 && v.count.downs == 0);
	CU_ASSERT(v.detection_us == 150000 && v.tx_us == MS50 && v.remote_multiplier == 3);
	CU_ASSERT(v.remote_desired_tx_us == MS50 && v.remote_required_rx_us == MS50);
	CU_ASSERT(v.history_count >= 1 && v.history[0].to == BFD_UP);
	CU_ASSERT(a->malformed == 0 && bfd_drops_sum(&v.count) == 0);
	bw_free(w);
}

/* Wishes of several clients and a statement, each leaving something else open: one session on the wire. */
static void
one_session_on_the_wire(void)
{
	struct bw *w = bw_new(20);
	for (unsigned n = 0; n < 2; n++) {
		struct bfd_want want = bw_want(w, n, MS50);
		CU_ASSERT(n ? BW_EDIT(w, 1, BW_PEER("10.0.0.1")) : BW_EDIT(w, 0, BW_PEER("10.0.0.2")));
		bfd_client_opened(w->side[n].b, 1, "ospf", 0, w->now);
		bfd_client_opened(w->side[n].b, 2, "static", 0, w->now);
		want.key.local = w->side[n].addr;
		bfd_session_wanted(w->side[n].b, 1, 1, &want, w->now);
		want.key.local.afi = AFI_NONE;
		want.key.ifindex = 0;
		bfd_session_wanted(w->side[n].b, 2, 1, &want, w->now);
		want.key.ifindex = BW_IFINDEX;
		bfd_session_wanted(w->side[n].b, 2, 2, &want, w->now);
		CU_ASSERT(bfd_session_count(w->side[n].b) == 1);
	}
	bw_run(w, 20 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && bw_view(w, 0).count.downs == 0 && bw_view(w, 0).holder_count == 3);
	CU_ASSERT(BW_EDIT(w, 0, "-" BW_PEER("10.0.0.2")));
	bw_run(w, TIME_SEC);
	CU_ASSERT(bw_both_up(w) && bw_view(w, 0).count.downs == 0 && !bw_view(w, 0).configured);
	bw_free(w);
}

static void
fails_and_comes_back(void)
{
	struct bw *w = world_up(2);
	uint64_t up = w->side[1].last.sequence;
	w->cut[0] = true; /* one direction only */
	bw_run(w, TIME_SEC);
	/* the deaf side detects, and tells the other (6.8.6: diagnostic 3) */
	CU_ASSERT(w->side[1].last.liveness == BFD_LIVE_DOWN && w->side[1].last.diag == BFD_DIAG_EXPIRED);
	CU_ASSERT(w->side[0].last.liveness == BFD_LIVE_DOWN && w->side[0].last.diag == BFD_DIAG_NEIGHBOR_DOWN);
	CU_ASSERT(w->side[0].last.remote_diag == BFD_DIAG_EXPIRED);
	CU_ASSERT(w->side[1].last.sequence > up);
	/* 6.8.1: it forgets the discriminator it has not heard for a detection time, the other does not */
	CU_ASSERT(bw_view(w, 1).remote_discriminator == 0 && bw_view(w, 0).remote_discriminator != 0);
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_view(w, 0).state <= BFD_INIT && bw_view(w, 1).state == BFD_DOWN);
	CU_ASSERT(w->side[1].last.liveness == BFD_LIVE_DOWN);
	w->cut[0] = false;
	bw_run(w, 3 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[0].last.liveness == BFD_LIVE_UP);
	CU_ASSERT(bw_view(w, 1).count.ups == 2 && bw_view(w, 1).count.downs == 1);
	for (unsigned n = 0; n < 2; n++)
		for (unsigned i = 1; i < w->side[n].change_count; i++)
			CU_ASSERT(w->side[n].changes[i].sequence >= w->side[n].changes[i - 1].sequence &&
				(w->side[n].changes[i].liveness == w->side[n].changes[i - 1].liveness) ==
				(w->side[n].changes[i].sequence == w->side[n].changes[i - 1].sequence));
	bw_free(w);
}

static bool
lose_first_admin_down(struct bw *w, struct bw_packet *p)
{
	if (p->bytes[1] >> 6 != BFD_ADMIN_DOWN)
		return true;
	w->meddle = NULL;
	return false;
}

static void
disabled_is_no_failure(void)
{
	struct bw *w = world_up(3);
	uint64_t sequence = w->side[1].last.sequence;
	w->meddle = lose_first_admin_down; /* one lost farewell does not look like a failure */
	CU_ASSERT(BW_EDIT(w, 0, BW_PEER("10.0.0.2") "/shutdown=true"));
	CU_ASSERT(w->side[0].last.state == BFD_ADMIN_DOWN && w->side[0].last.liveness == BFD_LIVE_UNKNOWN);
	CU_ASSERT(w->side[0].last_sent.state == BFD_ADMIN_DOWN && w->side[0].last_sent.diag == BFD_DIAG_ADMIN_DOWN);
	bw_run(w, 10 * TIME_SEC);
	CU_ASSERT(!w->meddle);
	CU_ASSERT(w->side[1].last.liveness == BFD_LIVE_UNKNOWN && w->side[1].last.diag == BFD_DIAG_NEIGHBOR_DOWN);
	CU_ASSERT(w->side[1].last.remote_state == BFD_ADMIN_DOWN && w->side[1].last.sequence > sequence);
	for (unsigned i = 0; i < w->side[1].change_count; i++)
		CU_ASSERT(w->side[1].changes[i].liveness != BFD_LIVE_DOWN);
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(v.count.drops[BFD_DROP_ADMIN_DOWN] > 0 && v.state == BFD_ADMIN_DOWN && w->side[0].logs == 0);
	CU_ASSERT(BW_EDIT(w, 0, BW_PEER("10.0.0.2") "/shutdown=false"));
	bw_run(w, 3 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	bw_free(w);
}

static void
admin_down_takes_a_failure_back(void)
{
	struct bw *w = world_up(4);
	w->cut[0] = true;
	bw_run(w, TIME_SEC);
	CU_ASSERT(w->side[1].last.liveness == BFD_LIVE_DOWN);
	uint64_t sequence = w->side[1].last.sequence;
	bw_inject(w, 1, (struct bfd_packet){.state = BFD_ADMIN_DOWN, .my_discr = 5, .diag = BFD_DIAG_ADMIN_DOWN},
		(struct bfd_rx){.ttl = 255});
	CU_ASSERT(w->side[1].last.liveness == BFD_LIVE_UNKNOWN && w->side[1].last.sequence > sequence);
	CU_ASSERT(w->side[1].last.state == BFD_DOWN);
	bw_free(w);
}

static void
passive_waits(void)
{
	struct bw *w = bw_new(5);
	CU_ASSERT(BW_EDIT(w, 0, BW_PEER("10.0.0.2") "/passive-mode=true"));
	CU_ASSERT(BW_EDIT(w, 1, BW_PEER("10.0.0.1") "/passive-mode=true"));
	bw_run(w, 10 * TIME_SEC);
	CU_ASSERT(w->side[0].sent == 0 && w->side[1].sent == 0);
	CU_ASSERT(BW_EDIT(w, 1, BW_PEER("10.0.0.1") "/passive-mode=false"));
	bw_run(w, 3 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	/* it still tells that it has detected a failure, and then is silent again */
	w->cut[1] = true;
	bw_run(w, 2 * TIME_SEC);
	CU_ASSERT(w->side[1].last.diag == BFD_DIAG_NEIGHBOR_DOWN && w->side[0].last.diag == BFD_DIAG_EXPIRED);
	unsigned sent = w->side[0].sent;
	bw_run(w, 10 * TIME_SEC);
	CU_ASSERT(w->side[0].sent == sent);
	bw_free(w);
}

static void
unwanted_says_goodbye(void)
{
	struct bw *w = world_up(6);
	uint32_t discr = bw_view(w, 0).discriminator;
	w->meddle = lose_first_admin_down;
	bfd_session_unwanted(w->side[0].b, 1, 1, w->now);
	CU_ASSERT(w->side[0].last.gone && bfd_session_count(w->side[0].b) == 0 && w->side[0].closed == 0);
	CU_ASSERT(w->side[0].record_count == 0 && w->side[0].last.liveness == BFD_LIVE_UNKNOWN);
	bw_run(w, TIME_SEC);
	CU_ASSERT(w->side[0].closed == 1 && w->side[1].last.liveness == BFD_LIVE_UNKNOWN);
	/* wanted again while it says goodbye, the same session goes on */
	bw_wanted(w, 0, MS50);
	bw_run(w, 3 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	uint32_t second = bw_view(w, 0).discriminator;
	CU_ASSERT(second != discr);
	bfd_session_unwanted(w->side[0].b, 1, 1, w->now);
	bw_run(w, 60 * TIME_MS);
	struct bfd_want want = bw_want(w, 0, MS50);
	bfd_session_wanted(w->side[0].b, 1, 2, &want, w->now);
	CU_ASSERT(bw_view(w, 0).discriminator == second && w->side[0].last.state == BFD_DOWN && !w->side[0].last.gone);
	bw_run(w, 3 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[0].opened == 2 && w->side[0].closed == 1);
	bw_free(w);
}

static void
grace_of_a_client(void)
{
	struct bw *w = world_up(7);
	struct bfd *b = w->side[0].b;
	struct bfd_want other = bw_want(w, 0, MS50), same = other;
	other.key.peer = ipaddr_from_ip4(0x0a000055);
	bfd_session_wanted(b, 1, 2, &other, w->now);
	CU_ASSERT(bfd_session_count(b) == 2);
	unsigned changes = w->side[1].change_count;
	bfd_client_closed(b, 1, w->now);
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && bw_view(w, 0).holder_gone[0]);
	/* it is back and wants one of the two: the other ends when it says that this was all */
	bfd_client_opened(b, 9, "test", 10 * TIME_SEC, w->now);
	bfd_session_wanted(b, 9, 1, &same, w->now);
	CU_ASSERT(bfd_session_count(b) == 2);
	bfd_replay_ended(b, 9, w->now);
	CU_ASSERT(bfd_session_count(b) == 1 && bw_view(w, 0).holder_count == 1);
	bw_run(w, 30 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[1].change_count == changes);
	/* it does not come back */
	bfd_client_closed(b, 9, w->now);
	bw_run(w, 9 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	bw_run(w, 2 * TIME_SEC);
	CU_ASSERT(bfd_session_count(b) == 0 && w->side[1].last.liveness == BFD_LIVE_UNKNOWN);
	bw_free(w);
}

static void
survives_kill(void)
{
	struct bw *w = world_up(8);
	struct bw_side *a = &w->side[0];
	unsigned changes = w->side[1].change_count;
	uint32_t discr = bw_view(w, 0).discriminator;
	uint64_t sequence = a->last.sequence;
	CU_ASSERT(a->record_count == 1);
	bw_death(w, 0);
	bw_run(w, 80 * TIME_MS);
	bw_birth(w, 0);
	bfd_restore(a->b, a->records, a->record_count, w->now);
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(v.discriminator == discr && v.state == BFD_UP && v.liveness == BFD_LIVE_UP && v.restored);
	CU_ASSERT(a->last.sequence == sequence);
	bw_run(w, 20 * TIME_SEC); /* clients take their time */
	bw_wanted(w, 0, MS50);
	bw_run(w, 60 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[1].change_count == changes && bw_view(w, 0).discriminator == discr);
	CU_ASSERT(bw_view(w, 1).count.downs == 0 && !bw_view(w, 0).restored);
	/* one that nobody asks for again ends */
	bw_death(w, 0);
	bw_birth(w, 0);
	bfd_restore(a->b, a->records, a->record_count, w->now);
	bw_run(w, 59 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	bw_run(w, 2 * TIME_SEC);
	CU_ASSERT(bfd_session_count(a->b) == 0 && w->side[1].last.liveness == BFD_LIVE_UNKNOWN);
	bw_free(w);
}

static void
restored_too_late(void)
{
	for (unsigned dead = 0; dead < 2; dead++) {
		struct bw *w = world_up(9);
		struct bw_side *a = &w->side[0];
		uint64_t sequence = a->last.sequence;
		unsigned changes = a->change_count;
		bw_death(w, 0);
		w->cut[0] = w->cut[1] = true;
		bw_run(w, TIME_SEC);
		bw_birth(w, 0);
		w->cut[0] = w->cut[1] = dead;
		bfd_restore(a->b, a->records, a->record_count, w->now);
		bw_wanted(w, 0, MS50);
		struct bfd_view v = bw_view(w, 0);
		CU_ASSERT(v.state == BFD_DOWN && v.liveness == BFD_LIVE_UNKNOWN && v.remote_discriminator == 0);
		bw_run(w, 3 * TIME_SEC);
		/* it says Up when it is, Down when it does not come back, and no Down before it was tried */
		CU_ASSERT(dead ? a->change_count == changes : bw_both_up(w));
		bw_run(w, 3 * TIME_SEC);
		CU_ASSERT(a->last.liveness == (dead ? BFD_LIVE_DOWN : BFD_LIVE_UP) && a->last.sequence > sequence);
		bw_free(w);
	}
}

static void
restore_refuses_nonsense(void)
{
	struct bw *w = world_up(10);
	struct bw_side *a = &w->side[0];
	struct bfd_record good = a->records[0], r[6];
	bw_death(w, 0);
	bw_birth(w, 0);
	for (unsigned i = 0; i < 6; i++)
		r[i] = good;
	r[0].state = 4;
	r[1].local_discr = 0;
	r[2].key.peer.afi = 77;
	r[3].detect_multiplier = 0;
	r[4].last_arrival = w->now + TIME_SEC;
	r[5].auth_type = 9;
	bfd_restore(a->b, r, 6, w->now);
	CU_ASSERT(bfd_session_count(a->b) == 0);
	r[0] = r[1] = good; /* twice the same is once */
	bfd_restore(a->b, r, 2, w->now);
	CU_ASSERT(bfd_session_count(a->b) == 1);
	bw_free(w);
}

static void
stopped_daemon_is_no_failure(void)
{
	struct bw *w = world_up(11);
	bfd_shutdown(w->side[0].b, w->now);
	CU_ASSERT(w->side[0].last.state == BFD_ADMIN_DOWN && w->side[0].record_count == 0);
	bw_run(w, 10 * TIME_MS);
	CU_ASSERT(w->side[1].last.liveness == BFD_LIVE_UNKNOWN && w->side[1].last.diag == BFD_DIAG_NEIGHBOR_DOWN);
	bw_free(w);
}

static void
interface_goes(void)
{
	struct bw *w = world_up(12);
	bfd_interface_changed(w->side[0].b, BW_IFINDEX, "eth0", true, false, w->now);
	CU_ASSERT(bw_both_up(w));
	bfd_interface_changed(w->side[0].b, BW_IFINDEX, "eth0", false, false, w->now);
	CU_ASSERT(w->side[0].last.liveness == BFD_LIVE_DOWN && w->side[0].last.diag == BFD_DIAG_PATH_DOWN);
	CU_ASSERT(w->side[0].last.at == w->now);
	bfd_interface_changed(w->side[0].b, BW_IFINDEX, "eth0", true, false, w->now);
	bw_run(w, 3 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	bw_free(w);
}

static void
multihop_counts_hops(void)
{
	struct bw *w = bw_new(13);
	w->multihop = true;
	w->hops = 3;
	bw_wanted(w, 0, MS50);
	bw_wanted(w, 1, MS50);
	bw_run(w, 5 * TIME_SEC);
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(v.state == BFD_DOWN && v.count.drops[BFD_DROP_TTL] > 3 && v.key.multihop);
	struct bfd_want want = bw_want(w, 0, MS50);
	want.min_ttl = 252;
	bfd_session_wanted(w->side[0].b, 1, 1, &want, w->now);
	want = bw_want(w, 1, MS50);
	want.min_ttl = 252;
	bfd_session_wanted(w->side[1].b, 1, 1, &want, w->now);
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	w->hops = 4;
	bw_run(w, TIME_SEC);
	CU_ASSERT(bw_view(w, 0).state != BFD_UP);
	bw_free(w);
}

static void
each_discard_changes_nothing(void)
{
	struct bw *w = world_up(14);
	struct bfd_view before = bw_view(w, 0);
	struct bfd_packet ok = {.state = BFD_UP, .my_discr = before.remote_discriminator,
		.your_discr = before.discriminator, .desired_tx_us = 7777, .required_rx_us = 8888, .poll = true};
	struct bfd_packet p;
	struct bfd_rx rx, no = {.ttl = 255};
	unsigned sent = w->side[0].sent, changes = w->side[0].change_count;
#define DROPS(why)                                                                                 \
	do {                                                                                       \
		uint64_t had = bfd_total(w->side[0].b)->drops[why];                                \
		bw_inject(w, 0, p, rx);                                                            \
		CU_ASSERT(bfd_total(w->side[0].b)->drops[why] == had + 1);                         \
		CU_ASSERT(w->side[0].last_log.reason == (why) && w->side[0].last_log.len == 24);   \
	} while (0)
	p = ok, rx = no, p.length = 23, p.state = BFD_DOWN;
	DROPS(BFD_DROP_LENGTH_SMALL);
	p = ok, rx = no, p.final = true;
	DROPS(BFD_DROP_POLL_FINAL);
	p = ok, rx = no, p.my_discr = 0;
	DROPS(BFD_DROP_MY_DISCR);
	p = ok, rx = no, rx.dst_port = 3786;
	DROPS(BFD_DROP_PORT);
	p = ok, rx = no, rx.ttl = 254;
	DROPS(BFD_DROP_TTL);
	p = ok, rx = no, p.your_discr ^= 1;
	DROPS(BFD_DROP_YOUR_DISCR_UNKNOWN);
	p = ok, rx = no, p.your_discr = 0;
	DROPS(BFD_DROP_YOUR_DISCR_ZERO);
	p.state = BFD_INIT;
	DROPS(BFD_DROP_YOUR_DISCR_ZERO);
	p.state = BFD_DOWN, rx.src = ipaddr_from_ip4(0x0a000077);
	DROPS(BFD_DROP_NO_SESSION);
	p.state = BFD_ADMIN_DOWN, rx = no, rx.dst_port = BFD_PORT_MULTI;
	DROPS(BFD_DROP_NO_SESSION);
	rx = no, rx.ifindex = 99;
	DROPS(BFD_DROP_INTERFACE);
	p = ok;
	DROPS(BFD_DROP_INTERFACE);
	rx = no, rx.dst_port = BFD_PORT_MULTI;
	DROPS(BFD_DROP_HOPS);
	rx = no, rx.src = ipaddr_from_ip4(0x0a000077);
	DROPS(BFD_DROP_SOURCE);
	rx = no, p.auth = true, p.length = 26;
	DROPS(BFD_DROP_LENGTH_LARGE);
	struct bfd_view after = bw_view(w, 0);
	CU_ASSERT(w->side[0].sent == sent && w->side[0].change_count == changes);
	CU_ASSERT(after.state == BFD_UP && after.remote_required_rx_us == MS50 && after.detection_us == 150000);
	CU_ASSERT(after.last_arrival == before.last_arrival && after.count.control_rx == before.count.control_rx);
	CU_ASSERT(after.last_drop == BFD_DROP_SOURCE && after.last_drop_at == w->now);
	bw_inject(w, 0, ok, no);
	CU_ASSERT(w->side[0].sent > sent && bw_view(w, 0).remote_required_rx_us == 8888);
	bfd_clear_counters(w->side[0].b);
	after = bw_view(w, 0);
	CU_ASSERT(bfd_drops_sum(bfd_total(w->side[0].b)) == 0 && after.count.control_rx == 0);
	bw_free(w);
}

static void
each_end_has_its_address(void)
{
	struct bw *w = bw_new(15);
	struct bfd_want want = bw_want(w, 0, MS50);
	struct bfd_packet p = {.state = BFD_DOWN, .my_discr = 42};
	bfd_client_opened(w->side[0].b, 1, "test", 0, w->now);
	want.key.local = ipaddr_from_ip4(0x0a000001);
	bfd_session_wanted(w->side[0].b, 1, 1, &want, w->now);
	bw_inject(w, 0, p, (struct bfd_rx){.dst = ipaddr_from_ip4(0x0a0000fe)});
	CU_ASSERT(bfd_total(w->side[0].b)->drops[BFD_DROP_DESTINATION] == 1 && bw_view(w, 0).state == BFD_DOWN);
	p.your_discr = bw_view(w, 0).discriminator;
	bw_inject(w, 0, p, (struct bfd_rx){.dst = ipaddr_from_ip4(0x0a0000fe)});
	CU_ASSERT(bfd_total(w->side[0].b)->drops[BFD_DROP_DESTINATION] == 2);
	bw_inject(w, 0, p, (struct bfd_rx){.ttl = 255});
	CU_ASSERT(bw_view(w, 0).state == BFD_INIT && bw_view(w, 0).remote_discriminator == 42);
	bw_free(w);
}

/* 6.8.6's table, from every state by every state. */
static void
state_machine(void)
{
	static const uint8_t after[4][4] = {
		/* their AdminDown, Down, Init, Up */
		[BFD_ADMIN_DOWN] = {BFD_ADMIN_DOWN, BFD_ADMIN_DOWN, BFD_ADMIN_DOWN, BFD_ADMIN_DOWN},
		[BFD_DOWN] = {BFD_DOWN, BFD_INIT, BFD_UP, BFD_DOWN},
		[BFD_INIT] = {BFD_DOWN, BFD_INIT, BFD_UP, BFD_UP},
		[BFD_UP] = {BFD_DOWN, BFD_DOWN, BFD_UP, BFD_UP},
	};
	for (uint8_t from = 0; from < 4; from++)
		for (uint8_t theirs = 0; theirs < 4; theirs++) {
			struct bw *w = bw_new(1);
			CU_ASSERT(BW_EDIT(w, 0, BW_PEER("10.0.0.2")));
			struct bfd_packet p = {.my_discr = 9, .your_discr = bw_view(w, 0).discriminator,
				.desired_tx_us = 1000000, .required_rx_us = 1000000};
			p.state = from == BFD_INIT ? BFD_DOWN : BFD_INIT;
			if (from >= BFD_INIT)
				bw_inject(w, 0, p, (struct bfd_rx){.ttl = 255});
			if (from == BFD_ADMIN_DOWN)
				BW_EDIT(w, 0, BW_PEER("10.0.0.2") "/shutdown=true");
			CU_ASSERT(bw_view(w, 0).state == from);
			p.state = theirs;
			bw_inject(w, 0, p, (struct bfd_rx){.ttl = 255});
			struct bfd_view v = bw_view(w, 0);
			CU_ASSERT(v.state == after[from][theirs] && v.remote_state == theirs);
			if (v.state != from) /* 6.8.7: told at once */
				CU_ASSERT(w->side[0].last_sent.state == v.state);
			bw_free(w);
		}
}

static void
noise(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct bw *w = bw_new(seed);
		bw_wanted(w, 0, MS50);
		bw_wanted(w, 1, 30000);
		w->loss_percent = 45;
		bw_run(w, 60 * TIME_SEC);
		w->loss_percent = 0;
		bw_run(w, 5 * TIME_SEC);
		CU_ASSERT(bw_both_up(w) && w->side[0].malformed == 0 && w->side[1].malformed == 0);
		bw_free(w);
	}
}

UNIT_TESTS("bfd session", {"comes up", comes_up}, {"5881-3 one session on the wire", one_session_on_the_wire},
	 {"5880-6.8.1 fails and comes back", fails_and_comes_back},
	{"5880-6.8.16 disabled is no failure", disabled_is_no_failure},
	{"5882-4.2 AdminDown takes a failure back", admin_down_takes_a_failure_back},
	{"5880-6.8.7 passive waits", passive_waits}, {"unwanted says goodbye", unwanted_says_goodbye},
	{"grace of a client", grace_of_a_client}, {"survives kill -9", survives_kill},
	{"restored too late", restored_too_late}, {"restore refuses nonsense", restore_refuses_nonsense},
	{"a stopped daemon is no failure", stopped_daemon_is_no_failure}, {"an interface goes", interface_goes},
	{"5883-5 multihop counts hops", multihop_counts_hops},
	{"5880-6.8.6 each discard changes nothing", each_discard_changes_nothing},
	{"each end has its address", each_end_has_its_address}, {"5880-6.8.6 the state machine", state_machine},
	{"noise", noise})
