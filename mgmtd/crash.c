/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Crash injection; of the process, like the environment it comes from. */
#include "mgmtd/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static struct {
	char step[32];
	unsigned long left;
	int64_t minute;
} crash = {.minute = INT64_C(60000000)};

void
crash_init(void)
{
	const char *want = getenv("GREVY_MGMTD_CRASH_AT"), *minute = getenv("GREVY_MGMTD_MINUTE");
	if (minute)
		crash.minute = strtol(minute, NULL, 10);
	if (!want)
		return;
	size_t len = strcspn(want, ":");
	if (len >= sizeof(crash.step))
		return;
	memcpy(crash.step, want, len);
	crash.step[len] = '\0';
	crash.left = want[len] ? strtoul(want + len + 1, NULL, 10) : 1;
}

bool
crash_wanted(const char *step)
{
	return crash.left && !strcmp(crash.step, step) && --crash.left == 0;
}

_Noreturn void
crash_now(void)
{
	raise(SIGKILL);
	abort();
}

void
crash_at(const char *step)
{
	if (crash_wanted(step))
		crash_now();
}

int64_t
crash_minute(void)
{
	return crash.minute;
}
