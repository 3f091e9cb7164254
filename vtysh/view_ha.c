/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show ha events: the events of all daemons in one stream, by time. They are read from the ring
 * files of the run directory, so a daemon that is dead or stands still is heard, too; a daemon without a
 * file (its file system was full) is asked.
 */
#include "vtysh/view.h"
#include "vtysh/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ha.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/rows.h"

static const char *const writers[] = {"grevy", "zebra", "mgmtd", "bfdd", "ospfd", "bgpd", "vrrpd", NULL};

struct event {
	int64_t at;        /* monotonic: the wall clock may have been set in between */
	size_t order;
	json_t *row;
};

struct stream {
	struct event *event;
	size_t n;
};

static bool
event_row(void *arg, json_t *row)
{
	struct stream *s = arg;
	s->event = mem_realloc(s->event, (s->n + 1) * sizeof(*s->event));
	s->event[s->n] = (struct event){json_integer_value(json_object_get(row, "monotonic-us")), s->n, json_incref(row)};
	s->n++;
	return true;
}

static int
by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* False: it has no file. */
static bool
read_file(struct shell *sh, const char *daemon, int64_t since, struct stream *s)
{
	char path[200];
	uint64_t pos = 0;
	struct rows rows;
	snprintf(path, sizeof(path), "%s/%s." HA_SUFFIX, sh->run_dir, daemon);
	struct ha_ring *r = ha_map(path);
	if (!r)
		return false;
	rows_init(&rows, 0);
	while (!ha_rows(r, since, 0, &rows, &pos))
		continue;
	for (size_t at = 0; at < rows.len;) {
		const char *end = memchr(rows.buf + at, '\n', rows.len - at);
		size_t len = end ? (size_t)(end - rows.buf) - at : rows.len - at;
		json_t *row = json_loadb(rows.buf + at, len, 0, NULL);
		if (row)
			event_row(s, row);
		json_decref(row);
		at += len + 1;
	}
	rows_free(&rows);
	ha_unmap(r);
	return true;
}

static void
print_json(struct out *o, const struct stream *s, size_t from)
{
	static const struct jw_map map[] = {{"time", "time", NULL}, {"monotonicUs", "monotonic-us", NULL},
		{"daemon", "daemon", NULL}, {"pid", "pid", NULL}, {"kind", "kind", NULL}, {"event", "event", NULL},
		{"object", "object", NULL}, {"cause", "cause", NULL}, {NULL, NULL, NULL}};
	struct jw w;
	jw_start(&w, o);
	jw_array(&w, "events");
	for (size_t i = from; i < s->n && !out_stopped(o); i++) {
		jw_object(&w, NULL);
		jw_fields(&w, map, s->event[i].row);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	jw_end(&w);
}

static void
print_text(struct out *o, const struct stream *s, size_t from)
{
	if (from < s->n)
		out_printf(o, "%-23s  %-6s %-6s %-24s %-24s %s\n", "Time (UTC)", "Daemon", "Kind", "Event", "Object", "Cause");
	for (size_t i = from; i < s->n && !out_stopped(o); i++) {
		const json_t *row = s->event[i].row;
		const char *time = json_text(row, "time");
		const char *t = strchr(time, 'T');
		out_printf(o, "%.10s %.12s  %-6s %-6s %-24s %-24s %s\n", time, t ? t + 1 : "", json_text(row, "daemon"),
			json_text(row, "kind"), json_text(row, "event"), json_text(row, "object"), json_text(row, "cause"));
	}
}

void
show_ha_events(const struct exec_call *c)
{
	struct stream s = {NULL, 0};
	const char *last = call_value(c, "count"), *seconds = call_value(c, "seconds");
	int64_t since = seconds ? loop_clock() - (int64_t)strtoul(seconds, NULL, 10) * TIME_SEC : INT64_MIN;
	struct key_value kv = {"since", seconds};
	char err[256];
	for (unsigned i = 0; writers[i]; i++) {
		if (c->sh->only && strcmp(c->sh->only, writers[i]) != 0)
			continue;
		if (!read_file(c->sh, writers[i], since, &s))
			view_rows_quiet(c->sh, writers[i], "ha/events", &kv, seconds != NULL, event_row, &s, err, sizeof(err));
	}
	if (s.n)
		qsort(s.event, s.n, sizeof(*s.event), by_time);
	size_t most = last ? strtoul(last, NULL, 10) : s.n, from = s.n > most ? s.n - most : 0;
	if (c->json)
		print_json(c->sh->out, &s, from);
	else
		print_text(c->sh->out, &s, from);
	for (size_t i = 0; i < s.n; i++)
		json_decref(s.event[i].row);
	mem_free(s.event);
}
