/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message digests of routing packets: what OSPFv2's cryptographic authentication computes (RFC 2328
 * D.4.3, RFC 5709, RFC 7474), and BFD's (RFC 5880 6.7). Pure: keys, key ids and sequence numbers are the caller's.
 */
#ifndef GREVY_LIB_AUTH_H
#define GREVY_LIB_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum auth_algo { AUTH_NONE, AUTH_KEYED_MD5, AUTH_HMAC_SHA1, AUTH_HMAC_SHA256, AUTH_HMAC_SHA384,
	AUTH_HMAC_SHA512 };

#define AUTH_DIGEST_MAX 64
#define AUTH_MD5_KEYLEN 16 /* longer keys are cut, shorter ones zero-filled (RFC 2328 D.3) */

size_t auth_digest_len(enum auth_algo algo); /* 0 for AUTH_NONE */
const char *auth_algo_name(enum auth_algo algo); /* "md5", "hmac-sha-256", as in YANG */
/*
 * The digest of data followed by apad, auth_digest_len() octets into out; returns that length.
 * apad is auth_digest_len() octets, or NULL for none; keyed MD5 never takes one.
 */
size_t auth_digest(enum auth_algo algo, const void *key, size_t keylen, const void *data, size_t len,
	const uint8_t *apad, uint8_t *out);
/* The algorithm's hash alone, no key, no HMAC (RFC 5880 6.7.3: the key is in the data); returns its length. */
size_t auth_plain_hash(enum auth_algo algo, const void *data, size_t len, uint8_t *out);
/* RFC 5709's Apad, with its first octets replaced by the source address if ip4 is not 0 (RFC 7474 5). */
void auth_apad(enum auth_algo algo, uint32_t ip4, uint8_t *out);
bool auth_equal(const uint8_t *a, const uint8_t *b, size_t len); /* in constant time */

#endif
