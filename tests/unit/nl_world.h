/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests against a real kernel: an own network namespace, commands of iproute2 in it, and a
 * memory of what the listener reported and what the writer handed back.
 */
#ifndef GREVY_TESTS_UNIT_NL_WORLD_H
#define GREVY_TESTS_UNIT_NL_WORLD_H

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "zebra/dplane.h"
#include "zebra/kernel.h"
#include "zebra/kernel_sys.h"

enum what { LINK, LINK_GONE, ADDR, ADDR_GONE, NEIGH, NEIGH_GONE, NH, NH_GONE, ROUTE, ROUTE_GONE,
	BEGIN, END, WHATS };

#define LOG_MAX 4096

struct seen { /* one report, the parts that tests look at */
	enum what what;
	union {
		struct kernel_link link;
		struct kernel_addr addr;
		struct kernel_neigh neigh;
		struct kernel_nexthop nh;
		struct kernel_route route;
		uint32_t id;
		enum kernel_kind kind;
	} u;
};

struct world {
	struct kernel *k;
	struct dplane *d;
	struct seen *log; /* the last LOG_MAX reports */
	unsigned logged;
	unsigned count[WHATS];
	unsigned begun[KERNEL_KINDS];
	unsigned done, failed, writable, out_of_order;
	uint64_t last_cookie;
	int last_error;
	uint64_t failed_cookie;
	uint8_t last_kind;
};

static struct world world;

static inline void
saw(enum what what, const void *value, size_t size)
{
	struct seen *s = &world.log[world.logged++ % LOG_MAX];
	s->what = what;
	memcpy(&s->u, value, size);
	world.count[what]++;
}

#define REPORT(name, what, type)                                                                   \
	static inline void name(void *arg, const struct type *value)                               \
	{                                                                                          \
		(void) arg;                                                                        \
		saw(what, value, sizeof(*value));                                                  \
	}
REPORT(saw_link, LINK, kernel_link)
REPORT(saw_addr, ADDR, kernel_addr)
REPORT(saw_addr_gone, ADDR_GONE, kernel_addr)
REPORT(saw_neigh, NEIGH, kernel_neigh)
REPORT(saw_neigh_gone, NEIGH_GONE, kernel_neigh)
REPORT(saw_nh, NH, kernel_nexthop)
REPORT(saw_route, ROUTE, kernel_route)
REPORT(saw_route_gone, ROUTE_GONE, kernel_route)

static inline void
saw_link_gone(void *arg, uint32_t id)
{
	(void) arg;
	saw(LINK_GONE, &id, sizeof(id));
}
static inline void
saw_nh_gone(void *arg, uint32_t id)
{
	(void) arg;
	saw(NH_GONE, &id, sizeof(id));
}
static inline void
saw_begin(void *arg, enum kernel_kind kind)
{
	(void) arg;
	world.begun[kind]++;
	saw(BEGIN, &kind, sizeof(kind));
}
static inline void
saw_end(void *arg, enum kernel_kind kind)
{
	(void) arg;
	saw(END, &kind, sizeof(kind));
}
static inline void
was_done(void *arg, const struct dplane_op *op, int error)
{
	(void) arg;
	if (op->kind == DPLANE_ROUTE && op->cookie) {
		world.out_of_order += op->cookie <= world.last_cookie;
		world.last_cookie = op->cookie;
	}
	world.done++;
	world.last_kind = op->kind;
	world.last_error = error;
	if (error) {
		world.failed++;
		world.failed_cookie = op->cookie;
	}
}
static inline void
was_writable(void *arg)
{
	(void) arg;
	world.writable++;
}

/* A command that must work, in the namespace. */
__attribute__((format(printf, 1, 2))) static inline void
run(const char *fmt, ...)
{
	char cmd[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (system(cmd) != 0) {
		printf("# failed: %s\n", cmd);
		CU_FAIL("a command failed");
	}
}

/* First line of a command's output is in `out` (empty if none). */
static inline void
ask(char *out, size_t size, const char *cmd)
{
	out[0] = '\0';
	FILE *f = popen(cmd, "r");
	if (!f)
		return;
	if (!fgets(out, (int) size, f))
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	pclose(f);
}

static inline void
turn(int timeout)
{
	struct pollfd p[2] = {{.fd = kernel_fd(world.k), .events = POLLIN},
		{.fd = world.d ? dplane_fd(world.d) : -1, .events = POLLIN}};
	poll(p, 2, timeout);
	if (p[0].revents)
		kernel_run(world.k, kernel_now(), 256);
	if (p[1].revents)
		dplane_run(world.d, 1000);
}

/* Turns until the expression is true; false after ten seconds. */
#define UNTIL(expression)                                                                          \
	({                                                                                         \
		int64_t end_ = kernel_now() + 10000000;                                            \
		while (!(expression) && kernel_now() < end_)                                       \
			turn(100);                                                                 \
		bool good_ = (expression);                                                         \
		good_;                                                                             \
	})
/* Everything that is on its way has arrived: nothing came for 50 ms. */
static inline void
settle(void)
{
	for (;;) {
		struct pollfd p = {.fd = kernel_fd(world.k), .events = POLLIN};
		if (poll(&p, 1, 50) == 0 && (!world.d || dplane_pending(world.d) == 0))
			return;
		turn(0);
	}
}

static inline void
forget(void)
{
	world.logged = 0;
	memset(world.count, 0, sizeof(world.count));
	memset(world.begun, 0, sizeof(world.begun));
	world.done = world.failed = world.writable = world.out_of_order = 0;
	world.last_cookie = world.failed_cookie = 0;
	world.last_error = 0;
}

/* The n-th report of a kind from the end (0: the last); NULL: none such. */
static inline const struct seen *
last(enum what what)
{
	for (unsigned i = world.logged; i > 0 && world.logged - i < LOG_MAX; i--)
		if (world.log[(i - 1) % LOG_MAX].what == what)
			return &world.log[(i - 1) % LOG_MAX];
	return NULL;
}

static inline const struct kernel_link *
last_link(const char *name)
{
	for (unsigned i = world.logged; i > 0 && world.logged - i < LOG_MAX; i--) {
		const struct seen *s = &world.log[(i - 1) % LOG_MAX];
		if (s->what == LINK && strcmp(s->u.link.name, name) == 0)
			return &s->u.link;
	}
	return NULL;
}

static inline const struct kernel_route *
last_route(const char *text, enum what what)
{
	struct prefix p;
	if (!prefix_parse(text, true, &p))
		return NULL;
	for (unsigned i = world.logged; i > 0 && world.logged - i < LOG_MAX; i--) {
		const struct seen *s = &world.log[(i - 1) % LOG_MAX];
		if (s->what == what && prefix_equal(&s->u.route.prefix, &p))
			return &s->u.route;
	}
	return NULL;
}

static inline bool
is_addr(const struct ipaddr *a, const char *text)
{
	struct ipaddr b;
	return ipaddr_parse(text, &b) && ipaddr_cmp(a, &b) == 0;
}

static inline void
world_open_kernel(void)
{
	static const struct kernel_ops ops = {.link = saw_link,
		.link_gone = saw_link_gone,
		.addr = saw_addr,
		.addr_gone = saw_addr_gone,
		.neigh = saw_neigh,
		.neigh_gone = saw_neigh_gone,
		.nexthop = saw_nh,
		.nexthop_gone = saw_nh_gone,
		.route = saw_route,
		.route_gone = saw_route_gone,
		.resync_begin = saw_begin,
		.resync_end = saw_end};
	world.k = kernel_open(&ops, NULL);
	if (!world.k)
		exit(2);
}

static inline void
world_open_dplane(size_t slots)
{
	static const struct dplane_ops ops = {.done = was_done, .writable = was_writable};
	world.d = dplane_open(&ops, NULL, slots);
	if (!world.d)
		exit(2);
	kernel_ignore_port(world.k, dplane_port(world.d));
}

/* A new namespace with v0 <-> v1 up, 192.0.2.1/24 and 2001:db8::1/64 on v0. */
static inline void
world_new(void)
{
	if (!world.log)
		world.log = calloc(LOG_MAX, sizeof(*world.log));
	if (unshare(CLONE_NEWNET) < 0) {
		perror("not ok world - unshare");
		exit(2);
	}
	run("ip link set lo up");
	run("ip link add v0 type veth peer name v1");
	run("ip link set v0 up && ip link set v1 up");
	run("ip addr add 192.0.2.1/24 dev v0");
	if (kernel_sysctl_get("net/ipv6/conf/all/disable_ipv6") == 0)
		run("ip addr add 2001:db8::1/64 dev v0 nodad");
	CU_ASSERT(kernel_nexthop_objects_only() == 0);
	forget();
}

static inline void
world_close(void)
{
	if (world.d)
		dplane_close(world.d);
	if (world.k)
		kernel_close(world.k);
	world.d = NULL;
	world.k = NULL;
}

#endif
