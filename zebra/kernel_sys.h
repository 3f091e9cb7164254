/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says and takes elsewhere than by netlink: /proc/sys, ethtool, the clock. */
#ifndef GREVY_ZEBRA_KERNEL_SYS_H
#define GREVY_ZEBRA_KERNEL_SYS_H

#include <stdint.h>

uint32_t kernel_link_speed(const char *name); /* Mbit/s; 0: unknown */
int64_t kernel_now(void);                     /* monotonic microseconds */

#endif
