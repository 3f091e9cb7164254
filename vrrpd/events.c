/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the core says happened, as log lines (rate-limited) and as events of the stream. Owns nothing. */
#include <stdio.h>
#include <string.h>

#include "lib/ha.h"
#include "lib/log.h"
#include "vrrpd/read.h"
#include "vrrpd/shell.h"

static struct log_event ev_state = {.name = "vrrp.state", .level = LOG_LVL_NOTICE, .per_minute = 600};
static struct log_event ev_dropped = {.name = "vrrp.advert-dropped", .level = LOG_LVL_WARNING, .per_minute = 20};
static struct log_event ev_mismatch = {.name = "vrrp.address-mismatch", .level = LOG_LVL_WARNING, .per_minute = 10};
static struct log_event ev_hold = {.name = "vrrp.hold", .level = LOG_LVL_NOTICE, .per_minute = 60};
static struct log_event ev_lan = {.name = "vrrp.lan", .level = LOG_LVL_WARNING, .per_minute = 60};
static struct log_event ev_track = {.name = "vrrp.track", .level = LOG_LVL_NOTICE, .per_minute = 120};
static struct log_event ev_split = {.name = "vrrp.split", .level = LOG_LVL_WARNING, .per_minute = 60};

static void
object_print(char *out, size_t size, const char *ifname, const struct vrrp_key *key)
{
	if (key->vrid)
		snprintf(out, size, "%s vrid %u ipv%d", ifname, key->vrid, key->afi == AFI_IP4 ? 4 : 6);
	else
		snprintf(out, size, "%s", ifname);
}

void
vrrp_events_change(const struct vrrp_change *c)
{
	static const struct {
		enum ha_kind kind;
		const char *name;
	} rows[] = {
		[VRRP_INITIALIZE] = {HA_FAULT, "vrrp.initialize"},
		[VRRP_BACKUP] = {HA_SWITCH, "vrrp.backup"},
		[VRRP_MASTER] = {HA_SWITCH, "vrrp.master"},
	};
	char object[64], master[IPADDR_STRLEN];

	if (c->new_state >= sizeof(rows) / sizeof(rows[0]))
		return;
	object_print(object, sizeof(object), c->ifname, &c->key);
	ipaddr_print(&c->master, master);
	const char *why = vrrp_reason_name(c->reason), *old = vrrp_state_name(c->old_state);
	ha_event(rows[c->new_state].kind, rows[c->new_state].name, object, c->at, "%s, was %s, priority %u%s%s", why, old,
		c->priority, *master ? ", master " : "", master);
	log_event(&ev_state, "interface=%s vrid=%u family=ipv%d from=%s to=%s reason=%s priority=%u master=%s", c->ifname,
		c->key.vrid, c->key.afi == AFI_IP4 ? 4 : 6, old, vrrp_state_name(c->new_state), why, c->priority, master);
}

static void
log_dropped(const struct vrrp_log *l, const char *object)
{
	char src[IPADDR_STRLEN], bytes[2 * sizeof(l->bytes) + 1] = "";

	for (size_t i = 0; i < l->len && i < sizeof(l->bytes); i++)
		snprintf(bytes + 2 * i, 3, "%02x", l->bytes[i]);
	log_event(&ev_dropped, "object=\"%s\" source=%s reason=%s why=\"%s\" expected=%u got=%u bytes=%s", object,
		ipaddr_print(&l->src, src), vrrp_drop_name(l->reason), vrrp_drop_explain(l->reason), l->want, l->got, bytes);
}

void
vrrp_events_log(const struct vrrp_log *l)
{
	char object[64], src[IPADDR_STRLEN];

	object_print(object, sizeof(object), l->ifname, &l->key);
	ipaddr_print(&l->src, src);
	switch ((enum vrrp_log_kind)l->kind) {
	case VRRP_LOG_DROPPED:
		log_dropped(l, object);
		return;
	case VRRP_LOG_MISMATCH:
		log_event(&ev_mismatch, "object=\"%s\" source=%s error=\"%s\"", object, src, l->text);
		return;
	case VRRP_LOG_HOLD:
		if (l->on)
			ha_event(HA_NOTE, "vrrp.held", object, l->at, "%s", l->text);
		log_event(&ev_hold, "object=\"%s\" held=%s text=\"%s\"", object, l->on ? "yes" : "no", l->text);
		return;
	case VRRP_LOG_LAN:
		ha_event(l->on ? HA_FAULT : HA_REPAIR, l->on ? "vrrp.lan-dead" : "vrrp.lan-alive", object, l->at, "%s", l->text);
		log_event(&ev_lan, "object=\"%s\" dead=%s text=\"%s\"", object, l->on ? "yes" : "no", l->text);
		return;
	case VRRP_LOG_TRACK:
		log_event(&ev_track, "object=\"%s\" text=\"%s\"", object, l->text);
		return;
	case VRRP_LOG_SPLIT:
		if (!l->on)
			ha_event(HA_REPAIR, "vrrp.split-healed", object, l->at, "%s", l->text);
		log_event(&ev_split, "object=\"%s\" source=%s text=\"%s\"", object, src, l->text);
		return;
	}
}
