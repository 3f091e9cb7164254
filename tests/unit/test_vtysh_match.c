/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell's lines: splitting, abbreviations, ambiguity, errors with their place, `no`, modes left by themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "tests/unit/unit.h"
#include "vtysh/edit.h"
#include "vtysh/hooks.h"
#include "vtysh/types.h"
#include "vtysh/unparse.h"

static const struct schema *schema;

/* Edits of lines as "path = value" and "- path", joined by "; "; the last line's result in *res. */
static const char *
edits_of(const char *const *lines, struct line_result *res)
{
	static char out[4096];
	static struct cli_line l;
	struct mode_stack modes;
	struct edits e = {0};
	modes_init(&modes, schema);
	for (; *lines; lines++) {
		CU_ASSERT(line_split(&l, *lines));
		edits_truncate(&e, 0);
		line_edits(&modes, &l, 1, true, &e, res);
	}
	out[0] = '\0';
	for (unsigned i = 0; i < e.n; i++) {
		size_t n = strlen(out);
		snprintf(out + n, sizeof(out) - n, "%s%s%s%s%s", i ? "; " : "", e.e[i].del ? "- " : "", e.e[i].path,
			e.e[i].value ? " = " : "", e.e[i].value ? e.e[i].value : "");
	}
	edits_free(&e);
	modes_free(&modes);
	return out;
}

#define EDITS(res, ...) edits_of((const char *const[]){__VA_ARGS__, NULL}, res)
#define IF "/grevy-interface:interfaces/interface[name='eth0']"
#define OSPF "/grevy-routing:routing/grevy-ospf:ospf"
#define ROUTE "/grevy-routing:routing/static-routes/ipv4/route"

static void
splits_lines(void)
{
	static struct cli_line l;
	CU_ASSERT(line_split(&l, "  a \"b c\\\"d\" e\" \"open "));
	CU_ASSERT_EQUAL(l.n, 4);
	CU_ASSERT_STRING_EQUAL(l.w[1].text, "b c\"d");
	CU_ASSERT(l.w[1].quoted);
	CU_ASSERT_STRING_EQUAL(l.w[2].text, "e\"");
	CU_ASSERT_STRING_EQUAL(l.w[3].text, "\"open");
	CU_ASSERT(!l.w[3].quoted);
	CU_ASSERT(l.blank_end);
	char *many = mem_zalloc(2 * CLI_WORDS_MAX + 10);
	for (unsigned i = 0; i < CLI_WORDS_MAX + 1; i++)
		memcpy(many + 2 * i, "a ", 2);
	CU_ASSERT(!line_split(&l, many));
	mem_free(many);
	char *longest = mem_zalloc(CLI_LINE_MAX + 2);
	memset(longest, 'x', CLI_LINE_MAX + 1);
	CU_ASSERT(!line_split(&l, longest));
	mem_free(longest);
}

static void
abbreviations(void)
{
	struct line_result r;
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "int eth0", "ip os co 7"), IF "/grevy-ospf:ospf/cost = 7");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "red conn metric-t 1 me 5"),
		OSPF "/redistribute[protocol='connected']; " OSPF "/redistribute[protocol='connected']/metric = 5; "
		OSPF "/redistribute[protocol='connected']/metric-type = 1");
	EDITS(&r, "interface eth0", "ip ospf authentication"); /* exact, though -key begins alike */
	CU_ASSERT_EQUAL(r.fate, LINE_EDITS);
	EDITS(&r, "interface eth0", "ip ospf auth"); /* of those only authentication is whole */
	CU_ASSERT_EQUAL(r.fate, LINE_EDITS);
	EDITS(&r, "interface eth0", "no ip ospf p"); /* passive, priority */
	CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
	CU_ASSERT_EQUAL(r.fault.fate, CLI_AMBIGUOUS);
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "passive-interface default"), OSPF "/passive-default = true");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "passive-interface \"default\""),
		OSPF "/passive-interface[name='default']");
}

static void
faults_have_a_place(void)
{
	struct line_result r;
	EDITS(&r, "interface eth0", " ip ospf cots 5");
	CU_ASSERT_EQUAL(r.fault.fate, CLI_UNKNOWN);
	CU_ASSERT_EQUAL(r.fault.col, 9);
	CU_ASSERT(strstr(r.fault.expected, "cost") != NULL);
	EDITS(&r, "interface eth0", "ip ospf cost 70000");
	CU_ASSERT_EQUAL(r.fault.col, 13);
	CU_ASSERT_STRING_EQUAL(r.fault.expected, "(1-65535)");
	EDITS(&r, "interface eth0", "ip ospf cost");
	CU_ASSERT_EQUAL(r.fault.fate, CLI_INCOMPLETE);
	EDITS(&r, "ip route 10.0.0.0/8 10.0.0.300");
	CU_ASSERT_EQUAL(r.fault.fate, CLI_UNKNOWN);
	CU_ASSERT_EQUAL(r.fault.col, 20);
	EDITS(&r, "router bgp 1");
	CU_ASSERT_STRING_EQUAL(r.fault.expected, "ospf"); /* not what router-id would take */
}

static void
static_routes(void)
{
	struct line_result r;
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "ip route 10.0.0.5/8 192.0.2.1 eth0 tag 7 200"),
		ROUTE "[prefix='10.0.0.0/8'][next-hop='192.0.2.1 eth0'][distance='200'][table='0']; "
		ROUTE "[prefix='10.0.0.0/8'][next-hop='192.0.2.1 eth0'][distance='200'][table='0']/tag = 7");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "ip route 10.0.0.0 255.0.0.0 null0 5"),
		ROUTE "[prefix='10.0.0.0/8'][next-hop='Null0'][distance='5'][table='0']");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "no ip route 10.0.0.0/8 192.0.2.1"),
		"- " ROUTE "[prefix='10.0.0.0/8'][next-hop='192.0.2.1'][distance='1'][table='0']");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "no ip route 10.0.0.0/8 192.0.2.1 tag 9 table 5"),
		"- " ROUTE "[prefix='10.0.0.0/8'][next-hop='192.0.2.1'][distance='1'][table='5']");
	EDITS(&r, "no ip route 10.0.0.0/8");
	CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
}

static void
negations(void)
{
	struct line_result r;
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "shutdown"), IF "/enabled = false");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no shutdown"), "- " IF "/enabled");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no link-detect"), IF "/link-detect = false");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "no ip forwarding"), "/grevy-routing:routing/ipv4-forwarding = false");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no ip ospf cost"), "- " IF "/grevy-ospf:ospf/cost");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no ip ospf cost 9"), "- " IF "/grevy-ospf:ospf/cost");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "no network 10.0.0.0/8"), "- " OSPF "/network[prefix='10.0.0.0/8']");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "no log-adj"), OSPF "/log-adjacency-changes = none");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "no timers throttle spf"), "- " OSPF "/spf-control/throttle");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "no router ospf"), "- " OSPF);
	EDITS(&r, "ip route 1.2.3.4"); /* a half line, not `ip router-id` abbreviated */
	CU_ASSERT(r.fate != LINE_EDITS);
	EDITS(&r, "interface eth0", "ip ospf authentication secret");
	CU_ASSERT(r.fate != LINE_EDITS);
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "no passive-interface eth0"),
		OSPF "/passive-interface[name='eth0']; " OSPF "/passive-interface[name='eth0']/passive = false");
	EDITS(&r, "interface eth0", "no ip ospf");
	CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
}

#define OSPF_BFD IF "/grevy-ospf:ospf/bfd"

static void
bfd_of_ospf(void)
{
	struct line_result r;
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "ip ospf bfd"), OSPF_BFD);
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "ip ospf bfd 3 100 200"), OSPF_BFD "/intervals; "
		OSPF_BFD "/intervals/detect-multiplier = 3; " OSPF_BFD "/intervals/receive = 100; "
		OSPF_BFD "/intervals/transmit = 200");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no ip ospf bfd 3 100 200"), "- " OSPF_BFD "/intervals");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no ip ospf bfd"), "- " OSPF_BFD);
	EDITS(&r, "interface eth0", "ip ospf bfd 3 100");
	CU_ASSERT_EQUAL(r.fault.fate, CLI_INCOMPLETE);
	EDITS(&r, "interface eth0", "ip ospf bfd 1 100 200");
	CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
	EDITS(&r, "interface eth0", "ip ospf bfd 3 100 60001");
	CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "bfd profile fast"), OSPF "/bfd/profile = fast");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "no bfd profile"), "- " OSPF "/bfd/profile");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "no bfd profile fast"), "- " OSPF "/bfd/profile");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "router ospf", "bfd"), "/grevy-bfd:bfd"); /* the mode, after OSPF's lines */
}

#define VRRP IF "/grevy-vrrp:vrrp/vrrp-instance[vrid='5']"

static void
statements_of_a_list_without_a_mode(void)
{
	struct line_result r;
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "vrrp 5 version 2"), VRRP "; " VRRP "/version = 2");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "vrrp 5 ip 10.0.0.254"),
		VRRP "/virtual-ipv4-address[address='10.0.0.254']");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "vrrp 5 prio 200"), VRRP "/priority = 200");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no vrrp 5 priority"), "- " VRRP "/priority");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no vrrp 5 preempt"), VRRP "/preempt/enabled = false");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no vrrp 5 preempt delay"), "- " VRRP "/preempt/hold-time");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "vrrp 5 unicast-peer 10.0.0.2"), VRRP "/unicast-peer[.='10.0.0.2']");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no vrrp 5 track 7"), "- " VRRP "/track[id='7']");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no vrrp 5"), "- " VRRP); /* the whole of it, not a leaf */
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "vrrp 5 lan-prefix backup-cost 9"),
		VRRP "/lan-prefix/backup-cost = 9; - " VRRP "/lan-prefix/backup-withdraw");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "vrrp 5 notify /bin/x a b"), VRRP "/notify = /bin/x a b");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "no vrrp 5 shutdown"), VRRP "/shutdown = false");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "vrrp default priority 120"), "/grevy-vrrp:vrrp/defaults/priority = 120");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "vrrp default advertisement-interval 500"),
		"/grevy-vrrp:vrrp/defaults/advertisement-interval = 500");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "no vrrp default preempt"), "/grevy-vrrp:vrrp/defaults/preempt = false");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "no vrrp default checksum-with-ipv4-pseudoheader"),
		"/grevy-vrrp:vrrp/defaults/checksum-with-ipv4-pseudoheader = false");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "vrrp default shutdown"), "/grevy-vrrp:vrrp/defaults/shutdown = true");
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "no vrrp default shutdown"), ""); /* what it is in a new configuration */
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "no vrrp default priority"), "- /grevy-vrrp:vrrp/defaults/priority");
	EDITS(&r, "vrrp default priority 255");
	CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
	EDITS(&r, "interface eth0", "vrrp 256 ip 10.0.0.1");
	CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
	EDITS(&r, "interface eth0", "vrrp autoconfigure 3");
	CU_ASSERT_EQUAL(r.fate, LINE_NOTICE);
}

/* Its lines stand together, by number. */
static void
lines_of_one_entry_stand_together(void)
{
	static const char *const paths[] = {"[vrid='10']/priority", "[vrid='5']/virtual-ipv4-address[address='10.0.0.2']",
		"[vrid='10']/virtual-ipv4-address[address='10.0.0.1']", "[vrid='5']/track[id='7']/decrement"};
	static const char *const values[] = {"200", NULL, NULL, "20"};
	struct lyd_node *tree = NULL;
	struct text t = {0};
	for (unsigned i = 0; i < 4; i++) {
		char *path = mem_printf(IF "/grevy-vrrp:vrrp/vrrp-instance%s", paths[i]);
		char *value = values[i] ? mem_strdup(values[i]) : NULL;
		struct edit e = {false, path, value, 0};
		CU_ASSERT_PTR_NULL(edit_apply(schema, &tree, &e));
		mem_free(path);
		mem_free(value);
	}
	unparse(schema, tree, NULL, &t);
	CU_ASSERT_STRING_EQUAL(t.buf, "interface eth0\n vrrp 5 version 3\n vrrp 5 ip 10.0.0.2\n"
		" vrrp 5 track 7 decrement 20\n vrrp 10 version 3\n vrrp 10 priority 200\n vrrp 10 ip 10.0.0.1\nexit\n!\n");
	text_free(&t);
	lyd_free_all(tree);
}

static void
modes_are_left(void)
{
	struct line_result r;
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "interface eth0", "router ospf", "network 10.0.0.0/8 area 0"),
		OSPF "/network[prefix='10.0.0.0/8']; " OSPF "/network[prefix='10.0.0.0/8']/area-id = 0");
	EDITS(&r, "interface eth0", "exit", "ip ospf cost 5");
	CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
	EDITS(&r, "exit");
	CU_ASSERT_EQUAL(r.fate, LINE_EXIT);
	EDITS(&r, "interface eth0", "end");
	CU_ASSERT_EQUAL(r.fate, LINE_END);
	EDITS(&r, "interface eth0", "do show version");
	CU_ASSERT_EQUAL(r.fate, LINE_DO);
	EDITS(&r, "! a comment");
	CU_ASSERT_EQUAL(r.fate, LINE_EDITS);
	EDITS(&r, "service integrated-vtysh-config");
	CU_ASSERT_EQUAL(r.fate, LINE_NOTICE);
	EDITS(&r, "no service integrated-vtysh-config");
	CU_ASSERT_EQUAL(r.fate, LINE_NOTICE);
}

static bool
offers(const char *text, unsigned at, const char *word)
{
	static struct cli_line l;
	struct mode_stack modes;
	struct cli_expect e = {.n = 0};
	bool found = false;
	modes_init(&modes, schema);
	CU_ASSERT(line_split(&l, text));
	line_expect(&modes, &l, at, &e);
	for (unsigned i = 0; i < e.n; i++)
		found |= !strcmp(e.tok[i]->word ? e.tok[i]->word : e.tok[i]->type->shown, word);
	modes_free(&modes);
	return *word ? found : e.cr;
}

static void
offers_what_fits(void)
{
	CU_ASSERT(offers("", 0, "interface"));
	CU_ASSERT(offers("", 0, "no"));
	CU_ASSERT(offers("ip route 10.0.0.0/8 192.0.2.1 ", 4, "tag"));
	CU_ASSERT(offers("ip route 10.0.0.0/8 192.0.2.1 ", 4, "(1-255)"));
	CU_ASSERT(offers("ip route 10.0.0.0/8 192.0.2.1 ", 4, ""));
	CU_ASSERT(!offers("ip route 10.0.0.0/8 192.0.2.1 tag 5 ", 6, "tag"));
	CU_ASSERT(!offers("ip ", 1, "address"));
	CU_ASSERT(offers("vrrp default ", 2, "advertisement-interval") && offers("no vrrp default ", 3, "preempt"));
	CU_ASSERT(offers("vrrp default priority ", 3, "(1-254)") && !offers("vrrp ", 1, "autoconfigure"));
	CU_ASSERT(!offers("router ", 1, "A.B.C.D")); /* an alias: taken, not offered */
}

static void
milliseconds(void)
{
	struct line_result r;
	static const struct {
		const char *typed, *kept;
	} good[] = {{"3.3", "3300"}, {"50", "50000"}, {"060", "60000"}, {"12.345", "12345"}, {"60000.000", "60000000"}};
	static const char *const wrong[] = {"3.299", "60000.001", "3.3001", "1e3", "-5", "+5", ".5", "5.", "0", "99999999999", ""};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char line[64], printed[32];
		snprintf(line, sizeof(line), "transmit-interval %s", good[i].typed);
		const char *got = edits_of((const char *const[]){"bfd", "profile p", line, NULL}, &r);
		const char *last = strrchr(got, '=');
		CU_ASSERT(r.fate == LINE_EDITS && last && !strcmp(last + 2, good[i].kept));
		CU_ASSERT(ms_print(strtoull(good[i].kept, NULL, 10), printed, sizeof(printed)) > 0);
		CU_ASSERT_EQUAL(strtod(printed, NULL), strtod(good[i].typed, NULL));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char line[64];
		snprintf(line, sizeof(line), "transmit-interval %s", wrong[i]);
		edits_of((const char *const[]){"bfd", "profile p", line, NULL}, &r);
		CU_ASSERT_EQUAL(r.fate, LINE_WRONG);
	}
}

static void
keys_that_need_not_be_said(void)
{
	struct line_result r;
	CU_ASSERT_PTR_NOT_NULL(strstr(EDITS(&r, "bfd", "peer 10.0.0.2"),
		"[address='10.0.0.2'][local-address=''][interface=''][multihop='false']"));
	CU_ASSERT_PTR_NOT_NULL(strstr(EDITS(&r, "bfd", "peer 10.0.0.2 local-address 10.0.0.1 multihop"),
		"[address='10.0.0.2'][local-address='10.0.0.1'][interface=''][multihop='true']"));
	CU_ASSERT_STRING_EQUAL(EDITS(&r, "bfd", "no peer 10.0.0.2 interface eth0 vrf default"),
		"- /grevy-bfd:bfd/peer[address='10.0.0.2'][local-address=''][interface='eth0'][multihop='false']");
}

static void
differences(void)
{
	struct text a = {0}, b = {0}, d = {0};
	text_add(&a, "hostname a\n!\ninterface eth0\n ip ospf cost 5\n ip ospf area 0\nexit\n!\n");
	text_add(&b, "hostname a\n!\ninterface eth0\n ip ospf cost 6\n ip ospf area 0\nexit\n!\nrouter ospf\nexit\n!\n");
	unparse_diff(&a, &b, &d);
	CU_ASSERT_STRING_EQUAL(d.buf, " interface eth0\n- ip ospf cost 5\n+ ip ospf cost 6\n+router ospf\n");
	text_free(&a);
	text_free(&b);
	text_free(&d);
	CU_ASSERT(natural_cmp("eth2", "eth10") < 0);
	CU_ASSERT(natural_cmp("eth10", "eth10") == 0);
	CU_ASSERT(natural_cmp("eth", "eth0") < 0);
}

int
main(void)
{
	static const struct unit_case cases[] = {
		{"splits lines", splits_lines},
		{"abbreviations and what is ambiguous", abbreviations},
		{"faults have a place and an expectation", faults_have_a_place},
		{"static routes in all forms", static_routes},
		{"negations", negations},
		{"BFD of OSPF, old words and new", bfd_of_ospf},
		{"statements of a list without a mode", statements_of_a_list_without_a_mode},
		{"lines of one entry stand together", lines_of_one_entry_stand_together},
		{"modes are left by themselves", modes_are_left},
		{"offers what fits", offers_what_fits},
		{"milliseconds are kept as microseconds", milliseconds},
		{"keys that need not be said", keys_that_need_not_be_said},
		{"differences of two texts", differences},
	};
	char err[512];
	const char *dir = getenv("GREVY_YANG_DIR");
	schema = schema_get(dir ? dir : "yang", err, sizeof(err));
	if (!schema) {
		printf("not ok vtysh_match - %s\n", err);
		return 1;
	}
	return unit_main("vtysh_match", cases, sizeof(cases) / sizeof(cases[0]));
}
