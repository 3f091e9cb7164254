/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two BFD cores joined by a pipe in virtual time. The pipe delays, loses by a seed, can be cut in either
 * direction and lets a test meddle with a packet; a side can sleep through a time, and finds what arrived
 * meanwhile when it wakes.
 */
#ifndef GREVY_TESTS_BFD_WORLD_H
#define GREVY_TESTS_BFD_WORLD_H

#include <string.h>

#include "bfdd/packet.h"
#include "bfdd/session.h"
#include "lib/bfdclient.h"
#include "lib/mem.h"
#include "lib/prng.h"
#include "lib/timer.h"

#define BW_IFINDEX 7
#define BW_CHANGES 64
#define BW_SENT    4096

struct bw_packet {
	struct bw_packet *next;
	int64_t due;
	unsigned to;
	struct bfd_rx rx;
	uint8_t bytes[BFD_PACKET_MAX];
};
struct bw;
struct bw_side {
	struct bw *w;
	unsigned index;
	struct bfd *b;
	struct timers *timers;
	struct conf_object *conf;
	struct ipaddr addr;
	int64_t wakes; /* asleep until then */
	struct bfd_change changes[BW_CHANGES], last;
	unsigned change_count;
	int64_t sent_at[BW_SENT];
	unsigned sent, echoes, opened, closed, finals, polls;
	unsigned malformed; /* packets that a decoder would not take: P with F, for one */
	struct bfd_packet last_sent;
	uint8_t last_bytes[BFD_PACKET_MAX];
	size_t last_len;
	struct bfd_record records[8];
	unsigned record_count;
	struct bfd_log last_log;
	unsigned logs, state_logs;
};
struct bw {
	int64_t now, delay;
	struct prng prng;
	unsigned loss_percent, hops; /* hops: routers between the two */
	bool cut[2];                 /* what side N sends is lost */
	bool loops_echo;
	bool multihop;
	struct bw_side side[2];
	struct bw_packet *queue;
	bool (*meddle)(struct bw *w, struct bw_packet *p); /* false: lost */
};

static inline void
bw_enqueue(struct bw *w, struct bw_packet *p)
{
	struct bw_packet **at = &w->queue;

	p->rx.bytes = p->bytes;
	while (*at && (*at)->due <= p->due)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
}

static inline void
bw_send(void *arg, const struct bfd_tx *tx)
{
	struct bw_side *s = arg;
	struct bw *w = s->w;
	struct bw_packet *p = mem_zalloc(sizeof(*p));

	*p = (struct bw_packet){.to = tx->echo ? s->index : !s->index, .due = w->now + w->delay * (tx->echo ? 2 : 1)};
	p->rx = (struct bfd_rx){.src = s->addr, .dst = tx->echo ? s->addr : tx->key.peer, .ifindex = BW_IFINDEX,
		.src_port = 50000, .dst_port = tx->dst_port, .ttl = (uint8_t)(tx->ttl - (tx->echo ? 1 : w->hops)),
		.len = tx->len};
	memcpy(p->bytes, tx->bytes, tx->len);
	if (tx->echo) {
		s->echoes++;
	} else {
		s->sent_at[s->sent++ % BW_SENT] = w->now;
		s->malformed += bfd_packet_get(tx->bytes, tx->len, &s->last_sent) != BFD_DROP_NONE;
		memcpy(s->last_bytes, tx->bytes, tx->len);
		s->last_len = tx->len;
		s->polls += s->last_sent.poll;
		s->finals += s->last_sent.final;
	}
	bool lost = w->cut[s->index] || (!tx->echo && ipaddr_cmp(&tx->key.peer, &w->side[!s->index].addr)) || (tx->echo && (!w->loops_echo || w->cut[!s->index])) ||
		prng_below(&w->prng, 100) < w->loss_percent;
	if (lost || (w->meddle && !w->meddle(w, p)))
		mem_free(p);
	else
		bw_enqueue(w, p);
}

static inline void
bw_opened(void *arg, uint32_t session, const struct bfd_key *key)
{
	struct bw_side *s = arg;

	(void)session, (void)key;
	s->opened++;
}

static inline void
bw_closed(void *arg, uint32_t session)
{
	struct bw_side *s = arg;

	(void)session;
	s->closed++;
}

static inline void
bw_changed(void *arg, const struct bfd_change *c)
{
	struct bw_side *s = arg;

	s->last = *c;
	s->changes[s->change_count++ % BW_CHANGES] = *c;
}

static inline void
bw_checkpoint(void *arg, uint32_t session, const struct bfd_record *r)
{
	struct bw_side *s = arg;
	unsigned i = 0;

	while (i < s->record_count && s->records[i].local_discr != session)
		i++;
	if (r && i < sizeof(s->records) / sizeof(s->records[0])) {
		s->records[i] = *r;
		s->record_count += i == s->record_count;
	} else if (!r && i < s->record_count) {
		s->records[i] = s->records[--s->record_count];
	}
}

static inline void
bw_log(void *arg, const struct bfd_log *l)
{
	struct bw_side *s = arg;

	s->last_log = *l;
	s->logs++;
	s->state_logs += l->kind == BFD_LOG_STATE;
}

static const struct bfd_ops bw_ops = {.send = bw_send, .opened = bw_opened, .closed = bw_closed,
	.changed = bw_changed, .checkpoint = bw_checkpoint, .log = bw_log};

static inline void
bw_birth(struct bw *w, unsigned n)
{
	struct bw_side *s = &w->side[n];

	s->timers = timers_new();
	s->b = bfd_new(&bw_ops, s, s->timers, prng_u64(&w->prng), w->now);
	bfd_interface_changed(s->b, BW_IFINDEX, "eth0", true, false, w->now);
}

static inline struct bw *
bw_new(uint64_t seed)
{
	struct bw *w = mem_zalloc(sizeof(*w));

	w->now = 1000 * TIME_SEC;
	w->delay = TIME_MS / 2;
	prng_seed(&w->prng, seed);
	for (unsigned i = 0; i < 2; i++) {
		w->side[i].w = w;
		w->side[i].index = i;
		w->side[i].addr = ipaddr_from_ip4(0x0a000001 + i);
		bw_birth(w, i);
	}
	return w;
}

static inline void
bw_death(struct bw *w, unsigned n) /* as by kill -9: the records stay */
{
	struct bw_side *s = &w->side[n];

	bfd_free(s->b);
	timers_free(s->timers);
	conf_unref(s->conf);
	s->b = NULL;
	s->timers = NULL;
	s->conf = NULL;
}

static inline void
bw_free(struct bw *w)
{
	struct bw_packet *p;

	bw_death(w, 0);
	bw_death(w, 1);
	while ((p = w->queue)) {
		w->queue = p->next;
		mem_free(p);
	}
	mem_free(w);
}

static inline int64_t
bw_due(const struct bw *w, const struct bw_packet *p)
{
	return p->due > w->side[p->to].wakes ? p->due : w->side[p->to].wakes;
}

/* All that has arrived at a side, then its timers: as a turn of the timely thread. */
static inline void
bw_turn(struct bw *w, unsigned n)
{
	struct bw_side *s = &w->side[n];
	struct bw_packet **at = &w->queue;

	while (*at) {
		struct bw_packet *p = *at;
		if (p->to != n || p->due > w->now) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		p->rx.arrived = p->due;
		if (s->b)
			bfd_packet_received(s->b, &p->rx, w->now);
		mem_free(p);
		at = &w->queue;
	}
	if (s->b)
		timers_run(s->timers, w->now, 1000);
}

static inline void
bw_run(struct bw *w, int64_t span)
{
	int64_t end = w->now + span;

	for (;;) {
		int64_t next = TIME_NEVER;
		for (const struct bw_packet *p = w->queue; p; p = p->next)
			if (bw_due(w, p) < next)
				next = bw_due(w, p);
		for (unsigned i = 0; i < 2; i++) {
			int64_t t = w->side[i].b ? timers_next(w->side[i].timers) : TIME_NEVER;
			t = t < w->side[i].wakes ? w->side[i].wakes : t;
			next = t < next ? t : next;
		}
		if (next > end)
			break;
		w->now = next > w->now ? next : w->now;
		for (unsigned i = 0; i < 2; i++)
			if (w->side[i].wakes <= w->now)
				bw_turn(w, i);
	}
	w->now = end;
}

static inline struct bfd_want
bw_want(const struct bw *w, unsigned n, uint32_t us)
{
	struct bfd_want want = {.min_tx_us = us, .min_rx_us = us, .key.multihop = w->multihop};

	want.key.peer = w->side[!n].addr;
	if (!w->multihop)
		want.key.ifindex = BW_IFINDEX;
	return want;
}

/* Client 1 of that side wants the session with the other side. */
static inline void
bw_wanted(struct bw *w, unsigned n, uint32_t us)
{
	struct bfd_want want = bw_want(w, n, us);

	bfd_client_opened(w->side[n].b, 1, "test", 10 * TIME_SEC, w->now);
	bfd_session_wanted(w->side[n].b, 1, 1, &want, w->now);
}

static inline struct bfd_view
bw_view(const struct bw *w, unsigned n)
{
	struct bfd_view v;
	struct bfd_view_at at;

	memset(&at, 0, sizeof(at));
	if (!bfd_view_next(w->side[n].b, &at, &v))
		memset(&v, 0, sizeof(v));
	return v;
}

static inline bool
bw_both_up(const struct bw *w)
{
	return bw_view(w, 0).state == BFD_UP && bw_view(w, 1).state == BFD_UP;
}

/* A packet made by hand arrives at side n now; what is not set in rx is as from the other side. */
static inline void
bw_inject(struct bw *w, unsigned n, struct bfd_packet p, struct bfd_rx rx)
{
	uint8_t bytes[BFD_PACKET_MAX];
	struct wire_writer out = wire_writer(bytes, sizeof(bytes));

	p.length = p.length ? p.length : BFD_HEADER_LEN;
	p.multiplier = p.multiplier ? p.multiplier : 3;
	bfd_packet_put(&p, &out);
	rx.src = rx.src.afi ? rx.src : w->side[!n].addr;
	rx.dst = rx.dst.afi ? rx.dst : w->side[n].addr;
	rx.ifindex = rx.ifindex ? rx.ifindex : BW_IFINDEX;
	rx.dst_port = rx.dst_port ? rx.dst_port : BFD_PORT_SINGLE;
	rx.ttl = rx.ttl ? rx.ttl : 255;
	rx.arrived = w->now;
	rx.bytes = bytes;
	rx.len = out.len;
	bfd_packet_received(w->side[n].b, &rx, w->now);
}

/* Edits of the configuration: "path=value", or "-path"; NULL ends. False: refused, *err says why. */
static inline bool
bw_edit(struct bw *w, unsigned n, const char *const *lines, struct conf_error *err)
{
	struct bw_side *s = &w->side[n];
	struct conf_edit edits[16];
	char text[16][256];
	size_t count = 0;

	for (; lines[count]; count++) {
		char *value = text[count], *end;
		memcpy(value, lines[count], strlen(lines[count]) + 1);
		end = strrchr(value, ']');
		end = strchr(end ? end : value, '=');
		edits[count] = (struct conf_edit){CONF_OP_SET, value, end ? end + 1 : ""};
		if (end)
			*end = '\0';
		if (*value == '-')
			edits[count] = (struct conf_edit){CONF_OP_DELETE, value + 1, ""};
	}
	memset(err, 0, sizeof(*err));
	struct conf_object *empty = conf_new(&bfd_config_root);
	struct conf_object *next = conf_edit(s->conf ? s->conf : empty, edits, count, err);
	conf_unref(empty);
	if (!next || !conf_check(s->conf, next, err)) {
		conf_unref(next);
		return false;
	}
	bfd_reconfigure(s->b, s->conf, next, w->now);
	conf_unref(s->conf);
	s->conf = next;
	return true;
}

#define BW_EDIT(w, n, ...) \
	bw_edit(w, n, (const char *const[]){__VA_ARGS__, NULL}, &(struct conf_error){.path = ""})
#define BW_PEER(addr) "/grevy-bfd:bfd/peer[address='" addr "'][local-address=''][interface=''][multihop='false']"

#endif
