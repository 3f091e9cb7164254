/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as rtnetlink carries them (RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR). */
#ifndef GREVY_ZEBRA_NL_ADDR_H
#define GREVY_ZEBRA_NL_ADDR_H

#include "zebra/kernel.h"
#include "zebra/nl.h"

struct dplane_op;

enum nl_fate nl_addr_decode(const uint8_t *payload, size_t len, struct kernel_addr *out);
/* DPLANE_ADDR, DPLANE_ADDR_DEL. */
bool nl_addr_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags);
bool nl_addr_dump(struct nl_writer *w, uint8_t family, uint32_t seq);

#endif
