/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path-compressed binary trie in two pools, addressed by 32-bit references.
 *
 *   leaf    one per prefix: key, length, value
 *   branch  where keys part: the bit they part at, two children, and the leaf that ends here, if any
 *
 * Branches hold no key. A descent follows the bits that branches test, ends at some leaf, and that
 * leaf tells how many bits really agree ("common"); every branch above that depth then is known to
 * lie on the key's path. So a step costs one 16-octet branch, and the key is compared once.
 *
 * For a large IPv4 table `jump` leads from the first 16 bits straight to the deepest branch that
 * covers them (0: start at the root). It may be used for keys of 16 bits and more.
 *
 * Owns the pools and the jump table, not the values.
 * Invariants: a branch has two children, or one and a leaf of its own; the bit positions grow on
 * every way down; jump[i] is the deepest branch at bit <= 16 whose keys include i's.
 */
#include "lib/rtable.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "lib/mem.h"

/* Keys of both families: left-aligned bits, host order. */
struct key {
	uint64_t hi, lo;
};

struct leaf4 {
	void *value;
	uint32_t key;
	uint8_t len;
};

/* Nearly all: the last 8 bits of the key are zero and make room for the length. */
struct leaf6 {
	void *value;
	uint64_t hi, lo_len;
};

struct leaf6_long {
	void *value;
	uint64_t hi, lo;
	uint8_t len;
};

#define LEAF6_MAX 120u /* bits in a struct leaf6 */

struct branch {
	uint32_t child[2]; /* references; 0: none */
	uint32_t own;      /* reference of a leaf; 0: none */
	uint8_t bit;       /* the children's keys part here; the length of own */
};

/* A reference: four times the index in its pool, plus what it is. Index 0 is never given out. */
#define REF_LEAF 1u
#define REF_LONG 2u /* a leaf of the second pool */
#define REF_BITS 2

#define POOL_CHUNK_BITS 14
#define POOL_CHUNK      (1u << POOL_CHUNK_BITS)
#define POOL_FIRST      64u /* the first chunk grows up to the full size */

struct pool {
	char **chunks;
	uint32_t size;       /* of an item */
	uint32_t used, room; /* items ever used, items there is memory for */
	uint32_t free;       /* list through the items' first word; 0: empty */
};

#define JUMP_BITS    16u
#define JUMP_MIN     20000u /* prefixes, from where on the jump table is worth its 256 KiB */

struct rtable {
	struct pool leaves[2], branches; /* the second one: leaf6_long */
	uint32_t *jump;
	uint32_t root;
	uint8_t afi;
	size_t count;
	uint64_t generation;
};

/* ---- pools ---- */

static void *
pool_at(const struct pool *p, uint32_t index)
{
	return p->chunks[index >> POOL_CHUNK_BITS] +
		(size_t)(index & (POOL_CHUNK - 1)) * p->size;
}

/* Makes sure that the next pool_get needs no memory, so that pointers stay. */
static void
pool_reserve(struct pool *p)
{
	if (p->free || p->used < p->room)
		return;
	size_t chunk = p->room >> POOL_CHUNK_BITS;
	assert(p->room <= (UINT32_MAX >> REF_BITS) - POOL_CHUNK);
	if (p->room < POOL_CHUNK) {
		uint32_t room = p->room ? p->room * 2 : POOL_FIRST;
		if (!p->chunks)
			p->chunks = mem_zalloc(sizeof(*p->chunks));
		p->chunks[0] = mem_realloc(p->chunks[0], (size_t)room * p->size);
		p->room = room;
	} else {
		p->chunks = mem_realloc(p->chunks, (chunk + 1) * sizeof(*p->chunks));
		p->chunks[chunk] = mem_alloc((size_t)POOL_CHUNK * p->size);
		p->room += POOL_CHUNK;
	}
	if (!p->used)
		p->used = 1;
}

static uint32_t
pool_get(struct pool *p)
{
	uint32_t index = p->free;
	if (index)
		memcpy(&p->free, pool_at(p, index), sizeof(p->free));
	else
		index = p->used++;
	return index;
}

static void
pool_put(struct pool *p, uint32_t index)
{
	memcpy(pool_at(p, index), &p->free, sizeof(p->free));
	p->free = index;
}

static size_t
pool_bytes(const struct pool *p)
{
	size_t chunks = (p->room + POOL_CHUNK - 1) >> POOL_CHUNK_BITS;
	return (size_t)p->room * p->size + chunks * sizeof(*p->chunks);
}

static void
pool_free(struct pool *p)
{
	for (size_t i = 0; i << POOL_CHUNK_BITS < p->room; i++)
		mem_free(p->chunks[i]);
	mem_free(p->chunks);
}

/* ---- keys, leaves, branches ---- */

static uint64_t
load_be64(const uint8_t *b)
{
	uint64_t v;
	memcpy(&v, b, 8);
	return be64toh(v);
}

static struct key
key_cut(struct key k, unsigned len)
{
	k.hi &= len == 0 ? 0 : len < 64 ? ~UINT64_C(0) << (64 - len) : ~UINT64_C(0);
	k.lo &= len <= 64 ? 0 : ~UINT64_C(0) << (128 - len);
	return k;
}

static struct key
key_of(const struct rtable *t, const uint8_t *b)
{
	if (t->afi == AFI_IP6)
		return (struct key){load_be64(b), load_be64(b + 8)};
	uint32_t v;
	memcpy(&v, b, 4);
	return (struct key){(uint64_t)be32toh(v) << 32, 0};
}

static unsigned
key_bit(struct key k, unsigned bit)
{
	uint64_t word = bit < 64 ? k.hi : k.lo;
	return word >> (63 - (bit & 63)) & 1;
}

/* How many leading bits agree. */
static unsigned
key_common(struct key a, struct key b)
{
	uint64_t d = a.hi ^ b.hi;
	if (d)
		return (unsigned)__builtin_clzll(d);
	d = a.lo ^ b.lo;
	return d ? 64 + (unsigned)__builtin_clzll(d) : 128;
}

static bool
is_leaf(uint32_t ref)
{
	return ref & REF_LEAF;
}

static struct branch *
branch_at(const struct rtable *t, uint32_t ref)
{
	return pool_at(&t->branches, ref >> REF_BITS);
}

static void *
leaf_at(const struct rtable *t, uint32_t ref)
{
	return pool_at(&t->leaves[(ref & REF_LONG) / REF_LONG], ref >> REF_BITS);
}

static struct key
leaf_key(const struct rtable *t, uint32_t ref, unsigned *len)
{
	const void *at = leaf_at(t, ref);
	if (t->afi == AFI_IP4) {
		const struct leaf4 *l = at;
		*len = l->len;
		return (struct key){(uint64_t)l->key << 32, 0};
	}
	if (ref & REF_LONG) {
		const struct leaf6_long *l = at;
		*len = l->len;
		return (struct key){l->hi, l->lo};
	}
	const struct leaf6 *l = at;
	*len = l->lo_len & 0xff;
	return (struct key){l->hi, l->lo_len & ~UINT64_C(0xff)};
}

/* All kinds of leaf begin with the value. */
static void **
leaf_slot(const struct rtable *t, uint32_t ref)
{
	return leaf_at(t, ref);
}

static uint32_t
leaf_new(struct rtable *t, struct key k, unsigned len)
{
	uint32_t kind = t->afi == AFI_IP6 && len > LEAF6_MAX ? REF_LEAF | REF_LONG : REF_LEAF;
	uint32_t ref = pool_get(&t->leaves[kind / REF_LONG]) << REF_BITS | kind;
	void *at = leaf_at(t, ref);
	if (t->afi == AFI_IP4)
		*(struct leaf4 *)at = (struct leaf4){NULL, (uint32_t)(k.hi >> 32), (uint8_t)len};
	else if (kind & REF_LONG)
		*(struct leaf6_long *)at = (struct leaf6_long){NULL, k.hi, k.lo, (uint8_t)len};
	else
		*(struct leaf6 *)at = (struct leaf6){NULL, k.hi, k.lo | len};
	t->count++;
	return ref;
}

static void
leaf_free(struct rtable *t, uint32_t ref)
{
	pool_put(&t->leaves[(ref & REF_LONG) / REF_LONG], ref >> REF_BITS);
	t->count--;
}

static void
leaf_prefix(const struct rtable *t, uint32_t ref, struct prefix *p)
{
	unsigned len;
	struct key k = leaf_key(t, ref, &len);
	uint64_t hi = htobe64(k.hi), lo = htobe64(k.lo);
	*p = (struct prefix){.afi = t->afi, .len = (uint8_t)len};
	memcpy(p->b, &hi, 8);
	memcpy(p->b + 8, &lo, 8);
}

/* Where a key's way down begins, when its first `len` bits are all that counts. */
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
 * The leaf that agrees with the key as far as any leaf below `ref` does; 0 if the table is empty.
 * Every leaf below the branch at bit b whose tested bits agree is as good as another.
 */
static uint32_t
nearest_leaf(const struct rtable *t, uint32_t ref, struct key k, unsigned len)
{
	uint32_t own = 0;
	while (ref && !is_leaf(ref)) {
		const struct branch *b = branch_at(t, ref);
		own = b->own;
		if (b->bit < len)
			ref = b->child[key_bit(k, b->bit)];
		else
			ref = own ? own : b->child[0]; /* no own: two children */
	}
	return ref ? ref : own;
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
	if (!ref || is_leaf(ref))
		return;
	const struct branch *b = branch_at(t, ref);
	if (b->bit > JUMP_BITS)
		return;
	unsigned len;
	uint32_t leaf = nearest_leaf(t, ref, (struct key){0, 0}, 0);
	jump_move(t, leaf_key(t, leaf, &len), b->bit, up, ref);
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
	t->leaves[0].size = afi == AFI_IP4 ? sizeof(struct leaf4) : sizeof(struct leaf6);
	t->leaves[1].size = sizeof(struct leaf6_long);
	t->branches.size = sizeof(struct branch);
	t->generation = 1;
	return t;
}

void
rtable_free(struct rtable *t)
{
	if (!t)
		return;
	pool_free(&t->leaves[0]);
	pool_free(&t->leaves[1]);
	pool_free(&t->branches);
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
	return sizeof(*t) + pool_bytes(&t->leaves[0]) + pool_bytes(&t->leaves[1]) +
		pool_bytes(&t->branches) + (t->jump ? sizeof(*t->jump) << JUMP_BITS : 0);
}

/* A point on the way down: what is there, what refers to it, and the branch above. */
struct place {
	uint32_t ref, *link, up;
};

/* The first place on k's way from `start` that is no shorter than `bits`, which agree with it. */
static struct place
place_find(struct rtable *t, uint32_t start, struct key k, unsigned bits)
{
	/* a start by a jump is a branch at <= bits; at == bits nothing is hooked in above it */
	struct place at = {start, &t->root, 0};
	while (at.ref && !is_leaf(at.ref)) {
		struct branch *b = branch_at(t, at.ref);
		if (b->bit >= bits)
			break;
		at.up = at.ref;
		at.link = &b->child[key_bit(k, b->bit)];
		at.ref = *at.link;
	}
	return at;
}

/* Puts a new branch at k's bit above the place. */
static struct branch *
branch_insert(struct rtable *t, const struct place *at, struct key k, unsigned bit)
{
	uint32_t ref = pool_get(&t->branches) << REF_BITS;
	struct branch *b = branch_at(t, ref);
	*b = (struct branch){.bit = (uint8_t)bit};
	*at->link = ref;
	jump_move(t, k, bit, at->up, ref);
	return b;
}

/* A new leaf at the place where k's way parts from that of the leaf `near`, after `common` bits. */
static uint32_t
leaf_insert(struct rtable *t, const struct place *at, struct key k, unsigned len, uint32_t near,
	unsigned common)
{
	uint32_t leaf = leaf_new(t, k, len);
	unsigned near_len, bit;
	struct key near_key = leaf_key(t, near, &near_len);
	bit = is_leaf(at->ref) ? near_len : branch_at(t, at->ref)->bit;
	struct branch *b;
	if (!is_leaf(at->ref) && bit == common) {
		b = branch_at(t, at->ref);
	} else {
		b = branch_insert(t, at, k, common);
		if (bit == common)
			b->own = at->ref; /* a leaf that contains k */
		else
			b->child[key_bit(near_key, common)] = at->ref;
	}
	if (len == common)
		b->own = leaf;
	else
		b->child[key_bit(k, common)] = leaf;
	return leaf;
}

void **
rtable_insert(struct rtable *t, const struct prefix *p, bool *created)
{
	assert(p->afi == t->afi && p->len <= afi_bits(t->afi));
	pool_reserve(&t->leaves[t->afi == AFI_IP6 && p->len > LEAF6_MAX]);
	pool_reserve(&t->branches);
	struct key k = key_cut(key_of(t, p->b), p->len);
	uint32_t start = start_of(t, k, p->len), near = nearest_leaf(t, start, k, p->len), leaf;
	unsigned near_len = 0, common = 0;
	if (near) {
		common = key_common(k, leaf_key(t, near, &near_len));
		common = common < near_len ? common : near_len;
		common = common < p->len ? common : p->len;
	}
	bool present = near && common == p->len && near_len == p->len;
	if (created)
		*created = !present;
	if (present)
		return leaf_slot(t, near);
	if (near) {
		struct place at = place_find(t, start, k, common);
		leaf = leaf_insert(t, &at, k, p->len, near, common);
	} else {
		leaf = t->root = leaf_new(t, k, p->len);
	}
	t->generation++;
	if (!t->jump && t->afi == AFI_IP4 && t->count >= JUMP_MIN)
		jump_make(t);
	return leaf_slot(t, leaf);
}

/* The leaf of exactly this prefix, 0 if there is none. */
static uint32_t
leaf_find(const struct rtable *t, struct key k, unsigned len)
{
	uint32_t ref = start_of(t, k, len);
	while (ref && !is_leaf(ref)) {
		const struct branch *b = branch_at(t, ref);
		if (b->bit >= len) {
			ref = b->bit == len ? b->own : 0;
			break;
		}
		ref = b->child[key_bit(k, b->bit)];
	}
	if (!ref)
		return 0;
	unsigned leaf_len;
	struct key found = leaf_key(t, ref, &leaf_len);
	return leaf_len == len && found.hi == k.hi && found.lo == k.lo ? ref : 0;
}

void **
rtable_find(const struct rtable *t, const struct prefix *p)
{
	if (p->afi != t->afi)
		return NULL;
	uint32_t ref = leaf_find(t, key_cut(key_of(t, p->b), p->len), p->len);
	return ref ? leaf_slot(t, ref) : NULL;
}

/* The longest leaf at or below `ref` that contains k and has at most `max` bits. */
static uint32_t
match_below(const struct rtable *t, uint32_t ref, struct key k, unsigned max)
{
	uint32_t near = nearest_leaf(t, ref, k, max);
	if (!near)
		return 0;
	unsigned near_len;
	unsigned common = key_common(k, leaf_key(t, near, &near_len));
	if (near_len <= common && near_len <= max)
		return near;
	common = common < max ? common : max;
	uint32_t best = 0;
	while (ref && !is_leaf(ref)) {
		const struct branch *b = branch_at(t, ref);
		if (b->bit > common)
			break;
		best = b->own ? b->own : best;
		ref = b->child[key_bit(k, b->bit)];
	}
	return best;
}

static void **
match(const struct rtable *t, struct key k, unsigned max, struct prefix *found)
{
	uint32_t start = start_of(t, k, max);
	uint32_t ref = match_below(t, start, k, max);
	if (!ref && start != t->root)
		ref = match_below(t, t->root, k, max);
	if (!ref)
		return NULL;
	if (found)
		leaf_prefix(t, ref, found);
	return leaf_slot(t, ref);
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

/* Takes the branch at *link out if it has become needless; `up` is the branch above. */
static void
branch_prune(struct rtable *t, uint32_t *link, uint32_t up, struct key k)
{
	uint32_t ref = *link;
	const struct branch *b = branch_at(t, ref);
	uint32_t rest = b->child[0] ? b->child[0] : b->child[1];
	if ((b->child[0] && b->child[1]) || (b->own && rest))
		return;
	*link = b->own ? b->own : rest;
	jump_move(t, k, b->bit, ref, up);
	pool_put(&t->branches, ref >> REF_BITS);
}

/* Takes the leaf out; false, and nothing is done, if its branch is the start but not the root. */
static bool
leaf_unhook(struct rtable *t, uint32_t start, struct key k, uint32_t leaf)
{
	uint32_t *above_link = NULL, *link = &t->root, above = 0, up = 0, ref = start;
	while (ref != leaf) {
		struct branch *b = branch_at(t, ref);
		above = up;
		up = ref;
		above_link = link;
		link = b->own == leaf ? &b->own : &b->child[key_bit(k, b->bit)];
		ref = *link;
	}
	if (up && up == start && start != t->root)
		return false;
	*link = 0;
	if (above_link)
		branch_prune(t, above_link, above, k);
	return true;
}

void *
rtable_remove(struct rtable *t, const struct prefix *p)
{
	struct key k = key_cut(key_of(t, p->b), p->len);
	uint32_t leaf = p->afi == t->afi ? leaf_find(t, k, p->len) : 0;
	if (!leaf)
		return NULL;
	/* a branch that goes must be unhooked from the one above, so a start just above is too low */
	if (!leaf_unhook(t, start_of(t, k, p->len), k, leaf))
		leaf_unhook(t, t->root, k, leaf);
	void *value = *leaf_slot(t, leaf);
	leaf_free(t, leaf);
	t->generation++;
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

/* Fills the ring with what follows k/len in the order of the walk, itself included if asked. */
static void
iter_seek(struct rtable_iter *it, struct key k, unsigned len, bool inclusive)
{
	const struct rtable *t = it->t;
	uint32_t ref = t->root, near = nearest_leaf(t, ref, k, len);
	it->count = it->top = 0;
	it->cut = false;
	it->generation = t->generation;
	if (!near)
		return;
	unsigned near_len, bit;
	struct key near_key = leaf_key(t, near, &near_len);
	unsigned common = key_common(k, near_key);
	common = common < near_len ? common : near_len;
	common = common < len ? common : len;
	for (;;) {
		bit = is_leaf(ref) ? near_len : branch_at(t, ref)->bit;
		if (bit >= common)
			break;
		const struct branch *b = branch_at(t, ref);
		unsigned side = key_bit(k, bit);
		if (!side)
			pending_push(it, b->child[1]);
		ref = b->child[side];
	}
	if (common == len) {
		/* k contains all that is here; an equal one comes first */
		if (bit > len || inclusive) {
			pending_push(it, ref);
		} else if (!is_leaf(ref)) {
			pending_push(it, branch_at(t, ref)->child[1]);
			pending_push(it, branch_at(t, ref)->child[0]);
		}
	} else if (!key_bit(k, common)) {
		/* k parts to the left: what is on the right follows */
		if (bit > common)
			pending_push(it, ref);
		else if (!is_leaf(ref))
			pending_push(it, branch_at(t, ref)->child[1]);
	}
}

/* The next leaf in order, 0 at the end (or where the ring was cut). */
static uint32_t
iter_pop(struct rtable_iter *it)
{
	if (!it->count)
		return 0;
	it->count--;
	uint32_t ref = it->pending[--it->top % PENDING];
	while (!is_leaf(ref)) {
		const struct branch *b = branch_at(it->t, ref);
		if (b->child[0] && b->child[1])
			pending_push(it, b->child[1]);
		uint32_t first = b->child[0] ? b->child[0] : b->child[1];
		if (b->own) {
			pending_push(it, first);
			return b->own;
		}
		ref = first;
	}
	return ref;
}

static void
iter_refill(struct rtable_iter *it)
{
	const struct rtable *t = it->t;
	if (it->last.afi != AFI_NONE)
		iter_seek(it, key_cut(key_of(t, it->last.b), it->last.len), it->last.len, false);
	else if (it->within.afi != AFI_NONE)
		iter_seek(it, key_cut(key_of(t, it->within.b), it->within.len), it->within.len,
			true);
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
	uint32_t ref = iter_pop(it);
	if (!ref)
		return NULL;
	struct prefix found;
	leaf_prefix(t, ref, &found);
	if (it->within.afi != AFI_NONE && !prefix_contains(&it->within, &found)) {
		it->count = 0;
		it->cut = false;
		return NULL;
	}
	it->last = found;
	if (p)
		*p = found;
	return leaf_slot(t, ref);
}
