/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses and prefixes, IPv4 and IPv6: values, comparison, text.
 * Bytes are in network order; bits beyond a prefix's length are zero in every
 * prefix that these functions make ("canonical"), so equality is memcmp.
 */
#ifndef GREVY_LIB_PREFIX_H
#define GREVY_LIB_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum afi { AFI_NONE = 0, AFI_IP4 = 1, AFI_IP6 = 2 }; /* IANA address family numbers */

struct ipaddr {
	uint8_t afi; /* enum afi; AFI_NONE: no address */
	uint8_t b[16];
};

struct prefix {
	uint8_t afi;
	uint8_t len; /* bits */
	uint8_t b[16];
};

#define IPADDR_STRLEN 46
#define PREFIX_STRLEN 50

/* Bytes (4, 16) and bits (32, 128) of an address of that family. */
size_t afi_bytes(uint8_t afi);
unsigned afi_bits(uint8_t afi);

struct ipaddr ipaddr_from_ip4(uint32_t host_order);
struct ipaddr ipaddr_from_bytes(uint8_t afi, const uint8_t *bytes);
/* By their number alone, as on our IPC: 0 octets are no address; false: a number that no family has. */
bool ipaddr_from_octets(const uint8_t *octets, size_t len, struct ipaddr *out);
uint32_t ipaddr_to_ip4(const struct ipaddr *a); /* host order; 0 if not IPv4 */
bool ipaddr_parse(const char *text, struct ipaddr *out);
/* Writes at most IPADDR_STRLEN bytes to buf and returns buf ("" for AFI_NONE). */
const char *ipaddr_print(const struct ipaddr *a, char *buf);
int ipaddr_cmp(const struct ipaddr *a, const struct ipaddr *b);
bool ipaddr_is_zero(const struct ipaddr *a); /* also true for AFI_NONE */
bool ipaddr_is_link_local(const struct ipaddr *a);
bool ipaddr_is_multicast(const struct ipaddr *a);
bool ipaddr_is_loopback(const struct ipaddr *a);

struct prefix prefix_make(const struct ipaddr *a, unsigned len); /* canonical; len is capped */
struct prefix prefix_from_ip4(uint32_t host_order, unsigned len);
struct prefix prefix_host(const struct ipaddr *a); /* /32 or /128 */
struct ipaddr prefix_addr(const struct prefix *p);
uint32_t prefix_ip4(const struct prefix *p); /* host order */
/* "A/L"; a bare address is its host prefix. strict: bits beyond the length must be zero. */
bool prefix_parse(const char *text, bool strict, struct prefix *out);
const char *prefix_print(const struct prefix *p, char *buf);
/* Order: family, then address bits, then shorter first: a prefix precedes what it contains. */
int prefix_cmp(const struct prefix *a, const struct prefix *b);
bool prefix_equal(const struct prefix *a, const struct prefix *b);
bool prefix_contains(const struct prefix *outer, const struct prefix *inner); /* or equal */
bool prefix_contains_addr(const struct prefix *p, const struct ipaddr *a);

uint32_t ip4_mask(unsigned len);                   /* host order */
bool ip4_mask_len(uint32_t mask, unsigned *len);   /* false: not contiguous */
const char *ip4_print(uint32_t host_order, char *buf);
bool ip4_parse(const char *text, uint32_t *host_order);

/*
 * Packed form, as on our IPC: per prefix one length octet and ceil(len/8) octets.
 * prefix_unpack returns the octets consumed, 0 when malformed (too long, truncated,
 * stray bits set). prefix_pack needs 17 octets of room at most and returns what it wrote.
 */
size_t prefix_pack(const struct prefix *p, uint8_t *out);
size_t prefix_unpack(uint8_t afi, const uint8_t *in, size_t len, struct prefix *out);

#endif
