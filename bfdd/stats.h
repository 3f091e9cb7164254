/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a packet was dropped, in the order of RFC 5880 6.8.6, and what was counted. Names and
 * explanations: stats.c, same order. Kept per session where the packet could be given to one,
 * and for the instance always.
 */
#ifndef GREVY_BFDD_STATS_H
#define GREVY_BFDD_STATS_H

#include <stdint.h>

enum bfd_drop {
	BFD_DROP_NONE, /* accepted */
	BFD_DROP_SHORT,
	BFD_DROP_VERSION,
	BFD_DROP_LENGTH_SMALL,
	BFD_DROP_LENGTH_LARGE,
	BFD_DROP_MULTIPLIER,
	BFD_DROP_MULTIPOINT,
	BFD_DROP_MY_DISCR,
	BFD_DROP_POLL_FINAL,
	BFD_DROP_PORT,
	BFD_DROP_TTL,
	BFD_DROP_YOUR_DISCR_UNKNOWN,
	BFD_DROP_YOUR_DISCR_ZERO,
	BFD_DROP_NO_SESSION,
	BFD_DROP_HOPS,
	BFD_DROP_SOURCE,
	BFD_DROP_DESTINATION,
	BFD_DROP_INTERFACE,
	BFD_DROP_AUTH_UNEXPECTED,
	BFD_DROP_AUTH_MISSING,
	BFD_DROP_AUTH_UNUSABLE,
	BFD_DROP_AUTH_TYPE,
	BFD_DROP_AUTH_LENGTH,
	BFD_DROP_AUTH_KEY_ID,
	BFD_DROP_AUTH_REPLAY,
	BFD_DROP_AUTH_PASSWORD,
	BFD_DROP_AUTH_DIGEST,
	BFD_DROP_ADMIN_DOWN,
	BFD_DROP_ECHO_MALFORMED,
	BFD_DROP_ECHO_UNKNOWN,
	BFD_DROP_ECHO_FORGED,
	BFD_DROP_ECHO_INACTIVE,
	BFD_DROP_ECHO_REPLAY,
	BFD_DROP_COUNT
};

struct bfd_counters {
	uint64_t control_rx, control_tx; /* received: only what was accepted */
	uint64_t echo_rx, echo_tx;
	uint64_t ups, downs;             /* times Up was reached and left */
	uint64_t drops[BFD_DROP_COUNT];
};

const char *bfd_drop_name(enum bfd_drop d);    /* "auth-digest" */
const char *bfd_drop_explain(enum bfd_drop d); /* a sentence for the log */
uint64_t bfd_drops_sum(const struct bfd_counters *c);

#endif
