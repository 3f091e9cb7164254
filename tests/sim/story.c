/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A test as a short story: a folder with the RFC and its section in the name, `in` with one event per line,
 * `out` with what came of it: after each `run` the routes that have changed, by router and prefix. Every
 * `run` of at least a minute also asks the oracle.
 *
 *	router A 1.1.1.1 [paths N] [stub-router]
 *	link A B [COST [COST-OF-B]] [unnumbered]      ports are named p2, p3, ... in order; p1 is the loopback
 *	lan A:COST:PRIORITY B:COST:PRIORITY ...
 *	stub A PREFIX COST
 *	external A PREFIX e1|e2 METRIC TAG [pN GATEWAY]
 *	start                                         all routers; before it only the lines above
 *	run SECONDS
 *	down A pN | up A pN | cut A pN | mend A pN    carrier of one port; packets of its segment
 *	kill A | boot A | stop A                      power off, on; an orderly stop
 *	cost A pN COST
 *	withdraw A PREFIX | announce A PREFIX
 *	stub-router A on|off
 *	# a comment goes into `out` as it is
 */
#include "tests/sim/story.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "tests/sim/sim.h"

#define WORDS 24
#define ROUTERS 26

struct story {
	struct sim sim;
	char names[ROUTERS][16];
	struct fib *seen[ROUTERS]; /* as of the last `run` */
	bool started;
	FILE *out;
	char *text; /* what was written to it */
	size_t len;
	char *words[WORDS];
	size_t count;
};

/* --- arguments ---------------------------------------------------------------------------------------- */
static struct node *
node_named(struct story *st, const char *name)
{
	for (size_t i = 0; i < st->sim.node_count; i++)
		if (name && !strcmp(st->names[i], name))
			return &st->sim.nodes[i];
	return NULL;
}

static struct node *
arg_node(struct story *st, size_t i)
{
	return i < st->count ? node_named(st, st->words[i]) : NULL;
}

static struct port *
arg_port(struct story *st, size_t i)
{
	struct node *n = arg_node(st, i);
	unsigned long at = i + 1 < st->count && st->words[i + 1][0] == 'p' ? strtoul(st->words[i + 1] + 1, NULL, 10)
		: 0;
	return n && at >= 1 && at <= n->port_count ? &n->ports[at - 1] : NULL;
}

static uint32_t
arg_number(const struct story *st, size_t i, uint32_t otherwise)
{
	char *end;
	unsigned long v = i < st->count ? strtoul(st->words[i], &end, 10) : 0;
	return i < st->count && !*end ? (uint32_t)v : otherwise;
}

static bool
has_word(const struct story *st, const char *word)
{
	for (size_t i = 1; i < st->count; i++)
		if (!strcmp(st->words[i], word))
			return true;
	return false;
}

/* --- the network ---------------------------------------------------------------------------------------- */
static bool
add_router(struct story *st)
{
	struct sim *s = &st->sim;
	if (st->started || st->count < 3 || s->node_count == ROUTERS)
		return false;
	uint32_t index = (uint32_t)s->node_count++;
	struct node *n = node_init(s, index);
	snprintf(st->names[index], sizeof(st->names[index]), "%s", st->words[1]);
	n->stub_router = has_word(st, "stub-router");
	for (size_t i = 3; i + 1 < st->count; i++)
		if (!strcmp(st->words[i], "paths"))
			n->max_paths = arg_number(st, i + 1, 64);
	struct port *lo = node_add_port(n, PORT_LOOPBACK, NULL);
	bool ok = ip4_parse(st->words[2], &n->router_id);
	lo->addr = ipaddr_from_ip4(n->router_id);
	lo->plen = 32;
	return ok;
}

static struct segment *
add_segment(struct story *st, uint8_t kind)
{
	struct segment *g = &st->sim.segs[st->sim.seg_count++];
	*g = (struct segment){ .kind = kind, .delay = TIME_MS };
	return g;
}

/* The n-th segment is 10.0.n.0, its ports .1, .2, ... */
static struct port *
join(struct story *st, struct segment *g, struct node *n, uint32_t cost, uint8_t priority)
{
	struct port *p = node_add_port(n, PORT_SEGMENT, g);
	p->addr = ipaddr_from_ip4(0x0a000000u + ((uint32_t)st->sim.seg_count << 8) + (uint32_t)g->port_count);
	p->plen = g->kind == SEG_P2P ? 30 : 24;
	p->cost = cost;
	p->priority = priority;
	return p;
}

static bool
add_link(struct story *st)
{
	struct node *a = arg_node(st, 1), *b = arg_node(st, 2);
	if (st->started || !a || !b)
		return false;
	struct segment *g = add_segment(st, SEG_P2P);
	uint32_t cost = arg_number(st, 3, 10);
	join(st, g, a, cost, 1);
	join(st, g, b, arg_number(st, 4, cost), 1);
	for (size_t i = 0; has_word(st, "unnumbered") && i < 2; i++) {
		g->ports[i]->unnumbered = true;
		g->ports[i]->addr = g->ports[i]->node->ports[0].addr;
		g->ports[i]->plen = 32;
	}
	return true;
}

static bool
add_lan(struct story *st)
{
	if (st->started || st->count < 2)
		return false;
	struct segment *g = add_segment(st, SEG_LAN);
	for (size_t i = 1; i < st->count; i++) {
		char name[16];
		unsigned cost = 10, priority = 1;
		int got = sscanf(st->words[i], "%15[^:]:%u:%u", name, &cost, &priority);
		struct node *n = got >= 1 ? node_named(st, name) : NULL;
		if (!n)
			return false;
		join(st, g, n, cost, (uint8_t)priority);
	}
	return true;
}

static bool
add_stub(struct story *st)
{
	struct node *n = arg_node(st, 1);
	struct prefix p;
	if (st->started || !n || st->count < 4 || !prefix_parse(st->words[2], false, &p))
		return false;
	struct port *port = node_add_port(n, PORT_STUB, NULL);
	port->addr = ipaddr_from_ip4(prefix_ip4(&p) + 1);
	port->plen = p.len;
	port->cost = arg_number(st, 3, 10);
	return true;
}

/* One redistribute statement per router and type: e1 is what it has as kernel routes, e2 as static. */
static bool
add_external(struct story *st)
{
	struct node *n = arg_node(st, 1);
	if (st->started || !n || st->count < 6 || n->ext_count == EXTS_MAX)
		return false;
	struct ext *x = &n->exts[n->ext_count++];
	x->source = !strcmp(st->words[3], "e1") ? OSPF_SRC_KERNEL : OSPF_SRC_STATIC;
	x->present = true;
	n->redist[x->source] = (struct ext_conf){ .on = true, .metric = arg_number(st, 4, 20),
		.tag = arg_number(st, 5, 0), .type = x->source == OSPF_SRC_KERNEL ? 1 : 2 };
	if (st->count == 8) {
		unsigned long at = strtoul(st->words[6] + 1, NULL, 10);
		if (at < 1 || at > n->port_count || !ipaddr_parse(st->words[7], &x->gateway))
			return false;
		x->port = &n->ports[at - 1];
	}
	return prefix_parse(st->words[2], true, &x->prefix);
}

/* --- what happens ------------------------------------------------------------------------------------------ */
static bool
do_start(struct story *st)
{
	for (size_t i = 0; i < st->sim.node_count; i++) {
		st->seen[i] = fib_new();
		node_start(&st->sim.nodes[i]);
	}
	st->started = true;
	return true;
}

static void
row_print(const struct story *st, char sign, const struct node *n, const struct fib_entry *e)
{
	static const char *const types[] = { "intra", "inter", "e1", "e2" };
	char a[PREFIX_STRLEN];
	fprintf(st->out, "%c %s %s", sign, st->names[n->index], prefix_print(&e->route.prefix, a));
	if (sign == '+')
		fprintf(st->out, " %s metric %u tag %u", types[e->route.path_type], e->route.metric, e->route.tag);
	for (size_t i = 0; sign == '+' && i < e->leg_count; i++)
		fprintf(st->out, " p%u/%s", e->legs[i].ifindex, ipaddr_print(&e->legs[i].gateway, a));
	fprintf(st->out, "\n");
}

static bool
entry_same(const struct fib_entry *a, const struct fib_entry *b)
{
	if (!a || !b || a->leg_count != b->leg_count || a->route.metric != b->route.metric ||
	    a->route.tag != b->route.tag || a->route.path_type != b->route.path_type)
		return false;
	for (size_t i = 0; i < a->leg_count; i++)
		if (a->legs[i].ifindex != b->legs[i].ifindex ||
		    ipaddr_cmp(&a->legs[i].gateway, &b->legs[i].gateway))
			return false;
	return true;
}

/* Rows that differ from the last look; the look is taken over. */
static void
rows_changed(struct story *st, const struct node *n)
{
	struct fib *old = st->seen[n->index], *now = fib_new();
	for (const struct fib_entry *e = n->fib ? fib_next(n->fib, NULL) : NULL; e;
		e = fib_next(n->fib, &e->route.prefix)) {
		struct ospf_route_batch b = { e->legs, e->leg_count, &e->route, 1 };
		fib_batch(now, &b);
		if (!entry_same(fib_find(old, &e->route.prefix), e))
			row_print(st, '+', n, e);
	}
	for (const struct fib_entry *e = fib_next(old, NULL); e; e = fib_next(old, &e->route.prefix))
		if (!fib_find(now, &e->route.prefix))
			row_print(st, '-', n, e);
	fib_free(old);
	st->seen[n->index] = now;
}

static bool
do_run(struct story *st)
{
	double seconds = st->count > 1 ? strtod(st->words[1], NULL) : 0;
	if (!st->started || seconds <= 0)
		return false;
	clock_run(&st->sim, st->sim.now + (int64_t)(seconds * 1e6));
	for (size_t i = 0; i < st->sim.node_count; i++)
		rows_changed(st, &st->sim.nodes[i]);
	if (seconds >= 60 && !(check_routes(&st->sim) && check_databases(&st->sim)))
		fprintf(st->out, "! %s\n", st->sim.why);
	return true;
}

static bool
do_port(struct story *st)
{
	struct port *p = arg_port(st, 1);
	const char *verb = st->words[0];
	if (!p)
		return false;
	if (!strcmp(verb, "cut") || !strcmp(verb, "mend")) {
		if (p->seg)
			p->seg->cut = verb[0] == 'c';
		return p->seg != NULL;
	}
	p->up = verb[0] == 'u';
	node_port_changed(p->node, p);
	return true;
}

static bool
do_cost(struct story *st)
{
	struct port *p = arg_port(st, 1);
	if (!p)
		return false;
	p->cost = arg_number(st, 3, p->cost);
	node_reconfigure(p->node);
	return true;
}

static bool
do_power(struct story *st)
{
	struct node *n = arg_node(st, 1);
	if (!n || (st->words[0][0] == 'b') == (n->o != NULL))
		return false;
	if (st->words[0][0] == 'b')
		node_start(n);
	else if (st->words[0][0] == 'k')
		node_kill(n);
	else
		node_shutdown(n);
	return true;
}

static bool
do_external(struct story *st)
{
	struct node *n = arg_node(st, 1);
	struct prefix p;
	if (!n || st->count < 3 || !prefix_parse(st->words[2], true, &p))
		return false;
	for (size_t i = 0; i < n->ext_count; i++)
		if (prefix_equal(&n->exts[i].prefix, &p)) {
			n->exts[i].present = st->words[0][0] == 'a';
			node_ext_changed(n, &n->exts[i]);
			return true;
		}
	return false;
}

static bool
do_stub_router(struct story *st)
{
	struct node *n = arg_node(st, 1);
	if (!n)
		return false;
	n->stub_router = has_word(st, "on");
	node_reconfigure(n);
	return true;
}

static const struct verb {
	const char *name;
	bool (*run)(struct story *st);
} verbs[] = {
	{ "router", add_router }, { "link", add_link }, { "lan", add_lan }, { "stub", add_stub },
	{ "external", add_external }, { "start", do_start }, { "run", do_run }, { "down", do_port },
	{ "up", do_port }, { "cut", do_port }, { "mend", do_port }, { "kill", do_power },
	{ "boot", do_power }, { "stop", do_power }, { "cost", do_cost }, { "withdraw", do_external },
	{ "announce", do_external }, { "stub-router", do_stub_router },
};

/* --- a file ------------------------------------------------------------------------------------------------- */
static bool
line_play(struct story *st, char *line)
{
	char *save = NULL;
	line[strcspn(line, "\n")] = '\0';
	if (!line[0])
		return true;
	fprintf(st->out, line[0] == '#' ? "%s\n" : "> %s\n", line);
	if (line[0] == '#')
		return true;
	st->count = 0;
	for (char *w = strtok_r(line, " \t", &save); w && st->count < WORDS; w = strtok_r(NULL, " \t", &save))
		st->words[st->count++] = w;
	for (size_t i = 0; st->count && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, st->words[0]))
			return verbs[i].run(st);
	return false;
}

static char *
story_play(FILE *in, bool *ok)
{
	struct story *st = mem_zalloc(sizeof(*st));
	char line[256];
	st->sim.seed = 1;
	st->sim.now = TIME_SEC;
	prng_seed(&st->sim.rng, 1);
	st->sim.nodes = mem_array(ROUTERS, sizeof(*st->sim.nodes));
	st->sim.segs = mem_array(64, sizeof(*st->sim.segs));
	st->out = open_memstream(&st->text, &st->len);
	*ok = true;
	while (*ok && fgets(line, sizeof(line), in))
		*ok = line_play(st, line);
	if (!*ok)
		fprintf(st->out, "! this line cannot be played\n");
	fclose(st->out);
	for (size_t i = 0; i < st->sim.node_count; i++)
		fib_free(st->seen[i]);
	sim_free(&st->sim);
	char *text = st->text;
	mem_free(st);
	return text;
}

/* The first line in which they differ. */
static void
difference(const char *folder, const char *have, const char *want)
{
	int line = 1;
	while (*have && *have == *want) {
		line += *have == '\n';
		have++;
		want++;
	}
	printf("not ok sim %s - out:%d: have '%.*s', want '%.*s'\n", folder, line, (int)strcspn(have, "\n"), have,
		(int)strcspn(want, "\n"), want);
}

bool
story_run(const char *folder, bool update)
{
	char path[512], *want = NULL;
	size_t len = 0;
	bool ok;
	snprintf(path, sizeof(path), "%s/in", folder);
	FILE *f = fopen(path, "r");
	if (!f) {
		printf("not ok sim %s - no file %s\n", folder, path);
		return false;
	}
	char *have = story_play(f, &ok);
	fclose(f);
	snprintf(path, sizeof(path), "%s/out", folder);
	if (update && (f = fopen(path, "w")) != NULL) {
		fputs(have, f);
		fclose(f);
	}
	f = fopen(path, "r");
	ssize_t got = f ? getdelim(&want, &len, '\0', f) : -1;
	if (f)
		fclose(f);
	/* what the oracle or the parser has said is wrong even if it was expected */
	ok = ok && got >= 0 && !strcmp(have, want) && !strstr(have, "\n! ");
	if (ok)
		printf("ok sim %s\n", folder);
	else if (strstr(have, "\n! "))
		printf("not ok sim %s - %.300s\n", folder, strstr(have, "\n! ") + 3);
	else
		difference(folder, have, got >= 0 ? want : "");
	free(have);
	free(want);
	return ok;
}
