/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rtnetlink sockets and batches. Shell. */
#include "zebra/nl_sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

int
nl_sock_open(struct nl_sock *s, int rcvbuf)
{
	return nl_sock_open_on(s, NETLINK_ROUTE, rcvbuf);
}

int
nl_sock_open_on(struct nl_sock *s, int protocol, int rcvbuf)
{
	const int one = 1;
	struct sockaddr_nl local = {.nl_family = AF_NETLINK};
	socklen_t len = sizeof(local);
	*s = (struct nl_sock){.fd = -1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (fd < 0)
		return errno;
	if (bind(fd, (struct sockaddr *) &local, sizeof(local)) < 0 ||
		getsockname(fd, (struct sockaddr *) &local, &len) < 0) {
		int error = errno;
		close(fd);
		return error;
	}
	if (rcvbuf > 0 &&
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	/* Answers without the request's body; texts of errors; filters of dumps inside the kernel.
	 * An old kernel that lacks one still works, so failure is no error. */
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	s->fd = fd;
	s->port = local.nl_pid;
	return 0;
}

void
nl_sock_close(struct nl_sock *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

int
nl_sock_join(struct nl_sock *s, unsigned group)
{
	return setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0
		       ? errno
		       : 0;
}

void
nl_sock_shrink(struct nl_sock *s, int rcvbuf)
{
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
}

int
nl_sock_ignore_port(struct nl_sock *s, uint32_t port)
{
	/* nlmsg_pid of the first header; a notification is one message per buffer */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(port), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
	return setsockopt(s->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? errno : 0;
}

int
nl_sock_send(struct nl_sock *s, const void *bytes, size_t len)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	for (;;) {
		if (sendto(s->fd, bytes, len, 0, (struct sockaddr *) &kernel, sizeof(kernel)) >= 0)
			return 0;
		if (errno != EINTR)
			return errno;
	}
}

ssize_t
nl_sock_recv(struct nl_sock *s, void *buf, size_t cap)
{
	struct sockaddr_nl from = {0};
	struct iovec iov = {.iov_base = buf, .iov_len = cap};
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;
	do
		n = recvmsg(s->fd, &m, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* another process may send to our port: only the kernel is believed */
	if (m.msg_namelen != sizeof(from) || from.nl_pid != 0)
		return 0;
	return m.msg_flags & MSG_TRUNC ? -ENOBUFS : n;
}

/* --- batches ------------------------------------------------------------------------------------ */

void
nl_batch_start(struct nl_batch *b, const struct nl_sock *s)
{
	b->w = nl_writer(b->bytes, sizeof(b->bytes));
	b->first_seq = s->seq;
	b->count = 0;
}

uint32_t
nl_batch_seq(const struct nl_batch *b)
{
	return b->first_seq + b->count + 1;
}

void
nl_batch_added(struct nl_batch *b)
{
	b->errors[b->count++] = ENOBUFS;
	b->last = b->w.msg;
}

static void
batch_all(struct nl_batch *b, int error)
{
	for (unsigned i = 0; i < b->count; i++)
		b->errors[i] = error;
}

/* One buffer of answers; true when the last message of the batch has been answered. */
static bool
batch_answers(struct nl_batch *b, const uint8_t *bytes, size_t len, unsigned *known)
{
	struct nl_reader r = nl_reader(bytes, len);
	struct nl_msg msg;
	while (nl_next_msg(&r, &msg)) {
		int error;
		uint32_t at = msg.seq - b->first_seq - 1;
		if (at >= b->count || !nl_error_decode(&msg, &error, NULL, 0))
			continue;
		/* answers come in order: what was passed over has succeeded */
		while (*known < at)
			b->errors[(*known)++] = 0;
		b->errors[at] = -error;
		*known = at + 1;
	}
	return *known == b->count;
}

void
nl_batch_run(struct nl_batch *b, struct nl_sock *s)
{
	uint8_t answers[8192];
	unsigned known = 0;
	if (b->count == 0)
		return;
	struct nlmsghdr last;
	memcpy(&last, b->bytes + b->last, sizeof(last));
	last.nlmsg_flags |= NLM_F_ACK;
	memcpy(b->bytes + b->last, &last, sizeof(last));
	s->seq = b->first_seq + b->count;
	int error = nl_sock_send(s, b->bytes, b->w.len);
	if (error) {
		batch_all(b, error);
		return;
	}
	bool lost = false;
	for (;;) {
		ssize_t n = nl_sock_recv(s, answers, sizeof(answers));
		if (n == -EAGAIN)
			break;
		if (n == -ENOBUFS) { /* answers were dropped: nobody knows which */
			lost = true;
			continue;
		}
		if (n < 0) {
			batch_all(b, (int) -n);
			return;
		}
		if (batch_answers(b, answers, (size_t) n, &known) && !lost)
			return;
	}
	if (lost)
		batch_all(b, ENOBUFS);
}
