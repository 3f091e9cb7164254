/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One router of the simulation: gives its core links, addresses, config and time, takes what it sends. */
#include "tests/sim/bfd.h"
#include "tests/sim/gate.h"
#include "tests/sim/hosts.h"
#include "tests/sim/rib.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

#define REPLAY_TIME (70 * TIME_SEC) /* after its start OSPF has all its routes again */

/* --- what the core wants ------------------------------------------------------------------------ */
static struct port *
port_of(struct node *n, uint32_t ifindex)
{
	for (size_t i = 0; i < n->port_count; i++)
		if (n->ports[i].ifindex == ifindex)
			return &n->ports[i];
	return NULL;
}

static void
want_send(void *arg, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	struct node *n = arg;
	struct port *p = port_of(n, ifindex);
	if (p && !n->mute)
		net_send(p, NET_OSPF, src, dst, bytes, len);
}

static void
want_membership(void *arg, uint32_t ifindex, const struct ipaddr *group, bool join)
{
	struct port *p = port_of(arg, ifindex);
	if (p && (ipaddr_to_ip4(group) & 0xff) == 6)
		p->in_all_d = join;
	else if (p)
		p->in_all_spf = join;
}

static void
want_routes(void *arg, const struct ospf_route_batch *b)
{
	struct node *n = arg;
	if (n->mute)
		return;
	fib_batch(n->fib, b);
	n->sim->moved++;
	n->last_change = n->sim->now;
	n->route_changes += b->count;
	if (n->rib)
		rib_batch(n->rib, b);
}

static void
want_bfd(void *arg, uint32_t ifindex, const struct ipaddr *local, const struct ipaddr *peer,
	const struct ospf_bfd_params *params, bool want)
{
	struct node *n = arg;
	(void)local, (void)params;
	if (!n->mute)
		vbfd_want(n, BFD_OSPF, ifindex, peer, want);
}

static void
all_installed(struct sim *s, struct event *e)
{
	if (!e->node->o || e->born != e->node->births)
		return;
	ospf_routes_installed(e->node->o, s->now);
	node_wake(e->node);
}

/* Its routes are in the kernel: zebra says so, or there is none and what is announced is what counts. */
void
node_installed(struct node *n, int64_t delay)
{
	struct event *e = event_new(n->sim, n->sim->now + delay, all_installed, NULL, 0);
	e->node = n;
	e->born = n->births;
	clock_push(n->sim, e);
}

static void
told(void *arg, const struct ospf_event *ev)
{
	struct node *n = arg;
	char id[IPADDR_STRLEN];
	if (ev->kind == OSPF_EV_READY && n->rib)
		rib_ready(n->rib, ev->new);
	else if (ev->kind == OSPF_EV_READY && ev->new && !n->sim->zebra)
		node_installed(n, 0);
	if (n->sim->trace)
		printf("  %.6f r%u event %u old %u new %u if %s nbr %s want %lld got %lld %s\n",
			(double)n->sim->now / 1e6, n->index, ev->kind, ev->old, ev->new,
			ev->ifname ? ev->ifname : "", ip4_print(ev->router_id, id),
			(long long)ev->want, (long long)ev->got, ev->text ? ev->text : "");
}

static const struct ospf_ops ops = { .send = want_send, .membership = want_membership,
	.routes = want_routes, .notify = told, .bfd_want = want_bfd };

/* --- time ------------------------------------------------------------------------------------------ */
static void
wake_due(struct sim *s, struct event *e)
{
	struct node *n = e->node;
	if (!n->o || n->births != e->born || n->wake != e->at)
		return;
	n->wake = TIME_NEVER;
	ospf_run_timers(n->o, s->now);
	node_wake(n);
}

void
node_wake(struct node *n)
{
	int64_t due = ospf_next_deadline(n->o);
	if (due >= n->wake)
		return;
	n->wake = due < n->sim->now ? n->sim->now : due;
	struct event *e = event_new(n->sim, n->wake, wake_due, NULL, 0);
	e->node = n;
	e->born = n->births;
	clock_push(n->sim, e);
}

/* --- the model, told to the core ------------------------------------------------------------------- */
static void
port_name(const struct port *p, char *buf, size_t size)
{
	snprintf(buf, size, "p%u", p->ifindex);
}

static void
segment_config(const struct segment *g, struct ospf_conf_iface *k)
{
	k->net_type = g->kind == SEG_P2P ? OSPF_NET_P2P : OSPF_NET_BROADCAST;
	k->auth = g->auth;
	if (g->auth == OSPF_AUTH_SIMPLE)
		snprintf(k->auth_key, sizeof(k->auth_key), "secret");
	else if (g->auth == OSPF_AUTH_MD5)
		ospf_conf_iface_add_key(k, 7, "very secret");
	if (g->fast)
		k->minimal_hellos = 4;
	k->bfd = g->bfd;
}

static struct ospf_config *
config_of(const struct node *n)
{
	struct ospf_config *c = ospf_config_new();
	c->router_id = n->router_id;
	c->maximum_paths = n->max_paths;
	c->max_metric_admin = n->stub_router;
	c->lfa = n->sim->lfa;
	c->max_metric_until_ready = n->sim->until_ready;
	for (size_t i = 0; i < n->port_count; i++) {
		const struct port *p = &n->ports[i];
		char name[32];
		port_name(p, name, sizeof(name));
		struct ospf_conf_iface *k = ospf_config_add_iface(c, name);
		k->area_set = true;
		k->cost = p->cost;
		k->priority = p->priority;
		if (p->kind == PORT_STUB)
			k->passive = OSPF_YES;
		else if (p->kind == PORT_SEGMENT)
			segment_config(p->seg, k);
	}
	for (unsigned s = 0; s < OSPF_SRC_COUNT; s++) {
		if (!n->redist[s].on)
			continue;
		struct ospf_conf_redist *k = ospf_config_add_redist(c, s);
		k->metric = n->redist[s].metric;
		k->metric_type = n->redist[s].type;
		k->tag = n->redist[s].tag;
		k->always = n->redist[s].always;
	}
	ospf_config_sort(c);
	return c;
}

static void
port_tell(struct node *n, const struct port *p)
{
	struct ospf_link l = { .ifindex = p->ifindex, .up = p->up, .multicast = true, .mtu = 1500,
		.loopback = p->kind == PORT_LOOPBACK };
	port_name(p, l.name, sizeof(l.name));
	ospf_link_changed(n->o, &l, n->sim->now);
}

void
node_reconfigure(struct node *n)
{
	if (!n->o)
		return;
	ospf_reconfigure(n->o, config_of(n), n->sim->now);
	node_wake(n);
}

bool
node_ext_active(const struct node *n, const struct ext *x)
{
	const struct ext_conf *c = &n->redist[x->source];
	return n->o && c->on && (x->present || c->always) && (!x->port || x->port->up);
}

void
node_ext_changed(struct node *n, struct ext *x)
{
	if (!n->o)
		return;
	struct ospf_redist_route row = { .source = x->source, .prefix = x->prefix,
		.withdraw = !x->present || (x->port && !x->port->up) };
	if (x->port) {
		row.ifindex = x->port->ifindex;
		row.gateway = x->gateway;
	}
	ospf_routes_redistributed(n->o, &row, 1, n->sim->now);
	node_wake(n);
}

void
node_port_changed(struct node *n, struct port *p)
{
	n->sim->moved++;
	if (!p->up)
		hosts_port_off(p);
	if (n->kernel && !p->up)
		vkernel_link_down(n->kernel, p->ifindex);
	if (n->rib)
		rib_link_changed(n->rib, p);
	if (!n->o)
		return;
	if (!n->sim->zebra)
		port_tell(n, p);
	for (size_t i = 0; i < n->ext_count; i++)
		if (n->exts[i].port == p)
			node_ext_changed(n, &n->exts[i]);
	node_wake(n);
}

/* --- life --------------------------------------------------------------------------------------------- */
struct node *
node_init(struct sim *s, uint32_t index)
{
	struct node *n = &s->nodes[index];
	*n = (struct node){ .sim = s, .index = index, .wake = TIME_NEVER, .max_paths = 64 };
	return n;
}

struct port *
node_add_port(struct node *n, uint8_t kind, struct segment *seg)
{
	struct port *p = &n->ports[n->port_count++];
	*p = (struct port){ .node = n, .seg = seg, .kind = kind, .up = true, .priority = 1,
		.ifindex = (uint32_t)n->port_count };
	if (seg)
		seg->ports[seg->port_count++] = p;
	return p;
}

static void
replay_over(struct sim *s, struct event *e)
{
	(void)s;
	if (e->node->rib && e->node->o && e->born == e->node->births)
		rib_replay_ended(e->node->rib);
}

/* OSPF connects to zebra, and says when it has converged. */
static void
zebra_join(struct node *n)
{
	struct event *e = event_new(n->sim, n->sim->now + REPLAY_TIME, replay_over, NULL, 0);
	e->node = n;
	e->born = n->births;
	clock_push(n->sim, e);
	if (n->rib)
		rib_client_open(n->rib);
}

void
node_ospf_start(struct node *n)
{
	int64_t now = n->sim->now;
	n->births++;
	n->mute = false;
	n->wake = TIME_NEVER;
	n->fib = fib_new();
	n->o = ospf_new(&ospf_v2, &ops, n, n->sim->seed ^ ((uint64_t)n->index << 32) ^ n->births, now);
	ospf_set_wallclock(n->o, 1700000000u + (uint32_t)(now / TIME_SEC), now);
	ospf_set_forwarding(n->o, n->kernel && vkernel_routes(n->kernel) > 0, now);
	ospf_reconfigure(n->o, config_of(n), now);
	if (n->sim->zebra)
		zebra_join(n);
	for (size_t i = 0; i < n->port_count && !n->sim->zebra; i++) {
		struct port *p = &n->ports[i];
		port_tell(n, p);
		ospf_address_changed(n->o, p->ifindex, &p->addr, p->plen, &(struct ipaddr){ 0 }, true, now);
	}
	for (size_t i = 0; i < n->ext_count; i++)
		if (n->exts[i].present)
			node_ext_changed(n, &n->exts[i]);
	node_wake(n);
}

void
node_ospf_kill(struct node *n)
{
	if (!n->o)
		return;
	n->mute = true;
	ospf_free(n->o);
	n->o = NULL;
	if (n->rib)
		rib_client_close(n->rib);
	vbfd_client_gone(n, BFD_OSPF);
	fib_free(n->fib);
	n->fib = NULL;
	for (size_t i = 0; i < n->port_count; i++)
		n->ports[i].in_all_spf = n->ports[i].in_all_d = false;
}

void
node_zebra_start(struct node *n)
{
	if (n->rib)
		return;
	rib_new(n, n->kernel);
	vbfd_replay(n);
	gate_connect(n);
	if (!n->o)
		return;
	rib_client_open(n->rib);
	rib_replay(n->rib);
	const char *lacks;
	rib_ready(n->rib, ospf_is_ready(n->o, &lacks));
}

void
node_zebra_kill(struct node *n)
{
	gate_disconnected(n);
	rib_free(n->rib);
	n->rib = NULL;
}

void
node_start(struct node *n)
{
	if (n->sim->zebra) {
		n->kernel = vkernel_new(n);
		rib_new(n, n->kernel);
	}
	if (n->sim->bfd)
		vbfd_start(n);
	node_ospf_start(n);
	gate_start(n);
}

void
node_gate_kill(struct node *n)
{
	gate_kill(n);
}

void
node_gate_start(struct node *n)
{
	if (n->o && n->sim->gateways)
		gate_start(n);
}

void
node_bfd_restart(struct node *n)
{
	vbfd_kill(n);
	vbfd_start(n);
}

void
node_kill(struct node *n)
{
	if (n->o)
		n->off_since = n->sim->now;
	n->sim->moved++;
	for (size_t i = 0; i < n->port_count; i++)
		hosts_port_off(&n->ports[i]);
	gate_power_off(n);
	vbfd_power_off(n);
	node_ospf_kill(n);
	node_zebra_kill(n);
	vkernel_free(n->kernel);
	n->kernel = NULL;
}

void
node_shutdown(struct node *n)
{
	if (!n->o)
		return;
	ospf_shutdown(n->o, n->sim->now);
	if (fib_count(n->fib))
		check_fail(n->sim, "r%u: shutdown left %zu routes", n->index, fib_count(n->fib));
	node_kill(n);
}
