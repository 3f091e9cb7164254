/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every line bfdd logs about the protocol: one row per kind with its name, level and limit. Dropped
 * packets say why and show their first octets.
 */
#include "bfdd/log.h"

#include <stdio.h>
#include <string.h>

#include "bfdd/bfdd.h"
#include "bfdd/links.h"
#include "bfdd/session.h"
#include "lib/bfdclient.h"
#include "lib/ha.h"
#include "lib/log.h"

#define OBJECT_MAX 160

static struct log_event events[] = {
	[BFD_LOG_STATE] = {.name = "bfd.session-state", .level = LOG_LVL_INFO, .per_minute = 600},
	[BFD_LOG_DROPPED] = {.name = "bfd.packet-dropped", .level = LOG_LVL_WARNING, .per_minute = 30},
};

/* "10.0.0.2 eth1", "10.9.9.9 from 10.1.1.1 multihop" */
static const char *
object(const struct bfd_key *k, const struct bfd_links *links, char *out)
{
	char peer[IPADDR_STRLEN], local[IPADDR_STRLEN], number[16] = "";
	const char *name = k->ifindex ? bfd_links_name(links, k->ifindex) : "";

	if (!name) {
		snprintf(number, sizeof(number), "#%u", k->ifindex);
		name = number;
	}
	snprintf(out, OBJECT_MAX, "%s%s%s%s%s%s", ipaddr_print(&k->peer, peer), *name ? " " : "", name,
		k->local.afi ? " from " : "", ipaddr_print(&k->local, local), k->multihop ? " multihop" : "");
	return out;
}

static const char *
hex(const struct bfd_log *l, char *out)
{
	size_t n = l->len < sizeof(l->bytes) ? l->len : sizeof(l->bytes);
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", l->bytes[i]);
	out[2 * n] = '\0';
	return out;
}

void
bfd_log_line(const struct bfd_log *l, const struct bfd_links *links)
{
	char what[OBJECT_MAX], from[IPADDR_STRLEN], bytes[2 * sizeof(l->bytes) + 1];

	switch ((enum bfd_log_kind)l->kind) {
	case BFD_LOG_STATE:
		log_event(&events[l->kind], "peer=\"%s\" from=%s to=%s diagnostic=\"%s\"", object(&l->key, links, what),
			bfd_state_name(l->old_state), bfd_state_name(l->new_state), bfd_diag_name(l->diag));
		return;
	case BFD_LOG_DROPPED:
		log_event(&events[l->kind], "reason=%s from=%s ttl=%u peer=\"%s\" why=\"%s\" bytes=%s",
			bfd_drop_name(l->reason), ipaddr_print(&l->src, from), l->ttl,
			l->key.peer.afi ? object(&l->key, links, what) : "", bfd_drop_explain(l->reason), hex(l, bytes));
		return;
	}
}

void
bfd_log_send_failed(const struct bfd_key *k, int error, const struct bfd_links *links)
{
	static struct log_event ev = {.name = "bfd.send-failed", .level = LOG_LVL_NOTICE, .per_minute = 6};
	char what[OBJECT_MAX];
	log_event(&ev, "peer=\"%s\" error=\"%s\"", object(k, links, what), strerror(error));
}

void
bfd_log_left_out(uint32_t lines)
{
	log_warning("bfd.packets-dropped", "more=%u why=\"see show bfd peers counters\"", lines);
}

void
bfd_log_event(const struct bfd_change *c, const struct bfd_links *links)
{
	char what[OBJECT_MAX];
	bool was_up = c->old_state == BFD_UP, is_up = c->state == BFD_UP && !c->gone;

	if (was_up == is_up && !(is_up && c->liveness == BFD_LIVE_UP))
		return;
	object(&c->key, links, what);
	if (is_up && c->liveness != BFD_LIVE_UP)
		ha_event(HA_NOTE, "bfd.session-up", what, c->at, "by control packets; the path counts when echoes are back, too");
	else if (is_up) /* also from Up to Up: echoes are back */
		ha_event(HA_REPAIR, "bfd.session-up", what, c->at, "detection-us=%u", c->detection_us);
	else /* an administrator's doing is no fault */
		ha_event(c->liveness == BFD_LIVE_DOWN ? HA_FAULT : HA_NOTE, "bfd.session-down", what, c->at,
			"%s; diagnostic=\"%s\" remote-state=%s remote-diagnostic=\"%s\" detection-us=%u",
			c->liveness == BFD_LIVE_DOWN ? "the path is dead" : "says nothing of the path",
			bfd_diag_name(c->diag), bfd_state_name(c->remote_state), bfd_diag_name(c->remote_diag),
			c->detection_us);
}
