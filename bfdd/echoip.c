/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headers of echo packets: see echoip.h. We write them, since no UDP socket sends to its own address by way of
 * another machine, and read them, since no UDP socket takes what comes back (io.c). What comes
 * back has one hop less and is otherwise as it was; its payload proves itself (echo.c).
 */
#include "bfdd/echoip.h"

#include <netinet/in.h>

#include "bfdd/bfdd.h"
#include "lib/cksum.h"
#include "lib/wire.h"

#define UDP_HEADER 8u
#define TOS        0xc0 /* internetwork control, as control packets have it */

size_t
bfd_echoip_encode(const struct bfd_echoip *e, uint8_t *out, size_t size)
{
	bool v4 = e->own.afi == AFI_IP4;
	size_t head = v4 ? 20 : 40, n = afi_bytes(e->own.afi), udp_len = UDP_HEADER + e->payload_len;
	struct wire_writer w = wire_writer(out, size);

	if (!n || head + udp_len > UINT16_MAX)
		return 0;
	wire_put_u8(&w, v4 ? 0x45 : 0x60 | TOS >> 4);
	wire_put_u8(&w, v4 ? TOS : (uint8_t)(TOS << 4));
	wire_put_u16(&w, v4 ? (uint16_t)(head + udp_len) : 0);
	if (v4) {
		wire_put_u32(&w, 0); /* a fragment of nothing */
		wire_put_u8(&w, e->ttl);
		wire_put_u8(&w, IPPROTO_UDP);
		wire_put_u16(&w, 0);
	} else {
		wire_put_u16(&w, (uint16_t)udp_len);
		wire_put_u8(&w, IPPROTO_UDP);
		wire_put_u8(&w, e->ttl);
	}
	wire_put_bytes(&w, e->own.b, n);
	wire_put_bytes(&w, e->own.b, n);
	wire_put_u16(&w, e->src_port);
	wire_put_u16(&w, BFD_PORT_ECHO);
	wire_put_u16(&w, (uint16_t)udp_len);
	wire_put_u16(&w, 0);
	wire_put_bytes(&w, e->payload, e->payload_len);
	if (w.bad)
		return 0;
	if (v4)
		wire_patch_u16(&w, 10, cksum_inet(out, head));
	/* RFC 768, RFC 8200 8.1: over both addresses, protocol and length, too */
	uint32_t sum = cksum_add((uint32_t)(IPPROTO_UDP + udp_len), out + head - 2 * n, 2 * n + udp_len);
	uint16_t folded = cksum_fold(sum);
	wire_patch_u16(&w, head + 6, folded ? folded : UINT16_MAX); /* 0 would say that there is none */
	return w.len;
}

bool
bfd_echoip_decode(uint8_t afi, const uint8_t *bytes, size_t len, struct bfd_echoip *out)
{
	struct wire_reader r = wire_reader(bytes, len);
	uint8_t first = wire_get_u8(&r), protocol, source[16] = {0}, target[16] = {0};

	wire_skip(&r, afi == AFI_IP4 ? 7 : 5);
	if (afi == AFI_IP4) {
		out->ttl = wire_get_u8(&r);
		protocol = wire_get_u8(&r);
		wire_skip(&r, 2);
	} else {
		protocol = wire_get_u8(&r);
		out->ttl = wire_get_u8(&r);
	}
	wire_copy(&r, source, afi_bytes(afi));
	wire_copy(&r, target, afi_bytes(afi));
	out->own = ipaddr_from_bytes(afi, source);
	struct ipaddr to = ipaddr_from_bytes(afi, target);
	out->src_port = wire_get_u16(&r);
	uint16_t port = wire_get_u16(&r);
	size_t udp_len = wire_get_u16(&r); /* the frame may have been padded */
	wire_skip(&r, 2);
	/* no IPv4 options: we have sent none */
	if (r.bad || first != (afi == AFI_IP4 ? 0x45 : 0x60 | (first & 15)) || protocol != IPPROTO_UDP ||
	    port != BFD_PORT_ECHO || ipaddr_cmp(&out->own, &to) || udp_len < UDP_HEADER ||
	    udp_len - UDP_HEADER > wire_left(&r))
		return false;
	out->payload = r.pos;
	out->payload_len = udp_len - UDP_HEADER;
	return true;
}
