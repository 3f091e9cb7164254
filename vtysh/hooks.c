/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statements that the phrases of the schema cannot express, in four small tables: lines of
 * FRR's that mean nothing here, settings that exclude each other, negations that are values of
 * their own, and what of those is not worth printing.
 */
#include "vtysh/hooks.h"

#include <string.h>

/* First words (whole, as FRR prints them); `no` before them is skipped. */
static const struct {
	const char *start, *why;
} ignored[] = {
	{"frr", "FRR's own version mark"},
	{"grevy version", "the version that wrote this file"},
	{"service", "nothing to switch here"},
	{"password", "vtysh asks for no password"},
	{"enable password", "vtysh asks for no password"},
	{"enable secret", "vtysh asks for no password"},
	{"line vty", "there is no terminal server"},
	{"exec-timeout", "there is no terminal server"},
	{"access-class", "there is no terminal server"},
	{"login", "there is no terminal server"},
	{"banner", "there is no banner"},
	{"username", "users are the system's"},
	{"domainname", "the name of the domain is not used"},
	{"log timestamp", "log lines always carry microseconds"},
	{"log record-priority", "log lines always carry their level"},
	{"log commands", "commits are recorded with who and when"},
	{"log facility", "the facility is daemon"},
	{"log monitor", "terminal monitor is switched in the shell"},
	{"log stdout", "daemons log to stdout when started so"},
	{"log trap", "levels are set per target"},
	{"log unique-id", "not used"},
	{"log immediate-mode", "lines are written at once"},
	{"log filter-text", "filter in the shell: show log | include TEXT"},
	{"debug", "debugging is switched in the shell, not in the configuration"},
	{"agentx", "there is no SNMP agent"},
	{"zebra nexthop-group", "next-hop groups are always used"},
	{"zebra nexthop", "next-hop groups are always used"},
	{"zebra dplane", "the dplane needs no limits"},
	{"zebra route-map", "nothing to delay"},
	{"zebra work-queue", "nothing to delay"},
	{"zebra protodown", "not used"},
	{"zebra evpn", "not used"},
	{"allow-external-route-update", "not used"},
	{"fpm", "not used"},
	{"configuration", "not used"},
	{"hostname-prefix", "not used"},
	{"ip forwarding-table", "not used"},
	{"mgmt", "not used"},
	{"refresh timer", "refreshes of own LSAs are spread by jitter, never bunched"},
	{"vrrp autoconfigure", "zebra makes the macvlans of `vrrp N ip A`: there are none made by hand to read"},
	{"terminal", "of the shell, not of the configuration"},
	{NULL, NULL},
};

static bool
starts(const struct cli_line *l, unsigned from, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " ");
		if (from >= l->n || strncmp(l->w[from].text, words, n) || l->w[from].text[n])
			return false;
		words += n + (words[n] == ' ');
		from++;
	}
	return true;
}

const char *
hook_ignored(const struct cli_line *l, unsigned from)
{
	for (unsigned i = 0; ignored[i].start; i++)
		if (starts(l, from, ignored[i].start))
			return ignored[i].why;
	return NULL;
}

/* --- settings of which one replaces the other --------------------------------------------------- */
static const char *const not_minimal[] = {"hello-multiplier", NULL};
static const char *const not_seconds[] = {"dead-interval", NULL};
static const char *const not_cost[] = {"backup-cost", NULL};
static const char *const not_withdraw[] = {"backup-withdraw", NULL};
static const struct {
	const char *path; /* the end of the schema path below the mode */
	const char *const *others;
} excludes[] = {
	{"grevy-ospf:ospf/dead-interval", not_minimal},
	{"grevy-ospf:ospf/hello-multiplier", not_seconds},
	{"vrrp-instance/lan-prefix/backup-withdraw", not_cost},
	{"vrrp-instance/lan-prefix/backup-cost", not_withdraw},
};

const char *const *
hook_excludes(const struct cli_node *n)
{
	for (unsigned i = 0; i < sizeof(excludes) / sizeof(excludes[0]); i++) {
		size_t have = strlen(n->rel), want = strlen(excludes[i].path);
		if (have >= want && !strcmp(n->rel + have - want, excludes[i].path))
			return excludes[i].others;
	}
	return NULL;
}

/* --- negations that are values ------------------------------------------------------------------ */
static bool
is_passive_interface(const struct cli_node *n)
{
	return !strcmp(n->s->name, "passive-interface") && !strcmp(n->s->module->name, "grevy-ospf");
}

const char *
hook_negated_leaf(const struct cli_node *n)
{
	return is_passive_interface(n) ? "passive" : NULL;
}

static const char *
child_value(const struct lyd_node *d, const char *name)
{
	for (const struct lyd_node *c = lyd_child(d); c; c = c->next)
		if (c->schema && !strcmp(c->schema->name, name))
			return lyd_get_value(c);
	return NULL;
}

bool
hook_prints_negated(const struct cli_node *n, const struct lyd_node *d)
{
	const char *v = is_passive_interface(n) ? child_value(d, "passive") : NULL;
	return v && !strcmp(v, "false");
}

/* `no passive-interface X` says something only where passive is the default. */
bool
hook_hidden(const struct cli_node *n, const struct lyd_node *d)
{
	if (!hook_prints_negated(n, d))
		return false;
	const char *all = child_value(lyd_parent(d), "passive-default");
	return !all || strcmp(all, "true");
}
