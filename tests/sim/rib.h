/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A router's zebra: see rib.c. */
#ifndef GREVY_TESTS_SIM_RIB_H
#define GREVY_TESTS_SIM_RIB_H

#include "tests/sim/kernel.h"
#include "tests/sim/sim.h"

struct rib;
struct zebra;
struct zebra *rib_core(struct rib *r);
void rib_turn_end(struct rib *r); /* after a call into its core */
struct rib *rib_new(struct node *n, struct vkernel *k); /* dumps the kernel, adopts what it finds */
void rib_free(struct rib *r);
void rib_link_changed(struct rib *r, const struct port *p);
void rib_client_open(struct rib *r); /* OSPF connects: it is told links and addresses */
void rib_client_close(struct rib *r);
void rib_replay(struct rib *r);       /* OSPF outlived zebra: says all again */
void rib_replay_ended(struct rib *r); /* OSPF is new and has converged: what is stale may go */
struct bfdclient_state;
void rib_bfd_changed(struct rib *r, const struct bfdclient_state *s);
void rib_ready(struct rib *r, bool ready);
void rib_batch(struct rib *r, const struct ospf_route_batch *b);

#endif
