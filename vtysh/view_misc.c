/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show commands about the router's programs: version, daemons, logs, memory, loops, raw rows. */
#include "vtysh/view.h"
#include "vtysh/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/mem.h"

/*
 * The first line keeps FRR's shape `FRRouting <version> (<host>) on <OS>.`: exporters and Ansible's
 * facts read the version from it (ECOSYSTEM 4).
 */
void
show_version(const struct exec_call *c)
{
	struct utsname u;
	if (uname(&u) < 0)
		memset(&u, 0, sizeof(u));
	out_printf(c->sh->out, "FRRouting %s-grevy (%s) on %s(%s).\n", GREVY_VERSION, c->sh->host, u.sysname, u.release);
	out_printf(c->sh->out, "This is Grevy %s, which speaks FRR's language. Grevy is free software (GPL-2.0-or-later).\n",
		GREVY_VERSION);
}

void
show_hostname(const struct exec_call *c)
{
	shell_hostname(c->sh);
	out_printf(c->sh->out, "%s\n", c->sh->host);
}

void
show_history(const struct exec_call *c)
{
	for (unsigned i = 0; i < c->sh->history_n; i++)
		out_printf(c->sh->out, "  %s\n", c->sh->history[i]);
}

void
show_vrf(const struct exec_call *c)
{
	if (c->json)
		out_text(c->sh->out, "{\n  \"default\":{\n    \"vrfId\":0,\n    \"vrfName\":\"default\"\n  }\n}\n");
	else
		out_text(c->sh->out, "vrf default id 0 table 254\n");
}

void
show_empty(const struct exec_call *c)
{
	if (c->json)
		out_text(c->sh->out, "{\n}\n");
}

/* --- daemons ---------------------------------------------------------------------------------------- */
struct daemons_call {
	struct out *o;
	struct shell *sh;
	unsigned n;
};

static bool
daemon_row(void *arg, json_t *row)
{
	struct daemons_call *d = arg;
	char up[32];
	d->n++;
	out_printf(d->o, " %-10s %-9s pid %-8llu up %-10s restarts %llu\n", json_text(row, "name"),
		json_has(row, "state") ? json_text(row, "state") : "running", (unsigned long long)json_uint(row, "pid"),
		time_uptime(json_uint(row, "uptime"), up), (unsigned long long)json_uint(row, "restarts"));
	return true;
}

/* Names as words (Ansible looks for them); from the supervisor, or by asking each. */
void
show_daemons(const struct exec_call *c)
{
	struct daemons_call d = {c->sh->out, c->sh, 0};
	char err[256];
	if (view_rows_quiet(c->sh, "grevy", "daemons", NULL, 0, daemon_row, &d, err, sizeof(err)) && d.n)
		return;
	for (unsigned i = 0; daemon_names[i]; i++) {
		d.n = 0;
		view_rows_quiet(c->sh, daemon_names[i], "daemon/status", NULL, 0, daemon_row, &d, err, sizeof(err));
		if (!d.n && (!c->sh->only || !strcmp(c->sh->only, daemon_names[i])))
			out_printf(c->sh->out, " %-10s down\n", daemon_names[i]);
	}
}

/* Calls fn for the daemon that was named, or for all; a daemon that is down is said and passed. */
static void
each_daemon(const struct exec_call *c, const char *path, view_row_fn *fn, void *arg, void (*head)(void *, const char *))
{
	const char *one = call_value(c, "daemon");
	char err[256];
	for (unsigned i = 0; daemon_names[i]; i++) {
		if ((one && strcmp(one, daemon_names[i])) || (c->sh->only && strcmp(c->sh->only, daemon_names[i])))
			continue;
		if (head)
			head(arg, daemon_names[i]);
		if (view_rows_quiet(c->sh, daemon_names[i], path, NULL, 0, fn, arg, err, sizeof(err)))
			continue;
		fflush(stdout);
		fprintf(stderr, "%% %s\n", err);
		c->sh->status |= one != NULL;
	}
}

struct log_lines {
	char **line;
	size_t n;
};

static bool
log_row(void *arg, json_t *row)
{
	struct log_lines *l = arg;
	l->line = mem_realloc(l->line, (l->n + 1) * sizeof(char *));
	l->line[l->n++] = mem_strdup(json_text(row, "line"));
	return true;
}

/* Lines begin with their time, so order by text is order by time. */
static int
by_time(const void *a, const void *b)
{
	return strncmp(*(char *const *)a, *(char *const *)b, 27);
}

void
show_log(const struct exec_call *c)
{
	struct log_lines l = {NULL, 0};
	char err[256];
	each_daemon(c, "daemon/log", log_row, &l, NULL);
	if (!call_value(c, "daemon") && !c->sh->only)
		view_rows_quiet(c->sh, "grevy", "daemon/log", NULL, 0, log_row, &l, err, sizeof(err));
	if (l.n && !call_value(c, "daemon"))
		qsort(l.line, l.n, sizeof(char *), by_time);
	for (size_t i = 0; i < l.n; i++) {
		if (!out_stopped(c->sh->out))
			out_printf(c->sh->out, "%s\n", l.line[i]);
		mem_free(l.line[i]);
	}
	mem_free(l.line);
}

static bool
logging_row(void *arg, json_t *row)
{
	out_printf(arg, "  level: %s\n", json_text(row, "log-level"));
	return true;
}

static void
logging_head(void *arg, const char *daemon)
{
	out_printf(arg, "Logging configuration for %s:\n", daemon);
}

void
show_logging(const struct exec_call *c)
{
	each_daemon(c, "daemon/status", logging_row, c->sh->out, logging_head);
	out_text(c->sh->out, "Targets: `show running-config` (log file, log syslog); last lines: `show log`\n");
}

/* --- memory ----------------------------------------------------------------------------------------- */
struct json_call {
	struct out *o;
	struct jw *w;       /* NULL: text */
	const char *daemon;
	bool open;
};

static void
json_head(void *arg, const char *daemon)
{
	struct json_call *m = arg;
	m->daemon = daemon;
}

static bool
memory_row(void *arg, json_t *row)
{
	struct json_call *m = arg;
	if (m->w) {
		jw_object(m->w, m->daemon);
		jw_field(m->w, "resident", row, "resident");
		jw_field(m->w, "totalHeapAllocated", row, "heap");
		jw_field(m->w, "usedOrdinaryBlocks", row, "used");
		jw_field(m->w, "freeOrdinaryBlocks", row, "free");
		jw_close(m->w, '}');
		return true;
	}
	out_printf(m->o, "Memory statistics for %s:\nSystem allocator statistics:\n", m->daemon);
	out_printf(m->o, "  Total heap allocated:  %llu KiB\n  Holding block headers: %llu KiB\n",
		(unsigned long long)json_uint(row, "heap") / 1024, (unsigned long long)json_uint(row, "mapped") / 1024);
	out_printf(m->o, "  Used ordinary blocks:  %llu KiB\n  Free ordinary blocks:  %llu KiB\n  Resident:              %llu KiB\n\n",
		(unsigned long long)json_uint(row, "used") / 1024, (unsigned long long)json_uint(row, "free") / 1024,
		(unsigned long long)json_uint(row, "resident") / 1024);
	return true;
}

void
show_memory(const struct exec_call *c)
{
	struct jw w;
	struct json_call m = {c->sh->out, c->json ? &w : NULL, NULL, false};
	if (c->json)
		jw_start(&w, c->sh->out);
	each_daemon(c, "daemon/memory", memory_row, &m, json_head);
	if (c->json)
		jw_end(&w);
}

/* --- loops ------------------------------------------------------------------------------------------ */
static bool
loop_row(void *arg, json_t *row)
{
	struct json_call *m = arg;
	const char *key;
	json_t *v;
	if (m->w) {
		json_t *o = json_object();
		json_object_set(o, "row", row);
		jw_field(m->w, NULL, o, "row");
		json_decref(o);
		return true;
	}
	if (!m->open) {
		json_object_foreach(row, key, v)
			out_printf(m->o, "%-*s ", json_is_string(v) ? 20 : 14, key);
		out_text(m->o, "\n");
		m->open = true;
	}
	json_object_foreach(row, key, v) {
		if (json_is_string(v))
			out_printf(m->o, "%-20s ", json_string_value(v));
		else
			out_printf(m->o, "%-14lld ", (long long)json_integer_value(v));
	}
	out_text(m->o, "\n");
	return true;
}

static void
loop_head(void *arg, const char *daemon)
{
	struct json_call *m = arg;
	if (m->w) {
		if (m->open)
			jw_close(m->w, ']');
		jw_array(m->w, daemon);
		m->open = true;
		return;
	}
	m->open = false;
	out_printf(m->o, "\nShowing statistics for %s\n-----------------------------\n", daemon);
}

void
show_event_cpu(const struct exec_call *c)
{
	struct jw w;
	struct json_call m = {c->sh->out, c->json ? &w : NULL, NULL, false};
	if (c->json)
		jw_start(&w, c->sh->out);
	each_daemon(c, "daemon/loop", loop_row, &m, loop_head);
	if (c->json && m.open)
		jw_close(&w, ']');
	if (c->json)
		jw_end(&w);
}

/* --- raw rows --------------------------------------------------------------------------------------- */
static bool
yang_row(void *arg, char *row, size_t len)
{
	struct out *o = arg;
	out_bytes(o, row, len);
	out_text(o, "\n");
	return !out_stopped(o);
}

/* "PRODUCER [key=value]..." or "DAEMON PRODUCER ...": rows as the daemon wrote them. */
void
show_yang(const struct exec_call *c)
{
	static const struct {
		const char *start, *daemon;
	} homes[] = {{"zebra/", "zebra"}, {"ospf/", "ospfd"}, {"mgmtd/", "mgmtd"}, {"bfd/", "bfdd"},
		{"vrrp/", "vrrpd"}, {"daemons", "grevy"}};
	char *copy = mem_strdup(call_value(c, "path")), *save = NULL, err[256];
	const char *daemon = NULL, *path = NULL;
	struct key_value kv[8];
	unsigned n = 0;
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		char *eq = strchr(w, '=');
		if (eq && n < 8) {
			*eq = '\0';
			kv[n++] = (struct key_value){w, eq + 1};
		} else if (strchr(w, '/') || !strcmp(w, "daemons")) {
			path = w[0] == '/' ? w + 1 : w;
		} else {
			daemon = w;
		}
	}
	for (unsigned i = 0; path && !daemon && i < sizeof(homes) / sizeof(homes[0]); i++)
		if (!strncmp(path, homes[i].start, strlen(homes[i].start)))
			daemon = homes[i].daemon;
	struct session *s = NULL;
	if (!path || !daemon)
		shell_error(c->sh, "%% expected: zebra/X, ospf/X, mgmtd/X, daemons, or DAEMON daemon/X");
	else if (!(s = shell_session(c->sh, daemon, err, sizeof(err))) ||
		!session_state(s, path, kv, n, yang_row, c->sh->out, err, sizeof(err)))
		shell_error(c->sh, "%% %s", err);
	mem_free(copy);
}
