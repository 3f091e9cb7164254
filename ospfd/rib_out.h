/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OSPF's routes on their way to zebra: remembers what was announced, so that a zebra that comes
 * back is told again without asking the core, and next-hop groups are counted.
 */
#ifndef GREVY_OSPFD_RIB_OUT_H
#define GREVY_OSPFD_RIB_OUT_H

#include <stddef.h>

struct rib_out;
struct zclient;
struct ospf_route_batch;

struct rib_out *rib_out_new(void);
void rib_out_free(struct rib_out *r);
void rib_out_attach(struct rib_out *r, struct zclient *z);
void rib_out_batch(struct rib_out *r, const struct ospf_route_batch *batch);
void rib_out_replay(struct rib_out *r); /* every route again; the caller ends the replay */
size_t rib_out_count(const struct rib_out *r);

#endif
