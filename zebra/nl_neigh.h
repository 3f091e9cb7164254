/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbours as rtnetlink carries them (RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH). */
#ifndef GREVY_ZEBRA_NL_NEIGH_H
#define GREVY_ZEBRA_NL_NEIGH_H

#include "zebra/kernel.h"
#include "zebra/nl.h"

/* Skipped: forwarding entries of bridges, proxy entries. */
enum nl_fate nl_neigh_decode(const uint8_t *payload, size_t len, struct kernel_neigh *out);
bool nl_neigh_dump(struct nl_writer *w, uint8_t family, uint32_t seq);

#endif
