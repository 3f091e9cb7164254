/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes from a LAN before VRRP's own parser: a frame of IPv4 or IPv6, of ARP or
 * neighbour discovery. What is taken lies within the input; our own frame, taken apart, gives what was put in.
 *
 * fuzz-links: vrrpd/frame.c
 */
#include <stdlib.h>
#include <string.h>

#include "vrrpd/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
there_and_back(const uint8_t *data, size_t size)
{
	uint8_t frame[VRRP_FRAME_MAX];
	struct vrrp_rx rx = {.ifindex = 1};
	struct vrrp_tx tx = {.src = ipaddr_from_ip4(0x0a000001), .dst = ipaddr_from_ip4(0xe0000012), .bytes = data, .len = size};
	size_t n = vrrp_frame_advert(&tx, frame, sizeof(frame));

	must((n == 0) == (size > sizeof(frame) - 34));
	if (!n)
		return;
	must(vrrp_frame_received(frame, n, &rx));
	must(rx.len == size && !memcmp(rx.bytes, data, size) && rx.ttl == 255 && !ipaddr_cmp(&rx.src, &tx.src));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrrp_heard heard;
	struct vrrp_rx rx = {.ifindex = 1};

	if (vrrp_frame_received(data, size, &rx))
		must(rx.bytes >= data + 34 && rx.bytes + rx.len <= data + size);
	if (vrrp_frame_heard(data, size, &heard))
		must(heard.host.afi != AFI_NONE && !ipaddr_is_zero(&heard.host) && !(size < 42));
	there_and_back(data, size);
	return 0;
}
