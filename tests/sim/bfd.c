/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bfdd's core in a router of the simulation. Sessions are OSPF's wishes and vrrpd's; what changes reaches zebra first and
 * then the clients, each by a message of its own. The checkpoint outlives the process, as the mapped file does.
 */
#include "tests/sim/bfd.h"

#include <string.h>

#include "bfdd/bfdd.h"
#include "lib/bfdclient.h"
#include "lib/mem.h"
#include "tests/sim/gate.h"
#include "tests/sim/rib.h"

#define TO_ZEBRA 80  /* after the event, us */
#define TO_VRRP  120
#define TO_OSPF  (20 * TIME_MS) /* slow enough to tell whose repair it was */
#define GRACE    (120 * TIME_SEC)
#define LINGER   (5 * TIME_SEC) /* ospfd/bfd_out.c: a session that is down outlives its neighbour */
#define VRRP_GRACE (30 * TIME_SEC)

struct vbfd {
	struct node *node;
	struct bfd *b;
	struct timers *timers;
	int64_t wake;
	unsigned downs;
};

struct vbfd_record { /* of the mapped file */
	uint32_t session;
	struct bfd_record record;
};
struct vbfd_wish { /* of a client, which repeats it to a new bfdd */
	enum bfd_client client;
	uint32_t ifindex;
	struct ipaddr peer;
	bool down;
	int64_t until; /* lingers; 0: it is wanted */
};
#define SESSIONS_MAX (PORTS_MAX * 16)
struct vbfd_file {
	size_t count, wish_count;
	struct vbfd_record rows[SESSIONS_MAX];
	struct vbfd_wish wishes[SESSIONS_MAX];
};

static void vbfd_wake(struct vbfd *v);

static struct port *
port_of(struct node *n, uint32_t ifindex)
{
	return ifindex >= 1 && ifindex <= n->port_count ? &n->ports[ifindex - 1] : NULL;
}

/* --- what the core wants ------------------------------------------------------------------------- */

static void
want_send(void *arg, const struct bfd_tx *tx)
{
	struct vbfd *v = arg;
	struct port *p = port_of(v->node, tx->key.ifindex);
	if (p && !tx->echo)
		net_send(p, NET_BFD, &p->addr, &tx->key.peer, tx->bytes, tx->len);
}

static void
opened(void *arg, uint32_t session, const struct bfd_key *key)
{
	(void)arg, (void)session, (void)key;
}

static void
closed(void *arg, uint32_t session)
{
	(void)arg, (void)session;
}

struct change_msg {
	struct bfd_change c;
	uint32_t births; /* of bfdd: what it had said and died with */
};

static void
zebra_told(struct sim *s, struct event *e)
{
	struct change_msg m;
	(void)s;
	memcpy(&m, e->bytes, sizeof(m));
	if (e->node->rib && e->node->bfd_births == m.births)
		rib_bfd_changed(e->node->rib, &(struct bfdclient_state){ .peer = m.c.key.peer, .ifindex = m.c.key.ifindex,
			.gone = m.c.gone, .liveness = m.c.liveness, .sequence = m.c.sequence, .at = m.c.at });
}

static void
ospf_told(struct sim *s, struct event *e)
{
	struct change_msg m;
	memcpy(&m, e->bytes, sizeof(m));
	if (!e->node->o || e->born != e->node->births || e->node->bfd_births != m.births)
		return;
	ospf_bfd_changed(e->node->o, m.c.key.ifindex, &m.c.key.peer, (enum ospf_bfd)m.c.liveness, s->now);
	node_wake(e->node);
}

static void
vrrp_told(struct sim *s, struct event *e)
{
	struct change_msg m;
	(void)s;
	memcpy(&m, e->bytes, sizeof(m));
	if (e->node->bfd_births == m.births)
		gate_bfd(e->node, m.c.key.ifindex, &m.c.key.peer, m.c.gone ? OSPF_BFD_UNKNOWN : m.c.liveness);
}

static void
tell(struct vbfd *v, const struct bfd_change *c, bool ospf)
{
	struct sim *s = v->node->sim;
	struct change_msg m = { .c = *c, .births = v->node->bfd_births };
	struct event *e = event_new(s, s->now + TO_ZEBRA, zebra_told, (const uint8_t *)&m, sizeof(m));
	e->node = v->node;
	clock_push(s, e);
	if (!ospf)
		return;
	e = event_new(s, s->now + TO_VRRP, vrrp_told, (const uint8_t *)&m, sizeof(m));
	e->node = v->node;
	clock_push(s, e);
	e = event_new(s, s->now + TO_OSPF, ospf_told, (const uint8_t *)&m, sizeof(m));
	e->node = v->node;
	e->born = v->node->births;
	clock_push(s, e);
}

static struct vbfd_wish *
wish_find(struct vbfd_file *f, enum bfd_client client, uint32_t ifindex, const struct ipaddr *peer)
{
	for (size_t i = 0; i < f->wish_count; i++)
		if (f->wishes[i].client == client && f->wishes[i].ifindex == ifindex && !ipaddr_cmp(&f->wishes[i].peer, peer))
			return &f->wishes[i];
	return NULL;
}

static void
changed(void *arg, const struct bfd_change *c)
{
	struct vbfd *v = arg;
	char text[IPADDR_STRLEN];
	struct vbfd_wish *w = wish_find(v->node->bfd_file, BFD_OSPF, c->key.ifindex, &c->key.peer);
	if (w)
		w->down = !c->gone && c->liveness == OSPF_BFD_DOWN;
	v->downs += c->old_state == BFD_UP && c->state == BFD_DOWN;
	if (v->node->sim->trace)
		printf("  %.6f r%u bfd p%u %s state %u -> %u liveness %u diag %u%s\n", (double)v->node->sim->now / 1e6,
			v->node->index, c->key.ifindex, ipaddr_print(&c->key.peer, text), c->old_state, c->state,
			c->liveness, c->diag, c->gone ? " gone" : "");
	tell(v, c, true);
}

static void
checkpoint(void *arg, uint32_t session, const struct bfd_record *r)
{
	struct vbfd *v = arg;
	struct vbfd_file *f = v->node->bfd_file;
	size_t i = 0;
	while (i < f->count && f->rows[i].session != session)
		i++;
	if (!r && i < f->count) {
		f->rows[i] = f->rows[--f->count];
	} else if (r && i < SESSIONS_MAX) {
		f->count += i == f->count;
		f->rows[i] = (struct vbfd_record){ session, *r };
	} else if (r) {
		check_fail(v->node->sim, "r%u: more BFD sessions than %zu", v->node->index, i);
	}
}

static void
logged(void *arg, const struct bfd_log *l)
{
	(void)arg, (void)l;
}

static const struct bfd_ops ops = { .send = want_send, .opened = opened, .closed = closed, .changed = changed,
	.checkpoint = checkpoint, .log = logged };

/* --- time ------------------------------------------------------------------------------------------ */

static void
wake_due(struct sim *s, struct event *e)
{
	struct vbfd *v = e->node->bfd;
	if (!v || e->node->bfd_births != e->born || v->wake != e->at)
		return;
	v->wake = TIME_NEVER;
	timers_run(v->timers, s->now, 1000);
	vbfd_wake(v);
}

static void
vbfd_wake(struct vbfd *v)
{
	int64_t due = timers_next(v->timers);
	struct sim *s = v->node->sim;
	if (due >= v->wake)
		return;
	v->wake = due < s->now ? s->now : due;
	struct event *e = event_new(s, v->wake, wake_due, NULL, 0);
	e->node = v->node;
	e->born = v->node->bfd_births;
	clock_push(s, e);
}

/* --- what happens ------------------------------------------------------------------------------------ */

void
vbfd_received(struct node *n, struct port *to, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	struct vbfd *v = n->bfd;
	int64_t now = n->sim->now;
	struct bfd_rx rx = { .src = *src, .dst = *dst, .ifindex = to->ifindex, .src_port = 49152,
		.dst_port = BFD_PORT_SINGLE, .ttl = 255, .arrived = now, .bytes = bytes, .len = len };
	if (!v)
		return;
	bfd_packet_received(v->b, &rx, now);
	vbfd_wake(v);
}

static void
wish(struct node *n, enum bfd_client client, uint32_t ifindex, const struct ipaddr *peer, bool want)
{
	struct vbfd *v = n->bfd;
	struct bfd_want w = { .key = { .peer = *peer, .ifindex = ifindex }, .detect_multiplier = SIM_BFD_MULTIPLIER,
		.min_tx_us = SIM_BFD_INTERVAL, .min_rx_us = SIM_BFD_INTERVAL };
	uint32_t id = ifindex << 16 | (ipaddr_to_ip4(peer) & 0xffff);
	if (!v)
		return;
	if (want)
		bfd_session_wanted(v->b, client, id, &w, n->sim->now);
	else
		bfd_session_unwanted(v->b, client, id, n->sim->now);
	vbfd_wake(v);
}

static void
wish_end(struct node *n, struct vbfd_wish *w)
{
	struct vbfd_wish gone = *w;
	*w = n->bfd_file->wishes[--n->bfd_file->wish_count];
	wish(n, gone.client, gone.ifindex, &gone.peer, false);
}

static void
linger_over(struct sim *s, struct event *e)
{
	struct vbfd_file *f = e->node->bfd_file;
	struct vbfd_wish *w = f ? wish_find(f, BFD_OSPF, e->born, &e->src) : NULL;
	if (w && w->until == s->now)
		wish_end(e->node, w);
}

void
vbfd_want(struct node *n, enum bfd_client client, uint32_t ifindex, const struct ipaddr *peer, bool want)
{
	struct vbfd_file *f = n->bfd_file;
	struct vbfd_wish *w = f ? wish_find(f, client, ifindex, peer) : NULL;
	if (w && !want && w->down) {
		w->until = n->sim->now + LINGER;
		struct event *e = event_new(n->sim, w->until, linger_over, NULL, 0);
		e->node = n;
		e->born = ifindex;
		e->src = *peer;
		clock_push(n->sim, e);
		return;
	}
	if (w)
		wish_end(n, w);
	if (!want || !f || f->wish_count == SESSIONS_MAX)
		return;
	f->wishes[f->wish_count++] = (struct vbfd_wish){ client, ifindex, *peer, false, 0 };
	wish(n, client, ifindex, peer, true);
}

static void
client_open(struct vbfd *v, enum bfd_client client)
{
	int64_t now = v->node->sim->now;
	bfd_client_opened(v->b, client, client == BFD_OSPF ? "ospf" : "vrrp", client == BFD_OSPF ? GRACE : VRRP_GRACE, now);
}

void
vbfd_client_gone(struct node *n, enum bfd_client client)
{
	struct vbfd_file *f = n->bfd_file;
	for (size_t i = 0; f && i < f->wish_count;)
		if (f->wishes[i].client == client)
			f->wishes[i] = f->wishes[--f->wish_count];
		else
			i++;
	if (!n->bfd)
		return;
	bfd_client_closed(n->bfd->b, client, n->sim->now);
	client_open(n->bfd, client);
	vbfd_wake(n->bfd);
}

static void
tell_one(void *arg, const struct bfd_change *c)
{
	tell(arg, c, false);
}

void
vbfd_replay(struct node *n)
{
	if (n->bfd)
		bfd_each_session(n->bfd->b, tell_one, n->bfd);
}

unsigned
vbfd_downs(const struct node *n)
{
	return n->bfd ? n->bfd->downs : 0;
}

/* --- life -------------------------------------------------------------------------------------------- */

void
vbfd_start(struct node *n)
{
	struct vbfd *v = mem_zalloc(sizeof(*v));
	struct sim *s = n->sim;
	n->bfd = v;
	n->bfd_births++;
	if (!n->bfd_file)
		n->bfd_file = mem_zalloc(sizeof(*n->bfd_file));
	v->node = n;
	v->wake = TIME_NEVER;
	v->timers = timers_new();
	v->b = bfd_new(&ops, v, v->timers, s->seed ^ ((uint64_t)n->index << 24) ^ n->bfd_births, s->now);
	struct vbfd_file *f = n->bfd_file;
	struct bfd_record *records = mem_array(f->count, sizeof(*records));
	size_t count = f->count;
	for (size_t i = 0; i < count; i++)
		records[i] = f->rows[i].record;
	f->count = 0;
	bfd_restore(v->b, records, count, s->now);
	mem_free(records);
	for (size_t i = 0; i < n->port_count; i++) {
		char name[32];
		snprintf(name, sizeof(name), "p%u", n->ports[i].ifindex);
		bfd_interface_changed(v->b, n->ports[i].ifindex, name, n->ports[i].up, false, s->now);
	}
	client_open(v, BFD_OSPF);
	client_open(v, BFD_VRRP);
	for (size_t i = 0; i < f->wish_count; i++)
		wish(n, f->wishes[i].client, f->wishes[i].ifindex, &f->wishes[i].peer, true);
	vbfd_wake(v);
}

void
vbfd_kill(struct node *n)
{
	struct vbfd *v = n->bfd;
	if (!v)
		return;
	n->bfd = NULL;
	bfd_free(v->b);
	timers_free(v->timers);
	mem_free(v);
}

void
vbfd_power_off(struct node *n)
{
	vbfd_kill(n);
	mem_free(n->bfd_file);
	n->bfd_file = NULL;
}
