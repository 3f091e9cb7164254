/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the compiled modules once: each node with g:cli gets its phrases, each node with g:mode a
 * mode. A mode is the nearest ancestor with g:mode. Owns the libyang context and all that hangs on it,
 * for the life of the process.
 */
#include "vtysh/schema.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "vtysh/types.h"

static struct schema *the_schema;
static struct hash *by_node;  /* struct cli_node by schema node */
static struct hash *types;    /* struct leaf_type by schema node */
static char load_error[512];

struct word_help {
	char *word, *help;
};
static struct word_help *words;
static unsigned word_n;

struct leaf_type {
	const struct lysc_node *leaf;
	struct cli_type t;
	struct type_range range;
	struct type_string string;
	char shown[64];
};

static uint32_t
node_hash(const struct lysc_node *n)
{
	return hash_bytes(0, &n, sizeof(n));
}

static bool
node_equal(const void *item, const void *key)
{
	return ((const struct cli_node *)item)->s == key;
}

static bool
type_equal(const void *item, const void *key)
{
	return ((const struct leaf_type *)item)->leaf == key;
}

static void __attribute__((format(printf, 1, 2)))
complain(const char *fmt, ...)
{
	va_list ap;
	if (load_error[0])
		return; /* the first is what matters */
	va_start(ap, fmt);
	vsnprintf(load_error, sizeof(load_error), fmt, ap);
	va_end(ap);
}

/* --- extensions --------------------------------------------------------------------------------- */
/* The i-th g:NAME of the node, NULL past the last. */
static const char *
ext_nth(const struct lysc_ext_instance *exts, const char *name, unsigned i)
{
	LY_ARRAY_COUNT_TYPE u;
	LY_ARRAY_FOR(exts, u) {
		if (strcmp(exts[u].def->module->name, "grevy-cli") || strcmp(exts[u].def->name, name))
			continue;
		if (!i--)
			return exts[u].argument ? exts[u].argument : "";
	}
	return NULL;
}

static const char *
ext_get(const struct lysc_node *n, const char *name)
{
	return ext_nth(n->exts, name, 0);
}

static int
word_cmp(const void *a, const void *b)
{
	return strcmp(((const struct word_help *)a)->word, ((const struct word_help *)b)->word);
}

static void
words_read(const struct lys_module *m)
{
	const char *text;
	for (unsigned i = 0; (text = ext_nth(m->compiled->exts, "word", i)); i++) {
		const char *colon = strchr(text, ':');
		if (!colon)
			continue;
		words = mem_realloc(words, (word_n + 1) * sizeof(*words));
		words[word_n].word = mem_printf("%.*s", (int)(colon - text), text);
		words[word_n++].help = mem_strdup(colon + 1 + strspn(colon + 1, " "));
	}
}

static const char *
word_help(const char *word)
{
	struct word_help key;
	memset(&key, 0, sizeof(key));
	key.word = mem_strdup(word);
	const struct word_help *w = words ? bsearch(&key, words, word_n, sizeof(*words), word_cmp) : NULL;
	mem_free(key.word);
	return w ? w->help : NULL;
}

/* --- types -------------------------------------------------------------------------------------- */
bool
schema_check(const struct lysc_node *leaf, const char *value)
{
	uint32_t old = ly_log_options(0);
	bool ok = lyd_value_validate(the_schema->ctx, leaf, value, strlen(value), NULL, NULL, NULL) == LY_SUCCESS;
	ly_log_options(old);
	return ok;
}

static bool
string_check(const void *arg, const char *value)
{
	return schema_check(arg, value);
}

static void
type_number(struct leaf_type *lt, const struct lysc_type_num *n, bool is_signed, uint64_t lo, uint64_t hi)
{
	struct type_range *r = &lt->range;
	r->is_signed = is_signed;
	r->lowest = lo;
	r->highest = hi;
	LY_ARRAY_COUNT_TYPE u;
	if (n->range) {
		LY_ARRAY_FOR(n->range->parts, u) {
			if (r->count == 8)
				break;
			r->part[r->count].min = n->range->parts[u].min_u64;
			r->part[r->count++].max = n->range->parts[u].max_u64;
		}
		lo = r->part[0].min;
		hi = r->part[r->count - 1].max;
	}
	snprintf(lt->shown, sizeof(lt->shown), is_signed ? "(%lld-%lld)" : "(%llu-%llu)", (long long)lo, (long long)hi);
	lt->t.shown = lt->shown;
	lt->t.take = take_number;
	lt->t.arg = r;
}

static void
type_choices(struct leaf_type *lt, const struct lysc_type_enum *e)
{
	LY_ARRAY_COUNT_TYPE u;
	struct cli_choice *c = mem_array(LY_ARRAY_COUNT(e->enums) + 1, sizeof(*c));
	LY_ARRAY_FOR(e->enums, u) {
		c[u].name = e->enums[u].name;
		c[u].help = e->enums[u].dsc ? e->enums[u].dsc : lt->leaf->dsc;
	}
	lt->t.choices = c;
	lt->t.shown = "CHOICE";
	lt->t.take = take_choice;
}

static void
type_string(struct leaf_type *lt, const struct lysc_type *type)
{
	lt->string.min = 0;
	lt->t.arg = &lt->string;
	lt->t.shown = "WORD";
	lt->t.take = take_word;
	lt->t.free = true;
	if (type->basetype != LY_TYPE_STRING) {
		lt->string.check = string_check;
		lt->string.arg = lt->leaf;
		return;
	}
	const struct lysc_type_str *s = (const struct lysc_type_str *)type;
	if (s->length) {
		lt->string.min = (unsigned)s->length->parts[0].min_u64;
		uint64_t max = s->length->parts[LY_ARRAY_COUNT(s->length->parts) - 1].max_u64;
		lt->string.max = max > CLI_LINE_MAX ? 0 : (unsigned)max;
	}
	if (s->patterns) {
		lt->string.check = string_check;
		lt->string.arg = lt->leaf;
	}
}

static const struct cli_choice booleans[] = {{"true", "Yes"}, {"false", "No"}, {NULL, NULL}};

static void
type_fill(struct leaf_type *lt, const struct lysc_type *type)
{
	switch (type->basetype) {
	case LY_TYPE_UINT8:
		type_number(lt, (const struct lysc_type_num *)type, false, 0, UINT8_MAX);
		return;
	case LY_TYPE_UINT16:
		type_number(lt, (const struct lysc_type_num *)type, false, 0, UINT16_MAX);
		return;
	case LY_TYPE_UINT32:
		type_number(lt, (const struct lysc_type_num *)type, false, 0, UINT32_MAX);
		return;
	case LY_TYPE_UINT64:
		type_number(lt, (const struct lysc_type_num *)type, false, 0, UINT64_MAX);
		return;
	case LY_TYPE_INT8:
		type_number(lt, (const struct lysc_type_num *)type, true, (uint64_t)INT8_MIN, INT8_MAX);
		return;
	case LY_TYPE_INT16:
		type_number(lt, (const struct lysc_type_num *)type, true, (uint64_t)INT16_MIN, INT16_MAX);
		return;
	case LY_TYPE_INT32:
		type_number(lt, (const struct lysc_type_num *)type, true, (uint64_t)INT32_MIN, INT32_MAX);
		return;
	case LY_TYPE_INT64:
		type_number(lt, (const struct lysc_type_num *)type, true, (uint64_t)INT64_MIN, INT64_MAX);
		return;
	case LY_TYPE_ENUM:
		type_choices(lt, (const struct lysc_type_enum *)type);
		return;
	case LY_TYPE_BOOL:
		lt->t.choices = booleans;
		lt->t.shown = "true|false";
		lt->t.take = take_choice;
		return;
	case LY_TYPE_UNKNOWN:
	case LY_TYPE_BINARY:
	case LY_TYPE_STRING:
	case LY_TYPE_BITS:
	case LY_TYPE_DEC64:
	case LY_TYPE_EMPTY:
	case LY_TYPE_IDENT:
	case LY_TYPE_INST:
	case LY_TYPE_LEAFREF:
	case LY_TYPE_UNION:
		break;
	}
	type_string(lt, type);
}

/* The range is the schema's, shown as it is typed. */
static void
type_ms(struct leaf_type *lt, const struct lysc_type *type)
{
	char from[24], to[24];
	const struct type_range *r = &lt->range;
	type_fill(lt, type);
	ms_print(r->part[r->count ? r->count - 1 : 0].min, from, sizeof(from));
	ms_print(r->part[r->count ? r->count - 1 : 0].max, to, sizeof(to));
	snprintf(lt->shown, sizeof(lt->shown), "(%s-%s)", from, to);
	lt->t.take = take_ms;
}

/* libyang keeps the typedef's name only in the parsed tree, which priv points to. */
static const char *
typedef_name(const struct lysc_node *leaf)
{
	const struct lysp_node *p = leaf->priv;
	if (!p || !(p->nodetype & (LYS_LEAF | LYS_LEAFLIST)))
		return "";
	return p->nodetype == LYS_LEAF ? ((const struct lysp_node_leaf *)p)->type.name
				       : ((const struct lysp_node_leaflist *)p)->type.name;
}

const struct cli_type *
schema_type(const struct lysc_node *leaf)
{
	struct leaf_type *lt = hash_find(types, node_hash(leaf), leaf);
	if (lt)
		return &lt->t;
	lt = mem_zalloc(sizeof(*lt));
	lt->leaf = leaf;
	const struct type_known *k = type_known(typedef_name(leaf));
	if (k && k->take == take_ms) {
		type_ms(lt, ((const struct lysc_node_leaf *)leaf)->type);
	} else if (k) {
		lt->t.shown = k->shown;
		lt->t.take = k->take;
		lt->t.names = k->names;
		lt->t.free = k->take == take_ifname;
	} else {
		type_fill(lt, ((const struct lysc_node_leaf *)leaf)->type);
	}
	lt->t.help = leaf->dsc ? leaf->dsc : leaf->name;
	hash_insert(types, node_hash(leaf), lt);
	return &lt->t;
}

/* A string at the end of a phrase that may hold anything takes the rest of the line. */
static const struct cli_type *
type_line(const struct lysc_node *leaf, const struct cli_type *t)
{
	const struct type_string *s = t->arg;
	if (t->take != take_word || s->check || (leaf->flags & LYS_KEY) || ext_get(leaf, "secret"))
		return t;
	struct leaf_type *lt = hash_find(types, node_hash(leaf), leaf);
	lt->t.take = take_line;
	lt->t.shown = "LINE...";
	return &lt->t;
}

const char *
schema_default(const struct lysc_node *leaf)
{
	if (leaf->nodetype != LYS_LEAF || !((const struct lysc_node_leaf *)leaf)->dflt)
		return NULL;
	return lyd_value_get_canonical(the_schema->ctx, ((const struct lysc_node_leaf *)leaf)->dflt);
}

/* --- phrases ------------------------------------------------------------------------------------ */
static const struct lysc_node *
child_leaf(const struct lysc_node *s, const char *name)
{
	const struct lysc_node *leaf = lysc_node_child(s);
	while (leaf && strcmp(leaf->name, name))
		leaf = leaf->next;
	return leaf;
}

/* <^x>: key x of the nearest list around s. */
static const struct lysc_node *
key_around(const struct lysc_node *s, const char *name, unsigned *up)
{
	const struct lysc_node *key = NULL;
	for (*up = 1, s = s->parent; s && !key; s = s->parent, *up += !key) {
		key = s->nodetype == LYS_LIST ? child_leaf(s, name) : NULL;
		key = key && (key->flags & LYS_KEY) ? key : NULL;
	}
	return key;
}

static bool
resolve(void *arg, struct cli_token *t)
{
	const struct cli_node *n = arg;
	if (t->kind == CLI_WORD || t->kind == CLI_GROUP) {
		if (t->word)
			t->help = word_help(t->word);
		return true;
	}
	const struct lysc_node *leaf = n->s;
	if (*t->name == '^')
		leaf = key_around(n->s, t->name + 1, &t->up);
	else if (strcmp(t->name, "."))
		leaf = child_leaf(n->s, t->name);
	if (!leaf || !(leaf->nodetype & (LYS_LEAF | LYS_LEAFLIST)))
		return false;
	t->node = leaf;
	t->type = schema_type(leaf);
	t->key = (leaf->flags & LYS_KEY) || leaf->nodetype == LYS_LEAFLIST;
	t->help = leaf->dsc;
	const char *word = t->word ? word_help(t->word) : NULL;
	if (word)
		t->help = word;
	return true;
}

/* The last of the leading words stands for the node itself; words in groups for what follows them. */
static void
phrase_help(struct cli_phrase *p, const struct lysc_node *s)
{
	unsigned i = 0;
	while (i < p->n && p->tok[i].kind == CLI_WORD)
		i++;
	if (i && s->dsc)
		p->tok[i - 1].help = s->dsc;
	for (unsigned k = 0; k < p->n; k++) {
		struct cli_token *g = p->tok[k].kind == CLI_GROUP ? p->tok[k].group : NULL;
		if (g && g[0].kind == CLI_WORD && p->tok[k].group_n > 1 && !g[0].help)
			g[0].help = g[1].help;
		else if (!g && p->tok[k].kind == CLI_WORD && !p->tok[k].help && k + 1 < p->n)
			p->tok[k].help = p->tok[k + 1].help;
	}
	struct cli_token *last = &p->tok[p->n - 1];
	if (last->kind == CLI_VALUE)
		last->type = type_line(last->node, last->type);
}

static void
phrases_read(struct cli_node *n, const char *ext, bool alias)
{
	const char *text;
	char err[256];
	for (unsigned i = 0; (text = ext_nth(n->s->exts, ext, i)); i++) {
		n->phrase = mem_realloc(n->phrase, (n->n + 1) * sizeof(*n->phrase));
		struct cli_phrase *p = &n->phrase[n->n];
		if (!phrase_compile(text, p, resolve, n, err, sizeof(err))) {
			complain("%s: phrase \"%s\": %s", n->s->name, text, err);
			continue;
		}
		p->alias = alias;
		p->owner = n;
		phrase_help(p, n->s);
		n->n++;
	}
}

static void
owners_read(struct cli_node *n)
{
	for (const struct lysc_node *s = n->s; s; s = s->parent) {
		const char *o;
		unsigned k = 0;
		for (; k < 7 && (o = ext_nth(s->exts, "owner", k)); k++)
			n->owners[k] = o;
		if (k)
			return;
	}
}

static unsigned
order_of(const struct lysc_node *s, const struct cli_mode *m)
{
	for (; s && (!m->node || s != m->node->s); s = s->parent)
		if (ext_get(s, "order"))
			return (unsigned)strtoul(ext_get(s, "order"), NULL, 10);
	return 500;
}

/* Path below the mode's node; a name has its module where that differs from the parent's. */
static char *
relative_path(const struct lysc_node *s, const struct cli_mode *m)
{
	if (m->node && s == m->node->s)
		return mem_strdup("");
	char *up = s->parent ? relative_path(s->parent, m) : mem_strdup("");
	bool same = s->parent && s->parent->module == s->module;
	char *path = same ? mem_printf("%s/%s", up, s->name) : mem_printf("%s/%s:%s", up, s->module->name, s->name);
	mem_free(up);
	return path;
}

static void
mode_add(struct schema *s, struct cli_node *n)
{
	const char *prompt = ext_get(n->s, "mode");
	struct cli_mode *m = mem_zalloc(sizeof(*m));
	m->prompt = prompt;
	m->node = n;
	m->parent = n->mode;
	n->opens = m;
	s->modes = mem_realloc(s->modes, (s->mode_n + 1) * sizeof(struct cli_mode *));
	s->modes[s->mode_n++] = m;
}

static void
literals_add(struct schema *s, const struct cli_token *t, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (t[i].kind == CLI_GROUP)
			literals_add(s, t[i].group, t[i].group_n);
		if (!t[i].word)
			continue;
		s->literals = mem_realloc(s->literals, (s->literal_n + 1) * sizeof(char *));
		s->literals[s->literal_n++] = t[i].word;
	}
}

static void
node_attach(struct schema *s, struct cli_node *n)
{
	struct cli_mode *m = n->mode;
	m->nodes = mem_realloc(m->nodes, (m->node_n + 1) * sizeof(struct cli_node *));
	m->nodes[m->node_n++] = n;
	for (unsigned i = 0; i < n->n; i++) {
		m->phrase = mem_realloc(m->phrase, (m->n + 1) * sizeof(struct cli_phrase *));
		m->phrase[m->n++] = &n->phrase[i];
		literals_add(s, n->phrase[i].tok, n->phrase[i].n);
	}
}

static void
walk_schema(struct schema *s, const struct lysc_node *node, struct cli_mode *mode)
{
	for (; node; node = node->next) {
		if (!(node->nodetype & (LYS_CONTAINER | LYS_LIST | LYS_LEAF | LYS_LEAFLIST)) || !(node->flags & LYS_CONFIG_W))
			continue;
		struct cli_node *n = mem_zalloc(sizeof(*n));
		n->s = node;
		n->mode = mode;
		n->order = order_of(node, mode);
		n->seq = s->node_n;
		n->rel = relative_path(node, mode);
		n->secret = ext_get(node, "secret") != NULL;
		n->deflt = schema_default(node);
		owners_read(n);
		phrases_read(n, "cli", false);
		phrases_read(n, "alias", true);
		s->nodes = mem_realloc(s->nodes, (s->node_n + 1) * sizeof(struct cli_node *));
		s->nodes[s->node_n++] = n;
		hash_insert(by_node, node_hash(node), n);
		struct cli_mode *below = mode;
		if (ext_get(node, "mode")) {
			mode_add(s, n);
			below = n->opens;
		}
		if (n->n)
			node_attach(s, n);
		walk_schema(s, lysc_node_child(node), below);
	}
}

static int
string_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
schema_is_literal(const char *word)
{
	const struct schema *s = the_schema;
	size_t n = strlen(word);
	unsigned lo = 0, hi = s ? s->literal_n : 0;
	while (lo < hi) { /* the first that is not before word */
		unsigned mid = (lo + hi) / 2;
		if (strcmp(s->literals[mid], word) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return s && lo < s->literal_n && !strncmp(s->literals[lo], word, n);
}

/* Whether q says the same words before place i, and a literal there. */
static bool
contests(const struct cli_phrase *q, const struct cli_phrase *p, unsigned i)
{
	if (q == p || q->n <= i || q->tok[i].kind != CLI_WORD)
		return false;
	for (unsigned k = 0; k < i; k++)
		if (!q->tok[k].word || !p->tok[k].word || strcmp(q->tok[k].word, p->tok[k].word))
			return false;
	return true;
}

static void
mark_contested(struct cli_mode *m)
{
	for (unsigned n = 0; n < m->node_n; n++)
		for (unsigned k = 0; k < m->nodes[n]->n; k++) {
			struct cli_phrase *p = &m->nodes[n]->phrase[k];
			for (unsigned i = 0; i < p->n; i++)
				for (unsigned q = 0; p->tok[i].kind == CLI_VALUE && q < m->n; q++)
					p->tok[i].contested |= contests(m->phrase[q], p, i);
		}
}

/* --- loading ------------------------------------------------------------------------------------ */
static int
is_ours(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return !strncmp(d->d_name, "grevy-", 6) && n > 11 && !strcmp(d->d_name + n - 5, ".yang");
}

static bool
modules_load(struct schema *s, const char *dir)
{
	struct dirent **list;
	int n = scandir(dir, &list, is_ours, alphasort);
	if (n <= 0) {
		complain("no YANG modules in %s", dir);
		return false;
	}
	for (int i = 0; i < n; i++) {
		list[i]->d_name[strlen(list[i]->d_name) - 5] = '\0';
		if (!load_error[0] && !ly_ctx_load_module(s->ctx, list[i]->d_name, NULL, NULL))
			complain("%s: %s", list[i]->d_name, ly_errmsg(s->ctx) ? ly_errmsg(s->ctx) : "cannot be read");
		free(list[i]);
	}
	free(list);
	return !load_error[0];
}

static void
schema_build(struct schema *s)
{
	const struct lys_module *m;
	uint32_t i = 0;
	s->top = mem_zalloc(sizeof(*s->top));
	s->top->prompt = "config";
	s->modes = mem_alloc(sizeof(struct cli_mode *));
	s->modes[s->mode_n++] = s->top;
	while ((m = ly_ctx_get_module_iter(s->ctx, &i)))
		if (m->implemented && m->compiled && !strncmp(m->name, "grevy-", 6))
			words_read(m);
	if (words)
		qsort(words, word_n, sizeof(*words), word_cmp);
	for (i = 0; (m = ly_ctx_get_module_iter(s->ctx, &i));)
		if (m->implemented && m->compiled && !strncmp(m->name, "grevy-", 6))
			walk_schema(s, m->compiled->data, s->top);
	for (unsigned k = 0; k < s->mode_n; k++)
		mark_contested(s->modes[k]);
	if (s->literals)
		qsort(s->literals, s->literal_n, sizeof(char *), string_cmp);
}

const struct schema *
schema_get(const char *dir, char *err, size_t size)
{
	if (the_schema && !load_error[0])
		return the_schema;
	if (!the_schema) {
		the_schema = mem_zalloc(sizeof(*the_schema));
		by_node = hash_new(node_equal);
		types = hash_new(type_equal);
		ly_log_options(LY_LOSTORE_LAST);
		if (ly_ctx_new(dir, LY_CTX_SET_PRIV_PARSED | LY_CTX_DISABLE_SEARCHDIR_CWD | LY_CTX_NO_YANGLIBRARY,
			    &the_schema->ctx) != LY_SUCCESS)
			complain("libyang: no context for %s", dir);
		else if (modules_load(the_schema, dir))
			schema_build(the_schema);
	}
	if (load_error[0]) {
		snprintf(err, size, "%s", load_error);
		return NULL;
	}
	return the_schema;
}

const struct cli_node *
schema_node(const struct schema *s, const struct lysc_node *node)
{
	(void)s;
	return hash_find(by_node, node_hash(node), node);
}

const struct cli_node *
schema_by_path(const struct schema *s, const char *suffix)
{
	size_t want = strlen(suffix);
	for (unsigned i = 0; i < s->node_n; i++) {
		size_t have = strlen(s->nodes[i]->rel);
		if (have >= want && !strcmp(s->nodes[i]->rel + have - want, suffix))
			return s->nodes[i];
	}
	return NULL;
}
