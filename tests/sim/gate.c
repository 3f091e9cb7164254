/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrpd's core in a router of the simulation, as vrrpd/zebra.c wires it: a client of zebra (virtual links, addresses,
 * roles of LANs; interfaces, readiness, track objects) and of bfdd. Each message takes IPC_DELAY. What it has asked
 * zebra for is said again to a new zebra, and behind that, when all its links are answered, the replay ends.
 */
#include "tests/sim/gate.h"

#include <string.h>

#include "lib/conf.h"
#include "lib/mem.h"
#include "tests/sim/bfd.h"
#include "tests/sim/hosts.h"
#include "tests/sim/rib.h"
#include "vrrpd/config.h"
#include "vrrpd/read.h"

#define IPC_DELAY  100
#define WISHES_MAX 4 /* LANs of a router, and so its links, addresses and roles */
#define SETTLE_MAX (2 * TIME_SEC)

struct gate_file { /* <run-dir>/vrrpd.state and vrrpd.lans */
	size_t count, lan_count;
	struct vrrp_record records[WISHES_MAX];
	struct vrrp_lan_record lans[WISHES_MAX];
};

struct link_wish {
	struct zebra_vlink v;
	char name[16];
	bool on, answered;
};
struct address_wish {
	struct zebra_vaddress a;
	bool on;
};
struct vgate {
	struct node *node;
	struct vrrp *v;
	struct timers *timers;
	struct conf_object *conf;
	int64_t wake;
	uint32_t client, client_births; /* of zebra */
	bool synced, replay_due;
	struct link_wish links[WISHES_MAX];
	struct address_wish addresses[WISHES_MAX];
	struct zebra_lan lans[WISHES_MAX];
};

static void gate_wake(struct vgate *g);

static struct vgate *
gate_of(const struct event *e)
{
	return e->node->gate && e->born == e->node->gate_births ? e->node->gate : NULL;
}

static void
later(struct vgate *g, int64_t delay, void (*fn)(struct sim *, struct event *), const void *bytes, size_t len)
{
	struct sim *s = g->node->sim;
	struct event *e = event_new(s, s->now + delay, fn, bytes, len);
	e->node = g->node;
	e->born = g->node->gate_births;
	clock_push(s, e);
}

/* A slot for what belongs to that interface. */
static size_t
slot_of(const struct vgate *g, uint32_t ifindex)
{
	size_t at = 0;
	for (size_t i = 0; i < g->node->port_count; i++) {
		const struct port *p = &g->node->ports[i];
		if (!p->seg || !p->seg->hosts)
			continue;
		if (p->ifindex == ifindex)
			return at;
		at++;
	}
	return WISHES_MAX - 1;
}

static struct port *
port_of(struct node *n, uint32_t ifindex)
{
	return ifindex >= 1 && ifindex <= n->port_count ? &n->ports[ifindex - 1] : NULL;
}

/* --- to zebra -------------------------------------------------------------------------------------- */

enum { TO_LINK, TO_ADDRESS, TO_LAN };
struct to_zebra {
	uint8_t kind;
	bool want;
	uint32_t zebra_births;
	char name[16];
	struct zebra_vlink link;
	struct zebra_vaddress address;
	struct zebra_lan lan;
};

static void
zebra_asked(struct sim *s, struct event *e)
{
	struct node *n = e->node;
	struct to_zebra m;
	memcpy(&m, e->bytes, sizeof(m));
	struct vgate *g = gate_of(e);
	if (!g || !n->rib || !g->client || n->zebra_births != m.zebra_births)
		return;
	struct zebra *z = rib_core(n->rib);
	bool ok = true;
	m.link.name = m.name;
	if (m.kind == TO_LINK && m.want)
		ok = zebra_vlink_wanted(z, g->client, &m.link, s->now);
	else if (m.kind == TO_LINK)
		zebra_vlink_unwanted(z, g->client, m.link.id, s->now);
	else if (m.kind == TO_ADDRESS && m.want)
		ok = zebra_vaddress_wanted(z, g->client, &m.address, s->now);
	else if (m.kind == TO_ADDRESS)
		zebra_vaddress_unwanted(z, g->client, m.address.id, s->now);
	else
		ok = zebra_lan_changed(z, g->client, &m.lan, s->now);
	if (!ok)
		check_fail(s, "r%u: zebra refused what vrrpd wants (%u)", n->index, m.kind);
	rib_turn_end(n->rib);
}

static void
ask(struct vgate *g, struct to_zebra *m)
{
	m->zebra_births = g->node->zebra_births;
	if (g->client)
		later(g, IPC_DELAY, zebra_asked, m, sizeof(*m));
}

static void
ask_link(struct vgate *g, const struct link_wish *w)
{
	struct to_zebra m = { .kind = TO_LINK, .want = w->on, .link = w->v };
	memcpy(m.name, w->name, sizeof(m.name));
	ask(g, &m);
}

static void
ask_address(struct vgate *g, const struct address_wish *w)
{
	ask(g, &(struct to_zebra){ .kind = TO_ADDRESS, .want = w->on, .address = w->a });
}

/* --- what the core wants ------------------------------------------------------------------------------ */

static void
want_send(void *arg, const struct vrrp_tx *tx)
{
	struct vgate *g = arg;
	struct port *p = port_of(g->node, tx->key.ifindex);
	if (!p)
		return;
	if (tx->virtual_mac)
		hosts_frame_from(p, tx->mac);
	net_send(p, NET_VRRP, &tx->src, &tx->dst, tx->bytes, tx->len);
}

static void
want_frame(void *arg, uint32_t ifindex, const uint8_t *bytes, size_t len)
{
	struct vgate *g = arg;
	struct port *p = port_of(g->node, ifindex);
	if (p && len >= 42)
		hosts_frame(p, bytes, len);
}

static void
want_membership(void *arg, uint32_t ifindex, uint8_t afi, bool join)
{
	(void)arg, (void)ifindex, (void)afi, (void)join;
}

static void
want_vlink(void *arg, const struct vrrp_vlink_want *w)
{
	struct vgate *g = arg;
	struct link_wish *k = &g->links[slot_of(g, w->key.ifindex)];
	if (w->key.afi != AFI_IP4 || (!w->want && !k->on))
		return;
	k->answered &= k->on;
	k->on = w->want;
	k->v = (struct zebra_vlink){ .id = w->key.ifindex << 9 | w->key.vrid, .parent = w->key.ifindex, .linger = w->linger };
	memcpy(k->v.mac, w->mac, sizeof(w->mac));
	snprintf(k->name, sizeof(k->name), "vrrp4-%u-%u", w->key.ifindex, w->key.vrid);
	ask_link(g, k);
}

static void
want_address(void *arg, const struct vrrp_address_want *w)
{
	struct vgate *g = arg;
	struct address_wish *k = &g->addresses[slot_of(g, w->key.ifindex)];
	if (!w->want && !k->on)
		return;
	k->on = w->want;
	k->a = (struct zebra_vaddress){ .id = w->key.ifindex << 8 | w->key.vrid, .ifindex = w->key.ifindex,
		.vlink = w->virtual_mac ? w->key.ifindex << 9 | w->key.vrid : 0, .address = w->address,
		.len = w->prefix_len, .accept = w->accept, .linger = w->linger };
	ask_address(g, k);
}

static void
want_lan(void *arg, const struct vrrp_lan *l)
{
	struct vgate *g = arg;
	struct port *p = port_of(g->node, l->ifindex);
	struct zebra_lan *k = &g->lans[slot_of(g, l->ifindex)];
	*k = (struct zebra_lan){ .ifindex = l->ifindex, .role = l->role, .dead = l->dead, .withdraw = l->withdraw,
		.added_cost = l->added_cost };
	if (p) {
		p->dead = l->dead;
		p->withdraw = l->withdraw;
		p->added_cost = l->added_cost;
	}
	ask(g, &(struct to_zebra){ .kind = TO_LAN, .lan = *k });
}

static void
want_bfd(void *arg, const struct vrrp_bfd_want *w)
{
	struct vgate *g = arg;
	vbfd_want(g->node, BFD_VRRP, w->ifindex, &w->peer, w->want);
}

static void
changed(void *arg, const struct vrrp_change *c)
{
	struct vgate *g = arg;
	if (g->node->sim->trace)
		printf("  %.6f r%u vrid %u on p%u: %s -> %s (%s) priority %u\n", (double)g->node->sim->now / 1e6,
			g->node->index, c->key.vrid, c->key.ifindex, vrrp_state_name(c->old_state),
			vrrp_state_name(c->new_state), vrrp_reason_name(c->reason), c->priority);
}

static void
checkpoint(void *arg, const struct vrrp_key *key, const struct vrrp_record *r)
{
	struct vgate *g = arg;
	struct gate_file *f = g->node->gate_file;
	size_t i = 0;
	while (i < f->count && memcmp(&f->records[i].key, key, sizeof(*key)))
		i++;
	if (r && i < WISHES_MAX) {
		f->records[i] = *r;
		f->count += i == f->count;
	} else if (!r && i < f->count) {
		f->records[i] = f->records[--f->count];
	}
}

static void
lan_checkpoint(void *arg, const struct vrrp_lan_record *r)
{
	struct vgate *g = arg;
	struct gate_file *f = g->node->gate_file;
	size_t i = 0;
	while (i < f->lan_count && strcmp(f->lans[i].ifname, r->ifname))
		i++;
	if (i < WISHES_MAX) {
		f->lans[i] = *r;
		f->lan_count += i == f->lan_count;
	}
}

static void
logged(void *arg, const struct vrrp_log *l)
{
	struct vgate *g = arg;
	if (g->node->sim->trace)
		printf("  %.6f r%u vrrp log kind %u on %d reason %u %s\n", (double)g->node->sim->now / 1e6, g->node->index,
			l->kind, l->on, l->reason, l->text);
}

static const struct vrrp_ops ops = { .send = want_send, .send_frame = want_frame, .membership = want_membership,
	.vlink = want_vlink, .address = want_address, .lan = want_lan, .bfd = want_bfd, .changed = changed,
	.checkpoint = checkpoint, .lan_checkpoint = lan_checkpoint, .log = logged };

/* --- time ------------------------------------------------------------------------------------------ */

static void
wake_due(struct sim *s, struct event *e)
{
	struct vgate *g = gate_of(e);
	if (!g || g->wake != e->at)
		return;
	g->wake = TIME_NEVER;
	timers_run(g->timers, s->now, 1000);
	gate_wake(g);
}

static void
gate_wake(struct vgate *g)
{
	int64_t due = timers_next(g->timers), now = g->node->sim->now;
	if (due >= g->wake)
		return;
	g->wake = due < now ? now : due;
	later(g, g->wake - now, wake_due, NULL, 0);
}

/* --- from zebra ---------------------------------------------------------------------------------------- */

enum { FROM_LINK, FROM_ADDRESS, FROM_SYNCED, FROM_VLINK, FROM_READY, FROM_TRACK };
struct from_zebra {
	uint8_t kind;
	bool gone, up;
	uint32_t zebra_births, ifindex, id;
	struct vrrp_link link;
	struct prefix address;
};

static void
replay_ended(struct sim *s, struct event *e)
{
	struct to_zebra m;
	memcpy(&m, e->bytes, sizeof(m));
	struct vgate *g = gate_of(e);
	if (!g || !e->node->rib || !g->client || e->node->zebra_births != m.zebra_births)
		return;
	zebra_replay_ended(rib_core(e->node->rib), g->client, s->now);
	rib_turn_end(e->node->rib);
}

/* All that it can want by now has been wanted (vrrpd/zebra.c). */
static void
replay_try(struct vgate *g, bool late)
{
	for (size_t i = 0; i < WISHES_MAX && !late; i++)
		if (g->links[i].on && !g->links[i].answered)
			return;
	if (!g->replay_due || !g->synced || !g->client)
		return;
	g->replay_due = false;
	/* behind what is on its way: of the same age, and so later */
	struct to_zebra m = { .kind = UINT8_MAX };
	m.zebra_births = g->node->zebra_births;
	later(g, IPC_DELAY, replay_ended, &m, sizeof(m));
}

static void
settle_due(struct sim *s, struct event *e)
{
	(void)s;
	if (gate_of(e))
		replay_try(gate_of(e), true);
}

static void
vlink_told(struct vgate *g, const struct from_zebra *m, int64_t now)
{
	struct vrrp_key key = { .ifindex = m->id >> 9, .vrid = (uint8_t)m->id, .afi = AFI_IP4 };
	struct link_wish *w = &g->links[slot_of(g, key.ifindex)];
	if (!w->on)
		return;
	vrrp_vlink_changed(g->v, &key, m->ifindex, m->up, now);
	w->answered = true;
}

static void
zebra_told(struct sim *s, struct event *e)
{
	struct vgate *g = gate_of(e);
	struct from_zebra m;
	memcpy(&m, e->bytes, sizeof(m));
	if (!g || !g->client || m.zebra_births != g->client_births)
		return;
	if (m.kind == FROM_LINK) {
		/* vrrpd forgets who was there when the port loses its carrier: it may be plugged in elsewhere */
		if (!m.link.up)
			e->node->ports[m.link.ifindex - 1].met = false;
		vrrp_link_changed(g->v, &m.link, s->now);
	} else if (m.kind == FROM_ADDRESS)
		vrrp_address_changed(g->v, m.ifindex, &m.address, m.gone, s->now);
	else if (m.kind == FROM_VLINK)
		vlink_told(g, &m, s->now);
	else if (m.kind == FROM_READY)
		vrrp_ready_changed(g->v, m.up, s->now);
	else if (m.kind == FROM_TRACK)
		vrrp_track_changed(g->v, m.id, m.up, m.gone, s->now);
	else
		vrrp_synced(g->v, s->now);
	g->synced |= m.kind == FROM_SYNCED;
	replay_try(g, false);
	gate_wake(g);
}

static void
told(struct node *n, struct from_zebra *m)
{
	if (!n->gate)
		return;
	m->zebra_births = n->zebra_births;
	later(n->gate, IPC_DELAY, zebra_told, m, sizeof(*m));
}

uint32_t
gate_client(const struct node *n)
{
	return n->gate ? n->gate->client : 0;
}

void
gate_interface(struct node *n, const struct zebra_interface *i, bool gone)
{
	struct from_zebra m = { .kind = FROM_LINK, .link = { .ifindex = i->ifindex,
		.up = !gone && i->admin_up && i->operative, .gone = gone } };
	snprintf(m.link.name, sizeof(m.link.name), "%s", i->name);
	hosts_port_mac(&n->ports[i->ifindex - 1], m.link.mac);
	told(n, &m);
}

void
gate_address(struct node *n, const struct zebra_address *a, bool gone)
{
	struct from_zebra m = { .kind = FROM_ADDRESS, .ifindex = a->ifindex, .gone = gone,
		.address = { .afi = AFI_IP4, .len = a->prefixlen } };
	memcpy(m.address.b, a->local.b, 4); /* host bits kept */
	told(n, &m);
}

void
gate_vlink(struct node *n, const struct zebra_vlink_state *v)
{
	told(n, &(struct from_zebra){ .kind = FROM_VLINK, .id = v->id, .ifindex = v->ifindex, .up = v->up });
}

void
gate_ready(struct node *n, bool ready)
{
	told(n, &(struct from_zebra){ .kind = FROM_READY, .up = ready });
}

void
gate_track(struct node *n, const struct zebra_track *t)
{
	if (t->id)
		told(n, &(struct from_zebra){ .kind = FROM_TRACK, .id = t->id, .up = t->up, .gone = t->gone });
}

/* --- what happens ------------------------------------------------------------------------------------ */

void
gate_packet(struct node *n, const struct port *to, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	int64_t now = n->sim->now;
	struct vrrp_rx rx = { .ifindex = to->ifindex, .src = *src, .dst = *dst, .ttl = 255, .arrived = now, .bytes = bytes,
		.len = len };
	if (!n->gate)
		return;
	vrrp_packet_received(n->gate->v, &rx, now);
	gate_wake(n->gate);
}

void
gate_host_heard(struct node *n, struct port *to, const struct ipaddr *host, const uint8_t mac[6], bool answer)
{
	if (!n->gate)
		return;
	to->met = true;
	vrrp_host_heard(n->gate->v, to->ifindex, host, mac, answer, n->sim->now, n->sim->now);
	gate_wake(n->gate);
}

void
gate_bfd(struct node *n, uint32_t ifindex, const struct ipaddr *peer, unsigned liveness)
{
	if (!n->gate)
		return;
	vrrp_bfd_changed(n->gate->v, ifindex, peer, liveness, n->sim->now, n->sim->now);
	gate_wake(n->gate);
}

bool
gate_view(const struct node *n, const struct port *p, struct vrrp_view *out)
{
	struct vrrp_view_key key, *after = NULL;
	for (; n->gate && vrrp_view_next(n->gate->v, after, out); after = &key) {
		key = out->key;
		if (out->ifindex == p->ifindex && key.afi == AFI_IP4)
			return true;
	}
	return false;
}

/* --- life -------------------------------------------------------------------------------------------- */

void
gate_connect(struct node *n)
{
	struct zebra_hello h = { .protocol = "vrrp" };
	struct vgate *g = n->gate;
	const char *error = "";
	int64_t now = n->sim->now;
	if (!g || !n->rib)
		return;
	struct zebra *z = rib_core(n->rib);
	g->client = zebra_client_opened(z, &h, &error, now);
	g->client_births = n->zebra_births;
	g->synced = false;
	g->replay_due = true;
	if (!g->client)
		check_fail(n->sim, "r%u: zebra refused vrrpd: %s", n->index, error);
	zebra_tracks_wanted(z, g->client, now);
	zebra_client_sync(z, g->client, now);
	told(n, &(struct from_zebra){ .kind = FROM_SYNCED });
	for (size_t i = 0; i < WISHES_MAX; i++) {
		g->links[i].answered = false;
		if (g->links[i].on)
			ask_link(g, &g->links[i]);
		if (g->addresses[i].on)
			ask_address(g, &g->addresses[i]);
		if (g->lans[i].ifindex)
			ask(g, &(struct to_zebra){ .kind = TO_LAN, .lan = g->lans[i] });
	}
	later(g, SETTLE_MAX, settle_due, NULL, 0);
	rib_turn_end(n->rib);
	n->whole_since = now;
}

void
gate_disconnected(struct node *n)
{
	if (n->gate)
		n->gate->client = 0;
}

static void
set(struct conf_edit *edits, size_t *n, char (*text)[2][160], const struct port *p, const char *leaf, const char *fmt,
	unsigned value)
{
	snprintf(text[*n][0], 160, "/grevy-interface:interfaces/interface[name='p%u']/grevy-vrrp:vrrp/"
		"vrrp-instance[vrid='%u']/%s", p->ifindex, p->seg->hosts->vrid, leaf);
	snprintf(text[*n][1], 160, fmt, value);
	edits[*n] = (struct conf_edit){ CONF_OP_SET, text[*n][0], text[*n][1] };
	(*n)++;
}

static void
configure_lan(struct conf_edit *edits, size_t *n, char (*text)[2][160], const struct port *p)
{
	const struct hostlan *l = p->seg->hosts;
	char leaf[100], a[IPADDR_STRLEN];
	set(edits, n, text, p, "version", "%u", 3);
	set(edits, n, text, p, "priority", "%u", hosts_priority(p));
	set(edits, n, text, p, "advertisement-interval", "%u", l->interval_ms);
	if (l->backup_cost)
		set(edits, n, text, p, "lan-prefix/backup-cost", "%u", l->backup_cost);
	snprintf(leaf, sizeof(leaf), "virtual-ipv4-address[address='%s']", ipaddr_print(&l->gateway, a));
	set(edits, n, text, p, leaf, "", 0);
	snprintf(leaf, sizeof(leaf), "track[id='%u']/decrement", GATE_TRACK);
	set(edits, n, text, p, leaf, "%u", HOSTS_DECREMENT);
	for (size_t i = 0; p->seg->bfd && i < p->seg->port_count; i++) {
		if (p->seg->ports[i] == p)
			continue;
		snprintf(leaf, sizeof(leaf), "bfd[peer='%s']", ipaddr_print(&p->seg->ports[i]->addr, a));
		set(edits, n, text, p, leaf, "", 0);
	}
}

static void
configure(struct vgate *g)
{
	struct conf_edit edits[64];
	char text[64][2][160];
	struct conf_error err;
	size_t n = 0;
	for (size_t i = 0; i < g->node->port_count; i++)
		if (g->node->ports[i].seg && g->node->ports[i].seg->hosts)
			configure_lan(edits, &n, text, &g->node->ports[i]);
	struct conf_object *fresh = conf_new(&vrrp_config_root);
	g->conf = conf_edit(fresh, edits, n, &err);
	conf_unref(fresh);
	if (!g->conf || !conf_check(NULL, g->conf, &err))
		check_fail(g->node->sim, "config refused: %s %s", err.path, err.message);
	else
		vrrp_reconfigure(g->v, NULL, g->conf, g->node->sim->now);
}

void
gate_start(struct node *n)
{
	struct sim *s = n->sim;
	bool gateway = false;
	for (size_t i = 0; i < n->port_count; i++)
		gateway |= n->ports[i].seg && n->ports[i].seg->hosts;
	if (!gateway || n->gate)
		return;
	struct vgate *g = mem_zalloc(sizeof(*g));
	if (!n->gate_file)
		n->gate_file = mem_zalloc(sizeof(*n->gate_file));
	n->gate = g;
	n->gate_births++;
	g->node = n;
	g->wake = TIME_NEVER;
	g->timers = timers_new();
	g->v = vrrp_new(&ops, g, g->timers, s->seed + n->index * 77u + n->gate_births, s->now);
	struct gate_file old = *n->gate_file;
	n->gate_file->count = 0;
	vrrp_restore(g->v, old.records, old.count, s->now);
	vrrp_restore_lans(g->v, old.lans, old.lan_count);
	configure(g);
	gate_connect(n);
	gate_wake(g);
}

void
gate_kill(struct node *n)
{
	struct vgate *g = n->gate;
	if (!g)
		return;
	n->gate = NULL;
	if (n->rib && g->client) {
		zebra_client_closed(rib_core(n->rib), g->client, n->sim->now);
		rib_turn_end(n->rib);
	}
	vbfd_client_gone(n, BFD_VRRP);
	vrrp_free(g->v);
	timers_free(g->timers);
	conf_unref(g->conf);
	mem_free(g);
}

void
gate_power_off(struct node *n)
{
	gate_kill(n);
	mem_free(n->gate_file);
	n->gate_file = NULL;
	for (size_t i = 0; i < n->port_count; i++) {
		n->ports[i].dead = n->ports[i].withdraw = n->ports[i].met = false;
		n->ports[i].added_cost = 0;
	}
}
