/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of BFD: see state.h and docs/dev/state-bfd.md. Read only. */
#include "bfdd/state.h"

#include <string.h>

#include "bfdd/clients.h"
#include "bfdd/io.h"
#include "bfdd/session.h"
#include "bfdd/shell.h"
#include "bfdd/wire_out.h"
#include "lib/timely.h"

static const char *const liveness_names[] = {"unknown", "up", "down"};

static uint64_t
ms_since(int64_t then, int64_t now)
{
	return then && now > then ? (uint64_t)((now - then) / TIME_MS) : 0;
}

static void
row_key(struct rows *out, const struct bfd_view *v)
{
	row_addr(out, "peer", &v->key.peer);
	row_addr(out, "local", &v->key.local);
	row_str(out, "interface", *v->ifname ? v->ifname : NULL);
	row_bool(out, "multihop", v->key.multihop);
	row_uint(out, "discriminator", v->discriminator);
}

static void
row_params(struct rows *out, const struct bfd_params *p)
{
	row_bool(out, "passive", p->passive);
	row_bool(out, "shutdown", p->shutdown);
	row_bool(out, "echo-mode", p->echo);
	row_bool(out, "log-session-changes", p->log_changes);
	row_uint(out, "detect-multiplier", p->detect_multiplier);
	row_uint(out, "minimum-ttl", p->min_ttl);
	row_uint(out, "desired-tx-us", p->tx_us);
	row_uint(out, "required-rx-us", p->rx_us);
	row_uint(out, "echo-tx-us", p->echo_tx_us);
	row_uint(out, "echo-rx-us", p->echo_rx_us);
	row_str(out, "authentication", bfd_auth_type_name(p->auth.type));
	if (p->auth.type)
		row_uint(out, "authentication-key-id", p->auth.key_id);
}

static void
row_running(struct rows *out, const struct bfd_view *v)
{
	row_uint(out, "said-tx-us", v->desired_tx_us);
	row_uint(out, "said-rx-us", v->required_rx_us);
	row_uint(out, "tx-us", v->tx_us);
	row_uint(out, "tx-gap-us", v->last_gap_us);
	row_uint(out, "detection-us", v->detection_us);
	row_bool(out, "polling", v->polling);
	row_uint(out, "echo-us", v->echo_us);
	row_uint(out, "echo-detection-us", v->echo_detection_us);
	row_bool(out, "echo-proven", v->echo_proven);
	row_bool(out, "echo-failed", v->echo_failed);
	row_uint(out, "remote-detect-multiplier", v->remote_multiplier);
	row_uint(out, "remote-tx-us", v->remote_desired_tx_us);
	/* before the peer has spoken RFC 5880 6.8.1 has 1 us there, which tells nobody anything */
	row_uint(out, "remote-rx-us", v->remote_discriminator ? v->remote_required_rx_us : 0);
	row_uint(out, "remote-echo-rx-us", v->remote_echo_rx_us);
	row_bool(out, "remote-demand", v->remote_demand);
	row_uint(out, "rtt-count", v->rtt_count);
	row_uint(out, "rtt-min-us", v->rtt_min_us);
	row_uint(out, "rtt-avg-us", v->rtt_avg_us);
	row_uint(out, "rtt-max-us", v->rtt_max_us);
}

static void
row_people(struct rows *out, const struct bfd_view *v, int64_t now)
{
	unsigned holders = v->holder_count < BFD_VIEW_HOLDERS ? v->holder_count : BFD_VIEW_HOLDERS;
	row_array(out, "wanted-by");
	for (unsigned i = 0; i < holders; i++) {
		row_object(out, NULL);
		row_str(out, "protocol", v->holders[i]);
		row_bool(out, "away", v->holder_gone[i]);
		row_close(out);
	}
	row_close(out);
	row_array(out, "history"); /* newest first */
	for (unsigned i = 0; i < v->history_count && i < BFD_VIEW_HISTORY; i++) {
		row_object(out, NULL);
		row_uint(out, "ms-ago", ms_since(v->history[i].at, now));
		row_str(out, "from", bfd_state_name(v->history[i].from));
		row_str(out, "to", bfd_state_name(v->history[i].to));
		row_str(out, "why", bfd_event_name(v->history[i].event));
		row_close(out);
	}
	row_close(out);
}

/* What a row is written from without the lock. */
struct seen {
	struct bfd_view view;
	struct bfd_view_at at; /* where the walk goes on behind it */
	uint16_t source_port;
	int64_t now;
};
typedef void view_row_fn(const struct seen *s, struct rows *out);

static void
session_row(const struct seen *s, struct rows *out)
{
	const struct bfd_view *v = &s->view;
	int64_t now = s->now;
	row_begin(out);
	row_key(out, v);
	row_uint(out, "remote-discriminator", v->remote_discriminator);
	row_str(out, "state", bfd_state_name(v->state));
	row_str(out, "remote-state", bfd_state_name(v->remote_state));
	row_str(out, "liveness", v->liveness < 3 ? liveness_names[v->liveness] : NULL);
	row_uint(out, "diagnostic", v->diag);
	row_str(out, "diagnostic-text", bfd_diag_name(v->diag));
	row_uint(out, "remote-diagnostic", v->remote_diag);
	row_str(out, "remote-diagnostic-text", bfd_diag_name(v->remote_diag));
	row_bool(out, "configured", v->configured);
	row_bool(out, "waiting", v->waiting);
	row_bool(out, "restored", v->restored);
	row_str(out, "profile", *v->profile ? v->profile : NULL);
	row_uint(out, "since-ms", ms_since(v->since, now));
	if (v->last_arrival)
		row_uint(out, "last-packet-ms", ms_since(v->last_arrival, now));
	row_uint(out, "source-port", s->source_port);
	row_params(out, &v->params);
	row_running(out, v);
	row_people(out, v, now);
	row_end(out);
}

static void
row_drops(struct rows *out, const struct bfd_counters *c)
{
	row_object(out, "drops");
	for (unsigned d = BFD_DROP_NONE + 1; d < BFD_DROP_COUNT; d++)
		if (c->drops[d])
			row_uint(out, bfd_drop_name(d), c->drops[d]);
	row_close(out);
}

static void
counters_row(const struct seen *s, struct rows *out)
{
	const struct bfd_view *v = &s->view;
	row_begin(out);
	row_key(out, v);
	row_uint(out, "control-rx", v->count.control_rx);
	row_uint(out, "control-tx", v->count.control_tx);
	row_uint(out, "echo-rx", v->count.echo_rx);
	row_uint(out, "echo-tx", v->count.echo_tx);
	row_uint(out, "ups", v->count.ups);
	row_uint(out, "downs", v->count.downs);
	row_uint(out, "dropped", bfd_drops_sum(&v->count));
	row_drops(out, &v->count);
	if (v->last_drop_at) {
		row_str(out, "last-drop", bfd_drop_name(v->last_drop));
		row_uint(out, "last-drop-ms", ms_since(v->last_drop_at, s->now));
	}
	row_end(out);
}

/* --- walks ------------------------------------------------------------------------------------------- */

/* Copies of some sessions: so few that no packet waits, so many that a `show` does not wait for the lock at each. */
static unsigned
seen_fetch(struct bfd_shell *s, const struct bfd_view_at *from, struct seen *out, unsigned most)
{
	struct bfd_view_at at = *from;
	unsigned n = 0;
	int64_t now = bfd_shell_enter(s);
	while (n < most && bfd_view_next(s->core, &at, &out[n].view)) {
		out[n].at = at;
		out[n].now = now;
		out[n].source_port = bfd_wire_port(s->wire, out[n].view.discriminator);
		n++;
	}
	bfd_shell_leave(s);
	return n;
}

static bool
each_view(struct bfd_shell *s, view_row_fn *row, struct rows *out, struct state_resume *resume)
{
	struct seen batch[16];
	struct bfd_view_at at;
	unsigned n;
	_Static_assert(sizeof(at) <= sizeof(resume->key), "a walk's place is kept there");

	memcpy(&at, resume->key, sizeof(at));
	do {
		n = seen_fetch(s, &at, batch, sizeof(batch) / sizeof(batch[0]));
		for (unsigned i = 0; i < n; i++) {
			if (rows_full(out)) {
				memcpy(resume->key, &at, sizeof(at));
				return false;
			}
			row(&batch[i], out);
			at = batch[i].at;
		}
	} while (n);
	return true;
}

static bool
state_sessions(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	(void)args, (void)now;
	return each_view(core, session_row, out, resume);
}

static bool
state_counters(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	(void)args, (void)now;
	return each_view(core, counters_row, out, resume);
}

/* Of the instance: also what could not be given to any session. */
static bool
state_drops(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	struct bfd_shell *s = core;
	(void)args, (void)resume, (void)now;
	bfd_shell_enter(s);
	struct bfd_counters total = *bfd_total(s->core);
	bfd_shell_leave(s);
	for (unsigned d = BFD_DROP_NONE + 1; d < BFD_DROP_COUNT; d++) {
		row_begin(out);
		row_str(out, "reason", bfd_drop_name(d));
		row_str(out, "explanation", bfd_drop_explain(d));
		row_uint(out, "packets", total.drops[d]);
		row_end(out);
	}
	return true;
}

static bool
state_threads(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	struct bfd_shell *s = core;
	(void)args, (void)resume, (void)now;
	row_begin(out);
	timely_rows(s->timely, out);
	bfd_shell_enter(s);
	struct bfd_wire_counters wire = *bfd_wire_counters(s->wire);
	struct bfd_io_counters io = *bfd_io_counters(s->io);
	size_t sessions = bfd_session_count(s->core);
	bfd_shell_leave(s);
	row_uint(out, "sessions", sessions);
	row_uint(out, "sockets", wire.sockets);
	row_uint(out, "shared-source-ports", wire.shared_ports);
	row_uint(out, "sent", wire.sent);
	row_uint(out, "send-failed", wire.failed);
	row_str(out, "send-last-error", wire.last_errno ? strerror(wire.last_errno) : NULL);
	row_uint(out, "receive-buffer-bytes", io.buffer_bytes);
	row_uint(out, "datagrams-truncated", io.truncated);
	row_uint(out, "datagrams-foreign", io.foreign);
	bfd_clients_rows(s->clients, out);
	row_end(out);
	return true;
}

const struct state_producer bfd_producers[] = {
	{"bfd/sessions", state_sessions},
	{"bfd/counters", state_counters},
	{"bfd/drops", state_drops},
	{"bfd/threads", state_threads},
	{0},
};
