/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who wants which session: clients' wishes and configured peers as claims, and what follows for a
 * session's parameters. Owns clients and claims.
 *
 * A client that goes leaves its claims for its grace time; when one of the same protocol has come back
 * and said that its wishes are complete, what the old one left is dropped. A configured peer is a
 * claim of the pseudo-client `config`; it waits without a session while its interface does not exist.
 */
#include "bfdd/core.h"

#include <string.h>

#include "lib/conf.h"
#include "lib/mem.h"

/* --- claims and sessions ---------------------------------------------------------------------------- */
static void
session_release(struct bfd_session *s, int64_t now)
{
	if (!s)
		return;
	if (TAILQ_EMPTY(&s->claims))
		bfd_session_end(s, now);
	else if (!s->b->stopping)
		bfd_wish_params(s, now);
}

/* The claim gets the session for its key, a new one if there is none. The one it had is let go after. */
static void
claim_settle(struct bfd_claim *c, int64_t now)
{
	struct bfd *b = c->client->b;
	struct bfd_session *old = c->session, *s;

	if (old)
		TAILQ_REMOVE(&old->claims, c, of_session);
	c->session = NULL;
	s = bfd_table_serving(b, &c->want.key);
	if (!s)
		s = bfd_session_new(b, &c->want.key, 0, now);
	TAILQ_INSERT_TAIL(&s->claims, c, of_session);
	c->session = s;
	s->restored = false;
	if (s->ending)
		bfd_session_revive(s);
	bfd_wish_params(s, now);
	if (old && old != s)
		session_release(old, now);
}

static struct bfd_claim *
claim_new(struct bfd_client *client, uint32_t id)
{
	struct bfd_claim *c = mem_zalloc(sizeof(*c));

	c->client = client;
	c->id = id;
	TAILQ_INSERT_TAIL(&client->claims, c, of_client);
	return c;
}

static void
claim_drop(struct bfd_claim *c, int64_t now)
{
	struct bfd_session *s = c->session;

	TAILQ_REMOVE(&c->client->claims, c, of_client);
	if (s)
		TAILQ_REMOVE(&s->claims, c, of_session);
	mem_free(c->conf_key);
	mem_free(c);
	session_release(s, now);
}

/* --- parameters ------------------------------------------------------------------------------------- */
static struct bfd_choice
choice_of_profile(const struct bfd *b, const char *name)
{
	const struct conf_object *profile = bfd_config_profile(b->conf, name);
	struct bfd_choice none;

	memset(&none, 0, sizeof(none));
	return profile ? bfd_config_choice(profile) : none; /* one that is not configured counts as none */
}

static struct bfd_choice
choice_of_wish(const struct bfd *b, const struct bfd_claim *c)
{
	struct bfd_choice choice = choice_of_profile(b, c->want.profile), own;

	memset(&own, 0, sizeof(own));
	own.p.detect_multiplier = c->want.detect_multiplier;
	own.p.min_ttl = c->want.min_ttl;
	own.p.tx_us = c->want.min_tx_us;
	own.p.rx_us = c->want.min_rx_us;
	own.set = (own.p.detect_multiplier ? BFD_SET_MULTIPLIER : 0) | (own.p.min_ttl ? BFD_SET_TTL : 0) |
		(own.p.tx_us ? BFD_SET_TX : 0) | (own.p.rx_us ? BFD_SET_RX : 0);
	bfd_choice_overlay(&choice, &own);
	return choice;
}

void
bfd_wish_params(struct bfd_session *s, int64_t now)
{
	struct bfd *b = s->b;
	struct bfd_choice all;
	const struct bfd_claim *c;

	memset(&all, 0, sizeof(all));
	TAILQ_FOREACH(c, &s->claims, of_session)
		if (!c->conf_key) {
			struct bfd_choice one = choice_of_wish(b, c);
			bfd_choice_strictest(&all, &one);
		}
	/* what is configured for the peer itself goes before every wish */
	TAILQ_FOREACH(c, &s->claims, of_session) {
		const struct conf_object *peer = c->conf_key ? bfd_config_peer(b->conf, c->conf_key) : NULL;
		if (!peer)
			continue;
		struct bfd_choice one = choice_of_profile(b, c->want.profile), own = bfd_config_choice(peer);
		bfd_choice_overlay(&all, &one);
		bfd_choice_overlay(&all, &own);
	}
	struct bfd_params p = bfd_choice_settle(&all, s->key.multihop);
	if (s->started)
		bfd_session_set_params(s, &p, now);
	else
		bfd_session_start(s, &p, now);
}

/* --- clients ---------------------------------------------------------------------------------------- */
static void
client_forget(struct bfd_client *cl, int64_t now)
{
	struct bfd_claim *c;

	timer_cancel(cl->b->timers, &cl->expiry);
	while ((c = TAILQ_FIRST(&cl->claims)))
		claim_drop(c, now);
	TAILQ_REMOVE(&cl->b->clients, cl, next);
	mem_free(cl);
}

static void
grace_due(void *arg, int64_t now)
{
	client_forget(arg, now);
}

static struct bfd_client *
client_find(const struct bfd *b, uint32_t number)
{
	struct bfd_client *cl;

	TAILQ_FOREACH(cl, &b->clients, next)
		if (cl->open && cl->number == number)
			return cl;
	return NULL;
}

static struct bfd_claim *
claim_find(const struct bfd *b, uint32_t client, uint32_t id)
{
	struct bfd_client *cl = client_find(b, client);
	struct bfd_claim *c;

	if (!cl)
		return NULL;
	TAILQ_FOREACH(c, &cl->claims, of_client)
		if (c->id == id)
			return c;
	return NULL;
}

void
bfd_client_opened(struct bfd *b, uint32_t client, const char *protocol, int64_t grace, int64_t now)
{
	bfd_client_closed(b, client, now); /* a number that was not closed is somebody else's now */
	struct bfd_client *cl = mem_zalloc(sizeof(*cl));
	cl->b = b;
	cl->number = client;
	cl->open = true;
	cl->grace = grace;
	size_t len = strnlen(protocol, sizeof(cl->protocol) - 1);
	memcpy(cl->protocol, protocol, len);
	TAILQ_INIT(&cl->claims);
	TAILQ_INSERT_TAIL(&b->clients, cl, next);
}

void
bfd_client_closed(struct bfd *b, uint32_t client, int64_t now)
{
	struct bfd_client *cl = client_find(b, client);

	if (!cl)
		return;
	cl->open = false;
	if (TAILQ_EMPTY(&cl->claims) || cl->grace <= 0)
		client_forget(cl, now);
	else
		timer_set(b->timers, &cl->expiry, now + cl->grace, grace_due, cl);
}

void
bfd_replay_ended(struct bfd *b, uint32_t client, int64_t now)
{
	const struct bfd_client *self = client_find(b, client);
	struct bfd_client *cl, *next;

	if (!self)
		return;
	for (cl = TAILQ_FIRST(&b->clients); cl; cl = next) {
		next = TAILQ_NEXT(cl, next);
		if (!cl->open && !strcmp(cl->protocol, self->protocol))
			client_forget(cl, now);
	}
}

void
bfd_session_wanted(struct bfd *b, uint32_t client, uint32_t id, const struct bfd_want *w, int64_t now)
{
	struct bfd_client *cl = client_find(b, client);

	if (!cl || !afi_bytes(w->key.peer.afi) || b->stopping)
		return;
	struct bfd_claim *c = claim_find(b, client, id);
	if (!c)
		c = claim_new(cl, id);
	c->want = *w;
	c->want.profile[sizeof(c->want.profile) - 1] = '\0';
	claim_settle(c, now);
}

void
bfd_session_unwanted(struct bfd *b, uint32_t client, uint32_t id, int64_t now)
{
	struct bfd_claim *c = claim_find(b, client, id);

	if (c)
		claim_drop(c, now);
}

void
bfd_each_wish(const struct bfd *b, uint32_t discriminator, bfd_wish_fn *fn, void *arg)
{
	const struct bfd_session *s = bfd_table_by_discr(b, discriminator);
	const struct bfd_claim *c;

	if (!s)
		return;
	TAILQ_FOREACH(c, &s->claims, of_session)
		if (!c->conf_key && c->client->open)
			fn(arg, c->client->number, c->id);
}

bool
bfd_wish_state(const struct bfd *b, uint32_t client, uint32_t id, struct bfd_change *out)
{
	const struct bfd_claim *c = claim_find(b, client, id);

	if (!c)
		return false;
	bfd_session_change(c->session, out);
	return true;
}

/* --- configured peers ------------------------------------------------------------------------------- */
/* Finds the interface; without it the claim waits. */
static void
peer_claim(struct bfd_claim *c, int64_t now)
{
	const struct bfd_iface *i = c->interface[0] ? bfd_iface_by_name(c->client->b, c->interface) : NULL;
	struct bfd_session *old = c->session;

	c->want.key.ifindex = i ? i->ifindex : 0;
	if (i || !c->interface[0]) {
		claim_settle(c, now);
	} else if (old) {
		TAILQ_REMOVE(&old->claims, c, of_session);
		c->session = NULL;
		session_release(old, now);
	}
}

static void
peer_configured(struct bfd *b, const struct conf_object *peer, struct bfd_claim *c, int64_t now)
{
	struct bfd_peer_conf p;

	bfd_config_peer_read(peer, &p);
	if (!c) {
		c = claim_new(&b->config, 0);
		c->conf_key = mem_strdup(conf_key(peer));
	}
	c->want.key.peer = p.address;
	c->want.key.local = p.local;
	c->want.key.multihop = p.multihop;
	memcpy(c->want.profile, p.profile, sizeof(p.profile));
	memcpy(c->interface, p.interface, sizeof(p.interface));
	peer_claim(c, now);
}

struct reconfigure {
	struct bfd *b;
	int64_t now;
	bool profiles; /* some have changed */
};

static void
config_differs(void *arg, const struct conf_class *cls, const struct conf_object *old,
	const struct conf_object *new, const struct conf_object *old_parent, const struct conf_object *new_parent,
	uint32_t effects)
{
	struct reconfigure *r = arg;
	struct bfd_claim *c = NULL;

	(void)old_parent, (void)new_parent, (void)effects;
	r->profiles |= bfd_config_is_profile(cls);
	if (!bfd_config_is_peer(cls))
		return;
	if (old)
		TAILQ_FOREACH(c, &r->b->config.claims, of_client)
			if (!strcmp(c->conf_key, conf_key(old)))
				break;
	if (new)
		peer_configured(r->b, new, c, r->now);
	else if (c)
		claim_drop(c, r->now);
}

void
bfd_wish_reconfigure(struct bfd *b, const struct conf_object *old, const struct conf_object *new, int64_t now)
{
	struct reconfigure r = {.b = b, .now = now};

	if (b->stopping)
		return;
	conf_diff(old, new, config_differs, &r);
	for (size_t i = 0; r.profiles && i < b->count; i++) {
		struct bfd_session *s = b->order[i];
		if (!TAILQ_EMPTY(&s->claims))
			bfd_wish_params(s, now);
	}
}

void
bfd_wish_interface(struct bfd *b, uint32_t ifindex, const char *name, int64_t now)
{
	struct bfd_claim *c;

	if (b->stopping)
		return;
	TAILQ_FOREACH(c, &b->config.claims, of_client) {
		uint32_t has = c->session ? c->want.key.ifindex : 0;
		if (!c->interface[0] || (has != ifindex && strcmp(c->interface, name) != 0))
			continue; /* neither has it nor waits for it */
		const struct bfd_iface *i = bfd_iface_by_name(b, c->interface);
		if (has != (i ? i->ifindex : 0))
			peer_claim(c, now);
	}
}

void
bfd_wish_init(struct bfd *b)
{
	TAILQ_INIT(&b->clients);
	b->config = (struct bfd_client){.b = b, .protocol = "config"};
	TAILQ_INIT(&b->config.claims);
}

static void
claims_free(struct bfd_claims *claims)
{
	struct bfd_claim *c;

	while ((c = TAILQ_FIRST(claims))) {
		TAILQ_REMOVE(claims, c, of_client);
		mem_free(c->conf_key);
		mem_free(c);
	}
}

void
bfd_wish_clear(struct bfd *b)
{
	struct bfd_client *cl;

	claims_free(&b->config.claims);
	while ((cl = TAILQ_FIRST(&b->clients))) {
		TAILQ_REMOVE(&b->clients, cl, next);
		timer_cancel(b->timers, &cl->expiry);
		claims_free(&cl->claims);
		mem_free(cl);
	}
}
