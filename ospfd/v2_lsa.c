/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Codec of OSPFv2 LSAs (RFC 2328 A.4, RFC 3101, RFC 5250): the header, and one row per type with
 * its scope, its structural check and how a change of it is classified. A body that has passed
 * check() can be read by the iterators of v2_spf.c without further tests.
 *
 * Checks are structural only. An odd but well-formed content (a mask with holes) stays in the
 * database, since refusing it would keep adjacencies from ever becoming Full; SPF ignores it.
 */
#include <string.h>

#include "ospfd/v2.h"

bool
v2_lsa_hdr_get(struct wire_reader *r, struct lsa_hdr *out)
{
	/* RFC 2328 A.4.1; ours: DoNotAge (RFC 1793) is masked, demand circuits are not supported */
	uint16_t age = wire_get_u16(r) & 0x7fff;
	*out = (struct lsa_hdr){ .age = age > LSA_MAX_AGE ? LSA_MAX_AGE : age };
	out->options = wire_get_u8(r);
	out->key.type = wire_get_u8(r);
	out->key.id = wire_get_u32(r);
	out->key.adv = wire_get_u32(r);
	out->seq = (int32_t)wire_get_u32(r);
	out->cksum = wire_get_u16(r);
	out->len = wire_get_u16(r);
	return !r->bad;
}

void
v2_lsa_hdr_put(const struct lsa_hdr *h, struct wire_writer *w)
{
	wire_put_u16(w, h->age);
	wire_put_u8(w, h->options);
	wire_put_u8(w, (uint8_t)h->key.type);
	wire_put_u32(w, h->key.id);
	wire_put_u32(w, h->key.adv);
	wire_put_u32(w, (uint32_t)h->seq);
	wire_put_u16(w, h->cksum);
	wire_put_u16(w, h->len);
}

bool
v2_link_get(struct wire_reader *r, struct v2_link *out)
{
	/* RFC 2328 A.4.2 */
	if (wire_left(r) < 12)
		return false;
	out->id = wire_get_u32(r);
	out->data = wire_get_u32(r);
	out->type = wire_get_u8(r);
	uint8_t tos = wire_get_u8(r);
	out->metric = wire_get_u16(r);
	wire_skip(r, 4 * (size_t)tos);
	return !r->bad;
}

void
v2_link_put(const struct v2_link *l, struct wire_writer *w)
{
	wire_put_u32(w, l->id);
	wire_put_u32(w, l->data);
	wire_put_u8(w, l->type);
	wire_put_u8(w, 0);
	wire_put_u16(w, l->metric);
}

/* --- structural checks ----------------------------------------------------------------------- */
static bool
router_check(const struct lsa_hdr *h, const uint8_t *body, size_t len)
{
	(void)h;
	struct wire_reader r = wire_reader(body, len);
	wire_skip(&r, 2);
	unsigned links = wire_get_u16(&r);
	struct v2_link l;
	while (links > 0 && v2_link_get(&r, &l))
		links--;
	return !r.bad && links == 0 && wire_left(&r) == 0;
}

static bool
network_check(const struct lsa_hdr *h, const uint8_t *body, size_t len)
{
	(void)h;
	(void)body;
	return len >= 8 && len % 4 == 0;
}

static bool
summary_check(const struct lsa_hdr *h, const uint8_t *body, size_t len)
{
	(void)h;
	(void)body;
	return len >= 8 && len % 4 == 0;
}

static bool
external_check(const struct lsa_hdr *h, const uint8_t *body, size_t len)
{
	(void)h;
	(void)body;
	return len >= 16 && (len - 4) % 12 == 0;
}

static bool
opaque_check(const struct lsa_hdr *h, const uint8_t *body, size_t len)
{
	(void)h;
	(void)body;
	(void)len;
	return true;
}

/* --- what a change means --------------------------------------------------------------------- */
static bool
next_transit(struct wire_reader *r, struct v2_link *l)
{
	while (v2_link_get(r, l))
		if (l->type != V2_LINK_STUB)
			return true;
	return false;
}

static enum ospf_change
router_changed(const struct lsa *a, const struct lsa *b)
{
	/* flags B, E, V decide who is a border or boundary router: the whole tree's business */
	if (lsa_body(a)[0] != lsa_body(b)[0])
		return CHANGE_TOPOLOGY;
	struct wire_reader ra = wire_reader(lsa_body(a) + 4, lsa_body_len(a) - 4);
	struct wire_reader rb = wire_reader(lsa_body(b) + 4, lsa_body_len(b) - 4);
	struct v2_link la, lb;
	for (;;) {
		bool more_a = next_transit(&ra, &la), more_b = next_transit(&rb, &lb);
		if (more_a != more_b)
			return CHANGE_TOPOLOGY;
		if (!more_a)
			return CHANGE_PREFIXES; /* only stub links differ */
		if (la.id != lb.id || la.data != lb.data || la.type != lb.type ||
			la.metric != lb.metric)
			return CHANGE_TOPOLOGY;
	}
}

static enum ospf_change
network_changed(const struct lsa *a, const struct lsa *b)
{
	size_t la = lsa_body_len(a), lb = lsa_body_len(b);
	if (la == lb && memcmp(lsa_body(a) + 4, lsa_body(b) + 4, la - 4) == 0)
		return CHANGE_PREFIXES; /* only the mask */
	return CHANGE_TOPOLOGY;
}

static enum ospf_change
prefix_changed(const struct lsa *a, const struct lsa *b)
{
	(void)a;
	(void)b;
	return CHANGE_PREFIXES;
}

static enum ospf_change
opaque_changed(const struct lsa *a, const struct lsa *b)
{
	(void)a;
	(void)b;
	return CHANGE_NONE;
}

static const struct lsa_desc descs[] = {
	{.type = V2_ROUTER,
		.slot = 0,
		.scope = SCOPE_AREA,
		.name = "Router",
		.yangname = "ospfv2-router-lsa",
		.check = router_check,
		.changed = router_changed,
		.worth = CHANGE_TOPOLOGY},
	{.type = V2_NETWORK,
		.slot = 1,
		.scope = SCOPE_AREA,
		.name = "Network",
		.yangname = "ospfv2-network-lsa",
		.check = network_check,
		.changed = network_changed,
		.worth = CHANGE_TOPOLOGY},
	{.type = V2_SUMMARY,
		.slot = 2,
		.scope = SCOPE_AREA,
		.name = "Summary",
		.yangname = "ospfv2-network-summary-lsa",
		.check = summary_check,
		.changed = prefix_changed,
		.worth = CHANGE_PREFIXES},
	{.type = V2_ASBR,
		.slot = 3,
		.scope = SCOPE_AREA,
		.name = "ASBR-Summary",
		.yangname = "ospfv2-asbr-summary-lsa",
		.check = summary_check,
		.changed = prefix_changed,
		.worth = CHANGE_PREFIXES},
	{.type = V2_EXTERNAL,
		.slot = 4,
		.scope = SCOPE_AS,
		.name = "AS-External",
		.yangname = "ospfv2-as-external-lsa",
		.check = external_check,
		.changed = prefix_changed,
		.worth = CHANGE_PREFIXES},
	{.type = V2_NSSA,
		.slot = 5,
		.scope = SCOPE_AREA,
		.name = "NSSA",
		.yangname = "ospfv2-nssa-lsa",
		.check = external_check,
		.changed = prefix_changed,
		.worth = CHANGE_PREFIXES},
	{.type = V2_OPAQUE_LINK,
		.slot = 6,
		.scope = SCOPE_LINK,
		.opaque = true,
		.name = "Link-Opaque",
		.yangname = "ospfv2-link-scope-opaque-lsa",
		.check = opaque_check,
		.changed = opaque_changed,
		.worth = CHANGE_NONE},
	{.type = V2_OPAQUE_AREA,
		.slot = 7,
		.scope = SCOPE_AREA,
		.opaque = true,
		.name = "Area-Opaque",
		.yangname = "ospfv2-area-scope-opaque-lsa",
		.check = opaque_check,
		.changed = opaque_changed,
		.worth = CHANGE_NONE},
	{.type = V2_OPAQUE_AS,
		.slot = 8,
		.scope = SCOPE_AS,
		.opaque = true,
		.name = "AS-Opaque",
		.yangname = "ospfv2-as-scope-opaque-lsa",
		.check = opaque_check,
		.changed = opaque_changed,
		.worth = CHANGE_NONE},
};

const struct lsa_desc *
v2_lsa_desc(uint16_t type)
{
	for (size_t i = 0; i < sizeof(descs) / sizeof(descs[0]); i++)
		if (descs[i].type == type)
			return &descs[i];
	return NULL;
}
