/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OSPFv2 codecs against vectors that another implementation (scapy, hashlib) has made:
 * decode(vector) is the struct, encode(struct) is the vector.
 */
#include <string.h>

#include "lib/mem.h"
#include "ospfd/nbr.h"
#include "ospfd/seq.h"
#include "ospfd/v2.h"
#include "tests/unit/unit.h"

static const char hello_hex[] = "020100340101010100000000dc8700000000000000000000ffffff00000a0201"
	"000000280a0000020a0000010202020203030303";
static const char md5_hex[] = "02010034010101010000000000000002000005105f000001ffffff00000a0201"
	"000000280a0000020a0000010202020203030303024edac6b017274c6cfa15401c42b6ca";
static const char dbdesc_hex[] = "020200340101010100000000b2bc0000000000000000000005dc420312345678"
	"000502010101010101010101800000051234003c";
static const char lsreq_hex[] = "0203003001010101000000003112000000000000000000000000000101010101"
	"0101010100000005c0a8000003030303";
static const char lsack_hex[] = "0205002c0101010100000000634d000000000000000000000005020101010101"
	"01010101800000051234003c";
static const char lsupd_hex[] = "020400b801010101000000000c23000000000000000000000000000400010201"
				"010101010101010180000005eded003c020000030a0000020a0000010200000a0a"
				"010000ffff0000030000050202"
				"02020a00010101000007000202020a000002020202028000000125150020ffffff"
				"00020202020101010100030205"
				"c0a800000303030380000009ebf40024ffffff00800000140a0000090000004d00"
				"040203ac100000030303038000"
				"000298e8001cfff0000000000021";

struct bytes {
	uint8_t b[512];
	size_t len;
};

static struct bytes
from_hex(const char *hex)
{
	struct bytes out = { .len = strlen(hex) / 2 };
	for (size_t i = 0; i < 2 * out.len; i++) {
		char c = hex[i];
		out.b[i / 2] = (uint8_t)(out.b[i / 2] << 4 | (c <= '9' ? c - '0' : c - 'a' + 10));
	}
	return out;
}

/* An interface just good enough for packet headers and authentication. */
struct world {
	struct ospf o;
	struct area a;
	struct iface i;
	struct ospf_conf_iface conf;
	struct ospf_conf_key keys[2];
};

static void
world_init(struct world *w, uint8_t auth)
{
	memset(w, 0, sizeof(*w));
	w->o.router_id = 0x01010101;
	w->o.v = &ospf_v2;
	w->a.o = &w->o;
	w->i.area = &w->a;
	w->i.p.auth = auth;
	w->i.conf = &w->conf;
	w->conf.keys = w->keys;
	w->conf.key_count = 2;
	w->keys[0] = (struct ospf_conf_key){ .id = 5, .key = "secret" };
	w->keys[1] = (struct ospf_conf_key){ .id = 6, .key = "other" };
	memcpy(w->conf.auth_key, "abcdefgh", 9);
}

static void
hello_both_ways(void)
{
	struct bytes v = from_hex(hello_hex);
	struct world w;
	struct pkt_hdr h;
	struct hello hello;
	struct auth_seen seen;
	world_init(&w, OSPF_AUTH_NONE);
	CU_ASSERT(v2_hdr_get(v.b, v.len, &h) == DROP_NONE);
	CU_ASSERT(h.type == PKT_HELLO && h.router_id == 0x01010101 && h.area_id == 0);
	CU_ASSERT(v2_auth_check(&w.i, &h, v.b, v.len, &seen) == DROP_NONE);
	CU_ASSERT(v2_hello_get(&h, &hello));
	CU_ASSERT(hello.mask == 0xffffff00 && hello.hello_s == 10 && hello.dead_s == 40);
	CU_ASSERT(hello.options == OPT_E && hello.priority == 1);
	CU_ASSERT(hello.dr == 0x0a000002 && hello.bdr == 0x0a000001);
	CU_ASSERT(wire_left(&hello.nbrs) == 8 && wire_get_u32(&hello.nbrs) == 0x02020202);

	uint8_t out[256];
	struct wire_writer wr = wire_writer(out, sizeof(out));
	v2_hdr_put(&w.i, PKT_HELLO, &wr);
	v2_hello_put(&hello, &wr);
	wire_put_u32(&wr, 0x02020202);
	wire_put_u32(&wr, 0x03030303);
	v2_finish(&w.i, &wr, NULL, 0);
	CU_ASSERT(!wr.bad && wr.len == v.len && memcmp(out, v.b, v.len) == 0);
}

static void
md5_both_ways(void)
{
	struct bytes v = from_hex(md5_hex);
	struct world w;
	struct pkt_hdr h;
	struct auth_seen seen;
	world_init(&w, OSPF_AUTH_MD5);
	CU_ASSERT(v2_hdr_get(v.b, v.len, &h) == DROP_NONE && h.len == v.len - 16);
	CU_ASSERT(v2_auth_check(&w.i, &h, v.b, v.len, &seen) == DROP_NONE);
	CU_ASSERT(seen.crypto && seen.key_id == 5 && seen.seq == 0x5f000001);
	uint8_t out[256];
	struct wire_writer wr = wire_writer(out, sizeof(out));
	wire_put_bytes(&wr, v.b, h.len);
	v2_finish(&w.i, &wr, &w.keys[0], 0x5f000001);
	CU_ASSERT(wr.len == v.len && memcmp(out, v.b, v.len) == 0);
	/* each way of being wrong has its reason */
	CU_ASSERT(v2_auth_check(&w.i, &h, v.b, v.len - 1, &seen) == DROP_AUTH_DIGEST);
	v.b[30] ^= 1;
	CU_ASSERT(v2_auth_check(&w.i, &h, v.b, v.len, &seen) == DROP_AUTH_DIGEST && !seen.crypto);
	v.b[30] ^= 1;
	v.b[18] = 7;
	CU_ASSERT(v2_auth_check(&w.i, &h, v.b, v.len, &seen) == DROP_AUTH_KEY_ID);
	w.i.p.auth = OSPF_AUTH_NONE;
	CU_ASSERT(v2_auth_check(&w.i, &h, v.b, v.len, &seen) == DROP_AUTH_TYPE);
}

static void
simple_password(void)
{
	struct world w;
	struct pkt_hdr h;
	struct auth_seen seen;
	uint8_t out[64];
	struct wire_writer wr = wire_writer(out, sizeof(out));
	world_init(&w, OSPF_AUTH_SIMPLE);
	v2_hdr_put(&w.i, PKT_LSACK, &wr);
	v2_finish(&w.i, &wr, NULL, 0);
	CU_ASSERT(memcmp(out + 16, "abcdefgh", 8) == 0);
	CU_ASSERT(v2_hdr_get(out, wr.len, &h) == DROP_NONE);
	CU_ASSERT(v2_auth_check(&w.i, &h, out, wr.len, &seen) == DROP_NONE);
	out[23] = 'x';
	CU_ASSERT(v2_auth_check(&w.i, &h, out, wr.len, &seen) == DROP_AUTH_KEY);
	out[23] = 'h';
	out[4] ^= 1;
	CU_ASSERT(v2_auth_check(&w.i, &h, out, wr.len, &seen) == DROP_CHECKSUM);
}

static void
header_refused(void)
{
	struct bytes v = from_hex(hello_hex), x;
	struct pkt_hdr h;
	for (size_t len = 0; len < 24; len++)
		CU_ASSERT(v2_hdr_get(v.b, len, &h) == DROP_SHORT);
	for (size_t len = 24; len < v.len; len++)
		CU_ASSERT(v2_hdr_get(v.b, len, &h) == DROP_LENGTH);
	x = v;
	x.b[0] = 3;
	CU_ASSERT(v2_hdr_get(x.b, x.len, &h) == DROP_VERSION);
	x = v;
	x.b[1] = 6;
	CU_ASSERT(v2_hdr_get(x.b, x.len, &h) == DROP_TYPE);
	x.b[1] = 0;
	CU_ASSERT(v2_hdr_get(x.b, x.len, &h) == DROP_TYPE);
	x = v;
	x.b[2] = 0;
	x.b[3] = 23;
	CU_ASSERT(v2_hdr_get(x.b, x.len, &h) == DROP_LENGTH);
}

static void
dbdesc_and_requests(void)
{
	struct bytes v = from_hex(dbdesc_hex);
	struct pkt_hdr h;
	struct dbdesc d;
	struct lsa_hdr l;
	CU_ASSERT(v2_hdr_get(v.b, v.len, &h) == DROP_NONE && v2_dbdesc_get(&h, &d));
	CU_ASSERT(d.mtu == 1500 && d.options == (OPT_E | OPT_O) && d.flags == (DD_M | DD_MS));
	CU_ASSERT(d.seq == 0x12345678);
	uint8_t out[256];
	struct wire_writer wr = wire_writer(out, sizeof(out));
	v2_dbdesc_put(&d, &wr);
	CU_ASSERT(v2_lsa_hdr_get(&d.headers, &l) && l.age == 5 && l.seq == (int32_t)0x80000005);
	CU_ASSERT(l.cksum == 0x1234 && l.len == 60 && l.key.type == 1 && l.key.adv == 0x01010101);
	v2_lsa_hdr_put(&l, &wr);
	CU_ASSERT(wr.len == h.body_len && memcmp(out, h.body, wr.len) == 0);

	v = from_hex(lsreq_hex);
	CU_ASSERT(v2_hdr_get(v.b, v.len, &h) == DROP_NONE);
	struct wire_reader r = wire_reader(h.body, h.body_len);
	struct lsa_key k;
	wr = wire_writer(out, sizeof(out));
	CU_ASSERT(v2_lsreq_get(&r, &k) && k.type == 1 && k.id == 0x01010101);
	v2_lsreq_put(&k, &wr);
	CU_ASSERT(v2_lsreq_get(&r, &k) && k.type == 5 && k.id == 0xc0a80000 && k.adv == 0x03030303);
	v2_lsreq_put(&k, &wr);
	CU_ASSERT(wire_left(&r) == 0 && memcmp(out, h.body, wr.len) == 0);
	CU_ASSERT(!v2_lsreq_get(&r, &k));

	v = from_hex(lsack_hex);
	CU_ASSERT(v2_hdr_get(v.b, v.len, &h) == DROP_NONE && h.body_len == 20);
}

static struct lsa *
next_lsa(struct wire_reader *r, enum ospf_drop want)
{
	struct lsa_hdr h;
	const struct lsa_desc *d;
	const uint8_t *raw;
	enum ospf_drop got = lsa_decode(&ospf_v2, r, &h, &d, &raw);
	CU_ASSERT(got == want);
	return got == DROP_NONE ? lsa_new(&h, d, raw, 0) : NULL;
}

static void
check_router(const struct lsa *l)
{
	struct wire_reader r = v2_links_begin(l);
	struct spf_link k;
	struct spf_prefix p;
	CU_ASSERT(v2_router_flags(l) == RTR_E);
	CU_ASSERT(v2_link_next(l, &r, &k) && k.to == VERTEX_NETWORK && k.to_id == 0x0a000002);
	CU_ASSERT(k.data == 0x0a000001 && k.cost == 10 && !k.point_to_point);
	CU_ASSERT(v2_link_next(l, &r, &k) && k.to == VERTEX_ROUTER && k.to_id == 0x02020202);
	CU_ASSERT(k.cost == 7 && k.point_to_point && !k.virtual_link);
	CU_ASSERT(!v2_link_next(l, &r, &k));
	r = v2_prefixes_begin(l);
	CU_ASSERT(v2_prefix_next(l, &r, &p) && prefix_ip4(&p.prefix) == 0x0a010000);
	CU_ASSERT(p.prefix.len == 16 && p.metric == 5);
	CU_ASSERT(!v2_prefix_next(l, &r, &p));
}

static void
update_of_four(void)
{
	struct bytes v = from_hex(lsupd_hex);
	struct pkt_hdr h;
	CU_ASSERT(v2_hdr_get(v.b, v.len, &h) == DROP_NONE);
	struct wire_reader r = wire_reader(h.body, h.body_len);
	CU_ASSERT(wire_get_u32(&r) == 4);
	struct lsa *l = next_lsa(&r, DROP_NONE);
	check_router(l);
	mem_free(l);

	l = next_lsa(&r, DROP_NONE);
	struct wire_reader c = v2_links_begin(l);
	struct spf_link k;
	struct spf_prefix p;
	CU_ASSERT(v2_link_next(l, &c, &k) && k.to == VERTEX_ROUTER && k.to_id == 0x02020202);
	CU_ASSERT(v2_link_next(l, &c, &k) && k.to_id == 0x01010101 && k.cost == 0);
	CU_ASSERT(!v2_link_next(l, &c, &k));
	c = v2_prefixes_begin(l);
	CU_ASSERT(v2_prefix_next(l, &c, &p) && prefix_ip4(&p.prefix) == 0x0a000000 &&
		  p.prefix.len == 24);
	CU_ASSERT(!v2_prefix_next(l, &c, &p));
	mem_free(l);

	l = next_lsa(&r, DROP_NONE);
	struct spf_external e;
	CU_ASSERT(v2_external_get(l, &e) && e.type2 && e.metric == 20 && e.tag == 77);
	CU_ASSERT(ipaddr_to_ip4(&e.forward) == 0x0a000009 && e.prefix.len == 24);
	struct own_lsa own;
	uint8_t out[64];
	own.w = wire_writer(out, sizeof(out));
	struct world w;
	world_init(&w, OSPF_AUTH_NONE);
	v2_external_put(&w.o, l->hdr.key.id, &(struct orig_external){ .prefix = e.prefix,
		.metric = 20, .tag = 77, .type2 = true, .forward = e.forward }, &own);
	CU_ASSERT(own.w.len == lsa_body_len(l) && memcmp(out, lsa_body(l), own.w.len) == 0);
	mem_free(l);

	l = next_lsa(&r, DROP_NONE);
	struct spf_summary s;
	CU_ASSERT(v2_summary_get(l, &s) && s.metric == 33 && s.prefix.len == 12);
	mem_free(l);
	CU_ASSERT(wire_left(&r) == 0);
}

static void
lsas_refused(void)
{
	struct bytes v = from_hex(lsupd_hex), x = v;
	const size_t at = 28;
	struct wire_reader r;
	x.b[at + 30] ^= 1;
	r = wire_reader(x.b + at, 60);
	next_lsa(&r, DROP_LSA_CHECKSUM);
	CU_ASSERT(wire_left(&r) == 0); /* the next one would be found */
	x = v;
	r = wire_reader(x.b + at, 59);
	next_lsa(&r, DROP_LSA_LENGTH);
	CU_ASSERT(r.bad);
	x.b[at + 18] = 0;
	x.b[at + 19] = 19;
	r = wire_reader(x.b + at, 60);
	next_lsa(&r, DROP_LSA_LENGTH);
	/* four links said, three there: wrong checksum, so told by the row's check */
	x = v;
	struct lsa_hdr h;
	r = wire_reader(v.b + at, 60);
	CU_ASSERT(v2_lsa_hdr_get(&r, &h));
	x.b[at + 23] = 4;
	CU_ASSERT(v2_lsa_desc(V2_ROUTER)->check(&h, v.b + at + 20, 40));
	CU_ASSERT(!v2_lsa_desc(V2_ROUTER)->check(&h, x.b + at + 20, 40));
	x.b[at + 23] = 2;
	CU_ASSERT(!v2_lsa_desc(V2_ROUTER)->check(&h, x.b + at + 20, 40));
	CU_ASSERT(v2_lsa_desc(6) == NULL && v2_lsa_desc(0) == NULL && v2_lsa_desc(12) == NULL);
}

/* DoNotAge and absurd ages (RFC 1793; 13.1 knows nothing above MaxAge) */
static void
odd_ages(void)
{
	struct bytes v = from_hex(lsupd_hex);
	struct lsa_hdr h;
	v.b[28] = 0x80;
	struct wire_reader r = wire_reader(v.b + 28, 60);
	CU_ASSERT(v2_lsa_hdr_get(&r, &h) && h.age == 1);
	v.b[28] = 0x7f;
	r = wire_reader(v.b + 28, 60);
	CU_ASSERT(v2_lsa_hdr_get(&r, &h) && h.age == LSA_MAX_AGE);
}

/* RFC 2328 13.1 */
static void
newer_instance(void)
{
	struct lsa_hdr a = { .age = 10, .seq = LSA_SEQ_INITIAL, .cksum = 5 }, b = a;
	CU_ASSERT(lsa_compare(&a, &b) == 0);
	b.seq = 1; /* positive: newer than all negative ones */
	CU_ASSERT(lsa_compare(&a, &b) < 0 && lsa_compare(&b, &a) > 0);
	b = a;
	b.cksum = 6;
	CU_ASSERT(lsa_compare(&a, &b) < 0);
	b = a;
	b.age = LSA_MAX_AGE;
	CU_ASSERT(lsa_compare(&b, &a) > 0);
	b.age = 911;
	CU_ASSERT(lsa_compare(&a, &b) > 0);
	b.age = 910;
	CU_ASSERT(lsa_compare(&a, &b) == 0);
	CU_ASSERT(seq_next(LSA_SEQ_MAX) == 0 && seq_next(LSA_SEQ_INITIAL) == LSA_SEQ_INITIAL + 1);
	CU_ASSERT(seq_next(-1) == 1);
}

/* What a change means to the route calculation. */
static void
changes_classified(void)
{
	struct bytes v = from_hex(lsupd_hex);
	struct wire_reader r = wire_reader(v.b + 28, 60);
	struct lsa *a = next_lsa(&r, DROP_NONE), *b = lsa_new(&a->hdr, a->desc, a->raw, 0);
	b->raw[20 + 4 + 12 + 11] = 9; /* metric of the stub link */
	CU_ASSERT(a->desc->changed(a, b) == CHANGE_PREFIXES);
	b->raw[20 + 4 + 11] = 9; /* metric of the transit link */
	CU_ASSERT(a->desc->changed(a, b) == CHANGE_TOPOLOGY);
	memcpy(b->raw, a->raw, a->hdr.len);
	b->raw[20] ^= RTR_B;
	CU_ASSERT(a->desc->changed(a, b) == CHANGE_TOPOLOGY);
	mem_free(a);
	mem_free(b);
}

/* Every reason and every LSA type has its words. */
static void
tables_complete(void)
{
	for (unsigned d = 0; d < DROP_COUNT; d++) {
		CU_ASSERT(ospf_drop_name((enum ospf_drop)d) != NULL);
		CU_ASSERT(ospf_drop_explain((enum ospf_drop)d) != NULL);
		for (unsigned e = 0; e < d; e++)
			CU_ASSERT(strcmp(ospf_drop_name((enum ospf_drop)d),
				ospf_drop_name((enum ospf_drop)e)) != 0);
	}
	for (uint16_t t = 0; t < 16; t++) {
		const struct lsa_desc *d = v2_lsa_desc(t);
		CU_ASSERT(!d || (d->name && d->yangname && d->check && d->changed &&
			d->slot < LSDB_TYPES));
	}
}

UNIT_TESTS("ospf codec",
	{ "Hello both ways", hello_both_ways },
	{ "MD5 both ways", md5_both_ways },
	{ "simple password", simple_password },
	{ "headers refused", header_refused },
	{ "Database Description, requests, acknowledgments", dbdesc_and_requests },
	{ "an update of four LSAs", update_of_four },
	{ "LSAs refused", lsas_refused },
	{ "odd ages", odd_ages },
	{ "which instance is newer", newer_instance },
	{ "changes are classified", changes_classified },
	{ "tables are complete", tables_complete })
