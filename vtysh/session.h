/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small blocking client of a daemon's socket (lib/proto/northbound.proto). */
#ifndef GREVY_VTYSH_SESSION_H
#define GREVY_VTYSH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

struct session;

/* NULL: err says why (not running, no permission). Waits for the daemon's hello. */
struct session *session_open(const char *run_dir, const char *daemon, char *err, size_t size);
void session_close(struct session *s);
bool session_alive(const struct session *s);
bool session_gone(const struct session *s);
int session_fd(const struct session *s);
const char *session_daemon(const struct session *s);

bool session_send(struct session *s, unsigned type, const ProtobufCMessage *m);
/* 1: a frame (borrowed until the next call), 0: timeout, -1: the connection is gone. */
int session_recv(struct session *s, unsigned *type, const uint8_t **p, size_t *len, int timeout_ms);
/* Waits for a frame of that type and unpacks it (free with protobuf_c_message_free_unpacked). */
void *session_await(struct session *s, unsigned type, const ProtobufCMessageDescriptor *d, int timeout_ms);

struct key_value {
	const char *key, *value;
};
/* Each row of a state query; false stops it. row is a NUL-terminated line of JSON, may be changed. */
typedef bool session_row_fn(void *arg, char *row, size_t len);
/* False: err says why. */
bool session_state(struct session *s, const char *path, const struct key_value *kv, unsigned n,
	session_row_fn *row, void *arg, char *err, size_t size);
/* The reply's text goes to `text` (mem_free it), may be NULL. */
bool session_rpc(struct session *s, const char *name, const struct key_value *kv, unsigned n, char **text,
	char *err, size_t size);

extern volatile int session_interrupted; /* set by SIGINT: waiting ends */

#endif
