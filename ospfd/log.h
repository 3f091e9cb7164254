/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the core notifies becomes named log events here. */
#ifndef GREVY_OSPFD_LOG_H
#define GREVY_OSPFD_LOG_H

#include <stdbool.h>

struct ospf_event;

/* adjacency: `log-adjacency-changes`; detail: every step, not only to and from Full */
void ospf_log(const struct ospf_event *ev, bool adjacency, bool detail);

#endif
