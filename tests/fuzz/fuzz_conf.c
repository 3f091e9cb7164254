/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib/conf: any text as a path does no harm; and random edits of a small tree, compared after each
 * commit with a model that is a flat table, versions kept and compared with what they were.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/conf.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENTRIES 8
#define KEYS    4

struct entry {
	char name[8];
	uint8_t cost;
	bool cost_set, bfd;
};
struct key {
	uint8_t id;
	char text[8];
};
struct root {
	uint8_t a, b;
	bool box;
};
static const char *const key_keys[] = {"id", NULL};
static const struct conf_field key_fields[] = {
	{"id", CONF_U8, offsetof(struct key, id), 0, NULL, 0},
	{"text", CONF_STRING, offsetof(struct key, text), 8, NULL, 4},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const struct conf_class key_class = {
	.path = "auth/key", .size = sizeof(struct key), .fields = key_fields, .keys = key_keys, .effect = 8};
static const struct conf_class *const entry_lists[] = {&key_class, NULL};
static const char *const entry_keys[] = {"name", NULL};
static const struct conf_field entry_fields[] = {
	{"name", CONF_STRING, offsetof(struct entry, name), 8, NULL, 0},
	{"ospf/cost", CONF_U8, offsetof(struct entry, cost), 0, NULL, 1},
	{"ospf/cost", CONF_SET, offsetof(struct entry, cost_set), 0, NULL, 0},
	{"ospf/bfd", CONF_PRESENCE, offsetof(struct entry, bfd), 0, NULL, 2},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const struct conf_class entry_class = {
	.path = "list/entry", .size = sizeof(struct entry), .fields = entry_fields, .lists = entry_lists,
	.keys = entry_keys, .effect = 16};
static const struct conf_class *const root_lists[] = {&entry_class, NULL};
static const struct conf_field root_fields[] = {
	{"box/a", CONF_U8, offsetof(struct root, a), 0, NULL, 0},
	{"b", CONF_U8, offsetof(struct root, b), 0, NULL, 0},
	{"box", CONF_PRESENCE, offsetof(struct root, box), 0, NULL, 0},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const struct conf_class root_class = {
	.path = "", .size = sizeof(struct root), .fields = root_fields, .lists = root_lists};

struct model {
	struct root root;
	struct {
		bool exists;
		struct entry data;
		struct {
			bool exists;
			struct key data;
		} keys[KEYS];
	} entries[ENTRIES];
};

struct bytes {
	const uint8_t *pos, *end;
};

static uint8_t
next(struct bytes *b)
{
	return b->pos < b->end ? *b->pos++ : 0;
}

/* One edit on both sides; path and value are written for lib/conf, the model is told directly. */
static void
edit_one(struct bytes *in, struct model *m, struct conf_edit *e, char *path, char *value)
{
	uint8_t op = next(in), n = next(in), v = next(in);
	unsigned i = n % ENTRIES, k = n / ENTRIES % KEYS;
	bool set = op & 1;
	typeof(m->entries[0]) *x = &m->entries[i];
	snprintf(value, 8, "%u", v);
	e->op = set ? CONF_OP_SET : CONF_OP_DELETE;
	e->path = path;
	e->value = value;
	if (op / 2 % 8 < 6 && set && !x->exists) { /* the first set below an entry makes it */
		x->exists = true;
		snprintf(x->data.name, sizeof(x->data.name), "n%u", i);
	}
	switch (op / 2 % 8) {
	case 0:
		snprintf(path, 96, "/m:list/entry[name='n%u']", i);
		if (!set)
			memset(x, 0, sizeof(*x));
		break;
	case 1:
		snprintf(path, 96, "/m:list/entry[name=\"n%u\"]/m:ospf/m:cost", i);
		x->data.cost = set ? v : 0;
		x->data.cost_set = set;
		break;
	case 2:
		snprintf(path, 96, "/m:list/entry[name='n%u']/ospf/bfd", i);
		x->data.bfd = set;
		break;
	case 3:
		snprintf(path, 96, "/m:list/entry[name='n%u']/auth/key[id='%u']/text", i, k);
		if (set)
			x->keys[k].exists = true;
		if (x->keys[k].exists) {
			x->keys[k].data.id = (uint8_t)k;
			snprintf(x->keys[k].data.text, 8, "%s", set ? value : "");
		}
		break;
	case 4:
		snprintf(path, 96, "/m:list/entry[name='n%u']/auth/key[id='%u']", i, k);
		x->keys[k].exists = set;
		x->keys[k].data.id = set ? (uint8_t)k : 0;
		if (!set)
			memset(&x->keys[k], 0, sizeof(x->keys[k]));
		break;
	case 5:
		snprintf(path, 96, "/m:list/entry[name='n%u']/%s", i, set ? "description" : n & 64 ? "ospf" : "auth");
		if (!set && (n & 64))
			x->data.cost = 0, x->data.cost_set = x->data.bfd = false;
		else if (!set)
			memset(x->keys, 0, sizeof(x->keys));
		break;
	case 6:
		snprintf(path, 96, "/box%s", n & 64 ? "/a" : "");
		if (n & 64)
			m->root.a = set ? v : 0;
		else if (!set)
			m->root.a = 0;
		if (set || !(n & 64))
			m->root.box = set;
		break;
	default:
		snprintf(path, 96, "%s", n & 64 && !set ? "/m:list" : "/m:b");
		if (n & 64 && !set)
			memset(m->entries, 0, sizeof(m->entries));
		else
			m->root.b = set ? v : 0;
		break;
	}
	if (!x->exists)
		memset(x, 0, sizeof(*x)); /* nothing hangs on what is not there */
}

static void
compare(const struct conf_object *c, const struct model *m)
{
	const struct root *r = conf_data(c);
	size_t entries = 0;
	assert(r->a == m->root.a && r->b == m->root.b && r->box == m->root.box);
	for (unsigned i = 0; i < ENTRIES; i++) {
		char name[8], id[8];
		snprintf(name, sizeof(name), "n%u", i);
		const struct conf_object *o = conf_child(c, &entry_class, name);
		assert((o != NULL) == m->entries[i].exists);
		if (!o)
			continue;
		entries++;
		const struct entry *e = conf_data(o);
		assert(!strcmp(e->name, name) && e->cost == m->entries[i].data.cost &&
		       e->cost_set == m->entries[i].data.cost_set && e->bfd == m->entries[i].data.bfd);
		for (unsigned k = 0; k < KEYS; k++) {
			snprintf(id, sizeof(id), "%u", k);
			const struct conf_object *key = conf_child(o, &key_class, id);
			assert((key != NULL) == m->entries[i].keys[k].exists);
			if (!key)
				continue;
			const struct key *d = conf_data(key);
			assert(d->id == k && !strcmp(d->text, m->entries[i].keys[k].data.text));
		}
	}
	assert(conf_count(c, &entry_class) == entries);
}

/* The differences, played on a copy of the old model's existence table, give the new one's. */
struct played {
	size_t came, went;
};

static void
play(void *arg, const struct conf_class *cls, const struct conf_object *old,
	const struct conf_object *new, const struct conf_object *old_parent,
	const struct conf_object *new_parent, uint32_t effects)
{
	struct played *p = arg;
	(void)effects;
	assert(old || new);
	assert(!old || conf_class_of(old) == cls);
	assert(cls == &root_class || old_parent || new_parent);
	if (cls == &entry_class) {
		p->came += !old;
		p->went += !new;
	}
}

static void
random_edits(struct bytes in)
{
	struct model m = {0};
	struct model kept_model = {0};
	struct conf_object *c = conf_new(&root_class), *kept = NULL;
	struct conf_error err;
	while (in.pos < in.end) {
		enum { MAX = 8 };
		struct conf_edit edits[MAX];
		char paths[MAX][96], values[MAX][8];
		size_t count = next(&in) % MAX + 1u;
		for (size_t i = 0; i < count; i++)
			edit_one(&in, &m, &edits[i], paths[i], values[i]);
		struct conf_object *new = conf_edit(c, edits, count, &err);
		assert(new);
		compare(new, &m);
		struct played p = {0, 0};
		size_t before = conf_count(c, &entry_class);
		conf_diff(c, new, play, &p);
		assert(before + p.came - p.went == conf_count(new, &entry_class));
		assert(conf_check(c, new, &err));
		if (count == 1 || !kept) {
			conf_unref(kept);
			kept = conf_ref(new);
			kept_model = m;
		}
		conf_unref(c);
		c = new;
	}
	if (kept)
		compare(kept, &kept_model);
	conf_unref(kept);
	conf_unref(c);
}

static void
any_text(const uint8_t *data, size_t size)
{
	struct conf_error err;
	char *text = mem_alloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	char *value = strchr(text, '\n');
	if (value)
		*value++ = '\0';
	struct conf_object *c = conf_new(&root_class);
	for (int op = CONF_OP_SET; op <= CONF_OP_DELETE; op++) {
		struct conf_edit e = {(enum conf_op)op, text, value ? value : ""};
		struct conf_object *new = conf_edit(c, &e, 1, &err);
		assert(new || (err.path[0] || !text[0]));
		conf_knows(&root_class, text);
		if (new) {
			conf_unref(c);
			c = new;
		}
	}
	conf_unref(c);
	mem_free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (*data & 1)
		any_text(data + 1, size - 1);
	else
		random_edits((struct bytes){data + 1, data + size});
	return 0;
}
