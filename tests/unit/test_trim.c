/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was only read is given back, and is there again when it is needed. */
#include "lib/trim.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* Pages of files that this process has mapped in (proc(5), statm). */
static long
shared_pages(void)
{
	long size, resident, shared = -1;
	FILE *f = fopen("/proc/self/statm", "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fscanf(f, "%ld %ld %ld", &size, &resident, &shared), 3);
	fclose(f);
	return shared;
}

static int written = 1;
static const char *const moved[] = {"one", "two"}; /* relocated: not as in the file */

static void
text_is_given_back(void)
{
	written = 42;
	shared_pages();
	long before = shared_pages();
	trim_text();
	long after = shared_pages();
	CU_ASSERT(after > 0);
	CU_ASSERT(after < before);
	CU_ASSERT_EQUAL(written, 42);
	CU_ASSERT(!strcmp(moved[1], "two"));
}

UNIT_TESTS("trim", {"what was only read is given back", text_is_given_back})
