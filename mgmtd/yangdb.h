/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The YANG modules as mgmtd needs them: libyang's context, whom each node is for (g:owner), which
 * constraints look at which node, and the texts of libyang's errors. All calls of libyang that
 * need care are in yangdb.c and yangtext.c.
 */
#ifndef GREVY_MGMTD_YANGDB_H
#define GREVY_MGMTD_YANGDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libyang/libyang.h>

#define YANGDB_OWNERS 16 /* daemons at most */

struct yangdb;

struct yang_node { /* hangs on lysc_node.priv of each config node */
	uint32_t owners;         /* bits of yangdb_owner_name(): whom the node is for */
	uint32_t owners_below;   /* the node's and those of all below */
	bool full;               /* `when`, unique, min/max-elements: only a full validation knows */
	bool checked;            /* has a must or a leafref of its own */
	bool checked_below;      /* somewhere below, or itself, or mandatory nodes */
	const struct lysc_node **watchers; /* nodes whose must or leafref looks at this one */
	size_t watcher_count;
	struct yang_node *next;  /* owned by the yangdb */
};

/* Loads every grevy-*.yang of the folder; NULL and *error (mem_free) if that fails. */
struct yangdb *yangdb_new(const char *dir, char **error);
void yangdb_free(struct yangdb *db);
struct ly_ctx *yangdb_ctx(const struct yangdb *db);

/* Called once in a while by long work on trees, so that a watchdog knows busy from dead. */
void yangdb_progress_to(struct yangdb *db, void (*fn)(void *arg), void *arg);
void yangdb_progress(const struct yangdb *db);

/* Names that no module mentions may be added: daemons that have no config yet. */
unsigned yangdb_owner(struct yangdb *db, const char *name);
unsigned yangdb_owner_count(const struct yangdb *db);
const char *yangdb_owner_name(const struct yangdb *db, unsigned owner);
const struct yang_node *yang_info(const struct lysc_node *n);

bool yang_is_inner(const struct lysc_node *n);    /* list entry or presence container: made by itself */
bool yang_is_np(const struct lysc_node *n);       /* container that is always there */
bool yang_is_leaf(const struct lysc_node *n);
bool yang_is_key(const struct lysc_node *n);
const char *yang_default(const struct lysc_node *n); /* of a leaf, canonical; NULL: none */
const struct lysc_node *yang_data_parent(const struct lysc_node *n); /* without choices and cases */

/* RFC 7950 14, yang-char: what a string may hold; libyang takes more in an edit than it parses. */
bool yang_text_is_good(const char *text);
/* /module:node/node[key='value'][...]/...: what libyang may see; on others its path parser is not safe. */
bool yang_path_is_good(const char *path);

/* libyang's last message in words for the user, with what was expected; mem_free it. */
char *yang_error_take(const struct yangdb *db, const struct lysc_node *n);
/* "a number from 1 to 255", "one of broadcast, point-to-point"; mem_free it; NULL: nothing to say. */
char *yang_expected(const struct lysc_node *n);

#endif
