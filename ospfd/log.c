/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every line ospfd logs about the protocol: one row per kind of event with its name, level and
 * limit, one function per shape of event. Dropped packets say what differed and show their first octets.
 */
#include "ospfd/log.h"

#include <stdio.h>

#include "lib/ha.h"
#include "lib/log.h"
#include "ospfd/lan.h"
#include "ospfd/nbr.h"
#include "ospfd/ospfd.h"
#include "ospfd/stats.h"
#include "ospfd/version.h"

static struct log_event events[OSPF_EV_COUNT] = {
	[OSPF_EV_NBR_STATE] = {.name = "ospf.neighbor-state", .level = LOG_LVL_NOTICE, .per_minute = 600},
	[OSPF_EV_IFACE_STATE] = {.name = "ospf.interface-state", .level = LOG_LVL_INFO, .per_minute = 600},
	[OSPF_EV_PACKET_DROPPED] = {.name = "ospf.packet-dropped", .level = LOG_LVL_WARNING, .per_minute = 30},
	[OSPF_EV_LSA_DROPPED] = {.name = "ospf.lsa-dropped", .level = LOG_LVL_INFO, .per_minute = 30},
	[OSPF_EV_ROUTER_ID] = {.name = "ospf.router-id", .level = LOG_LVL_NOTICE},
	[OSPF_EV_DUPLICATE_ID] = {.name = "ospf.duplicate-router-id", .level = LOG_LVL_ERROR, .per_minute = 6},
	[OSPF_EV_LSDB_LIMIT] = {.name = "ospf.lsdb-limit", .level = LOG_LVL_ERROR, .per_minute = 6},
	[OSPF_EV_SEQUENCE_WRAP] = {.name = "ospf.sequence-wrap", .level = LOG_LVL_NOTICE, .per_minute = 60},
	[OSPF_EV_SPF] = {.name = "ospf.spf", .level = LOG_LVL_DEBUG, .per_minute = 600},
	[OSPF_EV_STUB_ROUTER] = {.name = "ospf.stub-router", .level = LOG_LVL_NOTICE},
	[OSPF_EV_LAN] = {.name = "ospf.lan", .level = LOG_LVL_NOTICE, .per_minute = 600},
};

#define DUMP_BYTES 48

static const char *
dump(const uint8_t *bytes, size_t len, char *out)
{
	size_t n = bytes ? (len < DUMP_BYTES ? len : DUMP_BYTES) : 0;

	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	out[2 * n] = '\0';
	return out;
}

static void
log_neighbor(const struct ospf_event *ev, bool detail)
{
	char id[IPADDR_STRLEN], addr[IPADDR_STRLEN];

	if (!detail && ev->old != NSM_FULL && ev->new != NSM_FULL)
		return;
	log_event(&events[ev->kind], "neighbor=%s address=%s interface=%s from=%s to=%s why=\"%s\"",
		ip4_print(ev->router_id, id), ipaddr_print(&ev->addr, addr), ev->ifname,
		nsm_state_name(ev->old), nsm_state_name(ev->new), ev->text);
}

static void
log_dropped(const struct ospf_event *ev)
{
	char id[IPADDR_STRLEN], addr[IPADDR_STRLEN], hex[2 * DUMP_BYTES + 1], values[64] = "";

	if (ev->want != ev->got)
		snprintf(values, sizeof(values), " ours=%lld theirs=%lld", (long long)ev->want, (long long)ev->got);
	log_event(&events[ev->kind], "reason=%s interface=%s from=%s router-id=%s%s why=\"%s\" bytes=%s",
		ospf_drop_name(ev->reason), ev->ifname, ipaddr_print(&ev->addr, addr),
		ip4_print(ev->router_id, id), values, ev->text, dump(ev->bytes, ev->len, hex));
}

/* What `show ha events` tells of OSPF: adjacencies that carry routes, and readiness. */
static void
tell_ha(const struct ospf_event *ev)
{
	char object[96], id[IPADDR_STRLEN], addr[IPADDR_STRLEN];

	if (ev->kind == OSPF_EV_READY && ev->old != ev->new) {
		ha_event(ev->new ? HA_REPAIR : HA_NOTE, ev->new ? "ospf.routing-ready" : "ospf.routing-not-ready", "ospf", 0,
			"%s", ev->new ? "all neighbors are full, routes are with zebra" : ev->text);
	} else if (ev->kind == OSPF_EV_NBR_STATE && ev->want != ev->got) {
		snprintf(object, sizeof(object), "%s %s", ipaddr_print(&ev->addr, addr), ev->ifname);
		ha_event(ev->want ? HA_REPAIR : HA_FAULT, ev->want ? "ospf.neighbor-full" : "ospf.neighbor-lost", object, 0,
			"router %s, %s", ip4_print(ev->router_id, id), ev->text);
	}
}

void
ospf_log(const struct ospf_event *ev, bool adjacency, bool detail)
{
	struct log_event *row = &events[ev->kind];
	char id[IPADDR_STRLEN], addr[IPADDR_STRLEN];

	tell_ha(ev);
	switch ((enum ospf_event_kind)ev->kind) {
	case OSPF_EV_NBR_STATE:
		if (adjacency)
			log_neighbor(ev, detail);
		return;
	case OSPF_EV_IFACE_STATE:
		log_event(row, "interface=%s from=\"%s\" to=\"%s\" why=\"%s\"", ev->ifname,
			ism_state_name(ev->old), ism_state_name(ev->new), ev->text);
		return;
	case OSPF_EV_PACKET_DROPPED:
	case OSPF_EV_LSA_DROPPED:
		log_dropped(ev);
		return;
	case OSPF_EV_ROUTER_ID:
		log_event(row, "router-id=%s why=\"%s\"", ip4_print((uint32_t)ev->want, id), ev->text);
		return;
	case OSPF_EV_DUPLICATE_ID:
		log_event(row, "router-id=%s interface=%s from=%s why=\"%s\"", ip4_print(ev->router_id, id),
			ev->ifname, ipaddr_print(&ev->addr, addr), ev->text);
		return;
	case OSPF_EV_SPF:
		log_event(row, "kind=%s reached=%lld routes-changed=%lld", ev->new == CHANGE_TOPOLOGY ? "full" : "partial",
			(long long)ev->want, (long long)ev->got);
		return;
	case OSPF_EV_READY:
		return; /* ha_event has logged it */
	case OSPF_EV_LAN:
		log_event(row, "interface=%s prefix=\"%s\" added-cost=%lld why=\"%s\"", ev->ifname,
			ospf_lan_fate_name(ev->new), (long long)ev->want, ev->text);
		return;
	case OSPF_EV_LSDB_LIMIT:
	case OSPF_EV_SEQUENCE_WRAP:
	case OSPF_EV_STUB_ROUTER:
	case OSPF_EV_COUNT:
		break;
	}
	log_event(row, "want=%lld got=%lld why=\"%s\"", (long long)ev->want, (long long)ev->got, ev->text);
}
