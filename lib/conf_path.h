/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data paths cut into steps; private to lib/conf*.c. */
#ifndef GREVY_LIB_CONF_PATH_H
#define GREVY_LIB_CONF_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define CONF_PATH_STEPS 16
#define CONF_PATH_KEYS  4

struct conf_predicate {
	const char *name, *value;
	size_t name_len, value_len;
};
struct conf_step {
	const char *name; /* without the module */
	size_t name_len;
	size_t count;
	struct conf_predicate predicates[CONF_PATH_KEYS];
};
struct conf_path {
	size_t count;
	struct conf_step steps[CONF_PATH_STEPS];
};

bool conf_path_cut(const char *path, struct conf_path *out); /* false: not a path */
/* How many steps from `at` on are spelled by `want` ("a/b"), 0 if they are not. */
size_t conf_path_spells(const struct conf_path *path, size_t at, const char *want);
/* All steps from `at` on are the beginning of `longer`, which goes on below them. */
bool conf_path_is_below(const struct conf_path *path, size_t at, const char *longer);

#endif
