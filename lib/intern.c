/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interned values: a header with the reference count, then the bytes, found by their hash.
 * Owns every value; ids are small and re-used, so that they can index arrays.
 * Invariant: two live values of one table never have equal contents.
 */
#include "lib/intern.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"

struct interned {
	uint32_t refs, hash, id, len;
	_Alignas(16) uint8_t bytes[];
};

struct intern_table {
	struct hash *hash;
	uint64_t seed;
	void (*release)(void *owner, const void *value);
	void *owner;
	uint32_t next_id;
	uint32_t *free_ids;
	uint32_t free_count, free_cap;
	bool dying;
};

struct intern_key {
	const void *bytes;
	size_t len;
};

static struct interned *
interned_of(const void *value)
{
	/* the table owns the value and may write its header; holders see const bytes */
	return (struct interned *)((uintptr_t)value - offsetof(struct interned, bytes));
}

static bool
interned_equal(const void *item, const void *key)
{
	const struct interned *v = item;
	const struct intern_key *k = key;
	return v->len == k->len && !memcmp(v->bytes, k->bytes, k->len);
}

struct intern_table *
intern_new(uint64_t seed, void (*release)(void *owner, const void *value), void *owner)
{
	struct intern_table *t = mem_zalloc(sizeof(*t));
	t->hash = hash_new(interned_equal);
	t->seed = seed;
	t->release = release;
	t->owner = owner;
	t->next_id = 1;
	return t;
}

void
intern_free(struct intern_table *t)
{
	if (!t)
		return;
	/* a release that drops values of this same table finds them still there */
	t->dying = true;
	struct interned *v;
	for (size_t pos = 0; t->release && (v = hash_next(t->hash, &pos));)
		t->release(t->owner, v->bytes);
	for (size_t pos = 0; (v = hash_next(t->hash, &pos));)
		mem_free(v);
	hash_free(t->hash);
	mem_free(t->free_ids);
	mem_free(t);
}

const void *
intern_get(struct intern_table *t, const void *bytes, size_t len)
{
	assert(len <= UINT32_MAX);
	uint32_t hash = hash_bytes(t->seed, bytes, len);
	struct interned *v = hash_find(t->hash, hash, &(struct intern_key){bytes, len});
	if (v)
		return intern_ref(v->bytes);
	v = mem_alloc(sizeof(*v) + len);
	v->refs = 1;
	v->hash = hash;
	v->len = (uint32_t)len;
	v->id = t->free_count ? t->free_ids[--t->free_count] : t->next_id++;
	if (len)
		memcpy(v->bytes, bytes, len);
	hash_insert(t->hash, hash, v);
	return v->bytes;
}

const void *
intern_ref(const void *value)
{
	struct interned *v = interned_of(value);
	assert(v->refs && v->refs < UINT32_MAX);
	v->refs++;
	return value;
}

void
intern_unref(struct intern_table *t, const void *value)
{
	if (!value)
		return;
	struct interned *v = interned_of(value);
	assert(v->refs);
	if (--v->refs || t->dying)
		return;
	hash_remove(t->hash, v->hash, &(struct intern_key){v->bytes, v->len});
	if (t->release)
		t->release(t->owner, value);
	if (t->free_count == t->free_cap) {
		t->free_cap = t->free_cap ? t->free_cap * 2 : 16;
		t->free_ids = mem_realloc(t->free_ids, t->free_cap * sizeof(*t->free_ids));
	}
	t->free_ids[t->free_count++] = v->id;
	mem_free(v);
}

size_t
intern_len(const void *value)
{
	return interned_of(value)->len;
}

uint32_t
intern_refs(const void *value)
{
	return interned_of(value)->refs;
}

size_t
intern_count(const struct intern_table *t)
{
	return hash_count(t->hash);
}

uint32_t
intern_id(const void *value)
{
	return interned_of(value)->id;
}
