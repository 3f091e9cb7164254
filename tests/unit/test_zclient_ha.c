/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/zclient_ha against a zebra that writes down what it is told, and says what it is made to say. */
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
	char told[2048];  /* what zebra was told, one word per message */
	char heard[1024]; /* what the client was told */
	unsigned disconnected;
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
#define TOLD(s, ...) note((s)->told, sizeof((s)->told), __VA_ARGS__)
#define HEARD(s, ...) note((s)->heard, sizeof((s)->heard), __VA_ARGS__)

/* --- zebra ---------------------------------------------------------------------------------------- */

static void
zebra_hello(struct stage *s, const void *msg)
{
	Rib__HelloReply reply = RIB__HELLO_REPLY__INIT;
	(void)msg;
	TOLD(s, "hello ");
	ipc_send(s->peer, RIB__RIB_TYPE__RIB_HELLO_REPLY, &reply.base);
}

static void
zebra_routes(struct stage *s, const void *msg)
{
	(void)msg;
	TOLD(s, "routes ");
}

static void
zebra_vlink(struct stage *s, const void *msg)
{
	const Rib__VirtualLink *m = msg;
	CU_ASSERT_EQUAL_FATAL(m->mac.len, 6);
	TOLD(s, "%slink:%u:%u:%s:%02x:%llu ", m->remove ? "un" : "", m->id, m->parent_ifindex, m->name,
		m->mac.data[5], (unsigned long long)m->linger_us);
}

static void
zebra_vaddress(struct stage *s, const void *msg)
{
	const Rib__VirtualAddress *m = msg;
	TOLD(s, "%saddr:%u:%u:%u:%zu/%u:%d:%llu ", m->remove ? "un" : "", m->id, m->ifindex, m->vlink, m->address.len,
		m->prefix_len, m->accept, (unsigned long long)m->linger_us);
}

static void
zebra_lan(struct stage *s, const void *msg)
{
	const Rib__Lan *m = msg;
	TOLD(s, "lan:%u:%d:%d:%u:%d ", m->ifindex, (int)m->role, m->dead, m->added_cost, m->withdraw);
}

static void
zebra_ready(struct stage *s, const void *msg)
{
	const Rib__Ready *m = msg;
	TOLD(s, "ready:%d:%s ", m->ready, m->waiting_for);
}

static void
zebra_tracks(struct stage *s, const void *msg)
{
	(void)msg;
	TOLD(s, "tracks ");
}

static void
zebra_report(struct stage *s, const void *msg)
{
	const Rib__TrackReport *m = msg;
	TOLD(s, "report:%u:%d:%s:%lld ", m->id, m->up, m->cause, (long long)m->at_us);
}

static const struct {
	unsigned type;
	const ProtobufCMessageDescriptor *descriptor;
	void (*fn)(struct stage *s, const void *msg);
} zebra_rows[] = {
	{RIB__RIB_TYPE__RIB_HELLO, &rib__hello__descriptor, zebra_hello},
	{RIB__RIB_TYPE__RIB_ROUTES, &rib__routes__descriptor, zebra_routes},
	{RIB__RIB_TYPE__RIB_VLINK, &rib__virtual_link__descriptor, zebra_vlink},
	{RIB__RIB_TYPE__RIB_VADDRESS, &rib__virtual_address__descriptor, zebra_vaddress},
	{RIB__RIB_TYPE__RIB_LAN, &rib__lan__descriptor, zebra_lan},
	{RIB__RIB_TYPE__RIB_READY, &rib__ready__descriptor, zebra_ready},
	{RIB__RIB_TYPE__RIB_TRACK_WANT, &rib__track_want__descriptor, zebra_tracks},
	{RIB__RIB_TYPE__RIB_TRACK_REPORT, &rib__track_report__descriptor, zebra_report},
};

static bool
zebra_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	(void)now;
	for (size_t i = 0; i < sizeof(zebra_rows) / sizeof(zebra_rows[0]); i++) {
		if (zebra_rows[i].type != type)
			continue;
		const void *msg = ipc_unpack(c, zebra_rows[i].descriptor, bytes, len);
		CU_ASSERT_PTR_NOT_NULL_FATAL(msg);
		zebra_rows[i].fn(arg, msg);
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

/* --- the client ------------------------------------------------------------------------------------ */

static void
on_vlink(void *arg, uint32_t id, uint32_t ifindex, bool up, const char *error, int64_t now)
{
	(void)now;
	HEARD((struct stage *)arg, "vlink:%u:%u:%d:%s ", id, ifindex, up, error);
}

static void
on_lan(void *arg, const struct zclient_lan *lan, int64_t now)
{
	(void)now;
	HEARD((struct stage *)arg, "lan:%u:%u:%d:%d:%u ", lan->ifindex, lan->role, lan->dead, lan->withdraw,
		lan->added_cost);
}

static void
on_ready(void *arg, bool ready, const char *waiting_for, int64_t now)
{
	(void)now;
	HEARD((struct stage *)arg, "ready:%d:%s ", ready, waiting_for);
}

static void
on_track(void *arg, const struct zclient_track *t, int64_t now)
{
	(void)now;
	HEARD((struct stage *)arg, "track:%u:%d:%d:%s:%lld ", t->id, t->up, t->gone, t->cause, (long long)t->at);
}

static void
on_track_synced(void *arg, int64_t now)
{
	(void)now;
	HEARD((struct stage *)arg, "synced ");
}

static void
on_disconnected(void *arg, int64_t now)
{
	(void)now;
	((struct stage *)arg)->disconnected++;
}

static const struct zclient_ops client_ops = {.vlink = on_vlink, .lan = on_lan, .ready = on_ready,
	.track = on_track, .track_synced = on_track_synced, .disconnected = on_disconnected};

static bool
client_up(void *arg)
{
	return zclient_up(((struct stage *)arg)->z);
}

static bool
client_left(void *arg)
{
	return ((struct stage *)arg)->disconnected > 0;
}

static bool
zebra_told(void *arg)
{
	return strstr(((struct stage *)arg)->told, "tracks ") != NULL;
}

static void
stage_begin(struct stage *s, bool zebra)
{
	*s = (struct stage){.dir = "/tmp/grevy-za-XXXXXX"};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->dir));
	log_level_set(LOG_LVL_ERROR);
	snprintf(s->path, sizeof(s->path), "%s/rib.sock", s->dir);
	s->l = loop_new();
	s->server = zebra ? ipc_listen(s->l, s->path, &zebra_ops, s) : NULL;
	s->z = zclient_new(s->l, s->path, "vrrp", 0, &client_ops, s);
	if (!zebra)
		return;
	CU_ASSERT(loop_until(s->l, client_up, s));
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
make_wishes(struct stage *s)
{
	struct zclient_vlink v = {.id = 7, .parent_ifindex = 2, .mac = {0, 0, 0x5e, 0, 1, 5}, .name = "vrrp4-2-5",
		.linger = 3600000};
	struct zclient_vaddress a = {.id = 9, .ifindex = 2, .vlink = 7, .accept = true, .linger = 3600000};
	struct ipaddr vip = ipaddr_from_ip4(0x0a0000fe);

	a.address = prefix_host(&vip);
	zclient_vaddress(s->z, &a); /* before its link: the replay puts them right */
	zclient_vlink(s->z, &v);
	zclient_lan(s->z, &(struct zclient_lan){.ifindex = 2, .role = ZCLIENT_ROLE_BACKUP, .added_cost = 50});
	zclient_track_report(s->z, 4, true, "200 OK", 11);
	zclient_ready(s->z, false, "2 neighbours");
	zclient_track_want(s->z);
}

#define ALL_TOLD "link:7:2:vrrp4-2-5:05:3600000 addr:9:2:7:4/32:1:3600000 lan:2:2:0:50:0 report:4:1:200 OK:11 " \
	"ready:0:2 neighbours tracks "

static void
wishes_of_a_lonely_client_are_told_when_zebra_comes(void)
{
	struct stage s;
	stage_begin(&s, false);
	make_wishes(&s);
	zclient_track_want(s.z);
	s.server = ipc_listen(s.l, s.path, &zebra_ops, &s);
	CU_ASSERT(loop_until(s.l, zebra_told, &s));
	CU_ASSERT_STRING_EQUAL(s.told, "hello " ALL_TOLD);
	stage_end(&s);
}

static void
wishes_are_told_again_as_they_are_now(void)
{
	struct stage s;
	struct ipaddr vip = ipaddr_from_ip4(0x0a0000fe);
	stage_begin(&s, true);
	make_wishes(&s);
	zclient_vaddress(s.z, &(struct zclient_vaddress){.id = 10, .ifindex = 2, .address = prefix_host(&vip)});
	zclient_vaddress_remove(s.z, 10);
	zclient_vaddress_remove(s.z, 10); /* not there any more: nothing to say */
	zclient_lan(s.z, &(struct zclient_lan){.ifindex = 3, .dead = true});
	zclient_lan(s.z, &(struct zclient_lan){.ifindex = 3});
	zclient_lan(s.z, &(struct zclient_lan){.ifindex = 2, .role = ZCLIENT_ROLE_MASTER});
	zclient_track_report(s.z, 4, false, "refused", 12);
	zclient_track_report(s.z, 5, true, "", 13);
	zclient_track_forget(s.z, 5);
	zclient_ready(s.z, true, "nothing");
	zclient_ready(s.z, true, NULL);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.told, "addr:9:2:7:4/32:1:3600000 link:7:2:vrrp4-2-5:05:3600000 lan:2:2:0:50:0 "
		"report:4:1:200 OK:11 ready:0:2 neighbours tracks addr:10:2:0:4/32:0:0 unaddr:10:2:0:4/32:0:0 "
		"lan:3:0:1:0:0 lan:3:0:0:0:0 lan:2:1:0:0:0 report:4:0:refused:12 report:5:1::13 ready:1: ");
	s.told[0] = '\0';
	ipc_server_free(s.server);
	CU_ASSERT(loop_until(s.l, client_left, &s));
	zclient_vlink_remove(s.z, 7); /* while nobody hears it */
	s.server = ipc_listen(s.l, s.path, &zebra_ops, &s);
	CU_ASSERT(loop_until(s.l, zebra_told, &s));
	CU_ASSERT_STRING_EQUAL(s.told, "hello addr:9:2:7:4/32:1:3600000 lan:2:1:0:0:0 report:4:0:refused:12 ready:1: tracks ");
	stage_end(&s);
}

static void
readiness_does_not_overtake_the_routes_it_speaks_of(void)
{
	struct stage s;
	struct prefix p = prefix_from_ip4(0x0a000000, 24);
	struct zclient_leg leg = {.ifindex = 2};
	stage_begin(&s, true);
	struct zclient_route r = {.afi = AFI_IP4, .group = zclient_group_get(s.z, &leg, 1)};
	zclient_route_add(s.z, &r, &p);
	zclient_ready(s.z, true, NULL);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.told, "routes ready:1: ");
	stage_end(&s);
}

static void
what_zebra_says_arrives(void)
{
	struct stage s;
	char text[] = "because";
	stage_begin(&s, true);
	Rib__VirtualLinkState v = RIB__VIRTUAL_LINK_STATE__INIT;
	v.id = 7;
	v.ifindex = 12;
	v.up = true;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_VLINK_STATE, &v.base);
	Rib__Lan l = RIB__LAN__INIT;
	l.ifindex = 2;
	l.role = RIB__LAN__ROLE__BACKUP;
	l.dead = l.withdraw = true;
	l.added_cost = 9;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_LAN, &l.base);
	Rib__Ready r = RIB__READY__INIT;
	r.waiting_for = text;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_READY, &r.base);
	Rib__Track t = RIB__TRACK__INIT;
	t.id = 3;
	t.up = true;
	t.cause = text;
	t.at_us = 77;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_TRACK, &t.base);
	Rib__Track end = RIB__TRACK__INIT;
	end.synced = true;
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_TRACK, &end.base);
	loop_for(s.l, 3000);
	CU_ASSERT_STRING_EQUAL(s.heard, "vlink:7:12:1: lan:2:2:1:1:9 ready:0:because track:3:1:0:because:77 synced ");
	l.role = (Rib__Lan__Role)9; /* a role that there is not: not our zebra */
	ipc_send(s.peer, RIB__RIB_TYPE__RIB_LAN, &l.base);
	CU_ASSERT(loop_until(s.l, client_left, &s));
	stage_end(&s);
}

UNIT_TESTS("zclient_ha",
	{"wishes of a lonely client are told when zebra comes", wishes_of_a_lonely_client_are_told_when_zebra_comes},
	{"wishes are told again as they are now", wishes_are_told_again_as_they_are_now},
	{"readiness does not overtake the routes it speaks of", readiness_does_not_overtake_the_routes_it_speaks_of},
	{"what zebra says arrives", what_zebra_says_arrives})
