/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VRRP packets, both versions and both checksums. Owns nothing. */
#include "vrrpd/packet.h"

#include <string.h>

#include "lib/cksum.h"
#include "lib/timer.h"
#include "lib/wire.h"

#define VRRP_TYPE_ADVERTISEMENT 1
#define CENTISECOND             (10 * TIME_MS)

/* RFC 9568 5.2.8, RFC 8200 8.1; for IPv4: as RFC 793 has it */
static uint32_t
pseudo_header(const struct ipaddr *src, const struct ipaddr *dst, size_t len)
{
	uint8_t tail[4] = {0, VRRP_PROTO, (uint8_t)(len >> 8), (uint8_t)len};
	uint32_t sum = cksum_add(0, src->b, afi_bytes(src->afi));
	sum = cksum_add(sum, dst->b, afi_bytes(dst->afi));
	return cksum_add(sum, tail, sizeof(tail)); /* IPv6 has wider fields, the sum is the same */
}

enum vrrp_drop
vrrp_packet_peek(const uint8_t *bytes, size_t len, uint8_t afi, struct vrrp_advert *out)
{
	struct wire_reader r = wire_reader(bytes, len);
	uint8_t first = wire_get_u8(&r);

	memset(out, 0, sizeof(*out));
	out->version = first >> 4;
	out->vrid = wire_get_u8(&r);
	out->priority = wire_get_u8(&r);
	out->count = wire_get_u8(&r);
	uint16_t word = wire_get_u16(&r);
	wire_skip(&r, 2);
	if (r.bad)
		return VRRP_DROP_SHORT;
	if (out->version != 3 && (out->version != 2 || afi != AFI_IP4))
		return VRRP_DROP_VERSION;
	if ((first & 0xf) != VRRP_TYPE_ADVERTISEMENT)
		return VRRP_DROP_TYPE;
	if (out->version == 2) {
		out->auth_type = (uint8_t)(word >> 8);
		out->interval = (word & 0xff) * TIME_SEC;
	} else {
		out->interval = (word & 0xfff) * CENTISECOND; /* RFC 9568 5.2.6: reserved bits are ignored */
	}
	return VRRP_DROP_NONE;
}

enum vrrp_drop
vrrp_packet_get(const struct ipaddr *src, const struct ipaddr *dst, const uint8_t *bytes, size_t len, struct vrrp_advert *out)
{
	enum vrrp_drop d = vrrp_packet_peek(bytes, len, src->afi, out);
	if (d != VRRP_DROP_NONE)
		return d;
	struct wire_reader r = wire_reader(bytes, len);
	wire_skip(&r, VRRP_HDR_LEN);
	if (!out->count)
		return VRRP_DROP_NO_ADDRESS;
	out->addresses = wire_get_bytes(&r, out->count * afi_bytes(src->afi));
	if (out->version == 2)
		wire_copy(&r, out->auth, sizeof(out->auth));
	if (r.bad || wire_left(&r))
		return VRRP_DROP_LENGTH;
	uint32_t sum = cksum_add(0, bytes, len);
	bool plain = out->version == 2 || src->afi == AFI_IP4;
	if (plain && cksum_fold(sum) == 0)
		return VRRP_DROP_NONE;
	if (out->version == 2 || cksum_fold(sum + pseudo_header(src, dst, len)) != 0)
		return VRRP_DROP_CHECKSUM;
	out->pseudo_header = src->afi == AFI_IP4;
	return VRRP_DROP_NONE;
}

size_t
vrrp_packet_put(const struct vrrp_advert *a, const struct ipaddr *src, const struct ipaddr *dst, uint8_t *buf, size_t cap)
{
	struct wire_writer w = wire_writer(buf, cap);

	wire_put_u8(&w, (uint8_t)(a->version << 4 | VRRP_TYPE_ADVERTISEMENT));
	wire_put_u8(&w, a->vrid);
	wire_put_u8(&w, a->priority);
	wire_put_u8(&w, a->count);
	if (a->version == 2) {
		wire_put_u8(&w, a->auth_type);
		wire_put_u8(&w, (uint8_t)(a->interval / TIME_SEC));
	} else {
		wire_put_u16(&w, (uint16_t)(a->interval / CENTISECOND & 0xfff));
	}
	wire_put_u16(&w, 0);
	wire_put_bytes(&w, a->addresses, a->count * afi_bytes(src->afi));
	if (a->version == 2)
		wire_put_bytes(&w, a->auth, sizeof(a->auth));
	if (w.bad)
		return 0;
	uint32_t sum = cksum_add(0, buf, w.len);
	if (a->version == 3 && (src->afi == AFI_IP6 || a->pseudo_header))
		sum += pseudo_header(src, dst, w.len);
	wire_patch_u16(&w, 6, cksum_fold(sum));
	return w.len;
}

void
vrrp_virtual_mac(uint8_t afi, uint8_t vrid, uint8_t mac[6])
{
	memcpy(mac, (const uint8_t[6]){0x00, 0x00, 0x5e, 0x00, afi == AFI_IP6 ? 2 : 1, vrid}, 6);
}

struct ipaddr
vrrp_group_address(uint8_t afi)
{
	static const uint8_t group6[16] = {0xff, 0x02, [15] = 0x12};

	return afi == AFI_IP6 ? ipaddr_from_bytes(AFI_IP6, group6) : ipaddr_from_ip4(0xe0000012);
}
