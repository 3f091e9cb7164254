/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/zclient against a zebra that only writes down what it is told. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gen/rib.pb-c.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/zclient.h"
#include "tests/unit/looping.h"
#include "tests/unit/unit.h"

struct stage {
	struct loop *l;
	char dir[32], path[64];
	struct ipc_server *server;
	struct ipc_conn *peer;
	struct zclient *z;
	/* what zebra was told, one word per message */
	char told[4096];
	unsigned routes, batches;
	size_t longest;
	const char *refuse;
	/* what the client was told */
	unsigned connected, disconnected, replays, synced, failed, redistributed;
	char heard[1024];
	bool replay_routes;
};

static void
note(char *to, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void
note(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t at = strlen(to);
	va_start(ap, fmt);
	vsnprintf(to + at, size - at, fmt, ap);
	va_end(ap);
}

/* --- zebra ------------------------------------------------------------------------------------- */

static void
zebra_hello(struct stage *s, struct ipc_conn *c, const Rib__Hello *m)
{
	Rib__HelloReply reply = RIB__HELLO_REPLY__INIT;
	char error[64];
	note(s->told, sizeof(s->told), "hello:%s:%u:%d ", m->protocol, m->grace_seconds, m->want_results);
	snprintf(error, sizeof(error), "%s", s->refuse ? s->refuse : "");
	reply.error = error;
	ipc_send(c, RIB__RIB_TYPE__RIB_HELLO_REPLY, &reply.base);
}

static void
zebra_routes(struct stage *s, const Rib__Routes *m)
{
	struct prefix p;
	size_t n = 0;
	for (size_t at = 0, used; at < m->prefixes.len; at += used, n++) {
		used = prefix_unpack((uint8_t)m->afi, m->prefixes.data + at, m->prefixes.len - at, &p);
		CU_ASSERT_FATAL(used > 0);
	}
	s->routes += n;
	s->batches++;
	if (m->prefixes.len > s->longest)
		s->longest = m->prefixes.len;
	note(s->told, sizeof(s->told), "%s:g%u:m%u:%zu ", m->withdraw ? "del" : "add", m->group, m->metric, n);
}

static bool
zebra_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	if (type == RIB__RIB_TYPE__RIB_HELLO) {
		zebra_hello(s, c, ipc_unpack(c, &rib__hello__descriptor, bytes, len));
	} else if (type == RIB__RIB_TYPE__RIB_ROUTES) {
		zebra_routes(s, ipc_unpack(c, &rib__routes__descriptor, bytes, len));
	} else if (type == RIB__RIB_TYPE__RIB_GROUP) {
		const Rib__Group *m = ipc_unpack(c, &rib__group__descriptor, bytes, len);
		note(s->told, sizeof(s->told), "group:%u:%zu ", m->id, m->n_legs);
	} else if (type == RIB__RIB_TYPE__RIB_GROUP_DELETE) {
		const Rib__GroupDelete *m = ipc_unpack(c, &rib__group_delete__descriptor, bytes, len);
		note(s->told, sizeof(s->told), "ungroup:%u ", m->ids[0]);
	} else if (type == RIB__RIB_TYPE__RIB_REPLAY_END) {
		note(s->told, sizeof(s->told), "end ");
	} else if (type == RIB__RIB_TYPE__RIB_REDISTRIBUTE) {
		const Rib__Redistribute *m = ipc_unpack(c, &rib__redistribute__descriptor, bytes, len);
		note(s->told, sizeof(s->told), "%s:%s ", m->unsubscribe ? "unredist" : "redist", m->protocol);
	} else if (type == RIB__RIB_TYPE__RIB_NHT_REGISTER) {
		const Rib__NhtRegister *m = ipc_unpack(c, &rib__nht_register__descriptor, bytes, len);
		note(s->told, sizeof(s->told), "%s:%zu ", m->unregister ? "unnht" : "nht", m->addresses[0].len);
	} else if (type == RIB__RIB_TYPE__RIB_DEFAULT_ORIGIN) {
		note(s->told, sizeof(s->told), "default ");
	}
	return true;
}

static void
zebra_opened(void *arg, struct ipc_conn *c, int64_t now)
{
	(void)now;
	((struct stage *)arg)->peer = c;
}

static void
zebra_closed(void *arg, struct ipc_conn *c, int64_t now)
{
	(void)c;
	(void)now;
	((struct stage *)arg)->peer = NULL;
}

static const struct ipc_ops zebra_ops = {zebra_opened, zebra_message, zebra_closed, NULL};

/* --- the client -------------------------------------------------------------------------------- */

static const struct zclient_leg leg_a = {.gateway = {AFI_IP4, {10, 0, 0, 1}}, .ifindex = 2};
static const struct zclient_leg leg_b = {.gateway = {AFI_IP4, {10, 0, 0, 2}}, .ifindex = 3, .weight = 1};

static void
on_connected(void *arg, int64_t now)
{
	(void)now;
	((struct stage *)arg)->connected++;
}

static void
on_disconnected(void *arg, int64_t now)
{
	(void)now;
	((struct stage *)arg)->disconnected++;
}

static void
on_synced(void *arg, int64_t now)
{
	(void)now;
	((struct stage *)arg)->synced++;
}

static void
on_interface(void *arg, const struct zclient_interface *i, bool gone, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	note(s->heard, sizeof(s->heard), "if:%s:%u:%d:%d ", i->name, i->mtu, i->carrier, gone);
}

static void
on_address(void *arg, const struct zclient_address *a, bool gone, int64_t now)
{
	struct stage *s = arg;
	char text[PREFIX_STRLEN];
	(void)now;
	note(s->heard, sizeof(s->heard), "addr:%s:%d ", prefix_print(&a->address, text), gone);
}

static void
on_redistributed(void *arg, const struct zclient_redistributed *r, bool withdraw, int64_t now)
{
	struct stage *s = arg;
	char text[PREFIX_STRLEN];
	(void)now;
	s->redistributed++;
	note(s->heard, sizeof(s->heard), "rd:%s:%s:%d ", r->protocol, prefix_print(&r->prefix, text), withdraw);
}

static void
on_failed(void *arg, const struct prefix *p, int errno_value, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	s->failed++;
	note(s->heard, sizeof(s->heard), "fail:%u/%d ", p->len, errno_value);
}

static void
on_nht(void *arg, const struct zclient_nht *n, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	note(s->heard, sizeof(s->heard), "nht:%d:%u ", n->reachable, n->metric);
}

static void
add_routes(struct stage *s, uint32_t group, uint32_t metric, uint32_t first, uint32_t count)
{
	struct zclient_route r = {.afi = AFI_IP4, .metric = metric, .group = group};
	for (uint32_t i = 0; i < count; i++) {
		struct prefix p = prefix_from_ip4(0x0a000000u + ((first + i) << 8), 24);
		zclient_route_add(s->z, &r, &p);
	}
}

static void
on_replay(void *arg, int64_t now)
{
	struct stage *s = arg;
	(void)now;
	s->replays++;
	if (s->replay_routes) {
		uint32_t g = zclient_group_get(s->z, &leg_a, 1);
		add_routes(s, g, 5, 0, 3);
	}
	zclient_replay_end(s->z);
}

static const struct zclient_ops client_ops = {.connected = on_connected, .interface = on_interface,
	.address = on_address, .synced = on_synced, .redistributed = on_redistributed, .nht = on_nht,
	.route_failed = on_failed, .replay = on_replay, .disconnected = on_disconnected};

static bool
client_connected(void *arg)
{
	return ((struct stage *)arg)->connected > 0;
}

static bool
client_replayed(void *arg)
{
	return ((struct stage *)arg)->replays > 0 && strstr(((struct stage *)arg)->told, "end ");
}

static void
zebra_synced(struct stage *s)
{
	Rib__RouterId m = RIB__ROUTER_ID__INIT; /* SYNCED has no payload */
	m.router_id = 0;
	ipc_send(s->peer, RIB__RIB_TYPE__RIB_SYNCED, &m.base);
	CU_ASSERT(loop_until(s->l, client_replayed, s));
}

static void
stage_begin(struct stage *s)
{
	*s = (struct stage){.dir = "/tmp/grevy-zc-XXXXXX"};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->dir));
	log_level_set(LOG_LVL_ERROR);
	snprintf(s->path, sizeof(s->path), "%s/rib.sock", s->dir);
	s->l = loop_new();
	s->server = ipc_listen(s->l, s->path, &zebra_ops, s);
	s->z = zclient_new(s->l, s->path, "ospf", 30, &client_ops, s);
	CU_ASSERT(loop_until(s->l, client_connected, s));
	zebra_synced(s);
	CU_ASSERT_STRING_EQUAL(s->told, "hello:ospf:30:1 end ");
	s->told[0] = '\0';
}

static void
stage_end(struct stage *s)
{
	zclient_free(s->z);
	ipc_server_free(s->server);
	loop_free(s->l);
	rmdir(s->dir);
}

static void
routes_go_in_batches_behind_their_group(void)
{
	struct stage s;
	stage_begin(&s);
	struct zclient_leg ab[] = {leg_a, leg_b}, ba[] = {leg_b, leg_a};
	uint32_t g = zclient_group_get(s.z, ab, 2);
	CU_ASSERT_EQUAL(zclient_group_get(s.z, ba, 2), g); /* a set has no order */
	uint32_t h = zclient_group_get(s.z, ab, 1);
	CU_ASSERT_NOT_EQUAL(h, g);
	add_routes(&s, g, 1, 0, 100);
	add_routes(&s, g, 2, 100, 1);
	struct prefix p = prefix_from_ip4(0x0a000000, 24);
	zclient_route_del(s.z, 0, &p);
	add_routes(&s, h, 2, 0, 1);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.told, "group:1:2 add:g1:m1:100 add:g1:m2:1 del:g0:m0:1 group:2:1 add:g2:m2:1 ");
	s.told[0] = '\0';
	/* the last route leaves before its group does */
	zclient_group_put(s.z, h);
	zclient_route_del(s.z, 0, &p);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.told, "del:g0:m0:1 ungroup:2 ");
	s.told[0] = '\0';
	zclient_group_put(s.z, g);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.told, ""); /* it was got twice */
	zclient_group_put(s.z, g);
	CU_ASSERT_EQUAL(zclient_group_get(s.z, ba, 2), g); /* back before it was buried */
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.told, "");
	stage_end(&s);
}

static bool
all_routes(void *arg)
{
	return ((struct stage *)arg)->routes == 60000;
}

static void
no_batch_is_longer_than_a_frame(void)
{
	struct stage s;
	stage_begin(&s);
	add_routes(&s, zclient_group_get(s.z, &leg_a, 1), 1, 0, 60000);
	CU_ASSERT(loop_until(s.l, all_routes, &s));
	CU_ASSERT(s.longest <= 61457);
	CU_ASSERT_EQUAL(s.batches, 4);
	stage_end(&s);
}

static void
everything_is_said_again_after_a_restart_of_zebra(void)
{
	struct stage s;
	struct ipaddr a = ipaddr_from_ip4(0x01020304);
	stage_begin(&s);
	zclient_redistribute(s.z, "static", AFI_IP4, true);
	zclient_redistribute(s.z, "kernel", AFI_IP4, true);
	zclient_redistribute(s.z, "kernel", AFI_IP4, true);
	zclient_redistribute(s.z, "kernel", AFI_IP4, false);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.told, "redist:static redist:kernel unredist:kernel ");
	zclient_redistribute(s.z, "static", AFI_IP4, false);
	zclient_nht_register(s.z, &a, true);
	uint32_t g = zclient_group_get(s.z, &leg_a, 1);
	add_routes(&s, g, 5, 0, 3);
	loop_for(s.l, 3000);
	s.replay_routes = true;
	s.told[0] = '\0';
	s.connected = s.replays = 0;
	ipc_server_free(s.server);
	loop_for(s.l, 3000);
	CU_ASSERT_EQUAL(s.disconnected, 1);
	CU_ASSERT(!zclient_up(s.z));
	add_routes(&s, g, 5, 7, 1); /* not kept: replay asks for everything */
	s.server = ipc_listen(s.l, s.path, &zebra_ops, &s);
	CU_ASSERT(loop_until(s.l, client_connected, &s));
	zebra_synced(&s);
	CU_ASSERT_STRING_EQUAL(s.told, "hello:ospf:30:1 nht:4 group:1:1 add:g1:m5:3 end ");
	stage_end(&s);
}

static void
what_zebra_says_arrives(void)
{
	struct stage s;
	stage_begin(&s);
	Rib__Interface i = RIB__INTERFACE__INIT;
	char name[] = "eth0";
	i.ifindex = 2;
	i.name = name;
	i.mtu = 1500;
	i.carrier = true;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_INTERFACE, &i.base);
	Rib__Address a = RIB__ADDRESS__INIT;
	uint8_t octets[] = {10, 0, 0, 7};
	a.ifindex = 2;
	a.address.data = octets;
	a.address.len = 4;
	a.prefix_len = 24;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_ADDRESS, &a.base);
	Rib__Redistributed r = RIB__REDISTRIBUTED__INIT;
	uint8_t packed[] = {8, 10, 16, 192, 168};
	char protocol[] = "static";
	r.protocol = protocol;
	r.afi = 1;
	r.prefixes.data = packed;
	r.prefixes.len = sizeof(packed);
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_REDISTRIBUTED, &r.base);
	Rib__Results f = RIB__RESULTS__INIT;
	f.afi = 1;
	f.errno_value = 101;
	f.failed = r.prefixes;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_RESULTS, &f.base);
	Rib__NhtUpdate n = RIB__NHT_UPDATE__INIT;
	n.address = a.address;
	n.reachable = true;
	n.metric = 20;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_NHT_UPDATE, &n.base);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.heard, "if:eth0:1500:1:0 addr:10.0.0.7/24:0 rd:static:10.0.0.0/8:0 "
					"rd:static:192.168.0.0/16:0 fail:8/101 fail:16/101 nht:1:20 ");
	s.connected = 0;
	packed[0] = 33; /* a prefix longer than an address: zebra is not to be trusted either */
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_REDISTRIBUTED, &r.base);
	CU_ASSERT(loop_until(s.l, client_connected, &s));
	CU_ASSERT_EQUAL(s.disconnected, 1);
	CU_ASSERT_EQUAL(s.redistributed, 2);
	stage_end(&s);
}

static void
a_refusal_is_not_a_connection(void)
{
	struct stage s;
	stage_begin(&s);
	s.refuse = "no such protocol";
	log_open("test", "file:/dev/null", LOG_LVL_ERROR);
	s.connected = 0;
	ipc_close(s.peer);
	loop_for(s.l, 60000);
	CU_ASSERT_EQUAL(s.connected, 0);
	CU_ASSERT(!zclient_up(s.z));
	s.refuse = NULL;
	CU_ASSERT(loop_until(s.l, client_connected, &s));
	stage_end(&s);
}

UNIT_TESTS("zclient", {"routes go in batches behind their group", routes_go_in_batches_behind_their_group},
	{"no batch is longer than a frame", no_batch_is_longer_than_a_frame},
	{"everything is said again after a restart of zebra", everything_is_said_again_after_a_restart_of_zebra},
	{"what zebra says arrives", what_zebra_says_arrives},
	{"a refusal is not a connection", a_refusal_is_not_a_connection})
