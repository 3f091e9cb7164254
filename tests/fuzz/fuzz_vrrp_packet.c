/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP packets of all kinds: whatever the decoder accepts, the encoder writes back octet for octet but for the reserved
 * bits (and their share of the checksum); what it refuses, it refuses without a look beyond the end.
 * First octet: family, checksum repaired or not.
 *
 * fuzz-links: vrrpd/packet.c vrrpd/garp.c
 */
#include <stdlib.h>
#include <string.h>

#include "lib/cksum.h"
#include "vrrpd/garp.h"
#include "vrrpd/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* As a careful sender would have it. */
static void
repair(uint8_t *bytes, size_t len, const struct ipaddr *src, const struct ipaddr *dst, bool pseudo)
{
	uint8_t tail[4] = {0, VRRP_PROTO, (uint8_t)(len >> 8), (uint8_t)len};
	if (len < VRRP_HDR_LEN)
		return;
	bytes[6] = bytes[7] = 0;
	uint32_t sum = cksum_add(0, bytes, len);
	if (pseudo)
		sum = cksum_add(cksum_add(cksum_add(sum, src->b, afi_bytes(src->afi)), dst->b, afi_bytes(dst->afi)), tail, 4);
	uint16_t folded = cksum_fold(sum);
	bytes[6] = (uint8_t)(folded >> 8);
	bytes[7] = (uint8_t)folded;
}

static void
frames(const struct ipaddr *a, const struct ipaddr *from)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	uint8_t frame[VRRP_FRAME_MAX];
	must(vrrp_frame_announce(a, mac, frame) == (a->afi == AFI_IP4 ? 42 : 86));
	must(vrrp_frame_ask(a, NULL, from, mac, frame) == (a->afi == AFI_IP4 ? 42 : 86));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t six[16] = {0xfe, 0x80, [15] = 1};
	struct vrrp_advert a, peeked;
	uint8_t bytes[4200], again[VRRP_PACKET_MAX];
	if (size < 1 || size - 1 > sizeof(bytes))
		return 0;
	uint8_t how = data[0];
	size_t len = size - 1;
	memcpy(bytes, data + 1, len);
	struct ipaddr src = how & 1 ? ipaddr_from_bytes(AFI_IP6, six) : ipaddr_from_ip4(0x0a000001);
	struct ipaddr dst = vrrp_group_address(src.afi);
	if (how & 2)
		repair(bytes, len, &src, &dst, how & 5);
	enum vrrp_drop peek = vrrp_packet_peek(bytes, len, src.afi, &peeked);
	enum vrrp_drop d = vrrp_packet_get(&src, &dst, bytes, len, &a);
	must(d < VRRP_DROP_COUNT && (peek == VRRP_DROP_NONE || peek == d));
	if (d != VRRP_DROP_NONE)
		return 0;
	must(a.count && a.addresses >= bytes && a.addresses + a.count * afi_bytes(src.afi) <= bytes + len);
	must(a.version == peeked.version && a.interval == peeked.interval && a.interval >= 0);
	size_t written = vrrp_packet_put(&a, &src, &dst, again, sizeof(again));
	must(written == len);
	bool reserved = a.version == 3 && bytes[4] & 0xf0;
	must(!memcmp(again, bytes, 4) && again[5] == bytes[5] && !memcmp(again + 8, bytes + 8, len - 8));
	/* a checksum has two zeros; what was written must be accepted again */
	must(reserved || again[4] == bytes[4]);
	must(vrrp_packet_get(&src, &dst, again, written, &peeked) == VRRP_DROP_NONE);
	struct ipaddr first = ipaddr_from_bytes(src.afi, a.addresses);
	frames(&first, &src);
	return 0;
}
