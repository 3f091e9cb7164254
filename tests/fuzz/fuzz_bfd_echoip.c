/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headers of echoes that come back: what is taken lies inside what came, and written again it is read as the same.
 *
 * fuzz-links: bfdd/echoip.c
 */
#include <assert.h>
#include <string.h>

#include "bfdd/echoip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[BFD_ECHOIP_HEADERS + 65536];
	for (uint8_t afi = AFI_IP4; afi <= AFI_IP6; afi++) {
		struct bfd_echoip e, again;
		if (!bfd_echoip_decode(afi, data, size, &e))
			continue;
		assert(e.payload >= data && e.payload + e.payload_len <= data + size);
		size_t n = bfd_echoip_encode(&e, out, sizeof(out));
		assert(n && n <= size && bfd_echoip_decode(afi, out, n, &again));
		assert(!ipaddr_cmp(&e.own, &again.own) && e.ttl == again.ttl && e.src_port == again.src_port);
		assert(e.payload_len == again.payload_len && !memcmp(e.payload, again.payload, e.payload_len));
	}
	return 0;
}
