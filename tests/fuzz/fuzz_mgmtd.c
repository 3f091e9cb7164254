/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What clients can bring mgmtd: edits as (path, value) and whole configs as JSON. After any of
 * them the changes taken back give the tree from before, and what is printed parses again.
 *
 * Input: lines. `+PATH<tab>VALUE` sets, `-PATH` deletes, `{...` is a config to be loaded.
 *
 * fuzz-links: mgmtd/yangdb.c mgmtd/yangtext.c mgmtd/store.c mgmtd/edit.c mgmtd/changes.c mgmtd/validate.c mgmtd/errors.c mgmtd/effects.c
 * fuzz-libs: -lyang
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mgmtd/effects.h"
#include "mgmtd/store.h"
#include "mgmtd/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct yangdb *
schema(void)
{
	static struct yangdb *db;
	char *error = NULL;
	if (!db)
		db = yangdb_new("yang", &error); /* run from the top of the tree */
	if (!db)
		abort();
	return db;
}

static void
line_load(struct yangdb *db, const char *json)
{
	char *error = NULL;
	struct store *s = store_parse(db, json, &error);
	if (s) {
		char *text = store_print(s, true);
		mem_free(text);
	} else if (!error) {
		abort();
	}
	mem_free(error);
	store_free(s);
}

static void
line_edit(struct store *s, struct changes *log, char *line)
{
	char *why;
	if (*line == '-') {
		why = store_delete(s, line + 1, false, log, 1);
	} else {
		char *value = strchr(line, '\t');
		if (value)
			*value++ = '\0';
		why = store_set(s, line + 1, value ? value : "", log, 1);
	}
	mem_free(why);
}

static void
changes_judge(struct store *s, const struct changes *log)
{
	struct errors errors = {0};
	struct effects effects;
	bool good = validate(s, log, false, &errors);
	if (good != (errors.count == 0))
		abort();
	errors_free(&errors);
	effects_init(&effects);
	effects_of_changes(&effects, s, log);
	effects_free(&effects);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct yangdb *db = schema();
	struct store *s = store_new(db);
	struct changes *log = changes_new();
	char *text = mem_alloc(size + 1), *error = NULL;
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *line = text, *end; line && *line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (*line == '{')
			line_load(db, line);
		else if (*line == '+' || *line == '-')
			line_edit(s, log, line);
	}
	changes_judge(s, log);
	char *json = store_print(s, false);
	struct store *again = json ? store_parse(db, json, &error) : NULL;
	struct changes *diff = changes_new();
	if (!again)
		abort(); /* what is printed loads again */
	store_diff(s, again, diff);
	if (changes_net(diff) || !store_apply(s, log, false) || !store_is_empty(s))
		abort();
	changes_free(diff);
	store_free(again);
	mem_free(json);
	mem_free(error);
	changes_free(log);
	store_free(s);
	mem_free(text);
	return 0;
}
