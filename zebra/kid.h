/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Next-hop ids of the kernel, ours and others': one id space, one table. */
#ifndef GREVY_ZEBRA_KID_H
#define GREVY_ZEBRA_KID_H

#include <stdbool.h>
#include <stdint.h>

struct zebra;

enum kid_type { KID_LEG, KID_GROUP, KID_FOREIGN };

struct kid {
	uint32_t id;
	enum kid_type type;
	bool seen;     /* by the running dump, or written during it */
	void *object;  /* nh_leg, kgroup, struct kernel_nexthop (owned) */
};

void kid_add(struct zebra *z, uint32_t id, enum kid_type type, void *object);
struct kid *kid_find(const struct zebra *z, uint32_t id);
void kid_remove(struct zebra *z, uint32_t id);
void kid_seen(struct zebra *z, uint32_t id);

/* what the hashes of struct nhgs compare with */
bool kid_equal(const void *item, const void *key);
bool nh_leg_equal(const void *item, const void *key);
bool leg_iface_equal(const void *item, const void *key);
bool nhg_equal(const void *item, const void *key);
bool kgroup_equal(const void *item, const void *key);

#endif
