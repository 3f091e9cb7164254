/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole network of OSPF cores in one process and in virtual time, from one seed.
 *
 *   clock.c   events in order of time            net.c     segments that delay, lose, repeat, cut
 *   node.c    one router: core, config, FIB      topo.c    random topologies
 *   rib.c     its zebra's core                   kernel.c  its kernel
 *   bfd.c     its bfdd's core                gate.c    its vrrpd's core
 *   hosts.c   LANs of hosts, packets' ways   gateways.c  trials of them
 *   chaos.c   what goes wrong                    oracle.c  what every FIB must be, from the model alone
 *   check.c   compares, and looks into the LSDBs run.c     the program
 *
 * The model (struct sim, node, port, segment) says what is up and what costs what; the oracle reads
 * nothing else. Deterministic: every choice comes from sim.rng, every packet enters sim.hash.
 */
#ifndef GREVY_TESTS_SIM_H
#define GREVY_TESTS_SIM_H

#include <stdio.h>

#include "lib/prefix.h"
#include "lib/prng.h"
#include "lib/timer.h"
#include "ospfd/ospfd.h"

#define PORTS_MAX 24  /* of a router */
#define EXTS_MAX  7   /* redistributed routes of a router */
#define LEGS_MAX  64

struct sim;
struct node;
struct fib;
struct gate_file;
struct hostlan;
struct rib;
struct vgate;
struct vbfd;
struct vbfd_file;
struct vkernel;

enum segment_kind { SEG_P2P, SEG_LAN, SEG_HOSTS };
struct segment {
	uint8_t kind; /* enum segment_kind */
	bool cut;     /* packets vanish, carrier stays */
	uint8_t auth; /* enum ospf_auth_type */
	bool fast;    /* Hellos of 250 ms, dead after a second */
	bool bfd;     /* its neighbours watch each other */
	int64_t delay;
	struct hostlan *hosts; /* SEG_HOSTS: who is on it but routers, its switch, its virtual router */
	struct port *ports[16];
	size_t port_count;
};

enum port_kind { PORT_LOOPBACK, PORT_STUB, PORT_SEGMENT };
struct port {
	struct node *node;
	struct segment *seg; /* NULL: loopback, stub without hosts */
	uint8_t kind;        /* enum port_kind */
	uint32_t ifindex;
	struct ipaddr addr;
	uint8_t plen;
	bool unnumbered;     /* p2p on the loopback's address */
	bool up;             /* carrier */
	bool silent;         /* carrier, but packets vanish in both directions */
	uint32_t cost;
	uint8_t priority;
	bool in_all_spf, in_all_d;
	bool dead, withdraw; /* a LAN of hosts: what vrrpd has told of it */
	uint32_t added_cost;
	bool met;            /* vrrpd, or its former life, has heard a host there since it had a carrier */
};

struct ext { /* a static, kernel or default route that the router redistributes */
	struct prefix prefix;
	uint8_t source; /* enum ospf_source */
	bool present;
	struct port *port; /* its next hop is on this port, or NULL */
	struct ipaddr gateway;
};
struct ext_conf { /* redistribute SOURCE metric M metric-type T tag G */
	bool on;
	bool always; /* default-information only */
	uint32_t metric, tag;
	uint8_t type;
};

struct node {
	struct sim *sim;
	uint32_t index, router_id;
	struct ospf *o;  /* NULL: the router is off */
	bool mute;       /* it is dying: what it still says is lost */
	struct port ports[PORTS_MAX];
	size_t port_count;
	struct ext exts[EXTS_MAX];
	size_t ext_count;
	struct ext_conf redist[OSPF_SRC_COUNT];
	uint32_t max_paths;
	bool stub_router; /* max-metric router-lsa administrative */
	struct fib *fib;
	int64_t wake;        /* when its core wants to run */
	int64_t last_change; /* of its FIB */
	int64_t off_since;   /* the moment it was last switched off */
	uint64_t route_changes;
	uint32_t births; /* of its OSPF core: events for an earlier one are void */
	uint32_t zebra_births;
	struct rib *rib; /* its zebra, NULL: none in this run, or dead at present */
	struct vkernel *kernel;
	struct vbfd *bfd; /* its bfdd, NULL: dead, or none in this run */
	struct vbfd_file *bfd_file; /* what outlives it */
	uint32_t bfd_births;
	struct vgate *gate; /* its vrrpd, NULL: dead, or no gateway */
	struct gate_file *gate_file; /* what outlives it */
	uint32_t gate_births;
	int64_t whole_since; /* all its daemons live */
	struct prefix tracked; /* by a gateway; AFI_NONE: no gateway */
};

struct event;
struct sim {
	uint64_t seed;
	int64_t now;
	struct prng rng;
	struct event **heap;
	size_t heap_count, heap_cap;
	uint64_t serial;
	struct node *nodes;
	size_t node_count;
	struct segment *segs;
	size_t seg_count;
	/* impairments, in packets per 1000 */
	uint32_t loss, dup, reorder;
	uint64_t hash, packets, octets, events, checked; /* checked: routes compared */
	bool trace;
	bool lfa;   /* fast-reroute lfa everywhere */
	bool until_ready; /* max-metric router-lsa until-ready everywhere */
	bool bfd;   /* there is a bfdd in each router */
	bool gateways; /* LANs of hosts with VRRP, and BFD everywhere or nowhere */
	uint64_t moved; /* counts what may change a packet's way */
	bool zebra; /* each router has a zebra and a kernel, else what OSPF announces is what counts */
	void *lan;  /* lan.c's world */
	char why[512]; /* the first thing that is wrong */
};

/* clock.c */
void clock_push(struct sim *s, struct event *e); /* takes it over */
void clock_run(struct sim *s, int64_t until);    /* now == until afterwards */
void clock_clear(struct sim *s);
struct event {
	int64_t at;
	uint64_t serial;
	void (*fn)(struct sim *s, struct event *e);
	struct node *node;
	struct port *port;
	uint32_t born; /* the node's incarnation */
	struct ipaddr src, dst;
	size_t len;
	uint8_t bytes[];
};
struct event *event_new(struct sim *s, int64_t at, void (*fn)(struct sim *, struct event *),
	const uint8_t *bytes, size_t len);

/* net.c */
enum net_proto { NET_OSPF, NET_BFD, NET_VRRP };
void net_send(struct port *from, enum net_proto proto, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len);
bool net_hears(const struct port *a, const struct port *b); /* both alive and joined */

/* node.c */
struct node *node_init(struct sim *s, uint32_t index);
struct port *node_add_port(struct node *n, uint8_t kind, struct segment *seg);
void node_start(struct node *n);
void node_kill(struct node *n);     /* power off: nobody is told */
void node_shutdown(struct node *n); /* orderly */
void node_ospf_kill(struct node *n);  /* kill -9 of ospfd: kernel and zebra stay */
void node_ospf_start(struct node *n);
void node_zebra_kill(struct node *n); /* kill -9 of zebra: kernel and ospfd stay */
void node_zebra_start(struct node *n);
void node_gate_kill(struct node *n);  /* kill -9 of vrrpd: its records stay */
void node_gate_start(struct node *n);
void node_bfd_restart(struct node *n); /* kill -9 of bfdd, and back at once */
void node_installed(struct node *n, int64_t delay);
void node_wake(struct node *n); /* arms the next deadline of its core */
void node_port_changed(struct node *n, struct port *p);
void node_reconfigure(struct node *n);
void node_ext_changed(struct node *n, struct ext *x);
bool node_ext_active(const struct node *n, const struct ext *x);

/* fib.c: what a core has announced */
struct fib_entry {
	struct ospf_route route;
	size_t leg_count;
	struct ospf_leg legs[];
};
struct fib *fib_new(void);
void fib_free(struct fib *f);
void fib_batch(struct fib *f, const struct ospf_route_batch *b);
/* In key order; after == NULL: the first. */
const struct fib_entry *fib_next(const struct fib *f, const struct prefix *after);
const struct fib_entry *fib_find(const struct fib *f, const struct prefix *p);
size_t fib_count(const struct fib *f);

/* topo.c */
void topo_random(struct sim *s, uint32_t max_routers);
void sim_free(struct sim *s);

/* chaos.c: does one to three random things; returns how long the network may take to settle */
int64_t chaos_step(struct sim *s, char *what, size_t size);
void chaos_calm(struct sim *s); /* impairments off */

/* oracle.c */
struct oracle;
struct oracle_route {
	struct ospf_route route;
	bool direct; /* zebra knows it as connected: OSPF does not announce it */
	size_t leg_count;
	struct ospf_leg legs[LEGS_MAX];
};
struct oracle *oracle_new(const struct sim *s);
void oracle_free(struct oracle *o);
/* The route of a router to the i-th prefix of the model; false: none. */
size_t oracle_prefixes(const struct oracle *o);
bool oracle_route(const struct oracle *o, const struct node *n, size_t i, struct oracle_route *out);
bool oracle_route_uncut(const struct oracle *o, const struct node *n, size_t i, struct oracle_route *out);
const struct prefix *oracle_prefix(const struct oracle *o, size_t i);
size_t oracle_places(const struct oracle *o, size_t i); /* how many announce it */
bool oracle_on_air(const struct port *p); /* takes part in what its segment carries */
uint32_t oracle_link_cost(const struct port *p);
bool oracle_transit(const struct oracle *o, const struct segment *g); /* a LAN with a designated router */
bool oracle_connected(const struct oracle *o, const struct node *a, const struct node *b);

/* alternates.c: alt NULL: none was told. false: it is wrong, or one is missing */
bool alternates_check(struct sim *s, const struct oracle *o, const struct node *n, size_t prefix,
	const struct oracle_route *primary, const struct ospf_leg *alt);

/* check.c: false: s->why says what is wrong */
bool check_routes(struct sim *s);
bool check_databases(struct sim *s);
bool check_kernel(struct sim *s, const struct node *n, const struct fib *want); /* the kernel uses just these */
/* Nobody sends through a router what it cannot forward, but as a last resort. */
bool check_forwards(struct sim *s, const struct node *n);
void check_dump(const struct sim *s); /* the model and the AS databases, as text */
size_t mem_live(void); /* mem.c: blocks not freed */
bool check_fail(struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
