/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gateway routers on a LAN: see lan.c. */
#ifndef GREVY_TESTS_SIM_LAN_H
#define GREVY_TESTS_SIM_LAN_H

#include <stdbool.h>
#include <stddef.h>

struct sim;
/* One random LAN and its misfortunes, from the seed of the sim; false: s->why says what was wrong. */
bool lan_case(struct sim *s, unsigned steps, char *story, size_t size);

#endif
