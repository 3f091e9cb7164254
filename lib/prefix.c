/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses and prefixes as values: made, compared, parsed, printed, packed. Owns nothing.
 * Invariant: every prefix made here has zero bits behind its length and zero bytes behind
 * its family's.
 */
#include "lib/prefix.h"

#include <arpa/inet.h>
#include <string.h>

size_t
afi_bytes(uint8_t afi)
{
	return afi == AFI_IP4 ? 4 : afi == AFI_IP6 ? 16 : 0;
}

unsigned
afi_bits(uint8_t afi)
{
	return (unsigned)afi_bytes(afi) * 8;
}

static void
store_ip4(uint8_t *b, uint32_t host_order)
{
	uint32_t net = htonl(host_order);
	memcpy(b, &net, 4);
}

static uint32_t
load_ip4(const uint8_t *b)
{
	uint32_t net;
	memcpy(&net, b, 4);
	return ntohl(net);
}

struct ipaddr
ipaddr_from_ip4(uint32_t host_order)
{
	struct ipaddr a = {.afi = AFI_IP4};
	store_ip4(a.b, host_order);
	return a;
}

struct ipaddr
ipaddr_from_bytes(uint8_t afi, const uint8_t *bytes)
{
	struct ipaddr a = {.afi = AFI_NONE};
	size_t len = afi_bytes(afi);
	if (len) {
		a.afi = afi;
		memcpy(a.b, bytes, len);
	}
	return a;
}

bool
ipaddr_from_octets(const uint8_t *octets, size_t len, struct ipaddr *out)
{
	uint8_t afi = len == 4 ? AFI_IP4 : len == 16 ? AFI_IP6 : AFI_NONE;
	*out = ipaddr_from_bytes(afi, octets);
	return afi || !len;
}

uint32_t
ipaddr_to_ip4(const struct ipaddr *a)
{
	return a->afi == AFI_IP4 ? load_ip4(a->b) : 0;
}

bool
ipaddr_parse(const char *text, struct ipaddr *out)
{
	struct ipaddr a = {.afi = AFI_IP4};
	uint32_t ip;
	if (ip4_parse(text, &ip)) {
		store_ip4(a.b, ip);
	} else {
		a.afi = AFI_IP6;
		if (inet_pton(AF_INET6, text, a.b) != 1)
			return false;
	}
	*out = a;
	return true;
}

const char *
ipaddr_print(const struct ipaddr *a, char *buf)
{
	buf[0] = '\0';
	if (a->afi == AFI_IP4)
		ip4_print(load_ip4(a->b), buf);
	else if (a->afi == AFI_IP6)
		inet_ntop(AF_INET6, a->b, buf, IPADDR_STRLEN);
	return buf;
}

int
ipaddr_cmp(const struct ipaddr *a, const struct ipaddr *b)
{
	if (a->afi != b->afi)
		return a->afi < b->afi ? -1 : 1;
	return memcmp(a->b, b->b, afi_bytes(a->afi));
}

bool
ipaddr_is_zero(const struct ipaddr *a)
{
	static const uint8_t zero[16];
	return !memcmp(a->b, zero, afi_bytes(a->afi));
}

bool
ipaddr_is_link_local(const struct ipaddr *a)
{
	if (a->afi == AFI_IP4)
		return a->b[0] == 169 && a->b[1] == 254; /* RFC 3927 */
	return a->afi == AFI_IP6 && a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

bool
ipaddr_is_multicast(const struct ipaddr *a)
{
	if (a->afi == AFI_IP4)
		return (a->b[0] & 0xf0) == 0xe0;
	return a->afi == AFI_IP6 && a->b[0] == 0xff;
}

bool
ipaddr_is_loopback(const struct ipaddr *a)
{
	static const uint8_t one[16] = {[15] = 1};
	if (a->afi == AFI_IP4)
		return a->b[0] == 127;
	return a->afi == AFI_IP6 && !memcmp(a->b, one, 16);
}

/* Zero what lies behind the first len bits of b's 16 octets. */
static void
clear_tail(uint8_t *b, unsigned len)
{
	unsigned whole = len / 8;
	if (whole >= 16)
		return;
	b[whole] &= (uint8_t)(0xff00 >> len % 8);
	memset(b + whole + 1, 0, 15 - whole);
}

struct prefix
prefix_make(const struct ipaddr *a, unsigned len)
{
	struct prefix p = {.afi = a->afi};
	unsigned bits = afi_bits(a->afi);
	p.len = (uint8_t)(len < bits ? len : bits);
	memcpy(p.b, a->b, afi_bytes(a->afi));
	clear_tail(p.b, p.len);
	return p;
}

struct prefix
prefix_from_ip4(uint32_t host_order, unsigned len)
{
	struct prefix p = {.afi = AFI_IP4};
	p.len = (uint8_t)(len < 32 ? len : 32);
	store_ip4(p.b, host_order & ip4_mask(p.len));
	return p;
}

struct prefix
prefix_host(const struct ipaddr *a)
{
	return prefix_make(a, 128);
}

struct ipaddr
prefix_addr(const struct prefix *p)
{
	return ipaddr_from_bytes(p->afi, p->b);
}

uint32_t
prefix_ip4(const struct prefix *p)
{
	return p->afi == AFI_IP4 ? load_ip4(p->b) : 0;
}

/* Decimal without sign, spaces or needless zeros, up to limit; the end of text or false. */
static bool
parse_len(const char *s, unsigned limit, unsigned *out)
{
	unsigned v = 0;
	if (s[0] == '\0' || (s[0] == '0' && s[1] != '\0'))
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (unsigned)(*s - '0');
		if (v > limit)
			return false;
	}
	*out = v;
	return true;
}

bool
prefix_parse(const char *text, bool strict, struct prefix *out)
{
	char addr_text[IPADDR_STRLEN];
	struct ipaddr a;
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	if (n >= sizeof(addr_text))
		return false;
	memcpy(addr_text, text, n);
	addr_text[n] = '\0';
	if (!ipaddr_parse(addr_text, &a))
		return false;
	unsigned len = afi_bits(a.afi);
	if (slash && !parse_len(slash + 1, len, &len))
		return false;
	struct prefix p = prefix_make(&a, len);
	if (strict && memcmp(p.b, a.b, afi_bytes(a.afi)))
		return false;
	*out = p;
	return true;
}

/* Writes v in decimal and returns what follows it. */
static char *
print_u8(char *s, unsigned v)
{
	if (v >= 100)
		*s++ = (char)('0' + v / 100);
	if (v >= 10)
		*s++ = (char)('0' + v / 10 % 10);
	*s++ = (char)('0' + v % 10);
	return s;
}

const char *
prefix_print(const struct prefix *p, char *buf)
{
	struct ipaddr a = prefix_addr(p);
	ipaddr_print(&a, buf);
	if (a.afi == AFI_NONE)
		return buf;
	char *s = buf + strlen(buf);
	*s++ = '/';
	*print_u8(s, p->len) = '\0';
	return buf;
}

int
prefix_cmp(const struct prefix *a, const struct prefix *b)
{
	if (a->afi != b->afi)
		return a->afi < b->afi ? -1 : 1;
	int d = memcmp(a->b, b->b, afi_bytes(a->afi));
	return d ? d : (int)a->len - (int)b->len;
}

bool
prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->afi == b->afi && a->len == b->len && !memcmp(a->b, b->b, afi_bytes(a->afi));
}

/* Do the first len bits agree? */
static bool
bits_equal(const uint8_t *a, const uint8_t *b, unsigned len)
{
	unsigned whole = len / 8, rest = len % 8;
	if (memcmp(a, b, whole))
		return false;
	return !rest || !((a[whole] ^ b[whole]) >> (8 - rest));
}

bool
prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
	return outer->afi == inner->afi && outer->len <= inner->len &&
		bits_equal(outer->b, inner->b, outer->len);
}

bool
prefix_contains_addr(const struct prefix *p, const struct ipaddr *a)
{
	return p->afi == a->afi && bits_equal(p->b, a->b, p->len);
}

uint32_t
ip4_mask(unsigned len)
{
	return len == 0 ? 0 : len >= 32 ? UINT32_MAX : UINT32_MAX << (32 - len);
}

bool
ip4_mask_len(uint32_t mask, unsigned *len)
{
	unsigned n = (unsigned)__builtin_popcount(mask);
	if (mask != ip4_mask(n))
		return false;
	*len = n;
	return true;
}

const char *
ip4_print(uint32_t host_order, char *buf)
{
	char *s = print_u8(buf, host_order >> 24);
	for (unsigned shift = 16; shift <= 16; shift -= 8) {
		*s++ = '.';
		s = print_u8(s, host_order >> shift & 0xff);
	}
	*s = '\0';
	return buf;
}

bool
ip4_parse(const char *text, uint32_t *host_order)
{
	uint32_t ip = 0;
	const char *s = text;
	for (unsigned part = 0; part < 4; part++) {
		unsigned v = 0;
		const char *start = s;
		while (*s >= '0' && *s <= '9' && s - start < 4)
			v = v * 10 + (unsigned)(*s++ - '0');
		/* no octet without digits, none like 01, which some read as octal */
		if (s == start || v > 255 || (*start == '0' && s - start > 1))
			return false;
		if (*s != (part < 3 ? '.' : '\0'))
			return false;
		s++;
		ip = ip << 8 | v;
	}
	*host_order = ip;
	return true;
}

size_t
prefix_pack(const struct prefix *p, uint8_t *out)
{
	size_t n = (p->len + 7u) / 8;
	out[0] = p->len;
	memcpy(out + 1, p->b, n);
	return 1 + n;
}

size_t
prefix_unpack(uint8_t afi, const uint8_t *in, size_t len, struct prefix *out)
{
	if (!len || !afi_bytes(afi) || in[0] > afi_bits(afi))
		return 0;
	size_t n = (in[0] + 7u) / 8;
	if (len - 1 < n)
		return 0;
	struct prefix p = {.afi = afi, .len = in[0]};
	memcpy(p.b, in + 1, n);
	if (p.len % 8 && p.b[n - 1] & 0xff >> p.len % 8)
		return 0;
	*out = p;
	return 1 + n;
}
