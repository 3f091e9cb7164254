/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trials of gateways: see gateways.c. */
#ifndef GREVY_TESTS_SIM_GATEWAYS_H
#define GREVY_TESTS_SIM_GATEWAYS_H

#include "tests/sim/sim.h"

/* Runs to that moment and checks each millisecond what must always be so on LANs of hosts. */
void gateways_run(struct sim *s, int64_t until);
/* All trials; false: s->why says what was wrong, *what in which. */
bool gateways_trials(struct sim *s, const char **what);

#endif
