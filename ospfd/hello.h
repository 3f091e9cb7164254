/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Hello protocol (RFC 2328 9.5, 10.5). */
#ifndef GREVY_OSPFD_HELLO_H
#define GREVY_OSPFD_HELLO_H

#include "ospfd/packet.h"

void hello_received(struct iface *i, const struct ipaddr *src, const struct pkt_hdr *h,
	const struct auth_seen *auth, int64_t now);
/* Send one now; the timer goes on from here. */
void hello_start(struct iface *i, int64_t now);
void hello_stop(struct iface *i);
void hello_send(struct iface *i, int64_t now);
void hello_send_empty(struct iface *i, int64_t now); /* no neighbours: we leave */

#endif
