/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD's configuration: peers over profiles over defaults, what is refused and with which words, what
 * an edit changes in running sessions, and wishes beside it.
 */
#include "tests/unit/bfd_world.h"
#include "tests/unit/unit.h"

#define P BW_PEER("10.0.0.2")
#define PROFILE(name) "/grevy-bfd:bfd/profile[name='" name "']"
#define PEER_ON(addr, local, ifname, multihop)                                                     \
	"/grevy-bfd:bfd/peer[address='" addr "'][local-address='" local "'][interface='" ifname "'][multihop='" multihop "']"

static void
defaults(void)
{
	struct bw *w = bw_new(1);
	CU_ASSERT(BW_EDIT(w, 0, P));
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(v.configured && v.discriminator && v.state == BFD_DOWN && v.holder_count == 0);
	CU_ASSERT(v.params.detect_multiplier == 3 && v.params.tx_us == 300000 && v.params.rx_us == 300000);
	CU_ASSERT(!v.params.echo && !v.params.passive && !v.params.shutdown && !v.params.log_changes);
	CU_ASSERT(v.params.echo_rx_us == 0 && v.params.auth.type == BFD_AUTH_NONE);
	CU_ASSERT(BW_EDIT(w, 0, P "/echo-mode=true"));
	v = bw_view(w, 0);
	CU_ASSERT(v.params.echo && v.params.echo_tx_us == 50000 && v.params.echo_rx_us == 50000);
	CU_ASSERT(BW_EDIT(w, 0, "-" P));
	CU_ASSERT(bfd_session_count(w->side[0].b) == 0 && w->side[0].last.gone);
	bw_free(w);
}

static void
peer_over_profile_over_default(void)
{
	struct bw *w = bw_new(1);
	CU_ASSERT(BW_EDIT(w, 0, PROFILE("lan") "/desired-min-tx-interval=50000", PROFILE("lan") "/detect-multiplier=5",
		PROFILE("lan") "/passive-mode=true", P "/profile=lan", P "/detect-multiplier=4",
		P "/passive-mode=false"));
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT_STRING_EQUAL(v.profile, "lan");
	CU_ASSERT(v.params.tx_us == 50000 && v.params.rx_us == 300000 && v.params.detect_multiplier == 4);
	CU_ASSERT(!v.params.passive);
	/* the profile changes: so does who uses it, where it has no word of its own */
	CU_ASSERT(BW_EDIT(w, 0, PROFILE("lan") "/desired-min-tx-interval=20000", PROFILE("lan") "/detect-multiplier=9"));
	v = bw_view(w, 0);
	CU_ASSERT(v.params.tx_us == 20000 && v.params.detect_multiplier == 4);
	CU_ASSERT(BW_EDIT(w, 0, "-" P "/detect-multiplier"));
	CU_ASSERT(bw_view(w, 0).params.detect_multiplier == 9);
	/* gone, it counts as none, and again when it is back */
	CU_ASSERT(BW_EDIT(w, 0, "-" PROFILE("lan")));
	v = bw_view(w, 0);
	CU_ASSERT(v.params.tx_us == 300000 && v.params.detect_multiplier == 3);
	CU_ASSERT(BW_EDIT(w, 0, PROFILE("lan") "/desired-min-tx-interval=3300"));
	CU_ASSERT(bw_view(w, 0).params.tx_us == 3300);
	CU_ASSERT(w->side[0].opened == 1 && w->side[0].closed == 0);
	bw_free(w);
}

static bool
refused(const char *const *lines, const char *path, const char *word)
{
	struct bw *w = bw_new(1);
	struct conf_error err;
	bool no = !bw_edit(w, 0, lines, &err) && strstr(err.path, path) && strstr(err.message, word);
	if (!no)
		printf("# path '%s' message '%s'\n", err.path, err.message);
	no &= bfd_session_count(w->side[0].b) == 0;
	bw_free(w);
	return no;
}
#define REFUSED(path, word, ...) refused((const char *const[]){__VA_ARGS__, NULL}, path, word)

static void
unusable_keys_are_refused(void)
{
	CU_ASSERT(REFUSED("peer[address='10.0.0.2']", "needs a key of 1 to 16 characters, not 0",
		P "/authentication/type=keyed-md5", P "/authentication/key-id=1"));
	CU_ASSERT(REFUSED("peer[address='10.0.0.2']", "not 0", P "/authentication/type=keyed-sha1",
		P "/authentication/key="));
	CU_ASSERT(REFUSED("peer[address='10.0.0.2']", "1 to 16 characters, not 17",
		P "/authentication/type=meticulous-keyed-md5", P "/authentication/key=12345678901234567"));
	CU_ASSERT(REFUSED("peer[address='10.0.0.2']", "1 to 16 characters, not 17",
		P "/authentication/type=simple-password", P "/authentication/key=12345678901234567"));
	CU_ASSERT(REFUSED("profile[name='a']", "1 to 20 characters, not 21", PROFILE("a")
		"/authentication/type=keyed-sha1", PROFILE("a") "/authentication/key=123456789012345678901"));
	CU_ASSERT(REFUSED("peer[address='10.0.0.2']", "has no type", P "/authentication/key=secret"));
	CU_ASSERT(REFUSED("peer[address='10.0.0.2']", "not a name", P "/authentication/type=none"));
	struct bw *w = bw_new(1);
	CU_ASSERT(BW_EDIT(w, 0, P "/authentication/type=keyed-md5", P "/authentication/key=1234567890123456",
		P "/authentication/key-id=200"));
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(v.params.auth.type == BFD_AUTH_MD5 && v.params.auth.key_len == 16 && v.params.auth.key_id == 200);
	for (size_t i = 0; i < sizeof(v.params.auth.key); i++)
		CU_ASSERT(v.params.auth.key[i] == 0); /* readers never see it */
	CU_ASSERT(BW_EDIT(w, 0, P "/authentication/type=keyed-sha1", P "/authentication/key=12345678901234567890"));
	CU_ASSERT(bw_view(w, 0).params.auth.key_len == 20);
	bw_free(w);
}

static void
impossible_peers_are_refused(void)
{
	CU_ASSERT(REFUSED("peer[address='10.0.0.2']", "family", PEER_ON("10.0.0.2", "2001:db8::1", "", "false")));
	CU_ASSERT(REFUSED("peer[address='fe80::1']", "interface", PEER_ON("fe80::1", "", "", "false")));
	CU_ASSERT(REFUSED("peer[address='224.0.0.5']", "unicast", PEER_ON("224.0.0.5", "", "", "false")));
	CU_ASSERT(REFUSED("peer[address='10.0.0.2']", "echo", PEER_ON("10.0.0.2", "", "", "true") "/echo-mode=true"));
}

static void
waits_for_its_interface(void)
{
	struct bw *w = bw_new(1);
	struct bfd *b = w->side[0].b;
	CU_ASSERT(BW_EDIT(w, 0, PEER_ON("fe80::2", "", "eth5", "false"), PEER_ON("10.0.0.9", "", "eth0", "false")));
	CU_ASSERT(bfd_session_count(b) == 1);
	struct bfd_view v;
	struct bfd_view_at at = {.started = false};
	CU_ASSERT(bfd_view_next(b, &at, &v) && !v.waiting && v.key.ifindex == BW_IFINDEX && !strcmp(v.ifname, "eth0"));
	CU_ASSERT(bfd_view_next(b, &at, &v) && v.waiting && !strcmp(v.ifname, "eth5") && !v.discriminator);
	CU_ASSERT(!bfd_view_next(b, &at, &v));
	bfd_interface_changed(b, 12, "eth5", true, false, w->now);
	CU_ASSERT(bfd_session_count(b) == 2 && w->side[0].opened == 2 && w->side[0].last.key.ifindex == 12);
	/* removed and made again under the same name, it is another interface */
	bfd_interface_changed(b, 12, "eth5", false, true, w->now);
	CU_ASSERT(bfd_session_count(b) == 1 && w->side[0].last.gone);
	bfd_interface_changed(b, 13, "eth5", true, false, w->now);
	CU_ASSERT(bfd_session_count(b) == 2 && w->side[0].last.key.ifindex == 13);
	bfd_interface_changed(b, 13, "eth6", true, false, w->now);
	CU_ASSERT(bfd_session_count(b) == 1);
	bw_free(w);
}

static void
wishes_share_a_session(void)
{
	struct bw *w = bw_new(1);
	struct bfd *b = w->side[0].b;
	struct bfd_change c;
	struct bfd_want want = bw_want(w, 0, 0);
	CU_ASSERT(BW_EDIT(w, 0, PROFILE("slow") "/desired-min-tx-interval=900000",
		PROFILE("slow") "/minimum-ttl=200", PROFILE("slow") "/passive-mode=true"));
	bfd_client_opened(b, 1, "ospf", 0, w->now);
	bfd_client_opened(b, 2, "static", 0, w->now);
	bfd_session_wanted(b, 1, 7, &want, w->now);
	want.min_tx_us = 50000;
	want.min_rx_us = 80000;
	want.detect_multiplier = 5;
	want.key.ifindex = 0; /* whoever leaves the interface open gets the session on it */
	bfd_session_wanted(b, 2, 8, &want, w->now);
	CU_ASSERT(bfd_session_count(b) == 1 && w->side[0].opened == 1);
	struct bfd_view v = bw_view(w, 0);
	CU_ASSERT(v.holder_count == 2 && !strcmp(v.holders[0], "ospf") && !strcmp(v.holders[1], "static"));
	CU_ASSERT(v.params.tx_us == 50000 && v.params.rx_us == 80000 && v.params.detect_multiplier == 5);
	want.min_tx_us = 100000;
	want.min_rx_us = 0;
	want.detect_multiplier = 2;
	memcpy(want.profile, "slow", 5);
	bfd_session_wanted(b, 1, 9, &want, w->now);
	v = bw_view(w, 0);
	CU_ASSERT(v.params.tx_us == 50000 && v.params.rx_us == 80000 && v.params.detect_multiplier == 2);
	CU_ASSERT(bfd_wish_state(b, 1, 9, &c) && c.discriminator == v.discriminator);
	CU_ASSERT(!bfd_wish_state(b, 2, 9, &c));
	/* the peer's own statement goes before all of them */
	CU_ASSERT(BW_EDIT(w, 0, P "/desired-min-tx-interval=400000"));
	v = bw_view(w, 0);
	CU_ASSERT(bfd_session_count(b) == 1 && v.configured && v.params.tx_us == 400000 && v.params.rx_us == 80000);
	bfd_session_unwanted(b, 2, 8, w->now);
	v = bw_view(w, 0);
	CU_ASSERT(v.params.tx_us == 400000 && v.params.rx_us == 300000);
	CU_ASSERT(BW_EDIT(w, 0, "-" P));
	CU_ASSERT(bw_view(w, 0).params.tx_us == 100000);
	bfd_session_unwanted(b, 1, 9, w->now);
	CU_ASSERT(bw_view(w, 0).params.tx_us == 300000 && bw_view(w, 0).holder_count == 1);
	bfd_session_unwanted(b, 1, 7, w->now);
	CU_ASSERT(bfd_session_count(b) == 0 && w->side[0].closed == 1);
	bw_free(w);
}

static void
different_links_are_different_sessions(void)
{
	struct bw *w = bw_new(1);
	struct bfd *b = w->side[0].b;
	struct bfd_want want = bw_want(w, 0, 50000);
	bfd_client_opened(b, 1, "ospf", 0, w->now);
	bfd_session_wanted(b, 1, 1, &want, w->now);
	want.key.ifindex = BW_IFINDEX + 1; /* unnumbered: the same address on another link */
	bfd_session_wanted(b, 1, 2, &want, w->now);
	want.key.ifindex = 0;
	want.key.multihop = true;
	bfd_session_wanted(b, 1, 3, &want, w->now);
	CU_ASSERT(bfd_session_count(b) == 3);
	/* a session that leaves the link open does not bring two links together */
	want.key.multihop = false;
	want.key.peer = ipaddr_from_ip4(0x0a000063);
	bfd_session_wanted(b, 1, 4, &want, w->now);
	want.key.ifindex = BW_IFINDEX;
	bfd_session_wanted(b, 1, 5, &want, w->now);
	CU_ASSERT(bfd_session_count(b) == 4);
	want.key.ifindex = BW_IFINDEX + 1;
	bfd_session_wanted(b, 1, 6, &want, w->now);
	CU_ASSERT(bfd_session_count(b) == 5);
	/* the walk is in order and complete, also when it is resumed by a copy of its place */
	struct bfd_view v, before = {.discriminator = 0};
	struct bfd_view_at at = {.started = false}, copy;
	unsigned n = 0;
	for (copy = at; bfd_view_next(b, &copy, &v); at = copy, n++, before = v)
		CU_ASSERT(!n || ipaddr_cmp(&before.key.peer, &v.key.peer) <= 0);
	CU_ASSERT(n == 5);
	bfd_client_closed(b, 1, w->now);
	CU_ASSERT(bfd_session_count(b) == 0);
	bw_free(w);
}

static void
unchanged_is_untouched(void)
{
	struct bw *w = bw_new(1);
	CU_ASSERT(BW_EDIT(w, 0, P "/desired-min-tx-interval=50000", P "/required-min-rx-interval=50000"));
	CU_ASSERT(BW_EDIT(w, 1, BW_PEER("10.0.0.1") "/desired-min-tx-interval=50000",
		BW_PEER("10.0.0.1") "/required-min-rx-interval=50000"));
	bw_run(w, 5 * TIME_SEC);
	CU_ASSERT(bw_both_up(w) && !bw_view(w, 0).polling);
	unsigned changes = w->side[0].change_count, polls = w->side[0].polls, sent = w->side[0].sent;
	CU_ASSERT(BW_EDIT(w, 0, PROFILE("x") "/detect-multiplier=7", BW_PEER("10.0.0.7") "/shutdown=true",
		BW_PEER("10.0.0.7") "/passive-mode=true"));
	CU_ASSERT(BW_EDIT(w, 0, P "/log-session-changes=true"));
	CU_ASSERT(w->side[0].sent == sent && w->side[0].polls == polls);
	CU_ASSERT(w->side[0].change_count == changes + 2); /* of the other peer: made, AdminDown */
	bw_run(w, TIME_SEC);
	CU_ASSERT(BW_EDIT(w, 0, P "/shutdown=true"));
	CU_ASSERT(w->side[0].last.state == BFD_ADMIN_DOWN && w->side[0].last.diag == BFD_DIAG_ADMIN_DOWN);
	CU_ASSERT(w->side[0].state_logs == 1);
	bw_free(w);
}

UNIT_TESTS("bfd config", {"defaults", defaults}, {"peer over profile over default", peer_over_profile_over_default},
	{"unusable keys are refused", unusable_keys_are_refused}, {"impossible peers are refused", impossible_peers_are_refused},
	{"a peer waits for its interface", waits_for_its_interface}, {"wishes share a session", wishes_share_a_session},
	{"different links are different sessions", different_links_are_different_sessions},
	{"what is unchanged is untouched", unchanged_is_untouched})
