/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a session as one value, for shows and clients. Reads only. */
#include "bfdd/core.h"

#include <string.h>

static void
copy_text(char *out, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(out, text, len);
	memset(out + len, 0, size - len);
}

static void
view_claims(const struct bfd_session *s, struct bfd_view *out)
{
	const struct bfd_claim *c;

	TAILQ_FOREACH(c, &s->claims, of_session) {
		if (c->want.profile[0] && (!out->profile[0] || (c->conf_key && !out->configured)))
			copy_text(out->profile, sizeof(out->profile), c->want.profile);
		if (c->conf_key) {
			out->configured = true;
			continue;
		}
		if (out->holder_count < BFD_VIEW_HOLDERS) {
			copy_text(out->holders[out->holder_count], sizeof(out->holders[0]), c->client->protocol);
			out->holder_gone[out->holder_count] = !c->client->open;
		}
		out->holder_count++;
	}
}

static void
view_running(const struct bfd_session *s, struct bfd_view *out)
{
	out->desired_tx_us = s->poll.desired_tx_us;
	out->required_rx_us = s->poll.required_rx_us;
	out->tx_us = bfd_session_sends(s) ? (uint32_t)bfd_session_interval(s) : 0;
	out->last_gap_us = s->tx.gap > 0 && s->tx.gap < UINT32_MAX ? (uint32_t)s->tx.gap : 0;
	out->detection_us = (uint32_t)(s->detect.us < UINT32_MAX ? s->detect.us : UINT32_MAX);
	out->polling = s->poll.active;
	out->echo_us = s->echo.active ? (uint32_t)s->echo.interval : 0;
	out->echo_detection_us = (uint32_t)bfd_echo_detection(s);
	out->echo_proven = s->echo.proven;
	out->echo_failed = bfd_echo_holds(s);
	out->remote_multiplier = s->remote.multiplier;
	out->remote_desired_tx_us = s->remote.desired_tx_us;
	out->remote_required_rx_us = s->remote.required_rx_us;
	out->remote_echo_rx_us = s->remote.echo_rx_us;
	out->remote_demand = s->remote.demand;
	out->rtt_count = s->echo.rtt_count;
	out->rtt_min_us = s->echo.rtt_min;
	out->rtt_max_us = s->echo.rtt_max;
	out->rtt_avg_us = s->echo.rtt_count ? (uint32_t)(s->echo.rtt_sum / s->echo.rtt_count) : 0;
}

static void
view_session(const struct bfd_session *s, struct bfd_view *out)
{
	const struct bfd_iface *i = bfd_iface_by_index(s->b, s->key.ifindex);

	memset(out, 0, sizeof(*out));
	out->key = s->key;
	if (i)
		memcpy(out->ifname, i->name, sizeof(out->ifname));
	out->discriminator = s->discr;
	out->remote_discriminator = s->remote.discr;
	out->state = s->fsm.state;
	out->remote_state = s->remote.state;
	out->diag = s->diag;
	out->remote_diag = s->remote.diag;
	out->liveness = s->liveness;
	out->restored = s->restored;
	out->params = s->p;
	explicit_bzero(out->params.auth.key, sizeof(out->params.auth.key));
	out->since = s->fsm.since;
	out->last_arrival = s->detect.last_arrival;
	view_claims(s, out);
	view_running(s, out);
	out->count = s->count;
	out->last_drop = s->last_drop;
	out->last_drop_at = s->last_drop_at;
	for (const struct fsm_step *step; out->history_count < BFD_VIEW_HISTORY &&
		(step = fsm_past(&s->fsm, out->history_count));)
		out->history[out->history_count++] = (struct bfd_view_step){step->when, step->from, step->to, step->event};
}

/* A configured peer whose interface does not exist. */
static void
view_waiting(const struct bfd_claim *c, struct bfd_view *out)
{
	struct bfd_choice choice = bfd_config_choice(bfd_config_peer(c->client->b->conf, c->conf_key));

	memset(out, 0, sizeof(*out));
	out->key = c->want.key;
	out->waiting = out->configured = true;
	out->state = BFD_DOWN;
	out->remote_state = BFD_DOWN;
	memcpy(out->ifname, c->interface, sizeof(out->ifname));
	copy_text(out->profile, sizeof(out->profile), c->want.profile);
	out->params = bfd_choice_settle(&choice, c->want.key.multihop);
	explicit_bzero(out->params.auth.key, sizeof(out->params.auth.key));
}

bool
bfd_view_next(const struct bfd *b, struct bfd_view_at *at, struct bfd_view *out)
{
	const struct bfd_claim *c;
	unsigned index = 0;

	if (!at->waiting) {
		size_t i = at->started ? bfd_table_after(b, &at->key) : 0;
		while (i < b->count && b->order[i]->ending)
			i++;
		if (i < b->count) {
			at->started = true;
			at->key = b->order[i]->key;
			view_session(b->order[i], out);
			return true;
		}
		at->waiting = true;
	}
	TAILQ_FOREACH(c, &b->config.claims, of_client) {
		if (c->session || index++ < at->index)
			continue;
		at->index++;
		view_waiting(c, out);
		return true;
	}
	return false;
}

bool
bfd_view_of(const struct bfd *b, uint32_t discriminator, struct bfd_view *out)
{
	const struct bfd_session *s = bfd_table_by_discr(b, discriminator);

	if (!s || s->ending)
		return false;
	view_session(s, out);
	return true;
}

void
bfd_each_session(const struct bfd *b, bfd_session_fn *fn, void *arg)
{
	for (size_t i = 0; i < b->count; i++) {
		struct bfd_change c;
		if (b->order[i]->ending)
			continue;
		bfd_session_change(b->order[i], &c);
		fn(arg, &c);
	}
}

size_t
bfd_session_count(const struct bfd *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->count; i++)
		n += !b->order[i]->ending;
	return n;
}

const struct bfd_counters *
bfd_total(const struct bfd *b)
{
	return &b->total;
}

void
bfd_clear_counters(struct bfd *b)
{
	memset(&b->total, 0, sizeof(b->total));
	for (size_t i = 0; i < b->count; i++)
		memset(&b->order[i]->count, 0, sizeof(b->order[i]->count));
}
