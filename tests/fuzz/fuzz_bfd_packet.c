/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD control packets with every kind of authentication: what the decoder accepts, the encoder writes
 * back octet for octet, and a digest that is made for it is the one that is found in it.
 *
 * fuzz-links: bfdd/authcodec.c bfdd/packet.c bfdd/stats.c
 */
#include <stdlib.h>
#include <string.h>

#include "bfdd/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
section(const uint8_t *bytes, size_t len)
{
	uint8_t out[BFD_PACKET_MAX], digest[BFD_KEY_MAX];
	struct bfd_auth_section s, again;
	struct wire_writer w = wire_writer(out, sizeof(out));

	if (bfd_auth_section_get(bytes + BFD_HEADER_LEN, len - BFD_HEADER_LEN, &s) != BFD_DROP_NONE)
		return;
	must(s.data_len && s.data_len <= bfd_auth_key_max(s.type) && s.len == len - BFD_HEADER_LEN);
	must(bfd_auth_section_len(s.type, s.data_len) == s.len);
	bfd_auth_section_put(&s, &w);
	must(!w.bad && w.len == s.len && !memcmp(out, bytes + BFD_HEADER_LEN, w.len));
	struct bfd_auth a = {.type = s.type, .key_id = s.key_id, .key_len = (uint8_t)(1 + len % bfd_auth_key_max(s.type))};
	memcpy(a.key, bytes + 4, a.key_len);
	size_t n = bfd_auth_digest(&a, bytes, len, digest);
	must(n == (bfd_auth_has_sequence(s.type) ? s.data_len : 0u));
	if (!n)
		return;
	memcpy(s.data, digest, n);
	w = wire_writer(out, sizeof(out));
	wire_put_bytes(&w, bytes, BFD_HEADER_LEN);
	bfd_auth_section_put(&s, &w);
	must(bfd_auth_section_get(out + BFD_HEADER_LEN, s.len, &again) == BFD_DROP_NONE);
	must(bfd_auth_digest(&a, out, w.len, digest) == n && !memcmp(digest, again.data, n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t out[BFD_HEADER_LEN];
	struct wire_writer w = wire_writer(out, sizeof(out));
	struct bfd_packet p;
	enum bfd_drop why = bfd_packet_get(data, size, &p);

	must(why < BFD_DROP_COUNT && *bfd_drop_name(why));
	if (why != BFD_DROP_NONE)
		return 0;
	must(p.length <= size && p.multiplier && p.my_discr && !(p.poll && p.final));
	bfd_packet_put(&p, &w);
	must(!w.bad && w.len == BFD_HEADER_LEN && !memcmp(out, data, w.len));
	if (p.auth)
		section(data, p.length);
	return 0;
}
