/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake kernel's devices and addresses that zebra makes: macvlans die with their parent, take
 * their addresses along, and say so. Events come before the result, or (events_late) after it.
 * Included by zebra_world.h.
 */
#ifndef GREVY_TESTS_ZEBRA_WORLD_VIRTUAL_H
#define GREVY_TESTS_ZEBRA_WORLD_VIRTUAL_H

struct world_dev {
	uint32_t ifindex, parent, mtu, group;
	char name[16];
	uint8_t mac[6];
	bool up, quiet;
};
struct world_vaddr {
	uint32_t ifindex;
	struct ipaddr address;
	uint8_t len, proto;
};
struct world_event {
	bool addr, gone;
	struct kernel_link link;
	struct kernel_addr address;
};

struct world_virtual {
	struct world_dev devs[64];
	struct world_vaddr addrs[64];
	struct world_event events[256];
	unsigned dev_count, addr_count, event_count;
	uint32_t next_index;
	uint32_t below; /* where the kernel puts the macvlan of a macvlan; 0: on what it is asked for */
	bool events_late;
	unsigned dels; /* addresses taken away on zebra's word */
};

static inline struct world_dev *
virtual_dev(struct world_virtual *v, uint32_t ifindex)
{
	for (unsigned i = 0; i < v->dev_count; i++)
		if (v->devs[i].ifindex == ifindex)
			return &v->devs[i];
	return NULL;
}

static inline struct world_dev *
virtual_by_name(struct world_virtual *v, const char *name)
{
	for (unsigned i = 0; i < v->dev_count; i++)
		if (!strcmp(v->devs[i].name, name))
			return &v->devs[i];
	return NULL;
}

static inline struct world_vaddr *
virtual_addr(struct world_virtual *v, uint32_t ifindex, const struct ipaddr *a)
{
	for (unsigned i = 0; i < v->addr_count; i++)
		if (v->addrs[i].ifindex == ifindex && !ipaddr_cmp(&v->addrs[i].address, a))
			return &v->addrs[i];
	return NULL;
}

static inline struct kernel_link
virtual_link_of(const struct world_dev *d)
{
	struct kernel_link l = {.ifindex = d->ifindex, .mtu = d->mtu, .parent = d->parent, .group = d->group,
		.hwaddr_len = 6, .flags = d->up ? IFF_UP | IFF_RUNNING | 0x10000 : 0};
	memcpy(l.hwaddr, d->mac, 6);
	snprintf(l.name, sizeof(l.name), "%s", d->name);
	snprintf(l.kind, sizeof(l.kind), "macvlan");
	return l;
}

static inline struct kernel_addr
virtual_addr_of(const struct world_vaddr *a)
{
	return (struct kernel_addr){.ifindex = a->ifindex, .local = a->address, .prefixlen = a->len,
		.proto = a->proto, .flags = 0x200}; /* IFA_F_NOPREFIXROUTE */
}

static inline void
virtual_deliver(struct zebra *z, struct world_virtual *v, int64_t now)
{
	for (unsigned i = 0; i < v->event_count; i++) {
		struct world_event *e = &v->events[i];
		if (e->addr)
			zebra_kernel_changed(z, KERNEL_ADDR, &e->address, e->gone, now);
		else
			zebra_kernel_changed(z, KERNEL_LINK, &e->link, e->gone, now);
	}
	v->event_count = 0;
}

static inline void
virtual_say_link(struct world_virtual *v, const struct world_dev *d, bool gone)
{
	if (v->event_count < 256)
		v->events[v->event_count++] = (struct world_event){.gone = gone, .link = virtual_link_of(d)};
}

static inline void
virtual_say_addr(struct world_virtual *v, const struct world_vaddr *a, bool gone)
{
	if (v->event_count < 256)
		v->events[v->event_count++] =
			(struct world_event){.addr = true, .gone = gone, .address = virtual_addr_of(a)};
}

static inline void
virtual_drop_addr(struct world_virtual *v, struct world_vaddr *a)
{
	virtual_say_addr(v, a, true);
	*a = v->addrs[--v->addr_count];
}

static inline void
virtual_drop_dev(struct world_virtual *v, struct world_dev *d)
{
	for (unsigned i = v->addr_count; i-- > 0;)
		if (v->addrs[i].ifindex == d->ifindex)
			virtual_drop_addr(v, &v->addrs[i]);
	virtual_say_link(v, d, true);
	*d = v->devs[--v->dev_count];
}

static inline void
virtual_parent_gone(struct world_virtual *v, uint32_t parent)
{
	for (unsigned i = v->dev_count; i-- > 0;)
		if (v->devs[i].parent == parent)
			virtual_drop_dev(v, &v->devs[i]);
}

static inline struct world_dev *
virtual_make(struct world_virtual *v, const char *name, uint32_t parent, const uint8_t *mac, uint32_t group)
{
	struct world_dev *d = &v->devs[v->dev_count++];
	*d = (struct world_dev){.ifindex = 100 + ++v->next_index, .parent = parent, .mtu = 1500, .group = group};
	memcpy(d->mac, mac, 6);
	snprintf(d->name, sizeof(d->name), "%s", name);
	virtual_say_link(v, d, false);
	return d;
}

static inline int
virtual_addr_apply(struct world_virtual *v, const struct dplane_op *op)
{
	struct world_vaddr *a = virtual_addr(v, op->u.addr.ifindex, &op->u.addr.local);
	if (op->u.addr.ifindex > 100 && !virtual_dev(v, op->u.addr.ifindex))
		return ENODEV;
	if (op->kind == DPLANE_ADDR_DEL) {
		v->dels += a != NULL;
		if (a)
			virtual_drop_addr(v, a);
		return 0;
	}
	if (!a && v->addr_count == 64)
		return ENOMEM;
	a = a ? a : &v->addrs[v->addr_count++];
	*a = (struct world_vaddr){op->u.addr.ifindex, op->u.addr.local, op->u.addr.prefixlen, op->u.addr.proto};
	virtual_say_addr(v, a, false);
	return 0;
}

/* there: the interface of op's parent, or address, if it is none of these devices. */
static inline int
virtual_apply(struct world_virtual *v, const struct dplane_op *op, bool there)
{
	if (op->kind == DPLANE_ADDR || op->kind == DPLANE_ADDR_DEL)
		return !op->u.addr.virtual ? 0 : op->u.addr.ifindex > 100 || there ? virtual_addr_apply(v, op) : ENODEV;
	if (op->kind == DPLANE_VLINK) {
		if (!there)
			return ENODEV;
		if (virtual_by_name(v, op->u.vlink.name))
			return EEXIST;
		if (v->dev_count == 64)
			return ENOMEM;
		virtual_make(v, op->u.vlink.name, v->below ? v->below : op->u.vlink.parent, op->u.vlink.mac,
			KERNEL_VLINK_GROUP)->mtu = op->u.vlink.mtu;
		return 0;
	}
	if (op->kind == DPLANE_LINKS_DEL) {
		for (unsigned i = v->dev_count; i-- > 0;)
			if (v->devs[i].group == KERNEL_VLINK_DOOMED)
				virtual_drop_dev(v, &v->devs[i]);
		return 0;
	}
	struct world_dev *d = virtual_dev(v,
		op->kind == DPLANE_LINK_MAC ? op->u.vlink.ifindex : op->u.link.ifindex);
	if (!d)
		return op->u.link.ifindex > 100 ? ENODEV : 0;
	if (op->kind == DPLANE_LINK_DEL) {
		virtual_drop_dev(v, d);
		return 0;
	}
	if (op->kind == DPLANE_LINK_QUIET || op->kind == DPLANE_LINK_LOUD) {
		d->quiet = op->kind == DPLANE_LINK_QUIET;
		return 0;
	}
	struct world_dev was = *d;
	if (op->kind == DPLANE_LINK_MAC)
		memcpy(d->mac, op->u.vlink.mac, 6);
	else if (op->kind == DPLANE_LINK_DOOM)
		d->group = KERNEL_VLINK_DOOMED;
	else if (op->kind == DPLANE_LINK_MTU)
		d->mtu = op->u.link.value;
	else if (op->kind == DPLANE_LINK_UP || op->kind == DPLANE_LINK_DOWN)
		d->up = op->kind == DPLANE_LINK_UP;
	if (memcmp(&was, d, sizeof(was)))
		virtual_say_link(v, d, false);
	return 0;
}

/* In the first dump. */
static inline void
virtual_dump(struct zebra *z, struct world_virtual *v, bool addrs, int64_t now)
{
	for (unsigned i = 0; !addrs && i < v->dev_count; i++) {
		struct kernel_link l = virtual_link_of(&v->devs[i]);
		zebra_kernel_changed(z, KERNEL_LINK, &l, false, now);
	}
	for (unsigned i = 0; addrs && i < v->addr_count; i++) {
		struct kernel_addr a = virtual_addr_of(&v->addrs[i]);
		zebra_kernel_changed(z, KERNEL_ADDR, &a, false, now);
	}
}

#endif
