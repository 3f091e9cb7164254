/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door for packets: generic checks of RFC 2328 8.2 in one place, then a table by type. And the
 * common way out: header, room, authentication, counters.
 */
#include "ospfd/packet.h"

#include <string.h>

#include "lib/cksum.h"
#include "ospfd/dbdesc.h"
#include "ospfd/hello.h"
#include "ospfd/lsack.h"
#include "ospfd/lsreq.h"
#include "ospfd/lsupd.h"

#define IP4_HDR 20

/* --- out ------------------------------------------------------------------------------------- */
void
packet_begin(struct packet *p, struct iface *i, enum packet_type type)
{
	struct ospf *o = iface_ospf(i);
	size_t mtu = i->link->info.mtu > 576 ? i->link->info.mtu : 576;
	if (mtu > PACKET_MAX)
		mtu = PACKET_MAX;
	*p = (struct packet){ .iface = i, .type = (uint8_t)type };
	p->limit = mtu - IP4_HDR - o->v->auth_room(i);
	p->w = wire_writer(o->txbuf, PACKET_MAX);
	o->v->hdr_put(i, (uint8_t)type, &p->w);
}

bool
packet_fits(const struct packet *p, size_t octets)
{
	return p->w.len + octets <= p->limit;
}

static void
transmit(struct packet *p, const struct ipaddr *dst, const struct ospf_conf_key *key, int64_t now)
{
	struct iface *i = p->iface;
	struct ospf *o = iface_ospf(i);
	/* RFC 2328 D.3: seconds never decrease, also over a restart */
	uint32_t seq = (uint32_t)(o->wallclock + now / TIME_SEC);
	o->v->finish(i, &p->w, key, seq);
	if (p->w.bad)
		return;
	i->tx[p->type]++;
	o->stats.tx[p->type]++;
	o->stats.tx_bytes += p->w.len;
	o->ops->send(o->ops_arg, iface_ifindex(i), &i->addr, dst, p->w.buf, p->w.len);
}

/* Has every neighbour shown that it uses this key? */
static bool
key_adopted(const struct iface *i, uint8_t id)
{
	const struct nbr *n;
	TAILQ_FOREACH(n, &i->nbrs, entry)
		if (n->crypto_key_id != id)
			return false;
	return true;
}

void
packet_send(struct packet *p, const struct ipaddr *dst, int64_t now)
{
	const struct iface *i = p->iface;
	if (i->p.auth != OSPF_AUTH_MD5 || !i->conf || i->conf->key_count == 0) {
		transmit(p, dst, NULL, now);
		return;
	}
	/* RFC 2328 D.3: while keys are rolled over a packet leaves once with each, the newest last
	 */
	size_t len = p->w.len, newest = i->conf->key_count - 1;
	bool all =
		newest > 0 && !TAILQ_EMPTY(&i->nbrs) && !key_adopted(i, i->conf->keys[newest].id);
	for (size_t k = all ? 0 : newest; k <= newest; k++) {
		p->w.len = len;
		transmit(p, dst, &i->conf->keys[k], now);
	}
}

const struct ipaddr *
packet_dst_nbr(const struct nbr *n)
{
	/* RFC 2328 8.1: on point-to-point links everything goes to AllSPFRouters */
	if (n->iface->p.net_type == OSPF_NET_P2P)
		return &iface_ospf(n->iface)->v->all_spf_routers;
	return &n->addr;
}

const struct ipaddr *
packet_dst_flood(const struct iface *i)
{
	/* RFC 2328 13.3 (5): only the DR and Backup listen to AllDRouters */
	if (iface_state(i) == ISM_DROTHER)
		return &iface_ospf(i)->v->all_d_routers;
	return &iface_ospf(i)->v->all_spf_routers;
}

/* --- in -------------------------------------------------------------------------------------- */
struct rx { /* a packet on its way through the checks */
	struct ospf *o;
	struct iface *iface;
	const struct ipaddr *src, *dst;
	uint32_t ifindex;
	const uint8_t *bytes;
	size_t len;
	struct pkt_hdr h;
	struct auth_seen auth;
	int64_t want, got; /* of a mismatch */
};

static enum ospf_drop
check_identity(struct rx *x)
{
	const struct ospf *o = x->o;
	if (x->h.router_id == 0)
		return DROP_ZERO_ID;
	if (x->h.router_id != o->router_id)
		return DROP_NONE;
	return ipaddr_cmp(x->src, &x->iface->addr) == 0 ? DROP_OWN_PACKET : DROP_DUPLICATE_ID;
}

static enum ospf_drop
check_place(struct rx *x)
{
	const struct ospf *o = x->o;
	/* RFC 2328 8.2: area, source network, destination */
	if (x->h.area_id != x->iface->area->id) {
		x->want = x->iface->area->id;
		x->got = x->h.area_id;
		return DROP_AREA;
	}
	if (!o->v->src_ok(x->iface, x->src))
		return DROP_SOURCE;
	enum ism_state s = iface_state(x->iface);
	if (ipaddr_cmp(x->dst, &o->v->all_d_routers) == 0 && s != ISM_DR && s != ISM_BACKUP)
		return DROP_DESTINATION;
	return DROP_NONE;
}

static enum ospf_drop
check_auth(struct rx *x)
{
	enum ospf_drop d = x->o->v->auth_check(x->iface, &x->h, x->bytes, x->len, &x->auth);
	if (d == DROP_AUTH_TYPE) {
		x->want = x->iface->p.auth;
		x->got = x->h.auth_type;
	}
	if (d != DROP_NONE || !x->auth.crypto)
		return d;
	/* RFC 2328 D.5.3 (3): numbers of a neighbour never decrease */
	struct nbr *n = nbr_find(x->iface, x->src, x->h.router_id);
	if (!n)
		return DROP_NONE;
	if (x->auth.seq < n->crypto_seq) {
		x->want = n->crypto_seq;
		x->got = x->auth.seq;
		return DROP_AUTH_REPLAY;
	}
	n->crypto_seq = x->auth.seq;
	n->crypto_key_id = x->auth.key_id;
	return DROP_NONE;
}

static enum ospf_drop
check_all(struct rx *x)
{
	enum ospf_drop d;
	if (!x->o->running)
		return DROP_NO_INSTANCE;
	if ((d = x->o->v->hdr_get(x->bytes, x->len, &x->h)) != DROP_NONE)
		return d;
	x->iface = iface_find(x->o, x->ifindex, x->src);
	if (!x->iface || iface_state(x->iface) == ISM_DOWN || iface_state(x->iface) == ISM_LOOPBACK)
		return DROP_NO_INTERFACE;
	if (x->iface->p.passive)
		return DROP_PASSIVE;
	if ((d = check_identity(x)) != DROP_NONE || (d = check_place(x)) != DROP_NONE)
		return d;
	return check_auth(x);
}

static const struct {
	void (*received)(struct nbr *n, const struct pkt_hdr *h, int64_t now);
	enum nsm_state from; /* the neighbour must have got this far */
} by_type[PKT_TYPES] = {
	[PKT_DBDESC] = { dbdesc_received, NSM_INIT },
	[PKT_LSREQ] = { lsreq_received, NSM_EXCHANGE },
	[PKT_LSUPD] = { lsupd_received, NSM_EXCHANGE },
	[PKT_LSACK] = { lsack_received, NSM_EXCHANGE },
};

static void
dispatch(struct rx *x, int64_t now)
{
	struct iface *i = x->iface;
	i->rx[x->h.type]++;
	x->o->stats.rx[x->h.type]++;
	x->o->stats.rx_bytes += x->len;
	if (x->h.type == PKT_HELLO) {
		hello_received(i, x->src, &x->h, &x->auth, now);
		return;
	}
	struct nbr *n = nbr_find(i, x->src, x->h.router_id);
	enum ospf_drop d = !n || n->dead ? DROP_NO_NEIGHBOR :
		nbr_state(n) < by_type[x->h.type].from ? DROP_NBR_STATE : DROP_NONE;
	if (d != DROP_NONE) {
		stats_drop(x->o, i, x->ifindex, d, x->src, x->h.router_id, 0, 0, x->bytes, x->len);
		return;
	}
	by_type[x->h.type].received(n, &x->h, now);
}

void
ospf_packet_received(struct ospf *o, uint32_t ifindex, const struct ipaddr *src,
	const struct ipaddr *dst, const uint8_t *bytes, size_t len, int64_t now)
{
	struct rx x = {
		.o = o, .src = src, .dst = dst, .ifindex = ifindex, .bytes = bytes, .len = len};
	enum ospf_drop d = check_all(&x);
	if (d == DROP_NONE)
		dispatch(&x, now);
	else
		stats_drop(o, x.iface, ifindex, d, src, x.h.router_id, x.want, x.got, bytes, len);
	ospf_turn_end(o, now);
}

/* --- LSAs in packets ------------------------------------------------------------------------- */
enum ospf_drop
lsa_decode(const struct ospf_version *v, struct wire_reader *r, struct lsa_hdr *hdr,
	const struct lsa_desc **desc, const uint8_t **raw)
{
	const uint8_t *start = r->pos;
	if (!v->lsa_hdr_get(r, hdr))
		return DROP_LSA_LENGTH;
	if (hdr->len < LSA_HDR_LEN || !wire_get_bytes(r, hdr->len - (size_t)LSA_HDR_LEN)) {
		r->bad = true; /* nothing behind it can be found */
		return DROP_LSA_LENGTH;
	}
	*raw = start;
	/* RFC 2328 13 (1): the checksum covers all but the age */
	if (!cksum_fletcher_ok(start + 2, hdr->len - (size_t)2))
		return DROP_LSA_CHECKSUM;
	/* RFC 2328 13 (2) */
	*desc = v->lsa_desc(hdr->key.type);
	if (!*desc)
		return DROP_LSA_TYPE;
	if (!(*desc)->check(hdr, start + LSA_HDR_LEN, hdr->len - (size_t)LSA_HDR_LEN))
		return DROP_LSA_MALFORMED;
	return hdr->seq == INT32_MIN ? DROP_LSA_SEQUENCE : DROP_NONE;
}
