/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An intrusive ordered tree (treap) by LSA key. Priorities are a mix of the key and the instance's
 * seed, so the shape depends on the contents only (deterministic), and nobody outside can make it
 * degenerate. Holds LSAs, own LSAs, and neighbours' request lists.
 */
#ifndef GREVY_OSPFD_KEYTREE_H
#define GREVY_OSPFD_KEYTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lsa_key {
	uint32_t id;
	uint32_t adv;
	uint16_t type; /* as on the wire: 8 bits in OSPFv2, 16 in OSPFv3 */
};

struct keynode {
	struct lsa_key key;
	uint32_t prio;
	struct keynode *left, *right;
};

struct keytree {
	struct keynode *root;
	size_t count;
	uint64_t seed;
};

int lsa_key_cmp(const struct lsa_key *a, const struct lsa_key *b); /* type, id, adv */
struct keynode *keytree_find(const struct keytree *t, const struct lsa_key *key);
/* after == NULL: the first */
struct keynode *keytree_next(const struct keytree *t, const struct lsa_key *after);
struct keynode *keytree_first(const struct keytree *t);
/* node->key is set and not in the tree. */
void keytree_insert(struct keytree *t, struct keynode *node);
struct keynode *keytree_remove(struct keytree *t, const struct lsa_key *key);

#endif
