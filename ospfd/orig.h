/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When own LSAs are originated (RFC 2328 12.4): what should be in the database is kept as `struct
 * own` (body and options); orig brings the database in line, not faster than the back-off allows
 * (first at once, then from MinLSArrival growing to MinLSInterval), refreshes, flushes,
 * and answers old copies that come back (13.4).
 */
#ifndef GREVY_OSPFD_ORIG_H
#define GREVY_OSPFD_ORIG_H

#include "ospfd/iface.h"

struct own {
	struct keynode node; /* first member; in lsdb.own */
	struct lsdb *db;
	struct lsa *lsa;     /* current instance, NULL: none in the database */
	uint8_t *body;       /* what is wanted; NULL: nothing, flush */
	uint16_t len;
	uint8_t options;
	bool former;         /* lsa was made in a former life of ours, see hitless.c */
	bool wrapping;       /* 12.1.6: MaxSequenceNumber being flushed */
	int32_t floor;       /* next sequence number must be above, 0: none */
	int64_t last;        /* last origination, 0: never */
	int64_t hold;        /* current back-off */
	uint8_t quick;       /* originations without a pause in between */
	int64_t fought;      /* last answer to an old copy, 0: never */
	struct timer timer;  /* refresh, or the end of the back-off */
};

/* This LSA should exist with this body. Does nothing if it already does. */
void orig_want(struct lsdb *db, const struct own_lsa *l, int64_t now);
/* This LSA should not exist. */
void orig_unwant(struct lsdb *db, const struct lsa_key *key, int64_t now);
/* Everything own in this database: flush (interface or instance goes). */
void orig_unwant_all(struct lsdb *db, int64_t now);
/* Router and network LSAs of what is marked; part of ospf_turn_end. */
void orig_turn_end(struct ospf *o, int64_t now);
/* RFC 2328 13.4: a newer instance of an LSA of ours was received. true: handled, do not install. */
bool orig_received_own(struct lsdb *db, const struct lsa_hdr *h, const struct lsa_desc *d,
	const uint8_t *raw, int64_t now);
/* It was installed, since the above said so: an instance of a former life of ours. */
void orig_taken_back(struct lsa *l, int64_t now);
/*
 * A neighbour says that it has this router LSA of ours, newer than any of this life, and we are starting: the next
 * instance is made at once, whatever the back-off, since nobody can have installed ours.
 */
void orig_outrun(struct area *a, const struct lsa_hdr *h, int64_t now);
/* A neighbour has an external of our former life that this one does not want (yet): flushed unseen. false: it is wanted. */
bool orig_disown(struct ospf *o, const struct lsa_hdr *h, int64_t now);
/* The area's LSAs that are marked leave now: nobody has any instance of this life, so none has to wait. */
void orig_unseen(struct area *a, int64_t now);
void orig_lsa_gone(struct own *own, int64_t now); /* its LSA left the database */
void orig_db_clear(struct lsdb *db);

/*
 * For asbr.c/redist.c: one AS-external LSA per prefix; link state IDs by RFC 2328 appendix E.
 * Nothing happens if it is there already with the same contents.
 */
void orig_external(struct ospf *o, const struct orig_external *e, int64_t now);
void orig_external_withdraw(struct ospf *o, const struct prefix *p, int64_t now);
/* Router LSAs carry the E bit from now on (or no longer). */
void orig_set_asbr(struct ospf *o, bool asbr, int64_t now);

#endif
