/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only rtable's own files share: keys, and the buckets that hold the entries. */
#ifndef GREVY_LIB_RTABLE_PRIV_H
#define GREVY_LIB_RTABLE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Address bits of both families, left-aligned, in host order. */
struct key {
	uint64_t hi, lo;
};

static inline struct key
key_cut(struct key k, unsigned len)
{
	k.hi &= len == 0 ? 0 : len < 64 ? ~UINT64_C(0) << (64 - len) : ~UINT64_C(0);
	k.lo &= len <= 64 ? 0 : ~UINT64_C(0) << (128 - len);
	return k;
}

static inline unsigned
key_bit(struct key k, unsigned bit)
{
	uint64_t word = bit < 64 ? k.hi : k.lo;
	return word >> (63 - (bit & 63)) & 1;
}

/* How many leading bits agree. */
static inline unsigned
key_common(struct key a, struct key b)
{
	uint64_t d = a.hi ^ b.hi;
	if (d)
		return (unsigned)__builtin_clzll(d);
	d = a.lo ^ b.lo;
	return d ? 64 + (unsigned)__builtin_clzll(d) : 128;
}

/*
 * A bucket: up to BUCKET_CAP entries in order (key, then shorter first). Behind the head follow the
 * keys, 4 octets each for IPv4 and 16 for IPv6, then the values. An IPv4 bucket is three cache lines,
 * and its head and keys are in the first of them unless it is nearly full.
 */
#define BUCKET_CAP 14u

struct bucket {
	uint8_t count;
	uint8_t len[BUCKET_CAP + 1]; /* the last one fills up */
};

static inline uint32_t
bucket_size(bool six)
{
	uint32_t size = sizeof(struct bucket) + BUCKET_CAP * ((six ? 16 : 4) + (uint32_t)sizeof(void *));
	return (size + 31) & ~31u;
}

static inline struct key
bucket_key(const struct bucket *b, bool six, unsigned i)
{
	const void *keys = b + 1;
	if (six)
		return ((const struct key *)keys)[i];
	return (struct key){(uint64_t)((const uint32_t *)keys)[i] << 32, 0};
}

static inline void **
bucket_slot(struct bucket *b, bool six, unsigned i)
{
	void *values = (char *)(b + 1) + BUCKET_CAP * (six ? 16 : 4);
	return (void **)values + i;
}

/* How many entries come before k/len; k/len itself is there if bucket_holds says so of that rank. */
unsigned bucket_rank(const struct bucket *b, bool six, struct key k, unsigned len);
bool bucket_holds(const struct bucket *b, bool six, unsigned i, struct key k, unsigned len);
/* There must be room; the entry becomes the i-th. */
void bucket_add(struct bucket *b, bool six, unsigned i, struct key k, unsigned len, void *value);
void bucket_drop(struct bucket *b, bool six, unsigned i);
/* The longest of at most `max` bits that contains k; BUCKET_CAP if there is none. */
unsigned bucket_match(const struct bucket *b, bool six, struct key k, unsigned max);
/* How many bits all entries agree on; at most one entry is no longer than that, the first. */
unsigned bucket_common(const struct bucket *b, bool six);
/* Moves the entries from the i-th on to the end of another bucket. */
void bucket_move(struct bucket *b, bool six, unsigned i, struct bucket *to);

#endif
