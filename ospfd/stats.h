/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a packet or an LSA was dropped: one counter per reason (`show ip ospf statistics`), each
 * also an explained event. Per-instance counters of what happened.
 */
#ifndef GREVY_OSPFD_STATS_H
#define GREVY_OSPFD_STATS_H

#include <stdint.h>

struct ospf;
struct iface;
struct ipaddr;

enum ospf_drop {   /* names and explanations: stats.c, same order */
	DROP_NONE, /* accepted */
	/* packets */
	DROP_NO_INSTANCE,
	DROP_NO_INTERFACE,
	DROP_PASSIVE,
	DROP_SHORT,
	DROP_VERSION,
	DROP_LENGTH,
	DROP_TYPE,
	DROP_CHECKSUM,
	DROP_AREA,
	DROP_SOURCE,
	DROP_DESTINATION,
	DROP_OWN_PACKET,
	DROP_DUPLICATE_ID,
	DROP_ZERO_ID,
	DROP_AUTH_TYPE,
	DROP_AUTH_KEY,
	DROP_AUTH_KEY_ID,
	DROP_AUTH_DIGEST,
	DROP_AUTH_REPLAY,
	DROP_MALFORMED,
	DROP_HELLO_MASK,
	DROP_HELLO_INTERVAL,
	DROP_DEAD_INTERVAL,
	DROP_OPTIONS,
	DROP_NO_NEIGHBOR,
	DROP_NBR_STATE,
	DROP_DD_MTU,
	DROP_DD_SEQUENCE,
	DROP_DD_DUPLICATE,
	DROP_NBR_LIMIT,
	/* LSAs */
	DROP_LSA_CHECKSUM,
	DROP_LSA_LENGTH,
	DROP_LSA_TYPE,
	DROP_LSA_MALFORMED,
	DROP_LSA_SCOPE,
	DROP_LSA_MIN_ARRIVAL,
	DROP_LSA_SEQUENCE,
	DROP_LSA_LIMIT,
	DROP_LSA_NOT_FOUND,
	DROP_COUNT
};

struct ospf_stats {
	uint64_t drops[DROP_COUNT];
	uint64_t rx[6], tx[6]; /* by packet type */
	uint64_t rx_bytes, tx_bytes;
	uint64_t lsa_rx, lsa_new, lsa_dup, lsa_older, lsa_originated, lsa_refreshed, lsa_flushed;
	uint64_t lsa_retransmitted, acks_rx, acks_bad;
	uint64_t wraps, elections, adjacencies_lost;
};

const char *ospf_drop_name(enum ospf_drop d);    /* "hello-interval-mismatch" */
const char *ospf_drop_explain(enum ospf_drop d); /* a sentence for the log */

/* Counts (instance and interface) and notifies. ifc may be NULL; want/got where two values differ.
 */
void stats_drop(struct ospf *o, struct iface *ifc, uint32_t ifindex, enum ospf_drop d,
	const struct ipaddr *src, uint32_t router_id, int64_t want, int64_t got,
	const uint8_t *bytes, uint64_t len);

#endif
