/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service of every daemon on <run-dir>/<daemon>.sock: prepare/apply/abort of configs, state
 * queries in resumable slices, RPCs, log subscription. The daemon brings tables; this file does the talking.
 */
#ifndef GREVY_LIB_NORTHBOUND_H
#define GREVY_LIB_NORTHBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/log.h"
#include "lib/rows.h"

struct loop;
struct northbound;

struct nb_args { /* filter of a state query, arguments of an RPC */
	size_t count;
	const char *const *keys;
	const char *const *values;
};
const char *nb_arg(const struct nb_args *a, const char *key); /* NULL if absent */

/*
 * A walk in slices. `resume` starts zeroed and belongs to the producer between calls; when
 * rows_full(out) the producer stores its key there and returns false; true: done.
 */
struct state_resume {
	uint64_t n;
	uint8_t key[64];
	void *heap;                 /* freed with mem_free when the query ends or is cancelled */
};
typedef bool state_fn(void *core, const struct nb_args *args, struct rows *out,
	struct state_resume *resume, int64_t now);
struct state_producer {
	const char *path;           /* "ospf/neighbors" */
	state_fn *fn;
};

/* Returns NULL, or an error text (static). Text for the user goes to out->buf as is, unquoted. */
typedef const char *rpc_fn(void *core, const struct nb_args *args, struct rows *out, int64_t now);
struct rpc_row {
	const char *name;           /* "clear-ospf-process" */
	rpc_fn *fn;
};

struct northbound_def {
	const char *daemon;
	const struct conf_class *config;           /* NULL: no config */
	/* old is NULL at the first apply. Both stay valid as long as they are referenced. */
	void (*apply)(void *core, const struct conf_object *old, const struct conf_object *new, int64_t now);
	const struct state_producer *producers;    /* up to path == NULL */
	const struct rpc_row *rpcs;                /* up to name == NULL */
};

struct northbound *northbound_new(struct loop *l, const char *socket_path, const struct northbound_def *def,
	void *core);
void northbound_set_core(struct northbound *nb, void *core); /* before the loop runs */
/* From now on `log file` and `log syslog` of the config are obeyed; without them it is this target. */
void northbound_log(struct northbound *nb, const char *target, enum log_level level);
void northbound_free(struct northbound *nb);
const struct conf_object *northbound_config(const struct northbound *nb); /* NULL before the first apply */

/*
 * Messages beyond the northbound's own types (mgmtd's): called for type >= 32. ipc_data() of these
 * connections is the northbound's; an extension keeps its sessions by the pointer c. closed() is
 * called for every connection of the socket.
 */
struct ipc_conn;
struct nb_extension {
	bool (*message)(void *arg, struct ipc_conn *c, unsigned type, const uint8_t *bytes, size_t len, int64_t now);
	void (*closed)(void *arg, struct ipc_conn *c, int64_t now);
	void *arg;
	void (*writable)(void *arg, struct ipc_conn *c, int64_t now); /* as in lib/ipc.h; may be NULL */
};
void northbound_extend(struct northbound *nb, const struct nb_extension *ext);

#endif
