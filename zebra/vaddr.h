/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual addresses: held by zebra for a client (RIB_VADDRESS), on a virtual link or an interface,
 * without a connected route, marked in the kernel (kernel_addr_virtual), so that a restarted zebra
 * knows them again. Written on the urgent lane, put back when somebody takes them away, removed
 * when their client is gone for longer than its linger: nobody else answers for what we gave up.
 *
 * An address that is there without our mark (the owner's own, RFC 9568 priority 255) is left alone.
 */
#ifndef GREVY_ZEBRA_VADDR_H
#define GREVY_ZEBRA_VADDR_H

#include <sys/queue.h>

#include "zebra/lease.h"
#include "zebra/step.h"
#include "zebra/zebra.h"

struct dplane_op;
struct kernel_addr;
struct source;

struct vaddr {
	TAILQ_ENTRY(vaddr) link;
	struct zebra *z;
	struct lease lease;
	uint32_t id, vlink;  /* its client's; vlink 0: on the interface itself */
	uint32_t parent;     /* the interface */
	uint32_t device;     /* where it is, or has to be; 0: that is not there */
	struct ipaddr address;
	uint8_t len;
	bool accept, filtered; /* as wanted, as the kernel was told */
	bool removing, deleting; /* to go; the deletion is on its way */
	struct step step;
	uint32_t repaired;
	int64_t since;
};

struct vaddrs {
	TAILQ_HEAD(, vaddr) list;
	unsigned count;
};

struct vaddrs *vaddrs_new(void);
void vaddrs_free(struct zebra *z);
/* Some address is on that device, or has to be. */
bool vaddrs_on(const struct zebra *z, uint32_t device);
/* A virtual link appeared, changed its index, or went. */
void vaddrs_vlink_moved(struct zebra *z, const struct lease *of, uint32_t vlink);
void vaddrs_link_event(struct zebra *z, uint32_t ifindex);
void vaddrs_addr_event(struct zebra *z, const struct kernel_addr *k, bool gone);
void vaddrs_start(struct zebra *z); /* the first dump is complete: adopt */
void vaddrs_resynced(struct zebra *z);
/* Of configured addresses, too. */
void vaddr_done(struct zebra *z, const struct dplane_op *op, int err);
void vaddr_client_closed(struct zebra *z, const struct source *s);
void vaddr_replay_ended(struct zebra *z, const struct source *s);
void vaddrs_withdraw(struct zebra *z);
/* Of a client's addresses; `least` if it has none. */
int64_t vaddr_longest_linger(const struct zebra *z, const struct source *s, int64_t least);
/* In the kernel, with our mark or without. */
bool vaddr_present(const struct zebra *z, const struct vaddr *a);

#endif
