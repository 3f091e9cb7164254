/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instance behind zebra.h's opaque pointer, for the core's own files only. */
#ifndef GREVY_ZEBRA_CORE_H
#define GREVY_ZEBRA_CORE_H

#include "zebra/ready.h"
#include "zebra/zebra.h"
#include "lib/timer.h"

#define SOURCES_MAX 64

struct iface;
struct source;

/* Counters for show: what went to the kernel and came back. */
struct zebra_stats {
	uint64_t routes_written, routes_deleted, routes_failed, routes_repaired;
	uint64_t groups_written, groups_failed, nexthops_written, stalls;
	uint64_t adopted, claimed, swept, results_stale;
};

struct zebra {
	const struct zebra_ops *ops;
	void *arg;
	struct timers *timers;
	uint64_t seed;
	int64_t now;        /* of the entry point that runs */
	unsigned settling;  /* depth: only the outermost entry point settles */
	bool stopping;
	bool synced;
	bool writes_held;   /* what is dead is not known yet: states of sessions are coming */
	bool keeper[3];     /* by afi */
	uint8_t forwarding_told; /* bits: what the last config said */

	struct source *sources[SOURCES_MAX]; /* by id - 1; the first PROTO_OWN are zebra's own */
	unsigned source_count;
	struct rib *rib;
	struct nhgs *nhgs;
	struct nht *nht;
	struct redist *redist;
	struct ifaces *ifaces;
	struct statics *statics;
	struct routerid *routerid;
	struct sweep *sweep;
	struct lans *lans;
	struct detours *detours;
	struct vlinks *vlinks;
	struct vaddrs *vaddrs;
	struct gates *gates;
	struct tracks *tracks;
	struct repairs *repairs;
	struct ready ready;
	struct zebra_stats stats;
};

/* Runs the dirty sets until nothing moves or the budget is spent (core.c). */
void core_settle(struct zebra *z);
/* What each part that keeps something for clients, or depends on links, has to do then. */
void core_client_gone(struct zebra *z, struct source *s);
void core_replay_ended(struct zebra *z, struct source *s);
void core_link_changed(struct zebra *z, struct iface *i, bool came_or_went);
/* Brackets of every entry point. */
void core_enter(struct zebra *z, int64_t now);
void core_leave(struct zebra *z);
void core_log(struct zebra *z, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
