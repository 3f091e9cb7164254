/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core's wishes for BFD sessions, as bfdd's client has them. Shell. */
#ifndef GREVY_OSPFD_BFD_OUT_H
#define GREVY_OSPFD_BFD_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "ospfd/ospfd.h"

struct bfd_out;
struct loop;

typedef void bfd_out_changed_fn(void *arg, uint32_t ifindex, const struct ipaddr *peer, enum ospf_bfd liveness,
	int64_t now);

struct bfd_out *bfd_out_new(struct loop *l, const char *bfd_socket, uint32_t grace_seconds,
	bfd_out_changed_fn *changed, void *arg);
void bfd_out_free(struct bfd_out *b);
void bfd_out_want(struct bfd_out *b, uint32_t ifindex, const struct ipaddr *local, const struct ipaddr *peer,
	const struct ospf_bfd_params *params, bool want);
/* What this process wants is known: sessions of its former life that it does not want may end. */
void bfd_out_settled(struct bfd_out *b);

#endif
