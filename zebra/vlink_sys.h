/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's settings of virtual links and their parents. Shell.
 *
 * The link: answers ARP for its own addresses only, and for them whatever the way back to who asks
 * (that is by the parent: no reverse path filter that is strict); no autoconfiguration.
 * The parent: does not answer for the link's addresses with its own MAC (arp_ignore), and does not
 * name them as sender when it asks for a neighbour (arp_announce): either would teach the hosts a
 * MAC that does not move. What we changed there is put back with the last link; a zebra that was
 * killed leaves it as it is.
 */
#ifndef GREVY_ZEBRA_VLINK_SYS_H
#define GREVY_ZEBRA_VLINK_SYS_H

void vlink_sys_made(const char *name, const char *parent);
void vlink_sys_parent_free(const char *parent);

#endif
