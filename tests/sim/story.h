/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short stories of networks as text: see story.c. */
#ifndef GREVY_TESTS_SIM_STORY_H
#define GREVY_TESTS_SIM_STORY_H

#include <stdbool.h>

/* Plays FOLDER/in and compares with FOLDER/out, or rewrites it; prints ok or not ok. */
bool story_run(const char *folder, bool update);

#endif
