/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zebra and bfdd, seen from the main thread: interfaces, addresses, track objects and readiness into the
 * core (under its lock); virtual links, addresses, roles and BFD sessions out of it (deferred).
 */
#ifndef GREVY_VRRPD_ZEBRA_H
#define GREVY_VRRPD_ZEBRA_H

#include "vrrpd/vrrpd.h"

struct daemon;
struct vrrp_shell;
struct vrrp_zebra;
struct zclient;

struct vrrp_zebra *vrrp_zebra_new(struct vrrp_shell *s, struct daemon *d);
void vrrp_zebra_free(struct vrrp_zebra *z);
struct zclient *vrrp_zebra_client(struct vrrp_zebra *z);
/* The first config is there: with zebra's word on all links, what a former life left and nobody asks for may go. */
void vrrp_zebra_configured(struct vrrp_zebra *z);

void vrrp_zebra_vlink(struct vrrp_zebra *z, const struct vrrp_vlink_want *w);
void vrrp_zebra_address(struct vrrp_zebra *z, const struct vrrp_address_want *w);
void vrrp_zebra_lan(struct vrrp_zebra *z, const struct vrrp_lan *l);
void vrrp_zebra_bfd(struct vrrp_zebra *z, const struct vrrp_bfd_want *w);

#endif
