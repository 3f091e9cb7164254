/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames to and from a LAN: see frame.h. Owns nothing. */
#include "vrrpd/frame.h"

#include <stdio.h>
#include <string.h>

#include "lib/cksum.h"
#include "lib/wire.h"

#define ETHER_IP4  0x0800
#define ETHER_ARP  0x0806
#define ETHER_IP6  0x86dd
#define CLASS_CS6  0xc0 /* internetwork control, as everybody sends them */
#define TTL        255  /* RFC 9568 5.1.1.3, 5.1.2.3 */
#define ICMP6      58
#define ND_SOLICIT 135
#define ND_ADVERT  136

/* At most 15 characters: hexadecimal where the interface's number is long. */
void
vrrp_vlink_name(const struct vrrp_key *key, char out[16])
{
	snprintf(out, 16, key->ifindex > 99999 ? "vrrp%d-%x-%u" : "vrrp%d-%u-%u", key->afi == AFI_IP4 ? 4 : 6, key->ifindex,
		key->vrid);
}

/* --- out --------------------------------------------------------------------------------------------- */

/* RFC 1112 6.4, RFC 2464 7: the group's address at the link layer. */
static void
put_group_mac(struct wire_writer *w, const struct ipaddr *group)
{
	if (group->afi == AFI_IP4) {
		wire_put_u24(w, 0x01005e);
		wire_put_u8(w, group->b[1] & 0x7f);
		wire_put_bytes(w, group->b + 2, 2);
	} else {
		wire_put_u16(w, 0x3333);
		wire_put_bytes(w, group->b + 12, 4);
	}
}

/* Not to be fragmented: so the identification may be anything (RFC 6864 4.1). */
static void
put_ip4(struct wire_writer *w, const struct vrrp_tx *tx)
{
	size_t at = w->len;
	wire_put_u16(w, 0x4500 | CLASS_CS6);
	wire_put_u16(w, (uint16_t)(20 + tx->len));
	wire_put_u16(w, 0);
	wire_put_u16(w, 0x4000);
	wire_put_u8(w, TTL);
	wire_put_u8(w, VRRP_PROTO);
	wire_put_u16(w, 0);
	wire_put_bytes(w, tx->src.b, 4);
	wire_put_bytes(w, tx->dst.b, 4);
	if (!w->bad)
		wire_patch_u16(w, at + 10, cksum_inet(w->buf + at, 20));
}

static void
put_ip6(struct wire_writer *w, const struct vrrp_tx *tx)
{
	wire_put_u32(w, UINT32_C(6) << 28 | (uint32_t)CLASS_CS6 << 20);
	wire_put_u16(w, (uint16_t)tx->len);
	wire_put_u8(w, VRRP_PROTO);
	wire_put_u8(w, TTL);
	wire_put_bytes(w, tx->src.b, 16);
	wire_put_bytes(w, tx->dst.b, 16);
}

size_t
vrrp_frame_advert(const struct vrrp_tx *tx, uint8_t *out, size_t size)
{
	struct wire_writer w = wire_writer(out, size);
	bool ip4 = tx->dst.afi == AFI_IP4;

	if (tx->src.afi != tx->dst.afi || !ipaddr_is_multicast(&tx->dst) || tx->len > VRRP_FRAME_MAX)
		return 0;
	put_group_mac(&w, &tx->dst);
	wire_put_bytes(&w, tx->mac, sizeof(tx->mac));
	wire_put_u16(&w, ip4 ? ETHER_IP4 : ETHER_IP6);
	if (ip4)
		put_ip4(&w, tx);
	else
		put_ip6(&w, tx);
	wire_put_bytes(&w, tx->bytes, tx->len);
	return w.bad ? 0 : w.len;
}

/* --- in ---------------------------------------------------------------------------------------------- */

static bool
received_ip4(struct wire_reader *r, struct vrrp_rx *rx)
{
	const uint8_t *packet = r->pos;
	size_t len = wire_left(r);
	uint8_t first = wire_get_u8(r);
	size_t header = (size_t)(first & 15) * 4;

	wire_skip(r, 1);
	size_t total = wire_get_u16(r);
	wire_skip(r, 2);
	bool fragment = wire_get_u16(r) & 0x3fff;
	rx->ttl = wire_get_u8(r);
	uint8_t proto = wire_get_u8(r);
	wire_skip(r, 2);
	const uint8_t *src = wire_get_bytes(r, 4), *dst = wire_get_bytes(r, 4);
	if (r->bad || first >> 4 != 4 || header < 20 || total < header || total > len || fragment || proto != VRRP_PROTO ||
	    cksum_inet(packet, header))
		return false;
	rx->src = ipaddr_from_bytes(AFI_IP4, src);
	rx->dst = ipaddr_from_bytes(AFI_IP4, dst);
	rx->bytes = packet + header; /* what is behind `total` is Ethernet's padding */
	rx->len = total - header;
	return true;
}

/* No extension headers: an advertisement has none, and one that has is none (RFC 9568 5.1.2). */
static bool
received_ip6(struct wire_reader *r, struct vrrp_rx *rx)
{
	uint8_t version = wire_get_u8(r) >> 4;
	wire_skip(r, 3);
	size_t payload = wire_get_u16(r);
	uint8_t next = wire_get_u8(r);
	rx->ttl = wire_get_u8(r);
	const uint8_t *src = wire_get_bytes(r, 16), *dst = wire_get_bytes(r, 16);
	if (r->bad || version != 6 || next != VRRP_PROTO || payload > wire_left(r))
		return false;
	rx->src = ipaddr_from_bytes(AFI_IP6, src);
	rx->dst = ipaddr_from_bytes(AFI_IP6, dst);
	rx->bytes = r->pos;
	rx->len = payload;
	return true;
}

bool
vrrp_frame_received(const uint8_t *frame, size_t len, struct vrrp_rx *rx)
{
	struct wire_reader r = wire_reader(frame, len);

	wire_skip(&r, 12);
	uint16_t type = wire_get_u16(&r);
	if (r.bad)
		return false;
	return type == ETHER_IP4 ? received_ip4(&r, rx) : type == ETHER_IP6 && received_ip6(&r, rx);
}

/* RFC 826; a sender without address probes for one (RFC 5227 1.1). */
static bool
heard_arp(struct wire_reader *r, bool unicast, struct vrrp_heard *out)
{
	bool ethernet = wire_get_u16(r) == 1 && wire_get_u16(r) == ETHER_IP4 && wire_get_u8(r) == 6 &&
			wire_get_u8(r) == 4;
	uint16_t op = wire_get_u16(r);
	wire_copy(r, out->mac, sizeof(out->mac));
	const uint8_t *sender = wire_get_bytes(r, 4);
	wire_skip(r, 10);
	if (r->bad || !ethernet || (op != 1 && op != 2))
		return false;
	out->host = ipaddr_from_bytes(AFI_IP4, sender);
	out->answer = op == 2 && unicast;
	return !ipaddr_is_zero(&out->host) && !ipaddr_is_multicast(&out->host);
}

/*
 * RFC 4861 4.3, 4.4: solicitations and advertisements of neighbours. Those of routers (4.1, 4.2) prove nothing: a port of
 * a Linux switch sends solicitations of its own, also while it forwards no frame.
 */
static bool
heard_nd(struct wire_reader *r, struct vrrp_heard *out)
{
	uint8_t version = wire_get_u8(r) >> 4;
	wire_skip(r, 5);
	uint8_t next = wire_get_u8(r), hops = wire_get_u8(r);
	const uint8_t *src = wire_get_bytes(r, 16);
	wire_skip(r, 16);
	uint8_t type = wire_get_u8(r);
	wire_skip(r, 3);
	uint32_t flags = wire_get_u32(r);
	const uint8_t *target = wire_get_bytes(r, 16);
	if (r->bad || version != 6 || next != ICMP6 || hops != 255 || (type != ND_ADVERT && type != ND_SOLICIT))
		return false;
	/* an advertisement is of the address it was asked for, whatever it is sent from */
	out->host = ipaddr_from_bytes(AFI_IP6, type == ND_ADVERT ? target : src);
	out->answer = type == ND_ADVERT && flags & UINT32_C(1) << 30;
	return !ipaddr_is_zero(&out->host) && !ipaddr_is_multicast(&out->host);
}

bool
vrrp_frame_heard(const uint8_t *frame, size_t len, struct vrrp_heard *out)
{
	struct wire_reader r = wire_reader(frame, len);
	uint8_t first = wire_get_u8(&r);

	wire_skip(&r, 5);
	wire_copy(&r, out->mac, sizeof(out->mac));
	uint16_t type = wire_get_u16(&r);
	if (r.bad || out->mac[0] & 1)
		return false;
	if (type == ETHER_ARP)
		return heard_arp(&r, !(first & 1), out);
	return type == ETHER_IP6 && heard_nd(&r, out);
}
