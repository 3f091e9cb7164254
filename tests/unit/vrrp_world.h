/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several VRRP cores on virtual LANs in virtual time: interface `ethN` of every node is index N and on LAN N.
 * Whatever a core asks for is done at once (links with virtual MACs come up, addresses are held); packets take
 * DELAY; a node can be paused (SIGSTOP: packets wait in its socket, with their time of arrival), cut off, restarted.
 */
#ifndef GREVY_TESTS_VRRP_WORLD_H
#define GREVY_TESTS_VRRP_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/conf.h"
#include "lib/timer.h"
#include "tests/unit/unit.h"
#include "vrrpd/config.h"
#include "vrrpd/packet.h"
#include "vrrpd/read.h"

#define NODES   4
#define QUEUE   4096
#define DELAY   20 /* us */
#define NOBODY  99
#define MS      TIME_MS
#define SEC     TIME_SEC

struct world;
struct sent { /* the last advert, and how many */
	int64_t at;
	unsigned count, zeros;
	uint8_t priority, vrid, version;
	struct ipaddr src, dst;
	bool virtual_mac;
	uint8_t bytes[VRRP_PACKET_MAX];
	size_t len;
};
struct node {
	struct world *w;
	unsigned index;
	struct vrrp *v;
	struct timers *timers;
	struct conf_object *config;
	bool paused, no_vlink, deaf;        /* deaf: no answers of hosts reach it */
	struct sent sent;
	int64_t first_advert;               /* since world_mark() */
	unsigned announced, asked, held, vlinks, joined, logs[VRRP_LOG_SPLIT + 1], records;
	int64_t announced_at;
	struct ipaddr address[64];          /* held */
	uint32_t address_if[64];
	struct vrrp_change change;          /* the last */
	unsigned changes;
	struct vrrp_lan lan[4];
	struct vrrp_bfd_want bfd;
	struct vrrp_record record[16];
	unsigned record_count;
	struct vrrp_lan_record lan_record[4]; /* by the interface's number */
	struct vrrp_log log;
	struct vrrp_vlink_want pending[64];
	unsigned pending_count;
};
struct flight {
	int64_t arrives;
	unsigned to;
	uint32_t ifindex;
	struct ipaddr src, dst;
	size_t len;
	uint8_t bytes[96];
};
struct world {
	struct node nodes[NODES];
	int64_t now;
	bool cut[NODES][4];                 /* [node][lan]: the switch swallows its frames, both ways */
	bool hosts[4];                      /* somebody on the LAN answers */
	struct flight queue[QUEUE];
	unsigned count;
	int64_t hosts_at[NODES][4];         /* an answer is due then; 0: none */
};

/* --- ops ------------------------------------------------------------------------------------------ */

static inline void
op_send(void *arg, const struct vrrp_tx *tx)
{
	struct node *n = arg;
	struct world *w = n->w;
	bool zero = !tx->bytes[2];
	n->sent.at = w->now;
	n->sent.count += !zero;
	n->sent.zeros += zero;
	n->sent.version = tx->bytes[0] >> 4;
	n->sent.vrid = tx->bytes[1];
	n->sent.priority = tx->bytes[2];
	n->sent.src = tx->src;
	n->sent.dst = tx->dst;
	n->sent.virtual_mac = tx->virtual_mac;
	n->sent.len = tx->len;
	memcpy(n->sent.bytes, tx->bytes, tx->len);
	if (!zero && !n->first_advert)
		n->first_advert = w->now;
	if (w->cut[n->index][tx->key.ifindex])
		return;
	for (unsigned i = 0; i < NODES; i++) {
		if (i == n->index || !w->nodes[i].v || w->cut[i][tx->key.ifindex] || tx->len > 96)
			continue;
		CU_ASSERT_FATAL(w->count < QUEUE);
		struct flight *f = &w->queue[w->count++];
		*f = (struct flight){w->now + DELAY, i, tx->key.ifindex, tx->src, tx->dst, tx->len, {0}};
		memcpy(f->bytes, tx->bytes, tx->len);
	}
}

static inline void
op_frame(void *arg, uint32_t ifindex, const uint8_t *bytes, size_t len)
{
	struct node *n = arg;
	struct world *w = n->w;
	bool ask = len >= 42 && bytes[12] == 8 && memcmp(bytes + 28, bytes + 38, 4) != 0;
	if (ask || (bytes[12] == 0x86 && bytes[54] == 135)) {
		n->asked++;
		if (w->hosts[ifindex] && !w->cut[n->index][ifindex] && !n->deaf)
			w->hosts_at[n->index][ifindex] = w->now + DELAY;
		return;
	}
	n->announced++;
	n->announced_at = w->now;
}

static inline void
op_membership(void *arg, uint32_t ifindex, uint8_t afi, bool join)
{
	struct node *n = arg;
	(void)ifindex;
	(void)afi;
	n->joined += join ? 1u : -1u;
}

static inline void
op_vlink(void *arg, const struct vrrp_vlink_want *want)
{
	struct node *n = arg;
	n->vlinks += want->want ? 1u : -1u;
	if (want->want && n->pending_count < 64)
		n->pending[n->pending_count++] = *want;
}

static inline void
op_address(void *arg, const struct vrrp_address_want *want)
{
	struct node *n = arg;
	unsigned i = 0;
	while (i < n->held && (ipaddr_cmp(&n->address[i], &want->address) || n->address_if[i] != want->key.ifindex))
		i++;
	if (want->want && i == n->held && i < 64) {
		n->address_if[i] = want->key.ifindex;
		n->address[n->held++] = want->address;
	} else if (!want->want) {
		CU_ASSERT(i < n->held);
		if (i < n->held) {
			n->address[i] = n->address[--n->held];
			n->address_if[i] = n->address_if[n->held];
		}
	}
}

static inline void
op_lan(void *arg, const struct vrrp_lan *l)
{
	struct node *n = arg;
	CU_ASSERT_FATAL(l->ifindex && l->ifindex < 4);
	n->lan[l->ifindex] = *l;
}

static inline void
op_bfd(void *arg, const struct vrrp_bfd_want *want)
{
	((struct node *)arg)->bfd = *want;
}

static inline void
op_changed(void *arg, const struct vrrp_change *c)
{
	struct node *n = arg;
	n->change = *c;
	n->changes++;
}

static inline void
op_checkpoint(void *arg, const struct vrrp_key *key, const struct vrrp_record *r)
{
	struct node *n = arg;
	unsigned i = 0;
	n->records++;
	while (i < n->record_count && (n->record[i].key.vrid != key->vrid || n->record[i].key.afi != key->afi ||
		n->record[i].key.ifindex != key->ifindex))
		i++;
	if (r && i < 16) {
		n->record[i] = *r;
		n->record_count += i == n->record_count;
	} else if (!r && i < n->record_count) {
		n->record[i] = n->record[--n->record_count];
	}
}

static inline void
op_lan_checkpoint(void *arg, const struct vrrp_lan_record *r)
{
	struct node *n = arg;
	n->records++;
	n->lan_record[r->ifname[3] & 3] = *r; /* eth1..eth3 */
}

static inline void
op_log(void *arg, const struct vrrp_log *l)
{
	struct node *n = arg;
	n->log = *l;
	n->logs[l->kind]++;
}

static const struct vrrp_ops world_ops = {op_send, op_frame, op_membership, op_vlink, op_address, op_lan, op_bfd, op_changed,
	op_checkpoint, op_lan_checkpoint, op_log};

/* --- time ----------------------------------------------------------------------------------------- */

static inline void
world_vlinks(struct node *n)
{
	while (n->pending_count && !n->no_vlink) {
		struct vrrp_vlink_want want = n->pending[--n->pending_count];
		vrrp_vlink_changed(n->v, &want.key, 100 + want.key.vrid, true, n->w->now);
	}
}

static inline void
world_answer(struct node *n, uint32_t lan)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 9, 9};
	struct ipaddr host = ipaddr_from_ip4(0x0a000063 | lan << 8);
	n->w->hosts_at[n->index][lan] = 0;
	vrrp_host_heard(n->v, lan, &host, mac, true, n->w->now, n->w->now);
}

/* What a wake-up of a node's thread does: first all that has arrived, then what is due. */
static inline void
world_wake(struct node *n)
{
	struct world *w = n->w;
	for (unsigned i = 0; i < w->count;) {
		struct flight f = w->queue[i];
		if (f.to != n->index || f.arrives > w->now) {
			i++;
			continue;
		}
		memmove(w->queue + i, w->queue + i + 1, (w->count - i - 1) * sizeof(f));
		w->count--;
		struct vrrp_rx rx = {f.ifindex, f.src, f.dst, 255, f.arrives, f.bytes, f.len};
		if (n->v)
			vrrp_packet_received(n->v, &rx, w->now);
	}
	for (uint32_t lan = 1; n->v && lan < 4; lan++)
		if (w->hosts_at[n->index][lan] && w->hosts_at[n->index][lan] <= w->now)
			world_answer(n, lan);
	if (n->v)
		timers_run(n->timers, w->now, 100000);
	world_vlinks(n);
}

static inline int64_t
world_next(const struct world *w)
{
	int64_t next = TIME_NEVER;
	for (unsigned i = 0; i < NODES; i++) {
		const struct node *n = &w->nodes[i];
		if (!n->v || n->paused)
			continue;
		if (timers_next(n->timers) < next)
			next = timers_next(n->timers);
		for (uint32_t lan = 1; lan < 4; lan++)
			if (w->hosts_at[i][lan] && w->hosts_at[i][lan] < next)
				next = w->hosts_at[i][lan];
	}
	for (unsigned i = 0; i < w->count; i++)
		if (!w->nodes[w->queue[i].to].paused && w->queue[i].arrives < next)
			next = w->queue[i].arrives;
	return next;
}

static inline void
world_run(struct world *w, int64_t for_us)
{
	int64_t end = w->now + for_us;
	for (;;) {
		int64_t next = world_next(w);
		if (next > end)
			break;
		w->now = next > w->now ? next : w->now;
		for (unsigned i = 0; i < NODES; i++)
			if (w->nodes[i].v && !w->nodes[i].paused)
				world_wake(&w->nodes[i]);
	}
	w->now = end;
}

/* --- making and telling ----------------------------------------------------------------------------- */

static inline struct ipaddr
addr(const char *text)
{
	struct ipaddr a = {0};
	CU_ASSERT_FATAL(ipaddr_parse(text, &a));
	return a;
}

static inline void
node_address(struct node *n, uint32_t ifindex, const char *text, bool gone)
{
	struct prefix p;
	CU_ASSERT_FATAL(prefix_parse(text, false, &p));
	struct ipaddr a;
	char bare[64];
	snprintf(bare, sizeof(bare), "%s", text);
	*strchr(bare, '/') = '\0';
	CU_ASSERT_FATAL(ipaddr_parse(bare, &a));
	memcpy(p.b, a.b, 16); /* host bits kept */
	vrrp_address_changed(n->v, ifindex, &p, gone, n->w->now);
}

static inline void
node_link(struct node *n, uint32_t ifindex, bool up, bool gone)
{
	struct vrrp_link l = {.ifindex = ifindex, .up = up, .gone = gone, .mac = {2, 0, 0, (uint8_t)ifindex, 0, (uint8_t)(n->index + 1)}};
	snprintf(l.name, sizeof(l.name), "eth%u", ifindex);
	vrrp_link_changed(n->v, &l, n->w->now);
	world_vlinks(n);
}

/* eth1..eth3: 10.0.N.(i+1)/24 and fe80::(i+1) */
static inline void
node_links(struct node *n)
{
	char text[64];
	for (uint32_t ifindex = 1; ifindex < 4; ifindex++) {
		node_link(n, ifindex, true, false);
		snprintf(text, sizeof(text), "10.0.%u.%u/24", ifindex, n->index + 1);
		node_address(n, ifindex, text, false);
		snprintf(text, sizeof(text), "fe80::%u/64", n->index + 1);
		node_address(n, ifindex, text, false);
	}
	vrrp_synced(n->v, n->w->now);
	world_vlinks(n);
}

static inline void
node_start(struct world *w, unsigned i)
{
	struct node *n = &w->nodes[i];
	n->w = w;
	n->index = i;
	n->timers = timers_new();
	n->v = vrrp_new(&world_ops, n, n->timers, i + 1, w->now);
	n->config = conf_new(&vrrp_config_root);
}

/* kill -9: nothing is said, nothing is given back; zebra keeps what it was asked for. */
static inline void
node_kill(struct world *w, unsigned i)
{
	struct node *n = &w->nodes[i];
	vrrp_free(n->v);
	timers_free(n->timers);
	conf_unref(n->config);
	n->v = NULL;
	n->timers = NULL;
	n->config = NULL;
	n->held = n->vlinks = n->joined = n->pending_count = 0;
}

static inline void
world_free(struct world *w)
{
	for (unsigned i = 0; i < NODES; i++)
		if (w->nodes[i].v)
			node_kill(w, i);
	free(w);
}

static inline struct world *
world_new(unsigned nodes)
{
	struct world *w = calloc(1, sizeof(*w));
	w->now = 1000 * SEC;
	for (unsigned i = 0; i < nodes; i++) {
		node_start(w, i);
		node_links(&w->nodes[i]);
		vrrp_ready_changed(w->nodes[i].v, true, w->now);
	}
	return w;
}

static inline bool
node_edit(struct node *n, const char *path, bool del, const char *value, struct conf_error *err)
{
	struct conf_edit e = {del ? CONF_OP_DELETE : CONF_OP_SET, path, value};
	struct conf_object *new = conf_edit(n->config, &e, 1, err);
	if (!new || !conf_check(n->config, new, err)) {
		conf_unref(new);
		return false;
	}
	vrrp_reconfigure(n->v, n->config, new, n->w->now);
	conf_unref(n->config);
	n->config = new;
	world_vlinks(n);
	return true;
}

/* "eth1 5 priority" = "200"; an empty leaf names the entry, "-leaf" deletes. */
static inline bool
node_try(struct node *n, const char *ifname, unsigned vrid, const char *leaf, const char *value, struct conf_error *err)
{
	char path[256];
	bool del = *leaf == '-';
	snprintf(path, sizeof(path), "/interfaces/interface[name='%s']/vrrp/vrrp-instance[vrid='%u']%s%s", ifname, vrid,
		leaf[del] ? "/" : "", leaf + del);
	return node_edit(n, path, del, value, err);
}

static inline void
node_set(struct node *n, const char *ifname, unsigned vrid, const char *leaf, const char *value)
{
	struct conf_error err;
	if (!node_try(n, ifname, vrid, leaf, value, &err))
		CU_FAIL_FATAL("the configuration is refused");
}

static inline bool
node_view(const struct node *n, uint32_t ifindex, unsigned vrid, uint8_t afi, struct vrrp_view *out)
{
	struct vrrp_view_key key, *after = NULL;
	while (vrrp_view_next(n->v, after, out)) {
		key = out->key;
		after = &key;
		if (out->key.afi == afi && out->key.vrid == vrid && out->key.ifname[3] == (char)('0' + ifindex))
			return true;
	}
	return false;
}

static inline struct vrrp_view
view(const struct node *n)
{
	struct vrrp_view v;
	CU_ASSERT_FATAL(node_view(n, 1, 5, AFI_IP4, &v));
	return v;
}

static inline unsigned
state(const struct node *n)
{
	return view(n).state;
}

/* The only master of eth1's VRID 5; NOBODY; more than one: 100 + how many. */
static inline unsigned
master_of(const struct world *w, uint32_t ifindex)
{
	unsigned found = NOBODY, count = 0;
	for (unsigned i = 0; i < NODES; i++) {
		struct vrrp_view v;
		if (!w->nodes[i].v || !node_view(&w->nodes[i], ifindex, 5, AFI_IP4, &v) || v.state != VRRP_MASTER)
			continue;
		found = i;
		count++;
	}
	return count > 1 ? 100 + count : found;
}

static inline unsigned
master(const struct world *w)
{
	return master_of(w, 1);
}

/* Virtual router 5 on eth1 with 10.0.1.254, waiting for nothing. */
static inline void
node_vrrp(struct node *n, const char *priority, const char *interval)
{
	node_set(n, "eth1", 5, "priority", priority);
	node_set(n, "eth1", 5, "advertisement-interval", interval);
	node_set(n, "eth1", 5, "virtual-ipv4-address[address='10.0.1.254']", NULL);
}

static inline void
world_mark(struct world *w)
{
	for (unsigned i = 0; i < NODES; i++)
		w->nodes[i].first_advert = 0;
}

/* Two routers, 200 and 100; node 0 is master, everything is quiet. */
static inline struct world *
world_pair(const char *interval)
{
	struct world *w = world_new(2);
	node_vrrp(&w->nodes[0], "200", interval);
	node_vrrp(&w->nodes[1], "100", interval);
	world_run(w, 10 * SEC);
	CU_ASSERT(master(w) == 0);
	CU_ASSERT(w->nodes[0].held == 1 && w->nodes[1].held == 0);
	world_mark(w);
	return w;
}

#endif
