/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the virtual kernel knows of devices beyond the model's ports: macvlans, and the addresses put on them or on
 * ports. A macvlan has a carrier while its parent has one. Each change is told to zebra as an event, by rib.c.
 */
#include "tests/sim/kernel_dev.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "lib/mem.h"

#define FIRST_IFINDEX 1000

struct vdevs *
vdevs_new(struct node *n)
{
	struct vdevs *d = mem_zalloc(sizeof(*d));
	d->node = n;
	d->next = FIRST_IFINDEX;
	return d;
}

struct vdev *
vdev_find(struct vdevs *d, uint32_t ifindex)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->devs[i].ifindex == ifindex)
			return &d->devs[i];
	return NULL;
}

static const struct port *
parent_of(const struct vdevs *d, const struct vdev *v)
{
	return v->parent >= 1 && v->parent <= d->node->port_count ? &d->node->ports[v->parent - 1] : NULL;
}

bool
vdev_running(const struct vdevs *d, const struct vdev *v)
{
	const struct port *p = parent_of(d, v);
	return v->up && p && p->up;
}

struct kernel_link
vdev_link(const struct vdevs *d, const struct vdev *v)
{
	struct kernel_link l = { .ifindex = v->ifindex, .mtu = v->mtu, .parent = v->parent, .kind = "macvlan",
		.group = KERNEL_VLINK_GROUP, .flags = IFF_BROADCAST | IFF_MULTICAST | (v->up ? IFF_UP : 0), .hwaddr_len = 6 };
	if (vdev_running(d, v))
		l.flags |= IFF_RUNNING | 0x10000; /* IFF_LOWER_UP */
	memcpy(l.hwaddr, v->mac, sizeof(v->mac));
	memcpy(l.name, v->name, sizeof(l.name));
	return l;
}

struct kernel_addr
vdev_addr(const struct vaddr_entry *a)
{
	return (struct kernel_addr){ .ifindex = a->ifindex, .local = a->local, .prefixlen = a->plen, .proto = a->proto,
		.flags = 0x80 /* permanent */ };
}

bool
vdevs_hold(const struct vdevs *d, const struct ipaddr *a)
{
	for (size_t i = 0; i < d->addr_count; i++)
		if (!ipaddr_cmp(&d->addrs[i].local, a))
			return true;
	return false;
}

bool
vdevs_receive(const struct vdevs *d, uint32_t parent, const uint8_t mac[6])
{
	for (size_t i = 0; i < d->count; i++)
		if (d->devs[i].parent == parent && !memcmp(d->devs[i].mac, mac, 6) && vdev_running(d, &d->devs[i]))
			return true;
	return false;
}

/* --- writes ------------------------------------------------------------------------------------------ */
static int
dev_make(struct vdevs *d, const struct dplane_op *op)
{
	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->devs[i].name, op->u.vlink.name))
			return EEXIST;
	if (d->count == VDEVS_MAX)
		return ENOSPC;
	struct vdev *v = &d->devs[d->count++];
	*v = (struct vdev){ .ifindex = d->next++, .parent = op->u.vlink.parent, .mtu = op->u.vlink.mtu };
	if (!parent_of(d, v)) {
		d->count--;
		return ENODEV;
	}
	memcpy(v->name, op->u.vlink.name, sizeof(v->name));
	memcpy(v->mac, op->u.vlink.mac, sizeof(v->mac));
	d->changed[d->changed_count++] = v->ifindex;
	return 0;
}

static int
dev_delete(struct vdevs *d, struct vdev *v)
{
	size_t kept = 0;
	for (size_t i = 0; i < d->addr_count; i++)
		if (d->addrs[i].ifindex != v->ifindex)
			d->addrs[kept++] = d->addrs[i];
	d->addr_count = kept;
	*v = d->devs[--d->count];
	return 0;
}

static int
doomed_delete(struct vdevs *d)
{
	for (size_t i = d->count; i-- > 0;)
		if (d->devs[i].doomed) {
			d->changed[d->changed_count++] = d->devs[i].ifindex;
			dev_delete(d, &d->devs[i]);
		}
	return 0;
}

static int
addr_write(struct vdevs *d, const struct dplane_op *op)
{
	size_t i = 0;
	while (i < d->addr_count && (d->addrs[i].ifindex != op->u.addr.ifindex ||
		ipaddr_cmp(&d->addrs[i].local, &op->u.addr.local)))
		i++;
	if (op->kind == DPLANE_ADDR_DEL) {
		if (i == d->addr_count)
			return EADDRNOTAVAIL;
		d->addrs[i] = d->addrs[--d->addr_count];
		return 0;
	}
	if (!vdev_find(d, op->u.addr.ifindex) && op->u.addr.ifindex > d->node->port_count)
		return ENODEV;
	if (i == VDEVS_MAX)
		return ENOSPC;
	d->addrs[i] = (struct vaddr_entry){ .ifindex = op->u.addr.ifindex, .local = op->u.addr.local,
		.plen = op->u.addr.prefixlen, .proto = op->u.addr.proto };
	d->addr_count += i == d->addr_count;
	return 0;
}

int
vdevs_apply(struct vdevs *d, const struct dplane_op *op)
{
	bool address = op->kind == DPLANE_ADDR || op->kind == DPLANE_ADDR_DEL;
	uint32_t ifindex = op->kind == DPLANE_LINK_MAC ? op->u.vlink.ifindex : op->u.link.ifindex;
	d->node->sim->moved++;
	d->changed_count = 0;
	if (op->kind == DPLANE_NOP)
		return 0;
	if (op->kind == DPLANE_LINKS_DEL)
		return doomed_delete(d);
	if (op->kind == DPLANE_VLINK)
		return dev_make(d, op);
	if (address)
		return addr_write(d, op);
	struct vdev *v = vdev_find(d, ifindex);
	d->changed[d->changed_count++] = ifindex;
	if (!v)
		return ENODEV;
	if (op->kind == DPLANE_LINK_DEL)
		return dev_delete(d, v);
	if (op->kind == DPLANE_LINK_UP || op->kind == DPLANE_LINK_DOWN)
		v->up = op->kind == DPLANE_LINK_UP;
	else if (op->kind == DPLANE_LINK_DOOM)
		v->doomed = true;
	else if (op->kind == DPLANE_LINK_MTU)
		v->mtu = op->u.link.value;
	else if (op->kind == DPLANE_LINK_MAC)
		memcpy(v->mac, op->u.vlink.mac, sizeof(v->mac));
	return 0;
}
