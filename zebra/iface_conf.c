/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface configuration: addresses, shutdown, link detection, bandwidth, description. What is
 * configured before the interface exists is done when it comes.
 */
#include "zebra/iface_conf.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "zebra/core.h"
#include "zebra/dplane.h"
#include "zebra/nhg.h"
#include "zebra/rib_import.h"
#include "zebra/track.h"

static const struct conf_object *
conf_of(const struct zebra *z, const struct iface *i)
{
	if (!z->ifaces->config)
		return NULL;
	return conf_child(z->ifaces->config, &zconf_iface_class, i->k.name);
}

static void
push(struct zebra *z, const struct dplane_op *op)
{
	/* a full ring: the interface's next event, or the next commit, brings it back */
	if (!z->ops->write(z->arg, op))
		core_log(z, "zebra.ring-full", "an interface change was not written");
}

static void
addr_push(struct zebra *z, const struct iface *i, const struct zconf_address *a, bool add)
{
	struct dplane_op op = {
		.kind = add ? DPLANE_ADDR : DPLANE_ADDR_DEL,
		.cookie = i->k.ifindex,
		.u.addr = {.ifindex = i->k.ifindex, .local = prefix_addr(&a->address),
			.prefixlen = a->address.len},
	};
	if (a->peer.afi) {
		op.u.addr.peer = prefix_addr(&a->peer);
		op.u.addr.prefixlen = a->peer.len;
	}
	push(z, &op);
}

static void
link_push(struct zebra *z, const struct iface *i, bool up)
{
	struct dplane_op op = {
		.kind = up ? DPLANE_LINK_UP : DPLANE_LINK_DOWN,
		.cookie = i->k.ifindex,
		.u.link.ifindex = i->k.ifindex,
	};
	push(z, &op);
}

static bool
addr_present(const struct iface *i, const struct zconf_address *a)
{
	struct ipaddr local = prefix_addr(&a->address);
	for (unsigned k = 0; k < i->addr_count; k++)
		if (i->addrs[k]->seen && !ipaddr_cmp(&i->addrs[k]->k.local, &local)
			&& i->addrs[k]->k.prefixlen == (a->peer.afi ? a->peer.len : a->address.len))
			return true;
	return false;
}

static const struct conf_class *const address_classes[] = {&zconf_address4_class, &zconf_address6_class};

void
iface_conf_bind(struct zebra *z, struct iface *i)
{
	const struct conf_object *o = conf_of(z, i);
	const struct zconf_iface *c = o ? conf_data(o) : NULL;
	i->link_detect = c ? c->link_detect : true;
	i->config_mbps = c ? c->bandwidth : 0;
	snprintf(i->description, sizeof(i->description), "%s", c ? c->description : "");
}

uint32_t
iface_conf_highest_ip4(const struct zebra *z, const struct iface *i)
{
	const struct conf_object *o = conf_of(z, i), *a = NULL;
	uint32_t highest = 0;
	while (o && i->present && (a = conf_next(o, &zconf_address4_class, a))) {
		const struct zconf_address *c = conf_data(a);
		struct ipaddr local = prefix_addr(&c->address);
		if (!ipaddr_is_loopback(&local) && ipaddr_to_ip4(&local) > highest)
			highest = ipaddr_to_ip4(&local);
	}
	return highest;
}

void
iface_conf_apply(struct zebra *z, struct iface *i)
{
	const struct conf_object *o = conf_of(z, i);
	if (!o || !i->present || !z->synced)
		return;
	const struct zconf_iface *c = conf_data(o);
	bool any = false;
	for (unsigned n = 0; n < 2; n++) {
		const struct conf_object *a = NULL;
		while ((a = conf_next(o, address_classes[n], a))) {
			any = true;
			if (!addr_present(i, conf_data(a)))
				addr_push(z, i, conf_data(a), true);
		}
	}
	/* as FRR: an interface with a configured address is brought up, unless it is shut down */
	if (!c->enabled && kernel_link_up(&i->k))
		link_push(z, i, false);
	else if (c->enabled && !kernel_link_up(&i->k) && (any || i->down_by_us))
		link_push(z, i, true);
	i->down_by_us = !c->enabled;
}

/* --- commits -------------------------------------------------------------------------------------- */

static void
address_changed(struct zebra *z, const struct conf_object *old, const struct conf_object *new,
	const struct conf_object *parent)
{
	const struct zconf_iface *c = conf_data(parent);
	struct iface *i = iface_by_name(z, c->name);
	if (!i || !i->present || !old)
		return; /* what is to be added is added by iface_conf_apply */
	const struct zconf_address *a = conf_data(old);
	if (addr_present(i, a))
		addr_push(z, i, a, false);
	if (new)
		addr_push(z, i, conf_data(new), true);
}

static void
iface_changed(struct zebra *z, const struct conf_object *old, const struct conf_object *new)
{
	const struct zconf_iface *c = conf_data(new ? new : old);
	struct iface *i = iface_by_name(z, c->name);
	if (!i)
		return;
	bool detect = i->link_detect;
	iface_conf_bind(z, i);
	if (detect != i->link_detect) {
		i->operative = iface_operative(i);
		nh_leg_iface_changed(z, i->k.ifindex, false);
		import_connected(z, i);
		tracks_iface_changed(z);
	}
	if (!new && i->down_by_us) { /* `no interface X`: shutdown goes with it */
		link_push(z, i, true);
		i->down_by_us = false;
	}
	iface_tell(z, i, 0, false);
}

static void
one_change(void *arg, const struct conf_class *cls, const struct conf_object *old,
	const struct conf_object *new, const struct conf_object *old_parent,
	const struct conf_object *new_parent, uint32_t effects)
{
	struct zebra *z = arg;
	(void)effects;
	if (cls == &zconf_iface_class)
		iface_changed(z, old, new);
	else if (cls == &zconf_address4_class || cls == &zconf_address6_class)
		address_changed(z, old, new, new_parent ? new_parent : old_parent);
}

void
iface_reconfigure(struct zebra *z, const struct conf_object *old, const struct conf_object *new)
{
	conf_unref(z->ifaces->config);
	z->ifaces->config = conf_ref(new);
	conf_diff(old, new, one_change, z);
	for (unsigned n = 0; n < z->ifaces->count; n++)
		iface_conf_apply(z, z->ifaces->items[n]);
}
