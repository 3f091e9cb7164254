/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients: a session per connection of mgmtd.sock that speaks mgmt.proto. Requests are served
 * one after the other, those that come while a transaction is under way wait, in order.
 */
#ifndef GREVY_MGMTD_FRONTENDS_H
#define GREVY_MGMTD_FRONTENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include <protobuf-c/protobuf-c.h>

#include "mgmtd/edits.h"
#include "mgmtd/mgmtd.h"

struct ipc_conn;
struct candidate;

struct session {
	TAILQ_ENTRY(session) next;
	struct mgmtd *m;
	struct ipc_conn *conn;     /* NULL: gone, kept until its transaction has ended */
	bool in_txn;
	unsigned kind;             /* Mgmt__Open__Kind */
	char *user, *client;
	uid_t uid;
	uint32_t reply_id;         /* of the transaction under way */
	bool commits_candidate;    /* it commits the session's candidate */
	bool own_edits;            /* its edits are the client's: errors may name them by number */
	struct errors early;       /* told with the transaction's: edits that best effort left out */
	struct candidate *private;
	struct edits incoming;     /* of an EditRequest in several frames */
	bool incoming_too_large;
	char *load;                /* of a Load in several frames */
	size_t load_len;
	size_t queued;             /* octets that wait */
};

struct frontends *frontends_new(struct mgmtd *m);
void frontends_free(struct frontends *f);
void frontends_serve(struct frontends *f, int64_t now); /* requests that wait, until one is a transaction */

/* requests.c: false closes the connection. msg is borrowed. */
struct request_row {
	const ProtobufCMessageDescriptor *descriptor;
	void (*handle)(struct session *s, const void *msg, int64_t now);
};
const struct request_row *request_row(unsigned type);
void session_end(struct session *s, int64_t now); /* locks and candidates go */

/* replies.c */
struct reply {
	uint32_t id;
	const struct errors *errors; /* NULL: none */
	bool unnumbered;             /* the edits the errors blame are not the client's */
	char *const *warnings;
	size_t warning_count;
	uint64_t txn;
};
void reply_send(struct session *s, const struct reply *r);
void reply_ok(struct session *s, uint32_t id);
/* message is mem_alloc'ed and taken over; NULL: done */
void reply_text(struct session *s, uint32_t id, char *message);
void reply_data(struct session *s, uint32_t id, const char *data, size_t len, const char *error);

#endif
