/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What northbound.c (the conversation) and northbound_state.c (every daemon's own state) share. */
#ifndef GREVY_LIB_NORTHBOUND_PRIV_H
#define GREVY_LIB_NORTHBOUND_PRIV_H

#include <sys/queue.h>

#include "lib/logconf.h"
#include "lib/northbound.h"

#define NB_QUERIES_MAX    32u
#define NB_CHUNK_SOFT     32768u
#define NB_EXTENSION_TYPE 32u

struct ipc_conn;
struct ipc_server;
struct loop_phase;

struct nb_query {
	TAILQ_ENTRY(nb_query) next;
	uint32_t id;
	const struct state_producer *producer;
	struct nb_args args;
	struct state_resume resume;
};

struct nb_client {
	struct ipc_conn *conn;
	TAILQ_HEAD(, nb_query) queries;
	unsigned query_count;
	bool monitor;
};

struct northbound {
	struct loop *loop;
	const struct northbound_def *def;
	void *core;
	struct ipc_server *server;
	struct loop_phase *phase;
	const struct nb_extension *ext;
	struct conf_object *running;  /* NULL before the first apply */
	struct conf_object *prepared;
	struct conf_object *log_running, *log_prepared; /* logconf.h, beside the daemon's own */
	struct logconf_base log;      /* target NULL: the statements are not ours to obey */
	bool preparing;               /* more pieces of prepare_txn are to come */
	bool refused;
	uint64_t prepare_txn;
	size_t edits_seen;
	struct ipc_conn *preparer;
	struct conf_error error;
	uint32_t error_edit;
	uint64_t applied_txn;
	int monitors;
	struct rows rows;             /* scratch of one slice */
	int64_t started;
};

/* Every daemon's: their core is the struct northbound (state) or the loop (RPCs). */
extern const struct state_producer nb_common_producers[];
extern const struct rpc_row nb_common_rpcs[];
bool nb_is_common(const struct state_producer *p);

#endif
