/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why an advertisement was dropped: one counter per reason, on the virtual router where there is one,
 * otherwise on the interface; and counters of what happened. A drop changes nothing else: no timer, no state.
 */
#ifndef GREVY_VRRPD_STATS_H
#define GREVY_VRRPD_STATS_H

#include <stdint.h>

enum vrrp_drop { /* names and explanations: stats.c, same order */
	VRRP_DROP_NONE,            /* accepted */
	VRRP_DROP_NO_INTERFACE,    /* of the instance: nothing is configured on the interface it came by */
	VRRP_DROP_TTL,             /* RFC 9568 7.1: not 255 */
	VRRP_DROP_SHORT,           /* no whole header */
	VRRP_DROP_VERSION,         /* neither 2 nor 3, or 2 over IPv6 */
	VRRP_DROP_TYPE,            /* not an advertisement */
	VRRP_DROP_VRID,            /* no virtual router of that number and family here */
	VRRP_DROP_VERSION_MISMATCH,/* the other version */
	VRRP_DROP_NOT_RUNNING,     /* the virtual router is in Initialize */
	VRRP_DROP_NO_ADDRESS,      /* an empty list */
	VRRP_DROP_LENGTH,          /* the list does not fit the packet */
	VRRP_DROP_CHECKSUM,
	VRRP_DROP_AUTH_TYPE,       /* version 2 */
	VRRP_DROP_AUTH,            /* version 2: wrong password */
	VRRP_DROP_INTERVAL_ZERO,
	VRRP_DROP_INTERVAL,        /* version 2: not ours (RFC 3768 7.1) */
	VRRP_DROP_OWN,             /* from ourselves: a loop, or our address is used by another */
	VRRP_DROP_SOURCE,          /* not an address that a router can send from */
	VRRP_DROP_DESTINATION,     /* neither the group nor, from a configured peer, us */
	VRRP_DROP_PEER,            /* unicast peers are configured, and this is none of them */
	VRRP_DROP_COUNT
};

struct vrrp_stats { /* of a virtual router */
	uint64_t drops[VRRP_DROP_COUNT];
	uint64_t adverts_tx, adverts_rx, zero_tx, zero_rx; /* zero: priority 0, not in the others */
	uint64_t announced;        /* gratuitous ARP or unsolicited neighbour advertisements */
	uint64_t answered;         /* adverts sent at once to a router that should not be master */
	uint64_t address_mismatch; /* accepted, with another address list than ours */
	uint64_t interval_capped;  /* accepted, with an interval that we do not believe */
	uint64_t splits;           /* another master was heard while we were one */
	uint64_t transitions, became_master;
	uint64_t late_adverts;     /* whole intervals that were missed */
};
struct vrrp_iface_stats { /* of an interface */
	uint64_t drops[VRRP_DROP_COUNT]; /* those that no virtual router counts */
	uint64_t asked, answers, heard;  /* LAN liveness: questions sent, answers to them, anything heard */
	uint64_t lan_deaths;
};

const char *vrrp_drop_name(unsigned drop);    /* "checksum", "version-mismatch" */
const char *vrrp_drop_explain(unsigned drop); /* a sentence for the log */

#endif
