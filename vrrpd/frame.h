/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of a LAN: those that carry our advertisements, and what a frame that comes in says of its sender; names of virtual links. Pure. */
#ifndef GREVY_VRRPD_FRAME_H
#define GREVY_VRRPD_FRAME_H

#include "vrrpd/vrrpd.h"

/* The name of the device with the virtual MAC address. */
void vrrp_vlink_name(const struct vrrp_key *key, char out[16]);

/* The largest advertisement there can be: 255 IPv6 addresses. */
#define VRRP_FRAME_MAX (14 + 40 + 8 + 16 * VRRP_VIPS_MAX)

/* The Ethernet frame of an advertisement to the group, from tx->mac. 0: it does not fit, or the addresses do not. */
size_t vrrp_frame_advert(const struct vrrp_tx *tx, uint8_t *out, size_t size);

/* A frame that came in -> src, dst, ttl, bytes, len of rx. False: not one whole packet of VRRP's. */
bool vrrp_frame_received(const uint8_t *frame, size_t len, struct vrrp_rx *rx);

/* The sender of an ARP or neighbour discovery frame. */
struct vrrp_heard {
	struct ipaddr host;
	uint8_t mac[6];
	bool answer;   /* told to one station that had asked, not to everybody */
};
/* False: the frame is neither, or does not name its sender (a probe). */
bool vrrp_frame_heard(const uint8_t *frame, size_t len, struct vrrp_heard *out);

#endif
