/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways around dead LANs; see detour.h. */
#include "zebra/detour.h"

#include <linux/if_addr.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/mem.h"
#include "zebra/core.h"
#include "zebra/iface.h"
#include "zebra/lan.h"
#include "zebra/nhg.h"
#include "zebra/rib_import.h"
#include "zebra/source.h"

struct detour {
	TAILQ_ENTRY(detour) link;
	struct prefix prefix; /* the connected one */
	struct nhg *nhg;      /* what the halves use; NULL: no other way */
	bool seen;
};

struct detours {
	TAILQ_HEAD(, detour) list;
};

struct detours *
detours_new(void)
{
	struct detours *s = mem_zalloc(sizeof(*s));
	TAILQ_INIT(&s->list);
	return s;
}

/* Only with the whole instance. */
void
detours_free(struct zebra *z)
{
	struct detour *d;
	while ((d = TAILQ_FIRST(&z->detours->list))) {
		TAILQ_REMOVE(&z->detours->list, d, link);
		mem_free(d);
	}
	mem_free(z->detours);
}

static struct prefix
half(const struct prefix *p, bool upper)
{
	struct ipaddr a = prefix_addr(p);
	if (upper)
		a = ipaddr_from_ip4(ipaddr_to_ip4(&a) | UINT32_C(0x80000000) >> p->len);
	return prefix_make(&a, p->len + 1u);
}

/* g NULL: no detour any more. */
static void
detour_set(struct zebra *z, struct detour *d, struct nhg *g)
{
	struct source *s = source_own(z, PROTO_DETOUR);
	struct nhg *old = d->nhg;
	for (int upper = 0; upper < 2; upper++) {
		struct prefix p = half(&d->prefix, upper);
		struct route_attrs a = {.nhg = g, .distance = DETOUR_DISTANCE};
		if (g)
			rib_route_set(z, s, &p, 0, &a);
		else
			rib_route_del(z, s, 0, &p, 0);
	}
	d->nhg = g;
	if (old)
		nhg_put(old);
	char text[PREFIX_STRLEN];
	if (!old != !g)
		core_log(z, "zebra.detour", "prefix=%s on=%s", prefix_print(&d->prefix, text), g ? "yes" : "no");
}

/* The selected route's group, if it is another router's and leads elsewhere. */
static const struct nhg *
way_around(const struct zebra *z, const struct prefix *p)
{
	const struct rib_dest *dest = rib_dest_find(z, 0, p);
	const struct rib_route *sel = dest ? rib_dest_selected(dest) : NULL;
	if (!sel || sel->nhg->source->row->kernel_owned || sel->nhg->special || z->stopping)
		return NULL;
	for (unsigned i = 0; i < sel->nhg->member_count; i++)
		if (nhg_member_used(sel->nhg, &sel->nhg->members[i]) && !sel->nhg->members[i].leg->lan_dead)
			return sel->nhg;
	return NULL;
}

static bool
same_legs(const struct nhg *a, const struct nhg *b)
{
	return a->leg_count == b->leg_count && !memcmp(a->legs, b->legs, a->leg_count * sizeof(*a->legs));
}

/* True: nothing moved. */
static bool
detour_follow(struct zebra *z, struct detour *d)
{
	const struct nhg *way = d->seen ? way_around(z, &d->prefix) : NULL;
	if (way ? d->nhg && same_legs(d->nhg, way) : !d->nhg)
		return true;
	detour_set(z, d, way ? nhg_get(source_own(z, PROTO_DETOUR), AFI_IP4, way->legs, way->leg_count) : NULL);
	return false;
}

static void
detour_see(struct zebra *z, const struct prefix *p)
{
	struct detour *d;
	TAILQ_FOREACH(d, &z->detours->list, link)
		if (prefix_equal(&d->prefix, p))
			break;
	if (!d) {
		d = mem_zalloc(sizeof(*d));
		d->prefix = *p;
		TAILQ_INSERT_TAIL(&z->detours->list, d, link);
	}
	d->seen = true;
}

bool
detours_run(struct zebra *z)
{
	struct detour *d, *next;
	bool still = true;
	for (unsigned n = 0; n < z->lans->count; n++) {
		const struct zebra_lan *lan = &z->lans->items[n]->said;
		const struct iface *i = lan->dead ? iface_find(z, lan->ifindex) : NULL;
		for (unsigned k = 0; i && k < i->addr_count; k++) {
			const struct iface_addr *a = i->addrs[k];
			if (a->routed && !(a->k.flags & IFA_F_NOPREFIXROUTE) && a->connected.afi == AFI_IP4
				&& a->connected.len <= 30)
				detour_see(z, &a->connected);
		}
	}
	for (d = TAILQ_FIRST(&z->detours->list); d; d = next) {
		next = TAILQ_NEXT(d, link);
		still = detour_follow(z, d) && still;
		if (!d->seen) {
			TAILQ_REMOVE(&z->detours->list, d, link);
			mem_free(d);
			continue;
		}
		d->seen = false;
	}
	return still;
}

void
detour_lan_turned(struct zebra *z, uint32_t ifindex)
{
	struct iface *i = iface_find(z, ifindex);
	if (i)
		import_connected_again(z, i);
}
