/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a table of cases under CUnit and prints one line per case. */
#include "tests/unit/unit.h"

#include <stdio.h>

static const char *suite_name;

static void
case_done(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
	(void)suite;
	if (!failure) {
		printf("ok %s: %s\n", suite_name, test->pName);
		return;
	}
	printf("not ok %s: %s - %s:%u %s\n", suite_name, test->pName, failure->strFileName,
		failure->uiLineNumber, failure->strCondition);
}

int
unit_main(const char *suite, const struct unit_case *cases, unsigned count)
{
	suite_name = suite;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	CU_pSuite s = CU_add_suite(suite, NULL, NULL);
	for (unsigned i = 0; i < count; i++)
		if (!CU_add_test(s, cases[i].name, cases[i].run))
			return 2;
	CU_set_test_complete_handler(case_done);
	CU_run_all_tests();
	unsigned failed = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failed ? 1 : 0;
}
