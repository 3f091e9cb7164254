/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/auth against digests computed with Python's hashlib and hmac, and RFC 2202 / RFC 4231 vectors;
 * lib/fsm beside it. */
#include "lib/auth.h"

#include <stdio.h>
#include <string.h>

#include "lib/fsm.h"
#include "tests/unit/unit.h"

static bool
digest_is(const uint8_t *digest, size_t len, const char *hex)
{
	char text[2 * AUTH_DIGEST_MAX + 1] = "";
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return !strcmp(text, hex);
}

/* Key "grevy-key", data 00 01 .. 63, and RFC 5709's Apad for the HMACs. */
static void
packets_as_ospf_signs_them(void)
{
	static const struct {
		enum auth_algo algo;
		const char *hex;
	} cases[] = {{AUTH_KEYED_MD5, "572b39fa5d65a88480f90f42a48a1616"},
		{AUTH_HMAC_SHA1, "6d1dc4bc4b2d81cb88f2fa69ec6c3acb52b8f31b"},
		{AUTH_HMAC_SHA256,
			"6b26eddf589de8023188badbe3b40f170ee337aa9f62761dd827e44885da0365"},
		{AUTH_HMAC_SHA384, "694e2f53e0da083ab5d776b46ac0c66df84360cd33d3bc933d8248540d8ed8da"
				   "289b03c1d5a0efe39f9feddf9d30763d"},
		{AUTH_HMAC_SHA512, "b018a15c95143cd2e9eb808150e81e21f507dac907c6c56c9b5115bda6960a59"
				   "8089a54753d621e025c143faa81ed72a77b43c49e32155ff4bfe40ad9677fb08"}};
	uint8_t data[100], apad[AUTH_DIGEST_MAX], out[AUTH_DIGEST_MAX];
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auth_apad(cases[i].algo, 0, apad);
		size_t len = auth_digest(cases[i].algo, "grevy-key", 9, data, sizeof(data), apad, out);
		CU_ASSERT_EQUAL(len, auth_digest_len(cases[i].algo));
		CU_ASSERT_TRUE(digest_is(out, len, cases[i].hex));
	}
	CU_ASSERT_EQUAL(auth_digest(AUTH_NONE, "x", 1, data, 1, NULL, out), 0);
}

static void
plain_hmac_vectors(void)
{
	uint8_t out[AUTH_DIGEST_MAX], key[131];
	const char *data = "what do ya want for nothing?"; /* RFC 2202 and 4231, case 2 */
	size_t len = auth_digest(AUTH_HMAC_SHA1, "Jefe", 4, data, strlen(data), NULL, out);
	CU_ASSERT_TRUE(digest_is(out, len, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
	len = auth_digest(AUTH_HMAC_SHA256, "Jefe", 4, data, strlen(data), NULL, out);
	CU_ASSERT_TRUE(digest_is(out, len,
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	/* RFC 4231 case 6: a key longer than the block */
	memset(key, 0xaa, sizeof(key));
	data = "Test Using Larger Than Block-Size Key - Hash Key First";
	len = auth_digest(AUTH_HMAC_SHA256, key, sizeof(key), data, strlen(data), NULL, out);
	CU_ASSERT_TRUE(digest_is(out, len,
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

static void
md5_keys_are_padded_and_cut(void)
{
	uint8_t a[AUTH_DIGEST_MAX], b[AUTH_DIGEST_MAX];
	auth_digest(AUTH_KEYED_MD5, "short", 5, "data", 4, NULL, a);
	auth_digest(AUTH_KEYED_MD5, "short\0\0\0\0\0\0\0\0\0\0\0", 16, "data", 4, NULL, b);
	CU_ASSERT_TRUE(auth_equal(a, b, 16));
	auth_digest(AUTH_KEYED_MD5, "0123456789abcdefXYZ", 19, "data", 4, NULL, a);
	auth_digest(AUTH_KEYED_MD5, "0123456789abcdef", 16, "data", 4, NULL, b);
	CU_ASSERT_TRUE(auth_equal(a, b, 16));
	b[15] ^= 1;
	CU_ASSERT_FALSE(auth_equal(a, b, 16));
}

static void
apad_carries_the_source(void)
{
	uint8_t apad[AUTH_DIGEST_MAX];
	auth_apad(AUTH_HMAC_SHA1, 0xc0000201, apad);
	CU_ASSERT_EQUAL(memcmp(apad, "\xc0\x00\x02\x01\x87\x8f\xe1\xf3", 8), 0);
	auth_apad(AUTH_HMAC_SHA1, 0, apad);
	CU_ASSERT_EQUAL(memcmp(apad, "\x87\x8f\xe1\xf3\x87\x8f\xe1\xf3", 8), 0);
}

enum { DOWN, TRYING, UP, STATES };
enum { START, ANSWER, LOST, EVENTS };

struct door {
	struct fsm fsm;
	bool locked;
	unsigned changes;
};

static unsigned
try_it(void *arg, unsigned next, int64_t now)
{
	struct door *d = arg;
	(void)now;
	return d->locked ? TRYING : next;
}

static void
door_changed(void *arg, unsigned from, unsigned to, unsigned event, int64_t now)
{
	struct door *d = arg;
	(void)event;
	(void)now;
	CU_ASSERT_NOT_EQUAL(from, to);
	CU_ASSERT_EQUAL(d->fsm.state, to);
	d->changes++;
}

static void
a_machine_runs_and_remembers(void)
{
	static const char *const states[] = {"down", "trying", "up"};
	static const char *const events[] = {"start", "answer", "lost"};
	static const struct fsm_cell cells[STATES * EVENTS] = {
		[DOWN * EVENTS + START] = {NULL, TRYING, false},
		[TRYING * EVENTS + ANSWER] = {try_it, UP, false},
		[TRYING * EVENTS + START] = {NULL, FSM_STAY, false},
		[UP * EVENTS + LOST] = {NULL, DOWN, true},
	};
	static const struct fsm_table table = {
		"door", STATES, EVENTS, states, events, cells, door_changed};
	struct door d = {.locked = true};
	CU_ASSERT_FALSE(fsm_event(&table, &d.fsm, LOST, &d, 1));
	CU_ASSERT_EQUAL(d.fsm.ignored, 1);
	CU_ASSERT_PTR_NULL(fsm_past(&d.fsm, 0));
	CU_ASSERT_TRUE(fsm_event(&table, &d.fsm, START, &d, 2));
	CU_ASSERT_TRUE(fsm_event(&table, &d.fsm, START, &d, 3));
	CU_ASSERT_TRUE(fsm_event(&table, &d.fsm, ANSWER, &d, 4));
	CU_ASSERT_EQUAL(d.fsm.state, TRYING);
	d.locked = false;
	CU_ASSERT_TRUE(fsm_event(&table, &d.fsm, ANSWER, &d, 5));
	CU_ASSERT_EQUAL(d.fsm.state, UP);
	CU_ASSERT_TRUE(fsm_event(&table, &d.fsm, LOST, &d, 6));
	CU_ASSERT_EQUAL(d.fsm.state, DOWN);
	CU_ASSERT_EQUAL(d.changes, 3);
	const struct fsm_step *s = fsm_past(&d.fsm, 0);
	CU_ASSERT(s->when == 6 && s->from == UP && s->to == DOWN && s->event == LOST);
	s = fsm_past(&d.fsm, 2);
	CU_ASSERT(s->when == 2 && s->from == DOWN && s->to == TRYING);
	CU_ASSERT_PTR_NULL(fsm_past(&d.fsm, 3));
	CU_ASSERT_STRING_EQUAL(fsm_state_name(&table, s->to), "trying");
	CU_ASSERT_STRING_EQUAL(fsm_event_name(&table, 99), "?");
	for (int64_t i = 0; i < 30; i++)
		fsm_event(&table, &d.fsm, d.fsm.state == DOWN ? START : ANSWER, &d, 100 + i);
	fsm_event(&table, &d.fsm, LOST, &d, 200);
	CU_ASSERT_EQUAL(fsm_past(&d.fsm, 0)->when, 200);
	CU_ASSERT_PTR_NULL(fsm_past(&d.fsm, FSM_HISTORY));
}

UNIT_TESTS("auth",
	{"packets as OSPF signs them", packets_as_ospf_signs_them},
	{"plain HMAC vectors", plain_hmac_vectors},
	{"MD5 keys are padded and cut", md5_keys_are_padded_and_cut},
	{"Apad carries the source", apad_carries_the_source},
	{"a state machine runs and remembers", a_machine_runs_and_remembers})
