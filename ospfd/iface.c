/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OSPF interfaces: which address of which link belongs to which area, with which parameters.
 * iface_match_link compares what should be with what is, so links, addresses and configs may change
 * in any order; an interface that stays is only told what differs.
 */
#include "ospfd/nbr_bfd.h"

#include <string.h>

#include "lib/mem.h"
#include "ospfd/hello.h"
#include "ospfd/lfa.h"

#define DEFAULT_BANDWIDTH_KBIT 10000000 /* of a link that does not tell */

const char *
iface_name(const struct iface *i)
{
	return i->link->info.name;
}

uint32_t
iface_ifindex(const struct iface *i)
{
	return i->link->info.ifindex;
}

struct ospf *
iface_ospf(const struct iface *i)
{
	return i->area->o;
}

struct iface *
iface_next(const struct ospf *o, const struct iface *after)
{
	struct iface *i = after ? TAILQ_NEXT(after, entry) : NULL;
	struct area *a = after ? TAILQ_NEXT(after->area, entry) : TAILQ_FIRST(&o->areas);
	while (!i && a) {
		i = TAILQ_FIRST(&a->ifaces);
		a = TAILQ_NEXT(a, entry);
	}
	return i;
}

struct iface *
iface_find(const struct ospf *o, uint32_t ifindex, const struct ipaddr *src)
{
	struct iface *best = NULL;
	for (struct iface *i = iface_next(o, NULL); i; i = iface_next(o, i)) {
		if (iface_ifindex(i) != ifindex)
			continue;
		struct prefix net = prefix_make(&i->addr, i->plen);
		if (prefix_contains_addr(&net, src) || ipaddr_cmp(&i->peer, src) == 0)
			return i;
		if (!best || i->p.net_type == OSPF_NET_P2P)
			best = i;
	}
	return best;
}

void
iface_elect_wanted(struct iface *i)
{
	if (!iface_is_multiaccess(i))
		return;
	i->elect_wanted = true;
	iface_ospf(i)->want_elections = true;
}

unsigned
iface_network_lsa_nbrs(const struct iface *i)
{
	const struct nbr *n;
	unsigned count = 0;
	if (iface_state(i) != ISM_DR)
		return 0;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		count += nbr_is_advertised(n);
	return count;
}

/* --- parameters ------------------------------------------------------------------------------ */
static uint8_t
net_type(const struct ospf_link *l, const struct ospf_conf_iface *c)
{
	if (l->loopback)
		return OSPF_NET_LOOPBACK;
	if (c->net_type != OSPF_NET_AUTO)
		return c->net_type;
	return l->pointopoint ? OSPF_NET_P2P : OSPF_NET_BROADCAST;
}

static uint32_t
auto_cost(const struct ospf_config *conf, const struct ospf_link *l)
{
	uint64_t kbit = l->bandwidth_kbit ? l->bandwidth_kbit : DEFAULT_BANDWIDTH_KBIT;
	uint64_t cost = (uint64_t)conf->reference_mbit * 1000 / kbit;
	return cost < 1 ? 1 : cost > UINT16_MAX ? UINT16_MAX : (uint32_t)cost;
}

static void
resolve_timers(struct iface_params *p, const struct ospf_conf_iface *c)
{
	if (c->minimal_hellos) { /* the dead interval is one second, the Hello says 0 */
		p->hello_s = 0;
		p->dead_s = 1;
		p->hello = TIME_SEC / c->minimal_hellos;
	} else {
		p->hello_s = (uint16_t)(c->hello_s ? c->hello_s : 10);
		p->dead_s = c->dead_s ? c->dead_s : 4 * (uint32_t)p->hello_s;
		p->hello = p->hello_s * TIME_SEC;
	}
	p->dead = p->dead_s * TIME_SEC;
	p->rxmt = (c->retransmit_s ? c->retransmit_s : 5) * TIME_SEC;
	p->delay_s = (uint16_t)(c->transmit_delay_s ? c->transmit_delay_s : 1);
}

void
iface_params_resolve(struct iface *i)
{
	const struct ospf_config *conf = iface_ospf(i)->conf;
	struct ospf_conf_iface defaults;
	i->conf = ospf_config_iface(conf, iface_name(i));
	const struct ospf_conf_iface *c = i->conf;
	if (!c) {
		ospf_conf_iface_init(&defaults, iface_name(i));
		c = &defaults;
	}
	struct iface_params p;
	memset(&p, 0, sizeof(p)); /* padding too: compared octet by octet */
	p.net_type = net_type(&i->link->info, c);
	p.cost = c->cost ? c->cost : auto_cost(conf, &i->link->info);
	if (p.net_type == OSPF_NET_LOOPBACK && !c->cost)
		p.cost = 0;
	resolve_timers(&p, c);
	p.priority = c->priority;
	p.passive = c->passive == OSPF_UNSET ? conf->passive_default : c->passive == OSPF_YES;
	p.mtu_ignore = c->mtu_ignore;
	p.lfa_exclude = c->lfa_exclude;
	p.bfd = c->bfd;
	p.bfd_params = c->bfd_params;
	if (!p.bfd_params.profile[0])
		memcpy(p.bfd_params.profile, conf->bfd_profile, sizeof(conf->bfd_profile));
	p.auth = c->auth != OSPF_AUTH_UNSET ? c->auth : i->area->auth;
	i->p = p;
	i->unnumbered = p.net_type == OSPF_NET_P2P && i->plen == 8 * afi_bytes(i->addr.afi) &&
		i->peer.afi == AFI_NONE;
}

static const struct {
	size_t offset, size;
	unsigned effect;
} param_fields[] = {
#define PARAM(f, e) { offsetof(struct iface_params, f), sizeof(((struct iface_params *)0)->f), e }
	PARAM(cost, OSPF_EFFECT_REFRESH),
	PARAM(hello, OSPF_EFFECT_TIMERS),
	PARAM(hello_s, OSPF_EFFECT_TIMERS),
	PARAM(dead_s, OSPF_EFFECT_TIMERS),
	PARAM(priority, OSPF_EFFECT_ELECT),
	PARAM(net_type, OSPF_EFFECT_IFACE),
	PARAM(passive, OSPF_EFFECT_IFACE),
	PARAM(lfa_exclude, OSPF_EFFECT_LFA),
	PARAM(bfd, OSPF_EFFECT_BFD),
	PARAM(bfd_params, OSPF_EFFECT_BFD),
};

static unsigned
params_compare(const struct iface_params *a, const struct iface_params *b)
{
	unsigned effects = 0;
	for (size_t f = 0; f < sizeof(param_fields) / sizeof(param_fields[0]); f++)
		if (memcmp((const char *)a + param_fields[f].offset,
			(const char *)b + param_fields[f].offset, param_fields[f].size) != 0)
			effects |= param_fields[f].effect;
	return effects;
}

void
iface_reconfigure(struct iface *i, int64_t now)
{
	struct iface_params old = i->p;
	iface_params_resolve(i);
	unsigned effects = params_compare(&old, &i->p);
	bool up = iface_state(i) != ISM_DOWN;
	if ((effects & OSPF_EFFECT_IFACE) && up) {
		ism_event(i, ISM_EV_DOWN, now);
		ism_event(i, ISM_EV_UP, now);
		return;
	}
	if ((effects & OSPF_EFFECT_TIMERS) && iface_state(i) > ISM_LOOPBACK) {
		hello_stop(i);
		hello_start(i, now);
	}
	if (effects & OSPF_EFFECT_ELECT)
		iface_elect_wanted(i);
	if (effects & OSPF_EFFECT_REFRESH)
		area_router_lsa_wanted(i->area);
	if (effects & OSPF_EFFECT_LFA)
		lfa_changed(iface_ospf(i)->routing, now);
	if (effects & OSPF_EFFECT_BFD)
		iface_bfd_changed(i);
}

/* --- which interfaces there are -------------------------------------------------------------- */
/* Is this address to be run, and in which area? */
static bool
area_of(const struct ospf *o, const struct link *l, const struct linkaddr *la, uint32_t *area)
{
	if (!o->running || o->stopping || l->info.gone || l->info.virtual_router ||
		la->addr.afi != o->v->afi)
		return false;
	/* a further address in the network of an earlier one is only an alias, and so is a host
	 * address in that of any other: VRRP's, on the interface itself */
	struct prefix net = prefix_make(&la->addr, la->plen);
	const struct linkaddr *x;
	TAILQ_FOREACH(x, &l->addrs, entry) {
		struct prefix other = prefix_make(&x->addr, x->plen);
		if (la->plen == afi_bits(la->addr.afi) && x->plen < la->plen &&
			prefix_contains_addr(&other, &la->addr))
			return false;
	}
	for (x = TAILQ_FIRST(&l->addrs); x && x != la; x = TAILQ_NEXT(x, entry)) {
		struct prefix other = prefix_make(&x->addr, x->plen);
		if (x->addr.afi == la->addr.afi && prefix_equal(&net, &other))
			return false;
	}
	const struct ospf_conf_iface *c = ospf_config_iface(o->conf, l->info.name);
	if (c && c->area_set) {
		*area = c->area;
		return true;
	}
	int best = -1;
	for (size_t k = 0; k < o->conf->network_count; k++) {
		const struct ospf_conf_network *n = &o->conf->networks[k];
		bool in = prefix_contains_addr(&n->prefix, &la->addr) ||
			  (la->peer.afi == n->prefix.afi &&
				  prefix_contains_addr(&n->prefix, &la->peer));
		if (in && n->prefix.len <= la->plen && n->prefix.len > best) {
			best = n->prefix.len;
			*area = n->area;
		}
	}
	return best >= 0;
}

static bool
iface_has(const struct iface *i, const struct linkaddr *la)
{
	return i->plen == la->plen && ipaddr_cmp(&i->addr, &la->addr) == 0 &&
	       ipaddr_cmp(&i->peer, &la->peer) == 0;
}

static struct iface *
iface_of(const struct ospf *o, const struct link *l, const struct linkaddr *la)
{
	for (struct iface *i = iface_next(o, NULL); i; i = iface_next(o, i))
		if (i->link == l && iface_has(i, la))
			return i;
	return NULL;
}

static struct iface *
iface_new(struct area *a, struct link *l, const struct linkaddr *la)
{
	struct iface *i = mem_zalloc(sizeof(*i)), *at;
	i->area = a;
	i->link = l;
	i->addr = la->addr;
	i->peer = la->peer;
	i->plen = la->plen;
	TAILQ_INIT(&i->nbrs);
	lsdb_init(&i->db, a->o, SCOPE_LINK, a, i);
	TAILQ_FOREACH(at, &a->ifaces, entry)
		if (iface_ifindex(at) > l->info.ifindex ||
			(at->link == l && ipaddr_cmp(&at->addr, &la->addr) > 0))
			break;
	if (at)
		TAILQ_INSERT_BEFORE(at, i, entry);
	else
		TAILQ_INSERT_TAIL(&a->ifaces, i, entry);
	iface_params_resolve(i);
	return i;
}

void
iface_free(struct iface *i, int64_t now)
{
	struct ospf *o = iface_ospf(i);
	struct nbr *n;
	if (o->running) /* the neighbours need not wait for the dead interval */
		hello_send_empty(i, now);
	ism_event(i, ISM_EV_DOWN, now);
	iface_network_lsa_unwanted(i, now);
	while ((n = TAILQ_FIRST(&i->nbrs)) != NULL)
		nbr_free(n);
	lsdb_clear(&i->db, now);
	if (i->flood_marked)
		TAILQ_REMOVE(&o->flood_marks, i, flood_mark);
	area_router_lsa_wanted(i->area);
	TAILQ_REMOVE(&i->area->ifaces, i, entry);
	mem_free(i);
}

static void
drop_unwanted(struct ospf *o, struct link *l, int64_t now)
{
	struct iface *next;
	for (struct iface *i = iface_next(o, NULL); i; i = next) {
		next = iface_next(o, i);
		if (i->link != l)
			continue;
		const struct linkaddr *la;
		uint32_t area;
		TAILQ_FOREACH(la, &l->addrs, entry)
			if (iface_has(i, la))
				break;
		if (!la || !area_of(o, l, la, &area) || area != i->area->id)
			iface_free(i, now);
	}
}

void
iface_match_address(struct ospf *o, struct link *l, const struct linkaddr *la, int64_t now)
{
	uint32_t area;
	if (!area_of(o, l, la, &area))
		return;
	struct iface *i = iface_of(o, l, la);
	if (!i)
		i = iface_new(area_get(o, area), l, la);
	bool up = iface_state(i) != ISM_DOWN;
	if (l->info.up != up)
		ism_event(i, l->info.up ? ISM_EV_UP : ISM_EV_DOWN, now);
}

void
iface_match_link(struct ospf *o, struct link *l, int64_t now)
{
	const struct linkaddr *la;
	drop_unwanted(o, l, now);
	TAILQ_FOREACH(la, &l->addrs, entry)
		iface_match_address(o, l, la, now);
}

void
iface_match_all(struct ospf *o, int64_t now)
{
	struct link *l;
	TAILQ_FOREACH(l, &o->links, entry)
		iface_match_link(o, l, now);
	area_drop_empty(o, now);
}
