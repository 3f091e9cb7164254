/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that holds descriptors for another: see slowclose.h. Owns the socket to it. A message is
 * the number that a descriptor has at its owner; with a descriptor in its control data: hold it under this
 * number, without: close what is held. The end of the socket is the owner's death.
 */
#include "lib/slowclose.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/priv.h"
#include "lib/trim.h"

#define HELD_MAX 4096 /* numbers of descriptors; what is beyond closes slowly */

struct slowclose {
	int fd;
};

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int))];
};

static int
control_fd(struct msghdr *m)
{
	int fd = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static void
holder_loop(int sock)
{
	static int held[HELD_MAX]; /* 0: none */
	for (;;) {
		int number = -1;
		union control control;
		struct iovec iov = {&number, sizeof(number)};
		struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			.msg_controllen = sizeof(control.room)};
		ssize_t n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(number))
			_exit(0);
		int fd = control_fd(&m);
		if (number < 0 || number >= HELD_MAX) {
			if (fd >= 0)
				close(fd);
			continue;
		}
		if (held[number] > 0)
			close(held[number]);
		held[number] = fd > 0 ? fd : 0;
	}
}

/* Of its owner it keeps the socket and the log's target; it has no privileges and is in no hurry. */
static void
holder(const char *daemon, int fd)
{
	static const struct priv_def nothing;
	const struct sched_param plain = {0};
	char name[16];
	for (int signo = 1; signo < 32; signo++)
		signal(signo, SIG_DFL);
	signal(SIGINT, SIG_IGN); /* a terminal's ^C is for the owner */
	snprintf(name, sizeof(name), "%.8s-hold", daemon);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	sched_setscheduler(0, SCHED_OTHER, &plain);
	setpriority(PRIO_PROCESS, 0, 0);
	if (fd != 3)
		dup2(fd, 3);
	close_range(4, ~0u, 0);
	if (!priv_shed(&nothing, daemon))
		_exit(1);
	trim_text();
	holder_loop(3);
}

struct slowclose *
slowclose_new(const char *daemon)
{
	int fds[2];
	pid_t pid = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0) {
		pid = fork();
		if (pid == 0)
			holder(daemon, fds[1]);
		close(fds[1]);
		if (pid < 0)
			close(fds[0]);
	}
	if (pid < 0) {
		log_notice("slowclose", "error=\"%s\"", strerror(errno));
		return NULL;
	}
	struct slowclose *s = mem_zalloc(sizeof(*s));
	s->fd = fds[0];
	return s;
}

void
slowclose_free(struct slowclose *s)
{
	if (s)
		close(s->fd);
	mem_free(s);
}

/* What cannot be told just closes slowly. */
void
slowclose_hold(struct slowclose *s, int fd)
{
	union control control = {0};
	struct iovec iov = {&fd, sizeof(fd)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (!s || fd < 0)
		return;
	*c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(fd)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("slowclose.hold", "fd=%d error=\"%s\"", fd, strerror(errno));
}

void
slowclose_release(struct slowclose *s, int fd)
{
	if (s && fd >= 0 && send(s->fd, &fd, sizeof(fd), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("slowclose.release", "fd=%d error=\"%s\"", fd, strerror(errno));
}
