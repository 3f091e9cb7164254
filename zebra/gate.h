/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gates: conditions on next hops of static routes, beside the state of the leg itself. A gate is a
 * BFD session or a track object; it is shared by all who name the same.
 *
 *	bfdd --zebra_bfd_changed--> gate --open or not--> groups that name it: choose, rewrite
 *	track.c --gate_track_set--/   \-> track objects of kind bfd
 *
 * A change reaches the groups, not the routes: one message per group whatever the number of prefixes.
 *
 * A BFD gate opens when the session is up and closes when it goes down; what says nothing of the
 * path (never up, administratively down) leaves it as it is: closed at first, as in FRR.
 *
 * After a start nobody has told yet what was known before it: for GATE_START from the kernel's dump and
 * the first configuration on such a gate is undecided, its groups stay out of the choice, and what an earlier zebra left in the kernel stays.
 */
#ifndef GREVY_ZEBRA_GATE_H
#define GREVY_ZEBRA_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/bfdclient.h"
#include "lib/timer.h"

#define GATE_START (2 * TIME_SEC)

struct hash;
struct nhg;
struct zebra;
struct zebra_leg;

enum gate_kind { GATE_BFD, GATE_TRACK };

struct gate_key { /* compared as octets */
	uint32_t kind;  /* enum gate_kind */
	uint32_t track, ifindex;
	bool multihop;
	struct ipaddr peer, local;
};
struct gate {
	struct gate_key key;
	char profile[64];    /* the last one that was named */
	uint32_t id;         /* of the wish */
	bool open, decided;
	unsigned refs;
	LIST_HEAD(, gate_use) uses;
};
struct gate_use { /* one per distinct gate of a group */
	struct gate *gate;
	struct nhg *nhg;
	LIST_ENTRY(gate_use) of_gate, of_nhg;
};

struct gates {
	struct hash *by_key, *by_id; /* by_id: those of kind GATE_BFD */
	uint32_t next_id;
	unsigned undecided;
	bool started;        /* GATE_START is over: nothing is undecided any more */
	bool configured;     /* the first configuration has been applied */
	bool claim;          /* so the static routes are complete: claimed once all is decided */
	struct timer start;
};

struct gates *gates_new(void);
void gates_free(struct zebra *z);
void gates_start(struct zebra *z);           /* the first dump is complete */
void gates_claim_statics(struct zebra *z);   /* the first configuration has been applied */

/* A reference for the caller. */
struct gate *gate_bfd(struct zebra *z, const struct bfdclient_want *want);
struct gate *gate_track(struct zebra *z, uint32_t track);
void gate_put(struct zebra *z, struct gate *g); /* NULL is harmless */
/* The track object's state; undecided: it cannot be known yet. */
void gate_track_set(struct zebra *z, uint32_t track, bool open, bool decided);
void gates_bfd_told(struct zebra *z, const struct bfdclient_state *s);

/* The gates of a group's legs. */
void gates_use(struct zebra *z, struct nhg *g);
void gates_unuse(struct zebra *z, struct nhg *g);
bool gates_undecided(const struct nhg *g);
unsigned gate_track_groups(const struct zebra *z, uint32_t track); /* how many hang on it */
/* All conditions of the leg hold. */
bool gates_open(const struct zebra_leg *l);
/* "bfd" or "track 3": what holds the leg back; "": nothing */
const char *gates_closed_by(const struct zebra_leg *l, char *buf, unsigned size);

#endif
