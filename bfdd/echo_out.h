/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Echo packets (RFC 5881 4): IP packets to ourselves that are handed to the peer's link address, so
 * that the peer's forwarding plane, and nothing of its BFD, sends them back. Under the lock.
 */
#ifndef GREVY_BFDD_ECHO_OUT_H
#define GREVY_BFDD_ECHO_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct bfd_echo_out;
struct bfd_tx;

struct bfd_echo_peer { /* what has been found out of one session's peer; zeroed at birth */
	struct ipaddr own;     /* what the kernel would send from */
	uint32_t ifindex;
	uint8_t mac[8], mac_len;
	int64_t looked_up;     /* when; 0: never */
};

/* The packet socket stays the caller's. NULL: without it (-1), there will be no echoes. */
struct bfd_echo_out *bfd_echo_out_new(int packet_fd);
void bfd_echo_out_free(struct bfd_echo_out *e);
/* False: the peer's link address is not known, or the socket would not take it. */
bool bfd_echo_send(struct bfd_echo_out *e, struct bfd_echo_peer *peer, const struct bfd_tx *tx, uint16_t src_port);

#endif
