/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An OSPF interface (RFC 2328 9): an address of a link, attached to one area. Owns its neighbours.
 *
 *   Down -> Loopback | Point-to-point | Waiting -> DROther / Backup / DR    (ism.c, dr.c)
 */
#ifndef GREVY_OSPFD_IFACE_H
#define GREVY_OSPFD_IFACE_H

#include "lib/fsm.h"
#include "ospfd/area.h"

enum ism_state {
	ISM_DOWN, ISM_LOOPBACK, ISM_WAITING, ISM_P2P, ISM_DROTHER, ISM_BACKUP, ISM_DR, ISM_STATES
};
enum ism_event {
	ISM_EV_UP, ISM_EV_WAIT_TIMER, ISM_EV_BACKUP_SEEN, ISM_EV_NEIGHBOR_CHANGE, ISM_EV_LOOP,
	ISM_EV_UNLOOP, ISM_EV_DOWN, ISM_EVENTS
};

struct iface_params { /* the config with all defaults resolved */
	uint32_t cost;
	int64_t hello, dead, rxmt; /* microseconds */
	uint16_t hello_s;          /* as in the Hello; 0 with sub-second hellos */
	uint32_t dead_s;
	uint16_t delay_s;          /* InfTransDelay */
	uint8_t priority;
	uint8_t net_type;          /* enum ospf_net_type, not AUTO */
	bool passive, mtu_ignore, bfd, lfa_exclude;
	struct ospf_bfd_params bfd_params;
	uint8_t auth; /* enum ospf_auth_type, not UNSET */
};

struct iface_ack { /* a delayed acknowledgment */
	struct lsa_hdr hdr;
};

struct iface {
	TAILQ_ENTRY(iface) entry;      /* in area->ifaces */
	TAILQ_ENTRY(iface) flood_mark; /* in o->flood_marks */
	struct area *area;
	struct link *link;
	struct ipaddr addr, peer;
	uint8_t plen;
	bool unnumbered; /* point-to-point on a borrowed /32 */
	bool flood_marked, elect_wanted; /* marks of this turn */
	struct fsm fsm; /* enum ism_state, with history: iface_state() */
	int64_t up_since; /* it left Down */
	struct iface_params p;
	const struct ospf_conf_iface *conf; /* the row in o->conf, or NULL: defaults */

	uint32_t dr, bdr; /* as in a Hello: address (v2), router ID (v3); 0: none */
	uint32_t dr_id, bdr_id; /* router IDs */
	bool in_all_spf, in_all_d; /* multicast groups joined */

	TAILQ_HEAD(, nbr) nbrs; /* by router ID, then address */
	unsigned nbr_count, full_nbrs;
	struct lsdb db; /* link scope */

	struct timer hello_timer, wait_timer, ack_timer, pace_timer;
	struct iface_ack *acks;
	size_t ack_count, ack_cap;
	bool network_lsa; /* we originate the network LSA of this link */
	struct lsa_key network_key;

	uint64_t drops[DROP_COUNT];
	uint64_t rx[PKT_TYPES], tx[PKT_TYPES];
};

static inline enum ism_state
iface_state(const struct iface *i)
{
	return (enum ism_state)i->fsm.state;
}

const char *ism_state_name(enum ism_state s); /* FRR's words */
const char *iface_name(const struct iface *i);
uint32_t iface_ifindex(const struct iface *i);
struct ospf *iface_ospf(const struct iface *i);
bool iface_is_multiaccess(const struct iface *i); /* broadcast or NBMA: has a DR */
/* Next interface of the instance after this one (NULL: first), by area, ifindex, address. */
struct iface *iface_next(const struct ospf *o, const struct iface *after);
/* The interface for a packet from src; NULL: none. */
struct iface *iface_find(const struct ospf *o, uint32_t ifindex, const struct ipaddr *src);
/* Bring the set of interfaces in line with links, addresses and config (idempotent). */
void iface_match_all(struct ospf *o, int64_t now);
void iface_match_link(struct ospf *o, struct link *l, int64_t now);
/* After an address was added to the link: no other can have changed its fate, so a thousand cost little. */
void iface_match_address(struct ospf *o, struct link *l, const struct linkaddr *la, int64_t now);
void iface_params_resolve(struct iface *i); /* config and link -> p; also sets conf */
void iface_reconfigure(struct iface *i, int64_t now); /* o->conf or the link has changed */
void iface_free(struct iface *i, int64_t now);
unsigned iface_network_lsa_nbrs(
	const struct iface *i); /* adjacent neighbours if we are DR, else 0 */

void iface_network_lsa_unwanted(struct iface *i, int64_t now); /* orig.c */
void iface_elect_wanted(struct iface *i); /* event NeighborChange at the end of the turn */

void ism_event(struct iface *i, enum ism_event ev, int64_t now);

#endif
