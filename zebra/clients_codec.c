/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rib.proto to and from zebra.h; see clients_codec.h. */
#include "zebra/clients_codec.h"

#include <stdlib.h>
#include <string.h>

#include "gen/rib.pb-c.h"

/* protobuf-c's structs hold pointers without const to what they only read */
static uint8_t *
borrowed(const void *bytes)
{
	return (uint8_t *)(uintptr_t)bytes;
}

static ProtobufCBinaryData
address_bytes(const struct ipaddr *a)
{
	return (ProtobufCBinaryData){.len = afi_bytes(a->afi), .data = borrowed(a->b)};
}

static bool
address_from(const ProtobufCBinaryData *in, struct ipaddr *out)
{
	return ipaddr_from_octets(in->data, in->len, out);
}

/* --- in ------------------------------------------------------------------------------------------- */

static bool
on_hello(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__Hello *m = msg;
	Rib__HelloReply reply = RIB__HELLO_REPLY__INIT;
	Rib__ReplayEnd synced = RIB__REPLAY_END__INIT; /* an empty message, as RIB_SYNCED is */
	const char *error = "unknown version";
	struct zebra_hello h = {.protocol = m->protocol, .instance = m->instance,
		.grace_seconds = m->grace_seconds, .want_results = m->want_results};
	if (s->client)
		return false;
	if (m->version == 1)
		s->client = zebra_client_opened(s->z, &h, &error, now);
	reply.epoch = s->epoch;
	if (!s->client)
		reply.error = (char *)borrowed(error);
	reply.forwarding = s->client && zebra_client_forwards(s->z, s->client);
	s->send(s->arg, RIB__RIB_TYPE__RIB_HELLO_REPLY, &reply.base);
	if (!s->client)
		return true; /* it closes, and tries again */
	zebra_client_sync(s->z, s->client, now);
	s->send(s->arg, RIB__RIB_TYPE__RIB_SYNCED, &synced.base);
	return true;
}

static bool
on_group(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__Group *m = msg;
	struct zebra_leg legs[ZEBRA_LEGS_MAX];
	size_t count = m->n_legs < ZEBRA_LEGS_MAX ? m->n_legs : ZEBRA_LEGS_MAX;
	for (size_t i = 0; i < count; i++) {
		const Rib__Leg *l = m->legs[i];
		memset(&legs[i], 0, sizeof(legs[i]));
		if (!address_from(&l->gateway, &legs[i].gateway) || l->special >= LEG_SPECIALS)
			return false;
		legs[i].special = (uint8_t)l->special;
		legs[i].backup_rank = l->backup_rank > UINT8_MAX ? UINT8_MAX : (uint8_t)l->backup_rank;
		legs[i].onlink = l->onlink;
		legs[i].ifindex = l->ifindex;
		legs[i].weight = l->weight;
		legs[i].bfd_sequence = l->bfd_sequence;
	}
	return zebra_group_changed(s->z, s->client, m->id, legs, count, now);
}

static bool
on_group_delete(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__GroupDelete *m = msg;
	for (size_t i = 0; i < m->n_ids; i++)
		zebra_group_deleted(s->z, s->client, m->ids[i], now);
	return true;
}

static bool
on_routes(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__Routes *m = msg;
	if (m->afi > UINT8_MAX || m->safi > UINT8_MAX || m->distance > UINT8_MAX || m->kind > UINT8_MAX)
		return false;
	struct zebra_batch b = {
		.withdraw = m->withdraw,
		.afi = (uint8_t)m->afi,
		.safi = (uint8_t)m->safi,
		.distance = (uint8_t)m->distance,
		.kind = (uint8_t)m->kind,
		.table = m->table,
		.metric = m->metric,
		.tag = m->tag,
		.group = m->group,
		.sequence = m->sequence,
		.prefixes = m->prefixes.data,
		.len = m->prefixes.len,
	};
	return zebra_routes_changed(s->z, s->client, &b, now);
}

static bool
on_replay_end(struct rib_session *s, const void *msg, int64_t now)
{
	(void)msg;
	zebra_replay_ended(s->z, s->client, now);
	return true;
}

static bool
on_nht_register(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__NhtRegister *m = msg;
	for (size_t i = 0; i < m->n_addresses; i++) {
		struct ipaddr a;
		if (!address_from(&m->addresses[i], &a) || !a.afi)
			return false;
		zebra_nht_wanted(s->z, s->client, &a, m->resolve_via_default, !m->unregister, now);
	}
	return true;
}

static bool
on_redistribute(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__Redistribute *m = msg;
	if (!strcmp(m->protocol, "default") || m->afi > UINT8_MAX)
		return false;
	return zebra_redistribute_wanted(s->z, s->client, m->protocol, (uint8_t)m->afi, !m->unsubscribe, now);
}

static bool
on_default_origin(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__DefaultOrigin *m = msg;
	if (m->afi > UINT8_MAX)
		return false;
	return zebra_redistribute_wanted(s->z, s->client, "default", (uint8_t)m->afi, !m->unsubscribe, now);
}

static bool
on_lan(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__Lan *m = msg;
	struct zebra_lan l = {.ifindex = m->ifindex, .dead = m->dead, .withdraw = m->withdraw,
		.added_cost = m->added_cost};
	unsigned role = (unsigned)m->role;
	if (role > ZEBRA_ROLE_INITIALIZE)
		return false;
	l.role = (uint8_t)role;
	return zebra_lan_changed(s->z, s->client, &l, now);
}

static int64_t
linger_from(uint64_t us)
{
	return us > INT64_MAX ? INT64_MAX : (int64_t)us;
}

static bool
on_vlink(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__VirtualLink *m = msg;
	struct zebra_vlink v = {.id = m->id, .parent = m->parent_ifindex, .name = m->name,
		.linger = linger_from(m->linger_us)};
	if (m->remove) {
		zebra_vlink_unwanted(s->z, s->client, m->id, now);
		return true;
	}
	if (m->mac.len != sizeof(v.mac))
		return false;
	memcpy(v.mac, m->mac.data, sizeof(v.mac));
	return zebra_vlink_wanted(s->z, s->client, &v, now);
}

static bool
on_vaddress(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__VirtualAddress *m = msg;
	struct zebra_vaddress a = {.id = m->id, .ifindex = m->ifindex, .vlink = m->vlink,
		.accept = m->accept, .linger = linger_from(m->linger_us)};
	if (m->remove) {
		zebra_vaddress_unwanted(s->z, s->client, m->id, now);
		return true;
	}
	if (!address_from(&m->address, &a.address) || m->prefix_len > UINT8_MAX)
		return false;
	a.len = (uint8_t)m->prefix_len;
	return zebra_vaddress_wanted(s->z, s->client, &a, now);
}

static bool
on_ready(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__Ready *m = msg;
	zebra_client_ready(s->z, s->client, m->ready, m->waiting_for, now);
	return true;
}

static bool
on_track_want(struct rib_session *s, const void *msg, int64_t now)
{
	(void)msg;
	zebra_tracks_wanted(s->z, s->client, now);
	return true;
}

static bool
on_track_report(struct rib_session *s, const void *msg, int64_t now)
{
	const Rib__TrackReport *m = msg;
	zebra_track_reported(s->z, m->id, m->up, m->cause, m->at_us, now);
	return true;
}

static const struct rib_row {
	unsigned type;
	const ProtobufCMessageDescriptor *descriptor;
	bool (*on)(struct rib_session *s, const void *msg, int64_t now);
} rows[] = {
	{RIB__RIB_TYPE__RIB_HELLO, &rib__hello__descriptor, on_hello},
	{RIB__RIB_TYPE__RIB_GROUP, &rib__group__descriptor, on_group},
	{RIB__RIB_TYPE__RIB_GROUP_DELETE, &rib__group_delete__descriptor, on_group_delete},
	{RIB__RIB_TYPE__RIB_ROUTES, &rib__routes__descriptor, on_routes},
	{RIB__RIB_TYPE__RIB_REPLAY_END, &rib__replay_end__descriptor, on_replay_end},
	{RIB__RIB_TYPE__RIB_NHT_REGISTER, &rib__nht_register__descriptor, on_nht_register},
	{RIB__RIB_TYPE__RIB_REDISTRIBUTE, &rib__redistribute__descriptor, on_redistribute},
	{RIB__RIB_TYPE__RIB_DEFAULT_ORIGIN, &rib__default_origin__descriptor, on_default_origin},
	{RIB__RIB_TYPE__RIB_VLINK, &rib__virtual_link__descriptor, on_vlink},
	{RIB__RIB_TYPE__RIB_VADDRESS, &rib__virtual_address__descriptor, on_vaddress},
	{RIB__RIB_TYPE__RIB_LAN, &rib__lan__descriptor, on_lan},
	{RIB__RIB_TYPE__RIB_READY, &rib__ready__descriptor, on_ready},
	{RIB__RIB_TYPE__RIB_TRACK_WANT, &rib__track_want__descriptor, on_track_want},
	{RIB__RIB_TYPE__RIB_TRACK_REPORT, &rib__track_report__descriptor, on_track_report},
};

static const struct rib_row *
row_of(unsigned type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

const ProtobufCMessageDescriptor *
rib_descriptor(unsigned type)
{
	const struct rib_row *r = row_of(type);
	return r ? r->descriptor : NULL;
}

bool
rib_message(struct rib_session *s, unsigned type, const void *msg, int64_t now)
{
	const struct rib_row *r = row_of(type);
	if (!r || (!s->client && type != RIB__RIB_TYPE__RIB_HELLO))
		return false;
	return r->on(s, msg, now);
}

/* --- out ------------------------------------------------------------------------------------------ */

void
rib_send_interface(struct rib_session *s, const struct zebra_interface *i, bool gone)
{
	Rib__Interface m = RIB__INTERFACE__INIT;
	m.ifindex = i->ifindex;
	m.name = (char *)borrowed(i->name);
	m.gone = gone;
	m.admin_up = i->admin_up;
	m.carrier = i->operative;
	m.mtu = i->mtu;
	m.bandwidth_kbit = i->bandwidth_kbit;
	m.loopback = i->loopback;
	m.broadcast = i->broadcast;
	m.multicast = i->multicast;
	m.point_to_point = i->point_to_point;
	m.vrf_ifindex = i->vrf_ifindex;
	m.hwaddr = (ProtobufCBinaryData){.len = i->hwaddr_len, .data = borrowed(i->hwaddr)};
	s->send(s->arg, RIB__RIB_TYPE__RIB_INTERFACE, &m.base);
}

void
rib_send_address(struct rib_session *s, const struct zebra_address *a, bool gone)
{
	Rib__Address m = RIB__ADDRESS__INIT;
	m.ifindex = a->ifindex;
	m.gone = gone;
	m.address = address_bytes(&a->local);
	m.prefix_len = a->prefixlen;
	m.peer = address_bytes(&a->peer);
	m.secondary = a->secondary;
	m.link_local = ipaddr_is_link_local(&a->local);
	s->send(s->arg, RIB__RIB_TYPE__RIB_ADDRESS, &m.base);
}

void
rib_send_router_id(struct rib_session *s, uint32_t id)
{
	Rib__RouterId m = RIB__ROUTER_ID__INIT;
	m.router_id = id;
	s->send(s->arg, RIB__RIB_TYPE__RIB_ROUTER_ID, &m.base);
}

void
rib_send_redistributed(struct rib_session *s, const struct zebra_redistributed *r)
{
	Rib__Redistributed m = RIB__REDISTRIBUTED__INIT;
	m.withdraw = r->withdraw;
	m.protocol = (char *)borrowed(r->protocol);
	m.afi = r->afi;
	m.metric = r->metric;
	m.tag = r->tag;
	m.prefixes = (ProtobufCBinaryData){.len = r->len, .data = borrowed(r->prefixes)};
	m.ifindex = r->ifindex;
	m.gateway = address_bytes(&r->gateway);
	m.synced = r->synced;
	s->send(s->arg, RIB__RIB_TYPE__RIB_REDISTRIBUTED, &m.base);
}

void
rib_send_nht(struct rib_session *s, const struct zebra_nht *n)
{
	Rib__NhtUpdate m = RIB__NHT_UPDATE__INIT;
	Rib__Leg legs[ZEBRA_LEGS_MAX], *list[ZEBRA_LEGS_MAX];
	uint8_t packed[17];
	m.address = address_bytes(&n->address);
	m.reachable = n->reachable;
	m.metric = n->metric;
	m.distance = n->distance;
	m.protocol = (char *)borrowed(n->protocol);
	m.connected = n->connected;
	if (n->resolved_by.afi)
		m.resolved_by = (ProtobufCBinaryData){.len = prefix_pack(&n->resolved_by, packed), .data = packed};
	m.n_legs = n->count < ZEBRA_LEGS_MAX ? n->count : ZEBRA_LEGS_MAX;
	m.legs = list;
	for (size_t i = 0; i < m.n_legs; i++) {
		rib__leg__init(&legs[i]);
		legs[i].gateway = address_bytes(&n->legs[i].gateway);
		legs[i].ifindex = n->legs[i].ifindex;
		legs[i].weight = n->legs[i].weight;
		legs[i].onlink = n->legs[i].onlink;
		list[i] = &legs[i];
	}
	s->send(s->arg, RIB__RIB_TYPE__RIB_NHT_UPDATE, &m.base);
}

void
rib_send_results(struct rib_session *s, const struct zebra_results *r)
{
	Rib__Results m = RIB__RESULTS__INIT;
	uint8_t packed[17];
	m.sequence = r->sequence;
	m.afi = r->failed.afi;
	m.errno_value = (uint32_t)r->error;
	if (r->failed.afi)
		m.failed = (ProtobufCBinaryData){.len = prefix_pack(&r->failed, packed), .data = packed};
	s->send(s->arg, RIB__RIB_TYPE__RIB_RESULTS, &m.base);
}

void
rib_send_lan(struct rib_session *s, const struct zebra_lan *l)
{
	Rib__Lan m = RIB__LAN__INIT;
	m.ifindex = l->ifindex;
	m.role = (Rib__Lan__Role)l->role;
	m.dead = l->dead;
	m.added_cost = l->added_cost;
	m.withdraw = l->withdraw;
	s->send(s->arg, RIB__RIB_TYPE__RIB_LAN, &m.base);
}

void
rib_send_ready(struct rib_session *s, bool ready, const char *waiting_for)
{
	Rib__Ready m = RIB__READY__INIT;
	m.ready = ready;
	m.waiting_for = (char *)borrowed(waiting_for);
	s->send(s->arg, RIB__RIB_TYPE__RIB_READY, &m.base);
}

void
rib_send_vlink(struct rib_session *s, const struct zebra_vlink_state *v)
{
	Rib__VirtualLinkState m = RIB__VIRTUAL_LINK_STATE__INIT;
	m.id = v->id;
	m.ifindex = v->ifindex;
	m.up = v->up;
	m.error = (char *)borrowed(v->error);
	s->send(s->arg, RIB__RIB_TYPE__RIB_VLINK_STATE, &m.base);
}

void
rib_send_track(struct rib_session *s, const struct zebra_track *t)
{
	Rib__Track m = RIB__TRACK__INIT;
	m.id = t->id;
	m.up = t->up;
	m.gone = t->gone;
	m.cause = (char *)borrowed(t->cause);
	m.at_us = t->at;
	m.synced = t->synced;
	s->send(s->arg, RIB__RIB_TYPE__RIB_TRACK, &m.base);
}
