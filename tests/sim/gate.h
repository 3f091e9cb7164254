/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A router's vrrpd: see gate.c. */
#ifndef GREVY_TESTS_SIM_GATE_H
#define GREVY_TESTS_SIM_GATE_H

#include "tests/sim/sim.h"
#include "zebra/zebra.h"

struct vgate;
struct vrrp;

#define GATE_TRACK 1 /* the track object of a gateway: a route to a router far away */

void gate_start(struct node *n); /* goes on with the records of a former life, if there are any */
void gate_kill(struct node *n);  /* kill -9: the records stay */
void gate_power_off(struct node *n);
void gate_connect(struct node *n); /* zebra is there */
void gate_disconnected(struct node *n);
void gate_packet(struct node *n, const struct port *to, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len);
void gate_host_heard(struct node *n, struct port *to, const struct ipaddr *host, const uint8_t mac[6], bool answer);
void gate_bfd(struct node *n, uint32_t ifindex, const struct ipaddr *peer, unsigned liveness);
/* From zebra, each by a message. */
uint32_t gate_client(const struct node *n);
void gate_interface(struct node *n, const struct zebra_interface *i, bool gone);
void gate_address(struct node *n, const struct zebra_address *a, bool gone);
void gate_vlink(struct node *n, const struct zebra_vlink_state *v);
void gate_ready(struct node *n, bool ready);
void gate_track(struct node *n, const struct zebra_track *t);
/* Its virtual router on that port, as show would see it. */
struct vrrp_view;
bool gate_view(const struct node *n, const struct port *p, struct vrrp_view *out);

#endif
