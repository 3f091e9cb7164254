/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's side of rib.sock. Owns the connection, the groups, the standing wishes and the one
 * open batch of prefixes.
 * Invariants: nothing is sent before zebra has accepted our hello; a group is defined on a
 * connection before the first batch that names it; the open batch leaves before anything that
 * could overtake it. What is announced while zebra is away is not kept: replay() asks for it again.
 */
#include "lib/zclient_priv.h"

#include <stdio.h>
#include <string.h>

#include "gen/rib.pb-c.h"
#include "lib/hash.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/zclient_group.h"

#define ZCLIENT_BATCH   61440u /* octets of packed prefixes */
#define ZCLIENT_LEGS    1024u  /* more make no sense and no frame */
#define ZCLIENT_VERSION 1

enum zwish_kind { ZWISH_REDISTRIBUTE, ZWISH_DEFAULT, ZWISH_NHT };
struct zwish { /* compared as octets */
	uint8_t kind;
	uint8_t afi;
	char protocol[16];
	uint8_t address[16];
};

struct zclient {
	struct loop *loop;
	struct ipc_conn *conn;
	struct loop_phase *phase;
	const struct zclient_ops *ops;
	void *arg;
	char protocol[16];
	uint32_t grace;
	bool up; /* hello accepted */
	bool forwarding;
	struct zgroups *groups;
	struct hash *wishes;
	struct zha *ha;
	/* the open batch */
	bool withdraw;
	struct zclient_route key;
	uint8_t packed[ZCLIENT_BATCH + 17];
	size_t packed_len;
	uint64_t sequence;
};

/* --- out: groups and batches ------------------------------------------------------------------- */

static void
zclient_send_group(struct zclient *z, struct zgroup *g)
{
	Rib__Group m = RIB__GROUP__INIT;
	Rib__Leg *legs = mem_array(g->count ? g->count : 1, sizeof(*legs));
	Rib__Leg **list = mem_array(g->count ? g->count : 1, sizeof(*list));
	for (size_t i = 0; i < g->count; i++) {
		struct zclient_leg *l = &g->legs[i];
		rib__leg__init(&legs[i]);
		legs[i].gateway.data = l->gateway.b;
		legs[i].gateway.len = afi_bytes(l->gateway.afi);
		legs[i].ifindex = l->ifindex;
		legs[i].weight = l->weight;
		legs[i].onlink = l->onlink;
		legs[i].backup_rank = l->backup_rank;
		legs[i].special = l->special;
		legs[i].bfd_sequence = l->bfd_sequence;
		list[i] = &legs[i];
	}
	m.id = g->id;
	m.legs = list;
	m.n_legs = g->count;
	ipc_send(z->conn, RIB__RIB_TYPE__RIB_GROUP, &m.base);
	g->sent = true;
	mem_free(list);
	mem_free(legs);
}

static void
zclient_end_batch(struct zclient *z)
{
	Rib__Routes m = RIB__ROUTES__INIT;
	if (!z->packed_len)
		return;
	struct zgroup *g = z->withdraw ? NULL : zgroups_find(z->groups, z->key.group);
	if (g && !g->sent)
		zclient_send_group(z, g);
	m.withdraw = z->withdraw;
	m.table = z->key.table;
	m.afi = z->key.afi;
	m.distance = z->key.distance;
	m.metric = z->key.metric;
	m.tag = z->key.tag;
	m.group = z->key.group;
	m.kind = z->key.kind;
	m.prefixes.data = z->packed;
	m.prefixes.len = z->packed_len;
	m.sequence = ++z->sequence;
	ipc_send(z->conn, RIB__RIB_TYPE__RIB_ROUTES, &m.base);
	z->packed_len = 0;
}

static void
zclient_end_groups(struct zclient *z)
{
	uint32_t ids[256];
	Rib__GroupDelete m = RIB__GROUP_DELETE__INIT;
	bool sent;
	m.ids = ids;
	for (uint32_t id; (id = zgroups_bury(z->groups, &sent));) {
		if (!sent || !z->up)
			continue;
		ids[m.n_ids++] = id;
		if (m.n_ids < 256)
			continue;
		ipc_send(z->conn, RIB__RIB_TYPE__RIB_GROUP_DELETE, &m.base);
		m.n_ids = 0;
	}
	if (m.n_ids)
		ipc_send(z->conn, RIB__RIB_TYPE__RIB_GROUP_DELETE, &m.base);
}

static bool
zclient_turn_ends(void *arg, int64_t now)
{
	struct zclient *z = arg;
	(void)now;
	zclient_end_batch(z);
	zclient_end_groups(z);
	return false;
}

void
zclient_flush(struct zclient *z)
{
	zclient_end_batch(z);
	zclient_end_groups(z);
	ipc_flush(z->conn);
}

/* Puts p into the open batch if that is of this kind, else into a new one. */
static void
zclient_batch(struct zclient *z, bool withdraw, const struct zclient_route *key, const struct prefix *p)
{
	const struct zclient_route *k = &z->key;
	if (!z->up)
		return;
	bool same = z->withdraw == withdraw && k->afi == key->afi && k->distance == key->distance &&
		    k->kind == key->kind && k->table == key->table && k->metric == key->metric &&
		    k->tag == key->tag && k->group == key->group;
	if (!same || z->packed_len >= ZCLIENT_BATCH)
		zclient_end_batch(z);
	z->withdraw = withdraw;
	z->key = *key;
	z->packed_len += prefix_pack(p, z->packed + z->packed_len);
	loop_phase_wake(z->phase);
}

void
zclient_route_add(struct zclient *z, const struct zclient_route *r, const struct prefix *p)
{
	zclient_batch(z, false, r, p);
}

void
zclient_route_del(struct zclient *z, uint32_t table, const struct prefix *p)
{
	struct zclient_route key = {.afi = p->afi, .table = table};
	zclient_batch(z, true, &key, p);
}

uint32_t
zclient_group_get(struct zclient *z, const struct zclient_leg *legs, size_t count)
{
	return zgroups_get(z->groups, legs, count < ZCLIENT_LEGS ? count : ZCLIENT_LEGS)->id;
}

void
zclient_group_put(struct zclient *z, uint32_t id)
{
	zgroups_put(z->groups, id);
	loop_phase_wake(z->phase);
}

void
zclient_replay_end(struct zclient *z)
{
	Rib__ReplayEnd m = RIB__REPLAY_END__INIT;
	zclient_end_batch(z);
	if (z->up)
		ipc_send(z->conn, RIB__RIB_TYPE__RIB_REPLAY_END, &m.base);
}

/* --- out: standing wishes ---------------------------------------------------------------------- */

static bool
zwish_equal(const void *item, const void *key)
{
	return !memcmp(item, key, sizeof(struct zwish));
}

static void
zwish_send(struct zclient *z, struct zwish *w, bool on)
{
	Rib__Redistribute redistribute = RIB__REDISTRIBUTE__INIT;
	Rib__DefaultOrigin origin = RIB__DEFAULT_ORIGIN__INIT;
	Rib__NhtRegister nht = RIB__NHT_REGISTER__INIT;
	ProtobufCBinaryData address = {afi_bytes(w->afi), w->address};
	if (!z->up)
		return;
	switch ((enum zwish_kind)w->kind) {
	case ZWISH_REDISTRIBUTE:
		redistribute.unsubscribe = !on;
		redistribute.protocol = w->protocol;
		redistribute.afi = w->afi;
		ipc_send(z->conn, RIB__RIB_TYPE__RIB_REDISTRIBUTE, &redistribute.base);
		break;
	case ZWISH_DEFAULT:
		origin.unsubscribe = !on;
		origin.afi = w->afi;
		ipc_send(z->conn, RIB__RIB_TYPE__RIB_DEFAULT_ORIGIN, &origin.base);
		break;
	case ZWISH_NHT:
		nht.unregister = !on;
		nht.addresses = &address;
		nht.n_addresses = 1;
		ipc_send(z->conn, RIB__RIB_TYPE__RIB_NHT_REGISTER, &nht.base);
		break;
	}
}

static void
zwish_set(struct zclient *z, const struct zwish *w, bool on)
{
	uint32_t hash = hash_bytes(0, w, sizeof(*w));
	struct zwish *held = hash_find(z->wishes, hash, w);
	if (on == (held != NULL))
		return;
	if (on) {
		held = mem_dup(w, sizeof(*w));
		hash_insert(z->wishes, hash, held);
		zwish_send(z, held, true);
		return;
	}
	hash_remove(z->wishes, hash, w);
	zwish_send(z, held, false);
	mem_free(held);
}

void
zclient_redistribute(struct zclient *z, const char *protocol, uint8_t afi, bool on)
{
	struct zwish w = {.kind = ZWISH_REDISTRIBUTE, .afi = afi};
	strncpy(w.protocol, protocol, sizeof(w.protocol) - 1);
	zwish_set(z, &w, on);
}

void
zclient_default_origin(struct zclient *z, uint8_t afi, bool on)
{
	struct zwish w = {.kind = ZWISH_DEFAULT, .afi = afi};
	zwish_set(z, &w, on);
}

void
zclient_nht_register(struct zclient *z, const struct ipaddr *a, bool on)
{
	struct zwish w = {.kind = ZWISH_NHT, .afi = a->afi};
	memcpy(w.address, a->b, afi_bytes(a->afi));
	zwish_set(z, &w, on);
}

/* --- in ---------------------------------------------------------------------------------------- */

bool
zclient_addr(const ProtobufCBinaryData *bytes, struct ipaddr *out)
{
	return ipaddr_from_octets(bytes->data, bytes->len, out);
}

static bool
zclient_hello_reply(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__HelloReply *m = msg;
	if (*m->error) {
		log_error("zclient.refused", "protocol=%s error=\"%s\"", z->protocol, m->error);
		return false;
	}
	if (z->up)
		return false;
	z->up = true;
	z->forwarding = m->forwarding;
	if (z->ops->connected)
		z->ops->connected(z->arg, now);
	struct zwish *w;
	for (size_t pos = 0; (w = hash_next(z->wishes, &pos));)
		zwish_send(z, w, true);
	zha_replay(z, z->ha);
	return true;
}

static bool
zclient_interface(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__Interface *m = msg;
	struct zclient_interface i = {.ifindex = m->ifindex, .admin_up = m->admin_up,
		.carrier = m->carrier, .loopback = m->loopback, .broadcast = m->broadcast,
		.multicast = m->multicast, .point_to_point = m->point_to_point, .mtu = m->mtu,
		.bandwidth_kbit = m->bandwidth_kbit};
	snprintf(i.name, sizeof(i.name), "%s", m->name);
	if (m->hwaddr.len == sizeof(i.hwaddr))
		memcpy(i.hwaddr, m->hwaddr.data, sizeof(i.hwaddr));
	if (z->ops->interface)
		z->ops->interface(z->arg, &i, m->gone, now);
	return true;
}

static bool
zclient_address(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__Address *m = msg;
	struct zclient_address a = {.ifindex = m->ifindex, .secondary = m->secondary};
	struct ipaddr own;
	if (!zclient_addr(&m->address, &own) || !zclient_addr(&m->peer, &a.peer) ||
	    m->prefix_len > afi_bits(own.afi))
		return false;
	a.address.afi = own.afi;
	a.address.len = (uint8_t)m->prefix_len;
	memcpy(a.address.b, own.b, sizeof(own.b));
	if (z->ops->address)
		z->ops->address(z->arg, &a, m->gone, now);
	return true;
}

static bool
zclient_router_id(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__RouterId *m = msg;
	if (z->ops->router_id)
		z->ops->router_id(z->arg, m->router_id, now);
	return true;
}

static bool
zclient_synced(struct zclient *z, const void *msg, int64_t now)
{
	(void)msg;
	if (z->ops->synced)
		z->ops->synced(z->arg, now);
	if (z->ops->replay)
		z->ops->replay(z->arg, now);
	return true;
}

static bool
zclient_redistributed(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__Redistributed *m = msg;
	struct zclient_redistributed r = {.protocol = m->protocol, .metric = m->metric, .tag = m->tag,
		.ifindex = m->ifindex};
	if (m->afi > UINT8_MAX || !zclient_addr(&m->gateway, &r.gateway))
		return false;
	for (size_t at = 0, used; at < m->prefixes.len; at += used) {
		used = prefix_unpack((uint8_t)m->afi, m->prefixes.data + at, m->prefixes.len - at, &r.prefix);
		if (!used)
			return false;
		if (z->ops->redistributed)
			z->ops->redistributed(z->arg, &r, m->withdraw, now);
	}
	if (m->synced && z->ops->redistribute_synced)
		z->ops->redistribute_synced(z->arg, m->protocol, now);
	return true;
}

static bool
zclient_nht(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__NhtUpdate *m = msg;
	struct zclient_nht n = {.reachable = m->reachable, .connected = m->connected, .metric = m->metric};
	if (!zclient_addr(&m->address, &n.address))
		return false;
	if (z->ops->nht)
		z->ops->nht(z->arg, &n, now);
	return true;
}

static bool
zclient_results(struct zclient *z, const void *msg, int64_t now)
{
	const Rib__Results *m = msg;
	struct prefix p;
	if (m->afi > UINT8_MAX)
		return false;
	for (size_t at = 0, used; at < m->failed.len; at += used) {
		used = prefix_unpack((uint8_t)m->afi, m->failed.data + at, m->failed.len - at, &p);
		if (!used)
			return false;
		if (z->ops->route_failed)
			z->ops->route_failed(z->arg, &p, (int)m->errno_value, now);
	}
	return true;
}

static const struct zclient_message zclient_messages[] = {
	[RIB__RIB_TYPE__RIB_HELLO_REPLY] = {&rib__hello_reply__descriptor, zclient_hello_reply},
	[RIB__RIB_TYPE__RIB_RESULTS] = {&rib__results__descriptor, zclient_results},
	[RIB__RIB_TYPE__RIB_NHT_UPDATE] = {&rib__nht_update__descriptor, zclient_nht},
	[RIB__RIB_TYPE__RIB_REDISTRIBUTED] = {&rib__redistributed__descriptor, zclient_redistributed},
	[RIB__RIB_TYPE__RIB_INTERFACE] = {&rib__interface__descriptor, zclient_interface},
	[RIB__RIB_TYPE__RIB_ADDRESS] = {&rib__address__descriptor, zclient_address},
	[RIB__RIB_TYPE__RIB_ROUTER_ID] = {&rib__router_id__descriptor, zclient_router_id},
	[RIB__RIB_TYPE__RIB_SYNCED] = {NULL, zclient_synced},
};

static bool
zclient_message(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len,
	int64_t now)
{
	struct zclient *z = arg;
	const struct zclient_message *row = zha_message(type);
	const void *msg = NULL;
	if (type < sizeof(zclient_messages) / sizeof(zclient_messages[0]) && zclient_messages[type].handle)
		row = &zclient_messages[type];
	if (!row || (!z->up && type != RIB__RIB_TYPE__RIB_HELLO_REPLY))
		return false;
	if (row->descriptor) {
		msg = ipc_unpack(c, row->descriptor, bytes, len);
		if (!msg)
			return false;
	}
	return row->handle(z, msg, now);
}

/* --- the connection ---------------------------------------------------------------------------- */

static void
zclient_opened(void *arg, struct ipc_conn *c, int64_t now)
{
	struct zclient *z = arg;
	Rib__Hello m = RIB__HELLO__INIT;
	(void)now;
	m.protocol = z->protocol;
	m.version = ZCLIENT_VERSION;
	m.grace_seconds = z->grace;
	m.want_results = z->ops->route_failed != NULL;
	ipc_send(c, RIB__RIB_TYPE__RIB_HELLO, &m.base);
}

static void
zclient_closed(void *arg, struct ipc_conn *c, int64_t now)
{
	struct zclient *z = arg;
	bool was_up = z->up;
	(void)c;
	z->up = false;
	z->packed_len = 0;
	zgroups_forget_sent(z->groups);
	if (was_up)
		log_warning("zclient.disconnected", "protocol=%s", z->protocol);
	if (was_up && z->ops->disconnected)
		z->ops->disconnected(z->arg, now);
}

static void
zclient_writable(void *arg, struct ipc_conn *c, int64_t now)
{
	struct zclient *z = arg;
	(void)c;
	if (z->ops->writable)
		z->ops->writable(z->arg, now);
}

static const struct ipc_ops zclient_ipc = {zclient_opened, zclient_message, zclient_closed,
	zclient_writable};

struct zclient *
zclient_new(struct loop *l, const char *rib_socket, const char *protocol, uint32_t grace_seconds,
	const struct zclient_ops *ops, void *arg)
{
	struct zclient *z = mem_zalloc(sizeof(*z));
	z->loop = l;
	z->ops = ops;
	z->arg = arg;
	z->grace = grace_seconds;
	snprintf(z->protocol, sizeof(z->protocol), "%s", protocol);
	z->groups = zgroups_new((uint64_t)loop_clock()); /* legs come from our own config and kernel */
	z->wishes = hash_new(zwish_equal);
	z->ha = zha_new();
	z->phase = loop_phase_add_ranked(l, LOOP_RANK_ZCLIENT, "zclient", zclient_turn_ends, z);
	z->conn = ipc_connect(l, rib_socket, &zclient_ipc, z);
	return z;
}

void
zclient_free(struct zclient *z)
{
	struct zwish *w;
	if (!z)
		return;
	zclient_end_batch(z);
	ipc_close(z->conn); /* what is queued leaves */
	loop_phase_del(z->phase);
	for (size_t pos = 0; (w = hash_next(z->wishes, &pos));)
		mem_free(w);
	hash_free(z->wishes);
	zgroups_free(z->groups);
	zha_free(z->ha);
	mem_free(z);
}

struct zha *
zclient_ha(struct zclient *z)
{
	return z->ha;
}

const struct zclient_ops *
zclient_told(struct zclient *z, void **arg)
{
	*arg = z->arg;
	return z->ops;
}

void
zclient_tell(struct zclient *z, unsigned type, const ProtobufCMessage *m)
{
	if (!z->up)
		return;
	zclient_end_batch(z);
	ipc_send(z->conn, type, m);
}

bool
zclient_up(const struct zclient *z)
{
	return z->up && ipc_up(z->conn);
}

bool
zclient_forwarding(const struct zclient *z)
{
	return z->forwarding;
}

bool
zclient_congested(const struct zclient *z)
{
	return ipc_congested(z->conn);
}
