/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows from daemons and JSON out, for all views. Owns a row only while it is shown. */
#include "vtysh/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "vtysh/types.h"

struct row_call {
	view_row_fn *fn;
	void *arg;
	bool any;
};

static bool
one_row(void *arg, char *text, size_t len)
{
	struct row_call *c = arg;
	c->any = true;
	json_t *row = json_loadb(text, len, 0, NULL);
	if (!row)
		return true; /* a line that is no JSON is left out */
	bool more = c->fn(c->arg, row);
	json_decref(row);
	return more;
}

bool
view_rows_quiet(struct shell *sh, const char *daemon, const char *path, const struct key_value *kv, unsigned n,
	view_row_fn *fn, void *arg, char *err, size_t size)
{
	struct row_call c = {fn, arg, false};
	err[0] = '\0';
	if (sh->only && strcmp(sh->only, daemon))
		return true; /* -d: the others are not asked */
	for (unsigned try = 0; try < 2; try++) {
		struct session *s = shell_session(sh, daemon, err, size);
		if (!s)
			return false;
		if (session_state(s, path, kv, n, one_row, &c, err, size))
			return true;
		if (session_alive(s) || c.any || session_interrupted)
			return false; /* else: it was restarted since we asked last, ask the new one */
	}
	return false;
}

bool
view_rows(struct shell *sh, const char *daemon, const char *path, const struct key_value *kv, unsigned n,
	view_row_fn *fn, void *arg)
{
	char err[256];
	if (view_rows_quiet(sh, daemon, path, kv, n, fn, arg, err, sizeof(err)))
		return true;
	sh->status = 1;
	fflush(stdout);
	fprintf(stderr, "%% %s\n", err);
	return false;
}

static bool
keep_row(void *arg, json_t *row)
{
	*(json_t **)arg = json_incref(row);
	return false;
}

json_t *
view_row(struct shell *sh, const char *daemon, const char *path, const struct key_value *kv, unsigned n)
{
	json_t *row = NULL;
	view_rows(sh, daemon, path, kv, n, keep_row, &row);
	return row;
}

static bool
raw_row(void *arg, json_t *row)
{
	struct jw *w = arg;
	json_t *o = json_object();
	json_object_set(o, "row", row);
	jw_field(w, NULL, o, "row");
	json_decref(o);
	return !out_stopped(w->o);
}

void
view_raw_array(struct shell *sh, struct jw *w, const char *daemon, const char *path, const char *name)
{
	jw_array(w, name);
	view_rows(sh, daemon, path, NULL, 0, raw_row, w);
	jw_close(w, ']');
}

void
view_raw_json(struct shell *sh, const char *daemon, const char *path, const char *name)
{
	struct jw w;
	jw_start(&w, sh->out);
	view_raw_array(sh, &w, daemon, path, name);
	jw_end(&w);
}

uint64_t
json_uint(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	if (json_is_string(v))
		return strtoull(json_string_value(v), NULL, 10);
	return json_is_integer(v) ? (uint64_t)json_integer_value(v) : 0;
}

const char *
json_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

bool
json_has(const json_t *o, const char *key)
{
	return json_object_get(o, key) != NULL;
}

bool
json_bool(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

/* --- JSON --------------------------------------------------------------------------------------- */
static void
put_string(struct out *o, const char *s)
{
	char buf[512];
	size_t n = 0;
	buf[n++] = '"';
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (n > sizeof(buf) - 10) {
			out_bytes(o, buf, n);
			n = 0;
		}
		if (c == '"' || c == '\\') {
			buf[n++] = '\\';
			buf[n++] = *s;
		} else if (c < 0x20) {
			n += (size_t)snprintf(buf + n, 8, "\\u%04x", c);
		} else {
			buf[n++] = *s;
		}
	}
	buf[n++] = '"';
	out_bytes(o, buf, n);
}

static void
jw_name(struct jw *w, const char *name)
{
	if (w->some[w->depth])
		out_text(w->o, ",");
	w->some[w->depth] = true;
	out_printf(w->o, "\n%*s", (int)(2 * w->depth), "");
	if (name) {
		put_string(w->o, name);
		out_text(w->o, ":");
	}
}

static void
jw_open(struct jw *w, const char *bracket)
{
	out_text(w->o, bracket);
	if (w->depth + 1 < sizeof(w->some))
		w->depth++;
	w->some[w->depth] = false;
}

void
jw_start(struct jw *w, struct out *o)
{
	memset(w, 0, sizeof(*w));
	w->o = o;
	jw_open(w, "{");
}

void
jw_start_list(struct jw *w, struct out *o)
{
	memset(w, 0, sizeof(*w));
	w->o = o;
	jw_open(w, "[");
}

void
jw_close(struct jw *w, char bracket)
{
	char text[2] = {bracket, '\0'};
	if (w->depth)
		w->depth--;
	out_printf(w->o, "\n%*s%s", (int)(2 * w->depth), "", text);
}

void
jw_end(struct jw *w)
{
	jw_close(w, '}');
	out_text(w->o, "\n");
}

void
jw_end_list(struct jw *w)
{
	jw_close(w, ']');
	out_text(w->o, "\n");
}

void
jw_object(struct jw *w, const char *name)
{
	jw_name(w, name);
	jw_open(w, "{");
}

void
jw_array(struct jw *w, const char *name)
{
	jw_name(w, name);
	jw_open(w, "[");
}

void
jw_str(struct jw *w, const char *name, const char *value)
{
	jw_name(w, name);
	put_string(w->o, value);
}

void
jw_printf(struct jw *w, const char *name, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	jw_str(w, name, buf);
}

void
jw_uint(struct jw *w, const char *name, uint64_t value)
{
	jw_name(w, name);
	out_printf(w->o, "%llu", (unsigned long long)value);
}

void
jw_ms(struct jw *w, const char *name, uint64_t us)
{
	char text[32];
	ms_print(us, text, sizeof(text));
	jw_name(w, name);
	out_text(w->o, text);
}

void
jw_bool(struct jw *w, const char *name, bool value)
{
	jw_name(w, name);
	out_text(w->o, value ? "true" : "false");
}

static void
jw_value(struct jw *w, const char *name, const json_t *v)
{
	const char *key;
	size_t i;
	json_t *item;
	if (json_is_object(v)) {
		jw_object(w, name);
		/* jansson's iterator is not const */
		json_object_foreach((json_t *)(uintptr_t)v, key, item)
			jw_value(w, key, item);
		jw_close(w, '}');
	} else if (json_is_array(v)) {
		jw_array(w, name);
		json_array_foreach(v, i, item)
			jw_value(w, NULL, item);
		jw_close(w, ']');
	} else if (json_is_string(v)) {
		jw_str(w, name, json_string_value(v));
	} else {
		jw_name(w, name);
		if (json_is_integer(v))
			out_printf(w->o, "%lld", (long long)json_integer_value(v));
		else if (json_is_real(v))
			out_printf(w->o, "%g", json_real_value(v));
		else
			out_text(w->o, json_is_true(v) ? "true" : json_is_false(v) ? "false" : "null");
	}
}

void
jw_field(struct jw *w, const char *name, const json_t *row, const char *key)
{
	const json_t *v = json_object_get(row, key);
	if (v)
		jw_value(w, name, v);
}

void
jw_fields(struct jw *w, const struct jw_map *map, const json_t *row)
{
	for (; map->name; map++) {
		if (map->key)
			jw_field(w, map->name, row, map->key);
		else
			jw_str(w, map->name, map->value);
	}
}

/* --- times --------------------------------------------------------------------------------------- */
const char *
time_uptime(uint64_t s, char out[32])
{
	unsigned long long days = s / 86400;
	unsigned h = (unsigned)(s / 3600 % 24), m = (unsigned)(s / 60 % 60);
	if (days < 1)
		snprintf(out, 32, "%02u:%02u:%02u", h, m, (unsigned)(s % 60));
	else if (days < 7)
		snprintf(out, 32, "%llud%02uh%02um", days, h, m);
	else
		snprintf(out, 32, "%02lluw%llud%02uh", days / 7, days % 7, h);
	return out;
}

const char *
time_ms(uint64_t ms, char out[32])
{
	unsigned long long s = ms / 1000, d = s / 86400, w = d / 7;
	unsigned h = (unsigned)(s / 3600 % 24), m = (unsigned)(s / 60 % 60), sec = (unsigned)(s % 60);
	if (w)
		snprintf(out, 32, "%lluw%llud", w, d % 7);
	else if (d)
		snprintf(out, 32, "%llud%02uh%02um", d, h, m);
	else if (h)
		snprintf(out, 32, "%uh%02um%02us", h, m, sec);
	else if (m)
		snprintf(out, 32, "%um%02us", m, sec);
	else
		snprintf(out, 32, "%u.%03us", sec, (unsigned)(ms % 1000));
	return out;
}
