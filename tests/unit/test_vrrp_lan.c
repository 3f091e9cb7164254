/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A LAN port that is dead though it has a carrier: noticed in the time the backup takes over, and never by mistake. */
#include "tests/unit/vrrp_world.h"

static struct vrrp_view_iface
lan(const struct node *n)
{
	struct vrrp_view_iface v;
	CU_ASSERT_FATAL(vrrp_view_iface_next(n->v, NULL, &v));
	return v;
}

static void
a_dead_port_is_noticed(void)
{
	static const struct {
		const char *interval;
		int64_t us;
	} rows[] = {{"1000", SEC}, {"100", 100 * MS}, {"10", 10 * MS}};
	for (unsigned i = 0; i < 3; i++) {
		struct world *w = world_pair(rows[i].interval);
		w->hosts[1] = true;
		world_answer(&w->nodes[0], 1);
		world_answer(&w->nodes[1], 1);
		world_run(w, 30 * SEC);
		CU_ASSERT(lan(&w->nodes[0]).lan == VRRP_LAN_ALIVE && lan(&w->nodes[1]).lan == VRRP_LAN_ALIVE);
		CU_ASSERT(w->nodes[0].asked > 0 && w->nodes[1].asked == 0); /* a Backup hears adverts: it need not ask */
		int64_t start = w->now;
		w->cut[0][1] = true;
		while (!w->nodes[0].lan[1].dead && w->now < start + 10 * rows[i].us)
			world_run(w, MS);
		/* 3 intervals and the skew of priority 200 */
		CU_ASSERT(w->now - start <= 3 * rows[i].us + 56 * rows[i].us / 256 + MS);
		CU_ASSERT(w->now - start >= 2 * rows[i].us);
		CU_ASSERT(w->nodes[0].lan[1].role == VRRP_ROLE_MASTER && w->nodes[0].logs[VRRP_LOG_LAN] == 1);
		world_run(w, 10 * rows[i].us);
		CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER && !w->nodes[1].lan[1].dead);
		CU_ASSERT(state(&w->nodes[0]) == VRRP_MASTER); /* it cannot know */
		w->cut[0][1] = false;
		world_run(w, 4 * rows[i].us);
		CU_ASSERT(!w->nodes[0].lan[1].dead && master(w) == 0);
		world_free(w);
	}
}

static void
a_dead_port_of_a_backup(void)
{
	struct world *w = world_pair("100");
	w->hosts[1] = true;
	world_answer(&w->nodes[1], 1);
	world_answer(&w->nodes[0], 1);
	world_run(w, 5 * SEC);
	w->cut[1][1] = true;
	world_run(w, 365 * MS);
	CU_ASSERT(w->nodes[1].lan[1].dead && !w->nodes[0].lan[1].dead && state(&w->nodes[1]) == VRRP_MASTER);
	w->cut[1][1] = false;
	world_run(w, SEC);
	CU_ASSERT(!w->nodes[1].lan[1].dead && master(w) == 0);
	world_free(w);
}

static void
silence_alone_proves_nothing(void)
{
	/* nobody was ever heard */
	struct world *w = world_pair("100");
	world_run(w, 60 * SEC);
	CU_ASSERT(lan(&w->nodes[0]).lan != VRRP_LAN_DEAD && w->nodes[0].asked == 0);
	/* only the other router was, and it is off */
	node_kill(w, 0);
	world_run(w, 60 * SEC);
	CU_ASSERT(state(&w->nodes[1]) == VRRP_MASTER && !w->nodes[1].lan[1].dead);
	CU_ASSERT(w->nodes[1].asked > 0);
	/* a host that is heard, and answers */
	w->hosts[1] = true;
	world_answer(&w->nodes[1], 1);
	world_run(w, 60 * SEC);
	CU_ASSERT(!w->nodes[1].lan[1].dead && lan(&w->nodes[1]).stats.answers > 100);
	/* and is off */
	w->hosts[1] = false;
	world_run(w, SEC);
	CU_ASSERT(w->nodes[1].lan[1].dead);
	/* heard again, without a question */
	w->hosts[1] = true;
	world_answer(&w->nodes[1], 1);
	CU_ASSERT(!w->nodes[1].lan[1].dead && lan(&w->nodes[1]).stats.lan_deaths == 1);
	world_free(w);
}

/* A frame that comes out of a dead port is a reason to ask, and no sign that anything goes in. */
static void
dead_until_somebody_answers(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	w->hosts[1] = true;
	world_answer(n, 1);
	world_run(w, SEC);
	w->cut[0][1] = true;
	world_run(w, SEC);
	CU_ASSERT_FATAL(n->lan[1].dead);
	const uint8_t mac[6] = {2, 1, 1, 1, 1, 1};
	struct ipaddr host = addr("10.0.1.77");
	unsigned asked = n->asked;
	for (unsigned i = 0; i < 100; i++)
		vrrp_host_heard(n->v, 1, &host, mac, false, w->now, w->now);
	CU_ASSERT(n->lan[1].dead && n->asked == asked + 1);
	world_run(w, SEC);
	CU_ASSERT(n->lan[1].dead);
	w->cut[0][1] = false;
	vrrp_host_heard(n->v, 1, &host, mac, false, w->now, w->now);
	world_run(w, 2 * MS);
	CU_ASSERT(!n->lan[1].dead);
	world_free(w);
}

static void
ourselves_are_nobody(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	node_vrrp(n, "200", "100");
	world_run(w, SEC);
	const uint8_t own[6] = {2, 0, 0, 1, 0, 1}, virtual[6] = {0, 0, 0x5e, 0, 1, 5}, other[6] = {2, 1, 1, 1, 1, 1};
	struct ipaddr a = addr("10.0.1.50"), mine = addr("10.0.1.1");
	vrrp_host_heard(n->v, 1, &a, own, false, w->now, w->now);
	vrrp_host_heard(n->v, 1, &a, virtual, false, w->now, w->now);
	vrrp_host_heard(n->v, 1, &mine, other, false, w->now, w->now);
	CU_ASSERT(lan(n).lan_hosts == 0 && lan(n).stats.heard == 0);
	vrrp_host_heard(n->v, 1, &a, other, false, w->now, w->now);
	CU_ASSERT(lan(n).lan_hosts == 1 && lan(n).stats.heard == 1);
	for (unsigned i = 0; i < 100; i++) {
		a = ipaddr_from_ip4(0x0a000100 + i);
		vrrp_host_heard(n->v, 1, &a, other, false, w->now, w->now);
	}
	CU_ASSERT(lan(n).lan_hosts == 16);
	world_free(w);
}

static void
switched_off_and_down(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	w->hosts[1] = true;
	world_answer(n, 1);
	world_run(w, SEC);
	w->cut[0][1] = true;
	world_run(w, SEC);
	CU_ASSERT(n->lan[1].dead);
	node_set(n, "eth1", 5, "lan-liveness", "false");
	CU_ASSERT(!n->lan[1].dead && lan(n).lan == VRRP_LAN_OFF);
	unsigned asked = n->asked;
	world_run(w, 10 * SEC);
	CU_ASSERT(n->asked == asked);
	node_set(n, "eth1", 5, "lan-liveness", "true");
	world_run(w, SEC);
	CU_ASSERT(n->lan[1].dead);
	/* without a carrier it is not dead, it is down */
	node_link(n, 1, false, false);
	CU_ASSERT(!n->lan[1].dead && n->lan[1].role == VRRP_ROLE_INITIALIZE);
	world_free(w);
}

static void
bfd_makes_it_quick(void)
{
	struct world *w = world_pair("1000");
	struct node *n = &w->nodes[0];
	struct ipaddr peer = addr("10.0.1.2");
	w->hosts[1] = true;
	world_answer(n, 1);
	node_set(n, "eth1", 5, "bfd[peer='10.0.1.2']", NULL);
	vrrp_bfd_changed(n->v, 1, &peer, 1, w->now, w->now);
	world_run(w, 10 * SEC);
	CU_ASSERT(state(n) == VRRP_MASTER && !n->lan[1].dead);
	/* the peer is off, the LAN is not: asked at once, and answered */
	unsigned asked = n->asked;
	vrrp_bfd_changed(n->v, 1, &peer, 2, w->now, w->now);
	CU_ASSERT(n->asked > asked);
	world_run(w, 10 * SEC);
	CU_ASSERT(!n->lan[1].dead);
	vrrp_bfd_changed(n->v, 1, &peer, 1, w->now, w->now);
	world_run(w, 2 * SEC);
	/* our port is dead */
	w->cut[0][1] = true;
	vrrp_bfd_changed(n->v, 1, &peer, 2, w->now, w->now);
	world_run(w, 149 * MS);
	CU_ASSERT(!n->lan[1].dead);
	world_run(w, 2 * MS);
	CU_ASSERT(n->lan[1].dead);
	/* a session that is up proves life, whatever hosts do */
	vrrp_bfd_changed(n->v, 1, &peer, 1, w->now, w->now);
	world_run(w, 5 * SEC);
	CU_ASSERT(!n->lan[1].dead);
	world_free(w);
}

static void
who_was_asleep_judges_nobody(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	w->hosts[1] = true;
	world_answer(n, 1);
	world_run(w, SEC);
	for (unsigned i = 0; i < 50; i++) {
		n->paused = true;
		world_run(w, (300 + i * 37) * MS);
		n->paused = false;
		world_run(w, 400 * MS + i * 13 * MS);
		CU_ASSERT(n->logs[VRRP_LOG_LAN] == 0);
	}
	world_free(w);
}

static void
the_prefix_follows_the_role(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[1];
	CU_ASSERT(n->lan[1].role == VRRP_ROLE_BACKUP && !n->lan[1].withdraw && !n->lan[1].added_cost);
	node_set(n, "eth1", 5, "lan-prefix/backup-cost", "100");
	CU_ASSERT(n->lan[1].added_cost == 100);
	w->cut[0][1] = true;
	world_run(w, SEC);
	CU_ASSERT(n->lan[1].role == VRRP_ROLE_MASTER && !n->lan[1].added_cost);
	w->cut[0][1] = false;
	world_run(w, SEC);
	CU_ASSERT(n->lan[1].role == VRRP_ROLE_BACKUP && n->lan[1].added_cost == 100);
	node_set(n, "eth1", 5, "-lan-prefix/backup-cost", NULL);
	node_set(n, "eth1", 5, "lan-prefix/backup-withdraw", "true");
	CU_ASSERT(n->lan[1].withdraw && !n->lan[1].added_cost);
	node_set(n, "eth1", 5, "-", NULL);
	CU_ASSERT(n->lan[1].role == VRRP_ROLE_NONE && !n->lan[1].withdraw);
	world_free(w);
}

/* Found by the simulator: the LAN cost more for a second, until the next LSA could leave. */
static void
a_restarted_master_says_nothing_before_it_is_one(void)
{
	struct world *w = world_pair("1000");
	struct node *n = &w->nodes[0];
	struct vrrp_record record[16];
	unsigned count = n->record_count;
	memcpy(record, n->record, sizeof(record));
	node_kill(w, 0);
	world_run(w, 100 * MS);
	node_start(w, 0);
	vrrp_restore(n->v, record, count, w->now);
	node_vrrp(n, "200", "1000");
	node_set(n, "eth1", 5, "lan-prefix/backup-cost", "100");
	n->lan[1].role = UINT8_MAX;
	node_link(n, 1, true, false); /* the interface, and its address is not told yet */
	CU_ASSERT(state(n) == VRRP_INITIALIZE && n->lan[1].role == UINT8_MAX);
	node_links(n);
	CU_ASSERT(state(n) == VRRP_MASTER && n->lan[1].role == VRRP_ROLE_MASTER && !n->lan[1].added_cost);
	world_free(w);
	/* whoever has no address when all has been told says so */
	w = world_new(1);
	node_vrrp(&w->nodes[0], "200", "1000");
	node_address(&w->nodes[0], 1, "10.0.1.1/24", true);
	CU_ASSERT(w->nodes[0].lan[1].role == VRRP_ROLE_INITIALIZE);
	world_free(w);
}

/* Found by the simulator: a dead port was noticed later with BFD than without. */
static void
unanswered_questions_count_when_bfd_fails(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	struct ipaddr peer = addr("10.0.1.2");
	w->hosts[1] = true;
	world_answer(n, 1);
	node_set(n, "eth1", 5, "bfd[peer='10.0.1.2']", NULL);
	vrrp_bfd_changed(n->v, 1, &peer, 1, w->now, w->now);
	world_run(w, 10 * SEC);
	w->cut[0][1] = true;
	world_run(w, 500 * MS);
	CU_ASSERT(!n->lan[1].dead); /* the session lives still */
	vrrp_bfd_changed(n->v, 1, &peer, 2, w->now, w->now);
	CU_ASSERT(n->lan[1].dead);
	world_free(w);
}

/* kill -9, and back with the records; its addresses come with node_links() */
static void
restart(struct world *w, unsigned i, const char *priority)
{
	struct node *n = &w->nodes[i];
	struct vrrp_record record[16];
	struct vrrp_lan_record lans[4];
	unsigned count = n->record_count;

	memcpy(record, n->record, sizeof(record));
	memcpy(lans, n->lan_record, sizeof(lans));
	node_kill(w, i);
	world_run(w, 100 * MS);
	node_start(w, i);
	vrrp_restore(n->v, record, count, w->now);
	vrrp_restore_lans(n->v, lans, 4);
	node_vrrp(n, priority, "100");
	n->lan[1] = (struct vrrp_lan){.role = UINT8_MAX};
	node_links(n);
}

static void
the_known_outlive_a_restart(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[0];
	w->hosts[1] = true;
	world_answer(n, 1);
	CU_ASSERT_FATAL(n->lan_record[1].count > 0 && !n->lan_record[1].dead);
	world_run(w, SEC);
	/* the port dies, and vrrpd with it: the next one has heard nobody */
	w->cut[0][1] = true;
	restart(w, 0, "200");
	CU_ASSERT(state(n) == VRRP_MASTER && lan(n).lan == VRRP_LAN_UNKNOWN && lan(n).lan_hosts > 0 && !n->lan[1].dead);
	CU_ASSERT(lan(n).stats.heard == 0);
	world_run(w, 330 * MS);
	CU_ASSERT(n->lan[1].dead && lan(n).stats.heard == 0 && n->lan_record[1].dead);
	/* whoever starts on a dead LAN never says that it is alive */
	restart(w, 0, "200");
	CU_ASSERT(n->lan[1].role == VRRP_ROLE_MASTER || n->lan[1].role == VRRP_ROLE_BACKUP);
	CU_ASSERT(n->lan[1].dead && lan(n).lan == VRRP_LAN_DEAD);
	world_run(w, 10 * SEC);
	CU_ASSERT(n->lan[1].dead && n->asked > 0);
	/* the port is mended: somebody known is asked, and answers */
	w->cut[0][1] = false;
	world_run(w, SEC);
	CU_ASSERT(!n->lan[1].dead && !n->lan_record[1].dead && n->lan_record[1].count > 0);
	world_free(w);
}

static void
what_is_kept_of_a_lan(void)
{
	struct world *w = world_new(1);
	struct node *n = &w->nodes[0];
	const uint8_t other[6] = {2, 1, 1, 1, 1, 1}, moved[6] = {2, 1, 1, 1, 1, 2};
	struct ipaddr a;
	node_vrrp(n, "200", "100");
	unsigned before = n->records;
	/* a storm of new hosts is one record, and one more after a while */
	for (unsigned i = 0; i < 100; i++) {
		a = ipaddr_from_ip4(0x0a000110 + i);
		vrrp_host_heard(n->v, 1, &a, other, false, w->now, w->now);
	}
	CU_ASSERT(n->records == before + 1 && n->lan_record[1].count == 1);
	w->now += 2 * SEC;
	vrrp_host_heard(n->v, 1, &a, other, false, w->now, w->now);
	CU_ASSERT(n->records == before + 2 && n->lan_record[1].count == VRRP_LAN_HOSTS);
	CU_ASSERT(!ipaddr_cmp(&n->lan_record[1].hosts[0].address, &a) && !memcmp(n->lan_record[1].hosts[0].mac, other, 6));
	w->now += 2 * SEC;
	vrrp_host_heard(n->v, 1, &a, other, false, w->now, w->now);
	CU_ASSERT(n->records == before + 2); /* nothing new */
	vrrp_host_heard(n->v, 1, &a, moved, false, w->now, w->now);
	CU_ASSERT(n->records == before + 3 && !memcmp(n->lan_record[1].hosts[0].mac, moved, 6));
	/* without a carrier nobody is known any more, nor to the next life */
	node_link(n, 1, false, false);
	CU_ASSERT(n->lan_record[1].count == 0);
	restart(w, 0, "200");
	CU_ASSERT(lan(n).lan_hosts == 0);
	world_free(w);
}

UNIT_TESTS("vrrp lan",
	{"who is known, and a death, outlive a restart", the_known_outlive_a_restart},
	{"what is kept of a LAN, and when", what_is_kept_of_a_lan},
	{"a restarted master says nothing before it is one", a_restarted_master_says_nothing_before_it_is_one},
	{"unanswered questions count when BFD fails", unanswered_questions_count_when_bfd_fails},
	{"a dead port of the master, within 3 intervals and a skew", a_dead_port_is_noticed},
	{"a dead port of a Backup", a_dead_port_of_a_backup},
	{"silence alone proves nothing", silence_alone_proves_nothing},
	{"dead until somebody answers", dead_until_somebody_answers},
	{"our own frames prove nothing", ourselves_are_nobody},
	{"switched off; down", switched_off_and_down},
	{"BFD makes it quick", bfd_makes_it_quick},
	{"who was asleep judges nobody", who_was_asleep_judges_nobody},
	{"the LAN's prefix follows the role", the_prefix_follows_the_role})
