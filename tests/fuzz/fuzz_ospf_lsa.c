/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OSPFv2 LSAs: the input is made an LSA by a right length and checksum, so that the bodies are what
 * is tried. What passes the checks is walked by every iterator, and compared with a changed copy.
 *
 * fuzz-core: ospfd
 */
#include <stdlib.h>
#include <string.h>

#include "lib/cksum.h"
#include "lib/mem.h"
#include "ospfd/v2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
walk(const struct lsa *l)
{
	uint16_t type = l->hdr.key.type;
	struct spf_link k;
	struct spf_prefix p;
	struct spf_external e;
	struct spf_summary s;
	struct wire_reader r;
	if (type == V2_ROUTER || type == V2_NETWORK) {
		size_t count = 0;
		for (r = v2_links_begin(l); v2_link_next(l, &r, &k); count++)
			must(k.to == VERTEX_ROUTER || k.to == VERTEX_NETWORK);
		for (r = v2_prefixes_begin(l); v2_prefix_next(l, &r, &p); count++)
			must(p.prefix.len <= 32);
		must(count <= lsa_body_len(l));
	}
	if (type == V2_ROUTER)
		must(v2_router_flags(l) <= 7);
	if (type == V2_SUMMARY || type == V2_ASBR)
		v2_summary_get(l, &s);
	if ((type == V2_EXTERNAL || type == V2_NSSA) && v2_external_get(l, &e))
		must(e.prefix.len <= 32 && e.metric <= LSA_INFINITY);
}

static struct lsa *
make(const struct lsa_hdr *h, const struct lsa_desc *d, const uint8_t *raw)
{
	struct lsa *l = mem_zalloc(sizeof(*l) + h->len);
	l->hdr = *h;
	l->desc = d;
	memcpy(l->raw, raw, h->len);
	return l;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < LSA_HDR_LEN || size > 60000)
		return 0;
	uint8_t *raw = mem_dup(data, size);
	raw[18] = (uint8_t)(size >> 8);
	raw[19] = (uint8_t)size;
	uint16_t sum = cksum_fletcher(raw + 2, size - 2, 14);
	raw[16] = (uint8_t)(sum >> 8);
	raw[17] = (uint8_t)sum;
	must(cksum_fletcher_ok(raw + 2, size - 2));
	struct wire_reader r = wire_reader(raw, size);
	struct lsa_hdr h;
	must(v2_lsa_hdr_get(&r, &h));
	const struct lsa_desc *d = v2_lsa_desc(h.key.type);
	if (d && d->check(&h, raw + LSA_HDR_LEN, size - LSA_HDR_LEN)) {
		struct lsa *a = make(&h, d, raw);
		walk(a);
		for (unsigned i = 0; i < 4 && size > LSA_HDR_LEN; i++) {
			raw[LSA_HDR_LEN + (size_t)i * 7 % (size - LSA_HDR_LEN)] ^=
				(uint8_t)(1u << i);
			if (!d->check(&h, raw + LSA_HDR_LEN, size - LSA_HDR_LEN))
				continue;
			struct lsa *b = make(&h, d, raw);
			must(d->changed(a, b) <= CHANGE_TOPOLOGY);
			must(d->changed(a, b) == d->changed(b, a));
			mem_free(b);
		}
		mem_free(a);
	}
	mem_free(raw);
	return 0;
}
