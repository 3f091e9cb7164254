/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shell files of ospfd share: the wiring of one process. */
#ifndef GREVY_OSPFD_SHELL_H
#define GREVY_OSPFD_SHELL_H

#include "lib/timer.h"
#include "ospfd/bfd_out.h"
#include "ospfd/io.h"
#include "ospfd/log.h"
#include "ospfd/ospfd.h"
#include "ospfd/rib_out.h"
#include "ospfd/state.h"

struct shell {
	struct state_source src; /* first: producers reach the core through it */
	struct loop *loop;
	struct io *io;
	struct rib_out *rib_out;
	struct bfd_out *bfd_out;
	struct zclient *zclient;
	struct timer deadline;
	struct timer settle;    /* since our start: when the routes of our former life are stale */
	bool settled;
	bool met; /* zebra has accepted us once */
	bool configured;
	bool log_adjacency, log_adjacency_detail;
	bool redistributing[OSPF_SRC_COUNT];
};

#endif
