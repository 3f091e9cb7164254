/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Codec of OSPFv2 packets (RFC 2328 A.3): header, Hello, Database Description, requests.
 * LSA headers and bodies are v2_lsa.c's, checksum and authentication v2_auth.c's.
 */
#include "ospfd/iface.h"
#include "ospfd/v2.h"

#define V2_VERSION 2

enum ospf_drop
v2_hdr_get(const uint8_t *bytes, size_t len, struct pkt_hdr *h)
{
	struct wire_reader r = wire_reader(bytes, len);
	uint8_t version = wire_get_u8(&r);
	*h = (struct pkt_hdr){ .type = wire_get_u8(&r) };
	h->len = wire_get_u16(&r);
	h->router_id = wire_get_u32(&r);
	h->area_id = wire_get_u32(&r);
	h->cksum = wire_get_u16(&r);
	h->auth_type = wire_get_u16(&r);
	h->auth = wire_get_bytes(&r, 8);
	if (r.bad)
		return DROP_SHORT;
	if (version != V2_VERSION)
		return DROP_VERSION;
	if (h->len < V2_HDR_LEN || h->len > len)
		return DROP_LENGTH;
	if (h->type < PKT_HELLO || h->type >= PKT_TYPES)
		return DROP_TYPE;
	h->body = bytes + V2_HDR_LEN;
	h->body_len = h->len - (size_t)V2_HDR_LEN;
	return DROP_NONE;
}

void
v2_hdr_put(const struct iface *ifc, uint8_t type, struct wire_writer *w)
{
	wire_put_u8(w, V2_VERSION);
	wire_put_u8(w, type);
	wire_put_u16(w, 0); /* length: v2_finish */
	wire_put_u32(w, iface_ospf(ifc)->router_id);
	wire_put_u32(w, ifc->area->id);
	wire_put_u16(w, 0); /* checksum: v2_finish */
	wire_put_u16(w, ifc->p.auth);
	wire_put_zero(w, 8);
}

bool
v2_hello_get(const struct pkt_hdr *h, struct hello *out)
{
	/* RFC 2328 A.3.2 */
	struct wire_reader r = wire_reader(h->body, h->body_len);
	*out = (struct hello){ .mask = wire_get_u32(&r) };
	out->hello_s = wire_get_u16(&r);
	out->options = wire_get_u8(&r);
	out->priority = wire_get_u8(&r);
	out->dead_s = wire_get_u32(&r);
	out->dr = wire_get_u32(&r);
	out->bdr = wire_get_u32(&r);
	out->nbrs = r;
	return !r.bad && wire_left(&r) % 4 == 0;
}

void
v2_hello_put(const struct hello *h, struct wire_writer *w)
{
	wire_put_u32(w, h->mask);
	wire_put_u16(w, h->hello_s);
	wire_put_u8(w, (uint8_t)h->options);
	wire_put_u8(w, h->priority);
	wire_put_u32(w, h->dead_s);
	wire_put_u32(w, h->dr);
	wire_put_u32(w, h->bdr);
}

bool
v2_dbdesc_get(const struct pkt_hdr *h, struct dbdesc *out)
{
	/* RFC 2328 A.3.3 */
	struct wire_reader r = wire_reader(h->body, h->body_len);
	*out = (struct dbdesc){ .mtu = wire_get_u16(&r) };
	out->options = wire_get_u8(&r);
	out->flags = wire_get_u8(&r) & (DD_I | DD_M | DD_MS);
	out->seq = wire_get_u32(&r);
	out->headers = r;
	return !r.bad && wire_left(&r) % LSA_HDR_LEN == 0;
}

void
v2_dbdesc_put(const struct dbdesc *d, struct wire_writer *w)
{
	wire_put_u16(w, d->mtu);
	wire_put_u8(w, (uint8_t)d->options);
	wire_put_u8(w, d->flags);
	wire_put_u32(w, d->seq);
}

bool
v2_lsreq_get(struct wire_reader *r, struct lsa_key *out)
{
	/* RFC 2328 A.3.4; types above 255 do not exist here */
	uint32_t type = wire_get_u32(r);
	out->id = wire_get_u32(r);
	out->adv = wire_get_u32(r);
	out->type = type <= UINT8_MAX ? (uint16_t)type : 0;
	return !r->bad;
}

void
v2_lsreq_put(const struct lsa_key *k, struct wire_writer *w)
{
	wire_put_u32(w, k->type);
	wire_put_u32(w, k->id);
	wire_put_u32(w, k->adv);
}
