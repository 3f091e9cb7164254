/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When routes are calculated (RFC 8405, or FRR's `timers throttle spf`), and the run itself.
 *
 *   QUIET --event: wait INITIAL--> SHORT_WAIT --TIME_TO_LEARN--> LONG_WAIT
 *     ^                                |                            |
 *     +------- HOLDDOWN without an event, from either --------------+
 */
#ifndef GREVY_OSPFD_SPFDELAY_H
#define GREVY_OSPFD_SPFDELAY_H

#include "lib/timer.h"
#include "ospfd/settings.h"

enum spfdelay_state { SPFDELAY_QUIET, SPFDELAY_SHORT_WAIT, SPFDELAY_LONG_WAIT };

struct spfdelay { /* pure: the caller owns the timers' clock and is told when to run */
	uint8_t state;   /* enum spfdelay_state */
	bool waiting;    /* a run is due at `due` */
	int64_t due;
	int64_t learn_end, hold_end; /* TIME_NEVER: not running */
	int64_t last_run;            /* TIME_NEVER: never */
	uint32_t multiplier;         /* throttle: hold time grows while events go on */
};

void spfdelay_init(struct spfdelay *d);
/* Something happened that needs a full calculation: sets due. */
void spfdelay_igp_event(struct spfdelay *d, const struct ospf_conf_spf *c, int64_t now);
/* Time passes: LEARN and HOLDDOWN expire. */
void spfdelay_advance(struct spfdelay *d, int64_t now);
bool spfdelay_is_due(const struct spfdelay *d, int64_t now);
void spfdelay_ran(struct spfdelay *d, int64_t now);
const char *spfdelay_state_name(enum spfdelay_state s);

struct ospf;
struct spf_view { /* for show */
	int64_t last_run; /* 0: never */
	int64_t due;      /* 0: none */
	uint64_t runs, partial_runs;
	uint32_t vertices, reached; /* of the last full run, all areas */
	const char *state;
	uint32_t hold_multiplier;
};
void spf_view_get(const struct ospf *o, struct spf_view *out);

#endif
