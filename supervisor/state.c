/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What grevy.sock answers: the daemons of this router; and the command to restart one. */
#include <signal.h>
#include <string.h>

#include "lib/loop.h"
#include "supervisor/supervisor.h"

static const char *const state_names[] = {"down", "waiting", "starting", "running"};

static bool
supervisor_daemon_rows(void *core, const struct nb_args *args, struct rows *out,
	struct state_resume *resume, int64_t now)
{
	const struct supervisor *s = core;
	(void)args;
	(void)resume;
	for (size_t i = 0; i < CHILD_COUNT; i++) {
		const struct child *c = &s->children[i];
		if (!c->program)
			continue;
		row_begin(out);
		row_str(out, "name", c->name);
		row_uint(out, "pid", (uint64_t)c->pid);
		row_str(out, "state", state_names[c->state]);
		row_uint(out, "restarts", c->restarts);
		row_uint(out, "uptime", c->pid ? (uint64_t)((now - c->started) / TIME_SEC) : 0);
		row_bool(out, "adopted", c->adopted);
		if (c->last_exit[0])
			row_str(out, "last-exit", c->last_exit);
		row_end(out);
	}
	return true;
}

static const struct state_producer producers[] = {
	{"daemons", supervisor_daemon_rows},
	{NULL, NULL},
};

/* By SIGKILL: an orderly end would withdraw what the daemon has announced. */
static const char *
supervisor_restart(void *core, const struct nb_args *args, struct rows *out, int64_t now)
{
	struct supervisor *s = core;
	const char *name = nb_arg(args, "daemon");
	(void)out;
	for (size_t i = 0; name && i < CHILD_COUNT; i++) {
		struct child *c = &s->children[i];
		if (!c->program || strcmp(c->name, name) != 0)
			continue;
		c->failures = 0;
		if (c->pid)
			child_stop(c, SIGKILL);
		else
			timer_set(loop_timers(s->loop), &c->restart, now, c->restart.fn, c);
		return NULL;
	}
	return "no such daemon";
}

static const struct rpc_row rpcs[] = {
	{"restart", supervisor_restart},
	{NULL, NULL},
};

const struct northbound_def supervisor_northbound = {
	.daemon = "grevy",
	.producers = producers,
	.rpcs = rpcs,
};
