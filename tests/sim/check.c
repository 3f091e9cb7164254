/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every FIB against the oracle, every database against those it should equal. */
#include <stdarg.h>
#include <string.h>

#include "lib/mem.h"
#include "ospfd/area.h"
#include "tests/sim/rib.h"

bool
check_fail(struct sim *s, const char *fmt, ...)
{
	va_list ap;
	if (s->why[0])
		return false; /* the first one is what matters */
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	return false;
}

/* --- routes ------------------------------------------------------------------------------------------ */
static const char *
legs_text(const struct ospf_leg *legs, size_t count, char *buf, size_t size)
{
	char a[IPADDR_STRLEN];
	size_t at = 0;
	buf[0] = 0;
	for (size_t i = 0; i < count && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%sp%u/%s", i ? "," : "", legs[i].ifindex,
			ipaddr_print(&legs[i].gateway, a));
	return buf;
}

/* The primary legs come first. */
static size_t
primaries(const struct fib_entry *e)
{
	size_t n = 0;
	while (n < e->leg_count && !e->legs[n].backup_rank)
		n++;
	return n;
}

static bool
legs_equal(const struct fib_entry *e, const struct oracle_route *w)
{
	if (primaries(e) != w->leg_count || e->leg_count > w->leg_count + 1)
		return false;
	for (size_t i = 0; i < w->leg_count; i++)
		if (e->legs[i].ifindex != w->legs[i].ifindex ||
		    ipaddr_cmp(&e->legs[i].gateway, &w->legs[i].gateway))
			return false;
	return true;
}

static bool
route_check(struct sim *s, const struct oracle *o, const struct node *n, size_t prefix, const struct oracle_route *w)
{
	char p[PREFIX_STRLEN], have[160], want[160];
	const struct fib_entry *e = fib_find(n->fib, &w->route.prefix);
	prefix_print(&w->route.prefix, p);
	if (w->direct)
		return !e || check_fail(s, "r%u: %s is attached but announced", n->index, p);
	legs_text(w->legs, w->leg_count, want, sizeof(want));
	if (!e)
		return check_fail(s, "r%u: no route to %s, want type %u metric %u via %s", n->index, p,
			w->route.path_type, w->route.metric, want);
	if (e->route.path_type != w->route.path_type || e->route.metric != w->route.metric ||
	    e->route.tag != w->route.tag || !legs_equal(e, w))
		return check_fail(s, "r%u: %s has type %u metric %u tag %u via %s, want type %u metric %u "
			"tag %u via %s", n->index, p, e->route.path_type, e->route.metric, e->route.tag,
			legs_text(e->legs, e->leg_count, have, sizeof(have)), w->route.path_type,
			w->route.metric, w->route.tag, want);
	return alternates_check(s, o, n, prefix, w, e->leg_count > w->leg_count ? &e->legs[w->leg_count] : NULL);
}

static bool
port_is_dead(const struct port *p)
{
	return p->node->gate && p->up && p->dead;
}

/* zebra prefers its connected route, which is the kernel's own and not written. */
static bool
connected(const struct node *n, const struct prefix *p)
{
	for (size_t i = 0; i < n->port_count; i++) {
		struct prefix net = prefix_make(&n->ports[i].addr, n->ports[i].plen);
		if (n->ports[i].up && prefix_equal(&net, p))
			return !port_is_dead(&n->ports[i]); /* zebra prefers any other way to a LAN that is dead */
	}
	return false;
}

static bool
kernel_check(struct sim *s, const struct node *n, const struct oracle_route *w)
{
	struct ospf_leg legs[LEGS_MAX];
	size_t count = vkernel_legs(n->kernel, &w->route.prefix, legs, LEGS_MAX), same = 0;
	size_t want = connected(n, &w->route.prefix) ? 0 : w->leg_count;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < want; k++)
			same += legs[i].ifindex == w->legs[k].ifindex &&
				!ipaddr_cmp(&legs[i].gateway, &w->legs[k].gateway);
	char p[PREFIX_STRLEN], have[160];
	if (count == want && same == want)
		return true;
	char need[160];
	return check_fail(s, "r%u: the kernel has %s via '%s', want '%s'", n->index,
		prefix_print(&w->route.prefix, p), legs_text(legs, count, have, sizeof(have)),
		legs_text(w->legs, want, need, sizeof(need)));
}

bool
check_kernel(struct sim *s, const struct node *n, const struct fib *want)
{
	for (const struct fib_entry *e = fib_next(want, NULL); e; e = fib_next(want, &e->route.prefix)) {
		struct oracle_route w = { .route = e->route, .leg_count = e->leg_count };
		memcpy(w.legs, e->legs, e->leg_count * sizeof(e->legs[0]));
		s->checked++;
		if (!kernel_check(s, n, &w))
			return false;
	}
	return true;
}

static bool
has_address(const struct node *n, const struct ipaddr *a)
{
	for (size_t i = 0; i < n->port_count; i++)
		if (!ipaddr_cmp(&n->ports[i].addr, a))
			return true;
	return false;
}

static bool
can_forward(const struct node *n, const struct prefix *p)
{
	struct ospf_leg legs[LEGS_MAX];
	for (size_t i = 0; i < n->ext_count; i++)
		if (node_ext_active(n, &n->exts[i]) && prefix_equal(&n->exts[i].prefix, p))
			return true;
	return connected(n, p) || vkernel_legs(n->kernel, p, legs, LEGS_MAX) > 0;
}

#define LAST_RESORT 65535 /* RFC 6987 */

bool
check_forwards(struct sim *s, const struct node *n)
{
	char p[PREFIX_STRLEN];
	for (size_t i = 0; i < s->node_count; i++) {
		const struct node *x = &s->nodes[i];
		if (x == n || !x->o)
			continue;
		for (const struct fib_entry *e = fib_next(x->fib, NULL); e; e = fib_next(x->fib, &e->route.prefix)) {
			struct ospf_leg legs[LEGS_MAX];
			size_t count = vkernel_legs(x->kernel, &e->route.prefix, legs, LEGS_MAX);
			bool through = false;
			for (size_t k = 0; k < count; k++)
				through |= has_address(n, &legs[k].gateway);
			/* the metric of a type 2 route does not tell what the way costs */
			if (through && e->route.path_type != OSPF_PATH_EXT2 && e->route.metric < LAST_RESORT &&
			    !can_forward(n, &e->route.prefix))
				return check_fail(s, "r%u sends %s through r%u, which has no route yet", x->index,
					prefix_print(&e->route.prefix, p), n->index);
		}
	}
	return true;
}

/* A LAN that is dead for us, and another way there: zebra routes its halves. */
static bool
detoured(const struct node *n, const struct oracle_route *w)
{
	for (size_t i = 0; i < n->port_count; i++) {
		struct prefix net = prefix_make(&n->ports[i].addr, n->ports[i].plen);
		if (port_is_dead(&n->ports[i]) && prefix_equal(&net, &w->route.prefix))
			return true;
	}
	return false;
}

static bool
node_check(struct sim *s, const struct oracle *o, const struct node *n)
{
	size_t want = 0, in_kernel = 0;
	for (size_t i = 0; i < oracle_prefixes(o); i++) {
		struct oracle_route w;
		if (!oracle_route(o, n, i, &w))
			continue;
		in_kernel += !connected(n, &w.route.prefix) + (detoured(n, &w) ? 2 : 0);
		want += !w.direct;
		s->checked++;
		if (!route_check(s, o, n, i, &w) || (n->kernel && !kernel_check(s, n, &w)))
			return false;
	}
	if (n->kernel && vkernel_routes(n->kernel) != in_kernel)
		return check_fail(s, "r%u: the kernel has %zu routes, want %zu", n->index,
			vkernel_routes(n->kernel), in_kernel);
	/* what is wanted is there: then a surplus is a route nobody should have */
	if (fib_count(n->fib) == want)
		return true;
	for (const struct fib_entry *e = fib_next(n->fib, NULL); e;
		e = fib_next(n->fib, &e->route.prefix)) {
		struct oracle_route w;
		bool found = false;
		for (size_t i = 0; !found && i < oracle_prefixes(o); i++)
			found = oracle_route(o, n, i, &w) && !w.direct &&
				prefix_equal(&w.route.prefix, &e->route.prefix);
		char p[PREFIX_STRLEN];
		if (!found)
			return check_fail(s, "r%u: route to %s that should not be", n->index,
				prefix_print(&e->route.prefix, p));
	}
	return check_fail(s, "r%u: %zu routes, want %zu", n->index, fib_count(n->fib), want);
}

bool
check_routes(struct sim *s)
{
	struct oracle *o = oracle_new(s);
	bool ok = true;
	for (size_t i = 0; ok && i < s->node_count; i++)
		if (s->nodes[i].o)
			ok = node_check(s, o, &s->nodes[i]);
	oracle_free(o);
	return ok;
}

/* --- databases ----------------------------------------------------------------------------------------- */
static struct lsa *
next_usable(const struct lsdb *db, const struct lsa *after)
{
	struct lsa *l = lsdb_next(db, after ? &after->hdr.key : NULL);
	while (l && l->maxage)
		l = lsdb_next(db, &l->hdr.key);
	return l;
}

static bool
same_db(struct sim *s, const struct node *x, const struct node *y, const struct lsdb *a,
	const struct lsdb *b, const char *what)
{
	const struct lsa *l = next_usable(a, NULL), *m = next_usable(b, NULL);
	for (; l || m; l = next_usable(a, l), m = next_usable(b, m)) {
		if (l && m && !lsa_key_cmp(&l->hdr.key, &m->hdr.key) && l->hdr.seq == m->hdr.seq &&
		    l->hdr.cksum == m->hdr.cksum)
			continue;
		/* the lower key is the one that the other has not */
		bool first = l && (!m || lsa_key_cmp(&l->hdr.key, &m->hdr.key) <= 0);
		const struct lsa_hdr *h = first ? &l->hdr : &m->hdr;
		if (l && m && lsa_key_cmp(&l->hdr.key, &m->hdr.key))
			*(first ? &m : &l) = NULL;
		char id[IPADDR_STRLEN], adv[IPADDR_STRLEN];
		return check_fail(s, "databases (%s) of r%u and r%u differ at type %u id %s adv %s "
			"(seq %x, %x)", what, x->index, y->index, h->key.type, ip4_print(h->key.id, id),
			ip4_print(h->key.adv, adv), l ? (unsigned)l->hdr.seq : 0, m ? (unsigned)m->hdr.seq : 0);
	}
	return true;
}

/* What a router has said is forgotten an hour after it was switched off (RFC 2328 14). */
static bool
nobody_remembers(struct sim *s, const struct node *dead)
{
	for (size_t i = 0; i < s->node_count; i++) {
		const struct node *n = &s->nodes[i];
		const struct area *a = n->o ? ospf_area_find(n->o, 0) : NULL;
		for (const struct lsa *l = a ? next_usable(&a->db, NULL) : NULL; l; l = next_usable(&a->db, l))
			if (l->hdr.key.adv == dead->router_id)
				return check_fail(s, "r%u has a type %u LSA of r%u, which has been off for %lld s",
					n->index, l->hdr.key.type, dead->index,
					(long long)((s->now - dead->off_since) / TIME_SEC));
	}
	return true;
}

bool
check_databases(struct sim *s)
{
	for (size_t i = 0; i < s->node_count; i++)
		if (!s->nodes[i].o && s->now - s->nodes[i].off_since > (LSA_MAX_AGE + 10) * TIME_SEC &&
		    !nobody_remembers(s, &s->nodes[i]))
			return false;
	struct oracle *o = oracle_new(s);
	bool ok = true;
	for (size_t i = 0; ok && i < s->node_count; i++) {
		const struct node *x = &s->nodes[i], *y = NULL;
		if (!x->o)
			continue;
		/* with the next router of the same part of the network */
		for (size_t k = i + 1; !y && k < s->node_count; k++)
			if (s->nodes[k].o && oracle_connected(o, x, &s->nodes[k]))
				y = &s->nodes[k];
		if (y)
			ok = same_db(s, x, y, &ospf_area_find(x->o, 0)->db, &ospf_area_find(y->o, 0)->db,
				"area") && same_db(s, x, y, &x->o->as_db, &y->o->as_db, "AS");
	}
	oracle_free(o);
	return ok;
}

/* --- for a human, with --trace ---------------------------------------------------------------------------- */
static void
dump_node(const struct node *n)
{
	char a[IPADDR_STRLEN], p[PREFIX_STRLEN];
	printf("r%u %s %s\n", n->index, ip4_print(n->router_id, a), n->o ? "" : "(off)");
	for (size_t i = 0; i < n->port_count; i++) {
		const struct port *x = &n->ports[i];
		printf("   p%u %s/%u cost %u%s%s", x->ifindex, ipaddr_print(&x->addr, a), x->plen, x->cost,
			x->up ? "" : " down", x->silent ? " silent" : "");
		for (size_t k = 0; x->seg && k < x->seg->port_count; k++)
			if (x->seg->ports[k] != x)
				printf(" %s%sr%u/p%u", x->seg->cut ? "(cut)" : "",
					x->seg->kind == SEG_LAN ? "lan:" : "", x->seg->ports[k]->node->index,
					x->seg->ports[k]->ifindex);
		printf("\n");
	}
	for (size_t i = 0; i < n->ext_count; i++) {
		const struct ext *x = &n->exts[i];
		const struct ext_conf *c = &n->redist[x->source];
		printf("   ext %s source %u%s E%u metric %u tag %u via p%u/%s\n", prefix_print(&x->prefix, p),
			x->source, node_ext_active(n, x) ? "" : " (inactive)", c->type, c->metric, c->tag,
			x->port ? x->port->ifindex : 0, ipaddr_print(&x->gateway, a));
	}
	for (struct lsa *l = n->o ? next_usable(&n->o->as_db, NULL) : NULL; l;
		l = next_usable(&n->o->as_db, l)) {
		printf("   as %u %s", l->hdr.key.type, ip4_print(l->hdr.key.id, a));
		printf(" from %s seq %x\n", ip4_print(l->hdr.key.adv, a), (unsigned)l->hdr.seq);
	}
}

void
check_dump(const struct sim *s)
{
	for (size_t i = 0; i < s->node_count; i++)
		dump_node(&s->nodes[i]);
}
