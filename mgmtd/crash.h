/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dying on purpose, for tests: GREVY_MGMTD_CRASH_AT=STEP[:COUNT] kills the process at the COUNTth
 * time (1) the step is reached. Steps: before-prepare, after-prepare, mid-persist, after-persist,
 * mid-apply, before-reply. Without the variable nothing ever happens. GREVY_MGMTD_MINUTE=US makes the
 * minutes of `commit confirmed` as short as a test can wait for.
 */
#ifndef GREVY_MGMTD_CRASH_H
#define GREVY_MGMTD_CRASH_H

#include <stdbool.h>
#include <stdint.h>

void crash_init(void); /* reads the environment */
bool crash_wanted(const char *step);
_Noreturn void crash_now(void);
void crash_at(const char *step);
int64_t crash_minute(void); /* microseconds */

#endif
