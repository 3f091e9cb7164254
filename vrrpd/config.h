/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as mgmtd sends it: the tables of lib/conf and the structs they fill. Rows are raw (0: not
 * configured); what a virtual router makes of them, with defaults, is struct vrrp_settings (settings.h). Pure.
 */
#ifndef GREVY_VRRPD_CONFIG_H
#define GREVY_VRRPD_CONFIG_H

#include "lib/conf.h"
#include "lib/prefix.h"

struct vrrp_conf_defaults {  /* the root's: vrrp/defaults, for what an instance does not say */
	uint8_t priority;
	bool shutdown, preempt, preempt_set, pseudo_header, pseudo_header_set;
	uint32_t interval_ms;
};
struct vrrp_conf_iface {     /* interfaces/interface */
	char name[16];
};
struct vrrp_conf_instance {  /* vrrp/vrrp-instance */
	uint8_t vrid, version, priority;
	bool shutdown, shutdown_set;
	uint32_t interval_ms;
	bool preempt, preempt_set;
	uint32_t preempt_delay_s, start_delay_s;
	bool wait_routing, wait_routing_set;
	uint32_t wait_routing_max_s;
	bool accept, accept_set, virtual_mac, virtual_mac_set, pseudo_header, pseudo_header_set;
	char auth[9], group[32], notify[256];
	uint8_t garp_repeat;
	uint32_t garp_delay_ms, garp_refresh_s;
	bool garp_delay_set;
	uint32_t backup_cost;
	bool backup_withdraw, lan_liveness, lan_liveness_set;
};
struct vrrp_conf_address {   /* virtual-ipv4-address, virtual-ipv6-address, unicast-peer */
	struct ipaddr address;
};
struct vrrp_conf_track {     /* track */
	uint32_t id;
	uint8_t decrement;   /* 0: forced backup */
};
struct vrrp_conf_track_interface {
	char name[16];
	uint8_t decrement;
};
struct vrrp_conf_bfd {
	struct ipaddr peer;
	char profile[64];
};
struct vrrp_conf_check {     /* tracks/track: only what the prober (health.c) needs; neither url nor tcp: not its business */
	uint32_t id;
	char http_url[256];
	uint16_t http_status; /* 0: 200 */
	struct ipaddr tcp_address, source;
	uint16_t tcp_port;
	uint32_t interval_ms, timeout_ms;
	uint8_t rise, fall;
};

/* The interval that counts, with the defaults behind it. */
uint32_t vrrp_conf_interval(const struct vrrp_conf_defaults *d, const struct vrrp_conf_instance *i);

extern const struct conf_class vrrp_config_root;
extern const struct conf_class vrrp_conf_iface_class, vrrp_conf_instance_class, vrrp_conf_address4_class,
	vrrp_conf_address6_class, vrrp_conf_peer_class, vrrp_conf_track_class, vrrp_conf_track_interface_class,
	vrrp_conf_bfd_class, vrrp_conf_check_class;

#endif
