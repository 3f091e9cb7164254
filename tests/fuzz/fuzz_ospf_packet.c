/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OSPFv2 packets: whatever the decoder accepts, the encoder writes back octet for octet, and every
 * authentication looks at it without harm.
 *
 * fuzz-core: ospfd
 */
#include <stdlib.h>
#include <string.h>

#include "ospfd/iface.h"
#include "ospfd/v2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t buf[70000];

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
hello(const struct pkt_hdr *h)
{
	struct hello x;
	if (!v2_hello_get(h, &x))
		return;
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	v2_hello_put(&x, &w);
	while (wire_left(&x.nbrs))
		wire_put_u32(&w, wire_get_u32(&x.nbrs));
	must(w.len == h->body_len && memcmp(buf, h->body, w.len) == 0);
}

static void
dbdesc(const struct pkt_hdr *h)
{
	struct dbdesc d;
	struct lsa_hdr l;
	if (!v2_dbdesc_get(h, &d))
		return;
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	v2_dbdesc_put(&d, &w);
	must(w.len == 8 && memcmp(buf, h->body, 3) == 0 && memcmp(buf + 4, h->body + 4, 4) == 0);
	while (wire_left(&d.headers)) {
		const uint8_t *at = d.headers.pos;
		must(v2_lsa_hdr_get(&d.headers, &l) && l.age <= LSA_MAX_AGE);
		w = wire_writer(buf, sizeof(buf));
		v2_lsa_hdr_put(&l, &w);
		must(w.len == LSA_HDR_LEN && memcmp(buf + 2, at + 2, LSA_HDR_LEN - 2) == 0);
	}
}

static void
lsreq(const struct pkt_hdr *h)
{
	struct wire_reader r = wire_reader(h->body, h->body_len);
	struct lsa_key k;
	while (wire_left(&r) >= 12)
		must(v2_lsreq_get(&r, &k));
	must(wire_left(&r) == 0 || !v2_lsreq_get(&r, &k));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const by_type[PKT_TYPES])(const struct pkt_hdr *) = { [PKT_HELLO] = hello,
		[PKT_DBDESC] = dbdesc, [PKT_LSREQ] = lsreq };
	struct pkt_hdr h;
	struct auth_seen seen;
	if (v2_hdr_get(data, size, &h) != DROP_NONE)
		return 0;
	must(h.len <= size && h.body_len + V2_HDR_LEN == h.len);
	if (by_type[h.type])
		by_type[h.type](&h);
	struct ospf_conf_key key = { .id = data[18], .key = "k" };
	struct ospf_conf_iface conf = { .keys = &key, .key_count = 1 };
	struct ospf o = { .router_id = 1 };
	struct area a = { .o = &o };
	struct iface i = { .area = &a, .conf = &conf };
	for (i.p.auth = 0; i.p.auth <= OSPF_AUTH_UNSET; i.p.auth++)
		v2_auth_check(&i, &h, data, size, &seen);
	return 0;
}
