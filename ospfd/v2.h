/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OSPFv2's half of the version seam: what v2_*.c share to fill `ospf_v2`. */
#ifndef GREVY_OSPFD_V2_H
#define GREVY_OSPFD_V2_H

#include "ospfd/version.h"

#define V2_HDR_LEN 24
#define V2_AUTH_AT 16
#define V2_MD5_LEN 16

enum v2_lsa_type {
	V2_ROUTER = 1, V2_NETWORK = 2, V2_SUMMARY = 3, V2_ASBR = 4, V2_EXTERNAL = 5, V2_NSSA = 7,
	V2_OPAQUE_LINK = 9, V2_OPAQUE_AREA = 10, V2_OPAQUE_AS = 11
};
enum v2_link_type { V2_LINK_P2P = 1, V2_LINK_TRANSIT = 2, V2_LINK_STUB = 3, V2_LINK_VIRTUAL = 4 };

struct v2_link { /* a link of a router LSA */
	uint32_t id, data;
	uint8_t type;
	uint16_t metric;
};

/* v2_packet.c */
enum ospf_drop v2_hdr_get(const uint8_t *bytes, size_t len, struct pkt_hdr *h);
void v2_hdr_put(const struct iface *ifc, uint8_t type, struct wire_writer *w);
bool v2_hello_get(const struct pkt_hdr *h, struct hello *out);
void v2_hello_put(const struct hello *h, struct wire_writer *w);
bool v2_dbdesc_get(const struct pkt_hdr *h, struct dbdesc *out);
void v2_dbdesc_put(const struct dbdesc *d, struct wire_writer *w);
bool v2_lsreq_get(struct wire_reader *r, struct lsa_key *out);
void v2_lsreq_put(const struct lsa_key *k, struct wire_writer *w);

/* v2_lsa.c */
const struct lsa_desc *v2_lsa_desc(uint16_t type);
bool v2_lsa_hdr_get(struct wire_reader *r, struct lsa_hdr *out);
void v2_lsa_hdr_put(const struct lsa_hdr *h, struct wire_writer *w);
/* The next link of a router LSA's body after its first four octets; skips TOS metrics. */
bool v2_link_get(struct wire_reader *r, struct v2_link *out);
void v2_link_put(const struct v2_link *l, struct wire_writer *w);

/* v2_auth.c */
enum ospf_drop v2_auth_check(const struct iface *ifc, const struct pkt_hdr *h, const uint8_t *bytes,
	size_t len, struct auth_seen *seen);
size_t v2_auth_room(const struct iface *ifc);
void v2_finish(const struct iface *ifc, struct wire_writer *w, const struct ospf_conf_key *key,
	uint32_t crypto_seq);

/* v2_orig.c */
uint32_t v2_options(const struct area *a);
bool v2_is_ours(const struct ospf *o, const struct lsa_hdr *h);
void v2_router_put(const struct area *a, struct own_lsa *out);
void v2_network_put(const struct iface *ifc, struct own_lsa *out);
void v2_external_put(const struct ospf *o, uint32_t lsid, const struct orig_external *e,
	struct own_lsa *out);

/* v2_spf.c */
uint8_t v2_router_flags(const struct lsa *l);
struct wire_reader v2_links_begin(const struct lsa *l);
bool v2_link_next(const struct lsa *l, struct wire_reader *r, struct spf_link *out);
struct wire_reader v2_prefixes_begin(const struct lsa *l);
bool v2_prefix_next(const struct lsa *l, struct wire_reader *r, struct spf_prefix *out);
bool v2_external_get(const struct lsa *l, struct spf_external *out);
bool v2_summary_get(const struct lsa *l, struct spf_summary *out);
bool v2_vertex_get(const struct lsa *l, struct spf_vertex *out);
const struct lsa *v2_vertex_lsa(const struct lsdb *db, const struct spf_vertex *v,
	const struct lsa *after);
const struct iface *v2_link_iface(const struct area *a, uint32_t data, bool p2p);
bool v2_link_gateway(const struct iface *i, uint32_t router_id, uint32_t data, struct ipaddr *out);

#endif
