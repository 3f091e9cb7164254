/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of text through the shell's grammar: config lines in their modes become edits, edits a tree,
 * the tree text, and that text must be read back without a fault. The first octet says whether
 * completions are asked for too.
 *
 * fuzz-links: vtysh/phrase.c vtysh/match.c vtysh/types.c vtysh/schema.c vtysh/edit.c vtysh/hooks.c vtysh/unparse.c vtysh/diff.c
 * fuzz-libs: -lyang
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "vtysh/edit.h"
#include "vtysh/unparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct schema *schema;

/* Reads lines; *wrong counts those that are none. */
static struct lyd_node *
read_text(char *text, bool fresh, bool ask, unsigned *wrong)
{
	static struct cli_line l;
	struct mode_stack modes;
	struct edits edits = {0};
	struct lyd_node *tree = NULL;
	modes_init(&modes, schema);
	for (char *save = NULL, *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		struct line_result res;
		if (!line_split(&l, s)) {
			++*wrong;
			continue;
		}
		if (ask) {
			struct cli_expect e = {.n = 0};
			line_expect(&modes, &l, l.n, &e);
		}
		line_edits(&modes, &l, 1, fresh, &edits, &res);
		*wrong += res.fate == LINE_WRONG;
	}
	for (unsigned i = 0; i < edits.n; i++)
		if (edit_apply(schema, &tree, &edits.e[i]))
			++*wrong;
	edits_free(&edits);
	modes_free(&modes);
	return tree;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char err[512];
	unsigned wrong = 0, again = 0;
	struct text t = {0}, t2 = {0};
	if (!schema && !(schema = schema_get("yang", err, sizeof(err)))) {
		fprintf(stderr, "%s\n", err);
		abort();
	}
	if (!size || size > 4000)
		return 0;
	char *text = mem_alloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	struct lyd_node *tree = read_text(text, data[0] & 1, data[0] & 2, &wrong);
	unparse(schema, tree, NULL, &t);
	char *copy = mem_strdup(t.buf);
	struct lyd_node *back = read_text(copy, true, false, &again);
	unparse(schema, back, NULL, &t2);
	if (again || strcmp(t.buf, t2.buf)) {
		fprintf(stderr, "printed:\n%s\nread back and printed:\n%s\n", t.buf, t2.buf);
		abort();
	}
	lyd_free_all(tree);
	lyd_free_all(back);
	text_free(&t);
	text_free(&t2);
	mem_free(copy);
	mem_free(text);
	return 0;
}
