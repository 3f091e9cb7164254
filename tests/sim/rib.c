/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zebra's core between a router's OSPF core and its virtual kernel. What runs over sockets in a router runs
 * over events here: IPC takes IPC_DELAY in either direction, the dplane's ring WRITE_DELAY.
 * Owns the zebra core, its timers, the client's groups; the kernel outlives it.
 */
#include "tests/sim/gate.h"

#include <string.h>

#include "lib/mem.h"
#include "lib/rtable.h"
#include "tests/sim/kernel_dev.h"
#include "tests/sim/rib.h"
#include "zebra/config.h"

#define IPC_DELAY   100
#define WRITE_DELAY 250
#define RING        256

struct group { /* a client's, by its legs */
	uint32_t id, refs;
	size_t count;
	struct ospf_leg legs[LEGS_MAX];
};

struct rib {
	struct node *node;
	struct vkernel *kernel;
	struct zebra *z;
	struct timers *timers;
	struct conf_object *conf;
	int64_t wake;
	bool working, writing, refused, dumping;
	uint32_t client, client_births; /* the incarnation of OSPF it speaks for */
	struct group *groups[512];
	size_t group_count;
	uint32_t next_group;
	struct rtable *announced; /* prefix -> struct group */
	struct dplane_op ring[RING];
	struct dplane_leg legs[RING][LEGS_MAX];
	size_t ring_count;
};

static void rib_wake(struct rib *r);

static struct event *
rib_event(struct rib *r, int64_t delay, void (*fn)(struct sim *, struct event *), const void *bytes,
	size_t len)
{
	struct sim *s = r->node->sim;
	struct event *e = event_new(s, s->now + delay, fn, bytes, len);
	e->node = r->node;
	e->born = r->node->zebra_births;
	return e;
}

static struct rib *
rib_of(const struct event *e)
{
	return e->node->rib && e->born == e->node->zebra_births ? e->node->rib : NULL;
}

/* With --trace: what is written, and the kernel's answer. */
static void
trace_write(const struct rib *r, const struct dplane_op *op, int err)
{
	static const char *const names[DPLANE_KINDS] = { "nop", "nexthop", "group", "nexthop-del", "route",
		"route-del", "addr", "addr-del", "link-up", "link-down", "link-mtu", "vlink", "link-mac", "link-silent",
		"link-quiet", "link-loud", "link-del", "link-doom", "links-del" };
	char text[200] = "", a[PREFIX_STRLEN];
	if (op->kind == DPLANE_ROUTE || op->kind == DPLANE_ROUTE_DEL)
		prefix_print(&op->u.route.prefix, text);
	else if (op->kind == DPLANE_NEXTHOP)
		snprintf(text, sizeof(text), "p%u/%s", op->u.nexthop.oif,
			ipaddr_print(&op->u.nexthop.gateway, a));
	for (unsigned i = 0; op->kind == DPLANE_GROUP && i < op->u.group.count && i < 12; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%u ", op->u.group.legs[i].id);
	printf("  %.6f r%u kernel: %s %s id %u keep %u: %d\n", (double)r->node->sim->now / 1e6, r->node->index,
		names[op->kind], text, op->id, op->keep, err);
}

/* --- zebra's ops --------------------------------------------------------------------------------------- */
/*
 * dplane.h's order: next hops and groups overtake routes, unless they name an id whose deletion is queued
 * before them, or one that waits for such.
 */
static bool
overtakes(const struct dplane_op *ops, const bool *late, size_t i)
{
	if (ops[i].kind != DPLANE_NEXTHOP && ops[i].kind != DPLANE_GROUP)
		return false;
	for (size_t k = 0; k < i; k++) {
		if (!late[k] || (ops[k].kind != DPLANE_NEXTHOP_DEL && ops[k].kind != DPLANE_NEXTHOP &&
			ops[k].kind != DPLANE_GROUP))
			continue;
		if (ops[k].id == ops[i].id)
			return false;
		for (unsigned l = 0; ops[i].kind == DPLANE_GROUP && l < ops[i].u.group.count; l++)
			if (ops[i].u.group.legs[l].id == ops[k].id)
				return false;
	}
	return true;
}

struct kernel_news { /* of a device or an address that zebra wrote */
	uint8_t kind;
	bool gone;
	struct kernel_link link;
	struct kernel_addr addr;
};

static void
kernel_told(struct sim *s, struct event *e)
{
	struct rib *r = rib_of(e);
	struct kernel_news m;
	memcpy(&m, e->bytes, sizeof(m));
	if (!r)
		return;
	zebra_kernel_changed(r->z, m.kind, m.kind == KERNEL_LINK ? (void *)&m.link : (void *)&m.addr, m.gone, s->now);
	rib_wake(r);
}

/* Its own writes of links and addresses come back as events; those of next hops and routes do not. */
static void
kernel_event(struct rib *r, const struct dplane_op *op)
{
	struct vdevs *d = vkernel_devs(r->kernel);
	struct kernel_news m = { .kind = KERNEL_LINK };
	if (op->kind < DPLANE_ADDR || op->kind == DPLANE_LINK_SILENT || op->kind == DPLANE_LINK_QUIET ||
		op->kind == DPLANE_LINK_LOUD || op->kind == DPLANE_LINK_DOOM)
		return;
	if (op->kind == DPLANE_ADDR || op->kind == DPLANE_ADDR_DEL) {
		m.kind = KERNEL_ADDR;
		m.gone = op->kind == DPLANE_ADDR_DEL;
		m.addr = vdev_addr(&(struct vaddr_entry){ op->u.addr.ifindex, op->u.addr.local, op->u.addr.prefixlen,
			op->u.addr.proto });
		clock_push(r->node->sim, rib_event(r, IPC_DELAY, kernel_told, &m, sizeof(m)));
		return;
	}
	for (size_t i = 0; i < d->changed_count; i++) {
		const struct vdev *v = vdev_find(d, d->changed[i]);
		m.gone = !v;
		m.link.ifindex = d->changed[i];
		if (v)
			m.link = vdev_link(d, v);
		clock_push(r->node->sim, rib_event(r, IPC_DELAY, kernel_told, &m, sizeof(m)));
	}
}

static void
ring_due(struct sim *s, struct event *e)
{
	struct rib *r = rib_of(e);
	if (!r)
		return;
	size_t n = r->ring_count;
	struct dplane_op *ops = mem_dup(r->ring, n * sizeof(*ops));
	struct dplane_leg(*legs)[LEGS_MAX] = mem_dup(r->legs, n * sizeof(*legs));
	bool *late = mem_array(n, sizeof(*late));
	r->ring_count = 0;
	r->writing = false;
	for (size_t i = 0; i < n; i++) {
		if (ops[i].kind == DPLANE_GROUP)
			ops[i].u.group.legs = legs[i];
		late[i] = !overtakes(ops, late, i);
	}
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < n; i++) {
			if (late[i] != (bool)turn)
				continue;
			int err = vkernel_apply(r->kernel, &ops[i]);
			if (s->trace)
				trace_write(r, &ops[i], err);
			if (!err)
				kernel_event(r, &ops[i]);
			zebra_dplane_done(r->z, &ops[i], err, s->now);
		}
	mem_free(ops);
	mem_free(legs);
	mem_free(late);
	if (r->refused) {
		r->refused = false;
		zebra_dplane_writable(r->z, s->now);
	}
	rib_wake(r);
}

static bool
want_write(void *arg, const struct dplane_op *op)
{
	struct rib *r = arg;
	if (r->ring_count == RING) {
		r->refused = true;
		return false;
	}
	size_t i = r->ring_count++;
	r->ring[i] = *op;
	if (op->kind == DPLANE_GROUP) {
		if (op->u.group.count > LEGS_MAX)
			return check_fail(r->node->sim, "r%u: a group of %u legs", r->node->index,
				op->u.group.count);
		memcpy(r->legs[i], op->u.group.legs, op->u.group.count * sizeof(struct dplane_leg));
	}
	if (!r->writing)
		clock_push(r->node->sim, rib_event(r, WRITE_DELAY, ring_due, NULL, 0));
	r->writing = true;
	return true;
}

/* To OSPF: the message waits in its socket for a moment. */
static void
link_arrives(struct sim *s, struct event *e)
{
	struct ospf_link l;
	memcpy(&l, e->bytes, sizeof(l));
	if (!e->node->o || e->born != e->node->births)
		return;
	ospf_link_changed(e->node->o, &l, s->now);
	node_wake(e->node);
}

static void
want_interface(void *arg, uint32_t client, const struct zebra_interface *i, bool gone)
{
	struct rib *r = arg;
	struct ospf_link l;
	if (gate_client(r->node) && (!client || client == gate_client(r->node)))
		gate_interface(r->node, i, gone);
	if (!r->client || (client && client != r->client))
		return;
	memset(&l, 0, sizeof(l));
	l.ifindex = i->ifindex;
	l.up = !gone && i->admin_up && i->operative;
	l.gone = gone;
	l.loopback = i->loopback;
	l.multicast = i->multicast;
	l.mtu = i->mtu;
	snprintf(l.name, sizeof(l.name), "%s", i->name);
	struct event *e = rib_event(r, IPC_DELAY, link_arrives, &l, sizeof(l));
	e->born = r->client_births;
	clock_push(r->node->sim, e);
}

struct addr_msg {
	struct zebra_address a;
	bool gone;
};

static void
addr_arrives(struct sim *s, struct event *e)
{
	struct addr_msg m;
	memcpy(&m, e->bytes, sizeof(m));
	if (!e->node->o || e->born != e->node->births)
		return;
	ospf_address_changed(e->node->o, m.a.ifindex, &m.a.local, m.a.prefixlen, &m.a.peer, !m.gone, s->now);
	node_wake(e->node);
}

static void
want_address(void *arg, uint32_t client, const struct zebra_address *a, bool gone)
{
	struct rib *r = arg;
	struct addr_msg m;
	if (gate_client(r->node) && (!client || client == gate_client(r->node)))
		gate_address(r->node, a, gone);
	if (!r->client || (client && client != r->client))
		return;
	memset(&m, 0, sizeof(m));
	m.a = *a;
	m.gone = gone;
	struct event *e = rib_event(r, IPC_DELAY, addr_arrives, &m, sizeof(m));
	e->born = r->client_births;
	clock_push(r->node->sim, e);
}

static void
lan_arrives(struct sim *s, struct event *e)
{
	struct zebra_lan l;
	memcpy(&l, e->bytes, sizeof(l));
	if (!e->node->o || e->born != e->node->births)
		return;
	struct ospf_lan lan = { .role = l.role, .dead = l.dead, .withdraw = l.withdraw, .added_cost = l.added_cost };
	ospf_lan_changed(e->node->o, l.ifindex, &lan, s->now);
	node_wake(e->node);
}

static void
want_lan(void *arg, uint32_t client, const struct zebra_lan *l)
{
	struct rib *r = arg;
	if (!r->client || (client && client != r->client))
		return;
	struct event *e = rib_event(r, IPC_DELAY, lan_arrives, l, sizeof(*l));
	e->born = r->client_births;
	clock_push(r->node->sim, e);
}

static void
want_vlink(void *arg, uint32_t client, const struct zebra_vlink_state *v)
{
	struct rib *r = arg;
	if (client == gate_client(r->node))
		gate_vlink(r->node, v);
}

static void
want_ready(void *arg, uint32_t client, bool ready, const char *waiting_for)
{
	struct rib *r = arg;
	if (r->node->sim->trace)
		printf("  %.6f r%u ready %d %s\n", (double)r->node->sim->now / 1e6, r->node->index, ready, waiting_for);
	if (ready && r->client && (!client || client == r->client))
		node_installed(r->node, IPC_DELAY);
	if (gate_client(r->node) && (!client || client == gate_client(r->node)))
		gate_ready(r->node, ready);
}

static void
want_track(void *arg, uint32_t client, const struct zebra_track *t)
{
	struct rib *r = arg;
	if (client == gate_client(r->node))
		gate_track(r->node, t);
}

static void
work_due(struct sim *s, struct event *e)
{
	struct rib *r = rib_of(e);
	if (!r)
		return;
	r->working = false;
	if (zebra_run(r->z, s->now)) {
		r->working = true;
		clock_push(s, rib_event(r, 50, work_due, NULL, 0));
	}
	rib_wake(r);
}

static void
want_work(void *arg)
{
	struct rib *r = arg;
	if (r->working)
		return;
	r->working = true;
	clock_push(r->node->sim, rib_event(r, 0, work_due, NULL, 0));
}

static void
want_log(void *arg, const char *event, const char *text)
{
	struct rib *r = arg;
	if (r->node->sim->trace)
		printf("  %.6f r%u %s %s\n", (double)r->node->sim->now / 1e6, r->node->index, event, text);
}

static void want_router_id(void *arg, uint32_t client, uint32_t id) { (void)arg, (void)client, (void)id; }
static void want_redist(void *arg, uint32_t client, const struct zebra_redistributed *x)
{
	(void)arg, (void)client, (void)x;
}
static void want_nht(void *arg, uint32_t client, const struct zebra_nht *x) { (void)arg, (void)client, (void)x; }
static void want_results(void *arg, uint32_t client, const struct zebra_results *x)
{
	(void)arg, (void)client, (void)x;
}
static void want_vlink_made(void *arg, const char *name, const char *parent) { (void)arg, (void)name, (void)parent; }
static void want_vlink_parent_free(void *arg, const char *parent) { (void)arg, (void)parent; }
static void want_filter(void *arg, const struct ipaddr *a, bool drop) { (void)arg, (void)a, (void)drop; }
static void want_bfd(void *arg, uint32_t id, const struct bfdclient_want *w) { (void)arg, (void)id, (void)w; }
static void
want_event(void *arg, enum zebra_event kind, const char *name, const char *object, int64_t at, const char *text)
{
	char line[256];
	(void)kind, (void)at;
	snprintf(line, sizeof(line), "%s: %s", object, text);
	want_log(arg, name, line);
}
static void want_resync(void *arg, enum kernel_kind kind) { (void)arg, (void)kind; }
static void want_forwarding(void *arg, uint8_t afi, bool on) { (void)arg, (void)afi, (void)on; }

static const struct zebra_ops ops = { .write = want_write, .interface = want_interface,
	.address = want_address, .router_id = want_router_id, .redistributed = want_redist,
	.nht = want_nht, .results = want_results, .vlink = want_vlink,
	.vlink_made = want_vlink_made, .vlink_parent_free = want_vlink_parent_free, .filter = want_filter,
	.lan = want_lan, .ready = want_ready, .track = want_track, .bfd_want = want_bfd, .event = want_event,
	.resync = want_resync, .forwarding = want_forwarding,
	.work = want_work, .log = want_log };

/* --- time ------------------------------------------------------------------------------------------------ */
static void
wake_due(struct sim *s, struct event *e)
{
	struct rib *r = rib_of(e);
	if (!r || r->wake != e->at)
		return;
	r->wake = TIME_NEVER;
	timers_run(r->timers, s->now, 1000);
	rib_wake(r);
}

static void
rib_wake(struct rib *r)
{
	int64_t due = timers_next(r->timers), now = r->node->sim->now;
	if (due >= r->wake)
		return;
	r->wake = due < now ? now : due;
	clock_push(r->node->sim, rib_event(r, r->wake - now, wake_due, NULL, 0));
}

/* --- life -------------------------------------------------------------------------------------------------- */
static void
dump(struct rib *r)
{
	int64_t now = r->node->sim->now;
	for (unsigned kind = KERNEL_LINK; kind < KERNEL_KINDS; kind++) {
		zebra_kernel_resync(r->z, kind, true, now);
		for (size_t i = 0; i < r->node->port_count && kind <= KERNEL_ADDR; i++) {
			struct kernel_link l = vkernel_link(&r->node->ports[i]);
			struct kernel_addr a = vkernel_addr(&r->node->ports[i]);
			zebra_kernel_changed(r->z, kind, kind == KERNEL_LINK ? (void *)&l : (void *)&a, false, now);
		}
		const struct vdevs *d = vkernel_devs(r->kernel);
		for (size_t i = 0; i < d->count && kind == KERNEL_LINK; i++) {
			struct kernel_link l = vdev_link(d, &d->devs[i]);
			zebra_kernel_changed(r->z, kind, &l, false, now);
		}
		for (size_t i = 0; i < d->addr_count && kind == KERNEL_ADDR; i++) {
			struct kernel_addr a = vdev_addr(&d->addrs[i]);
			zebra_kernel_changed(r->z, kind, &a, false, now);
		}
		struct kernel_nexthop nh;
		for (size_t at = 0; kind == KERNEL_NEXTHOP && vkernel_nexthop(r->kernel, &at, &nh);)
			zebra_kernel_changed(r->z, kind, &nh, false, now);
		struct kernel_route route;
		for (struct prefix at = { 0 }; kind == KERNEL_ROUTE && vkernel_route(r->kernel, &at, &route);)
			zebra_kernel_changed(r->z, kind, &route, false, now);
		zebra_kernel_resync(r->z, kind, false, now);
	}
}

/* Gateways track a route to somebody far away. */
static void
configure(struct rib *r)
{
	char prefix[PREFIX_STRLEN];
	const struct node *n = r->node;
	struct conf_edit edit = { CONF_OP_SET, "/grevy-track:tracks/track[id='1']/ipv4-route", prefix };
	struct conf_error err;
	if (!n->tracked.afi)
		return;
	prefix_print(&n->tracked, prefix);
	struct conf_object *fresh = conf_new(&zconf_root_class);
	r->conf = conf_edit(fresh, &edit, 1, &err);
	conf_unref(fresh);
	if (!r->conf || !conf_check(NULL, r->conf, &err))
		check_fail(n->sim, "config refused: %s %s", err.path, err.message);
	else
		zebra_reconfigure(r->z, NULL, r->conf, n->sim->now);
}

struct zebra *
rib_core(struct rib *r)
{
	return r->z;
}

void
rib_turn_end(struct rib *r)
{
	rib_wake(r);
}

struct rib *
rib_new(struct node *n, struct vkernel *k)
{
	struct rib *r = mem_zalloc(sizeof(*r));
	r->node = n;
	r->kernel = k;
	r->timers = timers_new();
	r->wake = TIME_NEVER;
	r->announced = rtable_new(AFI_IP4);
	n->zebra_births++;
	n->rib = r;
	r->z = zebra_new(&ops, r, r->timers, n->sim->seed + n->index);
	zebra_keeper_known(r->z, AFI_IP4);
	configure(r);
	dump(r);
	rib_wake(r);
	return r;
}

static void
groups_forget(struct rib *r)
{
	for (size_t i = 0; i < r->group_count; i++)
		mem_free(r->groups[i]);
	r->group_count = 0;
	rtable_free(r->announced);
	r->announced = rtable_new(AFI_IP4);
}

void
rib_free(struct rib *r)
{
	if (!r)
		return;
	groups_forget(r);
	rtable_free(r->announced);
	zebra_free(r->z);
	conf_unref(r->conf);
	timers_free(r->timers);
	mem_free(r);
}

void
rib_link_changed(struct rib *r, const struct port *p)
{
	struct kernel_link l = vkernel_link(p);
	zebra_kernel_changed(r->z, KERNEL_LINK, &l, false, r->node->sim->now);
	const struct vdevs *d = vkernel_devs(r->kernel);
	for (size_t i = 0; i < d->count; i++)
		if (d->devs[i].parent == p->ifindex) {
			l = vdev_link(d, &d->devs[i]);
			zebra_kernel_changed(r->z, KERNEL_LINK, &l, false, r->node->sim->now);
		}
	rib_wake(r);
}

void
rib_bfd_changed(struct rib *r, const struct bfdclient_state *s)
{
	zebra_bfd_changed(r->z, s, r->node->sim->now);
	rib_wake(r);
}

/* --- OSPF as a client ------------------------------------------------------------------------------------ */
void
rib_client_open(struct rib *r)
{
	struct zebra_hello h = { .protocol = "ospf", .grace_seconds = 120 };
	const char *error = "";
	int64_t now = r->node->sim->now;
	r->client = zebra_client_opened(r->z, &h, &error, now);
	r->client_births = r->node->births;
	if (!r->client)
		check_fail(r->node->sim, "r%u: zebra refused OSPF: %s", r->node->index, error);
	zebra_client_sync(r->z, r->client, now);
	rib_wake(r);
}

void
rib_client_close(struct rib *r)
{
	if (!r->client)
		return;
	zebra_client_closed(r->z, r->client, r->node->sim->now);
	r->client = 0;
	groups_forget(r);
	rib_wake(r);
}

void
rib_replay_ended(struct rib *r)
{
	if (r->client)
		zebra_replay_ended(r->z, r->client, r->node->sim->now);
	rib_wake(r);
}

static struct group *
group_get(struct rib *r, const struct ospf_leg *legs, size_t count)
{
	struct zebra_leg out[LEGS_MAX];
	for (size_t i = 0; i < r->group_count; i++)
		if (r->groups[i]->count == count && !memcmp(r->groups[i]->legs, legs, count * sizeof(*legs)))
			return r->groups[i];
	if (r->group_count == 512 || count > LEGS_MAX) {
		check_fail(r->node->sim, "r%u: too many groups", r->node->index);
		return r->groups[0];
	}
	struct group *g = mem_zalloc(sizeof(*g));
	g->id = ++r->next_group;
	g->count = count;
	memcpy(g->legs, legs, count * sizeof(*legs));
	memset(out, 0, sizeof(out));
	for (size_t i = 0; i < count; i++) {
		out[i].gateway = legs[i].gateway;
		out[i].ifindex = legs[i].ifindex;
		out[i].onlink = legs[i].onlink;
		out[i].backup_rank = legs[i].backup_rank;
		out[i].weight = 1;
	}
	r->groups[r->group_count++] = g;
	if (!zebra_group_changed(r->z, r->client, g->id, out, count, r->node->sim->now))
		check_fail(r->node->sim, "r%u: zebra refused a group", r->node->index);
	return g;
}

static void
group_put(struct rib *r, struct group *g)
{
	if (!g || --g->refs)
		return;
	zebra_group_deleted(r->z, r->client, g->id, r->node->sim->now);
	for (size_t i = 0; i < r->group_count; i++)
		if (r->groups[i] == g)
			r->groups[i] = r->groups[--r->group_count];
	mem_free(g);
}

static void
route_tell(struct rib *r, const struct ospf_route *route, const struct ospf_leg *legs, size_t count)
{
	uint8_t packed[17];
	struct zebra_batch b = { .withdraw = !count, .afi = AFI_IP4, .distance = route->distance,
		.kind = route->path_type, .metric = route->metric, .tag = route->tag, .prefixes = packed };
	b.len = prefix_pack(&route->prefix, packed);
	void **slot = count ? rtable_insert(r->announced, &route->prefix, NULL)
		: rtable_find(r->announced, &route->prefix);
	struct group *old = slot ? *slot : NULL, *new = NULL;
	if (count) {
		new = group_get(r, legs, count);
		new->refs++;
		b.group = new->id;
		*slot = new;
	} else if (slot) {
		rtable_remove(r->announced, &route->prefix);
	}
	if (!zebra_routes_changed(r->z, r->client, &b, r->node->sim->now))
		check_fail(r->node->sim, "r%u: zebra refused a route", r->node->index);
	group_put(r, old);
}

void
rib_replay(struct rib *r)
{
	for (const struct fib_entry *e = fib_next(r->node->fib, NULL); e;
		e = fib_next(r->node->fib, &e->route.prefix))
		route_tell(r, &e->route, e->legs, e->leg_count);
	rib_replay_ended(r);
}

struct batch_msg {
	size_t leg_count, count;
	struct ospf_leg legs[LEGS_MAX];
};

static void
batch_arrives(struct sim *s, struct event *e)
{
	struct rib *r = rib_of(e);
	struct batch_msg m;
	struct ospf_route route;
	(void)s;
	memcpy(&m, e->bytes, sizeof(m));
	/* the connection may have gone meanwhile: what was in it is lost */
	if (!r || !r->client || r->client_births != (uint32_t)e->src.b[0])
		return;
	for (size_t i = 0; i < m.count; i++) {
		memcpy(&route, e->bytes + sizeof(m) + i * sizeof(route), sizeof(route));
		route_tell(r, &route, m.legs, m.leg_count);
	}
	rib_wake(r);
}

void
rib_batch(struct rib *r, const struct ospf_route_batch *b)
{
	size_t len = sizeof(struct batch_msg) + b->count * sizeof(*b->routes);
	uint8_t *bytes = mem_zalloc(len);
	struct batch_msg m = { .leg_count = b->leg_count, .count = b->count };
	if (b->leg_count)
		memcpy(m.legs, b->legs, b->leg_count * sizeof(*b->legs));
	memcpy(bytes, &m, sizeof(m));
	memcpy(bytes + sizeof(m), b->routes, b->count * sizeof(*b->routes));
	struct event *e = rib_event(r, IPC_DELAY, batch_arrives, bytes, len);
	e->src.b[0] = (uint8_t)r->node->births;
	clock_push(r->node->sim, e);
	mem_free(bytes);
}

static void
ready_arrives(struct sim *s, struct event *e)
{
	struct rib *r = rib_of(e);
	if (!r || !r->client || r->client_births != (uint32_t)e->src.b[0])
		return;
	zebra_client_ready(r->z, r->client, e->bytes[0], "OSPF", s->now);
	rib_wake(r);
}

/* Behind the batches that were sent before it. */
void
rib_ready(struct rib *r, bool ready)
{
	uint8_t octet = ready;
	struct event *e = rib_event(r, IPC_DELAY, ready_arrives, &octet, 1);
	e->src.b[0] = (uint8_t)r->node->births;
	clock_push(r->node->sim, e);
}
