/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FRR's DAEMON.vty sockets, for programs that ask daemons without vtysh. */
#ifndef GREVY_VTYSH_VTYSERVE_H
#define GREVY_VTYSH_VTYSERVE_H

#include "vtysh/shell.h"

void vtyserve_run(struct shell *sh); /* until SIGTERM or SIGINT */

#endif
