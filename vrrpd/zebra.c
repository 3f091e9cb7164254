/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients of zebra and bfdd: see zebra.h. Owns both, what zebra has told of interfaces (to notice after a
 * reconnection what is not there any more), and the numbers of our wishes.
 *
 * Invariants: a virtual link's number says its key, so a vrrpd that comes back uses the same; the end of
 * the replay is told behind every wish that the core had when all its links were known (a deferred record),
 * or zebra would take away the addresses of a master that was only restarted.
 */
#include "vrrpd/zebra.h"

#include <stdio.h>
#include <string.h>

#include "lib/bfdclient.h"
#include "lib/daemon.h"
#include "lib/hash.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/timely.h"
#include "lib/zclient.h"
#include "vrrpd/shell.h"

#define BFD_GRACE_SECONDS 30
#define SETTLE_MAX (2 * TIME_SEC) /* a link that cannot be made holds nobody's sweep up for longer */

struct known {               /* by zebra: an interface, or an address on one */
	uint32_t ifindex;
	struct prefix address;   /* AFI_NONE: the interface itself */
	unsigned epoch;
	struct vrrp_link link;
};
struct wish {                /* an address or a session, with its number */
	uint32_t id;
	struct vrrp_key key;     /* bfd: only ifindex */
	struct ipaddr address, local;
	char profile[64];
};

struct vrrp_zebra {
	struct vrrp_shell *shell;
	struct zclient *client;
	struct bfdclient *bfd;
	struct hash *known, *addresses, *sessions;
	unsigned epoch;          /* counts connections */
	bool synced, tracks_synced, configured, replay_due, settling;
	unsigned links_waiting;  /* for zebra's word on them */
	struct hash *links;      /* of ours, by number */
	struct timer settle;
};
struct link_wish {
	uint32_t id;
	bool answered;
};

static struct log_event ev_vlink = {.name = "vrrp.virtual-link", .level = LOG_LVL_WARNING, .per_minute = 30};

/* --- tables ---------------------------------------------------------------------------------------------- */

static bool
known_equal(const void *item, const void *key)
{
	const struct known *a = item, *b = key;
	return a->ifindex == b->ifindex && a->address.afi == b->address.afi && prefix_equal(&a->address, &b->address);
}

static uint32_t
known_hash(const struct known *k)
{
	uint32_t at = hash_bytes(0, &k->ifindex, sizeof(k->ifindex));
	return k->address.afi ? hash_bytes(at, k->address.b, afi_bytes(k->address.afi)) : at;
}

static bool
wish_equal(const void *item, const void *key)
{
	const struct wish *a = item, *b = key;
	return a->key.ifindex == b->key.ifindex && a->key.vrid == b->key.vrid && a->key.afi == b->key.afi &&
	       !ipaddr_cmp(&a->address, &b->address) && !ipaddr_cmp(&a->local, &b->local) && !strcmp(a->profile, b->profile);
}

static uint32_t
wish_hash(const struct wish *w)
{
	uint8_t packed[6];
	memcpy(packed, &w->key.ifindex, 4);
	packed[4] = w->key.vrid;
	packed[5] = w->key.afi;
	return hash_bytes(hash_bytes(0, packed, sizeof(packed)), w->address.b, afi_bytes(w->address.afi));
}

static bool
link_equal(const void *item, const void *key)
{
	return ((const struct link_wish *)item)->id == *(const uint32_t *)key;
}

static void
table_free(struct hash *h)
{
	void *item;
	for (size_t pos = 0; (item = hash_next(h, &pos));)
		mem_free(item);
	hash_free(h);
}

/* Interfaces have less than 2^23 numbers, or two links of ours would have one. */
static uint32_t
link_id(const struct vrrp_key *k)
{
	return k->ifindex << 9 | (uint32_t)(k->afi == AFI_IP6) << 8 | k->vrid;
}

static struct vrrp_key
link_key(uint32_t id)
{
	return (struct vrrp_key){.ifindex = id >> 9, .vrid = (uint8_t)id, .afi = id >> 8 & 1 ? AFI_IP6 : AFI_IP4};
}

/* --- the end of the replay -------------------------------------------------------------------------------- */

static void
replay_end(void *arg, const void *record, int64_t now)
{
	struct vrrp_zebra *z = arg;

	(void)record, (void)now;
	if (!z->replay_due)
		return;
	zclient_replay_end(z->client);
	bfdclient_replay_end(z->bfd);
	z->replay_due = false;
}

/* All that we can want by now has been wanted: behind that, the end. */
static void
settled(struct vrrp_zebra *z)
{
	struct timely *t = z->shell->timely;

	timer_cancel(loop_timers(z->shell->loop), &z->settle);
	z->settling = false;
	timely_lock(t);
	timely_defer(t, replay_end, z, "", 1);
	timely_unlock(t);
}

static void
settle_due(void *arg, int64_t now)
{
	(void)now;
	settled(arg);
}

static void
settle_try(struct vrrp_zebra *z)
{
	if (!z->replay_due || !z->configured || !z->synced)
		return;
	if (!z->links_waiting) {
		settled(z);
	} else if (!z->settling) {
		z->settling = true;
		timer_set(loop_timers(z->shell->loop), &z->settle, loop_now(z->shell->loop) + SETTLE_MAX, settle_due, z);
	}
}

/* --- from zebra ------------------------------------------------------------------------------------------- */

static struct known *
known_get(struct vrrp_zebra *z, const struct known *key, bool gone)
{
	uint32_t hash = known_hash(key);
	struct known *k = gone ? hash_remove(z->known, hash, key) : hash_find(z->known, hash, key);

	if (gone) {
		mem_free(k);
		return NULL;
	}
	if (!k) {
		k = mem_dup(key, sizeof(*key));
		hash_insert(z->known, hash, k);
	}
	k->epoch = z->epoch;
	return k;
}

static void
tell_link(struct vrrp_zebra *z, const struct vrrp_link *link, int64_t now)
{
	struct vrrp_shell *s = z->shell;

	timely_lock(s->timely);
	vrrp_io_link(s->io, link->ifindex, link->mac, link->gone);
	vrrp_link_changed(s->src.core, link, now);
	timely_unlock(s->timely);
}

static void
tell_address(struct vrrp_zebra *z, uint32_t ifindex, const struct prefix *p, bool gone, int64_t now)
{
	timely_lock(z->shell->timely);
	vrrp_address_changed(z->shell->src.core, ifindex, p, gone, now);
	timely_unlock(z->shell->timely);
}

static void
on_connected(void *arg, int64_t now)
{
	struct vrrp_zebra *z = arg;

	(void)now;
	z->epoch++;
	z->synced = z->tracks_synced = false;
}

static void
on_interface(void *arg, const struct zclient_interface *i, bool gone, int64_t now)
{
	struct vrrp_zebra *z = arg;
	struct known key = {.ifindex = i->ifindex};
	struct vrrp_link *l = &key.link;

	l->ifindex = i->ifindex;
	l->up = !gone && i->admin_up && i->carrier;
	l->gone = gone;
	memcpy(l->name, i->name, sizeof(l->name));
	memcpy(l->mac, i->hwaddr, sizeof(l->mac));
	struct known *k = known_get(z, &key, gone);
	if (k)
		k->link = *l;
	tell_link(z, l, now);
}

static void
on_address(void *arg, const struct zclient_address *a, bool gone, int64_t now)
{
	struct vrrp_zebra *z = arg;
	struct known key = {.ifindex = a->ifindex, .address = a->address};

	known_get(z, &key, gone);
	tell_address(z, a->ifindex, &a->address, gone, now);
}

/* What was not told again since the connection is gone: addresses first. */
static void
forget_older(struct vrrp_zebra *z, bool addresses, int64_t now)
{
	struct known *k;

	for (size_t pos = 0; (k = hash_next(z->known, &pos));) {
		if (k->epoch == z->epoch || (k->address.afi != AFI_NONE) != addresses)
			continue;
		hash_remove(z->known, known_hash(k), k);
		k->link.gone = true;
		k->link.up = false;
		if (addresses)
			tell_address(z, k->ifindex, &k->address, true, now);
		else
			tell_link(z, &k->link, now);
		mem_free(k);
	}
}

static void
all_synced(struct vrrp_zebra *z, int64_t now)
{
	if (!z->synced || !z->tracks_synced)
		return;
	timely_lock(z->shell->timely);
	vrrp_synced(z->shell->src.core, now);
	timely_unlock(z->shell->timely);
	settle_try(z);
}

static void
on_synced(void *arg, int64_t now)
{
	struct vrrp_zebra *z = arg;

	forget_older(z, true, now);
	forget_older(z, false, now);
	z->synced = true;
	all_synced(z, now);
}

static void
on_replay(void *arg, int64_t now)
{
	struct vrrp_zebra *z = arg;

	(void)now;
	z->replay_due = true;
	settle_try(z);
}

static void
on_track(void *arg, const struct zclient_track *t, int64_t now)
{
	struct vrrp_zebra *z = arg;

	timely_lock(z->shell->timely);
	vrrp_track_changed(z->shell->src.core, t->id, t->up, t->gone, now);
	timely_unlock(z->shell->timely);
}

static void
on_track_synced(void *arg, int64_t now)
{
	struct vrrp_zebra *z = arg;

	z->tracks_synced = true;
	all_synced(z, now);
}

static void
on_ready(void *arg, bool ready, const char *waiting_for, int64_t now)
{
	struct vrrp_zebra *z = arg;

	snprintf(z->shell->src.waiting_for, sizeof(z->shell->src.waiting_for), "%s", ready ? "" : waiting_for);
	timely_lock(z->shell->timely);
	vrrp_ready_changed(z->shell->src.core, ready, now);
	timely_unlock(z->shell->timely);
}

static void
on_vlink(void *arg, uint32_t id, uint32_t ifindex, bool up, const char *error, int64_t now)
{
	struct vrrp_zebra *z = arg;
	struct vrrp_key key = link_key(id);
	struct link_wish *w = hash_find(z->links, hash_bytes(0, &id, sizeof(id)), &id);

	if (!w)
		return; /* taken back meanwhile */
	if (*error)
		log_event(&ev_vlink, "parent=%u vrid=%u family=ipv%d error=\"%s\"", key.ifindex, key.vrid,
			key.afi == AFI_IP4 ? 4 : 6, error);
	timely_lock(z->shell->timely);
	vrrp_vlink_changed(z->shell->src.core, &key, ifindex, up, now);
	timely_unlock(z->shell->timely);
	if (!w->answered) {
		w->answered = true;
		z->links_waiting--;
		settle_try(z);
	}
}

/* A zebra that is back answers all wishes again. */
static void
on_disconnected(void *arg, int64_t now)
{
	struct vrrp_zebra *z = arg;
	struct link_wish *w;

	(void)now;
	z->synced = z->tracks_synced = z->replay_due = false;
	z->links_waiting = 0;
	for (size_t pos = 0; (w = hash_next(z->links, &pos)); z->links_waiting++)
		w->answered = false;
}

static const struct zclient_ops zebra_ops = {.connected = on_connected, .interface = on_interface, .address = on_address,
	.synced = on_synced, .replay = on_replay, .disconnected = on_disconnected, .vlink = on_vlink, .ready = on_ready,
	.track = on_track, .track_synced = on_track_synced};

/* --- to zebra --------------------------------------------------------------------------------------------- */

void
vrrp_zebra_vlink(struct vrrp_zebra *z, const struct vrrp_vlink_want *w)
{
	struct zclient_vlink v = {.id = link_id(&w->key), .parent_ifindex = w->key.ifindex, .linger = w->linger};
	uint32_t hash = hash_bytes(0, &v.id, sizeof(v.id));
	struct link_wish *held = hash_find(z->links, hash, &v.id);

	if (!w->want) {
		if (!held)
			return;
		z->links_waiting -= !held->answered;
		hash_remove(z->links, hash, &v.id);
		mem_free(held);
		zclient_vlink_remove(z->client, v.id);
		settle_try(z);
		return;
	}
	memcpy(v.mac, w->mac, sizeof(v.mac));
	vrrp_vlink_name(&w->key, v.name);
	if (!held) {
		held = mem_zalloc(sizeof(*held));
		held->id = v.id;
		hash_insert(z->links, hash, held);
		z->links_waiting++;
	}
	zclient_vlink(z->client, &v);
}

static bool
id_taken(const struct vrrp_zebra *z, uint32_t id)
{
	const struct wish *w;
	for (size_t pos = 0; (w = hash_next(z->addresses, &pos));)
		if (w->id == id)
			return true;
	return false;
}

void
vrrp_zebra_address(struct vrrp_zebra *z, const struct vrrp_address_want *a)
{
	struct wish key = {.key = a->key, .address = a->address};
	uint32_t hash = wish_hash(&key);
	struct wish *held = hash_find(z->addresses, hash, &key);

	if (!a->want) {
		if (!held)
			return;
		hash_remove(z->addresses, hash, &key);
		zclient_vaddress_remove(z->client, held->id);
		mem_free(held);
		return;
	}
	if (!held) {
		held = mem_dup(&key, sizeof(key));
		held->id = hash ? hash : 1; /* the same in the next life, but for collisions */
		while (id_taken(z, held->id))
			held->id = held->id + 1 ? held->id + 1 : 1;
		hash_insert(z->addresses, hash, held);
	}
	struct zclient_vaddress v = {.id = held->id, .ifindex = a->key.ifindex, .vlink = a->virtual_mac ? link_id(&a->key) : 0,
		.address = {.afi = a->address.afi, .len = a->prefix_len}, .accept = a->accept, .linger = a->linger};
	memcpy(v.address.b, a->address.b, sizeof(v.address.b));
	zclient_vaddress(z->client, &v);
}

void
vrrp_zebra_lan(struct vrrp_zebra *z, const struct vrrp_lan *l)
{
	struct zclient_lan lan = {.ifindex = l->ifindex, .role = l->role, .dead = l->dead, .withdraw = l->withdraw,
		.added_cost = l->added_cost};
	zclient_lan(z->client, &lan);
}

void
vrrp_zebra_configured(struct vrrp_zebra *z)
{
	if (z->configured)
		return;
	z->configured = true;
	settle_try(z);
}

/* --- bfdd -------------------------------------------------------------------------------------------------- */

void
vrrp_zebra_bfd(struct vrrp_zebra *z, const struct vrrp_bfd_want *b)
{
	struct wish key = {.key.ifindex = b->ifindex, .address = b->peer, .local = b->local};
	struct bfdclient_want want = {.peer = b->peer, .local = b->local, .ifindex = b->ifindex};

	memcpy(key.profile, b->profile, sizeof(key.profile));
	memcpy(want.profile, b->profile, sizeof(want.profile));
	uint32_t hash = wish_hash(&key);
	struct wish *held = hash_find(z->sessions, hash, &key);
	if (b->want && !held) {
		held = mem_dup(&key, sizeof(key));
		held->id = bfdclient_want(z->bfd, &want);
		hash_insert(z->sessions, hash, held);
	} else if (!b->want && held) {
		hash_remove(z->sessions, hash, &key);
		bfdclient_unwant(z->bfd, held->id);
		mem_free(held);
	}
}

static void
on_bfd(void *arg, const struct bfdclient_state *st, int64_t now)
{
	struct vrrp_zebra *z = arg;

	timely_lock(z->shell->timely);
	vrrp_bfd_changed(z->shell->src.core, st->ifindex, &st->peer, st->gone ? BFD_LIVE_UNKNOWN : st->liveness, st->at, now);
	timely_unlock(z->shell->timely);
}

static const struct bfdclient_ops bfd_ops = {.state = on_bfd};

/* --- life --------------------------------------------------------------------------------------------------- */

struct vrrp_zebra *
vrrp_zebra_new(struct vrrp_shell *s, struct daemon *d)
{
	struct vrrp_zebra *z = mem_zalloc(sizeof(*z));

	z->shell = s;
	z->known = hash_new(known_equal);
	z->addresses = hash_new(wish_equal);
	z->sessions = hash_new(wish_equal);
	z->links = hash_new(link_equal);
	/* No routes: what zebra holds for us has a time of its own. */
	z->client = zclient_new(s->loop, daemon_path(d, "rib.sock"), "vrrp", 0, &zebra_ops, z);
	z->bfd = bfdclient_new(s->loop, daemon_path(d, "bfd.sock"), "vrrp", BFD_GRACE_SECONDS, &bfd_ops, z);
	zclient_track_want(z->client);
	return z;
}

void
vrrp_zebra_free(struct vrrp_zebra *z)
{
	timer_cancel(loop_timers(z->shell->loop), &z->settle);
	bfdclient_free(z->bfd);
	zclient_free(z->client);
	table_free(z->known);
	table_free(z->addresses);
	table_free(z->sessions);
	table_free(z->links);
	mem_free(z);
}

struct zclient *
vrrp_zebra_client(struct vrrp_zebra *z)
{
	return z->client;
}
