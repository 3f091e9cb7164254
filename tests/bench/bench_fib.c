/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast routes get into the kernel, in an own network namespace:
 *	raw     a loop around sendto with ready-made messages: the limit
 *	dplane  the same routes through zebra's writer thread
 * and how long the replacement of one group takes under many routes, idle and while routes are
 * being written.
 *
 *	bench_fib [-n ROUTES] [-b BATCH] [-r ROUNDS] [-s] [-w] [-l]
 *	-s: routes in random order   -w: only the raw loop, batches of 32..1024   -l: with a listener
 * Prints `bench fib.WHAT VALUE UNIT` per result.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "zebra/dplane.h"
#include "zebra/kernel.h"
#include "zebra/kernel_sys.h"
#include "zebra/nl_link.h"
#include "zebra/nl_route.h"
#include "zebra/nl_sock.h"

#define LEG_A   1001
#define LEG_B   1002
#define LEG_W   1003
#define GROUP_A 2001
#define GROUP_B 2002

static unsigned routes = 1000000, batch = 128, rounds = 1;
static bool shuffled;

static void
die(const char *what, int error)
{
	fprintf(stderr, "bench_fib: %s: %s\n", what, strerror(error));
	exit(1);
}

/* The i-th /24: all different, in order or (an odd multiplier is a bijection) well mixed. */
static struct prefix
prefix_number(unsigned i)
{
	uint32_t n = shuffled ? (i * 0x9e3779b1u) & 0x3fffff : i;
	return prefix_from_ip4(0x10000000u + (n << 8), 24);
}

/* --- the raw loop ------------------------------------------------------------------------------- */

struct raw_msg {
	struct nlmsghdr h;
	struct rtmsg rtm;
	struct nlattr dst_h;
	uint8_t dst[4];
	struct nlattr metric_h;
	uint32_t metric;
	struct nlattr nh_h;
	uint32_t nh;
};

/* Sends routes [0, routes) in batches; returns routes per second. */
static double
raw_run(struct nl_sock *s, uint16_t type, uint16_t flags, uint32_t nhid, unsigned per_batch)
{
	static struct raw_msg m[1024];
	uint8_t answer[8192];
	for (unsigned i = 0; i < per_batch; i++)
		m[i] = (struct raw_msg){
			.h = {.nlmsg_len = sizeof(m[0]), .nlmsg_type = type, .nlmsg_flags = flags},
			.rtm = {.rtm_family = AF_INET,
				.rtm_dst_len = 24,
				.rtm_table = RT_TABLE_MAIN,
				.rtm_protocol = RTPROTO_BGP,
				.rtm_type = type == RTM_NEWROUTE ? RTN_UNICAST : 0,
				.rtm_scope = type == RTM_NEWROUTE ? 0 : RT_SCOPE_NOWHERE},
			.dst_h = {8, RTA_DST},
			.metric_h = {8, RTA_PRIORITY},
			.metric = DPLANE_METRIC,
			.nh_h = {8, RTA_NH_ID},
			.nh = nhid};
	uint32_t seq = s->seq;
	int64_t start = kernel_now();
	for (unsigned at = 0; at < routes;) {
		unsigned n = routes - at < per_batch ? routes - at : per_batch;
		for (unsigned i = 0; i < n; i++) {
			struct prefix p = prefix_number(at + i);
			memcpy(m[i].dst, p.b, 4);
			m[i].h.nlmsg_seq = ++seq;
			m[i].h.nlmsg_flags = flags;
		}
		m[n - 1].h.nlmsg_flags |= NLM_F_ACK;
		int error = nl_sock_send(s, m, n * sizeof(m[0]));
		if (error)
			die("raw send", error);
		ssize_t got = nl_sock_recv(s, answer, sizeof(answer));
		struct nl_reader r = nl_reader(answer, got > 0 ? (size_t) got : 0);
		struct nl_msg msg;
		if (!nl_next_msg(&r, &msg) || !nl_error_decode(&msg, &error, NULL, 0))
			die("raw answer", EPROTO);
		if (error)
			die("raw route", -error);
		at += n;
	}
	s->seq = seq;
	return routes / ((double) (kernel_now() - start) / 1e6);
}

/* --- through dplane ----------------------------------------------------------------------------- */

struct through {
	struct dplane *d;
	unsigned failed;
	bool group_done;
};

static void
on_done(void *arg, const struct dplane_op *op, int error)
{
	struct through *t = arg;
	if (error) {
		if (t->failed++ == 0)
			fprintf(stderr, "bench_fib: operation %u: %s\n", op->kind, strerror(error));
	}
	if (op->kind == DPLANE_GROUP)
		t->group_done = true;
}

static void
through_wait(struct through *t, int timeout)
{
	struct pollfd p = {.fd = dplane_fd(t->d), .events = POLLIN};
	if (poll(&p, 1, timeout) > 0)
		dplane_run(t->d, UINT32_MAX);
}

static void
through_drain(struct through *t)
{
	while (dplane_pending(t->d) > 0)
		through_wait(t, 1000);
}

static double
through_run(struct through *t, enum dplane_kind kind, uint32_t nhid)
{
	struct dplane_op op = {
		.kind = kind, .protocol = RTPROTO_BGP, .metric = DPLANE_METRIC, .id = nhid};
	int64_t start = kernel_now();
	for (unsigned i = 0; i < routes;) {
		op.u.route.prefix = prefix_number(i);
		op.cookie = i;
		if (dplane_push(t->d, &op))
			i++;
		else
			through_wait(t, 1000);
	}
	through_drain(t);
	double rate = routes / ((double) (kernel_now() - start) / 1e6);
	if (t->failed)
		die("routes through dplane", EIO);
	return rate;
}

static void
push(struct through *t, const struct dplane_op *op)
{
	while (!dplane_push(t->d, op))
		through_wait(t, 1000);
}

static void
push_group(struct through *t, uint32_t id, uint32_t leg)
{
	const struct dplane_leg legs[] = {{leg, 1}};
	struct dplane_op op = {.kind = DPLANE_GROUP, .protocol = RTPROTO_ZEBRA, .id = id};
	op.u.group.legs = legs;
	op.u.group.count = 1;
	push(t, &op);
}

static void
setup(struct through *t)
{
	if (unshare(CLONE_NEWNET) < 0)
		die("unshare (are you root?)", errno);
	if (system("ip link set lo up && ip link add v0 type veth peer name v1 && "
		   "ip link set v0 up && ip link set v1 up && ip addr add 192.0.2.1/24 dev v0 && "
		   "ip link add w0 type veth peer name w1 && ip link set w0 up && "
		   "ip link set w1 up && ip addr add 192.0.3.1/24 dev w0") != 0)
		die("veth", EIO);
	int error = kernel_nexthop_objects_only();
	if (error)
		die("nexthop_compat_mode", error);
	static const struct dplane_ops ops = {.done = on_done};
	t->d = dplane_open(&ops, t, 0);
	if (!t->d)
		die("dplane_open", errno);
	for (unsigned i = 0; i < 2; i++) {
		struct dplane_op op = {
			.kind = DPLANE_NEXTHOP, .protocol = RTPROTO_ZEBRA, .id = LEG_A + i};
		op.u.nexthop.oif = if_nametoindex("v0");
		op.u.nexthop.gateway = ipaddr_from_ip4(0xc0000202u + i);
		push(t, &op);
	}
	struct dplane_op op = {.kind = DPLANE_NEXTHOP, .protocol = RTPROTO_ZEBRA, .id = LEG_W};
	op.u.nexthop.oif = if_nametoindex("w0");
	op.u.nexthop.gateway = ipaddr_from_ip4(0xc0000302u);
	push(t, &op);
	push_group(t, GROUP_A, LEG_A);
	push_group(t, GROUP_B, LEG_B);
	through_drain(t);
	if (t->failed)
		die("next hops", EIO);
}

/* --- one group's replacement -------------------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
	return x < y ? -1 : x > y;
}

#define SAMPLES 400

static void
group_run(struct through *t, const char *what, bool loaded)
{
	int64_t took[SAMPLES];
	struct dplane_op op = {.kind = DPLANE_ROUTE,
		.protocol = RTPROTO_BGP,
		.metric = DPLANE_METRIC,
		.id = GROUP_A};
	unsigned next = 0;
	for (unsigned i = 0; i < SAMPLES; i++) {
		while (loaded && dplane_room(t->d) > 0) {
			op.u.route.prefix = prefix_number(next++ % routes);
			dplane_push(t->d, &op);
		}
		usleep(2000);
		t->group_done = false;
		int64_t start = kernel_now();
		push_group(t, GROUP_A, i % 2 ? LEG_A : LEG_B);
		while (!t->group_done)
			through_wait(t, 1000);
		took[i] = kernel_now() - start;
	}
	through_drain(t);
	qsort(took, SAMPLES, sizeof(took[0]), by_value);
	printf("bench fib.%s.median %.3f ms\n", what, (double) took[SAMPLES / 2] / 1e3);
	printf("bench fib.%s.p99 %.3f ms\n", what, (double) took[SAMPLES * 99 / 100] / 1e3);
}

/* --- a listener, as in zebra -------------------------------------------------------------------- */

static void
no_link(void *arg, const struct kernel_link *link)
{
	(void) arg;
	(void) link;
}
static void
no_id(void *arg, uint32_t id)
{
	(void) arg;
	(void) id;
}
static void
no_addr(void *arg, const struct kernel_addr *addr)
{
	(void) arg;
	(void) addr;
}
static void
no_neigh(void *arg, const struct kernel_neigh *neigh)
{
	(void) arg;
	(void) neigh;
}
static void
no_nexthop(void *arg, const struct kernel_nexthop *nh)
{
	(void) arg;
	(void) nh;
}
static void
no_route(void *arg, const struct kernel_route *route)
{
	unsigned *seen = arg;
	(void) route;
	++*seen;
}
static void
no_resync(void *arg, enum kernel_kind kind)
{
	(void) arg;
	(void) kind;
}

static const struct kernel_ops listener_ops = {.link = no_link,
	.link_gone = no_id,
	.addr = no_addr,
	.addr_gone = no_addr,
	.neigh = no_neigh,
	.neigh_gone = no_neigh,
	.nexthop = no_nexthop,
	.nexthop_gone = no_id,
	.route = no_route,
	.route_gone = no_route,
	.resync_begin = no_resync,
	.resync_end = no_resync};

static void
dump_run(void)
{
	unsigned seen = 0;
	struct kernel *k = kernel_open(&listener_ops, &seen);
	if (!k)
		die("kernel_open", errno);
	int64_t start = kernel_now();
	while (seen < routes && kernel_now() - start < 20000000)
		kernel_run(k, kernel_now(), 1000);
	printf("bench fib.dump %.0f routes/s\n", seen / ((double) (kernel_now() - start) / 1e6));
	kernel_close(k);
}

/* --- a lost carrier ----------------------------------------------------------------------------- */

static uint32_t lost_link;
static bool dumped; /* everything, once: routes are dumped last */

static void
note_link(void *arg, const struct kernel_link *link)
{
	(void) arg;
	if (kernel_link_up(link) && !kernel_link_running(link))
		lost_link = link->ifindex;
}

static void
note_dumped(void *arg, enum kernel_kind kind)
{
	(void) arg;
	dumped = dumped || kind == KERNEL_ROUTE;
}

static int
link_set(struct nl_sock *s, const char *name, bool up)
{
	static struct nl_batch b;
	struct dplane_op op = {.kind = up ? DPLANE_LINK_UP : DPLANE_LINK_DOWN};
	op.u.link.ifindex = if_nametoindex(name);
	nl_batch_start(&b, s);
	if (!nl_link_encode(&b.w, &op, nl_batch_seq(&b), 0))
		return EMSGSIZE;
	nl_batch_added(&b);
	nl_batch_run(&b, s);
	return b.errors[0];
}

/*
 * v1 goes down, so v0 loses its carrier under `routes` routes of GROUP_A: the time until the group
 * has its leg on w0 (with a keeper), or until all routes are there again (without).
 */
static void
carrier_run(struct through *t, struct nl_sock *s, bool keep)
{
	struct kernel_ops ops = listener_ops;
	unsigned seen = 0;
	ops.link = note_link;
	ops.resync_end = note_dumped;
	const struct dplane_leg a = {LEG_A, 1}, w = {LEG_W, 1};
	struct dplane_op leg = {.kind = DPLANE_NEXTHOP, .protocol = RTPROTO_ZEBRA, .id = LEG_A};
	leg.u.nexthop.oif = if_nametoindex("v0");
	leg.u.nexthop.gateway = ipaddr_from_ip4(0xc0000202u);
	push(t, &leg);
	struct dplane_op group = {.kind = DPLANE_GROUP,
		.protocol = RTPROTO_ZEBRA,
		.id = GROUP_A,
		.keep = keep ? AFI_IP4 : 0};
	group.u.group.legs = &a;
	group.u.group.count = 1;
	push(t, &group);
	through_drain(t);
	through_run(t, DPLANE_ROUTE, GROUP_A);
	struct kernel *k = kernel_open(&ops, &seen);
	if (!k)
		die("kernel_open", errno);
	kernel_ignore_port(k, dplane_port(t->d));
	for (dumped = false; !dumped;)
		kernel_run(k, kernel_now(), 100000);
	kernel_run(k, kernel_now(), 100000);
	lost_link = 0;
	int64_t start = kernel_now();
	int error = link_set(s, "v1", false);
	if (error)
		die("link down", error);
	int64_t down = kernel_now();
	struct pollfd p = {.fd = kernel_fd(k), .events = POLLIN};
	while (lost_link != if_nametoindex("v0") && poll(&p, 1, 1000) > 0)
		kernel_run(k, kernel_now(), 100);
	group.u.group.legs = &w;
	t->group_done = false;
	push(t, &group);
	while (!t->group_done)
		through_wait(t, 1000);
	if (!keep)
		through_run(t, DPLANE_ROUTE, GROUP_A);
	int64_t end = kernel_now();
	printf("bench fib.carrier.%s %.2f ms (%.2f of them in the kernel's own event)\n",
		keep ? "kept" : "plain", (double) (end - start) / 1e3, (double) (down - start) / 1e3);
	kernel_close(k);
	if (link_set(s, "v1", true) != 0)
		die("link up", EIO);
}

/* --- main --------------------------------------------------------------------------------------- */

#define ADD     (NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL)
#define REPLACE (NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE)

static void
result(const char *what, double raw, double ours)
{
	printf("bench fib.raw.%s %.0f routes/s\n", what, raw);
	printf("bench fib.dplane.%s %.0f routes/s\n", what, ours);
	printf("bench fib.dplane.%s.share %.1f %%\n", what, 100 * ours / raw);
}

static void
sweep(struct nl_sock *s)
{
	for (unsigned b = 16; b <= 1024; b *= 2) {
		double add = raw_run(s, RTM_NEWROUTE, ADD, GROUP_A, b);
		double replace = raw_run(s, RTM_NEWROUTE, REPLACE, GROUP_B, b);
		double del = raw_run(s, RTM_DELROUTE, NLM_F_REQUEST, GROUP_B, b);
		printf("batch %4u: add %.0f replace %.0f delete %.0f routes/s\n", b, add, replace, del);
	}
}

int
main(int argc, char **argv)
{
	bool only_sweep = false, listen = false;
	int c;
	while ((c = getopt(argc, argv, "n:b:r:swl")) != -1) {
		if (c == 'n')
			routes = (unsigned) atoi(optarg);
		else if (c == 'b')
			batch = (unsigned) atoi(optarg);
		else if (c == 'r')
			rounds = (unsigned) atoi(optarg);
		else if (c == 's')
			shuffled = true;
		else if (c == 'w')
			only_sweep = true;
		else if (c == 'l')
			listen = true;
		else
			return 2;
	}
	if (routes == 0 || routes > 4000000 || batch == 0 || batch > 1024)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	struct through t = {0};
	struct nl_sock s;
	setup(&t);
	int error = nl_sock_open(&s, 4 << 20);
	if (error)
		die("socket", error);
	if (only_sweep) {
		sweep(&s);
		return 0;
	}
	struct kernel *k = NULL;
	unsigned seen = 0;
	if (listen) {
		k = kernel_open(&listener_ops, &seen);
		for (unsigned i = 0; k && i < 20; i++)
			kernel_run(k, kernel_now(), 1000);
		kernel_ignore_port(k, dplane_port(t.d));
	}
	double raw[3] = {0}, ours[3] = {0};
	for (unsigned i = 0; i < rounds; i++) { /* best of the rounds, taken in turn */
		double v[6] = {raw_run(&s, RTM_NEWROUTE, ADD, GROUP_A, batch),
			raw_run(&s, RTM_NEWROUTE, REPLACE, GROUP_B, batch),
			raw_run(&s, RTM_DELROUTE, NLM_F_REQUEST, GROUP_B, batch),
			through_run(&t, DPLANE_ROUTE, GROUP_A), through_run(&t, DPLANE_ROUTE, GROUP_B),
			through_run(&t, DPLANE_ROUTE_DEL, 0)};
		for (unsigned j = 0; j < 3; j++) {
			raw[j] = v[j] > raw[j] ? v[j] : raw[j];
			ours[j] = v[3 + j] > ours[j] ? v[3 + j] : ours[j];
		}
	}
	result("add", raw[0], ours[0]);
	result("replace", raw[1], ours[1]);
	result("delete", raw[2], ours[2]);
	if (routes > 500000)
		routes = 500000;
	through_run(&t, DPLANE_ROUTE, GROUP_A);
	dump_run();
	group_run(&t, "group", false);
	group_run(&t, "group-loaded", true);
	carrier_run(&t, &s, true);
	carrier_run(&t, &s, false);
	dplane_close(t.d);
	return 0;
}
