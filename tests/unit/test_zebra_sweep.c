/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zebra's core: adoption after a restart, sweeping, repair, dumps after an overflow, late results. */
#include "tests/unit/zebra_world.h"

#include "zebra/protocol.h"

#define ROUTE4(p, nh) "/grevy-routing:routing/static-routes/ipv4/route[prefix='" p "'][next-hop='" nh \
	"'][distance='1'][table='0']"

static unsigned
written(const struct world *w)
{
	unsigned n = 0;
	for (unsigned k = DPLANE_NEXTHOP; k < DPLANE_KINDS; k++)
		n += w->written[k];
	return n;
}

static void
load(struct world *w, bool all)
{
	uint32_t ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "2:10.0.0.2 3:10.0.1.2");
	world_announce(w, ospf, 1, 10, false, all ? "100.64.0.0/24 100.64.1.0/24 100.64.2.0/24" : "100.64.0.0/24");
	world_run(w);
}

static void
restart_writes_nothing(void)
{
	struct world *w = world_up();
	COMMIT(w, "+" ROUTE4("192.0.2.0/24", "10.0.0.2"), "+" ROUTE4("192.0.3.0/24", "Null0"),
		"+" ROUTE4("192.0.4.0/24", "192.0.2.9"));
	load(w, true);
	CU_ASSERT_EQUAL(w->route_count, 6);
	world_restart(w);
	CU_ASSERT_EQUAL(written(w), 0);
	load(w, true);
	zebra_reconfigure(w->z, NULL, w->config, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(written(w), 0);
	CU_ASSERT_EQUAL(w->route_count, 6);
	zebra_replay_ended(w->z, PROTO_OWN + 1, w->now);
	world_advance(w, 300 * TIME_SEC);
	CU_ASSERT_EQUAL(written(w), 0);
	/* and the adopted group is one that can be rewritten */
	world_link(w, 2, "eth0", DARK);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.1.0/24"), "3:10.0.1.2*1");
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 0);
	world_free(w);
}

static void
config_before_the_dump(void)
{
	struct world *w = world_up();
	COMMIT(w, "+" ROUTE4("192.0.2.0/24", "10.0.0.2"));
	zebra_free(w->z);
	memset(w->written, 0, sizeof(w->written));
	w->z = zebra_new(&world_ops, w, w->timers, 2);
	zebra_reconfigure(w->z, NULL, w->config, w->now);
	world_dumps(w);
	world_run(w);
	CU_ASSERT_EQUAL(written(w), 0);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "192.0.2.0/24"), "2:10.0.0.2*1");
	world_free(w);
}

static void
replay_sweeps_what_is_stale(void)
{
	struct world *w = world_up();
	load(w, true);
	world_restart(w);
	load(w, false);
	CU_ASSERT_EQUAL(w->route_count, 3);
	zebra_replay_ended(w->z, PROTO_OWN + 1, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 1);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE_DEL], 2);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 0);
	world_free(w);
}

static void
nobody_claims(void)
{
	struct world *w = world_up();
	load(w, true);
	world_restart(w);
	world_advance(w, 60 * TIME_SEC);
	CU_ASSERT_EQUAL(w->route_count, 3);
	world_advance(w, 61 * TIME_SEC);
	CU_ASSERT_EQUAL(w->route_count, 0);
	world_advance(w, TIME_SEC);
	CU_ASSERT_EQUAL(w->group_count, 0);
	CU_ASSERT_EQUAL(w->hop_count, 0);
	world_free(w);
}

static void
claimed_with_other_legs(void)
{
	struct world *w = world_up();
	load(w, true);
	world_restart(w);
	uint32_t ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "3:10.0.1.2");
	world_announce(w, ospf, 1, 10, false, "100.64.0.0/24 100.64.1.0/24 100.64.2.0/24");
	world_run(w);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 3); /* replaced in place */
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE_DEL], 0);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.1.0/24"), "3:10.0.1.2*1");
	zebra_replay_ended(w->z, ospf, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->group_count, 1);
	world_free(w);
}

static void
client_grace(void)
{
	struct world *w = world_up();
	load(w, true);
	zebra_client_closed(w->z, PROTO_OWN + 1, w->now);
	world_advance(w, 5 * TIME_SEC);
	CU_ASSERT_EQUAL(w->route_count, 3);
	memset(w->written, 0, sizeof(w->written));
	load(w, false); /* back within the grace time */
	zebra_replay_ended(w->z, PROTO_OWN + 1, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 1);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 0);
	zebra_client_closed(w->z, PROTO_OWN + 1, w->now);
	world_advance(w, 11 * TIME_SEC);
	CU_ASSERT_EQUAL(w->route_count, 0);
	world_free(w);
}

static void
foreign_deletion(void)
{
	struct world *w = world_up();
	load(w, true);
	struct world_route gone = *world_route(w, "100.64.1.0/24");
	*world_route(w, "100.64.1.0/24") = w->routes[--w->route_count];
	world_tell_route(w, &gone, true);
	world_run(w);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.1.0/24"), "2:10.0.0.2*1 3:10.0.1.2*1");
	/* a group: with it go its routes, unsaid */
	struct kernel_nexthop nh = {.id = gone.id};
	world_apply(w, &(struct dplane_op){.kind = DPLANE_NEXTHOP_DEL, .id = gone.id});
	CU_ASSERT_EQUAL(w->route_count, 0);
	zebra_kernel_changed(w->z, KERNEL_NEXTHOP, &nh, true, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 3);
	world_free(w);
}

static void
overflow_finds_what_is_missing(void)
{
	struct world *w = world_up();
	load(w, true);
	*world_route(w, "100.64.1.0/24") = w->routes[--w->route_count]; /* nobody was told */
	memset(w->written, 0, sizeof(w->written));
	zebra_kernel_resync(w->z, KERNEL_ROUTE, true, w->now);
	for (unsigned i = 0; i < w->route_count; i++)
		world_tell_route(w, &w->routes[i], false);
	zebra_kernel_resync(w->z, KERNEL_ROUTE, false, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 3);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 1);
	/* and a next hop */
	uint32_t group = world_route(w, "100.64.1.0/24")->id;
	world_apply(w, &(struct dplane_op){.kind = DPLANE_NEXTHOP_DEL, .id = group});
	zebra_kernel_resync(w->z, KERNEL_NEXTHOP, true, w->now);
	world_dump_nexthops(w);
	zebra_kernel_resync(w->z, KERNEL_NEXTHOP, false, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 3);
	CU_ASSERT_STRING_EQUAL(world_legs(w, "100.64.1.0/24"), "2:10.0.0.2*1 3:10.0.1.2*1");
	world_free(w);
}

static void
withdraw_all(void)
{
	struct world *w = world_up();
	COMMIT(w, "+" ROUTE4("192.0.2.0/24", "10.0.0.2"), "+" ROUTE4("192.0.5.0/24", "eth0"));
	load(w, true);
	zebra_withdraw_all(w->z, w->now);
	w->work = true;
	world_run(w);
	CU_ASSERT_EQUAL(w->route_count, 0);
	CU_ASSERT_EQUAL(w->group_count, 0);
	CU_ASSERT_EQUAL(w->hop_count, 0);
	world_free(w);
}

/* An op's success that comes when a newer one is on its way says nothing about the newer one. */
static void
late_results(void)
{
	struct world *w = world_up();
	uint32_t ospf = world_client(w, "ospf", 10, false);
	world_define(w, ospf, 1, "2:10.0.0.2");
	world_define(w, ospf, 2, "3:10.0.1.2");
	world_announce(w, ospf, 1, 10, false, "192.0.9.0/24");
	world_announce(w, ospf, 2, 10, false, "192.0.10.0/24");
	world_run(w);
	world_announce(w, ospf, 1, 10, false, "192.0.2.0/24");
	struct dplane_op first = w->queue[w->queued - 1];
	CU_ASSERT_EQUAL(first.kind, DPLANE_ROUTE);
	world_announce(w, ospf, 2, 10, false, "192.0.2.0/24");
	struct dplane_op second = w->queue[w->queued - 1];
	CU_ASSERT_NOT_EQUAL(first.generation, second.generation);
	w->queued = 0;
	zebra_dplane_done(w->z, &first, 0, w->now);
	zebra_dplane_done(w->z, &second, ENETUNREACH, w->now);
	world_advance(w, TIME_SEC);
	CU_ASSERT_EQUAL(w->written[DPLANE_ROUTE], 5); /* the failure counts, and is tried again */
	world_free(w);
}

UNIT_TESTS("zebra_sweep", {"a restart on the same state writes nothing", restart_writes_nothing},
	{"a config that comes before the first dump waits for it", config_before_the_dump},
	{"the end of a replay sweeps what is stale, and only that", replay_sweeps_what_is_stale},
	{"what nobody claims goes after the grace time", nobody_claims},
	{"an adopted route with other legs is replaced in place", claimed_with_other_legs},
	{"a vanished client's routes stay for its grace time", client_grace},
	{"a foreign deletion is repaired, of a route and of a group", foreign_deletion},
	{"after an overflow what is missing is written", overflow_finds_what_is_missing},
	{"a late result of an older operation is not the newer one's", late_results},
	{"the end withdraws routes, groups and next hops", withdraw_all})
