/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes from a client through rib.sock, zebra's RIB and its dplane into the kernel, in an own
 * network namespace, beside a raw netlink loop of the same run: the limit.
 *
 *	bench_rib [-n ROUTES] [-s]      -s: in random order
 * Prints `bench rib.WHAT VALUE UNIT` per result.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/rtnetlink.h>
#include <net/if.h>

#include "gen/rib.pb-c.h"
#include "lib/ipc.h"
#include "lib/prefix.h"

#define BATCH 12000 /* prefixes in a message */
#define NHID  4242

static unsigned routes = 1000000;
static bool shuffled;
static char dir[64];

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what)
{
	fprintf(stderr, "bench_rib: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct prefix
prefix_number(unsigned i)
{
	uint32_t n = shuffled ? (i * 0x9e3779b1u) & 0x3fffff : i;
	return prefix_from_ip4(0x10000000u + (n << 8), 24);
}

static void
shell(const char *command)
{
	if (system(command) != 0)
		die(command);
}

/* --- the limit ------------------------------------------------------------------------------------ */

struct raw_msg {
	struct nlmsghdr h;
	struct rtmsg rtm;
	struct rtattr dst_h;
	uint8_t dst[4];
	struct rtattr metric_h;
	uint32_t metric;
	struct rtattr nh_h;
	uint32_t nh;
};

static double
raw_run(unsigned per_batch)
{
	static struct raw_msg m[1024];
	uint8_t answer[8192];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	uint32_t seq = 0;
	for (unsigned i = 0; i < per_batch; i++)
		m[i] = (struct raw_msg){
			.h = {.nlmsg_len = sizeof(m[0]), .nlmsg_type = RTM_NEWROUTE},
			.rtm = {.rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_table = RT_TABLE_MAIN,
				.rtm_protocol = RTPROT_BGP, .rtm_type = RTN_UNICAST},
			.dst_h = {8, RTA_DST},
			.metric_h = {8, RTA_PRIORITY},
			.metric = 20,
			.nh_h = {8, RTA_NH_ID},
			.nh = NHID,
		};
	double start = now();
	for (unsigned at = 0; at < routes;) {
		unsigned n = routes - at < per_batch ? routes - at : per_batch;
		for (unsigned i = 0; i < n; i++) {
			struct prefix p = prefix_number(at + i);
			memcpy(m[i].dst, p.b, 4);
			m[i].h.nlmsg_seq = ++seq;
			m[i].h.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
		}
		m[n - 1].h.nlmsg_flags |= NLM_F_ACK;
		if (send(fd, m, n * sizeof(m[0]), 0) < 0 || recv(fd, answer, sizeof(answer), 0) < 0)
			die("raw loop");
		int error;
		memcpy(&error, answer + sizeof(struct nlmsghdr), sizeof(error));
		if (error) {
			errno = -error;
			die("raw route");
		}
		at += n;
	}
	double took = now() - start;
	close(fd);
	return routes / took;
}

/* --- through zebra -------------------------------------------------------------------------------- */

static int sock = -1;

static void
send_message(unsigned type, const ProtobufCMessage *msg)
{
	size_t len = protobuf_c_message_get_packed_size(msg);
	uint8_t *buf = malloc(len + IPC_FRAME_HEAD);
	ipc_frame_head(buf, type, len);
	protobuf_c_message_pack(msg, buf + IPC_FRAME_HEAD);
	for (size_t at = 0; at < len + IPC_FRAME_HEAD;) {
		ssize_t n = write(sock, buf + at, len + IPC_FRAME_HEAD - at);
		if (n < 0)
			die("write to rib.sock");
		at += (size_t)n;
	}
	free(buf);
}

/* Reads until a message of this type (and sequence, of results); others are passed over. */
static void
wait_message(unsigned want, uint64_t sequence)
{
	static uint8_t buf[1 << 20];
	static size_t have;
	for (;;) {
		unsigned type;
		const uint8_t *payload;
		size_t len, used;
		while (ipc_frame_parse(buf, have, &type, &payload, &len, &used) == IPC_FRAME_OK) {
			bool found = type == want;
			if (type == RIB__RIB_TYPE__RIB_RESULTS) {
				Rib__Results *r = rib__results__unpack(NULL, len, payload);
				found = found && r && r->sequence >= sequence;
				if (r && r->failed.len)
					fprintf(stderr, "bench_rib: a route failed: %s\n", strerror((int)r->errno_value));
				rib__results__free_unpacked(r, NULL);
			}
			memmove(buf, buf + used, have - used);
			have -= used;
			if (found)
				return;
		}
		ssize_t n = read(sock, buf + have, sizeof(buf) - have);
		if (n <= 0)
			die("rib.sock ended");
		have += (size_t)n;
	}
}

static void
connect_client(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	Rib__Hello hello = RIB__HELLO__INIT;
	char name[] = "bench";
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/rib.sock", dir);
	for (int tries = 0; tries < 500; tries++) {
		sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (!connect(sock, (struct sockaddr *)&sun, sizeof(sun)))
			break;
		close(sock);
		sock = -1;
		usleep(10000);
	}
	if (sock < 0)
		die("connect");
	hello.protocol = name;
	hello.version = 1;
	hello.grace_seconds = 1;
	hello.want_results = true;
	send_message(RIB__RIB_TYPE__RIB_HELLO, &hello.base);
	wait_message(RIB__RIB_TYPE__RIB_SYNCED, 0);
}

static void
send_group(unsigned last_octet)
{
	Rib__Group g = RIB__GROUP__INIT;
	Rib__Leg leg = RIB__LEG__INIT, *legs[] = {&leg};
	uint8_t gw[4] = {10, 0, 0, (uint8_t)last_octet};
	leg.gateway.data = gw;
	leg.gateway.len = 4;
	leg.ifindex = 0; /* recursive: the connected route resolves it */
	g.id = last_octet;
	g.legs = legs;
	g.n_legs = 1;
	send_message(RIB__RIB_TYPE__RIB_GROUP, &g.base);
}

static double
through_run(unsigned group, bool withdraw)
{
	static uint8_t packed[BATCH * 5];
	static uint64_t sequence;
	Rib__Routes m = RIB__ROUTES__INIT;
	double start = now();
	m.afi = AFI_IP4;
	m.group = group;
	m.withdraw = withdraw;
	for (unsigned at = 0; at < routes;) {
		size_t len = 0;
		for (unsigned i = 0; i < BATCH && at < routes; i++, at++) {
			struct prefix p = prefix_number(at);
			len += prefix_pack(&p, packed + len);
		}
		m.prefixes.data = packed;
		m.prefixes.len = len;
		m.sequence = ++sequence;
		send_message(RIB__RIB_TYPE__RIB_ROUTES, &m.base);
	}
	wait_message(RIB__RIB_TYPE__RIB_RESULTS, sequence);
	return routes / (now() - start);
}

/* --- repair --------------------------------------------------------------------------------------- */

/* Primary over a0, backup over b0. */
static void
send_backed_group(unsigned id, unsigned a0, unsigned b0)
{
	Rib__Group g = RIB__GROUP__INIT;
	Rib__Leg a = RIB__LEG__INIT, b = RIB__LEG__INIT, *legs[] = {&a, &b};
	uint8_t gw[2][4] = {{10, 0, 0, 9}, {10, 0, 1, 9}};
	a.gateway = (ProtobufCBinaryData){4, gw[0]};
	b.gateway = (ProtobufCBinaryData){4, gw[1]};
	a.ifindex = a0;
	b.ifindex = b0;
	b.backup_rank = 1;
	g.id = id;
	g.legs = legs;
	g.n_legs = 2;
	send_message(RIB__RIB_TYPE__RIB_GROUP, &g.base);
}

static bool
is_dark(const struct nlmsghdr *h, unsigned ifindex)
{
	const struct ifinfomsg *i = NLMSG_DATA(h);
	return h->nlmsg_type == RTM_NEWLINK && (unsigned)i->ifi_index == ifindex && !(i->ifi_flags & IFF_RUNNING);
}

/* From the kernel's word that a0 is dark to its word that the group was replaced; milliseconds. */
static double
repair_run(unsigned a0)
{
	static char buf[65536];
	struct sockaddr_nl sa = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), group = RTNLGRP_NEXTHOP;
	struct timeval patience = {.tv_sec = 5};
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0
		|| setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		die("monitor");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	pid_t cutter = fork(); /* we are reading while it happens */
	if (!cutter) {
		usleep(20000);
		execlp("ip", "ip", "link", "set", "a1", "down", NULL);
		_exit(1);
	}
	double dark = 0, answer = 0;
	while (!answer) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			die("no repair seen");
		for (struct nlmsghdr *h = (struct nlmsghdr *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n))
			if (!dark && is_dark(h, a0))
				dark = now();
			else if (dark && h->nlmsg_type == RTM_NEWNEXTHOP)
				answer = now();
	}
	close(fd);
	waitpid(cutter, NULL, 0);
	shell("ip link set a1 up");
	usleep(300000);
	return (answer - dark) * 1e3;
}

static double
resident_mb(pid_t pid)
{
	char path[64], line[256];
	double kb = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmRSS:", 6))
			kb = atof(line + 6);
	if (f)
		fclose(f);
	return kb / 1024;
}

static double
cpu_seconds(pid_t pid)
{
	char path[64], line[512];
	unsigned long user = 0, sys = 0;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)pid);
	FILE *f = fopen(path, "r");
	if (f && fgets(line, sizeof(line), f))
		sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys);
	if (f)
		fclose(f);
	return (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
}

static pid_t
start_zebra(const char *self)
{
	char path[512];
	snprintf(path, sizeof(path), "%s", self);
	for (int up = 0; up < 3; up++)
		if (strrchr(path, '/'))
			*strrchr(path, '/') = '\0';
	strncat(path, "/sbin/zebra", sizeof(path) - strlen(path) - 1);
	pid_t pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left behind when the benchmark dies */
		execl(path, "zebra", "-N", "bench", "--run-dir", dir, "--state-dir", dir, "--log", "file:/dev/null", NULL);
		_exit(1);
	}
	return pid;
}

static void
report(const char *what, double value, const char *unit)
{
	printf("bench rib.%s %.*f %s\n", what, value < 1000 ? 3 : 0, value, unit);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	for (int c; (c = getopt(argc, argv, "n:s")) != -1;)
		if (c == 'n')
			routes = (unsigned)atoi(optarg);
		else
			shuffled = true;
	if (unshare(CLONE_NEWNET) < 0)
		die("network namespace (root?)");
	shell("sysctl -qw net.ipv4.nexthop_compat_mode=0 && ip link set lo up && ip link add a0 type veth peer name a1"
	      " && ip link set a0 up && ip link set a1 up && ip addr add 10.0.0.1/24 dev a0"
	      " && ip link add b0 type veth peer name b1 && ip link set b0 up && ip link set b1 up"
	      " && ip addr add 10.0.1.1/24 dev b0"
	      " && ip nexthop add id 4241 via 10.0.0.2 dev a0 && ip nexthop add id 4242 group 4241");
	double raw = raw_run(128);
	report("raw", raw, "routes/s");
	shell("ip nexthop del id 4242 && ip nexthop del id 4241");

	snprintf(dir, sizeof(dir), "/tmp/grevy-bench-rib-%d", (int)getpid());
	char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	pid_t zebra = start_zebra(path);
	connect_client();
	send_group(2);
	send_group(3);
	double idle_mb = resident_mb(zebra), cpu = cpu_seconds(zebra);
	double add = through_run(2, false);
	report("add", add, "routes/s");
	report("add_of_raw", add / raw * 100, "%");
	report("main_thread", (cpu_seconds(zebra) - cpu) * 1e6 / routes, "us/route");
	report("memory", (resident_mb(zebra) - idle_mb) * 1024 * 1024 / routes, "octets/route");
	report("again", through_run(2, false), "routes/s");
	report("replace", through_run(3, false), "routes/s");
	unsigned all = routes, a0 = if_nametoindex("a0");
	send_backed_group(9, a0, if_nametoindex("b0"));
	through_run(9, false);
	report("repair_all", repair_run(a0), "ms");
	report("repair_all", repair_run(a0), "ms");
	report("withdraw", through_run(0, true), "routes/s");
	routes = 1;
	through_run(9, false);
	report("repair_one", repair_run(a0), "ms");
	report("repair_one", repair_run(a0), "ms");
	routes = all;
	kill(zebra, SIGTERM);
	waitpid(zebra, NULL, 0);
	snprintf(path, sizeof(path), "rm -rf %s", dir);
	shell(path);
	return 0;
}
