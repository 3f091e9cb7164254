/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates; the tree is made when it is first needed. */
#include "mgmtd/candidate.h"

#include "lib/mem.h"

struct candidate {
	struct store *tree;
	struct changes *changes;
	uint64_t base; /* the commit that tree is built upon */
};

struct candidate *
candidate_new(void)
{
	struct candidate *c = mem_zalloc(sizeof(*c));
	c->changes = changes_new();
	return c;
}

void
candidate_free(struct candidate *c)
{
	if (!c)
		return;
	store_free(c->tree);
	changes_free(c->changes);
	mem_free(c);
}

bool
candidate_is_changed(const struct candidate *c)
{
	return c && changes_net(c->changes) > 0;
}

/* On a running that has moved on, what was there before each change is something else now. */
static void
candidate_rebase(struct candidate *c, const struct store *running)
{
	struct store *tree = store_dup(running);
	struct changes *fresh = changes_new();
	for (size_t i = 0; i < c->changes->count; i++) {
		const struct change *row = c->changes->rows[i];
		if (!change_is_net(row))
			continue;
		char *why = row->new ? store_set(tree, row->path, row->new, fresh, 0)
				     : store_delete(tree, row->path, false, fresh, 0);
		mem_free(why);
	}
	changes_free(c->changes);
	store_free(c->tree);
	c->changes = fresh;
	c->tree = tree;
}

const struct store *
candidate_tree(struct candidate *c, const struct store *running, uint64_t txn)
{
	if (!c->tree || c->base != txn)
		candidate_rebase(c, running);
	c->base = txn;
	return c->tree;
}

static void
candidate_take(struct candidate *c, const struct changes *step)
{
	for (size_t i = 0; i < step->count; i++)
		if (change_is_net(step->rows[i]))
			changes_note(c->changes, step->rows[i]->path, step->rows[i]->schema,
				step->rows[i]->old, step->rows[i]->new, 0);
}

bool
candidate_edit(struct candidate *c, const struct store *running, uint64_t txn, struct edits *e,
	bool replace, bool strict, bool best_effort, struct errors *errors)
{
	candidate_tree(c, running, txn);
	struct changes *step = changes_new();
	bool good;
	if (replace) {
		struct store *target = store_new(running->db);
		good = edits_make(e, target, strict, best_effort, NULL, errors);
		if (good)
			candidate_become(c, running, txn, target);
		store_free(target);
	} else {
		good = edits_make(e, c->tree, strict, best_effort, step, errors);
		if (good)
			candidate_take(c, step);
		else
			store_apply(c->tree, step, false);
	}
	changes_free(step);
	return good;
}

void
candidate_become(struct candidate *c, const struct store *running, uint64_t txn, const struct store *target)
{
	struct changes *step = changes_new();
	candidate_tree(c, running, txn);
	store_diff(c->tree, target, step);
	store_apply(c->tree, step, true);
	candidate_take(c, step);
	changes_free(step);
}

/* Somebody else has deleted the entry this leaf or entry belongs to. */
static bool
has_vanished(const struct changes *c, const struct store *running, const struct change *row, char **entry)
{
	char *above = mem_strdup(row->path);
	bool gone = false;
	while (!gone && path_cut(above)) {
		const struct change *up = changes_find(c, above);
		if (up && change_is_net(up))
			break; /* ours */
		gone = !store_find(running, above);
	}
	if (gone)
		*entry = above;
	else
		mem_free(above);
	return gone;
}

bool
candidate_edits(struct candidate *c, const struct store *running, uint64_t txn, struct edits *out,
	struct errors *errors)
{
	size_t before = errors->count;
	if (c->base != txn) {
		for (size_t i = 0; i < c->changes->count; i++) {
			const struct change *row = c->changes->rows[i];
			char *entry;
			if (!change_is_net(row) || !row->new || !has_vanished(c->changes, running, row, &entry))
				continue;
			errors_take(errors, row->path,
				mem_printf("%s was deleted meanwhile by another commit", entry), 0);
			mem_free(entry);
		}
	}
	if (errors->count > before)
		return false;
	edits_of_changes(out, c->changes);
	return true;
}
