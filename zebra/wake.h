/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flag between two threads that poll can wait for (an eventfd). */
#ifndef GREVY_ZEBRA_WAKE_H
#define GREVY_ZEBRA_WAKE_H

#include <stdbool.h>

int wake_open(bool blocking); /* a descriptor; -1 with errno */
void wake_close(int fd);      /* -1 is harmless */
void wake_raise(int fd);
void wake_clear(int fd); /* blocking: waits until it is raised */

#endif
