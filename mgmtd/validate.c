/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Validation. Types are checked when a node is made; here are musts, leafrefs and mandatory nodes.
 * A change has the musts of its node and of all above looked at, and those that look at it from
 * elsewhere (yang_node.watchers), found by walking down from the nearest common data node. Unique
 * and min/max-elements are left to libyang: a change that may concern them asks for the full pass,
 * as does one that a `when` looks at.
 * Limit: a default whose `when` becomes true is in the tree after the full pass, but the daemons hear
 * of it with their next whole config only; no module of ours has such a node.
 */
#include "mgmtd/validate.h"

#include <libyang/plugins_types.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"

#define VALIDATE_MANY 1000 /* changes from which on looking at everything is cheaper */

struct validation {
	struct store *s;
	const struct changes *changes;
	struct errors *out;
	struct hash *seen;  /* nodes whose own constraints have been looked at */
};

static bool
pointer_equal(const void *item, const void *key)
{
	return item == key;
}

/* The edit to blame: who changed the node, something above it, or something below it last. */
static uint32_t
origin_of(const struct changes *c, const char *path)
{
	if (!c)
		return 0;
	const struct change *row = changes_find(c, path);
	if (row && row->origin)
		return row->origin;
	size_t len = strlen(path);
	for (size_t i = c->count; i-- > 0;)
		if (c->rows[i]->origin && !strncmp(c->rows[i]->path, path, len))
			return c->rows[i]->origin;
	char *above = mem_strdup(path);
	uint32_t origin = 0;
	while (!origin && path_cut(above)) {
		row = changes_find(c, above);
		origin = row ? row->origin : 0;
	}
	mem_free(above);
	return origin;
}

/* With nothing of its own to blame: the only edit, or the one whose change is being looked at. */
static void
complain(struct validation *v, const struct lyd_node *n, const char *name, const char *message,
	uint32_t suspect)
{
	char *path = lyd_path(n, LYD_PATH_STD, NULL, 0);
	char *full = name ? mem_printf("%s/%s", path, name) : mem_strdup(path);
	uint32_t origin = origin_of(v->changes, path);
	errors_add(v->out, full, message, origin ? origin : suspect);
	mem_free(full);
	free(path);
}

static void
musts_check(struct validation *v, const struct lyd_node *n, uint32_t suspect)
{
	struct lysc_must *musts = lysc_node_musts(n->schema);
	LY_ARRAY_COUNT_TYPE i;
	LY_ARRAY_FOR(musts, i) {
		ly_bool holds = 0;
		const char *expr = lyxp_get_expr(musts[i].cond);
		if (lyd_eval_xpath3(n, n->schema->module, expr, LY_VALUE_SCHEMA_RESOLVED, musts[i].prefixes,
			    NULL, &holds) == LY_SUCCESS && holds)
			continue;
		char *text = musts[i].emsg ? mem_strdup(musts[i].emsg)
					   : mem_printf("this must hold: %s", expr);
		complain(v, n, NULL, text, suspect);
		mem_free(text);
	}
}

/*
 * RFC 7950 7.21.5. Looked at before libyang does, which would take such a node away without a word.
 * The context is the node itself or, for a `when` of an augment or a case, the one above.
 */
static void
whens_check(struct validation *v, const struct lyd_node *n, uint32_t suspect)
{
	struct lysc_when **whens = lysc_node_when(n->schema);
	LY_ARRAY_COUNT_TYPE i;
	if (n->flags & LYD_DEFAULT)
		return;
	LY_ARRAY_FOR(whens, i) {
		ly_bool holds = 0;
		const char *expr = lyxp_get_expr(whens[i]->cond);
		const struct lyd_node *context = n;
		while (context && context->schema != whens[i]->context)
			context = lyd_parent(context);
		if (!context || (lyd_eval_xpath3(context, n->schema->module, expr, LY_VALUE_SCHEMA_RESOLVED,
					 whens[i]->prefixes, NULL, &holds) == LY_SUCCESS && holds))
			continue;
		char *text = mem_printf("is only allowed when %s", expr);
		complain(v, n, NULL, text, suspect);
		mem_free(text);
	}
}

static void
leafref_check(struct validation *v, const struct lyd_node *n, uint32_t suspect)
{
	if (!(n->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST)))
		return;
	const struct lysc_type *type = ((const struct lysc_node_leaf *)(const void *)n->schema)->type;
	if (type->basetype != LY_TYPE_LEAFREF)
		return;
	const struct lysc_type_leafref *ref = (const struct lysc_type_leafref *)(const void *)type;
	if (!ref->require_instance)
		return;
	struct lyd_node_term *term = (struct lyd_node_term *)(uintptr_t)n;
	char *why = NULL;
	if (lyplg_type_resolve_leafref(ref, n, &term->value, v->s->tree, NULL, &why) == LY_SUCCESS)
		return;
	char *text = mem_printf("refers to '%s', which is not configured", lyd_get_value(n));
	complain(v, n, NULL, text, suspect);
	mem_free(text);
	free(why);
}

static void
mandatory_check(struct validation *v, const struct lyd_node *parent, uint32_t suspect)
{
	const struct lysc_node *child = NULL;
	while ((child = lys_getnext(child, parent->schema, NULL, 0))) {
		if (!(child->flags & LYS_MAND_TRUE) || child->nodetype != LYS_LEAF || yang_is_key(child) ||
			(child->parent && child->parent->nodetype == LYS_CASE))
			continue;
		if (lyd_find_sibling_val(lyd_child(parent), child, NULL, 0, NULL) == LY_SUCCESS)
			continue;
		char *text = child->dsc ? mem_printf("is missing (%s)", child->dsc) : mem_strdup("is missing");
		complain(v, parent, child->name, text, suspect);
		mem_free(text);
	}
}

/* A node's own constraints, once per validation. */
static void
node_check(struct validation *v, const struct lyd_node *n, uint32_t suspect)
{
	const struct yang_node *info = yang_info(n->schema);
	if (!info || !info->checked_below)
		return;
	uint32_t hash = hash_bytes(1, &n, sizeof(n));
	if (hash_find(v->seen, hash, n))
		return;
	hash_insert(v->seen, hash, (void *)(uintptr_t)n);
	yangdb_progress(v->s->db);
	if (info->checked) {
		musts_check(v, n, suspect);
		whens_check(v, n, suspect);
		leafref_check(v, n, suspect);
	}
	if (n->schema->nodetype & (LYS_CONTAINER | LYS_LIST))
		mandatory_check(v, n, suspect);
}

static void
subtree_check(struct validation *v, const struct lyd_node *n, uint32_t suspect)
{
	const struct yang_node *info = yang_info(n->schema);
	if (!info || !info->checked_below)
		return;
	node_check(v, n, suspect);
	if (n->schema->nodetype & (LYS_CONTAINER | LYS_LIST))
		for (const struct lyd_node *c = lyd_child(n); c; c = c->next)
			subtree_check(v, c, suspect);
}

/* --- what looks at a change from elsewhere -------------------------------------------------------- */

static bool
schema_is_above(const struct lysc_node *above, const struct lysc_node *n)
{
	for (; n; n = yang_data_parent(n))
		if (n == above)
			return true;
	return false;
}

/* Checks every instance of `target` at or below n; only branches that lead there are walked. */
static void
instances_check(struct validation *v, const struct lyd_node *n, const struct lysc_node *target,
	uint32_t suspect)
{
	if (n->schema == target) {
		node_check(v, n, suspect);
		return;
	}
	if (!schema_is_above(n->schema, target))
		return;
	for (const struct lyd_node *c = lyd_child(n); c; c = c->next)
		instances_check(v, c, target, suspect);
}

static void
watchers_check(struct validation *v, const struct lyd_node *nearest, const struct yang_node *info,
	uint32_t suspect)
{
	for (size_t i = 0; i < info->watcher_count; i++) {
		const struct lyd_node *from = nearest;
		while (from && !schema_is_above(from->schema, info->watchers[i]))
			from = lyd_parent(from);
		if (from)
			instances_check(v, from, info->watchers[i], suspect);
		else
			for (const struct lyd_node *top = v->s->tree; top; top = top->next)
				instances_check(v, top, info->watchers[i], suspect);
	}
}

/* --- a change ------------------------------------------------------------------------------------- */

/* The node of the path or, when it is gone, the nearest one above that is there. */
static struct lyd_node *
nearest_node(const struct store *s, const char *path)
{
	struct lyd_node *n = NULL;
	LY_ERR err = lyd_find_path(s->tree, path, 0, &n);
	if (err == LY_SUCCESS || err == LY_EINCOMPLETE)
		return n;
	return NULL;
}

static void
change_check(struct validation *v, const struct change *row)
{
	const struct yang_node *info = yang_info(row->schema);
	const struct lyd_node *n = nearest_node(v->s, row->path);
	if (n && row->new && info->checked_below)
		subtree_check(v, n, row->origin);
	for (const struct lyd_node *up = n; up; up = lyd_parent(up))
		node_check(v, up, row->origin);
	if (info->watcher_count)
		watchers_check(v, n, info, row->origin);
}

static bool
changes_need_full(const struct changes *c)
{
	size_t net = 0;
	for (size_t i = 0; i < c->count; i++) {
		if (!change_is_net(c->rows[i]))
			continue;
		if (++net >= VALIDATE_MANY)
			return true;
		for (const struct lysc_node *n = c->rows[i]->schema; n; n = yang_data_parent(n))
			if (yang_info(n) && yang_info(n)->full)
				return true;
	}
	return false;
}

/* libyang's own pass: stops at its first error. */
static void
libyang_check(struct validation *v)
{
	struct ly_ctx *ctx = yangdb_ctx(v->s->db);
	if (lyd_validate_all(&v->s->tree, ctx, LYD_VALIDATE_NO_STATE, NULL) == LY_SUCCESS)
		return;
	const struct ly_err_item *e = ly_err_last(ctx);
	char *path = mem_strdup(e && e->path ? e->path : "");
	uint32_t origin = origin_of(v->changes, path);
	errors_take(v->out, path, yang_error_take(v->s->db, NULL), origin);
	mem_free(path);
}

bool
validate(struct store *s, const struct changes *c, bool full, struct errors *out)
{
	struct validation v = {s, c, out, hash_new(pointer_equal)};
	size_t before = out->count;
	full = full || !c || changes_need_full(c);
	if (full) {
		for (const struct lyd_node *n = s->tree; n; n = n->next)
			subtree_check(&v, n, 0);
		if (out->count == before)
			libyang_check(&v);
	} else {
		for (size_t i = 0; i < c->count; i++)
			if (change_is_net(c->rows[i]))
				change_check(&v, c->rows[i]);
	}
	hash_free(v.seen);
	return out->count == before;
}
