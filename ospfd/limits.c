/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The max-lsa guard: LSAs of other routers are counted; above the configured limit new ones are
 * dropped (not acknowledged), which is said once until the count has fallen below 90 % again.
 */
#include "ospfd/limits.h"

#include "ospfd/instance.h"

void
limits_lsa_counted(struct ospf *o, const struct lsa *l, int sign)
{
	if (l->own || l->hdr.key.adv == o->router_id)
		return;
	if (sign > 0)
		o->foreign_lsas++;
	else if (o->foreign_lsas > 0)
		o->foreign_lsas--;
	if (o->limit_hit && o->foreign_lsas < o->conf->max_lsa - o->conf->max_lsa / 10)
		o->limit_hit = false;
}

bool
limits_lsa_allowed(struct ospf *o, const struct lsa_hdr *h, bool replaces)
{
	if (!o->conf->max_lsa || replaces || h->key.adv == o->router_id ||
		o->foreign_lsas < o->conf->max_lsa)
		return true;
	if (!o->limit_hit) {
		o->limit_hit = true;
		ospf_notify(o, &(struct ospf_event){.kind = OSPF_EV_LSDB_LIMIT,
				       .ifname = "",
				       .want = o->conf->max_lsa,
				       .got = o->foreign_lsas + 1,
				       .text = "LSAs of other routers have reached max-lsa, new "
					       "ones are dropped"});
	}
	return false;
}
