/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The insides of the core, for its own files (readers use session.h).
 *
 * Who wants a session is a claim: a client's wish or a configured peer. Claims hang on a client (the
 * configuration counts as one) and on the session that serves them. A session without claims ends:
 * at once if no peer has answered it, else it says goodbye first (`ending`), and can be revived meanwhile.
 *
 * What the RFC calls          is here                   what it means
 *	bfd.DesiredMinTxInterval   s->poll.desired_tx_us     what our packets say
 *	  (in use)                 s->poll.tx_us             what we send by: follows when a poll has ended
 *	bfd.RequiredMinRxInterval  s->poll.required_rx_us
 *	  (in use)                 s->poll.rx_us             what detection counts by
 *	bfd.RemoteXxx              s->remote                 from the last accepted packet
 *	bfd.AuthSeq...             s->auth
 */
#ifndef GREVY_BFDD_CORE_H
#define GREVY_BFDD_CORE_H

#include <sys/queue.h>

#include "bfdd/fsm.h"
#include "bfdd/packet.h"
#include "bfdd/session.h"
#include "lib/bfdclient.h"
#include "lib/hash.h"
#include "lib/prng.h"
#include "lib/timer.h"

#define BFD_SLOW_US       1000000          /* RFC 5880 6.8.3: not Up, or with echo */
#define BFD_RESTORE_GRACE (60 * TIME_SEC)  /* for clients and config to ask again for sessions of a former life */
#define BFD_VERDICT       (5 * TIME_SEC)   /* for a session that was Up before a restart to come up again */

struct bfd_client;
struct bfd_session;

struct bfd_claim {
	struct bfd_client *client;
	uint32_t id;                   /* the client's; configured peers: 0 */
	struct bfd_want want;
	struct bfd_session *session;   /* NULL: a configured peer that waits for its interface */
	char *conf_key;                /* of a configured peer; NULL: a client's */
	char interface[BFD_IFNAME_LEN];
	TAILQ_ENTRY(bfd_claim) of_client, of_session;
};
TAILQ_HEAD(bfd_claims, bfd_claim);

struct bfd_client {
	struct bfd *b;
	uint32_t number;
	bool open;
	char protocol[16];
	int64_t grace;
	struct timer expiry;           /* runs when it is gone */
	struct bfd_claims claims;
	TAILQ_ENTRY(bfd_client) next;
};
TAILQ_HEAD(bfd_clients, bfd_client);

struct bfd_iface {
	uint32_t ifindex;
	bool up;
	char name[BFD_IFNAME_LEN];
	TAILQ_ENTRY(bfd_iface) next;
};
TAILQ_HEAD(bfd_ifaces, bfd_iface);

struct bfd_remote {
	uint32_t discr, desired_tx_us, required_rx_us, echo_rx_us;
	uint8_t state, diag, multiplier;
	bool demand;
};
struct bfd_tx_state {
	struct timer timer;
	int64_t last;                  /* periodic packet */
	int64_t gap;                   /* between the last two */
	int64_t interval;              /* the timer was set with */
	uint8_t farewell;              /* copies of AdminDown still to send at `farewell_us` */
	int64_t farewell_us;
	bool soon;                     /* something changed that the peer should know now (6.8.7) */
};
struct bfd_poll_state {
	uint32_t desired_tx_us, tx_us, required_rx_us, rx_us;
	bool active, again;            /* again: parameters changed while it ran */
};
struct bfd_detect_state {
	struct timer timer;
	int64_t us;                    /* the detection time in force, 0: not known */
	int64_t last_arrival;          /* 0: none */
	bool lapsed;                   /* it has passed without a packet */
};
struct bfd_echo_state {
	struct timer tx, detect;
	bool active, proven;
	bool failed;                   /* and no echo has come back since */
	int64_t interval, began, last_tx, last_arrival;
	uint32_t sent, heard;          /* sequence numbers of the last that left and came back */
	uint64_t rtt_count, rtt_sum;
	uint32_t rtt_min, rtt_max;
};
struct bfd_auth_state {
	uint32_t xmit_seq, rcv_seq;
	bool known;
};

struct bfd_peer { /* sessions with one address, single or multihop */
	struct ipaddr addr;
	bool multihop;
	TAILQ_HEAD(, bfd_session) sessions;
};

struct bfd_session {
	struct bfd *b;
	struct bfd_key key;
	struct bfd_peer *peer;
	TAILQ_ENTRY(bfd_session) of_peer;
	struct bfd_claims claims;
	uint32_t discr;
	struct fsm fsm;                /* state: enum bfd_state */
	uint8_t diag, liveness;
	uint64_t sequence;             /* of the last change of liveness */
	int64_t event_at;              /* of the event that is being handled */
	struct bfd_params p;
	struct bfd_remote remote;
	struct bfd_tx_state tx;
	struct bfd_poll_state poll;
	struct bfd_detect_state detect;
	struct bfd_echo_state echo;
	struct bfd_auth_state auth;
	struct timer end;              /* ending: when it goes; else: the verdict after a restart */
	bool started, ending, restored;
	uint16_t source_port;          /* of the former life */
	struct bfd_counters count;
	uint8_t last_drop;
	int64_t last_drop_at;
};

struct bfd {
	const struct bfd_ops *ops;
	void *arg;
	struct timers *timers;
	struct prng prng;
	uint8_t echo_key[32];
	struct conf_object *conf;      /* NULL: none yet */
	bool stopping;                 /* bfd_shutdown was called: nothing begins any more */
	struct hash *by_discr, *peers;
	struct bfd_session **order;    /* by key */
	size_t count, cap;
	struct bfd_clients clients;
	struct bfd_client config;
	struct bfd_ifaces ifaces;
	struct timer restore_end;
	uint64_t sequence;             /* the last given */
	struct bfd_counters total;
};

/* session.c: life, transmission, detection */
struct bfd_session *bfd_session_new(struct bfd *b, const struct bfd_key *key, uint32_t discr, int64_t now);
void bfd_session_start(struct bfd_session *s, const struct bfd_params *p, int64_t now);
void bfd_session_end(struct bfd_session *s, int64_t now);   /* politely */
void bfd_session_forget(struct bfd_session *s);
void bfd_session_revive(struct bfd_session *s); /* somebody wants it while it says goodbye; parameters follow */
void bfd_session_set_params(struct bfd_session *s, const struct bfd_params *p, int64_t now);
void bfd_session_heard(struct bfd_session *s, int64_t arrived); /* a packet was accepted: detection starts anew */
void bfd_session_arm_detection(struct bfd_session *s);
void bfd_session_send(struct bfd_session *s, bool final, int64_t now);
/* At the end of whatever happened to it: what must be said now is said, the schedule is right, the record is kept. */
void bfd_session_settle(struct bfd_session *s, int64_t now);
void bfd_session_checkpoint(const struct bfd_session *s);
bool bfd_session_sends(const struct bfd_session *s);        /* periodically (6.8.7) */
int64_t bfd_session_interval(const struct bfd_session *s);
int64_t bfd_session_jitter(struct bfd_session *s, int64_t interval);
void bfd_session_change(const struct bfd_session *s, struct bfd_change *out);
void bfd_session_set_liveness(struct bfd_session *s, uint8_t liveness, int64_t now); /* a new sequence when it differs */

/* restore.c */
void bfd_session_record(const struct bfd_session *s, struct bfd_record *r);

/* table.c: sessions by key, discriminator, peer */
void bfd_table_init(struct bfd *b);
void bfd_table_clear(struct bfd *b);
void bfd_table_add(struct bfd_session *s);
void bfd_table_remove(struct bfd_session *s);
uint32_t bfd_table_discr(struct bfd *b); /* a free one */
struct bfd_session *bfd_table_by_discr(const struct bfd *b, uint32_t discr);
/* The one that serves a wish for this key: the same, or one that differs only in what either leaves open. */
struct bfd_session *bfd_table_serving(const struct bfd *b, const struct bfd_key *key);
/* A packet without discriminator (6.8.6); *why says what did not fit. */
struct bfd_session *bfd_table_match(const struct bfd *b, const struct bfd_rx *rx, bool multihop, enum bfd_drop *why);
size_t bfd_table_after(const struct bfd *b, const struct bfd_key *key); /* index of the first behind key */

/* receive.c */
void bfd_drop(struct bfd *b, struct bfd_session *s, enum bfd_drop why, const struct bfd_rx *rx);

/* poll.c */
void bfd_poll_init(struct bfd_session *s);
void bfd_poll_update(struct bfd_session *s); /* the wanted intervals may have changed (6.8.3) */
void bfd_poll_answered(struct bfd_session *s);
void bfd_poll_abandon(struct bfd_session *s); /* the session left Up: everything counts at once */

/* auth.c */
bool bfd_auth_usable(const struct bfd_session *s); /* false: it may neither send nor accept */
void bfd_auth_init(struct bfd_session *s);
enum bfd_drop bfd_auth_check(struct bfd_session *s, const struct bfd_packet *p, const uint8_t *bytes);
size_t bfd_auth_len(const struct bfd_session *s);
void bfd_auth_append(struct bfd_session *s, struct wire_writer *w); /* behind the header, whose length is right */

/* echo.c */
void bfd_echo_update(struct bfd_session *s, int64_t now); /* state, parameters or the peer's may have changed */
void bfd_echo_received(struct bfd *b, const struct bfd_rx *rx, int64_t now);
bool bfd_echo_holds(const struct bfd_session *s); /* echoes say that the path is dead, whatever the state */
int64_t bfd_echo_detection(const struct bfd_session *s);

/* wish.c: clients and their claims */
void bfd_wish_init(struct bfd *b);
void bfd_wish_clear(struct bfd *b);
void bfd_wish_reconfigure(struct bfd *b, const struct conf_object *old, const struct conf_object *new, int64_t now);
void bfd_wish_interface(struct bfd *b, uint32_t ifindex, const char *name, int64_t now); /* it came, went, or has a new name */
void bfd_wish_params(struct bfd_session *s, int64_t now); /* decides the parameters anew */
const struct bfd_iface *bfd_iface_by_name(const struct bfd *b, const char *name);
const struct bfd_iface *bfd_iface_by_index(const struct bfd *b, uint32_t ifindex);

#endif
