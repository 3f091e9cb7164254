/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zebra: wires the core to the kernel's events, to the dplane's thread, to rib.sock and to the
 * northbound. Clients are heard when the first dump of the kernel is complete.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/capability.h>

#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/priv.h"
#include "zebra/avail.h"
#include "zebra/clients.h"
#include "zebra/config.h"
#include "zebra/dplane.h"
#include "zebra/state.h"
#include "zebra/virtual_shell.h"

#define KERNEL_BUDGET 2000 /* events in one turn */
#define DPLANE_BUDGET 4096 /* results in one turn */
#define STOP_TIME     (4 * TIME_SEC)

static struct shell {
	struct loop *loop;
	struct zebra *z;
	struct kernel *kernel;
	struct dplane *dplane;
	struct clients *clients;
	struct avail *avail;
	struct loop_fd *kernel_fd, *dplane_fd;
	struct loop_phase *work;
	struct vfilter *filter;
	bool keep_routes, stopping, more;
} shell;

static struct log_event ev_core = {.name = "zebra.core", .level = LOG_LVL_NOTICE, .per_minute = 60};
static struct log_event ev_kernel = {.name = "zebra.kernel", .level = LOG_LVL_WARNING, .per_minute = 20};

/* --- the core's output ---------------------------------------------------------------------------- */

static bool
op_write(void *arg, const struct dplane_op *op)
{
	struct shell *s = arg;
	return s->dplane && dplane_push(s->dplane, op);
}

static void
op_interface(void *arg, uint32_t client, const struct zebra_interface *i, bool gone)
{
	clients_interface(((struct shell *)arg)->clients, client, i, gone);
}

static void
op_address(void *arg, uint32_t client, const struct zebra_address *a, bool gone)
{
	clients_address(((struct shell *)arg)->clients, client, a, gone);
}

static void
op_router_id(void *arg, uint32_t client, uint32_t id)
{
	clients_router_id(((struct shell *)arg)->clients, client, id);
}

static void
op_redistributed(void *arg, uint32_t client, const struct zebra_redistributed *r)
{
	clients_redistributed(((struct shell *)arg)->clients, client, r);
}

static void
op_nht(void *arg, uint32_t client, const struct zebra_nht *n)
{
	clients_nht(((struct shell *)arg)->clients, client, n);
}

static void
op_results(void *arg, uint32_t client, const struct zebra_results *r)
{
	clients_results(((struct shell *)arg)->clients, client, r);
}

static void
op_vlink(void *arg, uint32_t client, const struct zebra_vlink_state *v)
{
	clients_vlink(((struct shell *)arg)->clients, client, v);
}

static void
op_vlink_made(void *arg, const char *name, const char *parent)
{
	(void)arg;
	vlink_sys_made(name, parent);
}

static void
op_vlink_parent_free(void *arg, const char *parent)
{
	(void)arg;
	vlink_sys_parent_free(parent);
}

static void
op_filter(void *arg, const struct ipaddr *address, bool drop)
{
	vfilter_set(((struct shell *)arg)->filter, address, drop);
}

static void
op_lan(void *arg, uint32_t client, const struct zebra_lan *l)
{
	clients_lan(((struct shell *)arg)->clients, client, l);
}

static void
op_ready(void *arg, uint32_t client, bool ready, const char *waiting_for)
{
	struct shell *s = arg;
	clients_ready(s->clients, client, ready, waiting_for);
	if (!client && s->avail)
		avail_ready(s->avail, ready);
}

static void
op_track(void *arg, uint32_t client, const struct zebra_track *t)
{
	clients_track(((struct shell *)arg)->clients, client, t);
}

static void
op_bfd_want(void *arg, uint32_t id, const struct bfdclient_want *want)
{
	avail_want(((struct shell *)arg)->avail, id, want);
}

static void
op_resync(void *arg, enum kernel_kind kind)
{
	kernel_resync(((struct shell *)arg)->kernel, kind);
}

static void
op_forwarding(void *arg, uint8_t afi, bool on)
{
	(void)arg;
	int err = kernel_forwarding_set(afi, on);
	if (err)
		log_error("zebra.forwarding", "afi=%u error=\"%s\"", afi, strerror(err));
}

static void
op_work(void *arg)
{
	struct shell *s = arg;
	s->more = true;
	loop_phase_wake(s->work);
}

static void
op_log(void *arg, const char *event, const char *text)
{
	(void)arg;
	log_event(&ev_core, "event=%s %s", event, text);
}

static const struct zebra_ops ops = {
	.write = op_write,
	.interface = op_interface,
	.address = op_address,
	.router_id = op_router_id,
	.redistributed = op_redistributed,
	.nht = op_nht,
	.results = op_results,
	.vlink = op_vlink,
	.vlink_made = op_vlink_made,
	.vlink_parent_free = op_vlink_parent_free,
	.filter = op_filter,
	.lan = op_lan,
	.ready = op_ready,
	.track = op_track,
	.bfd_want = op_bfd_want,
	.event = avail_event,
	.resync = op_resync,
	.forwarding = op_forwarding,
	.work = op_work,
	.log = op_log,
};

/* --- the kernel's events -------------------------------------------------------------------------- */

#define EVENT(name, type, kind, is_gone)                                                           \
	static void on_##name(void *arg, const type *object)                                       \
	{                                                                                          \
		struct shell *s = arg;                                                             \
		zebra_kernel_changed(s->z, kind, object, is_gone, loop_now(s->loop));              \
	}
EVENT(link, struct kernel_link, KERNEL_LINK, false)
EVENT(addr, struct kernel_addr, KERNEL_ADDR, false)
EVENT(addr_gone, struct kernel_addr, KERNEL_ADDR, true)
EVENT(neigh, struct kernel_neigh, KERNEL_NEIGH, false)
EVENT(neigh_gone, struct kernel_neigh, KERNEL_NEIGH, true)
EVENT(nexthop, struct kernel_nexthop, KERNEL_NEXTHOP, false)
EVENT(route, struct kernel_route, KERNEL_ROUTE, false)
EVENT(route_gone, struct kernel_route, KERNEL_ROUTE, true)

static void
on_link_gone(void *arg, uint32_t ifindex)
{
	struct shell *s = arg;
	struct kernel_link l = {.ifindex = ifindex};
	zebra_kernel_changed(s->z, KERNEL_LINK, &l, true, loop_now(s->loop));
}

static void
on_nexthop_gone(void *arg, uint32_t id)
{
	struct shell *s = arg;
	struct kernel_nexthop nh = {.id = id};
	zebra_kernel_changed(s->z, KERNEL_NEXTHOP, &nh, true, loop_now(s->loop));
}

static void
on_routes_flushed(void *arg, uint32_t ifindex)
{
	struct shell *s = arg;
	zebra_routes_flushed(s->z, ifindex, loop_now(s->loop));
}

static void
on_resync_begin(void *arg, enum kernel_kind kind)
{
	struct shell *s = arg;
	zebra_kernel_resync(s->z, kind, true, loop_now(s->loop));
}

static void
on_resync_end(void *arg, enum kernel_kind kind)
{
	struct shell *s = arg;
	bool was = zebra_synced(s->z);
	zebra_kernel_resync(s->z, kind, false, loop_now(s->loop));
	if (was || !zebra_synced(s->z))
		return;
	avail_start(s->avail, s->z);
	clients_open(s->clients, s->z);
}

static void
on_trouble(void *arg, const char *what, int error)
{
	(void)arg;
	log_event(&ev_kernel, "what=\"%s\" error=\"%s\"", what, error ? strerror(error) : "");
}

static const struct kernel_ops kernel_events = {
	.link = on_link,
	.link_gone = on_link_gone,
	.addr = on_addr,
	.addr_gone = on_addr_gone,
	.neigh = on_neigh,
	.neigh_gone = on_neigh_gone,
	.nexthop = on_nexthop,
	.nexthop_gone = on_nexthop_gone,
	.route = on_route,
	.route_gone = on_route_gone,
	.routes_flushed = on_routes_flushed,
	.resync_begin = on_resync_begin,
	.resync_end = on_resync_end,
	.trouble = on_trouble,
};

static void
kernel_readable(void *arg, unsigned what, int64_t now)
{
	struct shell *s = arg;
	(void)what;
	kernel_run(s->kernel, now, KERNEL_BUDGET);
}

/* --- the dplane's results ------------------------------------------------------------------------- */

static void
on_done(void *arg, const struct dplane_op *op, int err)
{
	struct shell *s = arg;
	/* of repairs we say how long they took */
	int64_t now = op->kind == DPLANE_GROUP ? loop_clock() : loop_now(s->loop);
	zebra_dplane_done(s->z, op, err, now);
}

static void
on_writable(void *arg)
{
	struct shell *s = arg;
	zebra_dplane_writable(s->z, loop_now(s->loop));
	clients_pace(s->clients);
}

static const struct dplane_ops dplane_events = {.done = on_done, .writable = on_writable};

static void
dplane_readable(void *arg, unsigned what, int64_t now)
{
	struct shell *s = arg;
	(void)what;
	(void)now;
	dplane_run(s->dplane, DPLANE_BUDGET);
	if (s->stopping)
		loop_phase_wake(s->work);
}

/* --- life ----------------------------------------------------------------------------------------- */

static bool
work_phase(void *arg, int64_t now)
{
	struct shell *s = arg;
	bool more = zebra_run(s->z, now);
	clients_pace(s->clients);
	if (s->stopping && !more && !zebra_congested(s->z) && !dplane_pending(s->dplane))
		loop_stop(s->loop, 0);
	return more;
}

static void *
shell_start(struct daemon *d)
{
	struct shell *s = &shell;
	uint64_t seed = daemon_seed();
	s->loop = daemon_loop(d);
	s->keep_routes = daemon_option(d, "keep-routes") != NULL;
	int err = kernel_nexthop_objects_only();
	if (err)
		log_warning("zebra.compat-mode", "error=\"%s\"", strerror(err));
	s->clients = clients_new(s->loop, daemon_path(d, "rib.sock"), seed);
	if (!s->clients)
		return NULL;
	const char *booted = daemon_path(d, "booted");
	bool starting = access(daemon_path(d, "grevy.pid"), F_OK) == 0 && access(booted, F_OK) != 0;
	s->avail = avail_new(s->loop, daemon_path(d, "bfd.sock"), starting ? booted : NULL);
	s->work = loop_phase_add(s->loop, "rib", work_phase, s);
	s->filter = vfilter_new(s->loop);
	s->z = zebra_new(&ops, s, loop_timers(s->loop), seed);
	zebra_bfd_expected(s->z);
	return s->z;
}

/* The thread is made after the privileges were dropped: capabilities are per thread. */
static void
shell_ready(void *core, int64_t now)
{
	struct shell *s = &shell;
	(void)core;
	(void)now;
	s->dplane = dplane_open(&dplane_events, s, DPLANE_RING_DEFAULT);
	s->kernel = s->dplane ? kernel_open(&kernel_events, s) : NULL;
	if (!s->kernel) {
		log_error("zebra.netlink", "error=\"%s\"", strerror(errno));
		loop_stop(s->loop, 1);
		return;
	}
	kernel_ignore_port(s->kernel, dplane_port(s->dplane));
	for (uint8_t afi = AFI_IP4; afi <= AFI_IP6; afi++)
		if (dplane_has_keeper(s->dplane, afi))
			zebra_keeper_known(s->z, afi);
	s->kernel_fd = loop_fd_add(s->loop, kernel_fd(s->kernel), LOOP_READ, kernel_readable, s);
	s->dplane_fd = loop_fd_add(s->loop, dplane_fd(s->dplane), LOOP_READ, dplane_readable, s);
}

static void
shell_stop(void *core, int64_t now)
{
	struct shell *s = &shell;
	(void)core;
	if (s->keep_routes || !s->dplane) {
		loop_stop(s->loop, 0);
		return;
	}
	s->stopping = true;
	zebra_withdraw_all(s->z, now);
	loop_phase_wake(s->work);
}

static void
shell_free(void *core)
{
	struct shell *s = &shell;
	(void)core;
	clients_free(s->clients);
	if (s->kernel_fd)
		loop_fd_del(s->kernel_fd);
	if (s->dplane_fd)
		loop_fd_del(s->dplane_fd);
	if (s->kernel)
		kernel_close(s->kernel);
	if (s->dplane)
		dplane_close(s->dplane);
	avail_free(s->avail);
	if (s->stopping) /* all is withdrawn: the keepers' link goes too */
		dplane_keepers_remove();
	vfilter_free(s->filter);
	zebra_free(s->z);
}

static void
shell_apply(void *core, const struct conf_object *old, const struct conf_object *new, int64_t now)
{
	zebra_reconfigure(core, old, new, now);
	avail_wishes_complete(shell.avail);
}

static bool
state_dplane(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	struct dplane_counters c = dplane_counters(shell.dplane);
	const struct kernel_counters *k = kernel_counters(shell.kernel);
	state_core(core, args, out, resume, now);
	row_begin(out);
	row_str(out, "part", "dplane");
	row_uint(out, "pushed", c.pushed);
	row_uint(out, "done", c.done);
	row_uint(out, "failed", c.failed);
	row_uint(out, "batches", c.batches);
	row_uint(out, "urgent", c.urgent);
	row_uint(out, "refused", c.refused);
	row_uint(out, "pending", dplane_pending(shell.dplane));
	row_end(out);
	row_begin(out);
	row_str(out, "part", "kernel");
	row_uint(out, "events", k->events);
	row_uint(out, "dumped", k->dumped);
	row_uint(out, "refused", k->refused);
	row_uint(out, "overruns", k->overruns);
	row_uint(out, "resyncs", k->resyncs);
	row_uint(out, "interrupted", k->interrupted);
	row_end(out);
	return true;
}

static const struct state_producer producers[] = {
	{"zebra/routes", state_routes},
	{"zebra/route-summary", state_route_summary},
	{"zebra/interfaces", state_interfaces},
	{"zebra/nexthop-groups", state_nexthop_groups},
	{"zebra/nht", state_nht},
	{"zebra/clients", state_clients},
	{"zebra/router-id", state_router_id},
	{"zebra/dplane", state_dplane},
	{"zebra/tracks", state_tracks},
	{"zebra/virtual-links", state_virtual_links},
	{"zebra/virtual-addresses", state_virtual_addresses},
	{"zebra/lans", state_lans},
	{"zebra/ready", state_ready},
	{0},
};

static const struct northbound_def northbound = {
	.daemon = "zebra",
	.config = &zconf_root_class,
	.apply = shell_apply,
	.producers = producers,
};

int
main(int argc, char **argv)
{
	static const int caps[] = {CAP_NET_ADMIN, -1};
	static const struct priv_def priv = {.caps = caps};
	static const struct daemon_option options[] = {
		{.name = "keep-routes", .help = "leave the routes in the kernel when stopped", .flag = true},
		{0},
	};
	static const struct daemon_def def = {
		.name = "zebra",
		.priv = &priv,
		.start = shell_start,
		.ready = shell_ready,
		.stop = shell_stop,
		.free = shell_free,
		.northbound = &northbound,
		.options = options,
		.stop_time = STOP_TIME,
	};
	return daemon_main(argc, argv, &def);
}
