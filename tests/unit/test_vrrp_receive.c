/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of what others do with adverts that are not as they should be (VRRP.md 5), row by row: a Master of
 * priority 200 hears one every 40 ms for a second. Whatever comes, it goes on advertising at its times, unless the
 * RFC makes it Backup; each dropped one is counted by its reason.
 */
#include "lib/cksum.h"
#include "tests/unit/vrrp_world.h"

#pragma GCC diagnostic ignored "-Woverride-init" /* a row is a good packet but for what it names */

enum fate { DROPPED, YIELDS, ANSWERED };

struct packet {
	uint8_t afi, version, type, vrid, priority, auth_type, ttl;
	uint16_t interval;       /* as it is on the wire, reserved bits too */
	int count;               /* what is said; -1: as it is */
	unsigned addresses;
	bool other_list, pseudo, bad_checksum;
	const char *src, *dst, *auth;
	int cut;                 /* octets less at the end */
};
struct row {
	const char *name;
	struct packet p;
	enum fate fate;
	enum vrrp_drop drop;
};

#define V3 .afi = AFI_IP4, .version = 3, .type = 1, .vrid = 5, .priority = 210, .ttl = 255, .interval = 10, .count = -1, \
	.addresses = 1, .src = "10.0.1.9", .dst = "224.0.0.18"
#define V2 .afi = AFI_IP4, .version = 2, .type = 1, .vrid = 5, .priority = 210, .ttl = 255, .interval = 1, .count = -1, \
	.addresses = 1, .src = "10.0.1.9", .dst = "224.0.0.18"
#define V6 .afi = AFI_IP6, .version = 3, .type = 1, .vrid = 5, .priority = 210, .ttl = 255, .interval = 10, .count = -1, \
	.addresses = 1, .src = "fe80::9", .dst = "ff02::12"

static const struct row rows_v3[] = {
	{"checksum with pseudo-header", {V3, .pseudo = true}, YIELDS, 0},
	{"checksum without (RFC 9568)", {V3}, YIELDS, 0},
	{"bad checksum", {V3, .bad_checksum = true}, DROPPED, VRRP_DROP_CHECKSUM},
	{"TTL 254", {V3, .ttl = 254}, DROPPED, VRRP_DROP_TTL},
	{"type 2", {V3, .type = 2}, DROPPED, VRRP_DROP_TYPE},
	{"version 2", {V2}, DROPPED, VRRP_DROP_VERSION_MISMATCH},
	{"version 4", {V3, .version = 4}, DROPPED, VRRP_DROP_VERSION},
	{"lower priority", {V3, .priority = 50}, ANSWERED, 0},
	{"equal priority, lower address", {V3, .priority = 200, .src = "10.0.1.0"}, ANSWERED, 0},
	{"equal priority, higher address", {V3, .priority = 200}, YIELDS, 0},
	{"priority 255", {V3, .priority = 255}, YIELDS, 0},
	{"priority 0 from a third router", {V3, .priority = 0}, ANSWERED, 0},
	{"reserved bits", {V3, .interval = 0xf00a}, YIELDS, 0},
	{"another interval", {V3, .interval = 2000}, YIELDS, 0},
	{"interval 0", {V3, .interval = 0}, DROPPED, VRRP_DROP_INTERVAL_ZERO},
	{"another list", {V3, .other_list = true}, YIELDS, 0},
	{"one address more", {V3, .addresses = 2}, YIELDS, 0},
	{"no address", {V3, .addresses = 0}, DROPPED, VRRP_DROP_NO_ADDRESS},
	{"truncated by 4", {V3, .cut = 4}, DROPPED, VRRP_DROP_LENGTH},
	{"count larger than the packet", {V3, .count = 9}, DROPPED, VRRP_DROP_LENGTH},
	{"count 0 but an address", {V3, .count = 0}, DROPPED, VRRP_DROP_NO_ADDRESS},
	{"not even a header", {V3, .cut = 8}, DROPPED, VRRP_DROP_SHORT},
	{"unicast to the interface", {V3, .dst = "10.0.1.1"}, DROPPED, VRRP_DROP_DESTINATION},
	{"from our own address", {V3, .src = "10.0.1.1"}, DROPPED, VRRP_DROP_OWN},
	{"from off the link", {V3, .src = "192.0.2.1"}, YIELDS, 0},
	{"from nowhere", {V3, .src = "0.0.0.0"}, DROPPED, VRRP_DROP_SOURCE},
	{"from a group", {V3, .src = "224.0.0.5"}, DROPPED, VRRP_DROP_SOURCE},
};
static const struct row rows_v2[] = {
	{"v2 plain", {V2}, YIELDS, 0},
	{"v2 bad checksum", {V2, .bad_checksum = true}, DROPPED, VRRP_DROP_CHECKSUM},
	{"v2 TTL 254", {V2, .ttl = 254}, DROPPED, VRRP_DROP_TTL},
	{"v2 another interval", {V2, .interval = 2}, DROPPED, VRRP_DROP_INTERVAL},
	{"v2 interval 0", {V2, .interval = 0}, DROPPED, VRRP_DROP_INTERVAL_ZERO},
	{"v2 auth type 1", {V2, .auth_type = 1, .auth = "secret"}, DROPPED, VRRP_DROP_AUTH_TYPE},
	{"v2 auth type 2", {V2, .auth_type = 2}, DROPPED, VRRP_DROP_AUTH_TYPE},
	{"v2 another list", {V2, .other_list = true}, YIELDS, 0},
	{"v2 lower priority", {V2, .priority = 50}, ANSWERED, 0},
	{"v3 to a version 2 router", {V3, .interval = 100}, DROPPED, VRRP_DROP_VERSION_MISMATCH},
};
static const struct row rows_v2_auth[] = {
	{"v2 password", {V2, .auth_type = 1, .auth = "secret"}, YIELDS, 0},
	{"v2 wrong password", {V2, .auth_type = 1, .auth = "Secret"}, DROPPED, VRRP_DROP_AUTH},
	{"v2 no password", {V2}, DROPPED, VRRP_DROP_AUTH_TYPE},
};
static const struct row rows_v6[] = {
	{"v6 plain", {V6}, YIELDS, 0},
	{"v6 one more", {V6, .addresses = 2}, YIELDS, 0},
	{"v6 bad checksum", {V6, .bad_checksum = true}, DROPPED, VRRP_DROP_CHECKSUM},
	{"v6 hop limit 254", {V6, .ttl = 254}, DROPPED, VRRP_DROP_TTL},
	{"v6 from a global address", {V6, .src = "2001:db8::9"}, YIELDS, 0},
	{"v6 another list", {V6, .other_list = true}, YIELDS, 0},
	{"v6 priority 255", {V6, .priority = 255}, YIELDS, 0},
	{"v6 lower priority", {V6, .priority = 1}, ANSWERED, 0},
	{"v6 version 2", {V6, .version = 2}, DROPPED, VRRP_DROP_VERSION},
};

static size_t
build(const struct packet *p, uint8_t *buf)
{
	struct ipaddr src = addr(p->src), dst = addr(p->dst);
	size_t size = afi_bytes(p->afi), len = 8;
	memset(buf, 0, 128);
	buf[0] = (uint8_t)(p->version << 4 | p->type);
	buf[1] = p->vrid;
	buf[2] = p->priority;
	buf[3] = (uint8_t)(p->count < 0 ? (int)p->addresses : p->count);
	buf[4] = p->version == 2 ? p->auth_type : (uint8_t)(p->interval >> 8);
	buf[5] = (uint8_t)p->interval;
	for (unsigned i = 0; i < p->addresses; i++, len += size) {
		struct ipaddr a = addr(p->afi == AFI_IP4 ? "10.0.1.254" : "2001:db8::254");
		a.b[size - 1] = (uint8_t)(a.b[size - 1] - i - p->other_list);
		memcpy(buf + len, a.b, size);
	}
	if (p->version == 2) {
		if (p->auth)
			memcpy(buf + len, p->auth, strlen(p->auth));
		len += 8;
	}
	uint32_t sum = cksum_add(0, buf, len);
	if (p->pseudo || p->afi == AFI_IP6) {
		uint8_t tail[4] = {0, 112, 0, (uint8_t)len};
		sum = cksum_add(cksum_add(cksum_add(sum, src.b, size), dst.b, size), tail, 4);
	}
	uint16_t folded = (uint16_t)(cksum_fold(sum) + p->bad_checksum);
	buf[6] = (uint8_t)(folded >> 8);
	buf[7] = (uint8_t)folded;
	return len - (size_t)p->cut;
}

static void
hear(struct node *n, const struct packet *p)
{
	uint8_t buf[128];
	struct vrrp_rx rx = {1, addr(p->src), addr(p->dst), p->ttl, n->w->now, buf, build(p, buf)};
	vrrp_packet_received(n->v, &rx, n->w->now);
	world_wake(n);
}

static struct vrrp_view
view_of(const struct node *n, uint8_t afi)
{
	struct vrrp_view v;
	CU_ASSERT_FATAL(node_view(n, 1, 5, afi, &v));
	return v;
}

static struct world *
world_alone(unsigned version, uint8_t afi, const char *password)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	node_set(n, "eth1", 5, "version", version == 2 ? "2" : "3");
	node_set(n, "eth1", 5, "priority", "200");
	node_set(n, "eth1", 5, "advertisement-interval", version == 2 ? "1000" : "100");
	if (password)
		node_set(n, "eth1", 5, "authentication", password);
	node_set(n, "eth1", 5, afi == AFI_IP4 ? "virtual-ipv4-address[address='10.0.1.254']" :
		"virtual-ipv6-address[address='2001:db8::254']", NULL);
	world_run(w, 10 * SEC);
	CU_ASSERT_FATAL(view_of(n, afi).state == VRRP_MASTER);
	return w;
}

static void
check(const struct row *r, unsigned version, const char *password)
{
	struct world *w = world_alone(version, r->p.afi, password);
	struct node *n = &w->nodes[0];
	int64_t interval = version == 2 ? SEC : 100 * MS, span = 10 * interval, start = n->sent.at;
	unsigned before = n->sent.count, heard = 0, changes = n->changes;
	for (; w->now < start + span; heard++) {
		hear(n, &r->p);
		world_run(w, 40 * MS);
	}
	struct vrrp_view v = view_of(n, r->p.afi);
	uint64_t dropped = 0, iface_dropped = 0;
	for (unsigned i = 0; i < VRRP_DROP_COUNT; i++)
		dropped += v.stats.drops[i];
	struct vrrp_view_iface ifc;
	CU_ASSERT_FATAL(vrrp_view_iface_next(n->v, NULL, &ifc));
	for (unsigned i = 0; i < VRRP_DROP_COUNT; i++)
		iface_dropped += ifc.stats.drops[i];
	bool good = false;
	switch (r->fate) {
	case DROPPED: /* exactly one counter, and not a millisecond of difference */
		good = v.state == VRRP_MASTER && n->sent.count - before == 10 && (n->sent.at - start) % interval == 0 &&
			dropped + iface_dropped == heard &&
			v.stats.drops[r->drop] + ifc.stats.drops[r->drop] == heard && n->changes == changes && v.stats.adverts_rx == 0;
		break;
	case YIELDS:
		good = v.state == VRRP_BACKUP && n->sent.count - before <= 2 && !dropped && v.stats.adverts_rx == heard;
		break;
	case ANSWERED:
		good = v.state == VRRP_MASTER && n->sent.count - before >= 10 + heard / 2 && !dropped && n->changes == changes;
		world_run(w, interval); /* answers do not shift the schedule */
		good &= (n->sent.at - start) % interval == 0;
		break;
	}
	if (!good)
		printf("# %s: state %u, sent %u, heard %u, dropped %u + %u\n", r->name, v.state, n->sent.count - before, heard,
			(unsigned)dropped, (unsigned)iface_dropped);
	CU_ASSERT(good);
	world_free(w);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
table_v3(void)
{
	for (size_t i = 0; i < COUNT(rows_v3); i++)
		check(&rows_v3[i], 3, NULL);
}

static void
table_v2(void)
{
	for (size_t i = 0; i < COUNT(rows_v2); i++)
		check(&rows_v2[i], 2, NULL);
	for (size_t i = 0; i < COUNT(rows_v2_auth); i++)
		check(&rows_v2_auth[i], 2, "secret");
}

static void
table_v6(void)
{
	for (size_t i = 0; i < COUNT(rows_v6); i++)
		check(&rows_v6[i], 3, NULL);
}

static void
other_routers_and_interfaces(void)
{
	struct world *w = world_alone(3, AFI_IP4, NULL);
	struct node *n = &w->nodes[0];
	struct packet p = {V3, .vrid = 6};
	uint8_t buf[128];
	hear(n, &p);
	struct vrrp_view_iface ifc;
	CU_ASSERT(vrrp_view_iface_next(n->v, NULL, &ifc) && ifc.stats.drops[VRRP_DROP_VRID] == 1);
	CU_ASSERT(n->logs[VRRP_LOG_DROPPED] == 0);
	struct vrrp_rx rx = {2, addr(p.src), addr(p.dst), 255, w->now, buf, build(&p, buf)};
	vrrp_packet_received(n->v, &rx, w->now);
	struct vrrp_view_instance all;
	vrrp_view_instance(n->v, &all);
	CU_ASSERT(all.no_interface == 1);
	/* the same VRID of the other family is another virtual router */
	struct packet six = {V6};
	hear(n, &six);
	CU_ASSERT(view_of(n, AFI_IP6).stats.drops[VRRP_DROP_NOT_RUNNING] == 1);
	CU_ASSERT(state(n) == VRRP_MASTER);
	vrrp_clear_counters(n->v);
	CU_ASSERT(view_of(n, AFI_IP6).stats.drops[VRRP_DROP_NOT_RUNNING] == 0);
	world_free(w);
}

static void
the_list_is_compared(void)
{
	struct world *w = world_alone(3, AFI_IP4, NULL);
	struct node *n = &w->nodes[0];
	struct packet good = {V3}, bad = {V3, .other_list = true};
	hear(n, &bad);
	hear(n, &bad);
	CU_ASSERT(state(n) == VRRP_BACKUP && view(n).address_mismatch && view(n).stats.address_mismatch == 2);
	CU_ASSERT(n->logs[VRRP_LOG_MISMATCH] == 1 && n->log.on);
	for (unsigned i = 0; i < 11; i++) {
		world_run(w, 100 * MS);
		hear(n, &bad);
	}
	hear(n, &good);
	CU_ASSERT(!view(n).address_mismatch && n->logs[VRRP_LOG_MISMATCH] == 2 && !n->log.on);
	/* two senders that disagree: a line a second, not one each time */
	for (unsigned i = 0; i < 100; i++) {
		hear(n, i & 1 ? &good : &bad);
		world_run(w, 10 * MS);
	}
	CU_ASSERT(n->logs[VRRP_LOG_MISMATCH] <= 4 && view(n).stats.address_mismatch == 63);
	world_free(w);
}

/* Of the last advert sent. */
static bool
sent_pseudo(const struct node *n)
{
	struct vrrp_advert a;
	CU_ASSERT_FATAL(vrrp_packet_get(&n->sent.src, &n->sent.dst, n->sent.bytes, n->sent.len, &a) == VRRP_DROP_NONE);
	return a.pseudo_header;
}

/* Most old routers drop RFC 9568's checksum, most new ones the old: each is sent what it understands. */
static void
the_others_checksum_is_spoken(void)
{
	struct world *w = world_alone(3, AFI_IP4, NULL);
	struct node *n = &w->nodes[0];
	struct packet old = {V3, .priority = 50, .pseudo = true}, new = {V3, .priority = 50};
	CU_ASSERT(!sent_pseudo(n) && !view(n).pseudo_header);
	hear(n, &old);
	CU_ASSERT(sent_pseudo(n) && view(n).pseudo_header); /* already in the answer */
	unsigned before = n->sent.count;
	world_run(w, SEC);
	CU_ASSERT(n->sent.count == before + 10 && sent_pseudo(n));
	hear(n, &new);
	before = n->sent.count;
	world_run(w, SEC);
	CU_ASSERT(n->sent.count == before + 20); /* both kinds are around */
	/* what is configured is not argued with */
	node_set(n, "eth1", 5, "checksum-with-ipv4-pseudoheader", "false");
	before = n->sent.count;
	world_run(w, SEC);
	CU_ASSERT(n->sent.count == before + 10 && !sent_pseudo(n));
	node_set(n, "eth1", 5, "checksum-with-ipv4-pseudoheader", "true");
	world_run(w, SEC);
	CU_ASSERT(sent_pseudo(n));
	world_free(w);
}

static void
a_flood_is_told_once_a_second(void)
{
	struct world *w = world_alone(3, AFI_IP4, NULL);
	struct node *n = &w->nodes[0];
	struct packet p = {V3, .bad_checksum = true};
	for (unsigned i = 0; i < 10000; i++)
		hear(n, &p);
	CU_ASSERT(n->logs[VRRP_LOG_DROPPED] == 1 && n->log.reason == VRRP_DROP_CHECKSUM && n->log.len == 12);
	world_run(w, SEC);
	hear(n, &p);
	CU_ASSERT(n->logs[VRRP_LOG_DROPPED] == 2 && view(n).stats.drops[VRRP_DROP_CHECKSUM] == 10001);
	world_free(w);
}

static void
unicast_peers_only(void)
{
	struct world *w = world_alone(3, AFI_IP4, NULL);
	struct node *n = &w->nodes[0];
	node_set(n, "eth1", 5, "unicast-peer[.='10.0.1.9']", NULL);
	node_set(n, "eth1", 5, "unicast-peer[.='10.0.1.8']", NULL);
	world_run(w, 10 * SEC);
	CU_ASSERT(state(n) == VRRP_MASTER && !n->sent.virtual_mac && n->vlinks == 0);
	struct ipaddr peer = addr("10.0.1.9");
	CU_ASSERT(!ipaddr_cmp(&n->sent.dst, &peer));
	unsigned count = n->sent.count;
	world_run(w, SEC);
	CU_ASSERT(n->sent.count == count + 20); /* one to each */
	struct packet stranger = {V3, .src = "10.0.1.7", .dst = "10.0.1.1"}, friend = {V3, .dst = "10.0.1.1"};
	struct packet far = {V3, .dst = "10.0.1.1", .ttl = 254};
	hear(n, &stranger);
	hear(n, &far);
	CU_ASSERT(state(n) == VRRP_MASTER && view(n).stats.drops[VRRP_DROP_PEER] == 1);
	CU_ASSERT(view(n).stats.drops[VRRP_DROP_TTL] == 1);
	hear(n, &friend);
	CU_ASSERT(state(n) == VRRP_BACKUP);
	world_free(w);
}

static void
a_backup_is_not_misled(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[1];
	struct packet zero = {V3, .priority = 0}, lower = {V3, .priority = 50}, noise = {V3, .bad_checksum = true};
	/* a third router that leaves, or one of lower priority, is not its master */
	for (unsigned i = 0; i < 50; i++) {
		hear(n, &zero);
		hear(n, &lower);
		world_run(w, 40 * MS);
	}
	struct ipaddr a = addr("10.0.1.1");
	struct vrrp_view v = view(n);
	CU_ASSERT(v.state == VRRP_BACKUP && n->changes == 1 && !ipaddr_cmp(&v.master, &a));
	/* noise does not keep a dead master alive, nor do adverts of lower priority */
	int64_t last = w->nodes[0].sent.at + DELAY;
	w->cut[0][1] = true;
	world_mark(w);
	while (w->now < last + SEC) {
		hear(n, &noise);
		hear(n, &lower);
		world_run(w, 7 * MS);
	}
	CU_ASSERT(state(n) == VRRP_MASTER);
	CU_ASSERT(n->first_advert == last + 300 * MS + 156 * 100 * MS / 256);
	world_free(w);
}

static void
one_forged_interval(void)
{
	struct world *w = world_pair("100");
	struct packet forged = {V3, .interval = 2000, .src = "10.0.1.1"};
	hear(&w->nodes[1], &forged);
	w->cut[0][1] = true;
	int64_t start = w->now;
	world_mark(w);
	world_run(w, 100 * SEC);
	/* 3 x 1 s + skew, not 64 s */
	CU_ASSERT(w->nodes[1].first_advert > start && w->nodes[1].first_advert < start + 4 * SEC);
	world_free(w);
}

UNIT_TESTS("vrrp receive",
	{"version 3 over IPv4, every row", table_v3},
	{"version 2, every row", table_v2},
	{"version 3 over IPv6, every row", table_v6},
	{"other virtual routers, other interfaces", other_routers_and_interfaces},
	{"another list of addresses is told, not dropped", the_list_is_compared},
	{"old routers are sent the checksum that they understand", the_others_checksum_is_spoken},
	{"a flood is told once a second", a_flood_is_told_once_a_second},
	{"with unicast peers: from them alone", unicast_peers_only},
	{"a Backup is not misled by third routers", a_backup_is_not_misled},
	{"one forged interval does not put a takeover off", one_forged_interval})
