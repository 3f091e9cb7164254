/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of vrrpd's configuration, and what YANG cannot refuse. Pure. */
#include "vrrpd/config.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "vrrpd/vrrpd.h"

#define DEFAULTS "vrrp/defaults/"
#define ROW(p, t, s, f) {.path = p, .type = t, .offset = offsetof(struct s, f)}
#define TEXT(p, s, f) {.path = p, .type = CONF_STRING, .offset = offsetof(struct s, f), .size = sizeof(((struct s *)0)->f)}

/* --- checks --------------------------------------------------------------------------------------- */

static bool
refuse(struct conf_error *err, const char *why)
{
	snprintf(err->message, sizeof(err->message), "%s", why);
	return false;
}

static bool
usable_host(const struct ipaddr *a)
{
	return a->afi && !ipaddr_is_zero(a) && !ipaddr_is_multicast(a) && !ipaddr_is_loopback(a) &&
		!(a->afi == AFI_IP4 && ipaddr_to_ip4(a) == UINT32_MAX);
}

static bool
address_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct vrrp_conf_address *a = conf_data(self);
	const struct conf_class *cls = conf_class_of(self);
	(void)root;

	if (cls == &vrrp_conf_address4_class && a->address.afi != AFI_IP4)
		return refuse(err, "not an IPv4 address: expected A.B.C.D");
	if (cls == &vrrp_conf_address6_class && a->address.afi != AFI_IP6)
		return refuse(err, "not an IPv6 address: expected X:X::X:X");
	return usable_host(&a->address) || refuse(err, "not an address that a router can have");
}

static bool
bfd_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct vrrp_conf_bfd *b = conf_data(self);
	(void)root;

	return usable_host(&b->peer) || refuse(err, "not an address that a router can have");
}

uint32_t
vrrp_conf_interval(const struct vrrp_conf_defaults *d, const struct vrrp_conf_instance *i)
{
	return i->interval_ms ? i->interval_ms : d->interval_ms ? d->interval_ms : 1000;
}

static bool
interval_check(uint32_t ms, struct conf_error *err)
{
	if (ms && (ms < 10 || ms > 40950 || ms % 10))
		return refuse(err, "advertisement-interval: expected 10-40950 ms, a multiple of 10");
	return true;
}

static bool
version_check(const struct vrrp_conf_instance *i, const struct conf_object *root, struct conf_error *err)
{
	if (i->version == 2 && vrrp_conf_interval(conf_data(root), i) % 1000)
		return refuse(err, "advertisement-interval: version 2 counts in seconds, expected a multiple of 1000 ms");
	return true;
}

static bool
instance_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct vrrp_conf_instance *i = conf_data(self);

	if (!i->vrid)
		return refuse(err, "a virtual router's number is 1-255");
	if (i->version && i->version != 2 && i->version != 3)
		return refuse(err, "version: expected 2 or 3");
	if (!interval_check(i->interval_ms, err) || !version_check(i, root, err))
		return false;
	if (i->version == 2 && conf_count(self, &vrrp_conf_address6_class))
		return refuse(err, "version 2 is for IPv4 only: expected version 3, or no ipv6 addresses");
	if (i->version != 2 && i->auth[0])
		return refuse(err, "version 3 has no authentication: expected version 2");
	if (i->backup_cost && i->backup_withdraw)
		return refuse(err, "lan-prefix: expected backup-cost or backup-withdraw, not both");
	if (conf_count(self, &vrrp_conf_address4_class) > VRRP_VIPS_MAX ||
		conf_count(self, &vrrp_conf_address6_class) > VRRP_VIPS_MAX)
		return refuse(err, "more than 255 addresses of a family: an advertisement cannot carry them");
	const struct conf_object *o = NULL;
	while ((o = conf_next(self, &vrrp_conf_peer_class, o))) {
		const struct ipaddr *peer = &((const struct vrrp_conf_address *)conf_data(o))->address;
		const struct conf_class *list = peer->afi == AFI_IP4 ? &vrrp_conf_address4_class : &vrrp_conf_address6_class;
		const struct conf_object *a = NULL;
		if (!conf_count(self, list))
			return refuse(err, "unicast-peer: there is no virtual address of its family");
		while ((a = conf_next(self, list, a)))
			if (!ipaddr_cmp(peer, &((const struct vrrp_conf_address *)conf_data(a))->address))
				return refuse(err, "unicast-peer: expected the other router's own address, not the virtual one");
	}
	return true;
}

struct claim { /* of a virtual address by a virtual router of the interface */
	struct ipaddr address;
	uint8_t vrid;
};

static int
claim_cmp(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = ipaddr_cmp(&x->address, &y->address);

	return order ? order : x->vrid - y->vrid;
}

static size_t
claims_of(const struct conf_object *instance, const struct conf_class *list, struct claim *out)
{
	const struct vrrp_conf_instance *i = conf_data(instance);
	const struct conf_object *o = NULL;
	size_t n = 0;

	while ((o = conf_next(instance, list, o)))
		out[n++] = (struct claim){((const struct vrrp_conf_address *)conf_data(o))->address, i->vrid};
	return n;
}

/* One address has one virtual router on an interface. */
static bool
iface_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct vrrp_conf_iface *ifc = conf_data(self);
	const struct conf_object *o = NULL;
	size_t n = 0;
	char text[IPADDR_STRLEN];
	bool good = true;
	(void)root;

	while ((o = conf_next(self, &vrrp_conf_instance_class, o)))
		n += conf_count(o, &vrrp_conf_address4_class) + conf_count(o, &vrrp_conf_address6_class);
	struct claim *claims = mem_array(n + 1, sizeof(*claims));
	n = 0;
	while ((o = conf_next(self, &vrrp_conf_instance_class, o))) {
		n += claims_of(o, &vrrp_conf_address4_class, claims + n);
		n += claims_of(o, &vrrp_conf_address6_class, claims + n);
	}
	qsort(claims, n, sizeof(*claims), claim_cmp);
	for (size_t i = 1; i < n && good; i++) {
		const struct claim *c = &claims[i];
		if (ipaddr_cmp(&c->address, &c[-1].address) != 0)
			continue;
		good = false;
		snprintf(err->path, sizeof(err->path),
			"/interfaces/interface[name='%s']/vrrp/vrrp-instance[vrid='%u']/virtual-ipv%c-address[address='%s']",
			ifc->name, c->vrid, c->address.afi == AFI_IP4 ? '4' : '6', ipaddr_print(&c->address, text));
		snprintf(err->message, sizeof(err->message), "%s is an address of virtual router %u on this interface already",
			text, c[-1].vrid);
	}
	mem_free(claims);
	return good;
}

/* --- tables --------------------------------------------------------------------------------------- */

static const struct conf_field address_fields[] = {
	ROW("address", CONF_ADDR, vrrp_conf_address, address),
	{0},
};
static const char *const address_keys[] = {"address", NULL};
const struct conf_class vrrp_conf_address4_class = {
	.path = "virtual-ipv4-address", .size = sizeof(struct vrrp_conf_address), .fields = address_fields,
	.keys = address_keys, .check = address_check};
const struct conf_class vrrp_conf_address6_class = {
	.path = "virtual-ipv6-address", .size = sizeof(struct vrrp_conf_address), .fields = address_fields,
	.keys = address_keys, .check = address_check};
static const struct conf_field peer_fields[] = {
	ROW(".", CONF_ADDR, vrrp_conf_address, address),
	{0},
};
static const char *const leaf_keys[] = {".", NULL};
const struct conf_class vrrp_conf_peer_class = {
	.path = "unicast-peer", .size = sizeof(struct vrrp_conf_address), .fields = peer_fields, .keys = leaf_keys,
	.check = address_check};
static const struct conf_field track_fields[] = {
	ROW("id", CONF_U32, vrrp_conf_track, id),
	ROW("decrement", CONF_U8, vrrp_conf_track, decrement),
	{0},
};
static const char *const id_keys[] = {"id", NULL};
const struct conf_class vrrp_conf_track_class = {
	.path = "track", .size = sizeof(struct vrrp_conf_track), .fields = track_fields, .keys = id_keys};
static const struct conf_field track_interface_fields[] = {
	TEXT("name", vrrp_conf_track_interface, name),
	ROW("decrement", CONF_U8, vrrp_conf_track_interface, decrement),
	{0},
};
static const char *const name_keys[] = {"name", NULL};
const struct conf_class vrrp_conf_track_interface_class = {
	.path = "track-interface", .size = sizeof(struct vrrp_conf_track_interface), .fields = track_interface_fields,
	.keys = name_keys};
static const struct conf_field bfd_fields[] = {
	ROW("peer", CONF_ADDR, vrrp_conf_bfd, peer),
	TEXT("profile", vrrp_conf_bfd, profile),
	{0},
};
static const char *const peer_keys[] = {"peer", NULL};
const struct conf_class vrrp_conf_bfd_class = {
	.path = "bfd", .size = sizeof(struct vrrp_conf_bfd), .fields = bfd_fields, .keys = peer_keys, .check = bfd_check};

static const struct conf_field instance_fields[] = {
	ROW("vrid", CONF_U8, vrrp_conf_instance, vrid),
	ROW("version", CONF_U8, vrrp_conf_instance, version),
	ROW("priority", CONF_U8, vrrp_conf_instance, priority),
	ROW("shutdown", CONF_BOOL, vrrp_conf_instance, shutdown),
	ROW("shutdown", CONF_SET, vrrp_conf_instance, shutdown_set),
	ROW("advertisement-interval", CONF_U32, vrrp_conf_instance, interval_ms),
	ROW("preempt/enabled", CONF_BOOL, vrrp_conf_instance, preempt),
	ROW("preempt/enabled", CONF_SET, vrrp_conf_instance, preempt_set),
	ROW("preempt/hold-time", CONF_U32, vrrp_conf_instance, preempt_delay_s),
	ROW("start-delay", CONF_U32, vrrp_conf_instance, start_delay_s),
	ROW("wait-for-routing/enabled", CONF_BOOL, vrrp_conf_instance, wait_routing),
	ROW("wait-for-routing/enabled", CONF_SET, vrrp_conf_instance, wait_routing_set),
	ROW("wait-for-routing/maximum", CONF_U32, vrrp_conf_instance, wait_routing_max_s),
	ROW("accept-mode", CONF_BOOL, vrrp_conf_instance, accept),
	ROW("accept-mode", CONF_SET, vrrp_conf_instance, accept_set),
	ROW("virtual-mac", CONF_BOOL, vrrp_conf_instance, virtual_mac),
	ROW("virtual-mac", CONF_SET, vrrp_conf_instance, virtual_mac_set),
	ROW("checksum-with-ipv4-pseudoheader", CONF_BOOL, vrrp_conf_instance, pseudo_header),
	ROW("checksum-with-ipv4-pseudoheader", CONF_SET, vrrp_conf_instance, pseudo_header_set),
	TEXT("authentication", vrrp_conf_instance, auth),
	TEXT("group", vrrp_conf_instance, group),
	TEXT("notify", vrrp_conf_instance, notify),
	ROW("garp/repeat", CONF_U8, vrrp_conf_instance, garp_repeat),
	ROW("garp/delay", CONF_U32, vrrp_conf_instance, garp_delay_ms),
	ROW("garp/delay", CONF_SET, vrrp_conf_instance, garp_delay_set),
	ROW("garp/refresh", CONF_U32, vrrp_conf_instance, garp_refresh_s),
	ROW("lan-prefix/backup-cost", CONF_U32, vrrp_conf_instance, backup_cost),
	ROW("lan-prefix/backup-withdraw", CONF_BOOL, vrrp_conf_instance, backup_withdraw),
	ROW("lan-liveness", CONF_BOOL, vrrp_conf_instance, lan_liveness),
	ROW("lan-liveness", CONF_SET, vrrp_conf_instance, lan_liveness_set),
	{0},
};
static const char *const vrid_keys[] = {"vrid", NULL};
static const struct conf_class *const instance_lists[] = {&vrrp_conf_address4_class, &vrrp_conf_address6_class,
	&vrrp_conf_peer_class, &vrrp_conf_track_class, &vrrp_conf_track_interface_class, &vrrp_conf_bfd_class, NULL};
const struct conf_class vrrp_conf_instance_class = {
	.path = "vrrp/vrrp-instance", .size = sizeof(struct vrrp_conf_instance), .fields = instance_fields,
	.lists = instance_lists, .keys = vrid_keys, .check = instance_check};

static const struct conf_field iface_fields[] = {
	TEXT("name", vrrp_conf_iface, name),
	{0},
};
static const struct conf_class *const iface_lists[] = {&vrrp_conf_instance_class, NULL};
const struct conf_class vrrp_conf_iface_class = {
	.path = "interfaces/interface", .size = sizeof(struct vrrp_conf_iface), .fields = iface_fields,
	.lists = iface_lists, .keys = name_keys, .check = iface_check};

static const struct conf_field check_fields[] = {
	ROW("id", CONF_U32, vrrp_conf_check, id),
	TEXT("http-url", vrrp_conf_check, http_url),
	ROW("http-status", CONF_U16, vrrp_conf_check, http_status),
	ROW("tcp-address", CONF_ADDR, vrrp_conf_check, tcp_address),
	ROW("tcp-port", CONF_U16, vrrp_conf_check, tcp_port),
	ROW("source", CONF_ADDR, vrrp_conf_check, source),
	ROW("interval", CONF_U32, vrrp_conf_check, interval_ms),
	ROW("timeout", CONF_U32, vrrp_conf_check, timeout_ms),
	ROW("rise", CONF_U8, vrrp_conf_check, rise),
	ROW("fall", CONF_U8, vrrp_conf_check, fall),
	{0},
};
const struct conf_class vrrp_conf_check_class = {
	.path = "tracks/track", .size = sizeof(struct vrrp_conf_check), .fields = check_fields, .keys = id_keys};

/* An instance that did not change itself is not looked at again, but the defaults behind it may have. */
static bool
root_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct vrrp_conf_defaults *d = conf_data(self);
	const struct conf_object *ifc = NULL, *i = NULL;
	bool good = interval_check(d->interval_ms, err);

	if (good && d->interval_ms % 1000 == 0)
		return true;
	while (good && (ifc = conf_next(self, &vrrp_conf_iface_class, ifc)))
		while (good && (i = conf_next(ifc, &vrrp_conf_instance_class, i)))
			good = version_check(conf_data(i), root, err);
	if (!good)
		snprintf(err->path, sizeof(err->path), "/" DEFAULTS "advertisement-interval");
	return good;
}

static const struct conf_field root_fields[] = {
	ROW(DEFAULTS "priority", CONF_U8, vrrp_conf_defaults, priority),
	ROW(DEFAULTS "advertisement-interval", CONF_U32, vrrp_conf_defaults, interval_ms),
	ROW(DEFAULTS "preempt", CONF_BOOL, vrrp_conf_defaults, preempt),
	ROW(DEFAULTS "preempt", CONF_SET, vrrp_conf_defaults, preempt_set),
	ROW(DEFAULTS "checksum-with-ipv4-pseudoheader", CONF_BOOL, vrrp_conf_defaults, pseudo_header),
	ROW(DEFAULTS "checksum-with-ipv4-pseudoheader", CONF_SET, vrrp_conf_defaults, pseudo_header_set),
	ROW(DEFAULTS "shutdown", CONF_BOOL, vrrp_conf_defaults, shutdown),
	{0},
};
static const struct conf_class *const root_lists[] = {&vrrp_conf_iface_class, &vrrp_conf_check_class, NULL};
const struct conf_class vrrp_config_root = {.path = "", .size = sizeof(struct vrrp_conf_defaults), .fields = root_fields,
	.lists = root_lists, .check = root_check};
