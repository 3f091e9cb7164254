/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What running-config prints loads again to the same tree: for every statement of the schema with
 * typical and extreme values, in every printed form, and for random whole configs. The generators
 * know types, not statements, so a new node of the schema is covered without a line here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/prefix.h"
#include "lib/prng.h"
#include "tests/unit/unit.h"
#include "vtysh/edit.h"
#include "vtysh/hooks.h"
#include "vtysh/types.h"
#include "vtysh/unparse.h"

static const struct schema *schema;
static struct prng rng;

static uint32_t
below(uint32_t n)
{
	return prng_below(&rng, n);
}

/* --- values ------------------------------------------------------------------------------------- */
static const char *const names[] = {"eth0", "lo", "a", "br-lan.100", "default", "tag", "area", "wg0",
	"x23456789012345", "null0", "5", "md5", "no", "Ünï", "!x", "#y", "e'th", "10.0.0.300"};
static const char *const urls[] = {"http://10.0.0.1", "http://10.0.0.1:8080/", "http://[2001:db8::1]/a?b=c",
	"http://[::1]:80/x/y;z#u"};
static const char *const strings[] = {"a", "to the core", "  two  blanks ", "say \"hi\"", "\"", "back\\slash",
	"it's", "no", "area 0", "!", "exit", "Zürich – 東京", "\"quoted\"", "trailing ", "pipe | include x", "?", "x\"y",
	"\\", "a\\\"b", "tab\there", "two\nlines"};
#define PICK(a) ((a)[below(sizeof(a) / sizeof((a)[0]))])

static void
random_addr(uint8_t afi, struct ipaddr *a)
{
	uint8_t b[16];
	for (unsigned i = 0; i < 16; i++)
		b[i] = below(3) ? (uint8_t)below(256) : 0;
	*a = ipaddr_from_bytes(afi, b);
}

static void
gen_prefix(uint8_t afi, bool canonical, char *out, size_t size)
{
	struct ipaddr a;
	char text[PREFIX_STRLEN];
	unsigned len = below(4) ? below(afi_bits(afi) + 1) : below(2) ? 0 : afi_bits(afi);
	random_addr(afi, &a);
	if (canonical) {
		struct prefix p = prefix_make(&a, len);
		snprintf(out, size, "%s", prefix_print(&p, text));
	} else {
		snprintf(out, size, "%s/%u", ipaddr_print(&a, text), len);
	}
}

static void
gen_nexthop(uint8_t afi, char *out, size_t size)
{
	static const char *const special[] = {"Null0", "blackhole", "reject"};
	struct ipaddr a;
	char text[IPADDR_STRLEN];
	random_addr(afi, &a);
	switch (below(4)) {
	case 0: snprintf(out, size, "%s", ipaddr_print(&a, text)); return;
	case 1: snprintf(out, size, "%s %s", ipaddr_print(&a, text), PICK(names)); return;
	case 2: snprintf(out, size, "%s", PICK(special)); return;
	default: snprintf(out, size, "%s", PICK(names)); return;
	}
}

static void
gen_number(const struct type_range *r, char *out, size_t size)
{
	uint64_t lo = r->count ? r->part[0].min : r->lowest;
	uint64_t hi = r->count ? r->part[r->count - 1].max : r->highest;
	uint64_t v = below(4) == 0 ? lo : below(3) == 0 ? hi : lo + prng_u64(&rng) % (hi - lo + (hi - lo != UINT64_MAX));
	snprintf(out, size, r->is_signed ? "%lld" : "%llu", (long long)v);
}

static void
gen_value(const struct lysc_node *leaf, char *out, size_t size)
{
	const struct cli_type *t = schema_type(leaf);
	struct ipaddr a;
	unsigned n = 0;
	if (t->take == take_number || t->take == take_ms)
		gen_number(t->arg, out, size);
	else if (t->take == take_choice) {
		while (t->choices[n].name)
			n++;
		snprintf(out, size, "%s", t->choices[below(n)].name);
	} else if (t->take == take_ip4_addr || t->take == take_ip6_addr) {
		random_addr(t->take == take_ip4_addr ? AFI_IP4 : AFI_IP6, &a);
		ipaddr_print(&a, out);
	} else if (t->take == take_addr) {
		random_addr(below(2) ? AFI_IP4 : AFI_IP6, &a);
		ipaddr_print(&a, out);
	} else if (t->take == take_ip4_prefix || t->take == take_ip6_prefix)
		gen_prefix(t->take == take_ip4_prefix ? AFI_IP4 : AFI_IP6, true, out, size);
	else if (t->take == take_ip4_ifaddr || t->take == take_ip6_ifaddr)
		gen_prefix(t->take == take_ip4_ifaddr ? AFI_IP4 : AFI_IP6, false, out, size);
	else if (t->take == take_ip4_nexthop || t->take == take_ip6_nexthop)
		gen_nexthop(t->take == take_ip4_nexthop ? AFI_IP4 : AFI_IP6, out, size);
	else if (t->take == take_ifname)
		snprintf(out, size, "%s", PICK(names));
	else if (t->take == take_area)
		snprintf(out, size, below(2) ? "%u" : "0.0.1.%u", below(256));
	else if (t->take == take_dotted_area)
		snprintf(out, size, "0.0.1.%u", below(256));
	else
		snprintf(out, size, "%s", below(6) == 0 ? PICK(urls) : below(3) ? PICK(strings) : PICK(names));
}

/* Until the schema itself likes it; false: this type has no generator here. */
static bool
gen_valid(const struct lysc_node *leaf, char *out, size_t size)
{
	for (unsigned i = 0; i < 300; i++) {
		gen_value(leaf, out, size);
		if (schema_check(leaf, out))
			return true;
	}
	return false;
}

/* --- trees -------------------------------------------------------------------------------------- */
static bool
set(struct lyd_node **tree, const char *path, const char *value)
{
	char *p = mem_strdup(path), *v = value ? mem_strdup(value) : NULL;
	struct edit e = {false, p, v, 0};
	bool ok = !edit_apply(schema, tree, &e);
	mem_free(p);
	mem_free(v);
	return ok;
}

/* Path of s below the mode's node, every list on the way with keys. */
static char *
gen_path(const char *base, const struct cli_mode *mode, const struct lysc_node *s)
{
	char value[512];
	if (mode->node && s == mode->node->s)
		return mem_strdup(base);
	char *up = s->parent ? gen_path(base, mode, s->parent) : mem_strdup(base);
	bool same = s->parent && s->parent->module == s->module;
	char *path = mem_printf("%s/%s%s%s", up, same ? "" : s->module->name, same ? "" : ":", s->name);
	mem_free(up);
	const struct lysc_node *k = s->nodetype == LYS_LEAFLIST ? s : s->nodetype == LYS_LIST ? lysc_node_child(s) : NULL;
	for (; k && (k == s || (k->flags & LYS_KEY)); k = k == s ? NULL : k->next) {
		CU_ASSERT_FATAL(gen_valid(k, value, sizeof(value)));
		char *pred = path_key(k == s ? "." : k->name, value), *longer = mem_printf("%s%s", path, pred);
		mem_free(pred);
		mem_free(path);
		path = longer;
	}
	return path;
}

static char *
mode_path(const struct cli_mode *m)
{
	if (!m->node)
		return mem_strdup("");
	char *up = mode_path(m->parent), *path = gen_path(up, m->node->mode, m->node->s);
	mem_free(up);
	return path;
}

/* What the statement replaces (hooks.c) is not there beside it. */
static void
drop_excluded(const struct cli_node *n, const char *path, struct lyd_node **tree)
{
	for (const char *const *other = hook_excludes(n); other && *other; other++) {
		char *p = mem_printf("%.*s/%s", (int)(strrchr(path, '/') - path), path, *other);
		struct edit e = {true, p, NULL, 0};
		CU_ASSERT(!edit_apply(schema, tree, &e));
		mem_free(p);
	}
}

/* The statement cannot leave it out: a tree without it (and without a default) is not the shell's. */
static bool
said_always(const struct cli_phrase *p, const struct lysc_node *leaf)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->tok[i].node == leaf)
			return !schema_default(leaf);
	return false;
}

static bool
said(const struct cli_phrase *p, const struct lysc_node *leaf)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (p->tok[i].node == leaf)
			return true;
		for (unsigned k = 0; p->tok[i].kind == CLI_GROUP && k < p->tok[i].group_n; k++)
			if (p->tok[i].group[k].node == leaf)
				return true;
	}
	return false;
}

/* The canonical ones come first. */
static unsigned
forms(const struct cli_node *n)
{
	unsigned count = 0;
	while (count < n->n && !n->phrase[count].alias)
		count++;
	return count;
}

static bool
said_by_any(const struct cli_node *n, const struct lysc_node *leaf)
{
	for (unsigned i = 0; i < forms(n); i++)
		if (said(&n->phrase[i], leaf))
			return true;
	return false;
}

/* The entry's leaves as that form says them; those of its other forms are not there. */
static void
gen_leaves(const struct cli_node *n, const char *path, struct lyd_node **tree)
{
	const struct cli_phrase *p = &n->phrase[below(forms(n))];
	char value[512];
	for (const struct lysc_node *c = lysc_node_child(n->s); c; c = c->next) {
		const struct cli_node *own = schema_node(schema, c);
		if (c->nodetype != LYS_LEAF || (c->flags & LYS_KEY) || (own && own->n))
			continue;
		bool needed = (c->flags & LYS_MAND_TRUE) || said_always(p, c);
		char *leaf = mem_printf("%s/%s", path, c->name);
		struct edit gone = {true, leaf, NULL, 0};
		bool other_form = !said(p, c) && said_by_any(n, c);
		if (other_form || (!needed && below(2))) {
			CU_ASSERT(!edit_apply(schema, tree, &gone));
		} else {
			CU_ASSERT_FATAL(gen_valid(c, value, sizeof(value)));
			CU_ASSERT(set(tree, leaf, value));
		}
		mem_free(leaf);
	}
}

/* One random statement of that node into the tree. */
static void
gen_node(const struct cli_node *n, struct lyd_node **tree)
{
	char value[512];
	char *up = mode_path(n->mode), *path = gen_path(up, n->mode, n->s);
	if (n->mode->node)
		set(tree, up, NULL);
	if (n->s->nodetype == LYS_LEAF) {
		CU_ASSERT_FATAL(gen_valid(n->s, value, sizeof(value)));
		CU_ASSERT(set(tree, path, value));
		drop_excluded(n, path, tree);
	} else {
		if ((n->s->nodetype & (LYS_LIST | LYS_LEAFLIST)) || (n->s->flags & LYS_PRESENCE))
			CU_ASSERT(set(tree, path, NULL));
		gen_leaves(n, path, tree);
	}
	mem_free(path);
	mem_free(up);
}

/* --- comparison: each thing the tree says, one a line, sorted ------------------------------------- */
static int
cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
negation_without_meaning(const struct lyd_node *d)
{
	const struct lyd_node *p = lyd_parent(d), *c;
	if (strcmp(d->schema->name, "passive-interface"))
		return false;
	bool all = false, off = false;
	for (c = lyd_child(p); c; c = c->next)
		all |= !strcmp(c->schema->name, "passive-default") && !strcmp(lyd_get_value(c), "true");
	for (c = lyd_child(d); c; c = c->next)
		off |= !strcmp(c->schema->name, "passive") && !strcmp(lyd_get_value(c), "false");
	return off && !all;
}

static void
dump(const struct lyd_node *d, char ***lines, size_t *n)
{
	for (; d; d = d->next) {
		bool term = d->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST);
		const char *deflt = term ? schema_default(d->schema) : NULL;
		if (negation_without_meaning(d) || (deflt && !strcmp(deflt, lyd_get_value(d))))
			continue;
		if (term || d->schema->nodetype == LYS_LIST || (d->schema->flags & LYS_PRESENCE)) {
			char *path = lyd_path(d, LYD_PATH_STD, NULL, 0);
			*lines = mem_realloc(*lines, (*n + 1) * sizeof(char *));
			(*lines)[(*n)++] = mem_printf("%s = %s", path, term ? lyd_get_value(d) : "");
			free(path);
		}
		dump(lyd_child(d), lines, n);
	}
}

static bool
same(const struct lyd_node *a, const struct lyd_node *b)
{
	char **x = NULL, **y = NULL;
	size_t n = 0, m = 0;
	bool equal = true;
	dump(a, &x, &n);
	dump(b, &y, &m);
	if (n)
		qsort(x, n, sizeof(*x), cmp);
	if (m)
		qsort(y, m, sizeof(*y), cmp);
	for (size_t i = 0; i < n || i < m; i++)
		if (i >= n || i >= m || strcmp(x[i], y[i])) {
			equal = false;
			printf("# differ: %s <> %s\n", i < n ? x[i] : "-", i < m ? y[i] : "-");
			break;
		}
	for (size_t i = 0; i < n; i++)
		mem_free(x[i]);
	for (size_t i = 0; i < m; i++)
		mem_free(y[i]);
	mem_free(x);
	mem_free(y);
	return equal;
}

/* --- the way there and back ----------------------------------------------------------------------- */
static struct lyd_node *
parse_text(char *text, bool fresh, unsigned *wrong)
{
	static struct cli_line l;
	struct mode_stack modes;
	struct edits edits = {0};
	struct lyd_node *tree = NULL;
	unsigned lineno = 0;
	modes_init(&modes, schema);
	for (char *save = NULL, *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		struct line_result res;
		CU_ASSERT(line_split(&l, s));
		line_edits(&modes, &l, ++lineno, fresh, &edits, &res);
		if (res.fate != LINE_EDITS) {
			printf("# not read: %s (expected %s)\n", s, res.fault.expected);
			++*wrong;
		}
	}
	for (unsigned i = 0; i < edits.n; i++) {
		const char *why = edit_apply(schema, &tree, &edits.e[i]);
		if (why) {
			printf("# %s = %s: %s\n", edits.e[i].path, edits.e[i].value ? edits.e[i].value : "", why);
			++*wrong;
		}
	}
	edits_free(&edits);
	modes_free(&modes);
	return tree;
}

static void
there_and_back(const struct lyd_node *tree)
{
	struct text t = {0}, again = {0};
	unsigned wrong = 0;
	unparse(schema, tree, NULL, &t);
	char *copy = mem_strdup(t.buf);
	struct lyd_node *back = parse_text(copy, below(2), &wrong);
	bool equal = same(tree, back);
	CU_ASSERT(!wrong);
	CU_ASSERT(equal);
	unparse(schema, back, NULL, &again);
	CU_ASSERT_STRING_EQUAL(t.buf, again.buf);
	if (wrong || !equal || strcmp(t.buf, again.buf))
		printf("# text:\n%s", t.buf);
	mem_free(copy);
	text_free(&t);
	text_free(&again);
	lyd_free_all(back);
}

static void
every_statement(void)
{
	unsigned covered = 0;
	for (unsigned i = 0; i < schema->node_n; i++) {
		const struct cli_node *n = schema->nodes[i];
		if (!n->n)
			continue;
		covered++;
		for (unsigned round = 0; round < 60; round++) {
			struct lyd_node *tree = NULL;
			gen_node(n, &tree);
			there_and_back(tree);
			lyd_free_all(tree);
		}
	}
	CU_ASSERT(covered > 45); /* or the schema was not loaded whole */
}

static void
random_configs(void)
{
	for (unsigned round = 0; round < 150; round++) {
		struct lyd_node *tree = NULL;
		unsigned n = 1 + below(60);
		for (unsigned i = 0; i < n; i++) {
			const struct cli_node *node = schema->nodes[below(schema->node_n)];
			if (node->n)
				gen_node(node, &tree);
		}
		there_and_back(tree);
		lyd_free_all(tree);
	}
}

/* Each leaf without a phrase of its own must be in its parent's, or it could not be configured. */
static void
nothing_unsayable(void)
{
	for (unsigned i = 0; i < schema->node_n; i++) {
		const struct cli_node *n = schema->nodes[i];
		if (n->n || !(n->s->nodetype & (LYS_LEAF | LYS_LEAFLIST)) || !strcmp(n->s->name, "passive"))
			continue;
		const struct cli_node *p = n->s->parent ? schema_node(schema, n->s->parent) : NULL;
		bool said = false;
		char want[80];
		for (unsigned k = 0; p && k < p->n; k++) {
			for (const char *shape = "<{"; *shape; shape++) {
				snprintf(want, sizeof(want), "%c%s", *shape, n->s->name);
				said |= strstr(p->phrase[k].text, want) != NULL;
			}
		}
		if (!said)
			printf("# %s has no words\n", n->rel);
		CU_ASSERT(said);
	}
}

int
main(void)
{
	static const struct unit_case cases[] = {
		{"every leaf can be said", nothing_unsayable},
		{"every statement loads as it was printed", every_statement},
		{"random configs load as they were printed", random_configs},
	};
	char err[512];
	const char *dir = getenv("GREVY_YANG_DIR"), *seed = getenv("SEED");
	prng_seed(&rng, seed ? strtoull(seed, NULL, 0) : 20261122);
	schema = schema_get(dir ? dir : "yang", err, sizeof(err));
	if (!schema) {
		printf("not ok vtysh_roundtrip - %s\n", err);
		return 1;
	}
	return unit_main("vtysh_roundtrip", cases, sizeof(cases) / sizeof(cases[0]));
}
