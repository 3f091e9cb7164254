/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim stories FOLDER          each folder below it is a story, see story.c; UPDATE=1 rewrites what came out
 * sim                         200 cases, then the stories of tests/sim/cases
 * sim [--seed N] [--cases N] [--routers MAX] [--steps N] [--trace] [--no-zebra] [--lan | --gateways]
 *
 * Each case is a random network from its own seed (seed + number): it starts, settles, and then things
 * go wrong several times; after each settling every router's routes equal the oracle's and databases that
 * can talk are equal. One line per ten cases. The first case is run twice and must send the same packets.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "tests/sim/bfd.h"
#include "tests/sim/gateways.h"
#include "tests/sim/hosts.h"
#include "tests/sim/lan.h"
#include "tests/sim/rib.h"
#include "tests/sim/story.h"

#define GROUP 10

struct options {
	uint64_t seed;
	uint32_t cases, routers, steps;
	bool trace, zebra;
	bool lan, gateways; /* gateway routers on a LAN instead of networks; networks with gateways */
};

struct outcome {
	bool ok;
	uint64_t hash, packets, events, checked;
	size_t routers;
	char why[900];
};

static bool
settled(struct sim *s, int64_t wait)
{
	chaos_calm(s);
	if (!s->gateways) {
		clock_run(s, s->now + wait);
		return check_routes(s) && check_databases(s);
	}
	gateways_run(s, s->now + wait);
	return !s->why[0] && check_routes(s) && check_databases(s) && check_gateways(s);
}

/*
 * Nothing was going on, and then one thing breaks: how long may a route be wrong? As long as it takes
 * to notice (carrier: nothing, else the dead interval) and a moment for flooding and one run everywhere;
 * none of the slow timers may come in between.
 */
#define DEAD_INTERVAL (40 * TIME_SEC)
#define MOMENT        (1500 * TIME_MS)

static struct segment *
some_link(struct sim *s)
{
	for (size_t i = 0; i < s->seg_count; i++) {
		struct segment *x = &s->segs[(i + s->seed) % s->seg_count];
		if (x->kind == SEG_P2P && x->port_count == 2 && net_hears(x->ports[0], x->ports[1]))
			return x;
	}
	return NULL;
}

static void
link_carrier(struct segment *g, bool up)
{
	for (size_t i = 0; i < 2; i++) {
		g->ports[i]->up = up;
		node_port_changed(g->ports[i]->node, g->ports[i]);
	}
}

static bool
pull_one(struct sim *s, const char **what)
{
	struct segment *g = some_link(s);
	if (!g)
		return true;
	*what = "a link without carrier, checked after 1.5 s";
	link_carrier(g, false);
	clock_run(s, s->now + MOMENT);
	if (!check_routes(s))
		return false;
	link_carrier(g, true);
	*what = "a link back";
	return settled(s, 60 * TIME_SEC);
}

static bool
cut_one(struct sim *s, const char **what)
{
	struct segment *g = some_link(s);
	if (!g)
		return true;
	*what = "a link cut silently, checked after the dead interval";
	g->cut = true;
	clock_run(s, s->now + DEAD_INTERVAL + MOMENT);
	if (!check_routes(s))
		return false;
	g->cut = false;
	*what = "a link mended";
	return settled(s, 60 * TIME_SEC);
}

static uint64_t
changes_elsewhere(const struct sim *s, const struct node *n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < s->node_count; i++)
		sum += &s->nodes[i] == n ? 0 : s->nodes[i].route_changes;
	return sum;
}

/* Does a route of this router's kernel go out by that port though it has another way? */
static bool
kernel_uses(const struct node *n, const struct port *p)
{
	struct kernel_route route;
	struct ospf_leg legs[LEGS_MAX];
	for (struct prefix at = { 0 }; vkernel_route(n->kernel, &at, &route);) {
		size_t count = vkernel_legs(n->kernel, &route.prefix, legs, LEGS_MAX);
		for (size_t i = 0; count > 1 && i < count; i++)
			if (legs[i].ifindex == p->ifindex)
				return true;
	}
	return false;
}

/*
 * BFD: a message after the detection time no route with another way uses the dead link, whatever OSPF does;
 * and a moment later all routes of all routers are right.
 */
#define ONE_MESSAGE TIME_MS

static bool
cut_with_bfd(struct sim *s, const char **what)
{
	struct segment *g = some_link(s);
	if (!g || !g->bfd || !g->ports[0]->node->rib || !g->ports[1]->node->rib)
		return true;
	*what = "a link with BFD cut silently";
	unsigned before = vbfd_downs(g->ports[0]->node);
	g->cut = true;
	clock_run(s, s->now + SIM_BFD_DETECTION + ONE_MESSAGE);
	if (vbfd_downs(g->ports[0]->node) == before)
		return check_fail(s, "r%u: BFD has not noticed the cut", g->ports[0]->node->index);
	for (size_t i = 0; i < 2; i++)
		if (kernel_uses(g->ports[i]->node, g->ports[i]))
			return check_fail(s, "r%u: routes still go by p%u, a message after the detection time",
				g->ports[i]->node->index, g->ports[i]->ifindex);
	clock_run(s, s->now + MOMENT);
	if (!check_routes(s))
		return false;
	g->cut = false;
	*what = "a link with BFD mended";
	return settled(s, 60 * TIME_SEC);
}

static unsigned
downs_of_all(const struct sim *s)
{
	unsigned sum = 0;
	for (size_t i = 0; i < s->node_count; i++)
		sum += vbfd_downs(&s->nodes[i]);
	return sum;
}

/* kill -9 of bfdd: the new one goes on with the old sessions, and nobody notices. */
static bool
restart_bfdd(struct sim *s, const char **what)
{
	struct node *n = &s->nodes[s->seed % s->node_count];
	if (!n->bfd)
		return true;
	*what = "bfdd restarted";
	uint64_t changes = changes_elsewhere(s, NULL);
	unsigned downs = downs_of_all(s) - vbfd_downs(n);
	vbfd_kill(n);
	clock_run(s, s->now + (int64_t)(s->seed % 180) * TIME_MS);
	vbfd_start(n);
	clock_run(s, s->now + 5 * TIME_SEC);
	if (downs_of_all(s) != downs)
		return check_fail(s, "%u sessions went down by a restart of r%u's bfdd", downs_of_all(s) - downs,
			n->index);
	if (changes_elsewhere(s, NULL) != changes)
		return check_fail(s, "routes changed by a restart of r%u's bfdd", n->index);
	return check_routes(s);
}

static bool
lose_one(struct sim *s, const char **what)
{
	struct node *n = &s->nodes[(s->seed / 3) % s->node_count];
	*what = "a router switched off, checked after the dead interval";
	node_kill(n);
	clock_run(s, s->now + DEAD_INTERVAL + 2 * MOMENT);
	if (!check_routes(s))
		return false;
	node_start(n);
	*what = "a router switched on";
	/* millisecond by millisecond, while it learns what it has to */
	uint64_t moved = s->moved;
	for (int64_t end = s->now + 3 * TIME_SEC; s->until_ready && s->zebra && s->node_count <= 25 && s->now < end;) {
		clock_run(s, s->now + TIME_MS);
		if (s->moved != moved && !check_forwards(s, n))
			return false;
		moved = s->moved;
	}
	return settled(s, 120 * TIME_SEC);
}

/* What a router's routes are worth without one of its links: primary legs first, else the alternate. */
static struct fib *
routes_without(const struct node *n, uint32_t ifindex)
{
	struct fib *out = fib_new();
	for (const struct fib_entry *e = fib_next(n->fib, NULL); e; e = fib_next(n->fib, &e->route.prefix)) {
		struct ospf_leg legs[LEGS_MAX];
		size_t count = 0;
		for (size_t i = 0; i < e->leg_count; i++)
			if (e->legs[i].ifindex != ifindex && (!count || !e->legs[i].backup_rank))
				legs[count++] = e->legs[i];
		if (count)
			fib_batch(out, &(struct ospf_route_batch){ .legs = legs, .leg_count = count,
				.routes = &e->route, .count = 1 });
	}
	return out;
}

/* zebra alone, from what it was given before: ospfd is dead when the link goes. */
static bool
repair_without_ospfd(struct sim *s, const char **what)
{
	struct segment *g = s->lfa && s->zebra ? some_link(s) : NULL;
	if (!g)
		return true;
	*what = "a link without carrier while ospfd is dead";
	struct port *p = g->ports[s->seed / 2 % 2];
	struct node *n = p->node;
	struct fib *want = routes_without(n, p->ifindex);
	node_ospf_kill(n);
	p->up = false;
	node_port_changed(n, p);
	clock_run(s, s->now + 50 * TIME_MS);
	bool ok = check_kernel(s, n, want);
	fib_free(want);
	if (!ok)
		return false;
	p->up = true;
	node_port_changed(n, p);
	node_ospf_start(n);
	*what = "ospfd and the link back";
	return settled(s, 60 * TIME_SEC);
}

static bool
restart_daemons(struct sim *s, const char **what)
{
	struct node *n = &s->nodes[s->seed % s->node_count];
	if (!n->kernel)
		return true;
	size_t routes = vkernel_routes(n->kernel);
	uint64_t deletes = vkernel_deletes(n->kernel), elsewhere = changes_elsewhere(s, n);
	*what = "zebra restarted";
	node_zebra_kill(n);
	clock_run(s, s->now + 100 * TIME_MS);
	node_zebra_start(n);
	clock_run(s, s->now + TIME_SEC);
	if (!check_routes(s))
		return false;
	*what = "ospfd restarted";
	node_ospf_kill(n);
	clock_run(s, s->now + 100 * TIME_MS);
	if (vkernel_routes(n->kernel) != routes || vkernel_deletes(n->kernel) != deletes)
		return check_fail(s, "r%u: the kernel had %zu routes and %llu deletes, now %zu and %llu", n->index,
			routes, (unsigned long long)deletes, vkernel_routes(n->kernel),
			(unsigned long long)vkernel_deletes(n->kernel));
	node_ospf_start(n);
	clock_run(s, s->now + 200 * TIME_MS);
	if (vkernel_deletes(n->kernel) != deletes)
		return check_fail(s, "r%u: a restart of ospfd deletes routes", n->index);
	if (!settled(s, 150 * TIME_SEC))
		return false;
	if (vkernel_deletes(n->kernel) != deletes)
		return check_fail(s, "r%u: %llu routes were deleted after a restart of ospfd", n->index,
			(unsigned long long)(vkernel_deletes(n->kernel) - deletes));
	/* the neighbours have noticed, but nobody's routes have moved */
	if (changes_elsewhere(s, n) != elsewhere)
		return check_fail(s, "a restart of r%u's ospfd changed %llu routes elsewhere", n->index,
			(unsigned long long)(changes_elsewhere(s, n) - elsewhere));
	return true;
}

/* Every LSA is refreshed in time: two quiet hours change no route. */
static bool
quiet_hours(struct sim *s, const char **what)
{
	uint64_t before = changes_elsewhere(s, NULL);
	if (s->node_count > 12 || s->bfd || !settled(s, 60 * TIME_SEC))
		return !s->why[0];
	*what = "two quiet hours";
	clock_run(s, s->now + 7200 * TIME_SEC);
	if (changes_elsewhere(s, NULL) != before)
		return check_fail(s, "%llu routes changed although nothing happened",
			(unsigned long long)(changes_elsewhere(s, NULL) - before));
	return check_routes(s) && check_databases(s);
}

static bool
play(struct sim *s, const struct options *opt, char *story, size_t size)
{
	static bool (*const trials[])(struct sim *, const char **) = { restart_daemons, restart_bfdd, quiet_hours, pull_one,
		repair_without_ospfd, cut_one, cut_with_bfd, lose_one };
	const char *what = "start";
	s->gateways = opt->gateways;
	topo_random(s, opt->routers);
	hosts_start(s);
	for (size_t i = 0; i < s->node_count; i++) {
		/* not all at once */
		node_start(&s->nodes[i]);
		if (prng_below(&s->rng, 3) == 0)
			clock_run(s, s->now + prng_below(&s->rng, 500) * TIME_MS);
	}
	snprintf(story, size, "%s", what);
	if (!settled(s, 120 * TIME_SEC))
		return false;
	if (s->gateways && !gateways_trials(s, &what)) {
		snprintf(story, size, "%s", what);
		return false;
	}
	for (size_t i = 0; !s->gateways && i < sizeof(trials) / sizeof(trials[0]); i++)
		if (!trials[i](s, &what)) {
			snprintf(story, size, "%s", what);
			return false;
		}
	for (uint32_t i = 0; i < opt->steps; i++) {
		char step[300];
		int64_t wait = chaos_step(s, step, sizeof(step));
		size_t len = strlen(story);
		snprintf(story + len, size - len, "; %s", step);
		if (s->trace)
			printf("  %.6f %s\n", (double)s->now / 1e6, step);
		if (!settled(s, wait))
			return false;
	}
	return true;
}

static struct outcome
run_case(const struct options *opt, uint64_t seed)
{
	struct outcome out = { .ok = true };
	struct sim *s = mem_zalloc(sizeof(*s));
	char story[700];
	size_t held = mem_live();
	s->seed = seed;
	s->now = TIME_SEC;
	s->trace = opt->trace;
	s->zebra = opt->zebra;
	prng_seed(&s->rng, seed);
	out.ok = opt->lan ? lan_case(s, opt->steps, story, sizeof(story)) : play(s, opt, story, sizeof(story));
	snprintf(out.why, sizeof(out.why), "%s at %.3f s, after: %s", s->why, (double)s->now / 1e6, story);
	if (!out.ok && s->trace && !opt->lan)
		check_dump(s);
	out.hash = s->hash;
	out.packets = s->packets;
	out.events = s->events;
	out.checked = s->checked;
	out.routers = s->node_count;
	sim_free(s);
	size_t left = mem_live();
	if (out.ok && left > held) {
		out.ok = false;
		snprintf(out.why, sizeof(out.why), "%zu blocks were not freed", left - held);
	}
	mem_free(s);
	return out;
}

static bool
options_get(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--trace")) {
			o->trace = true;
			continue;
		}
		if (!strcmp(argv[i], "--no-zebra") || !strcmp(argv[i], "--lan") || !strcmp(argv[i], "--gateways")) {
			o->zebra &= strcmp(argv[i], "--no-zebra") != 0;
			if (!strcmp(argv[i], "--gateways"))
				*o = (struct options){ .seed = o->seed, .cases = 40, .routers = 10, .steps = 3, .zebra = true,
					.trace = o->trace, .gateways = true };
			o->lan |= !strcmp(argv[i], "--lan");
			continue;
		}
		if (i + 1 == argc)
			return false;
		uint64_t v = strtoull(argv[i + 1], NULL, 0);
		if (!strcmp(argv[i], "--seed"))
			o->seed = v;
		else if (!strcmp(argv[i], "--cases"))
			o->cases = (uint32_t)v;
		else if (!strcmp(argv[i], "--routers"))
			o->routers = (uint32_t)v;
		else if (!strcmp(argv[i], "--steps"))
			o->steps = (uint32_t)v;
		else
			return false;
		i++;
	}
	return o->routers >= 2;
}

static bool
run_twice(const struct options *opt)
{
	struct outcome a = run_case(opt, opt->seed), b = run_case(opt, opt->seed);
	if (a.hash != b.hash || a.packets != b.packets) {
		printf("not ok sim seed=%llu is deterministic - %llu packets hash %016llx, then %llu hash "
		       "%016llx\n", (unsigned long long)opt->seed, (unsigned long long)a.packets,
			(unsigned long long)a.hash, (unsigned long long)b.packets, (unsigned long long)b.hash);
		return false;
	}
	printf("ok sim seed=%llu is deterministic: twice %llu packets, hash %016llx\n",
		(unsigned long long)opt->seed, (unsigned long long)a.packets, (unsigned long long)a.hash);
	return true;
}

static bool
run_group(const struct options *opt, uint32_t from, uint32_t to)
{
	uint64_t packets = 0, checked = 0, first = opt->seed + from;
	size_t routers = 0;
	bool ok = true;
	for (uint32_t i = from; i < to; i++) {
		struct outcome r = run_case(opt, opt->seed + i);
		packets += r.packets;
		checked += r.checked;
		routers += r.routers;
		if (r.ok)
			continue;
		ok = false;
		printf("not ok sim seed=%llu routers=%zu - %s\n", (unsigned long long)(opt->seed + i),
			r.routers, r.why);
	}
	if (ok && opt->lan)
		printf("ok sim gateways seed=%llu..%llu: %llu adverts\n", (unsigned long long)first,
			(unsigned long long)(opt->seed + to - 1), (unsigned long long)packets);
	else if (ok)
		printf("ok sim seed=%llu..%llu: %zu routers, %llu packets, %llu routes compared\n",
			(unsigned long long)first, (unsigned long long)(opt->seed + to - 1), routers,
			(unsigned long long)packets, (unsigned long long)checked);
	return ok;
}

static int
not_dot(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* In the order of their names: by RFC and section. */
static bool
run_stories(const char *root)
{
	const char *update = getenv("UPDATE");
	struct dirent **list = NULL;
	bool ok = true;
	int n = scandir(root, &list, not_dot, alphasort);
	if (n <= 0) {
		printf("not ok sim stories - none in %s\n", root);
		return false;
	}
	for (int i = 0; i < n; i++) {
		char folder[512];
		snprintf(folder, sizeof(folder), "%s/%s", root, list[i]->d_name);
		ok &= story_run(folder, update && update[0] == '1');
		free(list[i]);
	}
	free(list);
	return ok;
}

int
main(int argc, char **argv)
{
	struct options opt = { .seed = 1, .cases = 200, .routers = 100, .steps = 4, .zebra = true };
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "stories"))
		return run_stories(argv[2]) ? 0 : 1;
	if (!options_get(argc, argv, &opt)) {
		fprintf(stderr, "usage: sim [--seed N] [--cases N] [--routers MAX] [--steps N] [--trace] [--no-zebra] [--lan | --gateways]\n");
		return 2;
	}
	bool ok = opt.trace || run_twice(&opt);
	for (uint32_t i = 0; i < opt.cases; i += GROUP)
		ok &= run_group(&opt, i, i + GROUP < opt.cases ? i + GROUP : opt.cases);
	struct options lan = { .seed = 1, .cases = 2000, .routers = 2, .steps = 4, .lan = true };
	for (uint32_t i = 0; argc == 1 && i < lan.cases; i += 10 * GROUP)
		ok &= run_group(&lan, i, i + 10 * GROUP);
	struct options gates = { .seed = 1, .cases = 40, .routers = 10, .steps = 3, .zebra = true, .gateways = true };
	for (uint32_t i = 0; argc == 1 && i < gates.cases; i += GROUP)
		ok &= run_group(&gates, i, i + GROUP);
	if (argc == 1) /* as `make test` calls it, in the root of the tree */
		ok &= run_stories("tests/sim/cases/ospf");
	return ok ? 0 : 1;
}
