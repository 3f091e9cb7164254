/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP packets: octets <-> struct vrrp_advert, version 3 (RFC 9568 5) and 2 (RFC 3768 5). Pure; owns
 * nothing: the address list stays where it was read.
 *
 * Version 3 over IPv4 has two checksums in the field: RFC 9568's without pseudo-header, and the one that
 * RFC 5798 was understood to want, with it. Both are accepted.
 */
#ifndef GREVY_VRRPD_PACKET_H
#define GREVY_VRRPD_PACKET_H

#include "vrrpd/stats.h"
#include "vrrpd/vrrpd.h"

#define VRRP_HDR_LEN   8
#define VRRP_AUTH_LEN  8    /* version 2, behind the addresses */
#define VRRP_PACKET_MAX (VRRP_HDR_LEN + VRRP_VIPS_MAX * 16 + VRRP_AUTH_LEN)

enum vrrp_checksum { VRRP_CHECKSUM_PLAIN = 1, VRRP_CHECKSUM_PSEUDO = 2 };
enum vrrp_auth { VRRP_AUTH_NONE, VRRP_AUTH_TEXT, VRRP_AUTH_AH }; /* RFC 2338 5.3.6 */

struct vrrp_advert {
	uint8_t version, vrid, priority, count, auth_type;
	bool pseudo_header;      /* checksum, version 3 over IPv4; decoded: it matched only so */
	int64_t interval;        /* microseconds */
	const uint8_t *addresses; /* count * afi_bytes(afi), borrowed */
	uint8_t auth[VRRP_AUTH_LEN]; /* version 2 */
};

/* What stands in the first octets, as far as they are there: enough to find the virtual router. */
enum vrrp_drop vrrp_packet_peek(const uint8_t *bytes, size_t len, uint8_t afi, struct vrrp_advert *out);
/* The whole packet: RFC 9568 7.1, RFC 3768 7.1; interval 0 is left to the caller. */
enum vrrp_drop vrrp_packet_get(const struct ipaddr *src, const struct ipaddr *dst, const uint8_t *bytes, size_t len,
	struct vrrp_advert *out);
/* Returns the length; cap of VRRP_PACKET_MAX always suffices. */
size_t vrrp_packet_put(const struct vrrp_advert *a, const struct ipaddr *src, const struct ipaddr *dst, uint8_t *buf, size_t cap);

/* 00-00-5E-00-01-{VRID}, 00-00-5E-00-02-{VRID} (RFC 9568 7.3) */
void vrrp_virtual_mac(uint8_t afi, uint8_t vrid, uint8_t mac[6]);
/* 224.0.0.18, FF02::12 */
struct ipaddr vrrp_group_address(uint8_t afi);

#endif
