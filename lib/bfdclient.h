/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a daemon needs to talk to bfdd: wishes for sessions that are repeated by themselves after a
 * reconnection, and their states. While bfdd is away every state stays as it was last told: bfdd's
 * death is no failure of a path. After it is back only what differs is told.
 */
#ifndef GREVY_LIB_BFDCLIENT_H
#define GREVY_LIB_BFDCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct bfdclient;
struct loop;

enum bfd_liveness { BFD_LIVE_UNKNOWN, BFD_LIVE_UP, BFD_LIVE_DOWN }; /* bfd.proto, Liveness */

struct bfdclient_want {
	struct ipaddr peer, local; /* local AFI_NONE: bfdd chooses */
	uint32_t ifindex;          /* 0: none */
	bool multihop;
	char profile[64];          /* "": none */
	uint8_t detect_multiplier, min_ttl; /* 0: as configured */
	uint32_t min_tx_us, min_rx_us;
};
struct bfdclient_state {
	uint32_t id;               /* the want's, 0: by watching */
	struct ipaddr peer, local;
	uint32_t ifindex;
	bool multihop, gone;
	enum bfd_liveness liveness;
	uint8_t state, remote_state, diagnostic; /* RFC 5880 4.1 */
	uint64_t sequence;
	int64_t at;                /* loop_clock() of the event */
	uint32_t detection_us;
};
struct bfdclient_ops { /* any may be NULL */
	void (*state)(void *arg, const struct bfdclient_state *s, int64_t now);
	/* Once on each connection of who watches or has ended his replay: the states have been told. */
	void (*synced)(void *arg, int64_t now);
	void (*disconnected)(void *arg, int64_t now);
};

struct bfdclient *bfdclient_new(struct loop *l, const char *bfd_socket, const char *protocol,
	uint32_t grace_seconds, const struct bfdclient_ops *ops, void *arg);
void bfdclient_free(struct bfdclient *c);
bool bfdclient_up(const struct bfdclient *c);
/* A wish; its id (never 0). Equal wishes are counted and share the id. */
uint32_t bfdclient_want(struct bfdclient *c, const struct bfdclient_want *w);
/* Gives one of them back. */
void bfdclient_unwant(struct bfdclient *c, uint32_t id);
/* The state as last told; false: none yet. */
bool bfdclient_state(const struct bfdclient *c, uint32_t id, struct bfdclient_state *out);
/* From now on every session of bfdd is told, with id 0; one that ended while bfdd was away is told as gone. */
void bfdclient_watch(struct bfdclient *c);
/* The wishes are complete: those of a former life of this process that were not repeated may end. */
void bfdclient_replay_end(struct bfdclient *c);

#endif
