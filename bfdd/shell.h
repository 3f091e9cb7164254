/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the shell files of bfdd share: the wiring of one process. What the core touches through its
 * ops (wire_out, echo_out, sessions) is used under the lock only, by either thread; clients,
 * links and the log belong to the main thread.
 */
#ifndef GREVY_BFDD_SHELL_H
#define GREVY_BFDD_SHELL_H

#include <stdbool.h>
#include <stdint.h>

#include "bfdd/clients.h"
#include "bfdd/io.h"
#include "bfdd/session.h"
#include "bfdd/wire_out.h"
#include "lib/slowclose.h"
#include "lib/timer.h"

struct bfd_links;
struct loop;
struct mapfile;
struct timely;

struct bfd_shell {
	struct loop *loop;
	struct slowclose *closer;
	struct timely *timely;
	struct bfd *core;
	struct bfd_io *io;
	struct bfd_wire *wire;
	struct mapfile *sessions; /* struct bfd_record by local discriminator; under the lock */
	struct bfd_clients *clients;
	struct bfd_links *links;
	uint64_t order;          /* changes told so far, under the lock */
	int64_t log_window;      /* of dropped packets, under the lock */
	uint32_t log_in_window, log_left_out;
	int64_t send_failed_at;  /* told to the log, under the lock */
	struct timer stop;
};

/* The core is entered from the main thread between these two; the time is taken under the lock, so that it never runs back. */
int64_t bfd_shell_enter(struct bfd_shell *s);
void bfd_shell_leave(struct bfd_shell *s);

#endif
