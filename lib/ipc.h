/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Framed protobuf-c messages over UNIX stream sockets: u32 length of what follows, u16 type,
 * payload. Frames over IPC_FRAME_MAX, or that do not unpack, close that connection only. Output
 * is batched per turn and bounded: past the high mark the producer is told, and told again when
 * the low mark is reached (STYLE rule 17). Received messages live in an arena until the handler returns.
 */
#ifndef GREVY_LIB_IPC_H
#define GREVY_LIB_IPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <protobuf-c/protobuf-c.h>

#define IPC_FRAME_MAX (1u << 20)
#define IPC_HIGH_MARK (4u << 20) /* octets queued: ipc_congested() */
#define IPC_LOW_MARK  (1u << 20)
#define IPC_HARD_MARK (64u << 20) /* a peer that reads nothing while we must send is dropped */

struct loop;
struct ipc_server;
struct ipc_conn;

struct ipc_ops {
	void (*opened)(void *arg, struct ipc_conn *c, int64_t now);
	/* false closes the connection (malformed or forbidden). `bytes` is borrowed. */
	bool (*message)(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now);
	void (*closed)(void *arg, struct ipc_conn *c, int64_t now); /* c is freed after it (client: reused) */
	void (*writable)(void *arg, struct ipc_conn *c, int64_t now); /* fell below the low mark; may be NULL */
};

/* Listens on path (mode 0660, group grevyvty where it exists); a stale socket is replaced. */
/* NULL: it could not (said in the log). The socket file goes with the server. */
struct ipc_server *ipc_listen(struct loop *l, const char *path, const struct ipc_ops *ops, void *arg);
void ipc_server_free(struct ipc_server *s); /* closed() for each connection, at once */
struct ipc_conn *ipc_next(struct ipc_server *s, struct ipc_conn *after); /* its connections */

/* A client connection that reconnects by itself (retried at 10 .. 200 ms, backing off). */
struct ipc_conn *ipc_connect(struct loop *l, const char *path, const struct ipc_ops *ops, void *arg);
/*
 * Safe inside a handler. What is queued is given to the socket once more. On the server's side
 * closed() follows at the end of the turn, exactly once for each opened(). A client connection
 * ends for good: no op is called any more and c must not be used again.
 */
void ipc_close(struct ipc_conn *c);
void ipc_drop(struct ipc_conn *c);   /* a client connection starts over: closed(), then connecting again */

bool ipc_up(const struct ipc_conn *c);
bool ipc_congested(const struct ipc_conn *c);
/* Never fails to the caller: what cannot be sent closes the connection, closed() follows later. */
void ipc_send(struct ipc_conn *c, unsigned type, const ProtobufCMessage *msg);
void ipc_flush(struct ipc_conn *c); /* now, not at the end of the turn */
/* Stops reading from this peer until released: back-pressure by the socket. */
void ipc_hold(struct ipc_conn *c, bool hold);

/* Unpack into the connection's arena, valid until the handler returns; NULL if malformed. */
void *ipc_unpack(struct ipc_conn *c, const ProtobufCMessageDescriptor *d, const uint8_t *bytes, size_t len);

void ipc_set_data(struct ipc_conn *c, void *data);
void *ipc_data(const struct ipc_conn *c);
uid_t ipc_peer_uid(const struct ipc_conn *c);
gid_t ipc_peer_gid(const struct ipc_conn *c);
pid_t ipc_peer_pid(const struct ipc_conn *c);
uint64_t ipc_frames_in(const struct ipc_conn *c);
uint64_t ipc_frames_out(const struct ipc_conn *c);

/* The framing alone (ipc_frame.c), pure, for tests, fuzzing and blocking clients such as vtysh. */
#define IPC_FRAME_PREFIX 4u /* the length */
#define IPC_FRAME_HEAD   6u /* with the type */
enum ipc_frame_fate { IPC_FRAME_OK, IPC_FRAME_SHORT, IPC_FRAME_BAD };
enum ipc_frame_fate ipc_frame_parse(const uint8_t *buf, size_t len, unsigned *type,
	const uint8_t **payload, size_t *payload_len, size_t *consumed);
void ipc_frame_head(uint8_t out[IPC_FRAME_HEAD], unsigned type, size_t payload_len);

#endif
