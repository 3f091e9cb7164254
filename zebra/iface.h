/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces and their addresses as the kernel has them, and what the configuration wants of them.
 * The kernel's word is the state; the config is reconciled whenever either changes.
 */
#ifndef GREVY_ZEBRA_IFACE_H
#define GREVY_ZEBRA_IFACE_H

#include "zebra/kernel.h"

struct conf_object;
struct zebra;

struct iface_addr {
	struct kernel_addr k;
	bool seen;        /* by the running dump */
	bool announced;   /* clients know it */
	bool routed;      /* connected and local routes are in the RIB */
	struct prefix connected;
};

struct iface {
	struct kernel_link k;
	bool present;     /* in the kernel */
	bool seen, operative, counted;
	bool link_detect;
	bool down_by_us;  /* shutdown is configured */
	uint32_t config_mbps;
	uint32_t ups, downs;
	int64_t last_up, last_down;
	char description[256];
	unsigned addr_count;
	struct iface_addr **addrs; /* in order of arrival */
};

struct ifaces {
	struct iface **items; /* by ifindex */
	unsigned count;
	struct conf_object *config; /* the root; a reference */
};

struct ifaces *ifaces_new(void);
void ifaces_free(struct ifaces *s);
struct iface *iface_find(const struct zebra *z, uint32_t ifindex);
struct iface *iface_by_name(const struct zebra *z, const char *name);
/* Up, and with a carrier unless link detection is off. */
bool iface_operative(const struct iface *i);
/* The gateway is on the interface's link as its addresses say. */
bool iface_covers(const struct iface *i, const struct ipaddr *gateway);

void iface_link_changed(struct zebra *z, const struct kernel_link *l);
void iface_link_gone(struct zebra *z, uint32_t ifindex);
void iface_addr_changed(struct zebra *z, const struct kernel_addr *a);
void iface_addr_gone(struct zebra *z, const struct kernel_addr *a);
void iface_resync(struct zebra *z, bool addresses, bool begin);
void iface_reconfigure(struct zebra *z, const struct conf_object *old, const struct conf_object *new);
void iface_tell_client(struct zebra *z, uint32_t client);

#endif
