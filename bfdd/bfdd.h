/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BFD core on one page (RFC 5880, 5881, 5883).
 *
 *	main.c io.c wire_out.c echo_out.c clients.c links.c log.c state.c    (shell: sockets, bfd.sock, rows)
 *	    | entry points, all told `now`            ^ struct bfd_ops
 *	    v                                         |
 *	bfd.c       the instance, interfaces        config.c  YANG and parameters      view.c  reading (session.h)
 *	wish.c      who wants which session         table.c   sessions by key, peer, discriminator
 *	    receive.c   6.8.6, step by step           session.c  life, transmission (6.8.7), detection (6.8.4)
 *	    fsm.c       states, diagnostics (6.2)     poll.c     changed intervals (6.5, 6.8.3)
 *	    echo.c      6.8.8, 6.8.9                  auth.c     6.7, keys and windows
 *	    restore.c   records of a former life
 *	    packet.c    octets <-> struct bfd_packet  authcodec.c   the authentication section
 *
 * The core runs under the lock of lib/timely.h: entered by the timely thread (packets, timers) and
 * by the main thread (config, clients). It is pure: no clock, no socket, no randomness of its own.
 * Timers live in the `struct timers` it is given: the shell drives them.
 *
 * One session per key, however many want it; keys that differ only in what one of them leaves open
 * (local address, interface) are served by one session, for on the wire there can be only one. A
 * session exists while a client wants it, while its config exists, or during the grace time of a
 * client that vanished. Of several wishes the strictest parameters count (least intervals); what is
 * configured on the peer itself goes first.
 *
 * Invariant of time: transmissions are on an absolute schedule (a late one does not shift those
 * behind it); detection is judged by the arrival time of the last packet, not by when it was read.
 */
#ifndef GREVY_BFDD_BFDD_H
#define GREVY_BFDD_BFDD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct bfd;
struct conf_object;
struct timers;

enum bfd_state { BFD_ADMIN_DOWN, BFD_DOWN, BFD_INIT, BFD_UP }; /* RFC 5880 4.1 */
enum bfd_diag { BFD_DIAG_NONE, BFD_DIAG_EXPIRED, BFD_DIAG_ECHO_FAILED, BFD_DIAG_NEIGHBOR_DOWN, BFD_DIAG_FORWARDING_RESET,
	BFD_DIAG_PATH_DOWN, BFD_DIAG_CONCATENATED_DOWN, BFD_DIAG_ADMIN_DOWN, BFD_DIAG_REVERSE_CONCATENATED_DOWN };

#define BFD_PORT_SINGLE 3784 /* RFC 5881 4 */
#define BFD_PORT_ECHO   3785
#define BFD_PORT_MULTI  4784 /* RFC 5883 5 */

struct bfd_key {
	struct ipaddr peer, local; /* local AFI_NONE: any */
	uint32_t ifindex;          /* 0: any */
	bool multihop;
};

struct bfd_want { /* what a client asks for; 0: as configured */
	struct bfd_key key;
	char profile[64];
	uint8_t detect_multiplier, min_ttl;
	uint32_t min_tx_us, min_rx_us;
};

struct bfd_rx { /* a datagram as it came; bytes borrowed */
	struct ipaddr src, dst;
	uint32_t ifindex;
	uint16_t src_port, dst_port;
	uint8_t ttl;
	int64_t arrived;           /* by the kernel's timestamp; <= now */
	const uint8_t *bytes;
	size_t len;
};

struct bfd_tx {
	uint32_t session;          /* local discriminator: the shell keeps a socket per session (source port) */
	struct bfd_key key;        /* key.local may be AFI_NONE: the kernel chooses */
	uint16_t dst_port;
	uint8_t ttl;
	bool echo;                 /* to our own address through the peer (RFC 5881 4) */
	const uint8_t *bytes;
	size_t len;
};

struct bfd_change { /* a session's state, as clients and events need it; a plain value that can be copied */
	struct bfd_key key;
	uint32_t discriminator;
	uint8_t liveness;          /* enum bfd_liveness of lib/bfdclient.h */
	uint8_t state, old_state, remote_state, diag, remote_diag;
	bool gone;
	uint64_t sequence;         /* see bfd.proto, State */
	int64_t at;                /* when it happened, which may be before it was noticed */
	uint32_t detection_us;
};

/* What a restarted bfdd needs to go on as if nothing had happened (main.c keeps it in a lib/mapfile). */
struct bfd_record {
	struct bfd_key key;
	uint32_t local_discr, remote_discr;
	uint8_t state, diag, remote_state, remote_multiplier, detect_multiplier, min_ttl, auth_type, auth_key_id;
	uint32_t tx_us, rx_us, desired_tx_us, required_rx_us, remote_min_rx_us, remote_desired_tx_us;
	uint32_t xmit_auth_seq, rcv_auth_seq;
	bool auth_seq_known, remote_demand;
	uint8_t liveness;
	uint32_t remote_echo_rx_us;
	uint64_t sequence;
	int64_t last_arrival;
	uint16_t source_port;
};

enum bfd_log_kind { BFD_LOG_STATE, BFD_LOG_DROPPED };
struct bfd_log { /* a plain value */
	uint8_t kind;
	uint8_t reason;            /* enum bfd_drop (stats.h), when dropped */
	struct bfd_key key;
	struct ipaddr src;
	uint8_t old_state, new_state, diag, ttl;
	uint8_t len;               /* of bytes */
	uint8_t bytes[64];         /* the offending packet, cut */
	int64_t at;
};

struct bfd_ops { /* called under the lock; none blocks or calls back */
	void (*send)(void *arg, const struct bfd_tx *tx);           /* at once */
	void (*opened)(void *arg, uint32_t session, const struct bfd_key *key); /* a socket will be wanted */
	void (*closed)(void *arg, uint32_t session);
	void (*changed)(void *arg, const struct bfd_change *c);
	void (*checkpoint)(void *arg, uint32_t session, const struct bfd_record *r); /* NULL: forget it */
	void (*log)(void *arg, const struct bfd_log *l);
};

struct bfd *bfd_new(const struct bfd_ops *ops, void *arg, struct timers *timers, uint64_t seed, int64_t now);
void bfd_free(struct bfd *b); /* only forgets */
/* AdminDown on every session, sent once (6.8.16); peers then do not take it for a failure. */
void bfd_shutdown(struct bfd *b, int64_t now);

/* --- what happened --- */
/* Before anything else: sessions of a former life go on, if they are not older than their detection time allows. */
void bfd_restore(struct bfd *b, const struct bfd_record *records, size_t count, int64_t now);
void bfd_reconfigure(struct bfd *b, const struct conf_object *old, const struct conf_object *new, int64_t now);
void bfd_packet_received(struct bfd *b, const struct bfd_rx *rx, int64_t now);
void bfd_interface_changed(struct bfd *b, uint32_t ifindex, const char *name, bool up, bool gone, int64_t now);
/* Clients: `client` is the connection's number, `id` the client's own. */
void bfd_client_opened(struct bfd *b, uint32_t client, const char *protocol, int64_t grace, int64_t now);
void bfd_client_closed(struct bfd *b, uint32_t client, int64_t now); /* its wishes last its grace time */
void bfd_session_wanted(struct bfd *b, uint32_t client, uint32_t id, const struct bfd_want *w, int64_t now);
void bfd_session_unwanted(struct bfd *b, uint32_t client, uint32_t id, int64_t now);
void bfd_replay_ended(struct bfd *b, uint32_t client, int64_t now);
void bfd_clear_counters(struct bfd *b);

/* --- reading (state.c of the shell, clients.c) --- */
typedef void bfd_session_fn(void *arg, const struct bfd_change *c);
void bfd_each_session(const struct bfd *b, bfd_session_fn *fn, void *arg);
/* The wishes of connected clients that this session serves. */
typedef void bfd_wish_fn(void *arg, uint32_t client, uint32_t id);
void bfd_each_wish(const struct bfd *b, uint32_t discriminator, bfd_wish_fn *fn, void *arg);

#endif
