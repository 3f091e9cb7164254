/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one virtual router (one family) makes of its configuration: defaults filled in, times in
 * microseconds, lists as arrays. An immutable value; the comparison of two is a table (settings.c).
 */
#ifndef GREVY_VRRPD_SETTINGS_H
#define GREVY_VRRPD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct conf_object;
struct vrrp_conf_defaults;

struct vrrp_setting_track {
	char name[16];         /* "": a track object */
	uint32_t id;
	uint8_t decrement;     /* 0: forced backup */
};
struct vrrp_setting_bfd {
	struct ipaddr peer;
	char profile[64];
};
struct vrrp_settings {
	uint8_t vrid, afi, version, priority, garp_repeat;
	bool shutdown, preempt, wait_routing, accept, backup_withdraw, lan_liveness;
	uint8_t checksums;     /* bits of enum vrrp_checksum that are sent; 0: as the others need it */
	bool virtual_mac;      /* off with unicast peers, whatever is configured */
	bool auth;
	uint8_t password[8];
	uint32_t backup_cost;
	int64_t interval, preempt_delay, start_delay, wait_routing_max, garp_delay, garp_refresh;
	char group[32], notify[256];
	struct ipaddr *addresses, *peers; /* in order; IPv6: link-local first (RFC 9568 5.2.9) */
	size_t address_count, peer_count, track_count, bfd_count;
	struct vrrp_setting_track *tracks;
	struct vrrp_setting_bfd *bfd;
};

/* What a difference asks for; ORed over the fields, and each runs once (router_settings_changed). */
enum vrrp_effect {
	VRRP_EFFECT_RESTART = 1,    /* it hands over, and begins anew */
	VRRP_EFFECT_ADDRESSES = 2,
	VRRP_EFFECT_TIMING = 4,
	VRRP_EFFECT_PRIORITY = 8,
	VRRP_EFFECT_HOLD = 16,
	VRRP_EFFECT_BFD = 32,
	VRRP_EFFECT_GROUP = 64,
	VRRP_EFFECT_ANNOUNCE = 128,
	VRRP_EFFECT_LAN = 256,
};

struct vrrp_settings *vrrp_settings_new(const struct vrrp_conf_defaults *d, const struct conf_object *instance,
	uint8_t afi);
void vrrp_settings_free(struct vrrp_settings *s); /* NULL is harmless */
bool vrrp_settings_has(const struct vrrp_settings *s, const struct ipaddr *address);
uint32_t vrrp_settings_compare(const struct vrrp_settings *a, const struct vrrp_settings *b);

#endif
