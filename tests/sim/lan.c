/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A LAN with two to four VRRP routers, one to three virtual routers, and hosts; only vrrpd's cores, so that thousands
 * of seeds are quick. Misfortunes: carriers, silent ports, partitions, power, kill -9 with the records left,
 * SIGSTOP (what arrives waits in the socket, with the kernel's time of arrival), late wake-ups, loss, tracked things,
 * routing that is not ready, configs that change.
 *
 * Always: nobody who runs and hears another master stays master beside it for longer than it takes to say so;
 * addresses are here exactly while a router is master or hands over; and when all is quiet each part of
 * the LAN has exactly one master, the best that may be, while hosts find its LAN alive.
 */
#include "tests/sim/lan.h"

#include <string.h>

#include "lib/conf.h"
#include "lib/mem.h"
#include "lib/prng.h"
#include "tests/sim/sim.h"
#include "vrrpd/config.h"
#include "vrrpd/read.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define ROUTERS_MAX 4
#define VRS_MAX     3
#define QUEUE_MAX   4096
#define IFINDEX     3
#define WIRE        200   /* us from one to the other */
#define HOST        0x0a000032u
#define RECORDS_MAX 8
#define BFD_AFTER   (150 * TIME_MS)

struct lan;
struct box { /* a router */
	struct lan *lan;
	unsigned index;
	bool on, carrier, silent, stopped, ready, track_up;
	unsigned side;         /* of the partition */
	uint32_t births;
	struct vrrp *v;
	struct timers *timers;
	struct conf_object *conf;
	int64_t wake, late;    /* late: its thread wakes so much after it should */
	uint8_t priority[VRS_MAX];
	bool preempt;
	bool held[VRS_MAX];    /* the virtual address is asked for */
	uint8_t state[VRS_MAX];
	unsigned changes;
	struct vrrp_record records[RECORDS_MAX];
	struct vrrp_lan_record lan_record; /* it has one interface */
	size_t record_count;
	bool told_dead;        /* ops->lan */
	struct event *queue[QUEUE_MAX]; /* while stopped */
	size_t queued;
	bool bfd_up[ROUTERS_MAX];
};

struct lan {
	struct sim *sim;       /* clock, generator, verdict */
	struct box boxes[ROUTERS_MAX];
	unsigned count, vrs, interval_ms;
	bool bfd;
	int64_t quiet_since;   /* the last misfortune */
	int64_t both_since[VRS_MAX]; /* two masters that hear each other; 0: not now */
	unsigned allowed_overlap_ms;
};

enum { MSG_ADVERT, MSG_ARP, MSG_ASK };
struct msg {
	uint8_t kind, to;
	struct vrrp_rx rx;
	uint8_t bytes[128];
};

static void box_wake(struct box *b);
static void box_turn_end(struct box *b);

static struct ipaddr box_addr(unsigned index) { return ipaddr_from_ip4(0x0a000001u + index); }

static bool
hears(const struct box *a, const struct box *b)
{
	return a != b && a->on && b->on && a->carrier && b->carrier && !a->silent && !b->silent && a->side == b->side;
}

/* Reaches the hosts' half of the LAN: they are on side 0. */
static bool
hears_hosts(const struct box *b)
{
	return b->on && b->carrier && !b->silent && b->side == 0;
}

/* --- what goes through the switch ------------------------------------------------------------------ */

static void
take(struct box *b, const struct msg *m, int64_t arrived)
{
	int64_t now = b->lan->sim->now;
	struct vrrp_rx rx = m->rx;
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 50 };
	if (m->kind == MSG_ADVERT) {
		rx.bytes = m->bytes;
		rx.arrived = arrived;
		vrrp_packet_received(b->v, &rx, now);
	} else {
		struct ipaddr host = ipaddr_from_ip4(HOST);
		vrrp_host_heard(b->v, IFINDEX, &host, mac, m->kind == MSG_ASK, arrived, now);
	}
}

static void
arrives(struct sim *s, struct event *e)
{
	struct lan *l = s->lan;
	struct msg m;
	memcpy(&m, e->bytes, sizeof(m));
	struct box *b = &l->boxes[m.to];
	if (!b->v || b->births != e->born || !b->carrier || b->silent)
		return;
	if (b->stopped) {
		if (b->queued < QUEUE_MAX) {
			struct event *copy = event_new(s, s->now, arrives, e->bytes, e->len);
			b->queue[b->queued++] = copy;
		}
		return;
	}
	take(b, &m, s->now);
	box_turn_end(b);
}

static void
message(struct lan *l, struct msg *m, unsigned to, int64_t delay)
{
	struct sim *s = l->sim;
	if (s->loss && prng_below(&s->rng, 1000) < s->loss)
		return;
	m->to = (uint8_t)to;
	struct event *e = event_new(s, s->now + delay, arrives, (const uint8_t *)m, sizeof(*m));
	e->born = l->boxes[to].births;
	clock_push(s, e);
}

static void
want_send(void *arg, const struct vrrp_tx *tx)
{
	struct box *b = arg;
	struct lan *l = b->lan;
	struct msg m = { .kind = MSG_ADVERT, .rx = { .ifindex = IFINDEX, .src = tx->src, .dst = tx->dst, .ttl = 255,
		.len = tx->len } };
	if (tx->len > sizeof(m.bytes)) {
		check_fail(l->sim, "an advert of %zu octets", tx->len);
		return;
	}
	memcpy(m.bytes, tx->bytes, tx->len);
	l->sim->packets++;
	l->sim->hash = XXH3_64bits_withSeed(&m, sizeof(m), l->sim->hash ^ (uint64_t)l->sim->now);
	for (unsigned i = 0; i < l->count; i++)
		if (hears(b, &l->boxes[i]))
			message(l, &m, i, WIRE);
}

/* ARP: a question for the host is answered; announcements tell the others nothing of a host. */
static void
want_frame(void *arg, uint32_t ifindex, const uint8_t *bytes, size_t len)
{
	struct box *b = arg;
	struct msg m = { .kind = MSG_ASK };
	(void)ifindex;
	if (len >= 42 && bytes[12] == 8 && bytes[13] == 6 && bytes[21] == 1 && hears_hosts(b) && bytes[41] == 50)
		message(b->lan, &m, b->index, 2 * WIRE);
}

static void want_membership(void *arg, uint32_t ifindex, uint8_t afi, bool join) { (void)arg, (void)ifindex, (void)afi, (void)join; }
static void want_bfd(void *arg, const struct vrrp_bfd_want *w) { (void)arg, (void)w; }
static void want_log(void *arg, const struct vrrp_log *l)
{
	struct box *b = arg;
	if (b->lan->sim->trace)
		printf("  %.6f v%u log kind %u vrid %u on %d %s\n", (double)b->lan->sim->now / 1e6, b->index, l->kind,
			l->key.vrid, l->on, l->text);
}

/* --- what zebra would do ---------------------------------------------------------------------------- */

static void
vlink_there(struct sim *s, struct event *e)
{
	struct box *b = &((struct lan *)s->lan)->boxes[e->bytes[0]];
	struct vrrp_key key;
	if (!b->v || b->births != e->born)
		return;
	memcpy(&key, e->bytes + 1, sizeof(key));
	vrrp_vlink_changed(b->v, &key, 100u + key.vrid, b->carrier, s->now);
	box_turn_end(b);
}

static void
want_vlink(void *arg, const struct vrrp_vlink_want *w)
{
	struct box *b = arg;
	uint8_t bytes[1 + sizeof(w->key)] = { (uint8_t)b->index };
	if (!w->want)
		return;
	memcpy(bytes + 1, &w->key, sizeof(w->key));
	struct event *e = event_new(b->lan->sim, b->lan->sim->now + 500, vlink_there, bytes, sizeof(bytes));
	e->born = b->births;
	clock_push(b->lan->sim, e);
}

static void
want_address(void *arg, const struct vrrp_address_want *w)
{
	struct box *b = arg;
	if (w->key.vrid >= 1 && w->key.vrid <= VRS_MAX)
		b->held[w->key.vrid - 1] = w->want;
}

static void want_lan(void *arg, const struct vrrp_lan *x) { ((struct box *)arg)->told_dead = x->dead; }
static void lan_checkpoint(void *arg, const struct vrrp_lan_record *r) { ((struct box *)arg)->lan_record = *r; }

static void
changed(void *arg, const struct vrrp_change *c)
{
	struct box *b = arg;
	if (b->lan->sim->trace)
		printf("  %.6f v%u vrid %u: %s -> %s (%s) priority %u\n", (double)b->lan->sim->now / 1e6, b->index, c->key.vrid,
			vrrp_state_name(c->old_state), vrrp_state_name(c->new_state), vrrp_reason_name(c->reason),
			c->priority);
	if (c->key.afi == AFI_IP4 && c->key.vrid >= 1 && c->key.vrid <= VRS_MAX)
		b->state[c->key.vrid - 1] = c->new_state;
	b->changes++;
}

static void
checkpoint(void *arg, const struct vrrp_key *key, const struct vrrp_record *r)
{
	struct box *b = arg;
	size_t i = 0;
	while (i < b->record_count && (b->records[i].key.vrid != key->vrid || b->records[i].key.afi != key->afi))
		i++;
	if (r && i < RECORDS_MAX) {
		b->records[i] = *r;
		b->record_count += i == b->record_count;
	} else if (!r && i < b->record_count) {
		b->records[i] = b->records[--b->record_count];
	}
}

static const struct vrrp_ops ops = { .send = want_send, .send_frame = want_frame, .membership = want_membership,
	.vlink = want_vlink, .address = want_address, .lan = want_lan, .bfd = want_bfd, .changed = changed,
	.checkpoint = checkpoint, .lan_checkpoint = lan_checkpoint, .log = want_log };

/* --- two masters -------------------------------------------------------------------------------------- */

/* Of one virtual router: two that run, may send, and hear each other. */
static bool
two_masters(const struct lan *l, unsigned vr)
{
	for (unsigned i = 0; i < l->count; i++)
		for (unsigned k = i + 1; k < l->count; k++) {
			const struct box *a = &l->boxes[i], *b = &l->boxes[k];
			if (a->v && b->v && !a->stopped && !b->stopped && hears(a, b) && a->state[vr] == VRRP_MASTER &&
				b->state[vr] == VRRP_MASTER)
				return true;
		}
	return false;
}

/* Called after whatever may have changed it. */
static void
overlap_watch(struct lan *l)
{
	struct sim *s = l->sim;
	for (unsigned vr = 0; vr < l->vrs; vr++) {
		bool both = two_masters(l, vr);
		if (both && !l->both_since[vr])
			l->both_since[vr] = s->now;
		if (l->both_since[vr] && s->now - l->both_since[vr] > l->allowed_overlap_ms * TIME_MS && !s->loss)
			check_fail(s, "vrid %u: two masters that hear each other for %.1f ms", vr + 1,
				(double)(s->now - l->both_since[vr]) / 1000);
		if (!both)
			l->both_since[vr] = 0;
	}
}

/* The address is held by masters, and by who hands over to a new one. */
static void
addresses_watch(struct box *b)
{
	struct vrrp_view view;
	for (struct vrrp_view_key at, *after = NULL; b->v && vrrp_view_next(b->v, after, &view); after = &at) {
		at = view.key;
		bool should = view.state == VRRP_MASTER || view.handing_over;
		if (view.key.afi == AFI_IP4 && view.key.vrid <= VRS_MAX && b->held[view.key.vrid - 1] != should)
			check_fail(b->lan->sim, "v%u vrid %u: %s%s, and the address is %s", b->index, view.key.vrid,
				vrrp_state_name(view.state), view.handing_over ? ", handing over" : "",
				should ? "missing" : "held");
	}
}

static void
box_turn_end(struct box *b)
{
	addresses_watch(b);
	overlap_watch(b->lan);
	box_wake(b);
}

/* --- time ---------------------------------------------------------------------------------------------- */

static void
wake_due(struct sim *s, struct event *e)
{
	struct box *b = &((struct lan *)s->lan)->boxes[e->bytes[0]];
	if (!b->v || b->births != e->born || b->wake != e->at || b->stopped)
		return;
	b->wake = TIME_NEVER;
	timers_run(b->timers, s->now, 1000);
	box_turn_end(b);
}

static void
box_wake(struct box *b)
{
	struct sim *s = b->lan->sim;
	uint8_t index = (uint8_t)b->index;
	int64_t due = b->v ? timers_next(b->timers) : TIME_NEVER;
	if (due == TIME_NEVER || b->stopped)
		return;
	due = (due < s->now ? s->now : due) + b->late;
	if (b->wake <= due)
		return;
	b->wake = due;
	struct event *e = event_new(s, due, wake_due, &index, 1);
	e->born = b->births;
	clock_push(s, e);
}

/* --- a router's life ----------------------------------------------------------------------------------- */

static void
set(struct conf_edit *edits, size_t *n, char (*paths)[160], char (*values)[24], unsigned vr, const char *leaf,
	const char *fmt, unsigned value)
{
	snprintf(paths[*n], 160, "/grevy-interface:interfaces/interface[name='e0']/grevy-vrrp:vrrp/vrrp-instance[vrid='%u']/%s",
		vr, leaf);
	snprintf(values[*n], 24, fmt, value);
	edits[*n] = (struct conf_edit){ CONF_OP_SET, paths[*n], values[*n] };
	(*n)++;
}

static void
box_configure(struct box *b)
{
	struct conf_edit edits[64];
	char paths[64][160], values[64][24];
	struct conf_error err;
	size_t n = 0;
	for (unsigned vr = 1; vr <= b->lan->vrs; vr++) {
		char leaf[80];
		set(edits, &n, paths, values, vr, "version", "%u", 3);
		set(edits, &n, paths, values, vr, "priority", "%u", b->priority[vr - 1]);
		set(edits, &n, paths, values, vr, "advertisement-interval", "%u", b->lan->interval_ms);
		set(edits, &n, paths, values, vr, "preempt/enabled", b->preempt ? "true" : "false", 0);
		snprintf(leaf, sizeof(leaf), "virtual-ipv4-address[address='10.0.0.%u']", 200 + vr);
		set(edits, &n, paths, values, vr, leaf, "", 0);
		set(edits, &n, paths, values, vr, "track[id='1']/decrement", "%u", 100);
		for (unsigned i = 0; b->lan->bfd && i < b->lan->count; i++) {
			if (i == b->index)
				continue;
			snprintf(leaf, sizeof(leaf), "bfd[peer='10.0.0.%u']", 1 + i);
			set(edits, &n, paths, values, vr, leaf, "", 0);
		}
	}
	struct conf_object *fresh = conf_new(&vrrp_config_root);
	struct conf_object *conf = conf_edit(fresh, edits, n, &err);
	conf_unref(fresh);
	if (!conf || !conf_check(NULL, conf, &err)) {
		check_fail(b->lan->sim, "config refused: %s %s", err.path, err.message);
		return;
	}
	vrrp_reconfigure(b->v, b->conf, conf, b->lan->sim->now);
	conf_unref(b->conf);
	b->conf = conf;
}

static void
box_link(struct box *b)
{
	struct sim *s = b->lan->sim;
	struct vrrp_link link = { .ifindex = IFINDEX, .name = "e0", .up = b->carrier, .mac = { 2, 0, 0, 0, 0, (uint8_t)b->index } };
	vrrp_link_changed(b->v, &link, s->now);
	for (unsigned vr = 1; vr <= b->lan->vrs; vr++) {
		struct vrrp_key key = { .ifindex = IFINDEX, .vrid = (uint8_t)vr, .afi = AFI_IP4 };
		vrrp_vlink_changed(b->v, &key, 100 + vr, b->carrier, s->now);
	}
}

static void
box_start(struct box *b, bool records)
{
	struct sim *s = b->lan->sim;
	struct vrrp_record kept[RECORDS_MAX];
	size_t count = records ? b->record_count : 0;
	struct prefix address = prefix_from_ip4(0x0a000001u + b->index, 24);
	address.b[3] = (uint8_t)(1 + b->index); /* host bits kept */
	memcpy(kept, b->records, sizeof(kept));
	b->births++;
	b->on = true;
	b->wake = TIME_NEVER;
	b->record_count = 0;
	memset(b->state, 0, sizeof(b->state));
	memset(b->held, 0, sizeof(b->held));
	b->timers = timers_new();
	b->v = vrrp_new(&ops, b, b->timers, s->seed + b->index * 77u + b->births, s->now);
	vrrp_restore(b->v, kept, count, s->now);
	vrrp_restore_lans(b->v, &b->lan_record, records && b->lan_record.count ? 1 : 0);
	box_configure(b);
	if (s->why[0])
		return;
	box_link(b);
	vrrp_address_changed(b->v, IFINDEX, &address, false, s->now);
	vrrp_ready_changed(b->v, b->ready, s->now);
	vrrp_track_changed(b->v, 1, b->track_up, false, s->now);
	for (unsigned i = 0; b->lan->bfd && i < b->lan->count; i++) {
		struct ipaddr peer = box_addr(i);
		if (i != b->index)
			vrrp_bfd_changed(b->v, IFINDEX, &peer, b->bfd_up[i] ? 1 : 0, s->now, s->now);
	}
	box_turn_end(b);
}

static void
box_kill(struct box *b)
{
	if (!b->v)
		return;
	for (size_t i = 0; i < b->queued; i++)
		mem_free(b->queue[i]);
	b->queued = 0;
	b->stopped = false;
	vrrp_free(b->v);
	timers_free(b->timers);
	conf_unref(b->conf);
	b->v = NULL;
	b->conf = NULL;
	memset(b->state, 0, sizeof(b->state));
}

/* SIGCONT: first what waits in the socket, as lib/timely.c does it, then the timers. */
static void
box_continue(struct box *b)
{
	if (!b->stopped)
		return;
	b->stopped = false;
	for (size_t i = 0; i < b->queued; i++) {
		struct msg m;
		memcpy(&m, b->queue[i]->bytes, sizeof(m));
		if (b->v)
			take(b, &m, b->queue[i]->at);
		mem_free(b->queue[i]);
	}
	b->queued = 0;
	b->wake = TIME_NEVER;
	if (!b->v)
		return;
	timers_run(b->timers, b->lan->sim->now, 1000);
	box_turn_end(b);
}

/* --- the rest of the world ------------------------------------------------------------------------------ */

/* Hosts speak now and then; BFD between the routers follows what they can hear. */
static void
second_hand(struct sim *s, struct event *e)
{
	struct lan *l = s->lan;
	struct msg m = { .kind = MSG_ARP };
	(void)e;
	for (unsigned i = 0; i < l->count; i++)
		if (hears_hosts(&l->boxes[i]) && l->boxes[i].v && prng_below(&s->rng, 3) == 0)
			message(l, &m, i, WIRE);
	clock_push(s, event_new(s, s->now + 250 * TIME_MS, second_hand, NULL, 0));
}

static void
bfd_judged(struct sim *s, struct event *e)
{
	struct lan *l = s->lan;
	(void)e;
	for (unsigned i = 0; l->bfd && i < l->count; i++)
		for (unsigned k = 0; k < l->count; k++) {
			struct box *a = &l->boxes[i], *b = &l->boxes[k];
			struct ipaddr peer = box_addr(k);
			bool up = hears(a, b);
			if (i == k || !a->on || a->stopped || a->bfd_up[k] == up)
				continue;
			a->bfd_up[k] = up;
			if (!a->v)
				continue;
			vrrp_bfd_changed(a->v, IFINDEX, &peer, up ? 1 : 2, s->now, s->now);
			box_turn_end(a);
		}
}

static void
happened(struct lan *l)
{
	struct sim *s = l->sim;
	l->quiet_since = s->now;
	clock_push(s, event_new(s, s->now + BFD_AFTER, bfd_judged, NULL, 0));
	overlap_watch(l);
}

/* --- misfortunes --------------------------------------------------------------------------------------- */

static struct box *
some_box(struct lan *l)
{
	return &l->boxes[prng_below(&l->sim->rng, l->count)];
}

static void
mf_carrier(struct lan *l)
{
	struct box *b = some_box(l);
	b->carrier = !b->carrier;
	if (!b->v || b->stopped)
		return;
	box_link(b);
	box_turn_end(b);
}

static void
mf_silent(struct lan *l)
{
	struct box *b = some_box(l);
	b->silent = !b->silent;
}

static void
mf_partition(struct lan *l)
{
	bool parted = false;
	for (unsigned i = 0; i < l->count; i++)
		parted |= l->boxes[i].side != 0;
	for (unsigned i = 0; i < l->count; i++)
		l->boxes[i].side = parted ? 0 : prng_below(&l->sim->rng, 2);
}

static void
mf_power(struct lan *l)
{
	struct box *b = some_box(l);
	if (b->on) {
		box_kill(b);
		b->on = false;
		b->record_count = b->lan_record.count = 0;
		memset(b->held, 0, sizeof(b->held));
	} else {
		box_start(b, false);
	}
}

static void
mf_kill9(struct lan *l)
{
	struct box *b = some_box(l);
	if (!b->v)
		return;
	box_kill(b);
	clock_run(l->sim, l->sim->now + prng_below(&l->sim->rng, 80) * TIME_MS);
	if (b->on && !b->v)
		box_start(b, true);
}

static void
mf_stop(struct lan *l)
{
	struct box *b = some_box(l);
	if (!b->v)
		return;
	b->stopped = true;
	clock_run(l->sim, l->sim->now + prng_below(&l->sim->rng, 2500) * TIME_MS);
	box_continue(b);
}

static void
mf_late(struct lan *l)
{
	struct box *b = some_box(l);
	b->late = prng_below(&l->sim->rng, 3) ? 0 : prng_below(&l->sim->rng, l->interval_ms) * TIME_MS / 2;
}

static void
mf_track(struct lan *l)
{
	struct box *b = some_box(l);
	b->track_up = !b->track_up;
	if (!b->v || b->stopped)
		return;
	vrrp_track_changed(b->v, 1, b->track_up, false, l->sim->now);
	box_turn_end(b);
}

static void
mf_ready(struct lan *l)
{
	struct box *b = some_box(l);
	b->ready = !b->ready;
	if (!b->v || b->stopped)
		return;
	vrrp_ready_changed(b->v, b->ready, l->sim->now);
	box_turn_end(b);
}

static void
mf_config(struct lan *l)
{
	struct box *b = some_box(l);
	for (unsigned vr = 0; vr < l->vrs; vr++)
		b->priority[vr] = (uint8_t)(1 + prng_below(&l->sim->rng, 254));
	if (!b->v || b->stopped)
		return;
	box_configure(b);
	box_turn_end(b);
}

static void
mf_weather(struct lan *l)
{
	l->sim->loss = prng_below(&l->sim->rng, 400);
	clock_run(l->sim, l->sim->now + (int64_t)(l->interval_ms * prng_below(&l->sim->rng, 60)) * TIME_MS);
	l->sim->loss = 0;
	memset(l->both_since, 0, sizeof(l->both_since)); /* until now they did not always hear each other */
}

static void
mf_shutdown(struct lan *l)
{
	struct box *b = some_box(l);
	if (!b->v || b->stopped)
		return;
	b->late = 0;
	vrrp_shutdown(b->v, l->sim->now);
	box_turn_end(b);
	clock_run(l->sim, l->sim->now + l->interval_ms * TIME_MS + 100 * TIME_MS);
	if (b->v && !vrrp_is_idle(b->v))
		check_fail(l->sim, "v%u: not idle an interval after its shutdown", b->index);
	box_kill(b);
	b->on = false;
	b->record_count = b->lan_record.count = 0;
}

static const struct {
	const char *name;
	void (*happen)(struct lan *l);
} misfortunes[] = { { "carrier", mf_carrier }, { "silent port", mf_silent }, { "partition", mf_partition },
	{ "power", mf_power }, { "kill -9", mf_kill9 }, { "SIGSTOP", mf_stop }, { "late wake-ups", mf_late },
	{ "track", mf_track }, { "routing ready", mf_ready }, { "config", mf_config }, { "loss", mf_weather },
	{ "shutdown", mf_shutdown } };

/* --- the verdict when all is quiet ----------------------------------------------------------------------- */

/* May it be master, and with which priority? */
static unsigned
eligible(const struct box *b, unsigned vr)
{
	if (!b->v || !b->carrier)
		return 0;
	unsigned p = b->priority[vr];
	return b->track_up ? p : p > 100 ? p - 100 : 1;
}

static void
verdict(struct lan *l)
{
	struct sim *s = l->sim;
	for (unsigned vr = 0; vr < l->vrs && !s->why[0]; vr++)
		for (unsigned i = 0; i < l->count; i++) {
			struct box *b = &l->boxes[i];
			if (!eligible(b, vr))
				continue;
			unsigned masters = b->state[vr] == VRRP_MASTER;
			bool best = true, beaten = false, all_preempt = b->preempt;
			for (unsigned k = 0; k < l->count; k++) {
				const struct box *o = &l->boxes[k];
				if (!eligible(o, vr) || !hears(b, o))
					continue;
				masters += o->state[vr] == VRRP_MASTER;
				all_preempt &= o->preempt;
				/* of equals the one that came first stays (RFC 9568 6.4.2) */
				best &= eligible(b, vr) > eligible(o, vr);
				beaten |= eligible(b, vr) < eligible(o, vr);
			}
			if (masters != 1)
				check_fail(s, "vrid %u: %u masters in the part of the LAN where v%u is", vr + 1, masters, i);
			else if (all_preempt && (b->state[vr] == VRRP_MASTER ? beaten : best))
				check_fail(s, "vrid %u: v%u is %s, though %s", vr + 1, i, vrrp_state_name(b->state[vr]),
					best ? "it is the best" : "there is a better one");
		}
	/* The master is in the half of the hosts and hears them: its LAN is alive. A dead port is told. */
	for (unsigned i = 0; i < l->count && !s->why[0]; i++) {
		const struct box *b = &l->boxes[i];
		if (b->v && b->carrier && hears_hosts(b) && b->told_dead)
			check_fail(s, "v%u: its LAN is called dead, though hosts answer", i);
	}
}

static void
mended(struct lan *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		struct box *b = &l->boxes[i];
		b->late = 0;
		box_continue(b);
		b->ready = true;
		if (b->v) {
			vrrp_ready_changed(b->v, true, l->sim->now);
			box_turn_end(b);
		}
	}
}

/* --- a case ------------------------------------------------------------------------------------------------ */

static void
lan_new(struct lan *l, struct sim *s)
{
	static const unsigned intervals[] = { 10, 50, 100, 100, 1000 };
	memset(l, 0, sizeof(*l));
	l->sim = s;
	s->lan = l;
	l->count = 2 + prng_below(&s->rng, ROUTERS_MAX - 1);
	l->vrs = 1 + prng_below(&s->rng, VRS_MAX);
	l->interval_ms = intervals[prng_below(&s->rng, 5)];
	l->bfd = prng_below(&s->rng, 2);
	/* after a heal each says so in its next advert, and is answered at once; late threads speak late */
	l->allowed_overlap_ms = 2 * l->interval_ms + 20;
	bool preempt = prng_below(&s->rng, 4);
	for (unsigned i = 0; i < l->count; i++) {
		struct box *b = &l->boxes[i];
		b->lan = l;
		b->index = i;
		b->carrier = b->track_up = b->ready = true;
		b->preempt = preempt;
		b->wake = TIME_NEVER;
		for (unsigned vr = 0; vr < l->vrs; vr++)
			b->priority[vr] = (uint8_t)(1 + prng_below(&s->rng, prng_below(&s->rng, 4) ? 254 : 3));
	}
}

/* Long enough for every timer: learnt intervals are capped, and holds are over. */
static int64_t
patience(const struct lan *l)
{
	return (int64_t)l->interval_ms * 45 * TIME_MS + 3 * TIME_SEC;
}

bool
lan_case(struct sim *s, unsigned steps, char *story, size_t size)
{
	struct lan *l = mem_zalloc(sizeof(*l));
	lan_new(l, s);
	snprintf(story, size, "%u routers, %u virtual ones, %u ms%s", l->count, l->vrs, l->interval_ms, l->bfd ? ", BFD" : "");
	second_hand(s, NULL);
	for (unsigned i = 0; i < l->count && !s->why[0]; i++)
		box_start(&l->boxes[i], false);
	happened(l);
	clock_run(s, s->now + patience(l));
	verdict(l);
	for (unsigned i = 0; i < steps && !s->why[0]; i++) {
		for (uint32_t n = 1 + prng_below(&s->rng, 3); n > 0 && !s->why[0]; n--) {
			size_t which = prng_below(&s->rng, sizeof(misfortunes) / sizeof(misfortunes[0])), len = strlen(story);
			snprintf(story + len, size - len, "; %s", misfortunes[which].name);
			if (s->trace)
				printf("  %.6f %s\n", (double)s->now / 1e6, misfortunes[which].name);
			misfortunes[which].happen(l);
			happened(l);
			clock_run(s, s->now + (int64_t)prng_below(&s->rng, l->interval_ms * 6) * TIME_MS);
		}
		mended(l);
		clock_run(s, s->now + patience(l));
		if (!s->why[0])
			verdict(l);
	}
	for (unsigned i = 0; i < l->count; i++)
		box_kill(&l->boxes[i]);
	clock_clear(s);
	s->lan = NULL;
	mem_free(l);
	return !s->why[0];
}
