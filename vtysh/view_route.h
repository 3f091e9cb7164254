/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Next hops in zebra's rows, as routes and groups show them. */
#ifndef GREVY_VTYSH_VIEW_ROUTE_H
#define GREVY_VTYSH_VIEW_ROUTE_H

#include "vtysh/view.h"

/* "via 10.0.0.2, c0 (dup), weight 1"; vrf: with " (vrf default)" after the interface. */
void nexthop_text(const json_t *n, bool vrf, char *out, size_t size);
void nexthops_collapse(json_t *row);
void nexthops_split(json_t *row);
/* backups: how many of the route's backups stand for it, told by index; 0: none, or it is one. */
void nexthop_json(struct jw *w, const json_t *n, size_t backups, bool vrf);

#endif
