/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show ha events: the events of all daemons in one stream, by time. They are read from the ring
 * files of the run directory, so a daemon that is dead or stands still is heard, too; a daemon without a
 * file (its file system was full) is asked. show ha status: where a router stands, on one page.
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

/* --- the stream ------------------------------------------------------------------------------------------ */
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

/* All events not before `since`, by time. */
static void
stream_read(struct shell *sh, int64_t since, const char *seconds, struct stream *s)
{
	struct key_value kv = {"since", seconds};
	char err[256];
	for (unsigned i = 0; writers[i]; i++) {
		if (sh->only && strcmp(sh->only, writers[i]) != 0)
			continue;
		if (!read_file(sh, writers[i], since, s))
			view_rows_quiet(sh, writers[i], "ha/events", &kv, seconds != NULL, event_row, s, err, sizeof(err));
	}
	if (s->n)
		qsort(s->event, s->n, sizeof(*s->event), by_time);
}

static void
stream_free(struct stream *s)
{
	for (size_t i = 0; i < s->n; i++)
		json_decref(s->event[i].row);
	mem_free(s->event);
}

void
show_ha_events(const struct exec_call *c)
{
	struct stream s = {NULL, 0};
	const char *last = call_value(c, "count"), *seconds = call_value(c, "seconds");
	int64_t since = seconds ? loop_clock() - (int64_t)strtoul(seconds, NULL, 10) * TIME_SEC : INT64_MIN;
	stream_read(c->sh, since, seconds, &s);
	size_t most = last ? strtoul(last, NULL, 10) : s.n, from = s.n > most ? s.n - most : 0;
	if (c->json)
		print_json(c->sh->out, &s, from);
	else
		print_text(c->sh->out, &s, from);
	stream_free(&s);
}

/* --- one page --------------------------------------------------------------------------------------------- */

/* What a section makes of a row: a line of text and a place in the sums, "" for no line. */
struct tally {
	unsigned good, bad, other;
	char line[400];
};
typedef void section_fn(struct tally *t, const json_t *row);

static void
routing_row(struct tally *t, const json_t *row)
{
	char since[32];
	time_uptime(json_uint(row, "sinceSeconds"), since);
	snprintf(t->line, sizeof(t->line), json_bool(row, "ready") ? "ready for %s" : "not ready for %s, waiting for %s", since,
		json_text(row, "waitingFor"));
}

static void
daemon_row(struct tally *t, const json_t *row)
{
	bool good = !strcmp(json_text(row, "state"), "running");
	*(good ? &t->good : &t->bad) += 1;
	if (!good || json_uint(row, "restarts"))
		snprintf(t->line, sizeof(t->line), "%s %s, restarted %llu times, last exit: %s", json_text(row, "name"),
			json_text(row, "state"), (unsigned long long)json_uint(row, "restarts"), json_text(row, "last-exit"));
}

static void
vrrp_row(struct tally *t, const json_t *row)
{
	const char *state = json_text(row, "state"), *held = json_text(row, "held"), *blocked = json_text(row, "blocked");
	char since[32];
	if (!strcmp(blocked, "no-virtual-address"))
		return; /* the other family of one that is configured */
	*(!strcmp(state, "Master") ? &t->good : !strcmp(state, "Backup") ? &t->other : &t->bad) += 1;
	snprintf(t->line, sizeof(t->line), "%s vrid %llu %s %s for %s, priority %llu (%s)%s%s", json_text(row, "interface"),
		(unsigned long long)json_uint(row, "vrid"), json_text(row, "family"), state,
		time_ms(json_uint(row, "since-ms"), since), (unsigned long long)json_uint(row, "effective-priority"),
		json_text(row, "reason"), *held ? ", held: " : *blocked ? ", blocked: " : "", *held ? held : blocked);
}

static void
lan_row(struct tally *t, const json_t *row)
{
	const char *lan = json_text(row, "lan");
	bool withdrawn = json_bool(row, "prefix-withdrawn") || !strcmp(lan, "dead");
	unsigned long long cost = json_uint(row, "prefix-added-cost");
	*(!strcmp(lan, "dead") ? &t->bad : !strcmp(lan, "alive") ? &t->good : &t->other) += 1;
	int n = snprintf(t->line, sizeof(t->line), "%s %s, %llu addresses heard, prefix ", json_text(row, "interface"), lan,
		(unsigned long long)json_uint(row, "lan-hosts"));
	if (withdrawn || !cost)
		snprintf(t->line + n, sizeof(t->line) - (size_t)n, withdrawn ? "withdrawn" : "as configured");
	else
		snprintf(t->line + n, sizeof(t->line) - (size_t)n, "at a cost of %llu more", cost);
}

static void
bfd_row(struct tally *t, const json_t *row)
{
	const char *live = json_text(row, "liveness");
	char since[32];
	*(!strcmp(live, "up") ? &t->good : !strcmp(live, "down") ? &t->bad : &t->other) += 1;
	if (!strcmp(live, "down"))
		snprintf(t->line, sizeof(t->line), "%s %s %s for %s: %s", json_text(row, "peer"), json_text(row, "interface"),
			json_text(row, "state"), time_ms(json_uint(row, "since-ms"), since), json_text(row, "diagnostic-text"));
}

static void
track_row(struct tally *t, const json_t *row)
{
	const char *state = json_text(row, "state");
	*(!strcmp(state, "up") ? &t->good : !strcmp(state, "down") ? &t->bad : &t->other) += 1;
	if (strcmp(state, "up") != 0)
		snprintf(t->line, sizeof(t->line), "track %llu %s %s %s: %s", (unsigned long long)json_uint(row, "id"),
			json_text(row, "type"), json_text(row, "object"), state, json_text(row, "cause"));
}

static const struct section {
	const char *title, *name, *daemon, *path;
	section_fn *fn;
	const char *good, *bad, *other; /* NULL: nothing is counted */
} sections[] = {
	{"Routing", "routing", "zebra", "zebra/ready", routing_row, NULL, NULL, NULL},
	{"Daemons", "daemons", "grevy", "daemons", daemon_row, "running", "down", "other"},
	{"Virtual routers", "virtualRouters", "vrrpd", "vrrp/instances", vrrp_row, "master", "initialize", "backup"},
	{"LANs", "lans", "vrrpd", "vrrp/interfaces", lan_row, "alive", "dead", "unknown"},
	{"BFD sessions", "bfd", "bfdd", "bfd/sessions", bfd_row, "up", "down", "unknown"},
	{"Track objects", "tracks", "zebra", "zebra/tracks", track_row, "up", "down", "unknown"},
};

struct page {
	const struct section *section;
	struct tally tally;
	char **line;
	unsigned n;
};

static bool
page_row(void *arg, json_t *row)
{
	struct page *p = arg;
	p->tally.line[0] = '\0';
	p->section->fn(&p->tally, row);
	if (!p->tally.line[0])
		return true;
	p->line = mem_realloc(p->line, (p->n + 1) * sizeof(*p->line));
	p->line[p->n++] = mem_strdup(p->tally.line);
	return true;
}

static void
section_text(struct out *o, const struct page *p, const char *err)
{
	const struct section *s = p->section;
	const struct tally *t = &p->tally;
	out_printf(o, "%-16s ", s->title);
	if (*err)
		out_printf(o, "%s", err);
	else if (s->good)
		out_printf(o, "%u %s, %u %s, %u %s", t->good, s->good, t->bad, s->bad, t->other, s->other);
	for (unsigned i = 0; i < p->n; i++)
		out_printf(o, s->good ? "\n  %s" : "%s", p->line[i]);
	out_text(o, "\n");
}

static void
section_json(struct jw *w, const struct page *p, const char *err)
{
	const struct section *s = p->section;
	jw_object(w, s->name);
	if (*err)
		jw_str(w, "error", err);
	if (s->good && !*err) {
		jw_uint(w, s->good, p->tally.good);
		jw_uint(w, s->bad, p->tally.bad);
		jw_uint(w, s->other, p->tally.other);
	}
	jw_array(w, "details");
	for (unsigned i = 0; i < p->n; i++)
		jw_str(w, NULL, p->line[i]);
	jw_close(w, ']');
	jw_close(w, '}');
}

static void
last_fault(const struct exec_call *c, struct jw *w)
{
	struct stream s = {NULL, 0};
	stream_read(c->sh, INT64_MIN, NULL, &s);
	for (size_t i = s.n; i-- > 0;) {
		const json_t *row = s.event[i].row;
		if (strcmp(json_text(row, "kind"), "fault") != 0)
			continue;
		if (w)
			jw_printf(w, "lastFault", "%s %s %s: %s", json_text(row, "time"), json_text(row, "event"),
				json_text(row, "object"), json_text(row, "cause"));
		else
			out_printf(c->sh->out, "%-16s %s %s %s: %s\n", "Last fault", json_text(row, "time"),
				json_text(row, "event"), json_text(row, "object"), json_text(row, "cause"));
		break;
	}
	stream_free(&s);
}

void
show_ha_status(const struct exec_call *c)
{
	struct jw w;
	char err[256];
	if (c->json)
		jw_start(&w, c->sh->out);
	for (unsigned i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		const struct section *s = &sections[i];
		struct page p = {.section = s};
		if (view_rows_quiet(c->sh, s->daemon, s->path, NULL, 0, page_row, &p, err, sizeof(err)))
			err[0] = '\0';
		if (c->json)
			section_json(&w, &p, err);
		else
			section_text(c->sh->out, &p, err);
		for (unsigned k = 0; k < p.n; k++)
			mem_free(p.line[k]);
		mem_free(p.line);
	}
	last_fault(c, c->json ? &w : NULL);
	if (c->json)
		jw_end(&w);
}
