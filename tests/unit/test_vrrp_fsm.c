/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine's table, cell by cell, and the reason that each change of state carries. */
#include "tests/unit/vrrp_world.h"
#include "vrrpd/core.h"

static void
the_table(void)
{
	/* RFC 9568 6.4; what is not here has no meaning in that state */
	static const struct {
		uint8_t state, event, next;
	} rows[] = {
		{VRRP_INITIALIZE, VRRP_EV_STARTUP, VRRP_BACKUP},
		{VRRP_BACKUP, VRRP_EV_STOP, VRRP_INITIALIZE},
		{VRRP_BACKUP, VRRP_EV_SHUTDOWN, VRRP_INITIALIZE},
		{VRRP_BACKUP, VRRP_EV_TAKE_OVER, VRRP_MASTER},
		{VRRP_MASTER, VRRP_EV_STOP, VRRP_INITIALIZE},
		{VRRP_MASTER, VRRP_EV_SHUTDOWN, VRRP_INITIALIZE},
		{VRRP_MASTER, VRRP_EV_YIELD, VRRP_BACKUP},
		{VRRP_MASTER, VRRP_EV_HAND_OVER, VRRP_BACKUP},
		{VRRP_MASTER, VRRP_EV_FORCE, VRRP_BACKUP},
	};
	unsigned defined = 0;
	for (unsigned s = 0; s < VRRP_STATES; s++)
		for (unsigned e = 0; e < VRRP_EV_COUNT; e++)
			defined += vrrp_fsm.cells[s * VRRP_EV_COUNT + e].defined;
	CU_ASSERT(defined == sizeof(rows) / sizeof(rows[0]));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fsm_cell *c = &vrrp_fsm.cells[rows[i].state * VRRP_EV_COUNT + rows[i].event];
		CU_ASSERT(c->defined && c->next == rows[i].next);
	}
	for (unsigned e = 0; e < VRRP_EV_COUNT; e++)
		CU_ASSERT(fsm_event_name(&vrrp_fsm, e) != NULL);
}

static void
names(void)
{
	CU_ASSERT(!strcmp(vrrp_state_name(VRRP_INITIALIZE), "Initialize") && !strcmp(vrrp_state_name(VRRP_BACKUP), "Backup"));
	CU_ASSERT(!strcmp(vrrp_state_name(VRRP_MASTER), "Master") && !strcmp(vrrp_state_name(9), "?"));
	for (unsigned i = 0; i < VRRP_WHY_COUNT; i++)
		for (unsigned j = 0; j < i; j++)
			CU_ASSERT(strcmp(vrrp_reason_name(i), vrrp_reason_name(j)) != 0);
	for (unsigned i = 1; i < VRRP_HOLD_COUNT; i++)
		CU_ASSERT(vrrp_hold_name(i)[0] && vrrp_hold_name(i)[0] != '?');
	for (unsigned i = 1; i < VRRP_BLOCK_COUNT; i++)
		CU_ASSERT(vrrp_block_name(i)[0] && vrrp_block_name(i)[0] != '?');
	for (unsigned i = 0; i <= VRRP_LAN_DEAD; i++)
		CU_ASSERT(vrrp_lan_state_name(i)[0] && vrrp_lan_state_name(i)[0] != '?');
	CU_ASSERT(!vrrp_hold_name(0)[0] && !vrrp_block_name(0)[0]);
	CU_ASSERT(!strcmp(vrrp_hold_name(99), "?") && !strcmp(vrrp_block_name(99), "?") && !strcmp(vrrp_reason_name(99), "?"));
}

/* Every change that is told is what it says: from the state before, with the master of now, and counted. */
static void
what_is_told(void)
{
	struct world *w = world_pair("100");
	struct node *n = &w->nodes[1];
	struct ipaddr first = addr("10.0.1.1"), own = addr("10.0.1.2");
	node_set(n, "eth1", 5, "notify", "/usr/bin/notify me");
	struct vrrp_change c = n->change;
	CU_ASSERT(c.old_state == VRRP_INITIALIZE && c.new_state == VRRP_BACKUP && c.reason == VRRP_WHY_STARTUP);
	w->cut[0][1] = true;
	world_run(w, SEC);
	c = n->change;
	CU_ASSERT(c.old_state == VRRP_BACKUP && c.new_state == VRRP_MASTER && c.reason == VRRP_WHY_MASTER_DOWN);
	CU_ASSERT(!ipaddr_cmp(&c.master, &own) && c.priority == 100 && !strcmp(c.ifname, "eth1"));
	CU_ASSERT(!strcmp(c.notify, "/usr/bin/notify me") && c.key.vrid == 5 && c.key.afi == AFI_IP4 && c.key.ifindex == 1);
	CU_ASSERT(c.at == n->first_advert && c.at == view(n).since);
	w->cut[0][1] = false;
	world_run(w, SEC);
	c = n->change;
	CU_ASSERT(c.old_state == VRRP_MASTER && c.new_state == VRRP_BACKUP && c.reason == VRRP_WHY_HIGHER_PRIORITY);
	CU_ASSERT(!ipaddr_cmp(&c.master, &first));
	CU_ASSERT(view(n).stats.transitions == 3 && view(n).stats.became_master == 1 && n->changes == 3);
	/* the record of it: what a restart would need */
	CU_ASSERT(n->record_count == 1 && n->record[0].state == VRRP_BACKUP && !ipaddr_cmp(&n->record[0].master, &first));
	CU_ASSERT(n->record[0].master_priority == 200 && n->record[0].master_adver_interval == 100 * MS);
	CU_ASSERT(w->now - n->record[0].last_advert < 101 * MS);
	world_free(w);
}

/* RFC 9568 6.4.3: an advert comes out at once, and only the first time is told */
static void
who_yields_says_so(void)
{
	struct world *w = world_pair("1000");
	w->cut[0][1] = true;
	world_run(w, 10 * SEC);
	unsigned sent = w->nodes[1].sent.count;
	int64_t at = w->nodes[0].sent.at;
	w->cut[0][1] = false;
	w->nodes[1].announced = 0;
	while (master(w) != 0)
		world_run(w, MS);
	/* the loser's last one goes out from its own MAC, and the winner tells the hosts */
	CU_ASSERT(w->nodes[1].sent.count >= sent && w->nodes[0].sent.at > at);
	world_run(w, 10 * MS);
	CU_ASSERT(!w->nodes[1].sent.virtual_mac && w->nodes[1].sent.priority == 100);
	CU_ASSERT(view(&w->nodes[0]).stats.announced > 10 && w->nodes[1].announced == 0);
	world_free(w);
}

UNIT_TESTS("vrrp fsm",
	{"the table", the_table},
	{"names", names},
	{"what is told of a change", what_is_told},
	{"who yields says so", who_yields_says_so})
