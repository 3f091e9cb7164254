/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A neighbour (RFC 2328 10). Owns its request list and its retransmission entries.
 * Database summary list: not a list but a cursor over the databases (area, AS, link) in key order:
 * what appears behind the cursor is flooded to it anyway, since it is in Exchange.
 */
#ifndef GREVY_OSPFD_NBR_H
#define GREVY_OSPFD_NBR_H

#include "ospfd/iface.h"

enum nsm_state {
	NSM_DOWN, NSM_ATTEMPT, NSM_INIT, NSM_2WAY, NSM_EXSTART, NSM_EXCHANGE, NSM_LOADING, NSM_FULL,
	NSM_STATES
};
enum nsm_event {
	NSM_EV_START, NSM_EV_HELLO_RECEIVED, NSM_EV_2WAY_RECEIVED, NSM_EV_NEGOTIATION_DONE,
	NSM_EV_EXCHANGE_DONE, NSM_EV_LOADING_DONE, NSM_EV_BAD_LSREQ, NSM_EV_ADJ_OK,
	NSM_EV_SEQ_MISMATCH, NSM_EV_1WAY_RECEIVED, NSM_EV_KILL_NBR, NSM_EV_INACTIVITY,
	NSM_EV_LL_DOWN, NSM_EV_BFD_DOWN, NSM_EVENTS
};

struct request { /* an entry of the link state request list */
	struct keynode node; /* first member */
	struct lsa_hdr hdr;  /* what the neighbour said it has */
	bool asked;          /* in the outstanding request */
};

struct retrans { /* (neighbour, LSA): sent or to be sent, not yet acknowledged */
	TAILQ_ENTRY(retrans) in_nbr;
	LIST_ENTRY(retrans) in_lsa;
	struct nbr *nbr;
	struct lsa *lsa;
	int64_t sent; /* 0: waits in nbr->unsent */
	bool again;   /* sent more than once: in nbr->resent */
};
TAILQ_HEAD(retrans_list, retrans);

struct nbr {
	TAILQ_ENTRY(nbr) entry; /* in iface->nbrs */
	struct iface *iface;
	uint32_t router_id;
	struct ipaddr addr; /* source of its packets */
	uint32_t iface_id;  /* v3 */
	struct fsm fsm;     /* enum nsm_state, with history: nbr_state() */
	uint8_t priority;
	uint32_t dr, bdr; /* what its Hello says */
	uint32_t options;
	struct timer inactivity;

	/* database exchange */
	bool master;            /* the neighbour is master */
	uint32_t dd_seq;
	uint32_t dd_first;      /* slave: number of the claim that began this exchange */
	struct dbdesc dd_last;  /* last received; headers unused */
	struct dbdesc dd_early; /* a claim to be master that came before ExStart */
	int64_t dd_early_at;    /* when, 0: none */
	bool dd_last_valid;
	bool dd_more;           /* our last one had the M bit */
	uint8_t *dd_sent;       /* body of the last one we sent, for repetition */
	size_t dd_sent_len;
	struct timer dd_timer;
	uint8_t summary_db;     /* which database the cursor is in; SUMMARY_END: all told */
	struct lsa_key summary_at;
	bool summary_started;

	struct keytree requests;
	unsigned asked;         /* outstanding */
	bool req_wanted;        /* mark of this turn: send the next request, or Loading is done */
	bool dead;              /* Down: freed at the end of the turn */
	struct timer req_timer;

	struct retrans_list unsent, unacked, resent; /* the latter two by time of sending */
	size_t retrans_count;
	struct timer rxmt_timer;
	struct iface_ack *acks; /* direct acknowledgments of the update being read */
	size_t ack_count, ack_cap;

	uint32_t crypto_seq;    /* last accepted */
	uint8_t crypto_key_id;
	int64_t last_progress, last_regress; /* moment of the last step up, down; 0: never */
	const char *last_regress_why;
	uint64_t retransmissions;
	bool bfd_session;   /* wanted, nbr_bfd.c */
	uint8_t bfd;        /* enum ospf_bfd */
	int64_t bfd_since;  /* it was last told, 0: never */

	/* restarts without a change of routes, hitless.c */
	bool oneway; /* its Hello does not list us, we wait a moment */
	bool resync; /* was Full, exchanges anew, still advertised */
	bool early;  /* advertised before it is Full, since we have just started: stubrouter.c */
	struct timer oneway_timer, resync_timer;
};

static inline enum nsm_state
nbr_state(const struct nbr *n)
{
	return (enum nsm_state)n->fsm.state;
}

/* An adjacency, or one that is being renewed. */
static inline bool
nbr_is_adjacent(const struct nbr *n)
{
	return n->fsm.state == NSM_FULL || (n->resync && n->fsm.state >= NSM_EXSTART);
}

/* Do our router and network LSAs list it, and do routes go through it? */
static inline bool
nbr_is_advertised(const struct nbr *n)
{
	return nbr_is_adjacent(n) || (n->early && n->fsm.state >= NSM_EXCHANGE);
}

const char *nsm_state_name(enum nsm_state s); /* FRR's words: "Full" */
const char *nsm_event_name(enum nsm_event e);
const char *nbr_role_name(const struct nbr *n); /* "DR", "Backup", "DROther", "-" on p2p */
struct nbr *nbr_find(const struct iface *i, const struct ipaddr *src, uint32_t router_id);
struct nbr *nbr_find_id(const struct iface *i, uint32_t router_id);
struct nbr *nbr_new(struct iface *i, const struct ipaddr *src, uint32_t router_id, int64_t now);
void nbr_free(struct nbr *n);
size_t nbr_summary_left(const struct nbr *n); /* for show; walks the databases */

void nsm_event(struct nbr *n, enum nsm_event ev, int64_t now);
bool nsm_adjacency_wanted(const struct nbr *n); /* RFC 2328 10.4 */

#endif
