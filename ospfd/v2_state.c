/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of OSPFv2 LSA bodies, one function per type in a table. Bodies have passed the row's check()
 * when they were installed; the cursor makes even that assumption harmless.
 */
#include <string.h>

#include "ospfd/instance.h"
#include "ospfd/state.h"
#include "ospfd/v2.h"

static void
router_fields(const struct lsa *l, struct rows *out, bool detail)
{
	struct wire_reader r = wire_reader(lsa_body(l), lsa_body_len(l));
	uint8_t flags = wire_get_u8(&r);
	struct v2_link link;

	wire_skip(&r, 1);
	row_uint(out, "links-count", wire_get_u16(&r));
	if (!detail)
		return;
	row_uint(out, "flags", flags);
	row_bool(out, "abr", flags & RTR_B);
	row_bool(out, "asbr", flags & RTR_E);
	row_bool(out, "virtual", flags & RTR_V);
	row_array(out, "links");
	while (v2_link_get(&r, &link)) {
		row_object(out, NULL);
		row_uint(out, "type", link.type);
		row_ip4(out, "id", link.id);
		row_ip4(out, "data", link.data);
		row_uint(out, "metric", link.metric);
		row_close(out);
	}
	row_close(out);
}

static void
network_fields(const struct lsa *l, struct rows *out, bool detail)
{
	struct wire_reader r = wire_reader(lsa_body(l), lsa_body_len(l));
	unsigned len;

	if (!detail)
		return;
	uint32_t mask = wire_get_u32(&r);
	row_ip4(out, "mask", mask);
	if (ip4_mask_len(mask, &len))
		row_uint(out, "mask-length", len);
	row_array(out, "routers");
	while (wire_left(&r) >= 4)
		row_ip4(out, NULL, wire_get_u32(&r));
	row_close(out);
}

static void
summary_fields(const struct lsa *l, struct rows *out, bool detail)
{
	struct spf_summary s;

	if (!v2_summary_get(l, &s))
		return;
	if (s.prefix.afi)
		row_prefix(out, "prefix", &s.prefix);
	if (detail) {
		row_uint(out, "mask-length", s.prefix.len);
		row_uint(out, "metric", s.metric);
	}
}

static void
external_fields(const struct lsa *l, struct rows *out, bool detail)
{
	struct spf_external e;

	(void)detail;
	if (!v2_external_get(l, &e))
		return;
	row_prefix(out, "prefix", &e.prefix);
	row_uint(out, "mask-length", e.prefix.len);
	row_uint(out, "metric", e.metric);
	row_uint(out, "metric-type", e.type2 ? 2 : 1);
	row_uint(out, "tag", e.tag);
	row_ip4(out, "forward", e.forward.afi ? ipaddr_to_ip4(&e.forward) : 0);
}

static void
opaque_fields(const struct lsa *l, struct rows *out, bool detail)
{
	(void)detail;
	row_uint(out, "opaque-type", l->hdr.key.id >> 24);
	row_uint(out, "opaque-id", l->hdr.key.id & 0xffffff);
}

void
v2_state_lsa(const struct lsa *l, struct rows *out, bool detail)
{
	static void (*const by_type[])(const struct lsa *, struct rows *, bool) = {
		[V2_ROUTER] = router_fields, [V2_NETWORK] = network_fields, [V2_SUMMARY] = summary_fields,
		[V2_ASBR] = summary_fields, [V2_EXTERNAL] = external_fields, [V2_NSSA] = external_fields,
		[V2_OPAQUE_LINK] = opaque_fields, [V2_OPAQUE_AREA] = opaque_fields, [V2_OPAQUE_AS] = opaque_fields};
	uint16_t type = l->hdr.key.type;

	if (type < sizeof(by_type) / sizeof(by_type[0]) && by_type[type])
		by_type[type](l, out, detail);
}
