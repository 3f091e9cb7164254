/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stopwatch in a router's network namespace: from the kernel's time stamp of the first OSPF packet of
 * a type that comes in, to the kernel's route changes that follow. Any suite's router can be watched.
 * bench_lsa.py and bench_cli.py drive it.
 *
 *	bench_lsa [-t PACKET_TYPE] [-n ROUTES] [-w MS]
 *	-t: 4 (link state update)   -n: changes of routes in 16.0.0.0/8 to wait for; 0: the packet is all
 *	-w: longest wait
 * Prints `armed`, then `packet SECONDS` (wall clock), and then `changed N FIRST LAST` (ms after the packet).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUIET_NS INT64_C(400000000) /* without a change: that was all */

static unsigned packet_type = 4, wanted = 1000;
static int64_t packet_at, first_at, last_at; /* wall clock, ns */
static unsigned changed;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_lsa: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
ns(const struct timespec *t)
{
	return t->tv_sec * INT64_C(1000000000) + t->tv_nsec;
}

static int64_t
wall(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return ns(&t);
}

static int
packets_open(void)
{
	int on = 1, fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0)
		die("packet socket");
	return fd;
}

static int
routes_open(void)
{
	struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_ROUTE};
	int size = 16 << 20, fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		die("netlink socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static void
packet_read(int fd)
{
	uint8_t b[256];
	char control[128];
	struct sockaddr_ll from;
	struct iovec iov = {b, sizeof(b)};
	struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &m, 0);
	size_t head = n > 20 ? (size_t)(b[0] & 15) * 4 : 0;
	if (packet_at || from.sll_pkttype == PACKET_OUTGOING || n < 22 || head + 2 > (size_t)n)
		return;
	if (b[9] != 89 || ((b[6] & 31) | b[7]) || b[head + 1] != packet_type) /* OSPF, not a later fragment */
		return;
	packet_at = wall();
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
			struct timespec t;
			memcpy(&t, CMSG_DATA(c), sizeof(t));
			packet_at = ns(&t);
		}
}

/* Whether the route is one of those that the test moves. */
static bool
route_is_ours(const struct nlmsghdr *h)
{
	const struct rtmsg *r = NLMSG_DATA(h);
	int len = (int)RTM_PAYLOAD(h);
	for (const struct rtattr *a = RTM_RTA(r); RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == RTA_DST && *(const uint8_t *)RTA_DATA(a) == 16)
			return true;
	return false;
}

static void
routes_read(int fd)
{
	static uint8_t b[65536] __attribute__((aligned(8)));
	ssize_t n = recv(fd, b, sizeof(b), 0);
	int64_t now = wall();
	if (n < 0 && errno == ENOBUFS)
		die("route changes were lost");
	int left = (int)n;
	for (const struct nlmsghdr *h = (const void *)b; packet_at && NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
		if (h->nlmsg_type == RTM_NEWROUTE && route_is_ours(h)) {
			first_at = first_at ? first_at : now;
			last_at = now;
			changed++;
		}
}

int
main(int argc, char **argv)
{
	int64_t longest = 15000;
	for (int c; (c = getopt(argc, argv, "t:n:w:")) != -1;) {
		if (c == 't')
			packet_type = (unsigned)atoi(optarg);
		else if (c == 'n')
			wanted = (unsigned)atoi(optarg);
		else if (c == 'w')
			longest = atoll(optarg);
		else
			return 2;
	}
	struct pollfd p[2] = {{.fd = packets_open(), .events = POLLIN}, {.fd = routes_open(), .events = POLLIN}};
	puts("armed");
	fflush(stdout);
	int64_t end = wall() + longest * 1000000;
	while (wall() < end && (!packet_at || changed < wanted) &&
		!(changed && wall() - last_at > QUIET_NS && changed >= wanted)) {
		if (poll(p, 2, 50) < 0)
			die("poll");
		if (p[0].revents)
			packet_read(p[0].fd);
		if (p[1].revents)
			routes_read(p[1].fd);
	}
	if (!packet_at)
		return 1;
	printf("packet %.6f\n", (double)packet_at / 1e9);
	if (changed)
		printf("changed %u %.3f %.3f\n", changed, (double)(first_at - packet_at) / 1e6,
			(double)(last_at - packet_at) / 1e6);
	return 0;
}
