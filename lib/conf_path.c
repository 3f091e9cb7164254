/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data paths as libyang prints them, cut into steps: /module:a/b[key='v']/c[.="x"]. Pure; owns
 * nothing: a step points into the path it was cut from.
 */
#include "lib/conf_path.h"

#include <string.h>

static size_t
conf_name_len(const char *s)
{
	return strcspn(s, "/[]='\"");
}

/* [name='value'] at *at; *at moves behind it. */
static bool
conf_path_predicate(const char **at, struct conf_step *step)
{
	const char *s = *at + 1;
	struct conf_predicate *p = &step->predicates[step->count];
	if (step->count == CONF_PATH_KEYS)
		return false;
	p->name = s;
	p->name_len = conf_name_len(s);
	s += p->name_len;
	if (!p->name_len || s[0] != '=' || (s[1] != '\'' && s[1] != '"'))
		return false;
	const char *colon = memchr(p->name, ':', p->name_len);
	if (colon) {
		p->name_len -= (size_t)(colon + 1 - p->name);
		p->name = colon + 1;
	}
	const char *end = strchr(s + 2, s[1]);
	if (!end || end[1] != ']')
		return false;
	p->value = s + 2;
	p->value_len = (size_t)(end - p->value);
	step->count++;
	*at = end + 2;
	return true;
}

bool
conf_path_cut(const char *path, struct conf_path *out)
{
	const char *s = path;
	out->count = 0;
	while (*s == '/') {
		struct conf_step *step = &out->steps[out->count];
		if (!*++s && !out->count)
			return true; /* "/" is the root */
		if (out->count == CONF_PATH_STEPS)
			return false;
		step->count = 0;
		step->name = s;
		step->name_len = conf_name_len(s);
		s += step->name_len;
		const char *colon = memchr(step->name, ':', step->name_len);
		if (colon) { /* module names only tell equal names apart, which our tables do not need */
			step->name_len -= (size_t)(colon + 1 - step->name);
			step->name = colon + 1;
		}
		if (!step->name_len)
			return false;
		while (*s == '[')
			if (!conf_path_predicate(&s, step))
				return false;
		out->count++;
	}
	return !*s;
}

/* How many steps from `at` on spell the table's path, 0 if they do not; predicates are not judged. */
size_t
conf_path_spells(const struct conf_path *path, size_t at, const char *want)
{
	size_t n = 0;
	while (*want) {
		size_t len = strcspn(want, "/");
		if (at + n == path->count)
			return 0;
		const struct conf_step *step = &path->steps[at + n];
		if (step->name_len != len || memcmp(step->name, want, len) != 0)
			return 0;
		n++;
		want += len + (want[len] == '/');
	}
	return n;
}

bool
conf_path_is_below(const struct conf_path *path, size_t at, const char *longer)
{
	for (; at < path->count; at++) {
		const struct conf_step *step = &path->steps[at];
		size_t len = strcspn(longer, "/");
		if (step->name_len != len || memcmp(step->name, longer, len) != 0 || longer[len] != '/')
			return false;
		longer += len + 1;
	}
	return true;
}
