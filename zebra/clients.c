/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rib.sock: a session per connection. A client that breaks the rules is closed, and nobody else.
 * While the core is congested no client that brings routes is read: their sockets fill, and they
 * wait. vrrpd's addresses and bfdd's states do not stand in that queue.
 */
#include "zebra/clients.h"

#include "gen/rib.pb-c.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "zebra/clients_codec.h"

struct clients {
	struct ipc_server *server;
	struct zebra *z;
	uint64_t epoch;
	bool held;
};

static struct log_event ev_closed = {.name = "zebra.client-closed", .level = LOG_LVL_NOTICE, .per_minute = 60};
static struct log_event ev_open = {.name = "zebra.client", .level = LOG_LVL_INFO, .per_minute = 60};
static struct log_event ev_broken = {.name = "zebra.client-broken", .level = LOG_LVL_ERROR, .per_minute = 10};

static void
session_send(void *arg, unsigned type, const ProtobufCMessage *msg)
{
	ipc_send(arg, type, msg);
}

static void
client_opened(void *arg, struct ipc_conn *conn, int64_t now)
{
	struct clients *c = arg;
	struct rib_session *s = mem_zalloc(sizeof(*s));
	(void)now;
	s->z = c->z;
	s->epoch = c->epoch;
	s->send = session_send;
	s->arg = conn;
	ipc_set_data(conn, s);
	if (!c->z)
		ipc_hold(conn, true);
}

static bool
client_message(void *arg, struct ipc_conn *conn, unsigned type, const uint8_t *bytes, size_t len, int64_t now)
{
	struct clients *c = arg;
	struct rib_session *s = ipc_data(conn);
	const ProtobufCMessageDescriptor *d = rib_descriptor(type);
	const void *msg = d ? ipc_unpack(conn, d, bytes, len) : NULL;
	uint32_t before = s->client;
	if (!msg || !rib_message(s, type, msg, now)) {
		log_event(&ev_broken, "pid=%d type=%u len=%zu", (int)ipc_peer_pid(conn), type, len);
		return false;
	}
	if (s->client != before) {
		log_event(&ev_open, "protocol=%s pid=%d", ((const Rib__Hello *)msg)->protocol,
			(int)ipc_peer_pid(conn));
		ipc_hold(conn, c->held && zebra_client_congests(c->z, s->client));
	}
	clients_pace(c);
	return true;
}

static void
client_closed(void *arg, struct ipc_conn *conn, int64_t now)
{
	struct clients *c = arg;
	struct rib_session *s = ipc_data(conn);
	if (s->client && c->z) {
		log_event(&ev_closed, "client=%u pid=%d", s->client, (int)ipc_peer_pid(conn));
		zebra_client_closed(c->z, s->client, now);
	}
	ipc_set_data(conn, NULL);
	mem_free(s);
}

static const struct ipc_ops server_ops = {client_opened, client_message, client_closed, NULL};

struct clients *
clients_new(struct loop *l, const char *path, uint64_t epoch)
{
	struct clients *c = mem_zalloc(sizeof(*c));
	c->epoch = epoch;
	c->server = ipc_listen(l, path, &server_ops, c);
	if (c->server)
		return c;
	mem_free(c);
	return NULL;
}

void
clients_free(struct clients *c)
{
	if (!c)
		return;
	c->z = NULL; /* the core has gone, or goes: it need not hear of it */
	ipc_server_free(c->server);
	mem_free(c);
}

void
clients_open(struct clients *c, struct zebra *z)
{
	struct ipc_conn *conn = NULL;
	c->z = z;
	while ((conn = ipc_next(c->server, conn))) {
		((struct rib_session *)ipc_data(conn))->z = z;
		ipc_hold(conn, false);
	}
}

void
clients_pace(struct clients *c)
{
	struct ipc_conn *conn = NULL;
	bool hold = c->z && zebra_congested(c->z);
	if (!c->z || hold == c->held)
		return;
	c->held = hold;
	while ((conn = ipc_next(c->server, conn))) {
		const struct rib_session *s = ipc_data(conn);
		ipc_hold(conn, hold && s && zebra_client_congests(c->z, s->client));
	}
}

/* --- output --------------------------------------------------------------------------------------- */

/* The next session after conn that is meant. */
static struct rib_session *
session_next(struct clients *c, struct ipc_conn **conn, uint32_t client)
{
	while ((*conn = ipc_next(c->server, *conn))) {
		struct rib_session *s = ipc_data(*conn);
		if (s && s->client && (!client || s->client == client))
			return s;
	}
	return NULL;
}

#define EACH(c, client)                                                                            \
	struct ipc_conn *conn = NULL;                                                              \
	for (struct rib_session *s; (s = session_next(c, &conn, client));)

void
clients_interface(struct clients *c, uint32_t client, const struct zebra_interface *i, bool gone)
{
	EACH(c, client)
	{
		rib_send_interface(s, i, gone);
		ipc_flush(conn); /* who repairs has to know before we tidy up */
	}
}

void
clients_address(struct clients *c, uint32_t client, const struct zebra_address *a, bool gone)
{
	EACH(c, client) rib_send_address(s, a, gone);
}

void
clients_router_id(struct clients *c, uint32_t client, uint32_t id)
{
	EACH(c, client) rib_send_router_id(s, id);
}

void
clients_redistributed(struct clients *c, uint32_t client, const struct zebra_redistributed *r)
{
	EACH(c, client) rib_send_redistributed(s, r);
}

void
clients_nht(struct clients *c, uint32_t client, const struct zebra_nht *n)
{
	EACH(c, client) rib_send_nht(s, n);
}

void
clients_results(struct clients *c, uint32_t client, const struct zebra_results *r)
{
	EACH(c, client) rib_send_results(s, r);
}

void
clients_lan(struct clients *c, uint32_t client, const struct zebra_lan *l)
{
	EACH(c, client)
	{
		rib_send_lan(s, l);
		ipc_flush(conn); /* traffic turns on it */
	}
}

void
clients_ready(struct clients *c, uint32_t client, bool ready, const char *waiting_for)
{
	EACH(c, client) rib_send_ready(s, ready, waiting_for);
}

void
clients_vlink(struct clients *c, uint32_t client, const struct zebra_vlink_state *v)
{
	EACH(c, client) rib_send_vlink(s, v);
}

void
clients_track(struct clients *c, uint32_t client, const struct zebra_track *t)
{
	EACH(c, client)
	{
		rib_send_track(s, t);
		ipc_flush(conn); /* who holds an address may have to give it up */
	}
}
