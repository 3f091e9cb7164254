/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mgmtd's unit tests share: a schema that has one of everything, and stores on it. */
#ifndef GREVY_TESTS_MGMTD_WORLD_H
#define GREVY_TESTS_MGMTD_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "mgmtd/edits.h"
#include "mgmtd/effects.h"
#include "mgmtd/history.h"
#include "mgmtd/store.h"
#include "mgmtd/validate.h"
#include "tests/unit/unit.h"

static const char test_module[] =
	"module grevy-test {\n"
	"  yang-version 1.1; namespace 'urn:grevy:test'; prefix t; import grevy-cli { prefix g; }\n"
	"  container top { g:owner alpha;\n"
	"    leaf name { type string { length '1..8'; } }\n"
	"    leaf low { type uint8 { range '1..100'; } default 5;\n"
	"      must '. <= ../high' { error-message 'low must not exceed high'; } }\n"
	"    leaf high { type uint8; default 10; }\n"
	"    leaf kind { type enumeration { enum red; enum blue; } default red; }\n"
	"    leaf-list tag { type string; }\n"
	"    choice way { default plain;\n"
	"      case plain { leaf speed { type uint8; default 3; } }\n"
	"      case fancy { leaf colour { type string; } leaf depth { type uint8; default 7; } } }\n"
	"    container box { leaf inside { type uint16; default 99; } leaf free { type string; } }\n"
	"    list group { key id; leaf id { type string; } leaf rank { type uint8; default 1; }\n"
	"      container beta { g:owner beta; leaf cost { type uint16; default 20; }\n"
	"        list part { key n; leaf n { type uint8; } leaf w { type uint8; mandatory true; } } } }\n"
	"    list user { key id; leaf id { type string; } leaf in { type leafref { path '../../group/id'; } } }\n"
	"    list port { key n; unique where; leaf n { type uint16; } leaf where { type string; } }\n"
	"    leaf extra { when \"../kind = 'blue'\"; type string; }\n"
	"    container on { presence yes; leaf level { type uint8; mandatory true; } leaf soft { type uint8; default 4; } }\n"
	"  }\n"
	"}\n";

struct world {
	char dir[64];
	struct yangdb *db;
	struct store *s;
	struct changes *log;
};

static inline void
world_file(const struct world *w, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) < 0)
		abort();
	fclose(f);
}

/* The tests run from the top of the tree. */
static inline void
world_open(struct world *w)
{
	char *error = NULL, cli[16384];
	log_open("test", "file:/dev/null", LOG_LVL_ERROR);
	snprintf(w->dir, sizeof(w->dir), "/tmp/grevy-mgmtd-XXXXXX");
	FILE *f = fopen("yang/grevy-cli.yang", "r");
	if (!f || !mkdtemp(w->dir))
		abort();
	cli[fread(cli, 1, sizeof(cli) - 1, f)] = '\0';
	fclose(f);
	world_file(w, "grevy-cli.yang", cli);
	world_file(w, "grevy-test.yang", test_module);
	w->db = yangdb_new(w->dir, &error);
	if (!w->db) {
		fprintf(stderr, "%s\n", error);
		abort();
	}
	w->s = store_new(w->db);
	w->log = changes_new();
}

static inline void
world_close(struct world *w)
{
	static const char *const files[] = {"grevy-cli.yang", "grevy-test.yang", "config.log", "config.log.new",
		"config.log.bad", NULL};
	char path[128];
	changes_free(w->log);
	store_free(w->s);
	yangdb_free(w->db);
	for (size_t i = 0; files[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", w->dir, files[i]);
		unlink(path);
	}
	rmdir(w->dir);
}

#define TOP "/grevy-test:top"
static inline bool
world_set(struct world *w, const char *path, const char *value)
{
	char *why = store_set(w->s, path, value, w->log, 1);
	bool good = !why;
	mem_free(why);
	return good;
}

static inline bool
world_delete(struct world *w, const char *path)
{
	char *why = store_delete(w->s, path, false, w->log, 1);
	bool good = !why;
	mem_free(why);
	return good;
}

static inline bool
world_is(const struct world *w, const char *json)
{
	char *text = store_print(w->s, false);
	bool same = !strcmp(text, json);
	if (!same)
		fprintf(stderr, "# got %s\n# want %s\n", text, json);
	mem_free(text);
	return same;
}

static inline const char *
world_value(const struct world *w, const char *path)
{
	const struct lyd_node *n = store_find(w->s, path);
	return n ? lyd_get_value(n) : NULL;
}

/* How many errors a validation of what has been logged finds; the log is emptied when it is good. */
static inline size_t
world_check(struct world *w, bool full, char *first, size_t size)
{
	struct errors e = {0};
	validate(w->s, w->log, full, &e);
	size_t n = e.count;
	if (first)
		snprintf(first, size, "%s: %s", n ? e.rows[0].path : "", n ? e.rows[0].message : "");
	errors_free(&e);
	return n;
}

#endif
