/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Redistribution: clients that want to know the selected routes of a protocol, or whether there is
 * a default route of another one. Changes are gathered in batches of one kind and leave when the
 * settling ends; a new subscription first gets a walk over the table, in slices.
 */
#ifndef GREVY_ZEBRA_REDIST_H
#define GREVY_ZEBRA_REDIST_H

#include <stdbool.h>
#include <stdint.h>

struct nhg;
struct redist;
struct rib_dest;
struct rib_route;
struct source;
struct zebra;

/* What was selected before a change; source NULL: nothing. */
struct redist_route {
	struct source *source;
	struct nhg *nhg;
	uint32_t metric, tag;
	uint8_t kind;
};

struct redist *redist_new(void);
void redist_free(struct redist *r);
struct redist_route redist_snapshot(const struct rib_route *r);
bool redist_same(const struct redist_route *a, const struct redist_route *b);
bool redist_idle(const struct redist *r); /* nobody listens */
void redist_changed(struct zebra *z, const struct rib_dest *d, const struct redist_route *old,
	const struct redist_route *new);
bool redist_want(struct zebra *z, uint32_t client, const char *protocol, uint8_t afi, bool on);
void redist_client_gone(struct zebra *z, uint32_t client);
bool redist_run(struct zebra *z, unsigned *budget); /* initial walks; true: done */
void redist_flush(struct zebra *z);

#endif
