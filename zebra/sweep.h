/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an earlier zebra left in the kernel: adopted at the first dump, claimed by sources whose
 * routes turn out the same (then nothing is written at all), rewritten in place where they differ,
 * and swept when their protocol has replayed, or after the grace time.
 *
 *	dump -> [adopted] -- same route announced ------> claimed, nothing written
 *	            |------- other next hops announced --> replaced in place
 *	            '------- replay ended, or grace over -> deleted
 */
#ifndef GREVY_ZEBRA_SWEEP_H
#define GREVY_ZEBRA_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "zebra/kernel.h"

#define SWEEP_GRACE_SECONDS 120

struct rib_dest;
struct sweep;
struct zebra;

struct sweep *sweep_new(void);
void sweep_free(struct zebra *z);
void sweep_nexthop(struct zebra *z, const struct kernel_nexthop *nh);
void sweep_nexthop_gone(struct zebra *z, uint32_t id);
void sweep_nexthop_resync(struct zebra *z, bool begin);
/* One of our routes in the first dump. */
void sweep_adopt_route(struct zebra *z, const struct kernel_route *r);
/* Every source of that kernel protocol has said all it has. */
void sweep_claimed(struct zebra *z, uint8_t rtproto);
void sweep_claimed_all(struct zebra *z); /* the wait is over */
void sweep_start(struct zebra *z); /* the first dump is complete */
bool sweep_run(struct zebra *z, unsigned *budget); /* true: done */

#endif
