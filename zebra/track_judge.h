/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is what a track object watches there? See track.h. */
#ifndef GREVY_ZEBRA_TRACK_JUDGE_H
#define GREVY_ZEBRA_TRACK_JUDGE_H

#include <stddef.h>

struct track;
struct zebra;

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_UNKNOWN };

/* Why in words, too. */
enum verdict track_judge(const struct zebra *z, const struct track *t, char *why, size_t size);

#endif
