/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell's part of virtual links and addresses: sysctls (vlink_sys.c), accept mode (vfilter.c). */
#ifndef GREVY_ZEBRA_VIRTUAL_SHELL_H
#define GREVY_ZEBRA_VIRTUAL_SHELL_H

#include "lib/prefix.h"

struct loop;
struct vfilter;

/*
 * The link: answers ARP for its own addresses only, and for them whatever the way back to who asks
 * (that is by the parent: no reverse path filter that is strict); no autoconfiguration.
 * The parent: does not answer for the link's addresses with its own MAC (arp_ignore), and does not
 * name them as sender when it asks for a neighbour (arp_announce): either would teach the hosts a
 * MAC that does not move. What we changed there is put back with the last link; a zebra that was
 * killed leaves it as it is.
 */
void vlink_sys_made(const char *name, const char *parent);
void vlink_sys_parent_free(const char *parent);

/*
 * Accept mode off: which virtual addresses accept nothing, written to nftables (nl_nft.h) once at the
 * end of a turn, however many changed. Nothing is opened before it is needed.
 */
struct vfilter *vfilter_new(struct loop *l);
void vfilter_free(struct vfilter *f); /* writes what is left to write */
void vfilter_set(struct vfilter *f, const struct ipaddr *address, bool drop);

#endif
