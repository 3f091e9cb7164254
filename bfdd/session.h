/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the core: everything that is known of a session as one plain value. Only under the lock;
 * what is copied out stays good without it. A walk resumes behind a key, so sessions may come and go
 * between slices.
 *
 * Configured peers whose interface does not exist (yet) are part of the walk: discriminator 0, waiting.
 */
#ifndef GREVY_BFDD_SESSION_H
#define GREVY_BFDD_SESSION_H

#include "bfdd/config.h"
#include "bfdd/stats.h"

#define BFD_VIEW_HOLDERS 8
#define BFD_VIEW_HISTORY 8

struct bfd_view_step { /* a past change of state */
	int64_t at;
	uint8_t from, to, event;
};

struct bfd_view {
	struct bfd_key key;
	char ifname[BFD_IFNAME_LEN]; /* "": none or not known */
	uint32_t discriminator, remote_discriminator;
	uint8_t state, remote_state, diag, remote_diag, liveness;
	bool configured;             /* by a peer statement; else only by clients ("dynamic") */
	bool waiting;                /* for its interface */
	bool restored;               /* of a former life, nobody has asked for it yet */
	char profile[BFD_PROFILE_LEN]; /* of the peer statement, else of the first client; "": none */
	struct bfd_params params;    /* in force, without the key (key_len tells that there is one) */
	int64_t since;               /* of the state */
	int64_t last_arrival;        /* of an accepted packet; 0: never */

	/* what runs now */
	uint32_t desired_tx_us, required_rx_us; /* as our packets say: slower while not Up, or with echo */
	uint32_t tx_us;              /* negotiated interval, before jitter; 0: nothing is sent periodically */
	uint32_t last_gap_us;        /* between the last two periodic packets: the interval with jitter */
	uint32_t detection_us;       /* 0: not known yet */
	bool polling;                /* our poll sequence runs */
	uint32_t echo_us;            /* 0: echo is not active */
	uint32_t echo_detection_us;
	bool echo_proven;            /* an echo came back since it began: only then it detects failures */
	bool echo_failed;            /* it found a failure and no echo has come back since: liveness DOWN though Up */

	/* what the peer's last packet said; zero before the first */
	uint8_t remote_multiplier;
	uint32_t remote_desired_tx_us, remote_required_rx_us, remote_echo_rx_us;
	bool remote_demand;

	struct bfd_counters count;
	uint8_t last_drop;           /* enum bfd_drop */
	int64_t last_drop_at;
	uint64_t rtt_count;          /* of echoes */
	uint32_t rtt_min_us, rtt_avg_us, rtt_max_us;

	unsigned holder_count;       /* may be more than fit */
	char holders[BFD_VIEW_HOLDERS][16]; /* protocols of the clients that want it */
	bool holder_gone[BFD_VIEW_HOLDERS]; /* away, within its grace time */
	unsigned history_count;
	struct bfd_view_step history[BFD_VIEW_HISTORY]; /* newest first */
};

struct bfd_view_at { /* where a walk goes on: zeroed to start; fits into struct state_resume.key */
	struct bfd_key key;
	bool started, waiting; /* waiting: among the peers without interface */
	uint16_t index;
};

/* The next session in order of peer, multihop, interface, local address; false: that was all. */
bool bfd_view_next(const struct bfd *b, struct bfd_view_at *at, struct bfd_view *out);
bool bfd_view_of(const struct bfd *b, uint32_t discriminator, struct bfd_view *out);
/* How a client's wish stands, as an event would tell it; false: no such wish. */
bool bfd_wish_state(const struct bfd *b, uint32_t client, uint32_t id, struct bfd_change *out);
const struct bfd_counters *bfd_total(const struct bfd *b);
size_t bfd_session_count(const struct bfd *b);

const char *bfd_state_name(uint8_t state);   /* "Up", "AdminDown" */
const char *bfd_diag_name(uint8_t diag);     /* RFC 5880 4.1's words */
const char *bfd_event_name(uint8_t event);   /* of the history */

#endif
