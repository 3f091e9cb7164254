/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BFD core under random events: two routers on a pipe, everything that can happen to them chosen by the
 * input: wishes, clients, configuration with every authentication, packets lost, doubled, mutated,
 * forged, sleep, interfaces, kill -9 and restore. After each event the books must balance.
 *
 * fuzz-links: bfdd/auth.c bfdd/authcodec.c bfdd/bfd.c bfdd/config.c bfdd/echo.c bfdd/fsm.c bfdd/packet.c
 * fuzz-links: bfdd/poll.c bfdd/receive.c bfdd/restore.c bfdd/session.c bfdd/stats.c bfdd/table.c
 * fuzz-links: bfdd/view.c bfdd/wish.c
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/bfd_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLIENTS 3
#define QUEUED  64 /* packets on the pipe at most, before a storm is thinned */
#define TALK    4000 /* packets, after which time passes slowly: inputs stay cheap */

struct game {
	struct bw *w;
	struct wire_reader in;
	struct bfd_change before[2][16]; /* what was told of each session last time */
	size_t told[2];
};

#define must(ok)                                                                                   \
	do {                                                                                       \
		if (!(ok)) {                                                                       \
			fprintf(stderr, "line %d: %s\n", __LINE__, #ok);                           \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* --- what must be true ------------------------------------------------------------------------------- */
struct told {
	struct game *g;
	unsigned side;
	struct bfd_change now[16];
	size_t count;
};

/* A session's sequence rises with its liveness, and with nothing else. */
static void
hear(void *arg, const struct bfd_change *c)
{
	struct told *t = arg;

	must(c->discriminator && !c->gone && t->count < 16);
	for (size_t i = 0; i < t->g->told[t->side]; i++) {
		const struct bfd_change *old = &t->g->before[t->side][i];
		if (old->discriminator != c->discriminator)
			continue;
		must(c->sequence >= old->sequence);
		must(c->sequence > old->sequence || c->liveness == old->liveness);
	}
	t->now[t->count++] = *c;
}

static void
check_view(const struct bfd_view *v)
{
	must(v->state <= BFD_UP && v->remote_state <= BFD_UP && v->params.detect_multiplier);
	if (v->waiting)
		return;
	must(v->discriminator != 0);
	must((v->liveness == BFD_LIVE_UP) == (v->state == BFD_UP && !v->echo_failed));
	must(v->state != BFD_ADMIN_DOWN || v->liveness == BFD_LIVE_UNKNOWN);
	must((v->state == BFD_ADMIN_DOWN) == v->params.shutdown);
	must(v->state == BFD_UP || (v->desired_tx_us >= 1000000 && !v->echo_us));
	must(v->state < BFD_INIT || v->remote_discriminator); /* whoever we talk with, we know */
	must(!v->tx_us || v->tx_us >= v->remote_required_rx_us);
	must(!v->params.passive || v->remote_discriminator || !v->tx_us);
	for (size_t i = 0; i < sizeof(v->params.auth.key); i++)
		must(!v->params.auth.key[i]);
}

static void
check_side(struct game *g, unsigned n)
{
	struct bw_side *s = &g->w->side[n];
	struct bfd_view v, of;
	struct bfd_view_at at;
	struct told told = {.g = g, .side = n};
	size_t seen = 0;

	memset(&at, 0, sizeof(at));
	while (bfd_view_next(s->b, &at, &v)) {
		check_view(&v);
		if (v.waiting)
			continue;
		seen++;
		must(bfd_view_of(s->b, v.discriminator, &of) && of.discriminator == v.discriminator);
	}
	bfd_each_session(s->b, hear, &told);
	memcpy(g->before[n], told.now, sizeof(told.now));
	g->told[n] = told.count;
	must(seen == told.count && seen == bfd_session_count(s->b));
	must(s->record_count == seen);
	must(s->opened - s->closed >= seen && s->malformed == 0);
}

/* --- what can happen --------------------------------------------------------------------------------- */
static void
wishes(struct game *g, unsigned n, uint8_t what)
{
	static const uint32_t intervals[] = {0, 3300, 50000, 1, 4000000};
	struct bfd *b = g->w->side[n].b;
	struct bfd_want want = bw_want(g->w, n, intervals[what % 5]);
	uint32_t client = 1 + wire_get_u8(&g->in) % CLIENTS, id = wire_get_u8(&g->in) % 4;

	want.min_tx_us = intervals[wire_get_u8(&g->in) % 5];
	want.detect_multiplier = what >> 4;
	if (what & 1)
		want.key.ifindex = wire_get_u8(&g->in) % 2 ? BW_IFINDEX : 0;
	if (what & 2)
		want.key.local = g->w->side[n].addr;
	if (what & 8)
		memcpy(want.profile, "p", 2);
	bfd_session_wanted(b, client, id, &want, g->w->now);
}

static void
clients(struct game *g, unsigned n, uint8_t what)
{
	static const char *const protocols[] = {"ospf", "static"};
	struct bfd *b = g->w->side[n].b;
	uint32_t client = 1 + what % CLIENTS;

	switch (what >> 5) {
	case 0:
		bfd_client_closed(b, client, g->w->now);
		break;
	case 1:
		bfd_replay_ended(b, client, g->w->now);
		break;
	case 2:
		bfd_session_unwanted(b, client, what >> 2 & 3, g->w->now);
		break;
	default:
		bfd_client_opened(b, client, protocols[what >> 3 & 1], (what & 16) * TIME_SEC / 16, g->w->now);
	}
}

static void
configures(struct game *g, unsigned n, uint8_t what)
{
	static const char *const lines[] = {"shutdown=true", "shutdown=false", "passive-mode=true", "passive-mode=false",
		"echo-mode=true", "required-min-echo-rx-interval=10000", "required-min-echo-rx-interval=0",
		"detect-multiplier=1", "detect-multiplier=200", "desired-min-tx-interval=3300",
		"desired-min-tx-interval=2000000", "required-min-rx-interval=60000000",
		"authentication/type=simple-password", "authentication/type=keyed-md5",
		"authentication/type=meticulous-keyed-md5", "authentication/type=keyed-sha1",
		"authentication/type=meticulous-keyed-sha1", "authentication/key=secret", "authentication/key-id=9",
		"profile=p", "log-session-changes=true"};
	static const char *const keys[] = {"[interface='']", "[interface='eth0']", "[interface='eth9']"};
	char line[3][256], object[160];
	struct conf_error err;
	const char *const all[] = {line[0], line[1], line[2], NULL};
	uint8_t second = wire_get_u8(&g->in);

	snprintf(object, sizeof(object), "/bfd/peer[address='10.0.0.%u'][local-address='']%s[multihop='false']", n ? 1 : 2,
		keys[second % 3]);
	if (what & 0x40)
		snprintf(object, sizeof(object), "/bfd/profile[name='p']");
	snprintf(line[0], sizeof(line[0]), "%s", object);
	snprintf(line[1], sizeof(line[1]), "%s/%s", object, lines[what % 21]);
	snprintf(line[2], sizeof(line[2]), "%s/%s", object, lines[second / 3 % 21]);
	if (what & 0x80)
		snprintf(line[what & 1], sizeof(line[0]), "-%.200s%s", object, second & 0x80 ? "" : "/authentication");
	bw_edit(g->w, n, all, &err);
}

static void
forges(struct game *g, unsigned n, uint8_t what)
{
	uint8_t bytes[80];
	struct bfd_view v = bw_view(g->w, n);
	size_t len = wire_get_u8(&g->in) % sizeof(bytes);
	struct bfd_rx rx = {.src = g->w->side[!n].addr, .dst = g->w->side[n].addr, .ifindex = BW_IFINDEX, .src_port = 1,
		.dst_port = what & 1 ? BFD_PORT_MULTI : what & 2 ? BFD_PORT_ECHO : BFD_PORT_SINGLE,
		.ttl = what & 4 ? 254 : 255, .arrived = g->w->now - (what & 8 ? TIME_SEC / 4 : 0), .bytes = bytes, .len = len};

	wire_copy(&g->in, bytes, len);
	if (len >= 12 && what & 16) { /* one that gets far */
		struct wire_writer w = wire_writer(bytes + 8, 4);
		wire_put_u32(&w, v.discriminator);
		bytes[0] = (uint8_t)(0x20 | (bytes[0] & 0x1f));
		bytes[1] &= 0xfe;
		bytes[3] = (uint8_t)(len < 24 ? 24 : len);
	}
	bfd_packet_received(g->w->side[n].b, &rx, g->w->now);
}

static void
pipe_trouble(struct game *g, unsigned n, uint8_t what)
{
	struct bw *w = g->w;
	struct bw_packet *p = w->queue;

	for (unsigned i = what & 7; p && i; i--)
		p = p->next;
	if (what & 0x80) {
		w->cut[n] = what & 1;
		w->loss_percent = what & 0x40 ? 30 : 0;
		w->loops_echo = what & 2;
	} else if (p && what & 8) {
		p->bytes[wire_get_u8(&g->in) % p->rx.len] ^= wire_get_u8(&g->in);
	} else if (p) {
		struct bw_packet *copy = mem_dup(p, sizeof(*p));
		copy->due += what * TIME_MS;
		bw_enqueue(w, copy);
	}
}

static void
lives(struct game *g, unsigned n, uint8_t what)
{
	struct bw *w = g->w;
	struct bw_side *s = &w->side[n];
	struct bfd_record records[8];
	unsigned count = s->record_count;

	switch (what & 3) {
	case 0:
		s->wakes = w->now + (what >> 2) * 20 * TIME_MS;
		return;
	case 1:
		bfd_interface_changed(s->b, BW_IFINDEX, "eth0", what & 4, what & 8, w->now);
		return;
	case 2:
		bfd_clear_counters(s->b);
		return;
	default:
		break;
	}
	if (what & 4) {
		bfd_shutdown(s->b, w->now);
		must(s->record_count == 0);
		count = 0;
	}
	memcpy(records, s->records, sizeof(records));
	bw_death(w, n);
	must(s->opened == s->closed);
	s->record_count = 0;
	if (what & 8)
		bw_run(w, (what >> 4) * 30 * TIME_MS);
	bw_birth(w, n);
	bfd_restore(s->b, records, count, w->now);
	must(bfd_session_count(s->b) == count);
}

static void
thin(struct bw *w)
{
	unsigned n = 0;

	for (struct bw_packet **at = &w->queue; *at;) {
		struct bw_packet *p = *at;
		if (n++ < QUEUED) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		mem_free(p);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const events[])(struct game *, unsigned, uint8_t) = {wishes, clients, configures, forges,
		pipe_trouble, lives};
	struct game g = {.w = bw_new(size), .in = wire_reader(data, size < 512 ? size : 512)};

	for (uint32_t i = 0; i < 2; i++)
		for (uint32_t client = 1; client <= CLIENTS; client++)
			bfd_client_opened(g.w->side[i].b, client, client & 1 ? "ospf" : "static", TIME_SEC, g.w->now);
	while (wire_left(&g.in) >= 2) {
		uint8_t which = wire_get_u8(&g.in), what = wire_get_u8(&g.in);
		if (which % 8 < 6)
			events[which % 8](&g, which >> 7, what);
		else
			bw_run(g.w, (which & 0x40 && g.w->side[0].sent + g.w->side[1].sent < TALK ? 10 : 1) * what * TIME_MS);
		thin(g.w);
		for (unsigned n = 0; n < 2; n++)
			check_side(&g, n);
	}
	bw_free(g.w);
	return 0;
}
