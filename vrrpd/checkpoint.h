/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a vrrpd that was killed leaves to the next one: <run-dir>/vrrpd.state and vrrpd.lans (lib/mapfile.h). Main thread. */
#ifndef GREVY_VRRPD_CHECKPOINT_H
#define GREVY_VRRPD_CHECKPOINT_H

#include "vrrpd/vrrpd.h"

struct vrrp_checkpoint;

struct vrrp_checkpoint *vrrp_checkpoint_open(const char *path, const char *lans_path, int64_t now); /* never NULL */
/* Tells the core (first of all) when the router was started, and what was. */
void vrrp_checkpoint_restore(const struct vrrp_checkpoint *c, struct vrrp *core, int64_t now);
void vrrp_checkpoint_put(struct vrrp_checkpoint *c, const struct vrrp_key *key, const struct vrrp_record *r); /* NULL: forget */
void vrrp_checkpoint_put_lan(struct vrrp_checkpoint *c, const struct vrrp_lan_record *r);
/* orderly: nothing is left to restore. */
void vrrp_checkpoint_free(struct vrrp_checkpoint *c, bool orderly);

#endif
