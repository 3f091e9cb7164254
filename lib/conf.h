/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon's configuration as an immutable value, built from (path, value) edits by tables.
 *
 * YANG's single source lives in mgmtd, which has validated everything and spells out defaults;
 * so a daemon needs no YANG library: a `struct conf_class` per list (or root) says which leaf goes
 * into which field, and what its change means. One row per field serves the parser, the
 * comparison and the effects (STYLE rule 20).
 *
 * A config is a tree of immutable reference-counted objects; a new version shares all that an
 * edit did not touch, so a commit costs what it changes.
 */
#ifndef GREVY_LIB_CONF_H
#define GREVY_LIB_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_type {
	CONF_BOOL,     /* bool: "true"/"false" */
	CONF_PRESENCE, /* bool: a presence container (SET path with no value) */
	CONF_SET,      /* bool: true while `also` (a leaf bound by another row) is configured */
	CONF_U8,
	CONF_U16,
	CONF_U32,
	CONF_U64,
	CONF_S32,
	CONF_STRING,   /* char[size], NUL-terminated; too long is an error */
	CONF_IP4,      /* uint32_t, host order, dotted quad (router ids, area ids) */
	CONF_ADDR,     /* struct ipaddr; "": none */
	CONF_PREFIX,   /* struct prefix, canonical */
	CONF_IFADDR,   /* struct prefix with host bits kept: "10.0.0.1/24" */
	CONF_ENUM,     /* unsigned: index in names[] */
};

struct conf_field {
	const char *path;          /* YANG path below the object: "cost", "timers/hello-interval" */
	enum conf_type type;
	size_t offset;
	size_t size;               /* CONF_STRING */
	const char *const *names;  /* CONF_ENUM, NULL-terminated */
	uint32_t effect;           /* bits of the daemon's own; ORed for each field that changed */
};

struct conf_object;
struct conf_error {
	char path[256];
	char message[256];
};

struct conf_class {
	const char *path;          /* below the parent object: "interfaces/interface"; "" for the root */
	size_t size;               /* of the struct the fields point into; zeroed at creation */
	const struct conf_field *fields;              /* up to path == NULL; list keys are fields too */
	const struct conf_class *const *lists;        /* child lists, NULL-terminated, may be NULL */
	const char *const *keys;                      /* key leaf names, NULL-terminated; leaf-list: "." */
	uint32_t effect;           /* when an entry comes or goes */
	/* What YANG cannot express; false with err->message set refuses the commit. May be NULL. */
	bool (*check)(const struct conf_object *self, const struct conf_object *root, struct conf_error *err);
};

enum conf_op { CONF_OP_SET, CONF_OP_DELETE };
struct conf_edit {
	enum conf_op op;
	const char *path;  /* module prefixes are ignored; keys in '...' or "..." */
	const char *value;
};

/* An empty config: the root object with all fields zero. */
struct conf_object *conf_new(const struct conf_class *root);
struct conf_object *conf_ref(const struct conf_object *o);
void conf_unref(struct conf_object *o); /* NULL is harmless */
/* A new version of `old` (not changed) with the edits made; NULL and *err filled if one cannot be. */
struct conf_object *conf_edit(const struct conf_object *old, const struct conf_edit *edits,
	size_t count, struct conf_error *err);
/* Does any table have a row for this path? What none has is ignored by conf_edit. */
bool conf_knows(const struct conf_class *root, const char *path);
/* Runs every class's check over what differs from old (NULL: over everything). */
bool conf_check(const struct conf_object *old, const struct conf_object *new, struct conf_error *err);

const void *conf_data(const struct conf_object *o);  /* the struct the fields point into */
const char *conf_key(const struct conf_object *o);   /* "" for the root; several keys joined by \x1f */
const struct conf_class *conf_class_of(const struct conf_object *o);
const struct conf_object *conf_child(const struct conf_object *o, const struct conf_class *list,
	const char *key);
/* Entries in key order: after == NULL starts, NULL ends. */
const struct conf_object *conf_next(const struct conf_object *o, const struct conf_class *list,
	const struct conf_object *after);
size_t conf_count(const struct conf_object *o, const struct conf_class *list);

/*
 * Every object that differs, parents before children, in key order. old or new is NULL when it
 * came or went (then its children are reported too). effects: OR of the changed fields' rows, or
 * the class's effect when it came or went.
 */
typedef void conf_diff_fn(void *arg, const struct conf_class *cls, const struct conf_object *old,
	const struct conf_object *new, const struct conf_object *old_parent,
	const struct conf_object *new_parent, uint32_t effects);
void conf_diff(const struct conf_object *old, const struct conf_object *new, conf_diff_fn *fn, void *arg);

#endif
