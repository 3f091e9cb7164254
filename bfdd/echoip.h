/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An echo packet's headers (RFC 5881 4): IP from an address of ours to the same, UDP to the echo port. */
#ifndef GREVY_BFDD_ECHOIP_H
#define GREVY_BFDD_ECHOIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

#define BFD_ECHOIP_HEADERS 48 /* IPv6's and UDP's */

struct bfd_echoip {
	struct ipaddr own;        /* source and destination */
	uint8_t ttl;
	uint16_t src_port;
	const uint8_t *payload;   /* borrowed */
	size_t payload_len;
};

/* The packet's length, 0: it does not fit. */
size_t bfd_echoip_encode(const struct bfd_echoip *e, uint8_t *out, size_t size);
/* False: not of this family, not whole, or not such a packet. */
bool bfd_echoip_decode(uint8_t afi, const uint8_t *bytes, size_t len, struct bfd_echoip *out);

#endif
