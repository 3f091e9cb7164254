/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Track objects: numbered conditions of the suite. zebra owns their states, whoever judges them.
 *
 *	interface ---- iface.c --\
 *	ip route ----- the RIB ---+--> judged (yes, no, not known yet) --delay--> up or down
 *	bfd ---------- gate.c ----|                                               |
 *	http, tcp ---- reports ---|                                 gates of static routes, clients
 *	list --------- the others-/                                 that asked, lists, events
 *
 * Judged anew in every settling in which something could have changed, until nothing moves. The first
 * judgement counts at once, later ones after `delay`. A track object that changes more than FLAPS_MAX times
 * in a second waits for the next one: a route may depend on its own absence.
 *
 * After a restart of zebra a route that an earlier one left in the kernel counts as there until somebody
 * says otherwise; http and tcp are not known before their prober has reported, or GATE_START is over.
 */
#ifndef GREVY_ZEBRA_TRACK_H
#define GREVY_ZEBRA_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/timer.h"

struct conf_object;
struct gate;
struct zebra;

enum track_kind { TRACK_INTERFACE, TRACK_ROUTE, TRACK_BFD, TRACK_PROBE, TRACK_LIST };

struct track {
	struct zebra *z;
	uint32_t id;
	enum track_kind kind;
	struct conf_object *config; /* a reference */
	bool up, decided, fresh;    /* fresh: (re)defined, the next judgement counts at once */
	bool dirty, waiting;        /* waiting: the timer runs, what is judged is not the state */
	char cause[96];
	int64_t since, at;          /* of the last change; of the event that is being judged */
	uint32_t changes;
	struct timer delay;
	int64_t second;             /* damping: the second that is counted, and its changes */
	unsigned in_second;
	struct gate *gate;          /* kind bfd; a reference */
	bool reported, report_up;   /* kind probe */
	char report[96];
};

#define TRACK_CLIENTS 65

struct tracks {
	struct track **items;       /* by id */
	unsigned count, routes;     /* routes: of kind route */
	bool fib_changed;           /* a result came outside of a settling */
	bool wanted[TRACK_CLIENTS]; /* by client: tell it */
};

struct tracks *tracks_new(void);
void tracks_free(struct zebra *z);
void tracks_reconfigure(struct zebra *z, const struct conf_object *old, const struct conf_object *new);
struct track *track_find(const struct zebra *z, uint32_t id);
bool tracks_run(struct zebra *z); /* true: nothing changed */

/* What may change a judgement. */
void tracks_iface_changed(struct zebra *z); /* a state */
void tracks_links_changed(struct zebra *z); /* one came, went, or has another name */
void tracks_bfd_changed(struct zebra *z);
void tracks_fib_note(struct zebra *z);
void tracks_start_over(struct zebra *z); /* what nobody has told by now is down */
void tracks_client_gone(struct zebra *z, uint32_t client);
/* Opens or closes the gate of that name; no such object: closed. */
void track_tell_gate(struct zebra *z, uint32_t id);

#endif
