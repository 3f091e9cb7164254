/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One edit on a tree, with its steps noted so that it can be taken back. A SET makes what is
 * missing above it; a DELETE of a leaf with a default brings the default back; a DELETE of a
 * container without presence empties it; a node of one case of a choice drives out the others.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mgmtd/store.h"

static const char not_a_path[] = "not a data path: /module:node/node[key='value']/...";

struct edit {
	struct store *s;
	struct changes *log;
	uint32_t origin;
};

static void
edit_note(const struct edit *e, const struct lyd_node *n, const char *old, const char *new)
{
	if (!e->log)
		return;
	char *path = lyd_path(n, LYD_PATH_STD, NULL, 0);
	if (path)
		changes_note(e->log, path, n->schema, old, new, e->origin);
	free(path);
}

static const char *
node_value(const struct lyd_node *n)
{
	return n->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST) ? lyd_get_value(n) : "";
}

/* --- delete ------------------------------------------------------------------------------------- */

static void
subtree_note_gone(const struct edit *e, const struct lyd_node *n)
{
	if ((n->flags & LYD_DEFAULT) || yang_is_key(n->schema))
		return;
	if (!yang_is_np(n->schema))
		edit_note(e, n, node_value(n), NULL);
	if (n->schema->nodetype & (LYS_CONTAINER | LYS_LIST))
		for (const struct lyd_node *c = lyd_child(n); c; c = c->next)
			subtree_note_gone(e, c);
}

/* Takes a node out of the tree for good. */
static void
node_remove(const struct edit *e, struct lyd_node *n)
{
	if (e->s->tree == n)
		e->s->tree = n->next;
	lyd_unlink_tree(n);
	lyd_free_tree(n);
}

/* The nearest case above, NULL outside of choices. */
static const struct lysc_node *
schema_case(const struct lysc_node *n)
{
	return n->parent && n->parent->nodetype == LYS_CASE ? n->parent : NULL;
}

/* RFC 7950 7.9.3: in a case a default counts when the case is the default one or is in use. */
static bool
default_applies(const struct lyd_node *parent, const struct lysc_node *n)
{
	const struct lysc_node *own = schema_case(n);
	if (!own)
		return true;
	for (const struct lyd_node *c = lyd_child(parent); c; c = c->next)
		if (schema_case(c->schema) == own && !(c->flags & LYD_DEFAULT))
			return true;
	const struct lysc_node_choice *choice = (const struct lysc_node_choice *)(const void *)own->parent;
	return (const void *)choice->dflt == (const void *)own;
}

/* From n up: a container without presence that holds nothing but defaults is a default itself. */
static void
containers_flag(struct lyd_node *n)
{
	for (; n && yang_is_np(n->schema); n = lyd_parent(n)) {
		for (struct lyd_node *c = lyd_child(n); c; c = c->next)
			if (!(c->flags & LYD_DEFAULT))
				return;
		n->flags |= LYD_DEFAULT;
	}
}

/* A node of a case has gone. Was it the case's last, the default case comes back. RFC 7950 7.9.3 */
static void
case_left(const struct edit *e, struct lyd_node *parent, const struct lysc_node *own)
{
	if (!own || !parent)
		return;
	for (struct lyd_node *c = lyd_child(parent); c; c = c->next)
		if (schema_case(c->schema) == own && !(c->flags & LYD_DEFAULT))
			return;
	for (struct lyd_node *c = lyd_child(parent), *next; c; c = next) {
		next = c->next;
		if (schema_case(c->schema) == own)
			node_remove(e, c);
	}
	if (yang_is_np(parent->schema))
		parent->flags &= ~(uint32_t)LYD_DEFAULT; /* lyd_new_implicit_tree looks at no default node */
	lyd_new_implicit_tree(parent, LYD_IMPLICIT_NO_STATE, NULL);
	containers_flag(parent);
}

static void
leaf_remove(const struct edit *e, struct lyd_node *n)
{
	const struct lysc_node *schema = n->schema;
	struct lyd_node *parent = lyd_parent(n);
	const char *dflt = yang_default(schema);
	edit_note(e, n, lyd_get_value(n), NULL);
	node_remove(e, n);
	struct lyd_node *fresh = NULL;
	if (dflt && parent && default_applies(parent, schema) &&
		lyd_new_term(parent, schema->module, schema->name, dflt, 0, &fresh) == LY_SUCCESS) {
		/* inserting it cleared the flag of the containers above */
		fresh->flags |= LYD_DEFAULT;
		containers_flag(parent);
	}
	case_left(e, parent, schema_case(schema));
}

static void
node_empty(const struct edit *e, struct lyd_node *n);

static void
node_delete(const struct edit *e, struct lyd_node *n)
{
	if (n->flags & LYD_DEFAULT)
		return;
	if (yang_is_np(n->schema)) {
		node_empty(e, n);
	} else if (yang_is_leaf(n->schema)) {
		leaf_remove(e, n);
	} else {
		struct lyd_node *parent = lyd_parent(n);
		const struct lysc_node *own = schema_case(n->schema);
		subtree_note_gone(e, n);
		node_remove(e, n);
		case_left(e, parent, own);
	}
}

static void
node_empty(const struct edit *e, struct lyd_node *n)
{
	for (struct lyd_node *c = lyd_child(n), *next; c; c = next) {
		next = c->next;
		bool again = schema_case(c->schema) && !(c->flags & LYD_DEFAULT);
		node_delete(e, c);
		if (again) /* it took the rest of its case along */
			next = lyd_child(n);
	}
}

/* `/a/b/route` without keys: every entry. */
static bool
entries_delete(const struct edit *e, const char *path)
{
	char *above = mem_strdup(path);
	const char *name = strrchr(path, '/') + 1;
	struct lyd_node *parent = path_cut(above) ? store_find(e->s, above) : NULL;
	const char *colon = strchr(name, ':');
	const struct lysc_node *schema = parent && !strpbrk(name, "[]'\"")
		? lys_find_child(parent->schema, parent->schema->module, colon ? colon + 1 : name, 0, 0, 0)
		: NULL;
	mem_free(above);
	if (!schema || !(schema->nodetype & (LYS_LIST | LYS_LEAFLIST)))
		return false;
	for (struct lyd_node *c = lyd_child(parent), *next; c; c = next) {
		next = c->next;
		if (c->schema == schema)
			node_delete(e, c);
	}
	return true;
}

char *
store_delete(struct store *s, const char *path, bool strict, struct changes *log, uint32_t origin)
{
	struct edit e = {s, log, origin};
	struct lyd_node *n = NULL;
	yangdb_progress(s->db);
	if (!yang_path_is_good(path))
		return mem_strdup(not_a_path);
	LY_ERR err = lyd_find_path(s->tree, path, 0, &n);
	if (err == LY_EINCOMPLETE || err == LY_ENOTFOUND)
		return strict ? mem_strdup("it is not configured") : NULL;
	if (err != LY_SUCCESS) {
		if (entries_delete(&e, path)) {
			ly_err_clean(yangdb_ctx(s->db), NULL);
			return NULL;
		}
		return yang_error_take(s->db, NULL);
	}
	if (yang_is_key(n->schema))
		return mem_strdup("a key cannot be deleted, only its entry");
	if ((n->flags & LYD_DEFAULT) && strict)
		return mem_strdup("it is not configured");
	node_delete(&e, n);
	return NULL;
}

/* --- set ---------------------------------------------------------------------------------------- */

/* A node of a case has come: what belongs to other cases of its choice goes. */
static void
cases_settle(const struct edit *e, struct lyd_node *n)
{
	const struct lysc_node *own = schema_case(n->schema);
	if (!own || !lyd_parent(n))
		return;
	for (struct lyd_node *c = lyd_child(lyd_parent(n)), *next; c; c = next) {
		next = c->next;
		const struct lysc_node *other = schema_case(c->schema);
		if (!other || other == own || other->parent != own->parent)
			continue;
		subtree_note_gone(e, c);
		node_remove(e, c);
	}
}

/* What has just been made: noted, and given its defaults. */
static void
created_note(const struct edit *e, struct lyd_node *n, struct lyd_node *last)
{
	struct lyd_node *top = n;
	if (yang_is_key(last->schema))
		last = lyd_parent(last);
	/* a path may end in containers; they are made as default nodes, which lyd_new_implicit_tree skips */
	for (struct lyd_node *np = last; np && yang_is_np(np->schema); np = lyd_parent(np))
		np->flags &= ~(uint32_t)LYD_DEFAULT;
	for (;;) {
		cases_settle(e, n);
		if (!yang_is_np(n->schema))
			edit_note(e, n, NULL, node_value(n));
		if (n == last)
			break;
		/* lyd_new_path makes one node under the other: behind the keys */
		n = lyd_child(n);
		while (n->next && yang_is_key(n->schema))
			n = n->next;
	}
	if (top->schema->nodetype & (LYS_CONTAINER | LYS_LIST))
		lyd_new_implicit_tree(top, LYD_IMPLICIT_NO_STATE, NULL);
	containers_flag(last);
}

static char *
node_create(const struct edit *e, const char *path, const char *value)
{
	struct lyd_node *first = NULL, *last = NULL;
	struct ly_ctx *ctx = yangdb_ctx(e->s->db);
	if (lyd_new_path2(e->s->tree, ctx, path, value, 0, LYD_ANYDATA_STRING, 0, &first, &last) != LY_SUCCESS) {
		const struct ly_err_item *item = ly_err_last(ctx);
		char *msg = item && item->msg ? mem_strdup(item->msg) : NULL;
		const struct lysc_node *schema = lys_find_path(ctx, NULL, path, 0);
		if (msg && schema) { /* finding it may have left another message */
			char *expected = yang_expected(schema);
			size_t len = strlen(msg);
			while (len && msg[len - 1] == '.')
				len--;
			char *out = mem_printf("%.*s%s%s", (int)len, msg, expected ? "; expected: " : "",
				expected ? expected : "");
			mem_free(expected);
			mem_free(msg);
			ly_err_clean(ctx, NULL);
			return out;
		}
		mem_free(msg);
		return yang_error_take(e->s->db, schema);
	}
	e->s->tree = lyd_first_sibling(e->s->tree);
	if (!(last->schema->flags & LYS_CONFIG_W)) {
		node_remove(e, first);
		return mem_strdup("state, not configuration");
	}
	created_note(e, first, last);
	return NULL;
}

static char *
leaf_set(const struct edit *e, struct lyd_node *n, const char *value)
{
	bool was_default = n->flags & LYD_DEFAULT;
	if (yang_is_key(n->schema))
		return strcmp(lyd_get_value(n), value) ? mem_strdup("a key cannot be changed") : NULL;
	char *old = was_default ? NULL : mem_strdup(lyd_get_value(n));
	LY_ERR err = lyd_change_term(n, value);
	if (err != LY_SUCCESS && err != LY_EEXIST && err != LY_ENOT) {
		mem_free(old);
		return yang_error_take(e->s->db, n->schema);
	}
	edit_note(e, n, old, lyd_get_value(n));
	mem_free(old);
	return NULL;
}

/* A leaf that was given its default value counts as not given. */
static void
leaf_settle(const struct edit *e, const char *path, struct lyd_node *n)
{
	if (!n)
		n = store_find(e->s, path);
	const char *dflt = n ? yang_default(n->schema) : NULL;
	if (dflt && !strcmp(dflt, lyd_get_value(n)))
		node_delete(e, n);
}

char *
store_set(struct store *s, const char *path, const char *value, struct changes *log, uint32_t origin)
{
	struct edit e = {s, log, origin};
	struct lyd_node *n = NULL;
	yangdb_progress(s->db);
	if (!yang_path_is_good(path))
		return mem_strdup(not_a_path);
	if (!yang_text_is_good(path) || (value && !yang_text_is_good(value)))
		return mem_strdup("not a text: a control character, or no UTF-8");
	if (lyd_find_path(s->tree, path, 0, &n) != LY_SUCCESS) {
		ly_err_clean(yangdb_ctx(s->db), NULL);
		char *why = node_create(&e, path, value);
		if (!why)
			leaf_settle(&e, path, NULL);
		return why;
	}
	if (!yang_is_leaf(n->schema))
		return NULL;
	char *why = leaf_set(&e, n, value ? value : "");
	if (!why)
		leaf_settle(&e, path, n);
	return why;
}

bool
store_apply(struct store *s, const struct changes *c, bool forward)
{
	bool ok = true;
	for (size_t i = 0; i < c->count; i++) {
		const struct change *row = c->rows[i];
		if (!change_is_net(row))
			continue;
		const char *to = forward ? row->new : row->old;
		char *why = to ? store_set(s, row->path, to, NULL, 0) : store_delete(s, row->path, false, NULL, 0);
		ok = ok && !why;
		mem_free(why);
	}
	return ok;
}
