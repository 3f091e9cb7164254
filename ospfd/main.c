/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ospfd: wires the OSPF core to raw sockets, zebra and the northbound. The core exists while OSPF
 * is configured; links and addresses are remembered here, so that a core made later learns them.
 */
#include <linux/capability.h>
#include <string.h>
#include <time.h>

#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/priv.h"
#include "lib/zclient.h"
#include "ospfd/config.h"
#include "ospfd/shell.h"
#include "ospfd/version.h"

#define GRACE_SECONDS 120
#define SETTLE_MAX     (100 * TIME_SEC) /* within the grace time */
#define SETTLE_DEFAULT (45 * TIME_SEC) /* an interface without settings of its own: 40 s and some */
#define STOP_DELAY    (50 * TIME_MS) /* between the flush of our LSAs and the end */

static void
deadline_arm(struct shell *s);

static void
deadline_due(void *arg, int64_t now)
{
	struct shell *s = arg;

	ospf_run_timers(s->src.ospf, now);
	deadline_arm(s);
}

static void
deadline_arm(struct shell *s)
{
	int64_t due = ospf_next_deadline(s->src.ospf);

	if (due == TIME_NEVER)
		timer_cancel(loop_timers(s->loop), &s->deadline);
	else
		timer_set(loop_timers(s->loop), &s->deadline, due, deadline_due, s);
}

/* --- what the core wants ------------------------------------------------------------------- */
static void
want_send(void *arg, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len)
{
	struct shell *s = arg;

	io_send(s->io, ifindex, src, dst, bytes, len);
}

static void
want_membership(void *arg, uint32_t ifindex, const struct ipaddr *group, bool join)
{
	struct shell *s = arg;

	io_membership(s->io, ifindex, group, join);
}

static void
want_routes(void *arg, const struct ospf_route_batch *batch)
{
	struct shell *s = arg;

	rib_out_batch(s->rib_out, batch);
}

static void
want_notify(void *arg, const struct ospf_event *ev)
{
	struct shell *s = arg;

	if (ev->kind == OSPF_EV_SPF && ev->new == CHANGE_TOPOLOGY)
		s->src.spf_us = loop_clock() - loop_now(s->loop);
	if (ev->kind == OSPF_EV_READY) {
		zclient_flush(s->zclient); /* the routes that it speaks of go before it */
		zclient_ready(s->zclient, ev->new, ev->text);
		if (ev->new)
			bfd_out_settled(s->bfd_out); /* every neighbour there is has been heard */
	}
	ospf_log(ev, s->log_adjacency, s->log_adjacency_detail);
}

static void
want_bfd(void *arg, uint32_t ifindex, const struct ipaddr *local, const struct ipaddr *peer,
	const struct ospf_bfd_params *params, bool want)
{
	struct shell *s = arg;

	bfd_out_want(s->bfd_out, ifindex, local, peer, params, want);
}

static const struct ospf_ops core_ops = {.send = want_send, .membership = want_membership,
	.routes = want_routes, .notify = want_notify, .bfd_want = want_bfd};

static void
packet_received(void *arg, uint32_t ifindex, const struct ipaddr *src, const struct ipaddr *dst,
	const uint8_t *bytes, size_t len, int64_t now)
{
	struct shell *s = arg;

	ospf_packet_received(s->src.ospf, ifindex, src, dst, bytes, len, now);
	deadline_arm(s);
}

static void
bfd_changed(void *arg, uint32_t ifindex, const struct ipaddr *peer, enum ospf_bfd liveness, int64_t now)
{
	struct shell *s = arg;

	ospf_bfd_changed(s->src.ospf, ifindex, peer, liveness, now);
	deadline_arm(s);
}

/* --- what zebra says ----------------------------------------------------------------------- */
static void
zebra_interface(void *arg, const struct zclient_interface *i, bool gone, int64_t now)
{
	struct shell *s = arg;
	struct ospf_link link = {.ifindex = i->ifindex, .up = !gone && i->admin_up && i->carrier, .gone = gone,
		.loopback = i->loopback, .pointopoint = i->point_to_point, .multicast = i->multicast,
		.mtu = i->mtu, .bandwidth_kbit = i->bandwidth_kbit,
		.virtual_router = !strncmp(i->name, "vrrp4-", 6) || !strncmp(i->name, "vrrp6-", 6)};

	memcpy(link.name, i->name, sizeof(i->name));
	ospf_link_changed(s->src.ospf, &link, now);
	deadline_arm(s);
}

static void
zebra_address(void *arg, const struct zclient_address *a, bool gone, int64_t now)
{
	struct shell *s = arg;
	struct ipaddr addr = prefix_addr(&a->address);

	if (a->address.afi != AFI_IP4)
		return;
	ospf_address_changed(s->src.ospf, a->ifindex, &addr, a->address.len, &a->peer, !gone, now);
	deadline_arm(s);
}

static void
zebra_lan(void *arg, const struct zclient_lan *l, int64_t now)
{
	struct shell *s = arg;
	struct ospf_lan lan = {.role = l->role, .dead = l->dead, .withdraw = l->withdraw, .added_cost = l->added_cost};

	ospf_lan_changed(s->src.ospf, l->ifindex, &lan, now);
	deadline_arm(s);
}

/* All of routing is in the kernel, so ours is. */
static void
zebra_ready(void *arg, bool ready, const char *waiting_for, int64_t now)
{
	struct shell *s = arg;
	const char *lacks;

	(void)waiting_for;
	if (ready && ospf_is_ready(s->src.ospf, &lacks))
		ospf_routes_installed(s->src.ospf, now);
	deadline_arm(s);
}

/* Each connection begins so; what the first says is of our former life. */
static void
zebra_connected(void *arg, int64_t now)
{
	struct shell *s = arg;

	if (!s->met)
		ospf_set_forwarding(s->src.ospf, zclient_forwarding(s->zclient), now);
	s->met = true;
	deadline_arm(s);
}

static void
zebra_router_id(void *arg, uint32_t id, int64_t now)
{
	struct shell *s = arg;

	ospf_router_id_changed(s->src.ospf, id, now);
	deadline_arm(s);
}

static const char *const source_names[OSPF_SRC_COUNT] = {"connected", "static", "kernel", "bgp", "default"};

static void
zebra_redistributed(void *arg, const struct zclient_redistributed *r, bool withdraw, int64_t now)
{
	struct shell *s = arg;
	struct ospf_redist_route row = {.withdraw = withdraw, .prefix = r->prefix, .metric = r->metric,
		.tag = r->tag, .ifindex = r->ifindex, .gateway = r->gateway};

	for (row.source = 0; row.source < OSPF_SRC_COUNT; row.source++)
		if (!strcmp(source_names[row.source], r->protocol))
			break;
	if (row.source == OSPF_SRC_COUNT || r->prefix.afi != AFI_IP4)
		return;
	ospf_routes_redistributed(s->src.ospf, &row, 1, now);
	deadline_arm(s);
}

/*
 * A fresh process has no routes yet, while those of its former life still forward: it ends its
 * replay when every neighbour that knew it has been heard or is dead (as RFC 3623 2.2 waits).
 */
static void
settle_due(void *arg, int64_t now)
{
	struct shell *s = arg;

	(void)now;
	timer_cancel(loop_timers(s->loop), &s->settle);
	s->settled = true;
	zclient_replay_end(s->zclient);
	bfd_out_settled(s->bfd_out);
}

static void
zebra_replay(void *arg, int64_t now)
{
	struct shell *s = arg;

	rib_out_replay(s->rib_out);
	if (s->settled)
		zclient_replay_end(s->zclient);
	else if (!timer_armed(&s->settle))
		timer_set(loop_timers(s->loop), &s->settle, now + SETTLE_MAX, settle_due, s);
}

/* The config has come for the first time: nothing to wait for without it, else the longest dead interval. */
static void
settle_configured(struct shell *s, const struct ospf_config *c, int64_t now)
{
	int64_t wait = c && c->network_count ? SETTLE_DEFAULT : c ? 10 * TIME_SEC : 0;

	for (size_t i = 0; c && i < c->iface_count; i++) {
		const struct ospf_conf_iface *f = &c->ifaces[i];
		int64_t dead = f->minimal_hellos ? 1 : f->dead_s ? f->dead_s : 4 * (int64_t)f->hello_s;
		if (wait < (dead + 5) * TIME_SEC)
			wait = (dead + 5) * TIME_SEC;
	}
	if (!s->settled)
		timer_set(loop_timers(s->loop), &s->settle, now + (wait < SETTLE_MAX ? wait : SETTLE_MAX), settle_due, s);
}

static const struct zclient_ops zebra_ops = {.interface = zebra_interface, .address = zebra_address,
	.router_id = zebra_router_id, .redistributed = zebra_redistributed, .replay = zebra_replay, .lan = zebra_lan,
	.ready = zebra_ready, .connected = zebra_connected};

/* --- configuration ------------------------------------------------------------------------- */
static void
redistribution_follow(struct shell *s, const struct ospf_config *c)
{
	for (unsigned src = 0; src < OSPF_SRC_COUNT; src++) {
		bool want = c && ospf_config_redist(c, src);
		if (want == s->redistributing[src])
			continue;
		s->redistributing[src] = want;
		if (src == OSPF_SRC_DEFAULT)
			zclient_default_origin(s->zclient, AFI_IP4, want);
		else
			zclient_redistribute(s->zclient, source_names[src], AFI_IP4, want);
	}
}

static void
config_apply(void *core, const struct conf_object *old, const struct conf_object *new, int64_t now)
{
	struct shell *s = core;
	struct ospf_config *c = config_build(new);

	if (!old)
		settle_configured(s, c, now);
	s->configured = c != NULL;
	s->log_adjacency = c && c->log_adjacency;
	s->log_adjacency_detail = c && c->log_adjacency_detail;
	redistribution_follow(s, c);
	ospf_reconfigure(s->src.ospf, c, now);
	deadline_arm(s);
}

/* --- RPCs ---------------------------------------------------------------------------------- */
static const char *
rpc_clear_process(void *core, const struct nb_args *args, struct rows *out, int64_t now)
{
	struct shell *s = core;

	(void)args, (void)out;
	ospf_clear_process(s->src.ospf, now);
	deadline_arm(s);
	return NULL;
}

static const char *
rpc_clear_neighbor(void *core, const struct nb_args *args, struct rows *out, int64_t now)
{
	struct shell *s = core;
	const char *text = nb_arg(args, "neighbor");
	uint32_t id = 0;

	(void)out;
	if (text && !ip4_parse(text, &id))
		return "neighbor: expected a router id, A.B.C.D";
	ospf_clear_neighbor(s->src.ospf, id, now);
	deadline_arm(s);
	return NULL;
}

static const struct rpc_row rpcs[] = {
	{"clear-ospf-process", rpc_clear_process},
	{"clear-ospf-neighbor", rpc_clear_neighbor},
	{0},
};

/* --- life ---------------------------------------------------------------------------------- */
static void *
shell_start(struct daemon *d)
{
	struct shell *s = mem_zalloc(sizeof(*s));

	s->loop = daemon_loop(d);
	s->io = io_new(s->loop, packet_received, s);
	s->rib_out = rib_out_new();
	s->src.ospf = ospf_new(&ospf_v2, &core_ops, s, daemon_seed(), loop_now(s->loop));
	ospf_set_wallclock(s->src.ospf, (uint32_t)time(NULL), loop_now(s->loop));
	s->zclient = zclient_new(s->loop, daemon_path(d, "rib.sock"), "ospf", GRACE_SECONDS, &zebra_ops, s);
	rib_out_attach(s->rib_out, s->zclient);
	zclient_ready(s->zclient, false, "waiting for its configuration");
	s->bfd_out = bfd_out_new(s->loop, daemon_path(d, "bfd.sock"), GRACE_SECONDS, bfd_changed, s);
	return s;
}

static void
stop_due(void *arg, int64_t now)
{
	struct shell *s = arg;

	(void)now;
	loop_stop(s->loop, 0);
}

/* The flush of our LSAs has left when the turn ends; neighbours get a moment to take it. */
static void
shell_stop(void *core, int64_t now)
{
	struct shell *s = core;

	timer_cancel(loop_timers(s->loop), &s->deadline);
	ospf_shutdown(s->src.ospf, now);
	zclient_flush(s->zclient);
	timer_set(loop_timers(s->loop), &s->deadline, now + (s->configured ? STOP_DELAY : 0), stop_due, s);
}

static void
shell_free(void *core)
{
	struct shell *s = core;

	timer_cancel(loop_timers(s->loop), &s->deadline);
	timer_cancel(loop_timers(s->loop), &s->settle);
	ospf_free(s->src.ospf);
	rib_out_free(s->rib_out);
	bfd_out_free(s->bfd_out);
	zclient_free(s->zclient);
	io_free(s->io);
	mem_free(s);
}

static const struct northbound_def northbound = {
	.daemon = "ospfd",
	.config = &config_root,
	.apply = config_apply,
	.producers = shell_producers,
	.rpcs = rpcs,
};
static const int caps[] = {CAP_NET_RAW, -1};
static const struct priv_def priv = {.caps = caps};

int
main(int argc, char **argv)
{
	static const struct daemon_def def = {.name = "ospfd", .priv = &priv, .start = shell_start,
		.stop = shell_stop, .free = shell_free, .northbound = &northbound};

	return daemon_main(argc, argv, &def);
}
