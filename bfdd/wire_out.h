/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes out: a socket per session, made at its first packet, with a source port of its own from
 * 49152..65535 that stays as long as the session (RFC 5881 4), also over a restart of bfdd. Under the lock.
 */
#ifndef GREVY_BFDD_WIRE_OUT_H
#define GREVY_BFDD_WIRE_OUT_H

#include <stdbool.h>
#include <stdint.h>

struct bfd_rx;
struct bfd_tx;
struct bfd_wire;

/* While privileged: the limit of descriptors is raised. packet_fd: for echoes, -1: none. */
struct bfd_wire *bfd_wire_new(int packet_fd);
void bfd_wire_free(struct bfd_wire *w);
/* port: that of a former life, 0: none */
void bfd_wire_session(struct bfd_wire *w, uint32_t session, uint16_t port);
void bfd_wire_session_gone(struct bfd_wire *w, uint32_t session);
bool bfd_wire_send(struct bfd_wire *w, const struct bfd_tx *tx); /* false: it has not left; errno says why */
uint16_t bfd_wire_port(const struct bfd_wire *w, uint32_t session); /* 0: no packet yet */

/* Peers' echoes pass through this machine, too: they look like ours but for address and port. */
bool bfd_wire_own_echo(const struct bfd_wire *w, const struct bfd_rx *rx);

struct bfd_wire_counters {
	uint64_t sent, failed, shared_ports, sockets;
	int last_errno;
};
const struct bfd_wire_counters *bfd_wire_counters(const struct bfd_wire *w);

#endif
