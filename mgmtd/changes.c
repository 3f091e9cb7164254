/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The net change list: rows in an arena, found by path through a hash. */
#include "mgmtd/changes.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/hash.h"
#include "lib/mem.h"

static bool
change_equal(const void *item, const void *key)
{
	return !strcmp(((const struct change *)item)->path, key);
}

struct changes *
changes_new(void)
{
	struct changes *c = mem_zalloc(sizeof(*c));
	c->arena = arena_new(0);
	c->index = hash_new(change_equal);
	return c;
}

void
changes_free(struct changes *c)
{
	if (!c)
		return;
	hash_free(c->index);
	arena_free(c->arena);
	mem_free(c->rows);
	mem_free(c);
}

void
changes_clear(struct changes *c)
{
	hash_free(c->index);
	c->index = hash_new(change_equal);
	arena_reset(c->arena);
	c->count = 0;
}

struct change *
changes_find(const struct changes *c, const char *path)
{
	return hash_find(c->index, hash_bytes(0, path, strlen(path)), path);
}

void
changes_note(struct changes *c, const char *path, const struct lysc_node *schema, const char *old,
	const char *new, uint32_t origin)
{
	uint32_t hash = hash_bytes(0, path, strlen(path));
	struct change *row = hash_find(c->index, hash, path);
	if (!row) {
		row = arena_zalloc(c->arena, sizeof(*row));
		row->path = arena_strdup(c->arena, path);
		row->schema = schema;
		row->old = old ? arena_strdup(c->arena, old) : NULL;
		row->hash = hash;
		hash_insert(c->index, hash, row);
		if (c->count == c->cap) {
			c->cap = c->cap ? 2 * c->cap : 16;
			c->rows = mem_realloc(c->rows, c->cap * sizeof(struct change *));
		}
		c->rows[c->count++] = row;
	}
	row->new = new ? arena_strdup(c->arena, new) : NULL;
	row->origin = origin;
}

bool
change_is_net(const struct change *c)
{
	if (!c->old || !c->new)
		return c->old != c->new;
	return strcmp(c->old, c->new) != 0;
}

size_t
changes_net(const struct changes *c)
{
	size_t net = 0;
	for (size_t i = 0; i < c->count; i++)
		net += change_is_net(c->rows[i]);
	return net;
}

bool
path_cut(char *path)
{
	char *last = path;
	char quote = '\0';
	for (char *s = path; *s; s++) {
		if (quote) {
			if (*s == quote)
				quote = '\0';
		} else if (*s == '\'' || *s == '"') {
			quote = *s;
		} else if (*s == '/') {
			last = s;
		}
	}
	if (last == path)
		return false;
	*last = '\0';
	return true;
}
