/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The OSPF core under random events: two routers on a broadcast segment and a point-to-point link,
 * everything that can happen to them chosen by the input: packets lost, repeated, mutated (with
 * repaired checksums, so that the damage gets deep), forged ones, links, addresses, configs, BFD,
 * routes, time. After each event the books must balance; at the end nothing may leak.
 *
 * fuzz-core: ospfd
 */
#include <stdlib.h>
#include <string.h>

#include "lib/cksum.h"
#include "lib/mem.h"
#include "ospfd/nbr.h"
#include "ospfd/orig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QUEUE 64
#define HDR   24

struct packet_copy {
	uint32_t ifindex;
	unsigned to;
	struct ipaddr src, dst;
	size_t len;
	uint8_t bytes[1600];
};
struct world {
	struct ospf *o[2];
	int64_t now;
	struct packet_copy queue[QUEUE];
	unsigned head, tail;
	struct packet_copy last;
	struct wire_reader in;
};
struct side {
	struct world *w;
	unsigned index;
};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
op_send(void *arg, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	struct side *s = arg;
	struct packet_copy *p = &s->w->queue[s->w->tail % QUEUE];
	must(len >= HDR && src->afi == AFI_IP4 && dst->afi == AFI_IP4);
	if (len > sizeof(p->bytes) || s->w->tail - s->w->head == QUEUE)
		return;
	s->w->tail++;
	*p = (struct packet_copy){
		.ifindex = ifindex, .to = !s->index, .src = *src, .dst = *dst, .len = len};
	memcpy(p->bytes, bytes, len);
}

static void
op_membership(void *arg, uint32_t ifindex, const struct ipaddr *group, bool join)
{
	(void)arg;
	(void)ifindex;
	(void)join;
	must(ipaddr_is_multicast(group));
}

static void
op_routes(void *arg, const struct ospf_route_batch *b)
{
	(void)arg;
	must(b->count > 0);
	for (size_t i = 0; i < b->leg_count; i++)
		must(b->legs[i].ifindex != 0);
}

static void
op_notify(void *arg, const struct ospf_event *ev)
{
	(void)arg;
	must(ev->kind < OSPF_EV_COUNT && ev->text && ev->ifname);
}

static void
op_bfd(void *arg, uint32_t ifindex, const struct ipaddr *local, const struct ipaddr *peer,
	const struct ospf_bfd_params *params, bool want)
{
	(void)arg;
	(void)want;
	must(ifindex && local && peer && params);
}

static const struct ospf_ops ops = { .send = op_send, .membership = op_membership,
	.routes = op_routes, .notify = op_notify, .bfd_want = op_bfd };

static struct ipaddr
address(unsigned router, uint32_t ifindex)
{
	return ipaddr_from_ip4(0x0a000000 | ifindex << 8 | (router + 1));
}

static struct ospf_config *
config(unsigned router, uint8_t v)
{
	struct ospf_config *c = ospf_config_new();
	c->router_id = v & 0x80 ? 0 : 0x01010101 * (router + 1);
	struct ospf_conf_network *n = ospf_config_add_network(c);
	n->prefix = prefix_from_ip4(0x0a000000, 8);
	n->area = v & 0x40 ? 1 : 0;
	struct ospf_conf_iface *i = ospf_config_add_iface(c, "if2");
	i->net_type = v & 0x20 ? OSPF_NET_P2MP : OSPF_NET_P2P;
	i->passive = v & 0x10 ? OSPF_YES : OSPF_UNSET;
	i->bfd = true;
	i = ospf_config_add_iface(c, "if1");
	i->priority = v & 3;
	i->cost = v & 4 ? 7 : 0;
	i->minimal_hellos = v & 8 ? 4 : 0;
	c->max_metric_admin = v & 8;
	ospf_config_add_redist(c, OSPF_SRC_STATIC);
	if (v & 4)
		c->max_lsa = 20;
	ospf_config_sort(c);
	return c;
}

/* Checksums of the packet and of the LSAs in an update, as a careful attacker would have them. */
static void
repair(struct packet_copy *p)
{
	if (p->len < HDR)
		return;
	p->bytes[2] = (uint8_t)(p->len >> 8);
	p->bytes[3] = (uint8_t)p->len;
	for (size_t at = HDR + 4; p->bytes[1] == PKT_LSUPD && at + LSA_HDR_LEN <= p->len;) {
		size_t len = (size_t)p->bytes[at + 18] << 8 | p->bytes[at + 19];
		if (len < LSA_HDR_LEN || len > p->len - at)
			break;
		uint16_t sum = cksum_fletcher(p->bytes + at + 2, len - 2, 14);
		p->bytes[at + 16] = (uint8_t)(sum >> 8);
		p->bytes[at + 17] = (uint8_t)sum;
		at += len;
	}
	p->bytes[12] = p->bytes[13] = 0;
	uint16_t sum =
		cksum_fold(cksum_add(cksum_add(0, p->bytes, 16), p->bytes + HDR, p->len - HDR));
	p->bytes[12] = (uint8_t)(sum >> 8);
	p->bytes[13] = (uint8_t)sum;
}

static void
deliver(struct world *w, const struct packet_copy *p)
{
	w->last = *p;
	uint8_t *exact = mem_dup(p->bytes, p->len ? p->len : 1); /* so that ASan sees an overrun */
	ospf_packet_received(w->o[p->to], p->ifindex, &p->src, &p->dst, exact, p->len, w->now);
	mem_free(exact);
}

static bool
take(struct world *w, struct packet_copy *p)
{
	if (w->head == w->tail)
		return false;
	*p = w->queue[w->head++ % QUEUE];
	return true;
}

/* --- events
 * --------------------------------------------------------------------------------------- */
static void
ev_deliver(struct world *w)
{
	struct packet_copy p;
	for (unsigned n = 1 + wire_get_u8(&w->in) % 32; n > 0 && take(w, &p); n--)
		deliver(w, &p);
}

static void
ev_lose(struct world *w)
{
	struct packet_copy p;
	take(w, &p);
}

static void
ev_repeat(struct world *w)
{
	struct packet_copy p = w->last;
	if (p.len)
		deliver(w, &p);
}

static void
ev_mutate(struct world *w)
{
	struct packet_copy p;
	if (!take(w, &p))
		return;
	for (unsigned n = 1 + wire_get_u8(&w->in) % 6; n > 0; n--) {
		unsigned at = wire_get_u16(&w->in);
		p.bytes[at % p.len] = wire_get_u8(&w->in);
	}
	if (wire_get_u8(&w->in) & 1)
		p.len = HDR + wire_get_u16(&w->in) % (p.len - HDR + 1);
	repair(&p);
	deliver(w, &p);
}

static void
ev_forge(struct world *w)
{
	struct packet_copy p = {
		.ifindex = 1 + wire_get_u8(&w->in) % 3, .to = wire_get_u8(&w->in) & 1};
	p.src = address(!p.to, p.ifindex);
	p.dst = ospf_v2.all_spf_routers;
	static const uint8_t start[] = { 2, 0, 0, 0 };
	memcpy(p.bytes, start, 4);
	p.bytes[1] = wire_get_u8(&w->in) % 6;
	p.bytes[4] = p.bytes[5] = p.bytes[6] = p.bytes[7] = (uint8_t)(2 - p.to);
	size_t body = wire_get_u8(&w->in);
	for (p.len = HDR; p.len < HDR + body; p.len++)
		p.bytes[p.len] = wire_get_u8(&w->in);
	repair(&p);
	deliver(w, &p);
}

static void
ev_time(struct world *w)
{
	static const int64_t steps[] = {TIME_MS, 50 * TIME_MS, TIME_SEC, 5 * TIME_SEC,
		45 * TIME_SEC, 1000 * TIME_SEC, 4000 * TIME_SEC};
	int64_t end = w->now + steps[wire_get_u8(&w->in) % (sizeof(steps) / sizeof(steps[0]))];
	for (unsigned turns = 0; turns < 200; turns++) {
		int64_t a = ospf_next_deadline(w->o[0]), b = ospf_next_deadline(w->o[1]);
		int64_t next = a < b ? a : b;
		if (next > end)
			break;
		w->now = next > w->now ? next : w->now;
		ospf_run_timers(w->o[a <= b ? 0 : 1], w->now);
	}
	w->now = end > w->now ? end : w->now;
}

static void
ev_link(struct world *w)
{
	uint8_t v = wire_get_u8(&w->in);
	struct ospf_link l = { .ifindex = 1 + v % 3, .up = v & 0x10, .gone = (v & 0xe0) == 0xe0,
		.loopback = v % 3 == 2, .mtu = v & 0x20 ? 1500 : 600, .bandwidth_kbit = 1000 };
	l.name[0] = 'i';
	l.name[1] = 'f';
	l.name[2] = (char)('0' + l.ifindex);
	ospf_link_changed(w->o[v >> 3 & 1], &l, w->now);
}

static void
ev_address(struct world *w)
{
	uint8_t v = wire_get_u8(&w->in);
	uint32_t ifindex = 1 + v % 3;
	struct ipaddr a = address(v & 0x40 ? 7 : v >> 3 & 1, ifindex), peer = address(9, ifindex);
	ospf_address_changed(w->o[v >> 3 & 1], ifindex, &a, v & 0x20 ? 32 : 24,
		v & 0x80 ? &peer : NULL, v & 0x10, w->now);
}

static void
ev_config(struct world *w)
{
	unsigned who = wire_get_u8(&w->in) & 1;
	ospf_reconfigure(w->o[who], config(who, wire_get_u8(&w->in)), w->now);
}

static void
ev_routes(struct world *w)
{
	struct ospf_redist_route rows[4];
	unsigned who = wire_get_u8(&w->in) & 1;
	memset(rows, 0, sizeof(rows));
	for (unsigned i = 0; i < 4; i++) {
		uint8_t v = wire_get_u8(&w->in);
		rows[i] = (struct ospf_redist_route){
			.source = v & 1 ? OSPF_SRC_STATIC : OSPF_SRC_KERNEL,
			.withdraw = v & 2,
			.metric = v,
			.ifindex = 1 + v % 3};
		rows[i].prefix =
			prefix_from_ip4(0x0b000000 | (uint32_t)(v & 0x1c) << 16, 8 + v % 25);
	}
	ospf_routes_redistributed(w->o[who], rows, 4, w->now);
}

static void
ev_misc(struct world *w)
{
	uint8_t v = wire_get_u8(&w->in);
	struct ospf *o = w->o[v & 1];
	struct ipaddr peer = address(!(v & 1), 1 + (v >> 1) % 3);
	if (v < 64)
		ospf_bfd_changed(o, 1 + (v >> 1) % 3, &peer, v & 32, w->now);
	else if (v < 96)
		ospf_clear_neighbor(o, v & 2 ? 0 : 0x02020202, w->now);
	else if (v < 112)
		ospf_clear_process(o, w->now);
	else if (v < 120)
		ospf_router_id_changed(o, v & 4 ? 0x09090909 + v : 0, w->now);
	else if (v == 255)
		ospf_shutdown(o, w->now);
}

/* --- the books
 * ------------------------------------------------------------------------------------- */
static void
check_db(const struct lsdb *db)
{
	size_t count = 0, by_slot = 0;
	for (const struct lsa *l = lsdb_next(db, NULL); l; l = lsdb_next(db, &l->hdr.key)) {
		const struct retrans *r;
		must(l->db == db && l->desc && l->hdr.len >= LSA_HDR_LEN);
		must(cksum_fletcher_ok(l->raw + 2, l->hdr.len - (size_t)2));
		LIST_FOREACH(r, &l->retrans, in_lsa)
			must(r->lsa == l && nbr_state(r->nbr) >= NSM_EXCHANGE);
		must(!l->own || l->own->lsa == l);
		must(!l->maxage || l->reaping || !LIST_EMPTY(&l->retrans));
		count++;
	}
	for (unsigned s = 0; s < LSDB_TYPES; s++)
		by_slot += db->by_slot[s].count;
	must(count == lsdb_count(db) && count == by_slot);
}

static void
check(const struct ospf *o)
{
	const struct area *a;
	unsigned exchanging = 0, full = 0;
	check_db(&o->as_db);
	TAILQ_FOREACH(a, &o->areas, entry) {
		must(!TAILQ_EMPTY(&a->ifaces));
		check_db(&a->db);
	}
	for (const struct iface *i = iface_next(o, NULL); i; i = iface_next(o, i)) {
		const struct nbr *n;
		unsigned nbrs = 0;
		check_db(&i->db);
		TAILQ_FOREACH(n, &i->nbrs, entry) {
			enum nsm_state s = nbr_state(n);
			const struct retrans *r;
			size_t listed = 0;
			must(!n->dead && n->iface == i);
			must(s >= NSM_EXCHANGE ||
				(n->retrans_count == 0 && n->requests.count == 0));
			must(s != NSM_FULL || n->requests.count == 0);
			TAILQ_FOREACH(r, &n->unsent, in_nbr)
				listed++;
			TAILQ_FOREACH(r, &n->unacked, in_nbr)
				listed++;
			TAILQ_FOREACH(r, &n->resent, in_nbr)
				listed++;
			must(listed == n->retrans_count);
			exchanging += s == NSM_EXCHANGE || s == NSM_LOADING;
			full += s == NSM_FULL;
			nbrs++;
		}
		must(nbrs == i->nbr_count);
	}
	must(exchanging == o->exchanging && full == o->full_nbrs);
	must(TAILQ_EMPTY(&o->flood_marks) && !o->want_elections && !o->want_requests);
}

static void
settle(struct world *w, unsigned seconds)
{
	struct packet_copy p;
	for (unsigned k = 0; k < seconds * 10; k++) {
		w->now += 100 * TIME_MS;
		for (unsigned i = 0; i < 2; i++)
			ospf_run_timers(w->o[i], w->now);
		for (unsigned n = 0; n < 100 && take(w, &p); n++)
			deliver(w, &p);
	}
}

static void
start(struct world *w, unsigned i)
{
	for (uint32_t k = 1; k <= 2; k++) {
		struct ospf_link l = { .ifindex = k, .up = true, .mtu = 1500 };
		struct ipaddr a = address(i, k);
		memcpy(l.name, k == 1 ? "if1" : "if2", 4);
		ospf_link_changed(w->o[i], &l, w->now);
		for (unsigned foreign = 0; foreign < 2; foreign++) {
			struct ipaddr x = address(foreign ? 7 : i, k);
			ospf_address_changed(w->o[i], k, &x, 24, NULL, false, w->now);
			ospf_address_changed(w->o[i], k, &x, 32, NULL, false, w->now);
		}
		ospf_address_changed(w->o[i], k, &a, 24, NULL, true, w->now);
	}
	ospf_reconfigure(w->o[i], config(i, 1), w->now);
}

static void
equal_db(const struct lsdb *a, const struct lsdb *b)
{
	const struct lsa *x = lsdb_next(a, NULL), *y = lsdb_next(b, NULL);
	for (; x && y; x = lsdb_next(a, &x->hdr.key), y = lsdb_next(b, &y->hdr.key))
		must(lsa_key_cmp(&x->hdr.key, &y->hdr.key) == 0 && x->hdr.seq == y->hdr.seq &&
			x->hdr.cksum == y->hdr.cksum);
	must(!x && !y);
}

/* Whatever has happened: left alone, two routers agree again. */
static void
heal(struct world *w)
{
	if (w->o[0]->stopping || w->o[1]->stopping)
		return;
	for (unsigned i = 0; i < 2; i++)
		start(w, i);
	settle(w, 200);
	must(w->o[0]->full_nbrs > 0 && w->o[1]->full_nbrs > 0);
	const struct area *a = ospf_area_find(w->o[0], 0), *b = ospf_area_find(w->o[1], 0);
	must(a && b);
	equal_db(&a->db, &b->db);
	equal_db(&w->o[0]->as_db, &w->o[1]->as_db);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const events[])(struct world *) = {ev_deliver, ev_deliver, ev_deliver,
		ev_lose, ev_repeat, ev_mutate, ev_mutate, ev_forge, ev_time, ev_time, ev_link,
		ev_address, ev_config, ev_routes, ev_misc, ev_mutate};
	static struct world w;
	struct side sides[2] = { { &w, 0 }, { &w, 1 } };
	if (size > 4096)
		return 0;
	memset(&w, 0, sizeof(w));
	w.now = TIME_SEC;
	w.in = wire_reader(data, size);
	for (unsigned i = 0; i < 2; i++) {
		w.o[i] = ospf_new(&ospf_v2, &ops, &sides[i], 42 + i, w.now);
		start(&w, i);
	}
	settle(&w, wire_get_u8(&w.in) & 1 ? 45 : 2);
	must(w.o[0]->full_nbrs > 0);
	while (wire_left(&w.in) && !w.in.bad) {
		events[wire_get_u8(&w.in) % (sizeof(events) / sizeof(events[0]))](&w);
		check(w.o[0]);
		check(w.o[1]);
	}
	heal(&w);
	ospf_free(w.o[0]);
	ospf_free(w.o[1]);
	return 0;
}
