/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buckets of rtable: small sorted arrays. Own nothing; the table's slab has their memory. */
#include "lib/rtable_priv.h"

#include <assert.h>
#include <string.h>

static uint32_t *
keys4(struct bucket *b)
{
	void *keys = b + 1;
	return keys;
}

static struct key *
keys6(struct bucket *b)
{
	void *keys = b + 1;
	return keys;
}

unsigned
bucket_rank(const struct bucket *b, bool six, struct key k, unsigned len)
{
	unsigned rank = 0;
	const void *keys = b + 1;
	if (six) {
		const struct key *at = keys;
		for (; rank < b->count; rank++, at++) {
			if (at->hi != k.hi ? at->hi > k.hi : at->lo != k.lo ? at->lo > k.lo
									    : b->len[rank] >= len)
				break;
		}
		return rank;
	}
	/* without branches: the order of the keys is not predictable */
	const uint32_t *at = keys;
	uint32_t want = (uint32_t)(k.hi >> 32);
	for (unsigned i = 0; i < b->count; i++)
		rank += (at[i] < want) | ((at[i] == want) & (b->len[i] < len));
	return rank;
}

bool
bucket_holds(const struct bucket *b, bool six, unsigned i, struct key k, unsigned len)
{
	if (i >= b->count || b->len[i] != len)
		return false;
	struct key found = bucket_key(b, six, i);
	return found.hi == k.hi && found.lo == k.lo;
}

void
bucket_add(struct bucket *b, bool six, unsigned i, struct key k, unsigned len, void *value)
{
	assert(b->count < BUCKET_CAP && i <= b->count);
	size_t behind = b->count - i;
	memmove(&b->len[i + 1], &b->len[i], behind);
	b->len[i] = (uint8_t)len;
	if (six) {
		memmove(&keys6(b)[i + 1], &keys6(b)[i], behind * sizeof(struct key));
		keys6(b)[i] = k;
	} else {
		memmove(&keys4(b)[i + 1], &keys4(b)[i], behind * sizeof(uint32_t));
		keys4(b)[i] = (uint32_t)(k.hi >> 32);
	}
	void **slot = bucket_slot(b, six, i);
	memmove(slot + 1, slot, behind * sizeof(*slot));
	*slot = value;
	b->count++;
}

void
bucket_drop(struct bucket *b, bool six, unsigned i)
{
	assert(i < b->count);
	size_t behind = b->count - i - 1u;
	memmove(&b->len[i], &b->len[i + 1], behind);
	if (six)
		memmove(&keys6(b)[i], &keys6(b)[i + 1], behind * sizeof(struct key));
	else
		memmove(&keys4(b)[i], &keys4(b)[i + 1], behind * sizeof(uint32_t));
	void **slot = bucket_slot(b, six, i);
	memmove(slot, slot + 1, behind * sizeof(*slot));
	b->count--;
}

unsigned
bucket_match(const struct bucket *b, bool six, struct key k, unsigned max)
{
	unsigned best = BUCKET_CAP, best_len = 0;
	for (unsigned i = 0; i < b->count; i++) {
		unsigned len = b->len[i];
		if (len > max || len < best_len || key_common(k, bucket_key(b, six, i)) < len)
			continue;
		best = i;
		best_len = len;
	}
	return best;
}

unsigned
bucket_common(const struct bucket *b, bool six)
{
	/* keys are in order, so what the first and the last agree on, all agree on; an entry as
	 * short as that has the least key and is the first */
	unsigned common = key_common(bucket_key(b, six, 0), bucket_key(b, six, b->count - 1u));
	return common < b->len[0] ? common : b->len[0];
}

void
bucket_move(struct bucket *b, bool six, unsigned i, struct bucket *to)
{
	size_t n = b->count - i;
	assert(i <= b->count && to->count + n <= BUCKET_CAP);
	memcpy(&to->len[to->count], &b->len[i], n);
	if (six)
		memcpy(&keys6(to)[to->count], &keys6(b)[i], n * sizeof(struct key));
	else
		memcpy(&keys4(to)[to->count], &keys4(b)[i], n * sizeof(uint32_t));
	memcpy(bucket_slot(to, six, to->count), bucket_slot(b, six, i), n * sizeof(void *));
	to->count = (uint8_t)(to->count + n);
	b->count = (uint8_t)i;
}
