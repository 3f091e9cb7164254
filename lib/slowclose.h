/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever is killed is dead, for who waits to start it again, when its last descriptor is closed; and to close a packet
 * socket the kernel waits for a grace period of RCU (some 14 ms, one after the other). So a small process of its
 * own holds each of them, too. When their owner dies it dies at once, and the sockets a little later.
 */
#ifndef GREVY_LIB_SLOWCLOSE_H
#define GREVY_LIB_SLOWCLOSE_H

struct slowclose;

/* Forks, so before there are threads. NULL: it could not (said in the log); the others take NULL. */
struct slowclose *slowclose_new(const char *daemon);
void slowclose_free(struct slowclose *s);
void slowclose_hold(struct slowclose *s, int fd);
void slowclose_release(struct slowclose *s, int fd); /* before the owner closes it */

#endif
