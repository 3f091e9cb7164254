/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LANs of hosts behind gateways, and the ways that packets take.
 *
 * The switch learns where the virtual MAC is from the source of each frame, forgets it when that port loses its carrier,
 * and floods what it does not know. Hosts say something now and then and answer questions; they send by the
 * virtual MAC. A router forwards what comes to its macvlan, by its kernel's longest match.
 *
 * A packet's way is followed with all equal paths at once; it is delivered if each of them is.
 */
#include "tests/sim/hosts.h"

#include <string.h>

#include "lib/mem.h"
#include "tests/sim/gate.h"
#include "tests/sim/kernel.h"
#include "tests/sim/kernel_dev.h"
#include "vrrpd/read.h"

#define WIRE  200                /* us, to the switch and on */
#define TALK  (4 * TIME_SEC)     /* each host says something as often as that, about */
#define FIRST_HOST 100           /* .100, .101 */

/* --- the LAN's parts ------------------------------------------------------------------------------- */

bool
hosts_on_air(const struct port *p)
{
	return p->node->kernel && p->up && !p->silent && !p->seg->cut;
}

void
hosts_port_mac(const struct port *p, uint8_t mac[6])
{
	const uint8_t own[6] = { 2, 0, 0, 1, (uint8_t)p->node->index, (uint8_t)p->ifindex };
	memcpy(mac, own, sizeof(own));
}

static void
virtual_mac(const struct hostlan *l, uint8_t mac[6])
{
	const uint8_t v[6] = { 0, 0, 0x5e, 0, 1, l->vrid };
	memcpy(mac, v, sizeof(v));
}

static void
host_mac(const struct segment *g, size_t host, uint8_t mac[6])
{
	const uint8_t own[6] = { 2, 0, 0, 2, g->hosts->vrid, (uint8_t)host };
	memcpy(mac, own, sizeof(own));
}

/* By place: the first that is attached is best, and the next one close to it. */
unsigned
hosts_priority(const struct port *p)
{
	size_t at = 0;
	while (p->seg->ports[at] != p)
		at++;
	return 240 - 20 * (unsigned)at;
}

/* --- the switch ---------------------------------------------------------------------------------------- */

void
hosts_frame_from(struct port *p, const uint8_t mac[6])
{
	uint8_t v[6];
	struct hostlan *l = p->seg ? p->seg->hosts : NULL;
	if (!l || !hosts_on_air(p))
		return;
	virtual_mac(l, v);
	if (memcmp(mac, v, 6) || l->learnt == p)
		return;
	l->learnt = p;
	p->node->sim->moved++;
}

void
hosts_port_off(struct port *p)
{
	if (p->seg && p->seg->hosts && p->seg->hosts->learnt == p)
		p->seg->hosts->learnt = NULL;
}

struct heard_msg {
	size_t host;
	bool answer;
};

static void
host_heard(struct sim *s, struct event *e)
{
	struct port *p = e->port;
	struct heard_msg m;
	uint8_t mac[6];
	(void)s;
	memcpy(&m, e->bytes, sizeof(m));
	if (!hosts_on_air(p) || p->node->gate_births != e->born)
		return;
	host_mac(p->seg, m.host, mac);
	gate_host_heard(p->node, p, &p->seg->hosts->hosts[m.host], mac, m.answer);
}

static void
host_says(struct port *p, size_t host, bool answer)
{
	struct sim *s = p->node->sim;
	struct heard_msg m = { host, answer };
	struct event *e = event_new(s, s->now + WIRE + p->seg->delay, host_heard, (const uint8_t *)&m, sizeof(m));
	e->port = p;
	e->born = p->node->gate_births;
	clock_push(s, e);
}

/* ARP: announcements move the switch's table, questions for a host are answered. */
void
hosts_frame(struct port *p, const uint8_t *bytes, size_t len)
{
	struct hostlan *l = p->seg ? p->seg->hosts : NULL;
	struct sim *s = p->node->sim;
	if (!l || len < 42 || bytes[12] != 8 || bytes[13] != 6)
		return;
	hosts_frame_from(p, bytes + 6);
	struct ipaddr target = ipaddr_from_bytes(AFI_IP4, bytes + 38);
	for (size_t i = 0; i < l->host_count; i++)
		if (bytes[21] == 1 && !ipaddr_cmp(&target, &l->hosts[i]) && hosts_on_air(p) &&
			!(s->loss && prng_below(&s->rng, 1000) < s->loss))
			host_says(p, i, true);
}

/* A broadcast of a host, heard by all. */
static void
host_talks(struct sim *s, struct event *e)
{
	size_t lan = e->bytes[0], host = e->bytes[1];
	struct segment *g = &s->segs[lan];
	for (size_t i = 0; i < g->port_count; i++)
		if (hosts_on_air(g->ports[i]))
			host_says(g->ports[i], host, false);
	clock_push(s, event_new(s, s->now + TALK / 2 + prng_below(&s->rng, (uint32_t)TALK), host_talks, e->bytes, 2));
}

void
hosts_start(struct sim *s)
{
	for (size_t i = 0; i < s->seg_count; i++)
		for (size_t h = 0; s->segs[i].hosts && h < s->segs[i].hosts->host_count; h++)
			clock_push(s, event_new(s, s->now + prng_below(&s->rng, (uint32_t)TIME_SEC), host_talks,
				(const uint8_t[]){ (uint8_t)i, (uint8_t)h }, 2));
}

/* --- two that hold the address ------------------------------------------------------------------------- */

static bool
holds(const struct port *p)
{
	return p->node->kernel && vdevs_hold(vkernel_devs(p->node->kernel), &p->seg->hosts->gateway);
}

struct port *
hosts_master(const struct segment *g, size_t *count)
{
	struct port *found = NULL;
	*count = 0;
	for (size_t i = 0; i < g->port_count; i++)
		if (hosts_on_air(g->ports[i]) && holds(g->ports[i])) {
			found = g->ports[i];
			(*count)++;
		}
	return found;
}

/* All its daemons live: what it does is their will. */
static bool
whole(const struct node *n)
{
	return n->gate && n->rib && n->o && gate_client(n);
}

/* A handover: the loser hears of the winner in an interval, and zebra's write takes a moment. */
static int64_t
handover(const struct hostlan *l)
{
	return (2 * (int64_t)l->interval_ms + 30) * TIME_MS;
}

void
hosts_watch(struct sim *s)
{
	for (size_t i = 0; i < s->seg_count; i++) {
		const struct segment *g = &s->segs[i];
		size_t count = 0;
		int64_t since = 0;
		for (size_t k = 0; g->hosts && k < g->port_count; k++) {
			const struct node *n = g->ports[k]->node;
			if (!hosts_on_air(g->ports[k]) || !holds(g->ports[k]) || !whole(n))
				continue;
			count++;
			/* what a former life left is taken away a second after the start, at the latest */
			if (n->whole_since + TIME_SEC > since)
				since = n->whole_since + TIME_SEC;
		}
		if (!g->hosts)
			continue;
		if (count < 2 || s->loss || s->now < since)
			g->hosts->both_since = 0;
		else if (!g->hosts->both_since)
			g->hosts->both_since = s->now;
		else if (s->now - g->hosts->both_since > handover(g->hosts))
			check_fail(s, "vrid %u: %zu routers that hear each other hold its address for %.1f ms",
				g->hosts->vrid, count, (double)(s->now - g->hosts->both_since) / 1000);
	}
}

/* --- packets ----------------------------------------------------------------------------------------- */

struct way {
	const struct sim *sim;
	struct ipaddr to;
	uint8_t seen[64]; /* by router: 0 not yet, 1 on the way, 2 + enum fate */
};

static enum fate follow(struct way *w, const struct node *n);

static bool
attached(const struct port *p, const struct ipaddr *a)
{
	struct prefix net = prefix_make(&p->addr, p->plen);
	return p->up && !p->unnumbered && prefix_contains_addr(&net, a);
}

/* It has arrived on its network: is anybody there? Of a network between routers nobody in particular is asked for. */
static enum fate
on_network(const struct port *p)
{
	return !p->seg || !p->seg->hosts || hosts_on_air(p) ? FATE_DELIVERED : FATE_LOST;
}

static enum fate
over_leg(struct way *w, const struct node *n, const struct ospf_leg *leg)
{
	const struct port *p = &n->ports[leg->ifindex - 1];
	if (!p->seg || !p->up)
		return FATE_LOST;
	for (size_t i = 0; i < p->seg->port_count; i++) {
		const struct port *q = p->seg->ports[i];
		if (q == p || !leg->gateway.afi || ipaddr_cmp(&q->addr, &leg->gateway))
			continue;
		return q->up && !q->silent && !p->silent && !p->seg->cut ? follow(w, q->node) : FATE_LOST;
	}
	return FATE_DELIVERED; /* on the network, or a gateway beyond the model: of an external route */
}

/* The longest match of what a kernel knows: connected networks, static routes of its own, zebra's. */
static enum fate
by_table(struct way *w, const struct node *n)
{
	struct ospf_leg legs[LEGS_MAX];
	struct prefix route = { 0 };
	int best = -1;
	const struct port *net = NULL;
	bool own = false;
	for (size_t i = 0; i < n->port_count; i++)
		if (attached(&n->ports[i], &w->to) && (int)n->ports[i].plen > best) {
			best = n->ports[i].plen;
			net = &n->ports[i];
		}
	for (size_t i = 0; i < n->ext_count; i++)
		if (n->exts[i].present && (!n->exts[i].port || n->exts[i].port->up) &&
			(int)n->exts[i].prefix.len > best && prefix_contains_addr(&n->exts[i].prefix, &w->to)) {
			best = n->exts[i].prefix.len;
			own = true;
		}
	if (!vkernel_lookup(n->kernel, &w->to, &route) || (int)route.len <= best)
		return own ? FATE_DELIVERED : net ? on_network(net) : FATE_LOST;
	enum fate worst = FATE_DELIVERED;
	size_t count = vkernel_legs(n->kernel, &route, legs, LEGS_MAX);
	for (size_t i = 0; i < count; i++) {
		enum fate f = over_leg(w, n, &legs[i]);
		if (f == FATE_LOST || worst == FATE_DELIVERED)
			worst = f;
	}
	return count ? worst : FATE_LOST;
}

static enum fate
follow(struct way *w, const struct node *n)
{
	uint8_t *seen = &w->seen[n->index];
	if (!n->kernel)
		return FATE_LOST;
	if (*seen)
		return *seen == 1 ? FATE_LOOP : (enum fate)(*seen - 2);
	*seen = 1;
	enum fate f = by_table(w, n);
	*seen = (uint8_t)(2 + f);
	return f;
}

enum fate
hosts_from_router(struct sim *s, const struct node *n, const struct ipaddr *to)
{
	struct way w = { .sim = s, .to = *to };
	return follow(&w, n);
}

/* By the switch: to whom it has learnt, else to all; then one copy that arrives is enough. */
enum fate
hosts_from_host(struct sim *s, const struct segment *g, const struct ipaddr *to)
{
	enum fate best = FATE_LOST;
	uint8_t mac[6];
	virtual_mac(g->hosts, mac);
	for (size_t i = 0; i < g->port_count; i++) {
		const struct port *p = g->ports[i];
		if ((g->hosts->learnt && g->hosts->learnt != p) || !hosts_on_air(p) ||
			!vdevs_receive(vkernel_devs(p->node->kernel), p->ifindex, mac))
			continue;
		enum fate f = hosts_from_router(s, p->node, to);
		if (f == FATE_DELIVERED || best == FATE_LOST)
			best = f;
	}
	return best;
}

/* --- verdicts ------------------------------------------------------------------------------------------ */

static bool
bad(const struct walk *w, enum fate f)
{
	return f == FATE_LOST || (f == FATE_LOOP && !w->loops);
}

static bool
verdict(struct sim *s, const char *from, unsigned which, const struct ipaddr *to, enum fate f)
{
	char a[IPADDR_STRLEN];
	return check_fail(s, "from %s %u to %s: %s", from, which, ipaddr_print(to, a), f == FATE_LOOP ? "a loop" : "lost");
}

/* What goes to hosts is judged from each router. */
static bool
of_hosts(const struct sim *s, const struct prefix *p)
{
	for (size_t i = 0; i < s->seg_count; i++)
		if (s->segs[i].hosts && p->len == s->segs[i].ports[0]->plen && prefix_contains_addr(p, &s->segs[i].hosts->gateway))
			return true;
	return false;
}

void
hosts_targets(const struct oracle *o, const struct node *from, struct targets *out)
{
	out->count = 0;
	for (size_t i = 0; i < oracle_prefixes(o) && out->count < TARGETS_MAX; i++) {
		struct oracle_route r;
		if (!oracle_route(o, from, i, &r) || r.direct || !r.route.prefix.len || of_hosts(from->sim, &r.route.prefix))
			continue;
		out->to[out->count++] = prefix_addr(&r.route.prefix);
	}
}

/* From the hosts to all that a router of theirs can reach. */
static bool
deliver_out(struct sim *s, const struct oracle *o, const struct walk *w, const struct segment *g)
{
	size_t count;
	const struct port *master = hosts_master(g, &count);
	for (size_t i = 0; !master && i < g->port_count; i++) /* a moment between two masters */
		if (hosts_on_air(g->ports[i]) && g->ports[i]->node->gate)
			master = g->ports[i];
	if (!master)
		return true;
	struct targets now;
	const struct targets *t = w->targets ? &w->targets[g - s->segs] : &now;
	if (!w->targets)
		hosts_targets(o, master->node, &now);
	for (size_t i = 0; i < t->count; i++) {
		enum fate f = hosts_from_host(s, g, &t->to[i]);
		s->checked++;
		if (bad(w, f))
			return verdict(s, "hosts of vrid", g->hosts->vrid, &t->to[i], f);
	}
	return true;
}

/* Its router hears the hosts and announces them. */
static bool
announces(const struct port *p)
{
	return hosts_on_air(p) && p->node->o && !(p->node->gate && (p->dead || p->withdraw));
}

/* A port that died before anybody was heard there: nothing tells its router, and it draws traffic. */
static bool
unknowable(const struct segment *g)
{
	for (size_t i = 0; i < g->port_count; i++) {
		const struct port *p = g->ports[i];
		if (p->up && p->node->o && (p->silent || p->seg->cut) && (!p->met || !p->node->gate))
			return true;
	}
	return false;
}

static bool
deliver_in(struct sim *s, const struct oracle *o, const struct walk *w, const struct segment *g)
{
	if (unknowable(g))
		return true;
	for (size_t i = 0; i < s->node_count; i++) {
		const struct node *n = &s->nodes[i];
		bool reaches = false;
		/* of who announces them: one that can be reached and has withdrawn them owes nothing for one that cannot */
		for (size_t k = 0; k < g->port_count && n->o; k++)
			reaches |= announces(g->ports[k]) && oracle_connected(o, n, g->ports[k]->node);
		if (!reaches || (w->came_in && !w->came_in[(size_t)(g - s->segs) * s->node_count + i]))
			continue;
		enum fate f = hosts_from_router(s, n, &g->hosts->hosts[0]);
		s->checked++;
		if (bad(w, f))
			return verdict(s, "router", n->index, &g->hosts->hosts[0], f);
	}
	return true;
}

bool
hosts_deliver(struct sim *s, const struct oracle *o, const struct walk *w)
{
	for (size_t i = 0; i < s->seg_count; i++) {
		const struct segment *g = &s->segs[i];
		if (!g->hosts || (w->only && w->only != g))
			continue;
		if ((w->out && !deliver_out(s, o, w, g)) || (w->in && !deliver_in(s, o, w, g)))
			return false;
	}
	return true;
}

bool
routers_deliver(struct sim *s, const struct oracle *o, const bool *reach, bool loops)
{
	for (size_t i = 0; i < oracle_prefixes(o); i++) {
		struct way way = { .sim = s, .to = prefix_addr(oracle_prefix(o, i)) };
		for (size_t k = 0; k < s->node_count; k++) {
			if (!reach[i * s->node_count + k] || !s->nodes[k].o)
				continue;
			enum fate f = follow(&way, &s->nodes[k]);
			s->checked++;
			if (f == FATE_LOST || (f == FATE_LOOP && !loops))
				return verdict(s, "router", (unsigned)k, &way.to, f);
		}
	}
	return true;
}

static bool
best_is_master(struct sim *s, const struct segment *g, const struct port *master)
{
	struct vrrp_view have, other;
	if (!gate_view(master->node, master, &have))
		return true;
	for (size_t i = 0; i < g->port_count; i++) {
		const struct port *p = g->ports[i];
		if (p == master || !hosts_on_air(p) || !gate_view(p->node, p, &other) || other.hold != VRRP_HOLD_NONE)
			continue;
		if (other.effective_priority > have.effective_priority)
			return check_fail(s, "vrid %u: r%u is master with priority %u, r%u has %u", g->hosts->vrid,
				master->node->index, have.effective_priority, p->node->index, other.effective_priority);
	}
	return true;
}

bool
check_gateways(struct sim *s)
{
	struct oracle *o = oracle_new(s);
	bool ok = !s->why[0];
	for (size_t i = 0; ok && i < s->seg_count; i++) {
		const struct segment *g = &s->segs[i];
		size_t count;
		const struct port *master = g->hosts ? hosts_master(g, &count) : NULL;
		bool any = false;
		for (size_t k = 0; g->hosts && k < g->port_count; k++)
			any |= hosts_on_air(g->ports[k]) && g->ports[k]->node->gate;
		if (!any)
			continue;
		ok = master && count == 1 ? best_is_master(s, g, master)
			: check_fail(s, "vrid %u: %zu routers hold its address", g->hosts->vrid, count);
	}
	ok = ok && hosts_deliver(s, o, &(struct walk){ .out = true, .in = true });
	oracle_free(o);
	return ok;
}

/* --- topology ------------------------------------------------------------------------------------------- */

static void
lan_add(struct sim *s, uint8_t number)
{
	static const unsigned intervals[] = { 20, 100, 100, 1000 };
	struct segment *g = &s->segs[s->seg_count++];
	struct hostlan *l = mem_zalloc(sizeof(*l));
	uint32_t net = 0x0a640000u + (number << 8), members = 2 + prng_below(&s->rng, 2), first;
	*g = (struct segment){ .kind = SEG_HOSTS, .delay = 50 + prng_below(&s->rng, 300), .hosts = l,
		.bfd = s->bfd && prng_below(&s->rng, 4) };
	l->vrid = (uint8_t)(number + 1);
	l->interval_ms = intervals[prng_below(&s->rng, 4)];
	l->backup_cost = prng_below(&s->rng, 2) ? 100 : 0;
	l->gateway = ipaddr_from_ip4(net + 254);
	l->host_count = 1 + prng_below(&s->rng, HOSTS_MAX);
	for (uint32_t i = 0; i < l->host_count; i++)
		l->hosts[i] = ipaddr_from_ip4(net + FIRST_HOST + i);
	if (members > s->node_count)
		members = (uint32_t)s->node_count;
	first = prng_below(&s->rng, (uint32_t)s->node_count);
	for (uint32_t i = 0; i < members; i++) {
		struct node *n = &s->nodes[(first + i) % s->node_count];
		struct port *p = node_add_port(n, PORT_STUB, g);
		p->addr = ipaddr_from_ip4(net + 1 + i);
		p->plen = 24;
		p->cost = 10;
		/* somebody who is no gateway here, if there is one */
		const struct node *far = &s->nodes[(first + members) % s->node_count];
		if (!n->tracked.afi && far != n)
			n->tracked = prefix_make(&far->ports[0].addr, 32);
	}
}

void
hosts_topology(struct sim *s)
{
	uint32_t count = 1 + prng_below(&s->rng, 2);
	for (uint8_t i = 0; i < count; i++)
		lan_add(s, i);
}
