/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LSAs and the databases that hold them (one per area, one of AS scope, one per interface for
 * link scope). A database is an ordered tree by (type, id, advertising router): the order of every
 * walk, DD summary and show, and the resume key of each.
 *
 * Life of an LSA:   received / originated -> lsdb_install -> [replaced | MaxAge] -> reaped -> freed
 * An LSA is one allocation: decoded header, then the raw octets (with the 20-octet header as
 * it arrived; the age in it is not current: lsa_age()). Contents never change once installed;
 * a new instance is a new struct lsa. Pointers to an LSA do not outlive the turn unless the holder
 * is told by spfdelay_event (graph) or is a retransmission entry (freed with the LSA).
 */
#ifndef GREVY_OSPFD_LSDB_H
#define GREVY_OSPFD_LSDB_H

#include <sys/queue.h>

#include "lib/timer.h"
#include "ospfd/keytree.h"

#define LSA_MAX_AGE      3600 /* RFC 2328 B */
#define LSA_MAX_AGE_DIFF 900
#define LSA_HDR_LEN      20
#define LSA_MAX_LEN      65000
#define LSA_SEQ_INITIAL  ((int32_t)0x80000001)
#define LSA_SEQ_MAX      ((int32_t)0x7fffffff)
#define LSA_INFINITY     0xffffff /* LSInfinity */

struct ospf;
struct area;
struct iface;
struct own;
struct lsa_desc;
struct retrans;

enum lsa_scope { SCOPE_LINK, SCOPE_AREA, SCOPE_AS };

struct lsa_hdr {
	uint16_t age; /* seconds, DoNotAge masked, at most LSA_MAX_AGE */
	uint8_t options;
	struct lsa_key key;
	int32_t seq;
	uint16_t cksum;
	uint16_t len; /* with header */
};

struct lsa {
	struct keynode node; /* key is in it; first member */
	struct lsa_hdr hdr;  /* age: when it was born here */
	const struct lsa_desc *desc;
	struct lsdb *db;     /* NULL: not installed */
	struct own *own;     /* self-originated and known to orig.c, else NULL */
	int64_t born;        /* moment when its age was hdr.age */
	int64_t arrived;     /* by flooding, for MinLSArrival; 0: otherwise */
	int64_t answered;    /* sent to somebody who had an older one, 0: never */
	struct timer timer;  /* MaxAge */
	bool maxage;         /* aged out or flushed: on its way out, unusable */
	int64_t maxage_since;
	bool reaping;        /* on the reap list */
	bool from_net;       /* received, not made here */
	LIST_HEAD(, retrans) retrans; /* who still owes an acknowledgment */
	TAILQ_ENTRY(lsa) reap;
	uint32_t mark;       /* for walkers (graph: vertex index + 1), 0 at birth */
	uint8_t raw[];       /* hdr.len octets */
};

#define LSDB_TYPES 12
struct lsdb {
	struct keytree tree;
	enum lsa_scope scope;
	struct ospf *o;
	struct area *area;   /* area and link scope */
	struct iface *iface; /* link scope */
	struct keytree own;  /* struct own, see orig.h */
	struct {
		uint32_t count;
		uint64_t cksum_sum;
	} by_slot[LSDB_TYPES]; /* by lsa_desc.slot */
	uint64_t generation;   /* changes with every install and removal */
};

void lsdb_init(
	struct lsdb *db, struct ospf *o, enum lsa_scope scope, struct area *a, struct iface *i);
void lsdb_clear(struct lsdb *db, int64_t now); /* removes everything; tells spfdelay */

struct lsa *lsdb_find(const struct lsdb *db, const struct lsa_key *key);
/* In key order; after == NULL starts. Includes LSAs on their way out (lsa->maxage). */
struct lsa *lsdb_next(const struct lsdb *db, const struct lsa_key *after);
/* First LSA with exactly this type after the key (NULL: start), for walks by type. */
struct lsa *lsdb_next_of_type(const struct lsdb *db, uint16_t type, const struct lsa_key *after);
size_t lsdb_count(const struct lsdb *db);

/* An LSA from octets whose header and body have been checked (lsa_decode in packet.h). */
struct lsa *lsa_new(const struct lsa_hdr *hdr, const struct lsa_desc *desc, const uint8_t *raw,
	int64_t now);
unsigned lsa_age(const struct lsa *l, int64_t now);
struct lsa_hdr lsa_hdr_now(const struct lsa *l, int64_t now); /* with the present age */
/* Puts it into the database in place of an older instance (which is freed), keeps counts,
 * classifies the change and tells spfdelay_event. */
void lsdb_install(struct lsdb *db, struct lsa *l, int64_t now);
void lsdb_remove(struct lsa *l, int64_t now); /* and frees */
/* The LSA has become unusable (MaxAge) but stays until acknowledged. */
void lsdb_aged_out(struct lsa *l, int64_t now);

/* RFC 2328 13.1: < 0 if a is older than b, 0 same instance, > 0 a is newer. */
int lsa_compare(const struct lsa_hdr *a, const struct lsa_hdr *b);

static inline bool
lsa_usable(const struct lsa *l)
{
	return l && !l->maxage;
}

static inline const uint8_t *
lsa_body(const struct lsa *l)
{
	return l->raw + LSA_HDR_LEN;
}

static inline size_t
lsa_body_len(const struct lsa *l)
{
	return l->hdr.len - (size_t)LSA_HDR_LEN;
}

#endif
