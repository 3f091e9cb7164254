/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The treap by LSA key: iterative split and merge, so no input can exhaust the stack. */
#include "ospfd/keytree.h"

static uint32_t
key_prio(uint64_t seed, const struct lsa_key *k)
{
	uint64_t x = seed ^ ((uint64_t)k->id << 32 | k->adv);
	x += UINT64_C(0x9e3779b97f4a7c15) * (k->type + 1u);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((x ^ (x >> 31)) >> 16);
}

int
lsa_key_cmp(const struct lsa_key *a, const struct lsa_key *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->adv != b->adv)
		return a->adv < b->adv ? -1 : 1;
	return 0;
}

struct keynode *
keytree_find(const struct keytree *t, const struct lsa_key *key)
{
	struct keynode *n = t->root;
	while (n) {
		int c = lsa_key_cmp(key, &n->key);
		if (c == 0)
			return n;
		n = c < 0 ? n->left : n->right;
	}
	return NULL;
}

struct keynode *
keytree_next(const struct keytree *t, const struct lsa_key *after)
{
	struct keynode *n = t->root, *best = NULL;
	while (n) {
		if (!after || lsa_key_cmp(&n->key, after) > 0) {
			best = n;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

struct keynode *
keytree_first(const struct keytree *t)
{
	return keytree_next(t, NULL);
}

void
keytree_insert(struct keytree *t, struct keynode *node)
{
	node->prio = key_prio(t->seed, &node->key);
	struct keynode **at = &t->root;
	while (*at && (*at)->prio >= node->prio)
		at = lsa_key_cmp(&node->key, &(*at)->key) < 0 ? &(*at)->left : &(*at)->right;
	/* what was here is cut in two by the key */
	struct keynode *rest = *at, **lo = &node->left, **hi = &node->right;
	while (rest) {
		if (lsa_key_cmp(&rest->key, &node->key) < 0) {
			*lo = rest;
			lo = &rest->right;
			rest = rest->right;
		} else {
			*hi = rest;
			hi = &rest->left;
			rest = rest->left;
		}
	}
	*lo = *hi = NULL;
	*at = node;
	t->count++;
}

struct keynode *
keytree_remove(struct keytree *t, const struct lsa_key *key)
{
	struct keynode **at = &t->root;
	int c;
	while (*at && (c = lsa_key_cmp(key, &(*at)->key)) != 0)
		at = c < 0 ? &(*at)->left : &(*at)->right;
	struct keynode *gone = *at;
	if (!gone)
		return NULL;
	struct keynode *a = gone->left, *b = gone->right;
	while (a && b) {
		if (a->prio > b->prio) {
			*at = a;
			at = &a->right;
			a = a->right;
		} else {
			*at = b;
			at = &b->left;
			b = b->left;
		}
	}
	*at = a ? a : b;
	gone->left = gone->right = NULL;
	t->count--;
	return gone;
}
