/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A probe stream: numbered UDP packets at a fixed rate from one network namespace to another, one
 * process for both ends. Arrival is the kernel's receive time stamp, so a busy machine does not look
 * like an outage.
 *
 *   probe --from NETNS --to NETNS --dst ADDR [--port P] [--rate PPS]
 *
 * NETNS is a file such as /run/netns/h1. Commands on stdin, one a line; answers are one JSON object:
 *   reset    forget what was counted
 *   report   {"sent","received","lost","outage_ms","outage_start","duplicates","running_ms"}
 *   wait MS  answers like report, as soon as no packet has been missing for MS ms (or after 60 s)
 * outage_ms is the longest time between two arrivals with packets missing in between, less the interval
 * of sending.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x47525659u
#define WAIT_LIMIT_NS (60 * INT64_C(1000000000))
#define MS_NS INT64_C(1000000)

struct packet {
	uint32_t magic;
	uint32_t epoch;
	uint64_t sequence;
};

struct probe {
	int tx, rx, timer;
	int64_t interval;
	struct sockaddr_in dst;
	uint32_t epoch; /* of the count: stragglers of an earlier one are ignored */
	uint64_t sent, received, duplicates, highest;
	uint8_t *seen; /* bit per sequence number */
	size_t seen_size;
	int64_t started, last_arrival, longest, longest_at;
	int64_t wait_quiet, wait_since; /* a pending `wait` */
};

static int64_t
clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void
fail(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
socket_in(const char *netns)
{
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(netns);
	close(fd);
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s < 0)
		fail("socket");
	return s;
}

static void
count_reset(struct probe *p)
{
	p->epoch++;
	p->sent = p->received = p->duplicates = p->highest = 0;
	memset(p->seen, 0, p->seen_size);
	p->started = clock_ns(CLOCK_REALTIME);
	p->last_arrival = p->longest = p->longest_at = 0;
}

static void
send_due(struct probe *p)
{
	uint64_t ticks;

	if (read(p->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	/* after a late wake-up the missed packets are skipped, not sent in a burst */
	struct packet pkt = {MAGIC, p->epoch, p->sent};
	p->sent++;
	/* an unreachable network is part of what is measured: the packet counts as sent */
	if (sendto(p->tx, &pkt, sizeof(pkt), 0, (struct sockaddr *)&p->dst, sizeof(p->dst)) < 0)
		return;
}

static void
arrival(struct probe *p, const struct packet *pkt, int64_t at)
{
	size_t byte = pkt->sequence / 8;

	if (pkt->magic != MAGIC || pkt->epoch != p->epoch)
		return;
	if (byte >= p->seen_size) {
		size_t size = (byte + 1) * 2;
		p->seen = realloc(p->seen, size);
		if (!p->seen)
			fail("memory");
		memset(p->seen + p->seen_size, 0, size - p->seen_size);
		p->seen_size = size;
	}
	uint8_t bit = (uint8_t)(1u << (pkt->sequence % 8));
	if (p->seen[byte] & bit) {
		p->duplicates++;
		return;
	}
	p->seen[byte] |= bit;
	/* a hole in the arrivals is an outage only if packets are missing in it: the sender may be late too */
	int64_t before = p->last_arrival ? p->last_arrival : p->started;
	bool missing = p->received ? pkt->sequence > p->highest + 1 : pkt->sequence > 0;
	if (missing && at - before > p->longest) {
		p->longest = at - before;
		p->longest_at = before;
	}
	p->received++;
	if (pkt->sequence > p->highest)
		p->highest = pkt->sequence;
	p->last_arrival = at;
}

static void
receive(struct probe *p)
{
	for (;;) {
		struct packet pkt;
		union {
			struct cmsghdr align;
			char room[CMSG_SPACE(sizeof(struct timespec))];
		} control;
		struct iovec iov = {&pkt, sizeof(pkt)};
		struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			.msg_controllen = sizeof(control.room)};
		ssize_t n = recvmsg(p->rx, &m, 0);
		if (n < 0)
			return;
		if (n != sizeof(pkt))
			continue;
		int64_t at = clock_ns(CLOCK_REALTIME);
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
			struct timespec t;
			if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS)
				continue;
			memcpy(&t, CMSG_DATA(c), sizeof(t));
			at = t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
		}
		arrival(p, &pkt, at);
	}
}

static void
report(const struct probe *p)
{
	int64_t now = clock_ns(CLOCK_REALTIME);
	int64_t longest = p->longest, at = p->longest_at;
	int64_t open_gap = now - (p->last_arrival ? p->last_arrival : p->started);

	if (open_gap > longest + 20 * MS_NS) { /* nothing arrives right now */
		longest = open_gap;
		at = now - open_gap;
	}
	double outage = longest > p->interval ? (double)(longest - p->interval) / 1e6 : 0;
	/* lost: what is missing before the newest arrival, and all after it when nothing arrives any more */
	uint64_t reached = p->received ? p->highest + 1 : 0;
	uint64_t lost = (open_gap > 20 * MS_NS ? p->sent : reached) - p->received;
	printf("{\"sent\":%llu,\"received\":%llu,\"lost\":%llu,\"outage_ms\":%.2f,\"outage_start\":%.6f,"
	       "\"duplicates\":%llu,\"running_ms\":%.1f}\n",
		(unsigned long long)p->sent, (unsigned long long)p->received,
		(unsigned long long)lost, outage,
		(double)at / 1e9, (unsigned long long)p->duplicates, (double)(now - p->started) / 1e6);
	fflush(stdout);
}

static bool
command(struct probe *p, const char *line)
{
	if (!strncmp(line, "reset", 5)) {
		count_reset(p);
	} else if (!strncmp(line, "report", 6)) {
		report(p);
	} else if (!strncmp(line, "wait ", 5)) {
		p->wait_quiet = atoll(line + 5) * MS_NS;
		p->wait_since = clock_ns(CLOCK_MONOTONIC);
	} else {
		return false;
	}
	return true;
}

/* A pending wait ends when arrivals have come without a hole for that long. */
static void
wait_check(struct probe *p, int64_t *smooth_since, uint64_t *last_missing)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	uint64_t missing = p->sent - p->received;
	bool flowing = p->last_arrival && clock_ns(CLOCK_REALTIME) - p->last_arrival < 20 * MS_NS + 5 * p->interval;

	if (!p->wait_quiet)
		return;
	if (!flowing || missing > *last_missing + 8)
		*smooth_since = now;
	if (missing > *last_missing + 8 || missing < *last_missing)
		*last_missing = missing;
	int64_t base = *smooth_since > p->wait_since ? *smooth_since : p->wait_since;
	if (now - base >= p->wait_quiet || now - p->wait_since > WAIT_LIMIT_NS) {
		p->wait_quiet = 0;
		report(p);
	}
}

static void
run(struct probe *p)
{
	int64_t smooth_since = 0;
	uint64_t last_missing = 0;
	char line[128];
	size_t fill = 0;

	for (;;) {
		struct pollfd fds[] = {{p->timer, POLLIN, 0}, {p->rx, POLLIN, 0}, {0, POLLIN, 0}};
		if (poll(fds, 3, 100) < 0 && errno != EINTR)
			fail("poll");
		receive(p);
		if (fds[0].revents)
			send_due(p);
		if (fds[2].revents) {
			ssize_t n = read(0, line + fill, sizeof(line) - 1 - fill);
			if (n <= 0)
				return; /* whoever drives us is gone */
			fill += (size_t)n;
			line[fill] = '\0';
			char *at = line, *nl;
			while ((nl = strchr(at, '\n'))) {
				if (!command(p, at))
					fprintf(stderr, "probe: unknown command: %.*s\n", (int)(nl - at), at);
				at = nl + 1;
			}
			fill = strlen(at);
			memmove(line, at, fill + 1);
			if (fill == sizeof(line) - 1)
				fill = 0;
		}
		wait_check(p, &smooth_since, &last_missing);
	}
}

static void
timer_start(struct probe *p)
{
	struct itimerspec t = {.it_interval = {p->interval / 1000000000, p->interval % 1000000000}};

	t.it_value = t.it_interval;
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (p->timer < 0 || timerfd_settime(p->timer, 0, &t, NULL))
		fail("timer");
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"from", 1, NULL, 'f'}, {"to", 1, NULL, 't'}, {"dst", 1, NULL, 'd'},
		{"port", 1, NULL, 'p'}, {"rate", 1, NULL, 'r'}, {0}};
	const char *from = NULL, *to = NULL, *dst = NULL;
	struct probe p = {.seen_size = 1 << 16};
	int rate = 1000, port = 9, opt, one = 1, buffer = 4 << 20;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'f')
			from = optarg;
		else if (opt == 't')
			to = optarg;
		else if (opt == 'd')
			dst = optarg;
		else if (opt == 'p')
			port = atoi(optarg);
		else if (opt == 'r')
			rate = atoi(optarg);
		else
			return 2;
	}
	p.dst = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	if (!from || !to || !dst || rate < 1 || rate > 100000 || inet_pton(AF_INET, dst, &p.dst.sin_addr) != 1) {
		fprintf(stderr, "usage: probe --from NETNS --to NETNS --dst ADDR [--port P] [--rate PPS]\n");
		return 2;
	}
	p.interval = INT64_C(1000000000) / rate;
	p.seen = calloc(1, p.seen_size);
	p.tx = socket_in(from);
	p.rx = socket_in(to);
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = p.dst.sin_port};
	if (!p.seen || bind(p.rx, (struct sockaddr *)&any, sizeof(any)) ||
		setsockopt(p.rx, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) ||
		setsockopt(p.rx, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)))
		fail("receiver");
	timer_start(&p);
	count_reset(&p);
	run(&p);
	return 0;
}
