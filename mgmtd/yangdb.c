/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema: loads the modules, and hangs a struct yang_node on every config node: its owners
 * (the nearest ancestor-or-self with g:owner), and the reverse of its constraints: which musts and
 * leafrefs of other nodes must be looked at again when this node changes.
 */
#include "mgmtd/yangdb.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct yangdb {
	struct ly_ctx *ctx;
	char *owners[YANGDB_OWNERS];
	unsigned owner_count;
	struct yang_node *nodes;
	void (*progress)(void *arg);
	void *progress_arg;
};

struct ly_ctx *
yangdb_ctx(const struct yangdb *db)
{
	return db->ctx;
}

void
yangdb_progress_to(struct yangdb *db, void (*fn)(void *arg), void *arg)
{
	db->progress = fn;
	db->progress_arg = arg;
}

void
yangdb_progress(const struct yangdb *db)
{
	if (db->progress)
		db->progress(db->progress_arg);
}

unsigned
yangdb_owner_count(const struct yangdb *db)
{
	return db->owner_count;
}

const char *
yangdb_owner_name(const struct yangdb *db, unsigned owner)
{
	return db->owners[owner];
}

unsigned
yangdb_owner(struct yangdb *db, const char *name)
{
	for (unsigned i = 0; i < db->owner_count; i++)
		if (!strcmp(db->owners[i], name))
			return i;
	if (db->owner_count == YANGDB_OWNERS)
		return 0;
	db->owners[db->owner_count] = mem_strdup(name);
	return db->owner_count++;
}

const struct yang_node *
yang_info(const struct lysc_node *n)
{
	return n->priv;
}

static struct yang_node *
yang_node_of(const struct lysc_node *n)
{
	return n->priv;
}

bool
yang_is_inner(const struct lysc_node *n)
{
	return n->nodetype == LYS_LIST || n->nodetype == LYS_LEAFLIST ||
		(n->nodetype == LYS_CONTAINER && (n->flags & LYS_PRESENCE));
}

bool
yang_is_np(const struct lysc_node *n)
{
	return n->nodetype == LYS_CONTAINER && !(n->flags & LYS_PRESENCE);
}

bool
yang_is_leaf(const struct lysc_node *n)
{
	return n->nodetype == LYS_LEAF;
}

bool
yang_is_key(const struct lysc_node *n)
{
	return n->nodetype == LYS_LEAF && (n->flags & LYS_KEY);
}

const char *
yang_default(const struct lysc_node *n)
{
	if (n->nodetype != LYS_LEAF)
		return NULL;
	const struct lysc_node_leaf *leaf = (const struct lysc_node_leaf *)(const void *)n;
	return leaf->dflt ? lyd_value_get_canonical(n->module->ctx, leaf->dflt) : NULL;
}

const struct lysc_node *
yang_data_parent(const struct lysc_node *n)
{
	n = n->parent;
	while (n && (n->nodetype & (LYS_CHOICE | LYS_CASE)))
		n = n->parent;
	return n;
}

/* --- owners ------------------------------------------------------------------------------------ */

static uint32_t
node_owners(struct yangdb *db, const struct lysc_node *n)
{
	uint32_t mask = 0;
	LY_ARRAY_COUNT_TYPE i;
	LY_ARRAY_FOR(n->exts, i) {
		const struct lysc_ext_instance *e = &n->exts[i];
		if (!strcmp(e->def->name, "owner") && !strcmp(e->def->module->name, "grevy-cli"))
			mask |= 1u << yangdb_owner(db, e->argument);
	}
	return mask;
}

static bool
node_needs_full(const struct lysc_node *n)
{
	if (lysc_node_when(n))
		return true;
	if (n->nodetype == LYS_LIST) {
		const struct lysc_node_list *l = (const struct lysc_node_list *)(const void *)n;
		return l->uniques || l->min || (l->max && l->max != UINT32_MAX);
	}
	if (n->nodetype == LYS_LEAFLIST) {
		const struct lysc_node_leaflist *l = (const struct lysc_node_leaflist *)(const void *)n;
		return l->min || (l->max && l->max != UINT32_MAX) || l->dflts;
	}
	return n->nodetype == LYS_CHOICE;
}

static const struct lysc_type_leafref *
node_leafref(const struct lysc_node *n)
{
	if (!(n->nodetype & (LYS_LEAF | LYS_LEAFLIST)))
		return NULL;
	const struct lysc_type *t = ((const struct lysc_node_leaf *)(const void *)n)->type;
	return t->basetype == LY_TYPE_LEAFREF ? (const struct lysc_type_leafref *)(const void *)t : NULL;
}

static void
nodes_annotate(struct yangdb *db, const struct lysc_node *first, uint32_t inherited)
{
	for (const struct lysc_node *n = first; n; n = n->next) {
		if (!(n->flags & LYS_CONFIG_W) && !(n->nodetype & (LYS_CHOICE | LYS_CASE)))
			continue;
		struct yang_node *info = mem_zalloc(sizeof(*info));
		info->next = db->nodes;
		db->nodes = info;
		uint32_t own = node_owners(db, n);
		info->owners = own ? own : inherited;
		info->owners_below = info->owners;
		info->full = node_needs_full(n);
		info->checked = lysc_node_musts(n) || lysc_node_when(n) || node_leafref(n);
		info->checked_below = info->checked || (n->flags & LYS_MAND_TRUE);
		/* libyang leaves `priv` to its user */
		struct lysc_node *writable = (struct lysc_node *)(uintptr_t)n;
		writable->priv = info;
		const struct lysc_node *child = lysc_node_child(n);
		nodes_annotate(db, child, info->owners);
		for (; child; child = child->next) {
			const struct yang_node *below = yang_info(child);
			if (!below)
				continue;
			info->owners_below |= below->owners_below;
			info->checked_below |= below->checked_below;
			if (child->nodetype & (LYS_CHOICE | LYS_CASE))
				info->full |= below->full;
		}
	}
}

/* --- who looks at whom -------------------------------------------------------------------------- */

static void
watcher_add(const struct lysc_node *seen, const struct lysc_node *by, bool full)
{
	struct yang_node *info = yang_node_of(seen);
	if (!info || seen == by)
		return;
	/* an ancestor that the expression only passes through is not what it looks at */
	if (!yang_is_leaf(seen) && !yang_is_inner(seen))
		return;
	info->full |= full;
	for (size_t i = 0; i < info->watcher_count; i++)
		if (info->watchers[i] == by)
			return;
	info->watchers = mem_realloc(info->watchers, (info->watcher_count + 1) * sizeof(*info->watchers));
	info->watchers[info->watcher_count++] = by;
}

static void
expression_watch(const struct lysc_node *n, const struct lyxp_expr *expr,
	const struct lysc_prefix *prefixes, bool full)
{
	struct ly_set *atoms = NULL;
	if (lys_find_expr_atoms(n, n->module, expr, prefixes, LYS_FIND_XP_SCHEMA, &atoms) != LY_SUCCESS)
		return;
	for (uint32_t i = 0; i < atoms->count; i++)
		watcher_add(atoms->snodes[i], n, full);
	ly_set_free(atoms, NULL);
}

static void
nodes_watch(const struct lysc_node *first)
{
	for (const struct lysc_node *n = first; n; n = n->next) {
		if (!n->priv)
			continue;
		struct lysc_must *musts = lysc_node_musts(n);
		struct lysc_when **whens = lysc_node_when(n);
		const struct lysc_type_leafref *ref = node_leafref(n);
		LY_ARRAY_COUNT_TYPE i;
		LY_ARRAY_FOR(musts, i)
			expression_watch(n, musts[i].cond, musts[i].prefixes, false);
		LY_ARRAY_FOR(whens, i)
			expression_watch(n, whens[i]->cond, whens[i]->prefixes, true);
		if (ref && ref->require_instance)
			expression_watch(n, ref->path, ref->prefixes, false);
		nodes_watch(lysc_node_child(n));
	}
}

/* --- loading ------------------------------------------------------------------------------------ */

static int
module_filter(const struct dirent *d)
{
	size_t len = strlen(d->d_name);
	return !strncmp(d->d_name, "grevy-", 6) && len > 5 && !strcmp(d->d_name + len - 5, ".yang");
}

static bool
modules_load(struct yangdb *db, const char *dir, char **error)
{
	struct dirent **files;
	int count = scandir(dir, &files, module_filter, alphasort);
	bool ok = count > 0;
	if (!ok)
		*error = mem_printf("no grevy-*.yang in %s", dir);
	for (int i = 0; i < count; i++) {
		char *name = files[i]->d_name;
		name[strcspn(name, ".@")] = '\0';
		if (ok && !ly_ctx_load_module(db->ctx, name, NULL, NULL)) {
			char *why = yang_error_take(db, NULL);
			*error = mem_printf("%s: %s", name, why);
			mem_free(why);
			ok = false;
		}
		free(files[i]);
	}
	if (count >= 0)
		free(files);
	return ok;
}

struct yangdb *
yangdb_new(const char *dir, char **error)
{
	struct yangdb *db = mem_zalloc(sizeof(*db));
	ly_log_options(LY_LOSTORE_LAST);
	if (ly_ctx_new(dir, LY_CTX_NO_YANGLIBRARY | LY_CTX_DISABLE_SEARCHDIR_CWD, &db->ctx) != LY_SUCCESS) {
		*error = mem_printf("libyang refuses the folder %s", dir);
		mem_free(db);
		return NULL;
	}
	if (!modules_load(db, dir, error)) {
		yangdb_free(db);
		return NULL;
	}
	const struct lys_module *m;
	uint32_t at = 0;
	while ((m = ly_ctx_get_module_iter(db->ctx, &at)))
		if (m->implemented && m->compiled)
			nodes_annotate(db, m->compiled->data, 0);
	at = 0;
	while ((m = ly_ctx_get_module_iter(db->ctx, &at)))
		if (m->implemented && m->compiled)
			nodes_watch(m->compiled->data);
	return db;
}

void
yangdb_free(struct yangdb *db)
{
	if (!db)
		return;
	ly_ctx_destroy(db->ctx);
	for (struct yang_node *n = db->nodes, *next; n; n = next) {
		next = n->next;
		mem_free(n->watchers);
		mem_free(n);
	}
	for (unsigned i = 0; i < db->owner_count; i++)
		mem_free(db->owners[i]);
	mem_free(db);
}
