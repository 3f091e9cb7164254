/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VRRP core under random events: two routers, two LANs, everything that can happen to them chosen by the input:
 * packets lost, mutated (checksums repaired), forged; links, addresses, devices, configs, groups, tracking, BFD, hosts,
 * readiness, kill and restore, shutdown, time. After each event the books must balance:
 * - addresses are with zebra exactly while a virtual router is Master or hands over, and never twice;
 * - who is Initialize has no timer that could make it master; who is Backup has one, unless it knows better;
 * - priorities are 1-255, states and reasons have names; a config that is refused changes nothing.
 *
 * fuzz-links: vrrpd/a*.c vrrpd/config.c vrrpd/fsm.c vrrpd/garp.c vrrpd/hold.c vrrpd/iface.c vrrpd/lan.c vrrpd/packet.c
 * fuzz-links: vrrpd/r[eo]*.c vrrpd/settings.c vrrpd/stats.c vrrpd/sync.c vrrpd/track.c vrrpd/view.c vrrpd/vrrp.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cksum.h"
#include "lib/conf.h"
#include "lib/mem.h"
#include "lib/wire.h"
#include "vrrpd/config.h"
#include "vrrpd/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QUEUE 64
#define HELD  64
#define SIZE  128

struct packet_copy {
	unsigned to;
	uint32_t ifindex;
	struct ipaddr src, dst;
	size_t len;
	uint8_t bytes[SIZE];
};
struct held {
	struct vrrp_key key;
	struct ipaddr address;
};
struct side {
	struct world *w;
	unsigned index;
	struct vrrp *v;
	struct timers *timers;
	struct conf_object *config;
	struct held held[HELD];
	unsigned held_count;
	struct vrrp_vlink_want vlink[HELD];
	unsigned vlink_count;
	struct vrrp_record record[8];
	unsigned record_count;
	struct vrrp_lan_record lan[4];
	unsigned lan_count;
	bool stopping;
};
struct world {
	struct side side[2];
	int64_t now;
	struct packet_copy queue[QUEUE], last;
	unsigned head, tail;
	struct wire_reader in;
};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* --- ops ------------------------------------------------------------------------------------------ */

static void
op_send(void *arg, const struct vrrp_tx *tx)
{
	struct side *s = arg;
	struct packet_copy *p = &s->w->queue[s->w->tail % QUEUE];
	must(tx->len >= VRRP_HDR_LEN && tx->src.afi == tx->dst.afi && tx->key.ifindex && tx->bytes[1] == tx->key.vrid);
	must(tx->virtual_mac ? ipaddr_is_multicast(&tx->dst) : true);
	if (tx->len > SIZE || s->w->tail - s->w->head == QUEUE)
		return;
	s->w->tail++;
	*p = (struct packet_copy){.to = !s->index, .ifindex = tx->key.ifindex, .src = tx->src, .dst = tx->dst, .len = tx->len};
	memcpy(p->bytes, tx->bytes, tx->len);
}

static void
op_frame(void *arg, uint32_t ifindex, const uint8_t *bytes, size_t len)
{
	(void)arg;
	must(ifindex && bytes && (len == 42 || len == 86));
}

static void
op_membership(void *arg, uint32_t ifindex, uint8_t afi, bool join)
{
	(void)arg;
	(void)join;
	must(ifindex && (afi == AFI_IP4 || afi == AFI_IP6));
}

static bool
same_key(const struct vrrp_key *a, const struct vrrp_key *b)
{
	return a->ifindex == b->ifindex && a->vrid == b->vrid && a->afi == b->afi;
}

static void
op_vlink(void *arg, const struct vrrp_vlink_want *want)
{
	struct side *s = arg;
	unsigned i = 0;
	must(want->key.ifindex);
	while (i < s->vlink_count && !same_key(&s->vlink[i].key, &want->key))
		i++;
	if (!want->want) {
		must(i < s->vlink_count); /* nothing is given back that was not asked for */
		s->vlink[i] = s->vlink[--s->vlink_count];
	} else if (i < HELD) {
		s->vlink[i] = *want;
		s->vlink_count += i == s->vlink_count;
	}
}

static void
op_address(void *arg, const struct vrrp_address_want *want)
{
	struct side *s = arg;
	unsigned i = 0;
	bool by_link = want->virtual_mac && want->address.afi == AFI_IP6 && ipaddr_is_link_local(&want->address);
	must(want->key.ifindex && want->prefix_len == (by_link ? 64 : afi_bits(want->address.afi)));
	while (i < s->held_count &&
		(!same_key(&s->held[i].key, &want->key) || ipaddr_cmp(&s->held[i].address, &want->address)))
		i++;
	if (!want->want) {
		must(i < s->held_count);
		s->held[i] = s->held[--s->held_count];
	} else if (i == s->held_count) {
		must(i < HELD);
		s->held[s->held_count++] = (struct held){want->key, want->address};
	}
}

static void
op_lan(void *arg, const struct vrrp_lan *l)
{
	(void)arg;
	must(l->ifindex && l->role <= VRRP_ROLE_INITIALIZE);
	must(l->role != VRRP_ROLE_MASTER || (!l->withdraw && !l->added_cost));
}

static void
op_bfd(void *arg, const struct vrrp_bfd_want *want)
{
	(void)arg;
	must(want->ifindex && want->peer.afi);
}

static void
op_changed(void *arg, const struct vrrp_change *c)
{
	(void)arg;
	must(c->old_state != c->new_state && c->reason < VRRP_WHY_COUNT && c->new_state <= VRRP_MASTER && c->priority);
	must(c->key.ifindex && c->ifname[0]);
}

static void
op_checkpoint(void *arg, const struct vrrp_key *key, const struct vrrp_record *r)
{
	struct side *s = arg;
	unsigned i = 0;
	while (i < s->record_count && !same_key(&s->record[i].key, key))
		i++;
	if (r && i < 8) {
		s->record[i] = *r;
		s->record_count += i == s->record_count;
	} else if (!r && i < s->record_count) {
		s->record[i] = s->record[--s->record_count];
	}
}

static void
op_lan_checkpoint(void *arg, const struct vrrp_lan_record *r)
{
	struct side *s = arg;
	unsigned i = 0;
	must(r->ifname[0] && r->count <= VRRP_LAN_HOSTS);
	while (i < s->lan_count && strcmp(s->lan[i].ifname, r->ifname))
		i++;
	if (i < 4) {
		s->lan[i] = *r;
		s->lan_count += i == s->lan_count;
	}
}

static void
op_log(void *arg, const struct vrrp_log *l)
{
	(void)arg;
	must(l->ifname[0] && l->kind <= VRRP_LOG_SPLIT && memchr(l->text, 0, sizeof(l->text)));
}

static const struct vrrp_ops ops = {op_send, op_frame, op_membership, op_vlink, op_address, op_lan, op_bfd, op_changed,
	op_checkpoint, op_lan_checkpoint, op_log};

/* --- the books ------------------------------------------------------------------------------------ */

static void
check_router(const struct side *s, const struct vrrp_router *r)
{
	unsigned count = 0, own = 0;
	struct vrrp_key key = vrrp_router_key(r);
	bool runs = vrrp_router_state(r) != VRRP_INITIALIZE, master = vrrp_router_state(r) == VRRP_MASTER;
	for (unsigned i = 0; i < s->held_count; i++)
		count += same_key(&s->held[i].key, &key);
	for (size_t i = 0; i < r->s->address_count; i++)
		own += vrrp_iface_owns(r->ifc, &r->s->addresses[i]);
	must(count == r->held_count);
	if (master)
		must(count + own == r->s->address_count);
	must(vrrp_router_holds(r) || !count);
	must(r->priority >= 1 && (!r->owner || r->priority == 255));
	must(!master || (r->block == VRRP_BLOCK_NONE && timer_armed(&r->timer) && !r->h.active));
	must(runs || !timer_armed(&r->timer));
	must(vrrp_router_state(r) != VRRP_BACKUP || timer_armed(&r->timer) || r->expired);
	must(!r->h.active || timer_armed(&r->h.timer));
	must(runs || r->block != VRRP_BLOCK_NONE);
	must(!r->expired || r->block != VRRP_BLOCK_NONE || r->group || r->h.active);
	must(!r->group || r->s->group[0]);
}

static void
check(struct world *w)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct vrrp_router *r;
		struct vrrp_view view;
		struct vrrp_view_key key;
		const struct vrrp_view_key *after = NULL;
		const struct vrrp_iface *ifc;
		unsigned seen = 0, listed = 0;
		size_t wishes = 0;
		TAILQ_FOREACH(r, &w->side[i].v->routers, entry) {
			check_router(&w->side[i], r);
			seen += !r->removed;
			wishes += r->removed ? 0 : r->s->bfd_count;
		}
		for (; vrrp_view_next(w->side[i].v, after, &view); listed++) {
			key = view.key;
			after = &key;
		}
		must(seen == listed);
		TAILQ_FOREACH(ifc, &w->side[i].v->ifaces, entry)
			for (size_t b = 0; b < ifc->bfd_count; b++)
				wishes -= ifc->bfd[b].refs;
		must(!wishes);
	}
}

/* --- events --------------------------------------------------------------------------------------- */

static void
start(struct world *w, unsigned i)
{
	struct side *s = &w->side[i];
	s->w = w;
	s->index = i;
	s->timers = timers_new();
	s->v = vrrp_new(&ops, s, s->timers, i, w->now);
	s->config = conf_new(&vrrp_config_root);
	s->held_count = s->vlink_count = 0;
	s->stopping = false;
}

static void
kill_side(struct side *s)
{
	vrrp_free(s->v);
	must(timers_count(s->timers) == 0);
	timers_free(s->timers);
	conf_unref(s->config);
}

static void
link_event(struct side *s, uint8_t how)
{
	struct vrrp_link l = {.ifindex = 1 + (how & 1), .up = how & 2, .gone = (how & 0xc) == 0xc,
		.mac = {2, 0, 0, 0, 1, (uint8_t)(s->index + 1)}};
	snprintf(l.name, sizeof(l.name), "eth%u", how & 0x10 ? 3 : l.ifindex);
	vrrp_link_changed(s->v, &l, s->w->now);
}

static void
address_event(struct side *s, uint8_t how)
{
	uint32_t ifindex = 1 + (how & 1);
	struct prefix p = {.afi = how & 2 ? AFI_IP6 : AFI_IP4, .len = how & 2 ? 64 : 24};
	if (how & 2)
		memcpy(p.b, (uint8_t[16]){0xfe, 0x80, [15] = (uint8_t)(s->index + 1)}, 16);
	else
		memcpy(p.b, (uint8_t[4]){10, 0, (uint8_t)ifindex, how & 4 ? 254 : (uint8_t)(s->index + 1)}, 4);
	if (how & 8)
		p.len = (uint8_t)afi_bits(p.afi);
	vrrp_address_changed(s->v, ifindex, &p, how & 0x10, s->w->now);
}

static const char *const leaves[][2] = {
	{"", NULL}, {"virtual-ipv4-address[address='10.0.1.254']", NULL}, {"virtual-ipv4-address[address='10.0.1.253']", NULL},
	{"virtual-ipv6-address[address='fe80::254']", NULL}, {"virtual-ipv6-address[address='2001:db8::1']", NULL},
	{"version", "2"}, {"version", "3"}, {"priority", "100"}, {"priority", "200"}, {"priority", "255"}, {"priority", "1"},
	{"advertisement-interval", "10"}, {"advertisement-interval", "1000"}, {"advertisement-interval", "40000"},
	{"advertisement-interval", "15"}, {"preempt/enabled", "false"}, {"preempt/enabled", "true"}, {"preempt/hold-time", "2"},
	{"start-delay", "3"}, {"wait-for-routing/enabled", "false"}, {"wait-for-routing/maximum", "4"}, {"accept-mode", "false"},
	{"virtual-mac", "false"}, {"virtual-mac", "true"}, {"unicast-peer[.='10.0.1.2']", NULL}, {"shutdown", "true"},
	{"shutdown", "false"}, {"authentication", "secret"}, {"track[id='1']", NULL}, {"track[id='2']/decrement", "150"},
	{"track-interface[name='eth2']", NULL}, {"track-interface[name='eth1']/decrement", "20"}, {"bfd[peer='10.0.1.1']", NULL},
	{"bfd[peer='10.0.1.2']/profile", "p"}, {"group", "g"}, {"group", "h"}, {"notify", "n"}, {"garp/repeat", "2"},
	{"garp/delay", "0"}, {"garp/refresh", "1"}, {"lan-prefix/backup-cost", "9"}, {"lan-prefix/backup-withdraw", "true"},
	{"lan-liveness", "false"}, {"lan-liveness", "true"}, {"checksum-with-ipv4-pseudoheader", "true"},
	{"/vrrp/defaults/priority", "120"}, {"/vrrp/defaults/advertisement-interval", "1500"}, {"/vrrp/defaults/shutdown", "true"},
	{"/vrrp/defaults/preempt", "false"}, {"/vrrp/defaults/checksum-with-ipv4-pseudoheader", "false"},
};
#define LEAVES (sizeof(leaves) / sizeof(leaves[0]))

static void
config_event(struct side *s, uint8_t which, uint8_t where)
{
	char path[192];
	struct conf_error err;
	bool del = where & 4;
	const char *leaf = leaves[which % LEAVES][0];
	if (*leaf == '/')
		snprintf(path, sizeof(path), "%s", leaf);
	else
		snprintf(path, sizeof(path), "/interfaces/interface[name='eth%u']/vrrp/vrrp-instance[vrid='%u']%s%s",
			1 + (where & 1), where & 2 ? 5 : 255, *leaf ? "/" : "", leaf);
	struct conf_edit e = {del ? CONF_OP_DELETE : CONF_OP_SET, path, leaves[which % LEAVES][1]};
	struct conf_object *new = conf_edit(s->config, &e, 1, &err);
	must(new != NULL);
	if (!conf_check(s->config, new, &err)) {
		must(err.path[0] && err.message[0]);
		conf_unref(new);
		return;
	}
	vrrp_reconfigure(s->v, s->config, new, s->w->now);
	conf_unref(s->config);
	s->config = new;
}

static void
repair(struct packet_copy *p, bool pseudo)
{
	uint8_t tail[4] = {0, VRRP_PROTO, (uint8_t)(p->len >> 8), (uint8_t)p->len};
	if (p->len < VRRP_HDR_LEN)
		return;
	p->bytes[6] = p->bytes[7] = 0;
	uint32_t sum = cksum_add(0, p->bytes, p->len);
	size_t size = afi_bytes(p->src.afi);
	if (pseudo || p->src.afi == AFI_IP6)
		sum = cksum_add(cksum_add(cksum_add(sum, p->src.b, size), p->dst.b, size), tail, 4);
	uint16_t folded = cksum_fold(sum);
	p->bytes[6] = (uint8_t)(folded >> 8);
	p->bytes[7] = (uint8_t)folded;
}

static void
deliver(struct world *w, const struct packet_copy *p, uint8_t ttl, int64_t late)
{
	struct side *s = &w->side[p->to];
	struct vrrp_rx rx = {p->ifindex, p->src, p->dst, ttl, w->now - late, p->bytes, p->len};
	vrrp_packet_received(s->v, &rx, w->now);
}

static void
packet_event(struct world *w, uint8_t how)
{
	struct packet_copy *p = &w->last;
	if (w->head != w->tail)
		*p = w->queue[w->head++ % QUEUE];
	if (!p->len || how & 1)
		return; /* lost */
	if (how & 2) {
		p->bytes[wire_get_u8(&w->in) % p->len] = wire_get_u8(&w->in);
		repair(p, how & 4);
	}
	if (how & 8)
		p->src.b[afi_bytes(p->src.afi) - 1] = wire_get_u8(&w->in);
	if (how & 16)
		p->len = p->len > 4 ? p->len - 4 : p->len;
	if (how & 32)
		p->to = !p->to;
	deliver(w, p, how & 64 ? 254 : 255, how & 128 ? 50 * TIME_MS : 0);
}

static void
vlink_event(struct side *s, uint8_t how)
{
	struct vrrp_key key = {1 + (how & 1), how & 2 ? 5 : 255, how & 4 ? AFI_IP6 : AFI_IP4};
	if (how & 8) { /* zebra does as it was asked, for all */
		for (unsigned i = 0; i < s->vlink_count; i++) {
			key = s->vlink[i].key;
			vrrp_vlink_changed(s->v, &key, 50 + i, true, s->w->now);
		}
		return;
	}
	vrrp_vlink_changed(s->v, &key, how & 16 ? 0 : 9, how & 32, s->w->now);
}

static void
heard_event(struct side *s, uint8_t how)
{
	const uint8_t mac[6] = {how & 1 ? 0 : 2, 0, how & 1 ? 0x5e : 0, 0, 1, how};
	struct ipaddr host = ipaddr_from_ip4(0x0a000100u | how);
	vrrp_host_heard(s->v, 1 + (how & 1), &host, mac, how & 2, s->w->now, s->w->now);
}

static void
bfd_event(struct side *s, uint8_t how)
{
	struct ipaddr peer = ipaddr_from_ip4(how & 1 ? 0x0a000101 : 0x0a000102);
	vrrp_bfd_changed(s->v, 1 + (how >> 1 & 1), &peer, (how >> 2) % 3, s->w->now, s->w->now);
}

static void
restart_event(struct side *s, uint8_t how)
{
	struct vrrp_record record[8];
	unsigned count = s->record_count;
	struct conf_object *config = conf_ref(s->config);
	struct vrrp_lan_record lan[4];
	unsigned lan_count = s->lan_count;
	memcpy(record, s->record, sizeof(record));
	memcpy(lan, s->lan, sizeof(lan));
	kill_side(s);
	start(s->w, s->index);
	if (how & 1) {
		vrrp_restore(s->v, record, count, s->w->now);
		vrrp_restore_lans(s->v, lan, lan_count);
	}
	vrrp_reconfigure(s->v, NULL, config, s->w->now);
	conf_unref(s->config);
	s->config = config;
	for (uint8_t i = 0; i < 2; i++) {
		link_event(s, 2 | i);
		address_event(s, i);
		address_event(s, 2 | i);
	}
	vlink_event(s, 8);
}

static void
other_event(struct side *s, uint8_t how)
{
	struct vrrp *v = s->v;
	int64_t now = s->w->now;
	switch (how & 7) {
	case 0:
		vrrp_ready_changed(v, how & 8, now);
		break;
	case 1:
		vrrp_synced(v, now);
		break;
	case 2:
		vrrp_router_started(v, now - how * TIME_MS, now);
		break;
	case 3:
		vrrp_clear_counters(v);
		break;
	case 4:
	case 5:
		vrrp_track_changed(v, 1 + (how >> 3 & 1), how & 16, how & 32, now);
		break;
	case 6:
		restart_event(s, how >> 3);
		break;
	default:
		if (how == 0xff) {
			vrrp_shutdown(v, now);
			s->stopping = true;
		}
		break;
	}
}

static void
time_event(struct world *w, uint8_t how)
{
	static const int64_t steps[] = {100, TIME_MS, 3 * TIME_MS, 10 * TIME_MS, 50 * TIME_MS, 200 * TIME_MS, TIME_SEC,
		4 * TIME_SEC};
	int64_t end = w->now + steps[how & 7] * (1 + (how >> 3));
	/* step by step, as a thread does that is in time; or all at once, as one that is late */
	for (unsigned n = 0; !(how & 0x80) && n < 200; n++) {
		int64_t a = timers_next(w->side[0].timers), b = timers_next(w->side[1].timers), next = a < b ? a : b;
		if (next > end)
			break;
		w->now = next > w->now ? next : w->now;
		for (unsigned i = 0; i < 2; i++)
			timers_run(w->side[i].timers, w->now, 64);
		if (w->head != w->tail) {
			w->last = w->queue[w->head++ % QUEUE];
			deliver(w, &w->last, 255, 0);
		}
	}
	w->now = end;
	for (unsigned i = 0; i < 2; i++)
		timers_run(w->side[i].timers, w->now, 64);
}

static void
event(struct world *w)
{
	uint8_t what = wire_get_u8(&w->in), how = wire_get_u8(&w->in);
	struct side *s = &w->side[what >> 7];
	switch (what & 15) {
	case 0:
		link_event(s, how);
		break;
	case 1:
		address_event(s, how);
		break;
	case 2:
	case 3:
	case 4:
		config_event(s, how, wire_get_u8(&w->in));
		break;
	case 5:
	case 6:
	case 7:
		packet_event(w, how);
		break;
	case 8:
		vlink_event(s, how);
		break;
	case 9:
		heard_event(s, how);
		break;
	case 10:
		bfd_event(s, how);
		break;
	case 11:
		other_event(s, how);
		break;
	default:
		time_event(w, how);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = mem_zalloc(sizeof(*w));
	w->in = wire_reader(data, size < 4096 ? size : 4096);
	w->now = 1000 * TIME_SEC;
	for (unsigned i = 0; i < 2; i++) {
		start(w, i);
		for (uint8_t j = 0; j < 2; j++) {
			link_event(&w->side[i], 2 | j);
			address_event(&w->side[i], j);
			address_event(&w->side[i], 2 | j);
		}
	}
	while (wire_left(&w->in)) {
		event(w);
		check(w);
	}
	/* whatever happened, a shutdown comes to its end in an interval and a bit */
	for (unsigned i = 0; i < 2; i++)
		vrrp_shutdown(w->side[i].v, w->now);
	check(w);
	for (unsigned n = 0; n < 1000 && !(vrrp_is_idle(w->side[0].v) && vrrp_is_idle(w->side[1].v)); n++)
		time_event(w, 0x80 | 6);
	for (unsigned i = 0; i < 2; i++) {
		must(vrrp_is_idle(w->side[i].v) && !w->side[i].held_count && !w->side[i].vlink_count);
		kill_side(&w->side[i]);
	}
	mem_free(w);
	return 0;
}
