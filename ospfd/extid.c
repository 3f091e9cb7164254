/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 2328 appendix E: two networks with one address and different masks need different link state
 * IDs. A network takes its address, or else its last address (host bits set); when both are taken,
 * whoever holds the network address moves to its own last address.
 */
#include "ospfd/extid.h"

#include "lib/mem.h"
#include "lib/rtable.h"

struct extids {
	struct rtable *by_prefix; /* -> struct ext_own, owned */
	struct rtable *by_id;     /* host prefix of the ID -> the same */
};

struct extids *
extids_new(void)
{
	struct extids *x = mem_zalloc(sizeof(*x));
	x->by_prefix = rtable_new(AFI_IP4);
	x->by_id = rtable_new(AFI_IP4);
	return x;
}

void
extids_clear(struct extids *x)
{
	struct rtable_iter it;
	struct prefix p;
	void **slot;
	rtable_iter_init(&it, x->by_prefix, NULL);
	while ((slot = rtable_next(&it, &p)) != NULL)
		mem_free(*slot);
	rtable_free(x->by_prefix);
	rtable_free(x->by_id);
	x->by_prefix = rtable_new(AFI_IP4);
	x->by_id = rtable_new(AFI_IP4);
}

void
extids_free(struct extids *x)
{
	if (!x)
		return;
	extids_clear(x);
	rtable_free(x->by_prefix);
	rtable_free(x->by_id);
	mem_free(x);
}

struct ext_own *
extids_find(const struct extids *x, const struct prefix *p)
{
	void **slot = rtable_find(x->by_prefix, p);
	return slot ? *slot : NULL;
}

static struct ext_own *
holder(const struct extids *x, uint32_t lsid)
{
	struct prefix id = prefix_from_ip4(lsid, 32);
	void **slot = rtable_find(x->by_id, &id);
	return slot ? *slot : NULL;
}

static void
set_id(struct extids *x, struct ext_own *own, uint32_t lsid)
{
	struct prefix id = prefix_from_ip4(lsid, 32);
	own->lsid = lsid;
	*rtable_insert(x->by_id, &id, NULL) = own;
}

static uint32_t
last_address(const struct prefix *p)
{
	return prefix_ip4(p) | ~ip4_mask(p->len);
}

struct ext_own *
extids_add(struct extids *x, const struct prefix *p, struct ext_own **moved, uint32_t *old_lsid)
{
	uint32_t first = prefix_ip4(p), last = last_address(p);
	struct ext_own *other = NULL;
	*moved = NULL;
	uint32_t lsid = !holder(x, first) ? first : last;
	if (holder(x, lsid)) {
		other = holder(x, first);
		if (holder(x, last_address(&other->e.prefix)))
			return NULL;
		lsid = first;
	}
	struct ext_own *own = mem_zalloc(sizeof(*own));
	own->e.prefix = *p;
	*rtable_insert(x->by_prefix, p, NULL) = own;
	if (other) {
		*moved = other;
		*old_lsid = other->lsid;
		set_id(x, other, last_address(&other->e.prefix));
	}
	set_id(x, own, lsid);
	return own;
}

void
extids_remove(struct extids *x, const struct prefix *p)
{
	struct ext_own *own = rtable_remove(x->by_prefix, p);
	if (!own)
		return;
	struct prefix id = prefix_from_ip4(own->lsid, 32);
	rtable_remove(x->by_id, &id);
	mem_free(own);
}
