/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The array "nexthops" of a group, as route and group rows have it. */
#ifndef GREVY_ZEBRA_STATE_LEGS_H
#define GREVY_ZEBRA_STATE_LEGS_H

#include <stdbool.h>

struct nhg;
struct rows;
struct zebra;

void state_legs(struct rows *out, const struct zebra *z, const struct nhg *g, bool installed);

#endif
