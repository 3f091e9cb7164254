/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open-addressing hash of pointers with the 32-bit hash stored beside each (robin hood or
 * linear probing); the caller brings hash and equality. Iteration order is unspecified:
 * a core that needs determinism sorts or uses pmap/rtable.
 */
#ifndef GREVY_LIB_HASH_H
#define GREVY_LIB_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash;
typedef bool hash_equal_fn(const void *item, const void *key);

struct hash *hash_new(hash_equal_fn *equal);
void hash_free(struct hash *h); /* not the items */
size_t hash_count(const struct hash *h);
void *hash_find(const struct hash *h, uint32_t hash, const void *key);
void hash_insert(struct hash *h, uint32_t hash, void *item); /* caller knows it is absent */
void *hash_remove(struct hash *h, uint32_t hash, const void *key);
/* for (size_t pos = 0; (item = hash_next(h, &pos)); ) -- removal of the current item allowed */
void *hash_next(const struct hash *h, size_t *pos);
uint32_t hash_bytes(uint64_t seed, const void *bytes, size_t len); /* xxh3 */

#endif
