/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choice of the router id; see routerid.h. */
#include "zebra/routerid.h"

#include <net/if.h>

#include "zebra/core.h"
#include "zebra/iface.h"
#include "zebra/iface_conf.h"

struct choice {
	uint32_t loopback, any;
	bool current_exists;
};

static void
choice_id(struct choice *c, const struct iface *i, uint32_t id)
{
	if (id > c->any)
		c->any = id;
	if (i->k.flags & IFF_LOOPBACK && id > c->loopback)
		c->loopback = id;
}

static void
choice_add(struct choice *c, const struct zebra *z, const struct iface *i, uint32_t current)
{
	/* what is configured counts before the kernel has it: the choice at the first start is the
	 * same as after a restart, when all addresses are there at once */
	uint32_t configured = iface_conf_highest_ip4(z, i);
	choice_id(c, i, configured);
	for (unsigned k = 0; k < i->addr_count && !kernel_link_virtual(&i->k); k++) {
		const struct iface_addr *a = i->addrs[k];
		if (!a->seen || kernel_addr_virtual(&a->k) || a->k.local.afi != AFI_IP4 || ipaddr_is_loopback(&a->k.local))
			continue;
		uint32_t id = ipaddr_to_ip4(&a->k.local);
		if (id == current)
			c->current_exists = true;
		choice_id(c, i, id);
	}
	if (configured && configured == current)
		c->current_exists = true;
}

void
routerid_changed(struct zebra *z)
{
	struct routerid *r = z->routerid;
	struct choice c = {0};
	uint32_t id = r->configured;
	if (!z->synced)
		return; /* all addresses first: the first choice sticks */
	for (unsigned n = 0; n < z->ifaces->count; n++)
		choice_add(&c, z, z->ifaces->items[n], r->current);
	if (!id)
		id = c.current_exists ? r->current : c.loopback ? c.loopback : c.any;
	if (id == r->current)
		return;
	r->current = id;
	z->ops->router_id(z->arg, 0, id);
}

void
routerid_configure(struct zebra *z, uint32_t id)
{
	if (z->routerid->configured == id)
		return;
	z->routerid->configured = id;
	if (!id)
		z->routerid->current = 0; /* chosen anew */
	routerid_changed(z);
}
