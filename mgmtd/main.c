/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mgmtd: recovers running from the state directory, then serves clients and daemons. */
#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/priv.h"
#include "mgmtd/core.h"
#include "mgmtd/history_rows.h"

static void *
mgmtd_start(struct daemon *d)
{
	const struct core_setup setup = {
		.loop = daemon_loop(d),
		.northbound = daemon_northbound(d),
		.run_dir = daemon_run_dir(d),
		.state_dir = daemon_state_dir(d),
		.yang_dir = daemon_yang_dir(),
		.log_target = daemon_log_target(d),
		.fresh = daemon_option(d, "fresh") != NULL,
	};
	return core_new(&setup);
}

static void
mgmtd_stop(void *core, int64_t now)
{
	const struct mgmtd *m = core;
	(void)now;
	loop_stop(m->loop, 0);
}

static void
mgmtd_free(void *core)
{
	core_free(core);
}

static const int no_caps[] = {-1};
static const struct priv_def privileges = {.caps = no_caps};
static const struct northbound_def northbound = {.daemon = "mgmtd", .producers = mgmtd_producers};
static const struct daemon_option options[] = {
	{.name = "fresh", .help = "begin with an empty configuration (default: what was running last)", .flag = true},
	{.name = NULL},
};
static const struct daemon_def mgmtd = {
	.name = "mgmtd",
	.priv = &privileges,
	.start = mgmtd_start,
	.stop = mgmtd_stop,
	.free = mgmtd_free,
	.northbound = &northbound,
	.options = options,
};

int
main(int argc, char **argv)
{
	return daemon_main(argc, argv, &mgmtd);
}
