/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State producers: the core's tables as rows (docs/dev/state-ospf.md). They only read, and stop when a
 * slice is full: the resume key is the last row's identity, so tables may change in between.
 */
#ifndef GREVY_OSPFD_STATE_H
#define GREVY_OSPFD_STATE_H

#include "lib/northbound.h"

struct lsa;
struct ospf;

/* What a northbound `core` begins with. */
struct state_source {
	struct ospf *ospf;
	int64_t spf_us; /* from the start of the turn to the end of the last full calculation */
};
struct ospf *state_core(void *core);
state_fn state_database;             /* state_lsdb.c */
state_fn state_routes;               /* state_routes.c */
state_fn state_border_routers;
state_fn state_fast_reroute;
/* spf-* fields of the instance's row */
void state_spf_fields(const struct ospf *o, struct rows *out, int64_t now);
/* What an OSPFv2 LSA's body says, as fields of its row (v2_state.c). */
void v2_state_lsa(const struct lsa *l, struct rows *out, bool detail);
extern const struct state_producer shell_producers[];

#endif
