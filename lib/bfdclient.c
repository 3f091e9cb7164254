/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's side of bfd.sock. Owns the connection, the wishes with the state each was last
 * told, and the states of watched sessions.
 * Invariants: nothing is sent before bfdd has accepted our hello; each connection begins with
 * WATCH (if watched), then all wishes, then REPLAY_END (once the user has said that he knows his
 * wishes), so that the first SYNCED closes what was watched: a session that bfdd has not named
 * until then ended while we were apart. A state equal to the last one told is not told again.
 */
#include "lib/bfdclient.h"

#include <stdio.h>
#include <string.h>

#include "gen/bfd.pb-c.h"
#include "lib/hash.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"

#define BFDCLIENT_VERSION 1

struct session_key { /* compared as octets */
	struct ipaddr peer, local;
	uint8_t multihop, pad;
	uint32_t ifindex;
};
struct wish {
	struct bfdclient_want want;  /* canonical: unused octets are zero */
	uint32_t id, count;
	bool told;
	struct bfdclient_state state;
};
struct watched {
	struct session_key key;
	uint64_t connection;         /* in which it was named last */
	struct bfdclient_state state;
};

struct bfdclient {
	struct ipc_conn *conn;
	const struct bfdclient_ops *ops;
	void *arg;
	char protocol[16];
	uint32_t grace, next_id;
	bool up;                     /* hello accepted */
	bool watching, complete;     /* asked for once and for all */
	bool complete_sent, synced;  /* on this connection */
	unsigned awaited;            /* SYNCED that are under way */
	uint64_t connection;
	struct hash *by_want, *by_id, *watched;
};

/* --- keys -------------------------------------------------------------------------------------------- */

static struct ipaddr
canonical(const struct ipaddr *a)
{
	return ipaddr_from_bytes(a->afi, a->b);
}

static bool
want_equal(const void *item, const void *key)
{
	return !memcmp(&((const struct wish *)item)->want, key, sizeof(struct bfdclient_want));
}

static bool
id_equal(const void *item, const void *key)
{
	return ((const struct wish *)item)->id == *(const uint32_t *)key;
}

static bool
watched_equal(const void *item, const void *key)
{
	return !memcmp(&((const struct watched *)item)->key, key, sizeof(struct session_key));
}

static uint32_t
want_hash(const struct bfdclient_want *w)
{
	return hash_bytes(0, w, sizeof(*w));
}

static uint32_t
id_hash(uint32_t id)
{
	return hash_bytes(0, &id, sizeof(id));
}

/* --- out --------------------------------------------------------------------------------------------- */

static ProtobufCBinaryData
address_octets(struct ipaddr *a)
{
	return (ProtobufCBinaryData){.len = afi_bytes(a->afi), .data = a->b};
}

static void
wish_send(struct bfdclient *c, struct wish *w)
{
	Bfd__Want m = BFD__WANT__INIT;
	if (!c->up)
		return;
	m.id = w->id;
	m.peer = address_octets(&w->want.peer);
	m.local = address_octets(&w->want.local);
	m.ifindex = w->want.ifindex;
	m.multihop = w->want.multihop;
	m.profile = w->want.profile;
	m.detect_multiplier = w->want.detect_multiplier;
	m.min_tx_us = w->want.min_tx_us;
	m.min_rx_us = w->want.min_rx_us;
	m.min_ttl = w->want.min_ttl;
	ipc_send(c->conn, BFD__BFD_TYPE__BFD_WANT, &m.base);
}

/* A request without fields, which bfdd answers with SYNCED. */
static void
request_send(struct bfdclient *c, unsigned type)
{
	Bfd__Unwant empty = BFD__UNWANT__INIT;
	if (!c->up)
		return;
	ipc_send(c->conn, type, &empty.base);
	c->awaited++;
}

uint32_t
bfdclient_want(struct bfdclient *c, const struct bfdclient_want *want)
{
	struct bfdclient_want w;
	memset(&w, 0, sizeof(w));
	w.peer = canonical(&want->peer);
	w.local = canonical(&want->local);
	w.ifindex = want->ifindex;
	w.multihop = want->multihop;
	snprintf(w.profile, sizeof(w.profile), "%s", want->profile);
	w.detect_multiplier = want->detect_multiplier;
	w.min_ttl = want->min_ttl;
	w.min_tx_us = want->min_tx_us;
	w.min_rx_us = want->min_rx_us;

	struct wish *held = hash_find(c->by_want, want_hash(&w), &w);
	if (held) {
		held->count++;
		return held->id;
	}
	held = mem_zalloc(sizeof(*held));
	memcpy(&held->want, &w, sizeof(w)); /* an assignment might leave out the padding */
	held->count = 1;
	do
		held->id = ++c->next_id;
	while (!held->id || hash_find(c->by_id, id_hash(held->id), &held->id));
	hash_insert(c->by_want, want_hash(&w), held);
	hash_insert(c->by_id, id_hash(held->id), held);
	wish_send(c, held);
	return held->id;
}

void
bfdclient_unwant(struct bfdclient *c, uint32_t id)
{
	struct wish *w = hash_find(c->by_id, id_hash(id), &id);
	Bfd__Unwant m = BFD__UNWANT__INIT;
	if (!w || --w->count)
		return;
	hash_remove(c->by_id, id_hash(id), &id);
	hash_remove(c->by_want, want_hash(&w->want), &w->want);
	mem_free(w);
	m.id = id;
	if (c->up)
		ipc_send(c->conn, BFD__BFD_TYPE__BFD_UNWANT, &m.base);
}

void
bfdclient_watch(struct bfdclient *c)
{
	if (c->watching)
		return;
	c->watching = true;
	request_send(c, BFD__BFD_TYPE__BFD_WATCH);
}

void
bfdclient_replay_end(struct bfdclient *c)
{
	c->complete = true;
	if (!c->up || c->complete_sent)
		return;
	c->complete_sent = true;
	request_send(c, BFD__BFD_TYPE__BFD_REPLAY_END);
}

bool
bfdclient_state(const struct bfdclient *c, uint32_t id, struct bfdclient_state *out)
{
	const struct wish *w = hash_find(c->by_id, id_hash(id), &id);
	if (!w || !w->told)
		return false;
	*out = w->state;
	return true;
}

/* --- in ---------------------------------------------------------------------------------------------- */

static bool
state_same(const struct bfdclient_state *a, const struct bfdclient_state *b)
{
	return a->liveness == b->liveness && a->state == b->state && a->remote_state == b->remote_state &&
	       a->diagnostic == b->diagnostic && a->sequence == b->sequence &&
	       a->detection_us == b->detection_us && a->gone == b->gone &&
	       !ipaddr_cmp(&a->local, &b->local);
}

static void
tell(struct bfdclient *c, const struct bfdclient_state *s, int64_t now)
{
	struct bfdclient_state copy = *s; /* the callee may give the wish back */
	if (c->ops->state)
		c->ops->state(c->arg, &copy, now);
}

static void
wish_told(struct bfdclient *c, const struct bfdclient_state *s, int64_t now)
{
	struct wish *w = hash_find(c->by_id, id_hash(s->id), &s->id);
	if (!w)
		return; /* given back while this was under way */
	bool same = w->told && state_same(&w->state, s);
	w->told = true;
	w->state = *s;
	if (!same)
		tell(c, s, now);
}

static void
watched_told(struct bfdclient *c, const struct bfdclient_state *s, int64_t now)
{
	struct session_key key;
	memset(&key, 0, sizeof(key));
	key.peer = s->peer;
	key.local = s->local;
	key.multihop = s->multihop;
	key.ifindex = s->ifindex;
	uint32_t hash = hash_bytes(0, &key, sizeof(key));
	struct watched *w = hash_find(c->watched, hash, &key);
	bool same = w && state_same(&w->state, s);
	if (s->gone) {
		mem_free(hash_remove(c->watched, hash, &key));
		same = !w;
	} else {
		if (!w) {
			w = mem_zalloc(sizeof(*w));
			memcpy(&w->key, &key, sizeof(key));
			hash_insert(c->watched, hash, w);
		}
		w->connection = c->connection;
		w->state = *s;
	}
	if (!same)
		tell(c, s, now);
}

/* What bfdd has not named on this connection ended while we were apart: its path is not known any more. */
static void
watched_sweep(struct bfdclient *c, int64_t now)
{
	struct watched *w;
	for (size_t pos = 0; (w = hash_next(c->watched, &pos));) {
		if (w->connection == c->connection)
			continue;
		struct bfdclient_state s = w->state;
		s.gone = true;
		s.liveness = BFD_LIVE_UNKNOWN;
		s.at = now;
		hash_remove(c->watched, hash_bytes(0, &w->key, sizeof(w->key)), &w->key);
		mem_free(w);
		tell(c, &s, now);
	}
}

static bool
on_hello_reply(struct bfdclient *c, const void *msg, int64_t now)
{
	const Bfd__HelloReply *m = msg;
	struct wish *w;
	(void)now;
	if (*m->error) {
		log_error("bfdclient.refused", "protocol=%s error=\"%s\"", c->protocol, m->error);
		return false;
	}
	if (c->up)
		return false;
	c->up = true;
	c->connection++;
	if (c->watching)
		request_send(c, BFD__BFD_TYPE__BFD_WATCH);
	for (size_t pos = 0; (w = hash_next(c->by_id, &pos));)
		wish_send(c, w);
	if (c->complete)
		bfdclient_replay_end(c);
	return true;
}

static bool
on_state(struct bfdclient *c, const void *msg, int64_t now)
{
	const Bfd__State *m = msg;
	struct bfdclient_state s;
	memset(&s, 0, sizeof(s)); /* no stray octets: it becomes a key */
	if (!ipaddr_from_octets(m->peer.data, m->peer.len, &s.peer) || !s.peer.afi ||
	    !ipaddr_from_octets(m->local.data, m->local.len, &s.local) ||
	    m->liveness > BFD__LIVENESS__DOWN || m->state > 3 || m->remote_state > 3 || m->diagnostic > 31)
		return false;
	s.id = m->id;
	s.ifindex = m->ifindex;
	s.multihop = m->multihop;
	s.gone = m->gone;
	s.liveness = (enum bfd_liveness)m->liveness;
	s.state = (uint8_t)m->state;
	s.remote_state = (uint8_t)m->remote_state;
	s.diagnostic = (uint8_t)m->diagnostic;
	s.sequence = m->sequence;
	s.at = m->at_us;
	s.detection_us = m->detection_us;
	if (s.id)
		wish_told(c, &s, now);
	else
		watched_told(c, &s, now);
	return true;
}

static bool
on_synced(struct bfdclient *c, const void *msg, int64_t now)
{
	(void)msg;
	if (!c->awaited)
		return false;
	c->awaited--;
	if (c->synced || c->awaited)
		return true;
	c->synced = true;
	if (c->watching)
		watched_sweep(c, now);
	if (c->ops->synced)
		c->ops->synced(c->arg, now);
	return true;
}

static const struct {
	const ProtobufCMessageDescriptor *descriptor; /* NULL: no payload worth reading */
	bool (*handle)(struct bfdclient *c, const void *msg, int64_t now);
} messages[] = {
	[BFD__BFD_TYPE__BFD_HELLO_REPLY] = {&bfd__hello_reply__descriptor, on_hello_reply},
	[BFD__BFD_TYPE__BFD_STATE] = {&bfd__state__descriptor, on_state},
	[BFD__BFD_TYPE__BFD_SYNCED] = {NULL, on_synced},
};

static bool
on_message(void *arg, struct ipc_conn *conn, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct bfdclient *c = arg;
	const void *msg = NULL;
	if (type >= sizeof(messages) / sizeof(messages[0]) || !messages[type].handle ||
	    (!c->up && type != BFD__BFD_TYPE__BFD_HELLO_REPLY))
		return false;
	if (messages[type].descriptor) {
		msg = ipc_unpack(conn, messages[type].descriptor, bytes, len);
		if (!msg)
			return false;
	}
	return messages[type].handle(c, msg, now);
}

/* --- the connection ---------------------------------------------------------------------------------- */

static void
on_opened(void *arg, struct ipc_conn *conn, int64_t now)
{
	struct bfdclient *c = arg;
	Bfd__Hello m = BFD__HELLO__INIT;
	(void)now;
	m.protocol = c->protocol;
	m.version = BFDCLIENT_VERSION;
	m.grace_seconds = c->grace;
	ipc_send(conn, BFD__BFD_TYPE__BFD_HELLO, &m.base);
}

static void
on_closed(void *arg, struct ipc_conn *conn, int64_t now)
{
	struct bfdclient *c = arg;
	bool was_up = c->up;
	(void)conn;
	c->up = c->synced = c->complete_sent = false;
	c->awaited = 0;
	if (was_up)
		log_warning("bfdclient.disconnected", "protocol=%s", c->protocol);
	if (was_up && c->ops->disconnected)
		c->ops->disconnected(c->arg, now);
}

static const struct ipc_ops ipc = {on_opened, on_message, on_closed, NULL};

struct bfdclient *
bfdclient_new(struct loop *l, const char *bfd_socket, const char *protocol, uint32_t grace_seconds,
	const struct bfdclient_ops *ops, void *arg)
{
	struct bfdclient *c = mem_zalloc(sizeof(*c));
	c->ops = ops;
	c->arg = arg;
	c->grace = grace_seconds;
	snprintf(c->protocol, sizeof(c->protocol), "%s", protocol);
	c->by_want = hash_new(want_equal);
	c->by_id = hash_new(id_equal);
	c->watched = hash_new(watched_equal);
	c->conn = ipc_connect(l, bfd_socket, &ipc, c);
	return c;
}

void
bfdclient_free(struct bfdclient *c)
{
	void *item;
	if (!c)
		return;
	ipc_close(c->conn); /* what is queued leaves */
	for (size_t pos = 0; (item = hash_next(c->by_id, &pos));)
		mem_free(item);
	for (size_t pos = 0; (item = hash_next(c->watched, &pos));)
		mem_free(item);
	hash_free(c->by_id);
	hash_free(c->by_want);
	hash_free(c->watched);
	mem_free(c);
}

bool
bfdclient_up(const struct bfdclient *c)
{
	return c->up && ipc_up(c->conn);
}
