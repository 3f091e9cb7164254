/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link state IDs of own AS-external LSAs: unique per prefix (RFC 2328 appendix E). */
#ifndef GREVY_OSPFD_EXTID_H
#define GREVY_OSPFD_EXTID_H

#include "ospfd/version.h"

struct extids;
struct ext_own { /* an external that we originate */
	struct orig_external e;
	uint32_t lsid;
};

struct extids *extids_new(void);
void extids_free(struct extids *x);
void extids_clear(struct extids *x);
struct ext_own *extids_find(const struct extids *x, const struct prefix *p);
/*
 * A new entry for the prefix with an ID of its own. It may be that another entry must take another
 * ID to make room: then *moved is that one and *old_lsid its former ID. NULL: no ID is free.
 */
struct ext_own *extids_add(struct extids *x, const struct prefix *p, struct ext_own **moved,
	uint32_t *old_lsid);
void extids_remove(struct extids *x, const struct prefix *p);

#endif
