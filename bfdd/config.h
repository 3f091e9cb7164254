/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as mgmtd sends it (lib/conf tables), and the parameters of a session.
 *
 * YANG: /grevy-bfd:bfd (presence) with profile[name] and peer[address local-address interface multihop]. An
 * absent local address or interface is the key value "" or "any". The parameter leaves are the same below both:
 *
 *	detect-multiplier u8, desired-min-tx-interval u32, required-min-rx-interval u32, echo-mode bool,
 *	desired-min-echo-tx-interval u32, required-min-echo-rx-interval u32 (all intervals in us), minimum-ttl u8,
 *	passive-mode bool, shutdown bool, log-session-changes bool,
 *	authentication/{type, key-id u8, key}          a peer also has: profile
 *
 * These leaves have NO default in YANG (but a profile's booleans: false): mgmtd spells defaults out, and
 * then nobody could tell what the operator has set. A leaf of the peer goes before the profile's, that before BFD_DEFAULT_*.
 * authentication counts as one thing: a peer with a type of its own takes nothing of the profile's.
 */
#ifndef GREVY_BFDD_CONFIG_H
#define GREVY_BFDD_CONFIG_H

#include "bfdd/bfdd.h"
#include "lib/conf.h"

extern const struct conf_class bfd_config_root;

#define BFD_DEFAULT_MULTIPLIER 3
#define BFD_DEFAULT_TX_US      300000
#define BFD_DEFAULT_RX_US      300000
#define BFD_DEFAULT_ECHO_US    50000
#define BFD_DEFAULT_MIN_TTL    254
#define BFD_MIN_INTERVAL_US    3300 /* of transmission and reception */
#define BFD_MAX_INTERVAL_US    60000000

/* RFC 5880 4.1; the value on the wire */
enum bfd_auth_type { BFD_AUTH_NONE, BFD_AUTH_SIMPLE, BFD_AUTH_MD5, BFD_AUTH_METICULOUS_MD5, BFD_AUTH_SHA1,
	BFD_AUTH_METICULOUS_SHA1, BFD_AUTH_TYPES };

#define BFD_KEY_MAX 20 /* octets: SHA1's; the others take 16 */

struct bfd_auth {
	uint8_t type, key_id;
	uint8_t key_len; /* 0 with a type: unusable, nothing is sent or accepted */
	uint8_t key[BFD_KEY_MAX];
};

struct bfd_params { /* of one session, everything decided; bytes compare (zeroed at birth) */
	bool passive, shutdown, echo, log_changes;
	uint8_t detect_multiplier, min_ttl;
	uint32_t tx_us, rx_us, echo_tx_us;
	uint32_t echo_rx_us; /* 0: we loop no echoes back */
	struct bfd_auth auth;
};

#define BFD_PROFILE_LEN 64
#define BFD_IFNAME_LEN  16

struct bfd_peer_conf { /* who a configured peer is */
	struct ipaddr address, local; /* local AFI_NONE: any */
	char interface[BFD_IFNAME_LEN]; /* "": any */
	bool multihop;
	char profile[BFD_PROFILE_LEN];
};

/* By the object's key; NULL: not configured. */
const struct conf_object *bfd_config_peer(const struct conf_object *root, const char *key);
void bfd_config_peer_read(const struct conf_object *peer, struct bfd_peer_conf *out);
/* NULL: no such profile (yet). */
const struct conf_object *bfd_config_profile(const struct conf_object *root, const char *name);
bool bfd_config_is_peer(const struct conf_class *cls);
bool bfd_config_is_profile(const struct conf_class *cls);

/* Which of struct bfd_params' fields somebody has decided. */
enum bfd_set { BFD_SET_PASSIVE = 1, BFD_SET_SHUTDOWN = 2, BFD_SET_ECHO = 4, BFD_SET_LOG = 8, BFD_SET_MULTIPLIER = 16,
	BFD_SET_TTL = 32, BFD_SET_TX = 64, BFD_SET_RX = 128, BFD_SET_ECHO_TX = 256, BFD_SET_ECHO_RX = 512,
	BFD_SET_AUTH = 1024 };
struct bfd_choice { /* parameters that may be undecided */
	uint32_t set; /* enum bfd_set */
	struct bfd_params p;
};
/* What a profile or a peer says itself. */
struct bfd_choice bfd_config_choice(const struct conf_object *o);
/* Fields that `over` decides replace those of `c`. */
void bfd_choice_overlay(struct bfd_choice *c, const struct bfd_choice *over);
/* Of two equal rank: the strictest of each field. */
void bfd_choice_strictest(struct bfd_choice *c, const struct bfd_choice *other);
/* Fills what is undecided with the defaults. */
struct bfd_params bfd_choice_settle(const struct bfd_choice *c, bool multihop);

const char *bfd_auth_type_name(uint8_t type); /* "keyed-md5", as in YANG; "none" */
size_t bfd_auth_key_max(uint8_t type);

#endif
