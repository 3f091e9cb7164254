/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD authentication: digests against vectors that python's hashlib has computed over the packet with the
 * key in the digest's place (RFC 5880 6.7.3, 6.7.4), and the windows and refusals of a session.
 */
#include "tests/unit/bfd_world.h"
#include "tests/unit/unit.h"

static const struct vector {
	uint8_t type;
	const char *key, *hex;
	uint32_t sequence;
} vectors[] = {
	{BFD_AUTH_MD5, "secret", "20c4033011223344556677880000c3500000ea60000000000218070001020304"
		"eb0cc7b451bb546a4c5c8db6adbaebad", 0x01020304},
	{BFD_AUTH_MD5, "0123456789abcdef", "20c4033011223344556677880000c3500000ea600000000002180700fffffffe"
		"7dc9de95da280a581cc9b3f61ff385bc", 0xfffffffe},
	{BFD_AUTH_METICULOUS_MD5, "secret", "20c4033011223344556677880000c3500000ea60000000000318070001020304"
		"8b27d5d59fdfdca565b5fd73ac462427", 0x01020304},
	{BFD_AUTH_METICULOUS_MD5, "0123456789abcdef", "20c4033011223344556677880000c3500000ea600000000003180700"
		"fffffffe776e69a896bff5b3aaa5f7fa2a618fc5", 0xfffffffe},
	{BFD_AUTH_SHA1, "secret", "20c4033411223344556677880000c3500000ea6000000000041c070001020304"
		"3f6ffc97581f033b95f6f0e8550d522a66ddc803", 0x01020304},
	{BFD_AUTH_SHA1, "0123456789abcdefghij", "20c4033411223344556677880000c3500000ea6000000000041c0700fffffffe"
		"ef2d68aa73d9a2171dd23ce389359313eeb4c74b", 0xfffffffe},
	{BFD_AUTH_METICULOUS_SHA1, "secret", "20c4033411223344556677880000c3500000ea6000000000051c070001020304"
		"e4a2cbccf4723331503cdb9aab2c415a3a9a0621", 0x01020304},
	{BFD_AUTH_METICULOUS_SHA1, "0123456789abcdefghij", "20c4033411223344556677880000c3500000ea6000000000051c0700"
		"fffffffed0a4043e1462bbfb7fe340eec7d3f259d3b84733", 0xfffffffe},
};

static size_t
from_hex(const char *hex, uint8_t *out)
{
	size_t len = strlen(hex) / 2;
	for (size_t i = 0; i < 2 * len; i++) {
		char c = hex[i];
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (c <= '9' ? c - '0' : c - 'a' + 10));
	}
	return len;
}

static void
digests_both_ways(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		struct bfd_auth a = {.type = v->type, .key_id = 7, .key_len = (uint8_t)strlen(v->key)};
		struct bfd_auth_section s;
		uint8_t bytes[BFD_PACKET_MAX], digest[BFD_KEY_MAX], out[BFD_PACKET_MAX];
		size_t len = from_hex(v->hex, bytes);
		memcpy(a.key, v->key, a.key_len);
		CU_ASSERT(len == BFD_HEADER_LEN + bfd_auth_section_len(v->type, a.key_len));
		CU_ASSERT(bfd_auth_section_get(bytes + 24, len - 24, &s) == BFD_DROP_NONE);
		CU_ASSERT(s.type == v->type && s.key_id == 7 && s.sequence == v->sequence);
		CU_ASSERT(s.data_len == bfd_auth_digest(&a, bytes, len, digest) && s.data_len);
		CU_ASSERT(!memcmp(digest, s.data, s.data_len));
		struct wire_writer w = wire_writer(out, sizeof(out));
		bfd_auth_section_put(&s, &w);
		CU_ASSERT(w.len == len - 24 && !memcmp(out, bytes + 24, w.len));
		/* any bit that is not the digest's changes it */
		for (size_t bit = 0; bit < 8 * 32; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			bfd_auth_digest(&a, bytes, len, digest);
			CU_ASSERT(memcmp(digest, s.data, s.data_len) != 0);
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		/* 6.7.3: the length is the type's, neither less nor more */
		CU_ASSERT(bfd_auth_section_get(bytes + 24, len - 25, &s) == BFD_DROP_AUTH_LENGTH);
		bytes[25]--;
		CU_ASSERT(bfd_auth_section_get(bytes + 24, len - 25, &s) == BFD_DROP_AUTH_LENGTH);
	}
}

/* --- sessions ---------------------------------------------------------------------------------------- */
#define PEER0 BW_PEER("10.0.0.2") /* what side 0 configures */
#define PEER1 BW_PEER("10.0.0.1")
#define FAST(peer) peer "/desired-min-tx-interval=50000", peer "/required-min-rx-interval=50000"
#define AUTH(peer, type, id, key)                                                                  \
	peer "/authentication/type=" type, peer "/authentication/key-id=" id, peer "/authentication/key=" key

static uint64_t
drops(struct bw *w, unsigned n, enum bfd_drop why)
{
	return bw_view(w, n).count.drops[why];
}

static void
every_type_comes_up(void)
{
	static const char *const types[] = {"simple-password", "keyed-md5", "meticulous-keyed-md5", "keyed-sha1",
		"meticulous-keyed-sha1"};
	for (size_t i = 0; i < 5; i++) {
		struct bw *w = bw_new(i + 1);
		char type[2][256];
		snprintf(type[0], sizeof(type[0]), PEER0 "/authentication/type=%s", types[i]);
		snprintf(type[1], sizeof(type[1]), PEER1 "/authentication/type=%s", types[i]);
		CU_ASSERT(BW_EDIT(w, 0, FAST(PEER0), type[0], PEER0 "/authentication/key-id=3",
			PEER0 "/authentication/key=pass word"));
		CU_ASSERT(BW_EDIT(w, 1, FAST(PEER1), type[1], PEER1 "/authentication/key-id=3",
			PEER1 "/authentication/key=pass word"));
		bw_run(w, 5 * TIME_SEC);
		CU_ASSERT(bw_both_up(w));
		CU_ASSERT(w->side[0].last_sent.auth && w->side[0].last_bytes[24] == i + BFD_AUTH_SIMPLE);
		uint64_t before = bw_view(w, 0).count.control_rx;
		w->loss_percent = 10;
		bw_run(w, 10 * TIME_SEC);
		w->loss_percent = 0;
		CU_ASSERT(bw_view(w, 0).count.control_rx > before + 150);
		struct bfd_view v = bw_view(w, 0);
		CU_ASSERT(bfd_drops_sum(&v.count) == 0);
		bw_free(w);
	}
}

static void
sequence_numbers_wrap(void)
{
	struct bw *w = bw_new(3);
	w->cut[0] = true;
	CU_ASSERT(BW_EDIT(w, 0, FAST(PEER0), AUTH(PEER0, "meticulous-keyed-sha1", "1", "k")));
	CU_ASSERT(BW_EDIT(w, 1, FAST(PEER1), AUTH(PEER1, "meticulous-keyed-sha1", "1", "k")));
	bw_run(w, TIME_SEC);
	/* a new life of side 0 goes on just below the end of the circle */
	struct bfd_record r = w->side[0].records[0];
	CU_ASSERT(w->side[0].record_count == 1 && r.auth_type == BFD_AUTH_METICULOUS_SHA1);
	r.xmit_auth_seq = 0xfffffff0;
	bw_death(w, 0);
	bw_birth(w, 0);
	w->cut[0] = false;
	bfd_restore(w->side[0].b, &r, 1, w->now);
	CU_ASSERT(BW_EDIT(w, 0, FAST(PEER0), AUTH(PEER0, "meticulous-keyed-sha1", "1", "k")));
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && w->side[0].records[0].xmit_auth_seq < 1000);
	CU_ASSERT(drops(w, 1, BFD_DROP_AUTH_REPLAY) == 0 && bw_view(w, 1).count.downs == 0);
	CU_ASSERT(w->side[1].records[0].rcv_auth_seq < 1000 && w->side[1].records[0].auth_seq_known);
	bw_free(w);
}

static void
mismatch_fails_closed(void)
{
	static const struct {
		const char *type, *id, *key;
		enum bfd_drop why;
	} others[] = {
		{NULL, NULL, NULL, BFD_DROP_AUTH_UNEXPECTED},
		{"simple-password", "1", "right", BFD_DROP_AUTH_TYPE},
		{"keyed-md5", "1", "right", BFD_DROP_AUTH_TYPE},
		{"meticulous-keyed-sha1", "1", "right", BFD_DROP_AUTH_TYPE},
		{"keyed-sha1", "2", "right", BFD_DROP_AUTH_KEY_ID},
		{"keyed-sha1", "1", "wrong", BFD_DROP_AUTH_DIGEST},
		{"keyed-sha1", "1", "right2", BFD_DROP_AUTH_DIGEST},
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct bw *w = bw_new(i + 1);
		char lines[3][256];
		CU_ASSERT(BW_EDIT(w, 0, AUTH(PEER0, "keyed-sha1", "1", "right")));
		if (others[i].type) {
			snprintf(lines[0], sizeof(lines[0]), PEER1 "/authentication/type=%s", others[i].type);
			snprintf(lines[1], sizeof(lines[1]), PEER1 "/authentication/key-id=%s", others[i].id);
			snprintf(lines[2], sizeof(lines[2]), PEER1 "/authentication/key=%s", others[i].key);
			CU_ASSERT(BW_EDIT(w, 1, lines[0], lines[1], lines[2]));
		} else {
			CU_ASSERT(BW_EDIT(w, 1, PEER1 "/shutdown=false"));
		}
		bw_run(w, 10 * TIME_SEC);
		CU_ASSERT(bw_view(w, 0).state == BFD_DOWN && bw_view(w, 1).state == BFD_DOWN);
		CU_ASSERT(bw_view(w, 0).count.control_rx == 0 && bw_view(w, 1).count.control_rx == 0);
		CU_ASSERT(drops(w, 1, others[i].why) > 5);
		CU_ASSERT(others[i].type || drops(w, 0, BFD_DROP_AUTH_MISSING) > 5);
		CU_ASSERT(w->side[0].last_log.kind == BFD_LOG_DROPPED);
		bw_free(w);
	}
	struct bw *w = bw_new(9);
	CU_ASSERT(BW_EDIT(w, 0, AUTH(PEER0, "simple-password", "1", "right")));
	CU_ASSERT(BW_EDIT(w, 1, AUTH(PEER1, "simple-password", "1", "rightly")));
	bw_run(w, 10 * TIME_SEC);
	CU_ASSERT(drops(w, 0, BFD_DROP_AUTH_PASSWORD) > 5 && drops(w, 1, BFD_DROP_AUTH_PASSWORD) > 5);
	CU_ASSERT(w->side[1].last_log.len == BFD_HEADER_LEN); /* no password in the log */
	bw_free(w);
}

static void
replay(struct bw *w, const uint8_t *bytes, size_t len)
{
	struct bfd_rx rx = {.src = w->side[0].addr, .dst = w->side[1].addr, .ifindex = BW_IFINDEX, .src_port = 50000,
		.dst_port = BFD_PORT_SINGLE, .ttl = 255, .arrived = w->now, .bytes = bytes, .len = len};
	bfd_packet_received(w->side[1].b, &rx, w->now);
}

static void
meticulous_refuses_replay(void)
{
	static const char *const types[] = {"meticulous-keyed-sha1", "keyed-sha1"};
	for (unsigned i = 0; i < 2; i++) {
		struct bw *w = bw_new(5);
		char type[2][256];
		snprintf(type[0], sizeof(type[0]), PEER0 "/authentication/type=%s", types[i]);
		snprintf(type[1], sizeof(type[1]), PEER1 "/authentication/type=%s", types[i]);
		BW_EDIT(w, 0, FAST(PEER0), type[0], PEER0 "/authentication/key-id=1", PEER0 "/authentication/key=k");
		BW_EDIT(w, 1, FAST(PEER1), type[1], PEER1 "/authentication/key-id=1", PEER1 "/authentication/key=k");
		bw_run(w, 5 * TIME_SEC);
		CU_ASSERT(bw_both_up(w));
		while (w->now <= w->side[0].sent_at[w->side[0].sent - 1] + w->delay)
			bw_run(w, 100); /* until what was sent last has arrived */
		uint8_t copy[BFD_PACKET_MAX];
		size_t len = w->side[0].last_len;
		memcpy(copy, w->side[0].last_bytes, len);
		CU_ASSERT(drops(w, 1, BFD_DROP_AUTH_REPLAY) == 0);
		/* 6.7.3: the last number again is good enough for the keyed kind only */
		replay(w, copy, len);
		CU_ASSERT(drops(w, 1, BFD_DROP_AUTH_REPLAY) == (i == 0));
		/* an older one never; and nothing else has changed */
		bw_run(w, TIME_SEC);
		uint64_t before = drops(w, 1, BFD_DROP_AUTH_REPLAY), heard = bw_view(w, 1).count.control_rx;
		replay(w, copy, len);
		CU_ASSERT(drops(w, 1, BFD_DROP_AUTH_REPLAY) == before + 1 && bw_view(w, 1).count.control_rx == heard);
		bw_run(w, TIME_SEC);
		CU_ASSERT(bw_both_up(w));
		/* a forged sequence number does not move the window */
		copy[28] ^= 0x55;
		replay(w, copy, len);
		bw_run(w, TIME_SEC);
		CU_ASSERT(bw_both_up(w));
		bw_free(w);
	}
}

static void
window_and_its_end(void)
{
	struct bw *w = bw_new(6);
	BW_EDIT(w, 0, FAST(PEER0), AUTH(PEER0, "meticulous-keyed-md5", "1", "k"));
	BW_EDIT(w, 1, FAST(PEER1), AUTH(PEER1, "meticulous-keyed-md5", "1", "k"));
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	/* many lost in a row: the session fails, and the numbers have left the window of 3 x 3 */
	w->cut[0] = true;
	bw_run(w, 100 * TIME_MS); /* before the detection time: within the window all goes on */
	w->cut[0] = false;
	bw_run(w, TIME_SEC);
	CU_ASSERT(bw_both_up(w) && drops(w, 1, BFD_DROP_AUTH_REPLAY) == 0);
	w->cut[0] = true;
	bw_run(w, 30 * TIME_SEC);
	CU_ASSERT(bw_view(w, 1).state == BFD_DOWN && w->side[1].last.liveness == BFD_LIVE_DOWN);
	w->cut[0] = false;
	bw_run(w, 5 * TIME_SEC);
	/* 6.8.1: after twice the detection time without a packet any number is good */
	CU_ASSERT(bw_both_up(w) && drops(w, 1, BFD_DROP_AUTH_REPLAY) == 0);
	bw_free(w);
}

static void
keys_change_while_up(void)
{
	struct bw *w = bw_new(7);
	BW_EDIT(w, 0, FAST(PEER0), AUTH(PEER0, "keyed-sha1", "1", "old"));
	BW_EDIT(w, 1, FAST(PEER1), AUTH(PEER1, "keyed-sha1", "1", "old"));
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w));
	unsigned changes = w->side[0].change_count;
	CU_ASSERT(BW_EDIT(w, 0, AUTH(PEER0, "keyed-md5", "2", "new")));
	bw_run(w, 60 * TIME_MS);
	CU_ASSERT(BW_EDIT(w, 1, AUTH(PEER1, "keyed-md5", "2", "new")));
	bw_run(w, 5 * TIME_SEC);
	/* both within the detection time: nobody noticed */
	CU_ASSERT(bw_both_up(w) && w->side[0].change_count == changes);
	CU_ASSERT(BW_EDIT(w, 0, "-" PEER0 "/authentication"));
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_view(w, 1).state == BFD_DOWN && drops(w, 1, BFD_DROP_AUTH_MISSING) > 0);
	CU_ASSERT(drops(w, 0, BFD_DROP_AUTH_UNEXPECTED) > 0);
	bw_free(w);
}

UNIT_TESTS("bfd auth", {"5880-6.7.3, 6.7.4 digests both ways", digests_both_ways},
	{"every type comes up, with losses", every_type_comes_up}, {"5880-6.7.3 numbers are a circle, also over a restart", sequence_numbers_wrap},
	{"5880-6.8.6 a mismatch fails closed", mismatch_fails_closed},
	{"5880-6.7.3 meticulous refuses a replay", meticulous_refuses_replay},
	{"5880-6.8.1 the window and its end", window_and_its_end}, {"keys change while Up", keys_change_while_up})
