/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server of rib.sock: connections to sessions of the core, and the core's output to them. */
#ifndef GREVY_ZEBRA_CLIENTS_H
#define GREVY_ZEBRA_CLIENTS_H

#include "zebra/zebra.h"

struct clients;
struct loop;

/* Listens at once; nobody is read before clients_open(). NULL: cannot listen. */
struct clients *clients_new(struct loop *l, const char *path, uint64_t epoch);
void clients_free(struct clients *c);
void clients_open(struct clients *c, struct zebra *z);
/* Holds or releases all as the core's congestion says. */
void clients_pace(struct clients *c);

/* For struct zebra_ops; client 0: all. */
void clients_interface(struct clients *c, uint32_t client, const struct zebra_interface *i, bool gone);
void clients_address(struct clients *c, uint32_t client, const struct zebra_address *a, bool gone);
void clients_router_id(struct clients *c, uint32_t client, uint32_t id);
void clients_redistributed(struct clients *c, uint32_t client, const struct zebra_redistributed *r);
void clients_nht(struct clients *c, uint32_t client, const struct zebra_nht *n);
void clients_results(struct clients *c, uint32_t client, const struct zebra_results *r);
void clients_vlink(struct clients *c, uint32_t client, const struct zebra_vlink_state *v);
void clients_lan(struct clients *c, uint32_t client, const struct zebra_lan *l);
void clients_track(struct clients *c, uint32_t client, const struct zebra_track *t);
void clients_ready(struct clients *c, uint32_t client, bool ready, const char *waiting_for);

#endif
