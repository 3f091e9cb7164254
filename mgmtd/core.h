/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mgmtd put together; what main.c and the tests start. */
#ifndef GREVY_MGMTD_CORE_H
#define GREVY_MGMTD_CORE_H

#include <stdbool.h>

#include "mgmtd/mgmtd.h"

struct core_setup {
	struct loop *loop;
	struct northbound *northbound;
	const char *run_dir, *state_dir, *yang_dir, *log_target;
	bool fresh; /* begin with an empty config */
};
struct mgmtd *core_new(const struct core_setup *setup); /* NULL: said in the log */
void core_free(struct mgmtd *m);

#endif
