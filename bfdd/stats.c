/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and explanations of the reasons to drop a packet. */
#include "bfdd/stats.h"

#include <stddef.h>

static const struct {
	const char *name, *explain;
} drops[BFD_DROP_COUNT] = {
	[BFD_DROP_NONE] = {"none", "accepted"},
	[BFD_DROP_SHORT] = {"short", "shorter than a control packet"},
	[BFD_DROP_VERSION] = {"version", "not version 1"},
	[BFD_DROP_LENGTH_SMALL] = {"length-small", "its length is less than its sections need"},
	[BFD_DROP_LENGTH_LARGE] = {"length-large", "its length is more than what came"},
	[BFD_DROP_MULTIPLIER] = {"multiplier", "detect multiplier 0"},
	[BFD_DROP_MULTIPOINT] = {"multipoint", "the multipoint bit is set"},
	[BFD_DROP_MY_DISCR] = {"my-discriminator", "its own discriminator is 0"},
	[BFD_DROP_POLL_FINAL] = {"poll-final", "both poll and final are set"},
	[BFD_DROP_PORT] = {"port", "came to a port that is not BFD's"},
	[BFD_DROP_TTL] = {"ttl", "came over more hops than allowed"},
	[BFD_DROP_YOUR_DISCR_UNKNOWN] = {"your-discriminator", "names a session that we do not have"},
	[BFD_DROP_YOUR_DISCR_ZERO] = {"your-discriminator-zero", "names no session though its state is neither Down nor AdminDown"},
	[BFD_DROP_NO_SESSION] = {"no-session", "no session with this address"},
	[BFD_DROP_HOPS] = {"hops", "single-hop packet for a multihop session, or the reverse"},
	[BFD_DROP_SOURCE] = {"source", "the session's peer has another address"},
	[BFD_DROP_DESTINATION] = {"destination", "the session has another local address"},
	[BFD_DROP_INTERFACE] = {"interface", "the session is on another interface"},
	[BFD_DROP_AUTH_UNEXPECTED] = {"auth-unexpected", "authenticated, but no authentication is configured"},
	[BFD_DROP_AUTH_MISSING] = {"auth-missing", "not authenticated"},
	[BFD_DROP_AUTH_UNUSABLE] = {"auth-unusable", "the key of this session is not known yet"},
	[BFD_DROP_AUTH_TYPE] = {"auth-type", "another type of authentication"},
	[BFD_DROP_AUTH_LENGTH] = {"auth-length", "an authentication section of impossible length"},
	[BFD_DROP_AUTH_KEY_ID] = {"auth-key-id", "unknown key number"},
	[BFD_DROP_AUTH_REPLAY] = {"auth-replay", "sequence number outside the window"},
	[BFD_DROP_AUTH_PASSWORD] = {"auth-password", "wrong password"},
	[BFD_DROP_AUTH_DIGEST] = {"auth-digest", "wrong digest"},
	[BFD_DROP_ADMIN_DOWN] = {"admin-down", "the session is administratively down here"},
	[BFD_DROP_ECHO_MALFORMED] = {"echo-malformed", "not an echo of ours"},
	[BFD_DROP_ECHO_UNKNOWN] = {"echo-unknown", "echo of a session that we do not have"},
	[BFD_DROP_ECHO_FORGED] = {"echo-forged", "echo that we have not sent"},
	[BFD_DROP_ECHO_INACTIVE] = {"echo-inactive", "echo though the session sends none now"},
	[BFD_DROP_ECHO_REPLAY] = {"echo-replay", "echo that had come back already"},
};

const char *
bfd_drop_name(enum bfd_drop d)
{
	return d < BFD_DROP_COUNT ? drops[d].name : "?";
}

const char *
bfd_drop_explain(enum bfd_drop d)
{
	return d < BFD_DROP_COUNT ? drops[d].explain : "?";
}

uint64_t
bfd_drops_sum(const struct bfd_counters *c)
{
	uint64_t sum = 0;

	for (size_t i = BFD_DROP_NONE + 1; i < BFD_DROP_COUNT; i++)
		sum += c->drops[i];
	return sum;
}
