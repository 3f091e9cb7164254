/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zebra's core: virtual links and addresses: made, adopted, repaired, held for a while, given up. */
#include "tests/unit/zebra_world.h"

static const uint8_t mac5[6] = {0, 0, 0x5e, 0, 1, 5}, mac6[6] = {0, 0, 0x5e, 0, 1, 6};

static bool
link_as(struct world *w, uint32_t client, uint32_t id, const char *name, uint32_t parent, const uint8_t *mac)
{
	struct zebra_vlink v = {.id = id, .parent = parent, .name = name, .linger = 300 * TIME_MS};
	memcpy(v.mac, mac, 6);
	bool ok = zebra_vlink_wanted(w->z, client, &v, w->now);
	world_run(w);
	return ok;
}
static bool
link5(struct world *w, uint32_t client, uint32_t parent)
{
	return link_as(w, client, 5, "vrrp4-2-5", parent, mac5);
}

static bool
address_as(struct world *w, uint32_t client, uint32_t id, uint32_t vlink, const char *text, bool accept)
{
	struct zebra_vaddress a = {.id = id, .vlink = vlink, .ifindex = 2, .accept = accept,
		.linger = 300 * TIME_MS};
	ipaddr_parse(text, &a.address);
	a.len = a.address.afi == AFI_IP4 ? 32 : 128;
	bool ok = zebra_vaddress_wanted(w->z, client, &a, w->now);
	world_run(w);
	return ok;
}

static struct world_dev *
dev(struct world *w)
{
	return virtual_by_name(&w->v, "vrrp4-2-5");
}

static struct world_vaddr *
there(struct world *w, uint32_t ifindex, const char *text)
{
	struct ipaddr a;
	ipaddr_parse(text, &a);
	return virtual_addr(&w->v, ifindex, &a);
}

static unsigned
written(const struct world *w)
{
	return w->written[DPLANE_VLINK] + w->written[DPLANE_LINK_DEL] + w->written[DPLANE_ADDR]
		+ w->written[DPLANE_ADDR_DEL] + w->written[DPLANE_LINK_MAC] + w->written[DPLANE_LINK_MTU]
		+ w->written[DPLANE_LINK_UP];
}

static void
said_to_kernel(struct world *w)
{
	virtual_deliver(w->z, &w->v, w->now);
	world_run(w);
}

static void
made(bool late)
{
	struct world *w = world_up();
	w->v.events_late = late;
	uint32_t vrrp = world_client(w, "vrrp", 0, false);
	unsigned interfaces = w->interfaces, addresses = w->addresses;
	CU_ASSERT_TRUE(address_as(w, vrrp, 1, 5, "10.0.0.254", true)); /* before its link: it waits */
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	CU_ASSERT_TRUE(link5(w, vrrp, 2));
	CU_ASSERT_PTR_NOT_NULL_FATAL(dev(w));
	CU_ASSERT_TRUE(dev(w)->up);
	CU_ASSERT_FALSE(dev(w)->quiet);
	CU_ASSERT_EQUAL(w->tuned, 1);
	CU_ASSERT_EQUAL(w->written[DPLANE_LINK_SILENT], 1);
	CU_ASSERT_EQUAL(w->written[DPLANE_VLINK], 1);
	CU_ASSERT_EQUAL(w->written[DPLANE_LINK_UP], 1);
	CU_ASSERT_EQUAL(w->written[DPLANE_ADDR], 1);
	CU_ASSERT_TRUE(w->vlink.up);
	CU_ASSERT_EQUAL(w->vlink.ifindex, dev(w)->ifindex);
	CU_ASSERT_STRING_EQUAL(w->vlink_error, "");
	CU_ASSERT_PTR_NOT_NULL(there(w, dev(w)->ifindex, "10.0.0.254"));
	/* nobody else hears of it, and it is no router id */
	CU_ASSERT_EQUAL(w->interfaces, interfaces);
	CU_ASSERT_EQUAL(w->addresses, addresses);
	CU_ASSERT_EQUAL(w->router_id, 0x0a000101);
	zebra_vaddress_unwanted(w->z, vrrp, 1, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	CU_ASSERT_TRUE(dev(w)->quiet);
	zebra_vlink_unwanted(w->z, vrrp, 5, w->now);
	world_run(w);
	CU_ASSERT_PTR_NULL(dev(w));
	CU_ASSERT_EQUAL(w->parents_freed, 1);
	unsigned n = written(w);
	world_advance(w, 60 * TIME_SEC);
	CU_ASSERT_EQUAL(written(w), n);
	world_free(w);
}
static void
made_early(void)
{
	made(false);
}
static void
made_late(void)
{
	made(true);
}

static struct world *
running(uint32_t *vrrp)
{
	struct world *w = world_up();
	*vrrp = world_client(w, "vrrp", 0, false);
	link5(w, *vrrp, 2);
	address_as(w, *vrrp, 1, 5, "10.0.0.254", true);
	zebra_replay_ended(w->z, *vrrp, w->now);
	world_run(w);
	return w;
}

static void
a_restart_adopts(void)
{
	uint32_t vrrp;
	struct world *w = running(&vrrp);
	uint32_t ifindex = dev(w)->ifindex;
	world_restart(w);
	world_advance(w, 100 * TIME_MS);
	vrrp = world_client(w, "vrrp", 0, false);
	CU_ASSERT_TRUE(link_as(w, vrrp, 77, "vrrp4-2-5", 2, mac5)); /* ids may be others */
	CU_ASSERT_TRUE(address_as(w, vrrp, 78, 77, "10.0.0.254", true));
	zebra_replay_ended(w->z, vrrp, w->now);
	world_advance(w, 10 * TIME_SEC);
	CU_ASSERT_EQUAL(w->vlink.id, 77);
	CU_ASSERT_EQUAL(w->vlink.ifindex, ifindex);
	CU_ASSERT_EQUAL(written(w), 0);
	CU_ASSERT_FALSE(dev(w)->quiet);
	CU_ASSERT_PTR_NOT_NULL(there(w, ifindex, "10.0.0.254"));
	/* and it is the new client's: given up at once */
	zebra_vaddress_unwanted(w->z, vrrp, 78, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	world_free(w);
}

static void
given_up_right_after_a_restart(void)
{
	uint32_t vrrp;
	struct world *w = running(&vrrp);
	world_restart(w);
	vrrp = world_client(w, "vrrp", 0, false);
	address_as(w, vrrp, 1, 5, "10.0.0.254", true);
	link5(w, vrrp, 2);
	zebra_vaddress_unwanted(w->z, vrrp, 1, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	world_free(w);
}

static void
leftovers_go(void)
{
	uint32_t vrrp;
	struct world *w = running(&vrrp);
	world_restart(w);
	world_advance(w, 900 * TIME_MS);
	CU_ASSERT_PTR_NOT_NULL(dev(w));
	CU_ASSERT_EQUAL(w->v.addr_count, 1);
	world_advance(w, 200 * TIME_MS);
	CU_ASSERT_PTR_NULL(dev(w));
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	world_free(w);
}

static void
linger(void)
{
	uint32_t vrrp;
	struct world *w = running(&vrrp);
	address_as(w, vrrp, 2, 0, "10.0.0.253", true); /* on the interface itself */
	CU_ASSERT_PTR_NOT_NULL(there(w, 2, "10.0.0.253"));
	unsigned n = written(w);
	zebra_client_closed(w->z, vrrp, w->now);
	world_advance(w, 250 * TIME_MS);
	CU_ASSERT_EQUAL(w->v.addr_count, 2);
	/* back in time: what it wants again never moved, what it does not want goes with its replay's end */
	vrrp = world_client(w, "vrrp", 0, false);
	link5(w, vrrp, 2);
	address_as(w, vrrp, 9, 5, "10.0.0.254", true);
	CU_ASSERT_EQUAL(written(w), n);
	zebra_replay_ended(w->z, vrrp, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->v.addr_count, 1);
	CU_ASSERT_PTR_NOT_NULL(dev(w));
	CU_ASSERT_EQUAL(written(w), n + 1);
	zebra_client_closed(w->z, vrrp, w->now);
	world_advance(w, 299 * TIME_MS);
	CU_ASSERT_EQUAL(w->v.addr_count, 1);
	world_advance(w, 2 * TIME_MS);
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	CU_ASSERT_PTR_NULL(dev(w));
	world_free(w);
}

static void
repair(void)
{
	uint32_t vrrp;
	struct world *w = running(&vrrp);
	struct world_virtual *v = &w->v;
	virtual_drop_addr(v, &v->addrs[0]);
	said_to_kernel(w);
	CU_ASSERT_EQUAL(v->addr_count, 1);
	/* another MAC, another MTU, down */
	memcpy(dev(w)->mac, mac6, 6);
	dev(w)->mtu = 1400;
	dev(w)->up = false;
	virtual_say_link(v, dev(w), false);
	said_to_kernel(w);
	CU_ASSERT_FALSE(memcmp(dev(w)->mac, mac5, 6));
	CU_ASSERT_EQUAL(dev(w)->mtu, 1500);
	CU_ASSERT_TRUE(dev(w)->up);
	/* deleted: made again, with its address */
	uint32_t before = dev(w)->ifindex;
	virtual_drop_dev(v, dev(w));
	said_to_kernel(w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dev(w));
	CU_ASSERT(dev(w)->ifindex != before);
	CU_ASSERT_EQUAL(w->vlink.ifindex, dev(w)->ifindex);
	CU_ASSERT_TRUE(w->vlink.up);
	CU_ASSERT_PTR_NOT_NULL(there(w, dev(w)->ifindex, "10.0.0.254"));
	CU_ASSERT_FALSE(dev(w)->quiet);
	world_free(w);
}

static void
with_its_parent(void)
{
	uint32_t vrrp;
	struct world *w = running(&vrrp);
	/* a smaller MTU of the parent */
	struct kernel_link l = {.ifindex = 2, .name = "eth0", .flags = UP, .mtu = 1400};
	zebra_kernel_changed(w->z, KERNEL_LINK, &l, false, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(dev(w)->mtu, 1400);
	/* it loses its carrier: not up */
	world_link(w, 2, "eth0", DARK);
	world_run(w);
	CU_ASSERT_FALSE(w->vlink.up);
	world_link(w, 2, "eth0", UP);
	world_run(w);
	CU_ASSERT_TRUE(w->vlink.up);
	/* it goes, and comes back with another index */
	virtual_parent_gone(&w->v, 2);
	w->flags[2] = 0;
	said_to_kernel(w);
	zebra_kernel_changed(w->z, KERNEL_LINK, &l, true, w->now);
	world_run(w);
	CU_ASSERT_PTR_NULL(dev(w));
	CU_ASSERT_EQUAL(w->vlink.ifindex, 0);
	CU_ASSERT_STRING_EQUAL(w->vlink_error, "there is no interface eth0");
	world_advance(w, 60 * TIME_SEC);
	world_link(w, 9, "eth0", UP);
	world_advance(w, TIME_SEC);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dev(w));
	CU_ASSERT_EQUAL(dev(w)->parent, 9);
	CU_ASSERT_TRUE(w->vlink.up);
	CU_ASSERT_STRING_EQUAL(w->vlink_error, "");
	CU_ASSERT_PTR_NOT_NULL(there(w, dev(w)->ifindex, "10.0.0.254"));
	world_free(w);
}

/* In a container the interface is a macvlan itself: the kernel makes ours on the one below. */
static void
on_a_macvlan(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false);
	struct kernel_link l = {.ifindex = 2, .name = "eth0", .kind = "macvlan", .flags = UP, .mtu = 1500, .parent = 7};
	zebra_kernel_changed(w->z, KERNEL_LINK, &l, false, w->now);
	w->v.below = 7;
	CU_ASSERT_TRUE(link5(w, vrrp, 2));
	world_run(w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dev(w));
	uint32_t ifindex = dev(w)->ifindex;
	world_advance(w, TIME_SEC);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dev(w));
	CU_ASSERT_EQUAL(dev(w)->ifindex, ifindex);
	CU_ASSERT_EQUAL(w->vlink.ifindex, ifindex);
	CU_ASSERT_TRUE(w->vlink.up);
	world_free(w);
}

static void
a_foreign_device(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false);
	struct world_dev *d = virtual_make(&w->v, "vrrp4-2-5", 2, mac6, 0);
	said_to_kernel(w);
	CU_ASSERT_TRUE(link5(w, vrrp, 2));
	CU_ASSERT_EQUAL(w->vlink.ifindex, 0);
	CU_ASSERT_STRING_EQUAL(w->vlink_error, "there is a device vrrp4-2-5 that zebra did not make");
	CU_ASSERT_EQUAL(written(w), 0);
	/* its owner removes it: ours is made */
	virtual_drop_dev(&w->v, d);
	said_to_kernel(w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dev(w));
	CU_ASSERT_STRING_EQUAL(w->vlink_error, "");
	CU_ASSERT_TRUE(w->vlink.up);
	world_free(w);
}

static void
refusals(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false);
	w->fail_kind = DPLANE_VLINK;
	w->fail_errno = EBUSY;
	CU_ASSERT_TRUE(link5(w, vrrp, 2));
	CU_ASSERT_STRING_EQUAL(w->vlink_error, "it cannot be made on eth0: Device or resource busy");
	CU_ASSERT_PTR_NULL(dev(w));
	world_advance(w, 250 * TIME_MS); /* it is tried again */
	CU_ASSERT_PTR_NOT_NULL(dev(w));
	CU_ASSERT_STRING_EQUAL(w->vlink_error, "");
	w->fail_kind = DPLANE_ADDR;
	w->fail_errno = EACCES;
	address_as(w, vrrp, 1, 5, "10.0.0.254", true);
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	world_advance(w, 250 * TIME_MS);
	CU_ASSERT_EQUAL(w->v.addr_count, 1);
	/* names that are no names, multicast MACs and addresses: the client broke the rules */
	static const uint8_t group_mac[6] = {1, 0, 0x5e};
	CU_ASSERT_FALSE(link_as(w, vrrp, 6, "", 2, mac5));
	CU_ASSERT_FALSE(link_as(w, vrrp, 6, "../x", 2, mac5));
	CU_ASSERT_FALSE(link_as(w, vrrp, 6, "a name too long for it", 2, mac5));
	CU_ASSERT_FALSE(link_as(w, vrrp, 6, "x", 2, group_mac));
	CU_ASSERT_FALSE(address_as(w, vrrp, 6, 5, "224.0.0.18", true));
	CU_ASSERT_FALSE(address_as(w, vrrp, 6, 5, "127.0.0.1", true));
	/* two ids, one name */
	CU_ASSERT_TRUE(link_as(w, vrrp, 6, "vrrp4-2-5", 2, mac6));
	CU_ASSERT_STRING_EQUAL(w->vlink_error, "another virtual link has that name");
	world_free(w);
}

static void
no_room(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false);
	w->room = 0;
	CU_ASSERT_TRUE(link5(w, vrrp, 2));
	CU_ASSERT_TRUE(address_as(w, vrrp, 1, 5, "10.0.0.254", true));
	w->room = WORLD_MAX;
	world_advance(w, 250 * TIME_MS);
	CU_ASSERT_EQUAL(w->v.addr_count, 1);
	w->room = 0;
	zebra_vaddress_unwanted(w->z, vrrp, 1, w->now);
	zebra_vlink_unwanted(w->z, vrrp, 5, w->now);
	CU_ASSERT_EQUAL(w->v.addr_count, 1);
	w->room = WORLD_MAX;
	world_advance(w, 250 * TIME_MS);
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	CU_ASSERT_PTR_NULL(dev(w));
	world_free(w);
}

static void
accept_mode(void)
{
	uint32_t vrrp;
	struct world *w = running(&vrrp);
	address_as(w, vrrp, 2, 5, "10.0.0.253", false);
	CU_ASSERT_EQUAL(w->filters, 1);
	CU_ASSERT_EQUAL(there(w, dev(w)->ifindex, "10.0.0.253")->proto, KERNEL_VADDR_DROP);
	address_as(w, vrrp, 2, 5, "10.0.0.253", true); /* commit: accept-mode */
	CU_ASSERT_EQUAL(w->filters, 0);
	CU_ASSERT_EQUAL(there(w, dev(w)->ifindex, "10.0.0.253")->proto, KERNEL_VADDR_PROTO);
	address_as(w, vrrp, 2, 5, "10.0.0.253", false);
	/* zebra and vrrpd die and are back: it does not open in between, and is told to the new shell */
	world_restart(w);
	w->filters = 1;
	vrrp = world_client(w, "vrrp", 0, false);
	link5(w, vrrp, 2);
	address_as(w, vrrp, 2, 5, "10.0.0.253", false);
	world_advance(w, 5 * TIME_SEC);
	CU_ASSERT_EQUAL(w->filters, 1);
	zebra_vaddress_unwanted(w->z, vrrp, 2, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->filters, 0);
	world_free(w);
}

static void
the_owner_s_own_address(void)
{
	struct world *w = world_up();
	uint32_t vrrp = world_client(w, "vrrp", 0, false);
	struct zebra_vaddress a = {.id = 1, .ifindex = 2, .len = 24, .accept = true, .linger = 0};
	ipaddr_parse("10.0.0.1", &a.address);
	CU_ASSERT_TRUE(zebra_vaddress_wanted(w->z, vrrp, &a, w->now));
	world_run(w);
	zebra_vaddress_unwanted(w->z, vrrp, 1, w->now);
	world_run(w);
	CU_ASSERT_EQUAL(w->written[DPLANE_ADDR] + w->written[DPLANE_ADDR_DEL], 0);
	world_free(w);
}

static void
the_end_takes_them_along(void)
{
	uint32_t vrrp;
	struct world *w = running(&vrrp);
	zebra_withdraw_all(w->z, w->now);
	world_run(w);
	CU_ASSERT_PTR_NULL(dev(w));
	CU_ASSERT_EQUAL(w->v.addr_count, 0);
	world_free(w);
}

UNIT_TESTS("zebra_virtual", {"a link and its address are made and removed (events first)", made_early},
	{"a link and its address are made and removed (results first)", made_late},
	{"a restarted zebra adopts, and writes nothing", a_restart_adopts},
	{"given up right after a restart: gone at once", given_up_right_after_a_restart},
	{"what nobody claims after a restart goes after a second", leftovers_go},
	{"a vanished client's stay for their linger", linger},
	{"what somebody changes is repaired", repair},
	{"a link follows its parent, and comes back with it", with_its_parent},
	{"a link on a macvlan", on_a_macvlan},
	{"a foreign device is left alone, and told", a_foreign_device},
	{"what the kernel or we refuse", refusals},
	{"a full ring delays, and forgets nothing", no_room},
	{"accept mode off: told, kept over restarts, marked", accept_mode},
	{"an owner's address is neither written nor deleted", the_owner_s_own_address},
	{"the end takes them along", the_end_takes_them_along})
