/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets. Three to send (made while privileged), and per interface two to receive: one for
 * advertisements, one that overhears ARP and neighbour discovery for LAN liveness, and those that join the groups.
 * Virtual routers of an interface share them. Everything here runs under the lock of lib/timely.h.
 */
#ifndef GREVY_VRRPD_IO_H
#define GREVY_VRRPD_IO_H

#include "vrrpd/frame.h"

struct slowclose;
struct timely;
struct vrrp_io;

struct vrrp_io_ops { /* called in the timely thread */
	void (*advert)(void *arg, const struct vrrp_rx *rx, int64_t now);
	void (*heard)(void *arg, uint32_t ifindex, const struct vrrp_heard *h, int64_t arrived, int64_t now);
};
struct vrrp_io_counters {
	uint64_t tx, tx_failed, rx, rx_malformed, rx_truncated, rx_paused, heard, heard_paused;
	int tx_errno;    /* of the last failure */
};

/* tx_errno: without raw sockets. closer: holds those that are slow to close (lib/slowclose.h). */
struct vrrp_io *vrrp_io_new(struct timely *t, struct slowclose *closer, const struct vrrp_io_ops *ops, void *arg);
void vrrp_io_free(struct vrrp_io *io); /* after timely_stop */
const struct vrrp_io_counters *vrrp_io_counters(const struct vrrp_io *io);

/* Its own address is not taken for a host's; gone: its sockets are closed, whoever wants them. */
void vrrp_io_link(struct vrrp_io *io, uint32_t ifindex, const uint8_t mac[6], bool gone);
/* False: it could not be opened (errno). */
bool vrrp_io_membership(struct vrrp_io *io, uint32_t ifindex, uint8_t afi, bool join);
void vrrp_io_send(struct vrrp_io *io, const struct vrrp_tx *tx);
void vrrp_io_send_frame(struct vrrp_io *io, uint32_t ifindex, const uint8_t *bytes, size_t len);

#endif
