/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datastores as a whole: made, copied, printed, parsed, compared. */
#include "mgmtd/store.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct store *
store_new(struct yangdb *db)
{
	struct store *s = mem_zalloc(sizeof(*s));
	s->db = db;
	lyd_new_implicit_all(&s->tree, yangdb_ctx(db), LYD_IMPLICIT_NO_STATE, NULL);
	s->tree = lyd_first_sibling(s->tree);
	return s;
}

struct store *
store_dup(const struct store *from)
{
	struct store *s = mem_zalloc(sizeof(*s));
	s->db = from->db;
	lyd_dup_siblings(from->tree, NULL, LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS, &s->tree);
	return s;
}

void
store_free(struct store *s)
{
	if (!s)
		return;
	lyd_free_all(s->tree);
	mem_free(s);
}

struct lyd_node *
store_find(const struct store *s, const char *path)
{
	struct lyd_node *n = NULL;
	if (!s->tree || lyd_find_path(s->tree, path, 0, &n) != LY_SUCCESS)
		return NULL;
	return n;
}

/* Nothing but what is always there. */
bool
store_is_empty(const struct store *s)
{
	for (const struct lyd_node *n = s->tree; n; n = n->next)
		if (!(n->flags & LYD_DEFAULT))
			return false;
	return true;
}

char *
store_print(const struct store *s, bool with_defaults)
{
	char *text = NULL;
	uint32_t options = LYD_PRINT_WITHSIBLINGS | LYD_PRINT_SHRINK |
		(with_defaults ? LYD_PRINT_WD_ALL : LYD_PRINT_WD_EXPLICIT);
	if (lyd_print_mem(&text, s->tree, LYD_JSON, options) != LY_SUCCESS)
		return NULL;
	char *out = mem_strdup(text && *text ? text : "{}");
	free(text);
	return out;
}

/* Explicit leaves that say what the default says anyway become the default. */
static void
siblings_normalise(struct lyd_node *first)
{
	for (struct lyd_node *n = first; n; n = n->next) {
		const char *dflt = n->schema ? yang_default(n->schema) : NULL;
		if (dflt && !strcmp(dflt, lyd_get_value(n)))
			n->flags |= LYD_DEFAULT;
		else if (n->schema && !yang_is_leaf(n->schema))
			siblings_normalise(lyd_child(n));
	}
}

/* A non-presence container whose content is all default is default itself. */
static bool
siblings_flag(struct lyd_node *first)
{
	bool all = true;
	for (struct lyd_node *n = first; n; n = n->next) {
		if (n->schema->nodetype & (LYS_CONTAINER | LYS_LIST)) {
			bool below = siblings_flag(lyd_child(n));
			if (yang_is_np(n->schema))
				n->flags = below ? n->flags | LYD_DEFAULT : n->flags & ~(uint32_t)LYD_DEFAULT;
		}
		all = all && (n->flags & LYD_DEFAULT);
	}
	return all;
}

struct store *
store_parse(struct yangdb *db, const char *json, char **error)
{
	struct store *s = mem_zalloc(sizeof(*s));
	s->db = db;
	if (lyd_parse_data_mem(yangdb_ctx(db), json, LYD_JSON,
		    LYD_PARSE_ONLY | LYD_PARSE_STRICT | LYD_PARSE_NO_STATE, 0, &s->tree) != LY_SUCCESS ||
		lyd_new_implicit_all(&s->tree, yangdb_ctx(db), LYD_IMPLICIT_NO_STATE, NULL) != LY_SUCCESS) {
		const struct ly_err_item *e = ly_err_last(yangdb_ctx(db));
		char *where = mem_strdup(e && e->path ? e->path : "");
		char *why = yang_error_take(db, NULL);
		*error = mem_printf("%s%s%s", where, *where ? ": " : "", why);
		mem_free(where);
		mem_free(why);
		store_free(s);
		return NULL;
	}
	s->tree = lyd_first_sibling(s->tree);
	siblings_normalise(s->tree);
	siblings_flag(s->tree);
	return s;
}

/* --- comparison --------------------------------------------------------------------------------- */

static void
subtree_note(const struct lyd_node *n, bool comes, struct changes *out)
{
	if ((n->flags & LYD_DEFAULT) || yang_is_key(n->schema))
		return;
	if (!yang_is_np(n->schema)) {
		char *path = lyd_path(n, LYD_PATH_STD, NULL, 0);
		const char *value = n->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST) ? lyd_get_value(n) : "";
		changes_note(out, path, n->schema, comes ? NULL : value, comes ? value : NULL, 0);
		free(path);
	}
	if (n->schema->nodetype & (LYS_CONTAINER | LYS_LIST))
		for (const struct lyd_node *child = lyd_child(n); child; child = child->next)
			subtree_note(child, comes, out);
}

static void
leaf_diff(const struct lyd_node *a, const struct lyd_node *b, struct changes *out)
{
	const char *old = a->flags & LYD_DEFAULT ? NULL : lyd_get_value(a);
	const char *new = b->flags & LYD_DEFAULT ? NULL : lyd_get_value(b);
	if (old == new || (old && new && !strcmp(old, new)))
		return;
	char *path = lyd_path(b, LYD_PATH_STD, NULL, 0);
	changes_note(out, path, b->schema, old, new, 0);
	free(path);
}

static void
siblings_diff(const struct lyd_node *a, const struct lyd_node *b, struct changes *out)
{
	struct lyd_node *twin;
	for (const struct lyd_node *n = a; n; n = n->next)
		if (lyd_find_sibling_first(b, n, &twin) != LY_SUCCESS &&
			!(n->schema->nodetype == LYS_LEAF &&
				lyd_find_sibling_val(b, n->schema, NULL, 0, &twin) == LY_SUCCESS))
			subtree_note(n, false, out);
	for (const struct lyd_node *n = b; n; n = n->next) {
		if (n->schema->nodetype == LYS_LEAF) {
			if (yang_is_key(n->schema))
				continue;
			if (lyd_find_sibling_val(a, n->schema, NULL, 0, &twin) == LY_SUCCESS)
				leaf_diff(twin, n, out);
			else
				subtree_note(n, true, out);
		} else if (lyd_find_sibling_first(a, n, &twin) != LY_SUCCESS) {
			subtree_note(n, true, out);
		} else if (n->schema->nodetype & (LYS_CONTAINER | LYS_LIST)) {
			siblings_diff(lyd_child(twin), lyd_child(n), out);
		}
	}
}

void
store_diff(const struct store *a, const struct store *b, struct changes *out)
{
	siblings_diff(a->tree, b->tree, out);
}

void
store_content(const struct store *s, struct changes *out)
{
	for (const struct lyd_node *n = s->tree; n; n = n->next)
		subtree_note(n, true, out);
}
