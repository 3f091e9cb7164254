/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions to selected routes; see redist.h. */
#include "zebra/redist.h"

#include <string.h>
#include <sys/queue.h>

#include "lib/mem.h"
#include "lib/rtable.h"
#include "zebra/core.h"
#include "zebra/nhg.h"
#include "zebra/source.h"

#define BATCH_MAX 16384

struct redist_sub {
	uint32_t client;
	enum protocol_id proto; /* PROTO_MAX: default-origin */
	uint8_t afi;
	bool walking;
	struct prefix at;       /* of the initial walk */
	struct zebra_redistributed open; /* the batch being gathered; len 0: none */
	uint8_t buf[BATCH_MAX];
	TAILQ_ENTRY(redist_sub) link;
};

struct redist {
	TAILQ_HEAD(, redist_sub) subs;
};

struct redist *
redist_new(void)
{
	struct redist *r = mem_zalloc(sizeof(*r));
	TAILQ_INIT(&r->subs);
	return r;
}

void
redist_free(struct redist *r)
{
	struct redist_sub *s;
	while ((s = TAILQ_FIRST(&r->subs))) {
		TAILQ_REMOVE(&r->subs, s, link);
		mem_free(s);
	}
	mem_free(r);
}

bool
redist_idle(const struct redist *r)
{
	return TAILQ_EMPTY(&r->subs);
}

struct redist_route
redist_snapshot(const struct rib_route *r)
{
	struct redist_route out = {0};
	if (r) {
		out.source = r->nhg->source;
		out.nhg = r->nhg;
		out.metric = r->metric;
		out.tag = r->tag;
		out.kind = r->kind;
	}
	return out;
}

bool
redist_same(const struct redist_route *a, const struct redist_route *b)
{
	return a->source == b->source && a->nhg == b->nhg && a->metric == b->metric && a->tag == b->tag
		&& a->kind == b->kind;
}

/* --- batches -------------------------------------------------------------------------------------- */

static void
sub_flush(struct zebra *z, struct redist_sub *s)
{
	if (!s->open.len)
		return;
	s->open.prefixes = s->buf;
	z->ops->redistributed(z->arg, s->client, &s->open);
	s->open.len = 0;
}

static bool
batch_same(const struct zebra_redistributed *a, const struct zebra_redistributed *b)
{
	return a->withdraw == b->withdraw && a->metric == b->metric && a->tag == b->tag
		&& a->ifindex == b->ifindex && !ipaddr_cmp(&a->gateway, &b->gateway);
}

static void
sub_put(struct zebra *z, struct redist_sub *s, const struct prefix *p, const struct redist_route *r)
{
	struct zebra_redistributed kind = {
		.protocol = s->proto == PROTO_MAX ? "default" : protocol_row(s->proto)->name,
		.withdraw = !r,
		.afi = s->afi,
	};
	if (r) {
		kind.metric = r->metric;
		kind.tag = r->source->row->kernel_owned ? 0 : r->tag;
		if (r->nhg->member_count) {
			kind.ifindex = r->nhg->members[0].leg->ifindex;
			kind.gateway = r->nhg->members[0].leg->gateway;
		}
	}
	if (s->open.len && (!batch_same(&s->open, &kind) || s->open.len + 17 > BATCH_MAX))
		sub_flush(z, s);
	if (!s->open.len)
		s->open = kind;
	s->open.len += prefix_pack(p, s->buf + s->open.len);
}

/* Does this subscription see a route of that source? */
static bool
sub_sees(const struct redist_sub *s, const struct prefix *p, const struct redist_route *r)
{
	if (!r->source)
		return false;
	if (s->proto == PROTO_MAX)
		return !p->len && r->source->id != s->client;
	return r->source->proto == s->proto;
}

void
redist_changed(struct zebra *z, const struct rib_dest *d, const struct redist_route *old,
	const struct redist_route *new)
{
	struct redist_sub *s;
	struct prefix p = rib_dest_prefix(d);
	TAILQ_FOREACH(s, &z->redist->subs, link) {
		if (s->afi != d->afi)
			continue;
		if (sub_sees(s, &p, new))
			sub_put(z, s, &p, new);
		else if (sub_sees(s, &p, old))
			sub_put(z, s, &p, NULL);
	}
}

void
redist_flush(struct zebra *z)
{
	struct redist_sub *s;
	TAILQ_FOREACH(s, &z->redist->subs, link)
		sub_flush(z, s);
}

/* --- subscriptions -------------------------------------------------------------------------------- */

static void
sub_free(struct redist *r, struct redist_sub *s)
{
	TAILQ_REMOVE(&r->subs, s, link);
	mem_free(s);
}

bool
redist_want(struct zebra *z, uint32_t client, const char *protocol, uint8_t afi, bool on)
{
	struct redist_sub *s;
	enum protocol_id proto = !strcmp(protocol, "default") ? PROTO_MAX : protocol_by_name(protocol);
	if ((proto == PROTO_MAX && strcmp(protocol, "default")) || (afi != AFI_IP4 && afi != AFI_IP6))
		return false;
	TAILQ_FOREACH(s, &z->redist->subs, link)
		if (s->client == client && s->proto == proto && s->afi == afi)
			break;
	if (!on && s)
		sub_free(z->redist, s);
	if (!on)
		return true;
	if (!s) {
		s = mem_zalloc(sizeof(*s));
		s->client = client;
		s->proto = proto;
		s->afi = afi;
		TAILQ_INSERT_TAIL(&z->redist->subs, s, link);
	}
	s->walking = true;
	s->at = (struct prefix){0};
	return true;
}

void
redist_client_gone(struct zebra *z, uint32_t client)
{
	struct redist_sub *s, *next;
	for (s = TAILQ_FIRST(&z->redist->subs); s; s = next) {
		next = TAILQ_NEXT(s, link);
		if (s->client == client)
			sub_free(z->redist, s);
	}
}

static void
sub_synced(struct zebra *z, struct redist_sub *s)
{
	struct zebra_redistributed end = {
		.protocol = s->proto == PROTO_MAX ? "default" : protocol_row(s->proto)->name,
		.afi = s->afi,
		.synced = true,
	};
	sub_flush(z, s);
	z->ops->redistributed(z->arg, s->client, &end);
	s->walking = false;
}

static bool
sub_walk(struct zebra *z, struct redist_sub *s, unsigned *budget)
{
	struct rtable_iter it;
	struct prefix p, all = {.afi = s->afi};
	void **slot;
	rtable_iter_init(&it, z->rib->tables[0].dests[s->afi], NULL);
	if (s->at.afi)
		rtable_iter_after(&it, &s->at);
	while ((slot = rtable_next(&it, &p))) {
		if (!*budget)
			return false;
		--*budget;
		struct redist_route r = redist_snapshot(rib_dest_selected(*slot));
		s->at = p;
		if (sub_sees(s, &p, &r))
			sub_put(z, s, &p, &r);
		if (s->proto == PROTO_MAX && prefix_equal(&p, &all))
			break; /* only the default route counts, and it comes first */
	}
	sub_synced(z, s);
	return true;
}

bool
redist_run(struct zebra *z, unsigned *budget)
{
	struct redist_sub *s;
	TAILQ_FOREACH(s, &z->redist->subs, link)
		if (s->walking && !sub_walk(z, s, budget))
			return false;
	return true;
}
