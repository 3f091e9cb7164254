/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as an immutable value: a tree of reference-counted objects, their lists in
 * persistent maps, so that a new version shares with the old one all that the edits did not touch.
 * Pure. An object owns its data, its key and a reference to each child, and never changes once
 * the conf_edit that made it has returned.
 * Invariant: while a conf_edit runs, exactly the objects that it made carry its session and are
 * changed in place; all others are copied first.
 */
#include "lib/conf.h"

#include <stdio.h>
#include <string.h>

#include "lib/conf_field.h"
#include "lib/conf_path.h"
#include "lib/mem.h"
#include "lib/pmap.h"

#define CONF_KEY_MAX 512

struct conf_session {
	struct conf_object **made; /* a reference to each, so that none is freed meanwhile */
	size_t count, cap;
};

struct conf_object {
	const struct conf_class *cls;
	uint32_t refs;
	struct conf_session *session; /* NULL: immutable */
	char *key;
	unsigned char *data;
	struct pmap lists[]; /* as cls->lists */
};

/* --- objects ----------------------------------------------------------------------------------- */

static void
conf_value_ref(void *value)
{
	conf_ref(value);
}

static void
conf_value_unref(void *value)
{
	conf_unref(value);
}

static const struct pmap_class conf_values = {conf_value_ref, conf_value_unref};

static size_t
conf_class_lists(const struct conf_class *cls)
{
	size_t n = 0;
	while (cls->lists && cls->lists[n])
		n++;
	return n;
}

static struct conf_object *
conf_object_new(const struct conf_class *cls, const char *key)
{
	size_t lists = conf_class_lists(cls);
	struct conf_object *o = mem_zalloc(sizeof(*o) + lists * sizeof(o->lists[0]));
	o->cls = cls;
	o->refs = 1;
	o->key = mem_strdup(key);
	o->data = mem_zalloc(cls->size ? cls->size : 1);
	for (size_t i = 0; i < lists; i++)
		o->lists[i] = pmap_empty(&conf_values);
	return o;
}

static struct conf_object *
conf_object_copy(const struct conf_object *from)
{
	struct conf_object *o = conf_object_new(from->cls, from->key);
	size_t lists = conf_class_lists(from->cls);
	memcpy(o->data, from->data, from->cls->size);
	for (size_t i = 0; i < lists; i++)
		o->lists[i] = pmap_copy(&from->lists[i]);
	return o;
}

struct conf_object *
conf_new(const struct conf_class *root)
{
	return conf_object_new(root, "");
}

struct conf_object *
conf_ref(const struct conf_object *o)
{
	union {
		const struct conf_object *in;
		struct conf_object *out; /* the count is not part of the value */
	} same = {.in = o};
	if (o)
		same.out->refs++;
	return same.out;
}

void
conf_unref(struct conf_object *o)
{
	if (!o || --o->refs)
		return;
	size_t lists = conf_class_lists(o->cls);
	for (size_t i = 0; i < lists; i++)
		pmap_drop(&o->lists[i]);
	mem_free(o->data);
	mem_free(o->key);
	mem_free(o);
}

/* --- an edit ----------------------------------------------------------------------------------- */

/* Takes a second reference to a fresh object and marks it as changeable. */
static struct conf_object *
conf_session_made(struct conf_session *s, struct conf_object *o)
{
	if (s->count == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 64;
		s->made = mem_realloc(s->made, s->cap * sizeof(s->made[0]));
	}
	s->made[s->count++] = conf_ref(o);
	o->session = s;
	return o;
}

static void
conf_session_end(struct conf_session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		s->made[i]->session = NULL;
		conf_unref(s->made[i]);
	}
	mem_free(s->made);
}

/* The key of a list step in the order of the class's key leaves. */
static bool
conf_step_key(const struct conf_step *step, const struct conf_class *cls, char key[CONF_KEY_MAX])
{
	size_t at = 0;
	for (size_t i = 0; cls->keys[i]; i++) {
		const struct conf_predicate *p = NULL;
		for (size_t j = 0; j < step->count && !p; j++)
			if (step->predicates[j].name_len == strlen(cls->keys[i]) &&
			    !memcmp(step->predicates[j].name, cls->keys[i], strlen(cls->keys[i])))
				p = &step->predicates[j];
		if (!p || at + p->value_len + 2 > CONF_KEY_MAX)
			return false;
		if (i)
			key[at++] = '\x1f';
		memcpy(key + at, p->value, p->value_len);
		at += p->value_len;
	}
	key[at] = '\0';
	return true;
}

/* A new entry knows its keys: they are fields like others. */
static bool
conf_fill_keys(struct conf_object *o, struct conf_error *err)
{
	char key[CONF_KEY_MAX];
	snprintf(key, sizeof(key), "%s", o->key);
	char *value = key;
	for (size_t i = 0; o->cls->keys[i]; i++) {
		char *next = strchr(value, '\x1f');
		if (next)
			*next++ = '\0';
		for (const struct conf_field *f = o->cls->fields; f && f->path; f++)
			if (!strcmp(f->path, o->cls->keys[i]) && !conf_field_set(f, o->data, value, err))
				return false;
		value = next ? next : value + strlen(value);
	}
	return true;
}

/* The changeable child of a changeable parent; made if absent and `make`. NULL: absent or bad key. */
static struct conf_object *
conf_open_child(struct conf_session *s, struct conf_object *parent, size_t list, const char *key,
	bool make, struct conf_error *err)
{
	struct conf_object *child = pmap_get(&parent->lists[list], key);
	if (child && child->session == s)
		return child;
	if (!child && !make)
		return NULL;
	struct conf_object *fresh =
		child ? conf_object_copy(child) : conf_object_new(parent->cls->lists[list], key);
	if (!child && !conf_fill_keys(fresh, err)) {
		conf_unref(fresh);
		return NULL;
	}
	pmap_put(&parent->lists[list], key, conf_session_made(s, fresh));
	return fresh;
}

/* A descendant makes the presence containers above it exist. */
static void
conf_mark_presence(struct conf_object *o, const struct conf_path *path, size_t at)
{
	struct conf_error ignored;
	for (const struct conf_field *f = o->cls->fields; f && f->path; f++)
		if (f->type == CONF_PRESENCE && conf_path_spells(path, at, f->path))
			conf_field_set(f, o->data, "", &ignored);
}

static bool
conf_set_leaf(struct conf_object *o, const struct conf_path *path, size_t at, const char *value,
	struct conf_error *err)
{
	for (const struct conf_field *f = o->cls->fields; f && f->path; f++)
		if (conf_path_spells(path, at, f->path) == path->count - at &&
		    !conf_field_set(f, o->data, value, err))
			return false;
	return true;
}

static bool
conf_is_key(const struct conf_class *cls, const char *field)
{
	for (size_t i = 0; cls->keys && cls->keys[i]; i++)
		if (!strcmp(cls->keys[i], field))
			return true;
	return false;
}

/* A leaf, or a container with all that is in it, or a whole list. */
static void
conf_clear_below(struct conf_object *o, const struct conf_path *path, size_t at)
{
	for (const struct conf_field *f = o->cls->fields; f && f->path; f++)
		if (!conf_is_key(o->cls, f->path) &&
		    (conf_path_spells(path, at, f->path) == path->count - at ||
		     conf_path_is_below(path, at, f->path)))
			conf_field_clear(f, o->data);
	for (size_t i = 0; o->cls->lists && o->cls->lists[i]; i++) {
		const char *list = o->cls->lists[i]->path;
		if (conf_path_spells(path, at, list) != path->count - at &&
		    !conf_path_is_below(path, at, list))
			continue;
		pmap_drop(&o->lists[i]);
		o->lists[i] = pmap_empty(&conf_values);
	}
}

/* Where a path leads: the list of `cls` that the steps from `at` name, -1 if none. */
static int
conf_find_list(const struct conf_class *cls, const struct conf_path *path, size_t at, size_t *steps)
{
	for (int i = 0; cls->lists && cls->lists[i]; i++) {
		*steps = conf_path_spells(path, at, cls->lists[i]->path);
		if (*steps && path->steps[at + *steps - 1].count)
			return i;
	}
	return -1;
}

static bool
conf_delete(struct conf_session *s, struct conf_object *o, const struct conf_path *path)
{
	struct conf_error ignored;
	char key[CONF_KEY_MAX];
	size_t at = 0, steps;
	for (int list; (list = conf_find_list(o->cls, path, at, &steps)) >= 0; at += steps) {
		if (!conf_step_key(&path->steps[at + steps - 1], o->cls->lists[list], key))
			return false;
		if (at + steps == path->count) {
			pmap_del(&o->lists[list], key);
			return true;
		}
		o = conf_open_child(s, o, (size_t)list, key, false, &ignored);
		if (!o)
			return true; /* nothing there, nothing to delete */
	}
	conf_clear_below(o, path, at);
	return true;
}

/* What no row names is not this daemon's business. */
static bool
conf_set(struct conf_session *s, struct conf_object *o, const struct conf_path *path,
	const char *value, struct conf_error *err)
{
	char key[CONF_KEY_MAX];
	size_t at = 0, steps;
	for (int list; (list = conf_find_list(o->cls, path, at, &steps)) >= 0; at += steps) {
		if (!conf_step_key(&path->steps[at + steps - 1], o->cls->lists[list], key)) {
			snprintf(err->message, sizeof(err->message), "its key is incomplete or too long");
			return false;
		}
		conf_mark_presence(o, path, at);
		o = conf_open_child(s, o, (size_t)list, key, true, err);
		if (!o)
			return false;
	}
	if (at == path->count)
		return true;
	conf_mark_presence(o, path, at);
	return conf_set_leaf(o, path, at, value, err);
}

static bool
conf_edit_one(struct conf_session *s, struct conf_object *root, const struct conf_edit *edit,
	struct conf_error *err)
{
	struct conf_path path;
	if (!conf_path_cut(edit->path, &path)) {
		snprintf(err->message, sizeof(err->message), "not a path");
		return false;
	}
	if (edit->op == CONF_OP_SET)
		return conf_set(s, root, &path, edit->value ? edit->value : "", err);
	if (conf_delete(s, root, &path))
		return true;
	snprintf(err->message, sizeof(err->message), "its key is incomplete or too long");
	return false;
}

struct conf_object *
conf_edit(const struct conf_object *old, const struct conf_edit *edits, size_t count,
	struct conf_error *err)
{
	struct conf_session s = {0};
	struct conf_object *root = conf_session_made(&s, conf_object_copy(old));
	for (size_t i = 0; i < count && root; i++) {
		err->message[0] = '\0';
		if (conf_edit_one(&s, root, &edits[i], err))
			continue;
		snprintf(err->path, sizeof(err->path), "%s", edits[i].path);
		conf_unref(root);
		root = NULL;
	}
	conf_session_end(&s);
	return root;
}

static bool
conf_class_knows(const struct conf_class *cls, const struct conf_path *path, size_t at)
{
	size_t steps;
	int list = conf_find_list(cls, path, at, &steps);
	if (list >= 0)
		return conf_class_knows(cls->lists[list], path, at + steps);
	bool known = at == path->count;
	for (const struct conf_field *f = cls->fields; f && f->path && !known; f++)
		known = conf_path_spells(path, at, f->path) == path->count - at ||
			conf_path_is_below(path, at, f->path);
	for (size_t i = 0; cls->lists && cls->lists[i] && !known; i++)
		known = conf_path_is_below(path, at, cls->lists[i]->path);
	return known;
}

bool
conf_knows(const struct conf_class *root, const char *path)
{
	struct conf_path cut;
	return conf_path_cut(path, &cut) && conf_class_knows(root, &cut, 0);
}

/* --- reading ----------------------------------------------------------------------------------- */

const void *
conf_data(const struct conf_object *o)
{
	return o->data;
}

const char *
conf_key(const struct conf_object *o)
{
	return o->key;
}

const struct conf_class *
conf_class_of(const struct conf_object *o)
{
	return o->cls;
}

static const struct pmap *
conf_list(const struct conf_object *o, const struct conf_class *list)
{
	for (size_t i = 0; o->cls->lists && o->cls->lists[i]; i++)
		if (o->cls->lists[i] == list)
			return &o->lists[i];
	return NULL;
}

const struct conf_object *
conf_child(const struct conf_object *o, const struct conf_class *list, const char *key)
{
	const struct pmap *m = conf_list(o, list);
	return m ? pmap_get(m, key) : NULL;
}

const struct conf_object *
conf_next(const struct conf_object *o, const struct conf_class *list, const struct conf_object *after)
{
	const struct pmap *m = conf_list(o, list);
	const char *key;
	return m ? pmap_next(m, after ? after->key : NULL, &key) : NULL;
}

size_t
conf_count(const struct conf_object *o, const struct conf_class *list)
{
	const struct pmap *m = conf_list(o, list);
	return m ? m->count : 0;
}

/* --- two versions ------------------------------------------------------------------------------ */

/* ORs the effects of the fields that differ; *differs tells if any did, effect or not. */
static uint32_t
conf_compare(const struct conf_object *old, const struct conf_object *new, bool *differs)
{
	uint32_t effects = 0;
	*differs = false;
	for (const struct conf_field *f = new->cls->fields; f && f->path; f++)
		if (!conf_field_equal(f, old->data, new->data)) {
			effects |= f->effect;
			*differs = true;
		}
	return effects;
}

struct conf_diff_walk {
	conf_diff_fn *fn;
	void *arg;
	const struct conf_object *old_parent, *new_parent;
};

static void conf_diff_objects(const struct conf_diff_walk *w, const struct conf_object *old,
	const struct conf_object *new);

static void
conf_diff_entry(void *arg, const char *key, void *old, void *new)
{
	(void)key;
	conf_diff_objects(arg, old, new);
}

static void
conf_diff_objects(const struct conf_diff_walk *w, const struct conf_object *old,
	const struct conf_object *new)
{
	const struct conf_class *cls = old ? old->cls : new->cls;
	bool differs = true;
	uint32_t effects = old && new ? conf_compare(old, new, &differs) : cls->effect;
	if (differs)
		w->fn(w->arg, cls, old, new, w->old_parent, w->new_parent, effects);
	struct conf_diff_walk below = {w->fn, w->arg, old, new};
	struct pmap none = pmap_empty(&conf_values);
	for (size_t i = 0; cls->lists && cls->lists[i]; i++)
		pmap_diff(old ? &old->lists[i] : &none, new ? &new->lists[i] : &none,
			conf_diff_entry, &below);
}

void
conf_diff(const struct conf_object *old, const struct conf_object *new, conf_diff_fn *fn, void *arg)
{
	struct conf_diff_walk w = {.fn = fn, .arg = arg};
	if (old != new)
		conf_diff_objects(&w, old, new);
}

struct conf_check_walk {
	const struct conf_object *root;
	struct conf_error *err;
	const struct conf_check_walk *parent; /* for the path of an error */
	const struct conf_object *self;
	bool good;
};

static size_t
conf_check_path(const struct conf_check_walk *w, char *buf, size_t size)
{
	if (!w || !w->parent)
		return 0; /* the root's path is empty */
	size_t at = conf_check_path(w->parent, buf, size);
	const char *value = w->self->key;
	int n = snprintf(buf + at, size - at, "/%s", w->self->cls->path);
	for (size_t i = 0; n > 0 && at + (size_t)n < size && w->self->cls->keys[i]; i++) {
		at += (size_t)n;
		size_t len = strcspn(value, "\x1f");
		n = snprintf(buf + at, size - at, "[%s='%.*s']", w->self->cls->keys[i], (int)len, value);
		value += len + (value[len] != '\0');
	}
	return n > 0 && at + (size_t)n < size ? at + (size_t)n : at;
}

static void conf_check_object(struct conf_check_walk *w, const struct conf_object *old);

static void
conf_check_entry(void *arg, const char *key, void *old, void *new)
{
	struct conf_check_walk *up = arg;
	(void)key;
	if (!new || !up->good)
		return;
	struct conf_check_walk w = {up->root, up->err, up, new, true};
	conf_check_object(&w, old);
	up->good = w.good;
}

static void
conf_check_object(struct conf_check_walk *w, const struct conf_object *old)
{
	const struct conf_class *cls = w->self->cls;
	struct pmap none = pmap_empty(&conf_values);
	if (cls->check && !cls->check(w->self, w->root, w->err)) {
		if (!w->err->path[0])
			conf_check_path(w, w->err->path, sizeof(w->err->path));
		w->good = false;
	}
	for (size_t i = 0; cls->lists && cls->lists[i] && w->good; i++)
		pmap_diff(old ? &old->lists[i] : &none, &w->self->lists[i], conf_check_entry, w);
}

bool
conf_check(const struct conf_object *old, const struct conf_object *new, struct conf_error *err)
{
	err->path[0] = err->message[0] = '\0';
	struct conf_check_walk w = {new, err, NULL, new, true};
	if (old != new)
		conf_check_object(&w, old);
	return w.good;
}
