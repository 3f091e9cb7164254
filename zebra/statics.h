/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Static routes. Next hops configured for the same (table, prefix, distance) make one route of
 * several legs; named interfaces are looked up, and looked up again when interfaces come and go.
 * `backup` gives a leg its rank, `bfd` and `track` a gate (gate.h): when that closes, the group is
 * rewritten, and no route is touched.
 */
#ifndef GREVY_ZEBRA_STATICS_H
#define GREVY_ZEBRA_STATICS_H

struct conf_object;
struct statics;
struct zebra;

struct statics *statics_new(void);
void statics_free(struct statics *s);
void statics_reconfigure(struct zebra *z, const struct conf_object *old, const struct conf_object *new);
void statics_iface_changed(struct zebra *z);

#endif
