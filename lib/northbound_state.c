/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state and the commands that every daemon has without doing anything for it. Owns nothing. */
#include "lib/northbound_priv.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ha.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"

static bool
nb_status_rows(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct northbound *nb = core;
	(void)args;
	(void)resume;
	row_begin(out);
	row_str(out, "name", nb->def->daemon);
	row_str(out, "version", GREVY_VERSION);
	row_uint(out, "pid", (uint64_t)getpid());
	row_uint(out, "uptime", (uint64_t)((now - nb->started) / TIME_SEC));
	row_uint(out, "config-txn", nb->applied_txn);
	row_str(out, "log-level", log_level_name(log_level_get()));
	row_end(out);
	return true;
}

static bool
nb_log_rows(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const char *line;
	(void)core;
	(void)args;
	(void)now;
	while (!rows_full(out)) {
		line = log_ring_next(&resume->n);
		if (!line)
			return true;
		row_begin(out);
		row_printf(out, "line", "%.*s", (int)strcspn(line, "\n"), line);
		row_end(out);
	}
	return false;
}

static bool
nb_loop_rows(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct northbound *nb = core;
	(void)args;
	(void)resume;
	(void)now;
	loop_rows(nb->loop, out);
	return true;
}

static uint64_t
nb_resident(void)
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	if (f && fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool
nb_memory_rows(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	struct mallinfo2 m = mallinfo2();
	(void)core;
	(void)args;
	(void)resume;
	(void)now;
	row_begin(out);
	row_uint(out, "resident", nb_resident());
	row_uint(out, "heap", m.arena);
	row_uint(out, "mapped", m.hblkhd);
	row_uint(out, "used", m.uordblks + m.hblkhd);
	row_uint(out, "free", m.fordblks);
	row_end(out);
	return true;
}

/* Filter: since=SECONDS (ago), limit=N (the last ones). */
static bool
nb_ha_rows(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const char *since = nb_arg(args, "since"), *limit = nb_arg(args, "limit");
	int64_t from = INT64_MIN;
	(void)core;
	if (since) { /* once: later slices are not to slide */
		if (!resume->heap) {
			resume->heap = mem_alloc(sizeof(from));
			from = now - (int64_t)(strtod(since, NULL) * TIME_SEC);
			memcpy(resume->heap, &from, sizeof(from));
		}
		memcpy(&from, resume->heap, sizeof(from));
	}
	return ha_rows(NULL, from, limit ? strtoull(limit, NULL, 10) : 0, out, &resume->n);
}

const struct state_producer nb_common_producers[] = {
	{"daemon/status", nb_status_rows},
	{"daemon/log", nb_log_rows},
	{"daemon/loop", nb_loop_rows},
	{"daemon/memory", nb_memory_rows},
	{"ha/events", nb_ha_rows},
	{NULL, NULL},
};

bool
nb_is_common(const struct state_producer *p)
{
	for (const struct state_producer *own = nb_common_producers; own->path; own++)
		if (own == p)
			return true;
	return false;
}

static const char *
nb_log_level_rpc(void *core, const struct nb_args *args, struct rows *out, int64_t now)
{
	enum log_level level;
	const char *text = nb_arg(args, "level");
	(void)core;
	(void)out;
	(void)now;
	if (!text || !log_level_parse(text, &level))
		return "level: error, warning, notice, info or debug";
	log_level_set(level);
	return NULL;
}

const struct rpc_row nb_common_rpcs[] = {
	{"log-level", nb_log_level_rpc},
	{NULL, NULL},
};
