/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rtnetlink sockets: opening them, reading what really came from the kernel, and writing batches
 * whose errors are matched by sequence number.
 *
 * The kernel works through a batch inside sendmsg and queues its answers before it returns: one
 * error per message that failed and, because only the last message asks for it, one acknowledgement.
 */
#ifndef GREVY_ZEBRA_NL_SOCK_H
#define GREVY_ZEBRA_NL_SOCK_H

#include <sys/types.h>

#include "zebra/nl.h"

#define NL_RECV_SIZE 65536 /* a dump fills 32 KiB at most */

struct nl_sock {
	int fd; /* -1: closed */
	uint32_t port;
	uint32_t seq; /* the last one used */
};

/* 0 or an errno. rcvbuf 0: the system's default; else forced where allowed, asked for where not. */
int nl_sock_open(struct nl_sock *s, int rcvbuf);
/* The same for another NETLINK_* than rtnetlink. */
int nl_sock_open_on(struct nl_sock *s, int protocol, int rcvbuf);
void nl_sock_close(struct nl_sock *s);
int nl_sock_join(struct nl_sock *s, unsigned group);
void nl_sock_shrink(struct nl_sock *s, int rcvbuf); /* for tests */
/* Drop inside the kernel every message that `port` caused. 0 or an errno. */
int nl_sock_ignore_port(struct nl_sock *s, uint32_t port);
int nl_sock_send(struct nl_sock *s, const void *bytes, size_t len); /* 0 or an errno */
/* Octets read; 0: nothing usable (not from the kernel); -errno. Never blocks. */
ssize_t nl_sock_recv(struct nl_sock *s, void *buf, size_t cap);

#define NL_BATCH_MAX   1024
#define NL_BATCH_BYTES 65536

struct nl_batch {
	struct nl_writer w; /* append messages; numbered from first_seq + 1 on */
	uint32_t first_seq;
	unsigned count;
	size_t last; /* where the last counted message begins */
	int errors[NL_BATCH_MAX]; /* after nl_batch_run: an errno per message; ENOBUFS: not known */
	uint8_t bytes[NL_BATCH_BYTES];
};

void nl_batch_start(struct nl_batch *b, const struct nl_sock *s);
/* Number for the next message; count it with nl_batch_added once it is encoded. */
uint32_t nl_batch_seq(const struct nl_batch *b);
void nl_batch_added(struct nl_batch *b);
/* Sends, reads the answers, fills errors[]. */
void nl_batch_run(struct nl_batch *b, struct nl_sock *s);

#endif
