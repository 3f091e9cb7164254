/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel should have of a destination, what it was told, and what it answered. */
#ifndef GREVY_ZEBRA_RIB_FIB_H
#define GREVY_ZEBRA_RIB_FIB_H

#include <stdbool.h>
#include <stdint.h>

#include "zebra/rib.h"

/* Writes the difference between selected and fib, or queues the destination when there is no room. */
void fib_sync(struct zebra *z, struct rib_dest *d);
/* The kernel has nothing of ours there any more (foreign deletion, lost group): write again. */
void fib_lost(struct zebra *z, struct rib_dest *d);
void fib_done(struct zebra *z, const struct dplane_op *op, int err);
/* Goes on with what had no room; true: nothing waits. */
bool fib_run(struct zebra *z, unsigned *budget);
/* Something changed that may help: what failed is tried again. */
void fib_retry_failed(struct zebra *z);
void fib_set(struct zebra *z, struct rib_dest *d, struct kgroup *kg, uint8_t rtproto);
void fib_queue(struct zebra *z, struct rib_dest *d);
void dest_list_push(struct dest_list *l, struct rib_dest *d);

#endif
