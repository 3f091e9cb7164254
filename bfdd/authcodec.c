/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The authentication section (RFC 5880 4.2 - 4.4), both ways, and its digests: a row per type. Owns
 * nothing.
 *
 *	simple            | Type | Len | Key ID | password, 1 - 16 octets
 *	keyed, meticulous | Type | Len | Key ID | Reserved | Sequence Number | digest, 16 or 20 octets
 */
#include "bfdd/packet.h"

#include <string.h>

#include "lib/auth.h"

#define SIMPLE_HEAD 3
#define DIGEST_HEAD 8

static const struct auth_row {
	const char *name;
	enum auth_algo algo;   /* AUTH_NONE: a password */
	uint8_t key_max;       /* also the digest's length */
	bool meticulous;
} rows[BFD_AUTH_TYPES] = {
	[BFD_AUTH_NONE] = {"none", AUTH_NONE, 0, false},
	[BFD_AUTH_SIMPLE] = {"simple-password", AUTH_NONE, 16, false},
	[BFD_AUTH_MD5] = {"keyed-md5", AUTH_KEYED_MD5, 16, false},
	[BFD_AUTH_METICULOUS_MD5] = {"meticulous-keyed-md5", AUTH_KEYED_MD5, 16, true},
	[BFD_AUTH_SHA1] = {"keyed-sha1", AUTH_HMAC_SHA1, 20, false},
	[BFD_AUTH_METICULOUS_SHA1] = {"meticulous-keyed-sha1", AUTH_HMAC_SHA1, 20, true},
};

static bool
is_known(uint8_t type)
{
	return type > BFD_AUTH_NONE && type < BFD_AUTH_TYPES;
}

const char *
bfd_auth_type_name(uint8_t type)
{
	return type < BFD_AUTH_TYPES ? rows[type].name : "unknown";
}

size_t
bfd_auth_key_max(uint8_t type)
{
	return is_known(type) ? rows[type].key_max : 0;
}

bool
bfd_auth_is_meticulous(uint8_t type)
{
	return is_known(type) && rows[type].meticulous;
}

bool
bfd_auth_has_sequence(uint8_t type)
{
	return is_known(type) && rows[type].algo != AUTH_NONE;
}

size_t
bfd_auth_section_len(uint8_t type, size_t key_len)
{
	if (!is_known(type))
		return 0;
	return rows[type].algo == AUTH_NONE ? SIMPLE_HEAD + key_len : DIGEST_HEAD + (size_t)rows[type].key_max;
}

enum bfd_drop
bfd_auth_section_get(const uint8_t *bytes, size_t len, struct bfd_auth_section *out)
{
	struct wire_reader r = wire_reader(bytes, len);

	memset(out, 0, sizeof(*out));
	out->type = wire_get_u8(&r);
	out->len = wire_get_u8(&r);
	if (!is_known(out->type))
		return r.bad ? BFD_DROP_AUTH_LENGTH : BFD_DROP_AUTH_TYPE;
	const struct auth_row *row = &rows[out->type];
	size_t head = row->algo == AUTH_NONE ? SIMPLE_HEAD : DIGEST_HEAD;
	/* 6.7.2: "Auth Len is not equal to the value"; 6.7.3: 24; 6.7.4: 28. It ends the packet. */
	if (out->len != len || out->len <= head || out->len > head + row->key_max ||
		(row->algo != AUTH_NONE && out->len != head + row->key_max))
		return BFD_DROP_AUTH_LENGTH;
	out->key_id = wire_get_u8(&r);
	if (row->algo != AUTH_NONE) {
		out->reserved = wire_get_u8(&r); /* ignored on receipt */
		out->sequence = wire_get_u32(&r);
	}
	out->data_len = (uint8_t)wire_left(&r);
	wire_copy(&r, out->data, out->data_len);
	return r.bad ? BFD_DROP_AUTH_LENGTH : BFD_DROP_NONE;
}

void
bfd_auth_section_put(const struct bfd_auth_section *s, struct wire_writer *w)
{
	wire_put_u8(w, s->type);
	wire_put_u8(w, s->len);
	wire_put_u8(w, s->key_id);
	if (bfd_auth_has_sequence(s->type)) {
		wire_put_u8(w, s->reserved);
		wire_put_u32(w, s->sequence);
	}
	wire_put_bytes(w, s->data, s->data_len);
}

size_t
bfd_auth_digest(const struct bfd_auth *a, const uint8_t *packet, size_t len, uint8_t out[BFD_KEY_MAX])
{
	uint8_t copy[BFD_PACKET_MAX] = {0};
	const struct auth_row *row = &rows[a->type];
	size_t at = BFD_HEADER_LEN + DIGEST_HEAD;

	if (!bfd_auth_has_sequence(a->type) || len > sizeof(copy) || len < at + row->key_max)
		return 0;
	memcpy(copy, packet, len);
	memset(copy + at, 0, row->key_max);
	memcpy(copy + at, a->key, a->key_len < row->key_max ? a->key_len : row->key_max);
	auth_plain_hash(row->algo, copy, len, out);
	explicit_bzero(copy, sizeof(copy));
	return row->key_max;
}
