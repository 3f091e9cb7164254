/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edit lists. */
#include "mgmtd/edits.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/mem.h"

void
edits_add(struct edits *e, bool set, const char *path, const char *value)
{
	if (!e->arena)
		e->arena = arena_new(0);
	if (e->count == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 8;
		e->rows = mem_realloc(e->rows, e->cap * sizeof(*e->rows));
	}
	e->octets += strlen(path) + (value ? strlen(value) : 0) + sizeof(*e->rows);
	e->rows[e->count++] = (struct edit_row){set, false, arena_strdup(e->arena, path),
		arena_strdup(e->arena, value ? value : "")};
}

void
edits_free(struct edits *e)
{
	if (e->arena)
		arena_free(e->arena);
	mem_free(e->rows);
	memset(e, 0, sizeof(*e));
}

void
edits_of_changes(struct edits *e, const struct changes *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (change_is_net(c->rows[i]))
			edits_add(e, c->rows[i]->new != NULL, c->rows[i]->path, c->rows[i]->new);
}

bool
edits_make(struct edits *e, struct store *s, bool strict, bool best_effort, struct changes *log,
	struct errors *errors)
{
	bool good = true;
	for (size_t i = 0; i < e->count; i++) {
		struct edit_row *row = &e->rows[i];
		uint32_t origin = (uint32_t)i + 1;
		if (row->dropped)
			continue;
		char *why = row->set ? store_set(s, row->path, row->value, log, origin)
				     : store_delete(s, row->path, strict, log, origin);
		if (!errors_take(errors, row->path, why, origin))
			continue;
		row->dropped = best_effort;
		good = best_effort;
	}
	return good;
}

bool
edits_drop(struct edits *e, const struct errors *blame)
{
	for (size_t i = 0; i < blame->count; i++)
		if (!blame->rows[i].origin || blame->rows[i].origin > e->count ||
			e->rows[blame->rows[i].origin - 1].dropped)
			return false;
	for (size_t i = 0; i < blame->count; i++)
		e->rows[blame->rows[i].origin - 1].dropped = true;
	return blame->count > 0 && !blame->dropped;
}
