/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authentication of OSPFv2 packets (RFC 2328 D): null with the Internet checksum, simple password,
 * keyed MD5. The length and the last fields of a packet that leaves are written here too.
 */
#include <string.h>

#include "lib/auth.h"
#include "lib/cksum.h"
#include "ospfd/iface.h"
#include "ospfd/v2.h"

static uint16_t
packet_cksum(const uint8_t *bytes, size_t len)
{
	/* RFC 2328 D.4.1: everything but the 64-bit authentication field */
	uint32_t sum = cksum_add(0, bytes, V2_AUTH_AT);
	return cksum_fold(cksum_add(sum, bytes + V2_HDR_LEN, len - V2_HDR_LEN));
}

/* RFC 2328 D.4.3: over the packet, then the key padded with zeroes to 16 octets. */
static void
keyed_md5(const uint8_t *bytes, size_t len, const char *key, uint8_t out[AUTH_DIGEST_MAX])
{
	auth_digest(AUTH_KEYED_MD5, key, strlen(key), bytes, len, NULL, out);
}

static enum ospf_drop
null_check(const struct iface *ifc, const struct pkt_hdr *h, const uint8_t *bytes, size_t len,
	struct auth_seen *seen)
{
	(void)ifc;
	(void)len;
	(void)seen;
	return packet_cksum(bytes, h->len) == 0 ? DROP_NONE : DROP_CHECKSUM;
}

static void
simple_key(const struct iface *ifc, uint8_t out[8])
{
	memset(out, 0, 8);
	if (ifc->conf)
		memcpy(out, ifc->conf->auth_key, strnlen(ifc->conf->auth_key, 8));
}

static enum ospf_drop
simple_check(const struct iface *ifc, const struct pkt_hdr *h, const uint8_t *bytes, size_t len,
	struct auth_seen *seen)
{
	uint8_t key[8];
	simple_key(ifc, key);
	if (!auth_equal(key, h->auth, sizeof(key)))
		return DROP_AUTH_KEY;
	return null_check(ifc, h, bytes, len, seen);
}

static enum ospf_drop
md5_check(const struct iface *ifc, const struct pkt_hdr *h, const uint8_t *bytes, size_t len,
	struct auth_seen *seen)
{
	/* RFC 2328 D.5.3 */
	struct wire_reader r = wire_reader(h->auth, 8);
	wire_skip(&r, 2);
	uint8_t id = wire_get_u8(&r), auth_len = wire_get_u8(&r);
	uint32_t seq = wire_get_u32(&r);
	const struct ospf_conf_key *key = NULL;
	for (size_t i = 0; ifc->conf && i < ifc->conf->key_count; i++)
		if (ifc->conf->keys[i].id == id)
			key = &ifc->conf->keys[i];
	if (!key)
		return DROP_AUTH_KEY_ID;
	if (auth_len != V2_MD5_LEN || len < (size_t)h->len + V2_MD5_LEN)
		return DROP_AUTH_DIGEST;
	uint8_t digest[AUTH_DIGEST_MAX];
	keyed_md5(bytes, h->len, key->key, digest);
	if (!auth_equal(digest, bytes + h->len, V2_MD5_LEN))
		return DROP_AUTH_DIGEST;
	*seen = (struct auth_seen){ .crypto = true, .key_id = id, .seq = seq };
	return DROP_NONE;
}

typedef enum ospf_drop check_fn(const struct iface *ifc, const struct pkt_hdr *h,
	const uint8_t *bytes, size_t len, struct auth_seen *seen);
static check_fn *const checks[] = {
	[OSPF_AUTH_NONE] = null_check,
	[OSPF_AUTH_SIMPLE] = simple_check,
	[OSPF_AUTH_MD5] = md5_check,
};

enum ospf_drop
v2_auth_check(const struct iface *ifc, const struct pkt_hdr *h, const uint8_t *bytes, size_t len,
	struct auth_seen *seen)
{
	*seen = (struct auth_seen){ 0 };
	if (h->auth_type != ifc->p.auth || ifc->p.auth >= sizeof(checks) / sizeof(checks[0]))
		return DROP_AUTH_TYPE;
	return checks[ifc->p.auth](ifc, h, bytes, len, seen);
}

size_t
v2_auth_room(const struct iface *ifc)
{
	return ifc->p.auth == OSPF_AUTH_MD5 ? V2_MD5_LEN : 0;
}

void
v2_finish(const struct iface *ifc, struct wire_writer *w, const struct ospf_conf_key *key,
	uint32_t crypto_seq)
{
	size_t len = w->len;
	wire_patch_u16(w, 2, (uint16_t)len);
	if (ifc->p.auth != OSPF_AUTH_MD5) {
		wire_patch_u16(w, 12, 0);
		if (!w->bad)
			memset(w->buf + V2_AUTH_AT, 0, 8);
		wire_patch_u16(w, 12, packet_cksum(w->buf, len));
		if (ifc->p.auth == OSPF_AUTH_SIMPLE && !w->bad)
			simple_key(ifc, w->buf + V2_AUTH_AT);
		return;
	}
	/* RFC 2328 D.4.3; without a key the packet goes out with key 0 and cannot be accepted */
	wire_patch_u16(w, V2_AUTH_AT, 0);
	wire_patch_u16(w, V2_AUTH_AT + 2, (uint16_t)((key ? key->id : 0) << 8 | V2_MD5_LEN));
	wire_patch_u32(w, V2_AUTH_AT + 4, crypto_seq);
	uint8_t digest[AUTH_DIGEST_MAX];
	keyed_md5(w->buf, len, key ? key->key : "", digest);
	wire_put_bytes(w, digest, V2_MD5_LEN);
}
