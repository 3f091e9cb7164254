/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an OSPF instance is configured to do: one immutable value per commit, built by config.c,
 * compared field by field in ospf_reconfigure. Times are milliseconds unless the name says else.
 *
 * Ownership: ospf_config_new gives the defaults; arrays are mem_ allocations owned by the value;
 * ospf_config_free frees all of it. The core takes over the value it is given and frees the
 * replaced one at the end of ospf_reconfigure.
 * Before it is handed over: ospf_config_sort (binary searches rely on the order).
 */
#ifndef GREVY_OSPFD_SETTINGS_H
#define GREVY_OSPFD_SETTINGS_H

#include "lib/prefix.h"

/* What a changed field makes the core do; effects are collected per object, each runs once. */
enum ospf_effect {
	OSPF_EFFECT_NONE = 0,
	OSPF_EFFECT_MATCH = 1 << 0,     /* which interfaces run in which area */
	OSPF_EFFECT_REFRESH = 1 << 1,   /* originate router and network LSAs anew */
	OSPF_EFFECT_TIMERS = 1 << 2,    /* restart the hello timer */
	OSPF_EFFECT_ELECT = 1 << 3,     /* priority: run the DR election (event NeighborChange) */
	OSPF_EFFECT_IFACE = 1 << 4,     /* interface down and up */
	OSPF_EFFECT_INSTANCE = 1 << 5,  /* everything down and up: router ID */
	OSPF_EFFECT_SPF = 1 << 6,       /* full calculation */
	OSPF_EFFECT_ANNOUNCE = 1 << 7,  /* routes to zebra again: distance, maximum paths */
	OSPF_EFFECT_EXTERNALS = 1 << 8, /* redistribution, default-information */
	OSPF_EFFECT_STUBROUTER = 1 << 9,
	OSPF_EFFECT_BFD = 1 << 10,
	OSPF_EFFECT_LFA = 1 << 11,      /* alternates */
};

enum ospf_tristate { OSPF_UNSET, OSPF_NO, OSPF_YES };
enum ospf_net_type { /* OSPF_NET_AUTO: loopback, point-to-point or broadcast by the kind of link */
	OSPF_NET_AUTO,
	OSPF_NET_BROADCAST,
	OSPF_NET_P2P,
	OSPF_NET_P2MP,
	OSPF_NET_NBMA,
	OSPF_NET_LOOPBACK
};
enum ospf_auth_type { OSPF_AUTH_NONE, OSPF_AUTH_SIMPLE, OSPF_AUTH_MD5, OSPF_AUTH_UNSET };
enum ospf_area_type { OSPF_AREA_NORMAL, OSPF_AREA_STUB, OSPF_AREA_NSSA };
enum ospf_source { /* who made a redistributed route */
	OSPF_SRC_CONNECTED,
	OSPF_SRC_STATIC,
	OSPF_SRC_KERNEL,
	OSPF_SRC_BGP,
	OSPF_SRC_DEFAULT,
	OSPF_SRC_COUNT
};

struct ospf_conf_network { /* network P area A */
	struct prefix prefix;
	uint32_t area;
};

struct ospf_conf_area {
	uint32_t id;
	uint8_t type; /* enum ospf_area_type; only normal areas are configured so far */
	uint8_t auth; /* enum ospf_auth_type: of interfaces that do not say; UNSET = none */
	uint32_t default_cost;
};

struct ospf_conf_redist { /* redistribute X, default-information originate */
	uint8_t source;       /* enum ospf_source */
	bool always;          /* default-information only */
	uint8_t metric_type;  /* 1 or 2 */
	int64_t metric;       /* -1: not given */
	uint32_t tag;
	char route_map[64];
};

struct ospf_conf_key { /* ip ospf message-digest-key N md5 K */
	uint8_t id;
	char key[17];
};

struct ospf_bfd_params { /* no padding: compared octet by octet */
	char profile[64];    /* "": none */
	uint16_t detect_multiplier, min_rx_ms, min_tx_ms; /* 0: as the profile or bfdd says */
};

struct ospf_conf_iface {
	char name[32];
	bool area_set;          /* ip ospf area */
	uint32_t area;
	uint32_t cost;          /* 0: by bandwidth */
	uint32_t hello_s;       /* 10 */
	uint32_t dead_s;        /* 0: four hellos */
	uint32_t minimal_hellos; /* dead-interval minimal hello-multiplier N; 0: off */
	uint32_t retransmit_s;  /* 5 */
	uint32_t transmit_delay_s; /* 1 */
	uint8_t priority;       /* 1 */
	uint8_t net_type;       /* enum ospf_net_type */
	uint8_t passive;        /* enum ospf_tristate */
	bool mtu_ignore;
	bool bfd;
	bool lfa_exclude;       /* never an alternate's link */
	uint8_t auth;           /* enum ospf_auth_type, UNSET: as the area says */
	char auth_key[9];       /* simple password */
	struct ospf_conf_key *keys;
	size_t key_count;
	struct ospf_bfd_params bfd_params;
};

struct ospf_conf_spf {
	uint32_t initial_ms, short_ms, long_ms; /* RFC 8405: 0, 20, 200 */
	uint32_t hold_ms, learn_ms;             /* HOLDDOWN 1000, TIME_TO_LEARN 500 */
	bool throttle;                          /* timers throttle spf DELAY HOLD MAX */
	uint32_t throttle_delay_ms, throttle_hold_ms, throttle_max_ms;
};

struct ospf_config {
	uint32_t router_id;       /* 0: zebra's */
	bool passive_default;
	bool log_adjacency, log_adjacency_detail;
	uint32_t reference_mbit;  /* auto-cost, 100000 */
	uint32_t maximum_paths;   /* 64 */
	uint8_t distance, distance_intra, distance_inter, distance_external; /* 0: not given */
	bool max_metric_admin;    /* RFC 6987 */
	uint32_t max_metric_startup_s; /* 0: off */
	bool max_metric_until_ready;   /* ours, config.c's default: until the routes are in the kernel */
	bool opaque;              /* RFC 5250 */
	char bfd_profile[64];     /* of interfaces that run BFD and name none */
	bool lfa;                 /* RFC 5286: alternates are calculated */
	uint32_t refresh_s;       /* LSRefreshTime, 1800 */
	uint32_t min_ls_interval_ms; /* timers throttle lsa all: ceiling of the back-off, 5000 */
	uint32_t min_ls_arrival_ms;  /* timers lsa min-arrival, 1000 */
	uint32_t max_lsa;         /* 0: no limit on LSAs of others */
	int64_t default_metric;   /* of redistributed routes, -1: not given */
	struct ospf_conf_spf spf;
	struct ospf_conf_network *networks;
	size_t network_count;
	struct ospf_conf_area *areas;
	size_t area_count;
	struct ospf_conf_redist *redist;
	size_t redist_count;
	struct ospf_conf_iface *ifaces; /* by name */
	size_t iface_count;
};

struct ospf_config *ospf_config_new(void);
void ospf_config_free(struct ospf_config *c); /* NULL is harmless */
void ospf_config_sort(struct ospf_config *c);
void ospf_conf_iface_init(struct ospf_conf_iface *i, const char *name); /* defaults */
/* Append a row with its defaults; the pointer is good until the next append. */
struct ospf_conf_iface *ospf_config_add_iface(struct ospf_config *c, const char *name);
struct ospf_conf_network *ospf_config_add_network(struct ospf_config *c);
struct ospf_conf_area *ospf_config_add_area(struct ospf_config *c, uint32_t id);
struct ospf_conf_redist *ospf_config_add_redist(struct ospf_config *c, enum ospf_source source);
struct ospf_conf_key *ospf_conf_iface_add_key(
	struct ospf_conf_iface *i, uint8_t id, const char *key);

const struct ospf_conf_iface *ospf_config_iface(const struct ospf_config *c, const char *name);
const struct ospf_conf_area *ospf_config_area(const struct ospf_config *c, uint32_t id);
const struct ospf_conf_redist *ospf_config_redist(const struct ospf_config *c, enum ospf_source s);

/* ORed effects of what differs in the instance and in the areas both have. Interfaces are compared
 * by their resolved parameters, see iface.c. */
unsigned ospf_config_compare(const struct ospf_config *a, const struct ospf_config *b);

#endif
