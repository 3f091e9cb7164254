/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accept mode off: which virtual addresses accept nothing, written to nftables (nl_nft.h) once at the
 * end of a turn, however many changed. Nothing is opened before it is needed. Shell.
 */
#ifndef GREVY_ZEBRA_VFILTER_H
#define GREVY_ZEBRA_VFILTER_H

#include "lib/prefix.h"

struct loop;
struct vfilter;

struct vfilter *vfilter_new(struct loop *l);
/* Writes what is left to write. */
void vfilter_free(struct vfilter *f);
void vfilter_set(struct vfilter *f, const struct ipaddr *address, bool drop);

#endif
