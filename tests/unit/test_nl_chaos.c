/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random changes of links, addresses, neighbours, next hops and routes, with buffers so small that
 * events are lost all the time: what a follower of the listener knows in the end is what a fresh
 * dump says. The seed is printed and may be given as argument.
 */
#include <linux/if_addr.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/prng.h"
#include "zebra/kernel.h"
#include "zebra/kernel_sys.h"

#define ITEMS_MAX 8192
#define KEY_LEN   96

struct item {
	enum kernel_kind kind;
	bool marked;
	char key[KEY_LEN];
	char value[KEY_LEN];
};

struct mirror { /* what a follower knows */
	struct kernel *k;
	struct item items[ITEMS_MAX];
	unsigned count, ends;
};

static unsigned failures;

static struct item *
find(struct mirror *m, enum kernel_kind kind, const char *key)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->items[i].kind == kind && strcmp(m->items[i].key, key) == 0)
			return &m->items[i];
	return NULL;
}

static void
set(struct mirror *m, enum kernel_kind kind, const char *key, const char *value)
{
	struct item *it = find(m, kind, key);
	if (!it && m->count == ITEMS_MAX) {
		printf("not ok nl_chaos: too many items\n");
		exit(1);
	}
	if (!it)
		it = &m->items[m->count++];
	it->kind = kind;
	it->marked = false;
	snprintf(it->key, KEY_LEN, "%s", key);
	snprintf(it->value, KEY_LEN, "%s", value);
}

static void
gone(struct mirror *m, enum kernel_kind kind, const char *key)
{
	struct item *it = find(m, kind, key);
	if (it)
		*it = m->items[--m->count];
}

/* Routes with this text in their value go. */
static void
flush(struct mirror *m, const char *text)
{
	for (unsigned i = 0; i < m->count;)
		if (m->items[i].kind == KERNEL_ROUTE && strstr(m->items[i].value, text))
			m->items[i] = m->items[--m->count];
		else
			i++;
}

static void
routes_flushed(void *arg, uint32_t ifindex)
{
	char text[KEY_LEN];
	snprintf(text, sizeof(text), "v4 oif %u ", ifindex);
	flush(arg, text);
}

static void
link_is(void *arg, const struct kernel_link *l)
{
	char key[KEY_LEN], value[KEY_LEN];
	snprintf(key, sizeof(key), "%u", l->ifindex);
	snprintf(value, sizeof(value), "%s mtu %u flags %x", l->name, l->mtu, l->flags);
	set(arg, KERNEL_LINK, key, value);
}

static void
link_gone(void *arg, uint32_t ifindex)
{
	char key[KEY_LEN];
	snprintf(key, sizeof(key), "%u", ifindex);
	gone(arg, KERNEL_LINK, key);
}

static void
addr_key(const struct kernel_addr *a, char *key)
{
	char text[IPADDR_STRLEN];
	snprintf(key, KEY_LEN, "%u %s/%u", a->ifindex, ipaddr_print(&a->local, text), a->prefixlen);
}

static void
addr_is(void *arg, const struct kernel_addr *a)
{
	char key[KEY_LEN];
	if (a->flags & IFA_F_TENTATIVE)
		return; /* its event comes when it is ready */
	addr_key(a, key);
	set(arg, KERNEL_ADDR, key, "");
}

static void
addr_gone(void *arg, const struct kernel_addr *a)
{
	char key[KEY_LEN];
	addr_key(a, key);
	gone(arg, KERNEL_ADDR, key);
}

static void
neigh_any(struct mirror *m, const struct kernel_neigh *n, bool there)
{
	char key[KEY_LEN], text[IPADDR_STRLEN];
	snprintf(key, sizeof(key), "%u %s", n->ifindex, ipaddr_print(&n->addr, text));
	if (ipaddr_is_multicast(&n->addr))
		return; /* made by the kernel without an event */
	if (there)
		set(m, KERNEL_NEIGH, key, "");
	else
		gone(m, KERNEL_NEIGH, key);
}

static void
neigh_is(void *arg, const struct kernel_neigh *n)
{
	neigh_any(arg, n, true);
}

static void
neigh_gone(void *arg, const struct kernel_neigh *n)
{
	neigh_any(arg, n, false);
}

static void
nexthop_is(void *arg, const struct kernel_nexthop *nh)
{
	char key[KEY_LEN], value[KEY_LEN], text[IPADDR_STRLEN];
	snprintf(key, sizeof(key), "%u", nh->id);
	snprintf(value, sizeof(value), "%d %u %s", nh->group, nh->leg_count,
		nh->leg_count ? ipaddr_print(&nh->legs[0].gateway, text) : "");
	set(arg, KERNEL_NEXTHOP, key, value);
}

static void
nexthop_gone(void *arg, uint32_t id)
{
	char key[KEY_LEN];
	snprintf(key, sizeof(key), "%u", id);
	gone(arg, KERNEL_NEXTHOP, key);
	snprintf(key, sizeof(key), "nhid %u ", id); /* its routes go along, silently */
	flush(arg, key);
}

static void
route_key(const struct kernel_route *r, char *key)
{
	char text[PREFIX_STRLEN];
	snprintf(key, KEY_LEN, "%s table %u metric %u", prefix_print(&r->prefix, text), r->table,
		r->metric);
}

static bool
route_counts(const struct kernel_route *r)
{
	/* what the kernel makes and flushes by itself, partly without an event, is not compared */
	return r->protocol == 186;
}

static void
route_is(void *arg, const struct kernel_route *r)
{
	char key[KEY_LEN], value[KEY_LEN];
	if (!route_counts(r))
		return;
	route_key(r, key);
	if (r->prefix.afi == AFI_IP4 && r->leg_count == 1)
		snprintf(value, sizeof(value), "v4 oif %u type %u", r->legs[0].oif, r->type);
	else
		snprintf(value, sizeof(value), "nhid %u type %u", r->nhid, r->type);
	set(arg, KERNEL_ROUTE, key, value);
}

static void
route_gone(void *arg, const struct kernel_route *r)
{
	char key[KEY_LEN];
	if (!route_counts(r))
		return;
	route_key(r, key);
	gone(arg, KERNEL_ROUTE, key);
}

static void
begin(void *arg, enum kernel_kind kind)
{
	struct mirror *m = arg;
	for (unsigned i = 0; i < m->count; i++)
		if (m->items[i].kind == kind)
			m->items[i].marked = true;
}

static void
end(void *arg, enum kernel_kind kind)
{
	struct mirror *m = arg;
	for (unsigned i = 0; i < m->count;)
		if (m->items[i].kind == kind && m->items[i].marked)
			m->items[i] = m->items[--m->count];
		else
			i++;
	m->ends++;
}

static const struct kernel_ops mirror_ops = {.link = link_is,
	.link_gone = link_gone,
	.addr = addr_is,
	.addr_gone = addr_gone,
	.neigh = neigh_is,
	.neigh_gone = neigh_gone,
	.nexthop = nexthop_is,
	.nexthop_gone = nexthop_gone,
	.route = route_is,
	.route_gone = route_gone,
	.routes_flushed = routes_flushed,
	.resync_begin = begin,
	.resync_end = end};

static void
settle(struct mirror *m, int quiet)
{
	struct pollfd p = {.fd = kernel_fd(m->k), .events = POLLIN};
	while (poll(&p, 1, quiet) > 0)
		kernel_run(m->k, kernel_now(), 64);
}

/* --- changes ------------------------------------------------------------------------------------ */

static void
command(FILE *f, struct prng *r)
{
	unsigned n = prng_below(r, 24), what = prng_below(r, 14);
	const char *verb = prng_below(r, 2) ? "add" : "del";
	const char *rep = prng_below(r, 2) ? "replace" : "del";
	if (what == 0)
		fprintf(f, "link %s t%u %s\n", verb, n % 6, verb[0] == 'a' ? "type veth" : "");
	else if (what == 1)
		fprintf(f, "link set t%u %s\n", n % 6, prng_below(r, 2) ? "up" : "down");
	else if (what == 2)
		fprintf(f, "link set t%u mtu %u\n", n % 6, 1300 + n);
	else if (what <= 4)
		fprintf(f, "addr %s 10.50.%u.1/24 dev s0\n", verb, n);
	else if (what == 5)
		fprintf(f, "addr %s 2001:db8:50:%u::1/64 dev s0 nodad\n", verb, n);
	else if (what == 6)
		fprintf(f, "neigh %s 192.0.2.%u %sdev s0\n", rep, 20 + n,
			rep[0] == 'r' ? "lladdr 02:00:00:00:00:01 nud permanent " : "");
	else if (what == 7)
		fprintf(f, "nexthop %s id %u %s\n", rep, 1 + n,
			rep[0] == 'r' ? (prng_below(r, 2) ? "via 192.0.2.7 dev s0" : "dev s0") : "");
	else if (what <= 9)
		fprintf(f, "route %s 10.60.%u.0/24 via 192.0.2.%u proto 186\n", rep, n,
			2 + prng_below(r, 3));
	else if (what == 10)
		fprintf(f, "route %s 10.61.%u.0/24 nhid %u proto 186 metric 20\n", rep, n, 1 + n);
	else if (what == 11) {
		const char *updown = prng_below(r, 2) ? "up" : "down";
		fprintf(f, "link set u0 %s\n", updown);
	} else if (what == 12)
		fprintf(f, "route %s 10.62.%u.0/24 dev u0 proto 186\n", rep, n);
	else
		fprintf(f, "route %s 2001:db8:60:%u::/64 via 2001:db8::%u proto 186\n", rep, n,
			2 + prng_below(r, 3));
}

static void
change(struct prng *r, unsigned count)
{
	char path[] = "/tmp/grevy-chaos-XXXXXX", run[128];
	int fd = mkstemp(path);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f)
		exit(2);
	for (unsigned i = 0; i < count; i++)
		command(f, r);
	fclose(f);
	snprintf(run, sizeof(run), "ip -force -batch %s >/dev/null 2>&1", path);
	if (system(run) < 0)
		exit(2);
	unlink(path);
}

/* --- comparison --------------------------------------------------------------------------------- */

static void
compare(struct mirror *a, struct mirror *b, const char *what, unsigned round)
{
	for (unsigned i = 0; i < a->count; i++) {
		struct item *it = find(b, a->items[i].kind, a->items[i].key);
		if (it && strcmp(it->value, a->items[i].value) == 0)
			continue;
		printf("# round %u: %s: kind %u \"%s\" = \"%s\" / \"%s\"\n", round, what,
			a->items[i].kind, a->items[i].key, a->items[i].value, it ? it->value : "-");
		failures++;
	}
}

int
main(int argc, char **argv)
{
	static struct mirror follower, fresh;
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t) time(NULL);
	unsigned rounds = argc > 2 ? (unsigned) atoi(argv[2]) : 6;
	struct prng r;
	prng_seed(&r, seed);
	printf("# seed %llu\n", (unsigned long long) seed);
	/* link-local addresses that the kernel makes when it finds the time would be no chaos of ours: a
	 * dump taken meanwhile differs from what is known a moment later */
	if (unshare(CLONE_NEWNET) < 0 ||
		system("for i in all default; do echo 1 > /proc/sys/net/ipv6/conf/$i/addr_gen_mode; done") != 0 ||
		system("ip link set lo up && ip link add s0 type veth peer name s1 && "
		       "ip link set s0 up && ip link set s1 up && "
		       "ip link add u0 type veth peer name u1 && ip link set u1 up && ip addr add 192.0.2.1/24 dev s0 && "
		       "ip addr add 2001:db8::1/64 dev s0 nodad") != 0 ||
		kernel_nexthop_objects_only() != 0) {
		printf("not ok nl_chaos: no namespace\n");
		return 1;
	}
	follower.k = kernel_open(&mirror_ops, &follower);
	if (!follower.k)
		return 2;
	settle(&follower, 100);
	for (unsigned i = 0; i < rounds && failures == 0; i++) {
		kernel_shrink(follower.k, 2048 << prng_below(&r, 6));
		for (unsigned part = 0; part < 4; part++) {
			for (unsigned n = prng_below(&r, 20); n > 0; n--) { /* some are followed */
				change(&r, 1 + prng_below(&r, 3));
				settle(&follower, 0);
			}
			change(&r, 20 + prng_below(&r, 150)); /* and some overflow */
			if (prng_below(&r, 2))
				settle(&follower, 0);
		}
		settle(&follower, 1200); /* longer than the pause between two dumps */
		memset(&fresh, 0, sizeof(fresh));
		fresh.k = kernel_open(&mirror_ops, &fresh);
		if (!fresh.k)
			return 2;
		settle(&fresh, 50);
		settle(&follower, 50);
		compare(&follower, &fresh, "known but not there", i);
		compare(&fresh, &follower, "there but not known", i);
		kernel_close(fresh.k);
	}
	const struct kernel_counters *c = kernel_counters(follower.k);
	printf("# %llu events, %llu overruns, %llu dumps\n", (unsigned long long) c->events,
		(unsigned long long) c->overruns, (unsigned long long) c->resyncs);
	if (c->overruns == 0 || c->events == 0 || c->refused > 0)
		failures++; /* then it has proved nothing */
	if (failures)
		printf("not ok nl_chaos: follower and kernel agree - seed %llu\n",
			(unsigned long long) seed);
	else
		printf("ok nl_chaos: follower and kernel agree after lost events\n");
	kernel_close(follower.k);
	return failures ? 1 : 0;
}
