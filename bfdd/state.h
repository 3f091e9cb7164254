/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State producers: rows of sessions, their counters, what was dropped, and how the threads do. They
 * take the lock for a few copies at a time: a `show` of a thousand sessions makes no packet late.
 */
#ifndef GREVY_BFDD_STATE_H
#define GREVY_BFDD_STATE_H

#include "lib/northbound.h"

extern const struct state_producer bfd_producers[]; /* core: struct bfd_shell */

#endif
