/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes in: the well-known ports (RFC 5881 4, 5883 5), IPv4 and IPv6, and our own echoes,
 * which come back as packets from ourselves to ourselves. Arrival is the kernel's time of reception.
 */
#ifndef GREVY_BFDD_IO_H
#define GREVY_BFDD_IO_H

#include <stdbool.h>
#include <stdint.h>

struct bfd_rx;
struct slowclose;
struct timely;

typedef void bfd_io_receive_fn(void *arg, const struct bfd_rx *rx, int64_t now); /* timely thread, under the lock */

struct bfd_io;
/* While privileged. NULL: a port cannot be had (said in the log). A kernel without IPv6 is no fault. */
/* closer: holds the sockets that are slow to close (lib/slowclose.h). */
struct bfd_io *bfd_io_open(struct timely *t, struct slowclose *closer, bfd_io_receive_fn *receive, void *arg);
void bfd_io_close(struct bfd_io *io);
/* From now on echoes of ours are looked for; it costs a filter's run on every packet of this machine. */
void bfd_io_echoes(struct bfd_io *io);
/* For sending of them (echo_out.h); -1: none could be had. */
int bfd_io_packet_fd(const struct bfd_io *io);

struct bfd_io_counters {
	uint64_t truncated, foreign; /* cut to our buffer; without an address of a family we know */
	uint64_t buffer_bytes;       /* of each socket, as the kernel granted it */
};
const struct bfd_io_counters *bfd_io_counters(const struct bfd_io *io);

#endif
