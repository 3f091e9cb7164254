/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARP (RFC 826) and Neighbor Discovery (RFC 4861) frames. Owns nothing. */
#include "vrrpd/garp.h"

#include <string.h>

#include "lib/cksum.h"
#include "lib/wire.h"

#define ETHERTYPE_ARP   0x0806
#define ETHERTYPE_IPV6  0x86dd
#define ARP_REQUEST     1
#define ICMPV6          58
#define ND_SOLICIT      135
#define ND_ADVERTISE    136
#define ND_SOURCE_MAC   1 /* option */
#define ND_TARGET_MAC   2
#define NA_ROUTER       UINT32_C(0x80000000)
#define NA_OVERRIDE     UINT32_C(0x20000000)
#define ND_LEN          32 /* message with one option */
#define CLASS_CONTROL   UINT32_C(0xc0) /* CS6, as the adverts have it */

static const uint8_t broadcast_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t no_mac[6];

static void
ethernet(struct wire_writer *w, const uint8_t *dst, const uint8_t *src, uint16_t type)
{
	wire_put_bytes(w, dst, 6);
	wire_put_bytes(w, src, 6);
	wire_put_u16(w, type);
}

static size_t
arp_request(const uint8_t *to, const uint8_t *mac, const struct ipaddr *sender, const struct ipaddr *target, uint8_t *buf)
{
	struct wire_writer w = wire_writer(buf, VRRP_FRAME_MAX);

	ethernet(&w, to, mac, ETHERTYPE_ARP);
	wire_put_u16(&w, 1);      /* Ethernet */
	wire_put_u16(&w, 0x0800);
	wire_put_u8(&w, 6);
	wire_put_u8(&w, 4);
	wire_put_u16(&w, ARP_REQUEST);
	wire_put_bytes(&w, mac, 6);
	wire_put_bytes(&w, sender->b, 4);
	wire_put_bytes(&w, no_mac, 6);
	wire_put_bytes(&w, target->b, 4);
	return w.len;
}

/* A neighbour message with one link-layer address option. */
static size_t
neighbour(uint8_t type, uint32_t flags, const uint8_t *to, const uint8_t *mac, const struct ipaddr *src,
	const struct ipaddr *dst, const struct ipaddr *target, uint8_t *buf)
{
	struct wire_writer w = wire_writer(buf, VRRP_FRAME_MAX);
	uint8_t tail[4] = {0, ND_LEN, 0, ICMPV6};

	ethernet(&w, to, mac, ETHERTYPE_IPV6);
	wire_put_u32(&w, UINT32_C(6) << 28 | CLASS_CONTROL << 20);
	wire_put_u16(&w, ND_LEN);
	wire_put_u8(&w, ICMPV6);
	wire_put_u8(&w, 255);     /* RFC 4861 7.1 */
	wire_put_bytes(&w, src->b, 16);
	wire_put_bytes(&w, dst->b, 16);
	size_t at = w.len;
	wire_put_u8(&w, type);
	wire_put_u8(&w, 0);
	wire_put_u16(&w, 0);
	wire_put_u32(&w, flags);
	wire_put_bytes(&w, target->b, 16);
	wire_put_u8(&w, type == ND_ADVERTISE ? ND_TARGET_MAC : ND_SOURCE_MAC);
	wire_put_u8(&w, 1);
	wire_put_bytes(&w, mac, 6);
	uint32_t sum = cksum_add(0, src->b, 16);
	sum = cksum_add(sum, dst->b, 16);
	sum = cksum_add(sum, tail, sizeof(tail));
	wire_patch_u16(&w, at + 2, cksum_fold(cksum_add(sum, buf + at, ND_LEN)));
	return w.len;
}

size_t
vrrp_frame_announce(const struct ipaddr *address, const uint8_t mac[6], uint8_t buf[VRRP_FRAME_MAX])
{
	static const uint8_t all_nodes_mac[6] = {0x33, 0x33, 0, 0, 0, 1};
	static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};

	if (address->afi == AFI_IP4)
		return arp_request(broadcast_mac, mac, address, address, buf);
	struct ipaddr dst = ipaddr_from_bytes(AFI_IP6, all_nodes);
	return neighbour(ND_ADVERTISE, NA_ROUTER | NA_OVERRIDE, all_nodes_mac, mac, address, &dst, address, buf);
}

size_t
vrrp_frame_ask(const struct ipaddr *host, const uint8_t *to, const struct ipaddr *from, const uint8_t mac[6],
	uint8_t buf[VRRP_FRAME_MAX])
{
	/* RFC 4291 2.7.1 */
	uint8_t group[16] = {0xff, 0x02, [11] = 1, [12] = 0xff, host->b[13], host->b[14], host->b[15]};
	uint8_t group_mac[6] = {0x33, 0x33, 0xff, host->b[13], host->b[14], host->b[15]};

	if (host->afi == AFI_IP4)
		return arp_request(to ? to : broadcast_mac, mac, from, host, buf);
	struct ipaddr dst = to ? *host : ipaddr_from_bytes(AFI_IP6, group);
	return neighbour(ND_SOLICIT, 0, to ? to : group_mac, mac, from, &dst, host, buf);
}
