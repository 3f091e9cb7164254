/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes of other sources that this router announces as AS-externals (RFC 2328 12.4.4): remembers
 * what zebra redistributes, per prefix and source, and keeps orig's externals in line with it and
 * the config. Rows survive a reset of the instance, since zebra tells them only once.
 */
#ifndef GREVY_OSPFD_REDIST_H
#define GREVY_OSPFD_REDIST_H

#include "ospfd/routes.h"

void redist_init(struct routing *r);
void redist_free(struct routing *r);
void redist_refresh_all(struct routing *r, int64_t now); /* config, interfaces or equivalents changed */
/* What VRRP says of a link has changed: connected prefixes on it. */
void redist_link_changed(struct routing *r, uint32_t ifindex, int64_t now);
void redist_reset(struct routing *r); /* own externals are gone (instance reset): forget they were made */

#endif
