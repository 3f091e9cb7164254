/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole frames: announcements and questions, and when they are sent. */
#include "vrrpd/garp.h"
#include "tests/unit/vrrp_world.h"

static const uint8_t virtual4[6] = {0, 0, 0x5e, 0, 1, 5}, virtual6[6] = {0, 0, 0x5e, 0, 2, 5};
static const uint8_t own[6] = {2, 0, 0, 1, 0, 1}, host[6] = {2, 0, 0, 0, 9, 9};

static bool
is(const uint8_t *frame, size_t len, const char *hex)
{
	char text[3];
	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		snprintf(text, sizeof(text), "%02x", frame[i]);
		if (memcmp(text, hex + 2 * i, 2))
			return false;
	}
	return true;
}

static void
announcements(void)
{
	uint8_t buf[VRRP_FRAME_MAX];
	struct ipaddr a = addr("10.0.1.254");
	size_t len = vrrp_frame_announce(&a, virtual4, buf);
	CU_ASSERT(is(buf, len, "ffffffffffff00005e0001050806000108000604000100005e0001050a0001fe0000000000000a0001fe"));
	/* RFC 9568 8.2.2: R and O set, S clear, the target's link-layer address */
	a = addr("2001:db8::254");
	len = vrrp_frame_announce(&a, virtual6, buf);
	CU_ASSERT(is(buf, len, "33330000000100005e00020586dd6c00000000203aff20010db8000000000000000000000254"
		"ff02000000000000000000000000000188001680a000000020010db8000000000000000000000254020100005e000205"));
}

static void
questions(void)
{
	uint8_t buf[VRRP_FRAME_MAX];
	struct ipaddr a = addr("10.0.1.99"), from = addr("10.0.1.1");
	size_t len = vrrp_frame_ask(&a, host, &from, own, buf);
	CU_ASSERT(is(buf, len, "0200000009090200000100010806000108000604000102000001000" "10a0001010000000000000a000163"));
	len = vrrp_frame_ask(&a, NULL, &from, own, buf);
	CU_ASSERT(len == 42 && !memcmp(buf, "\xff\xff\xff\xff\xff\xff", 6));
	a = addr("fe80::63");
	from = addr("fe80::1");
	len = vrrp_frame_ask(&a, host, &from, own, buf);
	CU_ASSERT(is(buf, len, "02000000090902000001000186dd6c00000000203afffe800000000000000000000000000001"
		"fe8000000000000000000000000000638700795800000000fe8000000000000000000000000000630101020000010001"));
	len = vrrp_frame_ask(&a, NULL, &from, own, buf);
	CU_ASSERT(is(buf, len, "3333ff00006302000001000186dd6c00000000203afffe800000000000000000000000000001"
		"ff0200000000000000000001ff000063870079d400000000fe8000000000000000000000000000630101020000010001"));
}

static void
schedule(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	node_vrrp(n, "200", "100");
	node_set(n, "eth1", 5, "garp/repeat", "3");
	node_set(n, "eth1", 5, "garp/delay", "2000");
	node_set(n, "eth1", 5, "garp/refresh", "10");
	node_set(n, "eth1", 5, "virtual-ipv4-address[address='10.0.1.253']", NULL);
	int64_t start = w->now;
	world_run(w, SEC);
	CU_ASSERT(n->announced == 6); /* two addresses, three rounds */
	CU_ASSERT(n->announced_at == n->first_advert + 2 * MS);
	CU_ASSERT(n->first_advert > start);
	world_run(w, 2 * SEC);
	CU_ASSERT(n->announced == 12);
	world_run(w, 20 * SEC);
	CU_ASSERT(n->announced == 12 + 2 * 2);
	CU_ASSERT(view(n).stats.announced == 16);
	/* not a frame more once it is not master */
	node_set(n, "eth1", 5, "shutdown", "true");
	world_run(w, 60 * SEC);
	CU_ASSERT(n->announced == 16);
	/* no second burst, no refresh */
	node_set(n, "eth1", 5, "garp/delay", "0");
	node_set(n, "eth1", 5, "garp/refresh", "0");
	node_set(n, "eth1", 5, "shutdown", "false");
	world_run(w, 60 * SEC);
	CU_ASSERT(state(n) == VRRP_MASTER && n->announced == 16 + 6);
	world_free(w);
}

static void
another_mac(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	node_vrrp(n, "200", "100");
	node_set(n, "eth1", 5, "virtual-mac", "false");
	world_run(w, 20 * SEC);
	unsigned announced = n->announced;
	struct vrrp_link l = {.ifindex = 1, .name = "eth1", .up = true, .mac = {2, 0, 0, 1, 0, 1}};
	vrrp_link_changed(n->v, &l, w->now);
	world_run(w, 10 * SEC);
	CU_ASSERT(n->announced == announced); /* the same */
	l.mac[5] = 77;
	vrrp_link_changed(n->v, &l, w->now);
	world_run(w, 10 * SEC);
	CU_ASSERT(n->announced == announced + 10);
	world_free(w);
}

static void
paced(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	char address[64];
	for (unsigned i = 1; i < 200; i++) {
		snprintf(address, sizeof(address), "virtual-ipv4-address[address='10.9.1.%u']", i);
		node_set(n, "eth1", 5, address, NULL);
	}
	world_run(w, 3608 * MS);
	CU_ASSERT(state(n) == VRRP_BACKUP && n->announced == 0);
	world_run(w, 2 * MS);
	/* 64 a millisecond: no burst that a queue of 1000 could not hold */
	CU_ASSERT(state(n) == VRRP_MASTER && n->announced > 0 && n->announced <= 128);
	world_run(w, 30 * MS);
	CU_ASSERT(n->announced == 199 * 5);
	world_free(w);
}

UNIT_TESTS("vrrp garp",
	{"gratuitous ARP, unsolicited neighbour advertisement", announcements},
	{"questions: to one, to all", questions},
	{"repeat, delay, refresh", schedule},
	{"the interface has another MAC", another_mac},
	{"paced", paced})
