/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The YANG modules as modes and phrases. Loaded at the first need; show commands never need it. */
#ifndef GREVY_VTYSH_SCHEMA_H
#define GREVY_VTYSH_SCHEMA_H

#include <libyang/libyang.h>

#include "vtysh/cli.h"

struct cli_mode;
struct cli_node { /* a schema node that is written by phrases, or opens a mode */
	const struct lysc_node *s;
	struct cli_mode *mode;     /* whose statement it is */
	struct cli_mode *opens;    /* NULL, or the mode it opens */
	struct cli_phrase *phrase; /* canonical ones first, in the order of the schema */
	unsigned n;
	unsigned order, seq;       /* place in running-config */
	char *rel;                 /* path below the mode's node, without predicates */
	const char *owners[8];     /* daemons, up to NULL */
	const char *deflt;         /* leaf: its default, NULL if none */
	bool secret;
};
struct cli_mode {
	const char *prompt;        /* "config", "config-if" */
	struct cli_node *node;     /* what opens it; NULL: the top */
	struct cli_mode *parent;
	const struct cli_phrase **phrase;
	unsigned n;
	struct cli_node **nodes;
	unsigned node_n;
};

struct schema {
	struct ly_ctx *ctx;
	struct cli_mode *top;
	struct cli_mode **modes;
	unsigned mode_n;
	struct cli_node **nodes;   /* all, also those without phrases that a hook handles */
	unsigned node_n;
	const char **literals;     /* all words of all phrases, sorted */
	unsigned literal_n;
};

/* NULL: err says why. One per process, kept. dir NULL: beside the program. */
const struct schema *schema_get(const char *dir, char *err, size_t size);
const struct cli_node *schema_node(const struct schema *s, const struct lysc_node *node); /* NULL: none */
const struct cli_node *schema_by_path(const struct schema *s, const char *rel_end); /* by path suffix */
bool schema_is_literal(const char *word); /* or the beginning of one */
const struct cli_type *schema_type(const struct lysc_node *leaf);
const char *schema_default(const struct lysc_node *leaf);
/* The value as libyang would store it; false: it is none of that type. */
bool schema_check(const struct lysc_node *leaf, const char *value);

#endif
