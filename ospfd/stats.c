/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and explanations of drop reasons; the one place where a drop is counted and told. */
#include "ospfd/stats.h"

#include "ospfd/iface.h"

static const struct {
	const char *name, *explain;
} drops[DROP_COUNT] = {
	[DROP_NONE] = {"none", "accepted"},
	[DROP_NO_INSTANCE] = {"no-instance", "OSPF is not running or has no router ID"},
	[DROP_NO_INTERFACE] = {"no-interface",
		"no OSPF interface for this link and source address"},
	[DROP_PASSIVE] = {"passive", "the interface is passive"},
	[DROP_SHORT] = {"short", "shorter than an OSPF header"},
	[DROP_VERSION] = {"version", "wrong OSPF version"},
	[DROP_LENGTH] = {"length", "length field does not fit the packet"},
	[DROP_TYPE] = {"type", "unknown packet type"},
	[DROP_CHECKSUM] = {"checksum", "wrong checksum"},
	[DROP_AREA] = {"area-mismatch", "area ID differs from the interface's"},
	[DROP_SOURCE] = {"source", "source address is not of the interface's network"},
	[DROP_DESTINATION] = {"destination",
		"sent to designated routers, which this router is not here"},
	[DROP_OWN_PACKET] = {"own-packet", "a packet of our own came back"},
	[DROP_DUPLICATE_ID] = {"duplicate-router-id", "another router uses our router ID"},
	[DROP_ZERO_ID] = {"zero-router-id", "router ID 0.0.0.0"},
	[DROP_AUTH_TYPE] = {"auth-type", "authentication type differs from the interface's"},
	[DROP_AUTH_KEY] = {"auth-key", "wrong password"},
	[DROP_AUTH_KEY_ID] = {"auth-key-id", "unknown key ID"},
	[DROP_AUTH_DIGEST] = {"auth-digest", "wrong message digest"},
	[DROP_AUTH_REPLAY] = {"auth-replay", "cryptographic sequence number went back"},
	[DROP_MALFORMED] = {"malformed", "body does not fit its type"},
	[DROP_HELLO_MASK] = {"hello-mask-mismatch", "network mask differs from the interface's"},
	[DROP_HELLO_INTERVAL] = {"hello-interval-mismatch", "hello interval differs from ours"},
	[DROP_DEAD_INTERVAL] = {"dead-interval-mismatch", "dead interval differs from ours"},
	[DROP_OPTIONS] = {"option-mismatch", "area type (E bit) differs from ours"},
	[DROP_NO_NEIGHBOR] = {"no-neighbor", "sender is not a neighbour yet"},
	[DROP_NBR_STATE] = {"neighbor-state", "not expected in the neighbour's state"},
	[DROP_DD_MTU] = {"mtu-mismatch", "the neighbour's MTU is greater than ours"},
	[DROP_DD_SEQUENCE] = {"dd-sequence", "Database Description out of sequence"},
	[DROP_DD_DUPLICATE] = {"dd-duplicate", "duplicate Database Description"},
	[DROP_NBR_LIMIT] = {"neighbor-limit", "too many neighbours on the interface"},
	[DROP_LSA_CHECKSUM] = {"lsa-checksum", "LSA with wrong checksum"},
	[DROP_LSA_LENGTH] = {"lsa-length", "LSA whose length does not fit"},
	[DROP_LSA_TYPE] = {"lsa-type", "LSA of unknown type"},
	[DROP_LSA_MALFORMED] = {"lsa-malformed", "LSA whose body does not fit its type"},
	[DROP_LSA_SCOPE] = {"lsa-scope", "LSA that may not enter this area"},
	[DROP_LSA_MIN_ARRIVAL] = {"lsa-min-arrival", "LSA that changes too often"},
	[DROP_LSA_SEQUENCE] = {"lsa-sequence", "LSA with a reserved sequence number"},
	[DROP_LSA_LIMIT] = {"lsa-limit", "LSA beyond max-lsa"},
	[DROP_LSA_NOT_FOUND] = {"lsa-not-found", "request for an LSA that is not in the database"},
};

const char *
ospf_drop_name(enum ospf_drop d)
{
	return d < DROP_COUNT ? drops[d].name : "?";
}

const char *
ospf_drop_explain(enum ospf_drop d)
{
	return d < DROP_COUNT ? drops[d].explain : "?";
}

void
stats_drop(struct ospf *o, struct iface *ifc, uint32_t ifindex, enum ospf_drop d,
	const struct ipaddr *src, uint32_t router_id, int64_t want, int64_t got,
	const uint8_t *bytes, uint64_t len)
{
	o->stats.drops[d]++;
	if (ifc)
		ifc->drops[d]++;
	struct ospf_event ev = {
		.kind = d == DROP_DUPLICATE_ID ? OSPF_EV_DUPLICATE_ID :
			d < DROP_LSA_CHECKSUM ? OSPF_EV_PACKET_DROPPED : OSPF_EV_LSA_DROPPED,
		.reason = (uint8_t)d,
		.ifindex = ifindex,
		.ifname = ifc ? iface_name(ifc) : "",
		.router_id = router_id,
		.area = ifc ? ifc->area->id : 0,
		.want = want,
		.got = got,
		.text = drops[d].explain,
		.bytes = bytes,
		.len = len,
	};
	if (src)
		ev.addr = *src;
	ospf_notify(o, &ev);
}
