/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A persistent ordered map (string key -> reference-counted pointer): a treap whose priorities
 * are hashes of the keys, so equal contents have equal shape. Insert and remove copy one path;
 * old versions stay valid; comparing two versions skips what they share, so the cost of a
 * config change follows the change, not the config.
 */
#ifndef GREVY_LIB_PMAP_H
#define GREVY_LIB_PMAP_H

#include <stddef.h>
#include <stdbool.h>

struct pmap_node;
struct pmap_class { /* how values are shared; both may be NULL */
	void (*ref)(void *value);
	void (*unref)(void *value);
};
struct pmap {
	const struct pmap_class *cls;
	struct pmap_node *root;
	size_t count;
};

struct pmap pmap_empty(const struct pmap_class *cls);
struct pmap pmap_copy(const struct pmap *m); /* O(1) */
void pmap_drop(struct pmap *m);
void *pmap_get(const struct pmap *m, const char *key);
/* In place on this version; copies of it are untouched. Takes over the caller's reference; not NULL. */
void pmap_put(struct pmap *m, const char *key, void *value);
bool pmap_del(struct pmap *m, const char *key);
/* In key order (strcmp). Start with after == NULL; NULL = end. *key is borrowed from the map. */
void *pmap_next(const struct pmap *m, const char *after, const char **key);
/* Calls for each key whose value pointers differ; a or b is NULL where absent. In key order. */
typedef void pmap_diff_fn(void *arg, const char *key, void *a, void *b);
void pmap_diff(const struct pmap *a, const struct pmap *b, pmap_diff_fn *fn, void *arg);

#endif
