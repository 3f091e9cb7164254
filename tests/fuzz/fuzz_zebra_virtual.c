/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual links and addresses under anything: clients that come, want, and vanish; parents that go and
 * come back; devices that others make, change and delete; refused and failing writes, results before and
 * behind their events, dumps, restarts. When all has settled, the kernel has what is wanted: no more, no less.
 *
 * fuzz-links: zebra/config.c zebra/core.c zebra/iface.c zebra/iface_conf.c zebra/kgroup.c zebra/nh_leg.c zebra/nhg.c zebra/nht.c zebra/pool.c zebra/protocol.c zebra/redist.c zebra/resolve.c zebra/rib.c zebra/rib_fib.c zebra/rib_import.c zebra/routerid.c zebra/source.c zebra/statics.c zebra/sweep.c zebra/state_virtual.c lib/northbound_arg.c
 * fuzz-links: zebra/connected.c zebra/detour.c zebra/lan.c zebra/lease.c zebra/ready.c zebra/step.c zebra/vaddr.c zebra/vlink.c
 * fuzz-links: zebra/config_track.c zebra/gate.c zebra/repair.c zebra/track.c zebra/track_judge.c
 */
#define WORLD_MAX 256
#include "tests/unit/zebra_world.h"

#include "lib/wire.h"
#include "zebra/core.h"
#include "zebra/iface.h"
#include "zebra/state.h"
#include "zebra/vaddr.h"
#include "zebra/vlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); \
			abort(); \
		} \
	} while (0)

static const char *const names[] = {"vrrp4-2-5", "vrrp4-2-6", "vrrp6-3-5"};
static const uint8_t macs[][6] = {{0, 0, 0x5e, 0, 1, 5}, {0, 0, 0x5e, 0, 1, 6}};
static const char *const addresses[] = {"10.0.0.254", "10.0.1.254", "fe80::fe", "2001:db8::fe"};
static const char *const parents[] = {"eth0", "eth1"};
static const char *const protocols[] = {"vrrp", "bench"};
static const uint32_t states[] = {UP, DARK, DOWN, UP};

#define PICK(r, list) list[wire_get_u8(r) % (sizeof(list) / sizeof((list)[0]))]

struct play {
	struct world *w;
	struct wire_reader r;
	uint32_t clients[2];
	uint32_t parent[2]; /* ifindex of eth0, eth1; 0: gone */
};

static uint32_t
a_client(struct play *p)
{
	return p->clients[wire_get_u8(&p->r) % 2];
}

static void
do_parent(struct play *p)
{
	struct world *w = p->w;
	unsigned i = wire_get_u8(&p->r) & 1;
	uint8_t bits = wire_get_u8(&p->r);
	if (bits % 4 != 3 || !p->parent[i]) {
		/* it may have another index than last time */
		p->parent[i] = p->parent[i] ? p->parent[i] : 2 + i + (bits & 4);
		struct kernel_link l = {.ifindex = p->parent[i], .flags = states[bits % 4],
			.mtu = bits & 8 ? 1400 : 1500};
		snprintf(l.name, sizeof(l.name), "%s", parents[i]);
		w->flags[l.ifindex] = l.flags;
		zebra_kernel_changed(w->z, KERNEL_LINK, &l, false, w->now);
		return;
	}
	struct kernel_link l = {.ifindex = p->parent[i]};
	virtual_parent_gone(&w->v, p->parent[i]);
	for (unsigned k = w->v.addr_count; k-- > 0;)
		if (w->v.addrs[k].ifindex == p->parent[i])
			virtual_drop_addr(&w->v, &w->v.addrs[k]);
	w->flags[p->parent[i]] = 0;
	p->parent[i] = 0;
	virtual_deliver(w->z, &w->v, w->now);
	zebra_kernel_changed(w->z, KERNEL_LINK, &l, true, w->now);
}

static void
do_client(struct play *p)
{
	unsigned i = wire_get_u8(&p->r) % 2;
	if (p->clients[i])
		zebra_client_closed(p->w->z, p->clients[i], p->w->now);
	p->clients[i] = wire_get_u8(&p->r) & 3 ? world_client(p->w, protocols[i], 0, false) : 0;
}

static void
do_vlink(struct play *p)
{
	uint32_t client = a_client(p);
	uint8_t bits = wire_get_u8(&p->r);
	struct zebra_vlink v = {.id = bits % 4, .name = PICK(&p->r, names), .linger = (bits >> 4) * 100 * TIME_MS,
		.parent = 2 + (bits >> 2 & 3)};
	memcpy(v.mac, macs[bits >> 7], 6);
	if (wire_get_u8(&p->r) & 3)
		zebra_vlink_wanted(p->w->z, client, &v, p->w->now);
	else
		zebra_vlink_unwanted(p->w->z, client, v.id, p->w->now);
}

static void
do_vaddress(struct play *p)
{
	uint32_t client = a_client(p);
	uint8_t bits = wire_get_u8(&p->r);
	struct zebra_vaddress a = {.id = bits % 8, .ifindex = 2 + (bits >> 3 & 3), .vlink = bits >> 5 & 3,
		.accept = bits >> 7, .linger = (bits & 15) * 100 * TIME_MS};
	if (!ipaddr_parse(PICK(&p->r, addresses), &a.address))
		return;
	a.len = a.address.afi == AFI_IP4 ? 32 : 128;
	if (wire_get_u8(&p->r) & 3)
		zebra_vaddress_wanted(p->w->z, client, &a, p->w->now);
	else
		zebra_vaddress_unwanted(p->w->z, client, a.id, p->w->now);
}

static void
do_lan(struct play *p)
{
	uint32_t client = a_client(p);
	uint8_t bits = wire_get_u8(&p->r);
	struct zebra_lan l = {.ifindex = bits % 4, .role = bits >> 2 & 3, .dead = bits >> 4 & 1,
		.withdraw = bits >> 5 & 1, .added_cost = bits >> 6};
	zebra_lan_changed(p->w->z, client, &l, p->w->now);
}

static void
do_ready(struct play *p)
{
	uint32_t client = a_client(p);
	uint8_t bits = wire_get_u8(&p->r);
	zebra_client_ready(p->w->z, client, bits & 1, bits & 2 ? "x" : "", p->w->now);
}

static void
do_replay_end(struct play *p)
{
	zebra_replay_ended(p->w->z, a_client(p), p->w->now);
}

/* Others at our devices and addresses. */
static void
do_foreign(struct play *p)
{
	struct world_virtual *v = &p->w->v;
	uint8_t bits = wire_get_u8(&p->r);
	struct world_dev *d = v->dev_count ? &v->devs[bits % v->dev_count] : NULL;
	struct world_vaddr *a = v->addr_count ? &v->addrs[bits % v->addr_count] : NULL;
	switch (bits >> 5) {
	case 0:
		if (d)
			virtual_drop_dev(v, d);
		break;
	case 1:
		if (a)
			virtual_drop_addr(v, a);
		break;
	case 2:
		if (v->dev_count < 32 && !virtual_by_name(v, names[bits % 3]))
			virtual_make(v, names[bits % 3], 2, macs[0], 0);
		break;
	default:
		if (!d || !d->group)
			break;
		d->mac[5] ^= bits & 1;
		d->mtu = bits & 2 ? 1000 : d->mtu;
		d->up = bits & 4 ? false : d->up;
		virtual_say_link(v, d, false);
	}
	if (!v->events_late)
		virtual_deliver(p->w->z, v, p->w->now);
}

static void
do_kernel(struct play *p)
{
	static const int errors[] = {0, EBUSY, ENOBUFS, EACCES};
	static const int kinds[] = {DPLANE_VLINK, DPLANE_ADDR, DPLANE_LINK_UP, DPLANE_ADDR_DEL, DPLANE_LINK_DOOM,
		DPLANE_LINKS_DEL, DPLANE_LINK_DEL, DPLANE_LINK_MTU};
	uint8_t bits = wire_get_u8(&p->r);
	p->w->room = bits & 1 ? WORLD_MAX : bits >> 6;
	p->w->fail_errno = errors[bits >> 1 & 3];
	p->w->fail_kind = kinds[wire_get_u8(&p->r) % 8];
	p->w->v.events_late = bits >> 5 & 1;
	world_run(p->w);
}

static void
do_time(struct play *p)
{
	world_advance(p->w, (int64_t)wire_get_u8(&p->r) * 20 * TIME_MS);
}

static void
tell_links(struct play *p)
{
	for (unsigned i = 0; i < 2; i++)
		if (p->parent[i])
			world_link(p->w, p->parent[i], parents[i], p->w->flags[p->parent[i]]);
	virtual_dump(p->w->z, &p->w->v, false, p->w->now);
}

static void
do_resync(struct play *p)
{
	struct world *w = p->w;
	enum kernel_kind kind = wire_get_u8(&p->r) & 1 ? KERNEL_LINK : KERNEL_ADDR;
	virtual_deliver(w->z, &w->v, w->now);
	zebra_kernel_resync(w->z, kind, true, w->now);
	if (kind == KERNEL_LINK)
		tell_links(p);
	else
		virtual_dump(w->z, &w->v, true, w->now);
	zebra_kernel_resync(w->z, kind, false, w->now);
}

static void
do_restart(struct play *p)
{
	struct world *w = p->w;
	memset(p->clients, 0, sizeof(p->clients));
	zebra_free(w->z);
	w->queued = 0;
	w->filters = 0; /* the new shell knows of none */
	w->v.event_count = 0;
	w->z = zebra_new(&world_ops, w, w->timers, 2);
	for (unsigned k = KERNEL_LINK; k < KERNEL_KINDS; k++) {
		zebra_kernel_resync(w->z, (enum kernel_kind)k, true, w->now);
		if (k == KERNEL_LINK)
			tell_links(p);
		else if (k == KERNEL_ADDR)
			virtual_dump(w->z, &w->v, true, w->now);
		zebra_kernel_resync(w->z, (enum kernel_kind)k, false, w->now);
	}
}

static void
do_show(struct play *p)
{
	static state_fn *const producers[] = {state_virtual_links, state_virtual_addresses, state_lans, state_ready};
	struct rows out;
	struct state_resume resume = {0};
	struct nb_args none = {0};
	rows_init(&out, 1 + wire_get_u8(&p->r) * 16u);
	state_fn *fn = PICK(&p->r, producers);
	for (unsigned turns = 0; turns < 10000; turns++) {
		rows_clear(&out);
		if (fn(p->w->z, &none, &out, &resume, p->w->now))
			break;
		CHECK(turns < 9999);
	}
	rows_free(&out);
}

static void (*const events[])(struct play *p) = {do_parent, do_client, do_vlink, do_vlink, do_vaddress, do_vaddress,
	do_lan, do_ready, do_replay_end, do_foreign, do_foreign, do_kernel, do_kernel, do_time, do_resync, do_restart,
	do_show};

/* --- what has to be true when all has settled ------------------------------------------------------- */

static void
check_links(struct world *w)
{
	struct vlink *v;
	unsigned ours = 0, wanted = 0;
	TAILQ_FOREACH(v, &w->z->vlinks->list, link) {
		CHECK(v->lease.claimed && !v->removing);
		struct world_dev *d = virtual_by_name(&w->v, v->name);
		const struct iface *parent = iface_by_name(w->z, v->parent_name);
		if ((d && d->group != KERNEL_VLINK_GROUP) || !v->parent_name[0] || !parent) {
			CHECK(v->error[0] && !v->told_ifindex);
			continue;
		}
		wanted++;
		CHECK(d && !v->error[0] && d->ifindex == v->told_ifindex);
		CHECK(d->up && d->mtu == parent->k.mtu && d->parent == parent->k.ifindex);
		CHECK(!memcmp(d->mac, v->mac, 6));
		CHECK(d->quiet == !vaddrs_on(w->z, d->ifindex));
		CHECK(v->told_up == (kernel_link_running(&parent->k)));
	}
	for (unsigned i = 0; i < w->v.dev_count; i++)
		ours += w->v.devs[i].group != 0;
	CHECK(ours == wanted);
}

static void
check_addresses(struct world *w)
{
	struct vaddr *a, *b;
	unsigned there = 0;
	int filters = 0;
	TAILQ_FOREACH(a, &w->z->vaddrs->list, link) {
		const struct iface *i = iface_find(w->z, a->device);
		bool first = true, first_filter = true;
		CHECK(a->lease.claimed && !a->removing);
		for (b = TAILQ_FIRST(&w->z->vaddrs->list); b != a; b = TAILQ_NEXT(b, link)) {
			bool same = !ipaddr_cmp(&a->address, &b->address);
			first = first && !(same && a->device == b->device);
			first_filter = first_filter && !(same && b->filtered);
		}
		filters += a->filtered && first_filter;
		if (!i || (a->address.afi == AFI_IP6 && !kernel_link_up(&i->k)))
			continue;
		CHECK(virtual_addr(&w->v, a->device, &a->address));
		CHECK(a->filtered == !a->accept);
		there += first;
	}
	CHECK(w->filters == filters);
	for (unsigned i = 0; i < w->v.addr_count; i++) {
		/* what was put there while its link was up may outlive its going down in this kernel */
		bool known = false;
		TAILQ_FOREACH(a, &w->z->vaddrs->list, link)
			known = known || (a->device == w->v.addrs[i].ifindex
				&& !ipaddr_cmp(&a->address, &w->v.addrs[i].address));
		CHECK(known);
	}
	CHECK(there <= w->v.addr_count);
}

static void
settle(struct world *w)
{
	w->room = WORLD_MAX;
	w->fail_errno = 0;
	w->work = true;
	zebra_dplane_writable(w->z, w->now);
	virtual_deliver(w->z, &w->v, w->now);
	for (unsigned i = 0; i < 20; i++)
		world_advance(w, 31 * TIME_SEC);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play p = {.w = world_up(), .r = wire_reader(data, size), .parent = {2, 3}};
	p.w->quiet = true;
	p.w->trace = getenv("ZEBRA_TRACE") != NULL;
	for (unsigned n = 0; n < 200 && wire_left(&p.r); n++) {
		unsigned event = wire_get_u8(&p.r) % (sizeof(events) / sizeof(events[0]));
		if (p.w->trace)
			fprintf(stderr, "# event %u at %ld\n", event, (long)p.w->now);
		events[event](&p);
	}
	settle(p.w);
	check_links(p.w);
	check_addresses(p.w);
	zebra_withdraw_all(p.w->z, p.w->now);
	settle(p.w);
	for (unsigned i = 0; i < p.w->v.dev_count; i++)
		CHECK(!p.w->v.devs[i].group);
	CHECK(!p.w->v.addr_count && !p.w->filters);
	world_free(p.w);
	return 0;
}
