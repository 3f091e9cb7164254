/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What views are made of: rows of state from a daemon, getters that never fail, a writer of JSON in
 * FRR's layout that streams, and FRR's ways to print times.
 */
#ifndef GREVY_VTYSH_VIEW_H
#define GREVY_VTYSH_VIEW_H

#include <jansson.h>

#include "vtysh/exec.h"

/* --- rows --------------------------------------------------------------------------------------- */
typedef bool view_row_fn(void *arg, json_t *row); /* false: no more */
/* Each row of a producer. False: the daemon is down or refuses; said in the output, status set. */
bool view_rows(struct shell *sh, const char *daemon, const char *path, const struct key_value *kv, unsigned n,
	view_row_fn *fn, void *arg);
/* The same, quietly: for views that gather from many daemons. */
bool view_rows_quiet(struct shell *sh, const char *daemon, const char *path, const struct key_value *kv, unsigned n,
	view_row_fn *fn, void *arg, char *err, size_t size);
/* The first row, NULL if none (json_decref it). */
json_t *view_row(struct shell *sh, const char *daemon, const char *path, const struct key_value *kv, unsigned n);
void view_raw_json(struct shell *sh, const char *daemon, const char *path, const char *name);
struct jw;
/* The rows as they are, as an array of that name in an object that is open. */
void view_raw_array(struct shell *sh, struct jw *w, const char *daemon, const char *path, const char *name);

uint64_t json_uint(const json_t *o, const char *key);   /* 0 if absent; digits in a string count */
const char *json_text(const json_t *o, const char *key); /* "" if absent */
bool json_has(const json_t *o, const char *key);
bool json_bool(const json_t *o, const char *key);

/* --- JSON in FRR's layout ------------------------------------------------------------------------ */
struct jw {
	struct out *o;
	unsigned depth;
	bool some[24];
};
void jw_start(struct jw *w, struct out *o);               /* { */
void jw_end(struct jw *w);                                /* } and the line's end */
void jw_start_list(struct jw *w, struct out *o);          /* [ */
void jw_end_list(struct jw *w);
void jw_object(struct jw *w, const char *name);           /* name NULL inside arrays */
void jw_array(struct jw *w, const char *name);
void jw_close(struct jw *w, char bracket);
void jw_str(struct jw *w, const char *name, const char *value);
void jw_printf(struct jw *w, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void jw_uint(struct jw *w, const char *name, uint64_t value);
void jw_ms(struct jw *w, const char *name, uint64_t us);  /* a number of milliseconds: 300, 3.3 */
void jw_bool(struct jw *w, const char *name, bool value);
/* A row's field under another name, whatever its type; absent: nothing. */
void jw_field(struct jw *w, const char *name, const json_t *row, const char *key);
struct jw_map {
	const char *name, *key; /* name NULL ends; key NULL: value */
	const char *value;
};
void jw_fields(struct jw *w, const struct jw_map *map, const json_t *row);

/* --- times --------------------------------------------------------------------------------------- */
/* 00:00:22, 1d02h03m, 01w2d03h */
const char *time_uptime(uint64_t seconds, char out[32]);
/* 17.586s, 1m02s, 1h02m03s */
const char *time_ms(uint64_t ms, char out[32]);

#endif
