/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrpd: wires the VRRP core to sockets, zebra, bfdd and the northbound. The core is entered by the timely
 * thread (adverts, ARP and ND, timers) and by this one, always under the lock; what it sends leaves at once, all
 * else that it wants is deferred to this thread.
 */
#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/priv.h"
#include "lib/slowclose.h"
#include "lib/timely.h"
#include "lib/zclient.h"
#include "vrrpd/config.h"
#include "vrrpd/shell.h"

#define THREAD_PRIORITY 60
#define IDLE_POLL (5 * TIME_MS)
#define FILES_MAX 8192 /* three sockets per interface */

/* --- what the core wants: under the lock, in either thread ------------------------------------------------- */

static void
want_send(void *arg, const struct vrrp_tx *tx)
{
	struct vrrp_shell *s = arg;
	vrrp_io_send(s->io, tx);
}

static void
want_send_frame(void *arg, uint32_t ifindex, const uint8_t *bytes, size_t len)
{
	struct vrrp_shell *s = arg;
	vrrp_io_send_frame(s->io, ifindex, bytes, len);
}

struct membership {
	uint32_t ifindex;
	uint8_t afi;
	bool join;
};

static void
do_membership(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;
	const struct membership *m = record;

	(void)now;
	if (!s->io)
		return; /* we are going */
	timely_lock(s->timely);
	bool good = vrrp_io_membership(s->io, m->ifindex, m->afi, m->join);
	int error = errno;
	timely_unlock(s->timely);
	if (!good)
		log_warning("vrrp.socket", "ifindex=%u family=ipv%d error=\"%s\"", m->ifindex, m->afi == AFI_IP4 ? 4 : 6,
			strerror(error));
}

static void
want_membership(void *arg, uint32_t ifindex, uint8_t afi, bool join)
{
	struct vrrp_shell *s = arg;
	struct membership m = {ifindex, afi, join};
	timely_defer(s->timely, do_membership, s, &m, sizeof(m));
}

static void
do_vlink(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;
	(void)now;
	vrrp_zebra_vlink(s->zebra, record);
}

static void
want_vlink(void *arg, const struct vrrp_vlink_want *w)
{
	struct vrrp_shell *s = arg;
	timely_defer(s->timely, do_vlink, s, w, sizeof(*w));
}

static void
do_address(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;
	(void)now;
	vrrp_zebra_address(s->zebra, record);
}

static void
want_address(void *arg, const struct vrrp_address_want *w)
{
	struct vrrp_shell *s = arg;
	timely_defer(s->timely, do_address, s, w, sizeof(*w));
}

static void
do_lan(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;
	(void)now;
	vrrp_zebra_lan(s->zebra, record);
}

static void
want_lan(void *arg, const struct vrrp_lan *l)
{
	struct vrrp_shell *s = arg;
	timely_defer(s->timely, do_lan, s, l, sizeof(*l));
}

static void
do_bfd(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;
	(void)now;
	vrrp_zebra_bfd(s->zebra, record);
}

static void
want_bfd(void *arg, const struct vrrp_bfd_want *w)
{
	struct vrrp_shell *s = arg;
	timely_defer(s->timely, do_bfd, s, w, sizeof(*w));
}

static void
do_changed(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;
	(void)now;
	vrrp_events_change(record);
	vrrp_notify_change(s->notify, record);
}

static void
want_changed(void *arg, const struct vrrp_change *c)
{
	struct vrrp_shell *s = arg;
	timely_defer(s->timely, do_changed, s, c, sizeof(*c));
}

struct checkpointed {
	struct vrrp_key key;
	bool forget;
	struct vrrp_record record;
};

static void
do_checkpoint(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;
	const struct checkpointed *c = record;
	(void)now;
	vrrp_checkpoint_put(s->checkpoint, &c->key, c->forget ? NULL : &c->record);
}

static void
want_checkpoint(void *arg, const struct vrrp_key *key, const struct vrrp_record *r)
{
	struct vrrp_shell *s = arg;
	struct checkpointed c = {.key = *key, .forget = !r};
	if (r)
		c.record = *r;
	timely_defer(s->timely, do_checkpoint, s, &c, sizeof(c));
}

static void
do_lan_checkpoint(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;
	(void)now;
	vrrp_checkpoint_put_lan(s->checkpoint, record);
}

static void
want_lan_checkpoint(void *arg, const struct vrrp_lan_record *r)
{
	struct vrrp_shell *s = arg;
	_Static_assert(sizeof(*r) <= TIMELY_DEFER_MAX, "a record of a LAN can be deferred");
	timely_defer(s->timely, do_lan_checkpoint, s, r, sizeof(*r));
}

static void
do_log(void *arg, const void *record, int64_t now)
{
	(void)arg, (void)now;
	vrrp_events_log(record);
}

static void
want_log(void *arg, const struct vrrp_log *l)
{
	struct vrrp_shell *s = arg;
	timely_defer(s->timely, do_log, s, l, sizeof(*l));
}

static const struct vrrp_ops core_ops = {.send = want_send, .send_frame = want_send_frame, .membership = want_membership,
	.vlink = want_vlink, .address = want_address, .lan = want_lan, .bfd = want_bfd, .changed = want_changed,
	.checkpoint = want_checkpoint, .lan_checkpoint = want_lan_checkpoint, .log = want_log};

/* --- what the sockets bring: in the timely thread ------------------------------------------------------------ */

static void
advert_came(void *arg, const struct vrrp_rx *rx, int64_t now)
{
	struct vrrp_shell *s = arg;
	vrrp_packet_received(s->src.core, rx, now);
}

static void
host_heard(void *arg, uint32_t ifindex, const struct vrrp_heard *h, int64_t arrived, int64_t now)
{
	struct vrrp_shell *s = arg;
	vrrp_host_heard(s->src.core, ifindex, &h->host, h->mac, h->answer, arrived, now);
}

static const struct vrrp_io_ops io_ops = {.advert = advert_came, .heard = host_heard};

/* --- northbound: config, state, RPCs -------------------------------------------------------------------------- */

static void
config_apply(void *core, const struct conf_object *old, const struct conf_object *new, int64_t now)
{
	struct vrrp_shell *s = core;

	timely_lock(s->timely);
	vrrp_reconfigure(s->src.core, old, new, now);
	timely_unlock(s->timely);
	vrrp_health_configure(s->health, new);
	vrrp_zebra_configured(s->zebra);
}

static bool
locked(state_fn *fn, void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	struct vrrp_shell *s = core;

	timely_lock(s->timely);
	bool done = fn(core, args, out, resume, now);
	timely_unlock(s->timely);
	return done;
}

static bool
state_instances(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	return locked(vrrp_state_instances, core, args, out, resume, now);
}

static bool
state_interfaces(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	return locked(vrrp_state_interfaces, core, args, out, resume, now);
}

static bool
state_counters(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	return locked(vrrp_state_counters, core, args, out, resume, now);
}

static bool
state_checks(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	struct vrrp_shell *s = core;

	(void)args, (void)resume, (void)now;
	vrrp_health_rows(s->health, out);
	return true;
}

/* The process: readiness of routing, sockets, notify commands, how late the thread was. */
static bool
state_process(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	struct vrrp_shell *s = core;
	const struct vrrp_notify_counters *n = vrrp_notify_counters(s->notify);
	struct vrrp_view_instance v;

	(void)args, (void)resume, (void)now;
	timely_lock(s->timely);
	vrrp_view_instance(s->src.core, &v);
	struct vrrp_io_counters io = *vrrp_io_counters(s->io);
	timely_unlock(s->timely);
	row_begin(out);
	row_bool(out, "routing-ready", v.ready);
	row_str(out, "waiting-for", s->src.waiting_for);
	row_bool(out, "stopping", v.stopping);
	row_uint(out, "routers", v.routers);
	row_uint(out, "masters", v.masters);
	row_uint(out, "backups", v.backups);
	row_uint(out, "dropped-no-interface", v.no_interface);
	row_uint(out, "packets-tx", io.tx);
	row_uint(out, "packets-tx-failed", io.tx_failed);
	row_str(out, "packets-tx-error", io.tx_errno ? strerror(io.tx_errno) : "");
	row_uint(out, "packets-rx", io.rx);
	row_uint(out, "packets-rx-malformed", io.rx_malformed);
	row_uint(out, "packets-rx-truncated", io.rx_truncated);
	row_uint(out, "packets-rx-paused", io.rx_paused);
	row_uint(out, "hosts-heard", io.heard);
	row_uint(out, "hosts-paused", io.heard_paused);
	row_uint(out, "notify-run", n->run);
	row_uint(out, "notify-failed", n->failed);
	row_uint(out, "notify-killed", n->killed);
	row_uint(out, "notify-skipped", n->skipped);
	row_uint(out, "notify-lost", n->lost);
	timely_rows(s->timely, out);
	row_end(out);
	return true;
}

static const struct state_producer producers[] = {
	{"vrrp/instances", state_instances},
	{"vrrp/interfaces", state_interfaces},
	{"vrrp/counters", state_counters},
	{"vrrp/checks", state_checks},
	{"vrrp/process", state_process},
	{0},
};

static const char *
rpc_clear_counters(void *core, const struct nb_args *args, struct rows *out, int64_t now)
{
	struct vrrp_shell *s = core;

	(void)args, (void)out, (void)now;
	timely_lock(s->timely);
	vrrp_clear_counters(s->src.core);
	timely_unlock(s->timely);
	return NULL;
}

static const struct rpc_row rpcs[] = {
	{"clear-vrrp-counters", rpc_clear_counters},
	{0},
};

/* --- life ------------------------------------------------------------------------------------------------------ */

static void
files_raise(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= FILES_MAX)
		return;
	l.rlim_cur = l.rlim_max < FILES_MAX ? l.rlim_max : FILES_MAX;
	setrlimit(RLIMIT_NOFILE, &l);
}

static void *
shell_start(struct daemon *d)
{
	struct vrrp_shell *s = mem_zalloc(sizeof(*s));
	int64_t now = loop_clock();

	s->loop = daemon_loop(d);
	s->notify = vrrp_notify_new(s->loop); /* first: the notifier inherits as little as possible */
	s->closer = slowclose_new("vrrpd");
	files_raise();
	s->timely = timely_new(s->loop);
	timely_prepare(s->timely);
	s->io = vrrp_io_new(s->timely, s->closer, &io_ops, s);
	if (vrrp_io_counters(s->io)->tx_errno) /* a router without VRRP runs all the same */
		log_error("vrrp.socket", "error=\"%s\" what=\"nothing can be sent\"", strerror(vrrp_io_counters(s->io)->tx_errno));
	s->checkpoint = vrrp_checkpoint_open(daemon_path(d, "vrrpd.state"), daemon_path(d, "vrrpd.lans"), now);
	s->src.core = vrrp_new(&core_ops, s, timely_timers(s->timely), daemon_seed(), now);
	vrrp_checkpoint_restore(s->checkpoint, s->src.core, now);
	s->zebra = vrrp_zebra_new(s, d);
	s->health = vrrp_health_new(s->loop, vrrp_zebra_client(s->zebra));
	return s;
}

static void
shell_ready(void *core, int64_t now)
{
	struct vrrp_shell *s = core;

	(void)now;
	timely_start(s->timely, THREAD_PRIORITY);
}

/* Behind everything that the core still wanted: zebra hears of it before we go. */
static void
do_end(void *arg, const void *record, int64_t now)
{
	struct vrrp_shell *s = arg;

	(void)record, (void)now;
	s->orderly = true;
	zclient_flush(vrrp_zebra_client(s->zebra));
	loop_stop(s->loop, 0);
}

/* Make before break: we go when somebody else is master, or nobody will be. */
static void
idle_check(void *arg, int64_t now)
{
	struct vrrp_shell *s = arg;

	timely_lock(s->timely);
	bool idle = vrrp_is_idle(s->src.core);
	if (idle)
		timely_defer(s->timely, do_end, s, "", 1);
	timely_unlock(s->timely);
	if (!idle)
		timer_set(loop_timers(s->loop), &s->idle, now + IDLE_POLL, idle_check, s);
}

static void
shell_stop(void *core, int64_t now)
{
	struct vrrp_shell *s = core;

	timely_lock(s->timely);
	vrrp_shutdown(s->src.core, now);
	timely_unlock(s->timely);
	idle_check(s, now);
}

static void
shell_free(void *core)
{
	struct vrrp_shell *s = core;

	timer_cancel(loop_timers(s->loop), &s->idle);
	timely_stop(s->timely);
	vrrp_io_free(s->io);
	s->io = NULL;
	vrrp_free(s->src.core);
	timely_free(s->timely); /* what was deferred is still done */
	vrrp_health_free(s->health);
	vrrp_zebra_free(s->zebra);
	vrrp_checkpoint_free(s->checkpoint, s->orderly);
	vrrp_notify_free(s->notify);
	slowclose_free(s->closer);
	mem_free(s);
}

static const struct northbound_def northbound = {
	.daemon = "vrrpd",
	.config = &vrrp_config_root,
	.apply = config_apply,
	.producers = producers,
	.rpcs = rpcs,
};
static const int caps[] = {CAP_NET_RAW, -1};
static const int syscalls[] = {SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_setparam),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_get_priority_max), SCMP_SYS(sched_get_priority_min), -1};
static const int families[] = {AF_PACKET, -1};
static const struct priv_def priv = {.caps = caps, .syscalls = syscalls, .families = families};

int
main(int argc, char **argv)
{
	static const struct daemon_def def = {.name = "vrrpd", .priv = &priv, .start = shell_start, .ready = shell_ready,
		.stop = shell_stop, .free = shell_free, .northbound = &northbound};

	return daemon_main(argc, argv, &def);
}
