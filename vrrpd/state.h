/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of virtual routers, interfaces and counters, from the core's plain views (read.h). Pure: main.c
 * calls these under the lock.
 */
#ifndef GREVY_VRRPD_STATE_H
#define GREVY_VRRPD_STATE_H

#include "lib/northbound.h"
#include "vrrpd/read.h"

/* What a northbound `core` begins with. */
struct vrrp_state_source {
	struct vrrp *core;
	char waiting_for[128]; /* what routing is not ready for, in zebra's words; "": it is */
};

state_fn vrrp_state_instances; /* "vrrp/instances"; args: interface, vrid */
state_fn vrrp_state_interfaces; /* "vrrp/interfaces"; args: interface */
state_fn vrrp_state_counters;  /* "vrrp/counters": drops and events per virtual router; args: interface, vrid */

#endif
