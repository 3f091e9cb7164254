/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Macvlans and addresses of a virtual kernel: see kernel_dev.c. */
#ifndef GREVY_TESTS_SIM_KERNEL_DEV_H
#define GREVY_TESTS_SIM_KERNEL_DEV_H

#include "tests/sim/sim.h"
#include "zebra/dplane.h"
#include "zebra/kernel.h"

#define VDEVS_MAX 8

struct vdev {
	uint32_t ifindex, parent, mtu;
	char name[16];
	uint8_t mac[6];
	bool up, doomed;
};
struct vaddr_entry {
	uint32_t ifindex;
	struct ipaddr local;
	uint8_t plen, proto;
};
struct vdevs {
	struct node *node;
	uint32_t next;
	uint32_t changed[VDEVS_MAX]; /* the devices of the last write */
	size_t changed_count;
	size_t count, addr_count;
	struct vdev devs[VDEVS_MAX];
	struct vaddr_entry addrs[VDEVS_MAX];
};

struct vdevs *vdevs_new(struct node *n);
int vdevs_apply(struct vdevs *d, const struct dplane_op *op); /* 0 or an errno */
struct vdev *vdev_find(struct vdevs *d, uint32_t ifindex);
bool vdev_running(const struct vdevs *d, const struct vdev *v);
struct kernel_link vdev_link(const struct vdevs *d, const struct vdev *v);
struct kernel_addr vdev_addr(const struct vaddr_entry *a);
bool vdevs_hold(const struct vdevs *d, const struct ipaddr *a);
/* A macvlan on that port takes frames to that MAC. */
bool vdevs_receive(const struct vdevs *d, uint32_t parent, const uint8_t mac[6]);

#endif
