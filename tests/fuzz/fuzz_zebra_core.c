/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events in any order at zebra's core, on the fake kernel of the unit tests: links, addresses,
 * neighbours, clients, groups, routes, configs, refused and failing writes, foreign deletions, dumps,
 * restarts. When all has settled the FIB must be what the RIB has selected: no more, no less.
 *
 * fuzz-links: zebra/config.c zebra/core.c zebra/iface.c zebra/iface_conf.c zebra/kgroup.c zebra/nh_leg.c zebra/nhg.c zebra/nht.c zebra/pool.c zebra/protocol.c zebra/redist.c zebra/resolve.c zebra/rib.c zebra/rib_fib.c zebra/rib_import.c zebra/routerid.c zebra/source.c zebra/statics.c zebra/sweep.c zebra/state.c zebra/state_routes.c lib/northbound_arg.c
 * fuzz-links: zebra/connected.c zebra/detour.c zebra/lan.c zebra/lease.c zebra/ready.c zebra/step.c zebra/vaddr.c zebra/vlink.c
 * fuzz-links: zebra/config_track.c zebra/gate.c zebra/repair.c zebra/track.c zebra/track_judge.c
 */
#define WORLD_MAX 256
#include "tests/unit/zebra_world.h"

#include "lib/rtable.h"
#include "lib/wire.h"
#include "zebra/core.h"
#include "zebra/nhg.h"
#include "zebra/source.h"
#include "zebra/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); \
			abort(); \
		} \
	} while (0)

static const char *const gateways[] = {"", "10.0.0.2", "10.0.1.2", "172.16.0.1", "172.16.1.1", "192.0.2.1",
	"20.0.0.1", "10.0.0.1"};
static const char *const prefixes[] = {"172.16.0.0/16", "172.16.1.0/24", "192.0.2.0/24", "20.0.0.0/8",
	"10.0.0.0/24", "10.0.1.0/24", "0.0.0.0/0", "172.16.0.1/32", "192.0.2.1/32", "100.64.0.0/24"};
static const char *const protocols[] = {"ospf", "bgp", "bench", "static", "nonsense"};
static const char *const links[] = {"lo", "eth0", "eth1", "eth2"};
static const char *const addresses[] = {"10.0.0.1/24", "10.0.1.1/24", "172.16.1.9/24", "192.0.2.1/32"};
static const uint32_t states[] = {UP, DARK, DOWN, UP};
static const char *const statics[] = {"10.0.0.2", "eth1", "172.16.0.1", "Null0", "10.0.1.2 eth1", "192.0.2.1"};

#define PICK(r, list) list[wire_get_u8(r) % (sizeof(list) / sizeof((list)[0]))]

struct play {
	struct world *w;
	struct wire_reader r;
	uint32_t clients[4];
};

static uint32_t
a_client(struct play *p)
{
	return p->clients[wire_get_u8(&p->r) % 4];
}

static void
do_link(struct play *p)
{
	unsigned i = wire_get_u8(&p->r) % 4;
	uint32_t flags = PICK(&p->r, states);
	uint32_t index = i + 1;
	if (wire_get_u8(&p->r) % 8 == 7) {
		struct kernel_link l = {.ifindex = index};
		p->w->flags[index] = 0;
		for (unsigned h = 0; h < p->w->hop_count;)
			if (p->w->hops[h].oif == index)
				world_drop_hop(p->w, p->w->hops[h].id);
			else
				h++;
		zebra_kernel_changed(p->w->z, KERNEL_LINK, &l, true, p->w->now);
	} else {
		world_link(p->w, index, links[i], flags);
	}
}

static void
do_addr(struct play *p)
{
	uint32_t index = wire_get_u8(&p->r) % 4 + 1;
	const char *a = PICK(&p->r, addresses);
	world_addr(p->w, index, a, wire_get_u8(&p->r) & 1);
}

static void
do_neigh(struct play *p)
{
	struct kernel_neigh n = {.ifindex = wire_get_u8(&p->r) % 4 + 1};
	if (!ipaddr_parse(PICK(&p->r, gateways), &n.addr))
		return;
	n.state = wire_get_u8(&p->r) & 1 ? 0x20 : 0x02;
	zebra_kernel_changed(p->w->z, KERNEL_NEIGH, &n, wire_get_u8(&p->r) & 1, p->w->now);
}

static void
do_client(struct play *p)
{
	unsigned i = wire_get_u8(&p->r) % 4;
	if (p->clients[i])
		zebra_client_closed(p->w->z, p->clients[i], p->w->now);
	p->clients[i] = world_client(p->w, PICK(&p->r, protocols), 10, wire_get_u8(&p->r) & 1);
}

static void
do_group(struct play *p)
{
	struct zebra_leg legs[8];
	uint32_t client = a_client(p), id = wire_get_u8(&p->r) % 8;
	size_t n = wire_get_u8(&p->r) % 4;
	memset(legs, 0, sizeof(legs));
	for (size_t i = 0; i < n; i++) {
		uint8_t bits = wire_get_u8(&p->r);
		ipaddr_parse(PICK(&p->r, gateways), &legs[i].gateway);
		legs[i].ifindex = bits % 5;
		legs[i].backup_rank = bits >> 3 & 1;
		legs[i].onlink = bits >> 4 & 1;
		legs[i].special = bits >> 5 == 7 ? LEG_BLACKHOLE : LEG_FORWARD;
		legs[i].bfd_sequence = wire_get_u8(&p->r);
		legs[i].weight = bits >> 6;
	}
	zebra_group_changed(p->w->z, client, id, legs, n, p->w->now);
}

static void
do_group_delete(struct play *p)
{
	uint32_t client = a_client(p);
	zebra_group_deleted(p->w->z, client, wire_get_u8(&p->r) % 8, p->w->now);
}

static void
do_routes(struct play *p)
{
	char text[256] = "";
	uint32_t client = a_client(p), group = wire_get_u8(&p->r) % 8;
	uint8_t bits = wire_get_u8(&p->r);
	for (unsigned n = 0; n <= bits % 4u; n++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", PICK(&p->r, prefixes));
	world_announce(p->w, client, group, bits >> 4, bits >> 3 & 1, text);
}

static void
do_replay_end(struct play *p)
{
	zebra_replay_ended(p->w->z, a_client(p), p->w->now);
}

static void
do_wishes(struct play *p)
{
	uint32_t client = a_client(p);
	uint8_t bits = wire_get_u8(&p->r);
	struct ipaddr a;
	if (ipaddr_parse(PICK(&p->r, gateways), &a))
		zebra_nht_wanted(p->w->z, client, &a, bits & 1, bits & 2, p->w->now);
	const char *proto = bits & 4 ? "default" : PICK(&p->r, protocols);
	zebra_redistribute_wanted(p->w->z, client, proto, 1, bits & 8, p->w->now);
}

static void
do_bfd(struct play *p)
{
	struct bfdclient_state s = {.ifindex = wire_get_u8(&p->r) % 4 + 1, .at = p->w->now};
	if (!ipaddr_parse(PICK(&p->r, gateways), &s.peer))
		return;
	s.liveness = wire_get_u8(&p->r) & 1 ? BFD_LIVE_UP : BFD_LIVE_DOWN;
	s.sequence = wire_get_u8(&p->r);
	zebra_bfd_changed(p->w->z, &s, p->w->now);
}

/* By watching, or of one of our wishes. */
static void
do_bfd_session(struct play *p)
{
	uint8_t bits = wire_get_u8(&p->r);
	struct bfdclient_state s = {.id = bits >> 4, .ifindex = bits & 3, .liveness = (enum bfd_liveness)(bits >> 2 & 3) % 3,
		.sequence = wire_get_u8(&p->r), .at = p->w->now, .gone = bits == 0xff};
	if (ipaddr_parse(PICK(&p->r, gateways), &s.peer))
		zebra_bfd_changed(p->w->z, &s, p->w->now);
}

static void
do_flap_unseen(struct play *p)
{
	unsigned i = 1 + wire_get_u8(&p->r) % 3;
	if (p->w->flags[i + 1] == UP)
		world_flap_unseen(p->w, i + 1, links[i]);
}

/* Tracks 1 to 4 watch anything, each other too. */
static void
do_track_commit(struct play *p)
{
	static const char *const things[] = {"interface=eth0", "interface=eth9", "ipv4-route=192.0.2.0/24",
		"ipv4-route=10.0.0.0/24", "bfd-peer=10.0.0.2", "tcp-address=10.0.0.2", "list-operator=and", "list-operator=or"};
	uint8_t bits = wire_get_u8(&p->r), more = wire_get_u8(&p->r);
	char gone[64], thing[128], extra[128];
	unsigned id = 1 + bits % 4;
	const char *what = things[bits >> 2 & 7];
	snprintf(gone, sizeof(gone), "-/t:tracks/track[id='%u']", id);
	snprintf(thing, sizeof(thing), "+/t:tracks/track[id='%u']/%s", id, what);
	if (!strncmp(what, "list", 4))
		snprintf(extra, sizeof(extra), "+/t:tracks/track[id='%u']/object[id='%u']/negated=%s", id, 1 + more % 5,
			more & 8 ? "true" : "false");
	else if (!strncmp(what, "tcp", 3))
		snprintf(extra, sizeof(extra), "+/t:tracks/track[id='%u']/tcp-port=80", id);
	else
		snprintf(extra, sizeof(extra), "+/t:tracks/track[id='%u']/delay/%s=%u", id, more & 1 ? "up" : "down", 1 + more * 20u);
	const char *lines[] = {gone, thing, extra, NULL};
	if (bits & 0x80)
		lines[1] = NULL;
	world_commit(p->w, lines);
}

static void
do_report(struct play *p)
{
	uint8_t bits = wire_get_u8(&p->r);
	zebra_track_reported(p->w->z, 1 + bits % 5, bits & 8, "", p->w->now, p->w->now);
	if (bits & 16)
		zebra_tracks_wanted(p->w->z, a_client(p), p->w->now);
}

/* A static route's next hop with rank, session, track. */
static void
do_static_extra(struct play *p)
{
	uint8_t bits = wire_get_u8(&p->r);
	static const char *const extras[] = {"backup=1", "backup=2", "bfd=true", "track=1", "track=2", "weight=3", "track=4"};
	char line[256];
	snprintf(line, sizeof(line), "+/r:routing/static-routes/ipv4/route[prefix='%s'][next-hop='%s'][distance='1'][table='0']/%s",
		PICK(&p->r, prefixes), PICK(&p->r, statics), extras[bits % 7]);
	const char *lines[] = {line, NULL};
	world_commit(p->w, lines);
}

static void
do_kernel(struct play *p)
{
	uint8_t bits = wire_get_u8(&p->r);
	static const int errors[] = {0, 0, EINVAL, ENOBUFS};
	p->w->room = bits & 1 ? WORLD_MAX : 1 + (bits >> 4);
	p->w->fail_kind = bits & 2 ? DPLANE_ROUTE : DPLANE_GROUP;
	p->w->fail_errno = errors[bits >> 2 & 3];
	world_run(p->w);
}

static void
do_time(struct play *p)
{
	world_advance(p->w, (int64_t)wire_get_u8(&p->r) * 100 * TIME_MS);
}

static void
do_foreign_route(struct play *p)
{
	struct world_route *r = world_route(p->w, PICK(&p->r, prefixes));
	static struct kernel_route k;
	uint8_t bits = wire_get_u8(&p->r);
	if (r && bits & 1) {
		struct world_route gone = *r;
		*r = p->w->routes[--p->w->route_count];
		world_tell_route(p->w, &gone, true);
		return;
	}
	memset(&k, 0, sizeof(k));
	prefix_parse(PICK(&p->r, prefixes), true, &k.prefix);
	k.metric = bits >> 2;
	k.protocol = 4;
	k.type = RTN_UNICAST;
	k.leg_count = 1;
	k.legs[0].oif = bits % 4 + 1;
	k.legs[0].weight = 1;
	if (k.metric != DPLANE_METRIC)
		zebra_kernel_changed(p->w->z, KERNEL_ROUTE, &k, bits & 2, p->w->now);
}

static void
do_foreign_nexthop(struct play *p)
{
	struct kernel_nexthop nh = {0};
	struct world *w = p->w;
	uint8_t n = wire_get_u8(&p->r);
	if (n & 1 && w->group_count)
		nh.id = w->groups[n % w->group_count].id;
	else if (w->hop_count)
		nh.id = w->hops[n % w->hop_count].id;
	if (!nh.id)
		return;
	/* what the kernel says of it: the object, and the groups that became empty with it */
	uint32_t before[256], count = w->group_count;
	for (unsigned i = 0; i < count; i++)
		before[i] = w->groups[i].id;
	world_apply(w, &(struct dplane_op){.kind = DPLANE_NEXTHOP_DEL, .id = nh.id});
	zebra_kernel_changed(w->z, KERNEL_NEXTHOP, &nh, true, w->now);
	for (unsigned i = 0; i < count; i++)
		if (before[i] != nh.id && !world_group(w, before[i])) {
			struct kernel_nexthop g = {.id = before[i]};
			zebra_kernel_changed(w->z, KERNEL_NEXTHOP, &g, true, w->now);
		}
}

static void
do_resync(struct play *p)
{
	struct world *w = p->w;
	bool routes = wire_get_u8(&p->r) & 1;
	enum kernel_kind kind = routes ? KERNEL_ROUTE : KERNEL_NEXTHOP;
	zebra_kernel_resync(w->z, kind, true, w->now);
	for (unsigned i = 0; routes && i < w->route_count; i++)
		world_tell_route(w, &w->routes[i], false);
	if (!routes)
		world_dump_nexthops(w);
	zebra_kernel_resync(w->z, kind, false, w->now);
}

static void
do_restart(struct play *p)
{
	memset(p->clients, 0, sizeof(p->clients));
	world_restart(p->w);
	if (p->w->config && wire_get_u8(&p->r) & 1)
		zebra_reconfigure(p->w->z, NULL, p->w->config, p->w->now);
	else
		conf_unref(p->w->config), p->w->config = NULL;
}

static void
do_commit(struct play *p)
{
	char line[256];
	uint8_t bits = wire_get_u8(&p->r);
	snprintf(line, sizeof(line), "%c/r:routing/static-routes/ipv4/route[prefix='%s'][next-hop='%s'][distance='%u'][table='0']",
		bits & 1 ? '-' : '+', PICK(&p->r, prefixes), PICK(&p->r, statics), 1 + (bits >> 1) % 2);
	const char *lines[] = {line, NULL};
	world_commit(p->w, lines);
}

static void
do_show(struct play *p)
{
	static state_fn *const producers[] = {state_routes, state_route_summary, state_interfaces,
		state_nexthop_groups, state_nht, state_clients, state_router_id, state_core};
	struct rows out;
	struct state_resume resume = {0};
	struct nb_args none = {0};
	rows_init(&out, 1 + wire_get_u8(&p->r) * 16u);
	state_fn *fn = PICK(&p->r, producers);
	for (unsigned turns = 0; turns < 10000; turns++) {
		rows_clear(&out);
		if (fn(p->w->z, &none, &out, &resume, p->w->now))
			break;
		CHECK(turns < 9999);
	}
	rows_free(&out);
}

static void
do_lan(struct play *p)
{
	uint32_t client = a_client(p);
	uint8_t bits = wire_get_u8(&p->r);
	struct zebra_lan l = {.ifindex = bits % 4 + 1, .role = bits >> 2 & 3, .dead = bits >> 4 & 1};
	zebra_lan_changed(p->w->z, client, &l, p->w->now);
}

static void (*const events[])(struct play *p) = {do_link, do_addr, do_neigh, do_client, do_group, do_group_delete,
	do_routes, do_routes, do_replay_end, do_wishes, do_bfd, do_kernel, do_kernel, do_time, do_foreign_route,
	do_foreign_nexthop, do_resync, do_restart, do_commit, do_show, do_group, do_client};
/* Behind the older ones, so that what was found with those still says the same. */
static void (*const later[])(struct play *p) = {do_bfd_session, do_flap_unseen, do_track_commit, do_report,
	do_static_extra, do_static_extra, do_lan};
#define LATER 200 /* first byte of an event from here on */

/* Everything selected is in the kernel on a group that lives there, and nothing else is. */
static void
check_fib(struct world *w)
{
	struct zebra *z = w->z;
	struct rtable_iter it;
	struct prefix p;
	void **slot;
	unsigned expected = 0;
	rtable_iter_init(&it, z->rib->tables[0].dests[AFI_IP4], NULL);
	while ((slot = rtable_next(&it, &p))) {
		const struct rib_dest *d = *slot;
		const struct rib_route *sel = rib_dest_selected(d);
		char text[PREFIX_STRLEN];
		struct world_route *r = world_route(w, prefix_print(&p, text));
		if (!sel || sel->nhg->source->row->kernel_owned) {
			CHECK(!r);
			continue;
		}
		expected++;
		CHECK(r);
		CHECK(d->flags & DEST_INSTALLED);
		CHECK(r->protocol == sel->nhg->source->row->rtproto);
		if (sel->nhg->special) {
			CHECK(!r->id);
			continue;
		}
		struct world_group *g = world_group(w, r->id);
		CHECK(g && g->count && sel->nhg->kg && sel->nhg->kg->id == r->id && g->count == sel->nhg->kg->count);
		for (unsigned i = 0; i < g->count; i++) {
			struct nh_leg *l = nh_leg_by_id(z, g->legs[i].id);
			CHECK(l && l->usable);
		}
	}
	CHECK(expected == w->route_count);
}

static void
settle(struct world *w)
{
	w->room = WORLD_MAX;
	w->fail_errno = 0;
	w->work = true;
	zebra_dplane_writable(w->z, w->now);
	for (unsigned i = 0; i < 20; i++)
		world_advance(w, 61 * TIME_SEC);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play p = {.w = world_up(), .r = wire_reader(data, size)};
	p.w->quiet = true;
	p.w->trace = getenv("ZEBRA_TRACE") != NULL; /* for reading a finding */
	for (unsigned n = 0; n < 300 && wire_left(&p.r); n++) {
		unsigned event = wire_get_u8(&p.r);
		if (p.w->trace)
			fprintf(stderr, "# event %u\n", event);
		if (event >= LATER)
			later[event % (sizeof(later) / sizeof(later[0]))](&p);
		else
			events[event % (sizeof(events) / sizeof(events[0]))](&p);
	}
	settle(p.w);
	check_fib(p.w);
	zebra_withdraw_all(p.w->z, p.w->now);
	settle(p.w);
	CHECK(!p.w->route_count && !p.w->group_count && !p.w->hop_count);
	world_free(p.w);
	return 0;
}
