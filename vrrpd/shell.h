/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shell files of vrrpd share: the wiring of one process. */
#ifndef GREVY_VRRPD_SHELL_H
#define GREVY_VRRPD_SHELL_H

#include "lib/timer.h"
#include "vrrpd/checkpoint.h"
#include "vrrpd/health.h"
#include "vrrpd/io.h"
#include "vrrpd/notify.h"
#include "vrrpd/state.h"
#include "vrrpd/zebra.h"

struct loop;
struct slowclose;
struct timely;

struct vrrp_shell {
	struct vrrp_state_source src; /* first: producers reach the core through it */
	struct loop *loop;
	struct slowclose *closer;
	struct timely *timely;
	struct vrrp_io *io;
	struct vrrp_zebra *zebra;
	struct vrrp_health *health;
	struct vrrp_notify *notify;
	struct vrrp_checkpoint *checkpoint;
	bool stopping, orderly;       /* orderly: all was handed over before the end */
	struct timer idle;
};

/* events.c: what happened, into the log and the stream of events. Main thread, without the lock. */
void vrrp_events_change(const struct vrrp_change *c);
void vrrp_events_log(const struct vrrp_log *l);

#endif
