/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of a unit test program: a table of cases, run by CUnit, printed as
 * `ok NAME` / `not ok NAME - file:line condition` for tests/run.py.
 *
 *     static void parses_a_host(void) { CU_ASSERT(...); }
 *     UNIT_TESTS("prefix", { "parses a host", parses_a_host });
 */
#ifndef GREVY_TESTS_UNIT_H
#define GREVY_TESTS_UNIT_H

#include <CUnit/CUnit.h>

struct unit_case {
	const char *name;
	void (*run)(void);
};

int unit_main(const char *suite, const struct unit_case *cases, unsigned count);

#define UNIT_TESTS(suite, ...)                                                                     \
	int main(void)                                                                             \
	{                                                                                          \
		static const struct unit_case cases[] = {__VA_ARGS__};                             \
		return unit_main(suite, cases, sizeof(cases) / sizeof(cases[0]));                  \
	}

#endif
