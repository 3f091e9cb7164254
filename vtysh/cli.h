/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grammar values: phrases (rows of tokens), lines (rows of words), and what matching one against
 * the other gives. Used alike for configuration (phrases from YANG) and exec commands (a table).
 */
#ifndef GREVY_VTYSH_CLI_H
#define GREVY_VTYSH_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_WORDS_MAX 64
#define CLI_LINE_MAX  4095
#define CLI_BINDS_MAX 24

/* --- lines ------------------------------------------------------------------------------------- */
struct cli_word {
	const char *text;
	unsigned col;    /* in raw */
	bool quoted;     /* a quoted word is never a literal */
};
struct cli_line {
	char raw[CLI_LINE_MAX + 1];
	char store[2 * CLI_LINE_MAX + 2 * CLI_WORDS_MAX];
	struct cli_word w[CLI_WORDS_MAX];
	unsigned n;
	unsigned end;    /* column after the last word */
	bool blank_end;  /* ends in a blank: the next word has not begun */
};
/* False: too long or too many words. Comments are not cut: `!` may be part of a description. */
bool line_split(struct cli_line *l, const char *text);

/* --- types of values --------------------------------------------------------------------------- */
struct cli_type;
struct cli_choice {
	const char *name, *help;
};
/* How many words from `at` on it takes (0: it does not fit); the canonical value goes to out. */
typedef unsigned cli_take_fn(const struct cli_type *t, const struct cli_line *l, unsigned at,
	char *out, size_t size);
struct cli_type {
	const char *shown;                  /* "A.B.C.D/M", "(1-65535)", "WORD" */
	const char *help;
	cli_take_fn *take;
	const struct cli_choice *choices;   /* up to name == NULL; NULL: none to offer */
	const char *names;                  /* what exists already is offered from here: "interface" ... */
	const void *arg;
	bool free;                          /* takes nearly any word: an abbreviated literal wins */
};

/* --- phrases ----------------------------------------------------------------------------------- */
enum cli_kind { CLI_WORD, CLI_VALUE, CLI_FLAG, CLI_GROUP };
struct cli_token {
	enum cli_kind kind;
	bool key;                /* VALUE: `no` needs it */
	bool contested;          /* VALUE: another phrase has a literal at this place */
	const char *word;        /* WORD, FLAG */
	const char *name;        /* VALUE, FLAG: the placeholder; "." is the node itself, "^x" a key of a list around */
	unsigned up;             /* VALUE: so many levels above the node is that list */
	const char *fallback;    /* VALUE: its value where its group is left out */
	const char *omitted;     /* VALUE in a group: its value where it alone is left out */
	const char *help;
	const struct cli_type *type;
	const void *node;        /* VALUE, FLAG: the schema node */
	struct cli_token *group; /* GROUP */
	unsigned group_n;
};
struct cli_phrase {
	struct cli_token *tok;
	unsigned n;
	const char *text;
	const char *value;       /* after `=>` */
	bool alias;
	bool negative;           /* begins with `no` */
	const void *owner;
};

/*
 * Compiles text. resolve() fills type, node, key, help of a VALUE or FLAG (name is set) and help of
 * a WORD; false refuses it. Memory comes from mem_* and stays for the life of the program.
 */
typedef bool cli_resolve_fn(void *arg, struct cli_token *t);
bool phrase_compile(const char *text, struct cli_phrase *out, cli_resolve_fn *resolve, void *arg,
	char *err, size_t size);

/* --- matching ---------------------------------------------------------------------------------- */
struct cli_bind {
	const struct cli_token *tok;
	unsigned off;  /* in store */
};
struct cli_match {
	const struct cli_phrase *p;
	struct cli_bind b[CLI_BINDS_MAX];
	unsigned n;
	unsigned used;
	uint8_t rank[CLI_WORDS_MAX];
	const char *lit[CLI_WORDS_MAX];
	char store[CLI_LINE_MAX + 1024];
};
const char *match_value(const struct cli_match *m, const char *name); /* NULL: not given */
const char *match_bind(const struct cli_match *m, unsigned i);

enum cli_fate { CLI_OK, CLI_UNKNOWN, CLI_AMBIGUOUS, CLI_INCOMPLETE };
struct cli_fault {
	enum cli_fate fate;
	unsigned word;         /* how many words fitted */
	unsigned col;          /* of the first that did not */
	char expected[768];
};

/* What could stand at a place: for errors, `?` and Tab. */
struct cli_expect {
	const struct cli_token *tok[256];
	unsigned n;
	unsigned at;           /* words before the place */
	bool cr;               /* the command may end here */
};

/*
 * Matches words [from, n) of the line against the phrases. negated: the words stand after `no`, so
 * values from the first that is no key may be left out. On failure the fault says how far it came.
 */
enum cli_fate phrases_match(const struct cli_phrase *const *p, unsigned n, const struct cli_line *l,
	unsigned from, bool negated, struct cli_match *out, struct cli_fault *fault);
/* Collects what may follow words [from, at); partial is what has been typed of the next word. */
void phrases_expect(const struct cli_phrase *const *p, unsigned n, const struct cli_line *l,
	unsigned from, unsigned at, bool negated, struct cli_expect *out);
void fault_from_expect(struct cli_fault *f, const struct cli_line *l, const struct cli_expect *e);
/* "% Unknown command: LINE" and below it the caret with what was expected. */
void text_tame(char *s); /* control characters of others' text */
void fault_print(const struct cli_fault *f, const struct cli_line *l, void (*emit)(void *, const char *),
	void *arg);

#endif
