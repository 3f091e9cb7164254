/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Next-hop tracking: how an address is reached, for recursive legs and for clients that ask.
 * One entry per address; an entry is looked up anew once per settling when a route that covers it
 * came, went or changed, never once per route.
 *
 *	route changed -> rib->changed -> entries marked -> looked up -> groups marked, clients told
 *
 * A lookup steps over routes that depend on the entry itself, so nothing is resolved through
 * itself, and stops after ROUNDS_MAX tries in one settling: no endless churn.
 */
#ifndef GREVY_ZEBRA_NHT_H
#define GREVY_ZEBRA_NHT_H

#include <sys/queue.h>

#include "zebra/nhg.h"
#include "zebra/protocol.h"

#define NHT_ROUNDS_MAX 16

struct rtable;
struct zebra;

struct nht_leg {
	struct ipaddr gateway;
	uint32_t ifindex;
	uint16_t weight;
	bool onlink;
};

struct nht_client {
	uint32_t client;
	bool via_default;
	LIST_ENTRY(nht_client) link;
};

struct nht_entry {
	struct ipaddr address;
	bool reachable, connected, local, dirty;
	uint8_t special, distance;
	enum protocol_id proto;
	uint32_t metric;
	unsigned rounds, settling;
	struct prefix by;      /* the route's prefix */
	struct nhg *via;       /* its group; watched */
	struct nht_leg *legs;
	unsigned leg_count;
	LIST_ENTRY(nht_entry) of_via;
	LIST_HEAD(, nhg_via) users;
	LIST_HEAD(, nht_client) clients;
	TAILQ_ENTRY(nht_entry) dirty_link;
};

struct nht {
	struct rtable *entries[3];
	TAILQ_HEAD(, nht_entry) dirty;
	bool via_default;
	size_t lookups;
	unsigned settling; /* counts settlings */
};

struct nht *nht_new(void);
void nht_free(struct nht *n);
struct nht_entry *nht_get(struct zebra *z, const struct ipaddr *a); /* made and looked up if new */
void nht_release(struct zebra *z, struct nht_entry *e);             /* forgets it when unused */
void nht_mark(struct zebra *z, struct nht_entry *e);
void nht_want(struct zebra *z, uint32_t client, const struct ipaddr *a, bool via_default, bool on);
void nht_client_gone(struct zebra *z, uint32_t client);
/* Marks what the changed destinations cover, then looks up what is marked; true: nothing left. */
bool nht_run(struct zebra *z);
void nht_settled(struct zebra *z); /* the rounds begin anew */
void nht_set_via_default(struct zebra *z, bool on);

#endif
