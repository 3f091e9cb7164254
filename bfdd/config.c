/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration: the tables that bind YANG leaves to fields, what YANG cannot express about keys, and
 * how the words of peers, profiles and clients become one set of parameters. Pure.
 */
#include "bfdd/config.h"

#include <stdio.h>
#include <string.h>

#define MULTIHOP_TTL_MAX 255

struct root_row {
	bool bfd;
};
struct params_row { /* what profiles and peers have in common */
	uint8_t multiplier, min_ttl, key_id;
	uint32_t tx, rx, echo_tx, echo_rx;
	bool echo, passive, shutdown, log;
	bool multiplier_set, min_ttl_set, tx_set, rx_set, echo_tx_set, echo_rx_set;
	bool echo_set, passive_set, shutdown_set, log_set, type_set, key_set, key_id_set;
	unsigned type; /* index in auth_names */
	char key[64];  /* longer than any algorithm takes, so that the commit error is ours */
};
struct profile_row {
	struct params_row p; /* first in both rows */
	char name[BFD_PROFILE_LEN];
};
struct peer_row {
	struct params_row p;
	struct ipaddr address;
	char local[IPADDR_STRLEN], interface[BFD_IFNAME_LEN];
	bool multihop;
	char profile[BFD_PROFILE_LEN];
};

/* in the order of enum bfd_auth_type, from simple on */
static const char *const auth_names[] = {"simple-password", "keyed-md5", "meticulous-keyed-md5", "keyed-sha1",
	"meticulous-keyed-sha1", NULL};

#define ROW(p, t, s, f) {.path = p, .type = t, .offset = offsetof(struct s, f)}
#define TEXT(p, s, f) {.path = p, .type = CONF_STRING, .offset = offsetof(struct s, f), .size = sizeof(((struct s *)0)->f)}
#define PARAM(p, t, f) ROW(p, t, params_row, f), ROW(p, CONF_SET, params_row, f##_set)
#define PARAMS                                                                                     \
	PARAM("detect-multiplier", CONF_U8, multiplier),                                           \
	PARAM("desired-min-tx-interval", CONF_U32, tx),                                            \
	PARAM("required-min-rx-interval", CONF_U32, rx),                                           \
	PARAM("echo-mode", CONF_BOOL, echo),                                                       \
	PARAM("desired-min-echo-tx-interval", CONF_U32, echo_tx),                                  \
	PARAM("required-min-echo-rx-interval", CONF_U32, echo_rx),                                 \
	PARAM("minimum-ttl", CONF_U8, min_ttl),                                                    \
	PARAM("passive-mode", CONF_BOOL, passive),                                                 \
	PARAM("shutdown", CONF_BOOL, shutdown),                                                    \
	PARAM("log-session-changes", CONF_BOOL, log),                                              \
	{.path = "authentication/type", .type = CONF_ENUM, .offset = offsetof(struct params_row, type),    \
		.names = auth_names},                                                              \
	ROW("authentication/type", CONF_SET, params_row, type_set),                                \
	PARAM("authentication/key-id", CONF_U8, key_id),                                           \
	TEXT("authentication/key", params_row, key),                                               \
	ROW("authentication/key", CONF_SET, params_row, key_set)

static const struct conf_field root_fields[] = {ROW("bfd", CONF_PRESENCE, root_row, bfd), {0}};
static const struct conf_field profile_fields[] = {PARAMS, TEXT("name", profile_row, name), {0}};
static const struct conf_field peer_fields[] = {
	PARAMS,
	ROW("address", CONF_ADDR, peer_row, address),
	TEXT("local-address", peer_row, local),
	TEXT("interface", peer_row, interface),
	ROW("multihop", CONF_BOOL, peer_row, multihop),
	TEXT("profile", peer_row, profile),
	{0},
};
static const char *const profile_keys[] = {"name", NULL};
static const char *const peer_keys[] = {"address", "local-address", "interface", "multihop", NULL};

/* --- what YANG cannot express ------------------------------------------------------------------ */
static bool
is_any(const char *text)
{
	return !text[0] || !strcmp(text, "any");
}

/* An authentication that cannot be built is refused here and never runs as none (frr#23276). */
static bool
auth_check(const struct params_row *p, struct conf_error *err)
{
	if (!p->type_set && !p->key_set && !p->key_id_set)
		return true;
	if (!p->type_set) {
		snprintf(err->message, sizeof(err->message), "authentication has no type: expected one of "
			"simple-password, keyed-md5, meticulous-keyed-md5, keyed-sha1, meticulous-keyed-sha1");
		return false;
	}
	size_t len = strlen(p->key), most = bfd_auth_key_max((uint8_t)(p->type + BFD_AUTH_SIMPLE));
	if (len && len <= most)
		return true;
	snprintf(err->message, sizeof(err->message), "authentication %s needs a key of 1 to %zu characters, not %zu",
		auth_names[p->type], most, len);
	return false;
}

static bool
profile_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct params_row *p = conf_data(self);

	(void)root;
	return auth_check(p, err);
}

static bool
peer_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct peer_row *r = conf_data(self);
	struct ipaddr local;

	(void)root;
	if (!is_any(r->local) && (!ipaddr_parse(r->local, &local) || local.afi != r->address.afi)) {
		snprintf(err->message, sizeof(err->message), "local address '%s' is not of the peer's family",
			r->local);
		return false;
	}
	if (ipaddr_is_zero(&r->address) || ipaddr_is_multicast(&r->address)) {
		snprintf(err->message, sizeof(err->message), "a peer has a unicast address");
		return false;
	}
	if (ipaddr_is_link_local(&r->address) && r->address.afi == AFI_IP6 && is_any(r->interface)) {
		snprintf(err->message, sizeof(err->message),
			"a link-local address needs its interface: peer A interface IF");
		return false;
	}
	if (r->multihop && r->p.echo) {
		snprintf(err->message, sizeof(err->message), "echo-mode is for single-hop peers (RFC 5883 4)");
		return false;
	}
	return auth_check(&r->p, err);
}

static const struct conf_class profile_class = {.path = "bfd/profile", .size = sizeof(struct profile_row),
	.fields = profile_fields, .keys = profile_keys, .check = profile_check};
static const struct conf_class peer_class = {.path = "bfd/peer", .size = sizeof(struct peer_row),
	.fields = peer_fields, .keys = peer_keys, .check = peer_check};
static const struct conf_class *const root_lists[] = {&profile_class, &peer_class, NULL};
const struct conf_class bfd_config_root = {
	.path = "", .size = sizeof(struct root_row), .fields = root_fields, .lists = root_lists};

/* --- reading ----------------------------------------------------------------------------------- */
const struct conf_object *
bfd_config_peer(const struct conf_object *root, const char *key)
{
	return root ? conf_child(root, &peer_class, key) : NULL;
}

const struct conf_object *
bfd_config_profile(const struct conf_object *root, const char *name)
{
	return root && name[0] ? conf_child(root, &profile_class, name) : NULL;
}

bool
bfd_config_is_peer(const struct conf_class *cls)
{
	return cls == &peer_class;
}

bool
bfd_config_is_profile(const struct conf_class *cls)
{
	return cls == &profile_class;
}

void
bfd_config_peer_read(const struct conf_object *peer, struct bfd_peer_conf *out)
{
	const struct peer_row *r = conf_data(peer);

	memset(out, 0, sizeof(*out));
	out->address = r->address;
	out->multihop = r->multihop;
	if (!is_any(r->local))
		ipaddr_parse(r->local, &out->local); /* checked */
	if (!is_any(r->interface))
		memcpy(out->interface, r->interface, sizeof(out->interface));
	memcpy(out->profile, r->profile, sizeof(out->profile));
}

static void
take(struct bfd_choice *c, bool is_set, uint32_t bit)
{
	if (is_set)
		c->set |= bit;
}

struct bfd_choice
bfd_config_choice(const struct conf_object *o)
{
	const struct params_row *r = conf_data(o);
	struct bfd_choice c;

	memset(&c, 0, sizeof(c));
	take(&c, r->passive_set, BFD_SET_PASSIVE);
	take(&c, r->shutdown_set, BFD_SET_SHUTDOWN);
	take(&c, r->echo_set, BFD_SET_ECHO);
	take(&c, r->log_set, BFD_SET_LOG);
	take(&c, r->multiplier_set, BFD_SET_MULTIPLIER);
	take(&c, r->min_ttl_set, BFD_SET_TTL);
	take(&c, r->tx_set, BFD_SET_TX);
	take(&c, r->rx_set, BFD_SET_RX);
	take(&c, r->echo_tx_set, BFD_SET_ECHO_TX);
	take(&c, r->echo_rx_set, BFD_SET_ECHO_RX);
	take(&c, r->type_set, BFD_SET_AUTH);
	c.p.passive = r->passive;
	c.p.shutdown = r->shutdown;
	c.p.echo = r->echo;
	c.p.log_changes = r->log;
	c.p.detect_multiplier = r->multiplier;
	c.p.min_ttl = r->min_ttl;
	c.p.tx_us = r->tx;
	c.p.rx_us = r->rx;
	c.p.echo_tx_us = r->echo_tx;
	c.p.echo_rx_us = r->echo_rx;
	if (!r->type_set)
		return c;
	size_t len = strlen(r->key);
	c.p.auth.type = (uint8_t)(r->type + BFD_AUTH_SIMPLE);
	c.p.auth.key_id = r->key_id_set ? r->key_id : 1;
	/* what the check would have refused stays unusable, never shortened */
	c.p.auth.key_len = len <= bfd_auth_key_max(c.p.auth.type) ? (uint8_t)len : 0;
	memcpy(c.p.auth.key, r->key, c.p.auth.key_len);
	return c;
}

/* --- many words, one decision ------------------------------------------------------------------ */
#define EACH_FIELD(X)                                                                              \
	X(BFD_SET_PASSIVE, passive) X(BFD_SET_SHUTDOWN, shutdown) X(BFD_SET_ECHO, echo)            \
	X(BFD_SET_LOG, log_changes) X(BFD_SET_MULTIPLIER, detect_multiplier) X(BFD_SET_TTL, min_ttl) \
	X(BFD_SET_TX, tx_us) X(BFD_SET_RX, rx_us) X(BFD_SET_ECHO_TX, echo_tx_us)                   \
	X(BFD_SET_ECHO_RX, echo_rx_us) X(BFD_SET_AUTH, auth)

void
bfd_choice_overlay(struct bfd_choice *c, const struct bfd_choice *over)
{
#define OVER(bit, field)                                                                           \
	if (over->set & (bit))                                                                     \
		c->p.field = over->p.field;
	EACH_FIELD(OVER)
	c->set |= over->set;
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Of the two what notices a failure sooner; on what only one has decided the other has no say. */
void
bfd_choice_strictest(struct bfd_choice *c, const struct bfd_choice *other)
{
	struct bfd_choice both = *other;
	const struct bfd_params *a = &c->p, *b = &other->p;

	both.set = c->set & other->set;
	both.p.passive = a->passive && b->passive;
	both.p.shutdown = a->shutdown && b->shutdown;
	both.p.echo = a->echo || b->echo;
	both.p.log_changes = a->log_changes || b->log_changes;
	both.p.detect_multiplier = (uint8_t)least(a->detect_multiplier, b->detect_multiplier);
	both.p.min_ttl = a->min_ttl > b->min_ttl ? a->min_ttl : b->min_ttl;
	both.p.tx_us = least(a->tx_us, b->tx_us);
	both.p.rx_us = least(a->rx_us, b->rx_us);
	both.p.echo_tx_us = least(a->echo_tx_us, b->echo_tx_us);
	both.p.echo_rx_us = least(a->echo_rx_us, b->echo_rx_us);
	both.p.auth = a->auth; /* two keys have no order: the first stays */
	struct bfd_choice mine = *c;
	bfd_choice_overlay(c, other);
	bfd_choice_overlay(c, &mine);
	bfd_choice_overlay(c, &both);
}

static uint32_t
interval(const struct bfd_choice *c, uint32_t bit, uint32_t value, uint32_t otherwise)
{
	if (!(c->set & bit))
		return otherwise;
	return value < BFD_MIN_INTERVAL_US ? BFD_MIN_INTERVAL_US : least(value, BFD_MAX_INTERVAL_US);
}

struct bfd_params
bfd_choice_settle(const struct bfd_choice *c, bool multihop)
{
	struct bfd_params p;

	memset(&p, 0, sizeof(p)); /* padding too: parameters are compared as octets */
	p.passive = c->set & BFD_SET_PASSIVE && c->p.passive;
	p.shutdown = c->set & BFD_SET_SHUTDOWN && c->p.shutdown;
	p.log_changes = c->set & BFD_SET_LOG && c->p.log_changes;
	p.echo = c->set & BFD_SET_ECHO && c->p.echo && !multihop;
	p.detect_multiplier = c->set & BFD_SET_MULTIPLIER && c->p.detect_multiplier ? c->p.detect_multiplier :
		BFD_DEFAULT_MULTIPLIER;
	p.min_ttl = c->set & BFD_SET_TTL && c->p.min_ttl ? c->p.min_ttl : BFD_DEFAULT_MIN_TTL;
	if (!multihop)
		p.min_ttl = MULTIHOP_TTL_MAX; /* RFC 5881 5 */
	p.tx_us = interval(c, BFD_SET_TX, c->p.tx_us, BFD_DEFAULT_TX_US);
	p.rx_us = interval(c, BFD_SET_RX, c->p.rx_us, BFD_DEFAULT_RX_US);
	p.echo_tx_us = interval(c, BFD_SET_ECHO_TX, c->p.echo_tx_us, BFD_DEFAULT_ECHO_US);
	/* ours: we offer to loop echoes back only where echo is spoken of; FRR offers it always, but it is the
	 * kernel that must forward them */
	if (multihop)
		p.echo_rx_us = 0;
	else if (c->set & BFD_SET_ECHO_RX)
		p.echo_rx_us = c->p.echo_rx_us;
	else
		p.echo_rx_us = p.echo ? BFD_DEFAULT_ECHO_US : 0;
	if (c->set & BFD_SET_AUTH)
		p.auth = c->p.auth;
	return p;
}
