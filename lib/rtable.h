/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ordered, resumable longest-match table behind every RIB. One table holds one
 * address family; each prefix carries one pointer-sized value that the caller owns.
 * Slots stay valid until the next insert or remove; iterators survive any change,
 * because they hold a key, not a node.
 * A bit beyond a prefix's length is ignored; a prefix or address of the other family is found nowhere
 * and may not be inserted.
 * Budget: >= 2 M inserts/s in random order of a full table, < 40 octets of overhead per prefix.
 */
#ifndef GREVY_LIB_RTABLE_H
#define GREVY_LIB_RTABLE_H

#include "lib/prefix.h"

struct rtable;

struct rtable *rtable_new(uint8_t afi);
void rtable_free(struct rtable *t); /* not the values */
size_t rtable_count(const struct rtable *t);
size_t rtable_bytes(const struct rtable *t); /* memory held, for benchmarks and show memory */

/* The slot of p, made (holding NULL) if it was not there; *created tells (may be NULL). */
void **rtable_insert(struct rtable *t, const struct prefix *p, bool *created);
void **rtable_find(const struct rtable *t, const struct prefix *p);
/* Longest match; *found is the prefix that matched (may be NULL). */
void **rtable_match(const struct rtable *t, const struct ipaddr *a, struct prefix *found);
/* Longest entry that contains p, p itself only if !shorter. */
void **rtable_match_prefix(const struct rtable *t, const struct prefix *p, bool shorter,
	struct prefix *found);
void *rtable_remove(struct rtable *t, const struct prefix *p); /* the value, NULL if absent */

/* A walk in prefix_cmp order. Start: from == NULL the whole table, else the subtree below `within`. */
struct rtable_iter {
	const struct rtable *t;
	struct prefix within; /* afi AFI_NONE: everything */
	struct prefix last;   /* afi AFI_NONE: not started */
	/* private: subtrees still to visit, good while the table has not changed */
	uint64_t generation;
	uint32_t pending[32]; /* a ring: the oldest go first when it is full, and are found again by key */
	uint8_t top, count;
	uint8_t index; /* in the bucket on top */
	bool cut;
};
void rtable_iter_init(struct rtable_iter *it, const struct rtable *t, const struct prefix *within);
/* Continue strictly after `last` (a resume key from an earlier turn). */
void rtable_iter_after(struct rtable_iter *it, const struct prefix *last);
void **rtable_next(struct rtable_iter *it, struct prefix *p); /* NULL: end */

#endif
