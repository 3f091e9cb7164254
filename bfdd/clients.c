/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server of bfd.sock: see clients.h. Owns the server and a struct client per connection.
 *
 * Every change has a number (shell.h, order). A wish, or a watch, is answered with the state as it is
 * then; changes that were under way to this thread at that time are older than the answer and
 * are not told to it. A client that breaks the rules is closed, and nobody else.
 */
#include "bfdd/clients.h"

#include <stdio.h>
#include <string.h>

#include "bfdd/session.h"
#include "bfdd/shell.h"
#include "gen/bfd.pb-c.h"
#include "lib/hash.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/rows.h"
#include "lib/timely.h"

#define VERSION    1
#define WISHES_MAX 65536u
#define GRACE_MAX  3600u /* seconds */

struct wish {
	uint32_t id;    /* first: what the hash compares */
	uint64_t order; /* changes up to this one are older than its answer */
};
struct client {
	struct bfd_clients *clients;
	struct ipc_conn *conn;
	uint32_t number; /* 0: has not said hello */
	bool watching;
	uint64_t watch_order;
	char protocol[16];
	struct hash *wishes;
};
struct bfd_clients {
	struct bfd_shell *shell;
	struct ipc_server *server;
	uint64_t epoch;
	uint32_t numbers;
};
struct answer { /* what is deferred: a state for one wish (id) or watcher (0), or that all has been told */
	uint32_t number, id;
	bool synced;
	struct bfd_change change;
};
_Static_assert(sizeof(struct answer) <= TIMELY_DEFER_MAX, "it is deferred");

static struct log_event ev_open = {.name = "bfd.client", .level = LOG_LVL_INFO, .per_minute = 60};
static struct log_event ev_closed = {.name = "bfd.client-closed", .level = LOG_LVL_NOTICE, .per_minute = 60};
static struct log_event ev_broken = {.name = "bfd.client-broken", .level = LOG_LVL_ERROR, .per_minute = 10};

/* --- out --------------------------------------------------------------------------------------------- */

static ProtobufCBinaryData
octets(const struct ipaddr *a)
{
	union {
		const uint8_t *in;
		uint8_t *out;
	} b = {.in = a->b}; /* packing only reads it */
	return (ProtobufCBinaryData){.len = afi_bytes(a->afi), .data = b.out};
}

static void
state_send(struct client *c, uint32_t id, const struct bfd_change *s)
{
	Bfd__State m = BFD__STATE__INIT;
	m.id = id;
	m.peer = octets(&s->key.peer);
	m.local = octets(&s->key.local);
	m.ifindex = s->key.ifindex;
	m.multihop = s->key.multihop;
	m.liveness = (Bfd__Liveness)s->liveness;
	m.state = s->state;
	m.diagnostic = s->diag;
	m.remote_state = s->remote_state;
	m.sequence = s->sequence;
	m.at_us = s->at;
	m.gone = s->gone;
	m.detection_us = s->detection_us;
	ipc_send(c->conn, BFD__BFD_TYPE__BFD_STATE, &m.base);
}

static struct client *
client_next(const struct bfd_clients *cs, struct ipc_conn **conn)
{
	while ((*conn = ipc_next(cs->server, *conn))) {
		struct client *c = ipc_data(*conn);
		if (c && c->number)
			return c;
	}
	return NULL;
}

static struct client *
client_find(const struct bfd_clients *cs, uint32_t number)
{
	struct ipc_conn *conn = NULL;
	for (struct client *c; (c = client_next(cs, &conn));)
		if (c->number == number)
			return c;
	return NULL;
}

static bool
wish_equal(const void *item, const void *key)
{
	return ((const struct wish *)item)->id == *(const uint32_t *)key;
}

static struct wish *
wish_find(const struct client *c, uint32_t id)
{
	return hash_find(c->wishes, hash_bytes(0, &id, sizeof(id)), &id);
}

static void
wish_drop(struct client *c, uint32_t id)
{
	mem_free(hash_remove(c->wishes, hash_bytes(0, &id, sizeof(id)), &id));
}

struct telling {
	struct bfd_clients *clients;
	uint64_t order;
	struct { uint32_t number, id; } who[256]; /* of one session */
	unsigned count;
};

static void
wish_collect(void *arg, uint32_t number, uint32_t id)
{
	struct telling *t = arg;
	if (t->count < sizeof(t->who) / sizeof(t->who[0])) {
		t->who[t->count].number = number;
		t->who[t->count++].id = id;
	}
}

void
bfd_clients_changed(struct bfd_clients *cs, const struct bfd_change *change, uint64_t order, int64_t now)
{
	struct telling t = {.clients = cs, .order = order};
	struct ipc_conn *conn = NULL;

	(void)now;
	for (struct client *c; (c = client_next(cs, &conn));) {
		if (!c->watching || order <= c->watch_order)
			continue;
		state_send(c, 0, change);
		ipc_flush(conn); /* the path is dead: every us counts */
	}
	if (change->gone || !cs->shell->core)
		return; /* nobody wants it; or this is the end */
	bfd_shell_enter(cs->shell);
	bfd_each_wish(cs->shell->core, change->discriminator, wish_collect, &t);
	bfd_shell_leave(cs->shell);
	for (unsigned i = 0; i < t.count; i++) {
		struct client *c = client_find(cs, t.who[i].number);
		const struct wish *w = c ? wish_find(c, t.who[i].id) : NULL;
		if (!w || order <= w->order)
			continue;
		state_send(c, w->id, change);
		ipc_flush(c->conn);
	}
}

static void
answer_due(void *arg, const void *record, int64_t now)
{
	struct bfd_clients *cs = arg;
	const struct answer *a = record;
	struct client *c = client_find(cs, a->number);
	Bfd__Unwant empty = BFD__UNWANT__INIT;

	(void)now;
	if (!c)
		return;
	if (a->synced)
		ipc_send(c->conn, BFD__BFD_TYPE__BFD_SYNCED, &empty.base);
	else if (!a->id || wish_find(c, a->id))
		state_send(c, a->id, &a->change);
}

/* Under the lock: what is deferred now comes behind the changes before, and before those after. */
static void
answer_defer(struct client *c, uint32_t id, const struct bfd_change *change)
{
	struct bfd_clients *cs = c->clients;
	struct answer a = {.number = c->number, .id = id, .synced = !change};
	if (change)
		a.change = *change;
	timely_defer(cs->shell->timely, answer_due, cs, &a, sizeof(a));
}

/* --- in ---------------------------------------------------------------------------------------------- */

static bool
on_hello(struct client *c, const void *msg)
{
	const Bfd__Hello *m = msg;
	struct bfd_clients *cs = c->clients;
	Bfd__HelloReply reply = BFD__HELLO_REPLY__INIT;
	char error[64] = "";

	if (c->number)
		return false;
	if (m->version != VERSION)
		snprintf(error, sizeof(error), "unknown version %u", m->version);
	else if (!*m->protocol || strlen(m->protocol) >= sizeof(c->protocol))
		snprintf(error, sizeof(error), "no name of a protocol");
	reply.error = error;
	reply.epoch = cs->epoch;
	if (!*error) {
		uint32_t grace = m->grace_seconds < GRACE_MAX ? m->grace_seconds : GRACE_MAX;
		snprintf(c->protocol, sizeof(c->protocol), "%s", m->protocol);
		c->number = ++cs->numbers;
		int64_t now = bfd_shell_enter(cs->shell);
		bfd_client_opened(cs->shell->core, c->number, c->protocol, (int64_t)grace * TIME_SEC, now);
		bfd_shell_leave(cs->shell);
		log_event(&ev_open, "protocol=%s pid=%d", c->protocol, (int)ipc_peer_pid(c->conn));
	}
	ipc_send(c->conn, BFD__BFD_TYPE__BFD_HELLO_REPLY, &reply.base);
	return true; /* who was refused closes, and tries again */
}

/* What no session can be: the client is wrong about the conversation itself. */
static bool
want_read(const Bfd__Want *m, struct bfd_want *w)
{
	struct bfd_key *k = &w->key;
	memset(w, 0, sizeof(*w));
	if (!m->id || !ipaddr_from_octets(m->peer.data, m->peer.len, &k->peer) || !k->peer.afi ||
	    !ipaddr_from_octets(m->local.data, m->local.len, &k->local) ||
	    (k->local.afi && k->local.afi != k->peer.afi) || ipaddr_is_zero(&k->peer) ||
	    ipaddr_is_multicast(&k->peer) || m->detect_multiplier > UINT8_MAX || m->min_ttl > UINT8_MAX ||
	    strlen(m->profile) >= sizeof(w->profile))
		return false;
	k->ifindex = m->ifindex;
	k->multihop = m->multihop;
	snprintf(w->profile, sizeof(w->profile), "%s", m->profile);
	w->detect_multiplier = (uint8_t)m->detect_multiplier;
	w->min_ttl = (uint8_t)m->min_ttl;
	w->min_tx_us = m->min_tx_us;
	w->min_rx_us = m->min_rx_us;
	return true;
}

static bool
on_want(struct client *c, const void *msg)
{
	const Bfd__Want *m = msg;
	struct bfd_shell *s = c->clients->shell;
	struct bfd_want want;
	struct bfd_change state;

	if (!want_read(m, &want))
		return false;
	struct wish *w = wish_find(c, m->id);
	if (!w && hash_count(c->wishes) >= WISHES_MAX)
		return false;
	if (!w) {
		w = mem_zalloc(sizeof(*w));
		w->id = m->id;
		hash_insert(c->wishes, hash_bytes(0, &w->id, sizeof(w->id)), w);
	}
	int64_t now = bfd_shell_enter(s);
	bfd_session_wanted(s->core, c->number, m->id, &want, now);
	w->order = s->order;
	if (bfd_wish_state(s->core, c->number, m->id, &state))
		answer_defer(c, m->id, &state);
	bfd_shell_leave(s);
	return true;
}

static bool
on_unwant(struct client *c, const void *msg)
{
	const Bfd__Unwant *m = msg;
	struct bfd_shell *s = c->clients->shell;

	if (!wish_find(c, m->id))
		return false;
	wish_drop(c, m->id);
	int64_t now = bfd_shell_enter(s);
	bfd_session_unwanted(s->core, c->number, m->id, now);
	bfd_shell_leave(s);
	return true;
}

static bool
on_replay_end(struct client *c, const void *msg)
{
	struct bfd_shell *s = c->clients->shell;
	(void)msg;
	int64_t now = bfd_shell_enter(s);
	bfd_replay_ended(s->core, c->number, now);
	answer_defer(c, 0, NULL);
	bfd_shell_leave(s);
	return true;
}

static void
watch_each(void *arg, const struct bfd_change *state)
{
	answer_defer(arg, 0, state);
}

static bool
on_watch(struct client *c, const void *msg)
{
	struct bfd_shell *s = c->clients->shell;
	(void)msg;
	if (c->watching)
		return false;
	bfd_shell_enter(s);
	c->watching = true;
	c->watch_order = s->order;
	bfd_each_session(s->core, watch_each, c);
	answer_defer(c, 0, NULL);
	bfd_shell_leave(s);
	return true;
}

static const struct {
	const ProtobufCMessageDescriptor *descriptor;
	bool (*handle)(struct client *c, const void *msg);
} messages[] = {
	[BFD__BFD_TYPE__BFD_HELLO] = {&bfd__hello__descriptor, on_hello},
	[BFD__BFD_TYPE__BFD_WANT] = {&bfd__want__descriptor, on_want},
	[BFD__BFD_TYPE__BFD_UNWANT] = {&bfd__unwant__descriptor, on_unwant},
	[BFD__BFD_TYPE__BFD_REPLAY_END] = {&bfd__unwant__descriptor, on_replay_end}, /* without fields */
	[BFD__BFD_TYPE__BFD_WATCH] = {&bfd__unwant__descriptor, on_watch},
};

static bool
client_message(void *arg, struct ipc_conn *conn, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct client *c = ipc_data(conn);
	const void *msg = NULL;
	(void)arg;
	(void)now;
	if (type < sizeof(messages) / sizeof(messages[0]) && messages[type].handle &&
	    (c->number || type == BFD__BFD_TYPE__BFD_HELLO))
		msg = ipc_unpack(conn, messages[type].descriptor, bytes, len);
	if (msg && messages[type].handle(c, msg))
		return true;
	log_event(&ev_broken, "protocol=%s pid=%d type=%u len=%zu", c->number ? c->protocol : "-",
		(int)ipc_peer_pid(conn), type, len);
	return false;
}

/* --- connections ------------------------------------------------------------------------------------- */

static void
client_opened(void *arg, struct ipc_conn *conn, int64_t now)
{
	struct client *c = mem_zalloc(sizeof(*c));
	(void)now;
	c->clients = arg;
	c->conn = conn;
	c->wishes = hash_new(wish_equal);
	ipc_set_data(conn, c);
}

static void
client_closed(void *arg, struct ipc_conn *conn, int64_t at)
{
	struct client *c = ipc_data(conn);
	struct bfd_shell *s = c->clients->shell;
	struct wish *w;

	(void)arg;
	(void)at;
	if (c->number && s->core) {
		log_event(&ev_closed, "protocol=%s pid=%d", c->protocol, (int)ipc_peer_pid(conn));
		int64_t now = bfd_shell_enter(s);
		bfd_client_closed(s->core, c->number, now);
		bfd_shell_leave(s);
	}
	ipc_set_data(conn, NULL);
	for (size_t pos = 0; (w = hash_next(c->wishes, &pos));)
		mem_free(w);
	hash_free(c->wishes);
	mem_free(c);
}

static const struct ipc_ops server_ops = {client_opened, client_message, client_closed, NULL};

struct bfd_clients *
bfd_clients_new(struct bfd_shell *s, const char *path, uint64_t epoch)
{
	struct bfd_clients *cs = mem_zalloc(sizeof(*cs));
	cs->shell = s;
	cs->epoch = epoch;
	cs->server = ipc_listen(s->loop, path, &server_ops, cs);
	if (cs->server)
		return cs;
	mem_free(cs);
	return NULL;
}

void
bfd_clients_free(struct bfd_clients *cs)
{
	if (!cs)
		return;
	ipc_server_free(cs->server);
	mem_free(cs);
}

void
bfd_clients_rows(const struct bfd_clients *cs, struct rows *out)
{
	struct ipc_conn *conn = NULL;
	row_array(out, "clients");
	for (const struct client *c; (c = client_next(cs, &conn));) {
		row_object(out, NULL);
		row_str(out, "protocol", c->protocol);
		row_uint(out, "pid", (uint64_t)ipc_peer_pid(conn));
		row_uint(out, "wishes", hash_count(c->wishes));
		row_bool(out, "watching", c->watching);
		row_close(out);
	}
	row_close(out);
}
