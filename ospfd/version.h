/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam between the engine and a version of OSPF: constants, codec of the packets, the table of
 * LSA types, what this version puts into its own LSAs, and iterators over what LSAs mean to SPF.
 * Everything the engine knows of the wire goes through here.
 */
#ifndef GREVY_OSPFD_VERSION_H
#define GREVY_OSPFD_VERSION_H

#include "lib/prefix.h"
#include "lib/wire.h"
#include "ospfd/lsdb.h"
#include "ospfd/stats.h"

struct ospf_conf_key;
struct nbr;

enum packet_type { PKT_HELLO = 1, PKT_DBDESC, PKT_LSREQ, PKT_LSUPD, PKT_LSACK, PKT_TYPES };

#define OPT_E  0x02 /* area takes AS-externals */
#define OPT_MC 0x04
#define OPT_N  0x08
#define OPT_L  0x10 /* LLS block follows */
#define OPT_DC 0x20
#define OPT_O  0x40 /* opaque capable */

#define DD_I  0x04
#define DD_M  0x02
#define DD_MS 0x01

struct pkt_hdr {
	uint8_t type; /* enum packet_type, known */
	uint16_t len; /* as the header says, checked against the octets */
	uint32_t router_id, area_id;
	uint16_t cksum;
	uint16_t auth_type;
	const uint8_t *auth;        /* version's own authentication field */
	const uint8_t *body;
	size_t body_len;
};

struct auth_seen { /* of an accepted cryptographic packet */
	bool crypto;
	uint8_t key_id;
	uint32_t seq;
};

struct hello {
	uint32_t mask;     /* v2: network mask */
	uint32_t iface_id; /* v3: interface ID */
	uint32_t options;
	uint8_t priority;
	uint16_t hello_s;
	uint32_t dead_s;
	uint32_t dr, bdr; /* v2: addresses, v3: router IDs */
	struct wire_reader nbrs; /* router IDs, 4 octets each */
};

struct dbdesc {
	uint16_t mtu;
	uint32_t options;
	uint8_t flags;
	uint32_t seq;
	struct wire_reader headers;
};

enum ospf_change { CHANGE_NONE, CHANGE_PREFIXES, CHANGE_TOPOLOGY };

struct lsa_desc { /* one row per LSA type */
	uint16_t type;
	uint8_t slot; /* index of lsdb.by_slot */
	uint8_t scope; /* enum lsa_scope */
	bool opaque;   /* flooded only between opaque-capable routers */
	const char *name;     /* "Router" */
	const char *yangname; /* "ospfv2-router-lsa-type" */
	/* Is the body well-formed? Called once before anything else looks at it. */
	bool (*check)(const struct lsa_hdr *h, const uint8_t *body, size_t len);
	/* What differs between two instances with different bodies or options. */
	enum ospf_change (*changed)(const struct lsa *a, const struct lsa *b);
	enum ospf_change worth; /* of an LSA that comes or goes */
};

/* --- what LSAs mean to SPF ------------------------------------------------------------------- */
enum vertex_kind { VERTEX_ROUTER, VERTEX_NETWORK };
struct spf_vertex { /* its name */
	uint32_t id;  /* router ID, or the network's link state ID */
	uint32_t adv; /* network: its originator; 0 for routers and in v2 */
	uint8_t kind; /* enum vertex_kind */
};
struct spf_link { /* one link of a vertex to another */
	uint8_t to;      /* enum vertex_kind */
	uint32_t to_id;  /* router ID, or the network's link state ID */
	uint32_t to_adv; /* network: its originator, 0 = not told (v2: look for any) */
	uint32_t cost;   /* 0 from networks */
	uint32_t data;   /* v2: own interface address, or ifindex if unnumbered (< 0x01000000) */
	bool virtual_link;
	bool point_to_point; /* router to router */
};
struct spf_prefix { /* a prefix that hangs off a vertex */
	struct prefix prefix;
	uint32_t metric;
};
struct spf_external {
	struct prefix prefix;
	uint32_t metric, tag;
	bool type2;
	struct ipaddr forward; /* AFI_NONE: none */
};
struct spf_summary {
	struct prefix prefix;  /* afi AFI_NONE for an ASBR */
	uint32_t asbr;         /* router ID */
	uint32_t metric;
};
#define RTR_B 0x01 /* area border */
#define RTR_E 0x02 /* AS boundary */
#define RTR_V 0x04 /* virtual link endpoint */

/* Own LSA, to be filled by the version's *_put functions. */
struct own_lsa {
	struct lsa_key key;
	uint8_t options;
	struct wire_writer w; /* body */
};
struct orig_external {
	struct prefix prefix;
	uint32_t metric, tag;
	bool type2;
	struct ipaddr forward;
};

struct ospf_version {
	const char *name;
	uint8_t afi;
	uint16_t hdr_len; /* of a packet */
	struct ipaddr all_spf_routers, all_d_routers;
	uint16_t router_lsa, network_lsa, summary_lsa, asbr_lsa, external_lsa; /* type numbers */
	const struct lsa_desc *(*lsa_desc)(uint16_t type); /* NULL: unknown and not to be flooded */

	/* packets: octets -> structs. Fates, not jumps. */
	enum ospf_drop (*hdr_get)(const uint8_t *bytes, size_t len, struct pkt_hdr *h);
	/* RFC 2328 D.4/D.5: checksum and authentication. The caller compares the replay number with
	 * the neighbour's. */
	enum ospf_drop (*auth_check)(const struct iface *ifc, const struct pkt_hdr *h,
		const uint8_t *bytes, size_t len, struct auth_seen *seen);
	bool (*hello_get)(const struct pkt_hdr *h, struct hello *out);
	bool (*dbdesc_get)(const struct pkt_hdr *h, struct dbdesc *out);
	bool (*lsreq_get)(struct wire_reader *r, struct lsa_key *out);
	bool (*lsa_hdr_get)(struct wire_reader *r, struct lsa_hdr *out);

	/* structs -> octets */
	void (*hdr_put)(const struct iface *ifc, uint8_t type, struct wire_writer *w);
	size_t (*auth_room)(const struct iface *ifc); /* octets kept free at the end of a packet */
	/* Length, checksum, authentication; key: NULL without cryptography. */
	void (*finish)(const struct iface *ifc, struct wire_writer *w,
		const struct ospf_conf_key *key, uint32_t crypto_seq);
	void (*hello_put)(const struct hello *h, struct wire_writer *w); /* without neighbours */
	void (*dbdesc_put)(const struct dbdesc *d, struct wire_writer *w); /* without headers */
	void (*lsreq_put)(const struct lsa_key *k, struct wire_writer *w);
	void (*lsa_hdr_put)(const struct lsa_hdr *h, struct wire_writer *w);

	/* identities: what a Hello calls this router and that neighbour as DR */
	uint32_t (*iface_ident)(const struct iface *ifc);
	uint32_t (*nbr_ident)(const struct nbr *n);
	bool (*nbr_matches)(const struct iface *ifc, const struct nbr *n, const struct ipaddr *src,
		uint32_t router_id);
	bool (*src_ok)(const struct iface *ifc, const struct ipaddr *src); /* RFC 2328 8.2 */
	bool (*mask_ok)(const struct iface *ifc, const struct hello *h, uint32_t *want);
	uint32_t (*options)(const struct area *a);

	/* own LSAs */
	bool (*is_ours)(const struct ospf *o, const struct lsa_hdr *h); /* 13.4 */
	void (*router_put)(const struct area *a, struct own_lsa *out);  /* 12.4.1 */
	void (*network_put)(const struct iface *ifc, struct own_lsa *out); /* 12.4.2 */
	void (*external_put)(const struct ospf *o, uint32_t lsid, const struct orig_external *e,
		struct own_lsa *out); /* 12.4.4 */

	/* SPF's view; cursors are over lsa_body, begun by *_begin, false at the end */
	uint8_t (*router_flags)(const struct lsa *l); /* RTR_* */
	struct wire_reader (*links_begin)(const struct lsa *l);
	bool (*link_next)(const struct lsa *l, struct wire_reader *r, struct spf_link *out);
	struct wire_reader (*prefixes_begin)(const struct lsa *l);
	bool (*prefix_next)(const struct lsa *l, struct wire_reader *r, struct spf_prefix *out);
	bool (*external_get)(const struct lsa *l, struct spf_external *out);
	bool (*summary_get)(const struct lsa *l, struct spf_summary *out);
	/* The vertex that an LSA describes, alone or with others; false: none. */
	bool (*vertex_get)(const struct lsa *l, struct spf_vertex *out);
	/* The usable LSAs of a vertex, one after the other; NULL: no more. */
	const struct lsa *(*vertex_lsa)(const struct lsdb *db, const struct spf_vertex *v,
		const struct lsa *after);
	/* Our interface at this end of a link of our own router LSA; NULL: not there or down. */
	const struct iface *(*link_iface)(const struct area *a, uint32_t data, bool p2p);
	/* Address of a router behind our interface; data: of its link back to us or to the network.
	 */
	bool (*link_gateway)(const struct iface *i, uint32_t router_id, uint32_t data,
		struct ipaddr *out);
};

/*
 * Decodes one LSA of a packet: the header by the version, then the generic checks (length,
 * checksum, known type, body by the row). On success *raw points at hdr->len octets inside the
 * reader.
 */
enum ospf_drop lsa_decode(const struct ospf_version *v, struct wire_reader *r, struct lsa_hdr *hdr,
	const struct lsa_desc **desc, const uint8_t **raw);

#endif
