/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zebra's configuration as values: which YANG node goes where, and what its change means. */
#ifndef GREVY_ZEBRA_CONFIG_H
#define GREVY_ZEBRA_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/prefix.h"

#define ZCONF_IFACE     0x01 /* shutdown, link-detect */
#define ZCONF_IFACE_BW  0x02
#define ZCONF_ADDRESS   0x04
#define ZCONF_STATIC    0x08
#define ZCONF_ROUTER_ID 0x10
#define ZCONF_GLOBAL    0x20
#define ZCONF_TRACK     0x40

struct zconf_root {
	uint32_t router_id;
	bool forwarding4, forwarding4_set, forwarding6, forwarding6_set;
	bool via_default, via_default_set;
};
struct zconf_iface {
	char name[16];
	char description[256];
	bool enabled, link_detect;
	uint32_t bandwidth; /* Mbit/s, 0: what the kernel knows */
};
struct zconf_address {
	struct prefix address; /* host bits kept */
	struct prefix peer;
	char label[16];
};
struct zconf_static {
	struct prefix prefix;
	char next_hop[80];
	uint8_t distance;
	uint32_t table, tag;
	uint16_t weight;
	bool onlink;
	bool bfd, bfd_multihop;
	char bfd_profile[64];
	struct ipaddr bfd_source;
	uint8_t backup;   /* rank; 0: none */
	uint32_t track;   /* 0: none */
};
enum { ZCONF_LIST_AND, ZCONF_LIST_OR };
struct zconf_track { /* what it watches is told by which of these is set (config_track.c) */
	uint32_t id;
	char interface[16];
	struct prefix route4, route6;
	char through[16];
	struct ipaddr bfd_peer, bfd_local;
	char bfd_interface[16];
	bool bfd_multihop;
	char bfd_profile[64];
	char http_url[256];
	uint16_t http_status, tcp_port;
	struct ipaddr tcp_address;
	bool is_list;
	unsigned list_operator;
	struct ipaddr source;
	uint32_t delay_up, delay_down; /* ms */
};
struct zconf_track_object {
	uint32_t id;
	bool negated;
};

extern const struct conf_class zconf_root_class;
extern const struct conf_class zconf_iface_class;
extern const struct conf_class zconf_address4_class, zconf_address6_class;
extern const struct conf_class zconf_static4_class, zconf_static6_class;
extern const struct conf_class zconf_track_class, zconf_track_object_class; /* config_track.c */

/* A static route's next hop: "A", "A IF", "IF", "blackhole", "Null0", "reject". */
struct zconf_next_hop {
	struct ipaddr gateway;
	uint8_t special; /* enum leg_special */
	char ifname[16]; /* "": none */
};
/* False with a reason in *why. */
bool zconf_next_hop_parse(const char *text, uint8_t afi, struct zconf_next_hop *out, const char **why);

#endif
