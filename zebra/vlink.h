/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual links: macvlans with a client's MAC, made, kept in step with their parent, repaired and
 * removed by zebra (RIB_VLINK). The kernel's link is the state; reconciling brings it to the wish:
 *
 *	no parent ......... wait for one of that name      other parent ... delete
 *	no link ........... make                            other MAC, MTU . set
 *	made, untuned ..... sysctls, silence, up            down ........... up
 *
 * One step at a time: while an operation is on its way, or its event has not been seen, nothing
 * more is written. A link is ours by its device group (kernel_link_virtual): one of that name
 * without it is an error for its client, one with it that nobody claims after a restart goes.
 *
 * What goes is only marked, and all that is marked is deleted by one message: the kernel waits for its
 * readers as long for one device as for hundreds, and repairs would stand behind each of them.
 *
 * A link without an address is quiet: the kernel swallows what it would send by it (MLD reports,
 * what other programs send), so that a backup never moves a switch's table to itself. What it
 * receives is forwarded all the same.
 *
 * They are no interfaces for routing: no client is told of them, no protocol runs on them, their
 * addresses give local routes but no connected ones, and are nobody's router id.
 */
#ifndef GREVY_ZEBRA_VLINK_H
#define GREVY_ZEBRA_VLINK_H

#include <sys/queue.h>

#include "zebra/kernel.h"
#include "zebra/lease.h"
#include "zebra/step.h"
#include "zebra/zebra.h"

struct dplane_op;
struct iface;

enum vlink_voice { VLINK_UNKNOWN, VLINK_QUIET, VLINK_LOUD };

struct vlink {
	TAILQ_ENTRY(vlink) link;
	struct zebra *z;
	struct lease lease;
	uint32_t id; /* its client's */
	char name[KERNEL_NAME_LEN], parent_name[KERNEL_NAME_LEN];
	uint32_t parent; /* ifindex; 0: away, parent_name is waited for */
	uint8_t mac[6];
	bool removing, doomed; /* to go; marked in the kernel */
	uint8_t voice;   /* enum vlink_voice, as written */
	uint32_t tuned;  /* ifindex that was silenced and got its sysctls */
	struct step step;
	uint32_t made, repaired; /* counters */
	uint32_t told_ifindex;
	bool told, told_up;
	char error[96], told_error[96];
};

struct vlinks {
	TAILQ_HEAD(, vlink) list;
	unsigned count;
	uint32_t serials; /* of links and addresses */
	bool doomed;      /* some are marked: to be deleted when all has settled */
	bool deleting;    /* that is on its way */
	struct timer retry;
};

struct vlinks *vlinks_new(void);
void vlinks_free(struct zebra *z);
/* For a new step. */
uint64_t vlinks_serial(struct zebra *z);
/* The device of a source's virtual link; 0: it is not there. */
uint32_t vlink_ifindex(const struct zebra *z, const struct lease *of, uint32_t id);
/* An address comes to this device, or has left it: a virtual link becomes loud, or quiet. */
void vlink_voice(struct zebra *z, uint32_t ifindex, bool loud);
/* The interface appeared, changed or is about to go. */
void vlinks_link_event(struct zebra *z, const struct iface *i);
void vlinks_start(struct zebra *z);          /* the first dump is complete: adopt */
void vlinks_resynced(struct zebra *z);
/* At the end of settling: deletes what is marked. */
void vlinks_run(struct zebra *z);
void vlink_done(struct zebra *z, const struct dplane_op *op, int err);
void vlink_client_closed(struct zebra *z, const struct source *s);
void vlink_replay_ended(struct zebra *z, const struct source *s);
void vlinks_withdraw(struct zebra *z);

#endif
