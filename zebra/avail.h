/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shell of availability: zebra's side of bfd.sock, and its events for the stream of all daemons.
 * Every session of bfdd is watched (its legs die with it), and those that static routes and track objects
 * name are asked for.
 *
 * A router that starts does not ask for sessions before its routing is ready (ready.h): a neighbour that
 * sees such a session up sends its traffic here, and a router that does not know the way yet would swallow it.
 *
 * After a start the core writes nothing before bfdd has told what is dead, if bfdd is there: routes that
 * clients replay, or that the config brings, would put a dead leg back for a moment.
 */
#ifndef GREVY_ZEBRA_AVAIL_H
#define GREVY_ZEBRA_AVAIL_H

#include "zebra/zebra.h"

struct avail;
struct loop;

/* path: of bfd.sock. Not connected before avail_start(); wishes are kept until then. */
/* booted: the file that will say that a router that starts has its configuration; NULL: zebra alone starts. */
struct avail *avail_new(struct loop *l, const char *path, const char *booted);
void avail_free(struct avail *b);
/* The kernel has been dumped: connect. */
void avail_start(struct avail *b, struct zebra *z);
/* The first configuration has been applied: what was not wished by now is not wished. */
void avail_wishes_complete(struct avail *b);
void avail_ready(struct avail *b, bool ready);
/* For struct zebra_ops. */
void avail_want(struct avail *b, uint32_t id, const struct bfdclient_want *want);
void avail_event(void *arg, enum zebra_event kind, const char *name, const char *object, int64_t at, const char *text);

#endif
