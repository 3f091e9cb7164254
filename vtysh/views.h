/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers of show commands and of commands to daemons; exec_table.c says which grammar each has. */
#ifndef GREVY_VTYSH_VIEWS_H
#define GREVY_VTYSH_VIEWS_H

#include "vtysh/exec.h"

/* view_route.c; arg: ipv4 or ipv6 */
exec_fn show_routes, show_route_summary;
/* view_zebra.c */
exec_fn show_nexthop_groups, show_nht, show_router_id, show_zebra_clients, show_zebra_dplane;
/* view_virtual.c */
exec_fn show_zebra_virtual, show_zebra_ready;
/* view_interface.c */
exec_fn show_interface, show_interface_brief;
/* view_ospf.c */
exec_fn show_ospf, show_ospf_neighbors, show_ospf_neighbor_detail, show_ospf_interfaces, show_ospf_interface_traffic,
	show_ospf_routes, show_ospf_border_routers, show_ospf_statistics, show_ospf_fast_reroute;
/* view_lsdb.c */
exec_fn show_ospf_database, show_ospf_database_detail;
/* view_bfd.c; arg: peers or peer */
exec_fn show_bfd_peers, show_bfd_brief, show_bfd_counters, show_bfd_statistics;
/* view_misc.c */
exec_fn show_version, show_daemons, show_log, show_logging, show_memory, show_event_cpu, show_hostname, show_history,
	show_vrf, show_yang, show_empty;
/* view_track.c */
exec_fn show_track, show_bfd_static;
/* view_ha.c */
exec_fn show_ha_events, show_ha_status;
/* view_vrrp.c */
exec_fn show_vrrp, show_vrrp_summary, show_vrrp_counters, show_vrrp_interfaces;
/* exec_misc.c */
exec_fn do_rpc, do_clear_ospf_interface, do_debug, do_ping, do_exit, do_list, do_terminal_length, do_terminal_monitor, do_nothing;

/* Log lines of all daemons while waiting for input (term.c calls it when one of the fds is readable). */
unsigned monitor_fds(int *fds, unsigned max);
void monitor_read(struct shell *sh, int fd, void (*print)(const char *line));
extern const char *const daemon_names[];

#endif
