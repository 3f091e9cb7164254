/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel without packets: next hops, groups and routes as Linux keeps them, links and addresses as the
 * model says. What zebra writes is applied as the kernel would: with its refusals, and with its habit of
 * deleting silently what was on a link that went down.
 */
#ifndef GREVY_TESTS_SIM_KERNEL_H
#define GREVY_TESTS_SIM_KERNEL_H

#include "tests/sim/sim.h"
#include "zebra/dplane.h"
#include "zebra/kernel.h"

struct vkernel;
struct vdevs;

struct vkernel *vkernel_new(struct node *n);
void vkernel_free(struct vkernel *k);
int vkernel_apply(struct vkernel *k, const struct dplane_op *op); /* 0 or an errno */
void vkernel_link_down(struct vkernel *k, uint32_t ifindex);
struct kernel_link vkernel_link(const struct port *p);
struct kernel_addr vkernel_addr(const struct port *p);
/* A dump: one object after the other; false: no more. *at starts with 0. */
bool vkernel_nexthop(const struct vkernel *k, size_t *at, struct kernel_nexthop *out);
bool vkernel_route(const struct vkernel *k, struct prefix *at, struct kernel_route *out);
/* The legs that packets to a prefix would take; 0: no route. */
size_t vkernel_legs(const struct vkernel *k, const struct prefix *p, struct ospf_leg *legs, size_t max);
/* The longest match for an address; false: none. */
bool vkernel_lookup(const struct vkernel *k, const struct ipaddr *a, struct prefix *out);
struct vdevs *vkernel_devs(const struct vkernel *k);
size_t vkernel_routes(const struct vkernel *k);
uint64_t vkernel_deletes(const struct vkernel *k); /* routes that zebra deleted */

#endif
