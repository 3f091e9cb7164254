/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path-compressed binary trie whose leaves are buckets of up to 14 entries, in two slabs.
 *
 *   branch  where keys part: the bit they part at, two children, the value of the prefix that
 *           ends here, if there is one
 *   bucket  all entries below one side of a branch, in order, until they are too many
 *
 * Branches hold no key. A descent follows the bits that branches test and ends near some entry, and
 * that entry tells how many bits really agree ("common"); every branch above that depth then is
 * known to lie on the key's path. There is one branch of 24 octets for about eight prefixes, so the
 * branches of a full table fit a cache, and what has to be fetched for an operation is one bucket.
 *
 * For a large IPv4 table `jump` leads from the first 16 bits straight to the deepest branch that
 * covers them (0: start at the root). It may be used for keys of 16 bits and more.
 *
 * Owns the slabs and the jump table, not the values.
 * Invariants: a branch has two or three of: left child, right child, own value; the bits grow on
 * every way down; no bucket below a branch is empty, and its entries are longer than the branch's bit;
 * jump[i] is the deepest branch at bit <= 16 whose keys begin with i.
 */
#include "lib/rtable.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/rtable_priv.h"
#include "lib/slab.h"

struct branch {
	uint32_t child[2]; /* references; 0: none */
	void *own;
	uint8_t bit; /* the children's keys part here; the length of own */
	bool has_own;
};

/* A reference: twice the index in its slab, plus 1 for a bucket. */
#define REF_BUCKET 1u

#define JUMP_BITS  16u
#define JUMP_MIN   20000u /* prefixes, from where on the jump table is worth its 256 KiB */
#define MERGE_MAX  8u     /* entries that two buckets and their branch may have to become one bucket */

struct rtable {
	struct slab buckets, branches;
	uint32_t *jump;
	uint32_t root;
	uint8_t afi;
	bool six;
	size_t count;
	uint64_t generation;
};

/* ---- keys, buckets, branches ---- */

static uint64_t
load_be64(const uint8_t *b)
{
	uint64_t v;
	memcpy(&v, b, 8);
	return be64toh(v);
}

static struct key
key_of(const struct rtable *t, const uint8_t *b)
{
	if (t->six)
		return (struct key){load_be64(b), load_be64(b + 8)};
	uint32_t v;
	memcpy(&v, b, 4);
	return (struct key){(uint64_t)be32toh(v) << 32, 0};
}

static void
key_prefix(const struct rtable *t, struct key k, unsigned len, struct prefix *p)
{
	k = key_cut(k, len);
	uint64_t hi = htobe64(k.hi), lo = htobe64(k.lo);
	*p = (struct prefix){.afi = t->afi, .len = (uint8_t)len};
	memcpy(p->b, &hi, 8);
	memcpy(p->b + 8, &lo, 8);
}

static bool
is_bucket(uint32_t ref)
{
	return ref & REF_BUCKET;
}

static bool
is_branch(uint32_t ref)
{
	return ref && !is_bucket(ref);
}

static struct branch *
branch_at(const struct rtable *t, uint32_t ref)
{
	return slab_at(&t->branches, ref >> 1);
}

static struct bucket *
bucket_at(const struct rtable *t, uint32_t ref)
{
	return slab_at(&t->buckets, ref >> 1);
}

static uint32_t
bucket_new(struct rtable *t)
{
	uint32_t ref = slab_get(&t->buckets) << 1 | REF_BUCKET;
	bucket_at(t, ref)->count = 0;
	return ref;
}

static uint32_t
bucket_of_one(struct rtable *t, struct key k, unsigned len, void *value)
{
	uint32_t ref = bucket_new(t);
	bucket_add(bucket_at(t, ref), t->six, 0, k, len, value);
	return ref;
}

/* Where the way down begins, when the first `len` bits of k are all that counts. */
static uint32_t
start_of(const struct rtable *t, struct key k, unsigned len)
{
	if (t->jump && len >= JUMP_BITS) {
		uint32_t ref = t->jump[k.hi >> (64 - JUMP_BITS)];
		if (ref)
			return ref;
	}
	return t->root;
}

/*
 * Some bucket that agrees with the first len bits of k as far as any below `ref` does: its first
 * entry tells how far. Which one it is does not matter, since they all part from k at the same bit, or
 * k goes in among them. Not for an empty table.
 */
static uint32_t
nearest_bucket(const struct rtable *t, uint32_t ref, struct key k, unsigned len)
{
	while (!is_bucket(ref)) {
		const struct branch *b = branch_at(t, ref);
		unsigned side = b->bit < len ? key_bit(k, b->bit) : 0;
		ref = b->child[side] ? b->child[side] : b->child[!side];
	}
	return ref;
}

/* How many of the first len bits of k agree with the bucket's first entry. */
static unsigned
common_with(const struct rtable *t, uint32_t bucket, struct key k, unsigned len)
{
	const struct bucket *b = bucket_at(t, bucket);
	unsigned common = key_common(k, bucket_key(b, t->six, 0));
	common = common < b->len[0] ? common : b->len[0];
	return common < len ? common : len;
}

/* A key below `ref`; the bits up to a branch's are that branch's. */
static struct key
key_below(const struct rtable *t, uint32_t ref)
{
	uint32_t bucket = nearest_bucket(t, ref, (struct key){0, 0}, 0);
	return bucket_key(bucket_at(t, bucket), t->six, 0);
}

/* ---- the jump table ---- */

/* Lets the keys below k/bit that came from `from` start at `to`. */
static void
jump_move(struct rtable *t, struct key k, unsigned bit, uint32_t from, uint32_t to)
{
	if (!t->jump || bit > JUMP_BITS)
		return;
	size_t first = key_cut(k, bit).hi >> (64 - JUMP_BITS), n = (size_t)1 << (JUMP_BITS - bit);
	for (size_t i = first; i < first + n; i++)
		if (t->jump[i] == from)
			t->jump[i] = to;
}

/* Enters the branches at and below ref; `up` is the branch above. */
static void
jump_fill(struct rtable *t, uint32_t ref, uint32_t up)
{
	if (!is_branch(ref))
		return;
	const struct branch *b = branch_at(t, ref);
	if (b->bit > JUMP_BITS)
		return;
	jump_move(t, key_below(t, ref), b->bit, up, ref);
	jump_fill(t, b->child[0], ref);
	jump_fill(t, b->child[1], ref);
}

static void
jump_make(struct rtable *t)
{
	t->jump = mem_array((size_t)1 << JUMP_BITS, sizeof(*t->jump));
	jump_fill(t, t->root, 0);
}

/* ---- the table ---- */

struct rtable *
rtable_new(uint8_t afi)
{
	assert(afi == AFI_IP4 || afi == AFI_IP6);
	struct rtable *t = mem_zalloc(sizeof(*t));
	t->afi = afi;
	t->six = afi == AFI_IP6;
	t->buckets.size = bucket_size(t->six);
	t->branches.size = sizeof(struct branch);
	t->generation = 1;
	return t;
}

void
rtable_free(struct rtable *t)
{
	if (!t)
		return;
	slab_clear(&t->buckets);
	slab_clear(&t->branches);
	mem_free(t->jump);
	mem_free(t);
}

size_t
rtable_count(const struct rtable *t)
{
	return t->count;
}

size_t
rtable_bytes(const struct rtable *t)
{
	return sizeof(*t) + slab_bytes(&t->buckets) + slab_bytes(&t->branches) +
		(t->jump ? sizeof(*t->jump) << JUMP_BITS : 0);
}

/* A point on the way down: what is there, what refers to it, the branch above and its link. */
struct place {
	uint32_t ref, *link;
	uint32_t up, *up_link, above; /* above: the branch above `up` */
};

/*
 * The first place on k's way from `start` that is a bucket, nothing, or a branch at `bits` or behind.
 * The links of `start` itself are known if it is the root.
 */
static struct place
place_find(struct rtable *t, uint32_t start, struct key k, unsigned bits)
{
	struct place at = {start, &t->root, 0, NULL, 0};
	while (is_branch(at.ref)) {
		struct branch *b = branch_at(t, at.ref);
		if (b->bit >= bits)
			break;
		at.above = at.up;
		at.up = at.ref;
		at.up_link = at.link;
		at.link = &b->child[key_bit(k, b->bit)];
		at.ref = *at.link;
	}
	return at;
}

/* Puts a new branch at k's bit above the place. */
static struct branch *
branch_insert(struct rtable *t, const struct place *at, struct key k, unsigned bit)
{
	uint32_t ref = slab_get(&t->branches) << 1;
	struct branch *b = branch_at(t, ref);
	*b = (struct branch){.bit = (uint8_t)bit};
	*at->link = ref;
	jump_move(t, k, bit, at->up, ref);
	return b;
}

/* Hangs k/len below the branch, where nothing is yet; the slot of its value. */
static void **
branch_hang(struct rtable *t, struct branch *b, struct key k, unsigned len)
{
	t->count++;
	if (b->bit == len) {
		b->has_own = true;
		b->own = NULL;
		return &b->own;
	}
	uint32_t ref = bucket_of_one(t, k, len, NULL);
	b->child[key_bit(k, b->bit)] = ref;
	return bucket_slot(bucket_at(t, ref), t->six, 0);
}

/* k parts from all that is at the place after `common` bits, or ends there. */
static void **
insert_beside(struct rtable *t, const struct place *at, struct key k, unsigned len,
	unsigned common)
{
	struct key other = key_below(t, at->ref);
	struct branch *b = branch_insert(t, at, k, common);
	b->child[key_bit(other, common)] = at->ref;
	return branch_hang(t, b, k, len);
}

/* Makes a branch of a full bucket: what all its entries agree on, and a bucket for each side. */
static void
bucket_split(struct rtable *t, const struct place *at, unsigned bit)
{
	struct bucket *full = bucket_at(t, at->ref);
	struct branch *b = branch_insert(t, at, bucket_key(full, t->six, 0), bit);
	if (full->len[0] == bit) {
		b->has_own = true;
		b->own = *bucket_slot(full, t->six, 0);
		bucket_drop(full, t->six, 0);
	}
	unsigned left = 0;
	while (left < full->count && !key_bit(bucket_key(full, t->six, left), bit))
		left++;
	b->child[left == 0] = at->ref;
	if (left == 0 || left == full->count)
		return;
	b->child[1] = bucket_new(t);
	bucket_move(full, t->six, left, bucket_at(t, b->child[1]));
}

/* Puts k/len into the bucket that it belongs to, or beside it; NULL: it was split, try again. */
static void **
bucket_insert(struct rtable *t, const struct place *at, struct key k, unsigned len, bool *created)
{
	struct bucket *b = bucket_at(t, at->ref);
	unsigned i = bucket_rank(b, t->six, k, len);
	*created = !bucket_holds(b, t->six, i, k, len);
	if (!*created)
		return bucket_slot(b, t->six, i);
	if (b->count < BUCKET_CAP) {
		t->count++;
		bucket_add(b, t->six, i, k, len, NULL);
		return bucket_slot(b, t->six, i);
	}
	unsigned bit = bucket_common(b, t->six);
	unsigned common = common_with(t, at->ref, k, len);
	if (common < bit)
		return insert_beside(t, at, k, len, common);
	bucket_split(t, at, bit);
	return NULL;
}

/* One try: the slot of k/len, or NULL if a bucket had to be split first. */
static void **
insert_once(struct rtable *t, struct key k, unsigned len, bool *created)
{
	slab_reserve(&t->buckets);
	slab_reserve(&t->branches);
	*created = true;
	if (!t->root) {
		t->root = bucket_of_one(t, k, len, NULL);
		t->count++;
		return bucket_slot(bucket_at(t, t->root), t->six, 0);
	}
	uint32_t start = start_of(t, k, len);
	struct place at = place_find(t, start, k, len);
	uint32_t near = nearest_bucket(t, at.ref ? at.ref : at.up, k, len);
	unsigned common = common_with(t, near, k, len);
	if (is_bucket(at.ref) && (!at.up || branch_at(t, at.up)->bit < common))
		return bucket_insert(t, &at, k, len, created);
	at = place_find(t, start, k, common);
	struct branch *b = branch_at(t, at.ref);
	if (b->bit > common)
		return insert_beside(t, &at, k, len, common);
	if (common == len && b->has_own) {
		*created = false;
		return &b->own;
	}
	return branch_hang(t, b, k, len);
}

void **
rtable_insert(struct rtable *t, const struct prefix *p, bool *created)
{
	assert(p->afi == t->afi && p->len <= afi_bits(t->afi));
	struct key k = key_cut(key_of(t, p->b), p->len);
	bool is_new;
	void **slot;
	while (!(slot = insert_once(t, k, p->len, &is_new)))
		;
	t->generation += is_new;
	if (created)
		*created = is_new;
	if (!t->jump && !t->six && t->count >= JUMP_MIN)
		jump_make(t);
	return slot;
}

/* Is the branch one of the first len bits of k, as it lies on k's tested way? */
static bool
branch_is_on(const struct rtable *t, uint32_t ref, struct key k, unsigned len)
{
	return key_common(k, key_below(t, ref)) >= len;
}

void **
rtable_find(const struct rtable *t, const struct prefix *p)
{
	if (p->afi != t->afi || !t->root)
		return NULL;
	struct key k = key_cut(key_of(t, p->b), p->len);
	uint32_t ref = start_of(t, k, p->len);
	while (is_branch(ref)) {
		struct branch *b = branch_at(t, ref);
		if (b->bit >= p->len) {
			bool there = b->bit == p->len && b->has_own &&
				branch_is_on(t, ref, k, p->len);
			return there ? &b->own : NULL;
		}
		ref = b->child[key_bit(k, b->bit)];
	}
	if (!ref)
		return NULL;
	struct bucket *b = bucket_at(t, ref);
	unsigned i = bucket_rank(b, t->six, k, p->len);
	return bucket_holds(b, t->six, i, k, p->len) ? bucket_slot(b, t->six, i) : NULL;
}

/* The longest at or below `ref` that contains k and has at most `max` bits, and its length. */
static void **
match_below(const struct rtable *t, uint32_t ref, struct key k, unsigned max, unsigned *len)
{
	uint32_t near = nearest_bucket(t, ref, k, max);
	struct bucket *bucket = bucket_at(t, near);
	unsigned i = bucket_match(bucket, t->six, k, max);
	if (i < BUCKET_CAP) {
		*len = bucket->len[i];
		return bucket_slot(bucket, t->six, i);
	}
	unsigned common = common_with(t, near, k, max);
	void **best = NULL;
	while (is_branch(ref)) {
		struct branch *b = branch_at(t, ref);
		if (b->bit > common)
			break;
		if (b->has_own) {
			best = &b->own;
			*len = b->bit;
		}
		ref = b->child[key_bit(k, b->bit)];
	}
	return best;
}

static void **
match(const struct rtable *t, struct key k, unsigned max, struct prefix *found)
{
	if (!t->root)
		return NULL;
	unsigned len = 0;
	uint32_t start = start_of(t, k, max);
	void **slot = match_below(t, start, k, max, &len);
	if (!slot && start != t->root)
		slot = match_below(t, t->root, k, max, &len);
	if (slot && found)
		key_prefix(t, k, len, found);
	return slot;
}

void **
rtable_match(const struct rtable *t, const struct ipaddr *a, struct prefix *found)
{
	return a->afi == t->afi ? match(t, key_of(t, a->b), afi_bits(t->afi), found) : NULL;
}

void **
rtable_match_prefix(const struct rtable *t, const struct prefix *p, bool shorter,
	struct prefix *found)
{
	if (p->afi != t->afi || (shorter && !p->len))
		return NULL;
	return match(t, key_of(t, p->b), shorter ? p->len - 1u : p->len, found);
}

/* All that a branch holds, if it is few in buckets; more than MERGE_MAX otherwise. */
static unsigned
branch_entries(const struct rtable *t, const struct branch *b)
{
	unsigned n = b->has_own;
	for (unsigned side = 0; side < 2; side++) {
		if (is_branch(b->child[side]))
			return MERGE_MAX + 1;
		if (b->child[side])
			n += bucket_at(t, b->child[side])->count;
	}
	return n;
}

/* Makes one bucket of the branch's own value and its buckets. */
static uint32_t
branch_merge(struct rtable *t, struct branch *b, struct key k)
{
	uint32_t left = b->child[0], right = b->child[1];
	if (!left) {
		left = right;
		right = 0;
	}
	if (right) {
		bucket_move(bucket_at(t, right), t->six, 0, bucket_at(t, left));
		slab_put(&t->buckets, right >> 1);
	}
	if (b->has_own)
		bucket_add(bucket_at(t, left), t->six, 0, key_cut(k, b->bit), b->bit, b->own);
	return left;
}

/*
 * After a removal below the branch at at->up: takes it out if it has become needless. The last
 * bucket may be empty here, to hold the branch's own value.
 */
static void
branch_tidy(struct rtable *t, const struct place *at, struct key k)
{
	struct branch *b = branch_at(t, at->up);
	if (branch_entries(t, b) <= MERGE_MAX) {
		*at->up_link = branch_merge(t, b, k);
	} else {
		for (unsigned side = 0; side < 2; side++) {
			uint32_t ref = b->child[side];
			if (!is_bucket(ref) || bucket_at(t, ref)->count)
				continue;
			slab_put(&t->buckets, ref >> 1);
			b->child[side] = 0;
		}
		if (b->has_own || (b->child[0] && b->child[1]))
			return;
		*at->up_link = b->child[0] ? b->child[0] : b->child[1];
	}
	jump_move(t, k, b->bit, at->up, at->above);
	slab_put(&t->branches, at->up >> 1);
}

static void *
remove_own(struct rtable *t, const struct place *at, struct key k, unsigned len)
{
	struct branch *b = branch_at(t, at->ref);
	if (b->bit != len || !b->has_own || !branch_is_on(t, at->ref, k, len))
		return NULL;
	void *value = b->own;
	b->has_own = false;
	t->count--;
	struct place inside = {0, NULL, at->ref, at->link, at->up};
	branch_tidy(t, &inside, k);
	return value;
}

static void *
remove_from_bucket(struct rtable *t, const struct place *at, struct key k, unsigned len)
{
	struct bucket *b = bucket_at(t, at->ref);
	unsigned i = bucket_rank(b, t->six, k, len);
	if (!bucket_holds(b, t->six, i, k, len))
		return NULL;
	void *value = *bucket_slot(b, t->six, i);
	bucket_drop(b, t->six, i);
	t->count--;
	if (at->up && b->count < MERGE_MAX) {
		branch_tidy(t, at, k);
	} else if (!b->count) {
		slab_put(&t->buckets, at->ref >> 1);
		t->root = 0;
	}
	return value;
}

void *
rtable_remove(struct rtable *t, const struct prefix *p)
{
	if (p->afi != t->afi || !t->root)
		return NULL;
	struct key k = key_cut(key_of(t, p->b), p->len);
	uint32_t start = start_of(t, k, p->len);
	struct place at = place_find(t, start, k, p->len);
	/* a branch that goes must be unhooked from above, which a start by a jump does not know */
	if (start != t->root && (at.ref == start || at.up == start))
		at = place_find(t, t->root, k, p->len);
	size_t before = t->count;
	void *value = NULL;
	if (is_bucket(at.ref))
		value = remove_from_bucket(t, &at, k, p->len);
	else if (at.ref)
		value = remove_own(t, &at, k, p->len);
	t->generation += before != t->count;
	return value;
}

/* ---- walks ---- */

#define PENDING (sizeof(((struct rtable_iter *)0)->pending) / sizeof(uint32_t))

static void
pending_push(struct rtable_iter *it, uint32_t ref)
{
	if (!ref)
		return;
	it->pending[it->top++ % PENDING] = ref;
	if (it->count < PENDING)
		it->count++;
	else
		it->cut = true; /* the oldest is overwritten */
}

void
rtable_iter_init(struct rtable_iter *it, const struct rtable *t, const struct prefix *within)
{
	*it = (struct rtable_iter){.t = t};
	if (within)
		it->within = *within;
}

void
rtable_iter_after(struct rtable_iter *it, const struct prefix *last)
{
	it->last = *last;
	it->generation = 0;
}

/* What of the place where k/len ends or parts follows it in the order of the walk. */
static void
iter_seek_here(struct rtable_iter *it, uint32_t ref, struct key k, unsigned len, unsigned common,
	bool inclusive)
{
	const struct rtable *t = it->t;
	if (is_bucket(ref)) {
		const struct bucket *b = bucket_at(t, ref);
		unsigned i = bucket_rank(b, t->six, k, len);
		if (!inclusive && bucket_holds(b, t->six, i, k, len))
			i++;
		if (i < b->count) {
			pending_push(it, ref);
			it->index = (uint8_t)i;
		}
		return;
	}
	const struct branch *b = branch_at(t, ref);
	if (common == len) { /* k contains all that is here; an equal one comes first */
		if (b->bit > len || inclusive) {
			pending_push(it, ref);
			return;
		}
		pending_push(it, b->child[1]);
		pending_push(it, b->child[0]);
	} else if (!key_bit(k, common)) { /* k parts to the left: what is on the right follows */
		pending_push(it, b->bit > common ? ref : b->child[1]);
	}
}

/* Fills the ring with what follows k/len, itself included if asked. */
static void
iter_seek(struct rtable_iter *it, struct key k, unsigned len, bool inclusive)
{
	const struct rtable *t = it->t;
	it->count = it->top = it->index = 0;
	it->cut = false;
	it->generation = t->generation;
	uint32_t ref = t->root;
	if (!ref)
		return;
	unsigned common = common_with(t, nearest_bucket(t, ref, k, len), k, len);
	while (is_branch(ref)) {
		const struct branch *b = branch_at(t, ref);
		if (b->bit >= common)
			break;
		unsigned side = key_bit(k, b->bit);
		if (!side)
			pending_push(it, b->child[1]);
		ref = b->child[side];
	}
	iter_seek_here(it, ref, k, len, common, inclusive);
}

/* The next entry in order, NULL at the end (or where the ring was cut). */
static void **
iter_pop(struct rtable_iter *it, struct prefix *p)
{
	const struct rtable *t = it->t;
	if (!it->count)
		return NULL;
	uint32_t ref = it->pending[(uint8_t)(it->top - 1) % PENDING];
	while (is_branch(ref)) {
		struct branch *b = branch_at(t, ref);
		it->top--;
		it->count--;
		pending_push(it, b->child[1]);
		pending_push(it, b->child[0]);
		if (b->has_own) {
			key_prefix(t, key_below(t, ref), b->bit, p);
			return &b->own;
		}
		ref = it->pending[(uint8_t)(it->top - 1) % PENDING];
	}
	struct bucket *b = bucket_at(t, ref);
	unsigned i = it->index++;
	key_prefix(t, bucket_key(b, t->six, i), b->len[i], p);
	if (it->index == b->count) {
		it->index = 0;
		it->top--;
		it->count--;
	}
	return bucket_slot(b, t->six, i);
}

static void
iter_refill(struct rtable_iter *it)
{
	const struct rtable *t = it->t;
	const struct prefix *from = it->last.afi != AFI_NONE ? &it->last : &it->within;
	if (from->afi != AFI_NONE)
		iter_seek(it, key_cut(key_of(t, from->b), from->len), from->len,
			from == &it->within);
	else
		iter_seek(it, (struct key){0, 0}, 0, true);
}

void **
rtable_next(struct rtable_iter *it, struct prefix *p)
{
	const struct rtable *t = it->t;
	if (it->within.afi != AFI_NONE && it->within.afi != t->afi)
		return NULL;
	if (it->generation != t->generation || (!it->count && it->cut))
		iter_refill(it);
	struct prefix found;
	void **slot = iter_pop(it, &found);
	if (!slot)
		return NULL;
	if (it->within.afi != AFI_NONE && !prefix_contains(&it->within, &found)) {
		it->count = 0;
		it->cut = false;
		return NULL;
	}
	it->last = found;
	if (p)
		*p = found;
	return slot;
}
