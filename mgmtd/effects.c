/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From changes to the daemons' edits. A list entry goes to its owners, its leaves to theirs; that
 * an entry went is also for the owners of anything below it. A leaf that went has its default set.
 */
#include "mgmtd/effects.h"

#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/mem.h"

void
effects_init(struct effects *e)
{
	memset(e, 0, sizeof(*e));
	e->arena = arena_new(1 << 16);
}

void
effects_free(struct effects *e)
{
	for (unsigned i = 0; i < YANGDB_OWNERS; i++)
		mem_free(e->of[i].rows);
	if (e->arena)
		arena_free(e->arena);
	memset(e, 0, sizeof(*e));
}

uint32_t
effects_owners(const struct effects *e)
{
	uint32_t mask = 0;
	for (unsigned i = 0; i < YANGDB_OWNERS; i++)
		if (e->of[i].count)
			mask |= 1u << i;
	return mask;
}

static void
effect_add(struct effects *e, uint32_t owners, bool set, const char *path, const char *value, uint32_t origin)
{
	if (!owners)
		return;
	struct effect row = {set, arena_strdup(e->arena, path),
		value && *value ? arena_strdup(e->arena, value) : "", origin};
	for (unsigned i = 0; i < YANGDB_OWNERS; i++) {
		if (!(owners & (1u << i)))
			continue;
		if (e->of[i].count == e->of[i].cap) {
			e->of[i].cap = e->of[i].cap ? 2 * e->of[i].cap : 16;
			e->of[i].rows = mem_realloc(e->of[i].rows, e->of[i].cap * sizeof(struct effect));
		}
		e->of[i].rows[e->of[i].count++] = row;
	}
}

static void
node_add(struct effects *e, uint32_t owners, const struct lyd_node *n, uint32_t origin)
{
	if (!owners)
		return;
	char *path = lyd_path(n, LYD_PATH_STD, NULL, 0);
	const char *value = n->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST) ? lyd_get_value(n) : "";
	effect_add(e, owners, true, path, value, origin);
	free(path);
}

/* The default leaves that come with an entry, down to the next entries. */
static void
defaults_add(struct effects *e, const struct lyd_node *n, uint32_t origin)
{
	for (const struct lyd_node *c = lyd_child(n); c; c = c->next) {
		if (yang_is_np(c->schema))
			defaults_add(e, c, origin);
		else if (yang_is_leaf(c->schema) && (c->flags & LYD_DEFAULT))
			node_add(e, yang_info(c->schema)->owners, c, origin);
	}
}

/* Something above it goes in the same transaction and takes it along. */
static bool
goes_with_parent(const struct changes *c, const struct change *row)
{
	char *above = mem_strdup(row->path);
	bool goes = false;
	while (!goes && path_cut(above)) {
		const struct change *up = changes_find(c, above);
		goes = up && change_is_net(up) && !up->new;
	}
	mem_free(above);
	return goes;
}

/* --- choices: another case's defaults come and go without an edit of their own ------------------- */

static void
case_defaults_add(struct effects *e, const struct lysc_node *first, const struct lyd_node *parent,
	const char *path, uint32_t origin)
{
	for (const struct lysc_node *n = first; n; n = n->next) {
		struct lyd_node *node = NULL;
		if (n->nodetype & (LYS_CHOICE | LYS_CASE)) {
			case_defaults_add(e, lysc_node_child(n), parent, path, origin);
			continue;
		}
		if (!yang_is_np(n) && !yang_default(n))
			continue;
		if (parent)
			lyd_find_sibling_val(lyd_child(parent), n, NULL, 0, &node);
		bool foreign = n->module != yang_data_parent(n)->module;
		char *full = mem_printf("%s/%s%s%s", path, foreign ? n->module->name : "", foreign ? ":" : "",
			n->name);
		if (yang_is_np(n))
			case_defaults_add(e, lysc_node_child(n), node, full, origin);
		else if (!node || (node->flags & LYD_DEFAULT))
			effect_add(e, yang_info(n)->owners, node != NULL, full, node ? lyd_get_value(node) : NULL,
				origin);
		mem_free(full);
	}
}

static void
choices_add(struct effects *e, const struct store *s, const struct change *row)
{
	const struct lysc_node *n = row->schema;
	while (n && !(n->parent && n->parent->nodetype == LYS_CASE))
		n = yang_data_parent(n);
	if (!n)
		return;
	char *path = mem_strdup(row->path);
	for (n = row->schema; n && path_cut(path); n = yang_data_parent(n)) {
		if (!n->parent || n->parent->nodetype != LYS_CASE)
			continue;
		const struct lyd_node *parent = store_find(s, path);
		if (parent)
			case_defaults_add(e, lysc_node_child(n->parent->parent), parent, path, row->origin);
	}
	mem_free(path);
}

static void
change_add(struct effects *e, const struct store *s, const struct changes *c, const struct change *row)
{
	const struct yang_node *info = yang_info(row->schema);
	if (row->new) {
		effect_add(e, info->owners, true, row->path, row->new, row->origin);
		if (!yang_is_leaf(row->schema) && row->schema->nodetype != LYS_LEAFLIST) {
			const struct lyd_node *n = store_find(s, row->path);
			if (n)
				defaults_add(e, n, row->origin);
		}
		return;
	}
	if (goes_with_parent(c, row))
		return;
	if (yang_is_leaf(row->schema)) {
		const struct lyd_node *n = yang_default(row->schema) ? store_find(s, row->path) : NULL;
		effect_add(e, info->owners, n != NULL, row->path, n ? lyd_get_value(n) : NULL, row->origin);
	} else {
		effect_add(e, info->owners_below, false, row->path, NULL, row->origin);
	}
}

void
effects_of_changes(struct effects *e, const struct store *s, const struct changes *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (!change_is_net(c->rows[i]))
			continue;
		change_add(e, s, c, c->rows[i]);
		choices_add(e, s, c->rows[i]);
	}
}

static void
subtree_add(struct effects *e, const struct lyd_node *n, uint32_t owners)
{
	const struct yang_node *info = yang_info(n->schema);
	if (!info || !(info->owners_below & owners) || yang_is_key(n->schema))
		return;
	if (!yang_is_np(n->schema))
		node_add(e, info->owners & owners, n, 0);
	if (n->schema->nodetype & (LYS_CONTAINER | LYS_LIST))
		for (const struct lyd_node *c = lyd_child(n); c; c = c->next)
			subtree_add(e, c, owners);
}

void
effects_full(struct effects *e, const struct store *s, uint32_t owners)
{
	for (const struct lyd_node *n = s->tree; n; n = n->next)
		subtree_add(e, n, owners);
}
