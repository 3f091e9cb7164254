/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and explanations of drop reasons. */
#include "vrrpd/stats.h"

static const struct {
	const char *name, *explain;
} drops[VRRP_DROP_COUNT] = {
	[VRRP_DROP_NONE] = {"none", "accepted"},
	[VRRP_DROP_NO_INTERFACE] = {"no-interface", "no virtual router is configured on the interface"},
	[VRRP_DROP_TTL] = {"ttl", "TTL or hop limit is not 255: it came over a router"},
	[VRRP_DROP_SHORT] = {"short", "shorter than a VRRP header"},
	[VRRP_DROP_VERSION] = {"version", "unknown version of VRRP, or version 2 over IPv6"},
	[VRRP_DROP_TYPE] = {"type", "not an advertisement"},
	[VRRP_DROP_VRID] = {"vrid", "no virtual router of that number is configured"},
	[VRRP_DROP_VERSION_MISMATCH] = {"version-mismatch", "the sender uses the other version of VRRP"},
	[VRRP_DROP_NOT_RUNNING] = {"not-running", "the virtual router is not running"},
	[VRRP_DROP_NO_ADDRESS] = {"no-address", "a list of no addresses"},
	[VRRP_DROP_LENGTH] = {"length", "the list of addresses does not fit the packet"},
	[VRRP_DROP_CHECKSUM] = {"checksum", "wrong checksum"},
	[VRRP_DROP_AUTH_TYPE] = {"auth-type", "authentication type differs from ours"},
	[VRRP_DROP_AUTH] = {"auth", "wrong password"},
	[VRRP_DROP_INTERVAL_ZERO] = {"interval-zero", "an advertisement interval of 0"},
	[VRRP_DROP_INTERVAL] = {"interval-mismatch", "advertisement interval differs from ours (version 2)"},
	[VRRP_DROP_OWN] = {"own", "sent from our own address: a loop, or somebody else has it, too"},
	[VRRP_DROP_SOURCE] = {"source", "not an address that a router can send from"},
	[VRRP_DROP_DESTINATION] = {"destination", "not sent to the group of VRRP routers"},
	[VRRP_DROP_PEER] = {"peer", "the sender is none of the configured unicast peers"},
};

const char *
vrrp_drop_name(unsigned drop)
{
	return drop < VRRP_DROP_COUNT ? drops[drop].name : "?";
}

const char *
vrrp_drop_explain(unsigned drop)
{
	return drop < VRRP_DROP_COUNT ? drops[drop].explain : "?";
}
