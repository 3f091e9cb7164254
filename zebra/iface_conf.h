/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration wants of interfaces, reconciled with what the kernel has. */
#ifndef GREVY_ZEBRA_IFACE_CONF_H
#define GREVY_ZEBRA_IFACE_CONF_H

#include "zebra/config.h"
#include "zebra/iface.h"

struct zebra;

void iface_tell(struct zebra *z, const struct iface *i, uint32_t client, bool gone);
/* The interface has appeared or has a new name: its settings. */
void iface_conf_bind(struct zebra *z, struct iface *i);
/* Its highest configured IPv4 address, there already or not; 0: none. */
uint32_t iface_conf_highest_ip4(const struct zebra *z, const struct iface *i);
/* Adds what is configured and absent; brings it up, or down. */
void iface_conf_apply(struct zebra *z, struct iface *i);

#endif
