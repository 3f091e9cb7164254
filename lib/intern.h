/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash-consed, immutable, reference-counted values: equal contents have one address, so
 * equality is pointer equality (STYLE rule 8). The bytes given must have no padding garbage.
 */
#ifndef GREVY_LIB_INTERN_H
#define GREVY_LIB_INTERN_H

#include <stddef.h>
#include <stdint.h>

struct intern_table;

/* release (may be NULL) runs when the last reference goes, before the memory does. */
struct intern_table *intern_new(uint64_t seed, void (*release)(void *owner, const void *value), void *owner);
void intern_free(struct intern_table *t); /* every value with it */
const void *intern_get(struct intern_table *t, const void *bytes, size_t len); /* one reference more */
const void *intern_ref(const void *value);
void intern_unref(struct intern_table *t, const void *value); /* NULL is harmless */
size_t intern_len(const void *value);
uint32_t intern_refs(const void *value);
size_t intern_count(const struct intern_table *t);
uint32_t intern_id(const void *value); /* small, unique while the value lives */

#endif
