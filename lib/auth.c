/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row per algorithm over nettle's hashes. Owns nothing; contexts live on the stack and are wiped.
 * ours: keys go into HMAC as RFC 2104 says. RFC 5709 3.3 would first hash a key that is longer than
 * the digest but not than the block; the implementations we talk to do not.
 */
#include "lib/auth.h"

#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/nettle-meta.h>

union auth_ctx {
	struct md5_ctx md5;
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
	struct sha512_ctx sha512;
};

static const struct auth_row {
	const char *name;
	const struct nettle_hash *hash;
} auth_rows[] = {
	[AUTH_NONE] = {"none", NULL},
	[AUTH_KEYED_MD5] = {"md5", &nettle_md5},
	[AUTH_HMAC_SHA1] = {"hmac-sha-1", &nettle_sha1},
	[AUTH_HMAC_SHA256] = {"hmac-sha-256", &nettle_sha256},
	[AUTH_HMAC_SHA384] = {"hmac-sha-384", &nettle_sha384},
	[AUTH_HMAC_SHA512] = {"hmac-sha-512", &nettle_sha512},
};

size_t
auth_digest_len(enum auth_algo algo)
{
	return auth_rows[algo].hash ? auth_rows[algo].hash->digest_size : 0;
}

const char *
auth_algo_name(enum auth_algo algo)
{
	return auth_rows[algo].name;
}

/* RFC 2328 D.4.3 (2): the digest of the packet with the 16 octets of the key behind it. */
static void
keyed_md5(const void *key, size_t keylen, const void *data, size_t len, uint8_t *out)
{
	struct md5_ctx ctx;
	uint8_t padded[AUTH_MD5_KEYLEN] = {0};
	memcpy(padded, key, keylen < sizeof(padded) ? keylen : sizeof(padded));
	md5_init(&ctx);
	md5_update(&ctx, len, data);
	md5_update(&ctx, sizeof(padded), padded);
	md5_digest(&ctx, MD5_DIGEST_SIZE, out);
	explicit_bzero(padded, sizeof(padded));
	explicit_bzero(&ctx, sizeof(ctx));
}

size_t
auth_digest(enum auth_algo algo, const void *key, size_t keylen, const void *data, size_t len,
	const uint8_t *apad, uint8_t *out)
{
	const struct nettle_hash *hash = auth_rows[algo].hash;
	if (!hash)
		return 0;
	if (algo == AUTH_KEYED_MD5) {
		keyed_md5(key, keylen, data, len, out);
		return hash->digest_size;
	}
	struct {
		union auth_ctx outer, inner, state;
	} ctx;
	hmac_set_key(&ctx.outer, &ctx.inner, &ctx.state, hash, keylen, key);
	hmac_update(&ctx.state, hash, len, data);
	if (apad)
		hmac_update(&ctx.state, hash, hash->digest_size, apad);
	hmac_digest(&ctx.outer, &ctx.inner, &ctx.state, hash, hash->digest_size, out);
	explicit_bzero(&ctx, sizeof(ctx));
	return hash->digest_size;
}

size_t
auth_plain_hash(enum auth_algo algo, const void *data, size_t len, uint8_t *out)
{
	const struct nettle_hash *hash = auth_rows[algo].hash;
	union auth_ctx ctx;
	if (!hash)
		return 0;
	hash->init(&ctx);
	hash->update(&ctx, len, data);
	hash->digest(&ctx, hash->digest_size, out);
	explicit_bzero(&ctx, sizeof(ctx));
	return hash->digest_size;
}

void
auth_apad(enum auth_algo algo, uint32_t ip4, uint8_t *out)
{
	static const uint8_t word[4] = {0x87, 0x8f, 0xe1, 0xf3}; /* RFC 5709 3.3 */
	size_t len = auth_digest_len(algo);
	for (size_t i = 0; i < len; i++)
		out[i] = word[i % 4];
	for (size_t i = 0; ip4 && i < 4 && i < len; i++)
		out[i] = (uint8_t)(ip4 >> (24 - 8 * i));
}

bool
auth_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	return memeql_sec(a, b, len);
}
