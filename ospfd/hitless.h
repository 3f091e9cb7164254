/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon that is killed and restarted within the dead interval moves no packet: kernel routes
 * stay, so what neighbours advertise need not change either. See hitless.c.
 */
#ifndef GREVY_OSPFD_HITLESS_H
#define GREVY_OSPFD_HITLESS_H

#include "ospfd/nbr.h"

/* --- a neighbour has restarted --------------------------------------------------------------- */
/* A Hello of an adjacent neighbour does not list us. true: wait a moment before it counts. */
bool hitless_oneway(struct nbr *n, int64_t now);
void hitless_twoway(struct nbr *n); /* it lists us (again) */
/* An adjacency that was Full begins its exchange anew: advertised for some seconds more. */
void hitless_resync(struct nbr *n, int64_t now);
void hitless_forget(struct nbr *n);

/* --- we have restarted ----------------------------------------------------------------------- */
void hitless_started(struct ospf *o, int64_t now);
void hitless_stop(struct ospf *o);
/* Old LSAs of ours that come back are kept for the time being, not fought. */
bool hitless_starting(const struct ospf *o, int64_t now);

#endif
