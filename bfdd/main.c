/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bfdd: wires the BFD core to sockets, its clients, zebra and the northbound. Packets and timers
 * run in the timely thread; what they cause elsewhere is deferred to the main loop, which wakes
 * at once. Sessions live on in <run-dir>/bfdd.sessions, so that peers do not notice a kill -9 of bfdd.
 */
#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <string.h>

#include "bfdd/links.h"
#include "bfdd/log.h"
#include "bfdd/shell.h"
#include "bfdd/state.h"
#include "lib/daemon.h"
#include "lib/loop.h"
#include "lib/mapfile.h"
#include "lib/mem.h"
#include "lib/priv.h"
#include "lib/timely.h"

#define TIMELY_PRIORITY 50
#define STOP_DELAY      (300 * TIME_MS) /* for the farewells, which are repeated, and until clients have been told */
#define DROPS_LOGGED    20   /* per second; the timely thread does not write novels under a flood */

int64_t
bfd_shell_enter(struct bfd_shell *s)
{
	timely_lock(s->timely);
	return loop_clock();
}

void
bfd_shell_leave(struct bfd_shell *s)
{
	timely_unlock(s->timely);
}

/* --- what the core wants: under the lock, in either thread ------------------------------------------- */

struct changed {
	uint64_t order;
	struct bfd_change change;
};
_Static_assert(sizeof(struct changed) <= TIMELY_DEFER_MAX && sizeof(struct bfd_log) <= TIMELY_DEFER_MAX, "deferred");

struct send_failed {
	struct bfd_key key;
	int error;
};

static void
send_failed_due(void *arg, const void *record, int64_t now)
{
	const struct send_failed *f = record;
	(void)now;
	bfd_log_send_failed(&f->key, f->error, ((struct bfd_shell *)arg)->links);
}

/* A lost route or a full table of descriptors fails every packet: one in a second is told. */
static void
send_failed(struct bfd_shell *s, const struct bfd_key *key, int error)
{
	struct send_failed f = {*key, error};
	int64_t now = loop_clock();
	if (s->send_failed_at && now - s->send_failed_at < TIME_SEC)
		return;
	s->send_failed_at = now;
	timely_defer(s->timely, send_failed_due, s, &f, sizeof(f));
}

static void
op_send(void *arg, const struct bfd_tx *tx)
{
	struct bfd_shell *s = arg;
	if (tx->echo)
		bfd_io_echoes(s->io);
	if (!bfd_wire_send(s->wire, tx))
		send_failed(s, &tx->key, errno);
}

static void
op_opened(void *arg, uint32_t session, const struct bfd_key *key)
{
	(void)key;
	bfd_wire_session(((struct bfd_shell *)arg)->wire, session, 0);
}

static void
op_closed(void *arg, uint32_t session)
{
	bfd_wire_session_gone(((struct bfd_shell *)arg)->wire, session);
}

static void
changed_due(void *arg, const void *record, int64_t now)
{
	struct bfd_shell *s = arg;
	const struct changed *c = record;
	bfd_clients_changed(s->clients, &c->change, c->order, now); /* first: traffic turns on it */
	bfd_log_event(&c->change, s->links);
}

static void
op_changed(void *arg, const struct bfd_change *change)
{
	struct bfd_shell *s = arg;
	struct changed c = {++s->order, *change};
	timely_defer(s->timely, changed_due, s, &c, sizeof(c));
}

static void
op_checkpoint(void *arg, uint32_t session, const struct bfd_record *record)
{
	struct bfd_shell *s = arg;
	if (!record) {
		mapfile_del(s->sessions, &session, sizeof(session));
		return;
	}
	struct bfd_record r = *record;
	r.source_port = bfd_wire_port(s->wire, session);
	mapfile_put(s->sessions, &session, sizeof(session), &r);
}

static void
log_due(void *arg, const void *record, int64_t now)
{
	(void)now;
	bfd_log_line(record, ((struct bfd_shell *)arg)->links);
}

static void
left_out_due(void *arg, const void *record, int64_t now)
{
	uint32_t lines;
	(void)arg, (void)now;
	memcpy(&lines, record, sizeof(lines));
	bfd_log_left_out(lines);
}

static void
op_log(void *arg, const struct bfd_log *l)
{
	struct bfd_shell *s = arg;
	int64_t second = l->at / TIME_SEC;

	if (l->kind == BFD_LOG_DROPPED && second == s->log_window && s->log_in_window >= DROPS_LOGGED) {
		s->log_left_out++;
		return;
	}
	if (l->kind == BFD_LOG_DROPPED && second != s->log_window) {
		if (s->log_left_out)
			timely_defer(s->timely, left_out_due, s, &s->log_left_out, sizeof(s->log_left_out));
		s->log_window = second;
		s->log_in_window = s->log_left_out = 0;
	}
	s->log_in_window += l->kind == BFD_LOG_DROPPED;
	timely_defer(s->timely, log_due, s, l, sizeof(*l));
}

static const struct bfd_ops core_ops = {.send = op_send, .opened = op_opened, .closed = op_closed,
	.changed = op_changed, .checkpoint = op_checkpoint, .log = op_log};

static void
received(void *arg, const struct bfd_rx *rx, int64_t now)
{
	struct bfd_shell *s = arg;
	if (rx->dst_port == BFD_PORT_ECHO && !ipaddr_cmp(&rx->src, &rx->dst) && !bfd_wire_own_echo(s->wire, rx))
		return;
	bfd_packet_received(s->core, rx, now);
}

/* --- what zebra says --------------------------------------------------------------------------------- */

static void
link_changed(void *arg, uint32_t ifindex, const char *name, bool up, bool gone)
{
	struct bfd_shell *s = arg;
	int64_t now = bfd_shell_enter(s);
	bfd_interface_changed(s->core, ifindex, name, up, gone, now);
	bfd_shell_leave(s);
}

/* --- configuration and RPCs -------------------------------------------------------------------------- */

static void
config_apply(void *core, const struct conf_object *old, const struct conf_object *new, int64_t at)
{
	struct bfd_shell *s = core;
	(void)at;
	int64_t now = bfd_shell_enter(s);
	bfd_reconfigure(s->core, old, new, now);
	bfd_shell_leave(s);
}

static const char *
rpc_clear_counters(void *core, const struct nb_args *args, struct rows *out, int64_t now)
{
	struct bfd_shell *s = core;
	(void)args, (void)out, (void)now;
	bfd_shell_enter(s);
	bfd_clear_counters(s->core);
	bfd_shell_leave(s);
	return NULL;
}

static const struct rpc_row rpcs[] = {
	{"clear-bfd-counters", rpc_clear_counters},
	{0},
};

/* --- life -------------------------------------------------------------------------------------------- */

static void
sessions_restore(struct bfd_shell *s)
{
	const struct bfd_record *r;
	size_t count = 0, most = mapfile_count(s->sessions);
	struct bfd_record *records = mem_array(most ? most : 1, sizeof(*records));
	struct bfd_view view;

	for (size_t pos = 0; count < most && (r = mapfile_next(s->sessions, &pos));)
		records[count++] = *r;
	for (size_t i = 0; i < count; i++)
		bfd_wire_session(s->wire, records[i].local_discr, records[i].source_port);
	int64_t now = bfd_shell_enter(s);
	bfd_restore(s->core, records, count, now);
	for (size_t i = 0; i < count; i++)
		if (!bfd_view_of(s->core, records[i].local_discr, &view)) { /* too old to go on */
			mapfile_del(s->sessions, &records[i].local_discr, sizeof(records[i].local_discr));
			bfd_wire_session_gone(s->wire, records[i].local_discr);
		}
	bfd_shell_leave(s);
	mem_free(records);
}

static void shell_free(void *core);

static void *
shell_start(struct daemon *d)
{
	struct bfd_shell *s = mem_zalloc(sizeof(*s));

	s->loop = daemon_loop(d);
	s->closer = slowclose_new("bfdd"); /* first: it inherits as little as possible */
	s->timely = timely_new(s->loop);
	timely_prepare(s->timely);
	s->io = bfd_io_open(s->timely, s->closer, received, s);
	s->wire = bfd_wire_new(s->io ? bfd_io_packet_fd(s->io) : -1);
	s->sessions = mapfile_open(daemon_path(d, "bfdd.sessions"), "bfd1", sizeof(struct bfd_record));
	s->core = bfd_new(&core_ops, s, timely_timers(s->timely), daemon_seed(), loop_clock());
	s->clients = s->io ? bfd_clients_new(s, daemon_path(d, "bfd.sock"), daemon_seed()) : NULL;
	if (!s->clients) {
		shell_free(s);
		return NULL;
	}
	sessions_restore(s);
	s->links = bfd_links_new(s->loop, daemon_path(d, "rib.sock"), link_changed, s);
	return s;
}

static void
shell_ready(void *core, int64_t now)
{
	(void)now;
	timely_start(((struct bfd_shell *)core)->timely, TIMELY_PRIORITY);
}

static void
stop_due(void *arg, int64_t now)
{
	(void)now;
	loop_stop(((struct bfd_shell *)arg)->loop, 0);
}

/* RFC 5880 6.8.16: peers are told that it is an administrator's doing, and nothing is left to restore. */
static void
shell_stop(void *core, int64_t at)
{
	struct bfd_shell *s = core;
	(void)at;
	int64_t now = bfd_shell_enter(s);
	bfd_shutdown(s->core, now);
	mapfile_finish(s->sessions);
	s->sessions = NULL;
	bool alone = bfd_session_count(s->core) == 0;
	bfd_shell_leave(s);
	timer_set(loop_timers(s->loop), &s->stop, now + (alone ? 0 : STOP_DELAY), stop_due, s);
}

static void
shell_free(void *core)
{
	struct bfd_shell *s = core;

	timely_stop(s->timely);
	timer_cancel(loop_timers(s->loop), &s->stop);
	bfd_free(s->core);
	s->core = NULL;
	bfd_io_close(s->io);
	bfd_wire_free(s->wire);
	mapfile_close(s->sessions);
	timely_free(s->timely); /* what was deferred is still told */
	bfd_clients_free(s->clients);
	bfd_links_free(s->links);
	slowclose_free(s->closer);
	mem_free(s);
}

static const struct northbound_def northbound = {
	.daemon = "bfdd",
	.config = &bfd_config_root,
	.apply = config_apply,
	.producers = bfd_producers,
	.rpcs = rpcs,
};
static const int caps[] = {CAP_SYS_NICE, -1};
static const int syscalls[] = {SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_setparam),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_get_priority_max), SCMP_SYS(sched_get_priority_min), -1};
static const struct priv_def priv = {.caps = caps, .syscalls = syscalls};

int
main(int argc, char **argv)
{
	static const struct daemon_def def = {.name = "bfdd", .priv = &priv, .start = shell_start,
		.ready = shell_ready, .stop = shell_stop, .free = shell_free, .northbound = &northbound};

	return daemon_main(argc, argv, &def);
}
