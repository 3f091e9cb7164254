/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AS-external LSAs of our own: from prefixes to LSAs (RFC 2328 12.4.4). */
#include "ospfd/extid.h"
#include "ospfd/orig.h"

static void
put(struct ospf *o, uint32_t lsid, const struct orig_external *e, int64_t now)
{
	uint8_t buf[64];
	struct own_lsa l = { .w = wire_writer(buf, sizeof(buf)) };
	o->v->external_put(o, lsid, e, &l);
	orig_want(&o->as_db, &l, now);
}

static void
take_back(struct ospf *o, uint32_t lsid, int64_t now)
{
	struct lsa_key key = { .type = o->v->external_lsa, .id = lsid, .adv = o->router_id };
	orig_unwant(&o->as_db, &key, now);
}

void
orig_external(struct ospf *o, const struct orig_external *e, int64_t now)
{
	struct ext_own *own = extids_find(o->extids, &e->prefix), *moved = NULL;
	uint32_t old_lsid = 0;
	if (!o->running || o->stopping)
		return;
	if (!own)
		own = extids_add(o->extids, &e->prefix, &moved, &old_lsid);
	if (!own)
		return; /* appendix E: no link state ID is left for it */
	own->e = *e;
	if (moved)
		put(o, moved->lsid, &moved->e, now);
	put(o, own->lsid, e, now);
}

void
orig_external_withdraw(struct ospf *o, const struct prefix *p, int64_t now)
{
	struct ext_own *own = extids_find(o->extids, p);
	if (!own)
		return;
	take_back(o, own->lsid, now);
	extids_remove(o->extids, p);
}
