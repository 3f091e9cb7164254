/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links as rtnetlink carries them (RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK). */
#ifndef GREVY_ZEBRA_NL_LINK_H
#define GREVY_ZEBRA_NL_LINK_H

#include "zebra/kernel.h"
#include "zebra/nl.h"

struct dplane_op;

/* A link message's payload. Skipped: other families than AF_UNSPEC (a bridge's view of its port). */
enum nl_fate nl_link_decode(const uint8_t *payload, size_t len, struct kernel_link *out);
/* DPLANE_LINK_*, DPLANE_VLINK. */
bool nl_link_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags);
/* DPLANE_LINK_QUIET, _LOUD: a queueing discipline that swallows everything, or the device's own. */
bool nl_qdisc_encode(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags);
bool nl_link_dump(struct nl_writer *w, uint8_t family, uint32_t seq);

#endif
