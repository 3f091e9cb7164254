/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A router's bfdd: see bfd.c. */
#ifndef GREVY_TESTS_SIM_BFD_H
#define GREVY_TESTS_SIM_BFD_H

#include "tests/sim/sim.h"

#define SIM_BFD_INTERVAL   (100 * TIME_MS)
#define SIM_BFD_MULTIPLIER 3
#define SIM_BFD_DETECTION  (SIM_BFD_INTERVAL * SIM_BFD_MULTIPLIER)

struct vbfd;
enum bfd_client { BFD_OSPF = 1, BFD_VRRP };
void vbfd_start(struct node *n); /* goes on with the records of a former life, if there are any */
void vbfd_kill(struct node *n);  /* kill -9: the records stay */
void vbfd_power_off(struct node *n);
void vbfd_want(struct node *n, enum bfd_client client, uint32_t ifindex, const struct ipaddr *peer, bool want);
void vbfd_client_gone(struct node *n, enum bfd_client client); /* it died */
void vbfd_received(struct node *n, struct port *to, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len);
void vbfd_replay(struct node *n); /* zebra is new: it is told all */
unsigned vbfd_downs(const struct node *n); /* sessions that went from Up to Down, in this life */

#endif
