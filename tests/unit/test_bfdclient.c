/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/bfdclient against a bfdd that writes down what it is told and says what the test wants. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gen/bfd.pb-c.h"
#include "lib/bfdclient.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "tests/unit/looping.h"
#include "tests/unit/unit.h"

struct stage {
	struct loop *l;
	char dir[32], path[64];
	struct ipc_server *server;
	struct ipc_conn *peer;
	struct bfdclient *c;
	char told[2048];  /* to bfdd, one word per message */
	char heard[2048]; /* by the client */
	const char *await; /* what told or heard must contain */
	const char *refuse;
	unsigned opened;
	bool mute;        /* does not answer WATCH and REPLAY_END */
	uint32_t give_back; /* the client gives this wish back when it hears of it */
};

static void note(char *to, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void
note(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t at = strlen(to);
	va_start(ap, fmt);
	vsnprintf(to + at, size - at, fmt, ap);
	va_end(ap);
}

/* --- bfdd -------------------------------------------------------------------------------------------- */

static void
say_synced(struct stage *s)
{
	Bfd__Unwant m = BFD__UNWANT__INIT; /* an empty message */
	ipc_send(s->peer, BFD__BFD_TYPE__BFD_SYNCED, &m.base);
}

static void
say_hello(struct stage *s, const Bfd__Hello *m)
{
	Bfd__HelloReply reply = BFD__HELLO_REPLY__INIT;
	char error[64];
	note(s->told, sizeof(s->told), "hello:%s:%u:%u ", m->protocol, m->version, m->grace_seconds);
	snprintf(error, sizeof(error), "%s", s->refuse ? s->refuse : "");
	reply.error = error;
	ipc_send(s->peer, BFD__BFD_TYPE__BFD_HELLO_REPLY, &reply.base);
}

static bool
bfdd_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	if (type == BFD__BFD_TYPE__BFD_HELLO) {
		say_hello(s, ipc_unpack(c, &bfd__hello__descriptor, bytes, len));
	} else if (type == BFD__BFD_TYPE__BFD_WANT) {
		const Bfd__Want *m = ipc_unpack(c, &bfd__want__descriptor, bytes, len);
		note(s->told, sizeof(s->told), "want:%u:%zu/%zu:%u%s:%s:%u:%u:%u:%u ", m->id, m->peer.len, m->local.len,
			m->ifindex, m->multihop ? "m" : "", m->profile, m->detect_multiplier, m->min_tx_us,
			m->min_rx_us, m->min_ttl);
	} else if (type == BFD__BFD_TYPE__BFD_UNWANT) {
		const Bfd__Unwant *m = ipc_unpack(c, &bfd__unwant__descriptor, bytes, len);
		note(s->told, sizeof(s->told), "unwant:%u ", m->id);
	} else {
		note(s->told, sizeof(s->told), "%s ", type == BFD__BFD_TYPE__BFD_WATCH ? "watch" : "end");
		if (!s->mute)
			say_synced(s);
	}
	return true;
}

static void
bfdd_opened(void *arg, struct ipc_conn *c, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	s->peer = c;
	s->opened++;
}

static void
bfdd_closed(void *arg, struct ipc_conn *c, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	if (s->peer == c)
		s->peer = NULL;
}

static const struct ipc_ops bfdd_ops = {bfdd_opened, bfdd_message, bfdd_closed, NULL};

struct said { /* a STATE from 10.0.0.last */
	uint32_t id;
	uint8_t last;
	uint32_t liveness;
	uint64_t sequence;
	bool gone;
};

static void
say_state(struct stage *s, const struct said *w)
{
	Bfd__State m = BFD__STATE__INIT;
	uint8_t peer[4] = {10, 0, 0, w->last};
	m.id = w->id;
	m.peer.data = peer;
	m.peer.len = 4;
	m.ifindex = 2;
	m.liveness = w->liveness;
	m.state = w->liveness == BFD__LIVENESS__UP ? 3 : 1;
	m.sequence = w->sequence;
	m.gone = w->gone;
	m.at_us = 77;
	ipc_send(s->peer, BFD__BFD_TYPE__BFD_STATE, &m.base);
}

/* --- the client -------------------------------------------------------------------------------------- */

static void
on_state(void *arg, const struct bfdclient_state *st, int64_t now)
{
	static const char *const names[] = {"unknown", "up", "down"};
	struct stage *s = arg;
	(void)now;
	note(s->heard, sizeof(s->heard), "%u:.%u:%s%s:%llu ", st->id, st->peer.b[3], names[st->liveness],
		st->gone ? "!" : "", (unsigned long long)st->sequence);
	if (s->give_back && s->give_back == st->id)
		bfdclient_unwant(s->c, st->id);
}

static void
on_synced(void *arg, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	note(s->heard, sizeof(s->heard), "synced ");
}

static void
on_disconnected(void *arg, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	note(s->heard, sizeof(s->heard), "disconnected ");
}

static const struct bfdclient_ops client_ops = {on_state, on_synced, on_disconnected};

static bool
awaited(void *arg)
{
	const struct stage *s = arg;
	return strstr(s->told, s->await) || strstr(s->heard, s->await);
}

static void
await(struct stage *s, const char *what)
{
	s->await = what;
	if (!loop_until(s->l, awaited, s)) {
		fprintf(stderr, "awaited \"%s\"; told \"%s\" heard \"%s\"\n", what, s->told, s->heard);
		CU_FAIL("what was awaited has not come");
	}
}

/* All that was said before has been handled when the answer to this wish's end has arrived. */
static void
settle(struct stage *s)
{
	static const struct bfdclient_want probe = {.peer = {AFI_IP4, {127, 9, 9, 9}}};
	uint32_t id = bfdclient_want(s->c, &probe);
	char word[32];
	snprintf(word, sizeof(word), "want:%u:", id);
	await(s, word);
	*strstr(s->told, word) = '\0';
	bfdclient_unwant(s->c, id);
	snprintf(word, sizeof(word), "unwant:%u ", id);
	await(s, word);
	*strstr(s->told, word) = '\0';
}

static void
forget(struct stage *s)
{
	s->told[0] = s->heard[0] = '\0';
}

static void
stage_begin(struct stage *s)
{
	*s = (struct stage){.dir = "/tmp/grevy-bc-XXXXXX"};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->dir));
	log_level_set(LOG_LVL_ERROR);
	snprintf(s->path, sizeof(s->path), "%s/bfd.sock", s->dir);
	s->l = loop_new();
	s->server = ipc_listen(s->l, s->path, &bfdd_ops, s);
	s->c = bfdclient_new(s->l, s->path, "ospf", 30, &client_ops, s);
}

static void
stage_end(struct stage *s)
{
	bfdclient_free(s->c);
	ipc_server_free(s->server);
	loop_free(s->l);
	rmdir(s->dir);
}

static void
bfdd_restarts(struct stage *s)
{
	ipc_server_free(s->server);
	await(s, "disconnected");
	CU_ASSERT(!bfdclient_up(s->c));
	forget(s);
	s->server = ipc_listen(s->l, s->path, &bfdd_ops, s);
}

static const struct bfdclient_want want_a = {.peer = {AFI_IP4, {10, 0, 0, 1}}, .ifindex = 2, .profile = "fast"};
static const struct bfdclient_want want_b = {.peer = {AFI_IP6, {0xfd}}, .local = {AFI_IP6, {0xfd, 1}}, .multihop = true,
	.detect_multiplier = 5, .min_ttl = 250, .min_tx_us = 10000, .min_rx_us = 20000};

static void
equal_wishes_are_one_and_counted(void)
{
	struct stage s;
	stage_begin(&s);
	struct bfdclient_want same = want_a;
	same.peer.b[9] = 0x55; /* beyond an IPv4 address: means nothing */
	same.profile[6] = 'x';
	uint32_t a = bfdclient_want(s.c, &want_a);
	CU_ASSERT_EQUAL(bfdclient_want(s.c, &same), a);
	await(&s, "want:1:");
	uint32_t b = bfdclient_want(s.c, &want_b);
	CU_ASSERT(a && b && a != b);
	settle(&s);
	CU_ASSERT_STRING_EQUAL(s.told, "hello:ospf:1:30 want:1:4/0:2:fast:0:0:0:0 want:2:16/16:0m::5:10000:20000:250 ");
	forget(&s);
	bfdclient_unwant(s.c, a);
	settle(&s);
	CU_ASSERT_STRING_EQUAL(s.told, "");
	bfdclient_unwant(s.c, a);
	bfdclient_unwant(s.c, a); /* once too often: harmless */
	settle(&s);
	CU_ASSERT_STRING_EQUAL(s.told, "unwant:1 ");
	CU_ASSERT_NOT_EQUAL(bfdclient_want(s.c, &want_a), a); /* what is said of the old one is not its */
	stage_end(&s);
}

static void
a_state_is_told_once(void)
{
	struct stage s;
	struct bfdclient_state st;
	stage_begin(&s);
	uint32_t a = bfdclient_want(s.c, &want_a);
	CU_ASSERT(!bfdclient_state(s.c, a, &st));
	await(&s, "want:");
	CU_ASSERT(bfdclient_up(s.c));
	say_state(&s, &(struct said){a, 1, BFD__LIVENESS__UP, 5, false});
	say_state(&s, &(struct said){a, 1, BFD__LIVENESS__UP, 5, false});
	say_state(&s, &(struct said){a + 9, 1, BFD__LIVENESS__DOWN, 6, false}); /* nobody's */
	say_state(&s, &(struct said){a, 1, BFD__LIVENESS__DOWN, 7, false});
	say_state(&s, &(struct said){a, 1, BFD__LIVENESS__UP, 8, false});
	await(&s, ":8 ");
	CU_ASSERT_STRING_EQUAL(s.heard, "1:.1:up:5 1:.1:down:7 1:.1:up:8 ");
	CU_ASSERT_FATAL(bfdclient_state(s.c, a, &st));
	CU_ASSERT(st.liveness == BFD_LIVE_UP && st.sequence == 8 && st.ifindex == 2 && st.at == 77 && st.state == 3);
	bfdclient_unwant(s.c, a);
	CU_ASSERT(!bfdclient_state(s.c, a, &st));
	stage_end(&s);
}

static void
bfdds_death_is_no_failure_of_a_path(void)
{
	struct stage s;
	struct bfdclient_state st;
	stage_begin(&s);
	uint32_t a = bfdclient_want(s.c, &want_a);
	bfdclient_replay_end(s.c);
	bfdclient_replay_end(s.c); /* said once is said */
	await(&s, "synced");
	CU_ASSERT_STRING_EQUAL(s.told, "hello:ospf:1:30 want:1:4/0:2:fast:0:0:0:0 end ");
	say_state(&s, &(struct said){a, 1, BFD__LIVENESS__UP, 5, false});
	await(&s, ":5 ");
	bfdd_restarts(&s);
	CU_ASSERT(bfdclient_state(s.c, a, &st) && st.liveness == BFD_LIVE_UP);
	uint32_t b = bfdclient_want(s.c, &want_b); /* while it is away */
	await(&s, "synced");
	CU_ASSERT(!strncmp(s.told, "hello:ospf:1:30 want:", 21) && strstr(s.told, "want:1:") && strstr(s.told, "want:2:"));
	CU_ASSERT_STRING_EQUAL(s.told + strlen(s.told) - 5, " end ");
	CU_ASSERT_STRING_EQUAL(s.heard, "synced ");
	say_state(&s, &(struct said){a, 1, BFD__LIVENESS__UP, 5, false}); /* as it was: not told */
	say_state(&s, &(struct said){b, 2, BFD__LIVENESS__UNKNOWN, 0, false});
	await(&s, "2:.2:unknown:0");
	CU_ASSERT_STRING_EQUAL(s.heard, "synced 2:.2:unknown:0 ");
	stage_end(&s);
}

static void
who_watches_hears_what_ended_meanwhile(void)
{
	struct stage s;
	stage_begin(&s);
	bfdclient_watch(s.c);
	bfdclient_watch(s.c);
	await(&s, "synced");
	CU_ASSERT_STRING_EQUAL(s.told, "hello:ospf:1:30 watch ");
	say_state(&s, &(struct said){0, 1, BFD__LIVENESS__UP, 5, false});
	say_state(&s, &(struct said){0, 2, BFD__LIVENESS__DOWN, 6, false});
	say_state(&s, &(struct said){0, 3, BFD__LIVENESS__UP, 7, false});
	say_state(&s, &(struct said){0, 3, BFD__LIVENESS__UNKNOWN, 8, true});
	say_state(&s, &(struct said){0, 3, BFD__LIVENESS__UNKNOWN, 8, true}); /* unheard of by now */
	say_state(&s, &(struct said){0, 4, BFD__LIVENESS__UP, 9, false});
	await(&s, ":9 ");
	CU_ASSERT_STRING_EQUAL(s.heard, "synced 0:.1:up:5 0:.2:down:6 0:.3:up:7 0:.3:unknown!:8 0:.4:up:9 ");
	s.mute = true;
	bfdd_restarts(&s);
	await(&s, "watch ");
	say_state(&s, &(struct said){0, 1, BFD__LIVENESS__DOWN, 10, false});
	say_state(&s, &(struct said){0, 4, BFD__LIVENESS__UP, 9, false});
	say_synced(&s);
	await(&s, "synced");
	CU_ASSERT_STRING_EQUAL(s.heard, "0:.1:down:10 0:.2:unknown!:6 synced ");
	stage_end(&s);
}

static void
synced_waits_for_all_that_was_asked(void)
{
	struct stage s;
	stage_begin(&s);
	s.mute = true;
	bfdclient_watch(s.c);
	bfdclient_replay_end(s.c);
	await(&s, "end ");
	say_synced(&s);
	settle(&s);
	CU_ASSERT_STRING_EQUAL(s.heard, "");
	say_synced(&s);
	await(&s, "synced");
	CU_ASSERT_STRING_EQUAL(s.heard, "synced ");
	stage_end(&s);
}

static void
a_wish_may_be_given_back_when_its_state_is_told(void)
{
	struct stage s;
	stage_begin(&s);
	s.give_back = bfdclient_want(s.c, &want_a);
	await(&s, "want:");
	say_state(&s, &(struct said){s.give_back, 1, BFD__LIVENESS__UP, 5, false});
	say_state(&s, &(struct said){s.give_back, 1, BFD__LIVENESS__DOWN, 6, false});
	await(&s, "unwant:");
	settle(&s);
	CU_ASSERT_STRING_EQUAL(s.heard, "1:.1:up:5 ");
	stage_end(&s);
}

static void
what_bfdd_may_not_say_ends_the_connection(void)
{
	struct stage s;
	stage_begin(&s);
	await(&s, "hello");
	settle(&s);
	say_synced(&s); /* nobody asked */
	await(&s, "disconnected");
	forget(&s);
	await(&s, "hello");
	settle(&s);
	say_state(&s, &(struct said){0, 1, 3, 5, false}); /* no such liveness */
	await(&s, "disconnected");
	forget(&s);
	await(&s, "hello");
	settle(&s);
	Bfd__State m = BFD__STATE__INIT;
	uint8_t five[5] = {0};
	m.peer.data = five;
	m.peer.len = 5;
	ipc_send(s.peer, BFD__BFD_TYPE__BFD_STATE, &m.base);
	await(&s, "disconnected");
	CU_ASSERT_STRING_EQUAL(s.heard, "disconnected ");
	stage_end(&s);
}

static void
a_refusal_is_not_a_connection(void)
{
	struct stage s;
	stage_begin(&s);
	s.refuse = "unknown version";
	log_open("test", "file:/dev/null", LOG_LVL_ERROR);
	bfdclient_want(s.c, &want_a);
	await(&s, "hello:ospf:1:30 hello:ospf:1:30 "); /* it tries again */
	CU_ASSERT(!bfdclient_up(s.c));
	CU_ASSERT(!strstr(s.told, "want"));
	CU_ASSERT_STRING_EQUAL(s.heard, "");
	s.refuse = NULL;
	await(&s, "want:1:");
	stage_end(&s);
}

UNIT_TESTS("bfdclient", {"equal wishes are one and counted", equal_wishes_are_one_and_counted},
	{"a state is told once", a_state_is_told_once},
	{"bfdd's death is no failure of a path", bfdds_death_is_no_failure_of_a_path},
	{"who watches hears what ended meanwhile", who_watches_hears_what_ended_meanwhile},
	{"synced waits for all that was asked", synced_waits_for_all_that_was_asked},
	{"a wish may be given back when its state is told", a_wish_may_be_given_back_when_its_state_is_told},
	{"what bfdd may not say ends the connection", what_bfdd_may_not_say_ends_the_connection},
	{"a refusal is not a connection", a_refusal_is_not_a_connection})
