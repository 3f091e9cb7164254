/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A zebra core on a fake kernel: operations are taken into a queue and come back by world_run(),
 * applied to small tables on the way, so that a test can look at the FIB and count messages.
 */
#ifndef GREVY_TESTS_ZEBRA_WORLD_H
#define GREVY_TESTS_ZEBRA_WORLD_H

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bfdclient.h"
#include "lib/conf.h"
#include "lib/timer.h"
#include "tests/unit/unit.h"
#include "zebra/config.h"
#include "zebra/dplane.h"
#include "zebra/zebra.h"
#include "tests/unit/zebra_world_virtual.h"

#ifndef WORLD_MAX
#define WORLD_MAX 4096
#endif

struct world_route {
	struct prefix prefix;
	uint32_t table, id;
	uint8_t protocol, type;
};
struct world_group {
	uint32_t id;
	unsigned count;
	struct dplane_leg legs[16];
	uint8_t protocol, keep;
};
struct world_hop {
	uint32_t id, oif;
	struct ipaddr gateway;
	bool onlink;
	uint8_t afi;
};

struct world {
	struct zebra *z;
	struct timers *timers;
	struct conf_object *config;
	int64_t now;
	struct dplane_op queue[WORLD_MAX];
	struct dplane_leg legs[WORLD_MAX][16];
	unsigned queued, room;
	struct world_route routes[WORLD_MAX];
	unsigned route_count;
	struct world_group groups[256];
	unsigned group_count;
	struct world_hop hops[256];
	unsigned hop_count;
	uint32_t flags[16];             /* of links */
	struct world_virtual v;
	uint32_t carriers[16];          /* and how often their carrier changed */
	unsigned written[DPLANE_KINDS]; /* operations taken, by kind */
	int fail_kind, fail_errno;      /* the next operation of that kind fails */
	bool work, trace; /* trace: say what is written */
	bool quiet;       /* refused commits are no news */
	/* what clients were told last */
	uint32_t router_id;
	unsigned interfaces, addresses, nht_count, redist_adds, redist_dels, redist_synced, results, failed;
	struct zebra_nht nht;
	struct zebra_redistributed redist;
	char redist_text[512];
	struct zebra_lan lan;
	struct zebra_vlink_state vlink;
	char vlink_error[96];
	unsigned vlinks_told, tuned, parents_freed;
	int filters;
	unsigned lans;
	bool ready;
	char waiting_for[128];
	uint64_t result_sequence;
	struct zebra_track track; /* told last */
	char track_cause[128];
	unsigned tracks, tracks_synced;
	struct bfdclient_want wants[16]; /* by id */
	bool wanted[16];
	unsigned wishes;          /* asked for, ever */
	char events[8192];        /* "name object: text" lines */
};

static inline bool
world_write(void *arg, const struct dplane_op *op)
{
	struct world *w = arg;
	if (w->queued >= w->room)
		return false;
	w->written[op->kind]++;
	if (w->trace)
		fprintf(stderr, "# write kind=%u id=%u keep=%u cookie=%lu\n", op->kind, op->id, op->keep,
			(unsigned long)op->cookie);
	w->queue[w->queued] = *op;
	if (op->kind == DPLANE_GROUP) {
		memcpy(w->legs[w->queued], op->u.group.legs, op->u.group.count * sizeof(struct dplane_leg));
		w->queue[w->queued].u.group.legs = w->legs[w->queued];
	}
	w->queued++;
	return true;
}

static inline void
world_interface(void *arg, uint32_t client, const struct zebra_interface *i, bool gone)
{
	(void)client, (void)i, (void)gone;
	((struct world *)arg)->interfaces++;
}
static inline void
world_address(void *arg, uint32_t client, const struct zebra_address *a, bool gone)
{
	(void)client, (void)a, (void)gone;
	((struct world *)arg)->addresses++;
}
static inline void
world_router_id(void *arg, uint32_t client, uint32_t id)
{
	(void)client;
	((struct world *)arg)->router_id = id;
}
static inline void
world_redistributed(void *arg, uint32_t client, const struct zebra_redistributed *r)
{
	struct world *w = arg;
	(void)client;
	if (r->synced)
		w->redist_synced++;
	for (size_t at = 0; at < r->len;) {
		struct prefix p;
		char buf[PREFIX_STRLEN];
		at += prefix_unpack(r->afi, r->prefixes + at, r->len - at, &p);
		*(r->withdraw ? &w->redist_dels : &w->redist_adds) += 1;
		size_t len = strlen(w->redist_text);
		snprintf(w->redist_text + len, sizeof(w->redist_text) - len, "%c%s ", r->withdraw ? '-' : '+',
			prefix_print(&p, buf));
	}
	w->redist = *r;
}
static inline void
world_nht(void *arg, uint32_t client, const struct zebra_nht *n)
{
	struct world *w = arg;
	(void)client;
	w->nht_count++;
	w->nht = *n;
}
static inline void
world_results(void *arg, uint32_t client, const struct zebra_results *r)
{
	struct world *w = arg;
	(void)client;
	w->results++;
	if (r->failed.afi)
		w->failed++;
	else
		w->result_sequence = r->sequence;
}
static inline void
world_resync(void *arg, enum kernel_kind kind)
{
	(void)arg, (void)kind;
}
static inline void
world_forwarding(void *arg, uint8_t afi, bool on)
{
	(void)arg, (void)afi, (void)on;
}
static inline void
world_work(void *arg)
{
	((struct world *)arg)->work = true;
}
static inline void
world_log(void *arg, const char *event, const char *text)
{
	if (((struct world *)arg)->trace)
		fprintf(stderr, "# log %s %s\n", event, text);
}

static inline void
world_vlink(void *arg, uint32_t client, const struct zebra_vlink_state *v)
{
	struct world *w = arg;
	(void)client;
	w->vlink = *v;
	w->vlinks_told++;
	snprintf(w->vlink_error, sizeof(w->vlink_error), "%s", v->error);
}
static inline void
world_vlink_made(void *arg, const char *name, const char *parent)
{
	(void)name, (void)parent;
	((struct world *)arg)->tuned++;
}
static inline void
world_vlink_parent_free(void *arg, const char *parent)
{
	(void)parent;
	((struct world *)arg)->parents_freed++;
}
static inline void
world_filter(void *arg, const struct ipaddr *address, bool drop)
{
	(void)address;
	((struct world *)arg)->filters += drop ? 1 : -1;
}
static inline void
world_lan(void *arg, uint32_t client, const struct zebra_lan *l)
{
	struct world *w = arg;
	(void)client;
	w->lan = *l;
	w->lans++;
}
static inline void
world_ready(void *arg, uint32_t client, bool ready, const char *waiting_for)
{
	struct world *w = arg;
	(void)client;
	w->ready = ready;
	snprintf(w->waiting_for, sizeof(w->waiting_for), "%s", waiting_for);
}

static inline void
world_track(void *arg, uint32_t client, const struct zebra_track *t)
{
	struct world *w = arg;
	(void)client;
	if (t->synced) {
		w->tracks_synced++;
		return;
	}
	w->tracks++;
	w->track = *t;
	snprintf(w->track_cause, sizeof(w->track_cause), "%s", t->cause);
}
static inline void
world_bfd_want(void *arg, uint32_t id, const struct bfdclient_want *want)
{
	struct world *w = arg;
	w->wishes += want != NULL;
	w->wanted[id % 16] = want != NULL;
	if (want)
		w->wants[id % 16] = *want;
}
static inline void
world_event(void *arg, enum zebra_event kind, const char *name, const char *object, int64_t at, const char *text)
{
	struct world *w = arg;
	size_t len = strlen(w->events);
	(void)kind, (void)at;
	snprintf(w->events + len, sizeof(w->events) - len, "%s %s: %s\n", name, object, text);
	if (w->trace)
		fprintf(stderr, "# event %s %s: %s\n", name, object, text);
}

static const struct zebra_ops world_ops = {
	.write = world_write,
	.interface = world_interface,
	.address = world_address,
	.router_id = world_router_id,
	.redistributed = world_redistributed,
	.nht = world_nht,
	.results = world_results,
	.vlink = world_vlink,
	.vlink_made = world_vlink_made,
	.vlink_parent_free = world_vlink_parent_free,
	.filter = world_filter,
	.lan = world_lan,
	.ready = world_ready,
	.track = world_track,
	.bfd_want = world_bfd_want,
	.event = world_event,
	.resync = world_resync,
	.forwarding = world_forwarding,
	.work = world_work,
	.log = world_log,
};

/* --- the fake kernel ------------------------------------------------------------------------------ */

static inline struct world_route *
world_route(struct world *w, const char *text)
{
	struct prefix p;
	if (!prefix_parse(text, false, &p))
		return NULL;
	for (unsigned i = 0; i < w->route_count; i++)
		if (prefix_equal(&w->routes[i].prefix, &p))
			return &w->routes[i];
	return NULL;
}

static inline struct world_group *
world_group(struct world *w, uint32_t id)
{
	for (unsigned i = 0; i < w->group_count; i++)
		if (w->groups[i].id == id)
			return &w->groups[i];
	return NULL;
}

static inline struct world_hop *
world_hop(struct world *w, uint32_t id)
{
	for (unsigned i = 0; i < w->hop_count; i++)
		if (w->hops[i].id == id)
			return &w->hops[i];
	return NULL;
}

static inline void
world_drop_routes(struct world *w, uint32_t id)
{
	for (unsigned i = 0; i < w->route_count;)
		if (w->routes[i].id == id && id)
			w->routes[i] = w->routes[--w->route_count];
		else
			i++;
}

static inline void
world_drop_hop(struct world *w, uint32_t id)
{
	for (unsigned g = 0; g < w->group_count;) {
		struct world_group *grp = &w->groups[g];
		for (unsigned i = 0; i < grp->count;)
			if (grp->legs[i].id == id)
				grp->legs[i] = grp->legs[--grp->count];
			else
				i++;
		if (!grp->count && !grp->keep) {
			world_drop_routes(w, grp->id);
			w->groups[g] = w->groups[--w->group_count];
		} else {
			g++;
		}
	}
	struct world_hop *h = world_hop(w, id);
	if (h)
		*h = w->hops[--w->hop_count];
}

static inline int
world_apply(struct world *w, const struct dplane_op *op)
{
	switch (op->kind) {
	case DPLANE_NEXTHOP: {
		struct world_hop *h = world_hop(w, op->id);
		if (!(w->flags[op->u.nexthop.oif % 16] & IFF_RUNNING))
			return ENETDOWN;
		if (!h)
			h = &w->hops[w->hop_count++];
		*h = (struct world_hop){op->id, op->u.nexthop.oif, op->u.nexthop.gateway, op->onlink,
			op->u.nexthop.afi};
		return 0;
	}
	case DPLANE_GROUP: {
		struct world_group *g = world_group(w, op->id);
		for (unsigned i = 0; i < op->u.group.count; i++)
			if (!world_hop(w, op->u.group.legs[i].id))
				return EINVAL;
		if (!g)
			g = &w->groups[w->group_count++];
		g->id = op->id;
		g->protocol = op->protocol;
		g->keep = op->keep;
		g->count = op->u.group.count;
		memcpy(g->legs, op->u.group.legs, g->count * sizeof(g->legs[0]));
		return 0;
	}
	case DPLANE_NEXTHOP_DEL: {
		struct world_group *g = world_group(w, op->id);
		if (g) {
			world_drop_routes(w, op->id);
			*g = w->groups[--w->group_count];
		} else if (world_hop(w, op->id)) {
			world_drop_hop(w, op->id);
		}
		return 0;
	}
	case DPLANE_ROUTE:
	case DPLANE_ROUTE_DEL: {
		char buf[PREFIX_STRLEN];
		struct world_route *r = world_route(w, prefix_print(&op->u.route.prefix, buf));
		if (op->kind == DPLANE_ROUTE_DEL) {
			if (r && r->protocol == op->protocol)
				*r = w->routes[--w->route_count];
			return 0;
		}
		if (op->id && !world_group(w, op->id))
			return EINVAL;
		if (!r)
			r = &w->routes[w->route_count++];
		*r = (struct world_route){op->u.route.prefix, op->table, op->id, op->protocol, op->type};
		return 0;
	}
	default:
		return virtual_apply(&w->v, op,
			w->flags[(op->kind == DPLANE_VLINK ? op->u.vlink.parent : op->u.addr.ifindex) % 16]);
	}
}

/* Urgent ones first, as the dplane does; then timers' and sliced work. */
static inline void
world_run(struct world *w)
{
	for (unsigned round = 0; round < 1000 && (w->queued || w->work); round++) {
		unsigned n = w->queued;
		struct dplane_op *ops = malloc((n + 1) * sizeof(*ops));
		struct dplane_leg(*legs)[16] = malloc((n + 1) * sizeof(*legs));
		int *err = calloc(n + 1, sizeof(*err));
		bool was_full = n >= w->room;
		memcpy(ops, w->queue, n * sizeof(*ops));
		memcpy(legs, w->legs, n * sizeof(*legs));
		w->queued = 0;
		/* writes that name an id whose deletion is queued wait behind it (dplane.h) */
		bool in_order = false;
		for (unsigned i = 0; i < n; i++)
			in_order = in_order || ops[i].kind == DPLANE_NEXTHOP_DEL;
		for (int urgent = 1; urgent >= 0; urgent--)
			for (unsigned i = 0; i < n; i++) {
				bool is = ops[i].kind == DPLANE_NEXTHOP || ops[i].kind == DPLANE_GROUP
					|| ops[i].kind >= DPLANE_ADDR;
				if (in_order ? urgent : is != urgent)
					continue;
				if (ops[i].kind == DPLANE_GROUP)
					ops[i].u.group.legs = legs[i];
				if (w->fail_errno && ops[i].kind == w->fail_kind) {
					err[i] = w->fail_errno;
					w->fail_errno = 0;
				} else {
					err[i] = world_apply(w, &ops[i]);
				}
				if (!w->v.events_late)
					virtual_deliver(w->z, &w->v, w->now);
				zebra_dplane_done(w->z, &ops[i], err[i], w->now);
			}
		virtual_deliver(w->z, &w->v, w->now);
		free(ops);
		free(legs);
		free(err);
		if (was_full)
			zebra_dplane_writable(w->z, w->now);
		w->work = zebra_run(w->z, w->now);
	}
}

static inline void
world_advance(struct world *w, int64_t by)
{
	w->now += by;
	timers_run(w->timers, w->now, 1000);
	world_run(w);
}

/* --- events --------------------------------------------------------------------------------------- */

#define UP   (IFF_UP | IFF_RUNNING | 0x10000 | IFF_BROADCAST | IFF_MULTICAST)
#define DARK (IFF_UP | IFF_BROADCAST | IFF_MULTICAST) /* up without a carrier */
#define DOWN (IFF_BROADCAST | IFF_MULTICAST)

/* As the kernel does: without a carrier, or down, an interface loses its next hops. */
static inline void
world_link(struct world *w, uint32_t ifindex, const char *name, uint32_t flags)
{
	w->carriers[ifindex % 16] += (w->flags[ifindex % 16] ^ flags) & IFF_RUNNING ? 1 : 0;
	w->flags[ifindex % 16] = flags;
	for (unsigned i = 0; i < w->hop_count && !(flags & IFF_RUNNING);)
		if (w->hops[i].oif == ifindex)
			world_drop_hop(w, w->hops[i].id);
		else
			i++;
	struct kernel_link l = {.ifindex = ifindex, .flags = flags, .mtu = 1500,
		.carrier_changes = w->carriers[ifindex % 16]};
	snprintf(l.name, sizeof(l.name), "%s", name);
	zebra_kernel_changed(w->z, KERNEL_LINK, &l, false, w->now);
}

/* Dark and light again, and only the last is told: the kernel has deleted the next hops all the same. */
static inline void
world_flap_unseen(struct world *w, uint32_t ifindex, const char *name)
{
	for (unsigned i = 0; i < w->hop_count;)
		if (w->hops[i].oif == ifindex)
			world_drop_hop(w, w->hops[i].id);
		else
			i++;
	w->carriers[ifindex % 16] += 2;
	world_link(w, ifindex, name, UP);
}

/* A session's state: by watching (id 0), or of a wish. */
static inline void
world_bfd(struct world *w, uint32_t id, uint32_t ifindex, const char *peer, enum bfd_liveness live, uint64_t sequence)
{
	struct bfdclient_state s = {.id = id, .ifindex = ifindex, .liveness = live, .sequence = sequence, .at = w->now};
	ipaddr_parse(peer, &s.peer);
	zebra_bfd_changed(w->z, &s, w->now);
}

static inline void
world_addr(struct world *w, uint32_t ifindex, const char *text, bool gone)
{
	struct kernel_addr a = {.ifindex = ifindex};
	char addr[64];
	snprintf(addr, sizeof(addr), "%s", text);
	char *slash = strchr(addr, '/');
	*slash = '\0';
	a.prefixlen = (uint8_t)atoi(slash + 1);
	ipaddr_parse(addr, &a.local);
	zebra_kernel_changed(w->z, KERNEL_ADDR, &a, gone, w->now);
}

static inline void
world_dump_nexthops(struct world *w)
{
	for (unsigned i = 0; i < w->group_count; i++) { /* groups first: members come in any order */
		static struct kernel_nexthop nh;
		memset(&nh, 0, sizeof(nh));
		nh.id = w->groups[i].id;
		nh.group = true;
		nh.protocol = w->groups[i].protocol;
		nh.leg_count = (uint16_t)w->groups[i].count;
		for (unsigned k = 0; k < w->groups[i].count; k++) {
			nh.legs[k].id = w->groups[i].legs[k].id;
			nh.legs[k].weight = w->groups[i].legs[k].weight;
		}
		zebra_kernel_changed(w->z, KERNEL_NEXTHOP, &nh, false, w->now);
	}
	for (unsigned i = 0; i < w->hop_count; i++) {
		static struct kernel_nexthop nh;
		memset(&nh, 0, sizeof(nh));
		nh.id = w->hops[i].id;
		nh.protocol = 11;
		nh.afi = w->hops[i].gateway.afi ? w->hops[i].gateway.afi : w->hops[i].afi;
		nh.leg_count = 1;
		nh.legs[0].oif = w->hops[i].oif;
		nh.legs[0].gateway = w->hops[i].gateway;
		nh.legs[0].flags = w->hops[i].onlink ? 4 : 0;
		zebra_kernel_changed(w->z, KERNEL_NEXTHOP, &nh, false, w->now);
	}
}

static inline void
world_tell_route(struct world *w, const struct world_route *r, bool gone)
{
	static struct kernel_route k;
	memset(&k, 0, sizeof(k));
	k.prefix = r->prefix;
	k.table = 254;
	k.metric = DPLANE_METRIC;
	k.nhid = r->id;
	k.protocol = r->protocol;
	k.type = r->type ? r->type : RTN_UNICAST;
	zebra_kernel_changed(w->z, KERNEL_ROUTE, &k, gone, w->now);
}

static inline void
world_dumps(struct world *w)
{
	for (unsigned k = KERNEL_LINK; k < KERNEL_KINDS; k++) {
		zebra_kernel_resync(w->z, (enum kernel_kind)k, true, w->now);
		if (k == KERNEL_LINK) {
			world_link(w, 1, "lo", UP | IFF_LOOPBACK);
			world_link(w, 2, "eth0", UP);
			world_link(w, 3, "eth1", UP);
			virtual_dump(w->z, &w->v, false, w->now);
		}
		if (k == KERNEL_ADDR) {
			world_addr(w, 1, "127.0.0.1/8", false);
			world_addr(w, 2, "10.0.0.1/24", false);
			world_addr(w, 3, "10.0.1.1/24", false);
			world_addr(w, 2, "2001:db8::1/64", false);
			virtual_dump(w->z, &w->v, true, w->now);
		}
		if (k == KERNEL_NEXTHOP)
			world_dump_nexthops(w);
		if (k == KERNEL_ROUTE)
			for (unsigned i = 0; i < w->route_count; i++)
				world_tell_route(w, &w->routes[i], false);
		zebra_kernel_resync(w->z, (enum kernel_kind)k, false, w->now);
	}
}

static inline struct world *
world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));
	w->timers = timers_new();
	w->now = 1000 * TIME_SEC;
	w->room = WORLD_MAX;
	w->z = zebra_new(&world_ops, w, w->timers, 1);
	zebra_keeper_known(w->z, AFI_IP4);
	zebra_keeper_known(w->z, AFI_IP6);
	return w;
}

static inline struct world *
world_up(void)
{
	struct world *w = world_new();
	world_dumps(w);
	world_run(w);
	return w;
}

/* kill -9: the fake kernel stays, a new core comes up on it. */
static inline void
world_restart(struct world *w)
{
	zebra_free(w->z);
	w->queued = 0;
	memset(w->written, 0, sizeof(w->written));
	w->z = zebra_new(&world_ops, w, w->timers, 2);
	zebra_keeper_known(w->z, AFI_IP4);
	zebra_keeper_known(w->z, AFI_IP6);
	world_dumps(w);
	world_run(w);
}

static inline void
world_free(struct world *w)
{
	zebra_free(w->z);
	conf_unref(w->config);
	timers_free(w->timers);
	free(w);
}

/* "+path=value" or "-path", ended by NULL. */
static inline bool
world_commit(struct world *w, const char *const *lines)
{
	struct conf_edit edits[64];
	char text[64][256];
	size_t n = 0;
	struct conf_error err;
	for (; lines[n]; n++) {
		snprintf(text[n], sizeof(text[n]), "%s", lines[n] + 1);
		char *bracket = strrchr(text[n], ']');
		char *eq = strchr(bracket ? bracket : text[n], '=');
		if (eq)
			*eq = '\0';
		edits[n] = (struct conf_edit){lines[n][0] == '+' ? CONF_OP_SET : CONF_OP_DELETE, text[n],
			eq ? eq + 1 : ""};
	}
	struct conf_object *old = w->config ? conf_ref(w->config) : conf_new(&zconf_root_class);
	struct conf_object *new = conf_edit(old, edits, n, &err);
	if (!new || !conf_check(old, new, &err)) {
		if (!w->quiet)
			printf("# %s: %s\n", err.path, err.message);
		conf_unref(new);
		conf_unref(old);
		return false;
	}
	zebra_reconfigure(w->z, w->config, new, w->now);
	conf_unref(w->config);
	w->config = new;
	conf_unref(old);
	world_run(w);
	return true;
}
#define COMMIT(w, ...) world_commit(w, (const char *const[]){__VA_ARGS__, NULL})

/* "2:10.0.0.2*1 3:10.0.1.2*1": the legs of a route as the kernel has them, sorted as written. */
static inline const char *
world_legs(struct world *w, const char *prefix)
{
	static char buf[512];
	struct world_route *r = world_route(w, prefix);
	buf[0] = '\0';
	if (!r)
		return "none";
	if (!r->id)
		return r->type == RTN_BLACKHOLE ? "blackhole" : r->type == RTN_UNREACHABLE ? "unreachable" : "?";
	struct world_group *g = world_group(w, r->id);
	for (unsigned i = 0; g && i < g->count; i++) {
		struct world_hop *h = world_hop(w, g->legs[i].id);
		char a[IPADDR_STRLEN];
		size_t len = strlen(buf);
		snprintf(buf + len, sizeof(buf) - len, "%s%u:%s*%u", len ? " " : "", h ? h->oif : 0,
			h ? ipaddr_print(&h->gateway, a) : "?", g->legs[i].weight);
	}
	return buf;
}

/* --- clients -------------------------------------------------------------------------------------- */

static inline uint32_t
world_client(struct world *w, const char *protocol, uint32_t grace, bool results)
{
	struct zebra_hello h = {.protocol = protocol, .grace_seconds = grace, .want_results = results};
	const char *error;
	return zebra_client_opened(w->z, &h, &error, w->now);
}

/* legs: "2:10.0.0.2 3:10.0.1.2/1 :10.9.9.9", /1 is a backup rank */
static inline bool
world_define(struct world *w, uint32_t client, uint32_t id, const char *text)
{
	struct zebra_leg legs[ZEBRA_LEGS_MAX];
	size_t n = 0;
	char copy[256], *save = NULL;
	memset(legs, 0, sizeof(legs));
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *t = strtok_r(copy, " ", &save); t; t = strtok_r(NULL, " ", &save), n++) {
		char *slash = strchr(t, '/'), *colon = strchr(t, ':');
		if (slash) {
			*slash = '\0';
			legs[n].backup_rank = (uint8_t)atoi(slash + 1);
		}
		legs[n].ifindex = (uint32_t)atoi(t);
		if (colon && colon[1])
			ipaddr_parse(colon + 1, &legs[n].gateway);
	}
	return zebra_group_changed(w->z, client, id, legs, n, w->now);
}

static inline bool
world_announce(struct world *w, uint32_t client, uint32_t group, uint32_t metric, bool withdraw,
	const char *text)
{
	uint8_t buf[4096];
	size_t len = 0;
	char copy[2048], *save = NULL;
	struct prefix p = {0};
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *t = strtok_r(copy, " ", &save); t; t = strtok_r(NULL, " ", &save)) {
		prefix_parse(t, true, &p);
		len += prefix_pack(&p, buf + len);
	}
	struct zebra_batch b = {.withdraw = withdraw, .afi = p.afi, .metric = metric, .group = group,
		.sequence = 7, .prefixes = buf, .len = len};
	return zebra_routes_changed(w->z, client, &b, w->now);
}

#endif
