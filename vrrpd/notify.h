/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notify commands. They are run by a process of their own, the notifier: forked before any privilege
 * is dropped or system call filtered, it gives up every capability itself and has nothing but a
 * socket to us. Commands of one virtual router run one after the other, each 10 s at most.
 */
#ifndef GREVY_VRRPD_NOTIFY_H
#define GREVY_VRRPD_NOTIFY_H

#include <stdint.h>

struct loop;
struct vrrp_change;
struct vrrp_notify;

/* What goes through the socket, whole in one datagram each. */
struct vrrp_notify_job {
	char ifname[16], vrid[4], family[5], state[12], priority[4], reason[24];
	char command[256];
};
enum vrrp_notify_kind { VRRP_NOTIFY_OUTPUT, VRRP_NOTIFY_ENDED, VRRP_NOTIFY_KILLED, VRRP_NOTIFY_SKIPPED };
struct vrrp_notify_result {
	char ifname[16], vrid[4], family[5];
	uint8_t kind;
	int32_t status; /* ENDED: the exit status, or 128 and the signal */
	char text[200]; /* OUTPUT: a line; else the command */
};
struct vrrp_notify_counters {
	uint64_t run, failed, killed, skipped, lost;
};

/* While privileged, before threads. NULL: no notifier (said in the log). */
struct vrrp_notify *vrrp_notify_new(struct loop *l);
void vrrp_notify_free(struct vrrp_notify *n); /* the notifier ends what it runs; NULL is harmless */
void vrrp_notify_change(struct vrrp_notify *n, const struct vrrp_change *c); /* of one with a command */
const struct vrrp_notify_counters *vrrp_notify_counters(const struct vrrp_notify *n);

/* The notifier's whole life (notifier.c). */
void vrrp_notifier_run(int fd) __attribute__((noreturn));

#endif
