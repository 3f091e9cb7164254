/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration makes of a running core, and what is refused, with its path. */
#include "tests/unit/vrrp_world.h"

struct refusal {
	const char *leaf, *value, *path, *word;
};

static void
refused(struct node *n, const char *leaf, const char *value, const char *path, const char *word)
{
	struct conf_error err = {0};
	bool taken = node_try(n, "eth1", 5, leaf, value, &err);
	if (taken || !strstr(err.path, path) || !strstr(err.message, word))
		printf("# %s %s: %s '%s' '%s'\n", leaf, value ? value : "", taken ? "taken" : "refused", err.path, err.message);
	CU_ASSERT(!taken && strstr(err.path, path) && strstr(err.message, word));
}

static void
refusals(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	node_vrrp(n, "200", "100");
	refused(n, "advertisement-interval", "105", "vrrp-instance[vrid='5']", "multiple of 10");
	refused(n, "advertisement-interval", "5", "vrrp-instance[vrid='5']", "10-40950");
	refused(n, "advertisement-interval", "40960", "vrrp-instance[vrid='5']", "10-40950");
	refused(n, "version", "2", "vrrp-instance[vrid='5']", "multiple of 1000");
	refused(n, "version", "4", "vrrp-instance[vrid='5']", "expected 2 or 3");
	refused(n, "authentication", "secret", "vrrp-instance[vrid='5']", "version 2");
	refused(n, "virtual-ipv4-address[address='0.0.0.0']", NULL, "virtual-ipv4-address[address='0.0.0.0']", "router can have");
	refused(n, "virtual-ipv4-address[address='224.0.0.9']", NULL, "virtual-ipv4-address", "router can have");
	refused(n, "virtual-ipv4-address[address='fe80::1']", NULL, "virtual-ipv4-address", "A.B.C.D");
	refused(n, "virtual-ipv6-address[address='10.0.0.1']", NULL, "virtual-ipv6-address", "X:X::X:X");
	refused(n, "virtual-ipv6-address[address='::1']", NULL, "virtual-ipv6-address", "router can have");
	refused(n, "unicast-peer[.='10.0.1.254']", NULL, "vrrp-instance[vrid='5']", "not the virtual one");
	refused(n, "unicast-peer[.='fe80::9']", NULL, "vrrp-instance[vrid='5']", "of its family");
	refused(n, "unicast-peer[.='224.0.0.18']", NULL, "unicast-peer", "router can have");
	refused(n, "bfd[peer='0.0.0.0']", NULL, "bfd[peer='0.0.0.0']", "router can have");
	node_set(n, "eth1", 5, "lan-prefix/backup-cost", "10");
	refused(n, "lan-prefix/backup-withdraw", "true", "vrrp-instance[vrid='5']", "not both");
	/* nothing of it has changed anything */
	struct vrrp_view v = view(n);
	CU_ASSERT(v.version == 3 && v.interval == 100 * MS && v.address_count == 1 && v.peer_count == 0);
	node_set(n, "eth1", 5, "advertisement-interval", "1000");
	node_set(n, "eth1", 5, "virtual-ipv6-address[address='2001:db8::254']", NULL);
	refused(n, "version", "2", "vrrp-instance[vrid='5']", "IPv4 only");
	node_set(n, "eth1", 5, "-virtual-ipv6-address[address='2001:db8::254']", NULL);
	node_set(n, "eth1", 5, "version", "2");
	node_set(n, "eth1", 5, "authentication", "secret");
	refused(n, "virtual-ipv6-address[address='2001:db8::254']", NULL, "vrrp-instance[vrid='5']", "IPv4 only");
	world_free(w);
}

static void
one_address_one_virtual_router(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	struct conf_error err = {0};
	node_vrrp(n, "200", "100");
	CU_ASSERT(!node_try(n, "eth1", 6, "virtual-ipv4-address[address='10.0.1.254']", NULL, &err));
	CU_ASSERT(!strcmp(err.path,
		"/interfaces/interface[name='eth1']/vrrp/vrrp-instance[vrid='6']/virtual-ipv4-address[address='10.0.1.254']"));
	CU_ASSERT(strstr(err.message, "virtual router 5") != NULL);
	/* on another interface it is another LAN */
	node_set(n, "eth2", 6, "virtual-ipv4-address[address='10.0.1.254']", NULL);
	world_free(w);
}

static void
at_most_255_addresses(void)
{
	struct world *w = world_new(1);
	struct conf_error err = {0};
	static char paths[256][128];
	struct conf_edit edits[256];
	for (unsigned i = 0; i < 256; i++) {
		snprintf(paths[i], sizeof(paths[i]),
			"/interfaces/interface[name='eth1']/vrrp/vrrp-instance[vrid='5']/virtual-ipv4-address[address='10.7.%u.%u']",
			i / 100, i % 100 + 1);
		edits[i] = (struct conf_edit){CONF_OP_SET, paths[i], NULL};
	}
	struct conf_object *fits = conf_edit(w->nodes[0].config, edits, 255, &err);
	struct conf_object *over = conf_edit(w->nodes[0].config, edits, 256, &err);
	CU_ASSERT(conf_check(w->nodes[0].config, fits, &err));
	CU_ASSERT(!conf_check(w->nodes[0].config, over, &err) && strstr(err.message, "255"));
	vrrp_reconfigure(w->nodes[0].v, w->nodes[0].config, fits, w->now);
	CU_ASSERT(view(&w->nodes[0]).address_count == 255);
	conf_unref(over);
	conf_unref(w->nodes[0].config);
	w->nodes[0].config = fits;
	world_free(w);
}

static void
defaults(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	/* the line of FRR is enough */
	node_set(n, "eth1", 5, "virtual-ipv4-address[address='10.0.1.254']", NULL);
	struct vrrp_view v = view(n);
	CU_ASSERT(v.version == 3 && v.priority == 100 && v.interval == SEC && v.preempt && v.accept && v.virtual_mac);
	CU_ASSERT(v.wait_routing && v.wait_routing_max == 60 * SEC && v.lan_liveness && !v.pseudo_header && !v.shutdown);
	CU_ASSERT(v.preempt_delay == 0 && v.start_delay == 0 && !v.group[0] && !v.notify[0] && v.state == VRRP_BACKUP);
	CU_ASSERT(!memcmp(v.mac, "\x00\x00\x5e\x00\x01\x05", 6));
	/* both families are there, as `show vrrp` has them; one of them does not run */
	CU_ASSERT(node_view(n, 1, 5, AFI_IP6, &v) && v.state == VRRP_INITIALIZE && v.block == VRRP_BLOCK_NO_ADDRESS);
	world_free(w);
}

static bool
by_default(struct node *n, const char *leaf, const char *value)
{
	struct conf_error err = {0};
	char path[96];
	snprintf(path, sizeof(path), "/vrrp/defaults/%s", leaf);
	bool taken = node_edit(n, path, !value, value, &err);
	CU_ASSERT(taken || (strstr(err.path, path) && strstr(err.message, "multiple of 10")));
	return taken;
}

/* `vrrp default ...` counts at once where a virtual router says nothing, and only there. */
static void
defaults_that_are_configured(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	node_set(n, "eth1", 5, "virtual-ipv4-address[address='10.0.1.254']", NULL);
	CU_ASSERT(by_default(n, "priority", "120") && by_default(n, "advertisement-interval", "1500") &&
		by_default(n, "preempt", "false") && by_default(n, "checksum-with-ipv4-pseudoheader", "true"));
	struct vrrp_view v = view(n);
	CU_ASSERT(v.priority == 120 && v.interval == 1500 * MS && !v.preempt && v.pseudo_header && !v.shutdown);
	CU_ASSERT(by_default(n, "shutdown", "true"));
	v = view(n);
	CU_ASSERT(v.shutdown && v.state == VRRP_INITIALIZE);
	/* its own words go before */
	node_set(n, "eth1", 5, "shutdown", "false");
	node_set(n, "eth1", 5, "priority", "90");
	node_set(n, "eth1", 5, "advertisement-interval", "200");
	node_set(n, "eth1", 5, "preempt/enabled", "true");
	node_set(n, "eth1", 5, "checksum-with-ipv4-pseudoheader", "false");
	v = view(n);
	CU_ASSERT(v.priority == 90 && v.interval == 200 * MS && v.preempt && !v.pseudo_header && !v.shutdown);
	CU_ASSERT(v.state == VRRP_BACKUP);
	CU_ASSERT(by_default(n, "priority", "130"));
	CU_ASSERT(view(n).priority == 90);
	/* taken back, the defaults are there again; version 2 is asked about them, too */
	node_set(n, "eth1", 5, "-priority", NULL);
	CU_ASSERT(view(n).priority == 130);
	CU_ASSERT(!by_default(n, "advertisement-interval", "15"));
	node_set(n, "eth1", 5, "advertisement-interval", "2000");
	node_set(n, "eth1", 5, "version", "2");
	struct conf_error err = {0};
	CU_ASSERT(!node_try(n, "eth1", 5, "-advertisement-interval", NULL, &err) && strstr(err.message, "multiple of 1000"));
	CU_ASSERT(by_default(n, "advertisement-interval", "3000"));
	node_set(n, "eth1", 5, "-advertisement-interval", NULL);
	CU_ASSERT(view(n).interval == 3 * SEC);
	CU_ASSERT(!by_default(n, "advertisement-interval", "2500"));
	CU_ASSERT(by_default(n, "advertisement-interval", NULL) && view(n).interval == SEC);
	world_free(w);
}

static void
changes_move_nothing(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	unsigned changes = n->changes, peer = w->nodes[1].changes;
	node_set(n, "eth1", 5, "preempt/hold-time", "9");
	node_set(n, "eth1", 5, "garp/repeat", "2");
	node_set(n, "eth1", 5, "accept-mode", "false");
	node_set(n, "eth1", 5, "notify", "/bin/true");
	node_set(n, "eth1", 5, "checksum-with-ipv4-pseudoheader", "true");
	node_set(n, "eth1", 5, "advertisement-interval", "200");
	node_set(n, "eth1", 5, "priority", "210");
	node_set(n, "eth1", 5, "group", "G");
	node_set(n, "eth1", 5, "virtual-ipv4-address[address='10.0.1.253']", NULL);
	world_run(w, 5 * SEC);
	CU_ASSERT(n->changes == changes && w->nodes[1].changes == peer && n->held == 2 && n->sent.zeros == 0);
	CU_ASSERT(n->sent.priority == 210 && n->sent.bytes[3] == 2);
	node_set(n, "eth1", 5, "-virtual-ipv4-address[address='10.0.1.254']", NULL);
	CU_ASSERT(n->held == 1 && n->changes == changes);
	/* 100 ms again: the next advert does not come at the old interval's end */
	int64_t start = w->now;
	node_set(n, "eth1", 5, "advertisement-interval", "100");
	world_run(w, 101 * MS);
	CU_ASSERT(n->sent.at > start && n->sent.at <= start + 100 * MS);
	world_free(w);
}

static void
priority_lowered_by_hand(void)
{
	struct world *w = world_pair("100");
	node_set(&w->nodes[0], "eth1", 5, "priority", "50");
	CU_ASSERT(state(&w->nodes[0]) == VRRP_BACKUP && w->nodes[0].held == 1);
	CU_ASSERT(w->nodes[0].change.reason == VRRP_WHY_CONFIG);
	world_run(w, 100 * MS);
	CU_ASSERT(master(w) == 1 && w->nodes[0].held == 0);
	/* and raised above the master's */
	node_set(&w->nodes[0], "eth1", 5, "priority", "150");
	world_run(w, SEC);
	CU_ASSERT(master(w) == 0);
	world_free(w);
}

static void
shut_down_and_up(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	node_set(n, "eth1", 5, "shutdown", "true");
	CU_ASSERT(state(n) == VRRP_INITIALIZE && n->change.reason == VRRP_WHY_SHUTDOWN && n->sent.zeros == 1);
	CU_ASSERT(view(n).block == VRRP_BLOCK_SHUTDOWN);
	world_run(w, SEC);
	CU_ASSERT(master(w) == 1 && n->held == 0 && n->vlinks == 0 && n->joined == 0);
	node_set(n, "eth1", 5, "shutdown", "false");
	world_run(w, SEC);
	CU_ASSERT(master(w) == 0 && n->vlinks == 1 && n->joined == 1);
	world_free(w);
}

static void
on_the_interface_itself(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	node_set(n, "eth1", 5, "virtual-mac", "false");
	world_run(w, 5 * SEC);
	CU_ASSERT(master(w) == 0 && n->vlinks == 0 && n->held == 1 && !n->sent.virtual_mac);
	/* zebra puts it on the interface: that makes nobody owner, and nothing is sent from it */
	node_address(n, 1, "10.0.1.254/32", false);
	struct ipaddr own = addr("10.0.1.1");
	world_run(w, SEC);
	CU_ASSERT(!view(n).owner && view(n).effective_priority == 200 && !ipaddr_cmp(&n->sent.src, &own));
	node_set(n, "eth1", 5, "virtual-mac", "true");
	world_run(w, 5 * SEC);
	CU_ASSERT(master(w) == 0 && n->vlinks == 1 && n->sent.virtual_mac);
	world_free(w);
}

static void
what_it_needs_to_run(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	n->no_vlink = true;
	node_vrrp(n, "200", "100");
	CU_ASSERT(state(n) == VRRP_INITIALIZE && view(n).block == VRRP_BLOCK_NO_VLINK);
	n->no_vlink = false;
	world_vlinks(n);
	CU_ASSERT(state(n) == VRRP_BACKUP && view(n).block == VRRP_BLOCK_NONE);
	node_address(n, 1, "10.0.1.1/24", true);
	CU_ASSERT(state(n) == VRRP_INITIALIZE && view(n).block == VRRP_BLOCK_NO_PRIMARY);
	node_address(n, 1, "10.0.1.3/24", false);
	node_address(n, 1, "192.0.2.1/24", false);
	node_address(n, 1, "10.0.1.2/24", false);
	world_run(w, SEC);
	struct ipaddr lowest = addr("10.0.1.2");
	CU_ASSERT(state(n) == VRRP_MASTER && !ipaddr_cmp(&n->sent.src, &lowest));
	struct vrrp_key key = {1, 5, AFI_IP4};
	vrrp_vlink_changed(n->v, &key, 0, false, w->now);
	CU_ASSERT(state(n) == VRRP_INITIALIZE && n->held == 0 && n->change.reason == VRRP_WHY_INTERFACE);
	vrrp_vlink_changed(n->v, &key, 77, true, w->now);
	world_run(w, SEC);
	CU_ASSERT(state(n) == VRRP_MASTER && view(n).vlink_ifindex == 77);
	node_link(n, 1, true, true);
	CU_ASSERT(state(n) == VRRP_INITIALIZE && view(n).block == VRRP_BLOCK_NO_INTERFACE && n->held == 0 && n->vlinks == 0);
	CU_ASSERT(n->joined == 0 && n->lan[1].role == VRRP_ROLE_NONE);
	/* configured before there is such an interface */
	node_set(n, "eth3", 9, "virtual-ipv4-address[address='10.0.3.9']", NULL);
	node_link(n, 1, true, false);
	CU_ASSERT(view(n).block == VRRP_BLOCK_NO_PRIMARY);
	world_free(w);
}

static void
ipv6_and_ipv4_side_by_side(void)
{
	struct world *w = world_new(2);
	for (unsigned i = 0; i < 2; i++) {
		node_vrrp(&w->nodes[i], i ? "100" : "200", "100");
		node_set(&w->nodes[i], "eth1", 5, "virtual-ipv6-address[address='2001:db8::254']", NULL);
		node_set(&w->nodes[i], "eth1", 5, "virtual-ipv6-address[address='fe80::254']", NULL);
		CU_ASSERT(w->nodes[i].vlinks == 2 && w->nodes[i].joined == 2);
	}
	world_run(w, 5 * SEC);
	struct vrrp_view v;
	CU_ASSERT(node_view(&w->nodes[0], 1, 5, AFI_IP6, &v) && v.state == VRRP_MASTER && v.address_count == 2);
	/* RFC 9568 5.2.9: the link-local one first; sent from the interface's */
	CU_ASSERT(ipaddr_is_link_local(&v.addresses[0]) && !ipaddr_is_link_local(&v.addresses[1]));
	struct ipaddr own = addr("fe80::1");
	CU_ASSERT(!ipaddr_cmp(&v.primary, &own) && !memcmp(v.mac, "\x00\x00\x5e\x00\x02\x05", 6));
	CU_ASSERT(node_view(&w->nodes[1], 1, 5, AFI_IP6, &v) && v.state == VRRP_BACKUP && !ipaddr_cmp(&v.master, &own));
	CU_ASSERT(w->nodes[0].held == 3 && w->nodes[0].announced >= 15);
	/* RFC 9568 5.1.2.1: without a link-local address nothing can be sent */
	node_address(&w->nodes[0], 1, "fe80::1/64", true);
	CU_ASSERT(node_view(&w->nodes[0], 1, 5, AFI_IP6, &v) && v.block == VRRP_BLOCK_NO_PRIMARY);
	CU_ASSERT(master(w) == 0);
	world_free(w);
}

/* An interface is renamed, and back: its addresses are not told again. */
static void
renamed(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	node_vrrp(n, "200", "100");
	world_run(w, SEC);
	CU_ASSERT(state(n) == VRRP_MASTER);
	struct vrrp_link other = {.ifindex = 1, .name = "other", .up = true, .mac = {2, 0, 0, 1, 0, 1}};
	vrrp_link_changed(n->v, &other, w->now);
	CU_ASSERT(state(n) == VRRP_INITIALIZE && n->held == 0);
	world_run(w, SEC);
	node_link(n, 1, true, false);
	world_run(w, SEC);
	CU_ASSERT(state(n) == VRRP_MASTER && n->held == 1);
	world_free(w);
}

static void
walking_and_counting(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	static const struct {
		const char *ifname;
		unsigned vrid;
	} made[] = {{"eth2", 7}, {"eth1", 255}, {"eth1", 1}, {"eth3", 128}};
	for (unsigned i = 0; i < 4; i++)
		node_set(n, made[i].ifname, made[i].vrid, "priority", "90");
	static const char *const order[] = {"eth1", "eth1", "eth1", "eth1", "eth2", "eth2", "eth3", "eth3"};
	static const unsigned vrids[] = {1, 1, 255, 255, 7, 7, 128, 128};
	struct vrrp_view v;
	struct vrrp_view_key key, *after = NULL;
	unsigned count = 0;
	while (vrrp_view_next(n->v, after, &v)) {
		key = v.key;
		after = &key;
		CU_ASSERT_FATAL(count < 8);
		CU_ASSERT(!strcmp(key.ifname, order[count]) && key.vrid == vrids[count] && key.afi == count % 2 + 1);
		count++;
	}
	CU_ASSERT(count == 8);
	/* a key that went meanwhile is no obstacle */
	key = (struct vrrp_view_key){.ifname = "eth1x", .vrid = 9, .afi = AFI_IP4};
	CU_ASSERT(vrrp_view_next(n->v, &key, &v) && !strcmp(v.key.ifname, "eth2"));
	struct vrrp_view_iface ifc;
	CU_ASSERT(vrrp_view_iface_next(n->v, "eth1", &ifc) && !strcmp(ifc.name, "eth2") && ifc.routers == 2);
	CU_ASSERT(!vrrp_view_iface_next(n->v, "eth3", &ifc));
	struct vrrp_view_instance all;
	vrrp_view_instance(n->v, &all);
	CU_ASSERT(all.routers == 8 && all.masters == 0 && all.ready);
	world_free(w);
}

UNIT_TESTS("vrrp config",
	{"refused, with path and reason", refusals},
	{"one address, one virtual router", one_address_one_virtual_router},
	{"at most 255 addresses", at_most_255_addresses},
	{"defaults", defaults},
	{"defaults that are configured", defaults_that_are_configured},
	{"changes that move nothing", changes_move_nothing},
	{"priority lowered and raised by hand", priority_lowered_by_hand},
	{"shutdown", shut_down_and_up},
	{"without virtual MAC", on_the_interface_itself},
	{"what it needs to run", what_it_needs_to_run},
	{"IPv4 and IPv6 side by side", ipv6_and_ipv4_side_by_side},
	{"an interface is renamed, and back", renamed},
	{"walking and counting", walking_and_counting})
