/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The persistent treap. Nodes are shared between versions and counted; a node with one reference,
 * reached through nodes with one reference, belongs to this version alone and is changed in place,
 * any other is copied first.
 * Invariants: keys in order, a parent's rank above its children's; the rank follows from the key
 * alone, so a content has exactly one shape, which is what lets two versions be compared by pointer.
 */
#include "lib/pmap.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"

struct pmap_node {
	struct pmap_node *left, *right;
	void *value;
	uint32_t refs, prio;
	char key[];
};

static void
value_ref(const struct pmap_class *cls, void *value)
{
	if (cls && cls->ref && value)
		cls->ref(value);
}

static void
value_unref(const struct pmap_class *cls, void *value)
{
	if (cls && cls->unref && value)
		cls->unref(value);
}

static struct pmap_node *
node_ref(struct pmap_node *n)
{
	if (n) {
		assert(n->refs && n->refs < UINT32_MAX);
		n->refs++;
	}
	return n;
}

static void
node_unref(const struct pmap_class *cls, struct pmap_node *n)
{
	while (n && --n->refs == 0) {
		struct pmap_node *right = n->right;
		node_unref(cls, n->left);
		value_unref(cls, n->value);
		mem_free(n);
		n = right;
	}
}

static struct pmap_node *
node_new(const char *key, size_t key_size)
{
	struct pmap_node *n = mem_zalloc(sizeof(*n) + key_size);
	n->refs = 1;
	n->prio = hash_bytes(0, key, key_size - 1);
	memcpy(n->key, key, key_size);
	return n;
}

/* Takes a reference to n; gives one to a node with n's contents that nobody else sees. */
static struct pmap_node *
node_own(const struct pmap_class *cls, struct pmap_node *n)
{
	if (n->refs == 1)
		return n;
	struct pmap_node *copy = node_new(n->key, strlen(n->key) + 1);
	copy->left = node_ref(n->left);
	copy->right = node_ref(n->right);
	copy->value = n->value;
	value_ref(cls, copy->value);
	n->refs--;
	return copy;
}

/* Is a nearer to the root than b? Equal hashes are told apart by the keys. */
static bool
node_above(const struct pmap_node *a, const struct pmap_node *b)
{
	return a->prio != b->prio ? a->prio > b->prio : strcmp(a->key, b->key) < 0;
}

struct pmap
pmap_empty(const struct pmap_class *cls)
{
	return (struct pmap){.cls = cls};
}

struct pmap
pmap_copy(const struct pmap *m)
{
	node_ref(m->root);
	return *m;
}

void
pmap_drop(struct pmap *m)
{
	node_unref(m->cls, m->root);
	*m = pmap_empty(m->cls);
}

static struct pmap_node *
node_find(struct pmap_node *n, const char *key)
{
	int d;
	while (n && (d = strcmp(key, n->key)))
		n = d < 0 ? n->left : n->right;
	return n;
}

void *
pmap_get(const struct pmap *m, const char *key)
{
	const struct pmap_node *n = node_find(m->root, key);
	return n ? n->value : NULL;
}

/*
 * Owned nodes on the way down to where key is (at = its node), or would be inserted by `rank`;
 * returns the link to it.
 */
static struct pmap_node **
path_own(struct pmap *m, const char *key, const struct pmap_node *rank)
{
	struct pmap_node **link = &m->root;
	while (*link && !(rank && node_above(rank, *link))) {
		*link = node_own(m->cls, *link);
		int d = strcmp(key, (*link)->key);
		if (!d)
			break;
		link = d < 0 ? &(*link)->left : &(*link)->right;
	}
	return link;
}

/* Splits the tree n (taken) into what is below key and what is above it. */
static void
node_split(const struct pmap_class *cls, struct pmap_node *n, const char *key,
	struct pmap_node **below, struct pmap_node **above)
{
	while (n) {
		n = node_own(cls, n);
		if (strcmp(n->key, key) < 0) {
			*below = n;
			below = &n->right;
			n = n->right;
		} else {
			*above = n;
			above = &n->left;
			n = n->left;
		}
	}
	*below = *above = NULL;
}

/* Joins two trees (taken), all keys of a below those of b. */
static struct pmap_node *
node_join(const struct pmap_class *cls, struct pmap_node *a, struct pmap_node *b)
{
	struct pmap_node *root = NULL, **link = &root;
	while (a && b) {
		if (node_above(a, b)) {
			*link = a = node_own(cls, a);
			link = &a->right;
			a = a->right;
		} else {
			*link = b = node_own(cls, b);
			link = &b->left;
			b = b->left;
		}
	}
	*link = a ? a : b;
	return root;
}

void
pmap_put(struct pmap *m, const char *key, void *value)
{
	assert(value);
	struct pmap_node *n = node_find(m->root, key);
	if (n && n->value == value) {
		value_unref(m->cls, value); /* the caller's; ours stays, and so does the sharing */
		return;
	}
	if (n) {
		n = *path_own(m, key, NULL);
		value_unref(m->cls, n->value);
		n->value = value;
		return;
	}
	n = node_new(key, strlen(key) + 1);
	n->value = value;
	struct pmap_node **link = path_own(m, key, n);
	node_split(m->cls, *link, key, &n->left, &n->right);
	*link = n;
	m->count++;
}

bool
pmap_del(struct pmap *m, const char *key)
{
	if (!node_find(m->root, key))
		return false;
	struct pmap_node **link = path_own(m, key, NULL), *n = *link;
	*link = node_join(m->cls, n->left, n->right);
	value_unref(m->cls, n->value);
	mem_free(n);
	m->count--;
	return true;
}

void *
pmap_next(const struct pmap *m, const char *after, const char **key)
{
	const struct pmap_node *n = m->root, *best = NULL;
	while (n) {
		if (!after || strcmp(n->key, after) > 0) {
			best = n;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	if (key)
		*key = best ? best->key : NULL;
	return best ? best->value : NULL;
}

/* The root of the part of n's tree between two keys (exclusive; NULL: unbounded). */
static const struct pmap_node *
node_between(const struct pmap_node *n, const char *low, const char *high)
{
	while (n) {
		if (low && strcmp(n->key, low) <= 0)
			n = n->right;
		else if (high && strcmp(n->key, high) >= 0)
			n = n->left;
		else
			break;
	}
	return n;
}

/*
 * Both trees between two keys. Whichever root ranks higher cuts both; a key that only one tree has
 * outranks the other's root when its turn comes, so nothing is missed.
 */
static void
node_diff(const struct pmap_node *a, const struct pmap_node *b, const char *low, const char *high,
	pmap_diff_fn *fn, void *arg)
{
	for (;;) {
		a = node_between(a, low, high);
		b = node_between(b, low, high);
		if (a == b)
			return;
		const struct pmap_node *top = !b || (a && node_above(a, b)) ? a : b;
		bool in_a = a && (a == top || !strcmp(a->key, top->key));
		bool in_b = b && (b == top || !strcmp(b->key, top->key));
		node_diff(in_a ? a->left : a, in_b ? b->left : b, low, top->key, fn, arg);
		void *va = in_a ? a->value : NULL, *vb = in_b ? b->value : NULL;
		if (va != vb)
			fn(arg, top->key, va, vb);
		low = top->key;
		a = in_a ? a->right : a;
		b = in_b ? b->right : b;
	}
}

void
pmap_diff(const struct pmap *a, const struct pmap *b, pmap_diff_fn *fn, void *arg)
{
	node_diff(a->root, b->root, NULL, NULL, fn, arg);
}
