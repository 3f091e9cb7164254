/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exec commands: grammar (the phrase language of the YANG modules), help, handler, argument. */
#include "vtysh/exec.h"

#include <string.h>

#include "vtysh/exec_config.h"
#include "vtysh/types.h"
#include "vtysh/views.h"

const struct exec_row exec_rows[] = {
	/* configuration */
	{"configure [terminal]", "Configure line by line", exec_configure, "line"},
	{"configure candidate", "Edit the shared candidate, commit it as a whole", exec_configure, "candidate"},
	{"configure private", "Edit a candidate of your own", exec_configure, "private"},
	{"configure exclusive", "Edit the shared candidate, nobody else may", exec_configure, "exclusive"},
	{"commit", "Make the candidate the running configuration", exec_commit, ""},
	{"commit check", "Only judge the candidate", exec_commit, "check"},
	{"commit confirmed [<minutes=10>]", "Take it back unless confirmed in time", exec_commit, "confirmed"},
	{"commit comment <text>", "With a comment for the history", exec_commit, "comment"},
	{"confirm", "Keep what was committed with `commit confirmed`", exec_confirm, NULL},
	{"discard", "Throw the changes of the candidate away", exec_discard, NULL},
	{"rollback [configuration] <number>", "Load the configuration before the last commit (0), the one before (1) ...",
		exec_rollback, NULL},
	{"load merge <file>", "Add a file to the candidate", exec_load, "merge"},
	{"load replace <file>", "Replace the candidate by a file", exec_load, "replace"},
	{"show", "Show information; `show | compare`: what a commit would change", exec_show_pending, NULL},
	{"show configuration compare [<number>]", "What differs from the startup configuration, or from before commit N",
		exec_show_compare, NULL},
	{"show configuration candidate [json]", "The candidate", exec_show_config, "candidate"},
	{"show configuration running [json]", "What runs", exec_show_config, "running"},
	{"show configuration commit [history] [json]", "The last commits", exec_history, NULL},
	{"show running-config [<daemon>] [{no-header}] [{json}]", "What runs", exec_show_config, "running"},
	{"show startup-config [{json}]", "What was saved", exec_show_config, "startup"},
	{"write [memory]", "Save the running configuration", exec_write, NULL},
	{"write file", "Save the running configuration", exec_write, NULL},
	{"write terminal", "Show the running configuration", exec_show_config, "running"},
	{"copy running-config startup-config", "Save the running configuration", exec_write, NULL},
	{"reload", "Load the saved configuration in place of the running one", exec_reload, NULL},
	/* the router */
	{"show version", "Version of the programs", show_version, NULL},
	{"show daemons", "The daemons and how they are", show_daemons, NULL},
	{"show log [<daemon>]", "The last log lines", show_log, NULL},
	{"show logging", "Where messages go", show_logging, NULL},
	{"show memory [<daemon>] [{json}]", "Memory of the daemons", show_memory, NULL},
	{"show event cpu [<daemon>] [{json}]", "What the daemons' loops spend their time on", show_event_cpu, NULL},
	{"show thread cpu [<daemon>] [{json}]", "What the daemons' loops spend their time on", show_event_cpu, NULL},
	{"show hostname", "Name of this router", show_hostname, NULL},
	{"show history", "What was typed", show_history, NULL},
	{"show vrf [vrfs] [{json}]", "Routing tables", show_vrf, NULL},
	{"show yang <path>", "Rows of state as they are: PRODUCER, or DAEMON PRODUCER", show_yang, NULL},
	/* availability */
	{"show ha status [{json}]", "Roles, sessions and readiness on one page", show_ha_status, NULL},
	{"show ha events [last <count>] [since <seconds>] [{json}]", "What failed, who noticed, what took over, why",
		show_ha_events, NULL},
	{"show track [<track>] [{brief}] [{json}]", "Track objects", show_track, NULL},
	/* zebra */
	{"show interface [{json}]", "Interfaces", show_interface, NULL},
	{"show interface <interface> [{json}]", "Interfaces", show_interface, NULL},
	{"show interface [vrf <vrf>] brief [{json}]", "A line per interface", show_interface_brief, NULL},
	{"show interface vrf <vrf> [{json}]", "Interfaces", show_interface, NULL},
	{"show ip route [vrf <vrf>] [table <table>] [{json}]", "Routes", show_routes, "ipv4"},
	{"show ip route [vrf <vrf>] <prefix> [{longer-prefixes}] [{json}]", "Routes", show_routes, "ipv4"},
	{"show ip route [vrf <vrf>] <addr> [{json}]", "Routes", show_routes, "ipv4"},
	{"show ip route [vrf <vrf>] <protocol> [{json}]", "Routes", show_routes, "ipv4"},
	{"show ip route [vrf <vrf>] summary [{json}]", "Numbers of routes", show_route_summary, "ipv4"},
	{"show ip fib [vrf <vrf>] [{json}]", "Routes in the kernel", show_routes, "ipv4"},
	{"show ipv6 route [vrf <vrf>] [table <table>] [{json}]", "Routes", show_routes, "ipv6"},
	{"show ipv6 route [vrf <vrf>] <prefix6> [{longer-prefixes}] [{json}]", "Routes", show_routes, "ipv6"},
	{"show ipv6 route [vrf <vrf>] <addr6> [{json}]", "Routes", show_routes, "ipv6"},
	{"show ipv6 route [vrf <vrf>] <protocol> [{json}]", "Routes", show_routes, "ipv6"},
	{"show ipv6 route [vrf <vrf>] summary [{json}]", "Numbers of routes", show_route_summary, "ipv6"},
	{"show ipv6 fib [vrf <vrf>] [{json}]", "Routes in the kernel", show_routes, "ipv6"},
	{"show nexthop-group rib [<number>] [{json}]", "Groups of next hops", show_nexthop_groups, NULL},
	{"show ip nht [vrf <vrf>] [{json}]", "Tracked next hops", show_nht, "ipv4"},
	{"show ipv6 nht [vrf <vrf>] [{json}]", "Tracked next hops", show_nht, "ipv6"},
	{"show ip router-id [vrf <vrf>] [{json}]", "Router id", show_router_id, NULL},
	{"show router-id [vrf <vrf>] [{json}]", "Router id", show_router_id, NULL},
	{"show zebra client [{summary}] [{json}]", "Who feeds routes", show_zebra_clients, NULL},
	{"show zebra virtual [{json}]", "Virtual links and addresses, roles on LANs", show_zebra_virtual, NULL},
	{"show zebra ready [{json}]", "Is routing complete", show_zebra_ready, NULL},
	{"show zebra dplane [detailed] [{json}]", "The writer of the kernel's routes", show_zebra_dplane, NULL},
	/* OSPF */
	{"show ip ospf [vrf <vrf>] [{json}]", "OSPF", show_ospf, NULL},
	{"show ip ospf [vrf <vrf>] neighbor [{json}]", "Neighbours", show_ospf_neighbors, NULL},
	{"show ip ospf [vrf <vrf>] neighbor detail [{json}]", "All about neighbours", show_ospf_neighbor_detail, NULL},
	{"show ip ospf [vrf <vrf>] neighbor all [{json}]", "Neighbours", show_ospf_neighbors, NULL},
	{"show ip ospf [vrf <vrf>] neighbor <addr> [detail] [{json}]", "Neighbours", show_ospf_neighbor_detail, NULL},
	{"show ip ospf [vrf <vrf>] neighbor <interface> [{json}]", "Neighbours", show_ospf_neighbors, NULL},
	{"show ip ospf [vrf <vrf>] neighbor <interface> detail [{json}]", "Neighbours", show_ospf_neighbor_detail, NULL},
	{"show ip ospf [vrf <vrf>] interface [{json}]", "Interfaces", show_ospf_interfaces, NULL},
	{"show ip ospf [vrf <vrf>] interface <interface> [{json}]", "Interfaces", show_ospf_interfaces, NULL},
	{"show ip ospf [vrf <vrf>] interface [<interface>] traffic [{json}]", "Packets by type",
		show_ospf_interface_traffic, NULL},
	{"show ip ospf [vrf <vrf>] database [{json}]", "Link-state database", show_ospf_database, NULL},
	{"show ip ospf [vrf <vrf>] database self-originate [{json}]", "What this router originated", show_ospf_database,
		"self-originate"},
	{"show ip ospf [vrf <vrf>] database max-age [{json}]", "What is being flushed", show_ospf_database, "max-age"},
	{"show ip ospf [vrf <vrf>] database detail [{json}]", "All about all LSAs", show_ospf_database_detail, NULL},
	{"show ip ospf [vrf <vrf>] database <lsa-type> [{self-originate}] [{json}]", "LSAs of a type",
		show_ospf_database_detail, NULL},
	{"show ip ospf [vrf <vrf>] database <lsa-type> adv-router <addr> [{json}]", "LSAs of a type",
		show_ospf_database_detail, NULL},
	{"show ip ospf [vrf <vrf>] database <lsa-type> <lsid> [{self-originate}] [{json}]", "LSAs of a type",
		show_ospf_database_detail, NULL},
	{"show ip ospf [vrf <vrf>] database <lsa-type> <lsid> adv-router <addr> [{json}]", "LSAs of a type",
		show_ospf_database_detail, NULL},
	{"show ip ospf [vrf <vrf>] route [{json}]", "Routes of OSPF", show_ospf_routes, NULL},
	{"show ip ospf [vrf <vrf>] border-routers [{json}]", "Routers to other areas and outside", show_ospf_border_routers,
		NULL},
	{"show ip ospf [vrf <vrf>] fast-reroute [{json}]", "Loop-free alternates", show_ospf_fast_reroute, NULL},
	{"show ip ospf [vrf <vrf>] statistics [{json}]", "Packets dropped, by reason", show_ospf_statistics, NULL},
	{"clear ip ospf process", "Start OSPF over", do_rpc, "ospfd clear-ospf-process"},
	{"clear ip ospf neighbor [<neighbor>]", "Start neighbours over", do_rpc, "ospfd clear-ospf-neighbor"},
	{"clear ip ospf interface [<interface>]", "Start interfaces over", do_clear_ospf_interface, NULL},
	/* BFD */
	{"show bfd [vrf <vrf>] peers [{json}]", "Sessions of BFD", show_bfd_peers, NULL},
	{"show bfd [vrf <vrf>] peers brief [{json}]", "A line per session", show_bfd_brief, NULL},
	{"show bfd [vrf <vrf>] peers counters [{json}]", "Packets of each session, and what was dropped", show_bfd_counters, NULL},
	{"show bfd [vrf <vrf>] peer <address> [{multihop}] [local-address <local>] [interface <interface>] [{json}]",
		"One session", show_bfd_peers, "peer"},
	{"show bfd [vrf <vrf>] peer <address> [{multihop}] [local-address <local>] [interface <interface>] counters [{json}]",
		"One session", show_bfd_counters, "peer"},
	{"show bfd static route [{json}]", "Static routes that hang on sessions", show_bfd_static, NULL},
	{"show bfd statistics [{json}]", "Packets dropped by reason, and how the threads do", show_bfd_statistics, NULL},
	{"clear bfd [vrf <vrf>] peers counters", "Set the counters of BFD to zero", do_rpc, "bfdd clear-bfd-counters"},
	/* VRRP */
	{"show vrrp [interface <interface>] [<vrid>] [{json}]", "Virtual routers", show_vrrp, NULL},
	{"show vrrp [interface <interface>] [<vrid>] summary [{json}]", "A line per virtual router", show_vrrp_summary, NULL},
	{"show vrrp [interface <interface>] [<vrid>] counters [{json}]", "Advertisements, and why some were dropped",
		show_vrrp_counters, NULL},
	{"show vrrp lan [{json}]", "Interfaces with virtual routers: who is there, and what OSPF makes of the prefix",
		show_vrrp_interfaces, NULL},
	{"clear vrrp counters", "Count from zero", do_rpc, "vrrpd clear-vrrp-counters"},
	/* empty answers that exporters wait for */
	{"show evpn vni [{json}]", "No EVPN here", show_empty, NULL},
	/* debugging */
	{"[{no}] debug <daemon> [<words>]", "Log all that a daemon does", do_debug, NULL},
	{"terminal monitor", "Show log lines here", do_terminal_monitor, "on"},
	{"terminal no monitor", "No log lines here", do_terminal_monitor, "off"},
	{"[{no}] terminal monitor", "Show log lines here", do_terminal_monitor, "on"},
	{"terminal length <lines>", "Lines of a page, 0: no pager", do_terminal_length, NULL},
	{"terminal paginate", "Use the pager", do_terminal_length, "24"},
	{"[{no}] terminal paginate", "Use the pager", do_terminal_length, "24"},
	{"terminal width <lines>", "Not needed", do_nothing, NULL},
	/* the system's */
	{"ping <host> [<words>]", "Send echo requests", do_ping, "ping"},
	{"ping ip <host> [<words>]", "Send echo requests", do_ping, "ping"},
	{"ping ipv6 <host> [<words>]", "Send echo requests", do_ping, "ping -6"},
	{"traceroute <host> [<words>]", "Show the way of packets", do_ping, "traceroute"},
	{"traceroute ip <host> [<words>]", "Show the way of packets", do_ping, "traceroute"},
	{"traceroute ipv6 <host> [<words>]", "Show the way of packets", do_ping, "traceroute -6"},
	/* the shell */
	{"enable", "Nothing: all commands are there", do_nothing, NULL},
	{"disable", "Nothing: all commands are there", do_nothing, NULL},
	{"list", "All commands", do_list, NULL},
	{"find <text>", "Commands that match", do_list, NULL},
	{"exit", "Leave", do_exit, NULL},
	{"quit", "Leave", do_exit, NULL},
	{"end", "Leave the configuration", do_nothing, NULL},
	{NULL, NULL, NULL, NULL},
};

/* --- words --------------------------------------------------------------------------------------- */
static const struct {
	const char *word, *help;
} words[] = {
	{"show", "Show information"}, {"configure", "Change the configuration"}, {"commit", "Make changes run"},
	{"json", "As JSON"}, {"ip", "Internet Protocol version 4"}, {"ipv6", "Internet Protocol version 6"},
	{"ospf", "Open Shortest Path First, version 2"}, {"vrf", "Of one VRF"}, {"route", "Routes"},
	{"terminal", "This terminal"}, {"clear", "Start something over"}, {"write", "Save or show the configuration"},
	{"copy", "Copy a configuration"}, {"load", "Load a file into the candidate"}, {"debug", "Log all that a daemon does"},
	{"zebra", "The keeper of routes"}, {"database", "Link-state database"}, {"neighbor", "Neighbours"},
	{"interface", "Interfaces"}, {"adv-router", "LSAs of one router"}, {"self-originate", "What this router originated"},
	{"longer-prefixes", "Routes inside the prefix"}, {"no-header", "Without the first lines"},
	{"configuration", "Configurations"}, {"event", "Work of the loops"}, {"thread", "Work of the loops"},
	{"nexthop-group", "Groups of next hops"}, {"traffic", "Packets by type"}, {"detail", "All about each"},
	{"summary", "Numbers only"}, {"table", "A kernel routing table"}, {"no", "Switch off"},
	{"running-config", "What runs"}, {"startup-config", "What was saved"}, {"history", "The last ones"},
	{"vrrp", "Virtual Router Redundancy Protocol"},
	{"evpn", "No EVPN here"}, {"bfd", "Bidirectional Forwarding Detection"}, {"peers", "Its sessions"},
	{"multihop", "The peer is not on the link"}, {"local-address", "Our end of the session"}, {"brief", "A line each"},
	{"counters", "Packets"}, {"static", "Static routes"}, {"track", "Conditions that routes and virtual routers depend on"},
	 {"statistics", "Packets dropped, by reason"}, {"ha", "High availability"}, {"last", "The newest ones only"}, {"since", "Not older than"}, {"ping", "Send echo requests"}, {"traceroute", "Show the way of packets"},
};

const char *
exec_word_help(const char *word)
{
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].word, word))
			return words[i].help;
	return NULL;
}

/* --- values -------------------------------------------------------------------------------------- */
static const struct cli_choice daemons[] = {
	{"zebra", "Interfaces and routes"}, {"ospfd", "OSPF"}, {"mgmtd", "The configuration"},
	{"bgpd", "BGP"}, {"bfdd", "BFD"}, {"vrrpd", "VRRP"}, {"staticd", "Static routes (zebra's)"}, {NULL, NULL},
};
static const struct cli_choice protocols[] = {
	{"connected", "Directly attached networks"}, {"kernel", "Routes of other programs"}, {"local", "Own addresses"},
	{"static", "Static routes"}, {"ospf", "OSPF"}, {"ospf6", "OSPFv3"}, {"bgp", "BGP"}, {NULL, NULL},
};
static const struct cli_choice vrfs[] = {
	{"default", "The one VRF"}, {"all", "All VRFs"}, {NULL, NULL},
};
static const struct cli_choice lsa_types[] = {
	{"router", "Router LSAs"}, {"network", "Network LSAs"}, {"summary", "Summary LSAs"},
	{"asbr-summary", "Summaries of ASBRs"}, {"external", "AS-external LSAs"}, {"nssa-external", "External LSAs of an NSSA"},
	{"opaque-link", "Opaque LSAs of a link"}, {"opaque-area", "Opaque LSAs of an area"},
	{"opaque-as", "Opaque LSAs of the AS"}, {NULL, NULL},
};
static const struct type_range small = {1, {{0, 99}}, false, 0, 99};
static const struct type_range track = {1, {{1, 65535}}, false, 0, 65535};
static const struct type_range minutes = {1, {{1, 60}}, false, 0, 60};
static const struct type_range u32 = {0, {{0, 0}}, false, 0, UINT32_MAX};
static const struct type_range many = {1, {{1, 100000}}, false, 0, 100000};
static const struct type_range ago = {1, {{1, 4294967}}, false, 0, 4294967};
static const struct type_range vrids = {1, {{1, 255}}, false, 0, 255};
static const struct type_range length = {1, {{0, 512}}, false, 0, 512};

static const struct {
	const char *name;
	struct cli_type t;
} types[] = {
	{"daemon", {"DAEMON", "A daemon", take_choice, daemons, NULL, NULL, false}},
	{"protocol", {"PROTOCOL", "Routes of a protocol", take_choice, protocols, NULL, NULL, false}},
	{"vrf", {"VRF", "A VRF", take_choice, vrfs, NULL, NULL, false}},
	{"lsa-type", {"TYPE", "A type of LSA", take_choice, lsa_types, NULL, NULL, false}},
	{"interface", {"INTERFACE", "Name of an interface", take_ifname, NULL, "interface", NULL, true}},
	{"prefix", {"A.B.C.D/M", "A prefix", take_ip4_prefix, NULL, NULL, NULL, false}},
	{"prefix6", {"X:X::X:X/M", "A prefix", take_ip6_prefix, NULL, NULL, NULL, false}},
	{"addr", {"A.B.C.D", "An address", take_ip4_addr, NULL, NULL, NULL, false}},
	{"neighbor", {"A.B.C.D", "Router id or address of the neighbour", take_ip4_addr, NULL, NULL, NULL, false}},
	{"lsid", {"A.B.C.D", "Link-state id", take_ip4_addr, NULL, NULL, NULL, false}},
	{"address", {"A.B.C.D|X:X::X:X", "Address of the peer", take_addr, NULL, NULL, NULL, false}},
	{"local", {"A.B.C.D|X:X::X:X", "Our end of the session", take_addr, NULL, NULL, NULL, false}},
	{"addr6", {"X:X::X:X", "An address", take_ip6_addr, NULL, NULL, NULL, false}},
	{"table", {"(0-4294967295)", "Number of the table", take_number, NULL, NULL, &u32, false}},
	{"track", {"(1-65535)", "Number of the track object", take_number, NULL, NULL, &track, false}},
	{"number", {"(0-4294967295)", "Number", take_number, NULL, NULL, &u32, false}},
	{"vrid", {"(1-255)", "Number of the virtual router", take_number, NULL, NULL, &vrids, false}},
	{"minutes", {"(1-60)", "Minutes", take_number, NULL, NULL, &minutes, false}},
	{"count", {"(1-100000)", "How many", take_number, NULL, NULL, &many, false}},
	{"seconds", {"(1-4294967)", "Seconds ago", take_number, NULL, NULL, &ago, false}},
	{"lines", {"(0-512)", "Lines", take_number, NULL, NULL, &length, false}},
	{"index", {"(0-99)", "Number", take_number, NULL, NULL, &small, false}},
	{"file", {"FILE", "Name of a file", take_word, NULL, NULL, NULL, true}},
	{"host", {"HOST", "Name or address", take_word, NULL, NULL, NULL, true}},
	{"path", {"PATH", "Producer of rows", take_line, NULL, NULL, NULL, true}},
	{"text", {"LINE...", "Text", take_line, NULL, NULL, NULL, true}},
	{"words", {"LINE...", "What else the program takes", take_line, NULL, NULL, NULL, true}},
};

const struct cli_type *
exec_type(const char *placeholder)
{
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].name, placeholder))
			return &types[i].t;
	return NULL;
}
