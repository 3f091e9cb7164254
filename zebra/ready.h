/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is routing complete? vrrpd asks before it takes virtual routers back (RIB_READY).
 *
 *	[not ready] -- the kernel was read, each client that ever said a word says "ready" -->
 *	[draining]  -- the RIB is settled, a barrier behind all its writes has come back --> [ready]
 *	     any of them back to "not ready" --> [not ready]
 *
 * Once ready, routes on their way to the kernel do not undo it: a table in motion is no reason to
 * give up a role. A client that vanished keeps its last word for its grace time.
 */
#ifndef GREVY_ZEBRA_READY_H
#define GREVY_ZEBRA_READY_H

#include "zebra/zebra.h"

struct source;

#define READY_TEXT 128

struct ready {
	bool is, draining;
	uint32_t barrier;  /* the one that counts, if draining; 0: not written yet */
	uint32_t barriers; /* numbers used */
	int64_t since;
	char waiting_for[READY_TEXT];
};

/* Something it depends on may have changed. */
void ready_changed(struct zebra *z);
/* At the end of settling: `settled`: nothing is left to do in the RIB. */
void ready_run(struct zebra *z, bool settled);
void ready_barrier_done(struct zebra *z, uint64_t barrier);
void ready_tell_client(struct zebra *z, uint32_t client);
/* Its grace is over: it has no say any more. */
void ready_client_gone(struct zebra *z, struct source *s);

#endif
