/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of errors; strings are owned by the list. */
#include "mgmtd/errors.h"

#include <string.h>

#include "lib/mem.h"

bool
errors_take(struct errors *e, const char *path, char *message, uint32_t origin)
{
	if (!message)
		return false;
	if (e->count == ERRORS_MAX) {
		e->dropped++;
		mem_free(message);
		return true;
	}
	e->rows = mem_realloc(e->rows, (e->count + 1) * sizeof(*e->rows));
	e->rows[e->count++] = (struct error_row){mem_strdup(path ? path : ""), message, origin};
	return true;
}

void
errors_add(struct errors *e, const char *path, const char *message, uint32_t origin)
{
	errors_take(e, path, mem_strdup(message), origin);
}

void
errors_free(struct errors *e)
{
	for (size_t i = 0; i < e->count; i++) {
		mem_free(e->rows[i].path);
		mem_free(e->rows[i].message);
	}
	mem_free(e->rows);
	memset(e, 0, sizeof(*e));
}

void
errors_copy(struct errors *to, const struct errors *from)
{
	for (size_t i = 0; i < from->count; i++)
		errors_add(to, from->rows[i].path, from->rows[i].message, from->rows[i].origin);
	to->dropped += from->dropped;
}

void
errors_move(struct errors *to, struct errors *from)
{
	for (size_t i = 0; i < from->count; i++) {
		errors_take(to, from->rows[i].path, from->rows[i].message, from->rows[i].origin);
		mem_free(from->rows[i].path);
	}
	to->dropped += from->dropped;
	mem_free(from->rows);
	memset(from, 0, sizeof(*from));
}
