/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual kernel, see kernel.h. */
#include "tests/sim/kernel_dev.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/rtable.h"
#include "tests/sim/kernel.h"

struct vhop {
	uint32_t id, oif;
	struct ipaddr gateway;
	uint8_t protocol;
};
struct vgroup {
	uint32_t id;
	uint8_t protocol, keep;
	size_t count;
	uint32_t legs[LEGS_MAX];
};
struct vroute {
	uint32_t id, metric;
	uint8_t protocol;
};

struct vkernel {
	struct node *node;
	struct vhop *hops;
	struct vgroup *groups;
	size_t hop_count, hop_cap, group_count, group_cap;
	struct rtable *routes;
	struct vdevs *devs;
	uint64_t deletes;
};

struct vkernel *
vkernel_new(struct node *n)
{
	struct vkernel *k = mem_zalloc(sizeof(*k));
	k->node = n;
	k->routes = rtable_new(AFI_IP4);
	k->devs = vdevs_new(n);
	return k;
}

void
vkernel_free(struct vkernel *k)
{
	struct rtable_iter it;
	void **slot;
	if (!k)
		return;
	rtable_iter_init(&it, k->routes, NULL);
	while ((slot = rtable_next(&it, NULL)) != NULL)
		mem_free(*slot);
	rtable_free(k->routes);
	mem_free(k->devs);
	mem_free(k->hops);
	mem_free(k->groups);
	mem_free(k);
}

static struct vhop *
hop_find(const struct vkernel *k, uint32_t id)
{
	for (size_t i = 0; i < k->hop_count; i++)
		if (k->hops[i].id == id)
			return &k->hops[i];
	return NULL;
}

static struct vgroup *
group_find(const struct vkernel *k, uint32_t id)
{
	for (size_t i = 0; i < k->group_count; i++)
		if (k->groups[i].id == id)
			return &k->groups[i];
	return NULL;
}

static const struct port *
port_at(const struct vkernel *k, uint32_t ifindex)
{
	for (size_t i = 0; i < k->node->port_count; i++)
		if (k->node->ports[i].ifindex == ifindex)
			return &k->node->ports[i];
	return NULL;
}

/* --- what goes with what --------------------------------------------------------------------------- */
static void
routes_drop(struct vkernel *k, uint32_t id)
{
	struct rtable_iter it;
	struct prefix p;
	void **slot;
	rtable_iter_init(&it, k->routes, NULL);
	while ((slot = rtable_next(&it, &p)) != NULL)
		if (((struct vroute *)*slot)->id == id)
			mem_free(rtable_remove(k->routes, &p));
}

static void
group_drop(struct vkernel *k, struct vgroup *g)
{
	routes_drop(k, g->id);
	*g = k->groups[--k->group_count];
}

static void
hop_drop(struct vkernel *k, uint32_t id)
{
	for (size_t i = 0; i < k->group_count; i++) {
		struct vgroup *g = &k->groups[i];
		size_t n = 0;
		for (size_t l = 0; l < g->count; l++)
			if (g->legs[l] != id)
				g->legs[n++] = g->legs[l];
		bool emptied = g->count && !n;
		g->count = n;
		if (emptied && !g->keep) {
			group_drop(k, g);
			i--;
		}
	}
	routes_drop(k, id);
	struct vhop *h = hop_find(k, id);
	if (h)
		*h = k->hops[--k->hop_count];
}

void
vkernel_link_down(struct vkernel *k, uint32_t ifindex)
{
	for (size_t i = 0; i < k->hop_count;)
		if (k->hops[i].oif == ifindex)
			hop_drop(k, k->hops[i].id);
		else
			i++;
}

/* --- writes ------------------------------------------------------------------------------------------ */
static int
nexthop_write(struct vkernel *k, const struct dplane_op *op)
{
	const struct port *p = port_at(k, op->u.nexthop.oif);
	if (!p || !p->up)
		return ENETDOWN;
	struct prefix net = prefix_make(&p->addr, p->plen);
	if (op->u.nexthop.gateway.afi && !op->onlink &&
	    !prefix_contains_addr(&net, &op->u.nexthop.gateway))
		return EHOSTUNREACH;
	struct vhop *h = hop_find(k, op->id);
	if (group_find(k, op->id))
		return EINVAL;
	if (!h) {
		if (k->hop_count == k->hop_cap) {
			k->hop_cap = k->hop_cap ? 2 * k->hop_cap : 16;
			k->hops = mem_realloc(k->hops, k->hop_cap * sizeof(*k->hops));
		}
		h = &k->hops[k->hop_count++];
	}
	*h = (struct vhop){ op->id, op->u.nexthop.oif, op->u.nexthop.gateway, op->protocol };
	return 0;
}

static int
group_write(struct vkernel *k, const struct dplane_op *op)
{
	struct vgroup *g = group_find(k, op->id);
	if ((!op->u.group.count && !op->keep) || op->u.group.count > LEGS_MAX || hop_find(k, op->id))
		return EINVAL;
	for (size_t i = 0; i < op->u.group.count; i++)
		if (!hop_find(k, op->u.group.legs[i].id))
			return EINVAL;
	if (!g) {
		if (k->group_count == k->group_cap) {
			k->group_cap = k->group_cap ? 2 * k->group_cap : 16;
			k->groups = mem_realloc(k->groups, k->group_cap * sizeof(*k->groups));
		}
		g = &k->groups[k->group_count++];
	}
	*g = (struct vgroup){ .id = op->id, .protocol = op->protocol, .keep = op->keep,
		.count = op->u.group.count };
	for (size_t i = 0; i < g->count; i++)
		g->legs[i] = op->u.group.legs[i].id;
	return 0;
}

static int
route_write(struct vkernel *k, const struct dplane_op *op)
{
	if (op->id && !group_find(k, op->id) && !hop_find(k, op->id))
		return EINVAL;
	void **slot = rtable_insert(k->routes, &op->u.route.prefix, NULL);
	if (!*slot)
		*slot = mem_zalloc(sizeof(struct vroute));
	*(struct vroute *)*slot = (struct vroute){ op->id, op->metric, op->protocol };
	return 0;
}

static int
route_delete(struct vkernel *k, const struct dplane_op *op)
{
	void **slot = rtable_find(k->routes, &op->u.route.prefix);
	if (!slot || ((struct vroute *)*slot)->protocol != op->protocol)
		return 0; /* ESRCH counts as done */
	mem_free(rtable_remove(k->routes, &op->u.route.prefix));
	k->deletes++;
	return 0;
}

static int
next_hop_delete(struct vkernel *k, const struct dplane_op *op)
{
	if (group_find(k, op->id))
		group_drop(k, group_find(k, op->id));
	else
		hop_drop(k, op->id);
	return 0;
}

/* What has no row is about devices and their addresses. */
int
vkernel_apply(struct vkernel *k, const struct dplane_op *op)
{
	static int (*const table[DPLANE_KINDS])(struct vkernel *, const struct dplane_op *) = {
		[DPLANE_NEXTHOP] = nexthop_write, [DPLANE_GROUP] = group_write, [DPLANE_NEXTHOP_DEL] = next_hop_delete,
		[DPLANE_ROUTE] = route_write, [DPLANE_ROUTE_DEL] = route_delete};
	k->node->sim->moved++;
	return table[op->kind] ? table[op->kind](k, op) : vdevs_apply(k->devs, op);
}

/* --- what it says ------------------------------------------------------------------------------------ */
struct kernel_link
vkernel_link(const struct port *p)
{
	struct kernel_link l = { .ifindex = p->ifindex, .mtu = 1500,
		.flags = IFF_UP | IFF_BROADCAST | IFF_MULTICAST };
	if (p->up)
		l.flags |= IFF_RUNNING | 0x10000; /* IFF_LOWER_UP */
	if (p->kind == PORT_LOOPBACK)
		l.flags |= IFF_LOOPBACK;
	snprintf(l.name, sizeof(l.name), "p%u", p->ifindex);
	return l;
}

struct kernel_addr
vkernel_addr(const struct port *p)
{
	return (struct kernel_addr){ .ifindex = p->ifindex, .local = p->addr, .prefixlen = p->plen,
		.flags = 0x80 /* permanent */ };
}

bool
vkernel_nexthop(const struct vkernel *k, size_t *at, struct kernel_nexthop *out)
{
	size_t i = (*at)++;
	memset(out, 0, sizeof(*out));
	if (i < k->hop_count) {
		const struct vhop *h = &k->hops[i];
		out->id = h->id;
		out->protocol = h->protocol;
		out->afi = AFI_IP4;
		out->leg_count = 1;
		out->legs[0] = (struct kernel_leg){ .oif = h->oif, .gateway = h->gateway, .weight = 1 };
		return true;
	}
	i -= k->hop_count;
	if (i >= k->group_count)
		return false;
	const struct vgroup *g = &k->groups[i];
	out->id = g->id;
	out->protocol = g->protocol;
	out->group = true;
	out->leg_count = (uint16_t)g->count;
	for (size_t l = 0; l < g->count; l++)
		out->legs[l] = (struct kernel_leg){ .id = g->legs[l], .weight = 1 };
	return true;
}

bool
vkernel_route(const struct vkernel *k, struct prefix *at, struct kernel_route *out)
{
	struct rtable_iter it;
	rtable_iter_init(&it, k->routes, NULL);
	if (at->afi)
		rtable_iter_after(&it, at);
	void **slot = rtable_next(&it, at);
	if (!slot)
		return false;
	const struct vroute *r = *slot;
	memset(out, 0, sizeof(*out));
	out->prefix = *at;
	out->table = RT_TABLE_MAIN;
	out->metric = r->metric;
	out->nhid = r->id;
	out->protocol = r->protocol;
	out->type = RTN_UNICAST;
	return true;
}

size_t
vkernel_legs(const struct vkernel *k, const struct prefix *p, struct ospf_leg *legs, size_t max)
{
	void **slot = rtable_find(k->routes, p);
	size_t n = 0;
	if (!slot)
		return 0;
	const struct vroute *r = *slot;
	const struct vgroup *g = group_find(k, r->id);
	for (size_t i = 0; g && i < g->count && n < max; i++) {
		const struct vhop *h = hop_find(k, g->legs[i]);
		if (h)
			legs[n++] = (struct ospf_leg){ .ifindex = h->oif, .gateway = h->gateway };
	}
	return n;
}

bool
vkernel_lookup(const struct vkernel *k, const struct ipaddr *a, struct prefix *out)
{
	return rtable_match(k->routes, a, out) != NULL;
}

struct vdevs *
vkernel_devs(const struct vkernel *k)
{
	return k->devs;
}

size_t
vkernel_routes(const struct vkernel *k)
{
	return rtable_count(k->routes);
}

uint64_t
vkernel_deletes(const struct vkernel *k)
{
	return k->deletes;
}
