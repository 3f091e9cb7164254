/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw sockets, one per interface: IP protocol 89 in and out, multicast membership. */
#ifndef GREVY_OSPFD_IO_H
#define GREVY_OSPFD_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct io;
struct loop;
struct ipaddr;

/* bytes: the OSPF packet without IP header. */
typedef void io_receive_fn(void *arg, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len, int64_t now);

struct io *io_new(struct loop *l, io_receive_fn *receive, void *arg);
void io_free(struct io *io);
/* Joining the first group opens the interface's socket; leaving the last one closes it. */
void io_membership(struct io *io, uint32_t ifindex, const struct ipaddr *group, bool join);
/* A failed send is counted and logged, no more: the protocol retransmits. */
void io_send(struct io *io, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len);

struct io_counters {
	uint64_t rx, tx, rx_malformed, tx_failed;
};
const struct io_counters *io_counters(const struct io *io);

#endif
